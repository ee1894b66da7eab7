//! Audiences other than devices.

use super::*;
use crate::engine::SendError;
use crate::model::{Audience, Tags};
use crate::vendor::{Call, Shape};

fn everything() -> Toy {
    let groups = [Shape::Topic, Shape::Condition, Shape::Tags, Shape::Segment, Shape::All].map(Call::group);
    let names = [Call::names(Shape::Aliases, 3), Call::names(Shape::Accounts, 2)];
    Toy::new([&[Call::one()], &groups[..], &names[..]].concat())
}

#[tokio::test(start_paused = true)]
async fn each_audience_goes_by_its_own_call() {
    let (client, script) = client(everything(), |_| Answer::ok());
    let names = |some: &[&str]| some.iter().map(|name| Target::from(*name)).collect::<Vec<_>>();
    let audiences = [
        (Audience::Topic("news".into()), "Topic", "news"),
        (Audience::Condition("'a' in topics".into()), "Condition", "'a' in topics"),
        (Audience::Tags(Tags::all(["x"])), "Tags", r#"{"all":["x"]}"#),
        (Audience::Segment("42".into()), "Segment", "42"),
        (Audience::All, "All", ""),
        (Audience::Aliases(names(&["ann", "ben"])), "Aliases", "ann,ben"),
    ];
    for (audience, shape, target) in audiences {
        let report = client.send(&note(), audience).await.unwrap();
        assert_eq!(report.accepted(), report.verdicts.len());
        let seen = script.seen("send");
        let last = seen.last().unwrap();
        assert_eq!((last.shape(), last.targets().join(",").as_str()), (shape, target));
    }
}

#[tokio::test(start_paused = true)]
async fn more_names_than_a_request_takes_go_in_several() {
    let (client, script) = client(everything(), |seen| match seen.nth {
        1 => Answer::partial("t4=dead"),
        _ => Answer::ok(),
    });
    let report = client.send(&note(), Audience::Aliases(targets(8))).await.unwrap();
    assert_eq!((report.accepted(), report.verdicts.len()), (7, 8));
    assert!(report.verdicts[4].1.is_dead_target());
    let mut sizes: Vec<_> = script.seen("send").iter().map(|seen| seen.targets().len()).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [2, 3, 3]);
}

#[tokio::test(start_paused = true)]
async fn an_audience_that_the_vendor_does_not_have_makes_no_request() {
    let (client, script) = client(Toy::one(), |_| Answer::ok());
    for (audience, shape) in [(Audience::All, Shape::All), (Audience::Accounts(targets(1)), Shape::Accounts)] {
        let error = client.send(&note(), audience).await.unwrap_err();
        assert_eq!(error, SendError::NoSuchAudience { vendor: "toy", audience: shape });
    }
    assert_eq!(script.count("send"), 0);
}
