//! The hot paths: what is paid for every notification, every target and every send. The bench
//! `guard` counts what they cost and compares it with `budgets.toml`.

use std::collections::BTreeMap;

use omnipush::Item;
use serde::Deserialize;

use crate::engine::{alone, over_a_line};
use crate::messages::Message;
use crate::subject::{NOWHERE, Subject, cx};

/// Does something so many times.
pub type Run = Box<dyn FnMut(usize)>;

/// A hot path.
pub struct Path {
    /// Its name in `budgets.toml`.
    pub name: &'static str,
    /// How often it is done to be counted.
    pub count: usize,
    /// Makes it ready.
    pub ready: fn() -> Run,
}

/// All of them.
pub const PATHS: [Path; 9] = [
    Path { name: "fcm_template", count: 200, ready: || template("fcm") },
    Path { name: "xiaomi_template", count: 200, ready: || template("xiaomi") },
    Path { name: "fcm_splice", count: 1000, ready: || splice("fcm") },
    Path { name: "apns_splice", count: 1000, ready: || splice("apns") },
    Path { name: "xiaomi_list_target", count: 20_000, ready: || list("xiaomi") },
    Path { name: "apns_engine", count: 500, ready: || Box::new(alone("apns")) },
    Path { name: "xiaomi_engine_target", count: 20_000, ready: || Box::new(alone("xiaomi")) },
    Path { name: "apns_send", count: 1000, ready: || Box::new(over_a_line("apns")) },
    Path { name: "fcm_send", count: 1000, ready: || Box::new(over_a_line("fcm")) },
];

fn template(id: &str) -> Run {
    let subject = Subject::new(id, NOWHERE);
    let n = Message::chat().notification();
    Box::new(move |count| {
        for _ in 0..count {
            std::hint::black_box(subject.vendor.encode(&n, subject.shape(), &mut cx()).unwrap());
        }
    })
}

fn splice(id: &str) -> Run {
    let subject = Subject::new(id, NOWHERE);
    let encoded = subject.encode(&Message::chat(), subject.shape());
    let targets = subject.targets(2);
    Box::new(move |count| {
        for number in 0..count {
            let items = [Item { encoded: &encoded, target: &targets[number % 2] }];
            std::hint::black_box(subject.splice(&encoded, &items));
        }
    })
}

fn list(id: &str) -> Run {
    let subject = Subject::new(id, NOWHERE);
    let (shape, size) = subject.largest();
    let encoded = subject.encode(&Message::chat(), shape);
    let targets = subject.targets(size);
    Box::new(move |count| {
        let items: Vec<_> = targets.iter().map(|target| Item { encoded: &encoded, target }).collect();
        for _ in 0..count / size {
            std::hint::black_box(subject.request(&encoded, &items));
        }
    })
}

/// The most that a path may cost, each time.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Instructions in user space; absent: counted and shown, and not limited.
    pub instructions: Option<f64>,
    /// Allocations.
    pub allocations: f64,
}

/// Reads budgets; there must be one for each path, and no other.
///
/// # Errors
/// In words.
pub fn budgets(text: &str) -> Result<BTreeMap<String, Budget>, String> {
    let budgets: BTreeMap<String, Budget> = toml::from_str(text).map_err(|error| error.to_string())?;
    let unknown = budgets.keys().find(|name| PATHS.iter().all(|path| path.name != name.as_str()));
    let missing = PATHS.iter().find(|path| !budgets.contains_key(path.name));
    match (unknown, missing) {
        (Some(name), _) => Err(format!("there is no hot path `{name}`")),
        (None, Some(path)) => Err(format!("`{}` has no budget", path.name)),
        (None, None) => Ok(budgets),
    }
}

/// By how much a budget is exceeded, in words; `None` when it is kept.
pub fn exceeded(path: &str, what: &str, measured: f64, budget: f64) -> Option<String> {
    let over = measured - budget;
    let percent = over / budget.max(f64::MIN_POSITIVE) * 100.0;
    (over > 0.0).then(|| {
        format!("{path}: {measured:.2} {what}, {over:.2} ({percent:.1} %) more than the budget of {budget:.2}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budgets_are_those_of_the_hot_paths() {
        budgets(include_str!("../budgets.toml")).unwrap();
        assert!(budgets("[nothing]\ninstructions = 1\nallocations = 1").unwrap_err().contains("no hot path"));
        assert!(budgets("").unwrap_err().contains("no budget"));
    }

    #[test]
    fn what_exceeds_its_budget_says_by_how_much() {
        assert_eq!(exceeded("p", "allocations", 18.0, 18.0), None);
        let text = exceeded("p", "allocations", 19.8, 18.0).unwrap();
        assert_eq!(text, "p: 19.80 allocations, 1.80 (10.0 %) more than the budget of 18.00");
    }

    #[test]
    fn every_path_runs() {
        for path in PATHS {
            (path.ready)()(1000);
        }
    }
}
