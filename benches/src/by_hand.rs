//! What a service author would write by hand for one message to one device, with serde. Each
//! body is written down once, and becomes both a static structure, such as derived structs are,
//! and a `json!()` tree. A test sees to it that the vendors' own encoders write the same fields.

use std::hint::black_box;

use omnipush::http::{HeaderMap, HeaderValue};
use serde::ser::{Serialize, SerializeMap, Serializer};
use sha2::{Digest as _, Sha256};

use crate::messages::{EXT, INTENT, KEY, Message, REQUEST_ID, TTL};

/// The fields of an object, known when compiling: a name, a value and the other fields.
trait Fields {
    const COUNT: usize;
    fn put<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error>;
}

impl Fields for () {
    const COUNT: usize = 0;

    fn put<M: SerializeMap>(&self, _map: &mut M) -> Result<(), M::Error> {
        Ok(())
    }
}

impl<V: Serialize, R: Fields> Fields for (&'static str, V, R) {
    const COUNT: usize = 1 + R::COUNT;

    fn put<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry(self.0, &self.1)?;
        self.2.put(map)
    }
}

struct Object<F>(F);

impl<F: Fields> Serialize for Object<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(F::COUNT))?;
        self.0.put(&mut map)?;
        map.end()
    }
}

macro_rules! node {
    ({ $($fields:tt)* }) => { Object(fields!($($fields)*)) };
    ([ $($value:tt),* ]) => { [$(node!($value)),*] };
    ($value:expr) => { $value };
}

macro_rules! fields {
    () => { () };
    ($name:literal: $value:tt $(, $($rest:tt)*)?) => { ($name, node!($value), fields!($($($rest)*)?)) };
}

/// The encoders of a vendor's JSON.
macro_rules! encoders {
    (|$message:ident, $target:ident| $tree:tt) => {
        Json {
            typed: |$message, $target| serde_json::to_vec(&node!($tree)).unwrap(),
            tree: |$message, $target| serde_json::to_vec(&serde_json::json!($tree)).unwrap(),
            #[cfg(feature = "peers")]
            sonic: |$message, $target| sonic_rs::to_vec(&node!($tree)).unwrap(),
            #[cfg(feature = "peers")]
            simd: |$message, $target| simd_json::serde::to_vec(&node!($tree)).unwrap(),
        }
    };
}

fn seconds(ttl: i64) -> String {
    format!("{}s", black_box(ttl))
}

/// The app's data as JSON.
fn pairs() -> String {
    serde_json::to_string(&node!({"ext": (black_box(EXT))})).unwrap()
}

/// What vendors take that have numbers for keys.
fn number(key: &str) -> i64 {
    let hash = black_box(key).bytes().fold(0x811c_9dc5_u32, |h, b| (h ^ u32::from(b)).wrapping_mul(0x0100_0193));
    i64::from((hash >> 31) ^ (hash & 0x7fff_ffff)).max(1)
}

/// What Web Push takes for a topic: letters and digits made from the key, of a length that Apple takes.
fn topic(key: &str) -> String {
    let mut topic = hex::encode(Sha256::digest(black_box(key)));
    topic.truncate(32);
    topic
}

/// The headers that say something of the message, where a vendor has such.
pub(crate) fn headers(id: &str) -> Option<HeaderMap> {
    let text = |text: &str| HeaderValue::from_str(black_box(text)).unwrap();
    let mut headers = HeaderMap::new();
    match id {
        "apns" => {
            headers.insert("apns-push-type", text("alert"));
            headers.insert("apns-topic", text("com.example.app"));
            headers.insert("apns-expiration", (1_700_000_000 + black_box(TTL)).into());
            headers.insert("apns-collapse-id", text(KEY));
        }
        "harmony" => {
            headers.insert("push-type", text("0"));
        }
        "webpush" => {
            headers.insert("ttl", black_box(TTL).into());
            headers.insert("urgency", text("high"));
            headers.insert("topic", text(&topic(KEY)));
        }
        _ => return None,
    }
    Some(headers)
}

/// Writes JSON for a message and a target.
pub(crate) type Write = fn(&Message, &str) -> Vec<u8>;

/// The pairs of a form around some JSON.
pub(crate) type Pairs = for<'a> fn(&'a Message, &'a str, &'a str) -> Vec<(&'static str, &'a str)>;

/// The encoders of some JSON.
pub(crate) struct Json {
    /// serde_json with a static structure.
    pub(crate) typed: Write,
    /// `json!()`.
    pub(crate) tree: Write,
    /// sonic-rs with the same static structure.
    #[cfg(feature = "peers")]
    pub(crate) sonic: Write,
    /// simd-json with the same static structure.
    #[cfg(feature = "peers")]
    pub(crate) simd: Write,
}

/// A vendor's body by hand.
pub(crate) struct ByHand {
    /// Its JSON.
    pub(crate) json: Json,
    /// The form around it, where the body is one.
    pub(crate) form: Option<Pairs>,
}

/// A vendor's body by hand.
///
/// # Panics
/// When there is no such vendor.
#[allow(clippy::too_many_lines, reason = "a list of bodies")]
#[allow(unused_variables, reason = "not every body holds its target")]
pub(crate) fn by_hand(id: &str) -> ByHand {
    let json = |json| ByHand { json, form: None };
    let form = |json, pairs| ByHand { json, form: Some(pairs) };
    match id {
        "fcm" => json(encoders!(|m, target| {
            "message": {
                "token": target,
                "data": {"ext": EXT},
                "notification": {"title": (m.title.as_str()), "body": (m.body.as_str())},
                "android": {
                    "collapse_key": KEY,
                    "priority": "HIGH",
                    "ttl": (seconds(TTL)),
                    "notification": {"tag": KEY, "channel_id": "130001"}
                }
            }
        })),
        "apns" => json(encoders!(|m, target| {
            "aps": {"alert": {"title": (m.title.as_str()), "body": (m.body.as_str())}},
            "ext": EXT
        })),
        "huawei" => json(encoders!(|m, target| {
            "message": {
                "token": [target],
                "data": (pairs()),
                "android": {
                    "collapse_key": (1 + number(KEY) % 100),
                    "ttl": (seconds(TTL)),
                    "bi_tag": "m-1",
                    "notification": {
                        "title": (m.title.as_str()),
                        "body": (m.body.as_str()),
                        "click_action": {"type": 1, "intent": INTENT},
                        "tag": KEY,
                        "channel_id": "130001",
                        "importance": "NORMAL"
                    }
                }
            }
        })),
        "harmony" => json(encoders!(|m, target| {
            "payload": {
                "notification": {
                    "category": "MARKETING",
                    "title": (m.title.as_str()),
                    "body": (m.body.as_str()),
                    "clickAction": {"actionType": 0, "data": {"ext": EXT}},
                    "notifyId": (number(KEY)),
                    "appMessageId": "m-1"
                }
            },
            "target": {"token": [target]},
            "pushOptions": {"ttl": TTL, "biTag": "m-1", "collapseKey": (1 + number(KEY) % 100)}
        })),
        "honor" => json(encoders!(|m, target| {
            "token": [target],
            "data": (pairs()),
            "android": {
                "ttl": (seconds(TTL)),
                "biTag": "m-1",
                "notification": {
                    "title": (m.title.as_str()),
                    "body": (m.body.as_str()),
                    "clickAction": {"type": 1, "intent": INTENT},
                    "importance": "LOW",
                    "tag": KEY
                }
            }
        })),
        "xiaomi" => form(encoders!(|m, target| {"ext": EXT}), |m, target, json| {
            vec![
                ("registration_id", target),
                ("restricted_package_name", "com.example.app"),
                ("title", &m.title),
                ("description", &m.body),
                ("payload", json),
                ("notify_id", "330396545"),
                ("time_to_live", "86400000"),
                ("extra.channel_id", "130001"),
                ("extra.notify_effect", "2"),
                ("extra.intent_uri", INTENT),
                ("extra.jobkey", "m-1"),
            ]
        }),
        "oppo" => form(
            encoders!(|m, target| {
                "target_type": 2,
                "target_value": target,
                "notification": {
                    "app_message_id": "m-1",
                    "title": (m.title.as_str()),
                    "content": (m.body.as_str()),
                    "click_action_type": 5,
                    "click_action_url": INTENT,
                    "action_parameters": (pairs()),
                    "channel_id": "130001",
                    "off_line": true,
                    "off_line_ttl": TTL,
                    "notify_id": (number(KEY))
                }
            }),
            |_, _, json| vec![("message", json)],
        ),
        "vivo" => json(encoders!(|m, target| {
            "appId": 100_004,
            "regId": target,
            "requestId": REQUEST_ID,
            "title": (m.title.as_str()),
            "content": (m.body.as_str()),
            "notifyType": 4,
            "timeToLive": TTL,
            "skipType": 4,
            "skipContent": INTENT,
            "classification": 0,
            "clientCustomMap": {"ext": EXT},
            "notifyId": (number(KEY))
        })),
        "meizu" => form(
            encoders!(|m, target| {
                "noticeBarInfo": {"title": (m.title.as_str()), "content": (m.body.as_str())},
                "clickTypeInfo": {"clickType": 0, "parameters": {"ext": EXT}},
                "pushTimeInfo": {"offLine": 1, "validTime": 24},
                "advanceInfo": {"suspend": 1, "notifyKey": KEY}
            }),
            |_, target, json| vec![("appId", "100999"), ("messageJson", json), ("pushIds", target)],
        ),
        "tpns" => json(encoders!(|m, target| {
            "audience_type": "token_list",
            "token_list": [target],
            "message_type": "notify",
            "ignore_invalid_token": 1,
            "expire_time": TTL,
            "message": {
                "title": (m.title.as_str()),
                "content": (m.body.as_str()),
                "android": {"n_ch_id": "130001", "custom_content": (pairs())}
            }
        })),
        "webpush" => json(encoders!(|m, target| {
            "title": (m.title.as_str()),
            "body": (m.body.as_str()),
            "data": {"ext": EXT}
        })),
        other => panic!("no vendor {other}"),
    }
}

impl ByHand {
    /// The whole body by one of the encoders, its form by `form_urlencoded`.
    pub(crate) fn body(&self, write: Write, message: &Message, target: &str) -> Vec<u8> {
        let json = write(message, target);
        let Some(pairs) = self.form else { return json };
        let json = std::str::from_utf8(&json).unwrap();
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(pairs(message, target, json));
        form.finish().into_bytes()
    }

    /// The same, its form by `serde_urlencoded`.
    #[cfg(feature = "peers")]
    pub(crate) fn body_by_serde(&self, message: &Message, target: &str) -> Option<Vec<u8>> {
        let pairs = self.form?;
        let json = (self.json.typed)(message, target);
        let pairs = pairs(message, target, std::str::from_utf8(&json).unwrap());
        Some(serde_urlencoded::to_string(pairs).unwrap().into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use omnipush::Item;
    use serde_json::Value;

    use super::*;
    use crate::subject::{NOWHERE, SUBJECTS, Subject};

    /// Forms and JSON alike as a value.
    fn fields(body: &[u8]) -> Value {
        serde_json::from_slice(body).unwrap_or_else(|_| {
            let pairs = form_urlencoded::parse(body).map(|(name, value)| {
                let value = value.into_owned();
                (name.into_owned(), serde_json::from_str(&value).unwrap_or(Value::String(value)))
            });
            Value::Object(pairs.collect())
        })
    }

    #[test]
    fn the_encoders_by_hand_write_the_same_fields_and_headers() {
        for id in SUBJECTS {
            let (subject, by_hand) = (Subject::new(id, NOWHERE), by_hand(id));
            let target = &subject.targets(2)[1];
            for message in [Message::short(), Message::chat(), Message::near_limit(&subject)] {
                let encoded = subject.encode(&message, subject.shape());
                let mut ours = fields(&subject.splice(&encoded, &[Item { encoded: &encoded, target }]));
                if let Some(Value::Object(shown)) = ours.pointer_mut("/message/notification").filter(|_| id == "oppo") {
                    // Only long texts need it, and the body by hand is for all.
                    shown.remove("style");
                }
                for write in [by_hand.json.typed, by_hand.json.tree] {
                    assert_eq!(ours, fields(&by_hand.body(write, &message, target.as_str())), "{id}, {}", message.name);
                }
                let ours: HeaderMap = encoded.headers.iter().cloned().collect();
                assert_eq!(ours, headers(id).unwrap_or_default(), "{id}");
            }
        }
    }
}
