//! How often somebody may call.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// A limit that each key has for itself.
pub(super) struct Limiter {
    keys: DefaultKeyedRateLimiter<u64>,
    many: NonZeroU32,
}

impl Limiter {
    /// So many in a period, all of which may come at once. `None` where either is zero: no limit.
    pub(super) fn new(many: u32, period: Duration) -> Option<Self> {
        let many = NonZeroU32::new(many)?;
        let quota = Quota::with_period(period.checked_div(many.get())?)?.allow_burst(many);
        Some(Self { keys: RateLimiter::hashmap(quota), many })
    }

    /// Takes so many of a key's; or says how long to wait.
    pub(super) fn spend(&self, key: u64, count: u32) -> Result<(), Duration> {
        let Some(count) = NonZeroU32::new(count) else { return Ok(()) };
        // More than there ever are: as many as there ever are.
        match self.keys.check_key_n(&key, count.min(self.many)) {
            Ok(Err(not_yet)) => Err(not_yet.wait_time_from(DefaultClock::default().now())),
            Ok(Ok(())) | Err(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spent_is_gone_for_its_key_alone() {
        let limiter = Limiter::new(3, Duration::from_secs(3600)).unwrap();
        assert_eq!(limiter.spend(1, 3), Ok(()));
        let wait = limiter.spend(1, 1).unwrap_err();
        assert!(wait > Duration::from_secs(1100) && wait <= Duration::from_secs(1200), "{wait:?}");
        assert_eq!(limiter.spend(2, 1), Ok(()));
        assert_eq!(limiter.spend(3, 1_000_000), Ok(()));
        assert!(limiter.spend(3, 1).is_err());
    }

    #[test]
    fn zero_is_no_limit() {
        assert!(Limiter::new(0, Duration::from_secs(1)).is_none());
    }
}
