//! The failures that push services document or are known for, and the answer that carries one in
//! the service's own dialect: Mozilla's JSON with `errno` (autopush, "Error Codes"), Apple's JSON
//! with `reason` ("Sending web push notifications in web apps and browsers"), Google's plain
//! text, Microsoft's headers. Every fake can answer with each of them, whosever service it is.

use std::sync::LazyLock;
use std::time::{Duration, UNIX_EPOCH};

use http::StatusCode;
use omnipush_core::Class::{self, *};
use serde_json::json;

use super::Service;
use crate::fake::At::{self, Send, Target};
use crate::fake::{Answer, DocumentedCode};

const MORE_INFO: &str = "http://autopush.readthedocs.io/en/latest/http.html#error-codes";

/// How a failure is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// With an `errno`, or null.
    Mozilla(Option<u16>),
    Google,
    Apple,
    /// With the `X-WNS-Status`.
    Microsoft(&'static str),
    /// A status and nothing else, as the RFCs have it.
    Bare,
}

/// The `Retry-After` of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Retry {
    Unsaid,
    Seconds(u64),
    /// The same as a date.
    Date(u64),
}

#[derive(Debug)]
pub(super) struct Row {
    pub(super) status: u16,
    pub(super) shape: Shape,
    pub(super) text: &'static str,
    pub(super) retry: Retry,
    pub(super) code: DocumentedCode,
}

const fn row(shape: Shape, status: u16, code: &'static str, text: &'static str, class: Class, at: At) -> Row {
    Row { status, shape, text, retry: Retry::Unsaid, code: DocumentedCode { code, class, at } }
}

const fn mozilla(errno: u16, status: u16, code: &'static str, text: &'static str, class: Class, at: At) -> Row {
    let retry = if status == 503 { Retry::Seconds(120) } else { Retry::Unsaid };
    Row { retry, ..row(Shape::Mozilla(Some(errno)), status, code, text, class, at) }
}

const fn google(status: u16, code: &'static str, text: &'static str, class: Class, at: At) -> Row {
    row(Shape::Google, status, code, text, class, at)
}

const fn apple(status: u16, code: &'static str, class: Class, at: At) -> Row {
    row(Shape::Apple, status, code, code, class, at)
}

const fn microsoft(status: u16, code: &'static str, text: &'static str, class: Class, at: At) -> Row {
    row(Shape::Microsoft("dropped"), status, code, text, class, at)
}

const fn bare(status: u16, code: &'static str, class: Class, at: At) -> Row {
    row(Shape::Bare, status, code, code, class, at)
}

const fn after(retry: Retry, row: Row) -> Row {
    Row { retry, ..row }
}

const UNKNOWN: Row = mozilla(999, 500, "999", "Unknown error", Unavailable, Send);

#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    // Mozilla's. The document says 112 for a TTL it cannot take; the source says 111 and 114.
    mozilla(101, 400, "101", "Missing necessary crypto keys", InvalidRequest, Send),
    mozilla(102, 404, "102 Not Found", "Invalid token", InvalidToken, Target),
    mozilla(103, 410, "103", "UAID not found", InvalidToken, Target),
    mozilla(104, 413, "104", "Data payload too large", PayloadTooLarge, Send),
    mozilla(105, 410, "105", "User was deleted during routing", InvalidToken, Target),
    mozilla(106, 410, "106", "No such subscription", InvalidToken, Target),
    mozilla(108, 400, "108", "Invalid router type", InvalidRequest, Send),
    mozilla(109, 401, "109", "Invalid VAPID token", Unauthenticated, Send),
    mozilla(110, 400, "110", "Invalid crypto keys specified", InvalidRequest, Send),
    mozilla(111, 400, "111", "Missing TTL value", InvalidRequest, Send),
    mozilla(112, 400, "112", "Invalid TTL header value", InvalidRequest, Send),
    mozilla(113, 400, "113", "Topic must be no greater than 32 characters", InvalidRequest, Send),
    mozilla(114, 400, "114", "TTL must be greater than 0", InvalidRequest, Send),
    mozilla(201, 503, "201", "Use exponential back-off for retries", Unavailable, Send),
    mozilla(202, 503, "202", "Immediate retry ok", Unavailable, Send),
    mozilla(900, 502, "900", "Internal Bridge misconfiguration", Unavailable, Send),
    mozilla(901, 502, "901", "Bridge authentication error", Unavailable, Send),
    mozilla(902, 502, "902", "Error while connecting to bridge service", Unavailable, Send),
    mozilla(903, 502, "903", "Bridge request timeout", Unavailable, Send),
    UNKNOWN,
    row(Shape::Mozilla(None), 400, "400 Mozilla", "Validation error", InvalidRequest, Send),
    row(Shape::Mozilla(None), 405, "405 Mozilla", "Method Not Allowed", InvalidRequest, Send),
    row(Shape::Bare, 301, "301 Mozilla's bridge", "the endpoint has moved", Unknown, Send),

    // Google's texts are not documented; these have been seen.
    google(400, "UnauthorizedRegistration", "UnauthorizedRegistration", PermissionDenied, Send),
    google(400, "400 Google", "invalid request", InvalidRequest, Send),
    google(403, "403 Google", "the VAPID credentials in the authorization header do not correspond to the \
        credentials used to create the subscriptions.", PermissionDenied, Target),
    google(404, "404 Google", "push subscription has unsubscribed or expired.", InvalidToken, Target),
    google(405, "405 Google", "method not allowed", InvalidRequest, Send),
    google(410, "410 Google", "push subscription has unsubscribed or expired.", InvalidToken, Target),
    google(413, "413 Google", "payload too large", PayloadTooLarge, Send),
    after(Retry::Seconds(60), google(429, "429 Google", "too many requests", RateLimited, Target)),
    google(500, "500 Google", "internal error", Unavailable, Send),

    // Apple's. Clients report the mismatch with either status.
    apple(400, "BadTtl", InvalidRequest, Send),
    apple(400, "BadUrgency", InvalidRequest, Send),
    apple(400, "BadWebPushTopic", InvalidRequest, Send),
    apple(400, "BadWebPushRequest", InvalidRequest, Send),
    row(Shape::Apple, 400, "VapidPkHashMismatch (400)", "VapidPkHashMismatch", PermissionDenied, Target),
    apple(403, "VapidPkHashMismatch", PermissionDenied, Target),
    apple(403, "BadJwtToken", Unauthenticated, Send),
    apple(403, "BadVapidPublicKey", PermissionDenied, Send),
    // The whole list is not known. These reasons are those of APNs.
    row(Shape::Apple, 404, "BadPath (404)", "BadPath", InvalidToken, Target),
    row(Shape::Apple, 405, "MethodNotAllowed", "MethodNotAllowed", InvalidRequest, Send),
    apple(410, "Unregistered", InvalidToken, Target),
    apple(413, "PayloadTooLarge", PayloadTooLarge, Send),
    apple(429, "TooManyRequests", RateLimited, Target),
    apple(500, "InternalServerError", Unavailable, Send),
    apple(503, "ServiceUnavailable", Unavailable, Send),

    // Microsoft's, as clients have seen them. 406 stands where others have 429.
    microsoft(400, "400 Microsoft", "Bad request", InvalidRequest, Send),
    microsoft(401, "401 Microsoft", "The token is not valid", Unauthenticated, Send),
    microsoft(404, "404 Microsoft", "The channel is not valid", InvalidToken, Target),
    microsoft(405, "405 Microsoft", "Method not allowed", InvalidRequest, Send),
    after(Retry::Seconds(900), row(Shape::Microsoft("appthrottled"), 406, "406 Microsoft", "", RateLimited, Send)),
    microsoft(410, "410 Microsoft", "The channel expired", InvalidToken, Target),
    microsoft(413, "413 Microsoft", "The payload is too large", PayloadTooLarge, Send),

    // By status alone (RFC 8030, section 8.4, RFC 8292, section 4, and HTTP).
    bare(400, "400 alone", InvalidRequest, Send),
    bare(401, "401 alone", Unauthenticated, Send),
    bare(403, "403 alone", PermissionDenied, Send),
    bare(404, "404 alone", InvalidToken, Target),
    bare(410, "410 alone", InvalidToken, Target),
    bare(413, "413 alone", PayloadTooLarge, Send),
    after(Retry::Seconds(30), bare(429, "429 seconds", RateLimited, Target)),
    after(Retry::Date(30), bare(429, "429 date", RateLimited, Target)),
    bare(429, "429 alone", RateLimited, Target),
    bare(500, "500 alone", Unavailable, Send),
    bare(502, "502 alone", Unavailable, Send),
    bare(503, "503 alone", Unavailable, Send),
    bare(504, "504 alone", Unavailable, Send),
];

impl Row {
    /// The answer; `why` is said where the dialect has room for words about the case.
    pub(super) fn answer(&self, why: &str, now_ms: u64) -> Answer {
        let answer = match self.shape {
            Shape::Mozilla(errno) => self.mozilla(errno, why),
            Shape::Google => Answer::text(self.status, "text/plain; charset=utf-8", &format!("{}\n", self.text)),
            Shape::Apple => Answer::text(self.status, "application/json", &json!({ "reason": self.text }).to_string()),
            Shape::Microsoft(state) => {
                let answer = Answer::empty(self.status);
                let answer = answer.header("x-wns-status", state).header("x-wns-notificationstatus", state);
                if why.is_empty() { answer } else { answer.header("x-wns-error-description", why) }
            }
            Shape::Bare => Answer::empty(self.status),
        };
        match self.retry {
            Retry::Unsaid => answer,
            Retry::Seconds(seconds) => answer.header("retry-after", seconds.to_string()),
            Retry::Date(seconds) => {
                let date = UNIX_EPOCH + Duration::from_millis(now_ms) + Duration::from_secs(seconds);
                answer.header("retry-after", httpdate::fmt_http_date(date))
            }
        }
    }

    fn mozilla(&self, errno: Option<u16>, why: &str) -> Answer {
        let error = StatusCode::from_u16(self.status).ok().and_then(|status| status.canonical_reason());
        let body = json!({
            "code": self.status, "errno": errno, "error": error, "message": why, "more_info": MORE_INFO,
        });
        let answer = Answer::text(self.status, "application/json", &body.to_string());
        if self.status == 410 { answer.header("cache-control", "max-age=86400") } else { answer }
    }
}

pub(super) fn all() -> &'static [DocumentedCode] {
    static CODES: LazyLock<Vec<DocumentedCode>> = LazyLock::new(|| ROWS.iter().map(|row| row.code).collect());
    &CODES
}

/// What is wrong with a call, before a service puts it into its own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    UnknownEndpoint,
    Gone,
    Method,
    NoToken,
    BadToken,
    BadKey,
    /// A good token, but by another key than the subscription was made with.
    OtherKey,
    NoTtl,
    NegativeTtl,
    Urgency,
    Topic,
    Encryption,
    TooLarge,
    /// Anything else that is wrong with the request.
    Request,
    /// A documented failure by its name.
    Named(&'static str),
}

impl Problem {
    /// The names of the failures: Mozilla's, Google's, Apple's, Microsoft's.
    #[rustfmt::skip]
    const fn names(self) -> [&'static str; 4] {
        match self {
            Self::UnknownEndpoint => ["102 Not Found", "404 Google", "BadPath (404)", "404 Microsoft"],
            Self::Gone => ["106", "410 Google", "Unregistered", "410 Microsoft"],
            Self::Method => ["405 Mozilla", "405 Google", "MethodNotAllowed", "405 Microsoft"],
            Self::NoToken | Self::BadToken => ["109", "UnauthorizedRegistration", "BadJwtToken", "401 Microsoft"],
            Self::BadKey => ["109", "UnauthorizedRegistration", "BadVapidPublicKey", "401 Microsoft"],
            Self::OtherKey => ["109", "403 Google", "VapidPkHashMismatch", "401 Microsoft"],
            Self::NoTtl => ["111", "400 Google", "BadTtl", "400 Microsoft"],
            Self::NegativeTtl => ["114", "400 Google", "BadTtl", "400 Microsoft"],
            // Mozilla has no number for it: its service does not look at the urgency.
            Self::Urgency => ["400 Mozilla", "400 Google", "BadUrgency", "400 Microsoft"],
            Self::Topic => ["113", "400 Google", "BadWebPushTopic", "400 Microsoft"],
            Self::Encryption => ["110", "400 Google", "BadWebPushRequest", "400 Microsoft"],
            Self::TooLarge => ["104", "413 Google", "PayloadTooLarge", "413 Microsoft"],
            Self::Request => ["400 Mozilla", "400 Google", "BadWebPushRequest", "400 Microsoft"],
            Self::Named(name) => [name; 4],
        }
    }
}

/// Why a call is refused, and for people what was wrong.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) problem: Problem,
    pub(super) why: String,
}

impl Fault {
    pub(super) fn new(problem: Problem, why: impl Into<String>) -> Self {
        Self { problem, why: why.into() }
    }

    /// A documented failure.
    pub(super) fn named(code: &DocumentedCode) -> Self {
        let row = ROWS.iter().find(|row| row.code.code == code.code).unwrap_or(&UNKNOWN);
        Self::new(Problem::Named(row.code.code), row.text)
    }

    /// The failure in the words of a service.
    pub(super) fn row(&self, service: Service) -> &'static Row {
        let [mozilla, google, apple, microsoft] = self.problem.names();
        let name = match service {
            Service::Mozilla => mozilla,
            Service::Google => google,
            Service::Apple => apple,
            Service::Microsoft => microsoft,
        };
        ROWS.iter().find(|row| row.code.code == name).unwrap_or(&UNKNOWN)
    }
}
