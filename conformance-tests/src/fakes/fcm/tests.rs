//! The fake, called by hand: what it takes, what it refuses, and in which words.

mod auth;
mod documented;
mod message;
mod operations;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};

use super::*;

const BASE: &str = "http://127.0.0.1:1234";
/// The moment of the published test assertion, in seconds.
const NOW: u64 = 1_700_000_000;
const SEND: &str = "/v1/projects/demo-project/messages:send";

/// A fake whose configuration was asked for, and a token it issued.
fn fake() -> (Fcm, String) {
    let fake = Fcm::new();
    fake.config(BASE);
    let token = fake.world().issue_token("ya29.c.fake-", (NOW + 3600) * 1000);
    (fake, token)
}

fn call(path: &str, headers: &[(&'static str, &str)], body: impl Into<Bytes>) -> Call {
    let mut all = HeaderMap::new();
    for (name, value) in headers {
        all.append(*name, HeaderValue::from_str(value).unwrap());
    }
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    Call {
        method: Method::POST,
        path: path.into(),
        query: query.into(),
        headers: all,
        body: body.into(),
        now_ms: NOW * 1000,
    }
}

fn send_call(token: &str, body: &Value) -> Call {
    let bearer = format!("Bearer {token}");
    call(SEND, &[("authorization", &bearer), ("content-type", "application/json")], body.to_string())
}

fn token_call(form: &[(&str, &str)]) -> Call {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    call(TOKEN_PATH, &[("content-type", "application/x-www-form-urlencoded")], body)
}

fn body(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

/// Sends a request body as it stands.
fn send(request: &Value) -> (Fcm, Answer) {
    let (fake, token) = fake();
    let answer = fake.answer(&send_call(&token, request));
    (fake, answer)
}

/// Sends a message to a living token, and expects it to arrive.
fn delivered(mut message: Value) -> Delivered {
    message["token"] = Fcm::new().target(1).into();
    let (fake, answer) = send(&json!({ "message": message }));
    assert_eq!(answer.status, 200, "{message}: {:?}", answer.refused);
    let delivered = fake.world().delivered();
    assert_eq!(delivered.len(), 1);
    assert_eq!(body(&answer)["name"], format!("projects/demo-project/messages/{}", delivered[0].message_id));
    delivered.into_iter().next().unwrap()
}

/// Sends a message to a living token, unless it has a target of its own, and expects a refusal.
fn refused(mut message: Value) -> Value {
    if !schema::TARGETS.iter().any(|kind| message.get(kind).is_some()) {
        message["token"] = Fcm::new().target(1).into();
    }
    let (fake, answer) = send(&json!({ "message": message }));
    assert!(fake.world().delivered().is_empty(), "{message}");
    assert!(answer.refused.is_some(), "{message}");
    assert_eq!(answer.status, 400, "{message}");
    let error = body(&answer)["error"].clone();
    assert_eq!((&error["code"], &error["status"]), (&json!(400), &json!("INVALID_ARGUMENT")));
    error
}

/// The first element of `details` of a type, by the last word of its name.
fn detail<'a>(error: &'a Value, name: &str) -> Option<&'a Value> {
    error["details"].as_array()?.iter().find(|d| d["@type"].as_str().unwrap().ends_with(&format!(".{name}")))
}

fn sign(header: &Value, claims: &Value) -> String {
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let text = format!("{}.{}", part(header), part(claims));
    let key = RsaKeyPair::from_pkcs8(&jwt::pem(PRIVATE_KEY)).unwrap();
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}
