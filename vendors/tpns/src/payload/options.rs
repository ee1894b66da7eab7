//! TPNS's options of a notification.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// TPNS's own options of a notification (`vendors.tpns`). All are optional.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Options {
    /// What becomes of Android messages.
    pub android: Android,
    /// What becomes of iOS messages.
    pub ios: Ios,
    /// When it may be shown, as TPNS documents it; TPNS's own channel only.
    pub accept_time: Option<Value>,
    /// The summary of a group of notifications.
    pub thread_sumtext: Option<String>,
    /// An MP3 by its address, 5 MB advised; TPNS's own channel only.
    pub xg_media_audio_resources: Option<String>,
    /// Whether it shows while the app is in the foreground: 1 no, 2 yes. Default 2.
    pub show_type: Option<i64>,
    /// The kind of the tags that are sent to: `xg_user_define`, or one that TPNS gives by itself,
    /// such as `xg_auto_province`. Default: the app's own.
    pub tag_type: Option<String>,
    /// The type with which accounts were bound. Default 0.
    pub account_type: Option<i64>,
    /// 0 the latest device of an account, 1 all its devices. Default 0.
    pub account_push_type: Option<i64>,
    /// Repeats a push to tags, everybody or a package, as TPNS documents `loop_param`.
    pub loop_param: Option<Value>,
    /// Whether all packages of the application get it. Default false.
    pub multi_pkg: Option<bool>,
    /// The push plan that statistics count it to.
    pub plan_id: Option<String>,
    /// How many a second: 1,000 to 50,000; tags, everybody and packages. Default: as fast as TPNS
    /// can.
    pub push_speed: Option<i64>,
    /// The earlier task that this one replaces, by a number that TPNS has issued; tags, everybody
    /// and account packages.
    pub collapse_id: Option<i64>,
    /// Whether OPPO and vivo devices get it too, which cannot replace. Default false.
    pub force_collapse: Option<bool>,
    /// Which channels are off, as TPNS documents it: `[{"channel": "xg", "disable": true}]`.
    pub channel_rules: Option<Value>,
    /// 0: devices that are online get it by TPNS's own connection; 1: they do not. Default 0.
    pub tpns_online_push_type: Option<i64>,
}

/// Options of Android messages.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Android {
    /// The name of the channel, on TPNS's own channel.
    pub n_ch_name: Option<String>,
    /// Xiaomi's channel id; regulated there.
    pub xm_ch_id: Option<String>,
    /// FCM's channel id.
    pub fcm_ch_id: Option<String>,
    /// Huawei's channel id.
    pub hw_ch_id: Option<String>,
    /// OPPO's channel id; regulated there.
    pub oppo_ch_id: Option<String>,
    /// vivo's message class: `0` operational, `1` system. Default `0`.
    pub vivo_ch_id: Option<String>,
    /// Huawei's importance: 1 silent, 2 sound and vibration.
    pub hw_importance: Option<i64>,
    /// Huawei's notice for quick apps, with its consent. Default 0.
    pub hw_biz_type: Option<i64>,
    /// A style by its number in the app.
    pub builder_id: Option<i64>,
    /// Whether that style is overwritten: 0 or 1. Default 1.
    pub style_id: Option<i64>,
    /// 0 or 1. Default 1; 0 for a silent notification.
    pub ring: Option<i64>,
    /// 0 or 1. Default 1; 0 for a silent notification.
    pub vibrate: Option<i64>,
    /// 0 or 1. Default 1.
    pub lights: Option<i64>,
    /// Whether the user may clear it: 0 or 1. Default 1.
    pub clearable: Option<i64>,
    /// 0 an icon of the app, 1 one by its address. Default 0.
    pub icon_type: Option<i64>,
    /// The icon's name or address.
    pub icon_res: Option<String>,
    /// The icon's colour as a number, `0x01e240` is 123456; TPNS's own channel only.
    pub icon_color: Option<i64>,
    /// The icon of the status bar.
    pub small_icon: Option<String>,
    /// Flags of a click on an activity: the intent's and the pending intent's.
    pub aty_attr: Option<(i64, i64)>,
    /// Whether the phone asks before it opens a web page: 0 or 1.
    pub confirm: Option<i64>,
}

/// Options of iOS messages.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Ios {
    /// 0 or 1; arrivals are counted with 1 only. Default 1.
    pub mutable_content: Option<i64>,
    /// `passive`, `active`, `time-sensitive` or `critical`. Default `active`.
    pub interruption_level: Option<String>,
}
