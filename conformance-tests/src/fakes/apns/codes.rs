//! The failures that Apple documents ("Handling notification responses from APNs", "Handling
//! error responses from APNs"), and the answer that carries one.

use std::sync::LazyLock;

use omnipush_core::Class::{self, *};
use serde_json::json;

use super::DEAD_FOR_MS;
use crate::fake::At::{self, Send, Target};
use crate::fake::{Answer, Call, DocumentedCode};

pub(super) struct Row {
    pub(super) status: u16,
    pub(super) reason: &'static str,
    pub(super) code: DocumentedCode,
}

const fn row(status: u16, reason: &'static str, class: Class, at: At) -> Row {
    Row { status, reason, code: DocumentedCode { code: reason, class, at } }
}

const INTERNAL: Row = row(500, "InternalServerError", Unavailable, Send);

pub(super) static ROWS: &[Row] = &[
    row(400, "BadCollapseId", InvalidRequest, Send),
    row(400, "BadDeviceToken", InvalidRequest, Target),
    row(400, "BadExpirationDate", InvalidRequest, Send),
    row(400, "BadMessageId", InvalidRequest, Send),
    row(400, "BadPriority", InvalidRequest, Send),
    row(400, "BadTopic", InvalidRequest, Send),
    row(400, "DeviceTokenNotForTopic", InvalidRequest, Target),
    row(400, "DuplicateHeaders", InvalidRequest, Send),
    row(400, "IdleTimeout", Unavailable, Send),
    row(400, "InvalidPushType", InvalidRequest, Send),
    row(400, "MissingDeviceToken", InvalidRequest, Send),
    row(400, "MissingTopic", InvalidRequest, Send),
    row(400, "PayloadEmpty", InvalidRequest, Send),
    // Channel calls use this reason for a malformed request, too. The answer does not tell, so
    // there is one row, with the meaning that it has for a send to a device.
    row(400, "TopicDisallowed", PermissionDenied, Send),
    row(403, "BadCertificate", PermissionDenied, Send),
    row(403, "BadCertificateEnvironment", PermissionDenied, Send),
    row(403, "ExpiredProviderToken", Unauthenticated, Send),
    row(403, "Forbidden", PermissionDenied, Send),
    row(403, "InvalidProviderToken", Unauthenticated, Send),
    row(403, "MissingProviderToken", Unauthenticated, Send),
    row(403, "UnrelatedKeyIdInToken", Unauthenticated, Send),
    // As documented, and as servers have been seen to spell it.
    row(403, "BadEnvironmentKeyIdInToken", PermissionDenied, Send),
    row(403, "BadEnvironmentKeyInToken", PermissionDenied, Send),
    row(404, "BadPath", InvalidRequest, Send),
    row(405, "MethodNotAllowed", InvalidRequest, Send),
    row(410, "ExpiredToken", InvalidToken, Target),
    row(410, "Unregistered", InvalidToken, Target),
    row(413, "PayloadTooLarge", PayloadTooLarge, Send),
    row(429, "TooManyProviderTokenUpdates", RateLimited, Send),
    row(429, "TooManyRequests", RateLimited, Target),
    INTERNAL,
    row(503, "ServiceUnavailable", Unavailable, Send),
    row(503, "Shutdown", Unavailable, Send),
    // Of broadcasts and channel management.
    row(400, "FeatureNotEnabled", PermissionDenied, Send),
    row(400, "MissingChannelId", InvalidRequest, Send),
    row(400, "BadChannelId", InvalidRequest, Send),
    row(400, "ChannelNotRegistered", InvalidToken, Send),
    row(400, "BadRequestParams", InvalidRequest, Send),
    row(400, "BadRequestPayload", InvalidRequest, Send),
    row(400, "MissingPushType", InvalidRequest, Send),
    row(400, "CannotCreateChannelConfig", QuotaExceeded, Send),
    row(400, "MissingChannelQueueSize", InvalidRequest, Send),
    row(403, "TopicMismatch", PermissionDenied, Send),
    Row {
        status: 429,
        reason: "TooManyRequests",
        code: DocumentedCode { code: "TooManyRequests (broadcasts in general)", class: RateLimited, at: Send },
    },
    // Documented with the blank for these calls.
    row(503, "Service Unavailable", Unavailable, Send),
];

pub(super) fn all() -> &'static [DocumentedCode] {
    static CODES: LazyLock<Vec<DocumentedCode>> = LazyLock::new(|| ROWS.iter().map(|row| row.code).collect());
    &CODES
}

/// Why a call is refused: a documented failure, and for people what was wrong.
#[derive(Debug)]
pub(super) struct Fault {
    status: u16,
    reason: &'static str,
    why: String,
}

impl Fault {
    /// By the reason that Apple gives.
    pub(super) fn new(reason: &str, why: impl Into<String>) -> Self {
        Self::of(ROWS.iter().find(|row| row.reason == reason), why.into())
    }

    /// By the name of a documented failure.
    pub(super) fn coded(code: &DocumentedCode, why: &str) -> Self {
        Self::of(ROWS.iter().find(|row| row.code.code == code.code), why.into())
    }

    fn of(row: Option<&Row>, why: String) -> Self {
        let Row { status, reason, .. } = row.unwrap_or(&INTERNAL);
        Self { status: *status, reason, why }
    }

    /// The answer in Apple's shape: the reason in JSON, the request's id in the header of this
    /// name, and with status 410 since when the token is dead.
    pub(super) fn answer(self, call: &Call, (name, id): (&'static str, String)) -> Answer {
        let mut body = json!({ "reason": self.reason });
        if self.status == 410
            && let Some(body) = body.as_object_mut()
        {
            body.insert("timestamp".into(), call.now_ms.saturating_sub(DEAD_FOR_MS).into());
        }
        Answer::text(self.status, "application/json", &body.to_string()).header(name, id).because(self.why)
    }
}
