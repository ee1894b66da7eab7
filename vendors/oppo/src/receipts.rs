//! Receipts: a list of events, each of one or more registration ids. There is none of taps.
//!
//! OPPO's page 11239, read in 2026-11. It has no codes: the names of the events stand in for them.

use omnipush_core::receipt::{Receipt, ReceiptCode, Receipts, receipt};
use omnipush_core::{Callback, CallbackError, Event, Reason};
use serde::Deserialize;
use serde_json::Value;

pub(crate) const CODES: &[ReceiptCode] = &[
    receipt("push_arrive", Event::Delivered, "reached the phone; that it was shown is not said"),
    receipt("regid_invalid", Event::Dropped(Reason::InvalidToken), "the registration id is dead"),
    receipt("user_daily_limit", Event::Dropped(Reason::Quota), "the phone has its public messages of today"),
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    message_id: Option<String>,
    registration_ids: String,
    event_time: Option<Value>,
    param: Option<String>,
    event_type: String,
}

pub(crate) fn read(callback: &Callback) -> Result<Receipts, CallbackError> {
    let all: Vec<Told> = callback.json()?;
    let mut receipts = Vec::new();
    for told in &all {
        // The unit is not stated; milliseconds are likely.
        let at = told.event_time.as_ref().and_then(|time| time.as_u64().or_else(|| time.as_str()?.parse().ok()));
        for target in told.registration_ids.split(',').map(str::trim).filter(|target| !target.is_empty()) {
            let receipt = Receipt::of_code(CODES, told.event_type.as_str(), target);
            receipts.push(receipt.message_id(told.message_id.as_deref()).tag(told.param.as_deref()).at_ms(at));
        }
    }
    Ok(Receipts::new(receipts))
}
