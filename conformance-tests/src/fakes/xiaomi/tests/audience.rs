//! Audiences: whom each endpoint reaches, and the names that it refuses.

use super::*;

/// A good message to another audience.
fn to(path: &str, fields: &[(&str, &str)]) -> Call {
    let message = [
        ("restricted_package_name", PACKAGE),
        ("title", "title"),
        ("description", "text"),
        ("extra.channel_id", PUBLIC_CHANNEL),
        ("extra.notify_effect", "1"),
    ];
    call(path, &encode(fields.iter().copied().chain(message)))
}

/// Whom a call reaches.
fn reached(call: &Call) -> Vec<String> {
    let fake = Xiaomi::new();
    assert_eq!(fake.purpose(call), Purpose::Send);
    let answer = fake.answer(call);
    assert_eq!(code(&answer), 0, "{:?}", answer.refused);
    fake.world().delivered().into_iter().map(|delivered| delivered.target).collect()
}

#[test]
fn every_audience_is_reached() {
    for (path, fields, targets) in [
        ("/v3/message/alias", [("alias", "ann,ben")].as_slice(), ["ann", "ben"].as_slice()),
        ("/v2/message/alias", &[("alias", "ann"), ("alias", "ben,令")], &["ann", "ben", "令"]),
        ("/v2/message/user_account", &[("user_account", "1"), ("user_account", "2")], &["1", "2"]),
        ("/v2/message/topic", &[("topic", "news")], &["news"]),
        ("/v3/message/topic", &[("topic", "a,b")], &["a,b"]),
        ("/v2/message/multi_topic", &[("topics", "a;$;b"), ("topic_op", "EXCEPT")], &["a;$;b EXCEPT"]),
        (
            "/v3/message/multi_topic",
            &[("topics", "a;$;b;$;c;$;d;$;e"), ("topic_op", "UNION")],
            &["a;$;b;$;c;$;d;$;e UNION"],
        ),
        ("/v2/message/region", &[("region", "北京,上海")], &["北京,上海"]),
        ("/v2/message/all", &[], &[""]),
        ("/v3/message/all", &[], &[""]),
    ] {
        assert_eq!(reached(&to(path, fields)), targets, "{path}");
    }
    for (path, target) in [("aliases", "ann"), ("user_accounts", "a b")] {
        let messages = Value::Array(vec![element(target, |_| ())]).to_string();
        assert_eq!(
            reached(&call(&format!("/v2/multi_messages/{path}"), &encode([("messages", messages.as_str())]))),
            [target]
        );
    }
}

#[test]
fn names_are_checked() {
    let many = vec!["a"; 1001].join(",");
    for (path, fields, expected) in [
        ("/v3/message/alias", [].as_slice(), 10016),
        ("/v3/message/alias", &[("alias", "")], 65012),
        ("/v3/message/alias", &[("alias", "ann,,ben")], 10017),
        ("/v3/message/alias", &[("alias", &many)], 10017),
        ("/v3/message/alias", &[("alias", "ann"), ("registration_id", "regA")], 10008),
        ("/v3/message/regid", &[("registration_id", "regA"), ("registration_id", "regB")], 10008),
        ("/v2/message/user_account", &[("user_account", "")], 65016),
        ("/v2/message/topic", &[("topic", "")], 65013),
        ("/v2/message/topic", &[("topic", "a"), ("topic", "b")], 10008),
        ("/v3/message/multi_topic", &[("topics", "a;$;b")], 10016),
        ("/v3/message/multi_topic", &[("topics", "a;$;b"), ("topic_op", "AND")], 10017),
        ("/v3/message/multi_topic", &[("topics", "a"), ("topic_op", "UNION")], 10017),
        ("/v3/message/multi_topic", &[("topics", "a;$;;$;b"), ("topic_op", "UNION")], 65013),
        ("/v3/message/multi_topic", &[("topics", "a;$;b;$;c;$;d;$;e;$;f"), ("topic_op", "UNION")], 65035),
        ("/v2/message/region", &[], 10016),
        ("/v3/message/all", &[("topic", "a")], 10008),
    ] {
        assert_eq!(outcome(&to(path, fields)), expected, "{path} {fields:?}");
    }
    let messages = json!([element("", |_| ())]).to_string();
    assert_eq!(outcome(&call("/v2/multi_messages/aliases", &encode([("messages", messages.as_str())]))), 10017);
}

#[test]
fn of_other_targets_than_regids_no_bad_ones_are_listed() {
    let fake = Xiaomi::new();
    fake.world().set_target("ann", TargetState::Dead);
    let answer = body(&fake.answer(&to("/v3/message/alias", &[("alias", "ann,ben")])));
    assert!(answer["code"] == 0 && answer["data"].get("bad_regids").is_none());
    assert_eq!(fake.world().delivered().len(), 1);
}
