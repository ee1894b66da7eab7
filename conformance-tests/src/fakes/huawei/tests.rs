//! The fake of HMS Push, called by hand: what it takes, what it refuses, and in which words.

mod fields;
mod operations;

use std::collections::HashSet;

use super::forge::{NOW, bad_jwts, code_of, json_of, jwt_with, owned, post, published, published_key, put};
use super::*;

const V1: &str = "/v1/104000001/messages:send";
const V2: &str = "/v2/388421841221885551/messages:send";
const TOKEN: &str = "/oauth2/v3/token";
const FORM: &str = "grant_type=client_credentials&client_id=104000001&client_secret=a%2Bb%2Fc%3Dd%26e+f";

/// A fake and a token of it.
struct Lab(Huawei, String);

impl Lab {
    fn new() -> Self {
        Self::of(Huawei::new())
    }

    fn of(fake: Huawei) -> Self {
        let token = json_of(&buy(&fake, FORM))["access_token"].as_str().unwrap().to_owned();
        Self(fake, token)
    }

    fn call(&self, path: &str, body: &Value) -> Call {
        let bearer = format!("Bearer {}", self.1);
        post(path, &[("authorization", &bearer), ("content-type", "application/json;charset=UTF-8")], &body.to_string())
    }

    fn send(&self, body: &Value) -> Answer {
        self.0.answer(&self.call(V1, body))
    }

    /// Sends, and expects one delivery.
    fn delivered(&self, body: &Value) -> Delivered {
        self.0.world().forget();
        let answer = self.send(body);
        assert_eq!(code_of(&answer), "80000000", "{:?}", answer.refused);
        let mut all = self.0.world().delivered();
        assert_eq!(all.len(), 1);
        assert_eq!(json_of(&answer)["requestId"], *all[0].message_id);
        all.remove(0)
    }
}

fn buy(fake: &Huawei, form: &str) -> Answer {
    fake.answer(&post(TOKEN, &[("content-type", "application/x-www-form-urlencoded")], form))
}

fn message() -> Value {
    json!({"validate_only": false, "message": {
        "data": "{\"order\":\"42\",\"n\":1}",
        "android": {
            "collapse_key": 7, "category": "EXPRESS", "ttl": "3600s", "bi_tag": "t",
            "notification": {"title": "您的订单", "body": "已发货", "click_action": {"type": 3}},
        },
        "token": [Huawei::new().target(0)],
    }})
}

/// The message with a change somewhere.
fn changed(pointer: &str, value: Value) -> Value {
    let mut body = message();
    put(&mut body, pointer, value);
    body
}

#[test]
fn a_token_is_sold_with_its_strokes_escaped() {
    let fake = Huawei::new();
    let answer = buy(&fake, FORM);
    assert_eq!(answer.status, 200);
    assert!(answer.headers.contains(&("cache-control", "no-store".into())));
    assert!(String::from_utf8_lossy(&answer.body).contains("\\/"));
    let body = json_of(&answer);
    assert_eq!((&body["expires_in"], &body["token_type"]), (&json!(3600), &json!("Bearer")));
    let older = fake.answer(&post("/oauth2/v2/token", &[("content-type", "application/x-www-form-urlencoded")], FORM));
    assert_eq!(older.status, 200);
}

#[test]
fn sign_ins_are_checked() {
    let case = |form: &str, sub_error: u32| {
        let answer = buy(&Huawei::new(), form);
        let body = json_of(&answer);
        assert_eq!(
            (answer.status, &body["error"], &body["sub_error"]),
            (400, &json!(1101), &json!(sub_error)),
            "{form}"
        );
        assert!(body["error_description"].is_string() && answer.refused.is_some());
    };
    let grant = "grant_type=client_credentials";
    case(&format!("{grant}&client_secret=x"), 20002);
    case(&format!("{grant}&client_id=abc&client_secret=x"), 20002);
    case(&format!("{grant}&client_id={}&client_secret=x", "1".repeat(65)), 20002);
    case(&format!("{grant}&client_id=104000009&client_secret=x"), 20003);
    case(&format!("{grant}&client_id=104000001"), 20171);
    case(&format!("{grant}&client_id=104000001&client_secret="), 20171);
    case(&format!("{grant}&client_id=104000001&client_secret=wrong"), 12304);
    case(&format!("{grant}&client_id=104000001&client_secret=a+b%2Fc%3Dd%26e+f"), 12304);
    case(&FORM.replace("client_credentials", "password"), 0);
    case(&format!("{FORM}&scope=x"), 0);
    case(&format!("{FORM}&client_id=104000001"), 0);
    case("{}", 0);
    // The official Go sample does not encode the secret.
    assert_eq!(buy(&Huawei::new(), &format!("{grant}&client_id=104000001&client_secret=a+b/c=d&e f")).status, 200);
    let mut call = post(TOKEN, &[("content-type", "application/json")], FORM);
    assert_eq!(Huawei::new().answer(&call).status, 400);
    call.method = Method::GET;
    assert_eq!(Huawei::new().answer(&call).status, 405);
}

#[test]
fn tokens_are_sold_a_thousand_in_five_minutes() {
    let fake = Huawei::new();
    assert!((0..TOKENS_IN_WINDOW).all(|_| buy(&fake, FORM).status == 200));
    assert_eq!(code_of(&buy(&fake, FORM)), "HTTP 503");
    let mut later = post(TOKEN, &[("content-type", "application/x-www-form-urlencoded")], FORM);
    later.now_ms += WINDOW_MS;
    assert_eq!(fake.answer(&later).status, 200);
}

#[test]
fn credentials_are_checked() {
    let lab = Lab::new();
    let body = message();
    let with = |value: &str| {
        let mut call = lab.call(V1, &body);
        call.headers.insert("authorization", value.parse().unwrap());
        code_of(&lab.0.answer(&call))
    };
    let good = &lab.1;
    assert_eq!(with(&format!("Bearer {good}")), "80000000");
    for bad in ["", good, &format!("Bearer  {good}"), &format!("bearer {good}"), "Bearer x", "Basic x"] {
        assert_eq!(with(bad), "80200001", "{bad:?}");
    }
    assert_eq!(with(&format!("Bearer {}", good.replace('/', "\\/"))), "80200001", "copied with its escapes");
    let mut call = lab.call(V1, &body);
    call.headers.remove("authorization");
    assert_eq!(code_of(&lab.0.answer(&call)), "80200001");
    let mut late = lab.call(V1, &body);
    late.now_ms += TOKEN_LIFE_MS;
    assert_eq!(code_of(&lab.0.answer(&late)), "80200003");
    lab.0.world().refuse_tokens(true);
    assert_eq!(with(&format!("Bearer {good}")), "80200003");
}

#[test]
fn a_jwt_will_do_as_well() {
    let with = |fake: &Huawei, jwt: &str| {
        let mut call = Lab(Huawei::new(), String::new()).call(V2, &message());
        call.headers.insert("authorization", format!("Bearer {jwt}").parse().unwrap());
        code_of(&fake.answer(&call))
    };
    let fake = Huawei::new();
    let good = jwt_with(&json!({}), &json!({}));
    assert_eq!(with(&fake, &good), "80000000");
    for (jwt, code) in bad_jwts() {
        assert_eq!(with(&fake, &jwt), code, "{jwt}");
    }
    fake.world().expire_tokens();
    assert_eq!(with(&fake, &good), "80200005");
}

#[test]
fn the_published_token_is_verified() {
    let account = Account::with_key(published_key());
    let world = World::default();
    account.check(&published(), &world, NOW * 1000).unwrap();
    assert_eq!(account.check(&published(), &world, (NOW + 3600) * 1000).unwrap_err().code, "80200005");
    let spoilt = published().replace("nXfO", "nXfP");
    assert_eq!(account.check(&spoilt, &world, NOW * 1000).unwrap_err().code, "80200001");
    assert_eq!(account.check(&jwt_with(&json!({}), &json!({})), &world, NOW * 1000).unwrap_err().code, "80200001");
}

#[test]
fn paths_are_checked() {
    let lab = Lab::new();
    let at = |path: &str| code_of(&lab.0.answer(&lab.call(path, &message())));
    assert_eq!((at(V1), at(V2)), ("80000000".into(), "80000000".into()));
    assert_eq!(at("/v1/104000002/messages:send"), "80200001", "another app's");
    assert_eq!(at("/v2/388421841221885552/messages:send"), "80200001");
    assert_eq!(at("/v3/388421841221885551/messages:send"), "80200001", "another product's");
    for path in [
        "/v1/999/messages:send",
        "/v2/104000001/messages:send",
        "/v1/104000001/messages%3Asend",
        "/v1/104000001/messages:send/",
        "/v1//messages:send",
        "/v4/104000001/messages:send",
        "/v1/104000001/messages:revoke",
        "/v1/104000001/topic:delete",
        "/v2/388421841221885551/topic:subscribe",
    ] {
        assert_eq!(at(path), "HTTP 404", "{path}");
    }
    let mut call = lab.call(V1, &message());
    assert_eq!(lab.0.purpose(&call), Purpose::Send);
    call.method = Method::PUT;
    assert_eq!((lab.0.purpose(&call), code_of(&lab.0.answer(&call))), (Purpose::Unknown, "HTTP 405".into()));
    assert_eq!(at(&format!("{V1}?x=1")), "80100001");
}

#[test]
fn headers_are_checked() {
    let lab = Lab::new();
    let with = |name: &'static str, value: &str| {
        let mut call = lab.call(V1, &message());
        call.headers.insert(name, value.parse().unwrap());
        code_of(&lab.0.answer(&call))
    };
    assert_eq!(with("content-type", "application/json; charset=\"utf-8\""), "80000000");
    assert_eq!(with("content-type", "application/x-www-form-urlencoded"), "80100001");
    assert_eq!(with("content-type", "application/json;charset=GBK"), "80100001");
    assert_eq!(with("push-type", "0"), "80100003");
    let mut call = lab.call(V1, &message());
    call.body = "{".into();
    assert_eq!(code_of(&lab.0.answer(&call)), "80100003");
}

#[test]
fn bad_tokens_are_listed() {
    let lab = Lab::new();
    let to = |tokens: &[&str]| lab.send(&changed("/message/token", json!(tokens)));
    let [one, two, three] = [0, 1, 2].map(|n| lab.0.target(n));
    lab.0.world().set_target(two.as_str(), TargetState::Dead);
    let some = to(&[&one, &two, "short", &three]);
    assert_eq!(code_of(&some), "80100000");
    let msg: Value = serde_json::from_str(json_of(&some)["msg"].as_str().unwrap()).unwrap();
    assert_eq!(msg, json!({"success": 2, "failure": 2, "illegal_tokens": [two, "short"]}));
    assert_eq!(lab.0.world().delivered().len(), 2);
    let all = to(&[&two, ""]);
    assert_eq!((code_of(&all), &json_of(&all)["msg"]), ("80300007".into(), &json!("All the tokens are invalid")));
    // One that is named twice gets it twice.
    lab.0.world().forget();
    assert_eq!(code_of(&to(&[&one, &one])), "80000000");
    assert_eq!(lab.0.world().delivered().len(), 2);
}

#[test]
fn a_validated_message_goes_nowhere() {
    let lab = Lab::new();
    lab.0.world().set_target(lab.0.target(0), TargetState::Dead);
    assert_eq!(code_of(&lab.send(&changed("/validate_only", json!(true)))), "80000000");
    let mut wrong = changed("/validate_only", json!(true));
    put(&mut wrong, "/message/android/ttl", json!("0s"));
    assert_eq!(code_of(&lab.send(&wrong)), "80100004");
    assert!(lab.0.world().delivered().is_empty());
}

#[test]
fn every_documented_failure_has_its_shape() {
    let lab = Lab::new();
    let call = lab.call(V1, &message());
    let mut seen = HashSet::new();
    for code in lab.0.codes() {
        assert!(seen.insert((code.code, code.at)), "{code:?} is there twice");
        let answer = lab.0.coded(&call, code);
        let number = wire::number(code.code);
        match number.split_once('/') {
            Some((_, sub_error)) => assert_eq!(json_of(&answer)["sub_error"].to_string(), sub_error),
            None if number == "HTTP" => assert_eq!(code_of(&answer), code.code),
            None => assert_eq!(code_of(&answer), number),
        }
    }
    assert!(lab.0.world().delivered().is_empty());
    let numbers: HashSet<&str> = seen.iter().map(|(code, _)| wire::number(code)).collect();
    let single = [80_100_000, 80_200_001, 80_200_003, 80_200_005, 80_300_002, 80_300_013, 80_600_003, 81_000_001];
    let ranges = [80_100_001..=80_100_004, 80_100_016..=80_100_018, 80_300_007..=80_300_008, 80_300_010..=80_300_011];
    let rest = [80_100_013..=80_100_013, 82_000_001..=82_000_013];
    for number in single.into_iter().chain(ranges.into_iter().flatten()).chain(rest.into_iter().flatten()) {
        assert!(numbers.contains(number.to_string().as_str()), "{number}");
    }
    for status in [500, 502, 503, 404] {
        assert!(seen.iter().any(|(code, at)| *at == At::Send && *code == format!("HTTP {status}")));
    }
}

#[test]
fn a_failure_of_the_first_target_leaves_the_others() {
    let lab = Lab::new();
    let body = changed("/message/token", json!([lab.0.target(0), lab.0.target(1)]));
    for code in lab.0.codes().iter().filter(|code| code.at == At::Target) {
        lab.0.world().forget();
        let answer = lab.0.coded(&lab.call(V1, &body), code);
        assert_eq!(code_of(&answer), "80100000");
        assert_eq!(lab.0.world().delivered()[0].target, lab.0.target(1));
        lab.0.world().set_target(lab.0.target(0), TargetState::Refused(*code));
        assert_eq!(code_of(&lab.send(&message())), wire::number(code.code));
    }
}

#[test]
fn the_status_can_be_200_throughout() {
    let lab = Lab::of(Huawei::new().with(Habit::AlwaysOk));
    assert_eq!(lab.send(&json!({})).status, 200);
    assert_eq!(lab.0.answer(&lab.call("/nowhere", &message())).status, 404);
}

#[test]
fn targets_differ() {
    let fake = Huawei::new();
    let all: HashSet<String> = (0..2000).map(|n| fake.target(n)).collect();
    assert!(all.len() == 2000 && all.iter().all(|token| is_token(token) && token.len() == 130));
}
