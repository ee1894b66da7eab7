//! Events: what is told, signed, batched, and told again until it is taken.

use omnipush_conformance::{Purpose, TargetState, Trouble};
use omnipush_gateway::dispatch::{Gateway, To, message_id};
use omnipush_gateway::model::{Conversation, Element, Message, PresenceEvent};
use omnipush_gateway::webhook::{Stage, Told};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::command::{Files, host};
use crate::poster::told;
use crate::receiver::Receiver;
use crate::support::{Service, config, hello, idle, store, user};

async fn tell(gateway: &Gateway, message: &Message, to: &[String]) {
    gateway.accept(message, To::Users(to)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_is_told_with_every_member_and_a_signature() {
    let (files, vivo, receiver) = (Files::new(), host("vivo").await, Receiver::start(&[]).await);
    let gateway = idle(&files, &[&vivo]).await;
    user(&gateway, "bo", 1, &vivo.fake().target(0)).await;
    let id = message_id("7_12_1800000000", "ann", "bo");
    hello(&gateway, &id).await;
    let _service = Service::start(&config(&files, &[&vivo], &receiver.table("token = \"gw-token-1\"")), &[]);
    let mut events = receiver.wait(1).await;
    let event = events[0].as_object_mut().unwrap();
    for time in ["EventTime", "MsgTime"] {
        assert!(event.remove(time).unwrap().as_u64().unwrap() > 1_700_000_000);
    }
    let random: u32 = id.bytes().map(u32::from).sum();
    let expected = json!({
        "CallbackCommand": "Push.OfflinePush", "EventType": 1, "From_Account": "ann", "To_Account": "bo",
        "PushPlatform": 7, "PushStage": 1, "MsgKey": "7_12_1800000000", "MsgSeq": 7, "MsgRandom": random,
        "PushID": id, "ErrCode": 0, "ErrInfo": "",
    });
    assert_eq!(*event, *expected.as_object().unwrap());

    let (query, _) = receiver.calls().remove(0);
    let at = |name: &str| {
        let pair = query.split('&').find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name));
        pair.unwrap_or_else(|| panic!("no {name} in {query}")).1.to_owned()
    };
    assert_eq!(at("SdkAppid"), "1400000001", "R79");
    assert_eq!((at("CallbackCommand"), at("contenttype")), ("Push.OfflinePush".into(), "json".into()));
    let signed = format!("gw-token-1{}", at("RequestTime"));
    assert_eq!(at("Sign"), hex::encode(Sha256::digest(signed.as_bytes())));
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_losses_groups_and_pure_pushes_are_told_in_their_own_form() {
    let (files, vivo, receiver) = (Files::new(), host("vivo").await, Receiver::start(&[]).await);
    // Made by a gateway with a witness, as the service has one.
    let gateway = idle(&files, &[&vivo]).await;
    user(&gateway, "bo", 1, &vivo.fake().target(0)).await;
    user(&gateway, "cy", 1, &vivo.fake().target(1)).await;
    vivo.world().set_target(vivo.fake().target(1), TargetState::Dead);
    let text = vec![Element::Text("hello".into())];
    let kind = omnipush_gateway::model::GroupKind::Work;
    let group = Conversation::Group { id: "g1".into(), name: String::new(), kind, notice: false };
    let mut grouped = Message::new(message_id("g1#3", "ann", "g1"), "ann", group, text.clone());
    grouped.at_ms = gateway.now_ms();
    let push = Conversation::Push { data_id: Some("d1".into()) };
    let mut pure = Message::new(message_id("batch_9", "admin", ""), "admin", push, text);
    pure.at_ms = gateway.now_ms();
    pure.push = Some(
        omnipush_gateway::model::OfflinePushInfo::read(
            &json!({"Title": "news", "Desc": "today"}),
            omnipush_gateway::model::UnknownFields::Refuse,
        )
        .unwrap(),
    );
    tell(&gateway, &grouped, &["bo".into(), "cy".into()]).await;
    tell(&gateway, &pure, &["bo".into()]).await;
    let _service = Service::start(&config(&files, &[&vivo], &receiver.table("")), &[]);
    let mut events = Vec::new();
    for calls in 1.. {
        events = receiver.wait(calls).await;
        if events.len() >= 3 {
            break;
        }
    }
    let of = |account: &str, command: &str| -> &Value {
        let is = |event: &&Value| event["To_Account"] == account && event["CallbackCommand"] == command;
        events.iter().find(is).unwrap_or_else(|| panic!("{events:?}"))
    };
    let bo = of("bo", "Push.OfflinePush");
    assert_eq!((&bo["EventType"], &bo["GroupID"], &bo["ErrCode"]), (&2.into(), &"g1".into(), &0.into()));
    assert!(bo.get("MsgKey").is_none() && bo.get("MsgRandom").is_none());
    let cy = of("cy", "Push.OfflinePush");
    assert!(cy["ErrCode"] != 0 && cy["ErrInfo"].as_str().unwrap().contains("invalid_token"), "{cy}");
    let pure = of("bo", "Push.AllMemberPush");
    assert_eq!((&pure["TaskId"], &pure["DataId"], &pure["EventType"]), (&"batch_9".into(), &"d1".into(), &1.into()));
    // Each command has calls of its own.
    for (query, body) in receiver.calls() {
        let commands =
            body["Events"].as_array().unwrap().iter().map(|event| event["CallbackCommand"].as_str().unwrap());
        commands.for_each(|command| assert!(query.contains(&format!("CallbackCommand={command}&")), "{query}"));
    }
}

/// So many events of one message that are still to be told.
async fn waiting(gateway: &Gateway, count: usize) {
    hello(gateway, "m1").await;
    let records: Vec<_> = (0..count).map(|number| told(gateway, "m1", &format!("user{number:04}"))).collect();
    gateway.store().add_events(&records).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_receiver_cannot_take_waits_and_comes_again_in_batches() {
    let (files, vivo, receiver) = (Files::new(), host("vivo").await, Receiver::start(&[503, 503]).await);
    vivo.world().always(Purpose::Send, Trouble::Status(400, Vec::new(), "no"));
    let gateway = idle(&files, &[&vivo]).await;
    waiting(&gateway, 250).await;
    let service = Service::start(&config(&files, &[&vivo], &receiver.table("")), &[]);
    receiver.wait(1).await;
    // The first answer is a failure; the events outlive the process.
    service.signal("-TERM");
    assert_eq!(service.ended(), Some(0));
    assert!(store(&files).await.events_waiting().await.unwrap() >= 250);
    let service = Service::start(&files.path("gateway.toml").display().to_string(), &[]);
    receiver.wait(5).await;
    let calls = receiver.calls();
    let sizes: Vec<usize> = calls.iter().map(|(_, body)| body["Events"].as_array().unwrap().len()).collect();
    assert!(sizes.iter().all(|size| *size <= 100) && sizes[0] == 100, "{sizes:?}");
    let taken: std::collections::BTreeSet<String> = calls[2..]
        .iter()
        .flat_map(|(_, body)| body["Events"].as_array().unwrap())
        .map(|event| event["To_Account"].as_str().unwrap().to_owned())
        .filter(|account| account.starts_with("user"))
        .collect();
    assert_eq!(taken.len(), 250);
    drop(service);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_receiver_refuses_is_given_up_and_holds_nothing_up() {
    let (files, vivo, receiver) = (Files::new(), host("vivo").await, Receiver::start(&[400, 404]).await);
    let gateway = idle(&files, &[&vivo]).await;
    waiting(&gateway, 100).await;
    let service = Service::start(&config(&files, &[&vivo], &receiver.table("retries = 1")), &[]);
    receiver.wait(2).await;
    user(&gateway, "bo", 1, &vivo.fake().target(0)).await;
    gateway
        .presence("bo", "phone", omnipush_gateway::model::Platform::Android, PresenceEvent::Heartbeat)
        .await
        .unwrap();
    let mut late = Told {
        message: "m1".into(),
        account: "late".into(),
        device: "phone".into(),
        vendor: "vivo".into(),
        stage: Stage::Clicked,
        code: 0,
        words: String::new(),
        at_ms: gateway.now_ms(),
    };
    late.at_ms += 1;
    gateway.store().add_events(&[late.record(late.at_ms)]).await.unwrap();
    let events = receiver.wait(3).await;
    assert_eq!(events.last().unwrap()["To_Account"], "late");
    assert_eq!(events.last().unwrap()["PushStage"], 3);
    let (_, text) = service.get("/metrics").await;
    assert!(text.contains("omnipush_webhook_events_total{outcome=\"given_up\"} 100"), "{text}");
}
