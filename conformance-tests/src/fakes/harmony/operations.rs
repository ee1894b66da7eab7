//! The calls for HarmonyOS that do not send: taking messages back ("push-msg-revoke") and Huawei's
//! control of images ("push-image-control"). Their versions are those of HMS.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use omnipush_core::{Found, HttpUrl, Operation, Target};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::Harmony;
use super::codes::TABLE;
use crate::fake::{Answer, Call, Fake as _, OperationTrial};
use crate::fakes::huawei::fields::{Checked, Field, Kind, STRUCTURE, check, ensure, is_https, must};
use crate::fakes::huawei::wire::{self, MAX_TOKENS};

pub(super) const CALLS: &[(&str, &str)] =
    &[("v1", "messages:revoke"), ("v1", "images:verify"), ("v2", "images:verify")];

/// How many images may be checked in [`MINUTE_MS`].
pub(super) const CHECKS: usize = 60;
const MINUTE_MS: u64 = 60_000;
/// How long the address of an image is good, in seconds. Huawei names no number.
const GOOD_FOR: &str = "86400";

const REVOCATION: &[Field] = &[
    must("notifyId", Kind::Whole(0, 2_147_483_647)),
    must("token", Kind::List(&Kind::Text, MAX_TOKENS)).or("80300010"),
];
const IMAGE: &[Field] = &[must("imageUrl", Kind::Like(is_https))];

/// Failures of every call.
const COMMON: &[&str] = &[
    "80100001", "80100003", "80200001", "80200003", "80200005", "80200006", "80300002", "80300036", "80300037",
    "81000001", "HTTP 401", "HTTP 404", "HTTP 500", "HTTP 502", "HTTP 503",
];
const OF_REVOCATION: &[&str] = &["80000001", "80100020", "80300010", "80300017", "80300028", "80300032"];
const OF_IMAGES: &[&str] = &["83010002", "83010005"];

impl Harmony {
    pub(super) fn operate(&self, call: &Call, what: &str, request_id: &str) -> Checked<Answer> {
        let body = wire::body(call)?;
        let revokes = what == "messages:revoke";
        let types: &[&str] = if revokes { &["0", "2"] } else { &["0", "1", "2"] };
        let push_type = call.header("push-type").unwrap_or_default();
        ensure(types.contains(&push_type), STRUCTURE, "the header push-type is missing or wrong")?;
        if revokes { self.revoke(&body, request_id) } else { self.verify(&body, call.now_ms, request_id) }
    }

    /// A message that is gone, or was never there, is as good as taken back.
    fn revoke(&self, body: &Map<String, Value>, request_id: &str) -> Checked<Answer> {
        let both = body.contains_key("notifyId") && body.contains_key("token");
        ensure(both, "80300032", "token and notifyId are needed both")?;
        check(body, REVOCATION, "body")?;
        let tokens = body.get("token").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        ensure(!tokens.is_empty(), "80300010", "no tokens")?;
        let number = body.get("notifyId").and_then(Value::as_i64).unwrap_or_default();
        tokens.iter().filter_map(Value::as_str).for_each(|token| self.world.withdraw(token, number));
        Ok(wire::envelope("80000000", "Success", request_id))
    }

    fn verify(&self, body: &Map<String, Value>, now_ms: u64, request_id: &str) -> Checked<Answer> {
        check(body, IMAGE, "body")?;
        let url = body.get("imageUrl").and_then(Value::as_str).unwrap_or_default();
        let mut memory = self.memory();
        while memory.checked.front().is_some_and(|&at| at + MINUTE_MS <= now_ms) {
            memory.checked.pop_front();
        }
        ensure(memory.checked.len() < CHECKS, "83010002", "too many images in a minute")?;
        memory.checked.push_back(now_ms);
        ensure(!memory.unverified.contains(url), "83010005", "the image does not pass")?;
        let body = json!({
            "code": "83010000", "msg": "Success", "requestId": request_id, "downloadUrl": verified(url),
            "expireTime": GOOD_FOR,
        });
        Ok(Answer::json(200, &body))
    }

    /// Every call, and what comes of it.
    pub(super) fn trials(&self) -> Vec<OperationTrial> {
        let meaning = |more: &[&'static str]| wire::meanings(TABLE, &[COMMON, more].concat());
        let image = "https://example.com/a.png";
        let targets = (0..3).map(|number| Target::new(self.target(number))).collect();
        let mut all =
            vec![OperationTrial::done(Operation::Withdraw { notify_id: 5, targets }).codes(&meaning(OF_REVOCATION))];
        all.extend(HttpUrl::new(image).map(|url| {
            let trial = OperationTrial::done(Operation::CheckImage { url }).codes(&meaning(OF_IMAGES));
            trial.found(Found::Id(verified(image)))
        }));
        all
    }
}

/// The address of an image after its control, always the same.
fn verified(url: &str) -> String {
    format!("https://push-drcn.cloud.huawei.com/images/{}", URL_SAFE_NO_PAD.encode(Sha256::digest(url)))
}
