//! What APNs offers besides sending: the channels that Live Activities are broadcast on. They
//! live on a host and port of their own, and each belongs to one environment.
//!
//! Apple's pages "Sending channel management requests to APNs" and "Setting up broadcast push
//! notifications", read in 2026-11.

use omnipush_core::http::{HeaderName, HeaderValue, Method};
use omnipush_core::{Answer, Found, Offer, Operation, OperationKind, Refusal, Reply, Request};
use serde_json::{Value, json};

use crate::config::Config;
use crate::response;

pub(crate) const OFFERS: &[Offer] = &[
    Offer::new(OperationKind::CreateChannel, "`POST /channels`, for Live Activities; an app has at most 10,000").once(),
    Offer::new(OperationKind::ReadChannel, "`GET /channels`: the storage policy and the push type"),
    Offer::new(OperationKind::DeleteChannel, "`DELETE /channels`; cannot be undone"),
    Offer::new(OperationKind::Channels, "`GET /all-channels`"),
];

const CHANNEL_ID: HeaderName = HeaderName::from_static("apns-channel-id");

/// The request with the channel that it is about.
pub(crate) fn to_channel(request: Request, id: &str) -> Result<Request, Refusal> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_');
    let ok = id.len() <= 1024 && id.trim_end_matches('=').bytes().all(plain) && !id.starts_with('=');
    match HeaderValue::from_str(id) {
        Ok(value) if ok && !id.is_empty() => Ok(request.header(CHANNEL_ID, value)),
        _ => Err(Refusal::not_sent("channel: must be an id in base64, as its creation answered it")),
    }
}

pub(crate) fn request(config: &Config, operation: &Operation) -> Result<Request, Refusal> {
    let url = |path| format!("{}/1/apps/{}/{path}", config.channels_endpoint(), config.topic);
    let get = Request::get(&url("channels"), &[]);
    let request = match operation {
        Operation::CreateChannel { keep_newest } => {
            let body = json!({"message-storage-policy": u8::from(*keep_newest), "push-type": "LiveActivity"});
            Request::post(url("channels"), body.to_string().into())
        }
        Operation::ReadChannel { id } => to_channel(get, id)?,
        Operation::DeleteChannel { id } => to_channel(get.method(Method::DELETE), id)?,
        Operation::Channels => Request::get(&url("all-channels"), &[]),
        _ => return Err(Refusal::not_sent("APNs has no such operation")),
    };
    Ok(request.lane("channels"))
}

pub(crate) fn answer(operation: &Operation, reply: &Reply) -> Result<Answer, Refusal> {
    let members = || reply.json::<Value>().filter(Value::is_object);
    let found = match (operation, reply.status) {
        (Operation::CreateChannel { .. }, 201) => {
            reply.header("apns-channel-id").filter(|id| !id.is_empty()).map(|id| Found::Id(id.to_owned()))
        }
        (Operation::ReadChannel { .. }, 200) => {
            members().filter(|read| read.get("message-storage-policy").is_some()).map(Found::Other)
        }
        (Operation::DeleteChannel { .. }, 204) => Some(Found::Nothing),
        (Operation::Channels, 200) => members().and_then(|all| {
            let ids = all.get("channels")?.as_array()?.iter().map(|id| id.as_str().map(str::to_owned));
            ids.collect::<Option<Vec<String>>>().map(Found::Names)
        }),
        _ => None,
    };
    found.map(|found| Answer::found(operation, found)).ok_or_else(|| response::channel_refusal(reply))
}
