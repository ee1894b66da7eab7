//! What each vendor gets of `OfflinePushInfo` besides title, text, badge and `Ext`.

use omnipush::{Data, HttpUrl, Kind, Notification, Priority, Sound};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::Way;
use crate::certificates::Certificate;
use crate::model::{Collapse, Element, FcmMode, LiveActivityEvent, Message, OfflinePushInfo, Settings};
use crate::rules::Rule;

/// What a notification is made from.
pub(super) struct In<'a> {
    pub(super) message: &'a Message,
    pub(super) info: &'a OfflinePushInfo,
    pub(super) certificate: &'a Certificate,
    pub(super) settings: &'a Settings,
    pub(super) way: Way,
    pub(super) ext: &'a str,
}

impl In<'_> {
    /// The message's channel, else the certificate's (R70).
    fn channel(&self, own: &str) -> Option<String> {
        given(own).or_else(|| self.certificate.channel.clone())
    }

    /// The message's category, else the certificate's (R70).
    fn category(&self, own: &str) -> Option<String> {
        given(own).or_else(|| self.certificate.category.clone())
    }

    /// The number under which the notification is shown, and can be taken back; `None`: it cannot be.
    fn number(&self) -> Option<u32> {
        let own = self.settings.withdraw_recalled && self.settings.collapse == Collapse::Never;
        let digest = Sha256::digest(self.message.id.as_bytes());
        let number = digest.first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes));
        // 1 to 2,147,483,647; 0 may be taken for none.
        own.then_some((number >> 1).max(1))
    }

    /// The sound of `AndroidInfo` (R55).
    fn android_sound(&self, rules: &mut Vec<Rule>) -> Option<Sound> {
        let name = given(&self.info.android_info.sound)?;
        rules.push(Rule::R55);
        Some(Sound::Named(name))
    }
}

type Dress = fn(&mut Notification, &In<'_>, &mut Map<String, Value>, &mut Vec<Rule>);

const DRESS: &[(&str, Dress)] = &[
    ("apns", apns),
    ("fcm", fcm),
    ("huawei", huawei),
    ("harmony", harmony),
    ("honor", honor),
    ("xiaomi", xiaomi),
    ("oppo", oppo),
    ("vivo", vivo),
    ("meizu", meizu),
];

/// Puts on what the certificate's vendor takes.
pub(super) fn dress(n: &mut Notification, x: &In<'_>, rules: &mut Vec<Rule>) {
    let vendor = x.certificate.vendor.as_str();
    let mut options = Map::new();
    if let Some((_, dress)) = DRESS.iter().find(|(id, _)| *id == vendor) {
        dress(n, x, &mut options, rules);
    }
    if !options.is_empty() {
        n.vendors.insert(vendor.to_owned(), Value::Object(options));
    }
}

fn given(text: &str) -> Option<String> {
    Some(text).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A picture's address; one that is none is left out, as the message matters more.
fn picture(url: &str) -> Option<HttpUrl> {
    given(url).and_then(|url| HttpUrl::new(url).ok())
}

fn put(options: &mut Map<String, Value>, key: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        options.insert(key.to_owned(), value.into());
    }
}

/// The word that clients write for silence.
const NO_SOUND: &str = "push.no_sound";

fn apns(n: &mut Notification, x: &In<'_>, options: &mut Map<String, Value>, rules: &mut Vec<Rule>) {
    let info = &x.info.apns_info;
    n.click = None;
    if x.way == Way::LiveActivity
        && let Some(activity) = &info.live_activity
    {
        rules.push(Rule::R68);
        let event = match activity.event {
            LiveActivityEvent::Update => "update",
            LiveActivityEvent::End => "end",
        };
        let ended = activity.event == LiveActivityEvent::End;
        let now = i64::try_from(x.message.at_ms / 1000).unwrap_or(i64::MAX);
        let dismissal = ended.then(|| activity.dismissal_date.unwrap_or(now));
        let mut live = json!({"event": event, "content_state": activity.content_state});
        if let (Value::Object(live), Some(date)) = (&mut live, dismissal) {
            live.insert("dismissal_date".into(), date.into());
        }
        put(options, "live_activity", Some(live));
        (n.badge, n.data) = (None, Data::default());
        return;
    }
    if info.content_available == 1 && x.way == Way::Ordinary {
        rules.push(Rule::R66);
        n.kind = Kind::Background;
        (n.title, n.body, n.badge) = (None, None, None);
        return;
    }
    n.subtitle = given(&info.sub_title);
    n.image = picture(&info.image);
    n.category.clone_from(&x.certificate.category);
    // A custom element's sound counts only without push information (R50).
    let custom = x.message.body.iter().find_map(|element| match element {
        Element::Custom { sound, .. } if x.message.push.is_none() => Some(sound.as_str()),
        _ => None,
    });
    n.sound = match custom.unwrap_or(&info.sound) {
        "" if x.settings.apns_default_sound => Some(Sound::Default),
        "" => None,
        NO_SOUND => Some(Sound::Silent),
        name => {
            rules.push(Rule::R54);
            Some(Sound::from(name.to_owned()))
        }
    };
    let mutable = info.mutable_content == 1 || x.certificate.mutable_content;
    put(options, "mutable_content", mutable.then_some(true));
    put(options, "interruption_level", given(&info.interruption_level));
    if x.way == Way::Voip {
        rules.push(Rule::R67);
        *options = Map::from_iter([("push_type".to_owned(), "voip".into())]);
        // A call is the app's to show: it finds the words in its own keys.
        let words = [("title", n.title.take()), ("body", n.body.take())];
        for (key, text) in words {
            if let Some(text) = text {
                let _ = n.data.push(key, text);
            }
        }
        (n.subtitle, n.image, n.sound, n.badge, n.category) = (None, None, None, None, None);
    }
}

fn fcm(n: &mut Notification, x: &In<'_>, _: &mut Map<String, Value>, rules: &mut Vec<Rule>) {
    let info = &x.info.android_info;
    // The system opens the launcher; there is no other choice.
    n.click = None;
    n.channel = x.channel(&info.google_channel_id);
    n.image = picture(&info.google_image);
    n.sound = x.android_sound(rules);
    n.priority = match info.google_priority.as_str() {
        "high" => Some(Priority::High),
        "normal" => Some(Priority::Normal),
        _ => None,
    };
    let wanted = serde_json::from_str::<Value>(x.ext).ok();
    let mode = wanted.as_ref().and_then(|ext| ext.pointer("/timPushFeatures/fcmPushType")).and_then(Value::as_i64);
    let mode = match mode {
        Some(0) => FcmMode::Data,
        Some(1) => FcmMode::Notification,
        _ => x.certificate.fcm_mode,
    };
    if mode == FcmMode::Data {
        rules.push(Rule::R69);
        n.kind = Kind::Background;
        // A data message wakes the app only when it is urgent.
        n.priority = n.priority.or(Some(Priority::High));
        for (key, text) in [("title", n.title.take()), ("desc", n.body.take())] {
            if let Some(text) = text {
                let _ = n.data.push(key, text);
            }
        }
        (n.image, n.sound, n.channel) = (None, None, None);
    }
}

fn huawei(n: &mut Notification, x: &In<'_>, options: &mut Map<String, Value>, rules: &mut Vec<Rule>) {
    let info = &x.info.android_info;
    n.channel = x.channel(&info.huawei_channel_id);
    n.category = x.category(&info.huawei_category);
    n.image = picture(&info.huawei_image);
    n.sound = x.android_sound(rules);
    put(options, "importance", given(&info.huawei_importance));
    put(options, "style", (info.push_style == 1).then_some(1));
}

fn harmony(n: &mut Notification, x: &In<'_>, options: &mut Map<String, Value>, rules: &mut Vec<Rule>) {
    let info = &x.info.harmony_info;
    n.category = x.category(&info.category);
    n.image = picture(&info.image);
    if let Some(name) = given(&info.sound) {
        n.sound = Some(Sound::Named(name));
        rules.push(Rule::R56);
        put(options, "sound_duration", info.sound_duration);
    }
    put(options, "notify_id", x.number());
}

fn honor(n: &mut Notification, x: &In<'_>, options: &mut Map<String, Value>, _: &mut Vec<Rule>) {
    let info = &x.info.android_info;
    n.category = x.category("");
    n.image = picture(&info.honor_image);
    put(options, "importance", given(&info.honor_importance));
    put(options, "style", (info.push_style == 1).then_some(1));
}

fn xiaomi(n: &mut Notification, x: &In<'_>, options: &mut Map<String, Value>, rules: &mut Vec<Rule>) {
    n.channel = x.channel(&x.info.android_info.xiaomi_channel_id);
    n.sound = x.android_sound(rules);
    // Clients look for `ext` in the message's extra map.
    put(options, "data_in_extra", (!n.data.is_empty()).then_some(true));
    put(options, "notify_id", x.number());
}

fn oppo(n: &mut Notification, x: &In<'_>, options: &mut Map<String, Value>, _: &mut Vec<Rule>) {
    let info = &x.info.android_info;
    n.channel = x.channel(&info.oppo_channel_id);
    n.category = x.category(&info.oppo_category);
    // The reminder strength needs a category, and means nothing without.
    put(options, "notify_level", info.oppo_notify_level.filter(|_| n.category.is_some()));
    put(options, "private_msg_template_id", given(&info.oppo_private_msg_template_id));
    for (key, pairs) in [
        ("private_title_parameters", &info.oppo_private_title_parameters),
        ("private_content_parameters", &info.oppo_private_content_parameters),
    ] {
        put(options, key, (!pairs.is_empty()).then(|| texts(pairs)));
    }
    put(options, "style", (info.push_style == 1).then_some(2));
}

/// OPPO's templates take texts only.
fn texts(pairs: &Map<String, Value>) -> Map<String, Value> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone().into(),
        other => other.to_string().into(),
    };
    pairs.iter().map(|(key, value)| (key.clone(), text(value))).collect()
}

fn vivo(n: &mut Notification, x: &In<'_>, options: &mut Map<String, Value>, rules: &mut Vec<Rule>) {
    let info = &x.info.android_info;
    n.category = x.category(&info.vivo_category);
    rules.push(Rule::R57);
    put(options, "notify_type", Some(info.vivo_notify_type.unwrap_or(4)));
    // The class follows from the category, where there is one; without either a message is a system
    // message.
    let class = info.vivo_classification.or_else(|| n.category.is_none().then_some(1));
    put(options, "classification", class);
}

fn meizu(n: &mut Notification, x: &In<'_>, options: &mut Map<String, Value>, _: &mut Vec<Rule>) {
    n.category.clone_from(&x.certificate.category);
    put(options, "notice_msg_type", x.info.android_info.meizu_notice_msg_type);
}
