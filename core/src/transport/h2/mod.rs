//! HTTP/2 for vendors that take one target a request: what costs most there is the connection's
//! work for each request. The protocol is the crate `h2`'s; this decides what goes where.
//!
//! | File | What |
//! |---|---|
//! | `origin` | the connections to one host, and who waits for a place on them |
//! | `connection` | one connection: its task, its PINGs, the exchange of a request |
//! | `gather` | many small writes become one |
//! | `head` | heads of requests, prepared once |
//! | `dial`, `tls` | TCP, proxies, TLS |

mod connection;
mod dial;
mod gather;
mod head;
mod origin;
#[cfg(test)]
mod tests;
mod tls;

use std::fmt;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use http::Uri;

use self::connection::Failed;
use self::dial::Dialler;
use self::origin::{Nowhere, Origin};
use super::{Lost, Transport, TransportOptions, Wire};
use crate::error::ConfigError;
use crate::named::Named;
use crate::vendor::{Identity, Profile, Reply};

/// How often a request that was certainly not processed goes out at once. After that it is the
/// engine's to decide.
const GOES: usize = 4;

/// Makes the transport for hosts without HTTP/2.
type Fallback = Box<dyn Fn() -> Result<Arc<dyn Transport>, ConfigError> + Send + Sync>;

/// [`Transport`] by HTTP/2 over connections of its own, for vendors that take one target a
/// request.
///
/// - Requests share connections up to the number that the server allows at the moment; more
///   connections are opened when all are full, and each request takes the one with the least under
///   way. A request that waits for a place has not been sent.
/// - A request that a server has certainly not processed (refused, or beyond the last of a GOAWAY)
///   goes again at once. Every other one that loses its connection may have been sent.
/// - Connections that fall silent are probed by PING, and given up without an answer.
/// - `http://` URLs speak HTTP/2 by prior knowledge where the vendor speaks nothing else or
///   [`TransportOptions::prior_knowledge`] says so. Other hosts that do not speak HTTP/2 get
///   HTTP/1.1 by another transport ([`H2Transport::or_else`]).
pub struct H2Transport {
    origins: Named<Origin>,
    dialler: Arc<Dialler>,
    options: Arc<TransportOptions>,
    fallback: Option<Fallback>,
    fallen_back: OnceLock<Result<Arc<dyn Transport>, ConfigError>>,
}

impl H2Transport {
    /// For a vendor: its version of HTTP and its client certificate, if it has one.
    ///
    /// # Errors
    /// When a certificate, key or proxy cannot be used.
    pub fn new(
        profile: &'static Profile,
        identity: Option<&Identity>,
        options: TransportOptions,
    ) -> Result<Self, ConfigError> {
        Ok(Self {
            origins: Named::default(),
            dialler: Arc::new(Dialler::new(profile, identity, &options)?),
            options: Arc::new(options),
            fallback: None,
            fallen_back: OnceLock::new(),
        })
    }

    /// The same with another transport, made when it is first needed, for hosts that do not speak
    /// HTTP/2.
    pub fn or_else(
        mut self,
        make: impl Fn() -> Result<Arc<dyn Transport>, ConfigError> + Send + Sync + 'static,
    ) -> Self {
        self.fallback = Some(Box::new(make));
        self
    }

    /// The origin of a URL.
    fn origin(&self, url: &str) -> Result<Arc<Origin>, Lost> {
        // Mostly it is the one before, which is seen without looking for where its name ends.
        if let Some(origin) = self.origins.last(|name| super::is_under(url, name)) {
            return Ok(origin);
        }
        let name = super::origin(url);
        if let Some(origin) = self.origins.find(name) {
            return Ok(origin);
        }
        let uri: Option<Uri> = name.parse().ok();
        let uri = uri.filter(|uri| matches!(uri.scheme_str(), Some("https" | "http")) && uri.host().is_some());
        let uri = uri.ok_or_else(|| Lost::not_sent("the URL is malformed"))?;
        let new = || Arc::new(Origin::new(uri, name.len(), Arc::clone(&self.dialler), Arc::clone(&self.options)));
        Ok(self.origins.get(name, |origin| origin.is_idle(), new))
    }

    fn fallback(&self) -> Result<&Arc<dyn Transport>, Lost> {
        let Some(make) = &self.fallback else { return Err(Lost::not_sent("the server does not speak HTTP/2")) };
        self.fallen_back.get_or_init(make).as_ref().map_err(|error| Lost::not_sent(error.to_string()))
    }
}

#[async_trait]
impl Transport for H2Transport {
    async fn call(&self, wire: Wire<'_>) -> Result<Reply, Lost> {
        wire.unsent.store(true, Ordering::Relaxed);
        let origin = self.origin(wire.request.url.as_str())?;
        let mut last = String::new();
        for _ in 0..GOES {
            let place = match origin.place().await {
                Ok(place) => place,
                Err(Nowhere::Unreachable(why)) => return Err(Lost::not_sent(&*why)),
                Err(Nowhere::One) => {
                    let other = self.fallback()?;
                    wire.unsent.store(false, Ordering::Relaxed);
                    return other.call(wire).await;
                }
            };
            match place.exchange(&wire).await {
                Ok(reply) => return Ok(reply),
                Err(Failed::Lost(why)) => return Err(Lost::maybe_sent(format!("the exchange broke off: {why}"))),
                Err(Failed::Unsendable(why)) => return Err(Lost::not_sent(why)),
                Err(Failed::Gone(why) | Failed::Refused(why)) => last = why,
            }
            wire.unsent.store(true, Ordering::Relaxed);
        }
        Err(Lost::not_sent(format!("not processed, {GOES} times: {last}")))
    }

    fn retire(&self, origin: &str) {
        if let Some(origin) = self.origins.find(origin) {
            origin.retire();
        }
        if let Some(Ok(other)) = self.fallen_back.get() {
            other.retire(origin);
        }
    }
}

impl fmt::Debug for H2Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("H2Transport")
    }
}
