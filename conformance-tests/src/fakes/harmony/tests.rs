//! The fake of Push Kit for HarmonyOS, called by hand.

mod operations;

use std::collections::HashSet;

use super::super::huawei::forge::{NOW, bad_jwts, code_of, json_of, jwt_with, merged, owned, post, put};
use super::*;

const SEND: &str = "/v3/388421841221885551/messages:send";

/// A fake and a token for it.
struct Lab(Harmony, String);

impl Lab {
    fn new() -> Self {
        Self(Harmony::new(), jwt_with(&json!({}), &json!({})))
    }

    fn call(&self, path: &str, push_type: &str, body: &Value) -> Call {
        let bearer = format!("Bearer {}", self.1);
        let headers =
            [("authorization", bearer.as_str()), ("content-type", "application/json"), ("push-type", push_type)];
        post(path, &headers, &body.to_string())
    }

    fn send(&self, push_type: &str, body: &Value) -> Answer {
        self.0.answer(&self.call(SEND, push_type, body))
    }

    /// Sends, and expects one delivery.
    fn delivered(&self, push_type: &str, body: &Value) -> Delivered {
        self.0.world().forget();
        let answer = self.send(push_type, body);
        assert_eq!(code_of(&answer), "80000000", "{:?}", answer.refused);
        let mut all = self.0.world().delivered();
        assert_eq!(all.len(), 1);
        assert_eq!(json_of(&answer)["requestId"], *all[0].message_id);
        all.remove(0)
    }

    /// Sends the alert with one change, and gives the number of the answer.
    fn with(&self, pointer: &str, value: Value) -> String {
        code_of(&self.send("0", &changed(pointer, value)))
    }
}

fn alert() -> Value {
    json!({
        "payload": {"notification": {
            "category": "EXPRESS", "title": "您的订单", "body": "已发货", "notifyId": 5,
            "clickAction": {"actionType": 0, "data": {"order": "42", "n": 1}},
        }},
        "target": {"token": [Harmony::new().target(0)]},
        "pushOptions": {"ttl": 3600, "biTag": "t"},
    })
}

fn changed(pointer: &str, value: Value) -> Value {
    let mut body = alert();
    put(&mut body, pointer, value);
    body
}

/// A body with another payload, and without options.
fn of(payload: Value) -> Value {
    json!({"payload": payload, "target": {"token": [Harmony::new().target(0)]}})
}

/// The reasons of an answer about bad tokens.
fn msg_of(answer: &Answer) -> Value {
    serde_json::from_str(json_of(answer)["msg"].as_str().unwrap()).unwrap()
}

#[test]
fn an_alert_arrives() {
    let lab = Lab::new();
    let seen = lab.delivered("0", &alert());
    assert_eq!((seen.title.as_deref(), seen.body.as_deref()), (Some("您的订单"), Some("已发货")));
    assert_eq!(seen.data, owned(&[("order", "42"), ("n", "1")]));
    assert_eq!((seen.ttl_seconds, seen.collapse.as_deref(), seen.click), (Some(3600), Some("5"), None));
    let seen = lab.delivered("0", &changed("/pushOptions/collapseKey", json!(0)));
    assert_eq!(seen.collapse.as_deref(), Some("0"));
    let click = json!({"actionType": 1, "uri": "https://example.com/order"});
    let seen = lab.delivered("0", &changed("/payload/notification/clickAction", click));
    assert_eq!((seen.click.as_deref(), seen.data.len()), (Some("https://example.com/order"), 0));
}

#[test]
fn every_scenario_has_its_payload() {
    let lab = Lab::new();
    let form = json!({
        "formId": 1, "version": 0, "moduleName": "m", "formName": "f", "abilityName": "a", "formData": {"k": 1},
        "images": [{"keyName": "k", "url": "https://example.com/a.png", "require": 1}],
    });
    let mut voice = alert();
    put(&mut voice, "/payload/notification/category", json!("PLAY_VOICE"));
    put(&mut voice, "/payload/extraData", json!("x"));
    assert_eq!(lab.delivered("6", &of(json!({"extraData": "{\"a\":\"b\"}"}))).data, owned(&[("a", "b")]));
    assert_eq!(lab.delivered("6", &of(json!({"extraData": "x", "proxyData": "ENABLE"}))).data[0].0, "extraData");
    lab.delivered("10", &of(json!({"extraData": "x"})));
    lab.delivered("1", &of(form.clone()));
    lab.delivered("2", &voice);
    lab.delivered("0", &of(json!({"notification": {"badge": {"setNum": 0}}})));
    let live =
        json!({"activityId": 1, "operation": 0, "event": "TAXI", "title": "t", "content": "c", "activityData": {}});
    assert_eq!(lab.delivered("7", &of(live.clone())).title.as_deref(), Some("t"));

    for (push_type, body) in [
        ("6", of(json!({"extraData": {"a": "b"}}))),
        ("6", of(json!({}))),
        ("6", of(json!({"extraData": "x", "proxyData": "DISABLE"}))),
        ("6", alert()),
        ("0", of(json!({"extraData": "x"}))),
        ("0", of(json!({"notification": {"badge": {"addNum": 1}}}))),
        ("2", changed("/payload/extraData", json!("x"))),
        ("1", of(json!({"formUpdate": form}))),
        ("1", of(merged(form.clone(), &json!({"formData": {"k": null}})))),
        ("1", of(merged(form.clone(), &json!({"formData": {"datashareproxy://x": 1}})))),
        ("1", of(merged(form.clone(), &json!({"formData": {"k": 9_007_199_254_740_992_u64}})))),
        ("7", of(merged(live.clone(), &json!({"event": "DELIVERY"})))),
        ("7", of(merged(live, &json!({"operation": 3})))),
    ] {
        assert_eq!(code_of(&lab.send(push_type, &body)), "80100003", "{push_type}: {body}");
    }
    for bad in ["", "3", "00", "-1", "alert", "0 "] {
        let answer = lab.send(bad, &alert());
        // A header's value is trimmed on its way.
        assert!(bad == "0 " || code_of(&answer) == "80100003", "{bad:?}");
    }
    let mut call = lab.call(SEND, "0", &alert());
    call.headers.remove("push-type");
    assert_eq!(code_of(&lab.0.answer(&call)), "80100003");
    let answer = lab.send("11", &alert());
    assert!(code_of(&answer) == "80300007" && msg_of(&answer)["illegalTokens"]["noPushTypeRight"].is_array());
}

#[test]
fn good_fields_are_taken() {
    let lab = Lab::new();
    for (name, value) in [
        ("image", json!("https://example.com/a.png")),
        ("style", json!(0)),
        ("notifyId", json!(-1)),
        ("appMessageId", json!("order 42+/=-_")),
        ("profileId", json!("p".repeat(64))),
        ("badge", json!({"addNum": 99})),
        ("badge", json!({"setNum": 0, "addNum": 1})),
        ("sound", json!("ping.mp3")),
        ("foregroundShow", json!(false)),
        ("inboxContent", json!(["a", "b", "c"])),
        ("category", json!("MISS_CALL")),
    ] {
        let pointer = format!("/payload/notification/{name}");
        assert_eq!(lab.with(&pointer, value.clone()), "80000000", "{name}: {value}");
    }
    for (pointer, value) in [
        ("/pushOptions/ttl", json!(1)),
        ("/pushOptions/ttl", json!(1_296_000)),
        ("/pushOptions/collapseKey", json!(-1)),
        ("/pushOptions/collapseKey", json!(100)),
        ("/pushOptions/testMessage", json!(true)),
        ("/pushOptions/biTag", json!("x".repeat(64))),
        ("/pushOptions", Value::Null),
    ] {
        assert_eq!(lab.with(pointer, value.clone()), "80000000", "{pointer}: {value}");
    }
}

#[test]
fn bad_fields_are_refused() {
    let lab = Lab::new();
    for (name, value) in [
        ("category", Value::Null),
        ("category", json!("ORDER")),
        ("title", Value::Null),
        ("title", json!("")),
        ("body", json!(1)),
        ("clickAction", Value::Null),
        ("clickAction", json!({"actionType": 1})),
        ("clickAction", json!({"actionType": 2})),
        ("clickAction", json!({"actionType": 5})),
        ("clickAction", json!({"actionType": 0, "data": "{}"})),
        ("click_action", json!({"actionType": 0})),
        ("image", json!("http://example.com/a.png")),
        ("style", json!(1)),
        ("style", json!(2)),
        ("style", json!(3)),
        ("inboxContent", json!(["a", "b", "c", "d"])),
        ("inboxContent", json!(["x".repeat(1025)])),
        ("notifyId", json!(2_147_483_648_u64)),
        ("appMessageId", json!("")),
        ("appMessageId", json!("x".repeat(65))),
        ("appMessageId", json!("a:b")),
        ("profileId", json!("p".repeat(65))),
        ("badge", json!({})),
        ("badge", json!({"addNum": 0})),
        ("badge", json!({"setNum": 100})),
        ("badge", json!({"set_num": 1})),
        ("soundDuration", json!(5)),
        ("foregroundShow", json!("false")),
        ("foreground_show", json!(false)),
    ] {
        let pointer = format!("/payload/notification/{name}");
        assert_eq!(lab.with(&pointer, value.clone()), "80100003", "{name}: {value}");
    }
    for (pointer, value, code) in [
        ("/pushOptions/ttl", json!(0), "80100004"),
        ("/pushOptions/ttl", json!(1_296_001), "80100004"),
        ("/pushOptions/ttl", json!("3600s"), "80100004"),
        ("/pushOptions/collapseKey", json!(101), "80100003"),
        ("/pushOptions/backgroundMode", json!(0), "80100003"),
        ("/pushOptions/biTag", json!("x".repeat(65)), "80100003"),
        ("/pushOptions/validateOnly", json!(true), "80100003"),
        ("/payload", Value::Null, "80100003"),
        ("/message", json!({}), "80100003"),
        ("/target/topic", json!("x"), "80100003"),
    ] {
        assert_eq!(lab.with(pointer, value.clone()), code, "{pointer}: {value}");
    }
    let mut background = of(json!({"extraData": "x"}));
    put(&mut background, "/pushOptions/backgroundMode", json!(1));
    assert_eq!(code_of(&lab.send("6", &background)), "80000000");
    put(&mut background, "/pushOptions/collapseKey", json!(1));
    assert_eq!(code_of(&lab.send("6", &background)), "80100003");
    lab.0.set_unverified("https://example.com/a.png");
    assert_eq!(lab.with("/payload/notification/image", json!("https://example.com/a.png")), "80100022");
    let answer = lab.send("0", &changed("/payload/notification/category", json!("PLAY_VOICE")));
    assert_eq!((code_of(&answer), &msg_of(&answer)["failure"]), ("80300007".into(), &json!(1)));
    assert!(msg_of(&answer)["illegalTokens"]["notSupportPlayVoice"].is_array());
}

#[test]
fn tokens_are_counted() {
    let lab = Lab::new();
    let many = |count: usize| json!((0..count).map(|n| lab.0.target(n)).collect::<Vec<_>>());
    assert_eq!(lab.with("/target/token", many(1000)), "80000000");
    assert_eq!(lab.with("/target/token", many(1001)), "80300010");
    assert_eq!(lab.with("/target/token", many(0)), "80300010");
    assert_eq!(lab.with("/target", json!({})), "80300010");
    assert_eq!(lab.with("/target/token", json!(lab.0.target(0))), "80100003");
    assert_eq!(lab.with("/target/token", json!([1])), "80100003");
    let test = |push_type: &str, count: usize| {
        let mut body = changed("/target/token", many(count));
        put(&mut body, "/pushOptions/testMessage", json!(true));
        code_of(&lab.send(push_type, &body))
    };
    assert_eq!((test("0", 10), test("0", 11)), ("80000000".into(), "80300030".into()));
    assert_eq!(test("1", 2), "80300030");
    assert_eq!(code_of(&lab.send("1", &changed("/target/token", many(2)))), "80300010");
}

#[test]
fn the_body_has_4096_bytes_without_tokens() {
    let lab = Lab::new();
    let of = |text: usize, tokens: usize| {
        let mut body = changed("/payload/notification/body", json!("x".repeat(text)));
        put(&mut body, "/target/token", (0..tokens).map(|n| lab.0.target(n)).collect());
        body
    };
    let fits = wire::MAX_BODY - of(0, 0).to_string().len();
    assert_eq!(code_of(&lab.send("0", &of(fits, 700))), "80000000");
    assert_eq!(code_of(&lab.send("0", &of(fits + 1, 700))), "80300008");
    assert_eq!(code_of(&lab.send("0", &of(fits + 1, 1))), "80300008");
}

#[test]
fn credentials_and_paths_are_checked() {
    let lab = Lab::new();
    for (jwt, code) in bad_jwts() {
        let call = Lab(Harmony::new(), jwt.clone()).call(SEND, "0", &alert());
        assert_eq!(code_of(&lab.0.answer(&call)), code, "{jwt}");
    }
    let at = |path: &str| code_of(&lab.0.answer(&lab.call(path, "0", &alert())));
    assert_eq!(at("/v3/388421841221885552/messages:send"), "80200001", "another project");
    assert_eq!(at("/v2/388421841221885551/messages:send"), "80200001");
    assert_eq!(at("/v3/388421841221885551/messages:revoke"), "HTTP 404");
    assert_eq!(at("/v3/388421841221885551/messages%3Asend"), "HTTP 404");
    let mut call = lab.call(SEND, "0", &alert());
    assert_eq!(lab.0.purpose(&call), Purpose::Send);
    // A public client sends no content type.
    call.headers.remove("content-type");
    assert_eq!(code_of(&lab.0.answer(&call)), "80000000");
    call.headers.insert("authorization", "Bearer DQEBAD/hms".parse().unwrap());
    assert_eq!(code_of(&lab.0.answer(&call)), "80200001", "an access token");
    call.headers.remove("authorization");
    assert_eq!(code_of(&lab.0.answer(&call)), "80200001");
    let mut late = lab.call(SEND, "0", &alert());
    late.now_ms = (NOW + 3600) * 1000;
    assert_eq!(code_of(&lab.0.answer(&late)), "80200005");
    lab.0.world().expire_tokens();
    assert_eq!(at(SEND), "80200005");
    // A second longer, and it is another token.
    let fresh = Lab(Harmony::new(), jwt_with(&json!({}), &json!({"exp": NOW + 3601})));
    assert_eq!(code_of(&lab.0.answer(&fresh.call(SEND, "0", &alert()))), "80000000");
    lab.0.world().refuse_tokens(true);
    assert_eq!(code_of(&lab.0.answer(&fresh.call(SEND, "0", &alert()))), "80200005");
}

#[test]
fn bad_tokens_are_listed_by_reason() {
    let lab = Lab::new();
    let [one, two, three] = [0, 1, 2].map(|n| lab.0.target(n));
    lab.0.world().set_target(two.as_str(), TargetState::Dead);
    lab.0.world().set_target(three.as_str(), TargetState::Refused(NO_RIGHT));
    let some = lab.send("0", &changed("/target/token", json!([one, two, three, "short"])));
    assert_eq!(code_of(&some), "80100000");
    let reasons = json!({"tokenFormatError": [two, "short"], "noRight": [three]});
    assert_eq!(msg_of(&some), json!({"success": 1, "failure": 3, "illegalTokens": reasons}));
    assert_eq!(lab.0.world().delivered().len(), 1);
    let all = lab.send("0", &changed("/target/token", json!([two])));
    assert_eq!(code_of(&all), "80300007");
    assert_eq!(msg_of(&all), json!({"failure": 1, "illegalTokens": {"tokenFormatError": [two]}}));
}

#[test]
fn a_device_shows_an_id_once_a_day() {
    let lab = Lab::new();
    let body = changed("/payload/notification/appMessageId", json!("order-42"));
    assert_eq!(lab.delivered("0", &body).request_id.as_deref(), Some("order-42"));
    assert_eq!(code_of(&lab.send("0", &body)), "80000000");
    assert_eq!(lab.0.world().delivered().len(), 1, "taken, and not shown again");
    let mut other = body.clone();
    put(&mut other, "/target/token", json!([lab.0.target(1)]));
    lab.delivered("0", &other);
    let fresh = jwt_with(&json!({}), &json!({"iat": NOW + 86_000, "exp": NOW + 89_600}));
    let mut next_day = Lab(Harmony::new(), fresh).call(SEND, "0", &body);
    next_day.now_ms += MEMORY_MS;
    assert_eq!(code_of(&lab.0.answer(&next_day)), "80000000");
    assert_eq!(lab.0.world().delivered().len(), 2);
}

#[test]
fn every_documented_failure_has_its_shape() {
    let lab = Lab::new();
    let call = lab.call(SEND, "0", &changed("/target/token", json!([lab.0.target(0), lab.0.target(1)])));
    let mut seen = HashSet::new();
    for code in lab.0.codes() {
        assert!(seen.insert((code.code, code.at)), "{code:?} is there twice");
        lab.0.world().forget();
        let answer = lab.0.coded(&call, code);
        let delivered = lab.0.world().delivered().len();
        if code.at == At::Target {
            assert_eq!((code_of(&answer), delivered), ("80100000".into(), 1));
            assert_eq!(msg_of(&answer)["illegalTokens"], json!({code.code: [lab.0.target(0)]}));
        } else if code.code.starts_with("HTTP") {
            assert_eq!((code_of(&answer).as_str(), delivered), (code.code, 0));
        } else {
            assert_eq!((code_of(&answer).as_str(), delivered), (wire::number(code.code), 0));
        }
    }
    let everywhere = lab.0.coded(&call, lab.0.codes().iter().find(|code| code.code == NO_RIGHT_AT_ALL).unwrap());
    assert_eq!(msg_of(&everywhere)["illegalTokens"]["noRight"].as_array().unwrap().len(), 2);
    let numbers: HashSet<&str> = seen.iter().map(|(code, _)| wire::number(code)).collect();
    for number in [
        80_100_001, 80_100_003, 80_100_004, 80_100_020, 80_100_022, 80_200_001, 80_200_003, 80_200_005, 80_200_006,
        80_300_002, 80_300_007, 80_300_008, 80_300_010, 80_300_017, 80_300_028, 80_300_029, 80_300_030, 80_300_032,
        80_300_036, 80_300_037, 80_000_001, 81_000_001, 83_010_002, 83_010_005,
    ] {
        assert!(numbers.contains(number.to_string().as_str()), "{number}");
    }
    let ok = Lab(Harmony::new().always_ok(), lab.1.clone());
    assert_eq!(ok.send("9", &alert()).status, 200);
    assert_eq!(ok.0.answer(&ok.call("/nowhere", "0", &alert())).status, 404);
}

#[test]
fn the_key_file_is_complete() {
    let config = Harmony::new().config("http://127.0.0.1:1");
    assert_eq!(config["endpoint"], "http://127.0.0.1:1");
    for name in ["project_id", "key_id", "private_key", "sub_account", "token_uri"] {
        assert!(config["service_account"][name].is_string(), "{name}");
    }
    let all: HashSet<String> = (0..2000).map(|n| Harmony::new().target(n)).collect();
    assert!(all.len() == 2000 && all.iter().all(|token| is_token(token)));
}
