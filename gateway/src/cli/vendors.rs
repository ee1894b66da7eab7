//! `omnipush vendors`: what each vendor can do, from its profile and its tables.

use console::{Term, style};
use omnipush::table::{FieldDoc, Limit, Manual};
use omnipush::{Call, Field, Fields, Http, Notification, Offer, Overflow, Profile, Proof, Shape, TokenRule, Ttl};
use serde_json::{Value, json};

use super::output::{Out, table};
use super::{Bad, samples};

/// Show what each vendor can do, and its limits
///
/// Made from the same tables that check and encode notifications.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  omnipush vendors
  omnipush vendors --json | jq 'select(.targets_per_request > 1) | .vendor'")]
pub(super) struct Args {
    /// Print one JSON object a line, for each vendor
    #[arg(long)]
    json: bool,
}

struct Facts {
    profile: &'static Profile,
    title: Option<Limit>,
    body: Option<Limit>,
    /// Seconds.
    ttl: (Option<i64>, Option<i64>),
    payload: Option<usize>,
    /// Never carried; a notification loses them.
    lost: Vec<Field>,
    /// Carried in some forms only.
    partly: Vec<Field>,
    /// Not carried, and refused for it.
    refused: Vec<Field>,
}

pub(super) fn run(args: &Args) -> Result<bool, Bad> {
    let all = samples::ids().map(facts).collect::<Result<Vec<_>, _>>()?;
    let mut out = Out::new();
    if args.json {
        all.iter().try_for_each(|facts| out.line(line(facts)))?;
    } else {
        show(&all, &mut out)?;
    }
    out.flush()?;
    Ok(true)
}

fn facts(id: &'static str) -> Result<Facts, Bad> {
    let vendor = samples::vendor(id)?;
    let (profile, manual) = (vendor.profile(), vendor.manual());
    let client = samples::preview(vendor, Overflow::Refuse).build();
    let chat = samples::chat(id).map_err(Bad::new)?;
    let payload = client.prepare(&chat).ok().and_then(|p| p.encoded().first()?.size).map(|(_, limit)| limit);

    // Tables limit a time to live in the vendor's own unit. What becomes of a known one says
    // what that unit is.
    let moved = |seconds: u32| {
        let n = Notification { ttl: Ttl::from_secs(seconds).ok(), ..chat.clone() };
        let cuts = client.prepare(&n).ok()?.cuts();
        let cut = cuts.into_iter().find(|cut| cut.field == Some(Field::Ttl) && cut.from > 0)?;
        cut.to.checked_mul(seconds.into())?.checked_div(cut.from)
    };
    let carried = manual.fields.iter().fold(Fields::NONE, |all, doc| all.and(doc.uses));
    let fields = |keep: &dyn Fn(Field) -> bool| manual.lost.iter().map(|l| l.field).filter(|f| keep(*f)).collect();
    Ok(Facts {
        profile,
        title: limit(&manual, Field::Title),
        body: limit(&manual, Field::Body),
        ttl: (moved(1), moved(31_536_000)),
        payload,
        lost: fields(&|field| !carried.has(field) && !field.must_be_carried()),
        partly: fields(&|field| carried.has(field)),
        refused: fields(&|field| !carried.has(field) && field.must_be_carried()),
    })
}

fn limit(manual: &Manual, field: Field) -> Option<Limit> {
    let limited = |doc: &&FieldDoc| doc.uses.has(field) && doc.limit != Limit::Free;
    manual.fields.iter().find(limited).map(|doc| doc.limit)
}

fn line(facts: &Facts) -> Value {
    let p = facts.profile;
    let text = |limit: Option<Limit>| match limit {
        Some(Limit::Max(max, unit)) => json!({"max": max, "unit": unit.to_string()}),
        _ => Value::Null,
    };
    let names = |fields: &[Field]| fields.iter().map(|f| f.as_str()).collect::<Vec<_>>();
    json!({
        "vendor": p.id,
        "name": p.name,
        "docs": p.docs,
        "targets_per_request": p.batch(),
        "calls": p.calls.iter().map(|c| json!({
            "shape": c.shape.as_str(), "min": c.min, "max": c.max, "staged": c.staged,
        })).collect::<Vec<_>>(),
        "title": text(facts.title),
        "body": text(facts.body),
        "ttl_seconds": {"min": facts.ttl.0, "max": facts.ttl.1},
        "payload_bytes": facts.payload,
        "access_token": p.token.map(|rule| json!({
            "header": rule.carry.header,
            "renewed_early_seconds": rule.early.as_secs(),
            "min_age_seconds": rule.min_age.as_secs(),
            "per_connection": rule.per_connection,
        })),
        "deduplicates": p.dedups,
        "http": if p.http == Http::Two { "2" } else { "1.1 or 2" },
        "in_flight": p.in_flight,
        "target_form": p.target_form,
        "operations": p.operations.iter().map(|offer| offer.kind.to_string()).collect::<Vec<_>>(),
        "receipts": p.receipts.map(|_| receipts(p.receipts)),
        "lost": names(&facts.lost),
        "partly_lost": names(&facts.partly),
        "refused": names(&facts.refused),
    })
}

fn receipts(proof: Option<Proof>) -> &'static str {
    match proof {
        None => "none",
        Some(Proof::Signed) => "signed by the vendor",
        Some(Proof::Address) => "by a secret in their address",
    }
}

type Property = (&'static str, fn(&Facts) -> String);

/// The tables, each with a row for every vendor: as many columns as 80 characters can hold.
const TABLES: &[(&str, &[Property])] = &[
    (
        "Limits",
        &[
            ("Id", |f| f.profile.id.to_owned()),
            ("Title", |f| text(f.title)),
            ("Body", |f| text(f.body)),
            ("Payload", |f| f.payload.map_or("-".into(), |bytes| format!("{bytes} bytes"))),
            ("Time to live", |f| ttl(f.ttl)),
        ],
    ),
    (
        "Audiences, by request",
        &[
            ("Devices", |f| calls(f.profile.calls, Shape::is_device)),
            ("Others", |f| calls(f.profile.calls, |shape| !shape.is_device())),
            ("Form of a device's token", |f| f.profile.target_form.to_owned()),
        ],
    ),
    (
        "Requests",
        &[
            ("Access token", |f| f.profile.token.map_or("none needed".into(), token)),
            ("Drops repeats", |f| if f.profile.dedups { "by request id" } else { "no" }.to_owned()),
            ("HTTP", |f| if f.profile.http == Http::Two { "2" } else { "1.1 or 2" }.to_owned()),
        ],
    ),
    (
        "Operations and receipts",
        &[
            ("Operations", |f| or_dash(f.profile.operations.iter().map(operation))),
            ("Receipts", |f| receipts(f.profile.receipts).to_owned()),
        ],
    ),
    (
        "Fields of a notification",
        &[
            ("Loses", |f| or_dash(f.lost.iter().map(ToString::to_string))),
            ("May lose", |f| or_dash(f.partly.iter().map(ToString::to_string))),
            ("Refuses", |f| or_dash(f.refused.iter().map(ToString::to_string))),
        ],
    ),
];

fn show(all: &[Facts], out: &mut Out) -> Result<(), Bad> {
    let term = Term::stdout();
    for (title, properties) in TABLES {
        out.line(style(title).bold())?;
        let header: Vec<&str> = std::iter::once("Vendor").chain(properties.iter().map(|(name, _)| *name)).collect();
        let mut table = table(&term, &header);
        for facts in all {
            let values = properties.iter().map(|(_, value)| value(facts));
            table.add_row(std::iter::once(facts.profile.name.to_owned()).chain(values));
        }
        table.lines().try_for_each(|line| out.line(line.trim_end()))?;
        out.line("")?;
    }
    out.line("`omnipush lint note.json` says what becomes of a notification at each, and why.")
}

fn operation(offer: &Offer) -> String {
    offer.kind.to_string().replace('_', " ")
}

fn calls(calls: &[Call], wanted: impl Fn(Shape) -> bool) -> String {
    or_dash(calls.iter().filter(|call| wanted(call.shape)).map(|call| {
        let number = match call.shape {
            shape if !shape.is_device() && !shape.is_list() => shape.as_str().to_owned(),
            Shape::Aliases | Shape::Accounts => format!("{} {}", call.max, call.shape.as_str()),
            _ if call.min == call.max => call.max.to_string(),
            _ => format!("{} to {}", call.min, call.max),
        };
        let how = match call.shape {
            Shape::Each => " (each its own)",
            _ if call.staged => " (saved first)",
            _ => "",
        };
        format!("{number}{how}")
    }))
}

fn text(limit: Option<Limit>) -> String {
    match limit {
        Some(Limit::Max(max, unit)) => format!("{max} {unit}"),
        _ => "-".into(),
    }
}

fn ttl((min, max): (Option<i64>, Option<i64>)) -> String {
    match (min, max) {
        (None, None) => "-".into(),
        (None, Some(max)) => format!("up to {}", span(max)),
        (Some(min), None) => format!("{} or more", span(min)),
        (Some(min), Some(max)) => format!("{} to {}", span(min), span(max)),
    }
}

/// Seconds in the largest unit in which they are a whole number.
fn span(seconds: i64) -> String {
    let (number, unit) = match seconds {
        s if s % 86_400 == 0 => (s / 86_400, "day"),
        s if s % 3600 == 0 => (s / 3600, "hour"),
        s if s % 60 == 0 => (s / 60, "minute"),
        s => (s, "second"),
    };
    super::output::count(usize::try_from(number).unwrap_or(0), unit)
}

fn token(rule: TokenRule) -> String {
    format!("`{}`, renewed {} early", rule.carry.header, span(i64::try_from(rule.early.as_secs()).unwrap_or(0)))
}

fn or_dash(words: impl Iterator<Item = String>) -> String {
    let words = words.collect::<Vec<_>>().join(", ");
    if words.is_empty() { "-".into() } else { words }
}
