//! Opens lines: TCP, through a proxy if there is one, with TLS where the URL says `https`.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures::future::select_ok;
use http::uri::Scheme;
use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::Matcher;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsConnector;

use super::tls::Trust;
use crate::error::ConfigError;
use crate::transport::TransportOptions;
use crate::vendor::{Http, Identity, Profile};

/// How much later the next address of a host is tried than the one before it.
const NEXT_ADDRESS: Duration = Duration::from_millis(250);

/// A proxy's answer to CONNECT is no longer.
const LONGEST_ANSWER: usize = 16 * 1024;

/// A line to a server.
pub(super) trait Line: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Line for T {}

/// What was found at the other end.
pub(super) enum Dialled {
    /// A server that speaks HTTP/2.
    Two(Box<dyn Line>),
    /// A server that speaks HTTP/1.1 only.
    One,
}

/// Opens lines.
pub(super) struct Dialler {
    trust: Trust,
    /// Made on first use: reading the platform's roots takes time that a clear line has not.
    tls: OnceLock<Result<TlsConnector, String>>,
    proxy_tls: OnceLock<Result<TlsConnector, String>>,
    proxies: Option<Matcher>,
    limit: Duration,
    /// The vendor speaks HTTP/1.1 as well.
    any: bool,
    prior_knowledge: bool,
}

impl Dialler {
    pub(super) fn new(
        profile: &Profile,
        identity: Option<&Identity>,
        options: &TransportOptions,
    ) -> Result<Self, ConfigError> {
        let wrong = |key: &str, problem: &str| ConfigError::new(profile.id, key, problem);
        let proxies = match &options.proxy {
            Some(proxy) => {
                let uri: Option<Uri> = proxy.parse().ok();
                let good = uri.is_some_and(|uri| matches!(uri.scheme_str(), Some("http" | "https")));
                let matcher = good.then(|| Matcher::builder().all(proxy.as_str()).build());
                Some(matcher.ok_or_else(|| wrong("proxy", "is no proxy URL such as http://proxy.example:3128"))?)
            }
            None if options.direct => None,
            None => Some(Matcher::from_system()),
        };
        Ok(Self {
            trust: Trust::new(profile, identity, options)?,
            tls: OnceLock::new(),
            proxy_tls: OnceLock::new(),
            proxies,
            limit: options.connect_timeout(),
            any: profile.http == Http::Any,
            prior_knowledge: options.prior_knowledge || profile.http == Http::Two,
        })
    }

    /// Whether the vendor speaks HTTP/1.1 as well.
    pub(super) fn speaks_any(&self) -> bool {
        self.any
    }

    /// Opens a line to an origin.
    ///
    /// # Errors
    /// Why there is none, in words. Nothing was sent to the server.
    pub(super) async fn dial(&self, origin: &Uri) -> Result<Dialled, String> {
        match timeout(self.limit, self.open(origin)).await {
            Ok(opened) => opened.map_err(|problem| format!("cannot connect: {problem}")),
            Err(_) => Err("cannot connect: timed out".to_owned()),
        }
    }

    async fn open(&self, origin: &Uri) -> Result<Dialled, String> {
        let secure = origin.scheme() == Some(&Scheme::HTTPS);
        if !secure && !self.prior_knowledge {
            return Ok(Dialled::One);
        }
        let host = bare_host(origin).ok_or("the URL has no host")?;
        let port = origin.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let line = match self.proxies.as_ref().and_then(|proxies| proxies.intercept(origin)) {
            Some(proxy) => self.tunnel(proxy.uri(), proxy.basic_auth(), host, port).await?,
            None => Box::new(tcp(host, port).await.map_err(words)?),
        };
        if !secure {
            return Ok(Dialled::Two(line));
        }
        let protocols: &[&[u8]] = if self.any { &[b"h2", b"http/1.1"] } else { &[b"h2"] };
        let tls = self.tls.get_or_init(|| self.trust.config().map(|config| with_protocols(&config, protocols)));
        let mut line = handshake(tls.as_ref()?, host, line).await?;
        let session = line.get_mut().1;
        // As much as one write gathers, in one go.
        session.set_buffer_limit(Some(256 * 1024));
        match session.alpn_protocol() {
            Some(b"h2") => Ok(Dialled::Two(Box::new(line))),
            None if !self.any => Ok(Dialled::Two(Box::new(line))),
            _ => Ok(Dialled::One),
        }
    }

    /// Asks a proxy for a tunnel (RFC 9110, section 9.3.6).
    async fn tunnel(
        &self,
        proxy: &Uri,
        login: Option<&HeaderValue>,
        host: &str,
        port: u16,
    ) -> Result<Box<dyn Line>, String> {
        let secure = proxy.scheme() == Some(&Scheme::HTTPS);
        let name = bare_host(proxy).ok_or("the proxy's URL has no host")?;
        let proxy_port = proxy.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let problem = |error: io::Error| format!("the proxy: {}", words(error));
        let tcp = tcp(name, proxy_port).await.map_err(problem)?;
        let mut line: Box<dyn Line> = if secure {
            let tls = self.proxy_tls.get_or_init(|| {
                let trusted = self.trust.without_identity();
                trusted.map(|config| with_protocols(&config, &[b"http/1.1"]))
            });
            Box::new(handshake(tls.as_ref()?, name, Box::new(tcp)).await.map_err(|e| format!("the proxy: {e}"))?)
        } else {
            Box::new(tcp)
        };
        let authority = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
        let mut ask = format!("CONNECT {authority} HTTP/1.1\r\nhost: {authority}\r\n").into_bytes();
        if let Some(login) = login {
            ask.extend_from_slice(b"proxy-authorization: ");
            ask.extend_from_slice(login.as_bytes());
            ask.extend_from_slice(b"\r\n");
        }
        ask.extend_from_slice(b"\r\n");
        line.write_all(&ask).await.map_err(problem)?;
        line.flush().await.map_err(problem)?;
        // Byte by byte: what follows the answer is the server's.
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(line.read_u8().await.map_err(problem)?);
            if answer.len() > LONGEST_ANSWER {
                return Err("the proxy: its answer has no end".to_owned());
            }
        }
        let status = answer.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
        match status {
            [b'2', _, _] => Ok(line),
            _ => Err(format!("the proxy: it answers {}", String::from_utf8_lossy(status))),
        }
    }
}

fn with_protocols(config: &ClientConfig, protocols: &[&[u8]]) -> TlsConnector {
    let mut config = config.clone();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    TlsConnector::from(Arc::new(config))
}

/// The host as names and addresses are written elsewhere: without the brackets of IPv6.
fn bare_host(uri: &Uri) -> Option<&str> {
    uri.host().map(|host| host.trim_start_matches('[').trim_end_matches(']'))
}

async fn handshake(
    tls: &TlsConnector,
    host: &str,
    line: Box<dyn Line>,
) -> Result<tokio_rustls::client::TlsStream<Box<dyn Line>>, String> {
    let name = ServerName::try_from(host.to_owned()).map_err(|_| "the host is no name for TLS".to_owned())?;
    tls.connect(name, line).await.map_err(words)
}

/// Connects to the first address of a host that answers. The name is asked for anew each time:
/// vendors move.
async fn tcp(host: &str, port: u16) -> io::Result<TcpStream> {
    let addresses: Vec<SocketAddr> = lookup_host((host, port)).await?.collect();
    let tries = (0u32..).zip(addresses).map(|(at, address)| {
        Box::pin(async move {
            sleep(NEXT_ADDRESS * at).await;
            TcpStream::connect(address).await
        })
    });
    let tries: Vec<_> = tries.collect();
    if tries.is_empty() {
        return Err(io::Error::new(io::ErrorKind::NotFound, "the host has no address"));
    }
    let (stream, _) = select_ok(tries).await?;
    // Nagle's algorithm against delayed acknowledgement: 44 ms for each request.
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// An error in words; these name no URL.
fn words(error: io::Error) -> String {
    error.to_string()
}
