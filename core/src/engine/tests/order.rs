//! The table of steps in the engine's documentation is what happens.

use super::toy::{note_steps, step, steps};
use super::*;
use crate::engine::Classify;
use crate::vendor::{Offer, Operation, OperationKind};

/// The steps of the table, in its order.
fn documented() -> Vec<&'static str> {
    let rows = include_str!("../mod.rs").lines().filter_map(|line| line.strip_prefix("//! | `"));
    rows.filter_map(|row| row.split('`').next()).collect()
}

/// The lane and the place on the wire cannot be seen, so they are made to wait: the lane opens at
/// 30 s, the place is free at 60 s. What was waited for between two steps stood between them.
#[tokio::test(start_paused = true)]
async fn the_steps_are_those_of_the_table_in_its_order() {
    let classify = Some(Classify::new(|_| step("cure")));
    let settings = Settings { attempts: 1, in_flight: Some(1), classify, ..Settings::default() };
    let toy = Toy::staged().mints().lifetime(3).operations(const { &[Offer::new(OperationKind::Revoke, "")] });
    let settings = Settings { attempt_timeout: secs(100), ..settings };
    let (client, _script) = client_with(toy, settings, |seen| match (&*seen.path, seen.nth) {
        ("stage", _) => Answer::ticket("T").after(secs(10)),
        ("operate", _) => Answer::ok().after(secs(50)),
        (_, 0) => Answer::status(429).retry_after("30"),
        _ => Answer::code("bad"),
    });
    send(&client, "a-0").await;
    // It has the only place as soon as the message is staged.
    let other = client.clone();
    tokio::spawn(async move {
        pass(secs(1)).await;
        other.operate(&Operation::Revoke { message_id: "m".to_owned() }).await
    });

    note_steps();
    let mut last = Instant::now();
    let report = client.send(&note(), ["a-1", "a-2"].map(Target::from)).await.unwrap();
    step("merge");
    assert_eq!(report.verdicts.len(), 2);
    let mut names: Vec<&str> = Vec::new();
    for (name, at) in steps() {
        match name {
            "token" if at > last => names.push("lane"),
            "sign" if at > last => names.push("slot"),
            _ => {}
        }
        last = at;
        if names.last() != Some(&name) {
            names.push(name);
        }
    }
    assert_eq!(names, documented());
}
