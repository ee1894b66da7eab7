use omnipush_gateway::model::{GroupKind, ReceiveOption};
use omnipush_gateway::store::{Conversed, Group};
use serde_json::{Value, json};

use crate::server::{Server, seen, text};

const SEND: &str = "group_open_http_svc/send_group_msg";
const RECALL: &str = "group_open_http_svc/group_msg_recall";
const MEMBER: &str = "group_open_http_svc/modify_group_member_info";

fn review() -> Value {
    json!({ "GroupId": "g_team_7", "Random": 880012, "From_Account": "ann", "MsgBody": text("@Bo please review") })
}

#[tokio::test]
async fn a_message_comes_to_all_members_and_is_numbered() {
    let server = Server::new().await;
    let answer = server.good(SEND, review()).await;
    assert_eq!(answer["MsgSeq"], 1);
    let shown = server.delivered().await;
    assert_eq!(shown.iter().map(|(vendor, ..)| *vendor).collect::<Vec<_>>(), ["vivo", "fcm"]);
    assert!(
        shown.iter().all(|(_, title, body)| title.as_deref() == Some("Team 7")
            && body.as_deref().is_some_and(|body| body.ends_with("@Bo please review"))),
        "{shown:?}"
    );
    // A repeat has the number of the first.
    assert_eq!(server.good(SEND, review()).await["MsgSeq"], 1);
    assert_eq!(server.delivered().await.len(), 2);
    let mut other = review();
    other["MsgBody"] = text("another");
    assert!(server.good(SEND, other).await["MsgSeq"].as_u64() > Some(1));
}

#[tokio::test]
async fn a_targeted_message_comes_to_its_targets_only() {
    let server = Server::new().await;
    let mut body = review();
    body["To_Account"] = json!(["cy"]);
    body["OfflinePushInfo"] = json!({ "Title": "Team 7", "Desc": "Ann: @Bo please review" });
    server.good(SEND, body).await;
    assert_eq!(server.delivered().await, [seen("fcm", "Team 7", "Ann: @Bo please review")]);
}

#[tokio::test]
async fn a_member_who_wants_mentions_only_gets_mentions_only() {
    let server = Server::new().await;
    let member = |word: &str| json!({ "GroupId": "g_team_7", "Member_Account": "bo", "MsgFlag": word });
    server.good(MEMBER, member("AcceptNotNotifyExceptAt")).await;
    server.good(MEMBER, json!({ "GroupId": "g_team_7", "Member_Account": "cy", "MsgFlag": "Discard" })).await;
    server.good(SEND, review()).await;
    assert_eq!(server.delivered().await, []);
    for (random, mentions) in [
        (1, json!([{ "GroupAtAllFlag": 0, "GroupAt_Account": "bo" }])),
        (2, json!([{ "GroupAtAllFlag": 1 }])),
        (3, json!({ "GroupAtAllFlag": 1 })),
    ] {
        let mut body = review();
        (body["Random"], body["GroupAtInfo"]) = (json!(random), mentions);
        server.good(SEND, body).await;
    }
    assert_eq!(server.delivered().await.iter().map(|(vendor, ..)| *vendor).collect::<Vec<_>>(), ["vivo"; 3]);
    let option = server.world.store().option("cy", Conversed::Group("g_team_7")).await.unwrap();
    assert_eq!(option, ReceiveOption::NotReceive);
    let live = Group { id: "live".into(), name: String::new(), kind: GroupKind::AVChatRoom };
    server.world.store().put_group(&live).await.unwrap();
    server.world.group("live", &["bo"]).await;
    for (name, value, code) in [
        ("GroupId", Value::Null, 10015),
        ("GroupId", json!("none"), 10010),
        ("GroupId", json!("live"), 10004),
        ("Member_Account", json!("ann"), 10004),
        ("Member_Account", Value::Null, 10004),
        ("MsgFlag", json!("Sometimes"), 10004),
    ] {
        let mut body = member("AcceptAndNotify");
        body[name] = value.clone();
        assert_eq!(server.code(MEMBER, body).await, code, "{name} {value}");
    }
}

#[tokio::test]
async fn each_member_that_is_wrong_has_its_code() {
    let server = Server::new().await;
    let many: Vec<String> = (0..51).map(|number| format!("user-{number}")).collect();
    let bent = [
        ("GroupId", Value::Null, 10015),
        ("GroupId", json!(7), 10015),
        ("GroupId", json!("none"), 10010),
        ("Random", Value::Null, 10004),
        ("Random", json!("1"), 10004),
        ("MsgBody", Value::Null, 10004),
        ("MsgBody", json!("x"), 10004),
        ("MsgBody", json!([{ "MsgType": "TIMNonsense", "MsgContent": {} }]), 10004),
        ("MsgBody", text(&"x".repeat(12 * 1024)), 80002),
        ("From_Account", json!("ghost"), 10019),
        ("To_Account", json!([]), 10004),
        ("To_Account", json!(["ann"]), 10004),
        ("To_Account", json!(many), 10005),
        ("GroupAtInfo", json!([{ "GroupAtAllFlag": 2 }]), 10004),
        ("GroupAtInfo", json!([{ "GroupAtAllFlag": 0 }]), 10004),
        ("OfflinePushInfo", json!([]), 10004),
    ];
    server.refuses(SEND, &review(), &bent).await;
    let mut body = review();
    (body["OnlineOnlyFlag"], body["SendMsgControl"]) = (json!(1), json!(["NoUnread"]));
    assert_eq!(server.code(SEND, body).await, 10004);
}

#[tokio::test]
async fn online_only_has_an_older_name_and_no_place_in_a_live_group() {
    let server = Server::new().await;
    for (random, name) in [(1, "OnlineOnlyFlag"), (2, "MsgOnlineOnlyFlag")] {
        let mut body = review();
        (body["Random"], body[name]) = (json!(random), json!(1));
        server.good(SEND, body).await;
    }
    assert_eq!(server.delivered().await, []);
    let live = Group { id: "live".into(), name: String::new(), kind: GroupKind::AVChatRoom };
    server.world.store().put_group(&live).await.unwrap();
    let mut body = review();
    (body["GroupId"], body["OnlineOnlyFlag"]) = (json!("live"), json!(1));
    assert_eq!(server.code(SEND, body).await, 10004);
}

#[tokio::test]
async fn messages_are_recalled_by_their_numbers() {
    let server = Server::new().await;
    server.good(SEND, review()).await;
    let answer =
        server.good(RECALL, json!({ "GroupId": "g_team_7", "MsgSeqList": [{ "MsgSeq": 1 }, { "MsgSeq": 9 }] }));
    let expected = json!([{ "MsgSeq": 1, "RetCode": 0 }, { "MsgSeq": 9, "RetCode": 10030 }]);
    assert_eq!(answer.await["RecallRetList"], expected);
    for list in [Value::Null, json!([]), json!([7]), json!(vec![json!({ "MsgSeq": 1 }); 11])] {
        let body = json!({ "GroupId": "g_team_7", "MsgSeqList": list });
        assert_eq!(server.code(RECALL, body).await, 10004, "{list}");
    }
}

#[tokio::test]
async fn a_system_notice_is_taken_and_pushed_to_nobody() {
    let server = Server::new().await;
    let path = "group_open_http_svc/send_group_system_notification";
    server.good(path, json!({ "GroupId": "g_team_7", "Content": "hello" })).await;
    assert_eq!(server.code(path, json!({ "GroupId": "g_team_7" })).await, 10004);
    assert_eq!(server.delivered().await, []);
}
