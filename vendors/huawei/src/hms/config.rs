//! The settings of one HMS app.

use omnipush_core::{ActivityName, ConfigError, Secret};
use serde::Deserialize;

use crate::ServiceAccount;

/// The settings of one HMS app, from AppGallery Connect.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// The OAuth client id of the app: digits. It stands in the address of version 1.
    pub client_id: String,
    /// The client secret. It buys access tokens. Not needed with a service account.
    pub client_secret: Option<Secret>,
    /// A service account, whose tokens are signed here instead.
    pub service_account: Option<ServiceAccount>,
    /// The project. With it messages go by version 2, for projects of several apps.
    pub project_id: Option<String>,
    /// The class of notifications that name none, such as `MARKETING`. Only apps that may classify
    /// by themselves are believed.
    pub category: Option<String>,
    /// The app's package name; needed to open an activity given without its package.
    pub package_name: Option<String>,
    /// The activity that the launcher starts. Without it badges do not work.
    pub badge_class: Option<ActivityName>,
    /// The user name of receipts, as set in the console.
    pub receipt_user: Option<String>,
    /// The key of receipts, as set in the console. Callbacks must then be signed.
    pub receipt_key: Option<Secret>,
    /// Whether that key is Base64. Newer ones are; older ones are the text itself. Default true.
    pub receipt_key_is_base64: Option<bool>,
    /// Another server, such as a fake. Default `https://push-api.cloud.huawei.com`.
    pub endpoint: Option<String>,
    /// Where tokens are asked for. Default `https://oauth-login.cloud.huawei.com/oauth2/v3/token`.
    pub token_endpoint: Option<String>,
}

impl Config {
    /// An app with a client secret.
    pub fn new(client_id: impl Into<String>, client_secret: Secret) -> Self {
        Self {
            client_id: client_id.into(),
            client_secret: Some(client_secret),
            service_account: None,
            project_id: None,
            category: None,
            package_name: None,
            badge_class: None,
            receipt_user: None,
            receipt_key: None,
            receipt_key_is_base64: None,
            endpoint: None,
            token_endpoint: None,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        let host = self.endpoint.as_deref().unwrap_or("https://push-api.cloud.huawei.com");
        format!("{}{path}", host.trim_end_matches('/'))
    }

    pub(crate) fn token_url(&self) -> &str {
        self.token_endpoint.as_deref().unwrap_or("https://oauth-login.cloud.huawei.com/oauth2/v3/token")
    }

    pub(crate) fn check(&self, vendor: &'static str) -> Result<(), ConfigError> {
        let digits = |text: &str| (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        let secret = self.client_secret.as_ref().is_some_and(|secret| !secret.is_empty());
        ConfigError::first(
            vendor,
            [
                (!digits(&self.client_id), "client_id", "must be the client id of AppGallery Connect: up to 64 digits"),
                (self.project_id.as_deref().is_some_and(|id| !digits(id)), "project_id", "must be digits"),
                (
                    !secret && self.service_account.is_none(),
                    "client_secret",
                    "is missing; expected that, or a `service_account`",
                ),
                (
                    self.receipt_key.is_some() != self.receipt_user.is_some(),
                    "receipt_key",
                    "and `receipt_user` belong together",
                ),
            ],
        )
    }
}
