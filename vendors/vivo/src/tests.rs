//! Golden vectors by step, and the mapping of single fields. The suite tests behaviour.

use omnipush_core::http::HeaderMap;
use omnipush_core::{Class, Encoded, Event, Found, Group, Now, Overflow, Reason, Remedy, Secret, Target};
use serde_json::{Value, json};

use super::*;

fn vivo() -> Vivo {
    let secret = Secret::new("sec-demo-fedcba9876543210 ");
    Vivo::new(Config::new(100_004, Secret::new("ak-demo-0123456789abcdef"), secret)).unwrap()
}

fn encode(n: Value, shape: Shape) -> Result<Encoded, EncodeError> {
    let n: Notification = serde_json::from_value(n).unwrap();
    vivo().encode(&n, shape, &mut Cx { now: Now::at(1_700_000_000_000), rng: &mut |_| {}, overflow: Overflow::Refuse })
}

fn body(n: Value) -> Value {
    let encoded = encode(n, Shape::One).unwrap();
    let target = Target::new("r1");
    let items = [Item { encoded: &encoded, target: &target }];
    let set = Set { shape: Shape::One, items: &items, ticket: "", request_id: "id-1" };
    serde_json::from_slice(&encoded.body.fill(&set)).unwrap()
}

/// The worked example of the sign-in; the secret's trailing blank is not part of it.
#[test]
fn sign_in_vector() {
    assert_eq!(auth::signature(&vivo().config, 1_700_000_000_000), "7bdab343cd60e773575329b8b1dfd3f9");
}

#[test]
fn the_least_message() {
    assert_eq!(
        body(json!({"title": "t", "body": "b", "category": "IM"})),
        json!({"appId": 100_004, "regId": "r1", "requestId": "id-1", "title": "t", "content": "b", "notifyType": 4,
               "skipType": 1, "classification": 1, "category": "IM"})
    );
}

#[test]
fn clicks() {
    for (click, kind, content) in [
        (json!("app"), 1, None),
        (json!({"url": "https://example.com/a"}), 2, Some("https://example.com/a")),
        (json!({"url": "myapp://a"}), 4, Some("myapp://a")),
        (json!({"intent": "intent:#Intent;component=a.b/.C;end"}), 4, Some("intent:#Intent;component=a.b/.C;end")),
        (json!({"activity": "a.b/.C"}), 4, Some("intent:#Intent;component=a.b/.C;end")),
    ] {
        let body = body(json!({"title": "t", "body": "b", "click": click}));
        assert_eq!((body["skipType"].as_i64(), body["skipContent"].as_str()), (Some(kind), content), "{click}");
    }
    let lossy = encode(json!({"title": "t", "body": "b", "click": {"action": "a.b.OPEN"}}), Shape::One).unwrap();
    assert_eq!(lossy.losses.len(), 1);
    let error = encode(json!({"title": "t", "body": "b", "click": {"activity": "a.b.C"}}), Shape::One).unwrap_err();
    assert!(error.to_string().contains("needs a package"), "{error}");
}

#[test]
fn rules_across_fields() {
    for (n, part) in [
        (json!({"category": "IM", "vendors": {"vivo": {"classification": 0}}}), "10097"),
        (json!({"category": "im"}), "is none of"),
        (json!({"kind": "background"}), "no data-only"),
        (json!({"dry_run": true}), "no dry run"),
        (json!({"vendors": {"vivo": {"networkType": 1}}}), "unknown field `networkType`"),
        (json!({"vendors": {"vivo": {"network_type": 0}}}), "networkType"),
        (json!({"vendors": {"vivo": {"push_mode": 1}}, "receipt": {"url": "https://a.example"}}), "receipts"),
        (json!({"title": "t".repeat(41)}), "title: has 41 characters; at most 40"),
        (json!({"data": {"k": "v".repeat(1024)}}), "has 1025 characters; at most 1024"),
        (
            json!({"data": (0..11).map(|i| (i.to_string(), "v".into())).collect::<serde_json::Map<_, _>>()}),
            "11 entries",
        ),
    ] {
        let mut all = json!({"title": "t", "body": "b"});
        all.as_object_mut().unwrap().extend(n.as_object().unwrap().clone());
        let error = encode(all, Shape::One).unwrap_err().to_string();
        assert!(error.contains(part), "{n}: {error}");
    }
}

#[test]
fn ttl_is_moved_into_the_range_and_zero_means_online_only() {
    assert_eq!(body(json!({"title": "t", "body": "b", "ttl_seconds": 5}))["timeToLive"], 60);
    let now = body(json!({"title": "t", "body": "b", "ttl_seconds": 0}));
    assert_eq!((now.get("timeToLive"), &now["sendOnline"]), (None, &json!(true)));
}

#[test]
fn a_list_carries_no_target_specific_fields() {
    let n = json!({"title": "t", "body": "b", "receipt": {"url": "https://a.example"}, "vendors": {"vivo": {"profile_id": "p"}}});
    let encoded = encode(n, Shape::List).unwrap();
    let saved = String::from_utf8_lossy(encoded.body.literal());
    assert!(!saved.contains("extra") && !saved.contains("profileId") && !saved.contains("regId"), "{saved}");
    assert!(String::from_utf8_lossy(encoded.push.literal()).contains("\"regIds\":[]"));
}

#[test]
fn every_invalid_user_status_has_its_own_fate() {
    let encoded = encode(json!({"title": "t", "body": "b"}), Shape::List).unwrap();
    let targets: Vec<Target> = ["a", "b", "c", "d", "e"].map(Target::new).into();
    let items: Vec<Item<'_>> = targets.iter().map(|target| Item { encoded: &encoded, target }).collect();
    let set = Set { shape: Shape::List, items: &items, ticket: "77", request_id: "" };
    let users = json!([{"status": 1, "userid": "a"}, {"status": 2, "userid": "b"}, {"status": 3, "userid": "c"},
                       {"status": 4, "userid": "d"}, {"status": 1, "userid": "never sent"}]);
    let reply = Reply::new(200, json!({"result": 0, "desc": "ok", "invalidUsers": users}).to_string());
    let Outcome::Each(verdicts) = response::decode(&reply, &set) else { panic!("a partial success") };
    let classes: Vec<Option<Class>> = verdicts.iter().map(|v| v.refusal().map(|r| r.class)).collect();
    use Class::{InvalidRequest, InvalidToken, Unknown};
    assert_eq!(classes, [Some(InvalidToken), Some(InvalidToken), Some(Unknown), Some(InvalidRequest), None]);
    assert_eq!(verdicts[4].message_id(), Some("77"));
}

#[test]
fn codes_that_the_engine_cures() {
    for (result, remedy) in [(10000, Remedy::NewToken), (10155, Remedy::NewTicket), (10207, Remedy::Resign)] {
        let reply = Reply::new(200, json!({"result": result, "desc": "x"}).to_string());
        assert_eq!(response::check(&reply).unwrap_err().remedy, remedy, "{result}");
    }
}

#[test]
fn receipts_are_asked_for_by_address_or_by_its_id() {
    let n = json!({"title": "t", "body": "b", "id": "n-1", "receipt": {"url": "https://a.example/r"}});
    let extra = |n: Value| body(n)["extra"].clone();
    assert_eq!(extra(n.clone()), json!({"callback": "https://a.example/r", "callback.param": "n-1"}));
    let mut tagged = n;
    tagged["receipt"] = json!({"tag": "order-42"});
    tagged["vendors"] = json!({"vivo": {"callback_id": "7"}});
    assert_eq!(extra(tagged.clone()), json!({"callback.param": "order-42", "callback.id": "7"}));
    assert!(encode(tagged, Shape::One).unwrap().losses.is_empty());
    let long = json!({"title": "t", "body": "b", "receipt": {"tag": "x".repeat(65)}});
    assert!(encode(long, Shape::One).unwrap_err().to_string().contains("receipt (`extra.callback.param`): has 65"));
}

fn sent(shape: Shape, target: &Target) -> Result<(String, Value), Refusal> {
    let encoded = encode(json!({"title": "t", "body": "b", "category": "IM"}), shape).unwrap();
    let items = [Item { encoded: &encoded, target }];
    let set = Set { shape, items: &items, ticket: "", request_id: "id-1" };
    let request = vivo().request(&set, &mut cx())?;
    Ok((request.url.as_str().to_owned(), serde_json::from_slice(&request.body).unwrap()))
}

fn cx() -> Cx<'static> {
    Cx { now: Now::at(1_700_000_000_000), rng: Box::leak(Box::new(|_: &mut [u8]| {})), overflow: Overflow::Refuse }
}

#[test]
fn tags_and_everybody_have_calls_of_their_own() {
    let tags = Tags { none: vec!["c".into()], ..Tags::any(["a", "b\""]) };
    let (url, body) = sent(Shape::Tags, &tags.to_target()).unwrap();
    assert_eq!(url, "https://api-push.vivo.com.cn/message/tagPush");
    assert_eq!(body["tagExpression"], json!({"orTags": ["a", "b\""], "notTags": ["c"]}));
    assert_eq!((&body["title"], &body["requestId"], body.get("regId")), (&json!("t"), &json!("id-1"), None));
    let (url, body) = sent(Shape::All, &Target::new("")).unwrap();
    assert_eq!(url, "https://api-push.vivo.com.cn/message/all");
    assert_eq!((body.get("regId"), body.get("tagExpression")), (None, None));
    let everybody = sent(Shape::Tags, &Tags::default().to_target()).unwrap_err();
    assert!(everybody.text.contains("at least one"), "{everybody}");
}

fn operated(operation: &Operation) -> (String, Value) {
    let request = vivo().operation(operation, &mut cx()).unwrap();
    let body = serde_json::from_slice(&request.body).unwrap_or_default();
    (request.url.as_str().replace("https://api-push.vivo.com.cn", ""), body)
}

#[test]
fn operations() {
    let targets = || vec![Target::new("r1"), Target::new("r2")];
    let tag = || Group::Tag("vip".into());
    assert_eq!(
        operated(&Operation::Statistics { ids: vec!["1".into(), "2".into()] }).0,
        "/report/getStatistics?taskIds=1%2C2"
    );
    assert_eq!(
        operated(&Operation::CheckTargets { targets: targets() }),
        ("/invalidUser/check".into(), json!({"appId": 100_004, "userType": 1, "userIds": ["r1", "r2"]}))
    );
    let members = json!({"appId": 100_004, "name": "vip", "type": 1, "ids": ["r1", "r2"]});
    assert_eq!(
        operated(&Operation::Subscribe { to: tag(), targets: targets() }),
        ("/tag/addMembers".into(), members.clone())
    );
    assert_eq!(
        operated(&Operation::Unsubscribe { from: tag(), targets: targets() }),
        ("/tag/removeMembers".into(), members)
    );
    for (name, path) in [("tag_add", "/tag/add"), ("tag_group_add_to_group", "/tagGroup/addToGroup")] {
        let args = json!({"name": "vip"}).as_object().cloned().unwrap();
        let own = Operation::Own { name: name.into(), targets: Vec::new(), args };
        assert_eq!(operated(&own), (path.into(), json!({"appId": 100_004, "name": "vip"})));
    }
}

#[test]
fn answers_to_operations() {
    let reply = Reply::new(
        200,
        json!({"result": 0, "statistics": [{"taskId": "77", "target": 9, "receive": "5", "covered": 1}]}).to_string(),
    );
    let statistics = Operation::Statistics { ids: vec!["77".into()] };
    let Found::Counts(counts) = vivo().operation_reply(&statistics, &reply).unwrap().found else { panic!() };
    assert_eq!(counts[0].of, "77");
    let numbers: Vec<_> = counts[0].numbers.iter().map(|(name, number)| (name.as_str(), *number)).collect();
    assert_eq!(numbers, [("covered", 1), ("delivered", 5), ("targeted", 9)]);

    let check = Operation::CheckTargets { targets: vec![Target::new("r1"), Target::new("r2"), Target::new("r3")] };
    let data = json!([{"status": 2, "userid": "r2"}, {"status": 4, "userid": "r3"}]);
    let reply = Reply::new(200, json!({"result": 0, "data": data}).to_string());
    let verdicts = vivo().operation_reply(&check, &reply).unwrap().verdicts;
    let classes: Vec<_> = verdicts.iter().map(|v| v.refusal().map(|r| r.class)).collect();
    assert_eq!(classes, [None, Some(Class::InvalidToken), Some(Class::InvalidRequest)]);

    let reply = Reply::new(200, json!({"result": 10471, "desc": "x"}).to_string());
    assert_eq!(vivo().operation_reply(&statistics, &reply).unwrap_err().class, Class::InvalidRequest);
}

#[test]
fn callbacks_of_both_forms() {
    let old = r#"{"9":{"param":"order-42","targets":"r1,r2"},"10":{"targets":"r3"}}"#;
    let read = |vivo: &Vivo, body: &str| {
        let receipts = vivo.receipts(&Callback::new(HeaderMap::new(), body.to_owned()), &mut cx())?.receipts;
        let told = receipts.into_iter().map(|r| (r.event, r.target.as_str().to_owned(), r.message_id, r.tag, r.at_ms));
        Ok::<_, CallbackError>(told.collect::<Vec<_>>())
    };
    let arrived = |target: &str, id: &str, tag: Option<&str>| {
        (Event::Delivered, target.to_owned(), Some(id.to_owned()), tag.map(str::to_owned), None)
    };
    let tag = Some("order-42");
    assert_eq!(
        read(&vivo(), old).unwrap(),
        [arrived("r3", "10", None), arrived("r1", "9", tag), arrived("r2", "9", tag)]
    );

    let mut config = vivo().config.clone();
    (config.receipt_code_field, config.receipt_time_field) = (Some("code".into()), Some("time".into()));
    let new = r#"{"9":{"targets":"r1","code":2183,"time":"1700000000000"},"8":{"targets":"r2","code":"77777"}}"#;
    let told = read(&Vivo::new(config).unwrap(), new).unwrap();
    assert_eq!((told[0].0, told[1].0), (Event::Unknown, Event::Dropped(Reason::InvalidToken)));
    assert_eq!(told[1].4, Some(1_700_000_000_000));
    assert!(read(&vivo(), r#"{"9":{}}"#).is_err() && read(&vivo(), "[]").is_err());
}

/// In the order of the table.
#[test]
fn every_rule_that_a_message_can_break_is_warned_of() {
    let advice = |more: Value, shape| {
        let mut all = json!({"title": "您的订单", "body": "已经发货", "category": "ORDER"});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        encode(all, shape).unwrap().advice
    };
    let broken = [
        advice(json!({"category": null}), Shape::One),
        // It is 06:13 in Beijing.
        advice(json!({"category": "MARKETING"}), Shape::One),
        Vec::new(),
        advice(json!({"title": "测试订单"}), Shape::One),
        advice(json!({"title": "已经发货"}), Shape::One),
        advice(json!({}), Shape::All),
    ];
    let tested: Vec<_> = rules::RULES.iter().filter(|rule| rule.breaks.is_some()).map(|rule| rule.says).collect();
    assert_eq!(tested.len(), broken.len());
    for (rule, advice) in tested.iter().zip(broken).filter(|(_, advice)| !advice.is_empty()) {
        assert!(advice.contains(rule), "{rule}");
    }
    let now = 1_700_000_000_000_i64;
    for (start, lasts, good) in
        [(10, 119, true), (9, 60, false), (10, 120, false), (10, 0, false), (1400, 41, false), (1000, 100, false)]
    {
        let start = now + start * 60_000;
        let window =
            json!({"overtime_display": true, "show_start_time": start, "show_end_time": start + lasts * 60_000});
        let n = json!({"title": "t", "body": "b", "vendors": {"vivo": {"timed_display": window}}});
        match encode(n, Shape::One) {
            Ok(_) => assert!(good, "{window}"),
            Err(error) => assert!(!good && error.to_string().contains("timedDisplay"), "{error}"),
        }
    }
    assert_eq!(advice(json!({}), Shape::List), []);
    let noon = json!({"overtime_display": false, "show_start_time": 1_700_020_000_000_i64, "show_end_time": 1_700_021_000_000_i64});
    let shown_at_noon = json!({"category": "MARKETING", "vendors": {"vivo": {"timed_display": noon}}});
    assert_eq!(advice(shown_at_noon, Shape::One), []);
    for odd in ["12345", "just latin", "!?…"] {
        assert_eq!(advice(json!({"title": odd}), Shape::One), [tested[3]], "{odd}");
    }
    let to_test_phones = json!({"title": "测试", "vendors": {"vivo": {"push_mode": 1}}});
    assert_eq!(advice(to_test_phones, Shape::One), []);
}
