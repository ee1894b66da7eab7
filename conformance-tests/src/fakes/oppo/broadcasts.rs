//! One message for many: it is saved, and then broadcast to registration ids, to aliases, to those
//! who wear some tags, or to everyone.

use serde_json::{Value, json};

use super::checks::Way;
use super::codes::{self, BAD_TARGET, INVALID, REPEATED};
use super::fields::{self, Checked, Object, Refusal, check, ensure, number, refuse, text};
use super::form::Form;
use super::{ALIAS, Habit, MAX_TARGETS, Oppo, REGISTRATION_ID, decode};
use crate::fake::Answer;

/// `target_type` of everyone.
const ALL: i64 = 1;
/// `target_type` of a choice of tags.
const TAGS: i64 = 6;

/// What stands for the target of a push to everyone: the fake has no list of all devices.
pub const EVERYONE: &str = "everyone";

impl Oppo {
    pub(super) fn save(&self, form: &Form, now_ms: u64) -> Checked<Answer> {
        let message = fields::from_form(form.arguments(), fields::NOTIFICATION);
        self.check_notification(&message, Way::Saved, now_ms)?;
        let mut memory = self.memory();
        let app_message_id = text(&message, "app_message_id").to_owned();
        if let Some(before) = memory.saved_as.get(&app_message_id) {
            ensure(!self.has(Habit::RefusesRepeats), REPEATED, "a message was saved under this app_message_id")?;
            return Ok(codes::success(&json!({"message_id": before})));
        }
        let id = self.object_id("saved");
        if !app_message_id.is_empty() {
            memory.saved_as.insert(app_message_id, id.clone());
        }
        let answer = codes::success(&json!({"message_id": id}));
        memory.saved.insert(id, message);
        Ok(answer)
    }

    pub(super) fn broadcast(&self, form: &Form, first: Option<&'static str>) -> Checked<Answer> {
        let body = fields::from_form(form.arguments(), fields::BROADCAST);
        check(&body, fields::BROADCAST)?;
        let id = text(&body, "message_id");
        let Some(message) = self.memory().saved.get(id).cloned() else {
            return refuse("31", format!("no message was saved as {id}"));
        };
        let kind = number(&body, "target_type");
        let timed = number(&message, "push_time_type") == Some(1);
        ensure(!timed || kind == Some(ALL), INVALID, "only a push to all is timed")?;
        let raw: Object = message.iter().chain(&body).map(|(name, value)| (name.clone(), value.clone())).collect();
        let task_id = self.object_id("task");
        let mut data = json!({"message_id": id, "task_id": task_id});
        let targets = match kind {
            Some(REGISTRATION_ID | ALIAS) => self.named(&raw, form.required("target_value")?, first, &mut data)?,
            Some(TAGS) => {
                let chosen = self.chosen(form.required("target_value")?)?;
                chosen.into_iter().filter(|target| self.standing(target).is_ok_and(|there| there)).collect()
            }
            _ => {
                ensure(!self.has(Habit::DeniesAll), "27", "no right to push to all")?;
                ensure(form.get("target_value").is_none(), INVALID, "a push to all names targets")?;
                vec![EVERYONE.to_owned()]
            }
        };
        let refused = data.as_object().into_iter().flatten().filter_map(|(_, list)| list.as_array()).map(Vec::len);
        let all = targets.len() + refused.sum::<usize>();
        let unsent = targets.iter().filter(|target| self.sent_before(&message, target, id).is_none());
        for target in unsent {
            self.world.deliver(decode::delivered(&message, target, id, &raw));
        }
        self.memory().count(id, &task_id, all, targets.len());
        Ok(codes::success(&data))
    }

    /// The registration ids that a broadcast to named targets reaches. Those that fail are listed
    /// in `data`; with `first`, the first one fails so.
    fn named(
        &self,
        raw: &Object,
        targets: &str,
        first: Option<&'static str>,
        data: &mut Value,
    ) -> Checked<Vec<String>> {
        let kind = number(raw, "target_type");
        let targets: Vec<&str> = targets.split(';').collect();
        ensure(targets.len() <= MAX_TARGETS, INVALID, format!("{} targets", targets.len()))?;
        ensure(!targets.contains(&""), INVALID, "an empty target")?;
        let mut reached = Vec::new();
        for (at, target) in targets.iter().enumerate() {
            let twin = targets.iter().take(at).any(|other| other == target);
            let failing = first.filter(|_| at == 0).or(self.twin(kind, twin));
            match failing.map_or_else(|| self.reach(kind, target, BAD_TARGET), |code| refuse(code, *target)) {
                Ok(there) => reached.extend(there),
                Err(Refusal { code, .. }) => list(data, code, target),
            }
        }
        Ok(reached)
    }

    /// The registration ids that a choice of tags names: the three parts are intersected.
    fn chosen(&self, json: &str) -> Checked<Vec<String>> {
        let Ok(choice) = serde_json::from_str::<Object>(json) else {
            return refuse(INVALID, format!("target_value is no choice of tags: {json}"));
        };
        let known = choice.keys().all(|part| ["or", "and", "not"].contains(&part.as_str()));
        ensure(known, INVALID, format!("there are only or, and, not: {json}"))?;
        let part = |name: &str| match choice.get(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(tags)) => {
                let names: Vec<&str> = tags.iter().filter_map(Value::as_str).filter(|tag| !tag.is_empty()).collect();
                ensure(names.len() == tags.len(), INVALID, format!("{name} holds something that is no tag"))?;
                Ok(names)
            }
            Some(other) => refuse(INVALID, format!("{name} cannot be {other}")),
        };
        let (any, all, none) = (part("or")?, part("and")?, part("not")?);
        ensure(!(any.is_empty() && all.is_empty() && none.is_empty()), INVALID, "no tag is named")?;
        Ok(self.memory().tags.chosen(&any, &all, &none))
    }
}

/// Lists a target under the failure that it met, as an answer to a broadcast does.
fn list(data: &mut Value, code: &str, target: &str) {
    let (Some(data), Some(number)) = (data.as_object_mut(), codes::number(code)) else { return };
    let targets = data.entry(number.to_string()).or_insert_with(|| json!([]));
    if let Value::Array(targets) = targets {
        targets.push(json!(target));
    }
}
