//! The calls that do not send: each right and wrong.

use super::*;
use crate::fakes::fcm::groups::key;
use crate::fakes::fcm::statistics::APP_ID;

/// A call with an access token and what else an old call needs.
fn old(method: Method, path: &str, body: &Value) -> (Fcm, Call) {
    let (fake, token) = fake();
    let bearer = format!("Bearer {token}");
    let headers =
        [("authorization", bearer.as_str()), ("access_token_auth", "true"), ("content-type", "application/json")];
    let text = if body.is_null() { String::new() } else { body.to_string() };
    (fake, Call { method, ..call(path, &headers, text) })
}

/// Serves it and expects it to be taken.
#[track_caller]
fn taken(fake: &Fcm, call: &Call) -> Value {
    let answer = fake.answer(call);
    assert_eq!((answer.status, answer.refused.as_deref()), (200, None), "{}", call.path);
    assert_eq!(fake.purpose(call), Purpose::Operate);
    body(&answer)
}

/// Expects a refusal in the words of the old services.
#[track_caller]
fn old_refusal(fake: &Fcm, call: &Call, status: u16) {
    let answer = fake.answer(call);
    assert_eq!(answer.status, status, "{} {:?}", call.path, answer.refused);
    assert!(answer.refused.is_some() && body(&answer)["error"].is_string());
}

/// Expects a refusal in the envelope.
#[track_caller]
fn new_refusal(fake: &Fcm, call: &Call, status: u16, word: &str) {
    let answer = fake.answer(call);
    assert_eq!(answer.status, status, "{} {:?}", call.path, answer.refused);
    assert!(answer.refused.is_some());
    assert_eq!(body(&answer)["error"]["status"], word);
}

fn without(mut call: Call, name: &str) -> Call {
    call.headers.remove(name);
    call
}

fn batch(tokens: &[&str]) -> Value {
    json!({ "to": "/topics/news", "registration_tokens": tokens })
}

#[test]
fn batches_put_tokens_into_a_topic_and_take_them_out() {
    let name = Fcm::new().target(1);
    let (fake, add) = old(Method::POST, "/iid/v1:batchAdd", &batch(&[&name, "no token"]));
    fake.world().set_target(fake.target(2), TargetState::Dead);
    assert_eq!(taken(&fake, &add), json!({ "results": [{}, { "error": "INVALID_ARGUMENT" }] }));
    assert!(fake.topics.of(&name).contains_key("news"));
    let dead = Call { body: batch(&[&fake.target(2)]).to_string().into(), ..add.clone() };
    assert_eq!(taken(&fake, &dead), json!({ "results": [{ "error": "NOT_FOUND" }] }));
    let remove = Call { path: "/iid/v1:batchRemove".into(), ..add.clone() };
    taken(&fake, &remove);
    assert!(fake.topics.of(&name).is_empty());
    (0..crate::fakes::topics::MOST).for_each(|n| assert!(fake.topics.add(&name, &n.to_string(), 0)));
    assert_eq!(taken(&fake, &add)["results"][0], json!({ "error": "TOO_MANY_TOPICS" }));
}

#[test]
fn what_is_no_batch() {
    let good = batch(&[&Fcm::new().target(1)]);
    let changed = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    let many: Vec<String> = vec![Fcm::new().target(1); 1001];
    for wrong in [
        changed("to", json!("news")),
        changed("to", json!("/topics/ä")),
        changed("registration_tokens", json!([])),
        changed("registration_tokens", json!([""])),
        changed("registration_tokens", json!([1])),
        changed("registration_tokens", json!(many)),
        changed("tokens", json!([])),
        json!([]),
    ] {
        let (fake, call) = old(Method::POST, "/iid/v1:batchAdd", &wrong);
        old_refusal(&fake, &call, 400);
    }
    let (fake, call) = old(Method::POST, "/iid/v1:batchAdd", &good);
    old_refusal(&fake, &without(call.clone(), "access_token_auth"), 401);
    old_refusal(&fake, &without(call.clone(), "authorization"), 401);
    old_refusal(&fake, &without(call.clone(), "content-type"), 400);
    old_refusal(&fake, &Call { query: "a=b".into(), ..call.clone() }, 400);
    old_refusal(&fake, &Call { method: Method::GET, ..call.clone() }, 404);
    old_refusal(&fake, &Call { path: "/iid/v1:batchadd".into(), ..call.clone() }, 404);
    let narrow = fake.world().issue_token("ya29.c.narrow-", u64::MAX);
    let mut call = call;
    call.headers.insert("authorization", HeaderValue::from_str(&format!("Bearer {narrow}")).unwrap());
    old_refusal(&fake, &call, 403);
}

#[test]
fn one_token_and_one_topic() {
    let name = Fcm::new().target(1);
    let (fake, add) = old(Method::POST, &format!("/iid/v1/{name}/rel/topics/news"), &Value::Null);
    assert_eq!(taken(&fake, &add), json!({}));
    assert!(fake.topics.of(&name).contains_key("news"));
    assert_eq!(taken(&fake, &Call { method: Method::DELETE, ..add.clone() }), json!({}));
    assert!(fake.topics.of(&name).is_empty());
    old_refusal(&fake, &Call { body: "{}".into(), ..add.clone() }, 400);
    fake.world().set_target(&name, TargetState::Dead);
    old_refusal(&fake, &add, 404);
}

#[test]
fn what_a_token_is() {
    let name = Fcm::new().target(1);
    let (fake, info) = old(Method::GET, &format!("/iid/info/{name}"), &Value::Null);
    fake.topics.add(&name, "news", NOW * 1000);
    let plain = taken(&fake, &info);
    assert_eq!((&plain["application"], &plain["rel"]), (&json!(PACKAGE), &Value::Null));
    let detailed = taken(&fake, &Call { query: "details=true".into(), ..info.clone() });
    assert_eq!(detailed["rel"], json!({ "topics": { "news": { "addDate": "2023-11-14" } } }));
    old_refusal(&fake, &Call { query: "detail=true".into(), ..info.clone() }, 400);
    old_refusal(&fake, &without(info.clone(), "access_token_auth"), 401);
    old_refusal(&fake, &Call { path: "/iid/info/x".into(), ..info.clone() }, 404);
    fake.world().set_target(&name, TargetState::Dead);
    old_refusal(&fake, &info, 404);
}

#[test]
fn tokens_of_apple_become_tokens() {
    let apple = "ab".repeat(32);
    let good = json!({ "application": PACKAGE, "sandbox": false, "apns_tokens": [apple, "zz"] });
    let (fake, call) = old(Method::POST, "/iid/v1:batchImport", &good);
    let results = taken(&fake, &call)["results"].clone();
    assert_eq!((&results[0]["status"], &results[0]["apns_token"]), (&json!("OK"), &json!(apple)));
    assert!(check_target("token", results[0]["registration_token"].as_str().unwrap()).is_ok());
    assert_eq!(results[1], json!({ "apns_token": "zz", "status": "INVALID_ARGUMENT" }));
    for (name, value, status) in [
        ("application", json!("com.example.other"), 403),
        ("sandbox", json!("false"), 400),
        ("apns_tokens", json!(vec![apple.clone(); 101]), 400),
    ] {
        let mut wrong = good.clone();
        wrong[name] = value;
        let (fake, call) = old(Method::POST, "/iid/v1:batchImport", &wrong);
        old_refusal(&fake, &call, status);
    }
}

fn resource(method: Method, rest: &str) -> (Fcm, Call) {
    let path = format!("/v1/projects/{PROJECT}/registrations/{}/topicSubscriptions{rest}", Fcm::new().target(1));
    let (fake, call) = old(method, &path, &Value::Null);
    (fake, without(without(call, "access_token_auth"), "content-type"))
}

#[test]
fn subscriptions_are_made_read_listed_and_deleted() {
    for query in ["topic_name=news", "topicName=news"] {
        let (fake, create) = resource(Method::POST, "");
        let create = Call { query: query.into(), ..create };
        let made = taken(&fake, &create);
        assert_eq!((&made["topicName"], &made["createTime"]), (&json!("news"), &json!("2023-11-14T22:13:20Z")));
        new_refusal(&fake, &create, 409, "ALREADY_EXISTS");
        let one = |method: Method| Call {
            method,
            path: format!("{}/news", create.path).replace(':', "%3A"),
            query: String::new(),
            ..create.clone()
        };
        assert_eq!(taken(&fake, &one(Method::GET)), made);
        assert_eq!(taken(&fake, &one(Method::PATCH)), made);
        fake.topics.add(&fake.target(1), "sport", NOW * 1000);
        let list = |query: &str| Call { method: Method::GET, query: query.into(), ..create.clone() };
        assert_eq!(taken(&fake, &list(""))["topicSubscriptions"].as_array().unwrap().len(), 2);
        let first = taken(&fake, &list("pageSize=1"));
        assert_eq!((&first["topicSubscriptions"][0], &first["nextPageToken"]), (&made, &json!("1")));
        let second = taken(&fake, &list("page_size=1&page_token=1"));
        assert_eq!(
            (&second["topicSubscriptions"][0]["topicName"], &second["nextPageToken"]),
            (&json!("sport"), &Value::Null)
        );
        assert_eq!(taken(&fake, &one(Method::DELETE)), json!({}));
        new_refusal(&fake, &one(Method::DELETE), 404, "NOT_FOUND");
        let missing = |method: Method| Call { query: "allow_missing=true".into(), ..one(method) };
        assert_eq!(taken(&fake, &missing(Method::DELETE)), json!({}));
        new_refusal(&fake, &one(Method::PATCH), 404, "NOT_FOUND");
        assert_eq!(taken(&fake, &missing(Method::PATCH)), made);
    }
}

#[test]
fn what_is_no_call_about_a_subscription() {
    let (fake, create) = resource(Method::POST, "");
    for query in ["", "topic_name=a%20b", "topic_name=news&topic=news"] {
        new_refusal(&fake, &Call { query: query.into(), ..create.clone() }, 400, "INVALID_ARGUMENT");
    }
    let good = Call { query: "topic_name=news".into(), ..create.clone() };
    new_refusal(&fake, &without(good.clone(), "authorization"), 401, "UNAUTHENTICATED");
    let typed = |body: &str| {
        let mut call = Call { body: Bytes::copy_from_slice(body.as_bytes()), ..good.clone() };
        call.headers.insert("content-type", HeaderValue::from_static("application/json"));
        call
    };
    new_refusal(&fake, &typed(r#"{"topic":"news"}"#), 400, "INVALID_ARGUMENT");
    let other = Call { path: good.path.replace(PROJECT, "other"), ..good.clone() };
    new_refusal(&fake, &other, 404, "NOT_FOUND");
    fake.world().set_target(fake.target(1), TargetState::Dead);
    let answer = fake.answer(&good);
    assert_eq!((answer.status, detail(&body(&answer)["error"], "FcmError").is_some()), (404, true));
    for query in ["pageSize=0", "pageSize=2001", "pageSize=x"] {
        let (fake, list) = resource(Method::GET, "");
        new_refusal(&fake, &Call { query: query.into(), ..list }, 400, "INVALID_ARGUMENT");
    }
    fake.world().set_target(fake.target(1), TargetState::Alive);
    taken(&fake, &typed("{}"));
}

#[test]
fn groups_grow_and_shrink() {
    let (one, two) = (Fcm::new().target(1), Fcm::new().target(2));
    let body = |operation: &str, members: &[&str]| {
        let mut body = json!({
            "operation": operation, "notification_key_name": "family", "registration_ids": members,
        });
        if operation != "create" {
            body["notification_key"] = key("family").into();
        }
        body
    };
    let (fake, call) = old(Method::POST, groups::PATH, &Value::Null);
    let mut call = call;
    call.headers.insert("project_id", HeaderValue::from_static(PROJECT_NUMBER));
    let with = |body: &Value| Call { body: body.to_string().into(), ..call.clone() };
    let done = json!({ "notification_key": key("family") });
    old_refusal(&fake, &with(&body("add", &[&one])), 400);
    assert_eq!(taken(&fake, &with(&body("create", &[&one]))), done);
    old_refusal(&fake, &with(&body("create", &[&one])), 400);
    assert_eq!(taken(&fake, &with(&body("add", &[&two]))), done);
    let look = Call { method: Method::GET, query: "notification_key_name=family".into(), ..call.clone() };
    assert_eq!(taken(&fake, &look), done);
    let more: Vec<String> = (10..29).map(|number| fake.target(number)).collect();
    let more: Vec<&str> = more.iter().map(String::as_str).collect();
    old_refusal(&fake, &with(&body("add", &more)), 400);
    taken(&fake, &with(&body("remove", &[&one, &two])));
    old_refusal(&fake, &look, 400);

    let good = body("create", &[&one]);
    for (name, value) in [
        ("operation", json!("delete")),
        ("notification_key_name", json!("")),
        ("notification_key", json!(key("family"))),
        ("registration_ids", json!(["no token"])),
        ("more", json!(1)),
    ] {
        let mut wrong = good.clone();
        wrong[name] = value;
        old_refusal(&fake, &with(&wrong), 400);
    }
    old_refusal(&fake, &without(with(&good), "access_token_auth"), 401);
    old_refusal(&fake, &without(with(&good), "project_id"), 403);
    old_refusal(&fake, &Call { method: Method::PUT, ..with(&good) }, 404);
    // A group's key is a target.
    assert!(check_target("token", &key("family")).is_ok());
}

#[test]
fn statistics_need_the_scope_of_the_project() {
    let path = format!("/v1beta1/projects/{PROJECT}/androidApps/{APP_ID}/deliveryData");
    let (fake, call) = old(Method::GET, &path, &Value::Null);
    new_refusal(&fake, &call, 403, "PERMISSION_DENIED");
    let broad = fake.world().issue_token("ya29.c.broad-", u64::MAX);
    let mut call = call;
    call.headers.insert("authorization", HeaderValue::from_str(&format!("Bearer {broad}")).unwrap());
    let all = taken(&fake, &call);
    assert_eq!((all["androidDeliveryData"].as_array().unwrap().len(), &all["nextPageToken"]), (2, &Value::Null));
    let first = taken(&fake, &Call { query: "pageSize=1".into(), ..call.clone() });
    assert_eq!(first["nextPageToken"], "1");
    new_refusal(&fake, &Call { query: "pageSize=10001".into(), ..call.clone() }, 400, "INVALID_ARGUMENT");
    let other = Call { path: path.replace(APP_ID, "1:2:android:3"), ..call.clone() };
    new_refusal(&fake, &other, 404, "NOT_FOUND");
    // It may send, too.
    assert_eq!(fake.answer(&send_call(&broad, &json!({ "message": { "token": fake.target(1) } }))).status, 200);
}

#[test]
fn failures_of_the_trials_are_documented() {
    let fake = Fcm::new();
    let call = call("/iid/v1:batchAdd", &[], "");
    for trial in fake.operations() {
        for code in &trial.codes {
            let answer = fake.coded(&call, code);
            assert!(answer.status >= 400 && code.class != omnipush_core::Class::Unknown, "{}", code.code);
            assert_eq!(answer.refused.as_deref(), Some(code.code));
        }
    }
}
