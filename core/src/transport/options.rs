//! How the transports of core connect.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

/// How the transports of core connect. What says HTTP/2 is of effect only where [`H2Transport`]
/// carries the requests.
///
/// [`H2Transport`]: super::H2Transport
#[derive(Clone)]
#[non_exhaustive]
pub struct TransportOptions {
    /// Further root certificates to trust, as PEM. The platform's are trusted as well.
    pub roots: Vec<Bytes>,
    /// TLS in one's own way: trust, client certificate and cryptography are then this
    /// configuration's, and `roots` and the vendor's certificate are without effect. Protocols
    /// (ALPN) are set by the transport. Absent: rustls with ring and the platform's roots.
    pub tls: Option<Arc<rustls::ClientConfig>>,
    /// A proxy, `http://…` or `https://…`. Absent: the environment's, if any.
    pub proxy: Option<String>,
    /// Connect directly, whatever the environment says of proxies: for servers on this machine.
    pub direct: bool,
    /// How long connecting may take. Default 5 s.
    pub connect_timeout: Option<Duration>,
    /// HTTP/2: connections to one origin at most, 1 or more. A further one is opened when all
    /// others are full. Default 8.
    pub connections: usize,
    /// HTTP/2: requests under way on one connection at most, 1 or more; fewer where the server
    /// allows fewer. Default 256.
    pub streams: usize,
    /// HTTP/2: the age at which a connection takes no new requests, so that a server that moves
    /// is followed. Default: none; Apple asks to keep connections for hours or days.
    pub max_age: Option<Duration>,
    /// HTTP/2: how long nothing may be heard on a connection with requests under way before it
    /// is probed with a PING. Default 5 s.
    pub ping_busy: Duration,
    /// HTTP/2: the same for a connection without requests. Default 60 s; Apple's documentation
    /// speaks of an hour, and its servers take one every 15 s.
    pub ping_idle: Duration,
    /// HTTP/2: how long a PING may be unanswered before the connection counts as dead. Default
    /// 5 s.
    pub ping_timeout: Duration,
    /// HTTP/2: how long a connection is kept without requests. Default 1 h.
    pub keep_idle: Duration,
    /// HTTP/2 in clear text (`http://…`) also where the vendor speaks other versions as well: for
    /// servers that are known to speak it. Default: no.
    pub prior_knowledge: bool,
}

impl Default for TransportOptions {
    fn default() -> Self {
        Self {
            roots: Vec::new(),
            tls: None,
            proxy: None,
            direct: false,
            connect_timeout: None,
            connections: 8,
            streams: 256,
            max_age: None,
            ping_busy: Duration::from_secs(5),
            ping_idle: Duration::from_secs(60),
            ping_timeout: Duration::from_secs(5),
            keep_idle: Duration::from_secs(3600),
            prior_knowledge: false,
        }
    }
}

impl TransportOptions {
    /// How long connecting may take.
    pub(super) fn connect_timeout(&self) -> Duration {
        self.connect_timeout.unwrap_or(Duration::from_secs(5))
    }
}

impl fmt::Debug for TransportOptions {
    // A proxy's URL may hold a password, a TLS configuration a private key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportOptions")
            .field("roots", &self.roots.len())
            .field("tls", &self.tls.is_some())
            .field("proxy", &self.proxy.is_some())
            .field("direct", &self.direct)
            .finish_non_exhaustive()
    }
}
