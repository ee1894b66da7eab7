#![doc = include_str!("docs.md")]

mod auth;
mod config;
mod encrypt;
mod endpoint;
mod payload;
mod response;
#[cfg(test)]
mod tests;

use std::time::Duration;

use omnipush_core::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use omnipush_core::http::{HeaderValue, Method};
use omnipush_core::table::{Adapter, Manual};
use omnipush_core::{
    Answer, Call, Class, ConfigError, Cx, EncodeError, Encoded, Http, Item, Notification, Offer, Operation,
    OperationKind, Outcome, Profile, PushVendor, Refusal, Reply, Request, Set, Shape, TokenRule, TokenStep,
};

pub use config::Config;
pub use payload::Options;

use auth::Vapid;
use endpoint::Subscription;

/// The Web Push adapter.
#[derive(Debug)]
pub struct WebPush {
    config: Config,
    vapid: Vapid,
}

const AES128GCM: HeaderValue = HeaderValue::from_static("aes128gcm");
const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");

static PROFILE: Profile = Profile {
    id: WebPush::ID,
    name: "Web Push",
    docs: "https://www.rfc-editor.org/rfc/rfc8030",
    calls: &[Call::one()],
    http: Http::Any,
    in_flight: 64,
    dedups: false,
    // Apple asks that a token be renewed no more than once an hour.
    token: Some(TokenRule {
        early: Duration::from_secs(3600),
        min_age: Duration::from_secs(3600),
        ..TokenRule::header("authorization", "vapid ")
    }),
    target_ok: |subscription| Subscription::parse(subscription).is_some(),
    target_form: "a subscription as JSON: a plain https endpoint, and the keys `p256dh` and `auth`",
    operations: &[Offer::new(
        OperationKind::Revoke,
        "`DELETE` on the message's URL, its id. Mozilla's only; it does not say whether the message was still there",
    )],
    receipts: None,
};

impl Adapter for WebPush {
    const ID: &'static str = "webpush";
    type Options = Options;
}

impl PushVendor for WebPush {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn manual(&self) -> Manual {
        let tables = &[payload::HEADERS, payload::JSON];
        Manual::new(tables, payload::LOST, response::CODES, include_str!("sureness.md"))
    }

    fn encode(&self, n: &Notification, shape: Shape, cx: &mut Cx<'_>) -> Result<Encoded, EncodeError> {
        let options = Self::options(n)?;
        payload::encode(self, n, &options, shape, cx)
    }

    fn request(&self, set: &Set<'_>, cx: &mut Cx<'_>) -> Result<Request, Refusal> {
        let Item { encoded, target } = set.first()?;
        let wrong = |text: &str| Refusal::new(Class::InvalidRequest).code("malformed_target").text(text);
        let subscription =
            Subscription::parse(target.as_str()).ok_or_else(|| wrong("the subscription is malformed"))?;
        endpoint::allowed(&self.config, &subscription.endpoint).map_err(wrong)?;
        let body = encrypt::encrypt(&subscription, encoded.body.literal(), cx)?;
        let origin = subscription.origin().to_owned();
        Ok(Request::post(subscription.endpoint, body.into())
            .shared(&encoded.headers)
            .header(CONTENT_ENCODING, AES128GCM)
            .header(CONTENT_TYPE, BYTES)
            .with_token(origin.clone())
            .lane(origin))
    }

    fn decode(&self, reply: &Reply, _set: &Set<'_>) -> Outcome {
        response::decode(reply)
    }

    fn operation(&self, operation: &Operation, _cx: &mut Cx<'_>) -> Result<Request, Refusal> {
        let wrong = Refusal::not_sent;
        let Operation::Revoke { message_id } = operation else { return Err(wrong("there is no such operation")) };
        let origin = endpoint::origin(message_id).ok_or_else(|| wrong("message_id: it is no URL of a message"))?;
        endpoint::allowed(&self.config, message_id).map_err(wrong)?;
        Ok(Request::post(message_id.clone(), Vec::new().into()).method(Method::DELETE).lane(origin.to_owned()))
    }

    fn operation_reply(&self, operation: &Operation, reply: &Reply) -> Result<Answer, Refusal> {
        response::cancelled(operation, reply)
    }

    fn token(&self, scope: &str, cx: &mut Cx<'_>) -> Result<TokenStep, Refusal> {
        self.vapid.grant(&self.config.subject, scope, cx.now_secs()).map(TokenStep::Minted)
    }
}

impl WebPush {
    /// From settings.
    ///
    /// # Errors
    /// Names a setting that cannot work.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        config.check(Self::ID)?;
        let vapid = Vapid::new(&config, Self::ID)?;
        Ok(Self { config, vapid })
    }

    /// The public key, as the page takes it for `applicationServerKey`.
    pub fn public_key(&self) -> &str {
        &self.vapid.public
    }
}
