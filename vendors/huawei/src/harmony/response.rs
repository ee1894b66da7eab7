//! What version 3 answers: the tables of its codes and of its reasons, and the verdicts.
//!
//! Huawei's page "push-scenariozed-api-response" and those on withdrawing and pictures, read in
//! 2026-11.

use std::collections::BTreeMap;
use std::sync::Arc;

use omnipush_core::codes::{self, Code, code};
use omnipush_core::{Class, Class::*, Outcome, Refusal, Reply, Set, Target, Verdict};
use serde::Deserialize;

use crate::hms::{named, unreadable};

/// Every documented failure of sending, withdrawing and checking pictures; below, the reasons that
/// stand beside tokens.
pub(crate) const CODES: &[Code] = &[
    code("80000001", Unavailable, "trouble at Huawei, in withdrawing"),
    code("80100000", InvalidRequest, "some of the tokens were refused, each for a reason"),
    code("80100001", InvalidRequest, "a parameter is wrong"),
    code("80100003", InvalidRequest, "the payload is malformed; the text names the field"),
    code("80100004", InvalidRequest, "ttl is wrong"),
    code("80100020", InvalidRequest, "malformed in part, in withdrawing"),
    code("80100022", InvalidRequest, "the picture was not checked before"),
    code("80200001", Unauthenticated, "the token is missing, malformed or another project's").new_token(),
    code("80200003", Unauthenticated, "the token has expired, in withdrawing").new_token(),
    code("80200005", Unauthenticated, "the token has expired").new_token(),
    code("80200006", PermissionDenied, "the token is disabled, as the app is punished"),
    code("80300002", PermissionDenied, "push is off, or the project is another"),
    code("80300007", InvalidRequest, "all tokens were refused, each for a reason"),
    code("80300008", PayloadTooLarge, "over 4,096 bytes without the tokens"),
    code("80300010", InvalidRequest, "too few or too many tokens"),
    code("80300017", InvalidRequest, "the tokens are of several apps, in withdrawing"),
    code("80300028", PermissionDenied, "the token is another client id's, in withdrawing"),
    code("80300029", RateLimited, "test messages come too fast"),
    code("80300030", InvalidRequest, "a test goes to 10 tokens, of a widget to 1"),
    code("80300032", PermissionDenied, "no right to withdraw, or token or notifyId is missing"),
    code("80300036", Unauthenticated, "the token lives longer than a day"),
    code("80300037", PermissionDenied, "the app is punished"),
    code("81000001", Unavailable, "trouble at Huawei"),
    code("83010002", RateLimited, "over 60 checks of pictures a minute").pause(60),
    code("83010005", InvalidRequest, "Huawei could not fetch the picture"),
    code("HTTP 503", RateLimited, "over the project's rate, or flow control"),
    code("tokenFormatError", InvalidToken, "the token is malformed"),
    code("tokenPlatformNotSupport", InvalidToken, "the token is a proxy's: the app must fetch a new one"),
    code("noRight", InvalidToken, "the token is another project's, or from before HarmonyOS 5"),
    code("noPushTypeRight", PermissionDenied, "no right to this type of push").target(),
    code("noRightToSendThisLiveNotificationEvent", PermissionDenied, "no right to this live view").target(),
    code("countryNotSupport", PermissionDenied, "the country is not served").target(),
    code("disableSendHuaweiMsgBecauseOfPenalty", PermissionDenied, "the app is punished").target(),
    code("appinfoError", PermissionDenied, "the app is not made yet").target(),
    code("atomicUnableSendUnsubscribedMsg", InvalidRequest, "an atomic service may not send this"),
    code("differentImgVerifyPolicy", InvalidRequest, "the picture was checked for another type of push"),
    code("notSupportPlayVoice", InvalidRequest, "PLAY_VOICE with another type of push"),
];

#[derive(Deserialize)]
struct Answer {
    code: String,
    #[serde(default)]
    msg: String,
    #[serde(rename = "requestId")]
    request_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Partly {
    illegal_tokens: BTreeMap<String, Vec<String>>,
}

/// The verdicts of a send. The body goes first: which status comes with which code is not
/// documented.
pub(crate) fn decode(reply: &Reply, set: &Set<'_>) -> Outcome {
    let Some(answer) = reply.json::<Answer>() else { return Outcome::Whole(unreadable(CODES, reply)) };
    let id = answer.request_id.as_deref().filter(|id| !id.is_empty());
    let whole = || named(CODES, &answer.code, reply, &answer.msg);
    match answer.code.as_str() {
        "80000000" => Outcome::accepted(id),
        code @ ("80100000" | "80300007") => match reasons(&answer.msg) {
            Some(reasons) => {
                let others = set.items.len();
                Outcome::partial(id, set, |target| reasons.refusal(reply, target, others).map(Arc::new))
            }
            // Some were taken, and nobody says which.
            None if code == "80100000" => Outcome::Whole(Verdict::Unsure(Some(Arc::new(whole())))),
            None => Outcome::refused(whole().class(Unknown)),
        },
        _ => Outcome::refused(whole()),
    }
}

/// The tokens that were refused, by reason.
pub(crate) struct Reasons(BTreeMap<String, Vec<String>>);

pub(crate) fn reasons(msg: &str) -> Option<Reasons> {
    serde_json::from_str::<Partly>(msg).ok().map(|partly| Reasons(partly.illegal_tokens))
}

impl Reasons {
    /// Why a token was refused; `None`: it was not. `sent` is how many went along.
    pub(crate) fn refusal(&self, reply: &Reply, target: &Target, sent: usize) -> Option<Refusal> {
        let named = |tokens: &[String]| tokens.iter().any(|token| token == target.as_str());
        let (reason, tokens) = self.0.iter().find(|(_, tokens)| named(tokens))?;
        // Blanks were seen around reasons.
        let reason = reason.trim();
        let refusal = match codes::find(CODES, reason) {
            Some(row) => row.refusal(reply, reason),
            None => Refusal::new(Class::Unknown).status(reply.status).code(reason).text(reason),
        };
        // Where no token is this project's, the project is the mistake.
        let wrong_project = reason == "noRight" && tokens.len() >= sent;
        Some(if wrong_project { refusal.class(PermissionDenied) } else { refusal })
    }
}
