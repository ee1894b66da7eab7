//! Early renewals that fail or hang hurt nobody while the old token is good.

use super::*;
use crate::vendor::TokenRule;

/// The first token lives 1,000 s and is renewed early, 300 to 330 s before its end; what becomes
/// of later token requests is the test's.
fn then(later: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> (Client, Arc<Script>) {
    client(Toy::one().exchanges(), move |seen| match seen.nth {
        _ if !seen.is("auth") => Answer::ok(),
        0 => Answer::token("token0", 1000),
        _ => later(seen),
    })
}

async fn took(client: &Client) -> Duration {
    let began = Instant::now();
    assert!(send(client, "a").await.is_accepted());
    began.elapsed()
}

#[tokio::test(start_paused = true)]
async fn a_renewal_begins_early_and_only_its_leader_waits() {
    let (client, script) = then(|_| Answer::token("token1", 1000).after(ms(200)));
    took(&client).await;
    pass(secs(669)).await;
    took(&client).await;
    assert_eq!(script.count("auth"), 1, "not yet");
    pass(secs(32)).await;
    let waits = futures::future::join_all((0..100).map(|_| took(&client))).await;
    assert_eq!(waits.iter().filter(|wait| **wait == ms(200)).count(), 1);
    assert_eq!(waits.iter().filter(|wait| wait.is_zero()).count(), 99);
    took(&client).await;
    assert_eq!(script.count("auth"), 2);
    assert_eq!(script.seen("send").last().unwrap().token(), Some("token1"));
}

#[tokio::test(start_paused = true)]
async fn failed_renewals_leave_the_old_token_in_use_and_are_not_hammered() {
    let (client, script) = then(|_| Answer::status(503));
    took(&client).await;
    pass(secs(800)).await;
    let mut slow = 0;
    for _ in 0..100 {
        let wait = took(&client).await;
        assert!(wait <= secs(1), "{wait:?}");
        slow += usize::from(!wait.is_zero());
        pass(secs(1)).await;
    }
    assert!(slow <= 8, "{slow} sends led a renewal");
    assert!(script.count("auth") <= 40, "{}", script.count("auth"));
}

#[tokio::test(start_paused = true)]
async fn a_token_endpoint_that_hangs_costs_one_sender_a_second_while_the_old_token_is_good() {
    let (client, _script) = then(|_| Answer::hang());
    took(&client).await;
    pass(secs(800)).await;
    let waits = futures::future::join_all((0..100).map(|_| took(&client))).await;
    assert_eq!(waits.iter().filter(|wait| **wait == secs(1)).count(), 1);
    assert_eq!(waits.iter().filter(|wait| wait.is_zero()).count(), 99);
    assert!(took(&client).await.is_zero(), "and none after it");
}

#[tokio::test(start_paused = true)]
async fn a_slow_token_endpoint_renews_all_the_same() {
    let (client, script) = then(|seen| Answer::token(format!("token{}", seen.nth), 1000).after(secs(3)));
    took(&client).await;
    pass(secs(800)).await;
    assert_eq!(took(&client).await, secs(1));
    pass(secs(5)).await;
    assert!(took(&client).await.is_zero());
    assert_eq!(script.seen("send").last().unwrap().token(), Some("token1"));
    assert_eq!(script.count("auth"), 2);
}

#[tokio::test(start_paused = true)]
async fn those_who_come_after_the_end_of_the_old_token_join_a_renewal_under_way() {
    let (client, script) = then(|_| Answer::token("token1", 1000).after(secs(5)));
    took(&client).await;
    pass(secs(998)).await;
    let leader = start(&client, "leader");
    pass(ms(2500)).await;
    assert_eq!(took(&client).await, ms(2500));
    assert!(leader.await.unwrap().is_accepted());
    assert_eq!(script.count("auth"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_token_endpoint_that_is_down_is_asked_by_one_for_all() {
    let (client, script) = client(Toy::one().exchanges(), |seen| match seen.is("auth") {
        true if seen.at < secs(120) => Answer::status(503),
        true => Answer::token("token", 3600),
        false => Answer::ok(),
    });
    let verdicts = all(start_many(&client, 1000)).await;
    assert!(verdicts.iter().all(|verdict| class(verdict) == Some(Class::Unavailable)));
    assert_eq!(script.count("send"), 0);
    let asked = script.seen("auth");
    assert!(asked.windows(2).all(|two| two[1].at - two[0].at >= ms(500)), "one at a time, after a back-off");
    assert!(asked.len() <= 30, "{}", asked.len());

    pass(secs(180)).await;
    assert!(all(start_many(&client, 1000)).await.iter().all(Verdict::is_accepted), "it recovers");
}

#[tokio::test(start_paused = true)]
async fn credentials_that_are_refused_are_not_tried_by_every_sender() {
    let (client, script) = client(Toy::one().exchanges(), |_| Answer::code("denied"));
    let verdicts = all(start_many(&client, 1000)).await;
    assert!(verdicts.iter().all(|verdict| class(verdict) == Some(Class::PermissionDenied)));
    assert_eq!(script.count("auth"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_token_shorter_than_its_early_renewal_is_used_for_half_its_life() {
    let rule = TokenRule { early: secs(3600), ..TokenRule::bearer() };
    let (client, script) = client(Toy::one().exchanges().rule(rule), |seen| match seen.is("auth") {
        true => Answer::token(seen.nth, 100),
        false => Answer::ok(),
    });
    for _ in 0..200 {
        took(&client).await;
        pass(secs(1)).await;
    }
    assert_eq!(script.count("auth"), 4);
}
