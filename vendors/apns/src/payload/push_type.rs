//! The push types, and what each of them takes.
//!
//! Apple's page "Sending notification requests to APNs", read in 2026-11.

use serde::{Deserialize, Serialize};

use super::{ACTIVITY, CALL, DATA, MDM, NOTIFICATION, RELOAD, Row};

/// What a push is for. APNs may refuse, delay or drop one whose payload does not match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum PushType {
    /// The user sees or hears it.
    Alert,
    /// Wakes the app, shows nothing. At most 2 or 3 an hour reach a device.
    Background,
    /// A call. The app gets the payload and must show a call.
    Voip,
    /// Updates a watch's complication (obsolete).
    Complication,
    /// Signals changes to a File Provider extension.
    FileProvider,
    /// Tells a managed device to contact its server.
    Mdm,
    /// Starts, updates or ends a Live Activity.
    LiveActivity,
    /// Asks the app's extension for the device's location. Not with a certificate.
    Location,
    /// A transmission of a walkie-talkie app. Default TTL 0.
    PushToTalk,
    /// Reloads the app's widgets.
    Widgets,
    /// Reloads the app's controls.
    Controls,
}

/// What a push type takes.
pub(super) struct Spec {
    /// The value of `apns-push-type`.
    pub(super) name: &'static str,
    /// What follows the bundle id in the topic.
    pub(super) suffix: &'static str,
    /// The priorities; one that stands alone is always sent.
    pub(super) priorities: &'static [i64],
    /// The most bytes of the payload.
    pub(super) limit: usize,
    /// The payload.
    pub(super) rows: &'static [Row],
    /// Which options go with it, besides those that go with all.
    pub(super) takes: fn(&str) -> bool,
}

const fn data(name: &'static str, suffix: &'static str) -> Spec {
    let takes: fn(&str) -> bool = |option| option == "custom";
    Spec { name, suffix, priorities: &[10, 5, 1], limit: 4096, rows: DATA, takes }
}

impl PushType {
    pub(super) const fn spec(self) -> Spec {
        match self {
            Self::Alert => Spec {
                rows: NOTIFICATION,
                takes: |option| !matches!(option, "live_activity" | "mdm"),
                ..data("alert", "")
            },
            Self::Background => Spec { priorities: &[5], ..data("background", "") },
            Self::Voip => Spec {
                rows: CALL,
                limit: 5120,
                takes: |option| option == "custom" || super::is_text(option),
                ..data("voip", ".voip")
            },
            Self::Complication => data("complication", ".complication"),
            Self::FileProvider => data("fileprovider", ".pushkit.fileprovider"),
            Self::Mdm => Spec { rows: MDM, takes: |option| option == "mdm", ..data("mdm", "") },
            Self::LiveActivity => Spec {
                rows: ACTIVITY,
                priorities: &[10, 5],
                takes: |option| {
                    matches!(option, "live_activity" | "title_loc_key" | "title_loc_args" | "loc_key" | "loc_args")
                },
                ..data("liveactivity", ".push-type.liveactivity")
            },
            Self::Location => Spec { priorities: &[10, 5], ..data("location", ".location-query") },
            Self::PushToTalk => Spec { priorities: &[10], ..data("pushtotalk", ".voip-ptt") },
            Self::Widgets => Spec { rows: RELOAD, takes: |_| false, ..data("widgets", ".push-type.widgets") },
            Self::Controls => Spec { rows: RELOAD, takes: |_| false, ..data("controls", ".push-type.controls") },
        }
    }
}
