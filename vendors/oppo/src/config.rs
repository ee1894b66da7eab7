//! The settings of one OPPO app.

use omnipush_core::{ConfigError, Secret};
use serde::Deserialize;

/// The settings of one OPPO app in one region, from the console of OPPO's open platform.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// `AppKey`.
    pub app_key: Secret,
    /// `MasterSecret`. `AppSecret` is another one, for the app itself.
    pub master_secret: Secret,
    /// Whether lists go out as one saved message that is broadcast to registration ids, so that
    /// OPPO's statistics count it as a whole. Default false: each target gets a message of its
    /// own, which OPPO drops when it is sent again, and a broadcast it does not.
    #[serde(default)]
    pub broadcast: bool,
    /// The category of notifications that name none, such as `ORDER`.
    pub category: Option<String>,
    /// The notification channel of notifications that name none. It must be registered in the
    /// console as well.
    pub channel_id: Option<String>,
    /// The template of notifications of the category `IM` that name none.
    pub private_msg_template_id: Option<String>,
    /// The reminder strength of a high priority: 16 with banner and sound, which needs a right
    /// that OPPO grants, or 2. Default 16.
    pub high_notify_level: Option<i64>,
    /// How long uploaded pictures are kept. OPPO does not state the unit; seconds are likely.
    /// Default 0.
    #[serde(default)]
    pub picture_ttl: u32,
    /// Another server, such as a fake; the older `https://api.push.oppomobile.com`; or
    /// `https://api-intl.push.oppomobile.com` for phones sold outside China, which sign in apart.
    /// Default `https://api-push-cn.heytapmobi.com`.
    pub endpoint: Option<String>,
    /// The host of pictures. Default `https://api-media.push.heytapmobi.com`; with another
    /// `endpoint` the same as that. There is none outside China.
    pub media_endpoint: Option<String>,
    /// The host of aliases. Default `https://api-device.push.heytapmobi.com`; with another
    /// `endpoint` the same as that.
    pub device_endpoint: Option<String>,
    /// The host of dead registration ids. Default `https://feedback.push.oppomobile.com`; with
    /// another `endpoint` the same as that.
    pub feedback_endpoint: Option<String>,
}

impl Config {
    /// The least that is needed.
    pub fn new(app_key: Secret, master_secret: Secret) -> Self {
        Self {
            app_key,
            master_secret,
            broadcast: false,
            category: None,
            channel_id: None,
            private_msg_template_id: None,
            high_notify_level: None,
            picture_ttl: 0,
            endpoint: None,
            media_endpoint: None,
            device_endpoint: None,
            feedback_endpoint: None,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        self.on(None, "https://api-push-cn.heytapmobi.com", path)
    }

    pub(crate) fn media_url(&self, path: &str) -> String {
        self.on(self.media_endpoint.as_deref(), "https://api-media.push.heytapmobi.com", path)
    }

    pub(crate) fn device_url(&self, path: &str) -> String {
        self.on(self.device_endpoint.as_deref(), "https://api-device.push.heytapmobi.com", path)
    }

    pub(crate) fn feedback_url(&self, path: &str) -> String {
        self.on(self.feedback_endpoint.as_deref(), "https://feedback.push.oppomobile.com", path)
    }

    fn on(&self, host: Option<&str>, official: &str, path: &str) -> String {
        let host = host.or(self.endpoint.as_deref()).unwrap_or(official);
        format!("{}/server/v1{path}", host.trim_end_matches('/'))
    }

    pub(crate) fn check(&self, vendor: &'static str) -> Result<(), ConfigError> {
        ConfigError::first(
            vendor,
            [
                (self.app_key.is_empty(), "app_key", "is empty; the AppKey of the console is expected"),
                (
                    self.master_secret.is_empty(),
                    "master_secret",
                    "is empty; the MasterSecret of the console is expected",
                ),
                (
                    self.high_notify_level.is_some_and(|level| level != 2 && level != 16),
                    "high_notify_level",
                    "must be 2 or 16",
                ),
            ],
        )
    }
}
