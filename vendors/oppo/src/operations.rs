//! What OPPO offers besides sending: pictures, aliases, dead registration ids, and the counters of
//! broadcasts.
//!
//! OPPO's pages on pictures and devices, its Java SDK, and clients, read in 2026-11.

use omnipush_core::http::HeaderValue;
use omnipush_core::http::header::CONTENT_TYPE;
use omnipush_core::vendor::{count, form_body};
use omnipush_core::{
    Answer, Class, Counts, Cx, Fault, Found, Group, GroupKind, Image, ImageSize, Multipart, Offer, Operation,
    OperationKind, Refusal, Reply, Request, Unit,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::config::Config;
use crate::response;

pub(crate) const OFFERS: &[Offer] = &[
    Offer::new(OperationKind::UploadImage, "`/media/upload/big_picture` and `small_picture`; China only").once(),
    Offer::new(OperationKind::Subscribe(GroupKind::Alias), "`/device/set_alias`; the last one wins"),
    Offer::new(OperationKind::Unsubscribe(GroupKind::Alias), "`/device/delete_alias`"),
    Offer::new(OperationKind::DeadTargets, "`/feedback/fetch_invalid_regidList`"),
    Offer::own(
        "statistics",
        &[("message_id", "needed"), ("task_id", "needed, as the broadcast's answer gave it")],
        "`/message/statistics`, of a broadcast; whether it still works is not known",
    ),
];

const COUNTERS: &[(&str, &str)] = &[
    ("targetCount", count::TARGETED),
    ("validCount", count::VALID),
    ("sendCount", count::SENT),
    ("arriveCount", count::DELIVERED),
    ("showCount", count::SHOWN),
    ("openCount", count::CLICKED),
    ("message_id", ""),
    ("task_id", ""),
];

pub(crate) fn request(config: &Config, operation: &Operation, cx: &mut Cx<'_>) -> Result<Request, Refusal> {
    let alias = |path: &str, alias: &str| {
        let target = operation.targets().first().map_or("", |target| target.as_str());
        if alias.is_empty() || alias.chars().count() > 64 || alias.contains(';') {
            return Err(Refusal::not_sent("alias: must be a text of up to 64 characters without semicolons"));
        }
        let body = json!({"registration_id": target, "alias": alias}).to_string();
        Ok(Request::post(config.device_url(path), body.into()).json())
    };
    let request = match operation {
        Operation::UploadImage(image) => upload(config, image, cx)?,
        Operation::Subscribe { to: Group::Alias(name), .. } => alias("/device/set_alias", name)?,
        Operation::Unsubscribe { from: Group::Alias(name), .. } => alias("/device/delete_alias", name)?,
        Operation::DeadTargets => Request::get(&config.feedback_url("/feedback/fetch_invalid_regidList"), &[]),
        Operation::Own { args, .. } => {
            let arg = |name: &str| args.get(name).and_then(Value::as_str).unwrap_or_default();
            let form = form_body([("message_id", arg("message_id")), ("task_id", arg("task_id"))]);
            Request::post(config.url("/message/statistics"), form).form()
        }
        _ => return Err(Refusal::not_sent("OPPO has no such operation")),
    };
    Ok(request.with_token("app"))
}

fn upload(config: &Config, image: &Image, cx: &mut Cx<'_>) -> Result<Request, Refusal> {
    let (path, limit) = match image.size {
        ImageSize::Large => ("/media/upload/big_picture", 1_048_576),
        ImageSize::Icon => ("/media/upload/small_picture", 51_200),
    };
    if image.bytes.is_empty() {
        return Err(Refusal::not_sent("file: is empty"));
    }
    if image.bytes.len() > limit {
        let fault = Fault::TooLong { size: image.bytes.len(), limit, unit: Unit::Bytes };
        let problem = omnipush_core::Problem { wire: "file".into(), field: None, fault };
        return Err(Refusal::not_sent(&problem.to_string()).class(Class::PayloadTooLarge));
    }
    let ttl = config.picture_ttl.to_string();
    let (mime, body) = Multipart::new(cx.rng).text("picture_ttl", &ttl).file("file", image).finish();
    let mime = HeaderValue::try_from(mime).map_err(|_| Refusal::not_sent("file: cannot be sent"))?;
    Ok(Request::post(config.media_url(path), body).header(CONTENT_TYPE, mime).quota("pictures"))
}

#[derive(Deserialize)]
struct Uploaded {
    big_picture_id: Option<String>,
    small_picture_id: Option<String>,
}

#[derive(Deserialize)]
struct Dead {
    #[serde(default)]
    registration_ids: Vec<String>,
}

pub(crate) fn answer(operation: &Operation, reply: &Reply) -> Result<Answer, Refusal> {
    let found = match operation {
        Operation::UploadImage(_) => {
            let uploaded: Option<Uploaded> = response::data(reply)?;
            let id = uploaded.and_then(|uploaded| uploaded.big_picture_id.or(uploaded.small_picture_id));
            Found::Id(id.ok_or_else(|| reply.refusal())?)
        }
        Operation::DeadTargets => {
            let dead: Option<Dead> = response::data(reply)?;
            Found::Names(dead.ok_or_else(|| reply.refusal())?.registration_ids)
        }
        Operation::Own { args, .. } => {
            let counters: Option<Value> = response::data(reply)?;
            let of = args.get("message_id").and_then(Value::as_str).unwrap_or_default();
            Found::Counts(vec![Counts::of(of, &counters.ok_or_else(|| reply.refusal())?, COUNTERS)])
        }
        _ => {
            response::data::<Value>(reply)?;
            Found::Nothing
        }
    };
    Ok(Answer::found(operation, found))
}
