//! A strict fake of OPPO's push server (OPPO, OnePlus, realme): signing in, single pushes, batches,
//! saved messages and their broadcast, pictures, aliases, dead registration ids, statistics and
//! receipts, after pages 11234 to 11239 of OPPO's open platform as of 2026 and what OPPO's own
//! Java SDK sends.
//!
//! - `form`: the form that carries every call;
//! - `fields`: which fields each call has, and the checker of those tables;
//! - `checks`: rules that span fields;
//! - `decode`: what the user of a device sees;
//! - `singles`: a message for one target, alone or in a batch;
//! - `broadcasts`: one message for many;
//! - `operations`: whatever does not send;
//! - `trials`: what operations and receipts are to say;
//! - `codes`: the documented failures and how they look.
//!
//! OPPO answers with HTTP status 200 whatever happens. It documents no answer for what never
//! gets so far (a path outside its API, a body that is no form): plain text with status 404 or
//! 415. Which of its numbers answers which mistake it seldom says either: 40 if something is
//! missing, 41 for the rest.

mod broadcasts;
mod checks;
mod codes;
mod decode;
mod fields;
mod form;
mod operations;
mod singles;
#[cfg(test)]
mod tests;
mod trials;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::Method;
use md5::Md5;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use self::checks::Way;
use self::codes::{ALIAS_TWIN, BAD_TARGET, TWIN};
use self::fields::{Checked, Object, Refusal, check, ensure, number, refuse, text};
use self::form::Form;
use super::tags::Tags;
use crate::fake::{
    Answer, At, Call, DocumentedCode, Fake, OperationTrial, Purpose, ReceiptTrial, TargetState, TokenState, World,
};

pub use self::broadcasts::EVERYONE;
pub use self::operations::{BIG_PICTURE_BYTES, SMALL_PICTURE_BYTES};

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
/// The big pictures that were uploaded before.
pub const BIG_PICTURES: [&str; 1] = ["5e8d7b1a0c9f4e2d3b6a7c81"];
/// The small pictures that were uploaded before.
pub const SMALL_PICTURES: [&str; 1] = ["5e8d7b1a0c9f4e2d3b6a7c82"];
/// How long an `auth_token` is good.
pub const TOKEN_LIFE_MS: u64 = 86_400_000;
/// How far a sign-in's timestamp may be off. OPPO speaks of the last ten minutes; a clock that
/// is ahead as much is borne, too.
pub const CLOCK_TOLERANCE_MS: u64 = 600_000;
/// How many messages a batch takes, and how many registration ids or aliases a
/// broadcast.
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
    /// Has not granted the app the right to push to everyone (27), which the Java SDK 1.1.0 cannot
    /// do either.
    DeniesAll,
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
    /// Registration ids by alias.
    aliases: HashMap<String, String>,
    /// Who wears which tag. Apps set tags on the device.
    tags: Tags,
    /// The ids of pictures.
    big_pictures: BTreeSet<String>,
    small_pictures: BTreeSet<String>,
    /// Registration ids that were found dead and not told yet.
    dead: Vec<String>,
    /// The counters of broadcasts, by message id and task id, in the order of
    /// [`operations::COUNTERS`].
    counters: HashMap<(String, String), [u64; 6]>,
}

impl Oppo {
    /// A fake with one app and no habits. The first target has the alias `ann` and wears the tag
    /// `sport`; the second has the alias `ben`.
    pub fn new() -> Self {
        let fake = Self::default();
        let mut memory = fake.memory();
        memory.set_alias("ann", &fake.target(0));
        memory.set_alias("ben", &fake.target(1));
        memory.tags.add("sport", &fake.target(0));
        memory.big_pictures.extend(BIG_PICTURES.map(str::to_owned));
        memory.small_pictures.extend(SMALL_PICTURES.map(str::to_owned));
        drop(memory);
        fake
    }

    /// The registration id that has an alias.
    pub fn alias(&self, alias: &str) -> Option<String> {
        self.memory().aliases.get(alias).cloned()
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
        if operations::purpose(call).is_some() {
            return self.operate(call);
        }
        let known = [PATH_AUTH, PATH_UNICAST, PATH_BATCH, PATH_SAVE, PATH_BROADCAST].contains(&path);
        ensure(known, "20", format!("there is no {path}"))?;
        ensure(call.method == Method::POST, "12", format!("{} is not POST", call.method))?;
        let form = Form::read(call)?;
        if path == PATH_AUTH {
            return self.sign_in(&form, call.now_ms);
        }
        self.authorise(call, form.get(form::TOKEN))?;
        match path {
            PATH_SAVE => self.save(&form, call.now_ms),
            _ => self.send(call, &form, None),
        }
    }

    /// The access token: today in the body, by older texts in a header; both work.
    fn authorise(&self, call: &Call, in_body: Option<&str>) -> Checked {
        let in_header = call.header(form::TOKEN).filter(|token| !token.is_empty());
        let Some(token) = in_body.or(in_header) else { return refuse("29", "no auth_token") };
        let token = self.world.token(token, call.now_ms);
        ensure(token == TokenState::Valid, "11", format!("auth_token: {token:?}"))
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

    fn check_notification(&self, notification: &Object, way: Way, now_ms: u64) -> Checked {
        check(notification, fields::NOTIFICATION)?;
        checks::notification(notification, way, now_ms)?;
        let memory = self.memory();
        for (name, pictures) in [("big_picture_id", &memory.big_pictures), ("small_picture_id", &memory.small_pictures)]
        {
            let id = text(notification, name);
            ensure(id.is_empty() || pictures.contains(id), "51", format!("{name}: no picture {id}"))?;
        }
        drop(memory);
        let banner = number(notification, "notify_level") == Some(16);
        ensure(!(banner && self.has(Habit::DeniesBanners)), "67", "notify_level 16 is not granted")
    }

    /// The failure of a target that a request names twice.
    fn twin(&self, kind: Option<i64>, twin: bool) -> Option<&'static str> {
        let code = if kind == Some(ALIAS) { ALIAS_TWIN } else { TWIN };
        Some(code).filter(|_| twin && self.has(Habit::RefusesTwins))
    }

    /// The registration id that gets something by the name of a target, if it does not fail at
    /// once; `None` when nobody is there, and nothing is said.
    fn reach(&self, kind: Option<i64>, target: &str, malformed: &'static str) -> Checked<Option<String>> {
        let id = match kind {
            Some(ALIAS) => match self.alias(target) {
                Some(id) => id,
                None => return refuse("10002", format!("no alias {target}")),
            },
            _ => target.to_owned(),
        };
        ensure(checks::is_registration_id(&id), malformed, format!("{id:?} is no registration id"))?;
        Ok(self.standing(&id)?.then_some(id))
    }

    /// Whether a registration id is there, if it does not fail at once. Those found dead are kept
    /// to be told.
    fn standing(&self, id: &str) -> Checked<bool> {
        match self.world.target(id) {
            TargetState::Alive => Ok(true),
            TargetState::Dead => {
                self.memory().dead.push(id.to_owned());
                if self.has(Habit::TakesTheDead) { Ok(false) } else { refuse(BAD_TARGET, format!("{id} is dead")) }
            }
            TargetState::Refused(code) => refuse(code.code, format!("{id} is refused")),
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

    fn hosts(&self) -> &'static [&'static str] {
        &[
            "api-push-cn.heytapmobi.com",
            "api.push.oppomobile.com",
            "api-intl.push.oppomobile.com",
            "api-media.push.heytapmobi.com",
            "api-device.push.heytapmobi.com",
            "feedback.push.oppomobile.com",
        ]
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
        if let Some(purpose) = operations::purpose(call) {
            return purpose;
        }
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

    fn operations(&self) -> Vec<OperationTrial> {
        trials::operations(self)
    }

    fn receipts(&self) -> Vec<ReceiptTrial> {
        trials::receipts(self)
    }
}

fn refused(Refusal { code, why }: &Refusal, call: &Call) -> Answer {
    codes::failure(code, &call.path).because(format!("{code}: {why}"))
}

/// The signature of a sign-in: SHA-256 of app key, time and MasterSecret, without separators, in
/// lower-case hex.
fn sign(timestamp: &str) -> String {
    hex::encode(Sha256::digest(format!("{APP_KEY}{timestamp}{MASTER_SECRET}")))
}
