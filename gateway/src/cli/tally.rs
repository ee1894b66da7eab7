//! Counts verdicts, and says at the end what they mean.

use std::collections::BTreeMap;

use console::{Term, style};
use omnipush::{Class, Refusal, Verdict};

use super::output::{align_right, count, table};

/// Refusals of one class, with the words of the first.
struct Refused {
    number: usize,
    first: String,
}

/// The verdicts of one vendor.
#[derive(Default)]
pub(super) struct Tally {
    targets: usize,
    accepted: usize,
    unsure: usize,
    /// By class; `None`: unsure, with what was heard.
    refused: BTreeMap<Option<Class>, Refused>,
}

impl Tally {
    pub(super) fn add(&mut self, verdict: &Verdict) {
        self.targets += 1;
        let class = match verdict {
            Verdict::Accepted { .. } => return self.accepted += 1,
            Verdict::Refused(refusal) => Some(refusal.class),
            Verdict::Unsure(_) => {
                self.unsure += 1;
                None
            }
        };
        let first = || Refused { number: 0, first: verdict.refusal().map(words).unwrap_or_default() };
        self.refused.entry(class).or_insert_with(first).number += 1;
    }

    pub(super) fn all_accepted(&self) -> bool {
        self.accepted == self.targets
    }

    pub(super) fn targets(&self) -> usize {
        self.targets
    }
}

/// What the vendor said, without the class.
fn words(refusal: &Refusal) -> String {
    let status = if refusal.status == 0 { String::new() } else { format!("HTTP {}", refusal.status) };
    let code = if refusal.code.is_empty() { String::new() } else { format!("code {}", refusal.code) };
    let said: String = refusal.text.split_whitespace().collect::<Vec<_>>().join(" ");
    [status, code, said].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// The summary on stderr: a table, then a line for each kind of refusal with what to do about it.
pub(super) fn show(tallies: &[(&'static str, Tally)]) {
    let term = Term::stderr();
    // Nobody is left to complain to when stderr is closed.
    let print = |line: &str| drop(term.write_line(line.trim_end()));
    let mut table = table(&term, &["Vendor", "Targets", "Accepted", "Refused", "Unsure", "Refused, by class"]);
    align_right(&mut table, 1..5);
    for (id, tally) in tallies {
        let refused = tally.targets - tally.accepted - tally.unsure;
        let by_class =
            tally.refused.iter().filter_map(|(class, refused)| Some(format!("{} {}", (*class)?, refused.number)));
        table.add_row(vec![
            (*id).to_owned(),
            tally.targets.to_string(),
            tally.accepted.to_string(),
            refused.to_string(),
            tally.unsure.to_string(),
            by_class.collect::<Vec<_>>().join(", "),
        ]);
    }
    table.lines().for_each(|line| print(&line));

    let mut first = true;
    for (id, tally) in tallies {
        for (class, refused) in &tally.refused {
            if std::mem::take(&mut first) {
                print("");
            }
            let (name, advice) = match class {
                Some(class) => (class.as_str(), class.advice()),
                None => ("unsure", "it may have been sent; sending again may deliver twice"),
            };
            let said = if refused.first.is_empty() { String::new() } else { format!(" ({})", refused.first) };
            let mark = if *class == Some(Class::InvalidToken) { style("-").dim() } else { style("✗").red() };
            let mark = mark.for_stderr();
            print(&format!("{mark} {id}: {} {name}{said}: {advice}", count(refused.number, "target")));
        }
    }
}
