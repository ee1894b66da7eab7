//! What no single row can see.

use omnipush_core::table::{Adapter as _, Encoding, In};
use omnipush_core::{Fault, Field, Kind, Sound};
use serde_json::Value;

use super::{Event, LiveActivity, PushType, Spec, has_text, image, longest, push_type, url};
use crate::Apns;

/// A problem, before it is noted.
type Found = (String, Option<Field>, Fault);

fn wrong(wire: &str, field: Option<Field>, why: impl Into<String>) -> Found {
    (wire.to_owned(), field, Fault::Invalid(why.into()))
}

pub(super) fn check(encoding: &mut Encoding<'_, Apns>, spec: &Spec) {
    let x = &encoding.input;
    let kind = push_type(x);
    let mut found = Vec::new();
    options(x, spec, &mut found);
    keys(x, &mut found);
    texts(x, &mut found);
    if x.n.kind == Kind::Background && kind == PushType::Alert {
        found.push(wrong("apns-push-type", Some(Field::Kind), "`alert` is for what the user sees"));
    }
    if !x.shape.is_device() {
        broadcast(x, kind, &mut found);
    } else if kind == PushType::Alert && !alerts(x) {
        found.push(wrong("aps", None, "an alert needs a title, a text, a sound or a badge; else it is background"));
    }
    if kind == PushType::Location && x.vendor.uses_certificate() {
        found.push(wrong("apns-push-type", None, "`location` needs a key: APNs takes no certificate for it"));
    }
    match &x.options.live_activity {
        Some(live) if kind == PushType::LiveActivity => activity(x, live, &mut found),
        None if kind == PushType::LiveActivity => found.push(("live_activity".into(), None, Fault::Missing)),
        _ => {}
    }
    let unsure = kind == PushType::LiveActivity && x.vendor.uses_certificate();
    let unseen = kind == PushType::Alert && x.n.image.is_some() && !has_text(x);
    let longest = longest(x);
    let ttl = x.ttl_secs().filter(|ttl| *ttl > longest);

    for (wire, field, fault) in found {
        encoding.problem(wire, field, fault);
    }
    if let Some(ttl) = ttl {
        encoding.moved("apns-expiration", Some(Field::Ttl), ttl, longest);
    }
    if unsure {
        encoding.advise("Live Activities are said to need a key: APNs may refuse the certificate");
    }
    if unseen {
        encoding.advise("the picture is not shown: a notification service extension runs for a title or text only");
    }
}

/// A channel carries the updates and the end of a Live Activity, and nothing else.
fn broadcast(x: &In<'_, Apns>, kind: PushType, found: &mut Vec<Found>) {
    let start = x.options.live_activity.as_ref().is_some_and(|live| live.event == Event::Start);
    if kind != PushType::LiveActivity {
        found.push(wrong("live_activity", None, "is missing: a channel takes nothing but Live Activities"));
    } else if start {
        found.push(wrong("live_activity", None, "a channel takes `update` and `end`; a start goes to devices"));
    }
    if x.options.topic.is_some() {
        found.push(wrong("topic", None, "does not go with a channel, which is the app's own"));
    }
}

/// Options that do not go with the push type, or not with their own bounds.
fn options(x: &In<'_, Apns>, spec: &Spec, found: &mut Vec<Found>) {
    let given = x.n.vendors.get(Apns::ID).and_then(Value::as_object).into_iter().flatten();
    for (name, _) in given.filter(|(_, value)| !value.is_null()) {
        if !matches!(name.as_str(), "push_type" | "topic" | "priority") && !(spec.takes)(name) {
            found.push(wrong(name, None, format!("does not go with the push type `{}`", spec.name)));
        }
    }
    if let Some(priority) = x.options.priority.filter(|p| !spec.priorities.contains(p)) {
        let allowed: Vec<String> = spec.priorities.iter().map(i64::to_string).collect();
        let why = format!("is {priority}; the push type `{}` takes {}", spec.name, allowed.join(", "));
        found.push(wrong("apns-priority", None, why));
    }
    let volume = x.options.critical_sound.as_ref().and_then(|sound| sound.volume);
    for (wire, value) in [("aps.relevance-score", x.options.relevance_score), ("aps.sound.volume", volume)] {
        if value.is_some_and(|value| !(0.0..=1.0).contains(&value)) {
            found.push(wrong(wire, None, "must be from 0 to 1"));
        }
    }
}

/// Custom keys that are Apple's, or that stand twice.
fn keys(x: &In<'_, Apns>, found: &mut Vec<Found>) {
    let taken = |key: &str, field, found: &mut Vec<Found>| {
        if key == "aps" {
            found.push(wrong(key, Some(field), "the key `aps` is Apple's own; use another"));
        } else if url(x).is_some_and(|(url, _)| url == key) || image(x).is_some_and(|(image, _)| image == key) {
            let why = "this key carries the click's URL or the image; use another, or set `url_key` or `image_key`";
            found.push(wrong(key, Some(field), why));
        }
    };
    for (key, _) in x.n.data.iter() {
        taken(key, Field::Data, found);
    }
    for key in x.options.custom.as_ref().and_then(Value::as_object).into_iter().flat_map(|custom| custom.keys()) {
        taken(key, Field::Data, found);
        if x.n.data.get(key).is_some() {
            found.push(wrong(key, Some(Field::Data), "stands in `data` and in `custom`"));
        }
    }
}

/// Arguments without the text that they fill.
fn texts(x: &In<'_, Apns>, found: &mut Vec<Found>) {
    let options = x.options;
    for (wire, args, key) in [
        ("title_loc_args", &options.title_loc_args, &options.title_loc_key),
        ("subtitle_loc_args", &options.subtitle_loc_args, &options.subtitle_loc_key),
        ("loc_args", &options.loc_args, &options.loc_key),
    ] {
        if args.is_some() && key.is_none() {
            found.push(wrong(wire, None, "needs the key of the text that it fills"));
        }
    }
}

/// Whether there is anything to see or hear.
fn alerts(x: &In<'_, Apns>) -> bool {
    let sounds = matches!(x.n.sound, Some(Sound::Default | Sound::Named(_))) || x.options.critical_sound.is_some();
    let subtitle = x.n.subtitle.is_some() || x.options.subtitle_loc_key.is_some();
    has_text(x) || subtitle || sounds || x.badge().is_some()
}

fn activity(x: &In<'_, Apns>, live: &LiveActivity, found: &mut Vec<Found>) {
    let start = live.event == Event::Start;
    for (wire, value) in [("content_state", Some(&live.content_state)), ("attributes", live.attributes.as_ref())] {
        if value.is_some_and(|value| !value.is_object()) {
            found.push(wrong(wire, None, "must be an object"));
        }
    }
    for (wire, given, needed) in [
        ("attributes_type", live.attributes_type.is_some(), true),
        ("attributes", live.attributes.is_some(), true),
        ("input_push_token", live.input_push_token.is_some(), false),
        ("input_push_channel", live.input_push_channel.is_some(), false),
    ] {
        if given && !start {
            found.push(wrong(wire, None, "is for the event `start` only"));
        } else if needed && start && !given {
            found.push((wire.to_owned(), None, Fault::Missing));
        }
    }
    if start && !has_text(x) {
        found.push(("aps.alert".to_owned(), Some(Field::Title), Fault::Missing));
    }
    if live.dismissal_date.is_some() && live.event != Event::End {
        found.push(wrong("dismissal_date", None, "is for the event `end` only"));
    }
}
