//! Planted secrets are found nowhere.

use std::io;
use std::sync::Mutex;

use super::meters::with_recorder;
use super::*;
use crate::engine::{MemoryTokenStore, StoredToken, TokenStore as _};
use crate::secret::Secret;

const TOKEN: &str = "planted-access-token-5f3a";
const TICKET: &str = "planted-ticket-77c1";
const DEVICE: &str = "planted0device0token0of0a0person";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

fn planted(text: &str) -> Option<&'static str> {
    [TOKEN, TICKET, DEVICE].into_iter().find(|secret| text.contains(secret))
}

/// Every kind of trouble, with vendors that repeat in their words what they were sent.
fn trouble(seen: &Seen) -> Answer {
    match (&*seen.path, seen.nth) {
        ("auth", 0) => Answer::status(503),
        ("auth", _) => Answer::token(TOKEN, 3600),
        ("stage", 0) => Answer::maybe_sent(),
        ("stage", _) => Answer::ticket(TICKET),
        (_, 0) => Answer::status(429).retry_after("1"),
        (_, 1) => Answer::not_sent(),
        (_, 2) => Answer::code("gone"),
        (_, 3) => Answer::partial(&format!("{DEVICE}=again")),
        _ => Answer::text(format!("{DEVICE} {TICKET} {TOKEN}")),
    }
}

#[test]
fn tokens_tickets_and_targets_are_in_no_log_line_no_metric_and_no_debug() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    // With one dispatcher only, tracing asks the thread that first meets a log line whether anybody
    // wants it; that may be another test's thread, which wants none.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    tracing::subscriber::with_default(subscriber, || {
        with_recorder(|recorder| async move {
            let settings = Settings { attempts: 10, ..Settings::default() };
            let (client, script) = client_with(Toy::staged().exchanges(), settings, trouble);
            let n = note();
            let prepared = client.prepare(&n).unwrap();
            let report = client.send_prepared(&prepared, vec![Target::from(DEVICE), target(1)]).await.unwrap();
            assert!(script.count("send") > 4, "all the trouble was met");
            let debug = format!("{client:?} {prepared:?} {:?}", client.plan(&prepared, &[Target::from(DEVICE)]));
            assert_eq!(planted(&debug), None, "{debug}");
            let targets: Vec<_> = report.verdicts.iter().map(|(target, _)| target).collect();
            assert_eq!(planted(&format!("{targets:?}")), None);
            let metrics = format!("{:?}", recorder.all());
            assert_eq!(planted(&metrics), None, "{metrics}");
        });
    });
    let text = log.text();
    assert!(text.contains("refused") && text.contains("no answer"), "the trouble is logged: {text}");
    assert_eq!(planted(&text), None, "{text}");
}

#[tokio::test(start_paused = true)]
async fn tokens_in_a_store_show_themselves_nowhere() {
    let store = MemoryTokenStore::default();
    let token = StoredToken { value: Secret::new(TOKEN), issued_at_ms: 0, expires_at_ms: 1 };
    store.save("app", &token).await.unwrap();
    assert_eq!(planted(&format!("{store:?} {token:?}")), None);
}

#[tokio::test(start_paused = true)]
async fn headers_that_hold_secrets_are_marked_so_for_the_transport() {
    let (client, script) = client(Toy::one().mints(), |_| Answer::ok());
    send(&client, "a").await;
    let seen = script.seen("send");
    assert_eq!(seen[0].signed.len(), 2, "the signature and the token");
    assert!(seen[0].signed.iter().all(|(_, value)| value.is_sensitive()));
}
