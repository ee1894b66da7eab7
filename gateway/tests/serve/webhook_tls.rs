//! Webhooks over TLS: a receiver with a certificate of an authority of its own, that asks for the
//! gateway's. Authorities and keys are made anew for each test.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use omnipush_gateway::config::Webhook;
use omnipush_gateway::webhook::Poster;
use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::command::{Files, host};
use crate::poster::{Posting, telling, until};
use crate::support::{Service, config};

/// An authority.
struct Authority {
    params: CertificateParams,
    key: KeyPair,
    pem: String,
}

impl Authority {
    fn new() -> Self {
        let (key, mut params) = (KeyPair::generate().unwrap(), CertificateParams::default());
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let pem = params.self_signed(&key).unwrap().pem();
        Self { params, key, pem }
    }

    /// A certificate and its key in PEM.
    fn issue(&self, usage: ExtendedKeyUsagePurpose) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["127.0.0.1".into(), "localhost".into()]).unwrap();
        params.extended_key_usages = vec![usage];
        let issuer = Issuer::new(self.params.clone(), &self.key);
        (params.signed_by(&key, &issuer).unwrap().pem(), key.serialize_pem())
    }

    fn client(&self) -> String {
        let (certificate, key) = self.issue(ExtendedKeyUsagePurpose::ClientAuth);
        certificate + &key
    }
}

/// A receiver that answers whoever shows a certificate of the clients' authority.
struct Receiver {
    members: String,
    taken: Arc<AtomicUsize>,
}

impl Receiver {
    async fn start(server: &Authority, clients: &Authority) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(clients.pem.as_bytes()).unwrap()).unwrap();
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
        let (chain, key) = server.issue(ExtendedKeyUsagePurpose::ServerAuth);
        let chain = vec![CertificateDer::from_pem_slice(chain.as_bytes()).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
        let versions = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config =
            versions.with_client_cert_verifier(verifier.build().unwrap()).with_single_cert(chain, key).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let members = format!("url = \"https://{}/events\"\nsdk_app_id = 1\n", listener.local_addr().unwrap());
        let (taken, acceptor) = (Arc::new(AtomicUsize::new(0)), TlsAcceptor::from(Arc::new(config)));
        let this = Self { members, taken: Arc::clone(&taken) };
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(take(connection, acceptor.clone(), Arc::clone(&taken)));
            }
        });
        this
    }

    fn taken(&self) -> usize {
        self.taken.load(Ordering::SeqCst)
    }
}

/// Takes one call, and counts it when it came from a client with a certificate.
async fn take(connection: TcpStream, acceptor: TlsAcceptor, taken: Arc<AtomicUsize>) {
    let Ok(mut stream) = acceptor.accept(connection).await else { return };
    assert!(stream.get_ref().1.peer_certificates().is_some());
    let (mut read, mut part) = (Vec::new(), [0; 4096]);
    while !String::from_utf8_lossy(&read).trim_end().ends_with("]}") {
        match stream.read(&mut part).await {
            Ok(length) if length > 0 => read.extend_from_slice(&part[..length]),
            _ => return,
        }
    }
    assert!(String::from_utf8_lossy(&read).contains("\"PushID\":\"m1\""));
    taken.fetch_add(1, Ordering::SeqCst);
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
    stream.write_all(answer.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_shows_its_certificate_to_a_receiver_of_an_extra_root() {
    let (files, server, clients) = (Files::new(), Authority::new(), Authority::new());
    let receiver = Receiver::start(&server, &clients).await;
    let gateway = telling(&files).await;
    // Beside the configuration. A bundle may have more than the one that is needed.
    files.write("roots.pem", &(Authority::new().pem + &server.pem));
    files.write("client.pem", &clients.client());
    let more = format!("[webhook]\n{}roots = \"roots.pem\"\nidentity = \"client.pem\"\n", receiver.members);
    let vivo = host("vivo").await;
    let _service = Service::start(&config(&files, &[&vivo], &more), &[]);
    until(&gateway, <[_]>::is_empty).await;
    assert!(receiver.taken() >= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_root_or_certificate_events_wait() {
    let (files, server, clients) = (Files::new(), Authority::new(), Authority::new());
    let receiver = Receiver::start(&server, &clients).await;
    let gateway = telling(&files).await;
    let roots = files.write("roots.pem", &server.pem);
    let client = files.write("client.pem", &clients.client());
    let stranger = files.write("stranger.pem", &Authority::new().client());
    let pem = |name: &str, path: &str| format!("{name} = {path:?}\n");
    for (tries, more) in (1..).zip([
        pem("identity", &client),
        pem("roots", &roots),
        pem("roots", &roots) + &pem("identity", &stranger),
        pem("roots", &stranger) + &pem("identity", &client),
    ]) {
        let posting = Posting::start(&gateway, &format!("{}{more}", receiver.members));
        until(&gateway, |events| events[0].tries >= tries).await;
        posting.end().await;
        assert_eq!(receiver.taken(), 0, "{more}");
    }
    let both = pem("roots", &roots) + &pem("identity", &client);
    let posting = Posting::start(&gateway, &format!("{}{both}", receiver.members));
    until(&gateway, <[_]>::is_empty).await;
    posting.end().await;
    assert_eq!(receiver.taken(), 1);
}

#[tokio::test]
async fn files_that_hold_no_certificates_are_named() {
    let files = Files::new();
    let gateway = telling(&files).await;
    let garbage = files.write("garbage.pem", "-----BEGIN CERTIFICATE-----\nnothing\n-----END CERTIFICATE-----\n");
    let certificate = files.write("certificate.pem", &Authority::new().pem);
    let empty = files.write("empty.pem", "");
    let mixed = files.write("mixed.pem", &(Authority::new().pem + &KeyPair::generate().unwrap().serialize_pem()));
    for (name, path) in [
        ("roots", "/nowhere/roots.pem"),
        ("roots", &garbage),
        ("roots", &empty),
        ("identity", "/nowhere/client.pem"),
        ("identity", &garbage),
        // Without its key, and with another one's.
        ("identity", &certificate),
        ("identity", &mixed),
    ] {
        let config = format!("url = \"https://localhost\"\nsdk_app_id = 1\n{name} = {path:?}\n");
        let config: Webhook = toml::from_str(&config).unwrap();
        let error = Poster::new(gateway.clone(), config).unwrap_err();
        assert!(error.starts_with(&format!("{path}: ")), "{error}");
    }
}
