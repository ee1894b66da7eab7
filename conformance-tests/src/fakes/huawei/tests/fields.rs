//! What a message may say.

use super::*;

/// Sends the message with one change, and gives the number of the answer.
fn with(lab: &Lab, pointer: &str, value: Value) -> String {
    code_of(&lab.send(&changed(&format!("/message{pointer}"), value)))
}

#[test]
fn a_notification_arrives() {
    let lab = Lab::new();
    let seen = lab.delivered(&message());
    assert_eq!(seen.target, lab.0.target(0));
    assert_eq!((seen.title.as_deref(), seen.body.as_deref()), (Some("您的订单"), Some("已发货")));
    assert_eq!(seen.data, owned(&[("order", "42"), ("n", "1")]));
    assert_eq!((seen.ttl_seconds, seen.collapse.as_deref(), seen.click), (Some(3600), Some("7"), None));
    assert!(seen.raw.get("token").is_none() && seen.raw.get("android").is_some());
}

#[test]
fn a_data_message_arrives() {
    let lab = Lab::new();
    let body = json!({"message": {"data": "anything", "android": {"urgency": "NORMAL"}, "token": [lab.0.target(3)]}});
    let seen = lab.delivered(&body);
    assert_eq!((seen.title, seen.data), (None, vec![("data".into(), "anything".into())]));
}

#[test]
fn the_inner_text_wins() {
    let lab = Lab::new();
    let mut body =
        changed("/message/notification", json!({"title": "outer", "body": "outer", "image": "https://e.com/a.png"}));
    put(&mut body, "/message/android/notification/title", Value::Null);
    put(&mut body, "/message/android/data", json!("{}"));
    let seen = lab.delivered(&body);
    assert_eq!((seen.title.as_deref(), seen.body.as_deref()), (Some("outer"), Some("已发货")));
    assert!(seen.data.is_empty());
}

#[test]
fn clicks_are_checked_and_seen() {
    let lab = Lab::new();
    let intent = "intent://example.com/order#Intent;scheme=app;launchFlags=0x4000000;S.id=42;end";
    for (click, opens) in [
        (json!({"type": 3}), None),
        (json!({"type": 1, "intent": intent}), Some(intent)),
        (json!({"type": 1, "action": "com.example.OPEN"}), Some("com.example.OPEN")),
        (json!({"type": 1, "action": "com.example.OPEN", "intent": intent}), Some(intent)),
        (json!({"type": 2, "url": "https://example.com/a?b=c"}), Some("https://example.com/a?b=c")),
    ] {
        let seen = lab.delivered(&changed("/message/android/notification/click_action", click));
        assert_eq!(seen.click.as_deref(), opens);
    }
    for click in [
        json!({}),
        json!({"type": 0}),
        json!({"type": 4}),
        json!({"type": "3"}),
        json!({"type": 1}),
        json!({"type": 1, "url": "https://example.com"}),
        json!({"type": 1, "intent": "com.example/.Main"}),
        json!({"type": 2}),
        json!({"type": 2, "url": "http://example.com"}),
        json!({"type": 3, "activity": "x"}),
        json!(3),
        Value::Null,
    ] {
        assert_eq!(with(&lab, "/android/notification/click_action", click.clone()), "80100003", "{click}");
    }
}

#[test]
fn good_fields_are_taken() {
    let lab = Lab::new();
    for (name, value) in [
        ("image", json!("https://example.com/a.png")),
        ("icon", json!("/raw/ic")),
        ("color", json!("#AA00ff")),
        ("sound", json!("/raw/ping")),
        ("default_sound", json!(false)),
        ("notify_id", json!(0)),
        ("tag", json!("t")),
        ("group", json!("g")),
        ("channel_id", json!("orders")),
        ("inbox_content", json!(["a", "b", "c", "d", "e"])),
        ("badge", json!({"add_num": 1, "class": "com.example.app.Main"})),
        ("badge", json!({"set_num": 0, "class": "com.example.app.Main"})),
        ("importance", json!("LOW")),
        ("visibility", json!("VISIBILITY_UNSPECIFIED")),
        ("when", json!("2014-10-02T15:01:23.045123456Z")),
        ("foreground_show", json!(false)),
        ("vibrate_config", json!(["1", "3.5s", "60S"])),
        ("profile_id", json!("p".repeat(64))),
        ("buttons", json!([{"name": "b", "action_type": 1, "intent_type": 0, "intent": "x"}])),
        ("multi_lang_key", json!({"k": {"en": "a", "zh": "b", "fr": "c"}})),
    ] {
        assert_eq!(with(&lab, &format!("/android/notification/{name}"), value.clone()), "80000000", "{name}: {value}");
    }
    let light = json!({"color": {"alpha": 0, "red": 0, "green": 1, "blue": 0.5}, "light_on_duration": "3.5", "light_off_duration": "5s"});
    assert_eq!(with(&lab, "/android/notification/light_settings", light), "80000000");
    for ttl in ["1s", "86400", "1296000s", "1.5S"] {
        assert_eq!(with(&lab, "/android/ttl", json!(ttl)), "80000000", "{ttl}");
    }
    for key in [-1, 0, 100] {
        assert_eq!(with(&lab, "/android/collapse_key", json!(key)), "80000000");
    }
    for category in tables::CATEGORIES.iter().filter(|category| **category != "PLAY_VOICE") {
        assert_eq!(with(&lab, "/android/category", json!(category)), "80000000", "{category}");
    }
    assert_eq!(with(&lab, "/android/fast_app_target", json!(2)), "80000000");
    assert_eq!(with(&lab, "/android/target_user_type", json!(1)), "80000000");
}

#[test]
fn bad_fields_are_refused() {
    let lab = Lab::new();
    for (name, value) in [
        ("title", Value::Null),
        ("body", json!("")),
        ("title", json!(1)),
        ("titel", json!("x")),
        ("image", json!("http://example.com/a.png")),
        ("icon", json!("ic")),
        ("color", json!("AA00ff")),
        ("sound", json!("ping")),
        ("default_sound", json!("false")),
        ("notify_id", json!("1")),
        ("style", json!(1)),
        ("style", json!(2)),
        ("style", json!(3)),
        ("inbox_content", json!(["a", "b", "c", "d", "e", "f"])),
        ("inbox_content", json!(["x".repeat(1025)])),
        ("badge", json!({"add_num": 1})),
        ("badge", json!({"add_num": 0, "class": "c"})),
        ("badge", json!({"set_num": 100, "class": "c"})),
        ("importance", json!("MAX")),
        ("visibility", json!("private")),
        ("when", json!("2014-10-02 15:01:23")),
        ("vibrate_config", json!(["0"])),
        ("vibrate_config", json!(["61"])),
        ("vibrate_config", json!(vec!["1"; 11])),
        ("light_settings", json!({"color": {}})),
        ("profile_id", json!("p".repeat(65))),
        ("buttons", json!([{"name": "b", "action_type": 1}])),
        ("buttons", json!([{"name": "b".repeat(41), "action_type": 0}])),
        ("buttons", json!(vec![json!({"name": "b", "action_type": 0}); 4])),
        ("title_loc_args", json!(["x"])),
        ("multi_lang_key", json!({"k": {"a": "", "b": "", "c": "", "d": ""}})),
    ] {
        let code = with(&lab, &format!("/android/notification/{name}"), value.clone());
        assert_eq!(code, "80100003", "{name}: {value}");
    }
    for ttl in [json!("0s"), json!("1296001s"), json!("24h0m0s"), json!("-1"), json!(""), json!("s"), json!(3600)] {
        assert_eq!(with(&lab, "/android/ttl", ttl.clone()), "80100004", "{ttl}");
    }
    for key in [json!(-2), json!(101), json!("7"), json!(1.5)] {
        assert_eq!(with(&lab, "/android/collapse_key", key.clone()), "80100013", "{key}");
    }
    for (pointer, value) in [
        ("/android/category", json!("ORDER")),
        ("/android/category", json!("PLAY_VOICE")),
        ("/android/urgency", json!("high")),
        ("/android/fast_app_target", json!(3)),
        ("/android/priority", json!("x")),
        ("/data", json!("not JSON")),
        ("/data", json!({"order": "42"})),
        ("/unknown", json!(1)),
        ("/android", Value::Null),
        ("/android/notification", json!([])),
    ] {
        let mut body = changed(&format!("/message{pointer}"), value.clone());
        if pointer == "/android" {
            put(&mut body, "/message/notification", json!({"title": "t", "body": "b"}));
        }
        assert_eq!(code_of(&lab.send(&body)), "80100003", "{pointer}: {value}");
    }
    assert_eq!(code_of(&lab.send(&json!({"message": {"token": [lab.0.target(0)]}}))), "80100003", "nothing to say");
    assert_eq!(code_of(&lab.send(&changed("/validateOnly", json!(true)))), "80100003");
    assert_eq!(
        code_of(&lab.send(&changed("/review", json!([{"reviewer": "me", "type": 0, "result": {}}])))),
        "80100018"
    );
    let answer = lab.send(&changed("/message/android/notification/titel", json!("x")));
    assert!(json_of(&answer)["msg"].as_str().unwrap().contains("titel"));
    assert!(lab.0.world().delivered().is_empty());
}

#[test]
fn high_priority_needs_a_right() {
    let body = changed("/message/android/notification/importance", json!("HIGH"));
    assert_eq!(code_of(&Lab::new().send(&body)), "80300011");
    let granted = Lab::of(Huawei::new().with(Habit::HighPriority));
    assert_eq!(code_of(&granted.send(&body)), "80000000");
    let data = json!({"message": {"data": "x", "android": {"urgency": "HIGH"}, "token": [granted.0.target(0)]}});
    assert_eq!(code_of(&Lab::new().send(&data)), "80300011");
    assert_eq!(code_of(&granted.send(&data)), "80000000");
}

#[test]
fn tokens_are_counted() {
    let lab = Lab::new();
    let many = |count: usize| json!((0..count).map(|n| lab.0.target(n)).collect::<Vec<_>>());
    assert_eq!(with(&lab, "/token", many(1000)), "80000000");
    assert_eq!(lab.0.world().delivered().len(), 1000);
    for (pointer, value, code) in [
        ("/token", many(1001), "80300010"),
        ("/token", many(0), "80300010"),
        ("/token", Value::Null, "80300010"),
        ("/topic", json!("news"), "80300010"),
        ("/token", json!(lab.0.target(0)), "80100003"),
        ("/token", json!([1]), "80100003"),
    ] {
        assert_eq!(with(&lab, pointer, value), code, "{pointer}");
    }
    assert_eq!(code_of(&lab.send(&json!({"mesage": message()["message"]}))), "80300010");
}

#[test]
fn topics_and_conditions_are_read() {
    let lab = Lab::new();
    let to = |name: &str, text: &str| {
        let mut body = changed("/message/token", Value::Null);
        put(&mut body, &format!("/message/{name}"), json!(text));
        code_of(&lab.send(&body))
    };
    for (name, text) in [
        ("topic", "news_新闻"),
        ("condition", "'a' in topics"),
        ("condition", "'a' in topics && ('b' in topics || !('c' in topics))"),
    ] {
        assert_eq!(to(name, text), "80000000", "{text}");
    }
    assert_eq!(lab.0.world().delivered().len(), 3);
    let six = ["'a' in topics"; 6].join(" && ");
    for (name, text) in [
        ("topic", ""),
        ("topic", "a b"),
        ("condition", "a in topics"),
        ("condition", "'a' in topics &&"),
        ("condition", "('a' in topics"),
        ("condition", "'a' in topics 'b' in topics"),
        ("condition", six.as_str()),
    ] {
        assert_eq!(to(name, text), "80100003", "{text}");
    }
}

#[test]
fn the_body_has_4096_bytes_without_tokens() {
    let lab = Lab::new();
    let tokens: Vec<String> = (0..900).map(|n| lab.0.target(n)).collect();
    let of = |text: usize, tokens: &[String]| {
        let mut body = changed("/message/android/notification/body", json!("x".repeat(text)));
        put(&mut body, "/message/token", json!(tokens));
        body
    };
    let bare = of(0, &[]).to_string().len();
    let fits = wire::MAX_BODY - bare;
    assert_eq!(code_of(&lab.send(&of(fits, &tokens))), "80000000");
    assert_eq!(code_of(&lab.send(&of(fits + 1, &tokens))), "80300008");
    assert_eq!(code_of(&lab.send(&of(fits + 1, &tokens[..1]))), "80300008");
}
