//! Runs the short form of all benches but the gateway's, whose dependencies would change what the
//! others measure, and writes `RESULTS.md` with its plots.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use omnipush::{Clock as _, SystemClock};

use crate::encoders::{TYPED, WITH_HEADERS};
use crate::measure::Effort;
use crate::table::{Row, Table, bars, time};
use crate::{encoders, engine, fanout, signing};

/// Runs all and writes the report. `Effort::Once` writes nothing.
///
/// # Errors
/// When the report cannot be written.
pub fn run(effort: Effort) -> std::io::Result<()> {
    let busy = load();
    let tables = [
        encoders::run(effort),
        engine::run(effort),
        engine::far(effort),
        fanout::run(effort, &[]),
        signing::run(effort),
    ];
    if effort == Effort::Once {
        return Ok(());
    }
    let [encoders, engine, far, fanout, ..] = &tables;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::fs::create_dir_all(folder.join("plots"))?;
    let plots = [
        ("encoders", bars("One chat message, CPU by body (mean over the vendors)", &by_way(encoders, ", chat"))),
        ("engine", bars("One send over TLS and HTTP/2, 64 in flight, CPU", &each(engine, ", 64 in flight"))),
        ("fanout", bars("A target of a long stream, CPU", &each(fanout, ""))),
    ];
    for (name, plot) in &plots {
        std::fs::write(folder.join(format!("plots/{name}.svg")), plot)?;
    }
    let mut out = head(&busy, &tables);
    out.push_str(&goals(encoders, engine, far, fanout));
    for (name, _) in &plots {
        let _ = writeln!(out, "![{name}](plots/{name}.svg)\n");
    }
    for table in &tables {
        out.push_str(&table.markdown());
        out.push('\n');
    }
    std::fs::write(folder.join("RESULTS.md"), out.trim_end().to_owned() + "\n")
}

fn head(busy: &str, tables: &[Table]) -> String {
    let mut out = String::from(
        "# What omnipush costs\n\nWritten by `cargo bench -p omnipush-benches --features peers --bench report`. CPU is user \
         and system time of the thread that works: the median of some rounds, and the fastest and slowest of them. Compare \
         rows of one table, which were measured in turns; other machines have other times.\n\n",
    );
    let date = chrono::DateTime::from_timestamp_millis(i64::try_from(SystemClock.now_ms()).unwrap_or_default());
    let date = date.map_or(String::new(), |date| date.format("%Y-%m-%d").to_string());
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cpu = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("unknown processor");
    let cpu = cpu.trim_start_matches(['\t', ':', ' ']);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let rustc = Command::new("rustc").arg("--version").output().map(|out| out.stdout).unwrap_or_default();
    let rustc = String::from_utf8_lossy(&rustc).trim().to_owned();
    let _ = writeln!(out, "- {date}, {rustc}, {cores} cores of {cpu}");
    let _ = writeln!(out, "- Work waiting for the processor in the minute before and after: {busy} and {}", load());
    let noise = tables.iter().filter(|table| !table.rows.is_empty());
    let noise = noise.map(|table| format!("{} {:.0} %", table.title, table.noise()));
    let _ = writeln!(
        out,
        "- Noise, the slowest round less the fastest, in percent of the median (half of the rows have less): {}\n",
        noise.filter(|text| !text.ends_with(" 0 %")).collect::<Vec<_>>().join(", ")
    );
    out
}

/// How many processes want to run, on average of a minute.
fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().unwrap_or_default().to_owned()
}

fn chosen<'a>(table: &'a Table, case: &'a str) -> impl Iterator<Item = &'a Row> {
    table.rows.iter().filter(move |row| row.what.ends_with(case))
}

fn each(table: &Table, case: &str) -> Vec<(String, f64)> {
    let label = |row: &Row| match row.way.as_str() {
        "omnipush" if case.is_empty() => row.what.clone(),
        way => format!("{}: {way}", row.what.trim_end_matches(case)),
    };
    chosen(table, case).map(|row| (label(row), row.cost.ns)).collect()
}

/// The geometric mean over all that was done in each way.
fn by_way(table: &Table, case: &str) -> Vec<(String, f64)> {
    let mut logs: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for row in chosen(table, case).filter(|row| row.cost.ns > 0.0) {
        let (sum, count) = logs.entry(&row.way).or_default();
        *sum += row.cost.ns.ln();
        *count += 1.0;
    }
    let mut means: Vec<_> = logs.into_iter().map(|(way, (sum, count))| (way.to_owned(), (sum / count).exp())).collect();
    means.sort_by(|a, b| a.1.total_cmp(&b.1));
    means
}

/// What is aimed at, and what was measured.
fn goals(encoders: &Table, engine: &Table, far: &Table, fanout: &Table) -> String {
    let mut lines = Vec::new();
    let mut goal = |text: String, met: bool, measured: String| {
        lines.push(format!("| {text} | {} | {measured} |", if met { "yes" } else { "no" }));
    };
    for row in chosen(engine, ", 64 in flight").filter(|row| row.way == "omnipush") {
        let ratio = row.ratio.unwrap_or_default();
        goal(format!("{}: at most 0.6 × plain h2", row.what), ratio <= 0.6, format!("{ratio:.2} ×"));
    }
    for row in chosen(engine, "apns, 64 in flight").filter(|row| row.way.starts_with("omnipush")) {
        let (most, count) = (if row.way == "omnipush" { 18.0 } else { 12.0 }, row.cost.allocations);
        goal(format!("{}, {}: at most {most} allocations", row.what, row.way), count <= most, format!("{count:.1}"));
    }
    for row in chosen(engine, "apns, 64 in flight").filter(|row| row.way.ends_with("no network")) {
        goal("the engine alone: at most 1.5 µs a send".into(), row.cost.ns <= 1500.0, time(row.cost.ns));
    }
    for row in encoders.rows.iter().filter(|row| row.way == "splice" && row.what == "fcm, chat") {
        let ratio = row.ratio.unwrap_or_default();
        let met = ratio <= 2.5 && row.cost.allocations <= 1.0;
        goal(
            "FCM's splice: at most 2.5 × a copy, one allocation".into(),
            met,
            format!("{ratio:.2} ×, {}", row.cost.allocations),
        );
    }
    let slower = encoders.rows.chunk_by(|a, b| a.what == b.what).filter_map(|rows| {
        let cost = |way: &str| rows.iter().find(|row| row.way == way).map(|row| row.cost.ns);
        let ratio = cost("template")? / cost(WITH_HEADERS).or_else(|| cost(TYPED))?;
        (ratio > 1.0).then(|| format!("{} ({ratio:.2} ×)", rows.first().map_or("", |row| row.what.as_str())))
    });
    let slower: Vec<_> = slower.collect();
    let measured = if slower.is_empty() { "all".into() } else { format!("slower: {}", slower.join("; ")) };
    goal(
        "first encoding: no slower than serde_json; where the message stands in headers too, than serde_json and headers"
            .into(),
        slower.is_empty(),
        measured,
    );
    for row in fanout.rows.iter().filter(|row| row.more.get(1).is_some_and(|batch| batch == "1000")) {
        goal(format!("{}: at most 0.15 µs a target", row.what), row.cost.ns <= 150.0, time(row.cost.ns));
    }
    let peaks = fanout.rows.iter().filter_map(|row| row.more.last()?.parse::<f64>().ok());
    let peak = peaks.fold(0.0, f64::max);
    goal("fan-out: less than 64 MiB".into(), peak < 64.0, format!("{peak:.1} MiB at most"));
    for row in &far.rows {
        let Some(share) = row.more.last().and_then(|text| text.strip_suffix(" %")?.parse::<f64>().ok()) else {
            continue;
        };
        goal(format!("{}: 90 % of what is possible", row.what), share >= 90.0, format!("{share:.0} %"));
    }
    format!("## What is aimed at\n\n| Aim | Met | Measured |\n|---|---|---|\n{}\n\n", lines.join("\n"))
}
