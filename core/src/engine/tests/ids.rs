//! The id that a vendor de-duplicates by.

use std::collections::HashSet;

use futures::StreamExt as _;

use super::*;
use crate::model::MessageId;
use crate::vendor::Call;

fn with_id(id: &str) -> Notification {
    Notification { id: Some(MessageId::new(id).unwrap()), ..note() }
}

/// The request ids of a send on a new client.
async fn ids(toy: Toy, n: &Notification, targets: Vec<Target>) -> Vec<String> {
    let (client, script) = client(toy, |_| Answer::ok());
    client.send(n, targets).await.unwrap();
    script.seen("send").iter().map(|seen| seen.id().to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn an_id_is_derived_from_the_notification_the_shape_and_the_targets() {
    let order = with_id("order-1");
    let first = ids(Toy::list(), &order, targets(2500)).await;
    assert_eq!(first.iter().collect::<HashSet<_>>().len(), 3, "each request of a send has its own");
    assert_eq!(ids(Toy::list(), &order, targets(2500)).await, first, "the same on every client");
    assert_ne!(ids(Toy::list(), &with_id("order-2"), targets(2500)).await, first);

    let one = ids(Toy::one(), &order, targets(1)).await;
    let list = ids(Toy::new([Call::list(1000)]), &order, targets(1)).await;
    assert_ne!(one, list, "another shape is another request");
    assert_eq!(uuid::Uuid::parse_str(&one[0]).unwrap().hyphenated().to_string(), one[0]);
}

#[tokio::test(start_paused = true)]
async fn without_an_id_of_the_notification_it_is_random() {
    let first = ids(Toy::list(), &note(), targets(2500)).await;
    let second = ids(Toy::list(), &note(), targets(2500)).await;
    assert_eq!(first.iter().chain(&second).collect::<HashSet<_>>().len(), 6);
}

#[tokio::test(start_paused = true)]
async fn the_open_rest_of_a_list_is_another_request() {
    let (client, script) =
        client(Toy::list(), |seen| if seen.nth == 0 { Answer::partial("t1=again,t2=again") } else { Answer::ok() });
    assert_eq!(client.send(&with_id("order-1"), targets(3)).await.unwrap().accepted(), 3);
    let seen = script.seen("send");
    assert_eq!(seen[1].targets(), ["t1", "t2"]);
    assert_ne!(seen[0].id(), seen[1].id());
}

#[tokio::test(start_paused = true)]
async fn a_request_of_many_messages_has_an_id_of_all_their_ids() {
    let each = || Toy::new([Call::one(), Call::each(100)]);
    let ids = async |second: Notification| {
        let (client, script) = client(each(), |_| Answer::ok());
        let pairs = vec![(with_id("order-1"), target(1)), (second, target(2))];
        let verdicts: Vec<_> = client.send_each(futures::stream::iter(pairs)).collect().await;
        assert_eq!(verdicts.len(), 2);
        assert_eq!(script.count("send"), 1);
        script.seen("send")[0].id().to_owned()
    };
    let first = ids(with_id("order-2")).await;
    assert_eq!(first, ids(with_id("order-2")).await, "a repeat");
    assert_ne!(first, ids(with_id("order-3")).await, "a vendor would swallow the second message");
    assert_ne!(ids(note()).await, ids(note()).await, "one without an id: nothing to recognize it by");
}
