//! The rules of HarmonyOS messages that span fields: which payload goes with which push-type, how
//! many tokens, and what fields need of one another.

use serde_json::{Map, Value};

use super::codes::{NO_RIGHT_TO_TYPE, NO_VOICE};
use super::tables;
use crate::fake::Call;
use crate::fakes::huawei::fields::{Checked, Field, STRUCTURE, check, ensure, refuse, text};
use crate::fakes::huawei::wire::MAX_TOKENS;

/// The scenario that the header push-type names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scenario {
    Alert,
    Form,
    Extension,
    Background,
    LiveView,
    Call,
}

/// Reads the header push-type.
pub(super) fn scenario(call: &Call) -> Checked<Scenario> {
    Ok(match call.header("push-type") {
        Some("0") => Scenario::Alert,
        Some("1") => Scenario::Form,
        Some("2") => Scenario::Extension,
        Some("6") => Scenario::Background,
        Some("7") => Scenario::LiveView,
        Some("10") => Scenario::Call,
        // For managed devices. What its payload is was never published.
        Some("11") => return refuse(NO_RIGHT_TO_TYPE, "the app may not send push-type 11"),
        other => return refuse(STRUCTURE, format!("the header push-type is {other:?}")),
    })
}

/// The tokens, if they are as many as the scenario takes.
pub(super) fn tokens(body: &Map<String, Value>, scenario: Scenario) -> Checked<&[Value]> {
    let Some(tokens) = body.get("target").and_then(|target| target.get("token")) else {
        return refuse("80300010", "no target.token");
    };
    let Some(tokens) = tokens.as_array() else { return refuse(STRUCTURE, "target.token is no list") };
    let form = scenario == Scenario::Form;
    let (most, most_in_test) = if form { (1, 1) } else { (MAX_TOKENS, 10) };
    let count = tokens.len();
    let test = body.get("pushOptions").and_then(|options| options.get("testMessage")) == Some(&Value::Bool(true));
    ensure(!test || count <= most_in_test, "80300030", format!("{count} tokens in a test"))?;
    ensure((1..=most).contains(&count), "80300010", format!("{count} tokens"))?;
    Ok(tokens)
}

/// Checks everything but the tokens.
pub(super) fn message(body: &Map<String, Value>, scenario: Scenario) -> Checked {
    check(body, tables::REQUEST, "body")?;
    let Some(payload) = body.get("payload").and_then(Value::as_object) else {
        return refuse(STRUCTURE, "payload is no object");
    };
    let shown = payload.get("notification").unwrap_or(&Value::Null);
    let voice = text(shown, "/category") == Some("PLAY_VOICE");
    ensure(!voice || scenario == Scenario::Extension, NO_VOICE, "PLAY_VOICE is for push-type 2")?;
    check(payload, table(scenario, shown), "payload")?;
    let wrong = |holds: bool, why: &str| ensure(!holds, STRUCTURE, why);
    match scenario {
        Scenario::Extension => wrong(!voice, "push-type 2 is for PLAY_VOICE")?,
        Scenario::Form => {
            let data = payload.get("formData").and_then(Value::as_object);
            wrong(data.is_some_and(|data| !tables::is_form_data(data)), "formData has values that no form can show")?;
        }
        Scenario::LiveView => {
            let creates = payload.get("operation").and_then(Value::as_i64) == Some(0);
            let event = payload.get("event").and_then(Value::as_str).unwrap_or_default();
            wrong(
                creates && !["FLIGHT", "TAXI", "TRAIN"].contains(&event),
                "live views of this event start elsewhere",
            )?;
        }
        _ => {}
    }
    options(body.get("pushOptions").unwrap_or(&Value::Null), scenario)?;
    notification(shown)
}

fn table(scenario: Scenario, shown: &Value) -> &'static [Field] {
    let shows = ["title", "body", "category"].into_iter().any(|name| shown.get(name).is_some());
    match scenario {
        Scenario::Alert if !shows && shown.get("badge").is_some() => tables::BADGE_ONLY,
        Scenario::Alert => tables::ALERT,
        Scenario::Form => tables::FORM,
        Scenario::Extension => tables::EXTENSION,
        Scenario::Background => tables::BACKGROUND,
        Scenario::LiveView => tables::LIVE_VIEW,
        Scenario::Call => tables::CALL,
    }
}

fn options(options: &Value, scenario: Scenario) -> Checked {
    let shown = matches!(scenario, Scenario::Alert | Scenario::Extension);
    ensure(shown || options.get("collapseKey").is_none(), STRUCTURE, "collapseKey is for push-types 0 and 2")?;
    let background = scenario == Scenario::Background;
    ensure(background || options.get("backgroundMode").is_none(), STRUCTURE, "backgroundMode is for push-type 6")
}

fn notification(shown: &Value) -> Checked {
    let wrong = |holds: bool, why: &str| ensure(!holds, STRUCTURE, why);
    let has = |pointer: &str| text(shown, pointer).is_some();
    let page = shown.pointer("/clickAction/actionType").and_then(Value::as_i64) == Some(1);
    wrong(page && !has("/clickAction/action") && !has("/clickAction/uri"), "actionType 1 needs action or uri")?;
    let inbox = shown.get("inboxContent").and_then(Value::as_array);
    match shown.get("style").and_then(Value::as_i64) {
        Some(1) => wrong(!has("/bigTitle") || !has("/bigBody"), "style 1 needs bigTitle and bigBody")?,
        Some(2) => return refuse(STRUCTURE, "there is no style 2"),
        Some(3) => wrong(inbox.is_none_or(Vec::is_empty), "style 3 needs inboxContent")?,
        _ => {}
    }
    wrong(shown.get("soundDuration").is_some() && !has("/sound"), "soundDuration needs sound")?;
    let empty = shown.get("badge").and_then(Value::as_object).is_some_and(Map::is_empty);
    wrong(empty, "a badge needs addNum or setNum")
}
