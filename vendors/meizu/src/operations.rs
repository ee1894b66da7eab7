//! What Meizu offers besides sending: cancelling and counting tasks, and the subscriptions of
//! single pushIds, which live on another host.
//!
//! Meizu's PushAPI and its Java SDK, read in 2026-11.

use omnipush_core::http::Method;
use omnipush_core::vendor::{count, form_body};
use omnipush_core::{
    Answer, Counts, Found, Group, GroupKind, Offer, Operation, OperationKind, Refusal, Reply, Request, Tags, Target,
};
use serde_json::Value;

use crate::auth;
use crate::config::Config;
use crate::response;

use OperationKind::{Cancel, CheckTargets, Groups, Report, Statistics, Subscribe, Unsubscribe};

const SWITCH: (&str, &str) = ("subSwitch", "needed, 0 off, 1 on");

pub(crate) const OFFERS: &[Offer] = &[
    Offer::new(Cancel, "`/pushTask/cancel`: broadcasts and pushes to tags that wait or run"),
    Offer::new(Statistics, "`/statistics/getTaskStatistics`"),
    Offer::new(Report, "`/statistics/dailyPushStatics`, at most 30 days"),
    Offer::new(CheckTargets, "`/getRegisterSwitch`, on the subscription host"),
    Offer::new(Subscribe(GroupKind::Alias), "`/subscribeAlias`; a pushId has one alias of up to 60 characters"),
    Offer::new(Unsubscribe(GroupKind::Alias), "`/unSubscribeAlias`; whatever the alias is"),
    Offer::new(Groups(GroupKind::Alias), "`/getSubAlias`"),
    Offer::new(Subscribe(GroupKind::Tag), "`/subscribeTags`; up to 20 characters"),
    Offer::new(Unsubscribe(GroupKind::Tag), "`/unSubscribeTags`"),
    Offer::new(Groups(GroupKind::Tag), "`/getSubTags`"),
    Offer::own("un_sub_all_tags", &[], "`/unSubAllTags`, of one target"),
    Offer::own(
        "change_register_switch",
        &[("msgType", "needed, 0 notifications, 1 data-only messages"), SWITCH],
        "`/changeRegisterSwitch`, of one target",
    ),
    Offer::own("change_all_switch", &[SWITCH], "`/changeAllSwitch`, of one target"),
    Offer::own(
        "upload_img",
        &[
            ("imgType", "needed, 0 bar, 1 expanded, 3 desktop, 4 background, 5 small icon, 6 large icon"),
            ("imgUrl", "needed, where the picture is"),
        ],
        "`/uploadImg`; the picture is gone after 3 days",
    )
    .once(),
];

const COUNTERS: &[(&str, &str)] = &[
    ("targetNo", count::TARGETED),
    ("validNo", count::VALID),
    ("pushedNo", count::SENT),
    ("acceptNo", count::DELIVERED),
    ("displayNo", count::SHOWN),
    ("clickNo", count::CLICKED),
    ("taskId", ""),
    ("date", ""),
];

pub(crate) fn request(config: &Config, operation: &Operation) -> Result<Request, Refusal> {
    let day = |date: &dyn std::fmt::Display| date.to_string().replace('-', "");
    let push =
        |method, path: &str, pairs: &[(&str, &str)]| call(config, method, config.endpoint(), "push", path, pairs);
    let message = |method, path: &str, target: &Target, pairs: &[(&str, &str)]| {
        let pairs = [&[("pushId", target.as_str())], pairs].concat();
        call(config, method, config.subscription_endpoint(), "message", path, &pairs)
    };
    let first = || operation.targets().first().ok_or_else(|| Refusal::not_sent("targets: one is needed"));
    Ok(match operation {
        Operation::Cancel { id } => push(Method::POST, "/pushTask/cancel", &[("pushType", "0"), ("taskId", id)]),
        Operation::Statistics { ids } => {
            let id = ids.first().map_or("", String::as_str);
            push(Method::GET, "/statistics/getTaskStatistics", &[("taskId", id)])
        }
        Operation::Report { from, to } => {
            if (*to - *from).num_days() > 30 {
                return Err(Refusal::not_sent("to: at most 30 days after the first"));
            }
            push(Method::GET, "/statistics/dailyPushStatics", &[("startTime", &day(from)), ("endTime", &day(to))])
        }
        Operation::CheckTargets { .. } => message(Method::GET, "/getRegisterSwitch", first()?, &[]),
        Operation::Subscribe { to: Group::Alias(alias), .. } => {
            message(Method::POST, "/subscribeAlias", first()?, &[("alias", alias)])
        }
        Operation::Unsubscribe { from: Group::Alias(_), .. } => {
            message(Method::POST, "/unSubscribeAlias", first()?, &[])
        }
        Operation::Groups { kind: GroupKind::Alias, target } => message(Method::GET, "/getSubAlias", target, &[]),
        Operation::Subscribe { to: Group::Tag(tag), .. } => {
            message(Method::POST, "/subscribeTags", first()?, &[("tags", one_name(tag)?)])
        }
        Operation::Unsubscribe { from: Group::Tag(tag), .. } => {
            message(Method::POST, "/unSubscribeTags", first()?, &[("tags", one_name(tag)?)])
        }
        Operation::Groups { kind: GroupKind::Tag, target } => message(Method::GET, "/getSubTags", target, &[]),
        Operation::Own { name, args, .. } => {
            let texts: Vec<(&str, String)> = args
                .iter()
                .map(|(k, v)| (k.as_str(), v.as_str().map_or_else(|| v.to_string(), str::to_owned)))
                .collect();
            let pairs: Vec<(&str, &str)> = texts.iter().map(|(k, v)| (*k, v.as_str())).collect();
            match name.as_str() {
                "upload_img" => push(Method::POST, "/uploadImg", &pairs),
                "un_sub_all_tags" => message(Method::POST, "/unSubAllTags", first()?, &pairs),
                "change_register_switch" => message(Method::POST, "/changeRegisterSwitch", first()?, &pairs),
                "change_all_switch" => message(Method::POST, "/changeAllSwitch", first()?, &pairs),
                _ => return Err(Refusal::not_sent("Meizu has no such operation")),
            }
        }
        _ => return Err(Refusal::not_sent("Meizu has no such operation")),
    })
}

/// A name that is not two in a list, and no longer than Meizu allows.
pub(crate) fn one_name(name: &str) -> Result<&str, Refusal> {
    let odd = !(1..=20).contains(&name.chars().count()) || name.contains(',');
    if odd { Err(Refusal::not_sent("tag: must be a text of 1 to 20 characters without commas")) } else { Ok(name) }
}

/// `scope` and `tagNames`: Meizu unites tags or intersects them, and takes none away.
pub(crate) fn tags(tags: &Option<Tags>) -> Result<(&'static str, String), Refusal> {
    let (scope, names) = match tags {
        Some(Tags { any, all, none }) if all.is_empty() && none.is_empty() => ("0", any),
        Some(Tags { any, all, none }) if any.is_empty() && none.is_empty() => ("1", all),
        Some(_) => return Err(Refusal::not_sent("tags: Meizu takes `any` or `all`, not both, and no `none`")),
        None => return Err(Refusal::not_sent("tags: name at least one in `any` or `all`")),
    };
    let names: Result<Vec<&str>, Refusal> = names.iter().map(|name| one_name(name)).collect();
    Ok((scope, names?.join(",")))
}

/// A signed call; a GET has everything in its query, the signature too, which Meizu gives no
/// other place.
fn call(config: &Config, method: Method, host: &str, area: &str, path: &str, pairs: &[(&str, &str)]) -> Request {
    let url = format!("{host}/garcia/api/server/{area}{path}");
    let form = auth::form(config, pairs);
    if method == Method::GET {
        let query: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        return Request::get(&url, &query);
    }
    Request::post(url, form_body(form.iter().map(|(name, value)| (name.as_str(), value.as_str())))).form()
}

pub(crate) fn answer(operation: &Operation, reply: &Reply) -> Result<Answer, Refusal> {
    let value = response::value(reply)?;
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let found = match operation {
        Operation::Statistics { ids } => {
            Found::Counts(vec![Counts::of(ids.first().cloned().unwrap_or_default(), &value, COUNTERS)])
        }
        Operation::Report { .. } => {
            let day = |day: &Value| Counts::of(text(day.get("date").unwrap_or(&Value::Null)), day, COUNTERS);
            Found::Counts(value.as_array().into_iter().flatten().map(day).collect())
        }
        Operation::Groups { kind: GroupKind::Alias, .. } => {
            let alias = value.get("alias").map(text).filter(|alias| !alias.is_empty());
            Found::Names(alias.into_iter().collect())
        }
        Operation::Groups { .. } => {
            let tags = value.get("tags").and_then(Value::as_array).into_iter().flatten();
            Found::Names(tags.filter_map(|tag| tag.get("tagName").map(text)).collect())
        }
        Operation::Own { name, .. } if name == "upload_img" => {
            Found::Id(value.get("imgUrl").map(text).ok_or_else(|| reply.refusal())?)
        }
        // How the switches stand now.
        Operation::Own { name, .. } if name.starts_with("change_") => Found::Other(value),
        _ => Found::Nothing,
    };
    Ok(Answer::found(operation, found))
}
