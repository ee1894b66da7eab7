//! A group message to 10,000 members over all vendors, by the calls that a backend makes. How many statements
//! the database gets is tried here, as it is the same each time; what that costs in time is measured by
//! `cargo bench -p omnipush-benches --bench gateway`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use futures::stream::BoxStream;
use omnipush::http::Request;
use omnipush::{
    Answer, Audience, Callback, CallbackError, Client, EncodeError, Notification, Operation, Prepared, Profile, Push,
    Receipts, Report, Secret, SendError, SystemClock, Target, Verdict,
};
use omnipush_conformance::{Direct, Fake, Purpose};
use omnipush_gateway::certificates::{Certificate, Certificates, Channel, engine};
use omnipush_gateway::dispatch::{Gateway, message_id};
use omnipush_gateway::http::usersig::UserSig;
use omnipush_gateway::http::{ApiKey, App, HttpSettings, router};
use omnipush_gateway::store::{DeliveryState, Store};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

const MEMBERS: usize = 10_000;
const VENDORS: [&str; 9] = ["apns", "xiaomi", "huawei", "fcm", "meizu", "oppo", "vivo", "honor", "harmony"];

/// Counts encodings and targets on their way to a client.
struct Counting {
    client: Client,
    encodings: AtomicUsize,
    targets: AtomicUsize,
}

#[async_trait]
impl Push for Counting {
    fn profile(&self) -> &'static Profile {
        self.client.profile()
    }

    fn prepare(&self, n: &Notification) -> Result<Prepared, EncodeError> {
        self.encodings.fetch_add(1, Ordering::SeqCst);
        self.client.prepare(n)
    }

    async fn send(&self, n: &Notification, audience: Audience) -> Result<Report, SendError> {
        self.client.send(n, audience).await
    }

    async fn send_prepared(&self, prepared: &Prepared, targets: Vec<Target>) -> Result<Report, SendError> {
        self.targets.fetch_add(targets.len(), Ordering::SeqCst);
        self.client.send_prepared(prepared, targets).await
    }

    fn send_many(
        &self,
        n: &Notification,
        targets: BoxStream<'static, Target>,
    ) -> Result<BoxStream<'static, (Target, Verdict)>, SendError> {
        Push::send_many(&self.client, n, targets)
    }

    fn send_each(&self, pairs: BoxStream<'static, (Notification, Target)>) -> BoxStream<'static, (Target, Verdict)> {
        Push::send_each(&self.client, pairs)
    }

    async fn operate(&self, operation: &Operation) -> Result<Answer, SendError> {
        self.client.operate(operation).await
    }

    fn receipts(&self, callback: &Callback) -> Result<Receipts, CallbackError> {
        self.client.receipts(callback)
    }

    async fn stop(&self) {
        self.client.stop().await;
    }
}

/// Counts the statements that the database gets.
struct Statements(Arc<AtomicUsize>);

impl<S: Subscriber> Layer<S> for Statements {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query" {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// What a backend sends, and what it is answered.
async fn call(router: &Router, line: &str, body: &Value) -> Value {
    let (method, uri) = line.split_once(' ').unwrap();
    let request = Request::builder().method(method).uri(uri).header("authorization", "Bearer api-key-for-tests");
    let response = router.clone().oneshot(request.body(Body::from(body.to_string())).unwrap()).await.unwrap();
    assert!(response.status().is_success(), "{line}: {}", response.status());
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() }
}

fn account(number: usize) -> String {
    format!("member-{number:05}")
}

/// Users with a phone each. Calls for each of them would take most of the test's time.
async fn register(store: &Store, fakes: &BTreeMap<u32, Arc<dyn Fake>>, now_ms: i64) {
    let mut write = store.begin().await.unwrap();
    for number in 0..MEMBERS {
        let business = u32::try_from(number % VENDORS.len()).unwrap() + 1;
        let platform = match VENDORS[number % VENDORS.len()] {
            "apns" => "iphone",
            "harmony" => "harmony",
            _ => "android",
        };
        let account = account(number);
        sqlx::query("INSERT INTO users (account) VALUES ($1)").bind(&account).execute(&mut *write).await.unwrap();
        let sql = "INSERT INTO devices (account, device, platform, login_ms, business_id, token) \
                   VALUES ($1, 'phone', $2, $3, $4, $5)";
        sqlx::query(sql)
            .bind(&account)
            .bind(platform)
            .bind(now_ms)
            .bind(i64::from(business))
            .bind(fakes[&business].target(number))
            .execute(&mut *write)
            .await
            .unwrap();
    }
    write.commit().await.unwrap();
}

#[tokio::test]
async fn ten_thousand_members_are_encoded_once_a_certificate_and_sent_in_batches() {
    let statements = Arc::new(AtomicUsize::new(0));
    tracing_subscriber::registry().with(Statements(Arc::clone(&statements))).init();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("gateway.db")).await.unwrap();
    let (mut fakes, mut ways, mut channels) = (BTreeMap::new(), Vec::new(), Vec::new());
    for (id, vendor) in (1..).zip(VENDORS) {
        let fake = omnipush_conformance::fakes::by_id(vendor).unwrap();
        let adapter = omnipush::build(&fake.config("http://fake")).unwrap();
        let transport = Direct::new(Arc::clone(&fake), SystemClock);
        let client = Client::builder(adapter, Arc::new(transport)).settings(engine()).build();
        let way = Arc::new(Counting { client, encodings: AtomicUsize::new(0), targets: AtomicUsize::new(0) });
        fakes.insert(id, fake);
        ways.push(Arc::clone(&way));
        channels.push(Channel::new(Certificate::new(id, vendor), way));
    }
    let gateway = Gateway::builder(store.clone(), Certificates::of(channels)).build();
    let now_ms = gateway.now_ms();
    register(&store, &fakes, i64::try_from(now_ms).unwrap()).await;

    let key = Secret::new("app-key-for-tests");
    let app = App { sdkappid: 7, key: key.clone(), admins: vec!["admin".into()], sources: Vec::new() };
    let keys = vec![ApiKey { name: "tests".into(), key: Secret::new("api-key-for-tests") }];
    let router = router(gateway.clone(), HttpSettings { apps: vec![app], keys, ..HttpSettings::default() });
    call(&router, "PUT /v1/groups/g", &json!({ "name": "Team" })).await;
    let accounts = |from: usize, to: usize| (from..to).map(account).collect::<Vec<_>>();
    call(&router, "PUT /v1/groups/g/members", &json!({ "members": accounts(0, MEMBERS / 2) })).await;
    call(&router, "POST /v1/groups/g/members", &json!({ "add": accounts(MEMBERS / 2, MEMBERS) })).await;

    let sig = UserSig::sign(7, "admin", &key, now_ms / 1000, 3600).encode();
    let send = format!("POST /v4/group_open_http_svc/send_group_msg?sdkappid=7&identifier=admin&usersig={sig}");
    let hello = json!([{ "MsgType": "TIMTextElem", "MsgContent": { "Text": "hello" } }]);
    let before = statements.load(Ordering::SeqCst);
    let answer = call(&router, &send, &json!({ "GroupId": "g", "Random": 1, "MsgBody": hello })).await;
    let statements = statements.load(Ordering::SeqCst) - before;
    assert_eq!((&answer["ErrorCode"], &answer["MsgSeq"]), (&json!(0), &json!(1)));
    println!("{MEMBERS} members in {statements} statements");
    assert!((1..=MEMBERS / 200).contains(&statements), "{statements}");

    let running = gateway.clone();
    let worker = tokio::spawn(async move { running.run().await });
    gateway.drained().await.unwrap();
    gateway.stop();
    worker.await.unwrap().unwrap();
    for ((way, fake), vendor) in ways.iter().zip(fakes.values()).zip(VENDORS) {
        let members = way.targets.load(Ordering::SeqCst);
        let requests = fake.world().count(Purpose::Send);
        let batch = way.client.profile().batch();
        println!("{vendor}: {members} members in {requests} requests of up to {batch}");
        assert_eq!(way.encodings.load(Ordering::SeqCst), 1, "{vendor}");
        assert!(requests <= members.div_ceil(batch), "{vendor}: {requests} requests");
    }
    let explained = store.explain(&message_id("g#1", "", "g"), None).await.unwrap().unwrap();
    assert_eq!(explained.deliveries.len(), MEMBERS);
    let open: Vec<_> = explained.deliveries.iter().filter(|d| d.state != DeliveryState::Accepted).take(3).collect();
    assert!(open.is_empty(), "{open:?}");
}
