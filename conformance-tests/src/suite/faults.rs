//! A vendor that is slow, down, overrun, or says what nobody understands: every target ends with
//! one verdict that is true.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use omnipush_core::{Class, Clock as _, Remedy, Settings, SystemClock, Verdict};
use tokio::time::Instant;

use super::ground::{Ground, accepted, once, quick, verdict};
use super::targets::is_unsure;
use super::{needs, samples};
use crate::fake::{At, DocumentedCode, Purpose, Trouble};

behaviours![
    a_vendor_that_is_down_for_a_moment_delivers_once,
    a_wait_in_seconds_is_kept,
    a_wait_until_a_date_is_kept,
    a_vendor_that_stays_down_is_not_asked_for_ever,
    an_error_page_of_a_front_end_is_no_answer,
    an_answer_that_is_garbage_is_no_answer,
    an_empty_answer_is_no_answer: needs::wordy_success,
    an_answer_that_is_too_large_is_no_answer: needs::wordy_send,
    a_redirect_is_not_followed,
    an_answer_that_comes_too_late_is_true_in_the_end,
    a_repeat_is_the_same_request: needs::dedups,
    the_same_notification_twice_is_delivered_once: needs::dedups,
    one_notification_to_two_devices_is_two_deliveries,
    saving_that_fails_for_a_moment_delivers_once: needs::staging,
    saving_that_fails_sends_nothing: needs::staging,
    a_refusal_that_cannot_change_is_not_repeated,
];

/// The verdict is true: accepted means delivered once. A lost answer is asked for again where the
/// vendor de-duplicates; elsewhere it is unsure, and stays so.
pub(super) fn is_true(ground: &Ground, verdict: &Verdict, served: bool) -> Result<()> {
    let delivered = ground.world().delivered().len();
    if ground.profile().dedups {
        accepted(verdict)?;
        ensure!(delivered == 1, "accepted, and delivered {delivered} times");
    } else {
        ensure!(is_unsure(verdict), "the answer was lost, and yet {verdict:?}");
        ensure!(delivered == usize::from(served), "delivered {delivered} times");
        ensure!(ground.sends() <= 1, "sent {} times, although the vendor does not de-duplicate", ground.sends());
    }
    Ok(())
}

async fn a_vendor_that_is_down_for_a_moment_delivers_once(ground: &Ground) -> Result<()> {
    ground.world().script(Purpose::Send, Trouble::Status(503, Vec::new(), ""));
    let report = ground.send(&samples::plain(), ground.targets(1)).await?;
    accepted(verdict(&report)?)?;
    ground.delivered_once(&ground.targets(1))?;
    ensure!(ground.sends() == 2, "{} sends", ground.sends());
    Ok(())
}

/// Sends after a 429 with a hint, and says how long that took.
async fn hinted(ground: &Ground, hint: String) -> Result<Duration> {
    ground.warm().await?;
    ground.world().script(Purpose::Send, Trouble::Status(429, vec![("retry-after", hint)], ""));
    let began = Instant::now();
    let report = ground.sharing(quick()).send(&samples::plain(), ground.target(0)).await?;
    accepted(verdict(&report)?)?;
    ensure!(ground.sends() == 2, "{} sends", ground.sends());
    Ok(began.elapsed())
}

async fn a_wait_in_seconds_is_kept(ground: &Ground) -> Result<()> {
    let took = hinted(ground, "1".into()).await?;
    ensure!(took >= Duration::from_secs(1) && took < Duration::from_secs(20), "asked for 1 s, waited {took:?}");
    Ok(())
}

async fn a_wait_until_a_date_is_kept(ground: &Ground) -> Result<()> {
    ground.warm().await?;
    let at: SystemTime = UNIX_EPOCH + Duration::from_millis(SystemClock.now_ms()) + Duration::from_secs(2);
    let took = hinted(ground, httpdate::fmt_http_date(at)).await?;
    // A date has whole seconds only.
    ensure!(took >= Duration::from_millis(900) && took < Duration::from_secs(20), "2 s ahead, waited {took:?}");
    Ok(())
}

async fn a_vendor_that_stays_down_is_not_asked_for_ever(ground: &Ground) -> Result<()> {
    ground.warm().await?;
    ground.world().always(Purpose::Send, Trouble::Status(503, Vec::new(), ""));
    let report = ground.sharing(quick()).send(&samples::plain(), ground.target(0)).await?;
    let verdict = verdict(&report)?;
    let refusal = verdict.refusal().context("accepted")?;
    // Some vendors document 503 as their way of holding back.
    let later = matches!(refusal.class, Class::Unavailable | Class::RateLimited);
    ensure!(later && refusal.status == 503, "{refusal}");
    let attempts = quick().attempts as usize;
    ensure!(ground.sends() == attempts, "{} attempts instead of {attempts}", ground.sends());
    Ok(())
}

/// One trouble, and then nothing.
async fn after(ground: &Ground, trouble: Trouble, settings: Settings, served: bool) -> Result<()> {
    ground.warm().await?;
    ground.world().script(Purpose::Send, trouble);
    let report = ground.sharing(settings).send(&samples::plain(), ground.target(0)).await?;
    is_true(ground, verdict(&report)?, served)
}

async fn an_error_page_of_a_front_end_is_no_answer(ground: &Ground) -> Result<()> {
    const PAGE: &str = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>";
    let html = vec![("content-type", "text/html".to_owned())];
    after(ground, Trouble::Status(502, html, PAGE), quick(), false).await
}

async fn an_answer_that_is_garbage_is_no_answer(ground: &Ground) -> Result<()> {
    after(ground, Trouble::Garbage, quick(), false).await
}

async fn an_empty_answer_is_no_answer(ground: &Ground) -> Result<()> {
    after(ground, Trouble::Status(200, Vec::new(), ""), quick(), false).await
}

async fn an_answer_that_is_too_large_is_no_answer(ground: &Ground) -> Result<()> {
    ground.warm().await?;
    let mut settings = quick();
    settings.max_reply = 1;
    let report = ground.sharing(settings).send(&samples::plain(), ground.target(0)).await?;
    let verdict = verdict(&report)?;
    ensure!(is_unsure(verdict), "the answer was not read, and yet {verdict:?}");
    ground.delivered_once(&ground.targets(1))
}

async fn a_redirect_is_not_followed(ground: &Ground) -> Result<()> {
    for status in [301, 302, 307, 308] {
        ground.warm().await?;
        let location = vec![("location", format!("{}/elsewhere", ground.host.url()))];
        ground.world().script(Purpose::Send, Trouble::Status(status, location, ""));
        let report = ground.sharing(once()).send(&samples::plain(), ground.target(0)).await?;
        let verdict = verdict(&report)?;
        ensure!(!verdict.is_accepted(), "{status} was taken for success");
        ensure!(!verdict.is_dead_target(), "{status} was taken for a dead target");
        let strayed = ground.world().count(Purpose::Unknown);
        ensure!(strayed == 0, "{status} was followed, with all credentials");
    }
    Ok(())
}

async fn an_answer_that_comes_too_late_is_true_in_the_end(ground: &Ground) -> Result<()> {
    let mut settings = quick();
    settings.attempt_timeout = Duration::from_millis(700);
    after(ground, Trouble::Slow(Duration::from_secs(3)), settings, true).await
}

/// Under the same id, or the vendor could not know it for a repeat.
async fn a_repeat_is_the_same_request(ground: &Ground) -> Result<()> {
    for n in [samples::plain(), samples::with_id("order-42")?] {
        ground.warm().await?;
        ground.world().script(Purpose::Send, Trouble::Garbage);
        let report = ground.sharing(quick()).send(&n, ground.target(0)).await?;
        accepted(verdict(&report)?)?;
        ground.delivered_once(&ground.targets(1))?;
        let delivered = ground.world().delivered();
        let id = delivered.first().and_then(|delivered| delivered.request_id.clone());
        ensure!(id.is_some_and(|id| !id.is_empty()), "a vendor that de-duplicates got no id");
    }
    Ok(())
}

async fn the_same_notification_twice_is_delivered_once(ground: &Ground) -> Result<()> {
    let n = samples::with_id("order-42")?;
    for _ in 0..2 {
        let report = ground.sharing(quick()).send(&n, ground.target(0)).await?;
        accepted(verdict(&report)?)?;
    }
    ground.delivered_once(&ground.targets(1))
}

/// An id is the notification's: it must not make a second device look like a repeat.
async fn one_notification_to_two_devices_is_two_deliveries(ground: &Ground) -> Result<()> {
    let n = samples::with_id("order-42")?;
    for number in 0..2 {
        let report = ground.sharing(quick()).send(&n, ground.target(number)).await?;
        accepted(verdict(&report)?)?;
    }
    ground.delivered_once(&ground.targets(2))?;
    let targets: Vec<_> = (10..14).map(|number| ground.target(number)).collect();
    ground.forget();
    ground.sharing(quick()).send(&n, targets.clone()).await?;
    ground.delivered_once(&targets)
}

async fn saving_that_fails_for_a_moment_delivers_once(ground: &Ground) -> Result<()> {
    let targets = ground.targets(5);
    for trouble in [Trouble::Status(503, Vec::new(), ""), Trouble::Garbage] {
        ground.warm().await?;
        ground.world().script(Purpose::Stage, trouble);
        let report = ground.sharing(quick()).send(&samples::plain(), targets.clone()).await?;
        report.verdicts.iter().try_for_each(|(_, verdict)| accepted(verdict))?;
        ground.delivered_once(&targets)?;
    }
    Ok(())
}

async fn saving_that_fails_sends_nothing(ground: &Ground) -> Result<()> {
    ground.warm().await?;
    ground.world().always(Purpose::Stage, Trouble::Status(503, Vec::new(), ""));
    let report = ground.sharing(quick()).send(&samples::plain(), ground.targets(5)).await?;
    for (_, verdict) in &report.verdicts {
        ensure!(matches!(verdict, Verdict::Refused(_)), "not sent for certain, and yet {verdict:?}");
        let refusal = verdict.refusal().context("accepted")?;
        ensure!(refusal.class == Class::Unavailable, "{refusal}");
    }
    ensure!(ground.sends() == 0, "{} sends of a message that was not saved", ground.sends());
    Ok(())
}

async fn a_refusal_that_cannot_change_is_not_repeated(ground: &Ground) -> Result<()> {
    ground.warm().await?;
    let mut tried = 0;
    let lasting = |code: &DocumentedCode| {
        matches!(code.class, Class::InvalidRequest | Class::PayloadTooLarge | Class::InvalidToken)
    };
    for code in ground.tap.codes_at(At::Send).filter(lasting) {
        // Some are cured: a saved message that is gone is saved again.
        let row = ground.manual().codes.iter().find(|row| code.code.split(' ').next() == Some(row.code)).copied();
        if row.is_none_or(|row| row.remedy != Remedy::Stand) {
            continue;
        }
        tried += 1;
        ground.forget();
        ground.world().always(Purpose::Send, Trouble::Code(code));
        ground.sharing(quick()).send(&samples::plain(), ground.target(0)).await?;
        ground.world().calm();
        ensure!(ground.sends() == 1, "{} was repeated {} times", code.code, ground.sends() - 1);
    }
    ensure!(tried > 0, "the table lets no failure stand");
    Ok(())
}
