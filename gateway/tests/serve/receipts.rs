//! Receipts as vendors post them: verified, tied to deliveries, told on; and the explanation of it all.

use omnipush_conformance::Host;
use omnipush_gateway::dispatch::Gateway;
use omnipush_gateway::store::{DeliveryState, Store};
use serde_json::{Value, json};

use crate::command::{Files, host, run};
use crate::receiver::Receiver;
use crate::support::{Service, config, delivery, get, hello, http, idle, user};

const SECRET: &str = "made-for-tests-0123456789";
const KEY: &str = "a-key-made-for-tests";

fn receipts() -> String {
    format!("[receipts]\nurl = \"https://push.example.com\"\nsecret = \"{SECRET}\"\n")
}

/// A receipt of Xiaomi's.
fn form(kind: u32, token: &str, message: &str, replacement: Option<&str>) -> String {
    let mut told =
        json!({"param": message, "type": kind, "targets": token, "jobkey": "j", "timestamp": 1_800_000_000_000_u64});
    if let Some(new) = replacement {
        told["replaceTarget"] = json!({token: new});
    }
    let data: String = json!({"msgid1": told}).to_string();
    let encoded = percent_encoding::utf8_percent_encode(&data, percent_encoding::NON_ALPHANUMERIC);
    format!("data={encoded}")
}

async fn post(service: &Service, path: &str, body: String) -> u16 {
    let request = http().post(format!("{}{path}", service.url));
    request
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body)
        .send()
        .await
        .unwrap()
        .status()
        .as_u16()
}

/// A service with Bo on Xiaomi, and a message that was sent to him.
async fn sent(files: &Files, xiaomi: &Host, more: &str) -> (Gateway, Service, String) {
    let gateway = idle(files, &[xiaomi]).await;
    let token = xiaomi.fake().target(0);
    user(&gateway, "bo", 1, &token).await;
    hello(&gateway, "m1").await;
    let service = Service::start(&config(files, &[xiaomi], more), &[]);
    delivery(gateway.store(), "m1", |found| found.state == DeliveryState::Accepted).await;
    (gateway, service, token)
}

async fn token_of(store: &Store, account: &str) -> Option<String> {
    store.device(account, "phone").await.unwrap().unwrap().config.map(|config| config.token)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_is_verified_kept_once_and_told() {
    let (files, xiaomi, receiver) = (Files::new(), host("xiaomi").await, Receiver::start(&[]).await);
    let more = format!("{}{}", receipts(), receiver.table(""));
    let (gateway, service, token) = sent(&files, &xiaomi, &more).await;
    let store = gateway.store();
    for path in ["/receipts/1/wrong", "/receipts/1/-"] {
        assert_eq!(post(&service, path, form(1, &token, "m1", None)).await, 403, "{path}");
    }
    assert_eq!(post(&service, &format!("/receipts/9/{SECRET}"), form(1, &token, "m1", None)).await, 404);
    let path = format!("/receipts/1/{SECRET}");
    assert_eq!(post(&service, &path, "data=nonsense".into()).await, 400);
    assert!(store.explain("m1", None).await.unwrap().unwrap().receipts.is_empty());

    for (kind, _) in [(1, "delivered"), (1, "delivered again"), (2, "clicked")] {
        assert_eq!(post(&service, &path, form(kind, &token, "m1", None)).await, 200);
    }
    let kept = store.explain("m1", None).await.unwrap().unwrap().receipts;
    let kept: Vec<_> = kept.iter().map(|receipt| (receipt.account.as_str(), receipt.event.as_str())).collect();
    assert_eq!(kept, [("bo", "delivered"), ("bo", "clicked")]);
    // Of a message or a token that nobody knows there is nothing to keep, and nothing is wrong.
    assert_eq!(post(&service, &path, form(1, &token, "m2", None)).await, 200);
    assert_eq!(post(&service, &path, form(1, "another", "m1", None)).await, 200);

    let mut stages = Vec::new();
    for calls in 1.. {
        let events = receiver.wait(calls).await;
        stages = events.iter().map(|event| event["PushStage"].as_u64().unwrap()).collect();
        if stages.len() >= 3 {
            break;
        }
    }
    assert_eq!(stages, [1, 2, 3]);
    let (_, text) = service.get("/metrics").await;
    assert!(text.contains("omnipush_receipts_total{vendor=\"xiaomi\",event=\"not_read\"} 3"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_registry_learns_of_replaced_and_dead_tokens() {
    let (files, xiaomi) = (Files::new(), host("xiaomi").await);
    let (gateway, service, token) = sent(&files, &xiaomi, &receipts()).await;
    let (store, path) = (gateway.store(), format!("/receipts/1/{SECRET}"));
    let better = xiaomi.fake().target(5);
    assert_eq!(post(&service, &path, form(16, &token, "m1", Some(&better))).await, 200);
    assert_eq!(token_of(store, "bo").await, Some(better.clone()));
    // The old one is dead again: that is nobody's now.
    assert_eq!(post(&service, &path, form(16, &token, "m1", None)).await, 200);
    assert_eq!(token_of(store, "bo").await, Some(better.clone()));
    assert_eq!(post(&service, &path, form(16, &better, "m0", None)).await, 200);
    assert_eq!(token_of(store, "bo").await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_asks_for_receipts_at_its_own_address() {
    let (files, xiaomi) = (Files::new(), host("xiaomi").await);
    let gateway = idle(&files, &[&xiaomi]).await;
    user(&gateway, "bo", 1, &xiaomi.fake().target(0)).await;
    drop(gateway);
    // The service itself must accept the message: a gateway with the same builder does.
    let push = omnipush_gateway::certificates::connect(omnipush::build(&xiaomi.config()).unwrap()).unwrap();
    let certificate = omnipush_gateway::certificates::Certificate::new(1, "xiaomi");
    let channel = omnipush_gateway::certificates::Channel::new(certificate, push);
    let to = omnipush_gateway::webhook::ReceiptsTo::new("https://push.example.com", Some(SECRET.into()));
    let store = crate::support::store(&files).await;
    let channels = omnipush_gateway::certificates::Certificates::of([channel]);
    let gateway = Gateway::builder(store, channels).receipts(to).build();
    hello(&gateway, "m1").await;
    hello(&gateway, &"m".repeat(65)).await;
    let receipt = async |id: &str| {
        let mut found = gateway.store().explain(id, None).await.unwrap().unwrap();
        found.notes.remove(0).notification.receipt
    };
    let asked = receipt("m1").await.unwrap();
    assert_eq!(asked.url.unwrap().as_str(), format!("https://push.example.com/receipts/1/{SECRET}"));
    assert_eq!(asked.tag.as_deref(), Some("m1"));
    // A tag that the vendor would not bring back.
    assert!(receipt(&"m".repeat(65)).await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_explained_to_people_and_programs() {
    let (files, xiaomi) = (Files::new(), host("xiaomi").await);
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let keys = format!("[[http.keys]]\nname = \"tests\"\nkey = \"{KEY}\"\n");
    let more = format!("operations = \"{free}\"\n{keys}{}", receipts());
    let (gateway, service, token) = sent(&files, &xiaomi, &more).await;
    assert_eq!(post(&service, &format!("/receipts/1/{SECRET}"), form(64, &token, "m1", None)).await, 200);
    let config = files.path("gateway.toml").display().to_string();
    let ran = run(&["explain", "m1", "--config", &config, "--json"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    let found: Value = serde_json::from_str(&ran.stdout).unwrap();
    let device = &found["devices"][0];
    assert_eq!((&device["account"], &device["state"]), (&"bo".into(), &"accepted".into()));
    assert!(device["because"]["text"].as_str().unwrap().len() > 10, "{device}");
    assert_eq!((&device["attempts"][0]["accepted"], &device["attempts"][0]["number"]), (&1.into(), &1.into()));
    assert_eq!(
        (&device["receipts"][0]["event"], &device["receipts"][0]["code"]),
        (&"dropped: filtered".into(), &"64".into())
    );
    assert_eq!(
        (&found["notifications"][0]["certificate"], &found["notifications"][0]["vendor"]),
        (&1.into(), &"xiaomi".into())
    );
    for secret in [token.as_str(), SECRET, "hello"] {
        assert!(!ran.stdout.contains(secret), "{secret} in {}", ran.stdout);
    }

    let ran = run(&["explain", "m1", "--config", &config]);
    for part in
        ["bo (phone): accepted, by R", "certificate 1 (xiaomi)", "attempt 1 at 20", "receipt: dropped: filtered (64)"]
    {
        assert!(ran.stdout.contains(part), "no {part:?} in {}", ran.stdout);
    }
    assert_eq!(
        run(&["explain", "m1", "--config", &config, "--account", "cy", "--json"]).json_lines()[0]["devices"],
        json!([])
    );
    assert_eq!(run(&["explain", "m9", "--config", &config]).status, 1);

    // A key is asked for the same, which the address for operators does not have.
    let url = format!("{}/v1/messages/m1/explain?account=bo", service.url);
    assert_eq!(get(&url).await.0, 401);
    let answer = http().get(&url).bearer_auth(KEY).send().await.unwrap();
    assert_eq!(serde_json::from_str::<Value>(&answer.text().await.unwrap()).unwrap(), found);
    assert_eq!(get(&format!("http://{free}/v1/messages/m1/explain")).await.0, 404);
    drop(gateway);
}
