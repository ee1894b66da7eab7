//! What a push asks for: an address that the vendor takes, and a tag that comes back whole.

use std::collections::BTreeMap;

use omnipush_gateway::dispatch::{To, message_id};
use omnipush_gateway::store::DeliveryState;
use serde_json::Value;

use crate::support::{RECEIPT_SECRET, World};
use crate::{reporting, world};

const URL: &str = "https://push.example.com";

/// Address and tag as the vendor received them.
fn asked(vendor: &str, raw: &Value) -> (Option<String>, Option<String>) {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let meizu = || serde_json::from_str::<Value>(raw["messageJson"].as_str().unwrap()).unwrap();
    match vendor {
        "xiaomi" => (text(&raw["extra.callback"]), text(&raw["extra.callback.param"])),
        "meizu" => (text(&meizu()["extra"]["callback"]), text(&meizu()["extra"]["callback.param"])),
        "oppo" => {
            let n = &raw["notification"];
            (text(&n["call_back_url"]), text(&n["call_back_parameter"]))
        }
        "vivo" => (text(&raw["extra"]["callback"]), text(&raw["extra"]["callback.param"])),
        // The address is set in the vendor's console.
        "huawei" => (None, text(&raw["android"]["bi_tag"])),
        "honor" => (None, text(&raw["android"]["biTag"])),
        "harmony" => (None, text(&raw["pushOptions"]["biTag"])),
        _ => panic!("nobody has said how {vendor} is asked"),
    }
}

const BY_ADDRESS: [&str; 4] = ["xiaomi", "meizu", "oppo", "vivo"];

/// Sends a message of this id to a user on every vendor, and says what each was asked for.
async fn send(world: &World, id: &str) -> BTreeMap<&'static str, (Option<String>, Option<String>)> {
    let vendors = reporting(world);
    let accounts: Vec<String> = vendors.iter().map(|(_, vendor)| (*vendor).to_owned()).collect();
    for (vendor, _, state) in
        world.tell(&world.message(id).message, To::Users(&accounts)).await.iter().map(|(a, b, c)| (a, b, *c))
    {
        assert_eq!(state, DeliveryState::Accepted, "{vendor} with {id}");
    }
    let of = |(_, vendor): (u32, &'static str)| {
        let fake = world.fake(vendor).world();
        let raw = fake.delivered().pop().unwrap().raw;
        fake.forget();
        (vendor, asked(vendor, &raw))
    };
    vendors.into_iter().map(of).collect()
}

async fn with_users(url: &str) -> World {
    let world = world(url).await;
    for (_, vendor) in reporting(&world) {
        world.user(vendor, vendor).await;
    }
    world
}

#[tokio::test]
async fn every_vendor_is_asked_at_the_certificates_address_under_the_messages_id() {
    let world = with_users(URL).await;
    let ids = ["m1", &message_id("4294967295_4294967295_1800000000", "ann", "bo"), &"x".repeat(64)];
    for id in ids {
        for (vendor, (address, tag)) in send(&world, id).await {
            let (number, _) = reporting(&world).into_iter().find(|(_, name)| *name == vendor).unwrap();
            let expected = format!("{URL}/receipts/{number}/{RECEIPT_SECRET}");
            assert_eq!(address, BY_ADDRESS.contains(&vendor).then_some(expected), "{vendor}");
            assert_eq!(tag.as_deref(), Some(id), "{vendor}");
        }
    }
}

/// An id that is too long to come back is never shortened into another one's.
#[tokio::test]
async fn longer_ids_ask_for_nothing_and_meet_no_other() {
    let world = with_users(URL).await;
    let long = |end: &str| format!("{}{end}", "x".repeat(64));
    let mut tags = BTreeMap::<&str, Vec<String>>::new();
    for id in [long("1"), long("2"), "x".repeat(64)] {
        for (vendor, (address, tag)) in send(&world, &id).await {
            assert_eq!(address.is_some(), id.len() == 64 && BY_ADDRESS.contains(&vendor), "{vendor}");
            tags.entry(vendor).or_default().extend(tag);
        }
    }
    for (vendor, mut tags) in tags {
        let count = tags.len();
        assert!(tags.iter().all(|tag| tag.len() <= 64), "{vendor}: {tags:?}");
        tags.sort();
        tags.dedup();
        assert_eq!(tags.len(), count, "{vendor}: {tags:?}");
    }
}

/// What the service itself calls messages always comes back, however long a group's name is.
#[test]
fn the_services_own_ids_are_short_enough() {
    let of = |group: &str, seq: u64| message_id(&format!("{group}#{seq}"), "", group);
    let longest = "g".repeat(128);
    let ids = [of(&longest, 1), of(&longest, 2), of(&format!("{longest}h"), 1), of("g", u64::MAX)];
    assert!(ids.iter().all(|id| id.len() <= 64), "{ids:?}");
    assert!(ids[3].starts_with("g#18446744073709551615@"), "{ids:?}");
    let different: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(different.len(), ids.len());
    assert_eq!(of(&longest, 1), ids[0]);
}

/// An address that some vendors do not take keeps no push back: they are told where in their console.
#[tokio::test]
async fn an_address_that_is_too_long_keeps_no_push_back() {
    let world = with_users(&format!("https://{}.example.com", "x".repeat(90))).await;
    for (vendor, (address, tag)) in send(&world, "m1").await {
        assert_eq!(address, None, "{vendor}");
        if !BY_ADDRESS.contains(&vendor) {
            assert_eq!(tag.as_deref(), Some("m1"), "{vendor}");
        }
    }
}
