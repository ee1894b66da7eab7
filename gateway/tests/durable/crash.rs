//! kill -9 under load, ten times in a row: nothing that was accepted is lost, and nothing comes twice
//! unless it was unsure and is marked so.
//!
//! The victim is this test binary again, told by an environment variable what to be.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use omnipush_conformance::{Host, Purpose, Trouble, fakes};
use omnipush_gateway::certificates::{Certificate, Certificates, Channel, connect};
use omnipush_gateway::dispatch::{Gateway, To};
use omnipush_gateway::model::{
    Conversation, Element, Message, Platform, PresenceEvent, PushConfig, ResendUnsure, Settings,
};
use omnipush_gateway::store::{DeliveryState, Store};

const ROLE: &str = "OMNIPUSH_CRASH_TEST";
/// vivo de-duplicates, FCM does not.
const VENDORS: [(u32, &str); 2] = [(1, "vivo"), (2, "fcm")];

/// What the victim is told.
#[derive(serde::Serialize, serde::Deserialize)]
struct Role {
    folder: String,
    /// Configuration entries, by certificate.
    entries: BTreeMap<u32, serde_json::Value>,
    resend: ResendUnsure,
    /// Take messages in until killed; else send what is there and end.
    busy: bool,
    round: u32,
}

fn gateway(role: &Role, store: Store) -> Gateway {
    let channel = |(id, entry): (&u32, &serde_json::Value)| {
        let vendor = omnipush::build(entry).unwrap();
        let certificate = Certificate::new(*id, vendor.profile().id);
        Channel::new(certificate, connect(vendor).unwrap())
    };
    let settings = Settings { resend_unsure: role.resend, ..Settings::default() };
    Gateway::builder(store, Certificates::of(role.entries.iter().map(channel))).settings(settings).build()
}

/// Not a test of its own: the process that is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn victim() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let role: Role = serde_json::from_str(&role).unwrap();
    let store = Store::open(&Path::new(&role.folder).join("gateway.db")).await.unwrap();
    let gateway = gateway(&role, store);
    let running = gateway.clone();
    let worker = tokio::spawn(async move { running.run().await.unwrap() });
    if !role.busy {
        gateway.drained().await.unwrap();
        gateway.stop();
        worker.await.unwrap();
        return;
    }
    for number in 0_u64.. {
        let id = format!("{}-{number}", role.round);
        let mut message = Message::new(&id, "ann", Conversation::OneToOne, vec![Element::Text(id.clone())]);
        (message.seq, message.at_ms) = (number, gateway.now_ms());
        let to = VENDORS.map(|(_, vendor)| format!("{vendor} user"));
        gateway.accept(&message, To::Users(&to)).await.unwrap();
        // Only now may a caller believe it.
        let mut out = std::io::stdout().lock();
        writeln!(out, "\naccepted {id}").unwrap();
        out.flush().unwrap();
        drop(out);
        tokio::task::yield_now().await;
    }
}

fn start(role: &Role) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["crash::victim", "--exact", "--nocapture"])
        .env(ROLE, serde_json::to_string(role).unwrap())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

struct Told {
    accepted: usize,
    unsure: usize,
    resent: usize,
    doubled: usize,
}

async fn kill_ten_times(resend: ResendUnsure) -> Told {
    let folder = tempfile::tempdir().unwrap();
    let (mut hosts, mut entries) = (BTreeMap::new(), BTreeMap::new());
    for (id, vendor) in VENDORS {
        let host = Host::start_shared(fakes::by_id(vendor).unwrap()).await;
        // Long enough on the way that each kill finds some there.
        host.world().always(Purpose::Send, Trouble::Slow(Duration::from_millis(15)));
        entries.insert(id, host.config());
        hosts.insert(id, host);
    }
    let folder_name = folder.path().to_str().unwrap().to_owned();
    let mut role = Role { folder: folder_name, entries, resend, busy: true, round: 0 };
    let store = Store::open(&folder.path().join("gateway.db")).await.unwrap();
    let setup = gateway(&role, store.clone());
    for (id, vendor) in VENDORS {
        let (account, login) = (format!("{vendor} user"), PresenceEvent::Login { connection: 1, heartbeats: false });
        setup.presence(&account, "phone", Platform::Android, login).await.unwrap();
        let config = PushConfig { business_id: id, token: hosts[&id].fake().target(0), is_tpns: false };
        setup.set_config(&account, "phone", Some(&config)).await.unwrap();
        let gone = PresenceEvent::Disconnect { connection: 1 };
        setup.presence(&account, "phone", Platform::Android, gone).await.unwrap();
    }
    store.close().await;

    let mut accepted = BTreeSet::new();
    for round in 0..10 {
        role.round = round;
        let mut victim = start(&role);
        let lines = BufReader::new(victim.stdout.take().unwrap()).lines();
        let reader = std::thread::spawn(move || {
            lines
                .map_while(Result::ok)
                .filter_map(|line| line.strip_prefix("accepted ").map(str::to_owned))
                .collect::<Vec<_>>()
        });
        // A little later each time, from before the first message is sent on.
        tokio::time::sleep(Duration::from_millis(600 + u64::from(round) * 73)).await;
        victim.kill().unwrap();
        victim.wait().unwrap();
        accepted.extend(reader.join().unwrap());
    }
    role.busy = false;
    let mut last = start(&role);
    let ended = tokio::task::spawn_blocking(move || last.wait()).await.unwrap().unwrap();
    assert!(ended.success());

    let store = Store::open(&folder.path().join("gateway.db")).await.unwrap();
    assert_eq!(store.outbox_depth().await.unwrap(), (0, 0));
    let mut told = Told { accepted: accepted.len(), unsure: 0, resent: 0, doubled: 0 };
    assert!(told.accepted > 20, "only {} were accepted: no load", told.accepted);
    for (id, vendor) in VENDORS {
        let mut came: BTreeMap<String, usize> = BTreeMap::new();
        for delivered in hosts[&id].world().delivered() {
            *came.entry(delivered.body.unwrap_or_default()).or_default() += 1;
        }
        for message in &accepted {
            let account = format!("{vendor} user");
            let explained = store.explain(message, Some(&account)).await.unwrap().expect("accepted is recorded");
            let delivery = &explained.deliveries[0];
            let times = came.get(message).copied().unwrap_or(0);
            let unsure = delivery.state == DeliveryState::Unsure;
            assert!(unsure || delivery.state == DeliveryState::Accepted, "{vendor} {message}: {delivery:?}");
            assert!(times > 0 || unsure, "{vendor} {message} is lost: {delivery:?}");
            assert!(times < 2 || delivery.resent, "{vendor} {message} came {times} times, unmarked");
            told.unsure += usize::from(unsure);
            told.resent += usize::from(delivery.resent);
            told.doubled += usize::from(times > 1);
            if vendor == "vivo" {
                assert!(times == 1 && !unsure, "vivo de-duplicates: {message} came {times} times, {delivery:?}");
            }
            if resend == ResendUnsure::Always {
                assert!(times > 0 && !unsure, "{vendor} {message}: {delivery:?}");
            }
        }
    }
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_loses_nothing_and_doubles_nothing() {
    let told = kill_ten_times(ResendUnsure::WhereSafe).await;
    println!("{} accepted, {} unsure, {} resent, {} doubled", told.accepted, told.unsure, told.resent, told.doubled);
    assert_eq!(told.doubled, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_doubles_only_what_is_marked_where_all_is_resent() {
    let told = kill_ten_times(ResendUnsure::Always).await;
    println!("{} accepted, {} unsure, {} resent, {} doubled", told.accepted, told.unsure, told.resent, told.doubled);
    assert_eq!(told.unsure, 0);
}
