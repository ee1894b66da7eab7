//! What Xiaomi's answers mean: the table of its codes, and the verdicts made from it.
//!
//! Xiaomi's developer page 1560 (codes, of 2024-10-18), page 1656 (limits) and the codes that
//! only its Java SDK names, read in 2026-11. Nearly all answers come with HTTP status 200.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use omnipush_core::codes::{self, Code, code};
use omnipush_core::{Class::*, Item, Outcome, Refusal, Reply, Set, Target, Verdict};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

/// Every documented code. The official list goes on after 65041, unread.
pub(crate) const CODES: &[Code] = &[
    code("-1", Unknown, "an error that Xiaomi cannot name"),
    code("1", Unavailable, "internal error"),
    code("100", InvalidRequest, "a parameter is empty"),
    code("10001", Unavailable, "system error"),
    code("10002", Unavailable, "busy"),
    code("10003", Unavailable, "a service behind it failed"),
    code("10004", PermissionDenied, "this IP address may not call"),
    code("10005", PermissionDenied, "the app has no right to call"),
    code("10006", Unauthenticated, "the app's key is missing"),
    code("10007", InvalidRequest, "the media type is not supported"),
    code("10008", InvalidRequest, "a parameter is wrong"),
    code("10009", Unavailable, "busy"),
    code("10010", Unavailable, "the job took too long"),
    code("10011", Unavailable, "a service behind it failed"),
    code("10012", InvalidRequest, "the request is illegal"),
    code("10013", PermissionDenied, "the user is illegal"),
    code("10014", PermissionDenied, "the interface is restricted"),
    code("10016", InvalidRequest, "a required parameter is missing"),
    code("10017", InvalidRequest, "a parameter's value is illegal"),
    code("10018", PayloadTooLarge, "the request is too long"),
    code("10020", InvalidRequest, "no such interface"),
    code("10021", InvalidRequest, "the HTTP method is not supported"),
    code("10022", RateLimited, "too many calls from this IP address"),
    code("10023", RateLimited, "too many calls by this user"),
    code("10024", RateLimited, "too many calls of a special interface"),
    code("10025", InvalidRequest, "the callback's URL is illegal"),
    code("10026", PermissionDenied, "the app is on the blacklist"),
    code("10027", RateLimited, "the app calls too often"),
    code("10028", RateLimited, "the app's calls in all are too many"),
    code("10029", InvalidToken, "the device is unknown (said of a single one)"),
    code("10029/many", Unknown, "the same, said of several devices: which one is not told"),
    code("10030", RateLimited, "invalid regIds are fetched too often"),
    code("10031", PermissionDenied, "the app is on the blacklist and may not send"),
    code("10032", RateLimited, "invalid aliases are fetched too often"),
    code("10033", PermissionDenied, "the app is on the blacklist of the feedback service"),
    code("10034", QuotaExceeded, "too many messages today").until_midnight(8),
    code("10035", Unknown, "no more invalid aliases to fetch"),
    code("10036", PermissionDenied, "the operation is forbidden for the app"),
    code("10037", Unavailable, "the request came too late"),
    code("10038", PermissionDenied, "the app may not read statistics"),
    code("10039", RateLimited, "statistics are read too often"),
    code("20209", InvalidRequest, "the topic is illegal"),
    code("20215", Unavailable, "subscribing failed"),
    code("20216", Unavailable, "unsubscribing failed"),
    code("20301", Unknown, "sending failed"),
    code("20301/none", InvalidToken, "no target is valid (reason \"No valid targets!\")"),
    code("20315", Unknown, "deleting a broadcast failed"),
    code("20607", Unavailable, "database error"),
    code("21301", Unauthenticated, "the AppSecret is wrong"),
    code("21302", Unauthenticated, "the audit token is wrong"),
    code("21303", PermissionDenied, "the request is restricted"),
    code("21305", InvalidRequest, "a needed parameter is missing"),
    code("22000", PermissionDenied, "the app is illegal"),
    code("22001", PermissionDenied, "the app does not exist"),
    code("22002", PermissionDenied, "the app has been withdrawn"),
    code("22003", InvalidRequest, "the app's registration is faulty"),
    code("22004", InvalidRequest, "the app's registration is faulty"),
    code("22005", InvalidRequest, "the app's registration is faulty"),
    code("22006", Unauthenticated, "the AppID is illegal"),
    code("22007", Unauthenticated, "the AppKey is illegal"),
    code("22008", Unauthenticated, "the AppSecret is illegal"),
    code("22020", InvalidRequest, "the app's registration is faulty"),
    code("22021", PermissionDenied, "the user has not authorised the app"),
    code("22022", InvalidRequest, "the package name is not the registered one"),
    code("22100", InvalidRequest, "the notification's form is illegal"),
    code("22101", RateLimited, "too many notifications"),
    code("22102", Unavailable, "sending the notification failed"),
    code("22103", InvalidRequest, "notify_id is illegal"),
    code("26003", Unavailable, "a push service behind it failed"),
    code("26004", RateLimited, "broadcasts are too frequent"),
    code("26005", RateLimited, "accounts are set too often"),
    code("26006", PermissionDenied, "the message must be reviewed first").target(),
    code("27001", InvalidRequest, "the channel is missing, unknown or does not match the message"),
    code("65003", Unknown, "the device is not found: most often it is offline"),
    code("65006", RateLimited, "aliases are set too often").target(),
    code("65007", PermissionDenied, "the alias is on the blacklist").target(),
    code("65008", InvalidRequest, "the alias is too long"),
    code("65009", PayloadTooLarge, "the message is too long"),
    code("65010", InvalidRequest, "the topic is too long"),
    code("65011", InvalidRequest, "a parameter is empty"),
    code("65012", InvalidRequest, "the alias is empty"),
    code("65013", InvalidRequest, "the topic is empty"),
    code("65014", InvalidRequest, "too many pairs in extra"),
    code("65015", PayloadTooLarge, "the pairs in extra are too long"),
    code("65016", InvalidRequest, "the account is empty"),
    code("65017", InvalidRequest, "the account is too long"),
    code("65028", InvalidRequest, "the message is not found"),
    code("65029", Unavailable, "a service behind it failed"),
    code("65030", Unavailable, "Xiaomi could not build its JSON"),
    code("65035", InvalidRequest, "too many topics"),
    code("65036", InvalidRequest, "callback.param is too long"),
    code("65037", InvalidRequest, "the callback's URL is too long"),
    code("65038", InvalidRequest, "the callback's URL is illegal"),
    code("65040", Unknown, "signing a device off failed"),
    code("65041", InvalidRequest, "the ImeiMd5 is empty"),
    code("200001", QuotaExceeded, "today's public messages are used up").until_midnight(8),
    code("200002", RateLimited, "too many requests a second"),
    code("bad_regids", InvalidToken, "named in `bad_regids` of an answer that took the others"),
    code("channel_exceed_quota", QuotaExceeded, "dropped by a multi-message call, as its channel is used up").target(),
];

#[derive(Deserialize)]
struct Answer<D = Details> {
    code: i64,
    reason: Option<String>,
    description: Option<String>,
    trace_id: Option<String>,
    data: Option<D>,
}

#[derive(Deserialize)]
struct Details {
    id: Option<String>,
    bad_regids: Option<String>,
    channel_exceed_quota: Option<String>,
}

/// What else `data` may be: JSON in a text, as very old documentation has it, or anything.
#[derive(Deserialize)]
#[serde(untagged)]
enum Odd {
    Text(String),
    Other(IgnoredAny),
}

/// What an operation on so many targets found, if it succeeded.
pub(crate) fn data(reply: &Reply, targets: usize) -> Result<Value, Refusal> {
    let answer = reply.json::<Answer<Value>>().ok_or_else(|| reply.refusal())?;
    match answer.code {
        0 if reply.is_success() => {}
        0 => return Err(reply.refusal()),
        _ => return Err(answer.refusal(reply, targets, false)),
    }
    Ok(match answer.data {
        Some(Value::String(json)) => serde_json::from_str(&json).unwrap_or(Value::String(json)),
        data => data.unwrap_or_default(),
    })
}

/// The verdicts of a send.
pub(crate) fn decode(reply: &Reply, set: &Set<'_>) -> Outcome {
    let Some((answer, understood)) = read(reply) else { return Outcome::Whole(reply.unreadable()) };
    if answer.code != 0 {
        let named = set.shape.is_device() || set.shape.is_list();
        return Outcome::refused(answer.refusal(reply, set.items.len(), named));
    }
    if !reply.is_success() || !understood {
        return Outcome::Whole(reply.unreadable());
    }
    let Some(data) = answer.data else { return Outcome::accepted(None) };
    let named = data.bad_regids.as_deref().unwrap_or_default().split(',').map(str::trim);
    let bad: HashSet<&str> = named.filter(|regid| !regid.is_empty()).collect();
    let over = data.channel_exceed_quota.as_deref().unwrap_or_default().trim();
    let id = data.id.as_deref();
    if bad.is_empty() && over.is_empty() {
        return Outcome::accepted(id);
    }
    let gone = Arc::new(codes::refusal(CODES, "bad_regids", reply, "named in bad_regids"));
    let refusal = |target: &Target| bad.contains(target.as_str()).then(|| Arc::clone(&gone));
    if over.is_empty() {
        return Outcome::partial(id, set, refusal);
    }
    let dropped = Arc::new(codes::refusal(CODES, "channel_exceed_quota", reply, over));
    over_quota(over, &Verdict::Accepted { id: id.map(Into::into) }, &dropped, set, refusal)
}

/// The verdicts of a multi-message call that dropped some messages, as their channel is used up.
/// It says how many of each channel, not which.
fn over_quota(
    over: &str,
    accepted: &Verdict,
    dropped: &Arc<Refusal>,
    set: &Set<'_>,
    refusal: impl Fn(&Target) -> Option<Arc<Refusal>>,
) -> Outcome {
    let mut sent: HashMap<&[u8], usize> = HashMap::new();
    for item in set.items.iter().filter(|item| refusal(item.target).is_none()) {
        *sent.entry(&item.encoded.aux).or_default() += 1;
    }
    // A channel that was not sent to means that the words are not understood.
    let counts = counts(over).filter(|counts| counts.keys().all(|channel| sent.contains_key(channel)));
    let fate = |item: &Item<'_>| {
        let channel: &[u8] = &item.encoded.aux;
        let count = counts.as_ref().map(|counts| counts.get(channel).copied().unwrap_or(0));
        match (refusal(item.target), count) {
            (Some(gone), _) => Verdict::Refused(gone),
            (None, Some(0)) => accepted.clone(),
            (None, Some(count)) if sent.get(channel).is_some_and(|sent| count >= *sent) => {
                Verdict::Refused(Arc::clone(dropped))
            }
            _ => Verdict::Unsure(Some(Arc::clone(dropped))),
        }
    };
    Outcome::Each(set.items.iter().map(fate).collect())
}

/// How many were dropped of each channel: `no_channel:2 a:3`.
fn counts(over: &str) -> Option<HashMap<&[u8], usize>> {
    over.split_whitespace()
        .map(|entry| {
            let (channel, count) = entry.rsplit_once(':')?;
            let channel = if channel == "no_channel" { "" } else { channel };
            Some((channel.as_bytes(), count.parse().ok()?))
        })
        .collect()
}

/// Reads an answer, and says whether its `data` was understood.
fn read(reply: &Reply) -> Option<(Answer, bool)> {
    if let Some(answer) = reply.json::<Answer>() {
        return Some((answer, true));
    }
    let Answer { code, reason, description, trace_id, data } = reply.json::<Answer<Odd>>()?;
    let data = match data {
        Some(Odd::Text(json)) => serde_json::from_str(&json).ok(),
        Some(Odd::Other(_)) | None => None,
    };
    let understood = data.is_some();
    Some((Answer { code, reason, description, trace_id, data }, understood))
}

impl<D> Answer<D> {
    /// The refusal of so many targets. Two codes need more than themselves to be understood: a
    /// target is called gone only where nobody else can be meant, and a send to a group names none.
    fn refusal(&self, reply: &Reply, targets: usize, named: bool) -> Refusal {
        let (code, reason) = (self.code.to_string(), self.reason.as_deref().unwrap_or_default());
        let row = match self.code {
            20301 if named && reason.trim().starts_with("No valid targets") => "20301/none",
            10029 if targets != 1 => "10029/many",
            _ => &code,
        };
        let description = self.description.as_deref().unwrap_or_default();
        let mut words =
            [reason, description].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("; ");
        if let Some(trace) = &self.trace_id {
            words.push_str("; trace_id ");
            words.push_str(trace);
        }
        codes::refusal(CODES, row, reply, &words).code(code.as_str())
    }
}
