//! Who waits when a vendor asks for it: one target, one lane, or nobody.

use futures::StreamExt as _;

use super::*;

/// Figures of a prototype that held a place on the wire while a target waited: 25.2 s. With the
/// places free and the same waits, 0.8 s of work and 3 s of waiting remain.
#[tokio::test(start_paused = true)]
async fn one_device_in_ten_that_is_rate_limited_slows_no_other() {
    fn limited(target: &str) -> bool {
        target.ends_with('0')
    }
    let twice = std::sync::Mutex::new(std::collections::HashMap::<String, usize>::new());
    let toy = Toy::one().in_flight(256);
    let settings = Settings { retry_percent: 100, ..Settings::default() };
    let (client, script) = client_with(toy, settings, move |seen| {
        let target = seen.targets()[0].to_owned();
        if !limited(&target) {
            return Answer::ok().after(ms(10));
        }
        let mut twice = twice.lock().unwrap();
        let times = twice.entry(target).or_default();
        *times += 1;
        if *times <= 2 { Answer::code("later").after(ms(10)) } else { Answer::ok().after(ms(10)) }
    });
    let began = Instant::now();
    let mut verdicts = Box::pin(client.send_many(&note(), futures::stream::iter(targets(20_000))).unwrap());
    let (mut free, mut last_free) = (0, Duration::ZERO);
    while let Some((target, verdict)) = verdicts.next().await {
        assert!(verdict.is_accepted(), "{verdict:?}");
        if !limited(target.as_str()) {
            (free, last_free) = (free + 1, began.elapsed());
        }
    }
    let took = began.elapsed();
    println!("20,000 sends, one in ten told twice to wait: {took:?}, the others {last_free:?}");
    assert_eq!(free, 18_000);
    assert!(last_free < ms(1200), "{last_free:?}");
    assert!(took < ms(4500), "{took:?}");
    assert!(script.most_live() <= 256);
}

#[tokio::test(start_paused = true)]
async fn a_lane_wide_pause_stops_its_lane_and_no_other() {
    let (client, script) = client(Toy::one(), |seen| match seen.targets()[0] {
        "a-first" if seen.nth == 0 => Answer::code("slow"),
        _ => Answer::ok(),
    });
    let mut sends = vec![start(&client, "a-first")];
    pass(ms(10)).await;
    for at in 0..50 {
        sends.push(start(&client, &format!("a-{at}")));
        sends.push(start(&client, &format!("b-{at}")));
    }
    assert!(all(sends).await.iter().all(Verdict::is_accepted));
    for seen in script.seen("send").iter().skip(1) {
        let paused = seen.targets()[0].starts_with("a-");
        assert_eq!(seen.at >= secs(5), paused, "{:?} at {:?}", seen.targets(), seen.at);
    }
}

#[tokio::test(start_paused = true)]
async fn the_wait_of_a_lane_does_not_count_against_the_time_of_a_request() {
    let settings = Settings { total_timeout: secs(3), ..Settings::default() };
    let (client, _script) = client_with(Toy::one(), settings, |seen| match seen.nth {
        0 => Answer::status(429).retry_after("100"),
        1 => Answer::status(503),
        _ => Answer::ok(),
    });
    assert!(send(&client, "a").await.is_accepted());
}

#[tokio::test(start_paused = true)]
async fn the_rate_that_the_settings_name_is_kept() {
    let settings = Settings { requests_per_second: std::num::NonZeroU32::new(10), ..Settings::default() };
    let (client, script) = client_with(Toy::one(), settings, |_| Answer::ok());
    all(start_many(&client, 100)).await;
    let times: Vec<_> = script.seen("send").iter().map(|seen| seen.at).collect();
    // A burst of one second's worth, then evenly.
    assert!(times[10..].windows(2).all(|two| two[1] - two[0] >= ms(95)), "{times:?}");
    assert!(*times.last().unwrap() <= secs(10));
}

#[tokio::test(start_paused = true)]
async fn names_that_clients_choose_do_not_grow_the_maps_for_ever() {
    let (client, _script) = client(Toy::one().mints().scoped(), |_| Answer::ok());
    for at in 0..6000 {
        assert!(send(&client, &format!("host{at}-x")).await.is_accepted());
    }
    assert!(client.0.lanes.rates.len() <= 4096, "{}", client.0.lanes.rates.len());
    assert!(client.0.tokens.len() <= 4096, "{}", client.0.tokens.len());
}
