//! The tables in the documentation are what the code does.
//!
//! `OMNIPUSH_WRITE_DOCS=1 cargo test -p omnipush-conformance --test docs` writes them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable,
    reason = "a test, and so are its helpers"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use omnipush::engine::Purpose;
use omnipush::table::{
    Limit, Manual, codes_table, fields_table, lost_table, operations_table, receipts_table, rules_table,
};
use omnipush::{
    Client, Field, Notification, Offline, Profile, Proof, PushVendor, Settings, Shape, Target, TransportOptions, Ttl,
    Unit, VENDORS,
};
use omnipush_conformance::{Host, fakes};

const AFTER: &str = "<!-- tables -->\n";
const BEGIN: &str = "<!-- vendors -->\n";
const END: &str = "<!-- /vendors -->";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Compares a file with what it should be, or writes it.
fn check(path: &Path, wanted: &str) {
    let found = fs::read_to_string(path).unwrap();
    if found == wanted {
        return;
    }
    if std::env::var_os("OMNIPUSH_WRITE_DOCS").is_some() {
        return fs::write(path, wanted).unwrap();
    }
    let mut lines = found.lines().zip(wanted.lines()).enumerate();
    let line = lines.find(|(_, (found, wanted))| found != wanted).map_or(found.lines().count() + 1, |(at, _)| at + 1);
    panic!(
        "{} is out of date from line {line} on: run OMNIPUSH_WRITE_DOCS=1 cargo test -p omnipush-conformance --test docs",
        path.display()
    );
}

fn vendor(id: &str, base: &str) -> Arc<dyn PushVendor> {
    let settings = fakes::by_id(id).unwrap_or_else(|| panic!("{id} has no fake")).config(base);
    omnipush::build(&settings).unwrap()
}

fn vendors() -> impl Iterator<Item = (&'static str, Arc<dyn PushVendor>)> {
    VENDORS.iter().map(|(id, _)| (*id, vendor(id, "http://127.0.0.1:9")))
}

/// A vendor's documentation: its crate's, or its module's where a crate has several vendors.
fn docs(id: &str) -> PathBuf {
    let own = root().join(format!("vendors/{id}/src/docs.md"));
    let mut crates = fs::read_dir(root().join("vendors")).unwrap().map(|entry| entry.unwrap().path());
    let mut module =
        || crates.find_map(|krate| Some(krate.join(format!("src/{id}/docs.md"))).filter(|path| path.exists()));
    if own.exists() { own } else { module().unwrap_or_else(|| panic!("{id} has no docs.md")) }
}

#[test]
fn every_vendor_s_tables_are_those_of_its_code() {
    for (id, vendor) in vendors() {
        let path = docs(id);
        let text = fs::read_to_string(&path).unwrap();
        let head = text.split_once(AFTER).map_or(text.as_str(), |(head, _)| head);
        let manual = vendor.manual();
        check(&path, &format!("{}\n\n{AFTER}{}", head.trim_end(), tables(vendor.profile(), &manual)));
    }
}

fn tables(profile: &Profile, manual: &Manual) -> String {
    let operations = match profile.operations {
        [] => "None.\n".to_owned(),
        offers => operations_table(offers),
    };
    let receipts = match profile.receipts {
        None => "None.\n".to_owned(),
        Some(Proof::Signed) => format!("The vendor proves them where that is set up.\n\n{}", receipts_table(manual)),
        Some(Proof::Address) => format!("Proven by a secret in their address only.\n\n{}", receipts_table(manual)),
    };
    let rules = match manual.rules[..] {
        [] => String::new(),
        _ => format!("\n# What {} requires\n\n{}", profile.name, rules_table(manual)),
    };
    format!(
        "\n# Fields\n\n{}\n## Lost\n\n{}{rules}\n# Failures\n\n{}\n# Operations\n\n{operations}\n# Receipts\n\n{receipts}\n\
         # How sure it is\n\n{}\n",
        fields_table(manual),
        lost_table(manual),
        codes_table(manual),
        manual.sureness.trim(),
    )
}

#[test]
fn every_row_of_a_table_has_all_its_columns() {
    for (id, vendor) in vendors() {
        let manual = vendor.manual();
        let (fields, lost, codes) = (fields_table(&manual), lost_table(&manual), codes_table(&manual));
        for table in [fields, lost, codes, rules_table(&manual), manual.sureness.to_owned()] {
            let mut rows = table.lines().filter(|line| line.starts_with('|'));
            let columns = rows.next().unwrap_or_default().matches('|').count();
            for row in rows {
                assert_eq!(row.replace("\\|", "").matches('|').count(), columns, "{id}: {row}");
            }
        }
    }
}

/// A field of the notification is in a row, in the list of what is lost, or in a remark.
#[test]
fn every_field_of_a_notification_is_accounted_for() {
    for (id, vendor) in vendors() {
        let manual = vendor.manual();
        for field in Field::ALL {
            let carried = manual.fields.iter().any(|row| row.uses.has(field));
            let lost = manual.lost.iter().any(|lost| lost.field == field);
            let noted = manual.fields.iter().any(|row| row.note.contains(&format!("`{field}`")));
            assert!(carried || lost || noted, "{id}: nothing is said of `{field}`");
        }
        for (at, row) in manual.codes.iter().enumerate() {
            let twice = manual.codes.iter().skip(at + 1).any(|other| other.code == row.code);
            assert!(!twice, "{id}: the code {} has two rows", row.code);
        }
        for rule in &manual.rules {
            let (since, source) = (rule.says.since, rule.says.source);
            assert!(since.is_empty() || since.starts_with("20"), "{id}: {since} is no date");
            assert!(!source.is_empty(), "{id}: nobody says that {}", rule.says.what);
        }
        assert!(manual.sureness.contains('|'), "{id}: nothing is said of how sure it is");
    }
}

#[tokio::test]
async fn the_readme_s_table_of_vendors_is_true() {
    let path = root().join("README.md");
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the README has no mark for the table of vendors");
    let (_, after) = rest.split_once(END).expect("the README has no end of the table of vendors");
    let mut table = String::from(
        "| Vendor | Targets in a request | Title / text at most | Time to live | Access token | De-duplicates | Operations | Receipts |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for (id, vendor) in vendors() {
        let profile = vendor.profile();
        let dedups = if profile.dedups { "yes" } else { "no" };
        table.push_str(&format!(
            "| [{}]({}) | {} | {} | {} | {} | {dedups} | {} | {} |\n",
            profile.name,
            profile.docs,
            calls(&*vendor),
            limits(&vendor),
            time_to_live(id).await,
            token(id, &vendor),
            profile.operations.len(),
            match profile.receipts {
                None => "none",
                Some(Proof::Signed) => "signed",
                Some(Proof::Address) => "by address",
            },
        ));
    }
    check(&path, &format!("{before}{BEGIN}{table}{END}{after}"));
}

fn number(n: usize) -> String {
    let digits = n.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(|group| str::from_utf8(group).unwrap()).collect();
    groups.join(",")
}

fn calls(vendor: &dyn PushVendor) -> String {
    let calls = vendor.profile().calls.iter().map(|call| match call.shape {
        Shape::One => "1".to_owned(),
        Shape::List if call.staged => format!("{} to {} of a saved message", call.min, number(call.max)),
        Shape::List => format!("{} to {}", call.min, number(call.max)),
        Shape::Each => format!("{} with a text each", number(call.max)),
        Shape::Aliases => format!("{} aliases", number(call.max)),
        Shape::Accounts => format!("{} accounts", number(call.max)),
        Shape::Topic => "a topic".to_owned(),
        Shape::Condition => "a condition".to_owned(),
        Shape::Tags => "tags".to_owned(),
        Shape::Segment => "a segment".to_owned(),
        Shape::All => "everybody".to_owned(),
    });
    calls.collect::<Vec<_>>().join("; ")
}

fn client(vendor: &Arc<dyn PushVendor>) -> Client {
    Client::builder(Arc::clone(vendor), Arc::new(Offline)).build()
}

fn limits(vendor: &Arc<dyn PushVendor>) -> String {
    let manual = vendor.manual();
    let limit = |field: Field| {
        manual.fields.iter().filter(|row| row.uses.has(field)).find_map(|row| match row.limit {
            Limit::Max(max, unit) => Some((max, unit)),
            _ => None,
        })
    };
    match (limit(Field::Title), limit(Field::Body)) {
        (Some((title, unit)), Some((text, _))) => format!("{title} / {text} {unit}"),
        _ => {
            let prepared = client(vendor).prepare(&Notification::new("t", "b")).unwrap();
            let size = prepared.encoded().iter().find_map(|encoded| encoded.size);
            size.map_or("–".into(), |(_, max)| format!("{} {} in all", number(max), Unit::Bytes))
        }
    }
}

fn token(id: &str, vendor: &Arc<dyn PushVendor>) -> &'static str {
    if vendor.profile().token.is_none() {
        return "none";
    }
    let client = client(vendor);
    let prepared = client.prepare(&Notification::new("t", "b")).unwrap();
    let plan = client.plan(&prepared, &[fakes::by_id(id).unwrap().target(0).into()]).unwrap();
    if plan.iter().any(|planned| planned.purpose == Purpose::Auth) { "asked for" } else { "signed here" }
}

/// The least and the most that reaches the vendor, as its fake reads it.
async fn time_to_live(id: &str) -> String {
    let host = Host::start_shared(fakes::by_id(id).unwrap()).await;
    let vendor = omnipush::build(&host.config()).unwrap();
    let mut options = TransportOptions::default();
    options.direct = true;
    let transport = omnipush::transport::standard(vendor.as_ref(), options).unwrap();
    let client = Client::builder(vendor, transport).settings(Settings::default()).build();
    let mut ends = Vec::new();
    for seconds in [2, 31_536_000] {
        let mut n = Notification::new("Order shipped 订单", "It has left the house 已发货");
        n.ttl = Some(Ttl::from_secs(seconds).unwrap());
        let report = client.send(&n, Target::from(host.fake().target(0))).await.unwrap();
        assert_eq!(report.accepted(), 1, "{id}: {:?}", report.verdicts);
        ends.push(host.world().delivered().last().and_then(|delivered| delivered.ttl_seconds).unwrap());
    }
    match ends[..] {
        [0..=2, most] => format!("up to {}", span(most)),
        [least, most] => format!("{} to {}", span(least), span(most)),
        _ => unreachable!(),
    }
}

fn span(seconds: u64) -> String {
    // A point in time may be a second off.
    let rounded = (seconds + 30) / 60 * 60;
    match rounded {
        s if s >= 86_400 && s % 86_400 == 0 => plural(s / 86_400, "day"),
        s if s >= 3600 && s % 3600 == 0 => plural(s / 3600, "hour"),
        s => plural(s / 60, "minute"),
    }
}

fn plural(count: u64, unit: &str) -> String {
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}
