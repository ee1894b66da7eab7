//! Recalled messages: what was sent is taken back where the vendor can, whatever happens meanwhile.

use std::sync::Arc;
use std::time::Duration;

use omnipush_conformance::{Purpose, Trouble};
use omnipush_gateway::certificates::{Certificates, Channel};
use omnipush_gateway::decide::Way;
use omnipush_gateway::dispatch::{Gateway, To};
use omnipush_gateway::explain::{Explanation, explain};
use omnipush_gateway::model::{Collapse, Message, Settings};
use omnipush_gateway::store::{Attempt, DeliveryState, Recalled, Verdicts};

use super::support::{NOW, World};

/// Where a vendor's message has the number that it is shown under.
const NUMBERS: [(&str, &str); 2] = [("xiaomi", "/notify_id"), ("harmony", "/payload/notification/notifyId")];

async fn users(world: &World) {
    for vendor in ["xiaomi", "harmony", "vivo"] {
        world.user(vendor, vendor).await;
    }
}

fn all() -> [String; 3] {
    ["xiaomi", "harmony", "vivo"].map(str::to_owned)
}

fn message(world: &World, id: &str) -> Message {
    world.message(id).message
}

/// The world's certificates, for another gateway.
fn channels(world: &World) -> Vec<Channel> {
    let all = world.gateway.certificates().all();
    all.values().map(|channel| Channel::new(channel.certificate.clone(), Arc::clone(&channel.push))).collect()
}

/// The tokens and numbers under which a vendor's devices show something.
fn shown(world: &World, vendor: &str) -> Vec<(String, i64)> {
    let (_, pointer) = NUMBERS.iter().find(|(id, _)| *id == vendor).unwrap();
    let number = |raw: &serde_json::Value| {
        let number = raw.pointer(pointer).unwrap_or_else(|| panic!("no number in {raw}"));
        number.as_i64().or_else(|| number.as_str()?.parse().ok()).unwrap()
    };
    world.fake(vendor).world().delivered().iter().map(|found| (found.target.clone(), number(&found.raw))).collect()
}

fn withdrawn(world: &World, vendor: &str) -> Vec<(String, i64)> {
    world.fake(vendor).world().withdrawn()
}

async fn explained(gateway: &Gateway, id: &str) -> Explanation {
    explain(gateway.store(), id, None).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_recalled_message_is_taken_back_from_the_phones_that_show_it() {
    let world = World::new().await;
    users(&world).await;
    for id in ["kept", "back"] {
        world.tell(&message(&world, id), To::Users(&all())).await;
    }
    assert_eq!(world.gateway.revoke("back").await.unwrap(), Some(0));
    world.gateway.drained().await.unwrap();
    for (vendor, _) in NUMBERS {
        let [kept, recalled] = &shown(&world, vendor)[..] else { panic!("{vendor}") };
        assert_ne!(kept.1, recalled.1, "{vendor}: each message is a notification of its own");
        assert_eq!(withdrawn(&world, vendor), std::slice::from_ref(recalled), "{vendor}");
    }
    let found = explained(&world.gateway, "back").await;
    for device in &found.devices {
        let settled = device.withdrawal.as_ref().map(|withdrawal| (withdrawal.settled.is_some(), &withdrawal.problem));
        // vivo has nothing of the kind.
        assert_eq!(settled, (device.account != "vivo").then_some((true, &None)), "{device:?}");
    }
    assert_eq!(found.to_string().matches("taken back from the phone at 2027-01-15").count(), 2, "{found}");
    assert!(explained(&world.gateway, "kept").await.devices.iter().all(|device| device.withdrawal.is_none()));
    // Once is enough.
    assert_eq!(world.gateway.revoke("back").await.unwrap(), None);
    world.gateway.drained().await.unwrap();
    assert_eq!(withdrawn(&world, "xiaomi").len(), 1);
}

#[tokio::test]
async fn one_receivers_copy_is_taken_back_from_their_phone_alone() {
    let world = World::new().await;
    for account in ["bo", "cy"] {
        world.user(account, "xiaomi").await;
    }
    world.tell(&message(&world, "1"), To::Users(&["bo", "cy"].map(str::to_owned))).await;
    assert_eq!(world.gateway.recall("1", "cy").await.unwrap(), Recalled::Now(Vec::new()));
    world.gateway.drained().await.unwrap();
    let of_cy = world.store().device("cy", "phone").await.unwrap().unwrap().config.unwrap().token;
    assert_eq!(withdrawn(&world, "xiaomi").iter().map(|(token, _)| token).collect::<Vec<_>>(), [&of_cy]);
    let found = explained(&world.gateway, "1").await;
    let taken_back: Vec<bool> = found.devices.iter().map(|device| device.withdrawal.is_some()).collect();
    assert_eq!(taken_back, [false, true]);
}

#[tokio::test]
async fn nothing_is_taken_back_where_the_settings_say_so_or_messages_replace_each_other() {
    for settings in [
        Settings { withdraw_recalled: false, ..Settings::default() },
        Settings { collapse: Collapse::Conversation, ..Settings::default() },
    ] {
        let world = World::with(settings).await;
        users(&world).await;
        world.tell(&message(&world, "1"), To::Users(&all())).await;
        world.gateway.revoke("1").await.unwrap();
        world.gateway.drained().await.unwrap();
        assert!(withdrawn(&world, "xiaomi").is_empty() && withdrawn(&world, "harmony").is_empty());
    }
}

#[tokio::test]
async fn a_push_on_its_way_is_taken_back_when_it_has_arrived() {
    let world = World::new().await;
    users(&world).await;
    world.fake("xiaomi").world().always(Purpose::Send, Trouble::Slow(Duration::from_millis(400)));
    world.gateway.accept(&message(&world, "1"), To::Users(&all())).await.unwrap();
    while world.fake("xiaomi").world().count(Purpose::Send) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    world.gateway.revoke("1").await.unwrap();
    assert!(withdrawn(&world, "xiaomi").is_empty());
    world.gateway.drained().await.unwrap();
    assert_eq!(withdrawn(&world, "xiaomi"), shown(&world, "xiaomi"));
    assert_eq!(withdrawn(&world, "xiaomi").len(), 1);
}

#[tokio::test]
async fn a_push_that_comes_back_is_not_sent_again_once_it_is_recalled() {
    let world = World::new().await;
    world.user("bo", "vivo").await;
    // With the worker gone the test does its work.
    world.gateway.stop();
    let certificates = Certificates::of(channels(&world));
    let gateway = Gateway::builder(world.store().clone(), certificates).clock(world.clock.clone()).build();
    for (id, whole, refused) in [("1", true, true), ("2", true, false), ("3", false, true), ("4", false, false)] {
        gateway.accept(&message(&world, id), To::Users(&["bo".into()])).await.unwrap();
        let parcel = &world.store().claim(1, &[], NOW).await.unwrap()[0];
        if whole {
            assert_eq!(gateway.revoke(id).await.unwrap(), Some(0));
        } else {
            assert_eq!(gateway.recall(id, "bo").await.unwrap(), Recalled::Now(Vec::new()));
        }
        if refused {
            // "Not now", says the vendor.
            let outcome =
                Verdicts { again: parcel.targets.iter().collect(), again_ms: NOW + 2000, ..Verdicts::default() };
            let attempt = Attempt { number: 1, started_ms: NOW };
            world.store().settle(&parcel.id, Way::Ordinary, attempt, &outcome, NOW).await.unwrap();
        } else {
            // Nothing was sent, as the process is stopping.
            world.store().put_back(&parcel.id, NOW, false).await.unwrap();
        }
        assert_eq!(world.store().outbox_depth().await.unwrap(), (0, 0), "{id}");
        let delivery = world.store().explain(id, None).await.unwrap().unwrap().deliveries.remove(0);
        let silent = (DeliveryState::Silent, "revoked before it was sent".to_owned());
        assert_eq!((delivery.state, delivery.detail), silent, "{id}");
    }
}

#[tokio::test]
async fn a_vendor_that_is_down_is_asked_again_and_one_that_will_not_is_heard() {
    let world = World::new().await;
    users(&world).await;
    world.tell(&message(&world, "1"), To::Users(&all())).await;
    world.fake("xiaomi").world().always(Purpose::Operate, Trouble::Status(503, Vec::new(), "down"));
    world.fake("harmony").world().always(Purpose::Operate, Trouble::Status(400, Vec::new(), "no"));
    world.gateway.revoke("1").await.unwrap();
    let of = |found: &Explanation, vendor: &str| {
        let device = found.devices.iter().find(|device| device.account == vendor).unwrap();
        device.withdrawal.clone().unwrap()
    };
    loop {
        let found = explained(&world.gateway, "1").await;
        if of(&found, "harmony").settled.is_some() && world.store().next_withdrawal().await.unwrap() > Some(NOW) {
            assert!(of(&found, "harmony").problem.unwrap().contains("400"), "{found}");
            assert!(of(&found, "xiaomi").settled.is_none());
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    world.calm("xiaomi");
    world.clock.set(NOW + 10_000);
    // Another recall wakes the one who takes back.
    world.gateway.revoke("unknown").await.unwrap();
    world.gateway.drained().await.unwrap();
    assert_eq!(withdrawn(&world, "xiaomi"), shown(&world, "xiaomi"));
    assert_eq!(of(&explained(&world.gateway, "1").await, "xiaomi").problem, None);
}

#[tokio::test]
async fn what_was_recalled_is_taken_back_after_a_restart() {
    let world = World::new().await;
    users(&world).await;
    world.tell(&message(&world, "1"), To::Users(&all())).await;
    world.gateway.stop();
    // The process is gone before the vendor is asked.
    assert_eq!(world.store().revoke("1", true, NOW).await.unwrap(), Some(0));
    assert!(withdrawn(&world, "xiaomi").is_empty());
    let certificates = Certificates::of(channels(&world));
    let gateway = Gateway::builder(world.store().clone(), certificates).clock(world.clock.clone()).build();
    let running = gateway.clone();
    tokio::spawn(async move { running.run().await.unwrap() });
    gateway.drained().await.unwrap();
    assert_eq!(withdrawn(&world, "xiaomi"), shown(&world, "xiaomi"));
    assert_eq!(withdrawn(&world, "harmony"), shown(&world, "harmony"));
}
