//! Subscriptions and their endpoints, which come from clients and are not trusted.
//!
//! An endpoint is an https URL on a known host, written so plainly that no two parsers can read
//! different hosts in it. Its path and query are kept to the letter.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::PublicKey;
use serde::Deserialize;

use crate::config::Config;

/// The hosts of the known push services, of Google, Mozilla, Apple and Microsoft.
const KNOWN: &[&str] = &[
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "web.push.apple.com",
    "*.push.apple.com",
    "*.notify.windows.com",
];

/// What the browser hands over.
#[derive(Deserialize)]
pub(crate) struct Subscription {
    pub(crate) endpoint: String,
    keys: Keys,
}

#[derive(Deserialize)]
struct Keys {
    p256dh: String,
    auth: String,
}

impl Subscription {
    /// From its JSON, with keys that can be used.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        // As the browser's `JSON.stringify` makes it, and nothing around it.
        if !text.starts_with('{') || !text.ends_with('}') || text.chars().any(char::is_control) {
            return None;
        }
        let subscription: Self = serde_json::from_str(text).ok()?;
        (subscription.auth().is_some()
            && subscription.public_key().is_some()
            && split(&subscription.endpoint).is_some())
        .then_some(subscription)
    }

    pub(crate) fn auth(&self) -> Option<[u8; 16]> {
        decode(&self.keys.auth)?.try_into().ok()
    }

    /// The browser's public key; `None` when it is no point of the curve.
    pub(crate) fn public_key(&self) -> Option<PublicKey> {
        let bytes = decode(&self.keys.p256dh)?;
        (bytes.len() == 65).then(|| PublicKey::from_sec1_bytes(&bytes).ok()).flatten()
    }

    /// Scheme, host and port, as the token's audience has them.
    pub(crate) fn origin(&self) -> &str {
        origin(&self.endpoint).unwrap_or_default()
    }
}

/// Scheme, host and port of a plain https URL.
pub(crate) fn origin(url: &str) -> Option<&str> {
    split(url).map(|parts| parts.origin)
}

/// base64url or base64, padded or not.
fn decode(text: &str) -> Option<Vec<u8>> {
    let plain: String = text
        .trim_end_matches('=')
        .chars()
        .map(|c| match c {
            '+' => '-',
            '/' => '_',
            c => c,
        })
        .collect();
    URL_SAFE_NO_PAD.decode(plain).ok()
}

pub(crate) struct Parts<'a> {
    origin: &'a str,
    secure: bool,
    host: &'a str,
}

/// Takes an endpoint apart; `None` unless it is plain enough to mean the same to everybody.
pub(crate) fn split(endpoint: &str) -> Option<Parts<'_>> {
    let plain = |b: u8| b.is_ascii_graphic() && !b"\\\"<>^`{}|#".contains(&b);
    if endpoint.len() > 2048 || !endpoint.bytes().all(plain) {
        return None;
    }
    let (scheme, rest) = endpoint.split_once("://")?;
    let secure = match scheme {
        "https" => true,
        "http" => false,
        _ => return None,
    };
    let authority = rest.split(['/', '?']).next()?;
    let origin = endpoint.get(..scheme.len() + 3 + authority.len())?;
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => {
            let number: u16 = port.parse().ok()?;
            // An origin names no port that its scheme has anyway.
            if number == 0 || number == if secure { 443 } else { 80 } || port.starts_with('0') {
                return None;
            }
            host
        }
        _ => authority,
    };
    let named =
        !host.is_empty() && host.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b));
    let numbered = host.starts_with('[') && host.ends_with(']');
    (named || numbered).then_some(Parts { origin, secure, host })
}

/// Whether an endpoint may be called; the reason if not.
pub(crate) fn allowed(config: &Config, endpoint: &str) -> Result<(), &'static str> {
    let parts = split(endpoint).ok_or("the endpoint is no plain https URL")?;
    if !parts.secure && !config.allow_insecure {
        return Err("the endpoint must be https");
    }
    let is = |pattern: &str| match pattern.strip_prefix('*') {
        Some(parent) => parts.host.len() > parent.len() && parts.host.ends_with(parent),
        None => parts.host == pattern,
    };
    match KNOWN.iter().copied().chain(config.allowed_hosts.iter().map(String::as_str)).any(is) {
        true => Ok(()),
        false => Err("the endpoint's host is no known push service; see `allowed_hosts`"),
    }
}
