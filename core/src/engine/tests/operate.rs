//! Operations other than sending.

use super::*;
use crate::engine::SendError;
use crate::vendor::{Operation, OperationKind};

const KINDS: &[OperationKind] = &[OperationKind::Revoke, OperationKind::Subscribe];

fn revoke(id: &str) -> Operation {
    Operation::Revoke { message_id: id.to_owned() }
}

fn subscribe(count: usize) -> Operation {
    Operation::Subscribe { topic: "news".to_owned(), targets: targets(count) }
}

#[tokio::test(start_paused = true)]
async fn an_operation_goes_the_same_way_as_a_send() {
    let (client, script) = client(Toy::one().exchanges().operations(KINDS), |seen| match (&*seen.path, seen.nth) {
        ("auth", _) => Answer::token("token", 3600),
        (_, 0) => Answer::status(503),
        (_, 1) => Answer::hang(),
        _ => Answer::ok(),
    });
    assert_eq!(client.operate(&subscribe(3)).await.unwrap(), vec![Verdict::ACCEPTED; 3]);
    assert_eq!((script.count("auth"), script.count("operate")), (1, 3));
    assert_eq!(client.operate(&revoke("m1")).await.unwrap(), [Verdict::ACCEPTED]);
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
        let verdicts = client.operate(&subscribe(3)).await.unwrap();
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
