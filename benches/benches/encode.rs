//! Encoding a notification, and putting targets into what was encoded, for every vendor; beside
//! each the plain alternative: a hand-typed serde struct, and a copy of the finished bytes.
//!
//! `template` against `typed`: a notification is encoded once for all its targets, so this is
//! paid once; it must be no slower. `splice` against `copy`: this is paid for every target, and
//! may cost 2.5 copies at most. `splice_list` is one request with as many targets as it takes.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a bench that cannot be set up shall stop")]

use divan::counter::ItemsCount;
use divan::{AllocProfiler, Bencher, black_box};
use omnipush::{Bytes, Item};
use omnipush_benches::{SUBJECTS, chat, subject};

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

#[divan::bench(args = SUBJECTS)]
fn template(bencher: Bencher<'_, '_>, id: &str) {
    let (subject, n) = (subject(id), chat::message());
    bencher.bench_local(|| subject.encode(black_box(&n), subject.shape()));
}

#[divan::bench(args = SUBJECTS)]
fn typed(bencher: Bencher<'_, '_>, id: &str) {
    let subject = subject(id);
    let target = subject.targets[0].as_str();
    bencher.bench_local(|| (subject.typed)(black_box(target)));
}

#[divan::bench(args = SUBJECTS)]
fn splice(bencher: Bencher<'_, '_>, id: &str) {
    let subject = subject(id);
    let encoded = subject.encode(&chat::message(), subject.shape());
    let items = [Item { encoded: &encoded, target: &subject.targets[0] }];
    bencher.bench_local(|| subject.splice(&encoded, black_box(&items)));
}

#[divan::bench(args = SUBJECTS)]
fn copy(bencher: Bencher<'_, '_>, id: &str) {
    let subject = subject(id);
    let encoded = subject.encode(&chat::message(), subject.shape());
    let body = subject.splice(&encoded, &[Item { encoded: &encoded, target: &subject.targets[0] }]);
    bencher.bench_local(|| Bytes::copy_from_slice(black_box(&body)));
}

#[divan::bench(args = ["xiaomi", "vivo", "meizu"])]
fn splice_list(bencher: Bencher<'_, '_>, id: &str) {
    let subject = subject(id);
    let (shape, size) = subject.largest();
    let encoded = subject.encode(&chat::message(), shape);
    let items: Vec<_> = subject.targets.iter().take(size).map(|target| Item { encoded: &encoded, target }).collect();
    bencher.counter(ItemsCount::new(size)).bench_local(|| subject.splice(&encoded, black_box(&items)));
}
