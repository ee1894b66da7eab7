//! Topics and conditions, checked before they are sent.
//!
//! Google's service description `fcm` v1 and its page on topic messaging, read in 2026-11.

use omnipush_core::{Class, Refusal, Set, Shape};

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
    let problem = match set.shape {
        Shape::Topic => topic(text).err(),
        Shape::Condition => condition(text).err(),
        _ => None,
    };
    problem.map_or(Ok(()), |text| Err(Refusal::new(Class::InvalidRequest).code("not_sent").text(text)))
}

fn topic(name: &str) -> Result<(), &'static str> {
    match is_name(name, 900) {
        true => Ok(()),
        false => Err("topic: 1 to 900 letters, digits or -_.~% are allowed, without the prefix /topics/"),
    }
}

/// Terms such as `'a' in topics`, joined by `&&` and `||`, negated by `!`, grouped by parentheses.
fn condition(text: &str) -> Result<(), &'static str> {
    let (mut rest, mut open, mut topics, mut joined) = (text.trim_start(), 0_usize, 0, true);
    while !rest.is_empty() {
        rest = if joined {
            if let Some(inner) = rest.strip_prefix('!') {
                inner
            } else if let Some(inner) = rest.strip_prefix('(') {
                open += 1;
                inner
            } else {
                topics += 1;
                joined = false;
                term(rest)?
            }
        } else if let Some(after) = rest.strip_prefix(')') {
            open = open.checked_sub(1).ok_or("condition: a parenthesis is closed that was not opened")?;
            after
        } else {
            joined = true;
            let after = rest.strip_prefix("&&").or_else(|| rest.strip_prefix("||"));
            after.ok_or("condition: && or || is expected between terms")?
        }
        .trim_start();
    }
    match () {
        () if joined => Err("condition: ends where a term such as 'news' in topics is expected"),
        () if open > 0 => Err("condition: a parenthesis is not closed"),
        () if topics > MAX_TOPICS => Err("condition: names more than 5 topics"),
        () => Ok(()),
    }
}

/// What follows a term.
fn term(text: &str) -> Result<&str, &'static str> {
    let (name, rest) = text.strip_prefix('\'').and_then(|rest| rest.split_once('\'')).unwrap_or_default();
    topic(name).map_err(|_| "condition: a term such as 'news' in topics is expected")?;
    let rest = rest.trim_start().strip_prefix("in ").map(str::trim_start);
    rest.and_then(|rest| rest.strip_prefix("topics")).ok_or("condition: `in topics` is expected after a topic")
}
