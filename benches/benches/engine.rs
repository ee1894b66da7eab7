//! The engine without a network: what a send costs beside the bytes on the wire.
//!
//! The bar for a send to one target is 1.5 µs of CPU and 12 allocations.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a bench that cannot be set up shall stop")]

use std::sync::Arc;

use divan::counter::ItemsCount;
use divan::{AllocProfiler, Bencher};
use omnipush::Client;
use omnipush_benches::{Instantly, chat, subject};

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

/// Answers that grant a token, save a message and accept a send, all in one.
const ANSWERS: [(&str, &str); 4] = [
    ("apns", ""),
    ("xiaomi", r#"{"result":"ok","code":0,"data":{"id":"scm51336519827468580b1"}}"#),
    ("vivo", r#"{"result":0,"desc":"ok","authToken":"t","taskId":"121397329"}"#),
    ("meizu", r#"{"code":"200","message":"","value":{},"msgId":"0123456789abcdef0123456789abcdef"}"#),
];

fn send(bencher: Bencher<'_, '_>, id: &str, count: usize) {
    let subject = subject(id);
    let answer = ANSWERS.iter().find(|(vendor, _)| *vendor == id).unwrap().1;
    let transport = Arc::new(Instantly { status: 200, body: answer.into() });
    let client = Client::builder(Arc::clone(&subject.vendor), transport).build();
    let prepared = client.prepare(&chat::message()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let targets = &subject.targets[..count];
    // The first send leases the access token and saves the message: not what a send costs.
    let first = runtime.block_on(client.send_prepared(&prepared, targets.to_vec())).unwrap();
    assert_eq!(first.accepted(), count, "{:?}", first.verdicts.first());
    bencher
        .counter(ItemsCount::new(count))
        .with_inputs(|| targets.to_vec())
        .bench_local_values(|targets| runtime.block_on(client.send_prepared(&prepared, targets)).unwrap());
}

#[divan::bench(args = ["apns", "xiaomi", "vivo", "meizu"])]
fn one_target(bencher: Bencher<'_, '_>, id: &str) {
    send(bencher, id, 1);
}

#[divan::bench(args = ["xiaomi", "vivo", "meizu"])]
fn full_list(bencher: Bencher<'_, '_>, id: &str) {
    let (_, size) = subject(id).largest();
    send(bencher, id, size);
}
