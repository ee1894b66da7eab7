#![doc = include_str!("docs.md")]

mod auth;
mod config;
mod payload;
mod receipts;
mod response;
mod rules;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use omnipush_core::http::HeaderValue;
use omnipush_core::http::header::CONTENT_TYPE;
use omnipush_core::table::{Adapter, Manual};
use omnipush_core::{
    Call, Callback, CallbackError, ConfigError, Cx, EncodeError, Encoded, Grant, Http, Notification, Outcome, Profile,
    Proof, PushVendor, Receipts, Refusal, Reply, Request, Set, Shape, Signature, TokenRule, TokenStep, all_bytes,
};

pub use config::Config;
pub use payload::{Button, Importance, Options};

/// The Honor adapter.
#[derive(Debug)]
pub struct Honor {
    config: Config,
    urls: Urls,
}

#[derive(Debug)]
struct Urls {
    token: Arc<str>,
    send: Arc<str>,
}

/// The types as Honor's article and OAuth have them, to the letter.
const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=UTF-8");
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

static PROFILE: Profile = Profile {
    id: Honor::ID,
    name: "Honor",
    docs: "https://developer.honor.com/cn/docs/11002/reference/downlink-message",
    calls: &[Call::list(1000)],
    http: Http::Any,
    // 3,000 requests a second are allowed, an aggregator says.
    in_flight: 32,
    dedups: false,
    token: Some(TokenRule::bearer()),
    // The form of a token is not documented.
    target_ok: |token| (1..=1024).contains(&token.len()) && all_bytes(token, |b| b.is_ascii_graphic()),
    target_form: "up to 1,024 printable ASCII characters without blanks",
    operations: &[],
    receipts: Some(Proof::Address),
};

impl Adapter for Honor {
    const ID: &'static str = "honor";
    type Options = Options;
}

impl PushVendor for Honor {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn manual(&self) -> Manual {
        Manual::new(&[payload::FIELDS], payload::LOST, response::CODES, include_str!("sureness.md"))
            .receipts(receipts::CODES)
            .rules(rules::RULES)
    }

    fn encode(&self, n: &Notification, shape: Shape, cx: &mut Cx<'_>) -> Result<Encoded, EncodeError> {
        let options = Self::options(n)?;
        payload::encode(self, n, &options, shape, cx)
    }

    fn request(&self, set: &Set<'_>, _cx: &mut Cx<'_>) -> Result<Request, Refusal> {
        let body = set.first()?.encoded.body.fill(set);
        Ok(Request::post(&self.urls.send, body).header(CONTENT_TYPE, JSON).with_token("push"))
    }

    fn decode(&self, reply: &Reply, set: &Set<'_>) -> Outcome {
        response::decode(reply, set)
    }

    fn token(&self, _scope: &str, _cx: &mut Cx<'_>) -> Result<TokenStep, Refusal> {
        let request = Request::post(&self.urls.token, auth::form(&self.config));
        Ok(TokenStep::Exchange(request.header(CONTENT_TYPE, FORM).lane("auth")))
    }

    fn token_reply(&self, reply: &Reply) -> Result<Grant, Refusal> {
        auth::grant(reply)
    }

    fn receipts(&self, callback: &Callback, _cx: &mut Cx<'_>) -> Result<Receipts, CallbackError> {
        receipts::read(callback)
    }

    fn sign(&self, request: &Request, cx: &mut Cx<'_>) -> Result<Signature, Refusal> {
        // Only sends name a scope; asking for a token goes without the time.
        let headers = request.scope.iter().map(|_| auth::timestamp(cx.now_ms())).collect();
        Ok(Signature { headers, ..Signature::default() })
    }
}

impl Honor {
    /// From settings.
    ///
    /// # Errors
    /// Names a setting that cannot work.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        config.check(Self::ID)?;
        let urls = Urls { token: config.token_url().into(), send: config.send_url().into() };
        Ok(Self { config, urls })
    }
}
