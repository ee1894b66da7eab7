//! Who failed too often to show who they are, and must wait.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// How long failures count, and how long to wait after the last that was one too many, in milliseconds.
const MINUTE: u64 = 60_000;

/// Counts failures of each identifier of an app. Only those that may call at all are given to it, so that
/// there are never many.
pub(super) struct LockOut {
    /// How many in a minute are too many; 0: no number is.
    after: u32,
    /// How many there were, and when the first of them or, once there are too many, the last was.
    failures: Mutex<HashMap<(u64, String), (u32, u64)>>,
}

impl LockOut {
    pub(super) fn new(after: u32) -> Self {
        Self { after, failures: Mutex::default() }
    }

    /// Whether an identifier has to wait.
    pub(super) fn is_shut(&self, app: u64, identifier: &str, now_ms: u64) -> bool {
        if self.after == 0 {
            return false;
        }
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let found = failures.get(&(app, identifier.to_owned()));
        found.is_some_and(|(count, at_ms)| *count >= self.after && now_ms < at_ms.saturating_add(MINUTE))
    }

    /// Counts a call of an identifier.
    pub(super) fn count(&self, app: u64, identifier: &str, failed: bool, now_ms: u64) {
        if self.after == 0 {
            return;
        }
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (app, identifier.to_owned());
        if !failed {
            failures.remove(&key);
            return;
        }
        let (count, at_ms) = failures.entry(key).or_insert((0, now_ms));
        if now_ms >= at_ms.saturating_add(MINUTE) {
            (*count, *at_ms) = (0, now_ms);
        }
        *count = count.saturating_add(1);
        if *count >= self.after {
            *at_ms = now_ms;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_in_a_minute_shut_for_a_minute() {
        let lock = LockOut::new(2);
        lock.count(1, "a", true, 0);
        // The first is forgotten by then.
        lock.count(1, "a", true, MINUTE);
        assert!(!lock.is_shut(1, "a", MINUTE));
        lock.count(1, "a", true, MINUTE + 1000);
        assert!(lock.is_shut(1, "a", 2 * MINUTE + 999));
        assert!(!lock.is_shut(1, "a", 2 * MINUTE + 1000));
        assert!(!lock.is_shut(1, "b", MINUTE + 1000) && !lock.is_shut(2, "a", MINUTE + 1000));
        // A success makes good.
        lock.count(1, "b", true, 0);
        lock.count(1, "b", false, 0);
        lock.count(1, "b", true, 0);
        assert!(!lock.is_shut(1, "b", 0));
    }

    #[test]
    fn none_is_too_many_by_default() {
        let lock = LockOut::new(0);
        (0..1000).for_each(|now_ms| lock.count(1, "a", true, now_ms));
        assert!(!lock.is_shut(1, "a", 1000));
    }
}
