//! Every failure that Google documents for the token endpoint, for `messages:send` and for the
//! other calls, or that was seen there: what it means, and the answer that carries it.
//!
//! Sources: Google's OAuth 2.0 service-account guide; the FCM pages "ErrorCode" and "FCM error
//! codes"; the Instance ID server reference; the error maps of the official server SDKs. The item
//! errors of the Instance ID calls are not here: they stand inside an answer of status 200.

use std::sync::LazyLock;

use omnipush_core::Class;
use omnipush_core::Class::{
    InvalidRequest, InvalidToken, PayloadTooLarge, PermissionDenied, RateLimited, Unauthenticated, Unavailable, Unknown,
};

use super::envelope::Detail::{self, Apns, Bad, Fcm, Info, Quota};
use super::envelope::{envelope, oauth, page, plain};
use crate::fake::{Answer, At, DocumentedCode};

/// How a failure is answered.
#[derive(Clone, Copy)]
enum Shape {
    /// The token endpoint's: status, error, description.
    OAuth(u16, &'static str, &'static str),
    /// The v1 envelope: HTTP status, canonical status, message, details.
    Envelope(u16, &'static str, &'static str, &'static [Detail]),
    /// A page of the front end.
    Page(u16),
    /// The Instance ID service's: status and text.
    Plain(u16, &'static str),
}

struct Row {
    code: &'static str,
    class: Class,
    at: At,
    shape: Shape,
    retry_after: Option<&'static str>,
}

const fn auth(code: &'static str, class: Class, shape: Shape) -> Row {
    Row { code, class, at: At::Auth, shape, retry_after: None }
}

const fn send(code: &'static str, class: Class, shape: Shape) -> Row {
    Row { code, class, at: At::Send, shape, retry_after: None }
}

const fn operate(code: &'static str, class: Class, shape: Shape) -> Row {
    Row { code, class, at: At::Operate, shape, retry_after: None }
}

const fn target(code: &'static str, class: Class, shape: Shape) -> Row {
    Row { code, class, at: At::Target, shape, retry_after: None }
}

impl Row {
    const fn retry_after(mut self, seconds: &'static str) -> Self {
        self.retry_after = Some(seconds);
        self
    }
}

const fn oauth_400(error: &'static str, description: &'static str) -> Shape {
    Shape::OAuth(400, error, description)
}

const fn invalid(message: &'static str, details: &'static [Detail]) -> Shape {
    Shape::Envelope(400, "INVALID_ARGUMENT", message, details)
}

const fn unauthenticated(message: &'static str, details: &'static [Detail]) -> Shape {
    Shape::Envelope(401, "UNAUTHENTICATED", message, details)
}

const fn denied(message: &'static str, details: &'static [Detail]) -> Shape {
    Shape::Envelope(403, "PERMISSION_DENIED", message, details)
}

/// What Apple refused, as FCM hands it on.
const fn apple(details: &'static [Detail]) -> Shape {
    invalid(GENERIC, details)
}

const GENERIC: &str = "Request contains an invalid argument.";
const NO_TOKEN: &str = "Request is missing required authentication credential. Expected OAuth 2 access token, login \
                        cookie or other valid authentication credential. See \
                        https://developers.google.com/identity/sign-in/web/devconsole-project.";
const BAD_TOKEN: &str = "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie \
                         or other valid authentication credential. See \
                         https://developers.google.com/identity/sign-in/web/devconsole-project.";
const THIRD_PARTY: &str = "Auth error from APNS or Web Push Service";
const NO_RECIPIENT: &str = "Recipient of the message is not set.";
const INVALID: Detail = Fcm("INVALID_ARGUMENT");
const THIRD: Detail = Fcm("THIRD_PARTY_AUTH_ERROR");

static ROWS: &[Row] = &[
    // The token endpoint.
    auth("invalid_grant", PermissionDenied, oauth_400("invalid_grant", "Invalid JWT Signature.")),
    auth(
        "invalid_grant account not found",
        PermissionDenied,
        oauth_400("invalid_grant", "Invalid grant: account not found"),
    ),
    auth("invalid_grant audience", PermissionDenied, oauth_400("invalid_grant", "Invalid JWT: Failed audience check.")),
    auth(
        "invalid_grant short-lived",
        PermissionDenied,
        oauth_400(
            "invalid_grant",
            "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your \
             iat and exp values in the JWT claim.",
        ),
    ),
    auth(
        "invalid_scope",
        PermissionDenied,
        oauth_400("invalid_scope", "Invalid OAuth scope or ID token audience provided."),
    ),
    auth(
        "unauthorized_client",
        PermissionDenied,
        Shape::OAuth(
            401,
            "unauthorized_client",
            "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of \
             the scopes requested.",
        ),
    ),
    auth("access_denied", PermissionDenied, oauth_400("access_denied", "Account restricted")),
    auth("invalid_client", PermissionDenied, Shape::OAuth(401, "invalid_client", "The OAuth client was not found.")),
    auth("disabled_client", PermissionDenied, Shape::OAuth(401, "disabled_client", "The OAuth client was disabled.")),
    auth("deleted_client", PermissionDenied, Shape::OAuth(401, "deleted_client", "The OAuth client was deleted.")),
    auth("unsupported_grant_type", InvalidRequest, oauth_400("unsupported_grant_type", "Invalid grant_type")),
    auth("invalid_request", InvalidRequest, oauth_400("invalid_request", "Bad Request")),
    auth("internal_failure", Unavailable, Shape::OAuth(500, "internal_failure", "Internal error.")),
    auth("server_error", Unavailable, Shape::OAuth(500, "server_error", "Internal error.")),
    auth("temporarily_unavailable", Unavailable, Shape::OAuth(503, "temporarily_unavailable", "Try again later.")),
    auth("HTTP 408", Unavailable, Shape::Page(408)),
    auth("HTTP 429", Unavailable, Shape::Page(429)),
    auth("HTTP 500", Unavailable, Shape::Page(500)),
    auth("HTTP 503", Unavailable, Shape::Page(503)),
    auth("HTTP 504", Unavailable, Shape::Page(504)),
    // The credential of a send.
    send("401 CREDENTIALS_MISSING", Unauthenticated, unauthenticated(NO_TOKEN, &[Info("CREDENTIALS_MISSING")])),
    send("401 ACCESS_TOKEN_EXPIRED", Unauthenticated, unauthenticated(BAD_TOKEN, &[Info("ACCESS_TOKEN_EXPIRED")])),
    send("401 UNAUTHENTICATED", Unauthenticated, unauthenticated(BAD_TOKEN, &[])),
    send("403 PERMISSION_DENIED", PermissionDenied, denied("The caller does not have permission", &[])),
    send(
        "403 IAM_PERMISSION_DENIED",
        PermissionDenied,
        denied(
            "Permission 'cloudmessaging.messages.create' denied on resource \
             '//cloudresourcemanager.googleapis.com/projects/demo-project' (or it may not exist).",
            &[Info("IAM_PERMISSION_DENIED")],
        ),
    ),
    send(
        "403 SERVICE_DISABLED",
        PermissionDenied,
        denied(
            "Firebase Cloud Messaging API has not been used in project demo-project before or it is disabled.",
            &[Info("SERVICE_DISABLED")],
        ),
    ),
    send(
        "403 ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        PermissionDenied,
        denied("Request had insufficient authentication scopes.", &[Info("ACCESS_TOKEN_SCOPE_INSUFFICIENT")]),
    ),
    // The request.
    send(
        "400 BadRequest",
        InvalidRequest,
        invalid(
            "Invalid JSON payload received. Unknown name \"titel\" at 'message.notification': Cannot find field.",
            &[Bad(
                "message.notification",
                "Invalid JSON payload received. Unknown name \"titel\" at 'message.notification': Cannot find field.",
            )],
        ),
    ),
    send("400 no recipient", InvalidRequest, invalid(NO_RECIPIENT, &[Bad("message", NO_RECIPIENT), INVALID])),
    // Also seen for a payload that is too large, which nothing in it tells.
    send("400 no details", InvalidRequest, invalid(GENERIC, &[])),
    send("INVALID_ARGUMENT", InvalidRequest, invalid("Invalid data payload key: from", &[INVALID])),
    send("INVALID_ARGUMENT too big", PayloadTooLarge, invalid("Android message is too big", &[INVALID])),
    send("404 NOT_FOUND", InvalidRequest, Shape::Envelope(404, "NOT_FOUND", "Requested entity was not found.", &[])),
    send("404 page", InvalidRequest, Shape::Page(404)),
    // Load and trouble. With and without Retry-After, for both are documented.
    send(
        "429 QUOTA_EXCEEDED",
        RateLimited,
        Shape::Envelope(429, "RESOURCE_EXHAUSTED", "Quota exceeded.", &[Fcm("QUOTA_EXCEEDED"), Quota]),
    ),
    send(
        "429 QUOTA_EXCEEDED Retry-After",
        RateLimited,
        Shape::Envelope(429, "RESOURCE_EXHAUSTED", "Quota exceeded.", &[Fcm("QUOTA_EXCEEDED"), Quota]),
    )
    .retry_after("60"),
    send(
        "429 RESOURCE_EXHAUSTED",
        RateLimited,
        Shape::Envelope(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota).", &[]),
    ),
    send(
        "500 INTERNAL",
        Unavailable,
        Shape::Envelope(500, "INTERNAL", "Internal error encountered.", &[Fcm("INTERNAL")]),
    ),
    send("502 page", Unavailable, Shape::Page(502)),
    send(
        "503 UNAVAILABLE",
        Unavailable,
        Shape::Envelope(503, "UNAVAILABLE", "The service is currently unavailable.", &[Fcm("UNAVAILABLE")]),
    ),
    send(
        "503 UNAVAILABLE Retry-After",
        Unavailable,
        Shape::Envelope(503, "UNAVAILABLE", "The service is currently unavailable.", &[Fcm("UNAVAILABLE")]),
    )
    .retry_after("1"),
    send(
        "504 DEADLINE_EXCEEDED",
        Unavailable,
        Shape::Envelope(504, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete.", &[]),
    ),
    send("504 page", Unavailable, Shape::Page(504)),
    // No status is documented for these two; 500 and its UNKNOWN is Google's canonical pair.
    send("UNSPECIFIED_ERROR", Unknown, Shape::Envelope(500, "UNKNOWN", "Unknown error.", &[Fcm("UNSPECIFIED_ERROR")])),
    send("unknown errorCode", Unknown, Shape::Envelope(500, "UNKNOWN", "Unknown error.", &[Fcm("A_CODE_OF_TOMORROW")])),
    // The target.
    target(
        "UNREGISTERED",
        InvalidToken,
        Shape::Envelope(404, "NOT_FOUND", "Requested entity was not found.", &[Fcm("UNREGISTERED")]),
    ),
    target(
        "UNREGISTERED ApnsError Unregistered",
        InvalidToken,
        Shape::Envelope(
            404,
            "NOT_FOUND",
            "Requested entity was not found.",
            &[Fcm("UNREGISTERED"), Apns(410, "Unregistered")],
        ),
    ),
    // The status that the tests of the official SDKs have.
    target(
        "UNREGISTERED as INVALID_ARGUMENT",
        InvalidToken,
        Shape::Envelope(404, "INVALID_ARGUMENT", "Requested entity was not found.", &[Fcm("UNREGISTERED")]),
    ),
    target(
        "INVALID_ARGUMENT message.token",
        InvalidToken,
        invalid(GENERIC, &[INVALID, Bad("message.token", "Invalid registration token")]),
    ),
    target(
        "INVALID_ARGUMENT not a valid token",
        InvalidToken,
        invalid("The registration token is not a valid FCM registration token", &[INVALID]),
    ),
    target(
        "INVALID_ARGUMENT ApnsError Unregistered",
        InvalidToken,
        invalid("The APNs device token is disabled", &[INVALID, Apns(410, "Unregistered")]),
    ),
    target(
        "INVALID_ARGUMENT ApnsError BadDeviceToken",
        InvalidRequest,
        apple(&[INVALID, Apns(400, "BadDeviceToken")]),
    ),
    target("INVALID_ARGUMENT ApnsError ExpiredToken", InvalidToken, apple(&[INVALID, Apns(410, "ExpiredToken")])),
    target(
        "INVALID_ARGUMENT ApnsError DeviceTokenNotForTopic",
        InvalidRequest,
        apple(&[INVALID, Apns(400, "DeviceTokenNotForTopic")]),
    ),
    target(
        "INVALID_ARGUMENT ApnsError PayloadTooLarge",
        PayloadTooLarge,
        apple(&[INVALID, Apns(413, "PayloadTooLarge")]),
    ),
    target("INVALID_ARGUMENT ApnsError BadTopic", InvalidRequest, apple(&[INVALID, Apns(400, "BadTopic")])),
    target("INVALID_ARGUMENT ApnsError BadPriority", InvalidRequest, apple(&[INVALID, Apns(400, "BadPriority")])),
    target(
        "INVALID_ARGUMENT ApnsError InvalidPushType",
        InvalidRequest,
        apple(&[INVALID, Apns(400, "InvalidPushType")]),
    ),
    target("INVALID_ARGUMENT ApnsError BadCollapseId", InvalidRequest, apple(&[INVALID, Apns(400, "BadCollapseId")])),
    target(
        "INVALID_ARGUMENT ApnsError BadExpirationDate",
        InvalidRequest,
        apple(&[INVALID, Apns(400, "BadExpirationDate")]),
    ),
    target("THIRD_PARTY_AUTH_ERROR", PermissionDenied, unauthenticated(THIRD_PARTY, &[THIRD])),
    target(
        "THIRD_PARTY_AUTH_ERROR ApnsError InvalidProviderToken",
        PermissionDenied,
        unauthenticated(THIRD_PARTY, &[THIRD, Apns(403, "InvalidProviderToken")]),
    ),
    target(
        "THIRD_PARTY_AUTH_ERROR ApnsError BadEnvironmentKeyInToken",
        PermissionDenied,
        unauthenticated(THIRD_PARTY, &[THIRD, Apns(403, "BadEnvironmentKeyInToken")]),
    ),
    // The trap: Google's sentence about the caller's own token, and a fault of the stored key.
    target("THIRD_PARTY_AUTH_ERROR in OAuth words", PermissionDenied, unauthenticated(NO_TOKEN, &[THIRD])),
    target("APNS_AUTH_ERROR", PermissionDenied, unauthenticated(THIRD_PARTY, &[Fcm("APNS_AUTH_ERROR")])),
    target("SENDER_ID_MISMATCH", PermissionDenied, denied("SenderId mismatch", &[Fcm("SENDER_ID_MISMATCH")])),
    // One device's own rate; no other code is documented for it.
    target(
        "429 QUOTA_EXCEEDED",
        RateLimited,
        Shape::Envelope(429, "RESOURCE_EXHAUSTED", "Quota exceeded.", &[Fcm("QUOTA_EXCEEDED"), Quota]),
    ),
];

static CODES: LazyLock<Vec<DocumentedCode>> =
    LazyLock::new(|| ROWS.iter().map(|row| DocumentedCode { code: row.code, class: row.class, at: row.at }).collect());

/// What only the other calls answer. The calls of the v1 API have the failures of a send, too.
static OPERATE: &[Row] = &[
    operate(
        "409 ALREADY_EXISTS",
        InvalidRequest,
        Shape::Envelope(409, "ALREADY_EXISTS", "Requested entity already exists", &[]),
    ),
    // The Instance ID service has one text for each status, as far as is known.
    operate("iid 400", InvalidRequest, Shape::Plain(400, "InvalidArgument")),
    operate("iid 401", Unauthenticated, Shape::Plain(401, "Unauthorized")),
    operate("iid 403", PermissionDenied, Shape::Plain(403, "PermissionDenied")),
    operate("iid 404", InvalidRequest, Shape::Plain(404, "NotFound")),
    operate("iid 404 token", InvalidToken, Shape::Plain(404, "No information found about this instance id.")),
    operate("iid 429", RateLimited, Shape::Plain(429, "ResourceExhausted")),
    operate("iid 500", Unavailable, Shape::Plain(500, "Internal")),
    operate("iid 503", Unavailable, Shape::Plain(503, "Unavailable")),
];

/// The class of a failure of an operation.
pub(super) fn class(code: &str) -> Class {
    find(At::Operate, code).map_or(Unknown, |row| row.class)
}

fn find(at: At, code: &str) -> Option<&'static Row> {
    let fits = |row: &&Row| row.code == code && (row.at == at || at == At::Operate && row.at != At::Auth);
    OPERATE.iter().chain(ROWS).find(fits)
}

/// All failures.
pub(super) fn all() -> &'static [DocumentedCode] {
    &CODES
}

/// The answer that carries a failure.
pub(super) fn answer(at: At, code: &str) -> Answer {
    let Some(row) = find(at, code) else {
        return Answer::empty(500).because(format!("the fake knows no failure {code:?} at {at:?}"));
    };
    let answer = match row.shape {
        Shape::OAuth(http, error, description) => oauth(http, error, description),
        Shape::Envelope(http, status, message, details) => envelope(http, status, message, details),
        Shape::Page(http) => page(http),
        Shape::Plain(http, text) => plain(http, text),
    };
    let answer = answer.because(row.code);
    match row.retry_after {
        Some(seconds) => answer.header("retry-after", seconds),
        None => answer,
    }
}
