//! The token endpoint, and the credential of a send.

use super::*;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const SIGNATURE: &str = "MKZbcPap4PRTfvBwJeU5Nob7GyZApiDgrItfnWNQd6MnnLF7MP3WBor1DwESwrQ-B96uCzdtFJm2fLA2APV1a1qLB-844LBmpvoAmv3ZJFn7XvWJLEMp9AixQzZl8xnZTUNbXwcb9udXFxrTCPpkR1PqEZuO4DvgSypeiCLEsdZSdK2cB6INYqDvVpdvGhmRM7XOxLX0Y7cqK5ZMh4sx0wCNs6mJJtlpmrif1pWJqNd4vwEEvodkqU56c1frwjjahBq9n8Vi0kFPmSD7VP_2OfmT7KuI-PN9nhJ5ar_RryYXXea-bNhg-Iz25RgLZKPqAFT01wAJKAZQiQk73vLR9A";

fn header() -> Value {
    json!({ "alg": "RS256", "typ": "JWT", "kid": KEY_ID })
}

fn claims() -> Value {
    json!({
        "iss": CLIENT_EMAIL, "scope": "https://www.googleapis.com/auth/firebase.messaging",
        "aud": "https://oauth2.googleapis.com/token", "iat": NOW, "exp": NOW + 3600,
    })
}

/// The claims with some changed; `null` takes one away.
fn claims_with(changes: Value) -> Value {
    let mut claims = claims();
    let all = claims.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            all.remove(name)
        } else {
            all.insert(name.clone(), value.clone())
        };
    }
    claims
}

fn exchange(assertion: &str) -> (Fcm, Answer) {
    let (fake, _) = fake();
    let answer = fake.answer(&token_call(&[("grant_type", GRANT), ("assertion", assertion)]));
    (fake, answer)
}

fn assert_fails(answer: &Answer, status: u16, error: &str) {
    let body = body(answer);
    assert_eq!((answer.status, &body["error"]), (status, &json!(error)), "{body}");
    assert!(body["error_description"].is_string() && answer.refused.is_some());
}

#[test]
fn published_assertion_buys_a_token_that_sends() {
    let assertion = sign(&header(), &claims());
    assert!(assertion.ends_with(SIGNATURE) && assertion.len() == 706, "RS256 is deterministic");
    let (fake, answer) = exchange(&assertion);
    let bought = body(&answer);
    assert_eq!((answer.status, &bought["token_type"], &bought["expires_in"]), (200, &json!("Bearer"), &json!(3599)));

    let message = json!({ "message": { "token": fake.target(1) } });
    let mut call = send_call(bought["access_token"].as_str().unwrap(), &message);
    assert_eq!(fake.answer(&call).status, 200);
    call.now_ms += 3_599_000;
    assert_eq!(fake.answer(&call).status, 401);
}

#[test]
fn tolerates_what_the_official_sdks_send() {
    for (header, changes) in [
        (json!({ "alg": "RS256" }), json!({})),
        (header(), json!({ "aud": format!("{BASE}/token") })),
        (
            header(),
            json!({ "scope": "https://www.googleapis.com/auth/cloud-platform https://www.googleapis.com/auth/userinfo.email" }),
        ),
    ] {
        let (_, answer) = exchange(&sign(&header, &claims_with(changes)));
        assert_eq!(answer.status, 200, "{:?}", answer.refused);
    }
}

#[test]
fn refuses_a_wrong_signature() {
    let good = sign(&header(), &claims());
    let other_claims = sign(&header(), &claims_with(json!({ "exp": NOW + 3599 })));
    let (signed, _) = good.rsplit_once('.').unwrap();
    let (_, other) = other_claims.rsplit_once('.').unwrap();
    for assertion in [
        format!("{signed}.{other}"),
        format!("{signed}."),
        format!("{good}="),
        signed.to_owned(),
        "garbage".to_owned(),
        sign(&json!({ "alg": "HS256", "typ": "JWT" }), &claims()),
        sign(&json!({ "alg": "none" }), &claims()),
        sign(&json!({ "typ": "JWT" }), &claims()),
        sign(&json!({ "alg": "RS256", "kid": "another" }), &claims()),
        sign(&json!({ "alg": "RS256", "typ": "JOSE" }), &claims()),
        sign(&json!({ "alg": "RS256", "kdi": KEY_ID }), &claims()),
    ] {
        assert_fails(&exchange(&assertion).1, 400, "invalid_grant");
    }
}

#[test]
fn refuses_wrong_claims() {
    let grant = (400, "invalid_grant");
    for (changes, (status, error)) in [
        (json!({ "iss": "nobody@demo-project.iam.gserviceaccount.com" }), grant),
        (json!({ "iss": null }), grant),
        (json!({ "aud": "https://fcm.googleapis.com/" }), grant),
        (json!({ "aud": "http://127.0.0.1:9/token" }), grant),
        (json!({ "aud": null }), grant),
        (json!({ "exp": NOW + 3601 }), grant),
        (json!({ "iat": NOW - 3600, "exp": NOW }), grant),
        (json!({ "iat": NOW + 61, "exp": NOW + 600 }), grant),
        (json!({ "iat": NOW * 1000, "exp": NOW * 1000 + 3600 }), grant),
        (json!({ "iat": NOW.to_string() }), grant),
        (json!({ "exp": NOW as f64 + 60.5 }), grant),
        (json!({ "exp": null }), grant),
        (json!({ "nonce": "1" }), grant),
        (json!({ "scope": null }), (400, "invalid_scope")),
        (json!({ "scope": ["https://www.googleapis.com/auth/firebase.messaging"] }), (400, "invalid_scope")),
        (json!({ "scope": "firebase.messaging" }), (400, "invalid_scope")),
        (json!({ "sub": "user@example.com" }), (401, "unauthorized_client")),
    ] {
        assert_fails(&exchange(&sign(&header(), &claims_with(changes))).1, status, error);
    }
}

#[test]
fn refuses_a_wrong_form() {
    let (fake, _) = fake();
    let assertion = sign(&header(), &claims());
    let grant = ("grant_type", GRANT);
    let good = ("assertion", assertion.as_str());
    for (form, error) in [
        (vec![good], "invalid_request"),
        (vec![grant], "invalid_request"),
        (vec![grant, good, good], "invalid_request"),
        (vec![grant, good, ("scope", "x")], "invalid_request"),
        (vec![("grant_type", "client_credentials"), good], "unsupported_grant_type"),
    ] {
        assert_fails(&fake.answer(&token_call(&form)), 400, error);
    }
    let json = json!({ "grant_type": GRANT, "assertion": assertion });
    let call = call(TOKEN_PATH, &[("content-type", "application/json")], json.to_string());
    assert_fails(&fake.answer(&call), 400, "invalid_request");
}

#[test]
fn every_bad_credential_has_its_own_answer() {
    let (fake, good) = fake();
    let message = json!({ "message": { "token": fake.target(1) } });
    let reason = |call: &Call| {
        let answer = fake.answer(call);
        let error = body(&answer)["error"].clone();
        let info = detail(&error, "ErrorInfo");
        if let Some(info) = info {
            assert_eq!(info["domain"], "googleapis.com");
            assert_eq!(info["metadata"]["service"], "fcm.googleapis.com");
            assert_eq!(info["metadata"]["method"], "google.firebase.fcm.v1.FcmService.SendMessage");
        }
        assert!(detail(&error, "FcmError").is_none());
        (
            answer.status,
            error["status"].as_str().unwrap().to_owned(),
            info.map(|i| i["reason"].as_str().unwrap().to_owned()),
        )
    };
    let expected = |status: u16, text: &str, reason: Option<&str>| (status, text.to_owned(), reason.map(str::to_owned));

    let mut missing = send_call(&good, &message);
    missing.headers.remove("authorization");
    assert_eq!(reason(&missing), expected(401, "UNAUTHENTICATED", Some("CREDENTIALS_MISSING")));
    let mut legacy = missing.clone();
    legacy.headers.insert("authorization", HeaderValue::from_static("key=AAAA"));
    assert_eq!(reason(&legacy), expected(401, "UNAUTHENTICATED", None));
    assert_eq!(reason(&send_call("garbage", &message)), expected(401, "UNAUTHENTICATED", None));

    let (_, narrow) = {
        let claims = claims_with(json!({ "scope": "https://www.googleapis.com/auth/userinfo.email" }));
        let assertion = sign(&header(), &claims);
        let answer = fake.answer(&token_call(&[("grant_type", GRANT), ("assertion", &assertion)]));
        (answer.status, body(&answer)["access_token"].as_str().unwrap().to_owned())
    };
    let insufficient = expected(403, "PERMISSION_DENIED", Some("ACCESS_TOKEN_SCOPE_INSUFFICIENT"));
    assert_eq!(reason(&send_call(&narrow, &message)), insufficient);

    fake.world().expire_tokens();
    assert_eq!(reason(&send_call(&good, &message)), expected(401, "UNAUTHENTICATED", Some("ACCESS_TOKEN_EXPIRED")));
    assert!(fake.world().delivered().is_empty());
}
