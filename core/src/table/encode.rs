//! Turns rows into bytes, and finds every problem and loss on the way.

use std::borrow::Cow;

use bytes::Bytes;

use super::manual::Lost;
use super::row::{Adapter, Row};
use super::rule::{Advice, Rule};
use super::sink::{FormSink, HeaderSink, JsonSink, Sink};
use super::walk::Walk;
use super::wants::Wants;
use crate::error::{EncodeError, Fault, Problem};
use crate::model::{Badge, Data, Field, Fields, Notification, Sound};
use crate::template::Template;
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
    /// Whether the notification has options of the vendor's own.
    pub fn has_options(&self) -> bool {
        self.n.vendors.contains_key(V::ID)
    }

    /// About how many bytes it takes, where a byte of a text takes so many.
    pub(super) fn room(&self, each: usize) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let data: usize = self.n.data.iter().map(|(key, value)| key.len() + value.len() + 16).sum();
        512 + each * (text(&self.n.title) + text(&self.n.body) + data)
    }

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
    notes: Notes,
    headers: Option<HeaderList>,
}

/// What is found on the way through the tables.
pub(super) struct Notes {
    pub(super) overflow: Overflow,
    /// The fields that are set.
    set: Fields,
    /// What rows may want and get.
    pub(super) met: Wants,
    pub(super) carried: Fields,
    pub(super) problems: Vec<Problem>,
    pub(super) cuts: Vec<Cut>,
    advice: Vec<Advice>,
    pub(super) aux: Bytes,
    /// Whether a row is the request's id.
    pub(super) has_request_id: bool,
    /// The bytes of the object that was ended last.
    pub(super) last_object: usize,
}

impl<'a, V: Adapter> Encoding<'a, V> {
    /// Begins.
    pub fn new(vendor: &'a V, n: &'a Notification, options: &'a V::Options, shape: Shape, cx: &Cx<'_>) -> Self {
        let (input, set) = (In { n, options, vendor, shape, now_ms: cx.now_ms() }, n.set_fields());
        Self {
            notes: Notes {
                overflow: cx.overflow,
                set,
                met: Wants::met(set, input.has_options()),
                carried: Fields::NONE,
                problems: Vec::new(),
                cuts: Vec::new(),
                advice: Vec::new(),
                aux: Bytes::new(),
                has_request_id: false,
                last_object: 0,
            },
            headers: None,
            input,
        }
    }

    /// Notes a problem that no single row can see.
    pub fn problem(&mut self, wire: impl Into<String>, field: Option<Field>, fault: Fault) {
        self.notes.problems.push(Problem { wire: wire.into(), field, fault });
    }

    /// Notes something that is allowed but unwise.
    pub fn advise(&mut self, advice: &'static str) {
        self.notes.advice.push(Advice { what: advice, since: "", source: "" });
    }

    /// Holds the notification against the vendor's rules.
    pub fn rules(&mut self, rules: &'static [Rule<V>]) {
        for rule in rules.iter().filter(|rule| rule.breaks.is_some_and(|breaks| breaks(&self.input))) {
            match rule.refuses {
                true => self.notes.problems.push(Problem {
                    wire: rule.wire.into(),
                    field: rule.field,
                    fault: Fault::Invalid(rule.says.to_string()),
                }),
                false => {
                    // Room for most at once.
                    if self.notes.advice.is_empty() {
                        self.notes.advice.reserve(8);
                    }
                    self.notes.advice.push(rule.says);
                }
            }
        }
    }

    /// Notes a value that was moved by other means than a row's limit, such as a time to live
    /// that is sent as a point in time.
    pub fn moved(&mut self, wire: impl Into<String>, field: Option<Field>, from: i64, to: i64) {
        self.notes.cuts.push(Cut { wire: wire.into(), field, from, to });
    }

    /// Notes that fields are carried by other means than a row, such as the choice of a URL.
    pub fn carry(&mut self, fields: Fields) {
        self.notes.carried = self.notes.carried.and(fields);
    }

    /// Writes rows as a JSON object.
    pub fn json(&mut self, rows: &'static [Row<V>]) -> Template {
        let mut sink = JsonSink::new(self.input.room(1));
        self.write(rows, &mut sink);
        sink.finish()
    }

    /// Writes rows as a form.
    pub fn form(&mut self, rows: &'static [Row<V>]) -> Template {
        // Letters that are not English take nine bytes for three.
        let mut sink = FormSink::new(self.input.room(3));
        self.write(rows, &mut sink);
        sink.finish()
    }

    /// The size in bytes of the object that was ended last, without what goes into its holes: of
    /// the last row of a table, where that is an object. 0 where it is empty.
    pub fn last_object(&self) -> usize {
        self.notes.last_object
    }

    /// Writes rows as the headers that all requests of the encoded notification carry.
    pub fn headers(&mut self, rows: &'static [Row<V>]) {
        let mut sink = HeaderSink::new();
        self.write(rows, &mut sink);
        for name in std::mem::take(&mut sink.refused) {
            self.problem(name, None, Fault::Invalid("cannot stand in a header: printable ASCII only".into()));
        }
        self.headers = Some(sink.finish());
    }

    fn write(&mut self, rows: &'static [Row<V>], sink: &mut impl Sink) {
        Walk { x: &self.input, notes: &mut self.notes, sink, inside: None }.rows(rows, None);
    }

    /// Ends: all problems in one error, or the encoded notification with its losses. `lost` says
    /// why fields are lost that no row carries.
    ///
    /// # Errors
    /// All problems that were found.
    #[inline]
    pub fn finish(mut self, body: Template, lost: &[Lost]) -> Result<Encoded, EncodeError> {
        let missing = self.notes.set.without(self.notes.carried);
        let mut losses = Vec::with_capacity(missing.len());
        for field in missing.iter() {
            let reason = lost.iter().find(|l| l.field == field).map_or("has no counterpart here", |l| l.reason);
            if field.must_be_carried() {
                self.problem(field.as_str(), Some(field), Fault::Unsupported(reason));
            } else {
                losses.push(Loss { field, reason });
            }
        }
        let Notes { problems, cuts, advice, aux, has_request_id, .. } = self.notes;
        if !problems.is_empty() {
            return Err(EncodeError { vendor: V::ID, problems });
        }
        Ok(Encoded {
            shape: self.input.shape,
            body,
            push: Template::default(),
            headers: self.headers.unwrap_or_default(),
            aux,
            group: 0,
            quota: "",
            dedups: None,
            most: None,
            losses,
            cuts,
            advice,
            size: None,
            has_request_id,
        })
    }
}
