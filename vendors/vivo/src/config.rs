//! The settings of one vivo app.

use omnipush_core::{ConfigError, Secret};
use serde::Deserialize;

/// The settings of one vivo app, from the developer console.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// `AppID`, a number.
    pub app_id: u64,
    /// `AppKey`.
    pub app_key: Secret,
    /// `AppSecret`.
    pub app_secret: Secret,
    /// The app's package name; needed to open an activity given without its package.
    pub package_name: Option<String>,
    /// The category of notifications that name none, such as `IM`. vivo's own rules decide
    /// which categories an app may use.
    pub category: Option<String>,
    /// The member of a receipt that holds its result code. vivo documents the code, but not its
    /// name. Absent: every receipt counts as a delivery, as in vivo's older form.
    pub receipt_code_field: Option<String>,
    /// The member of a receipt that holds its time, in milliseconds since the Unix epoch; not
    /// documented either. Absent: receipts have no time.
    pub receipt_time_field: Option<String>,
    /// Another server, such as a fake. Default `https://api-push.vivo.com.cn`.
    pub endpoint: Option<String>,
}

impl Config {
    /// The least that is needed.
    pub fn new(app_id: u64, app_key: Secret, app_secret: Secret) -> Self {
        Self {
            app_id,
            app_key,
            app_secret,
            package_name: None,
            category: None,
            receipt_code_field: None,
            receipt_time_field: None,
            endpoint: None,
        }
    }

    pub(crate) fn endpoint(&self) -> &str {
        self.endpoint.as_deref().map_or("https://api-push.vivo.com.cn", |url| url.trim_end_matches('/'))
    }

    pub(crate) fn check(&self, vendor: &'static str) -> Result<(), ConfigError> {
        ConfigError::first(
            vendor,
            [
                (self.app_id == 0, "app_id", "is 0; the AppID of the console is expected"),
                (self.app_key.is_empty(), "app_key", "is empty; the AppKey of the console is expected"),
                (self.app_secret.is_empty(), "app_secret", "is empty; the AppSecret of the console is expected"),
            ],
        )
    }
}
