//! What single fields must satisfy beyond their type: one small function per rule, named in
//! [`super::schema`]. The messages are for people; nobody may parse them.

use serde_json::Value;

use super::parse::{is_digits, span_seconds};

/// The app that the fake's tokens belong to.
pub const PACKAGE: &str = "com.example.app";

/// The longest time to live: four weeks, in seconds.
pub(super) const MAX_TTL: u64 = 2_419_200;

type Checked = Result<(), String>;

fn require(good: bool, problem: impl FnOnce() -> String) -> Checked {
    if good { Ok(()) } else { Err(problem()) }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

pub(super) fn output_only(_: &Value) -> Checked {
    Err("This field is output only".into())
}

pub(super) fn topic(value: &Value) -> Checked {
    require(is_name(text(value), 900), || "Malformed topic name".into())
}

pub(super) fn analytics_label(value: &Value) -> Checked {
    require(is_name(text(value), 50), || "Malformed analytics label".into())
}

/// The alphabet that topic names and analytics labels share.
fn is_name(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~%".contains(&b))
}

pub(super) fn data_keys(value: &Value) -> Checked {
    // Google's ErrorCode page and its field text draw the line differently; this is the stricter
    // reading, so that what passes here passes under either.
    let reserved = |key: &&String| {
        key.as_str() == "from" || key.as_str() == "message_type" || key.starts_with("google") || key.contains("gcm")
    };
    let bad = value.as_object().and_then(|map| map.keys().find(reserved));
    bad.map_or(Ok(()), |key| Err(format!("Invalid data payload key: {key}")))
}

pub(super) fn package(value: &Value) -> Checked {
    require(text(value) == PACKAGE, || "The registration token does not belong to this package".into())
}

pub(super) fn ttl(value: &Value) -> Checked {
    let good = span_seconds(text(value)).is_some_and(|(negative, seconds, nanos)| {
        let zero = seconds == 0 && nanos == 0;
        (!negative || zero) && (seconds < MAX_TTL || (seconds == MAX_TTL && nanos == 0))
    });
    require(good, || format!("Invalid TTL: it must be 0 to {MAX_TTL} seconds"))
}

/// For a duration or a list of them.
pub(super) fn not_negative(value: &Value) -> Checked {
    let spans = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    let good = |span: &Value| span_seconds(text(span)).is_some_and(|(negative, ..)| !negative);
    require(spans.iter().all(good), || "A duration must not be negative".into())
}

pub(super) fn color(value: &Value) -> Checked {
    let digits = text(value).strip_prefix('#').unwrap_or_default();
    require(digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()), || "Color must be #rrggbb".into())
}

pub(super) fn unit_interval(value: &Value) -> Checked {
    let good = value.as_f64().is_some_and(|share| (0.0..=1.0).contains(&share));
    require(good, || "A share of a color must be 0 to 1".into())
}

pub(super) fn url(value: &Value) -> Checked {
    require(is_url(text(value), &["https://", "http://"]), || "Invalid URL".into())
}

pub(super) fn https(value: &Value) -> Checked {
    require(is_url(text(value), &["https://"]), || "The link must be an HTTPS URL".into())
}

fn is_url(text: &str, schemes: &[&str]) -> bool {
    let rest = schemes.iter().find_map(|scheme| text.strip_prefix(scheme));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    !host.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// Arguments without the key of the text they fill are refused.
pub(super) fn localised(value: &Value) -> Checked {
    for (args, key) in [("title_loc_args", "title_loc_key"), ("body_loc_args", "body_loc_key")] {
        let given = value.get(args).and_then(Value::as_array).is_some_and(|args| !args.is_empty());
        let keyed = value.get(key).is_some_and(|key| !text(key).is_empty());
        require(!given || keyed, || format!("{args} needs {key}"))?;
    }
    Ok(())
}

pub(super) fn light_settings(value: &Value) -> Checked {
    let missing = ["color", "light_on_duration", "light_off_duration"].into_iter().find(|f| value.get(f).is_none());
    missing.map_or(Ok(()), |field| Err(format!("Light settings need {field}")))
}

/// The Web Push headers of RFC 8030 that a sender may set. Names are header names: any case.
pub(super) fn web_headers(value: &Value) -> Checked {
    for (name, value) in value.as_object().into_iter().flatten() {
        let value = text(value);
        let good = match name.to_ascii_lowercase().as_str() {
            "ttl" => is_digits(value, 1, 10) && value.parse().is_ok_and(|ttl: u64| ttl <= MAX_TTL),
            "urgency" => ["very-low", "low", "normal", "high"].contains(&value),
            "topic" => {
                (1..=32).contains(&value.len())
                    && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            }
            _ => return Err(format!("Unknown Web Push header {name}")),
        };
        require(good, || format!("Invalid Web Push header {name}: {value}"))?;
    }
    Ok(())
}

/// What a value of a free-form object must be.
pub(super) type Is = fn(&Value) -> bool;

pub(super) fn is_texts(value: &Value) -> bool {
    value.as_array().is_some_and(|texts| texts.iter().all(Value::is_string))
}

fn is_direction(value: &Value) -> bool {
    ["auto", "ltr", "rtl"].contains(&text(value))
}

fn is_actions(value: &Value) -> bool {
    let known =
        |(name, value): (&String, &Value)| ["action", "title", "icon"].contains(&name.as_str()) && value.is_string();
    let whole = |action: &Value| {
        action.get("action").is_some()
            && action.get("title").is_some()
            && action.as_object().is_some_and(|a| a.iter().all(known))
    };
    value.as_array().is_some_and(|actions| actions.iter().all(whole))
}

fn is_vibration(value: &Value) -> bool {
    value.is_u64() || value.as_array().is_some_and(|steps| steps.iter().all(Value::is_u64))
}

/// The options of a web notification, spelt as the Web API spells them.
const WEB_OPTIONS: &[(&str, Is)] = &[
    ("title", Value::is_string),
    ("body", Value::is_string),
    ("icon", Value::is_string),
    ("image", Value::is_string),
    ("badge", Value::is_string),
    ("actions", is_actions),
    ("data", |_| true),
    ("dir", is_direction),
    ("lang", Value::is_string),
    ("renotify", Value::is_boolean),
    ("requireInteraction", Value::is_boolean),
    ("silent", Value::is_boolean),
    ("tag", Value::is_string),
    ("timestamp", Value::is_number),
    ("vibrate", is_vibration),
];

pub(super) fn web_notification(value: &Value) -> Checked {
    for (name, value) in value.as_object().into_iter().flatten() {
        let known = WEB_OPTIONS.iter().find(|(option, _)| option == name);
        let Some((_, is)) = known else { return Err(format!("Unknown option {name}")) };
        require(is(value), || format!("Invalid value of option {name}"))?;
    }
    Ok(())
}

/// The most topics a condition may name, and how deep parentheses may nest here.
const MAX_TOPICS: usize = 5;
const MAX_DEPTH: usize = 32;

pub(super) fn condition(value: &Value) -> Checked {
    let mut parser = Condition { rest: text(value), topics: 0 };
    require(parser.any(0) && parser.rest.trim_start().is_empty(), || "Invalid condition expression".into())?;
    require(parser.topics <= MAX_TOPICS, || format!("A condition may name at most {MAX_TOPICS} topics"))
}

/// A recursive descent: `any` is `all || all`, `all` is `one && one`, `one` is `!one`,
/// `(any)` or `'topic' in topics`.
struct Condition<'a> {
    rest: &'a str,
    topics: usize,
}

impl Condition<'_> {
    fn take(&mut self, word: &str) -> bool {
        let rest = self.rest.trim_start().strip_prefix(word);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn any(&mut self, depth: usize) -> bool {
        let mut good = self.all(depth);
        while good && self.take("||") {
            good = self.all(depth);
        }
        good
    }

    fn all(&mut self, depth: usize) -> bool {
        let mut good = self.one(depth);
        while good && self.take("&&") {
            good = self.one(depth);
        }
        good
    }

    fn one(&mut self, depth: usize) -> bool {
        if depth > MAX_DEPTH {
            false
        } else if self.take("!") {
            self.one(depth + 1)
        } else if self.take("(") {
            self.any(depth + 1) && self.take(")")
        } else if self.take("'") {
            let Some((topic, rest)) = self.rest.split_once('\'') else { return false };
            self.rest = rest;
            self.topics += 1;
            is_name(topic, 900) && self.take("in ") && self.take("topics")
        } else {
            false
        }
    }
}
