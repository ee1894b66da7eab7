//! Every target gets exactly one verdict, and nobody else gets anything.

use std::collections::HashSet;

use anyhow::{Context as _, Result, bail, ensure};
use omnipush_core::{Audience, Class, SendError, Shape, Target, Verdict};

use super::ground::{Ground, accepted, all_accepted, leaves, quick, verdict};
use super::{needs, samples};
use crate::fake::{Fake as _, Purpose, TargetState};

behaviours![
    one_target_is_delivered_once,
    no_target_is_no_request,
    a_few_targets_are_delivered_once_each,
    a_full_batch_is_one_request,
    one_more_than_a_batch_is_split,
    a_list_that_shrinks_below_its_minimum_is_sent_singly: needs::least,
    the_report_keeps_the_order_of_the_targets,
    a_dead_target_among_the_living_is_the_only_one_refused,
    a_dead_target_is_refused_alone_as_in_a_list,
    all_dead_targets_are_refused_each,
    a_malformed_target_is_not_sent_and_spoils_nothing,
    hostile_targets_reach_nobody_else,
    a_target_named_twice_has_one_fate,
    message_ids_of_the_vendor_are_kept,
    every_audience_is_delivered_to_once: needs::group,
    an_audience_that_is_not_offered_is_an_error,
];

async fn one_target_is_delivered_once(ground: &Ground) -> Result<()> {
    let targets = ground.targets(1);
    all_accepted(&ground.send(&samples::plain(), targets.clone()).await?, &targets)?;
    ground.delivered_once(&targets)?;
    ensure!(ground.sends() == 1, "{} sends", ground.sends());
    Ok(())
}

async fn no_target_is_no_request(ground: &Ground) -> Result<()> {
    let report = ground.send(&samples::plain(), Vec::new()).await?;
    ensure!(report.verdicts.is_empty(), "{} verdicts for nobody", report.verdicts.len());
    ensure!(ground.world().log().is_empty(), "something was sent");
    Ok(())
}

async fn a_few_targets_are_delivered_once_each(ground: &Ground) -> Result<()> {
    for count in [2, 3, 7] {
        ground.forget();
        let targets = ground.targets(count);
        let report = ground.sharing(quick()).send(&samples::plain(), targets.clone()).await?;
        all_accepted(&report, &targets).with_context(|| format!("{count} targets"))?;
        ground.delivered_once(&targets)?;
    }
    Ok(())
}

async fn a_full_batch_is_one_request(ground: &Ground) -> Result<()> {
    let targets = ground.targets(ground.profile().batch());
    all_accepted(&ground.send(&samples::plain(), targets.clone()).await?, &targets)?;
    ground.delivered_once(&targets)?;
    ensure!(ground.sends() == 1, "{} sends", ground.sends());
    Ok(())
}

async fn one_more_than_a_batch_is_split(ground: &Ground) -> Result<()> {
    let targets = ground.targets(ground.profile().batch() + 1);
    all_accepted(&ground.send(&samples::plain(), targets.clone()).await?, &targets)?;
    ground.delivered_once(&targets)?;
    ensure!(ground.sends() == 2, "{} sends", ground.sends());
    let staged = ground.world().count(Purpose::Stage);
    ensure!(staged <= 1, "one message was saved {staged} times");
    Ok(())
}

async fn a_list_that_shrinks_below_its_minimum_is_sent_singly(ground: &Ground) -> Result<()> {
    let least = ground.least_list().unwrap_or(1);
    let mut targets = ground.targets(least);
    let malformed = malformed(ground).into_iter().next().context("every text is a target here")?;
    *targets.last_mut().context("no targets")? = malformed.clone();
    let report = ground.send(&samples::plain(), targets.clone()).await?;
    for (target, verdict) in &report.verdicts {
        match *target == malformed {
            true => ensure!(!verdict.is_accepted(), "a malformed target was accepted"),
            false => accepted(verdict)?,
        }
    }
    targets.pop();
    ground.delivered_once(&targets)
}

async fn the_report_keeps_the_order_of_the_targets(ground: &Ground) -> Result<()> {
    let mut targets = ground.targets(2 * ground.profile().batch().min(60) + 5);
    targets.reverse();
    targets.swap(0, 3);
    let dead: HashSet<usize> = [1, 4, targets.len() - 1].into();
    for at in &dead {
        let target = targets.get(*at).context("too few targets")?;
        ground.world().set_target(target.as_str(), TargetState::Dead);
    }
    let report = ground.send(&samples::plain(), targets.clone()).await?;
    let named: Vec<&Target> = report.verdicts.iter().map(|(target, _)| target).collect();
    ensure!(named.into_iter().eq(&targets), "the report has another order");
    for (at, (_, verdict)) in report.verdicts.iter().enumerate() {
        ensure!(verdict.is_dead_target() == dead.contains(&at), "number {at}: {verdict:?}");
    }
    Ok(())
}

async fn a_dead_target_among_the_living_is_the_only_one_refused(ground: &Ground) -> Result<()> {
    let mut targets = ground.targets(5);
    let dead = targets.get(2).cloned().context("too few targets")?;
    ground.world().set_target(dead.as_str(), TargetState::Dead);
    let report = ground.send(&samples::plain(), targets.clone()).await?;
    for (target, verdict) in &report.verdicts {
        match *target == dead {
            true => ensure!(verdict.is_dead_target(), "the dead target: {verdict:?}"),
            false => accepted(verdict)?,
        }
    }
    ensure!(report.dead_targets().eq([&dead]), "the report names other dead targets");
    targets.retain(|target| *target != dead);
    ground.delivered_once(&targets)
}

async fn a_dead_target_is_refused_alone_as_in_a_list(ground: &Ground) -> Result<()> {
    let dead = ground.target(0);
    ground.world().set_target(dead.as_str(), TargetState::Dead);
    let client = ground.client(quick());
    let report = client.send(&samples::plain(), dead.clone()).await?;
    let alone = verdict(&report)?;
    ensure!(alone.is_dead_target(), "alone: {alone:?}");
    let refusal = alone.refusal().context("a dead target without words")?;
    let silent = refusal.code.is_empty() && refusal.text.is_empty() && refusal.status == 0;
    ensure!(!silent, "nothing of what the vendor said is left");
    let report = client.send(&samples::plain(), [dead, ground.target(1), ground.target(2)]).await?;
    let first = report.verdicts.first().context("no verdicts")?;
    ensure!(first.1.is_dead_target(), "in a list: {:?}", first.1);
    ensure!(ground.sends() <= 4, "a dead target was asked for {} times", ground.sends());
    Ok(())
}

async fn all_dead_targets_are_refused_each(ground: &Ground) -> Result<()> {
    for count in [1, 2, 6] {
        let targets = ground.targets(count);
        targets.iter().for_each(|target| ground.world().set_target(target.as_str(), TargetState::Dead));
        let report = ground.sharing(quick()).send(&samples::plain(), targets).await?;
        ensure!(report.verdicts.len() == count, "{} verdicts for {count} targets", report.verdicts.len());
        for (_, verdict) in &report.verdicts {
            ensure!(verdict.is_dead_target(), "one of {count}: {verdict:?}");
        }
    }
    ensure!(ground.world().delivered().is_empty(), "the dead got something");
    Ok(())
}

/// Texts that no vendor means, and some that some vendors mean.
fn odd() -> Vec<Target> {
    let long = "x".repeat(10_240);
    let texts = [
        "",
        " ",
        "a,b",
        "\"",
        "\",\"x",
        "a\"]}",
        "a\\",
        "a\r\nX-Injected: 1",
        "a\nb",
        "&x=y",
        "a&title=owned",
        "a=b",
        "../../x",
        "..",
        "%2e%2e%2f",
        "a/b",
        "a?b#c",
        "a\0b",
        "\u{7f}",
        "令牌",
        "жетон",
        "🚚",
        "\u{202e}nekot",
        "a b",
        "'; --",
        "{\"$ne\":1}",
        "@all",
        "*",
        &long,
    ];
    texts.into_iter().map(Target::new).collect()
}

fn malformed(ground: &Ground) -> Vec<Target> {
    odd().into_iter().filter(|target| !(ground.profile().target_ok)(target.as_str())).collect()
}

async fn a_malformed_target_is_not_sent_and_spoils_nothing(ground: &Ground) -> Result<()> {
    let malformed = malformed(ground);
    ensure!(malformed.contains(&Target::new("")), "an empty text is a target here");
    let living = ground.targets(3);
    let mut all = living.clone();
    malformed.iter().enumerate().for_each(|(at, target)| all.insert(at % 3 + at, target.clone()));
    let report = ground.send(&samples::plain(), all.clone()).await?;
    ensure!(report.verdicts.len() == all.len(), "{} verdicts for {} targets", report.verdicts.len(), all.len());
    for (target, verdict) in &report.verdicts {
        if living.contains(target) {
            accepted(verdict)?;
            continue;
        }
        let refusal = verdict.refusal().context("a malformed target was accepted")?;
        ensure!(&*refusal.code == "malformed_target", "another code: {refusal}");
        ensure!(refusal.class == Class::InvalidRequest, "only the vendor can say that a target is gone: {refusal}");
        ensure!(refusal.text.contains(ground.profile().target_form), "it does not say what is right: {refusal}");
    }
    ground.delivered_once(&living)?;
    ground.forget();
    ground.send(&samples::plain(), malformed).await?;
    ensure!(ground.world().log().is_empty(), "malformed targets alone made a request");
    Ok(())
}

async fn hostile_targets_reach_nobody_else(ground: &Ground) -> Result<()> {
    let client = ground.sharing(quick());
    let victim = ground.target(7);
    let hostile = odd().into_iter().chain([
        Target::new(format!("{},{}", ground.target(8).as_str(), victim.as_str())),
        Target::new(format!("x\",\"{}", victim.as_str())),
        Target::new(format!("x&registration_id={}", victim.as_str())),
        Target::new(format!("x/../{}", victim.as_str())),
        Target::new(format!("{}\r\n", victim.as_str())),
        Target::new(format!(" {}", victim.as_str())),
    ]);
    for hostile in hostile {
        for companions in [0, 2] {
            ground.forget();
            let living = ground.targets(companions);
            let all: Vec<Target> = living.iter().cloned().chain([hostile.clone()]).collect();
            let report = client.send(&samples::plain(), all.clone()).await?;
            let shown: String = hostile.as_str().chars().take(40).collect();
            ensure!(report.verdicts.len() == all.len(), "{shown:?}: {} verdicts", report.verdicts.len());
            for (target, verdict) in report.verdicts.iter().take(companions) {
                accepted(verdict).with_context(|| format!("{shown:?} spoilt {target:?}"))?;
            }
            for delivered in ground.world().delivered() {
                let meant = all.iter().any(|target| target.as_str() == delivered.target);
                ensure!(meant, "{shown:?} reached {:?}", delivered.target);
                ensure!(delivered.title == samples::plain().title, "{shown:?} changed the message");
            }
        }
    }
    Ok(())
}

async fn a_target_named_twice_has_one_fate(ground: &Ground) -> Result<()> {
    let (living, dead) = (ground.target(0), ground.target(1));
    ground.world().set_target(dead.as_str(), TargetState::Dead);
    let all = [&living, &dead, &living, &dead].map(Clone::clone).to_vec();
    let report = ground.send(&samples::plain(), all).await?;
    ensure!(report.verdicts.len() == 4, "{} verdicts", report.verdicts.len());
    for (target, verdict) in &report.verdicts {
        ensure!(verdict.is_accepted() == (*target == living), "{target:?}: {verdict:?}");
        ensure!(verdict.is_dead_target() == (*target == dead), "{target:?}: {verdict:?}");
    }
    let times = ground.deliveries_to(&living);
    ensure!((1..=2).contains(&times), "named twice, delivered {times} times");
    Ok(())
}

/// What was answered is what the caller can look receipts up by.
async fn message_ids_of_the_vendor_are_kept(ground: &Ground) -> Result<()> {
    for count in [1, 3] {
        ground.forget();
        let report = ground.sharing(quick()).send(&samples::plain(), ground.targets(count)).await?;
        let delivered = ground.world().delivered();
        for (target, verdict) in &report.verdicts {
            accepted(verdict)?;
            let Some(id) = verdict.message_id() else { continue };
            let delivered = delivered.iter().find(|delivered| delivered.target == target.as_str());
            let delivered = delivered.context("accepted, and not delivered")?;
            let known = delivered.message_id.as_str();
            // Some vendors count a saved message by the ticket under which it was sent.
            let ticket = leaves(&delivered.raw).iter().any(|(_, leaf)| leaf == id);
            ensure!(!id.is_empty() && (id.ends_with(known) || ticket), "the vendor said {known:?}, the verdict {id:?}");
        }
    }
    Ok(())
}

async fn every_audience_is_delivered_to_once(ground: &Ground) -> Result<()> {
    for call in ground.profile().calls.iter().filter(|call| !call.shape.is_device()) {
        ground.forget();
        let audience = ground.tap.audience(call.shape);
        let names = match &audience {
            Audience::Aliases(names) | Audience::Accounts(names) => names.len(),
            _ => 1,
        };
        let mut n = samples::plain();
        n.vendors.extend(ground.tap.options(call.shape).map(|options| (ground.profile().id.to_owned(), options)));
        let report = ground.client(quick()).send(&n, audience).await?;
        report.verdicts.iter().try_for_each(|(_, verdict)| accepted(verdict)).context(call.shape.as_str())?;
        let delivered = ground.world().delivered().len();
        ensure!(delivered == names, "{}: {delivered} deliveries, not {names}", call.shape.as_str());
    }
    Ok(())
}

async fn an_audience_that_is_not_offered_is_an_error(ground: &Ground) -> Result<()> {
    for shape in Shape::ALL.into_iter().filter(|shape| !shape.is_device()) {
        if ground.profile().call(shape).is_some() {
            continue;
        }
        match ground.client(quick()).send(&samples::plain(), ground.tap.audience(shape)).await {
            Err(SendError::NoSuchAudience { vendor, .. }) => ensure!(vendor == ground.profile().id, "{vendor}"),
            other => bail!("{shape:?}: {other:?}"),
        }
    }
    ensure!(ground.world().log().is_empty(), "something was sent");
    Ok(())
}

/// Whether a verdict leaves open what became of the target.
pub(super) fn is_unsure(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Unsure(_))
}
