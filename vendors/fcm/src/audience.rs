//! Topics and conditions, checked before they are sent.
//!
//! Google's service description `fcm` v1 and its page on topic messaging, read in 2026-11.

use omnipush_core::model::condition_topics;
use omnipush_core::{Refusal, Set, Shape};

/// How many topics a condition may name.
const MAX_TOPICS: usize = 5;

/// Whether a text has the form of topics (at most 900) and labels (at most 50).
pub(crate) fn is_name(text: &str, max: usize) -> bool {
    let ok = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~' | b'%');
    (1..=max).contains(&text.len()) && text.bytes().all(ok)
}

/// Refuses a malformed topic or condition. Devices are checked by the profile.
pub(crate) fn check(set: &Set<'_>) -> Result<(), Refusal> {
    let text = set.first()?.target.as_str();
    let checked = match set.shape {
        Shape::Topic => topic(text),
        Shape::Condition => condition(text),
        _ => Ok(()),
    };
    checked.map_err(Refusal::not_sent)
}

pub(crate) fn topic(name: &str) -> Result<(), &'static str> {
    match is_name(name, 900) {
        true => Ok(()),
        false => Err("topic: 1 to 900 letters, digits or -_.~% are allowed, without the prefix /topics/"),
    }
}

fn condition(text: &str) -> Result<(), &'static str> {
    let topics = condition_topics(text)?;
    match topics.iter().all(|name| topic(name).is_ok()) {
        _ if topics.len() > MAX_TOPICS => Err("condition: names more than 5 topics"),
        true => Ok(()),
        false => Err("condition: names a topic with other than letters, digits or -_.~%"),
    }
}
