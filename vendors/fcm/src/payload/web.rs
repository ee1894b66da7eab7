//! The block for browsers.

use std::borrow::Cow;

use omnipush_core::table::In;
use omnipush_core::{Click, Data, Field, Fields, Priority, Sound, sign};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{MAX_TTL, Row, label, pairs, shown, text};
use crate::Fcm;

/// `message.webpush`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Webpush {
    /// Headers of Web Push (RFC 8030): `TTL`, `Urgency`, `Topic`; they win over those made from
    /// the notification.
    pub headers: Data,
    /// Pairs instead of the notification's. Default: the notification's.
    pub data: Data,
    /// Members of the Web Notification, as the Web API names them: `icon`, `actions`,
    /// `requireInteraction` and so forth; they win over those made from the notification.
    pub notification: Option<Value>,
    /// FCM's options for browsers.
    pub fcm_options: WebOptions,
}

/// `message.webpush.fcm_options`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct WebOptions {
    /// The page that a tap opens; https only. Default: the URL of the notification's click.
    pub link: Option<String>,
    /// A label for browsers alone. Default: the common one.
    pub analytics_label: Option<String>,
}

pub(super) const FIELDS: &[Row] = &[
    Row::object(
        "headers",
        &[
            Row::int_text("TTL", Field::Ttl.only(), |x| x.ttl_secs(), |_, secs| secs.to_string())
                .clamped(0, MAX_TTL)
                .when(|x| free(x, "TTL")),
            Row::text("Urgency", Field::Priority.only(), |x| {
                Some(if x.n.priority? == Priority::High { "high" } else { "normal" }.into())
            })
            .when(|x| free(x, "Urgency")),
            Row::text("Topic", Field::CollapseKey.only(), topic)
                .when(|x| free(x, "Topic"))
                .note("a hash where the key is over 32 characters or not base64url"),
            Row::spread("(any)", Fields::NONE, |x| pairs(&x.options.webpush.headers)),
        ],
    ),
    Row::map("data", Fields::NONE, |x| pairs(&x.options.webpush.data)),
    Row::object(
        "notification",
        &[
            Row::flag("silent", Field::Sound.only(), |x| (x.n.sound == Some(Sound::Silent)).then_some(true))
                .when(|x| own(x, "silent")),
            Row::text("tag", Field::CollapseKey.only(), |x| x.collapse()).when(|x| own(x, "tag")),
            Row::spread_json("(any)", Fields::NONE, |x| x.options.webpush.notification.as_ref().map(Cow::Borrowed)),
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
            label(|x| text(&x.options.webpush.fcm_options.analytics_label)),
        ],
    ),
];

/// The page that a tap opens.
pub(super) fn link<'a>(x: &'a In<'a, Fcm>) -> Option<Cow<'a, str>> {
    text(&x.options.webpush.fcm_options.link).or_else(|| match &x.n.click {
        Some(Click::Url(url)) if url.as_str().starts_with("https://") => Some(url.as_str().into()),
        _ => None,
    })
}

/// Whether a header is left to the notification.
fn free(x: &In<'_, Fcm>, header: &str) -> bool {
    !x.options.webpush.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(header))
}

/// Whether a member of the Web Notification is left to the notification.
fn own(x: &In<'_, Fcm>, key: &str) -> bool {
    x.options.webpush.notification.as_ref().is_none_or(|members| members.get(key).is_none())
}

fn topic<'a>(x: &'a In<'a, Fcm>) -> Option<Cow<'a, str>> {
    let key = x.collapse()?;
    let fits = key.len() <= 32 && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    Some(if fits { key } else { sign::sha256_hex([&*key]).chars().take(32).collect::<String>().into() })
}
