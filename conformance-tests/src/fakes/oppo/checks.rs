//! What a table cannot say: rules that span fields of a notification, and the form of what is in
//! them. Where OPPO documents no number for a broken rule it is 40 (missing) or 41 (invalid).

use super::codes::{INVALID, MISSING};
use super::fields::{Checked, Object, ensure, is, number, text};
use super::{CHANNELS, TEMPLATES};

/// The classes of page 13189, and whether each is private (communication and service) or public
/// (content and marketing).
const CATEGORIES: &[(&str, bool)] = &[
    ("IM", true),
    ("ACCOUNT", true),
    ("TODO", true),
    ("DEVICE_REMINDER", true),
    ("ORDER", true),
    ("SUBSCRIPTION", true),
    ("NEWS", false),
    ("CONTENT", false),
    ("MARKETING", false),
    ("SOCIAL", false),
];

/// The most characters of `content` in styles 1, 2 and 3. Style 1 had 200 until about 2023, and
/// the Java SDK still thinks so.
const CONTENT: [usize; 3] = [50, 128, 50];
/// How long a private notification may be shown, in seconds.
const PRIVATE_SHOW_TTL: i64 = 24 * 3600;
/// How long any other may. The Java SDK 1.1.0 still demands six hours to two days.
const PUBLIC_SHOW_TTL: i64 = 12 * 3600;

/// Where a notification is on its way to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// To one target, at once, alone or in a batch.
    Single,
    /// Into OPPO's store, for broadcasts.
    Saved,
}

/// Checks what spans fields of a notification whose fields are each as they must be.
pub(super) fn notification(n: &Object, way: Way, now_ms: u64) -> Checked {
    layout(n, way)?;
    class(n)?;
    click(n)?;
    show_time(n, now_ms)?;
    if way == Way::Single {
        ensure(number(n, "push_time_type") != Some(1), INVALID, "only a push to all is timed")?;
        let steady = is(n, "fix_speed", true) || n.contains_key("fix_speed_rate");
        ensure(!steady, INVALID, "only a broadcast has a steady speed")?;
    }
    if number(n, "push_time_type") == Some(1) {
        ensure(number(n, "push_start_time").is_some(), MISSING, "a timed push needs push_start_time")?;
    }
    let zone = text(n, "time_zone");
    ensure(zone.is_empty() || is_zone(zone), INVALID, format!("time_zone: {zone:?} is not like GMT+08:00"))?;
    let receipts = text(n, "call_back_url");
    ensure(receipts.is_empty() || is_web(receipts), INVALID, "call_back_url is no web address")
}

/// Whether a notification is known to be private. One without a category follows the old
/// classification, where the channel tells; here it counts as public, which has tighter limits.
fn is_private(n: &Object) -> bool {
    CATEGORIES.contains(&(text(n, "category"), true))
}

fn layout(n: &Object, way: Way) -> Checked {
    let style = number(n, "style").unwrap_or(1);
    let most = usize::try_from(style - 1).ok().and_then(|at| CONTENT.get(at).copied()).unwrap_or_default();
    let length = text(n, "content").chars().count();
    ensure(length <= most, INVALID, format!("content has {length} characters; style {style} takes {most}"))?;
    let big = text(n, "big_picture_id");
    if style == 3 {
        ensure(way == Way::Saved, INVALID, "only a broadcast has a big picture")?;
        ensure(!is(n, "fix_speed", true), INVALID, "a big picture cannot go at a steady speed")?;
        ensure(!big.is_empty(), MISSING, "style 3 needs big_picture_id")?;
    } else {
        ensure(big.is_empty(), INVALID, "big_picture_id would be lost without style 3")?;
    }
    Ok(())
}

/// Classes, channels and templates. What OPPO's server says to a channel that is not registered
/// in its console is unknown.
fn class(n: &Object) -> Checked {
    let (channel, category) = (text(n, "channel_id"), text(n, "category"));
    ensure(channel.is_empty() || CHANNELS.contains(&channel), INVALID, format!("no channel {channel}"))?;
    let known = CATEGORIES.iter().any(|(name, _)| *name == category);
    ensure(category.is_empty() || known, "67", format!("no category {category}"))?;
    let level = number(n, "notify_level");
    ensure(level.is_none() || known, "67", "notify_level needs a category")?;
    let template = text(n, "private_msg_template_id");
    ensure(template.is_empty() || TEMPLATES.contains(&template), "54", format!("no template {template}"))?;
    ensure(template.is_empty() || category.is_empty() || is_private(n), "54", "a template for a public message")?;
    ensure(category != "IM" || !template.is_empty(), "54", "private messages of class IM need a template")?;
    for name in ["private_title_parameters", "private_content_parameters"] {
        ensure(text(n, name).is_empty() || !template.is_empty(), INVALID, format!("{name} without a template"))?;
    }
    Ok(())
}

/// That a field for another kind of click is refused, and not just ignored, is our choice: what
/// is ignored is a click that leads somewhere else.
fn click(n: &Object) -> Checked {
    let (activity, url) = (text(n, "click_action_activity"), text(n, "click_action_url"));
    let kind = number(n, "click_action_type").unwrap_or(0);
    let (needs_activity, needs_url) = (matches!(kind, 1 | 4), matches!(kind, 2 | 5));
    for (name, value, needed) in
        [("click_action_activity", activity, needs_activity), ("click_action_url", url, needs_url)]
    {
        ensure(!needed || !value.is_empty(), MISSING, format!("click_action_type {kind} needs {name}"))?;
        ensure(needed || value.is_empty(), INVALID, format!("click_action_type {kind} has no use for {name}"))?;
    }
    let well_formed = match kind {
        1 => !activity.contains(char::is_whitespace),
        2 => is_web(url),
        4 => is_class(activity),
        5 => is_link(url),
        _ => true,
    };
    ensure(well_formed, INVALID, format!("click_action_type {kind} cannot open {activity}{url}"))
}

/// Times in seconds, where milliseconds are due, are a window that is over.
fn show_time(n: &Object, now_ms: u64) -> Checked {
    let most = if is_private(n) { PRIVATE_SHOW_TTL } else { PUBLIC_SHOW_TTL };
    let ttl = number(n, "show_ttl").unwrap_or_default();
    ensure(ttl <= most, INVALID, format!("show_ttl is {ttl}; this class has {most} at most"))?;
    let time = |name| number(n, name).and_then(|ms| u64::try_from(ms).ok()).filter(|ms| *ms > 0);
    let window = (time("show_start_time"), time("show_end_time"));
    match (number(n, "show_time_type"), window) {
        (Some(1), (Some(start), Some(end))) => {
            ensure(start < end, INVALID, "show_start_time is not before show_end_time")?;
            ensure(end > now_ms, INVALID, "the time to be shown is over")
        }
        (Some(1), _) => ensure(false, MISSING, "show_time_type 1 needs show_start_time and show_end_time"),
        (_, (None, None)) => Ok(()),
        _ => ensure(false, INVALID, "a time to be shown would be lost without show_time_type 1"),
    }
}

/// Whether a text has the form of a registration id: 32 hex digits after up to two words, such as
/// brand and region; or the 24 hex digits of old ones. The Java SDK 1.1.0 takes any region.
pub(super) fn is_registration_id(text: &str) -> bool {
    let hex = |part: &str, length| part.len() == length && part.bytes().all(|b| b.is_ascii_hexdigit());
    let word = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric());
    let Some((words, id)) = text.rsplit_once('_') else { return hex(text, 32) || hex(text, 24) };
    hex(id, 32) && words.split('_').count() <= 2 && words.split('_').all(word)
}

fn is_web(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty()) && !url.contains(char::is_whitespace)
}

/// An intent URI, whole; or a link of any scheme.
fn is_link(link: &str) -> bool {
    let Some((scheme, rest)) = link.split_once(':') else { return false };
    let plain = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    let whole = match scheme {
        "intent" => rest.contains("#Intent;") && rest.ends_with(";end"),
        _ => scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(plain) && !rest.is_empty(),
    };
    whole && !link.contains(char::is_whitespace)
}

/// A Java class with its package.
fn is_class(text: &str) -> bool {
    let word = |part: &str| {
        part.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && part.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$')
    };
    text.contains('.') && text.split('.').all(word)
}

/// `GMT+08:00`.
fn is_zone(text: &str) -> bool {
    let Some(offset) = text.strip_prefix("GMT") else { return false };
    let Some(offset) = offset.strip_prefix(['+', '-']) else { return offset.is_empty() };
    let below = |part: &str, end: u8| {
        part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit()) && part.parse().is_ok_and(|n: u8| n < end)
    };
    offset.split_once(':').is_some_and(|(hours, minutes)| below(hours, 15) && below(minutes, 60))
}
