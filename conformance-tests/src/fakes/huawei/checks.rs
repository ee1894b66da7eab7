//! The rules of HMS messages that span fields: who is addressed, what kind of message it is, and
//! what each kind needs.

use serde_json::{Map, Value};

use super::fields::{Checked, STRUCTURE, ensure, refuse, text};
use super::tables::is_multi_lang;
use super::wire::MAX_TOKENS;

/// Whom a message is for.
pub(super) enum Audience<'a> {
    /// These devices.
    Tokens(&'a [Value]),
    /// The subscribers of a topic, or of topics that meet a condition.
    Topic(&'a str),
}

/// Finds whom a message is for. A misspelt `message` or `token` shows in practice as a wrong count
/// of tokens, before anything is said about the field.
pub(super) fn audience(body: &Map<String, Value>) -> Checked<Audience<'_>> {
    const COUNT: &str = "80300010";
    let message = body.get("message").and_then(Value::as_object);
    let Some(message) = message else { return refuse(COUNT, "no object `message`") };
    let named = ["token", "topic", "condition"].map(|name| message.get(name));
    match named {
        [Some(Value::Array(tokens)), None, None] => {
            let count = tokens.len();
            ensure((1..=MAX_TOKENS).contains(&count), COUNT, format!("{count} tokens"))?;
            Ok(Audience::Tokens(tokens))
        }
        [Some(_), None, None] => refuse(STRUCTURE, "message.token is no list"),
        [None, Some(Value::String(topic)), None] | [None, None, Some(Value::String(topic))] => {
            Ok(Audience::Topic(topic))
        }
        [None, Some(_), None] | [None, None, Some(_)] => refuse(STRUCTURE, "topic or condition is no text"),
        [None, None, None] => refuse(COUNT, "no token, topic or condition"),
        _ => refuse(COUNT, "more than one of token, topic and condition"),
    }
}

/// Checks what the tables cannot.
pub(super) fn message(message: &Value, high_priority: bool) -> Checked {
    let wrong = |holds: bool, why: &str| ensure(!holds, STRUCTURE, why);
    let category = text(message, "/android/category");
    let high = |pointer| text(message, pointer) == Some("HIGH");
    let data = text(message, "/android/data").or_else(|| text(message, "/data"));
    if message.get("notification").is_none() && message.pointer("/android/notification").is_none() {
        wrong(data.is_none(), "neither a notification nor data")?;
        return ensure(high_priority || !high("/android/urgency"), "80300011", "urgency HIGH without the right");
    }
    let Some(shown) = message.pointer("/android/notification") else {
        return refuse(STRUCTURE, "message.android.notification with click_action is missing");
    };
    for (name, key) in [("title", "title_loc_key"), ("body", "body_loc_key")] {
        let here = |at: &str| text(message, &format!("{at}/{name}"));
        let localised = text(shown, &format!("/{key}"));
        let given = here("/android/notification").or_else(|| here("/notification")).or(localised);
        wrong(given.is_none(), &format!("there is no {name}"))?;
        let args = shown.get(key.replace("key", "args")).and_then(Value::as_array);
        wrong(args.is_some_and(|args| !args.is_empty()) && localised.is_none(), &format!("arguments without {key}"))?;
    }
    let json = data.is_none_or(|data| serde_json::from_str::<Value>(data).is_ok());
    wrong(!json, "the data of a notification is not JSON text")?;
    wrong(category == Some("PLAY_VOICE"), "PLAY_VOICE is for data messages")?;
    notification(shown)?;
    let privileged = high("/android/notification/importance") || high("/android/urgency");
    ensure(high_priority || !privileged, "80300011", "HIGH without the right")
}

fn notification(shown: &Value) -> Checked {
    let wrong = |holds: bool, why: &str| ensure(!holds, STRUCTURE, why);
    let has = |pointer: &str| text(shown, pointer).is_some();
    match shown.pointer("/click_action/type").and_then(Value::as_i64) {
        Some(1) => {
            wrong(!has("/click_action/intent") && !has("/click_action/action"), "type 1 needs intent or action")?
        }
        Some(2) => wrong(!has("/click_action/url"), "type 2 needs url")?,
        _ => {}
    }
    let inbox = shown.get("inbox_content").and_then(Value::as_array);
    match shown.get("style").and_then(Value::as_i64) {
        Some(1) => wrong(!has("/big_title") || !has("/big_body"), "style 1 needs big_title and big_body")?,
        Some(2) => return refuse(STRUCTURE, "there is no style 2"),
        Some(3) => wrong(inbox.is_none_or(Vec::is_empty), "style 3 needs inbox_content")?,
        _ => {}
    }
    for button in shown.get("buttons").and_then(Value::as_array).into_iter().flatten() {
        let page = button.get("action_type").and_then(Value::as_i64) == Some(1);
        wrong(page && button.get("intent_type").is_none(), "a button for a page needs intent_type")?;
    }
    wrong(shown.get("multi_lang_key").is_some_and(|value| !is_multi_lang(value)), "1 to 3 languages a key")
}
