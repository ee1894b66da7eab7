use omnipush_gateway::http::HttpSettings;
use omnipush_gateway::rules::Rule;
use serde_json::{Value, json};

use crate::server::{Server, seen, settings, text};
use crate::world::NOW;

const SEND: &str = "openim/sendmsg";
const BATCH: &str = "openim/batchsendmsg";
const RECALL: &str = "openim/admin_msgwithdraw";

fn lunch() -> Value {
    json!({
        "From_Account": "ann", "To_Account": "bo", "MsgSeq": 77, "MsgRandom": 1203948576, "MsgLifeTime": 3600,
        "SyncOtherMachine": 2, "MsgBody": text("Lunch at noon?"),
        "OfflinePushInfo": { "PushFlag": 0, "Title": "Ann", "Desc": "Lunch at noon?", "Ext": "{\"entity\":1}" },
    })
}

#[tokio::test]
async fn a_message_comes_to_the_phone_with_its_title_its_text_and_its_ext() {
    let server = Server::new().await;
    let answer = server.good(SEND, lunch()).await;
    let seconds = NOW / 1000;
    assert_eq!(answer["MsgKey"], format!("77_1203948576_{seconds}"));
    assert_eq!(answer["MsgTime"], seconds);
    let phones = server.phones().await;
    assert_eq!(phones.len(), 1);
    let (vendor, found) = &phones[0];
    assert_eq!((*vendor, found.title.as_deref(), found.body.as_deref()), ("vivo", Some("Ann"), Some("Lunch at noon?")));
    assert!(found.raw.to_string().contains("entity"), "{}", found.raw);
    assert_eq!(found.ttl_seconds, Some(3600));
}

#[tokio::test]
async fn a_message_without_push_information_shows_the_text_of_its_elements() {
    let server = Server::new().await;
    server.good(SEND, json!({ "To_Account": "bo", "MsgRandom": 1, "MsgBody": text("hello") })).await;
    server
        .good(SEND, json!({ "From_Account": "ann", "To_Account": "cy", "MsgRandom": 2, "MsgBody": text("hi") }))
        .await;
    assert_eq!(server.delivered().await, [seen("vivo", "admin-01", "hello"), seen("fcm", "Ann", "hi")]);
}

#[tokio::test]
async fn a_repeat_is_answered_like_the_first_and_sent_once() {
    let server = Server::new().await;
    let first = server.good(SEND, lunch()).await;
    server.world.clock.set(NOW + 119_000);
    let second = server.good(SEND, lunch()).await;
    assert_eq!(second, first);
    let id = second["MsgId"].as_str().unwrap();
    assert!(server.world.store().message(id).await.unwrap().is_some(), "{id}");
    assert_eq!(server.delivered().await.len(), 1);
    server.world.clock.set(NOW + 121_000);
    assert_ne!(server.good(SEND, lunch()).await["MsgKey"], first["MsgKey"]);
    assert_eq!(server.delivered().await.len(), 2);
}

#[tokio::test]
async fn callers_whose_numbers_never_change_lose_nothing() {
    let server = Server::new().await;
    for word in ["one", "two", "three"] {
        let mut body = lunch();
        body["MsgBody"] = text(word);
        body["OfflinePushInfo"] = Value::Null;
        server.good(SEND, body).await;
    }
    assert_eq!(server.delivered().await.len(), 3);
}

#[tokio::test]
async fn each_member_that_is_wrong_has_its_code() {
    let server = Server::new().await;
    let custom = json!({ "MsgType": "TIMCustomElem", "MsgContent": { "Data": "x" } });
    let bent = [
        ("To_Account", Value::Null, 90003),
        ("To_Account", json!(""), 90003),
        ("To_Account", json!(7), 90003),
        ("To_Account", json!(["bo"]), 90003),
        ("To_Account", json!("ghost"), 90012),
        ("From_Account", json!("ghost"), 90008),
        ("From_Account", json!(7), 60015),
        ("MsgRandom", Value::Null, 90005),
        ("MsgRandom", json!("1"), 90005),
        ("MsgRandom", json!(1.5), 90005),
        ("MsgRandom", json!(4_294_967_296_u64), 90005),
        ("MsgRandom", json!(-1), 90005),
        ("MsgTimeStamp", json!("now"), 90006),
        ("MsgBody", Value::Null, 90002),
        ("MsgBody", json!([]), 90002),
        ("MsgBody", json!({}), 90007),
        ("MsgBody", json!("hello"), 90007),
        ("MsgBody", json!([7]), 90002),
        ("MsgBody", json!([{ "MsgType": "TIMTextElem" }]), 90002),
        ("MsgBody", json!([{ "MsgContent": {} }]), 90002),
        ("MsgBody", json!([{ "MsgType": "TIMNonsense", "MsgContent": {} }]), 90010),
        ("MsgBody", json!([custom, custom]), 90010),
        ("MsgBody", text(&"x".repeat(12 * 1024)), 80002),
        ("CloudCustomData", json!("x".repeat(12 * 1024)), 80002),
        ("MsgLifeTime", json!("long"), 90044),
        ("MsgLifeTime", json!(-1), 90026),
        ("SyncOtherMachine", json!("1"), 90031),
        ("SendMsgControl", json!("NoUnread"), 90001),
        ("SendMsgControl", json!(["NoNonsense"]), 90001),
        ("OfflinePushInfo", json!("hello"), 90001),
        ("OfflinePushInfo", json!({ "PushFlag": 2 }), 90001),
        ("OfflinePushInfo", json!({ "Title": 7 }), 90001),
        ("OfflinePushInfo", json!({ "PushTemplateId": "none-1" }), 90001),
    ];
    server.refuses(SEND, &lunch(), &bent).await;
}

#[tokio::test]
async fn senders_that_only_send_are_taken_where_the_settings_say_so() {
    let server = Server::with(HttpSettings { senders_must_exist: false, ..settings() }).await;
    let mut body = lunch();
    body["From_Account"] = json!("web-user");
    server.good(SEND, body).await;
    assert_eq!(server.delivered().await.len(), 1);
}

#[tokio::test]
async fn online_only_is_said_by_either_member_and_the_newer_one_wins() {
    let server = Server::new().await;
    for (member, value) in [("OnlineOnlyFlag", 1), ("MsgLifeTime", 0)] {
        let mut body = lunch();
        body["MsgSeq"] = json!(value);
        body[member] = json!(value);
        let answer = server.good(SEND, body).await;
        let id = answer["MsgId"].as_str().unwrap().to_owned();
        assert_eq!(server.world.store().message(&id).await.unwrap().unwrap().rule, Some(Rule::R26), "{member}");
    }
    assert_eq!(server.delivered().await, []);
    let mut body = lunch();
    (body["OnlineOnlyFlag"], body["MsgLifeTime"]) = (json!(0), json!(0));
    server.good(SEND, body).await;
    assert_eq!(server.delivered().await.len(), 1);
}

#[tokio::test]
async fn a_message_to_many_names_those_it_does_not_know() {
    let server = Server::new().await;
    let body = json!({
        "From_Account": "ann", "To_Account": ["bo", "cy", "ghost", "bo"], "MsgSeq": 5, "MsgRandom": 40021,
        "SendMsgControl": ["NoUnread"], "MsgBody": text("Maintenance tonight"),
    });
    let answer = server.good(BATCH, body.clone()).await;
    assert_eq!(answer["ErrorList"], json!([{ "To_Account": "ghost", "ErrorCode": 70107 }]));
    assert_eq!(answer["MsgKey"], format!("5_40021_{}", NOW / 1000));
    let both = [seen("vivo", "Ann", "Maintenance tonight"), seen("fcm", "Ann", "Maintenance tonight")];
    assert_eq!(server.delivered().await, both);
    server.good(BATCH, body.clone()).await;
    assert_eq!(server.delivered().await, both);
    server.forget();

    let answer = server.call(BATCH, json!({ "To_Account": ["ghost"], "MsgRandom": 1, "MsgBody": text("x") })).await;
    assert_eq!((&answer["ErrorCode"], &answer["ErrorList"][0]["ErrorCode"]), (&json!(90012), &json!(70107)));
    let many: Vec<String> = (0..501).map(|number| format!("user-{number}")).collect();
    let bent = [
        ("To_Account", json!("bo"), 90003),
        ("To_Account", json!([]), 90003),
        ("To_Account", json!(["bo", 7]), 90003),
        ("To_Account", Value::Null, 90003),
        ("To_Account", json!(many), 90011),
        ("MsgRandom", Value::Null, 90005),
    ];
    server.refuses(BATCH, &body, &bent).await;
}

#[tokio::test]
async fn a_message_is_recalled_once_and_by_its_own_key_only() {
    let server = Server::new().await;
    let key = server.good(SEND, lunch()).await["MsgKey"].clone();
    let recall = json!({ "From_Account": "ann", "To_Account": "bo", "MsgKey": key });
    for (name, value, code) in [
        ("From_Account", Value::Null, 90008),
        ("To_Account", Value::Null, 90003),
        ("To_Account", json!("cy"), 20022),
        ("MsgKey", Value::Null, 90054),
        ("MsgKey", json!("nonsense"), 90054),
        ("MsgKey", json!("1_2_3_4"), 90054),
        ("MsgKey", json!("1_2_3"), 20022),
    ] {
        let mut body = recall.clone();
        body[name] = value.clone();
        assert_eq!(server.code(RECALL, body).await, code, "{name} {value}");
    }
    server.good(RECALL, recall.clone()).await;
    assert_eq!(server.code(RECALL, recall).await, 20023);
    let body = json!({ "To_Account": ["bo", "cy"], "MsgSeq": 5, "MsgRandom": 40021, "MsgBody": text("all") });
    let answer = server.good(BATCH, body.clone()).await;
    assert_eq!(server.good(BATCH, body).await, answer);
    let key = answer["MsgKey"].clone();
    // Of a message to many each receiver's copy is taken back by itself.
    let recall = |to: &str| json!({ "From_Account": "admin-01", "To_Account": to, "MsgKey": key });
    server.good(RECALL, recall("bo")).await;
    assert_eq!(server.code(RECALL, recall("bo")).await, 20023);
    server.good(RECALL, recall("cy")).await;
    assert_eq!(server.code(RECALL, recall("ann")).await, 20022);
}
