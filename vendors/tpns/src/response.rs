//! What TPNS's answers mean: the table of its codes, and the verdicts made from it.
//!
//! Tencent's pages 548/39080, 548/36669 and 1024/33763 (error codes), read in 2026-11.

use std::collections::HashSet;
use std::sync::Arc;

use omnipush_core::codes::{self, Code, code};
use omnipush_core::{Class::*, Outcome, Refusal, Remedy, Reply, Set, Shape};
use serde::Deserialize;
use serde_json::Value;

/// A batch of which some failed, and one of which all did.
const PARTLY: i64 = 1_008_026;
const TOTALLY: i64 = 1_008_027;

/// Every documented code. They are the same for all calls.
pub(crate) const CODES: &[Code] = &[
    code("1008001", InvalidRequest, "the body cannot be read"),
    code("1008002", InvalidRequest, "a parameter is missing"),
    // To sign again by the same clock and key would change nothing.
    code("1008003", Unauthenticated, "the signature is wrong: check secret_key and the clock"),
    code("1008004", Unavailable, "a call inside TPNS failed"),
    code("1008006", InvalidToken, "the token is unknown"),
    code("1008007", InvalidRequest, "a parameter is wrong"),
    code("1008011", InvalidRequest, "the uploaded file is wrong"),
    code("1008012", InvalidRequest, "the uploaded file is empty"),
    code("1008013", InvalidRequest, "the certificate cannot be read"),
    code("1008015", InvalidRequest, "there is no such push id"),
    code("1008016", InvalidRequest, "the date is wrong"),
    code("1008019", InvalidRequest, "the content was refused by the review"),
    code("1008020", InvalidRequest, "the certificate is another bundle's"),
    code("1008021", InvalidRequest, "the certificate is no p12 file"),
    code("1008022", InvalidRequest, "the certificate's password is wrong"),
    code("1008023", PermissionDenied, "the app's APNs certificate at TPNS has expired"),
    code("1008025", InvalidRequest, "the product has an application of this platform"),
    code("1008026", Unknown, "failed for a part, which the items tell"),
    code("1008027", InvalidRequest, "failed for all"),
    code("1008028", RateLimited, "over 1 push a second to tags, everybody and packages, or too many statistics"),
    code("1008029", InvalidToken, "the token is not valid"),
    code("1008030", PermissionDenied, "the app is not paid for"),
    code("1008031", PermissionDenied, "the app has expired"),
    code("1010001", PermissionDenied, "no resources for the app; also on the host of another region"),
    code("10110008", InvalidToken, "there is no such token or account"),
    code("10010005", InvalidToken, "there is no such target, whatever the text says"),
    code("10010012", InvalidRequest, "send_time is more than 10 minutes in the past"),
    code("10010018", InvalidRequest, "the same content to everybody within an hour; of a repeat: the first was taken"),
    code("10030002", Unauthenticated, "AccessId and key do not belong together"),
];

#[derive(Deserialize)]
struct Answer {
    // The queries of accounts write it in another way.
    #[serde(alias = "retCode")]
    ret_code: i64,
    #[serde(alias = "errMsg")]
    err_msg: Option<String>,
    push_id: Option<Value>,
    /// TPNS's own spelling.
    #[serde(default, rename = "invalid_targe_list")]
    invalid: Option<Vec<String>>,
}

/// The verdicts of a send.
pub(crate) fn decode(reply: &Reply, set: &Set<'_>) -> Outcome {
    let Some(answer) = reply.json::<Answer>() else { return Outcome::Whole(reply.unreadable()) };
    if answer.ret_code != 0 {
        let refusal = answer.refusal(reply);
        let targets = matches!(set.shape, Shape::List | Shape::Accounts);
        return Outcome::refused(match refusal.class {
            // One bad target must not condemn the others of its list.
            InvalidToken if targets && set.items.len() > 1 => refusal.class(InvalidRequest).remedy(Remedy::Split),
            InvalidToken if !targets => refusal.class(InvalidRequest),
            _ => refusal,
        });
    }
    let id = answer.push_id.as_ref().map(text).filter(|id| !id.is_empty());
    match answer.invalid.as_deref() {
        None | Some([]) => Outcome::accepted(id.as_deref()),
        Some(invalid) => {
            let gone = Refusal::new(InvalidToken).status(reply.status).text("invalid_targe_list");
            let gone = Arc::new(gone);
            let named: HashSet<&str> = invalid.iter().map(String::as_str).collect();
            Outcome::partial(id.as_deref(), set, |target| named.contains(target.as_str()).then(|| Arc::clone(&gone)))
        }
    }
}

/// A push id; a push that repeats has a list of them.
fn text(id: &Value) -> String {
    match id {
        Value::String(id) => id.clone(),
        Value::Array(ids) => ids.iter().map(text).collect::<Vec<_>>().join(","),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// What a call for accounts says of each of its targets: `result` has a number in a text for each
/// ("Account binding and unbinding", 1024/41016), 0 where it succeeded. `None` where there are not
/// so many numbers, or the call failed for another reason than its targets.
pub(crate) fn each(reply: &Reply, targets: usize) -> Option<Vec<Option<Refusal>>> {
    let judged = |answer: &Answer| [0, PARTLY, TOTALLY].contains(&answer.ret_code);
    reply.json::<Answer>().filter(judged)?;
    let value = reply.json::<Value>()?;
    let numbers: Vec<String> = value.get("result")?.as_array()?.iter().map(text).collect();
    let numbers = Some(numbers).filter(|numbers| targets > 0 && numbers.len() == targets)?;
    let failed = |number: &String| (number != "0").then(|| codes::refusal(CODES, number, reply, ""));
    Some(numbers.iter().map(failed).collect())
}

/// An error unless the call succeeded; what it said.
pub(crate) fn value(reply: &Reply) -> Result<Value, Refusal> {
    match (reply.json::<Answer>(), reply.json::<Value>()) {
        (Some(answer), Some(value)) if answer.ret_code == 0 => Ok(value),
        (Some(answer), _) => Err(answer.refusal(reply)),
        _ => Err(reply.refusal()),
    }
}

impl Answer {
    fn refusal(&self, reply: &Reply) -> Refusal {
        codes::refusal(CODES, &self.ret_code.to_string(), reply, self.err_msg.as_deref().unwrap_or_default())
    }
}
