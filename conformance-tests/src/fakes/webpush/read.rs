//! What a page's service worker shows of the plaintext. No standard says how it looks; there are
//! two habits: the members of `showNotification` as JSON, and Declarative Web Push, which Safari
//! shows by itself.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::fake::Delivered;

/// The mark of the declarative form: the number of the RFC.
const DECLARATIVE: u64 = 8030;
/// The member of `data` that a click opens.
const CLICK: &str = "url";

/// Title, text, data and click. Anything but a JSON object is shown by nobody we know.
pub(super) fn shown(plaintext: &[u8]) -> Result<Delivered, &'static str> {
    let raw = match (serde_json::from_slice(plaintext), str::from_utf8(plaintext)) {
        (Ok(json), _) => json,
        (Err(_), Ok(text)) => Value::from(text),
        (Err(_), Err(_)) => Value::from(URL_SAFE_NO_PAD.encode(plaintext)),
    };
    let declarative = raw.get("web_push").and_then(Value::as_u64) == Some(DECLARATIVE);
    let notification = if declarative { declared(&raw)? } else { raw.as_object() };
    let text = |name: &str| notification?.get(name)?.as_str().map(str::to_owned);
    let data = notification.and_then(|notification| notification.get("data")).and_then(Value::as_object);
    let url = data.and_then(|data| data.get(CLICK)).and_then(Value::as_str).map(str::to_owned);
    Ok(Delivered {
        title: text("title"),
        body: text("body"),
        data: data.into_iter().flatten().filter(|(name, value)| !is_click(name, value)).map(pair).collect(),
        click: url.or_else(|| text("navigate")),
        raw,
        ..Delivered::default()
    })
}

/// The notification of the declarative form, which needs a title and a place to go.
fn declared(raw: &Value) -> Result<Option<&Map<String, Value>>, &'static str> {
    let notification = raw.get("notification").and_then(Value::as_object);
    let text = |name: &str| notification?.get(name)?.as_str().filter(|text| !text.is_empty());
    if text("title").is_none() {
        return Err("a declarative notification without a title");
    }
    match text("navigate") {
        Some(place) if place.contains(':') => Ok(notification),
        _ => Err("a declarative notification without a URL in `navigate`"),
    }
}

fn is_click(name: &str, value: &Value) -> bool {
    name == CLICK && value.is_string()
}

fn pair((name, value): (&String, &Value)) -> (String, String) {
    (name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}
