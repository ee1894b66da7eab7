//! What Meizu's answers mean: the table of its codes, and the verdicts made from it.
//!
//! Meizu's PushAPI, section on codes, and its Java SDK, read in 2026-11.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use omnipush_core::codes::{self, Code, code};
use omnipush_core::{Class::*, Outcome, Refusal, Remedy, Reply, Set};
use serde::{Deserialize, Deserializer};

/// Every documented code of sending: those of a whole request, and as `value.…` those of single
/// targets. The same number may mean different things in the two places.
pub(crate) const CODES: &[Code] = &[
    code("-1", Unknown, "unknown; made by Meizu's own SDK"),
    code("300", Unknown, "call another address, which Meizu mentions without explaining"),
    code("500", Unknown, "another problem, which the text explains"),
    code("1001", Unavailable, "system error"),
    code("1003", Unavailable, "Meizu is busy"),
    code("1005", InvalidRequest, "a parameter is wrong"),
    code("1006", Unauthenticated, "the signature is wrong: check app_secret"),
    code("110000", Unauthenticated, "appId is wrong"),
    code("110001", Unauthenticated, "appKey is wrong"),
    code("110002", InvalidToken, "the pushId is not registered; of several targets it names none"),
    code("110003", InvalidToken, "the pushId is illegal; of several targets it names none"),
    code("110004", InvalidRequest, "a parameter is empty"),
    code("110009", PermissionDenied, "the app is on the blacklist"),
    code("110010", RateLimited, "the app pushes too fast; nothing of the request was taken"),
    code("110019", QuotaExceeded, "the app's pushes of today are used up").until_midnight(8),
    code("110031", InvalidRequest, "the package name is illegal"),
    code("110032", InvalidRequest, "the task's id is illegal").remedy(Remedy::NewTicket),
    code("110033", Unauthenticated, "app_secret is wrong"),
    code("110051", QuotaExceeded, "the app's allowance is used up; for how long is not said"),
    code("110053", PermissionDenied, "data-only messages are over their limit, or not allowed any more"),
    code("value.201", PermissionDenied, "no right to push to this target").target(),
    code("value.501", Unavailable, "failed in a database").target(),
    code("value.513", Unavailable, "failed inside Meizu").target(),
    code("value.518", RateLimited, "over the rate that is set for the app"),
    code("value.519", Unavailable, "failed for overload").target(),
    // Folding may hide a notification that did arrive: a repeat could only add to the pile.
    code("value.520", RateLimited, "folded: the device got 5 of the app's within a minute").target().stands(),
    code("value.110002", InvalidToken, "the pushId is not subscribed any more"),
    code("value.110003", InvalidToken, "the pushId is illegal"),
    code("value.110005", InvalidToken, "the alias is not subscribed, or switched off"),
    code("value.110010", PermissionDenied, "the user has switched the app's messages off, and may switch them on")
        .target(),
    code("value.110011", QuotaExceeded, "the device has its public messages of today").target(),
];

#[derive(Deserialize)]
struct Answer {
    #[serde(deserialize_with = "digits")]
    code: String,
    message: Option<String>,
    #[serde(rename = "msgId")]
    id: Option<String>,
}

/// The part of an answer that depends on the call. Errors have an empty text here.
#[derive(Deserialize)]
struct Results<T> {
    value: Option<T>,
}

/// Failed targets by code; an empty text where there are none; a task for a broadcast.
#[derive(Deserialize)]
#[serde(untagged)]
enum Failed {
    Task(Task),
    Targets(BTreeMap<String, Vec<String>>),
    Text(String),
}

#[derive(Deserialize)]
struct Task {
    #[serde(rename = "taskId", deserialize_with = "digits")]
    id: String,
}

/// Meizu writes codes as texts and task ids as numbers; both are taken for both.
fn digits<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Digits {
        Text(String),
        Number(i64),
    }
    Ok(match Digits::deserialize(from)? {
        Digits::Text(text) => text,
        Digits::Number(number) => number.to_string(),
    })
}

/// The verdicts of a send.
pub(crate) fn decode(reply: &Reply, set: &Set<'_>) -> Outcome {
    let Some(answer) = reply.json::<Answer>() else { return Outcome::Whole(reply.unreadable()) };
    if answer.code != "200" {
        let refusal = answer.refusal(&answer.code, reply);
        // One bad target must not condemn the good ones of its request.
        let gone_nameless = refusal.class == InvalidToken && set.items.len() > 1;
        return Outcome::refused(if gone_nameless { refusal.class(InvalidRequest) } else { refusal });
    }
    let results = reply.is_success().then(|| reply.json::<Results<Failed>>()).flatten();
    let Some(Results { value }) = results else { return Outcome::Whole(reply.unreadable()) };
    // Statistics of a task go by the task's id, not by that of one request.
    let id = Some(set.ticket).filter(|ticket| !ticket.is_empty()).or(answer.id.as_deref()).filter(|id| !id.is_empty());
    match value {
        // Meizu has made a task of it.
        Some(Failed::Task(task)) => Outcome::accepted(Some(&task.id)),
        Some(Failed::Targets(failed)) if !failed.is_empty() => {
            let mut fates: HashMap<&str, Arc<Refusal>> = HashMap::new();
            for (code, targets) in &failed {
                let refusal = Arc::new(answer.refusal(&format!("value.{code}"), reply).code(code.as_str()));
                for target in targets {
                    fates.entry(target).or_insert_with(|| Arc::clone(&refusal));
                }
            }
            Outcome::partial(id, set, |target| fates.get(target.as_str()).map(Arc::clone))
        }
        Some(Failed::Text(text)) if !text.is_empty() => Outcome::Whole(reply.unreadable()),
        _ => Outcome::accepted(id),
    }
}

/// What a call that succeeded says.
pub(crate) fn value(reply: &Reply) -> Result<serde_json::Value, Refusal> {
    let answer = reply.json::<Answer>().ok_or_else(|| reply.refusal())?;
    match reply.json::<Results<serde_json::Value>>() {
        Some(results) if answer.code == "200" => Ok(results.value.unwrap_or_default()),
        _ => Err(answer.refusal(&answer.code, reply)),
    }
}

/// The id of a saved task.
pub(crate) fn task_id(reply: &Reply) -> Result<Arc<str>, Refusal> {
    let unreadable = || reply.refusal().class(Unavailable).remedy(Remedy::Again);
    let answer = reply.json::<Answer>().ok_or_else(unreadable)?;
    if answer.code != "200" {
        return Err(answer.refusal(&answer.code, reply));
    }
    let task = reply.json::<Results<Task>>().and_then(|results| results.value).ok_or_else(unreadable)?;
    Ok(task.id.into())
}

impl Answer {
    fn refusal(&self, row: &str, reply: &Reply) -> Refusal {
        codes::refusal(CODES, row, reply, self.message.as_deref().unwrap_or_default())
    }
}
