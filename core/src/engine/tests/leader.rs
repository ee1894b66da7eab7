//! One token request for all, whatever becomes of the one who began it.

use futures::poll;

use super::*;

/// Token requests take 100 ms, sends none.
fn slow_sign_in(seen: &Seen) -> Answer {
    if seen.is("auth") { Answer::token(seen.nth, 3600).after(ms(100)) } else { Answer::ok() }
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_first_sends_make_one_token_request_though_the_leader_is_aborted() {
    let (client, script) = client(Toy::one().exchanges(), slow_sign_in);
    let leader = start(&client, "leader");
    pass(ms(10)).await;
    assert_eq!(script.count("auth"), 1);
    let others = start_many(&client, 10_000);
    pass(ms(10)).await;
    leader.abort();
    assert!(all(others).await.iter().all(Verdict::is_accepted));
    assert_eq!(script.count("auth"), 1);
    assert_eq!(script.count("send"), 10_000);
}

#[tokio::test(start_paused = true)]
async fn a_lone_leader_that_is_dropped_takes_its_request_along_and_the_next_caller_starts_anew() {
    let (client, script) = client(Toy::one().exchanges(), slow_sign_in);
    let leader = start(&client, "leader");
    pass(ms(10)).await;
    leader.abort();
    pass(ms(500)).await;
    assert_eq!(script.live(), 0, "nobody waits for it, so it is gone");
    assert!(send(&client, "next").await.is_accepted());
    assert_eq!(script.count("auth"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_is_polled_once_and_then_stalls_holds_nobody_up() {
    let (client, script) = client(Toy::one().exchanges(), slow_sign_in);
    let (note, target) = (note(), Target::from("stalled"));
    let mut stalled = Box::pin(client.send(&note, target));
    assert!(poll!(&mut stalled).is_pending());
    let began = Instant::now();
    assert!(send(&client, "next").await.is_accepted());
    assert_eq!(began.elapsed(), ms(100));
    let report = stalled.await.unwrap();
    assert_eq!(report.accepted(), 1);
    assert_eq!(script.count("auth"), 1);
}

#[tokio::test(start_paused = true)]
async fn minted_tokens_are_made_once_and_kept() {
    let (client, script) = client(Toy::one().mints(), |_| Answer::ok());
    assert!(all(start_many(&client, 100)).await.iter().all(Verdict::is_accepted));
    assert!(script.seen("send").iter().all(|seen| seen.token() == Some("minted0")));
}
