//! APNs' own options of a notification.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::PushType;

/// APNs' own options of a notification (`vendors.apns`). All are optional.
///
/// Only `push_type`, `topic`, `priority` and, for most types, `custom` go with every push type;
/// one that does not go with the notification's type is refused by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Options {
    /// What the push is for. Default: `liveactivity` or `mdm` where those options are given,
    /// else by the notification's kind, `alert` or `background`.
    pub push_type: Option<PushType>,
    /// The whole topic, with its suffix. Default: the app's bundle id with the push type's.
    pub topic: Option<String>,
    /// 10 at once, 5 with regard to power, 1 only when power is no concern and without waking
    /// the device. Default: by the notification's priority; without one APNs takes 10, or 5
    /// for `background`.
    pub priority: Option<i64>,
    /// Custom keys of any JSON type, beside the notification's data. An object; no key `aps`.
    pub custom: Option<Value>,

    /// The action category registered by the app. Default: the notification's category.
    pub category: Option<String>,
    /// Wakes the app in the background besides showing the alert. Default false.
    pub content_available: Option<bool>,
    /// Hands the alert to the app's notification service extension before it is shown. Default:
    /// true with an image.
    pub mutable_content: Option<bool>,
    /// The window that a tap brings to the front.
    pub target_content_id: Option<String>,
    /// How much it may interrupt. Default (Apple's): active.
    pub interruption_level: Option<InterruptionLevel>,
    /// 0 to 1: the highest one stands first in the summary.
    pub relevance_score: Option<f64>,
    /// What the app's Focus filter compares.
    pub filter_criteria: Option<String>,
    /// Arguments for the URL of a Safari website push (legacy).
    pub url_args: Option<Vec<String>>,
    /// Makes it a critical alert, which sounds in silence mode; needs an entitlement.
    pub critical_sound: Option<CriticalSound>,
    /// The launch picture or storyboard shown while a tap opens the app.
    pub launch_image: Option<String>,

    /// The name of the title in the app's string tables; replaces the title.
    pub title_loc_key: Option<String>,
    /// What fills the `%@` of the localised title.
    pub title_loc_args: Option<Vec<String>>,
    /// The name of the subtitle in the app's string tables; replaces the subtitle.
    pub subtitle_loc_key: Option<String>,
    /// What fills the `%@` of the localised subtitle.
    pub subtitle_loc_args: Option<Vec<String>>,
    /// The name of the text in the app's string tables; replaces the text.
    pub loc_key: Option<String>,
    /// What fills the `%@` of the localised text.
    pub loc_args: Option<Vec<String>>,
    /// The label of the action button (legacy).
    pub action: Option<String>,
    /// The name of the label of the action button in the app's string tables (legacy).
    pub action_loc_key: Option<String>,

    /// Starts, updates or ends a Live Activity.
    pub live_activity: Option<LiveActivity>,
    /// The push magic of a device under management; for `mdm` only, and needed there.
    pub mdm: Option<String>,
}

/// How much a notification may interrupt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InterruptionLevel {
    /// Goes to the list without light or sound.
    Passive,
    /// Lights the screen and sounds.
    Active,
    /// Also while a Focus is on. Needs an entitlement.
    TimeSensitive,
    /// Also in silence mode. Needs an entitlement that Apple grants.
    Critical,
}

/// The sound of a critical alert.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CriticalSound {
    /// The sound file in the app. Default: the notification's sound, else the system's.
    pub name: Option<String>,
    /// 0 (silent) to 1 (full). Absent: Apple's default.
    pub volume: Option<f64>,
}

/// A step in the life of a Live Activity (iOS and iPadOS).
///
/// Starts go to the app's push-to-start token, updates and ends to the activity's own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct LiveActivity {
    /// What happens to it.
    pub event: Event,
    /// The new state, the final one for an end: an object that decodes into the app's
    /// `ContentState` by Swift's default rules.
    pub content_state: Value,
    /// When the state was true, in seconds since the Unix epoch; the device shows the newest.
    /// Default: the time of encoding.
    pub timestamp: Option<i64>,
    /// When the state counts as outdated, in seconds since the Unix epoch. Absent: never.
    pub stale_date: Option<i64>,
    /// When an ended activity leaves the lock screen, in seconds since the Unix epoch; in the
    /// past: at once. Absent: after up to 4 hours. For ends only.
    pub dismissal_date: Option<i64>,
    /// The order among the app's activities, any number; the highest comes first.
    pub relevance_score: Option<f64>,
    /// The Swift type of the attributes. For starts only, and needed there.
    pub attributes_type: Option<String>,
    /// What stays the same during the activity's life, an object. For starts only, and needed
    /// there.
    pub attributes: Option<Value>,
    /// Asks for a token for updates. For starts only; iOS 18 and later.
    pub input_push_token: Option<bool>,
    /// Subscribes the activity to a broadcast channel, by its base64 id. For starts only;
    /// iOS 18 and later, on older systems the start fails.
    pub input_push_channel: Option<String>,
}

/// What happens to a Live Activity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It begins. Needs attributes and an alert.
    Start,
    /// It has a new state.
    #[default]
    Update,
    /// It is over.
    End,
}

impl LiveActivity {
    /// The least that is needed.
    pub fn new(event: Event, content_state: Value) -> Self {
        Self { event, content_state, ..Self::default() }
    }
}
