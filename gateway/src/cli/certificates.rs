//! `omnipush certificates check`: tries each certificate of a configuration.

use std::path::PathBuf;

use clap::Subcommand;
use console::Term;
use futures::future::join_all;
use serde_json::json;

use super::output::{Out, align_right, table};
use super::{Bad, runtime};
use crate::certificates::{Certificates, Trial, try_out};
use crate::config::Receipts;

/// Look after the certificates of a configuration
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  omnipush certificates check --config gateway.toml
  omnipush certificates check --config gateway.toml --json
  omnipush certificates check --config gateway/example.toml --fakes")]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Try each certificate at its vendor
    ///
    /// A notification goes to a device that does not exist, as a dry run where the vendor has one; it
    /// reaches nobody. The status is 1 if a vendor refused an app or its keys, or was not reached.
    Check {
        /// The configuration
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// Try them at embedded fakes of the vendors, with the fakes' own keys; nothing leaves this machine
        #[arg(long)]
        fakes: bool,
        /// Print one JSON object a line, for each certificate
        #[arg(long)]
        json: bool,
    },
}

pub(super) fn run(args: &Args) -> Result<bool, Bad> {
    let What::Check { config, fakes, json } = &args.what;
    runtime()?.block_on(check(config, *fakes, *json))
}

async fn check(config: &std::path::Path, with_fakes: bool, as_json: bool) -> Result<bool, Bad> {
    let connect = crate::serve::connect(&Receipts::default(), with_fakes).await;
    // The fakes run for as long as the certificates are there.
    let certificates = Certificates::open_with(config, connect).map_err(Bad::new)?;
    let all = certificates.all();
    let trials = join_all(all.values().map(async |channel| (&channel.certificate, try_out(channel).await))).await;
    let (mut out, term) = (Out::new(), Term::stdout());
    if as_json {
        for (certificate, trial) in &trials {
            let (id, vendor) = (certificate.id, &certificate.vendor);
            out.line(json!({"id": id, "vendor": vendor, "is": trial.as_str(), "vendor_said": trial.words()}))?;
        }
    } else {
        let mut table = table(&term, &["Number", "Vendor", "Is", "What the vendor said"]);
        align_right(&mut table, 0..1);
        for (certificate, trial) in &trials {
            table.add_row([&certificate.id.to_string(), &certificate.vendor, trial.as_str(), trial.words()]);
        }
        table.lines().try_for_each(|line| out.line(line.trim_end()))?;
    }
    out.flush()?;
    Ok(trials.iter().all(|(_, trial)| matches!(trial, Trial::Good(_) | Trial::Off)))
}
