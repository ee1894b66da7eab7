//! What is posted: by vendors, and by others.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::Request;
use omnipush::{Callback, Client, Event, Offline, Reason};
use omnipush_conformance::fake::ReceiptTrial;
use omnipush_gateway::certificates::{Certificate, Certificates, Channel};
use omnipush_gateway::dispatch::Gateway;
use omnipush_gateway::model::{PresenceEvent, PushConfig};
use omnipush_gateway::store::{ReceiptRecord, Store};
use omnipush_gateway::webhook::routes;
use tower::ServiceExt as _;

use crate::support::{NOW, RECEIPT_SECRET, World, phone};
use crate::{reporting, world};

/// How much is taken.
const LIMIT: usize = 2 * 1024 * 1024;

/// Posts a callback, and returns status and body of the answer.
async fn post(gateway: &Gateway, path: &str, callback: &Callback) -> (u16, Bytes) {
    let mut request = Request::post(path).body(Body::from(callback.body.clone())).unwrap();
    *request.headers_mut() = callback.headers.clone();
    let answer = routes(gateway.clone()).oneshot(request).await.unwrap();
    let status = answer.status().as_u16();
    if status == 200 {
        assert_eq!(answer.headers()["content-type"], "application/json");
    }
    (status, axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap())
}

fn path(certificate: u32) -> String {
    format!("/receipts/{certificate}/{RECEIPT_SECRET}")
}

/// Who has a token.
fn owner(token: &str) -> String {
    format!("owner of {token}")
}

/// A world in which everything that a trial tells of was sent: a message for each tag, a user for each
/// target.
async fn sent(vendor: &str, trial: &ReceiptTrial) -> World {
    let world = world("https://push.example.com").await;
    let tokens: BTreeSet<&str> = trial.receipts.iter().map(|receipt| receipt.target.as_str()).collect();
    for token in tokens {
        let account = owner(token);
        world.log_in(&account, "phone", phone(vendor).platform).await;
        let config = PushConfig { token: token.into(), ..phone(vendor).config.unwrap() };
        world.gateway.set_config(&account, "phone", Some(&config)).await.unwrap();
        world.happens(&account, PresenceEvent::Disconnect { connection: 1 }).await;
    }
    let tags: BTreeSet<&str> = trial.receipts.iter().filter_map(|receipt| receipt.tag.as_deref()).collect();
    for tag in tags {
        let of = |receipt: &&omnipush::Receipt| receipt.tag.as_deref() == Some(tag);
        let targets = trial.receipts.iter().filter(of).map(|receipt| owner(receipt.target.as_str()));
        let to: Vec<String> = targets.collect::<BTreeSet<_>>().into_iter().collect();
        world.tell(&world.message(tag).message, omnipush_gateway::dispatch::To::Users(&to)).await;
    }
    // Vendors sign with the time.
    world.clock.set(trial.now_ms);
    world
}

/// What is kept of all messages of a trial.
async fn kept(world: &World, trial: &ReceiptTrial) -> Vec<ReceiptRecord> {
    let tags: BTreeSet<&str> = trial.receipts.iter().filter_map(|receipt| receipt.tag.as_deref()).collect();
    let mut kept = Vec::new();
    for tag in tags {
        kept.extend(world.store().explain(tag, None).await.unwrap().unwrap().receipts);
    }
    kept
}

/// Events of the second and third stage that wait to be told.
async fn told(world: &World) -> usize {
    let events = world.store().events(1000).await.unwrap();
    events.iter().filter(|event| !event.id.ends_with("\n1")).count()
}

#[tokio::test]
async fn every_documented_callback_is_answered_tied_kept_once_and_told() {
    let vendors = reporting(&world("https://push.example.com").await);
    for (number, vendor) in vendors {
        let trials = omnipush_conformance::fakes::by_id(vendor).unwrap().receipts();
        assert!(!trials.is_empty(), "{vendor}");
        let mut tied = 0;
        for trial in trials {
            let world = sent(vendor, &trial).await;
            let name = format!("{vendor}: {}", trial.name);
            let expected: BTreeSet<_> = trial
                .receipts
                .iter()
                .filter_map(|receipt| {
                    Some((receipt.tag.clone()?, owner(receipt.target.as_str()), receipt.event.as_str()))
                })
                .collect();
            let stage = |event: &str| match event {
                "delivered" => Some(2),
                "clicked" => Some(3),
                dropped if dropped.starts_with("dropped") => Some(2),
                _ => None,
            };
            let stages: BTreeSet<_> =
                expected.iter().filter_map(|(tag, target, event)| Some((tag, target, stage(event)?))).collect();
            // The second time is a replay.
            for _ in 0..2 {
                let (status, answer) = post(&world.gateway, &path(number), &trial.callback).await;
                assert_eq!(status, 200, "{name}: {answer:?}");
                // What is not documented is JSON at least.
                let documented = trial.answer.is_empty() || answer == trial.answer;
                let object = serde_json::from_slice::<serde_json::Value>(&answer).is_ok_and(|json| json.is_object());
                assert!(documented && object, "{name}: {answer:?}");
                let kept = kept(&world, &trial).await;
                let found: BTreeSet<_> = kept
                    .iter()
                    .map(|receipt| (receipt.message.clone(), receipt.account.clone(), receipt.event.as_str()))
                    .collect();
                assert_eq!(found, expected, "{name}");
                assert_eq!(kept.len(), expected.len(), "{name}");
                assert_eq!(told(&world).await, stages.len(), "{name}");
            }
            for receipt in trial.receipts.iter().filter(|receipt| receipt.replacement.is_none()) {
                let all = trial.receipts.iter().filter(|other| other.target == receipt.target);
                let dead = all.clone().any(|other| other.event == Event::Dropped(Reason::InvalidToken));
                let device = world.store().device(&owner(receipt.target.as_str()), "phone").await.unwrap().unwrap();
                assert_eq!(device.config.is_none(), dead, "{name}: {:?}", receipt.target);
            }
            tied += expected.len();
        }
        assert!(tied > 0, "{vendor}: no callback has a tag");
    }
}

#[tokio::test]
async fn a_wrong_secret_an_unknown_certificate_and_a_silent_vendor_are_refused() {
    for (number, vendor) in reporting(&world("https://push.example.com").await) {
        let trial = omnipush_conformance::fakes::by_id(vendor).unwrap().receipts().remove(0);
        let world = sent(vendor, &trial).await;
        let half = RECEIPT_SECRET.split_at(10).0;
        for secret in ["-", "wrong", half, &format!("{RECEIPT_SECRET}x"), &RECEIPT_SECRET.to_uppercase()] {
            let (status, answer) = post(&world.gateway, &format!("/receipts/{number}/{secret}"), &trial.callback).await;
            assert_eq!((status, answer.len()), (403, 0), "{vendor} with {secret}");
        }
        // No certificate; numbers that are none; a vendor without receipts.
        for (certificate, expected) in [("99", 404), ("-1", 400), ("4294967296", 400), ("x", 400), ("1", 404)] {
            let (status, _) =
                post(&world.gateway, &format!("/receipts/{certificate}/{RECEIPT_SECRET}"), &trial.callback).await;
            assert_eq!(status, expected, "{vendor} at {certificate}");
        }
        assert_eq!(kept(&world, &trial).await, [], "{vendor}");
        assert_eq!(told(&world).await, 0, "{vendor}");
    }
}

#[tokio::test]
async fn what_a_vendor_signs_is_not_believed_without_its_signature() {
    let mut signing = Vec::new();
    for (number, vendor) in reporting(&world("https://push.example.com").await) {
        let trials = omnipush_conformance::fakes::by_id(vendor).unwrap().receipts();
        let Some(trial) = trials.into_iter().find(|trial| trial.proven) else { continue };
        signing.push(vendor);
        let world = sent(vendor, &trial).await;
        let body = String::from_utf8(trial.callback.body.to_vec()).unwrap();
        let mut forged = Vec::new();
        match trial.callback.header(trial.proof) {
            Some(proof) => {
                let name: axum::http::HeaderName = trial.proof.parse().unwrap();
                let mut without = trial.callback.clone();
                without.headers.remove(&name);
                forged.push(without);
                for value in ["", "timestamp=1; nonce=2; value=3", &proof.replace(|c: char| c.is_ascii_digit(), "7")] {
                    let mut other = trial.callback.clone();
                    other.headers.insert(name.clone(), value.parse().unwrap());
                    forged.push(other);
                }
            }
            None => {
                for name in ["another_name=", "access_token=wrong"] {
                    let body = body.replace(&format!("{}=", trial.proof), name);
                    forged.push(Callback::new(trial.callback.headers.clone(), body));
                }
            }
        }
        for forged in forged {
            let (status, answer) = post(&world.gateway, &path(number), &forged).await;
            assert_eq!((status, answer.len()), (403, 0), "{vendor}: {forged:?}");
        }
        // A copy that comes long after is not believed where the time is signed.
        if !trial.callback.header(trial.proof).unwrap_or_default().is_empty() {
            world.clock.set(trial.now_ms + 86_400_000);
            assert_eq!(post(&world.gateway, &path(number), &trial.callback).await.0, 403, "{vendor}");
        }
        assert_eq!(kept(&world, &trial).await, [], "{vendor}");
    }
    assert_eq!(signing, ["huawei", "meizu", "harmony"]);
}

/// A service without a secret believes what vendors sign, and nothing else.
#[tokio::test]
async fn without_a_secret_only_signed_callbacks_are_read() {
    let mut read = Vec::new();
    for (number, vendor) in reporting(&world("https://push.example.com").await) {
        for trial in omnipush_conformance::fakes::by_id(vendor).unwrap().receipts() {
            let (_folder, gateway) = unsecured(number, vendor, trial.now_ms).await;
            for secret in ["-", RECEIPT_SECRET] {
                let (status, _) = post(&gateway, &format!("/receipts/{number}/{secret}"), &trial.callback).await;
                assert_eq!(status, if trial.proven { 200 } else { 403 }, "{vendor}: {}", trial.name);
            }
            read.extend(trial.proven.then_some(vendor));
        }
    }
    read.dedup();
    assert_eq!(read, ["huawei", "meizu", "harmony"]);
}

/// A gateway with one certificate and no secret; the folder is its database's.
async fn unsecured(number: u32, vendor: &'static str, now_ms: u64) -> (tempfile::TempDir, Gateway) {
    let fake = omnipush_conformance::fakes::by_id(vendor).unwrap();
    let adapter = omnipush::build(&fake.config("http://fake")).unwrap();
    let clock = omnipush::FixedClock(now_ms);
    let client = Client::builder(adapter, Arc::new(Offline)).clock(clock).build();
    let channel = Channel::new(Certificate::new(number, vendor), Arc::new(client));
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("gateway.db")).await.unwrap();
    (folder, Gateway::builder(store, Certificates::of([channel])).clock(clock).build())
}

#[tokio::test]
async fn garbage_is_an_error_of_the_caller_and_leaves_no_trace() {
    for (number, vendor) in reporting(&world("https://push.example.com").await) {
        let trial = omnipush_conformance::fakes::by_id(vendor).unwrap().receipts().remove(0);
        let world = sent(vendor, &trial).await;
        let whole = &trial.callback.body;
        let mut bodies: Vec<Vec<u8>> = (0..8).map(|eighth| whole[..whole.len() * eighth / 8].to_vec()).collect();
        let deep = "[".repeat(100_000);
        let others = ["null", "7", "\"text\"", "[7]", "{\"a\":7}", "{\"statuses\":7}", "data=%FF", "cb=7", &deep];
        bodies.extend(others.map(|body| body.as_bytes().to_vec()));
        bodies.push(vec![0xff; 1000]);
        for body in bodies {
            let callback = Callback::new(trial.callback.headers.clone(), body);
            let (status, answer) = post(&world.gateway, &path(number), &callback).await;
            // Where the token stands in the body, it is what is missed first.
            assert!(status == 400 || (status == 403 && vendor == "meizu"), "{vendor}: {status} {callback:?}");
            assert!(answer.is_empty());
        }
        assert_eq!(kept(&world, &trial).await, [], "{vendor}");
        let (status, _) =
            post(&world.gateway, &path(number), &Callback::new(Default::default(), vec![b' '; LIMIT + 1])).await;
        assert_eq!(status, 413, "{vendor}");
        // The true one still passes, and as large as may be.
        let mut large = trial.callback.clone();
        if large.body.first().is_some_and(|first| b"[{".contains(first)) {
            large.body = [whole.to_vec(), vec![b' '; LIMIT - whole.len()]].concat().into();
        }
        assert_eq!(post(&world.gateway, &path(number), &large).await.0, 200, "{vendor}");
    }
}

#[tokio::test]
async fn of_a_message_or_a_token_that_nobody_knows_nothing_is_kept() {
    for (number, vendor) in reporting(&world("https://push.example.com").await) {
        for trial in omnipush_conformance::fakes::by_id(vendor).unwrap().receipts() {
            let world = world("https://push.example.com").await;
            world.clock.set(trial.now_ms);
            assert_eq!(post(&world.gateway, &path(number), &trial.callback).await.0, 200, "{vendor}: {}", trial.name);
            assert_eq!(told(&world).await, 0, "{vendor}");
        }
    }
}

/// Vendors' clocks are not ours: an event goes out when it became known, and is told with the vendor's
/// time.
#[tokio::test]
async fn a_receipt_with_an_odd_time_keeps_its_place() {
    let world = world("https://push.example.com").await;
    let token = world.fake("xiaomi").target(0);
    world.user("bo", "xiaomi").await;
    world.deliver(&world.message("m1").message, "bo").await;
    for (kind, at_ms) in [(1, 1_u64), (2, u64::MAX)] {
        let told = serde_json::json!({"id": {"param": "m1", "type": kind, "targets": token, "timestamp": at_ms}});
        let body: String = form(&told.to_string());
        let mut headers = axum::http::HeaderMap::new();
        headers.insert("content-type", "application/x-www-form-urlencoded".parse().unwrap());
        assert_eq!(post(&world.gateway, &path(2), &Callback::new(headers, body)).await.0, 200);
    }
    let events = world.store().events(10).await.unwrap();
    let stages: Vec<_> = events.iter().map(|event| event.id.rsplit_once('\n').unwrap().1).collect();
    assert_eq!(stages, ["1", "2", "3"]);
    assert!(events.iter().all(|event| event.due_ms == NOW), "{events:?}");
}

fn form(data: &str) -> String {
    let encoded = percent_encoding::utf8_percent_encode(data, percent_encoding::NON_ALPHANUMERIC);
    format!("data={encoded}")
}
