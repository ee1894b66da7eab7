//! Sends many notifications through the public API and says what they cost, as one line of JSON:
//! `bench`, `count`, `per_s`, `cpu_us` (user and system time of this process for a send, without
//! connecting and a warm-up of a twentieth) and `peak_rss_mib`. For measuring from outside.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a bench that cannot be set up shall stop"
)]

use std::path::PathBuf;
use std::time::Instant;

use clap::{Parser, ValueEnum};
use futures::{StreamExt as _, stream};
use omnipush_benches::measure::{peak_rss_mib, process_cpu};
use omnipush_benches::messages::Message;
use omnipush_benches::rig::{client, runtime, send_many};
use omnipush_benches::subject::Subject;

/// Sends many notifications, and says what they cost.
#[derive(Parser)]
struct Args {
    /// The vendor.
    vendor: Vendor,
    /// The vendor's server, `https://host:port`.
    #[arg(long)]
    url: String,
    /// Root certificates to trust besides the platform's, as PEM.
    #[arg(long)]
    ca: PathBuf,
    /// How many sends.
    #[arg(long, default_value_t = 50_000)]
    count: usize,
    /// How many requests at once.
    #[arg(long, default_value_t = 64)]
    in_flight: usize,
    /// How many connections at most.
    #[arg(long, default_value_t = 1)]
    connections: usize,
    /// Hand over lists of so many targets with `send_prepared`. Absent: one stream with `send_many`,
    /// which fills the vendor's requests.
    #[arg(long)]
    batch: Option<usize>,
    /// How many threads the runtime has; 1: all is done by the main thread.
    #[arg(long, default_value_t = 1)]
    threads: usize,
}

#[derive(Clone, Copy, ValueEnum)]
enum Vendor {
    Apns,
    Fcm,
    Xiaomi,
}

fn main() {
    let args = Args::parse();
    let id = match args.vendor {
        Vendor::Apns => "apns",
        Vendor::Fcm => "fcm",
        Vendor::Xiaomi => "xiaomi",
    };
    let subject = Subject::new(id, args.url.trim_end_matches('/'));
    let roots = vec![std::fs::read(&args.ca).unwrap().into()];
    let client = client(&subject, roots, args.connections, args.in_flight);
    let n = Message::order().notification();
    let targets = subject.targets(1000.min(args.count.max(1)));
    let prepared = client.prepare(&n).unwrap();

    let send = async |count: usize| match args.batch {
        Some(batch) => {
            let batch = batch.max(1);
            let lists = (0..count).step_by(batch).map(|from| {
                let some = (from..count.min(from + batch)).map(|number| targets[number % targets.len()].clone());
                client.send_prepared(&prepared, some.collect())
            });
            let reports = stream::iter(lists).buffer_unordered((args.in_flight / batch).max(1));
            reports.fold(0, async |accepted, report| accepted + report.unwrap().accepted()).await
        }
        None => send_many(&client, &n, &targets, count).await,
    };
    runtime(args.threads).block_on(async {
        send((args.count / 20).max(1)).await;
        let (cpu, wall) = (process_cpu(), Instant::now());
        let accepted = send(args.count).await;
        let (cpu, wall) = (process_cpu().saturating_sub(cpu), wall.elapsed());
        assert_eq!(accepted, args.count, "some were not accepted");
        let count = args.count as f64;
        println!(
            "{}",
            serde_json::json!({
                "bench": format!("omnipush {id}"),
                "count": args.count,
                "per_s": (count / wall.as_secs_f64()).round(),
                "cpu_us": (cpu.as_secs_f64() * 1e8 / count).round() / 100.0,
                "peak_rss_mib": (peak_rss_mib() * 10.0).round() / 10.0,
            })
        );
    });
}
