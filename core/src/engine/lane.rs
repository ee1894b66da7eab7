//! Lanes: what goes the same way waits together when the vendor asks for it.
//!
//! A pause stops a whole lane. After it the lane ramps up: one request at once, and one more for
//! each that is answered (1, 2, 4, 8…), so that a vendor that was overrun is not overrun again.
//! Only requests that were let in after the pause count; what is still under way from before it
//! neither speeds the ramp up nor holds it up.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, sleep_until};

use crate::named::Named;
use crate::verdict::Refusal;

/// No pause is longer, so that no sum of times overflows.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(365 * 86_400);

/// The lanes of sends, or those of token requests. They are kept apart, and rates from quotas,
/// whatever their names: a request that one lane has let in waits in the next, and must not wait
/// for itself.
pub(crate) struct Ways {
    pub(crate) rates: Lanes,
    pub(crate) quotas: Lanes,
}

impl Ways {
    /// `rate`: requests per second and rate lane. `full`: the number of requests at once that
    /// ends a ramp.
    pub(crate) fn new(rate: Option<NonZeroU32>, max_pause: Duration, full: usize) -> Self {
        Self { rates: Lanes::new(rate, max_pause, full), quotas: Lanes::new(None, max_pause, full) }
    }
}

/// Lanes by name.
pub(crate) struct Lanes {
    all: Named<Lane>,
    rate: Option<NonZeroU32>,
    max_pause: Duration,
    full: usize,
}

impl Lanes {
    fn new(rate: Option<NonZeroU32>, max_pause: Duration, full: usize) -> Self {
        Self { all: Named::default(), rate, max_pause, full }
    }

    /// How many lanes are kept.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// The lane of a name.
    pub(crate) fn lane(&self, name: &str) -> Arc<Lane> {
        let is_idle = |lane: &Arc<Lane>| Arc::strong_count(lane) == 1 && !lane.is_closed();
        self.all.get(name, is_idle, || {
            let limiter = |rate| RateLimiter::direct_with_clock(Quota::per_second(rate), TokioClock::new());
            Arc::new(Lane {
                state: Mutex::default(),
                freed: Notify::new(),
                limiter: self.rate.map(limiter),
                max_pause: self.max_pause,
                full: self.full,
            })
        })
    }
}

/// One lane.
pub(crate) struct Lane {
    state: Mutex<State>,
    freed: Notify,
    limiter: Option<RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<Duration>>>,
    max_pause: Duration,
    full: usize,
}

#[derive(Default)]
struct State {
    closed: Option<(Instant, Arc<Refusal>)>,
    /// Requests at once during a ramp; `None` outside one.
    ramp: Option<usize>,
    /// Requests that were let in since the last pause and are under way.
    busy: usize,
    /// How many pauses there were.
    pauses: u64,
}

/// A request that is under way in a lane.
pub(crate) struct Pass<'a> {
    lane: &'a Lane,
    pauses: u64,
}

enum Gate {
    Open(u64),
    Closed(Instant, Arc<Refusal>),
    Full,
}

impl Lane {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a request in that need not wait.
    pub(crate) fn try_enter(&self) -> Option<Pass<'_>> {
        let Gate::Open(pauses) = self.gate() else { return None };
        let pass = Pass { lane: self, pauses };
        self.limiter.as_ref().is_none_or(|limiter| limiter.check().is_ok()).then_some(pass)
    }

    /// Waits until a request may go, and says how long that took.
    ///
    /// # Errors
    /// The refusal that closed the lane, when it stays closed for longer than the longest pause.
    pub(crate) async fn enter(&self) -> Result<(Pass<'_>, Duration), Arc<Refusal>> {
        let (pauses, waited) = self.wait().await?;
        let pass = Pass { lane: self, pauses };
        match &self.limiter {
            None => Ok((pass, waited)),
            Some(limiter) => {
                let began = Instant::now();
                while let Err(not_yet) = limiter.check() {
                    sleep(not_yet.wait_time_from(limiter.clock().now())).await;
                }
                Ok((pass, waited + began.elapsed()))
            }
        }
    }

    /// Waits for the gate to open; says in which pause's wake it did, and how long that took.
    async fn wait(&self) -> Result<(u64, Duration), Arc<Refusal>> {
        let began = Instant::now();
        loop {
            // Waits from before the look at the gate, so that nothing is missed in between.
            let freed = self.freed.notified();
            tokio::pin!(freed);
            freed.as_mut().enable();
            match self.gate() {
                Gate::Open(pauses) => return Ok((pauses, began.elapsed())),
                Gate::Closed(until, refusal) if until - Instant::now() > self.max_pause => return Err(refusal),
                Gate::Closed(until, _) => sleep_until(until).await,
                Gate::Full => freed.await,
            }
        }
    }

    fn gate(&self) -> Gate {
        let mut state = self.state();
        if let Some((until, refusal)) = &state.closed {
            if Instant::now() < *until {
                return Gate::Closed(*until, Arc::clone(refusal));
            }
            state.closed = None;
        }
        if state.ramp.is_some_and(|most| state.busy >= most) {
            return Gate::Full;
        }
        state.busy += 1;
        Gate::Open(state.pauses)
    }

    /// Closes the lane for a time. A shorter pause never shortens a longer one.
    pub(crate) fn close(&self, wait: Duration, why: &Arc<Refusal>) {
        let mut state = self.state();
        let until = Instant::now() + wait.min(LONGEST_PAUSE);
        if state.closed.as_ref().is_none_or(|(end, _)| *end < until) {
            state.closed = Some((until, Arc::clone(why)));
        }
        state.ramp = Some(1);
        state.busy = 0;
        state.pauses += 1;
        drop(state);
        // Those who wait for a place in a ramp wait for the end of the pause from now on.
        self.freed.notify_waiters();
    }

    /// Whether it is closed now.
    fn is_closed(&self) -> bool {
        self.state().closed.as_ref().is_some_and(|(until, _)| Instant::now() < *until)
    }
}

impl Pass<'_> {
    /// Whether there was no pause since this pass was given.
    pub(crate) fn stands(&self) -> bool {
        self.lane.state().pauses == self.pauses
    }

    /// The request was answered well: a ramp goes on.
    pub(crate) fn succeed(&self) {
        let mut state = self.lane.state();
        if state.pauses != self.pauses {
            return;
        }
        if let Some(most) = state.ramp {
            let more = most + 1;
            state.ramp = (more < self.lane.full).then_some(more);
            match state.ramp {
                Some(_) => self.lane.freed.notify_one(),
                None => self.lane.freed.notify_waiters(),
            }
        }
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let mut state = self.lane.state();
        if state.pauses == self.pauses {
            state.busy -= 1;
            if state.ramp.is_some() {
                // Who is woken and does not go (he was dropped) hands it on: tokio sees to that.
                self.lane.freed.notify_one();
            }
        }
    }
}

/// Tokio's clock for the rate limiter, so that tests can pause it.
#[derive(Clone, Copy, Debug)]
struct TokioClock(Instant);

impl TokioClock {
    fn new() -> Self {
        Self(Instant::now())
    }
}

impl Clock for TokioClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}
