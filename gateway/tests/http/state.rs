use omnipush_gateway::model::{Platform, PresenceEvent};
use serde_json::{Value, json};

use crate::server::{Server, text};

const STATUS: &str = "openim/query_online_status";

#[tokio::test]
async fn the_best_state_of_all_devices_is_told() {
    let server = Server::new().await;
    server.world.log_in("bo", "desk", Platform::Web).await;
    let answer = server.good(STATUS, json!({ "IsNeedDetail": 1, "To_Account": ["bo", "cy", "ann", "ghost"] })).await;
    let expected = json!([
        { "To_Account": "bo", "Status": "Online", "Detail": [
            { "Platform": "Android", "Status": "PushOnline" }, { "Platform": "Web", "Status": "Online" }] },
        { "To_Account": "cy", "Status": "PushOnline", "Detail": [{ "Platform": "Android", "Status": "PushOnline" }] },
        { "To_Account": "ann", "Status": "Offline", "Detail": [] },
    ]);
    assert_eq!(answer["QueryResult"], expected);
    assert_eq!(answer["ErrorList"], json!([{ "To_Account": "ghost", "ErrorCode": 70107 }]));
    server.world.happens("cy", PresenceEvent::Logout).await;
    let answer = server.good("openim/querystate", json!({ "To_Account": ["cy"] })).await;
    let expected = json!([{ "To_Account": "cy", "Status": "Offline", "State": "Offline" }]);
    assert_eq!((&answer["QueryResult"], &answer["ErrorList"]), (&expected, &Value::Null));
    let many: Vec<String> = (0..501).map(|number| format!("user-{number}")).collect();
    for (accounts, code) in [(json!("bo"), 90003), (json!([]), 90003), (json!(many), 90011), (Value::Null, 90003)] {
        assert_eq!(server.code(STATUS, json!({ "To_Account": accounts })).await, code);
    }
}

#[tokio::test]
async fn a_user_who_is_kicked_gets_no_push_until_the_next_login() {
    let server = Server::new().await;
    let kick = "im_open_login_svc/kick";
    server.good(kick, json!({ "UserID": "bo" })).await;
    server.good(kick, json!({ "Identifier": "cy" })).await;
    for to in ["bo", "cy"] {
        server.good("openim/sendmsg", json!({ "To_Account": to, "MsgRandom": 1, "MsgBody": text("hello") })).await;
    }
    assert_eq!(server.delivered().await, []);
    for (body, code) in [
        (json!({}), 70402),
        (json!({ "UserID": 7 }), 70402),
        (json!({ "UserID": "ghost" }), 70107),
        (json!({ "UserID": "" }), 70107),
    ] {
        assert_eq!(server.code(kick, body.clone()).await, code, "{body}");
    }
}
