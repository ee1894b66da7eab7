//! Bodies that no honest caller sends, at every route. Whatever comes is answered in the route's own form:
//! never a failure of the server's, never a panic, and the next call is served.

use std::collections::BTreeSet;

use axum::body::Body;
use fastrand::Rng;
use omnipush::http::{Method, Request, StatusCode};
use omnipush_gateway::http::HttpSettings;
use serde_json::{Value, json};

use crate::server::{API_KEY, Server, query, settings};
use crate::world::NOW;

/// How many bodies each route gets. A body is made of its route and its number alone, so that what fails
/// fails again.
const ROUNDS: u64 = 60;

/// The codes that say that the gateway failed.
const FAILURES: [i64; 3] = [91000, 10002, 70500];

fn push_info() -> Value {
    json!({
        "PushFlag": 0, "Title": "t", "Desc": "d", "Ext": "{\"entity\":{}}", "BadgeAddNum": 2, "BadgeSetNum": 3,
        "MultiLanguageContent": [{ "Language": "zh", "Title": "题", "Desc": "文" }],
        "AndroidInfo": { "Sound": "s", "OPPONotifyLevel": 2, "OPPOCategory": "IM", "VIVONotifyType": "4", "PushStyle": 1 },
        "ApnsInfo": { "SubTitle": "s", "BadgeMode": 1, "LiveActivity": { "LaId": "l", "ContentState": { "a": 1 } } },
        "HarmonyInfo": { "Category": "IM", "Sound": "s", "SoundDuration": 9 },
    })
}

fn elements() -> Value {
    json!([
        { "MsgType": "TIMTextElem", "MsgContent": { "Text": "hello" } },
        { "MsgType": "TIMCustomElem", "MsgContent": { "Data": "d", "Desc": "d", "Ext": "e", "Sound": "s" } },
        { "MsgType": "TIMRelayElem", "MsgContent": { "Title": "t", "MsgList": [] } },
    ])
}

/// A good body of each of the original's calls.
fn originals() -> Vec<(&'static str, Value)> {
    let sendmsg = json!({
        "From_Account": "ann", "To_Account": "bo", "MsgSeq": 7, "MsgRandom": 8, "MsgTimeStamp": 9, "MsgLifeTime": 60,
        "OnlineOnlyFlag": 0, "SyncOtherMachine": 2, "SendMsgControl": ["NoLastMsg"], "CloudCustomData": "x",
        "MsgBody": elements(), "OfflinePushInfo": push_info(),
    });
    let mut batch = sendmsg.clone();
    batch["To_Account"] = json!(["bo", "cy", "ghost"]);
    let group = json!({
        "GroupId": "g_team_7", "Random": 1, "From_Account": "ann", "MsgBody": elements(), "To_Account": ["cy"],
        "GroupAtInfo": [{ "GroupAtAllFlag": 0, "GroupAt_Account": "cy" }], "SendMsgControl": ["NoUnread"],
        "OfflinePushInfo": push_info(), "OnlineOnlyFlag": 0,
    });
    let push = json!({
        "From_Account": "ann", "MsgRandom": 1, "Condition": { "TagsOr": ["a"], "TagsAnd": ["b"], "TagsNot": ["c"] },
        "OfflinePushInfo": push_info(), "DataId": "order-4711", "MsgLifeTime": 60,
    });
    let tags = json!({ "UserTags": [{ "To_Account": "bo", "Tags": ["a", "b"] }], "Replace": 1 });
    let users = json!({ "To_Account": ["bo", "ghost"] });
    let names = json!({ "AttrNames": { "0": "sex", "9": "city" }, "AttrTypes": { "0": 1 } });
    let attributes = json!({ "UserAttrs": [{ "To_Account": "bo", "Attrs": { "sex": "f" } }] });
    let no_attributes = json!({ "UserAttrs": [{ "To_Account": "bo", "Attrs": ["sex"] }] });
    let times = json!({ "StartTime": NOW / 1000 - 60, "EndTime": NOW / 1000, "TaskID": ["push_1"] });
    let mut all = vec![
        ("openim/sendmsg", sendmsg),
        ("openim/batchsendmsg", batch),
        ("openim/admin_msgwithdraw", json!({ "From_Account": "ann", "To_Account": "bo", "MsgKey": "7_8_1767225660" })),
        ("openim/query_online_status", json!({ "To_Account": ["bo", "ghost"], "IsNeedDetail": 1 })),
        ("openim/querystate", json!({ "To_Account": ["bo", "ghost"], "IsNeedDetail": 1 })),
        ("im_open_login_svc/kick", json!({ "UserID": "bo", "Identifier": "bo" })),
        ("group_open_http_svc/send_group_msg", group),
        ("group_open_http_svc/group_msg_recall", json!({ "GroupId": "g_team_7", "MsgSeqList": [{ "MsgSeq": 1 }] })),
        (
            "group_open_http_svc/modify_group_member_info",
            json!({ "GroupId": "g_team_7", "Member_Account": "bo", "MsgFlag": "Discard" }),
        ),
        ("group_open_http_svc/send_group_system_notification", json!({ "GroupId": "g_team_7", "Content": "x" })),
        ("timpush/push", push.clone()),
        ("all_member_push/im_push", push),
        (
            "timpush/batch",
            json!({ "From_Account": "ann", "To_Account": ["bo"], "MsgRandom": 1, "OfflinePushInfo": push_info() }),
        ),
        ("timpush/revoke", json!({ "TaskId": "push_1", "OfflinePushInfo": push_info() })),
    ];
    for (name, body) in [
        ("add_tag", &tags),
        ("get_tag", &users),
        ("remove_tag", &tags),
        ("remove_all_tags", &users),
        ("set_attr_name", &names),
        ("get_attr_name", &json!({})),
        ("set_attr", &attributes),
        ("get_attr", &users),
        ("remove_attr", &no_attributes),
    ] {
        all.push((format!("timpush/{name}").leak(), body.clone()));
        all.push((format!("all_member_push/im_{name}").leak(), body.clone()));
    }
    for name in ["normal_push_statistics", "normal_push_loss", "all_member_push_statistics", "all_member_push_loss"] {
        all.push((format!("timpush/{name}").leak(), times.clone()));
    }
    all
}

/// A good body of each route of the plain REST that takes one.
fn own() -> Vec<(&'static str, Value)> {
    const PHONE: &str = "/v1/users/bo/devices/phone";
    let phone = |rest: &str| -> &'static str { rest.replace("PHONE", PHONE).leak() };
    vec![
        ("PUT /v1/users/bo", json!({ "nickname": "Bo", "language": "en", "utc_offset_minutes": 60 })),
        (
            "PUT /v1/users/bo/mute",
            json!({ "opt": 2, "start_hour": 1, "start_minute": 2, "start_second": 3, "start_timestamp": NOW / 1000,
                "duration": 60, "utc_offset_minutes": 60 }),
        ),
        ("PUT /v1/users/bo/options/users", json!({ "users": ["cy"], "opt": 2 })),
        ("PUT /v1/users/bo/options/groups/g_team_7", json!({ "opt": 3 })),
        (
            phone("POST PHONE/events"),
            json!({ "event": "login", "platform": "android", "connection": 1, "heartbeats": true, "unread": 3 }),
        ),
        (phone("PUT PHONE/push-config"), json!({ "business_id": 7, "token": "token-of-vivo", "is_tpns": false })),
        (phone("PUT PHONE/voip"), json!({ "certificate": 2, "token": "CAFE" })),
        (phone("PUT PHONE/live-activities/ride-7"), json!({ "certificate": 3, "token": "FEED" })),
        (phone("PUT PHONE/language"), json!({ "language": "zh-Hans" })),
        ("PUT /v1/groups/g_team_7", json!({ "name": "Team", "kind": "Public" })),
        ("PUT /v1/groups/g_team_7/members", json!({ "members": ["bo", "cy"] })),
        ("POST /v1/groups/g_team_7/members", json!({ "add": ["bo", "cy"], "remove": ["dee"] })),
    ]
}

/// Something that a member may be instead.
fn value(rng: &mut Rng) -> Value {
    let numbers = [
        "0",
        "-0",
        "-1",
        "2",
        "0.5",
        "1e2",
        "1E400",
        "-1e308",
        "4294967295",
        "4294967296",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "123456789012345678901234567890",
    ];
    let texts = [
        "",
        " ",
        "0",
        "1",
        "null",
        "\u{0}",
        "\u{202e}x",
        "🧑‍🧑‍🧒",
        "ann",
        "a\nb",
        "'; DROP TABLE users; --",
        "%00",
        "7_8_9",
        "_",
        "__",
        "push_1@00000000",
    ];
    match rng.u32(0..12) {
        0 => Value::Null,
        1 => json!(rng.bool()),
        // What no number of Rust holds cannot be made here: those are put into the text, later.
        2..=4 => serde_json::from_str(numbers[rng.usize(..numbers.len())]).unwrap_or(json!(1e300)),
        5..=7 => json!(texts[rng.usize(..texts.len())]),
        8 => json!("x".repeat(1 << rng.u32(0..15))),
        9 => json!([]),
        10 => json!({}),
        _ => {
            let deep = rng.usize(1..60);
            (0..deep).fold(json!("core"), |inner, _| if rng.bool() { json!([inner]) } else { json!({ "a": inner }) })
        }
    }
}

/// Bends one member, somewhere.
fn bend(node: &mut Value, rng: &mut Rng) {
    if rng.u32(0..4) == 0 {
        *node = value(rng);
        return;
    }
    match node {
        Value::Object(map) if !map.is_empty() => {
            let name = map.keys().nth(rng.usize(..map.len())).unwrap().clone();
            match rng.u32(0..6) {
                0 => drop(map.remove(&name)),
                1 => {
                    let found = map.remove(&name).unwrap();
                    map.insert(if rng.bool() { name.to_lowercase() } else { format!("{name}\u{0}") }, found);
                }
                2 => {
                    map.insert("Surprise".into(), value(rng));
                }
                _ => bend(&mut map[&name], rng),
            }
        }
        Value::Array(list) if !list.is_empty() => {
            let place = rng.usize(..list.len());
            match rng.u32(0..6) {
                0 => drop(list.remove(place)),
                1 => list.extend(vec![list[place].clone(); rng.usize(0..600)]),
                2 => list.push(value(rng)),
                _ => bend(&mut list[place], rng),
            }
        }
        other => *other = value(rng),
    }
}

/// Bends the text, so that it is perhaps no JSON any more.
fn garble(mut body: Vec<u8>, rng: &mut Rng) -> Vec<u8> {
    let place = rng.usize(..body.len());
    match rng.u32(0..9) {
        0 => body.truncate(place),
        1 => body[place] = rng.u8(..),
        2 => body.insert(place, rng.u8(..)),
        3 => body.extend_from_slice(b" {}"),
        4 => drop(body.splice(..0, *b"\xef\xbb\xbf")),
        // The same member twice; the last one counts, or none does.
        5 => drop(body.splice(1..1, *br#""To_Account":["x"],"To_Account":7,"opt":1,"opt":"","GroupId":null,"#)),
        6 => body = body.iter().flat_map(|byte| [*byte, 0]).collect(),
        7 => {
            let number = format!("{}{}", rng.u64(..), "9".repeat(rng.usize(0..400)));
            let text = String::from_utf8_lossy(&body).replace(":1", &format!(":{number}"));
            body = text.into_bytes();
        }
        _ => {
            let deep = rng.usize(100..2000);
            body = [b"{\"a\":".repeat(deep), body, b"}".repeat(deep)].concat();
        }
    }
    body
}

/// A body made of a good one.
fn hostile(good: &Value, rng: &mut Rng) -> Vec<u8> {
    let mut body = good.clone();
    for _ in 0..rng.u32(1..4) {
        bend(&mut body, rng);
    }
    let body = body.to_string().into_bytes();
    if rng.u32(0..4) == 0 { garble(body, rng) } else { body }
}

fn content_type(rng: &mut Rng) -> Option<&'static str> {
    let kinds = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "\u{80}"];
    let place = rng.usize(..kinds.len() * 2);
    kinds.get(place).copied().filter(|kind| kind.is_ascii())
}

fn request(method: Method, path: &str, body: Vec<u8>, rng: &mut Rng) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    if path.starts_with("/v1/") {
        request = request.header("authorization", format!("Bearer {API_KEY}"));
    }
    if let Some(kind) = content_type(rng) {
        request = request.header("content-type", kind);
    }
    request.body(Body::from(body)).unwrap()
}

/// Answers in the original's frame, and not with a failure of the gateway's.
fn is_framed(status: StatusCode, answer: &Value) -> bool {
    let code = answer["ErrorCode"].as_i64();
    status == StatusCode::OK
        && answer["ErrorInfo"].is_string()
        && code.is_some_and(|code| !FAILURES.contains(&code))
        && answer["ActionStatus"] == if code == Some(0) { "OK" } else { "FAIL" }
}

/// Answers well, or with a problem of the caller's.
fn is_problem_or_good(status: StatusCode, kind: Option<&str>, answer: &Value) -> bool {
    let member = |name: &str| answer[name].as_str().is_some_and(|text| !text.is_empty());
    status.is_success()
        || (status.is_client_error()
            && kind == Some("application/problem+json")
            && answer["status"] == status.as_u16()
            && ["type", "title", "code", "detail"].into_iter().all(member))
}

fn seed(route: &str, round: u64) -> u64 {
    route.bytes().fold(round, |hash, byte| hash.wrapping_mul(0x100_0000_01b3) ^ u64::from(byte))
}

#[tokio::test]
async fn every_call_of_the_original_stands_hostile_bodies() {
    for (path, good) in originals() {
        let server = Server::new().await;
        for round in 0..ROUNDS {
            let mut rng = Rng::with_seed(seed(path, round));
            let body = hostile(&good, &mut rng);
            let shown = String::from_utf8_lossy(&body[..body.len().min(2000)]).into_owned();
            // A kick of the caller's own voids its signature, and nothing after it would be looked at.
            if shown.contains("admin") {
                continue;
            }
            let uri = format!("/v4/{path}?{}", query());
            let (status, _, answer) = server.raw(request(Method::POST, &uri, body, &mut rng)).await;
            assert!(is_framed(status, &answer), "{path}, round {round}: {status} {answer} to {shown}");
        }
        let code = server.code(path, good).await;
        assert!(!FAILURES.contains(&code), "{path}: {code}");
        server.world.gateway.drained().await.unwrap();
    }
}

#[tokio::test]
async fn every_route_of_the_plain_rest_stands_hostile_bodies() {
    for (line, good) in own() {
        let server = Server::new().await;
        let (method, path) = line.split_once(' ').unwrap();
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        for round in 0..ROUNDS {
            let mut rng = Rng::with_seed(seed(line, round));
            let body = hostile(&good, &mut rng);
            let shown = String::from_utf8_lossy(&body[..body.len().min(2000)]).into_owned();
            let (status, headers, answer) = server.raw(request(method.clone(), path, body, &mut rng)).await;
            let kind = headers.get("content-type").and_then(|kind| kind.to_str().ok());
            assert!(
                is_problem_or_good(status, kind, &answer),
                "{line}, round {round}: {status} {kind:?} {answer} to {shown}"
            );
        }
        let (status, _, answer) =
            server.raw(request(method, path, good.to_string().into_bytes(), &mut Rng::with_seed(0))).await;
        assert!(status.is_success() || status == StatusCode::CONFLICT, "{line}: {status} {answer}");
    }
}

#[tokio::test]
async fn bodies_over_the_limit_are_refused_everywhere() {
    let server = Server::with(HttpSettings { body_bytes: 2000, ..settings() }).await;
    let long = json!({ "more": "x".repeat(2000) }).to_string();
    let mut rng = Rng::with_seed(1);
    for (path, _) in originals() {
        let uri = format!("/v4/{path}?{}", query());
        let (status, _, answer) = server.raw(request(Method::POST, &uri, long.clone().into(), &mut rng)).await;
        assert!(is_framed(status, &answer) && answer["ErrorCode"] != 0, "{path}: {answer}");
        assert!(answer["ErrorInfo"].as_str().unwrap().contains("2000 bytes"), "{path}: {answer}");
    }
    for (line, _) in own() {
        let (method, path) = line.split_once(' ').unwrap();
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let (status, _, answer) = server.raw(request(method, path, long.clone().into(), &mut rng)).await;
        assert_eq!((status, &answer["code"]), (StatusCode::PAYLOAD_TOO_LARGE, &json!("too_large")), "{line}");
    }
}

/// The query and the path are the caller's too.
#[tokio::test]
async fn hostile_queries_and_paths_are_answered() {
    let server = Server::new().await;
    let good = json!({ "To_Account": ["bo"] }).to_string();
    let long = "x".repeat(60_000);
    let mut rng = Rng::with_seed(2);
    for query in ["", "&", "=", "a=%", "sdkappid=%ff%fe", "sdkappid=1&sdkappid=2", "%00=%00&usersig=%2B", long.as_str()]
    {
        let uri = format!("/v4/openim/sendmsg?{query}");
        let (status, _, answer) = server.raw(request(Method::POST, &uri, good.clone().into(), &mut rng)).await;
        assert!(is_framed(status, &answer) && answer["ErrorCode"] != 0, "{query}: {answer}");
    }
    for path in ["/v4/%2e%2e/x", "/v4/openim/%00", "/v4//", "/v4/openim/sendmsg%2f"] {
        let uri = format!("{path}?{}", crate::server::query());
        let (status, _, answer) = server.raw(request(Method::POST, &uri, good.clone().into(), &mut rng)).await;
        assert!(is_framed(status, &answer) && answer["ErrorCode"] != 0, "{path}: {answer}");
    }
    for path in ["/v1/users/%00", "/v1/users/%ff", "/v1/groups/%2f%2e%2e", "/v1/users/bo/devices/%0d%0aX-A:1"] {
        let (status, headers, answer) = server.raw(request(Method::GET, path, Vec::new(), &mut rng)).await;
        let kind = headers.get("content-type").and_then(|kind| kind.to_str().ok());
        assert!(
            status.is_client_error() && is_problem_or_good(status, kind, &answer),
            "{path}: {status} {kind:?} {answer}"
        );
    }
}

/// A route that is not tried here is not tried at all.
#[tokio::test]
async fn no_route_is_left_out() {
    let table = include_str!("../../src/http/im/mod.rs");
    let named = |line: &'static str| line.trim().strip_prefix('"')?.split_once("\": ").map(|(path, _)| path);
    let there: BTreeSet<&str> = table.lines().filter(|line| line.contains("=> ")).filter_map(named).collect();
    assert_eq!(there, originals().into_iter().map(|(path, _)| path).collect());

    let server = Server::new().await;
    let (_, _, document) = server.raw(Request::get("/v1/openapi.json").body(Body::empty()).unwrap()).await;
    let paths = document["paths"].as_object().unwrap();
    let takes = |methods: &Value| {
        methods.as_object().unwrap().values().filter(|operation| !operation["requestBody"].is_null()).count()
    };
    assert_eq!(paths.values().map(takes).sum::<usize>(), own().len());
}
