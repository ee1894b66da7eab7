use omnipush::Event;
use omnipush_gateway::dispatch::message_id;
use omnipush_gateway::store::ReceiptRecord;
use serde_json::{Value, json};

use crate::server::{Server, text};
use crate::world::NOW;

async fn report(server: &Server, message: &str, account: &str, event: Event) {
    let receipt = ReceiptRecord {
        message: message.into(),
        account: account.into(),
        device: "phone".into(),
        event: event.as_str().into(),
        code: String::new(),
        at_ms: None,
        received_ms: NOW,
    };
    assert!(server.world.store().add_receipt(&receipt, None).await.unwrap());
}

fn span() -> Value {
    json!({ "StartTime": NOW / 1000 - 60, "EndTime": NOW / 1000 })
}

#[tokio::test]
async fn pushes_are_counted_by_vendor() {
    let server = Server::new().await;
    let body = json!({ "To_Account": ["bo", "cy"], "MsgRandom": 1, "MsgBody": text("hello") });
    let id = server.good("openim/batchsendmsg", body).await["MsgId"].as_str().unwrap().to_owned();
    server.world.gateway.drained().await.unwrap();
    report(&server, &id, "bo", Event::Delivered).await;
    report(&server, &id, "bo", Event::Clicked).await;
    let answer = server.good("timpush/normal_push_statistics", span()).await;
    let expected = json!({
        "ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": "sucess",
        "TotalCount": 2, "SentCount": 2, "DeliveredCount": 1, "ClickCount": 1,
        "PlatformStatistics": [
            { "PushPlatform": 4, "TotalCount": 1, "SentCount": 1, "DeliveredCount": 0, "ClickCount": 0 },
            { "PushPlatform": 7, "TotalCount": 1, "SentCount": 1, "DeliveredCount": 1, "ClickCount": 1 },
        ],
    });
    assert_eq!(answer, expected);
    let before = json!({ "StartTime": NOW / 1000 - 60, "EndTime": NOW / 1000 - 1 });
    assert_eq!(server.good("timpush/normal_push_statistics", before).await["TotalCount"], 0);
    let tasks = server.good("timpush/all_member_push_statistics", span()).await;
    assert_eq!(tasks["Results"], json!([]));
}

#[tokio::test]
async fn losses_are_told_with_their_codes() {
    let server = Server::new().await;
    server.world.refuse("fcm");
    server.world.gateway.set_config("bo", "phone", None).await.unwrap();
    let info = json!({ "Title": "Storm", "Desc": "Ferries stop" });
    let task = server.good("timpush/push", json!({ "MsgRandom": 1, "OfflinePushInfo": info })).await["TaskId"].clone();
    server.world.gateway.drained().await.unwrap();
    let mut body = span();
    body["TaskID"] = json!([task, "none"]);
    let answer = server.good("timpush/all_member_push_loss", body.clone()).await;
    let result = &answer["Results"][0];
    assert_eq!((&result["TaskID"], &answer["ErrorInfo"]), (&task, &json!("sucess")));
    assert_eq!(result["ReadyToSendLoss"][0]["ErrCode"], "-2");
    // Bo, whose push is off, and Ann, who has no phone.
    assert_eq!(result["ReadyToSendLoss"][0]["ErrCount"], 2);
    assert_eq!(result["PostSendDeliveredLoss"][0]["ErrCount"], 1);
    let platform = &result["PlatformPostSendDeliveredLoss"][0];
    assert_eq!((&platform["PushPlatform"], &platform["EventType"]), (&json!(4), &json!(1)));
    assert_eq!(answer["Results"][1]["ReadyToSendLoss"], json!([]));
    let figures = server.good("timpush/all_member_push_statistics", body).await;
    assert_eq!((&figures["Results"][0]["TotalCount"], &figures["Results"][0]["SentCount"]), (&json!(3), &json!(0)));
    // Of ordinary messages there was none.
    let normal = server.good("timpush/normal_push_loss", span()).await;
    assert_eq!((&normal["ReadyToSendLoss"], &normal["PostSendDeliveredLoss"]), (&json!([]), &json!([])));
    assert!(server.world.store().message(&message_id(task.as_str().unwrap(), "", "")).await.unwrap().is_some());
}

#[tokio::test]
async fn spans_have_limits() {
    let server = Server::new().await;
    for (path, days) in [
        ("timpush/normal_push_statistics", 30),
        ("timpush/all_member_push_statistics", 30),
        ("timpush/normal_push_loss", 7),
        ("timpush/all_member_push_loss", 7),
    ] {
        let span = |seconds: u64| json!({ "StartTime": 1, "EndTime": 1 + seconds, "TaskID": ["x"] });
        server.good(path, span(days * 86_400)).await;
        assert_eq!(server.code(path, span(days * 86_400 + 1)).await, 90001, "{path}");
        for bad in [json!({}), json!({ "StartTime": 5, "EndTime": 4 }), json!({ "StartTime": "a", "EndTime": 4 })] {
            assert_eq!(server.code(path, bad.clone()).await, 90001, "{path} {bad}");
        }
    }
    let mut body = span();
    assert_eq!(server.code("timpush/all_member_push_loss", body.clone()).await, 90001);
    body["TaskID"] = json!(["1", "2", "3", "4", "5", "6"]);
    assert_eq!(server.code("timpush/all_member_push_loss", body).await, 90001);
}
