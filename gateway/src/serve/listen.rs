//! Connections: how many there are at once, and how long each may take to say what it wants.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Semaphore;
use tokio::time::Sleep;
use tower::ServiceExt as _;

use crate::config;
use crate::http::Peer;

/// What a listener bears, so that slow and idle clients leave room for the others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    connections: usize,
    header: Duration,
    call: Duration,
}

impl Bounds {
    pub(super) fn of(serve: &config::Serve) -> Self {
        let seconds = |seconds: u32| Duration::from_secs(seconds.into());
        let connections = usize::try_from(serve.connections).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        Self { connections, header: seconds(serve.header_seconds), call: seconds(serve.call_seconds) }
    }
}

/// Serves until the end, and then waits for the calls that are under way.
pub(super) async fn serve<L: Listener<Addr = SocketAddr>>(
    mut listener: L,
    router: Router,
    bounds: Bounds,
    end: impl Future<Output = ()> + Send + 'static,
) {
    let router = router.layer(axum::middleware::from_fn(move |request, next| timed(bounds.call, request, next)));
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(bounds.header);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(bounds.header).keep_alive_timeout(bounds.header);
    let (room, farewell) = (Arc::new(Semaphore::new(bounds.connections)), GracefulShutdown::new());
    let mut end = pin!(end);
    loop {
        // More wait in the system's queue.
        let next = async { (Arc::clone(&room).acquire_owned().await, listener.accept().await) };
        let (place, (stream, from)) = tokio::select! {
            next = next => next,
            () = &mut end => break,
        };
        let router = router.clone();
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(Peer(from)));
            let answer = router.clone().oneshot(request);
            async move { Ok::<Response, Infallible>(answer.await.unwrap_or_else(|never| match never {})) }
        });
        let stream = TokioIo::new(Prompt::new(stream, bounds.header));
        let connection = farewell.watch(builder.serve_connection(stream, service).into_owned());
        tokio::spawn(async move {
            // How a connection ends is its client's affair.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    farewell.shutdown().await;
}

/// A call that takes too long, mostly as its body does not come.
async fn timed(limit: Duration, request: Request, next: Next) -> Response {
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(answer) => answer,
        Err(_) => (StatusCode::REQUEST_TIMEOUT, "the call took too long\n").into_response(),
    }
}

/// As many bytes as tell HTTP/1 from HTTP/2. Until then hyper waits without a limit.
const PREFACE: usize = 24;

/// A connection whose first bytes must come in time.
struct Prompt<S> {
    stream: S,
    waits: Option<(usize, Pin<Box<Sleep>>)>,
}

impl<S> Prompt<S> {
    fn new(stream: S, limit: Duration) -> Self {
        Self { stream, waits: Some((PREFACE, Box::pin(tokio::time::sleep(limit)))) }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Prompt<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        let Some((missing, limit)) = &mut self.waits else { return read };
        if read.is_pending() {
            ready!(limit.as_mut().poll(cx));
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        *missing = missing.saturating_sub(buffer.filled().len() - before);
        if *missing == 0 {
            self.waits = None;
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Prompt<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
