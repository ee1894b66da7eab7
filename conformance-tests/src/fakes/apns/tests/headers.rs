//! Headers and push types: each one right, wrong and absent.

use super::*;

const TYPES: &[(&str, &str, &[&str])] = &[
    ("alert", "", &["10", "5", "1"]),
    ("background", "", &["5"]),
    ("voip", ".voip", &["10", "5", "1"]),
    ("complication", ".complication", &["10", "5", "1"]),
    ("fileprovider", ".pushkit.fileprovider", &["10", "5", "1"]),
    ("liveactivity", ".push-type.liveactivity", &["10", "5"]),
    ("location", ".location-query", &["10", "5"]),
    ("pushtotalk", ".voip-ptt", &["10"]),
    ("widgets", ".push-type.widgets", &["10", "5", "1"]),
    ("controls", ".push-type.controls", &["10", "5", "1"]),
];

/// A payload that fits a push type.
fn fitting(push_type: &str) -> Value {
    match push_type {
        "alert" => json!({"aps": {"alert": "Hello"}}),
        "background" => json!({"aps": {"content-available": 1}, "k": "v"}),
        "fileprovider" => json!({"container-identifier": "root", "domain": "d"}),
        "liveactivity" => json!({"aps": {"timestamp": NOW, "event": "update", "content-state": {}}}),
        "widgets" | "controls" => json!({"aps": {"content-changed": true}}),
        _ => json!({"aps": {}, "k": {"any": [1, true]}}),
    }
}

#[test]
fn every_push_type_with_its_topic_and_priorities() {
    let fake = Apns::new();
    for (push_type, suffix, priorities) in TYPES {
        let call = typed(push_type, suffix, &fitting(push_type));
        for priority in ["10", "5", "1"] {
            let call = with(call.clone(), "apns-priority", priority);
            if priorities.contains(&priority) {
                accepts(&fake, &call);
            } else {
                refuses(&fake, &call, 400, "BadPriority");
            }
        }
        for (_, other, _) in TYPES.iter().filter(|(_, other, _)| other != suffix) {
            let call = with(call.clone(), "apns-topic", &format!("{BUNDLE_ID}{other}"));
            refuses(&fake, &call, 400, "BadTopic");
        }
    }
    // The default priority is 10, which a background push must not have.
    let call = typed("background", "", &fitting("background"));
    refuses(&fake, &without(call, "apns-priority"), 400, "BadPriority");
}

#[test]
fn device_management() {
    let fake = Apns::new();
    let mdm = |payload: &Value| with(typed("mdm", "", payload), "apns-topic", MDM_TOPIC);
    accepts(&fake, &mdm(&json!({"mdm": "magic"})));
    assert_eq!(fake.world().delivered()[0].data, [("mdm".into(), "magic".into())]);
    refuses(&fake, &typed("mdm", "", &json!({"mdm": "magic"})), 400, "BadTopic");
    refuses(&fake, &with(call(), "apns-topic", MDM_TOPIC), 400, "BadTopic");
    refuses(&fake, &mdm(&json!({"mdm": "magic", "aps": {}})), 400, "BadRequestParams");
    refuses(&fake, &mdm(&json!({"mdm": 1})), 400, "BadRequestPayload");
    refuses(&fake, &mdm(&json!({})), 400, "BadRequestPayload");
}

#[test]
fn headers_that_are_wrong() {
    let fake = Apns::new();
    let long = "x".repeat(65);
    let wrong: &[(&str, &str, &[&str])] = &[
        (
            "apns-id",
            "BadMessageId",
            &["", "1", "eabeae5414a811e5b60b1697f925ec7b", "EABEAE54-14A8-11E5-B60B-1697F925EC7B", "{é}"],
        ),
        ("apns-push-type", "InvalidPushType", &["", "Alert", "silent", "é"]),
        ("apns-topic", "BadTopic", &["", "com.example.app ", "com.example.app.voip", "com/example", "é"]),
        ("apns-topic", "TopicDisallowed", &["com.example.other", "com.example.application"]),
        (
            "apns-expiration",
            "BadExpirationDate",
            &["", "-1", "+1", "1.5", "tomorrow", "1437183236000", "99999999999999999999", "é"],
        ),
        ("apns-priority", "BadPriority", &["", "0", "2", "11", "05", "high", "é"]),
        ("apns-collapse-id", "BadCollapseId", &["", &long, "é"]),
    ];
    for (name, reason, values) in wrong {
        for value in *values {
            refuses(&fake, &with(call(), name, value), 400, reason);
        }
    }
    accepts(&fake, &with(call(), "apns-collapse-id", &"x".repeat(64)));
    refuses(&fake, &without(call(), "apns-topic"), 400, "MissingTopic");
    refuses(&fake, &without(call(), "apns-push-type"), 400, "MissingPushType");
    refuses(&fake, &with(call(), "apns-collapse", "x"), 400, "BadRequestParams");
    refuses(&fake, &with(call(), "apns-channel-id", "eA=="), 400, "BadRequestParams");
}

#[test]
fn a_repeated_header_is_refused() {
    let fake = Apns::new();
    for name in ["apns-topic", "apns-push-type"] {
        let mut call = call();
        let again = call.headers[name].clone();
        call.headers.append(name, again);
        refuses(&fake, &call, 400, "DuplicateHeaders");
    }
}

#[test]
fn authentication_comes_before_headers_and_headers_before_the_payload() {
    let fake = Apns::new();
    let call = carrying(without(call(), "apns-topic"), &json!({"aps": 1}));
    refuses(&fake, &without(call.clone(), "authorization"), 403, "MissingProviderToken");
    refuses(&fake, &call, 400, "MissingTopic");
}

#[test]
fn a_lenient_fake_lets_pass_what_apple_does() {
    let fake = Apns::new().lenient();
    accepts(&fake, &without(call(), "apns-push-type"));
    accepts(&fake, &with(without(call(), "apns-push-type"), "apns-topic", "com.example.app.voip"));
    refuses(&fake, &with(without(call(), "apns-push-type"), "apns-topic", "com.example.app.x"), 400, "BadTopic");
    accepts(&fake, &with(call(), "apns-collapse", "x"));
    accepts(&fake, &with(call(), "apns-id", "EABEAE54-14A8-11E5-B60B-1697F925EC7B"));
    accepts(&fake, &carrying(call(), &json!({"aps": {"alert": "Hello", "mine": 1}})));
    refuses(&fake, &carrying(call(), &json!({"aps": {"alert": 1}})), 400, "BadRequestPayload");
    refuses(&fake, &with(call(), "apns-priority", "high"), 400, "BadPriority");
}
