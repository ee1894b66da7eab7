//! The configuration read again while the service runs: on SIGHUP, and when its files change.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::tls::Tls;
use crate::config::Config;
use crate::dispatch::Gateway;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(2);

/// The configuration in use, and the files that it came from.
pub(super) struct Watched {
    path: PathBuf,
    config: Config,
    gateway: Gateway,
    tls: Option<Arc<Tls>>,
    seen: Vec<Option<(SystemTime, u64)>>,
}

impl Watched {
    pub(super) fn new(path: &Path, config: Config, gateway: Gateway, tls: Option<Arc<Tls>>) -> Self {
        let mut this = Self { path: path.to_owned(), config, gateway, tls, seen: Vec::new() };
        this.seen = this.look();
        this
    }

    /// Time and size of each file; `None`: it cannot be seen.
    fn look(&self) -> Vec<Option<(SystemTime, u64)>> {
        let tls = self.config.serve.tls.iter().flat_map(|tls| [&tls.certificate, &tls.key]);
        let state = |path: &PathBuf| {
            let data = std::fs::metadata(path).ok()?;
            Some((data.modified().ok()?, data.len()))
        };
        [&self.path].into_iter().chain(tls).map(state).collect()
    }

    /// Waits until a file is another than it was.
    pub(super) async fn changed(&self) {
        loop {
            tokio::time::sleep(LOOK).await;
            let now = self.look();
            // A file that is being replaced may be away for a moment.
            if now != self.seen && now.iter().all(Option::is_some) {
                return;
            }
        }
    }

    /// Reads everything again. What is wrong is logged and leaves what it concerns as it was.
    pub(super) fn reload(&mut self) {
        self.seen = self.look();
        let config = match Config::read(&self.path) {
            Ok(config) => config,
            Err(error) => return tracing::error!(%error, "the configuration stays as it was"),
        };
        let done = match self.gateway.certificates().reload() {
            Ok(done) => [done.added, done.changed, done.removed].map(|ids| format!("{ids:?}")),
            Err(error) => return tracing::error!(%error, "the configuration stays as it was"),
        };
        self.gateway.set_settings(config.settings.clone());
        if let Some(Err(error)) = self.tls.as_ref().map(|tls| tls.reload()) {
            tracing::error!(error, "the TLS certificate stays as it was");
        }
        let [added, changed, removed] = done;
        tracing::info!(added, changed, removed, "the configuration was read again");
        for (_, after) in self.config.fixed.iter().zip(&config.fixed).filter(|(one, other)| one != other) {
            tracing::warn!(table = after.0, "a change of this table takes a restart");
        }
    }
}
