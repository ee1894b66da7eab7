//! A form.

use bytes::Bytes;
use serde_json::Value;
use smallvec::SmallVec;

use super::super::name::Name;
use super::{Mark, Sink, digits, object};
use crate::escape::{form_bytes, form_text};
use crate::model::Data;
use crate::template::{Escape, Hole, Slot, Template};
use crate::vendor::Shape;

/// A form.
pub(in crate::table) struct FormSink {
    out: Vec<u8>,
    holes: SmallVec<[Hole; 2]>,
    prefix: String,
}

impl FormSink {
    pub(in crate::table) fn new(room: usize) -> Self {
        Self { out: Vec::with_capacity(room), holes: SmallVec::new(), prefix: String::new() }
    }

    pub(in crate::table) fn finish(self) -> Template {
        Template { literal: Bytes::from(self.out), holes: self.holes }
    }

    fn name(&mut self, name: Name) {
        self.prefix();
        match name.key.bytes.split_first() {
            // A copy of constant size is cheaper than one of the right size.
            Some((_quote, bytes)) if name.key.len > 0 => {
                let end = self.out.len() + name.text.len();
                self.out.extend_from_slice(bytes);
                self.out.truncate(end);
            }
            _ => self.out.extend_from_slice(name.text.as_bytes()),
        }
        self.out.push(b'=');
    }

    fn key(&mut self, key: &str) {
        self.prefix();
        form_text(&mut self.out, key);
        self.out.push(b'=');
    }

    /// Made of names.
    fn prefix(&mut self) {
        if !self.out.is_empty() {
            self.out.push(b'&');
        }
        if !self.prefix.is_empty() {
            self.out.extend_from_slice(self.prefix.as_bytes());
        }
    }
}

impl Sink for FormSink {
    fn text(&mut self, name: Name, value: &str) {
        self.name(name);
        form_text(&mut self.out, value);
    }

    fn int_text(&mut self, name: Name, value: i64, suffix: &str) {
        self.name(name);
        digits(&mut self.out, value);
        self.out.extend_from_slice(suffix.as_bytes());
    }

    fn map(&mut self, name: Name, pairs: &Data) {
        let mark = self.open(name);
        for (key, value) in pairs.iter() {
            self.pair(key, value);
        }
        self.close(mark, false);
    }

    fn pairs_text(&mut self, name: Name, pairs: &Data) -> usize {
        self.name(name);
        let (before, mut text) = (self.out.len(), Vec::new());
        object(&mut text, pairs);
        form_bytes(&mut self.out, &text);
        self.out.len() - before
    }

    fn pair(&mut self, key: &str, value: &str) {
        self.key(key);
        form_text(&mut self.out, value);
    }

    fn member(&mut self, key: &str, value: &Value) {
        self.pair(key, &value.to_string());
    }

    fn hole(&mut self, name: Name, slot: Slot, shape: Shape, separator: char) {
        self.name(name);
        let list = slot == Slot::Target && shape.is_list();
        let escape = if list { Escape::FormList(separator) } else { Escape::Form };
        self.holes.push(Hole { at: self.out.len(), slot, escape });
    }

    fn json_text(&mut self, name: Name, inner: Template) {
        self.name(name);
        inner.append_in_form(&mut self.out, &mut self.holes);
    }

    fn open(&mut self, name: Name) -> Mark {
        let before = self.prefix.len();
        self.prefix.push_str(name.text);
        self.prefix.push('.');
        Mark { before, inside: self.out.len() }
    }

    fn close(&mut self, mark: Mark, _keep_empty: bool) -> usize {
        self.prefix.truncate(mark.before);
        self.out.len() - mark.inside
    }
}
