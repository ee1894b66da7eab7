//! What a message may say: tables of fields, and one checker that reads them.
//!
//! The tables follow the field lists of `dev.mi.com` (pId=1559, 1856, 2314, 1656). Which code
//! answers a bad value is documented for few fields; for all others it is 10017, "parameter
//! value illegal", which is a proposal and not a recorded fact.

use serde_json::Value;

use super::codes::{Refusal, refuse};
use super::message::Message;
use super::{OTHER_PACKAGE, PACKAGE, PRIVATE_CHANNEL, PUBLIC_CHANNEL, symbols};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What a field's value looks like.
pub(super) enum Form {
    /// Any text.
    Text,
    /// Between one and so many characters, not all of them white space.
    Words(usize),
    /// At most so many characters.
    AtMost(usize),
    /// A whole number in this range; a JSON number where the message is JSON.
    Whole(i64, i64),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A text that satisfies a test.
    Like(fn(&str) -> bool),
}

/// A field that is documented.
pub(super) struct Rule {
    pub(super) key: &'static str,
    pub(super) form: Form,
    code: i64,
}

const fn rule(key: &'static str, form: Form) -> Rule {
    Rule { key, form, code: 10017 }
}

const fn coded(code: i64, key: &'static str, form: Form) -> Rule {
    Rule { key, form, code }
}

/// The fields of a message, without its target. `collapse_key` (in the SDK, but closed to its
/// users, and without a documented effect) and `aps_proper_fields.*` (iOS) are left out.
pub(super) const MESSAGE: &[Rule] = &[
    rule("restricted_package_name", Form::Text), // its own check: 22022
    rule("title", Form::Words(49)),              // "under 50"; a Chinese character counts 1
    rule("description", Form::Words(127)),
    coded(65009, "payload", Form::AtMost(4095)),
    rule("pass_through", Form::Whole(0, 1)),
    // Gone from the newest field list, but clients still send it and are served.
    rule("notify_type", Form::Whole(-1, 7)),
    // Zero is documented nowhere: `extra.only_send_once` is the way to keep no offline copy.
    rule("time_to_live", Form::Whole(1, 10 * DAY_MS)),
    rule("time_to_send", Form::Whole(1, i64::MAX)),
    rule("notify_id", Form::Whole(0, i32::MAX as i64)),
];

const SWITCH: Form = Form::OneOf(&["0", "1"]);
const EFFECT: Form = Form::OneOf(&["1", "2", "3"]);
const LIST: Form = Form::Like(is_list);
const WEB: Form = Form::Like(is_web);
const INTENT: Form = Form::Like(is_intent);

/// Xiaomi's own keys inside `extra`. Any other key belongs to the app.
const EXTRA: &[Rule] = &[
    rule("channel_id", Form::Text), // its own check: 27001
    rule("channel_name", Form::Text),
    rule("channel_description", Form::Text),
    rule("template_id", Form::Words(usize::MAX)),
    rule("template_param", Form::Like(is_template_param)),
    rule("notify_effect", EFFECT),
    rule("intent_uri", INTENT),
    rule("web_uri", WEB),
    rule("notify_foreground", SWITCH),
    rule("sound_uri", Form::Like(is_sound)),
    rule("ticker", Form::Text),
    rule("jobkey", Form::Like(is_jobkey)),
    rule("flow_control", Form::Whole(1, i32::MAX as i64)),
    rule("only_send_once", Form::OneOf(&["1"])),
    rule("locale", LIST),
    rule("locale_not_in", LIST),
    rule("model", LIST),
    rule("model_not_in", LIST),
    rule("app_version", LIST),
    rule("app_version_not_in", LIST),
    rule("connpt", Form::OneOf(&["wifi"])),
    coded(65038, "callback", WEB),
    coded(65036, "callback.param", Form::Like(|param| param.len() <= 256)),
    // The real server takes a wrong sum and then never calls back; better to hear of it here.
    rule("callback.type", Form::Like(is_callback_type)),
    rule("notification_style_type", Form::OneOf(&["1", "2"])),
    rule("notification_bigPic_uri", WEB),
    rule("notification_large_icon_uri", WEB),
    rule("notification_small_icon_uri", WEB),
    rule("notification_small_icon_color", Form::Text),
    // Documented for iOS only; Android clients send it to no known effect.
    rule("badge", Form::Whole(0, i32::MAX as i64)),
];

/// What follows `notification_style_button_left_` and its like.
const BUTTON: &[Rule] = &[
    rule("name", Form::Words(usize::MAX)),
    rule("notify_effect", EFFECT),
    rule("intent_uri", INTENT),
    rule("intent_class", Form::Words(usize::MAX)),
    rule("web_uri", WEB),
];

/// `extra` keys that mean nothing without another one: the key, the other, and its value.
const TOGETHER: &[(&str, &str, Option<&str>)] = &[
    ("intent_uri", "notify_effect", Some("2")),
    ("web_uri", "notify_effect", Some("3")),
    ("template_param", "template_id", None),
    ("callback.param", "callback", None),
    ("callback.type", "callback", None),
    ("notification_bigPic_uri", "notification_style_type", Some("2")),
];

/// The rule of a vendor key inside `extra`; `None` for a key of the app.
pub(super) fn extra_rule(key: &str) -> Option<&'static Rule> {
    let button = key.strip_prefix("notification_style_button_").and_then(|rest| {
        let (side, rest) = rest.split_once('_')?;
        let side = ["left", "mid", "right"].contains(&side);
        BUTTON.iter().find(|rule| side && rule.key == rest)
    });
    button.or_else(|| EXTRA.iter().find(|rule| rule.key == key))
}

/// Checks a message that [`super::message`] has taken apart.
pub(super) fn check(message: &Message, one_package: bool, now_ms: u64) -> Result<(), Refusal> {
    let required: &[&str] = if one_package { &["restricted_package_name"] } else { &[] };
    for key in required.iter().chain(&["title", "description"]) {
        if message.field(key).is_none_or(str::is_empty) {
            return refuse(10016, format!("required parameter {key} is missing"));
        }
    }
    for (key, value) in &message.fields {
        match MESSAGE.iter().find(|rule| rule.key == key) {
            Some(rule) => rule.check(key, value)?,
            None => return refuse(10008, format!("unknown parameter {key}")),
        }
    }
    for (key, value) in &message.extra {
        if let Some(rule) = extra_rule(key) {
            rule.check(&format!("extra.{key}"), value)?;
        }
    }
    package(message, one_package)?;
    if message.field("pass_through") == Some("1") {
        return refuse(10036, "pass-through messages are no longer offered");
    }
    channel(message)?;
    click(message)?;
    schedule(message.field("time_to_send"), now_ms)?;
    own_pairs(message)
}

impl Rule {
    fn check(&self, key: &str, value: &str) -> Result<(), Refusal> {
        let good = match self.form {
            Form::Text => true,
            Form::Words(most) => value.chars().count() <= most && !value.trim().is_empty(),
            Form::AtMost(most) => value.chars().count() <= most,
            Form::Whole(least, most) => whole(value).is_some_and(|number| (least..=most).contains(&number)),
            Form::OneOf(words) => words.contains(&value),
            Form::Like(test) => test(value),
        };
        if good { Ok(()) } else { refuse(self.code, format!("value of parameter {key} is illegal")) }
    }
}

fn package(message: &Message, one: bool) -> Result<(), Refusal> {
    // Left out, which only the newer endpoints allow, it means all packages of the app.
    let Some(names) = message.field("restricted_package_name") else { return Ok(()) };
    let known = |name: &str| [PACKAGE, OTHER_PACKAGE].contains(&name);
    let good = if one { known(names) } else { names.split(',').all(known) };
    if good { Ok(()) } else { refuse(22022, format!("illegal package name {names}")) }
}

fn channel(message: &Message) -> Result<(), Refusal> {
    let private = match message.extra("channel_id") {
        Some(PUBLIC_CHANNEL) => false,
        Some(PRIVATE_CHANNEL) => true,
        _ => return refuse(27001, "invalid channel info!"),
    };
    if private && message.extra("template_id").is_none() {
        // No code for templates is published; a missing parameter it is in any case.
        return refuse(10016, "required parameter extra.template_id is missing");
    }
    let ttl = message.field("time_to_live").and_then(whole);
    if !private && ttl.is_some_and(|ttl| ttl > DAY_MS) {
        return refuse(10017, "value of parameter time_to_live is illegal: public messages are kept for one day");
    }
    Ok(())
}

fn click(message: &Message) -> Result<(), Refusal> {
    let needs = match message.extra("notify_effect") {
        None => Some("notify_effect"),
        Some("2") => Some("intent_uri"),
        Some("3") => Some("web_uri"),
        Some(_) => None,
    };
    let picture = (message.extra("notification_style_type") == Some("2")).then_some("notification_bigPic_uri");
    if let Some(key) = needs.into_iter().chain(picture).find(|key| message.extra(key).is_none()) {
        return refuse(10016, format!("required parameter extra.{key} is missing"));
    }
    for (key, other, value) in TOGETHER {
        let stands = message.extra(other);
        if message.extra(key).is_some() && (stands.is_none() || (value.is_some() && stands != *value)) {
            return refuse(10017, format!("parameter extra.{key} does not go with this extra.{other}"));
        }
    }
    Ok(())
}

/// Scheduled sends: from now on, within seven days.
pub(super) fn schedule(time: Option<&str>, now_ms: u64) -> Result<(), Refusal> {
    let Some(time) = time else { return Ok(()) };
    let from_now = whole(time).zip(i64::try_from(now_ms).ok()).map(|(time, now)| time.saturating_sub(now));
    if from_now.is_some_and(|wait| (0..=7 * DAY_MS).contains(&wait)) {
        return Ok(());
    }
    refuse(10017, "value of parameter time_to_send is illegal")
}

fn own_pairs(message: &Message) -> Result<(), Refusal> {
    let own: Vec<_> = message.own_pairs().collect();
    if own.iter().any(|(key, _)| key.is_empty()) {
        return refuse(10008, "parameter extra. has no key");
    }
    if own.len() > 10 {
        return refuse(65014, "too many key value pairs in extra");
    }
    // Whether the limit is for a pair or for all is left open; for all is the safe reading.
    if own.iter().map(|(key, value)| key.chars().count() + value.chars().count()).sum::<usize>() > 1024 {
        return refuse(65015, "key value pairs in extra are too long");
    }
    Ok(())
}

/// A whole number as a careful client writes it: no plus, no leading zero, no space.
pub(super) fn whole(text: &str) -> Option<i64> {
    text.parse().ok().filter(|number: &i64| number.to_string() == text)
}

/// Whether a regid can be one: standard Base64, padding only at the end. Its length is not
/// documented. An unescaped `+`, which arrives as a space, fails here.
pub(super) fn is_regid(text: &str) -> bool {
    let bare = text.trim_end_matches('=');
    let padding = text.len() - bare.len();
    !bare.is_empty() && padding <= 2 && bare.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/')
}

fn is_jobkey(text: &str) -> bool {
    let alphabet = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    (1..=20).contains(&text.len()) && text.bytes().all(alphabet) && !text.starts_with('_')
}

fn is_list(text: &str) -> bool {
    text.split(',').all(|item| !item.trim().is_empty())
}

fn is_web(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/')) && !text.contains(char::is_whitespace)
}

/// An Android intent URI, or a link of the app's own scheme.
fn is_intent(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    match scheme {
        "intent" => rest.contains("#Intent;") && rest.ends_with(";end"),
        "http" | "https" => false,
        _ => {
            let letters = |b: u8| b.is_ascii_alphanumeric() || b"+-.".contains(&b);
            let start = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
            start && scheme.bytes().all(letters) && !rest.is_empty() && !text.contains(char::is_whitespace)
        }
    }
}

fn is_sound(text: &str) -> bool {
    let place = text.strip_prefix("android.resource://").and_then(|rest| rest.split_once("/raw/"));
    place.is_some_and(|(package, name)| [PACKAGE, OTHER_PACKAGE].contains(&package) && !name.is_empty())
}

/// A sum of 1 delivered, 2 clicked, 16 invalid, 32 disabled, 64 filtered, 128 quota, 1024 expired.
fn is_callback_type(text: &str) -> bool {
    const ALL: i64 = 1 + 2 + 16 + 32 + 64 + 128 + 1024;
    whole(text).is_some_and(|sum| sum > 0 && sum & !ALL == 0)
}

/// At most nine variables, each a text of 1 to 128 characters that are no symbols.
fn is_template_param(text: &str) -> bool {
    let Ok(Value::Object(variables)) = serde_json::from_str(text) else { return false };
    let good = |value: &Value| {
        value.as_str().is_some_and(|value| {
            value.chars().count() <= 128 && !value.trim().is_empty() && !value.chars().any(symbols::is_refused)
        })
    };
    variables.len() <= 9 && variables.values().all(good)
}
