//! The block for browsers.

use std::borrow::Cow;

use omnipush_core::table::In;
use omnipush_core::{Click, Field, Fields, Priority, Sound, sign};
use serde_json::Value;

use super::{HEADER, KEYS, LABEL, MAX_TTL, Row, is_data_key, is_header, own, replaces, shown};
use crate::Fcm;

pub(super) const FIELDS: &[Row] = &[
    Row::object(
        "headers",
        &[
            Row::int_text("TTL", Field::Ttl.only(), |x| x.ttl_secs(), "").clamped(0, MAX_TTL),
            Row::text("Urgency", Field::Priority.only(), |x| {
                Some(if x.n.priority? == Priority::High { "high" } else { "normal" }.into())
            })
            .one_of(&["very-low", "low", "normal", "high"]),
            Row::text("Topic", Field::CollapseKey.only(), topic)
                .always()
                .form(is_topic, "up to 32 characters of base64url")
                .note("without a key the id; a hash where it has another form"),
            Row::rest("(any)").form(is_header, HEADER),
        ],
    ),
    Row::own_map("data").form(is_data_key, KEYS).note("instead of the common pairs"),
    Row::object(
        "notification",
        &[
            Row::flag("silent", Field::Sound.only(), |x| (x.n.sound == Some(Sound::Silent)).then_some(true)),
            Row::text("tag", Field::CollapseKey.only(), |x| x.collapse()),
            Row::rest("(any)").note("as the Web API names it: `icon`, `actions`, `requireInteraction`…"),
        ],
    )
    .when(shown),
    Row::object(
        "fcm_options",
        &[
            Row::text("link", Fields::NONE, link)
                .form(|url| url.starts_with("https://"), "https URL")
                .when(shown)
                .note("a click that opens an https URL"),
            LABEL,
        ],
    ),
];

/// The page that a tap opens.
pub(super) fn link<'a>(x: &'a In<'a, Fcm>) -> Option<Cow<'a, str>> {
    let own = own(x, &["webpush", "fcm_options", "link"]).and_then(Value::as_str);
    own.map(Cow::Borrowed).or_else(|| match &x.n.click {
        Some(Click::Url(url)) if url.as_str().starts_with("https://") => Some(url.as_str().into()),
        _ => None,
    })
}

fn is_topic(key: &str) -> bool {
    key.len() <= 32 && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

fn topic<'a>(x: &'a In<'a, Fcm>) -> Option<Cow<'a, str>> {
    let key = replaces(x)?;
    let hash = || sign::sha256_hex([&*key]).chars().take(32).collect::<String>().into();
    Some(if is_topic(&key) { key } else { hash() })
}
