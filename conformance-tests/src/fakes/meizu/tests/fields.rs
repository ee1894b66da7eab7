//! The fields of `messageJson`, each with values inside and outside its bounds.

use serde_json::{Value, json};

use super::*;

/// The least that is a notification.
fn least() -> Value {
    json!({"noticeBarInfo": {"title": "Title", "content": "Text"}})
}

/// The least, with a value put at a path whose parts are divided by `/`.
fn with(path: &str, value: Value) -> Value {
    let mut message = least();
    put(&mut message, path, value);
    message
}

fn put(message: &mut Value, path: &str, value: Value) {
    let slot = path.split('/').fold(message, |at, part| &mut at[part]);
    *slot = value;
}

fn denied_message(message: &Value, code: &str) -> String {
    denied(&Meizu::new(), &direct("A1B2C3", &message.to_string()), code)
}

fn accepted_message(message: &Value) -> Delivered {
    let fake = Meizu::new();
    assert_eq!(taken(&fake.answer(&direct("A1B2C3", &message.to_string()))), json!({}));
    fake.world().delivered().pop().unwrap()
}

#[test]
fn required_fields() {
    denied_message(&json!({}), "110004");
    denied_message(&json!({"noticeBarInfo": {}}), "110004");
    for (path, value, code) in [
        ("noticeBarInfo/title", json!(""), "110004"),
        ("noticeBarInfo/content", json!(""), "110004"),
        ("noticeExpandInfo/noticeExpandType", json!(1), "110004"),
        ("noticeExpandInfo/noticeExpandType", json!(2), "110004"),
        ("clickTypeInfo/clickType", json!(1), "110004"),
        ("clickTypeInfo/clickType", json!(2), "110004"),
        ("pushTimeInfo/offLine", json!(1), "110004"),
        ("pushTimeInfo/offLine", json!(true), "110004"),
        ("advanceInfo/fixDisplay", json!(1), "110004"),
        ("extra/callback.param", json!("p1"), "110004"),
    ] {
        denied_message(&with(path, value), code);
    }
}

#[test]
fn wrong_values_are_refused() {
    let long = |n: usize| json!("长".repeat(n));
    let link = |n: usize| json!(format!("https://{}", "a".repeat(n - 8)));
    for (path, value) in [
        ("noticeBarInfo", json!("Title")),
        ("noticeBarInfo/title", long(33)),
        ("noticeBarInfo/title", json!(7)),
        ("noticeBarInfo/title", Value::Null),
        ("noticeBarInfo/content", long(101)),
        ("noticeBarInfo/noticeMsgType", json!(2)),
        ("noticeBarInfo/noticeMsgType", json!("1")),
        ("noticeBarInfo/noticeMsgType", json!(true)),
        ("noticeBarInfo/noticeBarType", json!(1)),
        ("noticeBarInfo/noticeBarImgUrl", json!("https://a.example/b.png")),
        ("noticeBarInfo/Title", json!("Title")),
        ("noticeExpandInfo/noticeExpandType", json!(3)),
        ("clickTypeInfo/clickType", json!(3)),
        ("clickTypeInfo/clickType", json!(1.0)),
        ("clickTypeInfo/customAttribute", json!("x")),
        ("clickTypeInfo/parameters", json!("{\"orderId\":\"42\"}")),
        ("clickTypeInfo/activity", json!("OrderActivity")),
        ("clickTypeInfo/activity", json!("com.example..Order")),
        ("clickTypeInfo/url", json!("no address")),
        ("clickTypeInfo/url", link(1001)),
        ("pushTimeInfo/validTime", json!(0)),
        ("pushTimeInfo/validTime", json!(73)),
        ("pushTimeInfo/validTime", json!(-1)),
        ("pushTimeInfo/validTime", json!("24")),
        ("pushTimeInfo/offLine", json!(2)),
        ("pushTimeInfo/offLine", json!("1")),
        ("pushTimeInfo/pushTimeType", json!(1)),
        ("pushTimeInfo/startTime", json!("2026-11-22 10:00:00")),
        ("pushTimeInfo/ttl", json!(5)),
        ("advanceInfo/fixSpeed", json!(true)),
        ("advanceInfo/fixSpeedRate", json!(10)),
        ("advanceInfo/fixStartDisplayTime", json!("2026-13-22 10:00:00")),
        ("advanceInfo/fixStartDisplayTime", json!("2026-11-22T10:00:00")),
        ("advanceInfo/fixEndDisplayTime ", json!("2026-11-22 10:00:00")),
        ("advanceInfo/notifyKey", json!("order-042")),
        ("advanceInfo/notifyKey", json!("order 42")),
        ("advanceInfo/notifyKey", json!("订单")),
        ("advanceInfo/notificationType", json!(1)),
        ("advanceInfo/notificationType/sound", json!("ding")),
        ("vipInfo/subtitle", long(17)),
        ("vipInfo/timeTop", json!(1799)),
        ("vipInfo/timeTop", json!(7201)),
        ("vipInfo/titleColor", json!("#000000")),
        ("vipInfo/bigIconUrl", json!("icon")),
        ("extra/callback", link(129)),
        ("extra/callback", json!({"param": "p1"})),
        ("extra/callback.param", long(22)),
        ("extra/callback.type", json!(4)),
        ("extra/callback.type", json!("0")),
        ("badge", json!(1)),
        ("title", json!("Title")),
    ] {
        let why = denied_message(&with(path, value), "1005");
        let field = path.rsplit('/').next().unwrap();
        assert!(why.contains(field), "{path}: {why}");
    }
}

#[test]
fn values_at_the_edge_are_taken() {
    let all = [
        ("noticeBarInfo/title", json!("长".repeat(32))),
        ("noticeBarInfo/content", json!("🚚".repeat(100))),
        ("noticeBarInfo/noticeBarType", json!(2)),
        ("pushTimeInfo/offLine", json!(true)),
        ("pushTimeInfo/validTime", json!(72)),
        ("advanceInfo/fixDisplay", json!(1)),
        ("advanceInfo/fixStartDisplayTime", json!("2026-11-22 00:00:00")),
        ("advanceInfo/fixEndDisplayTime", json!("2026-11-22 23:59:59")),
        ("vipInfo/subtitle", json!("长".repeat(16))),
        ("vipInfo/timeTop", json!(1800)),
        ("vipInfo/titleColor", json!("#E42D22")),
        ("vipInfo/bigIconUrl", json!("https://a.example/icon.png")),
        ("extra/callback", json!(format!("https://{}", "a".repeat(120)))),
        ("extra/callback.param", json!("长".repeat(21))),
        ("extra/callback.type", json!(2)),
    ];
    let mut message = least();
    all.into_iter().for_each(|(path, value)| put(&mut message, path, value));
    let got = accepted_message(&message);
    assert_eq!(got.title, Some("长".repeat(32)));
    assert_eq!(got.ttl_seconds, Some(72 * 3600));
    assert_eq!(accepted_message(&with("pushTimeInfo/validTime", json!(1))).ttl_seconds, Some(3600));
    let off = json!({"offLine": 0, "validTime": 0});
    assert_eq!(accepted_message(&with("pushTimeInfo", off)).ttl_seconds, Some(0));
    assert_eq!(accepted_message(&least()).ttl_seconds, Some(86_400));
}

#[test]
fn fields_that_exclude_each_other() {
    let picture = "https://a.example/b.png";
    for message in [
        with("vipInfo", json!({"pullDownTop": 1, "timeTop": 1800})),
        with("vipInfo", json!({"backgroundImgUrl": picture, "titleColor": "#206CFF"})),
        with("vipInfo", json!({"backgroundImgUrl": picture, "bigIconUrl": picture})),
    ] {
        denied_message(&message, "1005");
    }
    let mut big = with("noticeExpandInfo", json!({"noticeExpandType": 2, "noticeExpandImgUrl": picture}));
    accepted_message(&big);
    put(&mut big, "vipInfo/backgroundImgUrl", json!(picture));
    denied_message(&big, "1005");
}

#[test]
fn clicks_and_data() {
    let click = |info: Value| accepted_message(&with("clickTypeInfo", info));
    let open = click(json!({"clickType": 0, "parameters": {"b": "2", "a": 1, "c": {"d": true}}}));
    assert_eq!(open.click, None);
    let pairs = [("b", "2"), ("a", "1"), ("c", "{\"d\":true}")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    assert_eq!(open.data, pairs);
    let link = click(json!({"clickType": 2, "url": "example://order/42?a=1", "parameters": {"a": "1"}}));
    assert_eq!(link.click.as_deref(), Some("example://order/42?a=1"));
    assert!(link.data.is_empty(), "a URI carries no parameters");
    // Without the action the address opens nothing.
    assert_eq!(click(json!({"url": "https://a.example/"})).click, None);
}

#[test]
fn an_expanded_text_is_what_the_user_reads() {
    let text = "text ".repeat(60);
    let got = accepted_message(&with("noticeExpandInfo", json!({"noticeExpandType": 1, "noticeExpandContent": text})));
    assert_eq!(got.body, Some(text));
}
