//! A strict fake of Huawei's HMS Push: `/v1/{clientId}/messages:send` and
//! `/v2/{projectId}/messages:send`, the calls on topics and tokens, the token endpoint, and the
//! receipts, all at one base URL. It reaches phones with EMUI and HarmonyOS up to 4; [`super::Harmony`] is the product for later ones.
//!
//! - `token`: the token endpoint; `account`: JSON Web Tokens instead of its tokens;
//! - `fields`, `tables`, `checks`: what a message may say;
//! - `operations`: topics and what is known of a token;
//! - `receipts`: callbacks and their signature;
//! - `wire`, `codes`: how answers look, and the documented failures.
//!
//! `fields`, `wire`, `account` and `receipts` are shared with the HarmonyOS product.

pub(crate) mod account;
mod checks;
mod codes;
pub(crate) mod fields;
#[cfg(test)]
pub(crate) mod forge;
mod operations;
pub(crate) mod receipts;
mod tables;
#[cfg(test)]
mod tests;
mod token;
pub(crate) mod wire;

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use self::account::Account;
use self::checks::Audience;
use self::codes::ALL_BAD;
use self::fields::{Checked, Refusal, STRUCTURE, check, ensure, is_token, pairs, refuse, text};
use crate::fake::{
    Answer, At, Call, Delivered, DocumentedCode, Fake, OperationTrial, Purpose, ReceiptTrial, TargetState, TokenState,
    World,
};
use crate::fakes::topics::Topics;

pub use account::{AUDIENCE, KEY_ID, MAX_LIFE, PRIVATE_KEY, PROJECT_ID, SUB_ACCOUNT};

/// The app.
pub const CLIENT_ID: &str = "104000001";
/// Its secret, made for tests: full of what a form must encode.
pub const CLIENT_SECRET: &str = "a+b/c=d&e f";
/// Another app, to which the tokens of the first one do not belong.
pub const OTHER_CLIENT_ID: &str = "104000002";
/// The project of that app.
pub const OTHER_PROJECT_ID: &str = "388421841221885552";
/// How long an access token is good.
pub const TOKEN_LIFE_MS: u64 = 3_600_000;
/// How many access tokens are sold in [`WINDOW_MS`].
pub const TOKENS_IN_WINDOW: usize = 1000;
/// The time for which sold tokens are counted.
pub const WINDOW_MS: u64 = 300_000;

/// What an app may have been granted, or Huawei may do at times. A fake has none of these unless it
/// is given them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Habit {
    /// The app may send messages of high priority (80300011 otherwise).
    HighPriority,
    /// Every JSON answer comes with HTTP status 200. Which code has which status is not documented,
    /// and Huawei's own samples disagree.
    AlwaysOk,
}

/// The fake.
#[derive(Default)]
pub struct Huawei {
    world: World,
    account: Account,
    topics: Topics,
    /// When topics were deleted.
    deleted: Mutex<VecDeque<u64>>,
    /// When access tokens were sold.
    sold: Mutex<VecDeque<u64>>,
    habits: Vec<Habit>,
}

impl Huawei {
    /// A fake with one app and no habits.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with a habit.
    #[must_use]
    pub fn with(mut self, habit: Habit) -> Self {
        self.habits.push(habit);
        self
    }

    fn has(&self, habit: Habit) -> bool {
        self.habits.contains(&habit)
    }

    fn sold(&self) -> MutexGuard<'_, VecDeque<u64>> {
        self.sold.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, call: &Call, request_id: &str) -> Checked<Answer> {
        if token::PATHS.contains(&call.path.as_str()) {
            return self.sell_token(call);
        }
        let Some((version, id, what)) = wire::route(&call.path)
            .filter(|&(version, _, what)| what == wire::SEND || operations::CALLS.contains(&(version, what)))
        else {
            return refuse("HTTP 404", format!("there is no {}", call.path));
        };
        ensure(call.method == Method::POST, "HTTP 405", format!("{} is not POST", call.method))?;
        self.authorize(call, version, id)?;
        ensure(!call.headers.contains_key("push-type"), STRUCTURE, "the header push-type is for v3")?;
        let body = wire::body(call)?;
        if what != wire::SEND {
            return self.operate(what, &body, call.now_ms, request_id);
        }
        let audience = checks::audience(&body)?;
        let (tokens, topic) = match audience {
            Audience::Tokens(tokens) => (tokens, None),
            Audience::Topic(topic) => (&[][..], Some(topic)),
        };
        wire::check_size(call, tokens)?;
        check(&body, tables::REQUEST, "body")?;
        let tokens = wire::texts(tokens)?;
        let message = body.get("message").unwrap_or(&Value::Null);
        checks::message(message, self.has(Habit::HighPriority))?;
        let validated = body.get("validate_only") == Some(&Value::Bool(true));
        if let Some(topic) = topic {
            if !validated {
                self.deliver(message, topic, request_id);
            }
            return Ok(wire::envelope("80000000", "Success", request_id));
        }
        let outcomes = tokens.into_iter().map(|token| match self.failing(token) {
            // Only the format is looked at: that a phone is gone does not show.
            Some(code) if !validated || !is_token(token) => (token, Some(code)),
            _ => (token, None),
        });
        Ok(self.settle(Some(message).filter(|_| !validated), outcomes, request_id))
    }

    /// An access token belongs to one app, and so does the id in the path.
    fn authorize(&self, call: &Call, version: &str, id: &str) -> Checked {
        let (own, other) = match version {
            "v1" => (CLIENT_ID, OTHER_CLIENT_ID),
            "v2" => (PROJECT_ID, OTHER_PROJECT_ID),
            _ => return refuse("80200001", "v3 is another product, and takes no token of this one"),
        };
        ensure([own, other].contains(&id), "HTTP 404", format!("there is no {id}"))?;
        let token = wire::bearer(call)?;
        ensure(id == own, "80200001", "the token belongs to another app")?;
        if token.split('.').count() == 3 {
            return self.account.check(token, &self.world, call.now_ms);
        }
        match self.world.token(token, call.now_ms) {
            TokenState::Valid => Ok(()),
            TokenState::Expired => refuse("80200003", "the access token has expired"),
            TokenState::Unknown => refuse("80200001", "the access token was not sold here"),
        }
    }

    /// How a token fails, if it does.
    fn failing(&self, token: &str) -> Option<&'static str> {
        match self.world.target(token) {
            _ if !is_token(token) => Some(ALL_BAD),
            TargetState::Dead => Some(ALL_BAD),
            TargetState::Refused(code) => Some(code.code),
            TargetState::Alive => None,
        }
    }

    /// Delivers to the tokens that do not fail, and lists those that do.
    fn settle<'a>(
        &self,
        message: Option<&Value>,
        outcomes: impl Iterator<Item = (&'a str, Option<&'static str>)>,
        request_id: &str,
    ) -> Answer {
        let (mut good, mut bad, mut asked) = (0, Vec::new(), None);
        for (token, failing) in outcomes {
            match failing {
                Some(code) => {
                    asked = asked.or(Some(code));
                    bad.push(token);
                }
                None => {
                    good += 1;
                    message.into_iter().for_each(|message| self.deliver(message, token, request_id));
                }
            }
        }
        if bad.is_empty() {
            return wire::envelope("80000000", "Success", request_id);
        }
        codes::bad_tokens(asked, good, &bad, request_id).because(format!("{} bad tokens", bad.len()))
    }

    fn deliver(&self, message: &Value, target: &str, request_id: &str) {
        let mut raw = message.clone();
        if let Some(raw) = raw.as_object_mut() {
            raw.shift_remove("token");
        }
        let shown = |name: &str| {
            let own = text(message, &format!("/android/notification/{name}"));
            own.or_else(|| text(message, &format!("/notification/{name}"))).map(str::to_owned)
        };
        let android = |name: &str| message.pointer(&format!("/android/{name}"));
        let click = ["intent", "action", "url"];
        let fields: &[&str] = match android("notification/click_action/type").and_then(Value::as_i64) {
            Some(1) => click.get(..2).unwrap_or_default(),
            Some(2) => click.get(2..).unwrap_or_default(),
            _ => &[],
        };
        let opens = |name: &&str| text(message, &format!("/android/notification/click_action/{name}"));
        // What replaces in the cache, or else on the screen. -1 replaces nothing.
        let whole = |name: &str| android(name).filter(|id| id.as_i64().is_some_and(|id| id >= 0)).map(Value::to_string);
        let tag = || text(message, "/android/notification/tag").map(str::to_owned);
        self.world.deliver(Delivered {
            target: target.to_owned(),
            title: shown("title"),
            body: shown("body"),
            data: pairs(android("data").or_else(|| message.get("data")), "data"),
            click: fields.iter().find_map(opens).map(str::to_owned),
            ttl_seconds: text(message, "/android/ttl").and_then(tables::ttl),
            collapse: whole("collapse_key").or_else(|| whole("notification/notify_id")).or_else(tag),
            request_id: None,
            message_id: request_id.to_owned(),
            raw,
        });
    }

    fn finish(&self, answer: Answer) -> Answer {
        let json = answer.headers.iter().any(|(_, value)| value.starts_with("application/json"));
        if json && self.has(Habit::AlwaysOk) { Answer { status: 200, ..answer } } else { answer }
    }
}

/// A token made of a number: `prefix`, and text that looks random.
pub(crate) fn token_of(prefix: &str, number: usize, length: usize) -> String {
    let part = |n: usize| URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{prefix} {number} {n}")));
    let random: String = (0..4).map(part).collect();
    prefix.chars().chain(random.chars()).take(length).collect()
}

impl Fake for Huawei {
    fn vendor(&self) -> &'static str {
        "huawei"
    }

    fn hosts(&self) -> &'static [&'static str] {
        &["push-api.cloud.huawei.com", "oauth-login.cloud.huawei.com"]
    }

    fn config(&self, base: &str) -> Value {
        json!({
            "vendor": "huawei",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "project_id": PROJECT_ID,
            "receipt_user": receipts::USER,
            "receipt_key": receipts::KEY,
            "receipt_key_is_base64": true,
            "endpoint": base,
            "token_endpoint": format!("{base}/oauth2/v3/token"),
        })
    }

    fn target(&self, number: usize) -> String {
        token_of("IQAAAACy0", number, 130)
    }

    fn purpose(&self, call: &Call) -> Purpose {
        match call.path.as_str() {
            path if call.method == Method::POST && token::PATHS.contains(&path) => Purpose::Auth,
            _ => wire::purpose(call, &["v1", "v2"], operations::CALLS),
        }
    }

    fn answer(&self, call: &Call) -> Answer {
        let request_id = wire::request_id(call.now_ms, self.world.serial());
        let answer = self.serve(call, &request_id);
        let refused =
            |Refusal { code, why }| codes::failure(code, Some(&why), &request_id).because(format!("{code}: {why}"));
        self.finish(answer.unwrap_or_else(refused))
    }

    fn codes(&self) -> &'static [DocumentedCode] {
        &codes::CODES
    }

    fn coded(&self, call: &Call, code: &DocumentedCode) -> Answer {
        let request_id = wire::request_id(call.now_ms, self.world.serial());
        let body = call.json().unwrap_or_default();
        let message = body.get("message").filter(|_| code.at == At::Target);
        let answer = match message.and_then(|message| message.get("token")?.as_array()) {
            Some(tokens) => {
                let tokens = tokens.iter().filter_map(Value::as_str).enumerate();
                let failing = |at, token| if at == 0 { Some(code.code) } else { self.failing(token) };
                self.settle(message, tokens.map(|(at, token)| (token, failing(at, token))), &request_id)
            }
            None => codes::failure(code.code, None, &request_id),
        };
        self.finish(answer)
    }

    fn world(&self) -> &World {
        &self.world
    }

    fn operations(&self) -> Vec<OperationTrial> {
        self.trials()
    }

    fn receipts(&self) -> Vec<ReceiptTrial> {
        receipts::of_hms(&self.target(0))
    }
}
