//! The fake against hand-made calls: who gets a push and how it is answered. Signatures and the
//! fields of messages have files of their own.

mod auth;
mod devices;
mod many;
mod message;

use std::collections::HashSet;

use http::{HeaderMap, Method};
use omnipush_core::Class;
use serde_json::{Value, json};

use super::auth::signature;
use super::*;

const NOW: u64 = 1_700_000_000;
const TOKEN: &str = "0123456789abcdef0123456789abcdef0123";

/// A call with these headers, at [`NOW`].
fn raw(body: &str, headers: &[(&'static str, &str)]) -> Call {
    let mut all = HeaderMap::new();
    all.insert("content-type", "application/json".parse().unwrap());
    for (name, value) in headers {
        all.append(*name, value.parse().unwrap());
    }
    Call {
        method: Method::POST,
        path: PATH.into(),
        query: String::new(),
        headers: all,
        body: body.to_owned().into(),
        now_ms: NOW * 1000,
    }
}

fn signed_as(app: &App, body: &str) -> Call {
    let time = NOW.to_string();
    let sign = signature(&time, app.access_id, body.as_bytes(), app.secret_key);
    raw(body, &[("accessid", app.access_id), ("timestamp", &time), ("sign", &sign)])
}

/// A push by the app for Android.
fn android(body: &Value) -> Call {
    signed_as(&APPS[0], &body.to_string())
}

/// A push by the app for iOS.
fn ios(body: &Value) -> Call {
    signed_as(&APPS[1], &body.to_string())
}

/// A plain notification with other members on top; `null` takes one away.
fn with(changes: Value) -> Value {
    let mut body = json!({
        "audience_type": "token",
        "token_list": [TOKEN],
        "message_type": "notify",
        "message": {"title": "订单更新", "content": "It has left the house"},
    });
    let all = body.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(all.shift_remove(name)),
            value => drop(all.insert(name.clone(), value.clone())),
        }
    }
    body
}

/// A notification to a list, leaving bad tokens out.
fn to_list(tokens: &[&str]) -> Value {
    with(json!({"audience_type": "token_list", "token_list": tokens, "ignore_invalid_token": 1}))
}

fn body(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200);
    serde_json::from_slice(&answer.body).unwrap()
}

/// Asserts the shape of an accepted push; returns its body.
fn taken(answer: &Answer) -> Value {
    let body = body(answer);
    assert_eq!(body["ret_code"], 0, "{:?}", answer.refused);
    assert!(body["push_id"].as_str().unwrap().parse::<u64>().unwrap() > FIRST_PUSH);
    assert_eq!((&body["err_msg"], &body["result"]), (&json!("NO_ERROR"), &json!("{}")));
    assert_eq!(answer.refused, None);
    body
}

/// Asserts a refusal with a number, and that nothing was delivered; returns the reason.
fn denied(fake: &Tpns, call: &Call, code: &str) -> String {
    let before = fake.world().delivered().len();
    let answer = fake.answer(call);
    let body = body(&answer);
    let why = answer.refused.unwrap_or_default();
    assert_eq!(body["ret_code"].to_string(), code, "{why} {}", String::from_utf8_lossy(&call.body));
    assert_eq!((&body["push_id"], body.get("invalid_targe_list")), (&json!(""), None));
    assert!(!why.is_empty());
    assert_eq!(fake.world().delivered().len(), before);
    why
}

/// Asserts that a push was taken; returns what its first device got.
fn delivered(fake: &Tpns, call: &Call) -> Delivered {
    fake.world().forget();
    taken(&fake.answer(call));
    fake.world().delivered().remove(0)
}

fn code_at(code: &str, at: At) -> DocumentedCode {
    *codes::all().iter().find(|row| row.code == code && row.at == at).unwrap()
}

#[test]
fn one_token_gets_what_was_written() {
    let fake = Tpns::new();
    let answer = fake.answer(&android(&with(json!({"seq": 7, "expire_time": 3600}))));
    let body = taken(&answer);
    assert_eq!((&body["seq"], &body["environment"]), (&json!(7), &json!("product")));
    assert!(body.get("invalid_targe_list").is_none());
    let all = fake.world().delivered();
    assert_eq!(all.len(), 1);
    let got = &all[0];
    assert_eq!((got.title.as_deref(), got.body.as_deref()), (Some("订单更新"), Some("It has left the house")));
    assert_eq!((got.target.as_str(), got.ttl_seconds, got.click.as_deref()), (TOKEN, Some(3600), None));
    assert_eq!((got.request_id.as_deref(), got.collapse.as_deref()), (Some("7"), None));
    assert_eq!(body["push_id"], got.message_id);
    assert_eq!(got.raw["message"]["title"], "订单更新");
}

#[test]
fn a_single_push_takes_the_first_token_only() {
    let fake = Tpns::new();
    let body = with(json!({"token_list": [fake.target(0), fake.target(1)]}));
    assert_eq!(delivered(&fake, &android(&body)).target, fake.target(0));
    assert_eq!(fake.world().delivered().len(), 1);
}

#[test]
fn single_tokens_that_are_no_good() {
    let fake = Tpns::new();
    let long = "a".repeat(37);
    for token in ["", " ", "a b", "令牌", "0123-4567", long.as_str()] {
        denied(&fake, &android(&with(json!({"token_list": [token]}))), "1008029");
    }
    taken(&fake.answer(&android(&with(json!({"token_list": ["a".repeat(36)]})))));
    fake.world().set_target(TOKEN, TargetState::Dead);
    denied(&fake, &android(&with(json!({}))), "10010005");
    fake.world().set_target(TOKEN, TargetState::Refused(code_at("1008006", At::Target)));
    denied(&fake, &android(&with(json!({}))), "1008006");
    // Left out where that was asked for, also when it is the only one.
    fake.world().forget();
    let body = taken(&fake.answer(&android(&with(json!({"ignore_invalid_token": 1})))));
    assert_eq!(body["invalid_targe_list"], json!([TOKEN]));
    assert!(fake.world().delivered().is_empty());
}

#[test]
fn bad_tokens_in_a_list_are_left_out_when_asked_for() {
    let fake = Tpns::new();
    fake.world().set_target("dead1", TargetState::Dead);
    fake.world().set_target("refused1", TargetState::Refused(code_at("10110008", At::Target)));
    let tokens = ["dead1", "alive1", "not one", "refused1", "alive2"];
    let body = taken(&fake.answer(&android(&to_list(&tokens))));
    assert_eq!(body["invalid_targe_list"], json!(["dead1", "not one", "refused1"]));
    let reached: Vec<String> = fake.world().delivered().into_iter().map(|got| got.target).collect();
    assert_eq!(reached, ["alive1", "alive2"]);
    assert_eq!(taken(&fake.answer(&android(&to_list(&["alive1"]))))["invalid_targe_list"], json!([]));
    // None left: still a push that was taken.
    fake.world().forget();
    let body = taken(&fake.answer(&android(&to_list(&["dead1", "not one"]))));
    assert_eq!(body["invalid_targe_list"], json!(["dead1", "not one"]));
    assert!(fake.world().delivered().is_empty());
}

#[test]
fn one_bad_token_fails_a_list_by_default() {
    let fake = Tpns::new();
    fake.world().set_target("dead1", TargetState::Dead);
    fake.world().set_target("refused1", TargetState::Refused(code_at("1008006", At::Target)));
    for (tokens, code) in
        [(["alive1", "dead1"], "1008029"), (["alive1", "not one"], "1008029"), (["alive1", "refused1"], "1008006")]
    {
        let mut body = to_list(&tokens);
        body["ignore_invalid_token"] = json!(0);
        denied(&fake, &android(&body), code);
        body.as_object_mut().unwrap().remove("ignore_invalid_token");
        denied(&fake, &android(&body), code);
    }
    let body = with(json!({"audience_type": "token_list", "token_list": ["alive1", "alive2"]}));
    assert!(taken(&fake.answer(&android(&body))).get("invalid_targe_list").is_none());
}

#[test]
fn at_most_a_thousand_targets_and_at_least_one() {
    let fake = Tpns::new();
    let ids = |count: usize| (0..count).map(|at| fake.target(at)).collect::<Vec<_>>();
    assert_eq!(ids(3000).iter().collect::<HashSet<_>>().len(), 3000);
    assert!(ids(9).iter().all(|id| id.len() == 36 && is_token(id)));
    let list = |count| {
        let ids = ids(count);
        android(&to_list(&ids.iter().map(String::as_str).collect::<Vec<_>>()))
    };
    denied(&fake, &list(1001), "1008007");
    denied(&fake, &list(0), "1008002");
    taken(&fake.answer(&list(1000)));
    assert_eq!(fake.world().delivered().len(), 1000);
    denied(&fake, &android(&with(json!({"token_list": null}))), "1008002");
    denied(&fake, &android(&with(json!({"token_list": TOKEN}))), "1008001");
    denied(&fake, &android(&with(json!({"token_list": [TOKEN, 1]}))), "1008001");
}

#[test]
fn accounts_are_the_same_call() {
    let fake = Tpns::new();
    let to = |kind: &str, accounts: &[&str]| {
        android(&with(json!({"audience_type": kind, "token_list": null, "account_list": accounts})))
    };
    fake.world().set_target("gone", TargetState::Dead);
    assert_eq!(delivered(&fake, &to("account", &["user-1", "user-2"])).target, "user-1");
    denied(&fake, &to("account", &["gone"]), "10010005");
    assert_eq!(delivered(&fake, &to("account_list", &["gone", "user-2"])).target, "user-2");
    denied(&fake, &to("account_list", &["gone"]), "10010005");
    denied(&fake, &to("account_list", &[]), "1008002");
    denied(&fake, &to("account_list", &vec!["user-1"; 1001]), "1008007");
    let body = with(json!({"audience_type": "account", "account_list": ["user-1"]}));
    assert!(denied(&fake, &android(&body), "1008007").contains("token_list"));
    let types = json!({"audience_type": "account", "token_list": null, "account_list": ["user-1"],
        "account_type": 3, "account_push_type": 1});
    delivered(&fake, &android(&with(types)));
}

#[test]
fn other_audiences() {
    let fake = Tpns::new();
    for (audience, code) in
        [(json!("tokens"), "1008007"), (json!(""), "1008002"), (json!(1), "1008001"), (Value::Null, "1008002")]
    {
        denied(&fake, &android(&with(json!({"audience_type": audience}))), code);
    }
}

#[test]
fn the_frame_of_a_call_is_checked() {
    let fake = Tpns::new();
    let good = android(&with(json!({})));
    for (path, method, status) in [
        ("/v3/push/App", Method::POST, 404),
        ("/v3/push/app/", Method::POST, 404),
        ("/v3/device/tags", Method::POST, 404),
        (PATH, Method::GET, 405),
        (PATH, Method::PUT, 405),
    ] {
        let call = Call { method, path: path.into(), ..good.clone() };
        let answer = fake.answer(&call);
        assert_eq!((answer.status, answer.refused.is_some()), (status, true), "{path}");
        assert_eq!(fake.purpose(&call), Purpose::Unknown);
    }
    assert_eq!(fake.purpose(&good), Purpose::Send);
    let typed = |kind: &str| {
        let mut call = good.clone();
        call.headers.insert("content-type", kind.parse().unwrap());
        call
    };
    for kind in ["", "text/plain", "application/x-www-form-urlencoded", "application/json;charset=GBK"] {
        denied(&fake, &typed(kind), "1008001");
    }
    for kind in ["application/json; charset=utf-8", "application/json;charset='utf-8'", "Application/JSON"] {
        taken(&fake.answer(&typed(kind)));
    }
    let mut untyped = good.clone();
    untyped.headers.remove("content-type");
    denied(&fake, &untyped, "1008001");
    denied(&fake, &Call { query: "a=b".into(), ..good }, "1008007");
    for text in ["", "{", "[]", "null", "\"text\"", "{\"audience_type\":\"token\"", "{} {}"] {
        denied(&fake, &signed_as(&APPS[0], text), "1008001");
    }
}

#[test]
fn every_documented_code_can_be_asked_for() {
    let fake = Tpns::new();
    let mut names = HashSet::new();
    let single = android(&with(json!({"seq": 9})));
    for code in fake.codes() {
        assert!(names.insert((code.code, code.at)), "{} twice", code.code);
        fake.world().forget();
        let answer = fake.coded(&single, code);
        assert!(fake.world().delivered().is_empty());
        if let Some(status) = code.code.strip_prefix("HTTP ") {
            assert_eq!(answer.status.to_string(), status);
            continue;
        }
        let body = body(&answer);
        assert_eq!(body["ret_code"].to_string(), code.code.split(' ').next().unwrap());
        assert_eq!((&body["seq"], &body["push_id"]), (&json!(9), &json!("")));
        assert!(body["err_msg"].is_string() && body.get("invalid_targe_list").is_none());
        // In a list only the first token fails, if it is a failure of tokens.
        let answer = fake.coded(&android(&to_list(&["alive1", "alive2"])), code);
        match code.at {
            At::Target => assert_eq!(taken(&answer)["invalid_targe_list"], json!(["alive1"])),
            _ => assert_eq!(self::body(&answer)["ret_code"], body["ret_code"]),
        }
        assert_eq!(fake.world().delivered().len(), usize::from(code.at == At::Target));
    }
    let documented = [
        1008001, 1008002, 1008003, 1008004, 1008006, 1008007, 1008011, 1008012, 1008013, 1008015, 1008016, 1008019,
        1008020, 1008021, 1008022, 1008023, 1008025, 1008026, 1008027, 1008028, 1008029, 1008030, 1008031, 1010001,
        10110008, 10010005, 10010012, 10010018, 10030002,
    ];
    assert!(documented.iter().all(|number| names.iter().any(|(code, _)| *code == number.to_string())));
    // No failure of a whole push says that its tokens are dead.
    assert!(fake.codes().iter().all(|code| (code.at == At::Target) == (code.class == Class::InvalidToken)));
    let text = |code: &str| body(&codes::failure(code, 0))["err_msg"].clone();
    assert_eq!(text("1008003"), "auth failure");
    assert_eq!(text("10010005"), "internal error");
    assert_eq!(text("1010001"), "");
}

#[test]
fn a_code_for_a_call_that_is_wrong_delivers_nothing() {
    let fake = Tpns::new();
    let code = code_at("1008029", At::Target);
    let answer = fake.coded(&android(&with(json!({"message": null}))), &code);
    assert_eq!(body(&answer)["ret_code"], 1008029);
    assert!(fake.world().delivered().is_empty());
}

#[test]
fn the_configuration_is_the_fakes_own() {
    let base = "http://127.0.0.1:1";
    let config = |id, secret, platform| json!({"vendor": "tpns", "access_id": id, "secret_key": secret, "platform": platform, "endpoint": base});
    assert_eq!(Tpns::new().config(base), config(ACCESS_ID, SECRET_KEY, "android"));
    let mut ios = config(IOS_ACCESS_ID, IOS_SECRET_KEY, "ios");
    ios["environment"] = json!("product");
    assert_eq!(Tpns::for_ios().config(base), ios);
    assert_eq!(Tpns::new().vendor(), "tpns");
}
