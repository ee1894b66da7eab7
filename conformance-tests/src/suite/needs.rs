//! What behaviours need of a vendor, each with the reason why a trial is skipped without it.

use omnipush_core::engine::Purpose as Step;
use omnipush_core::table::{FieldDoc, Limit};
use omnipush_core::{
    Cx, Field, Http, HttpUrl, Item, Now, Outcome, Overflow, Proof, ReceiptRequest, Reply, Set, Settings, Shape,
};

use super::ground::Subject;
use super::{limits, samples};
use crate::fake::{At, Fake as _};

pub(super) type Needs = Result<(), String>;

fn require(holds: bool, reason: &str) -> Needs {
    if holds { Ok(()) } else { Err(reason.to_owned()) }
}

pub(super) fn token(subject: &Subject) -> Needs {
    require(subject.profile().token.is_some(), "no access tokens")
}

/// Access tokens that are asked for, not made here.
pub(super) fn sign_in(subject: &Subject) -> Needs {
    require(subject.plans(Step::Auth, 1), "no access tokens that are asked for")
}

pub(super) fn staging(subject: &Subject) -> Needs {
    let stages = subject.least_list().is_some_and(|least| subject.plans(Step::Stage, least));
    require(stages, "no messages are saved before they are sent")
}

pub(super) fn list(subject: &Subject) -> Needs {
    require(subject.profile().call(Shape::List).is_some(), "no call for a list of targets")
}

/// A list that has a minimum.
pub(super) fn least(subject: &Subject) -> Needs {
    let least = subject.profile().calls.iter().any(|call| call.shape == Shape::List && call.min > 1);
    require(least, "no list call with a minimum")
}

pub(super) fn each(subject: &Subject) -> Needs {
    require(subject.profile().call(Shape::Each).is_some(), "no call for many messages")
}

/// An audience other than devices.
pub(super) fn group(subject: &Subject) -> Needs {
    require(subject.profile().calls.iter().any(|call| !call.shape.is_device()), "no audience but devices")
}

pub(super) fn operations(subject: &Subject) -> Needs {
    require(!subject.profile().operations.is_empty(), "no operations")
}

/// An operation on more targets than one request takes.
pub(super) fn operation_on_targets(subject: &Subject) -> Needs {
    let trials = subject.tap.operations();
    require(trials.iter().any(|trial| !trial.operation.targets().is_empty()), "no operation takes targets")
}

pub(super) fn receipts(subject: &Subject) -> Needs {
    require(subject.profile().receipts.is_some(), "no receipts")
}

pub(super) fn signed_receipts(subject: &Subject) -> Needs {
    require(subject.profile().receipts == Some(Proof::Signed), "the vendor does not prove its callbacks")
}

/// Receipts that are asked for with the notification.
pub(super) fn asked_receipts(subject: &Subject) -> Needs {
    let carried = subject.manual().fields.iter().any(|row| row.uses.has(Field::Receipt));
    require(carried, "receipts are not asked for with the notification")?;
    let lost = subject.profile().call_for(1).is_some_and(|call| call.staged && loses_receipts(subject, call.shape));
    require(!lost, "saved messages carry no request for receipts, and say so")
}

fn loses_receipts(subject: &Subject, shape: Shape) -> bool {
    let mut n = samples::plain();
    let url = HttpUrl::new("https://receipts.example.com/omnipush").ok();
    n.receipt = Some(ReceiptRequest { url, tag: Some("order-42".into()) });
    let prepared = subject.planner(Settings::default()).prepare(&n);
    let losses = prepared.map(|prepared| prepared.shape(shape).map_or_else(Vec::new, |encoded| encoded.losses.clone()));
    losses.is_ok_and(|losses| losses.iter().any(|loss| loss.field == Field::Receipt))
}

pub(super) fn dedups(subject: &Subject) -> Needs {
    require(subject.profile().dedups, "the vendor does not de-duplicate")
}

pub(super) fn http1(subject: &Subject) -> Needs {
    let speaks = subject.profile().http != Http::Two && !subject.mount.over_h2;
    require(speaks, "HTTP/2 only: its bytes are frames, not a status line and a body")
}

pub(super) fn text_limit(subject: &Subject) -> Needs {
    require(!limits::rows(subject).is_empty(), "no field of the notification has a limit of its own")
}

pub(super) fn cut(subject: &Subject) -> Needs {
    require(limits::rows(subject).iter().any(|row| row.cut), "no field may be cut")
}

pub(super) fn demands(subject: &Subject) -> Needs {
    let fields = &subject.manual().fields;
    require(fields.iter().any(|row| row.needed && !row.uses.is_empty()), "no field is demanded")
}

/// A time to live that is moved into a range.
pub(super) fn clamp(subject: &Subject) -> Needs {
    let moved = |row: &FieldDoc| matches!(row.limit, Limit::Clamp(..)) && row.uses.has(Field::Ttl);
    require(subject.manual().fields.iter().any(moved), "no row moves the time to live into a range")
}

pub(super) fn whole_limit(subject: &Subject) -> Needs {
    let prepared = subject.planner(Settings::default()).prepare(&samples::plain());
    let limited = prepared.is_ok_and(|prepared| prepared.encoded().iter().any(|encoded| encoded.size.is_some()));
    require(limited, "no limit of the whole message")
}

pub(super) fn codes_at(subject: &Subject, at: At) -> Needs {
    require(subject.tap.codes_at(at).next().is_some(), "no failure is documented there")
}

/// An answer that is lost is a send's, and not that to saving the message.
pub(super) fn wordy_send(subject: &Subject) -> Needs {
    wordy_success(subject)?;
    require(!subject.plans(Step::Stage, 1), "the first answer is that to saving the message")
}

/// Answers that say something: those of others cannot be told from garbage.
pub(super) fn wordy_success(subject: &Subject) -> Needs {
    let mut cx = Cx { now: Now::at(0), rng: &mut |_| {}, overflow: Overflow::Refuse };
    let shape = subject.profile().call_for(1).map_or(Shape::One, |call| call.shape);
    let Ok(encoded) = subject.vendor.encode(&samples::plain(), shape, &mut cx) else { return Ok(()) };
    let target = subject.target(0);
    let items = [Item { encoded: &encoded, target: &target }];
    let outcome =
        subject.vendor.decode(&Reply::new(200, ""), &Set { shape, items: &items, ticket: "", request_id: "" });
    let accepted = matches!(outcome, Outcome::Whole(verdict) if verdict.is_accepted());
    require(!accepted, "an empty answer is how this vendor accepts")
}
