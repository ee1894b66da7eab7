//! The settings of one Honor app.

use omnipush_core::{ActivityName, ConfigError, Secret};
use serde::Deserialize;

use crate::payload::Importance;

/// The settings of one Honor app, from the push service's page in the developer console.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// `App ID`, as a text. It stands in the address of every send.
    pub app_id: String,
    /// `Client ID`, as a text. Another value than the App ID.
    pub client_id: String,
    /// `Client Secret`. Another value than the App Secret.
    pub client_secret: Secret,
    /// The app's package name; needed to open an activity given without its package.
    pub package_name: Option<String>,
    /// The activity that the launcher starts, as a full class name or `package/class`. Honor
    /// demands it with a badge: without it badges are reported as lost.
    pub badge_class: Option<ActivityName>,
    /// The class of notifications that name none. Default: `LOW`, which claims nothing.
    pub importance: Option<Importance>,
    /// Another server for sends, such as a fake, or the older
    /// `https://push-api.cloud.hihonor.com`. Default `https://push-api.cloud.honor.com`.
    pub endpoint: Option<String>,
    /// Another address for access tokens; one that is only a server gets the path `/auth/token`.
    /// Default `https://iam.developer.honor.com/auth/token`. Honor's article of 2023 has the path
    /// `/auth/realms/developer/protocol/openid-connect/token` on the same server.
    pub token_endpoint: Option<String>,
}

impl Config {
    /// The least that is needed.
    pub fn new(app_id: impl Into<String>, client_id: impl Into<String>, client_secret: Secret) -> Self {
        Self {
            app_id: app_id.into(),
            client_id: client_id.into(),
            client_secret,
            package_name: None,
            badge_class: None,
            importance: None,
            endpoint: None,
            token_endpoint: None,
        }
    }

    pub(crate) fn send_url(&self) -> String {
        let server = self.endpoint.as_deref().unwrap_or("https://push-api.cloud.honor.com").trim_end_matches('/');
        format!("{server}/api/v1/{}/sendMessage", self.app_id)
    }

    pub(crate) fn token_url(&self) -> String {
        let url = self.token_endpoint.as_deref().unwrap_or("https://iam.developer.honor.com").trim_end_matches('/');
        let bare = !url.split_once("://").map_or(url, |(_, rest)| rest).contains('/');
        format!("{url}{}", if bare { "/auth/token" } else { "" })
    }

    pub(crate) fn check(&self, vendor: &'static str) -> Result<(), ConfigError> {
        let is_id = |id: &str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        ConfigError::first(
            vendor,
            [
                (!is_id(&self.app_id), "app_id", "must be the App ID of the push service's page: digits, as a text"),
                (self.client_id.trim().is_empty(), "client_id", "is empty; expected the Client ID, as a text"),
                (self.client_secret.is_empty(), "client_secret", "is empty; expected the Client Secret"),
            ],
        )
    }
}
