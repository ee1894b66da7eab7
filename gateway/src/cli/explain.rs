//! `omnipush explain`: why a device got a push, or none.

use std::path::PathBuf;

use super::output::Out;
use super::{Bad, runtime};
use crate::config::Config;
use crate::explain::explain;
use crate::store::Store;

/// Say why each device of a message got a push, or none
///
/// Reads what the service recorded: for each device the rule that decided, the certificate, what was
/// lost in mapping, every attempt with the vendor's answer, and receipts. The service may run meanwhile.
/// The status is 1 if the message is unknown.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  omnipush explain 7_12_1800000000@5b1d6c2e --config gateway.toml
  omnipush explain 'team#42' --config gateway.toml --account bo --json")]
pub(super) struct Args {
    /// The message, as the call that sent it answered: its MsgId, its TaskId, or GROUP#MSGSEQ
    id: String,
    /// The service's configuration
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Only the devices of this account
    #[arg(long)]
    account: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<bool, Bad> {
    let database = Config::read(&args.config).map_err(Bad::new)?.serve.database;
    if !database.exists() {
        return Err(Bad::new(format!("{}: there is no database yet", database.display())));
    }
    let found = runtime()?.block_on(async {
        let store = Store::open(&database).await?;
        let found = explain(&store, &args.id, args.account.as_deref()).await;
        store.close().await;
        found
    });
    let mut out = Out::new();
    let known = match found.map_err(Bad::new)? {
        Some(found) if args.json => {
            out.line(serde_json::to_string(&found).map_err(Bad::new)?)?;
            true
        }
        Some(found) => {
            out.line(found.to_string().trim_end())?;
            true
        }
        None => {
            out.line(format!("{}: no such message, or it is forgotten by now", args.id))?;
            false
        }
    };
    out.flush()?;
    Ok(known)
}
