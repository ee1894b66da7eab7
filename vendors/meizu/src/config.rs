//! The settings of one Meizu app.

use omnipush_core::{ConfigError, Secret};
use serde::Deserialize;

/// The settings of one Meizu app, from the Flyme push console.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// `AppID`: digits, as a text.
    pub app_id: String,
    /// `AppSecret`. It signs every request.
    pub app_secret: Secret,
    /// The message class of notifications that name none: 0 public, 1 private. Without it they
    /// go out without a class, which Meizu counts as public.
    pub notice_msg_type: Option<i64>,
    /// Whether Meizu has given the app its VIP rights, so that subtitles are shown. Default
    /// false: a subtitle is reported as lost.
    #[serde(default)]
    pub vip: bool,
    /// Whether each notification is saved as a task first and pushed by the task's id, so that
    /// Meizu's statistics count it as a whole. Default false. Tasks carry no receipts.
    #[serde(default)]
    pub task: bool,
    /// The token of receipts that is set in the push console. Callbacks must bring it. Absent:
    /// only the secret in their address proves them.
    pub receipt_token: Option<Secret>,
    /// The host of subscriptions. Default `https://api-push.meizu.com`, but with another
    /// `endpoint` the same as that.
    pub subscription_endpoint: Option<String>,
    /// Another server, such as a fake, or `https://server-api-push.in.meizu.com` for apps
    /// registered overseas. Default `https://server-api-push.meizu.com`.
    pub endpoint: Option<String>,
}

impl Config {
    /// The least that is needed.
    pub fn new(app_id: impl Into<String>, app_secret: Secret) -> Self {
        Self {
            app_id: app_id.into(),
            app_secret,
            notice_msg_type: None,
            vip: false,
            task: false,
            receipt_token: None,
            subscription_endpoint: None,
            endpoint: None,
        }
    }

    pub(crate) fn subscription_endpoint(&self) -> &str {
        let other = self.subscription_endpoint.as_deref().or(self.endpoint.as_deref());
        other.map_or("https://api-push.meizu.com", |url| url.trim_end_matches('/'))
    }

    pub(crate) fn endpoint(&self) -> &str {
        self.endpoint.as_deref().map_or("https://server-api-push.meizu.com", |url| url.trim_end_matches('/'))
    }

    pub(crate) fn check(&self, vendor: &'static str) -> Result<(), ConfigError> {
        let digits = !self.app_id.is_empty() && self.app_id.bytes().all(|b| b.is_ascii_digit());
        let class = self.notice_msg_type.is_none_or(|class| class == 0 || class == 1);
        ConfigError::first(
            vendor,
            [
                (!digits, "app_id", "must be the AppID of the push console: digits, as a text"),
                (self.app_secret.is_empty(), "app_secret", "is empty; expected the AppSecret of the push console"),
                (!class, "notice_msg_type", "must be 0 (public) or 1 (private)"),
            ],
        )
    }
}
