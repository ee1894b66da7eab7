//! A strict fake of Google's FCM, HTTP v1: the token endpoint (`POST /token`), the one send call
//! (`POST /v1/projects/{project}/messages:send`), topic subscriptions (`subscriptions`), the
//! Instance ID service (`iid`), device groups (`groups`) and statistics (`statistics`), all at
//! the same base URL.
//!
//! A send is judged in Google's order: path, credential, project, JSON with every field's name
//! and type (`parse`, by the tables of `schema`), single-field rules (`rules`), what spans
//! fields, and at last the target. It has exactly one target, so its outcome is the answer.

mod apple;
mod codes;
mod decode;
mod envelope;
mod groups;
mod iid;
mod parse;
mod rules;
mod schema;
mod statistics;
mod subscriptions;
#[cfg(test)]
mod tests;
mod token;
mod trials;

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use ring::signature::{KeyPair, RsaKeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use self::groups::Groups;
use crate::fake::{
    Answer, At, Call, Delivered, DocumentedCode, Fake, OperationTrial, Purpose, TargetState, TokenState, World,
};
use crate::fakes::topics::Topics;
use crate::jwt;

pub use rules::PACKAGE;

/// The project of the fake's service account.
pub const PROJECT: &str = "demo-project";
/// The same project by its number, which may stand in the path instead.
pub const PROJECT_NUMBER: &str = "123456789012";
/// The service account.
pub const CLIENT_EMAIL: &str = "push-test@demo-project.iam.gserviceaccount.com";
/// The id of its key.
pub const KEY_ID: &str = "0123456789abcdef0123456789abcdef01234567";
/// Its private key, made for tests and published.
pub const PRIVATE_KEY: &str = include_str!("../../keys/fcm-test-key.pem");

const TOKEN_PATH: &str = "/token";

/// The fake FCM.
pub struct Fcm {
    world: World,
    topics: Topics,
    groups: Groups,
    /// The public half of the service account's key, in PKCS#1.
    public_key: Vec<u8>,
    /// Where configurations were made for, so that an assertion may be meant for this server.
    token_uris: Mutex<HashSet<String>>,
}

impl Default for Fcm {
    fn default() -> Self {
        Self::new()
    }
}

impl Fcm {
    /// A fake that has seen nothing yet.
    pub fn new() -> Self {
        // An unreadable key leaves no public half, and then no signature is good.
        let key = RsaKeyPair::from_pkcs8(&jwt::pem(PRIVATE_KEY));
        let public_key = key.map(|key| key.public_key().as_ref().to_vec()).unwrap_or_default();
        let (topics, groups) = (Topics::default(), Groups::default());
        Self { world: World::default(), topics, groups, public_key, token_uris: Mutex::default() }
    }

    fn is_token_uri(&self, uri: &str) -> bool {
        self.token_uris.lock().unwrap_or_else(PoisonError::into_inner).contains(uri)
    }

    fn send(&self, call: &Call, project: &str) -> Result<Answer, Answer> {
        let failed = |code: &str| codes::answer(At::Send, code);
        self.authorize(call)?;
        check_project(project)?;
        check_query(call, &[])?;
        let body = json_body(call)?;
        let request = parse::read(&schema::REQUEST, &body).map_err(|violations| envelope::violated(&violations))?;
        let Some((message, kind, target)) = recipient(&request) else {
            return Err(failed("400 no recipient"));
        };
        check_target(kind, target)?;
        parse::rules(&schema::REQUEST, &request, "").map_err(|problem| envelope::invalid(&problem))?;
        apple::rules(message).map_err(|problem| envelope::invalid(&problem))?;
        if let Some(problem) = decode::too_big(message) {
            return Err(envelope::invalid(problem));
        }
        if let Some(code) = apple::refusal(message, decode::limit(message)) {
            return Err(codes::answer(At::Target, code));
        }
        let reached = self.meet(kind, target, message)?;

        // A validated message is not sent, and always has this id.
        let validated = request.get("validate_only").and_then(Value::as_bool).unwrap_or_default();
        let id = if validated { "fake_message_id".to_owned() } else { self.message_id(kind, call.now_ms) };
        if reached && !validated {
            let (target, message_id) = (target.to_owned(), id.clone());
            self.world.deliver(Delivered { target, message_id, raw: body, ..decode::delivered(message) });
        }
        Ok(Answer::json(200, &json!({ "name": format!("projects/{PROJECT}/messages/{id}") })))
    }

    fn authorize(&self, call: &Call) -> Result<(), Answer> {
        self.access(call, token::may_send).map_err(|code| codes::answer(At::Send, code))
    }

    /// Checks the access token, and that its scopes are enough for a call.
    ///
    /// # Errors
    /// The documented failure.
    fn access(&self, call: &Call, enough: fn(&str) -> bool) -> Result<(), &'static str> {
        let header = call.header("authorization").ok_or("401 CREDENTIALS_MISSING")?;
        let token = header.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let (_, token) = token.ok_or("401 UNAUTHENTICATED")?;
        match self.world.token(token, call.now_ms) {
            TokenState::Unknown => Err("401 UNAUTHENTICATED"),
            TokenState::Expired => Err("401 ACCESS_TOKEN_EXPIRED"),
            TokenState::Valid if !enough(token) => Err("403 ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
            TokenState::Valid => Ok(()),
        }
    }

    /// What is wrong with a token as a member of a topic or of a group, in the words that the
    /// Instance ID service has for one item.
    fn item_error(&self, token: &str) -> Option<&'static str> {
        match self.world.target(token) {
            _ if check_target("token", token).is_err() => Some("INVALID_ARGUMENT"),
            TargetState::Alive => None,
            TargetState::Dead => Some("NOT_FOUND"),
            TargetState::Refused(code) => Some(code.code),
        }
    }

    /// Whether the message reaches somebody. A topic without living subscribers takes it, too.
    fn meet(&self, kind: &str, target: &str, message: &Value) -> Result<bool, Answer> {
        let dead_code = |target: &str, code: &str| match self.world.target(target) {
            TargetState::Alive => Ok(()),
            TargetState::Dead => Err(codes::answer(At::Target, code)),
            TargetState::Refused(code) => Err(codes::answer(code.at, code.code)),
        };
        if let ("topic" | "condition", TargetState::Dead) = (kind, self.world.target(target)) {
            return Ok(false);
        }
        dead_code(target, "UNREGISTERED")?;
        // A Live Activity has a token of its own, which Apple knows and FCM only passes on.
        match message.pointer("/apns/live_activity_token").and_then(Value::as_str) {
            Some(live) => dead_code(live, "INVALID_ARGUMENT ApnsError ExpiredToken").map(|()| true),
            None => Ok(true),
        }
    }

    fn operate(&self, call: &Call) -> Result<Answer, Answer> {
        match call.path.as_str() {
            groups::PATH => self.group(call),
            path if path.starts_with(iid::PATH) => self.iid(call),
            path if statistics::is_path(path) => self.statistics(call),
            _ => self.subscriptions(call),
        }
    }

    fn message_id(&self, kind: &str, now_ms: u64) -> String {
        let serial = self.world.serial();
        match kind {
            "topic" | "condition" => format!("{}{:06}", now_ms, serial % 1_000_000),
            _ => format!("0:{}{:03}%{:016x}", now_ms, serial % 1000, serial),
        }
    }
}

impl Fake for Fcm {
    fn vendor(&self) -> &'static str {
        "fcm"
    }

    fn hosts(&self) -> &'static [&'static str] {
        &["fcm.googleapis.com", "oauth2.googleapis.com", "iid.googleapis.com", "fcmdata.googleapis.com"]
    }

    fn config(&self, base: &str) -> Value {
        let token_uri = format!("{base}{TOKEN_PATH}");
        self.token_uris.lock().unwrap_or_else(PoisonError::into_inner).insert(token_uri.clone());
        json!({
            "vendor": "fcm",
            "service_account": {
                "type": "service_account",
                "project_id": PROJECT,
                "private_key_id": KEY_ID,
                "private_key": PRIVATE_KEY,
                "client_email": CLIENT_EMAIL,
                "token_uri": token_uri,
            },
            "endpoint": base,
        })
    }

    fn credentials(&self, base: &str) -> Value {
        self.config(base).get("service_account").cloned().unwrap_or_default()
    }

    fn target(&self, number: usize) -> String {
        // An installation id of 22 characters, and what the registration gave for it.
        let part = |name: &str| URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{name} {number}")));
        let id: String = part("installation").chars().take(22).collect();
        let secret: String = (0..4).flat_map(|n| part(&n.to_string()).into_bytes()).map(char::from).take(134).collect();
        format!("{id}:APA91b{secret}")
    }

    fn purpose(&self, call: &Call) -> Purpose {
        match (&call.method, call.path.as_str()) {
            (&Method::POST, TOKEN_PATH) => Purpose::Auth,
            (&Method::POST, path) if project_of(path).is_some() => Purpose::Send,
            (_, path) if subscriptions::is_path(path) || statistics::is_path(path) => Purpose::Operate,
            (_, path) if path.starts_with(iid::PATH) || path == groups::PATH => Purpose::Operate,
            _ => Purpose::Unknown,
        }
    }

    fn answer(&self, call: &Call) -> Answer {
        match self.purpose(call) {
            Purpose::Auth => token::answer(self, call),
            Purpose::Send => match self.send(call, project_of(&call.path).unwrap_or_default()) {
                Ok(answer) | Err(answer) => answer,
            },
            Purpose::Operate => match self.operate(call) {
                Ok(answer) | Err(answer) => answer,
            },
            _ => envelope::page(404).because(format!("nothing is at {} {}", call.method, call.path)),
        }
    }

    fn codes(&self) -> &'static [DocumentedCode] {
        codes::all()
    }

    fn coded(&self, _: &Call, code: &DocumentedCode) -> Answer {
        codes::answer(code.at, code.code)
    }

    fn world(&self) -> &World {
        &self.world
    }

    fn operations(&self) -> Vec<OperationTrial> {
        self.trials()
    }
}

fn check_project(project: &str) -> Result<(), Answer> {
    let ours = project == PROJECT || project == PROJECT_NUMBER;
    if ours { Ok(()) } else { Err(codes::answer(At::Send, "404 NOT_FOUND")) }
}

/// An object with one more member.
fn with(mut object: Value, name: &str, member: impl Into<Value>) -> Value {
    if let Some(object) = object.as_object_mut() {
        object.insert(name.to_owned(), member.into());
    }
    object
}

/// The project in the path of a send.
fn project_of(path: &str) -> Option<&str> {
    let project = path.strip_prefix("/v1/projects/")?.strip_suffix("/messages:send")?;
    (!project.is_empty() && !project.contains('/')).then_some(project)
}

/// Whether the body is of this type; parameters such as the charset do not matter.
fn is_type(call: &Call, wanted: &str) -> bool {
    let mime = call.header("content-type").and_then(|mime| mime.split(';').next()).unwrap_or_default();
    mime.trim().eq_ignore_ascii_case(wanted)
}

/// The parameters that every Google API takes, and those of a call; others are refused.
fn check_query(call: &Call, own: &[&str]) -> Result<(), Answer> {
    const PARAMETERS: &[&str] = &["alt", "fields", "prettyPrint", "quotaUser", "access_token", "key"];
    for (name, value) in call.query_pairs() {
        let known = PARAMETERS.contains(&name.as_str()) || own.contains(&name.as_str());
        if !known || (name == "alt" && value != "json") || (name == "quotaUser" && value.chars().count() > 40) {
            let description = format!(
                "Invalid JSON payload received. Unknown name \"{name}\": Cannot bind query parameter. Field '{name}' \
                 could not be found in request message."
            );
            return Err(envelope::violated(&[parse::Violation { field: String::new(), description }]));
        }
    }
    Ok(())
}

fn json_body(call: &Call) -> Result<Value, Answer> {
    let bad = |description: String| envelope::violated(&[parse::Violation { field: String::new(), description }]);
    if !is_type(call, "application/json") {
        return Err(bad("Invalid JSON payload received. The content type must be application/json.".into()));
    }
    call.json().map_err(|error| bad(format!("Invalid JSON payload received. {error}")))
}

/// The message, the kind of its target, and the target.
fn recipient(request: &Value) -> Option<(&Value, &'static str, &str)> {
    let message = request.get("message")?;
    schema::TARGETS.iter().find_map(|kind| Some((message, *kind, message.get(kind)?.as_str()?)))
}

/// Tokens have a known alphabet; an installation id is opaque, but cannot have blanks.
fn check_target(kind: &str, target: &str) -> Result<(), Answer> {
    let token = |c: char| c.is_ascii_alphanumeric() || ['-', '_', ':'].contains(&c);
    match kind {
        "token" if (22..=4096).contains(&target.len()) && target.chars().all(token) => Ok(()),
        "token" => Err(codes::answer(At::Target, "INVALID_ARGUMENT message.token")),
        "fid" if target.is_empty() || target.contains(|c: char| c.is_whitespace() || c.is_control()) => {
            let details =
                [envelope::Detail::Fcm("INVALID_ARGUMENT"), envelope::Detail::Bad("message.fid", "Invalid FID")];
            let answer = envelope::envelope(400, "INVALID_ARGUMENT", "Request contains an invalid argument.", &details);
            Err(answer.because("malformed FID"))
        }
        _ => Ok(()),
    }
}
