//! The settings of one HarmonyOS project.

use omnipush_core::{ConfigError, Secret};
use serde::Deserialize;

use crate::ServiceAccount;

/// The settings of one HarmonyOS project, from AppGallery Connect.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// The key file of a service account of the project. Its `project_id` stands in addresses.
    pub service_account: ServiceAccount,
    /// The client id of the app, which only withdrawing needs.
    pub client_id: Option<String>,
    /// The class of notifications that name none, such as `MARKETING`. Huawei demands a class.
    pub category: Option<String>,
    /// The user name of receipts, as set in the console.
    pub receipt_user: Option<String>,
    /// The key of receipts, as set in the console. Callbacks must then be signed.
    pub receipt_key: Option<Secret>,
    /// Whether that key is Base64. Newer ones are; older ones are the text itself. Default true.
    pub receipt_key_is_base64: Option<bool>,
    /// Another server, such as a fake. Default `https://push-api.cloud.huawei.com`.
    pub endpoint: Option<String>,
}

impl Config {
    /// The least that is needed.
    pub fn new(service_account: ServiceAccount) -> Self {
        Self {
            service_account,
            client_id: None,
            category: None,
            receipt_user: None,
            receipt_key: None,
            receipt_key_is_base64: None,
            endpoint: None,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        let host = self.endpoint.as_deref().unwrap_or("https://push-api.cloud.huawei.com");
        format!("{}{path}", host.trim_end_matches('/'))
    }

    pub(crate) fn check(&self, vendor: &'static str) -> Result<(), ConfigError> {
        let digits = |id: &String| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit());
        ConfigError::first(
            vendor,
            [
                (self.client_id.as_ref().is_some_and(|id| !digits(id)), "client_id", "must be digits"),
                (
                    self.receipt_key.is_some() != self.receipt_user.is_some(),
                    "receipt_key",
                    "and `receipt_user` belong together",
                ),
            ],
        )
    }
}
