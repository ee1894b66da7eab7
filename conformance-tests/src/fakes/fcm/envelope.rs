//! The shapes of FCM's answers to a failed call: the error envelope of the v1 API with its typed
//! details, the OAuth error of the token endpoint, and the HTML page of Google's front end.

use serde_json::{Value, json};

use super::parse::Violation;
use crate::fake::Answer;

/// One element of `details`.
#[derive(Clone, Copy)]
pub(super) enum Detail {
    /// `FcmError` with its `errorCode`.
    Fcm(&'static str),
    /// `ApnsError`: what Apple answered, status and reason.
    Apns(u16, &'static str),
    /// `BadRequest` with one violation: field, description.
    Bad(&'static str, &'static str),
    /// `QuotaFailure`. Nobody has published what stands in its violations, so there are none.
    Quota,
    /// `ErrorInfo` with its `reason`, about the send method.
    Info(&'static str),
}

impl Detail {
    fn value(self) -> Value {
        match self {
            Self::Fcm(code) => json!({
                "@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code,
            }),
            Self::Apns(status, reason) => json!({
                "@type": "type.googleapis.com/google.firebase.fcm.v1.ApnsError", "statusCode": status, "reason": reason,
            }),
            Self::Bad(field, description) => {
                bad_request([json!({ "field": field, "description": description })].into())
            }
            Self::Quota => json!({ "@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [] }),
            Self::Info(reason) => json!({
                "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com",
                "metadata": {
                    "service": "fcm.googleapis.com", "method": "google.firebase.fcm.v1.FcmService.SendMessage",
                },
            }),
        }
    }
}

fn bad_request(violations: Vec<Value>) -> Value {
    json!({ "@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations })
}

/// The envelope of the v1 API. Without details the member is absent, as on the wire.
pub(super) fn envelope(http: u16, status: &str, message: &str, details: &[Detail]) -> Answer {
    enveloped(http, status, message, details.iter().map(|detail| detail.value()).collect())
}

/// The refusal of a body that cannot be read: every violation, in one `BadRequest`.
pub(super) fn violated(violations: &[Violation]) -> Answer {
    let message = violations.iter().map(|v| v.description.as_str()).collect::<Vec<_>>().join("\n");
    let list = violations.iter().map(|v| match v.field.as_str() {
        "" => json!({ "description": v.description }),
        field => json!({ "field": field, "description": v.description }),
    });
    enveloped(400, "INVALID_ARGUMENT", &message, vec![bad_request(list.collect())]).because(message)
}

fn enveloped(http: u16, status: &str, message: &str, details: Vec<Value>) -> Answer {
    let mut error = json!({ "code": http, "message": message, "status": status });
    if let (Some(error), false) = (error.as_object_mut(), details.is_empty()) {
        error.insert("details".into(), details.into());
    }
    let answer = Answer::json(http, &json!({ "error": error }));
    // Google challenges for its own credential on every 401, also on those about Apple's.
    if http == 401 {
        answer.header("www-authenticate", "Bearer realm=\"https://accounts.google.com/\"")
    } else {
        answer
    }
}

/// The refusal of a value that was read but may not be: an `FcmError` and a sentence.
pub(super) fn invalid(problem: &str) -> Answer {
    envelope(400, "INVALID_ARGUMENT", problem, &[Detail::Fcm("INVALID_ARGUMENT")]).because(problem)
}

/// The answer of the token endpoint.
pub(super) fn oauth(http: u16, error: &str, description: &str) -> Answer {
    Answer::json(http, &json!({ "error": error, "error_description": description })).because(description)
}

/// The answer of the Instance ID service and of the device groups, which are older than the
/// envelope.
pub(super) fn plain(http: u16, text: &str) -> Answer {
    Answer::json(http, &json!({ "error": text })).because(text)
}

/// The page of Google's front end.
pub(super) fn page(http: u16) -> Answer {
    let title = if http < 500 { "Not Found" } else { "Server Error" };
    let body = format!(
        "<!DOCTYPE html>\n<html lang=en>\n  <meta charset=utf-8>\n  <title>Error {http} ({title})!!1</title>\n  \
         <p><b>{http}.</b> <ins>That’s an error.</ins>\n  <p><ins>That’s all we know.</ins>\n"
    );
    Answer::text(http, "text/html; charset=UTF-8", &body)
}
