//! One connection: the task that drives it and watches over it, and the exchange of one request.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::FutureExt as _;
use h2::client::{Builder, SendRequest};
use h2::{Ping, PingPong, Reason};
use tokio::time::{Instant, Sleep, sleep};

use super::dial::Line;
use super::gather::Gather;
use super::origin::Origin;
use crate::transport::{TransportOptions, Wire};
use crate::vendor::Reply;

/// What one answer, and all answers of a connection, may be ahead of their readers.
const STREAM_WINDOW: u32 = 1 << 18;
const CONNECTION_WINDOW: u32 = 1 << 22;

/// A connection that takes requests.
pub(super) struct Connection {
    // The connection closes by itself once this and all streams are gone.
    send: SendRequest<Bytes>,
    pub(super) load: Arc<Load>,
}

/// What is under way on a connection.
#[derive(Default)]
pub(super) struct Load {
    busy: AtomicUsize,
    /// As many as the server allows at the moment, and the options.
    limit: AtomicUsize,
    /// Whether it was used since the last look.
    used: AtomicBool,
    /// Whether the server has answered a request.
    proven: AtomicBool,
}

impl Load {
    pub(super) fn busy(&self) -> usize {
        self.busy.load(Ordering::Relaxed)
    }

    pub(super) fn has_room(&self) -> bool {
        self.busy() < self.limit.load(Ordering::Relaxed)
    }

    pub(super) fn is_proven(&self) -> bool {
        self.proven.load(Ordering::Relaxed)
    }

    /// The server has answered; says whether that is news.
    pub(super) fn prove(&self) -> bool {
        !self.is_proven() && !self.proven.swap(true, Ordering::Relaxed)
    }

    pub(super) fn take(&self) {
        self.busy.fetch_add(1, Ordering::Relaxed);
        self.used.store(true, Ordering::Relaxed);
    }

    pub(super) fn give_back(&self) {
        self.busy.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Why there is no answer.
pub(super) enum Failed {
    /// The connection takes no more requests, and has certainly not processed this one.
    Gone(String),
    /// The server has certainly not processed it (RFC 9113, section 8.7), and takes others.
    Refused(String),
    /// It cannot be sent, here or elsewhere.
    Unsendable(String),
    /// It may have been processed.
    Lost(String),
}

impl Connection {
    /// Opens a connection on a line, and waits until the server has said what it allows: who
    /// sends before that may be refused by the hundred.
    pub(super) async fn open(
        line: Box<dyn Line>,
        origin: &Arc<Origin>,
        options: &TransportOptions,
    ) -> Result<Arc<Self>, String> {
        let heard = Arc::<AtomicU64>::default();
        let mut builder = Builder::new();
        builder.initial_window_size(STREAM_WINDOW).initial_connection_window_size(CONNECTION_WINDOW);
        builder.initial_max_send_streams(0).max_concurrent_streams(0).enable_push(false);
        let handshake = builder.handshake::<_, Bytes>(Gather::new(line, Arc::clone(&heard)));
        let (send, mut connection) = handshake.await.map_err(|error| error.to_string())?;
        poll_fn(|cx| match connection.poll_unpin(cx) {
            Poll::Ready(Ok(())) => Poll::Ready(Err("the server closed the connection".to_owned())),
            Poll::Ready(Err(error)) => Poll::Ready(Err(error.to_string())),
            Poll::Pending if connection.max_concurrent_send_streams() > 0 => Poll::Ready(Ok(())),
            Poll::Pending => Poll::Pending,
        })
        .await?;
        let load = Arc::<Load>::default();
        let ping = connection.ping_pong();
        let watch = Watch::new(heard, options);
        let mut driver = Driver {
            connection,
            load: Arc::clone(&load),
            streams: options.streams,
            ping,
            watch,
            origin: Arc::downgrade(origin),
        };
        driver.measure();
        tokio::spawn(driver);
        Ok(Arc::new(Self { send, load }))
    }

    /// Sends a request and reads its answer.
    pub(super) async fn exchange(&self, head: http::Request<()>, wire: &Wire<'_>) -> Result<Reply, Failed> {
        let (body, tail) = (&wire.request.body, &wire.signature.body_tail);
        let empty = body.is_empty() && tail.is_empty();
        let (response, mut stream) = self.send.clone().send_request(head, empty).map_err(|error| {
            let gone = error.is_go_away() || error.is_io() || error.is_reset();
            if gone { Failed::Gone(error.to_string()) } else { Failed::Unsendable(error.to_string()) }
        })?;
        wire.unsent.store(false, Ordering::Relaxed);
        // A stream that cannot take its body has ended already, and its answer says why.
        if !empty && stream.send_data(body.clone(), tail.is_empty()).is_ok() && !tail.is_empty() {
            let _ = stream.send_data(tail.clone(), true);
        }
        drop(stream);
        let (head, mut body) = response.await.map_err(sort)?.into_parts();
        let mut whole = Bytes::new();
        let mut parts = BytesMut::new();
        // An answer that breaks off is an answer all the same: its status stands.
        while !body.is_end_stream()
            && let Some(Ok(part)) = body.data().await
        {
            let _ = body.flow_control().release_capacity(part.len());
            if whole.is_empty() && parts.is_empty() {
                whole = part;
            } else {
                parts.extend_from_slice(&std::mem::take(&mut whole));
                parts.extend_from_slice(&part);
            }
            if whole.len() + parts.len() > wire.max_reply {
                (whole, parts) = (Bytes::new(), BytesMut::new());
                break;
            }
        }
        let body = if parts.is_empty() { whole } else { parts.freeze() };
        Ok(Reply { status: head.status.as_u16(), headers: head.headers, body, retry_after: None })
    }
}

/// Tells what was certainly not processed from what may have been. A stream below a GOAWAY's last
/// one ends with the connection's own error, never with the GOAWAY.
fn sort(error: h2::Error) -> Failed {
    match error.reason() {
        _ if !error.is_remote() => Failed::Lost(error.to_string()),
        _ if error.is_go_away() => Failed::Gone(error.to_string()),
        Some(Reason::REFUSED_STREAM) => Failed::Refused(error.to_string()),
        _ => Failed::Lost(error.to_string()),
    }
}

/// Drives a connection until it ends.
struct Driver {
    connection: h2::client::Connection<Gather<Box<dyn Line>>, Bytes>,
    load: Arc<Load>,
    streams: usize,
    ping: Option<PingPong>,
    watch: Watch,
    origin: Weak<Origin>,
}

impl Driver {
    /// Takes over what the server allows now.
    fn measure(&mut self) {
        let limit = self.connection.max_concurrent_send_streams().min(self.streams);
        let before = self.load.limit.swap(limit, Ordering::Relaxed);
        if limit > before
            && let Some(origin) = self.origin.upgrade()
        {
            origin.wake();
        }
    }

    /// Takes no new requests; those under way may end.
    fn leave(&self) {
        if let Some(origin) = self.origin.upgrade() {
            origin.lose(&self.load);
        }
    }
}

impl Future for Driver {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        if this.connection.poll_unpin(cx).is_ready() {
            return Poll::Ready(());
        }
        this.measure();
        if let Some(ping) = &mut this.ping
            && this.watch.pinged
        {
            // Taken off, so that another can be sent; that something was heard is what counts.
            let _ = ping.poll_pong(cx);
        }
        while this.watch.timer.poll_unpin(cx).is_ready() {
            match this.watch.look(&this.load) {
                Finding::Well => {}
                Finding::Silent => {
                    if let Some(ping) = &mut this.ping {
                        let _ = ping.send_ping(Ping::opaque());
                    }
                }
                Finding::Dead => return Poll::Ready(()),
            }
            if this.watch.is_over() {
                this.leave();
            }
        }
        Poll::Pending
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Watches whether a connection still lives. It looks every now and then at what was heard, so
/// that nothing has to be noted for each request.
struct Watch {
    timer: Pin<Box<Sleep>>,
    born: Instant,
    every: Duration,
    busy: Duration,
    idle: Duration,
    patience: Duration,
    keep: Duration,
    max_age: Option<Duration>,
    heard: Arc<AtomicU64>,
    last_heard: u64,
    /// How long nothing was heard, and how long nothing was asked.
    silent: Duration,
    unused: Duration,
    pinged: bool,
}

/// How a connection is found.
enum Finding {
    Well,
    /// It is to be probed.
    Silent,
    Dead,
}

impl Watch {
    fn new(heard: Arc<AtomicU64>, options: &TransportOptions) -> Self {
        let every = options.ping_busy.min(options.ping_idle).max(Duration::from_millis(1));
        Self {
            timer: Box::pin(sleep(every)),
            born: Instant::now(),
            every,
            busy: options.ping_busy,
            idle: options.ping_idle,
            patience: options.ping_timeout,
            keep: options.keep_idle,
            max_age: options.max_age,
            heard,
            last_heard: 0,
            silent: Duration::ZERO,
            unused: Duration::ZERO,
            pinged: false,
        }
    }

    fn look(&mut self, load: &Load) -> Finding {
        let heard = self.heard.load(Ordering::Relaxed);
        let quiet = std::mem::replace(&mut self.last_heard, heard) == heard;
        if self.pinged && quiet {
            return Finding::Dead;
        }
        self.silent = if quiet { self.silent + self.every } else { Duration::ZERO };
        let (busy, used) = (load.busy() > 0, load.used.swap(false, Ordering::Relaxed));
        self.unused = if busy || used { Duration::ZERO } else { self.unused + self.every };
        self.pinged = quiet && self.silent >= if busy { self.busy } else { self.idle };
        self.timer.as_mut().reset(Instant::now() + if self.pinged { self.patience } else { self.every });
        if self.pinged { Finding::Silent } else { Finding::Well }
    }

    /// Whether it is too old, or was idle for too long.
    fn is_over(&self) -> bool {
        self.unused >= self.keep || self.max_age.is_some_and(|most| self.born.elapsed() >= most)
    }
}
