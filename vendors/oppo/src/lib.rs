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
use omnipush_core::vendor::form_body;
use omnipush_core::{
    Answer, Bytes, Call, Callback, CallbackError, ConfigError, Cx, EncodeError, Encoded, Grant, Http, Item,
    Notification, Operation, Outcome, Profile, Proof, PushVendor, Receipts, Refusal, Reply, Request, Set, Shape, Tags,
    TokenRule, TokenStep, all_bytes,
};

pub use config::Config;
pub use payload::Options;

/// The OPPO adapter.
#[derive(Debug)]
pub struct Oppo {
    config: Config,
    urls: Urls,
}

#[derive(Debug)]
struct Urls {
    auth: Arc<str>,
    unicast: Arc<str>,
    batch: Arc<str>,
    save: Arc<str>,
    broadcast: Arc<str>,
}

const ALIASES: Call = Call::names(Shape::Aliases, 1000).staged();
const TAGS: Call = Call::group(Shape::Tags).staged();
const ALL: Call = Call::group(Shape::All).staged();
const EACH: Call = Call::each(1000);

static PROFILE: Profile = profile(&[Call::one(), Call::list(1000).at_least(2), EACH, ALIASES, TAGS, ALL], true);
/// With the setting `broadcast`. A broadcast that goes again is not dropped.
static BROADCASTS: Profile =
    profile(&[Call::one(), Call::list(1000).at_least(2).staged(), EACH, ALIASES, TAGS, ALL], false);

const fn profile(calls: &'static [Call], dedups: bool) -> Profile {
    Profile {
        id: Oppo::ID,
        name: "OPPO",
        docs: "https://open.oppomobile.com/new/developmentDoc/info?id=11236",
        calls,
        http: Http::Any,
        in_flight: 32,
        dedups,
        token: Some(TokenRule::field("auth_token")),
        // A semicolon would split a registration id into two.
        target_ok: |id| (1..=128).contains(&id.len()) && all_bytes(id, |b| b.is_ascii_graphic() && b != b';'),
        target_form: "up to 128 printable ASCII characters without blanks and semicolons",
        operations: operations::OFFERS,
        receipts: Some(Proof::Address),
    }
}

impl Adapter for Oppo {
    const ID: &'static str = "oppo";
    type Options = Options;
}

impl PushVendor for Oppo {
    fn profile(&self) -> &'static Profile {
        if self.config.broadcast { &BROADCASTS } else { &PROFILE }
    }

    fn manual(&self) -> Manual {
        Manual::new(&[payload::UNICAST], payload::LOST, response::CODES, include_str!("sureness.md"))
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
            Shape::One => (&self.urls.unicast, encoded.body.fill(set)),
            _ if self.is_batched(set.shape) => (&self.urls.batch, payload::batch(set)),
            Shape::Aliases => {
                let odd = |item: &&Item<'_>| !is_alias(item.target.as_str());
                if let Some(item) = set.items.iter().find(odd) {
                    let size = item.target.as_str().chars().count();
                    let text = format!("alias: has {size} characters; 1 to 64 without semicolons are allowed");
                    return Err(Refusal::not_sent(&text));
                }
                (&self.urls.broadcast, encoded.push.fill(set))
            }
            Shape::Tags => {
                let tags =
                    Tags::from_target(target).ok_or_else(|| Refusal::not_sent("tags: name one in `any` or `all`"))?;
                let tail = form_body([("target_value", expression(&tags).as_str())]);
                let tail = [b"&", tail.as_ref()].concat();
                (&self.urls.broadcast, encoded.push.fill_then(set, &[&String::from_utf8_lossy(&tail)]))
            }
            _ => (&self.urls.broadcast, encoded.push.fill(set)),
        };
        Ok(self.call(url, body).quota(encoded.quota))
    }

    fn decode(&self, reply: &Reply, set: &Set<'_>) -> Outcome {
        response::decode(reply, set, self.is_batched(set.shape))
    }

    fn token(&self, _scope: &str, cx: &mut Cx<'_>) -> Result<TokenStep, Refusal> {
        let body = auth::sign_in(&self.config, cx.now_ms());
        Ok(TokenStep::Exchange(Request::post(&self.urls.auth, body).form().lane("auth")))
    }

    fn token_reply(&self, reply: &Reply) -> Result<Grant, Refusal> {
        auth::grant(reply)
    }

    fn stage(&self, encoded: &Encoded, request_id: &str, _cx: &mut Cx<'_>) -> Result<Request, Refusal> {
        let set = Set { shape: encoded.shape, items: &[], ticket: "", request_id };
        Ok(self.call(&self.urls.save, encoded.body.fill(&set)).quota("saved messages"))
    }

    fn staged(&self, reply: &Reply) -> Result<Arc<str>, Refusal> {
        response::message_id(reply)
    }

    fn operation(&self, operation: &Operation, cx: &mut Cx<'_>) -> Result<Request, Refusal> {
        operations::request(&self.config, operation, cx)
    }

    fn operation_reply(&self, operation: &Operation, reply: &Reply) -> Result<Answer, Refusal> {
        operations::answer(operation, reply)
    }

    fn receipts(&self, callback: &Callback, _cx: &mut Cx<'_>) -> Result<Receipts, CallbackError> {
        receipts::read(callback)
    }
}

impl Oppo {
    /// From settings.
    ///
    /// # Errors
    /// Names a setting that cannot work.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        config.check(Self::ID)?;
        let url = |path: &str| Arc::from(config.url(path));
        let urls = Urls {
            auth: url("/auth"),
            unicast: url("/message/notification/unicast"),
            batch: url("/message/notification/unicast_batch"),
            save: url("/message/notification/save_message_content"),
            broadcast: url("/message/notification/broadcast"),
        };
        Ok(Self { config, urls })
    }

    fn is_batched(&self, shape: Shape) -> bool {
        shape == Shape::Each || (shape == Shape::List && !self.config.broadcast)
    }

    fn call(&self, url: &Arc<str>, body: Bytes) -> Request {
        Request::post(url, body).form().with_token("app")
    }
}

fn is_alias(name: &str) -> bool {
    (1..=64).contains(&name.chars().count()) && !name.contains(';')
}

/// Tags as OPPO writes them: the three parts are intersected.
fn expression(tags: &Tags) -> String {
    let parts = [("or", &tags.any), ("and", &tags.all), ("not", &tags.none)];
    let parts = parts.into_iter().filter(|(_, tags)| !tags.is_empty());
    let object: serde_json::Map<_, _> = parts.map(|(name, tags)| (name.to_owned(), serde_json::json!(tags))).collect();
    serde_json::Value::Object(object).to_string()
}
