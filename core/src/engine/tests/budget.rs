//! Retries never multiply the load on a vendor that is down.

use super::*;

#[tokio::test(start_paused = true)]
async fn in_an_outage_requests_stay_within_the_budget_of_retries() {
    let (client, script) = client(Toy::one(), |_| Answer::status(503).after(ms(10)));
    let began = Instant::now();
    let report = client.send(&note(), targets(10_000)).await.unwrap();
    assert!(report.verdicts.iter().all(|(_, verdict)| class(verdict) == Some(Class::Unavailable)));
    let seconds = usize::try_from(began.elapsed().as_secs()).unwrap();
    // 20 retries per 100 first attempts, and 100 per window of 10 s; the windows end early where
    // little happens, but none is shorter than half.
    let (sent, most) = (script.count("send"), 12_000 + 100 * (1 + seconds.div_ceil(5)));
    assert!(sent <= most, "{sent} requests in {seconds} s, at most {most}");
    assert!(sent > 11_000, "{sent}: the budget is used");
}

#[tokio::test(start_paused = true)]
async fn retries_of_part_of_a_list_count_as_retries() {
    let settings = Settings { attempts: 1000, retries_per_second: 0, retry_percent: 100, ..Settings::default() };
    let (client, script) = client_with(Toy::list(), settings, |seen| {
        let all: Vec<_> = seen.targets().iter().skip(1).map(|target| format!("{target}=again")).collect();
        Answer::partial(&all.join(","))
    });
    let sends = (0..100).map(|at| {
        let (client, lot) = (client.clone(), (0..20).map(|t| Target::from(format!("t{at}x{t}"))).collect::<Vec<_>>());
        async move { client.send(&note(), lot).await.unwrap() }
    });
    futures::future::join_all(sends).await;
    let sent = script.count("send");
    assert!(sent <= 200, "100 first requests allow 100 retries: {sent}");
}

#[tokio::test(start_paused = true)]
async fn a_target_takes_part_in_no_more_requests_than_the_settings_allow() {
    let (client, script) = client(Toy::list(), |seen| match seen.nth {
        0 => Answer::status(503),
        1 => Answer::partial("t1=again,t2=again"),
        2 => Answer::status(503),
        _ => Answer::partial("t1=again,t2=again"),
    });
    let report = client.send(&note(), targets(3)).await.unwrap();
    assert_eq!(report.accepted(), 1);
    assert_eq!(script.count("send"), 4);
}

#[tokio::test(start_paused = true)]
async fn no_retries_means_no_retries() {
    let settings = Settings { retry_percent: 0, retries_per_second: 0, ..Settings::default() };
    let (client, script) = client_with(Toy::one(), settings, |_| Answer::status(503));
    for _ in 0..10 {
        assert_eq!(class(&send(&client, "a").await), Some(Class::Unavailable));
    }
    assert_eq!(script.count("send"), 10);
}

#[tokio::test(start_paused = true)]
async fn the_time_of_a_request_is_bounded() {
    let settings = Settings { attempts: 1000, total_timeout: secs(60), ..Settings::default() };
    let (client, _script) = client_with(Toy::one().dedups(), settings, |_| Answer::hang());
    let began = Instant::now();
    assert!(matches!(send(&client, "a").await, Verdict::Unsure(_)));
    assert!(began.elapsed() <= secs(70), "{:?}", began.elapsed());
}
