//! `omnipush manifest`: what an Android app's manifest needs for a certificate's click action.

use std::path::PathBuf;

use super::Bad;
use super::output::Out;
use crate::certificates;

/// Print the AndroidManifest block that matches a certificate's click action
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  omnipush manifest --config gateway/example.toml --certificate 20001")]
pub(super) struct Args {
    /// The configuration
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// The certificate's number
    #[arg(long, value_name = "N")]
    certificate: u32,
}

pub(super) fn run(args: &Args) -> Result<bool, Bad> {
    let entries = certificates::read(&args.config).map_err(Bad::new)?;
    let certificate = entries.iter().map(|entry| &entry.certificate).find(|found| found.id == args.certificate);
    let Some(certificate) = certificate else {
        let known: Vec<String> = entries.iter().map(|entry| entry.certificate.id.to_string()).collect();
        return Err(Bad::new(format!("no certificate {}; there are {}", args.certificate, known.join(", "))));
    };
    let block = certificates::manifest(certificate).map_err(Bad::new)?;
    let mut out = Out::new();
    out.line(block.trim_end())?;
    out.flush()?;
    Ok(true)
}
