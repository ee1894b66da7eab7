//! Golden vectors by step, and the mapping of single fields. The suite tests behaviour.

use omnipush_core::{Class, Cx, Encoded, Item, Overflow, Remedy, Secret, Target};
use serde_json::{Value, json};

use super::*;

fn vivo() -> Vivo {
    let secret = Secret::new("sec-demo-fedcba9876543210 ");
    Vivo::new(Config::new(100_004, Secret::new("ak-demo-0123456789abcdef"), secret))
}

fn encode(n: Value, shape: Shape) -> Result<Encoded, EncodeError> {
    let n: Notification = serde_json::from_value(n).unwrap();
    vivo().encode(&n, shape, &mut Cx { now_ms: 1_700_000_000_000, rng: &mut |_| {}, overflow: Overflow::Refuse })
}

fn body(n: Value) -> Value {
    let encoded = encode(n, Shape::One).unwrap();
    let target = Target::new("r1");
    let items = [Item { encoded: &encoded, target: &target }];
    let set = Set { shape: Shape::One, items: &items, ticket: "", request_id: "id-1" };
    serde_json::from_slice(&encoded.body.fill(&set)).unwrap()
}

/// The worked example of the sign-in; the secret's trailing blank is not part of it.
#[test]
fn sign_in_vector() {
    assert_eq!(auth::signature(&vivo().config, 1_700_000_000_000), "7bdab343cd60e773575329b8b1dfd3f9");
}

#[test]
fn the_least_message() {
    assert_eq!(
        body(json!({"title": "t", "body": "b", "category": "IM"})),
        json!({"appId": 100_004, "regId": "r1", "requestId": "id-1", "title": "t", "content": "b", "notifyType": 4,
               "skipType": 1, "classification": 1, "category": "IM"})
    );
}

#[test]
fn clicks() {
    for (click, kind, content) in [
        (json!("app"), 1, None),
        (json!({"url": "https://example.com/a"}), 2, Some("https://example.com/a")),
        (json!({"url": "myapp://a"}), 4, Some("myapp://a")),
        (json!({"intent": "intent:#Intent;component=a.b/.C;end"}), 4, Some("intent:#Intent;component=a.b/.C;end")),
        (json!({"activity": "a.b/.C"}), 4, Some("intent:#Intent;component=a.b/.C;end")),
    ] {
        let body = body(json!({"title": "t", "body": "b", "click": click}));
        assert_eq!((body["skipType"].as_i64(), body["skipContent"].as_str()), (Some(kind), content), "{click}");
    }
    let lossy = encode(json!({"title": "t", "body": "b", "click": {"action": "a.b.OPEN"}}), Shape::One).unwrap();
    assert_eq!(lossy.losses.len(), 1);
    let error = encode(json!({"title": "t", "body": "b", "click": {"activity": "a.b.C"}}), Shape::One).unwrap_err();
    assert!(error.to_string().contains("needs a package"), "{error}");
}

#[test]
fn rules_across_fields() {
    for (n, part) in [
        (json!({"category": "IM", "vendors": {"vivo": {"classification": 0}}}), "10097"),
        (json!({"category": "im"}), "is none of"),
        (json!({"kind": "background"}), "no data-only"),
        (json!({"dry_run": true}), "no dry run"),
        (json!({"vendors": {"vivo": {"networkType": 1}}}), "unknown field `networkType`"),
        (json!({"vendors": {"vivo": {"network_type": 0}}}), "networkType"),
        (json!({"vendors": {"vivo": {"push_mode": 1, "callback": "https://a"}}}), "receipts"),
        (json!({"title": "t".repeat(41)}), "title: has 41 characters; at most 40"),
        (json!({"data": {"k": "v".repeat(1024)}}), "has 1025 characters; at most 1024"),
        (
            json!({"data": (0..11).map(|i| (i.to_string(), "v".into())).collect::<serde_json::Map<_, _>>()}),
            "11 entries",
        ),
    ] {
        let mut all = json!({"title": "t", "body": "b"});
        all.as_object_mut().unwrap().extend(n.as_object().unwrap().clone());
        let error = encode(all, Shape::One).unwrap_err().to_string();
        assert!(error.contains(part), "{n}: {error}");
    }
}

#[test]
fn ttl_is_moved_into_the_range_and_zero_means_online_only() {
    assert_eq!(body(json!({"title": "t", "body": "b", "ttl_seconds": 5}))["timeToLive"], 60);
    let now = body(json!({"title": "t", "body": "b", "ttl_seconds": 0}));
    assert_eq!((now.get("timeToLive"), &now["sendOnline"]), (None, &json!(true)));
}

#[test]
fn a_list_carries_no_target_specific_fields() {
    let n = json!({"title": "t", "body": "b", "vendors": {"vivo": {"callback": "https://a", "profile_id": "p"}}});
    let encoded = encode(n, Shape::List).unwrap();
    let saved = String::from_utf8_lossy(encoded.body.literal());
    assert!(!saved.contains("extra") && !saved.contains("profileId") && !saved.contains("regId"), "{saved}");
    assert!(String::from_utf8_lossy(encoded.push.literal()).contains("\"regIds\":[]"));
}

#[test]
fn every_invalid_user_status_has_its_own_fate() {
    let encoded = encode(json!({"title": "t", "body": "b"}), Shape::List).unwrap();
    let targets: Vec<Target> = ["a", "b", "c", "d", "e"].map(Target::new).into();
    let items: Vec<Item<'_>> = targets.iter().map(|target| Item { encoded: &encoded, target }).collect();
    let set = Set { shape: Shape::List, items: &items, ticket: "77", request_id: "" };
    let users = json!([{"status": 1, "userid": "a"}, {"status": 2, "userid": "b"}, {"status": 3, "userid": "c"},
                       {"status": 4, "userid": "d"}, {"status": 1, "userid": "never sent"}]);
    let reply = Reply::new(200, json!({"result": 0, "desc": "ok", "invalidUsers": users}).to_string());
    let Outcome::Each(verdicts) = response::decode(&reply, &set) else { panic!("a partial success") };
    let classes: Vec<Option<Class>> = verdicts.iter().map(|v| v.refusal().map(|r| r.class)).collect();
    use Class::{InvalidRequest, InvalidToken, Unknown};
    assert_eq!(classes, [Some(InvalidToken), Some(InvalidToken), Some(Unknown), Some(InvalidRequest), None]);
    assert_eq!(verdicts[4].message_id(), Some("77"));
}

#[test]
fn codes_that_the_engine_cures() {
    for (result, remedy) in [(10000, Remedy::NewToken), (10155, Remedy::NewTicket), (10207, Remedy::Resign)] {
        let reply = Reply::new(200, json!({"result": result, "desc": "x"}).to_string());
        assert_eq!(response::check(&reply).unwrap_err().remedy, remedy, "{result}");
    }
}
