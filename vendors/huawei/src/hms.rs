//! HMS Push (versions 1 and 2): phones with EMUI, and with HarmonyOS up to 4.
//!
//! See the crate's documentation.

mod auth;
mod config;
mod operations;
mod options;
mod payload;
mod response;
mod rules;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use omnipush_core::http::HeaderValue;
use omnipush_core::http::header::CONTENT_TYPE;
use omnipush_core::table::{Adapter, Manual};
use omnipush_core::{
    Answer, Call, Callback, CallbackError, ConfigError, Cx, EncodeError, Encoded, Grant, Http, Item, Notification,
    Operation, Outcome, Profile, Proof, PushVendor, Receipts, Refusal, Reply, Request, Set, Shape, TokenRule,
    TokenStep, all_bytes,
};

pub use config::Config;
pub use options::Options;

use crate::account::Account;
use crate::receipts::{self, Proving};

pub(crate) use response::{answer, named, unreadable};

/// The adapter of HMS Push.
#[derive(Debug)]
pub struct Huawei {
    config: Config,
    account: Option<Account>,
    send: Arc<str>,
    token: Arc<str>,
}

/// As Huawei's page has it, to the letter.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json;charset=UTF-8");
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

static PROFILE: Profile = Profile {
    id: Huawei::ID,
    name: "Huawei",
    docs: "https://developer.huawei.com/consumer/cn/doc/HMSCore-References/https-send-api-0000001050986197",
    calls: &[Call::list(1000), Call::group(Shape::Topic), Call::group(Shape::Condition)],
    http: Http::Any,
    in_flight: 32,
    dedups: false,
    token: Some(TokenRule::bearer()),
    target_ok: is_token,
    target_form: "up to 1,024 printable ASCII characters without blanks",
    operations: operations::OFFERS,
    receipts: Some(Proof::Signed),
};

/// The form of a token is not documented.
pub(crate) fn is_token(token: &str) -> bool {
    (1..=1024).contains(&token.len()) && all_bytes(token, |b| b.is_ascii_graphic())
}

/// Classes are words in capitals; there are new ones now and then.
pub(crate) fn is_class(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
}

impl Adapter for Huawei {
    const ID: &'static str = "huawei";
    type Options = Options;
}

impl PushVendor for Huawei {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn manual(&self) -> Manual {
        Manual::new(&[payload::FIELDS], payload::LOST, response::CODES, include_str!("hms/sureness.md"))
            .receipts(receipts::CODES)
            .rules(rules::RULES)
    }

    fn encode(&self, n: &Notification, shape: Shape, cx: &mut Cx<'_>) -> Result<Encoded, EncodeError> {
        let options = Self::options(n)?;
        payload::encode(self, n, &options, shape, cx)
    }

    fn request(&self, set: &Set<'_>, _cx: &mut Cx<'_>) -> Result<Request, Refusal> {
        let Item { encoded, target } = set.first()?;
        match set.shape {
            Shape::Topic => drop(operations::checked(target.as_str())?),
            Shape::Condition => operations::condition(target.as_str())?,
            _ => {}
        }
        let body = encoded.body.fill(set);
        Ok(Request::post(&self.send, body).header(CONTENT_TYPE, JSON).with_token("push"))
    }

    fn decode(&self, reply: &Reply, set: &Set<'_>) -> Outcome {
        response::decode(reply, set)
    }

    fn token(&self, _scope: &str, cx: &mut Cx<'_>) -> Result<TokenStep, Refusal> {
        match &self.account {
            Some(account) => account.grant(cx.now_secs()).map(TokenStep::Minted),
            None => {
                let request = Request::post(&self.token, auth::form(&self.config)).header(CONTENT_TYPE, FORM);
                Ok(TokenStep::Exchange(request.lane("auth")))
            }
        }
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

    fn receipts(&self, callback: &Callback, cx: &mut Cx<'_>) -> Result<Receipts, CallbackError> {
        let proving = Proving {
            user: self.config.receipt_user.as_deref(),
            key: self.config.receipt_key.as_ref(),
            key_is_base64: self.config.receipt_key_is_base64.unwrap_or(true),
        };
        receipts::read(proving, callback, cx.now_ms())
    }
}

impl Huawei {
    /// From settings.
    ///
    /// # Errors
    /// Names a setting that cannot work.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        config.check(Self::ID)?;
        let account = config.service_account.as_ref().map(|account| Account::new(account, Self::ID)).transpose()?;
        let path = match &config.project_id {
            Some(project) => format!("/v2/{project}/messages:send"),
            None => format!("/v1/{}/messages:send", config.client_id),
        };
        let (send, token) = (config.url(&path).into(), config.token_url().into());
        Ok(Self { config, account, send, token })
    }
}
