//! `omnipush fakes`: the vendors' fakes as local servers, for senders in any language.

mod state;

use std::net::{SocketAddr, ToSocketAddrs as _};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use omnipush_conformance::emulator::{Emulator, Event, Options, Stand};
use omnipush_conformance::{Fake, TargetState, fakes};
use serde_json::{Value, json};

use self::state::State;
use super::output::Out;
use super::{Bad, input, runtime, samples};

/// Serve the vendors' fakes on this machine, to test any sender against
///
/// Each fake has a port: 8700, 8701 and so on, in the order of `omnipush vendors`, or only those
/// of --vendor in the same order. It speaks HTTP/1.1 and HTTP/2 (in clear text by prior knowledge,
/// with --tls by ALPN), and serves the vendor's real paths, token endpoints included. What the
/// vendor documents is accepted; anything else is refused in the vendor's words.
///
/// Everything on stdout is one JSON object a line. First a line for each vendor: `url`,
/// `credentials` in the form that the vendor's own SDK takes, `targets` that are alive and a
/// `dead_target` (any other target of the right form is alive, too), and with --tls `ca`, the
/// file to trust. Then a line for each request, accepted or refused and why. Ctrl-C ends it, with
/// a line that counts them.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  omnipush fakes
  omnipush fakes --vendor fcm apns --tls --state fakes.json
  omnipush fakes | jq -c 'select(.verdict == \"refused\") | [.vendor, .path, .reason]'

The certificate of --tls is for localhost, 127.0.0.1 and the vendors' own hosts: a sender whose
URLs are fixed can be led here by /etc/hosts. Node takes `ca` as NODE_EXTRA_CA_CERTS, Python, Go
and others as SSL_CERT_FILE.")]
pub(super) struct Args {
    /// Where the first fake listens; port 0 gives each fake a free port
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8700", value_parser = address)]
    listen: SocketAddr,
    /// Only the fakes of these vendors
    #[arg(long, value_name = "ID", num_args = 1..)]
    vendor: Vec<String>,
    /// Speak TLS, with a certificate made at the start by a test CA
    #[arg(long)]
    tls: bool,
    /// Keep the credentials and the test CA in this file, so that they outlast a restart
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
}

const LIVING: usize = 3;

/// After so many requests a fake forgets what it noted of them for tests.
const FORGET: usize = 1000;

fn address(text: &str) -> Result<SocketAddr, String> {
    let found: Vec<SocketAddr> = text.to_socket_addrs().map(Iterator::collect).unwrap_or_default();
    // `localhost` has two addresses, of which senders try the older one at least.
    let first = found.iter().find(|address| address.is_ipv4()).or(found.first());
    first.copied().ok_or_else(|| "must be an address and a port, such as 127.0.0.1:8700".to_owned())
}

pub(super) fn run(args: &Args) -> Result<bool, Bad> {
    let named = args.vendor.iter().map(|id| input::vendor_id(id)).collect::<Result<Vec<_>, _>>()?;
    let ids = samples::ids().filter(|id| named.is_empty() || named.contains(id));
    let fakes = ids
        .map(|id| fakes::for_any_sender(id).ok_or_else(|| Bad::new(format!("{id}: has no fake"))))
        .collect::<Result<Vec<_>, _>>()?;
    runtime()?.block_on(serve(args, fakes))
}

/// What is written, and counted, while requests come.
struct Journal {
    out: Out,
    accepted: usize,
    refused: usize,
    /// Why nothing can be written any more.
    broken: Option<Bad>,
}

impl Journal {
    fn line(&mut self, line: &Value) {
        if let Err(bad) = self.out.line(line).and_then(|()| self.out.flush()) {
            self.broken.get_or_insert(bad);
        }
    }

    fn requests(&self) -> usize {
        self.accepted + self.refused
    }

    fn note(&mut self, event: &Event) {
        match event.refused {
            None => self.accepted += 1,
            Some(_) => self.refused += 1,
        }
        self.line(&request(event));
    }
}

async fn serve(args: &Args, fakes: Vec<Arc<dyn Fake>>) -> Result<bool, Bad> {
    let mut state = State::read(args.state.as_deref())?;
    fakes.iter().try_for_each(|fake| state.check(fake.as_ref()))?;
    let authority = if args.tls { Some(state.authority()?) } else { None };
    let ca = authority.as_ref().map(|authority| state.ca(authority)).transpose()?;
    let journal = Arc::new(Mutex::new(Journal { out: Out::new(), accepted: 0, refused: 0, broken: None }));
    let ended = ended()?;

    let emulator = {
        // Held, so that the vendors' lines come before those of requests.
        let mut journal_now = locked(&journal);
        let report = {
            let (journal, fakes) = (Arc::clone(&journal), fakes.clone());
            Arc::new(move |event: &Event| {
                let mut journal = locked(&journal);
                journal.note(event);
                if journal.requests().is_multiple_of(FORGET) {
                    fakes.iter().for_each(|fake| fake.world().forget());
                }
            })
        };
        let emulator =
            Emulator::start(fakes, Options { listen: args.listen, tls: authority, report }).map_err(Bad::new)?;
        emulator.stands().iter().for_each(|stand| state.keep(stand));
        state.write()?;
        for stand in emulator.stands() {
            stand.fake().world().set_target(stand.fake().target(LIVING), TargetState::Dead);
            journal_now.line(&vendor(stand, ca.as_ref().map(state::Ca::path)));
        }
        emulator
    };
    ended.await;
    emulator.stop().await;

    let mut journal = locked(&journal);
    let counts = json!({"requests": journal.requests(), "accepted": journal.accepted, "refused": journal.refused});
    journal.line(&counts);
    journal.broken.take().map_or(Ok(true), Err)
}

fn locked(journal: &Mutex<Journal>) -> MutexGuard<'_, Journal> {
    journal.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends at Ctrl-C, or when the system asks the process to end. Listens from the call on.
fn ended() -> Result<impl Future<Output = ()>, Bad> {
    #[cfg(unix)]
    let mut asked = {
        use tokio::signal::unix::{SignalKind, signal};
        [SignalKind::interrupt(), SignalKind::terminate()].map(signal)
    };
    #[cfg(unix)]
    for signal in &asked {
        if let Err(error) = signal {
            return Err(Bad::new(format!("cannot wait for Ctrl-C: {error}")));
        }
    }
    Ok(async move {
        #[cfg(unix)]
        if let [Ok(interrupt), Ok(terminate)] = &mut asked {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
    })
}

fn vendor(stand: &Stand, ca: Option<&str>) -> Value {
    let fake = stand.fake();
    let mut line = json!({
        "vendor": fake.vendor(),
        "url": stand.url(),
        "credentials": fake.credentials(stand.url()),
        "targets": (0..LIVING).map(|at| fake.target(at)).collect::<Vec<_>>(),
        "dead_target": fake.target(LIVING),
    });
    if let (Some(line), Some(ca)) = (line.as_object_mut(), ca) {
        line.insert("ca".into(), ca.into());
    }
    line
}

fn request(event: &Event) -> Value {
    let heard = event.request.as_ref();
    json!({
        "vendor": event.vendor,
        "http": heard.map(|heard| format!("{:?}", heard.version)),
        "method": heard.map(|heard| heard.method.as_str()),
        "path": heard.map(|heard| heard.path.as_str()),
        "status": heard.map(|heard| heard.status),
        "verdict": if event.refused.is_some() { "refused" } else { "accepted" },
        "reason": event.refused,
    })
}
