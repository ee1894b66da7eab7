//! `OfflinePushInfo`: what a sender asks for, under the original's names.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::settings::UnknownFields;

/// What a sender asks for. Every member is optional; absent and empty are the same.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct OfflinePushInfo {
    /// 0: push by the rules (default); 1: no vendor push (R25).
    #[serde(skip_serializing_if = "is_zero")]
    pub push_flag: i64,
    /// The title (R45).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// The text; replaces that of the elements (R46).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub desc: String,
    /// What the app gets on a tap: JSON as a text, 1 KB advised. Opaque here, but for OPPO (R74) and
    /// FCM's mode (R69).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ext: String,
    /// Title and text by the device's language (R52).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub multi_language_content: Vec<LanguageContent>,
    /// How much the badge rises, 1 to 99 (R60, R61).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub badge_add_num: Option<i64>,
    /// The badge, 0 to 999; Huawei, Honor and HarmonyOS take 99 at most (R60, R61).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub badge_set_num: Option<i64>,
    /// A template of the settings, `<appid>-<n>` (R53).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub push_template_id: String,
    /// What fills it; values are texts or numbers.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub push_template_param: Map<String, Value>,
    /// For Android phones, by maker.
    pub android_info: AndroidInfo,
    /// For Apple devices.
    pub apns_info: ApnsInfo,
    /// For HarmonyOS devices.
    pub harmony_info: HarmonyInfo,
    /// Members of no known name, kept where the settings say so.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Title and text in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct LanguageContent {
    /// The language, such as `en` or `zh-Hans`.
    pub language: String,
    /// The title; empty: the common one.
    pub title: String,
    /// The text; empty: the common one.
    pub desc: String,
}

/// `AndroidInfo`. Channels and categories override the certificate's (R70).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct AndroidInfo {
    /// A file in `res/raw`, without suffix (R55).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sound: String,
    /// 0 default, 1 long text: Huawei, Honor, OPPO.
    #[serde(skip_serializing_if = "is_zero")]
    pub push_style: i64,
    /// Xiaomi's channel.
    #[serde(rename = "XiaoMiChannelID", skip_serializing_if = "String::is_empty")]
    pub xiaomi_channel_id: String,
    /// OPPO's channel.
    #[serde(rename = "OPPOChannelID", skip_serializing_if = "String::is_empty")]
    pub oppo_channel_id: String,
    /// OPPO's category, such as `IM`.
    #[serde(rename = "OPPOCategory", skip_serializing_if = "String::is_empty")]
    pub oppo_category: String,
    /// OPPO's reminder strength: 1, 2 or 16; needs a category.
    #[serde(rename = "OPPONotifyLevel", skip_serializing_if = "Option::is_none")]
    pub oppo_notify_level: Option<i64>,
    /// OPPO's template of private messages.
    #[serde(rename = "OPPOPrivateMsgTemplateId", skip_serializing_if = "String::is_empty")]
    pub oppo_private_msg_template_id: String,
    /// What fills the title of that template.
    #[serde(rename = "OPPOPrivateTitleParameters", skip_serializing_if = "Map::is_empty")]
    pub oppo_private_title_parameters: Map<String, Value>,
    /// What fills the text of that template.
    #[serde(rename = "OPPOPrivateContentParameters", skip_serializing_if = "Map::is_empty")]
    pub oppo_private_content_parameters: Map<String, Value>,
    /// vivo's class: 0 operational, 1 system.
    #[serde(rename = "VIVOClassification", skip_serializing_if = "Option::is_none")]
    pub vivo_classification: Option<i64>,
    /// vivo's category, such as `IM`.
    #[serde(rename = "VIVOCategory", skip_serializing_if = "String::is_empty")]
    pub vivo_category: String,
    /// 1 none, 2 ring, 3 vibrate, 4 both (R57). A number or its text.
    #[serde(rename = "VIVONotifyType", deserialize_with = "number_or_text", skip_serializing_if = "Option::is_none")]
    pub vivo_notify_type: Option<i64>,
    /// Huawei's channel.
    #[serde(rename = "HuaWeiChannelID", skip_serializing_if = "String::is_empty")]
    pub huawei_channel_id: String,
    /// `LOW` or `NORMAL`.
    #[serde(rename = "HuaWeiImportance", skip_serializing_if = "String::is_empty")]
    pub huawei_importance: String,
    /// Huawei's category.
    #[serde(rename = "HuaWeiCategory", skip_serializing_if = "String::is_empty")]
    pub huawei_category: String,
    /// A picture, https.
    #[serde(rename = "HuaWeiImage", skip_serializing_if = "String::is_empty")]
    pub huawei_image: String,
    /// Whether `Ext` rides in the intent (1) or beside it (0), where the certificate opens a page.
    #[serde(rename = "ExtAsHuaweiIntentParam", skip_serializing_if = "Option::is_none")]
    pub ext_as_huawei_intent_param: Option<i64>,
    /// `LOW` or `NORMAL`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub honor_importance: String,
    /// A picture, https.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub honor_image: String,
    /// FCM's channel.
    #[serde(rename = "GoogleChannelID", skip_serializing_if = "String::is_empty")]
    pub google_channel_id: String,
    /// A picture.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub google_image: String,
    /// `normal` or `high`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub google_priority: String,
    /// Meizu's class: 0 public, 1 private.
    #[serde(rename = "MeiZuNoticeMsgType", skip_serializing_if = "Option::is_none")]
    pub meizu_notice_msg_type: Option<i64>,
    /// Members of no known name.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// `ApnsInfo`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ApnsInfo {
    /// The title on Apple devices; wins over the common one (R45).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// A second headline.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sub_title: String,
    /// A picture for the service extension, https.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image: String,
    /// 1: the service extension sees it first.
    #[serde(skip_serializing_if = "is_zero")]
    pub mutable_content: i64,
    /// A sound file with its suffix (R54), or one of the two words that clients have for silence
    /// and for the system's sound.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sound: String,
    /// 0: it counts; 1: it does not. Absent: 0 for messages, 1 for pure pushes (R60).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub badge_mode: Option<i64>,
    /// `active`, `critical`, `passive` or `time-sensitive`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub interruption_level: String,
    /// 1: wakes the app, shows nothing (R66).
    #[serde(skip_serializing_if = "is_zero")]
    pub content_available: i64,
    /// 1: goes to the VoIP token, where there is one (R67).
    #[serde(skip_serializing_if = "is_zero")]
    pub is_voip_push: i64,
    /// Updates or ends a Live Activity (R68).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live_activity: Option<LiveActivityInfo>,
    /// Members of no known name.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// `ApnsInfo.LiveActivity`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct LiveActivityInfo {
    /// The activity, at most 64 bytes.
    pub la_id: String,
    /// What becomes of it.
    pub event: LiveActivityEvent,
    /// Its new state.
    pub content_state: Map<String, Value>,
    /// When an ended one leaves the lock screen, in seconds since the Unix epoch. Absent: at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dismissal_date: Option<i64>,
    /// Members of no known name.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// What becomes of a Live Activity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LiveActivityEvent {
    /// It gets a new state.
    #[default]
    Update,
    /// It is over.
    End,
}

/// `HarmonyInfo`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct HarmonyInfo {
    /// The title on HarmonyOS; wins over the common one (R45).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// The category; overrides the certificate's.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub category: String,
    /// A picture, https.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image: String,
    /// A file in `resources/rawfile` (R56).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sound: String,
    /// How many seconds it plays, 1 to 60; nothing without a sound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sound_duration: Option<i64>,
    /// Members of no known name.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

fn is_zero(number: &i64) -> bool {
    *number == 0
}

fn number_or_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::String(text) if text.is_empty() => Ok(None),
        Value::String(text) => text.parse().map(Some).map_err(|_| D::Error::custom("is neither a number nor its text")),
        Value::Number(number) if number.is_i64() => Ok(number.as_i64()),
        _ => Err(D::Error::custom("is neither a whole number nor its text")),
    }
}

/// What is wrong with an `OfflinePushInfo`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("OfflinePushInfo.{field} {problem}")]
pub struct InvalidPushInfo {
    /// The member, such as `ApnsInfo.BadgeMode`.
    pub field: String,
    /// What is wrong with it.
    pub problem: String,
}

impl OfflinePushInfo {
    /// Reads and checks the member of a request.
    ///
    /// # Errors
    /// Names the member, what it may be, and what it is.
    pub fn read(value: &Value, unknown: UnknownFields) -> Result<Self, InvalidPushInfo> {
        let info: Self = serde_path_to_error::deserialize(value).map_err(|error| {
            let field = error.path().to_string();
            InvalidPushInfo { field, problem: format!("does not fit: {}", error.into_inner()) }
        })?;
        if unknown == UnknownFields::Refuse {
            info.refuse_unknown()?;
        }
        info.check()?;
        Ok(info)
    }

    fn refuse_unknown(&self) -> Result<(), InvalidPushInfo> {
        let (android, apns, harmony) = (&self.android_info, &self.apns_info, &self.harmony_info);
        let activity = apns.live_activity.as_ref().map(|activity| ("ApnsInfo.LiveActivity.", &activity.other));
        let places = [
            ("", &self.other),
            ("AndroidInfo.", &android.other),
            ("ApnsInfo.", &apns.other),
            ("HarmonyInfo.", &harmony.other),
        ];
        match places.into_iter().chain(activity).find_map(|(path, other)| Some((path, other.keys().next()?))) {
            Some((path, name)) => {
                Err(InvalidPushInfo { field: format!("{path}{name}"), problem: "is not a known member".into() })
            }
            None => Ok(()),
        }
    }

    fn check(&self) -> Result<(), InvalidPushInfo> {
        let (android, apns, harmony) = (&self.android_info, &self.apns_info, &self.harmony_info);
        let activity = apns.live_activity.as_ref();
        for (field, value, min, max) in [
            ("PushFlag", Some(self.push_flag), 0, 1),
            ("BadgeAddNum", self.badge_add_num, 1, 99),
            ("BadgeSetNum", self.badge_set_num, 0, 999),
            ("AndroidInfo.PushStyle", Some(android.push_style), 0, 1),
            ("AndroidInfo.VIVOClassification", android.vivo_classification, 0, 1),
            ("AndroidInfo.VIVONotifyType", android.vivo_notify_type, 1, 4),
            ("AndroidInfo.ExtAsHuaweiIntentParam", android.ext_as_huawei_intent_param, 0, 1),
            ("AndroidInfo.MeiZuNoticeMsgType", android.meizu_notice_msg_type, 0, 1),
            ("ApnsInfo.MutableContent", Some(apns.mutable_content), 0, 1),
            ("ApnsInfo.BadgeMode", apns.badge_mode, 0, 1),
            ("ApnsInfo.ContentAvailable", Some(apns.content_available), 0, 1),
            ("ApnsInfo.IsVoipPush", Some(apns.is_voip_push), 0, 1),
            ("ApnsInfo.LiveActivity.LaId", activity.map(|a| length(&a.la_id)), 1, 64),
            ("HarmonyInfo.SoundDuration", harmony.sound_duration, 1, 60),
        ] {
            if let Some(value) = value.filter(|value| !(min..=max).contains(value)) {
                let unit = if field.ends_with("LaId") { " bytes" } else { "" };
                let problem = format!("is {value}{unit}; {min} to {max} are allowed");
                return Err(InvalidPushInfo { field: field.into(), problem });
            }
        }
        for (field, value, allowed) in [
            ("AndroidInfo.HuaWeiImportance", &android.huawei_importance, ["", "LOW", "NORMAL", "", ""]),
            ("AndroidInfo.HonorImportance", &android.honor_importance, ["", "LOW", "NORMAL", "", ""]),
            ("AndroidInfo.GooglePriority", &android.google_priority, ["", "normal", "high", "", ""]),
            (
                "ApnsInfo.InterruptionLevel",
                &apns.interruption_level,
                ["", "active", "critical", "passive", "time-sensitive"],
            ),
        ] {
            if !allowed.contains(&value.as_str()) {
                let words: Vec<_> = allowed.into_iter().filter(|word| !word.is_empty()).collect();
                let problem = format!("is not one of {}", words.join(", "));
                return Err(InvalidPushInfo { field: field.into(), problem });
            }
        }
        if android.oppo_notify_level.is_some_and(|level| ![1, 2, 16].contains(&level)) {
            return Err(InvalidPushInfo {
                field: "AndroidInfo.OPPONotifyLevel".into(),
                problem: "is not one of 1, 2, 16".into(),
            });
        }
        Ok(())
    }

    /// Whether it brings a title or a text of its own.
    pub fn has_words(&self) -> bool {
        let any = |texts: &[&String]| texts.iter().any(|text| !text.is_empty());
        any(&[&self.title, &self.desc, &self.push_template_id, &self.apns_info.title, &self.harmony_info.title])
            || self.multi_language_content.iter().any(|content| any(&[&content.title, &content.desc]))
    }

    /// The entry for a language: the same language, else the same without its region or script.
    pub fn content_for(&self, language: Option<&str>) -> Option<&LanguageContent> {
        let language = language?;
        let find = |wanted: &str| {
            self.multi_language_content.iter().find(|content| content.language.eq_ignore_ascii_case(wanted))
        };
        find(language).or_else(|| find(language.split(['-', '_']).next().unwrap_or(language)))
    }
}

fn length(text: &str) -> i64 {
    i64::try_from(text.len()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn error(value: Value) -> String {
        OfflinePushInfo::read(&value, UnknownFields::Refuse).unwrap_err().to_string()
    }

    #[test]
    fn unknown_members_are_kept_or_refused() {
        let nested = json!({"Desc": "d", "AndroidInfo": {"XiaoMiChatThing": 1}});
        assert_eq!(error(nested.clone()), "OfflinePushInfo.AndroidInfo.XiaoMiChatThing is not a known member");
        assert_eq!(error(json!({"desc": "d"})), "OfflinePushInfo.desc is not a known member");
        let kept = OfflinePushInfo::read(&nested, UnknownFields::Keep).unwrap();
        assert_eq!(kept.android_info.other["XiaoMiChatThing"], 1);
    }

    #[test]
    fn what_is_out_of_range_is_named_with_its_size() {
        assert_eq!(error(json!({"PushFlag": 2})), "OfflinePushInfo.PushFlag is 2; 0 to 1 are allowed");
        assert_eq!(error(json!({"BadgeAddNum": 0})), "OfflinePushInfo.BadgeAddNum is 0; 1 to 99 are allowed");
        assert_eq!(error(json!({"BadgeSetNum": 1000})), "OfflinePushInfo.BadgeSetNum is 1000; 0 to 999 are allowed");
        let long = json!({"ApnsInfo": {"LiveActivity": {"LaId": "l".repeat(65)}}});
        assert_eq!(error(long), "OfflinePushInfo.ApnsInfo.LiveActivity.LaId is 65 bytes; 1 to 64 are allowed");
        let level = json!({"ApnsInfo": {"InterruptionLevel": "loud"}});
        assert_eq!(
            error(level),
            "OfflinePushInfo.ApnsInfo.InterruptionLevel is not one of active, critical, passive, time-sensitive"
        );
        assert!(
            error(json!({"AndroidInfo": {"OPPONotifyLevel": 3}})).ends_with("OPPONotifyLevel is not one of 1, 2, 16")
        );
        assert!(error(json!({"AndroidInfo": {"VIVONotifyType": "loud"}})).contains("AndroidInfo"));
        assert!(error(json!({"Title": 7})).starts_with("OfflinePushInfo.Title does not fit"));
    }

    #[test]
    fn what_was_read_is_written_alike() {
        let all = json!({
            "PushFlag": 1, "Title": "t", "Desc": "d", "Ext": "{}", "BadgeAddNum": 2,
            "MultiLanguageContent": [{"Language": "zh", "Title": "题", "Desc": "文"}],
            "PushTemplateId": "1-1", "PushTemplateParam": {"a": "b"},
            "AndroidInfo": {"Sound": "s", "XiaoMiChannelID": "x", "OPPOChannelID": "o", "OPPOCategory": "IM",
                "OPPONotifyLevel": 16, "OPPOPrivateMsgTemplateId": "p", "VIVOClassification": 1, "VIVOCategory": "IM",
                "VIVONotifyType": 4, "HuaWeiChannelID": "h", "HuaWeiImportance": "LOW", "HuaWeiCategory": "IM",
                "HuaWeiImage": "https://a", "HonorImportance": "NORMAL", "HonorImage": "https://b",
                "GoogleChannelID": "g", "GoogleImage": "https://c", "GooglePriority": "high",
                "MeiZuNoticeMsgType": 1, "ExtAsHuaweiIntentParam": 1, "PushStyle": 1},
            "ApnsInfo": {"Title": "t", "SubTitle": "s", "Image": "https://d", "MutableContent": 1, "Sound": "x.caf",
                "BadgeMode": 1, "InterruptionLevel": "active", "ContentAvailable": 1, "IsVoipPush": 1,
                "LiveActivity": {"LaId": "l", "Event": "end", "ContentState": {"a": 1}, "DismissalDate": 5}},
            "HarmonyInfo": {"Title": "t", "Category": "IM", "Image": "https://e", "Sound": "s", "SoundDuration": 9},
        });
        let read = OfflinePushInfo::read(&all, UnknownFields::Refuse).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), all);
    }
}
