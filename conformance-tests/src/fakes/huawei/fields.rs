//! How the fields of Huawei's JSON bodies are described, as tables, and the one checker that reads
//! them. Both products, HMS and HarmonyOS, have tables of this kind.

use serde_json::{Map, Value};

/// The failure of a body whose structure is wrong: a field that does not exist, a wrong type, a
/// value out of range. It is the answer wherever Huawei documents no other.
pub(crate) const STRUCTURE: &str = "80100003";

/// Why a call is refused.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// The failure, by its name in the table of codes.
    pub(crate) code: &'static str,
    /// What was wrong, for people.
    pub(crate) why: String,
}

/// The outcome of a check.
pub(crate) type Checked<T = ()> = Result<T, Refusal>;

/// Refuses.
pub(crate) fn refuse<T>(code: &'static str, why: impl Into<String>) -> Checked<T> {
    Err(Refusal { code, why: why.into() })
}

/// Refuses unless something holds.
pub(crate) fn ensure(holds: bool, code: &'static str, why: impl Into<String>) -> Checked {
    if holds { Ok(()) } else { refuse(code, why) }
}

/// What a field may hold.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// Any text.
    Text,
    /// At most so many characters.
    Short(usize),
    /// A text that satisfies a test.
    Like(fn(&str) -> bool),
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// True or false.
    Flag,
    /// A whole number in a range.
    Whole(i64, i64),
    /// A number from 0 to 1.
    Share,
    /// An object of these fields.
    Object(&'static [Field]),
    /// Any object.
    Free,
    /// A list of at most so many.
    List(&'static Kind, usize),
    /// Whatever; read elsewhere.
    Any,
}

/// A field of an object.
#[derive(Clone, Copy)]
pub(crate) struct Field {
    name: &'static str,
    kind: Kind,
    required: bool,
    /// The failure when the value is wrong.
    code: &'static str,
}

/// A field that may be missing.
pub(crate) const fn may(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: false, code: STRUCTURE }
}

/// A field that must be there and, if a text, not be empty.
pub(crate) const fn must(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: true, code: STRUCTURE }
}

impl Field {
    /// The same with a failure of its own for wrong values.
    pub(crate) const fn or(self, code: &'static str) -> Self {
        Self { code, ..self }
    }
}

/// Checks an object. Huawei is not known to ignore unknown fields, and a misspelt one never does
/// what it should, so they are refused; `null` is no value of any type.
pub(crate) fn check(object: &Map<String, Value>, fields: &[Field], path: &str) -> Checked {
    for name in object.keys() {
        let known = fields.iter().any(|field| field.name == name);
        ensure(known, STRUCTURE, format!("{path} has no field {name}"))?;
    }
    for field in fields {
        match object.get(field.name) {
            None => ensure(!field.required, field.code, format!("{path}.{} is missing", field.name))?,
            Some(value) => {
                let empty = field.required && value.as_str().is_some_and(str::is_empty);
                ensure(!empty, field.code, format!("{path}.{} is empty", field.name))?;
                check_value(value, field.kind, field.code, &format!("{path}.{}", field.name))?;
            }
        }
    }
    Ok(())
}

fn check_value(value: &Value, kind: Kind, code: &'static str, path: &str) -> Checked {
    let text = |good: &dyn Fn(&str) -> bool| value.as_str().is_some_and(good);
    let good = match kind {
        Kind::Text => value.is_string(),
        Kind::Short(most) => text(&|text| text.chars().count() <= most),
        Kind::Like(like) => text(&|text| like(text)),
        Kind::OneOf(words) => text(&|text| words.contains(&text)),
        Kind::Flag => value.is_boolean(),
        Kind::Whole(low, high) => value.as_i64().is_some_and(|number| (low..=high).contains(&number)),
        Kind::Share => value.as_f64().is_some_and(|number| (0.0..=1.0).contains(&number)),
        Kind::Free => value.is_object(),
        Kind::Any => true,
        Kind::Object(fields) => {
            let Some(object) = value.as_object() else { return refuse(STRUCTURE, format!("{path} is no object")) };
            return check(object, fields, path);
        }
        Kind::List(kind, most) => {
            let Some(all) = value.as_array() else { return refuse(STRUCTURE, format!("{path} is no list")) };
            ensure(all.len() <= most, code, format!("{path} has more than {most} items"))?;
            let mut items = all.iter().enumerate();
            return items.try_for_each(|(at, item)| check_value(item, *kind, code, &format!("{path}[{at}]")));
        }
    };
    ensure(good, code, format!("{path} cannot be {value}"))
}

/// An https URL with a host.
pub(crate) fn is_https(text: &str) -> bool {
    let host = text.strip_prefix("https://").and_then(|rest| rest.split(['/', '?', '#']).next());
    host.is_some_and(|host| !host.is_empty()) && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// How a token looks. Huawei gives no grammar; all that were seen are long and of this alphabet.
pub(crate) fn is_token(text: &str) -> bool {
    (32..=512).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// A text of an object by its JSON pointer.
pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str().filter(|text| !text.is_empty())
}

/// The pairs in an object, or in a text that is one; any other text is one pair under `name`.
pub(crate) fn pairs(value: Option<&Value>, name: &str) -> Vec<(String, String)> {
    let shown = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let object = match value {
        None => return Vec::new(),
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or_default(),
        Some(other) => other.clone(),
    };
    match (object, value) {
        (Value::Object(map), _) => map.iter().map(|(key, value)| (key.clone(), shown(value))).collect(),
        (_, Some(other)) => vec![(name.to_owned(), shown(other))],
        (_, None) => Vec::new(),
    }
}
