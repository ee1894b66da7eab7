#![doc = include_str!("harmony/docs.md")]

mod config;
mod operations;
mod options;
mod payload;
mod response;
mod rules;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use omnipush_core::table::{Adapter, Manual};
use omnipush_core::{
    Answer, Call, Callback, CallbackError, ConfigError, Cx, EncodeError, Encoded, Http, Notification, Operation,
    Outcome, Profile, Proof, PushVendor, Receipts, Refusal, Reply, Request, Set, Shape, TokenRule, TokenStep,
};

pub use config::Config;
pub use options::{Options, PushType};

use crate::account::Account;
use crate::hms::is_token;
use crate::receipts::{self, Proving};

/// The adapter of HarmonyOS push.
#[derive(Debug)]
pub struct Harmony {
    config: Config,
    account: Account,
    send: Arc<str>,
}

static PROFILE: Profile = Profile {
    id: Harmony::ID,
    name: "HarmonyOS",
    docs: "https://developer.huawei.com/consumer/cn/doc/harmonyos-references/push-scenariozed-api-intro",
    calls: &[Call::list(1000)],
    http: Http::Any,
    in_flight: 32,
    // By `appMessageId`, which notifications have and other types of push do not.
    dedups: true,
    token: Some(TokenRule::bearer()),
    target_ok: is_token,
    target_form: "up to 1,024 printable ASCII characters without blanks",
    operations: operations::OFFERS,
    receipts: Some(Proof::Signed),
};

impl Adapter for Harmony {
    const ID: &'static str = "harmony";
    type Options = Options;
}

impl PushVendor for Harmony {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn manual(&self) -> Manual {
        let tables = &[payload::HEADERS, payload::FIELDS];
        Manual::new(tables, payload::LOST, response::CODES, include_str!("harmony/sureness.md"))
            .receipts(receipts::CODES)
            .rules(rules::RULES)
    }

    fn encode(&self, n: &Notification, shape: Shape, cx: &mut Cx<'_>) -> Result<Encoded, EncodeError> {
        let options = Self::options(n)?;
        payload::encode(self, n, &options, shape, cx)
    }

    fn request(&self, set: &Set<'_>, _cx: &mut Cx<'_>) -> Result<Request, Refusal> {
        let encoded = set.first()?.encoded;
        Ok(Request::post(&self.send, encoded.body.fill(set)).shared(&encoded.headers).json().with_token("push"))
    }

    fn decode(&self, reply: &Reply, set: &Set<'_>) -> Outcome {
        response::decode(reply, set)
    }

    fn token(&self, _scope: &str, cx: &mut Cx<'_>) -> Result<TokenStep, Refusal> {
        self.account.grant(cx.now_secs()).map(TokenStep::Minted)
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

impl Harmony {
    /// From settings.
    ///
    /// # Errors
    /// Names a setting that cannot work.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        config.check(Self::ID)?;
        let account = Account::new(&config.service_account, Self::ID)?;
        let send = config.url(&format!("/v3/{}/messages:send", config.service_account.project_id)).into();
        Ok(Self { config, account, send })
    }
}
