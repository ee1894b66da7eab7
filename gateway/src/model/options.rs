//! What a user has muted: per conversation, and for all with a window of time (R29–R33).

use serde::{Deserialize, Serialize};

use super::settings::{DailyZone, Settings};

/// What a user wants of a conversation, by the number that clients use (R29).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ReceiveOption {
    /// 0: received and pushed.
    #[default]
    Receive,
    /// 1: neither received nor pushed.
    NotReceive,
    /// 2: received, not pushed.
    NotNotify,
    /// 3: received, pushed only with a mention.
    NotNotifyExceptAt,
    /// 4: received and pushed only with a mention.
    NotReceiveExceptAt,
}

/// A number or a combination that is not allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} is {value}; {allowed}")]
pub struct InvalidOption {
    /// The argument.
    pub field: &'static str,
    /// What it was.
    pub value: i64,
    /// What it may be.
    pub allowed: &'static str,
}

impl ReceiveOption {
    /// Its number.
    pub const fn number(self) -> u8 {
        match self {
            Self::Receive => 0,
            Self::NotReceive => 1,
            Self::NotNotify => 2,
            Self::NotNotifyExceptAt => 3,
            Self::NotReceiveExceptAt => 4,
        }
    }

    /// From its number.
    ///
    /// # Errors
    /// For a number other than 0 to 4.
    pub fn from_number(number: i64) -> Result<Self, InvalidOption> {
        Ok(match number {
            0 => Self::Receive,
            1 => Self::NotReceive,
            2 => Self::NotNotify,
            3 => Self::NotNotifyExceptAt,
            4 => Self::NotReceiveExceptAt,
            value => return Err(InvalidOption { field: "opt", value, allowed: "0 to 4 are allowed" }),
        })
    }

    /// From the word that REST has for it (`MsgFlag`); `None` for another text.
    pub fn from_msg_flag(word: &str) -> Option<Self> {
        Some(match word {
            "AcceptAndNotify" => Self::Receive,
            "Discard" => Self::NotReceive,
            "AcceptNotNotify" => Self::NotNotify,
            "AcceptNotNotifyExceptAt" => Self::NotNotifyExceptAt,
            _ => return None,
        })
    }

    /// Whether a message is pushed under it.
    pub const fn pushes(self, mentioned: bool) -> bool {
        match self {
            Self::Receive => true,
            Self::NotReceive | Self::NotNotify => false,
            Self::NotNotifyExceptAt | Self::NotReceiveExceptAt => mentioned,
        }
    }
}

const DAY: u32 = 86_400;

/// `setAllReceiveMessageOpt` with option 2: no pushes of anything inside the window (R31).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "form")]
pub enum GlobalMute {
    /// From a time of day on, for less than a day, every day.
    Daily {
        /// The start, in seconds since midnight.
        start: u32,
        /// How long, in seconds; below 86,400.
        duration: u32,
    },
    /// From a point in time on, for good.
    Forever {
        /// The start, in seconds since the Unix epoch.
        from: u64,
    },
    /// From a point in time on, once.
    Once {
        /// The start, in seconds since the Unix epoch.
        from: u64,
        /// How long, in seconds.
        duration: u64,
    },
}

impl GlobalMute {
    /// The form with a time of day. `None` stands for option 0: no mute.
    ///
    /// # Errors
    /// Names the argument that is out of range; options other than 0 and 2 are refused.
    pub fn daily(
        opt: i64,
        (hour, minute, second): (u32, u32, u32),
        duration: u32,
        utc_offset_minutes: i32,
        now_ms: u64,
    ) -> Result<Option<Self>, InvalidOption> {
        for (field, value, limit, allowed) in [
            ("startHour", hour, 23, "0 to 23 are allowed"),
            ("startMinute", minute, 59, "0 to 59 are allowed"),
            ("startSecond", second, 59, "0 to 59 are allowed"),
        ] {
            if value > limit {
                return Err(InvalidOption { field, value: value.into(), allowed });
            }
        }
        let start = hour * 3600 + minute * 60 + second;
        Ok(Self::wanted(opt)?.then(|| {
            if duration < DAY {
                return Self::Daily { start, duration };
            }
            // From that time of the day of the call on.
            let local = now_ms.div_euclid(1000).saturating_add_signed(i64::from(utc_offset_minutes) * 60);
            let midnight = local - local % u64::from(DAY);
            Self::Forever {
                from: (midnight + u64::from(start)).saturating_add_signed(i64::from(utc_offset_minutes) * -60),
            }
        }))
    }

    /// The form with a point in time, in seconds since the Unix epoch. `None` stands for option 0.
    ///
    /// # Errors
    /// Options other than 0 and 2 are refused.
    pub fn once(opt: i64, from: u64, duration: u64) -> Result<Option<Self>, InvalidOption> {
        Ok(Self::wanted(opt)?.then_some(Self::Once { from, duration }))
    }

    fn wanted(opt: i64) -> Result<bool, InvalidOption> {
        match opt {
            0 => Ok(false),
            2 => Ok(true),
            value => Err(InvalidOption { field: "opt", value, allowed: "only 0 and 2 are allowed for all messages" }),
        }
    }

    /// Whether it is open.
    pub fn is_open(&self, utc_offset_minutes: i32, settings: &Settings, now_ms: u64) -> bool {
        let now = now_ms / 1000;
        match *self {
            Self::Daily { start, duration } => {
                let offset = match settings.daily_mute_zone {
                    DailyZone::User => utc_offset_minutes,
                    DailyZone::Utc => 0,
                };
                let local = now.saturating_add_signed(i64::from(offset) * 60);
                let time = u32::try_from(local % u64::from(DAY)).unwrap_or(0);
                (time + DAY - start) % DAY < duration
            }
            Self::Forever { from } => now >= from,
            Self::Once { from, duration } => now >= from && now < from.saturating_add(duration),
        }
    }
}

/// A user as the receiver of one message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipient {
    /// The account.
    pub account: String,
    /// The option for this conversation.
    pub option: ReceiveOption,
    /// The mute of everything.
    pub mute: Option<GlobalMute>,
    /// The user's time zone, in minutes east of UTC.
    pub utc_offset_minutes: i32,
    /// Whether another of the user's devices is in the foreground, phones and others alike.
    pub present_elsewhere: bool,
}

impl Recipient {
    /// A user who has muted nothing.
    pub fn new(account: impl Into<String>) -> Self {
        Self { account: account.into(), ..Self::default() }
    }
}
