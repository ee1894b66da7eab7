//! What a message says (the inner parts win over the outer ones), the rules that span fields,
//! and the forms of texts.

use serde_json::Value;

use super::codes::PARAMETER;
use super::schema::{BODY, Checked, Object, check, ensure, number, object, refuse, text};
use crate::fake::Delivered;

/// The longest time to live, in seconds.
pub(super) const MAX_TTL_SECONDS: u64 = 1_296_000;

/// A body, with the parts that it may have.
pub(super) struct Message<'a> {
    body: &'a Object,
    android: Option<&'a Object>,
    /// The part for all systems.
    outer: Option<&'a Object>,
    /// Android's own part, which wins.
    inner: Option<&'a Object>,
}

impl<'a> Message<'a> {
    /// Reads a body, which must be without fault.
    pub(super) fn read(body: &'a Object) -> Checked<Self> {
        check(body, BODY, "")?;
        let android = object(Some(body), "android");
        let inner = object(android, "notification");
        let message = Self { body, android, outer: object(Some(body), "notification"), inner };
        match (message.outer, inner) {
            // Only what both lack makes it a data message, and `data` is all it says.
            (None, None) => ensure(!text(Some(body), "data").is_empty(), PARAMETER, "neither notification nor data")?,
            (Some(_), None) => return refuse(PARAMETER, "android.notification.clickAction is missing"),
            (_, Some(inner)) => message.check_notification(inner)?,
        }
        Ok(message)
    }

    /// The targets.
    pub(super) fn tokens(&self) -> Vec<&'a str> {
        tokens(self.body)
    }

    fn winning(&self, name: &str) -> Option<&'a str> {
        [self.inner, self.outer].into_iter().map(|part| text(part, name)).find(|text| !text.is_empty())
    }

    fn data(&self) -> Option<&'a str> {
        let of = |part: Option<&'a Object>| part?.get("data")?.as_str();
        of(self.android).or_else(|| of(Some(self.body)))
    }

    fn check_notification(&self, inner: &Object) -> Checked {
        for name in ["title", "body"] {
            let said = self.winning(name).is_some_and(|text| !text.trim().is_empty());
            ensure(said, PARAMETER, format!("the notification has no {name}"))?;
        }
        let bad_data = [self.android, Some(self.body)]
            .into_iter()
            .flatten()
            .find(|part| part.get("data").is_some_and(|data| !data.as_str().is_some_and(is_data_text)));
        ensure(bad_data.is_none(), PARAMETER, "the data of a notification must be JSON text of pairs")?;
        let inner = Some(inner);
        let marketing = text(inner, "importance") == "LOW";
        ensure(!(marketing && self.winning("image").is_some()), PARAMETER, "no image in a message of importance LOW")?;
        let big = number(inner, "style") == Some(1);
        for (big_name, name) in [("bigTitle", "title"), ("bigBody", "body")] {
            let given = inner.is_some_and(|inner| inner.contains_key(big_name));
            let same = self.winning(name) == Some(text(inner, big_name));
            ensure(same || !(big || given), PARAMETER, format!("{big_name} must be the same as {name}"))?;
        }
        check_click(object(inner, "clickAction"))?;
        let buttons = inner.and_then(|inner| inner.get("buttons")?.as_array());
        buttons.into_iter().flatten().try_for_each(|button| check_button(button.as_object()))
    }

    /// The message as the user and the app get it; the target is still to be named.
    pub(super) fn seen(&self) -> Delivered {
        let click = object(self.inner, "clickAction");
        let some = |part, name| Some(text(part, name).to_owned()).filter(|text| !text.is_empty());
        // Both replace what is on the screen; -1 is a random id and replaces nothing.
        let notify_id = number(self.inner, "notifyId").filter(|id| *id >= 0).map(|id| id.to_string());
        Delivered {
            title: self.winning("title").map(str::to_owned),
            body: self.winning("body").map(str::to_owned),
            data: self.data().map(pairs).unwrap_or_default(),
            click: ["intent", "action", "url"].into_iter().find_map(|name| some(click, name)),
            ttl_seconds: text(self.android, "ttl").strip_suffix('s').and_then(|seconds| seconds.parse().ok()),
            collapse: some(self.inner, "tag").or(notify_id),
            // The only id of the caller's own, which receipts repeat.
            request_id: some(self.android, "biTag"),
            raw: Value::Object(self.body.clone()),
            ..Delivered::default()
        }
    }
}

/// The tokens of a body, whatever else is wrong with it.
pub(super) fn tokens(body: &Object) -> Vec<&str> {
    let all = body.get("token").and_then(Value::as_array);
    all.into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Each type of click has fields of its own; the others would be ignored by the device.
fn check_click(click: Option<&Object>) -> Checked {
    let has = |name| !text(click, name).is_empty();
    let kind = number(click, "type");
    let used: &[&str] = match kind {
        Some(1) => &["intent", "action"],
        Some(2) => &["url"],
        _ => &[],
    };
    let stray = ["intent", "action", "url"].into_iter().find(|name| has(name) && !used.contains(name));
    ensure(stray.is_none(), PARAMETER, format!("clickAction.type {kind:?} has no {stray:?}"))?;
    ensure(used.is_empty() || used.iter().any(|name| has(name)), PARAMETER, format!("clickAction needs {used:?}"))?;
    ensure(!has("intent") || is_intent(text(click, "intent")), PARAMETER, "clickAction.intent is no intent URI")
}

fn check_button(button: Option<&Object>) -> Checked {
    let intent = text(button, "intent");
    match (number(button, "actionType"), number(button, "intentType")) {
        (Some(1), Some(0)) => ensure(is_intent(intent), PARAMETER, "a button's intent is no intent URI"),
        (Some(1), Some(_)) => ensure(is_action_text(intent), PARAMETER, "a button's intent is no action"),
        (Some(1), None) => refuse(PARAMETER, "a button that opens a page needs intentType"),
        (Some(2), _) => {
            let has_data = button.is_some_and(|button| button.contains_key("data"));
            ensure(!has_data, PARAMETER, "a button that opens a web page has no data")?;
            ensure(is_https(intent), PARAMETER, "a button's intent is no https URL")
        }
        _ => Ok(()),
    }
}

/// Pairs as the app reads them; values that are no text, as JSON.
fn pairs(data: &str) -> Vec<(String, String)> {
    let Ok(Value::Object(pairs)) = serde_json::from_str(data) else { return Vec::new() };
    let plain = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    pairs.into_iter().map(|(key, value)| (key, plain(value))).collect()
}

/// JSON text of an object.
pub(super) fn is_data_text(text: &str) -> bool {
    serde_json::from_str::<Object>(text).is_ok()
}

/// What Android's `Intent.parseUri` can read: a URI, or `intent:` with its fragment.
pub(super) fn is_intent(text: &str) -> bool {
    let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    let whole = scheme != "intent" || text.contains("#Intent;") && text.ends_with(";end");
    is_scheme && whole && !text.contains(char::is_whitespace)
}

/// A name without blanks that is no URI.
pub(super) fn is_action_text(text: &str) -> bool {
    !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c == ':')
}

/// An https URL with a host.
pub(super) fn is_https(text: &str) -> bool {
    let rest = text.strip_prefix("https://").unwrap_or_default();
    !rest.is_empty() && !rest.starts_with(['/', '?', '#', ':']) && !text.contains(char::is_whitespace)
}

/// Digits and an `s`, no more than fifteen days.
pub(super) fn is_ttl(text: &str) -> bool {
    let digits = text.strip_suffix('s').unwrap_or_default();
    let plain = digits.bytes().all(|b| b.is_ascii_digit());
    plain && digits.parse().is_ok_and(|seconds: u64| seconds <= MAX_TTL_SECONDS)
}

/// `2014-10-02T15:01:23Z`, with up to nine digits of a second.
pub(super) fn is_utc_time(text: &str) -> bool {
    let Some(text) = text.strip_suffix('Z') else { return false };
    let (time, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let shaped = time.len() == 19
        && time.bytes().zip("0000-00-00T00:00:00".bytes()).all(|(is, wanted)| match wanted {
            b'0' => is.is_ascii_digit(),
            _ => is == wanted,
        });
    let part = |range, low: u8, high: u8| {
        let number = time.get(range).and_then(|digits: &str| digits.parse().ok());
        number.is_some_and(|number: u8| (low..=high).contains(&number))
    };
    let dated = part(5..7, 1, 12) && part(8..10, 1, 31);
    let timed = part(11..13, 0, 23) && part(14..16, 0, 59) && part(17..19, 0, 59);
    shaped && dated && timed && (1..=9).contains(&fraction.len()) && digits(fraction)
}
