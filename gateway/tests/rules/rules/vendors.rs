//! R54 to R57 and R65 to R76: what each vendor gets.

use omnipush::{Click, HttpUrl, Kind, Priority, Sound};
use omnipush_gateway::certificates::read;
use omnipush_gateway::decide::Way;
use omnipush_gateway::intent::Intent;
use omnipush_gateway::model::{Element, FcmMode, HuaweiExt, LiveActivityBinding, NotAnObject, VoipBinding};
use omnipush_gateway::rules::Rule;
use serde_json::json;

use super::support::{Case, INTENT, NOW, World};

#[test]
fn r54_the_apns_sound_is_a_file_with_suffix() {
    let sound = |name: &str| Case::new("apns").info(json!({"ApnsInfo": {"Sound": name}})).notification().sound;
    assert_eq!(sound("bell.caf"), Some(Sound::Named("bell.caf".into())));
    assert_eq!(sound("default"), Some(Sound::Default));
    assert_eq!(sound("push.no_sound"), Some(Sound::Silent));
    assert_eq!(sound(""), Some(Sound::Default));
    let mut case = Case::new("apns");
    case.settings.apns_default_sound = false;
    assert_eq!(case.notification().sound, None);
}

#[test]
fn r55_the_android_sound_goes_to_huawei_fcm_and_xiaomi() {
    let sound = |vendor| Case::new(vendor).info(json!({"AndroidInfo": {"Sound": "bell"}})).notification().sound;
    for vendor in ["huawei", "fcm", "xiaomi"] {
        assert_eq!(sound(vendor), Some(Sound::Named("bell".into())), "{vendor}");
    }
    for vendor in ["oppo", "vivo", "meizu", "honor"] {
        assert_eq!(sound(vendor), None, "{vendor}");
    }
}

#[test]
fn r56_a_harmony_sound_may_have_a_duration() {
    let case = |info| Case::new("harmony").info(json!({"HarmonyInfo": info}));
    let with = case(json!({"Sound": "bell.mp3", "SoundDuration": 40}));
    assert_eq!(with.notification().sound, Some(Sound::Named("bell.mp3".into())));
    assert_eq!(with.options()["sound_duration"], 40);
    let alone = case(json!({"SoundDuration": 40}));
    assert_eq!((alone.notification().sound, &alone.options()["sound_duration"]), (None, &json!(null)));
}

#[test]
fn r57_vivo_rings_and_vibrates_by_default() {
    let notify = |info| Case::new("vivo").info(json!({"AndroidInfo": info})).options()["notify_type"].clone();
    assert_eq!(notify(json!({})), 4);
    assert_eq!(notify(json!({"VIVONotifyType": 1})), 1);
    assert_eq!(notify(json!({"VIVONotifyType": "2"})), 2);
}

#[tokio::test]
async fn r65_a_huawei_badge_needs_the_launchers_class() {
    let world = World::new().await;
    world.user("bo", "huawei").await;
    world.deliver(&world.message("1").message, "bo").await;
    let explained = world.store().explain("1", None).await.unwrap().unwrap();
    let told_of_badge = explained.notes[0].losses.iter().any(|loss| loss.starts_with("badge is lost"));
    let sent = world.fake("huawei").world().delivered();
    let has_badge = sent[0].raw.to_string().contains("\"badge\"");
    // The fake's app has a class or not; either the badge goes out, or its loss is told.
    assert_ne!(told_of_badge, has_badge, "{explained:?} {:?}", sent[0].raw);
}

#[test]
fn r66_content_available_is_a_silent_push() {
    let case = Case::new("apns").info(json!({"Desc": "d", "Ext": "{}", "ApnsInfo": {"ContentAvailable": 1}}));
    let n = case.notification();
    assert_eq!((n.kind, n.title, n.body, n.badge, n.sound), (Kind::Background, None, None, None, None));
    assert_eq!(n.data.get("ext"), Some("{}"));
    let android = Case::new("vivo").info(json!({"Desc": "d", "ApnsInfo": {"ContentAvailable": 1}}));
    assert_eq!(android.notification().kind, Kind::Alert);
}

#[test]
fn r67_a_call_goes_to_the_voip_token() {
    let mut case = Case::new("apns").info(json!({"Title": "Ann", "Desc": "calls", "ApnsInfo": {"IsVoipPush": 1}}));
    let ordinary = case.pushed();
    assert_eq!((ordinary.way, ordinary.token.as_str()), (Way::Ordinary, "token-apns"));
    assert_eq!(ordinary.composed.notification.body.as_deref(), Some("calls"));
    case.device.voip = Some(VoipBinding { certificate: 1, token: "voip".into() });
    let call = case.pushed();
    assert_eq!((call.way, call.token.as_str()), (Way::Voip, "voip"));
    assert_eq!(case.options(), json!({"push_type": "voip"}));
    assert_eq!(call.composed.notification.data.get("body"), Some("calls"));
    // An Android phone gets an ordinary notification.
    let android = Case::new("vivo").info(json!({"Desc": "calls", "ApnsInfo": {"IsVoipPush": 1}}));
    assert_eq!(android.body(), "calls");
}

#[test]
fn r68_a_live_activity_is_updated_or_ended() {
    let activity = |event: &str| json!({"LaId": "ride", "Event": event, "ContentState": {"minutes": 3}});
    let mut case = Case::new("apns").info(json!({"Desc": "d", "ApnsInfo": {"LiveActivity": activity("update")}}));
    assert_eq!(case.silent(), Rule::R68);
    case.settings.live_activity_falls_back = true;
    assert_eq!(case.pushed().way, Way::Ordinary);
    let binding = LiveActivityBinding { activity: "ride".into(), certificate: 1, token: "la".into() };
    case.device.live_activities = vec![binding];
    let pushed = case.pushed();
    assert_eq!((pushed.way, pushed.token.as_str()), (Way::LiveActivity, "la"));
    let live = &case.options()["live_activity"];
    assert_eq!(*live, json!({"event": "update", "content_state": {"minutes": 3}}));
    // An end is at once, unless it says when.
    let case = case.info(json!({"ApnsInfo": {"LiveActivity": activity("end")}}));
    assert_eq!(case.options()["live_activity"]["dismissal_date"], NOW / 1000);
    let mut end = activity("end");
    end["DismissalDate"] = json!(1_800_009_999);
    let case = case.info(json!({"ApnsInfo": {"LiveActivity": end}}));
    assert_eq!(case.options()["live_activity"]["dismissal_date"], 1_800_009_999);
}

#[tokio::test]
async fn r68_apns_takes_the_live_activity() {
    let world = World::new().await;
    world.user("bo", "apns").await;
    let token = world.fake("apns").target(9);
    let binding = LiveActivityBinding { activity: "ride".into(), certificate: 1, token: token.clone() };
    world.store().set_live_activity("bo", "phone", Some(&binding)).await.unwrap();
    let live = json!({"LaId": "ride", "Event": "update", "ContentState": {"minutes": 3}});
    let message = world.message("1").info(json!({"ApnsInfo": {"LiveActivity": live}})).message;
    world.deliver(&message, "bo").await;
    let delivered = world.fake("apns").world().delivered();
    assert_eq!(delivered[0].target, token, "{:?}", world.fake("apns").world().log());
    assert_eq!(delivered[0].raw["aps"]["event"], "update");
    assert_eq!(delivered[0].raw["aps"]["content-state"], json!({"minutes": 3}));
}

#[test]
fn r69_ext_may_choose_fcms_mode() {
    let ext = |mode: u32| json!({"timPushFeatures": {"fcmPushType": mode, "fcmNotificationType": 0}}).to_string();
    let mut case = Case::new("fcm").info(json!({"Title": "t", "Desc": "d", "Ext": ext(0)}));
    let n = case.notification();
    assert_eq!((n.kind, n.title, n.priority), (Kind::Background, None, Some(Priority::High)));
    assert_eq!((n.data.get("title"), n.data.get("desc")), (Some("t"), Some("d")));
    case.certificates.get_mut(&4).unwrap().fcm_mode = FcmMode::Data;
    let case = case.info(json!({"Title": "t", "Desc": "d", "Ext": ext(1)}));
    assert_eq!(case.notification().kind, Kind::Alert);
    let case = case.info(json!({"Desc": "d"}));
    assert_eq!(case.notification().kind, Kind::Background);
}

#[test]
fn r70_the_messages_channel_and_category_win() {
    let with = |vendor: &str, info: serde_json::Value| {
        let mut case = Case::new(vendor).info(info);
        let (id, _) = super::support::VENDORS.into_iter().find(|(_, id)| *id == vendor).unwrap();
        let certificate = case.certificates.get_mut(&id).unwrap();
        (certificate.channel, certificate.category) = (Some("own-channel".into()), Some("own-category".into()));
        let n = case.notification();
        (n.channel, n.category)
    };
    let text = |text: &str| Some(text.to_owned());
    for (vendor, channel, category) in [
        ("xiaomi", Some("XiaoMiChannelID"), None),
        ("oppo", Some("OPPOChannelID"), Some("OPPOCategory")),
        ("vivo", None, Some("VIVOCategory")),
        ("huawei", Some("HuaWeiChannelID"), Some("HuaWeiCategory")),
        ("fcm", Some("GoogleChannelID"), None),
    ] {
        for (value, expected) in [("given", "given"), ("", "own-")] {
            let mut android = serde_json::Map::new();
            for name in [channel, category].into_iter().flatten() {
                android.insert(name.into(), value.into());
            }
            let got = with(vendor, json!({"AndroidInfo": android}));
            let expect = |name: Option<&str>, own: &str| match name {
                Some(_) if expected == "given" => text("given"),
                Some(_) => text(own),
                None => None,
            };
            if channel.is_some() {
                assert_eq!(got.0, expect(channel, "own-channel"), "{vendor}");
            }
            if category.is_some() {
                assert_eq!(got.1, expect(category, "own-category"), "{vendor}");
            }
        }
    }
    assert_eq!(with("harmony", json!({"HarmonyInfo": {"Category": "IM"}})).1, text("IM"));
    assert_eq!(with("harmony", json!({})).1, text("own-category"));
}

#[test]
fn r71_a_certificates_click_is_checked_and_opens_the_app_by_default() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.toml");
    let click = |vendor: &str, click: &str| {
        let app = match vendor {
            "xiaomi" => "package_name = 'com.example'\napp_secret = 's'",
            "meizu" => "app_id = '1'\napp_secret = 's'",
            _ => "app_key = 'k'\nmaster_secret = 's'",
        };
        let text = format!("[[certificate]]\nid = 1\nvendor = '{vendor}'\n{click}\n[certificate.app]\n{app}\n");
        std::fs::write(&path, text).unwrap();
        read(&path).map(|mut entries| entries.remove(0).certificate.click).map_err(|error| error.problem)
    };
    assert_eq!(click("xiaomi", ""), Ok(Click::App));
    assert_eq!(click("xiaomi", "click = 'app'"), Ok(Click::App));
    let page = HttpUrl::new("https://example.com/x").unwrap();
    assert_eq!(click("xiaomi", "click = { url = 'https://example.com/x' }"), Ok(Click::Url(page)));
    assert!(matches!(click("xiaomi", &format!("click = {{ intent = '{INTENT}' }}")), Ok(Click::Intent(_))));
    assert!(matches!(click("oppo", "click = { activity = 'com.example.Chat' }"), Ok(Click::Activity(_))));
    assert!(matches!(click("oppo", "click = { action = 'com.example.CHAT' }"), Ok(Click::Action(_))));
    for (vendor, wrong, problem) in [
        ("xiaomi", "click = { url = 'ftp://example.com' }", "must begin with http:// or https://"),
        (
            "xiaomi",
            "click = { activity = 'com.example.Chat' }",
            "activity is not taken by xiaomi; it takes app, url, intent",
        ),
        ("oppo", &format!("click = {{ intent = '{INTENT}' }}"), "intent is not taken by oppo"),
        ("meizu", "click = { action = 'x' }", "action is not taken by meizu"),
        ("xiaomi", "click = { intent = 'intent://x#Intent;component=com.example.Chat;end' }", "component has no `/`"),
        ("xiaomi", "click = { intent = 'intent://x#Intent;flavour=sweet;end' }", "unknown name"),
        ("xiaomi", "click = { intent = 'intent://x#Intent;S.ext=1;end' }", "where a message's Ext goes"),
        ("xiaomi", "click = { intent = 'intent://x' }", "no `#Intent;` part"),
    ] {
        let error = click(vendor, wrong).unwrap_err();
        assert!(error.contains(problem), "{wrong}: {error}");
    }
}

#[test]
fn r72_xiaomi_opens_the_app_with_ext_for_its_callback() {
    let n = Case::new("xiaomi").info(json!({"Ext": "{\"a\":1}"})).notification();
    assert_eq!((n.click, n.data.get("ext")), (Some(Click::App), Some("{\"a\":1}")));
    assert_eq!(n.vendors["xiaomi"]["data_in_extra"], true);
}

#[test]
fn r74_oppo_gets_the_members_of_ext() {
    let data = |ext: &str| {
        let case = Case::new("oppo").info(json!({"Ext": ext}));
        case.notification().data.iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect::<Vec<_>>()
    };
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(
        data(r#"{"entity":{"sender":"u"},"text":"t"}"#),
        [pair("entity", r#"{"sender":"u"}"#), pair("text", "t")]
    );
    for no_object in ["plain", "[1]", "\"text\""] {
        assert_eq!(data(no_object), [pair("ext", no_object)]);
        let mut case = Case::new("oppo").info(json!({"Ext": no_object}));
        case.settings.oppo_ext = NotAnObject::Refuse;
        assert_eq!(case.silent(), Rule::R74);
    }
}

/// The original's own vector: sample certificate and `Ext`, read back by Android's rules.
#[test]
fn r74_ext_rides_in_the_intent_of_huawei_honor_and_vivo() {
    let ext = r#"{"entity":{"sender":"user 1","chatType":1,"content":"你好; a=b#c/d"}}"#;
    let expected = concat!(
        "intent://com.tencent.qcloud/detail#Intent;scheme=pushscheme;launchFlags=0x4000000;",
        "component=com.tencent.qcloud.tim.tuikit/com.tencent.qcloud.tim.demo.main.MainActivity;",
        "S.ext=%7B%22entity%22%3A%7B%22sender%22%3A%22user%201%22%2C%22chatType%22%3A1%2C%22content%22%3A",
        "%22%E4%BD%A0%E5%A5%BD%3B%20a%3Db%23c%2Fd%22%7D%7D;end",
    );
    for vendor in ["huawei", "honor", "vivo"] {
        let n = Case::new(vendor).opens_page().info(json!({"Ext": ext})).notification();
        let Some(Click::Intent(uri)) = &n.click else { panic!("{vendor}: {:?}", n.click) };
        assert_eq!(uri.as_str(), expected, "{vendor}");
        assert_eq!(n.data.get("ext").is_some(), vendor == "vivo");
        let read = Intent::parse(uri.as_str()).unwrap();
        assert_eq!(read.extras.get("ext").map(String::as_str), Some(ext));
        assert_eq!((read.data.as_str(), read.flags), ("pushscheme://com.tencent.qcloud/detail", 0x400_0000));
        let component = read.component.unwrap();
        assert_eq!(component.0, "com.tencent.qcloud.tim.tuikit");
        assert_eq!(component.1, "com.tencent.qcloud.tim.demo.main.MainActivity");
    }
    // Huawei's message may say where, and so may the settings.
    let beside =
        Case::new("huawei").opens_page().info(json!({"Ext": ext, "AndroidInfo": {"ExtAsHuaweiIntentParam": 0}}));
    assert_eq!(beside.notification().data.get("ext"), Some(ext));
    let mut case = Case::new("huawei").opens_page().info(json!({"Ext": ext}));
    case.settings.huawei_ext = HuaweiExt::Data;
    assert_eq!(case.notification().data.get("ext"), Some(ext));
    let case = case.info(json!({"Ext": ext, "AndroidInfo": {"ExtAsHuaweiIntentParam": 1}}));
    assert_eq!(case.notification().data.get("ext"), None);
    // Without a page to open it rides beside.
    for vendor in ["huawei", "honor", "vivo", "xiaomi", "meizu", "fcm", "apns", "harmony", "tpns"] {
        let n = Case::new(vendor).info(json!({"Ext": ext})).notification();
        assert_eq!(n.data.get("ext"), Some(ext), "{vendor}");
    }
}

#[tokio::test]
async fn r75_apns_gets_aps_and_a_text_beside_it() {
    let world = World::new().await;
    world.user("bo", "apns").await;
    let element = Element::Custom { desc: "hello".into(), ext: "{\"a\":1}".into(), sound: "bell.caf".into() };
    let body = json!({"MsgType": "TIMCustomElem",
        "MsgContent": {"Data": "never leaves", "Desc": "hello", "Ext": "{\"a\":1}", "Sound": "bell.caf"}});
    assert_eq!(Element::read_body(&[body]).unwrap().first(), Some(&element));
    let message = world.message("1").body_of(vec![element]).message;
    world.deliver(&message, "bo").await;
    let raw = &world.fake("apns").world().delivered()[0].raw;
    assert_eq!(raw["ext"], "{\"a\":1}", "{raw}");
    assert_eq!((&raw["aps"]["sound"], &raw["aps"]["badge"]), (&json!("bell.caf"), &json!(1)));
    assert!(raw["aps"]["alert"].to_string().contains("hello") && !raw.to_string().contains("never leaves"));
}

#[tokio::test]
async fn r76_apples_text_is_cut_before_a_push_fails() {
    let ext = |bytes: usize| json!({"x": "e".repeat(bytes)}).to_string();
    let case = |desc: &str, bytes| Case::new("apns").info(json!({"Desc": desc, "Ext": ext(bytes)}));
    assert_eq!(case(&"d".repeat(2000), 1000).body().len(), 2000);
    let cut = case(&"文".repeat(1000), 1000).body();
    assert!(cut.ends_with("文...") && cut.len() + ext(1000).len() <= 3072, "{}", cut.len());
    // What is still too large fails, and the record says so.
    let world = World::new().await;
    world.user("bo", "apns").await;
    let message = world.message("1").info(json!({"Desc": "d", "Ext": ext(5000)})).message;
    let told = world.deliver(&message, "bo").await;
    assert_eq!(told[0].1, Rule::R76);
    assert_eq!(world.requests()["apns"], 0);
}
