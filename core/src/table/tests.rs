//! What tables do, on a vendor made up for it.

use std::borrow::Cow;

use super::*;
use crate::{Cut, Cx, EncodeError, Encoded, Field, Fields, Notification, Overflow, Shape, Template, Ttl};

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
    let cx = Cx { now_ms: 0, rng: &mut |_| {}, overflow: Overflow::Refuse };
    let mut encoding = Encoding::new(&Acme, &n, &(), Shape::List, &cx);
    let form = encoding.form(FORM);
    let encoded = encoding.finish(form, &[]).unwrap();
    assert_eq!(encoded.aux, r#"{"title":"a \"b\" & 中"}"#);
    let (_, sent) = ::url::form_urlencoded::parse(encoded.body.literal()).next().unwrap();
    assert_eq!(sent.as_bytes(), encoded.aux);
}

#[test]
fn a_value_moved_outside_a_row_is_reported() {
    let cx = Cx { now_ms: 0, rng: &mut |_| {}, overflow: Overflow::Refuse };
    let n = Notification::default();
    let mut encoding = Encoding::new(&Acme, &n, &(), Shape::One, &cx);
    encoding.moved("until", Some(Field::Ttl), 99, 60);
    let encoded = encoding.finish(Template::default(), &[]).unwrap();
    assert_eq!(encoded.cuts, [Cut { wire: "until".into(), field: Some(Field::Ttl), from: 99, to: 60 }]);
}

const FIELDS: &[Row<Acme>] = &[
    Row::int_text("keep", Field::Ttl.only(), |x| x.ttl_secs(), |_, secs| format!("{secs}s")).clamped(60, 3600),
    Row::int_text("end", Fields::NONE, |x| x.ttl_secs(), |x, secs| (x.now_ms as i64 / 1000 + secs).to_string()),
    Row::object("words", &[Row::text("title", Field::Title.only(), |x| x.title()).needed()])
        .when(|x| x.n.kind == crate::Kind::Alert),
    Row::text("group", Field::Thread.only(), |x| x.n.thread.as_deref().map(Cow::Borrowed))
        .form(|text| text.starts_with('#'), "#name"),
];

fn encode(n: &Notification) -> Result<Encoded, EncodeError> {
    let cx = Cx { now_ms: 5000, rng: &mut |_| {}, overflow: Overflow::Refuse };
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
        let cx = Cx { now_ms, rng: &mut |_| {}, overflow: Overflow::Refuse };
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
