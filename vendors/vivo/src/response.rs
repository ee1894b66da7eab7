//! What vivo's answers mean: the table of its codes, and the verdicts made from it.
//!
//! vivo's pages 362 and 695 and the server SDK 2.2, read in 2026-11.

use std::collections::HashMap;
use std::sync::Arc;

use omnipush_core::codes::{self, Code, code};
use omnipush_core::{Class::*, Outcome, Refusal, Remedy, Reply, Set, Target};
use serde::Deserialize;

/// Every documented code of signing in, saving, sending and the other calls.
pub(crate) const CODES: &[Code] = &[
    code("10000", Unauthenticated, "access token missing, wrong or expired").new_token(),
    code("10040", Unavailable, "vivo is short of resources"),
    code("10043", PermissionDenied, "the app has closed its push channel"),
    code("10045", PermissionDenied, "the app is under review: test messages only"),
    code("10050", InvalidRequest, "regId is empty"),
    code("10051", InvalidRequest, "the classification does not allow this kind of message"),
    code("10054", InvalidRequest, "notifyType is wrong"),
    code("10055", InvalidRequest, "the title is empty"),
    code("10056", PayloadTooLarge, "the title is over 40 characters"),
    code("10057", InvalidRequest, "the content is empty"),
    code("10058", PayloadTooLarge, "the content is over 100 characters"),
    code("10059", InvalidRequest, "timeToLive is wrong"),
    code("10060", InvalidRequest, "skipType is wrong"),
    code("10061", InvalidRequest, "the web page to open is missing"),
    code("10062", PayloadTooLarge, "the web page's address is too long"),
    code("10063", InvalidRequest, "the custom click content is missing"),
    code("10064", PayloadTooLarge, "the custom click content is too long"),
    code("10065", InvalidRequest, "networkType is wrong"),
    code("10066", PayloadTooLarge, "more than 10 custom pairs"),
    code("10067", PayloadTooLarge, "a custom pair is wrong, or they are over 1,024 characters"),
    code("10068", InvalidRequest, "the page of the app to open is missing"),
    code("10069", PayloadTooLarge, "the page of the app to open is too long"),
    code("10070", QuotaExceeded, "today's operational messages are used up").until_midnight(8),
    code("10071", QuotaExceeded, "operational messages go out from 07:00 to 23:00 Beijing time only"),
    code("10072", RateLimited, "too fast"),
    code("10073", QuotaExceeded, "today's system messages are used up").until_midnight(8),
    code("10082", PermissionDenied, "system messages are switched off"),
    code("10085", InvalidRequest, "the wording is refused"),
    code("10094", PermissionDenied, "the access token belongs to another appId"),
    code("10095", InvalidRequest, "notifyId is wrong"),
    code("10096", InvalidRequest, "the category is unknown"),
    code("10097", InvalidRequest, "category and classification disagree"),
    code("10103", InvalidRequest, "forbidden words"),
    code("10104", InvalidRequest, "looks like a test: only digits, letters or symbols, or the word for test"),
    code("10150", InvalidRequest, "regIds is empty"),
    code("10151", InvalidRequest, "taskId is empty"),
    code("10152", InvalidRequest, "taskId is wrong"),
    code("10153", InvalidRequest, "not 2 to 1,000 regIds"),
    code("10154", InvalidRequest, "not 2 to 1,000 aliases"),
    code("10155", InvalidRequest, "the saved message is gone").remedy(Remedy::NewTicket),
    code("10200", InvalidRequest, "appId is empty"),
    code("10201", InvalidRequest, "appKey is empty"),
    code("10202", PermissionDenied, "appKey is wrong"),
    code("10203", InvalidRequest, "timestamp is empty"),
    code("10204", InvalidRequest, "sign is empty"),
    code("10205", PermissionDenied, "appId does not exist"),
    code("10206", PermissionDenied, "sign is wrong: check appSecret"),
    code("10207", Unauthenticated, "timestamp is more than 10 minutes off: check the clock").remedy(Remedy::Resign),
    code("10250", RateLimited, "too many sign-ins"),
    code("10252", QuotaExceeded, "too many saved messages today").until_midnight(8),
    code("10254", QuotaExceeded, "too many pushes to all today").until_midnight(8),
    code("10301", InvalidRequest, "the alias is too long"),
    code("10302", InvalidToken, "regId unknown, uninstalled or data cleared (invalidUser status 1, 2 or none)"),
    code("10302/3", Unknown, "invalidUser status 3: inactive for long, in old texts"),
    code("10302/4", InvalidRequest, "invalidUser status 4: not a test phone (push_mode 1)"),
    code("10304", InvalidRequest, "unknown key in extra"),
    code("10305", InvalidRequest, "callback is over 128 characters"),
    code("10306", InvalidRequest, "callback.param is too long"),
    code("10311", Unknown, "the phone cannot be reached now: notifications off, or inactive"),
    code("10352", InvalidRequest, "requestId is empty"),
    code("10353", InvalidRequest, "requestId is over 64 characters"),
    code("10471", InvalidRequest, "over 100 taskIds"),
    code("10473", InvalidRequest, "no taskIds"),
    code("10601", InvalidRequest, "the tag's name is empty"),
    code("10609", InvalidRequest, "ids is empty"),
    code("10614", InvalidRequest, "over 1,000 ids"),
    code("10616", InvalidRequest, "the type of ids is wrong"),
    code("10800", InvalidRequest, "unified push: over 100 tokens"),
    code("10801", InvalidRequest, "unified push: no notification"),
    code("11000", InvalidRequest, "classification is not 0 or 1"),
];

/// The code under which vivo tells of regIds, whatever is wrong with them.
const INVALID: &str = "10302";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    result: i64,
    #[serde(default)]
    desc: String,
    task_id: Option<String>,
    invalid_user: Option<Invalid>,
    #[serde(default)]
    invalid_users: Option<Vec<Invalid>>,
}

/// A regId that vivo names as invalid.
#[derive(Deserialize)]
pub(crate) struct Invalid {
    status: Option<i64>,
    userid: Option<String>,
}

impl Invalid {
    pub(crate) fn is(&self, target: &Target) -> bool {
        self.userid.as_deref() == Some(target.as_str())
    }

    pub(crate) fn refusal(&self, reply: &Reply, text: &str) -> Refusal {
        codes::refusal(CODES, self.row(), reply, text).code(INVALID)
    }

    /// The row of its status. Only an unknown or uninstalled one is gone.
    fn row(&self) -> &'static str {
        match self.status {
            Some(3) => "10302/3",
            Some(4) => "10302/4",
            _ => INVALID,
        }
    }
}

/// The verdicts of a send.
pub(crate) fn decode(reply: &Reply, set: &Set<'_>) -> Outcome {
    let Some(answer) = reply.json::<Answer>() else { return Outcome::Whole(reply.unreadable()) };
    if answer.result != 0 {
        return Outcome::refused(answer.refusal(reply));
    }
    // A list push names no task of its own: receipts come under the saved message's.
    let id = answer.task_id.as_deref().or(Some(set.ticket)).filter(|id| !id.is_empty());
    match answer.invalid_users.as_deref() {
        None | Some([]) => Outcome::accepted(id),
        Some(invalid) => {
            let named: HashMap<_, _> = invalid.iter().rev().map(|user| (user.userid.as_deref(), user)).collect();
            Outcome::partial(id, set, |target| {
                let user = named.get(&Some(target.as_str()))?;
                Some(Arc::new(user.refusal(reply, &answer.desc)))
            })
        }
    }
}

/// The ticket of a saved message.
pub(crate) fn task_id(reply: &Reply) -> Result<Arc<str>, Refusal> {
    check(reply)?;
    let id = reply.json::<Answer>().and_then(|answer| answer.task_id).filter(|id| !id.is_empty());
    id.map(Arc::from).ok_or_else(|| unreadable(reply))
}

/// An error unless `result` is 0.
pub(crate) fn check(reply: &Reply) -> Result<(), Refusal> {
    match reply.json::<Answer>() {
        Some(answer) if answer.result == 0 => Ok(()),
        Some(answer) => Err(answer.refusal(reply)),
        None => Err(unreadable(reply)),
    }
}

fn unreadable(reply: &Reply) -> Refusal {
    reply.refusal().class(Unavailable).remedy(Remedy::Again)
}

impl Answer {
    fn refusal(&self, reply: &Reply) -> Refusal {
        let code = self.result.to_string();
        let row = match &self.invalid_user {
            Some(user) if code == INVALID => user.row(),
            _ => &code,
        };
        codes::refusal(CODES, row, reply, &self.desc).code(&*code)
    }
}
