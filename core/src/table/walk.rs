//! The way through the rows of a table: what each writes, and what is found on the way.

use serde_json::{Map, Value};

use super::encode::{In, Notes};
use super::given::{Members, Taken};
use super::row::{Adapter, Get, Limit, Row};
use super::sink::{JsonSink, Sink};
use crate::error::{Fault, Problem, Unit};
use crate::model::Data;
use crate::template::Slot;
use crate::vendor::{Cut, Overflow};

/// One walk: what the rows see, what is noted, and where they write.
pub(super) struct Walk<'w, 'a, V: Adapter, S> {
    pub(super) x: &'w In<'a, V>,
    pub(super) notes: &'w mut Notes,
    pub(super) sink: &'w mut S,
    /// The object whose rows are written; `None`: the whole.
    pub(super) inside: Option<&'w Inside<'w>>,
}

/// An object, and what it stands in.
pub(super) struct Inside<'w> {
    name: &'static str,
    outer: Option<&'w Self>,
}

impl<V: Adapter, S: Sink> Walk<'_, '_, V, S> {
    /// Writes all rows of an object, in their order; `given` stands in place of some.
    pub(super) fn rows(&mut self, rows: &'static [Row<V>], given: Option<&Map<String, Value>>) {
        if let Some(given) = given.filter(|given| !given.is_empty()) {
            return self.rows_beside(rows, given);
        }
        for row in rows {
            if !row.wants.are_in(self.notes.met) {
                debug_assert!(self.lacks(row), "`{}` has a value without its fields: it is `always`", row.name);
            } else if self.stands(row) {
                let written = self.row(row);
                self.note(row, written);
            }
        }
    }

    /// Whether a row that is passed over has no value indeed.
    fn lacks(&self, row: &Row<V>) -> bool {
        let x = self.x;
        let none = match &row.get {
            Get::Text(get) => get(x).is_none(),
            Get::Int(get) | Get::IntText(get, ..) => get(x).is_none(),
            Get::Num(get) => get(x).is_none(),
            Get::Flag(get) => get(x).is_none(),
            Get::Texts(get) => get(x).is_none(),
            Get::Map(get) | Get::Spread(get) | Get::PairsText(get) => get(x).is_none(),
            Get::Json(get) | Get::SpreadJson(get) => get(x).is_none(),
            Get::Object(rows) | Get::JsonText(rows) => rows.iter().all(|row| self.lacks(row)),
            Get::Options(_) | Get::Rest => true,
            Get::Hole(..) => false,
        };
        none || !self.stands(row)
    }

    #[inline(never)]
    fn rows_beside(&mut self, rows: &'static [Row<V>], given: &Map<String, Value>) {
        let mut given = Members::new(given);
        for row in rows {
            if self.stands(row) {
                let written = match given.take(row) {
                    Taken::Before => continue,
                    Taken::No => {
                        self.rows(std::slice::from_ref(row), None);
                        continue;
                    }
                    Taken::Now(value) => self.given(row, value),
                    Taken::Rest(members) => self.rest(row, &members),
                };
                self.note(row, written);
            }
        }
        for name in given.unknown(rows) {
            let wire = self.wire(name);
            let fault = Fault::Invalid("is no field of the vendor's, or not one that can be given".into());
            self.notes.problems.push(Problem { wire, field: None, fault });
        }
    }

    #[inline]
    fn stands(&self, row: &Row<V>) -> bool {
        row.shapes.has(self.x.shape) && row.when.is_none_or(|test| test(self.x))
    }

    #[inline]
    fn note(&mut self, row: &'static Row<V>, written: bool) {
        if written {
            self.notes.carried = self.notes.carried.and(row.uses);
        } else if row.needed {
            self.fault(row, Fault::Missing);
        }
    }

    /// Writes a row; `false` when it has no value.
    #[inline(always)]
    fn row(&mut self, row: &'static Row<V>) -> bool {
        let x = self.x;
        match &row.get {
            Get::Text(get) => get(x).map(|text| self.text(row, &text)).is_some(),
            Get::Int(get) => get(x).map(|value| self.int(row, value)).is_some(),
            Get::IntText(get, ..) => get(x).map(|value| self.int_text(row, value)).is_some(),
            Get::Num(get) => get(x).map(|value| self.sink.num(row.at(), value)).is_some(),
            Get::Flag(get) => get(x).map(|value| self.sink.flag(row.at(), value)).is_some(),
            Get::Texts(get) => get(x).map(|values| self.texts(row, values)).is_some(),
            Get::Map(get) => get(x).map(|pairs| self.pairs(row, &pairs)).is_some(),
            Get::Spread(get) => get(x).map(|pairs| self.pairs(row, &pairs)).is_some(),
            Get::PairsText(get) => get(x).map(|pairs| self.pairs_text(row, &pairs)).is_some(),
            Get::Json(get) => get(x).map(|value| self.sink.json(row.at(), &value)).is_some(),
            Get::SpreadJson(get) => get(x).map(|value| self.members(row, &value)).is_some(),
            Get::Object(rows) => self.object(row, rows, row.given.and_then(|given| given(x))),
            Get::Options(rows) => {
                self.rows(rows, None);
                true
            }
            Get::JsonText(rows) => self.json_text(row, rows),
            Get::Hole(slot, separator) => {
                self.notes.has_request_id |= *slot == Slot::RequestId;
                self.sink.hole(row.at(), *slot, x.shape, *separator);
                true
            }
            Get::Rest => false,
        }
    }

    pub(super) fn object(
        &mut self,
        row: &'static Row<V>,
        rows: &'static [Row<V>],
        given: Option<&Map<String, Value>>,
    ) -> bool {
        let mark = self.sink.open(row.at());
        let inside = Inside { name: row.name, outer: self.inside };
        Walk { x: self.x, notes: self.notes, sink: self.sink, inside: Some(&inside) }.rows(rows, given);
        self.notes.last_object = self.sink.close(mark, row.needed);
        true
    }

    fn json_text(&mut self, row: &'static Row<V>, rows: &'static [Row<V>]) -> bool {
        let mut sink = JsonSink::new(self.x.room(1));
        let inside = Inside { name: row.name, outer: self.inside };
        Walk { x: self.x, notes: self.notes, sink: &mut sink, inside: Some(&inside) }.rows(rows, None);
        let inner = sink.finish();
        if row.kept {
            self.notes.aux = inner.literal.clone();
        }
        let stands = inner.len() > 2 || row.needed;
        if stands {
            self.sink.json_text(row.at(), inner);
        }
        stands
    }

    pub(super) fn text(&mut self, row: &'static Row<V>, text: &str) {
        let mut kept = text;
        match row.limit {
            // A text has no more characters than bytes, and most are short enough in any unit.
            Limit::Max(max, unit) if text.len() > max => {
                let size = unit.measure(text);
                if size > max && row.cut && self.notes.overflow == Overflow::Truncate {
                    kept = unit.cut(text, max);
                    self.cut(row, size as i64, unit.measure(kept) as i64);
                } else if size > max {
                    self.fault(row, Fault::TooLong { size, limit: max, unit });
                }
            }
            Limit::OneOf(texts) if !texts.contains(&text) => {
                self.fault(row, Fault::Invalid(format!("is none of {}", texts.join(", "))));
            }
            Limit::Form(_) => self.formed(row, text, ""),
            _ => {}
        }
        if row.needed && kept.chars().all(char::is_whitespace) {
            self.fault(row, Fault::Missing);
        }
        self.sink.text(row.at(), kept);
    }

    pub(super) fn int(&mut self, row: &'static Row<V>, value: i64) {
        let value = self.limited(row, value);
        self.sink.int(row.at(), value);
    }

    pub(super) fn int_text(&mut self, row: &'static Row<V>, value: i64) {
        let value = self.limited(row, value);
        if let Get::IntText(_, write, suffix) = &row.get {
            self.sink.int_text(row.at(), write(self.x, value), suffix);
        }
    }

    fn limited(&mut self, row: &'static Row<V>, value: i64) -> i64 {
        match row.limit {
            Limit::Range(min, max) if !(min..=max).contains(&value) => {
                self.fault(row, Fault::OutOfRange { value, min, max });
                value
            }
            Limit::Clamp(min, max) if !(min..=max).contains(&value) => {
                let moved = value.clamp(min, max);
                self.cut(row, value, moved);
                moved
            }
            _ => value,
        }
    }

    fn texts(&mut self, row: &'static Row<V>, values: &[String]) {
        self.total(row, values.len(), values.iter().map(String::as_str));
        self.sink.texts(row.at(), values);
    }

    fn pairs(&mut self, row: &'static Row<V>, pairs: &Data) {
        self.total(row, pairs.len(), pairs.iter().flat_map(|(key, value)| [key, value]));
        if let Limit::Form(_) = row.limit {
            pairs.iter().for_each(|(key, _)| self.formed(row, key, key));
        }
        match row.get {
            Get::Spread(_) => pairs.iter().for_each(|(key, value)| self.sink.pair(key, value)),
            _ => self.sink.map(row.at(), pairs),
        }
    }

    fn pairs_text(&mut self, row: &'static Row<V>, pairs: &Data) {
        // What is written into the sink is no shorter than the text.
        let bytes = self.sink.pairs_text(row.at(), pairs);
        if let Limit::Max(limit, unit) = row.limit
            && bytes > limit
            // Pairs of texts always serialise.
            && let Ok(text) = serde_json::to_string(pairs)
            && unit.measure(&text) > limit
        {
            self.fault(row, Fault::TooLong { size: unit.measure(&text), limit, unit });
        }
    }

    fn members(&mut self, row: &'static Row<V>, value: &Value) {
        match value.as_object() {
            Some(members) => members.iter().for_each(|(key, value)| self.sink.member(key, value)),
            None => self.fault(row, Fault::Invalid("must be an object".into())),
        }
    }

    /// Checks the form of a text; `what` is the key that is checked, in pairs.
    pub(super) fn formed(&mut self, row: &'static Row<V>, text: &str, what: &str) {
        if let Limit::Form(form) = row.limit
            && !(form.test)(text)
        {
            let what = if what.is_empty() { String::new() } else { format!("`{what}` ") };
            self.fault(row, Fault::Invalid(format!("{what}does not have the form: {}", form.words)));
        }
    }

    /// Checks a limit on all texts of a row together.
    fn total<'t>(&mut self, row: &'static Row<V>, entries: usize, texts: impl Iterator<Item = &'t str> + Clone) {
        if let Limit::Max(limit, unit) = row.limit {
            let size = match unit {
                Unit::Entries => entries,
                _ if texts.clone().map(str::len).sum::<usize>() <= limit => return,
                _ => texts.map(|text| unit.measure(text)).sum(),
            };
            if size > limit {
                self.fault(row, Fault::TooLong { size, limit, unit });
            }
        }
    }

    /// A name with the names of the objects around it.
    #[cold]
    fn wire(&self, name: &str) -> String {
        let mut wire = name.to_owned();
        let mut around = self.inside;
        while let Some(Inside { name, outer }) = around {
            wire = format!("{name}.{wire}");
            around = *outer;
        }
        wire
    }

    #[cold]
    pub(super) fn fault(&mut self, row: &'static Row<V>, fault: Fault) {
        let (wire, field) = (self.wire(row.name), row.uses.iter().next());
        self.notes.problems.push(Problem { wire, field, fault });
    }

    #[cold]
    fn cut(&mut self, row: &'static Row<V>, from: i64, to: i64) {
        let cut = Cut { wire: self.wire(row.name), field: row.uses.iter().next(), from, to };
        self.notes.cuts.push(cut);
    }
}
