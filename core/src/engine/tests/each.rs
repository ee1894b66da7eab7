//! To each device its own notification.

use futures::{StreamExt as _, stream};

use super::*;
use crate::vendor::Call;

const EACH: [Call; 3] = [Call::one(), Call::list(1000), Call::each(100)];

fn titled(title: &str, group: usize) -> Notification {
    Notification { thread: Some(group.to_string()), ..Notification::new(title, "body") }
}

async fn send_each(client: &Client, pairs: Vec<(Notification, Target)>) -> Vec<(Target, Verdict)> {
    client.send_each(stream::iter(pairs)).collect().await
}

#[tokio::test(start_paused = true)]
async fn one_request_carries_many_messages_and_each_target_gets_its_own() {
    let (client, script) = client(Toy::new(EACH), |_| Answer::ok());
    let pairs = (0..250).map(|at| (titled(&format!("n{at}"), 0), target(at))).collect();
    let verdicts = send_each(&client, pairs).await;
    assert_eq!(verdicts.iter().filter(|(_, verdict)| verdict.is_accepted()).count(), 250);
    let seen = script.seen("send");
    assert_eq!(seen.iter().map(|seen| seen.targets().len()).collect::<Vec<_>>(), [100, 100, 50]);
    for seen in seen {
        for (target, title) in seen.targets().iter().zip(seen.titles()) {
            assert_eq!(target.strip_prefix('t'), title.strip_prefix('n'));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn one_request_carries_one_group_and_no_target_twice() {
    let (client, script) = client(Toy::new(EACH), |_| Answer::ok());
    let pairs = (0..60).map(|at| (titled("n", at % 3), target(at % 20))).collect();
    let verdicts = send_each(&client, pairs).await;
    assert_eq!(verdicts.len(), 60);
    assert!(verdicts.iter().all(|(_, verdict)| verdict.is_accepted()));
    let mut sent = 0;
    for seen in script.seen("send") {
        let targets = seen.targets();
        let distinct: std::collections::HashSet<_> = targets.iter().collect();
        assert_eq!(distinct.len(), targets.len());
        sent += targets.len();
    }
    assert_eq!(sent, 60);
}

#[tokio::test(start_paused = true)]
async fn every_group_has_its_own_retries() {
    let tried = std::sync::Mutex::new(std::collections::HashSet::new());
    let (client, _script) = client(Toy::new(EACH), move |seen| {
        // The first target of each request is refused for a while, once.
        let first = seen.targets()[0].to_owned();
        let again = Answer::partial(&format!("{first}=again"));
        if tried.lock().unwrap().insert(first) { again } else { Answer::ok() }
    });
    let pairs = (0..100).map(|at| (titled("n", at / 10), target(at))).collect();
    let verdicts = send_each(&client, pairs).await;
    assert_eq!(verdicts.iter().filter(|(_, verdict)| verdict.is_accepted()).count(), 100);
}

#[tokio::test(start_paused = true)]
async fn a_notification_that_cannot_be_encoded_is_its_targets_refusal() {
    let (client, script) = client(Toy::new(EACH), |_| Answer::ok());
    let verdicts = send_each(&client, vec![(titled("a", 0), target(0)), (titled("bad", 0), target(1))]).await;
    let refused: Vec<_> = verdicts.iter().filter(|(_, verdict)| !verdict.is_accepted()).collect();
    assert_eq!(refused.len(), 1);
    assert_eq!((&refused[0].0, class(&refused[0].1)), (&target(1), Some(Class::InvalidRequest)));
    assert_eq!(&*refused[0].1.refusal().unwrap().code, "not_sent");
    assert_eq!(script.seen("send")[0].targets(), ["t0"]);
}

#[tokio::test(start_paused = true)]
async fn without_such_a_call_each_goes_alone_and_only_the_form_for_one_is_made() {
    let (client, script) = client(Toy::staged(), |_| Answer::ok());
    // The second could not be staged for a list, which nobody wants to.
    let pairs = vec![(titled("a", 0), target(0)), (titled("bad List", 0), target(1))];
    let verdicts = send_each(&client, pairs).await;
    assert!(verdicts.iter().all(|(_, verdict)| verdict.is_accepted()), "{verdicts:?}");
    assert!(script.seen("send").iter().all(|seen| seen.shape() == "One"));

    let (client, script) = super::client(Toy::new([Call::list(1000)]), |_| Answer::ok());
    assert!(send_each(&client, vec![(titled("a", 0), target(0))]).await[0].1.is_accepted());
    assert_eq!(script.seen("send")[0].shape(), "List");
}

#[tokio::test(start_paused = true)]
async fn malformed_targets_are_not_sent() {
    let (client, script) = client(Toy::new(EACH), |_| Answer::ok());
    let pairs = vec![(titled("a", 0), Target::from("a,b")), (titled("b", 0), target(1))];
    let verdicts = send_each(&client, pairs).await;
    assert_eq!(verdicts.iter().filter(|(_, verdict)| verdict.is_accepted()).count(), 1);
    assert_eq!(script.seen("send")[0].targets(), ["t1"]);
}
