//! What push services answer: the table of their codes, and the verdicts made from it.
//!
//! RFC 8030; Mozilla's autopush (documents and source of 2026-07); Apple's reasons as third parties
//! list them; reports on Google's and Microsoft's answers. Read in 2026-11.

use std::sync::Arc;

use omnipush_core::codes::{self, Code, code};
use omnipush_core::{Answer, Class::*, Operation, Outcome, Refusal, Reply, Verdict};
use serde::Deserialize;

/// Every documented failure: HTTP statuses, Mozilla's numbers (`errno`), Apple's and Google's words.
/// Each push service is a lane of its own, so what concerns a lane concerns that service.
pub(crate) const CODES: &[Code] = &[
    code("HTTP 301", Unknown, "the endpoint has moved; not followed"),
    code("HTTP 400", InvalidRequest, "a header is missing or wrong"),
    code("HTTP 401", Unauthenticated, "the VAPID token is missing or not taken").new_token(),
    code("HTTP 403", PermissionDenied, "the VAPID key is not the subscription's"),
    code("HTTP 404", InvalidToken, "the subscription has expired, or never was"),
    code("HTTP 406", RateLimited, "throttled, in Microsoft's words").target(),
    code("HTTP 410", InvalidToken, "the subscription is gone"),
    code("HTTP 413", PayloadTooLarge, "the message is too long"),
    code("HTTP 429", RateLimited, "too many for this subscription").target(),
    code("HTTP 500", Unavailable, "trouble at the push service"),
    code("HTTP 502", Unavailable, "trouble behind the push service"),
    code("HTTP 503", Unavailable, "out of service for now"),
    code("HTTP 504", Unavailable, "trouble behind the push service"),
    code("101", InvalidRequest, "Mozilla: keys of the encryption are missing"),
    code("102", InvalidToken, "Mozilla: no such endpoint"),
    code("103", InvalidToken, "Mozilla: the endpoint has expired"),
    code("104", PayloadTooLarge, "Mozilla: the message is too long"),
    code("105", InvalidToken, "Mozilla: the endpoint went away during the request"),
    code("106", InvalidToken, "Mozilla: no such subscription"),
    code("108", InvalidRequest, "Mozilla: the router's type is wrong"),
    code("109", Unauthenticated, "Mozilla: the VAPID token is not taken").new_token(),
    code("110", InvalidRequest, "Mozilla: headers of the encryption are wrong"),
    code("111", InvalidRequest, "Mozilla: a header is missing, such as TTL"),
    code("112", InvalidRequest, "Mozilla: TTL is wrong"),
    code("113", InvalidRequest, "Mozilla: Topic is wrong"),
    code("114", InvalidRequest, "Mozilla: TTL is negative"),
    code("201", Unavailable, "Mozilla: later, with a back-off"),
    code("202", Unavailable, "Mozilla: at once again"),
    code("900", Unavailable, "Mozilla: trouble with the bridge"),
    code("901", Unavailable, "Mozilla: trouble with the bridge"),
    code("902", Unavailable, "Mozilla: trouble with the bridge"),
    code("903", Unavailable, "Mozilla: trouble with the bridge"),
    code("999", Unavailable, "Mozilla: something unknown"),
    code("BadTtl", InvalidRequest, "Apple: TTL is wrong"),
    code("BadUrgency", InvalidRequest, "Apple: Urgency is wrong"),
    code("BadWebPushTopic", InvalidRequest, "Apple: Topic is wrong"),
    code("BadWebPushRequest", InvalidRequest, "Apple: the request is wrong"),
    code("BadJwtToken", Unauthenticated, "Apple: the VAPID token is not taken; look at `subject` too").new_token(),
    code("BadVapidPublicKey", PermissionDenied, "Apple: the VAPID key is wrong"),
    code("VapidPkHashMismatch", PermissionDenied, "Apple: the subscription belongs to another VAPID key"),
    code("UnauthorizedRegistration", PermissionDenied, "Google: the VAPID key is not the subscription's"),
];

#[derive(Deserialize)]
struct Words {
    errno: Option<i64>,
    message: Option<String>,
    reason: Option<String>,
}

/// The verdict of a send.
pub(crate) fn decode(reply: &Reply) -> Outcome {
    if reply.is_success() {
        // A success has no body. One with a body and no message URL is somebody else's.
        let id = reply.header("location");
        let ours = id.is_some() || reply.body.is_empty();
        return if ours { Outcome::accepted(id) } else { Outcome::Whole(reply.unreadable()) };
    }
    let refusal = refusal(reply);
    match reply.status {
        // It may have been taken.
        500 | 502 | 504 => Outcome::Whole(Verdict::Unsure(Some(Arc::new(refusal)))),
        _ => Outcome::refused(refusal),
    }
}

/// The answer to a cancellation. The codes speak of subscriptions, and this is none: a message that
/// is not found costs nobody's.
pub(crate) fn cancelled(operation: &Operation, reply: &Reply) -> Result<Answer, Refusal> {
    let ours = reply.body.is_empty() || reply.json::<serde_json::Map<String, serde_json::Value>>().is_some();
    if reply.is_success() {
        return if ours { Ok(Answer::done(operation)) } else { Err(reply.refusal()) };
    }
    let mut refusal = refusal(reply);
    if refusal.class == InvalidToken {
        refusal.class = InvalidRequest;
    }
    Err(refusal)
}

fn refusal(reply: &Reply) -> Refusal {
    let words: Option<Words> = reply.json();
    let code = words.as_ref().and_then(|words| words.errno.map(|errno| errno.to_string()).or(words.reason.clone()));
    let text = words.and_then(|words| words.message).unwrap_or_else(|| reply.text().into_owned());
    let google = || text.contains("UnauthorizedRegistration").then(|| "UnauthorizedRegistration".to_owned());
    let code = code.or_else(google).unwrap_or_default();
    if codes::find(CODES, &code).is_some() {
        return codes::refusal(CODES, &code, reply, &text);
    }
    let status = format!("HTTP {}", reply.status);
    match codes::find(CODES, &status) {
        Some(row) => row.refusal(reply, &text).code(code),
        None => reply.refusal().code(code),
    }
}
