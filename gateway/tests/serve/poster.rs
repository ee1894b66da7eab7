//! The poster against receivers that are slow, away or gone, and against events that nobody can tell.

use std::time::Duration;

use omnipush_gateway::config::Webhook;
use omnipush_gateway::dispatch::Gateway;
use omnipush_gateway::store::EventRecord;
use omnipush_gateway::webhook::{Poster, Stage, Told};
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::command::{Files, host};
use crate::receiver::{PATIENCE, Receiver};
use crate::support::{hello, idle};

/// A poster at work.
pub(crate) struct Posting {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Posting {
    pub(crate) fn start(gateway: &Gateway, members: &str) -> Self {
        let config: Webhook = toml::from_str(members).unwrap();
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(Poster::new(gateway.clone(), config).unwrap().run(stopped));
        Self { stop, task }
    }

    pub(crate) async fn end(self) {
        self.stop.send_replace(true);
        self.task.await.unwrap();
    }
}

/// A gateway with one event of its message `m1` to tell.
pub(crate) async fn telling(files: &Files) -> Gateway {
    let vivo = host("vivo").await;
    let gateway = idle(files, &[&vivo]).await;
    hello(&gateway, "m1").await;
    gateway.store().add_events(&[told(&gateway, "m1", "bo")]).await.unwrap();
    gateway
}

/// A push of a message to an account's phone, to be told now.
pub(crate) fn told(gateway: &Gateway, message: &str, account: &str) -> EventRecord {
    let told = Told {
        message: message.into(),
        account: account.into(),
        device: "phone".into(),
        vendor: "vivo".into(),
        stage: Stage::Sent,
        code: 0,
        words: String::new(),
        at_ms: gateway.now_ms(),
    };
    told.record(told.at_ms)
}

/// Waits until the events that wait are as is asked for.
pub(crate) async fn until(gateway: &Gateway, is: impl Fn(&[EventRecord]) -> bool) -> Vec<EventRecord> {
    let began = Instant::now();
    loop {
        let events = gateway.store().events(100).await.unwrap();
        if is(&events) {
            return events;
        }
        assert!(began.elapsed() < PATIENCE, "{events:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Asserts that a call is signed as the original documents it, and now.
fn assert_signed(query: &str, token: &str, now_ms: u64) -> u64 {
    let member = |name: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).unwrap_or_else(|| panic!("no {name} in {query}")).1
    };
    let hash = Sha256::digest([token.as_bytes(), member("RequestTime").as_bytes()].concat());
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(member("Sign"), hex);
    assert!(!query.contains(token), "{query}");
    let time = member("RequestTime").parse::<u64>().unwrap();
    assert!(now_ms / 1000 - time < 60, "{query}");
    time
}

#[tokio::test]
async fn pauses_grow_every_try_is_signed_anew_and_a_restart_begins_anew() {
    let (files, receiver) = (Files::new(), Receiver::start(&[503, 429, 500]).await);
    let gateway = telling(&files).await;
    let members = receiver.members("token = \"made-for-tests\"");
    let posting = Posting::start(&gateway, &members);
    let mut tried = Vec::new();
    for calls in 1..=3 {
        receiver.wait(calls).await;
        tried.push(Instant::now());
    }
    let pauses: Vec<f32> = tried.windows(2).map(|pair| (pair[1] - pair[0]).as_secs_f32()).collect();
    // A little less: a call is seen some time after it came.
    assert!(pauses[0] > 0.9 && pauses[1] > 1.9, "{pauses:?}");
    until(&gateway, |events| events[0].tries == 3).await;
    posting.end().await;

    // The next pause would be one of four seconds.
    let began = Instant::now();
    let posting = Posting::start(&gateway, &members);
    until(&gateway, <[_]>::is_empty).await;
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    posting.end().await;
    let calls = receiver.calls();
    let times: Vec<u64> =
        calls.iter().map(|(query, _)| assert_signed(query, "made-for-tests", gateway.now_ms())).collect();
    assert!(times[0] < times[1] && times[1] < times[2], "{times:?}");
    assert!(calls.iter().all(|(_, body)| *body == calls[0].1), "{calls:?}");
}

#[tokio::test]
async fn a_receiver_that_never_answers_is_away() {
    let files = Files::new();
    let gateway = telling(&files).await;
    // The system takes connections, and nobody reads them.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    let members = format!("url = \"http://{address}\"\nsdk_app_id = 1\ntimeout_ms = 100\n");
    let posting = Posting::start(&gateway, &members);
    until(&gateway, |events| events[0].tries == 2).await;
    posting.end().await;
    assert_eq!(gateway.store().events_waiting().await.unwrap(), 1);
}

#[tokio::test]
async fn what_a_receiver_was_away_for_too_long_is_given_up() {
    let (files, receiver) = (Files::new(), Receiver::start(&[503, 503]).await);
    let gateway = telling(&files).await;
    let posting = Posting::start(&gateway, &receiver.members("keep_seconds = 0"));
    until(&gateway, <[_]>::is_empty).await;
    posting.end().await;
    assert_eq!(receiver.calls().len(), 1);
}

#[tokio::test]
async fn what_nobody_can_tell_holds_nothing_up() {
    let (files, receiver) = (Files::new(), Receiver::start(&[]).await);
    let gateway = telling(&files).await;
    let garbage = EventRecord { id: "a".into(), body: "{}".into(), due_ms: 0, ..told(&gateway, "m1", "bo") };
    // A message that was forgotten meanwhile.
    let forgotten = EventRecord { due_ms: 1, ..told(&gateway, "m0", "bo") };
    gateway.store().add_events(&[garbage, forgotten]).await.unwrap();
    let posting = Posting::start(&gateway, &receiver.members(""));
    until(&gateway, <[_]>::is_empty).await;
    posting.end().await;
    let ids: Vec<_> = receiver.events().into_iter().map(|event| event["PushID"].clone()).collect();
    assert_eq!(ids, ["m1"]);
}
