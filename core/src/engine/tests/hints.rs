//! `Retry-After`, as vendors send it and as they should not.

use super::*;

fn http_date(at_ms: u64) -> String {
    httpdate::fmt_http_date(std::time::UNIX_EPOCH + ms(at_ms))
}

/// How long a request waits that is told to come later, and how long another one that comes in
/// the meantime.
async fn waits(hint: &str) -> (Duration, Duration) {
    let hint = hint.to_owned();
    let (client, _script) = client(Toy::one(), move |seen| match seen.nth {
        0 => Answer::status(429).retry_after(&hint),
        _ => Answer::ok(),
    });
    let took = |target: &'static str| {
        let client = client.clone();
        tokio::spawn(async move {
            let began = Instant::now();
            assert!(send(&client, target).await.is_accepted());
            began.elapsed()
        })
    };
    let first = took("first");
    pass(ms(100)).await;
    let second = took("second");
    (first.await.unwrap(), second.await.unwrap() + ms(100))
}

#[tokio::test(start_paused = true)]
async fn a_hint_in_either_form_holds_the_lane_for_that_long() {
    for (hint, wait) in [("7".to_owned(), 7), (" 7 ".to_owned(), 7), (http_date(EPOCH_MS + 90_000), 90)] {
        let (first, second) = waits(&hint).await;
        // Paused time moves in whole milliseconds.
        for took in [first, second] {
            assert!(took >= secs(wait) && took < secs(wait) + ms(5), "{hint}: {took:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_absurd_hint_counts_as_the_longest_pause() {
    for hint in ["1000000000000", "99999999999999999999999999", &http_date(EPOCH_MS + 10_000_000_000)] {
        let (first, second) = waits(hint).await;
        for took in [first, second] {
            assert!(took >= secs(300) && took < secs(300) + ms(5), "{hint}: {took:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_hint_that_says_nothing_is_no_hint() {
    for hint in ["-5", "soon", "1.5", "", "0", "0x10", &http_date(EPOCH_MS - 3_600_000)] {
        let (first, second) = waits(hint).await;
        assert!(first >= ms(500) && first <= secs(1) + ms(5), "{hint}: only the back-off, {first:?}");
        assert_eq!(second, ms(100), "{hint}: the lane is open");
    }
}

#[tokio::test(start_paused = true)]
async fn a_longest_pause_without_end_breaks_nothing() {
    let settings = Settings {
        max_pause: Duration::MAX,
        backoff_max: Duration::MAX,
        total_timeout: Duration::MAX,
        attempt_timeout: Duration::MAX,
        ..Settings::default()
    };
    let (client, _script) = client_with(Toy::one(), settings, |seen| match seen.nth {
        0 => Answer::status(429).retry_after("99999999999999999999999999"),
        _ => Answer::ok(),
    });
    let waiting = start(&client, "a");
    pass(secs(86_400)).await;
    assert!(!waiting.is_finished());
    waiting.abort();
}

#[tokio::test(start_paused = true)]
async fn the_hint_of_an_unsure_answer_is_heeded_by_its_own_request() {
    let (client, script) = client(Toy::one().dedups(), |seen| match seen.nth {
        0 => Answer::status(502).retry_after("20"),
        _ => Answer::ok(),
    });
    assert!(send(&client, "a").await.is_accepted());
    assert!(script.seen("send")[1].at >= secs(20));
}
