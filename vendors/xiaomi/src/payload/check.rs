//! What no single row of the table can see.

use omnipush_core::table::{Encoding, Get, In};
use omnipush_core::{Click, Fault, Field, Kind, Shape, Sound, Unit};

use super::{BROADCASTS, DAY_MS, EXTRA, Row, own_pairs, send_at};
use crate::Xiaomi;

/// The receipts that Xiaomi knows. A sum of others is taken, and no receipt ever comes: 246
/// for 243 is the classic, as 3 already holds 1 and 2.
const RECEIPTS: i64 = 1 | 2 | 16 | 32 | 64 | 128 | 1024;

pub(super) fn check(encoding: &mut Encoding<'_, Xiaomi>) {
    let x = &encoding.input;
    let (n, options, now) = (x.n, x.options, now(x));
    let latest = now.saturating_add(7 * DAY_MS);
    let late = send_at(x).filter(|time| *time > latest);
    let own = own_pairs(x).unwrap_or_default();
    let own_size = own.iter().map(|(key, value)| Unit::Utf16.measure(key) + Unit::Utf16.measure(value)).sum();
    let values = &options.template_param;
    let no_template = options.template_id.is_none();

    let over = |size, limit, unit| (size > limit).then_some(Fault::TooLong { size, limit, unit });
    let no = |bad: Option<bool>, why: &str| (bad == Some(true)).then(|| Fault::Invalid(why.to_owned()));
    let jobkey = options.jobkey.as_deref().map(|key| !is_jobkey(key));
    let receipts = options.callback_type.map(|kinds| kinds < 1 || kinds & !RECEIPTS != 0);
    let callback = n.receipt.as_ref().and_then(|receipt| receipt.url.as_ref()).map(|url| !url.is_web());
    let aimless = options.callback_type.map(|_| callback.is_none());
    let crowd = matches!(x.shape, Shape::Accounts | Shape::Segment | Shape::Each) && options.packages.len() > 1;
    let paced = options.flow_control.map(|rate| rate < 1 || !BROADCASTS.has(x.shape));
    let style = options.style.kind.map(|kind| !(1..=2).contains(&kind));
    let (data, extra, param) = (Some(Field::Data), "extra", "extra.template_param");
    let found = [
        ("time_to_send", Some(Field::SendAt), late.map(|value| Fault::OutOfRange { value, min: now, max: latest })),
        (extra, data, over(own.len(), 10, Unit::Entries)),
        (extra, data, over(own_size, 1024, Unit::Utf16)),
        (extra, data, no(Some(own.iter().any(|(key, _)| is_xiaomis(key))), "has a key that Xiaomi uses itself")),
        ("extra.jobkey", None, no(jobkey, "must be 1 to 20 letters, digits, `-` or `_`, with no `_` in front")),
        ("extra.callback", Some(Field::Receipt), no(callback, "must be an http or https URL")),
        ("extra.callback.type", None, no(aimless, "needs a `receipt` with an address")),
        ("extra.callback.type", None, no(receipts, "must be a sum of 1, 2, 16, 32, 64, 128 and 1024, each once")),
        ("extra.notification_style_type", None, no(style, "must be 1 (long text) or 2 (big picture)")),
        ("extra.flow_control", None, no(paced, "must be at least 1, and paces broadcasts only")),
        ("restricted_package_name", None, no(Some(crowd), "one package only is taken by this call")),
        (param, None, no(Some(no_template && !values.is_empty()), "needs a `template_id`")),
        (param, None, over(values.len(), 9, Unit::Entries)),
    ];
    for (wire, field, fault) in found {
        fault.into_iter().for_each(|fault| encoding.problem(wire, field, fault));
    }
    for (key, value) in values.iter() {
        let blank = value.trim().is_empty().then_some(Fault::Missing);
        let symbol = no(Some(value.chars().any(is_symbol)), "has an emoji or another symbol (Unicode class So)");
        if let Some(fault) = blank.or(over(Unit::Utf16.measure(value), 128, Unit::Utf16)).or(symbol) {
            encoding.problem(format!("{param}.{key}"), None, fault);
        }
    }

    if n.sound == Some(Sound::Default) {
        encoding.carry(Field::Sound.only());
    }
    if n.kind != Kind::Background && n.click == Some(Click::App) {
        encoding.carry(Field::Click.only());
    }
    if n.send_at.is_some() {
        // In a form field beside the messages, or not at all when the time has passed.
        encoding.carry(Field::SendAt.only());
    }
}

pub(super) fn now(x: &In<'_, Xiaomi>) -> i64 {
    i64::try_from(x.now_ms).unwrap_or(i64::MAX)
}

pub(super) fn is_jobkey(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    (1..=20).contains(&text.len()) && !text.starts_with('_') && text.bytes().all(plain)
}

/// Whether a key of `extra` is a switch of Xiaomi's. None may be thrown by the app's pairs.
fn is_xiaomis(key: &str) -> bool {
    key.starts_with("notification_style_button_") || has(EXTRA, key)
}

fn has(rows: &[Row], key: &str) -> bool {
    rows.iter().any(|row| row.name == key || matches!(row.get, Get::Options(rows) if has(rows, key)))
}

/// The emoji, and the symbols most often met, of Unicode class So. Rare ones are left to Xiaomi.
fn is_symbol(c: char) -> bool {
    matches!(c, '¦' | '©' | '®' | '°' | '№' | '™' | '\u{2100}'..='\u{2101}' | '\u{2103}'..='\u{2106}'
        | '\u{231a}'..='\u{231b}' | '\u{23e2}'..='\u{2426}' | '\u{249c}'..='\u{24e9}' | '\u{2500}'..='\u{25b6}'
        | '\u{25b8}'..='\u{25c0}' | '\u{25c2}'..='\u{25f7}' | '\u{2600}'..='\u{266e}' | '\u{2670}'..='\u{2767}'
        | '\u{2794}'..='\u{27bf}' | '\u{2b00}'..='\u{2b2f}' | '\u{2b4d}'..='\u{2bff}' | '\u{1f000}'..='\u{1f0ff}'
        | '\u{1f10d}'..='\u{1fbef}')
}
