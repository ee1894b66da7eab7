//! A long stream of targets: what each costs, and how much memory the whole takes.

use std::time::Instant;

use futures::{StreamExt as _, pin_mut, stream};
use omnipush::{Target, Verdict};

use crate::measure::{Cost, Effort, allocations, thread_cpu};
use crate::messages::Message;
use crate::rig::{acceptance, client_of_sink, runtime};
use crate::sink::Sink;
use crate::subject::{SUBJECTS, Subject};
use crate::table::{Row, Table};

/// Measures every vendor, or those that are named.
pub fn run(effort: Effort, named: &[String]) -> Table {
    let wanted = |id: &&&str| named.is_empty() || named.iter().any(|name| name == **id);
    Table {
        title: "Fan-out",
        about: "One notification to a stream of targets through `send_many`, over TLS and HTTP/2 to a sink on the same \
                machine, with as many requests at once as the vendor's profile says: CPU time by target, and the most \
                memory that was allocated at once beyond what the client held before. The stream makes up its targets from a thousand.",
        limit: "",
        columns: &["targets", "a request takes", "targets/s", "peak, MiB"],
        rows: SUBJECTS.iter().filter(wanted).filter_map(|id| fan_out(id, effort)).collect(),
    }
}

fn fan_out(id: &str, effort: Effort) -> Option<Row> {
    // The sink answers every request alike, and OPPO's answer to a list names its targets.
    if id == "oppo" {
        return None;
    }
    let sink = Sink::start(acceptance(id));
    let subject = Subject::new(id, &sink.url);
    let (_, batch) = subject.largest();
    let client = client_of_sink(&subject, 4, subject.vendor.profile().in_flight);
    let (n, targets, runtime) = (Message::chat().notification(), subject.targets(1000), runtime(1));
    let count: usize = match id {
        // Encrypts for each target.
        "webpush" => effort.pick(10, 1_000, 100_000),
        _ if batch == 1 => effort.pick(100, 20_000, 1_000_000),
        _ => effort.pick(2_000, 200_000, 1_000_000),
    };
    let send = |count: usize| {
        let given: Vec<Target> = targets.clone();
        runtime.block_on(async {
            let stream = stream::iter((0..count).map(move |number| given[number % given.len()].clone()));
            let verdicts = client.send_many(&n, stream).unwrap();
            pin_mut!(verdicts);
            let mut accepted = 0;
            while let Some((target, verdict)) = verdicts.next().await {
                assert!(matches!(verdict, Verdict::Accepted { .. }), "{id}: {target:?}: {verdict:?}");
                accepted += 1;
            }
            assert_eq!(accepted, count, "{id}: exactly one verdict for each");
        });
    };
    send(count.div_ceil(20));
    let (wall, cpu) = (Instant::now(), thread_cpu());
    send(count);
    let (cpu, wall) = (thread_cpu().saturating_sub(cpu), wall.elapsed());
    // Not while it is timed: counting takes time.
    let counted = allocations(|| send(count));
    let targets = count as f64;
    let ns = cpu.as_nanos() as f64 / targets;
    Some(Row {
        what: id.into(),
        way: "omnipush".into(),
        cost: Cost::of(vec![ns], counted.count / targets, counted.bytes / targets),
        ratio: None,
        more: vec![
            count.to_string(),
            batch.to_string(),
            format!("{:.0}", targets / wall.as_secs_f64()),
            format!("{:.1}", counted.most / f64::from(1 << 20)),
        ],
    })
}
