//! `omnipush usersig`: a user signature, to try the original's calls by hand.

use std::path::PathBuf;

use omnipush::{Clock as _, SystemClock};

use super::Bad;
use super::output::Out;
use crate::config::Config;
use crate::http::usersig::UserSig;

/// Print a user signature, as the calls under /v4/ want one
///
/// To try calls by hand. A backend makes its own, with the app's key, by any of the public generators.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  omnipush usersig --config gateway/example.toml
  omnipush usersig --config gateway/example.toml --identifier bo --seconds 3600")]
pub(super) struct Args {
    /// The service's configuration
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// The app; by default the first of the configuration
    #[arg(long, value_name = "NUMBER")]
    sdkappid: Option<u64>,
    /// The user; by default the app's first administrator
    #[arg(long, value_name = "ACCOUNT")]
    identifier: Option<String>,
    /// For how many seconds it holds
    #[arg(long, default_value_t = 86_400, value_name = "SECONDS")]
    seconds: u64,
}

pub(super) fn run(args: &Args) -> Result<bool, Bad> {
    let apps = Config::read(&args.config).map_err(Bad::new)?.http.apps;
    let problem = |words: String| Bad::new(format!("{}: {words}", args.config.display()));
    let app = match args.sdkappid {
        None => apps.first().ok_or_else(|| problem("has no [[http.apps]]".into()))?,
        Some(wanted) => apps.iter().find(|app| app.sdkappid == wanted).ok_or_else(|| {
            let known: Vec<String> = apps.iter().map(|app| app.sdkappid.to_string()).collect();
            problem(format!("has no app {wanted}; it has {}", known.join(", ")))
        })?,
    };
    let identifier = args.identifier.as_ref().or(app.admins.first());
    let identifier = identifier.ok_or_else(|| problem("the app has no administrator; give --identifier".into()))?;
    let now_s = SystemClock.now_ms() / 1000;
    let mut out = Out::new();
    out.line(UserSig::sign(app.sdkappid, identifier, &app.key, now_s, args.seconds).encode())?;
    out.flush()?;
    Ok(true)
}
