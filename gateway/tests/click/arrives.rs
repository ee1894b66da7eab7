//! Whatever `Ext` says reaches the app as it was sent, on every vendor, whether a tap opens the app
//! or a page of it.

use std::collections::BTreeMap;

use omnipush::{ActionName, ActivityName, Click, IntentUri};
use omnipush_gateway::certificates::Certificate;
use omnipush_gateway::dispatch::To;
use omnipush_gateway::intent::Intent;
use omnipush_gateway::model::VoipBinding;
use omnipush_gateway::rules::Rule;
use omnipush_gateway::store::DeliveryState;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::android::{Opened, open};
use crate::phone::{Tapped, tap};
use crate::support::{INTENT, VENDORS, World};

/// The demo's own shape.
const DEMO: &str = r#"{"entity":{"version":1,"chatType":1,"action":1,"sender":"user 1","nickname":"小明","faceUrl":"https://example.com/a.png?x=1&y=2","content":"你好; a=b#c/d","sendTime":0,"customData":[]},"timPushFeatures":{"fcmPushType":1,"fcmNotificationType":0}}"#;

const CONTENTS: &[&str] = &[
    DEMO,
    "{}",
    r#"{"a":"x","b":1,"c":null,"d":[1,2],"e":true,"f":{"g":"\"\\\/\n\u4f60"}}"#,
    r#"{"":"a member without a name","b":"one with"}"#,
    r#"{"n":12345678901234567890,"p":1.5,"twice":1,"twice":{"a":[1,2]}}"#,
    r#"["no","object"]"#,
    "1",
    " ",
    "plain text",
    "\"",
    "\\",
    "\\\"",
    "';\"",
    ";",
    ";end",
    "end",
    ";end;S.ext=other",
    "#Intent;",
    "#Intent;action=android.intent.action.CALL;end",
    "S.ext=",
    "S.ext=x;S.ext=y;",
    "SEL;",
    "component=com.evil/.Main;",
    ";package=com.evil;B.admin=true;launchFlags=0xC3;scheme=tel;",
    "intent://evil#Intent;end",
    "%",
    "%25",
    "%2",
    "%3Bend",
    "%zz",
    "&a=b&c",
    "=",
    "+",
    "a+b c%20d",
    "?#/",
    "\n",
    "a\r\nb\tc",
    "\u{1}\u{7f}\u{85}",
    "😀",
    "👩‍👩‍👧‍👦🏳️‍🌈",
    "中文，内容",
    "\u{301}",
    "e\u{301}\u{200d}\u{feff}",
    "\u{202e}right to left",
    "\u{10ffff}\u{e000}\u{fffd}",
    "<a href='x'>&amp;</a>",
    "${name} {{name}} %s",
];

/// A page of the app, in the form that each vendor takes.
fn page(vendor: &str) -> Click {
    match vendor {
        "xiaomi" | "huawei" | "honor" | "vivo" => Click::Intent(IntentUri::new(INTENT).unwrap()),
        "oppo" | "meizu" | "tpns" => Click::Activity(ActivityName::new("com.example.chat.DetailActivity").unwrap()),
        "harmony" => Click::Action(ActionName::new("com.example.chat.DETAIL").unwrap()),
        _ => Click::App,
    }
}

/// A world where each vendor has a user of its name.
async fn world(opens_page: bool) -> World {
    clicking(|vendor| if opens_page { page(vendor) } else { Click::App }).await
}

async fn clicking(click: impl Fn(&str) -> Click) -> World {
    let certify = |id, vendor: &'static str| Certificate { click: click(vendor), ..Certificate::new(id, vendor) };
    let world = World::of(certify, |gateway| gateway).await;
    for (_, vendor) in VENDORS {
        world.user(vendor, vendor).await;
    }
    world
}

/// Sends an `Ext` to every vendor: what each app gets, or why nothing was sent.
async fn send(world: &World, id: &str, ext: &str) -> BTreeMap<&'static str, Result<Tapped, (Rule, String)>> {
    send_with(world, id, json!({"Desc": "text", "Ext": ext})).await
}

/// The same with any push information.
async fn send_with(world: &World, id: &str, info: Value) -> BTreeMap<&'static str, Result<Tapped, (Rule, String)>> {
    let message = world.message(id).info(info).message;
    let accounts = VENDORS.map(|(_, vendor)| vendor.to_owned());
    world.tell(&message, To::Users(&accounts)).await;
    let explained = world.store().explain(id, None).await.unwrap().unwrap();
    let of = |(_, vendor): (u32, &'static str)| {
        let fake = world.fake(vendor).world();
        let mut arrived = fake.delivered();
        fake.forget();
        let found = explained.deliveries.iter().find(|delivery| delivery.account == vendor).unwrap();
        let tapped = match (found.state, arrived.pop()) {
            (DeliveryState::Accepted, Some(delivered)) => Ok(tap(vendor, &delivered.raw)),
            (DeliveryState::Silent, None) => Err((found.rule, found.detail.clone())),
            (state, arrived) => panic!("{vendor} is {state:?} with {arrived:?}: {found:?}"),
        };
        assert!(arrived.is_empty(), "{vendor} got it twice");
        (vendor, tapped)
    };
    VENDORS.map(of).into_iter().collect()
}

/// Asserts that the app finds what was sent, and nothing else beside it.
fn assert_found(vendor: &str, ext: &str, tapped: &Tapped) {
    let members = match serde_json::from_str(ext) {
        Ok(Value::Object(members)) if vendor == "oppo" => members,
        _ => {
            let names: Vec<&str> = tapped.handed.keys().map(String::as_str).collect();
            assert!(names.is_empty() || names == ["ext"], "{vendor} hands {names:?} over");
            let sent = Some(ext).filter(|ext| !ext.is_empty());
            assert_eq!(tapped.finds("ext"), sent, "{vendor}");
            return;
        }
    };
    // OPPO's phones make extras of the members; one without a name has no place there.
    let members: BTreeMap<String, Value> = members.into_iter().filter(|(name, _)| !name.is_empty()).collect();
    assert!(members.keys().eq(tapped.handed.keys()), "{members:?} became {:?}", tapped.handed);
    for (name, value) in members {
        let found = &tapped.handed[&name];
        match value {
            Value::String(text) => assert_eq!(*found, text),
            other => assert_eq!(serde_json::from_str::<Value>(found).unwrap(), other),
        }
    }
}

/// Asserts that a tap opens what the certificate says, and that `Ext` is all that came to it.
fn assert_unbent(vendor: &str, opens_page: bool, tapped: &Tapped) {
    let expected = opens_page && matches!(page(vendor), Click::Intent(_));
    let Some(intent) = &tapped.intent else {
        assert!(!expected, "{vendor} opens no page");
        return;
    };
    let mut bare = intent.clone();
    bare.extras.remove(&('S', "ext".into()));
    assert_eq!(bare, open(INTENT), "{vendor}");
}

#[tokio::test]
async fn hostile_and_plain_contents_arrive_as_they_were_sent() {
    for opens_page in [false, true] {
        let world = world(opens_page).await;
        for (number, ext) in CONTENTS.iter().enumerate() {
            for (vendor, tapped) in send(&world, &number.to_string(), ext).await {
                let tapped = tapped.unwrap_or_else(|error| panic!("{vendor} with {ext:?}: {error:?}"));
                assert_found(vendor, ext, &tapped);
                assert_unbent(vendor, opens_page, &tapped);
            }
        }
    }
}

#[tokio::test]
async fn without_ext_nothing_is_handed_over() {
    for opens_page in [false, true] {
        let world = world(opens_page).await;
        for (vendor, tapped) in send(&world, "1", "").await {
            let tapped = tapped.unwrap();
            assert_eq!(tapped.handed, BTreeMap::new(), "{vendor}");
            assert_unbent(vendor, opens_page, &tapped);
            assert!(tapped.intent.is_none_or(|intent| intent.extras.is_empty()), "{vendor}");
        }
    }
}

#[test]
fn any_text_arrives_as_it_was_sent() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let worlds = [false, true].map(|opens_page| (opens_page, runtime.block_on(world(opens_page))));
    let number = std::cell::Cell::new(0);
    let text = prop_oneof![
        ".{1,120}",
        "[;=#%&+{}\"'\\\\/ S.extnd\r\n\t\u{0}-\u{1f}😀é中]{1,120}",
        "(;?end|S\\.ext=|#Intent;|SEL;|%[0-9A-F]{2}|package=a;){1,12}"
    ];
    let object = proptest::collection::btree_map(".{1,12}", ".{0,40}", 0..5)
        .prop_map(|members| serde_json::to_string(&members).unwrap());
    let config = Config { cases: 48, failure_persistence: None, ..Config::default() };
    let run = |ext: String| {
        for (opens_page, world) in &worlds {
            number.set(number.get() + 1);
            for (vendor, tapped) in runtime.block_on(send(world, &number.get().to_string(), &ext)) {
                let tapped = tapped.unwrap_or_else(|error| panic!("{vendor} with {ext:?}: {error:?}"));
                assert_found(vendor, &ext, &tapped);
                assert_unbent(vendor, *opens_page, &tapped);
            }
        }
        Ok(())
    };
    TestRunner::new(config).run(&prop_oneof![3 => text, 1 => object], run).unwrap();
}

/// At every length `Ext` arrives whole or the message is silent for a reason that names the field, the
/// limit and the size; no escape and no character is ever cut.
#[tokio::test]
async fn what_is_too_long_arrives_whole_or_not_at_all() {
    let lengths = [800, 900, 1000, 1021, 1022, 1024, 1025, 1300, 2000, 3000, 3900, 4000, 4096, 5000, 20_000];
    let mut refused = BTreeMap::<&str, usize>::new();
    for opens_page in [false, true] {
        let world = world(opens_page).await;
        let mut number = 0;
        for filling in ["a", "\"", "中", "😀"] {
            for length in lengths {
                number += 1;
                let ext = filling.repeat(length / filling.len());
                for (vendor, tapped) in send(&world, &number.to_string(), &ext).await {
                    match tapped {
                        Ok(tapped) => {
                            assert_found(vendor, &ext, &tapped);
                            assert_unbent(vendor, opens_page, &tapped);
                        }
                        Err((rule, words)) => {
                            assert_eq!(rule, Rule::R76, "{vendor}: {words}");
                            let numbers = words.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
                            assert!(numbers.count() >= 2, "{vendor} names no limit and no size: {words}");
                            // A quote in JSON in JSON takes four bytes.
                            let common = if filling == "\"" { 900 } else { 1000 };
                            assert!(length > common, "{vendor} takes no {length} bytes of {filling}: {words}");
                            *refused.entry(vendor).or_default() += 1;
                        }
                    }
                }
            }
        }
    }
    // Every vendor has a limit but Meizu, which documents none for parameters.
    let limited: Vec<&str> =
        VENDORS.map(|(_, vendor)| vendor).into_iter().filter(|vendor| *vendor != "meizu").collect();
    assert!(limited.iter().all(|vendor| refused.contains_key(vendor)), "{refused:?}");
    assert_eq!(refused.len(), limited.len(), "{refused:?}");
}

/// vivo's page is told within vivo's limit, and beyond it by the pairs alone, which reach it as well.
#[tokio::test]
async fn a_long_intent_of_vivo_leaves_ext_to_the_pairs() {
    let world = world(true).await;
    let mut ways = Vec::new();
    for (number, length) in (1..).zip([10, 250, 400, 1000]) {
        let ext = "\"".repeat(length);
        let tapped = send(&world, &number.to_string(), &ext).await.remove("vivo").unwrap().unwrap();
        assert_eq!(tapped.handed["ext"], ext);
        ways.push(tapped.intent.unwrap().text("ext").is_some());
    }
    assert_eq!(ways, [true, true, false, false]);
}

/// `Ext` arrives where Android stops reading early, and where a part of the intent picks the app.
#[tokio::test]
async fn an_unusual_page_is_handed_ext_as_well() {
    let head = "intent://com.example.chat/detail?a=1#b#Intent;scheme=app;component=com.example.chat/.DetailActivity;";
    for tail in ["SEL;package=com.example.chat;end", "endless=1;end", "i.ext=7;end"] {
        let uri = format!("{head}{tail}");
        let intent = || Click::Intent(IntentUri::new(uri.clone()).unwrap());
        let taking = ["huawei", "honor", "vivo"];
        let world = clicking(|vendor| if taking.contains(&vendor) { intent() } else { Click::App }).await;
        for (vendor, tapped) in send(&world, "1", DEMO).await.into_iter().filter(|(vendor, _)| taking.contains(vendor))
        {
            let mut opened = tapped.unwrap().intent.unwrap();
            assert_eq!(opened.text("ext"), Some(DEMO), "{vendor} with {tail}");
            opened.extras.remove(&('S', "ext".into()));
            assert_eq!(opened, open(&uri), "{vendor}");
        }
    }
}

/// Whatever else a message asks for, `Ext` goes along.
#[tokio::test]
async fn ext_arrives_by_the_other_ways_too() {
    let world = world(true).await;
    let ext = r#"{"entity":";end%"}"#;
    let background = json!({"Desc": "text", "Ext": ext, "ApnsInfo": {"ContentAvailable": 1}});
    let tapped = send_with(&world, "1", background).await.remove("apns").unwrap().unwrap();
    assert_eq!(tapped.finds("ext"), Some(ext));

    let voip = VoipBinding { certificate: 1, token: world.fake("apns").target(90) };
    world.store().set_voip("apns", "phone", Some(&voip)).await.unwrap();
    let call = json!({"Title": "Ann", "Desc": "calls", "Ext": ext, "ApnsInfo": {"IsVoipPush": 1}});
    let tapped = send_with(&world, "2", call).await.remove("apns").unwrap().unwrap();
    assert_eq!(tapped.handed, pairs_of([("title", "Ann"), ("body", "calls"), ("ext", ext)]));

    let data = r#"{"timPushFeatures":{"fcmPushType":0}}"#;
    let message = json!({"Title": "Ann", "Desc": "text", "Ext": data});
    let tapped = send_with(&world, "3", message).await.remove("fcm").unwrap().unwrap();
    assert_eq!(tapped.handed, pairs_of([("title", "Ann"), ("desc", "text"), ("ext", data)]));

    let beside = json!({"Desc": "text", "Ext": ext, "AndroidInfo": {"ExtAsHuaweiIntentParam": 0}});
    let tapped = send_with(&world, "4", beside).await.remove("huawei").unwrap().unwrap();
    assert_eq!(tapped.intent.as_ref().unwrap().text("ext"), None);
    assert_eq!(tapped.finds("ext"), Some(ext));
}

fn pairs_of(pairs: [(&str, &str); 3]) -> BTreeMap<String, String> {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The gateway's own reader of intents says the same as the other one here.
#[test]
fn both_readers_of_intents_agree() {
    let with = |ext: &str| omnipush_gateway::intent::with_extra(INTENT, "ext", ext);
    for ext in CONTENTS {
        let (theirs, ours): (Opened, Intent) = (open(&with(ext)), Intent::parse(&with(ext)).unwrap());
        assert_eq!(theirs.data, ours.data);
        assert_eq!(theirs.text("ext"), ours.extras.get("ext").map(String::as_str));
        assert_eq!((theirs.extras.len(), ours.extras.len()), (1, 1));
        let component = ours.component.map(|(package, class)| format!("{package}/{class}")).unwrap();
        assert!(theirs.items.contains(&("component".into(), component)));
    }
}
