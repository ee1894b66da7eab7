use omnipush_gateway::store::DeliveryState;
use serde_json::{Value, json};

use crate::server::{Server, seen};
use crate::world::NOW;

const BATCH: &str = "timpush/batch";
const PUSH: &str = "timpush/push";
const REVOKE: &str = "timpush/revoke";

fn parcel() -> Value {
    json!({
        "From_Account": "ann", "To_Account": ["bo", "cy"], "MsgRandom": 90817, "DataId": "order-4711",
        "OfflinePushInfo": { "PushFlag": 0, "Title": "Parcel", "Desc": "Your parcel is here" },
    })
}

fn storm() -> Value {
    let info = json!({ "PushFlag": 0, "Title": "Storm warning", "Desc": "Ferries stop at 18:00" });
    json!({ "From_Account": "ann", "MsgRandom": 515001, "OfflinePushInfo": info })
}

#[tokio::test]
async fn a_push_comes_to_those_it_names() {
    let server = Server::new().await;
    let mut body = parcel();
    body["To_Account"] = json!(["bo", "ghost"]);
    let answer = server.good(BATCH, body.clone()).await;
    let task = answer["TaskId"].as_str().unwrap();
    assert!(task.starts_with("batch_"), "{task}");
    assert_eq!(answer["ErrorList"], json!([{ "To_Account": "ghost", "ErrorCode": 70107 }]));
    assert_eq!(server.delivered().await, [seen("vivo", "Parcel", "Your parcel is here")]);
    // The same number within a second is the same push.
    assert_eq!(server.good(BATCH, body.clone()).await["TaskId"], task);
    assert_eq!(server.delivered().await.len(), 1);
    server.world.clock.set(NOW + 1000);
    assert_ne!(server.good(BATCH, body).await["TaskId"], task);
    assert_eq!(server.delivered().await.len(), 2);
}

#[tokio::test]
async fn each_member_of_a_push_that_is_wrong_has_its_code() {
    let server = Server::new().await;
    let many: Vec<String> = (0..501).map(|number| format!("user-{number}")).collect();
    let bent = [
        ("To_Account", Value::Null, 90001),
        ("To_Account", json!([]), 90001),
        ("To_Account", json!("bo"), 90001),
        ("To_Account", json!(many), 90018),
        ("To_Account", json!(["ghost"]), 70107),
        ("From_Account", json!("ghost"), 70107),
        ("MsgRandom", Value::Null, 90005),
        ("MsgRandom", json!("x"), 90005),
        ("OfflinePushInfo", Value::Null, 90001),
        ("OfflinePushInfo", json!({ "PushFlag": "no" }), 90001),
        ("DataId", json!("x".repeat(65)), 90057),
    ];
    server.refuses(BATCH, &parcel(), &bent).await;
}

#[tokio::test]
async fn a_push_to_everybody_comes_to_everybody() {
    let server = Server::new().await;
    let answer = server.good(PUSH, storm()).await;
    assert!(answer["TaskId"].as_str().unwrap().starts_with("push_"));
    let words = ("Storm warning", "Ferries stop at 18:00");
    assert_eq!(server.delivered().await, [seen("vivo", words.0, words.1), seen("fcm", words.0, words.1)]);
}

#[tokio::test]
async fn a_push_by_tag_or_attribute_comes_to_those_who_have_it() {
    let server = Server::new().await;
    let tags =
        json!([{ "To_Account": "bo", "Tags": ["oslo", "beta"] }, { "To_Account": "cy", "Tags": ["oslo", "new"] }]);
    server.good("timpush/add_tag", json!({ "UserTags": tags })).await;
    server.good("timpush/set_attr_name", json!({ "AttrNames": { "0": "sex", "1": "city" } })).await;
    let attributes = json!([{ "To_Account": "bo", "Attrs": { "sex": "m", "city": "oslo" } },
                            { "To_Account": "cy", "Attrs": { "sex": "f", "city": "oslo" } }]);
    server.good("timpush/set_attr", json!({ "UserAttrs": attributes })).await;
    for (number, (condition, expected)) in [
        (json!({ "TagsOr": ["oslo", "bergen"] }), "bo cy"),
        (json!({ "TagsOr": ["bergen"] }), ""),
        (json!({ "TagsAnd": ["oslo", "beta"] }), "bo"),
        (json!({ "TagsOr": ["oslo"], "TagsNot": ["beta"] }), "cy"),
        // Not both of them: nobody has both.
        (json!({ "TagsOr": ["oslo"], "TagsNot": ["beta", "new"] }), "bo cy"),
        (json!({ "TagsNot": ["oslo", "beta"] }), "cy"),
        (json!({ "TagsOr": ["beta", "new"], "TagsAnd": ["oslo"] }), "bo cy"),
        (json!({ "AttrsOr": { "sex": "f", "city": "bergen" } }), "cy"),
        (json!({ "AttrsAnd": { "sex": "m", "city": "oslo" } }), "bo"),
        (json!({ "AttrsAnd": { "sex": "m", "city": "bergen" } }), ""),
    ]
    .into_iter()
    .enumerate()
    {
        let mut body = storm();
        (body["Condition"], body["MsgRandom"]) = (condition.clone(), json!(number));
        server.good(PUSH, body).await;
        let got: Vec<_> =
            server.delivered().await.iter().map(|(v, ..)| if *v == "vivo" { "bo" } else { "cy" }).collect();
        assert_eq!(got.join(" "), expected, "{condition}");
        server.forget();
    }
}

#[tokio::test]
async fn a_condition_that_is_wrong_reaches_nobody() {
    let server = Server::new().await;
    server.good("timpush/set_attr_name", json!({ "AttrNames": { "0": "sex" } })).await;
    let eleven: Vec<String> = (0..11).map(|number| format!("tag-{number}")).collect();
    for (condition, code) in [
        (json!({}), 90001),
        (json!([]), 90001),
        (json!({ "TagsOr": [] }), 90001),
        (json!({ "Tags": ["oslo"] }), 90001),
        (json!({ "TagsOr": "oslo" }), 90001),
        (json!({ "TagsOr": [7] }), 90001),
        (json!({ "TagsOr": [""] }), 90040),
        (json!({ "TagsOr": ["x".repeat(51)] }), 90020),
        (json!({ "TagsOr": eleven }), 90032),
        (json!({ "TagsOr": ["a", "b"], "TagsAnd": ["b"] }), 90022),
        (json!({ "TagsOr": ["a"], "AttrsOr": { "sex": "m" } }), 90039),
        (json!({ "AttrsOr": { "shoe": "42" } }), 90033),
        (json!({ "AttrsOr": { "sex": 1 } }), 90033),
        (json!({ "AttrsOr": ["sex"] }), 90033),
    ] {
        server.refuses(PUSH, &storm(), &[("Condition", condition, code)]).await;
    }
    let mut long = storm();
    long["Padding"] = json!("x".repeat(10 * 1024));
    assert_eq!(server.code(PUSH, long).await, 90056);
    server.refuses(PUSH, &storm(), &[("OfflinePushInfo", Value::Null, 90001), ("MsgRandom", Value::Null, 90005)]).await;
}

#[tokio::test]
async fn the_older_call_is_for_those_online_unless_it_says_how_long() {
    let server = Server::new().await;
    let path = "all_member_push/im_push";
    let mut body = storm();
    body["MsgBody"] = crate::server::text("Ferries stop");
    server.good(path, body.clone()).await;
    assert_eq!(server.delivered().await, []);
    (body["MsgLifeTime"], body["MsgRandom"]) = (json!(120), json!(2));
    server.good(path, body).await;
    assert_eq!(server.delivered().await.len(), 2);
}

#[tokio::test]
async fn a_task_is_revoked_once_within_a_day() {
    let server = Server::new().await;
    // The vendor is down, so that a parcel waits.
    let trouble = omnipush_conformance::Trouble::Status(503, Vec::new(), "down");
    server.world.fake("fcm").world().always(omnipush_conformance::Purpose::Send, trouble);
    let task = server.good(PUSH, storm()).await["TaskId"].clone();
    let replacement = json!({ "Title": "All clear", "Desc": "Ferries go" });
    let body = json!({ "TaskId": task, "OfflinePushInfo": replacement });
    for (name, value, code) in [
        ("TaskId", Value::Null, 90001),
        ("TaskId", json!("none"), 90049),
        ("OfflinePushInfo", Value::Null, 90053),
        ("OfflinePushInfo", json!({ "PushFlag": 7 }), 90001),
    ] {
        let mut bent = body.clone();
        bent[name] = value.clone();
        assert_eq!(server.code(REVOKE, bent).await, code, "{name} {value}");
    }
    server.world.clock.set(NOW + 86_400_001);
    assert_eq!(server.code(REVOKE, body.clone()).await, 70001);
    server.world.clock.set(NOW);
    server.good(REVOKE, body.clone()).await;
    assert_eq!(server.code(REVOKE, body).await, 90050);
    server.world.calm("fcm");
    server.world.gateway.drained().await.unwrap();
    let id = omnipush_gateway::dispatch::message_id(task.as_str().unwrap(), "", "");
    let explained = server.world.store().explain(&id, None).await.unwrap().unwrap();
    assert!(explained.deliveries.iter().all(|found| found.state != DeliveryState::Queued), "{explained:?}");
}
