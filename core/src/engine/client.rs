//! [`Client`]: what services call.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures::stream::{self, Stream, StreamExt as _};
use ring::rand::{SecureRandom as _, SystemRandom};
use smallvec::SmallVec;
use tokio::sync::{Notify, Semaphore};

use super::fan::{Fan, OneByOne};
use super::lane::{LONGEST_PAUSE, Ways};
use super::linger::Linger;
use super::lot::{Lot, Targets, What};
use super::meters::Meters;
use super::prepared::Prepared;
use super::report::{Report, SendError};
use super::retry::Budget;
use super::rounds::not_encoded;
use super::settings::Settings;
use super::tokens::{TokenStore, Tokens};
use crate::clock::{Clock, SystemClock};
use crate::error::EncodeError;
use crate::model::{Audience, Notification, Target};
use crate::receipt::{Callback, CallbackError, Receipts};
use crate::transport::Transport;
use crate::vendor::{Answer, Cx, Now, Operation, Profile, PushVendor, Shape};
use crate::verdict::Verdict;

type Random = Box<dyn Fn(&mut [u8]) + Send + Sync>;

/// Sends to the targets of one vendor's app. Cheap to clone; clones share tokens, limits and
/// connections, so build one client for each app and keep it.
#[derive(Clone)]
pub struct Client(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) vendor: Arc<dyn PushVendor>,
    pub(super) profile: &'static Profile,
    pub(super) transport: Arc<dyn Transport>,
    pub(super) settings: Settings,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Random,
    pub(super) tokens: Tokens,
    pub(super) lanes: Ways,
    pub(super) auth_lanes: Ways,
    /// Places on the wire: how many there are, and those that are free.
    pub(super) places: usize,
    pub(super) slots: Semaphore,
    /// Deliveries that wait without needing a place.
    pub(super) waiting: AtomicUsize,
    pub(super) budget: Budget,
    pub(super) meters: Meters,
    stopped: AtomicBool,
    stopping: Notify,
    busy: AtomicUsize,
    idle: Notify,
}

impl Inner {
    /// Lends a vendor time and randomness for one call.
    pub(super) fn with_cx<T>(&self, call: impl FnOnce(&mut Cx<'_>) -> T) -> T {
        let mut rng = |bytes: &mut [u8]| (self.random)(bytes);
        call(&mut Cx { now: Now::of(self.clock.as_ref()), rng: &mut rng, overflow: self.settings.overflow })
    }

    /// What is begun before a look at [`is_stopped`](Self::is_stopped) that sees no stop is seen by
    /// the stop: all of their atomics stand in one order.
    pub(super) fn work(self: &Arc<Self>) -> Work {
        self.busy.fetch_add(1, Ordering::SeqCst);
        Work(Arc::clone(self))
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }

    /// Waits until the client is stopped.
    pub(super) async fn stopped(&self) {
        // Made before the look, so that no wake-up falls in between.
        let stopping = self.stopping.notified();
        if !self.is_stopped() {
            stopping.await;
        }
    }

    /// Begins something, unless the client has been stopped.
    fn begin(self: &Arc<Self>) -> Result<Work, SendError> {
        let work = self.work();
        if self.is_stopped() { Err(SendError::Stopped) } else { Ok(work) }
    }

    /// The most deliveries of so many targets at once: enough that those that wait do not hold up
    /// the others, few enough that memory stays bounded.
    pub(super) fn deliveries(&self, size: usize) -> usize {
        (self.settings.parked / size.max(1)).max(self.places.min(64))
    }
}

/// Something under way, for [`Client::stop`] to wait for.
pub(super) struct Work(Arc<Inner>);

impl Drop for Work {
    fn drop(&mut self) {
        if self.0.busy.fetch_sub(1, Ordering::SeqCst) == 1 && self.0.is_stopped() {
            self.0.idle.notify_waiters();
        }
    }
}

/// Builds a [`Client`].
pub struct ClientBuilder {
    vendor: Arc<dyn PushVendor>,
    transport: Arc<dyn Transport>,
    settings: Settings,
    clock: Arc<dyn Clock>,
    random: Random,
    store: Option<(Arc<dyn TokenStore>, String)>,
}

impl ClientBuilder {
    /// With these settings.
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// With another clock.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// With another source of randomness, for previews that repeat. It must be unpredictable
    /// wherever anything is sent.
    pub fn random(mut self, fill: impl Fn(&mut [u8]) + Send + Sync + 'static) -> Self {
        self.random = Box::new(fill);
        self
    }

    /// With a store for access tokens. `name` tells this app's tokens from those of other apps
    /// in the store: two clients share tokens exactly when store and name are the same.
    pub fn token_store(mut self, store: Arc<dyn TokenStore>, name: impl Into<String>) -> Self {
        self.store = Some((store, name.into()));
        self
    }

    /// Builds the client.
    pub fn build(mut self) -> Client {
        let profile = self.vendor.profile();
        self.settings.max_pause = self.settings.max_pause.min(LONGEST_PAUSE);
        let in_flight = self.settings.in_flight.unwrap_or(profile.in_flight).clamp(1, Semaphore::MAX_PERMITS);
        let ways = || Ways::new(self.settings.requests_per_second, self.settings.max_pause, in_flight);
        Client(Arc::new(Inner {
            profile,
            tokens: Tokens::new(self.store, self.settings.renewal_wait),
            lanes: ways(),
            auth_lanes: ways(),
            places: in_flight,
            slots: Semaphore::new(in_flight),
            waiting: AtomicUsize::new(0),
            budget: Budget::new(&self.settings),
            meters: Meters::new(profile.id),
            stopped: AtomicBool::new(false),
            stopping: Notify::new(),
            busy: AtomicUsize::new(0),
            idle: Notify::new(),
            vendor: self.vendor,
            transport: self.transport,
            settings: self.settings,
            clock: self.clock,
            random: self.random,
        }))
    }
}

impl Client {
    /// A client over the transport that suits the vendor, with default settings.
    ///
    /// # Errors
    /// When the transport cannot be built, such as for a wrong client certificate.
    #[cfg(any(feature = "h2", feature = "reqwest"))]
    pub fn new(vendor: impl PushVendor) -> Result<Self, crate::ConfigError> {
        let vendor = Arc::new(vendor);
        let transport = crate::transport::standard(vendor.as_ref(), crate::transport::TransportOptions::default())?;
        Ok(Self::builder(vendor, transport).build())
    }

    /// A client over a transport of one's own.
    pub fn builder(vendor: Arc<dyn PushVendor>, transport: Arc<dyn Transport>) -> ClientBuilder {
        ClientBuilder {
            vendor,
            transport,
            settings: Settings::default(),
            clock: Arc::new(SystemClock),
            random: Box::new(|bytes| {
                // The operating system's generator does not fail once the machine has booted.
                let _ = SystemRandom::new().fill(bytes);
            }),
            store: None,
        }
    }

    /// What the vendor is and can do.
    pub fn profile(&self) -> &'static Profile {
        self.0.profile
    }

    /// The vendor.
    pub fn vendor(&self) -> &dyn PushVendor {
        self.0.vendor.as_ref()
    }

    /// Checks and encodes a notification for devices. Nothing is sent.
    ///
    /// # Errors
    /// All problems of the notification for this vendor.
    pub fn prepare(&self, n: &Notification) -> Result<Prepared, EncodeError> {
        self.0.prepare(n, |shape| matches!(shape, Shape::One | Shape::List))
    }

    /// Sends a notification and waits for the verdict of every target.
    ///
    /// ```
    /// # use omnipush_core::{Audience, Client, Notification, SendError, Target};
    /// async fn notify(client: &Client, token: &str) -> Result<(), SendError> {
    ///     let report = client.send(&Notification::new("Hi", "there"), Target::from(token)).await?;
    ///     for dead in report.dead_targets() {
    ///         println!("forget {dead:?}");
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// When nothing was sent: the notification cannot go to this vendor as it is, the vendor has
    /// no such audience, or the client has been stopped.
    pub async fn send(&self, n: &Notification, audience: impl Into<Audience>) -> Result<Report, SendError> {
        let (shape, targets) = match audience.into() {
            Audience::Targets(targets) => {
                let prepared = self.prepare(n)?;
                return self.send_prepared(&prepared, targets).await;
            }
            Audience::Topic(topic) => (Shape::Topic, vec![Target::from(topic)]),
            Audience::Condition(condition) => (Shape::Condition, vec![Target::from(condition)]),
            Audience::Aliases(aliases) => (Shape::Aliases, aliases),
            Audience::Accounts(accounts) => (Shape::Accounts, accounts),
            Audience::Tags(tags) => (Shape::Tags, vec![tags.to_target()]),
            Audience::Segment(name) => (Shape::Segment, vec![Target::from(name)]),
            Audience::All => (Shape::All, vec![Target::from("")]),
        };
        let Some(call) = self.0.profile.call(shape) else {
            return Err(SendError::NoSuchAudience { vendor: self.0.profile.id, audience: shape });
        };
        let _work = self.0.begin()?;
        let prepared = self.0.prepare(n, |s| s == shape)?;
        let verdicts = self.deliver_in_lots(&prepared, targets, call.max, Some(shape)).await;
        Ok(Report { verdicts, prepared })
    }

    /// Sends what was prepared to devices.
    ///
    /// # Errors
    /// When the client has been stopped.
    pub async fn send_prepared(&self, prepared: &Prepared, targets: Vec<Target>) -> Result<Report, SendError> {
        let _work = self.0.begin()?;
        let verdicts = self.deliver_in_lots(prepared, targets, self.0.profile.batch(), None).await;
        Ok(Report { verdicts, prepared: prepared.clone() })
    }

    async fn deliver_in_lots(
        &self,
        prepared: &Prepared,
        targets: Vec<Target>,
        batch: usize,
        shape: Option<Shape>,
    ) -> Vec<(Target, Verdict)> {
        let few = targets.len() <= batch;
        let mut targets = targets.into_iter().map(|target| (target, None));
        let mut next = || {
            let targets: Targets = targets.by_ref().take(batch).collect();
            Lot { what: What::Same(prepared.clone()), targets, shape }
        };
        if few {
            let mut lot = next();
            self.0.deliver(&mut lot).await;
            return lot.verdicts().collect();
        }
        let lots = std::iter::from_fn(|| Some(next()).filter(|lot| !lot.targets.is_empty()));
        let deliveries = lots.enumerate().map(|(at, mut lot)| {
            let inner = Arc::clone(&self.0);
            async move {
                inner.deliver(&mut lot).await;
                (at, lot.verdicts())
            }
        });
        let mut lots: Vec<_> = Fan::new(Arc::clone(&self.0), stream::iter(deliveries), batch).collect().await;
        lots.sort_unstable_by_key(|(at, _)| *at);
        lots.into_iter().flat_map(|(_, verdicts)| verdicts).collect()
    }

    /// Sends a notification to a stream of devices, however long, and yields verdicts as they
    /// come. Memory is bounded by what is under way ([`Settings::parked`]). Dropping the stream
    /// forgets the verdicts of what is under way.
    ///
    /// All deliveries of a stream are driven by the task that polls it, and nothing is spawned for a
    /// target. For more than one core can do, split the targets over several streams on tasks of
    /// their own: clones of a client share its connections, tokens and limits.
    ///
    /// # Errors
    /// When the notification cannot go to this vendor as it is, or the client has been stopped.
    pub fn send_many<S>(
        &self,
        n: &Notification,
        targets: S,
    ) -> Result<impl Stream<Item = (Target, Verdict)> + Send + use<S>, SendError>
    where
        S: Stream<Item = Target> + Send,
    {
        let prepared = self.prepare(n)?;
        drop(self.0.begin()?);
        let inner = Arc::clone(&self.0);
        let batch = inner.profile.batch();
        let lots = Linger::new(targets.map(|target| (target, None)), batch, &inner);
        let deliveries = lots.map(move |(targets, work)| {
            let mut lot = Lot { what: What::Same(prepared.clone()), targets, shape: None };
            let inner = Arc::clone(&inner);
            async move {
                inner.deliver(&mut lot).await;
                drop(work);
                lot.verdicts()
            }
        });
        Ok(OneByOne::new(Fan::new(Arc::clone(&self.0), deliveries, batch)))
    }

    /// Sends to each device of a stream its own notification, by the vendor's call for many
    /// messages where it has one. A notification that cannot be encoded is its target's refusal.
    pub fn send_each<S>(&self, pairs: S) -> impl Stream<Item = (Target, Verdict)> + Send + use<S>
    where
        S: Stream<Item = (Notification, Target)> + Send,
    {
        let inner = Arc::clone(&self.0);
        let each = inner.profile.call(Shape::Each);
        let size = each.map_or(1, |call| call.max);
        let shape = each.or_else(|| inner.profile.call_for(1)).map(|call| call.shape);
        let lots = Linger::new(pairs, size, &inner);
        let deliveries = lots.map(move |(pairs, work)| {
            let inner = Arc::clone(&inner);
            async move {
                let _work = work;
                inner.deliver_each(pairs, shape).await
            }
        });
        OneByOne::new(Fan::new(Arc::clone(&self.0), deliveries, size))
    }

    /// Does something other than sending; what the vendor offers stands in its profile. More
    /// targets than one request takes go in several, which are merged into one answer.
    ///
    /// # Errors
    /// When the vendor has no such operation, or refused it as a whole. Where it takes several
    /// requests, a refused one is the verdict of its targets instead.
    pub async fn operate(&self, operation: &Operation) -> Result<Answer, SendError> {
        let inner = &self.0;
        let _work = inner.begin()?;
        let Some(offer) = inner.profile.offer(operation) else {
            let (vendor, operation) = (inner.profile.id, operation.kind());
            return Err(SendError::NoSuchOperation { vendor, operation });
        };
        offer.check(operation).map_err(|refusal| SendError::Refused(Arc::new(refusal)))?;
        inner.operate(offer, operation).await
    }

    /// Checks and reads a callback with receipts that the caller's server received. Answer the
    /// vendor with [`Receipts::answer`], or with [`CallbackError::status`].
    ///
    /// A receipt may come twice: treat message id, target and event together as its key.
    ///
    /// # Errors
    /// When nothing proves the callback, or it cannot be read.
    pub fn receipts(&self, callback: &Callback) -> Result<Receipts, CallbackError> {
        let inner = &self.0;
        if inner.profile.receipts.is_none() {
            return Err(CallbackError::NotOffered);
        }
        let secret = inner.settings.receipt_secret.as_ref().filter(|secret| !secret.is_empty());
        if let Some(secret) = secret {
            let brought = callback.secret.as_ref().is_some_and(|brought| secret.is(brought.expose()));
            if !brought {
                return Err(CallbackError::WrongSecret);
            }
        }
        let receipts = inner.with_cx(|cx| inner.vendor.receipts(callback, cx))?;
        if secret.is_none() && !receipts.proven { Err(CallbackError::Unproven) } else { Ok(receipts) }
    }

    /// Takes no new targets, and waits until all that is under way has its verdict. Streams end
    /// after the targets they have taken; they must be polled on, or dropped, for that.
    pub async fn stop(&self) {
        self.0.stopped.store(true, Ordering::SeqCst);
        self.0.stopping.notify_waiters();
        loop {
            let idle = self.0.idle.notified();
            tokio::pin!(idle);
            // Enlisted before the look at the counter, so that no wake-up falls in between.
            idle.as_mut().enable();
            if self.0.busy.load(Ordering::SeqCst) == 0 {
                return;
            }
            idle.await;
        }
    }
}

impl Inner {
    async fn deliver_each(
        self: &Arc<Self>,
        pairs: SmallVec<[(Notification, Target); 1]>,
        shape: Option<Shape>,
    ) -> Vec<(Target, Verdict)> {
        let (mut targets, mut prepared, mut done) = (SmallVec::new(), Vec::new(), Vec::new());
        for (n, target) in pairs {
            match self.prepare(&n, |s| Some(s) == shape) {
                Ok(one) => {
                    targets.push((target, None));
                    prepared.push(one);
                }
                Err(error) => {
                    let verdict = not_encoded(&error);
                    self.meters.verdicts([&verdict]);
                    done.push((target, verdict));
                }
            }
        }
        let mut lot = Lot { what: What::Each(prepared), targets, shape };
        self.deliver(&mut lot).await;
        done.extend(lot.verdicts());
        done
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("vendor", &self.0.profile.id).finish_non_exhaustive()
    }
}
