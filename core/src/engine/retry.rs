//! Whether a request goes again, and when.

use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use tokio::time::Instant;
use tower::retry::budget::{Budget as _, TpsBudget};

use super::settings::Settings;
use crate::verdict::Refusal;

/// The retries that all requests of a client share.
pub(crate) struct Budget(TpsBudget);

impl Budget {
    pub(crate) fn new(settings: &Settings) -> Self {
        let percent = f32::from(settings.retry_percent.min(1000)) / 100.0;
        let least = settings.retries_per_second.min(1 << 20);
        Self(TpsBudget::new(Duration::from_secs(10), least, percent))
    }
}

/// What a set of targets, or a request without targets, has been through. What is left of a set
/// goes on with what is left of its tries.
pub(crate) struct Tries {
    /// When the first attempt began.
    began: Option<Instant>,
    excused: Duration,
    attempts: u32,
    // Boxed, as few need one.
    delays: Option<Box<ExponentialBackoff>>,
    pub(crate) renewed_token: bool,
    pub(crate) renewed_connection: bool,
    pub(crate) resigned: bool,
    pub(crate) renewed_ticket: bool,
    /// The vendor drops a repeat of what is sent.
    pub(crate) dedups: bool,
    /// For operations: a lost answer ends it, as each call makes a new thing.
    pub(crate) final_when_unsure: bool,
    /// An answer was lost: what was heard of it, if anything.
    pub(crate) unsure: Option<Option<Arc<Refusal>>>,
}

impl Tries {
    pub(crate) fn new() -> Self {
        Self {
            began: None,
            excused: Duration::ZERO,
            attempts: 0,
            delays: None,
            renewed_token: false,
            renewed_connection: false,
            resigned: false,
            renewed_ticket: false,
            dedups: false,
            final_when_unsure: false,
            unsure: None,
        }
    }

    /// Time that does not count: the vendor asked everybody to wait.
    pub(crate) fn excuse(&mut self, waited: Duration) {
        // Nothing counts before the first attempt.
        if self.began.is_some() {
            self.excused += waited;
        }
    }

    /// Counts an attempt that begins, and says when. Only first ones fill the budget.
    pub(crate) fn attempt(&mut self, budget: &Budget) -> Instant {
        let now = Instant::now();
        if self.attempts == 0 {
            budget.0.deposit();
            self.began = Some(now);
        }
        self.attempts += 1;
        now
    }

    /// The back-off before the next attempt, or `None` when there is to be none: attempts, time
    /// or the budget are used up. `least` is what the vendor asked for.
    pub(crate) fn again(&mut self, settings: &Settings, budget: &Budget, least: Duration) -> Option<Duration> {
        if self.attempts >= settings.attempts {
            return None;
        }
        let delays = self.delays.get_or_insert_with(|| {
            let delays = ExponentialBuilder::default()
                .with_min_delay(settings.backoff_min)
                .with_max_delay(settings.backoff_max)
                .with_factor(2.0)
                .without_max_times()
                .with_jitter()
                .build();
            Box::new(delays)
        });
        let wait = delays.next().unwrap_or(settings.backoff_max).max(least);
        let spent = self.began.map_or(Duration::ZERO, |began| began.elapsed()).saturating_sub(self.excused);
        (spent.saturating_add(wait) < settings.total_timeout && budget.0.withdraw()).then_some(wait)
    }
}
