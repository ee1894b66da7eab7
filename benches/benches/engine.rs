//! The engine without a network: what a send costs beside the bytes on the wire.
//!
//! The bar for a send to one target is 1.5 µs of CPU and 12 allocations.

use std::sync::Arc;

use divan::{AllocProfiler, Bencher};
use omnipush::{Client, Notification, Target};
use omnipush_benches::{Instantly, vendor};
use omnipush_conformance::{Fake, fakes};

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap()
}

fn send(bencher: Bencher<'_, '_>, fake: &dyn Fake, n: &Notification, answer: &'static str, targets: usize) {
    let transport = Arc::new(Instantly { status: 200, body: answer.into() });
    let client = Client::builder(vendor(fake), transport).build();
    let prepared = client.prepare(n).unwrap();
    let runtime = runtime();
    let all: Vec<Target> = (0..targets).map(|i| Target::from(fake.target(i))).collect();
    // The first send leases the access token, and is not what a send costs.
    let first = runtime.block_on(client.send_prepared(&prepared, all.clone())).unwrap();
    assert_eq!(first.accepted(), targets, "{:?}", first.verdicts.first());
    bencher
        .counter(divan::counter::ItemsCount::new(targets))
        .with_inputs(|| all.clone())
        .bench_local_values(|targets| runtime.block_on(client.send_prepared(&prepared, targets)).unwrap());
}

const VIVO: &str = r#"{"result":0,"desc":"ok","authToken":"t","taskId":"121397329"}"#;

fn chat() -> Notification {
    Notification { category: Some("IM".into()), ..Notification::new("王小明", "今晚七点老地方见 🍜") }
}

#[divan::bench]
fn vivo_one(bencher: Bencher<'_, '_>) {
    send(bencher, &fakes::Vivo::new(), &chat(), VIVO, 1);
}

#[divan::bench]
fn vivo_list_of_1000(bencher: Bencher<'_, '_>) {
    send(bencher, &fakes::Vivo::new(), &chat(), VIVO, 1000);
}
