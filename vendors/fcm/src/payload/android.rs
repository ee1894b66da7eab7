//! The block for Android.

use std::borrow::Cow;

use chrono::{DateTime, SecondsFormat, Utc};
use omnipush_core::table::In;
use omnipush_core::{Badge, Click, Data, Field, Fields, Priority, Sound};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{LabelOptions, MAX_TTL, Row, label, pairs, shown, text};
use crate::Fcm;

/// `message.android`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Android {
    /// Of messages with the same key an offline device gets the last. A device keeps messages of
    /// at most 4 keys. Default: the notification's collapse key.
    pub collapse_key: Option<String>,
    /// When the device gets it: `high` at once, waking it; `normal` when it suits. Default: the
    /// notification's priority; without one FCM takes high for alerts and normal for data.
    pub priority: Option<Priority>,
    /// How long FCM keeps it for an offline device, in seconds: 0 (now or never) to 2,419,200
    /// (28 days). Default: the notification's TTL; without one 28 days.
    pub ttl: Option<u32>,
    /// The package that the token must belong to. Default: any.
    pub restricted_package_name: Option<String>,
    /// Pairs instead of the notification's. Default: the notification's.
    pub data: Data,
    /// What is shown.
    pub notification: AndroidNotification,
    /// A label for Android alone. Default: the common one.
    pub fcm_options: LabelOptions,
    /// Whether it may come before the user has unlocked the device for the first time. Default
    /// false.
    pub direct_boot_ok: Option<bool>,
    /// Whether it may come over a network with little bandwidth (2026). Default false.
    pub bandwidth_constrained_ok: Option<bool>,
    /// Whether it may come over a restricted satellite network (2026). Default false.
    pub restricted_satellite_ok: Option<bool>,
}

/// `message.android.notification`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct AndroidNotification {
    /// Another title. Default: the notification's.
    pub title: Option<String>,
    /// Another text. Default: the notification's.
    pub body: Option<String>,
    /// A drawable resource of the app. Default: the launcher icon.
    pub icon: Option<String>,
    /// The icon's colour, `#rrggbb`. Default: the app's.
    pub color: Option<String>,
    /// `default`, or a file in the app's `res/raw`; Android 8 and later plays the channel's.
    /// Default: the notification's sound.
    pub sound: Option<String>,
    /// A notification with the same tag is replaced by this one. Default: the notification's
    /// collapse key; without one it stands by itself.
    pub tag: Option<String>,
    /// The action of the activity that a tap starts. Default: the notification's click action;
    /// without one the app opens.
    pub click_action: Option<String>,
    /// The string resource of the text. Default: none.
    pub body_loc_key: Option<String>,
    /// What fills the places in `body_loc_key`, which must be there too. Default: none.
    pub body_loc_args: Vec<String>,
    /// The string resource of the title. Default: none.
    pub title_loc_key: Option<String>,
    /// What fills the places in `title_loc_key`, which must be there too. Default: none.
    pub title_loc_args: Vec<String>,
    /// The channel (Android 8 and later). Default: the notification's channel; without one, or
    /// with one that the app has not created, the channel in the app's manifest.
    pub channel_id: Option<String>,
    /// What accessibility services say. Default: nothing.
    pub ticker: Option<String>,
    /// Whether it stays after a tap. Default false.
    pub sticky: Option<bool>,
    /// The time that it is sorted by. Default: when it comes.
    pub event_time: Option<DateTime<Utc>>,
    /// Whether it stays on this device, away from watches and the like. Default false.
    pub local_only: Option<bool>,
    /// How prominent it is on Android 7.1 and earlier: `PRIORITY_MIN`, `PRIORITY_LOW`,
    /// `PRIORITY_DEFAULT`, `PRIORITY_HIGH` or `PRIORITY_MAX`. Default `PRIORITY_DEFAULT`.
    pub notification_priority: Option<String>,
    /// Whether the system's sound is played. Default false.
    pub default_sound: Option<bool>,
    /// Whether the system's vibration is used; wins over `vibrate_timings`. Default false.
    pub default_vibrate_timings: Option<bool>,
    /// Whether the system's light is used; `light_settings` win over it. Default false.
    pub default_light_settings: Option<bool>,
    /// The vibration, in milliseconds: wait, on, off, on and so forth. Default: the channel's.
    pub vibrate_timings: Vec<u32>,
    /// What a locked screen shows: `PRIVATE` hides the words, `PUBLIC` shows all, `SECRET`
    /// nothing. Default `PRIVATE`.
    pub visibility: Option<String>,
    /// How many items it stands for, which launchers show as a badge; at least 0. Default: the
    /// notification's badge; with 0 or none the launcher counts up.
    pub notification_count: Option<i32>,
    /// The light. Default: the channel's.
    pub light_settings: Option<LightSettings>,
    /// Another picture, at most 1 MB. Default: the notification's.
    pub image: Option<String>,
    /// Whether Google Play services may show it for the app: `ALLOW`, `DENY` or
    /// `IF_PRIORITY_LOWERED`. Default `IF_PRIORITY_LOWERED`.
    pub proxy: Option<String>,
    /// Out of date since 2026: use `proxy`. Default false.
    pub bypass_proxy_notification: Option<bool>,
}

/// The light of a device; all its parts are needed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LightSettings {
    /// The colour.
    pub color: Color,
    /// How long it is on, in milliseconds.
    pub light_on_duration: u32,
    /// How long it is off, in milliseconds.
    pub light_off_duration: u32,
}

/// A colour; each part from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Color {
    /// Red.
    pub red: f64,
    /// Green.
    pub green: f64,
    /// Blue.
    pub blue: f64,
    /// How opaque it is. Default 1.
    #[serde(default = "opaque")]
    pub alpha: f64,
}

fn opaque() -> f64 {
    1.0
}

const PRIORITIES: &[&str] =
    &["PRIORITY_UNSPECIFIED", "PRIORITY_MIN", "PRIORITY_LOW", "PRIORITY_DEFAULT", "PRIORITY_HIGH", "PRIORITY_MAX"];
const VISIBILITIES: &[&str] = &["VISIBILITY_UNSPECIFIED", "PRIVATE", "PUBLIC", "SECRET"];
const PROXIES: &[&str] = &["PROXY_UNSPECIFIED", "ALLOW", "DENY", "IF_PRIORITY_LOWERED"];

pub(super) const FIELDS: &[Row] = &[
    Row::text("collapse_key", Field::CollapseKey.only(), |x| {
        text(&x.options.android.collapse_key).or_else(|| x.collapse())
    }),
    Row::text("priority", Field::Priority.only(), |x| {
        let priority = x.options.android.priority.or(x.n.priority)?;
        Some(if priority == Priority::High { "HIGH" } else { "NORMAL" }.into())
    }),
    Row::int_text(
        "ttl",
        Field::Ttl.only(),
        |x| x.options.android.ttl.map(i64::from).or_else(|| x.ttl_secs()),
        |_, secs| format!("{secs}s"),
    )
    .clamped(0, MAX_TTL),
    Row::text("restricted_package_name", Fields::NONE, |x| text(&x.options.android.restricted_package_name)),
    Row::map("data", Fields::NONE, |x| pairs(&x.options.android.data)),
    Row::object("notification", NOTIFICATION).when(shown),
    Row::object("fcm_options", &[label(|x| text(&x.options.android.fcm_options.analytics_label))]),
    Row::flag("direct_boot_ok", Fields::NONE, |x| x.options.android.direct_boot_ok),
    Row::flag("bandwidth_constrained_ok", Fields::NONE, |x| x.options.android.bandwidth_constrained_ok),
    Row::flag("restricted_satellite_ok", Fields::NONE, |x| x.options.android.restricted_satellite_ok),
];

const NOTIFICATION: &[Row] = &[
    Row::text("title", Fields::NONE, |x| text(&own(x).title)),
    Row::text("body", Fields::NONE, |x| text(&own(x).body)),
    Row::text("icon", Fields::NONE, |x| text(&own(x).icon)),
    Row::text("color", Fields::NONE, |x| text(&own(x).color)).form(is_color, "#rrggbb"),
    Row::text("sound", Fields::NONE, sound).note("carries `sound` on Android 7.1 and earlier only"),
    Row::text("tag", Field::CollapseKey.only(), |x| text(&own(x).tag).or_else(|| x.collapse())),
    Row::text("click_action", Field::Click.only(), click_action).note("an action"),
    Row::text("body_loc_key", Fields::NONE, |x| text(&own(x).body_loc_key)),
    Row::texts("body_loc_args", Fields::NONE, |x| texts(&own(x).body_loc_args)),
    Row::text("title_loc_key", Fields::NONE, |x| text(&own(x).title_loc_key)),
    Row::texts("title_loc_args", Fields::NONE, |x| texts(&own(x).title_loc_args)),
    Row::text("channel_id", Field::Channel.only(), |x| text(&own(x).channel_id).or_else(|| text(&x.n.channel))),
    Row::text("ticker", Fields::NONE, |x| text(&own(x).ticker)),
    Row::flag("sticky", Fields::NONE, |x| own(x).sticky),
    Row::text("event_time", Fields::NONE, |x| {
        own(x).event_time.map(|time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true).into())
    }),
    Row::flag("local_only", Fields::NONE, |x| own(x).local_only),
    Row::text("notification_priority", Fields::NONE, |x| text(&own(x).notification_priority)).one_of(PRIORITIES),
    Row::flag("default_sound", Fields::NONE, |x| own(x).default_sound),
    Row::flag("default_vibrate_timings", Fields::NONE, |x| own(x).default_vibrate_timings),
    Row::flag("default_light_settings", Fields::NONE, |x| own(x).default_light_settings),
    Row::json("vibrate_timings", Fields::NONE, vibrate_timings),
    Row::text("visibility", Fields::NONE, |x| text(&own(x).visibility)).one_of(VISIBILITIES),
    Row::int("notification_count", Field::Badge.only(), count)
        .range(0, 2_147_483_647)
        .note("a count of items; a badge of 0 is not sent"),
    Row::json("light_settings", Fields::NONE, light_settings).note("all parts are needed"),
    Row::text("image", Fields::NONE, |x| text(&own(x).image)),
    Row::text("proxy", Fields::NONE, |x| text(&own(x).proxy)).one_of(PROXIES),
    Row::flag("bypass_proxy_notification", Fields::NONE, |x| own(x).bypass_proxy_notification),
];

/// What no single row can see.
pub(super) fn check(own: &AndroidNotification, invalid: &mut impl FnMut(&str, Option<Field>, &str)) {
    for (wire, key, args) in [
        (".android.notification.body_loc_args", &own.body_loc_key, &own.body_loc_args),
        (".android.notification.title_loc_args", &own.title_loc_key, &own.title_loc_args),
    ] {
        if key.is_none() && !args.is_empty() {
            invalid(wire, None, "needs its loc_key");
        }
    }
    let parts = own.light_settings.map(|LightSettings { color: c, .. }| [c.red, c.green, c.blue, c.alpha]);
    if parts.into_iter().flatten().any(|part| !(0.0..=1.0).contains(&part)) {
        invalid(".android.notification.light_settings.color", None, "each part must be 0 to 1");
    }
}

fn own<'a>(x: &'a In<'a, Fcm>) -> &'a AndroidNotification {
    &x.options.android.notification
}

fn texts(texts: &[String]) -> Option<&[String]> {
    (!texts.is_empty()).then_some(texts)
}

/// Milliseconds as protobuf writes spans of time: `0.25s`.
fn seconds(millis: u32) -> String {
    format!("{}s", f64::from(millis) / 1000.0)
}

fn sound<'a>(x: &'a In<'a, Fcm>) -> Option<Cow<'a, str>> {
    text(&own(x).sound).or_else(|| match &x.n.sound {
        Some(Sound::Default) => Some("default".into()),
        Some(Sound::Named(name)) => Some(name.into()),
        Some(Sound::Silent) | None => None,
    })
}

fn click_action<'a>(x: &'a In<'a, Fcm>) -> Option<Cow<'a, str>> {
    text(&own(x).click_action).or_else(|| match &x.n.click {
        Some(Click::Action(action)) => Some(action.as_str().into()),
        _ => None,
    })
}

fn is_color(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn light_settings<'a>(x: &'a In<'a, Fcm>) -> Option<Cow<'a, Value>> {
    own(x).light_settings.map(|light| {
        Cow::Owned(json!({
            "color": light.color,
            "light_on_duration": seconds(light.light_on_duration),
            "light_off_duration": seconds(light.light_off_duration),
        }))
    })
}

fn vibrate_timings<'a>(x: &'a In<'a, Fcm>) -> Option<Cow<'a, Value>> {
    let timings = &own(x).vibrate_timings;
    (!timings.is_empty()).then(|| Cow::Owned(timings.iter().map(|millis| seconds(*millis)).collect()))
}

fn count(x: &In<'_, Fcm>) -> Option<i64> {
    own(x).notification_count.map(i64::from).or(match x.n.badge {
        Some(Badge::Set(count)) if count > 0 => Some(count.into()),
        _ => None,
    })
}
