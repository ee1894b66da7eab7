//! One row of a table of fields.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::encode::In;
use super::name::{Key, Name};
use super::wants::Wants;
use crate::error::{EncodeError, Fault, Unit};
use crate::model::{Data, Fields, Notification};
use crate::template::Slot;
use crate::vendor::{Shape, Shapes};

/// The typed side of a vendor, which its table needs.
pub trait Adapter: Sized + 'static {
    /// The vendor's id.
    const ID: &'static str;
    /// The vendor's own options of a notification.
    type Options: DeserializeOwned + Default + 'static;

    /// The vendor's own options of a notification; their default when it has none.
    ///
    /// # Errors
    /// Names the unknown option or the wrong type.
    fn options(n: &Notification) -> Result<Self::Options, EncodeError> {
        let wire = || format!("vendors.{}", Self::ID);
        n.options(Self::ID).map_err(|problem| EncodeError::one(Self::ID, wire(), None, Fault::Invalid(problem)))
    }
}

/// How a value is had. All functions are plain and see nothing but their argument.
pub enum Get<V: Adapter> {
    /// A text.
    Text(for<'a> fn(&'a In<'a, V>) -> Option<Cow<'a, str>>),
    /// A whole number.
    Int(for<'a> fn(&'a In<'a, V>) -> Option<i64>),
    /// A whole number that is limited as it is, then turned into another and written as a text
    /// with these letters behind, such as `"60s"`.
    IntText(for<'a> fn(&'a In<'a, V>) -> Option<i64>, for<'a> fn(&'a In<'a, V>, i64) -> i64, &'static str),
    /// A number.
    Num(for<'a> fn(&'a In<'a, V>) -> Option<f64>),
    /// True or false.
    Flag(for<'a> fn(&'a In<'a, V>) -> Option<bool>),
    /// Texts in a list.
    Texts(for<'a> fn(&'a In<'a, V>) -> Option<&'a [String]>),
    /// Pairs of texts.
    Map(for<'a> fn(&'a In<'a, V>) -> Option<Cow<'a, Data>>),
    /// Pairs of texts, written beside the other rows instead of inside an object of their own.
    Spread(for<'a> fn(&'a In<'a, V>) -> Option<Cow<'a, Data>>),
    /// Pairs of texts, as a JSON object inside a text.
    PairsText(for<'a> fn(&'a In<'a, V>) -> Option<Cow<'a, Data>>),
    /// Any JSON.
    Json(for<'a> fn(&'a In<'a, V>) -> Option<Cow<'a, Value>>),
    /// Members of any JSON object, written beside the other rows.
    SpreadJson(for<'a> fn(&'a In<'a, V>) -> Option<Cow<'a, Value>>),
    /// An object of further rows; left out when none of them has a value.
    Object(&'static [Row<V>]),
    /// Further rows of the same object, which only the vendor's own options fill.
    Options(&'static [Row<V>]),
    /// An object of further rows, written as JSON inside a text.
    JsonText(&'static [Row<V>]),
    /// What differs from target to target or from request to request.
    Hole(Slot, char),
    /// The given members that no other row of the object has; see [`Row::given`].
    Rest,
}

impl<V: Adapter> Get<V> {
    /// What it is: text, number, object…
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) | Self::PairsText(_) | Self::Hole(..) => "text",
            Self::Int(_) => "whole number",
            Self::IntText(..) => "whole number in a text",
            Self::Num(_) => "number",
            Self::Flag(_) => "true or false",
            Self::Texts(_) => "texts",
            Self::Map(_) | Self::Spread(_) => "pairs",
            Self::Json(_) | Self::SpreadJson(_) | Self::Rest => "JSON",
            Self::Object(_) | Self::Options(_) => "object",
            Self::JsonText(_) => "JSON in a text",
        }
    }
}

/// Members of an object that the caller gives and that win over its rows.
pub type Given<V> = for<'a> fn(&'a In<'_, V>) -> Option<&'a Map<String, Value>>;

/// A limit of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// None.
    Free,
    /// A size.
    Max(usize, Unit),
    /// A range of whole numbers; a number outside is refused.
    Range(i64, i64),
    /// A range of whole numbers; a number outside is moved to its edge, and the move reported.
    Clamp(i64, i64),
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// A text of this form; in pairs, each key; in a list, each text.
    Form(Form),
}

/// The form of a text. Two forms are equal when their words are.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// Whether a text has it.
    pub test: fn(&str) -> bool,
    /// What it demands, such as `#rrggbb`.
    pub words: &'static str,
}

impl PartialEq for Form {
    fn eq(&self, other: &Self) -> bool {
        self.words == other.words
    }
}

impl Eq for Form {}

/// One field of a vendor's message.
pub struct Row<V: Adapter> {
    /// The name on the wire.
    pub name: &'static str,
    key: Key,
    /// The fields of the notification that it carries; none for options and constants. Without
    /// any of them, and without options of the vendor's own, it has no value, unless it is
    /// [`always`](Row::always) asked for one.
    pub uses: Fields,
    pub(super) wants: Wants,
    /// The shapes in which it stands.
    pub shapes: Shapes,
    /// The notifications in which it stands; `None`: in all.
    pub when: Option<for<'a> fn(&'a In<'a, V>) -> bool>,
    /// For an object: members that the caller gives; see [`Row::given`].
    pub given: Option<Given<V>>,
    /// Whether the vendor demands it.
    pub needed: bool,
    /// Its limit.
    pub limit: Limit,
    /// Whether an over-long text may be cut where the caller allows it.
    pub cut: bool,
    /// Whether its JSON is kept unescaped in [`Encoded::aux`](crate::vendor::Encoded::aux).
    pub kept: bool,
    /// A remark for the documentation.
    pub note: &'static str,
    /// How its value is had.
    pub get: Get<V>,
}

impl<V: Adapter> Row<V> {
    const fn new(name: &'static str, uses: Fields, get: Get<V>) -> Self {
        let (shapes, limit) = (Shapes::ALL, Limit::Free);
        let (needed, cut, kept) = (false, false, false);
        let wants = match &get {
            Get::Object(rows) | Get::JsonText(rows) => Self::wanted_by(rows),
            Get::Options(_) | Get::Rest => Wants::OPTIONS,
            Get::Hole(..) => Wants::ALWAYS,
            _ => Wants::fields(uses),
        };
        let key = Key::new(name);
        Self { name, key, uses, wants, shapes, when: None, given: None, needed, limit, cut, kept, note: "", get }
    }

    /// What may give any of some rows a value.
    #[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
    const fn wanted_by(rows: &'static [Row<V>]) -> Wants {
        let (mut wants, mut at) = (Wants::OPTIONS, 0);
        while at < rows.len() {
            wants = wants.or(rows[at].wants);
            at += 1;
        }
        wants
    }

    const fn own(mut self) -> Self {
        self.wants = Wants::OPTIONS;
        self
    }

    pub(super) const fn at(&'static self) -> Name {
        Name { text: self.name, key: &self.key }
    }

    /// A text.
    pub const fn text(
        name: &'static str,
        uses: Fields,
        get: for<'a> fn(&'a In<'a, V>) -> Option<Cow<'a, str>>,
    ) -> Self {
        Self::new(name, uses, Get::Text(get))
    }

    /// A whole number.
    pub const fn int(name: &'static str, uses: Fields, get: for<'a> fn(&'a In<'a, V>) -> Option<i64>) -> Self {
        Self::new(name, uses, Get::Int(get))
    }

    /// A whole number that stands in a text with `suffix` behind it, such as a time to live as
    /// `"60s"`.
    pub const fn int_text(
        name: &'static str,
        uses: Fields,
        get: for<'a> fn(&'a In<'a, V>) -> Option<i64>,
        suffix: &'static str,
    ) -> Self {
        Self::new(name, uses, Get::IntText(get, |_, value| value, suffix))
    }

    /// The same, turned into another number by `turn` once it is within its limit: a time to live
    /// into the time at which it ends.
    pub const fn int_text_by(
        name: &'static str,
        uses: Fields,
        get: for<'a> fn(&'a In<'a, V>) -> Option<i64>,
        turn: for<'a> fn(&'a In<'a, V>, i64) -> i64,
    ) -> Self {
        Self::new(name, uses, Get::IntText(get, turn, ""))
    }

    /// A number.
    pub const fn num(name: &'static str, uses: Fields, get: for<'a> fn(&'a In<'a, V>) -> Option<f64>) -> Self {
        Self::new(name, uses, Get::Num(get))
    }

    /// True or false.
    pub const fn flag(name: &'static str, uses: Fields, get: for<'a> fn(&'a In<'a, V>) -> Option<bool>) -> Self {
        Self::new(name, uses, Get::Flag(get))
    }

    /// Texts in a list.
    pub const fn texts(
        name: &'static str,
        uses: Fields,
        get: for<'a> fn(&'a In<'a, V>) -> Option<&'a [String]>,
    ) -> Self {
        Self::new(name, uses, Get::Texts(get))
    }

    /// Pairs of texts, as an object.
    pub const fn map(
        name: &'static str,
        uses: Fields,
        get: for<'a> fn(&'a In<'a, V>) -> Option<Cow<'a, Data>>,
    ) -> Self {
        Self::new(name, uses, Get::Map(get))
    }

    /// Pairs of texts, beside the other rows. `name` is for the documentation only.
    pub const fn spread(
        name: &'static str,
        uses: Fields,
        get: for<'a> fn(&'a In<'a, V>) -> Option<Cow<'a, Data>>,
    ) -> Self {
        Self::new(name, uses, Get::Spread(get))
    }

    /// Pairs of texts, as a JSON object inside a text.
    pub const fn pairs_text(
        name: &'static str,
        uses: Fields,
        get: for<'a> fn(&'a In<'a, V>) -> Option<Cow<'a, Data>>,
    ) -> Self {
        Self::new(name, uses, Get::PairsText(get))
    }

    /// Any JSON.
    pub const fn json(
        name: &'static str,
        uses: Fields,
        get: for<'a> fn(&'a In<'a, V>) -> Option<Cow<'a, Value>>,
    ) -> Self {
        Self::new(name, uses, Get::Json(get))
    }

    /// The members of a JSON object, beside the other rows. `name` is for the documentation only.
    pub const fn spread_json(
        name: &'static str,
        uses: Fields,
        get: for<'a> fn(&'a In<'a, V>) -> Option<Cow<'a, Value>>,
    ) -> Self {
        Self::new(name, uses, Get::SpreadJson(get))
    }

    /// An object of further rows, left out when empty. In a form, its rows become `name.row`.
    pub const fn object(name: &'static str, rows: &'static [Row<V>]) -> Self {
        Self::new(name, Fields::NONE, Get::Object(rows))
    }

    /// Further rows of the same object that have no value but by the vendor's own options: they
    /// are passed over where a notification has none.
    pub const fn options(rows: &'static [Row<V>]) -> Self {
        Self::new("", Fields::NONE, Get::Options(rows))
    }

    /// An object of further rows, as JSON inside a text.
    pub const fn json_text(name: &'static str, rows: &'static [Row<V>]) -> Self {
        Self::new(name, Fields::NONE, Get::JsonText(rows))
    }

    /// A text that only the caller gives.
    pub const fn own_text(name: &'static str) -> Self {
        Self::text(name, Fields::NONE, |_| None).own()
    }

    /// True or false, as only the caller gives it.
    pub const fn own_flag(name: &'static str) -> Self {
        Self::flag(name, Fields::NONE, |_| None).own()
    }

    /// A number that only the caller gives.
    pub const fn own_num(name: &'static str) -> Self {
        Self::num(name, Fields::NONE, |_| None).own()
    }

    /// Texts in a list, as only the caller gives them.
    pub const fn own_texts(name: &'static str) -> Self {
        Self::texts(name, Fields::NONE, |_| None).own()
    }

    /// Pairs of texts that only the caller gives.
    pub const fn own_map(name: &'static str) -> Self {
        Self::map(name, Fields::NONE, |_| None).own()
    }

    /// The given members that no other row of the object has; it stands last. With a
    /// [`form`](Self::form) they are texts of that form. `name` is for the documentation only.
    pub const fn rest(name: &'static str) -> Self {
        Self::new(name, Fields::NONE, Get::Rest)
    }

    /// The target; in shapes for a list all targets: an array in JSON, joined by `,` in a form.
    pub const fn target(name: &'static str) -> Self {
        Self::target_by(name, ',')
    }

    /// The same with another separator between the targets of a list in a form.
    pub const fn target_by(name: &'static str, separator: char) -> Self {
        Self::new(name, Fields::NONE, Get::Hole(Slot::Target, separator))
    }

    /// The ticket of a staged message.
    pub const fn ticket(name: &'static str) -> Self {
        Self::new(name, Fields::NONE, Get::Hole(Slot::Ticket, ','))
    }

    /// The request id, which carries the notification's id.
    pub const fn request_id(name: &'static str, uses: Fields) -> Self {
        Self::new(name, uses, Get::Hole(Slot::RequestId, ','))
    }

    /// For [`object`](Self::object): the caller may give members of the object, and of the objects
    /// in it, by their names on the wire. A given member stands in place of its row, in that row's
    /// form and limit; one that no row has is refused, unless the object has a
    /// [`rest`](Self::rest). `null` counts as not given.
    pub const fn given(mut self, given: Given<V>) -> Self {
        self.given = Some(given);
        self
    }

    /// May have a value without the fields that it carries and without options: by default, from
    /// the settings, or from a field that it does not carry.
    pub const fn always(mut self) -> Self {
        self.wants = Wants::ALWAYS;
        self
    }

    /// Has no value without one of these fields, which it does not carry, or options of the vendor's
    /// own.
    pub const fn with(mut self, fields: Fields) -> Self {
        self.wants = Wants::fields(fields);
        self
    }

    /// Demanded by the vendor.
    pub const fn needed(mut self) -> Self {
        self.needed = true;
        self.always()
    }

    /// At most so long.
    pub const fn max(mut self, size: usize, unit: Unit) -> Self {
        self.limit = Limit::Max(size, unit);
        self
    }

    /// A whole number from `min` to `max`, else refused.
    pub const fn range(mut self, min: i64, max: i64) -> Self {
        self.limit = Limit::Range(min, max);
        self
    }

    /// A whole number moved into `min` to `max`; a move is reported.
    pub const fn clamped(mut self, min: i64, max: i64) -> Self {
        self.limit = Limit::Clamp(min, max);
        self
    }

    /// One of these texts.
    pub const fn one_of(mut self, texts: &'static [&'static str]) -> Self {
        self.limit = Limit::OneOf(texts);
        self
    }

    /// A text for which `test` holds, else refused; `words` say what it demands, such as
    /// `#rrggbb`.
    pub const fn form(mut self, test: fn(&str) -> bool, words: &'static str) -> Self {
        self.limit = Limit::Form(Form { test, words });
        self
    }

    /// May be cut at its limit where the caller allows it.
    pub const fn cut(mut self) -> Self {
        self.cut = true;
        self
    }

    /// For [`json_text`](Self::json_text): the JSON is kept as it was before escaping in
    /// [`Encoded::aux`](crate::vendor::Encoded::aux), for vendors that sign raw values.
    pub const fn kept(mut self) -> Self {
        self.kept = true;
        self
    }

    /// Only in these shapes.
    pub const fn only(mut self, shapes: Shapes) -> Self {
        self.shapes = shapes;
        self
    }

    /// Only where one device is addressed.
    pub const fn only_one(self) -> Self {
        self.only(Shape::One.only())
    }

    /// Only in notifications for which `test` holds; elsewhere it has no value and is not missed.
    pub const fn when(mut self, test: for<'a> fn(&'a In<'a, V>) -> bool) -> Self {
        self.when = Some(test);
        self
    }

    /// With a remark for the documentation.
    pub const fn note(mut self, note: &'static str) -> Self {
        self.note = note;
        self
    }
}
