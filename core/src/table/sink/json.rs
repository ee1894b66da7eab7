//! A JSON object.

use bytes::Bytes;
use serde_json::Value;
use smallvec::SmallVec;

use super::super::name::Name;
use super::{Mark, Sink, digits, json};
use crate::escape::{json_text, json_text_in_text};
use crate::model::Data;
use crate::template::{Escape, Hole, Slot, Template};
use crate::vendor::Shape;

/// A JSON object. A comma follows each value, until the end of its object takes its place.
pub(in crate::table) struct JsonSink {
    out: Vec<u8>,
    holes: SmallVec<[Hole; 2]>,
}

impl JsonSink {
    pub(in crate::table) fn new(room: usize) -> Self {
        let mut out = Vec::with_capacity(room);
        out.push(b'{');
        Self { out, holes: SmallVec::new() }
    }

    pub(in crate::table) fn finish(mut self) -> Template {
        self.end(b'}');
        Template { literal: Bytes::from(self.out), holes: self.holes }
    }

    #[inline]
    fn name(&mut self, name: Name) {
        self.begin_text(name);
        self.out.pop();
    }

    /// The name, and the quote before a text.
    #[inline]
    fn begin_text(&mut self, name: Name) {
        if name.key.len == 0 {
            return self.key(name.text);
        }
        // A copy of constant size is cheaper than one of the right size.
        let end = self.out.len() + name.key.len;
        self.out.extend_from_slice(&name.key.bytes);
        self.out.truncate(end);
    }

    /// A name of the caller's, and the quote before a text.
    fn key(&mut self, key: &str) {
        self.out.push(b'"');
        json_text(&mut self.out, key);
        self.out.extend_from_slice(b"\":\"");
    }

    /// The text whose quote stands.
    #[inline]
    fn end_text(&mut self, text: &str) {
        json_text(&mut self.out, text);
        self.out.extend_from_slice(b"\",");
    }

    /// Ends an object or a list.
    fn end(&mut self, bracket: u8) {
        match self.out.last_mut() {
            Some(last) if *last == b',' => *last = bracket,
            _ => self.out.push(bracket),
        }
    }
}

impl Sink for JsonSink {
    #[inline]
    fn text(&mut self, name: Name, value: &str) {
        self.begin_text(name);
        self.end_text(value);
    }

    #[inline]
    fn int(&mut self, name: Name, value: i64) {
        self.name(name);
        digits(&mut self.out, value);
        self.out.push(b',');
    }

    fn int_text(&mut self, name: Name, value: i64, suffix: &str) {
        self.begin_text(name);
        digits(&mut self.out, value);
        self.out.extend_from_slice(suffix.as_bytes());
        self.out.extend_from_slice(b"\",");
    }

    fn num(&mut self, name: Name, value: f64) {
        self.name(name);
        // JSON has no infinity and no NaN.
        let value = if value.is_finite() { value } else { 0.0 };
        self.out.extend_from_slice(value.to_string().as_bytes());
        self.out.push(b',');
    }

    fn flag(&mut self, name: Name, value: bool) {
        self.name(name);
        self.out.extend_from_slice(if value { b"true," } else { b"false," });
    }

    fn texts(&mut self, name: Name, values: &[String]) {
        self.name(name);
        self.out.push(b'[');
        for value in values {
            self.out.push(b'"');
            self.end_text(value);
        }
        self.end(b']');
        self.out.push(b',');
    }

    fn map(&mut self, name: Name, pairs: &Data) {
        self.name(name);
        self.out.push(b'{');
        pairs.iter().for_each(|(key, value)| self.pair(key, value));
        self.end(b'}');
        self.out.push(b',');
    }

    fn pairs_text(&mut self, name: Name, pairs: &Data) -> usize {
        self.begin_text(name);
        let before = self.out.len();
        self.out.push(b'{');
        for (i, (key, value)) in pairs.iter().enumerate() {
            self.out.extend_from_slice(if i > 0 { b",\\\"" } else { b"\\\"" });
            json_text_in_text(&mut self.out, key);
            self.out.extend_from_slice(b"\\\":\\\"");
            json_text_in_text(&mut self.out, value);
            self.out.extend_from_slice(b"\\\"");
        }
        self.out.extend_from_slice(b"}\",");
        self.out.len() - before
    }

    fn json(&mut self, name: Name, value: &Value) {
        self.name(name);
        json(&mut self.out, value);
        self.out.push(b',');
    }

    fn pair(&mut self, key: &str, value: &str) {
        self.key(key);
        self.end_text(value);
    }

    fn member(&mut self, key: &str, value: &Value) {
        self.key(key);
        self.out.pop();
        json(&mut self.out, value);
        self.out.push(b',');
    }

    fn hole(&mut self, name: Name, slot: Slot, shape: Shape, _separator: char) {
        let list = slot == Slot::Target && shape.is_list();
        let (escape, close) = if list { (Escape::JsonList, b"],") } else { (Escape::Json, b"\",") };
        self.begin_text(name);
        if list {
            self.out.pop();
            self.out.push(b'[');
        }
        self.holes.push(Hole { at: self.out.len(), slot, escape });
        self.out.extend_from_slice(close);
    }

    fn json_text(&mut self, name: Name, inner: Template) {
        // A hole inside a text inside JSON would need a third escape; no vendor has one.
        debug_assert!(inner.holes.is_empty());
        self.text(name, &String::from_utf8_lossy(&inner.literal));
    }

    #[inline]
    fn open(&mut self, name: Name) -> Mark {
        let before = self.out.len();
        self.name(name);
        self.out.push(b'{');
        Mark { before, inside: self.out.len() }
    }

    #[inline]
    fn close(&mut self, mark: Mark, keep_empty: bool) -> usize {
        if self.out.len() == mark.inside && !keep_empty {
            self.out.truncate(mark.before);
            return 0;
        }
        self.end(b'}');
        let size = self.out.len() + 1 - mark.inside;
        self.out.push(b',');
        size
    }
}
