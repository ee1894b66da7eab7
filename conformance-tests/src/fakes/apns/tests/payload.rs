//! Payloads: size, every key of `aps` right and wrong, Live Activities, and what is seen of them.

use super::*;

fn aps(aps: Value) -> Call {
    carrying(call(), &json!({ "aps": aps }))
}

fn live(aps: Value) -> Call {
    typed("liveactivity", ".push-type.liveactivity", &json!({ "aps": aps }))
}

/// A copy of a dictionary with these keys set, or taken out where null.
fn but(base: &Value, changes: Value) -> Value {
    let mut map = base.as_object().unwrap().clone();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            map.remove(name);
        } else {
            map.insert(name.clone(), value.clone());
        }
    }
    map.into()
}

#[test]
fn the_size_limit_counts_bytes_and_is_wider_for_voip() {
    let fake = Apns::new();
    let sized = |size: usize| {
        let frame = json!({"aps": {"alert": ""}}).to_string().len();
        let fill = "é".repeat((size - frame) / 2) + &"x".repeat((size - frame) % 2);
        json!({"aps": {"alert": fill}})
    };
    assert_eq!(sized(4096).to_string().len(), 4096);
    accepts(&fake, &carrying(call(), &sized(4096)));
    refuses(&fake, &carrying(call(), &sized(4097)), 413, "PayloadTooLarge");
    accepts(&fake, &typed("voip", ".voip", &sized(5120)));
    refuses(&fake, &typed("voip", ".voip", &sized(5121)), 413, "PayloadTooLarge");
    refuses(&fake, &Call { body: Default::default(), ..call() }, 400, "PayloadEmpty");
}

#[test]
fn what_is_no_payload() {
    let fake = Apns::new();
    for body in ["{", "[]", "null", "{}", r#"{"k":"v"}"#, r#"{"aps":"x"}"#, r#"{"aps":null}"#, "aps=1"] {
        refuses(&fake, &Call { body: body.into(), ..call() }, 400, "BadRequestPayload");
    }
    refuses(&fake, &Call { body: b"{\"aps\":{\"alert\":\"\xff\"}}"[..].into(), ..call() }, 400, "BadRequestPayload");
    refuses(&fake, &carrying(call(), &json!({"aps": {"alert": "x"}, "k": null})), 400, "BadRequestPayload");
}

#[test]
fn values_of_the_keys_of_aps() {
    let fake = Apns::new();
    let good = [
        json!({"alert": "text"}),
        json!({"alert": {"launch-image": "a.png", "action": "Go", "action-loc-key": "GO", "title": "t"}}),
        json!({"badge": 0}),
        json!({"sound": {"critical": 1, "name": "alarm.aiff", "volume": 0.5}}),
        json!({"alert": "text", "content-available": 1, "url-args": ["a", "b"], "relevance-score": 1}),
        json!({"alert": "text", "interruption-level": "time-sensitive"}),
    ];
    for value in good {
        accepts(&fake, &aps(value));
    }
    let wrong = [
        json!({"alert": 1}),
        json!({"alert": ["x"]}),
        json!({"alert": {"title": 1}}),
        json!({"alert": {"title": {"loc-key": "only in Live Activities"}}}),
        json!({"alert": {"loc-key": "k", "loc-args": "a"}}),
        json!({"alert": {"loc-key": "k", "loc-args": [1]}}),
        json!({"alert": {"body": "b", "loc-args": ["a"]}}),
        json!({"alert": {"title": "t", "title-loc-args": ["a"]}}),
        json!({"badge": -1}),
        json!({"badge": "1"}),
        json!({"badge": 1.5}),
        json!({"alert": "x", "sound": 1}),
        json!({"sound": {"critical": true}}),
        json!({"sound": {"critical": 1, "volume": 1.1}}),
        json!({"alert": "x", "content-available": true}),
        json!({"alert": "x", "content-available": 0}),
        json!({"alert": "x", "mutable-content": "1"}),
        json!({"badge": 1, "mutable-content": 1}),
        json!({"alert": "x", "thread-id": 7}),
        json!({"alert": "x", "category": null}),
        json!({"alert": "x", "interruption-level": "urgent"}),
        json!({"alert": "x", "interruption-level": "timeSensitive"}),
        json!({"alert": "x", "relevance-score": 1.5}),
        json!({"alert": "x", "relevance-score": "1"}),
        json!({"alert": "x", "url-args": "a"}),
    ];
    for value in wrong {
        refuses(&fake, &aps(value), 400, "BadRequestPayload");
    }
    let misspelt = [
        json!({"alert": "x", "threadId": "t"}),
        json!({"alert": "x", "thread_id": "t"}),
        json!({"alert": {"text": "x"}}),
        json!({"alert": {"title": "x", "sound": "only in Live Activities"}}),
        json!({"sound": {"file": "x"}}),
        json!({"alert": "x", "my-own": 1}),
    ];
    for value in misspelt {
        refuses(&fake, &aps(value), 400, "BadRequestParams");
    }
}

#[test]
fn a_flag_of_0_is_for_the_lenient() {
    let off = aps(json!({"alert": "x", "mutable-content": 0}));
    accepts(&Apns::new().lenient(), &off);
    refuses(&Apns::new(), &off, 400, "BadRequestPayload");
    refuses(&Apns::new().lenient(), &aps(json!({"alert": "x", "mutable-content": 2})), 400, "BadRequestPayload");
}

#[test]
fn a_payload_must_be_what_its_push_type_says() {
    let fake = Apns::new();
    for value in [json!({}), json!({"content-available": 1}), json!({"alert": "x", "event": "end"})] {
        refuses(&fake, &aps(value), 400, "InvalidPushType");
    }
    refuses(&fake, &aps(json!({"alert": "x", "content-changed": true})), 400, "InvalidPushType");
    let background = |aps: Value| typed("background", "", &json!({ "aps": aps }));
    for extra in [json!({"alert": "x"}), json!({"badge": 1}), json!({"sound": "default"}), json!({"category": "c"})] {
        refuses(&fake, &background(but(&extra, json!({"content-available": 1}))), 400, "InvalidPushType");
    }
    refuses(&fake, &background(json!({})), 400, "BadRequestPayload");
    refuses(&fake, &background(json!({"content-available": 1, "content-availabel": 1})), 400, "BadRequestParams");
    refuses(&fake, &live(json!({"alert": "x"})), 400, "BadRequestPayload");
}

#[test]
fn live_activities() {
    let fake = Apns::new();
    let update = json!({"timestamp": NOW, "event": "update", "content-state": {"score": 1}});
    let start = but(
        &update,
        json!({"event": "start", "attributes-type": "Game", "attributes": {}, "alert": {"title": "Go", "body": "!"}}),
    );
    let end = but(&update, json!({"event": "end"}));
    let localised = json!({"title": {"loc-key": "%@ to %@", "loc-args": ["1", "0"]}, "body": "b", "sound": "c.aiff"});
    for good in [
        update.clone(),
        but(&update, json!({"stale-date": NOW + 60, "relevance-score": 75, "alert": localised})),
        start.clone(),
        but(&start, json!({"input-push-token": 1})),
        but(&start, json!({"input-push-channel": "dHN0LXNyY2gtY2hubA=="})),
        end.clone(),
        but(&end, json!({"dismissal-date": NOW - 60})),
    ] {
        accepts(&fake, &live(good));
    }
    assert_eq!(fake.world().delivered()[1].title.as_deref(), Some("1 to 0"));
    for bad in [
        but(&update, json!({"timestamp": null})),
        but(&update, json!({"timestamp": NOW * 1000})),
        but(&update, json!({"timestamp": NOW.to_string()})),
        but(&update, json!({"event": null})),
        but(&update, json!({"event": "stop"})),
        but(&update, json!({"content-state": null})),
        but(&end, json!({"content-state": null})),
        but(&update, json!({"content-state": "{}"})),
        but(&update, json!({"alert": "text"})),
        but(&update, json!({"stale-date": "soon"})),
        but(&update, json!({"dismissal-date": NOW})),
        but(&start, json!({"dismissal-date": NOW})),
        but(&update, json!({"attributes": {}})),
        but(&end, json!({"input-push-token": 1})),
        but(&start, json!({"attributes": null})),
        but(&start, json!({"attributes-type": null})),
        but(&start, json!({"alert": null})),
        but(&start, json!({"input-push-token": true})),
        but(&start, json!({"input-push-channel": "not base64!"})),
    ] {
        refuses(&fake, &live(bad), 400, "BadRequestPayload");
    }
    refuses(&fake, &live(but(&update, json!({"sound": "default"}))), 400, "InvalidPushType");
    refuses(&fake, &live(but(&update, json!({"contentState": {}}))), 400, "BadRequestParams");
}

#[test]
fn what_is_seen_of_a_payload() {
    let fake = Apns::new();
    let seen = |payload: Value| {
        accepts(&fake, &carrying(call(), &payload));
        fake.world().delivered().pop().unwrap()
    };
    let text = seen(json!({"aps": {"alert": "Only text"}, "url": {"not": "a text"}}));
    assert_eq!((text.title, text.body.as_deref(), text.click), (None, Some("Only text"), None));
    assert_eq!(text.data, [("url".into(), r#"{"not":"a text"}"#.into())]);
    let keys = seen(json!({"aps": {"alert": {
        "title": "plain", "title-loc-key": "HELLO", "loc-key": "%@ and %@", "loc-args": ["A", "B"],
    }}}));
    assert_eq!((keys.title.as_deref(), keys.body.as_deref()), (Some("HELLO"), Some("A and B")));
    let silent = typed("background", "", &json!({"aps": {"content-available": 1}, "a": "1", "b": true}));
    accepts(&fake, &silent);
    let silent = fake.world().delivered().pop().unwrap();
    assert_eq!((silent.title, silent.body), (None, None));
    assert_eq!(silent.data, [("a".into(), "1".into()), ("b".into(), "true".into())]);
}
