//! What vivo offers besides sending: the counters of messages, checks of regIds, and the keeping
//! of tags, tag groups and tag segments, after vivo's Java SDK.
//!
//! What vivo answers for a tag, group or segment that is not there (or there already) is unknown,
//! and it has no number for it: such a call is taken.

use std::ops::AddAssign as _;

use serde_json::{Map, Value, json};

use super::codes::{self, MALFORMED, SUCCESS};
use super::fields::{self, Checked, Field, Object, check, ensure, number, strings, text};
use super::{Memory, Vivo, checks, own_app};
use crate::fake::{Answer, Call};

/// The counters of messages. The only call that is a GET.
pub(super) const STATISTICS: &str = "/report/getStatistics";
const CHECK: &str = "/invalidUser/check";
const TAG_UPDATE: &str = "/tag/update";
const ADD_MEMBERS: &str = "/tag/addMembers";
const REMOVE_MEMBERS: &str = "/tag/removeMembers";

/// How many ids a call on the members of a tag takes.
pub const MAX_MEMBERS: usize = 1000;
/// How many messages a call for counters takes.
pub const MAX_TASKS: usize = 100;

/// The calls that are posted, with their fields.
const CALLS: &[(&str, &[Field])] = &[
    (CHECK, fields::CHECK),
    ("/tag/add", fields::TAG_ADD),
    (TAG_UPDATE, fields::TAG_UPDATE),
    (ADD_MEMBERS, fields::TAG_MEMBERS),
    (REMOVE_MEMBERS, fields::TAG_MEMBERS),
    ("/tagGroup/add", fields::GROUP_ADD),
    ("/tagGroup/update", fields::GROUP_UPDATE),
    ("/tagGroup/addToGroup", fields::GROUP_TAGS),
    ("/tagSegment/add", fields::SEGMENT_ADD),
    ("/tagSegment/update", fields::SEGMENT_UPDATE),
];

/// The counters of a message, by vivo's names.
pub(super) const COUNTERS: [&str; 12] = [
    "target",
    "valid",
    "send",
    "receive",
    "display",
    "click",
    "targetInvalid",
    "targetUnSub",
    "targetInActive",
    "covered",
    "controlled",
    "targetOffline",
];

/// Whether a path is that of an operation that is posted.
pub(super) fn is_posted(path: &str) -> bool {
    CALLS.iter().any(|(known, _)| *known == path)
}

impl Memory {
    /// Counts targets of a message: those who got it and those who were dead.
    pub(super) fn count(&mut self, task_id: &str, reached: usize, invalid: usize) {
        let counters = self.counters.entry(task_id.to_owned()).or_default();
        let all = reached + invalid;
        for (name, count) in
            [("target", all), ("valid", reached), ("send", reached), ("receive", reached), ("targetInvalid", invalid)]
        {
            counters.entry(name).or_default().add_assign(count as u64);
        }
    }
}

impl Vivo {
    /// The counters of messages; one that is not known is left out.
    pub(super) fn statistics(&self, call: &Call) -> Checked<Answer> {
        let pairs = call.query_pairs();
        let ids: Vec<&str> = match &pairs[..] {
            [] => Vec::new(),
            [(name, ids)] if name == "taskIds" => ids.split(',').filter(|id| !id.is_empty()).collect(),
            _ => return fields::refuse(MALFORMED, "taskIds is the only parameter"),
        };
        ensure(!ids.is_empty(), "10473", "no taskIds")?;
        ensure(ids.len() <= MAX_TASKS, "10471", format!("{} taskIds", ids.len()))?;
        let memory = self.memory();
        let statistics: Vec<Value> = ids
            .iter()
            .filter_map(|id| {
                let counters = memory.counters.get(*id)?;
                let number = |name: &str| counters.get(name).copied().unwrap_or_default();
                let numbers = COUNTERS.iter().map(|name| ((*name).to_owned(), json!(number(name))));
                Some([("taskId".to_owned(), json!(id))].into_iter().chain(numbers).collect())
            })
            .collect();
        Ok(done(json!({"statistics": statistics})))
    }

    /// Any other operation.
    pub(super) fn operate(&self, call: &Call, body: &Object) -> Checked<Answer> {
        own_app(body)?;
        let path = call.path.as_str();
        let table = CALLS.iter().find(|(known, _)| *known == path).map_or(&[][..], |(_, table)| *table);
        check(body, &[table], MALFORMED)?;
        if let Some(expression) = body.get("expression").and_then(Value::as_object) {
            checks::expression(expression)?;
        }
        for list in ["userIds", "ids", "tagList"] {
            let all = body.get(list).and_then(Value::as_array).map_or(0, Vec::len);
            let said = strings(body, list).iter().filter(|text| !text.trim().is_empty()).count();
            ensure(said == all, MALFORMED, format!("{list} holds something that is no text"))?;
        }
        match path {
            CHECK => return self.check_reg_ids(body),
            TAG_UPDATE => self.memory().tags.rename(text(body, "oldName"), text(body, "newName")),
            ADD_MEMBERS | REMOVE_MEMBERS => self.change_members(path, body)?,
            _ => {}
        }
        Ok(done(json!({})))
    }

    fn check_reg_ids(&self, body: &Object) -> Checked<Answer> {
        let reg_ids = strings(body, "userIds");
        ensure(!reg_ids.is_empty(), MALFORMED, "no userIds")?;
        let bad = reg_ids.iter().filter_map(|&reg_id| {
            let code = self.failing(reg_id, false).filter(|code| super::lists::is_listed(code))?;
            Some(codes::invalid_user(code, reg_id))
        });
        Ok(done(json!({"data": bad.collect::<Vec<_>>()})))
    }

    fn change_members(&self, path: &str, body: &Object) -> Checked {
        let ids = strings(body, "ids");
        ensure(!ids.is_empty(), "10609", "no ids")?;
        ensure(ids.len() <= MAX_MEMBERS, "10614", format!("{} ids", ids.len()))?;
        // The fake knows no aliases, so those (type 2) wear nothing.
        if number(body, "type") == Some(1) {
            let (mut memory, tag) = (self.memory(), text(body, "name"));
            for id in ids {
                match path {
                    ADD_MEMBERS => memory.tags.add(tag, id),
                    _ => memory.tags.remove(tag, id),
                }
            }
        }
        Ok(())
    }
}

fn done(more: Value) -> Answer {
    let mut answer = Map::from_iter([("result".to_owned(), json!(0)), ("desc".to_owned(), json!(SUCCESS))]);
    answer.extend(more.as_object().cloned().unwrap_or_default());
    Answer::json(200, &Value::Object(answer))
}
