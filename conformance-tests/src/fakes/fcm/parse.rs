//! The protobuf JSON mapping as Google's front end applies it: names in snake_case or
//! lowerCamelCase (even mixed), `null` for an absent field, every violation reported at once in
//! the front end's wording. What comes out has proto names only.

use serde_json::{Map, Value};

use super::schema::{Field, Kind, Shape};

/// One thing wrong with the body: where (empty: at the root), and Google's sentence about it.
pub(super) struct Violation {
    /// The path of the message or value.
    pub(super) field: String,
    /// The sentence.
    pub(super) description: String,
}

/// Reads a body by its shape.
///
/// # Errors
/// All violations, at least one.
pub(super) fn read(shape: &Shape, body: &Value) -> Result<Value, Vec<Violation>> {
    let mut reader = Reader(Vec::new());
    let value = reader.object(shape, body, "");
    match value {
        Some(value) if reader.0.is_empty() => Ok(value),
        _ => Err(reader.0),
    }
}

/// Applies the single-field rules to a body that was read.
///
/// # Errors
/// What is wrong with the first field that breaks its rule.
pub(super) fn rules(shape: &Shape, value: &Value, path: &str) -> Result<(), String> {
    for field in shape.fields.iter().copied().flatten() {
        let Some(inner) = value.get(field.name) else { continue };
        let path = join(path, field.name);
        if let Some(rule) = field.rule {
            rule(inner).map_err(|problem| format!("{problem} ({path})"))?;
        }
        if let Kind::Object(shape) = field.kind {
            rules(shape, inner, &path)?;
        }
    }
    Ok(())
}

struct Reader(Vec<Violation>);

impl Reader {
    fn object(&mut self, shape: &Shape, value: &Value, path: &str) -> Option<Value> {
        let Some(members) = value.as_object() else {
            return self.mistyped(path, "TYPE_MESSAGE", value);
        };
        let mut read = Map::new();
        for (name, inner) in members {
            let Some(field) = find(shape, name) else {
                self.unknown(path, name);
                continue;
            };
            if inner.is_null() {
                continue;
            }
            // Both spellings of one field are a duplicate key, of which the last one counts.
            if let Some(inner) = self.value(field.kind, inner, &join(path, field.name)) {
                read.insert(field.name.to_owned(), inner);
            }
        }
        for (oneof, names) in shape.one_of {
            let set = read.keys().filter(|name| names.contains(&name.as_str())).cloned().collect::<Vec<_>>();
            for second in set.iter().skip(1) {
                // The wording is that of other Google services; none has been seen from FCM.
                let place = if path.is_empty() { String::new() } else { format!(" at '{path}'") };
                self.add(
                    path,
                    format!(
                        "Invalid value{place} (oneof), oneof field '{oneof}' is already set. Cannot set '{second}'"
                    ),
                );
            }
        }
        Some(Value::Object(read))
    }

    fn value(&mut self, kind: Kind, value: &Value, path: &str) -> Option<Value> {
        let good = match kind {
            Kind::Object(shape) => return self.object(shape, value, path),
            Kind::Texts => return self.texts(value, path),
            Kind::List(kind) => return self.list(*kind, value, path),
            Kind::LooseEnum(_, names) => {
                let upper = value.as_str().map(str::to_ascii_uppercase);
                upper.filter(|name| names.contains(&name.as_str())).map(Value::String)
            }
            Kind::Enum(_, names) => value.as_str().filter(|name| names.contains(name)).map(Value::from),
            Kind::Text => value.as_str().map(Value::from),
            Kind::Flag => value.as_bool().map(Value::from),
            Kind::Int32 => int32(value).map(Value::from),
            Kind::Float => float(value).map(Value::from),
            Kind::Span => value.as_str().filter(|text| span_seconds(text).is_some()).map(Value::from),
            Kind::Instant => value.as_str().filter(|text| is_instant(text)).map(Value::from),
            Kind::Free => value.is_object().then(|| value.clone()),
        };
        if good.is_none() {
            self.mistyped(path, &type_name(kind), value);
        }
        good
    }

    fn texts(&mut self, value: &Value, path: &str) -> Option<Value> {
        let Some(members) = value.as_object() else {
            return self.mistyped(path, "TYPE_MESSAGE", value);
        };
        for (index, inner) in members.values().enumerate() {
            if !inner.is_string() {
                self.mistyped(&format!("{path}[{index}].value"), "TYPE_STRING", inner);
            }
        }
        Some(value.clone())
    }

    fn list(&mut self, kind: Kind, value: &Value, path: &str) -> Option<Value> {
        let Some(elements) = value.as_array() else {
            return self.mistyped(path, &type_name(kind), value);
        };
        let mut read = Vec::with_capacity(elements.len());
        for (index, element) in elements.iter().enumerate() {
            read.extend(self.value(kind, element, &format!("{path}[{index}]")));
        }
        Some(Value::Array(read))
    }

    fn unknown(&mut self, path: &str, name: &str) {
        let place = if path.is_empty() { String::new() } else { format!(" at '{path}'") };
        self.add(path, format!("Invalid JSON payload received. Unknown name \"{name}\"{place}: Cannot find field."));
    }

    fn mistyped(&mut self, path: &str, type_name: &str, value: &Value) -> Option<Value> {
        self.add(path, format!("Invalid value at '{path}' ({type_name}), {value}"));
        None
    }

    fn add(&mut self, field: &str, description: String) {
        self.0.push(Violation { field: field.to_owned(), description });
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn find(shape: &Shape, name: &str) -> Option<&'static Field> {
    shape.fields.iter().copied().flatten().find(|field| field.name == name || camel(field.name) == name)
}

/// The lowerCamelCase form of a proto name.
fn camel(name: &str) -> String {
    let mut upper = false;
    let mut camel = String::with_capacity(name.len());
    for c in name.chars() {
        if c == '_' {
            upper = true;
        } else {
            camel.push(if upper { c.to_ascii_uppercase() } else { c });
            upper = false;
        }
    }
    camel
}

fn type_name(kind: Kind) -> String {
    match kind {
        Kind::Text | Kind::Texts => "TYPE_STRING".into(),
        Kind::Flag => "TYPE_BOOL".into(),
        Kind::Int32 => "TYPE_INT32".into(),
        Kind::Float => "TYPE_FLOAT".into(),
        Kind::Span => "type.googleapis.com/google.protobuf.Duration".into(),
        Kind::Instant => "type.googleapis.com/google.protobuf.Timestamp".into(),
        Kind::Free => "type.googleapis.com/google.protobuf.Struct".into(),
        Kind::Enum(name, _) | Kind::LooseEnum(name, _) => format!("type.googleapis.com/google.firebase.fcm.v1.{name}"),
        Kind::List(kind) => type_name(*kind),
        Kind::Object(_) => "TYPE_MESSAGE".into(),
    }
}

/// The mapping takes numbers, whole floats, and numbers inside strings.
fn int32(value: &Value) -> Option<i32> {
    let number = float(value)?;
    (number.fract() == 0.0 && number >= f64::from(i32::MIN) && number <= f64::from(i32::MAX)).then_some(number as i32)
}

fn float(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok()).filter(|number| number.is_finite())
}

/// The seconds of a duration such as `3.5s`: whether it is negative, whole seconds, nanoseconds.
pub(super) fn span_seconds(text: &str) -> Option<(bool, u64, u32)> {
    let number = text.strip_suffix('s')?;
    let (negative, number) = number.strip_prefix('-').map_or((false, number), |rest| (true, rest));
    let (whole, fraction) = number.split_once('.').map_or((number, None), |(whole, rest)| (whole, Some(rest)));
    let nanos = match fraction {
        None => 0,
        Some(digits) if is_digits(digits, 1, 9) => format!("{digits:0<9}").parse().ok()?,
        Some(_) => return None,
    };
    is_digits(whole, 1, 12).then_some(())?;
    Some((negative, whole.parse().ok()?, nanos))
}

/// Whether a text is so many ASCII digits.
pub(super) fn is_digits(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a text is an RFC 3339 time in UTC (`Z`), with up to nine digits of a second.
fn is_instant(text: &str) -> bool {
    let Some((date, time)) = text.strip_suffix('Z').and_then(|text| text.split_once('T')) else { return false };
    let (time, fraction) = time.split_once('.').map_or((time, None), |(time, rest)| (time, Some(rest)));
    let in_range = |part: Option<&str>, width: usize, least: u32, most: u32| {
        part.filter(|part| is_digits(part, width, width))
            .and_then(|part| part.parse().ok())
            .filter(|n| (least..=most).contains(n))
    };
    let mut date = date.split('-');
    let (year, month, day) =
        (in_range(date.next(), 4, 1, 9999), in_range(date.next(), 2, 1, 12), in_range(date.next(), 2, 1, 31));
    let days = match (year, month) {
        (_, Some(4 | 6 | 9 | 11)) => 30,
        (Some(year), Some(2)) => 28 + u32::from((year % 4 == 0 && year % 100 != 0) || year % 400 == 0),
        _ => 31,
    };
    let mut time = time.split(':');
    let clock = [in_range(time.next(), 2, 0, 23), in_range(time.next(), 2, 0, 59), in_range(time.next(), 2, 0, 59)];
    year.is_some()
        && day.is_some_and(|day| day <= days)
        && month.is_some()
        && clock.iter().all(Option::is_some)
        && date.next().is_none()
        && time.next().is_none()
        && fraction.is_none_or(|digits| is_digits(digits, 1, 9))
}
