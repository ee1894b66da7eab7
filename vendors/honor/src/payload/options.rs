//! Honor's options of a notification.

use chrono::{DateTime, Utc};
use omnipush_core::{ActivityName, Click, Data};
use serde::{Deserialize, Serialize};

/// Honor's own options of a notification (`vendors.honor`). All are optional.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Options {
    /// The class of the message. Default: the category where it is `LOW` or `NORMAL`, then the
    /// setting of the same name, then `LOW`. It is a legal class: never raised silently.
    pub importance: Option<Importance>,
    /// 0 formal, 1 test: delivered all the same, 1,000 a day for the app, and not counted against
    /// the device's daily amount. Default 0.
    pub target_user_type: Option<i64>,
    /// A text of the app's own instead of the notification's pairs: JSON with notifications, any
    /// text with data-only messages.
    pub data: Option<String>,
    /// Returned with receipts. Its limit is not documented. Default: the notification's id.
    pub bi_tag: Option<String>,
    /// 0 one line, 1 the whole text when it is unfolded. Default 0.
    pub style: Option<i64>,
    /// The time that it is sorted by. Default: when it comes.
    pub when: Option<DateTime<Utc>>,
    /// At most 3 buttons below the text.
    pub buttons: Vec<Button>,
    /// The activity that the launcher starts, which Honor demands with a badge. Default: the
    /// setting of the same name.
    pub badge_class: Option<ActivityName>,
    /// A number from 0 to 2,147,483,647: it replaces a shown notification with the same one. -1
    /// is a random one, as is the default. Besides, a collapse key replaces by its text (`tag`).
    pub notify_id: Option<i64>,
}

/// The class of a message. It decides how prominent it is, and how many a device takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Importance {
    /// Information and marketing: 2 a day on a device, 5 of licensed news apps.
    Low,
    /// Service and communication: not counted. Honor heeds it only where the app was granted to
    /// classify by itself.
    Normal,
}

impl Importance {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "LOW",
            Self::Normal => "NORMAL",
        }
    }
}

/// A button below the text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Button {
    /// What stands on it: 1 to 40 characters.
    pub name: String,
    /// What it does, as a tap on the notification would; web pages by https only. Default: opens
    /// the app.
    #[serde(default)]
    pub click: Option<Click>,
    /// The app's pairs, at most 1,024 bytes as JSON. Not with a web page.
    #[serde(default)]
    pub data: Data,
}

impl Button {
    /// A button that opens the app.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), click: None, data: Data::default() }
    }
}
