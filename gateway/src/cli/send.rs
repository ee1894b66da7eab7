//! `omnipush send`: the real thing.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use console::Term;
use futures::stream::{SelectAll, StreamExt as _};
use futures::{FutureExt as _, stream::BoxStream};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use omnipush::{Client, Notification, Overflow, Settings, Target, TransportOptions, Verdict};
use serde_json::json;

use super::feed::{self, Route, TargetFile};
use super::output::{Out, count};
use super::tally::{self, Tally};
use super::{Bad, input, runtime};

/// Send a notification to devices
///
/// Everything is checked before anything is sent. The dead tokens, which the vendors say are gone,
/// go to stdout as VENDOR:TOKEN lines; a summary goes to stderr. The status is 0 if all targets
/// were accepted, 1 if some were not, 2 if the input cannot be used.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  omnipush send --config push.toml --to vivo:15554239157700000007919 note.json
  omnipush send --config push.toml --to apns:00fc13ad --to fcm:abc:APA91b --title Hi --body there
  omnipush send --config push.toml --to-file tokens.txt note.json >> dead.txt
  omnipush send --config push.toml --to-file tokens.txt note.json --json | jq .verdict

push.toml has a [[vendor]] table for each vendor; any value may be {file = …} or {env = …}:
  [[vendor]]
  vendor = \"vivo\"
  app_id = 100004
  app_key = { env = \"VIVO_APP_KEY\" }
  app_secret = { file = \"vivo-secret.txt\" }")]
pub(super) struct Args {
    /// The file with the vendors' settings and credentials
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Devices; give it several, or again for each
    #[arg(long, value_name = "VENDOR:TOKEN", num_args = 1.., required_unless_present = "to_file")]
    to: Vec<String>,
    /// A file of devices, one VENDOR:TOKEN a line, of any length; - for standard input
    #[arg(long, value_name = "FILE")]
    to_file: Option<PathBuf>,
    /// The notification: a JSON file, or - for standard input
    #[arg(conflicts_with_all = ["title", "body", "channel", "category"])]
    notification: Option<String>,
    /// The title, instead of a JSON file
    #[arg(long)]
    title: Option<String>,
    /// The text
    #[arg(long)]
    body: Option<String>,
    /// The notification channel, where the vendor has them
    #[arg(long)]
    channel: Option<String>,
    /// The vendor's message class, such as IM
    #[arg(long)]
    category: Option<String>,
    /// Cut title and text that are too long, instead of refusing them
    #[arg(long)]
    truncate: bool,
    /// Print each verdict as a JSON object on stdout, instead of the dead tokens
    #[arg(long)]
    json: bool,
    /// Write the dead tokens to this file; - is stdout, where they go without --json
    #[arg(long, value_name = "FILE")]
    dead_tokens: Option<PathBuf>,
}

const STOPPING: &str = "omnipush: stopping; what is under way is waited for (interrupt again to stop at once)";

/// A vendor of the configuration, and why the notification does not fit it, if so.
struct Channel {
    id: &'static str,
    client: Client,
    unfit: Option<String>,
}

pub(super) fn run(mut args: Args) -> Result<bool, Bad> {
    let (n, name) = notification(&mut args)?;
    let channels = channels(&args, &n, &name)?;
    let first = args.to.iter().map(|text| input::target(text)).collect::<Result<Vec<_>, _>>();
    let first = first.map_err(|bad| Bad::new(format!("--to: {bad}")))?;
    let usable = |vendor: &str| match channels.iter().find(|channel| channel.id == vendor) {
        None => Err(Bad::new(format!("{}: has no entry for `{vendor}`", args.config.display()))),
        Some(Channel { unfit: Some(words), .. }) => Err(Bad::new(words)),
        Some(_) => Ok(()),
    };
    first.iter().try_for_each(|(vendor, _)| usable(vendor))?;

    // A file is read through once, so that a wrong line is found before anything is sent. What
    // comes through a pipe can be read but once, and is checked on the way.
    let mut total = Some(first.len());
    let mut file = args.to_file.as_deref().map(TargetFile::open).transpose()?;
    if let (Some(path), Some(opened)) = (&args.to_file, file.take_if(|file| file.reads_again())) {
        let mut lines = 0;
        opened.each(|vendor, _| {
            lines += 1;
            usable(vendor).map(|()| true)
        })?;
        total = total.map(|total| total + lines);
        file = Some(TargetFile::open(path)?);
    } else if file.is_some() {
        total = None;
    }
    let sink = Sink::open(&args)?;

    let runtime = runtime()?;
    let sent = runtime.block_on(async {
        let (routes, verdicts) = routes(&channels, &n)?;
        // Vendors that cannot be used stay in the routes only where lines were not checked.
        let feeder = feed::start(first, file, routes);
        deliver(&channels, verdicts, sink, feeder, total).await
    });
    // Reading may block for ever, and sends that were given up need not end.
    runtime.shutdown_background();
    sent
}

/// The notification and the name of where it comes from.
fn notification(args: &mut Args) -> Result<(Notification, String), Bad> {
    let typed = args.title.is_some() || args.body.is_some();
    // `--to A B note.json` gives the file to --to; a target always has a colon.
    if args.notification.is_none() && !typed {
        args.notification = args.to.pop_if(|last| !last.contains(':'));
    }
    match (&args.notification, &args.to_file) {
        (Some(path), Some(file)) if path == "-" && file.as_os_str() == "-" => {
            Err(Bad::new("stdin cannot be the notification and the devices at once"))
        }
        (Some(path), _) => Ok((input::notification(path)?, if path == "-" { "stdin".into() } else { path.clone() })),
        (None, _) if typed => {
            let (title, body, channel, category) =
                (args.title.take(), args.body.take(), args.channel.take(), args.category.take());
            let n = Notification { title, body, channel, category, ..Notification::default() };
            Ok((n, "the notification".into()))
        }
        (None, _) => Err(Bad::new("no notification: name its JSON file, or give --title and --body")),
    }
}

/// A client for every vendor of the configuration. Nothing is sent yet.
fn channels(args: &Args, n: &Notification, name: &str) -> Result<Vec<Channel>, Bad> {
    let mut settings = Settings::default();
    if args.truncate {
        settings.overflow = Overflow::Truncate;
    }
    let channel = |vendor: Arc<dyn omnipush::PushVendor>| {
        let profile = vendor.profile();
        let transport = omnipush::transport::standard(vendor.as_ref(), TransportOptions::default())
            .map_err(|error| Bad::new(format!("{}: {error}", args.config.display())))?;
        let client = Client::builder(vendor, transport).settings(settings.clone()).build();
        let unfit = client.prepare(n).err().map(|error| format!("{name}: {error}"));
        Ok(Channel { id: profile.id, client, unfit })
    };
    input::config(&args.config)?.into_iter().map(channel).collect()
}

type Verdicts = SelectAll<BoxStream<'static, (usize, Target, Verdict)>>;

/// A route to every vendor, and the verdicts that come of them, with the vendor's place.
fn routes(channels: &[Channel], n: &Notification) -> Result<(Vec<Route>, Verdicts), Bad> {
    let (mut routes, mut verdicts) = (Vec::new(), SelectAll::new());
    for (at, channel) in channels.iter().enumerate() {
        if let Some(words) = &channel.unfit {
            routes.push((channel.id, Err(Bad::new(words))));
            continue;
        }
        let (sender, targets) = feed::route();
        let sent = channel.client.send_many(n, targets).map_err(Bad::new)?;
        verdicts.push(sent.map(move |(target, verdict)| (at, target, verdict)).boxed());
        routes.push((channel.id, Ok(sender)));
    }
    Ok((routes, verdicts))
}

async fn deliver(
    channels: &[Channel],
    mut verdicts: Verdicts,
    mut sink: Sink,
    feeder: JoinHandle<Result<(), Bad>>,
    total: Option<usize>,
) -> Result<bool, Bad> {
    let mut tallies: Vec<_> = channels.iter().map(|channel| (channel.id, Tally::default())).collect();
    let (bar, mut interrupted) = (progress(total), false);
    loop {
        // What is written waits in a buffer for as long as more is there at once.
        let next = match verdicts.next().now_or_never() {
            Some(next) => next,
            None => {
                if sink.holds {
                    // The bar makes room for what appears on the same terminal.
                    bar.suspend(|| sink.flush())?;
                }
                tokio::select! {
                    next = verdicts.next() => next,
                    _ = tokio::signal::ctrl_c() => {
                        if std::mem::replace(&mut interrupted, true) {
                            break;
                        }
                        bar.suspend(|| Term::stderr().write_line(STOPPING)).map_err(Bad::new)?;
                        let clients: Vec<Client> = channels.iter().map(|channel| channel.client.clone()).collect();
                        tokio::spawn(async move { futures::future::join_all(clients.iter().map(Client::stop)).await });
                        continue;
                    }
                }
            }
        };
        let Some((at, target, verdict)) = next else { break };
        if let Some((id, tally)) = tallies.get_mut(at) {
            tally.add(&verdict);
            bar.inc(1);
            sink.take(id, &target, &verdict)?;
        }
    }
    bar.finish_and_clear();
    sink.flush()?;
    tallies.retain(|(_, tally)| tally.targets() > 0);
    let sent: usize = tallies.iter().map(|(_, tally)| tally.targets()).sum();
    if sent > 0 {
        tally::show(&tallies);
    }
    // A feeder that still waits for input was interrupted.
    if feeder.is_finished() || !interrupted {
        match feeder.join() {
            Ok(Ok(())) => {}
            Ok(Err(bad)) if sent == 0 => return Err(bad),
            Ok(Err(bad)) => return Err(Bad::new(format!("{bad}; {} before it were sent to", count(sent, "target")))),
            Err(_) => return Err(Bad::new("reading the targets failed")),
        }
    }
    Ok(!interrupted && tallies.iter().all(|(_, tally)| tally.all_accepted()))
}

/// Progress on stderr, for people who wait for many targets.
fn progress(total: Option<usize>) -> ProgressBar {
    if !Term::stderr().is_term() || total.is_some_and(|total| total < 100) {
        return ProgressBar::hidden();
    }
    let bar = match total {
        Some(total) => ProgressBar::new(total as u64),
        None => ProgressBar::no_length(),
    };
    let template = match total {
        Some(_) => "{bar:30} {human_pos} of {human_len}, {rate}, {eta} to go",
        None => "{spinner} {human_pos} sent, {rate}",
    };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.set_style(style.with_key("rate", |state: &ProgressState, to: &mut dyn std::fmt::Write| {
        let _ = write!(to, "{:.0}/s", state.per_sec());
    }));
    bar.set_draw_target(ProgressDrawTarget::stderr());
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// Where verdicts and dead tokens go.
struct Sink {
    out: Out,
    json: bool,
    /// `None`: dead tokens go to stdout, unless verdicts do.
    dead: Option<(String, BufWriter<File>)>,
    /// Whether something waits in a buffer.
    holds: bool,
}

impl Sink {
    fn open(args: &Args) -> Result<Self, Bad> {
        let dead = match &args.dead_tokens {
            None => None,
            Some(path) if path.as_os_str() == "-" && args.json => {
                return Err(Bad::new("--dead-tokens -: stdout is taken by --json; name a file"));
            }
            Some(path) if path.as_os_str() == "-" => None,
            Some(path) => {
                let name = path.display().to_string();
                let file = File::create(path).map_err(|error| Bad::new(format!("--dead-tokens: {name}: {error}")))?;
                Some((name, BufWriter::new(file)))
            }
        };
        Ok(Self { out: Out::new(), json: args.json, dead, holds: false })
    }

    fn take(&mut self, vendor: &str, target: &Target, verdict: &Verdict) -> Result<(), Bad> {
        self.holds |= self.json || verdict.is_dead_target();
        if self.json {
            self.out.line(line(vendor, target, verdict))?;
        }
        match &mut self.dead {
            _ if !verdict.is_dead_target() => Ok(()),
            Some((name, file)) => {
                writeln!(file, "{vendor}:{}", target.as_str()).map_err(|e| Bad::new(format!("{name}: {e}")))
            }
            None if self.json => Ok(()),
            None => self.out.line(format_args!("{vendor}:{}", target.as_str())),
        }
    }

    fn flush(&mut self) -> Result<(), Bad> {
        self.holds = false;
        if let Some((name, file)) = &mut self.dead {
            file.flush().map_err(|error| Bad::new(format!("{name}: {error}")))?;
        }
        self.out.flush()
    }
}

fn line(vendor: &str, target: &Target, verdict: &Verdict) -> serde_json::Value {
    let refusal = verdict.refusal();
    json!({
        "vendor": vendor,
        "token": target.as_str(),
        "verdict": match verdict {
            Verdict::Accepted { .. } => "accepted",
            Verdict::Refused(_) => "refused",
            Verdict::Unsure(_) => "unsure",
        },
        "class": refusal.map(|refusal| refusal.class.as_str()),
        "code": refusal.map(|refusal| &refusal.code),
        "text": refusal.map(|refusal| &refusal.text),
        "message_id": verdict.message_id(),
    })
}
