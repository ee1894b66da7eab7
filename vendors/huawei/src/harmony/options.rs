//! HarmonyOS's options of a notification.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// HarmonyOS's own options of a notification (`vendors.harmony`). All are optional.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Options {
    /// What kind of push it is. Default: an alert, or a background message for the kind
    /// `background`.
    pub push_type: Option<PushType>,
    /// The whole payload of the push types `form` and `live_view`, as Huawei documents them.
    pub payload: Option<Value>,
    /// A text for the app, of the types `extension`, `background` and `call`. Default: the
    /// notification's pairs as JSON.
    pub extra_data: Option<String>,
    /// Of background messages: whether they wait in the app's cache while it does not run.
    pub proxy_data: Option<bool>,
    /// 0 ordinary, 1 for chats, which needs a right. Of background messages. Default 0.
    pub background_mode: Option<i64>,
    /// Whether it is a test: delivered all the same, 1,000 a day for the project, to 10 tokens.
    pub test_message: Option<bool>,
    /// Which messages an offline device keeps: -1 all, 0 to 100 the newest of each such group.
    /// Default: a group made from the collapse key, or else -1.
    pub collapse_key: Option<i64>,
    /// Replaces what is shown under the same number, 0 to 2,147,483,647, and is needed to
    /// withdraw it; -1 is a random one. Default: a number made from the collapse key, if any.
    pub notify_id: Option<i64>,
    /// Returned with receipts, up to 64 bytes. Default: the receipt's tag, or the notification's id.
    pub bi_tag: Option<String>,
    /// The id of a receipt address in the console. Default: the app's or the project's.
    pub receipt_id: Option<String>,
    /// What a tap opens in the app: a page's address. Default: that of a deep link.
    pub uri: Option<String>,
    /// The layout: 0 one line, 1 long text (no longer advised), 3 a list of lines. Default 0.
    pub style: Option<i64>,
    /// The headline of the long text. Default: the title.
    pub big_title: Option<String>,
    /// The long text. Default: the text.
    pub big_body: Option<String>,
    /// Up to 3 lines of up to 1,024 characters, with `style` 3.
    pub inbox_content: Vec<String>,
    /// How many seconds the sound plays, 1 to 60. Only with a sound.
    pub sound_duration: Option<i64>,
    /// The user signed in on the phone, up to 64 characters.
    pub profile_id: Option<String>,
    /// Whether it shows while the app is in the foreground. Default true.
    pub foreground_show: Option<bool>,
}

/// The kinds of push, by Huawei's header `push-type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PushType {
    /// A notification (0).
    Alert,
    /// Sets the badge and shows nothing (0). Needs the right to classify as `IM`.
    Badge,
    /// Updates a widget (1), of one device.
    Form,
    /// A notification that is read aloud (2). Needs a right.
    Extension,
    /// Data for the app (6).
    Background,
    /// A live view (7). Needs a right.
    LiveView,
    /// A call (10). Needs a right.
    Call,
}

impl PushType {
    /// Huawei's number.
    pub(crate) const fn number(self) -> &'static str {
        match self {
            Self::Alert | Self::Badge => "0",
            Self::Form => "1",
            Self::Extension => "2",
            Self::Background => "6",
            Self::LiveView => "7",
            Self::Call => "10",
        }
    }
}
