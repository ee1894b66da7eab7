//! Which fields OPPO's calls have, as tables, and the one checker that reads them.
//!
//! The same fields come as JSON (single and batch pushes) and as form fields (saved messages):
//! [`from_form`] makes the second into the first. Lengths are in characters, whatever their
//! script (page 11236); keys are in snake case, but for one.

use serde_json::{Map, Value};

use super::codes::{INVALID, MISSING};

/// A JSON object.
pub(super) type Object = Map<String, Value>;

/// Why a call is refused.
#[derive(Debug)]
pub(super) struct Refusal {
    /// The failure, by its name in the table of codes.
    pub(super) code: &'static str,
    /// What was wrong, for people.
    pub(super) why: String,
}

/// The outcome of a check.
pub(super) type Checked<T = ()> = Result<T, Refusal>;

/// Refuses.
pub(super) fn refuse<T>(code: &'static str, why: impl Into<String>) -> Checked<T> {
    Err(Refusal { code, why: why.into() })
}

/// Refuses unless something holds.
pub(super) fn ensure(holds: bool, code: &'static str, why: impl Into<String>) -> Checked {
    if holds { Ok(()) } else { refuse(code, why) }
}

/// What a field may hold.
enum Kind {
    /// Text of so many characters; a blank one counts as missing.
    Text(usize),
    /// A JSON object in a text of so many characters.
    Json(usize),
    /// A whole number in a range.
    Number(i64, i64),
    /// One of these numbers.
    OneOf(&'static [i64]),
    /// True or false.
    Flag,
    /// An object with a table of its own.
    Object,
    /// A text or an object; what is in it is not documented.
    Opaque,
}

/// A field of a call.
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

/// For texts whose limit is not documented, or depends on other fields.
const ANY: usize = usize::MAX;
/// What Java calls an int.
const INT: Kind = Kind::Number(i32::MIN as i64, i32::MAX as i64);
/// Seconds, milliseconds, counts.
const AMOUNT: Kind = Kind::Number(0, i64::MAX);
const SWITCH: Kind = Kind::OneOf(&[0, 1]);

/// The object `message` of a single push, and each element of `messages` of a batch.
pub(super) const MESSAGE: &[Field] = &[
    // An alias was 3 once, and is 5 today.
    must("target_type", Kind::OneOf(&[2, 5])),
    must("target_value", Kind::Text(ANY)),
    must("notification", Kind::Object),
    may("verify_registration_id", Kind::Flag),
];

/// The object `notification`, and the form of a message to be saved (page 11236).
pub(super) const NOTIFICATION: &[Field] = &[
    // 32 in texts up to 2019.
    must("title", Kind::Text(50)),
    must("content", Kind::Text(ANY)),
    may("sub_title", Kind::Text(10)),
    may("style", Kind::OneOf(&[1, 2, 3])),
    may("big_picture_id", Kind::Text(ANY)),
    may("small_picture_id", Kind::Text(ANY)),
    may("app_message_id", Kind::Text(ANY)),
    may("click_action_type", Kind::OneOf(&[0, 1, 2, 4, 5])),
    may("click_action_activity", Kind::Text(500)),
    may("click_action_url", Kind::Text(2000)),
    may("action_parameters", Kind::Json(4000)),
    may("channel_id", Kind::Text(ANY)),
    may("category", Kind::Text(ANY)),
    may("notify_level", Kind::OneOf(&[1, 2, 16])),
    may("private_msg_template_id", Kind::Text(ANY)),
    may("private_title_parameters", Kind::Json(ANY)),
    may("private_content_parameters", Kind::Json(ANY)),
    may("off_line", Kind::Flag),
    // More than ten days is cut to ten days, not refused.
    may("off_line_ttl", AMOUNT),
    may("show_ttl", AMOUNT),
    may("notify_id", INT),
    may("show_time_type", SWITCH),
    may("show_start_time", AMOUNT),
    may("show_end_time", AMOUNT),
    may("push_time_type", SWITCH),
    may("push_start_time", AMOUNT),
    may("time_zone", Kind::Text(ANY)),
    may("fix_speed", Kind::Flag),
    may("fix_speed_rate", Kind::Number(1000, 10_000)),
    may("network_type", SWITCH),
    may("call_back_url", Kind::Text(200)),
    may("call_back_parameter", Kind::Text(100)),
    may("badge_operation_type", SWITCH),
    may("badge_message_count", Kind::Number(0, i32::MAX as i64)),
    may("auditResponse", Kind::Opaque),
];

/// The form of a broadcast.
pub(super) const BROADCAST: &[Field] = &[
    must("message_id", Kind::Text(ANY)),
    must("target_type", Kind::OneOf(&[1, 2, 5, 6])),
    may("target_value", Kind::Text(ANY)),
];

/// The JSON of an alias for a device.
pub(super) const ALIAS: &[Field] =
    &[must("registration_id", Kind::Text(ANY)), must("alias", Kind::Text(64)), may("auth_token", Kind::Text(ANY))];

/// Checks an object against a table. OPPO does not say what it does with a field that it does not
/// know, such as a key in camel case; here nothing misspelt gets through.
pub(super) fn check(object: &Object, table: &[Field]) -> Checked {
    for name in object.keys() {
        ensure(table.iter().any(|field| field.name == name), INVALID, format!("there is no field {name}"))?;
    }
    table.iter().try_for_each(|field| field.check(object.get(field.name)))
}

/// A form as the object that it stands for: numbers and flags become what they say, and anything
/// else stays text, for [`check`] to refuse.
pub(super) fn from_form<'a>(form: impl Iterator<Item = (&'a str, &'a str)>, table: &[Field]) -> Object {
    let value = |name: &str, text: &str| match table.iter().find(|field| field.name == name).map(|field| &field.kind) {
        Some(Kind::Number(..) | Kind::OneOf(_)) => {
            text.parse().ok().filter(|number: &i64| number.to_string() == text).map(Value::from)
        }
        Some(Kind::Flag) => text.parse().ok().map(Value::Bool),
        _ => None,
    };
    form.map(|(name, text)| (name.to_owned(), value(name, text).unwrap_or_else(|| Value::from(text)))).collect()
}

impl Field {
    fn check(&self, value: Option<&Value>) -> Checked {
        let blank = |value: &Value| value.as_str().is_some_and(|text| text.trim().is_empty());
        let textual = matches!(self.kind, Kind::Text(_) | Kind::Json(_) | Kind::Opaque);
        let Some(value) = value.filter(|value| !(textual && blank(value))) else {
            return ensure(!self.required, MISSING, format!("{} is missing or blank", self.name));
        };
        let within = |most: usize| value.as_str().filter(|text| text.chars().count() <= most);
        let fits = match self.kind {
            Kind::Text(most) => within(most).is_some(),
            Kind::Json(most) => within(most).is_some_and(|text| serde_json::from_str::<Object>(text).is_ok()),
            Kind::Number(low, high) => value.as_i64().is_some_and(|number| (low..=high).contains(&number)),
            Kind::OneOf(numbers) => value.as_i64().is_some_and(|number| numbers.contains(&number)),
            Kind::Flag => value.is_boolean(),
            Kind::Object => value.is_object(),
            Kind::Opaque => value.is_string() || value.is_object(),
        };
        let limit = match self.kind {
            Kind::Text(most) | Kind::Json(most) if most < ANY => format!(" ({most} characters at most)"),
            _ => String::new(),
        };
        ensure(fits, INVALID, format!("{} cannot be {value}{limit}", self.name))
    }
}

/// A text of an object; empty when there is none, or a blank one.
pub(super) fn text<'a>(object: &'a Object, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty()).unwrap_or_default()
}

/// A whole number of an object.
pub(super) fn number(object: &Object, name: &str) -> Option<i64> {
    object.get(name)?.as_i64()
}

/// Whether a flag of an object is set to a value.
pub(super) fn is(object: &Object, name: &str, value: bool) -> bool {
    object.get(name) == Some(&Value::Bool(value))
}
