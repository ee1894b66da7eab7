//! The gateway as a service: a real process, with calls, signals and restarts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

mod bounds;
mod certificates;
mod client;
#[allow(dead_code, reason = "these tests use some of it")]
#[path = "../command/common.rs"]
mod command;
mod poster;
mod process;
mod readme;
mod receipts;
mod receiver;
mod support;
mod tls;
mod webhook;
mod webhook_tls;
