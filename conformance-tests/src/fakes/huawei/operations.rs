//! The calls of HMS Push that do not send: topics and their members, and what is known of a token
//! ("topic-sub-api", "topic-list-api", "topic-delete-api", "query-data-api").

use std::sync::PoisonError;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use omnipush_core::Class::InvalidToken;
use omnipush_core::{Found, Group, GroupKind, Operation, Target};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::Huawei;
use super::codes::TABLE;
use super::fields::{Checked, Field, Kind, check, ensure, is_token, must, refuse};
use super::tables::is_topic;
use super::wire::{self, MAX_TOKENS};
use crate::fake::{Answer, Fake as _, OperationTrial, TargetState};

pub(super) const CALLS: &[(&str, &str)] = &[
    ("v1", "topic:subscribe"),
    ("v1", "topic:unsubscribe"),
    ("v1", "topic:list"),
    ("v1", "topic:truncate"),
    ("v1", "token:query"),
];

/// How many topics may be deleted in [`DAY_MS`].
pub(super) const DELETIONS: usize = 100;
const DAY_MS: u64 = 86_400_000;

const BAD_TOKEN: &str = "82000010";
const BAD_COUNT: &str = "82000003";
const TOO_MANY_TOPICS: &str = "82000009";

const TOPIC: Field = must("topic", Kind::Like(is_topic)).or("82000007");
const MEMBERS: &[Field] = &[TOPIC, must("tokenArray", Kind::List(&Kind::Text, MAX_TOKENS)).or(BAD_COUNT)];
const ONE: &[Field] = &[must("token", Kind::Text).or("82000011")];

/// Failures of every call.
const COMMON: &[&str] = &[
    "80100001", "80100003", "80200001", "80200003", "80200005", "80300002", "80600003", "81000001", "HTTP 401",
    "HTTP 404", "HTTP 500", "HTTP 502", "HTTP 503",
];
/// Those that Huawei's SDKs have for topics. That some token is wrong is not among them: it must
/// not cost the others, and what it is answered to is not documented.
const OF_TOPICS: &[&str] = &[
    "82000001", "82000002", "82000003", "82000004", "82000005", "82000006", "82000007", "82000008", "82000009",
    "82000012", "82000013",
];
const OF_TOKEN: &[&str] = &[BAD_TOKEN, "82000011"];

impl Huawei {
    pub(super) fn operate(
        &self,
        what: &str,
        body: &Map<String, Value>,
        now_ms: u64,
        request_id: &str,
    ) -> Checked<Answer> {
        let more = match what {
            "topic:subscribe" => self.members(body, |token, topic| self.topics.add(token, topic, now_ms))?,
            "topic:unsubscribe" => self.members(body, |token, topic| {
                self.topics.remove(token, topic);
                true
            })?,
            "topic:truncate" => self.truncate(body, now_ms)?,
            "topic:list" => {
                let topics = self.topics.of(self.known(body)?);
                let day = |ms: &u64| i64::try_from(*ms).ok().and_then(DateTime::from_timestamp_millis);
                let date = |ms| day(ms).unwrap_or_default().format("%Y-%m-%d").to_string();
                let listed = topics.iter().map(|(name, ms)| json!({"name": name, "addDate": date(ms)}));
                json!({"topics": listed.collect::<Vec<_>>()})
            }
            _ => {
                let token = self.known(body)?;
                let id: String = URL_SAFE_NO_PAD.encode(Sha256::digest(token)).chars().take(22).collect();
                json!({"aaId": id, "topics": self.topics.of(token).into_keys().collect::<Vec<_>>()})
            }
        };
        let mut answer = json!({"code": "80000000", "msg": "Success", "requestId": request_id});
        if let (Some(answer), Value::Object(more)) = (answer.as_object_mut(), more) {
            answer.extend(more);
        }
        Ok(Answer::json(200, &answer))
    }

    /// Does something with every token; those that are bad are listed. How places are counted and
    /// reasons are told is not documented: from 0 here, and by the numbers of the SDKs.
    fn members(&self, body: &Map<String, Value>, each: impl Fn(&str, &str) -> bool) -> Checked<Value> {
        check(body, MEMBERS, "body")?;
        let topic = body.get("topic").and_then(Value::as_str).unwrap_or_default();
        let tokens = body.get("tokenArray").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        ensure(!tokens.is_empty(), BAD_COUNT, "no tokens")?;
        let mut errors = Vec::new();
        for (index, token) in wire::texts(tokens)?.into_iter().enumerate() {
            let failing = match self.is_known(token) {
                false => Some(BAD_TOKEN),
                true if each(token, topic) => None,
                true => Some(TOO_MANY_TOPICS),
            };
            errors.extend(failing.map(|code| json!({"index": index, "reason": code})));
        }
        Ok(json!({
            "successCount": tokens.len() - errors.len(),
            "failureCount": errors.len(),
            "errors": errors,
        }))
    }

    fn truncate(&self, body: &Map<String, Value>, now_ms: u64) -> Checked<Value> {
        check(body, &[TOPIC], "body")?;
        let mut deleted = self.deleted.lock().unwrap_or_else(PoisonError::into_inner);
        while deleted.front().is_some_and(|&at| at + DAY_MS <= now_ms) {
            deleted.pop_front();
        }
        ensure(deleted.len() < DELETIONS, "HTTP 503", "too many topics deleted in a day")?;
        deleted.push_back(now_ms);
        self.topics.delete(body.get("topic").and_then(Value::as_str).unwrap_or_default());
        Ok(json!({}))
    }

    /// The token that a call is about.
    fn known<'a>(&self, body: &'a Map<String, Value>) -> Checked<&'a str> {
        check(body, ONE, "body")?;
        let token = body.get("token").and_then(Value::as_str).unwrap_or_default();
        if self.is_known(token) { Ok(token) } else { refuse(BAD_TOKEN, "the token is not known") }
    }

    fn is_known(&self, token: &str) -> bool {
        is_token(token) && matches!(self.world.target(token), TargetState::Alive)
    }

    /// Leaves one token in two topics, and tries every call in an order in which none disturbs the
    /// next.
    pub(super) fn trials(&self) -> Vec<OperationTrial> {
        self.topics.clear();
        let target = |number: usize| Target::new(self.target(1000 + number));
        let (member, dead) = (target(0), target(1));
        self.world.set_target(dead.as_str(), TargetState::Dead);
        for topic in ["chess", "sport"] {
            self.topics.add(member.as_str(), topic, 1_700_000_000_000);
        }
        let news = || Group::Topic("news".into());
        let targets = vec![target(2), dead.clone(), target(3)];
        let classes = [None, Some(InvalidToken), None];
        let meaning = |more: &[&[&'static str]]| wire::meanings(TABLE, &[COMMON, &more.concat()].concat());
        vec![
            OperationTrial::done(Operation::Subscribe { to: news(), targets: targets.clone() })
                .classes(classes)
                .codes(&meaning(&[OF_TOPICS])),
            OperationTrial::done(Operation::Unsubscribe { from: news(), targets })
                .classes(classes)
                .codes(&meaning(&[OF_TOPICS])),
            OperationTrial::done(Operation::Groups { kind: GroupKind::Topic, target: member.clone() })
                .found(Found::Names(vec!["chess".into(), "sport".into()]))
                .codes(&meaning(&[OF_TOPICS, OF_TOKEN])),
            OperationTrial::done(Operation::CheckTargets { targets: vec![member] }).codes(&meaning(&[OF_TOKEN])),
            OperationTrial::done(Operation::CheckTargets { targets: vec![dead] }).classes([Some(InvalidToken)]),
            OperationTrial::done(Operation::DeleteGroup { group: Group::Topic("sport".into()) })
                .codes(&meaning(&[OF_TOPICS])),
        ]
    }
}
