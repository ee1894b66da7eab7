//! What FCM offers besides sending: topics, token checks, imports, device groups, statistics.
//!
//! Google's Instance ID reference, its page on device groups, and its service descriptions `fcm`
//! v1 and `fcmdata` v1beta1, read in 2026-11.

use omnipush_core::http::{HeaderName, HeaderValue, Method};
use omnipush_core::vendor::path_part;
use omnipush_core::{
    Answer, Class, Found, Group, GroupKind, Offer, Operation, OperationKind, Refusal, Reply, Request, Target, codes,
};
use serde_json::{Map, Value, json};

use OperationKind::{CheckTargets, Groups, Subscribe, Unsubscribe};

use crate::response::{self, CODES};
use crate::{Fcm, audience, auth};

const TOPIC: &[(&str, &str)] = &[("topic", "needed, its bare name")];
const GROUP: [(&str, &str); 2] =
    [("project_number", "needed, digits, as the console shows it"), ("name", "needed, the group's name")];
const MEMBERS: &[(&str, &str)] = &[GROUP[0], GROUP[1], ("key", "needed, the group's `notification_key`")];

const PAGES: &[(&str, &str)] = &[
    ("app_id", "needed, the Android app's id in Firebase"),
    ("page_size", "a number, up to 10,000"),
    ("page_token", "`nextPageToken` of the page before"),
];
const IMPORT: &[(&str, &str)] = &[("application", "needed, the bundle id"), ("sandbox", "needed, true or false")];

pub(crate) const OFFERS: &[Offer] = &[
    Offer::new(Subscribe(GroupKind::Topic), "`iid/v1:batchAdd`; a token has up to 2,000 topics").max(1000),
    Offer::new(Unsubscribe(GroupKind::Topic), "`iid/v1:batchRemove`").max(1000),
    Offer::new(Groups(GroupKind::Topic), "`GET topicSubscriptions`, of a token or installation id"),
    Offer::new(CheckTargets, "`iid/info`"),
    Offer::own("token_info", &[], "`iid/info?details=true`: app, platform and topics of one target"),
    Offer::own("subscription_create", TOPIC, "`POST topicSubscriptions`, of one target; refused where it is").once(),
    Offer::own("subscription_ensure", TOPIC, "`PATCH topicSubscriptions`, of one target; may be there already"),
    Offer::own("subscription_get", TOPIC, "`GET topicSubscriptions`, of one target"),
    Offer::own("subscription_delete", TOPIC, "`DELETE topicSubscriptions`, of one target; may be gone already"),
    Offer::own("import_apns_tokens", IMPORT, "`iid/v1:batchImport`; finds registration tokens for Apple's").max(100),
    Offer::own("device_group_create", &GROUP, "`notification`; finds the key, which is a target").whole(20).once(),
    Offer::own("device_group_add", MEMBERS, "`notification`; a group has up to 20 members").whole(20),
    Offer::own("device_group_remove", MEMBERS, "`notification`; without members the group is gone").whole(20),
    Offer::own("device_group_key", &GROUP, "`notification`; finds the key of a group by its name"),
    Offer::own("delivery_data", PAGES, "`fcmdata`, Android only: counts by day and label, a day late or more"),
];

pub(crate) fn request(fcm: &Fcm, operation: &Operation) -> Result<Request, Refusal> {
    let iid = |path: &str| format!("{}/iid/{path}", fcm.config.iid_endpoint());
    let batch = |path, body: Value| old(Request::post(iid(path), body.to_string().into()).json());
    let tokens: Vec<&str> = operation.targets().iter().map(Target::as_str).collect();
    let topic = |path, name: &str| {
        audience::topic(name).map_err(Refusal::not_sent)?;
        Ok(batch(path, json!({"to": format!("/topics/{name}"), "registration_tokens": tokens})))
    };
    let one = || part("targets", tokens.first().copied().unwrap_or_default());
    let info = |query| Ok(old(Request::get(&iid(&format!("info/{}", one()?)), query)));
    let request = match operation {
        Operation::Subscribe { to: Group::Topic(name), .. } => topic("v1:batchAdd", name)?,
        Operation::Unsubscribe { from: Group::Topic(name), .. } => topic("v1:batchRemove", name)?,
        Operation::Groups { .. } => Request::get(&subscriptions(fcm, &one()?), &[("pageSize", "2000")]),
        Operation::CheckTargets { .. } => info(&[])?,
        Operation::Own { name, args, .. } => match name.as_str() {
            "token_info" => info(&[("details", "true")])?,
            "import_apns_tokens" => {
                let Some(sandbox) = args.get("sandbox").and_then(Value::as_bool) else {
                    return Err(Refusal::not_sent("sandbox: must be true or false"));
                };
                let application = arg(args, "application")?;
                batch("v1:batchImport", json!({"application": application, "sandbox": sandbox, "apns_tokens": tokens}))
            }
            "delivery_data" => delivery_data(fcm, args)?,
            other => match (other.strip_prefix("subscription_"), other.strip_prefix("device_group_")) {
                (Some(verb), _) => subscription(&subscriptions(fcm, &one()?), verb, arg(args, "topic")?)?,
                (_, Some(verb)) => device_group(fcm, verb, args, &tokens)?,
                _ => return Err(Refusal::not_sent("FCM has no such operation")),
            },
        },
        _ => return Err(Refusal::not_sent("FCM has no such operation")),
    };
    let scope = if request.scope.is_some() { auth::CLOUD } else { auth::MESSAGING };
    Ok(request.with_token(scope).lane("operations"))
}

/// The hosts that once took static keys want to be told that this is an access token.
fn old(request: Request) -> Request {
    request.header(HeaderName::from_static("access_token_auth"), HeaderValue::from_static("true"))
}

fn part(what: &str, text: &str) -> Result<String, Refusal> {
    path_part(text).ok_or_else(|| Refusal::not_sent(&format!("{what}: one is needed that can stand in a path")))
}

fn arg<'a>(args: &'a Map<String, Value>, name: &str) -> Result<&'a str, Refusal> {
    let text = args.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    text.ok_or_else(|| Refusal::not_sent(&format!("{name}: must be a text")))
}

fn subscriptions(fcm: &Fcm, registration: &str) -> String {
    format!("{}/v1/{}/registrations/{registration}/topicSubscriptions", fcm.config.endpoint(), fcm.project)
}

fn subscription(all: &str, verb: &str, topic: &str) -> Result<Request, Refusal> {
    audience::topic(topic).map_err(Refusal::not_sent)?;
    let one = format!("{all}/{}", part("topic", topic)?);
    let lax: &[(&str, &str)] = &[("allow_missing", "true")];
    let with_body =
        |method, url: &str, query| Request { body: "{}".into(), ..Request::get(url, query).method(method) }.json();
    Ok(match verb {
        "create" => with_body(Method::POST, all, &[("topic_name", topic)]),
        "ensure" => with_body(Method::PATCH, &one, lax),
        "get" => Request::get(&one, &[]),
        _ => Request::get(&one, lax).method(Method::DELETE),
    })
}

fn device_group(fcm: &Fcm, verb: &str, args: &Map<String, Value>, tokens: &[&str]) -> Result<Request, Refusal> {
    let (number, name) = (arg(args, "project_number")?, arg(args, "name")?);
    let digits = number.bytes().all(|b| b.is_ascii_digit());
    let sender = HeaderValue::from_str(number).ok().filter(|_| digits);
    let sender = sender.ok_or_else(|| Refusal::not_sent("project_number: must be digits"))?;
    let url = format!("{}/fcm/notification", fcm.config.endpoint());
    let request = if verb == "key" {
        Request::get(&url, &[("notification_key_name", name)])
    } else if tokens.is_empty() {
        return Err(Refusal::not_sent("targets: at least one is needed"));
    } else {
        let key = if verb == "create" { None } else { Some(("notification_key", arg(args, "key")?.into())) };
        let members =
            [("operation", verb.into()), ("notification_key_name", name.into()), ("registration_ids", tokens.into())];
        let body: Map<String, Value> =
            members.into_iter().chain(key).map(|(name, value)| (name.to_owned(), value)).collect();
        let body = Value::Object(body);
        Request::post(url, body.to_string().into())
    };
    Ok(old(request.json()).header(HeaderName::from_static("project_id"), sender))
}

fn delivery_data(fcm: &Fcm, args: &Map<String, Value>) -> Result<Request, Refusal> {
    let app = part("app_id", arg(args, "app_id")?)?;
    let size = args.get("page_size").map(Value::to_string);
    let pages = [("pageSize", size.as_deref()), ("pageToken", args.get("page_token").and_then(Value::as_str))];
    let query: Vec<(&str, &str)> = pages.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let url = format!("{}/v1beta1/{}/androidApps/{app}/deliveryData", fcm.config.data_endpoint(), fcm.project);
    Ok(Request::get(&url, &query).with_token(auth::CLOUD))
}

pub(crate) fn answer(operation: &Operation, reply: &Reply) -> Result<Answer, Refusal> {
    let whole = |kind: &str| matches!(operation, Operation::Own { name, .. } if name == kind);
    if reply.status == 404 && (matches!(operation, Operation::CheckTargets { .. }) || whole("token_info")) {
        let gone = reply.refusal().class(Class::InvalidToken);
        return Ok(Answer::partial(operation, |_| Some(gone.clone())));
    }
    if !reply.is_success() {
        return Err(response::refusal(reply));
    }
    let answer = reply.json::<Value>().filter(Value::is_object).ok_or_else(|| reply.refusal())?;
    let known = |member: &str| if answer.get(member).is_some() { Ok(()) } else { Err(reply.refusal()) };
    let text = |value: &Value, member: &str| value.get(member).and_then(Value::as_str).map(str::to_owned);
    let found = match operation {
        Operation::Subscribe { .. } | Operation::Unsubscribe { .. } => return each(operation, reply, &answer, "error"),
        Operation::Groups { .. } => {
            let all = answer.get("topicSubscriptions").and_then(Value::as_array).into_iter().flatten();
            let name = |one: &Value| {
                text(one, "topicName").or_else(|| Some(text(one, "name")?.rsplit('/').next()?.to_owned()))
            };
            Found::Names(all.filter_map(name).collect())
        }
        Operation::CheckTargets { .. } => known("application").map(|()| Found::Nothing)?,
        Operation::Own { name, .. } => match name.as_str() {
            "import_apns_tokens" => {
                let done = each(operation, reply, &answer, "status")?;
                let all = answer.get("results").and_then(Value::as_array).into_iter().flatten();
                let good = all.zip(&done.verdicts).filter(|(_, verdict)| verdict.is_accepted());
                let names = good.filter_map(|(one, _)| text(one, "registration_token")).collect();
                return Ok(Answer { found: Found::Names(names), ..done });
            }
            "token_info" => known("application").map(|()| Found::Other(answer))?,
            "subscription_get" => known("name").map(|()| Found::Other(answer))?,
            "delivery_data" => Found::Other(answer),
            name if name.starts_with("subscription") => Found::Nothing,
            _ => Found::Id(text(&answer, "notification_key").ok_or_else(|| reply.refusal())?),
        },
        _ => return Err(reply.refusal()),
    };
    Ok(Answer::found(operation, found))
}

/// A verdict for each target, by the member of its result that says what went wrong.
fn each(operation: &Operation, reply: &Reply, answer: &Value, member: &str) -> Result<Answer, Refusal> {
    let results = answer.get("results").and_then(Value::as_array);
    let results = results.filter(|all| all.len() == operation.targets().len()).ok_or_else(|| reply.refusal())?;
    Ok(Answer::partial(operation, |at| {
        let error = results.get(at)?.get(member).and_then(Value::as_str).filter(|error| *error != "OK")?;
        let row = codes::find(CODES, &format!("iid/{error}"));
        Some(row.map_or_else(|| Refusal::new(Class::Unknown).code(error), |row| row.refusal(reply, error)))
    }))
}
