//! The hot paths: what is paid for every notification, every target and every send. The bench
//! `guard` counts what they cost and compares it with `budgets.toml`.

use std::collections::BTreeMap;

use omnipush::{Item, Outcome, Reply, Target, Template, Verdict};
use serde::Deserialize;

use crate::by_hand::{by_hand, headers};
use crate::engine::{alone, over_a_line};
use crate::messages::{DATA, Message};
use crate::rig::acceptance;
use crate::subject::{NOWHERE, Subject, cx, set};

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
    /// The same by hand with a library, serde_json (and headers where the vendor takes some) or
    /// form_urlencoded, to compare with.
    pub by_hand: Option<fn() -> Run>,
}

const fn path(name: &'static str, count: usize, ready: fn() -> Run) -> Path {
    Path { name, count, ready, by_hand: None }
}

const CHINESE: &str = "您购买的商品已经由仓库发出, and 2 more";

/// The first encoding of a notification.
const fn first(name: &'static str, ready: fn() -> Run, by_hand: fn() -> Run) -> Path {
    Path { name, count: 200, ready, by_hand: Some(by_hand) }
}

/// All of them.
pub const PATHS: [Path; 28] = [
    first("fcm_template", || template("fcm"), || typed("fcm")),
    first("apns_template", || template("apns"), || typed("apns")),
    first("huawei_template", || template("huawei"), || typed("huawei")),
    first("harmony_template", || template("harmony"), || typed("harmony")),
    first("honor_template", || template("honor"), || typed("honor")),
    first("xiaomi_template", || template("xiaomi"), || typed("xiaomi")),
    first("oppo_template", || template("oppo"), || typed("oppo")),
    first("vivo_template", || template("vivo"), || typed("vivo")),
    first("meizu_template", || template("meizu"), || typed("meizu")),
    first("tpns_template", || template("tpns"), || typed("tpns")),
    first("webpush_template", || template("webpush"), || typed("webpush")),
    path("fcm_splice", 1000, || splice("fcm")),
    path("apns_splice", 1000, || splice("apns")),
    path("xiaomi_splice", 1000, || splice("xiaomi")),
    path("huawei_batch_target", 20_000, || batch("huawei")),
    path("harmony_batch_target", 20_000, || batch("harmony")),
    path("honor_batch_target", 20_000, || batch("honor")),
    path("xiaomi_batch_target", 20_000, || batch("xiaomi")),
    path("oppo_batch_target", 20_000, || batch("oppo")),
    path("vivo_batch_target", 20_000, || batch("vivo")),
    path("meizu_batch_target", 20_000, || batch("meizu")),
    path("tpns_batch_target", 20_000, || batch("tpns")),
    Path {
        name: "chinese_form_byte",
        count: 100_000,
        ready: || form_of(CHINESE),
        by_hand: Some(|| library_form_of(CHINESE)),
    },
    Path { name: "json_form_byte", count: 100_000, ready: || form_of(DATA), by_hand: Some(|| library_form_of(DATA)) },
    path("apns_engine", 500, || Box::new(alone("apns"))),
    path("xiaomi_engine_target", 20_000, || Box::new(alone("xiaomi"))),
    path("apns_send", 1000, || Box::new(over_a_line("apns"))),
    path("fcm_send", 1000, || Box::new(over_a_line("fcm"))),
];

fn template(id: &str) -> Run {
    let subject = Subject::new(id, NOWHERE);
    let (n, shape) = (Message::chat().notification(), subject.shape());
    Box::new(move |count| {
        for _ in 0..count {
            std::hint::black_box(subject.vendor.encode(&n, shape, &mut cx()).unwrap());
        }
    })
}

fn typed(id: &str) -> Run {
    let (subject, message) = (Subject::new(id, NOWHERE), Message::chat());
    let (hand, targets) = (by_hand(id), subject.targets(1));
    Box::new(move |count| {
        for _ in 0..count {
            let body = hand.body(hand.json.typed, &message, targets[0].as_str());
            std::hint::black_box((body, headers(subject.id)));
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

/// What a target of a full list costs the vendor: the request, the reading of the answer, and its
/// verdict.
fn batch(id: &str) -> Run {
    let subject = Subject::new(id, NOWHERE);
    let (shape, size) = subject.largest();
    let encoded = subject.encode(&Message::chat(), shape);
    let targets = subject.targets(size);
    let answer = match id {
        "oppo" => each_accepted(&targets),
        _ => acceptance(id).body.to_owned(),
    };
    let reply = Reply::new(200, answer);
    Box::new(move |count| {
        let items: Vec<_> = targets.iter().map(|target| Item { encoded: &encoded, target }).collect();
        for _ in 0..count / size {
            std::hint::black_box(subject.request(&encoded, &items));
            let outcome = subject.vendor.decode(&reply, &set(&encoded, &items));
            assert!(matches!(&outcome, Outcome::Whole(Verdict::Accepted { .. }) | Outcome::Each(_)), "{outcome:?}");
            std::hint::black_box(outcome);
        }
    })
}

/// What OPPO answers to a batch: an element for each target.
fn each_accepted(targets: &[Target]) -> String {
    let element = |target: &Target| {
        let (id, target) = ("5b0e3a7c8e9f4d1a2b3c4d5e", target.as_str());
        format!(r#"{{"messageId":"{id}","registrationId":"{target}"}}"#)
    };
    let elements: Vec<String> = targets.iter().map(element).collect();
    format!(r#"{{"code":0,"message":"Success","data":[{}]}}"#, elements.join(","))
}

/// Escapes a text over and over for a form, by the byte.
fn form_of(text: &str) -> Run {
    let text = text.repeat(100);
    let template = Template::of(text.clone());
    Box::new(move |count| {
        for _ in 0..count / text.len() {
            std::hint::black_box(template.in_form());
        }
    })
}

fn library_form_of(text: &str) -> Run {
    let text = text.repeat(100);
    Box::new(move |count| {
        for _ in 0..count / text.len() {
            std::hint::black_box(form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>());
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
    /// Instructions beside the same by hand, as a ratio.
    pub of_by_hand: Option<f64>,
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
