//! The same requests without omnipush: loops around HTTP clients, as bare as they can be. Bodies,
//! URLs and headers are ready before the first send.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use h2::client::SendRequest;
use http::{HeaderMap, HeaderValue, Method, Uri, header};
use omnipush::Item;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::messages::Message;
use crate::sink::ROOT;
use crate::subject::{Subject, cx, set};

// Not a copy: the very wrapper that core puts around its connections.
#[path = "../../core/src/transport/h2/gather.rs"]
mod gather;

/// Requests that are ready to go.
pub(crate) struct Ready {
    uris: Vec<Bytes>,
    headers: HeaderMap,
    bodies: Vec<Bytes>,
}

impl Ready {
    /// A message to so many targets of a vendor, with an access token as long as the vendor's.
    pub(crate) fn new(subject: &Subject, message: &Message, targets: usize) -> Self {
        let encoded = subject.encode(message, subject.shape());
        let (mut uris, mut bodies, mut headers) = (Vec::new(), Vec::new(), HeaderMap::new());
        for target in &subject.targets(targets) {
            let items = [Item { encoded: &encoded, target }];
            let request = subject.vendor.request(&set(&encoded, &items), &mut cx()).unwrap();
            uris.push(Bytes::copy_from_slice(request.url.as_str().as_bytes()));
            bodies.push(request.body);
            headers = request.shared.iter().chain(&request.headers).cloned().collect();
        }
        let length = if subject.id == "apns" { 183 } else { 968 };
        let token = format!("Bearer {}", "eyJhbGciOiJFUzI1NiIs".chars().cycle().take(length).collect::<String>());
        headers.insert(header::AUTHORIZATION, HeaderValue::from_str(&token).unwrap());
        Self { uris, headers, bodies }
    }

    fn uri(&self, number: usize) -> Uri {
        Uri::from_maybe_shared(self.uris[number % self.uris.len()].clone()).unwrap()
    }

    fn body(&self, number: usize) -> Bytes {
        self.bodies[number % self.bodies.len()].clone()
    }

    fn request(&self, number: usize) -> http::Request<()> {
        let mut request = http::Request::new(());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.uri(number);
        *request.headers_mut() = self.headers.clone();
        request
    }
}

/// Keeps so many sends under way until all are done.
pub(crate) async fn pump<F: Future<Output = ()>>(in_flight: usize, count: usize, send: impl Fn(usize) -> F) {
    let mut under_way: FuturesUnordered<F> = (0..in_flight.min(count)).map(&send).collect();
    let mut next = in_flight;
    while under_way.next().await.is_some() {
        if next < count {
            under_way.push(send(next));
            next += 1;
        }
    }
}

/// A connection of the `h2` crate over TLS.
pub(crate) struct H2(SendRequest<Bytes>);

impl H2 {
    /// Connects; `gathered` puts core's wrapper between the protocol and TLS.
    pub(crate) async fn connect(url: &str, gathered: bool) -> Self {
        let address = url.trim_start_matches("https://");
        let tcp = TcpStream::connect(address).await.unwrap();
        tcp.set_nodelay(true).unwrap();
        let connector = tokio_rustls::TlsConnector::from(Arc::new(tls()));
        let name = ServerName::try_from("127.0.0.1").unwrap();
        let mut line = connector.connect(name, tcp).await.unwrap();
        line.get_mut().1.set_buffer_limit(None);
        if gathered {
            Self::over(gather::Gather::new(line, Arc::new(AtomicU64::new(0)))).await
        } else {
            Self::over(line).await
        }
    }

    async fn over(line: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Self {
        let mut builder = h2::client::Builder::new();
        builder.initial_window_size(1 << 20).initial_connection_window_size(8 << 20).initial_max_send_streams(1000);
        let (send, connection) = builder.enable_push(false).handshake(line).await.unwrap();
        tokio::spawn(async move { drop(connection.await) });
        Self(send)
    }

    /// Sends in a loop.
    pub(crate) async fn send(&self, ready: &Ready, in_flight: usize, count: usize) {
        pump(in_flight, count, |number| {
            let send = self.0.clone();
            async move {
                let mut send = send.ready().await.unwrap();
                let (answer, mut body) = send.send_request(ready.request(number), false).unwrap();
                body.send_data(ready.body(number), true).unwrap();
                let answer = answer.await.unwrap();
                assert!(answer.status().is_success());
                let mut body = answer.into_body();
                while let Some(some) = body.data().await {
                    let length = some.unwrap().len();
                    body.flow_control().release_capacity(length).unwrap();
                }
            }
        })
        .await;
    }
}

/// reqwest as a service would set it up.
pub(crate) fn reqwest() -> reqwest::Client {
    let mut tls = tls();
    tls.alpn_protocols = vec![b"h2".to_vec()];
    reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy().build().unwrap()
}

/// Sends in a loop.
pub(crate) async fn send_by_reqwest(client: &reqwest::Client, ready: &Ready, in_flight: usize, count: usize) {
    pump(in_flight, count, |number| async move {
        let url = std::str::from_utf8(&ready.uris[number % ready.uris.len()]).unwrap();
        let request = client.post(url).headers(ready.headers.clone()).body(ready.body(number));
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success());
        drop(answer.bytes().await.unwrap());
    })
    .await;
}

fn tls() -> rustls::ClientConfig {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ROOT).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    config
}
