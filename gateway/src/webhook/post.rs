//! Posts events until they are taken: in order, in batches, not faster than the receiver wants.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use metrics::counter;
use omnipush::Secret;
use reqwest::Client;
use reqwest::header::CONTENT_TYPE;
use rustls::RootCertStore;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::event::Told;
use super::sign::sign;
use crate::config::Webhook;
use crate::dispatch::Gateway;
use crate::store::{EventRecord, StoreError};

/// How many events one call carries at most.
const BATCH: usize = 100;

/// How often to look for events where there were none.
const LOOK: Duration = Duration::from_millis(200);

/// How long to wait when the database fails.
const PAUSE: Duration = Duration::from_secs(1);

/// The longest pause between tries.
const LONGEST: Duration = Duration::from_secs(60);

/// Posts events to the backend.
pub struct Poster {
    gateway: Gateway,
    config: Webhook,
    client: Client,
}

impl std::fmt::Debug for Poster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Poster").field("config", &self.config).finish_non_exhaustive()
    }
}

/// What came of a call.
enum Posted {
    Taken,
    /// The receiver has it and does not want it so.
    Refused(String),
    /// The receiver is away, or asks to wait.
    Away(String),
}

impl Poster {
    /// Of a gateway's events.
    ///
    /// # Errors
    /// When a PEM file cannot be read or used.
    pub fn new(gateway: Gateway, config: Webhook) -> Result<Self, String> {
        // A process may have chosen another provider already; that one serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_millis(config.timeout_ms))
            .tcp_nodelay(true);
        let unfit = |path: &Path, words: &dyn std::fmt::Display| format!("{}: {words}", path.display());
        if let Some(path) = &config.roots {
            let pem = std::fs::read(path).map_err(|error| unfit(path, &error))?;
            let roots = roots(&pem).ok_or_else(|| unfit(path, &"is no PEM with certificates of authorities"))?;
            builder = roots.into_iter().fold(builder, reqwest::ClientBuilder::add_root_certificate);
        }
        if let Some(path) = &config.identity {
            let pem = std::fs::read(path).map_err(|error| unfit(path, &error))?;
            let identity = reqwest::Identity::from_pem(&pem);
            let words = "is no PEM with a certificate and its private key";
            builder = builder.identity(identity.map_err(|_| unfit(path, &words))?);
        }
        let client = builder.build().map_err(|error| match &config.identity {
            // The roots were looked at before.
            Some(path) => unfit(path, &"has a certificate and a private key that do not belong together"),
            None => error.without_url().to_string(),
        })?;
        Ok(Self { gateway, config, client })
    }

    /// Posts from now on until it is told to stop; a call under way is waited for.
    pub async fn run(self, mut stopped: watch::Receiver<bool>) {
        let mut failures: u32 = 0;
        while !*stopped.borrow() {
            let pause = match self.round(&mut failures).await {
                Ok(pause) => pause,
                Err(error) => {
                    tracing::error!(%error, "events cannot be read or struck off");
                    PAUSE
                }
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = stopped.changed() => {}
            }
        }
    }

    /// Posts what is due first, and says how long to wait then.
    async fn round(&self, failures: &mut u32) -> Result<Duration, StoreError> {
        let store = self.gateway.store();
        let events = store.events(BATCH).await?;
        if events.is_empty() {
            return Ok(LOOK);
        }
        let mut messages = BTreeMap::new();
        let mut batches: BTreeMap<&'static str, (Vec<&EventRecord>, Vec<Value>)> = BTreeMap::new();
        let mut gone = Vec::new();
        for event in &events {
            let Ok(told) = serde_json::from_str::<Told>(&event.body) else {
                gone.push(event.id.clone());
                continue;
            };
            if !messages.contains_key(&told.message) {
                messages.insert(told.message.clone(), store.message(&told.message).await?);
            }
            let Some(Some(message)) = messages.get(&told.message) else {
                // The message was forgotten meanwhile; nobody could tell which it was.
                gone.push(event.id.clone());
                continue;
            };
            let (command, body) = told.posted(message);
            let (records, bodies) = batches.entry(command).or_default();
            records.push(event);
            bodies.push(body);
        }
        store.strike_events(&gone).await?;
        let mut pause = Duration::ZERO;
        for (command, (records, bodies)) in batches {
            let count = u32::try_from(records.len()).unwrap_or(u32::MAX);
            pause += Duration::from_secs(1) * count / self.config.events_per_second;
            let posted = self.post(command, bodies).await;
            let ids = |given_up: &dyn Fn(&EventRecord) -> bool| -> Vec<String> {
                records.iter().filter(|record| given_up(record)).map(|record| record.id.clone()).collect()
            };
            let (given_up, words) = match posted {
                Posted::Taken => {
                    store.strike_events(&ids(&|_| true)).await?;
                    counter!("omnipush_webhook_events_total", "outcome" => "taken").increment(u64::from(count));
                    *failures = 0;
                    continue;
                }
                Posted::Refused(words) => (ids(&|event| event.tries >= self.config.retries), words),
                Posted::Away(words) => {
                    let oldest = self.gateway.now_ms().saturating_sub(u64::from(self.config.keep_seconds) * 1000);
                    (ids(&|event| event.due_ms < oldest), words)
                }
            };
            tracing::warn!(command, events = count, given_up = given_up.len(), words, "events were not taken");
            let lost = u64::try_from(given_up.len()).unwrap_or(u64::MAX);
            counter!("omnipush_webhook_events_total", "outcome" => "given_up").increment(lost);
            store.events_failed(&ids(&|_| true)).await?;
            store.strike_events(&given_up).await?;
            *failures = failures.saturating_add(1);
            // 1 s, 2 s, 4 s, ... a minute. Nothing overtakes: each user's events come in order.
            return Ok(Duration::from_secs(1 << failures.saturating_sub(1).min(6)).min(LONGEST));
        }
        Ok(pause)
    }

    async fn post(&self, command: &str, events: Vec<Value>) -> Posted {
        let url = address(&self.config, command, self.gateway.now_ms() / 1000);
        let body = json!({"Events": events}).to_string();
        let answer = match self.client.post(url).header(CONTENT_TYPE, "application/json").body(body).send().await {
            Ok(answer) => answer,
            // Without the address, which is signed.
            Err(error) => return Posted::Away(error.without_url().to_string()),
        };
        let status = answer.status().as_u16();
        let body = match answer.bytes().await {
            Ok(body) => body,
            Err(error) => return Posted::Away(error.without_url().to_string()),
        };
        match status {
            // Which code it holds does not matter (R80).
            200 if serde_json::from_slice::<Value>(&body).is_ok() => Posted::Taken,
            200 => Posted::Refused("the answer is no JSON".into()),
            408 | 429 | 500.. => Posted::Away(format!("status {status}")),
            _ => Posted::Refused(format!("status {status}")),
        }
    }
}

/// The certificates of a PEM file; `None`: there are none, or one cannot be used.
fn roots(pem: &[u8]) -> Option<Vec<reqwest::Certificate>> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let found = found.ok().filter(|found| !found.is_empty())?;
    // reqwest says of no certificate which it could not use.
    let mut usable = RootCertStore::empty();
    found.iter().try_for_each(|root| usable.add(root.clone())).ok()?;
    found.iter().map(|root| reqwest::Certificate::from_der(root).ok()).collect()
}

/// The address of a call, signed where there is a token.
fn address(config: &Webhook, command: &str, now_s: u64) -> String {
    let Webhook { url, sdk_app_id, token, .. } = config;
    let sign = |token: &Secret| format!("&RequestTime={now_s}&Sign={}", sign(token, now_s));
    let separator = if url.contains('?') { '&' } else { '?' };
    let signature = token.as_ref().map(sign).unwrap_or_default();
    format!("{url}{separator}SdkAppid={sdk_app_id}&CallbackCommand={command}&contenttype=json{signature}")
}
