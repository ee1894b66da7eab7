//! What OPPO's operations come to, and its callbacks with what they say.

use bytes::Bytes;
use omnipush_core::Class::{
    InvalidRequest, InvalidToken, PermissionDenied, QuotaExceeded, RateLimited, Unauthenticated, Unavailable,
};
use omnipush_core::Event::{self, Delivered, Dropped};
use omnipush_core::vendor::count;
use omnipush_core::{Class, Counts, Found, Group, Image, ImageSize, Operation, Reason, Receipt};
use serde_json::{Value, json};

use super::operations::picture_id;
use super::{APP_ID, Oppo};
use crate::fake::{Fake as _, OperationTrial, ReceiptTrial};

/// What any operation may answer.
const COMMON: &[(&str, Class)] = &[
    ("-2 flow control", RateLimited),
    ("-1 unavailable", Unavailable),
    ("11", Unauthenticated),
    ("12", InvalidRequest),
    ("13", RateLimited),
    ("26", PermissionDenied),
    ("27", PermissionDenied),
    ("28", PermissionDenied),
    ("29", Unauthenticated),
    ("40", InvalidRequest),
    ("41", InvalidRequest),
    ("55", RateLimited),
    ("HTTP 500", Unavailable),
];

/// A broadcast whose counters are known.
const COUNTED: (&str, &str) = ("5e8d7b1a0c9f4e2d3b6a7c83", "5e8d7b1a0c9f4e2d3b6a7c84");

pub(super) fn operations(fake: &Oppo) -> Vec<OperationTrial> {
    let alias = || Group::Alias("ann".into());
    let targets = || vec![fake.target(0).into()];
    let (dead, counters) = (vec![fake.target(7), fake.target(8)], [9, 8, 7, 6, 5, 4]);
    let mut memory = fake.memory();
    memory.dead.clone_from(&dead);
    memory.counters.insert((COUNTED.0.to_owned(), COUNTED.1.to_owned()), counters);
    drop(memory);
    let names = [count::TARGETED, count::VALID, count::SENT, count::DELIVERED, count::SHOWN, count::CLICKED];
    let numbers = names.iter().zip(counters).map(|(name, n)| ((*name).to_owned(), n.cast_signed())).collect();
    let counts = Counts { of: COUNTED.0.to_owned(), numbers };
    vec![
        upload(ImageSize::Large, "image/png", b"\x89PNG\r\n\x1a\n, the rest of a picture"),
        upload(ImageSize::Icon, "image/jpeg", b"\xff\xd8\xff, the rest of a picture"),
        OperationTrial::done(Operation::Subscribe { to: alias(), targets: targets() })
            .codes(&[COMMON, &[("10000", InvalidToken)]].concat()),
        OperationTrial::done(Operation::Unsubscribe { from: alias(), targets: targets() }).codes(COMMON),
        OperationTrial::done(Operation::DeadTargets).found(Found::Names(dead)).codes(COMMON),
        OperationTrial::own("statistics", &json!({"message_id": COUNTED.0, "task_id": COUNTED.1}))
            .found(Found::Counts(vec![counts]))
            .codes(&[COMMON, &[("31", InvalidRequest)]].concat()),
    ]
}

fn upload(size: ImageSize, media_type: &str, bytes: &'static [u8]) -> OperationTrial {
    let image =
        Image { file_name: "picture".into(), media_type: media_type.into(), bytes: Bytes::from_static(bytes), size };
    OperationTrial::done(Operation::UploadImage(image))
        .found(Found::Id(picture_id(bytes)))
        .codes(&[COMMON, &[("33", QuotaExceeded), ("34", QuotaExceeded), ("51", InvalidRequest)]].concat())
}

pub(super) fn receipts(fake: &Oppo) -> Vec<ReceiptTrial> {
    const AT_MS: u64 = 1_700_000_000_123;
    let (one, two) = (fake.target(0), fake.target(1));
    let single = format!("{APP_ID}-1-1-5e8d7b1a0c9f4e2d3b6a7c85");
    let event = |kind: &str, targets: &str| {
        json!({
            "messageId": single, "appId": APP_ID, "taskId": single, "registrationIds": targets,
            "eventTime": AT_MS.to_string(), "param": "order-42", "eventType": kind,
        })
    };
    let receipt = |kind: &str, event: Event, target: &str| {
        let receipt = Receipt::new(event, target).code(kind).message_id(Some(&*single));
        receipt.tag(Some("order-42")).at_ms(Some(AT_MS))
    };
    let events = [
        ("push_arrive", Delivered),
        ("regid_invalid", Dropped(Reason::InvalidToken)),
        ("user_daily_limit", Dropped(Reason::Quota)),
        // Two more exist under names that nobody has written down.
        ("app_daily_limit_or_so", Event::Unknown),
    ];
    let all = |target: &str| events.iter().map(|(kind, _)| event(kind, target)).collect::<Vec<Value>>();
    let mut broadcast = event("push_arrive", &format!("{one},{two}"));
    if let Some(broadcast) = broadcast.as_object_mut() {
        broadcast.insert("messageId".into(), json!(COUNTED.0));
        broadcast.insert("taskId".into(), json!(COUNTED.1));
        broadcast.insert("param".into(), json!(""));
    }
    let arrived = |target: &str| {
        let receipt = Receipt::new(Delivered, target).code("push_arrive").message_id(Some(COUNTED.0));
        receipt.at_ms(Some(AT_MS))
    };
    vec![
        ReceiptTrial::json(
            "every event, in one body",
            &json!(all(&one)),
            events.iter().map(|(kind, event)| receipt(kind, *event, &one)).collect(),
        ),
        ReceiptTrial::json(
            "a broadcast that reached two, without the caller's text",
            &json!([broadcast]),
            vec![arrived(&one), arrived(&two)],
        ),
    ]
}
