//! The fields of a message: what each may hold, and which go together.

use super::*;

/// Single changes to a good message, and the code they meet.
#[test]
fn every_field_is_checked() {
    let long = |n: usize| "长".repeat(n);
    let (t49, t50, d127, d128) = (long(49), long(50), long(127), long(128));
    let (p4095, p4096, b256, b257) = (long(4095), long(4096), "p".repeat(256), "p".repeat(257));
    let (j20, j21) = ("j".repeat(20), "j".repeat(21));
    let (now, past) = (NOW.to_string(), (NOW - 1).to_string());
    let (week, later) = ((NOW + 7 * DAY).to_string(), (NOW + 7 * DAY + 1).to_string());
    let (day, more) = (DAY.to_string(), (DAY + 1).to_string());
    let cases: &[(&str, Option<&str>, i64)] = &[
        ("registration_id", None, 10016),
        ("registration_id", Some(""), 10016),
        ("registration_id", Some("regA,,regB"), 10017),
        ("restricted_package_name", Some("com.example"), 22022),
        ("restricted_package_name", Some(""), 22022),
        ("restricted_package_name", Some("com.example.app,com.example.app.pad"), 0),
        ("restricted_package_name", Some("com.example.app,com.other"), 22022),
        ("restricted_package_name", None, 0),
        ("title", None, 10016),
        ("title", Some(""), 10016),
        ("title", Some(" \u{3000}\n"), 10017),
        ("title", Some(&t49), 0),
        ("title", Some(&t50), 10017),
        ("description", None, 10016),
        ("description", Some("  "), 10017),
        ("description", Some(&d127), 0),
        ("description", Some(&d128), 10017),
        ("payload", Some(&p4095), 0),
        ("payload", Some(&p4096), 65009),
        ("pass_through", Some("0"), 0),
        ("pass_through", Some("1"), 10036),
        ("pass_through", Some("2"), 10017),
        ("notify_type", Some("-1"), 0),
        ("notify_type", Some("7"), 0),
        ("notify_type", Some("8"), 10017),
        ("time_to_live", Some("0"), 10017),
        ("time_to_live", Some("-1"), 10017),
        ("time_to_live", Some("1.5"), 10017),
        ("time_to_live", Some("60s"), 10017),
        ("time_to_live", Some("+1000"), 10017),
        ("time_to_live", Some(&day), 0),
        ("time_to_live", Some(&more), 10017),
        ("time_to_send", Some(&now), 0),
        ("time_to_send", Some(&past), 10017),
        ("time_to_send", Some("0"), 10017),
        ("time_to_send", Some(&week), 0),
        ("time_to_send", Some(&later), 10017),
        ("notify_id", Some("0"), 0),
        ("notify_id", Some("2147483647"), 0),
        ("notify_id", Some("2147483648"), 10017),
        ("notify_id", Some("-1"), 10017),
        ("notify_id", Some("order-42"), 10017),
        ("notifyId", Some("1"), 10008),
        ("collapse_key", Some("c"), 10008),
        ("channel_id", Some("130001"), 10008),
        ("alias", Some("u"), 10008),
        ("extra.", Some("v"), 10008),
        ("extra.channel_id", None, 27001),
        ("extra.channel_id", Some(""), 27001),
        ("extra.channel_id", Some("130003"), 27001),
        ("extra.channel_id", Some("130002"), 10016), // private, no template
        ("extra.template_id", Some(" "), 10017),
        ("extra.template_param", Some("{}"), 10017), // no template
        ("extra.notify_effect", None, 10016),
        ("extra.notify_effect", Some("4"), 10017),
        ("extra.notify_effect", Some("2"), 10016),       // no intent
        ("extra.notify_effect", Some("3"), 10016),       // no address
        ("extra.intent_uri", Some("app://page"), 10017), // effect is 1
        ("extra.web_uri", Some("https://example.com"), 10017),
        ("extra.notify_foreground", Some("true"), 10017),
        ("extra.sound_uri", Some("android.resource://com.example.app/raw/ding"), 0),
        ("extra.sound_uri", Some("android.resource://com.other/raw/ding"), 10017),
        ("extra.jobkey", Some(&j20), 0),
        ("extra.jobkey", Some(&j21), 10017),
        ("extra.jobkey", Some(""), 10017),
        ("extra.jobkey", Some("_job"), 10017),
        ("extra.jobkey", Some("job 1"), 10017),
        ("extra.only_send_once", Some("0"), 10017),
        ("extra.flow_control", Some("3000"), 0),
        ("extra.flow_control", Some("fast"), 10017),
        ("extra.locale", Some("zh_CN,en_US"), 0),
        ("extra.model", Some("a,,b"), 10017),
        ("extra.connpt", Some("4g"), 10017),
        ("extra.callback", Some("http://example.com/cb"), 0),
        ("extra.callback", Some("example.com/cb"), 65038),
        ("extra.callback.type", Some("3"), 10017), // no callback
        ("extra.notification_style_type", Some("1"), 0),
        ("extra.notification_style_type", Some("2"), 10016), // no picture
        ("extra.notification_style_button_left_notify_effect", Some("9"), 10017),
        ("extra.notification_style_button_mid_name", Some("Open"), 0),
        ("extra.badge", Some("many"), 10017),
        ("extra.own", Some(""), 0),
    ];
    for (key, value, expected) in cases {
        assert_eq!(outcome(&changed("/v3/message/regid", &[(key, *value)])), *expected, "{key} = {value:?}");
    }
    let callback = |key, value| {
        let changes = [("extra.callback", Some("https://example.com/cb")), (key, Some(value))];
        outcome(&changed("/v3/message/regid", &changes))
    };
    assert_eq!(callback("extra.callback.param", &b256), 0);
    assert_eq!(callback("extra.callback.param", &b257), 65036);
    assert_eq!(callback("extra.callback.type", "243"), 0);
    assert_eq!(callback("extra.callback.type", "1267"), 0);
    assert_eq!(callback("extra.callback.type", "246"), 10017); // contains 4, which is nothing
}

#[test]
fn version_two_wants_one_package() {
    for (names, expected) in
        [(None, 10016), (Some("com.example.app,com.example.app.pad"), 22022), (Some(OTHER_PACKAGE), 0)]
    {
        assert_eq!(outcome(&changed("/v2/message/regid", &[("restricted_package_name", names)])), expected);
    }
}

#[test]
fn private_messages_have_a_template_and_ten_days() {
    let private = |key: &str, value: &str| {
        let channel = ("extra.channel_id", Some(PRIVATE_CHANNEL));
        outcome(&changed("/v3/message/regid", &[channel, ("extra.template_id", Some("T1")), (key, Some(value))]))
    };
    assert_eq!(private("time_to_live", &(10 * DAY).to_string()), 0);
    assert_eq!(private("time_to_live", &(10 * DAY + 1).to_string()), 10017);
    let nine: String = (0..9).map(|n| format!(r#""v{n}":"x","#)).collect();
    for (variables, expected) in [
        (r#"{"name":"张三 O'Neil <a@b.c> 5 €"}"#.to_owned(), 0),
        (r#"{}"#.into(), 0),
        ("name=x".into(), 10017),
        (r#"["x"]"#.into(), 10017),
        (r#"{"name":1}"#.into(), 10017),
        (r#"{"name":""}"#.into(), 10017),
        (r#"{"name":"  "}"#.into(), 10017),
        (format!(r#"{{"name":"{}"}}"#, "x".repeat(128)), 0),
        (format!(r#"{{"name":"{}"}}"#, "x".repeat(129)), 10017),
        (r#"{"name":"hi 😀"}"#.into(), 10017),
        (r#"{"name":"Omni®"}"#.into(), 10017), // class So
        (r#"{"name":"\ufdd0"}"#.into(), 10017),
        (format!("{{{}}}", nine.trim_end_matches(',')), 0),
        (format!(r#"{{{nine}"v9":"x"}}"#), 10017),
    ] {
        assert_eq!(private("extra.template_param", &variables), expected, "{variables}");
    }
}

#[test]
fn clicks_are_decoded() {
    let click = |effect, key: &str, value| {
        let fake = Xiaomi::new();
        let changes = [("extra.notify_effect", Some(effect)), (key, value)];
        let code = code(&fake.answer(&changed("/v3/message/regid", &changes)));
        (code, fake.world().delivered().pop().and_then(|d| d.click))
    };
    assert_eq!(click("1", "payload", None), (0, None));
    assert_eq!(click("2", "extra.intent_uri", Some("myapp://order/42")), (0, Some("myapp://order/42".into())));
    assert_eq!(click("3", "extra.web_uri", Some("https://a.b/?c=d")), (0, Some("https://a.b/?c=d".into())));
    for wrong in ["intent:#Intent;component=a/.B", "https://a.b", "order/42", "1a:b", "my app://x"] {
        assert_eq!(click("2", "extra.intent_uri", Some(wrong)).0, 10017, "{wrong}");
    }
    for wrong in ["a.b", "https://", "https:///x", "myapp://x", "https://a.b/c d"] {
        assert_eq!(click("3", "extra.web_uri", Some(wrong)).0, 10017, "{wrong}");
    }
    assert_eq!(click("3", "extra.intent_uri", Some("myapp://x")).0, 10016);
}

#[test]
fn own_pairs_are_few_and_short() {
    let keys: Vec<String> = (0..11).map(|n| format!("extra.k{n}")).collect();
    let pairs: Vec<_> = keys.iter().map(|key| (key.as_str(), Some("v"))).collect();
    assert_eq!(outcome(&changed("/v3/message/regid", &pairs[..10])), 0);
    assert_eq!(outcome(&changed("/v3/message/regid", &pairs)), 65014);
    assert_eq!(outcome(&changed("/v3/message/regid", &[("extra.k", Some(&"长".repeat(1023)))])), 0);
    assert_eq!(outcome(&changed("/v3/message/regid", &[("extra.k", Some(&"长".repeat(1024)))])), 65015);
}
