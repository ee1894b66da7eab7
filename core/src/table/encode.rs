//! Turns rows into bytes, and finds every problem and loss on the way.

use std::borrow::Cow;

use bytes::Bytes;
use serde_json::{Map, Value};

use super::given::{Members, Taken};
use super::manual::Lost;
use super::row::{Adapter, Get, Limit, Row};
use super::rule::{Advice, Rule};
use super::sink::{FormSink, HeaderSink, JsonSink, Sink};
use crate::error::{EncodeError, Fault, Problem};
use crate::model::{Badge, Data, Field, Fields, Notification, Sound};
use crate::template::{Slot, Template};
use crate::vendor::{Cut, Cx, Encoded, HeaderList, Loss, Overflow, Shape};

/// What the functions of a table see.
pub struct In<'a, V: Adapter> {
    /// The notification.
    pub n: &'a Notification,
    /// The vendor's own options of it.
    pub options: &'a V::Options,
    /// The vendor, with its settings.
    pub vendor: &'a V,
    /// The shape that is encoded.
    pub shape: Shape,
    /// Milliseconds since the Unix epoch.
    pub now_ms: u64,
}

impl<'a, V: Adapter> In<'a, V> {
    /// The title.
    pub fn title(&self) -> Option<Cow<'a, str>> {
        self.n.title.as_deref().map(Cow::Borrowed)
    }

    /// The text.
    pub fn body(&self) -> Option<Cow<'a, str>> {
        self.n.body.as_deref().map(Cow::Borrowed)
    }

    /// The time to live in seconds.
    pub fn ttl_secs(&self) -> Option<i64> {
        self.n.ttl.map(|ttl| i64::from(ttl.as_secs()))
    }

    /// The app's pairs, when there are any.
    pub fn data(&self) -> Option<Cow<'a, Data>> {
        (!self.n.data.is_empty()).then_some(Cow::Borrowed(&self.n.data))
    }

    /// The app's pairs as one JSON text, when there are any.
    pub fn data_json(&self) -> Option<Cow<'a, str>> {
        // Pairs of texts always serialise.
        (!self.n.data.is_empty()).then(|| serde_json::to_string(&self.n.data).ok().map(Cow::Owned)).flatten()
    }

    /// Where receipts are posted, when they are asked for at an address.
    pub fn receipt_url(&self) -> Option<Cow<'a, str>> {
        self.n.receipt.as_ref().and_then(|receipt| receipt.url.as_ref()).map(|url| Cow::Borrowed(url.as_str()))
    }

    /// What comes back with each receipt, when receipts are asked for.
    pub fn receipt_tag(&self) -> Option<Cow<'a, str>> {
        self.n.receipt_tag().map(Cow::Borrowed)
    }

    /// The address of the picture.
    pub fn image(&self) -> Option<Cow<'a, str>> {
        self.n.image.as_ref().map(|url| Cow::Borrowed(url.as_str()))
    }

    /// The name of the sound, `default` for the system's; none for silence.
    pub fn sound(&self) -> Option<Cow<'a, str>> {
        match self.n.sound.as_ref()? {
            Sound::Default => Some("default".into()),
            Sound::Named(name) => Some(Cow::Borrowed(name)),
            Sound::Silent => None,
        }
    }

    /// The number to set the badge to; none where one is to be added to it.
    pub fn badge(&self) -> Option<i64> {
        match self.n.badge? {
            Badge::Set(number) => Some(number.into()),
            Badge::Add(_) => None,
        }
    }

    /// The channel.
    pub fn channel(&self) -> Option<Cow<'a, str>> {
        self.n.channel.as_deref().map(Cow::Borrowed)
    }

    /// The category.
    pub fn category(&self) -> Option<Cow<'a, str>> {
        self.n.category.as_deref().map(Cow::Borrowed)
    }

    /// The thread.
    pub fn thread(&self) -> Option<Cow<'a, str>> {
        self.n.thread.as_deref().map(Cow::Borrowed)
    }

    /// The notification's id.
    pub fn id(&self) -> Option<Cow<'a, str>> {
        self.n.id.as_ref().map(|id| Cow::Borrowed(id.as_str()))
    }

    /// The hour of the day at which it is sent, so many hours east of UTC.
    pub fn hour(&self, utc_offset: i64) -> i64 {
        let now = i64::try_from(self.now_ms).unwrap_or(i64::MAX) / 1000;
        let at = self.n.send_at.map_or(now, |at| at.timestamp().max(now));
        (at / 3600).saturating_add(utc_offset).rem_euclid(24)
    }

    /// The collapse key.
    pub fn collapse(&self) -> Option<Cow<'a, str>> {
        self.n.collapse_key.as_ref().map(|key| Cow::Borrowed(key.as_str()))
    }
}

/// The encoding of one notification for one vendor and shape.
pub struct Encoding<'a, V: Adapter> {
    /// What the functions of the tables see.
    pub input: In<'a, V>,
    overflow: Overflow,
    carried: Fields,
    problems: Vec<Problem>,
    cuts: Vec<Cut>,
    advice: Vec<Advice>,
    headers: Vec<(http::HeaderName, http::HeaderValue)>,
    path: Vec<&'static str>,
    aux: Bytes,
    has_request_id: bool,
}

impl<'a, V: Adapter> Encoding<'a, V> {
    /// Begins.
    pub fn new(vendor: &'a V, n: &'a Notification, options: &'a V::Options, shape: Shape, cx: &Cx<'_>) -> Self {
        Self {
            input: In { n, options, vendor, shape, now_ms: cx.now_ms },
            overflow: cx.overflow,
            carried: Fields::NONE,
            problems: Vec::new(),
            cuts: Vec::new(),
            advice: Vec::new(),
            headers: Vec::new(),
            path: Vec::new(),
            aux: Bytes::new(),
            has_request_id: false,
        }
    }

    /// Notes a problem that no single row can see.
    pub fn problem(&mut self, wire: impl Into<String>, field: Option<Field>, fault: Fault) {
        self.problems.push(Problem { wire: wire.into(), field, fault });
    }

    /// Notes something that is allowed but unwise.
    pub fn advise(&mut self, advice: &'static str) {
        self.advice.push(Advice { what: advice, since: "", source: "" });
    }

    /// Holds the notification against the vendor's rules.
    pub fn rules(&mut self, rules: &'static [Rule<V>]) {
        for rule in rules.iter().filter(|rule| rule.breaks.is_some_and(|breaks| breaks(&self.input))) {
            match rule.refuses {
                true => self.problems.push(Problem {
                    wire: rule.wire.into(),
                    field: rule.field,
                    fault: Fault::Invalid(rule.says.to_string()),
                }),
                false => self.advice.push(rule.says),
            }
        }
    }

    /// Notes a value that was moved by other means than a row's limit, such as a time to live
    /// that is sent as a point in time.
    pub fn moved(&mut self, wire: impl Into<String>, field: Option<Field>, from: i64, to: i64) {
        self.cuts.push(Cut { wire: wire.into(), field, from, to });
    }

    /// Notes that fields are carried by other means than a row, such as the choice of a URL.
    pub fn carry(&mut self, fields: Fields) {
        self.carried = self.carried.and(fields);
    }

    /// Writes rows as a JSON object.
    pub fn json(&mut self, rows: &'static [Row<V>]) -> Template {
        let mut sink = JsonSink::new(512);
        self.rows(rows, None, &mut sink);
        sink.finish()
    }

    /// Writes rows as a form.
    pub fn form(&mut self, rows: &'static [Row<V>]) -> Template {
        let mut sink = FormSink::new(1024);
        self.rows(rows, None, &mut sink);
        sink.finish()
    }

    /// Writes rows as headers, which all requests of the encoded notification carry.
    pub fn headers(&mut self, rows: &'static [Row<V>]) {
        let mut sink = HeaderSink::default();
        self.rows(rows, None, &mut sink);
        self.headers.append(&mut sink.headers);
        for name in sink.refused {
            self.problem(name, None, Fault::Invalid("cannot stand in a header: printable ASCII only".into()));
        }
    }

    /// Ends: all problems in one error, or the encoded notification with its losses. `lost` says
    /// why fields are lost that no row carries.
    ///
    /// # Errors
    /// All problems that were found.
    pub fn finish(mut self, body: Template, lost: &[Lost]) -> Result<Encoded, EncodeError> {
        let mut losses = Vec::new();
        for field in self.input.n.set_fields().without(self.carried).iter() {
            let reason = lost.iter().find(|l| l.field == field).map_or("has no counterpart here", |l| l.reason);
            if field.must_be_carried() {
                self.problems.push(Problem {
                    wire: field.as_str().into(),
                    field: Some(field),
                    fault: Fault::Unsupported(reason),
                });
            } else {
                losses.push(Loss { field, reason });
            }
        }
        if !self.problems.is_empty() {
            return Err(EncodeError { vendor: V::ID, problems: self.problems });
        }
        Ok(Encoded {
            losses,
            cuts: self.cuts,
            advice: self.advice,
            headers: HeaderList::from(self.headers),
            aux: self.aux,
            has_request_id: self.has_request_id,
            ..Encoded::new(self.input.shape, body)
        })
    }

    fn rows(&mut self, rows: &'static [Row<V>], given: Option<&Map<String, Value>>, sink: &mut impl Sink) {
        let input = In { ..self.input };
        let mut given = given.map(Members::new);
        let stands = |row: &&Row<V>| row.shapes.has(input.shape) && row.when.is_none_or(|test| test(&input));
        for row in rows.iter().filter(stands) {
            let written = match given.as_mut().map(|given| given.take(row)) {
                Some(Taken::Before) => continue,
                Some(Taken::Now(value)) => self.given(row, value, sink),
                Some(Taken::Rest(members)) => self.rest(row, &members, sink),
                Some(Taken::No) | None => self.row(row, sink),
            };
            if written {
                self.carried = self.carried.and(row.uses);
            } else if row.needed {
                self.fault(row, Fault::Missing);
            }
        }
        for name in given.iter().flat_map(|given| given.unknown(rows)) {
            let wire = self.path.iter().copied().chain([name]).collect::<Vec<_>>().join(".");
            self.problem(
                wire,
                None,
                Fault::Invalid("is no field of the vendor's, or not one that can be given".into()),
            );
        }
    }

    /// Writes a row; `false` when it has no value.
    fn row(&mut self, row: &'static Row<V>, sink: &mut impl Sink) -> bool {
        // The getters borrow from the notification, not from `self`, which notes problems.
        let input = In { ..self.input };
        match &row.get {
            Get::Text(get) => get(&input).map(|text| self.text(row, &text, sink)).is_some(),
            Get::Int(get) => get(&input).map(|value| sink.int(row.name, self.int(row, value))).is_some(),
            Get::IntText(get, write) => {
                get(&input).map(|value| sink.text(row.name, &write(&input, self.int(row, value)))).is_some()
            }
            Get::Num(get) => get(&input).map(|value| sink.num(row.name, value)).is_some(),
            Get::Flag(get) => get(&input).map(|value| sink.flag(row.name, value)).is_some(),
            Get::Texts(get) => get(&input).map(|values| self.texts(row, values, sink)).is_some(),
            Get::Map(get) => get(&input).map(|pairs| self.pairs(row, &pairs, sink, true)).is_some(),
            Get::Spread(get) => get(&input).map(|pairs| self.pairs(row, &pairs, sink, false)).is_some(),
            Get::Json(get) => get(&input).map(|value| sink.json(row.name, &value)).is_some(),
            Get::SpreadJson(get) => get(&input).map(|value| self.members(row, &value, sink)).is_some(),
            Get::Object(rows) => self.object(row, rows, row.given.and_then(|given| given(&input)), sink),
            Get::JsonText(rows) => {
                self.path.push(row.name);
                let inner = self.json(rows);
                self.path.pop();
                if row.kept {
                    self.aux = inner.literal.clone();
                }
                let stands = inner.len() > 2 || row.needed;
                if stands {
                    sink.json_text(row.name, inner);
                }
                stands
            }
            Get::Hole(slot, separator) => {
                self.has_request_id |= *slot == Slot::RequestId;
                sink.hole(row.name, *slot, input.shape, *separator);
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
        sink: &mut impl Sink,
    ) -> bool {
        let mark = sink.open(row.name);
        self.path.push(row.name);
        self.rows(rows, given, sink);
        self.path.pop();
        sink.close(mark, row.needed);
        true
    }

    pub(super) fn text(&mut self, row: &'static Row<V>, text: &str, sink: &mut impl Sink) {
        let mut kept = text;
        match row.limit {
            Limit::Max(max, unit) if text.len() > max => {
                let size = unit.measure(text);
                if size > max && row.cut && self.overflow == Overflow::Truncate {
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
        if row.needed && kept.trim().is_empty() {
            self.fault(row, Fault::Missing);
        }
        sink.text(row.name, kept);
    }

    pub(super) fn int(&mut self, row: &'static Row<V>, value: i64) -> i64 {
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

    fn texts(&mut self, row: &'static Row<V>, values: &[String], sink: &mut impl Sink) {
        self.total(row, values.len(), values.iter().map(String::as_str));
        sink.texts(row.name, values);
    }

    fn pairs(&mut self, row: &'static Row<V>, pairs: &Data, sink: &mut impl Sink, nested: bool) {
        self.total(row, pairs.len(), pairs.iter().flat_map(|(key, value)| [key, value]));
        pairs.iter().for_each(|(key, _)| self.formed(row, key, key));
        if nested {
            return sink.map(row.name, pairs);
        }
        for (key, value) in pairs.iter() {
            sink.text(key, value);
        }
    }

    fn members(&mut self, row: &'static Row<V>, value: &Value, sink: &mut impl Sink) {
        match value.as_object() {
            Some(members) => members.iter().for_each(|(key, value)| sink.json(key, value)),
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
    fn total<'t>(&mut self, row: &'static Row<V>, entries: usize, texts: impl Iterator<Item = &'t str>) {
        if let Limit::Max(limit, unit) = row.limit {
            let size = if unit == crate::error::Unit::Entries { entries } else { texts.map(|t| unit.measure(t)).sum() };
            if size > limit {
                self.fault(row, Fault::TooLong { size, limit, unit });
            }
        }
    }

    fn wire(&self, row: &'static Row<V>) -> String {
        self.path.iter().chain([&row.name]).copied().collect::<Vec<_>>().join(".")
    }

    pub(super) fn fault(&mut self, row: &'static Row<V>, fault: Fault) {
        let wire = self.wire(row);
        self.problem(wire, row.uses.iter().next(), fault);
    }

    fn cut(&mut self, row: &'static Row<V>, from: i64, to: i64) {
        let cut = Cut { wire: self.wire(row), field: row.uses.iter().next(), from, to };
        self.cuts.push(cut);
    }
}
