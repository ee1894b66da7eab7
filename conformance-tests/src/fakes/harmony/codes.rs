//! The failures that Push Kit for HarmonyOS documents ("push-scenariozed-api-response"), and the
//! reasons by which it tells bad tokens apart: an object of lists, as JSON text in `msg`.

use std::sync::LazyLock;

use omnipush_core::Class::*;
use serde_json::{Value, json};

use crate::fake::At::{self, Send, Target};
use crate::fake::{Answer, DocumentedCode};
use crate::fakes::huawei::wire::{self, Row, row};

/// The reason for a token that is none, which is also all that is ever said of one that is gone:
/// Huawei has no reason for that, and tells of uninstalled apps in receipts.
pub(super) const MALFORMED: &str = "tokenFormatError";
/// The reason for spoken messages in a form that cannot be spoken.
pub(super) const NO_VOICE: &str = "notSupportPlayVoice";
/// The reason for a scenario that the app may not use.
pub(super) const NO_RIGHT_TO_TYPE: &str = "noPushTypeRight";
/// No token belongs to the project.
pub(super) const NO_RIGHT_AT_ALL: &str = "80300007 noRight";

/// A token of another project, or of a system before HarmonyOS 5, among others that are good. It
/// is not in `codes()`: alone it cannot be told from a wrong project, which is another class.
pub const NO_RIGHT: DocumentedCode = DocumentedCode { code: "noRight", class: InvalidToken, at: Target };

const SEND: &[At] = &[Send];
const TARGET: &[At] = &[Target];

pub(super) const TABLE: &[Row] = &[
    row(MALFORMED, "", InvalidToken, TARGET),
    // The reference itself prints a reason with blanks around it.
    row(" tokenFormatError ", "", InvalidToken, TARGET),
    row("tokenPlatformNotSupport", "", InvalidToken, TARGET),
    row(NO_RIGHT_TO_TYPE, "", PermissionDenied, TARGET),
    row("noRightToSendThisLiveNotificationEvent", "", PermissionDenied, TARGET),
    row("countryNotSupport", "", PermissionDenied, TARGET),
    row("disableSendHuaweiMsgBecauseOfPenalty", "", PermissionDenied, TARGET),
    row("appinfoError", "", PermissionDenied, TARGET),
    row("atomicUnableSendUnsubscribedMsg", "", InvalidRequest, TARGET),
    row("differentImgVerifyPolicy", "", InvalidRequest, TARGET),
    row(NO_VOICE, "", InvalidRequest, TARGET),
    row("reasonInNoList", "", Unknown, TARGET),
    row(NO_RIGHT_AT_ALL, "", PermissionDenied, SEND),
    // Without reasons nothing is said that could cost a token.
    row("80300007 without reasons", "All the tokens are invalid", Unknown, SEND),
    row("80100001", "Check Parameter Error", InvalidRequest, SEND),
    row("80100003", "Illegal payload, ", InvalidRequest, SEND),
    row("80100004", "Illegal expire time", InvalidRequest, SEND),
    row("80100022", "Anti-Spam: image not verify", InvalidRequest, SEND),
    row("80200001", "Authentication Error", Unauthenticated, SEND),
    row("80200005", "Jwt token expired", Unauthenticated, SEND),
    row("80200006", "Token disabled", PermissionDenied, SEND),
    row("80300002", "No permission to send message to these tmIDs", PermissionDenied, SEND),
    row("80300008", "Push message size is too long", PayloadTooLarge, SEND),
    row("80300010", "token count should within 1 and 1000", InvalidRequest, SEND),
    row("80300029", "test request exceeds limit", RateLimited, SEND),
    row("80300030", "test token count exceeds limit", InvalidRequest, SEND),
    row("80300036", "JWT expire period over threshold", Unauthenticated, SEND),
    row("80300037", "Disable send huawei message because of penalty", PermissionDenied, SEND),
    row("81000001", "Inner Error", Unavailable, SEND),
    // Of the calls that take messages back and check images.
    row("80000001", "Internal Error", Unavailable, SEND),
    row("80100020", "Part of the message structure is wrong", InvalidRequest, SEND),
    row("80200003", "Authorization Expired", Unauthenticated, SEND),
    row("80300017", "The tokens belong to several apps", InvalidRequest, SEND),
    row("80300028", "The token does not belong to the client id", PermissionDenied, SEND),
    row("80300032", "No right, token and notifyId are required", PermissionDenied, SEND),
    row("83010002", "Image verification is too frequent", RateLimited, SEND),
    row("83010005", "Image download failed", InvalidRequest, SEND),
    row("HTTP 401", "", Unauthenticated, SEND),
    row("HTTP 404", "", InvalidRequest, SEND),
    row("HTTP 500", "", Unavailable, SEND),
    row("HTTP 502", "", Unavailable, SEND),
    row("HTTP 503", "", RateLimited, SEND),
    row("80999999 in no list", "Unknown Error", Unknown, SEND),
];

/// What [`crate::fake::Fake::codes`] gives.
pub(super) static CODES: LazyLock<Vec<DocumentedCode>> = LazyLock::new(|| wire::codes(TABLE));

/// Whether a failure is a reason, and not a number or a status.
pub(super) fn is_reason(code: &str) -> bool {
    !code.starts_with("HTTP") && !code.starts_with(|c: char| c.is_ascii_digit())
}

/// The answer to a request of which some tokens, or all, are bad: each with its reason.
pub(super) fn bad_tokens(good: usize, bad: &[(&'static str, &str)], request_id: &str) -> Answer {
    let mut msg = json!({});
    // Of a request that failed wholly the number of successes is left out.
    if good > 0 {
        put(&mut msg, "success", good.into());
    }
    put(&mut msg, "failure", bad.len().into());
    let mut reasons = json!({});
    for (reason, token) in bad {
        match reasons.get_mut(reason).and_then(Value::as_array_mut) {
            Some(tokens) => tokens.push((*token).into()),
            None => put(&mut reasons, reason, json!([token])),
        }
    }
    put(&mut msg, "illegalTokens", reasons);
    wire::envelope(if good > 0 { "80100000" } else { "80300007" }, &msg.to_string(), request_id)
}

fn put(object: &mut Value, name: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(name.to_owned(), value);
    }
}
