//! What something costs: CPU time of the thread that does it, so that other work on the machine
//! disturbs it little; allocations of that thread; the peak memory of the process.

use std::sync::OnceLock;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// How thoroughly a bench runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// Once through everything, to see that it works: `-- --test`.
    Once,
    /// Short, for the report: `-- --short`.
    Short,
    /// Long enough to tell small differences.
    Full,
}

impl Effort {
    /// As the command line of a bench says.
    pub fn from_args() -> Self {
        let given = |name: &str| std::env::args().any(|arg| arg == name);
        match () {
            () if given("--test") => Self::Once,
            () if given("--short") => Self::Short,
            () => Self::Full,
        }
    }

    /// A number for each effort.
    pub(crate) fn pick<T>(self, once: T, short: T, full: T) -> T {
        match self {
            Self::Once => once,
            Self::Short => short,
            Self::Full => full,
        }
    }
}

/// User and system time of this thread.
pub(crate) fn thread_cpu() -> Duration {
    clock(ClockId::ThreadCPUTime)
}

/// User and system time of this process.
pub fn process_cpu() -> Duration {
    clock(ClockId::ProcessCPUTime)
}

fn clock(id: ClockId) -> Duration {
    let time = clock_gettime(id);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}

/// The most memory that this process has had at once, in MiB; 0 where `/proc` does not tell.
pub fn peak_rss_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib: f64 = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default();
    kib / 1024.0
}

/// Allocations of this thread while something ran.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Allocations {
    /// How many.
    pub count: f64,
    /// Bytes of all together.
    pub bytes: f64,
    /// The most bytes at once.
    pub most: f64,
}

/// Runs something and counts.
type Counter = fn(&mut dyn FnMut()) -> Allocations;

static COUNTER: OnceLock<Counter> = OnceLock::new();

/// Says how allocations are counted. Until then none are seen.
pub fn count_allocations_by(counter: Counter) {
    // The first one stays.
    let _ = COUNTER.set(counter);
}

/// Runs something and counts its allocations.
pub fn allocations(mut run: impl FnMut()) -> Allocations {
    match COUNTER.get() {
        Some(counter) => counter(&mut run),
        None => {
            run();
            Allocations::default()
        }
    }
}

/// What one run of something costs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cost {
    /// CPU time in nanoseconds: the median of all rounds.
    pub ns: f64,
    /// The fastest round.
    pub low: f64,
    /// The slowest round.
    pub high: f64,
    /// Allocations.
    pub allocations: f64,
    /// Bytes allocated.
    pub bytes: f64,
}

impl Cost {
    pub(crate) fn of(mut rounds: Vec<f64>, allocations: f64, bytes: f64) -> Self {
        rounds.sort_by(f64::total_cmp);
        let at = |index: usize| rounds.get(index).copied().unwrap_or_default();
        Self { ns: at(rounds.len() / 2), low: at(0), high: at(rounds.len().saturating_sub(1)), allocations, bytes }
    }
}

/// A way of doing something, among others that do the same.
pub(crate) struct Way<'a> {
    pub(crate) name: &'static str,
    run: Box<dyn FnMut() + 'a>,
}

impl<'a> Way<'a> {
    pub(crate) fn new<T>(name: &'static str, mut run: impl FnMut() -> T + 'a) -> Self {
        let run = move || {
            std::hint::black_box(run());
        };
        Self { name, run: Box::new(run) }
    }
}

/// Measures ways in turns, so that what disturbs the machine disturbs them alike.
pub(crate) fn compare(effort: Effort, ways: &mut [Way<'_>]) -> Vec<Cost> {
    let rounds = effort.pick(1, 5, 15);
    let enough = Duration::from_micros(effort.pick(0, 200, 2000));
    let repeats: Vec<u32> = ways.iter_mut().map(|way| calibrate(way, enough)).collect();
    let mut times = vec![Vec::with_capacity(rounds); ways.len()];
    for _ in 0..rounds {
        for ((way, &repeat), times) in ways.iter_mut().zip(&repeats).zip(&mut times) {
            times.push(run(way, repeat).as_nanos() as f64 / f64::from(repeat));
        }
    }
    let counts: Vec<_> = ways.iter_mut().map(|way| allocations(&mut way.run)).collect();
    times.into_iter().zip(counts).map(|(times, counted)| Cost::of(times, counted.count, counted.bytes)).collect()
}

fn calibrate(way: &mut Way<'_>, enough: Duration) -> u32 {
    let mut repeat = 1;
    while run(way, repeat) < enough {
        repeat *= 2;
    }
    repeat
}

fn run(way: &mut Way<'_>, repeat: u32) -> Duration {
    let start = thread_cpu();
    for _ in 0..repeat {
        (way.run)();
    }
    thread_cpu().saturating_sub(start)
}
