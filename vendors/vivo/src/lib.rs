#![doc = include_str!("docs.md")]

mod auth;
mod config;
mod payload;
mod response;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use omnipush_core::table::{Adapter, Manual};
use omnipush_core::{
    Bytes, Call, Cx, EncodeError, Encoded, Grant, Http, Notification, Outcome, Profile, PushVendor, Refusal, Reply,
    Request, Set, Shape, TokenRule, TokenStep,
};

pub use config::Config;
pub use payload::{Options, TimedDisplay};

/// The vivo adapter.
#[derive(Debug)]
pub struct Vivo {
    config: Config,
    urls: Urls,
}

#[derive(Debug)]
struct Urls {
    auth: Arc<str>,
    send: Arc<str>,
    save: Arc<str>,
    list: Arc<str>,
}

static PROFILE: Profile = Profile {
    id: Vivo::ID,
    name: "vivo",
    docs: "https://dev.vivo.com.cn/documentCenter/doc/362",
    calls: &[Call::one(), Call::list(1000).at_least(2).staged()],
    http: Http::Any,
    in_flight: 32,
    dedups: true,
    // A token lives a day; vivo asks for a shared one renewed every hour or two.
    token: Some(TokenRule { early: std::time::Duration::from_secs(22 * 3600), ..TokenRule::header("authtoken", "") }),
    target_ok: |regid| (1..=128).contains(&regid.len()) && regid.bytes().all(|b| b.is_ascii_alphanumeric()),
    target_form: "letters and digits",
    operations: &[],
    receipts: None,
};

impl Adapter for Vivo {
    const ID: &'static str = "vivo";
    type Options = Options;
}

impl PushVendor for Vivo {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn manual(&self) -> Manual {
        Manual::new(&[payload::FIELDS], payload::LOST, response::CODES, include_str!("sureness.md"))
    }

    fn encode(&self, n: &Notification, shape: Shape, cx: &mut Cx<'_>) -> Result<Encoded, EncodeError> {
        let options = Self::options(n)?;
        payload::encode(self, n, &options, shape, cx)
    }

    fn request(&self, set: &Set<'_>, _cx: &mut Cx<'_>) -> Result<Request, Refusal> {
        let encoded = set.first()?.encoded;
        let (url, body) = match set.shape {
            Shape::List => (&self.urls.list, encoded.push.fill(set)),
            _ => (&self.urls.send, encoded.body.fill(set)),
        };
        Ok(self.call(url, body).quota(encoded.quota))
    }

    fn decode(&self, reply: &Reply, set: &Set<'_>) -> Outcome {
        response::decode(reply, set)
    }

    fn token(&self, _scope: &str, cx: &mut Cx<'_>) -> Result<TokenStep, Refusal> {
        let body = auth::sign_in(&self.config, cx.now_ms);
        Ok(TokenStep::Exchange(Request::post(&self.urls.auth, body).json().lane("auth")))
    }

    fn token_reply(&self, reply: &Reply) -> Result<Grant, Refusal> {
        auth::grant(reply)
    }

    fn stage(&self, encoded: &Encoded, request_id: &str, _cx: &mut Cx<'_>) -> Result<Request, Refusal> {
        let set = Set { shape: Shape::List, items: &[], ticket: "", request_id };
        Ok(self.call(&self.urls.save, encoded.body.fill(&set)).quota("saved lists"))
    }

    fn staged(&self, reply: &Reply) -> Result<Arc<str>, Refusal> {
        response::task_id(reply)
    }
}

impl Vivo {
    /// From settings.
    pub fn new(config: Config) -> Self {
        let url = |path: &str| Arc::from(format!("{}{path}", config.endpoint()));
        let urls = Urls {
            auth: url("/message/auth"),
            send: url("/message/send"),
            save: url("/message/saveListPayload"),
            list: url("/message/pushToList"),
        };
        Self { config, urls }
    }

    fn call(&self, url: &Arc<str>, body: Bytes) -> Request {
        Request::post(url, body).json().with_token("app")
    }
}
