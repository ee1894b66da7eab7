//! The fake judged by calls made by hand: what it takes, its table of failures, and the helpers
//! for the tests of [`auth`], [`headers`] and [`payload`].

mod auth;
mod broadcast;
mod channels;
mod headers;
mod payload;

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderName, HeaderValue};
use omnipush_core::Class;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm};

use super::*;
use crate::fake::{At, TargetState};

/// The documentation's example token, for the key of RFC 6979, and its time of issue.
const HEADER_AND_CLAIMS: &str =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6IkFCQzEyM0RFRkcifQ.eyJpc3MiOiJERUYxMjNHSElKIiwiaWF0IjoxNDM3MTc5MDM2fQ";
const SIGNATURE: &str = "b4lLr9shLM-cGLtZv_sbcf3t0MZvu2F4_7oeucznx5OjvhsUitFqcSPyVMHDZY9QxMPPeuNEwNwObMMNSfaXzA";
const ISSUED_AT: u64 = 1_437_179_036;
const NOW: u64 = ISSUED_AT + 600;
const ID: &str = "eabeae54-14a8-11e5-b60b-1697f925ec7b";

/// A provider token with any header and claims, signed by the team's key.
fn sign(algorithm: &'static EcdsaSigningAlgorithm, header: &Value, claims: &Value) -> String {
    sign_in(&URL_SAFE_NO_PAD, algorithm, header, claims)
}

fn sign_in(
    base64: &impl Engine,
    algorithm: &'static EcdsaSigningAlgorithm,
    header: &Value,
    claims: &Value,
) -> String {
    let random = SystemRandom::new();
    let key = EcdsaKeyPair::from_pkcs8(algorithm, &crate::jwt::pem(PRIVATE_KEY), &random).unwrap();
    let part = |json: &Value| base64.encode(json.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    let signature = key.sign(&random, signed.as_bytes()).unwrap();
    format!("{signed}.{}", base64.encode(signature))
}

fn token(issued_at: u64) -> String {
    let claims = json!({"iss": TEAM_ID, "iat": issued_at});
    sign(&ECDSA_P256_SHA256_FIXED_SIGNING, &json!({"alg": "ES256", "kid": KEY_ID}), &claims)
}

/// An alert to device 0 that is good in all parts.
fn call() -> Call {
    let call = Call {
        method: Method::POST,
        path: format!("/3/device/{}", Apns::new().target(0)),
        query: String::new(),
        headers: HeaderMap::new(),
        body: json!({"aps": {"alert": {"title": "Hello", "body": "World"}}}).to_string().into(),
        now_ms: NOW * 1000,
    };
    let call = with(call, "authorization", &format!("bearer {HEADER_AND_CLAIMS}.{SIGNATURE}"));
    with(with(call, "apns-push-type", "alert"), "apns-topic", BUNDLE_ID)
}

/// The same with a header set.
fn with(mut call: Call, name: &'static str, value: &str) -> Call {
    call.headers.insert(HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap());
    call
}

fn without(mut call: Call, name: &'static str) -> Call {
    call.headers.remove(name);
    call
}

/// A call with another payload.
fn carrying(mut call: Call, payload: &Value) -> Call {
    call.body = payload.to_string().into();
    call
}

/// A call of a push type, with the topic that fits and a priority that does.
fn typed(push_type: &str, suffix: &str, payload: &Value) -> Call {
    let call = with(call(), "apns-push-type", push_type);
    let call = with(call, "apns-topic", &format!("{BUNDLE_ID}{suffix}"));
    carrying(with(call, "apns-priority", if push_type == "background" { "5" } else { "10" }), payload)
}

fn accepts(fake: &Apns, call: &Call) {
    let answer = fake.answer(call);
    assert_eq!((answer.status, answer.refused), (200, None), "{:?}", call.body);
    assert!(answer.body.is_empty());
}

/// Asserts a refusal with this status and reason, in Apple's shape, and that nothing arrived.
#[track_caller]
fn refuses(fake: &Apns, call: &Call, status: u16, reason: &str) {
    let before = fake.world().delivered().len();
    let answer = fake.answer(call);
    let why = answer.refused.clone();
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    assert_eq!((answer.status, body["reason"].as_str()), (status, Some(reason)), "{why:?} {:?}", call.body);
    assert!(why.is_some());
    assert_eq!(header(&answer, "content-type"), Some("application/json"));
    assert!(headers_has_id(&answer));
    assert_eq!(fake.world().delivered().len(), before);
}

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
}

/// Whether the answer has the id of a send to a device, or that of another call.
fn headers_has_id(answer: &Answer) -> bool {
    let id = header(answer, "apns-id").xor(header(answer, super::broadcast::ID));
    id.is_some_and(|id| super::headers::is_uuid(id, false))
}

#[test]
fn an_alert_is_taken_and_decoded() {
    let fake = Apns::new();
    let mut call = carrying(
        call(),
        &json!({
            "aps": {"alert": {"title": "Title", "subtitle": "Sub", "body": "Text"}, "badge": 3, "sound": "default",
                    "thread-id": "t", "category": "c", "mutable-content": 1, "interruption-level": "passive",
                    "relevance-score": 0.5, "target-content-id": "w", "filter-criteria": "f"},
            "order": "17", "count": 2, "url": "app://order/17",
        }),
    );
    for (name, value) in [
        ("apns-id", ID),
        ("apns-expiration", "1437183236"),
        ("apns-priority", "5"),
        ("apns-collapse-id", "order-17"),
        ("content-type", "application/x-www-form-urlencoded"),
    ] {
        call = with(call, name, value);
    }
    let answer = fake.answer(&call);
    assert_eq!((answer.status, header(&answer, "apns-id")), (200, Some(ID)), "{:?}", answer.refused);
    assert!(answer.body.is_empty());
    let all = fake.world().delivered();
    let [seen] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!(seen.target, fake.target(0));
    assert_eq!((seen.title.as_deref(), seen.body.as_deref()), (Some("Title"), Some("Text")));
    assert_eq!(seen.data, [("order".into(), "17".into()), ("count".into(), "2".into())]);
    assert_eq!(seen.click.as_deref(), Some("app://order/17"));
    assert_eq!(seen.ttl_seconds, Some(3600));
    assert_eq!(seen.collapse.as_deref(), Some("order-17"));
    assert_eq!((seen.request_id.as_deref(), seen.message_id.as_str()), (Some(ID), ID));
    assert_eq!(seen.raw, call.json().unwrap());
}

#[test]
fn the_server_makes_an_id_and_repeats_are_delivered_again() {
    let fake = Apns::new();
    let first = fake.answer(&call());
    assert!(headers_has_id(&first));
    assert_ne!(header(&first, "apns-id"), header(&fake.answer(&call()), "apns-id"));
    // The id is for tracing only: nothing is promised about repeats.
    let named = with(call(), "apns-id", ID);
    accepts(&fake, &named);
    accepts(&fake, &named);
    assert_eq!(fake.world().delivered().len(), 4);
}

#[test]
fn dates_become_a_time_to_live() {
    let fake = Apns::new();
    let ttl = |date: u64| {
        accepts(&fake, &with(call(), "apns-expiration", &date.to_string()));
        fake.world().delivered().last().unwrap().ttl_seconds
    };
    assert_eq!(ttl(0), Some(0));
    assert_eq!(ttl(NOW - 5), Some(0));
    assert_eq!(ttl(NOW + 60), Some(60));
    assert_eq!(ttl(NOW + 90 * 24 * 3600), Some(30 * 24 * 3600));
    accepts(&fake, &call());
    assert_eq!(fake.world().delivered().last().unwrap().ttl_seconds, None);
}

#[test]
fn paths_and_methods() {
    let fake = Apns::new();
    let at = |path: &str| Call { path: path.into(), ..call() };
    for path in ["/", "/3/devices/00", "/3/device/00/11", "/4/broadcasts", "/1/app", "/2/device/00"] {
        refuses(&fake, &at(path), 404, "BadPath");
    }
    refuses(&fake, &Call { query: "a=b".into(), ..call() }, 404, "BadPath");
    refuses(&fake, &at("/3/device/"), 400, "MissingDeviceToken");
    refuses(&fake, &at("/3/device"), 400, "MissingDeviceToken");
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        refuses(&fake, &Call { method, ..call() }, 405, "MethodNotAllowed");
    }
    assert_eq!(fake.purpose(&call()), Purpose::Send);
    assert_eq!(fake.purpose(&at("/3/device")), Purpose::Send);
    assert_eq!(fake.purpose(&at("/3/devices")), Purpose::Unknown);
}

#[test]
fn device_tokens() {
    let fake = Apns::new();
    let to = |token: &str| Call { path: format!("/3/device/{token}"), ..call() };
    for good in ["a".repeat(64), "0F".repeat(32), "00".repeat(80)] {
        accepts(&fake, &to(&good));
    }
    for bad in ["00".into(), "a".repeat(63), "a".repeat(65), "g".repeat(64), "%20".repeat(32), "a".repeat(62)] {
        refuses(&fake, &to(&bad), 400, "BadDeviceToken");
    }
    let made: HashSet<String> = (0..1000).map(|number| fake.target(number)).collect();
    assert_eq!(made.len(), 1000);
    assert!(made.iter().all(|token| token.len() == 64 && is_device_token(token)));
}

#[test]
fn devices_that_are_dead_or_refused() {
    let fake = Apns::new();
    fake.world().set_target(fake.target(0), TargetState::Dead);
    refuses(&fake, &call(), 410, "Unregistered");
    let body: Value = serde_json::from_slice(&fake.answer(&call()).body).unwrap();
    assert_eq!(body["timestamp"], json!(NOW * 1000 - DEAD_FOR_MS));
    // A fault of the request comes before the state of the device.
    refuses(&fake, &without(call(), "apns-topic"), 400, "MissingTopic");
    for code in fake.codes().iter().filter(|code| code.at == At::Target) {
        fake.world().set_target(fake.target(0), TargetState::Refused(*code));
        let status = codes::ROWS.iter().find(|row| row.code.code == code.code).unwrap().status;
        refuses(&fake, &call(), status, code.code);
    }
}

#[test]
fn every_failure_has_the_documented_shape() {
    let fake = Apns::new();
    let mut names = HashSet::new();
    for (row, code) in codes::ROWS.iter().zip(fake.codes()) {
        assert!(names.insert((code.code, code.at)), "{} is there twice", code.code);
        let answer = fake.coded(&with(call(), "apns-id", ID), code);
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!((answer.status, body["reason"].as_str()), (row.status, Some(row.reason)));
        assert!(code.code.starts_with(row.reason));
        assert_eq!(body["timestamp"].is_u64(), row.status == 410, "{}", code.code);
        assert_eq!(body.as_object().unwrap().len(), if row.status == 410 { 2 } else { 1 });
        assert_eq!(header(&answer, "apns-id"), Some(ID));
        assert_eq!(header(&answer, "content-type"), Some("application/json"));
        assert!(answer.refused.is_some());
    }
    assert!(fake.world().delivered().is_empty());
}

#[test]
fn every_documented_reason_is_listed() {
    const REASONS: &[(u16, &str)] = &[
        (
            400,
            "BadCollapseId BadDeviceToken BadExpirationDate BadMessageId BadPriority BadTopic \
             DeviceTokenNotForTopic DuplicateHeaders IdleTimeout InvalidPushType MissingDeviceToken MissingTopic \
             PayloadEmpty TopicDisallowed FeatureNotEnabled MissingChannelId BadChannelId ChannelNotRegistered \
             BadRequestParams BadRequestPayload MissingPushType CannotCreateChannelConfig MissingChannelQueueSize",
        ),
        (
            403,
            "BadCertificate BadCertificateEnvironment ExpiredProviderToken Forbidden InvalidProviderToken \
             MissingProviderToken UnrelatedKeyIdInToken BadEnvironmentKeyIdInToken BadEnvironmentKeyInToken \
             TopicMismatch",
        ),
        (404, "BadPath"),
        (405, "MethodNotAllowed"),
        (410, "ExpiredToken Unregistered"),
        (413, "PayloadTooLarge"),
        (429, "TooManyProviderTokenUpdates TooManyRequests"),
        (500, "InternalServerError"),
        (503, "ServiceUnavailable Shutdown"),
    ];
    for (status, reasons) in REASONS {
        for reason in reasons.split_whitespace() {
            assert!(codes::ROWS.iter().any(|row| (row.status, row.reason) == (*status, reason)), "{status} {reason}");
        }
    }
    let class = |name: &str| codes::all().iter().find(|code| code.code == name).map(|code| code.class);
    assert_eq!(class("Service Unavailable"), Some(Class::Unavailable));
    assert_eq!(class("IdleTimeout"), Some(Class::Unavailable));
    assert_eq!(class("ExpiredProviderToken"), Some(Class::Unauthenticated));
}

#[test]
fn the_configuration_has_the_agreed_keys() {
    let config = Apns::new().config("http://127.0.0.1:1");
    let keys: Vec<&str> = config.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["vendor", "team_id", "key_id", "key", "topic", "endpoint"]);
    assert_eq!(config["endpoint"], "http://127.0.0.1:1");
    assert!(config["key"].as_str().unwrap().starts_with("-----BEGIN PRIVATE KEY-----\n"));
}
