//! The fake, called by hand: what it takes and how it decodes it, and what it refuses and how.

mod audience;
mod fields;
mod operations;

use std::collections::HashSet;

use bytes::Bytes;
use http::{HeaderMap, Method};
use omnipush_core::Class;
use serde_json::{Value, json};

use super::*;
use crate::fake::At;

const NOW: u64 = 1_790_000_000_000;
const DAY: u64 = 86_400_000;

const ONE: &str = "registration_id=regA%2CregB&restricted_package_name=com.example.app&title=%E8%AE%A2%E5%8D%95%E6%9B%B4%E6%96%B0&description=Your+order+shipped&payload=%7B%22orderId%22%3A%2242%22%7D&pass_through=0&notify_id=42&time_to_live=86400000&extra.channel_id=130001&extra.notify_effect=2&extra.intent_uri=intent%3A%23Intent%3Bcomponent%3Dcom.example.app%2F.OrderActivity%3BS.orderId%3D42%3Bend&extra.jobkey=order-42";
const MANY: &str = "messages=%5B%7B%22target%22%3A%22regA%22%2C%22message%22%3A%7B%22title%22%3A%22t1%22%2C%22description%22%3A%22d1%22%2C%22restricted_package_name%22%3A%22com.example.app%22%2C%22extra%22%3A%7B%22channel_id%22%3A%22130001%22%2C%22notify_effect%22%3A%221%22%7D%7D%7D%2C%7B%22target%22%3A%22regB%22%2C%22message%22%3A%7B%22title%22%3A%22t2%22%2C%22description%22%3A%22d2%22%2C%22restricted_package_name%22%3A%22com.example.app%22%2C%22extra%22%3A%7B%22channel_id%22%3A%22130001%22%2C%22notify_effect%22%3A%221%22%7D%7D%7D%5D&time_to_send=0";
const FORM: &str = "application/x-www-form-urlencoded;charset=UTF-8";

fn call(path: &str, body: &str) -> Call {
    let mut headers = HeaderMap::new();
    headers.insert("authorization", "key=s3cr3t==".parse().unwrap());
    headers.insert("content-type", FORM.parse().unwrap());
    Call {
        method: Method::POST,
        path: path.into(),
        query: String::new(),
        headers,
        body: Bytes::copy_from_slice(body.as_bytes()),
        now_ms: NOW,
    }
}

fn encode<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// A good message with changes: a value replaces or adds a field, `None` removes it.
fn changed(path: &str, changes: &[(&str, Option<&str>)]) -> Call {
    let mut fields = vec![
        ("registration_id", "regA"),
        ("restricted_package_name", PACKAGE),
        ("title", "title"),
        ("description", "text"),
        ("extra.channel_id", PUBLIC_CHANNEL),
        ("extra.notify_effect", "1"),
    ];
    for (key, value) in changes {
        fields.retain(|(name, _)| name != key);
        fields.extend(value.map(|value| (*key, value)));
    }
    call(path, &encode(fields))
}

fn element(target: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut message = json!({
        "title": "t", "description": "d", "restricted_package_name": PACKAGE,
        "extra": {"channel_id": PUBLIC_CHANNEL, "notify_effect": "1"},
    });
    change(&mut message);
    json!({"target": target, "message": message})
}

fn many(elements: Value) -> Call {
    call("/v2/multi_messages/regids", &encode([("messages", elements.to_string().as_str())]))
}

fn body(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200);
    serde_json::from_slice(&answer.body).unwrap()
}

fn code(answer: &Answer) -> i64 {
    body(answer)["code"].as_i64().unwrap()
}

/// The code that a fresh fake answers; its shape is checked, and that a refusal delivers nothing.
#[track_caller]
fn outcome(call: &Call) -> i64 {
    let fake = Xiaomi::new();
    let answer = fake.answer(call);
    let body = body(&answer);
    let code = body["code"].as_i64().unwrap();
    assert_eq!(body["result"], if code == 0 { "ok" } else { "error" });
    assert_eq!(answer.refused.is_some(), code != 0);
    assert_eq!(body["reason"].is_string(), code != 0);
    assert_eq!(body["data"].is_object(), code == 0);
    assert!(body["trace_id"].is_string() && body["description"].is_string());
    assert_eq!(fake.world().delivered().is_empty(), code != 0);
    code
}

#[test]
fn the_vector_is_taken_by_all_versions_and_decoded() {
    for version in ["v2", "v3", "v4"] {
        let fake = Xiaomi::new();
        let call = call(&format!("/{version}/message/regid"), ONE);
        assert_eq!(fake.purpose(&call), Purpose::Send);
        let answer = body(&fake.answer(&call));
        assert_eq!((answer["result"].as_str(), answer["code"].as_i64()), (Some("ok"), Some(0)));
        assert_eq!(answer["info"], "Received push messages for 2 REGID");
        assert!(answer["data"]["id"].as_str().unwrap().starts_with("scm"));
        assert!(answer["data"].get("bad_regids").is_none());
        let delivered = fake.world().delivered();
        assert_eq!(delivered.iter().map(|d| d.target.as_str()).collect::<Vec<_>>(), ["regA", "regB"]);
        let first = &delivered[0];
        assert_eq!(first.title.as_deref(), Some("订单更新"));
        assert_eq!(first.body.as_deref(), Some("Your order shipped"));
        assert_eq!(first.data, [("orderId".to_owned(), "42".to_owned())]);
        let intent = "intent:#Intent;component=com.example.app/.OrderActivity;S.orderId=42;end";
        assert_eq!(first.click.as_deref(), Some(intent));
        assert_eq!(first.ttl_seconds, Some(86400));
        assert_eq!((first.collapse.as_deref(), first.request_id.as_deref()), (Some("42"), Some("order-42")));
        assert_eq!(first.message_id, answer["data"]["id"]);
        assert_eq!(first.raw["extra.channel_id"], "130001");
    }
}

#[test]
fn the_vector_of_many_messages_is_taken_and_decoded() {
    let fake = Xiaomi::new();
    assert_eq!(code(&fake.answer(&call("/v2/multi_messages/regids", MANY))), 0);
    let seen: Vec<_> = fake.world().delivered().into_iter().map(|d| (d.target, d.title.unwrap())).collect();
    assert_eq!(seen, [("regA".into(), "t1".into()), ("regB".into(), "t2".into())] as [(String, String); 2]);
    assert_eq!(fake.world().delivered()[1].raw["message"]["description"], "d2");
}

#[test]
fn data_are_pairs_of_the_payload_or_else_of_extra() {
    let data = |changes: &[(&str, Option<&str>)]| {
        let fake = Xiaomi::new();
        assert_eq!(code(&fake.answer(&changed("/v3/message/regid", changes))), 0);
        fake.world().delivered().remove(0).data
    };
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(data(&[("payload", Some(r#"{"z":"1","a":"2"}"#))]), [pair("z", "1"), pair("a", "2")]);
    assert_eq!(data(&[("payload", Some("free text")), ("extra.k", Some("v"))]), [pair("k", "v")]);
    assert_eq!(data(&[("payload", Some(r#"{"n":1}"#))]), []);
}

#[test]
fn the_secret_stands_in_the_header() {
    let good = changed("/v3/message/regid", &[]);
    let with = |value: Option<&str>| {
        let mut call = good.clone();
        call.headers.remove("authorization");
        if let Some(value) = value {
            call.headers.insert("authorization", value.parse().unwrap());
        }
        call
    };
    for wrong in [
        None,
        Some(""),
        Some("s3cr3t=="),
        Some("Bearer s3cr3t=="),
        Some("key= s3cr3t=="),
        Some("KEY=s3cr3t=="),
        Some("key=s3cr3t"),
        Some("key=czNjcjN0PT0="),
    ] {
        assert_eq!(outcome(&with(wrong)), 21301, "{wrong:?}");
    }
    let mut twice = good.clone();
    twice.headers.append("authorization", "key=other".parse().unwrap());
    assert_eq!(outcome(&twice), 21301);
    let fake = Xiaomi::new();
    fake.world().refuse_tokens(true);
    let answer = body(&fake.answer(&good));
    assert_eq!(answer["reason"], "Invalid application secret.");
    assert_eq!(answer["description"], "认证失败");
    fake.world().calm();
    assert_eq!(code(&fake.answer(&good)), 0);
}

#[test]
fn method_path_and_form_are_checked() {
    let good = changed("/v3/message/regid", &[]);
    let fake = Xiaomi::new();
    let get = Call { method: Method::GET, ..good.clone() };
    assert_eq!((outcome(&get), fake.purpose(&get)), (10021, Purpose::Unknown));
    for path in ["/v5/message/regid", "/v3/message/regid/", "/v3/message/user_account", "/"] {
        let call = Call { path: path.into(), ..good.clone() };
        assert_eq!((outcome(&call), fake.purpose(&call)), (10020, Purpose::Unknown));
    }
    for (mime, expected) in [
        ("application/x-www-form-urlencoded", 0),
        ("Application/X-WWW-Form-URLEncoded; charset=utf-8", 0),
        ("application/x-www-form-urlencoded;charset=GBK", 10007),
        ("application/json", 10007),
    ] {
        let mut call = good.clone();
        call.headers.insert("content-type", mime.parse().unwrap());
        assert_eq!(outcome(&call), expected, "{mime}");
    }
    let mut none = good.clone();
    none.headers.remove("content-type");
    assert_eq!(outcome(&none), 10007);
    assert_eq!(outcome(&Call { query: "title=t".into(), ..good.clone() }), 10008);
    let text = std::str::from_utf8(&good.body).unwrap();
    for spoilt in
        ["&payload=%zz", "&payload=%E4%BD", "&payload=a b", "&payload=你", "&title=again", "&registration_id=regB"]
    {
        assert_eq!(outcome(&call("/v3/message/regid", &format!("{text}{spoilt}"))), 10008, "{spoilt}");
    }
    assert_eq!(outcome(&call("/v3/message/regid", "")), 10016);
    assert_eq!(outcome(&changed("/v3/message/regid", &[("payload", Some("\u{FFFD}"))])), 0);
}

#[test]
fn only_send_once_is_a_ttl_of_zero() {
    let fake = Xiaomi::new();
    fake.answer(&changed("/v3/message/regid", &[("extra.only_send_once", Some("1"))]));
    fake.answer(&changed("/v3/message/regid", &[]));
    assert_eq!(fake.world().delivered().iter().map(|d| d.ttl_seconds).collect::<Vec<_>>(), [Some(0), None]);
}

#[test]
fn bad_regids_are_listed_and_the_rest_is_served() {
    let fake = Xiaomi::new();
    fake.world().set_target("dead", TargetState::Dead);
    let listed = |regids| body(&fake.answer(&changed("/v3/message/regid", &[("registration_id", Some(regids))])));
    let answer = listed("regA,dead,has space,not-base64,===,regB");
    assert_eq!(
        (answer["code"].as_i64(), answer["data"]["bad_regids"].as_str()),
        (Some(0), Some("dead,has space,not-base64,==="))
    );
    assert_eq!(fake.world().delivered().len(), 2);
    let answer = listed("dead,a=b");
    assert_eq!((answer["code"].as_i64(), answer["reason"].as_str()), (Some(20301), Some("No valid targets!")));
    assert_eq!(answer["result"], "error");
    assert!(answer.get("data").is_none());
    // A plus sign that was not escaped arrives as a space.
    let raw =
        encode([("title", "t"), ("description", "d"), ("extra.channel_id", "130001"), ("extra.notify_effect", "1")]);
    assert_eq!(outcome(&call("/v3/message/regid", &format!("registration_id=reg+A&{raw}"))), 20301);
    assert_eq!(outcome(&call("/v3/message/regid", &format!("registration_id=reg%2BA&{raw}"))), 0);
}

#[test]
fn a_thousand_targets_and_no_more() {
    let list = |n| vec!["regA"; n].join(",");
    assert_eq!(outcome(&changed("/v3/message/regid", &[("registration_id", Some(&list(1000)))])), 0);
    assert_eq!(outcome(&changed("/v3/message/regid", &[("registration_id", Some(&list(1001)))])), 10017);
    let elements = |n| many(Value::Array(vec![element("regA", |_| ()); n]));
    assert_eq!(outcome(&elements(1000)), 0);
    assert_eq!(outcome(&elements(1001)), 10017);
    assert_eq!(outcome(&elements(0)), 10017);
}

#[test]
fn a_device_shows_the_first_of_a_jobkey() {
    let fake = Xiaomi::new();
    let send = |regids| {
        fake.answer(&changed("/v3/message/regid", &[("registration_id", Some(regids)), ("extra.jobkey", Some("j"))]))
    };
    let (first, again) = (body(&send("regA")), body(&send("regA,regB")));
    assert_eq!(again["code"], 0);
    assert_ne!(first["data"]["id"], again["data"]["id"]);
    assert_eq!(fake.world().delivered().iter().map(|d| d.target.as_str()).collect::<Vec<_>>(), ["regA", "regB"]);
}

#[test]
fn messages_of_their_own_are_json() {
    let with = |change: fn(&mut Value)| outcome(&many(json!([element("regB", |_| ()), element("regA", change)])));
    assert_eq!(with(|m| m["time_to_live"] = json!(1000)), 0);
    assert_eq!(with(|m| m["time_to_live"] = json!("1000")), 10017);
    assert_eq!(with(|m| m["time_to_live"] = json!(1000.5)), 10017);
    assert_eq!(with(|m| m["title"] = json!(7)), 10017);
    assert_eq!(with(|m| m["title"] = Value::Null), 10017);
    assert_eq!(with(|m| m["extra.jobkey"] = json!("j")), 10008);
    assert_eq!(with(|m| m["extra"]["notify_effect"] = json!(1)), 10017);
    assert_eq!(with(|m| m["extra"] = json!([])), 10017);
    assert_eq!(with(|m| m["extra"]["channel_id"] = json!("1")), 27001);
    assert_eq!(with(|m| m["registration_id"] = json!("regA")), 10008);
    assert_eq!(with(|m| m["restricted_package_name"] = json!("com.example.app,com.example.app.pad")), 22022);
    assert_eq!(with(|m| drop(m.as_object_mut().unwrap().remove("restricted_package_name"))), 10016);
    assert_eq!(with(|m| m["time_to_send"] = json!(NOW + 1)), 10017); // the other one has none
    for elements in [json!({}), json!([[]]), json!([{"target": "regA"}]), json!([{"target": 1, "message": {}}])] {
        assert_eq!(outcome(&many(elements.clone())), 10017, "{elements}");
    }
    let mut odd = element("regA", |_| ());
    odd["alias"] = json!("u");
    assert_eq!(outcome(&many(json!([odd]))), 10017);
    assert_eq!(outcome(&call("/v2/multi_messages/regids", "time_to_send=0")), 10016);
    assert_eq!(outcome(&call("/v2/multi_messages/regids", &format!("{MANY}&title=t"))), 10008);
    assert_eq!(outcome(&call("/v2/multi_messages/regids", &MANY.replace("send=0", "send=1"))), 10017);
    let later = format!("send={}", NOW + 1);
    assert_eq!(outcome(&call("/v2/multi_messages/regids", &MANY.replace("send=0", &later))), 0);
    assert_eq!(outcome(&many(json!([element("regA,regB", |_| ())]))), 20301);
    let fake = Xiaomi::new();
    let answer = body(&fake.answer(&many(json!([element("reg A", |_| ()), element("regA", |_| ())]))));
    assert_eq!((answer["code"].as_i64(), answer["data"]["bad_regids"].as_str()), (Some(0), Some("reg A")));
}

#[test]
fn targets_look_like_regids() {
    let fake = Xiaomi::new();
    let targets: HashSet<String> = (0..100).map(|n| fake.target(n)).collect();
    assert_eq!(targets.len(), 100);
    assert!(targets.iter().all(|t| checks::is_regid(t)));
    for letter in ['+', '/', '='] {
        assert!(targets.iter().any(|t| t.contains(letter)) && targets.iter().any(|t| !t.contains(letter)));
    }
}

#[test]
fn the_configuration_has_the_agreed_keys() {
    let config = Xiaomi::new().config("http://x");
    let agreed = json!({
        "vendor": "xiaomi",
        "app_secret": APP_SECRET,
        "package_name": PACKAGE,
        "channel_id": PUBLIC_CHANNEL,
        "endpoint": "http://x",
    });
    assert_eq!(config, agreed);
}

/// Every number of the documented tables, written down again.
const NUMBERS: &[i64] = &[
    -1, 1, 100, 10001, 10002, 10003, 10004, 10005, 10006, 10007, 10008, 10009, 10010, 10011, 10012, 10013, 10014,
    10016, 10017, 10018, 10020, 10021, 10022, 10023, 10024, 10025, 10026, 10027, 10028, 10029, 10030, 10031, 10032,
    10033, 10034, 10035, 10036, 10037, 10038, 10039, 20209, 20215, 20216, 20301, 20315, 20607, 21301, 21302, 21303,
    21305, 22000, 22001, 22002, 22003, 22004, 22005, 22006, 22007, 22008, 22020, 22021, 22022, 22100, 22101, 22102,
    22103, 26003, 26004, 26005, 26006, 27001, 65003, 65006, 65007, 65008, 65009, 65010, 65011, 65012, 65013, 65014,
    65015, 65016, 65017, 65028, 65029, 65030, 65035, 65036, 65037, 65038, 65040, 65041, 200001, 200002,
];

#[test]
fn every_documented_failure_has_its_shape() {
    let mut names = HashSet::new();
    let mut numbers = HashSet::new();
    let good = changed("/v3/message/regid", &[("registration_id", Some("regA,regB"))]);
    for code in Xiaomi::new().codes() {
        assert!(names.insert((code.code, code.at)), "{} is there twice", code.code);
        let fake = Xiaomi::new();
        let answer = fake.coded(&good, code);
        if let Some(status) = code.code.strip_prefix("HTTP ") {
            assert_eq!(answer.status.to_string(), status);
            assert!(serde_json::from_slice::<Value>(&answer.body).is_err());
            continue;
        }
        let body = body(&answer);
        if code.at == At::Target {
            assert_eq!((body["code"].as_i64(), body["data"]["bad_regids"].as_str()), (Some(0), Some("regA")));
            assert_eq!(fake.world().delivered().len(), 1);
            continue;
        }
        let number: i64 = code.code.split(' ').next().unwrap().parse().unwrap();
        numbers.insert(number);
        assert_eq!((body["code"].as_i64(), body["result"].as_str()), (Some(number), Some("error")));
        assert!(!body["reason"].as_str().unwrap().is_empty() && !body["description"].as_str().unwrap().is_empty());
        let gone = body["reason"] == "No valid targets!";
        assert_eq!(gone, code.class == Class::InvalidToken && number == 20301);
        assert!(fake.world().delivered().is_empty() && answer.refused.is_some());
    }
    assert_eq!(numbers, NUMBERS.iter().copied().collect());
}

#[test]
fn a_bad_target_alone_leaves_none() {
    let fake = Xiaomi::new();
    let code_of = fake.codes().iter().find(|code| code.at == At::Target).unwrap();
    assert_eq!(code(&fake.coded(&changed("/v3/message/regid", &[]), code_of)), 20301);
    let answer = fake.coded(&call("/v2/multi_messages/regids", MANY), code_of);
    assert_eq!(body(&answer)["data"]["bad_regids"], "regA");
}
