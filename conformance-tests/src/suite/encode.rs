//! What a notification says arrives, or the caller is told that it does not.

use anyhow::{Context as _, Result, bail, ensure};
use omnipush_core::{Class, Click, Client, EncodeError, Field, Fields, Notification, Prepared, Settings, Ttl, Verdict};

use super::ground::{Ground, accepted, quick, verdict};
use super::samples::{self, PAIRS, TEXTS};

behaviours![
    texts_arrive_unchanged,
    line_breaks_and_tabs_arrive_unchanged_or_are_refused_by_name,
    data_arrives_unchanged_and_in_order,
    a_time_to_live_arrives_or_its_change_is_reported,
    a_collapse_key_arrives_or_is_reported,
    no_field_is_dropped_in_silence,
    every_field_that_is_carried_is_taken_by_the_vendor,
    what_decides_whether_to_deliver_is_never_lost,
    a_dry_run_delivers_nothing,
    a_list_says_what_a_single_send_says,
    losses_are_known_before_sending,
    encoding_is_deterministic,
    an_unknown_option_is_refused_by_name,
    options_of_other_vendors_do_not_matter,
];

/// Whether an error is about a field.
pub(super) fn names(error: &EncodeError, field: Field) -> bool {
    error.problems.iter().any(|problem| problem.field == Some(field))
}

/// Whether a field is reported as lost or changed.
pub(super) fn reported(prepared: &Prepared, field: Field) -> bool {
    prepared.losses().iter().any(|loss| loss.field == field)
        || prepared.cuts().iter().any(|cut| cut.field == Some(field))
}

async fn arrives(ground: &Ground, text: &str) -> Result<()> {
    let title = format!("T {text}");
    let n = Notification::new(title.as_str(), format!("B {text}"));
    let delivered = ground.deliver(&n).await.with_context(|| format!("{text:?}"))?;
    ensure!(delivered.title.as_ref() == n.title.as_ref(), "the title {title:?} became {:?}", delivered.title);
    ensure!(delivered.body.as_ref() == n.body.as_ref(), "the text {:?} became {:?}", n.body, delivered.body);
    Ok(())
}

async fn texts_arrive_unchanged(ground: &Ground) -> Result<()> {
    for text in TEXTS {
        arrives(ground, text).await?;
    }
    Ok(())
}

async fn line_breaks_and_tabs_arrive_unchanged_or_are_refused_by_name(ground: &Ground) -> Result<()> {
    for text in ["two\nlines", "tab\tbed", "carriage\r\nreturn"] {
        let n = Notification::new(format!("T {text}"), format!("B {text}"));
        match ground.planner(Settings::default()).prepare(&n) {
            Ok(_) => arrives(ground, text).await?,
            Err(error) => ensure!(names(&error, Field::Title) || names(&error, Field::Body), "{text:?}: {error}"),
        }
    }
    Ok(())
}

async fn data_arrives_unchanged_and_in_order(ground: &Ground) -> Result<()> {
    let delivered = ground.deliver(&samples::pairs()?).await?;
    let got: Vec<(&str, &str)> = delivered.data.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    ensure!(got == PAIRS, "{PAIRS:?} became {got:?}");
    Ok(())
}

async fn a_time_to_live_arrives_or_its_change_is_reported(ground: &Ground) -> Result<()> {
    for seconds in [0, 1, 59, 60, 3600, 5000, 86_400, 259_200, 864_000, 31_536_000] {
        let n = Notification { ttl: Some(Ttl::from_secs(seconds)?), ..samples::plain() };
        let prepared = match ground.planner(Settings::default()).prepare(&n) {
            Ok(prepared) => prepared,
            Err(error) if names(&error, Field::Ttl) => continue,
            Err(error) => bail!("{seconds} s: {error}"),
        };
        let arrived = ground.deliver(&n).await.with_context(|| format!("{seconds} s"))?.ttl_seconds;
        // An end in time is a second off when the second changes on the way.
        let same = arrived.is_some_and(|arrived| arrived.abs_diff(seconds.into()) <= u64::from(seconds > 60) * 2);
        ensure!(same || reported(&prepared, Field::Ttl), "{seconds} s became {arrived:?}, unreported");
    }
    Ok(())
}

async fn a_collapse_key_arrives_or_is_reported(ground: &Ground) -> Result<()> {
    let mut arrived = Vec::new();
    for n in samples::with_field(Field::CollapseKey)? {
        let prepared = ground.planner(Settings::default()).prepare(&n)?;
        let (one, two) = (ground.deliver(&n).await?, ground.deliver(&n).await?);
        ensure!(one.collapse == two.collapse, "one key became {:?} and {:?}", one.collapse, two.collapse);
        ensure!(one.collapse.is_some() || reported(&prepared, Field::CollapseKey), "it went without a report");
        arrived.push(one.collapse);
    }
    Ok(())
}

/// A field, set alone, changes what is sent; or it is lost or refused, in so many words.
async fn no_field_is_dropped_in_silence(ground: &Ground) -> Result<()> {
    let planner = ground.planner(Settings::default());
    let bytes = |n: &Notification| -> Result<Vec<Vec<u8>>> {
        let targets = ground.targets(1);
        let planned = planner.plan(&planner.prepare(n)?, &targets).map_err(|refusal| anyhow::anyhow!("{refusal}"))?;
        let parts = planned.into_iter().flat_map(|planned| {
            let headers = planned.headers.into_iter().map(|(_, value)| value.as_bytes().to_vec());
            headers.chain([planned.url.into_bytes(), planned.body.to_vec()]).collect::<Vec<_>>()
        });
        Ok(parts.collect())
    };
    let plain = bytes(&samples::plain())?;
    for field in Field::ALL {
        let (mut shown, mut silent) = (false, Vec::new());
        for n in samples::with_field(field)? {
            match planner.prepare(&n) {
                Err(error) => shown |= names(&error, field) || error.problems.iter().any(|p| p.field.is_none()),
                Ok(prepared) if prepared.losses().iter().any(|loss| loss.field == field) => shown = true,
                Ok(_) if bytes(&n)? != plain => shown = true,
                Ok(_) => silent.push(n),
            }
        }
        ensure!(shown, "`{field}` changes nothing, and is neither lost nor refused");
        // What is the vendor's habit anyway may change nothing.
        for n in silent {
            let habit = matches!(field, Field::Sound | Field::Priority) || n.click == Some(Click::App);
            ensure!(habit, "{n:?} is sent as if `{field}` were not set");
        }
    }
    Ok(())
}

async fn every_field_that_is_carried_is_taken_by_the_vendor(ground: &Ground) -> Result<()> {
    for field in Field::ALL {
        for n in samples::with_field(field)? {
            if ground.planner(Settings::default()).prepare(&n).is_err() {
                continue;
            }
            let report = ground.sharing(quick()).send(&n, ground.target(0)).await?;
            let outcome = verdict(&report)?;
            // Which channels, categories and sounds there are is the app's affair.
            let by_name = matches!(field, Field::Channel | Field::Category | Field::Sound);
            if by_name && outcome.refusal().is_some_and(|refusal| refusal.class == Class::InvalidRequest) {
                continue;
            }
            accepted(outcome).with_context(|| format!("`{field}`: {n:?}"))?;
        }
    }
    Ok(())
}

async fn what_decides_whether_to_deliver_is_never_lost(ground: &Ground) -> Result<()> {
    for field in Field::ALL.into_iter().filter(|field| field.must_be_carried()) {
        for n in samples::with_field(field)? {
            match ground.planner(Settings::default()).prepare(&n) {
                Ok(prepared) => ensure!(!reported(&prepared, field), "`{field}` is lost, and the rest is sent"),
                Err(error) => ensure!(names(&error, field), "`{field}` is not what is refused: {error}"),
            }
        }
    }
    Ok(())
}

async fn a_dry_run_delivers_nothing(ground: &Ground) -> Result<()> {
    let n = Notification { dry_run: true, ..samples::plain() };
    if ground.planner(Settings::default()).prepare(&n).is_ok() {
        let report = ground.send(&n, ground.targets(1)).await?;
        accepted(verdict(&report)?)?;
    } else {
        ensure!(ground.send(&n, ground.targets(1)).await.is_err(), "refused when prepared, and sent all the same");
    }
    ensure!(ground.world().delivered().is_empty(), "a dry run was delivered");
    Ok(())
}

/// A vendor's calls differ in form, not in what people read.
async fn a_list_says_what_a_single_send_says(ground: &Ground) -> Result<()> {
    let n = samples::pairs()?;
    let one = ground.deliver(&n).await?;
    ground.forget();
    let targets = ground.targets(3);
    ground.sharing(quick()).send(&n, targets.clone()).await?;
    ground.delivered_once(&targets)?;
    for delivered in ground.world().delivered() {
        ensure!(delivered.title == one.title && delivered.body == one.body, "the texts differ");
        ensure!(delivered.data == one.data, "{:?} became {:?}", one.data, delivered.data);
    }
    Ok(())
}

async fn losses_are_known_before_sending(ground: &Ground) -> Result<()> {
    let lost = ground.manual().lost;
    for field in Field::ALL {
        for n in samples::with_field(field)? {
            let Ok(prepared) = ground.planner(Settings::default()).prepare(&n) else { continue };
            for loss in prepared.losses() {
                ensure!(n.set_fields().has(loss.field), "`{}` is lost, and was not set", loss.field);
                ensure!(!loss.reason.is_empty(), "`{}` is lost for no reason", loss.field);
                let said = lost.iter().any(|lost| lost.field == loss.field && lost.reason == loss.reason);
                ensure!(said, "`{}` is lost, and the table does not say why", loss.field);
            }
        }
    }
    ensure!(ground.world().log().is_empty(), "preparing sent something");
    Ok(())
}

/// As much as the vendor carries in one notification.
pub(super) fn rich(client: &Client) -> Result<Notification> {
    let mut rich = samples::pairs()?;
    let without = Field::Kind.only().and(Field::SendAt.only()).and(Field::DryRun.only()).and(rich.set_fields());
    for field in Field::ALL.into_iter().filter(|field| !without.has(*field)) {
        for n in samples::with_field(field)? {
            let mut more = rich.clone();
            take(&mut more, &n, field);
            let prepared = client.prepare(&more);
            if prepared.is_ok_and(|prepared| !prepared.losses().iter().any(|loss| more.set_fields().has(loss.field))) {
                rich = more;
                break;
            }
        }
    }
    ensure!(rich.set_fields() != Fields::NONE, "nothing is carried");
    Ok(rich)
}

fn take(to: &mut Notification, from: &Notification, field: Field) {
    let from = from.clone();
    match field {
        Field::Subtitle => to.subtitle = from.subtitle,
        Field::Image => to.image = from.image,
        Field::Sound => to.sound = from.sound,
        Field::Badge => to.badge = from.badge,
        Field::Channel => to.channel = from.channel,
        Field::Category => to.category = from.category,
        Field::Click => to.click = from.click,
        Field::Ttl => to.ttl = from.ttl,
        Field::CollapseKey => to.collapse_key = from.collapse_key,
        Field::Priority => to.priority = from.priority,
        Field::Thread => to.thread = from.thread,
        Field::Id => to.id = from.id,
        Field::Receipt => to.receipt = from.receipt,
        Field::Title | Field::Body | Field::Data | Field::Kind | Field::SendAt | Field::DryRun => {}
    }
}

async fn encoding_is_deterministic(ground: &Ground) -> Result<()> {
    let planner = ground.planner(Settings::default());
    let n = rich(&planner)?;
    let encoded = || -> Result<Vec<String>> {
        let prepared = planner.prepare(&n)?;
        Ok(prepared.encoded().iter().map(|encoded| format!("{encoded:?}")).collect())
    };
    let first = encoded()?;
    for _ in 0..8 {
        ensure!(encoded()? == first, "the same notification was encoded in two ways");
    }
    Ok(())
}

async fn an_unknown_option_is_refused_by_name(ground: &Ground) -> Result<()> {
    let mut n = samples::plain();
    n.vendors.insert(ground.profile().id.to_owned(), serde_json::json!({"no_such_option": 1}));
    match ground.send(&n, ground.targets(1)).await {
        Ok(report) => bail!("sent: {:?}", report.verdicts.first().map(|(_, verdict): &(_, Verdict)| verdict)),
        Err(error) => ensure!(error.to_string().contains("no_such_option"), "the option is not named: {error}"),
    }
    ensure!(ground.world().log().is_empty(), "something was sent");
    Ok(())
}

async fn options_of_other_vendors_do_not_matter(ground: &Ground) -> Result<()> {
    let mut n = samples::plain();
    n.vendors.insert("another".into(), serde_json::json!({"whatever": [1, 2, 3]}));
    ground.deliver(&n).await.map(drop)
}
