//! The mapping of single fields, the types of push, and the rules. The suite tests behaviour.

use omnipush_core::{Class, Field, Found, HttpUrl, Item, Now, Outcome, Overflow, Target, Verdict};
use serde_json::{Value, json};

use super::*;
use crate::account::tests::account;

fn harmony() -> Harmony {
    let mut config = Config::new(account());
    config.client_id = Some("104000001".into());
    config.category = Some("WORK".into());
    Harmony::new(config).unwrap()
}

fn cx() -> Cx<'static> {
    Cx { now: Now::at(1_700_000_000_000), rng: Box::leak(Box::new(|_: &mut [u8]| {})), overflow: Overflow::Refuse }
}

fn try_encode(more: Value) -> Result<Encoded, EncodeError> {
    let mut all = json!({"title": "t", "body": "b"});
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let n: Notification = serde_json::from_value(all).unwrap();
    harmony().encode(&n, Shape::List, &mut cx())
}

/// The type of push, and the body.
fn sent(more: Value) -> (String, Value) {
    let encoded = try_encode(more).unwrap();
    let target = Target::from("a");
    let items = [Item { encoded: &encoded, target: &target }];
    let set = Set { shape: Shape::List, items: &items, ticket: "", request_id: "id-1" };
    let request = harmony().request(&set, &mut cx()).unwrap();
    assert!(request.url.as_str().ends_with("/v3/388421841221885551/messages:send"));
    let header = request.all_headers().find(|(name, _)| name == "push-type").unwrap().1.to_str().unwrap().to_owned();
    (header, serde_json::from_slice(&request.body).unwrap())
}

fn of_type(kind: &str, more: Value, options: Value) -> Value {
    let mut all = more;
    let mut harmony = json!({"push_type": kind});
    harmony.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
    all["vendors"] = json!({"harmony": harmony});
    all
}

#[test]
fn the_least_message() {
    let notification = json!({"category": "WORK", "title": "t", "body": "b", "clickAction": {"actionType": 0},
                              "appMessageId": "id-1"});
    let body = json!({"payload": {"notification": notification}, "target": {"token": ["a"]}});
    assert_eq!(sent(json!({})), ("0".into(), body));
}

#[test]
fn a_full_message() {
    let more = json!({
        "image": "https://a.example/i.png", "sound": "ding.mp3", "badge": {"add": 2}, "category": "IM",
        "data": {"k": "v"}, "ttl_seconds": 0, "collapse_key": "k", "id": "order 42",
        "click": {"url": "myapp://order/42"},
        "vendors": {"harmony": {"sound_duration": 5, "foreground_show": false, "style": 3, "inbox_content": ["x"],
                                "test_message": true}}
    });
    let number = omnipush_core::CollapseKey::new("k").unwrap().number();
    let (_, body) = sent(more);
    assert_eq!(
        body["payload"]["notification"],
        json!({"category": "IM", "title": "t", "body": "b",
               "clickAction": {"actionType": 1, "uri": "myapp://order/42", "data": {"k": "v"}},
               "image": "https://a.example/i.png", "style": 3, "inboxContent": ["x"], "notifyId": number,
               "appMessageId": "order 42", "badge": {"addNum": 2}, "sound": "ding.mp3", "soundDuration": 5,
               "foregroundShow": false})
    );
    assert_eq!(
        body["pushOptions"],
        json!({"testMessage": true, "ttl": 1, "biTag": "order 42", "collapseKey": 1 + number % 100})
    );
}

#[test]
fn an_id_that_huawei_would_not_take_becomes_its_hash() {
    let id =
        |id: &str| sent(json!({"id": id})).1["payload"]["notification"]["appMessageId"].as_str().unwrap().to_owned();
    assert_eq!(id("a+/=-_ 9"), "a+/=-_ 9");
    assert_eq!((id("订单").len(), id("订单") == id("订单"), id("订单") == id("订2")), (64, true, false));
    assert_eq!(id(&"x".repeat(65)).len(), 64);
}

#[test]
fn every_type_of_push() {
    let data = || json!({"data": {"k": "v"}});
    let (kind, body) = sent(json!({"kind": "background", "data": {"k": "v"}}));
    assert_eq!((kind.as_str(), &body["payload"]), ("6", &json!({"extraData": "{\"k\":\"v\"}"})));
    let cached = of_type("background", data(), json!({"proxy_data": true, "background_mode": 1, "extra_data": "x"}));
    let (_, body) = sent(cached);
    assert_eq!(body["payload"], json!({"extraData": "x", "proxyData": "ENABLE"}));
    assert_eq!(body["pushOptions"], json!({"backgroundMode": 1}));
    let (kind, body) = sent(of_type("call", data(), json!({})));
    assert_eq!((kind.as_str(), &body["payload"]), ("10", &json!({"extraData": "{\"k\":\"v\"}"})));
    let spoken = of_type("extension", json!({"category": "PLAY_VOICE", "data": {"k": "v"}}), json!({}));
    let (kind, body) = sent(spoken);
    assert_eq!((kind.as_str(), &body["payload"]["extraData"]), ("2", &json!("{\"k\":\"v\"}")));
    assert_eq!(body["payload"]["notification"]["category"], "PLAY_VOICE");
    let (kind, body) = sent(of_type("badge", json!({"badge": {"set": 3}}), json!({})));
    assert_eq!((kind.as_str(), &body["payload"]), ("0", &json!({"notification": {"badge": {"setNum": 3}}})));
    let form = of_type("form", json!({}), json!({"payload": {"formId": 1, "formData": {}}}));
    let (kind, body) = sent(form);
    assert_eq!((kind.as_str(), &body["payload"]), ("1", &json!({"formId": 1, "formData": {}})));
    let (kind, _) = sent(of_type("live_view", json!({}), json!({"payload": {"activityId": 1}})));
    assert_eq!(kind, "7");
}

#[test]
fn only_notifications_are_safe_to_repeat() {
    assert_eq!(try_encode(json!({})).unwrap().dedups, Some(true));
    assert_eq!(try_encode(json!({"kind": "background", "data": {"k": "v"}})).unwrap().dedups, Some(false));
}

#[test]
fn clicks() {
    let action = |click: Value| sent(json!({"click": click})).1["payload"]["notification"]["clickAction"].clone();
    assert_eq!(action(json!("app")), json!({"actionType": 0}));
    assert_eq!(action(json!({"action": "a.b.OPEN"})), json!({"actionType": 1, "action": "a.b.OPEN"}));
    assert_eq!(action(json!({"url": "https://a.example/"})), json!({"actionType": 0}));
    let lost = try_encode(json!({"click": {"url": "https://a.example/"}})).unwrap().losses;
    assert_eq!(lost[0].field, Field::Click);
}

#[test]
fn rules_across_fields() {
    for (more, part) in [
        (json!({"category": "PLAY_VOICE"}), "belong together"),
        (of_type("extension", json!({"data": {"k": "v"}}), json!({})), "belong together"),
        (of_type("badge", json!({}), json!({})), "sets a number"),
        (of_type("form", json!({}), json!({})), "is missing"),
        (json!({"vendors": {"harmony": {"payload": {}}}}), "`form` and `live_view`"),
        (json!({"kind": "background"}), "is missing"),
        (of_type("alert", json!({"kind": "background"}), json!({})), "the kind `background`"),
        (json!({"vendors": {"harmony": {"sound_duration": 5}}}), "needs a sound"),
        (json!({"vendors": {"harmony": {"style": 3}}}), "demands it"),
        (json!({"vendors": {"harmony": {"collapse_key": 101}}}), "-1 to 100"),
        (json!({"receipt": {"tag": "x".repeat(65)}}), "has 65 bytes; at most 64"),
        (json!({"body": "b".repeat(4096)}), "at most 4096 are allowed"),
        (json!({"dry_run": true}), "no dry run"),
    ] {
        let error = try_encode(more.clone()).unwrap_err().to_string();
        assert!(error.contains(part), "{more}: {error}");
    }
    let unnamed = Harmony::new(Config::new(account())).unwrap();
    let encoded = unnamed.encode(&Notification::new("t", "b"), Shape::List, &mut cx()).unwrap();
    assert!(String::from_utf8_lossy(encoded.body.literal()).contains("MARKETING") && encoded.advice.len() == 1);
}

fn decode(body: Value, targets: &[&str]) -> Vec<Verdict> {
    let encoded = try_encode(json!({})).unwrap();
    let targets: Vec<Target> = targets.iter().map(|target| Target::from(*target)).collect();
    let items: Vec<Item<'_>> = targets.iter().map(|target| Item { encoded: &encoded, target }).collect();
    let set = Set { shape: Shape::List, items: &items, ticket: "", request_id: "" };
    match response::decode(&Reply::new(200, body.to_string()), &set) {
        Outcome::Whole(verdict) => vec![verdict; items.len()],
        Outcome::Each(verdicts) => verdicts,
    }
}

fn partly(code: &str, illegal: Value, targets: &[&str]) -> Vec<Option<Class>> {
    let msg = json!({"success": 1, "failure": 1, "illegalTokens": illegal}).to_string();
    let verdicts = decode(json!({"code": code, "msg": msg, "requestId": "r"}), targets);
    verdicts.iter().map(|verdict| verdict.refusal().map(|refusal| refusal.class)).collect()
}

#[test]
fn each_reason_has_its_own_fate() {
    use Class::*;
    for (reason, class) in [
        ("tokenFormatError", InvalidToken),
        (" tokenPlatformNotSupport ", InvalidToken),
        ("noRight", InvalidToken),
        ("noPushTypeRight", PermissionDenied),
        ("noRightToSendThisLiveNotificationEvent", PermissionDenied),
        ("countryNotSupport", PermissionDenied),
        ("disableSendHuaweiMsgBecauseOfPenalty", PermissionDenied),
        ("appinfoError", PermissionDenied),
        ("atomicUnableSendUnsubscribedMsg", InvalidRequest),
        ("differentImgVerifyPolicy", InvalidRequest),
        ("notSupportPlayVoice", InvalidRequest),
        ("somethingNew", Unknown),
    ] {
        assert_eq!(partly("80100000", json!({reason: ["b"]}), &["a", "b"]), [None, Some(class)], "{reason}");
    }
    // All of them another project's: the settings are wrong, and nobody is dead.
    let all = partly("80300007", json!({"noRight": ["a", "b"]}), &["a", "b"]);
    assert_eq!(all, [Some(PermissionDenied), Some(PermissionDenied)]);
    let bare = decode(json!({"code": "80300007", "msg": "All the tokens are invalid"}), &["a"]);
    assert_eq!(bare[0].refusal().unwrap().class, Unknown);
}

#[test]
fn every_documented_code_has_a_row() {
    let documented = "80000001 80100000 80100001 80100003 80100004 80100020 80100022 80200001 80200003 80200005 80200006 \
                      80300002 80300007 80300008 80300010 80300017 80300028 80300029 80300030 80300032 80300036 80300037 \
                      81000001 83010002 83010005";
    for code in documented.split_whitespace() {
        assert!(response::CODES.iter().any(|row| row.code == code), "{code}");
    }
}

#[test]
fn operations() {
    let withdraw = Operation::Withdraw { notify_id: 7, targets: vec!["a".into(), "b".into()] };
    let request = harmony().operation(&withdraw, &mut cx()).unwrap();
    assert_eq!(request.url.as_str(), "https://push-api.cloud.huawei.com/v1/104000001/messages:revoke");
    assert_eq!(&request.body[..], br#"{"notifyId":7,"token":["a","b"]}"#);
    assert!(request.headers.iter().any(|(name, value)| name == "push-type" && value == "0"));
    let anonymous = Harmony::new(Config::new(account())).unwrap();
    assert!(anonymous.operation(&withdraw, &mut cx()).unwrap_err().text.contains("client_id"));
    let reply = |body: Value| Reply::new(200, body.to_string());
    let msg = json!({"success": 1, "failure": 1, "illegalTokens": {"tokenFormatError": ["b"]}}).to_string();
    let answer = harmony().operation_reply(&withdraw, &reply(json!({"code": "80100000", "msg": msg}))).unwrap();
    assert!(answer.verdicts[0].is_accepted() && answer.verdicts[1].is_dead_target());

    let image = |url: &str| Operation::CheckImage { url: HttpUrl::new(url).unwrap() };
    let check = image("https://a.example/i.png");
    let request = harmony().operation(&check, &mut cx()).unwrap();
    assert!(request.url.as_str().ends_with("/v2/388421841221885551/images:verify"));
    assert_eq!(&request.body[..], br#"{"imageUrl":"https://a.example/i.png"}"#);
    assert!(harmony().operation(&image("http://a.example/i.png"), &mut cx()).is_err());
    let good = json!({"code": "83010000", "msg": "x", "downloadUrl": "https://h.example/1", "expireTime": "60"});
    let found = harmony().operation_reply(&check, &reply(good)).unwrap().found;
    assert_eq!(found, Found::Id("https://h.example/1".into()));
    let slow = json!({"code": "83010002", "msg": "x"});
    assert_eq!(harmony().operation_reply(&check, &reply(slow)).unwrap_err().class, Class::RateLimited);
}

#[test]
fn some_go_to_few_devices_a_request() {
    let most = |more: Value| try_encode(more).unwrap().most;
    let form = of_type("form", json!({"kind": "background"}), json!({"payload": {"formId": 1}}));
    let test = json!({"vendors": {"harmony": {"test_message": true}}});
    assert_eq!((most(json!({})), most(form), most(test)), (None, Some(1), Some(10)));
}

/// In the order of the table.
#[test]
fn every_rule_that_a_message_can_break_is_warned_of() {
    let advice = |more: Value| try_encode(more).unwrap().advice;
    let classless = Harmony::new(Config::new(account())).unwrap();
    let n: Notification = serde_json::from_value(json!({"title": "t", "body": "b"})).unwrap();
    let data = || json!({"data": {"a": "b"}, "kind": "background"});
    let broken = [
        classless.encode(&n, Shape::List, &mut cx()).unwrap().advice,
        advice(of_type("call", data(), json!({}))),
        advice(of_type("background", data(), json!({"background_mode": 1}))),
        advice(json!({"image": "https://a/b.png"})),
        advice(json!({"vendors": {"harmony": {"style": 1}}})),
    ];
    let tested: Vec<_> = rules::RULES.iter().filter(|rule| rule.breaks.is_some()).map(|rule| rule.says).collect();
    assert_eq!(tested.len(), broken.len());
    for (rule, advice) in tested.iter().zip(broken) {
        assert!(advice.contains(rule), "{rule}");
    }
    assert_eq!(advice(json!({})), []);
}
