//! Golden vectors by step, and the mapping of single fields. The suite tests behaviour.

use omnipush_core::{Class, Cx, Encoded, Field, Item, Now, Overflow, Remedy, Scope, Secret, Target, Template, Verdict};
use serde_json::{Value, json};

use super::*;

const NOW: u64 = 1_700_000_000_000;

fn xiaomi() -> Xiaomi {
    let mut config = Config::new("com.example.app", Secret::new("s3cr3t=="));
    config.channel_id = Some("130001".into());
    Xiaomi::new(config).unwrap()
}

fn encode_with(xiaomi: &Xiaomi, n: Value, shape: Shape) -> Result<Encoded, EncodeError> {
    let n: Notification = serde_json::from_value(n).unwrap();
    let mut seven = |bytes: &mut [u8]| bytes.fill(7);
    xiaomi.encode(&n, shape, &mut Cx { now: Now::at(NOW), rng: &mut seven, overflow: Overflow::Refuse })
}

/// Encodes the least notification with some more members.
fn encode(more: Value, shape: Shape) -> Result<Encoded, EncodeError> {
    let mut all = json!({"title": "t", "body": "b"});
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    encode_with(&xiaomi(), all, shape)
}

fn request(shape: Shape, pairs: &[(&Encoded, &str)]) -> Request {
    let targets: Vec<Target> = pairs.iter().map(|(_, target)| Target::from(*target)).collect();
    let items: Vec<Item<'_>> =
        pairs.iter().zip(&targets).map(|((encoded, _), target)| Item { encoded, target }).collect();
    let mut cx = Cx { now: Now::at(NOW), rng: &mut |_| {}, overflow: Overflow::Refuse };
    xiaomi().request(&Set { shape, items: &items, ticket: "", request_id: "id-1" }, &mut cx).unwrap()
}

/// The pairs of the form that sends the notification to `r1`.
fn form(more: Value) -> serde_json::Map<String, Value> {
    let encoded = encode(more, Shape::List).unwrap();
    pairs(&request(Shape::List, &[(&encoded, "r1")]).body)
}

fn pairs(body: &[u8]) -> serde_json::Map<String, Value> {
    let text = String::from_utf8(body.to_vec()).unwrap();
    text.split('&')
        .map(|pair| pair.split_once('=').unwrap())
        .map(|(key, value)| (decoded(key), decoded(value).into()))
        .collect()
}

fn decoded(text: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let hex = [bytes.next().unwrap(), bytes.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap()
            }
            other => other,
        });
    }
    String::from_utf8(out).unwrap()
}

fn decode(shape: Shape, status: u16, body: &Value, sent: &[(&Encoded, &str)]) -> Vec<Verdict> {
    let targets: Vec<Target> = sent.iter().map(|(_, target)| Target::from(*target)).collect();
    let items: Vec<Item<'_>> =
        sent.iter().zip(&targets).map(|((encoded, _), target)| Item { encoded, target }).collect();
    let set = Set { shape, items: &items, ticket: "", request_id: "" };
    match response::decode(&Reply::new(status, body.to_string()), &set) {
        Outcome::Whole(verdict) => vec![verdict; items.len()],
        Outcome::Each(verdicts) => verdicts,
    }
}

/// The verdict of a target that is sent to alone.
fn verdict(status: u16, body: &Value) -> Verdict {
    let encoded = encode(json!({}), Shape::List).unwrap();
    decode(Shape::List, status, body, &[(&encoded, "r1")]).remove(0)
}

#[test]
fn the_header_holds_the_secret_as_it_is_and_hides_it() {
    let xiaomi = xiaomi();
    let mut cx = Cx { now: Now::at(NOW), rng: &mut |_| {}, overflow: Overflow::Refuse };
    let signature = xiaomi.sign(&Request::post(&xiaomi.send, Default::default()), &mut cx).unwrap();
    let (name, value) = &signature.headers[0];
    assert_eq!((name.as_str(), value.as_bytes()), ("authorization", &b"key=s3cr3t=="[..]));
    assert!(value.is_sensitive());
    assert!(!format!("{xiaomi:?}{signature:?}").contains("s3cr3t"));
}

#[test]
fn settings_that_cannot_work_are_named_and_not_shown() {
    for (package, secret, key) in
        [("a.b", "", "app_secret"), ("a.b", "hun\nter2", "app_secret"), ("", "x", "package_name"), ("a b", "x", "pack")]
    {
        let error = Xiaomi::new(Config::new(package, Secret::new(secret))).unwrap_err().to_string();
        assert!(error.contains(key) && !error.contains("ter2"), "{error}");
    }
    let config: Config = serde_json::from_value(json!({"package_name": "a.b", "app_secret": "x"})).unwrap();
    assert_eq!(config.endpoint(), "https://api.xmpush.xiaomi.com");
    assert!(serde_json::from_value::<Config>(json!({"package_name": "a", "app_secret": "x", "key": 1})).is_err());
}

/// The worked example of the form. It names the default of `pass_through`, which is left out here.
#[test]
fn form_vector() {
    const VECTOR: &str = "registration_id=regA%2CregB&restricted_package_name=com.example.app&title=%E8%AE%A2%E5%8D%95%E6%9B%B4%E6%96%B0&description=Your+order+shipped&payload=%7B%22orderId%22%3A%2242%22%7D&pass_through=0&notify_id=42&time_to_live=86400000&extra.channel_id=130001&extra.notify_effect=2&extra.intent_uri=intent%3A%23Intent%3Bcomponent%3Dcom.example.app%2F.OrderActivity%3BS.orderId%3D42%3Bend&extra.jobkey=order-42";
    let n = json!({
        "title": "订单更新", "body": "Your order shipped", "data": {"orderId": "42"}, "ttl_seconds": 86_400,
        "click": {"intent": "intent:#Intent;component=com.example.app/.OrderActivity;S.orderId=42;end"},
        "id": "order-42", "vendors": {"xiaomi": {"notify_id": 42}},
    });
    let encoded = encode(n, Shape::List).unwrap();
    let request = request(Shape::List, &[(&encoded, "regA"), (&encoded, "regB")]);
    assert_eq!(request.url.as_str(), "https://api.xmpush.xiaomi.com/v3/message/regid");
    assert_eq!(request.headers[0].1, "application/x-www-form-urlencoded;charset=UTF-8");
    assert_eq!(String::from_utf8_lossy(&request.body), VECTOR.replace("pass_through=0&", ""));
    assert!(encoded.losses.is_empty() && encoded.cuts.is_empty() && encoded.advice.is_empty());
}

/// The worked example of a multi-message call: its elements, put in a row.
#[test]
fn multi_message_vector() {
    const VECTOR: &str = "messages=%5B%7B%22target%22%3A%22regA%22%2C%22message%22%3A%7B%22title%22%3A%22t1%22%2C%22description%22%3A%22d1%22%2C%22restricted_package_name%22%3A%22com.example.app%22%2C%22extra%22%3A%7B%22channel_id%22%3A%22130001%22%2C%22notify_effect%22%3A%221%22%7D%7D%7D%2C%7B%22target%22%3A%22regB%22%2C%22message%22%3A%7B%22title%22%3A%22t2%22%2C%22description%22%3A%22d2%22%2C%22restricted_package_name%22%3A%22com.example.app%22%2C%22extra%22%3A%7B%22channel_id%22%3A%22130001%22%2C%22notify_effect%22%3A%221%22%7D%7D%7D%5D&time_to_send=0";
    let elements = [("regA", "t1", "d1"), ("regB", "t2", "d2")].map(|(target, title, body)| {
        json!({"target": target, "message": {"title": title, "description": body,
               "restricted_package_name": "com.example.app", "extra": {"channel_id": "130001", "notify_effect": "1"}}})
    });
    let made = elements.clone().map(|e| Encoded::new(Shape::Each, Template::of(e.to_string()).in_form()));
    let made = request(Shape::Each, &[(&made[0], "regA"), (&made[1], "regB")]);
    assert_eq!(made.url.as_str(), "https://api.xmpush.xiaomi.com/v2/multi_messages/regids");
    assert_eq!(String::from_utf8_lossy(&made.body), VECTOR);

    // The same from notifications; each has a place of its own on the phone besides.
    let encoded =
        [("t1", "d1"), ("t2", "d2")].map(|(t, b)| encode(json!({"title": t, "body": b}), Shape::Each).unwrap());
    let form = pairs(&request(Shape::Each, &[(&encoded[0], "regA"), (&encoded[1], "regB")]).body);
    let mut messages: Vec<Value> = serde_json::from_str(form["messages"].as_str().unwrap()).unwrap();
    for element in &mut messages {
        assert!(element["message"].as_object_mut().unwrap().remove("notify_id").unwrap().is_number());
    }
    assert_eq!(messages, elements);
    assert_eq!(form["time_to_send"], "0");
}

#[test]
fn base64_targets_and_hostile_text_survive_both_forms() {
    let n = json!({"title": "a&b=\"c\"+%,😀", "data": {"k\"&": "v\\"}});
    for shape in [Shape::List, Shape::Each] {
        let encoded = encode(n.clone(), shape).unwrap();
        let form = pairs(&request(shape, &[(&encoded, "a+/b==\""), (&encoded, "c")]).body);
        let (message, target) = match shape {
            Shape::Each => {
                let messages: Value = serde_json::from_str(form["messages"].as_str().unwrap()).unwrap();
                (messages[0]["message"].clone(), messages[0]["target"].clone())
            }
            _ => (json!(form), form["registration_id"].clone()),
        };
        assert_eq!(target, if shape == Shape::Each { "a+/b==\"" } else { "a+/b==\",c" });
        assert_eq!(message["title"], "a&b=\"c\"+%,😀");
        assert_eq!(message["payload"], r#"{"k\"&":"v\\"}"#);
    }
    assert!((PROFILE.target_ok)("a+/b=="));
    for bad in ["", "a,b", "a b", "a\n", "é"] {
        assert!(!(PROFILE.target_ok)(bad), "{bad:?}");
    }
}

#[test]
fn clicks() {
    for (click, effect, key, uri) in [
        (json!("app"), "1", "", ""),
        (json!(null), "1", "", ""),
        (json!({"url": "https://example.com/a"}), "3", "extra.web_uri", "https://example.com/a"),
        (json!({"url": "myapp://a"}), "2", "extra.intent_uri", "myapp://a"),
        (json!({"intent": "intent:#Intent;end"}), "2", "extra.intent_uri", "intent:#Intent;end"),
        (json!({"activity": "a.b/.C"}), "2", "extra.intent_uri", "intent:#Intent;component=a.b/.C;end"),
        (json!({"activity": "a.b.C"}), "2", "extra.intent_uri", "intent:#Intent;component=com.example.app/a.b.C;end"),
        (
            json!({"action": "a.b.OPEN"}),
            "2",
            "extra.intent_uri",
            "intent:#Intent;action=a.b.OPEN;package=com.example.app;end",
        ),
    ] {
        let encoded = encode(json!({"click": click}), Shape::List).unwrap();
        assert!(encoded.losses.is_empty(), "{click}");
        let form = form(json!({"click": click}));
        assert_eq!(form["extra.notify_effect"], effect, "{click}");
        let uris = ["extra.intent_uri", "extra.web_uri"].map(|name| form.get(name).map(|uri| (name, uri.clone())));
        let expected = (!key.is_empty()).then(|| (key, json!(uri)));
        assert_eq!(uris.into_iter().flatten().next(), expected, "{click}");
    }
}

#[test]
fn data_go_as_payload_or_extra_and_are_lost_to_web_pages() {
    let data = json!({"a": "1", "b": "2"});
    assert_eq!(form(json!({"data": data}))["payload"], r#"{"a":"1","b":"2"}"#);
    let own = form(json!({"data": data, "vendors": {"xiaomi": {"data_in_extra": true}}}));
    assert_eq!((own.get("payload"), &own["extra.a"], &own["extra.b"]), (None, &json!("1"), &json!("2")));
    let raw = json!({"data": data, "vendors": {"xiaomi": {"payload": "raw"}}});
    assert_eq!(form(raw.clone())["payload"], "raw");
    for n in [raw, json!({"data": data, "click": {"url": "https://example.com"}})] {
        let encoded = encode(n, Shape::List).unwrap();
        assert_eq!(encoded.losses.iter().map(|loss| loss.field).collect::<Vec<_>>(), [Field::Data]);
    }
}

#[test]
fn every_notification_has_a_place_of_its_own() {
    let id = |more| form(more)["notify_id"].as_str().unwrap().parse::<i64>().unwrap();
    assert_eq!(id(json!({})), 0x0707_0707 >> 1);
    let key = omnipush_core::CollapseKey::new("k").unwrap().number();
    assert_eq!(id(json!({"collapse_key": "k", "id": "other"})), key);
    assert_eq!(id(json!({"id": "k"})), key);
    assert_eq!(id(json!({"collapse_key": "k", "vendors": {"xiaomi": {"notify_id": 0}}})), 0);
}

#[test]
fn ids_become_job_keys() {
    let key = |id: &str| form(json!({"id": id}))["extra.jobkey"].as_str().unwrap().to_owned();
    assert_eq!(key("order-42_a"), "order-42_a");
    for odd in ["_x", "a b", "123456789012345678901", "中"] {
        let made = key(odd);
        assert!(made.len() == 20 && made.bytes().all(|b| b.is_ascii_hexdigit()) && made == key(odd), "{odd}");
    }
    assert_eq!(form(json!({"id": "a", "vendors": {"xiaomi": {"jobkey": "mine"}}}))["extra.jobkey"], "mine");
    assert!(!form(json!({})).contains_key("extra.jobkey"));
}

#[test]
fn ttl_is_milliseconds_within_the_class_and_zero_means_once() {
    let private = json!({"xiaomi": {"message_class": "private"}});
    let template = json!({"xiaomi": {"template_id": "T1"}});
    assert_eq!(form(json!({"ttl_seconds": 60}))["time_to_live"], "60000");
    let long = encode(json!({"ttl_seconds": 864_000}), Shape::List).unwrap();
    assert_eq!((long.cuts[0].to, long.quota), (86_400_000, "public"));
    for vendors in [private, template] {
        let n = json!({"ttl_seconds": 2_592_000, "vendors": vendors});
        assert_eq!(form(n.clone())["time_to_live"], "864000000");
        assert_eq!(encode(n, Shape::List).unwrap().quota, "private");
    }
    let now = form(json!({"ttl_seconds": 0}));
    assert_eq!((now.get("time_to_live"), &now["extra.only_send_once"]), (None, &json!("1")));
}

#[test]
fn a_time_to_send_stands_in_the_form_or_groups_the_elements() {
    let later = json!({"send_at": "2023-11-15T00:00:00Z"});
    assert_eq!(form(later.clone())["time_to_send"], "1700006400000");
    let each = encode(later, Shape::Each).unwrap();
    assert_eq!(each.group >> 1, 1_700_006_400_000);
    let form_each = pairs(&request(Shape::Each, &[(&each, "r1")]).body);
    assert_eq!(form_each["time_to_send"], "1700006400000");
    assert!(!form_each["messages"].as_str().unwrap().contains("time_to_send"));
    assert!(!form(json!({"send_at": "2023-11-01T00:00:00Z"})).contains_key("time_to_send"));
    let private = encode(json!({"vendors": {"xiaomi": {"message_class": "private"}}}), Shape::Each).unwrap();
    assert_ne!(private.group, encode(json!({}), Shape::Each).unwrap().group);
}

#[test]
fn every_option_stands_where_it_belongs() {
    let options = json!({"xiaomi": {
        "channel_id": "c", "channel_name": "n", "channel_description": "d", "message_class": "private",
        "template_id": "T", "template_param": {"name": "Ann", "no": "42"}, "notify_type": -1, "sound_uri": "s",
        "notify_foreground": false, "ticker": "k", "badge": 3, "only_send_once": true, "locale": ["zh_CN", "en"],
        "locale_not_in": ["fr"], "model": ["m"], "model_not_in": ["o"], "app_version": ["1"],
        "app_version_not_in": ["2"], "wifi_only": true, "packages": ["a.b", "c.d"], "callback_type": 243,
        "style": {"type": 2, "big_picture_uri": "b", "large_icon_uri": "l", "small_icon_uri": "i",
                  "small_icon_color": "#fff", "left": {"name": "L", "notify_effect": 2, "intent_class": "a.B"},
                  "right": {"name": "R", "intent_uri": "u", "web_uri": "w"}}
    }});
    let mut form = form(json!({"channel": "lost to the option", "vendors": options,
        "receipt": {"url": "https://x/y", "tag": "p"}}));
    form.remove("notify_id");
    let expected = [
        ("registration_id", "r1"),
        ("restricted_package_name", "a.b,c.d"),
        ("title", "t"),
        ("description", "b"),
        ("notify_type", "-1"),
        ("extra.channel_id", "c"),
        ("extra.channel_name", "n"),
        ("extra.channel_description", "d"),
        ("extra.template_id", "T"),
        ("extra.template_param", r#"{"name":"Ann","no":"42"}"#),
        ("extra.notify_effect", "1"),
        ("extra.notify_foreground", "0"),
        ("extra.sound_uri", "s"),
        ("extra.ticker", "k"),
        ("extra.badge", "3"),
        ("extra.only_send_once", "1"),
        ("extra.locale", "zh_CN,en"),
        ("extra.locale_not_in", "fr"),
        ("extra.model", "m"),
        ("extra.model_not_in", "o"),
        ("extra.app_version", "1"),
        ("extra.app_version_not_in", "2"),
        ("extra.connpt", "wifi"),
        ("extra.callback", "https://x/y"),
        ("extra.callback.param", "p"),
        ("extra.callback.type", "243"),
        ("extra.notification_style_type", "2"),
        ("extra.notification_bigPic_uri", "b"),
        ("extra.notification_large_icon_uri", "l"),
        ("extra.notification_small_icon_uri", "i"),
        ("extra.notification_small_icon_color", "#fff"),
        ("extra.notification_style_button_left_name", "L"),
        ("extra.notification_style_button_left_notify_effect", "2"),
        ("extra.notification_style_button_left_intent_class", "a.B"),
        ("extra.notification_style_button_right_name", "R"),
        ("extra.notification_style_button_right_intent_uri", "u"),
        ("extra.notification_style_button_right_web_uri", "w"),
    ];
    assert_eq!(form, expected.into_iter().map(|(key, value)| (key.to_owned(), json!(value))).collect());
}

#[test]
fn what_xiaomi_cannot_do_is_lost_in_words() {
    let n = json!({"subtitle": "s", "image": "https://a/b.png", "sound": "ding.mp3", "badge": {"set": 1},
                   "category": "IM", "priority": "high", "thread": "t"});
    let encoded = encode(n.clone(), Shape::List).unwrap();
    let lost: Vec<Field> = encoded.losses.iter().map(|loss| loss.field).collect();
    use Field::{Badge, Category, Image, Priority, Sound, Subtitle, Thread};
    assert_eq!(lost, [Subtitle, Image, Sound, Badge, Category, Priority, Thread]);
    assert_eq!(form(n)["extra.sound_uri"], "android.resource://com.example.app/raw/ding");
    assert_eq!(encode(json!({"sound": "none"}), Shape::List).unwrap().losses.len(), 1);
    assert!(encode(json!({"sound": "default", "channel": "9"}), Shape::List).unwrap().losses.is_empty());
    let manual = xiaomi().manual();
    for field in Field::ALL {
        let used = manual.fields.iter().any(|row| row.uses.has(field));
        assert!(used || manual.lost.iter().any(|lost| lost.field == field), "{field}");
    }
}

#[test]
fn data_only_messages_need_leave() {
    let n = json!({"kind": "background", "data": {"a": "1"}, "click": "app", "collapse_key": "k"});
    let error = encode_with(&xiaomi(), n.clone(), Shape::List).unwrap_err().to_string();
    assert!(error.contains("kind: is not supported") && !error.contains("title"), "{error}");
    let mut allowed = xiaomi();
    allowed.config.pass_through = true;
    for shape in [Shape::List, Shape::Each] {
        let encoded = encode_with(&allowed, n.clone(), shape).unwrap();
        let body = decoded(&String::from_utf8_lossy(encoded.body.literal()));
        assert!(body.contains("pass_through") && body.contains("payload"), "{body}");
        assert!(!body.contains("notify_effect") && !body.contains("notify_id"), "{body}");
        let lost: Vec<Field> = encoded.losses.iter().map(|loss| loss.field).collect();
        assert_eq!(lost, [Field::Click, Field::CollapseKey]);
    }
}

#[test]
fn rules_across_fields() {
    let pairs = |n: usize| (0..n).map(|i| (format!("k{i}"), "v".into())).collect::<serde_json::Map<_, _>>();
    let own = |data: Value| json!({"data": data, "vendors": {"xiaomi": {"data_in_extra": true}}});
    let options = |options: Value| json!({"vendors": {"xiaomi": options}});
    let param = |value: &str| json!({"template_id": "T", "template_param": {"a": value}});
    for (n, part) in [
        (json!({"title": "t".repeat(50)}), "title: has 50 UTF-16 units; at most 49"),
        (json!({"body": "中".repeat(128)}), "body (`description`): has 128 UTF-16 units; at most 127"),
        (json!({"title": " \u{3000}"}), "title: is missing"),
        (json!({"data": {"k": "v".repeat(4096)}}), "at most 4095"),
        (json!({"dry_run": true}), "no dry run"),
        (json!({"send_at": "2023-11-25T00:00:00Z"}), "send_at (`time_to_send`): is 1700870400000"),
        (own(json!(pairs(11))), "data (`extra`): has 11 entries; at most 10"),
        (own(json!({"k": "v".repeat(1024)})), "has 1025 UTF-16 units; at most 1024"),
        (own(json!({"channel_id": "x"})), "a key that Xiaomi uses itself"),
        (own(json!({"notification_style_button_left_name": "x"})), "a key that Xiaomi uses itself"),
        (options(json!({"jobkey": "_a"})), "extra.jobkey"),
        (options(json!({"jobkey": "a".repeat(21)})), "extra.jobkey"),
        (options(json!({"callback_type": 246})), "extra.callback.type"),
        (options(json!({"callback_type": 0})), "extra.callback.type"),
        (options(json!({"callback_type": 3})), "needs a `receipt`"),
        (json!({"receipt": {"url": "ftp://a"}}), "extra.callback"),
        (json!({"receipt": {"url": "https://a", "tag": "中".repeat(86)}}), "has 258 bytes; at most 256"),
        (options(json!({"notify_id": -1})), "(`notify_id`): is -1; 0 to 2147483647"),
        (options(json!({"notify_type": 8})), "`notify_type`: is 8; -1 to 7"),
        (options(json!({"style": {"type": 3}})), "notification_style_type"),
        (options(json!({"template_param": {"a": "b"}})), "needs a `template_id`"),
        (options(json!({"template_id": "T", "template_param": pairs(10)})), "has 10 entries; at most 9"),
        (options(param(" ")), "`extra.template_param.a`: is missing"),
        (options(param(&"v".repeat(129))), "has 129 UTF-16 units; at most 128"),
        (options(param("🚚")), "an emoji"),
        (options(param("20 °")), "an emoji"),
        (options(json!({"channelId": "x"})), "unknown field `channelId`"),
    ] {
        let error = encode(n.clone(), Shape::List).unwrap_err().to_string();
        assert!(error.contains(part), "{n}: {error}");
    }
    assert!(encode(options(param("Ångström 中文 €42")), Shape::List).is_ok());
    let both = encode(json!({"title": "t".repeat(50), "dry_run": true}), Shape::Each).unwrap_err();
    assert_eq!(both.problems.len(), 2, "all problems at once");
}

/// In the order of the table.
#[test]
fn every_rule_that_a_message_can_break_is_warned_of() {
    let mut bare = xiaomi();
    (bare.config.channel_id, bare.config.pass_through) = (None, true);
    let broken = [
        encode_with(&bare, json!({"title": "t", "body": "b"}), Shape::List),
        encode(json!({"vendors": {"xiaomi": {"message_class": "private"}}}), Shape::List),
        encode_with(&bare, json!({"kind": "background", "data": {"a": "b"}}), Shape::List),
        encode(json!({"body": "这是测试"}), Shape::List),
    ];
    let broken = broken.map(|encoded| encoded.unwrap().advice);
    let tested: Vec<_> = rules::RULES.iter().filter(|rule| rule.breaks.is_some()).map(|rule| rule.says).collect();
    assert_eq!(tested.len(), broken.len());
    for (rule, advice) in tested.iter().zip(broken) {
        assert!(advice.contains(rule), "{rule}");
    }
    assert_eq!(tested[1].to_string().split(" (").last(), Some("since 2026-07-01; page 2314; the dates by one client)"));
    let good = json!({"vendors": {"xiaomi": {"message_class": "private", "template_id": "T"}}});
    assert_eq!(encode(good, Shape::List).unwrap().advice, []);
}

#[test]
fn a_success_names_the_bad_targets() {
    let encoded = encode(json!({}), Shape::List).unwrap();
    let sent = [(&encoded, "a+/="), (&encoded, "b"), (&encoded, "c"), (&encoded, "b")];
    for data in [
        json!({"id": "scm1", "bad_regids": "b,never sent"}),
        json!(r#"{"id":"scm1","bad_regids":"b"}"#),
        json!({"id": "scm1", "bad_regids": "b", "day_quota": "9", "day_acked": "1"}),
    ] {
        let reply = json!({"result": "ok", "trace_id": "x", "code": 0, "data": data, "description": "成功"});
        let verdicts = decode(Shape::List, 200, &reply, &sent);
        assert_eq!(verdicts.iter().map(Verdict::is_dead_target).collect::<Vec<_>>(), [false, true, false, true]);
        assert_eq!(verdicts[0].message_id(), Some("scm1"));
    }
    let whole = json!({"result": "ok", "trace_id": "Xdm011145198187915406b", "code": 0,
                       "data": {"id": "scm51336519827468580b1"}, "info": "Received push messages for 1 REGID"});
    assert_eq!(verdict(200, &whole).message_id(), Some("scm51336519827468580b1"));
}

#[test]
fn what_a_channels_quota_dropped() {
    let of = |channel: &str| encode(json!({"channel": channel}), Shape::Each).unwrap();
    let (a, b) = (of("a"), of("b"));
    let sent = [(&a, "1"), (&a, "2"), (&b, "3"), (&b, "4"), (&b, "5")];
    let fates = |over: &str| {
        let reply = json!({"code": 0, "data": {"id": "s", "bad_regids": "5", "channel_exceed_quota": over}});
        let fate = |verdict: &Verdict| match verdict {
            Verdict::Accepted { .. } => 'a',
            Verdict::Refused(refusal) if refusal.class == Class::QuotaExceeded => 'q',
            Verdict::Refused(_) => 'r',
            Verdict::Unsure(_) => 'u',
        };
        decode(Shape::Each, 200, &reply, &sent).iter().map(fate).collect::<String>()
    };
    assert_eq!(fates(""), "aaaar");
    assert_eq!(fates("a:2"), "qqaar");
    assert_eq!(fates("b:1"), "aauur");
    assert_eq!(fates("b:2 a:1"), "uuqqr");
    assert_eq!(fates("no_channel:1"), "uuuur", "nothing was sent without a channel");
    assert_eq!(fates("what?"), "uuuur");
}

#[test]
fn failures_with_two_meanings() {
    let encoded = encode(json!({}), Shape::List).unwrap();
    let class = |code: i64, reason: &str, targets: usize| {
        let sent = vec![(&encoded, "r"); targets];
        let reply = json!({"result": "error", "reason": reason, "trace_id": "T1", "code": code, "description": "d"});
        let refusal = decode(Shape::List, 200, &reply, &sent)[0].refusal().unwrap().clone();
        assert_eq!(&*refusal.code, code.to_string(), "verbatim");
        assert!(refusal.text.contains(reason) && refusal.text.ends_with("d; trace_id T1"), "{}", refusal.text);
        refusal.class
    };
    assert_eq!(class(20301, "No valid targets!", 3), Class::InvalidToken);
    assert_eq!(class(20301, "something else", 3), Class::Unknown);
    assert_eq!(class(10029, "illegal device", 1), Class::InvalidToken);
    assert_eq!(class(10029, "illegal device", 2), Class::Unknown);
    assert_eq!(class(777, "new", 1), Class::Unknown);
}

#[test]
fn answers_that_say_nothing_certain_are_unsure() {
    let unsure = |status, body| matches!(verdict(status, &body), Verdict::Unsure(_));
    assert!(unsure(200, json!({})) && unsure(200, json!({"code": "0"})) && unsure(200, json!([])));
    assert!(unsure(200, json!({"code": 0, "data": 5})) && unsure(500, json!({"code": 0})) && unsure(502, json!("")));
    assert!(verdict(200, &json!({"code": 0})).is_accepted());
    assert!(matches!(verdict(503, &json!({})), Verdict::Refused(refusal) if refusal.remedy == Remedy::Again));
    assert!(matches!(verdict(404, &json!({})), Verdict::Refused(refusal) if refusal.class == Class::InvalidRequest));
    let wrong = json!({"result": "error", "reason": "Invalid application secret.", "code": 21301, "data": ""});
    assert_eq!(verdict(200, &wrong).refusal().map(|r| r.class), Some(Class::Unauthenticated));
}

#[test]
fn every_documented_code_has_a_row() {
    let codes = "-1 1 100 10001 10002 10003 10004 10005 10006 10007 10008 10009 10010 10011 10012 10013 10014 10016 \
        10017 10018 10020 10021 10022 10023 10024 10025 10026 10027 10028 10029 10030 10031 10032 10033 10034 10035 \
        10036 10037 10038 10039 20209 20215 20216 20301 20315 20607 21301 21302 21303 21305 22000 22001 22002 22003 \
        22004 22005 22006 22007 22008 22020 22021 22022 22100 22101 22102 22103 26003 26004 26005 26006 27001 65003 \
        65006 65007 65008 65009 65010 65011 65012 65013 65014 65015 65016 65017 65028 65029 65030 65035 65036 65037 \
        65038 65040 65041 200001 200002";
    for code in codes.split_whitespace() {
        assert!(omnipush_core::codes::find(response::CODES, code).is_some(), "{code}");
    }
    for (code, remedy) in [("200001", "UntilMidnight { utc_offset: 8 }"), ("200002", "For(1s)"), ("10001", "Again")] {
        let row = omnipush_core::codes::find(response::CODES, code).unwrap();
        assert!(row.scope == Scope::Lane && format!("{:?}", row.remedy).contains(remedy), "{code}");
    }
}

#[test]
fn a_callback_holds_messages_by_id_and_better_targets() {
    use omnipush_core::{Callback, Event, Reason};
    let data = r#"{"scm1":{"param":"p","type":1,"targets":"regA,regC","jobkey":"j","barStatus":"Enable","timestamp":1700000000000},"scm2":{"type":16,"targets":"regB","jobkey":"j2","errorCode":1,"replaceTarget":{"regB":"regD"}}}"#;
    let body = omnipush_core::vendor::form_body([("data", data)]);
    let mut cx = Cx { now: Now::at(0), rng: &mut |_| {}, overflow: Overflow::Refuse };
    let read = xiaomi().receipts(&Callback::new(Default::default(), body), &mut cx).unwrap().receipts;
    let told: Vec<_> = read.iter().map(|r| (r.event, r.target.as_str(), r.tag.as_deref(), r.at_ms)).collect();
    assert_eq!(
        told,
        [
            (Event::Delivered, "regA", Some("p"), Some(1_700_000_000_000)),
            (Event::Delivered, "regC", Some("p"), Some(1_700_000_000_000)),
            (Event::Dropped(Reason::InvalidToken), "regB", Some("j2"), None),
        ]
    );
    assert_eq!(read[2].replacement.as_ref().map(|target| target.as_str()), Some("regD"));
    assert!(xiaomi().receipts(&Callback::new(Default::default(), "data=%7B"), &mut cx).is_err());
}

/// What a send of `t` and `b` to an audience is: the path, and the fields that name the audience.
fn audience(shape: Shape, names: &[&str]) -> Result<(String, String), String> {
    let encoded = encode(json!({}), shape).unwrap();
    let targets: Vec<Target> = names.iter().map(|name| Target::from(*name)).collect();
    let items: Vec<Item<'_>> = targets.iter().map(|target| Item { encoded: &encoded, target }).collect();
    let mut cx = Cx { now: Now::at(NOW), rng: &mut |_| {}, overflow: Overflow::Refuse };
    let set = Set { shape, items: &items, ticket: "", request_id: "id-1" };
    let request = xiaomi().request(&set, &mut cx).map_err(|refusal| refusal.text.to_string())?;
    let body = String::from_utf8_lossy(&request.body).into_owned();
    assert!(body.starts_with("restricted_package_name=com.example.app&title=t&description=b&notify_id="), "{body}");
    let (_, named) = body.split_once("extra.notify_effect=1").unwrap();
    Ok((request.url.as_str().replace("https://api.xmpush.xiaomi.com", ""), decoded(named)))
}

#[test]
fn every_audience_has_its_own_call() {
    for (shape, names, path, fields) in [
        (Shape::Aliases, &["ann", "b&en"][..], "/v3/message/alias", "&alias=ann&alias=b&en"),
        (Shape::Accounts, &["1", "2"], "/v2/message/user_account", "&user_account=1&user_account=2"),
        (Shape::Topic, &["新闻"], "/v3/message/topic", "&topic=新闻"),
        (Shape::Segment, &["Beijing"], "/v2/message/region", "&region=Beijing"),
        (Shape::All, &[""], "/v3/message/all", ""),
        (Shape::Condition, &["'a' in topics"], "/v3/message/topic", "&topic=a"),
        (
            Shape::Condition,
            &["'a' in topics || ('b&c' in topics)"],
            "/v3/message/multi_topic",
            "&topics=a;$;b&c&topic_op=UNION",
        ),
        (
            Shape::Condition,
            &["'a' in topics&&'b' in topics && 'c' in  topics"],
            "/v3/message/multi_topic",
            "&topics=a;$;b;$;c&topic_op=INTERSECTION",
        ),
        (
            Shape::Condition,
            &["'a' in topics && !('b' in topics) && !'c' in topics"],
            "/v3/message/multi_topic",
            "&topics=a;$;b;$;c&topic_op=EXCEPT",
        ),
    ] {
        assert_eq!(audience(shape, names), Ok((path.to_owned(), fields.to_owned())), "{names:?}");
    }
    for (shape, name, part) in [
        (Shape::Aliases, "a,b", "alias: must be a text without commas"),
        (Shape::Accounts, "", "user_account: must be"),
        (Shape::Topic, "a;$;b", "topic: must be"),
        (Shape::Condition, "", "condition: ends where a term"),
        (Shape::Condition, "'a' in topics || 'b' in topics && 'c' in topics", "joined by || alone"),
        (Shape::Condition, "!('a' in topics)", "all topics but the first"),
        (Shape::Condition, "'a' in topics || !('b' in topics)", "all topics but the first"),
        (Shape::Condition, "'a' in topics && 'b' in topics && !('c' in topics)", "all topics but the first"),
        (Shape::Condition, "'a' in topics && !('b' in topics && 'c' in topics)", "all topics but the first"),
        (
            Shape::Condition,
            "'1' in topics||'2' in topics||'3' in topics||'4' in topics||'5' in topics||'6' in topics",
            "names 6 topics; at most 5",
        ),
    ] {
        let error = audience(shape, &[name]).unwrap_err();
        assert!(error.contains(part), "{name}: {error}");
    }
}

#[test]
fn messages_with_a_text_each_may_go_to_aliases_and_accounts() {
    let url = |each_by: &str| {
        let config = json!({"package_name": "a.b", "app_secret": "x", "each_by": each_by});
        Xiaomi::new(serde_json::from_value(config).unwrap()).unwrap().multi.to_string()
    };
    assert!(url("regids").ends_with("/v2/multi_messages/regids"));
    assert!(url("aliases").ends_with("/v2/multi_messages/aliases"));
    assert!(url("user_accounts").ends_with("/v2/multi_messages/user_accounts"));
}

#[test]
fn some_calls_take_one_package_and_some_a_pace() {
    let two = || json!({"vendors": {"xiaomi": {"packages": ["a.b", "c.d"]}}});
    let slow = |rate: i64| json!({"vendors": {"xiaomi": {"flow_control": rate}}});
    for shape in [Shape::Accounts, Shape::Segment, Shape::Each] {
        assert!(encode(two(), shape).unwrap_err().to_string().contains("one package only"), "{shape:?}");
    }
    assert!(encode(two(), Shape::Topic).is_ok());
    assert!(encode(slow(5000), Shape::List).unwrap_err().to_string().contains("extra.flow_control"));
    assert!(encode(slow(0), Shape::All).is_err());
    let paced = encode(slow(5000), Shape::All).unwrap();
    assert!(String::from_utf8_lossy(paced.body.literal()).contains("extra.flow_control=5000"));
}

#[test]
fn a_group_is_never_called_gone() {
    let reply = json!({"result": "error", "reason": "No valid targets!", "code": 20301});
    for (shape, class) in
        [(Shape::Topic, Class::Unknown), (Shape::All, Class::Unknown), (Shape::Aliases, Class::InvalidToken)]
    {
        let encoded = encode(json!({}), shape).unwrap();
        assert_eq!(decode(shape, 200, &reply, &[(&encoded, "x")])[0].refusal().unwrap().class, class, "{shape:?}");
    }
}

/// Method, path, fields.
fn operation(operation: &Operation) -> String {
    let mut cx = Cx { now: Now::at(NOW), rng: &mut |_| {}, overflow: Overflow::Refuse };
    match xiaomi().operation(operation, &mut cx) {
        Ok(request) => {
            let fields = if request.body.is_empty() {
                String::new()
            } else {
                format!(" {}", decoded(&String::from_utf8_lossy(&request.body)))
            };
            let url = decoded(request.url.as_str()).replace("https://api.xmpush.xiaomi.com", "");
            format!("{} {url}{fields}", request.method)
        }
        Err(refusal) => refusal.text.to_string(),
    }
}

fn own(name: &str, targets: &[&str], args: Value) -> Operation {
    let targets = targets.iter().map(|target| Target::from(*target)).collect();
    Operation::Own { name: name.into(), targets, args: args.as_object().unwrap().clone() }
}

#[test]
fn operations_are_asked_for_as_documented() {
    use omnipush_core::{Group, GroupKind};
    let targets = || vec![Target::from("a+/="), Target::from("b")];
    let day = |text: &str| text.parse().unwrap();
    let topic = || Group::Topic("news".into());
    const PACKAGE: &str = "restricted_package_name=com.example.app";
    for (asked, sent) in [
        (
            Operation::Withdraw { notify_id: 7, targets: targets() },
            format!("POST /v3/message/regid/revoke registration_ids=a+/=,b&notify_id=7&{PACKAGE}"),
        ),
        (
            own("alias_revoke", &["ann"], json!({"notify_id": 7})),
            format!("POST /v3/message/alias/revoke aliases=ann&notify_id=7&{PACKAGE}"),
        ),
        (
            own("user_account_revoke", &["1", "2"], json!({"notify_id": "7"})),
            format!("POST /v3/message/user_account/revoke user_accounts=1,2&notify_id=7&{PACKAGE}"),
        ),
        (Operation::Cancel { id: "scm1".into() }, "POST /v2/schedule_job/delete job_id=scm1".into()),
        (Operation::Scheduled { id: "scm1".into() }, "POST /v2/schedule_job/exist job_id=scm1".into()),
        (own("schedule_job_delete", &[], json!({"jobkey": "j"})), "POST /v3/schedule_job/delete jobkey=j".into()),
        (
            own("stop_by_id", &[], json!({"msg_ids": "m,n"})),
            format!("POST /v1/message/switch/stop_by_id msg_ids=m,n&{PACKAGE}"),
        ),
        (
            own("stop_by_jobkey", &[], json!({"job_keys": "j"})),
            format!("POST /v1/message/switch/stop_by_jobkey job_keys=j&{PACKAGE}"),
        ),
        (
            Operation::Subscribe { to: topic(), targets: targets() },
            format!("POST /v2/topic/subscribe registration_id=a+/=,b&topic=news&{PACKAGE}"),
        ),
        (
            Operation::Unsubscribe { from: topic(), targets: targets() },
            format!("POST /v2/topic/unsubscribe registration_id=a+/=,b&topic=news&{PACKAGE}"),
        ),
        (
            own("topic_subscribe_alias", &["ann"], json!({"category": "c", "topic": "t"})),
            format!("POST /v2/topic/subscribe/alias aliases=ann&category=c&topic=t&{PACKAGE}"),
        ),
        (
            Operation::Groups { kind: GroupKind::Alias, target: "r".into() },
            format!("GET /v1/alias/all?registration_id=r&{PACKAGE}"),
        ),
        (
            Operation::Groups { kind: GroupKind::Topic, target: "r".into() },
            format!("GET /v1/topic/all?registration_id=r&{PACKAGE}"),
        ),
        (
            Operation::Groups { kind: GroupKind::Account, target: "r".into() },
            format!("GET /v1/account/all?registration_id=r&{PACKAGE}"),
        ),
        (Operation::Statistics { ids: vec!["scm1".into()] }, "GET /v1/trace/message/status?msg_id=scm1".into()),
        (own("message_status", &[], json!({"job_key": "j"})), "GET /v1/trace/message/status?job_key=j".into()),
        (
            own("messages_status", &[], json!({"begin_time": 1, "end_time": 2})),
            "GET /v1/trace/messages/status?begin_time=1&end_time=2".into(),
        ),
        (
            Operation::Report { from: day("2026-11-01"), to: day("2026-11-23") },
            format!("GET /v1/stats/message/counters?start_date=20261101&end_date=20261123&{PACKAGE}"),
        ),
        (
            Operation::Report { from: day("2026-11-01"), to: day("2026-11-30") },
            "to: fewer than 30 days are allowed".into(),
        ),
        (Operation::Quota, "GET /v1/trace/quota/get".into()),
        (Operation::DeadTargets, "GET https://feedback.xmpush.xiaomi.com/v1/feedback/fetch_invalid_regids".into()),
        (
            own("fetch_invalid_aliases", &[], json!({})),
            "GET https://feedback.xmpush.xiaomi.com/v1/feedback/fetch_invalid_aliases".into(),
        ),
        (own("validation_regids", &["a", "b"], json!({})), "POST /v1/validation/regids registration_ids=a,b".into()),
        (own("regid_presence", &["a"], json!({})), format!("GET /v2/regid/presence?registration_id=a&{PACKAGE}")),
        (
            own("channel_add", &[], json!({"channel_id": "1", "channel_name": "n", "notify_type": 7})),
            "GET /v1/channel/add?channel_id=1&channel_name=n&notify_type=7".into(),
        ),
        (own("channel_discard", &[], json!({"channel_id": "1"})), "GET /v1/channel/discard?channel_id=1".into()),
        (own("channel_list", &[], json!({})), "GET /v1/channel/list".into()),
        (Operation::Cancel { id: String::new() }, "job_id: is empty".into()),
        (own("alias_revoke", &["a,b"], json!({"notify_id": 7})), "targets: must not be empty, nor hold commas".into()),
        (own("validation_regids", &[], json!({})), "targets: at least one is needed".into()),
        (Operation::Channels, "Xiaomi has no such operation".into()),
    ] {
        assert_eq!(operation(&asked).replace("a /=", "a+/="), sent, "{asked:?}");
    }
}

#[test]
fn a_picture_is_uploaded_for_its_use() {
    use omnipush_core::{Found, Image, ImageSize};
    let image = |size, bytes: &'static [u8]| {
        let (file_name, media_type) = ("a.png".to_owned(), "image/png".to_owned());
        Operation::UploadImage(Image { file_name, media_type, bytes: bytes.into(), size })
    };
    let sent = operation(&image(ImageSize::Icon, b"png"));
    assert!(
        sent.starts_with("POST /media/upload/image ") && sent.contains("name=\"file\"; filename=\"a.png\""),
        "{sent}"
    );
    assert!(
        sent.contains("name=\"is_icon\"\r\n\r\ntrue") && sent.contains("name=\"is_global\"\r\n\r\nfalse"),
        "{sent}"
    );
    assert_eq!(operation(&image(ImageSize::Large, b"")), "file: is empty");
    let reply = Reply::new(200, json!({"code": 0, "data": {"pic_url": "p", "icon_url": "i"}}).to_string());
    for (size, id) in [(ImageSize::Icon, "i"), (ImageSize::Large, "p")] {
        let answer = xiaomi().operation_reply(&image(size, b"png"), &reply).unwrap();
        assert_eq!(answer.found, Found::Id(id.into()));
    }
}

#[test]
fn what_operations_find() {
    use omnipush_core::{Counts, Found, GroupKind};
    let found = |operation: &Operation, body: Value| {
        xiaomi()
            .operation_reply(operation, &Reply::new(200, body.to_string()))
            .map(|answer| answer.found)
            .map_err(|refusal| refusal.class)
    };
    let ok = |data: Value| json!({"result": "ok", "code": 0, "data": data});
    let counts = |of: &str, numbers: &[(&str, i64)]| Counts {
        of: of.into(),
        numbers: numbers.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect(),
    };
    let message = json!({"id": "scm1", "msg_type": "regid", "create_time": "2026-11-23 10:00:00", "create_timestamp": 1_700_000_000_000_i64,
        "time_to_live": "1209600s", "resolved": 9, "delivered": 8, "delivery_rate": "88.9%", "click": 2, "invalid_target": 1});
    let told = counts("scm1", &[("resolved", 9), ("delivered", 8), ("clicked", 2), ("invalid", 1)]);
    let statistics = Operation::Statistics { ids: vec!["scm1".into()] };
    assert_eq!(found(&statistics, ok(json!({"data": message}))), Ok(Found::Counts(vec![told.clone()])));
    assert_eq!(
        found(&statistics, json!({"code": 0, "data": json!({"data": message}).to_string()})),
        Ok(Found::Counts(vec![told.clone()])),
        "as a text"
    );
    let many = own("messages_status", &[], json!({"begin_time": 1, "end_time": 2}));
    assert_eq!(found(&many, ok(json!({"data": [message, message]}))), Ok(Found::Counts(vec![told.clone(), told])));
    assert!(found(&statistics, ok(json!({}))).is_err());
    let report = Operation::Report { from: "2026-11-22".parse().unwrap(), to: "2026-11-23".parse().unwrap() };
    let days = json!({"data": [{"date": "20261122", "received": 3, "click": "1"}, {"date": "2026-11-23", "single_recipients": 4}]});
    let told = vec![
        counts("2026-11-22", &[("delivered", 3), ("clicked", 1)]),
        counts("2026-11-23", &[("single_recipients", 4)]),
    ];
    assert_eq!(found(&report, ok(days)), Ok(Found::Counts(told)));
    let quota = ok(json!({"day_quota": "20000", "day_acked": "7"}));
    assert_eq!(
        found(&Operation::Quota, quota),
        Ok(Found::Counts(vec![counts("day", &[("quota", 20_000), ("used", 7)])]))
    );
    let list = || ok(json!({"list": ["a", "b"]}));
    let names = || Ok(Found::Names(vec!["a".into(), "b".into()]));
    assert_eq!(found(&Operation::DeadTargets, list()), names());
    assert_eq!(found(&Operation::Groups { kind: GroupKind::Topic, target: "r".into() }, list()), names());
    let aliases = own("fetch_invalid_aliases", &[], json!({}));
    assert_eq!(found(&aliases, list()), names());
    assert_eq!(found(&aliases, json!({"code": 10035})), Ok(Found::Names(Vec::new())));
    assert_eq!(found(&Operation::DeadTargets, json!({"code": 10030})), Err(Class::RateLimited));
    assert_eq!(
        found(&own("validation_regids", &["a"], json!({})), ok(json!({"x": 1}))),
        Ok(Found::Other(json!({"x": 1})))
    );
    let withdraw = Operation::Withdraw { notify_id: 1, targets: vec!["a".into(), "b".into()] };
    assert_eq!(found(&withdraw, ok(json!({}))), Ok(Found::Nothing));
    assert_eq!(found(&withdraw, json!({"code": 10029})), Err(Class::Unknown), "it does not say which");
    assert_eq!(found(&withdraw, json!([])), Err(Class::Unknown));
}
