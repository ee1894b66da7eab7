//! What omnipush costs, so that a user can choose with open eyes: encoders, signatures, the
//! engine over a real connection, long streams of targets, and the gateway. Each is a bench of its own;
//! `report` runs all but the gateway's and writes `RESULTS.md`.
//!
//! - `by_hand`: the vendors' bodies as one would write them with serde; `bare`: HTTP clients alone;
//!   `peers`: other clients.
//! - [`encoders`], [`signing`], [`engine`], [`fanout`], `gateway` (with the feature of that name): what is measured.
//! - [`hot`]: the hot paths whose cost is guarded by `budgets.toml`.
//! - [`measure`]: CPU time, allocations, memory.
//! - [`rig`]: clients, and what vendors answer.
//! - [`sink`]: the server at the other end.
//! - [`table`], [`report`]: how results are shown.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a bench measures real time, and shall stop when it cannot be set up"
)]

mod bare;
mod by_hand;
pub mod encoders;
pub mod engine;
pub mod fanout;
#[cfg(feature = "gateway")]
pub mod gateway;
pub mod hot;
pub mod measure;
pub mod messages;
#[cfg(feature = "peers")]
mod peers;
pub mod report;
pub mod rig;
pub mod signing;
pub mod sink;
pub mod subject;
pub mod table;
