//! The one suite of behaviours that every vendor adapter passes against its strict fake.
//!
//! A behaviour is data: its name, what it needs, and an async function. Each vendor that is
//! mounted gets a trial of each behaviour; one whose needs the vendor does not meet is listed as
//! ignored, and the reason is printed. A vendor crate outside this repository runs the same suite
//! from a test with `harness = false`:
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use omnipush_conformance::fakes::vivo::Vivo;
//! use omnipush_conformance::suite::{self, Mount};
//! # fn build(_: serde_json::Value) -> Result<Arc<dyn omnipush_core::PushVendor>, omnipush_core::ConfigError> {
//! #     Err(omnipush_core::ConfigError::new("vivo", "app_id", "is missing"))
//! # }
//!
//! fn main() -> std::process::ExitCode {
//!     suite::run(&[Mount::new("vivo", || Arc::new(Vivo::new()), build)])
//! }
//! ```

#[macro_use]
mod behaviour;
mod clicks;
mod codes;
mod encode;
mod faults;
mod ground;
mod life;
mod limits;
mod lines;
mod needs;
mod operations;
mod receipts;
mod samples;
mod secrets;
mod streams;
mod tap;
mod targets;
mod tokens;

use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};
use omnipush_core::{ConfigError, PushVendor};
use serde_json::Value;

use self::behaviour::Behaviour;
use self::ground::{Ground, Subject};
use crate::fake::Fake;

/// Nothing here takes this long; a trial that does hangs.
const TRIAL_TIMEOUT: Duration = Duration::from_secs(60);

/// A vendor adapter with its fake.
#[derive(Clone, Copy, Debug)]
pub struct Mount {
    name: &'static str,
    fake: fn() -> Arc<dyn Fake>,
    build: fn(Value) -> Result<Arc<dyn PushVendor>, ConfigError>,
    over_h2: bool,
}

impl Mount {
    /// Under a name, which is the vendor's id unless one vendor is mounted in several ways. `fake`
    /// makes a fresh fake, `build` the adapter from the settings that the fake gives (without the
    /// key `vendor`).
    pub const fn new(
        name: &'static str,
        fake: fn() -> Arc<dyn Fake>,
        build: fn(Value) -> Result<Arc<dyn PushVendor>, ConfigError>,
    ) -> Self {
        Self { name, fake, build, over_h2: false }
    }

    /// The same over core's own HTTP/2, by prior knowledge, where the vendor's usual transport is
    /// another or the fake's clear text would make it one.
    pub const fn over_h2(mut self) -> Self {
        self.over_h2 = true;
        self
    }

    /// The name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Builds the adapter to talk to a server at a base URL as it would to this fake.
    fn vendor(&self, fake: &dyn Fake, base: &str) -> Result<Arc<dyn PushVendor>, ConfigError> {
        self.vendor_with(fake.config(base))
    }

    fn vendor_with(&self, mut settings: Value) -> Result<Arc<dyn PushVendor>, ConfigError> {
        if let Some(settings) = settings.as_object_mut() {
            settings.shift_remove("vendor");
        }
        (self.build)(settings)
    }
}

/// Every behaviour.
fn behaviours() -> impl Iterator<Item = &'static Behaviour> {
    [
        encode::ALL,
        clicks::ALL,
        limits::ALL,
        targets::ALL,
        streams::ALL,
        codes::ALL,
        tokens::ALL,
        faults::ALL,
        lines::ALL,
        life::ALL,
        secrets::ALL,
        operations::ALL,
        receipts::ALL,
    ]
    .into_iter()
    .flatten()
}

/// Runs all behaviours for all mounts, in parallel, with the command line of Rust's own test
/// harness (filters, `--list`, `--exact`…).
pub fn run(mounts: &[Mount]) -> ExitCode {
    let args = Arguments::from_args();
    let (mut trials, mut skipped) = (Vec::new(), String::new());
    for mount in mounts {
        let subject = Subject::alone(mount);
        for behaviour in behaviours() {
            let name = format!("{}::{}", mount.name, behaviour.name);
            let missing = subject.as_ref().ok().and_then(|subject| (behaviour.needs)(subject).err());
            let mount = *mount;
            let trial = Trial::test(&name, move || attempt(&mount, behaviour)).with_ignored_flag(missing.is_some());
            if let Some(reason) = missing
                && !args.is_filtered_out(&trial)
            {
                let _ = writeln!(skipped, "skipped {name}: {reason}");
            }
            trials.push(trial);
        }
    }
    if !args.list {
        print!("{skipped}");
    }
    libtest_mimic::run(&args, trials).exit_code()
}

fn attempt(mount: &Mount, behaviour: &Behaviour) -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let trial = async {
        let ground = Ground::start(mount).await?;
        (behaviour.run)(&ground).await
    };
    let outcome = runtime.block_on(async { tokio::time::timeout(TRIAL_TIMEOUT, trial).await });
    match outcome {
        Ok(outcome) => outcome.map_err(|error| format!("{error:#}").into()),
        Err(_) => Err(format!("still running after {} s", TRIAL_TIMEOUT.as_secs()).into()),
    }
}
