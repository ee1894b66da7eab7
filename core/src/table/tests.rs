//! What tables do, on a vendor made up for it.

use std::borrow::Cow;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{Cut, Cx, EncodeError, Encoded, Field, Fields, Notification, Now, Overflow, Shape, Template, Ttl};

struct Acme;
impl Adapter for Acme {
    const ID: &'static str = "acme";
    type Options = ();
}

const FORM: &[Row<Acme>] =
    &[Row::json_text("message", &[Row::text("title", Field::Title.only(), |x| x.title())]).kept(), Row::target("to")];

#[test]
fn json_that_is_kept_is_what_the_form_carries() {
    let n = Notification::new("a \"b\" & 中", "");
    let cx = Cx { now: Now::at(0), rng: &mut |_| {}, overflow: Overflow::Refuse };
    let mut encoding = Encoding::new(&Acme, &n, &(), Shape::List, &cx);
    let form = encoding.form(FORM);
    let encoded = encoding.finish(form, &[]).unwrap();
    assert_eq!(encoded.aux, r#"{"title":"a \"b\" & 中"}"#);
    let (_, sent) = ::url::form_urlencoded::parse(encoded.body.literal()).next().unwrap();
    assert_eq!(sent.as_bytes(), encoded.aux);
}

#[test]
fn a_value_moved_outside_a_row_is_reported() {
    let cx = Cx { now: Now::at(0), rng: &mut |_| {}, overflow: Overflow::Refuse };
    let n = Notification::default();
    let mut encoding = Encoding::new(&Acme, &n, &(), Shape::One, &cx);
    encoding.moved("until", Some(Field::Ttl), 99, 60);
    let encoded = encoding.finish(Template::default(), &[]).unwrap();
    assert_eq!(encoded.cuts, [Cut { wire: "until".into(), field: Some(Field::Ttl), from: 99, to: 60 }]);
}

const FIELDS: &[Row<Acme>] = &[
    Row::int_text("keep", Field::Ttl.only(), |x| x.ttl_secs(), "s").clamped(60, 3600),
    Row::int_text_by("end", Fields::NONE, |x| x.ttl_secs(), |x, secs| x.now_ms as i64 / 1000 + secs),
    Row::object("words", &[Row::text("title", Field::Title.only(), |x| x.title()).needed()])
        .when(|x| x.n.kind == crate::Kind::Alert),
    Row::text("group", Field::Thread.only(), |x| x.n.thread.as_deref().map(Cow::Borrowed))
        .form(|text| text.starts_with('#'), "#name"),
];

fn encode(n: &Notification) -> Result<Encoded, EncodeError> {
    let cx = Cx { now: Now::at(5000), rng: &mut |_| {}, overflow: Overflow::Refuse };
    let mut encoding = Encoding::new(&Acme, n, &(), Shape::One, &cx);
    encoding.carry(Field::Kind.only());
    let body = encoding.json(FIELDS);
    encoding.finish(body, &[])
}

#[test]
fn a_number_written_as_text_is_limited_as_a_number() {
    let n = Notification { title: Some("t".into()), ttl: Ttl::from_secs(7200).ok(), ..Notification::default() };
    let encoded = encode(&n).unwrap();
    assert_eq!(encoded.body.literal(), r#"{"keep":"3600s","end":"7205","words":{"title":"t"}}"#);
    assert_eq!((encoded.cuts[0].from, encoded.cuts[0].to), (7200, 3600));
    assert_eq!(encoded.cuts.len(), 1);
}

#[test]
fn a_text_has_the_form_of_its_row() {
    let mut n = Notification { title: Some("t".into()), thread: Some("#a".into()), ..Notification::default() };
    assert!(encode(&n).is_ok());
    n.thread = Some("a".into());
    let error = encode(&n).unwrap_err().to_string();
    assert_eq!(error, "acme: thread (`group`): does not have the form: #name");
}

#[test]
fn a_row_that_does_not_stand_is_neither_carried_nor_missed() {
    let mut n = Notification { title: Some("t".into()), kind: crate::Kind::Background, ..Notification::default() };
    let encoded = encode(&n).unwrap();
    assert_eq!(encoded.body.literal(), "{}");
    assert_eq!(encoded.losses[0].field, Field::Title);
    n = Notification::default();
    assert!(encode(&n).unwrap_err().to_string().contains("words.title"));
}

const RULES: &[Rule<Acme>] = &[
    Rule::warns("no title", "2026-07-01", "page 1", |x| x.n.title.is_none()),
    Rule::warns("at night", "", "", |x| x.hour(8) < 6),
    Rule::warns("a subtitle", "", "page 2", |x| x.n.subtitle.is_some()).refuses("sub", Some(Field::Subtitle)),
    Rule::tells("be kind", "2024", "page 3"),
];

#[test]
fn rules_warn_or_refuse_with_their_date_and_their_source() {
    let hold = |n: &Notification, now_ms| {
        let cx = Cx { now: Now::at(now_ms), rng: &mut |_| {}, overflow: Overflow::Refuse };
        let mut encoding = Encoding::new(&Acme, n, &(), Shape::One, &cx);
        encoding.rules(RULES);
        let said = encoding.finish(Template::default(), &[]);
        said.map(|encoded| encoded.advice.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    let (noon, night) = (4 * 3_600_000, 20 * 3_600_000);
    let mut n = Notification::default();
    assert_eq!(hold(&n, noon).unwrap(), ["no title (since 2026-07-01; page 1)"]);
    n.title = Some("t".into());
    assert_eq!(hold(&n, noon).unwrap(), Vec::<String>::new());
    assert_eq!(hold(&n, night).unwrap(), ["at night"]);
    n.subtitle = Some("s".into());
    assert!(hold(&n, noon).unwrap_err().to_string().contains("subtitle (`sub`): a subtitle (page 2)"));
    let manual = Manual::new(&[FORM], &[], &[], "").rules(RULES);
    let table = rules_table(&manual);
    for row in [
        "| no title | 2026-07-01 | page 1 | is warned of |",
        "| a subtitle | not known | page 2 | is refused |",
        "| be kind | 2024 | page 3 | does not show it |",
    ] {
        assert!(table.contains(row), "{table}");
    }
}

/// Every way in which a text is written.
const TEXTS: &[Row<Acme>] = &[
    Row::text("title", Field::Title.only(), |x| x.title()),
    Row::map("pairs", Field::Data.only(), |x| x.data()),
    Row::pairs_text("text", Fields::NONE, |x| x.data()),
    Row::object("spread", &[Row::spread("(each key)", Fields::NONE, |x| x.data())]),
    Row::object("nothing", &[Row::own_text("own")]),
    Row::json_text("inner", &[Row::text("title", Fields::NONE, |x| x.title())]),
    Row::text("a name that is longer than any that a vendor has", Fields::NONE, |x| x.title()),
];

fn written(n: &Notification, form: bool) -> Vec<u8> {
    let cx = Cx { now: Now::at(0), rng: &mut |_| {}, overflow: Overflow::Refuse };
    let mut encoding = Encoding::new(&Acme, n, &(), Shape::One, &cx);
    let body = if form { encoding.form(TEXTS) } else { encoding.json(TEXTS) };
    encoding.finish(body, &[]).unwrap().body.literal().to_vec()
}

/// Texts with what must be escaped more often than chance has it.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof!["\\PC{0,80}", "[\"\\\\\\x00-\\x20a中🍜]{0,80}", ".{0,80}"]
}

proptest! {
    #[test]
    fn any_text_is_written_as_serde_writes_it(title in any_text(), pairs in proptest::collection::vec((any_text(), any_text()), 0..4)) {
        let mut n = Notification { title: Some(title.clone()), ..Notification::default() };
        for (key, value) in pairs {
            // A key that is empty or there already stays out.
            let _ = n.data.push(key, value);
        }
        let mut all = json!({"title": title, "inner": json!({"title": title}).to_string()});
        all["a name that is longer than any that a vendor has"] = title.clone().into();
        let data = serde_json::to_value(&n.data).unwrap();
        if !n.data.is_empty() {
            all["pairs"] = data.clone();
            all["spread"] = data.clone();
            all["text"] = serde_json::to_string(&n.data).unwrap().into();
        }
        let ours: Value = serde_json::from_slice(&written(&n, false)).unwrap();
        prop_assert_eq!(&ours, &all);

        let form = written(&n, true);
        let ours: Vec<(String, String)> = ::url::form_urlencoded::parse(&form).into_owned().collect();
        let of = |name: &str| ours.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        prop_assert_eq!(of("title"), Some(title.as_str()));
        prop_assert_eq!(of("inner"), all["inner"].as_str());
        prop_assert_eq!(of("text"), all["text"].as_str());
        for (key, value) in n.data.iter() {
            prop_assert_eq!(of(&format!("pairs.{key}")), Some(value));
        }
    }
}

const OPTIONAL: &[Row<Acme>] = &[Row::object(
    "m",
    &[Row::text("a", Fields::NONE, |_| Some("1".into())), Row::options(&[Row::int("b", Fields::NONE, |_| Some(2))])],
)];

#[test]
fn rows_of_options_are_passed_over_where_there_are_none() {
    let mut n = Notification::default();
    let write = |n: &Notification| {
        let cx = Cx { now: Now::at(0), rng: &mut |_| {}, overflow: Overflow::Refuse };
        Encoding::new(&Acme, n, &(), Shape::One, &cx).json(OPTIONAL)
    };
    assert_eq!(write(&n).literal(), r#"{"m":{"a":"1"}}"#);
    n.vendors.insert("acme".into(), json!({}));
    assert_eq!(write(&n).literal(), r#"{"m":{"a":"1","b":2}}"#);
    let manual = Manual::new(&[OPTIONAL], &[], &[], "");
    assert_eq!(manual.fields.iter().map(|field| field.wire.as_str()).collect::<Vec<_>>(), ["m.a", "m.b"]);
}

#[test]
fn headers_share_what_they_hold_and_refuse_what_http_does() {
    const HEADERS: &[Row<Acme>] = &[
        Row::text("x-title", Field::Title.only(), |x| x.title()),
        Row::int("ttl", Field::Ttl.only(), |x| x.ttl_secs()),
        Row::int("No Name", Fields::NONE, |_| Some(1)),
    ];
    let headers = |title: &str, rows: &'static [Row<Acme>]| {
        let n = Notification { title: Some(title.into()), ttl: Ttl::from_secs(60).ok(), ..Notification::default() };
        let cx = Cx { now: Now::at(0), rng: &mut |_| {}, overflow: Overflow::Refuse };
        let mut encoding = Encoding::new(&Acme, &n, &(), Shape::One, &cx);
        encoding.headers(rows);
        let encoded = encoding.finish(Template::default(), &[])?;
        let text =
            |(name, value): &(http::HeaderName, http::HeaderValue)| format!("{name}: {}", value.to_str().unwrap());
        Ok::<_, EncodeError>(encoded.headers.iter().map(text).collect::<Vec<_>>())
    };
    assert_eq!(headers("a b", &HEADERS[..2]).unwrap(), ["x-title: a b", "ttl: 60"]);
    for title in ["é", "a\nb", "\t"] {
        assert!(headers(title, &HEADERS[..2]).unwrap_err().to_string().contains("`x-title`"));
    }
    assert!(headers("a", HEADERS).unwrap_err().to_string().contains("`No Name`"));
}
