//! What a send costs over a real connection, through the public `send_many`, beside bare loops
//! around HTTP clients that send the same bytes.

use std::time::{Duration, Instant};

use crate::bare::{self, H2, Ready};
use crate::measure::{Cost, Effort, allocations, thread_cpu};
use crate::messages::Message;
use crate::rig::{Instantly, acceptance, client_of_sink, client_over, runtime, send_many};
use crate::sink::{Options, Sink};
use crate::subject::{NOWHERE, Subject};
use crate::table::{Row, Table};

/// Targets to send to, in turns.
const TARGETS: usize = 1000;

/// One way of sending, and what it cost so far.
struct Way<'a> {
    name: &'static str,
    sink: Option<&'a Sink>,
    send: Box<dyn FnMut(usize) + 'a>,
    rounds: Vec<f64>,
    allocations: f64,
    bytes: f64,
    records: f64,
    per_s: Vec<f64>,
    /// What part of a round it does.
    part: usize,
}

impl<'a> Way<'a> {
    fn new(name: &'static str, sink: Option<&'a Sink>, send: impl FnMut(usize) + 'a) -> Self {
        let (rounds, per_s) = (Vec::new(), Vec::new());
        Self { name, sink, send: Box::new(send), rounds, allocations: 0.0, bytes: 0.0, records: 0.0, per_s, part: 1 }
    }

    /// The same with a tenth of a round's sends: one that waits for Nagle's algorithm takes minutes.
    #[cfg(feature = "peers")]
    fn short(self) -> Self {
        Self { part: 10, ..self }
    }

    /// So many sends.
    fn round(&mut self, count: usize) {
        let count = count.div_ceil(self.part);
        let records = |sink: Option<&Sink>| sink.map_or(0, Sink::records);
        let (before, wall, cpu) = (records(self.sink), Instant::now(), thread_cpu());
        (self.send)(count);
        let (cpu, wall) = (thread_cpu().saturating_sub(cpu), wall.elapsed());
        let count = count as f64;
        self.rounds.push(cpu.as_nanos() as f64 / count);
        self.per_s.push(count / wall.as_secs_f64());
        self.records = (records(self.sink) - before) as f64 / count;
    }

    /// Counts the allocations of so many sends. Not while they are timed: counting takes time.
    fn count(&mut self, count: usize) {
        let count = count.div_ceil(self.part);
        let counted = allocations(|| (self.send)(count));
        (self.allocations, self.bytes) = (counted.count / count as f64, counted.bytes / count as f64);
    }

    fn per_s(&mut self) -> f64 {
        self.per_s.sort_by(f64::total_cmp);
        self.per_s[self.per_s.len() / 2]
    }
}

/// Measures sends on one connection: CPU, allocations and TLS records.
pub fn run(effort: Effort) -> Table {
    let in_flights: &[usize] = effort.pick(&[64], &[1, 64, 256], &[1, 64, 256]);
    let rows = ["apns", "fcm"].iter().flat_map(|id| in_flights.iter().flat_map(|n| sends(id, *n, effort)));
    Table {
        title: "Engine",
        about: "A send of about 1 KB to one target over TLS and HTTP/2, one connection, against a sink on the same machine: CPU time of \
                the one thread that sends, connecting and warming up excluded. The limit here is a plain loop around the \
                `h2` crate with the same bytes. `h2, gathered` is that loop with omnipush's wrapper for writes, \
                `no network` the engine over a transport that answers at once. A write call takes one TLS record or more.",
        limit: "× plain h2",
        columns: &["sends/s", "TLS records"],
        rows: rows.collect(),
    }
}

fn sends(id: &str, in_flight: usize, effort: Effort) -> Vec<Row> {
    let runtime = runtime(1);
    let sink = Sink::start(acceptance(id));
    let (subject, message) = (Subject::new(id, &sink.url), Message::order());
    let (n, targets) = (message.notification(), subject.targets(TARGETS));
    let ready = Ready::new(&subject, &message, TARGETS);
    let client = client_of_sink(&subject, 1, in_flight);
    let alone = client_over(&subject, Instantly::accepting(id), in_flight);
    let (plain, gathered) =
        runtime.block_on(async { (H2::connect(&sink.url, false).await, H2::connect(&sink.url, true).await) });
    let reqwest = bare::reqwest();
    let omnipush = |client: &omnipush::Client, count| {
        let accepted = runtime.block_on(send_many(client, &n, &targets, count));
        assert_eq!(accepted, count, "{id}: some were not accepted");
    };

    #[cfg(feature = "peers")]
    let (a2, google) = (crate::peers::A2::new(&sink.url), crate::peers::GoogleFcm1::new(&sink.url));

    let mut ways = Vec::from([
        Way::new("plain h2 (the limit)", Some(&sink), |count| runtime.block_on(plain.send(&ready, in_flight, count))),
        Way::new("h2, gathered", Some(&sink), |count| runtime.block_on(gathered.send(&ready, in_flight, count))),
        Way::new("reqwest", Some(&sink), |count| {
            runtime.block_on(bare::send_by_reqwest(&reqwest, &ready, in_flight, count));
        }),
        Way::new("omnipush", Some(&sink), |count| omnipush(&client, count)),
        Way::new("omnipush, no network", None, |count| omnipush(&alone, count)),
    ]);
    #[cfg(feature = "peers")]
    ways.push(match id {
        "apns" => Way::new("a2's stack", Some(&sink), |count| {
            runtime.block_on(a2.send(&message, &targets, in_flight, count));
        })
        .short(),
        _ => Way::new("google-fcm1", Some(&sink), |count| {
            runtime.block_on(google.send(&message, &targets, in_flight, count));
        }),
    });
    let count: usize = if in_flight == 1 { effort.pick(5, 500, 5_000) } else { effort.pick(100, 20_000, 50_000) };
    ways.iter_mut().for_each(|way| (way.send)(count.div_ceil(10)));
    for _ in 0..effort.pick(1, 15, 15) {
        ways.iter_mut().for_each(|way| way.round(count));
    }
    ways.iter_mut().for_each(|way| way.count(count));
    let mut limit = 0.0;
    let row = |way: &mut Way<'_>| {
        let cost = Cost::of(std::mem::take(&mut way.rounds), way.allocations, way.bytes);
        if limit == 0.0 {
            limit = cost.ns.max(f64::MIN_POSITIVE);
        }
        let records = if way.sink.is_some() { format!("{:.3}", way.records) } else { String::new() };
        Row {
            what: format!("{id}, {in_flight} in flight"),
            way: way.name.into(),
            cost,
            ratio: Some(cost.ns / limit),
            more: vec![format!("{:.0}", way.per_s()), records],
        }
    };
    ways.iter_mut().map(row).collect()
}

/// Measures sends to a server that is far away, and to one that closes its connections.
pub fn far(effort: Effort) -> Table {
    let cases: &[(u64, usize, Option<u32>)] = &[
        (40, 1, None),
        (40, 4, None),
        (40, 8, None),
        (150, 1, None),
        (150, 4, None),
        (150, 8, None),
        (0, 1, Some(1000)),
        (40, 4, Some(1000)),
    ];
    let cases = if effort == Effort::Once { &cases[..1] } else { cases };
    Table {
        title: "Engine at a distance",
        about: "APNs through `send_many` with 1,000 sends in flight, when each answer takes a while and a connection has 100 \
                streams: the median of some rounds, once all connections are open. At most streams × connections ÷ delay \
                sends a second are possible, a little less where the last wave is not full. `GOAWAY` closes each connection \
                after 1,000 answers; every send is accepted all the same.",
        limit: "",
        columns: &["sends/s", "of what is possible"],
        rows: cases.iter().map(|case| distance(*case, effort)).collect(),
    }
}

fn distance((delay, connections, goaway_every): (u64, usize, Option<u32>), effort: Effort) -> Row {
    let (streams, in_flight) = (100, 1000);
    let delay_time = Duration::from_millis(delay);
    let sink = Sink::start(Options { delay: delay_time, goaway_every, streams, ..acceptance("apns") });
    let subject = Subject::new("apns", &sink.url);
    let client = client_of_sink(&subject, connections, in_flight);
    let (n, targets, runtime) = (Message::order().notification(), subject.targets(TARGETS), runtime(1));
    let at_once = (streams as usize * connections).min(in_flight) as f64;
    let possible = (delay > 0).then(|| at_once / delay_time.as_secs_f64());
    // As many as make some seconds.
    let seconds = effort.pick(0.05, 1.0, 5.0);
    let count = possible.map_or(effort.pick(200.0, 10_000.0, 100_000.0), |possible| possible * seconds).max(200.0);
    let send = |count| {
        let accepted = runtime.block_on(send_many(&client, &n, &targets, count));
        assert_eq!(accepted, count, "some were not accepted");
    };
    let mut way = Way::new("omnipush", Some(&sink), send);
    if effort != Effort::Once {
        // A connection is opened when all are full and have answered: the eighth after 2,800 answers.
        (way.send)(10 * at_once as usize);
    }
    for _ in 0..effort.pick(1, 3, 3) {
        way.round(count as usize);
    }
    way.count(1000);
    let rate = way.per_s();
    // The last wave of answers takes as long as a full one.
    let waves = (count / at_once).ceil();
    let possible = possible.map(|_| count / (waves * delay_time.as_secs_f64()));
    let goaway = if goaway_every.is_some() { ", GOAWAY" } else { "" };
    Row {
        what: format!("{delay} ms, {connections} connections{goaway}"),
        way: "omnipush".into(),
        cost: Cost::of(std::mem::take(&mut way.rounds), way.allocations, way.bytes),
        ratio: None,
        more: vec![
            format!("{rate:.0}"),
            possible.map_or(String::new(), |possible| format!("{:.0} %", rate / possible * 100.0)),
        ],
    }
}

/// The engine alone, for the guard: sends without a network.
pub(crate) fn alone(id: &str) -> impl FnMut(usize) + use<> {
    let subject = Subject::new(id, NOWHERE);
    let client = client_over(&subject, Instantly::accepting(id), 64);
    sender(subject, client)
}

/// Sends over TLS and HTTP/2 on one connection, 64 in flight, for the guard.
pub(crate) fn over_a_line(id: &str) -> impl FnMut(usize) + use<> {
    let sink = Sink::start(acceptance(id));
    let subject = Subject::new(id, &sink.url);
    let client = client_of_sink(&subject, 1, 64);
    sender(subject, client)
}

fn sender(subject: Subject, client: omnipush::Client) -> impl FnMut(usize) {
    let (n, targets, runtime) = (Message::order().notification(), subject.targets(TARGETS), runtime(1));
    move |count| assert_eq!(runtime.block_on(send_many(&client, &n, &targets, count)), count, "some were not accepted")
}
