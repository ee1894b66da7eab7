//! What Xiaomi offers besides sending: taking back, topics, scheduled and running messages,
//! counters, channels, pictures, and what became of regIds and aliases.
//!
//! Xiaomi's developer pages 1559 (server API) and 2367 (the end of the older calls that take
//! back), its Java SDK, and clients for the forms of answers, read in 2026-11.

use omnipush_core::http::HeaderValue;
use omnipush_core::http::header::CONTENT_TYPE;
use omnipush_core::vendor::count;
use omnipush_core::{
    Answer, Counts, Cx, Found, Group, GroupKind, Image, ImageSize, Multipart, Offer, Operation, OperationKind, Refusal,
    Reply, Request,
};
use serde_json::Value;

use crate::config::Config;
use crate::response;
use GroupKind::{Account, Alias, Topic};

const NOTIFY_ID: (&str, &str) = ("notify_id", "needed, the number it was sent with");
const TOPIC: (&str, &str) = ("topic", "needed");
const CATEGORY: (&str, &str) = ("category", "a category of topics");

pub(crate) const OFFERS: &[Offer] = &[
    Offer::new(OperationKind::Withdraw, "").post("/v3/message/regid/revoke", "registration_ids").max(1000),
    Offer::own("alias_revoke", &[NOTIFY_ID], "Targets are aliases")
        .post("/v3/message/alias/revoke", "aliases")
        .max(1000),
    Offer::own("user_account_revoke", &[NOTIFY_ID], "Targets are accounts")
        .post("/v3/message/user_account/revoke", "user_accounts")
        .max(1000),
    Offer::new(OperationKind::Cancel, "A scheduled message").post("/v2/schedule_job/delete", ""),
    Offer::new(OperationKind::Scheduled, "").post("/v2/schedule_job/exist", ""),
    Offer::own("schedule_job_delete", &[("jobkey", "needed")], "").post("/v3/schedule_job/delete", ""),
    Offer::own("stop_by_id", &[("msg_ids", "needed, joined by commas")], "Stops what is on its way")
        .post("/v1/message/switch/stop_by_id", ""),
    Offer::own("stop_by_jobkey", &[("job_keys", "needed, joined by commas")], "Stops what is on its way")
        .post("/v1/message/switch/stop_by_jobkey", ""),
    Offer::new(OperationKind::Subscribe(Topic), "").post("/v2/topic/subscribe", "registration_id").max(1000),
    Offer::new(OperationKind::Unsubscribe(Topic), "").post("/v2/topic/unsubscribe", "registration_id").max(1000),
    Offer::own("topic_subscribe_alias", &[TOPIC, CATEGORY], "Targets are aliases")
        .post("/v2/topic/subscribe/alias", "aliases")
        .max(1000),
    Offer::own("topic_unsubscribe_alias", &[TOPIC, CATEGORY], "Targets are aliases")
        .post("/v2/topic/unsubscribe/alias", "aliases")
        .max(1000),
    Offer::new(OperationKind::Groups(Alias), "").get("/v1/alias/all", "registration_id"),
    Offer::new(OperationKind::Groups(Topic), "").get("/v1/topic/all", "registration_id"),
    Offer::new(OperationKind::Groups(Account), "").get("/v1/account/all", "registration_id"),
    Offer::new(OperationKind::Statistics, "").get("/v1/trace/message/status", ""),
    Offer::own("message_status", &[("job_key", "needed")], "").get("/v1/trace/message/status", ""),
    Offer::own(
        "messages_status",
        &[("begin_time", "needed, in milliseconds"), ("end_time", "needed, in milliseconds")],
        "",
    )
    .get("/v1/trace/messages/status", ""),
    Offer::new(OperationKind::Report, "Fewer than 30 days").get("/v1/stats/message/counters", ""),
    Offer::new(OperationKind::Quota, "At most one call a second").get("/v1/trace/quota/get", ""),
    Offer::new(OperationKind::DeadTargets, "On the feedback host; Xiaomi wants to end it, and points to receipts")
        .get("/v1/feedback/fetch_invalid_regids", "")
        .once(),
    Offer::own("fetch_invalid_aliases", &[], "On the feedback host, likewise")
        .get("/v1/feedback/fetch_invalid_aliases", "")
        .once(),
    Offer::own("validation_regids", &[], "What it answers is not documented, and is handed on as it is")
        .post("/v1/validation/regids", "registration_ids")
        .max(1000),
    Offer::own("regid_presence", &[], "Which are online; what it answers is not documented, and is handed on as it is")
        .get("/v2/regid/presence", "registration_id")
        .max(100),
    Offer::own(
        "channel_add",
        &[
            ("channel_id", "needed"),
            ("channel_name", "needed"),
            ("channel_description", "a text"),
            ("sound_url", "`android.resource://<package>/raw/<name>`"),
            ("notify_type", "-1 all, or the sum of 1 sound, 2 vibration, 4 lights"),
        ],
        "",
    )
    .get("/v1/channel/add", "")
    .once(),
    Offer::own("channel_discard", &[("channel_id", "needed")], "").get("/v1/channel/discard", ""),
    Offer::own("channel_list", &[], "").get("/v1/channel/list", ""),
    Offer::new(OperationKind::UploadImage, "`POST /media/upload/image`; finds an address for option `style`").once(),
];

/// The calls that name the package, by the start of their path.
const WITH_PACKAGE: &[&str] = &[
    "/v3/message/",
    "/v1/message/",
    "/v2/topic/",
    "/v1/alias/",
    "/v1/topic/",
    "/v1/account/",
    "/v1/stats/",
    "/v2/regid/",
];

const COUNTERS: &[(&str, &str)] = &[
    ("delivered", count::DELIVERED),
    ("received", count::DELIVERED),
    ("click", count::CLICKED),
    ("invalid_target", count::INVALID),
    ("day_quota", count::QUOTA),
    ("day_acked", count::USED),
    ("id", ""),
    ("date", ""),
    ("msg_type", ""),
    ("create_timestamp", ""),
];

pub(crate) fn request(config: &Config, operation: &Operation, cx: &mut Cx<'_>) -> Result<Request, Refusal> {
    if let Operation::UploadImage(image) = operation {
        return upload(config, image, cx);
    }
    let offer = OFFERS
        .iter()
        .find(|offer| offer.is_for(operation))
        .ok_or_else(|| Refusal::not_sent("Xiaomi has no such operation"))?;
    let path = offer.call.map_or("", |call| call.path);
    let mut more: Vec<(&str, String)> = match operation {
        Operation::Withdraw { notify_id, .. } => vec![("notify_id", notify_id.to_string())],
        Operation::Cancel { id } | Operation::Scheduled { id } => vec![("job_id", id.clone())],
        Operation::Subscribe { to: Group::Topic(name), .. }
        | Operation::Unsubscribe { from: Group::Topic(name), .. } => {
            vec![("topic", name.clone())]
        }
        Operation::Statistics { ids } => vec![("msg_id", ids.concat())],
        Operation::Report { from, to } if (*to - *from).num_days() >= 29 => {
            return Err(Refusal::not_sent("to: fewer than 30 days are allowed"));
        }
        Operation::Report { from, to } => {
            vec![("start_date", from.format("%Y%m%d").to_string()), ("end_date", to.format("%Y%m%d").to_string())]
        }
        _ => Vec::new(),
    };
    if let Some((name, _)) = more.iter().find(|(_, value)| value.is_empty()) {
        return Err(Refusal::not_sent(&format!("{name}: is empty")));
    }
    if WITH_PACKAGE.iter().any(|start| path.starts_with(start)) {
        more.push(("restricted_package_name", config.package_name.clone()));
    }
    let more: Vec<(&str, &str)> = more.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let host = if path.starts_with("/v1/feedback/") { config.feedback() } else { config.endpoint() };
    Ok(offer.request(host, operation, &more)?.lane(path))
}

fn upload(config: &Config, image: &Image, cx: &mut Cx<'_>) -> Result<Request, Refusal> {
    if image.bytes.is_empty() {
        return Err(Refusal::not_sent("file: is empty"));
    }
    let is_icon = if image.size == ImageSize::Icon { "true" } else { "false" };
    let form = Multipart::new(cx.rng).text("is_global", "false").text("is_icon", is_icon).file("file", image);
    let (mime, body) = form.finish();
    let mime = HeaderValue::try_from(mime).map_err(|_| Refusal::not_sent("file: cannot be sent"))?;
    Ok(Request::post(format!("{}/media/upload/image", config.endpoint()), body)
        .header(CONTENT_TYPE, mime)
        .lane("media"))
}

pub(crate) fn answer(operation: &Operation, reply: &Reply) -> Result<Answer, Refusal> {
    let own = if let Operation::Own { name, .. } = operation { name.as_str() } else { "" };
    let data = match response::data(reply, operation.targets().len()) {
        // There are no more of them.
        Err(refusal) if own == "fetch_invalid_aliases" && &*refusal.code == "10035" => Value::Null,
        other => other?,
    };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let inner = data.get("data").unwrap_or(&Value::Null);
    let found = match (operation, own) {
        (Operation::Statistics { .. } | Operation::Report { .. }, _) | (_, "message_status" | "messages_status") => {
            let all = inner.as_array().map_or(std::slice::from_ref(inner), Vec::as_slice);
            let named = |object: &Value| object.get("id").and_then(text).or_else(|| object.get("date").and_then(text));
            let of = |object: &Value| Some(Counts::of(day(named(object)?), object, COUNTERS));
            Found::Counts(all.iter().map(of).collect::<Option<_>>().ok_or_else(|| reply.refusal())?)
        }
        (Operation::Quota, _) => Found::Counts(vec![Counts::of("day", &data, COUNTERS)]),
        (Operation::DeadTargets | Operation::Groups { .. }, _) | (_, "fetch_invalid_aliases") => {
            let list = data.get("list").and_then(Value::as_array);
            Found::Names(list.into_iter().flatten().filter_map(text).collect())
        }
        (Operation::UploadImage(image), _) => {
            let address = if image.size == ImageSize::Icon { "icon_url" } else { "pic_url" };
            Found::Id(data.get(address).and_then(text).ok_or_else(|| reply.refusal())?)
        }
        (_, "validation_regids" | "regid_presence" | "channel_list") => Found::Other(data),
        _ => Found::Nothing,
    };
    Ok(Answer::found(operation, found))
}

/// A day as `2026-11-23`, however Xiaomi writes it; anything else as it is.
fn day(text: String) -> String {
    match chrono::NaiveDate::parse_from_str(&text, "%Y%m%d") {
        Ok(date) => date.to_string(),
        Err(_) => text,
    }
}
