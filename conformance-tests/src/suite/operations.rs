//! Operations other than sending: each does what the vendor documents, and fails in its words.

use anyhow::{Context as _, Result, bail, ensure};
use omnipush_core::{
    Answer, Class, Client, Group, GroupKind, HttpUrl, Image, ImageSize, Operation, OperationKind, SendError, Target,
};

use super::ground::{Ground, once, quick};
use super::{needs, tokens};
use crate::fake::{Fake as _, OperationTrial, Purpose, Trouble};

behaviours![
    every_operation_does_what_the_vendor_documents: needs::operations,
    every_operation_that_is_offered_has_a_trial,
    every_documented_failure_of_an_operation_has_its_class: needs::operations,
    an_operation_goes_again_when_the_vendor_is_down: needs::operations,
    an_operation_renews_a_token_that_has_ended: |subject| {
        needs::token(subject).and_then(|()| needs::operations(subject))
    },
    an_operation_on_many_targets_has_a_verdict_for_each: needs::operation_on_targets,
    garbage_in_answer_to_an_operation_is_no_success: |subject| {
        needs::wordy_success(subject).and_then(|()| needs::operations(subject))
    },
    an_operation_that_is_not_offered_is_an_error,
];

fn classes(answer: &Answer) -> Vec<Option<Class>> {
    answer.verdicts.iter().map(|verdict| verdict.refusal().map(|refusal| refusal.class)).collect()
}

/// An operation that was refused as a whole is refused for each of its targets.
async fn operate(client: &Client, trial: &OperationTrial) -> Result<Vec<Option<Class>>> {
    match client.operate(&trial.operation).await {
        Ok(answer) => Ok(classes(&answer)),
        Err(SendError::Refused(refusal)) => Ok(vec![Some(refusal.class); trial.classes.len()]),
        Err(error) => bail!("{}: {error}", name(trial)),
    }
}

fn name(trial: &OperationTrial) -> String {
    match &trial.operation {
        Operation::Own { name, .. } => name.clone(),
        other => other.kind().to_string(),
    }
}

async fn every_operation_does_what_the_vendor_documents(ground: &Ground) -> Result<()> {
    let client = ground.client(once());
    for trial in ground.tap.operations() {
        ground.forget();
        let answer = client.operate(&trial.operation).await.with_context(|| name(&trial))?;
        let classes = classes(&answer);
        ensure!(classes == trial.classes, "{}: {:?}", name(&trial), answer.verdicts);
        ensure!(answer.found == trial.found, "{}: found {:?}, not {:?}", name(&trial), answer.found, trial.found);
        let log = ground.world().log();
        ensure!(log.iter().any(|logged| logged.purpose == Purpose::Operate), "{}: {log:?}", name(&trial));
        ensure!(log.iter().all(|logged| logged.purpose != Purpose::Send), "{} sends: {log:?}", name(&trial));
    }
    Ok(())
}

async fn every_operation_that_is_offered_has_a_trial(ground: &Ground) -> Result<()> {
    let (trials, offers) = (ground.tap.operations(), ground.profile().operations);
    for offer in offers {
        ensure!(trials.iter().any(|trial| offer.is_for(&trial.operation)), "{} is not tried", offer.kind);
    }
    for trial in trials {
        ensure!(ground.profile().offer(&trial.operation).is_some(), "the adapter has no {}", name(&trial));
    }
    Ok(())
}

async fn every_documented_failure_of_an_operation_has_its_class(ground: &Ground) -> Result<()> {
    let mut differences = String::new();
    for trial in ground.tap.operations() {
        for code in &trial.codes {
            // Another client each time: this one may remember that a quota is used up.
            let client = ground.sharing(once());
            // Not once: a token that is refused is renewed, and the call goes again.
            ground.world().always(Purpose::Operate, Trouble::Code(*code));
            let heard = operate(&client, &trial).await?;
            ground.world().calm();
            if heard.is_empty() || heard.iter().any(|class| *class != Some(code.class)) {
                differences += &format!("\n  {}: {}: expected {}, got {heard:?}", name(&trial), code.code, code.class);
            }
        }
    }
    ensure!(differences.is_empty(), "the adapter and the vendor's documents differ:{differences}");
    Ok(())
}

async fn an_operation_goes_again_when_the_vendor_is_down(ground: &Ground) -> Result<()> {
    for trial in ground.tap.operations() {
        ground.world().calm();
        ground.world().script(Purpose::Operate, Trouble::Status(503, Vec::new(), ""));
        let heard = operate(&ground.client(quick()), &trial).await?;
        ensure!(heard == trial.classes, "{}: {heard:?}", name(&trial));
    }
    Ok(())
}

async fn an_operation_renews_a_token_that_has_ended(ground: &Ground) -> Result<()> {
    let store = tokens::expire(ground).await?;
    let client = ground.sharing_from(store, quick());
    for trial in ground.tap.operations().iter().take(1) {
        let heard = operate(&client, trial).await?;
        ensure!(heard == trial.classes, "{}: {heard:?}", name(trial));
    }
    Ok(())
}

async fn an_operation_on_many_targets_has_a_verdict_for_each(ground: &Ground) -> Result<()> {
    let client = ground.client(quick());
    for trial in ground.tap.operations() {
        let (Some(offer), count) = (ground.profile().offer(&trial.operation), trial.operation.targets().len()) else {
            continue;
        };
        if count == 0 || offer.max < count || offer.max > 1000 || matches!(offer.kind, OperationKind::Own(_)) {
            continue;
        }
        // Good targets by number, so that none comes twice.
        let many: Vec<Target> = (0..=offer.max).map(|number| ground.target(number + 100)).collect();
        let operation = match trial.operation {
            Operation::CheckTargets { .. } => Operation::CheckTargets { targets: many },
            Operation::Subscribe { to, .. } => Operation::Subscribe { to, targets: many },
            Operation::Unsubscribe { from, .. } => Operation::Unsubscribe { from, targets: many },
            Operation::Withdraw { notify_id, .. } => Operation::Withdraw { notify_id, targets: many },
            _ => continue,
        };
        ground.forget();
        let answer = client.operate(&operation).await.with_context(|| offer.kind.to_string())?;
        ensure!(answer.verdicts.len() == offer.max + 1, "{}: {} verdicts", offer.kind, answer.verdicts.len());
        let calls = ground.world().count(Purpose::Operate);
        ensure!(calls == 2, "{}: {calls} requests for {} targets", offer.kind, offer.max + 1);
    }
    Ok(())
}

async fn garbage_in_answer_to_an_operation_is_no_success(ground: &Ground) -> Result<()> {
    let client = ground.client(once());
    for trial in ground.tap.operations() {
        ground.world().calm();
        ground.world().always(Purpose::Operate, Trouble::Garbage);
        if let Ok(answer) = client.operate(&trial.operation).await {
            ensure!(answer.verdicts.iter().all(|verdict| !verdict.is_accepted()), "{}: {answer:?}", name(&trial));
        }
    }
    Ok(())
}

async fn an_operation_that_is_not_offered_is_an_error(ground: &Ground) -> Result<()> {
    let targets = || ground.targets(1);
    let topic = || Group::Topic("news".into());
    let image = Image {
        file_name: "a.png".into(),
        media_type: "image/png".into(),
        bytes: Default::default(),
        size: ImageSize::Icon,
    };
    let all = [
        Operation::Revoke { message_id: "1".into() },
        Operation::Withdraw { notify_id: 1, targets: targets() },
        Operation::Cancel { id: "1".into() },
        Operation::Scheduled { id: "1".into() },
        Operation::CheckTargets { targets: targets() },
        Operation::DeadTargets,
        Operation::Subscribe { to: topic(), targets: targets() },
        Operation::Unsubscribe { from: topic(), targets: targets() },
        Operation::Groups { kind: GroupKind::Tag, target: ground.target(0) },
        Operation::DeleteGroup { group: topic() },
        Operation::Statistics { ids: vec!["1".into()] },
        Operation::Quota,
        Operation::UploadImage(image),
        Operation::CheckImage { url: HttpUrl::new("https://example.com/a.png")? },
        Operation::CreateChannel { keep_newest: false },
        Operation::ReadChannel { id: "1".into() },
        Operation::DeleteChannel { id: "1".into() },
        Operation::Channels,
        Operation::Own { name: "no_such_call".into(), targets: Vec::new(), args: serde_json::Map::new() },
    ];
    for operation in all {
        if ground.profile().offer(&operation).is_some() {
            continue;
        }
        match ground.client(quick()).operate(&operation).await {
            Err(SendError::NoSuchOperation { operation: kind, .. }) => ensure!(kind == operation.kind(), "{kind:?}"),
            other => bail!("{}: {other:?}", operation.kind()),
        }
    }
    ensure!(ground.world().log().is_empty(), "something was called");
    Ok(())
}
