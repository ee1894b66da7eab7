//! Golden vectors by step, the mapping of single fields, and the rules. The suite tests behaviour.

use std::time::Duration;

use omnipush_core::http::HeaderMap;
use omnipush_core::{
    Class, Cx, Encoded, Event, Item, Now, Overflow, Pause, Reason, Remedy, Scope, Secret, Target, Verdict,
};
use serde_json::{Value, json};

use super::*;

/// The credentials of the worked example; they are for tests.
fn config() -> Config {
    Config::new("104400001", "220000001", Secret::new("a+b/c=d"))
}

fn honor() -> Honor {
    Honor::new(config()).unwrap()
}

/// With the settings that some fields need.
fn full() -> Honor {
    let mut config = config();
    config.package_name = Some("com.example.app".into());
    config.badge_class = Some("com.example.app/.Main".try_into().unwrap());
    Honor::new(config).unwrap()
}

fn cx(overflow: Overflow) -> Cx<'static> {
    Cx { now: Now::at(1_700_000_000_123), rng: Box::leak(Box::new(|_: &mut [u8]| {})), overflow }
}

fn try_encode(honor: &Honor, more: Value, overflow: Overflow) -> Result<Encoded, EncodeError> {
    let mut all = json!({"title": "t", "body": "b"});
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let n: Notification = serde_json::from_value(all).unwrap();
    honor.encode(&n, Shape::List, &mut cx(overflow))
}

fn encode(more: Value) -> Encoded {
    try_encode(&full(), more, Overflow::Refuse).unwrap()
}

fn lost(encoded: &Encoded) -> Vec<&'static str> {
    encoded.losses.iter().map(|loss| loss.field.as_str()).collect()
}

fn with_set<T>(encoded: &Encoded, tokens: &[&str], then: impl FnOnce(&Set<'_>) -> T) -> T {
    let targets: Vec<Target> = tokens.iter().map(|token| Target::from(*token)).collect();
    let items: Vec<Item<'_>> = targets.iter().map(|target| Item { encoded, target }).collect();
    then(&Set { shape: Shape::List, items: &items, ticket: "", request_id: "" })
}

fn sent(encoded: &Encoded) -> Value {
    let request = with_set(encoded, &["r1"], |set| honor().request(set, &mut cx(Overflow::Refuse)).unwrap());
    serde_json::from_slice(&request.body).unwrap()
}

/// What is shown of a notification.
fn shown(more: Value) -> Value {
    sent(&encode(more))["android"]["notification"].clone()
}

fn verdicts(status: u16, body: Value, tokens: &[&str]) -> Vec<Verdict> {
    let reply = Reply::new(status, body.to_string());
    match with_set(&encode(json!({})), tokens, |set| honor().decode(&reply, set)) {
        Outcome::Whole(verdict) => vec![verdict; tokens.len()],
        Outcome::Each(verdicts) => verdicts,
    }
}

fn verdict(status: u16, body: Value) -> Verdict {
    verdicts(status, body, &["r1"]).remove(0)
}

#[test]
fn the_form_of_a_sign_in() {
    let TokenStep::Exchange(request) = honor().token("push", &mut cx(Overflow::Refuse)).unwrap() else {
        panic!("it is asked for")
    };
    assert_eq!(request.body, "grant_type=client_credentials&client_id=220000001&client_secret=a%2Bb%2Fc%3Dd");
    assert_eq!(request.url.as_str(), "https://iam.developer.honor.com/auth/token");
    assert_eq!(request.headers[0].1, "application/x-www-form-urlencoded");
    assert!(honor().sign(&request, &mut cx(Overflow::Refuse)).unwrap().headers.is_empty());
}

#[test]
fn the_answer_of_a_sign_in() {
    let grant = |status, body: Value| auth::grant(&Reply::new(status, body.to_string()));
    let good = grant(200, json!({"access_token": "at", "expires_in": 7200, "token_type": "Bearer"})).unwrap();
    assert_eq!((good.value.expose(), good.lifetime.as_secs()), ("at", 7200));
    assert_eq!(grant(200, json!({"access_token": "at"})).unwrap().lifetime.as_secs(), 3600);
    for (status, error) in [(401, json!("invalid_client")), (400, json!("unauthorized_client")), (400, json!(1101))] {
        let refusal = grant(status, json!({"error": error, "error_description": "no"})).unwrap_err();
        assert_eq!((refusal.class, refusal.remedy), (Class::Unauthenticated, Remedy::Stand), "{refusal}");
        assert_eq!((&*refusal.text, refusal.scope), ("no", Scope::Lane));
    }
    assert_eq!(grant(500, json!({"error": "unknown_error"})).unwrap_err().remedy, Remedy::Again);
    let none = grant(200, json!({"access_token": "", "secret": "s3cret"})).unwrap_err();
    assert_eq!((none.class, none.remedy), (Class::Unavailable, Remedy::Again));
    assert!(!none.text.contains("s3cret"));
}

#[test]
fn a_whole_request() {
    let encoded = encode(json!({}));
    let request = with_set(&encoded, &["r1", "r2"], |set| honor().request(set, &mut cx(Overflow::Refuse)).unwrap());
    assert_eq!(request.url.as_str(), "https://push-api.cloud.honor.com/api/v1/104400001/sendMessage");
    assert_eq!(request.headers[0].1, "application/json; charset=UTF-8");
    assert_eq!(request.scope.as_deref(), Some("push"));
    assert_eq!(
        request.body,
        r#"{"token":["r1","r2"],"android":{"notification":{"title":"t","body":"b","clickAction":{"type":3},"importance":"LOW"}}}"#
    );
    let signature = honor().sign(&request, &mut cx(Overflow::Refuse)).unwrap();
    let (name, value) = &signature.headers[0];
    assert_eq!((name.as_str(), value.to_str().unwrap()), ("timestamp", "1700000000123"));
}

#[test]
fn a_message_with_everything() {
    let encoded = encode(json!({
        "image": "https://example.com/a.png", "badge": {"set": 3}, "category": "NORMAL", "ttl_seconds": 3600,
        "click": {"url": "https://example.com/a"}, "data": {"z": "1", "a": "中\""}, "collapse_key": "k", "thread": "g",
        "id": "n-1", "vendors": {"honor": {
            "target_user_type": 1, "style": 1, "when": "2014-10-02T15:01:23.045123456Z", "notify_id": 7,
            "buttons": [
                {"name": "Home"},
                {"name": "Page", "click": {"action": "a.b.OPEN"}, "data": {"k": "v"}},
                {"name": "Web", "click": {"url": "https://example.com/b"}},
            ],
        }},
    }));
    assert_eq!(lost(&encoded), [""; 0]);
    assert!(encoded.advice.is_empty());
    assert_eq!(
        sent(&encoded),
        json!({
            "token": ["r1"], "data": r#"{"z":"1","a":"中\""}"#,
            "android": {"ttl": "3600s", "biTag": "n-1", "targetUserType": 1, "notification": {
                "title": "t", "body": "b", "clickAction": {"type": 2, "url": "https://example.com/a"},
                "importance": "NORMAL", "image": "https://example.com/a.png", "style": 1, "bigTitle": "t", "bigBody": "b",
                "when": "2014-10-02T15:01:23.045123456Z",
                "buttons": [
                    {"name": "Home", "actionType": 0},
                    {"name": "Page", "actionType": 1, "intentType": 1, "intent": "a.b.OPEN", "data": r#"{"k":"v"}"#},
                    {"name": "Web", "actionType": 2, "intent": "https://example.com/b"},
                ],
                "badge": {"setNum": 3, "badgeClass": "com.example.app.Main"}, "notifyId": 7, "tag": "k", "group": "g",
            }},
        })
    );
}

#[test]
fn a_data_only_message_has_no_notification() {
    let n = json!({"kind": "background", "data": {"k": "v"}, "ttl_seconds": 60, "click": "app", "collapse_key": "k"});
    let encoded = encode(n);
    assert_eq!(sent(&encoded), json!({"token": ["r1"], "data": r#"{"k":"v"}"#, "android": {"ttl": "60s"}}));
    assert_eq!(lost(&encoded), ["title", "body", "click", "collapse_key"]);
    let raw = encode(json!({"kind": "background", "vendors": {"honor": {"data": "not JSON"}}}));
    assert_eq!(sent(&raw)["data"], "not JSON");
}

#[test]
fn clicks() {
    let intent = "intent:#Intent;component=a.b/.C;end";
    for (click, wire) in [
        (json!("app"), json!({"type": 3})),
        (json!({"url": "https://example.com/a"}), json!({"type": 2, "url": "https://example.com/a"})),
        (json!({"url": "myapp://a?b=c"}), json!({"type": 1, "intent": "myapp://a?b=c"})),
        (json!({"intent": intent}), json!({"type": 1, "intent": intent})),
        (json!({"activity": "a.b/.C"}), json!({"type": 1, "intent": intent})),
        (
            json!({"activity": "a.b.C"}),
            json!({"type": 1, "intent": "intent:#Intent;component=com.example.app/a.b.C;end"}),
        ),
        (json!({"action": "a.b.OPEN"}), json!({"type": 1, "action": "a.b.OPEN"})),
    ] {
        let encoded = encode(json!({"click": click}));
        assert_eq!(sent(&encoded)["android"]["notification"]["clickAction"], wire);
        assert_eq!(lost(&encoded), [""; 0], "{click}");
    }
    let http = encode(json!({"click": {"url": "http://example.com/a"}}));
    assert_eq!(sent(&http)["android"]["notification"]["clickAction"], json!({"type": 3}));
    assert_eq!(lost(&http), ["click"]);
}

#[test]
fn the_class_is_named_or_low() {
    for (n, class, losses) in [
        (json!({"category": "NORMAL"}), "NORMAL", 0),
        (json!({"category": "IM"}), "LOW", 1),
        (json!({"category": "LOW", "vendors": {"honor": {"importance": "NORMAL"}}}), "NORMAL", 0),
        (json!({"priority": "high"}), "LOW", 1),
    ] {
        let encoded = encode(n.clone());
        assert_eq!(sent(&encoded)["android"]["notification"]["importance"], class, "{n}");
        assert_eq!(encoded.losses.len(), losses, "{n}");
    }
    assert_eq!(encode(json!({})).advice.len(), 1);
    let mut config = config();
    config.importance = Some(Importance::Normal);
    let encoded = try_encode(&Honor::new(config).unwrap(), json!({}), Overflow::Refuse).unwrap();
    assert_eq!((encoded.advice.len(), &sent(&encoded)["android"]["notification"]["importance"]), (0, &json!("NORMAL")));
}

#[test]
fn pictures_badges_and_other_losses() {
    assert_eq!(lost(&encode(json!({"image": "https://a.b/c.png"}))), ["image"]);
    assert_eq!(lost(&encode(json!({"image": "http://a.b/c.png", "category": "NORMAL"}))), ["image"]);
    let without = try_encode(&honor(), json!({"badge": {"set": 1}}), Overflow::Refuse).unwrap();
    assert_eq!(lost(&without), ["badge"]);
    assert_eq!(
        shown(json!({"badge": {"add": 2}}))["badge"],
        json!({"addNum": 2, "badgeClass": "com.example.app.Main"})
    );
    assert_eq!(shown(json!({"badge": {"set": 0}}))["badge"]["setNum"], 0);
    let nothing = encode(json!({"badge": {"add": 0}}));
    assert_eq!((lost(&nothing).len(), sent(&nothing)["android"]["notification"].get("badge")), (0, None));
    let many = encode(json!({"badge": {"set": 100}}));
    assert_eq!((many.cuts[0].from, many.cuts[0].to), (100, 99));
    let rest = json!({"subtitle": "s", "sound": "default", "channel": "c"});
    assert_eq!(lost(&encode(rest)), ["subtitle", "sound", "channel"]);
    let own = json!({"id": "n-1", "data": {"k": "v"}, "vendors": {"honor": {"bi_tag": "t", "data": "{}"}}});
    let encoded = encode(own);
    assert_eq!(lost(&encoded), ["data", "id"]);
    assert_eq!((&sent(&encoded)["data"], &sent(&encoded)["android"]["biTag"]), (&json!("{}"), &json!("t")));
}

#[test]
fn every_field_is_used_or_lost_with_a_reason() {
    let manual = honor().manual();
    for field in omnipush_core::Field::ALL {
        let used = manual.fields.iter().any(|row| row.uses.has(field)) || field.as_str() == "kind";
        assert!(used || payload::LOST.iter().any(|lost| lost.field == field), "{field}");
    }
}

#[test]
fn a_time_to_live_is_moved_into_the_range() {
    for (seconds, wire) in [(0, "1s"), (1, "1s"), (86_400, "86400s"), (1_296_001, "1296000s")] {
        let encoded = encode(json!({"ttl_seconds": seconds}));
        assert_eq!(sent(&encoded)["android"]["ttl"], wire);
        assert_eq!(encoded.cuts.is_empty(), format!("{seconds}s") == wire);
    }
    assert_eq!(sent(&encode(json!({})))["android"].get("ttl"), None);
}

#[test]
fn long_texts_are_refused_or_cut_alike() {
    let long = json!({"title": "中".repeat(41), "body": "b".repeat(257), "vendors": {"honor": {"style": 1}}});
    let error = try_encode(&full(), long.clone(), Overflow::Refuse).unwrap_err().to_string();
    assert!(
        error.contains("has 41 characters; at most 40") && error.contains("has 257 characters; at most 256"),
        "{error}"
    );
    let cut = sent(&try_encode(&full(), long, Overflow::Truncate).unwrap())["android"]["notification"].clone();
    assert_eq!((&cut["bigTitle"], &cut["bigBody"]), (&cut["title"], &cut["body"]));
    assert_eq!(cut["title"], "中".repeat(40));
}

#[test]
fn rules_across_fields() {
    let button = |button: Value| json!({"vendors": {"honor": {"buttons": [button]}}});
    let web = json!({"url": "https://a.b"});
    for (n, part) in [
        (json!({"dry_run": true}), "no dry run"),
        (json!({"send_at": "2030-01-01T00:00:00Z"}), "no schedule"),
        (json!({"title": null}), "title (`android.notification.title`): is missing"),
        (json!({"kind": "background"}), "data: is missing"),
        (json!({"click": {"activity": "a.b.C"}}), "needs a package"),
        (json!({"vendors": {"honor": {"data": "text"}}}), "must be JSON"),
        (json!({"vendors": {"honor": {"importance": "HIGH"}}}), "unknown variant `HIGH`"),
        (json!({"vendors": {"honor": {"bitag": "x"}}}), "unknown field `bitag`"),
        (json!({"vendors": {"honor": {"style": 2}}}), "is 2; 0 to 1"),
        (json!({"vendors": {"honor": {"target_user_type": 2}}}), "is 2; 0 to 1"),
        (json!({"vendors": {"honor": {"notify_id": -2}}}), "is -2; -1 to 2147483647"),
        (json!({"vendors": {"honor": {"buttons": vec![json!({"name": "b"}); 4]}}}), "has 4 entries; at most 3"),
        (button(json!({"name": " "})), "buttons[0].name`: is missing"),
        (button(json!({"name": "b".repeat(41)})), "has 41 characters; at most 40"),
        (button(json!({"name": "b", "data": {"k": "v".repeat(1024)}})), "has 1032 bytes; at most 1024"),
        (button(json!({"name": "b", "click": web, "data": {"k": "v"}})), "gets no data"),
        (button(json!({"name": "b", "click": {"url": "http://a.b"}})), "must be https"),
        (button(json!({"name": "b", "click": {"activity": "a.b.C"}})), "needs a package"),
    ] {
        let error = try_encode(&honor(), n.clone(), Overflow::Refuse).unwrap_err().to_string();
        assert!(error.contains(part), "{n}: {error}");
    }
}

#[test]
fn settings() {
    let url = |endpoint: &str| {
        let mut config = config();
        config.token_endpoint = Some(endpoint.into());
        config.endpoint = Some(endpoint.into());
        (config.token_url(), config.send_url())
    };
    let paths = ("http://127.0.0.1:1/auth/token", "http://127.0.0.1:1/api/v1/104400001/sendMessage");
    for server in ["http://127.0.0.1:1", "http://127.0.0.1:1/"] {
        let (token, send) = url(server);
        assert_eq!((token.as_str(), send.as_str()), paths);
    }
    assert_eq!(url("https://a.b/auth/realms/x").0, "https://a.b/auth/realms/x");
    for (id, client, secret, key) in [
        ("", "1", "s3cret", "app_id"),
        ("1/2", "1", "s3cret", "app_id"),
        ("1", "", "s", "client_id"),
        ("1", "1", "", "client_secret"),
    ] {
        let error = Honor::new(Config::new(id, client, Secret::new(secret))).unwrap_err();
        assert_eq!(error.key, key);
    }
    assert!(!format!("{:?}", honor()).contains("a+b/c=d"));
}

#[test]
fn accepted() {
    let answer = json!({"code": 200, "message": "success", "data": {"sendResult": true, "requestId": "req-1"}});
    assert_eq!(verdict(200, answer).message_id(), Some("req-1"));
    assert_eq!(verdict(200, json!({"code": "200", "data": null})), Verdict::ACCEPTED);
    let refused = verdict(200, json!({"code": 200, "message": "m", "data": {"sendResult": false}}));
    assert_eq!(refused.refusal().map(|r| (r.class, &*r.code, &*r.text)), Some((Class::Unknown, "sendResult", "m")));
}

#[test]
fn only_expired_tokens_are_dead() {
    for code in [200, 80_100_000] {
        let data = json!({"sendResult": true, "requestId": "req-1", "failTokens": ["a", "b", "never sent"],
                          "expireTokens": ["b", "c"]});
        let all = verdicts(200, json!({"code": code, "message": "m", "data": data}), &["a", "b", "c", "d"]);
        let classes: Vec<Option<Class>> = all.iter().map(|v| v.refusal().map(|r| r.class)).collect();
        use Class::{InvalidToken, Unknown};
        assert_eq!(classes, [Some(Unknown), Some(InvalidToken), Some(InvalidToken), None], "{code}");
        assert_eq!(all[3].message_id(), Some("req-1"));
    }
    let data = json!({"failTokens": ["a", "b"], "expireTokens": ["b"]});
    let all = verdicts(200, json!({"code": 80_300_007, "message": "m", "data": data}), &["a", "b"]);
    let told: Vec<(Class, &str)> = all.iter().filter_map(|v| v.refusal().map(|r| (r.class, &*r.code))).collect();
    assert_eq!(told, [(Class::Unknown, "80300007"), (Class::InvalidToken, "expireTokens")]);
}

#[test]
fn what_may_have_been_taken_is_unsure() {
    for (status, answer) in [
        (200, json!({"code": 80_100_000, "data": {}})),
        (200, json!({"code": 80_100_000, "data": {"sendResult": false, "failTokens": ["other"]}})),
        (200, json!({"code": 500})),
        (200, json!({"code": 502})),
        (504, json!({"code": 504})),
        (500, json!({"code": 12_345_678})),
        (500, json!({"code": 200, "data": {"sendResult": true}})),
        (200, json!({"code": 200, "data": "what?"})),
        (200, json!({"msg": "no code"})),
        (502, json!("no object")),
    ] {
        assert!(matches!(verdict(status, answer.clone()), Verdict::Unsure(Some(_))), "{status} {answer}");
    }
}

#[test]
fn codes_are_found_by_number_range_and_status() {
    use Class::*;
    for (status, answer, class, remedy) in [
        (200, json!({"code": 400, "message": "m"}), InvalidRequest, Remedy::Stand),
        (200, json!({"code": "401"}), Unauthenticated, Remedy::NewToken),
        (401, json!({"code": 401, "data": "x"}), Unauthenticated, Remedy::NewToken),
        (401, json!({"error": "invalid_token"}), Unauthenticated, Remedy::NewToken),
        (401, json!({"code": 7}), Unauthenticated, Remedy::NewToken),
        (200, json!({"code": 403}), PermissionDenied, Remedy::Stand),
        (200, json!({"code": 404}), InvalidRequest, Remedy::Stand),
        (200, json!({"code": 80_100_003}), InvalidRequest, Remedy::Stand),
        (200, json!({"code": 80_200_003}), Unauthenticated, Remedy::NewToken),
        (200, json!({"code": 80_300_007}), Unknown, Remedy::Stand),
        (200, json!({"code": 80_300_008}), PayloadTooLarge, Remedy::Stand),
        (200, json!({"code": 80_000_000}), Unknown, Remedy::Stand),
        (200, json!({"code": 0}), Unknown, Remedy::Stand),
        (413, json!("too large"), PayloadTooLarge, Remedy::Stand),
        (503, json!("busy"), RateLimited, Remedy::Pause(Pause::For(Duration::from_secs(1)))),
    ] {
        let verdict = verdict(status, answer.clone());
        let Verdict::Refused(refusal) = &verdict else { panic!("{answer}: {verdict:?}") };
        assert_eq!((refusal.class, refusal.remedy), (class, remedy), "{status} {answer}");
        let code = answer["code"].to_string();
        assert!(refusal.code.is_empty() || *refusal.code == *code.trim_matches('"'), "{answer}: {refusal}");
    }
    for code in [429, 503] {
        let verdict = verdict(200, json!({"code": code}));
        let refusal = verdict.refusal().unwrap();
        assert!(matches!((refusal.class, refusal.remedy, refusal.scope), (RateLimited, Remedy::Pause(_), Scope::Lane)));
    }
}

#[test]
fn every_known_code_has_a_row() {
    for code in [
        "80100000",
        "400",
        "401",
        "403",
        "404",
        "429",
        "500",
        "502",
        "503",
        "504",
        "80300007",
        "80300008",
        "801xxxxx",
        "802xxxxx",
        "expireTokens",
        "failTokens",
        "invalid_client",
        "unauthorized_client",
    ] {
        assert!(omnipush_core::codes::find(response::CODES, code).is_some(), "{code}");
    }
}

#[test]
fn a_callback_holds_a_receipt_for_each_status() {
    let body = r#"{"statuses":[
        {"token":"a","biTag":"n-1","status":40000002,"timestamp":1700000000000,"appid":"1","requestId":"r1"},
        {"token":"b","biTag":"","status":"40000004","timestamp":1700000000001,"requestId":"r1"},
        {"token":"c","status":49999999}]}"#;
    let callback = Callback::new(HeaderMap::new(), body);
    let mut cx = Cx { now: Now::at(0), rng: &mut |_| {}, overflow: Overflow::Refuse };
    let read = honor().receipts(&callback, &mut cx).unwrap();
    assert_eq!(&read.answer[..], br#"{"code":"0","message":"success"}"#);
    assert!(!read.proven);
    let told: Vec<_> = read
        .receipts
        .iter()
        .map(|r| (r.event, r.target.as_str(), r.message_id.as_deref(), r.tag.as_deref(), r.at_ms, &*r.code))
        .collect();
    let (gone, at) = (Event::Dropped(Reason::InvalidToken), 1_700_000_000_000);
    assert_eq!(
        told,
        [
            (Event::Delivered, "a", Some("r1"), Some("n-1"), Some(at), "40000002"),
            (gone, "b", Some("r1"), None, Some(at + 1), "40000004"),
            (Event::Unknown, "c", None, None, None, "49999999"),
        ]
    );
    for garbage in ["", "{}", "[]", r#"{"statuses":[{}]}"#] {
        assert!(honor().receipts(&Callback::new(HeaderMap::new(), garbage), &mut cx).is_err(), "{garbage}");
    }
}

#[test]
fn every_documented_code_of_receipts_has_a_row() {
    let documented = "40000001 40000002 40000003 40000004 40000005 40000006 40000007 40000009 40000011 40000013 \
                      40000014 40000015 50000003";
    let rows: Vec<_> = crate::receipts::CODES.iter().map(|row| row.code).collect();
    assert_eq!(rows, documented.split_whitespace().collect::<Vec<_>>());
}

/// In the order of the table.
#[test]
fn every_rule_that_a_message_can_break_is_warned_of() {
    let advice = |more: Value, now_ms| {
        let mut all = json!({"title": "t", "body": "b"});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let n: Notification = serde_json::from_value(all).unwrap();
        honor().encode(&n, Shape::List, &mut Cx { now: Now::at(now_ms), ..cx(Overflow::Refuse) }).unwrap().advice
    };
    let (morning, night) = (1_700_000_000_000, 1_699_990_000_000);
    let broken = [advice(json!({}), morning), advice(json!({"category": "NORMAL"}), night)];
    let tested: Vec<_> = rules::RULES.iter().filter(|rule| rule.breaks.is_some()).map(|rule| rule.says).collect();
    assert_eq!(tested.len(), broken.len());
    for (rule, advice) in tested.iter().zip(broken) {
        assert!(advice.contains(rule), "{rule}");
    }
    assert_eq!(advice(json!({"category": "NORMAL"}), morning), []);
    assert_eq!(advice(json!({"kind": "background", "data": {"a": "b"}}), night), []);
}
