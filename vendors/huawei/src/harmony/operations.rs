//! What HarmonyOS push offers besides sending: withdrawing, and the check of pictures.
//!
//! Huawei's pages "push-msg-revoke" and "push-image-control", read in 2026-11.

use omnipush_core::http::{HeaderName, HeaderValue};
use omnipush_core::{Answer, Found, Offer, Operation, OperationKind, Refusal, Reply, Request, Target};
use serde::Deserialize;
use serde_json::json;

use super::config::Config;
use super::response::{self, CODES};
use crate::hms;

pub(crate) const OFFERS: &[Offer] = &[
    Offer::new(OperationKind::Withdraw, "`messages:revoke`; by the option `notify_id`, with the setting `client_id`")
        .max(1000),
    Offer::new(OperationKind::CheckImage, "`images:verify`; 60 a minute. For notifications"),
];

pub(crate) const PUSH_TYPE: HeaderName = HeaderName::from_static("push-type");
const ALERT: HeaderValue = HeaderValue::from_static("0");

pub(crate) fn request(config: &Config, operation: &Operation) -> Result<Request, Refusal> {
    let (path, body) = match operation {
        Operation::Withdraw { notify_id, targets } => {
            let client_id = config
                .client_id
                .as_deref()
                .ok_or_else(|| Refusal::not_sent("withdrawing needs the setting `client_id`"))?;
            if !(0..=2_147_483_647).contains(notify_id) {
                return Err(Refusal::not_sent("notify_id: 0 to 2,147,483,647 are allowed"));
            }
            let tokens: Vec<&str> = targets.iter().map(Target::as_str).collect();
            (format!("/v1/{client_id}/messages:revoke"), json!({"notifyId": notify_id, "token": tokens}))
        }
        Operation::CheckImage { url } if url.as_str().starts_with("https://") => {
            (format!("/v2/{}/images:verify", config.service_account.project_id), json!({"imageUrl": url.as_str()}))
        }
        Operation::CheckImage { .. } => return Err(Refusal::not_sent("url: must be https")),
        _ => return Err(Refusal::not_sent("HarmonyOS push has no such operation")),
    };
    let request = Request::post(config.url(&path), body.to_string().into()).json();
    Ok(request.header(PUSH_TYPE, ALERT).with_token("push"))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Checked {
    download_url: String,
}

pub(crate) fn answer(operation: &Operation, reply: &Reply) -> Result<Answer, Refusal> {
    if let Operation::CheckImage { .. } = operation {
        hms::answer(CODES, &["83010000"], reply)?;
        let checked: Checked = reply.json().ok_or_else(|| reply.refusal())?;
        return Ok(Answer::found(operation, Found::Id(checked.download_url)));
    }
    let told = hms::answer(CODES, &["80000000", "80100000", "80300007"], reply)?;
    if told.code == "80000000" {
        return Ok(Answer::done(operation));
    }
    let Some(reasons) = response::reasons(&told.msg) else {
        return Err(omnipush_core::codes::refusal(CODES, &told.code, reply, &told.msg));
    };
    let targets = operation.targets();
    Ok(Answer::partial(operation, |at| reasons.refusal(reply, targets.get(at)?, targets.len())))
}
