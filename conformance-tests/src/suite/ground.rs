//! What a trial stands on: an adapter, its fake behind a real server, and clients between them.

use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use async_trait::async_trait;
use futures::StreamExt as _;
use omnipush_core::engine::Purpose as Step;
use omnipush_core::table::Manual;
use omnipush_core::transport::standard;
use omnipush_core::{
    Client, Clock as _, ConfigError, FixedClock, H2Transport, MemoryTokenStore, Notification, Offline, Planned,
    Profile, PushVendor, Report, Settings, StoredToken, SystemClock, Target, TokenStore, Transport, TransportOptions,
    Verdict,
};
use serde_json::Value;

use super::tap::Tap;
use super::{Mount, samples};
use crate::fake::{Delivered, Fake, Purpose, World};
use crate::host::Host;
use crate::raw::{Line, Script};

/// An adapter and its fake.
pub(super) struct Subject {
    pub(super) mount: Mount,
    pub(super) vendor: Arc<dyn PushVendor>,
    pub(super) tap: Arc<Tap>,
}

impl Subject {
    /// Without a server, for looking at.
    pub(super) fn alone(mount: &Mount) -> Result<Self, ConfigError> {
        Self::at(mount, Arc::new(Tap::new((mount.fake)())), "http://127.0.0.1:9")
    }

    fn at(mount: &Mount, tap: Arc<Tap>, base: &str) -> Result<Self, ConfigError> {
        let vendor = mount.vendor(tap.as_ref(), base)?;
        Ok(Self { mount: *mount, vendor, tap })
    }

    pub(super) fn profile(&self) -> &'static Profile {
        self.vendor.profile()
    }

    pub(super) fn manual(&self) -> Manual {
        self.vendor.manual()
    }

    pub(super) fn world(&self) -> &World {
        self.tap.world()
    }

    /// A well-formed, living target.
    pub(super) fn target(&self, number: usize) -> Target {
        Target::new(self.tap.target(number))
    }

    /// The first targets.
    pub(super) fn targets(&self, count: usize) -> Vec<Target> {
        (0..count).map(|number| self.target(number)).collect()
    }

    /// A client that cannot send, for preparing and planning. Its clock and its randomness stand
    /// still, so that what it plans repeats.
    pub(super) fn planner(&self, settings: Settings) -> Client {
        Client::builder(Arc::clone(&self.vendor), Arc::new(Offline))
            .settings(settings)
            .clock(FixedClock(SystemClock.now_ms() / 60_000 * 60_000))
            .random(|bytes| bytes.fill(7))
            .build()
    }

    /// The requests of a send to the first targets.
    pub(super) fn plan(&self, n: &Notification, targets: usize) -> Result<Vec<Planned>> {
        let planner = self.planner(Settings::default());
        let prepared = planner.prepare(n)?;
        planner.plan(&prepared, &self.targets(targets)).map_err(|refusal| anyhow::anyhow!("cannot plan: {refusal}"))
    }

    /// Whether a send to so many takes a request of this kind first.
    pub(super) fn plans(&self, step: Step, targets: usize) -> bool {
        let plan = self.plan(&samples::plain(), targets).unwrap_or_default();
        plan.iter().any(|planned| planned.purpose == step)
    }

    /// The smallest number of targets that go into one list.
    pub(super) fn least_list(&self) -> Option<usize> {
        let calls = self.profile().calls.iter();
        calls.filter(|call| call.shape == omnipush_core::Shape::List).map(|call| call.min.max(1)).min()
    }
}

/// See the module.
pub(super) struct Ground {
    subject: Subject,
    pub(super) host: Host,
    pub(super) transport: Arc<dyn Transport>,
    pub(super) store: Arc<MemoryTokenStore>,
}

impl Deref for Ground {
    type Target = Subject;
    fn deref(&self) -> &Subject {
        &self.subject
    }
}

/// Settings for trials: the waits are short, the rest is as always.
pub(super) fn quick() -> Settings {
    let mut settings = Settings::default();
    settings.attempts = 3;
    settings.backoff_min = Duration::from_millis(2);
    settings.backoff_max = Duration::from_millis(20);
    settings.linger = Duration::from_millis(10);
    settings.retries_per_second = 10_000;
    settings
}

/// The same with one attempt.
pub(super) fn once() -> Settings {
    let mut settings = quick();
    settings.attempts = 1;
    settings
}

impl Ground {
    pub(super) async fn start(mount: &Mount) -> Result<Self> {
        let tap = Arc::new(Tap::new((mount.fake)()));
        let host = Host::start_shared(Arc::clone(&tap) as Arc<dyn Fake>).await;
        let subject = Subject::at(mount, tap, &host.url()).context("the adapter refuses the fake's settings")?;
        let transport = transport(mount, &subject.vendor)?;
        Ok(Self { subject, host, transport, store: Arc::default() })
    }

    /// A client of its own, with an access token of its own.
    pub(super) fn client(&self, settings: Settings) -> Client {
        Client::builder(Arc::clone(&self.vendor), Arc::clone(&self.transport)).settings(settings).build()
    }

    /// A client of its own with the access token that all clients of this kind share.
    pub(super) fn sharing(&self, settings: Settings) -> Client {
        self.sharing_from(Arc::clone(&self.store) as Arc<dyn TokenStore>, settings)
    }

    pub(super) fn sharing_from(&self, store: Arc<dyn TokenStore>, settings: Settings) -> Client {
        Client::builder(Arc::clone(&self.vendor), Arc::clone(&self.transport))
            .settings(settings)
            .token_store(store, "shared")
            .build()
    }

    /// As [`Self::sharing`], to a server at another URL over connections of its own. The access
    /// token is fetched first, from the fake itself.
    pub(super) async fn sharing_at(&self, base: &str, settings: Settings) -> Result<Client> {
        self.warm().await?;
        let vendor = self.mount.vendor(self.tap.as_ref(), base)?;
        let transport = transport(&self.mount, &vendor)?;
        let store = Arc::clone(&self.store);
        Ok(Client::builder(vendor, transport).settings(settings).token_store(store, "shared").build())
    }

    /// A line to the fake, and a client at its other end.
    pub(super) async fn by_line(&self, scripts: &[Script], settings: Settings) -> Result<(Line, Client)> {
        let address: SocketAddr = self.host.url().trim_start_matches("http://").parse()?;
        let line = Line::start(address, scripts.iter().copied()).await?;
        let client = self.sharing_at(&line.url(), settings).await?;
        Ok((line, client))
    }

    /// Makes the shared access token, so that what follows is about sending only.
    pub(super) async fn warm(&self) -> Result<()> {
        let report = self.sharing(quick()).send(&samples::plain(), self.target(999_999)).await?;
        accepted(verdict(&report)?)?;
        self.forget();
        Ok(())
    }

    /// Forgets what was called and delivered.
    pub(super) fn forget(&self) {
        self.world().forget();
        self.tap.forget();
    }

    /// Sends with a client of its own.
    pub(super) async fn send(&self, n: &Notification, targets: Vec<Target>) -> Result<Report> {
        Ok(self.client(quick()).send(n, targets).await?)
    }

    /// Sends to one target, which takes it, and gives what was delivered.
    pub(super) async fn deliver(&self, n: &Notification) -> Result<Delivered> {
        self.forget();
        let report = self.sharing(quick()).send(n, self.target(0)).await?;
        accepted(verdict(&report)?)?;
        let mut delivered = self.world().delivered();
        ensure!(delivered.len() == 1, "{} deliveries instead of one", delivered.len());
        delivered.pop().context("nothing was delivered")
    }

    pub(super) fn sends(&self) -> usize {
        self.world().count(Purpose::Send)
    }

    /// How often a target was delivered to.
    pub(super) fn deliveries_to(&self, target: &Target) -> usize {
        self.world().delivered().iter().filter(|delivered| delivered.target == target.as_str()).count()
    }

    /// Every target was delivered to once, and nobody else.
    pub(super) fn delivered_once(&self, targets: &[Target]) -> Result<()> {
        let mut wanted: Vec<&str> = targets.iter().map(Target::as_str).collect();
        let delivered = self.world().delivered();
        let mut got: Vec<&str> = delivered.iter().map(|delivered| delivered.target.as_str()).collect();
        wanted.sort_unstable();
        got.sort_unstable();
        if wanted != got {
            let missing = wanted.iter().filter(|target| !got.contains(target)).count();
            bail!("{} deliveries to {} targets; {missing} got none", got.len(), wanted.len());
        }
        Ok(())
    }
}

fn transport(mount: &Mount, vendor: &Arc<dyn PushVendor>) -> Result<Arc<dyn Transport>> {
    let mut options = TransportOptions::default();
    options.direct = true;
    if mount.over_h2 {
        options.prior_knowledge = true;
        return Ok(Arc::new(H2Transport::new(vendor.profile(), vendor.identity().as_ref(), options)?));
    }
    Ok(standard(vendor.as_ref(), options)?)
}

/// The only verdict of a report.
pub(super) fn verdict(report: &Report) -> Result<&Verdict> {
    match report.verdicts.as_slice() {
        [(_, verdict)] => Ok(verdict),
        all => bail!("{} verdicts instead of one", all.len()),
    }
}

/// An error unless it was accepted.
pub(super) fn accepted(verdict: &Verdict) -> Result<()> {
    match verdict {
        Verdict::Accepted { .. } => Ok(()),
        Verdict::Refused(refusal) => bail!("refused: {refusal}"),
        Verdict::Unsure(Some(refusal)) => bail!("unsure: {refusal}"),
        Verdict::Unsure(None) => bail!("unsure"),
    }
}

/// An error unless all were accepted.
pub(super) fn all_accepted(report: &Report, targets: &[Target]) -> Result<()> {
    let named: Vec<&Target> = report.verdicts.iter().map(|(target, _)| target).collect();
    ensure!(named.iter().copied().eq(targets), "the report does not name the targets in the order given");
    report.verdicts.iter().try_for_each(|(_, verdict)| accepted(verdict))
}

/// Every verdict of a stream.
pub(super) async fn collect(verdicts: impl futures::Stream<Item = (Target, Verdict)>) -> Vec<(Target, Verdict)> {
    verdicts.collect().await
}

/// All keys and leaves of a JSON value, leaves as texts.
pub(super) fn leaves(value: &Value) -> Vec<(String, String)> {
    fn walk(key: &str, value: &Value, out: &mut Vec<(String, String)>) {
        match value {
            Value::Object(map) => map.iter().for_each(|(key, value)| walk(key, value, out)),
            Value::Array(values) => values.iter().for_each(|value| walk(key, value, out)),
            Value::String(text) => out.push((key.to_owned(), text.clone())),
            other => out.push((key.to_owned(), other.to_string())),
        }
    }
    let mut out = Vec::new();
    walk("", value, &mut out);
    out
}

/// A store whose tokens look old: old enough to be renewed when the vendor refuses them, and with
/// time left, so that nobody renews them before.
#[derive(Default)]
pub(super) struct Aged {
    store: Arc<MemoryTokenStore>,
    saved: AtomicU64,
}

impl Aged {
    pub(super) fn new(store: &Arc<MemoryTokenStore>) -> Arc<Self> {
        Arc::new(Self { store: Arc::clone(store), saved: AtomicU64::new(0) })
    }

    /// How many tokens were saved.
    pub(super) fn saved(&self) -> u64 {
        self.saved.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl TokenStore for Aged {
    async fn load(&self, key: &str) -> Result<Option<StoredToken>, Box<dyn std::error::Error + Send + Sync>> {
        const DAY_MS: u64 = 86_400_000;
        Ok(self.store.load(key).await?.map(|token| StoredToken {
            issued_at_ms: token.issued_at_ms.saturating_sub(DAY_MS),
            expires_at_ms: token.expires_at_ms.saturating_add(2 * DAY_MS),
            ..token
        }))
    }

    async fn save(&self, key: &str, token: &StoredToken) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        self.saved.fetch_add(1, Ordering::Relaxed);
        self.store.save(key, token).await
    }
}
