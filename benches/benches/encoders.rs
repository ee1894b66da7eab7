//! Encoding, and putting targets in: see [`omnipush_benches::encoders`].

#![allow(clippy::print_stdout, reason = "what was asked for")]

mod count;

use omnipush_benches::{encoders, measure::Effort};

fn main() {
    count::allocations();
    println!("{}", encoders::run(Effort::from_args()).markdown());
}
