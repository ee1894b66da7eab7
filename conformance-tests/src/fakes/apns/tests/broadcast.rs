//! Broadcasts: every header right, wrong and absent, what may be said, and the state of the channel.

use super::*;
use crate::fakes::apns::channels::CHANNEL;

/// An update that is good in all parts, to a channel that keeps messages.
fn update(fake: &Apns) -> Call {
    saying(fake, "update", json!({}))
}

fn saying(fake: &Apns, event: &str, more: Value) -> Call {
    let mut aps = json!({"timestamp": NOW, "event": event, "content-state": {"score": "2:1"}});
    aps.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let call = without(without(call(), "apns-topic"), "apns-id");
    let call = Call { path: format!("/4/broadcasts/apps/{BUNDLE_ID}"), ..carrying(call, &json!({ "aps": aps })) };
    let headers = [("apns-push-type", "liveactivity"), ("apns-priority", "5"), ("apns-expiration", "0")];
    let call = headers.into_iter().fold(call, |call, (name, value)| with(call, name, value));
    with(call, CHANNEL, &fake.channels.first())
}

#[test]
fn an_update_and_an_end_reach_the_channel() {
    let fake = Apns::new();
    let answer = fake.answer(&with(update(&fake), "apns-request-id", ID));
    assert_eq!((answer.status, answer.refused.as_deref()), (200, None));
    assert_eq!((header(&answer, "apns-request-id"), header(&answer, "apns-id")), (Some(ID), None));
    accepts(&fake, &saying(&fake, "end", json!({"dismissal-date": NOW, "alert": {"title": "Over", "body": "2:1"}})));
    accepts(&fake, &with(update(&fake), "apns-push-type", "LiveActivity"));
    // As one of Apple's samples has it.
    accepts(&fake, &with(update(&fake), "apns-id", ID));
    let delivered = fake.world().delivered();
    assert_eq!(delivered.len(), 4);
    assert!(delivered.iter().all(|one| one.target == fake.channels.first()));
    assert_eq!((delivered[0].request_id.as_deref(), delivered[0].message_id.as_str()), (Some(ID), ID));
    assert_eq!(delivered[1].title.as_deref(), Some("Over"));
    assert_eq!(fake.purpose(&update(&fake)), Purpose::Send);
}

#[test]
fn what_a_broadcast_may_not_say() {
    let fake = Apns::new();
    let start = json!({"attributes-type": "Game", "attributes": {}, "alert": {"title": "t", "body": "b"}});
    refuses(&fake, &saying(&fake, "start", start), 400, "BadRequestPayload");
    refuses(&fake, &saying(&fake, "update", json!({"dismissal-date": NOW})), 400, "BadRequestPayload");
    refuses(&fake, &carrying(update(&fake), &json!({"aps": {"badge": 1}})), 400, "InvalidPushType");
    refuses(&fake, &Call { body: "".into(), ..update(&fake) }, 400, "PayloadEmpty");
    let sized = |size: usize| {
        let frame = saying(&fake, "update", json!({"content-state": {"fill": ""}})).body.len();
        saying(&fake, "update", json!({"content-state": {"fill": "x".repeat(size - frame)}}))
    };
    accepts(&fake, &sized(5120));
    refuses(&fake, &sized(5121), 413, "PayloadTooLarge");
}

#[test]
fn headers_of_a_broadcast() {
    let fake = Apns::new();
    for (name, reason) in [
        (CHANNEL, "MissingChannelId"),
        ("apns-push-type", "MissingPushType"),
        ("apns-priority", "BadPriority"),
        ("apns-expiration", "BadExpirationDate"),
    ] {
        refuses(&fake, &without(update(&fake), name), 400, reason);
    }
    refuses(&fake, &without(update(&fake), "authorization"), 403, "MissingProviderToken");
    let long = "A".repeat(132);
    for (name, value, reason) in [
        (CHANNEL, "no base64!", "BadChannelId"),
        (CHANNEL, long.as_str(), "BadChannelId"),
        (CHANNEL, "AAAAAAAAAAAAAAAAAAAAAA==", "ChannelNotRegistered"),
        ("apns-push-type", "alert", "InvalidPushType"),
        ("apns-priority", "7", "BadPriority"),
        ("apns-expiration", "soon", "BadExpirationDate"),
        ("apns-request-id", "1", "BadMessageId"),
        ("apns-topic", BUNDLE_ID, "BadRequestParams"),
        ("apns-collapse-id", "x", "BadRequestParams"),
    ] {
        refuses(&fake, &with(update(&fake), name, value), 400, reason);
    }
    let mut twice = update(&fake);
    twice.headers.append("apns-priority", HeaderValue::from_static("5"));
    refuses(&fake, &twice, 400, "DuplicateHeaders");
}

#[test]
fn paths_of_a_broadcast() {
    let fake = Apns::new();
    let at = |path: &str| Call { path: format!("/4/broadcasts/apps{path}"), ..update(&fake) };
    for path in ["", "/", "/com.example.app/x"] {
        refuses(&fake, &at(path), 404, "BadPath");
    }
    refuses(&fake, &at("/com.example.app.push-type.liveactivity"), 400, "TopicDisallowed");
    refuses(&fake, &at("/com.example.other"), 403, "TopicMismatch");
    refuses(&fake, &Call { method: Method::GET, ..update(&fake) }, 405, "MethodNotAllowed");
}

#[test]
fn a_message_is_kept_only_where_the_channel_keeps_it() {
    let fake = Apns::new();
    let until = |call: Call, date: u64| with(call, "apns-expiration", &date.to_string());
    accepts(&fake, &until(update(&fake), NOW + 60));
    accepts(&fake, &until(update(&fake), NOW + 90_000));
    let seen: Vec<_> = fake.world().delivered().iter().map(|one| one.ttl_seconds).collect();
    assert_eq!(seen, [Some(60), Some(8 * 3600)]);
    let fleeting = fake.channels.make(false).unwrap();
    let to = |call: Call| with(call, CHANNEL, &fleeting);
    accepts(&fake, &to(update(&fake)));
    refuses(&fake, &until(to(update(&fake)), NOW + 60), 400, "BadExpirationDate");
}

#[test]
fn channels_that_are_dead_or_refused() {
    let fake = Apns::new();
    let channel = fake.channels.first();
    fake.world().set_target(&channel, TargetState::Dead);
    refuses(&fake, &update(&fake), 400, "ChannelNotRegistered");
    let code = fake.codes().iter().find(|code| code.code.starts_with("TooManyRequests (")).unwrap();
    fake.world().set_target(&channel, TargetState::Refused(*code));
    refuses(&fake, &update(&fake), 429, "TooManyRequests");
}
