//! Lists: how targets are put into requests, and what one of them does to the others.

use super::*;

fn sets(script: &Script) -> Vec<(String, usize)> {
    script.seen("send").iter().map(|seen| (seen.shape().to_owned(), seen.targets().len())).collect()
}

#[tokio::test(start_paused = true)]
async fn a_list_too_short_for_the_list_call_goes_as_singles() {
    let (client, script) = client(Toy::staged(), |seen| match seen.is("stage") {
        true => Answer::ticket("T").after(ms(10)),
        false => Answer::ok(),
    });
    assert_eq!(client.send(&note(), targets(1001)).await.unwrap().accepted(), 1001);
    let mut sets = sets(&script);
    sets.sort();
    assert_eq!(sets, [("List".to_owned(), 1000), ("One".to_owned(), 1)]);
}

#[tokio::test(start_paused = true)]
async fn the_last_open_target_of_a_list_goes_again_by_the_single_call() {
    let (client, script) = client(Toy::staged(), |seen| match (seen.is("stage"), seen.nth) {
        (true, _) => Answer::ticket("T"),
        (_, 0) => Answer::partial("t7=again"),
        _ => Answer::ok(),
    });
    assert_eq!(client.send(&note(), targets(10)).await.unwrap().accepted(), 10);
    assert_eq!(sets(&script), [("List".to_owned(), 10), ("One".to_owned(), 1)]);
    assert_eq!(script.seen("send")[1].targets(), ["t7"]);
}

#[tokio::test(start_paused = true)]
async fn only_the_targets_that_were_refused_for_a_while_go_again() {
    let (client, script) = client(Toy::list(), |seen| match seen.nth {
        0 => Answer::partial("t1=again,t2=dead,t3=later,t4=bad"),
        1 => Answer::partial("t3=again"),
        _ => Answer::ok(),
    });
    let report = client.send(&note(), targets(6)).await.unwrap();
    let classes: Vec<_> = report.verdicts.iter().map(|(_, verdict)| class(verdict)).collect();
    assert_eq!(classes, [None, None, Some(Class::InvalidToken), None, Some(Class::InvalidRequest), None]);
    let sent: Vec<_> = script.seen("send").iter().map(|seen| seen.targets().join(",")).collect();
    assert_eq!(sent, ["t0,t1,t2,t3,t4,t5", "t1,t3", "t3"]);
    assert!(script.seen("send")[1].at >= secs(1), "as long as the longest wait that was asked for");
}

#[tokio::test(start_paused = true)]
async fn a_malformed_target_among_a_thousand_gets_its_own_verdict_unsent() {
    let (client, script) = client(Toy::list(), |_| Answer::ok());
    let mut all = targets(1000);
    all[417] = Target::from("a,b");
    all[418] = Target::from("");
    let report = client.send(&note(), all.clone()).await.unwrap();
    assert_eq!(report.accepted(), 998);
    for at in [417, 418] {
        let refusal = report.verdicts[at].1.refusal().unwrap();
        assert_eq!((refusal.class, &*refusal.code), (Class::InvalidRequest, "malformed_target"));
    }
    assert_eq!(sets(&script), [("List".to_owned(), 998)]);
    assert!(report.verdicts.iter().map(|(target, _)| target).eq(&all), "in the order given");
}

#[tokio::test(start_paused = true)]
async fn verdicts_of_several_lists_stand_in_the_order_of_the_targets() {
    // The first list is answered last.
    let (client, _script) = client(Toy::list(), |seen| match seen.nth {
        0 => Answer::partial("t7=dead").after(secs(3)),
        _ => Answer::partial("t2400=bad").after(secs(1)),
    });
    let report = client.send(&note(), targets(2500)).await.unwrap();
    assert!(report.verdicts.iter().map(|(target, _)| target.clone()).eq(targets(2500)));
    let refused = report.verdicts.iter().enumerate().filter(|(_, (_, verdict))| !verdict.is_accepted());
    assert_eq!(refused.map(|(at, _)| at).collect::<Vec<_>>(), [7, 2400]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_where_every_target_is_malformed() {
    let (client, script) = client(Toy::staged(), |_| Answer::ok());
    let report = client.send(&note(), vec![Target::from("a,b"), Target::from("ö")]).await.unwrap();
    assert_eq!((report.verdicts.len(), report.accepted()), (2, 0));
    assert_eq!((script.count("send"), script.count("stage")), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn one_dead_target_among_a_thousand_hurts_no_other() {
    let (client, script) = client(Toy::list(), |_| Answer::partial("t417=dead,never-sent=dead"));
    let report = client.send(&note(), targets(1000)).await.unwrap();
    assert_eq!(report.accepted(), 999);
    assert_eq!(report.dead_targets().collect::<Vec<_>>(), [&target(417)]);
    assert_eq!(script.count("send"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_target_that_stands_twice_gets_two_verdicts_that_agree() {
    let (client, _script) = client(Toy::list(), |seen| match seen.nth {
        0 => Answer::partial("t1=dead,t2=again"),
        _ => Answer::ok(),
    });
    let twice = [1, 2, 1, 2, 3].map(target);
    let report = client.send(&note(), twice).await.unwrap();
    let dead: Vec<_> = report.verdicts.iter().map(|(_, verdict)| verdict.is_dead_target()).collect();
    assert_eq!(dead, [true, false, true, false, false]);
    assert_eq!(report.accepted(), 3);
}

#[tokio::test(start_paused = true)]
async fn no_targets_are_no_requests() {
    let (client, script) = client(Toy::staged(), |_| Answer::ok());
    assert!(client.send(&note(), Vec::new()).await.unwrap().verdicts.is_empty());
    assert_eq!((script.count("send"), script.count("stage")), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_group_goes_by_the_call_for_groups_and_is_no_malformed_target() {
    use crate::engine::SendError;
    use crate::model::Audience;
    use crate::vendor::{Call, Shape};
    let (client, script) = client(Toy::new([Call::one(), Call::group(Shape::Topic)]), |_| Answer::ok());
    let report = client.send(&note(), Audience::Topic("news/西".to_owned())).await.unwrap();
    assert_eq!(report.accepted(), 1);
    assert_eq!(script.seen("send")[0].shape(), "Topic");
    let condition = client.send(&note(), Audience::Condition("a && b".to_owned())).await;
    assert!(matches!(condition, Err(SendError::NoSuchAudience { .. })));
}

#[tokio::test(start_paused = true)]
async fn a_notification_may_take_fewer_targets_than_its_call() {
    let (client, script) = client(Toy::list(), |_| Answer::ok());
    let mut few = note();
    few.category = Some("3".into());
    assert_eq!(client.send(&few, targets(7)).await.unwrap().accepted(), 7);
    assert_eq!(sets(&script).iter().map(|(_, size)| *size).collect::<Vec<_>>(), [3, 3, 1]);
}
