//! Golden vectors by step, and the mapping of single fields. The suite tests behaviour.

use omnipush_core::{Class, Field, Item, Now, Overflow, Pause, Remedy, Scope, Secret, Target, Verdict, sign::JwtKey};
use serde_json::{Value, json};

use super::*;

/// The published test key of RFC 6979, section A.2.5. Never a real key.
const TEST_KEY: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgya+p2EW6dRZrXCFX
Z7HWk05Qw9s26JsSe4piKxIPZyGhRANCAARg/tS6JVqdMclh63TGNW1owEm4kjth
+mzmaWIuYPKftnkD/hAIuLyZpBrp6VYovGTy8bIMLX6fUXejwpTURiKZ
-----END PRIVATE KEY-----";
const TEST_CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nfor tests\n-----END CERTIFICATE-----\n\
                                -----BEGIN PRIVATE KEY-----\nfor tests\n-----END PRIVATE KEY-----";
const NOW: u64 = 1_700_000_000;
const TOKEN: &str = "00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0";

fn config() -> Config {
    Config::new("DEF123GHIJ", "ABC123DEFG", Secret::new(TEST_KEY), "com.example.app")
}

fn apns() -> Apns {
    Apns::new(config()).unwrap()
}

fn encode_with(apns: &Apns, n: Value) -> Result<Encoded, EncodeError> {
    let n: Notification = serde_json::from_value(n).unwrap();
    apns.encode(&n, Shape::One, &mut cx(&mut |_| {}))
}

fn cx(rng: &mut dyn FnMut(&mut [u8])) -> Cx<'_> {
    Cx { now: Now::at(NOW * 1000), rng, overflow: Overflow::Refuse }
}

fn encode(n: Value) -> Result<Encoded, EncodeError> {
    encode_with(&apns(), n)
}

/// An alert with these fields besides title and text.
fn alert(more: Value) -> Result<Encoded, EncodeError> {
    let mut all = json!({"title": "t", "body": "b"});
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    encode(all)
}

fn with(options: Value) -> Value {
    json!({"vendors": {"apns": options}})
}

fn body(encoded: &Encoded) -> Value {
    serde_json::from_slice(encoded.body.literal()).unwrap()
}

fn header<'a>(encoded: &'a Encoded, name: &str) -> Option<&'a str> {
    let mut values = encoded.headers.iter().filter(|(n, _)| n == name).map(|(_, v)| v.to_str().unwrap());
    let value = values.next();
    assert_eq!(values.next(), None, "{name} stands twice");
    value
}

fn lost(encoded: &Encoded) -> Vec<Field> {
    encoded.losses.iter().map(|loss| loss.field).collect()
}

fn one<T>(encoded: &Encoded, target: &str, f: impl FnOnce(&Set<'_>) -> T) -> T {
    let target = Target::new(target);
    let items = [Item { encoded, target: &target }];
    f(&Set { shape: Shape::One, items: &items, ticket: "", request_id: "11111111-2222-4333-8444-555555555555" })
}

/// The worked example of the provider token, made with the test key of RFC 6979.
#[test]
fn provider_token_vector() {
    let token = |apns: &Apns, now_secs: u64| {
        let mut cx = Cx { now: Now::at(now_secs * 1000 + 999), rng: &mut |_| {}, overflow: Overflow::Refuse };
        let TokenStep::Minted(grant) = apns.token("provider", &mut cx).unwrap() else { panic!("minted") };
        assert_eq!(grant.lifetime, Duration::from_secs(3600));
        grant.value.expose().to_owned()
    };
    let right = "eyJhbGciOiJFUzI1NiIsImtpZCI6IkFCQzEyM0RFRkcifQ\
                 .eyJpc3MiOiJERUYxMjNHSElKIiwiaWF0IjoxNDM3MTc5MDM2fQ\
                 .b4lLr9shLM-cGLtZv_sbcf3t0MZvu2F4_7oeucznx5OjvhsUitFqcSPyVMHDZY9QxMPPeuNEwNwObMMNSfaXzA";
    assert_eq!(token(&apns(), 1_437_179_036), right);
    // Likely mistakes make another token: milliseconds, ids changed round, other members.
    let changed = Config::new("ABC123DEFG", "DEF123GHIJ", Secret::new(TEST_KEY), "com.example.app");
    assert_ne!(token(&Apns::new(changed).unwrap(), 1_437_179_036), right);
    assert_ne!(token(&apns(), 1_437_179_036_000), right);
    let key = JwtKey::es256(&Secret::new(TEST_KEY)).unwrap();
    for (header, claims) in [
        (r#"{"alg":"ES256","kid":"ABC123DEFG","typ":"JWT"}"#, r#"{"iss":"DEF123GHIJ","iat":1437179036}"#),
        (r#"{"alg":"ES256","kid":"ABC123DEFG"}"#, r#"{"iat":1437179036,"iss":"DEF123GHIJ"}"#),
        (r#"{"alg":"ES256","kid":"ABC123DEFG"}"#, r#"{"iss":"DEF123GHIJ","iat":"1437179036"}"#),
    ] {
        assert_ne!(key.sign(header, claims).unwrap(), right);
    }
}

#[test]
fn the_least_request() {
    let encoded = alert(json!({})).unwrap();
    assert_eq!(body(&encoded), json!({"aps": {"alert": {"title": "t", "body": "b"}}}));
    assert_eq!(encoded.size, Some((42, 4096)));
    let request = one(&encoded, TOKEN, |set| apns().request(set, &mut cx(&mut |_| {})).unwrap());
    assert_eq!(request.url.as_str(), format!("https://api.push.apple.com/3/device/{TOKEN}"));
    assert_eq!(request.scope.as_deref(), Some("provider"));
    let headers: Vec<(&str, &str)> = request.all_headers().map(|(n, v)| (n.as_str(), v.to_str().unwrap())).collect();
    assert_eq!(
        headers,
        [
            ("apns-push-type", "alert"),
            ("apns-topic", "com.example.app"),
            ("apns-id", "11111111-2222-4333-8444-555555555555"),
        ]
    );
    assert!(request.body.as_ptr() == encoded.body.literal().as_ptr(), "all devices share one body");
}

#[test]
fn an_alert_with_everything() {
    let encoded = encode(json!({
        "title": "t", "subtitle": "s", "body": "b", "image": "https://example.com/i.png", "sound": "ding.caf",
        "badge": {"set": 3}, "category": "ORDER", "click": {"url": "https://example.com/o/42"},
        "data": {"orderId": "42"}, "ttl_seconds": 60, "collapse_key": "k", "priority": "normal", "thread": "th",
        "id": "m-1",
        "vendors": {"apns": {
            "custom": {"n": 1, "list": [true]}, "content_available": true, "target_content_id": "w",
            "interruption_level": "time-sensitive", "relevance_score": 0.5, "filter_criteria": "work",
            "url_args": ["a"], "launch_image": "l", "action": "Open", "action_loc_key": "OPEN"
        }}
    }))
    .unwrap();
    assert_eq!(
        body(&encoded),
        json!({
            "aps": {
                "alert": {"title": "t", "subtitle": "s", "body": "b", "launch-image": "l", "action": "Open",
                          "action-loc-key": "OPEN"},
                "badge": 3, "sound": "ding.caf", "thread-id": "th", "category": "ORDER", "content-available": 1,
                "mutable-content": 1, "target-content-id": "w", "interruption-level": "time-sensitive",
                "relevance-score": 0.5, "filter-criteria": "work", "url-args": ["a"]
            },
            "orderId": "42", "n": 1, "list": [true], "url": "https://example.com/o/42",
            "image": "https://example.com/i.png"
        })
    );
    assert_eq!(header(&encoded, "apns-expiration"), Some("1700000060"));
    assert_eq!(header(&encoded, "apns-priority"), Some("5"));
    assert_eq!(header(&encoded, "apns-collapse-id"), Some("k"));
    assert_eq!((lost(&encoded), encoded.cuts.len()), (vec![], 0));
}

#[test]
fn localised_texts_replace_plain_ones() {
    let encoded = alert(with(json!({
        "title_loc_key": "T", "title_loc_args": ["1"], "subtitle_loc_key": "S", "subtitle_loc_args": ["2"],
        "loc_key": "B", "loc_args": ["3", "4"]
    })));
    assert_eq!(
        body(&encoded.unwrap()),
        json!({"aps": {"alert": {"title-loc-key": "T", "title-loc-args": ["1"], "subtitle-loc-key": "S",
                                 "subtitle-loc-args": ["2"], "loc-key": "B", "loc-args": ["3", "4"]}}})
    );
}

#[test]
fn sounds() {
    for (sound, wire) in [(json!("default"), json!("default")), (json!("a.caf"), json!("a.caf"))] {
        assert_eq!(body(&alert(json!({"sound": sound})).unwrap())["aps"]["sound"], wire);
    }
    let silent = alert(json!({"sound": "none"})).unwrap();
    assert_eq!((body(&silent)["aps"].get("sound"), lost(&silent)), (None, vec![]));
    for (critical, wire) in [
        (json!({}), json!({"critical": 1, "name": "a.caf"})),
        (json!({"name": "b.caf", "volume": 0.25}), json!({"critical": 1, "name": "b.caf", "volume": 0.25})),
    ] {
        let critical = alert(json!({"sound": "a.caf", "vendors": {"apns": {"critical_sound": critical}}})).unwrap();
        assert_eq!((&body(&critical)["aps"]["sound"], lost(&critical)), (&wire, vec![]));
    }
}

#[test]
fn clicks_and_other_losses() {
    for (n, field, url) in [
        (json!({"click": "app"}), None, None),
        (json!({"click": {"url": "myapp://a"}}), None, Some("myapp://a")),
        (json!({"click": {"intent": "intent:#Intent;end"}}), Some(Field::Click), None),
        (json!({"click": {"activity": "a.b/.C"}}), Some(Field::Click), None),
        (json!({"click": {"action": "a.b.OPEN"}}), Some(Field::Click), None),
        (json!({"badge": {"add": 1}}), Some(Field::Badge), None),
        (json!({"channel": "c"}), Some(Field::Channel), None),
    ] {
        let encoded = alert(n.clone()).unwrap();
        assert_eq!((lost(&encoded), body(&encoded)["url"].as_str()), (Vec::from_iter(field), url), "{n}");
    }
}

#[test]
fn the_names_of_the_apps_own_keys_are_settings() {
    let apns = Apns::new(Config { url_key: Some("u".into()), image_key: Some("i".into()), ..config() }).unwrap();
    let n = json!({"title": "t", "click": {"url": "https://a.b"}, "image": "https://a.b/i", "data": {"url": "mine"}});
    let body = body(&encode_with(&apns, n).unwrap());
    assert_eq!(
        (&body["u"], &body["i"], &body["url"]),
        (&json!("https://a.b"), &json!("https://a.b/i"), &json!("mine"))
    );
}

#[test]
fn push_types_have_their_topic_priority_and_limit() {
    for (name, topic, priority, limit) in [
        ("alert", "com.example.app", None, 4096),
        ("background", "com.example.app", Some("5"), 4096),
        ("voip", "com.example.app.voip", None, 5120),
        ("complication", "com.example.app.complication", None, 4096),
        ("fileprovider", "com.example.app.pushkit.fileprovider", None, 4096),
        ("mdm", "com.example.app", None, 4096),
        ("liveactivity", "com.example.app.push-type.liveactivity", None, 4096),
        ("location", "com.example.app.location-query", None, 4096),
        ("pushtotalk", "com.example.app.voip-ptt", Some("10"), 4096),
        ("widgets", "com.example.app.push-type.widgets", None, 4096),
        ("controls", "com.example.app.push-type.controls", None, 4096),
    ] {
        let mut options = json!({"push_type": name});
        match name {
            "mdm" => options["mdm"] = json!("magic"),
            "liveactivity" => options["live_activity"] = json!({"event": "update", "content_state": {}}),
            _ => {}
        }
        let encoded = alert(with(options)).unwrap();
        assert_eq!(header(&encoded, "apns-push-type"), Some(name));
        assert_eq!(header(&encoded, "apns-topic"), Some(topic), "{name}");
        assert_eq!(header(&encoded, "apns-priority"), priority, "{name}");
        assert_eq!(encoded.size.unwrap().1, limit, "{name}");
        assert_eq!(header(&encoded, "apns-expiration"), (name == "pushtotalk").then_some("0"), "{name}");
    }
    let whole = alert(with(json!({"push_type": "complication", "topic": "com.example.h.complication"}))).unwrap();
    assert_eq!(header(&whole, "apns-topic"), Some("com.example.h.complication"));
}

#[test]
fn the_priority_that_is_the_default_needs_no_header() {
    for (options, priority) in
        [(json!({}), None), (json!({"priority": 10}), Some("10")), (json!({"priority": 1}), Some("1"))]
    {
        let n = json!({"title": "t", "priority": "high", "vendors": {"apns": options}});
        let encoded = encode(n).unwrap();
        assert_eq!((header(&encoded, "apns-priority"), lost(&encoded)), (priority, vec![]), "{options}");
    }
}

#[test]
fn what_is_not_shown_is_lost_and_said_so() {
    use Field::{Badge, Body, Click, Data, Image, Priority, Sound, Title};
    let shown = json!({
        "title": "t", "body": "b", "sound": "default", "badge": {"set": 1}, "image": "https://a.b/i",
        "click": {"url": "https://a.b"}, "data": {"k": "v"}, "priority": "high"
    });
    for (kind, options, payload, gone) in [
        (
            "background",
            json!({}),
            json!({"aps": {"content-available": 1}, "k": "v"}),
            vec![Title, Body, Image, Sound, Badge, Click, Priority],
        ),
        (
            "background",
            json!({"push_type": "location"}),
            json!({"aps": {}, "k": "v"}),
            vec![Title, Body, Image, Sound, Badge, Click],
        ),
        (
            "alert",
            json!({"push_type": "voip"}),
            json!({"aps": {"alert": {"title": "t", "body": "b"}}, "k": "v"}),
            vec![Image, Sound, Badge, Click],
        ),
        (
            "background",
            json!({"push_type": "widgets"}),
            json!({"aps": {"content-changed": true}}),
            vec![Title, Body, Image, Sound, Badge, Click, Data],
        ),
        (
            "alert",
            json!({"mdm": "magic"}),
            json!({"mdm": "magic"}),
            vec![Title, Body, Image, Sound, Badge, Click, Data],
        ),
    ] {
        let mut n = shown.clone();
        n["kind"] = json!(kind);
        n["vendors"] = json!({"apns": options});
        let encoded = encode(n).unwrap();
        assert_eq!(body(&encoded), payload, "{options}");
        assert_eq!(lost(&encoded), gone, "{options}");
    }
}

#[test]
fn live_activities() {
    let start = json!({
        "event": "start", "content_state": {"score": 0}, "timestamp": 1_699_999_999, "stale_date": 1_700_003_600,
        "relevance_score": 100, "attributes_type": "GameAttributes", "attributes": {"home": "A"},
        "input_push_token": true, "input_push_channel": "dHN0LXNyY2gtY2hubA=="
    });
    let n = json!({"title": "t", "body": "b", "sound": "default", "data": {"k": "v"}, "priority": "high",
                   "vendors": {"apns": {"live_activity": start, "loc_key": "L", "loc_args": ["1"]}}});
    let encoded = encode(n).unwrap();
    assert_eq!(
        body(&encoded),
        json!({"aps": {
            "timestamp": 1_699_999_999, "event": "start", "content-state": {"score": 0}, "stale-date": 1_700_003_600,
            "relevance-score": 100, "attributes-type": "GameAttributes", "attributes": {"home": "A"},
            "input-push-token": 1, "input-push-channel": "dHN0LXNyY2gtY2hubA==",
            "alert": {"title": "t", "body": {"loc-key": "L", "loc-args": ["1"]}, "sound": "default"}
        }})
    );
    assert_eq!((header(&encoded, "apns-priority"), lost(&encoded)), (None, vec![Field::Data]));

    let mut end = LiveActivity::new(Event::End, json!({"score": 3}));
    end.dismissal_date = Some(1);
    let n = Notification { sound: Some(omnipush_core::Sound::Default), ..Notification::default() }
        .with_options("apns", &Options { live_activity: Some(end), ..Options::default() })
        .unwrap();
    let encoded = apns().encode(&n, Shape::One, &mut cx(&mut |_| {})).unwrap();
    assert_eq!(
        body(&encoded),
        json!({"aps": {"timestamp": NOW, "event": "end", "content-state": {"score": 3}, "dismissal-date": 1}})
    );
    assert_eq!(lost(&encoded), [Field::Sound]);
}

#[test]
fn rules_across_fields() {
    let live = |more: Value| {
        let mut live = json!({"event": "update", "content_state": {}});
        live.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        with(json!({"live_activity": live}))
    };
    for (n, part) in [
        (json!({"dry_run": true}), "no dry run"),
        (json!({"send_at": "2026-11-22T10:00:00Z"}), "no schedule"),
        (json!({"kind": "background", "vendors": {"apns": {"push_type": "alert"}}}), "what the user sees"),
        (json!({"title": null, "body": null, "data": {"k": "v"}}), "an alert needs"),
        (json!({"title": null, "body": null, "badge": {"add": 1}}), "an alert needs"),
        (json!({"data": {"aps": "x"}}), "Apple's own"),
        (with(json!({"custom": {"aps": {}}})), "Apple's own"),
        (with(json!({"custom": [1]})), "must be an object"),
        (json!({"data": {"url": "x"}, "click": {"url": "https://a.b"}}), "url_key"),
        (json!({"image": "https://a.b", "vendors": {"apns": {"custom": {"image": 1}}}}), "image_key"),
        (json!({"data": {"k": "x"}, "vendors": {"apns": {"custom": {"k": 1}}}}), "in `data` and in `custom`"),
        (with(json!({"badge": 1})), "unknown field `badge`"),
        (with(json!({"priority": 7})), "is 7; the push type `alert` takes 10, 5, 1"),
        (with(json!({"push_type": "background", "priority": 10})), "takes 5"),
        (with(json!({"push_type": "location", "priority": 1})), "takes 10, 5"),
        (with(json!({"push_type": "background", "loc_key": "k"})), "does not go with the push type `background`"),
        (with(json!({"push_type": "controls", "custom": {}})), "does not go with the push type `controls`"),
        (with(json!({"push_type": "mdm"})), "`mdm`: is missing"),
        (with(json!({"push_type": "liveactivity"})), "`live_activity`: is missing"),
        (with(json!({"relevance_score": 1.5})), "must be from 0 to 1"),
        (with(json!({"critical_sound": {"volume": -1}})), "must be from 0 to 1"),
        (with(json!({"loc_args": ["a"]})), "needs the key"),
        (with(json!({"topic": " "})), "`apns-topic`: is missing"),
        (with(json!({"topic": "a\nb"})), "cannot stand in a header"),
        (live(json!({"content_state": 1})), "must be an object"),
        (live(json!({"event": "start"})), "`attributes_type`: is missing"),
        (live(json!({"attributes": {}})), "`start` only"),
        (live(json!({"dismissal_date": 1})), "`end` only"),
        (live(json!({"stale_date": 1_700_000_000_000_i64})), "0 to 9999999999"),
        (json!({"title": "x".repeat(4056)}), "`payload`: has 4097 bytes; at most 4096"),
    ] {
        let error = alert(n.clone()).unwrap_err().to_string();
        assert!(error.contains(part), "{n}: {error}");
    }
    let silent = json!({"vendors": {"apns": {"live_activity":
        {"event": "start", "content_state": {}, "attributes": {}, "attributes_type": "A"}}}});
    assert!(encode(silent).unwrap_err().to_string().contains("title (`aps.alert`): is missing"));
    let several = alert(with(json!({"priority": 2, "relevance_score": 2, "loc_args": []}))).unwrap_err();
    assert_eq!(several.problems.len(), 3, "all at once");
    assert_eq!(alert(json!({"title": "x".repeat(4055)})).unwrap().size, Some((4096, 4096)));
    let large = alert(json!({"title": "x".repeat(5000)})).unwrap_err();
    assert_eq!(large.class(), Class::PayloadTooLarge);
    assert!(alert(json!({"title": "x".repeat(4500), "vendors": {"apns": {"push_type": "voip"}}})).is_ok());
}

#[test]
fn advice() {
    let picture = json!({"badge": {"set": 1}, "image": "https://a.b"});
    assert_eq!(encode(picture).unwrap().advice.len(), 1);
}

#[test]
fn ttl_becomes_a_time_at_most_30_days_ahead() {
    let expiration = |ttl: i64| {
        let encoded = alert(json!({"ttl_seconds": ttl})).unwrap();
        (header(&encoded, "apns-expiration").unwrap().to_owned(), encoded.cuts)
    };
    assert_eq!(expiration(0), ("0".into(), vec![]));
    assert_eq!(expiration(2_592_000), ("1702592000".into(), vec![]));
    let (time, cuts) = expiration(2_592_001);
    assert_eq!((time.as_str(), cuts[0].from, cuts[0].to), ("1702592000", 2_592_001, 2_592_000));
}

#[test]
fn collapse_keys_that_apns_cannot_take_get_a_stand_in() {
    let id = |key: &str| {
        let encoded = alert(json!({"collapse_key": key})).unwrap();
        header(&encoded, "apns-collapse-id").unwrap().to_owned()
    };
    assert_eq!(id(&"k".repeat(64)), "k".repeat(64));
    for odd in ["k".repeat(65), "订单".into(), "a b".into()] {
        let stand_in = id(&odd);
        assert_eq!((stand_in.len(), &stand_in), (64, &id(&odd)), "{odd}");
        assert_ne!(stand_in, odd);
    }
}

#[test]
fn settings_are_checked_and_never_shown() {
    let certificate = Config::with_certificate(Secret::new(TEST_CERTIFICATE), "com.example.app");
    for (config, part) in [
        (Config { team_id: None, ..config() }, "`team_id` must have 10"),
        (Config { key_id: Some("ABC\"123DEF".into()), ..config() }, "`key_id` must have 10"),
        (Config { key: None, ..config() }, "`key` is missing"),
        (Config { key: Some(Secret::new("hunter2")), ..config() }, "`key` is no PKCS#8 PEM"),
        (Config { certificate: Some(Secret::new("hunter2")), ..certificate.clone() }, "`certificate` must hold"),
        (Config { certificate: Some(Secret::new(TEST_CERTIFICATE)), ..config() }, "`team_id` is useless"),
        (Config { topic: "com example".into(), ..config() }, "`topic` is no bundle id"),
        (Config { url_key: Some("aps".into()), ..config() }, "`url_key` must"),
        (Config { image_key: Some("url".into()), ..config() }, "`image_key` must"),
        (Config { endpoint: Some("api.push.apple.com".into()), ..config() }, "`endpoint` must"),
        (Config { channels_endpoint: Some("x".into()), ..config() }, "`channels_endpoint` must"),
    ] {
        let error = Apns::new(config).unwrap_err().to_string();
        assert!(error.contains(part) && !error.contains("hunter2"), "{error}");
    }
    for shown in [format!("{:?}", apns()), format!("{:?}", Apns::new(certificate).unwrap())] {
        assert!(!shown.contains("MIGHAgEA") && !shown.contains("BEGIN"), "{shown}");
    }
}

#[test]
fn a_certificate_takes_the_place_of_tokens() {
    let config = json!({"certificate": TEST_CERTIFICATE, "topic": "com.example.app", "environment": "sandbox"});
    let apns = Apns::new(serde_json::from_value(config).unwrap()).unwrap();
    assert!(apns.identity().is_some() && apns.token("provider", &mut cx(&mut |_| {})).is_err());
    let encoded = encode_with(&apns, json!({"title": "t"})).unwrap();
    let request = one(&encoded, TOKEN, |set| apns.request(set, &mut cx(&mut |_| {})).unwrap());
    assert_eq!(request.scope, None);
    assert!(request.url.as_str().starts_with("https://api.sandbox.push.apple.com/3/device/"));
    let located = encode_with(&apns, json!({"vendors": {"apns": {"push_type": "location"}}})).unwrap_err();
    assert!(located.to_string().contains("no certificate"), "{located}");
    let live = json!({"vendors": {"apns": {"live_activity": {"event": "update", "content_state": {}}}}});
    assert_eq!(encode_with(&apns, live).unwrap().advice.len(), 1);
}

#[test]
fn tokens_are_hex_of_any_size() {
    for good in [TOKEN, "AB", &"0f".repeat(100)] {
        assert!((PROFILE.target_ok)(good), "{good}");
    }
    let encoded = alert(json!({})).unwrap();
    for bad in ["", "abc", "zz", "../../4/x", "ab?x", "ab\r\n", &"a".repeat(2000)] {
        assert!(!(PROFILE.target_ok)(bad), "{bad}");
        let refusal = one(&encoded, bad, |set| apns().request(set, &mut cx(&mut |_| {})).unwrap_err());
        assert_eq!(refusal.class, Class::InvalidRequest);
    }
}

fn verdict(status: u16, body: &str) -> Verdict {
    let encoded = alert(json!({})).unwrap();
    let outcome = one(&encoded, TOKEN, |set| response::decode(&Reply::new(status, body.to_owned()), set));
    let Outcome::Whole(verdict) = outcome else { panic!("one verdict") };
    verdict
}

#[test]
fn every_documented_reason_has_a_row() {
    use Class::*;
    for (status, class, reasons) in [
        (400, InvalidRequest, "BadCollapseId BadExpirationDate BadMessageId BadPriority BadTopic DuplicateHeaders"),
        (400, InvalidRequest, "InvalidPushType MissingDeviceToken MissingTopic PayloadEmpty"),
        (400, InvalidRequest, "BadDeviceToken DeviceTokenNotForTopic"),
        (400, Unavailable, "IdleTimeout"),
        (400, PermissionDenied, "TopicDisallowed"),
        (403, PermissionDenied, "BadCertificate BadCertificateEnvironment Forbidden"),
        (403, PermissionDenied, "BadEnvironmentKeyIdInToken BadEnvironmentKeyInToken"),
        (403, Unauthenticated, "ExpiredProviderToken InvalidProviderToken MissingProviderToken UnrelatedKeyIdInToken"),
        (404, InvalidRequest, "BadPath"),
        (405, InvalidRequest, "MethodNotAllowed"),
        (410, InvalidToken, "ExpiredToken Unregistered"),
        (413, PayloadTooLarge, "PayloadTooLarge"),
        (429, RateLimited, "TooManyProviderTokenUpdates TooManyRequests"),
        (500, Unavailable, "InternalServerError"),
        (503, Unavailable, "ServiceUnavailable Shutdown"),
        (400, PermissionDenied, "FeatureNotEnabled"),
        (400, InvalidRequest, "MissingChannelId BadChannelId BadRequestParams BadRequestPayload MissingPushType"),
        (400, InvalidRequest, "MissingChannelQueueSize"),
        (400, InvalidToken, "ChannelNotRegistered"),
        (400, QuotaExceeded, "CannotCreateChannelConfig"),
        (403, PermissionDenied, "TopicMismatch"),
    ] {
        for reason in reasons.split(' ') {
            assert!(response::CODES.iter().any(|row| row.code == reason), "{reason}");
            let verdict = verdict(status, &format!(r#"{{"reason":"{reason}"}}"#));
            let refusal = verdict.refusal().unwrap();
            assert_eq!((refusal.class, &*refusal.code, refusal.status), (class, reason, status));
        }
    }
    assert!(response::CODES.iter().any(|row| row.code == "Service Unavailable"));
}

#[test]
fn reasons_that_the_engine_acts_on() {
    for (reason, remedy, scope) in [
        ("ExpiredProviderToken", Remedy::NewToken, Scope::Lane),
        ("InvalidProviderToken", Remedy::NewToken, Scope::Lane),
        ("MissingProviderToken", Remedy::Stand, Scope::Lane),
        ("UnrelatedKeyIdInToken", Remedy::NewConnection, Scope::Lane),
        ("IdleTimeout", Remedy::NewConnection, Scope::Lane),
        ("Shutdown", Remedy::NewConnection, Scope::Lane),
        ("ServiceUnavailable", Remedy::Again, Scope::Lane),
        ("TooManyProviderTokenUpdates", Remedy::Pause(Pause::For(Duration::from_secs(60))), Scope::Lane),
        ("TooManyRequests", Remedy::Pause(Pause::For(Duration::from_secs(5))), Scope::Target),
        ("BadDeviceToken", Remedy::Stand, Scope::Target),
        ("Forbidden", Remedy::Stand, Scope::Lane),
    ] {
        let row = omnipush_core::codes::find(response::CODES, reason).unwrap();
        assert_eq!((row.remedy, row.scope), (remedy, scope), "{reason}");
    }
}

#[test]
fn the_message_id_is_apns_own() {
    let encoded = alert(json!({})).unwrap();
    let mut reply = Reply::new(200, "");
    let id = |reply: &Reply| match one(&encoded, TOKEN, |set| response::decode(reply, set)) {
        Outcome::Whole(Verdict::Accepted { id }) => id.unwrap().to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(id(&reply), "11111111-2222-4333-8444-555555555555");
    reply.headers.insert("apns-id", HeaderValue::from_static("EC1BF194-B3B2-424A-89A9-5A918A6E6B5D"));
    assert_eq!(id(&reply), "EC1BF194-B3B2-424A-89A9-5A918A6E6B5D");
}

#[test]
fn gone_tokens_say_since_when() {
    let body = r#"{"reason":"Unregistered","timestamp":1699999999000}"#;
    let gone = verdict(410, body);
    assert!(gone.is_dead_target());
    assert_eq!(&*gone.refusal().unwrap().text, body);
}

#[test]
fn odd_answers_are_judged_by_their_status() {
    use Class::*;
    for (status, body, class) in [
        (400, r#"{"reason":"NewReason"}"#, InvalidRequest),
        (403, r#"{"reason":"NewReason"}"#, PermissionDenied),
        (404, "", InvalidRequest),
        (405, "<html>", InvalidRequest),
        (410, r#"{"reason":"NewReason"}"#, InvalidToken),
        (410, "<html>", InvalidToken),
        (413, "{}", PayloadTooLarge),
        (429, r#"{"reason":1}"#, RateLimited),
        (503, "", Unavailable),
        (302, "", Unknown),
    ] {
        let verdict = verdict(status, body);
        assert!(matches!(&verdict, Verdict::Refused(r) if r.class == class), "{status} {body}: {verdict:?}");
    }
    for (status, body) in [(200, "<html>"), (200, r#"{"reason":"Unregistered"}"#), (204, ""), (500, ""), (502, "x")] {
        assert!(matches!(verdict(status, body), Verdict::Unsure(Some(_))), "{status} {body}");
    }
}

#[test]
fn every_field_of_a_notification_is_carried_or_explained() {
    let manual = apns().manual();
    for field in Field::ALL {
        let carried = manual.fields.iter().any(|row| row.uses.has(field));
        let explained = manual.lost.iter().any(|lost| lost.field == field);
        assert!(carried || explained, "{field}");
    }
}

#[test]
fn a_repeat_of_an_alert_replaces_the_first_by_its_id() {
    let id = |n: Value| header(&encode(n).unwrap(), "apns-collapse-id").map(str::to_owned);
    assert_eq!(id(json!({"title": "t", "id": "m-1"})).as_deref(), Some("m-1"));
    assert_eq!(id(json!({"title": "t", "id": "m-1", "collapse_key": "k"})).as_deref(), Some("k"));
    assert_eq!(id(json!({"kind": "background", "id": "m-1"})), None);
}

/// Broadcasts, and the channels that they go to.
mod channels {
    use omnipush_core::{Found, http::Method};

    use super::*;

    const CHANNEL: &str = "dHN0LXNyY2gtY2hubA==";

    fn broadcast(more: Value) -> Result<Encoded, EncodeError> {
        let mut n = json!({"vendors": {"apns": {"live_activity": {"event": "update", "content_state": {"score": 1}}}}});
        n.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let n: Notification = serde_json::from_value(n).unwrap();
        apns().encode(&n, Shape::Topic, &mut cx(&mut |_| {}))
    }

    fn on<T>(encoded: &Encoded, channel: &str, f: impl FnOnce(&Set<'_>) -> T) -> T {
        let target = Target::new(channel);
        let items = [Item { encoded, target: &target }];
        f(&Set { shape: Shape::Topic, items: &items, ticket: "", request_id: "11111111-2222-4333-8444-555555555555" })
    }

    #[test]
    fn a_broadcast_whole() {
        let encoded =
            broadcast(json!({"title": "t", "sound": "default", "priority": "normal", "ttl_seconds": 60})).unwrap();
        assert_eq!(
            body(&encoded),
            json!({"aps": {"timestamp": NOW, "event": "update", "content-state": {"score": 1},
                           "alert": {"title": "t", "sound": "default"}}})
        );
        let request = on(&encoded, CHANNEL, |set| apns().request(set, &mut cx(&mut |_| {})).unwrap());
        let host = "https://api-broadcast.push.apple.com";
        assert_eq!(request.url.as_str(), format!("{host}/4/broadcasts/apps/com.example.app"));
        let headers: Vec<(&str, &str)> =
            request.all_headers().map(|(n, v)| (n.as_str(), v.to_str().unwrap())).collect();
        assert_eq!(
            headers,
            [
                ("apns-push-type", "liveactivity"),
                ("apns-expiration", "1700000060"),
                ("apns-priority", "5"),
                ("apns-channel-id", CHANNEL),
                ("apns-request-id", "11111111-2222-4333-8444-555555555555"),
            ]
        );
        assert_eq!((request.scope.as_deref(), &*request.lane), (Some("provider"), "broadcasts"));
    }

    /// Apple asks for both headers; 0 is all that a channel without storage takes.
    #[test]
    fn what_the_caller_does_not_say_and_what_is_too_long() {
        let least = broadcast(json!({})).unwrap();
        assert_eq!((header(&least, "apns-priority"), header(&least, "apns-expiration")), (Some("10"), Some("0")));
        let long = broadcast(json!({"ttl_seconds": 86_400})).unwrap();
        assert_eq!(header(&long, "apns-expiration"), Some("1700028800"));
        assert_eq!((long.cuts[0].from, long.cuts[0].to), (86_400, 28_800));
        assert_eq!(lost(&broadcast(json!({"collapse_key": "k"})).unwrap()), [Field::CollapseKey]);
        assert_eq!(broadcast(json!({"title": "x".repeat(4900)})).unwrap().size.unwrap().1, 5120);
        let error = broadcast(json!({"title": "x".repeat(5120)})).unwrap_err();
        assert!(error.to_string().contains("at most 5120"), "{error}");
    }

    #[test]
    fn a_channel_takes_updates_and_ends_of_live_activities() {
        let live = |options: Value| json!({"title": "t", "vendors": {"apns": options}});
        let start = json!({"event": "start", "content_state": {}, "attributes": {}, "attributes_type": "A"});
        let update = json!({"event": "update", "content_state": {}});
        for (n, part) in [
            (live(json!({})), "nothing but Live Activities"),
            (live(json!({"push_type": "voip"})), "nothing but Live Activities"),
            (live(json!({"live_activity": start})), "a start goes to devices"),
            (live(json!({"live_activity": update, "topic": "a.b.push-type.liveactivity"})), "the app's own"),
        ] {
            let error = broadcast(n).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
        for bad in ["", "a b", "a\r\nb", "=", "ключ", &"a".repeat(2000)] {
            let encoded = broadcast(json!({})).unwrap();
            let refusal = on(&encoded, bad, |set| apns().request(set, &mut cx(&mut |_| {})).unwrap_err());
            assert_eq!((refusal.class, &*refusal.code), (Class::InvalidRequest, "not_sent"), "{bad:?}");
        }
    }

    #[test]
    fn answers_to_broadcasts() {
        let encoded = broadcast(json!({})).unwrap();
        let mut reply = Reply::new(200, "");
        reply.headers.insert("apns-request-id", HeaderValue::from_static("EC1BF194-B3B2-424A-89A9-5A918A6E6B5D"));
        let verdict = |reply: &Reply| match on(&encoded, CHANNEL, |set| response::decode(reply, set)) {
            Outcome::Whole(verdict) => verdict,
            Outcome::Each(_) => panic!("one verdict"),
        };
        assert_eq!(verdict(&reply).message_id(), Some("EC1BF194-B3B2-424A-89A9-5A918A6E6B5D"));
        for (status, reason, class, scope) in [
            (400, "TopicDisallowed", Class::InvalidRequest, Scope::Target),
            (400, "ChannelNotRegistered", Class::InvalidToken, Scope::Target),
            (400, "BadChannelId", Class::InvalidRequest, Scope::Target),
            (429, "TooManyRequests", Class::RateLimited, Scope::Lane),
            (403, "ExpiredProviderToken", Class::Unauthenticated, Scope::Lane),
            (503, "Service Unavailable", Class::Unavailable, Scope::Lane),
        ] {
            let verdict = verdict(&Reply::new(status, json!({"reason": reason}).to_string()));
            let refusal = verdict.refusal().unwrap();
            assert_eq!((refusal.class, refusal.scope), (class, scope), "{reason}");
        }
    }

    fn ask(apns: &Apns, operation: &Operation) -> Result<Request, Refusal> {
        apns.operation(operation, &mut cx(&mut |_| {}))
    }

    #[test]
    fn operations_have_a_host_of_their_own() {
        let sandbox = Apns::new(Config { environment: Environment::Sandbox, ..config() }).unwrap();
        let fake = Apns::new(Config { endpoint: Some("http://127.0.0.1:1/".into()), ..config() }).unwrap();
        let production = "https://api-manage-broadcast.push.apple.com:2196/1/apps/com.example.app";
        let id = || CHANNEL.to_owned();
        for (operation, method, path, channel, sent) in [
            (
                Operation::CreateChannel { keep_newest: true },
                Method::POST,
                "channels",
                None,
                r#"{"message-storage-policy":1,"push-type":"LiveActivity"}"#,
            ),
            (Operation::ReadChannel { id: id() }, Method::GET, "channels", Some(CHANNEL), ""),
            (Operation::DeleteChannel { id: id() }, Method::DELETE, "channels", Some(CHANNEL), ""),
            (Operation::Channels, Method::GET, "all-channels", None, ""),
        ] {
            let request = ask(&apns(), &operation).unwrap();
            assert_eq!((request.method, request.url.as_str()), (method, &*format!("{production}/{path}")));
            assert_eq!((&request.body[..], request.scope.as_deref()), (sent.as_bytes(), Some("provider")));
            let mut headers = request.headers.iter().filter(|(name, _)| name == "apns-channel-id");
            assert_eq!(headers.next().map(|(_, value)| value.to_str().unwrap()), channel);
            let url = |apns: &Apns| ask(apns, &operation).unwrap().url.as_str().to_owned();
            let other = "https://api-manage-broadcast.sandbox.push.apple.com:2195/1/apps/com.example.app";
            assert_eq!(url(&sandbox), format!("{other}/{path}"));
            assert_eq!(url(&fake), format!("http://127.0.0.1:1/1/apps/com.example.app/{path}"));
        }
        let none = ask(&apns(), &Operation::CreateChannel { keep_newest: false }).unwrap();
        assert_eq!(none.body, r#"{"message-storage-policy":0,"push-type":"LiveActivity"}"#);
        assert!(ask(&apns(), &Operation::ReadChannel { id: "a b".into() }).is_err());
    }

    #[test]
    fn answers_to_operations() {
        let create = Operation::CreateChannel { keep_newest: true };
        let read = Operation::ReadChannel { id: CHANNEL.into() };
        let delete = Operation::DeleteChannel { id: CHANNEL.into() };
        let settings = json!({"message-storage-policy": 1, "push-type": "LiveActivity"});
        let ids = json!({"channels": [CHANNEL]});
        let answer = |operation: &Operation, status, body: String| {
            let mut reply = Reply::new(status, body);
            reply.headers.insert("apns-channel-id", HeaderValue::from_static(CHANNEL));
            apns().operation_reply(operation, &reply)
        };
        for (operation, status, body, found) in [
            (&create, 201, String::new(), Found::Id(CHANNEL.into())),
            (&read, 200, settings.to_string(), Found::Other(settings)),
            (&delete, 204, String::new(), Found::Nothing),
            (&Operation::Channels, 200, ids.to_string(), Found::Names(vec![CHANNEL.into()])),
        ] {
            assert_eq!(answer(operation, status, body).unwrap().found, found, "{operation:?}");
            for odd in ["<html>", r#"{"channels": 1}"#, r#"{"channels": [1]}"#] {
                assert!(answer(operation, 200, odd.into()).is_err(), "{operation:?} {odd}");
            }
        }
        assert!(apns().operation_reply(&create, &Reply::new(201, "")).is_err(), "an id is missing");
        for (status, reason, class) in [
            (400, "CannotCreateChannelConfig", Class::QuotaExceeded),
            (400, "ChannelNotRegistered", Class::InvalidToken),
            (400, "FeatureNotEnabled", Class::PermissionDenied),
            (400, "TopicDisallowed", Class::InvalidRequest),
            (400, "MissingChannelQueueSize", Class::InvalidRequest),
            (403, "TopicMismatch", Class::PermissionDenied),
            (429, "TooManyRequests", Class::RateLimited),
            (503, "Service Unavailable", Class::Unavailable),
        ] {
            let refusal = answer(&create, status, json!({"reason": reason}).to_string()).unwrap_err();
            assert_eq!(refusal.class, class, "{reason}");
        }
    }
}
