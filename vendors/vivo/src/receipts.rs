//! Receipts: the codes of vivo's callbacks and their form.
//!
//! The form is that of one client; the codes are those of an aggregator's table without its own
//! prefix, so they are hints. Read in 2026-11.

use std::collections::BTreeMap;

use omnipush_core::receipt::{Receipt, ReceiptCode, Receipts, receipt};
use omnipush_core::{Callback, CallbackError, Event, Reason};
use serde::Deserialize;
use serde_json::{Map, Value};

use Event::{Delivered, Dropped};

use crate::config::Config;

pub(crate) const CODES: &[ReceiptCode] = &[
    receipt("0", Delivered, "reached the phone"),
    receipt("101", Dropped(Reason::Rejected), "refused by the review"),
    receipt("103", Dropped(Reason::Replaced), "a newer one took its place"),
    receipt("104", Dropped(Reason::NotShown), "not shown"),
    receipt("1000", Dropped(Reason::Other), "held back for other reasons"),
    receipt("1017", Dropped(Reason::Filtered), "an operational message at night"),
    receipt("1020", Dropped(Reason::Filtered), "did not match, for other reasons"),
    receipt("1040", Dropped(Reason::NotShown), "not shown, for other reasons"),
    receipt("2124", Dropped(Reason::Rejected), "the title is the content"),
    receipt("2144", Dropped(Reason::Expired), "expired"),
    receipt("2158", Dropped(Reason::BadClick), "the deep link is wrong"),
    receipt("2161", Dropped(Reason::BadClick), "the activity is not exported"),
    receipt("2162", Dropped(Reason::BadClick), "there is no such activity"),
    receipt("2183", Dropped(Reason::InvalidToken), "the regId is dead"),
    receipt("10012", Dropped(Reason::Expired), "expired"),
    receipt("11001", Dropped(Reason::Quota), "the day's amount is used up"),
    receipt("12000", Dropped(Reason::Quota), "the user's amount is used up"),
    receipt("20001", Dropped(Reason::InvalidToken), "the user is not subscribed"),
    receipt("20002", Dropped(Reason::InvalidToken), "there is no such user"),
    receipt("20006", Dropped(Reason::Inactive), "offline for 14 days"),
];

/// What is told of one message; what else stands there depends on the form.
#[derive(Deserialize)]
struct Told {
    param: Option<String>,
    targets: String,
    #[serde(flatten)]
    more: Map<String, Value>,
}

pub(crate) fn read(config: &Config, callback: &Callback) -> Result<Receipts, CallbackError> {
    let body: BTreeMap<String, Told> = callback.json()?;
    let mut receipts = Vec::new();
    for (task_id, told) in body {
        let member = |name: &Option<String>| told.more.get(name.as_deref()?);
        let code = member(&config.receipt_code_field).map(|code| code.as_str().map_or(code.to_string(), str::to_owned));
        let time =
            member(&config.receipt_time_field).and_then(|time| time.as_u64().or_else(|| time.as_str()?.parse().ok()));
        for target in told.targets.split(',').map(str::trim).filter(|target| !target.is_empty()) {
            let receipt = match &code {
                Some(code) => Receipt::of_code(CODES, code, target),
                None => Receipt::new(Delivered, target),
            };
            receipts.push(receipt.message_id(Some(&*task_id)).tag(told.param.as_deref()).at_ms(time));
        }
    }
    Ok(Receipts::new(receipts))
}
