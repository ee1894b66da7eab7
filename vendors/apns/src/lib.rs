#![doc = include_str!("docs.md")]

mod auth;
mod config;
mod operations;
mod payload;
mod response;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use omnipush_core::http::{HeaderName, HeaderValue};
use omnipush_core::table::{Adapter, Manual};
use omnipush_core::{
    Answer, Call, ConfigError, Cx, EncodeError, Encoded, Http, Identity, Notification, Operation, Outcome, Profile,
    PushVendor, Refusal, Reply, Request, Set, Shape, TokenRule, TokenStep, all_bytes,
};

use auth::Auth;

pub use config::{Config, Environment};
pub use payload::{CriticalSound, Event, InterruptionLevel, LiveActivity, Options, PushType};

/// The APNs adapter.
#[derive(Debug)]
pub struct Apns {
    config: Config,
    auth: Auth,
    /// What stands before the token in URLs.
    device: String,
    broadcast: Arc<str>,
}

static PROFILE: Profile = Profile {
    id: Apns::ID,
    name: "Apple",
    docs: "https://developer.apple.com/documentation/usernotifications/sending-notification-requests-to-apns",
    // A topic is a broadcast channel, by its id.
    calls: &[Call::one(), Call::group(Shape::Topic)],
    http: Http::Two,
    in_flight: 256,
    // `apns-id` is for tracing; Apple drops no repeats by it.
    dedups: false,
    // A token is good for an hour, may not change more often than every 20 minutes on a
    // connection, and clients renew it at 50.
    token: Some(TokenRule {
        early: Duration::from_secs(10 * 60),
        min_age: Duration::from_secs(20 * 60),
        per_connection: true,
        ..TokenRule::header("authorization", "bearer ")
    }),
    // Apple asks not to rely on a size. The bound only keeps nonsense out of paths.
    target_ok: |token| {
        (2..=1024).contains(&token.len())
            && token.len().is_multiple_of(2)
            && all_bytes(token, |b| b.is_ascii_hexdigit())
    },
    target_form: "an even number of hex digits",
    operations: operations::OFFERS,
    receipts: None,
};

/// The id of a push to a device.
pub(crate) const APNS_ID: HeaderName = HeaderName::from_static("apns-id");
/// The id of a broadcast.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("apns-request-id");

impl Adapter for Apns {
    const ID: &'static str = "apns";
    type Options = Options;
}

impl PushVendor for Apns {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn manual(&self) -> Manual {
        Manual::new(payload::TABLES, payload::LOST, response::CODES, include_str!("sureness.md"))
    }

    fn encode(&self, n: &Notification, shape: Shape, cx: &mut Cx<'_>) -> Result<Encoded, EncodeError> {
        let options = Self::options(n)?;
        payload::encode(self, n, &options, shape, cx)
    }

    fn request(&self, set: &Set<'_>, _cx: &mut Cx<'_>) -> Result<Request, Refusal> {
        let item = set.first()?;
        let target = item.target.as_str();
        let id = HeaderValue::from_str(set.request_id).map_err(|_| Refusal::not_sent("the request id is no UUID"))?;
        let body = item.encoded.body.fill(set);
        let request = if set.shape.is_device() {
            // The token becomes part of a path, where nothing would escape it.
            if !(PROFILE.target_ok)(target) {
                return Err(Refusal::not_sent("the device token is malformed"));
            }
            Request::post([self.device.as_str(), target].concat(), body).header(APNS_ID, id)
        } else {
            operations::to_channel(Request::post(&self.broadcast, body), target)?
                .header(REQUEST_ID, id)
                .lane("broadcasts")
        };
        Ok(self.authorized(request.shared(&item.encoded.headers)))
    }

    fn decode(&self, reply: &Reply, set: &Set<'_>) -> Outcome {
        response::decode(reply, set)
    }

    fn token(&self, _scope: &str, cx: &mut Cx<'_>) -> Result<TokenStep, Refusal> {
        match &self.auth {
            Auth::Key(key) => key.mint(cx.now_secs()).map(TokenStep::Minted),
            Auth::Certificate(_) => Err(Refusal::not_sent("a certificate needs no token")),
        }
    }

    fn operation(&self, operation: &Operation, _cx: &mut Cx<'_>) -> Result<Request, Refusal> {
        operations::request(&self.config, operation).map(|request| self.authorized(request))
    }

    fn operation_reply(&self, operation: &Operation, reply: &Reply) -> Result<Answer, Refusal> {
        operations::answer(operation, reply)
    }

    fn identity(&self) -> Option<Identity> {
        match &self.auth {
            Auth::Key(_) => None,
            Auth::Certificate(identity) => Some(identity.clone()),
        }
    }
}

impl Apns {
    /// From settings.
    ///
    /// # Errors
    /// Names the setting that is missing or wrong, and what is expected.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        config.check()?;
        let auth = Auth::new(&config)?;
        let device = format!("{}/3/device/", config.endpoint());
        let broadcast = format!("{}/4/broadcasts/apps/{}", config.broadcast_endpoint(), config.topic).into();
        Ok(Self { config, auth, device, broadcast })
    }

    fn authorized(&self, request: Request) -> Request {
        if self.uses_certificate() { request } else { request.with_token("provider") }
    }

    fn uses_certificate(&self) -> bool {
        matches!(self.auth, Auth::Certificate(_))
    }
}
