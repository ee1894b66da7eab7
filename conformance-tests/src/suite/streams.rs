//! Streams and many sends at once.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use futures::{StreamExt as _, stream};
use omnipush_core::{Class, Notification, Target};
use tokio::time::{sleep, timeout};

use super::ground::{Ground, accepted, all_accepted, collect, quick, verdict};
use super::{needs, samples};
use crate::fake::TargetState;

behaviours![
    a_long_stream_gives_every_target_one_verdict_and_one_delivery,
    a_stream_of_nobody_ends,
    a_slow_stream_is_not_held_up,
    the_dead_in_a_stream_are_told_apart,
    each_device_gets_its_own_text,
    many_messages_go_by_the_call_for_them: needs::each,
    the_same_device_may_get_several_texts,
    a_text_that_cannot_be_encoded_is_its_own_target_s_refusal,
    concurrent_sends_are_each_delivered_once,
];

async fn a_long_stream_gives_every_target_one_verdict_and_one_delivery(ground: &Ground) -> Result<()> {
    let targets = ground.targets((2 * ground.profile().batch() + 1).max(65));
    let client = ground.client(quick());
    let verdicts = collect(client.send_many(&samples::plain(), stream::iter(targets.clone()))?).await;
    verdicts.iter().try_for_each(|(_, verdict)| accepted(verdict))?;
    let mut named: Vec<&Target> = verdicts.iter().map(|(target, _)| target).collect();
    let mut wanted: Vec<&Target> = targets.iter().collect();
    named.sort();
    wanted.sort();
    ensure!(named == wanted, "{} verdicts for {} targets", named.len(), wanted.len());
    ground.delivered_once(&targets)
}

async fn a_stream_of_nobody_ends(ground: &Ground) -> Result<()> {
    let client = ground.client(quick());
    let verdicts = collect(client.send_many(&samples::plain(), stream::iter([]))?).await;
    ensure!(verdicts.is_empty(), "verdicts for nobody");
    ensure!(ground.world().log().is_empty(), "something was sent");
    Ok(())
}

/// The first targets have their verdicts while the source still waits for the last.
async fn a_slow_stream_is_not_held_up(ground: &Ground) -> Result<()> {
    let (first, last) = (ground.targets(3), ground.target(3));
    let source = stream::iter(first.clone()).chain(stream::once(async {
        sleep(Duration::from_millis(1500)).await;
        last.clone()
    }));
    let client = ground.client(quick());
    let verdicts = client.send_many(&samples::plain(), source)?;
    let mut verdicts = std::pin::pin!(verdicts);
    for _ in 0..first.len() {
        let next = timeout(Duration::from_millis(1200), verdicts.next()).await;
        let (_, verdict) = next.context("held up by a slow source")?.context("the stream ended early")?;
        accepted(&verdict)?;
    }
    let (target, verdict) = verdicts.next().await.context("the last target got no verdict")?;
    accepted(&verdict)?;
    ensure!(target == last && verdicts.next().await.is_none(), "more verdicts than targets");
    Ok(())
}

async fn the_dead_in_a_stream_are_told_apart(ground: &Ground) -> Result<()> {
    let targets = ground.targets(40);
    let dead: Vec<Target> = targets.iter().step_by(7).cloned().collect();
    dead.iter().for_each(|target| ground.world().set_target(target.as_str(), TargetState::Dead));
    let client = ground.client(quick());
    let verdicts = collect(client.send_many(&samples::plain(), stream::iter(targets.clone()))?).await;
    ensure!(verdicts.len() == targets.len(), "{} verdicts", verdicts.len());
    for (target, verdict) in &verdicts {
        ensure!(verdict.is_dead_target() == dead.contains(target), "{target:?}: {verdict:?}");
    }
    let living: Vec<Target> = targets.into_iter().filter(|target| !dead.contains(target)).collect();
    ground.delivered_once(&living)
}

async fn each_device_gets_its_own_text(ground: &Ground) -> Result<()> {
    let targets = ground.targets(40);
    let text = |at: usize| format!("Parcel {at} 包裹 \"{at}\" & more");
    let pairs: Vec<_> = targets.iter().enumerate().map(|(at, t)| (samples::saying(text(at)), t.clone())).collect();
    let verdicts = collect(ground.client(quick()).send_each(stream::iter(pairs))).await;
    ensure!(verdicts.len() == targets.len(), "{} verdicts", verdicts.len());
    verdicts.iter().try_for_each(|(_, verdict)| accepted(verdict))?;
    ground.delivered_once(&targets)?;
    let got: HashMap<String, Option<String>> =
        ground.world().delivered().into_iter().map(|delivered| (delivered.target, delivered.body)).collect();
    for (at, target) in targets.iter().enumerate() {
        let body = got.get(target.as_str()).cloned().flatten();
        ensure!(body.as_deref() == Some(&text(at)), "number {at} got {body:?}");
    }
    Ok(())
}

async fn many_messages_go_by_the_call_for_them(ground: &Ground) -> Result<()> {
    let targets = ground.targets(30);
    let pairs: Vec<_> = targets.iter().map(|target| (samples::plain(), target.clone())).collect();
    let verdicts = collect(ground.client(quick()).send_each(stream::iter(pairs))).await;
    verdicts.iter().try_for_each(|(_, verdict)| accepted(verdict))?;
    ground.delivered_once(&targets)?;
    ensure!(ground.sends() < targets.len(), "{} requests for {} messages", ground.sends(), targets.len());
    Ok(())
}

async fn the_same_device_may_get_several_texts(ground: &Ground) -> Result<()> {
    let target = ground.target(0);
    let texts = ["The first 一", "The second 二", "The third 三"];
    let pairs = texts.map(|text| (samples::saying(text), target.clone()));
    let verdicts = collect(ground.client(quick()).send_each(stream::iter(pairs))).await;
    ensure!(verdicts.len() == texts.len(), "{} verdicts", verdicts.len());
    verdicts.iter().try_for_each(|(_, verdict)| accepted(verdict))?;
    let mut got: Vec<_> = ground.world().delivered().into_iter().filter_map(|delivered| delivered.body).collect();
    got.sort();
    let mut wanted = texts.map(str::to_owned);
    wanted.sort();
    ensure!(got == wanted, "{got:?} arrived");
    Ok(())
}

async fn a_text_that_cannot_be_encoded_is_its_own_target_s_refusal(ground: &Ground) -> Result<()> {
    let mut bad = samples::plain();
    bad.vendors.insert(ground.profile().id.to_owned(), serde_json::json!({"no_such_option": 1}));
    let targets = ground.targets(9);
    let of = |at: usize| if at % 3 == 1 { bad.clone() } else { samples::plain() };
    let pairs: Vec<_> = targets.iter().enumerate().map(|(at, target)| (of(at), target.clone())).collect();
    let verdicts = collect(ground.client(quick()).send_each(stream::iter(pairs))).await;
    ensure!(verdicts.len() == targets.len(), "{} verdicts", verdicts.len());
    let mut living = Vec::new();
    for (target, verdict) in verdicts {
        let at = targets.iter().position(|t| *t == target).context("a verdict for somebody else")?;
        if at % 3 == 1 {
            let refusal = verdict.refusal().context("accepted")?;
            ensure!(refusal.class == Class::InvalidRequest, "{refusal}");
            ensure!(refusal.text.contains("no_such_option"), "the refusal does not say why: {refusal}");
        } else {
            accepted(&verdict)?;
            living.push(target);
        }
    }
    ground.delivered_once(&living)
}

async fn concurrent_sends_are_each_delivered_once(ground: &Ground) -> Result<()> {
    let client = ground.client(quick());
    let text = |at: usize| Notification { title: Some(format!("Headline {at} 号")), ..samples::plain() };
    let sends = (0..64).map(|at| {
        let client = client.clone();
        let (n, target) = (text(at), ground.target(at));
        async move { (at, target.clone(), client.send(&n, target).await) }
    });
    for (at, target, report) in futures::future::join_all(sends).await {
        let report = report?;
        accepted(verdict(&report)?).with_context(|| format!("number {at}"))?;
        all_accepted(&report, &[target])?;
    }
    ground.delivered_once(&ground.targets(64))?;
    for delivered in ground.world().delivered() {
        let at = (0..64).find(|at| ground.target(*at).as_str() == delivered.target);
        match at {
            Some(at) => ensure!(delivered.title == text(at).title, "number {at} got {:?}", delivered.title),
            None => bail!("somebody else got something"),
        }
    }
    Ok(())
}
