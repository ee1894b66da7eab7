//! Streams: bounded, prompt, and one verdict each.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures::{Stream, StreamExt as _, stream};

use super::*;

/// Targets that are counted as they are taken.
fn counted(count: usize, taken: &Arc<AtomicUsize>) -> impl Stream<Item = Target> + Send + use<> {
    let taken = Arc::clone(taken);
    stream::iter((0..count).map(move |at| {
        taken.fetch_add(1, Ordering::Relaxed);
        target(at)
    }))
}

/// Sends to so many; gives the most that were taken and had no verdict yet.
async fn most_open(client: &Client, count: usize) -> usize {
    let taken = Arc::new(AtomicUsize::new(0));
    let mut seen = vec![false; count];
    let (mut done, mut most) = (0, 0);
    let mut verdicts = Box::pin(client.send_many(&note(), counted(count, &taken)).unwrap());
    while let Some((target, verdict)) = verdicts.next().await {
        assert!(verdict.is_accepted());
        let at: usize = target.as_str().strip_prefix('t').unwrap().parse().unwrap();
        assert!(!std::mem::replace(&mut seen[at], true), "a second verdict");
        most = most.max(taken.load(Ordering::Relaxed) - done);
        done += 1;
    }
    assert_eq!(done, count);
    most
}

#[tokio::test(start_paused = true)]
async fn a_million_targets_in_lists_are_never_all_in_memory() {
    let (client, script) = client(Toy::list().in_flight(8), |seen| match seen.nth % 10 {
        0 => Answer::ok().after(ms(500)),
        _ => Answer::ok().after(ms(20)),
    });
    let most = most_open(&client, 1_000_000).await;
    println!("a million in lists: at most {most} open");
    assert!(most <= 16_384 + 1000, "{most}");
    assert_eq!(script.count("send"), 1000);
    assert_eq!(script.most_live(), 8);
}

#[tokio::test(start_paused = true)]
async fn a_hundred_thousand_single_sends_are_never_all_in_memory() {
    let (client, script) = client(Toy::one(), |_| Answer::ok().after(ms(5)));
    let most = most_open(&client, 100_000).await;
    println!("a hundred thousand singles: at most {most} open");
    assert!(most <= 64 + 1, "{most}");
    assert_eq!(script.most_live(), 64);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_parks_nothing_still_fills_the_wire_and_ends() {
    let settings = Settings { parked: 0, ..Settings::default() };
    let (client, _script) = client_with(Toy::one().in_flight(4), settings, |_| Answer::ok().after(ms(5)));
    let most = most_open(&client, 1000).await;
    assert!(most <= 5, "{most}");
}

#[tokio::test(start_paused = true)]
async fn a_slow_source_gets_its_first_verdict_after_a_short_wait() {
    let (client, script) = client(Toy::list(), |_| Answer::ok().after(ms(20)));
    let source = stream::unfold(0, |at| async move {
        pass(ms(10)).await;
        (at < 200).then(|| (target(at), at + 1))
    });
    let began = Instant::now();
    let mut verdicts = Box::pin(client.send_many(&note(), source).unwrap());
    assert!(verdicts.next().await.unwrap().1.is_accepted());
    let first = began.elapsed();
    assert!(first <= ms(10 + 50 + 20 + 5), "the first target, the linger and the call: {first:?}");
    assert_eq!(verdicts.by_ref().count().await, 199);
    let lists = script.count("send");
    assert!((30..=50).contains(&lists), "a handful each, not singles: {lists}");
}

#[tokio::test(start_paused = true)]
async fn an_empty_stream_ends_at_once() {
    let (client, script) = client(Toy::list(), |_| Answer::ok());
    assert_eq!(client.send_many(&note(), stream::empty()).unwrap().count().await, 0);
    assert_eq!(client.send_each(stream::empty()).count().await, 0);
    assert_eq!(script.count("send"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_stream_outlives_its_client() {
    let (client, _script) = client(Toy::one(), |_| Answer::ok().after(ms(10)));
    let verdicts = client.send_many(&note(), stream::iter(targets(100))).unwrap();
    drop(client);
    assert_eq!(verdicts.count().await, 100);
}
