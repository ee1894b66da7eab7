//! What Acme's answers mean: the table of its codes, and the verdicts made from it.
//!
//! Acme's page "Codes".

use std::sync::Arc;

use omnipush_core::codes::{self, Code, code};
use omnipush_core::{Class::*, Outcome, Refusal, Remedy, Reply, Set, Target};
use serde::Deserialize;

/// Every code that Acme documents.
pub(crate) const CODES: &[Code] = &[
    code("1001", Unauthenticated, "the access token is missing, wrong or expired").new_token(),
    code("1002", Unauthenticated, "the signature is wrong"),
    code("1003", PermissionDenied, "the app is closed"),
    code("1101", InvalidRequest, "a field is missing or wrong"),
    code("1102", PayloadTooLarge, "a field is too long"),
    code("1201", InvalidToken, "no device has this token any more"),
    code("1202", InvalidRequest, "the token is another app's"),
    code("1301", RateLimited, "too fast"),
    code("1302", QuotaExceeded, "the day's amount is used up").until_midnight(8),
    code("1500", Unavailable, "down"),
];

/// An answer of any call.
#[derive(Deserialize)]
pub(crate) struct Answer {
    code: i64,
    #[serde(default)]
    message: String,
    message_id: Option<String>,
    #[serde(default)]
    failed: Vec<Failed>,
}

/// A target that failed where others did not.
#[derive(Deserialize)]
struct Failed {
    token: String,
    code: i64,
}

/// The verdicts of a send.
pub(crate) fn decode(reply: &Reply, set: &Set<'_>) -> Outcome {
    let Some(answer) = reply.json::<Answer>() else { return Outcome::Whole(reply.unreadable()) };
    if answer.code != 0 {
        return Outcome::refused(answer.refusal(reply));
    }
    let id = answer.message_id.as_deref();
    if answer.failed.is_empty() {
        return Outcome::accepted(id);
    }
    Outcome::partial(id, set, |target| answer.failure(target, reply).map(Arc::new))
}

/// An error unless the code is 0.
pub(crate) fn check(reply: &Reply) -> Result<Answer, Refusal> {
    match reply.json::<Answer>() {
        Some(answer) if answer.code == 0 => Ok(answer),
        Some(answer) => Err(answer.refusal(reply)),
        None => Err(reply.refusal().class(Unavailable).remedy(Remedy::Again)),
    }
}

impl Answer {
    fn refusal(&self, reply: &Reply) -> Refusal {
        codes::refusal(CODES, &self.code.to_string(), reply, &self.message)
    }
    /// Why a target failed, if it did.
    pub(crate) fn failure(&self, target: &Target, reply: &Reply) -> Option<Refusal> {
        let failed = self.failed.iter().find(|failed| failed.token == target.as_str())?;
        Some(codes::refusal(CODES, &failed.code.to_string(), reply, ""))
    }
}
