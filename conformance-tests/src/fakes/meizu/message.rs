//! `messageJson` of a notification: its fields, the rules between them, and what the user sees.

use serde_json::Value;

use super::checks::Kind::{Flag, Group, OneOf, OneOfText, Pairs, Range, Text, Unused};
use super::checks::Most::{Any, Bytes, Chars};
use super::checks::Need::{May, Must};
use super::checks::{self, Checked, Field, any, blank, class, colour, is_unset, key, time, uri, web, wrong};
use crate::fake::Delivered;

const MESSAGE: &[Field] = &[
    Field("noticeBarInfo", Must, Group(NOTICE_BAR)),
    Field("noticeExpandInfo", May, Group(NOTICE_EXPAND)),
    Field("clickTypeInfo", May, Group(CLICK_TYPE)),
    Field("pushTimeInfo", May, Group(PUSH_TIME)),
    Field("advanceInfo", May, Group(ADVANCE)),
    Field("vipInfo", May, Group(VIP)),
    // Honoured by the direct call only; a task ignores it, and the SDK sends it empty there.
    Field("extra", May, Group(EXTRA)),
];

const NOTICE_BAR: &[Field] = &[
    Field("noticeMsgType", May, OneOf(&[1])),
    // Style 1 (a picture) was withdrawn in 2022, and its picture with it.
    Field("noticeBarType", May, OneOf(&[2])),
    Field("noticeBarImgUrl", May, Unused),
    Field("title", Must, Text(Chars(32), any)),
    Field("content", Must, Text(Chars(100), any)),
];

const NOTICE_EXPAND: &[Field] = &[
    Field("noticeExpandType", May, OneOf(&[1, 2])),
    Field("noticeExpandContent", May, Text(Any, any)),
    Field("noticeExpandImgUrl", May, Text(Any, web)),
];

const CLICK_TYPE: &[Field] = &[
    // Action 3 (the app decides) must not be used since Android 12, nor its attribute.
    Field("clickType", May, OneOf(&[1, 2])),
    Field("customAttribute", May, Unused),
    Field("url", May, Text(Bytes(1000), uri)),
    Field("activity", May, Text(Bytes(1000), class)),
    Field("parameters", May, Pairs),
];

const PUSH_TIME: &[Field] = &[
    Field("offLine", May, Flag),
    Field("validTime", May, Range(1, 72)),
    Field("pushTimeType", May, OneOf(&[1])),
    Field("startTime", May, Text(Any, time)),
];

const ADVANCE: &[Field] = &[
    Field("suspend", May, Flag),
    Field("clearNoticeBar", May, Flag),
    Field("fixDisplay", May, Flag),
    Field("fixStartDisplayTime", May, Text(Any, time)),
    Field("fixEndDisplayTime", May, Text(Any, time)),
    Field("fixSpeed", May, Flag),
    Field("fixSpeedRate", May, Range(1, i64::MAX)),
    Field("notificationType", May, Group(NOTIFICATION_TYPE)),
    Field("notifyKey", May, Text(Chars(8), key)),
];

const NOTIFICATION_TYPE: &[Field] =
    &[Field("vibrate", May, Flag), Field("lights", May, Flag), Field("sound", May, Flag)];

const VIP: &[Field] = &[
    Field("subtitle", May, Text(Chars(16), any)),
    Field("pullDownTop", May, Flag),
    Field("timeTop", May, Range(1800, 7200)),
    Field("notGroup", May, Flag),
    Field("titleColor", May, Text(Any, colour)),
    Field("backgroundImgUrl", May, Text(Any, web)),
    Field("smallIconUrl", May, Text(Any, web)),
    Field("bigIconUrl", May, Text(Any, web)),
];

/// The dots belong to the names: nothing is nested here.
const EXTRA: &[Field] = &[
    Field("callback", May, Text(Bytes(128), web)),
    Field("callback.param", May, Text(Bytes(64), any)),
    Field("callback.type", May, OneOfText(&[1, 2, 3])),
];

const OFF_LINE: &str = "/pushTimeInfo/offLine";
const VALID_TIME: &str = "/pushTimeInfo/validTime";
const EXPAND_TYPE: &str = "/noticeExpandInfo/noticeExpandType";
const EXPAND_CONTENT: &str = "/noticeExpandInfo/noticeExpandContent";
const EXPAND_PICTURE: &str = "/noticeExpandInfo/noticeExpandImgUrl";
const CLICK: &str = "/clickTypeInfo/clickType";
const ACTIVITY: &str = "/clickTypeInfo/activity";
const URL: &str = "/clickTypeInfo/url";
const FIX_DISPLAY: &str = "/advanceInfo/fixDisplay";
const BACKGROUND: &str = "/vipInfo/backgroundImgUrl";

/// Scheduling and pacing: for tags and broadcasts only.
const TO_MANY: [&str; 4] =
    ["/pushTimeInfo/pushTimeType", "/pushTimeInfo/startTime", "/advanceInfo/fixSpeed", "/advanceInfo/fixSpeedRate"];

/// When the first field has this value, the second has to be set.
const NEEDS: [(&str, i64, &str); 8] = [
    ("/pushTimeInfo/pushTimeType", 1, "/pushTimeInfo/startTime"),
    (EXPAND_TYPE, 1, EXPAND_CONTENT),
    (EXPAND_TYPE, 2, EXPAND_PICTURE),
    (CLICK, 1, ACTIVITY),
    (CLICK, 2, URL),
    (OFF_LINE, 1, VALID_TIME),
    (FIX_DISPLAY, 1, "/advanceInfo/fixStartDisplayTime"),
    (FIX_DISPLAY, 1, "/advanceInfo/fixEndDisplayTime"),
];

/// Fields of which only one may be set.
const EXCLUDE: [(&str, &str); 4] = [
    ("/vipInfo/pullDownTop", "/vipInfo/timeTop"),
    (BACKGROUND, "/vipInfo/titleColor"),
    (BACKGROUND, "/vipInfo/bigIconUrl"),
    (BACKGROUND, EXPAND_PICTURE),
];

/// The documented default of `validTime`, in hours.
const DEFAULT_HOURS: u64 = 24;

/// Checks a notification and reads what the user would see. `target`, `message_id` and `raw`
/// are left to the caller. `to_many` is whether it goes to tags or to everybody.
pub(super) fn read(text: &str, to_many: bool) -> Checked<Delivered> {
    let Ok(message) = serde_json::from_str::<Value>(text) else { return Err(wrong("messageJson", "no JSON")) };
    checks::object("messageJson", &message, MESSAGE)?;
    if let Some(path) = TO_MANY.into_iter().find(|path| !to_many && set(&message, path).is_some()) {
        return Err(wrong(path, "for tags and broadcasts only"));
    }
    between_fields(&message)?;
    Ok(shown(&message))
}

fn between_fields(message: &Value) -> Checked<()> {
    // For a message that is kept, 0 hours are out of range and not just unset.
    if kept(message) && message.pointer(VALID_TIME).is_some_and(is_unset) {
        return Err(wrong(VALID_TIME, "0 is not between 1 and 72"));
    }
    if let Some((.., missing)) = NEEDS.iter().find(|(a, is, b)| number(message, a) == *is && set(message, b).is_none())
    {
        return Err(blank(missing));
    }
    if let Some((a, b)) = EXCLUDE.iter().find(|(a, b)| set(message, a).is_some() && set(message, b).is_some()) {
        return Err(wrong(a, format!("not together with {b}")));
    }
    let receipt = ["/extra/callback.param", "/extra/callback.type"].iter().any(|path| set(message, path).is_some());
    if receipt && set(message, "/extra/callback").is_none() {
        return Err(blank("/extra/callback"));
    }
    Ok(())
}

fn shown(message: &Value) -> Delivered {
    let text = |path| set(message, path).and_then(Value::as_str).map(str::to_owned);
    let click = number(message, CLICK);
    let hours = message.pointer(VALID_TIME).and_then(Value::as_u64).unwrap_or(DEFAULT_HOURS);
    Delivered {
        title: text("/noticeBarInfo/title"),
        // Pulled open, the notification shows the longer text.
        body: text(if number(message, EXPAND_TYPE) == 1 { EXPAND_CONTENT } else { "/noticeBarInfo/content" }),
        // An intent gets the parameters as extras; a URI gets none.
        data: if click == 2 { Vec::new() } else { pairs(message.pointer("/clickTypeInfo/parameters")) },
        click: match click {
            1 => text(ACTIVITY),
            2 => text(URL),
            _ => None,
        },
        ttl_seconds: Some(if kept(message) { hours * 3600 } else { 0 }),
        collapse: text("/advanceInfo/notifyKey"),
        ..Delivered::default()
    }
}

/// All values reach the app as texts.
fn pairs(parameters: Option<&Value>) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let map = parameters.and_then(Value::as_object);
    map.into_iter().flatten().map(|(name, value)| (name.clone(), text(value))).collect()
}

/// Whether the message waits for devices that are offline: it does unless it says otherwise.
fn kept(message: &Value) -> bool {
    message.pointer(OFF_LINE).is_none_or(|value| !is_unset(value))
}

/// A field that is there and not left alone.
fn set<'a>(message: &'a Value, path: &str) -> Option<&'a Value> {
    message.pointer(path).filter(|value| !is_unset(value))
}

/// A number or a flag as a number; 0 when absent.
fn number(message: &Value, path: &str) -> i64 {
    let value = message.pointer(path);
    value.and_then(|v| v.as_i64().or_else(|| v.as_bool().map(i64::from))).unwrap_or(0)
}
