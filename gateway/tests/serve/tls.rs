//! TLS by configuration, with certificates exchanged while the service runs. The keys are made for tests.

use crate::command::{Files, host};
use crate::support::{Service, config};

const ONE: [&str; 2] = [include_str!("tls/one.pem"), include_str!("tls/one.key.pem")];
const TWO: [&str; 2] = [include_str!("tls/two.pem"), include_str!("tls/two.key.pem")];

fn write(files: &Files, [certificate, key]: [&str; 2]) {
    files.write("chain.pem", certificate);
    files.write("key.pem", key);
}

/// Asks as a client that trusts one certificate only.
async fn asks(service: &Service, trusting: [&str; 2]) -> Option<u16> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let root = reqwest::Certificate::from_pem(trusting[0].as_bytes()).unwrap();
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([root]).build().unwrap();
    let answer = client.get(format!("{}/healthz", service.url)).send().await;
    answer.ok().map(|answer| answer.status().as_u16())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_certificate_is_served_without_a_restart() {
    let (files, vivo) = (Files::new(), host("vivo").await);
    write(&files, ONE);
    let tls = "[serve.tls]\ncertificate = \"chain.pem\"\nkey = \"key.pem\"";
    let mut service = Service::start(&config(&files, &[&vivo], tls), &[]);
    assert!(service.url.starts_with("https://"), "{}", service.url);
    assert_eq!((asks(&service, ONE).await, asks(&service, TWO).await), (Some(200), None));

    files.write("chain.pem", "no certificate");
    service.signal("-HUP");
    service.logged("the TLS certificate stays as it was");
    assert_eq!(asks(&service, ONE).await, Some(200));

    write(&files, TWO);
    service.signal("-HUP");
    // The service may have seen the files change by itself as well, so the log has more lines than one.
    while asks(&service, TWO).await.is_none() {
        service.logged("the configuration was read again");
    }
    assert_eq!((asks(&service, ONE).await, asks(&service, TWO).await), (None, Some(200)));
    service.signal("-TERM");
    assert_eq!(service.ended(), Some(0));
}
