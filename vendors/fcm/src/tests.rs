//! Golden vectors by step, the mapping of single fields, rules, and answers. The suite tests
//! behaviour.

use omnipush_core::{Bytes, Class, Item, Now, Overflow, Pause, Remedy, Scope, Secret, Target, Verdict, sign};
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
    fcm.encode(&n, shape, &mut Cx { now: Now::at(1_700_000_000_999), rng: &mut |_| {}, overflow: Overflow::Refuse })
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
    fcm.request(&set, &mut Cx { now: Now::at(0), rng: &mut |_| {}, overflow: Overflow::Refuse })
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
    let jwt = fcm.account.assertion(auth::MESSAGING, 1_700_000_000).unwrap();
    let parts: Vec<&str> = jwt.split('.').collect();
    assert_eq!(parts, [HEADER, CLAIMS, SIGNATURE]);
    assert_eq!(jwt.len(), 706);
    assert_eq!(
        sign::sha256_hex([HEADER, ".", CLAIMS]),
        "228616ce9ca7be584e3682bdb58600ff7ca88f4fe55d2a9cb84f4023e9d11248"
    );
    let form = fcm.account.form(auth::MESSAGING, 1_700_000_000).unwrap();
    let start = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
    assert_eq!(form, format!("{start}{jwt}"));
    // Another second, key id or token endpoint is another signature.
    assert_ne!(fcm.account.assertion(auth::MESSAGING, 1_700_000_001).unwrap(), jwt);
    assert_ne!(fcm.account.assertion(auth::CLOUD, 1_700_000_000).unwrap(), jwt);
    for (member, value) in [("private_key_id", "other"), ("token_uri", "http://127.0.0.1:1/token")] {
        let file = with(key_file(), &json!({member: value}));
        let other = Fcm::new(Config::new(Secret::new(file.to_string()))).unwrap();
        assert_ne!(other.account.assertion(auth::MESSAGING, 1_700_000_000).unwrap(), jwt, "{member}");
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
    let fcm = Fcm::new(config()).unwrap();
    let read = |status, body: &str| fcm.token_reply(&Reply::new(status, body.to_owned()));
    let grant = read(200, r#"{"access_token":"ya29.x","expires_in":3599,"token_type":"Bearer"}"#).unwrap();
    assert_eq!((grant.value.expose(), grant.lifetime.as_secs()), ("ya29.x", 3599));
    let odd = read(200, r#"{"access_token":"ya29.x"}"#).unwrap_err();
    assert!(odd.class == Class::Unavailable && !odd.to_string().contains("ya29"), "{odd}");
    let refused = |status, body: &str| read(status, body).unwrap_err();
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
            "collapse_key": "ck", "priority": "NORMAL", "ttl": 0, "restricted_package_name": "a.b",
            "data": {"x": "y"}, "fcm_options": {"analytics_label": "la"}, "direct_boot_ok": true,
            "bandwidth_constrained_ok": true, "restricted_satellite_ok": false,
            "notification": {
                "title": "at", "body": "ab", "icon": "i", "color": "#00ffAA", "sound": "s", "tag": "tg",
                "click_action": "a.b.GO", "body_loc_key": "bk", "body_loc_args": ["1"], "title_loc_key": "tk",
                "title_loc_args": ["2", "3"], "channel_id": "c", "ticker": "ti", "sticky": true,
                "event_time": "2026-11-22T10:00:00.500Z", "local_only": true, "notification_priority": "PRIORITY_LOW",
                "default_sound": true, "default_vibrate_timings": false, "default_light_settings": true,
                "vibrate_timings": ["0s", "0.25s", "1s"], "visibility": "SECRET", "notification_count": 7,
                "light_settings": {"color": {"red": 1.0, "green": 0.5, "blue": 0.0, "alpha": 1},
                                   "light_on_duration": "3.5s", "light_off_duration": "1s"},
                "image": "https://example.com/a.png", "proxy": "DENY", "bypass_proxy_notification": false,
            },
        },
        "apns": {
            "headers": {"APNS-Priority": "1", "apns-topic": "a.b", "apns-expiration": "0"},
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
    android["ttl"] = json!("0s");
    assert_eq!(message["android"], android);
    assert_eq!(
        message["apns"],
        json!({
            "headers": {"apns-expiration": "0", "apns-collapse-id": "k", "apns-priority": "1", "apns-topic": "a.b"},
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
    let mut options = Options { platforms: Some(vec![Platform::Android]), ..Options::default() };
    options.message.insert("android".into(), json!({"notification": {"color": "#102030"}}));
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
    assert!(String::from_utf8_lossy(taken.body.literal()).contains(r#""data":{"mid":"own"}"#));
    let hidden = json!({"kind": "background", "id": "m-1", "data": {"k": "v"}});
    assert_eq!(lost(&encode(hidden).unwrap()), ["id"]);
    assert_eq!(lost(&encode(json!({"title": "t", "id": "m-1", "collapse_key": "k"})).unwrap()), ["id"]);
}

#[test]
fn a_repeat_of_an_alert_replaces_the_first_by_its_id() {
    let id = "0b6f4e0e-2f4f-4d52-9c55-3d1d4c0f9a11";
    let message = message(json!({"title": "t", "id": id}));
    assert_eq!(message["android"], json!({"notification": {"tag": id}}));
    assert_eq!(message["apns"]["headers"], json!({"apns-collapse-id": id}));
    assert_eq!(message["webpush"]["headers"]["Topic"], sign::sha256_hex([id]).get(..32).unwrap());
    assert!(lost(&encode(json!({"title": "t", "id": id})).unwrap()).is_empty());
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
        (json!({"data": {"from": "x"}}), "data (`message.data`): `from` does not have the form: keys other than"),
        (json!({"data": {"message_type": "x"}}), "does not have the form"),
        (json!({"data": {"google.x": "x"}}), "does not have the form"),
        (json!({"data": {"gcm_x": "x"}}), "does not have the form"),
        (json!({"data": {"aps": "x"}}), "reserved"),
        (fcm(json!({"android": {"data": {"from": "x"}}})), "message.android.data"),
        (fcm(json!({"webpush": {"data": {"from": "x"}}})), "message.webpush.data"),
        (fcm(json!({"webpush": {"data": {"w": 1}}})), "`message.webpush.data`: must be: pairs"),
        (fcm(json!({"android": {"colour": 1}})), "`message.android.colour`: is no field"),
        (fcm(json!({"fcm_options": {"analytics_label": "a b"}})), "message.fcm_options.analytics_label"),
        (fcm(json!({"apns": {"fcm_options": {"analytics_label": "a".repeat(51)}}})), "1 to 50"),
        (fcm(json!({"apns": {"headers": {"x": "a\nb"}}})), "message.apns.headers"),
        (fcm(json!({"apns": {"headers": {"x": 1}}})), "`x` must be: text"),
        (fcm(json!({"webpush": {"headers": {"Urgency": "urgent"}}})), "is none of"),
        (fcm(json!({"webpush": {"headers": {"topic": "a b"}}})), "up to 32 characters"),
        (fcm(json!({"token": "x"})), "`message.token`: is no field"),
        (fcm(json!({"platfroms": []})), "`message.platfroms`: is no field"),
        (fcm(json!({"android_v2": {}})), "`message.android_v2`: is no field"),
        (fcm(json!({"android": {"ttl": "2419201s"}})), "must be 0s to 2419200s"),
        (fcm(json!({"android": {"ttl": "soon"}})), "must be 0s to 2419200s"),
        (fcm(json!({"android": {"ttl": true}})), "must be: whole number in a text"),
        (fcm(json!({"android": {"priority": "urgent"}})), "is none of"),
        (fcm(json!({"android": {"direct_boot_ok": "yes"}})), "must be: true or false"),
        (notification(json!({"event_time": "2026-11-22 10:00"})), "RFC 3339"),
        (notification(json!({"vibrate_timings": ["0.25"]})), "`0.25` does not have the form: seconds"),
        (notification(json!({"sticky": 1})), "must be: true or false"),
        (notification(json!({"title_loc_key": "k", "title_loc_args": [1]})), "must be: texts"),
        (fcm(json!({"webpush": {"fcm_options": {"link": "http://a.b"}}})), "https"),
        (fcm(json!({"webpush": {"notification": []}})), "must be: object"),
        (fcm(json!({"apns": {"payload": "x"}})), "must be: object"),
        (fcm(json!({"apns": {"payload": {"aps": 1}}})), "must be: object"),
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
                                                   "light_on_duration": "1s", "light_off_duration": "1s"}})),
            "is 2.0; 0 to 1 are allowed",
        ),
        (notification(json!({"light_settings": {"light_on_duration": "1s"}})), "color.red`: is missing"),
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
    assert_eq!((&*request.lane, request.scope.as_deref()), ("topics", Some(auth::MESSAGING)));
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
        (400, "INVALID_ARGUMENT", "x", apple(400, "BadDeviceToken"), InvalidRequest, "apns/BadDeviceToken"),
        (
            400,
            "INVALID_ARGUMENT",
            "x",
            apple(400, "DeviceTokenNotForTopic"),
            InvalidRequest,
            "apns/DeviceTokenNotForTopic",
        ),
        (400, "INVALID_ARGUMENT", "x", apple(410, "ExpiredToken"), InvalidToken, "apns/ExpiredToken"),
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
        "ALREADY_EXISTS",
        "iid/NOT_FOUND",
        "iid/INVALID_ARGUMENT",
        "iid/TOO_MANY_TOPICS",
        "iid/RESOURCE_EXHAUSTED",
        "iid/PERMISSION_DENIED",
        "iid/DEADLINE_EXCEEDED",
        "iid/INTERNAL",
        "iid/UNKNOWN",
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
    assert!(names.contains_key("message.android.notification.light_settings.color.red"));
}

/// Operations: what goes out, and what their answers mean.
mod operations {
    use omnipush_core::{Found, Group, GroupKind};

    use super::*;

    fn ask(operation: &Operation) -> Result<Request, Refusal> {
        let mut cx = Cx { now: Now::at(0), rng: &mut |_| {}, overflow: Overflow::Refuse };
        Fcm::new(config()).unwrap().operation(operation, &mut cx)
    }

    fn answered(operation: &Operation, status: u16, body: Value) -> Result<Answer, Refusal> {
        Fcm::new(config()).unwrap().operation_reply(operation, &Reply::new(status, body.to_string()))
    }

    fn own(name: &str, targets: &[&str], args: Value) -> Operation {
        let args = args.as_object().unwrap().clone();
        Operation::Own { name: name.into(), targets: targets.iter().map(|t| Target::from(*t)).collect(), args }
    }

    fn subscribe(topic: &str) -> Operation {
        Operation::Subscribe { to: Group::Topic(topic.into()), targets: vec!["a".into(), "b".into()] }
    }

    fn classes(answer: &Answer) -> Vec<Option<Class>> {
        answer.verdicts.iter().map(|verdict| verdict.refusal().map(|refusal| refusal.class)).collect()
    }

    #[test]
    fn each_has_its_method_address_body_and_scope() {
        let group = json!({"project_number": "1234", "name": "user 1", "key": "APA91"});
        let names = |keys: &[&str]| {
            let all = group.as_object().unwrap().clone();
            Value::Object(all.into_iter().filter(|(key, _)| keys.contains(&key.as_str())).collect())
        };
        let topic = || json!({"topic": "a%b~"});
        let unsubscribe = Operation::Unsubscribe { from: Group::Topic("news".into()), targets: vec!["a".into()] };
        let project = "https://fcm.googleapis.com/v1/projects/demo-project/registrations/f:x";
        let iid = "https://iid.googleapis.com/iid";
        let members = |operation: &str| {
            json!({"operation": operation, "notification_key_name": "user 1",
                                               "registration_ids": ["a"], "notification_key": "APA91"})
        };
        for (operation, line, body) in [
            (
                subscribe("news"),
                format!("POST {iid}/v1:batchAdd"),
                json!({"to": "/topics/news", "registration_tokens": ["a", "b"]}),
            ),
            (
                unsubscribe,
                format!("POST {iid}/v1:batchRemove"),
                json!({"to": "/topics/news", "registration_tokens": ["a"]}),
            ),
            (
                Operation::Groups { kind: GroupKind::Topic, target: "f:x".into() },
                format!("GET {project}/topicSubscriptions?pageSize=2000"),
                Value::Null,
            ),
            (Operation::CheckTargets { targets: vec!["f:x".into()] }, format!("GET {iid}/info/f:x"), Value::Null),
            (own("token_info", &["a/b"], json!({})), format!("GET {iid}/info/a%2Fb?details=true"), Value::Null),
            (
                own("subscription_create", &["f:x"], topic()),
                format!("POST {project}/topicSubscriptions?topic_name=a%25b%7E"),
                json!({}),
            ),
            (
                own("subscription_ensure", &["f:x"], topic()),
                format!("PATCH {project}/topicSubscriptions/a%25b~?allow_missing=true"),
                json!({}),
            ),
            (
                own("subscription_get", &["f:x"], topic()),
                format!("GET {project}/topicSubscriptions/a%25b~"),
                Value::Null,
            ),
            (
                own("subscription_delete", &["f:x"], topic()),
                format!("DELETE {project}/topicSubscriptions/a%25b~?allow_missing=true"),
                Value::Null,
            ),
            (
                own("import_apns_tokens", &["00ff"], json!({"application": "com.example.app", "sandbox": false})),
                format!("POST {iid}/v1:batchImport"),
                json!({"application": "com.example.app", "sandbox": false, "apns_tokens": ["00ff"]}),
            ),
            (
                own("device_group_create", &["a", "b"], names(&["project_number", "name"])),
                "POST https://fcm.googleapis.com/fcm/notification".into(),
                json!({"operation": "create", "notification_key_name": "user 1", "registration_ids": ["a", "b"]}),
            ),
            (
                own("device_group_add", &["a"], group.clone()),
                "POST https://fcm.googleapis.com/fcm/notification".into(),
                members("add"),
            ),
            (
                own("device_group_remove", &["a"], group.clone()),
                "POST https://fcm.googleapis.com/fcm/notification".into(),
                members("remove"),
            ),
            (
                own("device_group_key", &[], names(&["project_number", "name"])),
                "GET https://fcm.googleapis.com/fcm/notification?notification_key_name=user+1".into(),
                Value::Null,
            ),
            (
                own("delivery_data", &[], json!({"app_id": "1:2:android:3", "page_size": 10, "page_token": "p&"})),
                "GET https://fcmdata.googleapis.com/v1beta1/projects/demo-project/androidApps/1:2:android:3/deliveryData\
                 ?pageSize=10&pageToken=p%26"
                    .into(),
                Value::Null,
            ),
        ] {
            let request = ask(&operation).unwrap();
            assert_eq!(format!("{} {}", request.method, request.url.as_str()), line);
            let sent = if request.body.is_empty() { Value::Null } else { serde_json::from_slice(&request.body).unwrap() };
            assert_eq!(sent, body, "{line}");
            let header = |name| request.all_headers().find(|(n, _)| n == name).map(|(_, v)| v.to_str().unwrap());
            let old = line.contains("/iid/") || line.contains("/fcm/notification");
            assert_eq!(header("access_token_auth"), old.then_some("true"), "{line}");
            assert_eq!(header("project_id"), line.contains("/fcm/notification").then_some("1234"), "{line}");
            let scope = if line.contains("fcmdata") { auth::CLOUD } else { auth::MESSAGING };
            assert_eq!(request.scope.as_deref(), Some(scope), "{line}");
            assert!(PROFILE.offer(&operation).is_some(), "{line}");
        }
    }

    #[test]
    fn what_cannot_be_asked_is_refused_here() {
        let group = json!({"project_number": "12a", "name": "n"});
        for (operation, part) in [
            (subscribe("/topics/news"), "without the prefix"),
            (Operation::CheckTargets { targets: vec!["..".into()] }, "can stand in a path"),
            (own("token_info", &[], json!({})), "one is needed"),
            (own("subscription_get", &["a"], json!({"topic": "a b"})), "topic: 1 to 900"),
            (own("subscription_get", &["a"], json!({"topic": ".."})), "can stand in a path"),
            (own("subscription_get", &["a"], json!({"topic": 1})), "topic: must be a text"),
            (own("import_apns_tokens", &["00"], json!({"application": "a", "sandbox": "no"})), "sandbox: must be"),
            (own("device_group_create", &["a"], group), "project_number: must be digits"),
            (own("device_group_create", &[], json!({"project_number": "1", "name": "n"})), "at least one"),
            (own("delivery_data", &[], json!({"app_id": ""})), "app_id: must be a text"),
        ] {
            let refusal = ask(&operation).unwrap_err();
            assert_eq!((refusal.class, &*refusal.code), (Class::InvalidRequest, "not_sent"), "{part}");
            assert!(refusal.text.contains(part), "{refusal}");
        }
    }

    #[test]
    fn each_target_has_its_verdict() {
        let batch = |second: Value| answered(&subscribe("news"), 200, json!({"results": [{}, second]}));
        for (error, class) in [
            ("NOT_FOUND", Class::InvalidToken),
            ("INVALID_ARGUMENT", Class::InvalidToken),
            ("TOO_MANY_TOPICS", Class::InvalidRequest),
            ("RESOURCE_EXHAUSTED", Class::RateLimited),
            ("PERMISSION_DENIED", Class::PermissionDenied),
            ("DEADLINE_EXCEEDED", Class::Unavailable),
            ("INTERNAL", Class::Unavailable),
            ("UNKNOWN", Class::Unknown),
            ("BRAND_NEW", Class::Unknown),
        ] {
            assert_eq!(classes(&batch(json!({"error": error})).unwrap()), [None, Some(class)], "{error}");
        }
        for odd in [json!({"results": [{}]}), json!({}), json!([]), json!("x")] {
            assert!(answered(&subscribe("news"), 200, odd.clone()).is_err(), "{odd}");
        }
        let import = own("import_apns_tokens", &["00", "11", "22"], json!({}));
        let results = json!({"results": [
            {"apns_token": "00", "status": "OK", "registration_token": "r0"},
            {"apns_token": "11", "status": "Internal Server Error"},
            {"apns_token": "22", "status": "OK", "registration_token": "r2"},
        ]});
        let answer = answered(&import, 200, results).unwrap();
        assert_eq!(classes(&answer), [None, Some(Class::Unavailable), None]);
        assert_eq!(answer.found, Found::Names(vec!["r0".into(), "r2".into()]));
    }

    #[test]
    fn what_they_find() {
        let groups = Operation::Groups { kind: GroupKind::Topic, target: "a".into() };
        let named = json!({"topicSubscriptions": [{"topicName": "a"}, {"name": "x/topicSubscriptions/b"}]});
        let check = Operation::CheckTargets { targets: vec!["a".into()] };
        let info = json!({"application": "com.example.app", "platform": "Android"});
        let one = |name| own(name, &["a"], json!({}));
        for (operation, body, found) in [
            (groups.clone(), named, Found::Names(vec!["a".into(), "b".into()])),
            (groups, json!({}), Found::Names(vec![])),
            (check.clone(), info.clone(), Found::Nothing),
            (one("token_info"), info.clone(), Found::Other(info)),
            (one("subscription_ensure"), json!({"name": "n"}), Found::Nothing),
            (one("subscription_get"), json!({"name": "n"}), Found::Other(json!({"name": "n"}))),
            (one("subscription_delete"), json!({}), Found::Nothing),
            (one("device_group_add"), json!({"notification_key": "k"}), Found::Id("k".into())),
            (
                one("delivery_data"),
                json!({"androidDeliveryData": []}),
                Found::Other(json!({"androidDeliveryData": []})),
            ),
        ] {
            assert_eq!(answered(&operation, 200, body).unwrap().found, found, "{operation:?}");
        }
        assert!(answered(&one("device_group_add"), 200, json!({})).is_err());
        assert!(answered(&check, 200, json!({})).is_err());
        let gone = answered(&check, 404, json!({"error": "No information found about this instance id."})).unwrap();
        assert!(gone.verdicts[0].is_dead_target());
    }

    #[test]
    fn refusals_of_the_whole() {
        let there = failure(409, "ALREADY_EXISTS", "x", json!([]));
        for (status, body, class, remedy) in [
            (401, json!({"error": "Unauthorized"}).to_string(), Class::Unauthenticated, Remedy::NewToken),
            (401, failure(401, "UNAUTHENTICATED", "x", json!([])), Class::Unauthenticated, Remedy::NewToken),
            (400, json!({"error": "InvalidParameters"}).to_string(), Class::InvalidRequest, Remedy::Stand),
            (403, json!({"error": "Forbidden"}).to_string(), Class::PermissionDenied, Remedy::Stand),
            (404, json!({"error": "x"}).to_string(), Class::InvalidRequest, Remedy::Stand),
            (409, there, Class::InvalidRequest, Remedy::Stand),
            (429, json!({"error": "x"}).to_string(), Class::RateLimited, Remedy::Again),
            (503, "<html>".to_owned(), Class::Unavailable, Remedy::Again),
        ] {
            let reply = Reply::new(status, body.clone());
            let refusal = Fcm::new(config()).unwrap().operation_reply(&subscribe("news"), &reply).unwrap_err();
            assert_eq!((refusal.class, refusal.remedy), (class, remedy), "{status} {body}");
        }
    }
}
