//! Topic subscriptions, the REST resource
//! `/v1/projects/{project}/registrations/{registration}/topicSubscriptions` ("projects.registrations.
//! topicSubscriptions" in the service description). A registration is a token or an installation id.

use chrono::{DateTime, SecondsFormat};
use http::Method;
use serde_json::{Value, json};

use super::envelope;
use super::{Fcm, PROJECT, check_project, check_query, codes, json_body, rules, with};
use crate::fake::{Answer, At, Call, TargetState};
use crate::fakes::topics::MOST;

/// Topics of a page, if the caller has no wish.
const PAGE: usize = 1000;
/// Every parameter has two spellings.
const TOPIC_NAME: [&str; 2] = ["topic_name", "topicName"];
const ALLOW_MISSING: [&str; 2] = ["allow_missing", "allowMissing"];
const PAGE_SIZE: [&str; 2] = ["page_size", "pageSize"];
const PAGE_TOKEN: [&str; 2] = ["page_token", "pageToken"];

/// Whether a path is one of the resource.
pub(super) fn is_path(path: &str) -> bool {
    parts(path).is_some()
}

/// Project, registration, and the topic where one is named. All as they stand in the path.
fn parts(path: &str) -> Option<(&str, &str, Option<&str>)> {
    let (project, rest) = path.strip_prefix("/v1/projects/")?.split_once("/registrations/")?;
    let (registration, rest) = rest.split_once("/topicSubscriptions")?;
    let topic = match rest.strip_prefix('/') {
        None => rest.is_empty().then_some(None)?,
        Some(topic) => Some(topic),
    };
    Some((project, registration, topic))
}

fn failed(code: &str) -> Answer {
    codes::answer(At::Operate, code)
}

/// A subscription, as the answers show it.
pub(super) fn shown(registration: &str, topic: &str, since_ms: u64) -> Value {
    let since = i64::try_from(since_ms).ok().and_then(DateTime::from_timestamp_millis).unwrap_or_default();
    json!({
        "name": format!("projects/{PROJECT}/registrations/{registration}/topicSubscriptions/{topic}"),
        "topicName": topic,
        "createTime": since.to_rfc3339_opts(SecondsFormat::AutoSi, true),
    })
}

impl Fcm {
    /// Serves a call to the resource.
    pub(super) fn subscriptions(&self, call: &Call) -> Result<Answer, Answer> {
        let (project, registration, topic) = parts(&call.path).ok_or_else(|| failed("404 page"))?;
        self.authorize(call)?;
        check_project(project)?;
        let registration = unescaped(registration);
        let topic = topic.map(unescaped);
        self.check_registration(&registration)?;
        match (&call.method, topic) {
            (&Method::POST, None) => {
                check_query(call, &TOPIC_NAME)?;
                self.create(call, &registration)
            }
            (&Method::GET, None) => {
                check_query(call, &[PAGE_SIZE, PAGE_TOKEN].concat())?;
                self.list(call, &registration)
            }
            (&Method::PATCH, Some(topic)) => {
                check_query(call, &ALLOW_MISSING)?;
                self.upsert(call, &registration, &topic)
            }
            (&Method::GET, Some(topic)) => {
                check_query(call, &[])?;
                self.get(&registration, &topic)
            }
            (&Method::DELETE, Some(topic)) => {
                check_query(call, &ALLOW_MISSING)?;
                let gone = self.topics.remove(&registration, checked(&topic)?);
                if gone || flag(call)? { Ok(Answer::json(200, &json!({}))) } else { Err(failed("404 NOT_FOUND")) }
            }
            _ => Err(failed("404 page")),
        }
    }

    fn check_registration(&self, registration: &str) -> Result<(), Answer> {
        if registration.is_empty() || registration.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(envelope::invalid("Invalid registration"));
        }
        match self.world.target(registration) {
            TargetState::Alive => Ok(()),
            TargetState::Dead => Err(failed("UNREGISTERED")),
            TargetState::Refused(code) => Err(failed(code.code)),
        }
    }

    fn create(&self, call: &Call, registration: &str) -> Result<Answer, Answer> {
        check_body(call)?;
        let topic = parameter(call, TOPIC_NAME).unwrap_or_default();
        let topic = checked(&topic)?;
        if self.topics.of(registration).contains_key(topic) {
            return Err(failed("409 ALREADY_EXISTS"));
        }
        self.put(call, registration, topic)
    }

    fn upsert(&self, call: &Call, registration: &str, topic: &str) -> Result<Answer, Answer> {
        check_body(call)?;
        let topic = checked(topic)?;
        if !flag(call)? && !self.topics.of(registration).contains_key(topic) {
            return Err(failed("404 NOT_FOUND"));
        }
        self.put(call, registration, topic)
    }

    fn put(&self, call: &Call, registration: &str, topic: &str) -> Result<Answer, Answer> {
        if !self.topics.add(registration, topic, call.now_ms) {
            return Err(envelope::invalid("The app instance has too many topics"));
        }
        self.get(registration, topic)
    }

    fn get(&self, registration: &str, topic: &str) -> Result<Answer, Answer> {
        let since_ms = self.topics.of(registration).get(checked(topic)?).copied();
        let since_ms = since_ms.ok_or_else(|| failed("404 NOT_FOUND"))?;
        Ok(Answer::json(200, &shown(registration, topic, since_ms)))
    }

    fn list(&self, call: &Call, registration: &str) -> Result<Answer, Answer> {
        let (size, start) = page(call, PAGE, MOST)?;
        let topics = self.topics.of(registration);
        let some: Vec<Value> =
            topics.iter().skip(start).take(size).map(|(topic, since)| shown(registration, topic, *since)).collect();
        let body = json!({ "topicSubscriptions": some });
        Ok(Answer::json(
            200,
            &match start + size < topics.len() {
                true => with(body, "nextPageToken", (start + size).to_string()),
                false => body,
            },
        ))
    }
}

/// The size of a page, and where it starts: a page token is the number of what came before.
pub(super) fn page(call: &Call, usual: usize, most: usize) -> Result<(usize, usize), Answer> {
    let number = |names, without: usize| match parameter(call, names) {
        None => Ok(without),
        Some(text) => text.parse::<usize>().map_err(|_| envelope::invalid("Invalid page")),
    };
    let size = number(PAGE_SIZE, usual)?;
    if size == 0 || size > most {
        return Err(envelope::invalid(&format!("page_size is {size}, and {most} is the most")));
    }
    Ok((size, number(PAGE_TOKEN, 0)?))
}

/// A parameter of the query in either spelling; of several the last one counts.
fn parameter(call: &Call, names: [&str; 2]) -> Option<String> {
    let named = |(name, _): &(String, String)| names.contains(&name.as_str());
    call.query_pairs().into_iter().rev().find(named).map(|(_, value)| value)
}

fn flag(call: &Call) -> Result<bool, Answer> {
    match parameter(call, ALLOW_MISSING).as_deref() {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(other) => Err(envelope::invalid(&format!("allow_missing is {other:?}"))),
    }
}

fn checked(topic: &str) -> Result<&str, Answer> {
    rules::topic(&topic.into()).map(|()| topic).map_err(|problem| envelope::invalid(&problem))
}

/// The body is a subscription; all that it can hold is for the server to say.
fn check_body(call: &Call) -> Result<(), Answer> {
    if call.body.is_empty() {
        return Ok(());
    }
    let body = json_body(call)?;
    let known =
        |name: &String| ["name", "topicName", "topic_name", "createTime", "create_time"].contains(&name.as_str());
    match body.as_object() {
        Some(body) if body.iter().all(|(name, value)| known(name) && value.is_string()) => Ok(()),
        _ => Err(envelope::invalid("The body is no TopicSubscription")),
    }
}

/// A part of a path without its percent signs.
fn unescaped(part: &str) -> String {
    let pair = format!("part={}", part.replace('+', "%2B"));
    form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}
