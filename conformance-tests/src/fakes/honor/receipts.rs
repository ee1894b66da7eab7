//! Callbacks as Honor posts them: a list of `statuses`, to an address that its console knows.

use omnipush_core::Event::{self, Clicked, Delayed, Delivered, Dropped};
use omnipush_core::{Reason, Receipt};
use serde_json::{Value, json};

use super::{APP_ID, Honor};
use crate::fake::{Fake as _, ReceiptTrial};

/// What became of a message, by Honor's number. Those that are not final may be followed by more.
const STATUSES: &[(u32, Event)] = &[
    // A data message was handed to the app.
    (40_000_001, Delivered),
    // A notification is about to be shown: token and switches were looked at.
    (40_000_002, Delivered),
    // The app is not installed; the token is not known on the device.
    (40_000_003, Dropped(Reason::InvalidToken)),
    (40_000_004, Dropped(Reason::InvalidToken)),
    // The app's notifications are off; the app is disabled.
    (40_000_005, Dropped(Reason::Disabled)),
    (40_000_006, Dropped(Reason::Disabled)),
    (40_000_007, Clicked),
    (40_000_009, Dropped(Reason::Quota)),
    (40_000_011, Dropped(Reason::BadClick)),
    // Held back to save power.
    (40_000_013, Delayed),
    (40_000_014, Dropped(Reason::WrongUser)),
    (40_000_015, Dropped(Reason::NotShown)),
    // A data message waits for the app to run.
    (50_000_003, Delayed),
    (49_999_999, Event::Unknown),
];

const AT_MS: u64 = 1_700_000_000_123;

pub(super) fn trials(fake: &Honor) -> Vec<ReceiptTrial> {
    let all = || STATUSES.iter().enumerate();
    let statuses: Vec<Value> = all().map(|(number, (status, _))| told(fake, number, *status)).collect();
    let receipts = all().map(|(number, (status, event))| {
        let id = Some(request_id(number));
        let receipt = Receipt::new(*event, fake.target(number)).code(status.to_string()).message_id(id);
        receipt.tag(Some("order-42")).at_ms(Some(AT_MS))
    });
    let bare = json!({"statuses": [{"token": fake.target(0), "status": 40_000_002, "requestId": request_id(0)}]});
    let delivered = Receipt::new(Delivered, fake.target(0)).code("40000002").message_id(Some(request_id(0)));
    vec![
        ReceiptTrial::json("every status, in one body", &json!({"statuses": statuses}), receipts.collect()),
        ReceiptTrial::json("a status without the caller's text, time and app", &bare, vec![delivered]),
    ]
}

fn request_id(number: usize) -> String {
    format!("1700000000{number:09}")
}

fn told(fake: &Honor, number: usize, status: u32) -> Value {
    json!({
        "token": fake.target(number), "biTag": "order-42", "status": status, "timestamp": AT_MS,
        "appid": APP_ID, "requestId": request_id(number),
    })
}
