//! Golden vectors by step, the mapping of single fields, and the rules. The suite tests behaviour.

use omnipush_core::{Class, Found, Group, Now, Overflow, Remedy, Secret, Target, Verdict};
use serde_json::{Value, json};

use super::*;

/// The credentials of the worked examples; they are for tests.
fn android() -> Tpns {
    Tpns::new(Config::android("1500001048", Secret::new("0123456789abcdef0123456789abcdef"))).unwrap()
}

fn ios() -> Tpns {
    let key = Secret::new("0123456789abcdef0123456789abcdef");
    Tpns::new(Config::ios("1600001048", key, Environment::Product)).unwrap()
}

fn cx() -> Cx<'static> {
    Cx {
        now: Now::at(1_700_000_000_000),
        rng: Box::leak(Box::new(|b: &mut [u8]| b.fill(7))),
        overflow: Overflow::Refuse,
    }
}

fn try_encode(tpns: &Tpns, more: Value, shape: Shape) -> Result<Encoded, EncodeError> {
    let mut all = json!({"title": "t", "body": "b"});
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let n: Notification = serde_json::from_value(all).unwrap();
    tpns.encode(&n, shape, &mut cx())
}

fn sent(tpns: &Tpns, more: Value, shape: Shape, targets: &[&str]) -> Result<Value, Refusal> {
    let encoded = try_encode(tpns, more, shape).unwrap();
    let targets: Vec<Target> = targets.iter().map(|target| Target::from(*target)).collect();
    let items: Vec<Item<'_>> = targets.iter().map(|target| Item { encoded: &encoded, target }).collect();
    let request = tpns.request(&Set { shape, items: &items, ticket: "", request_id: "" }, &mut cx())?;
    assert_eq!(request.url.as_str(), "https://api.tpns.tencent.com/v3/push/app");
    Ok(serde_json::from_slice(&request.body).unwrap())
}

fn message(tpns: &Tpns, more: Value) -> Value {
    sent(tpns, more, Shape::List, &["a"]).unwrap()["message"].clone()
}

/// The documentation's own example; its key is published.
#[test]
fn the_documented_signature() {
    let body = r#"{"audience_type": "account","platform": "android","message": {"title": "test title","content": "test content","android": { "action": {"action_type": 3,"intent": "xgscheme://com.xg.push/notify_detail?param1=xg"}}},"message_type": "notify","account_list": ["5822f0eee44c3625ef0000bb"] }"#;
    assert_eq!(body.len(), 284);
    let config = Config::android("1500001048", Secret::new("1452fcebae9f3115ba794fb0fff2fd73"));
    let sign = auth::sign_text(&config, body.as_bytes(), 1_565_314_789);
    assert_eq!(sign, "Y2QyMDc3NDY4MmJmNzhiZmRiNDNlMTdkMWQ1ZDU2YjNlNWI3ODlhMTY3MGZjMTUyN2VmNTRjNjVkMmQ3Yjc2ZA==");
}

#[test]
fn a_signature_over_chinese_by_step() {
    let body = r#"{"audience_type":"token","token_list":["0123456789abcdef0123456789abcdef0123"],"message_type":"notify","message":{"title":"Hi","content":"你好"}}"#;
    let config = android().config;
    let mac = omnipush_core::sign::hmac_sha256(&config.secret_key, format!("17000000001500001048{body}").as_bytes());
    assert_eq!(hex::encode(mac), "7e07e6d4dde4b94b760172924141734faa241117e07ac68383f28c7a07bffa3f");
    let sign = auth::sign_text(&config, body.as_bytes(), 1_700_000_000);
    assert_eq!(sign, "N2UwN2U2ZDRkZGU0Yjk0Yjc2MDE3MjkyNDE0MTczNGZhYTI0MTExN2UwN2FjNjgzODNmMjhjN2EwN2JmZmEzZg==");
    // Base64 of the bytes themselves is what the formula in the documentation reads like.
    assert_ne!(sign, "fgfm1N3kuUt2AXKSQUFzT6okERfgesaDg/KMege/+j8=");
    let signed = auth::signature(&config, body.as_bytes(), 1_700_000_000).unwrap();
    let headers: Vec<_> = signed.headers.iter().map(|(n, v)| (n.as_str(), v.to_str().unwrap())).collect();
    assert_eq!(headers, [("accessid", "1500001048"), ("timestamp", "1700000000"), ("sign", sign.as_str())]);
}

#[test]
fn the_least_messages() {
    assert_eq!(
        sent(&android(), json!({}), Shape::List, &["a", "b"]).unwrap(),
        json!({"audience_type": "token_list", "token_list": ["a", "b"], "message_type": "notify",
               "ignore_invalid_token": 1, "expire_time": 86_400, "message": {"title": "t", "content": "b"}})
    );
    assert_eq!(
        sent(&ios(), json!({}), Shape::List, &["a"]).unwrap(),
        json!({"audience_type": "token_list", "token_list": ["a"], "message_type": "notify", "environment": "product",
               "ignore_invalid_token": 1, "expire_time": 86_400,
               "message": {"title": "t", "content": "b", "ios": {"aps": {"mutable-content": 1}}}})
    );
}

#[test]
fn a_full_android_message() {
    let more = json!({
        "image": "https://a.example/i.png", "sound": "ding.mp3", "badge": {"set": 3}, "channel": "chat",
        "category": "IM", "thread": "g", "data": {"k": "v"}, "click": {"url": "app://x?k=v"},
        "vendors": {"tpns": {"show_type": 1, "android": {"xm_ch_id": "x", "vivo_ch_id": "1", "hw_importance": 2}}}
    });
    assert_eq!(
        message(&android(), more),
        json!({"title": "t", "content": "b", "thread_id": "g", "xg_media_resources": "https://a.example/i.png",
               "android": {"n_ch_id": "chat", "xm_ch_id": "x", "vivo_ch_id": "1", "hw_category": "IM",
                           "hw_importance": 2, "badge_type": 3, "ring_raw": "ding", "show_type": 1,
                           "custom_content": "{\"k\":\"v\"}",
                           "action": {"action_type": 3, "intent": "app://x?k=v"}}})
    );
}

#[test]
fn a_full_ios_message_and_a_silent_one() {
    let more = json!({"subtitle": "s", "badge": {"add": 1}, "category": "c", "sound": "none", "data": {"k": "v"},
                      "vendors": {"tpns": {"ios": {"interruption_level": "critical"}}}});
    assert_eq!(
        message(&ios(), more)["ios"],
        json!({"aps": {"alert": {"subtitle": "s"}, "badge_type": -2, "category": "c", "sound": "",
                       "mutable-content": 1, "interruption-level": "critical"}, "custom_content": "{\"k\":\"v\"}"})
    );
    let silent = json!({"kind": "background", "data": {"k": "v"}});
    let body = sent(&ios(), silent.clone(), Shape::List, &["a"]).unwrap();
    assert_eq!(body["message_type"], "message");
    assert_eq!(body["message"], json!({"ios": {"aps": {"content-available": 1}, "custom_content": "{\"k\":\"v\"}"}}));
    let lost: Vec<_> = try_encode(&ios(), silent.clone(), Shape::List).unwrap().losses;
    assert_eq!(lost.iter().map(|loss| loss.field.as_str()).collect::<Vec<_>>(), ["title", "body"]);
    let data = sent(&android(), silent, Shape::List, &["a"]).unwrap();
    assert_eq!((&data["message_type"], &data["message"]["title"]), (&json!("message"), &json!("t")));
}

#[test]
fn clicks() {
    for (click, action) in [
        (json!("app"), json!({"action_type": 1})),
        (json!({"activity": "a.b/.C"}), json!({"action_type": 1, "activity": "a.b.C"})),
        (json!({"url": "https://a.example/"}), json!({"action_type": 2, "browser": {"url": "https://a.example/"}})),
        (json!({"url": "app://x"}), json!({"action_type": 3, "intent": "app://x"})),
        (json!({"action": "a.b.OPEN"}), json!(null)),
    ] {
        assert_eq!(message(&android(), json!({"click": click}))["android"]["action"], action, "{click}");
    }
    for (tpns, click) in [(android(), json!({"intent": "intent:#Intent;end"})), (ios(), json!("app"))] {
        assert_eq!(try_encode(&tpns, json!({"click": click}), Shape::List).unwrap().losses[0].field.as_str(), "click");
    }
}

#[test]
fn times_to_live_are_moved_into_the_range() {
    for (ttl, sent_as) in [(0, 0), (1, 800), (799, 800), (3600, 3600), (999_999, 259_200)] {
        let body = sent(&android(), json!({"ttl_seconds": ttl}), Shape::List, &["a"]).unwrap();
        assert_eq!(body["expire_time"], sent_as, "{ttl}");
    }
}

#[test]
fn other_audiences() {
    let accounts = sent(&android(), json!({}), Shape::Accounts, &["1", "2"]).unwrap();
    assert_eq!((&accounts["audience_type"], &accounts["account_list"]), (&json!("account_list"), &json!(["1", "2"])));
    assert_eq!(accounts.get("ignore_invalid_token"), None);
    let at = json!({"send_at": "2023-11-15T16:30:00Z", "vendors": {"tpns": {"push_speed": 1000}}});
    let all = sent(&android(), at, Shape::All, &[""]).unwrap();
    assert_eq!((&all["audience_type"], &all["send_time"]), (&json!("all"), &json!("2023-11-16 00:30:00")));
    let tags = Tags { none: vec!["c".into()], ..Tags::any(["a", "b"]) };
    let body = sent(&android(), json!({}), Shape::Tags, &[tags.to_target().as_str()]).unwrap();
    let item = |tags: Value, not: bool| {
        json!({"tags": tags, "tags_operator": "OR", "items_operator": "AND", "is_not": not,
               "tag_type": "xg_user_define"})
    };
    let rules = json!([{"tag_items": [item(json!(["a", "b"]), false), item(json!(["c"]), true)], "operator": "OR",
                        "is_not": false}]);
    assert_eq!((&body["audience_type"], &body["tag_rules"]), (&json!("tag"), &rules));
    let package = sent(&android(), json!({}), Shape::Segment, &["account:42"]).unwrap();
    assert_eq!((&package["audience_type"], &package["upload_id"]), (&json!("package_account_push"), &json!(42)));
    for odd in ["42", "user:42", "token:x"] {
        assert!(sent(&android(), json!({}), Shape::Segment, &[odd]).is_err(), "{odd}");
    }
    assert!(sent(&android(), json!({}), Shape::Tags, &["{}"]).is_err());
}

#[test]
fn rules_across_fields() {
    for (tpns, shape, more, part) in [
        (android(), Shape::List, json!({"send_at": "2023-11-15T00:00:00Z"}), "tags, everybody and packages only"),
        (android(), Shape::All, json!({"send_at": "2024-03-15T00:00:00Z"}), "90 days ahead"),
        (android(), Shape::List, json!({"vendors": {"tpns": {"push_speed": 1000}}}), "packages only"),
        (android(), Shape::All, json!({"vendors": {"tpns": {"push_speed": 999}}}), "1000 to 50000"),
        (android(), Shape::List, json!({"vendors": {"tpns": {"ios": {"mutable_content": 1}}}}), "other platform"),
        (ios(), Shape::List, json!({"vendors": {"tpns": {"android": {"lights": 1}}}}), "other platform"),
        (android(), Shape::List, json!({"badge": {"set": 100}}), "is 100; -2 to 99"),
        (android(), Shape::List, json!({"body": "b".repeat(4096)}), "at most 4096 are allowed"),
        (android(), Shape::List, json!({"dry_run": true}), "no dry run"),
        (android(), Shape::List, json!({"title": ""}), "is missing"),
    ] {
        let error = try_encode(&tpns, more.clone(), shape).unwrap_err().to_string();
        assert!(error.contains(part), "{more}: {error}");
    }
    let size = try_encode(&android(), json!({}), Shape::List).unwrap().size;
    assert_eq!(size, Some((r#"{"title":"t","content":"b"}"#.len(), 4096)));
}

fn decode(body: Value, shape: Shape, targets: &[&str]) -> Vec<Verdict> {
    let encoded = try_encode(&android(), json!({}), shape).unwrap();
    let targets: Vec<Target> = targets.iter().map(|target| Target::from(*target)).collect();
    let items: Vec<Item<'_>> = targets.iter().map(|target| Item { encoded: &encoded, target }).collect();
    let set = Set { shape, items: &items, ticket: "", request_id: "" };
    match response::decode(&Reply::new(200, body.to_string()), &set) {
        Outcome::Whole(verdict) => vec![verdict; items.len()],
        Outcome::Each(verdicts) => verdicts,
    }
}

#[test]
fn answers() {
    let ok =
        json!({"seq": 0, "push_id": "427184209", "ret_code": 0, "environment": "dev", "err_msg": "", "result": "[0]"});
    assert_eq!(decode(ok, Shape::List, &["a"])[0].message_id(), Some("427184209"));
    let some = json!({"ret_code": 0, "push_id": ["1", "2"], "invalid_targe_list": ["b"]});
    let verdicts = decode(some, Shape::List, &["a", "b"]);
    assert_eq!((verdicts[0].message_id(), verdicts[1].is_dead_target()), (Some("1,2"), true));
}

#[test]
fn a_list_is_never_condemned_for_one_token() {
    for code in [1_008_029, 10_010_005] {
        let answer = || json!({"ret_code": code, "err_msg": "x"});
        let many = decode(answer(), Shape::List, &["a", "b"]);
        let refusal = many[0].refusal().unwrap();
        assert_eq!((refusal.class, refusal.remedy), (Class::InvalidRequest, Remedy::Split));
        assert!(decode(answer(), Shape::List, &["a"])[0].is_dead_target());
        assert_eq!(decode(answer(), Shape::All, &[""])[0].refusal().unwrap().class, Class::InvalidRequest);
    }
}

#[test]
fn every_documented_code_has_a_row() {
    let documented = "1008001 1008002 1008003 1008004 1008006 1008007 1008011 1008012 1008013 1008015 1008016 1008019 \
                      1008020 1008021 1008022 1008023 1008025 1008026 1008027 1008028 1008029 1008030 1008031 1010001 \
                      10110008 10010005 10010012 10010018 10030002";
    let rows: Vec<&str> = response::CODES.iter().map(|row| row.code).collect();
    assert_eq!(rows, documented.split_whitespace().collect::<Vec<_>>());
}

#[test]
fn operations() {
    let call = |operation: &Operation| {
        let request = android().operation(operation, &mut cx()).unwrap();
        let path = request.url.as_str().replace("https://api.tpns.tencent.com/v3", "");
        (path, serde_json::from_slice::<Value>(&request.body).unwrap_or_default())
    };
    let targets = || vec![Target::from("k1"), Target::from("k2")];
    let tag = || Group::Tag("vip".into());
    let pairs = json!([{"tag": "vip", "token": "k1"}, {"tag": "vip", "token": "k2"}]);
    assert_eq!(
        call(&Operation::Subscribe { to: tag(), targets: targets() }),
        ("/device/tag".into(), json!({"operator_type": 9, "tag_token_list": pairs}))
    );
    assert_eq!(call(&Operation::Unsubscribe { from: tag(), targets: targets() }).1["operator_type"], 10);
    let account = || Group::Account("10001".into());
    let bound = json!([{"token": "k1", "account_list": [{"account": "10001"}]},
                       {"token": "k2", "account_list": [{"account": "10001"}]}]);
    assert_eq!(
        call(&Operation::Subscribe { to: account(), targets: targets() }),
        ("/device/account/batchoperate".into(), json!({"operator_type": 2, "token_accounts": bound}))
    );
    assert_eq!(call(&Operation::Unsubscribe { from: account(), targets: targets() }).1["operator_type"], 3);
    let all = json!({"operator_type": 5, "account_list": [{"account": "10001", "account_type": 0}]});
    assert_eq!(call(&Operation::DeleteGroup { group: account() }).1, all);
    let own = |name: &str, targets, args: Value| Operation::Own {
        name: name.into(),
        targets,
        args: args.as_object().cloned().unwrap(),
    };
    let unbind = own("unbind_all", targets(), json!({}));
    assert_eq!(call(&unbind).1, json!({"operator_type": 4, "token_list": ["k1", "k2"]}));
    let upload = own("package_upload", Vec::new(), json!({"file_name": "a.txt", "file": "k1\nk2"}));
    let request = android().operation(&upload, &mut cx()).unwrap();
    assert!(request.url.as_str().ends_with("/v3/push/package/upload"));
    assert!(String::from_utf8_lossy(&request.body).contains("name=\"file\"; filename=\"a.txt\""));
    for answer in [json!({"retCode": 0, "errMsg": "", "uploadId": 42}), json!({"ret_code": 0, "upload_id": 42})] {
        let reply = Reply::new(200, answer.to_string());
        assert_eq!(android().operation_reply(&upload, &reply).unwrap().found, Found::Id("42".into()));
    }
    let partly = json!({"ret_code": 1_008_026, "err_msg": "batch op,partly error", "result": ["0", "1008006"]});
    let answer = android().operation_reply(&unbind, &Reply::new(200, partly.to_string())).unwrap();
    assert!(answer.verdicts[0].is_accepted() && answer.verdicts[1].is_dead_target());
    // What failed as a whole is not good for a target, whatever its number says.
    let whole = json!({"ret_code": 1_008_003, "err_msg": "auth failure", "result": ["0", "0"]});
    let refused = android().operation_reply(&unbind, &Reply::new(200, whole.to_string())).unwrap_err();
    assert_eq!(refused.class, Class::Unauthenticated);
    let query = own("account_query", Vec::new(), json!({"operator_type": 2, "token_list": ["k1"]}));
    assert_eq!(call(&query), ("/device/account/query".into(), json!({"operator_type": 2, "token_list": ["k1"]})));
    let told = json!({"retCode": 0, "result": ["0"], "token_accounts": [{"token": "k1", "account_list": []}]});
    let answer = android().operation_reply(&query, &Reply::new(200, told.to_string())).unwrap();
    assert_eq!(answer.found, Found::Other(told));
    let refused = Reply::new(200, json!({"retCode": 10_110_008, "errMsg": "no token,no account"}).to_string());
    assert_eq!(android().operation_reply(&unbind, &refused).unwrap_err().class, Class::InvalidToken);
}

#[test]
fn settings_are_checked_by_name() {
    let key = |config: Config| Tpns::new(config).unwrap_err().key;
    assert_eq!(key(Config::android("x", Secret::new("s"))), "access_id");
    assert_eq!(key(Config::android("1", Secret::new(""))), "secret_key");
    let mut config = Config::android("1", Secret::new("s"));
    config.platform = Platform::Ios;
    assert_eq!(key(config), "environment");
}

#[test]
fn tags_may_be_of_those_that_tpns_gives() {
    let of = |kind: &str| json!({"vendors": {"tpns": {"tag_type": kind}}});
    let tags = omnipush_core::Tags::any(["guangdong"]).to_target();
    let body = sent(&android(), of("xg_auto_province"), Shape::Tags, &[tags.as_str()]).unwrap();
    assert_eq!(body["tag_rules"][0]["tag_items"][0]["tag_type"], "xg_auto_province");
    let error = try_encode(&android(), of("xg_auto_verison"), Shape::Tags).unwrap_err().to_string();
    assert!(error.contains("tag_rules.tag_type") && error.contains("xg_auto_version"), "{error}");
}

/// In the order of the table.
#[test]
fn every_rule_that_a_message_can_break_is_warned_of() {
    let advice = |tpns: &Tpns, more: Value, shape| try_encode(tpns, more, shape).unwrap().advice;
    let channels = json!({"xm_ch_id": "1", "oppo_ch_id": "2", "vivo_ch_id": "1"});
    let good = |more: Value| {
        let mut all = json!({"category": "IM", "vendors": {"tpns": {"android": channels}}});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        advice(&android(), all, Shape::List)
    };
    let bare = || advice(&android(), json!({}), Shape::List);
    let broken = [
        bare(),
        bare(),
        bare(),
        bare(),
        good(json!({"data": {"a": "b"}})),
        good(json!({"body": "b".repeat(81)})),
        advice(&android(), json!({"kind": "background"}), Shape::List),
        advice(&ios(), json!({}), Shape::All),
    ];
    let tested: Vec<_> = rules::RULES.iter().filter(|rule| rule.breaks.is_some()).map(|rule| rule.says).collect();
    assert_eq!(tested.len(), broken.len());
    for (rule, advice) in tested.iter().zip(broken) {
        assert!(advice.contains(rule), "{rule}");
    }
    assert_eq!(good(json!({})), []);
    assert_eq!(advice(&ios(), json!({"data": {"a": "b"}}), Shape::List), []);
}
