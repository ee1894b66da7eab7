#![doc = include_str!("docs.md")]

mod audience;
mod config;
mod operations;
mod payload;
mod receipts;
mod response;
mod rules;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use omnipush_core::http::HeaderValue;
use omnipush_core::http::header::AUTHORIZATION;
use omnipush_core::table::{Adapter, Manual};
use omnipush_core::{
    Answer, Call, Callback, CallbackError, ConfigError, Cx, EncodeError, Encoded, Http, Notification, Operation,
    Outcome, Profile, Proof, PushVendor, Receipts, Refusal, Reply, Request, Set, Shape, Signature, all_bytes,
};

pub use config::{Config, EachBy, MessageClass};
pub use payload::{Button, Options, Style};

/// The Xiaomi adapter.
#[derive(Debug)]
pub struct Xiaomi {
    config: Config,
    /// Marked sensitive, so that `Debug` hides it.
    key: HeaderValue,
    send: Arc<str>,
    multi: Arc<str>,
}

static PROFILE: Profile = Profile {
    id: Xiaomi::ID,
    name: "Xiaomi",
    docs: "https://dev.mi.com/distribute/doc/details?pId=1559",
    // The list call takes one target as well, and Xiaomi's own SDK sends it so.
    calls: &[
        Call::list(1000),
        Call::each(1000),
        Call::names(Shape::Aliases, 1000),
        Call::names(Shape::Accounts, 1000),
        Call::group(Shape::Topic),
        Call::group(Shape::Condition),
        Call::group(Shape::Segment),
        Call::group(Shape::All),
    ],
    http: Http::Any,
    in_flight: 32,
    // `extra.jobkey` works on the phone only: a repeat is not shown, but it is sent and counted.
    dedups: false,
    token: None,
    target_ok: |regid| (1..=512).contains(&regid.len()) && all_bytes(regid, |b| b.is_ascii_graphic() && b != b','),
    target_form: "printable ASCII without blanks and commas",
    operations: operations::OFFERS,
    receipts: Some(Proof::Address),
};

impl Adapter for Xiaomi {
    const ID: &'static str = "xiaomi";
    type Options = Options;
}

impl PushVendor for Xiaomi {
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
        payload::encode(self, n, options, shape, cx)
    }

    fn request(&self, set: &Set<'_>, _cx: &mut Cx<'_>) -> Result<Request, Refusal> {
        let encoded = set.first()?.encoded;
        let request = match set.shape {
            Shape::Each => Request::post(&self.multi, payload::multi(set, encoded.group)),
            Shape::One | Shape::List => Request::post(&self.send, encoded.body.fill(set)),
            _ => {
                let (path, fields) = audience::of(set)?;
                Request::post(format!("{}{path}", self.config.endpoint()), encoded.body.fill_then(set, &[&fields]))
            }
        };
        Ok(request.form().quota(encoded.quota))
    }

    fn decode(&self, reply: &Reply, set: &Set<'_>) -> Outcome {
        response::decode(reply, set)
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

    fn sign(&self, _request: &Request, _cx: &mut Cx<'_>) -> Result<Signature, Refusal> {
        Ok(Signature { headers: [(AUTHORIZATION, self.key.clone())].into_iter().collect(), ..Signature::default() })
    }
}

impl Xiaomi {
    /// From settings.
    ///
    /// # Errors
    /// When the package name or the secret cannot be one.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        let package = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_');
        if config.package_name.is_empty() || !config.package_name.bytes().all(package) {
            return Err(ConfigError::new(Self::ID, "package_name", "is no package name such as com.example.app"));
        }
        let key = key(&config)?;
        let url = |path: &str| Arc::from(format!("{}{path}", config.endpoint()));
        let (send, multi) = (url("/v3/message/regid"), url(config.each_by.path()));
        Ok(Self { config, key, send, multi })
    }
}

/// The value of the `authorization` header: `key=`, and the secret right behind it. Nothing is
/// hashed and nothing expires, so it is made once.
fn key(config: &Config) -> Result<HeaderValue, ConfigError> {
    let wrong = |problem| ConfigError::new(Xiaomi::ID, "app_secret", problem);
    if config.app_secret.is_empty() {
        return Err(wrong("is empty; the AppSecret of the console is expected"));
    }
    let mut key = HeaderValue::from_str(&format!("key={}", config.app_secret.expose()))
        .map_err(|_| wrong("has a character that no header takes; the AppSecret of the console is expected"))?;
    key.set_sensitive(true);
    Ok(key)
}
