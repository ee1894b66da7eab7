//! What a refused access token leads to: one renewal at most, and only of the token refused.

use super::*;
use crate::vendor::TokenRule;

/// A vendor that accepts a token only while a switch says so.
fn refusing_until(good: usize) -> impl Fn(&Seen) -> Answer + Send + Sync + 'static {
    move |seen| match seen.token() {
        None => Answer::token(format!("token{}", seen.nth), 3600).after(ms(50)),
        Some(token) if token < format!("token{good}").as_str() && seen.at > secs(1) => Answer::code("token"),
        Some(_) => Answer::ok(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_vendor_that_refuses_every_token_gets_one_renewal_not_one_per_wave() {
    let (client, script) = client(Toy::one().exchanges(), refusing_until(9));
    assert!(send(&client, "first").await.is_accepted());
    pass(secs(60)).await;
    let mut refused = all(start_many(&client, 1000)).await;
    for _ in 0..10 {
        refused.extend(all(start_many(&client, 100)).await);
    }
    assert_eq!(refused.len(), 2000);
    assert!(refused.iter().all(|verdict| class(verdict) == Some(Class::Unauthenticated)));
    assert_eq!(script.count("auth"), 2, "the first, and one renewal");
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_renewed_once_and_the_new_one_survives_late_refusals_of_the_old() {
    let (client, script) = client(Toy::one().exchanges(), |seen| match (seen.token(), seen.targets()[..].first()) {
        (None, _) => Answer::token(format!("token{}", seen.nth), 3600),
        (Some("token0"), Some(&"early")) => Answer::code("token").after(ms(100)),
        (Some("token0"), Some(&"late")) => Answer::code("token").after(secs(5)),
        _ => Answer::ok(),
    });
    assert!(send(&client, "first").await.is_accepted());
    pass(secs(60)).await;
    let verdicts = all(vec![start(&client, "early"), start(&client, "late")]).await;
    assert!(verdicts.iter().all(Verdict::is_accepted), "{verdicts:?}");
    assert_eq!(script.count("auth"), 2);
    let repeated = script.seen("send").into_iter().filter(|seen| seen.token() == Some("token1")).count();
    assert_eq!(repeated, 2, "each went again once, with the new token");
    assert!(script.retired().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_too_young_to_be_the_fault_stands() {
    let (client, script) = client(Toy::one().exchanges(), |seen| match seen.token() {
        None => Answer::token("young", 3600),
        Some(_) => Answer::code("token"),
    });
    for _ in 0..5 {
        assert_eq!(class(&send(&client, "a").await), Some(Class::Unauthenticated));
    }
    assert_eq!((script.count("auth"), script.count("send")), (1, 5));
}

#[tokio::test(start_paused = true)]
async fn a_token_tied_to_its_connection_takes_the_connection_along() {
    let rule = TokenRule { per_connection: true, ..TokenRule::bearer() };
    let (client, script) = client(Toy::one().exchanges().rule(rule), refusing_until(1));
    assert!(send(&client, "first").await.is_accepted());
    pass(secs(60)).await;
    assert!(all(start_many(&client, 20)).await.iter().all(Verdict::is_accepted));
    assert_eq!(script.retired(), ["https://toy.example"]);
    assert_eq!(script.count("auth"), 2);
}

#[tokio::test(start_paused = true)]
async fn sends_that_wait_for_their_place_do_not_go_out_with_a_token_that_was_dropped_meanwhile() {
    let toy = Toy::one().exchanges().in_flight(2);
    let (client, script) = client(toy, |seen| match seen.token() {
        None => Answer::token(format!("token{}", seen.nth), 3600),
        Some("token0") if seen.at > secs(1) => Answer::code("token").after(ms(10)),
        Some(_) => Answer::ok().after(ms(10)),
    });
    assert!(send(&client, "first").await.is_accepted());
    pass(secs(60)).await;
    assert!(all(start_many(&client, 100)).await.iter().all(Verdict::is_accepted));
    let wasted = script.seen("send").iter().filter(|seen| seen.token() == Some("token0")).count() - 1;
    assert_eq!(wasted, 2, "only those that were on the wire when the first refusal came");
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_off_is_cured_by_signing_once_more_with_the_time_of_then() {
    let (client, script) =
        client(Toy::one(), |seen| if seen.nth == 0 { Answer::code("clock").after(ms(30)) } else { Answer::ok() });
    assert!(send(&client, "a").await.is_accepted());
    let signed: Vec<_> = script.seen("send").iter().map(|seen| seen.signed[0].1.clone()).collect();
    assert_eq!(signed, [EPOCH_MS.to_string().as_str(), (EPOCH_MS + 30).to_string().as_str()]);

    let (client, script) = super::client(Toy::one(), |_| Answer::code("clock"));
    assert_eq!(class(&send(&client, "a").await), Some(Class::Unauthenticated));
    assert_eq!(script.count("send"), 2, "once more, not for ever");
}

#[tokio::test(start_paused = true)]
async fn an_old_connection_is_closed_and_the_request_goes_again_once() {
    let (client, script) =
        client(Toy::one(), |seen| if seen.nth == 0 { Answer::code("connection") } else { Answer::ok() });
    assert!(send(&client, "a").await.is_accepted());
    assert_eq!(script.retired(), ["https://toy.example"]);
}
