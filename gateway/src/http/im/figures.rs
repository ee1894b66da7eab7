//! Statistics of pushes, and where they were lost.

use serde_json::{Map, Value, json};

use super::Request;
use super::body::texts;
use super::frame::{Answer, Refused, internal, object};
use super::push::id_of;
use super::send::key_of;
use crate::certificates::platform_code;
use crate::store::{Counts, Loss, LossStage, Scope};

/// Offline pushes; online ones are the client protocol's.
const OFFLINE: u8 = 1;

/// `normal_push_statistics`.
pub(super) async fn of_messages(request: Request) -> Answer {
    let counts = counts(&request, &scope(&request, 30, false)?).await?;
    Ok(good(summed(&counts.iter().collect::<Vec<_>>(), false)))
}

/// `all_member_push_statistics`.
pub(super) async fn of_tasks(request: Request) -> Answer {
    let counts = counts(&request, &scope(&request, 30, true)?).await?;
    let of_one = |counts: &[Counts]| {
        let mut result = object(json!({ "TaskID": counts.first().map(|first| key_of(&first.message)) }));
        result.extend(summed(&counts.iter().collect::<Vec<_>>(), true));
        Value::Object(result)
    };
    let results: Vec<Value> = counts.chunk_by(|a, b| a.message == b.message).map(of_one).collect();
    Ok(good(object(json!({ "Results": results }))))
}

/// `normal_push_loss`.
pub(super) async fn losses_of_messages(request: Request) -> Answer {
    let (before, after) = losses(&request, &scope(&request, 7, false)?).await?;
    Ok(good(lost(&before.iter().collect::<Vec<_>>(), &after.iter().collect::<Vec<_>>(), false)))
}

/// `all_member_push_loss`.
pub(super) async fn losses_of_tasks(request: Request) -> Answer {
    let scope = scope(&request, 7, true)?;
    if scope.ids.is_empty() {
        return Err(Refused::new(request.row.codes.malformed, "TaskID is missing or empty"));
    }
    let (before, after) = losses(&request, &scope).await?;
    let of_one = |id: &String| {
        let of = |all: &'_ [Loss]| all.iter().filter(|loss| loss.message == *id).cloned().collect::<Vec<_>>();
        let (before, after) = (of(&before), of(&after));
        let mut result = object(json!({ "TaskID": key_of(id) }));
        result.extend(lost(&before.iter().collect::<Vec<_>>(), &after.iter().collect::<Vec<_>>(), true));
        Value::Object(result)
    };
    let results: Vec<Value> = scope.ids.iter().map(of_one).collect();
    Ok(good(object(json!({ "Results": results }))))
}

/// `StartTime`, `EndTime` and `TaskID`.
fn scope(request: &Request, days: u64, tasks: bool) -> Result<Scope, Refused> {
    let code = request.row.codes.malformed;
    let time = |name: &str| {
        let given = request.number(name, code)?.and_then(|time| u64::try_from(time).ok());
        given.ok_or_else(|| Refused::new(code, format!("{name} is missing or negative")))
    };
    let (start, end) = (time("StartTime")?, time("EndTime")?);
    if end < start || end - start > days * 86_400 {
        return Err(Refused::new(code, format!("EndTime is not 0 to {days} days after StartTime")));
    }
    let ids =
        if tasks { texts(request.list("TaskID", code)?.unwrap_or_default(), "TaskID", code)? } else { Vec::new() };
    if ids.len() > 5 {
        return Err(Refused::new(code, format!("TaskID has {} tasks; at most 5 are allowed", ids.len())));
    }
    let ids = ids.iter().map(|task| id_of(task)).collect();
    // The second of the end is part of it.
    let to_ms = end.saturating_mul(1000).saturating_add(999);
    Ok(Scope { from_ms: start.saturating_mul(1000), to_ms, tasks, ids })
}

async fn counts(request: &Request, scope: &Scope) -> Result<Vec<Counts>, Refused> {
    let counts = request.im.gateway.store().counts(scope).await;
    counts.map_err(|error| internal(&error, request.row.codes))
}

async fn losses(request: &Request, scope: &Scope) -> Result<(Vec<Loss>, Vec<Loss>), Refused> {
    let (store, codes) = (request.im.gateway.store(), request.row.codes);
    let before = store.losses(scope, LossStage::BeforeSending).await.map_err(|error| internal(&error, codes))?;
    let after = store.losses(scope, LossStage::AfterSending).await.map_err(|error| internal(&error, codes))?;
    Ok((before, after))
}

/// The sum, and each vendor's figures.
fn summed(counts: &[&Counts], tasks: bool) -> Map<String, Value> {
    let figures = |counts: &[&Counts]| {
        let sum = |of: fn(&Counts) -> u64| counts.iter().map(|counts| of(counts)).sum::<u64>();
        object(json!({
            "TotalCount": sum(|counts| counts.total),
            "SentCount": sum(|counts| counts.sent),
            "DeliveredCount": sum(|counts| counts.delivered),
            "ClickCount": sum(|counts| counts.clicked),
        }))
    };
    let of_vendor = |counts: &&&Counts| {
        let mut item = platform(&counts.vendor, tasks);
        item.extend(figures(&[**counts]));
        Value::Object(item)
    };
    let mut all = figures(counts);
    let platforms = counts.iter().filter(|counts| !counts.vendor.is_empty());
    all.insert("PlatformStatistics".into(), platforms.collect::<Vec<_>>().iter().map(of_vendor).collect());
    all
}

/// The four lists of losses.
fn lost(before: &[&Loss], after: &[&Loss], tasks: bool) -> Map<String, Value> {
    let item =
        |loss: &Loss, count: u64| object(json!({ "ErrCode": loss.code, "ErrCount": count, "ErrInfo": loss.words }));
    let total = |losses: &[&Loss]| {
        let mut codes: Vec<(&Loss, u64)> = Vec::new();
        for loss in losses {
            match codes.iter_mut().find(|(known, _)| known.code == loss.code) {
                Some((_, count)) => *count += loss.count,
                None => codes.push((loss, loss.count)),
            }
        }
        codes.into_iter().map(|(loss, count)| Value::Object(item(loss, count))).collect::<Value>()
    };
    let platforms = |losses: &[&Loss]| {
        let of_vendor = |loss: &&Loss| {
            let mut all = platform(&loss.vendor, tasks);
            all.extend(item(loss, loss.count));
            Value::Object(all)
        };
        losses.iter().map(of_vendor).collect::<Value>()
    };
    object(json!({
        "ReadyToSendLoss": total(before),
        "PostSendDeliveredLoss": total(after),
        "PlatformReadyToSendLoss": platforms(before),
        "PlatformPostSendDeliveredLoss": platforms(after),
    }))
}

fn platform(vendor: &str, tasks: bool) -> Map<String, Value> {
    let mut item = object(json!({ "PushPlatform": platform_code(vendor) }));
    if tasks {
        item.insert("EventType".into(), OFFLINE.into());
    }
    item
}

/// The word that these calls have for success, spelt as the original spells it.
fn good(mut answer: Map<String, Value>) -> Map<String, Value> {
    answer.insert("ErrorInfo".into(), "sucess".into());
    answer
}
