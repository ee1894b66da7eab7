//! What was accepted is sent: over outages, reloads, stops and kill -9.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

mod crash;
mod outbox;
mod recall;
#[path = "../rules/rules/support.rs"]
#[allow(dead_code, reason = "shared with the tests of the rules")]
mod support;
