//! Whoever is dropped half-way gives back what he held.

use metrics_util::debugging::DebugValue;

use super::meters::{Recorder, with_recorder};
use super::*;

fn free_slots(client: &Client) -> usize {
    client.0.slots.available_permits()
}

/// A target `hang…` is never answered.
fn hanging(seen: &Seen) -> Answer {
    if seen.targets()[0].contains("hang") { Answer::hang() } else { Answer::ok() }
}

#[test]
fn sends_that_are_cancelled_on_the_wire_give_back_their_places() {
    with_recorder(|recorder: Recorder| async move {
        let (client, script) = client(Toy::one().in_flight(3), hanging);
        let sends: Vec<_> = (0..10).map(|_| start(&client, "hang")).collect();
        pass(ms(10)).await;
        assert_eq!((script.live(), free_slots(&client)), (3, 0));
        for send in &sends {
            send.abort();
        }
        pass(ms(10)).await;
        assert_eq!((script.live(), free_slots(&client)), (0, 3));
        assert_eq!(recorder.gauge("omnipush_in_flight"), DebugValue::Gauge(0.0.into()));
        assert!(send(&client, "next").await.is_accepted());
        let began = Instant::now();
        client.stop().await;
        assert!(began.elapsed().is_zero(), "nothing is busy any more");
    });
}

#[tokio::test(start_paused = true)]
async fn one_who_is_cancelled_in_the_queue_for_a_place_passes_it_on() {
    let (client, _script) = client(Toy::one().in_flight(1), |seen| match seen.targets()[0] {
        "first" => Answer::ok().after(ms(100)),
        _ => Answer::ok(),
    });
    let first = start(&client, "first");
    pass(ms(1)).await;
    let (second, third) = (start(&client, "second"), start(&client, "third"));
    pass(ms(1)).await;
    second.abort();
    assert!(all(vec![first, third]).await.iter().all(Verdict::is_accepted));
    assert_eq!(free_slots(&client), 1);
}

#[tokio::test(start_paused = true)]
async fn a_renewal_whose_waiters_are_all_cancelled_leaves_nothing_behind() {
    let (client, script) = client(Toy::one().exchanges(), |seen| match (seen.is("auth"), seen.nth) {
        (true, 0) => Answer::hang(),
        (true, _) => Answer::token("token", 3600),
        _ => Answer::ok(),
    });
    let sends = start_many(&client, 10);
    pass(ms(10)).await;
    assert_eq!((script.live(), script.count("auth")), (1, 1));
    for send in &sends {
        send.abort();
    }
    pass(ms(10)).await;
    assert_eq!(script.live(), 0);
    assert!(send(&client, "next").await.is_accepted());
    client.stop().await;
}

#[tokio::test(start_paused = true)]
async fn those_who_are_cancelled_in_a_paused_lane_hold_up_nobody_after_it() {
    let (client, _script) = client(Toy::one(), |seen| match seen.nth {
        0 => Answer::status(429).retry_after("10"),
        _ => Answer::ok(),
    });
    let first = start(&client, "first");
    pass(ms(10)).await;
    let waiting = start_many(&client, 100);
    pass(secs(5)).await;
    for task in waiting.iter().skip(1) {
        task.abort();
    }
    assert!(first.await.unwrap().is_accepted());
    assert!(waiting.into_iter().next().unwrap().await.unwrap().is_accepted());
    let began = Instant::now();
    client.stop().await;
    assert!(began.elapsed().is_zero());
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_dropped_half_way_gives_everything_back() {
    use futures::StreamExt as _;
    let (client, script) = client(Toy::one().in_flight(8), |_| Answer::ok().after(ms(10)));
    let mut verdicts = Box::pin(client.send_many(&note(), futures::stream::iter(targets(1000))).unwrap());
    assert!(verdicts.next().await.unwrap().1.is_accepted());
    drop(verdicts);
    assert_eq!((script.live(), free_slots(&client)), (0, 8));
    assert!(send(&client, "next").await.is_accepted());
    let began = Instant::now();
    client.stop().await;
    assert!(began.elapsed().is_zero());
}
