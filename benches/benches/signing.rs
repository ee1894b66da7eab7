//! Signatures, digests and encryption: see [`omnipush_benches::signing`].

#![allow(clippy::print_stdout, reason = "what was asked for")]

mod count;

use omnipush_benches::{measure::Effort, signing};

fn main() {
    count::allocations();
    println!("{}", signing::run(Effort::from_args()).markdown());
}
