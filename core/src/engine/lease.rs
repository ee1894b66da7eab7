//! A value that lives for a while and is renewed by one for all: access tokens and tickets.
//!
//! - One renewal at a time, whoever asks. It is driven by those who wait for it, so it survives
//!   the one who began it, and it ends when nobody waits any more.
//! - A renewal begins before the end; one caller leads it, the others use the value they have.
//!   When it takes long the leader goes on as well, and the renewal ends by itself.
//! - A failed renewal never hurts a value that is still good, and is not tried again before a
//!   back-off has passed, so that a thousand callers make one request, not a thousand.
//! - A refusal by the vendor drops exactly the generation that was refused, once.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared, WeakShared};
use tokio::time::{Instant, timeout};

use crate::verdict::Refusal;

/// A value as it was had.
#[derive(Clone)]
pub(crate) struct Fresh<T> {
    pub(crate) value: T,
    /// Tells values apart: two with one generation are the same.
    pub(crate) generation: u64,
    /// How long ago it was made.
    pub(crate) age: Duration,
    /// How long it is good for, from now.
    pub(crate) lifetime: Duration,
}

/// A value that is held.
pub(crate) struct Held<T> {
    pub(crate) value: T,
    pub(crate) generation: u64,
    born: Option<Instant>,
    renew: Instant,
    ends: Instant,
}

/// What became of a refused generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blame {
    /// It was dropped; the next caller renews.
    Dropped,
    /// It had been replaced already; the new one may work.
    Replaced,
    /// It is too young for its age to be the fault; it stays.
    TooYoung,
}

/// Generations that a renewal must not bring back: the one that was refused, and the one that is
/// about to end.
pub(crate) type Stale = [Option<u64>; 2];

type Outcome<T> = Result<Arc<Held<T>>, Arc<Refusal>>;
type Flight<T> = Shared<BoxFuture<'static, Outcome<T>>>;

/// See the module.
pub(crate) struct Lease<T> {
    state: Mutex<State<T>>,
    early: Duration,
    renewal_wait: Duration,
}

struct State<T> {
    held: Option<Arc<Held<T>>>,
    flight: Option<WeakShared<BoxFuture<'static, Outcome<T>>>>,
    failed: Option<(Instant, Arc<Refusal>)>,
    failures: u32,
    dropped: Option<u64>,
}

impl<T: Send + Sync + 'static> Lease<T> {
    /// `early`: how long before the end a value is renewed. `renewal_wait`: how long the caller
    /// who leads an early renewal waits for it.
    pub(crate) fn new(early: Duration, renewal_wait: Duration) -> Arc<Self> {
        let state = State { held: None, flight: None, failed: None, failures: 0, dropped: None };
        Arc::new(Self { state: Mutex::new(state), early, renewal_wait })
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The value, if there is one that needs no renewal yet.
    pub(crate) fn held(&self) -> Option<Arc<Held<T>>> {
        let state = self.state();
        state.held.as_ref().filter(|held| Instant::now() < held.renew).map(Arc::clone)
    }

    /// The value, made by `make` if need be.
    pub(crate) async fn get<F, Fut>(self: &Arc<Self>, make: F) -> Outcome<T>
    where
        F: FnOnce(Stale) -> Fut,
        Fut: Future<Output = Result<Fresh<T>, Refusal>> + Send + 'static,
    {
        let (flight, old) = {
            let mut state = self.state();
            let now = Instant::now();
            let old = state.held.clone().filter(|held| now < held.ends);
            if let Some(held) = old.as_ref().filter(|held| now < held.renew) {
                return Ok(Arc::clone(held));
            }
            match (state.flight.as_ref().and_then(WeakShared::upgrade), old) {
                (Some(_), Some(old)) => return Ok(old),
                (Some(flight), None) => (flight, None),
                (None, old) => {
                    if let Some((until, refusal)) = &state.failed
                        && now < *until
                    {
                        return old.ok_or_else(|| Arc::clone(refusal));
                    }
                    (self.depart(&mut state, make), old)
                }
            }
        };
        let Some(old) = old else { return flight.await };
        let mut flight = flight;
        match timeout(self.renewal_wait, &mut flight).await {
            Ok(renewed) => Ok(renewed.unwrap_or(old)),
            Err(_) => {
                // Dropped here, a renewal that always takes this long would never be done.
                tokio::spawn(flight);
                Ok(old)
            }
        }
    }

    fn depart<F, Fut>(self: &Arc<Self>, state: &mut State<T>, make: F) -> Flight<T>
    where
        F: FnOnce(Stale) -> Fut,
        Fut: Future<Output = Result<Fresh<T>, Refusal>> + Send + 'static,
    {
        let ending = state.held.as_ref().map(|held| held.generation);
        let (lease, making) = (Arc::clone(self), make([state.dropped, ending]));
        let flight = async move { lease.land(making.await) }.boxed().shared();
        state.flight = flight.downgrade();
        flight
    }

    fn land(&self, made: Result<Fresh<T>, Refusal>) -> Outcome<T> {
        let mut state = self.state();
        state.flight = None;
        match made {
            Ok(Fresh { value, generation, age, lifetime }) => {
                let now = Instant::now();
                // Machines that started together shall not renew together; and a value that is
                // short-lived is used for half its life at least.
                let jitter = self.early.mul_f64(fastrand::f64() / 10.0);
                let renew = lifetime.saturating_sub(self.early + jitter).max(lifetime / 2);
                let held = Arc::new(Held {
                    value,
                    generation,
                    born: now.checked_sub(age),
                    renew: now + renew,
                    ends: now + lifetime,
                });
                state.held = Some(Arc::clone(&held));
                (state.failed, state.failures) = (None, 0);
                Ok(held)
            }
            Err(refusal) => {
                let refusal = Arc::new(refusal);
                self.fail(&mut state, Arc::clone(&refusal));
                Err(refusal)
            }
        }
    }

    fn fail(&self, state: &mut State<T>, refusal: Arc<Refusal>) {
        let wait = Duration::from_secs(1 << state.failures.min(6)).min(Duration::from_secs(60));
        state.failures += 1;
        let wait = refusal.retry_after.map_or(wait, |asked| asked.max(wait));
        state.failed = Some((Instant::now() + wait, refusal));
    }

    /// Blames a generation for a refusal by the vendor.
    pub(crate) fn blame(&self, generation: u64, min_age: Duration) -> Blame {
        let mut state = self.state();
        match &state.held {
            Some(held) if held.generation == generation => {
                // Born before this machine's clock began: old for certain.
                if held.born.is_some_and(|born| born.elapsed() < min_age) {
                    return Blame::TooYoung;
                }
                state.dropped = Some(generation);
                state.held = None;
                Blame::Dropped
            }
            _ => Blame::Replaced,
        }
    }

    /// Whether a generation was refused and is not held any more.
    pub(crate) fn has_dropped(&self, generation: u64) -> bool {
        let state = self.state();
        state.dropped == Some(generation) && state.held.as_ref().is_none_or(|held| held.generation != generation)
    }

    /// Whether nobody holds or makes a value, so that the lease can be forgotten.
    pub(crate) fn is_idle(&self) -> bool {
        let state = self.state();
        let now = Instant::now();
        state.held.as_ref().is_none_or(|held| held.ends <= now)
            && state.flight.as_ref().and_then(WeakShared::upgrade).is_none()
            && state.failed.as_ref().is_none_or(|(until, _)| *until <= now)
    }
}
