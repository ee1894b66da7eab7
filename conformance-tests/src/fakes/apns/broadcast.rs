//! `POST /4/broadcasts/apps/{bundle id}`: a Live Activity's news to all who follow a channel
//! ("Setting up broadcast push notifications").

use http::Method;
use serde_json::Value;

use super::channels::CHANNEL;
use super::codes::Fault;
use super::headers::{self, BROADCAST, expiration, text};
use super::{Apns, check_bundle, payload, read};
use crate::fake::{Call, Delivered, TargetState};

pub(super) const PATH: &str = "/4/broadcasts/apps";
/// The header that has the id of a request which is no send to a device.
pub(super) const ID: &str = "apns-request-id";
/// How long a channel keeps its newest message.
const STORED_AT_MOST_SECONDS: u64 = 8 * 3600;
/// One of Apple's samples has `apns-id` in the place of the request's id.
const NAMES: &[&str] = &[CHANNEL, "apns-push-type", "apns-priority", "apns-expiration", ID, "apns-id"];
const PRIORITIES: &[&str] = &["10", "5", "1"];

impl Apns {
    /// Serves a broadcast.
    pub(super) fn broadcast(&self, call: &Call, id: &str) -> Result<(), Fault> {
        let bundle = bundle(call)?;
        self.tokens.check(call, &self.world, self.lenient)?;
        check_bundle(bundle)?;
        headers::known(call, NAMES, self.lenient)?;
        let request = headers::id(call, ID, self.lenient)?.or(headers::id(call, "apns-id", self.lenient)?);
        let channel = self.channels.named(call)?;
        push_type(call)?;
        match text(call, "apns-priority", "BadPriority")? {
            Some(priority) if PRIORITIES.contains(&priority) => {}
            other => return Err(Fault::new("BadPriority", format!("apns-priority is {other:?}"))),
        }
        let missing = || Fault::new("BadExpirationDate", "no apns-expiration");
        let until = expiration(text(call, "apns-expiration", "BadExpirationDate")?.ok_or_else(missing)?)?;
        let root = payload::check(&call.body, &BROADCAST, self.lenient)?;
        if root.get("aps").and_then(|aps| aps.get("event")).and_then(Value::as_str) == Some("start") {
            return Err(Fault::new("BadRequestPayload", "a channel starts no Live Activity"));
        }
        let keeps = self.channels.keeps(&channel)?;
        if until != 0 && !keeps {
            return Err(Fault::new("BadExpirationDate", "the channel keeps no message, so apns-expiration must be 0"));
        }
        match self.world.target(&channel) {
            TargetState::Alive => {}
            TargetState::Dead => return Err(Fault::new("ChannelNotRegistered", "the channel is gone")),
            TargetState::Refused(code) => return Err(Fault::coded(&code, "the channel is set to be refused")),
        }
        self.world.deliver(Delivered {
            target: channel,
            ttl_seconds: Some(until.saturating_sub(call.now_ms / 1000).min(STORED_AT_MOST_SECONDS)),
            request_id: request.map(Into::into),
            message_id: id.to_owned(),
            ..read::shown(Value::Object(root))
        });
        Ok(())
    }
}

/// The bundle id in the path.
fn bundle(call: &Call) -> Result<&str, Fault> {
    let rest = call.path.strip_prefix(PATH).and_then(|rest| rest.strip_prefix('/')).unwrap_or_default();
    if rest.is_empty() || rest.contains('/') || !call.query.is_empty() {
        return Err(Fault::new("BadPath", format!("nothing is at {}", call.path)));
    }
    if call.method != Method::POST {
        return Err(Fault::new("MethodNotAllowed", format!("{} is not POST", call.method)));
    }
    Ok(rest)
}

/// Apple writes it in two ways.
fn push_type(call: &Call) -> Result<(), Fault> {
    match text(call, "apns-push-type", "InvalidPushType")? {
        Some(name) if name.eq_ignore_ascii_case(BROADCAST.name) => Ok(()),
        Some(name) => Err(Fault::new("InvalidPushType", format!("{name:?} is not broadcast"))),
        None => Err(Fault::new("MissingPushType", "no apns-push-type")),
    }
}
