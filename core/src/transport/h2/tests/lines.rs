//! Lines: TLS, client certificates, proxies, and hosts without HTTP/2.

use async_trait::async_trait;
use bytes::Bytes;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::secret::Secret;
use crate::transport::Transport;
use crate::vendor::Identity;

const ROOT: &[u8] = include_bytes!("../keys/root.pem");
const SERVER: &[u8] = include_bytes!("../keys/server.pem");
const CLIENT: &str = include_str!("../keys/client.pem");

fn roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ROOT).unwrap()).unwrap();
    roots
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// A server behind TLS that offers these protocols; it may demand a certificate.
fn acceptor(protocols: &[&str], demands: bool) -> TlsAcceptor {
    let builder = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions().unwrap();
    let verifier = WebPkiClientVerifier::builder_with_provider(roots().into(), provider()).build().unwrap();
    let builder = if demands { builder.with_client_cert_verifier(verifier) } else { builder.with_no_client_auth() };
    let chain = vec![CertificateDer::from_pem_slice(SERVER).unwrap()];
    let mut config = builder.with_single_cert(chain, PrivateKeyDer::from_pem_slice(SERVER).unwrap()).unwrap();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    TlsAcceptor::from(Arc::new(config))
}

/// Serves behind TLS; gives its URL.
async fn secure(protocols: &'static [&'static str], demands: bool) -> String {
    let (listener, url) = listen().await;
    tokio::spawn(async move {
        let acceptor = acceptor(protocols, demands);
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(stream) = acceptor.accept(stream).await {
                tokio::spawn(async move { Raw::begin(stream, 100).await.serve().await });
            }
        }
    });
    url.replace("http://127.0.0.1", "https://localhost")
}

fn trusting() -> TransportOptions {
    TransportOptions { roots: vec![Bytes::from_static(ROOT)], ..options() }
}

#[tokio::test]
async fn a_root_of_ones_own_is_trusted_and_nothing_else() {
    let url = secure(&["h2"], false).await;
    let transport = transport(trusting());
    assert_eq!(call(&transport, &url, b"{}").await.unwrap().status, 200);
    let elsewhere = url.replace("localhost", "127.0.0.1");
    assert_eq!(call(&transport, &elsewhere, b"{}").await.unwrap().status, 200);
    let untrusting = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    let own = TransportOptions { tls: Some(Arc::new(untrusting)), ..trusting() };
    let lost = call(&super::transport(own), &url, b"{}").await.unwrap_err();
    assert!(!lost.maybe_sent && lost.reason.contains("certificate"), "{lost}");
}

#[tokio::test]
async fn a_tls_configuration_of_ones_own_is_used() {
    let url = secure(&["h2"], false).await;
    let own = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots())
        .with_no_client_auth();
    let transport = transport(TransportOptions { tls: Some(Arc::new(own)), ..options() });
    assert_eq!(call(&transport, &url, b"{}").await.unwrap().status, 200);
}

#[tokio::test]
async fn a_server_that_demands_a_certificate_gets_the_vendors() {
    let url = secure(&["h2"], true).await;
    let identity = Identity { pem: Secret::new(CLIENT) };
    let shown = H2Transport::new(&TWO, Some(&identity), trusting()).unwrap();
    assert_eq!(call(&shown, &url, b"{}").await.unwrap().status, 200);
    assert!(call(&transport(trusting()), &url, b"{}").await.is_err());
}

#[test]
fn what_cannot_be_used_is_known_at_once() {
    let key = |options, identity: Option<&str>| {
        let identity = identity.map(|pem| Identity { pem: Secret::new(pem) });
        H2Transport::new(&TWO, identity.as_ref(), options).unwrap_err().key
    };
    assert_eq!(key(TransportOptions { roots: vec!["no PEM".into()], ..options() }, None), "roots");
    assert_eq!(key(TransportOptions { proxy: Some("socks4://x".into()), ..options() }, None), "proxy");
    assert_eq!(key(options(), Some("no PEM")), "certificate");
    let server = String::from_utf8_lossy(SERVER);
    let (certificate, _) = server.split_once("-----BEGIN PRIVATE").unwrap();
    let (_, other_key) = CLIENT.split_once("-----END CERTIFICATE-----").unwrap();
    assert_eq!(key(options(), Some(&format!("{certificate}{other_key}"))), "certificate");
}

/// Says that it was called.
struct Other;

#[async_trait]
impl Transport for Other {
    async fn call(&self, _: Wire<'_>) -> Result<Reply, Lost> {
        Ok(Reply::new(299, ""))
    }

    fn retire(&self, _: &str) {}
}

#[tokio::test]
async fn hosts_without_http_2_get_the_other_transport() {
    let any = H2Transport::new(&ANY, None, trusting()).unwrap().or_else(|| Ok(Arc::new(Other)));
    let two = secure(&["h2", "http/1.1"], false).await;
    assert_eq!(call(&any, &two, b"{}").await.unwrap().status, 200);
    for protocols in [&["http/1.1"] as &[&str], &[]] {
        let one = secure(if protocols.is_empty() { &[] } else { &["http/1.1"] }, false).await;
        assert_eq!(call(&any, &one, b"{}").await.unwrap().status, 299);
    }
    // In clear text nothing tells.
    assert_eq!(call(&any, "http://127.0.0.1:9", b"{}").await.unwrap().status, 299);
    let alone = H2Transport::new(&ANY, None, trusting()).unwrap();
    let lost = call(&alone, "http://127.0.0.1:9", b"{}").await.unwrap_err();
    assert_eq!(lost, Lost::not_sent("the server does not speak HTTP/2"));
}

/// A proxy that tunnels to a server if its client logs in as `user:pass`.
async fn proxy(server: String) -> (String, JoinHandle<Vec<String>>) {
    let (listener, url) = listen().await;
    let heard = tokio::spawn(async move {
        let mut heard = Vec::new();
        while let Ok(Ok((mut stream, _))) = timeout(WHILE * 5, listener.accept()).await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            let head = String::from_utf8(head).unwrap();
            let known = head.contains("proxy-authorization: Basic dXNlcjpwYXNz\r\n");
            heard.push(head);
            if !known {
                stream.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").await.unwrap();
                continue;
            }
            let mut server = TcpStream::connect(&server).await.unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\nvia: test\r\n\r\n").await.unwrap();
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut stream, &mut server).await });
        }
        heard
    });
    (url, heard)
}

#[tokio::test]
async fn a_proxy_makes_a_tunnel() {
    let url = secure(&["h2"], false).await;
    let server = url.replace("https://localhost", "127.0.0.1");
    let (proxy, heard) = proxy(server).await;
    let through = |login: &str| {
        let proxy = proxy.replace("http://", &format!("http://{login}"));
        super::transport(TransportOptions { proxy: Some(proxy), ..trusting() })
    };
    // The name is the proxy's to look up.
    assert_eq!(call(&through("user:pass@"), &url, b"{}").await.unwrap().status, 200);
    let lost = call(&through(""), &url, b"{}").await.unwrap_err();
    assert_eq!(lost, Lost::not_sent("cannot connect: the proxy: it answers 407"));
    let port = url.rsplit(':').next().unwrap();
    let heard = heard.await.unwrap();
    assert_eq!(heard.len(), 2);
    assert!(heard[0].starts_with(&format!("CONNECT localhost:{port} HTTP/1.1\r\nhost: localhost:{port}\r\n")));
}
