//! What FCM's answers mean: the table of its codes, and the verdicts made from it.
//!
//! Google's ErrorCode reference and page on error codes, and captured answers, read in 2026-11.

use std::borrow::Cow;

use omnipush_core::codes::{self, Code, code};
use omnipush_core::{Class::*, Outcome, Pause, Refusal, Remedy, Reply, Set, Verdict};
use serde::Deserialize;
use serde_json::Value;

/// Every documented code: FCM's own (`FcmError`), those with a detail that changes their meaning
/// (after a slash), Apple's reasons (`apns/`), Google's (`ErrorInfo` and `status`), and those of
/// the token endpoint (lower case).
pub(crate) const CODES: &[Code] = &[
    code("UNREGISTERED", InvalidToken, "the token or installation id is no longer registered"),
    code("INVALID_ARGUMENT", InvalidRequest, "a field or name is wrong; sometimes a message that is too big"),
    code("INVALID_ARGUMENT/token", InvalidToken, "the text is no registration token"),
    code("INVALID_ARGUMENT/size", PayloadTooLarge, "the message is too big"),
    // The token belongs to another project: dead for this one, but perhaps not for the caller's other one.
    code("SENDER_ID_MISMATCH", PermissionDenied, "the token belongs to another project").target(),
    // The other platforms' sends of the project go on.
    code("THIRD_PARTY_AUTH_ERROR", PermissionDenied, "the project's APNs or Web Push key is missing or wrong").target(),
    code("APNS_AUTH_ERROR", PermissionDenied, "the same under its older name").target(),
    code("QUOTA_EXCEEDED", RateLimited, "the message rate of the project or topic, or overload").pause(60),
    code("QUOTA_EXCEEDED/device", RateLimited, "the message rate of one device").target().pause(60),
    code("UNSPECIFIED_ERROR", Unknown, "FCM does not say what went wrong"),
    code("INTERNAL", Unavailable, "FCM failed inside"),
    code("UNAVAILABLE", Unavailable, "FCM is overloaded"),
    code("DEADLINE_EXCEEDED", Unavailable, "FCM timed out inside; it may have taken the message"),
    code("apns/Unregistered", InvalidToken, "Apple: the device token is no longer active"),
    code("apns/ExpiredToken", InvalidToken, "Apple: the device token has expired"),
    // Neither is said to be gone: with the wrong APNs key or app in the project every token fails so.
    code("apns/BadDeviceToken", InvalidRequest, "Apple: the device token is malformed, or of the other environment"),
    code("apns/DeviceTokenNotForTopic", InvalidRequest, "Apple: the device token belongs to another app"),
    code("apns/live_activity_token", InvalidRequest, "Apple: the Live Activity's token is dead, not the target"),
    code("apns/PayloadTooLarge", PayloadTooLarge, "Apple: the payload is over 4,096 bytes"),
    code("apns/BadTopic", InvalidRequest, "Apple: `apns-topic` is wrong"),
    code("apns/BadPriority", InvalidRequest, "Apple: `apns-priority` is wrong"),
    code("apns/InvalidPushType", InvalidRequest, "Apple: `apns-push-type` is wrong"),
    code("apns/BadCollapseId", InvalidRequest, "Apple: `apns-collapse-id` is over 64 bytes"),
    code("apns/BadExpirationDate", InvalidRequest, "Apple: `apns-expiration` is wrong"),
    code("apns/BadMessageId", InvalidRequest, "Apple: `apns-id` is wrong"),
    code("apns/TopicDisallowed", PermissionDenied, "Apple: pushes to this topic are not allowed").target(),
    code("apns/TooManyRequests", RateLimited, "Apple: too many to one device").target().pause(60),
    code("apns/InternalServerError", Unavailable, "Apple failed inside").target(),
    code("apns/ServiceUnavailable", Unavailable, "Apple is overloaded").target(),
    code("CREDENTIALS_MISSING", Unauthenticated, "no access token").new_token(),
    code("ACCESS_TOKEN_EXPIRED", Unauthenticated, "the access token has expired").new_token(),
    code("UNAUTHENTICATED", Unauthenticated, "the access token is not accepted").new_token(),
    code("SERVICE_DISABLED", PermissionDenied, "the project has not enabled the FCM API"),
    code("IAM_PERMISSION_DENIED", PermissionDenied, "the account lacks cloudmessaging.messages.create"),
    code("PERMISSION_DENIED", PermissionDenied, "role or scope are missing, or the API is not enabled"),
    // The words are close to those of a dead token, but there is no FcmError: no token is to be dropped.
    code("NOT_FOUND", InvalidRequest, "the project or path is wrong"),
    code("RESOURCE_EXHAUSTED", RateLimited, "the project's quota, or overload").pause(60),
    code("ALREADY_EXISTS", InvalidRequest, "the target is subscribed to the topic already"),
    code("iid/NOT_FOUND", InvalidToken, "of one target: the token is not registered"),
    code("iid/INVALID_ARGUMENT", InvalidToken, "of one target: the text is no token"),
    code("iid/TOO_MANY_TOPICS", InvalidRequest, "of one target: it has 2,000 topics already"),
    code("iid/RESOURCE_EXHAUSTED", RateLimited, "of one target: too many subscriptions at once").target(),
    code("iid/PERMISSION_DENIED", PermissionDenied, "of one target: it is another project's").target(),
    code("iid/DEADLINE_EXCEEDED", Unavailable, "of one target: timed out inside").target(),
    code("iid/INTERNAL", Unavailable, "of one target: failed inside").target(),
    code("iid/Internal Server Error", Unavailable, "of one imported token: failed inside").target(),
    code("iid/UNKNOWN", Unknown, "of one target: Google does not say what went wrong"),
    code("invalid_grant", PermissionDenied, "token endpoint: key or account unknown or disabled, or the clock is off"),
    code("invalid_scope", PermissionDenied, "token endpoint: the scope is unknown"),
    code("unauthorized_client", PermissionDenied, "token endpoint: the account may not ask for this scope"),
    code("access_denied", PermissionDenied, "token endpoint: the account may not ask for this scope"),
    code("invalid_client", PermissionDenied, "token endpoint: the account is unknown"),
    code("disabled_client", PermissionDenied, "token endpoint: the account is disabled"),
    code("deleted_client", PermissionDenied, "token endpoint: the account is deleted"),
    code("unsupported_grant_type", InvalidRequest, "token endpoint: the form is wrong"),
    code("invalid_request", InvalidRequest, "token endpoint: the form is wrong"),
    code("internal_failure", Unavailable, "token endpoint: failed inside"),
    code("server_error", Unavailable, "token endpoint: failed inside"),
    code("temporarily_unavailable", Unavailable, "token endpoint: overloaded"),
];

/// The verdict of a send.
pub(crate) fn decode(reply: &Reply, set: &Set<'_>) -> Outcome {
    #[derive(Deserialize)]
    struct Sent<'a> {
        #[serde(borrow)]
        name: Cow<'a, str>,
    }
    if reply.is_success() {
        let sent = serde_json::from_slice::<Sent<'_>>(&reply.body).ok();
        return match sent.as_ref().and_then(|sent| sent.name.rsplit_once('/')) {
            Some((path, id)) if path.ends_with("/messages") && !id.is_empty() => Outcome::accepted(Some(id)),
            _ => Outcome::Whole(reply.unreadable()),
        };
    }
    let live = set.first().is_ok_and(|item| !item.encoded.aux.is_empty());
    match Failure::of(reply) {
        Some(failure) => Outcome::Whole(failure.verdict(reply, live)),
        None => Outcome::Whole(reply.unreadable()),
    }
}

/// The refusal of an operation. The old hosts say what is wrong in words, and by the status.
pub(crate) fn refusal(reply: &Reply) -> Refusal {
    match Failure::of(reply) {
        Some(failure) => codes::refusal(CODES, &failure.row(false), reply, failure.text("message")),
        None if reply.status == 401 => codes::refusal(CODES, "UNAUTHENTICATED", reply, &reply.text()),
        None => reply.refusal(),
    }
}

/// The error in an answer. Its parts come in any order, and any may be missing.
struct Failure(Value);

impl Failure {
    fn of(reply: &Reply) -> Option<Self> {
        let error = reply.json::<Value>()?.get_mut("error")?.take();
        error.is_object().then_some(Self(error))
    }

    fn verdict(&self, reply: &Reply, live: bool) -> Verdict {
        let row = self.row(live);
        let text = self.text("message");
        let mut refusal = codes::refusal(CODES, &row, reply, text);
        if codes::find(CODES, &row).is_none() && self.fcm().is_some() {
            refusal = refusal.class(Unknown);
        }
        // The minute is for answers that name no wait.
        if let (RateLimited, Some(wait)) = (refusal.class, reply.retry_after) {
            refusal.remedy = Remedy::Pause(Pause::For(wait));
        }
        if self.ambiguous(reply, &row) {
            Verdict::Unsure(Some(refusal.into()))
        } else {
            Verdict::Refused(refusal.into())
        }
    }

    /// Whether FCM may have taken the message all the same.
    fn ambiguous(&self, reply: &Reply, row: &str) -> bool {
        let unexplained = codes::find(CODES, row).is_none() && matches!(reply.status, 500 | 502 | 505..=599);
        reply.status == 504 || row == "DEADLINE_EXCEEDED" || unexplained
    }

    /// The row of the table that says most: FCM's code, with Apple's reason where there is one;
    /// then Google's reason; then the canonical status.
    fn row(&self, live: bool) -> String {
        let apns = self.detail("google.firebase.fcm.v1.ApnsError", "reason").map(|reason| format!("apns/{reason}"));
        let apns = apns.and_then(|row| codes::find(CODES, &row));
        let fcm = self.fcm();
        // These say all there is to say; the others are only the wrapping of Apple's reason.
        let final_word = matches!(fcm, Some("SENDER_ID_MISMATCH" | "THIRD_PARTY_AUTH_ERROR" | "APNS_AUTH_ERROR"));
        match (fcm, apns) {
            (_, Some(row)) if live && row.class == InvalidToken => "apns/live_activity_token".into(),
            (Some("UNREGISTERED"), _) => "UNREGISTERED".into(),
            (_, Some(row)) if !final_word => row.code.into(),
            (Some("INVALID_ARGUMENT"), _) if self.names_the_token() => "INVALID_ARGUMENT/token".into(),
            (Some("INVALID_ARGUMENT"), _) | (None, _) if self.is_too_big() => "INVALID_ARGUMENT/size".into(),
            (Some("QUOTA_EXCEEDED"), _) if self.quota_is_a_device() => "QUOTA_EXCEEDED/device".into(),
            (Some(code), _) => code.into(),
            (None, _) => {
                let reason = self.detail("google.rpc.ErrorInfo", "reason");
                let known = reason.filter(|reason| codes::find(CODES, reason).is_some());
                known.unwrap_or_else(|| self.text("status")).into()
            }
        }
    }

    fn fcm(&self) -> Option<&str> {
        self.detail("google.firebase.fcm.v1.FcmError", "errorCode")
    }

    fn text(&self, member: &str) -> &str {
        self.0.get(member).and_then(Value::as_str).unwrap_or_default()
    }

    fn details<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        let details = self.0.get("details").and_then(Value::as_array);
        details.into_iter().flatten().filter(move |detail| {
            let name = detail.get("@type").and_then(Value::as_str).unwrap_or_default();
            name.rsplit('/').next() == Some(kind)
        })
    }

    fn detail<'a>(&'a self, kind: &'a str, member: &str) -> Option<&'a str> {
        self.details(kind).find_map(|detail| detail.get(member)?.as_str())
    }

    /// Google names the field, or says it in words only: the one text that must be read.
    fn names_the_token(&self) -> bool {
        let violations = self.details("google.rpc.BadRequest").filter_map(|detail| detail.get("fieldViolations"));
        let mut fields = violations.filter_map(Value::as_array).flatten().filter_map(|v| v.get("field")?.as_str());
        fields.any(|field| field == "message.token")
            || self.text("message").contains("registration token is not a valid")
    }

    fn is_too_big(&self) -> bool {
        self.text("status") == "INVALID_ARGUMENT" && self.text("message").contains("too big")
    }

    /// The quota that is exceeded is promised to be named, but its form is not documented.
    fn quota_is_a_device(&self) -> bool {
        let mut violations = self.details("google.rpc.QuotaFailure").filter_map(|detail| detail.get("violations"));
        violations.any(|violations| violations.to_string().to_ascii_lowercase().contains("device"))
    }
}

/// The refusal of a request that asks for an access token.
pub(crate) fn token_refusal(reply: &Reply) -> Refusal {
    let answer: Value = reply.json().unwrap_or_default();
    let text = |name| answer.get(name).and_then(Value::as_str);
    match text("error") {
        Some(error) => codes::refusal(CODES, error, reply, text("error_description").unwrap_or_default()),
        // The token endpoint counts no messages: too many requests there are a trouble of its own.
        None if reply.status == 429 => reply.refusal().class(Unavailable),
        None => reply.refusal(),
    }
}
