//! What the user and the app see of a payload.

use serde_json::{Map, Value};

use crate::fake::Delivered;

/// The custom key that apps of ours open on a tap. Apple has no field for it, so a sender and
/// its app agree on one.
const CLICK: &str = "url";

/// Title, text, data and click of a payload that has been checked.
pub(super) fn shown(payload: Value) -> Delivered {
    let alert = payload.pointer("/aps/alert");
    let (title, body) = match alert {
        Some(Value::String(body)) => (None, Some(body.clone())),
        Some(Value::Object(alert)) => (line(alert, "title", "title-loc"), line(alert, "body", "loc")),
        _ => (None, None),
    };
    let custom = || payload.as_object().into_iter().flatten().filter(|(name, _)| *name != "aps");
    let click = payload.get(CLICK).and_then(Value::as_str).map(Into::into);
    let data = custom()
        .filter(|(name, value)| !(*name == CLICK && value.is_string()))
        .map(|(name, value)| (name.clone(), value.as_str().map_or_else(|| value.to_string(), Into::into)))
        .collect();
    Delivered { title, body, data, click, raw: payload, ..Delivered::default() }
}

/// One line of an alert. A key of the app's own texts takes the place of the plain text, and is
/// itself what is shown by an app that lacks the text.
fn line(alert: &Map<String, Value>, plain: &str, localised: &str) -> Option<String> {
    let key = |map: &Map<String, Value>, prefix: &str| {
        let key = map.get(&format!("{prefix}-key"))?.as_str()?;
        let args = map.get(&format!("{prefix}-args")).and_then(Value::as_array);
        let args = args.into_iter().flatten().filter_map(Value::as_str);
        Some(args.fold(key.to_owned(), |text, arg| text.replacen("%@", arg, 1)))
    };
    key(alert, localised).or_else(|| match alert.get(plain)? {
        Value::Object(text) => key(text, "loc"),
        text => text.as_str().map(Into::into),
    })
}
