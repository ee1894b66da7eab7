//! The fake, called by hand: signing in, the way of a call, targets, and the documented failures.

mod messages;

use std::collections::HashSet;

use bytes::Bytes;
use http::{HeaderMap, Method};
use omnipush_core::Class;
use serde_json::{Value, json};

use super::*;

const NOW: u64 = 1_790_000_000_000;
/// The form that public clients send, computed with this secret.
const SIGN_IN: &str = "grant_type=client_credentials&client_id=220000001&client_secret=a%2Bb%2Fc%3Dd";

fn call(path: &str, mime: &str, body: &str) -> Call {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", mime.parse().unwrap());
    Call {
        method: Method::POST,
        path: path.into(),
        query: String::new(),
        headers,
        body: Bytes::copy_from_slice(body.as_bytes()),
        now_ms: NOW,
    }
}

fn sign_in(form: &str) -> Call {
    call("/auth/token", "application/x-www-form-urlencoded", form)
}

fn token_of(fake: &Honor) -> String {
    let answer = fake.answer(&sign_in(SIGN_IN));
    json_of(&answer)["access_token"].as_str().unwrap().to_owned()
}

/// A call with a fresh access token, which sends this body.
fn send(fake: &Honor, body: &Value) -> Call {
    let mut call = call(&format!("/api/v1/{APP_ID}/sendMessage"), "application/json; charset=UTF-8", &body.to_string());
    set(&mut call, "authorization", Some(&format!("Bearer {}", token_of(fake))));
    set(&mut call, "timestamp", Some(&NOW.to_string()));
    call
}

fn set(call: &mut Call, name: &'static str, value: Option<&str>) {
    call.headers.remove(name);
    if let Some(value) = value {
        call.headers.insert(name, value.parse().unwrap());
    }
}

fn add(call: &mut Call, name: &'static str, value: &str) {
    assert!(call.headers.append(name, value.parse().unwrap()), "{name} was not there");
}

fn good() -> Value {
    json!({
        "token": ["regA", "regB"],
        "android": {"notification": {
            "title": "title", "body": "text", "importance": "NORMAL", "clickAction": {"type": 3},
        }},
    })
}

fn json_of(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

/// The code of an envelope, or the status of a page; checks the shape of either.
#[track_caller]
fn code(answer: &Answer) -> u64 {
    let Ok(body) = serde_json::from_slice::<Value>(&answer.body) else {
        assert!(answer.refused.is_some() && answer.status >= 400);
        return answer.status.into();
    };
    assert_eq!(answer.status, 200);
    assert!(body["message"].as_str().is_some_and(|text| !text.is_empty()));
    body["code"].as_u64().unwrap()
}

/// The code for a changed call, and that a refused call delivers nothing.
#[track_caller]
fn outcome(change: impl FnOnce(&mut Call)) -> u64 {
    let fake = Honor::new();
    let mut call = send(&fake, &good());
    change(&mut call);
    let answer = fake.answer(&call);
    assert_eq!(fake.world().delivered().is_empty(), answer.refused.is_some());
    code(&answer)
}

#[test]
fn the_vector_of_a_sign_in_is_taken() {
    let fake = Honor::new();
    for path in PATHS_AUTH {
        let call = Call { path: path.into(), ..sign_in(SIGN_IN) };
        assert_eq!(fake.purpose(&call), Purpose::Auth);
        let answer = fake.answer(&call);
        assert_eq!((answer.status, answer.refused.as_ref()), (200, None));
        let body = json_of(&answer);
        assert_eq!((body["expires_in"].as_u64(), body["token_type"].as_str()), (Some(3600), Some("Bearer")));
        assert!(body["access_token"].is_string());
    }
    let mut call = sign_in(SIGN_IN);
    set(&mut call, "content-type", Some("application/x-www-form-urlencoded; charset=UTF-8"));
    assert_eq!(fake.answer(&call).status, 200);
}

#[test]
fn a_wrong_sign_in_is_told_as_keycloak_does() {
    let refused = |form: &str| {
        let answer = Honor::new().answer(&sign_in(form));
        let body = json_of(&answer);
        assert!(body["error_description"].is_string() && answer.refused.is_some());
        (answer.status, body["error"].as_str().unwrap().to_owned())
    };
    for (from, to, status, error) in [
        ("220000001", "104410001", 401, "invalid_client"), // the app id is no client id
        ("client_id=220000001&", "", 401, "invalid_client"),
        ("c%3Dd", "c%3De", 400, "unauthorized_client"),
        ("a%2Bb", "a+b", 400, "unauthorized_client"), // a plus sign that is a space
        ("a%2Bb%2Fc%3Dd", "a%252Bb%252Fc%253Dd", 400, "unauthorized_client"), // encoded twice
        ("&client_secret=a%2Bb%2Fc%3Dd", "", 400, "unauthorized_client"),
        ("=client_credentials", "=password", 400, "unsupported_grant_type"),
        ("grant_type=client_credentials&", "", 400, "invalid_request"),
        ("client_secret", "clientSecret", 400, "invalid_request"),
        ("c%3Dd", "c%3Dd&client_id=220000001", 400, "invalid_request"),
        ("c%3Dd", "c%3Dd&scope=push", 400, "invalid_request"),
    ] {
        assert!(SIGN_IN.contains(from));
        assert_eq!(refused(&SIGN_IN.replace(from, to)), (status, error.to_owned()), "{from} -> {to}");
    }
    // What needs no encoding in a form may stand bare, as one client lets it.
    assert_eq!(Honor::new().answer(&sign_in(&SIGN_IN.replace("%2Fc%3D", "/c="))).status, 200);
    let json = call("/auth/token", "application/json", r#"{"grant_type":"client_credentials"}"#);
    assert_eq!(Honor::new().answer(&json).status, 415);
    let query = Call { query: SIGN_IN.into(), ..sign_in("") };
    assert_eq!(json_of(&Honor::new().answer(&query))["error"], "invalid_request");
}

#[test]
fn the_access_token_is_a_bearer_that_lives_an_hour() {
    assert_eq!(outcome(|_| ()), 200);
    assert_eq!(outcome(|call| set(call, "authorization", None)), 401);
    for wrong in ["", "Bearer", "Bearer ", "Bearer made-up", "Basic YTpi"] {
        assert_eq!(outcome(|call| set(call, "authorization", Some(wrong))), 401, "{wrong}");
    }
    let rewritten = |with: fn(&str) -> String| {
        outcome(|call| {
            let value = with(call.header("authorization").unwrap());
            set(call, "authorization", Some(&value));
        })
    };
    assert_eq!(rewritten(|value| value.replace("Bearer ", "")), 401);
    assert_eq!(rewritten(|value| value.replace("Bearer ", "bearer ")), 401);
    assert_eq!(rewritten(|value| value.replace("Bearer ", "Bearer  ")), 401);
    assert_eq!(outcome(|call| add(call, "authorization", "Bearer x")), 401);
    let later = |ms: u64| {
        outcome(|call| {
            call.now_ms += ms;
            set(call, "timestamp", Some(&call.now_ms.to_string()));
        })
    };
    assert_eq!((later(3_599_999), later(3_600_000)), (200, 401));

    let fake = Honor::new();
    let call = send(&fake, &good());
    fake.world().expire_tokens();
    assert_eq!(code(&fake.answer(&call)), 401);
    let call = send(&fake, &good());
    assert_eq!(code(&fake.answer(&call)), 200);
    fake.world().refuse_tokens(true);
    assert_eq!(code(&fake.answer(&call)), 401);
}

#[test]
fn the_timestamp_is_in_milliseconds() {
    let at = |text: &str| outcome(|call| set(call, "timestamp", Some(text)));
    assert_eq!(outcome(|call| set(call, "timestamp", None)), 400);
    let off = |ms: i64| at(&NOW.saturating_add_signed(ms).to_string());
    assert_eq!((off(-86_400_000), off(86_400_000)), (200, 200));
    assert_eq!((off(-86_400_001), off(86_400_001)), (400, 400));
    for wrong in ["", "1790000000", "1790000000000000", "+179000000000", "1790000000.00", "now"] {
        assert_eq!(at(wrong), 400, "{wrong}");
    }
    assert_eq!(outcome(|call| add(call, "timestamp", &NOW.to_string())), 400);
}

#[test]
fn method_path_and_type_are_checked() {
    let fake = Honor::new();
    let good = send(&fake, &good());
    assert_eq!(fake.purpose(&good), Purpose::Send);
    let get = Call { method: Method::GET, ..good.clone() };
    assert_eq!((code(&fake.answer(&get)), fake.purpose(&get)), (405, Purpose::Unknown));
    for path in [
        "/",
        "/api/v1/sendMessage",
        "/api/v1//sendMessage",
        "/api/v1/104410001/sendMessage/",
        "/api/v2/104410001/sendMessage",
        "/v1/104410001/messages:send",
        "/oauth2/v3/token",
    ] {
        let call = Call { path: path.into(), ..good.clone() };
        assert_eq!((code(&fake.answer(&call)), fake.purpose(&call)), (404, Purpose::Unknown), "{path}");
        assert_eq!(fake.answer(&call).status, 404);
    }
    // Another app is an answer, not a page. A client id is no app id.
    let other = Call { path: format!("/api/v1/{CLIENT_ID}/sendMessage"), ..good.clone() };
    let answer = fake.answer(&other);
    assert_eq!((code(&answer), answer.status, fake.purpose(&other)), (404, 200, Purpose::Send));
    for (mime, expected) in [
        ("application/json", 200),
        ("Application/JSON;charset=utf-8", 200),
        ("application/json; charset=GBK", 415),
        ("application/x-www-form-urlencoded", 415),
        ("text/plain", 415),
    ] {
        assert_eq!(outcome(|call| set(call, "content-type", Some(mime))), expected, "{mime}");
    }
    assert_eq!(outcome(|call| set(call, "content-type", None)), 415);
    assert_eq!(outcome(|call| call.query = "validate_only=true".into()), 400);
    for body in ["", "{", "[]", "null", "title=t"] {
        assert_eq!(outcome(|call| call.body = Bytes::from_static(body.as_bytes())), 400, "{body}");
    }
}

#[test]
fn bad_tokens_are_listed_and_the_rest_is_served() {
    let fake = Honor::new();
    let refuse = |target, name| {
        let code = *fake.codes().iter().find(|code| code.code == name).unwrap();
        fake.world().set_target(target, TargetState::Refused(code));
    };
    fake.world().set_target("dead", TargetState::Dead);
    refuse("failed", "80100000 in failTokens");
    refuse("quiet-gone", "200 in expireTokens");
    refuse("quiet-fail", "200 in failTokens");
    let push = |tokens: &[&str]| {
        let mut body = good();
        body["token"] = json!(tokens);
        let answer = json_of(&fake.answer(&send(&fake, &body)));
        let data = &answer["data"];
        assert!(data["requestId"].as_str().is_some_and(|id| !id.is_empty()));
        let sent = data["sendResult"].as_bool().unwrap();
        (answer["code"].as_u64().unwrap(), sent, data["failTokens"].clone(), data["expireTokens"].clone())
    };
    let none = Value::Null;
    assert_eq!(push(&["regA"]), (200, true, none.clone(), none.clone()));
    assert_eq!(push(&["regA", "dead"]), (80_100_000, true, json!(["dead"]), json!(["dead"])));
    assert_eq!(push(&["failed", "regA"]), (80_100_000, true, json!(["failed"]), none.clone()));
    assert_eq!(push(&["quiet-gone", "regA"]), (200, true, none.clone(), json!(["quiet-gone"])));
    assert_eq!(push(&["quiet-fail", "regA"]), (200, true, json!(["quiet-fail"]), none.clone()));
    let all = push(&["failed", "quiet-gone", "dead", "regA"]);
    assert_eq!(all, (80_100_000, true, json!(["failed", "dead"]), json!(["quiet-gone", "dead"])));
    assert_eq!(fake.world().delivered().len(), 6);
    assert_eq!(push(&["dead"]), (80_100_000, false, json!(["dead"]), json!(["dead"])));
    let malformed = ["", "has space", "令牌", "line\n"];
    assert_eq!(push(&malformed), (80_100_000, false, json!(malformed), json!(malformed)));
    assert_eq!(fake.world().delivered().len(), 6);
}

#[test]
fn targets_and_configuration_are_as_agreed() {
    let fake = Honor::new();
    let targets: HashSet<String> = (0..100).map(|n| fake.target(n)).collect();
    assert_eq!(targets.len(), 100);
    assert!(targets.iter().all(|target| fake.failing(target).is_none()));
    let agreed = json!({
        "vendor": "honor", "app_id": APP_ID, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
        "endpoint": "http://x", "token_endpoint": "http://x/auth/token",
    });
    assert_eq!(fake.config("http://x"), agreed);
}

/// Every number with one class only, written down again.
const NUMBERS: &[(u64, Class)] = &[
    (400, Class::InvalidRequest),
    (401, Class::Unauthenticated),
    (403, Class::PermissionDenied),
    (404, Class::InvalidRequest),
    (429, Class::RateLimited),
    (500, Class::Unavailable),
    (502, Class::Unavailable),
    (503, Class::RateLimited),
    (504, Class::Unavailable),
    (80_100_003, Class::InvalidRequest),
    (80_200_001, Class::Unauthenticated),
    (80_200_003, Class::Unauthenticated),
    (80_300_008, Class::PayloadTooLarge),
    (89_999_999, Class::Unknown),
];

#[test]
fn every_documented_failure_has_its_shape() {
    let mut names = HashSet::new();
    let mut seen = HashSet::new();
    for row in Honor::new().codes() {
        let name = row.code;
        assert!(names.insert((name, row.at)), "{name} is there twice");
        let fake = Honor::new();
        let call = if row.at == At::Auth { sign_in(SIGN_IN) } else { send(&fake, &good()) };
        let answer = fake.coded(&call, row);
        let delivered = fake.world().delivered();
        if row.at == At::Target {
            assert!(delivered.len() == 1 && delivered[0].target == "regB", "{name}");
            let number = code(&answer);
            assert!(name.starts_with(&number.to_string()));
            let data = &json_of(&answer)["data"];
            let expired = data["expireTokens"] == json!(["regA"]);
            assert!(expired || data["failTokens"] == json!(["regA"]));
            assert_eq!((data["sendResult"].as_bool(), expired), (Some(true), row.class == Class::InvalidToken));
            seen.insert(number);
            continue;
        }
        assert!(delivered.is_empty() && answer.refused.is_some(), "{name}");
        if let Some(status) = name.strip_prefix("HTTP ") {
            assert_eq!(answer.status.to_string(), status);
            assert!(serde_json::from_slice::<Value>(&answer.body).is_err());
            assert!(NUMBERS.contains(&(answer.status.into(), row.class)));
            continue;
        }
        let body = json_of(&answer);
        if row.at == At::Auth {
            assert!(matches!(answer.status, 400 | 401));
            assert!(body["error"] == name || body["error"].is_u64());
            assert!(body["error_description"].is_string());
            assert_eq!(row.class, Class::Unauthenticated);
            continue;
        }
        assert_eq!((answer.status, body["message"].is_string()), (200, true));
        let number = body["code"].as_u64().or_else(|| body["code"].as_str()?.parse().ok()).unwrap();
        assert_eq!(body["code"].is_string(), name.ends_with("as text"));
        assert!(name.starts_with(&number.to_string()));
        seen.insert(number);
        if number == 200 {
            assert_eq!(body["data"]["sendResult"], false);
        }
        let lists = body["data"]["expireTokens"] == json!(["regA", "regB"]);
        assert_eq!(lists, row.class == Class::InvalidToken);
        if let Some((_, class)) = NUMBERS.iter().find(|(known, _)| *known == number) {
            assert_eq!(row.class, *class, "{name}");
        }
    }
    let wanted = NUMBERS.iter().map(|(number, _)| *number).chain([200, 80_100_000, 80_300_007]);
    let missing: Vec<_> = wanted.filter(|number| !seen.contains(number)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
