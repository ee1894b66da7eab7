//! Counts what the hot paths cost and fails when one exceeds its budget in `budgets.toml`, saying
//! by how much. Allocations are counted here, instructions by valgrind's callgrind on the program
//! `hot`: counts repeat, where times on a shared machine do not.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a guard that cannot count shall stop"
)]

mod count;

use std::process::{Command, ExitCode};

use clap::Parser;
use omnipush_benches::hot::{PATHS, Path, budgets, exceeded};
use omnipush_benches::measure;

/// Counts what the hot paths cost, and compares it with the budgets.
#[derive(Parser)]
struct Args {
    /// Count allocations only, where there is no valgrind.
    #[arg(long)]
    no_instructions: bool,
    /// Do every path once and count nothing.
    #[arg(long)]
    test: bool,
    /// What `cargo bench` adds; without effect.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    if args.test {
        PATHS.iter().for_each(|path| (path.ready)()(path.count));
        return ExitCode::SUCCESS;
    }
    count::allocations();
    let budgets = match budgets(include_str!("../budgets.toml")) {
        Ok(budgets) => budgets,
        Err(error) => {
            eprintln!("budgets.toml: {error}");
            return ExitCode::FAILURE;
        }
    };
    let mut broken = Vec::new();
    println!(
        "{:<22} {:>22} {:>24} {:>22}",
        "each time", "allocations (budget)", "instructions (budget)", "of by hand (budget)"
    );
    for path in &PATHS {
        let Some(budget) = budgets.get(path.name) else { continue };
        let allocations = allocations(path);
        broken.extend(exceeded(path.name, "allocations", allocations, budget.allocations));
        let shown = format!("{allocations:.2} ({})", budget.allocations);
        let counted = (!args.no_instructions).then(|| instructions(path, false));
        let by_hand = counted.filter(|_| path.by_hand.is_some()).map(|count| count / instructions(path, true));
        for (what, counted, budget) in [
            ("instructions", counted, budget.instructions),
            ("times the instructions by hand", by_hand, budget.of_by_hand),
        ] {
            broken.extend(counted.zip(budget).and_then(|(counted, budget)| exceeded(path.name, what, counted, budget)));
        }
        let limit = |budget: Option<f64>| budget.map_or("none".into(), |limit| limit.to_string());
        let counted = counted.map_or(String::new(), |count| format!("{count:.0} ({})", limit(budget.instructions)));
        let by_hand = by_hand.map_or(String::new(), |ratio| format!("{ratio:.2} ({})", limit(budget.of_by_hand)));
        println!("{:<22} {shown:>22} {counted:>24} {by_hand:>22}", path.name);
    }
    broken.iter().for_each(|line| eprintln!("{line}"));
    if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn allocations(path: &Path) -> f64 {
    let mut run = (path.ready)();
    // Connects, and fills what is kept.
    run(path.count);
    measure::allocations(|| run(path.count)).count / path.count as f64
}

/// Instructions of the thread that works, each time: the difference between many and few.
fn instructions(path: &Path, by_hand: bool) -> f64 {
    let (few, many) = (path.count, 3 * path.count);
    (watched(path, by_hand, many) - watched(path, by_hand, few)) / (many - few) as f64
}

fn watched(path: &Path, by_hand: bool, times: usize) -> f64 {
    let file = std::env::temp_dir().join(format!("omnipush-guard-{}", std::process::id()));
    let status = Command::new("valgrind")
        .args(["--tool=callgrind", "--separate-threads=yes", "--quiet"])
        .arg(format!("--callgrind-out-file={}", file.display()))
        .arg(env!("CARGO_BIN_EXE_hot"))
        .args([path.name, &times.to_string()])
        .args(by_hand.then_some("--by-hand"))
        .status();
    assert!(status.is_ok_and(|status| status.success()), "valgrind is not installed, or {} fails under it", path.name);
    // A file for each thread, and the first is ours; the sink has others.
    let main = std::fs::read_to_string(file.with_extension("")).ok();
    let first = std::fs::read_to_string(format!("{}-01", file.display())).ok();
    let total = first.or(main).unwrap();
    for thread in 0..64 {
        let _ = std::fs::remove_file(format!("{}-{thread:02}", file.display()));
    }
    let _ = std::fs::remove_file(&file);
    let line = total.lines().find_map(|line| line.strip_prefix("totals:")).unwrap();
    line.trim().parse().unwrap()
}
