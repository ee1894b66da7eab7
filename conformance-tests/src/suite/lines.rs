//! Connections that fail, at every step.

use anyhow::{Context as _, Result, ensure};
use omnipush_core::engine::Purpose as Step;
use omnipush_core::{Class, Settings, Verdict};

use super::faults::is_true;
use super::ground::{Ground, accepted, quick, verdict};
use super::targets::is_unsure;
use super::{needs, samples};
use crate::raw::{self, Cut, Script};

behaviours![
    where_nobody_listens_nothing_is_sent,
    a_connection_that_is_closed_at_once_loses_nothing,
    a_connection_that_is_reset_loses_nothing,
    a_connection_that_is_cut_before_the_answer_is_true_in_the_end: needs::http1,
    half_a_status_line_is_true_in_the_end: needs::http1,
    a_head_without_its_body_is_true_in_the_end: |subject| needs::http1(subject).and_then(|()| needs::wordy_success(subject)),
    half_a_body_is_true_in_the_end: |subject| needs::http1(subject).and_then(|()| needs::wordy_success(subject)),
    an_answer_that_is_not_http_is_no_answer: needs::http1,
    a_line_that_is_never_there_ends_within_the_attempts,
];

async fn where_nobody_listens_nothing_is_sent(ground: &Ground) -> Result<()> {
    let client = ground.sharing_at(&raw::nobody().await?, quick()).await?;
    let report = client.send(&samples::plain(), ground.targets(3)).await?;
    ensure!(report.verdicts.len() == 3, "{} verdicts", report.verdicts.len());
    for (_, verdict) in &report.verdicts {
        ensure!(matches!(verdict, Verdict::Refused(_)), "not sent for certain, and yet {verdict:?}");
        let refusal = verdict.refusal().context("accepted")?;
        ensure!(refusal.class == Class::Unavailable && refusal.status == 0, "{refusal}");
        ensure!(!refusal.text.is_empty(), "it does not say what is wrong");
    }
    Ok(())
}

/// Nothing reached the vendor, but the sender cannot always know.
async fn unserved(ground: &Ground, script: Script) -> Result<()> {
    let (_line, client) = ground.by_line(&[script], quick()).await?;
    let report = client.send(&samples::plain(), ground.target(0)).await?;
    let verdict = verdict(&report)?;
    let delivered = ground.world().delivered().len();
    if is_unsure(verdict) {
        ensure!(!ground.profile().dedups, "the vendor de-duplicates, and nothing was repeated");
        ensure!(delivered == 0, "delivered {delivered} times");
    } else {
        accepted(verdict)?;
        ensure!(delivered == 1, "accepted, and delivered {delivered} times");
    }
    // The client has recovered.
    ground.forget();
    let report = client.send(&samples::plain(), ground.target(1)).await?;
    accepted(super::ground::verdict(&report)?)?;
    ground.delivered_once(&[ground.target(1)])
}

async fn a_connection_that_is_closed_at_once_loses_nothing(ground: &Ground) -> Result<()> {
    unserved(ground, Script::HangUp).await
}

async fn a_connection_that_is_reset_loses_nothing(ground: &Ground) -> Result<()> {
    unserved(ground, Script::Reset).await
}

async fn an_answer_that_is_not_http_is_no_answer(ground: &Ground) -> Result<()> {
    unserved(ground, Script::Say(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")).await
}

/// The vendor served the request, and its answer was cut.
async fn cut(ground: &Ground, cut: Cut) -> Result<()> {
    let (_line, client) = ground.by_line(&[Script::Cut(cut)], quick()).await?;
    let report = client.send(&samples::plain(), ground.target(0)).await?;
    let verdict = verdict(&report)?;
    if ground.plans(Step::Stage, 1) {
        // It was the saving of the message that met the fault, and that may be repeated.
        accepted(verdict)?;
        return ground.delivered_once(&ground.targets(1));
    }
    is_true(ground, verdict, true)
}

async fn a_connection_that_is_cut_before_the_answer_is_true_in_the_end(ground: &Ground) -> Result<()> {
    cut(ground, Cut::All).await
}

async fn half_a_status_line_is_true_in_the_end(ground: &Ground) -> Result<()> {
    cut(ground, Cut::StatusLine).await
}

async fn a_head_without_its_body_is_true_in_the_end(ground: &Ground) -> Result<()> {
    cut(ground, Cut::Body).await
}

async fn half_a_body_is_true_in_the_end(ground: &Ground) -> Result<()> {
    cut(ground, Cut::HalfBody).await
}

async fn a_line_that_is_never_there_ends_within_the_attempts(ground: &Ground) -> Result<()> {
    let settings: Settings = quick();
    let scripts = vec![Script::HangUp; settings.attempts as usize + 3];
    let (_line, client) = ground.by_line(&scripts, settings).await?;
    let report = client.send(&samples::plain(), ground.target(0)).await?;
    let verdict = verdict(&report)?;
    ensure!(!verdict.is_accepted(), "accepted by nobody");
    ensure!(ground.world().delivered().is_empty(), "delivered by nobody");
    Ok(())
}
