//! Every operation of FCM, what comes of it, and the failures that are documented for it.

use std::collections::BTreeSet;

use omnipush_core::Class::{self, InvalidRequest, InvalidToken, PermissionDenied, RateLimited, Unavailable, Unknown};
use omnipush_core::{Found, Group, GroupKind, Operation, Target};
use serde_json::{Value, json};

use super::groups::key;
use super::statistics::{self, APP_ID};
use super::subscriptions::shown;
use super::{Fcm, PACKAGE, PROJECT_NUMBER, codes, with};
use crate::fake::{At, DocumentedCode, Fake as _, OperationTrial, TargetState};

/// Failures of the Instance ID service and the device groups.
const OLD: &[&str] = &["iid 400", "iid 401", "iid 403", "iid 404", "iid 429", "iid 500", "iid 503"];
/// Those of a call about one token.
const OLD_TOKEN: &[&str] = &["iid 400", "iid 401", "iid 403", "iid 404 token", "iid 429", "iid 500", "iid 503"];
/// Failures of the calls of today.
const NEW: &[&str] = &[
    "401 CREDENTIALS_MISSING",
    "401 ACCESS_TOKEN_EXPIRED",
    "401 UNAUTHENTICATED",
    "403 PERMISSION_DENIED",
    "403 IAM_PERMISSION_DENIED",
    "403 SERVICE_DISABLED",
    "403 ACCESS_TOKEN_SCOPE_INSUFFICIENT",
    "400 BadRequest",
    "404 NOT_FOUND",
    "404 page",
    "429 RESOURCE_EXHAUSTED",
    "500 INTERNAL",
    "502 page",
    "503 UNAVAILABLE",
    "504 DEADLINE_EXCEEDED",
];

/// What may be said of one token of a batch, with its meaning.
const ITEMS: &[(&str, Class)] = &[
    ("NOT_FOUND", InvalidToken),
    ("INVALID_ARGUMENT", InvalidToken),
    ("TOO_MANY_TOPICS", InvalidRequest),
    ("RESOURCE_EXHAUSTED", RateLimited),
    ("PERMISSION_DENIED", PermissionDenied),
    ("DEADLINE_EXCEEDED", Unavailable),
    ("INTERNAL", Unavailable),
    ("UNKNOWN", Unknown),
];
/// The same of one of Apple's tokens.
const IMPORTS: &[(&str, Class)] =
    &[("INVALID_ARGUMENT", InvalidToken), ("INTERNAL", Unavailable), ("Internal Server Error", Unavailable)];

const SINCE_MS: u64 = 1_700_000_000_000;

fn meaning(names: &[&'static str]) -> Vec<(&'static str, Class)> {
    names.iter().map(|name| (*name, codes::class(name))).collect()
}

fn own(name: &str, targets: Vec<Target>, args: Value) -> OperationTrial {
    let args = args.as_object().cloned().unwrap_or_default();
    OperationTrial::done(Operation::Own { name: name.into(), targets, args })
}

impl Fcm {
    /// Leaves some subscriptions and one group, and tries every call on them in an order in which
    /// none disturbs the next.
    pub(super) fn trials(&self) -> Vec<OperationTrial> {
        self.topics.clear();
        let numbered = |number: usize| self.target(1000 + number);
        let target = |number: usize| Target::new(numbered(number));
        for topic in ["sport", "chess"] {
            self.topics.add(&numbered(20), topic, SINCE_MS);
        }
        let (known, told) = (|| vec![target(20)], self.information(&numbered(20), true));
        self.world.set_target(numbered(21), TargetState::Dead);
        let mut all = self.batches(&target);
        all.extend([
            OperationTrial::done(Operation::Groups { kind: GroupKind::Topic, target: target(20) })
                .found(Found::Names(vec!["chess".into(), "sport".into()]))
                .codes(&meaning(&[NEW, &["UNREGISTERED"]].concat())),
            OperationTrial::done(Operation::CheckTargets { targets: known() }).codes(&meaning(OLD_TOKEN)),
            OperationTrial::done(Operation::CheckTargets { targets: vec![target(21)] }).classes([Some(InvalidToken)]),
            own("token_info", known(), json!({})).found(Found::Other(told)).codes(&meaning(OLD_TOKEN)),
        ]);
        all.extend(self.resource(&numbered(20)));
        all.extend(self.device_groups(&target));
        all.push(
            own("delivery_data", Vec::new(), json!({ "app_id": APP_ID, "page_size": 1, "page_token": "1" }))
                .found(Found::Other(statistics::shown(1, 1)))
                .codes(&meaning(NEW)),
        );
        all
    }

    /// Targets that meet each item error, after one that meets none; with the classes.
    fn items(
        &self,
        first: usize,
        errors: &[(&'static str, Class)],
        name: impl Fn(usize) -> String,
    ) -> (Vec<Target>, Vec<Option<Class>>) {
        let failing = errors.iter().enumerate().map(|(at, &(code, class))| {
            let target = name(first + 1 + at);
            let state = TargetState::Refused(DocumentedCode { code, class, at: At::Operate });
            self.world.set_target(target.clone(), state);
            (Target::new(target), Some(class))
        });
        std::iter::once((Target::new(name(first)), None)).chain(failing).unzip()
    }

    fn batches(&self, target: &impl Fn(usize) -> Target) -> Vec<OperationTrial> {
        let (targets, classes) = self.items(0, ITEMS, |number| target(number).as_str().to_owned());
        let news = || Group::Topic("news".into());
        let imported = |number: usize| format!("{number:064x}");
        let (apple, statuses) = self.items(40, IMPORTS, imported);
        let names = self.imported(&imported(40)).into_iter().collect();
        vec![
            OperationTrial::done(Operation::Subscribe { to: news(), targets: targets.clone() })
                .classes(classes.clone())
                .codes(&meaning(OLD)),
            OperationTrial::done(Operation::Unsubscribe { from: news(), targets })
                .classes(classes)
                .codes(&meaning(OLD)),
            own("import_apns_tokens", apple, json!({ "application": PACKAGE, "sandbox": true }))
                .classes(statuses)
                .found(Found::Names(names))
                .codes(&meaning(OLD)),
        ]
    }

    /// The calls on subscriptions of one registration that is in `chess` and `sport`.
    fn resource(&self, registration: &str) -> Vec<OperationTrial> {
        let call = |name: &str, topic: &str, codes: &[&'static str]| {
            own(name, vec![registration.into()], json!({ "topic": topic })).codes(&meaning(&[NEW, codes].concat()))
        };
        let sport = Found::Other(shown(registration, "sport", SINCE_MS));
        vec![
            call("subscription_get", "sport", &["UNREGISTERED"]).found(sport),
            call("subscription_ensure", "sport", &["UNREGISTERED"]),
            call("subscription_delete", "chess", &["UNREGISTERED"]),
            call("subscription_create", "news", &["UNREGISTERED", "409 ALREADY_EXISTS"]),
        ]
    }

    fn device_groups(&self, target: &impl Fn(usize) -> Target) -> Vec<OperationTrial> {
        let mut groups = self.groups.all();
        groups.clear();
        let members = [target(30), target(31)].map(|member| member.as_str().to_owned());
        groups.insert("family".into(), BTreeSet::from(members));
        let call = |name: &str, targets: &[usize], group: &str, with_key: bool| {
            let args = json!({ "project_number": PROJECT_NUMBER, "name": group });
            let args = if with_key { with(args, "key", key(group)) } else { args };
            own(name, targets.iter().map(|number| target(*number)).collect(), args)
                .found(Found::Id(key(group)))
                .codes(&meaning(OLD))
        };
        vec![
            call("device_group_key", &[], "family", false),
            call("device_group_add", &[32], "family", true),
            call("device_group_remove", &[30], "family", true),
            call("device_group_create", &[33, 34], "friends", false),
        ]
    }
}
