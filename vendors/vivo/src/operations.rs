//! What vivo offers besides sending: statistics, checks of regIds, and its tags.
//!
//! The server SDK 2.2 and a client of 2025, read in 2026-11.

use omnipush_core::vendor::count;
use omnipush_core::{
    Answer, Class, Counts, Found, Group, GroupKind, Offer, Operation, OperationKind, Refusal, Reply, Request, Tags,
    Target,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::config::Config;
use crate::response;

const GROUP_TYPE: (&str, &str) = ("type", "needed, 1 for regIds, 2 for aliases");
const DESC: (&str, &str) = ("desc", "a description");

pub(crate) const OFFERS: &[Offer] = &[
    Offer::new(OperationKind::Statistics, "`/report/getStatistics`").max(100),
    Offer::new(OperationKind::CheckTargets, "`/invalidUser/check`; how many it takes is not documented").max(100),
    Offer::new(OperationKind::Subscribe(GroupKind::Tag), "`/tag/addMembers`").max(1000),
    Offer::new(OperationKind::Unsubscribe(GroupKind::Tag), "`/tag/removeMembers`").max(1000),
    Offer::own("tag_add", &[("name", "needed"), DESC, ("group", "its tag group")], "`/tag/add`"),
    Offer::own("tag_update", &[("oldName", "needed"), ("newName", "needed"), DESC], "`/tag/update`"),
    Offer::own("tag_group_add", &[("name", "needed"), GROUP_TYPE, DESC], "`/tagGroup/add`"),
    Offer::own("tag_group_update", &[("oldName", "needed"), ("newName", "needed"), DESC], "`/tagGroup/update`"),
    Offer::own(
        "tag_group_add_to_group",
        &[("name", "needed, the group"), ("tagList", "needed, a list of tags")],
        "`/tagGroup/addToGroup`",
    ),
    Offer::own(
        "tag_segment_add",
        &[("name", "needed"), ("expression", "needed, an object of `orTags`, `andTags`, `notTags`")],
        "`/tagSegment/add`",
    ),
    Offer::own(
        "tag_segment_update",
        &[("oldName", "needed"), ("newName", "needed"), ("expression", "as in `tag_segment_add`")],
        "`/tagSegment/update`",
    ),
];

const PATHS: &[(&str, &str)] = &[
    ("tag_add", "/tag/add"),
    ("tag_update", "/tag/update"),
    ("tag_group_add", "/tagGroup/add"),
    ("tag_group_update", "/tagGroup/update"),
    ("tag_group_add_to_group", "/tagGroup/addToGroup"),
    ("tag_segment_add", "/tagSegment/add"),
    ("tag_segment_update", "/tagSegment/update"),
];

/// Those of vivo's counters that others have too; `taskId` is no counter.
const COUNTERS: &[(&str, &str)] = &[
    ("taskId", ""),
    ("target", count::TARGETED),
    ("valid", count::VALID),
    ("send", count::SENT),
    ("receive", count::DELIVERED),
    ("display", count::SHOWN),
    ("click", count::CLICKED),
    ("targetInvalid", count::INVALID),
];

/// Tags as vivo writes them: the three parts are intersected.
pub(crate) fn expression(tags: &Tags) -> Value {
    let parts = [("orTags", &tags.any), ("andTags", &tags.all), ("notTags", &tags.none)];
    parts.into_iter().filter(|(_, tags)| !tags.is_empty()).map(|(name, tags)| (name.to_owned(), json!(tags))).collect()
}

pub(crate) fn request(config: &Config, operation: &Operation) -> Result<Request, Refusal> {
    let members = |name: &str, targets: &[Target]| {
        let ids: Vec<&str> = targets.iter().map(Target::as_str).collect();
        object(json!({"name": name, "type": 1, "ids": ids}))
    };
    let (path, body) = match operation {
        Operation::Statistics { ids } => {
            let url = format!("{}/report/getStatistics", config.endpoint());
            return Ok(Request::get(&url, &[("taskIds", &ids.join(","))]).with_token("app"));
        }
        Operation::CheckTargets { targets } => {
            let ids: Vec<&str> = targets.iter().map(Target::as_str).collect();
            ("/invalidUser/check", object(json!({"userType": 1, "userIds": ids})))
        }
        Operation::Subscribe { to: Group::Tag(tag), targets } => ("/tag/addMembers", members(tag, targets)),
        Operation::Unsubscribe { from: Group::Tag(tag), targets } => ("/tag/removeMembers", members(tag, targets)),
        Operation::Own { name, args, .. } => {
            let path = PATHS.iter().find(|(own, _)| own == name).map(|(_, path)| *path);
            (path.ok_or_else(not_offered)?, args.clone())
        }
        _ => return Err(not_offered()),
    };
    let mut all = Map::new();
    all.insert("appId".into(), config.app_id.into());
    all.extend(body);
    let body = Value::Object(all).to_string();
    Ok(Request::post(format!("{}{path}", config.endpoint()), body.into()).json().with_token("app"))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn not_offered() -> Refusal {
    Refusal::new(Class::InvalidRequest).text("vivo has no such operation")
}

#[derive(Deserialize)]
struct Told {
    #[serde(default)]
    statistics: Vec<Value>,
    #[serde(default)]
    data: Option<Vec<response::Invalid>>,
}

pub(crate) fn answer(operation: &Operation, reply: &Reply) -> Result<Answer, Refusal> {
    response::check(reply)?;
    let told = || reply.json::<Told>().ok_or_else(|| reply.refusal());
    match operation {
        Operation::Statistics { .. } => {
            let of = |counters: &Value| match counters.get("taskId") {
                Some(Value::String(id)) => id.clone(),
                other => other.map(Value::to_string).unwrap_or_default(),
            };
            let counts = told()?.statistics.iter().map(|all| Counts::of(of(all), all, COUNTERS)).collect();
            Ok(Answer::found(operation, Found::Counts(counts)))
        }
        Operation::CheckTargets { targets } => {
            let named = told()?.data.unwrap_or_default();
            Ok(Answer::partial(operation, |at| {
                let target = targets.get(at)?;
                named.iter().find(|user| user.is(target)).map(|user| user.refusal(reply, ""))
            }))
        }
        _ => Ok(Answer::done(operation)),
    }
}
