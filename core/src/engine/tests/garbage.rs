//! Answers and settings that no one should give.

use super::*;
use crate::engine::Classify;
use crate::verdict::{Pause, Remedy};

#[tokio::test(start_paused = true)]
async fn too_few_verdicts_leave_the_rest_unsure_and_too_many_are_ignored() {
    for (given, accepted) in [(0, 0), (2, 2), (5, 5), (9, 5)] {
        let (client, script) = client(Toy::list(), move |_| Answer::text(format!("short:{given}")));
        let report = client.send(&note(), targets(5)).await.unwrap();
        assert_eq!((report.verdicts.len(), report.accepted()), (5, accepted));
        assert!(report.verdicts.iter().skip(accepted).all(|(_, verdict)| *verdict == Verdict::Unsure(None)));
        assert_eq!(script.count("send"), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_nobody_understands_gives_every_target_one_verdict() {
    for (status, unsure) in [(200, true), (204, true), (301, false), (400, false), (418, false), (500, true)] {
        let (client, _script) = client(Toy::list(), move |_| Answer::status(status));
        let report = client.send(&note(), targets(3)).await.unwrap();
        for (_, verdict) in &report.verdicts {
            assert_eq!(matches!(verdict, Verdict::Unsure(_)), unsure, "{status}: {verdict:?}");
            assert_eq!(verdict.refusal().unwrap().status, status);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_last_word_on_a_refusal_is_the_callers() {
    let classify = Classify::new(|refusal| {
        if &*refusal.code == "bad" {
            refusal.remedy = Remedy::Again;
        }
        if &*refusal.code == "dead" {
            refusal.class = Class::Unknown;
        }
    });
    let settings = Settings { classify: Some(classify), ..Settings::default() };
    let (client, script) = client_with(Toy::list(), settings, |seen| match seen.nth {
        0 => Answer::code("bad"),
        1 => Answer::partial("t0=bad,t1=dead"),
        _ => Answer::ok(),
    });
    let report = client.send(&note(), targets(3)).await.unwrap();
    let classes: Vec<_> = report.verdicts.iter().map(|(_, verdict)| class(verdict)).collect();
    assert_eq!(classes, [None, Some(Class::Unknown), None]);
    assert_eq!(script.count("send"), 3);
}

#[tokio::test(start_paused = true)]
async fn the_transport_is_told_how_much_of_an_answer_to_read() {
    use crate::transport::{Lost, Transport, Wire};
    use crate::vendor::Reply;
    struct Careful;
    #[async_trait::async_trait]
    impl Transport for Careful {
        async fn call(&self, wire: Wire<'_>) -> Result<Reply, Lost> {
            // As the default transport does with an answer that is too long.
            Ok(Reply::new(200, if wire.max_reply < 100 { "" } else { "ok" }))
        }

        fn retire(&self, _origin: &str) {}
    }
    let settings = Settings { max_reply: 10, ..Settings::default() };
    let client = Client::builder(Arc::new(Toy::one()), Arc::new(Careful)).settings(settings).build();
    assert!(matches!(send(&client, "a").await, Verdict::Unsure(Some(_))));
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_takes_too_long_is_dropped_and_unsure() {
    let settings = Settings { attempt_timeout: secs(2), ..Settings::default() };
    let (client, script) = client_with(Toy::one(), settings, |_| Answer::hang());
    let began = Instant::now();
    let verdict = send(&client, "a").await;
    assert!(matches!(verdict, Verdict::Unsure(Some(_))));
    assert_eq!((began.elapsed(), script.live()), (secs(2), 0));
}

#[tokio::test(start_paused = true)]
async fn no_attempts_count_as_one() {
    for attempts in [0, 1] {
        let settings = Settings { attempts, ..Settings::default() };
        let (client, script) = client_with(Toy::one(), settings, |_| Answer::status(503));
        assert_eq!(class(&send(&client, "a").await), Some(Class::Unavailable));
        assert_eq!(script.count("send"), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn with_one_place_or_none_tokens_can_still_be_had_and_renewed() {
    for in_flight in [0, 1, usize::MAX] {
        let settings = Settings { in_flight: Some(in_flight), ..Settings::default() };
        let (client, script) = client_with(Toy::one().exchanges(), settings, |seen| match seen.is("auth") {
            true => Answer::token(seen.nth, 1).after(ms(100)),
            false => Answer::ok().after(ms(600)),
        });
        let sends = tokio::time::timeout(secs(600), all(start_many(&client, 20))).await.expect("no deadlock");
        assert!(sends.iter().all(Verdict::is_accepted));
        assert!(script.count("auth") >= 1);
        use futures::StreamExt as _;
        let stream = client.send_many(&note(), futures::stream::iter(targets(20))).unwrap();
        assert_eq!(stream.count().await, 20);
    }
}

#[tokio::test(start_paused = true)]
async fn a_vendor_that_always_says_pause_ends_with_a_verdict() {
    let classify =
        Classify::new(|refusal| refusal.remedy = Remedy::Pause(Pause::For(Duration::from_secs(u64::MAX / 4))));
    let settings = Settings { classify: Some(classify), ..Settings::default() };
    for name in ["slow", "later"] {
        let (client, _script) = client_with(Toy::one(), settings.clone(), move |_| Answer::code(name));
        let verdict = tokio::time::timeout(secs(3600), send(&client, "a")).await.expect("a verdict");
        assert_eq!(class(&verdict), Some(Class::RateLimited));
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_cannot_stand_in_a_header_is_the_refusal_of_its_sends() {
    let (client, script) = client(Toy::one().exchanges(), |_| Answer::token("two\nlines", 100));
    assert_eq!(class(&send(&client, "a").await), Some(Class::Unauthenticated));
    assert_eq!(script.count("send"), 0);
}
