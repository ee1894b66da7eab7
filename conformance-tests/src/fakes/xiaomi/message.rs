//! Takes requests apart: the form, the two layouts of a message, and what the user gets to see.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::MAX_TARGETS;
use super::audience::{Endpoint, REPEATED};
use super::checks::{self, Form, MESSAGE};
use super::codes::{Refusal, refuse};
use crate::fake::{Call, Delivered};

pub(super) type Pairs = Vec<(String, String)>;

/// A message without its target. Keys of `extra` have lost their prefix.
#[derive(Default)]
pub(super) struct Message {
    pub(super) fields: Pairs,
    pub(super) extra: Pairs,
}

impl Message {
    /// A field of the message itself.
    pub(super) fn field(&self, key: &str) -> Option<&str> {
        get(&self.fields, key)
    }

    /// A field inside `extra`.
    pub(super) fn extra(&self, key: &str) -> Option<&str> {
        get(&self.extra, key)
    }

    /// The pairs of `extra` that belong to the app.
    pub(super) fn own_pairs(&self) -> impl Iterator<Item = &(String, String)> {
        self.extra.iter().filter(|(key, _)| checks::extra_rule(key).is_none())
    }

    /// In a form, `extra` is spelt with dots.
    fn from_form(pairs: Pairs) -> Self {
        let mut message = Self::default();
        for (key, value) in pairs {
            match key.strip_prefix("extra.") {
                Some(key) => message.extra.push((key.to_owned(), value)),
                None => message.fields.push((key, value)),
            }
        }
        message
    }

    /// In JSON, `extra` is an object of texts, and numbers are numbers.
    fn from_json(json: &Map<String, Value>) -> Result<Self, Refusal> {
        let mut message = Self::default();
        for (key, value) in json {
            if key == "extra" {
                let pairs = value.as_object().and_then(texts);
                let Some(pairs) = pairs else {
                    return refuse(10017, "extra must be an object of strings");
                };
                message.extra = pairs;
                continue;
            }
            let number = MESSAGE.iter().any(|rule| rule.key == key && matches!(rule.form, Form::Whole(..)));
            let text = match value {
                Value::String(text) if !number => text.clone(),
                Value::Number(count) if number => count.to_string(),
                _ => return refuse(10017, format!("{key} has the wrong JSON type")),
            };
            message.fields.push((key.clone(), text));
        }
        Ok(message)
    }

    /// The message as the user and the app get it; the target is still to be named.
    fn seen(&self, raw: Value) -> Delivered {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let payload = self.field("payload").and_then(|text| serde_json::from_str(text).ok());
        let ttl = if self.extra("only_send_once").is_some() {
            Some(0)
        } else {
            self.field("time_to_live").and_then(|ms| ms.parse::<u64>().ok()).map(|ms| ms / 1000)
        };
        Delivered {
            title: owned(self.field("title")),
            body: owned(self.field("description")),
            data: payload.as_ref().and_then(texts).unwrap_or_else(|| self.own_pairs().cloned().collect()),
            click: owned(self.extra("intent_uri").or_else(|| self.extra("web_uri"))),
            ttl_seconds: ttl,
            collapse: owned(self.field("notify_id")),
            request_id: owned(self.extra("jobkey")),
            raw,
            ..Delivered::default()
        }
    }
}

/// The first value of a field.
pub(super) fn get<'a>(pairs: &'a Pairs, key: &str) -> Option<&'a str> {
    pairs.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
}

/// An object of texts as pairs; `None` when a value is no text.
fn texts(object: &Map<String, Value>) -> Option<Pairs> {
    object.iter().map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

/// Reads the body, which must be a clean form without repeated fields.
pub(super) fn form(call: &Call) -> Result<Pairs, Refusal> {
    if !call.header("content-type").is_some_and(is_form) {
        return refuse(10007, "mime type must be application/x-www-form-urlencoded;charset=UTF-8");
    }
    if !call.query.is_empty() {
        return refuse(10008, "parameters belong into the body");
    }
    let pairs = call.form();
    if !is_encoded(&call.body) || !is_utf8(&call.body, &pairs) {
        return refuse(10008, "the body is not a form in UTF-8");
    }
    once(&pairs, REPEATED)?;
    Ok(pairs)
}

/// Refuses fields that are given twice, but for those that may be.
pub(super) fn once(pairs: &Pairs, repeated: &[&str]) -> Result<(), Refusal> {
    let mut seen = HashSet::new();
    let twice = pairs.iter().find(|(key, _)| !seen.insert(key.as_str()) && !repeated.contains(&key.as_str()));
    twice.map_or(Ok(()), |(key, _)| refuse(10008, format!("parameter {key} is given twice")))
}

/// Reads the query of a call without a body.
pub(super) fn query(call: &Call) -> Result<Pairs, Refusal> {
    if !call.body.is_empty() {
        return refuse(10008, "parameters belong into the query");
    }
    let pairs = call.query_pairs();
    if !is_encoded(call.query.as_bytes()) || !is_utf8(call.query.as_bytes(), &pairs) {
        return refuse(10008, "the query is not a form in UTF-8");
    }
    once(&pairs, &[])?;
    Ok(pairs)
}

fn is_form(mime: &str) -> bool {
    let mut parts = mime.split(';').map(str::trim);
    let form = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/x-www-form-urlencoded"));
    form && parts.all(|part| part.eq_ignore_ascii_case("charset=utf-8"))
}

/// Whether the body is ASCII without spaces, with two hexadecimal digits after every percent sign.
fn is_encoded(body: &[u8]) -> bool {
    let hex = |chunk: &[u8]| chunk.get(..2).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
    body.iter().all(u8::is_ascii_graphic) && body.split(|b| *b == b'%').skip(1).all(hex)
}

/// Whether all bytes were UTF-8: the decoder leaves U+FFFD where they were not, and only there
/// unless the sender wrote that very character.
fn is_utf8(body: &[u8], pairs: &Pairs) -> bool {
    let marks = |text: &str| text.matches(char::REPLACEMENT_CHARACTER).count();
    let written = body.windows(9).filter(|bytes| bytes.eq_ignore_ascii_case(b"%EF%BF%BD")).count();
    pairs.iter().map(|(key, value)| marks(key) + marks(value)).sum::<usize>() == written
}

/// One message for an audience.
pub(super) fn one_message(fields: Pairs, endpoint: &Endpoint, now_ms: u64) -> Result<Vec<Delivered>, Refusal> {
    let raw = fields.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str()))).collect();
    let to = endpoint.to;
    let (named, rest): (Pairs, Pairs) = fields.into_iter().partition(|(key, _)| to.fields().contains(&key.as_str()));
    let targets = to.targets(&named)?;
    let message = Message::from_form(rest);
    checks::check(&message, endpoint.one_package, now_ms)?;
    let seen = message.seen(Value::Object(raw));
    Ok(targets.into_iter().map(|target| Delivered { target, ..seen.clone() }).collect())
}

/// Up to 1000 regids, aliases or accounts, each with a message of its own. One bad message spoils the whole request.
pub(super) fn own_messages(fields: Pairs, now_ms: u64) -> Result<Vec<Delivered>, Refusal> {
    if let Some((key, _)) = fields.iter().find(|(key, _)| !["messages", "time_to_send"].contains(&key.as_str())) {
        return refuse(10008, format!("unknown parameter {key}"));
    }
    let Some(messages) = get(&fields, "messages") else {
        return refuse(10016, "required parameter messages is missing");
    };
    // Zero means now, here only.
    let at = get(&fields, "time_to_send").filter(|time| *time != "0");
    checks::schedule(at, now_ms)?;
    let Ok(Value::Array(elements)) = serde_json::from_str(messages) else {
        return refuse(10017, "messages must be a JSON array");
    };
    if !(1..=MAX_TARGETS).contains(&elements.len()) {
        return refuse(10017, format!("messages must be 1 to {MAX_TARGETS}"));
    }
    let mut batch = Vec::with_capacity(elements.len());
    let mut times = HashSet::new();
    for element in elements {
        let (target, message) = match (element.get("target"), element.get("message")) {
            (Some(Value::String(target)), Some(Value::Object(message)))
                if !target.is_empty() && element.as_object().is_some_and(|e| e.len() == 2) =>
            {
                (target.clone(), Message::from_json(message)?)
            }
            _ => return refuse(10017, "an element of messages is a target, a filled string, and a message, an object"),
        };
        checks::check(&message, true, now_ms)?;
        times.insert(message.field("time_to_send").or(at).map(str::to_owned));
        let seen = message.seen(Value::Null);
        batch.push(Delivered { target, raw: element, ..seen });
    }
    if times.len() > 1 || at.is_some_and(|at| !times.contains(&Some(at.to_owned()))) {
        return refuse(10017, "all messages must have the same time_to_send");
    }
    Ok(batch)
}
