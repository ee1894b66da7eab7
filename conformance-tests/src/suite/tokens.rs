//! Access tokens: one for all, renewed once, and never a storm of requests for them.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use futures::future::join_all;
use omnipush_core::{Class, Client, Clock as _, FixedClock, Report, SystemClock, TokenStore, Verdict};
use serde_json::Value;

use super::ground::{Aged, Ground, accepted, leaves, once, quick, verdict};
use super::{needs, samples};
use crate::fake::{Call, Purpose, Trouble};

behaviours![
    a_hundred_first_sends_share_one_token: needs::token,
    an_old_token_that_is_refused_is_renewed_once: needs::token,
    an_old_token_that_is_refused_is_renewed_once_for_all: needs::token,
    a_vendor_that_refuses_every_token_sees_one_renewal: needs::token,
    a_young_token_that_is_refused_is_not_renewed: needs::token,
    clients_with_one_store_share_one_token: needs::token,
    without_a_token_nothing_is_sent: needs::sign_in,
    a_token_endpoint_that_recovers_is_asked_again: needs::sign_in,
    wrong_credentials_are_named_and_make_no_storm,
];

/// The access tokens that sends carried.
pub(super) fn carried(ground: &Ground) -> HashSet<String> {
    let Some(rule) = ground.profile().token else { return HashSet::new() };
    let heard = ground.tap.heard();
    let sends = heard.iter().filter(|heard| heard.purpose == Purpose::Send);
    let field =
        |call: &Call| call.form().into_iter().find(|(name, _)| name == rule.carry.header).map(|(_, token)| token);
    let carried = |call: &Call| match rule.carry.in_form {
        true => field(call),
        false => call.header(rule.carry.header).map(str::to_owned),
    };
    sends.filter_map(|heard| carried(&heard.call)).collect()
}

fn sign_ins(ground: &Ground) -> usize {
    ground.world().count(Purpose::Auth)
}

/// As many sends at once, each to its own target.
async fn many(ground: &Ground, client: &Client, count: usize) -> Result<Vec<Verdict>> {
    let sends = (0..count).map(|at| {
        let target = ground.target(at);
        async move { client.send(&samples::plain(), target).await }
    });
    let reports: Vec<Report> = join_all(sends).await.into_iter().collect::<Result<_, _>>()?;
    reports.iter().map(|report| Ok(verdict(report)?.clone())).collect()
}

async fn a_hundred_first_sends_share_one_token(ground: &Ground) -> Result<()> {
    for verdict in many(ground, &ground.client(quick()), 100).await? {
        accepted(&verdict)?;
    }
    let wanted = usize::from(needs::sign_in(ground).is_ok());
    ensure!(sign_ins(ground) == wanted, "{} sign-ins instead of {wanted}", sign_ins(ground));
    ensure!(carried(ground).len() == 1, "{} different tokens were carried", carried(ground).len());
    Ok(())
}

/// Leaves a token in the store that the vendor takes no more. Tokens made here get an older
/// clock: one made twice in a second is the same token.
pub(super) async fn expire(ground: &Ground) -> Result<Arc<Aged>> {
    let made_here = needs::sign_in(ground).is_err();
    let ago = if made_here { 30 * 60_000 } else { 0 };
    let client = Client::builder(Arc::clone(&ground.vendor), Arc::clone(&ground.transport))
        .settings(quick())
        .clock(FixedClock(SystemClock.now_ms() - ago))
        .token_store(Arc::clone(&ground.store) as Arc<dyn TokenStore>, "shared")
        .build();
    let report = client.send(&samples::plain(), ground.target(0)).await?;
    accepted(verdict(&report)?).context("with the first token")?;
    ground.world().expire_tokens();
    ground.forget();
    Ok(Aged::new(&ground.store))
}

async fn an_old_token_that_is_refused_is_renewed_once(ground: &Ground) -> Result<()> {
    let store = expire(ground).await?;
    let client = ground.sharing_from(Arc::clone(&store) as Arc<dyn TokenStore>, quick());
    let report = client.send(&samples::plain(), ground.target(1)).await?;
    accepted(verdict(&report)?)?;
    ground.delivered_once(&[ground.target(1)])?;
    ensure!(store.saved() == 1, "{} renewals", store.saved());
    ensure!(sign_ins(ground) <= 1, "{} sign-ins", sign_ins(ground));
    ensure!(ground.sends() == 2, "{} sends instead of a refused one and one more", ground.sends());
    Ok(())
}

async fn an_old_token_that_is_refused_is_renewed_once_for_all(ground: &Ground) -> Result<()> {
    let store = expire(ground).await?;
    let client = ground.sharing_from(Arc::clone(&store) as Arc<dyn TokenStore>, quick());
    for verdict in many(ground, &client, 40).await? {
        accepted(&verdict)?;
    }
    ground.delivered_once(&ground.targets(40))?;
    ensure!(store.saved() == 1, "{} renewals for 40 sends", store.saved());
    Ok(())
}

async fn a_vendor_that_refuses_every_token_sees_one_renewal(ground: &Ground) -> Result<()> {
    let store = expire(ground).await?;
    ground.world().refuse_tokens(true);
    let client = ground.sharing_from(Arc::clone(&store) as Arc<dyn TokenStore>, quick());
    for verdict in many(ground, &client, 30).await? {
        let refusal = verdict.refusal().context("accepted with a token that was refused")?;
        ensure!(refusal.class == Class::Unauthenticated, "{refusal}");
    }
    ensure!(store.saved() <= 1 && sign_ins(ground) <= 1, "{} renewals for 30 sends", store.saved());
    ensure!(ground.sends() <= 60, "{} requests for 30 sends", ground.sends());
    ensure!(ground.world().delivered().is_empty(), "it was delivered all the same");
    Ok(())
}

/// The fault is then not the token's age, and renewals would never end.
async fn a_young_token_that_is_refused_is_not_renewed(ground: &Ground) -> Result<()> {
    ground.world().refuse_tokens(true);
    let client = ground.client(quick());
    for verdict in many(ground, &client, 10).await? {
        let refusal = verdict.refusal().context("accepted with a token that was refused")?;
        ensure!(refusal.class == Class::Unauthenticated, "{refusal}");
    }
    ensure!(sign_ins(ground) <= 1, "{} sign-ins", sign_ins(ground));
    ensure!(carried(ground).len() == 1, "{} different tokens were carried", carried(ground).len());
    Ok(())
}

async fn clients_with_one_store_share_one_token(ground: &Ground) -> Result<()> {
    for number in 0..3 {
        let report = ground.sharing(quick()).send(&samples::plain(), ground.target(number)).await?;
        accepted(verdict(&report)?)?;
    }
    ensure!(sign_ins(ground) <= 1, "{} sign-ins for three clients with one store", sign_ins(ground));
    ensure!(carried(ground).len() == 1, "{} different tokens were carried", carried(ground).len());
    Ok(())
}

async fn without_a_token_nothing_is_sent(ground: &Ground) -> Result<()> {
    for (status, class) in [(503, Class::Unavailable), (500, Class::Unavailable)] {
        ground.forget();
        ground.world().always(Purpose::Auth, Trouble::Status(status, Vec::new(), ""));
        let report = ground.client(quick()).send(&samples::plain(), ground.targets(3)).await?;
        for (_, verdict) in &report.verdicts {
            ensure!(matches!(verdict, Verdict::Refused(_)), "not sent for certain, and yet {verdict:?}");
            let refusal = verdict.refusal().context("accepted")?;
            // Some vendors call a 503 their flow control.
            let flow = status == 503 && refusal.class == Class::RateLimited;
            ensure!(refusal.class == class || flow, "{status}: {refusal}");
        }
        ensure!(ground.sends() == 0, "{} sends without a token", ground.sends());
    }
    Ok(())
}

async fn a_token_endpoint_that_recovers_is_asked_again(ground: &Ground) -> Result<()> {
    ground.world().script(Purpose::Auth, Trouble::Status(503, Vec::new(), ""));
    ground.world().script(Purpose::Auth, Trouble::Garbage);
    let report = ground.client(quick()).send(&samples::plain(), ground.target(0)).await?;
    accepted(verdict(&report)?)?;
    ensure!(sign_ins(ground) == 3, "{} sign-ins", sign_ins(ground));
    Ok(())
}

/// The settings with one credential spoilt: every text under a name of keys or secrets, but those
/// that prove receipts.
fn spoilt(settings: &Value) -> Vec<(String, Value)> {
    let credential = |name: &str| (name.contains("secret") || name.contains("key")) && !name.starts_with("receipt_");
    let mut all = Vec::new();
    for (name, value) in leaves(settings).into_iter().filter(|(name, _)| credential(name)) {
        let middle = value.char_indices().filter(|(_, c)| c.is_ascii_alphanumeric()).nth(value.len() / 2);
        let (at, old) = middle.unwrap_or((0, 'x'));
        let new = if old == 'A' { 'B' } else { 'A' };
        let wrong: String = value.char_indices().map(|(i, c)| if i == at { new } else { c }).collect();
        let text = settings.to_string();
        let (from, to) = (Value::from(value).to_string(), Value::from(wrong).to_string());
        if let Ok(spoilt) = serde_json::from_str(&text.replace(&from, &to)) {
            all.push((name, spoilt));
        }
    }
    all
}

async fn wrong_credentials_are_named_and_make_no_storm(ground: &Ground) -> Result<()> {
    const SENDS: usize = 20;
    let mut refused = 0;
    for (name, settings) in spoilt(&ground.host.config()) {
        ground.forget();
        let Ok(vendor) = ground.mount.vendor_with(settings) else {
            // A key that is no key is found when the adapter is built: so much the better.
            refused += 1;
            continue;
        };
        let client = Client::builder(vendor, Arc::clone(&ground.transport)).settings(quick()).build();
        let verdicts = many(ground, &client, SENDS).await?;
        for verdict in verdicts {
            let refusal = verdict.refusal().with_context(|| format!("accepted with a wrong `{name}`"))?;
            let named = matches!(refusal.class, Class::Unauthenticated | Class::PermissionDenied);
            ensure!(named, "a wrong `{name}`: {refusal}");
        }
        refused += 1;
        ensure!(sign_ins(ground) <= 2, "a wrong `{name}`: {} sign-ins", sign_ins(ground));
        ensure!(ground.sends() <= SENDS, "a wrong `{name}`: {} requests for {SENDS} sends", ground.sends());
        ensure!(ground.world().delivered().is_empty(), "delivered with a wrong `{name}`");
        // Sign-ins are limited as well.
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    ensure!(refused > 0, "the settings have no credential");
    // The right ones still work.
    let report = ground.client(once()).send(&samples::plain(), ground.target(0)).await?;
    accepted(verdict(&report)?)
}
