//! A message to a large group: see [`omnipush_benches::gateway`].

#![allow(clippy::print_stdout, reason = "what was asked for")]

use omnipush_benches::{gateway, measure::Effort};

fn main() {
    println!("{}", gateway::run(Effort::from_args()).markdown());
}
