//! Long streams of targets: see [`omnipush_benches::fanout`]. Names of vendors limit it to these.

#![allow(clippy::print_stdout, reason = "what was asked for")]

mod count;

use omnipush_benches::{fanout, measure::Effort};

fn main() {
    count::allocations();
    let named: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    println!("{}", fanout::run(Effort::from_args(), &named).markdown());
}
