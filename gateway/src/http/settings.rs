//! Who may call, and how often.

use omnipush::Secret;
use serde::Deserialize;

use super::sources::Network;

/// Whose calls are taken, and how often. A table `[http]` of the configuration; everything has a default.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HttpSettings {
    /// The apps whose calls under `/v4/` are taken, `[[http.apps]]`. None: every such call is refused.
    /// Two entries of one number are two keys of one app, so that a key can be exchanged. All apps share
    /// one registry of users.
    pub apps: Vec<App>,
    /// The keys of the plain REST under `/v1/`, `[[http.keys]]`. None: it is closed.
    pub keys: Vec<ApiKey>,
    /// How large a request's body may be, in bytes. Default 1 MiB.
    pub body_bytes: usize,
    /// Whether calls under `/v4/` have the original's rates. Default true.
    pub original_rates: bool,
    /// How many calls of `v4/timpush/push` an app has in a day, where calls have the original's rates.
    /// Default 100; 0: any number.
    pub pushes_per_day: u32,
    /// How many calls of the plain REST a key has in a second. Default 1,000; 0: any number.
    pub calls_per_second: u32,
    /// Whether a sender (`From_Account`) must be an administrator or a user of the registry. Default true,
    /// as in the original. False where users who only ever send never log in here.
    pub senders_must_exist: bool,
    /// After how many failed signatures of an administrator in a minute their calls are refused for a minute,
    /// whoever makes them (70050). Default 0: never, as it lets anybody lock an administrator out.
    pub lock_out_after: u32,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            apps: Vec::new(),
            keys: Vec::new(),
            body_bytes: 1 << 20,
            original_rates: true,
            pushes_per_day: 100,
            calls_per_second: 1000,
            senders_must_exist: true,
            lock_out_after: 0,
        }
    }
}

/// An app that calls as it would call the original.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct App {
    /// Its number (`sdkappid`).
    pub sdkappid: u64,
    /// The key that its user signatures are made with, as it stands: not decoded from hex.
    pub key: Secret,
    /// The accounts that may call.
    pub admins: Vec<String>,
    /// The networks that calls may come from, such as `10.0.0.0/8`; others are refused (60021). A proxy in
    /// front counts as the caller. Default none: from anywhere.
    #[serde(default)]
    pub sources: Vec<Network>,
}

/// A key of the plain REST.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiKey {
    /// What it is called in logs.
    pub name: String,
    /// The key, as it stands behind `Authorization: Bearer`.
    pub key: Secret,
}

impl HttpSettings {
    /// The entries whose key everybody can read in the example configuration.
    pub(crate) fn published(&self) -> Vec<String> {
        let apps = self.apps.iter().map(|app| (format!("app {}", app.sdkappid), &app.key));
        let all = apps.chain(self.keys.iter().map(|key| (format!("key {}", key.name), &key.key)));
        all.filter(|(_, key)| key.expose().ends_with("for-tests-only")).map(|(entry, _)| entry).collect()
    }

    /// The place of a key among the keys; `None`: there is no such key. Every key is compared, in a time
    /// that tells nothing about it.
    pub(crate) fn key(&self, given: &str) -> Option<usize> {
        // No early end: how long it takes must not tell which key came close.
        self.keys.iter().enumerate().fold(None, |found, (place, key)| {
            let same = key.key.is(given) & !key.key.is_empty();
            if same { Some(place) } else { found }
        })
    }
}
