//! The block for Apple devices, which FCM hands on to APNs.

use std::borrow::Cow;

use omnipush_core::table::In;
use omnipush_core::{Field, Fields, Kind, Priority, sign};
use serde_json::{Map, Value};

use super::{HEADER, LABEL, MAX_TTL, Row, is_header, own, replaces, shown};
use crate::Fcm;

pub(super) const FIELDS: &[Row] = &[
    Row::object(
        "headers",
        &[
            Row::int_text_by("apns-expiration", Field::Ttl.only(), |x| x.ttl_secs(), expiration)
                .clamped(0, MAX_TTL)
                .note("the time at which the TTL ends; without one FCM takes 30 days"),
            Row::text("apns-collapse-id", Field::CollapseKey.only(), collapse_id)
                .always()
                .note("without a key the id; a hash where it is over 64 bytes or not ASCII"),
            Row::text("apns-priority", Field::Priority.only(), priority).note("without one FCM takes 10"),
            // Apple takes no other priority for messages that show nothing, and FCM would send 10.
            Row::text("apns-priority", Fields::NONE, |x| priority(x).is_none().then_some("5".into()))
                .when(|x| !shown(x))
                .note("background messages"),
            Row::text("apns-push-type", Field::Kind.only(), |_| Some("background".into())).when(|x| !shown(x)),
            Row::rest("(any)").form(is_header, HEADER).note("such as `apns-topic`"),
        ],
    ),
    Row::object("payload", &[Row::object("aps", APS), Row::rest("(any)").note("keys of the app's own")]),
    Row::object("fcm_options", &[LABEL, Row::own_text("image").note("another picture")]),
    Row::own_text("live_activity_token").note("the rest of a Live Activity goes into `payload.aps`"),
];

const APS: &[Row] = &[
    // An alert here replaces the common title and text, so it repeats them.
    Row::json("alert", Field::Subtitle.only(), alert).when(shown).note("title and text too, where there is a subtitle"),
    Row::json("sound", Field::Sound.only(), |x| Some(Cow::Owned(x.sound()?.into()))).when(shown),
    Row::int("badge", Field::Badge.only(), |x| x.badge()).when(shown).note("set, not added"),
    Row::text("category", Field::Category.only(), |x| x.category()).when(shown),
    Row::text("thread-id", Field::Thread.only(), |x| x.thread()).when(shown),
    Row::int("mutable-content", Fields::NONE, |x| pictured(x).then_some(1))
        .with(Field::Image.only())
        .when(shown)
        .note("with an image"),
    Row::int("content-available", Field::Kind.only(), |x| (x.n.kind == Kind::Background).then_some(1)),
    Row::rest("(any)").note("as Apple documents it"),
];

fn expiration(x: &In<'_, Fcm>, secs: i64) -> i64 {
    let now = i64::try_from(x.now_ms / 1000).unwrap_or(i64::MAX);
    // 0 is Apple's word for now or never.
    if secs == 0 { 0 } else { now.saturating_add(secs) }
}

fn collapse_id<'a>(x: &'a In<'a, Fcm>) -> Option<Cow<'a, str>> {
    let key = replaces(x)?;
    let fits = key.len() <= 64 && is_header(&key);
    Some(if fits { key } else { sign::sha256_hex([&*key]).into() })
}

fn priority<'a>(x: &'a In<'a, Fcm>) -> Option<Cow<'a, str>> {
    match x.n.priority? {
        Priority::Normal => Some("5".into()),
        Priority::High => shown(x).then_some("10".into()),
    }
}

fn alert<'a>(x: &'a In<'a, Fcm>) -> Option<Cow<'a, Value>> {
    x.n.subtitle.as_ref()?;
    let texts = [("title", &x.n.title), ("subtitle", &x.n.subtitle), ("body", &x.n.body)];
    let set = texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text.as_deref()?.into())));
    Some(Cow::Owned(Value::Object(set.collect::<Map<_, _>>())))
}

fn pictured(x: &In<'_, Fcm>) -> bool {
    x.n.image.is_some() || own(x, &["apns", "fcm_options", "image"]).is_some()
}
