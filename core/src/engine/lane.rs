//! Lanes: what goes the same way waits together when the vendor asks for it.
//!
//! A pause stops a whole lane. After it the lane ramps up: one request, and twice as many at
//! once after each success, so that a vendor that was overrun is not overrun again at once.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, sleep_until};

use crate::verdict::Refusal;

/// More lanes than this are only possible where clients name hosts; idle ones are forgotten.
const MAX_LANES: usize = 4096;

/// The lanes of a client, by name.
pub(crate) struct Lanes {
    all: Mutex<HashMap<Box<str>, Arc<Lane>>>,
    rate: Option<NonZeroU32>,
    max_pause: Duration,
    full: usize,
}

impl Lanes {
    /// `full`: the number of requests at once that ends a ramp.
    pub(crate) fn new(rate: Option<NonZeroU32>, max_pause: Duration, full: usize) -> Self {
        Self { all: Mutex::default(), rate, max_pause, full }
    }

    /// The lane of a name.
    pub(crate) fn lane(&self, name: &str) -> Arc<Lane> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lane) = all.get(name) {
            return Arc::clone(lane);
        }
        if all.len() >= MAX_LANES {
            all.retain(|_, lane| Arc::strong_count(lane) > 1 || lane.is_closed());
        }
        let lane = Arc::new(Lane {
            state: Mutex::default(),
            freed: Notify::new(),
            limiter: self.rate.map(|rate| RateLimiter::direct_with_clock(Quota::per_second(rate), TokioClock::new())),
            max_pause: self.max_pause,
            full: self.full,
        });
        all.insert(name.into(), Arc::clone(&lane));
        lane
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
    busy: usize,
}

/// A request that is under way in a lane.
pub(crate) struct Pass<'a>(&'a Lane);

enum Gate {
    Open,
    Closed(Instant, Arc<Refusal>),
    Full,
}

impl Lane {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a request may go, and says how long that took.
    ///
    /// # Errors
    /// The refusal that closed the lane, when it stays closed for longer than the longest pause.
    pub(crate) async fn enter(&self) -> Result<(Pass<'_>, Duration), Arc<Refusal>> {
        let waited = match self.gate() {
            Gate::Open => Duration::ZERO,
            _ => self.wait().await?,
        };
        let pass = Pass(self);
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

    /// Waits for the gate to open.
    async fn wait(&self) -> Result<Duration, Arc<Refusal>> {
        let began = Instant::now();
        loop {
            let freed = self.freed.notified();
            tokio::pin!(freed);
            // Enlisted before the look at the gate, so that no wake-up falls in between.
            freed.as_mut().enable();
            match self.gate() {
                Gate::Open => return Ok(began.elapsed()),
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
        Gate::Open
    }

    /// Closes the lane for a time. A shorter pause never shortens a longer one.
    pub(crate) fn close(&self, wait: Duration, why: &Arc<Refusal>) {
        let mut state = self.state();
        let until = Instant::now() + wait;
        if state.closed.as_ref().is_none_or(|(end, _)| *end < until) {
            state.closed = Some((until, Arc::clone(why)));
        }
        state.ramp = Some(1);
    }

    /// Whether it is closed now.
    pub(crate) fn is_closed(&self) -> bool {
        self.state().closed.as_ref().is_some_and(|(until, _)| Instant::now() < *until)
    }
}

impl Pass<'_> {
    /// The request was answered well: a ramp goes on.
    pub(crate) fn succeed(&self) {
        let mut state = self.0.state();
        if let Some(most) = state.ramp {
            let more = most * 2;
            state.ramp = (more < self.0.full).then_some(more);
            drop(state);
            self.0.freed.notify_waiters();
        }
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.busy -= 1;
        let ramping = state.ramp.is_some();
        drop(state);
        if ramping {
            self.0.freed.notify_waiters();
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
