//! The block for Apple devices, which FCM hands on to APNs.

use std::borrow::Cow;

use omnipush_core::table::In;
use omnipush_core::{Badge, Data, Field, Fields, Kind, Priority, Sound, sign};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{MAX_TTL, Row, label, pairs, shown, text};
use crate::Fcm;

/// `message.apns`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Apns {
    /// Headers of the request to APNs, such as `apns-topic`; they win over those made from the
    /// notification. Without them FCM sends priority 10 and keeps it 30 days.
    pub headers: Data,
    /// Members of the payload, as Apple documents them: keys of the app's own, and `aps`, whose
    /// members win over those made from the notification.
    pub payload: Option<Value>,
    /// FCM's options for Apple devices.
    pub fcm_options: AppleOptions,
    /// The token of a Live Activity, or the one that starts it. The target is still the app's
    /// FCM token; `event`, `timestamp` and `content-state` belong into `payload.aps`. Default:
    /// an ordinary message.
    pub live_activity_token: Option<String>,
}

/// `message.apns.fcm_options`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct AppleOptions {
    /// A label for Apple devices alone. Default: the common one.
    pub analytics_label: Option<String>,
    /// Another picture; the app needs an extension that shows it. Default: the notification's.
    pub image: Option<String>,
}

pub(super) const FIELDS: &[Row] = &[
    Row::object(
        "headers",
        &[
            Row::int_text("apns-expiration", Field::Ttl.only(), |x| x.ttl_secs(), expiration)
                .clamped(0, MAX_TTL)
                .when(|x| free(x, "apns-expiration"))
                .note("the time at which the TTL ends"),
            Row::text("apns-collapse-id", Field::CollapseKey.only(), collapse_id)
                .when(|x| free(x, "apns-collapse-id"))
                .note("a hash where the key is over 64 bytes or not ASCII"),
            Row::text("apns-priority", Field::Priority.only(), priority).when(|x| free(x, "apns-priority")),
            // Apple takes no other priority for messages that show nothing, and FCM would send 10.
            Row::text("apns-priority", Fields::NONE, |x| priority(x).is_none().then_some("5".into()))
                .when(|x| !shown(x) && free(x, "apns-priority"))
                .note("background messages"),
            Row::text("apns-push-type", Field::Kind.only(), |_| Some("background".into()))
                .when(|x| !shown(x) && free(x, "apns-push-type")),
            Row::spread("(any)", Fields::NONE, |x| pairs(&x.options.apns.headers)),
        ],
    ),
    Row::object(
        "payload",
        &[
            Row::object("aps", APS),
            Row::spread_json("(any)", Fields::NONE, |x| others(x.options.apns.payload.as_ref()?)),
        ],
    ),
    Row::object(
        "fcm_options",
        &[
            label(|x| text(&x.options.apns.fcm_options.analytics_label)),
            Row::text("image", Fields::NONE, |x| text(&x.options.apns.fcm_options.image)),
        ],
    ),
    Row::text("live_activity_token", Fields::NONE, |x| text(&x.options.apns.live_activity_token)),
];

const APS: &[Row] = &[
    // An alert here replaces the common title and text, so it repeats them.
    Row::object(
        "alert",
        &[
            Row::text("title", Field::Title.only(), |x| x.title()),
            Row::text("subtitle", Field::Subtitle.only(), |x| text(&x.n.subtitle)),
            Row::text("body", Field::Body.only(), |x| x.body()),
        ],
    )
    .when(|x| own(x, "alert") && x.n.subtitle.is_some()),
    Row::text("sound", Field::Sound.only(), sound).when(|x| own(x, "sound")),
    Row::int("badge", Field::Badge.only(), badge).when(|x| own(x, "badge")).note("set, not added"),
    Row::text("category", Field::Category.only(), |x| text(&x.n.category)).when(|x| own(x, "category")),
    Row::text("thread-id", Field::Thread.only(), |x| text(&x.n.thread)).when(|x| own(x, "thread-id")),
    Row::int("mutable-content", Fields::NONE, |x| pictured(x).then_some(1))
        .when(|x| own(x, "mutable-content"))
        .note("lets the app's extension show the image"),
    Row::int("content-available", Field::Kind.only(), |_| Some(1))
        .when(|x| x.n.kind == Kind::Background && aps(x, "content-available").is_none()),
    Row::spread_json("(any)", Fields::NONE, |x| x.options.apns.payload.as_ref()?.get("aps").map(Cow::Borrowed)),
];

/// Whether a header is left to the notification.
fn free(x: &In<'_, Fcm>, header: &str) -> bool {
    !x.options.apns.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(header))
}

/// Whether a member of `aps` is left to the notification, and it is an alert.
fn own(x: &In<'_, Fcm>, key: &str) -> bool {
    shown(x) && aps(x, key).is_none()
}

fn aps<'a>(x: &In<'a, Fcm>, key: &str) -> Option<&'a Value> {
    x.options.apns.payload.as_ref()?.get("aps")?.get(key)
}

/// The payload without `aps`. What is no object stays as it is, to be reported.
fn others(payload: &Value) -> Option<Cow<'_, Value>> {
    let Some(members) = payload.as_object() else { return Some(Cow::Borrowed(payload)) };
    let others: Map<String, Value> =
        members.iter().filter(|(key, _)| *key != "aps").map(|(key, value)| (key.clone(), value.clone())).collect();
    (!others.is_empty()).then_some(Cow::Owned(others.into()))
}

fn expiration(x: &In<'_, Fcm>, secs: i64) -> String {
    // 0 is Apple's word for now or never.
    let end = if secs == 0 { 0 } else { x.now_ms / 1000 + secs.unsigned_abs() };
    end.to_string()
}

fn collapse_id<'a>(x: &'a In<'a, Fcm>) -> Option<Cow<'a, str>> {
    let key = x.collapse()?;
    let fits = key.len() <= 64 && key.bytes().all(|b| (0x20..0x7f).contains(&b));
    Some(if fits { key } else { sign::sha256_hex([&*key]).into() })
}

fn priority<'a>(x: &'a In<'a, Fcm>) -> Option<Cow<'a, str>> {
    match x.n.priority? {
        Priority::Normal => Some("5".into()),
        Priority::High => shown(x).then_some("10".into()),
    }
}

fn sound<'a>(x: &'a In<'a, Fcm>) -> Option<Cow<'a, str>> {
    match x.n.sound.as_ref()? {
        Sound::Default => Some("default".into()),
        Sound::Named(name) => Some(name.into()),
        Sound::Silent => None,
    }
}

fn badge(x: &In<'_, Fcm>) -> Option<i64> {
    match x.n.badge? {
        Badge::Set(number) => Some(number.into()),
        Badge::Add(_) => None,
    }
}

fn pictured(x: &In<'_, Fcm>) -> bool {
    x.n.image.is_some() || x.options.apns.fcm_options.image.is_some()
}
