//! The failures HMS Push documents, from "https-send-api" and "account-server-error-code" of the
//! HMS Core references and, for topics, from Huawei's own SDKs; and those that have shapes of
//! their own: of the token endpoint, and of tokens.

use std::sync::LazyLock;

use omnipush_core::Class::*;
use serde_json::{Value, json};

use super::wire::{self, Row, row};
use crate::fake::At::{self, Auth, Send, Target};
use crate::fake::{Answer, DocumentedCode};

/// All tokens of a request are bad.
pub(super) const ALL_BAD: &str = "80300007";
/// Some tokens are bad.
pub(super) const SOME_BAD: &str = "80100000";
/// The same as [`ALL_BAD`] with the tokens listed, as the younger product does it.
const ALL_BAD_LISTED: &str = "80300007 as JSON";
/// For a form that is wrong in a way that has no number.
pub(super) const FORM: &str = "1101/0 malformed form";

const AUTH: &[At] = &[Auth];
const SEND: &[At] = &[Send];
const BOTH: &[At] = &[Auth, Send];
const TARGET: &[At] = &[Target];

pub(super) const TABLE: &[Row] = &[
    row("1101/20002", "client_id invalid", Unauthenticated, AUTH),
    row("1101/20003", "client_id not exist", Unauthenticated, AUTH),
    row("1101/12304", "client_secret invalid", Unauthenticated, AUTH),
    row("1101/20171", "client_secret missing", Unauthenticated, AUTH),
    // Not documented, and so no row of `codes()`.
    row(FORM, "invalid request", InvalidRequest, &[]),
    row("HTTP 403", "", PermissionDenied, AUTH),
    row("HTTP 404", "", InvalidRequest, BOTH),
    row("HTTP 405", "", InvalidRequest, AUTH),
    row("HTTP 590", "", Unavailable, AUTH),
    row("HTTP 504", "", Unavailable, AUTH),
    row("HTTP 500", "", Unavailable, BOTH),
    row("HTTP 502", "", Unavailable, BOTH),
    row("HTTP 503", "", RateLimited, BOTH),
    row("HTTP 401", "", Unauthenticated, SEND),
    row(SOME_BAD, "", InvalidToken, TARGET),
    row(ALL_BAD, "All the tokens are invalid", InvalidToken, TARGET),
    row("80300007 in older words", "Invalid Token", InvalidToken, TARGET),
    row(ALL_BAD_LISTED, "", InvalidToken, TARGET),
    row("80100001", "Check Parameter Error", InvalidRequest, SEND),
    row("80100002", "Token must be one", InvalidRequest, SEND),
    row("80100003", "Illegal payload, ", InvalidRequest, SEND),
    row("80100004", "Illegal expire time", InvalidRequest, SEND),
    row("80100013", "Illegal collapse_key", InvalidRequest, SEND),
    row("80100016", "Message contains sensitive information", InvalidRequest, SEND),
    row("80100017", "Too many topic messages are being sent", RateLimited, SEND),
    row("80100018", "Invalid message body", InvalidRequest, SEND),
    row("80200001", "Authentication Error", Unauthenticated, SEND),
    row("80200003", "Authorization Expired", Unauthenticated, SEND),
    row("80200005", "Jwt token expired", Unauthenticated, SEND),
    row("80300002", "No permission to send message to these tmIDs", PermissionDenied, SEND),
    row("80300008", "Push message size is too long", PayloadTooLarge, SEND),
    row("80300010", "Token count should within 1 and 1000", InvalidRequest, SEND),
    row("80300011", "No permission to send high-level messages", PermissionDenied, SEND),
    row("80300013", "Invalid receipt url or certificate", InvalidRequest, SEND),
    // Documented for HarmonyOS; the same tokens are taken here.
    row("80300036", "JWT expire period over threshold", Unauthenticated, SEND),
    row("80600003", "Request OAuth service failed", Unauthenticated, SEND),
    row("81000001", "Inner Error", Unavailable, SEND),
    row("82000001", "Invalid group key or name", InvalidRequest, SEND),
    row("82000002", "Group key and name do not match", InvalidRequest, SEND),
    row("82000003", "Token array is empty or too long", InvalidRequest, SEND),
    row("82000004", "Group does not exist", InvalidRequest, SEND),
    row("82000005", "Group does not belong to this app", InvalidRequest, SEND),
    row("82000006", "Token array or group number over limit", InvalidRequest, SEND),
    row("82000007", "Invalid topic", InvalidRequest, SEND),
    row("82000008", "Token array is empty or too long", InvalidRequest, SEND),
    row("82000009", "Too many topics", InvalidRequest, SEND),
    row("82000010", "Invalid token", InvalidToken, SEND),
    row("82000011", "Token is empty", InvalidRequest, SEND),
    row("82000012", "Data storage location is not set", PermissionDenied, SEND),
    row("82000013", "Data storage location is different", PermissionDenied, SEND),
    row("80999999 in no list", "Unknown Error", Unknown, SEND),
];

/// What [`crate::fake::Fake::codes`] gives.
pub(super) static CODES: LazyLock<Vec<DocumentedCode>> = LazyLock::new(|| wire::codes(TABLE));

/// A failure of a whole call, of the token endpoint or of a send.
pub(super) fn failure(code: &str, why: Option<&str>, request_id: &str) -> Answer {
    let Some((error, sub_error)) = wire::number(code).split_once('/') else {
        return wire::failure(TABLE, code, why, request_id);
    };
    let text = TABLE.iter().find(|row| row.code == code).map_or("", |row| row.text);
    let number = |text: &str| text.parse::<u32>().unwrap_or_default();
    let body = json!({"error": number(error), "sub_error": number(sub_error), "error_description": text});
    Answer::json(400, &body)
}

/// The answer to a request of which some tokens, or all, are bad. `asked` is the failure that a
/// test asked for, which decides the wording where all are bad.
pub(super) fn bad_tokens(asked: Option<&str>, good: usize, bad: &[&str], request_id: &str) -> Answer {
    let listed = |code: &str| {
        let msg: Value = json!({"success": good, "failure": bad.len(), "illegal_tokens": bad});
        wire::envelope(code, &msg.to_string(), request_id)
    };
    match asked {
        Some(SOME_BAD) => listed(SOME_BAD),
        _ if good > 0 => listed(SOME_BAD),
        Some(ALL_BAD_LISTED) => listed(ALL_BAD),
        Some(other) if wire::number(other) == ALL_BAD => wire::failure(TABLE, other, None, request_id),
        _ => wire::failure(TABLE, ALL_BAD, None, request_id),
    }
}
