//! `omnipush lint`: does a notification fit, and what becomes of it at every vendor?

use std::path::PathBuf;

use console::{Term, style};
use omnipush::table::{Advice, Limit, Manual};
use omnipush::{Click, Cut, Field, Loss, Notification, Overflow, Prepared, Problem, Unit};
use serde_json::{Value, json};

use super::output::{Out, table};
use super::{Bad, input, samples};

/// Check a notification against the limits of every vendor, without sending
///
/// Says for each vendor whether the notification fits, how much of each limit it uses, what would
/// be cut, what is lost or refused and why. The status is 0 if it fits all vendors asked for, 1
/// if not, 2 if it cannot be read.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  omnipush lint note.json
  omnipush lint note.json --vendor vivo,xiaomi
  omnipush lint note.json --json | jq 'select(.fits | not)'")]
pub(super) struct Args {
    /// The notification: a JSON file, or - for standard input
    #[arg(required_unless_present = "vendor")]
    notification: Option<String>,
    /// Only these vendors, by id
    #[arg(long, value_name = "ID", num_args = 1.., value_delimiter = ',')]
    vendor: Vec<String>,
    /// A file with vendors' settings, such as their default channel and category
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print one JSON object a line, for each vendor
    #[arg(long)]
    json: bool,
}

/// How much of a limit a field uses.
struct Use {
    field: Field,
    wire: String,
    used: usize,
    limit: usize,
    unit: Unit,
}

/// What becomes of the notification at one vendor.
struct Finding {
    id: &'static str,
    name: &'static str,
    problems: Vec<Problem>,
    /// Bytes, and the vendor's limit of them.
    size: Option<(usize, usize)>,
    uses: Vec<Use>,
    /// Moved into the vendor's range even so.
    moved: Vec<Cut>,
    /// Cut where the caller allows it. `None`: that would not make it fit.
    cut: Option<Vec<Cut>>,
    losses: Vec<Loss>,
    advice: Vec<Advice>,
}

pub(super) fn run(args: &Args) -> Result<bool, Bad> {
    let (file, ids) = operands(args)?;
    let n = input::notification(&file)?;
    let mut findings = Vec::new();
    for id in ids {
        findings.push(examine(id, &n, args)?);
    }
    let mut out = Out::new();
    if args.json {
        findings.iter().try_for_each(|finding| out.line(line(finding)))?;
    } else {
        show(&findings, &file, &mut out)?;
    }
    out.flush()?;
    Ok(findings.iter().all(|finding| finding.problems.is_empty()))
}

/// The file and the vendors. A file that stands last, after the vendors, is taken for one of them
/// by the parser.
fn operands(args: &Args) -> Result<(String, Vec<&'static str>), Bad> {
    let (mut file, mut asked) = (args.notification.clone(), args.vendor.clone());
    if file.is_none() {
        file = asked.pop().filter(|last| input::vendor_id(last).is_err());
    }
    let file = file.ok_or_else(|| Bad::new("no notification: name its JSON file, or - for standard input"))?;
    let mut ids = asked.iter().map(|id| input::vendor_id(id)).collect::<Result<Vec<_>, _>>()?;
    if ids.is_empty() {
        ids = match &args.config {
            Some(path) => input::config(path)?.iter().map(|vendor| vendor.profile().id).collect(),
            None => samples::ids().collect(),
        };
    }
    Ok((file, ids))
}

fn examine(id: &'static str, n: &Notification, args: &Args) -> Result<Finding, Bad> {
    let vendor = input::vendor(id, args.config.as_deref())?;
    let manual = vendor.manual();
    let prepare = |overflow| samples::preview(vendor.clone(), overflow).build().prepare(n);
    let (strict, lenient) = (prepare(Overflow::Refuse), prepare(Overflow::Truncate));
    let best = strict.as_ref().or(lenient.as_ref()).ok();
    // Numbers are moved into a vendor's range always; texts are cut only where that is allowed.
    let is_number = |cut: &Cut| manual.fields.iter().any(|d| d.wire == cut.wire && matches!(d.limit, Limit::Clamp(..)));
    let moved = best.map(Prepared::cuts).unwrap_or_default().into_iter().filter(is_number).collect();
    let cut = lenient.as_ref().ok().map(|p| p.cuts().into_iter().filter(|cut| !is_number(cut)).collect());
    let losses = best.map(Prepared::losses).unwrap_or_default();
    Ok(Finding {
        id,
        name: vendor.profile().name,
        size: best.and_then(|p| p.encoded().iter().filter_map(|encoded| encoded.size).max()),
        uses: uses(&manual, n, &losses),
        problems: strict.as_ref().err().map(|error| error.problems.clone()).unwrap_or_default(),
        moved,
        cut,
        losses,
        advice: best.map(Prepared::advice).unwrap_or_default(),
    })
}

/// What can be measured here as the vendor measures it.
fn uses(manual: &Manual, n: &Notification, losses: &[Loss]) -> Vec<Use> {
    let mut uses: Vec<Use> = Vec::new();
    for doc in &manual.fields {
        let (Some(field), Limit::Max(limit, unit)) = (doc.uses.iter().next(), doc.limit) else { continue };
        let used = match field {
            Field::Title => n.title.as_deref().map(|text| unit.measure(text)),
            Field::Body => n.body.as_deref().map(|text| unit.measure(text)),
            Field::Subtitle => n.subtitle.as_deref().map(|text| unit.measure(text)),
            Field::Click => match &n.click {
                Some(Click::Url(url)) => Some(unit.measure(url.as_str())),
                Some(Click::Intent(uri)) => Some(unit.measure(uri.as_str())),
                _ => None,
            },
            Field::Data if n.data.is_empty() => None,
            Field::Data if unit == Unit::Entries => Some(n.data.len()),
            Field::Data if doc.kind == "pairs" => {
                Some(n.data.iter().map(|(k, v)| unit.measure(k) + unit.measure(v)).sum())
            }
            Field::Data => serde_json::to_string(&n.data).ok().map(|text| unit.measure(&text)),
            _ => None,
        };
        let known = uses.iter().any(|known| (known.field, known.limit, known.unit) == (field, limit, unit));
        let lost = losses.iter().any(|loss| loss.field == field);
        if let Some(used) = used.filter(|_| !known && !lost) {
            uses.push(Use { field, wire: doc.wire.clone(), used, limit, unit });
        }
    }
    uses
}

fn line(finding: &Finding) -> Value {
    let cut =
        |cut: &Cut| json!({"field": cut.field.map(Field::as_str), "wire": cut.wire, "from": cut.from, "to": cut.to});
    json!({
        "vendor": finding.id,
        "fits": finding.problems.is_empty(),
        "bytes": finding.size.map(|(bytes, _)| bytes),
        "bytes_limit": finding.size.map(|(_, limit)| limit),
        "fields": finding.uses.iter().map(|u| json!({
            "field": u.field.as_str(), "wire": u.wire, "used": u.used, "limit": u.limit, "unit": u.unit.to_string(),
        })).collect::<Vec<_>>(),
        "problems": finding.problems.iter().map(|p| json!({
            "field": p.field.map(Field::as_str), "wire": p.wire, "problem": p.to_string(),
        })).collect::<Vec<_>>(),
        "fits_truncated": finding.cut.is_some(),
        "truncated": finding.cut.iter().flatten().map(cut).collect::<Vec<_>>(),
        "moved": finding.moved.iter().map(cut).collect::<Vec<_>>(),
        "losses": finding.losses.iter().map(|loss| json!({
            "field": loss.field.as_str(), "reason": loss.reason,
        })).collect::<Vec<_>>(),
        "advice": finding.advice.iter().map(|rule| json!({
            "advice": rule.to_string(), "since": rule.since, "source": rule.source,
        })).collect::<Vec<_>>(),
    })
}

fn show(findings: &[Finding], file: &str, out: &mut Out) -> Result<(), Bad> {
    let mut table = table(&Term::stdout(), &["Vendor", "Outcome", "Detail"]);
    for finding in findings {
        let mut rows = rows(finding).into_iter();
        // A vendor's first row says whether it fits.
        let fits = if finding.problems.is_empty() { "✓" } else { "✗" };
        if let Some((what, words)) = rows.next() {
            table.add_row([format!("{fits} {}", finding.name), what.to_owned(), words]);
        }
        for (what, words) in rows {
            table.add_row([String::new(), what.to_owned(), words]);
        }
    }
    for (at, line) in table.lines().enumerate() {
        let line = line.trim_end();
        match line.trim_start().chars().next() {
            Some('✗') => out.line(line.replacen('✗', &style("✗").red().to_string(), 1))?,
            Some('✓') => out.line(line.replacen('✓', &style("✓").green().to_string(), 1))?,
            _ if at == 0 => out.line(style(line).bold())?,
            _ => out.line(line)?,
        }
    }
    let fits = findings.iter().filter(|finding| finding.problems.is_empty()).count();
    let short = findings.iter().any(|f| !f.problems.is_empty() && f.cut.is_some());
    let hint = if short { " `send --truncate` cuts what is too long." } else { "" };
    out.line(format!("\n{file} fits {fits} of {}.{hint}", super::output::count(findings.len(), "vendor")))
}

fn rows(finding: &Finding) -> Vec<(&'static str, String)> {
    let mut rows: Vec<(&'static str, String)> = Vec::new();
    rows.extend(finding.problems.iter().map(|problem| ("refused", problem.to_string())));
    let mut used: Vec<String> = Vec::new();
    used.extend(finding.size.map(|(bytes, limit)| format!("{bytes} of {limit} bytes")));
    used.extend(finding.uses.iter().map(|u| format!("{} {}/{} {}", u.field, u.used, u.limit, u.unit)));
    if finding.problems.is_empty() {
        rows.push(("fits", if used.is_empty() { "the vendor sets no limits".to_owned() } else { used.join(", ") }));
    }
    let steps = |cuts: &[Cut]| {
        let name = |cut: &Cut| cut.field.map_or_else(|| cut.wire.clone(), |field| field.to_string());
        let step = |cut: &Cut| format!("{} {} → {}", name(cut), cut.from, cut.to);
        cuts.iter().map(step).collect::<Vec<_>>().join(", ")
    };
    if let Some(cut) = finding.cut.as_deref().filter(|cut| !cut.is_empty()) {
        rows.push(("can be cut", steps(cut)));
    }
    if !finding.moved.is_empty() {
        rows.push(("moved", format!("{} (the vendor's range and unit)", steps(&finding.moved))));
    }
    rows.extend(finding.losses.iter().map(|loss| ("lost", format!("{}: {}", loss.field, loss.reason))));
    rows.extend(finding.advice.iter().map(|rule| ("advice", rule.to_string())));
    rows
}
