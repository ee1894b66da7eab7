//! The settings of one Apple app.

use omnipush_core::table::Adapter as _;
use omnipush_core::{ConfigError, Secret};
use serde::Deserialize;

use crate::Apns;

/// The settings of one Apple app: either a key of the team (`team_id`, `key_id`, `key`) or a
/// client certificate. The default has neither, and is refused.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// The team's id, 10 letters and digits.
    pub team_id: Option<String>,
    /// The key's id, 10 letters and digits.
    pub key_id: Option<String>,
    /// The key: the text of the `.p8` file.
    pub key: Option<Secret>,
    /// Instead of a key: the client certificate and its private key, both as PEM in one text.
    pub certificate: Option<Secret>,
    /// The app's bundle id, without the suffix of a push type. For [`PushType::Mdm`] the UID of
    /// the MDM certificate's subject.
    ///
    /// [`PushType::Mdm`]: crate::PushType::Mdm
    pub topic: String,
    /// Where the app's tokens come from. Default production.
    #[serde(default)]
    pub environment: Environment,
    /// Another server, such as a fake, or the same one on port 2197. Wins over `environment`.
    pub endpoint: Option<String>,
    /// The host of broadcasts, as Apple's pages name two: `https://api-broadcast.push.apple.com`
    /// (sandbox: `https://api-broadcast.sandbox.push.apple.com`), and that of devices. Default the
    /// first, but with another `endpoint` the same as that.
    pub broadcast_endpoint: Option<String>,
    /// The host of channels. Default `https://api-manage-broadcast.push.apple.com:2196` (sandbox:
    /// `https://api-manage-broadcast.sandbox.push.apple.com:2195`), but with another `endpoint`
    /// the same as that.
    pub channels_endpoint: Option<String>,
    /// The custom key under which the app finds the URL to open on a tap. Default `url`.
    pub url_key: Option<String>,
    /// The custom key under which the app's notification service extension finds the picture's
    /// URL. Default `image`.
    pub image_key: Option<String>,
}

/// Where an app's tokens come from. A token of one environment is unknown in the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// The App Store, TestFlight and in-house distribution.
    #[default]
    Production,
    /// Builds signed for development.
    #[serde(alias = "development")]
    Sandbox,
}

impl Config {
    /// With a key of the team.
    pub fn new(team_id: impl Into<String>, key_id: impl Into<String>, key: Secret, topic: impl Into<String>) -> Self {
        let (team_id, key_id) = (Some(team_id.into()), Some(key_id.into()));
        Self { team_id, key_id, key: Some(key), topic: topic.into(), ..Self::default() }
    }

    /// With a client certificate and its private key, both as PEM in one text.
    pub fn with_certificate(certificate: Secret, topic: impl Into<String>) -> Self {
        Self { certificate: Some(certificate), topic: topic.into(), ..Self::default() }
    }

    pub(crate) fn endpoint(&self) -> &str {
        self.host(None, ["https://api.push.apple.com", "https://api.sandbox.push.apple.com"])
    }

    pub(crate) fn broadcast_endpoint(&self) -> &str {
        let hosts = ["https://api-broadcast.push.apple.com", "https://api-broadcast.sandbox.push.apple.com"];
        self.host(self.broadcast_endpoint.as_ref(), hosts)
    }

    pub(crate) fn channels_endpoint(&self) -> &str {
        let production = "https://api-manage-broadcast.push.apple.com:2196";
        let sandbox = "https://api-manage-broadcast.sandbox.push.apple.com:2195";
        self.host(self.channels_endpoint.as_ref(), [production, sandbox])
    }

    fn host<'a>(&'a self, own: Option<&'a String>, [production, sandbox]: [&'a str; 2]) -> &'a str {
        match (own.or(self.endpoint.as_ref()), self.environment) {
            (Some(url), _) => url.trim_end_matches('/'),
            (None, Environment::Production) => production,
            (None, Environment::Sandbox) => sandbox,
        }
    }

    pub(crate) fn url_key(&self) -> &str {
        self.url_key.as_deref().unwrap_or("url")
    }

    pub(crate) fn image_key(&self) -> &str {
        self.image_key.as_deref().unwrap_or("image")
    }

    /// Checks what is no credential; those are checked where they are read.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        let key_ok = |key: &str| !key.is_empty() && key != "aps";
        if self.topic.is_empty() || !self.topic.bytes().all(name) {
            return Err(wrong("topic", "is no bundle id such as com.example.app"));
        }
        if !key_ok(self.url_key()) {
            return Err(wrong("url_key", "must be a name other than `aps`"));
        }
        if !key_ok(self.image_key()) || self.image_key() == self.url_key() {
            return Err(wrong("image_key", "must be a name other than `aps` and `url_key`"));
        }
        for (key, url) in [
            ("endpoint", &self.endpoint),
            ("broadcast_endpoint", &self.broadcast_endpoint),
            ("channels_endpoint", &self.channels_endpoint),
        ] {
            if url.as_ref().is_some_and(|url| !url.starts_with("https://") && !url.starts_with("http://")) {
                return Err(wrong(key, "must begin with https:// (or http://, for a fake)"));
            }
        }
        Ok(())
    }
}

pub(crate) fn wrong(key: &str, problem: impl Into<String>) -> ConfigError {
    ConfigError::new(Apns::ID, key, problem)
}
