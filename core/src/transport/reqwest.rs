//! The transport of vendors that take lists, and of hosts without HTTP/2: reqwest over rustls.

use std::sync::{PoisonError, RwLock};

use async_trait::async_trait;
use bytes::BytesMut;

use super::{Lost, Transport, TransportOptions, Wire};
use crate::error::ConfigError;
use crate::vendor::{Http, Identity, Profile, Reply};

/// [`Transport`] by reqwest.
pub struct ReqwestTransport {
    // Replaced as a whole to retire connections; requests under way keep the old one.
    client: RwLock<reqwest::Client>,
    build: Box<dyn Fn() -> Result<reqwest::Client, reqwest::Error> + Send + Sync>,
}

impl ReqwestTransport {
    /// For a vendor: its version of HTTP and its client certificate, if it has one.
    ///
    /// # Errors
    /// When a certificate, key or proxy cannot be used.
    pub fn new(
        profile: &'static Profile,
        identity: Option<&Identity>,
        options: TransportOptions,
    ) -> Result<Self, ConfigError> {
        let config = |key: &str, problem: String| ConfigError::new(profile.id, key, problem);
        let identity = identity
            .map(|identity| reqwest::Identity::from_pem(identity.pem.expose().as_bytes()))
            .transpose()
            .map_err(|_| config("certificate", "is no PEM with a certificate and its private key".into()))?;
        let roots = options
            .roots
            .iter()
            .map(|pem| reqwest::Certificate::from_pem(pem))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| config("roots", "holds something that is no PEM certificate".into()))?;
        let connect_timeout = options.connect_timeout();
        let proxy = options
            .proxy
            .map(reqwest::Proxy::all)
            .transpose()
            .map_err(|_| config("proxy", "is no proxy URL such as http://proxy.example:3128".into()))?;
        let direct = options.direct;
        let tls = options.tls.map(|tls| {
            let mut tls = rustls::ClientConfig::clone(&tls);
            let protocols: &[&[u8]] = if profile.http == Http::Two { &[b"h2"] } else { &[b"h2", b"http/1.1"] };
            tls.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
            tls
        });
        let build = move || {
            // A process may have chosen another provider already; that one serves as well.
            let _ = rustls::crypto::ring::default_provider().install_default();
            let mut builder = reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .connect_timeout(connect_timeout)
                .tcp_nodelay(true);
            if profile.http == Http::Two {
                builder = builder.http2_prior_knowledge();
            }
            if let Some(tls) = &tls {
                builder = builder.tls_backend_preconfigured(tls.clone());
            } else {
                for root in &roots {
                    builder = builder.add_root_certificate(root.clone());
                }
                if let Some(identity) = &identity {
                    builder = builder.identity(identity.clone());
                }
            }
            if direct {
                builder = builder.no_proxy();
            }
            if let Some(proxy) = &proxy {
                builder = builder.proxy(proxy.clone());
            }
            builder.build()
        };
        let client = build().map_err(|e| config("transport", format!("cannot be built: {}", words(&e))))?;
        Ok(Self { client: RwLock::new(client), build: Box::new(build) })
    }

    fn client(&self) -> reqwest::Client {
        self.client.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl std::fmt::Debug for ReqwestTransport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReqwestTransport")
    }
}

#[async_trait]
impl Transport for ReqwestTransport {
    async fn call(&self, wire: Wire<'_>) -> Result<Reply, Lost> {
        let Wire { request, signature, max_reply, .. } = wire;
        let mut builder = self.client().request(request.method.clone(), request.url.as_str());
        for (name, value) in request.all_headers().chain(&signature.headers) {
            builder = builder.header(name, value);
        }
        let body = if signature.body_tail.is_empty() {
            request.body.clone()
        } else {
            [request.body.as_ref(), signature.body_tail.as_ref()].concat().into()
        };
        let mut answer = builder.body(body).send().await.map_err(|e| lost(&e))?;
        let (status, headers) = (answer.status().as_u16(), std::mem::take(answer.headers_mut()));
        let mut body = BytesMut::new();
        // An answer that breaks off is an answer all the same: its status stands.
        while let Ok(Some(chunk)) = answer.chunk().await {
            body.extend_from_slice(&chunk);
            if body.len() > max_reply {
                body.clear();
                break;
            }
        }
        Ok(Reply { status, headers, body: body.freeze(), retry_after: None })
    }

    fn retire(&self, _origin: &str) {
        // One vendor has one origin for sending, so the whole pool is the origin's.
        if let Ok(fresh) = (self.build)() {
            *self.client.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        }
    }
}

fn lost(error: &reqwest::Error) -> Lost {
    Lost { maybe_sent: !(error.is_connect() || error.is_builder()), reason: words(error) }
}

/// The error and its causes without the URL, which holds tokens.
fn words(error: &reqwest::Error) -> String {
    let kind = if error.is_timeout() {
        "timed out"
    } else if error.is_connect() {
        "cannot connect"
    } else {
        "the exchange broke off"
    };
    let mut cause = std::error::Error::source(error);
    let mut text = kind.to_owned();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
