//! The phone's side: a push followed to its end, from what the vendor received to what the app is
//! handed when its user taps.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "what fails here fails a test"
)]

mod android;
mod arrives;
mod phone;
#[allow(dead_code, reason = "these tests use some of it")]
#[path = "../rules/rules/support.rs"]
mod support;
