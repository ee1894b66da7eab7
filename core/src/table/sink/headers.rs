//! Headers.

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use serde_json::Value;
use smallvec::SmallVec;

use super::super::name::Name;
use super::{Mark, Sink, digits, object};
use crate::model::Data;
use crate::template::{Slot, Template};
use crate::vendor::{HeaderList, Shape, all_bytes};

/// Headers. Their values stand in one buffer, which all of them share.
pub(in crate::table) struct HeaderSink {
    text: Vec<u8>,
    /// Each header's name, and where its value ends.
    ends: SmallVec<[(&'static str, usize); 8]>,
    /// What cannot stand in a header, by name.
    pub(in crate::table) refused: Vec<String>,
}

impl HeaderSink {
    pub(in crate::table) fn new() -> Self {
        // Room for what most have.
        Self { text: Vec::with_capacity(128), ends: SmallVec::new(), refused: Vec::new() }
    }

    pub(in crate::table) fn finish(self) -> HeaderList {
        let (mut text, mut from) = (Bytes::from(self.text), 0);
        let header = |&(name, end): &(&'static str, usize)| {
            let value = HeaderValue::from_maybe_shared(text.split_to(end - from));
            from = end;
            // What HTTP does not take was refused.
            (HeaderName::from_static(name), value.unwrap_or_else(|_| HeaderValue::from_static("")))
        };
        self.ends.iter().map(header).collect()
    }

    fn refuse(&mut self, name: &str) {
        self.text.truncate(self.ends.last().map_or(0, |(_, end)| *end));
        self.refused.push(name.to_owned());
    }
}

impl Sink for HeaderSink {
    fn text(&mut self, name: Name, value: &str) {
        // HTTP takes bytes above 127 and tabs in values, but no push vendor does.
        let is_value = |b: u8| (0x20..0x7f).contains(&b);
        if !name.key.is_header || !all_bytes(value, is_value) {
            return self.refuse(name.text);
        }
        self.text.extend_from_slice(value.as_bytes());
        self.ends.push((name.text, self.text.len()));
    }

    fn int_text(&mut self, name: Name, value: i64, suffix: &str) {
        digits(&mut self.text, value);
        self.text(name, suffix);
    }

    fn map(&mut self, name: Name, _pairs: &Data) {
        self.refuse(name.text);
    }

    fn pairs_text(&mut self, name: Name, pairs: &Data) -> usize {
        let mut text = Vec::new();
        object(&mut text, pairs);
        self.text(name, &String::from_utf8_lossy(&text));
        text.len()
    }

    fn pair(&mut self, key: &str, _value: &str) {
        self.refuse(key);
    }

    fn member(&mut self, key: &str, _value: &Value) {
        self.refuse(key);
    }

    fn hole(&mut self, name: Name, _slot: Slot, _shape: Shape, _separator: char) {
        self.refuse(name.text);
    }

    fn json_text(&mut self, name: Name, inner: Template) {
        self.text(name, &String::from_utf8_lossy(&inner.literal));
    }

    fn open(&mut self, _name: Name) -> Mark {
        Mark { before: 0, inside: 0 }
    }

    fn close(&mut self, _mark: Mark, _keep_empty: bool) -> usize {
        0
    }
}
