//! After a pause a lane does not start at full speed.

use super::*;

/// The waves of sends after the time when the lane opened.
fn sizes(script: &Script, from: Duration) -> Vec<usize> {
    script.waves("send").iter().filter(|(at, _)| *at >= from).map(|(_, count)| *count).collect()
}

/// A client whose lane has just been closed for 5 s by a first send.
async fn closed(toy: Toy, answer: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> (Client, Arc<Script>) {
    let settings = Settings { attempts: 1, ..Settings::default() };
    let (client, script) = client_with(toy, settings, move |seen| match seen.nth {
        0 if seen.is("send") => Answer::status(429).retry_after("5"),
        _ => answer(seen),
    });
    assert_eq!(class(&send(&client, "first").await), Some(Class::RateLimited));
    (client, script)
}

#[tokio::test(start_paused = true)]
async fn a_ramp_lets_one_go_then_two_then_four() {
    let (client, script) = closed(Toy::one(), |_| Answer::ok().after(ms(100))).await;
    assert!(all(start_many(&client, 300)).await.iter().all(Verdict::is_accepted));
    assert_eq!(sizes(&script, secs(5)), [1, 2, 4, 8, 16, 32, 64, 64, 64, 45]);
}

#[tokio::test(start_paused = true)]
async fn answers_to_requests_from_before_the_pause_say_nothing_about_the_time_after_it() {
    let settings = Settings { attempts: 1, ..Settings::default() };
    let (client, script) = client_with(Toy::one(), settings, |seen| match seen.nth {
        0 => Answer::status(429).retry_after("5").after(ms(100)),
        1..50 => Answer::ok().after(secs(1)),
        50..60 => Answer::ok().after(secs(8)),
        _ => Answer::ok().after(ms(100)),
    });
    let before = start_many(&client, 60);
    pass(secs(2)).await;
    let after = start_many(&client, 60);
    assert_eq!(all(before).await.iter().filter(|verdict| verdict.is_accepted()).count(), 59);
    assert!(all(after).await.iter().all(Verdict::is_accepted));
    assert_eq!(sizes(&script, secs(5)), [1, 2, 4, 8, 16, 29]);
}

#[tokio::test(start_paused = true)]
async fn those_who_waited_for_a_place_before_the_pause_take_part_in_the_ramp() {
    let settings = Settings { attempts: 1, ..Settings::default() };
    let (client, script) = client_with(Toy::one().in_flight(4), settings, |seen| match seen.nth {
        0 => Answer::status(429).retry_after("1").after(ms(500)),
        1..4 => Answer::ok().after(secs(3)),
        _ => Answer::ok().after(ms(100)),
    });
    all(start_many(&client, 40)).await;
    let sizes = sizes(&script, secs(1));
    assert_eq!(sizes[..2], [1, 1], "one place is free, and one request at once is allowed: {sizes:?}");
}

#[tokio::test(start_paused = true)]
async fn a_ramp_whose_only_request_is_cancelled_goes_on_with_the_next() {
    let (client, script) = closed(Toy::one(), |seen| match seen.nth {
        1 => Answer::hang(),
        _ => Answer::ok().after(ms(100)),
    })
    .await;
    let hanging = start(&client, "hanging");
    pass(ms(10)).await;
    let waiting = start_many(&client, 7);
    pass(secs(6)).await;
    assert_eq!(script.live(), 1, "one at once");
    hanging.abort();
    assert!(all(waiting).await.iter().all(Verdict::is_accepted));
    assert_eq!(sizes(&script, secs(6)), [1, 2, 4]);
}

#[tokio::test(start_paused = true)]
async fn any_of_those_who_wait_may_be_cancelled_at_any_time_of_a_ramp() {
    let (client, _script) = closed(Toy::one(), |_| Answer::ok().after(ms(100))).await;
    let waiting = start_many(&client, 500);
    for (at, task) in waiting.iter().enumerate().filter(|(at, _)| at % 3 == 0) {
        if at % 30 == 0 {
            pass(ms(170)).await;
        }
        task.abort();
    }
    let began = Instant::now();
    for task in waiting {
        let _ = task.await;
    }
    assert!(began.elapsed() < secs(5), "{:?}", began.elapsed());
    client.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_second_pause_within_the_ramp_begins_it_anew() {
    let (client, script) = closed(Toy::one(), |seen| match seen.nth {
        // The last of the wave of four.
        7 => Answer::status(429).retry_after("10").after(ms(100)),
        _ => Answer::ok().after(ms(100)),
    })
    .await;
    all(start_many(&client, 30)).await;
    assert_eq!(sizes(&script, secs(5))[..3], [1, 2, 4]);
    assert_eq!(sizes(&script, secs(15)), [1, 2, 4, 8, 8]);
}

#[tokio::test(start_paused = true)]
async fn targets_that_are_gone_are_answers_and_a_ramp_goes_on_after_them() {
    let (client, script) = closed(Toy::one(), |_| Answer::code("dead").after(ms(100))).await;
    all(start_many(&client, 7)).await;
    assert_eq!(sizes(&script, secs(5)), [1, 2, 4]);
}

#[tokio::test(start_paused = true)]
async fn a_ramp_does_not_grow_while_the_vendor_is_still_busy() {
    let (client, script) = closed(Toy::one(), |_| Answer::code("busy").after(ms(100))).await;
    all(start_many(&client, 10)).await;
    assert_eq!(sizes(&script, secs(5)), [1; 10]);
}

#[tokio::test(start_paused = true)]
async fn a_send_that_has_the_only_place_of_a_ramp_can_still_get_its_token() {
    let (client, script) = closed(Toy::one().exchanges(), |seen| match seen.is("auth") {
        true => Answer::token(seen.nth, 2),
        false => Answer::ok(),
    })
    .await;
    let verdicts = tokio::time::timeout(secs(60), all(start_many(&client, 10))).await.expect("no deadlock");
    assert!(verdicts.iter().all(Verdict::is_accepted));
    assert_eq!(script.count("auth"), 2);
}
