//! Messages that wait for browsers that are offline (RFC 8030, sections 5.2 and 5.4).

use std::collections::HashMap;
use std::sync::Mutex;

use super::locked;
use crate::fake::Delivered;

/// The browsers that are offline, by number, with what waits for them and until when.
#[derive(Default)]
pub(super) struct Store(Mutex<HashMap<usize, Vec<(Delivered, u64)>>>);

impl Store {
    pub(super) fn disconnect(&self, number: usize) {
        locked(&self.0).entry(number).or_default();
    }

    /// What has waited and is still good.
    pub(super) fn reconnect(&self, number: usize, now_ms: u64) -> Vec<Delivered> {
        let waiting = locked(&self.0).remove(&number).unwrap_or_default();
        waiting.into_iter().filter(|(_, until_ms)| *until_ms > now_ms).map(|(message, _)| message).collect()
    }

    /// Drops a message that waits, if it does.
    pub(super) fn forget(&self, id: &str) {
        locked(&self.0).values_mut().for_each(|waiting| waiting.retain(|(message, _)| message.message_id != id));
    }

    /// Gives a message back if its browser is online; else keeps it, in place of one of the same
    /// topic. Without a time to live it takes that place only to leave it.
    pub(super) fn pass(&self, number: usize, message: Delivered, until_ms: u64) -> Option<Delivered> {
        let mut offline = locked(&self.0);
        let Some(waiting) = offline.get_mut(&number) else { return Some(message) };
        if message.collapse.is_some() {
            waiting.retain(|(other, _)| other.collapse != message.collapse);
        }
        if message.ttl_seconds > Some(0) {
            waiting.push((message, until_ms));
        }
        None
    }
}
