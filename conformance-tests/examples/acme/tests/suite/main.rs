//! Acme against its fake: how an adapter outside of this repository runs the suite.

mod fake;

use std::process::ExitCode;
use std::sync::Arc;

use omnipush_acme::Acme;
use omnipush_conformance::suite::{self, Mount};
use omnipush_core::config::from_settings;

fn main() -> ExitCode {
    suite::run(&[Mount::new(
        "acme",
        || Arc::new(fake::Acme::default()),
        |settings| from_settings("acme", settings, Acme::new),
    )])
}
