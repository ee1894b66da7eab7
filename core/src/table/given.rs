//! Members that the caller gives in the vendor's own names, in place of rows.

use serde_json::{Map, Value};
use smallvec::SmallVec;

use super::row::{Adapter, Get, Limit, Row};
use super::sink::Sink;
use super::walk::Walk;
use crate::error::Fault;

/// The given members of one object, and which of them rows have taken.
pub(super) struct Members<'a> {
    all: &'a Map<String, Value>,
    taken: SmallVec<[&'a str; 8]>,
}

/// What a row finds among the given members.
pub(super) enum Taken<'a> {
    /// Nothing.
    No,
    /// Its member, which an earlier row of the same name has written.
    Before,
    /// Its member.
    Now(&'a Value),
    /// For the row of the rest: what no row has taken.
    Rest(Vec<(&'a str, &'a Value)>),
}

/// Headers have the same name in whatever case.
fn is_named(row: &str, member: &str) -> bool {
    row.eq_ignore_ascii_case(member)
}

impl<'a> Members<'a> {
    pub(super) fn new(all: &'a Map<String, Value>) -> Self {
        Self { all, taken: SmallVec::new() }
    }

    fn open(&self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let open = |name: &str| !self.taken.contains(&name);
        self.all
            .iter()
            .map(|(name, value)| (name.as_str(), value))
            .filter(move |(name, value)| open(name) && !value.is_null())
    }

    pub(super) fn take<V: Adapter>(&mut self, row: &Row<V>) -> Taken<'a> {
        match row.get {
            Get::Hole(..) => return Taken::No,
            Get::Rest => {
                let rest: Vec<_> = self.open().collect();
                self.taken.extend(rest.iter().map(|(name, _)| *name));
                return Taken::Rest(rest);
            }
            _ if self.taken.iter().any(|name| is_named(row.name, name)) => return Taken::Before,
            _ => {}
        }
        let found = self.open().find(|(name, _)| is_named(row.name, name));
        match found {
            Some((name, value)) => {
                self.taken.push(name);
                Taken::Now(value)
            }
            None => Taken::No,
        }
    }

    /// Members that nothing has taken and no row is for. A row that does not stand in this
    /// notification leaves its member out.
    pub(super) fn unknown<V: Adapter>(&self, rows: &'static [Row<V>]) -> Vec<&'a str> {
        let has = |row: &Row<V>, name| is_named(row.name, name) && !matches!(row.get, Get::Hole(..));
        self.open().map(|(name, _)| name).filter(|name| !rows.iter().any(|row| has(row, name))).collect()
    }
}

impl<V: Adapter, S: Sink> Walk<'_, '_, V, S> {
    /// Writes a given value in a row's form and limit.
    pub(super) fn given(&mut self, row: &'static Row<V>, value: &Value) -> bool {
        let texts = |mut all: Box<dyn Iterator<Item = &Value> + '_>| all.all(Value::is_string);
        match (&row.get, value) {
            (Get::Object(rows), Value::Object(members)) => return self.object(row, rows, Some(members)),
            (Get::Text(_), Value::String(text)) => self.text(row, text),
            (Get::Int(_), Value::Number(number)) if number.is_i64() => {
                self.int(row, number.as_i64().unwrap_or_default());
            }
            (Get::IntText(..), Value::Number(number)) if number.is_i64() => {
                self.int_text(row, number.as_i64().unwrap_or_default());
            }
            // The vendor's own form, which a number would be turned into.
            (Get::IntText(..), Value::String(text)) => self.sink.text(row.at(), text),
            (Get::Num(_), Value::Number(number)) => {
                let value = number.as_f64().unwrap_or_default();
                match row.limit {
                    Limit::Range(min, max) if !(min as f64..=max as f64).contains(&value) => {
                        self.fault(row, Fault::Invalid(format!("is {number}; {min} to {max} are allowed")));
                    }
                    _ => self.sink.json(row.at(), &Value::Number(number.clone())),
                }
            }
            (Get::Flag(_), Value::Bool(flag)) => self.sink.flag(row.at(), *flag),
            (Get::Texts(_), Value::Array(list)) if texts(Box::new(list.iter())) => {
                list.iter().filter_map(Value::as_str).for_each(|text| self.formed(row, text, text));
                self.sink.json(row.at(), value);
            }
            (Get::Map(_), Value::Object(pairs)) if texts(Box::new(pairs.values())) => {
                pairs.keys().for_each(|key| self.formed(row, key, key));
                self.sink.json(row.at(), value);
            }
            (Get::Json(_), value) => self.sink.json(row.at(), value),
            (get, _) => self.fault(row, Fault::Invalid(format!("must be: {}", get.kind()))),
        }
        true
    }

    /// Writes what no row has taken.
    pub(super) fn rest(&mut self, row: &'static Row<V>, members: &[(&str, &Value)]) -> bool {
        for (name, value) in members {
            match value.as_str() {
                Some(text) => self.formed(row, text, name),
                None if matches!(row.limit, Limit::Form(_)) => {
                    self.fault(row, Fault::Invalid(format!("`{name}` must be: text")));
                }
                None => {}
            }
            self.sink.member(name, value);
        }
        !members.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::table::{Adapter, Encoding, Row};
    use crate::{Cx, EncodeError, Encoded, Field, Fields, Notification, Now, Overflow, Shape, Ttl};

    use super::*;

    struct Acme;
    impl Adapter for Acme {
        const ID: &'static str = "acme";
        type Options = Map<String, Value>;
    }

    const FIELDS: &[Row<Acme>] = &[Row::object(
        "message",
        &[
            Row::target("to"),
            Row::text("title", Field::Title.only(), |x| x.title()).form(|text| text != "no", "anything but no"),
            Row::int_text("keep", Field::Ttl.only(), |x| x.ttl_secs(), "s").clamped(0, 60),
            Row::own_flag("quiet"),
            Row::own_texts("args"),
            Row::own_map("pairs").form(|key| key != "from", "not from"),
            Row::own_num("share").range(0, 1),
            Row::object(
                "headers",
                &[
                    Row::text("Urgency", Field::Priority.only(), |_| Some("high".into())),
                    Row::text("Urgency", Fields::NONE, |_| None),
                    Row::rest("(any)").form(str::is_ascii, "ASCII"),
                ],
            ),
            Row::object("hidden", &[Row::own_text("word")]).when(|_| false),
            Row::object("free", &[Row::rest("(any)")]),
        ],
    )
    .given(|x| Some(x.options))];

    fn encode(given: Value) -> Result<Encoded, EncodeError> {
        let options = given.as_object().cloned().unwrap_or_default();
        let vendors = [("acme".to_owned(), given)].into();
        let n =
            Notification { title: Some("t".into()), ttl: Ttl::from_secs(5).ok(), vendors, ..Notification::default() };
        let cx = Cx { now: Now::at(0), rng: &mut |_| {}, overflow: Overflow::Refuse };
        let mut encoding = Encoding::new(&Acme, &n, &options, Shape::One, &cx);
        let body = encoding.json(FIELDS);
        encoding.finish(body, &[])
    }

    fn message(given: Value) -> Value {
        let body: Value = serde_json::from_slice(encode(given).unwrap().body.literal()).unwrap();
        body["message"].clone()
    }

    #[test]
    fn given_members_stand_in_place_of_their_rows() {
        let plain = json!({"to": "", "title": "t", "keep": "5s", "headers": {"Urgency": "high"}});
        assert_eq!(message(json!({})), plain);
        assert_eq!(message(json!({"title": null, "hidden": {"word": "w"}})), plain);
        assert_eq!(
            message(json!({
                "title": "mine", "keep": 90, "quiet": true, "args": ["a"], "pairs": {"k": "v"}, "share": 0.5,
                "headers": {"urgency": "low", "x-own": "1"}, "free": {"any": [1]},
            })),
            json!({
                "to": "", "title": "mine", "keep": "60s", "quiet": true, "args": ["a"], "pairs": {"k": "v"},
                "share": 0.5, "headers": {"Urgency": "low", "x-own": "1"}, "free": {"any": [1]},
            })
        );
        assert_eq!(message(json!({"keep": "1.5s"}))["keep"], "1.5s");
        let moved = encode(json!({"keep": 90})).unwrap();
        assert_eq!((moved.cuts[0].from, moved.cuts[0].to), (90, 60));
    }

    #[test]
    fn what_is_no_field_or_has_another_form_is_named_by_its_path() {
        for (given, words) in [
            (json!({"to": "x"}), "`message.to`: is no field"),
            (json!({"tilte": "x"}), "`message.tilte`: is no field"),
            (json!({"title": 1}), "title (`message.title`): must be: text"),
            (json!({"title": "no"}), "does not have the form: anything but no"),
            (json!({"keep": true}), "must be: whole number in a text"),
            (json!({"quiet": 1}), "`message.quiet`: must be: true or false"),
            (json!({"args": ["a", 1]}), "must be: texts"),
            (json!({"pairs": {"k": 1}}), "must be: pairs"),
            (json!({"pairs": {"from": "v"}}), "`from` does not have the form: not from"),
            (json!({"share": 1.5}), "is 1.5; 0 to 1 are allowed"),
            (json!({"headers": "x"}), "`message.headers`: must be: object"),
            (json!({"headers": {"x": 1}}), "`x` must be: text"),
            (json!({"headers": {"x": "é"}}), "`x` does not have the form: ASCII"),
        ] {
            let error = encode(given.clone()).unwrap_err().to_string();
            assert!(error.contains(words), "{given}: {error}");
        }
        assert_eq!(encode(json!({"a": 1, "b": 2})).unwrap_err().problems.len(), 2, "all at once");
    }
}
