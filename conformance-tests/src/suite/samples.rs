//! Notifications for trials, in no vendor's terms.

use chrono::{DateTime, Utc};
use omnipush_core::{
    ActionName, ActivityName, Badge, Click, Clock as _, CollapseKey, Field, HttpUrl, IntentUri, InvalidValue, Kind,
    MessageId, Notification, Priority, ReceiptRequest, Sound, SystemClock, Ttl,
};

/// Within the limits of every vendor, and in none of their words for tests.
pub(super) fn plain() -> Notification {
    Notification::new("Your order 订单更新", "It has left the house 已发货")
}

/// With another text, so that notifications can be told apart.
pub(super) fn saying(text: impl Into<String>) -> Notification {
    Notification { body: Some(text.into()), ..plain() }
}

/// With an id of the caller's.
pub(super) fn with_id(id: &str) -> Result<Notification, InvalidValue> {
    Ok(Notification { id: Some(MessageId::new(id)?), ..plain() })
}

/// With a tap.
pub(super) fn clicking(click: Click) -> Notification {
    Notification { click: Some(click), ..plain() }
}

/// Texts that encoders like to spoil.
pub(super) const TEXTS: &[&str] = &[
    "中文标题，全角标点！",
    "emoji 🚚👨‍👩‍👧🇨🇳 end",
    "q \" ' ` \\ \\\" \\\\ end",
    "a=1&b=2+3%41%<b>;#?/",
    "{\"json\":[1,null]} ${x} {{y}}",
    "%E4%BD%A0 %2B %00 %",
    "\\u4e2d \\n \\ud83d \\x",
    "مرحبا שלום \u{202e}rtl\u{202c}",
    "e\u{301} a\u{30a} n\u{303} क्षि",
    "<script>alert(1)</script>",
    "’“”…—  nbsp\u{a0}",
    "𠮷野家 𝒳 🀄",
    "a, b; c: d | e",
    "-- ' OR 1=1 --",
];

/// Pairs of an app, in an order that no map would choose.
pub(super) const PAIRS: &[(&str, &str)] = &[
    ("zeta", "last first"),
    ("orderId", "42"),
    ("alpha", "中文 🚚 \"quoted\" \\ &=+%<>"),
    ("json", "{\"chat\":\"42\",\"n\":[1,2]}"),
    ("mid_key", "0"),
    ("b1", "true"),
];

pub(super) fn pairs() -> Result<Notification, InvalidValue> {
    let mut n = plain();
    PAIRS.iter().try_for_each(|(key, value)| n.data.push(*key, *value))?;
    Ok(n)
}

/// Every kind of tap, with what of it the device must see.
pub(super) fn clicks() -> Result<Vec<(Click, &'static str)>, InvalidValue> {
    const INTENT: &str = "intent:#Intent;component=com.example.app/.Order;S.id=42;end";
    Ok(vec![
        (Click::App, ""),
        (Click::Url(HttpUrl::new("https://example.com/a?b=c&d=%2B")?), "https://example.com/a?b=c&d=%2B"),
        (Click::Url(HttpUrl::new("exampleapp://order/42?x=1")?), "exampleapp://order/42?x=1"),
        (Click::Intent(IntentUri::new(INTENT)?), INTENT),
        (Click::Activity(ActivityName::new("com.example.app.OrderActivity")?), "OrderActivity"),
        (Click::Activity(ActivityName::new("com.example.app/.OrderActivity")?), "OrderActivity"),
        (Click::Action(ActionName::new("com.example.app.OPEN_ORDER")?), "com.example.app.OPEN_ORDER"),
    ])
}

/// In a while, as schedules want it.
pub(super) fn later() -> Option<DateTime<Utc>> {
    let now = i64::try_from(SystemClock.now_ms()).ok()?;
    // Whole minutes: some vendors know no seconds.
    DateTime::from_timestamp_millis((now + 2 * 3_600_000) / 60_000 * 60_000)
}

/// Plain notifications with one field set. Where all values of a field may be what holds without
/// it, only one of them has to show.
pub(super) fn with_field(field: Field) -> Result<Vec<Notification>, InvalidValue> {
    let text = || Some("sample".to_owned());
    let n = plain;
    Ok(match field {
        Field::Title => vec![Notification { title: Some("Another headline 标题".into()), ..n() }],
        Field::Body => vec![saying("Another text 正文")],
        Field::Subtitle => vec![Notification { subtitle: text(), ..n() }],
        Field::Image => vec![Notification { image: Some(HttpUrl::new("https://example.com/a.png")?), ..n() }],
        Field::Sound => [Sound::Named("ping".into()), Sound::Silent, Sound::Default]
            .map(|sound| Notification { sound: Some(sound), ..n() })
            .into(),
        Field::Badge => [Badge::Set(3), Badge::Add(2)].map(|badge| Notification { badge: Some(badge), ..n() }).into(),
        Field::Channel => vec![Notification { channel: Some("orders".into()), ..n() }],
        Field::Category => vec![Notification { category: Some("IM".into()), ..n() }],
        Field::Click => clicks()?.into_iter().rev().map(|(click, _)| clicking(click)).collect(),
        Field::Data => vec![pairs()?],
        Field::Ttl => vec![Notification { ttl: Some(Ttl::from_secs(7200)?), ..n() }],
        Field::CollapseKey => vec![Notification { collapse_key: Some(CollapseKey::new("order-42")?), ..n() }],
        Field::Priority => {
            [Priority::High, Priority::Normal].map(|priority| Notification { priority: Some(priority), ..n() }).into()
        }
        Field::Thread => vec![Notification { thread: Some("chat-7".into()), ..n() }],
        Field::Kind => vec![Notification { kind: Kind::Background, title: None, body: None, ..pairs()? }],
        Field::SendAt => vec![Notification { send_at: later(), ..n() }],
        Field::DryRun => vec![Notification { dry_run: true, ..n() }],
        Field::Id => vec![with_id("order-42/7")?],
        Field::Receipt => {
            let url = HttpUrl::new("https://receipts.example.com/omnipush?secret=s3")?;
            let receipt = ReceiptRequest { url: Some(url), tag: Some("order-42".into()) };
            vec![Notification { receipt: Some(receipt), ..n() }]
        }
    })
}
