//! Receipts: the codes of Honor's callbacks, as one public client lists them (two confirm that
//! 40000002 is a delivery), and their form. Read in 2026-11.

use omnipush_core::receipt::{self, Receipt, ReceiptCode, Receipts};
use omnipush_core::{Bytes, Callback, CallbackError, Event, Reason};
use serde::Deserialize;
use serde_json::Value;

use Event::{Clicked, Delayed, Delivered, Dropped};

pub(crate) const CODES: &[ReceiptCode] = &[
    receipt::receipt("40000001", Delivered, "a data-only message was handed to the app"),
    receipt::receipt("40000002", Delivered, "reached the device, which is about to show it"),
    receipt::receipt("40000003", Dropped(Reason::InvalidToken), "the app is not installed"),
    receipt::receipt("40000004", Dropped(Reason::InvalidToken), "the device does not know the token"),
    receipt::receipt("40000005", Dropped(Reason::Disabled), "the app's notifications are switched off"),
    receipt::receipt("40000006", Dropped(Reason::Disabled), "the app is disabled on the device"),
    receipt::receipt("40000007", Clicked, "the user tapped it"),
    receipt::receipt("40000009", Dropped(Reason::Quota), "the system dropped it, mostly because of an amount"),
    receipt::receipt("40000011", Dropped(Reason::BadClick), "what the tap opens is missing or closed"),
    receipt::receipt("40000013", Delayed, "held back to save power until the screen is on"),
    receipt::receipt("40000014", Dropped(Reason::WrongUser), "the device's user is not the token's"),
    receipt::receipt("40000015", Dropped(Reason::NotShown), "could not be shown: a bad intent, too many others"),
    receipt::receipt("50000003", Delayed, "kept until the app runs"),
];

/// Huawei's answer, as Honor's own is not documented.
const ANSWER: &[u8] = br#"{"code":"0","message":"success"}"#;

#[derive(Deserialize)]
struct Body {
    statuses: Vec<Status>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    token: String,
    status: Value,
    timestamp: Option<u64>,
    bi_tag: Option<String>,
    request_id: Option<String>,
}

pub(crate) fn read(callback: &Callback) -> Result<Receipts, CallbackError> {
    let body: Body = callback.json()?;
    let receipts = body.statuses.into_iter().map(|status| {
        let code = status.status.as_str().map_or_else(|| status.status.to_string(), str::to_owned);
        Receipt::of_code(CODES, code, status.token)
            .message_id(status.request_id)
            .tag(status.bi_tag)
            .at_ms(status.timestamp)
    });
    Ok(Receipts { answer: Bytes::from_static(ANSWER), ..Receipts::new(receipts.collect()) })
}
