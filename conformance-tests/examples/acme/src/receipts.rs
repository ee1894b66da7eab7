//! Receipts: a JSON list, signed with the app's secret.
//!
//! Acme's page "Receipts".

use omnipush_core::receipt::{Receipt, ReceiptCode, Receipts, receipt};
use omnipush_core::sign::hmac_sha256_matches;
use omnipush_core::{Callback, CallbackError, Event, Reason};
use serde::Deserialize;

use crate::config::Config;

pub(crate) const CODES: &[ReceiptCode] = &[
    receipt("delivered", Event::Delivered, "reached the device"),
    receipt("clicked", Event::Clicked, "the user tapped it"),
    receipt("gone", Event::Dropped(Reason::InvalidToken), "the app is gone from the device"),
    receipt("muted", Event::Dropped(Reason::Disabled), "the user has switched notifications off"),
    receipt("late", Event::Dropped(Reason::Expired), "its time to live ended"),
];

const HEADER: &str = "x-acme-signature";

#[derive(Deserialize)]
struct Told {
    message_id: String,
    token: String,
    event: String,
    tag: Option<String>,
    at: Option<u64>,
}

pub(crate) fn read(config: &Config, callback: &Callback) -> Result<Receipts, CallbackError> {
    let wrong = CallbackError::WrongSignature;
    let sent = callback.header(HEADER).ok_or(wrong("the header X-Acme-Signature is missing"))?;
    let mac = hex::decode(sent).map_err(|_| wrong("the header X-Acme-Signature is no hex"))?;
    if !hmac_sha256_matches(&config.app_secret, &callback.body, &mac) {
        return Err(wrong("X-Acme-Signature is not that of the body"));
    }
    let all: Vec<Told> = callback.json()?;
    let receipts = all.into_iter().map(|told| {
        let receipt = Receipt::of_code(CODES, told.event, told.token);
        receipt.message_id(Some(told.message_id)).tag(told.tag).at_ms(told.at)
    });
    Ok(Receipts { proven: true, ..Receipts::new(receipts.collect()) })
}
