//! What APNs' answers mean: the table of its reasons, and the verdicts made from it.
//!
//! Apple's pages "Handling notification responses from APNs" and "Handling error responses"
//! (of broadcasts and channels), read in 2026-11.

use omnipush_core::codes::{self, Code, code};
use omnipush_core::{Class::*, Outcome, Refusal, Remedy, Reply, Set};
use serde::Deserialize;

use crate::{APNS_ID, REQUEST_ID};

/// Every documented reason, and those that are only known from the wire.
pub(crate) const CODES: &[Code] = &[
    code("BadCollapseId", InvalidRequest, "the collapse id is over 64 bytes"),
    // Neither is said to be gone: a client of the wrong environment or app would lose every token.
    code("BadDeviceToken", InvalidRequest, "malformed, or of the other environment: look at `environment`"),
    code("BadExpirationDate", InvalidRequest, "the expiration is wrong; for channels without storage it must be 0"),
    code("BadMessageId", InvalidRequest, "apns-id is no UUID"),
    code("BadPriority", InvalidRequest, "the priority does not exist or does not go with the push type"),
    code("BadTopic", InvalidRequest, "the topic is wrong"),
    code("DeviceTokenNotForTopic", InvalidRequest, "the token is another app's: look at `topic`"),
    code("DuplicateHeaders", InvalidRequest, "a header stands twice"),
    // The connection is at fault, and the next one is not.
    code("IdleTimeout", Unavailable, "the connection was idle for too long").remedy(Remedy::NewConnection),
    code("InvalidPushType", InvalidRequest, "the push type is wrong; channels take Live Activities only"),
    code("MissingDeviceToken", InvalidRequest, "no token in the path"),
    code("MissingTopic", InvalidRequest, "the certificate covers several topics, or the topic is missing"),
    code("PayloadEmpty", InvalidRequest, "the body is empty"),
    code("TopicDisallowed", PermissionDenied, "the credentials may not push to this topic"),
    code("BadCertificate", PermissionDenied, "the certificate is not valid"),
    code("BadCertificateEnvironment", PermissionDenied, "the certificate is for the other environment"),
    code("ExpiredProviderToken", Unauthenticated, "the provider token is over an hour old").new_token(),
    // A fault of the settings, unless the token has grown old: the profile's minimal age tells.
    code("InvalidProviderToken", Unauthenticated, "key, key id or team id are wrong, or do not belong together")
        .new_token(),
    code("MissingProviderToken", Unauthenticated, "neither token nor certificate was shown"),
    code("UnrelatedKeyIdInToken", Unauthenticated, "the connection is bound to another key")
        .remedy(Remedy::NewConnection),
    code("BadEnvironmentKeyIdInToken", PermissionDenied, "the key is restricted to the other environment"),
    code("BadEnvironmentKeyInToken", PermissionDenied, "the same, as servers have been seen to spell it"),
    code("Forbidden", PermissionDenied, "not allowed"),
    code("BadPath", InvalidRequest, "the path is wrong"),
    code("MethodNotAllowed", InvalidRequest, "not a POST"),
    code("ExpiredToken", InvalidToken, "the token has expired (the text says since when)"),
    code("Unregistered", InvalidToken, "the token is no longer active for the topic (the text says since when)"),
    code("PayloadTooLarge", PayloadTooLarge, "over 4,096 bytes; 5,120 for VoIP and broadcasts"),
    // A new token would be refused alike and new connections in a row look like an attack, so
    // only waiting is left.
    code("TooManyProviderTokenUpdates", RateLimited, "tokens changed within 20 minutes on a connection").pause(60),
    code("TooManyRequests", RateLimited, "too many in a row to this device").target().pause(5),
    code("InternalServerError", Unavailable, "APNs failed"),
    code("ServiceUnavailable", Unavailable, "APNs is unavailable"),
    // The server goes down; another one answers at once.
    code("Shutdown", Unavailable, "this server is shutting down").remedy(Remedy::NewConnection),
    // Broadcasts and channels.
    code("Service Unavailable", Unavailable, "APNs is unavailable, as the pages on channels spell it"),
    code("FeatureNotEnabled", PermissionDenied, "the app lacks the broadcast capability"),
    code("MissingChannelId", InvalidRequest, "no channel id"),
    code("BadChannelId", InvalidRequest, "the channel id is not base64 or too long"),
    code("ChannelNotRegistered", InvalidToken, "no such channel"),
    code("BadRequestParams", InvalidRequest, "an unknown member in the body"),
    code("BadRequestPayload", InvalidRequest, "the body is no JSON"),
    code("MissingPushType", InvalidRequest, "no push type"),
    code("CannotCreateChannelConfig", QuotaExceeded, "the app has 10,000 channels already"),
    code("MissingChannelQueueSize", InvalidRequest, "the storage policy of a channel is missing or wrong"),
    code("TopicMismatch", PermissionDenied, "the credentials do not cover the bundle id"),
    code("channel/TopicDisallowed", InvalidRequest, "of broadcasts and channels: the bundle id has a suffix"),
    code("channel/TooManyRequests", RateLimited, "of broadcasts and channels: too many of them").pause(5),
];

#[derive(Deserialize)]
struct Answer {
    reason: String,
}

/// The verdict of a send.
pub(crate) fn decode(reply: &Reply, set: &Set<'_>) -> Outcome {
    let device = set.shape.is_device();
    let id = reply.header(if device { APNS_ID } else { REQUEST_ID });
    // A success has no body. One without Apple's header and with a body is somebody else's.
    if reply.status == 200 && (id.is_some() || reply.body.is_empty()) {
        return Outcome::accepted(id.or(Some(set.request_id)).filter(|id| !id.is_empty()));
    }
    match reply.json::<Answer>() {
        Some(answer) if !reply.is_success() => Outcome::refused(refusal(reply, &answer.reason, device)),
        _ if device && reply.status == 410 => Outcome::refused(refusal(reply, "", device)),
        _ => Outcome::Whole(reply.unreadable()),
    }
}

/// The refusal of a call about channels.
pub(crate) fn channel_refusal(reply: &Reply) -> Refusal {
    match reply.json::<Answer>() {
        Some(answer) if !reply.is_success() => refusal(reply, &answer.reason, false),
        _ => reply.refusal(),
    }
}

fn refusal(reply: &Reply, reason: &str, device: bool) -> Refusal {
    let own = format!("channel/{reason}");
    let row = if device || codes::find(CODES, &own).is_none() { reason } else { &own };
    // Only 410 says more than its reason: `timestamp`, since when the token is dead.
    let text = if reply.status == 410 { reply.text() } else { "".into() };
    let refusal = codes::refusal(CODES, row, reply, &text);
    match codes::find(CODES, reason) {
        None if reply.status == 410 => refusal.class(InvalidToken),
        _ => refusal,
    }
}
