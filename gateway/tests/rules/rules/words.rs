//! R45 to R53, and the badge: R58 to R64.

use omnipush::Badge;
use omnipush_gateway::model::{Conversation, Element, PresenceEvent, ReceiveOption, SenderPrefix, Template, Texts};
use omnipush_gateway::rules::Rule;
use serde_json::json;

use super::support::{Case, World, custom};

#[test]
fn r45_the_vendors_own_title_wins() {
    let info = json!({"Title": "common", "ApnsInfo": {"Title": "apple"}, "HarmonyInfo": {"Title": "harmony"}});
    for (vendor, title) in [("apns", "apple"), ("harmony", "harmony"), ("vivo", "common"), ("fcm", "common")] {
        assert_eq!(Case::new(vendor).info(info.clone()).title(), title, "{vendor}");
    }
    assert_eq!(Case::new("apns").info(json!({"Title": "common"})).title(), "common");
}

#[test]
fn r46_desc_replaces_the_texts_of_all_elements() {
    let two = vec![Element::Text("a".into()), Element::Face];
    assert_eq!(Case::new("vivo").body_of(two).info(json!({"Desc": "new"})).body(), "new");
}

#[test]
fn r47_each_element_gives_its_text() {
    let relay = |title: &str| Element::Relay { title: title.into() };
    for (element, text) in [
        (Element::Text("hello".into()), "hello"),
        (Element::Location, "[Location]"),
        (Element::Face, "[Face]"),
        (custom("its desc"), "its desc"),
        (Element::Sound, "[Voice]"),
        (Element::Image, "[Image]"),
        (Element::File, "[File]"),
        (Element::Video, "[Video]"),
        (relay("Chat of Ann and Bo"), "Chat of Ann and Bo"),
        (relay(""), "[Chat History]"),
    ] {
        let shown = format!("{element:?}");
        assert_eq!(Case::new("vivo").body_of(vec![element]).body(), text, "{shown}");
    }
    // In the device's language, where the settings have it.
    let mut case = Case::new("vivo").body_of(vec![Element::Image]);
    case.settings.texts.insert("zh".into(), Texts { image: "[图片]".into(), ..Texts::default() });
    for (language, text) in
        [(Some("zh"), "[图片]"), (Some("zh-Hans"), "[图片]"), (Some("fr"), "[Image]"), (None, "[Image]")]
    {
        case.device.language = language.map(str::to_owned);
        assert_eq!(case.body(), text, "{language:?}");
    }
}

#[test]
fn r48_texts_are_joined_with_nothing_between() {
    let case = Case::new("vivo").body_of(vec![Element::Text("hello".into()), custom("world")]);
    assert_eq!(case.body(), "helloworld");
}

#[test]
fn r49_a_fallback_text_begins_with_its_sender() {
    let texts = |case: &Case| (case.notification().title, case.body());
    let mut one = Case::new("apns");
    assert_eq!(texts(&one), (None, "hello".into()));
    one.message.from.nickname = "Nickname".into();
    assert_eq!(texts(&one), (None, "Nickname:hello".into()));
    let mut group = Case::new("apns").group();
    assert_eq!(texts(&group), (None, "(Team 7):hello".into()));
    group.message.from.nickname = "Nickname".into();
    assert_eq!(texts(&group), (None, "Nickname(Team 7):hello".into()));
    // Not with a title, and not when the text was given.
    assert_eq!(texts(&one.info(json!({"Title": "t"}))), (Some("t".into()), "hello".into()));
    assert_eq!(texts(&group.info(json!({"Desc": "d"}))), (None, "d".into()));
    // Elsewhere the sender or the group is the title, as vendors demand one.
    let mut one = Case::new("vivo");
    assert_eq!(texts(&one), (Some("ann".into()), "hello".into()));
    one.message.from.nickname = "Nickname".into();
    assert_eq!(texts(&one), (Some("Nickname".into()), "hello".into()));
    assert_eq!(texts(&Case::new("vivo").group()), (Some("Team 7".into()), "hello".into()));
    one.settings.sender_prefix = SenderPrefix::All;
    assert_eq!(one.body(), "Nickname:hello");
    let mut never = Case::new("apns").group();
    never.settings.sender_prefix = SenderPrefix::Never;
    assert_eq!(never.body(), "hello");
}

#[test]
fn r50_push_information_overrides_a_custom_element() {
    let element = || Element::Custom { desc: "desc".into(), ext: "{\"a\":1}".into(), sound: "bell.caf".into() };
    let alone = Case::new("apns").body_of(vec![element()]).notification();
    assert_eq!(alone.data.get("ext"), Some("{\"a\":1}"));
    assert_eq!(alone.sound, Some(omnipush::Sound::Named("bell.caf".into())));
    // With it all is its own, but the text where it has none.
    let with = Case::new("apns").body_of(vec![element()]).info(json!({"Ext": "{\"b\":2}"})).notification();
    assert_eq!((with.data.get("ext"), with.body.as_deref()), (Some("{\"b\":2}"), Some("desc")));
    assert_eq!(with.sound, Some(omnipush::Sound::Default));
    let none = Case::new("apns").body_of(vec![element()]).info(json!({})).notification();
    assert_eq!(none.data.get("ext"), None);
}

#[test]
fn r51_over_long_texts_are_cut_in_utf_16_units() {
    for (vendor, title, body) in [
        ("huawei", 60, 600),
        ("honor", 50, 400),
        ("xiaomi", 50, 128),
        ("oppo", 50, 50),
        ("vivo", 40, 100),
        ("meizu", 32, 100),
    ] {
        let cut = |title: &str, body: &str| {
            let n = Case::new(vendor).info(json!({"Title": title, "Desc": body})).notification();
            (n.title.unwrap(), n.body.unwrap())
        };
        let fits = ("t".repeat(title), "文".repeat(body));
        assert_eq!(cut(&fits.0, &fits.1), fits, "{vendor}");
        let (long_title, long_body) = cut(&"t".repeat(title + 1), &"文".repeat(body + 1));
        assert_eq!(long_title, "t".repeat(title - 3) + "...", "{vendor}");
        assert_eq!(long_body, "文".repeat(body - 3) + "...", "{vendor}");
        // An emoji counts two, and is never split.
        let (_, emoji) = cut("t", &"😀".repeat(body));
        assert_eq!(emoji, "😀".repeat((body - 3) / 2) + "...", "{vendor}");
    }
    let long = Case::new("oppo").info(json!({"Desc": "d".repeat(200), "AndroidInfo": {"PushStyle": 1}}));
    assert_eq!(long.body().len(), 128);
    // No such limit on Apple devices and FCM.
    for vendor in ["apns", "fcm"] {
        assert_eq!(Case::new(vendor).info(json!({"Desc": "d".repeat(2000)})).body().len(), 2000);
    }
}

#[test]
fn r52_the_devices_language_picks_the_content() {
    let mut case = Case::new("vivo").info(json!({
        "Title": "Hello", "Desc": "text",
        "MultiLanguageContent": [
            {"Language": "zh", "Title": "你好", "Desc": "内容"},
            {"Language": "fr", "Desc": "texte"},
        ],
    }));
    for (language, title, body) in [
        (None, "Hello", "text"),
        (Some("en"), "Hello", "text"),
        (Some("zh"), "你好", "内容"),
        (Some("zh-Hant-TW"), "你好", "内容"),
        (Some("fr"), "Hello", "texte"),
    ] {
        case.device.language = language.map(str::to_owned);
        assert_eq!((case.title(), case.body()), (title.to_owned(), body.to_owned()), "{language:?}");
    }
}

#[test]
fn r53_a_template_gives_the_text() {
    let mut case = Case::new("vivo").group().info(json!({
        "Title": "T", "Desc": "D", "PushTemplateId": "1400000123-1",
        "PushTemplateParam": {"place": "Oslo {timTitle}", "n": 3},
    }));
    case.message.from.nickname = "Ann".into();
    let title = "{timTitle} by {timSenderNick} in {timGroupName}".to_owned();
    let desc = "{timDesc} at {place}, {n}, {unknown} {".to_owned();
    case.settings.templates.insert("1400000123-1".into(), Template { title, desc });
    assert_eq!(case.title(), "T by Ann in Team 7");
    // A value is not filled again.
    assert_eq!(case.body(), "D at Oslo {timTitle}, 3, {unknown} {");
    case.message.conversation = Conversation::OneToOne;
    assert_eq!(case.title(), "T by Ann in ");
    // A pure push has no sender and no group to put in.
    case.message.conversation = Conversation::Push { data_id: None };
    assert_eq!(case.silent(), Rule::R53);
    case.settings.templates.clear();
    case.message.conversation = Conversation::OneToOne;
    assert_eq!(case.silent(), Rule::R53);
}

#[tokio::test]
async fn r58_the_background_call_sets_the_badge_to_count_from() {
    let world = World::new().await;
    world.user("bo", "apns").await;
    world.happens("bo", PresenceEvent::Connect { connection: 2, heartbeats: false }).await;
    world.happens("bo", PresenceEvent::Background { unread: 41 }).await;
    world.deliver(&world.message("1").message, "bo").await;
    assert_eq!(badges(&world), [json!(42)]);
}

#[tokio::test]
async fn r59_each_counted_push_sends_one_more() {
    let world = World::new().await;
    world.user("bo", "apns").await;
    for id in ["1", "2", "3"] {
        world.deliver(&world.message(id).message, "bo").await;
    }
    world.happens("bo", PresenceEvent::Background { unread: 0 }).await;
    world.deliver(&world.message("4").message, "bo").await;
    assert_eq!(badges(&world), [json!(1), json!(2), json!(3), json!(1)]);
}

fn badges(world: &World) -> Vec<serde_json::Value> {
    let delivered = world.fake("apns").world().delivered();
    delivered.iter().map(|d| d.raw.pointer("/aps/badge").cloned().unwrap_or_default()).collect()
}

#[test]
fn r60_on_apple_devices_set_beats_add_beats_mode() {
    let badge = |info: serde_json::Value| {
        let mut case = Case::new("apns").info(info);
        case.device.badge = 5;
        case.notification().badge
    };
    let mode = |mode: u32| json!({"BadgeMode": mode});
    assert_eq!(badge(json!({"BadgeSetNum": 9, "BadgeAddNum": 3, "ApnsInfo": mode(1)})), Some(Badge::Set(9)));
    assert_eq!(badge(json!({"BadgeSetNum": 0})), Some(Badge::Set(0)));
    assert_eq!(badge(json!({"BadgeAddNum": 3, "ApnsInfo": mode(1)})), Some(Badge::Set(8)));
    assert_eq!(badge(json!({"ApnsInfo": mode(0)})), Some(Badge::Set(6)));
    assert_eq!(badge(json!({"ApnsInfo": mode(1)})), None);
    assert_eq!(badge(json!({})), Some(Badge::Set(6)));
    // A pure push does not count unless it says so.
    let mut push = Case::new("apns").info(json!({"Desc": "d"}));
    push.message.conversation = Conversation::Push { data_id: None };
    assert_eq!(push.notification().badge, None);
    let mut push = push.info(json!({"Desc": "d", "ApnsInfo": mode(0)}));
    push.device.badge = 5;
    assert_eq!(push.notification().badge, Some(Badge::Set(6)));
}

#[test]
fn r61_on_huawei_honor_and_harmony_set_beats_add_beats_plus_one() {
    let badge = |vendor: &str, info| Case::new(vendor).info(info).notification().badge;
    for vendor in ["huawei", "honor", "harmony"] {
        assert_eq!(badge(vendor, json!({"BadgeSetNum": 9, "BadgeAddNum": 3})), Some(Badge::Set(9)));
        assert_eq!(badge(vendor, json!({"BadgeSetNum": 999})), Some(Badge::Set(99)));
        assert_eq!(badge(vendor, json!({"BadgeAddNum": 3})), Some(Badge::Add(3)));
        assert_eq!(badge(vendor, json!({})), Some(Badge::Add(1)));
    }
    for vendor in ["fcm", "xiaomi", "oppo", "vivo", "meizu"] {
        assert_eq!(badge(vendor, json!({"BadgeSetNum": 9, "BadgeAddNum": 3})), None, "{vendor}");
    }
}

#[test]
fn r62_an_ignored_badge_does_not_rise() {
    // Clients' ignoreIOSBadge is REST's BadgeMode 1.
    let case = Case::new("apns").info(json!({"ApnsInfo": {"BadgeMode": 1}}));
    assert_eq!((case.notification().badge, case.pushed().composed.badge), (None, None));
}

#[test]
fn r64_muted_conversations_do_not_count() {
    let mut case = Case::new("apns").group();
    case.recipient.option = ReceiveOption::NotNotifyExceptAt;
    case.message.mentions.users = vec!["bo".into()];
    assert_eq!(case.notification().badge, None);
    case.recipient.option = ReceiveOption::Receive;
    assert_eq!(case.notification().badge, Some(Badge::Set(1)));
}
