//! The headers of a push message (RFC 8030, section 5; RFC 8291, section 4).

use http::header::HeaderValue;

use super::Service;
use super::codes::{Fault, Problem};
use crate::fake::Call;

const LONGEST_TOPIC: usize = 32;
const URGENCIES: &[&str] = &["very-low", "low", "normal", "high"];
const CONTENT_TYPE: &str = "application/octet-stream";
/// Says whether a message is kept for a device that is offline. Only Microsoft knows it.
const CACHE_POLICY: &str = "x-wns-cache-policy";

/// Drafts had keys in headers of their own: the header, and the parameter that carries one.
const DRAFT_KEYS: &[(&str, &str)] = &[("encryption", "salt"), ("crypto-key", "dh")];

/// What a sender may say. HTTP ignores strangers, and so would hide a misspelt `Topic`; this fake
/// refuses them. Not among them are `Prefer` and `Link`, which ask for receipts that no large
/// service offers, and `Transfer-Encoding`: services want to know the length before.
const KNOWN: &[&str] = &[
    "accept",
    "accept-encoding",
    "accept-language",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "host",
    "te",
    "topic",
    "traceparent",
    "tracestate",
    "ttl",
    "urgency",
    "user-agent",
];

/// The headers of a message that are good.
#[derive(Debug)]
pub(super) struct Headers {
    /// As asked for, in seconds.
    pub(super) ttl: u64,
    pub(super) topic: Option<String>,
}

/// Checks all headers but `Authorization`.
pub(super) fn read(call: &Call, service: Service) -> Result<Headers, Fault> {
    let ttl = ttl(call)?;
    if !call.body.is_empty() {
        encoding(call)?;
    }
    let fault = |why: String| Fault::new(Problem::Request, why);
    let known = |name: &str| KNOWN.contains(&name) || (service == Service::Microsoft && name == CACHE_POLICY);
    if let Some(name) = call.headers.keys().find(|name| !known(name.as_str())) {
        return Err(fault(format!("{name} is no header of a push message")));
    }
    let mime = single(call, "content-type").map_err(|()| fault("Content-Type is repeated".into()))?;
    if mime.is_some_and(|mime| mime != CONTENT_TYPE) {
        return Err(fault(format!("{mime:?} is not {CONTENT_TYPE}")));
    }
    let urgency = single(call, "urgency").map_err(|()| Fault::new(Problem::Urgency, "several urgencies"))?;
    if urgency.is_some_and(|urgency| !URGENCIES.contains(&urgency)) {
        return Err(Fault::new(Problem::Urgency, format!("{urgency:?} is no urgency")));
    }
    cache_policy(call, ttl)?;
    Ok(Headers { ttl, topic: topic(call, service)? })
}

/// A header that must not be repeated; an error where it is, or is not ASCII.
fn single<'a>(call: &'a Call, name: &str) -> Result<Option<&'a str>, ()> {
    let mut all = call.headers.get_all(name).iter().map(HeaderValue::to_str);
    match (all.next(), all.next()) {
        (None, _) => Ok(None),
        (Some(Ok(value)), None) => Ok(Some(value)),
        _ => Err(()),
    }
}

fn ttl(call: &Call) -> Result<u64, Fault> {
    let value = single(call, "ttl").ok().flatten();
    let value = value.ok_or_else(|| Fault::new(Problem::NoTtl, "Missing TTL value"))?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if value.strip_prefix('-').is_some_and(digits) {
        return Err(Fault::new(Problem::NegativeTtl, "TTL must be greater than 0"));
    }
    // Mozilla's number for a TTL that cannot be read is that of a missing one.
    if !digits(value) {
        return Err(Fault::new(Problem::NoTtl, "Missing TTL value"));
    }
    // Too many digits are a long time, not a mistake.
    Ok(value.parse().unwrap_or(u64::MAX))
}

fn encoding(call: &Call) -> Result<(), Fault> {
    let bad = |why: String| Err(Fault::new(Problem::Encryption, why));
    for (name, key) in DRAFT_KEYS {
        let mut parameters = call.headers.get_all(*name).iter().filter_map(|value| value.to_str().ok());
        let named = |part: &str| part.trim().split_once('=').is_some_and(|(name, _)| name.eq_ignore_ascii_case(key));
        if parameters.any(|value| value.split([',', ';']).any(named)) {
            return bad(format!("Do not include '{key}' header in aes128gcm {name} header"));
        }
    }
    match single(call, "content-encoding") {
        Ok(Some("aes128gcm")) => Ok(()),
        Ok(None) => bad("Missing Content-Encoding header".into()),
        // That of the drafts, which Mozilla and Google still take, is not to be made any more.
        Ok(Some(_)) | Err(()) => bad("Unknown Content-Encoding header".into()),
    }
}

fn topic(call: &Call, service: Service) -> Result<Option<String>, Fault> {
    let bad = |why: String| Err(Fault::new(Problem::Topic, why));
    let Ok(topic) = single(call, "topic") else { return bad("several topics, or one that is not ASCII".into()) };
    let Some(topic) = topic else { return Ok(None) };
    if topic.len() > LONGEST_TOPIC {
        return bad("Topic must be no greater than 32 characters".into());
    }
    if topic.is_empty() || !topic.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
        return bad("Topic must be URL and Filename safe Base64 alphabet".into());
    }
    // Seen by several clients, and documented by nobody: Apple decodes it.
    if service == Service::Apple && topic.len() % 4 == 1 {
        return bad(format!("{} characters are no base64url", topic.len()));
    }
    Ok(Some(topic.to_owned()))
}

/// WNS drops a message whose policy contradicts its time to live (seen by one client; it is not
/// known to drop those without the header).
fn cache_policy(call: &Call, ttl: u64) -> Result<(), Fault> {
    let fits = match single(call, CACHE_POLICY) {
        Ok(None) => true,
        Ok(Some("cache")) => ttl > 0,
        Ok(Some("no-cache")) => ttl == 0,
        Ok(Some(_)) | Err(()) => false,
    };
    if fits { Ok(()) } else { Err(Fault::new(Problem::Request, "Ttl value conflicts with X-WNS-Cache-Policy.")) }
}
