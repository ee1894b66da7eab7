//! R78 to R80: what the backend is told of pushes.

use std::time::Duration;

use omnipush_gateway::certificates::Certificate;
use omnipush_gateway::config::Webhook;
use omnipush_gateway::dispatch::To;
use omnipush_gateway::store::DeliveryState;
use omnipush_gateway::webhook::{Poster, Stage, Teller, Told};
use tokio::sync::watch;
use tokio::time::Instant;

use super::receiver::{PATIENCE, Receiver};
use super::support::*;

/// A world that tells.
async fn world() -> World {
    World::of(Certificate::new, |gateway| gateway.witness(Teller)).await
}

/// Posts a world's events until the end of the test.
fn post(world: &World, receiver: &Receiver, more: &str) -> watch::Sender<bool> {
    let config: Webhook = toml::from_str(&receiver.members(more)).unwrap();
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(Poster::new(world.gateway.clone(), config).unwrap().run(stopped));
    stop
}

/// Waits until every event was taken or given up.
async fn told(world: &World) {
    let began = Instant::now();
    while world.store().events_waiting().await.unwrap() > 0 {
        assert!(began.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn r78_events_over_the_rate_wait_and_none_is_dropped() {
    let (world, receiver) = (world().await, Receiver::start(&[200, 429]).await);
    world.user("bo", "vivo").await;
    world.deliver(&world.message("1").message, "bo").await;
    let event = |number: u32| Told {
        message: "1".into(),
        account: format!("user{number}"),
        device: "phone".into(),
        vendor: "vivo".into(),
        stage: Stage::Sent,
        code: 0,
        words: String::new(),
        at_ms: NOW,
    };
    let events: Vec<_> = (0..299).map(|number| event(number).record(NOW)).collect();
    world.store().add_events(&events).await.unwrap();
    let began = Instant::now();
    let _posting = post(&world, &receiver, "events_per_second = 200");
    told(&world).await;
    // 300 events at 200 a second, and a pause of a second where the receiver asked for one.
    assert!(began.elapsed() >= Duration::from_millis(2000), "{:?}", began.elapsed());
    let sizes: Vec<usize> = receiver.calls().iter().map(|(_, body)| body["Events"].as_array().unwrap().len()).collect();
    assert_eq!(sizes, [100, 100, 100, 100]);
    let mut accounts: Vec<_> = receiver.events().iter().map(|event| event["To_Account"].to_string()).collect();
    // What was asked to wait comes again as it was.
    assert_eq!(accounts[100..200], accounts[200..300]);
    accounts.sort();
    accounts.dedup();
    assert_eq!(accounts.len(), 300);
}

#[tokio::test]
async fn r79_every_call_names_the_app() {
    let (world, receiver) = (world().await, Receiver::start(&[503]).await);
    world.user("bo", "vivo").await;
    world.log_in("cy", "phone", omnipush_gateway::model::Platform::Android).await;
    let _posting = post(&world, &receiver, "token = \"made-for-tests\"");
    world.deliver(&world.message("1").message, "bo").await;
    let all = world.message("2").info(serde_json::json!({"Title": "news", "Desc": "today"})).message;
    let conversation = omnipush_gateway::model::Conversation::Push { data_id: None };
    world.tell(&omnipush_gateway::model::Message { conversation, ..all }, To::All).await;
    told(&world).await;
    let calls = receiver.calls();
    // Repeats, chat messages, pure pushes and losses alike.
    assert!(calls.len() >= 3, "{calls:?}");
    for (query, _) in calls {
        let named: Vec<_> = query.split('&').filter(|pair| pair.starts_with("SdkAppid=")).collect();
        assert_eq!(named, ["SdkAppid=1400000001"], "{query}");
    }
}

#[tokio::test]
async fn r80_no_answer_changes_the_push() {
    let answers = [
        (200, "no JSON"),
        (200, r#"{"ActionStatus":"FAIL","ErrorInfo":"do not push","ErrorCode":1}"#),
        (404, "{}"),
        (200, r#"{"ActionStatus":"OK","ErrorCode":0,"OfflinePushInfo":{"PushFlag":1}}"#),
        (302, "{}"),
    ];
    let (world, receiver) = (world().await, Receiver::saying(&answers).await);
    world.user("bo", "vivo").await;
    let posting = post(&world, &receiver, "retries = 0");
    for number in 1..=answers.len() {
        let message = world.message(&number.to_string()).message;
        let done = world.deliver(&message, "bo").await;
        assert_eq!(done[0].2, DeliveryState::Accepted);
        told(&world).await;
        let explained = world.store().explain(&message.id, None).await.unwrap().unwrap();
        assert_eq!(explained.deliveries[0].state, DeliveryState::Accepted);
        assert_eq!(world.fake("vivo").world().delivered().len(), number);
        assert_eq!(receiver.calls().len(), number, "an answer is the last word about its event");
    }
    // Nor does it change that nobody answers.
    posting.send_replace(true);
    let message = world.message("9").message;
    assert_eq!(world.deliver(&message, "bo").await[0].2, DeliveryState::Accepted);
    assert_eq!(world.fake("vivo").world().delivered().len(), answers.len() + 1);
}
