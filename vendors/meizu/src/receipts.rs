//! Receipts: a form with JSON in it, and the token of the push console as its only protection.
//!
//! Meizu's PushAPI and its Java SDK, read in 2026-11. There are none of failures.

use omnipush_core::receipt::{Receipt, ReceiptCode, Receipts, receipt, shape_of};
use omnipush_core::{Callback, CallbackError, Event};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::config::Config;

pub(crate) const CODES: &[ReceiptCode] =
    &[receipt("1", Event::Delivered, "delivered"), receipt("2", Event::Clicked, "the user tapped it")];

#[derive(Deserialize)]
struct Told {
    param: Option<String>,
    #[serde(rename = "type")]
    kind: Option<Value>,
    targets: Vec<String>,
}

pub(crate) fn read(config: &Config, callback: &Callback) -> Result<Receipts, CallbackError> {
    let proven = match &config.receipt_token {
        None => false,
        Some(token) => match callback.form_field("access_token") {
            Some(brought) if token.is(&brought) => true,
            _ => return Err(CallbackError::WrongSignature("`access_token` is not that of the console")),
        },
    };
    let body = callback.form_field("cb").ok_or_else(|| CallbackError::Malformed("has no field `cb`".into()))?;
    let malformed = |error: serde_json::Error| CallbackError::Malformed(shape_of(&error));
    let all: Map<String, Value> = serde_json::from_str(&body).map_err(malformed)?;
    let mut receipts = Vec::new();
    for (key, told) in all {
        let told: Told = serde_json::from_value(told).map_err(malformed)?;
        // The key is the message's id and the type.
        let (id, kind) = key.rsplit_once('-').unwrap_or((&key, ""));
        let code = told
            .kind
            .as_ref()
            .map_or_else(|| kind.to_owned(), |kind| kind.as_str().map_or_else(|| kind.to_string(), str::to_owned));
        for target in &told.targets {
            let receipt = Receipt::of_code(CODES, code.as_str(), target.as_str());
            receipts.push(receipt.message_id(Some(id)).tag(told.param.as_deref()));
        }
    }
    Ok(Receipts { proven, ..Receipts::new(receipts) })
}
