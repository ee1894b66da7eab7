//! Long streams of targets: see [`omnipush_benches::fanout`].

#![allow(clippy::print_stdout, reason = "what was asked for")]

mod count;

use omnipush_benches::{fanout, measure::Effort};

fn main() {
    count::allocations();
    println!("{}", fanout::run(Effort::from_args()).markdown());
}
