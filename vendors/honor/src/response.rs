//! What Honor's answers mean: the table of its codes, and the verdicts made from it.
//!
//! Honor's own table of codes (developer.honor.com, document set 11002) could not be had. What is
//! here is what clients handle, read in 2026-11; `sureness.md` says which of it is assumed.

use std::collections::HashSet;
use std::sync::Arc;

use omnipush_core::codes::{self, Code, code};
use omnipush_core::{Class::*, Outcome, Refusal, Remedy, Reply, Set, Verdict};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// Every code that is known: those of sends, the lists of tokens in their answers, and the words
/// of the token endpoint (lower case).
pub(crate) const CODES: &[Code] = &[
    code("expireTokens", InvalidToken, "the token stands in this list: it is invalid or has expired"),
    code("failTokens", Unknown, "the token stands in this list, and not in `expireTokens`: why is not said"),
    code("sendResult", Unknown, "code 200, but `sendResult` is false: nothing was taken, and why is not said"),
    code(PARTLY, Unknown, "some tokens failed, and the lists do not name them"),
    code("400", InvalidRequest, "a parameter is wrong"),
    code("401", Unauthenticated, "access token missing, wrong or expired").new_token(),
    code("403", PermissionDenied, "the app may not do this"),
    code("404", InvalidRequest, "there is no such app or service"),
    code("429", RateLimited, "too many requests"),
    code("500", Unavailable, "failed inside; it may have been taken"),
    code("502", Unavailable, "failed between Honor's servers; it may have been taken"),
    code("503", RateLimited, "overloaded, or held back"),
    code("504", Unavailable, "timed out inside; it may have been taken"),
    // Honor numbers its one known code of eight digits as Huawei does; these follow from that alone.
    code("80300007", Unknown, "assumed: tokens are wrong; those in `expireTokens` are gone, the others are spared"),
    code("80300008", PayloadTooLarge, "assumed: the message is too large"),
    code("801xxxxx", InvalidRequest, "assumed: any other code from 80100000 to 80199999 is about the message"),
    code("802xxxxx", Unauthenticated, "assumed: any code from 80200000 to 80299999 is about the access token")
        .new_token(),
    code("invalid_client", Unauthenticated, "token endpoint: client_id or client_secret is wrong"),
    code("unauthorized_client", Unauthenticated, "token endpoint: client_id or client_secret is wrong"),
];

/// The code of an answer that names tokens which failed; the others were taken.
const PARTLY: &str = "80100000";

/// A code: Honor writes numbers, and some clients have met texts.
#[derive(Deserialize)]
#[serde(from = "Written")]
pub(crate) struct Word(pub(crate) String);

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Number(i64),
    Text(String),
}

impl From<Written> for Word {
    fn from(written: Written) -> Self {
        Self(match written {
            Written::Number(number) => number.to_string(),
            Written::Text(text) => text,
        })
    }
}

#[derive(Deserialize)]
struct Answer<T> {
    code: Word,
    message: Option<String>,
    data: Option<T>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Sent {
    send_result: Option<bool>,
    request_id: Option<String>,
    fail_tokens: Option<Vec<String>>,
    expire_tokens: Option<Vec<String>>,
}

/// The verdicts of a send.
pub(crate) fn decode(reply: &Reply, set: &Set<'_>) -> Outcome {
    let read = reply.json::<Answer<Sent>>().map(|a| (a.code.0, a.message, a.data.unwrap_or_default()));
    let read = read.or_else(|| {
        // A failure may fill `data` with anything.
        let answer = reply.json::<Answer<IgnoredAny>>().filter(|answer| !is_taken(&answer.code.0))?;
        Some((answer.code.0, answer.message, Sent::default()))
    });
    let Some((code, message, sent)) = read.filter(|(code, ..)| reply.is_success() || !is_taken(code)) else {
        return Outcome::Whole(wordless(reply));
    };
    let text = message.unwrap_or_default();
    let rest = sent.rest(&code, reply, &text);
    let expired = named(&sent.expire_tokens);
    // Where nothing was taken, all have failed, and the code says more than the list.
    let failed = if is_taken(&code) { named(&sent.fail_tokens) } else { HashSet::new() };
    if expired.is_empty() && failed.is_empty() {
        return Outcome::Whole(rest);
    }
    let fate = |list: &str| Verdict::Refused(Arc::new(codes::refusal(CODES, list, reply, &text)));
    let (gone, failure) = (fate("expireTokens"), fate("failTokens"));
    let verdict = |target: &str| match target {
        target if expired.contains(target) => gone.clone(),
        target if failed.contains(target) => failure.clone(),
        _ => rest.clone(),
    };
    Outcome::Each(set.items.iter().map(|item| verdict(item.target.as_str())).collect())
}

impl Sent {
    /// The verdict of the tokens that no list names.
    fn rest(&self, code: &str, reply: &Reply, text: &str) -> Verdict {
        let refused = self.send_result == Some(false);
        let nobody = named(&self.expire_tokens).is_empty() && named(&self.fail_tokens).is_empty();
        match code {
            PARTLY if refused || nobody => Verdict::Unsure(Some(Arc::new(refusal(code, reply, text)))),
            code if !is_taken(code) => {
                // Honor has no key by which it would drop a second one.
                let known = codes::find(CODES, row(code)).is_some();
                let status = matches!(reply.status, 500 | 502 | 504..=599);
                let refusal = Arc::new(refusal(code, reply, text));
                match code {
                    "500" | "502" | "504" => Verdict::Unsure(Some(refusal)),
                    _ if status && !known => Verdict::Unsure(Some(refusal)),
                    _ => Verdict::Refused(refusal),
                }
            }
            _ if refused => Verdict::Refused(Arc::new(codes::refusal(CODES, "sendResult", reply, text))),
            _ => Verdict::Accepted { id: self.request_id.as_deref().filter(|id| !id.is_empty()).map(Arc::from) },
        }
    }
}

fn is_taken(code: &str) -> bool {
    matches!(code, "200" | PARTLY)
}

fn named(tokens: &Option<Vec<String>>) -> HashSet<&str> {
    tokens.iter().flatten().map(String::as_str).collect()
}

/// The row of a code: its own, or that of its range.
fn row(code: &str) -> &str {
    match code.get(..3) {
        _ if codes::find(CODES, code).is_some() => code,
        Some("801") if code.len() == 8 => "801xxxxx",
        Some("802") if code.len() == 8 => "802xxxxx",
        _ => code,
    }
}

fn refusal(code: &str, reply: &Reply, text: &str) -> Refusal {
    cured(codes::refusal(CODES, row(code), reply, text).code(code))
}

/// An answer without Honor's words: its HTTP status decides.
fn wordless(reply: &Reply) -> Verdict {
    match reply.status {
        401 => Verdict::Refused(Arc::new(cured(reply.refusal()))),
        // Overload, or held back: in Honor's words or without them.
        503 => Verdict::Refused(Arc::new(refusal("503", reply, &reply.text()).code(""))),
        _ => reply.unreadable(),
    }
}

/// Which answer an outdated access token gets is not documented, so every one of its class is
/// taken for that, once.
fn cured(refusal: Refusal) -> Refusal {
    if refusal.class == Unauthenticated { refusal.lane().remedy(Remedy::NewToken) } else { refusal }
}
