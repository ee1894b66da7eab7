//! What HMS offers besides sending: topics, and queries of single tokens.
//!
//! Huawei's pages on topics and on token queries, read in 2026-11.

use omnipush_core::codes;
use omnipush_core::model::condition_topics;
use omnipush_core::{
    Answer, Class, Found, Group, GroupKind, Offer, Operation, OperationKind, Refusal, Reply, Request, Target,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::config::Config;
use super::response::{self, CODES};

pub(crate) const OFFERS: &[Offer] = &[
    Offer::new(OperationKind::Subscribe(GroupKind::Topic), "`topic:subscribe`; a token has up to 2,000 topics")
        .max(1000),
    Offer::new(OperationKind::Unsubscribe(GroupKind::Topic), "`topic:unsubscribe`").max(1000),
    Offer::new(OperationKind::Groups(GroupKind::Topic), "`topic:list`"),
    Offer::new(OperationKind::DeleteGroup(GroupKind::Topic), "`topic:truncate`; 100 a day"),
    Offer::new(OperationKind::CheckTargets, "`token:query`"),
];

pub(crate) fn request(config: &Config, operation: &Operation) -> Result<Request, Refusal> {
    let tokens: Vec<&str> = operation.targets().iter().map(Target::as_str).collect();
    let first = tokens.first().copied().unwrap_or_default();
    let (call, body) = match operation {
        Operation::Subscribe { to: Group::Topic(topic), .. } => {
            ("topic:subscribe", json!({"topic": checked(topic)?, "tokenArray": tokens}))
        }
        Operation::Unsubscribe { from: Group::Topic(topic), .. } => {
            ("topic:unsubscribe", json!({"topic": checked(topic)?, "tokenArray": tokens}))
        }
        Operation::Groups { .. } => ("topic:list", json!({"token": first})),
        Operation::DeleteGroup { group } => ("topic:truncate", json!({"topic": checked(group.name())?})),
        Operation::CheckTargets { .. } => ("token:query", json!({"token": first})),
        _ => return Err(Refusal::not_sent("Huawei has no such operation")),
    };
    let url = config.url(&format!("/v1/{}/{call}", config.client_id));
    Ok(Request::post(url, body.to_string().into()).json().with_token("push"))
}

/// A topic's name: up to 900 letters (Chinese ones too), digits, `_`, `%`, `.`, `~`, `-`.
pub(crate) fn checked(topic: &str) -> Result<&str, Refusal> {
    let size = topic.chars().count();
    let plain = |c: char| c.is_ascii_alphanumeric() || "_%.~-".contains(c) || matches!(c, '\u{4e00}'..='\u{9fff}');
    if (1..=900).contains(&size) && topic.chars().all(plain) {
        return Ok(topic);
    }
    Err(Refusal::not_sent(&format!(
        "topic: has {size} characters; 1 to 900 letters, digits, `_`, `%`, `.`, `~`, `-` are allowed"
    )))
}

/// An expression over at most 5 topics.
pub(crate) fn condition(text: &str) -> Result<(), Refusal> {
    let topics = condition_topics(text).map_err(Refusal::not_sent)?;
    if topics.len() > 5 {
        return Err(Refusal::not_sent("condition: names more than 5 topics"));
    }
    topics.into_iter().try_for_each(|topic| checked(topic).map(drop))
}

#[derive(Deserialize)]
struct Told {
    #[serde(default)]
    errors: Vec<Failed>,
    #[serde(default)]
    topics: Vec<Value>,
}

#[derive(Deserialize)]
struct Failed {
    index: usize,
    reason: Value,
}

pub(crate) fn answer(operation: &Operation, reply: &Reply) -> Result<Answer, Refusal> {
    // A part that failed is told beside a success.
    let partly: &[&str] = if operation.targets().len() > 1 { &["80000000", "80100000"] } else { &["80000000"] };
    if let Err(refusal) = response::answer(CODES, partly, reply) {
        // That a token is bad is what a check of it finds.
        let found = matches!(operation, Operation::CheckTargets { .. }) && refusal.class == Class::InvalidToken;
        return if found { Ok(Answer::partial(operation, |_| Some(refusal.clone()))) } else { Err(refusal) };
    }
    let told: Told = reply.json().ok_or_else(|| reply.refusal())?;
    if let Operation::Groups { .. } = operation {
        let name = |topic: &Value| topic.get("name").unwrap_or(topic).as_str().map(str::to_owned);
        return Ok(Answer::found(operation, Found::Names(told.topics.iter().filter_map(name).collect())));
    }
    Ok(Answer::partial(operation, |at| {
        let failed = told.errors.iter().find(|failed| failed.index == at)?;
        let reason = failed.reason.as_str().map_or_else(|| failed.reason.to_string(), str::to_owned);
        Some(match codes::find(CODES, &reason) {
            Some(row) => row.refusal(reply, &reason),
            None => Refusal::new(Class::Unknown).status(reply.status).text(&reason),
        })
    }))
}
