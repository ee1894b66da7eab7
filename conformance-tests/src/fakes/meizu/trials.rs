//! An operation of each kind, and what comes of it.

use chrono::NaiveDate;
use omnipush_core::vendor::count;
use omnipush_core::{Class, Counts, Found, Group, GroupKind, Operation, Target};
use serde_json::{Map, Value, json};

use super::memory::Task;
use super::operations::picture_at;
use super::{FIRST_TASK, Meizu};
use crate::fake::{Fake as _, OperationTrial, TargetState};

const ANY: &[(&str, Class)] = &[
    ("1001", Class::Unavailable),
    ("1003", Class::Unavailable),
    ("1005", Class::InvalidRequest),
    ("1006", Class::Unauthenticated),
    ("110000", Class::Unauthenticated),
    ("110001", Class::Unauthenticated),
    ("110004", Class::InvalidRequest),
    ("110009", Class::PermissionDenied),
    ("110033", Class::Unauthenticated),
    ("500", Class::Unknown),
];
const OF_TASK: &[(&str, Class)] = &[("110032", Class::InvalidRequest), ("1006", Class::Unauthenticated)];
const CANCEL: &[(&str, Class)] = &[("110032", Class::InvalidRequest), ("500", Class::Unknown)];
const OF_DEVICE: &[(&str, Class)] = &[
    ("110002", Class::InvalidToken),
    ("110003", Class::InvalidToken),
    ("110010", Class::RateLimited),
    ("1006", Class::Unauthenticated),
];

fn own(name: &str, target: &[&str], args: Value) -> Operation {
    let args: Map<String, Value> = args.as_object().cloned().unwrap_or_default();
    Operation::Own { name: name.into(), targets: target.iter().map(|name| Target::from(*name)).collect(), args }
}

fn counted(of: &str) -> Counts {
    let numbers = [
        (count::TARGETED, 9),
        (count::VALID, 8),
        (count::SENT, 7),
        (count::DELIVERED, 6),
        (count::SHOWN, 5),
        (count::CLICKED, 4),
    ];
    Counts { of: of.into(), numbers: numbers.map(|(name, number)| (name.to_owned(), number)).into() }
}

fn names(names: &[&str]) -> Found {
    Found::Names(names.iter().map(|name| (*name).to_owned()).collect())
}

impl Meizu {
    pub(super) fn operation_trials(&self) -> Vec<OperationTrial> {
        let [plain, known, off, gone] = [0, 91, 92, 93].map(|number| Target::new(self.target(number)));
        self.world.set_target(gone.as_str(), TargetState::Dead);
        // Every set of trials has a broadcast of its own to cancel.
        let mut memory = self.memory();
        memory.tasks.push(Task::broadcast());
        let task = (FIRST_TASK + memory.tasks.len() - 1).to_string();
        let device = memory.devices.entry(known.as_str().to_owned()).or_default();
        device.alias = "ann".into();
        device.tags = ["chess", "sport"].map(str::to_owned).into();
        memory.devices.entry(off.as_str().to_owned()).or_default().switches = [false; 2];
        drop(memory);

        let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap_or_default();
        let one = || vec![plain.clone()];
        let switches = |bar: u8, direct: u8| {
            let id = plain.as_str();
            Found::Other(json!({"barTypeSwitch": bar, "directTypeSwitch": direct, "pushId": id}))
        };
        let alias = || Group::Alias("小明".into());
        let tag = || Group::Tag("象棋".into());
        let groups = |kind| Operation::Groups { kind, target: known.clone() };
        let done = OperationTrial::done;
        vec![
            done(Operation::Statistics { ids: vec![task.clone()] })
                .found(Found::Counts(vec![counted(&task)]))
                .codes(OF_TASK),
            done(Operation::Cancel { id: task }).codes(CANCEL),
            done(Operation::Report { from: day(22), to: day(23) })
                .found(Found::Counts(vec![counted("2026-11-22"), counted("2026-11-23")]))
                .codes(ANY),
            // Who has switched notifications off is there all the same.
            done(Operation::CheckTargets { targets: vec![known.clone(), gone, off] })
                .classes([None, Some(Class::InvalidToken), None])
                .codes(OF_DEVICE),
            done(Operation::Subscribe { to: alias(), targets: one() }).codes(OF_DEVICE),
            done(Operation::Unsubscribe { from: alias(), targets: one() }).codes(OF_DEVICE),
            done(groups(GroupKind::Alias)).found(names(&["ann"])).codes(OF_DEVICE),
            done(Operation::Groups { kind: GroupKind::Alias, target: plain.clone() }).found(names(&[])),
            done(Operation::Subscribe { to: tag(), targets: one() }).codes(OF_DEVICE),
            done(Operation::Unsubscribe { from: tag(), targets: one() }).codes(OF_DEVICE),
            done(groups(GroupKind::Tag)).found(names(&["chess", "sport"])).codes(OF_DEVICE),
            done(own("un_sub_all_tags", &[plain.as_str()], json!({}))).codes(OF_DEVICE),
            done(own("change_register_switch", &[plain.as_str()], json!({"msgType": 1, "subSwitch": 0})))
                .found(switches(1, 0))
                .codes(OF_DEVICE),
            done(own("change_all_switch", &[plain.as_str()], json!({"subSwitch": 1})))
                .found(switches(1, 1))
                .codes(OF_DEVICE),
            done(own("upload_img", &[], json!({"imgType": 1, "imgUrl": "https://example.com/a.png?b=c"})))
                .found(Found::Id(picture_at("1")))
                .codes(ANY),
        ]
    }
}
