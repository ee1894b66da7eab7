//! The fields of a notification: the worked example, and what is refused.

use super::*;

/// Characters that are one each, and more in UTF-16 or UTF-8.
fn wide(count: usize) -> String {
    "🚚".repeat(count)
}

/// A message whose notification has some fields set, or, by null, taken away.
fn merged(mut message: Value, change: &Value) -> Value {
    let fields = message["notification"].as_object_mut().unwrap();
    for (name, value) in change.as_object().unwrap() {
        match value {
            Value::Null => fields.shift_remove(name),
            value => fields.insert(name.clone(), value.clone()),
        };
    }
    message
}

/// Pushes each notification to one target.
fn try_all(cases: impl IntoIterator<Item = (Value, &'static str)>) {
    let lab = Lab::new();
    for (change, code) in cases {
        let answer = lab.unicast(&merged(lab.message(0), &change));
        assert_eq!(code_of(&answer), code, "{change}: {:?}", answer.refused);
    }
}

#[test]
fn the_worked_example_is_taken() {
    const BODY: &str = "&message=%7B%22target_type%22%3A2%2C%22target_value%22%3A%22CN_00112233445566778899aabbccddeeff%22%2C%22verify_registration_id%22%3Afalse%2C%22notification%22%3A%7B%22title%22%3A%22Hi+%E4%BD%A0%E5%A5%BD%22%2C%22content%22%3A%22a%26b%3Dc%2Bd%22%7D%7D";
    let lab = Lab::new();
    let mut call = lab.call(PATH_UNICAST, &[]);
    call.body = [&call.body[..], BODY.as_bytes()].concat().into();
    let answer = json_of(&lab.0.answer(&call));
    let delivered = lab.0.world().delivered().remove(0);
    assert!(answer["code"] == 0 && answer["data"]["messageId"] == delivered.message_id);
    assert!(delivered.message_id.starts_with("30012345-1-1-") && delivered.message_id.len() == 13 + 24);
    assert_eq!(delivered.target, "CN_00112233445566778899aabbccddeeff");
    assert_eq!((delivered.title.as_deref(), delivered.body.as_deref()), (Some("Hi 你好"), Some("a&b=c+d")));
    assert_eq!((delivered.click, delivered.ttl_seconds, delivered.collapse), (None, None, None));
    assert_eq!(delivered.raw["verify_registration_id"], false);
}

#[test]
fn everything_at_once_is_decoded() {
    let lab = Lab::new();
    let change = json!({
        "title": wide(50), "content": wide(128), "style": 2, "sub_title": wide(10), "app_message_id": "order-42",
        "small_picture_id": SMALL_PICTURES[0], "click_action_type": 5, "click_action_url": "app://order/42?x=1",
        "action_parameters": "{\"zeta\":\"1\",\"alpha\":\"\\\"中\\\"\",\"n\":2}", "channel_id": CHANNELS[0],
        "category": "IM", "notify_level": 16, "private_msg_template_id": TEMPLATES[0],
        "private_title_parameters": "{\"name\":\"x\"}", "private_content_parameters": "{}", "off_line": true,
        "off_line_ttl": 900_000, "show_ttl": 86_400, "notify_id": 7, "show_time_type": 1, "show_start_time": NOW,
        "show_end_time": NOW + 1000, "push_time_type": 0, "time_zone": "GMT+08:00", "fix_speed": false,
        "network_type": 1, "call_back_url": "https://example.com/r", "call_back_parameter": wide(100),
        "badge_operation_type": 1, "badge_message_count": 2, "auditResponse": {"any": "thing"},
    });
    let answer = lab.unicast(&merged(lab.message(0), &change));
    assert_eq!(code_of(&answer), "0", "{:?}", answer.refused);
    let delivered = lab.0.world().delivered().remove(0);
    assert_eq!((delivered.ttl_seconds, delivered.collapse.as_deref()), (Some(864_000), Some("7")));
    assert_eq!(delivered.click.as_deref(), Some("app://order/42?x=1"));
    assert_eq!(delivered.request_id.as_deref(), Some("order-42"));
    let pairs = [("zeta", "1"), ("alpha", "\"中\""), ("n", "2")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    assert_eq!(delivered.data, pairs);
    lab.unicast(&merged(lab.message(1), &json!({"off_line": false, "off_line_ttl": 60})));
    assert_eq!(lab.0.world().delivered()[1].ttl_seconds, Some(0));
}

#[test]
fn texts_types_and_ranges_are_checked() {
    try_all([
        (json!({"title": null}), "40"),
        (json!({"title": " "}), "40"),
        (json!({"title": wide(51)}), "41"),
        (json!({"title": 1}), "41"),
        (json!({"title": ["t"]}), "41"),
        (json!({"content": ""}), "40"),
        (json!({"content": wide(50)}), "0"),
        (json!({"content": wide(51)}), "41"),
        (json!({"content": wide(128), "style": 2}), "0"),
        (json!({"content": wide(129), "style": 2}), "41"),
        (json!({"style": 4}), "41"),
        (json!({"style": "2"}), "41"),
        (json!({"sub_title": wide(11)}), "41"),
        (json!({"action_parameters": {"k": "v"}}), "41"),
        (json!({"action_parameters": "[1]"}), "41"),
        (json!({"action_parameters": "k=v"}), "41"),
        (json!({"action_parameters": format!("{{\"k\":\"{}\"}}", wide(3992))}), "0"),
        (json!({"action_parameters": format!("{{\"k\":\"{}\"}}", wide(3993))}), "41"),
        (json!({"off_line": 1}), "41"),
        (json!({"off_line_ttl": -1}), "41"),
        (json!({"off_line_ttl": "3600"}), "41"),
        (json!({"off_line_ttl": 1.5}), "41"),
        (json!({"notify_id": "order-42"}), "41"),
        (json!({"notify_id": 0x8000_0000_u32}), "41"),
        (json!({"network_type": 2}), "41"),
        (json!({"time_zone": "Asia/Shanghai"}), "41"),
        (json!({"call_back_url": "receipts"}), "41"),
        (json!({"call_back_url": format!("https://example.com/{}", "x".repeat(181))}), "41"),
        (json!({"call_back_parameter": wide(101)}), "41"),
        (json!({"badge_message_count": -1}), "41"),
        (json!({"auditResponse": 1}), "41"),
        (json!({"clickActionType": 0}), "41"),
        (json!({"offLineTtl": 60}), "41"),
    ]);
}

#[test]
fn clicks_are_checked() {
    let to = |kind: u8, name: &str, value: &str| json!({"click_action_type": kind, name: value});
    let (activity, url) = ("click_action_activity", "click_action_url");
    try_all([
        (json!({"click_action_type": 0}), "0"),
        (json!({"click_action_type": 3}), "41"),
        (json!({"click_action_type": 1}), "40"),
        (json!({"click_action_type": 2}), "40"),
        (to(1, activity, "com.example.app.OPEN"), "0"),
        (to(1, activity, "two words"), "41"),
        (to(1, url, "com.example.app.OPEN"), "40"),
        (to(2, url, "https://example.com/?a=b"), "0"),
        (to(2, url, "app://order"), "41"),
        (to(2, url, &format!("https://{}", "x".repeat(1993))), "41"),
        (to(4, activity, "com.example.app.Order"), "0"),
        (to(4, activity, "com.example.app/.Order"), "41"),
        (to(4, activity, &format!("com.{}", "x".repeat(497))), "41"),
        (to(5, url, "intent:#Intent;component=com.example.app/.Order;end"), "0"),
        (to(5, url, "intent:#Intent;component=com.example.app/.Order"), "41"),
        (to(5, url, "no link"), "41"),
        (to(0, url, "https://example.com/"), "41"),
        (json!({url: "https://example.com/"}), "41"),
    ]);
}

#[test]
fn classes_channels_and_templates_are_checked() {
    try_all([
        (json!({"channel_id": CHANNELS[1]}), "0"),
        (json!({"channel_id": "nobody's"}), "41"),
        (json!({"category": "ORDER", "notify_level": 2}), "0"),
        (json!({"category": "order"}), "67"),
        (json!({"notify_level": 2}), "67"),
        (json!({"category": "ORDER", "notify_level": 3}), "41"),
        (json!({"category": "IM"}), "54"),
        (json!({"category": "IM", "private_msg_template_id": "another"}), "54"),
        (json!({"category": "NEWS", "private_msg_template_id": TEMPLATES[0]}), "54"),
        (json!({"private_title_parameters": "{}"}), "41"),
        (json!({"category": "ORDER", "show_ttl": 86_400}), "0"),
        (json!({"category": "ORDER", "show_ttl": 86_401}), "41"),
        (json!({"category": "NEWS", "show_ttl": 43_201}), "41"),
        (json!({"show_ttl": 43_200}), "0"),
    ]);
    for (lab, code) in [(Lab::new(), "0"), (Lab::of(Oppo::new().with(Habit::DeniesBanners)), "67")] {
        let change = json!({"category": "ORDER", "notify_level": 16});
        assert_eq!(code_of(&lab.unicast(&merged(lab.message(0), &change))), code);
    }
}

#[test]
fn what_is_for_broadcasts_is_not_for_one_target() {
    try_all([
        (json!({"style": 3, "big_picture_id": BIG_PICTURES[0]}), "41"),
        (json!({"fix_speed": true}), "41"),
        (json!({"fix_speed_rate": 1000}), "41"),
        (json!({"push_time_type": 1, "push_start_time": NOW}), "41"),
        (json!({"small_picture_id": "https://example.com/a.png"}), "51"),
        (json!({"show_time_type": 1}), "40"),
        (json!({"show_time_type": 1, "show_start_time": NOW + 2, "show_end_time": NOW + 1}), "41"),
        (json!({"show_time_type": 1, "show_start_time": NOW / 1000, "show_end_time": NOW / 1000 + 9}), "41"),
        (json!({"show_start_time": NOW, "show_end_time": NOW + 1}), "41"),
    ]);
    let lab = Lab::new();
    let picture = ("big_picture_id", BIG_PICTURES[0]);
    for (more, code) in [
        (&[("style", "3"), picture][..], "0"),
        (&[("style", "3")], "40"),
        (&[("style", "3"), ("big_picture_id", "another")], "51"),
        (&[("style", "3"), picture, ("fix_speed", "true")], "41"),
        (&[picture], "41"),
        (&[("fix_speed", "true"), ("fix_speed_rate", "10000")], "0"),
        (&[("fix_speed_rate", "999")], "41"),
        (&[("off_line", "1")], "41"),
        (&[("off_line", "")], "41"),
        (&[("off_line_ttl", "+60")], "41"),
        (&[("sub_title", "")], "0"),
        (&[("push_time_type", "1")], "40"),
        (&[("auditResponse", "{}")], "0"),
        (&[("target_type", "2")], "41"),
        (&[("notification", "{}")], "41"),
    ] {
        let answer = lab.post(PATH_SAVE, &[&[("title", "t"), ("content", "c")], more].concat());
        assert_eq!(code_of(&answer), code, "{more:?}: {:?}", answer.refused);
    }
    assert_eq!(code_of(&lab.post(PATH_SAVE, &[("title", "t")])), "40");
}

#[test]
fn messages_and_targets_are_checked() {
    let lab = Lab::new();
    let with = |name: &str, value: Value| {
        let mut message = lab.message(0);
        match value {
            Value::Null => drop(message.as_object_mut().unwrap().shift_remove(name)),
            value => message[name] = value,
        }
        let answer = lab.unicast(&message);
        code_of(&answer)
    };
    for (name, value, code) in [
        ("target_type", json!(null), "40"),
        ("target_type", json!("2"), "41"),
        ("target_type", json!(1), "41"),
        ("target_type", json!(3), "41"),
        ("target_type", json!(5), "10002"),
        ("target_value", json!(null), "40"),
        ("target_value", json!(""), "40"),
        ("target_value", json!(["CN_00112233445566778899aabbccddeeff"]), "41"),
        ("target_value", json!("00112233445566778899AABBCCDDEEFF"), "0"),
        ("target_value", json!("00112233445566778899aabb"), "0"),
        ("target_value", json!("realme_EUEX_00112233445566778899aabbccddeeff"), "0"),
        ("target_value", json!("CN_00112233445566778899aabb"), "41"),
        ("target_value", json!("_00112233445566778899aabbccddeeff"), "41"),
        ("target_value", json!("a_b_CN_00112233445566778899aabbccddeeff"), "41"),
        ("target_value", json!("CN_00112233445566778899aabbccddeeff "), "41"),
        ("target_value", json!(format!("{};{}", lab.0.target(0), lab.0.target(1))), "41"),
        ("notification", json!(null), "40"),
        ("notification", json!("{}"), "41"),
        ("verify_registration_id", json!(true), "0"),
        ("verify_registration_id", json!(1), "41"),
        ("registration_id", json!("x"), "41"),
    ] {
        assert_eq!(with(name, value.clone()), code, "{name}: {value}");
    }
    for (fields, code) in [
        (&[][..], "40"),
        (&[("message", "")], "40"),
        (&[("message", "{")], "41"),
        (&[("message", "[]")], "41"),
        (&[("messages", "[]")], "41"),
    ] {
        assert_eq!(code_of(&lab.post(PATH_UNICAST, fields)), code, "{fields:?}");
    }
    lab.0.world().set_target(lab.0.target(9), TargetState::Dead);
    assert_eq!(code_of(&lab.unicast(&lab.message(9))), "10000");
}
