//! Documentation made from the tables, so that it cannot differ from what the code does.

use std::fmt::Write as _;

use super::row::{Adapter, Get, Limit, Row};
use super::rule::{Rule, RuleDoc};
use crate::codes::Code;
use crate::error::Unit;
use crate::model::{Field, Fields};
use crate::receipt::ReceiptCode;
use crate::vendor::{Offer, OperationKind, Shapes};
use crate::verdict::{Pause, Remedy, Scope};

/// Why a vendor loses a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// The field.
    pub field: Field,
    /// Why, in words for the caller.
    pub reason: &'static str,
}

impl Lost {
    /// A field and the reason of its loss.
    pub const fn new(field: Field, reason: &'static str) -> Self {
        Self { field, reason }
    }
}

/// A row of a table of fields, for documentation and for trials.
#[derive(Clone, Debug)]
pub struct FieldDoc {
    /// The name on the wire, with the names of the objects around it.
    pub wire: String,
    /// The fields of the notification that it carries.
    pub uses: Fields,
    /// The shapes in which it stands.
    pub shapes: Shapes,
    /// Whether the vendor demands it.
    pub needed: bool,
    /// Its limit.
    pub limit: Limit,
    /// Whether it may be cut.
    pub cut: bool,
    /// A remark.
    pub note: &'static str,
    /// What it is: text, number, object…
    pub kind: &'static str,
}

/// The tables behind a vendor.
#[derive(Clone, Debug)]
pub struct Manual {
    /// Every field of its messages.
    pub fields: Vec<FieldDoc>,
    /// Why fields of a notification are lost.
    pub lost: &'static [Lost],
    /// Every documented failure.
    pub codes: &'static [Code],
    /// Every documented code of its receipts.
    pub receipts: &'static [ReceiptCode],
    /// What the vendor requires of senders beyond the form of fields.
    pub rules: Vec<RuleDoc>,
    /// What has been verified and how sure it is, in Markdown.
    pub sureness: &'static str,
}

impl Manual {
    /// From tables of fields.
    pub fn new<V: Adapter>(
        tables: &[&'static [Row<V>]],
        lost: &'static [Lost],
        codes: &'static [Code],
        sureness: &'static str,
    ) -> Self {
        let mut fields = Vec::new();
        for rows in tables {
            flatten(rows, "", &mut fields);
        }
        Self { fields, lost, codes, receipts: &[], rules: Vec::new(), sureness }
    }

    /// The same with the vendor's rules.
    pub fn rules<V: Adapter>(mut self, rules: &'static [Rule<V>]) -> Self {
        self.rules = rules.iter().map(Rule::doc).collect();
        self
    }

    /// The same with the codes of receipts.
    pub const fn receipts(mut self, receipts: &'static [ReceiptCode]) -> Self {
        self.receipts = receipts;
        self
    }
}

fn flatten<V: Adapter>(rows: &'static [Row<V>], path: &str, out: &mut Vec<FieldDoc>) {
    for row in rows {
        if let Get::Options(rows) = &row.get {
            flatten(rows, path, out);
            continue;
        }
        let wire = if path.is_empty() { row.name.to_owned() } else { format!("{path}.{}", row.name) };
        let inner = match &row.get {
            Get::Object(rows) | Get::JsonText(rows) => Some(rows),
            _ => None,
        };
        match inner {
            Some(rows) => flatten(rows, &wire, out),
            None => out.push(FieldDoc {
                wire,
                uses: row.uses,
                shapes: row.shapes,
                needed: row.needed,
                limit: row.limit,
                cut: row.cut,
                note: row.note,
                kind: row.get.kind(),
            }),
        }
    }
}

/// The limit in words; empty where there is none.
pub(crate) fn limit_words(limit: Limit) -> String {
    match limit {
        Limit::Free => String::new(),
        Limit::Max(n, Unit::Entries) => format!("at most {n} entries"),
        Limit::Max(n, unit) => format!("at most {n} {unit}"),
        Limit::Range(min, max) => format!("{min} to {max}"),
        Limit::Clamp(min, max) => format!("moved into {min} to {max}"),
        Limit::Form(form) => form.words.to_owned(),
        Limit::OneOf(texts) => texts.iter().map(|t| format!("`{t}`")).collect::<Vec<_>>().join(", "),
    }
}

/// A Markdown table of the fields: notification field, wire name, form, limit, remark.
pub fn fields_table(manual: &Manual) -> String {
    let mut out = String::from("| Notification | On the wire | Form | Limit | Remark |\n|---|---|---|---|---|\n");
    for field in &manual.fields {
        let uses: Vec<String> = field.uses.iter().map(|f| format!("`{f}`")).collect();
        let needed = if field.needed { "needed" } else { "" };
        let limit = limit_words(field.limit);
        let gap = if needed.is_empty() || limit.is_empty() { "" } else { ", " };
        let _ = writeln!(
            out,
            "| {} | `{}` | {} | {needed}{gap}{limit} | {} |",
            uses.join(", "),
            field.wire,
            field.kind,
            field.note
        );
    }
    out
}

/// A Markdown table of what is lost, and why.
pub fn lost_table(manual: &Manual) -> String {
    let mut out = String::from("| Notification | Lost, because |\n|---|---|\n");
    for lost in manual.lost {
        let _ = writeln!(out, "| `{}` | {} |", lost.field, lost.reason);
    }
    out
}

/// A Markdown table of the failures: code, meaning, class, what the engine does.
pub fn codes_table(manual: &Manual) -> String {
    let mut out = String::from("| Code | Meaning | Class | The engine |\n|---|---|---|---|\n");
    for code in manual.codes {
        let whom = if code.scope == Scope::Lane { "the lane" } else { "this target" };
        let does = match code.remedy {
            Remedy::Stand => "lets it stand".to_owned(),
            Remedy::Again => "sends again after a back-off".to_owned(),
            Remedy::Resign => "signs and sends again, once".to_owned(),
            Remedy::NewToken => "renews the access token, once".to_owned(),
            Remedy::NewConnection => "sends again on a new connection, once".to_owned(),
            Remedy::Split => "sends again in smaller sets".to_owned(),
            Remedy::NewTicket => "stages the message anew, once".to_owned(),
            Remedy::Pause(Pause::For(wait)) => format!("pauses {whom} for {} s, then sends again", wait.as_secs()),
            Remedy::Pause(Pause::UntilMidnight { utc_offset }) => {
                format!("stops {whom} until midnight (UTC{utc_offset:+})")
            }
        };
        let _ = writeln!(out, "| `{}` | {} | {} | {does} |", code.code, code.meaning, code.class);
    }
    out
}

/// A Markdown table of the vendor's rules: what, since when, who says so, what is done here.
pub fn rules_table(manual: &Manual) -> String {
    let mut out = String::from("| Rule | Since | Source | A message that breaks it |\n|---|---|---|---|\n");
    for rule in &manual.rules {
        let since = if rule.says.since.is_empty() { "not known" } else { rule.says.since };
        let does = match (rule.refuses, rule.tested) {
            (true, _) => "is refused",
            (false, true) => "is warned of",
            (false, false) => "does not show it",
        };
        let _ = writeln!(out, "| {} | {since} | {} | {does} |", rule.says.what, rule.says.source);
    }
    out
}

/// A Markdown table of the operations: name, targets a request, what it is at the vendor.
pub fn operations_table(offers: &[Offer]) -> String {
    let mut out = String::from("| Operation | A request | At the vendor |\n|---|---|---|\n");
    for offer in offers {
        let targets = if offer.max > 1 { format!("up to {}", offer.max) } else { "1".to_owned() };
        let own = if matches!(offer.kind, OperationKind::Own(_)) { " (own)" } else { "" };
        let args: Vec<String> = offer.args.iter().map(|(name, words)| format!("`{name}`: {words}")).collect();
        let call = offer.call.map(|call| format!("`{} {}`", if call.get { "GET" } else { "POST" }, call.path));
        let args = if args.is_empty() { String::new() } else { format!("Arguments: {}", args.join("; ")) };
        let words = [call.unwrap_or_default(), offer.note.to_owned(), args];
        let words = words.into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>();
        let _ = writeln!(out, "| `{}`{own} | {targets} | {} |", offer.kind, words.join(". "));
    }
    out
}

/// A Markdown table of the codes of receipts: code, meaning, event.
pub fn receipts_table(manual: &Manual) -> String {
    let mut out = String::from("| Code | Meaning | Event |\n|---|---|---|\n");
    for row in manual.receipts {
        let _ = writeln!(out, "| `{}` | {} | {} |", row.code, row.meaning, row.event);
    }
    out
}
