//! What a message may say, and what the user sees of it.

use serde_json::{Value, json};

use super::*;

/// The code for the good message with one place set (`/a/b` as in JSON pointers) or removed.
#[track_caller]
fn with(changes: &[(&str, Option<Value>)]) -> u64 {
    let fake = Honor::new();
    let mut body = good();
    for (place, value) in changes {
        let (parent, name) = place.rsplit_once('/').unwrap();
        let parent = body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        match value {
            Some(value) => drop(parent.insert(name.into(), value.clone())),
            None => drop(parent.shift_remove(name)),
        }
    }
    let answer = fake.answer(&send(&fake, &body));
    let code = code(&answer);
    assert_eq!(fake.world().delivered().len(), if code == 200 { 2 } else { 0 });
    code
}

#[track_caller]
fn inner(name: &str, value: Value) -> u64 {
    with(&[(&format!("/android/notification/{name}"), Some(value))])
}

fn seen(body: &Value) -> Delivered {
    let fake = Honor::new();
    let answer = fake.answer(&send(&fake, body));
    assert_eq!((code(&answer), answer.refused.as_ref()), (200, None), "{answer:?}");
    let delivered = fake.world().delivered().remove(0);
    assert_eq!(json_of(&answer)["data"]["requestId"], delivered.message_id);
    delivered
}

#[test]
fn a_full_notification_is_taken_and_decoded() {
    let body = json!({
        "token": ["regA"],
        "data": r#"{"outer":"1"}"#,
        "notification": {"title": "outer", "body": "outer", "image": "https://a.b/outer.png"},
        "android": {
            "ttl": "86400s",
            "biTag": "order-42",
            "data": r#"{"z":"1","a":{"n":2}}"#,
            "targetUserType": 1,
            "notification": {
                "title": "订单更新", "body": "Your order shipped", "importance": "NORMAL",
                "clickAction": {"type": 1, "intent": "intent://x/#Intent;scheme=app;S.id=42;end"},
                "image": "https://a.b/c.png", "style": 1, "bigTitle": "订单更新", "bigBody": "Your order shipped",
                "when": "2014-10-02T15:01:23.045123456Z",
                "buttons": [
                    {"name": "home", "actionType": 0, "data": r#"{"k":"v"}"#},
                    {"name": "page", "actionType": 1, "intentType": 1, "intent": "com.example.app.OPEN"},
                    {"name": "web", "actionType": 2, "intent": "https://a.b"},
                ],
                "badge": {"addNum": 1, "badgeClass": "com.example.app.MainActivity"},
                "notifyId": 7, "tag": "order", "group": "orders",
            },
        },
    });
    let seen = seen(&body);
    assert_eq!((seen.title.as_deref(), seen.body.as_deref()), (Some("订单更新"), Some("Your order shipped")));
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(seen.data, [pair("z", "1"), pair("a", r#"{"n":2}"#)]);
    assert_eq!(seen.click.as_deref(), Some("intent://x/#Intent;scheme=app;S.id=42;end"));
    assert_eq!((seen.ttl_seconds, seen.collapse.as_deref()), (Some(86400), Some("order")));
    assert_eq!((seen.request_id.as_deref(), seen.target.as_str()), (Some("order-42"), "regA"));
    assert_eq!(seen.raw, body);
}

#[test]
fn the_outer_parts_stand_in_for_the_inner_ones() {
    let mut body = good();
    body["notification"] = json!({"title": "outer", "body": "outer text"});
    body["data"] = json!(r#"{"k":"v"}"#);
    body["android"]["notification"].as_object_mut().unwrap().shift_remove("title");
    body["android"]["notification"]["notifyId"] = json!(0);
    let one = seen(&body);
    assert_eq!((one.title.as_deref(), one.body.as_deref()), (Some("outer"), Some("text")));
    assert_eq!(one.data, [("k".to_owned(), "v".to_owned())]);
    assert_eq!((one.collapse.as_deref(), one.click, one.ttl_seconds), (Some("0"), None, None));
    body["android"]["notification"]["notifyId"] = json!(-1);
    assert_eq!(seen(&body).collapse, None);
}

#[test]
fn data_alone_is_a_data_message() {
    let of = |data: &str| seen(&json!({"token": ["regA"], "data": data, "android": {"ttl": "60s"}}));
    let pairs = of(r#"{"k":"v"}"#);
    assert_eq!((pairs.title, pairs.data), (None, vec![("k".to_owned(), "v".to_owned())]));
    let text = of("any text");
    assert_eq!((text.data.len(), text.raw["data"].as_str(), text.ttl_seconds), (0, Some("any text"), Some(60)));
    let fake = Honor::new();
    for nothing in [
        json!({"token": ["regA"]}),
        json!({"token": ["regA"], "data": ""}),
        json!({"token": ["regA"], "data": {"k": "v"}}),
        json!({"token": ["regA"], "android": {"data": "text"}}),
        json!({"token": ["regA"], "data": "{}", "notification": {"title": "t", "body": "b"}}), // no click
    ] {
        assert_eq!(code(&fake.answer(&send(&fake, &nothing))), 400, "{nothing}");
    }
}

#[test]
fn what_others_send_is_refused() {
    let fake = Honor::new();
    let huawei = json!({"validate_only": false, "message": good()});
    assert_eq!(code(&fake.answer(&send(&fake, &huawei))), 400);
    assert!(fake.world().delivered().is_empty());
    for place in [
        "/validate_only",
        "/topic",
        "/tokens",
        "/android/category",
        "/android/bi_tag",
        "/android/notification/click_action",
        "/android/notification/useDefaultVibrate",
        "/android/notification/useDefaultLight",
        "/android/notification/visibility",
        "/android/notification/off_line",
        "/android/notification/channelId",
        "/android/notification/clickAction/intentUri",
    ] {
        assert_eq!(with(&[(place, Some(json!("x")))]), 400, "{place}");
    }
}

#[test]
fn a_thousand_tokens_and_no_more() {
    let fake = Honor::new();
    let tokens = |tokens: Value| {
        let mut body = good();
        body["token"] = tokens;
        code(&fake.answer(&send(&fake, &body)))
    };
    assert_eq!(tokens(json!(vec!["regA"; 1000])), 200);
    assert_eq!(tokens(json!(vec!["regA"; 1001])), 400);
    for wrong in [json!([]), json!("regA"), json!([1]), json!([null]), Value::Null] {
        assert_eq!(tokens(wrong.clone()), 400, "{wrong}");
    }
    assert_eq!(with(&[("/token", None)]), 400);
}

#[test]
fn fields_have_types_lengths_and_ranges() {
    let long = |n| json!("长".repeat(n));
    for (name, value, expected) in [
        ("title", long(40), 200),
        ("title", long(41), 400),
        ("title", json!(7), 400),
        ("title", json!(" "), 400),
        ("title", Value::Null, 400),
        ("body", long(256), 200),
        ("body", long(257), 400),
        ("body", json!(""), 400),
        ("importance", json!("LOW"), 200),
        ("importance", json!("HIGH"), 400),
        ("importance", json!("normal"), 400),
        ("importance", json!(1), 400),
        ("image", json!("http://a.b/c.png"), 400),
        ("image", json!("https://"), 400),
        ("style", json!(0), 200),
        ("style", json!(1), 400), // without big texts
        ("style", json!(3), 400),
        ("style", json!("0"), 400),
        ("bigTitle", json!("title"), 200),
        ("bigTitle", json!("other"), 400),
        ("when", json!("2014-10-02T15:01:23Z"), 200),
        ("when", json!("2014-10-02T15:01:23.0451234567Z"), 400),
        ("when", json!("2014-10-02T15:01:23+08:00"), 400),
        ("when", json!("2014-13-02T15:01:23Z"), 400),
        ("when", json!("2014-10-02 15:01:23Z"), 400),
        ("when", json!(1_412_262_083), 400),
        ("notifyId", json!(0x7fff_ffff), 200),
        ("notifyId", json!(0x8000_0000_u32), 400),
        ("notifyId", json!(-2), 400),
        ("notifyId", json!("7"), 400),
        ("notifyId", json!(7.0), 400),
        ("tag", json!(7), 400),
        ("group", json!(["g"]), 400),
        ("badge", json!({"setNum": 0, "badgeClass": "a.B"}), 200),
        ("badge", json!({"setNum": 100, "badgeClass": "a.B"}), 400),
        ("badge", json!({"addNum": 99, "badgeClass": "a.B"}), 200),
        ("badge", json!({"addNum": 0, "badgeClass": "a.B"}), 400),
        ("badge", json!({"addNum": 1}), 400),
        ("badge", json!({"add_num": 1, "badgeClass": "a.B"}), 400),
        ("badge", json!(1), 400),
    ] {
        assert_eq!(inner(name, value.clone()), expected, "{name} = {value}");
    }
    for (place, value, expected) in [
        ("/android/ttl", json!("0s"), 200),
        ("/android/ttl", json!("1296000s"), 200),
        ("/android/ttl", json!("1296001s"), 400),
        ("/android/ttl", json!("86400"), 400),
        ("/android/ttl", json!("1.5s"), 400),
        ("/android/ttl", json!("-1s"), 400),
        ("/android/ttl", json!("+1s"), 400),
        ("/android/ttl", json!("s"), 400),
        ("/android/ttl", json!(86400), 400),
        ("/android/biTag", json!(42), 400),
        ("/android/targetUserType", json!(2), 400),
        ("/android/targetUserType", json!("1"), 400),
        ("/android/data", json!("no JSON"), 400),
        ("/data", json!("no JSON"), 400),
        ("/data", json!("[1]"), 400),
        ("/data", json!({"k": "v"}), 400),
        ("/data", json!(r#"{"k":1}"#), 200),
        ("/notification", json!({"title": "t", "color": "#fff"}), 400),
        ("/notification", json!("t"), 400),
        ("/android", json!([]), 400),
    ] {
        assert_eq!(with(&[(place, Some(value.clone()))]), expected, "{place} = {value}");
    }
    for name in ["title", "body", "clickAction", "importance"] {
        assert_eq!(with(&[(&format!("/android/notification/{name}"), None)]), 400, "{name}");
    }
}

#[test]
fn big_texts_are_the_texts_and_marketing_has_no_image() {
    let path = |name: &str| format!("/android/notification/{name}");
    let big = |title: &str, text: &str| {
        let (style, big_title, big_body) = (path("style"), path("bigTitle"), path("bigBody"));
        with(&[(&style, Some(json!(1))), (&big_title, Some(json!(title))), (&big_body, Some(json!(text)))])
    };
    assert_eq!((big("title", "text"), big("title", "longer text"), big("Title", "text")), (200, 400, 400));
    let picture = json!("https://a.b/c.png");
    assert_eq!(inner("image", picture.clone()), 200);
    let low = (path("importance"), Some(json!("LOW")));
    assert_eq!(with(&[(&low.0, low.1.clone()), (&path("image"), Some(picture.clone()))]), 400);
    assert_eq!(with(&[(&low.0, low.1.clone()), ("/notification", Some(json!({"image": picture})))]), 400);
}

#[test]
fn clicks_are_checked_and_decoded() {
    let click = |click: Value| {
        let fake = Honor::new();
        let mut body = good();
        body["android"]["notification"]["clickAction"] = click;
        let code = code(&fake.answer(&send(&fake, &body)));
        (code, fake.world().delivered().pop().and_then(|seen| seen.click))
    };
    for (good, opens) in [
        (json!({"type": 3}), None),
        (json!({"type": 1, "intent": "myapp://order/42"}), Some("myapp://order/42")),
        (json!({"type": 1, "action": "com.example.app.ORDER"}), Some("com.example.app.ORDER")),
        (json!({"type": 2, "url": "https://a.b/?c=d"}), Some("https://a.b/?c=d")),
    ] {
        assert_eq!(click(good.clone()), (200, opens.map(str::to_owned)), "{good}");
    }
    for wrong in [
        json!({}),
        json!([]),
        json!({"type": 0}),
        json!({"type": 4}),
        json!({"type": "3"}),
        json!({"type": 1}),
        json!({"type": 1, "intent": ""}),
        json!({"type": 1, "intent": "order/42"}),
        json!({"type": 1, "intent": "intent:#Intent;component=a/.B"}),
        json!({"type": 1, "action": "has space"}),
        json!({"type": 1, "url": "https://a.b"}),
        json!({"type": 2}),
        json!({"type": 2, "url": "http://a.b"}),
        json!({"type": 2, "url": "https:///x"}),
        json!({"type": 3, "url": "https://a.b"}),
        json!({"type": 3, "intent": "myapp://order/42"}),
    ] {
        assert_eq!(click(wrong.clone()), (400, None), "{wrong}");
    }
}

#[test]
fn buttons_are_few_and_whole() {
    let button = |button: Value| inner("buttons", json!([button]));
    let home = json!({"name": "n", "actionType": 0});
    assert_eq!(inner("buttons", json!([home, home, home])), 200);
    assert_eq!(inner("buttons", json!([home, home, home, home])), 400);
    assert_eq!(inner("buttons", home), 400); // as one client sends it
    assert_eq!(inner("buttons", json!(["n"])), 400);
    let page =
        |kind: Value, intent: &str| button(json!({"name": "n", "actionType": 1, "intentType": kind, "intent": intent}));
    assert_eq!((page(json!(0), "myapp://x"), page(json!(1), "com.example.X")), (200, 200));
    assert_eq!((page(json!(0), "com.example.X"), page(json!(1), ""), page(json!(2), "x")), (400, 400, 400));
    let data =
        |length: usize| button(json!({"name": "n", "actionType": 0, "data": format!(r#"{{"k":"{:0length$}"}}"#, 0)}));
    assert_eq!((data(1024 - 8), data(1024 - 7)), (200, 400));
    for wrong in [
        json!({"name": "n"}),
        json!({"actionType": 0}),
        json!({"name": "n".repeat(41), "actionType": 0}),
        json!({"name": "n", "actionType": 3}),
        json!({"name": "n", "actionType": 1, "intent": "myapp://x"}),
        json!({"name": "n", "actionType": 2}),
        json!({"name": "n", "actionType": 2, "intent": "http://a.b"}),
        json!({"name": "n", "actionType": 2, "intent": "https://a.b", "data": "{}"}),
        json!({"name": "n", "actionType": 0, "data": "no JSON"}),
        json!({"name": "n", "action_type": 0}),
    ] {
        assert_eq!(button(wrong.clone()), 400, "{wrong}");
    }
    assert_eq!(button(json!({"name": "n".repeat(40), "actionType": 2, "intent": "https://a.b"})), 200);
}
