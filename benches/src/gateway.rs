//! What the gateway costs: a message to a large group, from the call that takes it in until it is on disk.

use std::path::Path;
use std::sync::Arc;

use omnipush::{Client, SystemClock};
use omnipush_conformance::{Direct, fakes};
use omnipush_gateway::certificates::{Certificate, Certificates, Channel, engine};
use omnipush_gateway::dispatch::{Gateway, To};
use omnipush_gateway::model::{Conversation, Element, GroupKind, Message};
use omnipush_gateway::store::{Group, Store};

use crate::measure::{self, Cost, Effort, process_cpu};
use crate::table::{Row, Table};

/// The vendors whose phones the members have, in turns, by the number of the certificate.
const VENDORS: [&str; 9] = ["apns", "xiaomi", "huawei", "fcm", "meizu", "oppo", "vivo", "honor", "harmony"];

/// Measures groups of some sizes.
///
/// # Panics
/// When the database cannot be set up.
pub fn run(effort: Effort) -> Table {
    let sizes: &[usize] = effort.pick(&[100], &[1_000, 10_000], &[1_000, 10_000]);
    Table {
        title: "Gateway",
        about: "A message to a group whose members have phones of nine vendors in turns, taken in by `Gateway::accept`: \
                members read, each judged, composed and encoded once a certificate, and all of it on disk. CPU time of \
                all threads, the database's too; allocations of the thread that accepts.",
        limit: "",
        columns: &["a member"],
        rows: sizes.iter().map(|size| group(*size, effort)).collect(),
    }
}

fn group(size: usize, effort: Effort) -> Row {
    let rounds = effort.pick(1, 5, 15);
    let folder = std::env::temp_dir().join(format!("omnipush-bench-{}-{size}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let gateway = runtime.block_on(with_members(&folder.join("gateway.db"), size));
    let (mut times, mut count, mut bytes) = (Vec::with_capacity(rounds), 0.0, 0.0);
    // The first one fills the database's caches.
    for number in 0..=rounds + 1 {
        let message = message(number, gateway.now_ms());
        let accept = || {
            let summary = runtime.block_on(gateway.accept(&message, To::Members("g"))).unwrap();
            assert_eq!((summary.queued, summary.silent), (size, 0));
        };
        // Timed in every round but the last, which is counted: counting takes time.
        if number > rounds {
            let counted = measure::allocations(accept);
            (count, bytes) = (counted.count, counted.bytes);
        } else {
            let before = process_cpu();
            accept();
            times.push(process_cpu().saturating_sub(before).as_nanos() as f64);
        }
    }
    runtime.block_on(gateway.store().close());
    std::fs::remove_dir_all(&folder).unwrap();
    let cost = Cost::of(times.split_off(1), count, bytes);
    let member = crate::table::time(cost.ns / size as f64);
    Row { what: format!("{size} members"), way: "omnipush".into(), cost, ratio: None, more: vec![member] }
}

/// A gateway whose worker does not run, over a group of so many members who are all away.
async fn with_members(file: &Path, size: usize) -> Gateway {
    let (mut channels, mut fakes) = (Vec::new(), Vec::new());
    for (id, vendor) in (1..).zip(VENDORS) {
        let fake = fakes::by_id(vendor).unwrap();
        let adapter = omnipush::build(&fake.config("http://fake")).unwrap();
        let transport = Direct::new(Arc::clone(&fake), SystemClock);
        let client = Client::builder(adapter, Arc::new(transport)).settings(engine()).build();
        channels.push(Channel::new(Certificate::new(id, vendor), Arc::new(client)));
        fakes.push(fake);
    }
    let gateway = Gateway::builder(Store::open(file).await.unwrap(), Certificates::of(channels)).build();
    let store = gateway.store();
    let kind = GroupKind::Work;
    store.put_group(&Group { id: "g".into(), name: "Team".into(), kind }).await.unwrap();
    let accounts: Vec<String> = (0..size).map(|number| format!("member-{number:06}")).collect();
    store.set_members("g", &accounts).await.unwrap();
    // One transaction for all: by calls it would take longer than what is measured.
    let mut write = store.begin().await.unwrap();
    for (number, account) in accounts.iter().enumerate() {
        let place = number % VENDORS.len();
        let platform = match VENDORS[place] {
            "apns" => "iphone",
            "harmony" => "harmony",
            _ => "android",
        };
        sqlx::query("INSERT INTO users (account) VALUES ($1)").bind(account).execute(&mut *write).await.unwrap();
        let sql = "INSERT INTO devices (account, device, platform, login_ms, business_id, token) \
                   VALUES ($1, 'phone', $2, $3, $4, $5)";
        let query = sqlx::query(sql).bind(account).bind(platform).bind(i64::try_from(gateway.now_ms()).unwrap());
        let query = query.bind(i64::try_from(place).unwrap() + 1).bind(fakes[place].target(number));
        query.execute(&mut *write).await.unwrap();
    }
    write.commit().await.unwrap();
    gateway
}

fn message(number: usize, now_ms: u64) -> Message {
    let (id, name) = ("g".to_owned(), "Team".to_owned());
    let conversation = Conversation::Group { id, name, kind: GroupKind::Work, notice: false };
    let body = vec![Element::Text("Lunch at noon?".into())];
    let mut message = Message::new(format!("g#{number}@0f1e2d3c"), "ann", conversation, body);
    message.random = u32::try_from(number).unwrap();
    message.at_ms = now_ms;
    message
}
