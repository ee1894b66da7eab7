//! A strict fake of Acme, written from Acme's pages and never from the adapter's tables.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use omnipush_conformance::fake::{OperationTrial, ReceiptTrial};
use omnipush_conformance::{
    Answer, At, Call, Delivered, DocumentedCode, Fake, Purpose, TargetState, TokenState, World,
};
use omnipush_core::{Callback, Class, Event, Operation, Reason, Receipt, Secret, Target, sign};
use serde_json::{Map, Value, json};

const APP_ID: &str = "app-1";
const APP_SECRET: &str = "acme secret made for tests";
const TOKEN_LIFE_S: u64 = 3600;

/// Code, what it means to the caller, and where it appears.
const CODES: &[DocumentedCode] = &[
    documented("1001", Class::Unauthenticated, At::Send),
    documented("1002", Class::Unauthenticated, At::Auth),
    documented("1003", Class::PermissionDenied, At::Send),
    documented("1101", Class::InvalidRequest, At::Send),
    documented("1102", Class::PayloadTooLarge, At::Send),
    documented("1201", Class::InvalidToken, At::Target),
    documented("1202", Class::InvalidRequest, At::Target),
    documented("1301", Class::RateLimited, At::Send),
    documented("1302", Class::QuotaExceeded, At::Send),
    documented("1500", Class::Unavailable, At::Send),
];

const fn documented(code: &'static str, class: Class, at: At) -> DocumentedCode {
    DocumentedCode { code, class, at }
}

/// The fields of a message: name, whether it is needed, and what it must be.
const FIELDS: &[(&str, bool, Form)] = &[
    ("tokens", true, |v| {
        v.as_array().is_some_and(|all| (1..=500).contains(&all.len()) && all.iter().all(Value::is_string))
    }),
    ("request_id", true, |v| v.as_str().is_some_and(|id| (1..=64).contains(&id.len()))),
    ("title", true, |v| chars(v, 1, 50)),
    ("text", true, |v| chars(v, 1, 200)),
    ("ttl", false, |v| v.as_u64().is_some_and(|ttl| (60..=259_200).contains(&ttl))),
    ("url", false, |v| v.as_str().is_some_and(|url| url.len() <= 512)),
    ("urgent", false, Value::is_boolean),
    ("replaces", false, Value::is_string),
    ("extra", false, |v| v.as_object().is_some_and(|extra| extra.values().all(Value::is_string))),
    ("color", false, |v| v.as_str().is_some_and(|color| color.len() == 7 && color.starts_with('#'))),
    ("receipt", false, |v| v.as_object().is_some_and(|it| it.keys().all(|key| key == "url" || key == "tag"))),
];

type Form = fn(&Value) -> bool;

fn chars(value: &Value, least: usize, most: usize) -> bool {
    value.as_str().is_some_and(|text| (least..=most).contains(&text.chars().count()))
}

/// The fake, with one app.
#[derive(Default)]
pub(crate) struct Acme {
    world: World,
    /// Answers by request id: a repeat gets the first one again.
    taken: Mutex<HashMap<String, Answer>>,
}

/// Why a call is refused: Acme's code, and words for the log.
struct Refused(&'static str, String);

fn ensure(holds: bool, code: &'static str, why: impl Into<String>) -> Result<(), Refused> {
    if holds { Ok(()) } else { Err(Refused(code, why.into())) }
}

fn failure(code: &str) -> Answer {
    let number: i64 = code.parse().unwrap_or_default();
    Answer::json(200, &json!({"code": number, "message": "refused"}))
}

impl Acme {
    fn serve(&self, call: &Call) -> Result<Answer, Refused> {
        let known = self.purpose(call) != Purpose::Unknown;
        ensure(known, "1101", format!("there is no {} {}", call.method, call.path))?;
        let json = call.header("content-type").is_some_and(|mime| mime.starts_with("application/json"));
        ensure(json, "1101", "the body is not declared as JSON")?;
        let Ok(Value::Object(body)) = call.json() else { return Err(Refused("1101", "no JSON object".into())) };
        if call.path == "/v1/token" {
            return self.sign_in(call, &body);
        }
        let token = call.header("authorization").and_then(|header| header.strip_prefix("Bearer "));
        let state = token.map(|token| self.world.token(token, call.now_ms));
        ensure(state == Some(TokenState::Valid), "1001", format!("access token: {state:?}"))?;
        match call.path.as_str() {
            "/v1/messages" => self.send(&body, None),
            "/v1/messages/revoke" => {
                ensure(body.len() == 1 && body.contains_key("message_id"), "1101", "needs `message_id` alone")?;
                Ok(Answer::json(200, &json!({"code": 0})))
            }
            _ => {
                let tokens = body
                    .get("tokens")
                    .is_some_and(|tokens| FIELDS.iter().any(|(n, _, form)| *n == "tokens" && form(tokens)));
                ensure(body.len() == 1 && tokens, "1101", "needs 1 to 500 `tokens` alone")?;
                Ok(Answer::json(200, &json!({"code": 0, "failed": self.failed(&body, None)})))
            }
        }
    }

    fn sign_in(&self, call: &Call, body: &Map<String, Value>) -> Result<Answer, Refused> {
        let time = body.get("timestamp").and_then(Value::as_u64).unwrap_or_default();
        ensure(time.abs_diff(call.now_ms) < 600_000, "1002", "the timestamp is more than ten minutes off")?;
        let mac = sign::hmac_sha256(&Secret::new(APP_SECRET), format!("{APP_ID}{time}").as_bytes());
        let right = body.get("sign").and_then(Value::as_str) == Some(&hex::encode(mac));
        ensure(right && body.len() == 3, "1002", "the signature of something else")?;
        let token = self.world.issue_token("acme-", call.now_ms + TOKEN_LIFE_S * 1000);
        Ok(Answer::json(200, &json!({"code": 0, "token": token, "expires_in": TOKEN_LIFE_S})))
    }

    fn send(&self, body: &Map<String, Value>, first: Option<&'static str>) -> Result<Answer, Refused> {
        for key in body.keys() {
            ensure(FIELDS.iter().any(|(name, ..)| name == key), "1101", format!("there is no field `{key}`"))?;
        }
        for (name, needed, form) in FIELDS {
            let right = body.get(*name).map_or(!needed, form);
            let code = if matches!(*name, "title" | "text" | "url") { "1102" } else { "1101" };
            ensure(right, code, format!("`{name}` is missing or wrong"))?;
        }
        let id = text(body, "request_id").unwrap_or_default();
        if let Some(answer) = self.taken().get(&id) {
            return Ok(answer.clone());
        }
        let message_id = format!("m{}", self.world.serial());
        let failed = self.failed(body, first);
        for token in tokens(body) {
            if failed.iter().all(|failed| failed.get("token").and_then(Value::as_str) != Some(token)) {
                self.deliver(body, token, &message_id);
            }
        }
        let answer = Answer::json(200, &json!({"code": 0, "message_id": message_id, "failed": failed}));
        self.taken().insert(id, answer.clone());
        Ok(answer)
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<String, Answer>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The targets that fail, with their codes; the first one by a code that a test asks for.
    fn failed(&self, body: &Map<String, Value>, first: Option<&'static str>) -> Vec<Value> {
        let code = |at: usize, token: &str| match self.world.target(token) {
            _ if at == 0 && first.is_some() => first,
            TargetState::Alive => None,
            TargetState::Dead => Some("1201"),
            TargetState::Refused(code) => Some(code.code),
        };
        let failure = |(at, token): (usize, &str)| {
            let code: i64 = code(at, token)?.parse().ok()?;
            Some(json!({"token": token, "code": code}))
        };
        tokens(body).enumerate().filter_map(failure).collect()
    }

    fn deliver(&self, body: &Map<String, Value>, token: &str, message_id: &str) {
        let pair = |(key, value): (&String, &Value)| Some((key.clone(), value.as_str()?.to_owned()));
        let extra = body.get("extra").and_then(Value::as_object);
        self.world.deliver(Delivered {
            target: token.to_owned(),
            title: text(body, "title"),
            body: text(body, "text"),
            data: extra.into_iter().flatten().filter_map(pair).collect(),
            click: text(body, "url"),
            ttl_seconds: body.get("ttl").and_then(Value::as_u64),
            collapse: text(body, "replaces"),
            request_id: text(body, "request_id"),
            message_id: message_id.to_owned(),
            raw: Value::Object(body.clone()),
        });
    }
}

fn text(body: &Map<String, Value>, name: &str) -> Option<String> {
    body.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn tokens(body: &Map<String, Value>) -> impl Iterator<Item = &str> {
    body.get("tokens").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

impl Fake for Acme {
    fn vendor(&self) -> &'static str {
        "acme"
    }

    fn config(&self, base: &str) -> Value {
        json!({"vendor": "acme", "app_id": APP_ID, "app_secret": APP_SECRET, "endpoint": base})
    }

    fn target(&self, number: usize) -> String {
        format!("{number:016x}")
    }

    fn purpose(&self, call: &Call) -> Purpose {
        match call.path.as_str() {
            _ if call.method != Method::POST => Purpose::Unknown,
            "/v1/token" => Purpose::Auth,
            "/v1/messages" => Purpose::Send,
            "/v1/messages/revoke" | "/v1/tokens/check" => Purpose::Operate,
            _ => Purpose::Unknown,
        }
    }

    fn answer(&self, call: &Call) -> Answer {
        self.serve(call).unwrap_or_else(|Refused(code, why)| failure(code).because(format!("{code}: {why}")))
    }

    fn codes(&self) -> &'static [DocumentedCode] {
        CODES
    }

    fn coded(&self, call: &Call, code: &DocumentedCode) -> Answer {
        match call.json() {
            Ok(Value::Object(body)) if code.at == At::Target => {
                self.send(&body, Some(code.code)).unwrap_or_else(|_| failure(code.code))
            }
            _ => failure(code.code),
        }
    }

    fn world(&self) -> &World {
        &self.world
    }

    fn operations(&self) -> Vec<OperationTrial> {
        let targets: Vec<Target> = (1..=3).map(|number| self.target(number).into()).collect();
        self.world.set_target(self.target(2), TargetState::Dead);
        vec![
            OperationTrial::done(Operation::Revoke { message_id: "m1".into() })
                .codes(&[("1001", Class::Unauthenticated), ("1500", Class::Unavailable)]),
            OperationTrial::done(Operation::CheckTargets { targets })
                .classes([None, Some(Class::InvalidToken), None])
                .codes(&[("1301", Class::RateLimited)]),
        ]
    }

    fn receipts(&self) -> Vec<ReceiptTrial> {
        let events = [
            ("delivered", Event::Delivered),
            ("clicked", Event::Clicked),
            ("gone", Event::Dropped(Reason::InvalidToken)),
            ("muted", Event::Dropped(Reason::Disabled)),
            ("late", Event::Dropped(Reason::Expired)),
        ];
        let told = |event: &str| json!({"message_id": "m1", "token": self.target(1), "event": event, "tag": "o-1", "at": 1_700_000_000_000_u64});
        let read = |(event, means): (&str, Event)| {
            let receipt = Receipt::new(means, self.target(1)).code(event).message_id(Some("m1"));
            receipt.tag(Some("o-1")).at_ms(Some(1_700_000_000_000))
        };
        let body = Value::Array(events.iter().map(|(event, _)| told(event)).collect()).to_string();
        let mac = hex::encode(sign::hmac_sha256(&Secret::new(APP_SECRET), body.as_bytes()));
        let mut headers = HeaderMap::new();
        headers.extend(HeaderValue::try_from(mac).map(|mac| (HeaderName::from_static("x-acme-signature"), mac)));
        let trial = ReceiptTrial::new("every event", Callback::new(headers, body), events.map(read).into());
        vec![trial.proven("x-acme-signature", 1_700_000_000_000)]
    }
}
