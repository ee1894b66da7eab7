//! Checks JSON against a table of fields: names, types, lengths, ranges, shapes.
//!
//! The Java SDK sends every field that its user left alone, as an empty text, 0 or false; so
//! these count as unset wherever a field is optional.

use serde_json::{Map, Value};

/// Why a request is refused: the vendor's code, and the reason for people.
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

/// A value, or the refusal of the request.
pub(super) type Checked<T> = Result<T, Refusal>;

/// The general parameter error. Where the document names no code for a broken rule, this is it.
pub(super) fn wrong(field: &str, why: impl AsRef<str>) -> Refusal {
    Refusal::new("1005", format!("{field}: {}", why.as_ref()))
}

/// A parameter that must be there is absent or empty.
pub(super) fn blank(field: &str) -> Refusal {
    Refusal::new("110004", format!("{field}: absent or empty"))
}

/// A field of an object.
pub(super) struct Field(pub(super) &'static str, pub(super) Need, pub(super) Kind);

/// Whether a field must be there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    Must,
    May,
}

/// What a field may hold.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// A text, not longer than this, that this function likes.
    Text(Most, fn(&str) -> bool),
    /// One of these numbers, or 0.
    OneOf(&'static [i64]),
    /// The same, or the number in a text.
    OneOfText(&'static [i64]),
    /// A number in this range, or 0.
    Range(i64, i64),
    /// 0, 1, true or false.
    Flag,
    /// An object that belongs to the app.
    Pairs,
    /// An object of these fields.
    Group(&'static [Field]),
    /// A field for other calls, or withdrawn: it has to be unset.
    Unused,
}

/// The longest text that is allowed.
#[derive(Clone, Copy)]
pub(super) enum Most {
    Chars(usize),
    Bytes(usize),
    /// No limit is documented.
    Any,
}

/// Whether an optional field was left alone.
pub(super) fn is_unset(value: &Value) -> bool {
    match value {
        Value::String(text) => text.is_empty(),
        Value::Number(number) => number.as_i64() == Some(0),
        Value::Bool(on) => !on,
        _ => false,
    }
}

/// Checks an object against its fields.
pub(super) fn object(name: &str, value: &Value, fields: &[Field]) -> Checked<()> {
    let Value::Object(map) = value else { return Err(wrong(name, "no JSON object")) };
    if let Some(stranger) = map.keys().find(|key| !fields.iter().any(|field| field.0 == key.as_str())) {
        return Err(wrong(stranger, format!("no field of {name}")));
    }
    fields.iter().try_for_each(|field| member(map, field))
}

fn member(map: &Map<String, Value>, Field(name, need, kind): &Field) -> Checked<()> {
    match map.get(*name) {
        None if *need == Need::Must => Err(blank(name)),
        None => Ok(()),
        Some(value) if *need == Need::Must && is_unset(value) => Err(blank(name)),
        Some(value) => holds(name, value, *kind),
    }
}

fn holds(name: &str, value: &Value, kind: Kind) -> Checked<()> {
    let fits = match kind {
        Kind::Text(most, shape) => {
            let Value::String(text) = value else { return Err(wrong(name, "no text")) };
            let (long, most) = match most {
                Most::Chars(most) => (text.chars().count(), most),
                Most::Bytes(most) => (text.len(), most),
                Most::Any => (0, 0),
            };
            if long > most {
                return Err(wrong(name, format!("{long} long, {most} allowed")));
            }
            text.is_empty() || shape(text)
        }
        Kind::OneOf(choice) => value.as_i64().is_some_and(|n| n == 0 || choice.contains(&n)),
        Kind::OneOfText(choice) => match value {
            Value::String(text) => text.is_empty() || choice.iter().any(|n| n.to_string() == *text),
            _ => value.as_i64().is_some_and(|n| n == 0 || choice.contains(&n)),
        },
        Kind::Range(least, most) => value.as_i64().is_some_and(|n| n == 0 || (least..=most).contains(&n)),
        Kind::Flag => value.is_boolean() || matches!(value.as_i64(), Some(0 | 1)),
        Kind::Pairs => value.is_object(),
        Kind::Group(fields) => return object(name, value, fields),
        Kind::Unused => is_unset(value),
    };
    if fits { Ok(()) } else { Err(wrong(name, format!("{value} is not allowed"))) }
}

// Shapes of texts; none of them is asked about an empty one.

/// Any text.
pub(super) fn any(_: &str) -> bool {
    true
}

/// A web address.
pub(super) fn web(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace))
}

/// A URI of any scheme.
pub(super) fn uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
        && !rest.is_empty()
        && !rest.contains(char::is_whitespace)
}

/// A Java class with its package.
pub(super) fn class(text: &str) -> bool {
    let word = |part: &str| {
        !part.is_empty()
            && !part.starts_with(|c: char| c.is_ascii_digit())
            && part.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$')
    };
    text.contains('.') && text.split('.').all(word)
}

/// What a `notifyKey` is made of.
pub(super) fn key(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// `yyyy-MM-dd HH:mm:ss`.
pub(super) fn time(text: &str) -> bool {
    const PATTERN: &str = "0000-00-00 00:00:00";
    const MOST: [u32; 6] = [9999, 12, 31, 23, 59, 59];
    const LEAST: [u32; 6] = [1, 1, 1, 0, 0, 0];
    text.len() == PATTERN.len()
        && text.bytes().zip(PATTERN.bytes()).all(|(b, p)| if p == b'0' { b.is_ascii_digit() } else { b == p })
        && text
            .split(|c: char| !c.is_ascii_digit())
            .zip(LEAST.into_iter().zip(MOST))
            .all(|(part, (least, most))| part.parse().is_ok_and(|n: u32| (least..=most).contains(&n)))
}

/// One of the two colours that a title may have.
pub(super) fn colour(text: &str) -> bool {
    matches!(text, "#206CFF" | "#E42D22")
}
