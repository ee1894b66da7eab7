//! The fake against hand-made calls: what the document allows passes, what it forbids does not.
//! The fields of the message have a file of their own.

mod fields;
mod operations;

use std::collections::HashSet;

use http::{HeaderMap, Method};
use omnipush_core::Class;
use serde_json::{Value, json};

use super::form::signature;
use super::*;

const DIRECT: &str = "/garcia/api/server/push/varnished/pushByPushId";
const STAGE: &str = "/garcia/api/server/push/pushTask/getTaskId";
const TASK: &str = "/garcia/api/server/push/task/varnished/pushByPushId";
const FORM: &str = "application/x-www-form-urlencoded;charset=UTF-8";

/// A message with most of what a notification can have.
const FULL: &str = r#"{"noticeBarInfo":{"noticeMsgType":1,"noticeBarType":0,"title":"订单更新","content":"Your order = shipped & ready + 100%"},"noticeExpandInfo":{"noticeExpandType":0},"clickTypeInfo":{"clickType":1,"activity":"com.example.app.OrderActivity","parameters":{"orderId":"42"}},"pushTimeInfo":{"offLine":1,"validTime":24},"advanceInfo":{"notificationType":{"vibrate":1,"lights":1,"sound":1},"notifyKey":"order-42"},"extra":{"callback":"https://push.example.com/meizu","callback.param":"p1","callback.type":"3"}}"#;

/// What the Java SDK sends when its user sets a title and a text.
const SDK: &str = r#"{"advanceInfo":{"clearNoticeBar":true,"fixDisplay":false,"fixEndDisplayTime":"","fixSpeed":false,"fixSpeedRate":0,"fixStartDisplayTime":"","notificationType":{"lights":true,"sound":true,"vibrate":true},"notifyKey":"","suspend":true},"clickTypeInfo":{"activity":"","clickType":0,"customAttribute":"","url":""},"extra":{},"noticeBarInfo":{"content":"Text","noticeBarImgUrl":"","noticeBarType":0,"noticeMsgType":0,"title":"Title"},"noticeExpandInfo":{"noticeExpandContent":"","noticeExpandImgUrl":"","noticeExpandType":0},"pushTimeInfo":{"offLine":true,"pushTimeType":0,"startTime":"","validTime":24},"vipInfo":{"backgroundImgUrl":"","bigIconUrl":"","notGroup":false,"pullDownTop":false,"smallIconUrl":"","subtitle":"","timeTop":0,"titleColor":""}}"#;

fn unsigned(path: &str, pairs: &[(&str, &str)]) -> Call {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", FORM.parse().unwrap());
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    Call { method: Method::POST, path: path.into(), query: String::new(), headers, body: body.into(), now_ms: 0 }
}

fn signed(path: &str, pairs: &[(&str, &str)]) -> Call {
    let mut pairs = pairs.to_vec();
    pairs.push(("appId", APP_ID));
    let sign = signature(pairs.iter().copied(), APP_SECRET);
    pairs.push(("sign", &sign));
    unsigned(path, &pairs)
}

fn direct(targets: &str, message: &str) -> Call {
    signed(DIRECT, &[("pushIds", targets), ("messageJson", message)])
}

fn body(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200);
    serde_json::from_slice(&answer.body).unwrap()
}

/// Asserts the shape of an accepted push; returns the failed targets.
fn taken(answer: &Answer) -> Value {
    let body = body(answer);
    assert_eq!(body["code"], "200", "{:?}", answer.refused);
    assert_eq!(body["message"], "");
    let id = body["msgId"].as_str().unwrap();
    assert!(id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()), "{id}");
    assert_eq!(answer.refused, None);
    body["value"].clone()
}

/// Asserts the shape of a refusal, and that nothing was delivered.
fn denied(fake: &Meizu, call: &Call, code: &str) -> String {
    let before = fake.world().delivered().len();
    let answer = fake.answer(call);
    let body = body(&answer);
    let why = answer.refused.unwrap_or_default();
    assert_eq!(body["code"], code, "{why} {}", String::from_utf8_lossy(&call.body));
    assert_eq!(body["value"], "");
    assert_eq!(body["message"], codes::text(code));
    assert!(body.get("msgId").is_none() && !why.is_empty());
    assert_eq!(fake.world().delivered().len(), before);
    why
}

#[test]
fn signature_is_the_documents() {
    let example = [
        ("pushIds", "RA50c6348036344485d01776773577c64740465480a6b"),
        ("appId", "10000"),
        ("messageJson", r#"{"title":"title","content":"content","pushTimeInfo":{"offLine":1,"validTime":24}}"#),
    ];
    assert_eq!(signature(example.into_iter(), "<APP_SECRET>"), "ac076ff25d9900015a681cb5172aa53b");
    let full = [("appId", APP_ID), ("pushIds", "A1B2C3,D4E5F6"), ("messageJson", FULL)];
    assert_eq!(signature(full.into_iter(), APP_SECRET), "5c0a4a756b24e660e9b117698a45fad0");
    let task = [("taskId", "20457"), ("appId", APP_ID), ("pushIds", "A1B2C3")];
    assert_eq!(signature(task.into_iter(), APP_SECRET), "310789b09a2dc6d78b51099cb5903f8a");
}

#[test]
fn full_message_is_delivered_as_the_user_sees_it() {
    let fake = Meizu::new();
    let sign = "5c0a4a756b24e660e9b117698a45fad0";
    let pairs = [("appId", APP_ID), ("pushIds", "A1B2C3,D4E5F6"), ("messageJson", FULL), ("sign", sign)];
    let answer = fake.answer(&unsigned(DIRECT, &pairs));
    assert_eq!(taken(&answer), json!({}));
    let all = fake.world().delivered();
    assert_eq!(all.iter().map(|d| d.target.as_str()).collect::<Vec<_>>(), ["A1B2C3", "D4E5F6"]);
    let got = &all[0];
    assert_eq!(got.title.as_deref(), Some("订单更新"));
    assert_eq!(got.body.as_deref(), Some("Your order = shipped & ready + 100%"));
    assert_eq!(got.data, [("orderId".into(), "42".into())]);
    assert_eq!(got.click.as_deref(), Some("com.example.app.OrderActivity"));
    assert_eq!(got.ttl_seconds, Some(86_400));
    assert_eq!(got.collapse.as_deref(), Some("order-42"));
    assert_eq!(got.raw["messageJson"], FULL);
    assert_eq!(got.message_id, body(&answer)["msgId"]);
}

#[test]
fn wrong_signatures_are_refused() {
    let fake = Meizu::new();
    let pairs = [("appId", APP_ID), ("pushIds", "A1B2C3,D4E5F6"), ("messageJson", FULL)];
    let try_sign = |sign: Option<&str>| {
        let call = unsigned(DIRECT, &pairs.into_iter().chain(sign.map(|s| ("sign", s))).collect::<Vec<_>>());
        denied(&fake, &call, "1006")
    };
    try_sign(None);
    try_sign(Some(""));
    try_sign(Some("garbage"));
    try_sign(Some("db48c243173c1f6d3ded1a9b745574cd")); // over URL-encoded values
    try_sign(Some("ca395643871feb8f1bb257d3d8b48f5b")); // with & between the pairs
    try_sign(Some("5C0A4A756B24E660E9B117698A45FAD0")); // in upper case
    try_sign(Some(&signature(pairs.into_iter(), "another secret")));
    // A message that was written anew after signing.
    let spaced = FULL.replace("\":", "\": ");
    let changed = [("appId", APP_ID), ("pushIds", "A1B2C3,D4E5F6"), ("messageJson", spaced.as_str())];
    let sign = signature(pairs.into_iter(), APP_SECRET);
    let call = unsigned(DIRECT, &changed.into_iter().chain([("sign", sign.as_str())]).collect::<Vec<_>>());
    denied(&fake, &call, "1006");
    // A body that was signed right but not encoded: the plus arrives as a space.
    let plus = FULL.replace(" & ", " + ");
    let sign = signature([("appId", APP_ID), ("pushIds", "A1B2C3"), ("messageJson", &plus)].into_iter(), APP_SECRET);
    let mut raw = direct("A1B2C3", &plus);
    assert_eq!(taken(&fake.answer(&raw)), json!({}));
    raw.body = format!("appId={APP_ID}&pushIds=A1B2C3&messageJson={plus}&sign={sign}").into();
    denied(&fake, &raw, "1006");
    fake.world().refuse_tokens(true);
    denied(&fake, &direct("A1B2C3", FULL), "1006");
}

#[test]
fn the_app_must_be_known() {
    let fake = Meizu::new();
    let sign = |app| {
        let pairs = [("appId", app), ("pushIds", "A1B2C3"), ("messageJson", SDK)];
        let sign = signature(pairs.into_iter(), APP_SECRET);
        unsigned(DIRECT, &pairs.into_iter().chain([("sign", sign.as_str())]).collect::<Vec<_>>())
    };
    denied(&fake, &sign("100998"), "110000");
    denied(&fake, &sign("com.example.app"), "110000");
    denied(&fake, &sign(""), "110004");
    denied(&fake, &unsigned(DIRECT, &[("pushIds", "A1B2C3")]), "110004");
}

#[test]
fn what_the_java_sdk_sends_is_taken() {
    let fake = Meizu::new();
    let mut call = direct("A1B2C3", SDK);
    assert_eq!(taken(&fake.answer(&call)), json!({}));
    // The document's own example names no charset.
    call.headers.insert("content-type", "application/x-www-form-urlencoded".parse().unwrap());
    assert_eq!(taken(&fake.answer(&call)), json!({}));
    let got = fake.world().delivered().pop().unwrap();
    assert_eq!((got.click, got.collapse, got.ttl_seconds), (None, None, Some(86_400)));
    // Flags that do not fit their default, as numbers and as truth values.
    let call = signed(
        DIRECT,
        &[
            ("pushIds", "A1B2C3"),
            ("messageJson", &SDK.replace("\"offLine\":true", "\"offLine\":false")),
            ("restrictedPackageNames", "com.example.app,com.example.app.lite"),
        ],
    );
    assert_eq!(taken(&fake.answer(&call)), json!({}));
    assert_eq!(fake.world().delivered().pop().unwrap().ttl_seconds, Some(0));
}

#[test]
fn the_frame_of_a_call_is_checked() {
    let fake = Meizu::new();
    let good = direct("A1B2C3", SDK);
    for (path, method, status) in [
        ("/garcia/api/server/push/varnished/pushByPushID", Method::POST, 404),
        ("/garcia/api/server/push/varnished/pushByPushId/", Method::POST, 404),
        ("/varnished/pushByPushId", Method::POST, 404),
        (DIRECT, Method::GET, 405),
        (STAGE, Method::PUT, 405),
    ] {
        let call = Call { method, path: path.into(), ..good.clone() };
        let answer = fake.answer(&call);
        assert_eq!((answer.status, answer.refused.is_some()), (status, true), "{path}");
        assert_eq!(fake.purpose(&call), Purpose::Unknown);
    }
    for kind in ["application/json", "multipart/form-data", "application/x-www-form-urlencoded;charset=GBK", ""] {
        let mut call = good.clone();
        call.headers.insert("content-type", kind.parse().unwrap());
        denied(&fake, &call, "1005");
    }
    denied(&fake, &Call { query: "appId=100999".into(), ..good.clone() }, "1005");
    let twice = Call { body: [good.body.as_ref(), b"&pushIds=D4E5F6"].concat().into(), ..good };
    denied(&fake, &twice, "1005");
    let purpose = |path| fake.purpose(&unsigned(path, &[]));
    assert_eq!([DIRECT, STAGE, TASK].map(purpose), [Purpose::Send, Purpose::Stage, Purpose::Send]);
}

#[test]
fn parameters_are_checked() {
    let fake = Meizu::new();
    let target = ("pushIds", "A1B2C3");
    let message = ("messageJson", SDK);
    denied(&fake, &signed(DIRECT, &[target]), "110004");
    denied(&fake, &signed(DIRECT, &[target, ("messageJson", "")]), "110004");
    denied(&fake, &signed(DIRECT, &[message]), "110004");
    denied(&fake, &signed(DIRECT, &[message, ("pushIds", "")]), "110004");
    denied(&fake, &signed(DIRECT, &[target, message, ("taskId", "1")]), "1005");
    denied(&fake, &signed(DIRECT, &[target, message, ("pushids", "A1B2C3")]), "1005");
    denied(&fake, &signed(DIRECT, &[target, message, ("restrictedPackageNames", "com.stranger")]), "110031");
    let many = vec![PACKAGES[0]; MAX_PACKAGES + 1].join(",");
    denied(&fake, &signed(DIRECT, &[target, message, ("restrictedPackageNames", &many)]), "1005");
    for text in ["{", "[]", "\"text\"", "null", "{\"noticeBarInfo\":"] {
        denied(&fake, &direct("A1B2C3", text), "1005");
    }
}

#[test]
fn at_most_a_hundred_targets() {
    let fake = Meizu::new();
    let ids = |n: usize| (0..n).map(|i| fake.target(i)).collect::<Vec<_>>();
    assert_eq!(ids(200).iter().collect::<HashSet<_>>().len(), 200);
    assert!(ids(9).iter().all(|id| id.len() == 45 && is_push_id(id)));
    denied(&fake, &direct(&ids(101).join(","), SDK), "1005");
    denied(&fake, &direct("A1B2C3,,D4E5F6", SDK), "1005");
    denied(&fake, &direct("A1B2C3,", SDK), "1005");
    assert_eq!(taken(&fake.answer(&direct(&ids(100).join(","), SDK))), json!({}));
    assert_eq!(fake.world().delivered().len(), 100);
}

#[test]
fn failed_targets_hang_under_their_code() {
    let fake = Meizu::new();
    let off = *fake.codes().iter().find(|c| c.at == At::Target && c.code == "110010").unwrap();
    fake.world().set_target("DEAD1", TargetState::Dead);
    fake.world().set_target("DEAD2", TargetState::Dead);
    fake.world().set_target("OFF", TargetState::Refused(off));
    let value = taken(&fake.answer(&direct("DEAD1,A1B2C3,not-one,OFF,DEAD2, A1", SDK)));
    assert_eq!(value, json!({"110002": ["DEAD1", "DEAD2"], "110003": ["not-one", " A1"], "110010": ["OFF"]}));
    assert_eq!(fake.world().delivered().len(), 1);
    // None left: still an accepted request.
    assert_eq!(taken(&fake.answer(&direct("DEAD1", SDK))), json!({"110002": ["DEAD1"]}));
}

#[test]
fn a_task_is_staged_and_then_sent() {
    let fake = Meizu::new();
    let staged = fake.answer(&signed(STAGE, &[("pushType", "0"), ("messageJson", FULL)]));
    let value = json!({"taskId": 20457, "pushType": 0, "appId": 100999});
    assert_eq!(body(&staged), json!({"code": "200", "message": "", "value": value, "redirect": ""}));
    assert!(fake.world().delivered().is_empty());

    let sign = "310789b09a2dc6d78b51099cb5903f8a";
    let pairs = [("taskId", "20457"), ("appId", APP_ID), ("pushIds", "A1B2C3"), ("sign", sign)];
    assert_eq!(taken(&fake.answer(&unsigned(TASK, &pairs))), json!({}));
    fake.world().set_target("DEAD", TargetState::Dead);
    let again = fake.answer(&signed(TASK, &[("taskId", "20457"), ("pushIds", "DEAD,D4E5F6")]));
    assert_eq!(taken(&again), json!({"110002": ["DEAD"]}));
    let all = fake.world().delivered();
    assert_eq!(all.iter().map(|d| d.target.as_str()).collect::<Vec<_>>(), ["A1B2C3", "D4E5F6"]);
    assert_eq!(all[0].title.as_deref(), Some("订单更新"));
    assert_eq!((&all[0].raw["messageJson"], &all[0].raw["pushIds"]), (&json!(FULL), &json!("A1B2C3")));

    let other = fake.answer(&signed(STAGE, &[("pushType", "0"), ("messageJson", SDK)]));
    assert_eq!(body(&other)["value"]["taskId"], 20458);
}

#[test]
fn wrong_tasks_are_refused() {
    let fake = Meizu::new();
    let message = ("messageJson", SDK);
    denied(&fake, &signed(STAGE, &[message]), "110004");
    denied(&fake, &signed(STAGE, &[message, ("pushType", "2")]), "1005");
    denied(&fake, &signed(STAGE, &[message, ("pushType", "1")]), "110053");
    denied(&fake, &signed(STAGE, &[message, ("pushType", "0"), ("pushIds", "A1B2C3")]), "1005");
    denied(&fake, &signed(STAGE, &[("pushType", "0"), ("messageJson", "{}")]), "110004");
    denied(&fake, &unsigned(STAGE, &[message, ("pushType", "0"), ("appId", APP_ID)]), "1006");
    fake.answer(&signed(STAGE, &[message, ("pushType", "0")]));
    let target = ("pushIds", "A1B2C3");
    for (task, code) in [("20458", "110032"), ("+20457", "110032"), ("x", "110032"), ("", "110004")] {
        denied(&fake, &signed(TASK, &[target, ("taskId", task)]), code);
    }
    denied(&fake, &signed(TASK, &[("taskId", "20457")]), "110004");
    denied(&fake, &signed(TASK, &[target, ("taskId", "20457"), message]), "1005");
    let many = vec!["A1B2C3"; 101].join(",");
    denied(&fake, &signed(TASK, &[("taskId", "20457"), ("pushIds", &many)]), "1005");
}

#[test]
fn data_only_calls_are_withdrawn() {
    let fake = Meizu::new();
    let message = r#"{"title":"title","content":"content","pushTimeInfo":{"offLine":1,"validTime":24}}"#;
    for path in [
        "unvarnished/pushByPushId",
        "unvarnished/pushByAlias",
        "task/unvarnished/pushByPushId",
        "task/unvarnished/pushByAlias",
    ] {
        let path = format!("/garcia/api/server/push/{path}");
        denied(&fake, &signed(&path, &[("pushIds", "A1B2C3"), ("messageJson", message)]), "110053");
        denied(&fake, &unsigned(&path, &[("appId", APP_ID), ("messageJson", message)]), "1006");
    }
}

#[test]
fn every_documented_code_can_be_asked_for() {
    let fake = Meizu::new();
    let mut names = HashSet::new();
    for code in fake.codes() {
        assert!(names.insert((code.code, code.at)), "{} twice", code.code);
        fake.world().forget();
        let call = match code.at {
            At::Stage => signed(STAGE, &[("pushType", "0"), ("messageJson", SDK)]),
            _ => direct("A1B2C3,D4E5F6,G7H8I9", SDK),
        };
        let answer = fake.coded(&call, code);
        if code.at == At::Target {
            assert_eq!(taken(&answer), json!({code.code: ["A1B2C3"]}));
            assert_eq!(fake.world().delivered().len(), 2);
            continue;
        }
        let body = body(&answer);
        assert_eq!((&body["code"], &body["value"]), (&json!(code.code), &json!("")));
        assert_ne!(body["message"], "");
        assert_eq!(body["redirect"] == "", code.code != "300");
        assert!(fake.world().delivered().is_empty());
    }
    let request = [
        "300", "500", "-1", "1001", "1003", "1005", "1006", "110000", "110001", "110002", "110003", "110004", "110009",
        "110010", "110019", "110031", "110032", "110033", "110051", "110053",
    ];
    let target = ["201", "501", "513", "518", "519", "520", "110002", "110003", "110005", "110010", "110011"];
    assert!(request.iter().all(|code| names.contains(&(*code, At::Send))));
    assert!(target.iter().all(|code| names.contains(&(*code, At::Target))));
    // One number, two meanings.
    let class = |at| fake.codes().iter().find(|c| c.code == "110010" && c.at == at).unwrap().class;
    assert_eq!((class(At::Send), class(At::Target)), (Class::RateLimited, Class::PermissionDenied));
}

#[test]
fn a_code_for_a_call_that_is_wrong_delivers_nothing() {
    let fake = Meizu::new();
    let code = DocumentedCode { code: "518", class: Class::RateLimited, at: At::Target };
    let call = unsigned(DIRECT, &[("pushIds", "A1B2C3,D4E5F6")]);
    assert_eq!(taken(&fake.coded(&call, &code)), json!({"518": ["A1B2C3"]}));
    assert!(fake.world().delivered().is_empty());
}

#[test]
fn the_configuration_is_the_fakes_own() {
    let config = Meizu::new().config("http://127.0.0.1:1");
    let expected = json!({
        "vendor": "meizu",
        "app_id": APP_ID,
        "app_secret": APP_SECRET,
        "receipt_token": RECEIPT_TOKEN,
        "endpoint": "http://127.0.0.1:1",
    });
    assert_eq!(config, expected);
    assert_eq!(Meizu::new().vendor(), "meizu");
}
