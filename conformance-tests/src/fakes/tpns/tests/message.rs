//! The fields of a push: names, types, values, and rules between them.

use super::*;

/// A notification for Android whose `android` is this.
fn styled(android: Value) -> Value {
    with(json!({"message": {"title": "t", "content": "c", "android": android}}))
}

/// A push to iOS whose message is this.
fn apple(kind: &str, message: Value) -> Value {
    with(json!({"environment": "dev", "message_type": kind, "message": message}))
}

/// A notification for iOS whose `aps` is this.
fn aps(aps: Value) -> Value {
    apple("notify", json!({"title": "t", "content": "c", "ios": {"aps": aps}}))
}

#[test]
fn the_documents_full_message_is_taken() {
    let fake = Tpns::new();
    let message = json!({
        "title": "Title", "content": "Content",
        "xg_media_resources": "https://www.xx.com/img/bd_logo1.png?qua=high",
        "xg_media_audio_resources": "http://sc1.111ttt.cn/2018/1/03/13/396131227447.mp3",
        "thread_id": "Activity_id", "thread_sumtext": "Operational activity",
        "accept_time": [
            {"start": {"hour": "13", "min": "00"}, "end": {"hour": "14", "min": "00"}},
            {"start": {"hour": "00", "min": "00"}, "end": {"hour": "09", "min": "59"}},
        ],
        "android": {
            "n_ch_id": "default_message", "n_ch_name": "default notification", "n_id": 0, "builder_id": 0, "ring": 1,
            "ring_raw": "ring", "badge_type": -1, "vibrate": 1, "lights": 1, "clearable": 1, "icon_type": 0,
            "icon_res": "xg", "style_id": 1, "small_icon": "xg",
            "action": {
                "action_type": 1, "activity": "com.x.y.PushActivity", "aty_attr": {"if": 0, "pf": 0},
                "browser": {"url": "https://cloud.tencent.com", "confirm": 1},
                "intent": "xgscheme://com.tpns.push/notify_detail",
            },
            "custom_content": "{\"zeta\":\"值\",\"key\":\"value\",\"n\":[1,{}]}",
        },
    });
    let rules = json!([{"channel": "mz", "disable": true}, {"channel": "xm", "disable": false}]);
    let got = delivered(
        &fake,
        &android(&with(json!({"multi_pkg": true, "push_speed": 50000, "channel_rules": rules, "message": message}))),
    );
    assert_eq!((got.title.as_deref(), got.body.as_deref()), (Some("Title"), Some("Content")));
    assert_eq!(got.click.as_deref(), Some("com.x.y.PushActivity"));
    let pairs = [("zeta", "值"), ("key", "value"), ("n", "[1,{}]")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    assert_eq!(got.data, pairs);
}

#[test]
fn what_the_sdks_write_by_default_is_taken() {
    let fake = Tpns::new();
    let zeroes = json!({
        "platform": "", "environment": "product", "upload_id": 0, "expire_time": 259200, "send_time": "",
        "multi_pkg": false, "plan_id": "", "account_push_type": 0, "account_type": 0, "collapse_id": 0,
        "push_speed": 0, "tpns_online_push_type": 0, "force_collapse": false, "ignore_invalid_token": 0,
        "trace_id": "",
        "message": {"title": "t", "content": "c", "accept_time": [], "thread_id": "", "xg_media_resources": "",
            "android": {"n_ch_id": "", "vivo_ch_id": "", "builder_id": 0, "badge_type": -1, "ring": 1, "ring_raw": "",
                "vibrate": 1, "lights": 1, "clearable": 1, "icon_type": 0, "icon_res": "", "style_id": 1,
                "small_icon": "", "custom_content": "", "show_type": 2, "icon_color": 0}},
    });
    let got = delivered(&fake, &android(&with(zeroes.clone())));
    assert_eq!((got.ttl_seconds, got.click), (Some(259_200), None));
    // The same as a message in the app: nothing to see, and only data.
    let mut body = with(zeroes);
    body["message_type"] = json!("message");
    body["message"]["android"]["custom_content"] = json!("{\"key\":\"value\"}");
    body["message"].as_object_mut().unwrap().retain(|name, _| name != "thread_id" && name != "xg_media_resources");
    let got = delivered(&fake, &android(&body));
    assert_eq!((got.title, got.body), (None, None));
    assert_eq!(got.data, [("key".to_owned(), "value".to_owned())]);
    body["message"]["android"]["ring"] = json!(0);
    delivered(&fake, &android(&body));
    body["message"]["android"]["badge_type"] = json!(3);
    denied(&fake, &android(&body), "1008007");
    let got = delivered(&fake, &ios(&aps(json!({"badge_type": 0, "content-available": 0, "mutable-content": 1}))));
    assert_eq!(got.title.as_deref(), Some("t"));
}

#[test]
fn top_level_fields_are_checked() {
    let fake = Tpns::new();
    for (field, value, code) in [
        ("message", Value::Null, "1008002"),
        ("message", json!("text"), "1008001"),
        ("message_type", Value::Null, "1008002"),
        ("message_type", json!(""), "1008002"),
        ("message_type", json!("notification"), "1008007"),
        ("message_type", json!(1), "1008001"),
        ("platform", json!("ios"), "1008007"),
        ("platform", json!("harmony"), "1008007"),
        ("environment", json!("production"), "1008007"),
        ("expire_time", json!(-1), "1008007"),
        ("expire_time", json!(259_201), "1008007"),
        ("expire_time", json!("3600"), "1008001"),
        ("expire_time", json!(3600.5), "1008001"),
        ("ignore_invalid_token", json!(2), "1008007"),
        ("ignore_invalid_token", json!(true), "1008001"),
        ("multi_pkg", json!(1), "1008001"),
        ("push_speed", json!(999), "1008007"),
        ("push_speed", json!(50_001), "1008007"),
        ("collapse_id", json!(42), "1008007"),
        ("collapse_id", json!("order-42"), "1008007"),
        ("send_time", json!("2023-11-15 10:00:00"), "1008007"),
        ("upload_id", json!(1), "1008007"),
        ("loop_param", json!({}), "1008007"),
        ("tag_rules", json!([]), "1008007"),
        ("account_list", json!(["a"]), "1008007"),
        ("account_type", json!(1), "1008007"),
        ("account_push_type", json!(1), "1008007"),
        ("tpns_online_push_type", json!(2), "1008007"),
        ("force_collapse", json!(0), "1008001"),
        ("channel_rules", json!([{"channel": "huawei", "disable": true}]), "1008007"),
        ("channel_rules", json!([{"channel": "hw"}]), "1008002"),
        ("channel_rules", json!({"channel": "hw", "disable": true}), "1008001"),
        ("seq", json!("1"), "1008001"),
        ("expireTime", json!(3600), "1008007"),
        ("tokenlist", json!([]), "1008007"),
        ("title", json!("t"), "1008007"),
    ] {
        let why = denied(&fake, &android(&with(json!({field: value}))), code);
        assert!(why.contains(field) || field == "platform", "{field}: {why}");
    }
    let mut body = with(json!({}));
    body["plan_id"] = Value::Null;
    denied(&fake, &android(&body), "1008001");
}

#[test]
fn times_to_live() {
    let fake = Tpns::new();
    for (sent, lived) in [(0, 0), (1, 800), (799, 800), (800, 800), (801, 801), (259_200, 259_200)] {
        let got = delivered(&fake, &android(&with(json!({"expire_time": sent}))));
        assert_eq!(got.ttl_seconds, Some(lived));
    }
    assert_eq!(delivered(&fake, &android(&with(json!({})))).ttl_seconds, None);
}

#[test]
fn texts_must_be_there_and_fit() {
    let fake = Tpns::new();
    for (message, code) in [
        (json!({}), "1008002"),
        (json!({"title": "t"}), "1008002"),
        (json!({"content": "c"}), "1008002"),
        (json!({"title": "", "content": "c"}), "1008002"),
        (json!({"title": "t", "content": ""}), "1008002"),
        (json!({"title": 1, "content": "c"}), "1008001"),
        (json!({"title": "t", "content": null}), "1008001"),
        (json!({"title": "t", "content": "c", "body": "c"}), "1008007"),
        (json!({"title": "t", "content": "c", "ios": {"aps": {}}}), "1008007"),
        (json!({"title": "t", "content": "c", "show_type": 1}), "1008007"),
        (json!({"title": "t", "content": "c", "xg_media_resources": "a.png"}), "1008007"),
        (json!({"title": "t", "content": "c", "custom_content": "{}"}), "1008007"),
        (json!({"title": "t", "content": "c", "accept_time": {}}), "1008001"),
        (json!({"title": "t", "content": "c", "accept_time": [{"start": {"hour": "1", "min": "0"}}]}), "1008002"),
    ] {
        denied(&fake, &android(&with(json!({"message": message}))), code);
    }
    let span = |hour: Value, min: Value| {
        let end = json!({"hour": "23", "min": "59"});
        let times = json!([{"start": {"hour": hour, "min": min}, "end": end}]);
        android(&with(json!({"message": {"title": "t", "content": "c", "accept_time": times}})))
    };
    taken(&fake.answer(&span(json!("9"), json!("00"))));
    denied(&fake, &span(json!("24"), json!("00")), "1008007");
    denied(&fake, &span(json!("09"), json!("60")), "1008007");
    denied(&fake, &span(json!("+9"), json!("00")), "1008007");
    denied(&fake, &span(json!(9), json!(0)), "1008001");
    // Long texts are cut or shown elsewhere, not refused; only the whole message has a limit.
    let sized = |bytes: usize, fill: &str| {
        let frame = json!({"title": "", "content": "c"}).to_string().len();
        android(&with(json!({"message": {"title": fill.repeat((bytes - frame) / fill.len()), "content": "c"}})))
    };
    taken(&fake.answer(&sized(4096, "a")));
    denied(&fake, &sized(4097, "a"), "1008007");
    taken(&fake.answer(&sized(4096, "你")));
    assert!(denied(&fake, &sized(4099, "你"), "1008007").contains("bytes"));
}

#[test]
fn android_is_checked() {
    let fake = Tpns::new();
    for (field, value, code) in [
        ("badge_type", json!(-3), "1008007"),
        ("badge_type", json!(100), "1008007"),
        ("badge_type", json!("1"), "1008001"),
        ("ring", json!(2), "1008007"),
        ("ring", json!(true), "1008001"),
        ("vivo_ch_id", json!("2"), "1008007"),
        ("vivo_ch_id", json!(1), "1008001"),
        ("hw_importance", json!(3), "1008007"),
        ("show_type", json!(0), "1008007"),
        ("icon_type", json!(1), "1008002"),
        ("icon_color", json!("#01e240"), "1008001"),
        ("icon_color", json!(0x1_000_000), "1008007"),
        ("ring_raw", json!("ring"), "1008002"),
        ("ring_raw", json!("ring.mp3"), "1008007"),
        ("custom_content", json!({"key": "value"}), "1008001"),
        ("custom_content", json!("key=value"), "1008007"),
        ("custom_content", json!("[1]"), "1008007"),
        ("channel_id", json!("1"), "1008007"),
        ("oppo_category", json!("IM"), "1008007"),
        ("action", json!("open"), "1008001"),
    ] {
        denied(&fake, &android(&styled(json!({field: value}))), code);
    }
    denied(&fake, &android(&styled(json!({"icon_type": 1, "icon_res": "xg"}))), "1008007");
    for good in [
        json!({"icon_type": 1, "icon_res": "https://example.com/i.png", "icon_color": 123456}),
        json!({"n_ch_id": "orders", "ring_raw": "ping"}),
        json!({"badge_type": -2, "hw_category": "IM", "hw_importance": 2, "hw_ch_id": "a", "xm_ch_id": "b",
            "oppo_ch_id": "c", "fcm_ch_id": "d", "vivo_ch_id": "1"}),
        json!({"badge_type": 99, "ring": 0, "vibrate": 0}),
        json!({}),
    ] {
        delivered(&fake, &android(&styled(good)));
    }
}

#[test]
fn clicks_are_checked() {
    let fake = Tpns::new();
    for (action, opened) in [
        (json!({}), None),
        (json!({"action_type": 1}), None),
        (json!({"action_type": 1, "activity": "", "intent": ""}), None),
        (json!({"action_type": 1, "activity": "com.example.app.A"}), Some("com.example.app.A")),
        (json!({"activity": "com.example.app.A$B_c", "aty_attr": {"if": 1, "pf": 2}}), Some("com.example.app.A$B_c")),
        (json!({"action_type": 2, "browser": {"url": "https://a.example/?b=c"}}), Some("https://a.example/?b=c")),
        (json!({"action_type": 3, "intent": "shop://order/42?x=1"}), Some("shop://order/42?x=1")),
    ] {
        assert_eq!(delivered(&fake, &android(&styled(json!({"action": action})))).click.as_deref(), opened);
    }
    for (action, code) in [
        (json!({"action_type": 0}), "1008007"),
        (json!({"action_type": 4}), "1008007"),
        (json!({"action_type": "1"}), "1008001"),
        (json!({"action_type": 1, "activity": "com.example.app/.A"}), "1008007"),
        (json!({"action_type": 1, "activity": ".A"}), "1008007"),
        (json!({"action_type": 2}), "1008002"),
        (json!({"action_type": 2, "browser": {}}), "1008002"),
        (json!({"action_type": 2, "browser": {"url": "shop://order/42"}}), "1008007"),
        (json!({"action_type": 2, "browser": {"url": "https://a.example", "confirm": 2}}), "1008007"),
        (json!({"action_type": 2, "url": "https://a.example"}), "1008007"),
        (json!({"action_type": 3}), "1008002"),
        (json!({"action_type": 3, "intent": "order/42"}), "1008007"),
        (json!({"action_type": 3, "intent": "intent://order/42#Intent;scheme=shop;end"}), "1008007"),
        (json!({"action_type": 3, "intent": "intent:#Intent;component=com.example.app/.A;end"}), "1008007"),
    ] {
        denied(&fake, &android(&styled(json!({"action": action}))), code);
    }
}

#[test]
fn messages_in_the_app_have_data_only() {
    let fake = Tpns::new();
    let in_app = |message: Value| android(&with(json!({"message_type": "message", "message": message})));
    let own = json!({"custom_content": "{\"key\":\"value\"}"});
    let got = delivered(&fake, &in_app(json!({"title": "t", "content": "c", "android": own})));
    assert_eq!((got.title, got.body, got.data.len()), (None, None, 1));
    denied(&fake, &in_app(json!({"android": own})), "1008002");
    denied(&fake, &in_app(json!({"title": "t", "content": "c", "thread_id": "a"})), "1008007");
    denied(&fake, &in_app(json!({"title": "t", "content": "c", "android": {"action": {}}})), "1008007");
    denied(&fake, &in_app(json!({"title": "t", "content": "c", "android": {"n_ch_id": "a"}})), "1008007");
}

#[test]
fn the_documents_push_to_ios_is_taken() {
    let fake = Tpns::for_ios();
    let body = json!({
        "audience_type": "token", "environment": "dev", "token_list": ["05da87c0ae00000000fa9e08d884aada5bb2"],
        "message_type": "notify",
        "message": {
            "title": "Push title", "content": "Push content", "thread_id": "Activity_id", "show_type": 1,
            "xg_media_resources": "https://www.xx.com/img/bd_logo1.png",
            "ios": {
                "aps": {"alert": {"subtitle": "Push subtitle"}, "badge_type": -2, "sound": "Tassel.wav",
                    "category": "INVITE_CATEGORY", "interruption-level": "time-sensitive", "mutable-content": 1},
                "custom_content": "{\"key\":\"value\"}",
            },
        },
    });
    assert_eq!(taken(&fake.answer(&ios(&body)))["environment"], "dev");
    let got = fake.world().delivered().remove(0);
    assert_eq!((got.title.as_deref(), got.body.as_deref()), (Some("Push title"), Some("Push content")));
    assert_eq!(got.data, [("key".to_owned(), "value".to_owned())]);
    assert_eq!(got.click, None);
    // The other platform's app cannot send it.
    denied(&fake, &android(&body), "1008007");
}

#[test]
fn ios_is_checked() {
    let fake = Tpns::new();
    let plain = json!({"title": "t", "content": "c", "ios": {"aps": {}}});
    taken(&fake.answer(&ios(&apple("notify", plain.clone()))));
    let without = |environment: Value| {
        let mut body = apple("notify", plain.clone());
        body["environment"] = environment;
        ios(&body)
    };
    denied(&fake, &without(json!("")), "1008002");
    denied(&fake, &without(json!("prod")), "1008007");
    denied(&fake, &ios(&with(json!({"message": plain}))), "1008002");
    for (message, code) in [
        (json!({"title": "t", "content": "c"}), "1008002"),
        (json!({"title": "t", "content": "c", "ios": {}}), "1008002"),
        (json!({"title": "t", "ios": {"aps": {}}}), "1008002"),
        (json!({"title": "t", "content": "c", "android": {}, "ios": {"aps": {}}}), "1008007"),
        (json!({"title": "t", "content": "c", "show_type": 3, "ios": {"aps": {}}}), "1008007"),
        (json!({"title": "t", "content": "c", "ios": {"aps": {}, "custom_content": {"k": "v"}}}), "1008001"),
        (json!({"title": "t", "content": "c", "ios": {"aps": {}, "custom": "{\"k\":\"v\"}"}}), "1008007"),
        (json!({"title": "t", "content": "c", "ios": {"aps": {}, "xg": {}}}), "1008007"),
    ] {
        denied(&fake, &ios(&apple("notify", message)), code);
    }
    for (field, value, code) in [
        ("badge", json!(1), "1008007"),
        ("badge_type", json!(-3), "1008007"),
        ("badge_type", json!("1"), "1008001"),
        ("sound", json!({"name": "a"}), "1008001"),
        ("interruption-level", json!("urgent"), "1008007"),
        ("mutable-content", json!(2), "1008007"),
        ("mutable_content", json!(1), "1008007"),
        ("content-available", json!(1), "1008007"),
        ("alert", json!([]), "1008001"),
        ("alert", json!({"sub-title": "s"}), "1008007"),
    ] {
        denied(&fake, &ios(&aps(json!({field: value}))), code);
    }
    for good in [json!({"sound": ""}), json!({"alert": "text"}), json!({"badge_type": 1000})] {
        taken(&fake.answer(&ios(&aps(good))));
    }
}

#[test]
fn silent_messages_are_silent() {
    let fake = Tpns::new();
    let silent = |own: Value| ios(&apple("message", json!({"ios": own})));
    let data = "{\"key\":\"value\"}";
    let got = delivered(&fake, &silent(json!({"aps": {"content-available": 1}, "custom_content": data})));
    assert_eq!((got.title, got.body, got.data.len()), (None, None, 1));
    denied(&fake, &silent(json!({"aps": {}})), "1008002");
    denied(&fake, &silent(json!({"aps": {"content-available": 0}})), "1008007");
    for field in ["alert", "sound", "badge_type"] {
        denied(&fake, &silent(json!({"aps": {"content-available": 1, field: "x"}})), "1008007");
    }
    let titled = json!({"title": "t", "content": "c", "ios": {"aps": {"content-available": 1}}});
    denied(&fake, &ios(&apple("message", titled)), "1008007");
}
