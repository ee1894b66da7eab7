//! Does one hot path so often and no more, for a profiler to watch: `hot apns_send 1000`. The
//! guard counts its instructions.

#![allow(clippy::unwrap_used, reason = "a bench that cannot be set up shall stop")]

use clap::Parser;
use omnipush_benches::hot::PATHS;

/// Does one hot path so often, for a profiler to watch.
#[derive(Parser)]
struct Args {
    /// Its name in `budgets.toml`.
    path: String,
    /// How often.
    times: usize,
    /// Do it by hand, with the library that it is compared with.
    #[arg(long)]
    by_hand: bool,
}

fn main() {
    let args = Args::parse();
    let path = PATHS.iter().find(|path| path.name == args.path).unwrap();
    let ready = if args.by_hand { path.by_hand.unwrap() } else { path.ready };
    ready()(args.times);
}
