//! Runs the short form of all benches and writes `RESULTS.md`: see [`omnipush_benches::report`].

mod count;

use omnipush_benches::{measure::Effort, report};

fn main() -> std::io::Result<()> {
    count::allocations();
    let once = std::env::args().any(|arg| arg == "--test");
    report::run(if once { Effort::Once } else { Effort::Short })
}
