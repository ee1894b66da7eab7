//! Messages: accepted and decoded, or refused.

use super::*;

/// Every field of the ordinary blocks, half of them in lowerCamelCase as the Node SDK mixes them.
fn everything() -> Value {
    json!({
        "data": { "k": "v", "k2": "" },
        "notification": { "title": "T", "body": "B", "image": "https://example.com/i.png" },
        "fcmOptions": { "analyticsLabel": "spring_1.%~-" },
        "android": android(),
        "apns": {
            "headers": { "apns-priority": "10", "apns-expiration": "1700000600", "apns-collapse-id": "news",
                         "apns-push-type": "alert", "apns-topic": PACKAGE },
            "payload": { "aps": { "alert": { "title": "IT", "loc-args": ["1"] }, "badge": 0, "mutable-content": 1,
                                  "sound": { "critical": 1, "name": "s", "volume": 0.5 }, "own": [] }, "any": { "x": [1] } },
            "fcm_options": { "analytics_label": "i", "image": "https://example.com/i.png" },
        },
        "webpush": {
            "headers": { "TTL": "3", "Urgency": "high", "Topic": "news" },
            "data": { "w": "1" },
            "notification": { "title": "W", "requireInteraction": true, "dir": "ltr", "vibrate": [1, 2],
                              "actions": [{ "action": "a", "title": "A" }], "timestamp": 1 },
            "fcmOptions": { "link": "https://example.com/", "analytics_label": "w" },
        },
    })
}

fn android() -> Value {
    json!({
        "collapse_key": "news", "priority": "high", "ttl": "3.5s", "restrictedPackageName": PACKAGE,
        "data": { "only": "android" }, "direct_boot_ok": true, "bandwidthConstrainedOk": false,
        "restricted_satellite_ok": true, "fcm_options": { "analytics_label": "a" },
        "notification": {
            "title": "AT", "icon": "i", "color": "#00ffAA", "sound": "default", "tag": "t",
            "click_action": "OPEN", "bodyLocKey": "b", "body_loc_args": ["1"], "title_loc_key": "t",
            "titleLocArgs": ["2"], "channelId": "c", "ticker": "x", "sticky": true,
            "event_time": "2024-02-29T10:00:00.123456789Z", "localOnly": true,
            "notification_priority": "PRIORITY_MAX", "default_sound": true, "defaultVibrateTimings": false,
            "default_light_settings": false, "vibrate_timings": ["0s", "0.5s"], "visibility": "SECRET",
            "notification_count": 3, "image": "http://example.com/a.png", "proxy": "DENY",
            "light_settings": {
                "color": { "red": 1, "green": 0.5, "blue": 0, "alpha": 1 },
                "light_on_duration": "1s", "lightOffDuration": "0.2s",
            },
            "bypass_proxy_notification": false,
        },
    })
}

#[test]
fn decodes_the_effective_android_message() {
    let got = delivered(everything());
    assert_eq!((got.title.as_deref(), got.body.as_deref()), (Some("AT"), Some("B")));
    assert_eq!(got.data, [("only".to_owned(), "android".to_owned())]);
    assert_eq!((got.ttl_seconds, got.collapse.as_deref()), (Some(3), Some("news")));
    assert_eq!(got.click.as_deref(), Some("OPEN"));
    assert_eq!(got.raw["message"]["android"]["ttl"], "3.5s");
    assert_eq!(got.target, Fcm::new().target(1));
}

#[test]
fn common_fields_reach_the_phone_where_nothing_overrides_them() {
    let got = delivered(json!({
        "notification": { "title": "T", "body": "" }, "data": { "k": "v", "collapse_key": "overwritten" },
        "android": { "data": {}, "ttl": "0s", "notification": null },
        "webpush": { "fcm_options": { "link": "https://example.com/x" } },
    }));
    assert_eq!((got.title.as_deref(), got.body.as_deref(), got.ttl_seconds), (Some("T"), None, Some(0)));
    assert_eq!(got.data, [("k".to_owned(), "v".to_owned())]);
    assert_eq!(got.click.as_deref(), Some("https://example.com/x"));

    let v2 = delivered(json!({ "android_v2": {
        "data": { "k": "2" }, "ttl": "60s",
        "remote_notification": { "notification": { "title": "V2", "id": 7, "tag": "t" }, "mutableContent": true },
    } }));
    assert_eq!((v2.title.as_deref(), v2.collapse.as_deref(), v2.ttl_seconds), (Some("V2"), Some("t"), Some(60)));
}

#[test]
fn data_only_and_live_activity_messages_pass() {
    delivered(json!({ "data": { "k": "v" } }));
    delivered(json!({ "data": { "k": "v" }, "apns": {
        "headers": { "apns-priority": "5", "apns-push-type": "background" },
        "payload": { "aps": { "content-available": 1 } },
    } }));
    let live = json!({ "apns": {
        "live_activity_token": "80ab",
        "headers": { "apns-priority": "10" },
        "payload": { "aps": { "event": "update", "timestamp": 1_700_000_000, "content-state": {} } },
    } });
    delivered(live.clone());
    let (fake, token) = fake();
    fake.world().set_target("80ab", TargetState::Dead);
    let mut message = live;
    message["token"] = fake.target(1).into();
    let answer = fake.answer(&send_call(&token, &json!({ "message": message })));
    assert_eq!(detail(&body(&answer)["error"], "ApnsError").unwrap()["reason"], "ExpiredToken");
}

#[test]
fn other_targets_pass() {
    for (kind, target) in [
        ("fid", "cXq1bT0nQk6lJt2rVw3yZa"),
        ("topic", "news-1_~%."),
        ("condition", "'a' in topics"),
        ("condition", "'a' in topics && ('b' in topics || !('c' in topics))"),
        ("condition", "!'a' in topics||'b' in topics&&'c' in topics || 'd' in topics||'e' in topics"),
    ] {
        let (fake, answer) = send(&json!({ "message": { kind: target, "notification": { "title": "T" } } }));
        assert_eq!(answer.status, 200, "{target}: {:?}", answer.refused);
        assert_eq!(fake.world().delivered()[0].target, target);
    }
}

#[test]
fn wrong_conditions_and_topics_are_refused() {
    for condition in [
        "",
        "a in topics",
        "'a' in topic",
        "'a' in topics &&",
        "('a' in topics",
        "'a' in topics)",
        "'a' in topics 'b' in topics",
        "'a' in topics & 'b' in topics",
        "'' in topics",
        "'a b' in topics",
        "'1' in topics||'2' in topics||'3' in topics||'4' in topics||'5' in topics||'6' in topics",
    ] {
        assert!(detail(&refused(json!({ "condition": condition })), "FcmError").is_some(), "{condition}");
    }
    refused(json!({ "condition": "(".repeat(100_000) }));
    let long = "t".repeat(901);
    for topic in ["", "/topics/news", "a b", "é", &long] {
        refused(json!({ "topic": topic }));
    }
}

#[test]
fn unreadable_fields_are_named_in_a_bad_request() {
    for (message, field, description) in [
        (json!({ "titel": "x" }), "message", "Unknown name \"titel\" at 'message'"),
        (json!({ "notification": { "Title": "x" } }), "message.notification", "Unknown name \"Title\""),
        (json!({ "android": { "notification": { "channel": "x" } } }), "message.android.notification", "Unknown name"),
        (json!({ "android_v2": { "priority": "HIGH" } }), "message.android_v2", "Unknown name"),
        (json!({ "apns": { "fcm_options": { "link": "x" } } }), "message.apns.fcm_options", "Unknown name"),
        (json!({ "data": { "a": "1", "b": 2 } }), "message.data[1].value", "(TYPE_STRING), 2"),
        (json!({ "data": { "a": null } }), "message.data[0].value", "(TYPE_STRING)"),
        (json!({ "data": ["a"] }), "message.data", "Invalid value"),
        (json!({ "apns": { "headers": { "apns-priority": 5 } } }), "message.apns.headers[0].value", "(TYPE_STRING)"),
        (json!({ "notification": { "title": 1 } }), "message.notification.title", "(TYPE_STRING)"),
        (json!({ "notification": "x" }), "message.notification", "Invalid value"),
        (json!({ "android": { "priority": "URGENT" } }), "message.android.priority", "AndroidMessagePriority"),
        (json!({ "android": { "ttl": 60 } }), "message.android.ttl", "protobuf.Duration"),
        (json!({ "android": { "ttl": "60" } }), "message.android.ttl", "protobuf.Duration"),
        (json!({ "android": { "ttl": "1m" } }), "message.android.ttl", "protobuf.Duration"),
        (json!({ "android": { "ttl": ".5s" } }), "message.android.ttl", "protobuf.Duration"),
        (json!({ "android": { "direct_boot_ok": "true" } }), "message.android.direct_boot_ok", "(TYPE_BOOL)"),
        (
            json!({ "android": { "notification": { "visibility": "private" } } }),
            "message.android.notification.visibility",
            "Visibility",
        ),
        (
            json!({ "android": { "notification": { "notification_count": 1.5 } } }),
            "message.android.notification.notification_count",
            "(TYPE_INT32)",
        ),
        (
            json!({ "android": { "notification": { "notification_count": 1u64 << 31 } } }),
            "message.android.notification.notification_count",
            "(TYPE_INT32)",
        ),
        (
            json!({ "android": { "notification": { "body_loc_args": [1] } } }),
            "message.android.notification.body_loc_args[0]",
            "(TYPE_STRING)",
        ),
        (
            json!({ "android": { "notification": { "event_time": "2023-02-29T00:00:00Z" } } }),
            "message.android.notification.event_time",
            "Timestamp",
        ),
        (json!({ "apns": { "payload": [] } }), "message.apns.payload", "Struct"),
        (json!({ "android": {}, "androidV2": {} }), "message", "(oneof)"),
        (json!({ "token": "x", "topic": "y" }), "message", "(oneof)"),
    ] {
        let error = refused(message);
        let violation = &detail(&error, "BadRequest").unwrap()["fieldViolations"][0];
        assert_eq!(violation["field"], field);
        assert!(violation["description"].as_str().unwrap().contains(description), "{violation}");
        assert!(error["message"].as_str().unwrap().contains(description));
        assert!(detail(&error, "FcmError").is_none());
    }
}

#[test]
fn forbidden_values_carry_an_fcm_error() {
    for message in [
        json!({ "name": "projects/demo-project/messages/1" }),
        json!({ "data": { "from": "x" } }),
        json!({ "data": { "message_type": "x" } }),
        json!({ "data": { "google.x": "x" } }),
        json!({ "android": { "data": { "gcm.notification.x": "x" } } }),
        json!({ "webpush": { "data": { "my_gcm": "x" } } }),
        json!({ "android": { "ttl": "2419201s" } }),
        json!({ "android": { "ttl": "2419200.000000001s" } }),
        json!({ "android": { "ttl": "-1s" } }),
        json!({ "android": { "restricted_package_name": "com.example.other" } }),
        json!({ "android": { "notification": { "color": "#00ff0" } } }),
        json!({ "android": { "notification": { "color": "red" } } }),
        json!({ "android": { "notification": { "title_loc_args": ["1"] } } }),
        json!({ "android": { "notification": { "vibrate_timings": ["1s", "-1s"] } } }),
        json!({ "android": { "notification": { "light_settings": { "color": {}, "light_on_duration": "1s" } } } }),
        json!({ "android": { "notification": { "light_settings": {
            "color": { "red": 255 }, "light_on_duration": "1s", "light_off_duration": "1s" } } } }),
        json!({ "notification": { "image": "i.png" } }),
        json!({ "fcm_options": { "analytics_label": "a b" } }),
        json!({ "apns": { "fcm_options": { "analytics_label": "x".repeat(51) } } }),
        json!({ "webpush": { "fcm_options": { "link": "http://example.com" } } }),
        json!({ "webpush": { "headers": { "TTL": "1s" } } }),
        json!({ "webpush": { "headers": { "Urgency": "urgent" } } }),
        json!({ "webpush": { "headers": { "Topic": "x".repeat(33) } } }),
        json!({ "webpush": { "headers": { "Tll": "1" } } }),
        json!({ "webpush": { "notification": { "require_interaction": true } } }),
        json!({ "webpush": { "notification": { "dir": "up" } } }),
        json!({ "notification": {}, "apns": { "headers": { "apns-colapse-id": "x" } } }),
        json!({ "notification": {}, "apns": { "payload": { "aps": { "badge": "1" } } } }),
        json!({ "notification": {}, "apns": { "payload": { "aps": { "alert": { "body": 1 } } } } }),
        json!({ "apns": { "live_activity_token": "80ab", "payload": { "aps": { "event": "update" } } } }),
        json!({ "data": { "k": "x".repeat(4096) } }),
    ] {
        let error = refused(message.clone());
        assert_eq!(detail(&error, "FcmError").unwrap()["errorCode"], "INVALID_ARGUMENT", "{message}");
        assert!(detail(&error, "ApnsError").is_none());
    }
}

#[test]
fn apple_refuses_in_its_own_words() {
    let header = |name: &str, value: &str| json!({ "notification": {}, "apns": { "headers": { name: value } } });
    let long = "x".repeat(65);
    for (message, status, reason) in [
        (header("apns-priority", "7"), 400, "BadPriority"),
        (header("apns-push-type", "Alert"), 400, "InvalidPushType"),
        (header("apns-expiration", "1h"), 400, "BadExpirationDate"),
        (header("apns-collapse-id", &long), 400, "BadCollapseId"),
        (header("apns-topic", "com.example.other"), 400, "BadTopic"),
        // The default priority of 10 is not for what nobody sees.
        (json!({ "data": {}, "apns": { "payload": { "aps": { "content-available": 1 } } } }), 400, "BadPriority"),
        (header("apns-push-type", "background"), 400, "BadPriority"),
        (json!({ "notification": {}, "apns": { "payload": { "x": "x".repeat(4096) } } }), 413, "PayloadTooLarge"),
        (
            json!({ "apns": { "live_activity_token": "xyz", "payload": { "aps": {
            "event": "end", "timestamp": 1, "content-state": {} } } } }),
            400,
            "BadDeviceToken",
        ),
    ] {
        let error = refused(message.clone());
        let apple = detail(&error, "ApnsError").unwrap();
        assert_eq!((&apple["statusCode"], &apple["reason"]), (&json!(status), &json!(reason)), "{message}");
        assert_eq!(detail(&error, "FcmError").unwrap()["errorCode"], "INVALID_ARGUMENT");
    }
}

#[test]
fn sizes_are_bytes_and_topics_get_half() {
    // Two bytes each: 1 + 4095 is the limit.
    let text = |bytes: usize| json!({ "k": format!("{}{}", "é".repeat((bytes - 1) / 2), "x".repeat((bytes - 1) % 2)) });
    delivered(json!({ "data": text(4096) }));
    refused(json!({ "data": text(4097) }));
    refused(json!({ "data": text(4096), "notification": { "title": "x" } }));
    refused(json!({ "topic": "t", "data": text(2049) }));
    assert_eq!(send(&json!({ "message": { "topic": "t", "data": text(2048) } })).1.status, 200);
}

#[test]
fn targets_missing_and_malformed() {
    for request in
        [json!({}), json!({ "message": {} }), json!({ "message": { "token": null } }), json!({ "message": null })]
    {
        let (_, answer) = send(&request);
        let error = body(&answer)["error"].clone();
        assert_eq!((answer.status, &error["message"]), (400, &json!("Recipient of the message is not set.")));
        assert_eq!(detail(&error, "BadRequest").unwrap()["fieldViolations"][0]["field"], "message");
        assert_eq!(detail(&error, "FcmError").unwrap()["errorCode"], "INVALID_ARGUMENT");
    }
    let long = "x".repeat(4097);
    for (kind, target) in [
        ("token", ""),
        ("token", "short"),
        ("token", &long),
        ("token", "has blanks has blanks has"),
        ("fid", ""),
        ("fid", "a b"),
    ] {
        let error = refused(json!({ kind: target }));
        assert_eq!(detail(&error, "BadRequest").unwrap()["fieldViolations"][0]["field"], format!("message.{kind}"));
        assert_eq!(detail(&error, "FcmError").unwrap()["errorCode"], "INVALID_ARGUMENT");
    }
    let (_, many) = send(&json!({ "message": { "token": [Fcm::new().target(1), Fcm::new().target(2)] } }));
    assert_eq!(many.status, 400);
    let (_, tokens) = send(&json!({ "message": { "tokens": [Fcm::new().target(1)] } }));
    assert_eq!(tokens.status, 400);
}

#[test]
fn states_of_targets() {
    let (fake, token) = fake();
    let request = json!({ "message": { "token": fake.target(1) } });
    fake.world().set_target(fake.target(1), TargetState::Dead);
    for request in [request.clone(), json!({ "message": { "token": fake.target(1) }, "validateOnly": true })] {
        let answer = fake.answer(&send_call(&token, &request));
        let error = body(&answer)["error"].clone();
        assert_eq!((answer.status, &error["status"]), (404, &json!("NOT_FOUND")));
        assert_eq!(detail(&error, "FcmError").unwrap()["errorCode"], "UNREGISTERED");
    }
    let mismatch = *fake.codes().iter().find(|code| code.code == "SENDER_ID_MISMATCH").unwrap();
    fake.world().set_target(fake.target(1), TargetState::Refused(mismatch));
    assert_eq!(fake.answer(&send_call(&token, &request)).status, 403);
    assert!(fake.world().delivered().is_empty());
}

#[test]
fn validate_only_checks_and_delivers_nothing() {
    for name in ["validate_only", "validateOnly"] {
        let (fake, answer) = send(&json!({ name: true, "message": { "token": Fcm::new().target(1) } }));
        assert_eq!(body(&answer), json!({ "name": "projects/demo-project/messages/fake_message_id" }));
        assert!(fake.world().delivered().is_empty());
        assert_eq!(send(&json!({ name: true, "message": {} })).1.status, 400);
    }
    assert_eq!(send(&json!({ "validate_only": "yes", "message": { "topic": "t" } })).1.status, 400);
}

#[test]
fn paths_methods_bodies_and_queries() {
    let (fake, token) = fake();
    let good = send_call(&token, &json!({ "message": { "topic": "t" } }));
    let status = |change: &dyn Fn(&mut Call)| {
        let mut call = good.clone();
        change(&mut call);
        fake.answer(&call).status
    };
    assert_eq!(status(&|_| ()), 200);
    assert_eq!(status(&|call| call.path = format!("/v1/projects/{PROJECT_NUMBER}/messages:send")), 200);
    assert_eq!(status(&|call| call.query = "alt=json&prettyPrint=false".into()), 200);
    assert_eq!(
        status(&|call| call
            .headers
            .insert("content-type", HeaderValue::from_static("application/json; charset=UTF-8"))
            .map_or((), drop)),
        200
    );

    assert_eq!(status(&|call| call.path = "/v1/projects/other/messages:send".into()), 404);
    assert_eq!(status(&|call| call.path = "/v1/projects/demo-project/messages".into()), 404);
    assert_eq!(status(&|call| call.path = "/fcm/send".into()), 404);
    assert_eq!(status(&|call| call.method = Method::GET), 404);
    assert_eq!(status(&|call| call.query = "dry_run=true".into()), 400);
    assert_eq!(status(&|call| call.query = "alt=proto".into()), 400);
    assert_eq!(status(&|call| call.headers.remove("content-type").map_or((), drop)), 400);
    assert_eq!(status(&|call| call.body = Bytes::from_static(b"{\"message\":")), 400);
    assert_eq!(status(&|call| call.body = Bytes::from_static(b"[]")), 400);
    assert_eq!(status(&|call| call.body = Bytes::from_static(b"{\"message\":{\"topic\":\"\xff\"}}")), 400);
    assert_eq!(status(&|call| call.body = Bytes::new()), 400);
    // Of two keys the last one counts, in whichever spelling.
    assert_eq!(
        status(&|call| call.body = Bytes::from_static(b"{\"message\":{\"topic\":\"a b\",\"topic\":\"t\"}}")),
        200
    );
    assert_eq!(fake.purpose(&good), Purpose::Send);
    assert_eq!(fake.purpose(&token_call(&[])), Purpose::Auth);
    assert_eq!(fake.purpose(&call("/iid/v1:batchAdd", &[], "")), Purpose::Operate);
    assert_eq!(fake.purpose(&call("/fcm/send", &[], "")), Purpose::Unknown);
}
