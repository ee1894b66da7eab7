//! A strict fake of vivo's push server: signing in, messages to one phone, to lists, to tags and to
//! everyone, receipts, statistics and the keeping of tags, after page 362 of vivo's documentation
//! ("PUSH-UPS API") as of 2025 and what vivo's own Java SDK sends.
//!
//! - `lists`: messages for many;
//! - `operations`: whatever does not send;
//! - `trials`: what operations and receipts are to say;
//! - `fields`: which fields each call has, and the checker of those tables;
//! - `checks`: rules that span fields;
//! - `codes`: the documented failures and how they look.
//!
//! vivo documents no answer for a call it cannot read (a wrong path, method, content type, JSON
//! type, or field name): those get plain text with HTTP status 404, 405, 415 or 400.

mod checks;
mod codes;
mod fields;
mod lists;
mod operations;
#[cfg(test)]
mod tests;
mod trials;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::Method;
use md5::{Digest, Md5};
use serde_json::{Value, json};

use self::checks::Way;
use self::codes::{GONE_USER, MALFORMED, NOT_A_TEST_USER, REPEATED, SUCCESS, UNKNOWN_USER};
use self::fields::{Checked, Object, Refusal, check, ensure, number, refuse, text};
use super::tags::Tags;
use crate::fake::{
    Answer, At, Call, Delivered, DocumentedCode, Fake, OperationTrial, Purpose, ReceiptTrial, TargetState, TokenState,
    World,
};

pub use self::lists::EVERYONE;
pub use self::operations::{MAX_MEMBERS, MAX_TASKS};

/// The only app that the fake knows.
pub const APP_ID: i64 = 100_004;
/// Its key.
pub const APP_KEY: &str = "ak-demo-0123456789abcdef";
/// Its secret, made for tests.
pub const APP_SECRET: &str = "sec-demo-fedcba9876543210";
/// How many of the first targets are registered as test phones, as many as vivo allows.
pub const TEST_PHONES: usize = 20;
/// How long an `authToken` is good.
pub const TOKEN_LIFE_MS: u64 = DAY_MS;
/// How far a sign-in's timestamp may be off, either way.
pub const CLOCK_TOLERANCE_MS: u64 = 600_000;
/// How many sign-ins a second an app has.
pub const SIGN_INS_PER_SECOND: usize = 10;
/// How long saved messages and request ids are kept. vivo does not say; a day is the longest
/// time to live of a message.
pub const MEMORY_MS: u64 = DAY_MS;
/// How many targets a list push takes.
pub const LIST_TARGETS: std::ops::RangeInclusive<usize> = 2..=1000;

const DAY_MS: u64 = 86_400_000;
const MAX_TTL_SECONDS: i64 = 86_400;

const PATH_AUTH: &str = "/message/auth";
const PATH_SEND: &str = "/message/send";
const PATH_SAVE: &str = "/message/saveListPayload";
const PATH_LIST: &str = "/message/pushToList";
const PATH_ALL: &str = "/message/all";
const PATH_TAGS: &str = "/message/tagPush";
/// The calls that send or prepare to.
const MESSAGES: [&str; 6] = [PATH_AUTH, PATH_SEND, PATH_SAVE, PATH_LIST, PATH_ALL, PATH_TAGS];

/// What vivo is said to do, but not at all times or not by its documentation. A fake has none of
/// these habits unless it is given them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Habit {
    /// Refuses a repeated `requestId`, instead of giving the first answer again. Which of the two
    /// vivo does is unknown, and so is the number of such a refusal.
    RefusesRepeats,
    /// Refuses operational messages outside 07:00 to 23:00 in Beijing (10071).
    KeepsHours,
    /// Refuses formal messages whose title or text looks like a test (10104), such as one of
    /// Latin letters only.
    ReadsWording,
}

/// The fake.
#[derive(Default)]
pub struct Vivo {
    world: World,
    memory: Mutex<Memory>,
    habits: Vec<Habit>,
}

/// What vivo remembers beyond the world's common memory.
#[derive(Default)]
struct Memory {
    /// When the sign-ins of the last second came.
    sign_ins: VecDeque<u64>,
    /// Messages for list pushes, by task id, with the end of their life.
    saved: HashMap<String, (Object, u64)>,
    /// Requests that were taken, by request id: path, answer, and until when it is remembered.
    taken: HashMap<String, (&'static str, Answer, u64)>,
    /// Who wears which tag.
    tags: Tags,
    /// The counters of messages by task id, by name.
    counters: HashMap<String, BTreeMap<&'static str, u64>>,
    /// The day (in Beijing) of the last push to everyone.
    last_all: Option<u64>,
}

impl Vivo {
    /// A fake with one app and no habits. The first target wears the tag `sport`.
    pub fn new() -> Self {
        let fake = Self::default();
        fake.memory().tags.add("sport", &fake.target(0));
        fake
    }

    /// The same with a habit.
    #[must_use]
    pub fn with(mut self, habit: Habit) -> Self {
        self.habits.push(habit);
        self
    }

    /// Makes every message saved so far an expired one: pushing it answers 10155.
    pub fn expire_saved(&self) {
        let mut memory = self.memory();
        memory.saved.values_mut().for_each(|(_, until)| *until = 0);
        memory.taken.retain(|_, (path, ..)| *path != PATH_SAVE);
    }

    /// The regIds that wear a tag.
    pub fn members(&self, tag: &str) -> Vec<String> {
        self.memory().tags.members(tag)
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has(&self, habit: Habit) -> bool {
        self.habits.contains(&habit)
    }

    fn serve(&self, call: &Call) -> Checked<Answer> {
        let path = call.path.as_str();
        let gets = path == operations::STATISTICS;
        let known = gets || MESSAGES.contains(&path) || operations::is_posted(path);
        ensure(known, "HTTP 404", format!("there is no {path}"))?;
        let method = if gets { Method::GET } else { Method::POST };
        ensure(call.method == method, "HTTP 405", format!("{} is not {method}", call.method))?;
        ensure(gets || is_json(call), "HTTP 415", "the body is not declared as plain JSON in UTF-8")?;
        let body = || match call.json() {
            Ok(Value::Object(body)) => Ok(body),
            Ok(_) => refuse(MALFORMED, "the body is no JSON object"),
            Err(error) => refuse(MALFORMED, format!("the body is not JSON: {error}")),
        };
        if path == PATH_AUTH {
            return self.sign_in(call, &body()?);
        }
        let token = call.header("authToken").map(|token| self.world.token(token, call.now_ms));
        ensure(token == Some(TokenState::Valid), "10000", format!("authToken: {token:?}"))?;
        match path {
            PATH_SEND => self.send(call, body()?),
            PATH_SAVE => self.save(call, body()?),
            PATH_LIST => self.push_to_list(call, &body()?),
            PATH_ALL | PATH_TAGS => self.push_to_group(call, &body()?),
            operations::STATISTICS => self.statistics(call),
            _ => self.operate(call, &body()?),
        }
    }

    fn sign_in(&self, call: &Call, body: &Object) -> Checked<Answer> {
        check(body, &[fields::AUTH], MALFORMED)?;
        let own = number(body, "appId") == Some(APP_ID) || text(body, "appId") == APP_ID.to_string();
        ensure(own, "10205", "another appId")?;
        ensure(text(body, "appKey") == APP_KEY, "10202", "another appKey")?;
        let timestamp = number(body, "timestamp").and_then(|ms| u64::try_from(ms).ok()).unwrap_or_default();
        let off = timestamp.abs_diff(call.now_ms);
        ensure(off <= CLOCK_TOLERANCE_MS, "10207", format!("the timestamp is {off} ms off"))?;
        ensure(text(body, "sign") == sign(timestamp), "10206", "the signature of something else")?;
        let mut memory = self.memory();
        while memory.sign_ins.front().is_some_and(|&at| at + 1000 <= call.now_ms) {
            memory.sign_ins.pop_front();
        }
        ensure(memory.sign_ins.len() < SIGN_INS_PER_SECOND, "10250", "too many sign-ins in a second")?;
        memory.sign_ins.push_back(call.now_ms);
        let token = self.world.issue_token("24a8c1f0-vivo-", call.now_ms + TOKEN_LIFE_MS);
        Ok(Answer::json(200, &json!({"result": 0, "desc": SUCCESS, "authToken": token})))
    }

    fn send(&self, call: &Call, body: Object) -> Checked<Answer> {
        own_app(&body)?;
        check(&body, &[fields::MESSAGE, fields::ONE_TARGET], MALFORMED)?;
        self.check_message(call, &body, Way::One)?;
        let mut memory = self.memory();
        let request_id = text(&body, "requestId").to_owned();
        if let Some(first) = self.repeated(&memory, PATH_SEND, &request_id, call.now_ms)? {
            return Ok(first);
        }
        let reg_id = text(&body, "regId").to_owned();
        if let Some(code) = self.failing(&reg_id, checks::is_test(&body)) {
            return Ok(codes::target_failure(code, &reg_id).because(code));
        }
        let (task_id, answer) = self.taken();
        memory.count(&task_id, 1, 0);
        self.deliver(&body, &reg_id, &request_id, &task_id);
        memory.taken.insert(request_id, (PATH_SEND, answer.clone(), call.now_ms + MEMORY_MS));
        Ok(answer)
    }

    fn check_message(&self, call: &Call, message: &Object, way: Way) -> Checked {
        checks::message(message, way, call.now_ms)?;
        let late = self.has(Habit::KeepsHours) && checks::is_operational(message) && !checks::is_day(call.now_ms);
        ensure(!late, "10071", "an operational message at night")?;
        let reads = self.has(Habit::ReadsWording) && !checks::is_test(message);
        let bad = |name| reads && checks::is_test_wording(text(message, name));
        ensure(!bad("title") && !bad("content"), "10104", "a title or text that looks like a test")
    }

    /// The answer to a request id that was taken before. It holds for all calls together, as
    /// every request needs an id of its own.
    fn repeated(&self, memory: &Memory, path: &str, request_id: &str, now_ms: u64) -> Checked<Option<Answer>> {
        let taken = memory.taken.get(request_id).filter(|(_, _, until)| *until > now_ms);
        let Some((first_path, first, _)) = taken else { return Ok(None) };
        ensure(*first_path == path, REPEATED, format!("requestId {request_id} was used for {first_path}"))?;
        ensure(!self.has(Habit::RefusesRepeats), REPEATED, format!("requestId {request_id} was used before"))?;
        Ok(Some(first.clone()))
    }

    /// How a target fails, if it does.
    fn failing(&self, reg_id: &str, test: bool) -> Option<&'static str> {
        // Today's documentation gives no length; 23 characters was the old one.
        if reg_id.is_empty() || !reg_id.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Some(UNKNOWN_USER);
        }
        match self.world.target(reg_id) {
            TargetState::Dead => Some(GONE_USER),
            TargetState::Refused(code) => Some(code.code),
            TargetState::Alive if test && (0..TEST_PHONES).all(|n| self.target(n) != reg_id) => Some(NOT_A_TEST_USER),
            TargetState::Alive => None,
        }
    }

    /// The id of a message that is taken, and the answer that says so.
    fn taken(&self) -> (String, Answer) {
        let task_id = (121_397_000 + self.world.serial()).to_string();
        let answer = Answer::json(200, &json!({"result": 0, "desc": SUCCESS, "taskId": task_id}));
        (task_id, answer)
    }

    fn deliver(&self, message: &Object, reg_id: &str, request_id: &str, task_id: &str) {
        let some = |name| Some(text(message, name).to_owned()).filter(|text| !text.is_empty());
        // A direct push is tried once: it does not live at all.
        let online = message.get("sendOnline") == Some(&Value::Bool(true));
        let ttl = number(message, "timeToLive").map(|ttl| ttl.min(MAX_TTL_SECONDS));
        let pairs = message.get("clientCustomMap").and_then(Value::as_object);
        let pair = |(key, value): (&String, &Value)| Some((key.clone(), value.as_str()?.to_owned()));
        self.world.deliver(Delivered {
            target: reg_id.to_owned(),
            title: some("title"),
            body: some("content"),
            data: pairs.into_iter().flatten().filter_map(pair).collect(),
            click: some("skipContent"),
            ttl_seconds: if online { Some(0) } else { ttl.and_then(|ttl| u64::try_from(ttl).ok()) },
            collapse: number(message, "notifyId").map(|id| id.to_string()),
            request_id: Some(request_id.to_owned()),
            message_id: task_id.to_owned(),
            raw: Value::Object(message.clone()),
        });
    }
}

impl Fake for Vivo {
    fn vendor(&self) -> &'static str {
        "vivo"
    }

    fn hosts(&self) -> &'static [&'static str] {
        &["api-push.vivo.com.cn"]
    }

    fn config(&self, base: &str) -> Value {
        json!({
            "vendor": "vivo",
            "app_id": APP_ID,
            "app_key": APP_KEY,
            "app_secret": APP_SECRET,
            "endpoint": base,
            // vivo documents that receipts have these, and not how it calls them.
            "receipt_code_field": trials::CODE_FIELD,
            "receipt_time_field": trials::TIME_FIELD,
        })
    }

    /// 23 digits. The multiplier has no factor in common with 10, so no two numbers meet.
    fn target(&self, number: usize) -> String {
        format!("155542391577{:011}", (number as u64).wrapping_mul(7919) % 100_000_000_000)
    }

    fn purpose(&self, call: &Call) -> Purpose {
        match call.path.as_str() {
            operations::STATISTICS if call.method == Method::GET => Purpose::Operate,
            _ if call.method != Method::POST => Purpose::Unknown,
            PATH_AUTH => Purpose::Auth,
            PATH_SAVE => Purpose::Stage,
            PATH_SEND | PATH_LIST | PATH_ALL | PATH_TAGS => Purpose::Send,
            path if operations::is_posted(path) => Purpose::Operate,
            _ => Purpose::Unknown,
        }
    }

    fn answer(&self, call: &Call) -> Answer {
        self.serve(call).unwrap_or_else(|Refusal { code, why }| codes::failure(code).because(format!("{code}: {why}")))
    }

    fn codes(&self) -> &'static [DocumentedCode] {
        &codes::CODES
    }

    fn coded(&self, call: &Call, code: &DocumentedCode) -> Answer {
        let Ok(Value::Object(body)) = call.json() else { return codes::failure(code.code) };
        match call.path.as_str() {
            PATH_SEND if code.at == At::Target => codes::target_failure(code.code, text(&body, "regId")),
            PATH_LIST if code.at == At::Target && lists::is_listed(code.code) => self.list_with(&body, code.code),
            _ => codes::failure(code.code),
        }
    }

    fn world(&self) -> &World {
        &self.world
    }

    fn operations(&self) -> Vec<OperationTrial> {
        trials::operations(self)
    }

    fn receipts(&self) -> Vec<ReceiptTrial> {
        trials::receipts(self)
    }
}

/// vivo compares the app in the body with the token's before all else; there is one app here.
fn own_app(body: &Object) -> Checked {
    let app = body.get("appId");
    ensure(app.is_some(), "10200", "appId is missing")?;
    ensure(number(body, "appId") == Some(APP_ID), "10094", format!("{app:?} is not the token's app"))
}

/// JSON in UTF-8 and not compressed. The Java SDK writes the charset, and `Content-Encoding: UTF-8`.
fn is_json(call: &Call) -> bool {
    let mut parts = call.header("content-type").unwrap_or_default().split(';').map(str::trim);
    let json = parts.next().is_some_and(|mime| mime.eq_ignore_ascii_case("application/json"));
    let encoding = call.header("content-encoding").unwrap_or("UTF-8");
    json && parts.all(|part| part.eq_ignore_ascii_case("charset=UTF-8")) && encoding.eq_ignore_ascii_case("UTF-8")
}

/// The signature of a sign-in: MD5 of app id, key, time and secret, without separators, in
/// lower-case hex.
fn sign(timestamp: u64) -> String {
    hex::encode(Md5::digest(format!("{APP_ID}{APP_KEY}{timestamp}{APP_SECRET}")))
}
