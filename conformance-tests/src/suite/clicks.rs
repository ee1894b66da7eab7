//! What a tap does arrives, or the caller is told that it does not.

use anyhow::{Context as _, Result, ensure};
use omnipush_core::{Click, Field, Notification, Settings};

use super::encode::{names, reported};
use super::ground::{Ground, leaves};
use super::samples;

behaviours![
    every_kind_of_tap_arrives_or_is_reported,
    a_tap_that_opens_the_app_is_never_lost,
    a_tap_and_data_do_not_disturb_each_other,
];

async fn every_kind_of_tap_arrives_or_is_reported(ground: &Ground) -> Result<()> {
    for (click, seen) in samples::clicks()? {
        let n = samples::clicking(click.clone());
        let prepared = match ground.planner(Settings::default()).prepare(&n) {
            Ok(prepared) => prepared,
            Err(error) => {
                ensure!(names(&error, Field::Click), "{click:?}: another field is blamed: {error}");
                continue;
            }
        };
        let delivered = ground.deliver(&n).await.with_context(|| format!("{click:?}"))?;
        let arrived = match &delivered.click {
            Some(opens) => plain(opens).contains(seen) && !seen.is_empty(),
            // Some vendors' devices read it elsewhere in the message.
            None => seen.is_empty() || leaves(&delivered.raw).iter().any(|(_, leaf)| leaf.contains(seen)),
        };
        // Of several platforms, some may lose it.
        let lost = reported(&prepared, Field::Click);
        ensure!(arrived || lost, "{click:?} became {:?}, unreported", delivered.click);
    }
    Ok(())
}

async fn a_tap_that_opens_the_app_is_never_lost(ground: &Ground) -> Result<()> {
    let n = samples::clicking(Click::App);
    let prepared = ground.planner(Settings::default()).prepare(&n)?;
    ensure!(!reported(&prepared, Field::Click), "opening the app is what every vendor can do");
    let (with, without) = (ground.deliver(&n).await?, ground.deliver(&samples::plain()).await?);
    ensure!(with.click == without.click, "{:?} is not what is opened by default", with.click);
    Ok(())
}

async fn a_tap_and_data_do_not_disturb_each_other(ground: &Ground) -> Result<()> {
    for (click, seen) in samples::clicks()? {
        let n = Notification { click: Some(click.clone()), ..samples::pairs()? };
        let Ok(prepared) = ground.planner(Settings::default()).prepare(&n) else { continue };
        let delivered = ground.deliver(&n).await.with_context(|| format!("{click:?}"))?;
        let kept = samples::PAIRS
            .iter()
            .all(|(key, value)| delivered.data.iter().any(|(had, holds)| had == key && holds == value));
        ensure!(kept || reported(&prepared, Field::Data), "{click:?}: the data became {:?}", delivered.data);
        let opens = plain(&delivered.click.unwrap_or_default());
        let arrived = opens.contains(seen) || leaves(&delivered.raw).iter().any(|(_, leaf)| leaf.contains(seen));
        ensure!(arrived || reported(&prepared, Field::Click), "{click:?} became {opens:?} beside data");
    }
    Ok(())
}

/// An address of the app's own scheme, when it is written as an intent to view it.
fn plain(opens: &str) -> String {
    let as_address = || {
        let (rest, intent) = opens.strip_prefix("intent://")?.split_once("#Intent;")?;
        let scheme = intent.split(';').find_map(|part| part.strip_prefix("scheme="))?;
        Some(format!("{scheme}://{rest}"))
    };
    as_address().unwrap_or_else(|| opens.to_owned())
}
