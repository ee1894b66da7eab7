//! The failures that Honor is known to answer, and how each looks.
//!
//! Honor's own table of response codes ("reference/downlink-message" in document set 11002) is
//! not public; the small codes and 80100000 are those that public clients handle. Its known
//! 8-digit code is numbered like Huawei's, so the other 8-digit ones are an assumption. The
//! texts are ours, so that nobody can rely on them.
//!
//! Nothing says whether a failure comes with HTTP status 200. Here an envelope always does, and
//! the front end's failures have a status and no envelope, so that a client meets both.

use std::sync::LazyLock;

use omnipush_core::Class::{self, *};
use serde_json::{Map, Value, json};

use crate::fake::{
    Answer,
    At::{self, *},
    DocumentedCode,
};

/// How a failure looks.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// The sign-in's: a status, `error` and `error_description`, as a Keycloak server writes them.
    OAuth(u16, &'static str),
    /// The same with a number as `error`, which one client expects.
    OAuthNumber(u16, u32),
    /// An envelope with a code and a message.
    Code(u32),
    /// The same with the code as text, which clients should bear.
    CodeText(u32),
    /// The code of a success, but `data.sendResult` is false.
    NotSent,
    /// A code that condemns the whole call, with all tokens in `data.expireTokens`.
    AllExpired(u32),
    /// A status with a page that is no JSON, as front ends send it.
    Page(u16),
    /// One token's failure inside an answer with this code.
    Listed(Listing),
}

/// Where a failed token is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Listing {
    /// The code of the answer when no other token wants a worse one.
    pub(super) code: u32,
    /// In `data.failTokens`.
    pub(super) failed: bool,
    /// In `data.expireTokens`.
    pub(super) expired: bool,
}

/// The code of a success.
pub(super) const SUCCESS: u32 = 200;
/// The code of a success for some of the tokens.
pub(super) const PARTLY: u32 = 80_100_000;
/// How a token is listed that Honor does not know (any more).
pub(super) const GONE: Listing = Listing { code: PARTLY, failed: true, expired: true };
/// How a token is listed that failed for a reason which is not told.
pub(super) const FAILED: Listing = Listing { code: PARTLY, failed: true, expired: false };

/// A wrong parameter.
pub(super) const PARAMETER: Shape = Shape::Code(400);
/// No, or no good, access token.
pub(super) const AUTHENTICATION: Shape = Shape::Code(401);
/// No such app.
pub(super) const NO_SERVICE: Shape = Shape::Code(404);

struct Row {
    code: &'static str,
    class: Class,
    at: At,
    shape: Shape,
    text: &'static str,
}

const fn row(code: &'static str, class: Class, at: At, shape: Shape, text: &'static str) -> Row {
    Row { code, class, at, shape, text }
}

const fn code(code: &'static str, class: Class, number: u32, text: &'static str) -> Row {
    row(code, class, Send, Shape::Code(number), text)
}

const fn page(code: &'static str, class: Class, status: u16, text: &'static str) -> Row {
    row(code, class, Send, Shape::Page(status), text)
}

const fn listed(code: &'static str, class: Class, listing: Listing) -> Row {
    row(code, class, Target, Shape::Listed(listing), "part of the tokens failed")
}

const BAD_CLIENT: &str = "Invalid client or Invalid client credentials";

const ROWS: &[Row] = &[
    row("invalid_client", Unauthenticated, Auth, Shape::OAuth(401, "invalid_client"), BAD_CLIENT),
    // Keycloak has answered this one with 400 and with 401; here it is 400, to have both.
    row("unauthorized_client", Unauthenticated, Auth, Shape::OAuth(400, "unauthorized_client"), BAD_CLIENT),
    row("error as a number", Unauthenticated, Auth, Shape::OAuthNumber(401, 401), BAD_CLIENT),
    code("400", InvalidRequest, 400, "parameter error"),
    row("400 as text", InvalidRequest, Send, Shape::CodeText(400), "parameter error"),
    code("401", Unauthenticated, 401, "authentication failed"),
    row("401 as text", Unauthenticated, Send, Shape::CodeText(401), "authentication failed"),
    code("403", PermissionDenied, 403, "no permission"),
    code("404", InvalidRequest, 404, "no such service"),
    code("429", RateLimited, 429, "too many requests"),
    code("500", Unavailable, 500, "system error"),
    code("502", Unavailable, 502, "bad gateway"),
    code("503", RateLimited, 503, "service unavailable or flow control"),
    code("504", Unavailable, 504, "gateway timeout"),
    // Huawei's meanings, assumed.
    code("80100003", InvalidRequest, 80_100_003, "message structure error"),
    code("80200001", Unauthenticated, 80_200_001, "authentication failed"),
    code("80200003", Unauthenticated, 80_200_003, "access token expired"),
    row("80300007 with expireTokens", InvalidToken, Send, Shape::AllExpired(80_300_007), "all tokens are invalid"),
    // Without the list nothing says which token is gone, if any.
    code("80300007", Unknown, 80_300_007, "all tokens are invalid"),
    code("80300008", PayloadTooLarge, 80_300_008, "message is too large"),
    code("89999999 in no list", Unknown, 89_999_999, "error 89999999"),
    row("200 without sendResult", Unknown, Send, Shape::NotSent, "success"),
    listed("80100000 in both lists", InvalidToken, GONE),
    listed("80100000 in failTokens", Unknown, FAILED),
    listed("200 in expireTokens", InvalidToken, Listing { code: SUCCESS, failed: false, expired: true }),
    listed("200 in failTokens", Unknown, Listing { code: SUCCESS, failed: true, expired: false }),
    page("HTTP 400", InvalidRequest, 400, "Bad Request"),
    page("HTTP 401", Unauthenticated, 401, "Unauthorized"),
    page("HTTP 403", PermissionDenied, 403, "Forbidden"),
    page("HTTP 404", InvalidRequest, 404, "Not Found"),
    page("HTTP 429", RateLimited, 429, "Too Many Requests"),
    page("HTTP 500", Unavailable, 500, "Internal Server Error"),
    page("HTTP 502", Unavailable, 502, "Bad Gateway"),
    page("HTTP 503", RateLimited, 503, "Service Unavailable"),
    page("HTTP 504", Unavailable, 504, "Gateway Timeout"),
];

/// The rows, as a fake shows them.
pub(super) static CODES: LazyLock<Vec<DocumentedCode>> =
    LazyLock::new(|| ROWS.iter().map(|&Row { code, class, at, .. }| DocumentedCode { code, class, at }).collect());

/// How a failed token is listed for a failure of the table.
pub(super) fn listing(code: &DocumentedCode) -> Listing {
    match find(code).map(|row| row.shape) {
        Some(Shape::Listed(listing)) => listing,
        _ => FAILED,
    }
}

/// A failure of the table as the answer to a call with these tokens.
pub(super) fn documented(code: &DocumentedCode, request_id: &str, tokens: &[&str]) -> Answer {
    let Some(row) = find(code) else { return failure(Shape::Page(500), "Internal Server Error") };
    let lists = |sent, failed, expired| result(request_id, sent, failed, expired);
    match row.shape {
        Shape::NotSent => envelope(SUCCESS, row.text, Some(lists(false, &[], &[]))),
        Shape::AllExpired(number) => envelope(number, row.text, Some(lists(false, tokens, tokens))),
        shape => failure(shape, row.text),
    }
}

fn find(code: &DocumentedCode) -> Option<&'static Row> {
    ROWS.iter().find(|row| (row.code, row.at) == (code.code, code.at))
}

/// A failure that names no token.
pub(super) fn failure(shape: Shape, text: &str) -> Answer {
    match shape {
        Shape::OAuth(status, error) => Answer::json(status, &json!({"error": error, "error_description": text})),
        Shape::OAuthNumber(status, error) => Answer::json(status, &json!({"error": error, "error_description": text})),
        Shape::CodeText(number) => Answer::json(200, &json!({"code": number.to_string(), "message": text})),
        Shape::Code(code) | Shape::AllExpired(code) | Shape::Listed(Listing { code, .. }) => envelope(code, text, None),
        Shape::NotSent => envelope(SUCCESS, text, None),
        Shape::Page(status) => {
            let page = format!("<html><head><title>{status} {text}</title></head></html>");
            Answer::text(status, "text/html", &page)
        }
    }
}

/// The envelope of every answer to a send.
pub(super) fn envelope(code: u32, message: &str, data: Option<Value>) -> Answer {
    let mut body = Map::from_iter([("code".to_owned(), json!(code)), ("message".to_owned(), json!(message))]);
    body.extend(data.map(|data| ("data".to_owned(), data)));
    Answer::json(200, &Value::Object(body))
}

/// `data` of an envelope. Empty lists are left out, as in the one answer that is on record.
pub(super) fn result(request_id: &str, sent: bool, failed: &[&str], expired: &[&str]) -> Value {
    let mut data =
        Map::from_iter([("sendResult".to_owned(), json!(sent)), ("requestId".to_owned(), json!(request_id))]);
    for (name, tokens) in [("failTokens", failed), ("expireTokens", expired)] {
        if !tokens.is_empty() {
            data.insert(name.into(), json!(tokens));
        }
    }
    Value::Object(data)
}
