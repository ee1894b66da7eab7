//! A batch that one unnamed target spoils.

use super::*;

/// Refuses every request that holds one of these.
fn spoilt_by(bad: &'static [&'static str]) -> impl Fn(&Seen) -> Answer + Send + Sync + 'static {
    move |seen| match seen.targets().iter().any(|target| bad.contains(target)) {
        true => Answer::code("spoilt"),
        false => Answer::ok(),
    }
}

#[tokio::test(start_paused = true)]
async fn one_bad_target_in_a_thousand_is_found_and_the_others_are_delivered_once() {
    for bad in [&["t0"], &["t617"], &["t999"]] {
        let (client, script) = client(Toy::list(), spoilt_by(bad));
        let report = client.send(&note(), targets(1000)).await.unwrap();
        assert_eq!(report.accepted(), 999);
        let refused: Vec<_> = report.verdicts.iter().filter(|(_, verdict)| !verdict.is_accepted()).collect();
        assert_eq!(refused[0].0.as_str(), bad[0]);
        assert_eq!(class(&refused[0].1), Some(Class::InvalidRequest));
        assert!(script.count("send") <= 40, "{} requests", script.count("send"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_in_which_everything_is_bad_does_not_become_a_request_for_each() {
    let (client, script) = client(Toy::list(), |_| Answer::code("spoilt"));
    let report = client.send(&note(), targets(1000)).await.unwrap();
    assert_eq!((report.accepted(), report.verdicts.len()), (0, 1000));
    assert!(script.count("send") <= 200, "{} requests", script.count("send"));
}

#[tokio::test(start_paused = true)]
async fn a_single_target_that_spoils_its_request_is_refused_at_once() {
    let (client, script) = client(Toy::list(), spoilt_by(&["t0"]));
    assert_eq!(client.send(&note(), targets(1)).await.unwrap().accepted(), 0);
    assert_eq!(script.count("send"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_spoilt_batch_is_not_split_once_an_answer_was_lost() {
    let (client, script) = client(Toy::list().dedups(), |seen| match seen.nth {
        0 => Answer::maybe_sent(),
        _ => Answer::code("spoilt"),
    });
    let report = client.send(&note(), targets(10)).await.unwrap();
    assert!(report.verdicts.iter().all(|(_, verdict)| matches!(verdict, Verdict::Unsure(_))));
    assert_eq!(script.count("send"), 2);
}
