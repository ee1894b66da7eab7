//! What a message may hold, field by field.

use super::*;

#[test]
fn a_full_single_push_is_taken_and_decoded() {
    let lab = Lab::new();
    let link = "intent://host/path?k=v#Intent;scheme=myapp;launchFlags=0x10000000;component=pkg/.Activity;end";
    let body = merged(
        single(&lab.0),
        &json!({
            "title": "题".repeat(40), "content": "😀".repeat(100), "timeToLive": 604_800, "skipType": 4, "skipContent": link,
            "clientCustomMap": {"b": "2", "a": "1"}, "notifyId": 2_147_483_647, "profileId": "u1", "foregroundShow": false,
            "extra": {"callback": "https://example.com/r", "callback.param": "p".repeat(192), "callback.id": "7"},
            "pushMode": 0, "addBadge": true, "sendOnline": false, "tagExpression": {}, "marketing": {"styleType": 1},
            "auditReview": [{"reviewer": "x", "pass": true}],
            "timedDisplay": {"overtimeDisplay": true, "showStartTime": NOW + 660_000, "showEndTime": (NOW + 1_000_000).to_string()},
        }),
    );
    let mut call = lab.call(PATH_SEND, &body);
    call.headers.insert("content-type", "application/json;charset=UTF-8".parse().unwrap());
    call.headers.insert("content-encoding", "UTF-8".parse().unwrap());
    let answer = lab.0.answer(&call);
    assert_eq!((code_of(&answer).as_str(), &answer.refused), ("0", &None));
    let task_id = json_of(&answer)["taskId"].as_str().unwrap().to_owned();
    assert!(task_id.bytes().all(|b| b.is_ascii_digit()));
    let [got] = &lab.0.world().delivered()[..] else { panic!("one delivery") };
    assert_eq!((&got.target, &got.message_id), (&lab.0.target(0), &task_id));
    assert_eq!(got.title.as_deref(), Some("题".repeat(40).as_str()));
    assert_eq!(got.body.as_deref(), Some("😀".repeat(100).as_str()));
    assert_eq!(got.data, [("b".into(), "2".into()), ("a".into(), "1".into())]);
    assert_eq!((got.click.as_deref(), got.ttl_seconds), (Some(link), Some(86_400)));
    assert_eq!((got.collapse.as_deref(), got.request_id.as_deref()), (Some("2147483647"), Some("request-1")));
    assert_eq!(got.raw, body);
}

#[test]
fn messages_are_checked() {
    let web = |length: usize| format!("https://a.b/{:x<1$}", "", length - 12);
    let timed = |start: u64, minutes: u64| json!({"timedDisplay": {"showStartTime": NOW + start * 60_000, "showEndTime": NOW + (start + minutes) * 60_000}});
    let operational = json!({"classification": 0, "category": "MARKETING"});
    let pairs =
        |count: usize| json!({"clientCustomMap": (0..count).map(|n| (n.to_string(), json!("v"))).collect::<Object>()});
    let cases = [
        (json!({"appId": null}), "10200"),
        (json!({"appId": APP_ID + 1}), "10094"),
        (json!({"appId": "100004"}), "10094"),
        (json!({"requestId": null}), "10352"),
        (json!({"requestId": 1}), "10352"),
        (json!({"requestId": "r".repeat(64)}), "0"),
        (json!({"requestId": "r".repeat(65)}), "10353"),
        (json!({"notifyType": null}), "10054"),
        (json!({"notifyType": "4"}), "10054"),
        (json!({"notifyType": 0}), "10054"),
        (json!({"title": null}), "10055"),
        (json!({"title": " "}), "10055"),
        (json!({"title": "题".repeat(41)}), "10056"),
        (json!({"content": ""}), "10057"),
        (json!({"content": "x".repeat(101)}), "10058"),
        (json!({"timeToLive": 60}), "0"),
        (json!({"timeToLive": 59}), "10059"),
        (json!({"timeToLive": 0}), "10059"),
        (json!({"timeToLive": "3600"}), "10059"),
        (json!({"timeToLive": 90.5}), "10059"),
        (json!({"skipType": null}), "10060"),
        (json!({"skipType": 5}), "10060"),
        (json!({"skipType": 2}), "10061"),
        (json!({"skipType": 2, "skipContent": web(2048)}), "0"),
        (json!({"skipType": 2, "skipContent": web(2049)}), "10062"),
        (json!({"skipType": 2, "skipContent": "myapp://x"}), "HTTP 400"),
        (json!({"skipType": 3, "skipContent": ""}), "10063"),
        (json!({"skipType": 3, "skipContent": "x".repeat(2049)}), "10064"),
        (json!({"skipType": 3, "skipContent": "anything"}), "0"),
        (json!({"skipType": 4}), "10068"),
        (json!({"skipType": 4, "skipContent": "x".repeat(2049)}), "10069"),
        (json!({"skipType": 4, "skipContent": "myapp://x/y"}), "0"),
        (json!({"skipType": 4, "skipContent": "com.example.Activity"}), "HTTP 400"),
        (json!({"skipType": 4, "skipContent": "intent://a/b#Intent;scheme=x"}), "HTTP 400"),
        (json!({"skipType": 1, "skipContent": "https://a.b"}), "HTTP 400"),
        (json!({"skipType": 1, "skipContent": ""}), "0"),
        (json!({"networkType": 0}), "10065"),
        (json!({"networkType": "-1"}), "10065"),
        (pairs(10), "0"),
        (pairs(11), "10066"),
        (json!({"clientCustomMap": {"k": 1}}), "10067"),
        (json!({"clientCustomMap": {"": "v"}}), "10067"),
        (json!({"clientCustomMap": "k=v"}), "10067"),
        (json!({"clientCustomMap": {"key": "值".repeat(1021)}}), "0"),
        (json!({"clientCustomMap": {"key": "值".repeat(1022)}}), "10067"),
        (json!({"notifyId": 0}), "10095"),
        (json!({"notifyId": 2_147_483_648_i64}), "10095"),
        (json!({"notifyId": "1"}), "10095"),
        (json!({"classification": 2}), "11000"),
        (json!({"classification": "1"}), "11000"),
        (json!({"classification": null}), "0"),
        (json!({"category": null}), "0"),
        (json!({"category": null, "classification": null}), "11000"),
        (json!({"category": "order"}), "10096"),
        (json!({"category": ""}), "10096"),
        (json!({"category": "BILLS"}), "10096"),
        (json!({"category": "MARKETING"}), "10097"),
        (json!({"classification": 0}), "10097"),
        (operational.clone(), "0"),
        (json!({"sendOnline": 1}), "HTTP 400"),
        (json!({"foregroundShow": "true"}), "HTTP 400"),
        (json!({"pushMode": 2}), "HTTP 400"),
        (json!({"notify_id": 7}), "HTTP 400"),
        (json!({"tagExpression": {"orTags": ["a"]}}), "HTTP 400"),
        (json!({"extra": {"unknown": "x"}}), "10304"),
        (json!({"extra": "x"}), "10304"),
        (timed(11, 119), "0"),
        (timed(9, 20), "HTTP 400"),
        (timed(11, 120), "HTTP 400"),
        (timed(11, 0), "HTTP 400"),
        (timed(11 * 60 + 50, 30), "HTTP 400"),
        (timed(11 * 60 + 10, 10), "0"),
        (merged(operational.clone(), &timed(11 * 60 + 10, 10)), "10071"),
        (json!({"timedDisplay": {"showStartTime": NOW + 660_000}}), "HTTP 400"),
    ];
    for (change, code) in cases {
        for path in [PATH_SEND, PATH_SAVE] {
            let lab = Lab::new();
            let body = if path == PATH_SEND { single(&lab.0) } else { message() };
            let answer = lab.post(path, &merged(body, &change));
            assert_eq!(code_of(&answer), code, "{path} {change}: {:?}", answer.refused);
            assert_eq!(answer.refused.is_none(), code == "0", "{path} {change}");
        }
    }
}

#[test]
fn fields_of_a_single_push_are_its_own() {
    let extra = |name: &str, length: usize| json!({"extra": {name: format!("https://{}", "x".repeat(length - 8))}});
    let cases = [
        (json!({"regId": null}), "10050"),
        (json!({"regId": null, "alias": "me"}), "10050"),
        (json!({"regId": 1}), "10050"),
        (json!({"alias": "a".repeat(70)}), "0"),
        (json!({"alias": "a".repeat(71)}), "10301"),
        (json!({"profileId": "p".repeat(65)}), "HTTP 400"),
        (json!({"extra": {"callback": "example.com"}}), "HTTP 400"),
        (json!({"extra": {"callback.id": true}}), "HTTP 400"),
        (extra("callback", 128), "0"),
        (extra("callback", 129), "10305"),
        (extra("callback.param", 193), "10306"),
        (merged(extra("callback", 20), &json!({"pushMode": 1})), "10304"),
    ];
    for (change, code) in cases {
        let lab = Lab::new();
        assert_eq!(code_of(&lab.post(PATH_SEND, &merged(single(&lab.0), &change))), code, "{change}");
    }
    let lab = Lab::new();
    for (change, code) in [
        (json!({"regId": lab.0.target(0)}), "HTTP 400"),
        (json!({"alias": "me"}), "HTTP 400"),
        (json!({"profileId": "u"}), "HTTP 400"),
        (extra("callback", 20), "10304"),
    ] {
        assert_eq!(code_of(&lab.post(PATH_SAVE, &merged(message(), &change))), code, "{change}");
    }
}

#[test]
fn habits_are_off_unless_asked_for() {
    let operational = json!({"classification": 0, "category": "SOCIAL"});
    let night = |fake: Vivo, change: &Value| {
        let lab = Lab::of(fake);
        let mut call = lab.call(PATH_SEND, &merged(single(&lab.0), change));
        call.now_ms += 11 * 3_600_000;
        code_of(&lab.0.answer(&call))
    };
    assert_eq!(night(Vivo::new(), &operational), "0");
    assert_eq!(night(Vivo::new().with(Habit::KeepsHours), &operational), "10071");
    assert_eq!(night(Vivo::new().with(Habit::KeepsHours), &json!({})), "0");
    for (title, code) in [("12345", "10104"), ("Hello you", "10104"), ("…!?", "10104"), ("[a]订单", "10104")] {
        let lab = Lab::of(Vivo::new().with(Habit::ReadsWording));
        let body = |mode: u8| merged(single(&lab.0), &json!({"title": title, "pushMode": mode}));
        assert_eq!(code_of(&lab.post(PATH_SEND, &body(0))), code, "{title}");
        assert_eq!(code_of(&lab.post(PATH_SEND, &body(1))), "0", "{title}");
        assert_eq!(code_of(&Lab::new().post(PATH_SEND, &body(0))), "0", "{title}");
    }
    let lab = Lab::of(Vivo::new().with(Habit::ReadsWording));
    assert_eq!(code_of(&lab.post(PATH_SEND, &single(&lab.0))), "0");
    let body = merged(single(&lab.0), &json!({"requestId": "2", "content": "这是测试"}));
    assert_eq!(code_of(&lab.post(PATH_SEND, &body)), "10104");
}

#[test]
fn direct_push_does_not_live() {
    let lab = Lab::new();
    lab.post(PATH_SEND, &merged(single(&lab.0), &json!({"sendOnline": true})));
    assert_eq!(lab.0.world().delivered()[0].ttl_seconds, Some(0));
}
