//! Channel management: every call right and wrong.

use super::*;
use crate::fakes::apns::channels::{CHANNEL, MOST};

/// A call without headers but the token's.
fn manage(method: Method, what: &str) -> Call {
    let call = without(without(call(), "apns-topic"), "apns-push-type");
    Call { method, path: format!("/1/apps/{BUNDLE_ID}/{what}"), body: Default::default(), ..call }
}

fn creation(body: Value) -> Call {
    carrying(manage(Method::POST, "channels"), &body)
}

fn good() -> Value {
    json!({"message-storage-policy": 1, "push-type": "LiveActivity"})
}

/// Serves a call that is good and gives the answer.
#[track_caller]
fn served(fake: &Apns, call: &Call, status: u16) -> Answer {
    let answer = fake.answer(call);
    assert_eq!((answer.status, answer.refused.as_deref()), (status, None));
    assert!(header(&answer, "apns-id").is_none() && headers_has_id(&answer));
    answer
}

#[test]
fn a_channel_lives_from_its_creation_to_its_deletion() {
    let fake = Apns::new();
    let answer = served(&fake, &with(creation(good()), "apns-request-id", ID), 201);
    assert!(answer.body.is_empty());
    assert_eq!(header(&answer, "apns-request-id"), Some(ID));
    let id = header(&answer, CHANNEL).unwrap().to_owned();
    served(&fake, &creation(json!({"message-storage-policy": 0, "push-type": "liveactivity"})), 201);

    let one = |method: Method| with(manage(method, "channels"), CHANNEL, &id);
    let body = |answer: Answer| serde_json::from_slice::<Value>(&answer.body).unwrap();
    assert_eq!(body(served(&fake, &one(Method::GET), 200)), good());
    let listed = body(served(&fake, &manage(Method::GET, "all-channels"), 200));
    assert_eq!((listed["channels"][0].as_str(), listed["channels"].as_array().unwrap().len()), (Some(id.as_str()), 2));

    assert!(served(&fake, &one(Method::DELETE), 204).body.is_empty());
    refuses(&fake, &one(Method::GET), 400, "ChannelNotRegistered");
    refuses(&fake, &one(Method::DELETE), 400, "ChannelNotRegistered");
    assert_eq!(fake.purpose(&one(Method::GET)), Purpose::Operate);
    assert_eq!(fake.purpose(&manage(Method::GET, "all-channels")), Purpose::Operate);
}

#[test]
fn what_is_no_creation() {
    let fake = Apns::new();
    for (body, reason) in [
        (json!({"push-type": "LiveActivity"}), "MissingChannelQueueSize"),
        (json!({"message-storage-policy": 2, "push-type": "LiveActivity"}), "MissingChannelQueueSize"),
        (json!({"message-storage-policy": "1", "push-type": "LiveActivity"}), "MissingChannelQueueSize"),
        (json!({"message-storage-policy": true, "push-type": "LiveActivity"}), "MissingChannelQueueSize"),
        (json!({"message-storage-policy": 1}), "MissingPushType"),
        (json!({"message-storage-policy": 1, "push-type": "alert"}), "InvalidPushType"),
        (json!({"message-storage-policy": 1, "push-type": 1}), "InvalidPushType"),
        (json!({"message-storage-policy": 1, "push-type": "LiveActivity", "name": "x"}), "BadRequestParams"),
        (json!([]), "BadRequestPayload"),
    ] {
        refuses(&fake, &creation(body), 400, reason);
    }
    refuses(&fake, &Call { body: "{".into(), ..creation(good()) }, 400, "BadRequestPayload");
    refuses(&fake, &manage(Method::POST, "channels"), 400, "PayloadEmpty");
}

#[test]
fn there_is_a_most_of_channels() {
    let fake = Apns::new();
    (0..MOST).for_each(|_| drop(fake.channels.make(false).unwrap()));
    refuses(&fake, &creation(good()), 400, "CannotCreateChannelConfig");
}

#[test]
fn headers_paths_and_methods() {
    let fake = Apns::new();
    let id = fake.channels.first();
    let read = || with(manage(Method::GET, "channels"), CHANNEL, &id);
    refuses(&fake, &without(read(), CHANNEL), 400, "MissingChannelId");
    refuses(&fake, &with(read(), CHANNEL, "%"), 400, "BadChannelId");
    refuses(&fake, &with(read(), CHANNEL, "AAAAAAAAAAAAAAAAAAAAAA=="), 400, "ChannelNotRegistered");
    refuses(&fake, &with(read(), "apns-request-id", "x"), 400, "BadMessageId");
    refuses(&fake, &with(read(), "apns-topic", BUNDLE_ID), 400, "BadRequestParams");
    refuses(&fake, &with(creation(good()), CHANNEL, &id), 400, "BadRequestParams");
    refuses(&fake, &without(read(), "authorization"), 403, "MissingProviderToken");
    refuses(&fake, &Call { body: "{}".into(), ..read() }, 400, "BadRequestPayload");
    for (method, what) in [(Method::PUT, "channels"), (Method::POST, "all-channels"), (Method::DELETE, "all-channels")]
    {
        refuses(&fake, &manage(method, what), 405, "MethodNotAllowed");
    }
    // The id stands in a header, not in the path.
    refuses(&fake, &manage(Method::GET, &format!("channels/{id}")), 404, "BadPath");
    refuses(&fake, &manage(Method::GET, "channel"), 404, "BadPath");
    let app = |id: &str| Call { path: format!("/1/apps/{id}/channels"), ..creation(good()) };
    refuses(&fake, &app(""), 404, "BadPath");
    refuses(&fake, &app("com.example.app.push-type.liveactivity"), 400, "TopicDisallowed");
    refuses(&fake, &app("com.example.other"), 403, "TopicMismatch");
}

#[test]
fn the_trials_come_true() {
    let fake = Apns::new();
    for _ in 0..2 {
        let trials = fake.operations();
        let found = |at: usize| format!("{:?}", trials[at].found);
        let listed = fake.answer(&manage(Method::GET, "all-channels"));
        let body: Value = serde_json::from_slice(&listed.body).unwrap();
        for id in body["channels"].as_array().unwrap() {
            assert!(found(0).contains(id.as_str().unwrap()));
        }
        let made = served(&fake, &creation(good()), 201);
        assert!(found(2).contains(header(&made, CHANNEL).unwrap()));
        for code in trials.iter().flat_map(|trial| &trial.codes) {
            assert!(codes::ROWS.iter().any(|row| row.code.code == code.code), "{}", code.code);
        }
    }
}
