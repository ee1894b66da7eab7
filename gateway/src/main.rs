//! The `omnipush` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    omnipush_gateway::cli::main()
}
