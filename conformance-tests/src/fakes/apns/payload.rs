//! The payload: its size, and the keys of `aps` as tables ("Generating a remote notification",
//! "Starting and updating Live Activities with ActivityKit push notifications").
//!
//! Apple has no documented reason for a payload with a fault inside; devices drop it in silence.
//! Here it is refused, so that a sender's fault is noticed, in the words that Apple has for
//! channel calls: `BadRequestPayload` (wrong or missing value), `BadRequestParams` (unknown
//! key), and `InvalidPushType` where the payload is not what the push type says.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::codes::Fault;
use super::headers::{Aps, PushType};

/// A key of a dictionary.
#[derive(Debug)]
pub(super) struct Field {
    name: &'static str,
    kind: Kind,
    required: bool,
}

/// What the value of a key may be.
#[derive(Debug)]
enum Kind {
    Text,
    Texts,
    /// A whole number, 0 or more.
    Count,
    /// A date in seconds. More than 32 bits are a date in milliseconds.
    Date,
    /// The number 1.
    One,
    True,
    Number,
    /// A number from 0 to 1.
    Share,
    Base64,
    OneOf(&'static [&'static str]),
    /// Any dictionary.
    Dictionary,
    Object(&'static [Field]),
    TextOr(&'static [Field]),
}

use Kind::*;

const fn may(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: false }
}

const fn must(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: true }
}

/// `aps` of all but background pushes and Live Activities.
pub(super) static ORDINARY: &[Field] = &[
    may("alert", TextOr(ALERT)),
    may("badge", Count),
    may("sound", TextOr(SOUND)),
    may("thread-id", Text),
    may("category", Text),
    may("content-available", One),
    may("mutable-content", One),
    may("target-content-id", Text),
    may("interruption-level", OneOf(&["passive", "active", "time-sensitive", "critical"])),
    may("relevance-score", Share),
    may("filter-criteria", Text),
    may("url-args", Texts),
];

/// `aps` of a background push.
pub(super) static BACKGROUND: &[Field] = &[must("content-available", One)];

/// What widgets and controls have besides ("Updating widgets with WidgetKit push notifications").
pub(super) static RELOAD: &[Field] = &[may("content-changed", True)];

/// `aps` of a Live Activity; [`EVENTS`] says more.
pub(super) static LIVE: &[Field] = &[
    must("timestamp", Date),
    must("event", OneOf(&["start", "update", "end"])),
    must("content-state", Dictionary),
    may("stale-date", Date),
    may("relevance-score", Number),
    may("alert", Object(LIVE_ALERT)),
    may("attributes-type", Text),
    may("attributes", Dictionary),
    may("input-push-token", One),
    may("input-push-channel", Base64),
    may("dismissal-date", Date),
];

/// Keys that an event of a Live Activity must have, and those that no other event may have.
const EVENTS: &[(&str, &[&str], &[&str])] = &[
    (
        "start",
        &["attributes-type", "attributes", "alert"],
        &["attributes-type", "attributes", "input-push-token", "input-push-channel"],
    ),
    ("update", &[], &[]),
    ("end", &[], &["dismissal-date"]),
];

static ALERT: &[Field] = &[
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
    // Of old systems.
    may("action", Text),
    may("action-loc-key", Text),
];

static LIVE_ALERT: &[Field] = &[may("title", TextOr(LOCALISED)), may("body", TextOr(LOCALISED)), may("sound", Text)];

static LOCALISED: &[Field] = &[must("loc-key", Text), may("loc-args", Texts)];

static SOUND: &[Field] = &[may("critical", One), may("name", Text), may("volume", Share)];

/// Arguments, and the key that they fill in.
const ARGUMENTS: &[(&str, &str)] =
    &[("title-loc-args", "title-loc-key"), ("subtitle-loc-args", "subtitle-loc-key"), ("loc-args", "loc-key")];

/// Checks a payload and gives it decoded.
pub(super) fn check(body: &[u8], push_type: &PushType, lenient: bool) -> Result<Map<String, Value>, Fault> {
    if body.is_empty() {
        return Err(Fault::new("PayloadEmpty", "no payload"));
    }
    if body.len() > push_type.limit {
        let why = format!("{} bytes, and {} are the most", body.len(), push_type.limit);
        return Err(Fault::new("PayloadTooLarge", why));
    }
    let root = match serde_json::from_slice(body) {
        Ok(Value::Object(root)) => root,
        Ok(_) => return Err(bad("the payload is not a dictionary")),
        Err(error) => return Err(bad(format!("the payload is not JSON: {error}"))),
    };
    if push_type.aps == Aps::Never {
        dictionary("the payload", &root, &[&[must("mdm", Text)]], false)?;
        return Ok(root);
    }
    if let Some((name, _)) = root.iter().find(|(_, value)| value.is_null()) {
        return Err(bad(format!("`{name}` is null")));
    }
    match root.get("aps") {
        Some(Value::Object(aps)) => {
            dictionary("aps", aps, push_type.keys, lenient)?;
            together(aps, push_type)?;
        }
        Some(_) => return Err(bad("`aps` is not a dictionary")),
        None if push_type.aps == Aps::May => {}
        None => return Err(bad("no `aps`")),
    }
    Ok(root)
}

/// Checks names, types and presence.
fn dictionary(at: &str, map: &Map<String, Value>, tables: &[&[Field]], lenient: bool) -> Result<(), Fault> {
    let fields = || tables.iter().copied().flatten();
    for (name, value) in map {
        match fields().find(|field| field.name == name) {
            Some(field) => field.kind.check(&format!("{at}.{name}"), value, lenient)?,
            None if at == "aps" && belongs_elsewhere(name) => return Err(misfit(format!("{at}.{name}"))),
            None if lenient => {}
            None => return Err(Fault::new("BadRequestParams", format!("{at}.{name} is not a key"))),
        }
    }
    match fields().find(|field| field.required && !map.contains_key(field.name)) {
        None => Ok(()),
        Some(field) => Err(bad(format!("{at}.{} is missing", field.name))),
    }
}

/// Whether a key of `aps` is one of another push type.
fn belongs_elsewhere(name: &str) -> bool {
    [ORDINARY, LIVE, RELOAD].into_iter().flatten().any(|field| field.name == name)
}

impl Kind {
    fn check(&self, at: &str, value: &Value, lenient: bool) -> Result<(), Fault> {
        let number = value.as_f64();
        let good = match (self, value) {
            (Object(fields) | TextOr(fields), Value::Object(map)) => return dictionary(at, map, &[fields], lenient),
            (Text | TextOr(_), Value::String(_)) | (Dictionary, Value::Object(_)) => true,
            (Texts, Value::Array(items)) => items.iter().all(Value::is_string),
            (Count, _) => value.is_u64(),
            (Date, _) => value.as_u64().is_some_and(|seconds| u32::try_from(seconds).is_ok()),
            // Some clients write 0 for what is off, in the place of nothing.
            (One, _) => value.as_u64().is_some_and(|flag| flag == 1 || (lenient && flag == 0)),
            (True, Value::Bool(on)) => *on,
            (Number, _) => number.is_some(),
            (Share, _) => number.is_some_and(|number| (0.0..=1.0).contains(&number)),
            (Base64, Value::String(text)) => !text.is_empty() && STANDARD.decode(text).is_ok(),
            (OneOf(words), Value::String(text)) => words.contains(&text.as_str()),
            _ => false,
        };
        if good { Ok(()) } else { Err(bad(format!("{at} is {value}, not {self:?}"))) }
    }
}

/// Rules between keys of `aps`, and between them and the push type.
fn together(aps: &Map<String, Value>, push_type: &PushType) -> Result<(), Fault> {
    let alert = aps.get("alert");
    if let Some(Value::Object(alert)) = alert {
        let lonely = ARGUMENTS.iter().find(|(args, key)| alert.contains_key(*args) && !alert.contains_key(*key));
        if let Some((args, key)) = lonely {
            return Err(bad(format!("aps.alert.{args} without {key}")));
        }
    }
    if aps.contains_key("mutable-content") && alert.is_none() {
        return Err(bad("aps.mutable-content without an alert to change"));
    }
    match push_type.name {
        "alert" if !["alert", "badge", "sound"].iter().any(|key| aps.contains_key(*key)) => {
            Err(misfit("neither aps.alert nor badge nor sound"))
        }
        "liveactivity" => event(aps),
        _ => Ok(()),
    }
}

fn event(aps: &Map<String, Value>) -> Result<(), Fault> {
    let event = aps.get("event").and_then(Value::as_str).unwrap_or_default();
    for (name, needed, own) in EVENTS {
        if *name == event {
            if let Some(key) = needed.iter().find(|key| !aps.contains_key(**key)) {
                return Err(bad(format!("aps.{key} is missing at `{event}`")));
            }
        } else if let Some(key) = own.iter().find(|key| aps.contains_key(**key)) {
            return Err(bad(format!("aps.{key} is for `{name}`, not for `{event}`")));
        }
    }
    Ok(())
}

fn bad(why: impl Into<String>) -> Fault {
    Fault::new("BadRequestPayload", why)
}

fn misfit(why: impl Into<String>) -> Fault {
    Fault::new("InvalidPushType", format!("{} does not fit the push type", why.into()))
}
