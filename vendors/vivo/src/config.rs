//! The settings of one vivo app.

use omnipush_core::Secret;
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
    /// Another server, such as a fake. Default `https://api-push.vivo.com.cn`.
    pub endpoint: Option<String>,
}

impl Config {
    /// The least that is needed.
    pub fn new(app_id: u64, app_key: Secret, app_secret: Secret) -> Self {
        Self { app_id, app_key, app_secret, package_name: None, category: None, endpoint: None }
    }

    pub(crate) fn endpoint(&self) -> &str {
        self.endpoint.as_deref().map_or("https://api-push.vivo.com.cn", |url| url.trim_end_matches('/'))
    }
}
