//! A message to a large group: see [`omnipush_benches::gateway`].

#![allow(clippy::print_stdout, reason = "what was asked for")]

mod count;

use omnipush_benches::{gateway, measure::Effort};

fn main() {
    count::allocations();
    println!("{}", gateway::run(Effort::from_args()).markdown());
}
