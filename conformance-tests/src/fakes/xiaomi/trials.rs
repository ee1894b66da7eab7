//! An operation of each kind, and what comes of it.

use chrono::NaiveDate;
use omnipush_core::vendor::count;
use omnipush_core::{Class, Counts, Found, Group, GroupKind, Image, ImageSize, Operation, Target};
use serde_json::{Map, Value, json};

use super::memory::Sent;
use super::{Xiaomi, upload};
use crate::fake::{Fake as _, OperationTrial};

/// A message that was sent, by its id and its job key.
const SENT: &str = "scm51336519827468580b1";
const JOB: &str = "order-42";
/// When it was sent.
const SENT_AT_MS: u64 = 1_700_000_000_000;
/// A scheduled message that is to be deleted, by its id; another by its job key; and one that waits on.
const SCHEDULED: &str = "scm5000000000000000a1";
const SCHEDULED_JOB: &str = "morning";
const WAITING: &str = "scm5000000000000000a2";
/// An alias that was found dead, and a channel that is to be discarded.
const DEAD_ALIAS: &str = "zoe";
const OLD_CHANNEL: &str = "130009";

use Class::{
    InvalidRequest as Wrong, PermissionDenied as Denied, RateLimited as TooFast,
    Unauthenticated as NoAuth, Unavailable as Down, Unknown as Unclear,
};

const ANY: &[(&str, Class)] =
    &[("21301", NoAuth), ("21302", NoAuth), ("10001", Down), ("10008", Wrong), ("10016", Wrong)];
const TRACE: &[(&str, Class)] = &[("10038", Denied), ("10039", TooFast), ("65028", Wrong), ("21301", NoAuth)];
// Said of several devices, 10029 names none: no single one is known to be gone.
const SUBSCRIBE: &[(&str, Class)] =
    &[("20215", Down), ("20209", Wrong), ("65010", Wrong), ("65013", Wrong), ("10029", Unclear), ("10027", TooFast)];
const UNSUBSCRIBE: &[(&str, Class)] = &[("20216", Down), ("20209", Wrong), ("10029", Unclear), ("21301", NoAuth)];
const SCHEDULE: &[(&str, Class)] = &[("20315", Unclear), ("65028", Wrong), ("21301", NoAuth)];

fn own(name: &str, targets: &[&str], args: Value) -> Operation {
    let args: Map<String, Value> = args.as_object().cloned().unwrap_or_default();
    Operation::Own { name: name.into(), targets: targets.iter().map(|name| Target::from(*name)).collect(), args }
}

fn counts<'a>(of: &str, numbers: impl IntoIterator<Item = (&'a str, i64)>) -> Counts {
    Counts { of: of.into(), numbers: numbers.into_iter().map(|(name, number)| (name.to_owned(), number)).collect() }
}

/// What the trace of [`SENT`] says.
fn traced() -> Found {
    let unmoved = ["app_not_register", "device_condition_unmatch", "bar_closed", count::CLICKED];
    let numbers = [("resolved", 7), (count::DELIVERED, 7), (count::INVALID, 2)];
    Found::Counts(vec![counts(SENT, numbers.into_iter().chain(unmoved.map(|name| (name, 0))))])
}

fn of_day(day: &str) -> Counts {
    counts(
        day,
        [
            ("single_recipients", 6),
            ("broadcast_recipients", 4),
            ("regid_recipients", 3),
            ("alias_recipients", 2),
            ("useraccount_recipients", 1),
            (count::DELIVERED, 9),
            (count::CLICKED, 5),
        ],
    )
}

fn names(names: &[&str]) -> Found {
    Found::Names(names.iter().map(|name| (*name).to_owned()).collect())
}

fn picture(size: ImageSize) -> Operation {
    let bytes = bytes::Bytes::from_static(b"\x89PNG\r\n\x1a\n");
    Operation::UploadImage(Image { file_name: "a.png".into(), media_type: "image/png".into(), bytes, size })
}

impl Xiaomi {
    /// Makes the world as the trials want it.
    fn arrange(&self, dead: &str, member: &str) {
        let mut memory = self.memory();
        if memory.message(SENT).is_none() {
            let (id, job) = (SENT.to_owned(), Some(JOB.to_owned()));
            memory.sent.push(Sent { id, job, at_ms: SENT_AT_MS, taken: 7, bad: 2 });
        }
        memory.scheduled.extend([SCHEDULED, SCHEDULED_JOB, WAITING].map(str::to_owned));
        memory.dead_regids.insert(dead.to_owned());
        memory.dead_aliases.insert(DEAD_ALIAS.to_owned());
        memory.channels.insert(OLD_CHANNEL.to_owned());
        for (kind, name) in [("alias", "ann"), ("account", "10001"), ("topic", "chess"), ("topic", "news")] {
            memory.groups.insert((kind, member.to_owned(), name.to_owned()));
        }
    }

    pub(super) fn operation_trials(&self) -> Vec<OperationTrial> {
        let regids: Vec<Target> = (0..3).map(|number| Target::new(self.target(number))).collect();
        let good = self.target(0);
        let (dead, member) = (self.target(90), Target::new(self.target(91)));
        self.arrange(&dead, member.as_str());
        let groups = |kind| Operation::Groups { kind, target: member.clone() };
        let news = || Group::Topic("news".into());
        let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap_or_default();
        let done = OperationTrial::done;
        vec![
            done(Operation::Withdraw { notify_id: 42, targets: regids.clone() }).codes(ANY),
            done(own("alias_revoke", &["ann", "ben"], json!({"notify_id": 42}))).codes(ANY),
            done(own("user_account_revoke", &["10001"], json!({"notify_id": 42}))).codes(ANY),
            done(Operation::Scheduled { id: WAITING.into() }).codes(SCHEDULE),
            done(Operation::Cancel { id: SCHEDULED.into() }).codes(SCHEDULE),
            done(own("schedule_job_delete", &[], json!({"jobkey": SCHEDULED_JOB}))).codes(SCHEDULE),
            done(own("stop_by_id", &[], json!({"msg_ids": SENT}))).codes(ANY),
            done(own("stop_by_jobkey", &[], json!({"job_keys": JOB}))).codes(ANY),
            done(Operation::Statistics { ids: vec![SENT.into()] }).found(traced()).codes(TRACE),
            done(own("message_status", &[], json!({"job_key": JOB}))).found(traced()).codes(TRACE),
            done(own("messages_status", &[], json!({"begin_time": SENT_AT_MS - 1000, "end_time": SENT_AT_MS + 1000})))
                .found(traced())
                .codes(TRACE),
            done(Operation::Report { from: day(22), to: day(23) })
                .found(Found::Counts(vec![of_day("2026-11-22"), of_day("2026-11-23")]))
                .codes(TRACE),
            done(Operation::Quota)
                .found(Found::Counts(vec![counts("day", [(count::QUOTA, 20_000), (count::USED, 0)])]))
                .codes(ANY),
            done(Operation::DeadTargets).found(names(&[&dead])).codes(&[("10030", TooFast), ("10033", Denied)]),
            done(Operation::DeadTargets).found(names(&[])),
            done(own("fetch_invalid_aliases", &[], json!({})))
                .found(names(&[DEAD_ALIAS]))
                .codes(&[("10032", TooFast), ("10033", Denied)]),
            // Code 10035: there are no more.
            done(own("fetch_invalid_aliases", &[], json!({}))).found(names(&[])),
            done(Operation::Subscribe { to: news(), targets: regids.clone() }).codes(SUBSCRIBE),
            done(Operation::Unsubscribe { from: news(), targets: regids }).codes(UNSUBSCRIBE),
            done(own("topic_subscribe_alias", &["ann", "ben"], json!({"topic": "news", "category": "sport"})))
                .codes(SUBSCRIBE),
            done(own("topic_unsubscribe_alias", &["ann", "ben"], json!({"topic": "news"}))).codes(UNSUBSCRIBE),
            done(groups(GroupKind::Topic)).found(names(&["chess", "news"])).codes(ANY),
            done(groups(GroupKind::Alias)).found(names(&["ann"])).codes(ANY),
            done(groups(GroupKind::Account)).found(names(&["10001"])).codes(ANY),
            done(own("channel_list", &[], json!({})))
                .found(Found::Other(json!({"list": [super::PUBLIC_CHANNEL, super::PRIVATE_CHANNEL, OLD_CHANNEL]})))
                .codes(ANY),
            done(own(
                "channel_add",
                &[],
                json!({
                    "channel_id": "130010", "channel_name": "订单", "channel_description": "Orders & co",
                    "sound_url": "android.resource://com.example.app/raw/bell", "notify_type": 3,
                }),
            ))
            .codes(ANY),
            done(own("channel_discard", &[], json!({"channel_id": OLD_CHANNEL}))).codes(&[("27001", Wrong)]),
            done(own("validation_regids", &[&good, "no-regid"], json!({})))
                .found(Found::Other(json!({"bad_regids": "no-regid"})))
                .codes(ANY),
            done(own("regid_presence", &[&good, "no-regid"], json!({})))
                .found(Found::Other(json!({good.as_str(): "online", "no-regid": "offline"})))
                .codes(ANY),
            done(picture(ImageSize::Icon)).found(Found::Id(upload::address("icon", 8, "a.png"))).codes(ANY),
            done(picture(ImageSize::Large)).found(Found::Id(upload::address("pic", 8, "a.png"))).codes(ANY),
        ]
    }
}
