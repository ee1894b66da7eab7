//! Operations other than sending.

use super::*;
use crate::engine::SendError;
use crate::vendor::{Found, Group, GroupKind, Offer, Operation, OperationKind};

const KINDS: &[Offer] = &[
    Offer::new(OperationKind::Revoke, ""),
    Offer::new(OperationKind::Subscribe(GroupKind::Topic), "").max(10),
    Offer::new(OperationKind::CreateChannel, "").once(),
    Offer::new(OperationKind::Statistics, "").max(2),
    Offer::own("paint", &[("colour", "needed, a name"), ("coats", "how many")], ""),
];

fn revoke(id: &str) -> Operation {
    Operation::Revoke { message_id: id.to_owned() }
}

fn subscribe(count: usize) -> Operation {
    Operation::Subscribe { to: Group::Topic("news".to_owned()), targets: targets(count) }
}

#[tokio::test(start_paused = true)]
async fn an_operation_goes_the_same_way_as_a_send() {
    let (client, script) = client(Toy::one().exchanges().operations(KINDS), |seen| match (&*seen.path, seen.nth) {
        ("auth", _) => Answer::token("token", 3600),
        (_, 0) => Answer::status(503),
        (_, 1) => Answer::hang(),
        _ => Answer::ok(),
    });
    assert_eq!(client.operate(&subscribe(3)).await.unwrap().verdicts, vec![Verdict::ACCEPTED; 3]);
    assert_eq!((script.count("auth"), script.count("operate")), (1, 3));
    assert_eq!(client.operate(&revoke("m1")).await.unwrap().verdicts, [Verdict::ACCEPTED]);
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_the_vendor_does_not_have_makes_no_request() {
    let (client, script) = client(Toy::one().operations(KINDS), |_| Answer::ok());
    let error = client.operate(&Operation::CheckTargets { targets: targets(1) }).await.unwrap_err();
    assert_eq!(error, SendError::NoSuchOperation { vendor: "toy", operation: OperationKind::CheckTargets });
    assert!(matches!(client.operate(&revoke("")).await, Err(SendError::Refused(_))), "it cannot be built");
    assert_eq!(script.count("operate"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_refused_operation_says_so_and_a_lost_one_is_unsure() {
    let (client, _script) = client(Toy::one().operations(KINDS), |seen| match seen.nth {
        0 => Answer::code("denied"),
        _ => Answer::maybe_sent(),
    });
    let SendError::Refused(refusal) = client.operate(&revoke("m1")).await.unwrap_err() else { panic!() };
    assert_eq!(refusal.class, Class::PermissionDenied);
    assert_eq!(client.operate(&revoke("m1")).await.unwrap_err(), SendError::Unsure);
}

#[tokio::test(start_paused = true)]
async fn every_target_of_an_operation_has_one_verdict_whatever_the_vendor_says() {
    for given in [0, 2, 3, 7] {
        let (client, _script) = client(Toy::one().operations(KINDS), move |_| Answer::text(format!("short:{given}")));
        let verdicts = client.operate(&subscribe(3)).await.unwrap().verdicts;
        assert_eq!(verdicts.len(), 3, "{given}");
        assert_eq!(verdicts.iter().filter(|verdict| verdict.is_accepted()).count(), given.min(3));
    }
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_was_refused_after_a_lost_answer_is_unsure() {
    let (client, _script) = client(Toy::one().operations(KINDS), |seen| match seen.nth {
        0 => Answer::maybe_sent(),
        _ => Answer::code("bad"),
    });
    assert_eq!(client.operate(&revoke("m1")).await.unwrap_err(), SendError::Unsure);
}

#[tokio::test(start_paused = true)]
async fn more_targets_than_a_request_takes_go_in_several_and_each_has_its_verdict() {
    let (client, script) = client(Toy::one().operations(KINDS), |seen| match seen.nth {
        1 => Answer::code("denied"),
        nth => Answer::text(format!("names:{nth}")),
    });
    let Operation::Subscribe { to, mut targets } = subscribe(25) else { panic!() };
    targets[3] = Target::from("a,b");
    let answer = client.operate(&Operation::Subscribe { to, targets }).await.unwrap();
    assert_eq!(script.count("operate"), 3);
    let classes: Vec<_> = answer.verdicts.iter().map(class).collect();
    assert_eq!(classes[3], Some(Class::InvalidRequest), "malformed, not sent");
    assert_eq!(classes.iter().filter(|class| **class == Some(Class::PermissionDenied)).count(), 10);
    assert_eq!(classes[11..21], [Some(Class::PermissionDenied); 10]);
    assert_eq!(classes.iter().filter(|class| class.is_none()).count(), 14);
    assert_eq!(answer.found, Found::Names(vec!["0".to_owned(), "2".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_makes_a_new_thing_each_time_is_not_repeated_when_its_answer_is_lost() {
    let (client, script) = client(Toy::one().operations(KINDS), |_| Answer::maybe_sent());
    let create = Operation::CreateChannel { keep_newest: false };
    assert_eq!(client.operate(&create).await.unwrap_err(), SendError::Unsure);
    assert_eq!(script.count("operate"), 1);
    assert_eq!(client.operate(&revoke("m1")).await.unwrap_err(), SendError::Unsure);
    assert_eq!(script.count("operate"), 5);
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_with_an_operation_is_found_before_it_is_sent() {
    let (client, script) = client(Toy::one().operations(KINDS), |_| Answer::ok());
    let own = |args| Operation::Own { name: "paint".to_owned(), targets: Vec::new(), args };
    let args = |json: serde_json::Value| json.as_object().cloned().unwrap();
    let ids = |count| Operation::Statistics { ids: vec!["m".to_owned(); count] };
    for (operation, words) in [
        (own(args(serde_json::json!({"coats": 2}))), "paint: the argument `colour` is missing (needed, a name)"),
        (own(args(serde_json::json!({"size": 2}))), "paint: there is no argument `size`; there are: colour, coats"),
        (ids(3), "ids: 3 are given; 1 to 2 are allowed"),
        (ids(0), "ids: 0 are given; 1 to 2 are allowed"),
    ] {
        let SendError::Refused(refusal) = client.operate(&operation).await.unwrap_err() else { panic!() };
        assert_eq!(&*refusal.text, words);
    }
    assert_eq!(script.count("operate"), 0);
    assert!(client.operate(&own(args(serde_json::json!({"colour": "red"})))).await.is_ok());
    let other = Operation::Own { name: "sand".to_owned(), targets: Vec::new(), args: serde_json::Map::new() };
    assert!(matches!(client.operate(&other).await, Err(SendError::NoSuchOperation { .. })));
}
