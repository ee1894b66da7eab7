//! A quota that is used up until midnight.

use super::*;
use crate::model::Notification;

/// The quota is named by the notification's category.
fn toy() -> Toy {
    Toy::one().quota(|n| match n.category.as_deref() {
        Some("system") => "system",
        // As a vendor may name its lane and its quota alike.
        Some("plain") => "",
        _ => "news",
    })
}

fn of(category: &str) -> Notification {
    Notification { category: Some(category.to_owned()), ..note() }
}

async fn send_as(client: &Client, category: &str) -> Verdict {
    client.send(&of(category), target(1)).await.unwrap().verdicts.remove(0).1
}

/// Midnight in China, since the start of the test.
const MIDNIGHT: Duration = secs(64_000);

fn used_up_today(seen: &Seen) -> Answer {
    match seen.at < MIDNIGHT && !seen.targets()[0].is_empty() && seen.nth == 0 {
        true => Answer::code("quota"),
        false => Answer::ok().after(ms(100)),
    }
}

#[tokio::test(start_paused = true)]
async fn a_quota_that_is_used_up_refuses_at_once_without_requests_until_midnight() {
    let (client, script) = client(toy(), used_up_today);
    assert_eq!(class(&send_as(&client, "news").await), Some(Class::QuotaExceeded));
    let began = Instant::now();
    for _ in 0..1000 {
        assert_eq!(class(&send_as(&client, "news").await), Some(Class::QuotaExceeded));
    }
    assert!(began.elapsed().is_zero());
    assert_eq!(script.count("send"), 1);
    assert!(send_as(&client, "system").await.is_accepted(), "another quota goes on");
    pass(MIDNIGHT - secs(60)).await;
    let waited = send_as(&client, "news").await;
    assert!(waited.is_accepted(), "less than the longest pause is waited for");
    assert!(script.seen("send").last().unwrap().at >= MIDNIGHT);
}

#[tokio::test(start_paused = true)]
async fn a_quota_that_is_open_again_ramps_up_to_full_speed() {
    let (client, script) = client(toy(), used_up_today);
    send_as(&client, "news").await;
    pass(MIDNIGHT + secs(1)).await;
    let began = Instant::now();
    let (client, news) = (&client, &of("news"));
    let sends = (0..1000).map(|at| async move { client.send(news, target(at)).await.unwrap().accepted() });
    assert_eq!(futures::future::join_all(sends).await.iter().sum::<usize>(), 1000);
    assert!(began.elapsed() < secs(3), "{:?}", began.elapsed());
    assert_eq!(script.most_live(), 64);
}

#[tokio::test(start_paused = true)]
async fn without_a_quota_of_its_own_the_lane_is_closed() {
    let (client, script) = client(toy(), used_up_today);
    for _ in 0..3 {
        assert_eq!(class(&send_as(&client, "plain").await), Some(Class::QuotaExceeded));
    }
    assert_eq!(script.count("send"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_lane_and_a_quota_of_one_name_are_two_things() {
    let (client, _script) = client(toy(), |seen| match seen.nth {
        0 => Answer::code("slow"),
        1 => Answer::code("quota"),
        _ => Answer::ok(),
    });
    let send = || {
        let client = client.clone();
        async move { client.send(&of("news"), Target::from("news-1")).await.unwrap().verdicts.remove(0).1 }
    };
    let verdict = tokio::time::timeout(secs(60), send()).await.expect("no deadlock");
    assert_eq!(class(&verdict), Some(Class::QuotaExceeded), "slow, again, then the quota");
    pass(MIDNIGHT).await;
    let sends = futures::future::join_all((0..10).map(|_| send()));
    let verdicts = tokio::time::timeout(secs(60), sends).await.expect("no deadlock");
    assert!(verdicts.iter().all(Verdict::is_accepted));
}

#[tokio::test(start_paused = true)]
async fn one_target_of_many_that_finds_the_quota_used_up_closes_it_as_well() {
    let toy = Toy::list().quota(|_| "news");
    let (client, script) = client(toy, |_| Answer::partial("t1=quota"));
    let report = client.send(&note(), targets(3)).await.unwrap();
    let classes: Vec<_> = report.verdicts.iter().map(|(_, verdict)| class(verdict)).collect();
    assert_eq!(classes, [None, Some(Class::QuotaExceeded), None]);
    assert_eq!(class(&send(&client, "next").await), Some(Class::QuotaExceeded));
    assert_eq!(script.count("send"), 1);
}
