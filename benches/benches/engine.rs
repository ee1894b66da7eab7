//! Sends over a real connection: see [`omnipush_benches::engine`].

#![allow(clippy::print_stdout, reason = "what was asked for")]

mod count;

use omnipush_benches::{engine, measure::Effort};

fn main() {
    count::allocations();
    let effort = Effort::from_args();
    println!("{}\n{}", engine::run(effort).markdown(), engine::far(effort).markdown());
}
