//! What HMS's answers mean: the table of its codes, and the verdicts made from it.
//!
//! Huawei's page "https-send-api" (codes) and its SDKs (codes of topics), read in 2026-11.

use std::collections::HashSet;
use std::sync::Arc;

use omnipush_core::codes::{self, Code, code};
use omnipush_core::{Class::*, Outcome, Refusal, Reply, Set, Target, Verdict};
use serde::Deserialize;

/// Every documented failure of signing in (`error/sub_error`), sending and topics.
pub(crate) const CODES: &[Code] = &[
    code("1101/20002", Unauthenticated, "client_id is malformed"),
    code("1101/20003", Unauthenticated, "client_id is unknown"),
    code("1101/12304", Unauthenticated, "client_secret is wrong"),
    code("1101/20171", Unauthenticated, "client_secret is missing"),
    code("80100000", InvalidToken, "some of the tokens are wrong, which the answer names"),
    code("80100001", InvalidRequest, "a parameter is wrong"),
    code("80100002", InvalidRequest, "a message of this kind has exactly one token"),
    code("80100003", InvalidRequest, "the message is malformed"),
    code("80100004", InvalidRequest, "ttl is wrong"),
    code("80100013", InvalidRequest, "collapse_key is wrong"),
    code("80100016", InvalidRequest, "forbidden words"),
    code("80100017", RateLimited, "more than 100 sends to topics are under way"),
    code("80100018", InvalidRequest, "the proof of the review does not fit the content"),
    code("80200001", Unauthenticated, "the access token is missing, malformed or another app's").new_token(),
    code("80200003", Unauthenticated, "the access token has expired").new_token(),
    code("80200005", Unauthenticated, "the signed token has expired").new_token(),
    code("80300002", PermissionDenied, "the app may not send: push is off, or the tokens are another app's"),
    code("80300007", InvalidToken, "all tokens are wrong"),
    code("80300008", PayloadTooLarge, "over 4,096 bytes without the tokens"),
    code("80300010", InvalidRequest, "too few or too many tokens"),
    code("80300011", PermissionDenied, "no right to a high priority"),
    code("80300013", InvalidRequest, "the address of receipts is wrong, or its certificate has expired"),
    code("80300036", Unauthenticated, "the signed token lives longer than a day"),
    code("80600003", Unauthenticated, "Huawei could not check the credentials"),
    code("81000001", Unavailable, "trouble at Huawei"),
    code("82000001", InvalidRequest, "the group's key or name is wrong"),
    code("82000002", InvalidRequest, "the group's key and name do not belong together"),
    code("82000003", InvalidRequest, "the list of tokens is empty or too long"),
    code("82000004", InvalidRequest, "the group is unknown"),
    code("82000005", InvalidRequest, "the group is another app's"),
    code("82000006", InvalidRequest, "too many groups or tokens"),
    code("82000007", InvalidRequest, "the topic is wrong"),
    code("82000008", InvalidRequest, "the list of tokens is empty or too long"),
    code("82000009", InvalidRequest, "the token has 2,000 topics"),
    code("82000010", InvalidToken, "some token is wrong"),
    code("82000011", InvalidRequest, "a token is empty"),
    code("82000012", PermissionDenied, "the place where data is kept is not set"),
    code("82000013", PermissionDenied, "the place where data is kept is another"),
    code("HTTP 503", RateLimited, "over the app's rate, or flow control"),
];

#[derive(Deserialize)]
pub(crate) struct Answer {
    pub(crate) code: String,
    #[serde(default)]
    pub(crate) msg: String,
    #[serde(rename = "requestId")]
    pub(crate) request_id: Option<String>,
}

#[derive(Deserialize)]
struct Partly {
    illegal_tokens: HashSet<String>,
}

/// The verdicts of a send. The body goes first: which status comes with which code is not
/// documented.
pub(crate) fn decode(reply: &Reply, set: &Set<'_>) -> Outcome {
    let Some(answer) = reply.json::<Answer>() else { return Outcome::Whole(unreadable(CODES, reply)) };
    let id = answer.request_id.as_deref().filter(|id| !id.is_empty());
    let gone = || named(CODES, &answer.code, reply, &answer.msg);
    match answer.code.as_str() {
        "80000000" => Outcome::accepted(id),
        code @ ("80100000" | "80300007") => match serde_json::from_str::<Partly>(&answer.msg) {
            Ok(partly) => {
                // Without the tokens, which stand in the text.
                let gone = Arc::new(gone().text("illegal_tokens"));
                let named = |target: &Target| partly.illegal_tokens.contains(target.as_str());
                Outcome::partial(id, set, |target| named(target).then(|| Arc::clone(&gone)))
            }
            // Some were taken, and nobody says which.
            Err(_) if code == "80100000" => Outcome::Whole(Verdict::Unsure(Some(Arc::new(gone().class(Unknown))))),
            Err(_) => Outcome::refused(gone()),
        },
        _ => Outcome::refused(gone()),
    }
}

/// The refusal of a code. One that no table has says nothing by its status but that it failed.
pub(crate) fn named(table: &[Code], code: &str, reply: &Reply, text: &str) -> Refusal {
    match codes::find(table, code) {
        None if reply.status < 500 => Refusal::new(Unknown).status(reply.status).code(code).text(text),
        _ => codes::refusal(table, code, reply, text),
    }
}

/// A page instead of an answer.
pub(crate) fn unreadable(table: &[Code], reply: &Reply) -> Verdict {
    match codes::find(table, &format!("HTTP {}", reply.status)) {
        Some(row) => Verdict::Refused(Arc::new(row.refusal(reply, &reply.text()).code(""))),
        None => reply.unreadable(),
    }
}

/// What a call that succeeded says, whole or in part.
pub(crate) fn answer(table: &[Code], good: &[&str], reply: &Reply) -> Result<Answer, Refusal> {
    match reply.json::<Answer>() {
        Some(answer) if good.contains(&answer.code.as_str()) => Ok(answer),
        Some(answer) => Err(named(table, &answer.code, reply, &answer.msg)),
        None => match unreadable(table, reply) {
            Verdict::Refused(refusal) => Err(Refusal::clone(&refusal)),
            _ => Err(reply.refusal()),
        },
    }
}
