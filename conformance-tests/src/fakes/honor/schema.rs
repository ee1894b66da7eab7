//! Which fields a message has, as tables, and the one checker that reads them.
//!
//! The fields are those of "reference/downlink-message" as public clients carry them over. What
//! only a single client sends (`useDefaultVibrate`, `useDefaultLight`, `visibility`,
//! `android.category`) is not among them, nor is Huawei's `message` or `validate_only`.

use serde_json::{Map, Value};

use super::checks::{is_action_text, is_data_text, is_https, is_ttl, is_utc_time};
use super::codes::{PARAMETER, Shape};

/// A JSON object.
pub(super) type Object = Map<String, Value>;

/// Why a call is refused.
#[derive(Debug)]
pub(super) struct Refusal {
    /// How the answer looks.
    pub(super) shape: Shape,
    /// What was wrong.
    pub(super) why: String,
}

/// The outcome of a check.
pub(super) type Checked<T = ()> = Result<T, Refusal>;

/// Refuses.
pub(super) fn refuse<T>(shape: Shape, why: impl Into<String>) -> Checked<T> {
    Err(Refusal { shape, why: why.into() })
}

/// Refuses unless something holds.
pub(super) fn ensure(holds: bool, shape: Shape, why: impl Into<String>) -> Checked {
    if holds { Ok(()) } else { refuse(shape, why) }
}

/// Tokens in one request.
pub(super) const MAX_TOKENS: usize = 1000;
/// Characters of a title. Like that of a text, known from one client that cuts them.
pub(super) const MAX_TITLE: usize = 40;
/// Characters of a text.
pub(super) const MAX_BODY: usize = 256;
/// Buttons of a notification.
pub(super) const MAX_BUTTONS: usize = 3;

/// What a field may hold. Nothing is coerced: a number is not a string, nor the reverse.
enum Kind {
    /// Text of so many characters at most.
    Text(usize),
    /// One of these words.
    Word(&'static [&'static str]),
    /// Text of a certain form.
    Form(fn(&str) -> bool, &'static str),
    /// A whole number in a range.
    Whole(i64, i64),
    /// An object with these fields.
    Object(&'static [Field]),
    /// So many objects at most, each with these fields.
    Objects(usize, &'static [Field]),
    /// One to [`MAX_TOKENS`] texts.
    Tokens,
}

/// A field of an object.
pub(super) struct Field {
    name: &'static str,
    kind: Kind,
    required: bool,
}

const fn must(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: true }
}

const fn may(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: false }
}

const ANY_TEXT: Kind = Kind::Text(usize::MAX);
const HTTPS: Kind = Kind::Form(is_https, "an https URL");

/// The body of a send.
pub(super) const BODY: &[Field] = &[
    must("token", Kind::Tokens),
    may("data", ANY_TEXT),
    may("notification", Kind::Object(COMMON)),
    may("android", Kind::Object(ANDROID)),
];

const COMMON: &[Field] = &[may("title", Kind::Text(MAX_TITLE)), may("body", Kind::Text(MAX_BODY)), may("image", HTTPS)];

const ANDROID: &[Field] = &[
    may("ttl", Kind::Form(is_ttl, "seconds with an s, up to 1296000s")),
    may("biTag", ANY_TEXT),
    may("data", ANY_TEXT),
    may("targetUserType", Kind::Whole(0, 1)),
    may("notification", Kind::Object(NOTIFICATION)),
];

const NOTIFICATION: &[Field] = &[
    may("title", Kind::Text(MAX_TITLE)),
    may("body", Kind::Text(MAX_BODY)),
    must("clickAction", Kind::Object(CLICK)),
    // In effect required: it is the classification that Honor regulates.
    must("importance", Kind::Word(&["LOW", "NORMAL"])),
    may("image", HTTPS),
    may("style", Kind::Whole(0, 1)),
    may("bigTitle", ANY_TEXT),
    may("bigBody", ANY_TEXT),
    may("when", Kind::Form(is_utc_time, "a time such as 2014-10-02T15:01:23.045123456Z")),
    may("buttons", Kind::Objects(MAX_BUTTONS, BUTTON)),
    may("badge", Kind::Object(BADGE)),
    // -1 asks for a random one.
    may("notifyId", Kind::Whole(-1, 0x7fff_ffff)),
    may("tag", ANY_TEXT),
    may("group", ANY_TEXT),
];

const CLICK: &[Field] = &[
    must("type", Kind::Whole(1, 3)),
    may("intent", ANY_TEXT),
    may("action", Kind::Form(is_action_text, "the action of an intent filter")),
    may("url", HTTPS),
];

const BUTTON: &[Field] = &[
    must("name", Kind::Text(40)),
    must("actionType", Kind::Whole(0, 2)),
    may("intentType", Kind::Whole(0, 1)),
    may("intent", ANY_TEXT),
    may("data", Kind::Form(|text| text.chars().count() <= 1024 && is_data_text(text), "short JSON text of pairs")),
];

const BADGE: &[Field] =
    &[may("addNum", Kind::Whole(1, 99)), may("setNum", Kind::Whole(0, 99)), must("badgeClass", ANY_TEXT)];

/// Checks an object against a table. `path` is where the object stands, with a dot at its end.
pub(super) fn check(object: &Object, fields: &[Field], path: &str) -> Checked {
    if let Some(name) = object.keys().find(|name| fields.iter().all(|field| field.name != *name)) {
        return refuse(PARAMETER, format!("there is no field {path}{name}"));
    }
    fields.iter().try_for_each(|field| field.check(object.get(field.name), path))
}

impl Field {
    fn check(&self, value: Option<&Value>, path: &str) -> Checked {
        let place = format!("{path}{}", self.name);
        let blank = |value: &Value| value.as_str().is_some_and(|text| text.trim().is_empty());
        let Some(value) = value.filter(|value| !(self.required && blank(value))) else {
            return ensure(!self.required, PARAMETER, format!("{place} is missing"));
        };
        let wrong = |wanted: &str| format!("{place} must be {wanted}, not {value}");
        match (&self.kind, value) {
            (Kind::Text(most), Value::String(text)) => {
                let long = format!("{place} is longer than {most} characters");
                ensure(*most == usize::MAX || text.chars().count() <= *most, PARAMETER, long)
            }
            (Kind::Text(_), _) => refuse(PARAMETER, wrong("text")),
            (Kind::Word(words), _) => {
                let known = value.as_str().is_some_and(|word| words.contains(&word));
                ensure(known, PARAMETER, wrong(&words.join(" or ")))
            }
            (Kind::Form(fits, wanted), _) => ensure(value.as_str().is_some_and(fits), PARAMETER, wrong(wanted)),
            (Kind::Whole(low, high), _) => {
                let fits = value.as_i64().is_some_and(|number| (*low..=*high).contains(&number));
                ensure(fits, PARAMETER, wrong(&format!("a whole number from {low} to {high}")))
            }
            (Kind::Object(fields), Value::Object(object)) => check(object, fields, &format!("{place}.")),
            (Kind::Object(_), _) => refuse(PARAMETER, wrong("an object")),
            (Kind::Objects(most, fields), Value::Array(objects)) => {
                ensure(objects.len() <= *most, PARAMETER, format!("{place} has more than {most} elements"))?;
                objects.iter().enumerate().try_for_each(|(index, object)| match object {
                    Value::Object(object) => check(object, fields, &format!("{place}[{index}].")),
                    _ => refuse(PARAMETER, wrong("an array of objects")),
                })
            }
            (Kind::Objects(..), _) => refuse(PARAMETER, wrong("an array")),
            (Kind::Tokens, _) => {
                let count = value.as_array().filter(|all| all.iter().all(Value::is_string)).map_or(0, Vec::len);
                let why = format!("{place} must be an array of 1 to {MAX_TOKENS} texts");
                ensure((1..=MAX_TOKENS).contains(&count), PARAMETER, why)
            }
        }
    }
}

/// A text of an object; empty when there is none.
pub(super) fn text<'a>(object: Option<&'a Object>, name: &str) -> &'a str {
    object.and_then(|object| object.get(name)?.as_str()).unwrap_or_default()
}

/// A whole number of an object.
pub(super) fn number(object: Option<&Object>, name: &str) -> Option<i64> {
    object?.get(name)?.as_i64()
}

/// An object inside an object.
pub(super) fn object<'a>(object: Option<&'a Object>, name: &str) -> Option<&'a Object> {
    object?.get(name)?.as_object()
}
