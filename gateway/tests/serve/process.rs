//! Start, readiness, metrics, reload, and an end that loses nothing.

use std::io::Write as _;
use std::time::Duration;

use omnipush_conformance::{Purpose, Trouble};
use omnipush_gateway::store::DeliveryState;
use tokio::time::Instant;

use crate::command::{Files, host, run};
use crate::support::{Service, config, delivery, get, hello, idle, store, user};

#[tokio::test(flavor = "multi_thread")]
async fn the_example_starts_and_answers() {
    let example = include_str!("../../example.toml").replace("127.0.0.1:8080", "127.0.0.1:0");
    let files = Files::new();
    let mut service = Service::start(&files.write("example.toml", &example), &["--fakes"]);
    assert_eq!((service.log.len(), &service.log[0]["certificates"]), (1, &6.into()));
    assert_eq!(service.get("/healthz").await, (200, "ok\n".into()));
    assert_eq!(service.get("/readyz").await, (200, "ready\n".into()));
    let (status, text) = service.get("/metrics").await;
    assert_eq!(status, 200);
    for line in [
        "omnipush_outbox_parcels{state=\"waiting\"} 0",
        "omnipush_http_requests_total{route=\"/readyz\",status=\"200\"} 1",
        "omnipush_verdicts_total{vendor=\"xiaomi\",outcome=\"accepted\"} 0",
    ] {
        assert!(text.contains(line), "no {line} in {text}");
    }
    assert_eq!(service.get("/nowhere").await.0, 404);
    // The original's calls are there, and want a signature.
    let (status, text) = service.get("/v4/openim/sendmsg?sdkappid=1400000000&identifier=administrator").await;
    assert!(status == 200 && text.contains("\"ActionStatus\":\"FAIL\""), "{status} {text}");
    service.signal("-TERM");
    service.logged("stopped");
    assert_eq!(service.ended(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waited_is_sent_after_a_start() {
    let (files, vivo) = (Files::new(), host("vivo").await);
    let gateway = idle(&files, &[&vivo]).await;
    user(&gateway, "bo", 1, &vivo.fake().target(0)).await;
    hello(&gateway, "m1").await;
    let service = Service::start(&config(&files, &[&vivo], ""), &[]);
    let done = delivery(gateway.store(), "m1", |found| found.state != DeliveryState::Queued).await;
    assert_eq!((done.state, vivo.world().delivered().len()), (DeliveryState::Accepted, 1));
    service.signal("-INT");
    assert_eq!(service.ended(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_under_way_is_settled_before_the_end() {
    let (files, vivo) = (Files::new(), host("vivo").await);
    let gateway = idle(&files, &[&vivo]).await;
    user(&gateway, "bo", 1, &vivo.fake().target(0)).await;
    hello(&gateway, "m1").await;
    vivo.world().always(Purpose::Send, Trouble::Slow(Duration::from_secs(2)));
    let mut service = Service::start(&config(&files, &[&vivo], "drain_seconds = 8"), &[]);
    let began = Instant::now();
    while vivo.world().count(Purpose::Send) == 0 {
        assert!(began.elapsed() < Duration::from_secs(30));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // A client that never ends its call takes its half of the time, and no more.
    let mut hanging = std::net::TcpStream::connect(service.url.trim_start_matches("http://")).unwrap();
    hanging.write_all(b"POST /v4/x HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n").unwrap();
    service.signal("-TERM");
    service.logged("stopped");
    assert!(service.log.iter().all(|line| line["level"] == "INFO"), "{:?}", service.log);
    assert_eq!(service.ended(), Some(0));
    let store = store(&files).await;
    assert_eq!(store.outbox_depth().await.unwrap(), (0, 0));
    assert_eq!(delivery(&store, "m1", |_| true).await.state, DeliveryState::Accepted);
    assert_eq!(vivo.world().delivered().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_file_is_read_again_and_a_wrong_one_changes_nothing() {
    let (files, vivo, meizu) = (Files::new(), host("vivo").await, host("meizu").await);
    let mut service = Service::start(&config(&files, &[&vivo], ""), &[]);
    // By itself, as the file changes.
    config(&files, &[&vivo, &meizu], "");
    let line = service.logged("the configuration was read again");
    assert_eq!((&line["added"], &line["changed"], &line["removed"]), (&"[2]".into(), &"[]".into(), &"[]".into()));

    config(&files, &[&vivo, &meizu], "keep_day = 1");
    service.signal("-HUP");
    let line = service.logged("the configuration stays as it was");
    assert!(line["error"].as_str().unwrap().contains("gateway.toml:3: `serve.keep_day` unknown"), "{line}");
    assert_eq!(service.get("/readyz").await.0, 200);

    config(&files, &[&meizu], "keep_days = 3");
    service.signal("-HUP");
    let line = service.logged("the configuration was read again");
    assert_eq!(line["removed"], "[2]");
    assert_eq!(service.logged("a change of this table takes a restart")["table"], "serve");
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_can_listen_apart() {
    let (files, vivo) = (Files::new(), host("vivo").await);
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let service = Service::start(&config(&files, &[&vivo], &format!("operations = \"{free}\"")), &[]);
    assert_eq!(service.get("/metrics").await.0, 404);
    assert_eq!(get(&format!("http://{free}/metrics")).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_everybody_can_read_are_warned_of_where_vendors_are_reached() {
    let example = include_str!("../../example.toml").replace("127.0.0.1:8080", "127.0.0.1:0");
    let files = Files::new();
    let service = Service::start(&files.write("example.toml", &example), &[]);
    let warned: Vec<_> = service.log.iter().filter(|line| line["level"] == "WARN").map(|line| &line["entry"]).collect();
    assert_eq!(warned, ["app 1400000000", "key im-backend"]);
}

#[test]
fn a_wrong_configuration_is_refused_with_its_line() {
    let files = Files::new();
    let path =
        files.write("gateway.toml", "[serve]\nlisten = '127.0.0.1:0'\n\n[[certificate]]\nid = 1\nvendor = 'vivo'\n");
    for more in [&[][..], &["--check"]] {
        run(&[&["serve", "--config", path.as_str()], more].concat()).refused(&["gateway.toml:4: ", "app_id"]);
    }
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/example.toml");
    let ran = run(&["serve", "--config", example, "--check"]);
    assert!(ran.status == 0 && ran.stdout.ends_with("all is well, 6 certificates\n"), "{ran:?}");
}

#[test]
fn a_user_signature_is_printed_for_whom_it_is_asked() {
    use omnipush_gateway::http::usersig::{InvalidUserSig, UserSig};
    let files = Files::new();
    let app = |number: u64, admins: &str| {
        format!("[[http.apps]]\nsdkappid = {number}\nkey = 'made for tests {number}'\nadmins = [{admins}]\n")
    };
    let config = files.write("gateway.toml", &(app(1, "'root'") + &app(2, "")));
    let of = |more: &[&str]| run(&[&["usersig", "--config", config.as_str()], more].concat());
    let now_s = omnipush::Clock::now_ms(&omnipush::SystemClock) / 1000;
    let holds = |more: &[&str], number: u64, user: &str, at: u64| {
        let ran = of(more);
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{ran:?}");
        let key = omnipush::Secret::new(format!("made for tests {number}"));
        UserSig::decode(ran.stdout.trim_end()).unwrap().verify(number, user, [&key], at)
    };
    assert_eq!(holds(&[], 1, "root", now_s + 86_000), Ok(()));
    let more = ["--sdkappid", "2", "--identifier", "bo", "--seconds", "60"];
    assert_eq!(holds(&more, 2, "bo", now_s), Ok(()));
    assert_eq!(holds(&more, 2, "bo", now_s + 90), Err(InvalidUserSig::Expired));
    of(&["--sdkappid", "3"]).refused(&["gateway.toml: has no app 3; it has 1, 2"]);
    of(&["--sdkappid", "2"]).refused(&["the app has no administrator; give --identifier"]);
    let empty = files.write("empty.toml", "");
    run(&["usersig", "--config", &empty]).refused(&["empty.toml: has no [[http.apps]]"]);
}
