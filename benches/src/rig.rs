//! Clients as a service would build them, and servers that answer in the vendors' words.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use omnipush::transport::standard;
use omnipush::{
    Client, Clock as _, Lost, Notification, Overflow, Reply, Secret, Settings, StoredToken, SystemClock, Target,
    TokenStore, Transport, TransportOptions, Wire, http,
};

use crate::sink::{self, ROOT};
use crate::subject::Subject;

/// What a vendor answers to a send that it takes.
pub(crate) fn acceptance(id: &str) -> sink::Options {
    let (status, headers, body) = match id {
        "fcm" => (200, vec![], r#"{"name":"projects/omnipush-test/messages/0:1700000000000000%7031b2e6f9fd7ecd"}"#),
        "apns" => (200, vec![("apns-id", "00000000-0000-0000-0000-000000000000")], ""),
        "huawei" | "harmony" => (200, vec![], r#"{"code":"80000000","msg":"Success","requestId":"1"}"#),
        "honor" => (200, vec![], r#"{"code":200,"message":"success","data":{"sendResult":true,"requestId":"1"}}"#),
        "xiaomi" => (200, vec![], r#"{"result":"ok","code":0,"data":{"id":"slm52b05"},"description":"ok","info":""}"#),
        "oppo" => (200, vec![], r#"{"code":0,"message":"Success","data":{"messageId":"1","auth_token":"t"}}"#),
        "vivo" => (200, vec![], r#"{"result":0,"desc":"ok","authToken":"t","taskId":"121397329"}"#),
        "meizu" => (200, vec![], r#"{"code":"200","message":"","value":{},"msgId":"0123456789abcdef"}"#),
        "tpns" => (200, vec![], r#"{"seq":0,"push_id":"1","ret_code":0,"environment":"product","err_msg":""}"#),
        _ => (201, vec![("location", "https://push.example/m/1")], ""),
    };
    sink::Options { status, headers, body, ..Default::default() }
}

/// A token store that always has a token, as long as FCM's are, so that none is asked for.
struct Kept;

#[async_trait]
impl TokenStore for Kept {
    async fn load(&self, _key: &str) -> Result<Option<StoredToken>, Box<dyn std::error::Error + Send + Sync>> {
        let now = SystemClock.now_ms();
        let value = Secret::new(format!("ya29.c.{}", "abcdefgh".repeat(120)));
        Ok(Some(StoredToken { value, issued_at_ms: now, expires_at_ms: now + 3_600_000 }))
    }

    async fn save(&self, _key: &str, _token: &StoredToken) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Ok(())
    }
}

/// A client of a vendor. Tokens that are signed here are signed; none is asked for.
///
/// # Panics
/// When the transport cannot be built.
pub fn client(subject: &Subject, roots: Vec<Bytes>, connections: usize, in_flight: usize) -> Client {
    let mut options = TransportOptions::default();
    options.roots = roots;
    options.direct = true;
    options.connections = connections;
    options.streams = 1000;
    let transport = standard(subject.vendor.as_ref(), options).unwrap();
    client_over(subject, transport, in_flight)
}

/// The same to a sink.
pub(crate) fn client_of_sink(subject: &Subject, connections: usize, in_flight: usize) -> Client {
    client(subject, vec![Bytes::from_static(ROOT)], connections, in_flight)
}

/// The same over any transport.
pub(crate) fn client_over(subject: &Subject, transport: Arc<dyn Transport>, in_flight: usize) -> Client {
    let mut settings = Settings::default();
    settings.in_flight = Some(in_flight);
    settings.overflow = Overflow::Truncate;
    let builder = Client::builder(Arc::clone(&subject.vendor), transport).settings(settings);
    let signed_here = matches!(subject.id, "apns" | "harmony" | "webpush");
    if signed_here { builder } else { builder.token_store(Arc::new(Kept), "bench") }.build()
}

/// Sends to so many targets, the given ones in turns, and counts the acceptances.
///
/// # Panics
/// When the notification cannot go to the vendor.
pub async fn send_many(client: &Client, n: &Notification, targets: &[Target], count: usize) -> usize {
    let targets: Vec<Target> = targets.to_vec();
    let stream = stream::iter((0..count).map(move |number| targets[number % targets.len()].clone()));
    let mut verdicts = std::pin::pin!(client.send_many(n, stream).unwrap());
    let mut accepted = 0;
    while let Some((_, verdict)) = verdicts.next().await {
        accepted += usize::from(verdict.is_accepted());
    }
    accepted
}

/// A transport without a network: the same answer to every request, at once.
pub(crate) struct Instantly {
    status: u16,
    body: Bytes,
}

impl Instantly {
    /// Answers as a vendor that takes all.
    pub(crate) fn accepting(id: &str) -> Arc<Self> {
        let answer = acceptance(id);
        Arc::new(Self { status: answer.status, body: Bytes::from_static(answer.body.as_bytes()) })
    }
}

#[async_trait]
impl Transport for Instantly {
    async fn call(&self, _wire: Wire<'_>) -> Result<Reply, Lost> {
        Ok(Reply { status: self.status, headers: http::HeaderMap::new(), body: self.body.clone(), retry_after: None })
    }

    fn retire(&self, _origin: &str) {}
}

/// A runtime of so many threads; of one, which does all, where the connection and its senders are
/// on the same.
///
/// # Panics
/// When the system denies it.
pub fn runtime(threads: usize) -> tokio::runtime::Runtime {
    use tokio::runtime::Builder;
    let mut builder = if threads > 1 { Builder::new_multi_thread() } else { Builder::new_current_thread() };
    builder.worker_threads(threads.max(1)).enable_all().build().unwrap()
}
