//! The gateway by HTTP: each call accepted and refused, in the original's words, and what then reaches
//! the phone.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unreachable,
    reason = "what fails here fails a test"
)]

mod figures;
mod frame;
mod group;
mod hostile;
mod own;
mod push;
mod send;
mod server;
mod state;
mod tags;
mod usersig;
#[path = "../rules/rules/support.rs"]
#[allow(dead_code, reason = "shared with the tests of the rules")]
mod world;
