//! What is said of a send whose answer was lost.

use super::*;

/// Gives the answers in order, the last one again and again.
fn one_by_one(answers: Vec<Answer>) -> impl Fn(&Seen) -> Answer + Send + Sync + 'static {
    move |seen| answers.get(seen.nth).or(answers.last()).unwrap().clone()
}

async fn verdict(toy: Toy, answers: Vec<Answer>) -> (Verdict, usize) {
    let (client, script) = client(toy, one_by_one(answers));
    (send(&client, "a").await, script.count("send"))
}

#[tokio::test(start_paused = true)]
async fn unsure_then_refused_stays_unsure() {
    for name in ["bad", "denied", "later", "busy", "again", "gone", "quota"] {
        let (verdict, _) = verdict(Toy::one().dedups(), vec![Answer::maybe_sent(), Answer::code(name)]).await;
        let Verdict::Unsure(Some(heard)) = verdict else { panic!("{name}: {verdict:?}") };
        assert_eq!(&*heard.code, name, "what was heard last is told");
    }
}

#[tokio::test(start_paused = true)]
async fn unsure_then_a_dead_target_is_a_dead_target() {
    let (verdict, _) = verdict(Toy::one().dedups(), vec![Answer::maybe_sent(), Answer::code("dead")]).await;
    assert!(verdict.is_dead_target());
}

#[tokio::test(start_paused = true)]
async fn unsure_then_accepted_is_accepted() {
    let (verdict, sent) = verdict(Toy::one().dedups(), vec![Answer::maybe_sent(), Answer::ok()]).await;
    assert!(verdict.is_accepted());
    assert_eq!(sent, 2);
}

#[tokio::test(start_paused = true)]
async fn unsure_then_partly_refused_is_told_target_by_target() {
    let (client, _script) = client(
        Toy::list().dedups(),
        one_by_one(vec![Answer::maybe_sent(), Answer::partial("t0=bad,t1=dead,t2=again")]),
    );
    let report = client.send(&note(), targets(4)).await.unwrap();
    let verdicts: Vec<_> = report.verdicts.into_iter().map(|(_, verdict)| verdict).collect();
    assert!(matches!(&verdicts[0], Verdict::Unsure(Some(_))));
    assert!(verdicts[1].is_dead_target());
    assert!(matches!(&verdicts[2], Verdict::Unsure(Some(_))), "and is not sent again");
    assert!(verdicts[3].is_accepted());
}

#[tokio::test(start_paused = true)]
async fn a_timeout_goes_again_as_the_same_request_where_the_vendor_dedups() {
    let (client, script) = client(Toy::list().dedups(), one_by_one(vec![Answer::hang(), Answer::hang(), Answer::ok()]));
    assert_eq!(client.send(&note(), targets(3)).await.unwrap().accepted(), 3);
    let seen = script.seen("send");
    assert_eq!(seen.len(), 3);
    assert!(seen.iter().all(|one| one.body == seen[0].body), "same targets, same request id");
    assert!(seen[1].at >= secs(10) && seen[2].at >= seen[1].at + secs(10));
    assert_ne!(seen[0].signed, seen[1].signed, "signed afresh");
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_does_not_go_again_where_the_vendor_does_not_dedup() {
    for answer in [Answer::hang(), Answer::maybe_sent(), Answer::status(500), Answer::text("<html>")] {
        let (verdict, sent) = verdict(Toy::one(), vec![answer, Answer::ok()]).await;
        assert!(matches!(verdict, Verdict::Unsure(Some(_))), "{verdict:?}");
        assert_eq!(sent, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_goes_again_where_the_caller_asks_for_it() {
    let settings = Settings { resend_unsure: true, ..Settings::default() };
    let (client, script) = client_with(Toy::one(), settings, one_by_one(vec![Answer::maybe_sent(), Answer::ok()]));
    assert!(send(&client, "a").await.is_accepted());
    assert_eq!(script.count("send"), 2);
}

#[tokio::test(start_paused = true)]
async fn what_was_certainly_not_sent_goes_again_always() {
    let (verdict, sent) = verdict(Toy::one(), vec![Answer::not_sent(), Answer::not_sent(), Answer::ok()]).await;
    assert!(verdict.is_accepted());
    assert_eq!(sent, 3);
}

#[tokio::test(start_paused = true)]
async fn what_never_went_out_is_refused_not_unsure() {
    let (verdict, sent) = super::unsure::verdict(Toy::one(), vec![Answer::not_sent()]).await;
    assert_eq!((class(&verdict), sent), (Some(Class::Unavailable), 4));
}

#[tokio::test(start_paused = true)]
async fn a_cut_in_a_list_makes_only_open_targets_unsure() {
    let (client, _script) =
        client(Toy::list(), one_by_one(vec![Answer::partial("t0=bad,t1=again,t2=again"), Answer::maybe_sent()]));
    let report = client.send(&note(), targets(4)).await.unwrap();
    let unsure = |at: usize| matches!(report.verdicts[at].1, Verdict::Unsure(_));
    assert_eq!(class(&report.verdicts[0].1), Some(Class::InvalidRequest));
    assert!(unsure(1) && unsure(2));
    assert!(report.verdicts[3].1.is_accepted());
}
