//! The command line: what there is, and how it ends.
//!
//! Status 0: all is well. 1: something was not accepted, or does not fit. 2: the input cannot be
//! used; one line on stderr says why, and nothing was sent.

mod certificates;
mod demo;
mod encode;
mod explain;
mod fakes;
mod feed;
mod input;
mod lint;
mod manifest;
mod output;
mod samples;
mod send;
mod serve;
mod tally;
mod usersig;
mod vendors;

use std::fmt;
use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Push notifications through every phone maker's own channel.
#[derive(Debug, Parser)]
#[command(name = "omnipush", version, arg_required_else_help = true, max_term_width = 100)]
#[command(after_help = after_help())]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

fn after_help() -> String {
    let vendors = samples::ids().collect::<Vec<_>>().join(", ");
    format!(
        "\
Examples:
  omnipush demo
  omnipush fakes
  omnipush lint note.json
  omnipush encode note.json --vendor vivo --to 15554239157700000007919
  omnipush send --config push.toml --to vivo:15554239157700000007919 --title 你好 --body 'Hi there'
  omnipush serve --config gateway/example.toml --fakes

A vendor is one of {vendors}.
`omnipush vendors` shows what each can do.

RUST_LOG=omnipush_core=debug (or info, trace) writes a log to stderr."
    )
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Args),
    Send(send::Args),
    Encode(encode::Args),
    Lint(lint::Args),
    Vendors(vendors::Args),
    Fakes(fakes::Args),
    Serve(serve::Args),
    Explain(explain::Args),
    Certificates(certificates::Args),
    Manifest(manifest::Args),
    Usersig(usersig::Args),
}

/// Input that cannot be used: one line for people.
#[derive(Debug)]
struct Bad(String);

impl Bad {
    fn new(words: impl fmt::Display) -> Self {
        // Words of other libraries may span lines.
        Self(words.to_string().split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

impl fmt::Display for Bad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Runs the command of this process.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    // The service keeps a log of its own form.
    if !matches!(cli.command, Command::Serve(_)) {
        start_log();
    }
    let ended = match cli.command {
        Command::Demo(args) => demo::run(&args),
        Command::Send(args) => send::run(args),
        Command::Encode(args) => encode::run(&args),
        Command::Lint(args) => lint::run(&args),
        Command::Vendors(args) => vendors::run(&args),
        Command::Fakes(args) => fakes::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Certificates(args) => certificates::run(&args),
        Command::Manifest(args) => manifest::run(&args),
        Command::Usersig(args) => usersig::run(&args),
    };
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(bad) => complain(&bad),
    }
}

fn complain(words: &impl fmt::Display) -> ExitCode {
    // Where stderr is closed nobody reads it.
    let _ = writeln!(std::io::stderr(), "omnipush: {words}");
    ExitCode::from(2)
}

/// Help and version as clap prints them; what is wrong with a command line in one line.
fn usage(error: &clap::Error) -> ExitCode {
    use clap::error::ErrorKind::{DisplayHelp, DisplayHelpOnMissingArgumentOrSubcommand, DisplayVersion};
    match error.kind() {
        DisplayHelp | DisplayVersion => {
            let _ = error.print();
            ExitCode::SUCCESS
        }
        DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            ExitCode::from(2)
        }
        _ => {
            let text = error.render().to_string();
            let problem = text.split("\n\nUsage:").next().unwrap_or_default();
            let problem = problem.split("\n\nFor more").next().unwrap_or_default();
            let problem = problem.trim_start_matches("error: ").replace("\n\n", "; ");
            complain(&Bad::new(format!("{problem} (see --help)")))
        }
    }
}

/// A log on stderr where `RUST_LOG` asks for one.
fn start_log() {
    let Ok(filter) = std::env::var("RUST_LOG") else { return };
    match tracing_subscriber::EnvFilter::try_new(&filter) {
        Ok(filter) => {
            let ansi = console::colors_enabled_stderr();
            tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(ansi).init();
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "omnipush: RUST_LOG is not used: {error}");
        }
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, Bad> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Bad::new)
}
