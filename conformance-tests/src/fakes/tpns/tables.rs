//! Which fields a push has, as tables ("Push API", documents 548/39064 and 1024/33764), with what
//! the vendor's Go and PHP SDKs write besides.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use serde_json::Value;

use super::fields::Kind::*;
use super::fields::{Field, Kind, may, must};

const MANY: i64 = i32::MAX as i64;
const WEB: Kind = Like(is_web_address);
const SWITCH: Kind = Int(0, 1);

/// What every push has. Times to live from 1 to 799 seconds are raised, not refused.
pub(super) const COMMON: &[Field] = &[
    must("audience_type", Text),
    must("message_type", Word(&["notify", "message"])),
    must("message", Object(&[])),
    // Only iOS has two environments, but the Go SDK writes it for both platforms.
    may("environment", Word(&["product", "dev"])),
    // Left from Xinge; the document's example of a signature has it.
    may("platform", Word(&["android", "ios"])),
    may("expire_time", Int(0, super::MAX_TTL)),
    may("multi_pkg", Flag),
    may("plan_id", Text),
    may("group_id", Text),
    // Without effect on tokens and accounts, yet the document's own push to an account has it.
    may("push_speed", IntOrZero(1_000, 50_000)),
    may("force_collapse", Flag),
    may("channel_rules", List(CHANNEL_RULE)),
    may("tpns_online_push_type", SWITCH),
    may("seq", Int(i64::MIN, i64::MAX)),
    may("trace_id", Text),
];

/// What belongs to broadcasts, tags and packages. The SDKs write it as 0 or empty elsewhere.
pub(super) const FOR_FEW: &[Field] =
    &[may("collapse_id", Unset), may("send_time", Unset), may("loop_param", Unset), may("upload_id", Unset)];

/// What broadcasts, tags and packages have besides, and what they lack of the others'.
pub(super) const FOR_MANY: &[Field] = &[
    // Issued by TPNS.
    may("collapse_id", IntOrZero(1, i64::MAX)),
    may("send_time", Like(|text| beijing_ms(text).is_some())),
    may("loop_param", Object(LOOP)),
    may("ignore_invalid_token", Unset),
    may("account_type", Unset),
    may("account_push_type", Unset),
];

/// A push to everybody.
pub(super) const TO_ALL: &[Field] = &[may("upload_id", Unset)];

/// A push to tags. Of the two ways, the rules count where both are given.
pub(super) const TO_TAGS: &[Field] =
    &[may("upload_id", Unset), may("tag_rules", List(TAG_RULE)), may("tag_list", Object(TAG_LIST))];

/// A push to an uploaded package.
pub(super) const TO_PACKAGE: &[Field] = &[must("upload_id", Int(1, i64::MAX))];

const OPERATOR: Kind = Word(&["AND", "OR"]);

/// How a rule joins the one before it: nothing for the first.
const TAG_RULE: &[Field] = &[must("tag_items", List(TAG_ITEM)), may("operator", OPERATOR), may("is_not", Flag)];

const TAG_ITEM: &[Field] = &[
    must("tags", Texts),
    may("tags_operator", OPERATOR),
    may("items_operator", OPERATOR),
    may("is_not", Flag),
    must(
        "tag_type",
        // A sample of the document misspells the second.
        Word(&[
            "xg_user_define",
            "xg_auto_version",
            "xg_auto_province",
            "xg_auto_active",
            "xg_auto_sdkversion",
            "xg_auto_systemlanguage",
            "xg_auto_devicebrand",
            "xg_auto_deviceversion",
            "xg_auto_country",
        ]),
    ),
];

const TAG_LIST: &[Field] = &[must("tags", Texts), must("op", OPERATOR)];

/// `loopDayIndexs` is spelt like this.
const LOOP: &[Field] = &[
    must("startDate", Like(|text| day(text).is_some())),
    must("endDate", Like(|text| day(text).is_some())),
    must("loopType", Int(1, 3)),
    must("loopDayIndexs", Ints(0, 31)),
    must("dayTimes", Texts),
];

/// The calls for tags ("Tag API", 1024/30737): tokens and tags by twenty, tags of 50 characters.
pub(super) const TAG_CALL: &[Field] = &[
    must("operator_type", Int(1, 10)),
    may("platform", Word(&["android", "ios"])),
    may("token_list", Texts),
    may("tag_list", Texts),
    may("tag_token_list", List(&[must("tag", Text), must("token", Text)])),
    may("seq", Int(i64::MIN, i64::MAX)),
];

/// The calls for accounts ("Account binding and unbinding", 1024/41016).
pub(super) const ACCOUNT_CALL: &[Field] = &[
    must("operator_type", Int(1, 5)),
    may("platform", Word(&["android", "ios"])),
    may("token_list", Texts),
    may("account_list", List(ACCOUNT)),
    may("token_accounts", List(&[must("token", Text), must("account_list", List(ACCOUNT))])),
    may("account_type", Int(0, MANY)),
];

/// The query of accounts ("Account-device binding query", 548/39071).
pub(super) const ACCOUNT_QUERY: &[Field] = &[
    must("operator_type", Int(1, 2)),
    may("token_list", Texts),
    may("account_list", List(ACCOUNT)),
    may("account_type", Int(0, MANY)),
];

const ACCOUNT: &[Field] = &[must("account", Text), may("account_type", Int(0, MANY))];

/// What a push to tokens has besides.
pub(super) const TO_TOKENS: &[Field] = &[
    must("token_list", Texts),
    may("ignore_invalid_token", SWITCH),
    may("account_type", Unset),
    may("account_push_type", Unset),
];

/// What a push to accounts has besides.
pub(super) const TO_ACCOUNTS: &[Field] = &[
    must("account_list", Texts),
    may("account_type", Int(0, MANY)),
    may("account_push_type", SWITCH),
    may("ignore_invalid_token", Unset),
];

const CHANNEL_RULE: &[Field] =
    &[must("channel", Word(&["xg", "hw", "honor", "xm", "mz", "vivo", "oppo", "apns", "fcm"])), must("disable", Flag)];

/// A notification for Android.
pub(super) const ANDROID_NOTIFY: &[Field] = &[
    must("title", Text),
    must("content", Text),
    may("accept_time", List(SPAN)),
    may("thread_id", Text),
    may("thread_sumtext", Text),
    may("xg_media_resources", WEB),
    may("xg_media_audio_resources", WEB),
    may("android", Object(ANDROID)),
];

/// A message in the app, for Android. What `android` may hold of a notification is its defaults.
pub(super) const ANDROID_IN_APP: &[Field] =
    &[must("title", Text), must("content", Text), may("accept_time", List(SPAN)), may("android", Object(ANDROID))];

/// What the SDKs write into `android` by default, where that is not 0 or empty.
pub(super) const ANDROID_DEFAULTS: &[(&str, i64)] = &[
    ("badge_type", -1),
    ("ring", 1),
    ("vibrate", 1),
    ("lights", 1),
    ("clearable", 1),
    ("style_id", 1),
    ("show_type", 2),
];

/// A notification for iOS.
pub(super) const IOS_NOTIFY: &[Field] = &[
    must("title", Text),
    must("content", Text),
    may("thread_id", Text),
    may("show_type", Int(1, 2)),
    may("xg_media_resources", WEB),
    must("ios", Object(IOS)),
];

/// A silent message for iOS.
pub(super) const IOS_SILENT: &[Field] = &[must("ios", Object(IOS_IN_SILENCE))];

const SPAN: &[Field] = &[must("start", Object(MOMENT)), must("end", Object(MOMENT))];

const MOMENT: &[Field] = &[must("hour", Like(|text| is_below(text, 24))), must("min", Like(|text| is_below(text, 60)))];

const ANDROID: &[Field] = &[
    may("n_ch_id", Text),
    may("n_ch_name", Text),
    may("xm_ch_id", Text),
    may("fcm_ch_id", Text),
    may("hw_ch_id", Text),
    may("oppo_ch_id", Text),
    may("vivo_ch_id", Word(&["0", "1"])),
    // Huawei's list grows; no value is refused here.
    may("hw_category", Text),
    may("hw_importance", Int(1, 2)),
    may("hw_biz_type", SWITCH),
    may("n_id", Int(-1, MANY)),
    may("builder_id", Int(0, MANY)),
    may("badge_type", Int(-2, 99)),
    may("ring", SWITCH),
    may("vibrate", SWITCH),
    may("lights", SWITCH),
    may("clearable", SWITCH),
    may("ring_raw", Like(|name| !name.contains('.'))),
    may("icon_type", SWITCH),
    may("icon_res", Text),
    may("icon_color", Int(0, 0xff_ffff)),
    may("small_icon", Text),
    may("style_id", Int(0, MANY)),
    may("show_type", Int(1, 2)),
    may("custom_content", Like(is_data)),
    may("action", Object(ACTION)),
];

const ACTION: &[Field] = &[
    may("action_type", Int(1, 3)),
    may("activity", Like(is_class)),
    may("aty_attr", Object(&[may("if", Int(0, MANY)), may("pf", Int(0, MANY))])),
    may("browser", Object(&[must("url", WEB), may("confirm", SWITCH)])),
    may("intent", Like(is_deep_link)),
];

const IOS: &[Field] = &[must("aps", Object(APS)), may("custom_content", Like(is_data)), may("custom", Unset)];

const APS: &[Field] = &[
    may("alert", TextOr(ALERT)),
    may("badge_type", Int(-2, MANY)),
    may("category", Text),
    may("sound", Text),
    may("mutable-content", SWITCH),
    // 1 makes it silent, which a notification is not. The Go SDK writes the 0.
    may("content-available", Unset),
    may("interruption-level", Word(&["passive", "active", "time-sensitive", "critical"])),
];

/// Apple's; `title` and `body` give way to those of the message.
const ALERT: &[Field] = &[
    may("title", Text),
    may("subtitle", Text),
    may("body", Text),
    may("launch-image", Text),
    may("title-loc-key", Text),
    may("title-loc-args", Texts),
    may("subtitle-loc-key", Text),
    may("subtitle-loc-args", Texts),
    may("loc-key", Text),
    may("loc-args", Texts),
];

const IOS_IN_SILENCE: &[Field] =
    &[must("aps", Object(SILENT_APS)), may("custom_content", Like(is_data)), may("custom", Unset)];

const SILENT_APS: &[Field] = &[must("content-available", Int(1, 1)), may("mutable-content", SWITCH)];

/// Whether a text is a whole JSON object: the app's own data, serialised once more.
fn is_data(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok_and(|value| value.is_object())
}

/// A day, `YYYY-MM-DD`.
pub(super) fn day(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|day| day.to_string() == text)
}

/// A time of day, `HH:MM:SS`.
pub(super) fn is_time_of_day(text: &str) -> bool {
    NaiveTime::parse_from_str(text, "%H:%M:%S").is_ok_and(|time| time.format("%H:%M:%S").to_string() == text)
}

/// `YYYY-MM-DD HH:MM:SS` in milliseconds since the Unix epoch. The zone is not documented;
/// Beijing's is the safe reading.
pub(super) fn beijing_ms(text: &str) -> Option<i64> {
    let time = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?;
    (time.format("%Y-%m-%d %H:%M:%S").to_string() == text)
        .then(|| time.and_utc().timestamp_millis() - 8 * 60 * 60 * 1000)
}

fn is_web_address(text: &str) -> bool {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    rest.is_some_and(|rest| !rest.is_empty()) && !text.contains(char::is_whitespace)
}

/// Whether a text is a URI of an app's own scheme, and not an intent in Android's URI form.
fn is_deep_link(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let mut bytes = scheme.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
        && !scheme.eq_ignore_ascii_case("intent")
        && !rest.is_empty()
        && !rest.contains(char::is_whitespace)
}

/// Whether a text may be the full name of a class.
fn is_class(text: &str) -> bool {
    text.split('.').count() > 1
        && text.split('.').all(|part| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$'))
        })
}

fn is_below(text: &str, end: u8) -> bool {
    (1..=2).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && text.parse::<u8>().is_ok_and(|number| number < end)
}
