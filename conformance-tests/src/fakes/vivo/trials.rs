//! What vivo's operations come to, and its callbacks with what they say.

use std::collections::BTreeMap;

use omnipush_core::Class::{InvalidRequest, InvalidToken, PermissionDenied, RateLimited, Unauthenticated, Unavailable};
use omnipush_core::Event::{self, Delivered, Dropped};
use omnipush_core::vendor::count;
use omnipush_core::{Class, Counts, Found, Group, Operation, Reason, Receipt, Target};
use serde_json::{Map, Value, json};

use super::Vivo;
use super::operations::COUNTERS;
use crate::fake::{Fake as _, OperationTrial, ReceiptTrial, TargetState};

/// The member of a callback that holds the result code. vivo's name for it is unknown; this one
/// is ours.
pub(super) const CODE_FIELD: &str = "code";
/// The member that holds the time, under a name of ours as well.
pub(super) const TIME_FIELD: &str = "time";

/// A message whose counters are known.
const COUNTED: &str = "121396999";

/// What any operation may answer.
const COMMON: &[(&str, Class)] = &[
    ("10000", Unauthenticated),
    ("10040", Unavailable),
    ("10072", RateLimited),
    ("10094", PermissionDenied),
    ("10200", InvalidRequest),
    ("HTTP 500", Unavailable),
];

pub(super) fn operations(fake: &Vivo) -> Vec<OperationTrial> {
    let targets = |numbers: &[usize]| numbers.iter().map(|&n| Target::from(fake.target(n))).collect::<Vec<_>>();
    let tag = || Group::Tag("sport".into());
    fake.world().set_target(fake.target(1), TargetState::Dead);
    let members = |operation| {
        let own = [("10601", InvalidRequest), ("10609", InvalidRequest), ("10614", InvalidRequest)];
        let codes = [COMMON, &own[..], &[("10616", InvalidRequest)]].concat();
        OperationTrial::done(operation).codes(&codes)
    };
    let check = Operation::CheckTargets { targets: targets(&[0, 1, 2]) };
    let expression = json!({"orTags": ["sport", "chess"], "notTags": ["golf"]});
    vec![
        statistics(fake),
        OperationTrial::done(check).classes([None, Some(InvalidToken), None]).codes(COMMON),
        members(Operation::Subscribe { to: tag(), targets: targets(&[0, 2]) }),
        members(Operation::Unsubscribe { from: tag(), targets: targets(&[0, 2]) }),
        OperationTrial::own("tag_add", &json!({"name": "sport", "desc": "likes sport", "group": "hobbies"}))
            .codes(&[COMMON, &[("10601", InvalidRequest)]].concat()),
        OperationTrial::own("tag_update", &json!({"oldName": "sport", "newName": "sports", "desc": "likes sport"})),
        OperationTrial::own("tag_group_add", &json!({"name": "hobbies", "type": 1, "desc": "what they like"}))
            .codes(&[("10616", InvalidRequest)]),
        OperationTrial::own("tag_group_update", &json!({"oldName": "hobbies", "newName": "likes"})),
        OperationTrial::own("tag_group_add_to_group", &json!({"name": "hobbies", "tagList": ["sport", "chess"]})),
        OperationTrial::own("tag_segment_add", &json!({"name": "players", "expression": expression})),
        OperationTrial::own(
            "tag_segment_update",
            &json!({"oldName": "players", "newName": "gamers", "expression": {"andTags": ["sport"]}}),
        ),
    ]
}

/// Every counter has a number of its own.
fn statistics(fake: &Vivo) -> OperationTrial {
    let counters = COUNTERS.iter().zip(0_u64..).map(|(name, at)| (*name, 40 - at));
    fake.memory().counters.insert(COUNTED.to_owned(), counters.collect());
    let numbers = [
        (count::TARGETED, 40),
        (count::VALID, 39),
        (count::SENT, 38),
        (count::DELIVERED, 37),
        (count::SHOWN, 36),
        (count::CLICKED, 35),
        (count::INVALID, 34),
        ("targetUnSub", 33),
        ("targetInActive", 32),
        ("covered", 31),
        ("controlled", 30),
        ("targetOffline", 29),
    ];
    let numbers: BTreeMap<String, i64> = numbers.into_iter().map(|(name, n)| (name.to_owned(), n)).collect();
    let counts = vec![Counts { of: COUNTED.to_owned(), numbers }];
    OperationTrial::done(Operation::Statistics { ids: vec![COUNTED.to_owned()] })
        .found(Found::Counts(counts))
        .codes(&[COMMON, &[("10471", InvalidRequest), ("10473", InvalidRequest)]].concat())
}

/// The result codes, from an aggregator's table: what it says of vivo, without its own prefix.
const RESULTS: &[(u32, Event)] = &[
    (0, Delivered),
    (101, Dropped(Reason::Rejected)),
    (103, Dropped(Reason::Replaced)),
    (104, Dropped(Reason::NotShown)),
    (1000, Dropped(Reason::Other)),
    (1017, Dropped(Reason::Filtered)),
    (1020, Dropped(Reason::Filtered)),
    (1040, Dropped(Reason::NotShown)),
    (2124, Dropped(Reason::Rejected)),
    (2144, Dropped(Reason::Expired)),
    (2158, Dropped(Reason::BadClick)),
    (2161, Dropped(Reason::BadClick)),
    (2162, Dropped(Reason::BadClick)),
    (2183, Dropped(Reason::InvalidToken)),
    (10_012, Dropped(Reason::Expired)),
    (11_001, Dropped(Reason::Quota)),
    (12_000, Dropped(Reason::Quota)),
    (20_001, Dropped(Reason::InvalidToken)),
    (20_002, Dropped(Reason::InvalidToken)),
    (20_006, Dropped(Reason::Inactive)),
    (99_999, Event::Unknown),
];

pub(super) fn receipts(fake: &Vivo) -> Vec<ReceiptTrial> {
    let (one, two) = (fake.target(0), fake.target(1));
    let arrived =
        |task: &str, tag: Option<&str>, target: &str| Receipt::new(Delivered, target).message_id(Some(task)).tag(tag);
    vec![
        ReceiptTrial::json(
            "several messages and targets in one body arrived",
            &json!({
                "121397001": {"param": "order-42", "targets": format!("{one},{two}")},
                "121397002": {"param": null, "targets": two},
            }),
            vec![
                arrived("121397001", Some("order-42"), &one),
                arrived("121397001", Some("order-42"), &two),
                arrived("121397002", None, &two),
            ],
        ),
        results(fake, "every result code as a number", |code| json!(code)),
        results(fake, "every result code as a text", |code| json!(code.to_string())),
        ReceiptTrial::json(
            "a field that nobody has documented",
            &json!({"121397003": {"param": "", "targets": one, "ackType": "x"}}),
            vec![arrived("121397003", None, &one)],
        ),
    ]
}

/// One body with a message for each result code.
fn results(fake: &Vivo, name: &'static str, write: fn(u32) -> Value) -> ReceiptTrial {
    const AT_MS: u64 = 1_700_000_000_123;
    let (mut body, mut receipts) = (Map::new(), Vec::new());
    for (number, (code, event)) in RESULTS.iter().enumerate() {
        let (task, target) = (format!("1213980{number:02}"), fake.target(number));
        let told = json!({"param": "order-42", "targets": target, CODE_FIELD: write(*code), TIME_FIELD: AT_MS});
        body.insert(task.clone(), told);
        let receipt = Receipt::new(*event, target).code(code.to_string()).message_id(Some(task));
        receipts.push(receipt.tag(Some("order-42")).at_ms(Some(AT_MS)));
    }
    ReceiptTrial::json(name, &Value::Object(body), receipts)
}
