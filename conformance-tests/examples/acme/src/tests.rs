use omnipush_core::http::HeaderMap;
use omnipush_core::{
    Callback, CallbackError, Class, Cx, Event, Item, Notification, Now, Overflow, PushVendor, Reply, Secret, Set,
    Shape, Target, sign,
};
use serde_json::{Value, json};

use super::*;

const TOKENS: [&str; 2] = ["00000000000000a1", "00000000000000a2"];

fn acme() -> Acme {
    Acme::new(Config::new("app-1", Secret::new("secret made for tests"))).unwrap()
}

fn with_set<T>(n: Value, run: impl FnOnce(&Acme, &Set<'_>, &mut Cx<'_>) -> T) -> T {
    let n: Notification = serde_json::from_value(n).unwrap();
    let mut cx = Cx { now: Now::at(1_700_000_000_000), rng: &mut |_| {}, overflow: Overflow::Refuse };
    let acme = acme();
    let encoded = acme.encode(&n, Shape::List, &mut cx).unwrap();
    let targets = TOKENS.map(Target::from);
    let items = targets.each_ref().map(|target| Item { encoded: &encoded, target });
    run(&acme, &Set { shape: Shape::List, items: &items, ticket: "", request_id: "r-1" }, &mut cx)
}

#[test]
fn the_signature_is_that_of_acme_s_page() {
    let config = Config::new("app-1", Secret::new("secret made for tests"));
    // printf 'app-11700000000000' | openssl dgst -sha256 -hmac 'secret made for tests'
    let expected = "dee1beb2238205064c01c0b43b47976485019c79d8c4f0155d79b299b2dfe7e7";
    assert_eq!(auth::signature(&config, 1_700_000_000_000), expected);
}

#[test]
fn a_whole_message() {
    let n = json!({
        "title": "t", "body": "b", "ttl_seconds": 5, "click": {"url": "https://example.com/a"}, "priority": "high",
        "collapse_key": "k", "data": {"z": "1", "a": "2"}, "receipt": {"url": "https://example.com/r", "tag": "o-1"},
        "vendors": {"acme": {"color": "#00ff00"}}
    });
    let body = with_set(n, |acme, set, cx| acme.request(set, cx).unwrap().body);
    assert_eq!(
        serde_json::from_slice::<Value>(&body).unwrap(),
        json!({
            "tokens": TOKENS, "request_id": "r-1", "title": "t", "text": "b", "ttl": 60,
            "url": "https://example.com/a", "urgent": true, "replaces": "k", "extra": {"z": "1", "a": "2"},
            "color": "#00ff00", "receipt": {"url": "https://example.com/r", "tag": "o-1"}
        })
    );
}

#[test]
fn a_wrong_option_is_named() {
    let n = Notification::new("t", "b").with_options("acme", &json!({"color": "green"})).unwrap();
    let mut cx = Cx { now: Now::at(0), rng: &mut |_| {}, overflow: Overflow::Refuse };
    let error = acme().encode(&n, Shape::List, &mut cx).unwrap_err().to_string();
    assert!(error.contains("`color`") && error.contains("#rrggbb"), "{error}");
}

#[test]
fn targets_that_failed_are_named_in_the_answer() {
    let reply = Reply::new(200, r#"{"code":0,"message_id":"m1","failed":[{"token":"00000000000000a2","code":1201}]}"#);
    let outcome = with_set(json!({"title": "t", "body": "b"}), |acme, set, _| acme.decode(&reply, set));
    let Outcome::Each(verdicts) = outcome else { panic!("{outcome:?}") };
    assert!(verdicts[0].is_accepted());
    assert_eq!(verdicts[1].refusal().unwrap().class, Class::InvalidToken);
}

#[test]
fn receipts_are_read_when_their_signature_is_right() {
    let body = r#"[{"message_id":"m1","token":"00000000000000a1","event":"clicked","tag":"o-1","at":1700000000000}]"#;
    let mac = hex::encode(sign::hmac_sha256(&Secret::new("secret made for tests"), body.as_bytes()));
    let signed = |mac: &str| {
        let mut headers = HeaderMap::new();
        headers.insert("x-acme-signature", mac.parse().unwrap());
        Callback::new(headers, body)
    };
    let mut cx = Cx { now: Now::at(0), rng: &mut |_| {}, overflow: Overflow::Refuse };
    let read = acme().receipts(&signed(&mac), &mut cx).unwrap();
    assert!(read.proven);
    assert_eq!((read.receipts[0].event, read.receipts[0].tag.as_deref()), (Event::Clicked, Some("o-1")));
    let forged = acme().receipts(&signed(&"0".repeat(64)), &mut cx);
    assert!(matches!(forged, Err(CallbackError::WrongSignature(_))), "{forged:?}");
}
