//! What OPPO's answers mean: the table of its codes, and the verdicts made from it.
//!
//! OPPO's pages 11235 (codes), 11236 and 11238 (answers), its Java SDK, and clients for the codes
//! that the pages do not have, read in 2026-11.

use std::borrow::Cow;
use std::cell::LazyCell;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use omnipush_core::codes::{self, Code, code};
use omnipush_core::{Class::*, Outcome, Refusal, Remedy, Reply, Set, Shape, Verdict};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Every documented code. They are the same for all calls.
pub(crate) const CODES: &[Code] = &[
    code("-2", RateLimited, "OPPO controls the flow"),
    code("-1", Unavailable, "out of service for now"),
    code("11", Unauthenticated, "auth_token wrong or expired").new_token(),
    code("12", InvalidRequest, "HTTP method not allowed"),
    code("13", RateLimited, "call limit reached"),
    code("14", PermissionDenied, "app_key is wrong"),
    code("15", InvalidRequest, "app_key is missing"),
    code("16", PermissionDenied, "the signature is wrong: check master_secret, which is not AppSecret"),
    code("17", InvalidRequest, "sign is missing"),
    code("18", InvalidRequest, "timestamp is missing"),
    code("19", Unauthenticated, "timestamp more than 10 minutes off: check the clock").remedy(Remedy::Resign),
    code("20", InvalidRequest, "unknown call"),
    code("21", InvalidRequest, "the call is missing"),
    code("22", InvalidRequest, "the version is missing"),
    code("23", InvalidRequest, "the version is wrong"),
    code("24", InvalidRequest, "the version is not supported"),
    code("25", InvalidRequest, "not in UTF-8"),
    code("26", PermissionDenied, "the sender's address is on the blacklist"),
    code("27", PermissionDenied, "no right to this call"),
    code("28", PermissionDenied, "the app is disabled"),
    code("29", Unauthenticated, "auth_token is missing").new_token(),
    code("30", PermissionDenied, "the app may not push by API"),
    code("31", InvalidRequest, "there is no such thing, such as the saved message").remedy(Remedy::NewTicket),
    code("32", InvalidRequest, "there twice; of a repeat it may mean that the first was taken"),
    code("33", QuotaExceeded, "today's messages are used up").until_midnight(8),
    code("34", QuotaExceeded, "today's pictures are used up"),
    code("40", InvalidRequest, "an argument is missing"),
    code("41", InvalidRequest, "an argument is wrong; a malformed registration id was seen to give it too").split(),
    code("42", QuotaExceeded, "today's saved messages are used up"),
    code("51", InvalidRequest, "the picture is wrong"),
    code("54", InvalidRequest, "a private message needs an approved template"),
    code("55", RateLimited, "the app calls too often"),
    code("59", PermissionDenied, "no right to a second link"),
    code("67", InvalidRequest, "the category is wrong, or the reminder strength is not granted"),
    code("69", RateLimited, "a global limit"),
    code("10000", InvalidToken, "the registration id is malformed or dead"),
    code("10001", InvalidToken, "the registration id is not subscribed"),
    code("10002", InvalidToken, "the alias is wrong"),
    code("10003", InvalidToken, "the alias is not subscribed"),
    code("10004", InvalidRequest, "the registration id is there twice"),
    code("10005", InvalidRequest, "the alias is there twice"),
];

#[derive(Deserialize)]
struct Answer {
    code: i64,
    message: Option<String>,
}

#[derive(Deserialize)]
struct With<T> {
    data: Option<T>,
}

/// What a batch succeeded in, read at once: it has a member for each of a thousand targets.
#[derive(Deserialize)]
struct Batch<'a> {
    code: i64,
    #[serde(borrow)]
    data: Vec<Element<'a>>,
}

/// One message of a batch.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Element<'a> {
    #[serde(borrow)]
    message_id: Option<Text<'a>>,
    #[serde(borrow)]
    registration_id: Option<Text<'a>>,
    error_code: Option<Value>,
    #[serde(borrow)]
    error_message: Option<Text<'a>>,
}

/// A text that is copied only where it has escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl Element<'_> {
    fn target(&self) -> Option<&str> {
        self.registration_id.as_ref().map(|id| &*id.0)
    }
}

/// A single push names its message in one way, a broadcast in another; failed targets stand under
/// their code.
#[derive(Deserialize)]
struct Sent {
    #[serde(rename = "messageId")]
    unicast: Option<String>,
    message_id: Option<String>,
    #[serde(flatten)]
    more: BTreeMap<String, Value>,
}

/// The verdicts of a send.
pub(crate) fn decode(reply: &Reply, set: &Set<'_>, batched: bool) -> Outcome {
    let batched = batched && set.shape != Shape::One;
    if batched && let Some(Batch { code: 0, data }) = reply.json() {
        return elements(reply, set, &data);
    }
    let Some(answer) = reply.json::<Answer>() else { return Outcome::Whole(reply.unreadable()) };
    if answer.code != 0 {
        let refusal = answer.refusal(reply);
        // One bad target must not condemn the others of its request.
        let nameless = refusal.class == InvalidToken && set.items.len() > 1;
        return Outcome::refused(match nameless {
            true => refusal.class(InvalidRequest).remedy(Remedy::Split),
            false => refusal,
        });
    }
    if batched {
        return Outcome::Whole(reply.unreadable());
    }
    let Some(With { data: Some(sent) }) = reply.json::<With<Sent>>() else { return Outcome::Whole(reply.unreadable()) };
    let id = sent.unicast.as_deref().or(sent.message_id.as_deref()).or(Some(set.ticket)).filter(|id| !id.is_empty());
    let failed = |target: &str| {
        let names = |ids: &Value| ids.as_array().is_some_and(|ids| ids.iter().any(|id| id.as_str() == Some(target)));
        let code = sent.more.iter().find(|(code, ids)| code.parse::<i64>().is_ok() && names(ids))?.0;
        Some(Arc::new(codes::refusal(CODES, code, reply, answer.text())))
    };
    match sent.more.is_empty() {
        true => Outcome::accepted(id),
        false => Outcome::partial(id, set, |target| failed(target.as_str())),
    }
}

/// OPPO does not promise to answer in order, so a message that is not in its place is found by
/// its target.
fn elements(reply: &Reply, set: &Set<'_>, elements: &[Element<'_>]) -> Outcome {
    // The first of a target stands.
    let named = || elements.iter().rev().filter_map(|element| Some((element.target()?, element)));
    let by_target = LazyCell::new(|| named().collect::<HashMap<_, _>>());
    let fate = |at: usize, target: &str| {
        let in_place = elements.get(at).filter(|element| element.target() == Some(target));
        let Some(element) = in_place.or_else(|| by_target.get(target).copied()) else { return Verdict::Unsure(None) };
        let code = element.error_code.as_ref().map(text).filter(|code| !code.is_empty() && code != "0");
        match code {
            None => Verdict::Accepted { id: element.message_id.as_ref().map(|id| Arc::from(&*id.0)) },
            Some(code) => {
                let words = element.error_message.as_ref().map_or("", |words| &words.0);
                let refusal = codes::refusal(CODES, &code, reply, words);
                // It is named here, so that no smaller set is needed.
                let remedy = if refusal.remedy == Remedy::Split { Remedy::Stand } else { refusal.remedy };
                Verdict::Refused(Arc::new(refusal.remedy(remedy)))
            }
        }
    };
    Outcome::Each(set.items.iter().enumerate().map(|(at, item)| fate(at, item.target.as_str())).collect())
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What a call that succeeded says; `None` where it says nothing.
pub(crate) fn data<T: DeserializeOwned>(reply: &Reply) -> Result<Option<T>, Refusal> {
    let answer = reply.json::<Answer>().ok_or_else(|| unreadable(reply))?;
    if answer.code != 0 {
        return Err(answer.refusal(reply));
    }
    Ok(reply.json::<With<T>>().and_then(|with| with.data))
}

/// The id of a saved message.
pub(crate) fn message_id(reply: &Reply) -> Result<Arc<str>, Refusal> {
    let sent: Option<Sent> = data(reply)?;
    let id = sent.and_then(|sent| sent.message_id.or(sent.unicast)).filter(|id| !id.is_empty());
    id.map(Arc::from).ok_or_else(|| unreadable(reply))
}

/// After a success the call goes again; else the status says what it is.
fn unreadable(reply: &Reply) -> Refusal {
    match reply.is_success() {
        true => reply.refusal().class(Unavailable).remedy(Remedy::Again),
        false => reply.refusal(),
    }
}

impl Answer {
    fn text(&self) -> &str {
        self.message.as_deref().unwrap_or_default()
    }

    fn refusal(&self, reply: &Reply) -> Refusal {
        codes::refusal(CODES, &self.code.to_string(), reply, self.text())
    }
}
