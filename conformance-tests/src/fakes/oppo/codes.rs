//! The failures OPPO documents, as one table, and how each looks on the wire.
//!
//! A failure is named by OPPO's number, with more words where the number alone says too little,
//! or by `HTTP` and a status for what OPPO does not number. The numbers up to 67 and 10000 are
//! from page 11235 of OPPO's documentation; 42, 54, 69 and 10001 to 10005 were seen by users of
//! the API. Of the texts only that of 54 was seen from OPPO; the others are ours, in its manner.

use std::sync::LazyLock;

use omnipush_core::Class::{self, *};
use serde_json::{Value, json};

use super::{PATH_AUTH, PATH_BATCH};
use crate::fake::At::{self, Auth, Send, Stage, Target};
use crate::fake::{Answer, DocumentedCode};

/// The text of a success.
pub(super) const SUCCESS: &str = "Success";
/// Something that must be there is not.
pub(super) const MISSING: &str = "40";
/// Anything else that is wrong with an argument.
pub(super) const INVALID: &str = "41";
/// A repeated `app_message_id`, from a server that refuses those. The number is a guess.
pub(super) const REPEATED: &str = "32";
/// A registration id that is none, or no longer one.
pub(super) const BAD_TARGET: &str = "10000";
/// A registration id that is in the request already.
pub(super) const TWIN: &str = "10004";
/// An alias that is in the request already.
pub(super) const ALIAS_TWIN: &str = "10005";

/// One documented failure.
pub(super) struct Row {
    /// Its name, unique in the table.
    pub(super) code: &'static str,
    text: &'static str,
    class: Class,
    at: &'static [At],
}

const fn row(code: &'static str, text: &'static str, class: Class, at: &'static [At]) -> Row {
    Row { code, text, class, at }
}

const ANY: &[At] = &[Auth, Stage, Send];
/// Whatever needs a token.
const SIGNED_IN: &[At] = &[Stage, Send];
const AUTH: &[At] = &[Auth];
const STAGE: &[At] = &[Stage];
const SEND: &[At] = &[Send];
const TARGET: &[At] = &[Target];

pub(super) const TABLE: &[Row] = &[
    // The Java SDK makes up another -2, for answers it cannot read.
    row("-2 flow control", "Server Flow Control", RateLimited, ANY),
    row("-1 unavailable", "Service Currently Unavailable", Unavailable, ANY),
    row("11", "Invalid AuthToken", Unauthenticated, SIGNED_IN),
    row("12", "Http Action Not Allowed", InvalidRequest, ANY),
    row("13", "App Call Limited", RateLimited, ANY),
    row("14", "Invalid App Key", PermissionDenied, AUTH),
    row("15", "Missing App Key", InvalidRequest, AUTH),
    row("16", "Invalid Signature", PermissionDenied, AUTH),
    row("17", "Missing Signature", InvalidRequest, AUTH),
    row("18", "Missing Timestamp", InvalidRequest, AUTH),
    row("19", "Invalid Timestamp", Unauthenticated, AUTH),
    row("20", "Invalid Method", InvalidRequest, ANY),
    row("21", "Missing Method", InvalidRequest, ANY),
    row("22", "Missing Version", InvalidRequest, ANY),
    row("23", "Invalid Version", InvalidRequest, ANY),
    row("24", "Unsupported Version", InvalidRequest, ANY),
    row("25", "Invalid Encoding", InvalidRequest, ANY),
    row("26", "IP Black List", PermissionDenied, ANY),
    row("27", "Access Denied", PermissionDenied, ANY),
    row("28", "App Disabled", PermissionDenied, ANY),
    row("29", "Missing Auth Token", Unauthenticated, SIGNED_IN),
    row("30", "Api Permission Denied", PermissionDenied, SIGNED_IN),
    row("31", "Data Not Exist", InvalidRequest, SEND),
    // After an answer that was lost it may mean that the message was taken the first time.
    row(REPEATED, "Data Duplicate", InvalidRequest, SIGNED_IN),
    row("33", "The number of messages exceeds the daily limit", QuotaExceeded, SIGNED_IN),
    row("34", "The number of uploaded pictures exceeds the daily limit", QuotaExceeded, SEND),
    row(MISSING, "Missing Required Arguments", InvalidRequest, ANY),
    row(INVALID, "Invalid Arguments", InvalidRequest, &[Auth, Stage, Send, Target]),
    row("42", "The number of saved messages exceeds the daily limit", QuotaExceeded, STAGE),
    row("51", "Invalid Picture", InvalidRequest, SIGNED_IN),
    row("54", "private_msg_template_id is null", InvalidRequest, SIGNED_IN),
    row("55", "App Call Frequency Limited", RateLimited, ANY),
    row("59", "No permission for a secondary click link", PermissionDenied, SIGNED_IN),
    row("67", "Invalid category or notify_level", InvalidRequest, SIGNED_IN),
    row("69", "Global Limit", RateLimited, SIGNED_IN),
    row("98 in no list", "Unknown Error", Unknown, ANY),
    row(BAD_TARGET, "Invalid RegistrationId", InvalidToken, TARGET),
    row("10001", "RegistrationId Not Subscribed", InvalidToken, TARGET),
    row("10002", "Invalid Alias", InvalidToken, TARGET),
    row("10003", "Alias Not Subscribed", InvalidToken, TARGET),
    row(TWIN, "Repeated RegistrationId", InvalidRequest, TARGET),
    row(ALIAS_TWIN, "Repeated Alias", InvalidRequest, TARGET),
    row("10999 in no list", "Unknown Error", Unknown, TARGET),
    row("HTTP 404", "", InvalidRequest, ANY),
    row("HTTP 415", "", InvalidRequest, ANY),
    row("HTTP 500", "", Unavailable, ANY),
    row("HTTP 503", "", Unavailable, ANY),
];

/// The table, one row for every place where a failure appears.
pub(super) static CODES: LazyLock<Vec<DocumentedCode>> = LazyLock::new(|| {
    let places = |row: &'static Row| row.at.iter().map(|&at| DocumentedCode { code: row.code, class: row.class, at });
    TABLE.iter().flat_map(places).collect()
});

/// The number that OPPO writes; `None` for what is only an HTTP status.
pub(super) fn number(code: &str) -> Option<i32> {
    code.split(' ').next()?.parse().ok()
}

/// What OPPO writes beside a number.
pub(super) fn text(code: &str) -> &'static str {
    TABLE.iter().find(|row| row.code == code).map_or("Unknown Error", |row| row.text)
}

/// An answer that says that a call was taken.
pub(super) fn success(data: &Value) -> Answer {
    Answer::json(200, &json!({"code": 0, "message": SUCCESS, "data": data}))
}

/// An answer that says that a call failed. What `data` is then differs from call to call and is
/// nowhere documented: here all of what was seen, one shape for each path.
pub(super) fn failure(code: &str, path: &str) -> Answer {
    let Some(number) = number(code) else {
        let status = code.strip_prefix("HTTP ").and_then(|status| status.parse().ok()).unwrap_or(500);
        let text = http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
        return Answer::text(status, "text/plain;charset=UTF-8", text.unwrap_or("error"));
    };
    let body = match path {
        PATH_AUTH => json!({"code": number, "message": text(code)}),
        PATH_BATCH => json!({"code": number, "message": text(code), "data": {}}),
        _ => json!({"code": number, "message": text(code), "data": null}),
    };
    Answer::json(200, &body)
}
