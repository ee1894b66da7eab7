//! The fields of a v3 `messages:send`, scenario by scenario, after "push-scenariozed-api-request-
//! param" of the HarmonyOS references.

use serde_json::{Map, Value};

use crate::fakes::huawei::fields::Kind::{Any, Flag, Free, Like, List, Object, OneOf, Short, Text, Whole};
use crate::fakes::huawei::fields::{Field, is_https, may, must};
use crate::fakes::huawei::wire::MAX_TTL;

const INT: i64 = i32::MAX as i64;
/// The largest whole number that every JSON reader gets right.
const SAFE: f64 = 9_007_199_254_740_991.0;

/// The body around the payload, which has a table for every scenario.
pub(super) const REQUEST: &[Field] =
    &[must("payload", Any), must("target", Object(TARGET)), may("pushOptions", Object(OPTIONS))];

const TARGET: &[Field] = &[must("token", Any)];

const OPTIONS: &[Field] = &[
    may("testMessage", Flag),
    // Zero is documented nowhere, and for HMS excluded.
    may("ttl", Whole(1, MAX_TTL)).or("80100004"),
    may("biTag", Like(|text| text.len() <= 64)),
    may("receiptId", Text),
    may("collapseKey", Whole(-1, 100)),
    may("backgroundMode", Whole(0, 1)),
];

/// Push-type 0.
pub(super) const ALERT: &[Field] = &[must("notification", Object(NOTIFICATION))];
/// Push-type 0 as well: it only changes the number on the app's icon.
pub(super) const BADGE_ONLY: &[Field] = &[must("notification", Object(&[must("badge", Object(SET_ONLY))]))];
/// Push-type 2.
pub(super) const EXTENSION: &[Field] = &[must("notification", Object(NOTIFICATION)), must("extraData", Text)];
/// Push-type 6.
pub(super) const BACKGROUND: &[Field] = &[must("extraData", Text), may("proxyData", OneOf(&["ENABLE"]))];
/// Push-type 10.
pub(super) const CALL: &[Field] = &[must("extraData", Text)];

const SET_ONLY: &[Field] = &[must("setNum", Whole(0, 99))];

const NOTIFICATION: &[Field] = &[
    must(
        "category",
        OneOf(&[
            "IM",
            "VOIP",
            "MISS_CALL",
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
        ]),
    ),
    must("title", Text),
    must("body", Text),
    must("clickAction", Object(CLICK_ACTION)),
    may("image", Like(is_https)),
    may("style", Whole(0, 3)),
    may("bigTitle", Text),
    may("bigBody", Text),
    may("inboxContent", List(&Short(1024), 3)),
    may("notifyId", Whole(-1, INT)),
    may("appMessageId", Like(is_message_id)),
    may("profileId", Short(64)),
    may("badge", Object(&[may("addNum", Whole(1, 99)), may("setNum", Whole(0, 99))])),
    may("sound", Text),
    may("soundDuration", Whole(1, 60)),
    may("foregroundShow", Flag),
];

/// Other types than 0 and 1 are for the areas of live views.
const CLICK_ACTION: &[Field] =
    &[must("actionType", Whole(0, 1)), may("action", Text), may("uri", Text), may("data", Free)];

/// Push-type 1. A newer page nests these in an object `formUpdate`; all examples do not.
pub(super) const FORM: &[Field] = &[
    must("formId", Whole(0, INT)),
    must("version", Whole(0, INT)),
    must("moduleName", Text),
    must("formName", Text),
    must("abilityName", Text),
    must("formData", Free),
    may("images", List(&Object(FORM_IMAGE), 1)),
];

const FORM_IMAGE: &[Field] = &[must("keyName", Text), must("url", Like(is_https)), may("require", Whole(0, 1))];

/// Push-type 7.
pub(super) const LIVE_VIEW: &[Field] = &[
    must("activityId", Whole(i32::MIN as i64, INT)),
    must("operation", Whole(0, 2)),
    may(
        "event",
        OneOf(&[
            "TAXI",
            "DELIVERY",
            "FLIGHT",
            "TRAIN",
            "QUEUE",
            "PICK_UP",
            "SCORE",
            "RENT",
            "TIMER",
            "WORKOUT",
            "NAVIGATION",
        ]),
    ),
    may("status", Text),
    may("title", Text),
    may("content", Text),
    may("mute", Flag),
    may("version", Whole(0, INT)),
    may("activityData", Object(ACTIVITY)),
];

const ACTIVITY: &[Field] = &[may("notificationData", Free), may("capsuleData", Free), may("externalData", Free)];

fn is_message_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=-_ ".contains(&b))
}

/// Whether the data of a form can be shown: no `null` in it, no reserved key, no number that a
/// reader would round.
pub(super) fn is_form_data(data: &Map<String, Value>) -> bool {
    fn good(value: &Value) -> bool {
        match value {
            Value::Null => false,
            Value::Number(number) => number.as_f64().is_some_and(|number| number.abs() <= SAFE),
            Value::Array(values) => values.iter().all(good),
            Value::Object(map) => is_form_data(map),
            _ => true,
        }
    }
    data.iter().all(|(key, value)| !key.starts_with("datashareproxy://") && good(value))
}
