//! The Instance ID service (`iid.googleapis.com`): topics in batches and one by one, what a token
//! is, and tokens for those of Apple ("Instance ID server reference").

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use http::Method;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::envelope::plain;
use super::{Fcm, PACKAGE, PROJECT_NUMBER, codes, is_type, rules, token, with};
use crate::fake::{Answer, At, Call, TargetState};

pub(super) const PATH: &str = "/iid/";
const TOKENS_MOST: usize = 1000;
const IMPORTS_MOST: usize = 100;
const TOPICS: &str = "/topics/";

fn failed(code: &str) -> Answer {
    codes::answer(At::Operate, code)
}

fn bad(problem: impl std::fmt::Display) -> Answer {
    failed("iid 400").because(problem.to_string())
}

impl Fcm {
    /// Serves a call to the service.
    pub(super) fn iid(&self, call: &Call) -> Result<Answer, Answer> {
        let path = call.path.strip_prefix(PATH).unwrap_or_default();
        match (&call.method, path) {
            (&Method::POST, "v1:batchAdd") => self.batch(call, |token, topic| self.subscribe(call, token, topic)),
            (&Method::POST, "v1:batchRemove") => self.batch(call, |token, topic| {
                self.topics.remove(token, topic);
                None
            }),
            (&Method::POST, "v1:batchImport") => self.import(call),
            (&Method::GET, path) if path.starts_with("info/") => self.info(call, path.trim_start_matches("info/")),
            (&Method::POST | &Method::DELETE, path) if path.contains("/rel/topics/") => self.relation(call, path),
            _ => Err(failed("iid 404").because(format!("nothing is at {} {}", call.method, call.path))),
        }
    }

    /// The checks that come before all others, here and at the device groups.
    pub(super) fn check_old(&self, call: &Call) -> Result<(), Answer> {
        self.access(call, token::may_send).map_err(|code| {
            let of = if code.starts_with("401") { "iid 401" } else { "iid 403" };
            failed(of).because(code)
        })?;
        match call.header("access_token_auth") {
            Some("true") => Ok(()),
            // The header of a key of old is what the service looks for then.
            other => Err(failed("iid 401").because(format!("access_token_auth is {other:?}"))),
        }
    }

    fn batch(&self, call: &Call, each: impl Fn(&str, &str) -> Option<&'static str>) -> Result<Answer, Answer> {
        let body = self.body(call, &["to", "registration_tokens"])?;
        let topic = body.get("to").and_then(Value::as_str).and_then(|to| to.strip_prefix(TOPICS));
        let topic = topic.filter(|topic| rules::topic(&(*topic).into()).is_ok());
        let topic = topic.ok_or_else(|| bad(format!("`to` is not {TOPICS} and a topic")))?;
        let tokens = texts(&body, "registration_tokens", TOKENS_MOST)?;
        let results = tokens.into_iter().map(|token| match self.item_error(token).or_else(|| each(token, topic)) {
            None => json!({}),
            Some(error) => json!({ "error": error }),
        });
        Ok(Answer::json(200, &json!({ "results": results.collect::<Vec<_>>() })))
    }

    fn subscribe(&self, call: &Call, token: &str, topic: &str) -> Option<&'static str> {
        (!self.topics.add(token, topic, call.now_ms)).then_some("TOO_MANY_TOPICS")
    }

    /// One token and one topic. The way out of it is seen in clients only.
    fn relation(&self, call: &Call, path: &str) -> Result<Answer, Answer> {
        self.check_old(call)?;
        let (token, topic) = path
            .strip_prefix("v1/")
            .and_then(|path| path.split_once("/rel/topics/"))
            .filter(|(_, topic)| rules::topic(&(*topic).into()).is_ok())
            .ok_or_else(|| failed("iid 404"))?;
        if !call.body.is_empty() || !call.query.is_empty() {
            return Err(bad("a relation has no body and no query"));
        }
        self.known(token)?;
        let full = call.method == Method::POST && self.subscribe(call, token, topic).is_some();
        if call.method == Method::DELETE {
            self.topics.remove(token, topic);
        }
        if full { Err(bad("too many topics")) } else { Ok(Answer::json(200, &json!({}))) }
    }

    fn info(&self, call: &Call, token: &str) -> Result<Answer, Answer> {
        self.check_old(call)?;
        let details = match call.query_pairs().as_slice() {
            [] => false,
            [(name, value)] if name == "details" && ["true", "false"].contains(&value.as_str()) => value == "true",
            other => return Err(bad(format!("the query has {other:?}"))),
        };
        if !call.body.is_empty() {
            return Err(bad("a GET has no body"));
        }
        self.known(token)?;
        Ok(Answer::json(200, &self.information(token, details)))
    }

    /// What is known of a token.
    pub(super) fn information(&self, token: &str, details: bool) -> Value {
        let information = json!({
            "application": PACKAGE,
            "applicationVersion": "42",
            "authorizedEntity": PROJECT_NUMBER,
            "platform": "ANDROID",
        });
        if !details {
            return information;
        }
        let day = |ms: u64| i64::try_from(ms).ok().and_then(DateTime::from_timestamp_millis).unwrap_or_default();
        let date = |ms: u64| json!({ "addDate": day(ms).format("%Y-%m-%d").to_string() });
        let topics: Map<String, Value> = self.topics.of(token).into_iter().map(|(t, ms)| (t, date(ms))).collect();
        with(information, "rel", json!({ "topics": topics }))
    }

    fn known(&self, token: &str) -> Result<(), Answer> {
        match self.item_error(token) {
            None => Ok(()),
            Some(error) => Err(failed("iid 404 token").because(error)),
        }
    }

    fn import(&self, call: &Call) -> Result<Answer, Answer> {
        let body = self.body(call, &["application", "sandbox", "apns_tokens"])?;
        if body.get("application").and_then(Value::as_str) != Some(PACKAGE) {
            return Err(failed("iid 403").because("`application` is no app of the project"));
        }
        if !body.get("sandbox").is_some_and(Value::is_boolean) {
            return Err(bad("`sandbox` is not true or false"));
        }
        let results = texts(&body, "apns_tokens", IMPORTS_MOST)?.into_iter().map(|token| match self.imported(token) {
            Ok(made) => json!({ "apns_token": token, "status": "OK", "registration_token": made }),
            Err(status) => json!({ "apns_token": token, "status": status }),
        });
        Ok(Answer::json(200, &json!({ "results": results.collect::<Vec<_>>() })))
    }

    /// The registration token for one of Apple's, always the same.
    pub(super) fn imported(&self, token: &str) -> Result<String, &'static str> {
        let hex = token.len() == 64 && token.bytes().all(|byte| byte.is_ascii_hexdigit());
        match self.world.target(token) {
            _ if !hex => Err("INVALID_ARGUMENT"),
            TargetState::Alive => {
                let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(token.to_ascii_lowercase()));
                Ok(format!("{}:APA91b{digest}", digest.chars().take(22).collect::<String>()))
            }
            TargetState::Dead => Err("INVALID_ARGUMENT"),
            TargetState::Refused(code) => Err(code.code),
        }
    }

    /// The body of a call, an object with these members and no others.
    pub(super) fn body(&self, call: &Call, names: &[&str]) -> Result<Map<String, Value>, Answer> {
        self.check_old(call)?;
        if !is_type(call, "application/json") {
            return Err(bad("the content type is not application/json"));
        }
        if !call.query.is_empty() {
            return Err(bad("there is no query"));
        }
        let body = match call.json() {
            Ok(Value::Object(body)) => body,
            _ => return Err(bad("the body is no JSON object")),
        };
        match body.keys().find(|name| !names.contains(&name.as_str())) {
            None => Ok(body),
            Some(name) => Err(bad(format!("there is no `{name}`"))),
        }
    }
}

/// A list of texts, none of them empty.
pub(super) fn texts<'a>(body: &'a Map<String, Value>, name: &str, most: usize) -> Result<Vec<&'a str>, Answer> {
    let list = body.get(name).and_then(Value::as_array).filter(|list| (1..=most).contains(&list.len()));
    let list = list.ok_or_else(|| bad(format!("`{name}` is no list of 1 to {most}")))?;
    let texts: Option<Vec<&str>> = list.iter().map(|one| one.as_str().filter(|text| !text.is_empty())).collect();
    texts.ok_or_else(|| bad(format!("`{name}` holds something empty, or no text")))
}

/// The answer in the service's shape, for the calls that have no documented failure for it.
pub(super) fn refused(text: &str) -> Answer {
    plain(400, text)
}
