//! Golden vectors by step, the mapping of single fields, and the rules. The suite tests behaviour.

use omnipush_core::{Class, Found, Group, GroupKind, Now, Overflow, Remedy, Scope, Secret, Target, Verdict};
use serde_json::{Value, json};

use super::*;

/// The app of the signature examples; the secret is for tests.
fn config() -> Config {
    Config::new("100999", Secret::new("0123456789abcdef0123456789abcdef"))
}

fn with(change: impl FnOnce(&mut Config)) -> Meizu {
    let mut config = config();
    change(&mut config);
    Meizu::new(config).unwrap()
}

fn meizu() -> Meizu {
    with(|_| {})
}

fn encode_by(meizu: &Meizu, n: Value, overflow: Overflow) -> Result<Encoded, EncodeError> {
    let n: Notification = serde_json::from_value(n).unwrap();
    meizu.encode(&n, Shape::List, &mut Cx { now: Now::at(0), rng: &mut |_| {}, overflow })
}

/// A title and a text with more.
fn plus(more: Value) -> Value {
    let mut all = json!({"title": "t", "body": "b"});
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    all
}

fn encode(more: Value) -> Encoded {
    encode_by(&meizu(), plus(more), Overflow::Refuse).unwrap()
}

fn message(encoded: &Encoded) -> Value {
    serde_json::from_slice(&encoded.aux).unwrap()
}

fn lost(encoded: &Encoded) -> Vec<&'static str> {
    encoded.losses.iter().map(|loss| loss.field.as_str()).collect()
}

fn request(meizu: &Meizu, encoded: &Encoded, ids: &[&str], ticket: &str) -> Request {
    let targets: Vec<Target> = ids.iter().map(|id| Target::from(*id)).collect();
    let items: Vec<Item<'_>> = targets.iter().map(|target| Item { encoded, target }).collect();
    let set = Set { shape: Shape::List, items: &items, ticket, request_id: "" };
    meizu.request(&set, &mut Cx { now: Now::at(0), rng: &mut |_| {}, overflow: Overflow::Refuse }).unwrap()
}

fn text(request: &Request) -> &str {
    std::str::from_utf8(&request.body).unwrap()
}

fn decode(reply: &Reply, ids: &[&str], ticket: &str) -> Vec<Verdict> {
    let encoded = encode(json!({}));
    let targets: Vec<Target> = ids.iter().map(|id| Target::from(*id)).collect();
    let items: Vec<Item<'_>> = targets.iter().map(|target| Item { encoded: &encoded, target }).collect();
    match response::decode(reply, &Set { shape: Shape::List, items: &items, ticket, request_id: "" }) {
        Outcome::Whole(verdict) => vec![verdict; ids.len()],
        Outcome::Each(verdicts) => verdicts,
    }
}

fn ok(value: Value) -> Reply {
    Reply::new(200, json!({"code": "200", "message": "", "value": value, "redirect": "", "msgId": "m1"}).to_string())
}

fn class(verdict: &Verdict) -> Option<Class> {
    verdict.refusal().map(|refusal| refusal.class)
}

const M2: &str = r#"{"noticeBarInfo":{"noticeMsgType":1,"noticeBarType":0,"title":"订单更新","content":"Your order = shipped & ready + 100%"},"noticeExpandInfo":{"noticeExpandType":0},"clickTypeInfo":{"clickType":1,"activity":"com.example.app.OrderActivity","parameters":{"orderId":"42"}},"pushTimeInfo":{"offLine":1,"validTime":24},"advanceInfo":{"notificationType":{"vibrate":1,"lights":1,"sound":1},"notifyKey":"order-42"},"extra":{"callback":"https://push.example.com/meizu","callback.param":"p1","callback.type":"3"}}"#;

fn form_escaped(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b' ' => "+".to_owned(),
            _ if b.is_ascii_alphanumeric() || b"-_.".contains(&b) => char::from(b).to_string(),
            _ => format!("%{b:02X}"),
        })
        .collect()
}

/// The form of a messageJson that was not made here.
fn sent(config: Config, message: &'static str, ids: &[&str]) -> String {
    let form = format!("appId={}&messageJson={}", config.app_id, form_escaped(message));
    let encoded = Encoded { aux: message.into(), ..Encoded::new(Shape::List, Template::of(form)) };
    text(&request(&Meizu::new(config).unwrap(), &encoded, ids, "")).to_owned()
}

#[test]
fn meizus_own_signature_example() {
    let config = Config::new("10000", Secret::new("<APP_SECRET>"));
    let message = r#"{"title":"title","content":"content","pushTimeInfo":{"offLine":1,"validTime":24}}"#;
    let body = sent(config, message, &["RA50c6348036344485d01776773577c64740465480a6b"]);
    assert!(body.ends_with("&sign=ac076ff25d9900015a681cb5172aa53b"), "{body}");
}

#[test]
fn raw_values_are_signed_and_nothing_joins_them() {
    assert_eq!(M2.len(), 506);
    let body = sent(config(), M2, &["A1B2C3", "D4E5F6"]);
    assert!(body.ends_with("&sign=5c0a4a756b24e660e9b117698a45fad0"), "{body}");
    // What the usual mistakes give: pairs joined by `&`, and escaped values.
    let targets = ["A1B2C3", "D4E5F6"].map(Target::from);
    let encoded = Encoded::new(Shape::List, Template::default());
    let items = [0, 1].map(|i| Item { encoded: &encoded, target: &targets[i] });
    let joined = auth::signature(&config(), &["&messageJson=", M2, "&"], &items, false, &[]);
    assert_eq!(joined, "ca395643871feb8f1bb257d3d8b48f5b");
    let (escaped, comma) = (form_escaped(M2), ["A1B2C3%2CD4E5F6"].map(Target::from));
    let items = [Item { encoded: &encoded, target: &comma[0] }];
    let escaped = auth::signature(&config(), &["messageJson=", &escaped], &items, false, &[]);
    assert_eq!(escaped, "db48c243173c1f6d3ded1a9b745574cd");
}

#[test]
fn a_task_push_signs_its_id_after_the_push_ids() {
    let meizu = with(|config| config.task = true);
    let encoded = encode_by(&meizu, plus(json!({})), Overflow::Refuse).unwrap();
    let request = request(&meizu, &encoded, &["A1B2C3"], "20457");
    assert_eq!(text(&request), "appId=100999&pushIds=A1B2C3&taskId=20457&sign=310789b09a2dc6d78b51099cb5903f8a");
    assert!(request.url.as_str().ends_with("/garcia/api/server/push/task/varnished/pushByPushId"));
}

#[test]
fn the_statistics_example_signs_without_push_ids() {
    assert_eq!(auth::signature(&config(), &[], &[], false, &["taskId=44760"]), "6d366f3c58f2de9476c4e486f7fc8af3");
}

#[test]
fn the_least_message() {
    let encoded = encode(json!({}));
    let json = r#"{"noticeBarInfo":{"title":"t","content":"b"},"clickTypeInfo":{"clickType":0},"pushTimeInfo":{"offLine":1,"validTime":24},"advanceInfo":{"suspend":1}}"#;
    assert_eq!(encoded.aux, json);
    let request = request(&meizu(), &encoded, &["a1", "b2"], "");
    assert_eq!(request.url.as_str(), "https://server-api-push.meizu.com/garcia/api/server/push/varnished/pushByPushId");
    // Reckoned apart from this crate.
    assert!(text(&request).starts_with("appId=100999&messageJson=%7B%22noticeBarInfo%22"));
    assert!(
        text(&request).ends_with("%7D%7D&pushIds=a1%2Cb2&sign=be89c6331dc94a396303f8a27dc7cd77"),
        "{}",
        text(&request)
    );
    assert_eq!((request.quota, encoded.advice.len()), ("public", 1));
}

#[test]
fn a_full_message() {
    let n = json!({
        "title": "订单 \"1\"", "body": "= & + 100%\n🚚", "sound": "none", "category": "private",
        "click": {"activity": "com.example.app/.OrderActivity"}, "data": {"orderId": "42", "b": "<&>"},
        "ttl_seconds": 7200, "collapse_key": "order-42", "id": "n-1", "subtitle": "shop",
        "receipt": {"url": "https://push.example.com/meizu"},
        "vendors": {"meizu": {
            "notice_bar_type": 2, "notice_expand_content": "longer", "suspend": false, "clear_notice_bar": false,
            "fix_display": {"start": "2026-11-22 08:00:00", "end": "2026-11-22 22:00:00"},
            "vibrate": true, "lights": false,
            "vip": {"time_top": 1800, "not_group": true, "title_color": "#206CFF",
                    "small_icon_url": "https://i.example.com/s", "big_icon_url": "https://i.example.com/b"},
            "callback_type": 2,
            "restricted_package_names": ["com.example.a", "com.example.b"]
        }}
    });
    let meizu = with(|config| config.vip = true);
    let encoded = encode_by(&meizu, n, Overflow::Refuse).unwrap();
    let message = r##"{"noticeBarInfo":{"noticeMsgType":1,"noticeBarType":2,"title":"订单 \"1\"","content":"= & + 100%\n🚚"},"noticeExpandInfo":{"noticeExpandType":1,"noticeExpandContent":"longer"},"clickTypeInfo":{"clickType":1,"activity":"com.example.app.OrderActivity","parameters":{"orderId":"42","b":"<&>"}},"pushTimeInfo":{"offLine":1,"validTime":2},"advanceInfo":{"suspend":0,"clearNoticeBar":0,"fixDisplay":1,"fixStartDisplayTime":"2026-11-22 08:00:00","fixEndDisplayTime":"2026-11-22 22:00:00","notificationType":{"vibrate":1,"lights":0,"sound":0},"notifyKey":"order-42"},"vipInfo":{"subtitle":"shop","timeTop":1800,"notGroup":1,"titleColor":"#206CFF","smallIconUrl":"https://i.example.com/s","bigIconUrl":"https://i.example.com/b"},"extra":{"callback":"https://push.example.com/meizu","callback.param":"n-1","callback.type":"2"}}"##;
    assert_eq!(auth::signed(&encoded), (message, ["restrictedPackageNames=", "com.example.a,com.example.b"]));
    assert_eq!((encoded.losses.as_slice(), encoded.advice.as_slice(), encoded.quota), (&[][..], &[][..], "private"));
    let request = request(&meizu, &encoded, &["a1"], "");
    assert!(
        text(&request).ends_with(
            "&pushIds=a1&restrictedPackageNames=com.example.a%2Ccom.example.b&sign=98711bb72763d27b7afce41fdaf1a4ee"
        ),
        "{}",
        text(&request)
    );
}

#[test]
fn a_task_is_saved_with_the_message_and_pushed_without() {
    let meizu = with(|config| config.task = true);
    let more = json!({"vendors": {"meizu": {"restricted_package_names": ["com.example.a"]}}});
    let encoded = encode_by(&meizu, plus(more), Overflow::Refuse).unwrap();
    let save =
        meizu.stage(&encoded, "", &mut Cx { now: Now::at(0), rng: &mut |_| {}, overflow: Overflow::Refuse }).unwrap();
    assert!(save.url.as_str().ends_with("/garcia/api/server/push/pushTask/getTaskId"));
    let body = text(&save);
    assert!(
        body.ends_with("&pushType=0&restrictedPackageNames=com.example.a&sign=a91a27470da2a4c963b878a4e4936627")
            && !body.contains("pushIds"),
        "{body}"
    );
    let staged: Vec<bool> = meizu.profile().calls.iter().map(|call| call.staged).collect();
    assert_eq!(staged, [true, true, false, false]);
    assert!(super::PROFILE.calls.iter().all(|call| !call.staged));

    let answer = |value: Value| Reply::new(200, json!({"code": "200", "message": "", "value": value}).to_string());
    let saved = answer(json!({"taskId": 44760, "pushType": 0, "appId": 100_999}));
    assert_eq!(&*meizu.staged(&saved).unwrap(), "44760");
    assert_eq!(meizu.staged(&answer(json!(""))).unwrap_err().remedy, Remedy::Again);
    let refused = Reply::new(200, json!({"code": "110019", "message": "x", "value": ""}).to_string());
    assert_eq!(meizu.staged(&refused).unwrap_err().class, Class::QuotaExceeded);
    // The task's id is the message id.
    assert_eq!(decode(&ok(json!({})), &["a"], "44760")[0].message_id(), Some("44760"));
}

#[test]
fn clicks_and_data() {
    let data = json!({"k": "v"});
    for (click, sent, losses) in [
        (json!("app"), json!({"clickType": 0, "parameters": data}), &[][..]),
        (json!({"activity": "a.b.C"}), json!({"clickType": 1, "activity": "a.b.C", "parameters": data}), &[]),
        (json!({"activity": "a.b/.C"}), json!({"clickType": 1, "activity": "a.b.C", "parameters": data}), &[]),
        (json!({"url": "https://example.com/a"}), json!({"clickType": 2, "url": "https://example.com/a"}), &["data"]),
        (json!({"url": "myapp://a"}), json!({"clickType": 2, "url": "myapp://a"}), &["data"]),
        (json!({"action": "a.b.OPEN"}), json!({"clickType": 0, "parameters": data}), &["click"]),
        (json!({"intent": "intent:#Intent;end"}), json!({"clickType": 0, "parameters": data}), &["click"]),
    ] {
        let encoded = encode(json!({"click": click, "data": data}));
        assert_eq!((&message(&encoded)["clickTypeInfo"], lost(&encoded).as_slice()), (&sent, losses), "{click}");
    }
}

#[test]
fn time_to_live_counts_whole_hours() {
    for (ttl, options, sent, cuts, advice) in [
        (json!(0), json!({}), json!({"offLine": 0}), 0, 1),
        (json!(1), json!({}), json!({"offLine": 1, "validTime": 1}), 1, 1),
        (json!(3600), json!({}), json!({"offLine": 1, "validTime": 1}), 0, 1),
        (json!(3601), json!({}), json!({"offLine": 1, "validTime": 2}), 1, 1),
        (json!(259_200), json!({}), json!({"offLine": 1, "validTime": 72}), 0, 1),
        (json!(604_800), json!({}), json!({"offLine": 1, "validTime": 72}), 1, 1),
        (json!(604_801), json!({}), json!({"offLine": 1, "validTime": 72}), 1, 1),
        (json!(60), json!({"off_line": false}), json!({"offLine": 0}), 0, 1),
        (json!(0), json!({"off_line": true}), json!({"offLine": 1, "validTime": 1}), 1, 1),
    ] {
        let encoded = encode(json!({"ttl_seconds": ttl, "vendors": {"meizu": options}}));
        assert_eq!(message(&encoded)["pushTimeInfo"], sent, "{ttl}");
        assert_eq!((encoded.cuts.len(), encoded.advice.len(), lost(&encoded).len()), (cuts, advice, 0), "{ttl}");
    }
}

#[test]
fn collapse_keys_that_do_not_fit_become_eight_stable_digits() {
    let key = |key: &str| message(&encode(json!({"collapse_key": key})))["advanceInfo"]["notifyKey"].clone();
    assert_eq!(key("order-42"), "order-42");
    assert_eq!(key("order-421"), key("order-421"));
    for long in ["order-421", "a.b", "订单"] {
        let sent = key(long);
        let sent = sent.as_str().unwrap();
        assert!(sent.len() == 8 && sent.bytes().all(|b| b.is_ascii_hexdigit()), "{long}: {sent}");
    }
    assert_ne!(key("order-421"), key("order-422"));
}

#[test]
fn what_is_not_carried_is_lost() {
    let all = json!({
        "subtitle": "s", "image": "https://example.com/i.png", "sound": "ding.mp3", "badge": {"set": 1},
        "channel": "c", "category": "IM", "priority": "high", "thread": "th", "id": "x"
    });
    let fields = ["subtitle", "image", "sound", "badge", "channel", "category", "priority", "thread", "id"];
    let encoded = encode(all);
    assert_eq!(lost(&encoded), fields);
    assert!(encoded.losses.iter().all(|loss| loss.reason != "has no counterpart here"));
    assert_eq!(message(&encoded), message(&encode(json!({}))));

    // An id goes along with receipts only, where it fits and nothing else was asked for.
    let receipts = |id: String, receipt: Value| {
        let encoded = encode(json!({"id": id, "receipt": receipt}));
        (message(&encoded)["extra"]["callback.param"].as_str().map(str::to_owned), lost(&encoded).len())
    };
    let url = "https://a.example/";
    assert_eq!(receipts("x".into(), json!({"url": url})), (Some("x".into()), 0));
    assert_eq!(receipts("x".repeat(65), json!({"url": url})), (None, 1));
    assert_eq!(receipts("x".into(), json!({"url": url, "tag": "p"})), (Some("p".into()), 1));
    assert_eq!(receipts("x".into(), json!({"tag": "p"})), (None, 2), "Meizu needs an address");
}

#[test]
fn the_class_is_named_by_option_category_or_setting() {
    for (setting, more, class) in [
        (None, json!({"category": "private"}), json!(1)),
        (Some(1), json!({"category": "public"}), json!(0)),
        (Some(1), json!({}), json!(1)),
        (None, json!({"category": "public", "vendors": {"meizu": {"notice_msg_type": 1}}}), json!(1)),
    ] {
        let meizu = with(|config| config.notice_msg_type = setting);
        let encoded = encode_by(&meizu, plus(more), Overflow::Refuse).unwrap();
        assert_eq!(message(&encoded)["noticeBarInfo"]["noticeMsgType"], class);
        assert!(encoded.losses.is_empty() && encoded.advice.is_empty());
    }
}

#[test]
fn rules_across_fields() {
    let url = "https://a.example/i";
    for (more, part) in [
        (json!({"title": " "}), "title (`messageJson.noticeBarInfo.title`): is missing"),
        (json!({"title": "中".repeat(33)}), "has 33 characters; at most 32"),
        (json!({"body": "😀".repeat(101)}), "has 101 characters; at most 100"),
        (json!({"kind": "background"}), "withdrawn data-only"),
        (json!({"dry_run": true}), "no dry run"),
        (json!({"send_at": "2026-11-22T10:00:00Z"}), "broadcasts only"),
        (json!({"click": {"url": format!("https://a.example/{}", "é".repeat(500))}}), "has 1018 bytes; at most 1000"),
        (json!({"click": {"activity": ".Main"}}), "full class name"),
        (json!({"vendors": {"meizu": {"noticeMsgType": 1}}}), "unknown field `noticeMsgType`"),
        (json!({"vendors": {"meizu": {"notice_msg_type": 2}}}), "is 2; 0 to 1"),
        (json!({"vendors": {"meizu": {"notice_bar_type": 1}}}), "withdrawn"),
        (json!({"vendors": {"meizu": {"notice_expand_content": "x", "notice_expand_img_url": url}}}), "not to both"),
        (
            json!({"vendors": {"meizu": {"fix_display": {"start": "2026-11-22 08:00", "end": "2026-11-22 09:00:00"}}}}),
            "yyyy-MM-dd",
        ),
        (
            json!({"vendors": {"meizu": {"fix_display": {"start": "2026-11-22 09:00:00", "end": "2026-11-22 08:00:00"}}}}),
            "before its end",
        ),
        (json!({"vendors": {"meizu": {"vip": {"subtitle": "s".repeat(17)}}}}), "has 17 characters; at most 16"),
        (json!({"vendors": {"meizu": {"vip": {"time_top": 60}}}}), "1800 to 7200"),
        (json!({"vendors": {"meizu": {"vip": {"time_top": 1800, "pull_down_top": true}}}}), "pull_down_top"),
        (json!({"vendors": {"meizu": {"vip": {"title_color": "red"}}}}), "is none of #206CFF, #E42D22"),
        (json!({"vendors": {"meizu": {"vip": {"title_color": "#E42D22", "background_img_url": url}}}}), "title colour"),
        (json!({"vendors": {"meizu": {"vip": {"big_icon_url": url, "background_img_url": url}}}}), "big icon"),
        (
            json!({"vendors": {"meizu": {"vip": {"background_img_url": url}, "notice_expand_img_url": url}}}),
            "big picture",
        ),
        (json!({"vendors": {"meizu": {"callback_type": 1}}}), "needs a `receipt`"),
        (json!({"vendors": {"meizu": {"fix_speed_rate": 1}}}), "paces tags and everybody only"),
        (json!({"receipt": {"url": format!("https://a.example/{}", "x".repeat(111))}}), "has 129 bytes; at most 128"),
        (json!({"receipt": {"url": url, "tag": "é".repeat(33)}}), "has 66 bytes; at most 64"),
        (json!({"receipt": {"url": url}, "vendors": {"meizu": {"callback_type": 4}}}), "is none of 1, 2, 3"),
        (json!({"vendors": {"meizu": {"restricted_package_names": ["a.b}", "c"]}}}), "package names"),
        (json!({"vendors": {"meizu": {"restricted_package_names": vec!["a.b"; 51]}}}), "has 51 entries; at most 50"),
    ] {
        let error = encode_by(&meizu(), plus(more.clone()), Overflow::Refuse).unwrap_err().to_string();
        assert!(error.contains(part), "{more}: {error}");
    }
    let task = with(|config| config.task = true);
    let receipt = plus(json!({"receipt": {"url": url}}));
    assert_eq!(lost(&encode_by(&task, receipt, Overflow::Refuse).unwrap()), ["receipt"]);
    // All problems come at once, and nothing but texts is cut.
    let three = json!({"title": "x".repeat(33), "body": "", "dry_run": true});
    assert_eq!(encode_by(&meizu(), three, Overflow::Refuse).unwrap_err().problems.len(), 3);
    let long = plus(json!({"title": "中".repeat(40), "body": "b".repeat(200)}));
    let cut = encode_by(&meizu(), long, Overflow::Truncate).unwrap();
    assert_eq!(cut.cuts.iter().map(|cut| (cut.from, cut.to)).collect::<Vec<_>>(), [(40, 32), (200, 100)]);
}

#[test]
fn settings_are_checked_by_name_and_never_shown() {
    for (app_id, secret, class, key) in [
        ("", "s", None, "app_id"),
        ("1a", "s", None, "app_id"),
        ("1", " ", None, "app_secret"),
        ("1", "s", Some(2), "notice_msg_type"),
    ] {
        let mut config = Config::new(app_id, Secret::new(secret));
        config.notice_msg_type = class;
        assert_eq!(Meizu::new(config).unwrap_err().key, key);
    }
    assert!(!format!("{:?}", meizu()).contains("0123456789abcdef"));
    let json = json!({"app_id": "1", "app_secret": "s", "endpoint": "http://127.0.0.1:1/"});
    let meizu = Meizu::new(serde_json::from_value(json).unwrap()).unwrap();
    assert_eq!(&*meizu.urls.push, "http://127.0.0.1:1/garcia/api/server/push/varnished/pushByPushId");
}

#[test]
fn targets_that_would_split_are_malformed() {
    let ok = PROFILE.target_ok;
    assert!(ok("RA50c6348036344485d01776773577c64740465480a6b"));
    for bad in ["", "a,b", "a b", "a\n", "é", &"a".repeat(257)] {
        assert!(!ok(bad), "{bad}");
    }
}

#[test]
fn failed_targets_are_named_and_the_others_accepted() {
    let value = json!({"110002": ["b", "never sent"], "110010": ["c"], "501": ["d"], "520": ["e"], "777": ["f"]});
    let verdicts = decode(&ok(value), &["a", "b", "c", "d", "e", "f", "b"], "");
    let classes: Vec<Option<Class>> = verdicts.iter().map(class).collect();
    use Class::{InvalidToken, PermissionDenied, RateLimited, Unavailable, Unknown};
    let expected = [InvalidToken, PermissionDenied, Unavailable, RateLimited, Unknown, InvalidToken].map(Some);
    assert_eq!((classes[0], &classes[1..]), (None, expected.as_slice()));
    assert_eq!(verdicts[0].message_id(), Some("m1"));
    let switched_off = verdicts[2].refusal().unwrap();
    assert_eq!(
        (&*switched_off.code, switched_off.scope, switched_off.remedy),
        ("110010", Scope::Target, Remedy::Stand)
    );
    assert_eq!(verdicts[3].refusal().unwrap().remedy, Remedy::Again);
    // All failed is still a code 200.
    assert!(decode(&ok(json!({"513": ["a", "b"]})), &["a", "b"], "").iter().all(|v| class(v) == Some(Unavailable)));
}

#[test]
fn the_same_number_means_another_thing_for_the_whole_request() {
    let whole = |code: &str, ids: &[&str]| {
        let reply = Reply::new(200, json!({"code": code, "message": "why", "value": "", "redirect": ""}).to_string());
        decode(&reply, ids, "").remove(0).refusal().unwrap().clone()
    };
    let too_fast = whole("110010", &["a", "b"]);
    assert_eq!((too_fast.class, too_fast.scope), (Class::RateLimited, Scope::Lane));
    assert!(matches!(too_fast.remedy, Remedy::Pause(_)) && &*too_fast.text == "why");
    // Among several it is not said which one is gone.
    assert_eq!(whole("110003", &["a"]).class, Class::InvalidToken);
    assert_eq!(whole("110003", &["a", "b"]).class, Class::InvalidRequest);
    assert_eq!(whole("110032", &["a"]).remedy, Remedy::NewTicket);
    assert_eq!(whole("1006", &["a"]).remedy, Remedy::Stand);
}

#[test]
fn answers_in_every_shape() {
    for good in [
        json!({"code": "200", "message": "", "value": {}, "redirect": "", "msgId": "m1"}),
        json!({"code": 200, "value": "", "msgId": "m1"}),
        json!({"code": "200", "message": null, "value": null, "msgId": "m1"}),
        json!({"code": "200", "msgId": "m1"}),
    ] {
        assert_eq!(decode(&Reply::new(200, good.to_string()), &["a"], "")[0].message_id(), Some("m1"), "{good}");
    }
    let without = Reply::new(200, r#"{"code":"200","message":"","value":{}}"#);
    assert_eq!(decode(&without, &["a"], ""), [Verdict::ACCEPTED]);
    for odd in [
        r#"{"code":"200","value":[]}"#,
        r#"{"code":"200","value":"?"}"#,
        r#"{"code":"200","value":{"501":"a"}}"#,
        "<html>",
        "",
    ] {
        assert!(matches!(decode(&Reply::new(200, odd), &["a"], "")[0], Verdict::Unsure(_)), "{odd}");
    }
    // A success in the body of a failure is not believed, whichever came first.
    let accepted = r#"{"code":"200","value":{},"msgId":"m1"}"#;
    assert!(matches!(decode(&Reply::new(502, accepted), &["a"], "")[0], Verdict::Unsure(_)));
    assert_eq!(class(&decode(&Reply::new(403, accepted), &["a"], "")[0]), Some(Class::PermissionDenied));
    assert_eq!(class(&decode(&Reply::new(503, "busy"), &["a"], "")[0]), Some(Class::Unavailable));
    // An error's code counts under any status, whatever its value looks like.
    let error = Reply::new(200, r#"{"code":1003,"message":"busy","value":[1]}"#);
    assert_eq!(class(&decode(&error, &["a"], "")[0]), Some(Class::Unavailable));
}

#[test]
fn every_documented_code_has_its_row() {
    let whole = "300 500 -1 1001 1003 1005 1006 110000 110001 110002 110003 110004 110009 110010 110019 110031 \
                 110032 110033 110051 110053";
    let each = "201 501 513 518 519 520 110002 110003 110005 110010 110011";
    let rows: Vec<String> = whole
        .split_whitespace()
        .map(str::to_owned)
        .chain(each.split_whitespace().map(|c| format!("value.{c}")))
        .collect();
    for row in &rows {
        assert!(omnipush_core::codes::find(response::CODES, row).is_some(), "{row}");
    }
    assert_eq!(rows.len(), response::CODES.len());
}

#[test]
fn every_field_is_carried_or_lost() {
    let manual = meizu().manual();
    for field in omnipush_core::Field::ALL {
        let carried = manual.fields.iter().any(|row| row.uses.has(field));
        assert!(carried || manual.lost.iter().any(|lost| lost.field == field), "{field}");
    }
}

fn sent_to(meizu: &Meizu, shape: Shape, more: Value, targets: &[Target]) -> Result<Request, Refusal> {
    let n: Notification = serde_json::from_value(plus(more)).unwrap();
    let encoded = meizu.encode(&n, shape, &mut cx()).unwrap();
    let items: Vec<Item<'_>> = targets.iter().map(|target| Item { encoded: &encoded, target }).collect();
    meizu.request(&Set { shape, items: &items, ticket: "20457", request_id: "" }, &mut cx())
}

fn cx() -> Cx<'static> {
    Cx { now: Now::at(0), rng: Box::leak(Box::new(|_: &mut [u8]| {})), overflow: Overflow::Refuse }
}

fn pairs(form: &[u8]) -> Vec<(String, String)> {
    let query = String::from_utf8(form.to_vec()).unwrap();
    let decode = |text: &str| {
        let bytes = text.replace('+', " ").into_bytes();
        let (mut out, mut at) = (Vec::new(), 0);
        while at < bytes.len() {
            if bytes[at] == b'%' {
                out.push(u8::from_str_radix(std::str::from_utf8(&bytes[at + 1..at + 3]).unwrap(), 16).unwrap());
                at += 3;
            } else {
                out.push(bytes[at]);
                at += 1;
            }
        }
        String::from_utf8(out).unwrap()
    };
    query.split('&').map(|pair| pair.split_once('=').unwrap()).map(|(k, v)| (decode(k), decode(v))).collect()
}

/// Checks the signature of a form by Meizu's recipe, and gives its other fields.
fn checked(request: &Request) -> Vec<(String, String)> {
    let query = request.url.as_str().split_once('?').map(|(_, query)| query.as_bytes().to_vec());
    let bytes = query.unwrap_or_else(|| request.body.to_vec());
    let mut fields: Vec<(String, String)> = pairs(&bytes);
    let at = fields.iter().position(|(name, _)| name == "sign").unwrap();
    let (_, sign) = fields.remove(at);
    let mut sorted = fields.clone();
    sorted.sort();
    let raw: String = sorted.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let secret = config().app_secret;
    assert_eq!(omnipush_core::sign::md5_hex([raw.as_str(), secret.expose()]), sign, "{raw}");
    fields
}

fn field<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

#[test]
fn aliases_tags_and_everybody_have_calls_of_their_own() {
    let path = |request: &Request| request.url.as_str().rsplit_once("/push/").unwrap().1.to_owned();
    let names = ["ann", "ben"].map(Target::from);
    let aliases = sent_to(&meizu(), Shape::Aliases, json!({}), &names).unwrap();
    assert_eq!(path(&aliases), "varnished/pushByAlias");
    let fields = checked(&aliases);
    assert_eq!((field(&fields, "alias"), field(&fields, "pushIds")), (Some("ann,ben"), None));
    let task = sent_to(&with(|config| config.task = true), Shape::Aliases, json!({}), &names).unwrap();
    assert_eq!(path(&task), "task/varnished/pushByAlias");
    assert_eq!(field(&checked(&task), "taskId"), Some("20457"));

    let packages = json!({"vendors": {"meizu": {"restricted_package_names": ["a.b", "c.d"]}}});
    let tags = sent_to(&meizu(), Shape::Tags, packages, &[Tags::all(["vip", "新"]).to_target()]).unwrap();
    assert_eq!(path(&tags), "pushTask/pushToTag");
    let fields = checked(&tags);
    assert_eq!((field(&fields, "scope"), field(&fields, "tagNames")), (Some("1"), Some("vip,新")));
    assert_eq!((field(&fields, "pushType"), field(&fields, "restrictedPackageNames")), (Some("0"), Some("a.b,c.d")));

    let at = json!({"send_at": "2026-11-23T16:30:00Z", "vendors": {"meizu": {"fix_speed_rate": 9}}});
    let all = sent_to(&meizu(), Shape::All, at, &[Target::from("")]).unwrap();
    assert_eq!(path(&all), "pushTask/pushToApp");
    let message: Value = serde_json::from_str(field(&checked(&all), "messageJson").unwrap()).unwrap();
    assert_eq!(message["pushTimeInfo"]["startTime"], "2026-11-24 00:30:00");
    assert_eq!(
        (&message["pushTimeInfo"]["pushTimeType"], &message["advanceInfo"]["fixSpeedRate"]),
        (&json!(1), &json!(9))
    );
}

#[test]
fn names_that_would_reach_others_are_refused() {
    let text = |result: Result<Request, Refusal>| result.unwrap_err().text.to_string();
    assert!(text(sent_to(&meizu(), Shape::Aliases, json!({}), &["a,b".into()])).contains("without commas"));
    for (tags, words) in [
        (Tags::default(), "name at least one"),
        (Tags { none: vec!["c".into()], ..Tags::any(["a"]) }, "no `none`"),
        (Tags::any(["a,b"]), "without commas"),
    ] {
        assert!(text(sent_to(&meizu(), Shape::Tags, json!({}), &[tags.to_target()])).contains(words));
    }
}

#[test]
fn a_broadcast_is_accepted_as_a_task() {
    let reply = ok(json!({"taskId": 44760, "pushType": 0, "appId": "100999"}));
    assert_eq!(decode(&reply, &["x"], "")[0].message_id(), Some("44760"));
}

#[test]
fn operations() {
    let call = |operation: &Operation| {
        let request = meizu().operation(operation, &mut cx()).unwrap();
        let url = request.url.as_str().split('?').next().unwrap().to_owned();
        let fields = checked(&request).into_iter().filter(|(name, _)| name != "appId").collect::<Vec<_>>();
        let fields: Vec<String> = fields.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        (url.replace("https://", "").replace("/garcia/api/server", ""), fields.join("&"))
    };
    let (push, message) = ("server-api-push.meizu.com/push", "api-push.meizu.com/message");
    let targets = || vec![Target::from("p1")];
    let day = |day| chrono::NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
    let own = |name: &str, args: Value| Operation::Own {
        name: name.into(),
        targets: targets(),
        args: args.as_object().cloned().unwrap(),
    };
    let group = |tag: bool| if tag { Group::Tag("vip".into()) } else { Group::Alias("ann".into()) };
    for (operation, host, path, fields) in [
        (Operation::Cancel { id: "7".into() }, push, "/pushTask/cancel", "pushType=0&taskId=7"),
        (Operation::Statistics { ids: vec!["44760".into()] }, push, "/statistics/getTaskStatistics", "taskId=44760"),
        (
            Operation::Report { from: day(1), to: day(23) },
            push,
            "/statistics/dailyPushStatics",
            "endTime=20261123&startTime=20261101",
        ),
        (Operation::CheckTargets { targets: targets() }, message, "/getRegisterSwitch", "pushId=p1"),
        (
            Operation::Subscribe { to: group(false), targets: targets() },
            message,
            "/subscribeAlias",
            "alias=ann&pushId=p1",
        ),
        (Operation::Unsubscribe { from: group(false), targets: targets() }, message, "/unSubscribeAlias", "pushId=p1"),
        (Operation::Groups { kind: GroupKind::Alias, target: "p1".into() }, message, "/getSubAlias", "pushId=p1"),
        (Operation::Subscribe { to: group(true), targets: targets() }, message, "/subscribeTags", "pushId=p1&tags=vip"),
        (
            Operation::Unsubscribe { from: group(true), targets: targets() },
            message,
            "/unSubscribeTags",
            "pushId=p1&tags=vip",
        ),
        (Operation::Groups { kind: GroupKind::Tag, target: "p1".into() }, message, "/getSubTags", "pushId=p1"),
        (own("un_sub_all_tags", json!({})), message, "/unSubAllTags", "pushId=p1"),
        (
            own("change_register_switch", json!({"msgType": 0, "subSwitch": 1})),
            message,
            "/changeRegisterSwitch",
            "msgType=0&pushId=p1&subSwitch=1",
        ),
        (own("change_all_switch", json!({"subSwitch": 0})), message, "/changeAllSwitch", "pushId=p1&subSwitch=0"),
        (
            own("upload_img", json!({"imgType": 1, "imgUrl": "https://a.example/i.png"})),
            push,
            "/uploadImg",
            "imgType=1&imgUrl=https://a.example/i.png",
        ),
    ] {
        assert_eq!(call(&operation), (format!("{host}{path}"), fields.to_owned()), "{operation:?}");
    }
    let long = Operation::Report { from: day(1), to: chrono::NaiveDate::from_ymd_opt(2026, 12, 2).unwrap() };
    assert!(meizu().operation(&long, &mut cx()).unwrap_err().text.contains("30 days"));
}

/// The signature of the statistics example, as Meizu's recipe gives it.
#[test]
fn a_get_is_signed_in_its_query() {
    let operation = Operation::Statistics { ids: vec!["44760".into()] };
    let request = meizu().operation(&operation, &mut cx()).unwrap();
    assert!(request.url.as_str().ends_with("?appId=100999&taskId=44760&sign=6d366f3c58f2de9476c4e486f7fc8af3"));
}

#[test]
fn answers_to_operations() {
    let found = |operation: &Operation, value: Value| meizu().operation_reply(operation, &ok(value)).unwrap().found;
    let statistics = Operation::Statistics { ids: vec!["7".into()] };
    let counters = json!({"taskId": 7, "targetNo": 9, "acceptNo ": 8, "clickNo": 1});
    let Found::Counts(counts) = found(&statistics, counters) else { panic!() };
    let numbers: Vec<_> = counts[0].numbers.iter().map(|(name, number)| (name.as_str(), *number)).collect();
    assert_eq!((counts[0].of.as_str(), numbers), ("7", vec![("clicked", 1), ("delivered", 8), ("targeted", 9)]));

    let tags = Operation::Groups { kind: GroupKind::Tag, target: "p1".into() };
    let value = json!({"pushId": "p1", "tags": [{"tagId": 1, "tagName": "vip"}]});
    assert_eq!(found(&tags, value), Found::Names(vec!["vip".into()]));
    let alias = Operation::Groups { kind: GroupKind::Alias, target: "p1".into() };
    assert_eq!(found(&alias, json!({"pushId": "p1", "alias": "ann"})), Found::Names(vec!["ann".into()]));
    assert_eq!(found(&alias, json!({"pushId": "p1", "alias": ""})), Found::Names(vec![]));

    let reply = Reply::new(200, json!({"code": "110032", "message": "no", "value": ""}).to_string());
    assert_eq!(meizu().operation_reply(&statistics, &reply).unwrap_err().class, Class::InvalidRequest);
}

#[test]
fn callbacks_bring_the_token_of_the_console() {
    let body = |token: &str| {
        let cb = r#"{"c2ee5c3b-1":{"param":"p1","type":1,"targets":["A1","B2"]},"d-2":{"type":2,"targets":["C3"]}}"#;
        Callback::new(Default::default(), form_body([("cb", cb), ("access_token", token)]))
    };
    let guarded = with(|config| config.receipt_token = Some(Secret::new("t0k")));
    let read = guarded.receipts(&body("t0k"), &mut cx()).unwrap();
    assert!(read.proven);
    let told: Vec<_> = read
        .receipts
        .iter()
        .map(|r| (r.event, r.target.as_str(), r.message_id.as_deref().unwrap(), r.tag.as_deref(), &*r.code))
        .collect();
    use omnipush_core::Event::{Clicked, Delivered};
    assert_eq!(
        told,
        [
            (Delivered, "A1", "c2ee5c3b", Some("p1"), "1"),
            (Delivered, "B2", "c2ee5c3b", Some("p1"), "1"),
            (Clicked, "C3", "d", None, "2")
        ]
    );
    assert!(matches!(guarded.receipts(&body("t0"), &mut cx()), Err(CallbackError::WrongSignature(_))));
    assert!(!meizu().receipts(&body("t0k"), &mut cx()).unwrap().proven);
    let garbage = Callback::new(Default::default(), "cb=%7B&access_token=t0k");
    assert!(matches!(guarded.receipts(&garbage, &mut cx()), Err(CallbackError::Malformed(_))));
}

/// In the order of the table.
#[test]
fn every_rule_that_a_message_can_break_is_warned_of() {
    let broken = [encode(json!({})).advice];
    let tested: Vec<_> = rules::RULES.iter().filter(|rule| rule.breaks.is_some()).map(|rule| rule.says).collect();
    assert_eq!(tested.len(), broken.len());
    for (rule, advice) in tested.iter().zip(broken) {
        assert!(advice.contains(rule), "{rule}");
    }
    assert_eq!(encode(json!({"category": "private"})).advice, []);
}
