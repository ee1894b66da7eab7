//! Receipts of both products and of both versions, and the signature over them.
//!
//! Huawei's pages "push-msg-receipt" (updated 2026-04-20) and "push-api-msg-receipt", read in
//! 2026-11.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use omnipush_core::receipt::{Receipt, ReceiptCode, Receipts, receipt};
use omnipush_core::sign::hmac_sha256_matches_bytes;
use omnipush_core::{Bytes, Callback, CallbackError, Event, Reason, Secret};
use serde::Deserialize;
use serde_json::Value;

use Event::{Delayed, Delivered, Dropped};

pub(crate) const CODES: &[ReceiptCode] = &[
    receipt("0", Delivered, "reached the device"),
    receipt("2", Dropped(Reason::InvalidToken), "the app is not installed"),
    receipt("5", Dropped(Reason::InvalidToken), "the device has no such token"),
    receipt("6", Dropped(Reason::Disabled), "notifications are switched off"),
    receipt("10", Dropped(Reason::Inactive), "the device was away for 30 days"),
    receipt("14", Dropped(Reason::Other), "trouble in the network"),
    receipt("15", Dropped(Reason::Replaced), "a newer one took its place while it waited"),
    receipt("22", Dropped(Reason::WrongUser), "the token is another user's"),
    receipt("27", Delayed, "kept until the app runs"),
    receipt("31", Dropped(Reason::BadClick), "what the tap opens is missing or closed"),
    receipt("51", Dropped(Reason::NotShown), "the device was started and not unlocked"),
    receipt("102", Dropped(Reason::Quota), "the device had too many"),
    receipt("144", Dropped(Reason::WrongUser), "the profile is unknown"),
    receipt("151", Dropped(Reason::NotShown), "not shown, or the form is unknown"),
    receipt("155", Dropped(Reason::Expired), "the live view to update is missing or over"),
    receipt("156", Dropped(Reason::Replaced), "the live view has a newer version"),
    receipt("158", Dropped(Reason::Other), "the live view is there already"),
    receipt("188", Dropped(Reason::NotShown), "the app could not be started"),
    receipt("191", Dropped(Reason::NotShown), "the badge could not be set"),
    receipt("201", Dropped(Reason::Disabled), "Huawei's server holds back what goes to this token"),
    receipt("256", Dropped(Reason::Quota), "the device, or the test, has its messages of today"),
    receipt("259", Dropped(Reason::Rejected), "refused for its content or an unsafe address"),
    receipt("261", Dropped(Reason::Inactive), "the form has been missing for 30 days"),
    receipt("262", Dropped(Reason::Quota), "the form was refreshed too often today"),
    receipt("264", Dropped(Reason::Disabled), "the user has not subscribed"),
    receipt("265", Dropped(Reason::Quota), "live views are stopped for a day"),
    receipt("268", Dropped(Reason::NotShown), "the live view has no status"),
    receipt("269", Dropped(Reason::Other), "the live view is there twice"),
];

const ANSWER: &[u8] = br#"{"code":"0","message":"success"}"#;
const HEADER: &str = "x-huawei-callback-id";
/// A callback is signed over its time: an old one is a copy.
const MAX_AGE_MS: u64 = 3_600_000;

/// What proves a callback: the user and the key of the console.
#[derive(Clone, Copy)]
pub(crate) struct Proving<'a> {
    pub(crate) user: Option<&'a str>,
    pub(crate) key: Option<&'a Secret>,
    pub(crate) key_is_base64: bool,
}

#[derive(Deserialize)]
struct Body {
    statuses: Vec<Status>,
}

/// Version 1 has the result at the top, version 2 in an object of its own.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    token: String,
    bi_tag: Option<String>,
    request_id: Option<String>,
    status: Option<Value>,
    timestamp: Option<u64>,
    delivery_status: Option<Outcome>,
    form_status: Option<Outcome>,
}

#[derive(Deserialize)]
struct Outcome {
    result: Value,
    timestamp: Option<u64>,
}

pub(crate) fn read(proving: Proving<'_>, callback: &Callback, now_ms: u64) -> Result<Receipts, CallbackError> {
    let proven = prove(proving, callback, now_ms)?;
    let body: Body = callback.json()?;
    let mut receipts = Vec::new();
    for status in body.statuses {
        let (result, at) = match status.delivery_status.or(status.form_status) {
            Some(outcome) => (Some(outcome.result), outcome.timestamp),
            None => (status.status, status.timestamp),
        };
        let result = result.ok_or_else(|| CallbackError::Malformed("has a status without a result".into()))?;
        let code = result.as_str().map_or_else(|| result.to_string(), str::to_owned);
        let receipt = Receipt::of_code(CODES, code, status.token);
        receipts.push(receipt.message_id(status.request_id).tag(status.bi_tag).at_ms(at));
    }
    Ok(Receipts { proven, answer: Bytes::from_static(ANSWER), ..Receipts::new(receipts) })
}

/// `timestamp=…; nonce=…; value=…`, over time, nonce and user in a row.
fn prove(proving: Proving<'_>, callback: &Callback, now_ms: u64) -> Result<bool, CallbackError> {
    let (Some(user), Some(key)) = (proving.user, proving.key) else { return Ok(false) };
    let wrong = CallbackError::WrongSignature;
    let header = callback.header(HEADER).ok_or(wrong("the header X-HUAWEI-CALLBACK-ID is missing"))?;
    let part = |name: &str| {
        let named = |part: &&str| part.trim().split_once('=').is_some_and(|(key, _)| key == name);
        header.split(';').find(named)?.trim().split_once('=').map(|(_, value)| value)
    };
    let malformed = wrong("the header X-HUAWEI-CALLBACK-ID is malformed");
    let (Some(time), Some(nonce), Some(value)) = (part("timestamp"), part("nonce"), part("value")) else {
        return Err(malformed);
    };
    let mac = STANDARD.decode(value).map_err(|_| malformed)?;
    let key = match proving.key_is_base64 {
        true => STANDARD.decode(key.expose()).map_err(|_| wrong("`receipt_key` is not Base64"))?,
        false => key.expose().as_bytes().to_vec(),
    };
    if !hmac_sha256_matches_bytes(&key, format!("{time}{nonce}{user}").as_bytes(), &mac) {
        return Err(wrong("the value of X-HUAWEI-CALLBACK-ID is wrong"));
    }
    let age = time.parse::<u64>().map(|time| now_ms.abs_diff(time));
    if age.is_ok_and(|age| age <= MAX_AGE_MS) { Ok(true) } else { Err(wrong("X-HUAWEI-CALLBACK-ID is too old")) }
}
