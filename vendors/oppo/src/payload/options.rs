//! OPPO's options of a notification.

use omnipush_core::Data;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// OPPO's own options of a notification (`vendors.oppo`). All are optional.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Options {
    /// The layout: 1 standard, 2 long text, 3 big picture (broadcasts only). Default: 2 for a
    /// text of more than 50 characters, else 1.
    pub style: Option<i64>,
    /// A big picture that was uploaded; with `style` 3.
    pub big_picture_id: Option<String>,
    /// A small picture that was uploaded, shown at the right.
    pub small_picture_id: Option<String>,
    /// The reminder strength: 1 shade, 2 and lock screen, 16 and banner with sound (needs a right
    /// that OPPO grants). Needs a category. Default: by the priority.
    pub notify_level: Option<i64>,
    /// The approved template of a private message. Since 2024 OPPO refuses messages of the
    /// category `IM` without one. Default: the setting of the same name, for `IM`.
    pub private_msg_template_id: Option<String>,
    /// The values of the names in the template's title.
    pub private_title_parameters: Data,
    /// The values of the names in the template's text.
    pub private_content_parameters: Data,
    /// Whether the phone drops the message when its registration id has changed. Default false.
    pub verify_registration_id: Option<bool>,
    /// After how many seconds the notification is taken down: up to 12 hours for public messages,
    /// 24 for private ones. Default: never.
    pub show_ttl: Option<i64>,
    /// When it may be shown, in milliseconds since the Unix epoch: from, to.
    pub show_time: Option<(i64, i64)>,
    /// The time zone that OPPO reckons in. Default `GMT+08:00`.
    pub time_zone: Option<String>,
    /// 0 any network, 1 Wi-Fi only. Default 0.
    pub network_type: Option<i64>,
    /// How many a second a broadcast sends: 1,000 to 10,000. Default: as fast as OPPO can.
    pub fix_speed_rate: Option<i64>,
    /// Results of a third-party content audit, as OPPO documents them.
    pub audit_response: Option<Value>,
}
