//! Broadcast channels and their management: `/1/apps/{bundle id}/channels` and `all-channels`
//! ("Sending channel management requests to APNs").

use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use omnipush_core::Class::{
    InvalidRequest, InvalidToken, PermissionDenied, QuotaExceeded, RateLimited, Unauthenticated, Unavailable,
};
use omnipush_core::{Class, Found, Operation};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::broadcast::ID;
use super::codes::Fault;
use super::headers::{self, text};
use super::{Apns, check_bundle};
use crate::fake::{Answer, Call, OperationTrial};

pub(super) const PATH: &str = "/1/apps";
/// The header that names a channel.
pub(super) const CHANNEL: &str = "apns-channel-id";
/// The most channels of an app in one environment.
pub(super) const MOST: usize = 10_000;
/// Apple promises no size. This is far beyond what it makes.
const LONGEST_ID: usize = 128;
const STORAGE: &str = "message-storage-policy";
const PUSH_TYPE: &str = "push-type";
const LIVE_ACTIVITY: &str = "LiveActivity";

/// The channels of the app.
#[derive(Default)]
pub(super) struct Channels(Mutex<State>);

#[derive(Default)]
struct State {
    /// How many there ever were.
    made: usize,
    all: Vec<Channel>,
}

struct Channel {
    id: String,
    /// Whether it keeps its newest message for devices that are offline.
    keeps: bool,
}

impl State {
    fn next_id(&self) -> String {
        let digest = Sha256::digest(format!("channel {}", self.made));
        STANDARD.encode(digest.iter().copied().take(16).collect::<Vec<u8>>())
    }

    fn make(&mut self, keeps: bool) -> String {
        let id = self.next_id();
        self.made += 1;
        self.all.push(Channel { id: id.clone(), keeps });
        id
    }

    fn find(&self, id: &str) -> Result<&Channel, Fault> {
        let unknown = || Fault::new("ChannelNotRegistered", format!("no channel {id:?}"));
        self.all.iter().find(|channel| channel.id == id).ok_or_else(unknown)
    }
}

impl Channels {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A channel that keeps messages: the oldest one, made if there is none.
    pub(super) fn first(&self) -> String {
        let mut state = self.state();
        let first = state.all.iter().find(|channel| channel.keeps).map(|channel| channel.id.clone());
        first.unwrap_or_else(|| state.make(true))
    }

    /// Makes a channel.
    pub(super) fn make(&self, keeps: bool) -> Result<String, Fault> {
        let mut state = self.state();
        if state.all.len() >= MOST {
            return Err(Fault::new("CannotCreateChannelConfig", format!("there are {MOST} channels")));
        }
        Ok(state.make(keeps))
    }

    /// Whether a channel keeps its newest message.
    pub(super) fn keeps(&self, id: &str) -> Result<bool, Fault> {
        self.state().find(id).map(|channel| channel.keeps)
    }

    /// The channel that a header names. Whether there is such a one is not looked at.
    pub(super) fn named(&self, call: &Call) -> Result<String, Fault> {
        let id = text(call, CHANNEL, "BadChannelId")?;
        let id = id.ok_or_else(|| Fault::new("MissingChannelId", format!("no {CHANNEL}")))?;
        if id.is_empty() || id.len() > LONGEST_ID || STANDARD.decode(id).is_err() {
            return Err(Fault::new("BadChannelId", format!("{id:?} is no channel id in base64")));
        }
        Ok(id.to_owned())
    }

    /// Leaves two channels, and tries every call on them in an order in which none disturbs the
    /// next.
    pub(super) fn trials(&self) -> Vec<OperationTrial> {
        let mut state = self.state();
        state.all.clear();
        let (kept, gone) = (state.make(true), state.make(false));
        let with = |own: &[(&'static str, Class)]| [COMMON, own].concat();
        let settings = json!({ STORAGE: 1, PUSH_TYPE: LIVE_ACTIVITY });
        vec![
            OperationTrial::done(Operation::Channels)
                .found(Found::Names(vec![kept.clone(), gone.clone()]))
                .codes(&with(&[])),
            OperationTrial::done(Operation::ReadChannel { id: kept })
                .found(Found::Other(settings))
                .codes(&with(OF_ONE)),
            OperationTrial::done(Operation::CreateChannel { keep_newest: true })
                .found(Found::Id(state.next_id()))
                .codes(&with(OF_CREATION)),
            OperationTrial::done(Operation::DeleteChannel { id: gone }).codes(&with(OF_ONE)),
        ]
    }
}

/// Failures of every call.
const COMMON: &[(&str, Class)] = &[
    ("FeatureNotEnabled", PermissionDenied),
    ("TopicDisallowed", InvalidRequest),
    ("TopicMismatch", PermissionDenied),
    ("BadCertificate", PermissionDenied),
    ("BadCertificateEnvironment", PermissionDenied),
    ("ExpiredProviderToken", Unauthenticated),
    ("Forbidden", PermissionDenied),
    ("InvalidProviderToken", Unauthenticated),
    ("MissingProviderToken", Unauthenticated),
    ("UnrelatedKeyIdInToken", Unauthenticated),
    ("BadEnvironmentKeyIdInToken", PermissionDenied),
    ("BadEnvironmentKeyInToken", PermissionDenied),
    ("DuplicateHeaders", InvalidRequest),
    ("BadPath", InvalidRequest),
    ("MethodNotAllowed", InvalidRequest),
    ("TooManyProviderTokenUpdates", RateLimited),
    ("TooManyRequests (broadcasts in general)", RateLimited),
    ("InternalServerError", Unavailable),
    ("Service Unavailable", Unavailable),
    ("ServiceUnavailable", Unavailable),
    ("Shutdown", Unavailable),
];

/// Failures of a call that names a channel.
const OF_ONE: &[(&str, Class)] =
    &[("MissingChannelId", InvalidRequest), ("BadChannelId", InvalidRequest), ("ChannelNotRegistered", InvalidToken)];

/// Failures of making a channel.
const OF_CREATION: &[(&str, Class)] = &[
    ("BadRequestParams", InvalidRequest),
    ("BadRequestPayload", InvalidRequest),
    ("MissingPushType", InvalidRequest),
    ("InvalidPushType", InvalidRequest),
    ("MissingChannelQueueSize", InvalidRequest),
    ("CannotCreateChannelConfig", QuotaExceeded),
    ("PayloadEmpty", InvalidRequest),
];

impl Apns {
    /// Serves a call of channel management.
    pub(super) fn manage(&self, call: &Call) -> Result<Answer, Fault> {
        let path = call.path.strip_prefix(PATH).and_then(|rest| rest.strip_prefix('/')).unwrap_or_default();
        let (bundle, what) = path.split_once('/').unwrap_or_default();
        let serve: fn(&Self, &Call) -> Result<Answer, Fault> = match (&call.method, what) {
            _ if bundle.is_empty() || !call.query.is_empty() => return Err(nowhere(call)),
            (&Method::POST, "channels") => Self::create,
            (&Method::GET, "channels") => Self::show,
            (&Method::DELETE, "channels") => Self::delete,
            (&Method::GET, "all-channels") => Self::list,
            (method, "channels" | "all-channels") => {
                return Err(Fault::new("MethodNotAllowed", format!("{method} is not for {what}")));
            }
            _ => return Err(nowhere(call)),
        };
        self.tokens.check(call, &self.world, self.lenient)?;
        check_bundle(bundle)?;
        let named = what == "channels" && call.method != Method::POST;
        headers::known(call, if named { &[ID, CHANNEL] } else { &[ID] }, self.lenient)?;
        headers::id(call, ID, self.lenient)?;
        if call.method != Method::POST && !call.body.is_empty() {
            return Err(Fault::new("BadRequestPayload", format!("{} takes no body", call.method)));
        }
        serve(self, call)
    }

    fn create(&self, call: &Call) -> Result<Answer, Fault> {
        if call.body.is_empty() {
            return Err(Fault::new("PayloadEmpty", "no body"));
        }
        let body = match call.json() {
            Ok(Value::Object(body)) => body,
            _ => return Err(Fault::new("BadRequestPayload", "the body is no JSON object")),
        };
        if let Some(name) = body.keys().find(|name| ![STORAGE, PUSH_TYPE].contains(&name.as_str())) {
            return Err(Fault::new("BadRequestParams", format!("{name} is no attribute of a channel")));
        }
        match body.get(PUSH_TYPE).map(Value::as_str) {
            None => return Err(Fault::new("MissingPushType", "no push-type")),
            // One client writes it in lower case.
            Some(Some(name)) if name.eq_ignore_ascii_case(LIVE_ACTIVITY) => {}
            Some(_) => return Err(Fault::new("InvalidPushType", "push-type is not LiveActivity")),
        }
        let keeps = match body.get(STORAGE).and_then(Value::as_u64) {
            Some(policy @ (0 | 1)) => policy == 1,
            _ => return Err(Fault::new("MissingChannelQueueSize", "message-storage-policy is neither 0 nor 1")),
        };
        Ok(Answer::empty(201).header(CHANNEL, self.channels.make(keeps)?))
    }

    fn show(&self, call: &Call) -> Result<Answer, Fault> {
        let keeps = self.channels.keeps(&self.channels.named(call)?)?;
        Ok(Answer::json(200, &json!({ STORAGE: u8::from(keeps), PUSH_TYPE: LIVE_ACTIVITY })))
    }

    fn delete(&self, call: &Call) -> Result<Answer, Fault> {
        let id = self.channels.named(call)?;
        let mut state = self.channels.state();
        state.find(&id)?;
        state.all.retain(|channel| channel.id != id);
        Ok(Answer::empty(204))
    }

    fn list(&self, _: &Call) -> Result<Answer, Fault> {
        let state = self.channels.state();
        let ids: Vec<&str> = state.all.iter().map(|channel| channel.id.as_str()).collect();
        Ok(Answer::json(200, &json!({ "channels": ids })))
    }
}

fn nowhere(call: &Call) -> Fault {
    Fault::new("BadPath", format!("nothing is at {}", call.path))
}
