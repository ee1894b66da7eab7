//! The fake judged by calls made by hand: what it takes and how it is decoded, the table of
//! failures, and the dialects. The helpers here serve the tests of `body`, `headers` and `vapid`.

mod body;
mod documented;
mod headers;
mod sender;
mod vapid;

use std::collections::HashSet;

use http::{HeaderMap, HeaderName, HeaderValue};

use self::sender::{Sealing, jwt};
use super::*;
use crate::fake::At;

const NOW: u64 = 1_700_000_000;
const BASE: &str = "https://push.example.net";

/// A fake that lives at [`BASE`].
fn fake() -> WebPush {
    of(Service::Mozilla)
}

fn of(service: Service) -> WebPush {
    let fake = WebPush::of(service);
    fake.config(BASE);
    fake
}

/// A call to an endpoint, good in all parts, without a body.
fn bare(service: Service, number: usize) -> Call {
    let resource = subscription::resource(service, number);
    let (path, query) = resource.split_once('?').unwrap_or((&resource, ""));
    let call = Call {
        method: Method::POST,
        path: path.into(),
        query: query.into(),
        headers: HeaderMap::new(),
        body: Vec::new().into(),
        now_ms: NOW * 1000,
    };
    let token = jwt(&json!({"aud": BASE, "exp": NOW + 43_200, "sub": SUBJECT}));
    with(with(call, "ttl", "60"), "authorization", &format!("vapid t={token}, k={PUBLIC_KEY}"))
}

/// The same with a message that nobody sent before.
fn carrying(service: Service, number: usize, plaintext: &str) -> Call {
    let mut call = with(bare(service, number), "content-encoding", "aes128gcm");
    call.body = Sealing::fresh().seal(&Subscription::numbered(number), plaintext.as_bytes()).into();
    call
}

/// A message to subscription 0 of Mozilla's service.
fn call() -> Call {
    carrying(Service::Mozilla, 0, r#"{"title":"Hello","body":"World"}"#)
}

fn with(mut call: Call, name: &'static str, value: &str) -> Call {
    call.headers.insert(HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap());
    call
}

fn also(mut call: Call, name: &'static str, value: &str) -> Call {
    call.headers.append(HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap());
    call
}

fn without(mut call: Call, name: &'static str) -> Call {
    call.headers.remove(name);
    call
}

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
}

#[track_caller]
fn accepts(fake: &WebPush, call: &Call) -> Answer {
    let before = fake.world().delivered().len();
    let answer = fake.answer(call);
    assert_eq!((answer.status, &answer.refused), (201, &None));
    assert!(answer.body.is_empty());
    assert!(header(&answer, "location").unwrap().starts_with(&fake.base()));
    assert_eq!(fake.world().delivered().len(), before + 1);
    answer
}

/// Asserts a refusal in Mozilla's shape, and that nothing arrived.
#[track_caller]
fn refuses(fake: &WebPush, call: &Call, status: u16, errno: impl Into<Option<u16>>) {
    let answer = refusal(fake, call, status);
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    let names: Vec<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["code", "errno", "error", "message", "more_info"]);
    assert_eq!((&body["code"], &body["errno"]), (&json!(status), &json!(errno.into())), "{:?}", answer.refused);
    assert_eq!(body["message"].as_str(), answer.refused.as_deref());
    assert_eq!(header(&answer, "content-type"), Some("application/json"));
}

#[track_caller]
fn refusal(fake: &WebPush, call: &Call, status: u16) -> Answer {
    let before = fake.world().delivered().len();
    let answer = fake.answer(call);
    assert_eq!(answer.status, status, "{:?}", answer.refused);
    assert!(answer.refused.as_ref().is_some_and(|why| !why.is_empty()));
    assert_eq!(fake.world().delivered().len(), before);
    answer
}

fn pair(key: &str, value: &str) -> (String, String) {
    (key.to_owned(), value.to_owned())
}

#[test]
fn a_message_is_taken_decrypted_and_decoded() {
    let plain = r#"{"title":"订单","body":"text","icon":"i","data":{"url":"https://example.com/o","b":"2","a":1}}"#;
    let call = with(carrying(Service::Mozilla, 3, plain), "topic", "order-17");
    let call = with(with(call, "urgency", "high"), "content-type", "application/octet-stream");
    let fake = fake();
    assert_eq!(fake.purpose(&call), Purpose::Send);
    let answer = accepts(&fake, &call);
    assert_eq!(header(&answer, "ttl"), Some("60"));
    let seen = fake.world().delivered().remove(0);
    assert_eq!(seen.target, fake.target(3));
    assert_eq!((seen.title.as_deref(), seen.body.as_deref()), (Some("订单"), Some("text")));
    assert_eq!(seen.data, [pair("b", "2"), pair("a", "1")]);
    assert_eq!(seen.click.as_deref(), Some("https://example.com/o"));
    assert_eq!((seen.ttl_seconds, seen.collapse.as_deref()), (Some(60), Some("order-17")));
    assert_eq!((seen.request_id, Some(seen.message_id.as_str())), (None, header(&answer, "location")));
    assert_eq!(seen.raw["icon"], "i");
}

#[test]
fn the_declarative_form_and_no_form() {
    let seen = |plain: &str| {
        let fake = fake();
        accepts(&fake, &carrying(Service::Mozilla, 0, plain));
        fake.world().delivered().remove(0)
    };
    let declared = seen(
        r#"{"web_push":8030,"notification":{"title":"t","body":"b","navigate":"https://example.com","data":{"k":"v"}}}"#,
    );
    assert_eq!((declared.title.as_deref(), declared.body.as_deref()), (Some("t"), Some("b")));
    assert_eq!(declared.click.as_deref(), Some("https://example.com"));
    assert_eq!(declared.data, [pair("k", "v")]);
    for bad in [
        r#"{"web_push":8030}"#,
        r#"{"web_push":8030,"notification":{"title":"t"}}"#,
        r#"{"web_push":8030,"notification":{"title":"t","navigate":"somewhere"}}"#,
        r#"{"web_push":8030,"notification":{"body":"b","navigate":"https://example.com"}}"#,
    ] {
        refuses(&fake(), &carrying(Service::Mozilla, 0, bad), 400, None);
    }
    let text = seen("no JSON");
    assert_eq!((text.title, text.body, text.raw), (None, None, json!("no JSON")));
    // A push without a body wakes the page, which fetches what it needs.
    let fake = fake();
    accepts(&fake, &bare(Service::Mozilla, 0));
    assert_eq!(fake.world().delivered()[0].raw, Value::Null);
}

#[test]
fn paths_and_methods() {
    let fake = fake();
    let at = |path: &str| Call { path: path.into(), ..call() };
    let swapped = |from: char, to: char| at(&call().path.replacen(from, &to.to_string(), 1));
    for path in ["/", "/wpush/v2/", "/wpush/v2/gAAAAAB", "/wpush/v2/gAAAAABabc", "/m/gAAAAAB1", "/v1/gAAAAABabc"] {
        refuses(&fake, &at(path), 404, 102);
    }
    // One character of the token, another version, another service, a query that was not there.
    let last = call().path.pop().unwrap();
    refuses(&fake, &at(&call().path.replace(last, "_")), 404, 102);
    refuses(&fake, &swapped('2', '1'), 404, 102);
    refuses(&fake, &carrying(Service::Google, 0, "{}"), 404, 102);
    refuses(&fake, &Call { query: "a=b".into(), ..call() }, 404, 102);
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        refuses(&fake, &Call { method, ..call() }, 405, None);
    }
    assert_eq!(fake.purpose(&at("/wpush/v2/gAAAAAB")), Purpose::Send);
    assert_eq!(fake.purpose(&at("/m/gAAAAAB1")), Purpose::Operate);
    assert_eq!(fake.purpose(&at("/m/1")), Purpose::Unknown);
}

#[test]
fn targets_are_subscriptions_under_the_base() {
    let fake = WebPush::new();
    let at = |target: String| {
        let json: Value = serde_json::from_str(&target).unwrap();
        let octets = |key: &str| URL_SAFE_NO_PAD.decode(json["keys"][key].as_str().unwrap()).unwrap();
        assert_eq!((octets("p256dh").len(), octets("p256dh")[0], octets("auth").len()), (65, 4, 16));
        assert!(json["expirationTime"].is_null());
        json["endpoint"].as_str().unwrap().to_owned()
    };
    assert!(at(fake.target(0)).starts_with("http://127.0.0.1/wpush/v2/"));
    let config = fake.config("http://127.0.0.1:8123");
    assert!(at(fake.target(0)).starts_with("http://127.0.0.1:8123/wpush/v2/"));
    let made: HashSet<String> = (0..50).map(|number| at(fake.target(number))).collect();
    assert_eq!(made.len(), 50);
    assert_eq!(fake.target(usize::MAX), fake.target(usize::MAX));

    let keys: Vec<&str> = config.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["vendor", "private_key", "subject", "allowed_hosts", "allow_insecure"]);
    assert_eq!(config["allowed_hosts"], json!(["127.0.0.1"]));
}

#[test]
fn browsers_that_are_gone_or_refused() {
    let fake = fake();
    fake.world().set_target(fake.target(0), TargetState::Dead);
    refuses(&fake, &call(), 410, 106);
    assert_eq!(header(&fake.answer(&call()), "cache-control"), Some("max-age=86400"));
    // A mistake in the request shows all the same.
    refuses(&fake, &without(call(), "ttl"), 400, 111);
    for code in fake.codes().iter().filter(|code| code.at == At::Target) {
        fake.world().set_target(fake.target(0), TargetState::Refused(*code));
        let row = codes::ROWS.iter().find(|row| row.code.code == code.code).unwrap();
        assert_eq!(fake.coded(&call(), code).body, refusal(&fake, &call(), row.status).body);
    }
    // The others are not concerned.
    accepts(&fake, &carrying(Service::Mozilla, 1, "{}"));
}

#[test]
fn browsers_that_are_offline() {
    let fake = fake();
    fake.disconnect(0);
    let send = |plain: &str, ttl: &str, topic: Option<&str>| {
        let call = with(carrying(Service::Mozilla, 0, plain), "ttl", ttl);
        let answer = fake.answer(&topic.map_or(call.clone(), |topic| with(call, "topic", topic)));
        assert_eq!((answer.status, header(&answer, "ttl")), (201, Some(ttl)));
    };
    send("now or never", "0", None);
    send("first", "600", Some("a"));
    send("other", "600", Some("b"));
    send("short", "10", None);
    send("second", "600", Some("a"));
    send("gone by a topic", "600", Some("c"));
    send("to remove it", "0", Some("c"));
    assert!(fake.world().delivered().is_empty());
    fake.reconnect(0, (NOW + 60) * 1000);
    let seen: Vec<Value> = fake.world().delivered().into_iter().map(|message| message.raw).collect();
    assert_eq!(seen, ["other", "second"]);
    accepts(&fake, &call());
}

#[test]
fn a_message_that_waits_can_be_taken_back() {
    let fake = fake();
    fake.disconnect(0);
    let answer = fake.answer(&call());
    let place = header(&answer, "location").unwrap().to_owned();
    let bare = without(without(bare(Service::Mozilla, 0), "ttl"), "authorization");
    let cancel = |path: &str, method: Method| Call { path: path.into(), method, ..bare.clone() };
    let path = place.strip_prefix(BASE).unwrap();
    assert_eq!(fake.purpose(&cancel(path, Method::DELETE)), Purpose::Operate);
    assert_eq!(fake.answer(&cancel(&format!("{path}0"), Method::DELETE)).status, 404);
    assert_eq!(fake.answer(&cancel(path, Method::POST)).status, 405);
    let answer = fake.answer(&cancel(path, Method::DELETE));
    assert_eq!((answer.status, &answer.body[..]), (200, &b"{}"[..]));
    fake.reconnect(0, NOW * 1000);
    assert!(fake.world().delivered().is_empty());
    // Others do not say that they can.
    let google = of(Service::Google);
    assert_eq!(google.answer(&cancel(path, Method::DELETE)).status, 404);
}
