//! A group message to 10,000 members over all vendors.
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
use futures::stream::BoxStream;
use omnipush::{
    Answer, Audience, Callback, CallbackError, Client, EncodeError, Notification, Operation, Prepared, Profile, Push,
    Receipts, Report, SendError, SystemClock, Target, Verdict,
};
use omnipush_conformance::{Direct, Fake, Purpose};
use omnipush_gateway::certificates::{Certificate, Certificates, Channel, engine};
use omnipush_gateway::dispatch::{Gateway, To};
use omnipush_gateway::model::{Conversation, Element, GroupKind, Message};
use omnipush_gateway::store::{DeliveryState, Store};

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

/// Nanoseconds of CPU that this process's threads have used.
fn cpu_ns() -> u64 {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let used = |task: std::fs::DirEntry| {
        let line = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    };
    tasks.filter_map(Result::ok).filter_map(used).sum()
}

async fn register(store: &Store, fakes: &BTreeMap<u32, Arc<dyn Fake>>, now_ms: i64) {
    let mut write = store.begin().await.unwrap();
    for number in 0..MEMBERS {
        let business = u32::try_from(number % VENDORS.len()).unwrap() + 1;
        let platform = match VENDORS[number % VENDORS.len()] {
            "apns" => "iphone",
            "harmony" => "harmony",
            _ => "android",
        };
        let account = format!("member-{number:05}");
        sqlx::query("INSERT INTO users (account) VALUES ($1)").bind(&account).execute(&mut *write).await.unwrap();
        sqlx::query("INSERT INTO members (group_id, account) VALUES ('g', $1)")
            .bind(&account)
            .execute(&mut *write)
            .await
            .unwrap();
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

    let (id, name) = ("g".to_owned(), "Team".to_owned());
    let conversation = Conversation::Group { id, name, kind: GroupKind::Work, notice: false };
    let mut message = Message::new("g#1", "ann", conversation, vec![Element::Text("hello".into())]);
    message.at_ms = now_ms;
    let before = cpu_ns();
    let summary = gateway.accept(&message, To::Members("g")).await.unwrap();
    let spent_ms = (cpu_ns() - before) / 1_000_000;
    assert_eq!((summary.queued, summary.silent), (MEMBERS, 0));
    println!("decided and queued {MEMBERS} pushes in {spent_ms} ms of CPU");
    if !cfg!(debug_assertions) {
        assert!(spent_ms < 200, "{spent_ms} ms");
    }

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
    let explained = store.explain("g#1", None).await.unwrap().unwrap();
    let open: Vec<_> = explained.deliveries.iter().filter(|d| d.state != DeliveryState::Accepted).take(3).collect();
    assert!(open.is_empty(), "{open:?}");
}
