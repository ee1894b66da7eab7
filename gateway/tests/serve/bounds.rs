//! Slow and idle clients leave room for the others; a database is one process's.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use tokio::time::Instant;

use crate::command::{Files, host, run};
use crate::support::{PATIENCE, Service, config, get};

fn connect(service: &Service) -> TcpStream {
    let stream = TcpStream::connect(service.url.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// What comes until the service hangs up.
fn rest(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    // A reset is an end too.
    let _ = stream.read_to_end(&mut all);
    String::from_utf8_lossy(&all).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_say_what_it_wants_is_hung_up_on() {
    let (files, vivo) = (Files::new(), host("vivo").await);
    let service = Service::start(&config(&files, &[&vivo], "header_seconds = 1"), &[]);
    let said: [&[u8]; 4] = [
        b"",                                         // nothing at all
        b"PRI * HTTP",                               // half of what begins HTTP/2
        b"GET /healthz HTTP/1.1\r\nhost: x\r\n",     // half a head
        b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n", // a whole one, and then nothing more
    ];
    for said in said {
        let began = Instant::now();
        let mut stream = connect(&service);
        stream.write_all(said).unwrap();
        let answer = rest(&mut stream);
        let waited = began.elapsed();
        assert_eq!(answer.starts_with("HTTP/1.1 200"), said.ends_with(b"\r\n\r\n"), "{said:?}: {answer}");
        assert!(waited >= Duration::from_millis(900) && waited < PATIENCE, "{said:?}: {waited:?}");
    }
    // Nor does a byte now and then help.
    let (mut stream, began) = (connect(&service), Instant::now());
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nx: ").unwrap();
    while stream.write_all(b"x").is_ok() {
        assert!(began.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_body_does_not_come_is_ended() {
    let (files, vivo) = (Files::new(), host("vivo").await);
    let service = Service::start(&config(&files, &[&vivo], "call_seconds = 1"), &[]);
    let mut stream = connect(&service);
    // A receipt is read before anybody is asked who it is from.
    stream.write_all(b"POST /receipts/1/x HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nabc").unwrap();
    let answer = rest(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_are_counted_and_more_wait() {
    let (files, vivo) = (Files::new(), host("vivo").await);
    let service = Service::start(&config(&files, &[&vivo], "connections = 2\nheader_seconds = 2"), &[]);
    let began = Instant::now();
    let _idle = [connect(&service), connect(&service)];
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(get(&format!("{}/healthz", service.url)).await.0, 200);
    let waited = began.elapsed();
    assert!(waited >= Duration::from_millis(1800), "it did not wait for the idle ones: {waited:?}");
    // With room it does not wait.
    let began = Instant::now();
    assert_eq!(get(&format!("{}/healthz", service.url)).await.0, 200);
    assert!(began.elapsed() < Duration::from_millis(1500), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_is_served_by_one_process() {
    let (files, vivo) = (Files::new(), host("vivo").await);
    let path = config(&files, &[&vivo], "");
    let service = Service::start(&path, &[]);
    run(&["serve", "--config", &path]).refused(&["omnipush.db: another process serves this database already"]);
    assert_eq!(service.get("/readyz").await.0, 200);
    // It ends as it may, and the next one starts.
    service.signal("-KILL");
    assert_eq!(service.ended(), None);
    let again = Service::start(&path, &[]);
    assert_eq!(again.get("/readyz").await.0, 200);
}
