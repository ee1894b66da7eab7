//! A server that costs little: HTTP/2 over TLS, the same answer to every request, a thread for
//! each connection, no decoding of headers, and one write for all answers that are due.

use std::collections::VecDeque;
use std::io::{self, BufReader, Read, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustls::ServerConnection;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// The root of the sink's certificate, as PEM: the test keys of core's transport.
pub const ROOT: &[u8] = include_bytes!("../../core/src/transport/h2/keys/root.pem");
const SERVER: &[u8] = include_bytes!("../../core/src/transport/h2/keys/server.pem");

const PREFACE: usize = 24;
const FRAME_HEAD: usize = 9;
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;
const LARGEST_WINDOW: u32 = 0x7fff_ffff;

/// How a sink behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long each answer takes.
    pub delay: Duration,
    /// After how many answers each connection is closed by a GOAWAY; `None`: never.
    pub goaway_every: Option<u32>,
    /// How many streams a connection may have open.
    pub streams: u32,
    /// The status of each answer.
    pub status: u16,
    /// Its headers besides.
    pub headers: Vec<(&'static str, &'static str)>,
    /// Its body.
    pub body: &'static str,
}

impl Default for Options {
    fn default() -> Self {
        Self { delay: Duration::ZERO, goaway_every: None, streams: 1000, status: 200, headers: Vec::new(), body: "" }
    }
}

/// A running sink. It runs as long as the process.
#[derive(Debug)]
pub struct Sink {
    /// Where it is, `https://127.0.0.1:port`.
    pub url: String,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    requests: AtomicU64,
    records: AtomicU64,
}

impl Sink {
    /// Starts one.
    ///
    /// # Panics
    /// When there is no port to be had.
    pub fn start(options: Options) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let (counts, tls, options) = (Arc::new(Counts::default()), Arc::new(tls()), Arc::new(options));
        let sink = Self { url, counts: Arc::clone(&counts) };
        thread::spawn(move || {
            for tcp in listener.incoming().flatten() {
                let (options, tls, counts) = (Arc::clone(&options), Arc::clone(&tls), Arc::clone(&counts));
                // A client that goes away is no news.
                thread::spawn(move || drop(Connection::new(tcp, tls, &options, counts).map(Connection::serve)));
            }
        });
        sink
    }

    /// Requests answered so far.
    pub fn requests(&self) -> u64 {
        self.counts.requests.load(Ordering::Relaxed)
    }

    /// TLS records received so far. One write call of a client takes one or more of them.
    pub fn records(&self) -> u64 {
        self.counts.records.load(Ordering::Relaxed)
    }
}

fn tls() -> rustls::ServerConfig {
    let chain = CertificateDer::pem_slice_iter(SERVER).map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_slice(SERVER).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = builder.with_no_client_auth().with_single_cert(chain, key).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    config
}

/// Counts the TLS records of what is read.
struct Records {
    tcp: TcpStream,
    counts: Arc<Counts>,
    /// Bytes until the next record begins.
    left: usize,
    head: Vec<u8>,
}

impl Read for Records {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.tcp.read(into)?;
        let mut rest = &into[..count];
        while !rest.is_empty() {
            let taken = if self.left > 0 { self.left } else { 5 - self.head.len() }.min(rest.len());
            if self.left > 0 {
                self.left -= taken;
            } else {
                self.head.extend_from_slice(&rest[..taken]);
            }
            rest = &rest[taken..];
            if self.head.len() == 5 {
                self.left = usize::from(u16::from_be_bytes([self.head[3], self.head[4]]));
                self.head.clear();
                self.counts.records.fetch_add(1, Ordering::Relaxed);
            }
        }
        Ok(count)
    }
}

struct Connection<'a> {
    options: &'a Options,
    counts: Arc<Counts>,
    tcp: TcpStream,
    wire: BufReader<Records>,
    tls: ServerConnection,
    inbox: Vec<u8>,
    out: Vec<u8>,
    /// The header block of every answer.
    head: Vec<u8>,
    /// Streams to answer, and when.
    due: VecDeque<(Instant, u32)>,
    /// What the client still takes in bodies.
    window: i64,
    /// Bytes of bodies taken since the client was told that it may send more.
    taken: usize,
    begun: bool,
    answered: u32,
    /// The last stream that is answered, once a GOAWAY has been sent.
    last: Option<u32>,
}

impl<'a> Connection<'a> {
    fn new(
        tcp: TcpStream,
        tls: Arc<rustls::ServerConfig>,
        options: &'a Options,
        counts: Arc<Counts>,
    ) -> io::Result<Self> {
        tcp.set_nodelay(true)?;
        let records = Records { tcp: tcp.try_clone()?, counts: Arc::clone(&counts), left: 0, head: Vec::new() };
        let mut tls = ServerConnection::new(tls).map_err(io::Error::other)?;
        tls.set_buffer_limit(None);
        let mut head = vec![0x08, 3];
        head.extend_from_slice(options.status.to_string().as_bytes());
        for (name, value) in &options.headers {
            head.push(0);
            for text in [name, value] {
                head.push(u8::try_from(text.len()).map_err(io::Error::other)?);
                head.extend_from_slice(text.as_bytes());
            }
        }
        Ok(Self {
            options,
            counts,
            tcp,
            wire: BufReader::with_capacity(1 << 16, records),
            tls,
            inbox: Vec::with_capacity(1 << 17),
            out: Vec::with_capacity(1 << 16),
            head,
            due: VecDeque::new(),
            window: 65_535,
            taken: 0,
            begun: false,
            answered: 0,
            last: None,
        })
    }

    fn serve(mut self) -> io::Result<()> {
        loop {
            self.answer();
            if !self.out.is_empty() {
                self.tls.writer().write_all(&self.out)?;
                self.out.clear();
            }
            while self.tls.wants_write() {
                self.tls.write_tls(&mut self.tcp)?;
            }
            let next = self.due.front().filter(|_| self.has_room());
            let wait = next.map(|(at, _)| at.saturating_duration_since(Instant::now()));
            if !has_come(&self.tcp, wait)? {
                continue;
            }
            if !self.fill()? {
                return Ok(());
            }
            self.frames();
        }
    }

    /// Reads what has come; `false` at its end.
    fn fill(&mut self) -> io::Result<bool> {
        loop {
            if self.tls.read_tls(&mut self.wire)? == 0 {
                return Ok(false);
            }
            let state = self.tls.process_new_packets().map_err(io::Error::other)?;
            let (at, more) = (self.inbox.len(), state.plaintext_bytes_to_read());
            self.inbox.resize(at + more, 0);
            self.tls.reader().read_exact(&mut self.inbox[at..])?;
            if self.wire.buffer().is_empty() {
                return Ok(true);
            }
        }
    }

    fn frames(&mut self) {
        let inbox = std::mem::take(&mut self.inbox);
        let mut rest = inbox.as_slice();
        if !self.begun && rest.len() >= PREFACE {
            rest = &rest[PREFACE..];
            self.begun = true;
            let mut settings = Vec::new();
            for (id, value) in [(3_u16, self.options.streams), (4, LARGEST_WINDOW)] {
                settings.extend_from_slice(&id.to_be_bytes());
                settings.extend_from_slice(&value.to_be_bytes());
            }
            frame(&mut self.out, SETTINGS, 0, 0, &[&settings]);
            frame(&mut self.out, WINDOW_UPDATE, 0, 0, &[&(LARGEST_WINDOW - 65_535).to_be_bytes()]);
        }
        while self.begun && rest.len() >= FRAME_HEAD {
            let length = usize::from(rest[0]) << 16 | usize::from(rest[1]) << 8 | usize::from(rest[2]);
            let Some(payload) = rest.get(FRAME_HEAD..FRAME_HEAD + length) else { break };
            let stream = u32::from_be_bytes([rest[5], rest[6], rest[7], rest[8]]) & LARGEST_WINDOW;
            self.frame(rest[3], rest[4], stream, payload);
            rest = &rest[FRAME_HEAD + length..];
        }
        let used = inbox.len() - rest.len();
        self.inbox = inbox;
        self.inbox.drain(..used);
    }

    fn frame(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
        match kind {
            DATA | HEADERS => {
                if kind == DATA {
                    self.taken += payload.len();
                }
                if self.taken > 1 << 29 {
                    let taken = u32::try_from(self.taken).unwrap_or(LARGEST_WINDOW);
                    frame(&mut self.out, WINDOW_UPDATE, 0, 0, &[&taken.to_be_bytes()]);
                    self.taken = 0;
                }
                if flags & END_STREAM != 0 && self.last.is_none_or(|last| stream <= last) {
                    self.due.push_back((Instant::now() + self.options.delay, stream));
                }
            }
            SETTINGS if flags & ACK == 0 => frame(&mut self.out, SETTINGS, ACK, 0, &[]),
            PING if flags & ACK == 0 => frame(&mut self.out, PING, ACK, 0, &[payload]),
            WINDOW_UPDATE if stream == 0 => {
                let more = payload.try_into().map(u32::from_be_bytes).unwrap_or_default();
                self.window += i64::from(more);
            }
            _ => {}
        }
    }

    fn has_room(&self) -> bool {
        self.window >= self.options.body.len() as i64
    }

    fn answer(&mut self) {
        let now = Instant::now();
        while let Some(&(at, stream)) = self.due.front()
            && at <= now
            && self.has_room()
        {
            self.due.pop_front();
            let body = self.options.body.as_bytes();
            if body.is_empty() {
                frame(&mut self.out, HEADERS, END_HEADERS | END_STREAM, stream, &[&self.head]);
            } else {
                frame(&mut self.out, HEADERS, END_HEADERS, stream, &[&self.head]);
                frame(&mut self.out, DATA, END_STREAM, stream, &[body]);
                self.window -= body.len() as i64;
            }
            self.answered += 1;
            self.counts.requests.fetch_add(1, Ordering::Relaxed);
            if self.last.is_none() && self.options.goaway_every == Some(self.answered) {
                let last = self.due.iter().map(|(_, stream)| *stream).max().unwrap_or(stream).max(stream);
                self.last = Some(last);
                frame(&mut self.out, GOAWAY, 0, 0, &[&last.to_be_bytes(), &[0; 4]]);
            }
        }
    }
}

/// Waits until something can be read, or for a time; says whether it can. The socket's own limit
/// for reads counts in ticks of the kernel: at 250 a second it makes 44 ms of 40.
fn has_come(tcp: &TcpStream, wait: Option<Duration>) -> io::Result<bool> {
    let wait = wait.map(Timespec::try_from).transpose().map_err(io::Error::other)?;
    Ok(poll(&mut [PollFd::new(tcp, PollFlags::IN)], wait.as_ref())? > 0)
}

fn frame(out: &mut Vec<u8>, kind: u8, flags: u8, stream: u32, parts: &[&[u8]]) {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let [_, high, middle, low] = u32::try_from(length).unwrap_or_default().to_be_bytes();
    out.extend_from_slice(&[high, middle, low, kind, flags]);
    out.extend_from_slice(&stream.to_be_bytes());
    parts.iter().for_each(|part| out.extend_from_slice(part));
}
