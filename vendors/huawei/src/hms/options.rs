//! HMS's options of a notification.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// HMS's own options of a notification (`vendors.huawei`). All are optional.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Options {
    /// Which of an app's messages an offline device keeps: -1 all, 0 the newest, 1 to 100 the
    /// newest of each such group. Default: a group made from the collapse key, or else -1.
    pub collapse_key: Option<i64>,
    /// `HIGH` or `NORMAL`, of data messages. `HIGH` needs a right. Default: by the priority.
    pub urgency: Option<String>,
    /// The id of a receipt address in the console. Default: the app's or the project's.
    pub receipt_id: Option<String>,
    /// For data messages of quick apps: 1 development, 2 production. Default 2.
    pub fast_app_target: Option<i64>,
    /// 0 formal, 1 test: delivered all the same, 500 a day for the app. Default 0.
    pub target_user_type: Option<i64>,
    /// A text of the app's own instead of the notification's pairs: JSON with notifications, any
    /// text with data messages.
    pub data: Option<String>,
    /// Returned with receipts. Default: the receipt's tag, or the notification's id.
    pub bi_tag: Option<String>,
    /// The proof of a third-party review, as Huawei documents it.
    pub review: Option<Value>,
    /// The small icon at the left: `/raw/name` in the app.
    pub icon: Option<String>,
    /// The icon's colour, `#RRGGBB`.
    pub color: Option<String>,
    /// Replaces what is shown under the same tag. Default: the collapse key.
    pub tag: Option<String>,
    /// Replaces what is shown under the same number, 0 to 2,147,483,647; -1 is a random one, as is
    /// the default.
    pub notify_id: Option<i64>,
    /// A short summary.
    pub notify_summary: Option<String>,
    /// The layout: 0 one line, 1 long text, 3 a list of lines. Default 0.
    pub style: Option<i64>,
    /// The headline of the long text. Default: the title.
    pub big_title: Option<String>,
    /// The long text. Default: the text.
    pub big_body: Option<String>,
    /// Up to 5 lines of up to 1,024 characters, with `style` 3.
    pub inbox_content: Vec<String>,
    /// Up to 3 buttons, as Huawei documents them.
    pub buttons: Option<Value>,
    /// `LOW`, `NORMAL` or `HIGH`, which needs a right. Default: by the priority, or `NORMAL`.
    pub importance: Option<String>,
    /// What the lock screen shows: `PRIVATE`, `PUBLIC`, `SECRET`, `VISIBILITY_UNSPECIFIED`.
    /// Default `PRIVATE`.
    pub visibility: Option<String>,
    /// The time that it is sorted by, such as `2014-10-02T15:01:23.045123456Z`.
    pub when: Option<String>,
    /// Whether it shows while the app is in the foreground. Default true.
    pub foreground_show: Option<bool>,
    /// Whether the phone vibrates in its own way. Default true.
    pub use_default_vibrate: Option<bool>,
    /// Whether the light flashes in its own way. Default true.
    pub use_default_light: Option<bool>,
    /// Up to 10 spans of vibration, such as `1.5s`.
    pub vibrate_config: Vec<String>,
    /// The light, as Huawei documents it.
    pub light_settings: Option<Value>,
    /// The user signed in on the phone, up to 64 characters.
    pub profile_id: Option<String>,
    /// The key of the title in the app's own texts.
    pub title_loc_key: Option<String>,
    /// What goes into it.
    pub title_loc_args: Vec<String>,
    /// The key of the text in the app's own texts.
    pub body_loc_key: Option<String>,
    /// What goes into it.
    pub body_loc_args: Vec<String>,
    /// Texts in up to 3 languages by key, as Huawei documents it.
    pub multi_lang_key: Option<Value>,
    /// After how many milliseconds it is taken down. In SDKs only.
    pub auto_clear: Option<i64>,
    /// Whether a tap takes it down. In SDKs only.
    pub auto_cancel: Option<bool>,
    /// The scrolling text of status bars before Android 5.
    pub ticker: Option<String>,
}
