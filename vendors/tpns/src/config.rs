//! The settings of one TPNS application.

use omnipush_core::{ConfigError, Secret};
use serde::Deserialize;

/// The settings of one TPNS application. An application is for one platform: a product on both has
/// two, with two adapters.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// `AccessId`: digits, as a text.
    pub access_id: String,
    /// `SecretKey`. `AccessKey` is another one, for the app itself.
    pub secret_key: Secret,
    /// The platform of the application.
    pub platform: Platform,
    /// iOS only, and demanded there: the APNs environment in which the app has registered.
    pub environment: Option<Environment>,
    /// The host of the application's region: `https://api.tpns.sh.tencent.com` (Shanghai),
    /// `https://api.tpns.hk.tencent.com` (Hong Kong), `https://api.tpns.sgp.tencent.com`
    /// (Singapore), or a fake. Default `https://api.tpns.tencent.com` (Guangzhou).
    pub endpoint: Option<String>,
}

/// The platform of an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    /// Android.
    Android,
    /// iOS.
    Ios,
}

/// The environment of APNs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// Apps from the store.
    Product,
    /// Apps under development.
    Dev,
}

impl Config {
    /// An Android application.
    pub fn android(access_id: impl Into<String>, secret_key: Secret) -> Self {
        Self { access_id: access_id.into(), secret_key, platform: Platform::Android, environment: None, endpoint: None }
    }

    /// An iOS application.
    pub fn ios(access_id: impl Into<String>, secret_key: Secret, environment: Environment) -> Self {
        Self { platform: Platform::Ios, environment: Some(environment), ..Self::android(access_id, secret_key) }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        let host = self.endpoint.as_deref().map_or("https://api.tpns.tencent.com", |url| url.trim_end_matches('/'));
        format!("{host}/v3{path}")
    }

    pub(crate) fn check(&self, vendor: &'static str) -> Result<(), ConfigError> {
        let digits = (1..=20).contains(&self.access_id.len()) && self.access_id.bytes().all(|b| b.is_ascii_digit());
        ConfigError::first(
            vendor,
            [
                (!digits, "access_id", "must be the AccessId of the console: digits, as a text"),
                (self.secret_key.is_empty(), "secret_key", "is empty; the SecretKey of the console is expected"),
                (
                    self.platform == Platform::Ios && self.environment.is_none(),
                    "environment",
                    "is missing, and `platform` is ios; expected product or dev",
                ),
                (
                    self.platform == Platform::Android && self.environment.is_some(),
                    "environment",
                    "is for iOS only, and `platform` is android",
                ),
            ],
        )
    }
}
