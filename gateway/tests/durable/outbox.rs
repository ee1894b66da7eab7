//! The outbox without an axe: a vendor's outage, certificates that are exchanged, an orderly stop.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use omnipush::{Client, Push};
use omnipush_conformance::{Direct, Fake, Purpose, Trouble, fakes};
use omnipush_gateway::certificates::{Certificate, Certificates, Channel, engine};
use omnipush_gateway::dispatch::{AcceptError, Gateway, To};
use omnipush_gateway::model::{Message, Platform, PresenceEvent, PushConfig};
use omnipush_gateway::rules::Rule;
use omnipush_gateway::store::{DeliveryState, Recalled, Store};

use super::support::{Case, Hand, NOW, World, login, phone};

/// A client that tries so often; with 1 all patience is left to the outbox.
fn client(fake: &Arc<dyn Fake>, clock: &Hand, attempts: u32) -> Client {
    let adapter = omnipush::build(&fake.config("http://fake")).unwrap();
    let transport = Direct::new(Arc::clone(fake), clock.clone());
    let mut settings = engine();
    settings.attempts = attempts;
    Client::builder(adapter, Arc::new(transport)).settings(settings).clock(clock.clone()).build()
}

async fn register(gateway: &Gateway, fake: &dyn Fake, account: &str, business_id: u32) {
    gateway.presence(account, "phone", Platform::Android, login(1)).await.unwrap();
    let number = usize::try_from(business_id).unwrap();
    let config = PushConfig { business_id, token: fake.target(number), ..phone("vivo").config.unwrap() };
    gateway.set_config(account, "phone", Some(&config)).await.unwrap();
    let gone = PresenceEvent::Disconnect { connection: 1 };
    gateway.presence(account, "phone", Platform::Android, gone).await.unwrap();
}

fn message(id: &str, number: u32) -> Message {
    let mut message = Case::new("vivo").message;
    (message.id, message.random) = (id.to_owned(), number);
    message
}

fn run(gateway: &Gateway) -> tokio::task::JoinHandle<()> {
    let gateway = gateway.clone();
    tokio::spawn(async move { gateway.run().await.unwrap() })
}

async fn state(store: &Store, message: &str) -> DeliveryState {
    store.explain(message, None).await.unwrap().unwrap().deliveries[0].state
}

#[tokio::test]
async fn an_outage_of_the_vendor_is_waited_out() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Hand::default());
    clock.set(NOW);
    let fake = fakes::by_id("meizu").unwrap();
    let channel = Channel::new(Certificate::new(5, "meizu"), Arc::new(client(&fake, &clock, 1)));
    let store = Store::open(&folder.path().join("gateway.db")).await.unwrap();
    let gateway = Gateway::builder(store.clone(), Certificates::of([channel])).clock(clock.clone()).build();
    register(&gateway, fake.as_ref(), "bo", 5).await;
    run(&gateway);
    fake.world().always(Purpose::Send, Trouble::Status(503, Vec::new(), "down"));
    let to = ["bo".to_owned()];
    gateway.accept(&message("1", 1), To::Users(&to)).await.unwrap();
    while store.explain("1", None).await.unwrap().unwrap().attempts.first().is_none_or(|a| a.ended_ms.is_none()) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(state(&store, "1").await, DeliveryState::Queued);
    assert_eq!(store.next_due().await.unwrap(), Some(NOW + 2000));
    // Two seconds later it goes again; another message wakes the worker before that.
    fake.world().calm();
    clock.set(NOW + 2000);
    gateway.accept(&message("2", 2), To::Users(&to)).await.unwrap();
    gateway.drained().await.unwrap();
    assert_eq!(state(&store, "1").await, DeliveryState::Accepted);
    let explained = store.explain("1", None).await.unwrap().unwrap();
    assert_eq!(explained.attempts.iter().map(|a| a.attempt).collect::<Vec<_>>(), [1, 2]);
}

#[tokio::test]
async fn certificates_are_exchanged_without_dropping_a_send() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Hand::default());
    clock.set(NOW);
    let path = folder.path().join("gateway.toml");
    let all: BTreeMap<&str, Arc<dyn Fake>> =
        ["vivo", "meizu"].map(|vendor| (vendor, fakes::by_id(vendor).unwrap())).into_iter().collect();
    let write = |category: &str| {
        let entry = |(id, (vendor, fake)): (u32, (&&str, &Arc<dyn Fake>))| {
            let config = fake.config("http://fake");
            // Texts and numbers are written alike in JSON and TOML.
            let pair = |(key, value): (&String, &serde_json::Value)| format!("{key} = {value}\n");
            let app: String =
                config.as_object().unwrap().iter().filter(|(key, _)| *key != "vendor").map(pair).collect();
            let head = format!("[[certificate]]\nid = {id}\nvendor = '{vendor}'\ncategory = '{category}'\n");
            head + "[certificate.app]\n" + &app
        };
        std::fs::write(&path, (1..).zip(&all).map(entry).collect::<String>()).unwrap();
    };
    write("IM");
    let (for_connect, for_clock) = (all.clone(), clock.clone());
    let certificates = Certificates::open_with(&path, move |vendor| {
        let fake = Arc::clone(&for_connect[vendor.profile().id]);
        Ok(Arc::new(client(&fake, &for_clock, 4)) as Arc<dyn Push>)
    })
    .unwrap();
    let store = Store::open(&folder.path().join("gateway.db")).await.unwrap();
    let gateway = Gateway::builder(store.clone(), certificates).clock(clock.clone()).build();
    for (id, (vendor, fake)) in (1..).zip(&all) {
        register(&gateway, fake.as_ref(), vendor, id).await;
        fake.world().always(Purpose::Send, Trouble::Slow(Duration::from_millis(20)));
    }
    run(&gateway);
    let to = ["vivo", "meizu"].map(str::to_owned);
    for round in 0..20 {
        gateway.accept(&message(&round.to_string(), round), To::Users(&to)).await.unwrap();
        write(if round % 2 == 0 { "ORDER" } else { "IM" });
        assert_eq!(gateway.certificates().reload().unwrap().changed, [1, 2]);
    }
    // What has to go again later does so.
    let mut now_ms = NOW;
    while store.outbox_depth().await.unwrap() != (0, 0) {
        tokio::time::sleep(Duration::from_millis(20)).await;
        now_ms += 100;
        clock.set(now_ms);
    }
    for round in 0..20 {
        let explained = store.explain(&round.to_string(), None).await.unwrap().unwrap();
        let states: Vec<_> = explained.deliveries.iter().map(|delivery| delivery.state).collect();
        assert_eq!(states, [DeliveryState::Accepted; 2], "{explained:?}");
    }
}

#[tokio::test]
async fn an_orderly_stop_settles_what_is_on_its_way_and_keeps_the_rest() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Hand::default());
    clock.set(NOW);
    let fake = fakes::by_id("meizu").unwrap();
    fake.world().always(Purpose::Send, Trouble::Slow(Duration::from_secs(1)));
    let path = folder.path().join("gateway.db");
    let make = |store: Store| {
        let channel = Channel::new(Certificate::new(5, "meizu"), Arc::new(client(&fake, &clock, 1)));
        Gateway::builder(store, Certificates::of([channel])).clock(clock.clone()).build()
    };
    let gateway = make(Store::open(&path).await.unwrap());
    register(&gateway, fake.as_ref(), "bo", 5).await;
    let worker = run(&gateway);
    let to = ["bo".to_owned()];
    for number in 0..60 {
        gateway.accept(&message(&number.to_string(), number), To::Users(&to)).await.unwrap();
    }
    gateway.stop();
    worker.await.unwrap();
    let refused = gateway.accept(&message("late", 99), To::Users(&to)).await;
    assert!(matches!(refused, Err(AcceptError::Stopping)));
    let (waiting, sending) = gateway.store().outbox_depth().await.unwrap();
    assert!(sending == 0 && waiting > 0 && waiting < 60, "{waiting} wait, {sending} are on their way");
    gateway.store().close().await;

    fake.world().calm();
    let gateway = make(Store::open(&path).await.unwrap());
    run(&gateway);
    gateway.drained().await.unwrap();
    assert_eq!(fake.world().delivered().len(), 60);
    for number in 0..60 {
        assert_eq!(state(gateway.store(), &number.to_string()).await, DeliveryState::Accepted);
    }
}

/// A gateway over a world's store and certificates without a worker, so that everything stays where it is.
fn idle(world: &World) -> Gateway {
    world.gateway.stop();
    let all = world.gateway.certificates().all();
    let certificates = Certificates::of(
        all.values().map(|channel| Channel::new(channel.certificate.clone(), Arc::clone(&channel.push))),
    );
    Gateway::builder(world.store().clone(), certificates).clock(world.clock.clone()).build()
}

#[tokio::test]
async fn a_revoked_message_is_not_sent() {
    let world = World::new().await;
    world.user("bo", "vivo").await;
    let gateway = idle(&world);
    let message = message("1", 1);
    assert_eq!(gateway.accept(&message, To::Users(&["bo".to_owned()])).await.unwrap().queued, 1);
    assert_eq!(gateway.revoke("1").await.unwrap(), Some(1));
    assert_eq!((gateway.revoke("1").await.unwrap(), gateway.revoke("unknown").await.unwrap()), (None, None));
    assert_eq!(gateway.store().outbox_depth().await.unwrap(), (0, 0));
    let explained = world.store().explain("1", None).await.unwrap().unwrap();
    let delivery = &explained.deliveries[0];
    assert_eq!((delivery.state, delivery.rule), (DeliveryState::Silent, Rule::R2));
    assert_eq!(delivery.detail, "revoked before it was sent");
}

#[tokio::test]
async fn one_receivers_copy_is_taken_back_and_the_others_are_sent() {
    let world = World::new().await;
    for (account, vendor) in [("bo", "vivo"), ("cy", "vivo"), ("dee", "fcm")] {
        world.user(account, vendor).await;
    }
    let gateway = idle(&world);
    let to: Vec<String> = ["bo", "cy", "dee"].map(str::to_owned).into();
    assert_eq!(gateway.accept(&message("1", 1), To::Users(&to)).await.unwrap().queued, 3);
    assert_eq!(gateway.recall("1", "bo").await.unwrap(), Recalled::Now(Vec::new()));
    let Recalled::Now(gone) = gateway.recall("1", "dee").await.unwrap() else { panic!("dee had one") };
    assert_eq!(gone.len(), 1, "{gone:?}");
    assert_eq!(gateway.recall("1", "bo").await.unwrap(), Recalled::Before);
    assert_eq!(gateway.recall("1", "eve").await.unwrap(), Recalled::Never);
    assert_eq!(gateway.recall("unknown", "bo").await.unwrap(), Recalled::Never);

    let running = gateway.clone();
    let worker = tokio::spawn(async move { running.run().await });
    gateway.drained().await.unwrap();
    gateway.stop();
    worker.await.unwrap().unwrap();
    let explained = world.store().explain("1", None).await.unwrap().unwrap();
    let came_to: Vec<_> = explained.deliveries.iter().map(|d| (&*d.account, d.state)).collect();
    let expected = [("bo", DeliveryState::Silent), ("cy", DeliveryState::Accepted), ("dee", DeliveryState::Silent)];
    assert_eq!(came_to, expected);
    let delivered = |vendor| world.fake(vendor).world().delivered().len();
    assert_eq!((delivered("vivo"), delivered("fcm")), (1, 0));
}

/// A second process at the same database, such as one that only accepts, makes nobody fail: each waits
/// for the other's writes.
#[tokio::test(flavor = "multi_thread")]
async fn two_at_one_database_wait_for_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.db");
    let mut writers = tokio::task::JoinSet::new();
    for who in ["ann", "bo"] {
        let store = Store::open(&path).await.unwrap();
        writers.spawn(async move {
            let gateway = Gateway::builder(store, Certificates::of([])).build();
            for connection in 0..100 {
                gateway.presence(who, "phone", Platform::Android, login(connection)).await.unwrap();
            }
        });
    }
    while let Some(done) = writers.join_next().await {
        done.unwrap();
    }
}
