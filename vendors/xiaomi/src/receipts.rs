//! Receipts: a form with one field, a JSON object by message id. Nothing of Xiaomi's proves them.
//!
//! Xiaomi's page on callbacks, as two clients repeat it, read in 2026-11.

use std::collections::BTreeMap;

use omnipush_core::receipt::{Receipt, ReceiptCode, Receipts, receipt, shape_of};
use omnipush_core::{Callback, CallbackError, Event, Reason, Target};
use serde::Deserialize;
use serde_json::Value;

use Event::{Clicked, Delivered, Dropped};

pub(crate) const CODES: &[ReceiptCode] = &[
    receipt("1", Delivered, "delivered"),
    receipt("2", Clicked, "the user tapped it"),
    receipt("16", Dropped(Reason::InvalidToken), "the target is gone or wrong"),
    receipt("32", Dropped(Reason::Disabled), "the app has switched push off"),
    receipt("64", Dropped(Reason::Filtered), "the device does not meet a condition of the message"),
    receipt("128", Dropped(Reason::Quota), "the app's or the device's amount is used up"),
    receipt("1024", Dropped(Reason::Expired), "its time to live ended"),
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    #[serde(rename = "type")]
    kind: i64,
    targets: String,
    param: Option<String>,
    jobkey: Option<String>,
    timestamp: Option<u64>,
    /// Old target to the one to use from now on.
    #[serde(default)]
    replace_target: BTreeMap<String, Value>,
}

pub(crate) fn read(callback: &Callback) -> Result<Receipts, CallbackError> {
    let data = callback.form_field("data").ok_or_else(|| CallbackError::Malformed("has no field `data`".into()))?;
    let all: BTreeMap<String, Told> =
        serde_json::from_str(&data).map_err(|error| CallbackError::Malformed(shape_of(&error)))?;
    let mut receipts = Vec::new();
    for (id, told) in &all {
        let tag = told.param.as_deref().filter(|param| !param.is_empty()).or(told.jobkey.as_deref());
        for target in told.targets.split(',').map(str::trim).filter(|target| !target.is_empty()) {
            let better = told.replace_target.get(target).and_then(Value::as_str).map(Target::from);
            let receipt = Receipt::of_code(CODES, told.kind.to_string(), target);
            receipts.push(receipt.message_id(Some(&**id)).tag(tag).at_ms(told.timestamp).replaced_by(better));
        }
    }
    Ok(Receipts::new(receipts))
}
