//! What the server remembers: messages, scheduled sends, groups, dead targets, channels.

use std::collections::BTreeSet;

use chrono::DateTime;
use serde_json::{Value, json};

/// The memory of one app.
#[derive(Default)]
pub(super) struct Memory {
    /// Messages that were taken, the newest last.
    pub(super) sent: Vec<Sent>,
    /// Message ids and job keys of sends that wait for their time.
    pub(super) scheduled: BTreeSet<String>,
    /// Kind of group (`topic`, `alias`, `account`), member, name of the group.
    pub(super) groups: BTreeSet<(&'static str, String, String)>,
    /// Regids found dead, until somebody fetches them.
    pub(super) dead_regids: BTreeSet<String>,
    /// The same for aliases.
    pub(super) dead_aliases: BTreeSet<String>,
    /// Channels besides those that the fake starts with.
    pub(super) channels: BTreeSet<String>,
}

/// A message that was taken.
#[derive(Clone)]
pub(super) struct Sent {
    pub(super) id: String,
    pub(super) job: Option<String>,
    pub(super) at_ms: u64,
    pub(super) taken: usize,
    pub(super) bad: usize,
}

impl Sent {
    /// Whether it goes by this message id or job key.
    pub(super) fn is(&self, name: &str) -> bool {
        self.id == name || self.job.as_deref() == Some(name)
    }

    /// Its counters, as traces show them.
    pub(super) fn counters(&self) -> Value {
        let at = i64::try_from(self.at_ms).ok().and_then(DateTime::from_timestamp_millis).unwrap_or_default();
        json!({
            "id": self.id,
            "msg_type": "Regid",
            "create_time": at.format("%Y-%m-%d %H:%M:%S").to_string(),
            "create_timestamp": self.at_ms,
            "time_to_live": "86400s",
            "resolved": self.taken,
            "delivered": self.taken,
            "delivery_rate": "100%",
            "click": 0,
            "click_rate": "0%",
            "invalid_target": self.bad,
            "app_not_register": 0,
            "device_condition_unmatch": 0,
            "bar_closed": 0,
        })
    }
}

impl Memory {
    /// The names of the groups of a kind that a member is in.
    pub(super) fn groups_of(&self, kind: &str, member: &str) -> Vec<&str> {
        let own = self.groups.iter().filter(|(of, who, _)| *of == kind && who == member);
        own.map(|(_, _, name)| name.as_str()).collect()
    }

    /// The newest message of an id or a job key.
    pub(super) fn message(&self, name: &str) -> Option<&Sent> {
        self.sent.iter().rev().find(|sent| sent.is(name))
    }
}
