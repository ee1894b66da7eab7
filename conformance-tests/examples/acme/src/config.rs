//! The settings of one app.

use omnipush_core::{ConfigError, Secret};
use serde::Deserialize;

/// The settings of one app, as Acme's console names them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// `App ID`.
    pub app_id: String,
    /// `App Secret`. It also proves receipts.
    pub app_secret: Secret,
    /// Another server, such as a fake. Default `https://push.acme.example`.
    pub endpoint: Option<String>,
}

impl Config {
    /// The least that is needed.
    pub fn new(app_id: impl Into<String>, app_secret: Secret) -> Self {
        Self { app_id: app_id.into(), app_secret, endpoint: None }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        let base = self.endpoint.as_deref().map_or("https://push.acme.example", |url| url.trim_end_matches('/'));
        format!("{base}{path}")
    }

    pub(crate) fn check(&self, vendor: &'static str) -> Result<(), ConfigError> {
        ConfigError::first(
            vendor,
            [
                (self.app_id.is_empty(), "app_id", "is empty; the App ID of the console is expected"),
                (self.app_secret.is_empty(), "app_secret", "is empty; the App Secret of the console is expected"),
            ],
        )
    }
}
