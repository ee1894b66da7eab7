//! A device: one logged-in client of one user, and the channels that reach it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::presence::Presence;

/// What a client runs on. Only phones and tablets are ever pushed to (R5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    /// An Android phone or tablet.
    Android,
    /// An iPhone.
    IPhone,
    /// An iPad.
    IPad,
    /// A HarmonyOS phone or tablet.
    Harmony,
    /// A Mac. A desktop unless [`Settings::mac_is_mobile`](super::Settings::mac_is_mobile).
    Mac,
    /// A Windows computer.
    Windows,
    /// A Linux computer.
    Linux,
    /// A browser.
    Web,
    /// A mini-program inside another app.
    MiniProgram,
}

impl Platform {
    /// The name in JSON and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Android => "android",
            Self::IPhone => "iphone",
            Self::IPad => "ipad",
            Self::Harmony => "harmony",
            Self::Mac => "mac",
            Self::Windows => "windows",
            Self::Linux => "linux",
            Self::Web => "web",
            Self::MiniProgram => "miniprogram",
        }
    }

    /// Every platform.
    pub const ALL: [Self; 9] = [
        Self::Android,
        Self::IPhone,
        Self::IPad,
        Self::Harmony,
        Self::Mac,
        Self::Windows,
        Self::Linux,
        Self::Web,
        Self::MiniProgram,
    ];

    /// From the name; `None` for another text.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|platform| platform.as_str() == name)
    }

    /// Whether its pushes go through Apple.
    pub const fn is_apple(self) -> bool {
        matches!(self, Self::IPhone | Self::IPad | Self::Mac)
    }

    /// Whether it runs Apple's iOS or iPadOS.
    pub const fn is_ios(self) -> bool {
        matches!(self, Self::IPhone | Self::IPad)
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a client set with `setOfflinePushConfig` or `setAPNS` (R14, R15).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushConfig {
    /// The number of the certificate (`businessID`); 0 with a TPNS token, and else "none set".
    pub business_id: u32,
    /// The vendor's token, or TPNS's.
    pub token: String,
    /// Whether it is a TPNS token, which goes through TPNS whatever the number.
    #[serde(default)]
    pub is_tpns: bool,
}

/// Where calls go on iOS, beside the ordinary binding (R18).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoipBinding {
    /// The number of the VoIP certificate.
    pub certificate: u32,
    /// The VoIP token, as hex.
    pub token: String,
}

/// Where updates of one Live Activity go, beside the ordinary binding (R18).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveActivityBinding {
    /// The app's own id of the activity, at most 64 bytes.
    pub activity: String,
    /// The number of the certificate; Apple demands one with a key (P8).
    pub certificate: u32,
    /// The activity's own token, as hex.
    pub token: String,
}

/// One client of one user.
#[derive(Clone, Debug, PartialEq)]
pub struct Device {
    /// Whose it is.
    pub user: String,
    /// Which it is among the user's: the client's own instance id.
    pub id: String,
    /// What it runs on.
    pub platform: Platform,
    /// Whether it is there.
    pub presence: Presence,
    /// The ordinary binding; `None`: push is off, or was never set.
    pub config: Option<PushConfig>,
    /// The binding for calls.
    pub voip: Option<VoipBinding>,
    /// The bindings of Live Activities.
    pub live_activities: Vec<LiveActivityBinding>,
    /// The badge as last sent or reported: [`PresenceEvent::Background`](super::PresenceEvent) sets
    /// it, each counted push raises it.
    pub badge: u32,
    /// The system language, such as `en` or `zh-Hans`; `None`: unknown.
    pub language: Option<String>,
}

impl Device {
    /// A device that has just logged in, without bindings.
    pub fn new(user: impl Into<String>, id: impl Into<String>, platform: Platform, now_ms: u64) -> Self {
        Self {
            user: user.into(),
            id: id.into(),
            platform,
            presence: Presence::logged_in(now_ms),
            config: None,
            voip: None,
            live_activities: Vec::new(),
            badge: 0,
            language: None,
        }
    }
}
