//! R24 to R42: which messages are pushed, and to whom. Repeats, and who is asked at all, need the
//! registry: those run against one.

use omnipush_gateway::dispatch::To;
use omnipush_gateway::model::{Control, Conversation, Element, GlobalMute, GroupKind, Mentions, Origin, ReceiveOption};
use omnipush_gateway::rules::Rule;
use omnipush_gateway::store::DeliveryState;
use serde_json::json;

use super::support::{Case, NOW, World, custom};

#[test]
fn r24_an_ordinary_message_is_pushed_without_push_information() {
    let mut case = Case::new("vivo");
    assert_eq!(case.body(), "hello");
    case.settings.implicit_push = false;
    assert_eq!(case.silent(), Rule::R24);
    // Push information with a title or a text is what it takes then.
    assert_eq!(case.info(json!({"Ext": "{}"})).silent(), Rule::R24);
    let mut case = Case::new("vivo").info(json!({"Title": "t"}));
    case.settings.implicit_push = false;
    assert_eq!(case.title(), "t");
    // Clients' messages have their own switch.
    let mut case = Case::new("vivo");
    (case.message.origin, case.settings.implicit_push_of_clients) = (Origin::Client, false);
    assert_eq!(case.silent(), Rule::R24);
}

#[test]
fn r25_push_flag_1_keeps_the_push_back() {
    assert_eq!(Case::new("vivo").info(json!({"PushFlag": 1, "Desc": "d"})).silent(), Rule::R25);
    assert_eq!(Case::new("vivo").info(json!({"PushFlag": 0, "Desc": "d"})).body(), "d");
}

#[test]
fn r26_a_message_for_online_users_only_is_not_pushed() {
    let mut case = Case::new("vivo");
    case.message.online_only = true;
    assert_eq!(case.silent(), Rule::R26);
    let mut case = Case::new("vivo");
    case.message.life_seconds = Some(0);
    assert_eq!(case.silent(), Rule::R26);
}

#[test]
fn r27_custom_message_without_desc_is_not_pushed() {
    let case = Case::new("vivo").body_of(vec![custom("")]);
    assert_eq!(case.silent(), Rule::R27);
    assert_eq!(case.info(json!({"Title": "a title alone"})).silent(), Rule::R27);
    assert_eq!(Case::new("vivo").body_of(vec![custom("from the element")]).body(), "from the element");
    let both = Case::new("vivo").body_of(vec![custom("element")]).info(json!({"Desc": "info"}));
    assert_eq!(both.body(), "info");
    assert_eq!(Case::new("vivo").body_of(vec![custom("")]).info(json!({"Desc": "info"})).body(), "info");
}

#[test]
fn r28_a_silent_custom_element_keeps_nothing_back() {
    let case = Case::new("vivo").body_of(vec![Element::Text("hello".into()), custom("")]);
    assert_eq!(case.body(), "hello");
    let two =
        [json!({"MsgType": "TIMCustomElem", "MsgContent": {}}), json!({"MsgType": "TIMCustomElem", "MsgContent": {}})];
    assert_eq!(Element::read_body(&two).unwrap_err().to_string(), "MsgBody has 2 TIMCustomElem; at most 1 is allowed");
}

#[test]
fn r29_the_receivers_option_decides() {
    for (option, without, with) in [
        (ReceiveOption::Receive, true, true),
        (ReceiveOption::NotReceive, false, false),
        (ReceiveOption::NotNotify, false, false),
        (ReceiveOption::NotNotifyExceptAt, false, true),
        (ReceiveOption::NotReceiveExceptAt, false, true),
    ] {
        let mut case = Case::new("vivo").group();
        case.recipient.option = option;
        let pushed = |case: &Case| case.decide().notification().is_some();
        assert_eq!(pushed(&case), without, "{option:?}");
        if !without {
            assert_eq!(case.silent(), Rule::R29);
        }
        case.message.mentions.users = vec!["bo".into()];
        assert_eq!(pushed(&case), with, "{option:?} with a mention");
        case.message.mentions.users = vec!["somebody else".into()];
        assert_eq!(pushed(&case), without, "{option:?} with a mention of another");
    }
}

#[test]
fn r30_a_mention_of_all_counts_as_a_mention() {
    let mut case = Case::new("vivo").group();
    (case.recipient.option, case.message.mentions) = (ReceiveOption::NotNotifyExceptAt, Mentions::all(true));
    assert_eq!(case.pushed().rule, Rule::R2);
    case.settings.mention_of_all_counts = false;
    assert_eq!(case.silent(), Rule::R30);
}

#[test]
fn r31_nothing_is_pushed_inside_a_global_mute() {
    // From 22:00 to 06:00 in Shanghai; NOW is 16:00 there.
    let mute = GlobalMute::daily(2, (22, 0, 0), 8 * 3600, 480, NOW).unwrap();
    let at = |hours: i64, minutes: i64| NOW.saturating_add_signed(((hours - 16) * 60 + minutes) * 60_000);
    let mut case = Case::new("vivo");
    (case.recipient.mute, case.recipient.utc_offset_minutes) = (mute, 480);
    for (now_ms, muted) in [
        (at(21, 59), false),
        (at(22, 0), true),
        (at(26, 0), true),
        (at(29, 59), true),
        (at(30, 0), false),
        // Every day.
        (at(48 + 23, 0), true),
        (at(48 + 12, 0), false),
    ] {
        case.now_ms = now_ms;
        assert_eq!(case.decide().notification().is_none(), muted, "{}", (now_ms - NOW) / 60_000);
        if muted {
            assert_eq!(case.silent(), Rule::R31);
        }
    }
    // A day or more: from that time of the day of the call, for good.
    case.recipient.mute = GlobalMute::daily(2, (15, 0, 0), 86_400, 480, NOW).unwrap();
    case.now_ms = at(15, 0) - 1;
    assert_eq!(case.pushed().rule, Rule::R2);
    for now_ms in [at(15, 0), at(16, 0), at(24 * 5, 0)] {
        case.now_ms = now_ms;
        assert_eq!(case.silent(), Rule::R31);
    }
    // A point in time, once.
    case.recipient.mute = GlobalMute::once(2, NOW / 1000, 60).unwrap();
    for (now_ms, muted) in [(NOW - 1, false), (NOW, true), (NOW + 59_999, true), (NOW + 60_000, false)] {
        case.now_ms = now_ms;
        assert_eq!(case.decide().notification().is_none(), muted);
    }
    assert_eq!(GlobalMute::once(0, 0, 60), Ok(None));
    assert!(GlobalMute::once(1, 0, 60).is_err());
    assert!(GlobalMute::daily(3, (0, 0, 0), 1, 0, NOW).is_err());
    let late = GlobalMute::daily(2, (24, 0, 0), 1, 0, NOW).unwrap_err();
    assert_eq!(late.to_string(), "startHour is 24; 0 to 23 are allowed");
}

#[test]
fn r32_the_stricter_of_two_mutes_holds() {
    let open = GlobalMute::once(2, 0, u64::MAX).unwrap();
    let mut case = Case::new("vivo").group();
    case.recipient.mute = open;
    assert_eq!(case.silent(), Rule::R31);
    // A mention does not pierce the global one, unless the settings say so.
    (case.recipient.option, case.message.mentions.users) = (ReceiveOption::NotNotifyExceptAt, vec!["bo".into()]);
    assert_eq!(case.silent(), Rule::R32);
    case.settings.mention_pierces_global_mute = true;
    assert_eq!(case.pushed().rule, Rule::R2);
    (case.recipient.mute, case.recipient.option) = (None, ReceiveOption::NotNotify);
    assert_eq!(case.silent(), Rule::R29);
}

#[test]
fn r33_rest_ignores_a_one_to_one_mute_unless_asked() {
    let mut case = Case::new("vivo");
    case.recipient.option = ReceiveOption::NotNotify;
    assert_eq!(case.pushed().rule, Rule::R2);
    case.message.control = Control::from_words(["WithMuteNotifications"]).unwrap();
    assert_eq!(case.silent(), Rule::R29);
    (case.message.control, case.message.origin) = (Control::default(), Origin::Client);
    assert_eq!(case.silent(), Rule::R29);
    (case.message.origin, case.settings.rest_ignores_mutes) = (Origin::Rest, false);
    assert_eq!(case.silent(), Rule::R29);
    // Groups' mutes always hold.
    let mut case = Case::new("vivo").group();
    case.recipient.option = ReceiveOption::NotNotify;
    assert_eq!(case.silent(), Rule::R29);
}

#[test]
fn r34_no_unread_leaves_the_badge_alone() {
    let mut case = Case::new("apns");
    case.message.control = Control::from_words(["NoUnread"]).unwrap();
    assert_eq!(case.notification().badge, None);
    case.settings.push_no_unread = false;
    assert_eq!(case.silent(), Rule::R34);
    assert_eq!(Control::from_words(["NoUnread", "noUnread"]), Err("noUnread"));
}

#[test]
fn r35_the_sender_is_never_notified() {
    let mut case = Case::new("vivo").group();
    case.message.from.account = "bo".into();
    assert_eq!(case.silent(), Rule::R35);
    case.message.conversation = Conversation::OneToOne;
    assert_eq!(case.silent(), Rule::R35);
}

#[tokio::test]
async fn r36_members_are_judged_alone_and_targets_only() {
    let world = World::new().await;
    for user in ["ann", "bo", "cy", "di"] {
        world.user(user, "vivo").await;
    }
    world.group("g_team_7", &["ann", "bo", "cy", "di"]).await;
    let option = ReceiveOption::NotNotify;
    world.store().set_option("cy", omnipush_gateway::store::Conversed::Group("g_team_7"), option).await.unwrap();
    let mut message = world.message("1").group().message;
    let rules = |told: Vec<(String, Rule, DeliveryState)>| {
        told.into_iter().map(|(account, rule, _)| (account, rule)).collect::<Vec<_>>()
    };
    let told = world.tell(&message, To::Members("g_team_7")).await;
    let of = |account: &str, rule| (account.to_owned(), rule);
    assert_eq!(rules(told), [of("ann", Rule::R35), of("bo", Rule::R2), of("cy", Rule::R29), of("di", Rule::R2)]);
    (message.id, message.random) = ("2".into(), 2);
    let told = world.tell(&message, To::Users(&["di".into()])).await;
    assert_eq!(rules(told), [of("di", Rule::R2)]);
}

#[test]
fn r37_an_av_chat_room_is_not_pushed_to() {
    let kind = |kind| {
        let mut case = Case::new("vivo");
        let (id, name) = ("g".to_owned(), String::new());
        case.message.conversation = Conversation::Group { id, name, kind, notice: false };
        case
    };
    for known in [GroupKind::Work, GroupKind::Public, GroupKind::Meeting, GroupKind::Community] {
        assert_eq!(kind(known).pushed().rule, Rule::R2);
    }
    let mut room = kind(GroupKind::AVChatRoom);
    assert_eq!(room.silent(), Rule::R37);
    room.settings.push_av_chat_room = true;
    assert_eq!(room.pushed().rule, Rule::R2);
}

#[test]
fn r38_a_system_notice_is_not_pushed() {
    let mut case = Case::new("vivo");
    let (id, name) = ("g".to_owned(), String::new());
    case.message.conversation = Conversation::Group { id, name, kind: GroupKind::Work, notice: true };
    assert_eq!(case.silent(), Rule::R38);
}

#[tokio::test]
async fn r39_a_repeat_within_the_window_is_not_pushed_again() {
    let world = World::new().await;
    world.user("bo", "vivo").await;
    world.user("cy", "vivo").await;
    let to = ["bo".to_owned()];
    let mut message = world.message("first").message;
    (message.seq, message.random) = (7, 12);
    let accept = |message: omnipush_gateway::model::Message| {
        let world = &world;
        async move { world.gateway.accept(&message, To::Users(&["bo".to_owned()])).await.unwrap() }
    };
    assert_eq!(accept(message.clone()).await.queued, 1);
    let mut again = message.clone();
    (again.id, again.at_ms) = ("second".into(), NOW + 119_999);
    world.clock.set(NOW + 119_999);
    let repeat = accept(again.clone()).await;
    assert!(repeat.repeat && repeat.id == "first" && repeat.queued == 0, "{repeat:?}");
    // Another text, another number or another receiver is another message.
    let mut other = again.clone();
    (other.id, other.body) = ("third".into(), vec![Element::Text("else".into())]);
    assert!(!accept(other).await.repeat);
    let mut other = again.clone();
    (other.id, other.random) = ("fourth".into(), 13);
    assert!(!accept(other).await.repeat);
    let mut other = again.clone();
    other.id = "fifth".into();
    assert!(!world.gateway.accept(&other, To::Users(&["cy".to_owned()])).await.unwrap().repeat);
    // After the window it is new again.
    world.clock.set(NOW + 120_000);
    (again.id, again.at_ms) = ("sixth".into(), NOW + 120_000);
    assert!(!accept(again).await.repeat);

    // In a group the random number and the content decide, for five minutes.
    let mut message = world.message("g1").group().message;
    (message.random, message.at_ms) = (5, NOW + 120_000);
    assert!(!world.gateway.accept(&message, To::Users(&to)).await.unwrap().repeat);
    (message.id, message.seq) = ("g2".into(), 99);
    world.clock.set(NOW + 120_000 + 299_999);
    assert!(world.gateway.accept(&message, To::Users(&to)).await.unwrap().repeat);
    (message.id, message.body) = ("g3".into(), vec![Element::Text("else".into())]);
    assert!(!world.gateway.accept(&message, To::Users(&to)).await.unwrap().repeat);
}

#[test]
fn r40_the_vendor_keeps_a_push_no_longer_than_the_message_lives() {
    let ttl = |life: Option<u32>, from_life: bool| {
        let mut case = Case::new("apns");
        (case.message.life_seconds, case.settings.ttl_from_life) = (life, from_life);
        case.notification().ttl.map(omnipush::Ttl::as_secs)
    };
    assert_eq!(ttl(Some(3600), true), Some(3600));
    assert_eq!(ttl(None, true), Some(604_800));
    assert_eq!(ttl(Some(999_999), true), Some(604_800));
    assert_eq!(ttl(Some(3600), false), None);
}

#[tokio::test]
async fn r41_the_certificates_vendor_is_the_only_channel() {
    let world = World::new().await;
    world.user("bo", "vivo").await;
    world.refuse("vivo");
    let told = world.deliver(&world.message("1").message, "bo").await;
    assert_eq!(told, [("bo".to_owned(), Rule::R2, DeliveryState::Refused)]);
    assert_eq!(world.requests().iter().filter(|(_, requests)| **requests > 0).count(), 1);
}

#[tokio::test]
async fn r42_a_failed_push_leaves_the_message_alone() {
    let world = World::new().await;
    world.user("bo", "vivo").await;
    world.refuse("vivo");
    let message = world.message("1").message;
    world.deliver(&message, "bo").await;
    // It is known still, its repeat is one, and the next message goes out as ever.
    assert!(world.store().message("1").await.unwrap().is_some());
    world.calm("vivo");
    let told = world.deliver(&world.message("2").message, "bo").await;
    assert_eq!(told, [("bo".to_owned(), Rule::R2, DeliveryState::Accepted)]);
}
