//! A gateway over the embedded fakes, and the calls of the backend that uses it.

use std::time::Duration;

use omnipush::http::Method;
use omnipush::{Clock as _, Secret, SystemClock};
use omnipush_conformance::{Delivered, Host};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

use super::super::Bad;
use crate::certificates::{Certificate, Certificates, Channel, engine};
use crate::dispatch::Gateway;
use crate::http::usersig::UserSig;
use crate::http::{self, ApiKey, App, HttpSettings};
use crate::serve::Fakes;
use crate::store::Store;

const SDKAPPID: u64 = 1_400_000_000;
const ADMIN: &str = "administrator";
/// Made for the demo; good for nothing else.
const APP_KEY: &str = "the-app-key-of-the-demo";
const API_KEY: &str = "the-api-key-of-the-demo";

/// How long one message may take to all phones.
const PATIENCE: Duration = Duration::from_secs(20);

/// A gateway that is served on a free port of this machine, as its backend sees it.
pub(super) struct Backend {
    gateway: Gateway,
    fakes: Fakes,
    http: reqwest::Client,
    url: String,
    query: String,
    /// The database's, kept for as long as the gateway runs.
    _folder: TempDir,
}

impl Backend {
    /// Starts a gateway with a certificate for each of these vendors, numbered from 1.
    pub(super) async fn start(vendors: &[&'static str]) -> Result<Self, Bad> {
        let fakes = Fakes::start().await;
        let channel = |(number, vendor): (u32, &&'static str)| {
            // Where a badge belongs to an activity, it is lost without one (R65).
            let more = [("badge_class", "com.example.im.MainActivity")];
            let needs = ["huawei", "honor"].contains(vendor);
            let push = fakes.connect(vendor, if needs { &more } else { &[] }, engine())?;
            Ok(Channel::new(Certificate::new(number, *vendor), push))
        };
        let channels: Result<Vec<_>, omnipush::ConfigError> = (1..).zip(vendors).map(channel).collect();
        let folder = tempfile::tempdir().map_err(Bad::new)?;
        let store = Store::open(&folder.path().join("demo.db")).await.map_err(Bad::new)?;
        let gateway = Gateway::builder(store, Certificates::of(channels.map_err(Bad::new)?)).build();
        let settings = HttpSettings {
            apps: vec![App {
                sdkappid: SDKAPPID,
                key: Secret::new(APP_KEY),
                admins: vec![ADMIN.into()],
                sources: Vec::new(),
            }],
            keys: vec![ApiKey { name: "demo".into(), key: Secret::new(API_KEY) }],
            ..HttpSettings::default()
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(Bad::new)?;
        let url = format!("http://{}", listener.local_addr().map_err(Bad::new)?);
        let router = http::router(gateway.clone(), settings);
        tokio::spawn(async move { axum::serve(listener, router).await });
        let running = gateway.clone();
        tokio::spawn(async move { running.run().await });

        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().map_err(Bad::new)?;
        let sig = UserSig::sign(SDKAPPID, ADMIN, &Secret::new(APP_KEY), SystemClock.now_ms() / 1000, 3600).encode();
        let query = format!("sdkappid={SDKAPPID}&identifier={ADMIN}&usersig={sig}&random=1&contenttype=json");
        Ok(Self { gateway, fakes, http: client, url, query, _folder: folder })
    }

    pub(super) fn host(&self, vendor: &str) -> Result<&Host, Bad> {
        self.fakes.host(vendor).ok_or_else(|| Bad::new(format!("{vendor}: has no fake")))
    }

    /// A call of the plain REST.
    pub(super) async fn tell(&self, method: Method, path: &str, body: &Value) -> Result<Value, Bad> {
        let request = self.http.request(method, format!("{}/v1/{path}", self.url)).bearer_auth(API_KEY);
        let request = if body.is_null() { request } else { request.body(body.to_string()) };
        let answer = request.send().await.map_err(Bad::new)?;
        let status = answer.status();
        let text = answer.text().await.map_err(Bad::new)?;
        if !status.is_success() {
            return Err(Bad::new(format!("/v1/{path}: {status}: {text}")));
        }
        if text.is_empty() { Ok(Value::Null) } else { serde_json::from_str(&text).map_err(Bad::new) }
    }

    /// Sends a message to many by the original's call, waits until it is settled, and has it explained.
    pub(super) async fn send(&self, message: &Value) -> Result<Value, Bad> {
        let url = format!("{}/v4/openim/batchsendmsg?{}", self.url, self.query);
        let answer = self.http.post(url).body(message.to_string()).send().await.map_err(Bad::new)?;
        let answer: Value = serde_json::from_str(&answer.text().await.map_err(Bad::new)?).map_err(Bad::new)?;
        let all_known = answer.get("ErrorList") == Some(&json!([]));
        let Some(id) = answer.get("MsgId").and_then(Value::as_str).filter(|_| all_known) else {
            return Err(Bad::new(format!("openim/batchsendmsg: {answer}")));
        };
        match tokio::time::timeout(PATIENCE, self.gateway.drained()).await {
            Ok(drained) => drained.map_err(Bad::new)?,
            Err(_) => return Err(Bad::new("pushes are under way still")),
        }
        self.tell(Method::GET, &format!("messages/{id}/explain"), &Value::Null).await
    }

    /// What has come to the phones of a vendor since this was asked last.
    pub(super) fn delivered(&self, vendor: &str) -> Result<Vec<Delivered>, Bad> {
        let world = self.host(vendor)?.world();
        let delivered = world.delivered();
        world.forget();
        Ok(delivered)
    }
}
