//! Topics and who is in them, for fakes of vendors that keep them.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The most topics of one app instance, at Google and at Huawei.
pub(crate) const MOST: usize = 2000;

/// The topics of devices: name, and since when in milliseconds since the Unix epoch.
#[derive(Default)]
pub(crate) struct Topics(Mutex<HashMap<String, BTreeMap<String, u64>>>);

impl Topics {
    fn all(&self) -> MutexGuard<'_, HashMap<String, BTreeMap<String, u64>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The topics of a device.
    pub(crate) fn of(&self, device: &str) -> BTreeMap<String, u64> {
        self.all().get(device).cloned().unwrap_or_default()
    }

    /// Puts a device into a topic; `false` when it is in too many.
    pub(crate) fn add(&self, device: &str, topic: &str, now_ms: u64) -> bool {
        let mut all = self.all();
        let topics = all.entry(device.to_owned()).or_default();
        let room = topics.len() < MOST || topics.contains_key(topic);
        if room {
            topics.entry(topic.to_owned()).or_insert(now_ms);
        }
        room
    }

    /// Takes a device out of a topic; `false` when it was not in it.
    pub(crate) fn remove(&self, device: &str, topic: &str) -> bool {
        self.all().get_mut(device).is_some_and(|topics| topics.remove(topic).is_some())
    }

    /// Takes every device out of a topic.
    pub(crate) fn delete(&self, topic: &str) {
        for topics in self.all().values_mut() {
            topics.remove(topic);
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        self.all().clear();
    }
}
