//! Golden vectors, the mapping of single fields, and the rules. The suite tests behaviour.

use omnipush_core::http::HeaderMap;
use omnipush_core::{
    Class, Event, Field, Found, Group, GroupKind, Now, Outcome, Overflow, Reason, Remedy, Secret, Target, Verdict,
};
use serde_json::{Value, json};

use super::*;

/// The credentials are for tests.
fn with(change: impl FnOnce(&mut Config)) -> Huawei {
    let mut config = Config::new("104000001", Secret::new("a+b/c=d&e f"));
    change(&mut config);
    Huawei::new(config).unwrap()
}

fn huawei() -> Huawei {
    with(|_| {})
}

fn cx() -> Cx<'static> {
    Cx { now: Now::at(1_700_000_000_000), rng: Box::leak(Box::new(|_: &mut [u8]| {})), overflow: Overflow::Refuse }
}

fn try_encode(huawei: &Huawei, more: Value, shape: Shape) -> Result<Encoded, EncodeError> {
    let mut all = json!({"title": "t", "body": "b"});
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let n: Notification = serde_json::from_value(all).unwrap();
    huawei.encode(&n, shape, &mut cx())
}

fn sent(huawei: &Huawei, more: Value, shape: Shape, targets: &[&str]) -> Result<(String, Value), Refusal> {
    let encoded = try_encode(huawei, more, shape).unwrap();
    let targets: Vec<Target> = targets.iter().map(|target| Target::from(*target)).collect();
    let items: Vec<Item<'_>> = targets.iter().map(|target| Item { encoded: &encoded, target }).collect();
    let request = huawei.request(&Set { shape, items: &items, ticket: "", request_id: "" }, &mut cx())?;
    Ok((request.url.as_str().to_owned(), serde_json::from_slice(&request.body).unwrap()))
}

fn message(more: Value) -> Value {
    sent(&huawei(), more, Shape::List, &["a"]).unwrap().1["message"].clone()
}

#[test]
fn the_secret_is_escaped_for_the_form() {
    let form = auth::form(&huawei().config);
    assert_eq!(&form[..], b"grant_type=client_credentials&client_id=104000001&client_secret=a%2Bb%2Fc%3Dd%26e+f");
}

#[test]
fn tokens_with_escaped_slashes_and_every_failure_of_signing_in() {
    let reply = |status, body: &str| Reply::new(status, body.to_owned());
    let grant = auth::grant(&reply(200, r#"{"access_token":"a\/b","expires_in":3600,"token_type":"Bearer"}"#)).unwrap();
    assert_eq!((grant.value.expose(), grant.lifetime.as_secs()), ("a/b", 3600));
    for sub in [20002, 20003, 12304, 20171] {
        let body = format!(r#"{{"error":1101,"sub_error":{sub},"error_description":"x"}}"#);
        let refusal = auth::grant(&reply(400, &body)).unwrap_err();
        assert_eq!((refusal.class, refusal.remedy), (Class::Unauthenticated, Remedy::Stand), "{sub}");
    }
    for (status, class) in [(403, Class::PermissionDenied), (503, Class::RateLimited), (500, Class::Unavailable)] {
        assert_eq!(auth::grant(&reply(status, "<html>")).unwrap_err().class, class, "{status}");
    }
}

#[test]
fn the_least_message_by_both_versions() {
    let (url, body) = sent(&huawei(), json!({}), Shape::List, &["a", "b"]).unwrap();
    assert_eq!(url, "https://push-api.cloud.huawei.com/v1/104000001/messages:send");
    let notification = json!({"title": "t", "body": "b", "click_action": {"type": 3}});
    assert_eq!(body, json!({"message": {"token": ["a", "b"], "android": {"notification": notification}}}));
    let project = with(|config| config.project_id = Some("42".into()));
    assert_eq!(
        sent(&project, json!({}), Shape::List, &["a"]).unwrap().0,
        "https://push-api.cloud.huawei.com/v2/42/messages:send"
    );
}

#[test]
fn a_full_message() {
    let huawei = with(|config| config.badge_class = Some("com.example.Main".to_owned().try_into().unwrap()));
    let more = json!({
        "image": "https://a.example/i.png", "sound": "ding.mp3", "badge": {"set": 3}, "channel": "chat",
        "category": "WORK", "thread": "g", "data": {"k": "v"}, "ttl_seconds": 60, "collapse_key": "k",
        "priority": "high", "id": "n-1", "dry_run": true, "receipt": {"tag": "order-42"},
        "vendors": {"huawei": {"style": 1, "receipt_id": "R", "foreground_show": false, "title_loc_key": "key",
                               "title_loc_args": ["x"], "importance": "LOW"}}
    });
    let (_, body) = sent(&huawei, more.clone(), Shape::List, &["a"]).unwrap();
    let group = 1 + omnipush_core::CollapseKey::new("k").unwrap().number() % 100;
    assert_eq!(
        body,
        json!({"validate_only": true, "message": {"token": ["a"], "data": "{\"k\":\"v\"}", "android": {
            "collapse_key": group, "category": "WORK", "ttl": "60s", "bi_tag": "order-42", "receipt_id": "R",
            "notification": {
                "title": "t", "body": "b", "click_action": {"type": 3}, "image": "https://a.example/i.png",
                "sound": "/raw/ding", "default_sound": false, "tag": "k", "group": "g", "channel_id": "chat", "style": 1,
                "big_title": "t", "big_body": "b", "badge": {"set_num": 3, "class": "com.example.Main"},
                "importance": "LOW", "foreground_show": false, "title_loc_key": "key", "title_loc_args": ["x"]}}}})
    );
    let lost = try_encode(&huawei, more, Shape::List).unwrap().losses;
    assert_eq!(lost.iter().map(|loss| loss.field).collect::<Vec<_>>(), [Field::Id], "the tag took its place");
}

#[test]
fn clicks() {
    let click = |click: Value| message(json!({"click": click}))["android"]["notification"]["click_action"].clone();
    let intent = "intent://a/b#Intent;scheme=x;end";
    for (given, action) in [
        (json!("app"), json!({"type": 3})),
        (json!({"url": "https://a.example/x"}), json!({"type": 2, "url": "https://a.example/x"})),
        (json!({"url": "http://a.example/x"}), json!({"type": 3})),
        (
            json!({"url": "myapp://order/42?x=1"}),
            json!({"type": 1, "intent": "intent://order/42?x=1#Intent;scheme=myapp;end"}),
        ),
        (json!({"intent": intent}), json!({"type": 1, "intent": intent})),
        (json!({"activity": "a.b/.C"}), json!({"type": 1, "intent": "intent:#Intent;component=a.b/.C;end"})),
        (json!({"action": "a.b.OPEN"}), json!({"type": 1, "action": "a.b.OPEN"})),
    ] {
        assert_eq!(click(given.clone()), action, "{given}");
    }
}

#[test]
fn a_data_message_has_no_notification() {
    let data = message(json!({"kind": "background", "data": {"k": "v"}, "priority": "high"}));
    assert_eq!(data, json!({"token": ["a"], "data": "{\"k\":\"v\"}", "android": {"urgency": "HIGH"}}));
    assert!(
        try_encode(&huawei(), json!({"kind": "background"}), Shape::List).unwrap_err().to_string().contains("data")
    );
}

#[test]
fn topics_and_conditions() {
    let (_, topic) = sent(&huawei(), json!({}), Shape::Topic, &["news"]).unwrap();
    assert_eq!((&topic["message"]["topic"], topic["message"].get("token")), (&json!("news"), None));
    let condition = "'a' in topics && ('b' in topics || !('c' in topics))";
    let (_, body) = sent(&huawei(), json!({}), Shape::Condition, &[condition]).unwrap();
    assert_eq!(body["message"]["condition"], condition);
    let six = ["'a' in topics"; 6].join(" || ");
    assert!(sent(&huawei(), json!({}), Shape::Condition, &[&six]).unwrap_err().text.contains("5 topics"));
    assert!(sent(&huawei(), json!({}), Shape::Topic, &["a b"]).unwrap_err().text.contains("1 to 900"));
}

#[test]
fn rules_across_fields() {
    for (more, part) in [
        (json!({"category": "work"}), "class in capitals"),
        (json!({"category": "PLAY_VOICE"}), "data messages only"),
        (json!({"click": {"activity": "a.b.C"}}), "needs a package"),
        (json!({"body": "b".repeat(4096)}), "at most 4096 are allowed"),
        (json!({"send_at": "2026-11-23T16:30:00Z"}), "no schedule"),
        (json!({"vendors": {"huawei": {"data": "no json"}}}), "must be JSON"),
        (json!({"vendors": {"huawei": {"style": 2}}}), "0, 1 or 3"),
        (json!({"vendors": {"huawei": {"style": 3}}}), "demands it"),
        (json!({"vendors": {"huawei": {"inbox_content": ["a", "b", "c", "d", "e", "f"]}}}), "has 6 entries; at most 5"),
        (json!({"vendors": {"huawei": {"inbox_content": ["x".repeat(1025)]}}}), "has 1025 characters"),
        (json!({"vendors": {"huawei": {"title_loc_args": ["x"]}}}), "need their key"),
        (json!({"vendors": {"huawei": {"collapse_key": 101}}}), "-1 to 100"),
        (json!({"vendors": {"huawei": {"icon": "x.png"}}}), "/raw/name"),
        (json!({"vendors": {"huawei": {"color": "red"}}}), "#RRGGBB"),
        (json!({"title": ""}), "is missing"),
    ] {
        let error = try_encode(&huawei(), more.clone(), Shape::List).unwrap_err().to_string();
        assert!(error.contains(part), "{more}: {error}");
    }
    let zero = try_encode(&huawei(), json!({"ttl_seconds": 0}), Shape::List).unwrap();
    assert_eq!((zero.cuts[0].from, zero.cuts[0].to), (0, 1));
    assert!(zero.advice[0].what.contains("no category"));
}

fn decode(status: u16, body: Value, targets: &[&str]) -> Vec<Verdict> {
    let encoded = try_encode(&huawei(), json!({}), Shape::List).unwrap();
    let targets: Vec<Target> = targets.iter().map(|target| Target::from(*target)).collect();
    let items: Vec<Item<'_>> = targets.iter().map(|target| Item { encoded: &encoded, target }).collect();
    let set = Set { shape: Shape::List, items: &items, ticket: "", request_id: "" };
    match response::decode(&Reply::new(status, body.to_string()), &set) {
        Outcome::Whole(verdict) => vec![verdict; items.len()],
        Outcome::Each(verdicts) => verdicts,
    }
}

#[test]
fn answers() {
    let ok = decode(200, json!({"code": "80000000", "msg": "Success", "requestId": "r-1"}), &["a"]);
    assert_eq!(ok[0].message_id(), Some("r-1"));
    let msg = json!({"success": 1, "failure": 1, "illegal_tokens": ["b"]}).to_string();
    let some = decode(200, json!({"code": "80100000", "msg": msg, "requestId": ""}), &["a", "b"]);
    assert!(some[0].is_accepted() && some[1].is_dead_target());
    assert!(!format!("{some:?}").contains("illegal_tokens\\\":"), "tokens stay out of refusals");
    let unclear = decode(200, json!({"code": "80100000", "msg": "some", "requestId": ""}), &["a", "b"]);
    assert!(matches!(unclear[0], Verdict::Unsure(_)));
    let all =
        decode(400, json!({"code": "80300007", "msg": "All the tokens are invalid", "requestId": "r"}), &["a", "b"]);
    assert!(all.iter().all(Verdict::is_dead_target));
    assert_eq!(decode(503, json!("<html>"), &["a"])[0].refusal().unwrap().class, Class::RateLimited);
    let odd = decode(400, json!({"code": "80999999", "msg": "x", "requestId": ""}), &["a"]);
    assert_eq!(odd[0].refusal().unwrap().class, Class::Unknown);
}

#[test]
fn every_documented_code_has_a_row() {
    let documented = "1101/20002 1101/20003 1101/12304 1101/20171 80100000 80100001 80100002 80100003 80100004 80100013 \
                      80100016 80100017 80100018 80200001 80200003 80200005 80300002 80300007 80300008 80300010 80300011 \
                      80300013 80600003 81000001 82000001 82000002 82000003 82000004 82000005 82000006 82000007 82000008 \
                      82000009 82000010 82000011 82000012 82000013";
    for code in documented.split_whitespace() {
        assert!(response::CODES.iter().any(|row| row.code == code), "{code}");
    }
}

#[test]
fn operations() {
    let call = |operation: &Operation| {
        let request = huawei().operation(operation, &mut cx()).unwrap();
        let path = request.url.as_str().replace("https://push-api.cloud.huawei.com/v1/104000001/", "");
        (path, serde_json::from_slice::<Value>(&request.body).unwrap())
    };
    let targets = || vec![Target::from("a"), Target::from("b")];
    let topic = || Group::Topic("news".into());
    let members = json!({"topic": "news", "tokenArray": ["a", "b"]});
    let subscribe = Operation::Subscribe { to: topic(), targets: targets() };
    assert_eq!(call(&subscribe), ("topic:subscribe".into(), members.clone()));
    let unsubscribe = Operation::Unsubscribe { from: topic(), targets: targets() };
    assert_eq!(call(&unsubscribe), ("topic:unsubscribe".into(), members));
    let list = Operation::Groups { kind: GroupKind::Topic, target: "a".into() };
    assert_eq!(call(&list), ("topic:list".into(), json!({"token": "a"})));
    assert_eq!(call(&Operation::DeleteGroup { group: topic() }), ("topic:truncate".into(), json!({"topic": "news"})));
    let check = Operation::CheckTargets { targets: vec!["a".into()] };
    assert_eq!(call(&check), ("token:query".into(), json!({"token": "a"})));

    let reply = |body: Value| Reply::new(200, body.to_string());
    let topics =
        json!({"code": "80000000", "msg": "", "requestId": "", "topics": [{"name": "news", "addDate": "2026-11-01"}]});
    let found = huawei().operation_reply(&list, &reply(topics)).unwrap().found;
    assert_eq!(found, Found::Names(vec!["news".into()]));
    let partly = json!({"code": "80000000", "msg": "", "requestId": "", "successCount": 1, "failureCount": 1,
                        "errors": [{"index": 1, "reason": "82000010"}]});
    let verdicts = huawei().operation_reply(&subscribe, &reply(partly)).unwrap().verdicts;
    assert!(verdicts[0].is_accepted() && verdicts[1].is_dead_target());
    let gone = json!({"code": "80300007", "msg": "x", "requestId": ""});
    assert!(huawei().operation_reply(&check, &reply(gone)).unwrap().verdicts[0].is_dead_target());
}

/// Both vectors are over the same time, nonce and user, with the key's bytes and with its text.
#[test]
fn signed_callbacks() {
    let body = json!({"statuses": [
        {"token": "a", "biTag": "order-42", "status": 0, "timestamp": 1_607_832_761_000_u64, "appid": "1", "requestId": "r"},
        {"token": "b", "pushType": 0, "requestId": "r", "deliveryStatus": {"result": 2, "timestamp": 1_607_832_761_001_u64}},
        {"token": "c", "formStatus": {"formId": 1, "result": 261, "timestamp": 5}},
        {"token": "d", "status": "999"}
    ]});
    let callback = |value: &str| {
        let mut headers = HeaderMap::new();
        let header = format!("timestamp=1607832761768; nonce=a07bfa17-6d82-4b53-a9a2-07cfef5ceef1;value={value}");
        headers.insert("X-HUAWEI-CALLBACK-ID", header.parse().unwrap());
        Callback::new(headers, body.to_string())
    };
    let mut at = cx();
    at.now = Now::at(1_607_832_800_000);
    let keyed = |base64: Option<bool>| {
        with(|config| {
            config.receipt_user = Some("receipt-user".into());
            config.receipt_key = Some(Secret::new("c2VjcmV0LWtleS1mb3ItdGVzdHM="));
            config.receipt_key_is_base64 = base64;
        })
    };
    let (newer, older) =
        ("QE1i+wIW3sZSHIf+dkFLSQjJwJpE64s6mCdRKT/r5+g=", "U11bbejGfoUVJvxIzjed2lhOqH/ueMvVneuqpZ11iyU=");
    let read = keyed(None).receipts(&callback(newer), &mut at).unwrap();
    assert!(read.proven);
    assert_eq!(&read.answer[..], br#"{"code":"0","message":"success"}"#);
    let told: Vec<_> = read.receipts.iter().map(|r| (r.event, r.target.as_str(), &*r.code)).collect();
    assert_eq!(
        told,
        [
            (Event::Delivered, "a", "0"),
            (Event::Dropped(Reason::InvalidToken), "b", "2"),
            (Event::Dropped(Reason::Inactive), "c", "261"),
            (Event::Unknown, "d", "999"),
        ]
    );
    assert_eq!((read.receipts[0].tag.as_deref(), read.receipts[1].at_ms), (Some("order-42"), Some(1_607_832_761_001)));
    assert!(keyed(Some(false)).receipts(&callback(older), &mut at).unwrap().proven);
    assert!(keyed(None).receipts(&callback(older), &mut at).is_err());
    assert!(keyed(None).receipts(&Callback::new(HeaderMap::new(), body.to_string()), &mut at).is_err());
    at.now = Now::at(at.now_ms() + 3_600_000);
    assert!(keyed(None).receipts(&callback(newer), &mut at).is_err(), "a copy of an old one");
    assert!(!huawei().receipts(&callback(newer), &mut at).unwrap().proven, "without a key nothing is proven");
}

#[test]
fn settings_are_checked_by_name() {
    let key = |config: Config| Huawei::new(config).unwrap_err().key;
    assert_eq!(key(Config::new("x", Secret::new("s"))), "client_id");
    assert_eq!(key(Config::new("1", Secret::new(""))), "client_secret");
    let mut config = Config::new("1", Secret::new("s"));
    config.receipt_user = Some("u".into());
    assert_eq!(key(config), "receipt_key");
    let account = with(|config| {
        config.client_secret = None;
        config.service_account = Some(crate::account::tests::account());
    });
    assert!(matches!(account.token("push", &mut cx()), Ok(TokenStep::Minted(_))));
}

/// In the order of the table.
#[test]
fn every_rule_that_a_message_can_break_is_warned_of() {
    let advice = |more: Value, shape| try_encode(&huawei(), more, shape).unwrap().advice;
    let options = |options: Value| json!({"category": "WORK", "vendors": {"huawei": options}});
    let n: Notification = serde_json::from_value(json!({"title": "t", "body": "b", "category": "WORK"})).unwrap();
    let night = huawei().encode(&n, Shape::List, &mut Cx { now: Now::at(1_699_990_000_000), ..cx() }).unwrap();
    let broken = [
        advice(json!({}), Shape::List),
        advice(options(json!({"importance": "HIGH"})), Shape::List),
        advice(json!({"category": "WORK"}), Shape::Topic),
        advice(options(json!({"fast_app_target": 1})), Shape::List),
        night.advice,
    ];
    let tested: Vec<_> = rules::RULES.iter().filter(|rule| rule.breaks.is_some()).map(|rule| rule.says).collect();
    assert_eq!(tested.len(), broken.len());
    for (rule, advice) in tested.iter().zip(broken) {
        assert!(advice.contains(rule), "{rule}");
    }
    assert_eq!(advice(json!({"category": "WORK"}), Shape::List), []);
    let urgent = json!({"kind": "background", "data": {"a": "b"}, "priority": "high"});
    assert_eq!(advice(urgent, Shape::List), [tested[1]]);
}
