//! Which fields vivo's calls have, as tables, and the one checker that reads them.
//!
//! Where vivo documents no number for a mistake the tables say [`MALFORMED`].

use serde_json::{Map, Value};

use super::codes::MALFORMED;

/// A JSON object.
pub(super) type Object = Map<String, Value>;

/// Why a call is refused.
#[derive(Debug)]
pub(super) struct Refusal {
    /// The failure, by its name in the table of codes.
    pub(super) code: &'static str,
    /// What was wrong, for people.
    pub(super) why: String,
}

/// The outcome of a check.
pub(super) type Checked<T = ()> = Result<T, Refusal>;

/// Refuses.
pub(super) fn refuse<T>(code: &'static str, why: impl Into<String>) -> Checked<T> {
    Err(Refusal { code, why: why.into() })
}

/// Refuses unless something holds.
pub(super) fn ensure(holds: bool, code: &'static str, why: impl Into<String>) -> Checked {
    if holds { Ok(()) } else { refuse(code, why) }
}

/// What a field may hold. vivo coerces strings to numbers; its documentation does not say so,
/// and neither do we.
enum Kind {
    /// Text of so many characters; the code is for longer text. A blank one counts as missing.
    Text(usize, &'static str),
    /// A whole number in a range.
    Number(i64, i64),
    /// One of these numbers.
    OneOf(&'static [i64]),
    /// True or false.
    Flag,
    Object,
    Array,
    /// Whatever; read elsewhere, or not at all.
    Any,
}

/// A field of a call.
pub(super) struct Field {
    name: &'static str,
    kind: Kind,
    /// The failure when it is missing; `None` when it may be.
    missing: Option<&'static str>,
    /// The failure when its type or value is wrong.
    wrong: &'static str,
}

const fn must(name: &'static str, kind: Kind, missing: &'static str, wrong: &'static str) -> Field {
    Field { name, kind, missing: Some(missing), wrong }
}

const fn may(name: &'static str, kind: Kind, wrong: &'static str) -> Field {
    Field { name, kind, missing: None, wrong }
}

const APP_ID: Field = must("appId", Kind::Number(0, i64::MAX), "10200", "10094");
const REQUEST_ID: Field = must("requestId", Kind::Text(64, "10353"), "10352", "10352");
const PUSH_MODE: Field = may("pushMode", Kind::OneOf(&[0, 1]), MALFORMED);

/// `/message/auth`. Lengths are nowhere stated: what is wrong will not match.
pub(super) const AUTH: &[Field] = &[
    // Several clients write it as text, and are let in.
    must("appId", Kind::Any, "10200", "10205"),
    must("appKey", Kind::Text(usize::MAX, "10202"), "10201", "10202"),
    must("timestamp", Kind::Number(0, i64::MAX), "10203", "10207"),
    must("sign", Kind::Text(usize::MAX, "10206"), "10204", "10206"),
];

/// What all messages have in common.
pub(super) const MESSAGE: &[Field] = &[
    APP_ID,
    REQUEST_ID,
    must("notifyType", Kind::OneOf(&[1, 2, 3, 4]), "10054", "10054"),
    must("title", Kind::Text(40, "10056"), "10055", "10055"),
    must("content", Kind::Text(100, "10058"), "10057", "10057"),
    // More than a day is cut to a day, not refused.
    may("timeToLive", Kind::Number(60, i64::MAX), "10059"),
    must("skipType", Kind::OneOf(&[1, 2, 3, 4]), "10060", "10060"),
    may("skipContent", Kind::Text(usize::MAX, MALFORMED), MALFORMED),
    may("networkType", Kind::OneOf(&[-1, 1]), "10065"),
    may("classification", Kind::OneOf(&[0, 1]), "11000"),
    may("category", Kind::Text(usize::MAX, "10096"), "10096"),
    may("clientCustomMap", Kind::Object, "10067"),
    may("extra", Kind::Object, "10304"),
    PUSH_MODE,
    may("notifyId", Kind::Number(1, 0x7fff_ffff), "10095"),
    may("sendOnline", Kind::Flag, MALFORMED),
    may("foregroundShow", Kind::Flag, MALFORMED),
    may("addBadge", Kind::Flag, MALFORMED),
    may("timedDisplay", Kind::Object, MALFORMED),
    // Written by the Java SDK 3.3; what is in them is not documented.
    may("auditReview", Kind::Array, MALFORMED),
    may("marketing", Kind::Object, MALFORMED),
    may("tagExpression", Kind::Object, MALFORMED),
];

/// What only `/message/send` has. Old texts allow an `alias` in the place of `regId`; today's
/// list has no such field, so it is borne beside a `regId`, which wins, but not alone.
pub(super) const ONE_TARGET: &[Field] = &[
    must("regId", Kind::Text(usize::MAX, "10050"), "10050", "10050"),
    may("alias", Kind::Text(70, "10301"), "10301"),
    may("profileId", Kind::Text(64, MALFORMED), MALFORMED),
];

/// `/message/pushToList`. The Java SDK 3.3 leaves `appId` out here.
pub(super) const LIST: &[Field] = &[
    may("appId", Kind::Number(0, i64::MAX), "10094"),
    REQUEST_ID,
    must("taskId", Kind::Text(usize::MAX, "10152"), "10151", "10152"),
    must("regIds", Kind::Array, "10150", "10150"),
    may("aliases", Kind::Array, "10154"),
    PUSH_MODE,
];

/// The object `timedDisplay`; its times are numbers from the SDK and strings in the documentation.
pub(super) const TIMED_DISPLAY: &[Field] = &[
    may("overtimeDisplay", Kind::Flag, MALFORMED),
    must("showStartTime", Kind::Any, MALFORMED, MALFORMED),
    must("showEndTime", Kind::Any, MALFORMED, MALFORMED),
];

/// The object `extra`. A field it does not have has a number of its own.
pub(super) const EXTRA: &[Field] = &[
    may("callback", Kind::Text(128, "10305"), "10305"),
    // 64 characters in version 2.9.2 of the documentation, 192 today.
    may("callback.param", Kind::Text(192, "10306"), "10306"),
    may("callback.id", Kind::Text(usize::MAX, MALFORMED), MALFORMED),
];

const NAME: Field = must("name", Kind::Text(usize::MAX, MALFORMED), MALFORMED, MALFORMED);
const OLD_NAME: Field = must("oldName", Kind::Text(usize::MAX, MALFORMED), MALFORMED, MALFORMED);
const NEW_NAME: Field = must("newName", Kind::Text(usize::MAX, MALFORMED), MALFORMED, MALFORMED);
const TAG: Field = must("name", Kind::Text(usize::MAX, "10601"), "10601", "10601");
const DESC: Field = may("desc", Kind::Text(usize::MAX, MALFORMED), MALFORMED);
const TYPE: Field = must("type", Kind::OneOf(&[1, 2]), "10616", "10616");
const EXPRESSION: Field = must("expression", Kind::Object, MALFORMED, MALFORMED);

/// `/invalidUser/check`. Whether another type than regIds (1) exists is unknown.
pub(super) const CHECK: &[Field] = &[
    APP_ID,
    must("userType", Kind::OneOf(&[1]), MALFORMED, MALFORMED),
    must("userIds", Kind::Array, MALFORMED, MALFORMED),
];
/// `/tag/add`.
pub(super) const TAG_ADD: &[Field] = &[APP_ID, TAG, DESC, may("group", Kind::Text(usize::MAX, MALFORMED), MALFORMED)];
/// `/tag/update`.
pub(super) const TAG_UPDATE: &[Field] = &[
    APP_ID,
    must("oldName", Kind::Text(usize::MAX, "10601"), "10601", "10601"),
    must("newName", Kind::Text(usize::MAX, "10601"), "10601", "10601"),
    DESC,
];
/// `/tag/addMembers` and `/tag/removeMembers`. Type 1 is taken for regIds and 2 for aliases.
pub(super) const TAG_MEMBERS: &[Field] = &[APP_ID, TAG, TYPE, must("ids", Kind::Array, "10609", "10609")];
/// `/tagGroup/add`.
pub(super) const GROUP_ADD: &[Field] = &[APP_ID, NAME, TYPE, DESC];
/// `/tagGroup/update`. It has more fields, of which only the description is likely.
pub(super) const GROUP_UPDATE: &[Field] = &[APP_ID, OLD_NAME, NEW_NAME, DESC];
/// `/tagGroup/addToGroup`.
pub(super) const GROUP_TAGS: &[Field] = &[APP_ID, NAME, must("tagList", Kind::Array, MALFORMED, MALFORMED)];
/// `/tagSegment/add`.
pub(super) const SEGMENT_ADD: &[Field] = &[APP_ID, NAME, EXPRESSION];
/// `/tagSegment/update`.
pub(super) const SEGMENT_UPDATE: &[Field] = &[APP_ID, OLD_NAME, NEW_NAME, EXPRESSION];

/// A choice of tags: `tagExpression` of a push, `expression` of a segment.
pub(super) const TAGS: &[Field] = &[
    may("orTags", Kind::Array, MALFORMED),
    may("andTags", Kind::Array, MALFORMED),
    may("notTags", Kind::Array, MALFORMED),
];

/// Checks an object against tables; a field in none of them fails with `unknown`.
pub(super) fn check(object: &Object, tables: &[&[Field]], unknown: &'static str) -> Checked {
    let fields = || tables.iter().copied().flatten();
    for name in object.keys() {
        ensure(fields().any(|field| field.name == name), unknown, format!("there is no field {name}"))?;
    }
    fields().try_for_each(|field| field.check(object.get(field.name)))
}

impl Field {
    fn check(&self, value: Option<&Value>) -> Checked {
        let blank = |value: &Value| {
            matches!(self.kind, Kind::Text(..)) && value.as_str().is_some_and(|text| text.trim().is_empty())
        };
        let Some(value) = value.filter(|value| !blank(value)) else {
            return match self.missing {
                Some(code) => refuse(code, format!("{} is missing or blank", self.name)),
                None => Ok(()),
            };
        };
        let fits = match self.kind {
            Kind::Text(most, long) => match value.as_str() {
                Some(text) if text.chars().count() > most => {
                    return refuse(long, format!("{} is longer than {most} characters", self.name));
                }
                text => text.is_some(),
            },
            Kind::Number(low, high) => value.as_i64().is_some_and(|number| (low..=high).contains(&number)),
            Kind::OneOf(numbers) => value.as_i64().is_some_and(|number| numbers.contains(&number)),
            Kind::Flag => value.is_boolean(),
            Kind::Object => value.is_object(),
            Kind::Array => value.is_array(),
            Kind::Any => true,
        };
        ensure(fits, self.wrong, format!("{} cannot be {value}", self.name))
    }
}

/// A text of an object; empty when there is none.
pub(super) fn text<'a>(object: &'a Object, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A whole number of an object.
pub(super) fn number(object: &Object, name: &str) -> Option<i64> {
    object.get(name)?.as_i64()
}

/// The texts of a list of an object; what is no text is left out.
pub(super) fn strings<'a>(body: &'a Object, name: &str) -> Vec<&'a str> {
    let all = body.get(name).and_then(Value::as_array);
    all.into_iter().flatten().filter_map(Value::as_str).collect()
}
