//! The fakes as local servers: one process, a port for each vendor, for senders in any language.
//!
//! HTTP/1.1 and HTTP/2: in clear text by prior knowledge, over TLS by ALPN. Every path that a
//! fake knows is served, token endpoints included, and every request is reported as it was served.
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use std::sync::Arc;
//!
//! use omnipush_conformance::emulator::{Emulator, Options};
//! use omnipush_conformance::fakes;
//!
//! let emulator = Emulator::start(vec![Arc::new(fakes::Vivo::new())], Options::default())?;
//! for stand in emulator.stands() {
//!     println!("{} listens at {}", stand.fake().vendor(), stand.url());
//! }
//! emulator.stop().await;
//! # Ok(())
//! # }
//! ```

mod connection;
mod scheme;
mod tls;

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http::{Method, Version};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use self::connection::Line;
use crate::fake::Fake;

pub use tls::{Authority, TlsError};

/// How long requests that are under way may take to end when the emulator stops.
const FAREWELL: Duration = Duration::from_secs(1);

/// A request as it was served, or a connection that brought none.
#[derive(Clone, Debug)]
pub struct Event {
    /// The vendor's id.
    pub vendor: &'static str,
    /// The request; `None` where none could be read.
    pub request: Option<Heard>,
    /// Why it was refused; `None` when it was taken.
    pub refused: Option<String>,
}

/// A request, and the status answered.
#[derive(Clone, Debug)]
pub struct Heard {
    /// The version of HTTP that it came in.
    pub version: Version,
    /// The method.
    pub method: Method,
    /// The path, percent-encoded as it came, without the query.
    pub path: String,
    /// The status answered.
    pub status: u16,
}

/// Hears of every request, on the thread that serves it, before the answer goes out.
pub type Report = Arc<dyn Fn(&Event) + Send + Sync>;

/// Where and how the emulator listens. By default on free ports of 127.0.0.1, in clear text, with
/// nobody hearing of requests.
pub struct Options {
    /// The address of the first fake; the others follow port by port. Port 0: each fake gets a
    /// free port.
    pub listen: SocketAddr,
    /// Who signs the server's certificate; `None`: clear text.
    pub tls: Option<Authority>,
    /// Who hears of requests.
    pub report: Report,
}

impl Default for Options {
    fn default() -> Self {
        Self { listen: (Ipv4Addr::LOCALHOST, 0).into(), tls: None, report: Arc::new(|_| ()) }
    }
}

/// An emulator that cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// There are more fakes than ports from the first one on.
    #[error("port {first} leaves no room for {fakes} fakes: the last port is 65535")]
    Ports {
        /// The first port.
        first: u16,
        /// The number of fakes.
        fakes: usize,
    },
    /// An address cannot be listened at.
    #[error("{vendor} cannot listen at {address}: {source}")]
    Listen {
        /// The vendor's id.
        vendor: &'static str,
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// No certificate could be made.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// One fake and where it listens.
pub struct Stand {
    fake: Arc<dyn Fake>,
    url: String,
}

impl Stand {
    /// The fake.
    pub fn fake(&self) -> &dyn Fake {
        self.fake.as_ref()
    }

    /// `http://127.0.0.1:PORT` or `https://…`, no slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// Running fakes. They stop when it is dropped.
pub struct Emulator {
    stands: Vec<Stand>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Emulator {
    /// Starts fakes. All of them listen when this returns; none does when it fails.
    ///
    /// # Errors
    /// When an address is taken or does not exist, or no certificate can be made.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn start(fakes: Vec<Arc<dyn Fake>>, options: Options) -> Result<Self, StartError> {
        let Options { listen, tls, report } = options;
        let ports = StartError::Ports { first: listen.port(), fakes: fakes.len() };
        let last = usize::from(listen.port()) + fakes.len().saturating_sub(1);
        if listen.port() != 0 && last > usize::from(u16::MAX) {
            return Err(ports);
        }
        let acceptor = tls.map(|authority| acceptor(&authority, &fakes, listen.ip())).transpose()?;
        let scheme = if acceptor.is_some() { "https" } else { "http" };
        let (stop, stopped) = watch::channel(false);
        let (mut stands, mut lines) = (Vec::new(), Vec::new());
        for (at, fake) in fakes.into_iter().enumerate() {
            let port = if listen.port() == 0 { 0 } else { listen.port() + at as u16 };
            let address = SocketAddr::new(listen.ip(), port);
            let vendor = fake.vendor();
            let listening = bind(address).map_err(|source| StartError::Listen { vendor, address, source })?;
            let (listener, address) = listening;
            let url = format!("{scheme}://{}", reachable(address));
            // The fake learns where it is, for what names its own address.
            fake.config(&url);
            lines
                .push((listener, Line { fake: Arc::clone(&fake), tls: acceptor.clone(), report: Arc::clone(&report) }));
            stands.push(Stand { fake, url });
        }
        let mut tasks = JoinSet::new();
        for (listener, line) in lines {
            tasks.spawn(listen_at(listener, Arc::new(line), stopped.clone()));
        }
        Ok(Self { stands, stop, tasks })
    }

    /// The fakes in the order in which they were given.
    pub fn stands(&self) -> &[Stand] {
        &self.stands
    }

    /// Takes no more requests, and waits a second at most for those that are under way.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

fn bind(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = std::net::TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    Ok((TcpListener::from_std(listener)?, address))
}

/// The address under which this machine reaches what listens at an address.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// One certificate for all: this machine's names, the address, and the vendors' own hosts.
fn acceptor(authority: &Authority, fakes: &[Arc<dyn Fake>], ip: IpAddr) -> Result<TlsAcceptor, TlsError> {
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned(), ip.to_string()];
    names.extend(fakes.iter().flat_map(|fake| fake.hosts()).map(|host| (*host).to_owned()));
    names.sort_unstable();
    names.dedup();
    Ok(TlsAcceptor::from(Arc::new(authority.server(names)?)))
}

async fn listen_at(listener: TcpListener, line: Arc<Line>, mut stopped: watch::Receiver<bool>) {
    let farewell = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(connections.spawn(connection::serve(stream, Arc::clone(&line), farewell.watcher()))),
                // Such as too many open files: it passes when some are closed.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
            _ = stopped.changed() => break,
        }
    }
    drop(listener);
    let _ = tokio::time::timeout(FAREWELL, farewell.shutdown()).await;
}
