//! The settings of one web application.

use omnipush_core::{ConfigError, HttpUrl, Secret};
use serde::Deserialize;

/// The settings of one web application.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// The VAPID private key: a P-256 number of 32 bytes as base64url, as web-push libraries make
    /// it. A subscription is bound to it for life.
    pub private_key: Secret,
    /// Who to write to: `mailto:` or `https:`. Apple and Mozilla demand it.
    pub subject: String,
    /// What a tap opens where the notification names no web page: the site's start. Declarative
    /// messages need it. Absent: the service worker decides.
    pub start_url: Option<HttpUrl>,
    /// Hosts that endpoints may have besides those of the known push services: a host, or `*.` and
    /// its parent. Endpoints come from clients, so nothing else is ever called.
    #[serde(default)]
    pub allowed_hosts: Vec<String>,
    /// Whether endpoints may be `http`. For fakes; never elsewhere. Default false.
    #[serde(default)]
    pub allow_insecure: bool,
    /// Whether messages have the form of Declarative Web Push, which Safari shows without a
    /// service worker. Other browsers hand it to the worker, which must know the form. Default
    /// false.
    #[serde(default)]
    pub declarative: bool,
}

impl Config {
    /// The least that is needed.
    pub fn new(private_key: Secret, subject: impl Into<String>) -> Self {
        Self {
            private_key,
            subject: subject.into(),
            start_url: None,
            allowed_hosts: Vec::new(),
            allow_insecure: false,
            declarative: false,
        }
    }

    pub(crate) fn check(&self, vendor: &'static str) -> Result<(), ConfigError> {
        let subject = &self.subject;
        let known = subject.starts_with("mailto:") || subject.starts_with("https://");
        let plain = subject.bytes().all(|b| b.is_ascii_graphic() && !b"<>\"\\".contains(&b));
        let odd = |host: &String| {
            let bare = host.strip_prefix("*.").unwrap_or(host);
            bare.is_empty() || !bare.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.:[]".contains(&b))
        };
        ConfigError::first(
            vendor,
            [
                (
                    !known || !plain || subject.contains("localhost"),
                    "subject",
                    "must be a `mailto:` or `https:` address of yours without blanks and brackets",
                ),
                (
                    self.allowed_hosts.iter().any(odd),
                    "allowed_hosts",
                    "must hold hosts such as push.example.com or *.example.com",
                ),
            ],
        )
    }
}
