//! Xiaomi's own options of a notification.

use std::borrow::Cow;

use omnipush_core::Data;
use serde::{Deserialize, Serialize};

use crate::MessageClass;

/// Xiaomi's own options of a notification (`vendors.xiaomi`). All are optional.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Options {
    /// The channel, as approved in the console; wins over the notification's `channel`. Without
    /// any, Xiaomi answers 27001, or shows one message a device a day.
    pub channel_id: Option<String>,
    /// A name for the channel, where the phone does not know it yet.
    pub channel_name: Option<String>,
    /// A description of the channel, likewise.
    pub channel_description: Option<String>,
    /// The class of the channel. Default: private when there is a template, else public.
    pub message_class: Option<MessageClass>,
    /// The approved template that builds the text. Xiaomi demands one of private and subscribed
    /// messages: of new apps since 2026-07-01, of all after 2026-12-31.
    pub template_id: Option<String>,
    /// The template's variables: the same names and as many as in the console, at most 9. Each
    /// value has 1 to 128 characters, is not blank, and has no emoji or other symbols (Unicode
    /// class So).
    pub template_param: Data,
    /// A payload to hand to the app as it is, instead of the notification's pairs. Under 4 K
    /// characters.
    pub payload: Option<String>,
    /// Sends the pairs as `extra.<key>` instead of a JSON payload: at most 10, with at most
    /// 1,024 characters in all, and no key of Xiaomi's own. Default false.
    pub data_in_extra: bool,
    /// The place on the phone, 0 to 2,147,483,647: a later message with the same number
    /// replaces this one. Default: made from the collapse key, from the id, or by chance.
    pub notify_id: Option<i64>,
    /// Ring and vibration on old phones: -1 all, or the sum of 1 sound, 2 vibration, 4 lights;
    /// 0 silent. On new ones the channel decides. Default: not sent.
    pub notify_type: Option<i64>,
    /// A custom sound, `android.resource://<package>/raw/<name>`, for phones before Android 8.
    /// Default: made from a named `sound`.
    pub sound_uri: Option<String>,
    /// Whether to show it while the app is in the foreground. Default: shown.
    pub notify_foreground: Option<bool>,
    /// The scrolling text of old status bars.
    pub ticker: Option<String>,
    /// Documented for iOS only; sent as it is, effect unknown.
    pub badge: Option<i64>,
    /// Letters, digits, `-` and `_`, at most 20, no `_` in front: the phone shows only the first
    /// message of a job key. Default: made from the notification's id; none without one.
    pub jobkey: Option<String>,
    /// Try once and keep nothing for phones that are offline. Default: true for a TTL of 0.
    pub only_send_once: bool,
    /// How many devices a second a broadcast is sent to; Xiaomi raises it to at least 3,000.
    pub flow_control: Option<i64>,
    /// Only to phones with one of these locales.
    pub locale: Vec<String>,
    /// Not to phones with one of these locales.
    pub locale_not_in: Vec<String>,
    /// Only to these phone models.
    pub model: Vec<String>,
    /// Not to these phone models.
    pub model_not_in: Vec<String>,
    /// Only to these versions of the app.
    pub app_version: Vec<String>,
    /// Not to these versions of the app.
    pub app_version_not_in: Vec<String>,
    /// Only to phones in a Wi-Fi network. Default false.
    pub wifi_only: bool,
    /// The packages of the app to reach. Default: the settings' `package_name` alone, which
    /// accounts, regions and messages with a text each demand.
    pub packages: Vec<String>,
    /// Which receipts, as a sum: 1 delivered, 2 clicked, 16 invalid target, 32 push disabled by
    /// the app, 64 filtered out, 128 quota exceeded, 1024 TTL ended. Default 3. Only with a `receipt`.
    pub callback_type: Option<i64>,
    /// Pictures and buttons. Whether an app may still use them is not documented.
    pub style: Style,
}

/// Pictures and buttons of a notification. Pictures must be uploaded to Xiaomi first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Style {
    /// 1 a long text, 2 a big picture.
    #[serde(rename = "type")]
    pub kind: Option<i64>,
    /// The uploaded picture's address.
    pub big_picture_uri: Option<String>,
    /// The uploaded large icon's address.
    pub large_icon_uri: Option<String>,
    /// The uploaded small icon's address.
    pub small_icon_uri: Option<String>,
    /// The small icon's colour.
    pub small_icon_color: Option<String>,
    /// The left button.
    pub left: Option<Button>,
    /// The button in the middle.
    pub mid: Option<Button>,
    /// The right button.
    pub right: Option<Button>,
}

/// A button of a notification, in Xiaomi's own words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Button {
    /// What stands on it.
    pub name: Option<String>,
    /// 1 opens the app, 2 a page of the app, 3 a web page.
    pub notify_effect: Option<i64>,
    /// The page of the app, as an intent URI.
    pub intent_uri: Option<String>,
    /// The page of the app, as a class.
    pub intent_class: Option<String>,
    /// The web page.
    pub web_uri: Option<String>,
}

impl Style {
    /// The buttons as pairs of `extra`.
    pub(super) fn buttons(&self) -> Option<Cow<'_, Data>> {
        let mut pairs = Data::default();
        for (side, button) in [("left", &self.left), ("mid", &self.mid), ("right", &self.right)] {
            let Some(button) = button else { continue };
            for (key, value) in [
                ("name", button.name.clone()),
                ("notify_effect", button.notify_effect.map(|effect| effect.to_string())),
                ("intent_uri", button.intent_uri.clone()),
                ("intent_class", button.intent_class.clone()),
                ("web_uri", button.web_uri.clone()),
            ] {
                // No key comes twice.
                let _ = value.map(|value| pairs.push(format!("notification_style_button_{side}_{key}"), value));
            }
        }
        (!pairs.is_empty()).then_some(Cow::Owned(pairs))
    }
}
