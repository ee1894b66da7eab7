//! Meizu's options of a notification.

use omnipush_core::HttpUrl;
use serde::{Deserialize, Serialize};

/// Meizu's own options of a notification (`vendors.meizu`). All are optional.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Options {
    /// The message class: 0 public, 1 private. Default: the category `public` or `private`, then
    /// the setting of the same name; without any, Meizu counts the message as public, of which a
    /// device takes 3 a day from an app (5 from news apps). It is a legal class: never raised
    /// silently.
    pub notice_msg_type: Option<i64>,
    /// The style: 0 Flyme's, 2 Android's own. Default 0.
    pub notice_bar_type: Option<i64>,
    /// A longer text for the expanded notification. Its limit is not documented.
    pub notice_expand_content: Option<String>,
    /// A picture for the expanded notification: the address that Meizu's `uploadImg` gave for it.
    /// 328 × 120 pixels, 200 kB, gone after 3 days; VIP apps only. Not with a longer text.
    pub notice_expand_img_url: Option<HttpUrl>,
    /// Whether it is kept for a device that is offline. Default: true, but false for a TTL of 0.
    pub off_line: Option<bool>,
    /// Whether it also shows as a floating window. Default true.
    pub suspend: Option<bool>,
    /// Whether the user may clear it. Default true.
    pub clear_notice_bar: Option<bool>,
    /// How fast a broadcast goes out, to tags and to everybody; the unit is not documented.
    /// Default: as fast as Meizu can.
    pub fix_speed_rate: Option<i64>,
    /// A time window outside of which it is not shown.
    pub fix_display: Option<FixDisplay>,
    /// Whether the phone vibrates. Default true.
    pub vibrate: Option<bool>,
    /// Whether the phone's light flashes. Default true.
    pub lights: Option<bool>,
    /// What Meizu lets VIP apps do.
    pub vip: Vip,
    /// Which receipts to post: 1 delivered, 2 clicked, 3 both. Default 3. Only with a `receipt`.
    pub callback_type: Option<i64>,
    /// The packages that get it, for an app with several. At most 50. Default: all.
    pub restricted_package_names: Vec<String>,
}

/// A time window for showing a notification. Times are written `yyyy-MM-dd HH:mm:ss`; Meizu does
/// not say in which time zone, China's is likely.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FixDisplay {
    /// When it starts.
    pub start: String,
    /// When it ends.
    pub end: String,
}

/// Options of VIP apps. What Meizu does with them from other apps is not documented.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Vip {
    /// A second headline, at most 16 characters. Default: the notification's subtitle, with the
    /// setting `vip`.
    pub subtitle: Option<String>,
    /// Whether it stays on top until the shade is pulled down. Not with `time_top`.
    pub pull_down_top: Option<bool>,
    /// How many seconds it stays on top: 1,800 to 7,200.
    pub time_top: Option<i64>,
    /// Whether it stays out of the app's group. Default false.
    pub not_group: Option<bool>,
    /// The colour of the title: `#206CFF` or `#E42D22`. Not with `background_img_url`.
    pub title_color: Option<String>,
    /// A background, 352 × 91 pixels, 200 kB, uploaded to Meizu. Not with a title colour, a big
    /// icon or a big picture.
    pub background_img_url: Option<HttpUrl>,
    /// A small icon, 18 × 18 pixels, 100 kB, uploaded to Meizu.
    pub small_icon_url: Option<HttpUrl>,
    /// A big icon, 42 × 42 pixels, 100 kB, uploaded to Meizu.
    pub big_icon_url: Option<HttpUrl>,
}
