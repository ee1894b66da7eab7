//! What an accepted message means on an Android phone, and how large it is.

use serde_json::Value;

use super::parse::span_seconds;
use crate::fake::Delivered;

/// The most bytes of keys and values, and the most for topics and conditions.
const LIMIT: usize = 4096;
const TOPIC_LIMIT: usize = 2048;

/// The texts of an Android notification that count, beside those that a message has in common.
const ANDROID_TEXTS: &[&str] = &[
    "icon",
    "color",
    "sound",
    "tag",
    "click_action",
    "title_loc_key",
    "title_loc_args",
    "body_loc_key",
    "body_loc_args",
    "channel_id",
    "ticker",
];

const COMMON_TEXTS: &[&str] = &["title", "body", "image"];

/// The most bytes that this message may have.
pub(super) fn limit(message: &Value) -> usize {
    if message.get("token").or(message.get("fid")).is_some() { LIMIT } else { TOPIC_LIMIT }
}

/// The platform on which a message is too big, if there is one. Google does not say what it
/// counts: here it is the UTF-8 of data keys and values and of what the notification says.
pub(super) fn too_big(message: &Value) -> Option<&'static str> {
    let shown = COMMON_TEXTS.iter().filter_map(|name| text(message, name)).map(str::len).sum::<usize>();
    let android = ANDROID_TEXTS.iter().filter_map(|name| android_shown(message)?.get(name)).map(bytes).sum::<usize>();
    let data = android_data(message).map_or(0, bytes_of_map);
    let limit = limit(message);
    if data + shown + android > limit {
        return Some("Android message is too big");
    }
    let web = message.get("webpush")?;
    let data = filled(web.get("data")).or(message.get("data")).map_or(0, bytes_of_map);
    (data + web.get("notification").map_or(0, bytes) > limit).then_some("Web Push message is too big")
}

fn bytes(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(bytes).sum(),
        Value::Object(members) => members.values().map(bytes).sum(),
        _ => 0,
    }
}

fn bytes_of_map(map: &Value) -> usize {
    map.as_object().into_iter().flatten().map(|(key, value)| key.len() + bytes(value)).sum()
}

/// An empty map is no map: protobuf cannot tell them apart.
fn filled(map: Option<&Value>) -> Option<&Value> {
    map.filter(|map| map.as_object().is_some_and(|map| !map.is_empty()))
}

fn android(message: &Value) -> Option<&Value> {
    message.get("android").or(message.get("android_v2"))
}

fn android_shown(message: &Value) -> Option<&Value> {
    let android = android(message)?;
    android.get("notification").or(android.pointer("/remote_notification/notification"))
}

fn android_data(message: &Value) -> Option<&Value> {
    filled(android(message).and_then(|android| android.get("data"))).or(message.get("data"))
}

/// A text that the Android block overrides.
fn text<'a>(message: &'a Value, name: &str) -> Option<&'a str> {
    let of = |block: Option<&'a Value>| block?.get(name)?.as_str().filter(|text| !text.is_empty());
    of(android_shown(message)).or_else(|| of(message.get("notification")))
}

/// The message as the phone gets it; target, message id and raw message are the caller's to add.
pub(super) fn delivered(message: &Value) -> Delivered {
    let owned = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let android = android(message);
    let of_android = |name: &str| owned(android.and_then(|android| android.get(name)));
    let of_shown = |name: &str| owned(android_shown(message).and_then(|shown| shown.get(name)));
    let data = android_data(message).and_then(Value::as_object).into_iter().flatten();
    Delivered {
        title: text(message, "title").map(str::to_owned),
        body: text(message, "body").map(str::to_owned),
        // FCM writes its own value under this key, so the app never sees the sender's.
        data: data
            .filter(|(key, _)| *key != "collapse_key")
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
            .collect(),
        click: of_shown("click_action").or_else(|| owned(message.pointer("/webpush/fcm_options/link"))),
        ttl_seconds: of_android("ttl").and_then(|ttl| span_seconds(&ttl)).map(|(_, seconds, _)| seconds),
        collapse: of_android("collapse_key").or_else(|| of_shown("tag")),
        ..Delivered::default()
    }
}
