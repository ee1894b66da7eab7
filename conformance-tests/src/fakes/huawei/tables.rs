//! The fields of a v1 or v2 `messages:send`, after "https-send-api" of the HMS Core references.

use serde_json::Value;

use super::fields::Kind::{Any, Flag, Free, Like, List, Object, OneOf, Share, Short, Text, Whole};
use super::fields::{Field, is_https, may, must};
use super::wire::MAX_TTL;

/// The body, audience and `message` of which are looked at before.
pub(super) const REQUEST: &[Field] = &[
    may("validate_only", Flag),
    must("message", Object(MESSAGE)),
    may("review", List(&Object(REVIEW), usize::MAX)).or("80100018"),
];

const REVIEW: &[Field] = &[
    must("reviewer", OneOf(&["tuibian"])).or("80100018"),
    must("type", Whole(0, 0)).or("80100018"),
    must("result", Free).or("80100018"),
];

const MESSAGE: &[Field] = &[
    may("token", Any),
    may("topic", Like(is_topic)),
    may("condition", Like(is_condition)),
    may("data", Text),
    may("notification", Object(OUTER)),
    may("android", Object(ANDROID)),
    may("apns", Free),
    may("webpush", Free),
];

const IMAGE: Field = may("image", Like(is_https));

const OUTER: &[Field] = &[may("title", Text), may("body", Text), IMAGE];

/// The scenarios that an app may claim for a message.
pub(super) const CATEGORIES: &[&str] = &[
    "IM",
    "VOIP",
    "SUBSCRIPTION",
    "TRAVEL",
    "HEALTH",
    "WORK",
    "ACCOUNT",
    "EXPRESS",
    "FINANCE",
    "DEVICE_REMINDER",
    "MAIL",
    "PLAY_VOICE",
    "MARKETING",
];

const ANDROID: &[Field] = &[
    may("collapse_key", Whole(-1, 100)).or("80100013"),
    may("urgency", OneOf(&["HIGH", "NORMAL"])),
    may("category", OneOf(CATEGORIES)),
    may("ttl", Like(is_ttl)).or("80100004"),
    may("bi_tag", Text),
    may("receipt_id", Text),
    may("fast_app_target", Whole(1, 2)),
    may("target_user_type", Whole(0, 1)),
    may("data", Text),
    may("notification", Object(NOTIFICATION)),
];

const NOTIFICATION: &[Field] = &[
    may("title", Text),
    may("body", Text),
    must("click_action", Object(CLICK_ACTION)),
    IMAGE,
    may("icon", Like(is_resource)),
    may("color", Like(is_color)),
    may("sound", Like(is_resource)),
    may("default_sound", Flag),
    may("tag", Text),
    may("notify_id", Whole(-1, i32::MAX as i64)),
    may("group", Text),
    may("channel_id", Text),
    may("notify_summary", Text),
    // There is no style 2: the rules say so.
    may("style", Whole(0, 3)),
    may("big_title", Text),
    may("big_body", Text),
    may("inbox_content", List(&Short(1024), 5)),
    may("buttons", List(&Object(BUTTON), 3)),
    may("badge", Object(BADGE)),
    may("importance", OneOf(&["NORMAL", "LOW", "HIGH"])),
    may("visibility", OneOf(&["PRIVATE", "PUBLIC", "SECRET", "VISIBILITY_UNSPECIFIED"])),
    may("when", Like(is_instant)),
    may("foreground_show", Flag),
    may("use_default_vibrate", Flag),
    may("use_default_light", Flag),
    may("vibrate_config", List(&Like(is_vibration), 10)),
    may("light_settings", Object(LIGHT_SETTINGS)),
    may("profile_id", Short(64)),
    may("title_loc_key", Text),
    may("title_loc_args", List(&Text, usize::MAX)),
    may("body_loc_key", Text),
    may("body_loc_args", List(&Text, usize::MAX)),
    may("multi_lang_key", Free),
    may("ticker", Text),
    // In the SDKs only.
    may("auto_clear", Whole(0, i64::MAX)),
    may("auto_cancel", Flag),
];

const CLICK_ACTION: &[Field] =
    &[must("type", Whole(1, 3)), may("intent", Like(is_intent)), may("action", Text), may("url", Like(is_https))];

const BUTTON: &[Field] = &[
    must("name", Short(40)),
    must("action_type", Whole(0, 4)),
    may("intent_type", Whole(0, 1)),
    may("intent", Text),
    may("data", Short(1024)),
];

/// Without the launcher activity a badge has no effect, so it is refused.
const BADGE: &[Field] = &[may("add_num", Whole(1, 99)), may("set_num", Whole(0, 99)), must("class", Text)];

const LIGHT_SETTINGS: &[Field] = &[
    must("color", Object(COLOR)),
    must("light_on_duration", Like(is_duration)),
    must("light_off_duration", Like(is_duration)),
];

const COLOR: &[Field] = &[may("alpha", Share), may("red", Share), may("green", Share), may("blue", Share)];

/// Seconds with an optional fraction and an optional unit: `86400s`, `1.5`.
fn seconds(text: &str) -> Option<f64> {
    let number = text.strip_suffix(['s', 'S']).unwrap_or(text);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    (digits(whole) && digits(fraction)).then(|| number.parse().ok()).flatten()
}

/// The whole seconds of a time to live.
pub(super) fn ttl(text: &str) -> Option<u64> {
    seconds(text).map(|seconds| seconds as u64)
}

fn is_ttl(text: &str) -> bool {
    seconds(text).is_some_and(|seconds| seconds > 0.0 && seconds <= MAX_TTL as f64)
}

fn is_duration(text: &str) -> bool {
    seconds(text).is_some()
}

fn is_vibration(text: &str) -> bool {
    seconds(text).is_some_and(|seconds| seconds > 0.0 && seconds <= 60.0)
}

fn is_resource(text: &str) -> bool {
    text.strip_prefix("/raw/").is_some_and(|name| !name.is_empty())
}

fn is_color(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// An Android intent as a URI, such as `intent://host/path#Intent;scheme=app;end`.
fn is_intent(text: &str) -> bool {
    text.contains("#Intent;") && text.ends_with("end")
}

/// UTC, such as `2014-10-02T15:01:23.045123456Z`.
fn is_instant(text: &str) -> bool {
    let Some(text) = text.strip_suffix('Z') else { return false };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let shape = |(byte, form): (u8, u8)| if form == b'0' { byte.is_ascii_digit() } else { byte == form };
    let form = b"0000-00-00T00:00:00";
    whole.len() == form.len()
        && whole.bytes().zip(form.iter().copied()).all(shape)
        && (1..=9).contains(&fraction.len())
        && fraction.bytes().all(|b| b.is_ascii_digit())
}

/// Letters, digits, Chinese characters and a few signs; at most 900.
pub(super) fn is_topic(text: &str) -> bool {
    let chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    let good = |c: char| c.is_ascii_alphanumeric() || "_%.~-".contains(c) || chinese(c);
    (1..=900).contains(&text.chars().count()) && text.chars().all(good)
}

/// A condition over one to five topics. Every second part between quotes is a topic's name; what
/// is left must be `in topics` behind each, with operators and balanced parentheses around.
fn is_condition(text: &str) -> bool {
    let parts: Vec<&str> = text.split('\'').collect();
    let names = parts.iter().skip(1).step_by(2);
    let named = names.clone().count();
    let skeleton: String = parts.iter().step_by(2).copied().collect::<Vec<_>>().join("t");
    let skeleton: String = skeleton.split_whitespace().collect::<String>().replace("tintopics", "t");
    let depth = skeleton.chars().try_fold(0_i32, |depth, c| match c {
        '(' => Some(depth + 1),
        ')' if depth > 0 => Some(depth - 1),
        ')' => None,
        _ => Some(depth),
    });
    // Without parentheses and negations there must be left `t&&t||t`.
    let flat = skeleton.replace(['(', ')', '!'], "").replace("||", "&&");
    parts.len() % 2 == 1
        && (1..=5).contains(&named)
        && names.copied().all(is_topic)
        && depth == Some(0)
        && flat.split("&&").all(|operand| operand == "t")
}

/// At most three languages for every key.
pub(super) fn is_multi_lang(value: &Value) -> bool {
    let few = |languages: &Value| languages.as_object().is_some_and(|map| (1..=3).contains(&map.len()));
    value.as_object().is_some_and(|keys| keys.values().all(few))
}
