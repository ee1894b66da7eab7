//! What a field may hold, and the one checker that reads the tables of fields.
//!
//! The vendor's SDKs write fields that their user left alone as empty texts, 0 or false; so these
//! count as unset wherever a field is optional. A field that is in no table is refused: TPNS may
//! well overlook it, but a fake that does so hides every misspelt name.

use serde_json::{Map, Value};

use super::codes::{MISSING, UNREADABLE, WRONG};

/// A JSON object.
pub(super) type Object = Map<String, Value>;

/// Why a call is refused: the vendor's number, and the reason for people.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) code: &'static str,
    pub(super) why: String,
}

impl Refusal {
    pub(super) fn new(code: &'static str, why: impl Into<String>) -> Self {
        Self { code, why: why.into() }
    }
}

/// A value, or the refusal of the call.
pub(super) type Checked<T = ()> = Result<T, Refusal>;

/// Refuses unless something holds.
pub(super) fn ensure(holds: bool, code: &'static str, why: impl Into<String>) -> Checked {
    if holds { Ok(()) } else { Err(Refusal::new(code, why)) }
}

/// A field of an object.
pub(super) struct Field {
    name: &'static str,
    kind: Kind,
    required: bool,
}

/// A field that must be there, and not be empty.
pub(super) const fn must(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: true }
}

/// A field that may be left out.
pub(super) const fn may(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: false }
}

/// What a field may hold.
pub(super) enum Kind {
    Text,
    Texts,
    /// Whole numbers in a range.
    Ints(i64, i64),
    /// One of these texts.
    Word(&'static [&'static str]),
    /// A text that this function likes.
    Like(fn(&str) -> bool),
    /// A whole number in a range.
    Int(i64, i64),
    /// The same, or 0.
    IntOrZero(i64, i64),
    Flag,
    /// An object of these fields.
    Object(&'static [Field]),
    /// The same, or a text.
    TextOr(&'static [Field]),
    /// A list of objects of these fields.
    List(&'static [Field]),
    /// What does not belong to this kind of push: it has to be unset.
    Unset,
}

/// Whether a field was left alone.
pub(super) fn is_unset(value: &Value) -> bool {
    match value {
        Value::String(text) => text.is_empty(),
        Value::Number(number) => number.as_i64() == Some(0),
        Value::Bool(on) => !on,
        _ => false,
    }
}

/// Checks an object against tables.
pub(super) fn check(at: &str, object: &Object, tables: &[&[Field]]) -> Checked {
    let fields = || tables.iter().copied().flatten();
    if let Some(stranger) = object.keys().find(|name| !fields().any(|field| field.name == name.as_str())) {
        return Err(Refusal::new(WRONG, format!("{at} has no field {stranger}")));
    }
    fields().try_for_each(|field| field.check(at, object.get(field.name)))
}

impl Field {
    fn check(&self, at: &str, value: Option<&Value>) -> Checked {
        let name = format!("{at}.{}", self.name);
        let Some(value) = value else { return ensure(!self.required, MISSING, format!("{name} is missing")) };
        self.kind.check_type(&name, value)?;
        match value {
            Value::String(text) if text.is_empty() => ensure(!self.required, MISSING, format!("{name} is empty")),
            Value::Array(list) if list.is_empty() => ensure(!self.required, MISSING, format!("{name} is empty")),
            _ => self.kind.check(&name, value),
        }
    }
}

impl Kind {
    /// TPNS decodes into typed structures: a wrong type is not told from broken JSON.
    fn check_type(&self, name: &str, value: &Value) -> Checked {
        let fits = match self {
            Self::Text | Self::Word(_) | Self::Like(_) => value.is_string(),
            Self::Texts => value.as_array().is_some_and(|list| list.iter().all(Value::is_string)),
            Self::Ints(..) => value.as_array().is_some_and(|list| list.iter().all(Value::is_i64)),
            Self::Int(..) | Self::IntOrZero(..) => value.is_i64(),
            Self::Flag => value.is_boolean(),
            Self::Object(_) => value.is_object(),
            Self::TextOr(_) => value.is_object() || value.is_string(),
            Self::List(_) => value.as_array().is_some_and(|list| list.iter().all(Value::is_object)),
            Self::Unset => true,
        };
        ensure(fits, UNREADABLE, format!("{name} is of the wrong type: {value}"))
    }

    fn check(&self, name: &str, value: &Value) -> Checked {
        let text = value.as_str().unwrap_or_default();
        let number = value.as_i64().unwrap_or_default();
        let fits = match self {
            Self::Text | Self::Texts | Self::Flag => true,
            Self::Ints(low, high) => {
                let mut numbers = value.as_array().into_iter().flatten().filter_map(Value::as_i64);
                numbers.all(|number| (*low..=*high).contains(&number))
            }
            Self::Word(words) => words.contains(&text),
            Self::Like(likes) => likes(text),
            Self::Int(low, high) => (*low..=*high).contains(&number),
            Self::IntOrZero(low, high) => number == 0 || (*low..=*high).contains(&number),
            Self::Object(fields) | Self::TextOr(fields) => match value.as_object() {
                Some(object) => return check(name, object, &[fields]),
                None => true,
            },
            Self::List(fields) => {
                let objects = value.as_array().into_iter().flatten().filter_map(Value::as_object);
                return objects.into_iter().try_for_each(|object| check(name, object, &[fields]));
            }
            Self::Unset => is_unset(value),
        };
        ensure(fits, WRONG, format!("{name} cannot be {value}"))
    }
}

/// A text of an object; empty when there is none.
pub(super) fn text<'a>(object: &'a Object, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A whole number of an object.
pub(super) fn number(object: &Object, name: &str) -> Option<i64> {
    object.get(name)?.as_i64()
}

/// An object inside an object.
pub(super) fn object<'a>(object: &'a Object, name: &str) -> Option<&'a Object> {
    object.get(name)?.as_object()
}

/// The texts of a list in an object.
pub(super) fn texts<'a>(object: &'a Object, name: &str) -> Vec<&'a str> {
    object.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}
