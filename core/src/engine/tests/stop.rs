//! Stopping: nothing new is taken, and what was taken gets its verdict.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures::{StreamExt as _, stream};

use super::*;
use crate::engine::SendError;

#[tokio::test(start_paused = true)]
async fn stopping_waits_for_what_is_under_way_and_takes_nothing_new() {
    let (client, _script) = client(Toy::one(), |_| Answer::ok().after(secs(3)));
    let under_way = start_many(&client, 10);
    pass(secs(1)).await;
    let began = Instant::now();
    client.stop().await;
    assert_eq!(began.elapsed(), secs(2));
    assert!(all(under_way).await.iter().all(Verdict::is_accepted));
    assert_eq!(client.send(&note(), target(1)).await.unwrap_err(), SendError::Stopped);
    assert_eq!(client.send_many(&note(), stream::empty()).err(), Some(SendError::Stopped));
    assert_eq!(client.send_each(stream::iter([(note(), target(1))])).count().await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_stream_takes_no_more_after_the_stop_drains_and_ends() {
    let (client, script) = client(Toy::one(), |_| Answer::ok().after(ms(700)));
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&taken);
    let source = stream::unfold(0, move |at| {
        counter.fetch_add(1, Ordering::Relaxed);
        async move {
            pass(ms(100)).await;
            Some((target(at), at + 1))
        }
    });
    let verdicts = tokio::spawn(client.send_many(&note(), source).unwrap().collect::<Vec<_>>());
    pass(ms(2050)).await;
    let began = Instant::now();
    client.stop().await;
    assert!(began.elapsed() <= ms(700), "{:?}", began.elapsed());
    let verdicts = verdicts.await.unwrap();
    assert_eq!(verdicts.len(), 20);
    assert!(verdicts.iter().all(|(_, verdict)| verdict.is_accepted()));
    assert_eq!(script.count("send"), 20);
    assert_eq!(taken.load(Ordering::Relaxed), 21, "the one that was being waited for is not taken");
}

#[tokio::test(start_paused = true)]
async fn a_source_that_always_has_more_is_left_at_the_stop() {
    let (client, script) = client(Toy::list().in_flight(2), |_| Answer::ok().after(ms(100)));
    let endless = stream::iter((0..).map(target));
    let verdicts = tokio::spawn(client.send_many(&note(), endless).unwrap().collect::<Vec<_>>());
    pass(ms(250)).await;
    client.stop().await;
    assert_eq!(script.count("send"), 6, "those that were under way, and no more");
    assert_eq!(verdicts.await.unwrap().len(), 6000);
}

#[tokio::test(start_paused = true)]
async fn targets_that_wait_for_their_list_to_fill_are_under_way() {
    let (client, script) = client(Toy::list(), |_| Answer::ok().after(ms(20)));
    let source = stream::iter(targets(3)).chain(stream::pending());
    let verdicts = tokio::spawn(client.send_many(&note(), source).unwrap().collect::<Vec<_>>());
    pass(ms(10)).await;
    assert_eq!(script.count("send"), 0, "they still wait for more");
    client.stop().await;
    assert_eq!(script.count("send"), 1, "stopping waited for them");
    assert_eq!(verdicts.await.unwrap().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn operations_are_waited_for_as_well() {
    use crate::vendor::{Offer, Operation, OperationKind};
    let (client, _script) = client(Toy::one().operations(const { &[Offer::new(OperationKind::Revoke, "")] }), |_| {
        Answer::ok().after(secs(3))
    });
    let other = client.clone();
    let operation = Operation::Revoke { message_id: "m1".to_owned() };
    let under_way = tokio::spawn(async move { other.operate(&operation).await });
    pass(secs(1)).await;
    let began = Instant::now();
    client.stop().await;
    assert_eq!(began.elapsed(), secs(2));
    assert!(under_way.await.unwrap().is_ok());
}
