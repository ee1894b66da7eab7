//! The engine's promises, each as a test whose name reads as a contract; one thought a file.
//!
//! All run on tokio's paused clock: what takes minutes takes none, and every wait is exact.

mod audiences;
mod batches;
mod budget;
mod cancel;
mod each;
mod garbage;
mod hints;
mod ids;
mod lanes;
mod leader;
mod meters;
mod operate;
mod order;
mod quotas;
mod ramp;
mod receipts;
mod renewal;
mod script;
mod secrets;
mod sizes;
mod split;
mod stop;
mod store;
mod streams;
mod tickets;
mod tokens;
mod toy;
mod unsure;

use std::sync::Arc;
use std::time::Duration;

use script::{Answer, Script, Seen};
use tokio::time::Instant;
use toy::Toy;

use super::{Client, Settings};
use crate::clock::Clock;
use crate::model::{Notification, Target};
use crate::verdict::{Class, Verdict};

/// 2023-11-14 22:13:20 UTC, 06:13:20 in China: 64,000 s before midnight there.
const EPOCH_MS: u64 = 1_700_000_000_000;

/// A wall clock that follows tokio's.
struct FollowingClock(Instant);

impl Clock for FollowingClock {
    fn now_ms(&self) -> u64 {
        EPOCH_MS + u64::try_from(self.0.elapsed().as_millis()).unwrap()
    }
}

/// A client with default settings whose requests are answered by a function.
fn client(toy: Toy, answer: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> (Client, Arc<Script>) {
    client_with(toy, Settings::default(), answer)
}

fn client_with(
    toy: Toy,
    settings: Settings,
    answer: impl Fn(&Seen) -> Answer + Send + Sync + 'static,
) -> (Client, Arc<Script>) {
    let script = Script::new(answer);
    let transport = Arc::clone(&script);
    let builder = Client::builder(Arc::new(toy), transport).settings(settings);
    (builder.clock(FollowingClock(Instant::now())).build(), script)
}

fn note() -> Notification {
    Notification::new("title", "body")
}

fn target(at: usize) -> Target {
    Target::from(format!("t{at}"))
}

fn targets(count: usize) -> Vec<Target> {
    (0..count).map(target).collect()
}

/// Sends to one target and gives its verdict.
async fn send(client: &Client, target: &str) -> Verdict {
    let mut report = client.send(&note(), Target::from(target)).await.unwrap();
    assert_eq!(report.verdicts.len(), 1);
    report.verdicts.remove(0).1
}

/// Starts a send to one target of its own.
fn start(client: &Client, target: &str) -> tokio::task::JoinHandle<Verdict> {
    let (client, target) = (client.clone(), target.to_owned());
    tokio::spawn(async move { send(&client, &target).await })
}

fn start_many(client: &Client, count: usize) -> Vec<tokio::task::JoinHandle<Verdict>> {
    (0..count).map(|at| start(client, &format!("t{at}"))).collect()
}

async fn all(tasks: Vec<tokio::task::JoinHandle<Verdict>>) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for task in tasks {
        verdicts.push(task.await.unwrap());
    }
    verdicts
}

fn class(verdict: &Verdict) -> Option<Class> {
    match verdict {
        Verdict::Refused(refusal) => Some(refusal.class),
        _ => None,
    }
}

async fn pass(time: Duration) {
    tokio::time::sleep(time).await;
}

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}
