//! The settings of one Xiaomi app.

use omnipush_core::Secret;
use serde::{Deserialize, Serialize};

/// The settings of one Xiaomi app, from the developer console.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// The app's package name, as registered in the console; Xiaomi answers 22022 to another.
    pub package_name: String,
    /// `AppSecret`. It does not expire.
    pub app_secret: Secret,
    /// The channel (`channel_id`) of notifications that name none, as approved in the console.
    pub channel_id: Option<String>,
    /// The class of notifications that name none. Xiaomi gives every channel a class; see
    /// [`MessageClass`] for what is made of it here.
    pub message_class: Option<MessageClass>,
    /// Whether the app may still send data-only messages (`pass_through`), which Xiaomi has
    /// announced to withdraw. Default false: they are refused before anything is sent.
    #[serde(default)]
    pub pass_through: bool,
    /// What the targets of messages with a text each (`send_each`) are. Default: regIds.
    #[serde(default)]
    pub each_by: EachBy,
    /// Another server: a contract customer's `https://vip.api.xmpush.xiaomi.com`, or a fake.
    /// Default `https://api.xmpush.xiaomi.com`.
    pub endpoint: Option<String>,
    /// Another server for invalid regIds and aliases. Default: `endpoint` where that is set, else
    /// `https://feedback.xmpush.xiaomi.com`.
    pub feedback_endpoint: Option<String>,
}

/// What the targets of messages with a text each are. All must be so written that they could be
/// regIds: printable ASCII without blanks and commas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EachBy {
    /// RegIds.
    #[default]
    Regids,
    /// Aliases.
    Aliases,
    /// User accounts.
    UserAccounts,
}

impl EachBy {
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Regids => "/v2/multi_messages/regids",
            Self::Aliases => "/v2/multi_messages/aliases",
            Self::UserAccounts => "/v2/multi_messages/user_accounts",
        }
    }
}

/// The class of a message. It decides how long Xiaomi keeps it, and whether it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageClass {
    /// Kept for at most a day, and counted against the app's daily amount.
    Public,
    /// Kept for at most ten days, uncounted; needs a template.
    Private,
}

impl Config {
    /// The least that is needed. To reach anybody, a channel is needed too: here or in the
    /// notification.
    pub fn new(package_name: impl Into<String>, app_secret: Secret) -> Self {
        Self {
            package_name: package_name.into(),
            app_secret,
            channel_id: None,
            message_class: None,
            pass_through: false,
            each_by: EachBy::default(),
            endpoint: None,
            feedback_endpoint: None,
        }
    }

    pub(crate) fn endpoint(&self) -> &str {
        self.endpoint.as_deref().unwrap_or("https://api.xmpush.xiaomi.com").trim_end_matches('/')
    }

    pub(crate) fn feedback(&self) -> &str {
        let set = self.feedback_endpoint.as_deref().or(self.endpoint.as_deref());
        set.unwrap_or("https://feedback.xmpush.xiaomi.com").trim_end_matches('/')
    }
}
