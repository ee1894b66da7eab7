//! Whether a device is there: the states Online, PushOnline and Offline, and what moves it between
//! them (R1–R13). The clock is an argument, and time does what no event reports.

use serde::{Deserialize, Serialize};

use super::settings::Settings;

/// Where a device stands when a message arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Connected, and the app is in the foreground or has not said otherwise: no push.
    Foreground,
    /// Connected, and the app said that it went to the background: push.
    Background,
    /// Logged in, not connected: push.
    PushOnline,
    /// Logged out in one way or another: no push.
    Offline(Absence),
}

/// Why a device is Offline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Absence {
    /// The user logged out (R7).
    LoggedOut,
    /// A login elsewhere took its place, or an administrator ended its login (R8, R9).
    Kicked,
    /// Its signature expired, and the settings say that this ends its pushes (R10).
    SignatureExpired,
    /// It has not logged in for too long (R6).
    Lapsed,
}

impl Absence {
    /// The name in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LoggedOut => "logged_out",
            Self::Kicked => "kicked",
            Self::SignatureExpired => "signature_expired",
            Self::Lapsed => "lapsed",
        }
    }
}

/// Something that happened to a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum PresenceEvent {
    /// The user logged in on it; it is connected from then on.
    Login {
        /// The number of the connection, so that its end can be told from that of a later one.
        connection: u64,
        /// Whether the client's heartbeats are reported too. Then silence for longer than
        /// [`Settings::lost_after_seconds`] ends the connection by itself.
        heartbeats: bool,
    },
    /// A logged-in device connected again; whether its app is in the background stays as it was.
    Connect {
        /// As with a login.
        connection: u64,
        /// As with a login.
        heartbeats: bool,
    },
    /// The client is heard of.
    Heartbeat,
    /// The network vanished without a word: the end of the connection is due in
    /// [`Settings::lost_after_seconds`], unless it is seen earlier or the device comes back (R3).
    Silent,
    /// The connection was seen to end (R2). One that was replaced since is ignored (R4).
    Disconnect {
        /// The number of the connection that ended.
        connection: u64,
    },
    /// The app went to the background (`doBackground`).
    Background {
        /// The unread messages: the badge counts on from there.
        unread: u32,
    },
    /// The app came to the foreground (`doForeground`).
    Foreground,
    /// The user logged out.
    Logout,
    /// A login elsewhere or an administrator took the login away.
    Kick,
    /// The user signature expired while the device was online.
    SignatureExpired,
}

/// The login and the connection of a device.
///
/// What the events said stands here; what time has done since is found by [`state`](Self::state).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// Why it is not logged in; `None`: it is.
    pub absent: Option<Absence>,
    /// The number of the connection; `None`: there is none.
    pub connection: Option<u64>,
    /// Whether the app said that it is in the background.
    pub background: bool,
    /// When it was last heard of, in milliseconds since the Unix epoch; `None` where nobody reports
    /// heartbeats, and the network has not vanished.
    pub heard_ms: Option<u64>,
    /// When it logged in, in milliseconds since the Unix epoch.
    pub login_ms: u64,
}

impl Presence {
    /// Logged in and not connected.
    pub const fn logged_in(now_ms: u64) -> Self {
        Self { absent: None, connection: None, background: false, heard_ms: None, login_ms: now_ms }
    }

    /// Takes an event in. Says whether it changed anything.
    pub fn apply(&mut self, event: PresenceEvent, now_ms: u64) -> bool {
        let before = *self;
        match event {
            PresenceEvent::Login { connection, heartbeats } => {
                *self = Self {
                    connection: Some(connection),
                    heard_ms: heartbeats.then_some(now_ms),
                    ..Self::logged_in(now_ms)
                };
            }
            // Without a login nothing but a login brings it back.
            _ if self.absent.is_some() => {}
            PresenceEvent::Connect { connection, heartbeats } => {
                self.connection = Some(connection);
                self.heard_ms = heartbeats.then_some(now_ms);
            }
            PresenceEvent::Heartbeat => self.heard_ms = self.connection.map(|_| now_ms),
            PresenceEvent::Silent if self.connection.is_some() => self.heard_ms = Some(now_ms),
            PresenceEvent::Silent => {}
            PresenceEvent::Disconnect { connection } if self.connection == Some(connection) => {
                self.connection = None;
                self.heard_ms = None;
            }
            PresenceEvent::Disconnect { .. } => {}
            PresenceEvent::Background { .. } => self.background = true,
            PresenceEvent::Foreground => self.background = false,
            PresenceEvent::Logout => self.leave(Absence::LoggedOut),
            PresenceEvent::Kick => self.leave(Absence::Kicked),
            PresenceEvent::SignatureExpired => self.leave(Absence::SignatureExpired),
        }
        *self != before
    }

    fn leave(&mut self, absence: Absence) {
        *self = Self { absent: Some(absence), connection: None, background: false, heard_ms: None, ..*self };
    }

    /// Whether the connection counts as alive (R1, R3).
    pub fn is_connected(&self, settings: &Settings, now_ms: u64) -> bool {
        let lost_after = u64::from(settings.lost_after_seconds) * 1000;
        self.connection.is_some() && self.heard_ms.is_none_or(|heard| now_ms < heard.saturating_add(lost_after))
    }

    /// Where the device stands.
    pub fn state(&self, settings: &Settings, now_ms: u64) -> State {
        if let Some(absence) = self.absent {
            return State::Offline(absence);
        }
        if self.is_connected(settings, now_ms) {
            return if self.background { State::Background } else { State::Foreground };
        }
        let lapse = u64::from(settings.login_lapse_days) * 86_400_000;
        if now_ms >= self.login_ms.saturating_add(lapse) { State::Offline(Absence::Lapsed) } else { State::PushOnline }
    }
}
