//! Golden vectors by step, the mapping of single fields, and the rules. The suite tests behaviour.

use omnipush_core::http::HeaderMap;
use omnipush_core::{
    Class, Event, Found, Group, Image, ImageSize, Now, Overflow, Reason, Remedy, Secret, Target, Verdict,
};
use serde_json::{Value, json};

use super::*;

/// The credentials of the worked example; they are for tests.
fn config() -> Config {
    Config::new(Secret::new("ak_demo_0123456789abcdef"), Secret::new("ms_demo_fedcba9876543210"))
}

fn with(change: impl FnOnce(&mut Config)) -> Oppo {
    let mut config = config();
    change(&mut config);
    Oppo::new(config).unwrap()
}

fn oppo() -> Oppo {
    with(|_| {})
}

fn cx() -> Cx<'static> {
    Cx {
        now: Now::at(1_700_000_000_000),
        rng: Box::leak(Box::new(|b: &mut [u8]| b.fill(7))),
        overflow: Overflow::Refuse,
    }
}

fn plus(more: Value) -> Notification {
    let mut all = json!({"title": "t", "body": "b"});
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serde_json::from_value(all).unwrap()
}

fn try_encode(oppo: &Oppo, more: Value, shape: Shape) -> Result<Encoded, EncodeError> {
    oppo.encode(&plus(more), shape, &mut cx())
}

fn sent(oppo: &Oppo, more: Value, shape: Shape, targets: &[&str]) -> Result<Request, Refusal> {
    let encoded = try_encode(oppo, more, shape).unwrap();
    let targets: Vec<Target> = targets.iter().map(|target| Target::from(*target)).collect();
    let items: Vec<Item<'_>> = targets.iter().map(|target| Item { encoded: &encoded, target }).collect();
    oppo.request(&Set { shape, items: &items, ticket: "5e8d", request_id: "id-1" }, &mut cx())
}

fn field(body: &[u8], name: &str) -> Option<String> {
    Callback::new(HeaderMap::new(), body.to_vec()).form_field(name)
}

fn message(more: Value) -> Value {
    let request = sent(&oppo(), more, Shape::One, &["CN_1"]).unwrap();
    serde_json::from_str(&field(&request.body, "message").unwrap()).unwrap()
}

fn notification(more: Value) -> Value {
    message(more)["notification"].clone()
}

#[test]
fn sign_in_vector() {
    let sign = "ae57bfaa20428906b192bfe49c96cb9ea5d2918bc730922b45b39e629953d981";
    assert_eq!(auth::signature(&config(), 1_700_000_000_000), sign);
    let form = auth::sign_in(&config(), 1_700_000_000_000);
    let text = format!("app_key=ak_demo_0123456789abcdef&timestamp=1700000000000&sign={sign}");
    assert_eq!(std::str::from_utf8(&form).unwrap(), text);
}

#[test]
fn a_grant_is_good_for_a_day_however_the_time_is_written() {
    for time in ["1700000000123", "\"1700000000123\""] {
        let body = format!(r#"{{"code":0,"message":"success","data":{{"auth_token":"t","create_time":{time}}}}}"#);
        let grant = auth::grant(&Reply::new(200, body)).unwrap();
        assert_eq!((grant.value.expose(), grant.lifetime.as_secs()), ("t", 86_400));
    }
    assert!(
        auth::grant(&Reply::new(200, r#"{"code":16,"message":"x"}"#)).unwrap_err().class == Class::PermissionDenied
    );
    assert!(auth::grant(&Reply::new(200, r#"{"code":0}"#)).is_err());
}

/// The worked form of a single push, without the fields that this adapter adds.
#[test]
fn the_json_of_a_single_push_is_escaped_once_more_for_the_form() {
    let request = sent(&oppo(), json!({"title": "Hi 你好", "body": "a&b=c+d"}), Shape::One, &["CN_00"]).unwrap();
    let body = std::str::from_utf8(&request.body).unwrap();
    assert!(body.starts_with("message=%7B%22target_type%22%3A2%2C%22target_value%22%3A%22CN_00%22"), "{body}");
    assert!(body.contains("%22title%22%3A%22Hi+%E4%BD%A0%E5%A5%BD%22"), "{body}");
    assert!(body.contains("%22content%22%3A%22a%26b%3Dc%2Bd%22"), "{body}");
    assert_eq!(request.url.as_str(), "https://api-push-cn.heytapmobi.com/server/v1/message/notification/unicast");
}

#[test]
fn the_least_message() {
    let least = json!({"target_type": 2, "target_value": "CN_1", "notification": {
        "app_message_id": "id-1", "title": "t", "content": "b", "click_action_type": 0}});
    assert_eq!(message(json!({})), least);
}

#[test]
fn a_full_message() {
    let more = json!({
        "subtitle": "s", "body": "长".repeat(51), "badge": {"add": 2}, "channel": "orders", "category": "ORDER",
        "click": {"activity": "com.example.app/.Main"}, "data": {"orderId": "42"}, "ttl_seconds": 900_000,
        "collapse_key": "k", "priority": "high", "id": "order-42",
        "receipt": {"url": "https://example.com/r", "tag": "p"},
        "vendors": {"oppo": {"verify_registration_id": true, "private_msg_template_id": "tpl",
            "private_title_parameters": {"name": "A"}, "show_ttl": 60, "network_type": 1, "small_picture_id": "5"}}
    });
    let message = message(more);
    assert_eq!(message["verify_registration_id"], true);
    let key = omnipush_core::CollapseKey::new("k").unwrap().number();
    let wanted = json!({
        "app_message_id": "order-42", "style": 2, "title": "t", "sub_title": "s", "content": "长".repeat(51),
        "small_picture_id": "5", "click_action_type": 4, "click_action_activity": "com.example.app.Main",
        "action_parameters": "{\"orderId\":\"42\"}", "channel_id": "orders", "category": "ORDER", "notify_level": 16,
        "private_msg_template_id": "tpl", "private_title_parameters": "{\"name\":\"A\"}", "off_line": true,
        "off_line_ttl": 864_000, "show_ttl": 60, "notify_id": key, "network_type": 1,
        "call_back_url": "https://example.com/r", "call_back_parameter": "p", "badge_operation_type": 1,
        "badge_message_count": 2
    });
    assert_eq!(message["notification"], wanted);
}

#[test]
fn clicks() {
    for (click, kind, activity, url) in [
        (json!("app"), 0, None, None),
        (json!({"action": "com.example.OPEN"}), 1, Some("com.example.OPEN"), None),
        (json!({"url": "https://example.com/a?b=c"}), 2, None, Some("https://example.com/a?b=c")),
        (json!({"url": "myapp://a"}), 5, None, Some("myapp://a")),
        (
            json!({"intent": "intent:#Intent;component=a.b/.C;end"}),
            5,
            None,
            Some("intent:#Intent;component=a.b/.C;end"),
        ),
        (json!({"activity": "com.example.Main"}), 4, Some("com.example.Main"), None),
    ] {
        let all = notification(json!({"click": click}));
        let told = (all["click_action_type"].as_i64(), all["click_action_activity"].as_str());
        assert_eq!((told, all["click_action_url"].as_str()), ((Some(kind), activity), url), "{click}");
    }
}

#[test]
fn ttl_priority_and_category() {
    assert_eq!(notification(json!({"ttl_seconds": 0}))["off_line"], false);
    assert_eq!(notification(json!({"ttl_seconds": 0})).get("off_line_ttl"), None);
    let level = |oppo: &Oppo, more: Value| {
        let encoded = try_encode(oppo, more, Shape::One).unwrap();
        let lost = encoded.losses.iter().any(|loss| loss.field.as_str() == "priority");
        (String::from_utf8_lossy(encoded.body.literal()).contains("notify_level"), lost)
    };
    assert_eq!(level(&oppo(), json!({"priority": "high"})), (false, true));
    assert_eq!(level(&oppo(), json!({"priority": "high", "category": "ORDER"})), (true, false));
    let careful = with(|config| config.high_notify_level = Some(2));
    let encoded = try_encode(&careful, json!({"priority": "high", "category": "ORDER"}), Shape::One).unwrap();
    assert!(String::from_utf8_lossy(encoded.body.literal()).contains("notify_level%22%3A2%"));
}

#[test]
fn rules_across_fields() {
    for (more, part) in [
        (json!({"title": "t".repeat(51)}), "title`): has 51 characters; at most 50"),
        (json!({"body": "b".repeat(129)}), "content`): has 129 characters; at most 128"),
        (json!({"body": "b".repeat(51), "vendors": {"oppo": {"style": 1}}}), "has 51 characters; at most 50"),
        (json!({"category": "im"}), "is none of IM"),
        (json!({"kind": "background"}), "no data-only"),
        (json!({"dry_run": true}), "no dry run"),
        (json!({"send_at": "2026-11-23T16:30:00Z"}), "everybody only"),
        (json!({"click": {"activity": "com.example/Main"}}), "full class name"),
        (json!({"data": {"k": "v".repeat(4000)}}), "has 4008 characters; at most 4000"),
        (json!({"receipt": {"url": format!("https://a.example/{}", "x".repeat(183))}}), "has 201 characters"),
        (json!({"vendors": {"oppo": {"style": 3, "big_picture_id": "x"}}}), "broadcasts only"),
        (json!({"vendors": {"oppo": {"fix_speed_rate": 2000}}}), "broadcasts only"),
        (json!({"vendors": {"oppo": {"notify_level": 2}}}), "needs a category"),
        (json!({"vendors": {"oppo": {"show_time": [2, 1]}}}), "must be before"),
        (json!({"vendors": {"oppo": {"show_ttl": 43_201}}}), "43,200"),
        (json!({"category": "NEWS", "vendors": {"oppo": {"private_msg_template_id": "t"}}}), "private categories"),
        (json!({"vendors": {"oppo": {"private_title_parameters": {"a": "b"}}}}), "its parameters are given"),
        (json!({"vendors": {"oppo": {"nope": 1}}}), "unknown field `nope`"),
    ] {
        let error = try_encode(&oppo(), more.clone(), Shape::One).unwrap_err().to_string();
        assert!(error.contains(part), "{more}: {error}");
    }
    let im = try_encode(&oppo(), json!({"category": "IM"}), Shape::One).unwrap();
    let refused = |encoded: &Encoded| encoded.advice.iter().any(|advice| advice.what.contains("(54)"));
    assert!(refused(&im));
    let templated = with(|config| config.private_msg_template_id = Some("tpl".into()));
    assert!(!refused(&try_encode(&templated, json!({"category": "IM"}), Shape::One).unwrap()));
}

#[test]
fn a_batch_is_a_list_of_messages_in_a_form() {
    let request = sent(&oppo(), json!({"id": "n-1"}), Shape::List, &["CN_1", "CN_\"2"]).unwrap();
    assert!(request.url.as_str().ends_with("/server/v1/message/notification/unicast_batch"));
    let all: Value = serde_json::from_str(&field(&request.body, "messages").unwrap()).unwrap();
    assert_eq!(all.as_array().unwrap().len(), 2);
    assert_eq!(all[1]["target_value"], "CN_\"2");
    assert_eq!(all[0]["notification"]["app_message_id"], "n-1");
}

#[test]
fn broadcasts_name_a_saved_message() {
    let broadcasting = with(|config| config.broadcast = true);
    let encoded = try_encode(&broadcasting, json!({"channel": "orders", "data": {"a": "b"}}), Shape::List).unwrap();
    let save = broadcasting.stage(&encoded, "s-1", &mut cx()).unwrap();
    assert!(save.url.as_str().ends_with("/save_message_content"));
    for (name, value) in
        [("title", "t"), ("channel_id", "orders"), ("app_message_id", "s-1"), ("action_parameters", "{\"a\":\"b\"}")]
    {
        assert_eq!(field(&save.body, name).as_deref(), Some(value), "{name}");
    }
    let push = |oppo: &Oppo, shape, targets: &[&str]| {
        let request = sent(oppo, json!({}), shape, targets).unwrap();
        assert!(request.url.as_str().ends_with("/message/notification/broadcast"));
        let of = |name| field(&request.body, name);
        (of("message_id").unwrap(), of("target_type").unwrap(), of("target_value"))
    };
    let told = |kind: &str, value: Option<&str>| ("5e8d".to_owned(), kind.to_owned(), value.map(str::to_owned));
    assert_eq!(push(&broadcasting, Shape::List, &["CN_1", "CN_2"]), told("2", Some("CN_1;CN_2")));
    assert_eq!(push(&oppo(), Shape::Aliases, &["ann", "ben"]), told("5", Some("ann;ben")));
    assert_eq!(push(&oppo(), Shape::All, &[""]), told("1", None));
    let tags = Tags { none: vec!["c".into()], ..Tags::any(["a", "b"]) };
    let target = tags.to_target();
    assert_eq!(push(&oppo(), Shape::Tags, &[target.as_str()]), told("6", Some(r#"{"or":["a","b"],"not":["c"]}"#)));
    assert!(sent(&oppo(), json!({}), Shape::Aliases, &["a;b"]).unwrap_err().text.contains("semicolons"));
    assert!(sent(&oppo(), json!({}), Shape::Tags, &["{}"]).is_err(), "nobody must not become everybody");
    let scheduled = try_encode(&oppo(), json!({"send_at": "2023-11-15T00:00:00Z"}), Shape::All).unwrap();
    assert!(
        String::from_utf8_lossy(scheduled.body.literal()).contains("push_time_type=1&push_start_time=1700006400000")
    );
    // An id drops repeats of single messages only.
    let lost = try_encode(&broadcasting, json!({"id": "n"}), Shape::List).unwrap().losses;
    assert_eq!(lost[0].field.as_str(), "id");
}

fn decode(oppo: &Oppo, shape: Shape, body: Value, targets: &[&str]) -> Vec<Verdict> {
    let encoded = try_encode(oppo, json!({}), shape).unwrap();
    let targets: Vec<Target> = targets.iter().map(|target| Target::from(*target)).collect();
    let items: Vec<Item<'_>> = targets.iter().map(|target| Item { encoded: &encoded, target }).collect();
    let set = Set { shape, items: &items, ticket: "5e8d", request_id: "" };
    match oppo.decode(&Reply::new(200, body.to_string()), &set) {
        Outcome::Whole(verdict) => vec![verdict; items.len()],
        Outcome::Each(verdicts) => verdicts,
    }
}

fn class(verdict: &Verdict) -> Option<Class> {
    verdict.refusal().map(|refusal| refusal.class)
}

#[test]
fn answers() {
    let one = decode(&oppo(), Shape::One, json!({"code": 0, "data": {"messageId": "m-1"}}), &["a"]);
    assert_eq!(one[0].message_id(), Some("m-1"));
    let data = json!([{"messageId": "m-2", "registrationId": "b"},
        {"registrationId": "a", "errorCode": 10000, "errorMessage": "Invalid"}]);
    let batch = decode(&oppo(), Shape::List, json!({"code": 0, "data": data}), &["a", "b", "c"]);
    assert_eq!((class(&batch[0]), batch[1].message_id()), (Some(Class::InvalidToken), Some("m-2")));
    assert_eq!(batch[2], Verdict::Unsure(None), "nothing was said of it");
    let broadcasting = with(|config| config.broadcast = true);
    let data = json!({"message_id": "5e8d", "task_id": "9", "10000": ["b"]});
    let list = decode(&broadcasting, Shape::List, json!({"code": 0, "data": data}), &["a", "b"]);
    assert_eq!((list[0].message_id(), class(&list[1])), (Some("5e8d"), Some(Class::InvalidToken)));
}

#[test]
fn whole_refusals_never_condemn_a_batch() {
    for data in [json!(null), json!({})] {
        let refused = decode(&oppo(), Shape::List, json!({"code": 10000, "message": "x", "data": data}), &["a", "b"]);
        let refusal = refused[0].refusal().unwrap();
        assert_eq!((refusal.class, refusal.remedy), (Class::InvalidRequest, Remedy::Split));
    }
    let alone = decode(&oppo(), Shape::One, json!({"code": 10000, "message": "x"}), &["a"]);
    assert_eq!(class(&alone[0]), Some(Class::InvalidToken));
    let spoilt = decode(&oppo(), Shape::List, json!({"code": 41, "message": "x"}), &["a", "b"]);
    assert_eq!(spoilt[0].refusal().unwrap().remedy, Remedy::Split);
}

#[test]
fn every_documented_code_has_a_row() {
    let documented = "-2 -1 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 40 41 42 51 54 55 \
                      59 67 69 10000 10001 10002 10003 10004 10005";
    let rows: Vec<&str> = response::CODES.iter().map(|row| row.code).collect();
    assert_eq!(rows, documented.split_whitespace().collect::<Vec<_>>());
}

#[test]
fn operations() {
    let call = |operation: &Operation| oppo().operation(operation, &mut cx());
    let alias = |name: &str| Operation::Subscribe { to: Group::Alias(name.into()), targets: vec!["CN_1".into()] };
    let set = call(&alias("ann")).unwrap();
    assert_eq!(set.url.as_str(), "https://api-device.push.heytapmobi.com/server/v1/device/set_alias");
    assert_eq!(&set.body[..], br#"{"registration_id":"CN_1","alias":"ann"}"#);
    assert!(call(&alias("a;b")).is_err());
    let dead = call(&Operation::DeadTargets).unwrap();
    let url = "https://feedback.push.oppomobile.com/server/v1/feedback/fetch_invalid_regidList";
    assert_eq!((dead.url.as_str(), dead.method.as_str()), (url, "GET"));
    let args = json!({"message_id": "m", "task_id": "t"}).as_object().cloned().unwrap();
    let own = Operation::Own { name: "statistics".into(), targets: Vec::new(), args };
    assert_eq!(&call(&own).unwrap().body[..], b"message_id=m&task_id=t");

    let image = |bytes: usize, size| {
        let (file_name, media_type) = ("a\".png".to_owned(), "image/png".to_owned());
        Operation::UploadImage(Image { file_name, media_type, bytes: vec![b'x'; bytes].into(), size })
    };
    let upload = call(&image(3, ImageSize::Large)).unwrap();
    assert_eq!(upload.url.as_str(), "https://api-media.push.heytapmobi.com/server/v1/media/upload/big_picture");
    let boundary = format!("omnipush{}", "07".repeat(16));
    let body = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"picture_ttl\"\r\n\r\n0\r\n--{boundary}\r\n\
         Content-Disposition: form-data; name=\"file\"; filename=\"a_.png\"\r\nContent-Type: image/png\r\n\r\nxxx\r\n\
         --{boundary}--\r\n"
    );
    assert_eq!(std::str::from_utf8(&upload.body).unwrap(), body);
    let too_large = call(&image(51_201, ImageSize::Icon)).unwrap_err();
    assert_eq!(too_large.class, Class::PayloadTooLarge);
    assert!(too_large.text.contains("has 51201 bytes; at most 51200"), "{too_large}");

    let found = |operation: &Operation, data: Value| {
        let reply = Reply::new(200, json!({"code": 0, "message": "ok", "data": data}).to_string());
        oppo().operation_reply(operation, &reply).unwrap().found
    };
    assert_eq!(found(&image(1, ImageSize::Icon), json!({"small_picture_id": "p1"})), Found::Id("p1".into()));
    let names = json!({"registration_ids": ["a", "b"], "totalCount": 2});
    assert_eq!(found(&Operation::DeadTargets, names), Found::Names(vec!["a".into(), "b".into()]));
    let Found::Counts(counts) = found(&own, json!({"targetCount": 9, "openCount": "2"})) else { panic!() };
    assert_eq!((counts[0].numbers["targeted"], counts[0].numbers["clicked"]), (9, 2));
}

#[test]
fn callbacks() {
    let body = json!([
        {"messageId": "m-1", "appId": "1", "taskId": "m-1", "registrationIds": "a,b", "eventTime": "1700000000000",
         "param": "p", "eventType": "push_arrive"},
        {"messageId": "m-2", "registrationIds": "c", "eventType": "regid_invalid"},
        {"messageId": "m-3", "registrationIds": "d", "eventType": "user_daily_limit"},
        {"messageId": "m-4", "registrationIds": "e", "eventType": "something_new"}
    ]);
    let read = oppo().receipts(&Callback::new(HeaderMap::new(), body.to_string()), &mut cx()).unwrap().receipts;
    let told: Vec<_> = read.iter().map(|r| (r.event, r.target.as_str(), r.message_id.as_deref().unwrap())).collect();
    let dropped = |reason| Event::Dropped(reason);
    assert_eq!(
        told,
        [
            (Event::Delivered, "a", "m-1"),
            (Event::Delivered, "b", "m-1"),
            (dropped(Reason::InvalidToken), "c", "m-2"),
            (dropped(Reason::Quota), "d", "m-3"),
            (Event::Unknown, "e", "m-4"),
        ]
    );
    assert_eq!((read[0].at_ms, read[0].tag.as_deref()), (Some(1_700_000_000_000), Some("p")));
    assert!(oppo().receipts(&Callback::new(HeaderMap::new(), "{}"), &mut cx()).is_err());
}

/// In the order of the table.
#[test]
fn every_rule_that_a_message_can_break_is_warned_of() {
    let advice = |more: Value| try_encode(&oppo(), more, Shape::One).unwrap().advice;
    let broken = [
        advice(json!({})),
        advice(json!({"category": "IM"})),
        advice(json!({"category": "ORDER"})),
        advice(json!({"category": "ORDER", "priority": "high"})),
    ];
    let tested: Vec<_> = rules::RULES.iter().filter(|rule| rule.breaks.is_some()).map(|rule| rule.says).collect();
    assert_eq!(tested.len(), broken.len());
    for (rule, advice) in tested.iter().zip(broken) {
        assert!(advice.contains(rule), "{rule}");
    }
    assert_eq!(advice(json!({"category": "ORDER", "channel": "orders", "priority": "normal"})), []);
}
