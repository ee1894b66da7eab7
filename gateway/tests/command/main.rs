//! Runs the built command against fakes in this process.

mod common;
mod demo;
mod encode;
mod input;
mod lint;
mod send;
