//! An operation of each kind, and what comes of it.

use omnipush_core::{Class, Found, Group, Operation, Target};
use serde_json::{Map, Value, json};

use super::{FIRST_PACKAGE, Tpns};
use crate::fake::{Fake as _, OperationTrial, TargetState};

const ANY: &[(&str, Class)] = &[
    ("1008001", Class::InvalidRequest),
    ("1008002", Class::InvalidRequest),
    ("1008003", Class::Unauthenticated),
    ("1008004", Class::Unavailable),
    ("1008007", Class::InvalidRequest),
    ("1008030", Class::PermissionDenied),
    ("10030002", Class::Unauthenticated),
];
const BATCH: &[(&str, Class)] = &[
    ("1008006", Class::InvalidToken),
    ("1008027", Class::InvalidRequest),
    ("1008003", Class::Unauthenticated),
    ("1008004", Class::Unavailable),
];
/// Of a call whose answer has no numbers for the single tokens.
const TAGS: &[(&str, Class)] = &[
    ("1008006", Class::InvalidToken),
    ("1008026", Class::Unknown),
    ("1008027", Class::InvalidRequest),
    ("1008029", Class::InvalidToken),
    ("1008003", Class::Unauthenticated),
];
const UPLOAD: &[(&str, Class)] =
    &[("1008011", Class::InvalidRequest), ("1008012", Class::InvalidRequest), ("1008003", Class::Unauthenticated)];

fn own(name: &str, targets: &[Target], args: Value) -> Operation {
    let args: Map<String, Value> = args.as_object().cloned().unwrap_or_default();
    Operation::Own { name: name.into(), targets: targets.to_vec(), args }
}

impl Tpns {
    pub(super) fn operation_trials(&self) -> Vec<OperationTrial> {
        let [a, b, gone] = [0, 1, 90].map(|number| Target::new(self.target(number)));
        self.world.set_target(gone.as_str(), TargetState::Dead);
        let tokens = [a.clone(), b.clone()];
        let mixed = vec![a.clone(), gone, b];
        let one_is_gone = [None, Some(Class::InvalidToken), None];
        let (tag, account) = (|| Group::Tag("象棋".into()), || Group::Account("10001".into()));
        let done = OperationTrial::done;
        // Bound before, to an account that no other trial touches.
        let bound = self.target(5);
        self.memory().bind("10002", &bound);
        let of = |kind: i64, list: &str, asked: Value, found: &str, found_as: Value| {
            let trial = done(own("account_query", &[], json!({"operator_type": kind, list: asked})));
            let told = json!({"retCode": 0, "errMsg": "NO_ERROR", "result": ["0"], found: [found_as]});
            trial.found(Found::Other(told))
        };
        let package = (FIRST_PACKAGE + self.memory().packages() + 1).to_string();
        vec![
            done(Operation::Subscribe { to: tag(), targets: tokens.to_vec() }).codes(TAGS),
            done(Operation::Unsubscribe { from: tag(), targets: tokens.to_vec() }).codes(TAGS),
            done(Operation::Subscribe { to: account(), targets: tokens.to_vec() }).codes(BATCH),
            done(Operation::Subscribe { to: account(), targets: mixed.clone() }).classes(one_is_gone),
            done(Operation::Unsubscribe { from: account(), targets: mixed.clone() }).classes(one_is_gone).codes(BATCH),
            done(Operation::DeleteGroup { group: account() }).codes(ANY),
            of(
                1,
                "account_list",
                json!([{"account": "10002"}]),
                "account_tokens",
                json!({"account": "10002", "token_list": [bound]}),
            )
            .codes(&[ANY, &[("10110008", Class::InvalidToken)]].concat()),
            of(
                2,
                "token_list",
                json!([bound]),
                "token_accounts",
                json!({"token": bound, "account_list": [{"account": "10002"}]}),
            ),
            done(own("unbind_all", &mixed, json!({}))).classes(one_is_gone).codes(BATCH),
            done(own(
                "device_tag",
                &[],
                json!({"operator_type": 3, "token_list": [a.as_str()], "tag_list": ["sport", "level:2"]}),
            ))
            .codes(TAGS),
            done(own("package_upload", &[], json!({"file_name": "a.txt", "file": format!("{}\n", a.as_str())})))
                .found(Found::Id(package))
                .codes(UPLOAD),
        ]
    }
}
