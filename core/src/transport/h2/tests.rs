//! Against servers on real sockets. Most of them speak frame by frame, as a test wants it.

mod faults;
mod lines;
mod streams;
mod watch;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::H2Transport;
use crate::transport::{Lost, Transport as _, TransportOptions, Wire};
use crate::vendor::{Call, Http, Profile, Reply, Request, Signature};

const fn profile(http: Http) -> Profile {
    Profile {
        id: "test",
        name: "Test",
        docs: "",
        calls: const { &[Call::one()] },
        http,
        in_flight: 256,
        dedups: false,
        token: None,
        target_ok: |_| true,
        target_form: "",
        operations: &[],
        receipts: None,
    }
}

static TWO: Profile = profile(Http::Two);
static ANY: Profile = profile(Http::Any);

/// Long enough for what is to happen, and what has not happened by then is not going to.
const SOON: Duration = Duration::from_secs(10);
const WHILE: Duration = Duration::from_millis(100);

fn options() -> TransportOptions {
    TransportOptions { direct: true, ..TransportOptions::default() }
}

fn transport(options: TransportOptions) -> Arc<H2Transport> {
    Arc::new(H2Transport::new(&TWO, None, options).unwrap())
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

async fn call(transport: &H2Transport, url: &str, body: &'static [u8]) -> Result<Reply, Lost> {
    call_watched(transport, url, body, &AtomicBool::new(false)).await
}

async fn call_watched(
    transport: &H2Transport,
    url: &str,
    body: &'static [u8],
    unsent: &AtomicBool,
) -> Result<Reply, Lost> {
    let request = Request::post(format!("{url}/3/device/x"), body.into()).json();
    let signature = Signature::default();
    transport.call(Wire { request: &request, signature: &signature, max_reply: 1 << 20, unsent }).await
}

#[tokio::test]
async fn a_call_is_small() {
    let (request, signature) = (Request::post("http://a.example".to_owned(), "{}".into()), Signature::default());
    let (transport, unsent) = (transport(options()), AtomicBool::new(false));
    let call = transport.call(Wire { request: &request, signature: &signature, max_reply: 1 << 20, unsent: &unsent });
    let size = size_of_val(&*call);
    println!("bytes of a call: {size}");
    assert!(size <= 1000, "{size}");
}

/// Calls that go on by themselves.
fn start(transport: &Arc<H2Transport>, url: &str, count: usize) -> Vec<JoinHandle<Result<Reply, Lost>>> {
    let one = |_| {
        let (transport, url) = (Arc::clone(transport), url.to_owned());
        tokio::spawn(async move { call(&transport, &url, b"{}").await })
    };
    (0..count).map(one).collect()
}

async fn status(call: JoinHandle<Result<Reply, Lost>>) -> Result<u16, Lost> {
    timeout(SOON, call).await.expect("no answer").unwrap().map(|reply| reply.status)
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;

const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;

const INTERNAL_ERROR: u32 = 2;
const REFUSED_STREAM: u32 = 7;
const CANCEL: u32 = 8;

#[derive(Debug)]
struct Frame {
    kind: u8,
    flags: u8,
    id: u32,
    payload: Vec<u8>,
}

/// A server's end of a connection, frame by frame.
struct Raw<S = TcpStream>(S);

impl Raw {
    /// Accepts a connection and allows so many requests at once.
    async fn accept(listener: &TcpListener, streams: u32) -> Self {
        let (stream, _) = timeout(SOON, listener.accept()).await.expect("no connection").unwrap();
        stream.set_nodelay(true).unwrap();
        Raw::begin(stream, streams).await
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Raw<S> {
    async fn begin(mut stream: S, streams: u32) -> Self {
        let mut preface = [0; 24];
        stream.read_exact(&mut preface).await.unwrap();
        assert_eq!(&preface, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        let mut raw = Self(stream);
        raw.allow(streams).await;
        raw
    }

    async fn send(&mut self, kind: u8, flags: u8, id: u32, payload: &[u8]) {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        let mut frame = length[1..].to_vec();
        frame.extend([kind, flags]);
        frame.extend(id.to_be_bytes());
        frame.extend(payload);
        self.0.write_all(&frame).await.unwrap();
    }

    /// Allows so many requests at once from now on.
    async fn allow(&mut self, streams: u32) {
        let setting = [[0, 3].as_slice(), &streams.to_be_bytes()].concat();
        self.send(SETTINGS, 0, 0, &setting).await;
    }

    /// The next frame; `None` at the end.
    async fn next(&mut self) -> Option<Frame> {
        let mut head = [0; 9];
        self.0.read_exact(&mut head).await.ok()?;
        let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
        self.0.read_exact(&mut payload).await.ok()?;
        let frame = Frame {
            kind: head[3],
            flags: head[4],
            id: u32::from_be_bytes([head[5], head[6], head[7], head[8]]),
            payload,
        };
        if frame.kind == SETTINGS && frame.flags & ACK == 0 {
            self.send(SETTINGS, ACK, 0, &[]).await;
        }
        Some(frame)
    }

    /// The next frame of a kind.
    async fn wait_for(&mut self, kind: u8) -> Frame {
        let found = async {
            loop {
                let frame = self.next().await.expect("the connection ended");
                if frame.kind == kind {
                    return frame;
                }
            }
        };
        timeout(SOON, found).await.expect("no such frame")
    }

    /// The stream of the next request that has been heard in full.
    async fn request(&mut self) -> u32 {
        loop {
            let frame = timeout(SOON, self.next()).await.expect("no request").expect("the connection ended");
            if matches!(frame.kind, DATA | HEADERS) && frame.flags & END_STREAM != 0 {
                return frame.id;
            }
        }
    }

    async fn requests(&mut self, count: usize) -> Vec<u32> {
        let mut ids = Vec::new();
        for _ in 0..count {
            ids.push(self.request().await);
        }
        ids
    }

    /// No request comes for a while.
    async fn stays_quiet(&mut self) {
        let request = async {
            while let Some(frame) = self.next().await {
                if frame.kind == HEADERS {
                    return;
                }
            }
            std::future::pending().await
        };
        assert!(timeout(WHILE, request).await.is_err(), "a request that was not to come");
    }

    /// Answers with 200 and nothing else.
    async fn answer(&mut self, id: u32) {
        self.send(HEADERS, END_HEADERS | END_STREAM, id, &[0x88]).await;
    }

    async fn reset(&mut self, id: u32, reason: u32) {
        self.send(RESET, 0, id, &reason.to_be_bytes()).await;
    }

    async fn go_away(&mut self, last: u32) {
        self.send(GOAWAY, 0, 0, &[last.to_be_bytes(), [0; 4]].concat()).await;
    }

    /// Answers all that comes.
    async fn serve(mut self) {
        while let Some(frame) = self.next().await {
            if matches!(frame.kind, DATA | HEADERS) && frame.flags & END_STREAM != 0 {
                self.answer(frame.id).await;
            }
            if frame.kind == PING && frame.flags & ACK == 0 {
                self.send(PING, ACK, 0, &frame.payload).await;
            }
        }
    }
}
