//! R14 to R22: bindings and certificates. They run against a registry.

use omnipush_gateway::certificates::{Certificates, read};
use omnipush_gateway::dispatch::To;
use omnipush_gateway::model::{
    EmptyToken, LiveActivityBinding, Platform, PresenceEvent, PushConfig, Settings, VoipBinding,
};
use omnipush_gateway::rules::Rule;
use omnipush_gateway::store::{DeliveryState, StoreError};

use super::support::{Case, World, phone};

fn config(business_id: u32, token: &str) -> PushConfig {
    PushConfig { business_id, token: token.into(), is_tpns: false }
}

#[tokio::test]
async fn r7_a_logout_drops_the_binding() {
    let world = World::new().await;
    world.user("bo", "vivo").await;
    world.happens("bo", PresenceEvent::Logout).await;
    assert_eq!(world.store().device("bo", "phone").await.unwrap().unwrap().config, None);
    let told = world.deliver(&world.message("1").message, "bo").await;
    assert_eq!(told, [("bo".to_owned(), Rule::R7, DeliveryState::Silent)]);
    // A login alone does not bring the binding back: the client registers again.
    world.log_in("bo", "phone", Platform::Android).await;
    world.happens("bo", PresenceEvent::Disconnect { connection: 1 }).await;
    let told = world.deliver(&world.message("2").message, "bo").await;
    assert_eq!(told, [("bo".to_owned(), Rule::R19, DeliveryState::Silent)]);
}

#[tokio::test]
async fn r9_an_administrators_kick_kicks_all_devices() {
    let world = World::new().await;
    world.user("bo", "vivo").await;
    world.log_in("bo", "tablet", Platform::IPad).await;
    world.gateway.kick("bo").await.unwrap();
    let told = world.deliver(&world.message("1").message, "bo").await;
    assert_eq!(told.iter().map(|(_, rule, _)| *rule).collect::<Vec<_>>(), [Rule::R8, Rule::R8]);
    assert_eq!(world.store().user("bo").await.unwrap().unwrap().kicked_s, super::support::NOW / 1000);
}

#[tokio::test]
async fn r10_an_expired_signature_ends_pushes_only_where_set() {
    for (ends, rule) in [(false, Rule::R2), (true, Rule::R10)] {
        let settings = Settings { signature_expiry_ends_pushes: ends, ..Settings::default() };
        let world = World::with(settings).await;
        world.user("bo", "vivo").await;
        assert_eq!(world.happens("bo", PresenceEvent::SignatureExpired).await, ends);
        let told = world.deliver(&world.message("1").message, "bo").await;
        assert_eq!(told[0].1, rule);
    }
}

#[tokio::test]
async fn r14_a_token_of_apples_is_the_same_in_either_case() {
    let world = World::new().await;
    let settings = Settings { token_is_exclusive: true, ..Settings::default() };
    world.gateway.set_settings(settings);
    for (account, platform, token, kept) in [
        ("ann", Platform::IPhone, "ABCDEF01", "abcdef01"),
        ("bo", Platform::Mac, "abcdEF02", "abcdef02"),
        // Others' tokens are no hex.
        ("cy", Platform::Android, "ABCDEF01", "ABCDEF01"),
        ("dee", Platform::IPad, "AbCdEf01", "abcdef01"),
    ] {
        world.log_in(account, "phone", platform).await;
        world.gateway.set_config(account, "phone", Some(&config(1, token))).await.unwrap();
        let device = world.store().device(account, "phone").await.unwrap().unwrap();
        assert_eq!(device.config.unwrap().token, kept, "{account}");
    }
    // It has gone over from Ann, and from nobody else.
    let bound = async |account| world.store().device(account, "phone").await.unwrap().unwrap().config.is_some();
    assert_eq!((bound("ann").await, bound("bo").await, bound("cy").await), (false, true, true));
    let voip = VoipBinding { certificate: 2, token: "CAFE".into() };
    world.store().set_voip("dee", "phone", Some(&voip)).await.unwrap();
    let activity = LiveActivityBinding { activity: "ride".into(), certificate: 3, token: "FEED".into() };
    world.store().set_live_activity("dee", "phone", Some(&activity)).await.unwrap();
    let device = world.store().device("dee", "phone").await.unwrap().unwrap();
    assert_eq!((device.voip.unwrap().token.as_str(), device.live_activities[0].token.as_str()), ("cafe", "feed"));
}

#[tokio::test]
async fn r14_a_config_replaces_the_one_before_and_needs_a_login() {
    let world = World::new().await;
    let before = world.gateway.set_config("bo", "phone", Some(&config(7, "a"))).await;
    assert!(matches!(before, Err(StoreError::NotLoggedIn)));
    world.log_in("bo", "phone", Platform::Android).await;
    for token in ["a", "b"] {
        world.gateway.set_config("bo", "phone", Some(&config(7, token))).await.unwrap();
    }
    assert_eq!(world.store().device("bo", "phone").await.unwrap().unwrap().config, Some(config(7, "b")));
    world.happens("bo", PresenceEvent::Logout).await;
    let after = world.gateway.set_config("bo", "phone", Some(&config(7, "c"))).await;
    assert!(matches!(after, Err(StoreError::NotLoggedIn)));
}

#[test]
fn r15_a_tpns_token_goes_through_tpns() {
    let mut case = Case::new("tpns");
    // Whatever number comes with it.
    for business_id in [0, 7] {
        case.device.config = Some(PushConfig { business_id, token: "t".into(), is_tpns: true });
        assert_eq!(case.pushed().vendor, "tpns");
    }
    case.device.config = Some(PushConfig { business_id: 7, token: "t".into(), is_tpns: false });
    assert_eq!(case.pushed().vendor, "vivo");
    // With several TPNS certificates the settings name the one of each platform.
    case.device.config = Some(PushConfig { business_id: 0, token: "t".into(), is_tpns: true });
    case.certificates.insert(11, omnipush_gateway::certificates::Certificate::new(11, "tpns"));
    assert_eq!(case.silent(), Rule::R19);
    case.settings.tpns_android = Some(11);
    assert_eq!(case.pushed().certificate, 11);
}

#[tokio::test]
async fn r16_no_config_switches_push_off_and_an_empty_token_is_refused() {
    let world = World::new().await;
    world.user("bo", "vivo").await;
    let empty = world.gateway.set_config("bo", "phone", Some(&config(7, ""))).await;
    assert!(matches!(empty, Err(StoreError::EmptyToken)));
    world.gateway.set_config("bo", "phone", None).await.unwrap();
    let told = world.deliver(&world.message("1").message, "bo").await;
    assert_eq!(told, [("bo".to_owned(), Rule::R19, DeliveryState::Silent)]);
    // By setting an empty token is the same as none.
    let world = World::with(Settings { empty_token: EmptyToken::Clear, ..Settings::default() }).await;
    world.user("bo", "vivo").await;
    world.gateway.set_config("bo", "phone", Some(&config(7, ""))).await.unwrap();
    assert_eq!(world.store().device("bo", "phone").await.unwrap().unwrap().config, None);
}

#[tokio::test]
async fn r17_a_new_token_is_used_at_once() {
    let world = World::new().await;
    world.user("bo", "vivo").await;
    let new = world.fake("vivo").target(77);
    world.gateway.set_config("bo", "phone", Some(&config(7, &new))).await.unwrap();
    world.deliver(&world.message("1").message, "bo").await;
    let delivered = world.fake("vivo").world().delivered();
    assert_eq!(delivered.iter().map(|d| d.target.as_str()).collect::<Vec<_>>(), [new.as_str()]);
    // A phone that changed hands does not ring for its former owner.
    world.log_in("cy", "phone", Platform::Android).await;
    world.gateway.set_config("cy", "phone", Some(&config(7, &new))).await.unwrap();
    assert_eq!(world.store().device("bo", "phone").await.unwrap().unwrap().config, None);
}

#[tokio::test]
async fn r18_voip_and_live_activities_live_beside_the_binding() {
    let world = World::new().await;
    world.user("bo", "apns").await;
    let before = world.store().device("bo", "phone").await.unwrap().unwrap().config;
    let voip = VoipBinding { certificate: 1, token: "aa".into() };
    world.store().set_voip("bo", "phone", Some(&voip)).await.unwrap();
    let activity =
        |name: &str, token: &str| LiveActivityBinding { activity: name.into(), certificate: 1, token: token.into() };
    for binding in [activity("ride", "bb"), activity("match", "cc"), activity("ride", "dd")] {
        world.store().set_live_activity("bo", "phone", Some(&binding)).await.unwrap();
    }
    let device = world.store().device("bo", "phone").await.unwrap().unwrap();
    assert_eq!((device.config, device.voip), (before.clone(), Some(voip)));
    assert_eq!(device.live_activities, [activity("match", "cc"), activity("ride", "dd")]);
    world.store().set_live_activity("bo", "phone", None).await.unwrap();
    let device = world.store().device("bo", "phone").await.unwrap().unwrap();
    assert_eq!((device.config, device.live_activities), (before, Vec::new()));
}

#[tokio::test]
async fn r19_without_certificate_or_token_the_loss_is_counted() {
    let world = World::new().await;
    for (user, config) in [("no-number", Some(config(0, "t"))), ("unknown", Some(config(99, "t"))), ("no-token", None)]
    {
        world.log_in(user, "phone", Platform::Android).await;
        world.gateway.set_config(user, "phone", config.as_ref()).await.unwrap();
        world.happens(user, PresenceEvent::Disconnect { connection: 1 }).await;
    }
    let accounts = ["no-number", "unknown", "no-token"].map(str::to_owned);
    let message = world.message("1").message;
    world.tell(&message, To::Users(&accounts)).await;
    let explained = world.store().explain("1", None).await.unwrap().unwrap();
    let told: Vec<_> =
        explained.deliveries.iter().map(|d| (d.account.as_str(), d.rule, d.loss, d.detail.as_str())).collect();
    // A token of another user's phone is taken from it: the same "t" is bound once.
    assert_eq!(
        told,
        [
            ("no-number", Rule::R19, Some(-2), "the device has no push config"),
            ("no-token", Rule::R19, Some(-2), "the device has no push config"),
            ("unknown", Rule::R19, Some(-1), "there is no enabled certificate with number 99"),
        ]
    );
    let mut case = Case::new("vivo");
    case.device.config = Some(config(0, "t"));
    assert_eq!(case.silent(), Rule::R19);
    case.device.config = Some(config(7, "t"));
    case.certificates.get_mut(&7).unwrap().enabled = false;
    assert_eq!(case.silent(), Rule::R19);
}

#[tokio::test]
async fn r20_a_dead_token_is_dropped_under_the_vendors_code() {
    for drop in [true, false] {
        let world = World::with(Settings { drop_dead_tokens: drop, ..Settings::default() }).await;
        world.user("bo", "vivo").await;
        let bound = world.store().device("bo", "phone").await.unwrap().unwrap().config.unwrap();
        world.fake("vivo").world().set_target(&bound.token, omnipush_conformance::TargetState::Dead);
        let told = world.deliver(&world.message("1").message, "bo").await;
        assert_eq!(told, [("bo".to_owned(), Rule::R2, DeliveryState::Refused)]);
        let explained = world.store().explain("1", Some("bo")).await.unwrap().unwrap();
        let delivery = &explained.deliveries[0];
        assert_eq!(delivery.class.as_deref(), Some("invalid_token"));
        assert!(delivery.code.as_ref().is_some_and(|code| !code.is_empty()), "{delivery:?}");
        let config = world.store().device("bo", "phone").await.unwrap().unwrap().config;
        assert_eq!(config.is_none(), drop);
        let told = world.deliver(&world.message("2").message, "bo").await;
        assert_eq!(told[0].1, if drop { Rule::R19 } else { Rule::R2 });
    }
}

#[tokio::test]
async fn r21_a_changed_certificate_takes_effect_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.toml");
    let entry = |id: u32, secret: &str, click: &str| {
        format!(
            "[[certificate]]\nid = {id}\nvendor = 'xiaomi'\n{click}\n[certificate.app]\n\
             package_name = 'com.example'\napp_secret = '{secret}'\n\n"
        )
    };
    std::fs::write(&path, entry(1, "one", "") + &entry(2, "two", "")).unwrap();
    let certificates = Certificates::open(&path).unwrap();
    let before = certificates.all();
    // One secret changes: the other certificate keeps its client, with its tokens and connections.
    std::fs::write(&path, entry(1, "one", "") + &entry(2, "changed", "") + &entry(3, "three", "")).unwrap();
    let done = certificates.reload().unwrap();
    assert_eq!((done.added, done.changed, done.removed), (vec![3], vec![2], vec![]));
    let after = certificates.all();
    assert!(std::sync::Arc::ptr_eq(&before[&1], &after[&1]));
    assert!(!std::sync::Arc::ptr_eq(&before[&2], &after[&2]));
    // What is wrong names the line, shows no value, and changes nothing.
    std::fs::write(&path, entry(1, "one", "") + &entry(2, "s3cr3t", "click = 'nonsense'")).unwrap();
    let error = certificates.reload().unwrap_err().to_string();
    assert!(error.contains("gateway.toml:9: click: ") && !error.contains("s3cr3t"), "{error}");
    assert_eq!(certificates.all().len(), 3);
    std::fs::write(&path, entry(1, "one", "") + &entry(1, "two", "")).unwrap();
    let twice = read(&path).unwrap_err().to_string();
    assert!(twice.ends_with("gateway.toml:9: `id` 1 is taken by another certificate"), "{twice}");
}

#[tokio::test]
async fn r22_a_token_of_the_wrong_environment_fails_at_apns() {
    let world = World::new().await;
    world.user("bo", "apns").await;
    let code = |code: &str| world.fake("apns").codes().iter().find(|known| known.code.contains(code)).copied();
    let wrong = code("BadEnvironmentKeyInToken").or_else(|| code("BadDeviceToken")).unwrap();
    world.fake("apns").world().always(omnipush_conformance::Purpose::Send, omnipush_conformance::Trouble::Code(wrong));
    let told = world.deliver(&world.message("1").message, "bo").await;
    assert_eq!(told, [("bo".to_owned(), Rule::R2, DeliveryState::Refused)]);
}

#[tokio::test]
async fn r23_several_phones_of_a_user_are_each_pushed_to() {
    let world = World::new().await;
    world.user("bo", "vivo").await;
    world.log_in("bo", "second", Platform::IPhone).await;
    let bound = PushConfig { token: world.fake("apns").target(5), ..phone("apns").config.unwrap() };
    world.gateway.set_config("bo", "second", Some(&bound)).await.unwrap();
    // The second one is open: only the first rings.
    world.deliver(&world.message("1").message, "bo").await;
    assert_eq!((world.requests()["vivo"], world.requests()["apns"]), (1, 0));
    let gone = PresenceEvent::Disconnect { connection: 1 };
    world.gateway.presence("bo", "second", Platform::IPhone, gone).await.unwrap();
    world.deliver(&world.message("2").message, "bo").await;
    assert_eq!((world.requests()["vivo"], world.requests()["apns"]), (2, 1));
}
