//! Messages that are staged first, and tickets that get lost.

use std::collections::HashMap;

use futures::StreamExt as _;

use super::*;

/// How often each target was in a request that was accepted.
fn delivered(script: &Script, accepted: impl Fn(&Seen) -> bool) -> HashMap<String, usize> {
    let mut times = HashMap::new();
    for seen in script.seen("send").iter().filter(|seen| accepted(seen)) {
        for target in seen.targets() {
            *times.entry(target.to_owned()).or_default() += 1;
        }
    }
    times
}

#[tokio::test(start_paused = true)]
async fn a_message_is_staged_once_for_all_its_lists() {
    let (client, script) = client(Toy::staged(), |seen| match seen.is("stage") {
        true => Answer::ticket("T").after(ms(100)),
        false => Answer::ok(),
    });
    assert_eq!(client.send(&note(), targets(10_000)).await.unwrap().accepted(), 10_000);
    assert_eq!((script.count("stage"), script.count("send")), (1, 10));
    assert!(script.seen("send").iter().all(|seen| seen.ticket() == "T"));
}

#[tokio::test(start_paused = true)]
async fn a_ticket_lost_in_the_middle_of_a_stream_is_staged_anew_once_and_nothing_is_lost_or_doubled() {
    let toy = Toy::staged().in_flight(3);
    let (client, script) = client(toy, |seen| match (seen.is("stage"), seen.ticket()) {
        (true, _) => Answer::ticket(format!("T{}", seen.nth)).after(ms(50)),
        (_, "T0") if seen.nth >= 5 => Answer::code("gone").after(ms(20)),
        _ => Answer::ok().after(ms(20)),
    });
    let verdicts: Vec<_> = client.send_many(&note(), futures::stream::iter(targets(10_000))).unwrap().collect().await;
    assert_eq!(verdicts.len(), 10_000);
    assert!(verdicts.iter().all(|(_, verdict)| verdict.is_accepted()));
    let times = delivered(&script, |seen| seen.ticket() != "T0" || seen.nth < 5);
    assert_eq!((times.len(), times.values().max()), (10_000, Some(&1)));
    let stagings = script.seen("stage");
    assert_eq!(stagings.len(), 2);
    assert_ne!(stagings[0].id(), stagings[1].id(), "else the vendor would answer with the old ticket");
}

#[tokio::test(start_paused = true)]
async fn a_ticket_that_is_always_gone_ends_with_a_verdict() {
    let (client, script) = client(Toy::staged(), |seen| match seen.is("stage") {
        true => Answer::ticket(seen.nth),
        false => Answer::code("gone"),
    });
    let verdicts: Vec<_> = client.send_many(&note(), futures::stream::iter(targets(10_000))).unwrap().collect().await;
    assert_eq!(verdicts.len(), 10_000);
    assert!(verdicts.iter().all(|(_, verdict)| class(verdict) == Some(Class::InvalidRequest)));
    assert!(script.count("send") <= 20, "each list twice at most");
}

#[tokio::test(start_paused = true)]
async fn a_staging_that_is_refused_is_the_verdict_of_all_and_is_not_repeated_for_every_list() {
    let (client, script) = client(Toy::staged(), |_| Answer::code("bad"));
    let report = client.send(&note(), targets(10_000)).await.unwrap();
    assert!(report.verdicts.iter().all(|(_, verdict)| class(verdict) == Some(Class::InvalidRequest)));
    assert_eq!((script.count("stage"), script.count("send")), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_staging_that_fails_for_a_while_does_not_fail_the_whole_stream() {
    let (client, script) = client(Toy::staged(), |seen| match seen.is("stage") {
        true if seen.at < secs(9) => Answer::status(503),
        true => Answer::ticket("T"),
        false => Answer::ok(),
    });
    let report = client.send(&note(), targets(10_000)).await.unwrap();
    assert_eq!(report.accepted(), 10_000);
    assert!(script.count("stage") <= 12, "{}", script.count("stage"));
}

#[tokio::test(start_paused = true)]
async fn a_staging_that_is_down_for_good_ends_with_verdicts() {
    let (client, script) = client(Toy::staged(), |_| Answer::status(503));
    let began = Instant::now();
    let report = client.send(&note(), targets(10_000)).await.unwrap();
    assert!(report.verdicts.iter().all(|(_, verdict)| class(verdict) == Some(Class::Unavailable)));
    assert!(began.elapsed() < secs(120), "{:?}", began.elapsed());
    assert!(script.count("stage") <= 30, "{}", script.count("stage"));
}
