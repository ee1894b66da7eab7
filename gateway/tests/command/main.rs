//! Runs the built command against fakes in this process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "what fails here fails a test")]

mod common;
mod demo;
mod encode;
mod fakes;
mod input;
mod lint;
mod send;
