//! A strict fake of OPPO's push server (OPPO, OnePlus, realme): signing in, single pushes,
//! batches, saved messages and their broadcast to a list of registration ids, after pages 11234
//! to 11238 of OPPO's open platform as of 2026 and what OPPO's own Java SDK sends.
//!
//! - `form`: the form that carries every call;
//! - `fields`: which fields each call has, and the checker of those tables;
//! - `checks`: rules that span fields;
//! - `decode`: what the user of a device sees;
//! - `codes`: the documented failures and how they look.
//!
//! OPPO answers with HTTP status 200 whatever happens. It documents no answer for what never
//! gets so far (a path outside its API, a body that is no form): plain text with status 404 or
//! 415. Which of its numbers answers which mistake it seldom says either: 40 if something is
//! missing, 41 for the rest.

mod checks;
mod codes;
mod decode;
mod fields;
mod form;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::Method;
use md5::Md5;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use self::checks::Way;
use self::codes::{BAD_TARGET, INVALID, MISSING, REPEATED, TWIN};
use self::fields::{Checked, Object, Refusal, check, ensure, number, refuse, text};
use self::form::Form;
use crate::fake::{Answer, At, Call, DocumentedCode, Fake, Purpose, TargetState, TokenState, World};

/// The number of the only app that the fake knows; it shows in message ids.
pub const APP_ID: &str = "30012345";
/// The key of that app.
pub const APP_KEY: &str = "ak_demo_0123456789abcdef";
/// The MasterSecret of that app, made for tests.
pub const MASTER_SECRET: &str = "ms_demo_fedcba9876543210";
/// The notification channels that are registered for the app.
pub const CHANNELS: [&str; 2] = ["130001", "orders"];
/// The templates that are approved for the app's private messages.
pub const TEMPLATES: [&str; 1] = ["tpl_chat_message"];
/// The big pictures that were uploaded.
pub const BIG_PICTURES: [&str; 1] = ["5e8d7b1a0c9f4e2d3b6a7c81"];
/// The small pictures that were uploaded.
pub const SMALL_PICTURES: [&str; 1] = ["5e8d7b1a0c9f4e2d3b6a7c82"];
/// How long an `auth_token` is good.
pub const TOKEN_LIFE_MS: u64 = 86_400_000;
/// How far a sign-in's timestamp may be off. OPPO speaks of the last ten minutes; a clock that
/// is ahead as much is borne, too.
pub const CLOCK_TOLERANCE_MS: u64 = 600_000;
/// How many messages a batch takes, and how many registration ids a broadcast.
pub const MAX_TARGETS: usize = 1000;

const API: &str = "/server/v1/";
const PATH_AUTH: &str = "/server/v1/auth";
const PATH_UNICAST: &str = "/server/v1/message/notification/unicast";
const PATH_BATCH: &str = "/server/v1/message/notification/unicast_batch";
const PATH_SAVE: &str = "/server/v1/message/notification/save_message_content";
const PATH_BROADCAST: &str = "/server/v1/message/notification/broadcast";

/// `target_type` of registration ids.
const REGISTRATION_ID: i64 = 2;
/// `target_type` of aliases.
const ALIAS: i64 = 5;

/// What OPPO is said to do, but not at all times, not by today's documentation, or not surely. A
/// fake has none of these habits unless it is given them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Habit {
    /// Refuses a repeated `app_message_id` (32), instead of giving the first answer again. Which
    /// of the two OPPO does is unknown.
    RefusesRepeats,
    /// Takes messages for dead registration ids and keeps silent, as sending is asynchronous.
    TakesTheDead,
    /// Refuses a registration id that a request names twice (10004), as in 2018.
    RefusesTwins,
    /// Has not granted the app `notify_level` 16 (67).
    DeniesBanners,
    /// Writes `create_time` as a text, as the documentation prints it.
    WritesTimeAsText,
}

/// The fake.
#[derive(Default)]
pub struct Oppo {
    world: World,
    memory: Mutex<Memory>,
    habits: Vec<Habit>,
}

/// What OPPO remembers beyond the world's common memory. For how long is unknown: here for ever.
#[derive(Default)]
struct Memory {
    /// Messages for broadcasts, by message id.
    saved: HashMap<String, Object>,
    /// Saved messages by `app_message_id`: there is one of each.
    saved_as: HashMap<String, String>,
    /// Message ids by `app_message_id` and registration id: each goes to each once.
    sent: HashMap<(String, String), String>,
}

impl Oppo {
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

    /// Forgets every message saved so far: broadcasting it answers 31.
    pub fn forget_saved(&self) {
        let mut memory = self.memory();
        memory.saved.clear();
        memory.saved_as.clear();
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has(&self, habit: Habit) -> bool {
        self.habits.contains(&habit)
    }

    fn serve(&self, call: &Call) -> Checked<Answer> {
        let path = call.path.as_str();
        ensure(path.starts_with(API), "HTTP 404", format!("there is no {path}"))?;
        let known = [PATH_AUTH, PATH_UNICAST, PATH_BATCH, PATH_SAVE, PATH_BROADCAST].contains(&path);
        ensure(known, "20", format!("there is no {path}"))?;
        ensure(call.method == Method::POST, "12", format!("{} is not POST", call.method))?;
        let form = Form::read(call)?;
        if path == PATH_AUTH {
            return self.sign_in(&form, call.now_ms);
        }
        let Some(token) = form.token(call) else { return refuse("29", "no auth_token") };
        let token = self.world.token(token, call.now_ms);
        ensure(token == TokenState::Valid, "11", format!("auth_token: {token:?}"))?;
        match path {
            PATH_SAVE => self.save(&form, call.now_ms),
            _ => self.send(call, &form, None),
        }
    }

    /// Serves a send; with `first`, the first target fails so.
    fn send(&self, call: &Call, form: &Form, first: Option<&'static str>) -> Checked<Answer> {
        match call.path.as_str() {
            PATH_UNICAST => self.unicast(form, call.now_ms, first),
            PATH_BATCH => self.batch(form, call.now_ms, first),
            _ => self.broadcast(form, first),
        }
    }

    fn sign_in(&self, form: &Form, now_ms: u64) -> Checked<Answer> {
        let field = |name, missing| form.get(name).map_or_else(|| refuse(missing, format!("no {name}")), Ok);
        let app_key = field("app_key", "15")?;
        let signature = field("sign", "17")?;
        let timestamp = field("timestamp", "18")?;
        form.only(&["app_key", "sign", "timestamp"])?;
        ensure(app_key == APP_KEY, "14", format!("another app_key: {app_key}"))?;
        let is_time = timestamp.len() == 13 && timestamp.bytes().all(|b| b.is_ascii_digit());
        let off = timestamp.parse().unwrap_or(0_u64).abs_diff(now_ms);
        ensure(is_time && off <= CLOCK_TOLERANCE_MS, "19", format!("{timestamp} is no time near {now_ms}"))?;
        ensure(signature == sign(timestamp), "16", "the signature of something else")?;
        let token = self.world.issue_token("58ad47319e8d725350", now_ms + TOKEN_LIFE_MS);
        let time = if self.has(Habit::WritesTimeAsText) { json!(now_ms.to_string()) } else { json!(now_ms) };
        Ok(codes::success(&json!({"auth_token": token, "create_time": time})))
    }

    fn unicast(&self, form: &Form, now_ms: u64, first: Option<&'static str>) -> Checked<Answer> {
        form.only(&["message"])?;
        let message = from_json(form, "message")?;
        // A malformed registration id has 10000 in the documentation, and got 41 from the real
        // server.
        let id = self.push(&message, INVALID, now_ms, first)?;
        Ok(codes::success(&json!({"messageId": id})))
    }

    /// Every message of a batch has a fate of its own. They are answered in reverse: OPPO does
    /// not promise the order of the request.
    fn batch(&self, form: &Form, now_ms: u64, first: Option<&'static str>) -> Checked<Answer> {
        form.only(&["messages"])?;
        let messages: Vec<Object> = from_json(form, "messages")?;
        let count = messages.len();
        ensure((1..=MAX_TARGETS).contains(&count), INVALID, format!("{count} messages"))?;
        let targets: Vec<&str> = messages.iter().map(|message| text(message, "target_value")).collect();
        ensure(targets.iter().all(|target| !target.is_empty()), MISSING, "a message without target_value")?;
        let mut answers = Vec::with_capacity(count);
        for (at, (message, target)) in messages.iter().zip(&targets).enumerate() {
            let twin = self.has(Habit::RefusesTwins) && targets.iter().take(at).any(|other| other == target);
            let failing = first.filter(|_| at == 0).or(twin.then_some(TWIN));
            answers.push(match self.push(message, BAD_TARGET, now_ms, failing) {
                Ok(id) => json!({"messageId": id, "registrationId": target}),
                Err(Refusal { code, .. }) => json!({
                    "registrationId": target, "errorCode": codes::number(code), "errorMessage": codes::text(code),
                }),
            });
        }
        answers.reverse();
        Ok(codes::success(&Value::Array(answers)))
    }

    /// Pushes one message, and gives the id that it got.
    fn push(
        &self,
        message: &Object,
        malformed: &'static str,
        now_ms: u64,
        fails: Option<&'static str>,
    ) -> Checked<String> {
        check(message, fields::MESSAGE)?;
        let empty = Object::new();
        let notification = message.get("notification").and_then(Value::as_object).unwrap_or(&empty);
        self.check_notification(notification, Way::Single, now_ms)?;
        let target = text(message, "target_value");
        if let Some(code) = fails {
            return refuse(code, format!("{target}: asked for by the test"));
        }
        let there = self.reach(number(message, "target_type"), target, malformed)?;
        let id = format!("{APP_ID}-1-1-{}", self.object_id("message"));
        if let Some(before) = self.sent_before(notification, target, &id) {
            ensure(!self.has(Habit::RefusesRepeats), REPEATED, "app_message_id was used for this target")?;
            return Ok(before);
        }
        if there {
            self.world.deliver(decode::delivered(notification, target, &id, message));
        }
        Ok(id)
    }

    fn save(&self, form: &Form, now_ms: u64) -> Checked<Answer> {
        let message = fields::from_form(form.arguments(), fields::NOTIFICATION);
        self.check_notification(&message, Way::Saved, now_ms)?;
        let mut memory = self.memory();
        let app_message_id = text(&message, "app_message_id").to_owned();
        if let Some(before) = memory.saved_as.get(&app_message_id) {
            ensure(!self.has(Habit::RefusesRepeats), REPEATED, "a message was saved under this app_message_id")?;
            return Ok(codes::success(&json!({"message_id": before})));
        }
        let id = self.object_id("saved");
        if !app_message_id.is_empty() {
            memory.saved_as.insert(app_message_id, id.clone());
        }
        let answer = codes::success(&json!({"message_id": id}));
        memory.saved.insert(id, message);
        Ok(answer)
    }

    fn broadcast(&self, form: &Form, first: Option<&'static str>) -> Checked<Answer> {
        let body = fields::from_form(form.arguments(), fields::BROADCAST);
        check(&body, fields::BROADCAST)?;
        let id = text(&body, "message_id");
        let Some(message) = self.memory().saved.get(id).cloned() else {
            return refuse("31", format!("no message was saved as {id}"));
        };
        // Pushes to all and to tags need rights that this app does not have.
        let kind = number(&body, "target_type");
        ensure(matches!(kind, Some(REGISTRATION_ID | ALIAS)), "27", format!("no right to target_type {kind:?}"))?;
        ensure(number(&message, "push_time_type") != Some(1), INVALID, "only a push to all is timed")?;
        let targets: Vec<&str> = form.required("target_value")?.split(';').collect();
        ensure(targets.len() <= MAX_TARGETS, INVALID, format!("{} targets", targets.len()))?;
        ensure(!targets.contains(&""), INVALID, "an empty target")?;
        let raw: Object = message.iter().chain(&body).map(|(name, value)| (name.clone(), value.clone())).collect();
        let mut data = json!({"message_id": id, "task_id": self.object_id("task")});
        for (at, target) in targets.iter().enumerate() {
            let twin = self.has(Habit::RefusesTwins) && targets.iter().take(at).any(|other| other == target);
            let failing = first.filter(|_| at == 0).or(twin.then_some(TWIN));
            match failing.map_or_else(|| self.reach(kind, target, BAD_TARGET), |code| refuse(code, *target)) {
                Ok(there) => {
                    if self.sent_before(&message, target, id).is_none() && there {
                        self.world.deliver(decode::delivered(&message, target, id, &raw));
                    }
                }
                Err(Refusal { code, .. }) => list(&mut data, code, target),
            }
        }
        Ok(codes::success(&data))
    }

    fn check_notification(&self, notification: &Object, way: Way, now_ms: u64) -> Checked {
        check(notification, fields::NOTIFICATION)?;
        checks::notification(notification, way, now_ms)?;
        let banner = number(notification, "notify_level") == Some(16);
        ensure(!(banner && self.has(Habit::DeniesBanners)), "67", "notify_level 16 is not granted")
    }

    /// Whether a target is there to get something, if it does not fail at once. No alias is: the
    /// fake knows registration ids only.
    fn reach(&self, kind: Option<i64>, target: &str, malformed: &'static str) -> Checked<bool> {
        ensure(kind != Some(ALIAS), "10002", format!("no alias {target}"))?;
        ensure(checks::is_registration_id(target), malformed, format!("{target:?} is no registration id"))?;
        match self.world.target(target) {
            TargetState::Alive => Ok(true),
            TargetState::Dead if self.has(Habit::TakesTheDead) => Ok(false),
            TargetState::Dead => refuse(BAD_TARGET, format!("{target} is dead")),
            TargetState::Refused(code) => refuse(code.code, format!("{target} is refused")),
        }
    }

    /// The message id under which a target got this `app_message_id` before; if it did not, this
    /// one is remembered.
    fn sent_before(&self, notification: &Object, target: &str, id: &str) -> Option<String> {
        let app_message_id = Some(text(notification, "app_message_id")).filter(|id| !id.is_empty())?;
        let key = (app_message_id.to_owned(), target.to_owned());
        let mut memory = self.memory();
        let before = memory.sent.get(&key).cloned();
        if before.is_none() {
            memory.sent.insert(key, id.to_owned());
        }
        before
    }

    /// 24 hex digits.
    fn object_id(&self, kind: &str) -> String {
        hex::encode(Md5::digest(format!("{kind} {}", self.world.serial()))).chars().take(24).collect()
    }
}

impl Fake for Oppo {
    fn vendor(&self) -> &'static str {
        "oppo"
    }

    fn config(&self, base: &str) -> Value {
        json!({"vendor": "oppo", "app_key": APP_KEY, "master_secret": MASTER_SECRET, "endpoint": base})
    }

    /// Registration ids of mainland China, in all three forms that they have.
    fn target(&self, number: usize) -> String {
        let id = hex::encode(Md5::digest(format!("device {number}")));
        let prefix = match number % 3 {
            0 => "CN_",
            1 => "OPPO_CN_",
            _ => "",
        };
        format!("{prefix}{id}")
    }

    fn purpose(&self, call: &Call) -> Purpose {
        match call.path.as_str() {
            _ if call.method != Method::POST => Purpose::Unknown,
            PATH_AUTH => Purpose::Auth,
            PATH_SAVE => Purpose::Stage,
            PATH_UNICAST | PATH_BATCH | PATH_BROADCAST => Purpose::Send,
            _ => Purpose::Unknown,
        }
    }

    fn answer(&self, call: &Call) -> Answer {
        self.serve(call).unwrap_or_else(|refusal| refused(&refusal, call))
    }

    fn codes(&self) -> &'static [DocumentedCode] {
        &codes::CODES
    }

    fn coded(&self, call: &Call, code: &DocumentedCode) -> Answer {
        let sends = code.at == At::Target && self.purpose(call) == Purpose::Send;
        let answer = Form::read(call).ok().filter(|_| sends).map(|form| self.send(call, &form, Some(code.code)));
        match answer {
            Some(Ok(answer)) => answer,
            _ => codes::failure(code.code, &call.path),
        }
    }

    fn world(&self) -> &World {
        &self.world
    }
}

fn refused(Refusal { code, why }: &Refusal, call: &Call) -> Answer {
    codes::failure(code, &call.path).because(format!("{code}: {why}"))
}

/// The JSON in a field of a form.
fn from_json<T: serde::de::DeserializeOwned>(form: &Form, name: &str) -> Checked<T> {
    let json = form.required(name)?;
    serde_json::from_str(json).or_else(|error| refuse(INVALID, format!("{name}: {error}")))
}

/// Lists a target under the failure that it met, as an answer to a broadcast does.
fn list(data: &mut Value, code: &str, target: &str) {
    let (Some(data), Some(number)) = (data.as_object_mut(), codes::number(code)) else { return };
    let targets = data.entry(number.to_string()).or_insert_with(|| json!([]));
    if let Value::Array(targets) = targets {
        targets.push(json!(target));
    }
}

/// The signature of a sign-in: SHA-256 of app key, time and MasterSecret, without separators, in
/// lower-case hex.
fn sign(timestamp: &str) -> String {
    hex::encode(Sha256::digest(format!("{APP_KEY}{timestamp}{MASTER_SECRET}")))
}
