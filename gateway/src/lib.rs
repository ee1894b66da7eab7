//! The `omnipush` command: a thin face of the libraries for people and scripts.

pub mod cli;
