//! Golden vectors by step, the mapping of single fields, rules, and answers. The suite tests
//! behaviour.

use omnipush_core::{Bytes, Class, Item, Overflow, Pause, Remedy, Scope, Secret, Target, Verdict, sign};
use serde_json::{Map, Value, json};

use super::*;

/// A key made for tests, used nowhere else.
const KEY: &str = "-----BEGIN PRIVATE KEY-----
MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQCY3CoQlKWEXboW
4H4t73XZHLLWUtovGfroLOX8LxmdV6bQJ/ZGwzhQoRZ/9LPRGRItRfzzshfHbhGy
EnsRrvRaIppGPg0IlvL+9HRODCnjOTF+w8UnmLdFZqQjtJx40bNsY8ezZhp+bXHy
3xvEymuxovIbhYs0neR/lvIH1vOdYtbMAEUo1Sws0DWcp74OSt3ffZXZuXMuThv1
cmZvk0hXGTQHetzPcffl1U6jPwx/DmMyZ5n7QCYbHE0zQRogijgWBCcdw+dMj2ZZ
vPdHMG3005vdso3kYe6H85ZKIbF1GxmTbY0Ea0Jl4OUxd00eCWNAsi+7HVHtnN4P
gJoK4kUtAgMBAAECggEAC0YVniJwcKo++sf01mt2TBx3PiJfMCEg5bXGAorwvy+D
QI/p9H8abKvszmQcTPwl4IvsY4bLhSxjhrghNoUqRWmO6kZSTMNhSZd66nSwNC94
LIrAxDJZtfcjfPSpo6mHq6NSS7NomdF1mX2F/UYWmkPTyl7XjPpmK1jVIenjDsTp
q4jToWWsP3tA3KF5IdGXoFLOfdKk+1vQ5fOH+lb5hkZ+QgSYyk264j2HZC8ur9wM
5Fuh7u2UvkIS7+1MxGwBFRCBP/GIDZDZ86q1WKUkkN56NrhtBBvHc/Hb5q018Qbj
qSPewqaq2I+No+DEo328F9bmTy8WBRo3dqjdE6RaoQKBgQDRa5gtZCV0c7MvWF/t
n9LgG8Qn87VrGl29LjvWW8muuufqGMkMSjkDBNpODCHjXObHVtJxDcfTyltMMP3K
7wOEoTdODNndjgHp386OY/OLALrFYUyF16bpOnoTUjAiRZgHIFB3KqR9qM2BRSA4
Q4rfwqV5EhRx+rCjMn0HgmYJEQKBgQC63AYnfJY1PSbbh/oTd9TW6458TDp9ExNk
YM/Dl2DYVRZ8xuZq6jJaR4XW8xTaKY6cIJ6ZNRpGg1gLyXJiP6cxqkMtuzQ9iaWj
AaRrMwc5H/LbxZZE0uDpuSIhMheAZWlZJ5X0KicVSMXXQVoL6lZIg20FJebw1ZhH
bBrCCpFaXQKBgQCTKCwTGWBIaFTtXAhsjfY8jMZV3KcKz8g2+5oIkw8xvRziHvCH
tlBBktNkLJpTjiCMyrGtx6U3aealr3dndnTeafrW2ajuSq+FjEM1Q38LmkOkFy8S
jes30GOf2A0CyCyANXDVjB1yP3/I6q4tWyjm+3wTi2TagvJEe2HoOPVCQQKBgQC3
ET7aSr4itKGwLJz9m8YjNa5n6orW5Ox3yD1kw5c2+s3IO1mdX4srVa0zdP1164bz
QSYAtbzjXmTRT3BH/1K/Xq7oS+MXcxabB83c1KZ7+egGFqNtFCkT8rQUT64ktbYr
iZPpHa8itCRYCoe86r3T1yblB0glpS3Gs4vXlWDoZQKBgDkeL3Qx3+4zxa7UvhPV
JI5XFHpVQffFIcEdWSdWQUT8kpGp8SRo/Zg+Mdr2+QBhfWhrtiLI1xMNejSYJewZ
RjC16kf34jcA/VA33CLmIlWhPFKEFMsxYAcYJa6HpaCXdqPl09shX/b2ct+FHnIx
PhVJWlZwDjQdCqNNrLx+ox6V
-----END PRIVATE KEY-----";

const HEADER: &str =
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6IjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1NjcifQ";
const CLAIMS: &str = "eyJpc3MiOiJwdXNoLXRlc3RAZGVtby1wcm9qZWN0LmlhbS5nc2VydmljZWFjY291bnQuY29tIiwic2NvcGUiOiJodHRwczovL3d3\
     dy5nb29nbGVhcGlzLmNvbS9hdXRoL2ZpcmViYXNlLm1lc3NhZ2luZyIsImF1ZCI6Imh0dHBzOi8vb2F1dGgyLmdvb2dsZWFwaXMu\
     Y29tL3Rva2VuIiwiaWF0IjoxNzAwMDAwMDAwLCJleHAiOjE3MDAwMDM2MDB9";
const SIGNATURE: &str = "MKZbcPap4PRTfvBwJeU5Nob7GyZApiDgrItfnWNQd6MnnLF7MP3WBor1DwESwrQ-B96uCzdtFJm2fLA2APV1a1qLB-844LBmpvoA\
     mv3ZJFn7XvWJLEMp9AixQzZl8xnZTUNbXwcb9udXFxrTCPpkR1PqEZuO4DvgSypeiCLEsdZSdK2cB6INYqDvVpdvGhmRM7XOxLX0\
     Y7cqK5ZMh4sx0wCNs6mJJtlpmrif1pWJqNd4vwEEvodkqU56c1frwjjahBq9n8Vi0kFPmSD7VP_2OfmT7KuI-PN9nhJ5ar_RryYX\
     Xea-bNhg-Iz25RgLZKPqAFT01wAJKAZQiQk73vLR9A";

fn key_file() -> Value {
    json!({
        "type": "service_account",
        "project_id": "demo-project",
        "private_key_id": "0123456789abcdef0123456789abcdef01234567",
        "private_key": KEY,
        "client_email": "push-test@demo-project.iam.gserviceaccount.com",
        "client_id": "117",
    })
}

fn config() -> Config {
    Config::new(Secret::new(key_file().to_string()))
}

fn encode_by(fcm: &Fcm, n: Value, shape: Shape) -> Result<Encoded, EncodeError> {
    let n: Notification = serde_json::from_value(n).unwrap();
    fcm.encode(&n, shape, &mut Cx { now_ms: 1_700_000_000_999, rng: &mut |_| {}, overflow: Overflow::Refuse })
}

fn encode(n: Value) -> Result<Encoded, EncodeError> {
    encode_by(&Fcm::new(config()).unwrap(), n, Shape::One)
}

fn on(platform: Platform) -> Fcm {
    Fcm::new(Config { platforms: vec![platform], ..config() }).unwrap()
}

/// The body for one target.
fn sent(fcm: &Fcm, encoded: &Encoded, target: &str) -> Result<Request, Refusal> {
    let target = Target::new(target);
    let items = [Item { encoded, target: &target }];
    let set = Set { shape: encoded.shape, items: &items, ticket: "", request_id: "" };
    fcm.request(&set, &mut Cx { now_ms: 0, rng: &mut |_| {}, overflow: Overflow::Refuse })
}

fn text(n: Value) -> String {
    let fcm = Fcm::new(config()).unwrap();
    let request = sent(&fcm, &encode(n).unwrap(), "t1").unwrap();
    String::from_utf8(request.body.into()).unwrap()
}

fn message(n: Value) -> Value {
    serde_json::from_str::<Value>(&text(n)).unwrap()["message"].take()
}

fn with(n: Value, more: &Value) -> Value {
    let mut all = n;
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    all
}

fn lost(encoded: &Encoded) -> Vec<&'static str> {
    encoded.losses.iter().map(|loss| loss.field.as_str()).collect()
}

fn decoded(status: u16, body: impl Into<Bytes>) -> Outcome {
    decoded_for(json!({"title": "t"}), Reply::new(status, body))
}

fn decoded_for(n: Value, reply: Reply) -> Outcome {
    let (encoded, target) = (encode(n).unwrap(), Target::new("t1"));
    let items = [Item { encoded: &encoded, target: &target }];
    response::decode(&reply, &Set { shape: Shape::One, items: &items, ticket: "", request_id: "" })
}

fn failure(code: u16, status: &str, text: &str, details: Value) -> String {
    json!({"error": {"code": code, "message": text, "status": status, "details": details}}).to_string()
}

fn fcm_error(code: &str) -> Value {
    json!({"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code})
}

fn apns_error(status: u16, reason: &str) -> Value {
    json!({"@type": "type.googleapis.com/google.firebase.fcm.v1.ApnsError", "statusCode": status, "reason": reason})
}

#[test]
fn sign_in_vector() {
    let fcm = Fcm::new(config()).unwrap();
    let jwt = fcm.account.assertion(1_700_000_000).unwrap();
    let parts: Vec<&str> = jwt.split('.').collect();
    assert_eq!(parts, [HEADER, CLAIMS, SIGNATURE]);
    assert_eq!(jwt.len(), 706);
    assert_eq!(
        sign::sha256_hex([HEADER, ".", CLAIMS]),
        "228616ce9ca7be584e3682bdb58600ff7ca88f4fe55d2a9cb84f4023e9d11248"
    );
    let form = fcm.account.form(1_700_000_000).unwrap();
    let start = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
    assert_eq!(form, format!("{start}{jwt}"));
    // Another second, key id or token endpoint is another signature.
    assert_ne!(fcm.account.assertion(1_700_000_001).unwrap(), jwt);
    for (member, value) in [("private_key_id", "other"), ("token_uri", "http://127.0.0.1:1/token")] {
        let file = with(key_file(), &json!({member: value}));
        let other = Fcm::new(Config::new(Secret::new(file.to_string()))).unwrap();
        assert_ne!(other.account.assertion(1_700_000_000).unwrap(), jwt, "{member}");
    }
}

#[test]
fn a_key_file_is_a_text_or_a_table_and_its_faults_are_named_without_values() {
    for file in [key_file(), Value::String(key_file().to_string())] {
        let config: Config = serde_json::from_value(json!({"service_account": file})).unwrap();
        let fcm = Fcm::new(config).unwrap();
        assert_eq!(&*fcm.url, "https://fcm.googleapis.com/v1/projects/demo-project/messages:send");
        let debug = format!("{fcm:?}");
        assert!(!debug.contains("MIIE") && !debug.contains("BEGIN"), "{debug}");
    }
    for (member, value, part) in [
        ("type", json!("authorized_user"), "service_account.type"),
        ("private_key", Value::Null, "`service_account.private_key` is missing"),
        ("private_key", json!("hunter2"), "`service_account.private_key` is no PKCS#8 PEM"),
        ("client_email", json!(""), "`service_account.client_email` is missing"),
        ("project_id", Value::Null, "`project_id` must be"),
        ("project_id", json!("a/b"), "`project_id` must be"),
    ] {
        let file = with(key_file(), &json!({member: value}));
        let error = Fcm::new(Config::new(Secret::new(file.to_string()))).unwrap_err().to_string();
        assert!(error.contains(part) && !error.contains("hunter2"), "{error}");
    }
    let error = Fcm::new(Config::new(Secret::new("hunter2"))).unwrap_err().to_string();
    assert_eq!(error, "fcm: `service_account` is no key file in JSON (line 1, column 1)");
}

#[test]
fn token_answers() {
    let grant = auth::grant(&Reply::new(200, r#"{"access_token":"ya29.x","expires_in":3599,"token_type":"Bearer"}"#));
    let grant = grant.unwrap();
    assert_eq!((grant.value.expose(), grant.lifetime.as_secs()), ("ya29.x", 3599));
    let odd = auth::grant(&Reply::new(200, r#"{"access_token":"ya29.x"}"#)).unwrap_err();
    assert!(odd.class == Class::Unavailable && !odd.to_string().contains("ya29"), "{odd}");
    let refused = |status, body: &str| auth::grant(&Reply::new(status, body.to_owned())).unwrap_err();
    let grant = refused(400, r#"{"error":"invalid_grant","error_description":"Invalid JWT Signature."}"#);
    assert_eq!((grant.class, grant.remedy, &*grant.code), (Class::PermissionDenied, Remedy::Stand, "invalid_grant"));
    assert_eq!(refused(400, r#"{"error":"temporarily_unavailable"}"#).remedy, Remedy::Again);
    assert_eq!(refused(503, "<html>").remedy, Remedy::Again);
    let busy = refused(429, "<html>");
    assert_eq!((busy.class, busy.remedy), (Class::Unavailable, Remedy::Again));
}

#[test]
fn the_least_message() {
    assert_eq!(
        text(json!({"title": "t \"q\"", "body": "b"})),
        r#"{"message":{"token":"t1","notification":{"title":"t \"q\"","body":"b"}}}"#
    );
    assert_eq!(
        text(
            json!({"data": {"k": "v"}, "kind": "background", "dry_run": true, "vendors": {"fcm": {"address": "fid"}}})
        ),
        r#"{"validate_only":true,"message":{"fid":"t1","data":{"k":"v"},"apns":{"headers":{"apns-priority":"5","apns-push-type":"background"},"payload":{"aps":{"content-available":1}}}}}"#
    );
}

#[test]
fn every_common_field_in_its_places() {
    let n = json!({
        "title": "t", "body": "b", "subtitle": "s", "image": "https://example.com/i.png", "sound": "ding",
        "badge": {"set": 3}, "channel": "chat", "category": "REPLY", "click": {"action": "a.b.OPEN"},
        "data": {"z": "1", "a": "2"}, "ttl_seconds": 60, "collapse_key": "k", "priority": "high", "thread": "th",
    });
    let encoded = encode(n.clone()).unwrap();
    assert!(lost(&encoded).is_empty(), "{:?}", encoded.losses);
    assert_eq!(
        message(n),
        json!({
            "token": "t1",
            "data": {"z": "1", "a": "2"},
            "notification": {"title": "t", "body": "b", "image": "https://example.com/i.png"},
            "android": {
                "collapse_key": "k", "priority": "HIGH", "ttl": "60s",
                "notification": {"sound": "ding", "tag": "k", "click_action": "a.b.OPEN", "channel_id": "chat",
                                 "notification_count": 3},
            },
            "apns": {
                "headers": {"apns-expiration": "1700000060", "apns-collapse-id": "k", "apns-priority": "10"},
                "payload": {"aps": {"alert": {"title": "t", "subtitle": "s", "body": "b"}, "sound": "ding", "badge": 3,
                                    "category": "REPLY", "thread-id": "th", "mutable-content": 1}},
            },
            "webpush": {
                "headers": {"TTL": "60", "Urgency": "high", "Topic": "k"},
                "notification": {"tag": "k"},
            },
        })
    );
}

#[test]
fn every_option_in_its_place() {
    let options = json!({
        "android": {
            "collapse_key": "ck", "priority": "normal", "ttl": 0, "restricted_package_name": "a.b",
            "data": {"x": "y"}, "fcm_options": {"analytics_label": "la"}, "direct_boot_ok": true,
            "bandwidth_constrained_ok": true, "restricted_satellite_ok": false,
            "notification": {
                "title": "at", "body": "ab", "icon": "i", "color": "#00ffAA", "sound": "s", "tag": "tg",
                "click_action": "a.b.GO", "body_loc_key": "bk", "body_loc_args": ["1"], "title_loc_key": "tk",
                "title_loc_args": ["2", "3"], "channel_id": "c", "ticker": "ti", "sticky": true,
                "event_time": "2026-11-22T10:00:00.5Z", "local_only": true, "notification_priority": "PRIORITY_LOW",
                "default_sound": true, "default_vibrate_timings": false, "default_light_settings": true,
                "vibrate_timings": [0, 250, 1000], "visibility": "SECRET", "notification_count": 7,
                "light_settings": {"color": {"red": 1.0, "green": 0.5, "blue": 0.0}, "light_on_duration": 3500,
                                   "light_off_duration": 1000},
                "image": "https://example.com/a.png", "proxy": "DENY", "bypass_proxy_notification": false,
            },
        },
        "apns": {
            "headers": {"APNS-Priority": "1", "apns-topic": "a.b"},
            "payload": {"aps": {"sound": {"critical": 1}, "interruption-level": "active"}, "own": [1]},
            "fcm_options": {"analytics_label": "li", "image": "https://example.com/x.png"},
            "live_activity_token": "lt",
        },
        "webpush": {
            "headers": {"Urgency": "very-low"}, "data": {"w": "1"},
            "notification": {"tag": "wt", "requireInteraction": true, "actions": [{"action": "a", "title": "A"}]},
            "fcm_options": {"link": "https://example.com/w", "analytics_label": "lw"},
        },
        "fcm_options": {"analytics_label": "l~%"},
    });
    let message = message(json!({
        "title": "t", "sound": "none", "priority": "high", "collapse_key": "k", "channel": "x", "ttl_seconds": 5,
        "click": {"url": "https://example.com/n"}, "vendors": {"fcm": options.clone()},
    }));
    let mut android = options["android"].clone();
    android["priority"] = json!("NORMAL");
    android["ttl"] = json!("0s");
    android["notification"]["event_time"] = json!("2026-11-22T10:00:00.500Z");
    android["notification"]["vibrate_timings"] = json!(["0s", "0.25s", "1s"]);
    android["notification"]["light_settings"] = json!({
        "color": {"red": 1.0, "green": 0.5, "blue": 0.0, "alpha": 1.0},
        "light_on_duration": "3.5s", "light_off_duration": "1s",
    });
    assert_eq!(message["android"], android);
    assert_eq!(
        message["apns"],
        json!({
            "headers": {"apns-expiration": "1700000005", "apns-collapse-id": "k", "APNS-Priority": "1",
                        "apns-topic": "a.b"},
            "payload": {"aps": {"mutable-content": 1, "sound": {"critical": 1}, "interruption-level": "active"},
                        "own": [1]},
            "fcm_options": {"analytics_label": "li", "image": "https://example.com/x.png"},
            "live_activity_token": "lt",
        })
    );
    assert_eq!(
        message["webpush"],
        json!({
            "headers": {"TTL": "5", "Topic": "k", "Urgency": "very-low"},
            "data": {"w": "1"},
            "notification": {"silent": true, "tag": "wt", "requireInteraction": true,
                             "actions": [{"action": "a", "title": "A"}]},
            "fcm_options": {"link": "https://example.com/w", "analytics_label": "lw"},
        })
    );
    assert_eq!(message["fcm_options"], json!({"analytics_label": "l~%"}));
}

#[test]
fn options_survive_a_queue() {
    let mut options = Options::default();
    options.android.notification.color = Some("#102030".into());
    options.platforms = Some(vec![Platform::Android]);
    let n = Notification::new("t", "b").with_options("fcm", &options).unwrap();
    assert_eq!(n.options::<Options>("fcm").unwrap(), options);
}

#[test]
fn clicks() {
    let everywhere = Fcm::new(config()).unwrap();
    let keyed = Fcm::new(Config { click_key: Some("url".into()), ..config() }).unwrap();
    let (android, web) = (on(Platform::Android), on(Platform::Web));
    let (https, deep) = (json!({"url": "https://a.b/c"}), json!({"url": "app://c"}));
    for (fcm, click, carried, link, handed) in [
        (&everywhere, &json!("app"), true, None, None),
        (&everywhere, &https, false, Some("https://a.b/c"), None),
        (&web, &https, true, Some("https://a.b/c"), None),
        (&web, &json!({"url": "http://a.b/c"}), false, None, None),
        (&keyed, &https, true, Some("https://a.b/c"), Some("https://a.b/c")),
        (&keyed, &deep, false, None, Some("app://c")),
        (&android, &deep, false, None, None),
        (&android, &json!({"action": "a.b.OPEN"}), true, None, None),
        (&web, &json!({"action": "a.b.OPEN"}), false, None, None),
        (&keyed, &json!({"intent": "intent:#Intent;component=a.b/.C;end"}), false, None, None),
        (&keyed, &json!({"activity": "a.b/.C"}), false, None, None),
    ] {
        let encoded = encode_by(fcm, json!({"title": "t", "click": click}), Shape::One).unwrap();
        let body: Value = serde_json::from_slice(&sent(fcm, &encoded, "t1").unwrap().body).unwrap();
        assert_eq!(lost(&encoded).is_empty(), carried, "{click}");
        assert_eq!(body["message"]["webpush"]["fcm_options"]["link"].as_str(), link, "{click}");
        assert_eq!(body["message"]["data"]["url"].as_str(), handed, "{click}");
    }
}

#[test]
fn an_id_travels_in_data_and_never_replaces_the_apps_own_pair() {
    let fcm = Fcm::new(Config { id_key: Some("mid".into()), ..config() }).unwrap();
    let encoded = encode_by(&fcm, json!({"title": "t", "id": "m-1"}), Shape::One).unwrap();
    assert!(lost(&encoded).is_empty());
    assert!(String::from_utf8_lossy(encoded.body.literal()).contains(r#""data":{"mid":"m-1"}"#));
    let taken = encode_by(&fcm, json!({"title": "t", "id": "m-1", "data": {"mid": "own"}}), Shape::One).unwrap();
    assert_eq!(lost(&taken), ["id"]);
    assert_eq!(lost(&encode(json!({"title": "t", "id": "m-1"})).unwrap()), ["id"]);
}

#[test]
fn what_a_platform_cannot_carry_is_lost() {
    let n = json!({"title": "t", "subtitle": "s", "sound": "ding", "badge": {"set": 0}, "channel": "c", "category": "x",
                   "thread": "th"});
    for (platform, expected) in [
        (Platform::Android, vec!["subtitle", "sound", "badge", "category", "thread"]),
        (Platform::Apple, vec!["channel"]),
        (Platform::Web, vec!["subtitle", "sound", "badge", "channel", "category", "thread"]),
    ] {
        assert_eq!(lost(&encode_by(&on(platform), n.clone(), Shape::One).unwrap()), expected, "{platform:?}");
    }
    assert_eq!(lost(&encode(json!({"title": "t", "badge": {"add": 1}})).unwrap()), ["badge"]);
    for (sound, expected) in [("default", vec![]), ("none", vec!["sound"])] {
        let encoded = encode_by(&on(Platform::Android), json!({"title": "t", "sound": sound}), Shape::One).unwrap();
        assert_eq!(lost(&encoded), expected, "{sound}");
    }
    let hidden = encode(with(n, &json!({"kind": "background", "priority": "high"}))).unwrap();
    assert_eq!(lost(&hidden), ["title", "subtitle", "sound", "badge", "channel", "category", "thread"]);
    let apple = json!({"kind": "background", "priority": "high", "data": {"k": "v"}});
    assert_eq!(lost(&encode_by(&on(Platform::Apple), apple, Shape::One).unwrap()), ["priority"]);
}

#[test]
fn times_to_live() {
    let long = encode(json!({"title": "t", "ttl_seconds": 31_536_000})).unwrap();
    assert!(long.cuts.iter().all(|cut| (cut.from, cut.to) == (31_536_000, 2_419_200)) && long.cuts.len() == 3);
    let now = message(json!({"title": "t", "ttl_seconds": 0}));
    let ends = (&now["android"]["ttl"], &now["apns"]["headers"]["apns-expiration"], &now["webpush"]["headers"]["TTL"]);
    assert_eq!(ends, (&json!("0s"), &json!("0"), &json!("0")));
}

#[test]
fn long_or_odd_collapse_keys_are_hashed_where_headers_cannot_hold_them() {
    for (key, fits_apple) in [("a b", true), ("0123456789abcdef0123456789abcdef0", true), ("键", false)] {
        let message = message(json!({"title": "t", "collapse_key": key}));
        let hash = sign::sha256_hex([key]);
        assert_eq!(message["apns"]["headers"]["apns-collapse-id"], if fits_apple { key } else { &hash });
        assert_eq!(message["webpush"]["headers"]["Topic"], hash.get(..32).unwrap());
        assert_eq!(message["android"]["collapse_key"], key);
    }
    let long = "k".repeat(65);
    let message = message(json!({"title": "t", "collapse_key": long}));
    assert_eq!(message["apns"]["headers"]["apns-collapse-id"], sign::sha256_hex([&*long]));
}

#[test]
fn rules_across_fields() {
    let notification = |member: Value| json!({"vendors": {"fcm": {"android": {"notification": member}}}});
    let fcm = |options: Value| json!({"vendors": {"fcm": options}});
    for (n, part) in [
        (json!({"title": null, "body": null}), "nothing to show"),
        (json!({"send_at": "2026-11-22T10:00:00Z"}), "no schedule"),
        (json!({"data": {"from": "x"}}), "key `from` is reserved"),
        (json!({"data": {"message_type": "x"}}), "reserved"),
        (json!({"data": {"google.x": "x"}}), "reserved"),
        (json!({"data": {"gcm_x": "x"}}), "reserved"),
        (json!({"data": {"aps": "x"}}), "reserved"),
        (fcm(json!({"android": {"data": {"from": "x"}}})), "message.android.data"),
        (fcm(json!({"webpush": {"data": {"from": "x"}}})), "message.webpush.data"),
        (fcm(json!({"webpush": {"data": {"w": 1}}})), "expected a string"),
        (fcm(json!({"android": {"colour": 1}})), "unknown field `colour`"),
        (fcm(json!({"fcm_options": {"analytics_label": "a b"}})), "message.fcm_options.analytics_label"),
        (fcm(json!({"apns": {"fcm_options": {"analytics_label": "a".repeat(51)}}})), "1 to 50"),
        (fcm(json!({"apns": {"headers": {"x": "a\nb"}}})), "message.apns.headers"),
        (fcm(json!({"webpush": {"fcm_options": {"link": "http://a.b"}}})), "https"),
        (fcm(json!({"webpush": {"notification": []}})), "must be an object"),
        (fcm(json!({"apns": {"payload": "x"}})), "must be an object"),
        (fcm(json!({"apns": {"payload": {"aps": 1}}})), "must be an object"),
        (fcm(json!({"platforms": []})), "no platform"),
        (notification(json!({"color": "red"})), "#rrggbb"),
        (notification(json!({"body_loc_args": ["x"]})), "body_loc_args"),
        (notification(json!({"title_loc_args": ["x"]})), "title_loc_args"),
        (notification(json!({"visibility": "public"})), "is none of"),
        (notification(json!({"proxy": "MAYBE"})), "is none of"),
        (notification(json!({"notification_priority": "HIGH"})), "is none of"),
        (notification(json!({"notification_count": -1})), "notification_count"),
        (
            notification(json!({"light_settings": {"color": {"red": 2.0, "green": 0.0, "blue": 0.0},
                                                   "light_on_duration": 1, "light_off_duration": 1}})),
            "0 to 1",
        ),
        (notification(json!({"light_settings": {"light_on_duration": 1}})), "missing field"),
        (with(notification(json!({"icon": "i"})), &json!({"kind": "background"})), "shows nothing"),
        (json!({"body": "b".repeat(4096)}), "has 4097 bytes; at most 4096"),
        (json!({"data": {"k": "键".repeat(1365)}}), "has 4097 bytes; at most 4096"),
    ] {
        let error = encode(with(json!({"title": "t"}), &n)).unwrap_err().to_string();
        assert!(error.contains(part), "{n}: {error}");
    }
    let both = encode(json!({"title": "t", "data": {"from": "x"}, "send_at": "2026-11-22T10:00:00Z"})).unwrap_err();
    assert_eq!(both.problems.len(), 2);
    let big = encode(json!({"title": "t", "body": "b".repeat(4096)})).unwrap_err();
    assert_eq!(big.class(), Class::PayloadTooLarge);
}

#[test]
fn topics_and_conditions() {
    let fcm = Fcm::new(config()).unwrap();
    let send = |shape, target: &str| {
        let encoded = encode_by(&fcm, json!({"title": "t"}), shape).unwrap();
        sent(&fcm, &encoded, target)
    };
    let request = send(Shape::Topic, "news-1_.~%").unwrap();
    assert_eq!(request.body, r#"{"message":{"topic":"news-1_.~%","notification":{"title":"t"}}}"#);
    assert_eq!((&*request.lane, request.scope.as_deref()), ("topics", Some("messaging")));
    for bad in ["", "/topics/news", "a b", "a\"b", &"a".repeat(901)] {
        let refusal = send(Shape::Topic, bad).unwrap_err();
        assert_eq!((refusal.class, &*refusal.code), (Class::InvalidRequest, "not_sent"), "{bad}");
    }
    for good in [
        "'a' in topics",
        "'a' in topics && ('b' in topics || !('c' in topics))",
        " !!( 'a' in topics )||'b' in topics&&'c' in topics && 'd' in topics && 'e' in topics ",
    ] {
        assert!(send(Shape::Condition, good).is_ok(), "{good}");
    }
    for bad in [
        "",
        "a in topics",
        "'a' in topics 'b' in topics",
        "'a' in topics &&",
        "('a' in topics",
        "'a' in topics)",
        "'a b' in topics",
        "'a' in topic",
        "'a",
        "'a' in topics & 'b' in topics",
        &["'a' in topics"; 6].join(" || "),
        &"(".repeat(100_000),
    ] {
        assert!(send(Shape::Condition, bad).is_err(), "{bad}");
    }
    let long = json!({"title": "t", "body": "b".repeat(2048)});
    let error = encode_by(&fcm, long, Shape::Topic).unwrap_err().to_string();
    assert!(error.contains("has 2049 bytes; at most 2048"), "{error}");
    assert!(!(PROFILE.target_ok)("") && !(PROFILE.target_ok)("a b") && (PROFILE.target_ok)("f:A-b_9"));
}

#[test]
fn accepted_answers() {
    for (body, id) in [
        (r#"{"name":"projects/demo/messages/0:17%ab"}"#, Some("0:17%ab")),
        (r#"{"name": "projects/demo/messages/fake_message_id", "new": [1]}"#, Some("fake_message_id")),
        (r#"{"name":"projects/demo/messages/"}"#, None),
        ("{}", None),
        ("<html>", None),
    ] {
        let Outcome::Whole(verdict) = decoded(200, body) else { panic!("one target, one verdict") };
        assert_eq!(verdict.message_id(), id, "{body}");
        assert_eq!(matches!(verdict, Verdict::Unsure(_)), id.is_none(), "{body}");
    }
}

#[test]
fn refused_answers() {
    use Class::{InvalidRequest, InvalidToken, PayloadTooLarge, PermissionDenied, RateLimited, Unavailable, Unknown};
    let rpc = |kind: &str, more: Value| with(json!({"@type": format!("type.googleapis.com/google.rpc.{kind}")}), &more);
    let bad_request = |field: &str| rpc("BadRequest", json!({"fieldViolations": [{"field": field}]}));
    let info = |reason: &str| rpc("ErrorInfo", json!({"reason": reason}));
    let quota = |subject: &str| rpc("QuotaFailure", json!({"violations": [{"subject": subject}]}));
    let argument = || fcm_error("INVALID_ARGUMENT");
    let no_token = "The registration token is not a valid FCM registration token";
    let apple = |status, reason: &str| json!([argument(), apns_error(status, reason)]);
    let third = json!([fcm_error("THIRD_PARTY_AUTH_ERROR"), apns_error(403, "InvalidProviderToken")]);
    let gone = json!([fcm_error("UNREGISTERED"), apns_error(410, "Unregistered")]);
    let over = |subject| json!([fcm_error("QUOTA_EXCEEDED"), quota(subject)]);
    let (bad, big) = ("INVALID_ARGUMENT", "Message is too big");
    for (status, canonical, text, details, class, code) in [
        (
            400,
            "INVALID_ARGUMENT",
            "x",
            json!([argument(), bad_request("message.token")]),
            InvalidToken,
            "INVALID_ARGUMENT/token",
        ),
        (400, bad, no_token, json!([argument()]), InvalidToken, "INVALID_ARGUMENT/token"),
        (400, bad, "x", json!([bad_request("message.token")]), InvalidRequest, bad),
        (400, bad, "x", json!([bad_request("message"), argument()]), InvalidRequest, bad),
        (400, bad, "x", json!([]), InvalidRequest, bad),
        (400, bad, big, json!([argument()]), PayloadTooLarge, "INVALID_ARGUMENT/size"),
        (400, bad, big, json!([]), PayloadTooLarge, "INVALID_ARGUMENT/size"),
        (400, "INVALID_ARGUMENT", "x", apple(410, "Unregistered"), InvalidToken, "apns/Unregistered"),
        (400, "INVALID_ARGUMENT", "x", apple(400, "BadDeviceToken"), InvalidToken, "apns/BadDeviceToken"),
        (400, "INVALID_ARGUMENT", "x", apple(413, "PayloadTooLarge"), PayloadTooLarge, "apns/PayloadTooLarge"),
        (400, "INVALID_ARGUMENT", "x", apple(400, "BadTopic"), InvalidRequest, "apns/BadTopic"),
        (400, bad, "x", apple(400, "New"), InvalidRequest, bad),
        (401, "UNAUTHENTICATED", "OAuth", third, PermissionDenied, "THIRD_PARTY_AUTH_ERROR"),
        (401, "UNAUTHENTICATED", "x", json!([fcm_error("APNS_AUTH_ERROR")]), PermissionDenied, "APNS_AUTH_ERROR"),
        (
            401,
            "UNAUTHENTICATED",
            "x",
            json!([info("ACCESS_TOKEN_EXPIRED")]),
            Class::Unauthenticated,
            "ACCESS_TOKEN_EXPIRED",
        ),
        (401, "UNAUTHENTICATED", "x", json!([info("NEW_REASON")]), Class::Unauthenticated, "UNAUTHENTICATED"),
        (401, "UNAUTHENTICATED", "x", Value::Null, Class::Unauthenticated, "UNAUTHENTICATED"),
        (
            403,
            "PERMISSION_DENIED",
            "x",
            json!([fcm_error("SENDER_ID_MISMATCH")]),
            PermissionDenied,
            "SENDER_ID_MISMATCH",
        ),
        (403, "PERMISSION_DENIED", "x", json!([info("SERVICE_DISABLED")]), PermissionDenied, "SERVICE_DISABLED"),
        (404, "NOT_FOUND", "x", gone, InvalidToken, "UNREGISTERED"),
        (404, "INVALID_ARGUMENT", "x", json!([fcm_error("UNREGISTERED")]), InvalidToken, "UNREGISTERED"),
        (404, "NOT_FOUND", "Requested entity was not found.", json!([]), InvalidRequest, "NOT_FOUND"),
        (429, "RESOURCE_EXHAUSTED", "x", over("project:1"), RateLimited, "QUOTA_EXCEEDED"),
        (429, "RESOURCE_EXHAUSTED", "x", over("Device rate"), RateLimited, "QUOTA_EXCEEDED/device"),
        (429, "RESOURCE_EXHAUSTED", "x", json!([]), RateLimited, "RESOURCE_EXHAUSTED"),
        (500, "INTERNAL", "x", json!([fcm_error("INTERNAL")]), Unavailable, "INTERNAL"),
        (503, "UNAVAILABLE", "x", json!([fcm_error("UNAVAILABLE")]), Unavailable, "UNAVAILABLE"),
        (400, bad, "x", json!([fcm_error("UNSPECIFIED_ERROR")]), Unknown, "UNSPECIFIED_ERROR"),
        (403, "PERMISSION_DENIED", "x", json!([fcm_error("BRAND_NEW")]), Unknown, "BRAND_NEW"),
        (409, "ABORTED", "x", json!({"odd": 1}), InvalidRequest, "ABORTED"),
    ] {
        let outcome = decoded(status, failure(status, canonical, text, details.clone()));
        let Outcome::Whole(Verdict::Refused(refusal)) = outcome else { panic!("{code}: {outcome:?}") };
        assert_eq!((refusal.class, &*refusal.code), (class, code), "{status} {details}");
    }
}

#[test]
fn remedies() {
    let of = |status, canonical: &str, details: Value| {
        let outcome = decoded(status, failure(status, canonical, "x", details));
        let Outcome::Whole(Verdict::Refused(refusal)) = outcome else { panic!("{outcome:?}") };
        (refusal.remedy, refusal.scope)
    };
    let minute = Remedy::Pause(Pause::For(std::time::Duration::from_secs(60)));
    assert_eq!(of(401, "UNAUTHENTICATED", json!([])), (Remedy::NewToken, Scope::Lane));
    let third = json!([fcm_error("THIRD_PARTY_AUTH_ERROR")]);
    assert_eq!(of(401, "UNAUTHENTICATED", third), (Remedy::Stand, Scope::Target));
    assert_eq!(of(429, "RESOURCE_EXHAUSTED", json!([fcm_error("QUOTA_EXCEEDED")])), (minute, Scope::Lane));
    let apple = json!([fcm_error("QUOTA_EXCEEDED"), apns_error(429, "TooManyRequests")]);
    assert_eq!(of(429, "RESOURCE_EXHAUSTED", apple), (minute, Scope::Target));
    let reply = Reply {
        retry_after: Some(std::time::Duration::from_secs(7)),
        ..Reply::new(429, failure(429, "RESOURCE_EXHAUSTED", "x", json!([fcm_error("QUOTA_EXCEEDED")])))
    };
    let Outcome::Whole(verdict) = decoded_for(json!({"title": "t"}), reply) else { panic!("one verdict") };
    let wait = Remedy::Pause(Pause::For(std::time::Duration::from_secs(7)));
    assert_eq!(verdict.refusal().map(|r| r.remedy), Some(wait));
}

#[test]
fn a_dead_live_activity_token_is_not_a_dead_target() {
    let live = json!({"title": "t", "vendors": {"fcm": {"apns": {"live_activity_token": "lt"}}}});
    for (details, class) in [
        (json!([fcm_error("INVALID_ARGUMENT"), apns_error(400, "BadDeviceToken")]), Class::InvalidRequest),
        (json!([fcm_error("UNREGISTERED"), apns_error(410, "Unregistered")]), Class::InvalidRequest),
        (json!([fcm_error("UNREGISTERED")]), Class::InvalidToken),
    ] {
        let reply = Reply::new(400, failure(400, "INVALID_ARGUMENT", "x", details));
        let Outcome::Whole(verdict) = decoded_for(live.clone(), reply) else { panic!("one verdict") };
        assert_eq!(verdict.refusal().map(|r| r.class), Some(class));
    }
}

#[test]
fn where_acceptance_may_have_happened_the_verdict_is_unsure() {
    for (status, body, unsure) in [
        (502, "<html>".to_owned(), true),
        (500, "<html>".to_owned(), true),
        (503, "<html>".to_owned(), false),
        (404, "<html>".to_owned(), false),
        (429, String::new(), false),
        (504, failure(504, "DEADLINE_EXCEEDED", "x", json!([])), true),
        (504, failure(504, "UNAVAILABLE", "x", json!([])), true),
        (500, failure(500, "UNKNOWN", "x", json!([])), true),
        (500, failure(500, "INTERNAL", "x", json!([])), false),
        (400, r#"{"error": "text"}"#.to_owned(), false),
    ] {
        let outcome = decoded(status, body.clone());
        assert_eq!(matches!(outcome, Outcome::Whole(Verdict::Unsure(Some(_)))), unsure, "{status} {body}");
        let Outcome::Whole(verdict) = outcome else { panic!("one verdict") };
        assert_ne!(verdict.refusal().map(|r| r.class), Some(Class::InvalidToken));
    }
}

#[test]
fn every_documented_code_has_one_row() {
    let documented = [
        "UNREGISTERED",
        "INVALID_ARGUMENT",
        "SENDER_ID_MISMATCH",
        "THIRD_PARTY_AUTH_ERROR",
        "APNS_AUTH_ERROR",
        "QUOTA_EXCEEDED",
        "UNSPECIFIED_ERROR",
        "INTERNAL",
        "UNAVAILABLE",
        "DEADLINE_EXCEEDED",
        "apns/Unregistered",
        "apns/ExpiredToken",
        "apns/BadDeviceToken",
        "apns/DeviceTokenNotForTopic",
        "apns/PayloadTooLarge",
        "apns/BadTopic",
        "apns/BadPriority",
        "apns/InvalidPushType",
        "apns/BadCollapseId",
        "apns/BadExpirationDate",
        "CREDENTIALS_MISSING",
        "ACCESS_TOKEN_EXPIRED",
        "UNAUTHENTICATED",
        "SERVICE_DISABLED",
        "IAM_PERMISSION_DENIED",
        "PERMISSION_DENIED",
        "NOT_FOUND",
        "RESOURCE_EXHAUSTED",
        "invalid_grant",
        "invalid_scope",
        "unauthorized_client",
        "access_denied",
        "invalid_client",
        "disabled_client",
        "deleted_client",
        "unsupported_grant_type",
        "invalid_request",
        "internal_failure",
        "server_error",
        "temporarily_unavailable",
    ];
    for code in documented {
        assert_eq!(response::CODES.iter().filter(|row| row.code == code).count(), 1, "{code}");
    }
}

#[test]
fn every_field_of_a_notification_is_carried_or_its_loss_explained() {
    let manual = Fcm::new(config()).unwrap().manual();
    for field in omnipush_core::Field::ALL {
        let used = manual.fields.iter().any(|row| row.uses.has(field));
        assert!(used || manual.lost.iter().any(|lost| lost.field == field), "{field}");
    }
    let names: Map<String, Value> = manual.fields.iter().map(|row| (row.wire.clone(), Value::Null)).collect();
    assert!(names.contains_key("message.android.notification.light_settings"));
}
