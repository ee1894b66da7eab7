//! Carries requests to vendors. [`Transport`] is a trait, so that a service can bring its own
//! HTTP client and a test can be the vendor.

#[cfg(feature = "h2")]
mod h2;
#[cfg(any(feature = "h2", feature = "reqwest"))]
mod options;
#[cfg(feature = "reqwest")]
mod reqwest;

use std::fmt;
#[cfg(any(feature = "h2", feature = "reqwest"))]
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use async_trait::async_trait;

#[cfg(any(feature = "h2", feature = "reqwest"))]
use crate::error::ConfigError;
#[cfg(any(feature = "h2", feature = "reqwest"))]
use crate::vendor::PushVendor;
use crate::vendor::{Reply, Request, Signature};

#[cfg(feature = "h2")]
pub use self::h2::H2Transport;
#[cfg(any(feature = "h2", feature = "reqwest"))]
pub use self::options::TransportOptions;
#[cfg(feature = "reqwest")]
pub use self::reqwest::ReqwestTransport;

/// A signed request on its way out.
pub struct Wire<'a> {
    /// The request.
    pub request: &'a Request,
    /// What signing adds: headers and a body tail.
    pub signature: &'a Signature,
    /// The most bytes of a reply's body that are read; more makes the reply unreadable.
    pub max_reply: usize,
    /// Whether the request has certainly not been sent yet, for the engine to read when it drops
    /// the call. `false` at first; a transport that holds requests back sets it while it does.
    pub unsent: &'a AtomicBool,
}

/// A request without an answer, and whether it may have reached the vendor all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// `false` only where it certainly was not sent.
    pub maybe_sent: bool,
    /// What happened, in words; no URL, no secret.
    pub reason: String,
}

impl Lost {
    /// Certainly not sent.
    pub fn not_sent(reason: impl Into<String>) -> Self {
        Self { maybe_sent: false, reason: reason.into() }
    }

    /// Maybe sent.
    pub fn maybe_sent(reason: impl Into<String>) -> Self {
        Self { maybe_sent: true, reason: reason.into() }
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sent = if self.maybe_sent { "maybe sent" } else { "not sent" };
        write!(f, "{sent}: {}", self.reason)
    }
}

/// Carries requests. It never retries, never follows redirects and sets no limit of time of its
/// own: those are the engine's, which drops the call when its time is up.
#[async_trait]
pub trait Transport: Send + Sync + 'static {
    /// Sends a request and reads its answer, whatever the status.
    ///
    /// # Errors
    /// When there is no answer, with whether the request may have been sent.
    async fn call(&self, wire: Wire<'_>) -> Result<Reply, Lost>;

    /// Takes the connections to an origin (`https://host:port`) out of use: requests under way
    /// may end, new ones get a new connection.
    fn retire(&self, origin: &str);
}

/// Carries nothing: every call ends as not sent. For clients that prepare and plan but never send.
#[derive(Clone, Copy, Debug, Default)]
pub struct Offline;

#[async_trait]
impl Transport for Offline {
    async fn call(&self, _wire: Wire<'_>) -> Result<Reply, Lost> {
        Err(Lost::not_sent("this client has no transport"))
    }

    fn retire(&self, _origin: &str) {}
}

/// The transport that suits a vendor: HTTP/2 of core's own where each request has one target, so
/// that the work for a request is what counts; else reqwest.
///
/// # Errors
/// When the client certificate, a root or the proxy cannot be used, or this build has no
/// transport for the vendor.
#[cfg(any(feature = "h2", feature = "reqwest"))]
pub fn standard(vendor: &dyn PushVendor, options: TransportOptions) -> Result<Arc<dyn Transport>, ConfigError> {
    let (profile, identity) = (vendor.profile(), vendor.identity());
    #[cfg(feature = "h2")]
    if profile.batch() == 1 {
        let transport = H2Transport::new(profile, identity.as_ref(), options.clone())?;
        #[cfg(feature = "reqwest")]
        let transport = transport.or_else(move || {
            let other = ReqwestTransport::new(profile, identity.as_ref(), options.clone())?;
            Ok(Arc::new(other))
        });
        return Ok(Arc::new(transport));
    }
    #[cfg(feature = "reqwest")]
    return Ok(Arc::new(ReqwestTransport::new(profile, identity.as_ref(), options)?));
    #[cfg(not(feature = "reqwest"))]
    Err(ConfigError::new(profile.id, "transport", "needs the feature `reqwest`, or one of your own"))
}

/// `scheme://host[:port]` of a URL.
pub(crate) fn origin(url: &str) -> &str {
    // By bytes, which is quicker: it is asked for with every request.
    let bytes = url.as_bytes();
    let Some(scheme) = bytes.iter().position(|b| *b == b':').filter(|at| bytes.get(*at..*at + 3) == Some(b"://"))
    else {
        return url;
    };
    let host = bytes.iter().skip(scheme + 3).position(|b| matches!(b, b'/' | b'?' | b'#'));
    host.and_then(|host| url.get(..scheme + 3 + host)).unwrap_or(url)
}

/// Whether a URL is one of an origin.
#[cfg(feature = "h2")]
fn is_under(url: &str, origin: &str) -> bool {
    url.strip_prefix(origin).is_some_and(|rest| matches!(rest.as_bytes().first(), None | Some(b'/' | b'?' | b'#')))
}

#[cfg(test)]
mod tests {
    #[test]
    fn origins() {
        for (url, origin) in [
            ("https://a.example/x?y", "https://a.example"),
            ("https://a.example:8443", "https://a.example:8443"),
            ("http://127.0.0.1:1/3/device/x", "http://127.0.0.1:1"),
            ("nonsense", "nonsense"),
        ] {
            assert_eq!(super::origin(url), origin);
        }
    }

    #[cfg(feature = "h2")]
    #[test]
    fn urls_are_under_their_own_origin_only() {
        for (url, under) in [
            ("https://a.example", true),
            ("https://a.example/x", true),
            ("https://a.example?x", true),
            ("https://a.example.org/x", false),
            ("https://a.example:8443/x", false),
            ("https://a.exam", false),
        ] {
            assert_eq!(super::is_under(url, "https://a.example"), under, "{url}");
        }
    }
}
