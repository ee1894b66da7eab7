//! Receipts as every vendor posts them, and as nobody should: verified, tied to deliveries, kept once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

mod asked;
mod posted;
#[allow(dead_code, reason = "these tests use some of it")]
#[path = "../rules/rules/support.rs"]
mod support;

use omnipush_gateway::certificates::Certificate;
use omnipush_gateway::webhook::{ReceiptsTo, Teller};
use support::{RECEIPT_SECRET, VENDORS, World};

/// A world that asks for receipts at an address, and tells of them.
async fn world(url: &str) -> World {
    let to = ReceiptsTo::new(url, Some(RECEIPT_SECRET.into()));
    World::of(Certificate::new, |gateway| gateway.receipts(to).witness(Teller)).await
}

/// The vendors that have receipts, with the numbers of their certificates.
fn reporting(world: &World) -> Vec<(u32, &'static str)> {
    let channels = world.gateway.certificates().all();
    let reports = |id: &u32| channels[id].push.profile().receipts.is_some();
    let found: Vec<_> = VENDORS.into_iter().filter(|(id, _)| reports(id)).collect();
    assert_eq!(found.len(), 7, "{found:?}");
    found
}
