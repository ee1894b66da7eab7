#![doc = include_str!("docs.md")]

mod auth;
mod config;
mod operations;
mod payload;
mod receipts;
mod response;
mod rules;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use omnipush_core::table::{Adapter, Manual};
use omnipush_core::template::with_member;
use omnipush_core::{
    Answer, Bytes, Call, Callback, CallbackError, ConfigError, Cx, EncodeError, Encoded, Grant, Http, Item,
    Notification, Operation, Outcome, Profile, Proof, PushVendor, Receipts, Refusal, Reply, Request, Set, Shape, Tags,
    TokenRule, TokenStep, all_bytes,
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
    tags: Arc<str>,
    all: Arc<str>,
}

static PROFILE: Profile = Profile {
    id: Vivo::ID,
    name: "vivo",
    docs: "https://dev.vivo.com.cn/documentCenter/doc/362",
    calls: &[Call::one(), Call::list(1000).at_least(2).staged(), Call::group(Shape::Tags), Call::group(Shape::All)],
    http: Http::Any,
    in_flight: 32,
    dedups: true,
    // A token lives a day; vivo asks for a shared one renewed every hour or two.
    token: Some(TokenRule { early: std::time::Duration::from_secs(22 * 3600), ..TokenRule::header("authtoken", "") }),
    target_ok: |regid| (1..=128).contains(&regid.len()) && all_bytes(regid, |b| b.is_ascii_alphanumeric()),
    target_form: "letters and digits",
    operations: operations::OFFERS,
    receipts: Some(Proof::Address),
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
            .receipts(receipts::CODES)
            .rules(rules::RULES)
    }

    fn encode(&self, n: &Notification, shape: Shape, cx: &mut Cx<'_>) -> Result<Encoded, EncodeError> {
        let options = Self::options(n)?;
        payload::encode(self, n, &options, shape, cx)
    }

    fn request(&self, set: &Set<'_>, _cx: &mut Cx<'_>) -> Result<Request, Refusal> {
        let Item { encoded, target } = set.first()?;
        let (url, body) = match set.shape {
            Shape::List => (&self.urls.list, encoded.push.fill(set)),
            Shape::Tags => {
                let expression = operations::expression(&Tags::from_target(target).ok_or_else(no_tags)?);
                (&self.urls.tags, with_member(&encoded.body.fill(set), "tagExpression", &expression))
            }
            Shape::All => (&self.urls.all, encoded.body.fill(set)),
            _ => (&self.urls.send, encoded.body.fill(set)),
        };
        Ok(self.call(url, body).quota(encoded.quota))
    }

    fn decode(&self, reply: &Reply, set: &Set<'_>) -> Outcome {
        response::decode(reply, set)
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

    fn token(&self, _scope: &str, cx: &mut Cx<'_>) -> Result<TokenStep, Refusal> {
        let body = auth::sign_in(&self.config, cx.now_ms());
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

fn no_tags() -> Refusal {
    Refusal::not_sent("tags: name at least one in `any` or `all`")
}

impl Vivo {
    /// From settings.
    ///
    /// # Errors
    /// Names the setting that cannot work.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        config.check(Self::ID)?;
        let url = |path: &str| Arc::from(format!("{}{path}", config.endpoint()));
        let urls = Urls {
            auth: url("/message/auth"),
            send: url("/message/send"),
            save: url("/message/saveListPayload"),
            list: url("/message/pushToList"),
            tags: url("/message/tagPush"),
            all: url("/message/all"),
        };
        Ok(Self { config, urls })
    }

    fn call(&self, url: &Arc<str>, body: Bytes) -> Request {
        Request::post(url, body).json().with_token("app")
    }
}
