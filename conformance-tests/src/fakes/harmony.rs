//! A strict fake of Huawei's Push Kit for HarmonyOS 5 and later: `/v3/{projectId}/messages:send`,
//! the calls that take messages back and check images, and the receipts, with a JSON Web Token that the sender signs itself. [`super::Huawei`] is the product for phones
//! before; what both have in common is there.
//!
//! - `tables`, `checks`: what a message of each scenario may say;
//! - `operations`: what is no send;
//! - `codes`: the documented failures.

mod checks;
mod codes;
mod operations;
mod tables;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::Method;
use serde_json::{Value, json};

use self::codes::{MALFORMED, NO_RIGHT_AT_ALL};
use super::huawei::account::{Account, key_file};
use super::huawei::fields::{Checked, Refusal, ensure, is_token, pairs, refuse, text};
use super::huawei::{receipts, token_of, wire};
use crate::fake::{
    Answer, At, Call, Delivered, DocumentedCode, Fake, OperationTrial, Purpose, ReceiptTrial, TargetState, World,
};

pub use super::huawei::{AUDIENCE, CLIENT_ID, KEY_ID, MAX_LIFE, PRIVATE_KEY, PROJECT_ID, SUB_ACCOUNT};
pub use codes::NO_RIGHT;

/// For how long a device shows only the first message of an `appMessageId`.
pub const MEMORY_MS: u64 = 86_400_000;

/// The fake.
#[derive(Default)]
pub struct Harmony {
    world: World,
    account: Account,
    memory: Mutex<Memory>,
    always_ok: bool,
}

#[derive(Default)]
struct Memory {
    /// Until when a device (first) remembers a message of the app's (second).
    shown: HashMap<(String, String), u64>,
    /// Images that did not pass Huawei's control.
    unverified: HashSet<String>,
    /// When images were checked.
    checked: VecDeque<u64>,
}

impl Harmony {
    /// A fake with one project.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, giving every JSON answer HTTP status 200. Which code has which status is not
    /// documented.
    #[must_use]
    pub fn always_ok(mut self) -> Self {
        self.always_ok = true;
        self
    }

    /// Makes an image one that did not pass Huawei's control (80100022), and will not (83010005).
    /// Every other https image has passed, whether it was checked here or not.
    pub fn set_unverified(&self, image: impl Into<String>) {
        self.memory().unverified.insert(image.into());
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, call: &Call, request_id: &str) -> Checked<Answer> {
        let Some((version, project, what)) = wire::route(&call.path)
            .filter(|&(version, _, what)| what == wire::SEND || operations::CALLS.contains(&(version, what)))
        else {
            return refuse("HTTP 404", format!("there is no {}", call.path));
        };
        ensure(call.method == Method::POST, "HTTP 405", format!("{} is not POST", call.method))?;
        self.account.check(wire::bearer(call)?, &self.world, call.now_ms)?;
        if what != wire::SEND {
            let own = if version == "v1" { CLIENT_ID } else { PROJECT_ID };
            ensure(project == own, "80200001", "the account belongs to another app or project")?;
            return self.operate(call, what, request_id);
        }
        ensure(version == "v3", "80200001", format!("{version} reaches no HarmonyOS 5"))?;
        ensure(project == PROJECT_ID, "80200001", "the account belongs to another project")?;
        let body = wire::body(call)?;
        let scenario = checks::scenario(call)?;
        let tokens = checks::tokens(&body, scenario)?;
        wire::check_size(call, tokens)?;
        let tokens = wire::texts(tokens)?;
        checks::message(&body, scenario)?;
        let body = Value::Object(body.clone());
        let image = text(&body, "/payload/notification/image");
        let unverified = image.is_some_and(|image| self.memory().unverified.contains(image));
        ensure(!unverified, "80100022", "an image that did not pass control")?;
        let outcomes = tokens.into_iter().map(|token| (token, self.failing(token)));
        Ok(self.settle(&body, outcomes, call.now_ms, request_id))
    }

    /// The reason why a token fails, if it does.
    fn failing(&self, token: &str) -> Option<&'static str> {
        match self.world.target(token) {
            _ if !is_token(token) => Some(MALFORMED),
            TargetState::Dead => Some(MALFORMED),
            TargetState::Refused(code) => Some(code.code),
            TargetState::Alive => None,
        }
    }

    /// Delivers to the tokens that do not fail, and lists those that do by their reasons.
    fn settle<'a>(
        &self,
        body: &Value,
        outcomes: impl Iterator<Item = (&'a str, Option<&'static str>)>,
        now_ms: u64,
        request_id: &str,
    ) -> Answer {
        let (mut good, mut bad) = (0, Vec::new());
        let message = without_tokens(body);
        for (token, failing) in outcomes {
            match failing {
                Some(reason) => bad.push((reason, token)),
                None => {
                    good += 1;
                    self.deliver(&message, token, now_ms, request_id);
                }
            }
        }
        if bad.is_empty() {
            return wire::envelope("80000000", "Success", request_id);
        }
        codes::bad_tokens(good, &bad, request_id).because(format!("{} bad tokens", bad.len()))
    }

    fn deliver(&self, message: &Value, target: &str, now_ms: u64, request_id: &str) {
        let shown = |name: &str| text(message, &format!("/payload/notification/{name}")).map(str::to_owned);
        let live = |name: &str| text(message, &format!("/payload/{name}")).map(str::to_owned);
        let id = shown("appMessageId");
        // The server takes a message twice; it is the device that shows it once.
        if let Some(id) = &id {
            let key = (target.to_owned(), id.clone());
            let mut memory = self.memory();
            if memory.shown.get(&key).is_some_and(|until| *until > now_ms) {
                return;
            }
            memory.shown.insert(key, now_ms + MEMORY_MS);
        }
        let page = message.pointer("/payload/notification/clickAction/actionType").and_then(Value::as_i64) == Some(1);
        let opens = || shown("clickAction/action").or_else(|| shown("clickAction/uri"));
        let data = message.pointer("/payload/notification/clickAction/data");
        let data = data.or_else(|| message.pointer("/payload/extraData"));
        // -1 replaces nothing.
        let whole = |pointer: &str| {
            let id = message.pointer(pointer).and_then(Value::as_i64);
            id.filter(|id| *id >= 0).map(|id| id.to_string())
        };
        self.world.deliver(Delivered {
            target: target.to_owned(),
            title: shown("title").or_else(|| live("title")),
            body: shown("body").or_else(|| live("content")),
            data: pairs(data, "extraData"),
            click: if page { opens() } else { None },
            ttl_seconds: message.pointer("/pushOptions/ttl").and_then(Value::as_u64),
            collapse: whole("/pushOptions/collapseKey").or_else(|| whole("/payload/notification/notifyId")),
            request_id: id,
            message_id: request_id.to_owned(),
            raw: message.clone(),
        });
    }

    /// A failure of the whole call. What Huawei says by a reason it says of every token.
    fn failure(&self, call: &Call, code: &'static str, why: Option<&str>, request_id: &str) -> Answer {
        let body = call.json().unwrap_or_default();
        let tokens: Vec<&str> = tokens_of(&body).collect();
        match code {
            NO_RIGHT_AT_ALL => all_bad(NO_RIGHT.code, &tokens, request_id),
            _ if codes::is_reason(code) => all_bad(code, &tokens, request_id),
            _ => wire::failure(codes::TABLE, code, why, request_id),
        }
    }

    fn finish(&self, answer: Answer) -> Answer {
        let json = answer.headers.iter().any(|(_, value)| value.starts_with("application/json"));
        if json && self.always_ok { Answer { status: 200, ..answer } } else { answer }
    }
}

fn all_bad(reason: &'static str, tokens: &[&str], request_id: &str) -> Answer {
    let bad: Vec<_> = tokens.iter().map(|token| (reason, *token)).collect();
    codes::bad_tokens(0, &bad, request_id)
}

fn tokens_of(body: &Value) -> impl Iterator<Item = &str> {
    let tokens = body.pointer("/target/token").and_then(Value::as_array);
    tokens.into_iter().flatten().filter_map(Value::as_str)
}

fn without_tokens(body: &Value) -> Value {
    let mut message = body.clone();
    if let Some(message) = message.as_object_mut() {
        message.shift_remove("target");
    }
    message
}

impl Fake for Harmony {
    fn vendor(&self) -> &'static str {
        "harmony"
    }

    fn hosts(&self) -> &'static [&'static str] {
        &["push-api.cloud.huawei.com", "oauth-login.cloud.huawei.com"]
    }

    fn config(&self, base: &str) -> Value {
        json!({
            "vendor": "harmony",
            "service_account": key_file(),
            "client_id": CLIENT_ID,
            "receipt_user": receipts::USER,
            "receipt_key": receipts::KEY,
            "receipt_key_is_base64": true,
            "endpoint": base,
        })
    }

    fn credentials(&self, _: &str) -> Value {
        key_file()
    }

    fn target(&self, number: usize) -> String {
        token_of("MAMzLgIkEUWNAAAA", number, 112)
    }

    fn purpose(&self, call: &Call) -> Purpose {
        wire::purpose(call, &["v3"], operations::CALLS)
    }

    fn answer(&self, call: &Call) -> Answer {
        let request_id = wire::request_id(call.now_ms, self.world.serial());
        let answer = self.serve(call, &request_id);
        let refused =
            |Refusal { code, why }| self.failure(call, code, Some(&why), &request_id).because(format!("{code}: {why}"));
        self.finish(answer.unwrap_or_else(refused))
    }

    fn codes(&self) -> &'static [DocumentedCode] {
        &codes::CODES
    }

    fn coded(&self, call: &Call, code: &DocumentedCode) -> Answer {
        let request_id = wire::request_id(call.now_ms, self.world.serial());
        let body = call.json().unwrap_or_default();
        let answer = if code.at == At::Target && tokens_of(&body).next().is_some() {
            let failing = |at, token| if at == 0 { Some(code.code) } else { self.failing(token) };
            let outcomes = tokens_of(&body).enumerate().map(|(at, token)| (token, failing(at, token)));
            self.settle(&body, outcomes, call.now_ms, &request_id)
        } else {
            self.failure(call, code.code, None, &request_id)
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
        receipts::of_harmony(&self.target(0))
    }
}
