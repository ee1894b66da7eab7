//! Sizes: trials made from the adapter's own table of fields, and judged by the fake.

use anyhow::{Context as _, Result, bail, ensure};
use omnipush_core::table::{FieldDoc, Limit};
use omnipush_core::{
    Class, Click, CollapseKey, EncodeError, Fault, Field, HttpUrl, Notification, Overflow, Settings, Sound, Unit,
};

use super::encode::names;
use super::ground::{Ground, Subject, accepted, quick, verdict};
use super::{needs, samples};

behaviours![
    what_is_too_long_is_refused_with_field_limit_and_size: needs::text_limit,
    what_is_exactly_at_its_limit_is_taken: needs::text_limit,
    too_long_texts_are_cut_between_characters_when_asked: needs::cut,
    only_texts_are_ever_cut: needs::text_limit,
    what_the_vendor_demands_is_named_when_it_is_missing: needs::demands,
    a_time_to_live_moved_into_range_is_reported: needs::clamp,
    a_message_that_is_too_large_is_refused: needs::whole_limit,
    however_large_the_data_is_it_is_refused_or_taken_whole,
    all_problems_are_named_at_once: needs::text_limit,
    what_cannot_be_encoded_sends_nothing,
];

/// Units in which a text of one size is made of characters of different widths.
const FILLS: [char; 3] = ['a', '中', '😀'];

/// A row whose limit a notification can reach.
#[derive(Clone)]
pub(super) struct Limited {
    pub(super) wire: String,
    pub(super) field: Field,
    pub(super) max: usize,
    pub(super) unit: Unit,
    pub(super) cut: bool,
    /// Whether pairs are counted as what they are on the wire, JSON.
    json: bool,
}

/// The rows that carry one model field under a limit of size.
pub(super) fn rows(subject: &Subject) -> Vec<Limited> {
    let limited = |row: FieldDoc| {
        let Limit::Max(max, unit) = row.limit else { return None };
        let field = row.uses.iter().next()?;
        let row = Limited { wire: row.wire, field, max, unit, cut: row.cut, json: row.kind == "text" };
        // The model's own types may be narrower than the vendor.
        filled(&row, max + 1, 'a').is_some().then_some(row)
    };
    subject.manual().fields.into_iter().filter_map(limited).collect()
}

/// A text of a size, made of one character as far as it goes.
fn text(size: usize, unit: Unit, fill: char) -> String {
    let step = unit.measure(fill.encode_utf8(&mut [0; 4])).max(1);
    let mut text: String = std::iter::repeat_n(fill, size / step).collect();
    text.extend(std::iter::repeat_n('a', size % step));
    text
}

/// A notification in which a row has a size; `None` where the model does not allow it.
fn filled(row: &Limited, size: usize, fill: char) -> Option<Notification> {
    let (n, unit) = (samples::plain(), row.unit);
    let url = || {
        let head = "https://example.com/";
        HttpUrl::new(format!("{head}{}", text(size.checked_sub(head.len())?, unit, 'a'))).ok()
    };
    Some(match row.field {
        Field::Title => Notification { title: Some(text(size, unit, fill)), ..n },
        Field::Body => Notification { body: Some(text(size, unit, fill)), ..n },
        Field::Subtitle => Notification { subtitle: Some(text(size, unit, fill)), ..n },
        Field::Sound => Notification { sound: Some(Sound::Named(text(size, unit, 'a'))), ..n },
        Field::Channel => Notification { channel: Some(text(size, unit, 'a')), ..n },
        Field::Category => Notification { category: Some(text(size, unit, 'a')), ..n },
        Field::Thread => Notification { thread: Some(text(size, unit, 'a')), ..n },
        Field::CollapseKey => Notification { collapse_key: Some(CollapseKey::new(text(size, unit, 'a')).ok()?), ..n },
        Field::Image => Notification { image: Some(url()?), ..n },
        Field::Click => Notification { click: Some(Click::Url(url()?)), ..n },
        Field::Data if unit == Unit::Entries => {
            let mut n = n;
            (0..size).try_for_each(|at| n.data.push(format!("k{at}"), "v")).ok()?;
            n
        }
        Field::Data => {
            let mut n = n;
            let frame = if row.json { r#"{"k":""}"#.len() } else { "k".len() };
            n.data.push("k", text(size.checked_sub(frame)?, unit, fill)).ok()?;
            n
        }
        _ => return None,
    })
}

/// What an error says about a row's length.
fn too_long(error: &EncodeError, row: &Limited) -> Option<(usize, usize)> {
    error.problems.iter().find(|problem| problem.wire == row.wire).and_then(|problem| match problem.fault {
        Fault::TooLong { size, limit, .. } => Some((size, limit)),
        _ => None,
    })
}

/// Rows are for one kind of message or the other, such as `activity` beside `url`: a row that
/// this notification does not fill is none of this trial's.
fn stands(ground: &Ground, row: &Limited) -> bool {
    let huge = [100, 10, 2].into_iter().find_map(|times| filled(row, row.max * times, 'a'));
    let n = huge.or_else(|| filled(row, row.max + 1, 'a')).unwrap_or_default();
    let error = ground.planner(Settings::default()).prepare(&n).err();
    error.is_some_and(|error| error.problems.iter().any(|problem| problem.wire == row.wire))
}

fn standing(ground: &Ground) -> Result<Vec<Limited>> {
    let all = rows(ground);
    let fields: Vec<Field> = all.iter().map(|row| row.field).collect();
    let standing: Vec<Limited> = all.into_iter().filter(|row| stands(ground, row)).collect();
    for field in fields {
        // A key may be sent as a hash, and much else only by a setting; these are sent as they are.
        let always = matches!(field, Field::Title | Field::Body | Field::Data);
        ensure!(
            !always || standing.iter().any(|row| row.field == field),
            "the limit of `{field}` is in the table, and nothing enforces it"
        );
    }
    Ok(standing)
}

async fn what_is_too_long_is_refused_with_field_limit_and_size(ground: &Ground) -> Result<()> {
    for row in standing(ground)? {
        for fill in FILLS {
            let size = row.max + 1;
            let Some(n) = filled(&row, size, fill) else { continue };
            let error = match ground.client(quick()).send(&n, ground.target(0)).await {
                Err(omnipush_core::SendError::Encode(error)) => error,
                Err(error) => bail!("{}: {error}", row.wire),
                Ok(_) => bail!("{} took {size} {} ({fill:?}); its limit is {}", row.wire, row.unit, row.max),
            };
            ensure!(too_long(&error, &row) == Some((size, row.max)), "{}: {error}", row.wire);
            ensure!(names(&error, row.field), "`{}` is not named: {error}", row.field);
            let words = error.to_string();
            let says = [size.to_string(), row.max.to_string(), row.unit.to_string()];
            ensure!(says.iter().all(|part| words.contains(part.as_str())), "{words}");
        }
    }
    ensure!(ground.world().log().is_empty(), "something was sent");
    Ok(())
}

async fn what_is_exactly_at_its_limit_is_taken(ground: &Ground) -> Result<()> {
    for row in standing(ground)? {
        // Which channels, categories and sounds there are is the app's affair.
        if matches!(row.field, Field::Channel | Field::Category | Field::Sound) {
            continue;
        }
        for fill in FILLS {
            let Some(n) = filled(&row, row.max, fill) else { continue };
            match ground.planner(Settings::default()).prepare(&n) {
                Ok(_) => {}
                // Another limit, of the whole message or of a neighbour, may be reached first.
                Err(error) if error.problems.iter().all(|problem| problem.wire != row.wire) => continue,
                Err(error) => bail!("{} of {} {}: {error}", row.wire, row.max, row.unit),
            }
            let report = ground.sharing(quick()).send(&n, ground.target(0)).await?;
            accepted(verdict(&report)?)
                .with_context(|| format!("{} of {} {} {fill:?}", row.wire, row.max, row.unit))?;
        }
    }
    Ok(())
}

async fn too_long_texts_are_cut_between_characters_when_asked(ground: &Ground) -> Result<()> {
    let mut settings = quick();
    settings.overflow = Overflow::Truncate;
    for row in rows(ground).into_iter().filter(|row| row.cut && stands(ground, row)) {
        for fill in FILLS {
            // An odd beginning, so that a cut by the wrong unit falls inside a character.
            let whole = format!("x{}", text(3 * row.max, row.unit, fill));
            let mut n = samples::plain();
            match row.field {
                Field::Title => n.title = Some(whole.clone()),
                Field::Body => n.body = Some(whole.clone()),
                Field::Subtitle => n.subtitle = Some(whole.clone()),
                other => bail!("{} may be cut, but `{other}` is no text", row.wire),
            }
            let client = ground.sharing(settings.clone());
            let prepared = client.prepare(&n)?;
            let cut = prepared.cuts().into_iter().find(|cut| cut.field == Some(row.field));
            let cut = cut.with_context(|| format!("{} was cut without a report", row.wire))?;
            ensure!(cut.from > cut.to, "{}: from {} to {}", row.wire, cut.from, cut.to);
            ground.forget();
            let report = client.send(&n, ground.target(0)).await?;
            accepted(verdict(&report)?).with_context(|| row.wire.clone())?;
            let delivered = ground.world().delivered();
            let delivered = delivered.last().context("nothing was delivered")?;
            let got = match row.field {
                Field::Title => delivered.title.clone(),
                Field::Body => delivered.body.clone(),
                _ => continue,
            };
            let got = got.unwrap_or_default();
            ensure!(whole.starts_with(&got), "{}: {got:?} is no beginning", row.wire);
            let size = row.unit.measure(&got);
            let near = size <= row.max && size + row.unit.measure(fill.encode_utf8(&mut [0; 4])) > row.max;
            ensure!(near, "{} was cut to {size} {}; {} are allowed", row.wire, row.unit, row.max);
        }
    }
    Ok(())
}

/// Half a URL is no URL.
async fn only_texts_are_ever_cut(ground: &Ground) -> Result<()> {
    let mut settings = Settings::default();
    settings.overflow = Overflow::Truncate;
    for row in standing(ground)?.into_iter().filter(|row| !row.cut) {
        let Some(n) = filled(&row, row.max + 1, 'a') else { continue };
        match ground.planner(settings.clone()).prepare(&n) {
            Ok(_) => bail!("{} was too long, and went through", row.wire),
            Err(error) => ensure!(too_long(&error, &row).is_some(), "{}: {error}", row.wire),
        }
    }
    Ok(())
}

async fn what_the_vendor_demands_is_named_when_it_is_missing(ground: &Ground) -> Result<()> {
    for row in ground.manual().fields.into_iter().filter(|row| row.needed) {
        for field in row.uses.iter() {
            for empty in [None, Some(String::new()), Some("   ".to_owned())] {
                let mut n = samples::plain();
                match field {
                    Field::Title => n.title = empty,
                    Field::Body => n.body = empty,
                    _ => continue,
                }
                match ground.client(quick()).send(&n, ground.target(0)).await {
                    Ok(_) => bail!("`{field}` is demanded, and was not missed"),
                    Err(error) => ensure!(error.to_string().contains(field.as_str()), "`{field}`: {error}"),
                }
            }
        }
    }
    ensure!(ground.world().log().is_empty(), "something was sent");
    Ok(())
}

async fn a_time_to_live_moved_into_range_is_reported(ground: &Ground) -> Result<()> {
    let n = Notification { ttl: Some(omnipush_core::Ttl::from_secs(31_536_000)?), ..samples::plain() };
    let prepared = ground.planner(Settings::default()).prepare(&n)?;
    let cut = prepared.cuts().into_iter().find(|cut| cut.field == Some(Field::Ttl));
    let cut = cut.context("a year was shortened without a report")?;
    ensure!(cut.to < cut.from, "from {} to {}", cut.from, cut.to);
    ground.deliver(&n).await.map(drop)
}

async fn a_message_that_is_too_large_is_refused(ground: &Ground) -> Result<()> {
    let mut n = samples::plain();
    n.data.push("blob", "x".repeat(64 * 1024))?;
    match ground.client(quick()).send(&n, ground.target(0)).await {
        Ok(_) => bail!("64 KiB of data were sent"),
        Err(omnipush_core::SendError::Encode(error)) => {
            ensure!(error.class() == Class::PayloadTooLarge, "{error}");
        }
        Err(error) => bail!("{error}"),
    }
    ensure!(ground.world().log().is_empty(), "something was sent");
    Ok(())
}

async fn however_large_the_data_is_it_is_refused_or_taken_whole(ground: &Ground) -> Result<()> {
    for size in [500, 1000, 1100, 2000, 3000, 3900, 4000, 4095, 4096, 4200, 9000] {
        for fill in FILLS {
            let value = text(size, Unit::Bytes, fill);
            let mut n = samples::plain();
            n.data.push("blob", value.as_str())?;
            match ground.planner(Settings::default()).prepare(&n) {
                Err(error) => ensure!(error.class() == Class::PayloadTooLarge, "{size} bytes: {error}"),
                Ok(_) => {
                    let delivered = ground.deliver(&n).await.with_context(|| format!("{size} bytes of {fill:?}"))?;
                    let whole = delivered.data.iter().any(|(key, holds)| key == "blob" && *holds == value);
                    ensure!(whole, "{size} bytes were not delivered whole");
                }
            }
        }
    }
    Ok(())
}

async fn all_problems_are_named_at_once(ground: &Ground) -> Result<()> {
    let mut n = samples::plain();
    let mut wrong = Vec::new();
    for field in [Field::Title, Field::Body, Field::Data] {
        let Some(row) = rows(ground).into_iter().find(|row| row.field == field && stands(ground, row)) else {
            continue;
        };
        let Some(long) = filled(&row, row.max + 1, 'a') else { continue };
        match field {
            Field::Title => n.title = long.title,
            Field::Body => n.body = long.body,
            _ => n.data = long.data,
        }
        wrong.push(field);
    }
    ensure!(!wrong.is_empty(), "no text and no data have a limit");
    match ground.planner(Settings::default()).prepare(&n) {
        Ok(_) => bail!("{wrong:?} are too long, and nothing is said"),
        Err(error) => ensure!(wrong.iter().all(|field| names(&error, *field)), "not all of {wrong:?}: {error}"),
    }
    Ok(())
}

async fn what_cannot_be_encoded_sends_nothing(ground: &Ground) -> Result<()> {
    let mut n = samples::plain();
    n.vendors.insert(ground.profile().id.to_owned(), serde_json::json!({"no_such_option": 1}));
    let client = ground.client(quick());
    let targets = ground.targets(ground.profile().batch().min(50) + 1);
    ensure!(client.send(&n, targets.clone()).await.is_err(), "it was sent to a list");
    ensure!(client.send_many(&n, futures::stream::iter(targets)).is_err(), "it was sent to a stream");
    ensure!(ground.world().log().is_empty(), "something was called, if only for a token");
    Ok(())
}
