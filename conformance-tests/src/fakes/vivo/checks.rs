//! What a table cannot say: rules that span fields of a message, and the rules of its parts.

use serde_json::Value;

use super::codes::MALFORMED;
use super::fields::{Checked, EXTRA, Object, TAGS, TIMED_DISPLAY, check, ensure, number, refuse, strings, text};

/// The second-level classes of page 359 with the class (0 operational, 1 system) of each. `NEWS`
/// is likely but was not seen in vivo's own list.
const CATEGORIES: &[(&str, i64)] = &[
    ("IM", 1),
    ("ACCOUNT", 1),
    ("TODO", 1),
    ("DEVICE_REMINDER", 1),
    ("ORDER", 1),
    ("SUBSCRIPTION", 1),
    ("CONTENT", 0),
    ("MARKETING", 0),
    ("SOCIAL", 0),
    ("NEWS", 0),
];

/// The longest `skipContent`; older texts say 1 000 or 1 024.
const SKIP_CONTENT: usize = 2048;
/// Characters of all keys and values of `clientCustomMap` together.
const CUSTOM_CHARACTERS: usize = 1024;
/// Pairs in `clientCustomMap`, by the Java SDK 2.2.
const CUSTOM_PAIRS: usize = 10;

const MINUTE_MS: u64 = 60_000;
const HOUR_MS: u64 = 60 * MINUTE_MS;
const DAY_MS: u64 = 24 * HOUR_MS;

/// To whom a message goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// To one phone.
    One,
    /// To lists, later.
    List,
    /// To phones by their tags.
    Tags,
    /// To everyone.
    All,
}

/// Checks what spans fields of a message whose fields are each as they must be.
pub(super) fn message(message: &Object, way: Way, now_ms: u64) -> Checked {
    class(message)?;
    click(message)?;
    custom(message)?;
    extra(message, way)?;
    timed_display(message, now_ms)?;
    match (way, message.get("tagExpression").and_then(Value::as_object)) {
        (Way::Tags, Some(tags)) => expression(tags),
        (Way::Tags, None) => refuse(MALFORMED, "tagExpression is missing"),
        // The Java SDK writes an empty one into every message.
        (_, tags) => ensure(tags.is_none_or(Object::is_empty), MALFORMED, "tagExpression belongs to /message/tagPush"),
    }
}

/// Checks a choice of tags. One of `orTags` and `andTags` must name some.
pub(super) fn expression(tags: &Object) -> Checked {
    check(tags, &[TAGS], MALFORMED)?;
    for (name, part) in tags {
        let said = strings(tags, name).iter().filter(|tag| !tag.trim().is_empty()).count();
        ensure(part.as_array().map(Vec::len) == Some(said), MALFORMED, format!("{name}: {part} are not names"))?;
    }
    let chosen = ["orTags", "andTags"].iter().any(|part| !strings(tags, part).is_empty());
    ensure(chosen, MALFORMED, "neither orTags nor andTags")
}

/// The day in Beijing, as a number.
pub(super) fn beijing_day(ms: u64) -> u64 {
    beijing(ms) / DAY_MS
}

/// Whether a message is of the operational class, by either of the fields that tell.
pub(super) fn is_operational(message: &Object) -> bool {
    number(message, "classification").or_else(|| class_of(text(message, "category"))) == Some(0)
}

/// Whether a message goes to test phones only.
pub(super) fn is_test(message: &Object) -> bool {
    number(message, "pushMode") == Some(1)
}

/// Whether operational messages are allowed at a time: 07:00 to 23:00 in Beijing.
pub(super) fn is_day(ms: u64) -> bool {
    (7 * HOUR_MS..23 * HOUR_MS).contains(&(beijing(ms) % DAY_MS))
}

/// Whether a text of a formal message looks like a test: only digits, only Latin letters, only
/// symbols, symbols with digits, any bracket or brace, or the Chinese word for "test".
pub(super) fn is_test_wording(text: &str) -> bool {
    let all = |is: fn(char) -> bool| text.chars().filter(|c| !c.is_whitespace()).all(is);
    all(|c| c.is_ascii_alphabetic())
        || all(|c| !c.is_alphabetic())
        || text.contains(['[', ']', '{', '}'])
        || text.contains("测试")
}

fn beijing(ms: u64) -> u64 {
    ms.saturating_add(8 * HOUR_MS)
}

fn class_of(category: &str) -> Option<i64> {
    CATEGORIES.iter().find(|(name, _)| *name == category).map(|(_, class)| *class)
}

/// One of `classification` and `category` must be there: the documents of 2025 contradict each
/// other on what holds without both. That a message needs a category is practice, not text.
fn class(message: &Object) -> Checked {
    let class = number(message, "classification");
    let Some(category) = message.get("category") else {
        return ensure(class.is_some(), "11000", "neither classification nor category");
    };
    match category.as_str().and_then(class_of) {
        None => refuse("10096", format!("there is no category {category}")),
        Some(of_category) => {
            let agree = class.is_none_or(|class| class == of_category);
            ensure(agree, "10097", format!("{category} is of class {of_category}"))
        }
    }
}

fn click(message: &Object) -> Checked {
    let content = text(message, "skipContent");
    let (empty, long) = match number(message, "skipType") {
        Some(2) => ("10061", "10062"),
        Some(3) => ("10063", "10064"),
        Some(4) => ("10068", "10069"),
        _ => return ensure(content.is_empty(), MALFORMED, "skipType 1 opens the app, without skipContent"),
    };
    ensure(!content.trim().is_empty(), empty, "skipContent is missing or blank")?;
    let length = content.chars().count();
    ensure(length <= SKIP_CONTENT, long, format!("skipContent has {length} characters"))?;
    let well_formed = match number(message, "skipType") {
        Some(2) => is_web(content),
        Some(4) => is_page(content),
        _ => true,
    };
    ensure(well_formed, MALFORMED, format!("nothing to open: {content}"))
}

fn is_web(link: &str) -> bool {
    let rest = link.strip_prefix("https://").or_else(|| link.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty()) && !link.contains(char::is_whitespace)
}

/// An intent URI, whole; or a link of another scheme than the web's.
fn is_page(link: &str) -> bool {
    let Some((scheme, rest)) = link.split_once(':') else { return false };
    let plain = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    let whole = match scheme {
        "intent" => rest.contains("#Intent;") && rest.ends_with(";end"),
        "http" | "https" => false,
        _ => scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(plain) && !rest.is_empty(),
    };
    whole && !link.contains(char::is_whitespace)
}

fn custom(message: &Object) -> Checked {
    let Some(pairs) = message.get("clientCustomMap").and_then(Value::as_object) else { return Ok(()) };
    ensure(pairs.len() <= CUSTOM_PAIRS, "10066", format!("{} custom pairs", pairs.len()))?;
    let mut length = 0;
    for (key, value) in pairs {
        let Some(value) = value.as_str().filter(|_| !key.is_empty()) else {
            return refuse("10067", format!("the custom pair {key:?} is no pair of strings, or has no key"));
        };
        length += key.chars().count() + value.chars().count();
    }
    ensure(length <= CUSTOM_CHARACTERS, "10067", format!("{length} characters of custom pairs"))
}

/// Receipts are for formal messages to one target. That vivo answers 10304 to others, and not
/// just sends none, is our reading of "only".
fn extra(message: &Object, way: Way) -> Checked {
    let Some(extra) = message.get("extra").and_then(Value::as_object) else { return Ok(()) };
    check(extra, &[EXTRA], "10304")?;
    ensure(extra.is_empty() || way == Way::One, "10304", "a message for many has no receipts")?;
    ensure(extra.is_empty() || !is_test(message), "10304", "a test message has no receipts")?;
    let callback = text(extra, "callback");
    ensure(callback.is_empty() || is_web(callback), MALFORMED, "callback is no web address")
}

fn timed_display(message: &Object, now_ms: u64) -> Checked {
    let Some(timed) = message.get("timedDisplay").and_then(Value::as_object) else { return Ok(()) };
    check(timed, &[TIMED_DISPLAY], MALFORMED)?;
    let (Some(start), Some(end)) = (millis(timed, "showStartTime"), millis(timed, "showEndTime")) else {
        return refuse(MALFORMED, "timedDisplay has a time that is no number");
    };
    let rules = [
        (start >= now_ms + 10 * MINUTE_MS, "start less than 10 minutes ahead"),
        (start < end, "end before the start"),
        (end <= now_ms + DAY_MS, "end more than a day ahead"),
        (beijing_day(start) == beijing_day(end), "start and end on two days in Beijing"),
        (end.saturating_sub(start) < 120 * MINUTE_MS, "two hours or more"),
    ];
    for (holds, why) in rules {
        ensure(holds, MALFORMED, format!("timedDisplay: {why}"))?;
    }
    let allowed = !is_operational(message) || (is_day(start) && is_day(end));
    ensure(allowed, "10071", "timedDisplay: operational messages are shown from 07:00 to 23:00")
}

fn millis(timed: &Object, name: &str) -> Option<u64> {
    let value = timed.get(name)?;
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}
