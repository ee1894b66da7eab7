//! What vivo requires of senders today.

use omnipush_core::Shape;
use omnipush_core::table::{self, In};

use crate::Vivo;
use crate::payload::{category, classification};

type Rule = table::Rule<Vivo>;

const CLASSES: &str = "page 359, as one client has it of 2025-11";
const PAGE: &str = "page 362, version 2.9.2";

pub(crate) const RULES: &[Rule] = &[
    Rule::warns(
        "no category: vivo counts the message as operational, with low limits; name one such as IM or ORDER",
        "",
        CLASSES,
        |x| category(x).is_none() && x.options.classification.is_none(),
    ),
    Rule::warns(
        "an operational message between 23:00 and 07:00 in Beijing: vivo refuses it (10071) or holds it back",
        "",
        "an aggregator's table of codes, and two pages",
        is_at_night,
    ),
    Rule::warns(
        "a window (`timed_display`) starts at least 10 minutes ahead, lasts less than 120, and lies within 24 hours and one day in Beijing",
        "",
        "page 362",
        is_no_window,
    )
    .refuses("timedDisplay", None),
    Rule::warns(
        "a title or text of digits, Latin letters or symbols only, or with the word 测试: vivo may take it for a test and refuse it (10104)",
        "",
        "an aggregator's table of codes",
        looks_like_a_test,
    ),
    Rule::warns(
        "title and text are the same: vivo may not show it (receipt 2124)",
        "",
        "an aggregator's table of receipts",
        |x| x.n.title.is_some() && x.n.title == x.n.body,
    ),
    Rule::warns("to everybody: once a day by default, then refused (10254)", "", PAGE, |x| x.shape == Shape::All),
    Rule::tells(
        "operational messages a day: as many as users who allow notifications and were active within 14 days, at least 10,000, times two or more by the kind of app; system messages three times as many",
        "2023-04-03",
        "a page that quotes vivo",
    ),
    Rule::tells("operational messages of an app to one user a day: 2 or 5, of news apps 5", "", "two pages"),
    Rule::tells("who goes on after 10070, 10252 or 10254 on the same day gets a lower amount", "", PAGE),
    Rule::tells(
        "an app under review may send to test phones only (`push_mode` 1), else 10045",
        "",
        "an aggregator's table of codes",
    ),
];

fn is_at_night(x: &In<'_, Vivo>) -> bool {
    let hour = match x.options.timed_display {
        Some(window) => (window.show_start_time / 3_600_000 + 8).rem_euclid(24),
        None => x.hour(8),
    };
    classification(x) == 0 && !(7..23).contains(&hour)
}

fn is_no_window(x: &In<'_, Vivo>) -> bool {
    const MINUTE: i64 = 60_000;
    let Some(window) = x.options.timed_display else { return false };
    let now = i64::try_from(x.now_ms).unwrap_or(i64::MAX);
    let (start, end) = (window.show_start_time, window.show_end_time);
    let day = |at: i64| at.saturating_add(8 * 60 * MINUTE).div_euclid(24 * 60 * MINUTE);
    let lasts = end.saturating_sub(start);
    start.saturating_sub(now) < 10 * MINUTE
        || end.saturating_sub(now) > 24 * 60 * MINUTE
        || !(1..120 * MINUTE).contains(&lasts)
        || day(start) != day(end)
}

fn looks_like_a_test(x: &In<'_, Vivo>) -> bool {
    let odd = |text: &str| {
        let only = |test: fn(&char) -> bool| text.chars().filter(|c| !c.is_whitespace()).all(|c| test(&c));
        // Chinese comes first: it is what most texts begin with, and is found at once.
        let symbol = |c: &char| !matches!(c, '\u{4e00}'..='\u{9fff}') && !c.is_alphanumeric();
        (!text.is_ascii() && text.contains("测试"))
            || only(char::is_ascii_digit)
            || only(char::is_ascii_alphabetic)
            || only(symbol)
    };
    let mut texts = [x.n.title.as_deref(), x.n.body.as_deref()].into_iter().flatten();
    x.options.push_mode != Some(1) && texts.any(odd)
}
