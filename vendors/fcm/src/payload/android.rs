//! The block for Android.

use std::borrow::Cow;

use chrono::DateTime;
use omnipush_core::table::In;
use omnipush_core::{Click, Field, Fields, Priority};

use super::{KEYS, LABEL, MAX_TTL, Row, is_data_key, own, replaces, shown};
use crate::Fcm;

const PRIORITIES: &[&str] =
    &["PRIORITY_UNSPECIFIED", "PRIORITY_MIN", "PRIORITY_LOW", "PRIORITY_DEFAULT", "PRIORITY_HIGH", "PRIORITY_MAX"];
const VISIBILITIES: &[&str] = &["VISIBILITY_UNSPECIFIED", "PRIVATE", "PUBLIC", "SECRET"];
const PROXIES: &[&str] = &["PROXY_UNSPECIFIED", "ALLOW", "DENY", "IF_PRIORITY_LOWERED"];

pub(super) const FIELDS: &[Row] = &[
    Row::text("collapse_key", Field::CollapseKey.only(), |x| x.collapse()).note("a device keeps messages of 4 keys"),
    Row::text("priority", Field::Priority.only(), |x| {
        Some(if x.n.priority? == Priority::High { "HIGH" } else { "NORMAL" }.into())
    })
    .one_of(&["NORMAL", "HIGH", "normal", "high"])
    .note("default high for alerts"),
    Row::int_text("ttl", Field::Ttl.only(), |x| x.ttl_secs(), "s")
        .clamped(0, MAX_TTL)
        .note("an option may be a text such as `3.5s`"),
    Row::own_text("restricted_package_name").note("the token must belong to this package"),
    Row::own_map("data").form(is_data_key, KEYS).note("instead of the common pairs"),
    Row::object("notification", NOTIFICATION).when(shown),
    Row::object("fcm_options", &[LABEL]),
    Row::own_flag("direct_boot_ok").note("may come before the first unlocking"),
    Row::own_flag("bandwidth_constrained_ok").note("may come over a network with little bandwidth (2026)"),
    Row::own_flag("restricted_satellite_ok").note("may come over a restricted satellite network (2026)"),
];

const NOTIFICATION: &[Row] = &[
    Row::own_text("title").note("another title for Android"),
    Row::own_text("body").note("another text for Android"),
    Row::own_text("icon").note("a drawable resource; default the launcher icon"),
    Row::own_text("color").form(is_color, "#rrggbb"),
    Row::text("sound", Fields::NONE, |x| x.sound())
        .with(Field::Sound.only())
        .note("carries `sound` on Android 7.1 and earlier only"),
    Row::text("tag", Field::CollapseKey.only(), replaces).always().note("replaces what is shown; without a key the id"),
    Row::text("click_action", Field::Click.only(), click_action).note("an action"),
    Row::own_text("body_loc_key").note("a string resource"),
    Row::own_texts("body_loc_args").note("needs the key"),
    Row::own_text("title_loc_key").note("a string resource"),
    Row::own_texts("title_loc_args").note("needs the key"),
    Row::text("channel_id", Field::Channel.only(), |x| x.channel()).note("default the manifest's"),
    Row::own_text("ticker").note("what accessibility services say"),
    Row::own_flag("sticky").note("stays after a tap"),
    Row::own_text("event_time").form(is_time, "RFC 3339, in UTC").note("what it is sorted by"),
    Row::own_flag("local_only").note("stays on this device"),
    Row::own_text("notification_priority").one_of(PRIORITIES).note("Android 7.1 and earlier"),
    Row::own_flag("default_sound"),
    Row::own_flag("default_vibrate_timings").note("wins over `vibrate_timings`"),
    Row::own_flag("default_light_settings").note("`light_settings` win over it"),
    Row::own_texts("vibrate_timings").form(is_span, SPAN).note("wait, on, off, on…"),
    Row::own_text("visibility").one_of(VISIBILITIES).note("on a locked screen; default PRIVATE"),
    Row::int("notification_count", Field::Badge.only(), |x| x.badge().filter(|count| *count > 0))
        .range(0, 2_147_483_647)
        .note("a count of items; a badge of 0 is not sent"),
    Row::object("light_settings", LIGHT).when(|x| own(x, &["android", "notification", "light_settings"]).is_some()),
    Row::own_text("image").note("another picture, at most 1 MB"),
    Row::own_text("proxy").one_of(PROXIES).note("default IF_PRIORITY_LOWERED"),
    Row::own_flag("bypass_proxy_notification").note("out of date since 2026: use `proxy`"),
];

const LIGHT: &[Row] = &[
    Row::object(
        "color",
        &[
            Row::own_num("red").needed().range(0, 1),
            Row::own_num("green").needed().range(0, 1),
            Row::own_num("blue").needed().range(0, 1),
            Row::own_num("alpha").range(0, 1).note("default 1"),
        ],
    ),
    Row::own_text("light_on_duration").needed().form(is_span, SPAN),
    Row::own_text("light_off_duration").needed().form(is_span, SPAN),
];

const SPAN: &str = "seconds such as `0.25s`";

/// A span of time as protobuf writes it.
fn is_span(text: &str) -> bool {
    seconds(text).is_some()
}

pub(super) fn seconds(text: &str) -> Option<f64> {
    let number = text.strip_suffix('s')?;
    number.parse().ok().filter(|_| number.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
}

fn is_time(text: &str) -> bool {
    text.ends_with('Z') && DateTime::parse_from_rfc3339(text).is_ok()
}

fn is_color(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn click_action<'a>(x: &'a In<'a, Fcm>) -> Option<Cow<'a, str>> {
    match x.n.click.as_ref()? {
        Click::Action(action) => Some(action.as_str().into()),
        _ => None,
    }
}
