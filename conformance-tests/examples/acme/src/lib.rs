#![doc = include_str!("docs.md")]

mod auth;
mod config;
mod operations;
mod payload;
mod receipts;
mod response;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use omnipush_core::table::{Adapter, Manual};
use omnipush_core::{
    Answer, Call, Callback, CallbackError, ConfigError, Cx, EncodeError, Encoded, Grant, Http, Notification, Operation,
    Outcome, Profile, Proof, PushVendor, Receipts, Refusal, Reply, Request, Set, Shape, TokenRule, TokenStep,
};

pub use config::Config;
pub use payload::Options;

/// The Acme adapter.
#[derive(Debug)]
pub struct Acme {
    config: Config,
    send: Arc<str>,
}

static PROFILE: Profile = Profile {
    id: Acme::ID,
    name: "Acme",
    docs: "https://push.acme.example/docs",
    calls: &[Call::list(500)],
    http: Http::Any,
    in_flight: 32,
    dedups: true,
    token: Some(TokenRule::bearer()),
    target_ok: |token| token.len() == 16 && token.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')),
    target_form: "16 lower-case hex digits",
    operations: operations::OFFERS,
    receipts: Some(Proof::Signed),
};

impl Adapter for Acme {
    const ID: &'static str = "acme";
    type Options = Options;
}

impl PushVendor for Acme {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn manual(&self) -> Manual {
        Manual::new(&[payload::FIELDS], payload::LOST, response::CODES, include_str!("sureness.md"))
            .receipts(receipts::CODES)
    }

    fn encode(&self, n: &Notification, shape: Shape, cx: &mut Cx<'_>) -> Result<Encoded, EncodeError> {
        let options = Self::options(n)?;
        payload::encode(self, n, &options, shape, cx)
    }

    fn request(&self, set: &Set<'_>, _cx: &mut Cx<'_>) -> Result<Request, Refusal> {
        let body = set.first()?.encoded.body.fill(set);
        Ok(Request::post(&self.send, body).json().with_token("app"))
    }

    fn decode(&self, reply: &Reply, set: &Set<'_>) -> Outcome {
        response::decode(reply, set)
    }

    fn token(&self, _scope: &str, cx: &mut Cx<'_>) -> Result<TokenStep, Refusal> {
        let url = self.config.url("/v1/token");
        Ok(TokenStep::Exchange(Request::post(url, auth::sign_in(&self.config, cx.now_ms())).json().lane("auth")))
    }

    fn token_reply(&self, reply: &Reply) -> Result<Grant, Refusal> {
        auth::grant(reply)
    }

    fn operation(&self, operation: &Operation, _cx: &mut Cx<'_>) -> Result<Request, Refusal> {
        operations::request(&self.config, operation)
    }

    fn operation_reply(&self, operation: &Operation, reply: &Reply) -> Result<Answer, Refusal> {
        operations::answer(operation, reply)
    }

    fn receipts(&self, callback: &Callback, _cx: &mut Cx<'_>) -> Result<Receipts, CallbackError> {
        receipts::read(&self.config, callback)
    }
}

impl Acme {
    /// From settings.
    ///
    /// # Errors
    /// Names the setting that cannot work.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        config.check(Self::ID)?;
        let send = config.url("/v1/messages").into();
        Ok(Self { config, send })
    }
}
