//! The emulator, as senders meet it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test, and so are its helpers")]

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::Version;
use omnipush::{Client, Http, Notification, Profile, ReqwestTransport, Target, TransportOptions, VENDORS};
use omnipush_conformance::emulator::{Authority, Emulator, Event, Options, StartError};
use omnipush_conformance::{Fake, TargetState, fakes};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

type Heard = Arc<Mutex<Vec<Event>>>;

fn start(fakes: Vec<Arc<dyn Fake>>, tls: Option<Authority>) -> (Emulator, Heard) {
    let heard = Heard::default();
    let report = {
        let heard = Arc::clone(&heard);
        Arc::new(move |event: &Event| heard.lock().unwrap().push(event.clone()))
    };
    let emulator = Emulator::start(fakes, Options { tls, report, ..Options::default() }).unwrap();
    (emulator, heard)
}

fn all() -> Vec<Arc<dyn Fake>> {
    VENDORS.iter().map(|(id, _)| fakes::by_id(id).unwrap()).collect()
}

/// Sends to a living and to a dead device of every vendor, with a client of our own.
async fn send_to_all(emulator: &Emulator, http: Option<Http>, root: Option<Bytes>) {
    for stand in emulator.stands() {
        let fake = stand.fake();
        let vendor = omnipush::build(&fake.config(stand.url())).unwrap();
        let profile = vendor.profile().clone();
        let http = http.unwrap_or(profile.http);
        let mut options = TransportOptions::default();
        options.direct = true;
        options.roots.extend(root.clone());
        let profile = Box::leak(Box::new(Profile { http, ..profile }));
        let transport = ReqwestTransport::new(profile, None, options).unwrap();
        let client = Client::builder(vendor, Arc::new(transport)).build();
        let (alive, dead) = (Target::from(fake.target(0)), Target::from(fake.target(1)));
        fake.world().set_target(dead.as_str(), TargetState::Dead);
        let report = client.send(&Notification::new("你好", "Hello"), vec![alive, dead.clone()]).await.unwrap();
        assert_eq!(report.accepted(), 1, "{}: {:?}", fake.vendor(), report.verdicts);
        assert_eq!(report.dead_targets().collect::<Vec<_>>(), [&dead], "{}: {:?}", fake.vendor(), report.verdicts);
        assert_eq!(fake.world().delivered().len(), 1, "{}", fake.vendor());
    }
}

/// Every request of a vendor came in this version of HTTP.
fn assert_version(heard: &Heard, version: Version) {
    let heard = heard.lock().unwrap();
    for (id, _) in VENDORS {
        let of_vendor: Vec<_> = heard.iter().filter(|event| event.vendor == *id).collect();
        assert!(!of_vendor.is_empty(), "{id} was not asked");
        assert!(of_vendor.iter().all(|event| event.request.as_ref().unwrap().version == version), "{of_vendor:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fake_speaks_http_1_in_clear_text() {
    let (emulator, heard) = start(all(), None);
    send_to_all(&emulator, Some(Http::Any), None).await;
    assert_version(&heard, Version::HTTP_11);
    emulator.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fake_speaks_http_2_by_prior_knowledge() {
    let (emulator, heard) = start(all(), None);
    send_to_all(&emulator, Some(Http::Two), None).await;
    assert_version(&heard, Version::HTTP_2);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fake_speaks_http_2_over_tls_by_alpn() {
    let authority = Authority::new().unwrap();
    let root = Bytes::from(authority.certificate().to_owned());
    // One that was kept signs for those who trusted it before.
    let again = Authority::from_pem(authority.certificate(), &authority.key()).unwrap();
    let (emulator, heard) = start(all(), Some(again));
    send_to_all(&emulator, None, Some(root)).await;
    assert_version(&heard, Version::HTTP_2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_nobody_trusts_is_reported() {
    let (emulator, heard) = start(vec![fakes::by_id("vivo").unwrap()], Some(Authority::new().unwrap()));
    let stand = &emulator.stands()[0];
    let vendor = omnipush::build(&stand.fake().config(stand.url())).unwrap();
    let mut options = TransportOptions::default();
    options.direct = true;
    let transport = ReqwestTransport::new(vendor.profile(), None, options).unwrap();
    let client = Client::builder(vendor, Arc::new(transport)).build();
    let report = client.send(&Notification::new("t", "b"), Target::from(stand.fake().target(0))).await.unwrap();
    assert_eq!(report.accepted(), 0);
    let heard = heard.lock().unwrap();
    assert!(heard[0].request.is_none() && heard[0].refused.as_ref().unwrap().contains("no TLS"), "{heard:?}");
}

/// What a server answers to bytes on a new connection.
async fn say(url: &str, bytes: &[u8]) -> String {
    let address = url.split("//").nth(1).unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    // Unread bytes of ours may reset the connection behind the answer.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_says_why() {
    let (emulator, heard) = start(vec![fakes::by_id("vivo").unwrap()], None);
    let url = emulator.stands()[0].url();
    let body = r#"{"regId":"1"}"#;
    let head = "POST /message/send HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json";
    let answer = say(url, format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let answer = say(url, format!("{head}\r\ncontent-length: {}\r\n\r\n", 17 << 20).as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    say(url, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 is TLS").await;
    let heard = heard.lock().unwrap();
    let why: Vec<&str> = heard.iter().map(|event| event.refused.as_deref().unwrap()).collect();
    assert!(why[0].contains("authToken"), "{why:?}");
    assert!(why[1].contains("more than"), "{why:?}");
    assert!(why[2].contains("no HTTP") && heard[2].request.is_none(), "{why:?}");
}

/// As Google's SDK for Node does.
#[tokio::test(flavor = "multi_thread")]
async fn a_scheme_with_a_colon_is_taken() {
    let (emulator, heard) = start(vec![fakes::by_id("fcm").unwrap()], None);
    let scheme = [0x47, 0x85, 0x9d, 0x29, 0xad, 0x17, 0x3f];
    let block = [&[0x83], &scheme[..], b"\x44\x06/token\x41\x01x"].concat();
    let head = [0, 0, block.len() as u8, 1, 5, 0, 0, 0, 1];
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    let mut stream = TcpStream::connect(emulator.stands()[0].url().split("//").nth(1).unwrap()).await.unwrap();
    stream.write_all(&[&preface[..], &head, &block].concat()).await.unwrap();
    // Of what the server says, the frame of headers on the stream: an answer, and no reset.
    let mut kind = 0;
    while ![1, 3, 7].contains(&kind) {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await.unwrap();
        let mut body = vec![0; usize::from(head[1]) << 8 | usize::from(head[2])];
        stream.read_exact(&mut body).await.unwrap();
        kind = head[3];
    }
    assert_eq!(kind, 1);
    let heard = heard.lock().unwrap();
    let request = heard[0].request.as_ref().unwrap();
    assert_eq!((request.path.as_str(), request.version), ("/token", Version::HTTP_2), "{heard:?}");
}

#[tokio::test]
async fn ports_follow_one_another() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let listen = taken.local_addr().unwrap();
    let two = || all().into_iter().take(2).collect::<Vec<_>>();
    match Emulator::start(two(), Options { listen, ..Options::default() }) {
        Err(StartError::Listen { vendor: "fcm", address, .. }) => assert_eq!(address, listen),
        other => panic!("{:?}", other.err()),
    }
    let last = Options { listen: ([127, 0, 0, 1], 65535).into(), ..Options::default() };
    assert!(matches!(Emulator::start(two(), last), Err(StartError::Ports { first: 65535, fakes: 2 })));

    // Two ports that were free a moment ago.
    let running = (20_000..60_000).step_by(7).find_map(|port| {
        Emulator::start(two(), Options { listen: ([127, 0, 0, 1], port).into(), ..Options::default() }).ok()
    });
    let running = running.unwrap();
    let ports: Vec<u16> =
        running.stands().iter().map(|stand| stand.url().rsplit(':').next().unwrap().parse().unwrap()).collect();
    assert_eq!(ports[1], ports[0] + 1);
}
