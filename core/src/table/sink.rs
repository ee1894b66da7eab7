//! Where rows are written: a JSON object, a form, or headers.

use std::io::Write as _;

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use serde_json::Value;
use smallvec::SmallVec;

use crate::model::Data;
use crate::template::{Escape, Hole, Slot, Template, form_text, json_text};
use crate::vendor::Shape;

/// Takes values by name. Names come from tables and need no escaping.
pub(super) trait Sink {
    fn text(&mut self, name: &str, value: &str);
    fn int(&mut self, name: &str, value: i64);
    fn num(&mut self, name: &str, value: f64);
    fn flag(&mut self, name: &str, value: bool);
    fn texts(&mut self, name: &str, values: &[String]);
    fn map(&mut self, name: &str, pairs: &Data);
    fn json(&mut self, name: &str, value: &Value);
    fn hole(&mut self, name: &str, slot: Slot, shape: Shape, separator: char);
    fn json_text(&mut self, name: &str, inner: Template);
    /// Opens an object; `close` ends it, and drops it when nothing was written into it.
    fn open(&mut self, name: &str) -> Mark;
    fn close(&mut self, mark: Mark, keep_empty: bool);
}

/// Where an object was opened.
pub(super) struct Mark {
    before: usize,
    inside: usize,
    first: bool,
}

/// A JSON object.
pub(super) struct JsonSink {
    out: Vec<u8>,
    holes: SmallVec<[Hole; 2]>,
    first: bool,
}

impl JsonSink {
    pub(super) fn new(room: usize) -> Self {
        let mut out = Vec::with_capacity(room);
        out.push(b'{');
        Self { out, holes: SmallVec::new(), first: true }
    }

    pub(super) fn finish(mut self) -> Template {
        self.out.push(b'}');
        Template { literal: Bytes::from(self.out), holes: self.holes }
    }

    fn key(&mut self, name: &str) {
        if !self.first {
            self.out.push(b',');
        }
        self.first = false;
        self.quoted(name);
        self.out.push(b':');
    }

    fn quoted(&mut self, text: &str) {
        self.out.push(b'"');
        json_text(&mut self.out, text);
        self.out.push(b'"');
    }

    fn display(&mut self, value: impl std::fmt::Display) {
        // Writing to a Vec cannot fail.
        let _ = write!(self.out, "{value}");
    }
}

impl Sink for JsonSink {
    fn text(&mut self, name: &str, value: &str) {
        self.key(name);
        self.quoted(value);
    }

    fn int(&mut self, name: &str, value: i64) {
        self.key(name);
        self.display(value);
    }

    fn num(&mut self, name: &str, value: f64) {
        self.key(name);
        // JSON has no infinity and no NaN.
        self.display(if value.is_finite() { value } else { 0.0 });
    }

    fn flag(&mut self, name: &str, value: bool) {
        self.key(name);
        self.display(value);
    }

    fn texts(&mut self, name: &str, values: &[String]) {
        self.key(name);
        self.out.push(b'[');
        for (i, value) in values.iter().enumerate() {
            if i > 0 {
                self.out.push(b',');
            }
            self.quoted(value);
        }
        self.out.push(b']');
    }

    fn map(&mut self, name: &str, pairs: &Data) {
        self.key(name);
        self.out.push(b'{');
        for (i, (key, value)) in pairs.iter().enumerate() {
            if i > 0 {
                self.out.push(b',');
            }
            self.quoted(key);
            self.out.push(b':');
            self.quoted(value);
        }
        self.out.push(b'}');
    }

    fn json(&mut self, name: &str, value: &Value) {
        self.key(name);
        // A Value always serialises, and a Vec always takes it.
        let _ = serde_json::to_writer(&mut self.out, value);
    }

    fn hole(&mut self, name: &str, slot: Slot, shape: Shape, _separator: char) {
        self.key(name);
        let list = slot == Slot::Target && shape.is_list();
        let (open, escape, close) = if list { (b'[', Escape::JsonList, b']') } else { (b'"', Escape::Json, b'"') };
        self.out.push(open);
        self.holes.push(Hole { at: self.out.len(), slot, escape });
        self.out.push(close);
    }

    fn json_text(&mut self, name: &str, inner: Template) {
        // A hole inside a text inside JSON would need a third escape; no vendor has one.
        debug_assert!(inner.holes.is_empty());
        self.key(name);
        self.quoted(&String::from_utf8_lossy(&inner.literal));
    }

    fn open(&mut self, name: &str) -> Mark {
        let (before, first) = (self.out.len(), self.first);
        self.key(name);
        self.out.push(b'{');
        self.first = true;
        Mark { before, inside: self.out.len(), first }
    }

    fn close(&mut self, mark: Mark, keep_empty: bool) {
        if self.out.len() == mark.inside && !keep_empty {
            self.out.truncate(mark.before);
            self.first = mark.first;
        } else {
            self.out.push(b'}');
            self.first = false;
        }
    }
}

/// A form.
pub(super) struct FormSink {
    out: Vec<u8>,
    holes: SmallVec<[Hole; 2]>,
    prefix: String,
}

impl FormSink {
    pub(super) fn new(room: usize) -> Self {
        Self { out: Vec::with_capacity(room), holes: SmallVec::new(), prefix: String::new() }
    }

    pub(super) fn finish(self) -> Template {
        Template { literal: Bytes::from(self.out), holes: self.holes }
    }

    fn key(&mut self, name: &str) {
        if !self.out.is_empty() {
            self.out.push(b'&');
        }
        form_text(&mut self.out, &self.prefix);
        form_text(&mut self.out, name);
        self.out.push(b'=');
    }
}

impl Sink for FormSink {
    fn text(&mut self, name: &str, value: &str) {
        self.key(name);
        form_text(&mut self.out, value);
    }

    fn int(&mut self, name: &str, value: i64) {
        self.text(name, &value.to_string());
    }

    fn num(&mut self, name: &str, value: f64) {
        self.text(name, &value.to_string());
    }

    fn flag(&mut self, name: &str, value: bool) {
        self.text(name, if value { "true" } else { "false" });
    }

    fn texts(&mut self, name: &str, values: &[String]) {
        self.text(name, &values.join(","));
    }

    fn map(&mut self, name: &str, pairs: &Data) {
        let mark = self.open(name);
        for (key, value) in pairs.iter() {
            self.text(key, value);
        }
        self.close(mark, false);
    }

    fn json(&mut self, name: &str, value: &Value) {
        self.text(name, &value.to_string());
    }

    fn hole(&mut self, name: &str, slot: Slot, shape: Shape, separator: char) {
        self.key(name);
        let list = slot == Slot::Target && shape.is_list();
        let escape = if list { Escape::FormList(separator) } else { Escape::Form };
        self.holes.push(Hole { at: self.out.len(), slot, escape });
    }

    fn json_text(&mut self, name: &str, inner: Template) {
        self.key(name);
        inner.append_in_form(&mut self.out, &mut self.holes);
    }

    fn open(&mut self, name: &str) -> Mark {
        let before = self.prefix.len();
        self.prefix.push_str(name);
        self.prefix.push('.');
        Mark { before, inside: 0, first: false }
    }

    fn close(&mut self, mark: Mark, _keep_empty: bool) {
        self.prefix.truncate(mark.before);
    }
}

/// Headers. Values that cannot stand in a header are kept apart by name.
#[derive(Default)]
pub(super) struct HeaderSink {
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) refused: Vec<String>,
}

impl Sink for HeaderSink {
    fn text(&mut self, name: &str, value: &str) {
        match (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
            // HTTP takes bytes above 127 and tabs in values, but no push vendor does.
            (Ok(name), Ok(ok)) if value.bytes().all(|b| (0x20..0x7f).contains(&b)) => self.headers.push((name, ok)),
            _ => self.refused.push(name.to_owned()),
        }
    }

    fn int(&mut self, name: &str, value: i64) {
        self.text(name, &value.to_string());
    }

    fn num(&mut self, name: &str, value: f64) {
        self.text(name, &value.to_string());
    }

    fn flag(&mut self, name: &str, value: bool) {
        self.text(name, if value { "true" } else { "false" });
    }

    fn texts(&mut self, name: &str, values: &[String]) {
        self.text(name, &values.join(","));
    }

    fn map(&mut self, name: &str, _pairs: &Data) {
        self.refused.push(name.to_owned());
    }

    fn json(&mut self, name: &str, value: &Value) {
        self.text(name, &value.to_string());
    }

    fn hole(&mut self, name: &str, _slot: Slot, _shape: Shape, _separator: char) {
        self.refused.push(name.to_owned());
    }

    fn json_text(&mut self, name: &str, inner: Template) {
        self.text(name, &String::from_utf8_lossy(&inner.literal));
    }

    fn open(&mut self, _name: &str) -> Mark {
        Mark { before: 0, inside: 0, first: false }
    }

    fn close(&mut self, _mark: Mark, _keep_empty: bool) {}
}
