//! `omnipush serve`: the gateway as a service.

use std::path::PathBuf;

use super::output::Out;
use super::{Bad, runtime};
use crate::serve;

/// Run the offline-push service of an IM system
///
/// One process and one SQLite file. On SIGTERM or Ctrl-C it answers the calls that are under way,
/// settles the pushes that are under way, and ends; what waits is sent after the next start. On
/// SIGHUP, and when the file changes, settings and certificates are read again. The log is JSON on
/// stderr.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  omnipush serve --config gateway/example.toml --fakes
  omnipush serve --config /etc/omnipush/gateway.toml --check")]
pub(super) struct Args {
    /// The configuration
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Send to embedded fakes of the vendors instead of the vendors; nothing leaves this machine
    #[arg(long)]
    fakes: bool,
    /// Only check the configuration
    #[arg(long, conflicts_with = "fakes")]
    check: bool,
}

pub(super) fn run(args: &Args) -> Result<bool, Bad> {
    if args.check {
        let runtime = runtime()?;
        let _entered = runtime.enter();
        let (_, certificates) = serve::check(&args.config).map_err(Bad::new)?;
        let mut out = Out::new();
        let count = super::output::count(certificates.all().len(), "certificate");
        out.line(format!("{}: all is well, {count}", args.config.display()))?;
        out.flush()?;
        return Ok(true);
    }
    runtime()?.block_on(serve::run(&args.config, args.fakes)).map_err(Bad::new)?;
    Ok(true)
}
