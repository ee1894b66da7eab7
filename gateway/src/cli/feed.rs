//! Targets on their way to their vendors' streams: those of the command line, then those of a
//! file, read as they are needed.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::thread::JoinHandle;

use futures::Stream;
use futures::stream::unfold;
use omnipush::Target;
use tokio::sync::mpsc;

use super::{Bad, input};

/// Targets that wait for one vendor while the others read on.
const WAITING: usize = 1024;

/// Where the targets of one vendor go; an error where they cannot.
pub(super) type Route = (&'static str, Result<mpsc::Sender<Target>, Bad>);

/// A vendor's end of its route, and the stream of its targets.
pub(super) fn route() -> (mpsc::Sender<Target>, impl Stream<Item = Target> + Send + 'static) {
    let (sender, receiver) = mpsc::channel(WAITING);
    (sender, unfold(receiver, |mut receiver| async { receiver.recv().await.map(|target| (target, receiver)) }))
}

/// A file of targets: `VENDOR:TOKEN` a line; blank lines and lines that begin with `#` are skipped.
pub(super) struct TargetFile {
    name: String,
    lines: Box<dyn BufRead + Send>,
    number: usize,
    /// Whether it can be read twice, and so be checked before anything is sent.
    again: bool,
}

impl TargetFile {
    /// Opens a file; `-` is standard input.
    pub(super) fn open(path: &Path) -> Result<Self, Bad> {
        if path == Path::new("-") {
            let lines = Box::new(BufReader::new(std::io::stdin()));
            return Ok(Self { name: "stdin".into(), lines, number: 0, again: false });
        }
        let name = path.display().to_string();
        let wrong = |error: std::io::Error| Bad::new(format!("{name}: {error}"));
        let file = File::open(path).map_err(wrong)?;
        let again = file.metadata().map_err(wrong)?.is_file();
        Ok(Self { lines: Box::new(BufReader::new(file)), number: 0, again, name })
    }

    /// Whether it can be read twice.
    pub(super) fn reads_again(&self) -> bool {
        self.again
    }

    /// Gives every target to `take` until that says to stop.
    pub(super) fn each(mut self, mut take: impl FnMut(&'static str, Target) -> Result<bool, Bad>) -> Result<(), Bad> {
        let mut line = String::new();
        loop {
            line.clear();
            self.number += 1;
            let here = |words: &dyn std::fmt::Display| Bad::new(format!("{}:{}: {words}", self.name, self.number));
            if self.lines.read_line(&mut line).map_err(|error| here(&error))? == 0 {
                return Ok(());
            }
            let text = line.trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let more = input::target(text).and_then(|(vendor, target)| take(vendor, target));
            if !more.map_err(|bad| here(&bad))? {
                return Ok(());
            }
        }
    }
}

/// Feeds the routes from a thread of its own, as reading blocks. It ends with the targets, at the
/// first line that cannot be used, or when a stream takes no more.
pub(super) fn start(
    first: Vec<(&'static str, Target)>,
    file: Option<TargetFile>,
    routes: Vec<Route>,
) -> JoinHandle<Result<(), Bad>> {
    std::thread::spawn(move || {
        let give = |vendor: &'static str, target| match find(&routes, vendor)? {
            Some(sender) => Ok(sender.blocking_send(target).is_ok()),
            None => Ok(false),
        };
        for (vendor, target) in first {
            if !give(vendor, target)? {
                return Ok(());
            }
        }
        file.map_or(Ok(()), |file| file.each(give))
    })
}

fn find<'a>(routes: &'a [Route], vendor: &str) -> Result<Option<&'a mpsc::Sender<Target>>, Bad> {
    match routes.iter().find(|(id, _)| *id == vendor) {
        Some((_, Ok(sender))) => Ok(Some(sender)),
        Some((_, Err(bad))) => Err(Bad::new(bad)),
        None => Ok(None),
    }
}
