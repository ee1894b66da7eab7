//! The `apns` block: what Apple would refuse. FCM hands on Apple's reason as an `ApnsError`
//! beside an `INVALID_ARGUMENT`; the reasons are those of Apple's "Handling notification
//! responses from APNs".

use serde_json::Value;

use super::parse::is_digits;
use super::rules::{Is, is_texts};

/// The most bytes of `apns-collapse-id`.
const MAX_COLLAPSE_ID: usize = 64;

/// The push types that Apple lists.
const PUSH_TYPES: &[&str] = &[
    "alert",
    "background",
    "voip",
    "complication",
    "fileprovider",
    "mdm",
    "liveactivity",
    "location",
    "pushtotalk",
    "widgets",
    "controls",
];

fn is_alert(value: &Value) -> bool {
    let typed = |(name, value): (&String, &Value)| {
        // In a Live Activity's alert the texts may be objects with a key and arguments.
        let localised = matches!(name.as_str(), "title" | "body") && value.is_object();
        ALERT.iter().find(|(key, _)| key == name).is_none_or(|(_, is)| is(value) || localised)
    };
    value.is_string() || value.as_object().is_some_and(|alert| alert.iter().all(typed))
}

fn is_sound(value: &Value) -> bool {
    let critical = |sound: &serde_json::Map<String, Value>| {
        let volume = sound.get("volume").map(Value::as_f64);
        sound.get("critical").is_none_or(is_bit)
            && sound.get("name").is_none_or(Value::is_string)
            && volume.is_none_or(|v| v.is_some_and(|v| (0.0..=1.0).contains(&v)))
    };
    value.is_string() || value.as_object().is_some_and(critical)
}

fn is_bit(value: &Value) -> bool {
    value.as_u64().is_some_and(|bit| bit <= 1)
}

fn is_level(value: &Value) -> bool {
    value.as_str().is_some_and(|level| ["passive", "active", "time-sensitive", "critical"].contains(&level))
}

fn is_event(value: &Value) -> bool {
    value.as_str().is_some_and(|event| ["start", "update", "end"].contains(&event))
}

const APS: &[(&str, Is)] = &[
    ("alert", is_alert),
    ("badge", Value::is_u64),
    ("sound", is_sound),
    ("thread-id", Value::is_string),
    ("category", Value::is_string),
    ("content-available", is_bit),
    ("mutable-content", is_bit),
    ("target-content-id", Value::is_string),
    ("interruption-level", is_level),
    ("relevance-score", Value::is_number),
    ("filter-criteria", Value::is_string),
    ("url-args", is_texts),
    ("timestamp", Value::is_u64),
    ("event", is_event),
    ("content-state", Value::is_object),
    ("stale-date", Value::is_u64),
    ("dismissal-date", Value::is_u64),
    ("attributes-type", Value::is_string),
    ("attributes", Value::is_object),
    ("input-push-token", is_bit),
    ("input-push-channel", Value::is_string),
];

const ALERT: &[(&str, Is)] = &[
    ("title", Value::is_string),
    ("subtitle", Value::is_string),
    ("body", Value::is_string),
    ("launch-image", Value::is_string),
    ("title-loc-key", Value::is_string),
    ("title-loc-args", is_texts),
    ("subtitle-loc-key", Value::is_string),
    ("subtitle-loc-args", is_texts),
    ("loc-key", Value::is_string),
    ("loc-args", is_texts),
    ("action", Value::is_string),
    ("action-loc-key", Value::is_string),
];

/// The rule of `apns.payload`: known keys of `aps` have Apple's types. Apple ignores unknown
/// keys there, and everything beside `aps` is the app's own.
pub(super) fn payload(payload: &Value) -> Result<(), String> {
    let Some(aps) = payload.get("aps") else { return Ok(()) };
    let Some(aps) = aps.as_object() else { return Err("aps must be a dictionary".into()) };
    for (name, value) in aps {
        if APS.iter().any(|(key, is)| key == name && !is(value)) {
            return Err(format!("Invalid value of aps.{name}"));
        }
    }
    Ok(())
}

/// Apple's reason for refusing a message that was read, if there is one, as the name of a
/// documented failure.
pub(super) fn refusal(message: &Value, limit: usize) -> Option<&'static str> {
    let apns = message.get("apns")?;
    let payload = apns.get("payload");
    if payload.is_some_and(|payload| payload.to_string().len() > limit) {
        return Some("INVALID_ARGUMENT ApnsError PayloadTooLarge");
    }
    // Header names have no case; FCM documents them in lower case.
    let header = |wanted: &str| {
        let headers = apns.get("headers")?.as_object()?;
        headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted))?.1.as_str()
    };
    let push_type = header("apns-push-type");
    if push_type.is_some_and(|name| !PUSH_TYPES.contains(&name)) {
        return Some("INVALID_ARGUMENT ApnsError InvalidPushType");
    }
    // FCM's default is 10, which Apple does not allow for what the user does not see.
    let priority = header("apns-priority").unwrap_or("10");
    let silent = push_type == Some("background") || !is_visible(message, payload);
    if !["1", "5", "10"].contains(&priority) || (silent && priority != "5") {
        return Some("INVALID_ARGUMENT ApnsError BadPriority");
    }
    if header("apns-expiration").is_some_and(|time| !is_digits(time, 1, 10)) {
        return Some("INVALID_ARGUMENT ApnsError BadExpirationDate");
    }
    if header("apns-collapse-id").is_some_and(|id| id.is_empty() || id.len() > MAX_COLLAPSE_ID) {
        return Some("INVALID_ARGUMENT ApnsError BadCollapseId");
    }
    let topic = header("apns-topic").map(|topic| topic.strip_prefix(super::PACKAGE));
    if topic.is_some_and(|suffix| suffix.is_none_or(|suffix| !suffix.is_empty() && !suffix.starts_with('.'))) {
        return Some("INVALID_ARGUMENT ApnsError BadTopic");
    }
    let live = apns.get("live_activity_token").and_then(Value::as_str);
    if live
        .is_some_and(|token| token.is_empty() || token.len() % 2 != 0 || !token.bytes().all(|b| b.is_ascii_hexdigit()))
    {
        return Some("INVALID_ARGUMENT ApnsError BadDeviceToken");
    }
    None
}

/// Whether the user sees or hears something, or a Live Activity changes.
fn is_visible(message: &Value, payload: Option<&Value>) -> bool {
    let aps = payload.and_then(|payload| payload.get("aps"));
    let says = |name: &str| aps.is_some_and(|aps| aps.get(name).is_some());
    message.get("notification").is_some() || ["alert", "badge", "sound", "event"].into_iter().any(says)
}

/// The rules of the block that no single field shows: the headers that exist, and what a Live
/// Activity needs.
pub(super) fn rules(message: &Value) -> Result<(), String> {
    let Some(apns) = message.get("apns") else { return Ok(()) };
    const HEADERS: &[&str] =
        &["apns-id", "apns-push-type", "apns-topic", "apns-expiration", "apns-priority", "apns-collapse-id"];
    let headers = apns.get("headers").and_then(Value::as_object);
    if let Some(name) = headers.and_then(|all| all.keys().find(|n| !HEADERS.contains(&n.to_ascii_lowercase().as_str())))
    {
        return Err(format!("Unknown APNs header {name} (message.apns.headers)"));
    }
    if apns.get("live_activity_token").is_some() {
        if message.get("token").or(message.get("fid")).is_none() {
            return Err("A Live Activity needs the token of its app (message.apns.live_activity_token)".into());
        }
        let aps = apns.pointer("/payload/aps");
        let missing =
            ["event", "timestamp", "content-state"].into_iter().find(|key| aps.and_then(|a| a.get(key)).is_none());
        if let Some(key) = missing {
            return Err(format!("A Live Activity needs aps.{key} (message.apns.payload)"));
        }
    }
    Ok(())
}
