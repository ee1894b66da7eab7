//! Where rows are written: a JSON object, a form, or headers.

mod form;
mod headers;
mod json;

use serde::Serialize;
use serde_json::Value;

use super::name::Name;
use crate::escape::json_text;
use crate::model::Data;
use crate::template::{Slot, Template};
use crate::vendor::Shape;

pub(super) use form::FormSink;
pub(super) use headers::HeaderSink;
pub(super) use json::JsonSink;

/// Takes values by name. Names come from tables and need no escaping; keys are the caller's. Where
/// all is text, as in forms and headers, values are written as provided.
pub(super) trait Sink {
    fn text(&mut self, name: Name, value: &str);
    fn int(&mut self, name: Name, value: i64) {
        self.int_text(name, value, "");
    }
    /// A number inside a text, with letters behind it that need no escaping.
    fn int_text(&mut self, name: Name, value: i64, suffix: &str);
    fn num(&mut self, name: Name, value: f64) {
        self.text(name, &value.to_string());
    }
    fn flag(&mut self, name: Name, value: bool) {
        self.text(name, if value { "true" } else { "false" });
    }
    fn texts(&mut self, name: Name, values: &[String]) {
        self.text(name, &values.join(","));
    }
    fn map(&mut self, name: Name, pairs: &Data);
    /// Pairs as JSON inside a text; returns the bytes written for it, which are no fewer than it
    /// has.
    fn pairs_text(&mut self, name: Name, pairs: &Data) -> usize;
    fn json(&mut self, name: Name, value: &Value) {
        self.text(name, &value.to_string());
    }
    fn pair(&mut self, key: &str, value: &str);
    fn member(&mut self, key: &str, value: &Value);
    fn hole(&mut self, name: Name, slot: Slot, shape: Shape, separator: char);
    fn json_text(&mut self, name: Name, inner: Template);
    /// Opens an object; `close` ends it, and drops it when nothing was written into it.
    fn open(&mut self, name: Name) -> Mark;
    /// Returns its size.
    fn close(&mut self, mark: Mark, keep_empty: bool) -> usize;
}

/// Where an object was opened.
pub(super) struct Mark {
    before: usize,
    inside: usize,
}

/// Appends JSON.
pub(super) fn json(out: &mut Vec<u8>, value: &impl Serialize) {
    // Numbers, pairs of texts and trees always serialise, and a Vec always takes them.
    let _ = serde_json::to_writer(out, value);
}

/// Appends pairs as a JSON object.
pub(super) fn object(out: &mut Vec<u8>, pairs: &Data) {
    out.reserve(pairs.iter().map(|(key, value)| key.len() + value.len() + 8).sum::<usize>() + 2);
    for (i, (key, value)) in pairs.iter().enumerate() {
        out.extend_from_slice(if i > 0 { b",\"" } else { b"{\"" });
        json_text(out, key);
        out.extend_from_slice(b"\":\"");
        json_text(out, value);
        out.push(b'"');
    }
    out.extend_from_slice(if pairs.is_empty() { b"{}" } else { b"}" });
}

/// Appends a whole number.
pub(super) fn digits(out: &mut Vec<u8>, value: i64) {
    match u8::try_from(value) {
        // Most are kinds and flags.
        Ok(digit @ 0..10) => out.push(b'0' + digit),
        _ => json(out, &value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_written_as_the_library_does() {
        for value in [0, 7, 10, 86_400, -1, -10, i64::MAX, i64::MIN] {
            let mut out = Vec::new();
            digits(&mut out, value);
            assert_eq!(String::from_utf8(out).unwrap(), value.to_string());
        }
    }

    #[test]
    fn pairs_are_written_as_the_library_does() {
        let mut pairs = Data::default();
        for (key, value) in [("", ""), ("a\"", "b"), ("key", "line\nline"), ("中", "🍜")] {
            let mut out = Vec::new();
            object(&mut out, &pairs);
            assert_eq!(String::from_utf8(out).unwrap(), serde_json::to_string(&pairs).unwrap());
            let _ = pairs.push(key, value);
        }
        let mut out = Vec::new();
        object(&mut out, &pairs);
        assert_eq!(String::from_utf8(out).unwrap(), serde_json::to_string(&pairs).unwrap());
    }
}
