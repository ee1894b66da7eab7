//! One connection: TLS where asked for, then HTTP/1.1 or HTTP/2, whichever the client speaks.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::Watcher;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::scheme::Lenient;
use super::{Event, Heard, Report};
use crate::fake::{Answer, Call, Fake};
use crate::serve::{serve as serve_call, wall_clock_ms};

/// No vendor takes a longer body: pictures have a megabyte at most.
const LONGEST_BODY: usize = 16 << 20;
const HANDSHAKE: Duration = Duration::from_secs(10);

/// What every connection to one fake needs.
pub(super) struct Line {
    pub(super) fake: Arc<dyn Fake>,
    pub(super) tls: Option<TlsAcceptor>,
    pub(super) report: Report,
}

impl Line {
    /// Reports a connection that brought no request.
    fn unread(&self, why: String) {
        (self.report)(&Event { vendor: self.fake.vendor(), request: None, refused: Some(why) });
    }
}

pub(super) async fn serve(stream: TcpStream, line: Arc<Line>, watcher: Watcher) {
    let _ = stream.set_nodelay(true);
    let Some(tls) = &line.tls else { return http(stream, Arc::clone(&line), watcher).await };
    match tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await {
        Ok(Ok(stream)) => http(stream, Arc::clone(&line), watcher).await,
        // Somebody looked whether the port is open.
        Ok(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {}
        Ok(Err(error)) => line.unread(format!("no TLS: {error}")),
        Err(_) => line.unread("no TLS: the handshake took too long".into()),
    }
}

async fn http(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, line: Arc<Line>, watcher: Watcher) {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new());
    builder.http2().timer(TokioTimer::new());
    let service = {
        let line = Arc::clone(&line);
        service_fn(move |request| answer(request, Arc::clone(&line)))
    };
    let served =
        watcher.watch(builder.serve_connection(TokioIo::new(Lenient::new(stream)), service).into_owned()).await;
    // A connection that ends badly after a request is the client's affair; without one, somebody
    // speaks something else (such as TLS in clear text) and should know.
    let parse = served.err().filter(|error| error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse));
    if let Some(error) = parse {
        let hint = if line.tls.is_none() { " (is it TLS? this port speaks clear text)" } else { "" };
        line.unread(format!("no HTTP: {error}{hint}"));
    }
}

async fn answer(request: Request<Incoming>, line: Arc<Line>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let path = head.uri.path().to_owned();
    let (answer, delay) = match read(body).await {
        Ok(body) => {
            let call = Call {
                method: head.method.clone(),
                path: path.clone(),
                query: head.uri.query().unwrap_or_default().to_owned(),
                headers: head.headers,
                body,
                now_ms: wall_clock_ms(),
            };
            serve_call(line.fake.as_ref(), &call)
        }
        Err(answer) => (answer, None),
    };
    let response = response(&answer);
    (line.report)(&Event {
        vendor: line.fake.vendor(),
        request: Some(Heard { version: head.version, method: head.method, path, status: response.status().as_u16() }),
        refused: answer.refused,
    });
    if let Some(delay) = delay {
        tokio::time::sleep(delay).await;
    }
    Ok(response)
}

/// Reads a body, or says why it is not read.
async fn read(body: Incoming) -> Result<Bytes, Answer> {
    let too_long = || Answer::empty(413).because(format!("the body has more than {LONGEST_BODY} bytes"));
    // What says that it is too long is not waited for.
    if body.size_hint().lower() > LONGEST_BODY as u64 {
        return Err(too_long());
    }
    match Limited::new(body, LONGEST_BODY).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_long()),
        // Nobody will read this answer.
        Err(error) => Err(Answer::empty(400).because(format!("the body did not arrive: {error}"))),
    }
}

fn response(answer: &Answer) -> Response<Full<Bytes>> {
    let mut response = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(*name, value);
    }
    response.body(Full::new(answer.body.clone())).unwrap_or_else(|_| {
        let mut broken = Response::new(Full::default());
        *broken.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        broken
    })
}
