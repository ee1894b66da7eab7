//! What the tests of both products need: calls made by hand, and JSON Web Tokens of every kind.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue, Method};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair};
use serde_json::{Value, json};

use super::account::{AUDIENCE, KEY_ID, PRIVATE_KEY, SUB_ACCOUNT};
use crate::fake::{Answer, Call};
use crate::jwt;

/// The moment of the published token, in seconds: 2026-01-01.
pub(crate) const NOW: u64 = 1_767_225_600;

/// The modulus of the published token's key; the exponent is 65537.
const MODULUS: &str = "_CpdQsJa-e8LJ5JblxHgytvSIeskh4VVQtXm8-MYgbwLTV_Rzepu4uxP3V1RcAq97QomeMZ56nlMDNrkaDOJkeOCEPRyFM8f8B3BcQdq9LbubbtV2E6BJx1ILAAyLTSmVu04lkgCPLk4BP1pxoicwdK2MMklty3LiMX0lbRXk5bge7XXEYtUBIaH6tkA78_6JGYxMp3poJIvPE0zw1jxARwN6iuEMOVV8l7w3aK8g_wohe0H3IE1SrzfLCH3gXJzuoMsZVNoC_-H03Td324NDjDb16bjdW8LTqssjiZXVYIFDJpKAd9Qhgh7wRvX26RTd3PCtB_evHxd6qNXVVJAYQ";
const SIGNED: &str = "eyJhbGciOiJQUzI1NiIsImtpZCI6ImtleS0wMDAxIiwidHlwIjoiSldUIn0.eyJpc3MiOiIxMDAwMDAwMDEiLCJhdWQiOiJodHRwczovL29hdXRoLWxvZ2luLmNsb3VkLmh1YXdlaS5jb20vb2F1dGgyL3YzL3Rva2VuIiwiaWF0IjoxNzY3MjI1NjAwLCJleHAiOjE3NjcyMjkyMDB9";
const SIGNATURE: &str = "nXfOGun4KsD6zm4gCUGfKnhwHpO1IU8jxlTpL778_1ai5-1zMQR3zL_QH8d5rLJyJ3XXWuQBiti_tOJHq990RgF1JSzbT3suRwnMuWEIqArFbe-nU6D-r0zB_P8PCqt3ib1iGoR4HhHTUbIniSvQeFjP5mVTnGjCDSfL2QR0kmFt7IxEYgTBjIu313y4ZyEPMZUVuTIz1hVkBFr9ZpicIu2t1WwAJnTjRHjhH_3H4TB32cx-2Kw8a6eS8AJedRsGomGzaMwyYr5uUdXVz4MvG_Md21snucbLbfHG5Ci0YO_IXIjBNgldFxkIphwi8cOsNY85mRiqAtoXnMDPH2YofQ";

/// The published token.
pub(crate) fn published() -> String {
    format!("{SIGNED}.{SIGNATURE}")
}

/// Its key, in PKCS#1: a sequence of two integers, the first of 257 bytes.
pub(crate) fn published_key() -> Vec<u8> {
    let modulus = URL_SAFE_NO_PAD.decode(MODULUS).unwrap();
    let head = [0x30, 0x82, 0x01, 0x0a, 0x02, 0x82, 0x01, 0x01, 0x00];
    [&head[..], &modulus, &[0x02, 0x03, 0x01, 0x00, 0x01]].concat()
}

/// A header, or claims, with some members changed; `null` takes one away.
pub(crate) fn merged(mut object: Value, change: &Value) -> Value {
    let members = object.as_object_mut().unwrap();
    for (name, value) in change.as_object().unwrap() {
        match value {
            Value::Null => members.shift_remove(name),
            value => members.insert(name.clone(), value.clone()),
        };
    }
    object
}

fn sign(header: &Value, claims: &Value, how: &'static dyn RsaEncoding) -> String {
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let text = format!("{}.{}", part(header), part(claims));
    let key = RsaKeyPair::from_pkcs8(&jwt::pem(PRIVATE_KEY)).unwrap();
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(how, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// A token of the fakes' account, with changes to its header and its claims.
pub(crate) fn jwt_with(header: &Value, claims: &Value) -> String {
    let (header, claims) = parts(header, claims);
    sign(&header, &claims, &RSA_PSS_SHA256)
}

/// The commonest mistake: RS256, whatever the header says.
pub(crate) fn rs256(header: &Value) -> String {
    let (header, claims) = parts(header, &json!({}));
    sign(&header, &claims, &RSA_PKCS1_SHA256)
}

fn parts(header: &Value, claims: &Value) -> (Value, Value) {
    let plain = json!({"iss": SUB_ACCOUNT, "aud": AUDIENCE, "iat": NOW, "exp": NOW + 3600});
    (merged(json!({"kid": KEY_ID, "typ": "JWT", "alg": "PS256"}), header), merged(plain, claims))
}

/// Every token that is refused, with the number of the refusal. The fakes' clock is at [`NOW`].
pub(crate) fn bad_jwts() -> Vec<(String, &'static str)> {
    let good = jwt_with(&json!({}), &json!({}));
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (_, other) = good.split_once('.').unwrap();
    let header = |change: Value| (jwt_with(&change, &json!({})), "80200001");
    let claims = |change: Value, code| (jwt_with(&json!({}), &change), code);
    vec![
        (rs256(&json!({})), "80200001"),
        (rs256(&json!({"alg": "RS256"})), "80200001"),
        (format!("{signed}."), "80200001"),
        (format!("{signed}.{signature}="), "80200001"),
        (format!("e30.{other}"), "80200001"),
        (published(), "80200001"),
        header(json!({"alg": "RS256"})),
        header(json!({"alg": "PS512"})),
        header(json!({"kid": "key-0002"})),
        header(json!({"kid": null})),
        header(json!({"typ": null})),
        header(json!({"kdi": "x"})),
        claims(json!({"iss": "100000002"}), "80200001"),
        claims(json!({"iss": 100_000_001}), "80200001"),
        claims(json!({"aud": "https://push-api.cloud.huawei.com"}), "80200001"),
        claims(json!({"sub": "x"}), "80200001"),
        claims(json!({"iat": null}), "80200001"),
        claims(json!({"exp": null}), "80200001"),
        claims(json!({"iat": NOW.to_string()}), "80200001"),
        claims(json!({"iat": NOW + 61, "exp": NOW + 3661}), "80200001"),
        claims(json!({"iat": NOW * 1000, "exp": NOW * 1000 + 3600}), "80200001"),
        claims(json!({"exp": NOW}), "80200001"),
        claims(json!({"iat": NOW - 3600, "exp": NOW}), "80200005"),
        claims(json!({"iat": NOW - 60, "exp": NOW + 86_341}), "80300036"),
    ]
}

/// A call by POST.
pub(crate) fn post(path: &str, headers: &[(&'static str, &str)], body: &str) -> Call {
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
        body: body.to_owned().into(),
        now_ms: NOW * 1000,
    }
}

/// The body of an answer.
pub(crate) fn json_of(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

/// The number in an answer, or `HTTP` and the status of a page. Checks the shape on the way.
pub(crate) fn code_of(answer: &Answer) -> String {
    let mime = &answer.headers.iter().find(|(name, _)| *name == "content-type").unwrap().1;
    if mime == "text/html" {
        assert!(serde_json::from_slice::<Value>(&answer.body).is_err());
        return format!("HTTP {}", answer.status);
    }
    assert_eq!(mime, "application/json;charset=UTF-8");
    let body = json_of(answer);
    let names: Vec<&String> = body.as_object().unwrap().keys().collect();
    // What an operation found comes behind these.
    assert_eq!(names[..3], ["code", "msg", "requestId"]);
    assert!(body.as_object().unwrap().values().take(3).all(Value::is_string), "{body}");
    let id = body["requestId"].as_str().unwrap();
    assert!(id.len() == 24 && id.bytes().all(|b| b.is_ascii_digit()), "{id}");
    let code = body["code"].as_str().unwrap();
    let status = match code {
        "80000000" | "80100000" | "83010000" => 200,
        "80000001" | "81000001" | "80600003" => 500,
        _ if code.starts_with("802") => 401,
        _ => 400,
    };
    assert_eq!(answer.status, status, "{body}");
    code.to_owned()
}

/// Sets a value at a JSON pointer, making the objects on the way; `null` takes it away.
pub(crate) fn put(body: &mut Value, pointer: &str, value: Value) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let mut at = body;
    for step in parent.split('/').skip(1) {
        at = at.as_object_mut().unwrap().entry(step).or_insert_with(|| json!({}));
    }
    let object = at.as_object_mut().unwrap();
    match value {
        Value::Null => object.shift_remove(name),
        value => object.insert(name.into(), value),
    };
}

/// Pairs as they are delivered.
pub(crate) fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}
