//! From a message to its pushes: each device is judged, what is due is composed once for each kind of
//! notification, and everything is on disk before the caller hears that it was accepted.

mod accept;
mod fingerprint;
mod withdraw;
mod worker;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use omnipush::{Clock, Prepared, SystemClock, Verdict};
use tokio::sync::{Notify, watch};

use crate::certificates::{Certificates, Channel};
use crate::model::{Platform, PresenceEvent, PushConfig, Settings};
use crate::store::{EventRecord, Store, StoreError, TargetOf};
use crate::webhook::ReceiptsTo;

pub use accept::{AcceptError, Summary, To};
pub use fingerprint::message_id;

/// What became of one delivery, for webhooks.
#[derive(Debug)]
pub struct Outcome<'a> {
    /// The message's id.
    pub message: &'a str,
    /// The account.
    pub account: &'a str,
    /// The device.
    pub device: &'a str,
    /// The vendor's id; empty where none was found.
    pub vendor: &'a str,
    /// The vendor's verdict, or the code and the words of a loss (R19).
    pub came_to: Result<&'a Verdict, (i32, &'a str)>,
    /// When, in milliseconds since the Unix epoch.
    pub at_ms: u64,
}

/// Makes webhook events of outcomes. They are written in the same transaction as the outcome, so that
/// none is lost and none is told twice.
pub trait Witness: Send + Sync + 'static {
    /// The event, if this outcome makes one.
    fn event(&self, outcome: &Outcome<'_>) -> Option<EventRecord>;

    /// Whether anybody is told of anything.
    fn tells(&self) -> bool {
        true
    }
}

/// Nobody is told.
impl Witness for () {
    fn event(&self, _: &Outcome<'_>) -> Option<EventRecord> {
        None
    }

    fn tells(&self) -> bool {
        false
    }
}

/// The gateway: registry, decision and outbox in one. Cheap to clone.
///
/// [`accept`](Self::accept) takes messages in; [`run`](Self::run) sends what was accepted, and must
/// run in a task of its own.
#[derive(Clone)]
pub struct Gateway(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    store: Store,
    certificates: Arc<Certificates>,
    settings: RwLock<Arc<Settings>>,
    clock: Arc<dyn Clock>,
    witness: Arc<dyn Witness>,
    /// Where vendors are asked to report to; `None`: nowhere.
    receipts: Option<ReceiptsTo>,
    /// One message at a time is judged and written, so that none misses the badge of the one before.
    accepting: tokio::sync::Mutex<()>,
    /// Wakes the worker.
    wake: Notify,
    /// Wakes who takes back what was recalled.
    recalled: Notify,
    stopping: watch::Sender<bool>,
    /// What was encoded when it was accepted, for the worker; lost with the process, and made anew.
    prepared: Mutex<HashMap<(String, u32), Kept>>,
}

/// An encoded notification, with the channel that it was encoded for.
#[derive(Clone)]
struct Kept {
    channel: Arc<Channel>,
    prepared: Prepared,
    /// How many of its parcels are still to be settled.
    parcels: usize,
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateway").field("certificates", &self.0.certificates).finish_non_exhaustive()
    }
}

/// Builds a [`Gateway`].
pub struct Builder {
    store: Store,
    certificates: Arc<Certificates>,
    settings: Settings,
    clock: Arc<dyn Clock>,
    witness: Arc<dyn Witness>,
    receipts: Option<ReceiptsTo>,
}

impl Builder {
    /// With these choices.
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// With another clock.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// With somebody who makes webhook events.
    pub fn witness(mut self, witness: impl Witness) -> Self {
        self.witness = Arc::new(witness);
        self
    }

    /// With receipts, where vendors have them.
    pub fn receipts(mut self, to: ReceiptsTo) -> Self {
        self.receipts = Some(to);
        self
    }

    /// Builds it. Nothing is sent before [`Gateway::run`].
    pub fn build(self) -> Gateway {
        Gateway(Arc::new(Inner {
            store: self.store,
            certificates: self.certificates,
            settings: RwLock::new(Arc::new(self.settings)),
            clock: self.clock,
            witness: self.witness,
            receipts: self.receipts,
            accepting: tokio::sync::Mutex::new(()),
            wake: Notify::new(),
            recalled: Notify::new(),
            stopping: watch::Sender::new(false),
            prepared: Mutex::default(),
        }))
    }
}

impl Gateway {
    /// Over a store and certificates, with default choices.
    pub fn builder(store: Store, certificates: Certificates) -> Builder {
        Builder {
            store,
            certificates: Arc::new(certificates),
            settings: Settings::default(),
            clock: Arc::new(SystemClock),
            witness: Arc::new(()),
            receipts: None,
        }
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The certificates.
    pub fn certificates(&self) -> &Arc<Certificates> {
        &self.0.certificates
    }

    /// The choices of this moment.
    pub fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.0.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Other choices from now on; what is under way ends under the old ones.
    pub fn set_settings(&self, settings: Settings) {
        *self.0.settings.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
    }

    /// Whether webhook events are made.
    pub(crate) fn tells(&self) -> bool {
        self.0.witness.tells()
    }

    /// The gateway's time, in milliseconds since the Unix epoch.
    pub fn now_ms(&self) -> u64 {
        self.0.clock.now_ms()
    }

    /// Takes in what happened to a device; see [`Store::presence`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn presence(
        &self,
        account: &str,
        device: &str,
        platform: Platform,
        event: PresenceEvent,
    ) -> Result<bool, StoreError> {
        let settings = self.settings();
        self.0.store.presence(account, device, platform, event, &settings, self.now_ms()).await
    }

    /// Binds a device to a certificate and a token; see [`Store::set_config`].
    ///
    /// # Errors
    /// When the device is not logged in, the token is empty, or the database fails.
    pub async fn set_config(&self, account: &str, device: &str, config: Option<&PushConfig>) -> Result<(), StoreError> {
        let settings = self.settings();
        self.0.store.set_config(account, device, config, &settings).await
    }

    /// Kicks every device of a user, and voids earlier signatures (R9).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn kick(&self, account: &str) -> Result<(), StoreError> {
        self.0.store.kick(account, self.now_ms()).await
    }

    fn event_of(
        &self,
        message: &str,
        target: &TargetOf,
        vendor: &str,
        came_to: Result<&Verdict, (i32, &str)>,
        at_ms: u64,
    ) -> Option<EventRecord> {
        let (account, device) = (&target.account, &target.device);
        self.0.witness.event(&Outcome { message, account, device, vendor, came_to, at_ms })
    }
}
