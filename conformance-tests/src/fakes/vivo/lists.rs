//! Many targets: a message is saved once and pushed to lists of regIds; or it goes to everyone, or
//! to the phones that wear some tags.

use serde_json::{Value, json};

use super::checks::{self, Way};
use super::codes::{self, MALFORMED, SUCCESS};
use super::fields::{self, Checked, Object, check, ensure, refuse, strings, text};
use super::{LIST_TARGETS, MEMORY_MS, PATH_ALL, PATH_LIST, PATH_SAVE, PATH_TAGS, Vivo, own_app};
use crate::fake::{Answer, Call};

/// What stands for the target of a push to everyone: the fake has no list of all phones.
pub const EVERYONE: &str = "everyone";

impl Vivo {
    pub(super) fn save(&self, call: &Call, body: Object) -> Checked<Answer> {
        own_app(&body)?;
        check(&body, &[fields::MESSAGE], MALFORMED)?;
        self.check_message(call, &body, Way::List)?;
        let mut memory = self.memory();
        let request_id = text(&body, "requestId").to_owned();
        if let Some(first) = self.repeated(&memory, PATH_SAVE, &request_id, call.now_ms)? {
            return Ok(first);
        }
        let (task_id, answer) = self.taken();
        let until = call.now_ms + MEMORY_MS;
        memory.saved.insert(task_id, (body, until));
        memory.taken.insert(request_id, (PATH_SAVE, answer.clone(), until));
        Ok(answer)
    }

    pub(super) fn push_to_list(&self, call: &Call, body: &Object) -> Checked<Answer> {
        // The SDK leaves the app out here, but another app's is still another app's.
        if body.contains_key("appId") {
            own_app(body)?;
        }
        check(body, &[fields::LIST], MALFORMED)?;
        let reg_ids = strings(body, "regIds");
        let all = body.get("regIds").and_then(Value::as_array).map_or(0, Vec::len);
        ensure(all > 0, "10150", "no regIds")?;
        ensure(reg_ids.len() == all, MALFORMED, "a regId that is no string")?;
        ensure(LIST_TARGETS.contains(&all), "10153", format!("{all} regIds"))?;
        if let Some(aliases) = body.get("aliases").and_then(Value::as_array) {
            ensure(LIST_TARGETS.contains(&aliases.len()), "10154", format!("{} aliases", aliases.len()))?;
        }
        let mut memory = self.memory();
        let request_id = text(body, "requestId");
        if let Some(first) = self.repeated(&memory, PATH_LIST, request_id, call.now_ms)? {
            return Ok(first);
        }
        let task_id = text(body, "taskId");
        let Some((message, until)) = memory.saved.get(task_id) else {
            return refuse("10152", format!("no message was saved as {task_id}"));
        };
        ensure(*until > call.now_ms, "10155", format!("the message {task_id} has expired"))?;
        // A message saved for test phones must not reach users by a forgotten field, nor the reverse.
        let test = checks::is_test(body);
        ensure(test == checks::is_test(message), MALFORMED, "pushMode is not the saved message's")?;
        let outcomes: Vec<_> = reg_ids.iter().map(|&reg_id| (reg_id, self.failing(reg_id, test))).collect();
        let answer = self.list_answer(Some(message), request_id, task_id, outcomes.iter().copied());
        let failed = |(_, code): &&(&str, Option<&str>)| code.is_some_and(is_listed);
        let invalid = outcomes.iter().filter(failed).count();
        memory.count(task_id, all - invalid, invalid);
        memory.taken.insert(request_id.to_owned(), (PATH_LIST, answer.clone(), call.now_ms + MEMORY_MS));
        Ok(answer)
    }

    /// The first target of a list fails so; the others stand as they do.
    pub(super) fn list_with(&self, body: &Object, code: &'static str) -> Answer {
        let memory = self.memory();
        let task_id = text(body, "taskId");
        let message = memory.saved.get(task_id).map(|(message, _)| message);
        let test = checks::is_test(body);
        let failing = |index, reg_id| if index == 0 { Some(code) } else { self.failing(reg_id, test) };
        let reg_ids = strings(body, "regIds").into_iter().enumerate();
        let outcomes = reg_ids.map(|(index, reg_id)| (reg_id, failing(index, reg_id)));
        self.list_answer(message, text(body, "requestId"), task_id, outcomes)
    }

    /// Delivers to the targets that do not fail, and lists those that do. The list has room for
    /// dead targets alone: a living phone that cannot be reached (10311) is silently passed over.
    fn list_answer<'a>(
        &self,
        message: Option<&Object>,
        request_id: &str,
        task_id: &str,
        outcomes: impl Iterator<Item = (&'a str, Option<&'static str>)>,
    ) -> Answer {
        let mut invalid = Vec::new();
        for (reg_id, failing) in outcomes {
            match failing {
                None => message.into_iter().for_each(|message| self.deliver(message, reg_id, request_id, task_id)),
                Some(code) if is_listed(code) => invalid.push(codes::invalid_user(code, reg_id)),
                Some(_) => {}
            }
        }
        let mut answer = json!({"result": 0, "desc": SUCCESS, "requestId": request_id});
        if let Some(answer) = answer.as_object_mut().filter(|_| !invalid.is_empty()) {
            answer.insert("invalidUsers".into(), Value::Array(invalid));
        }
        Answer::json(200, &answer)
    }

    /// A push to everyone or to tags. Those who cannot be reached are passed over: nobody is named,
    /// so nobody is listed.
    pub(super) fn push_to_group(&self, call: &Call, body: &Object) -> Checked<Answer> {
        own_app(body)?;
        check(body, &[fields::MESSAGE], MALFORMED)?;
        let (path, way) = if call.path == PATH_ALL { (PATH_ALL, Way::All) } else { (PATH_TAGS, Way::Tags) };
        self.check_message(call, body, way)?;
        let mut memory = self.memory();
        let request_id = text(body, "requestId");
        if let Some(first) = self.repeated(&memory, path, request_id, call.now_ms)? {
            return Ok(first);
        }
        let targets = match body.get("tagExpression").and_then(Value::as_object) {
            Some(tags) if way == Way::Tags => {
                let named = |part| strings(tags, part);
                memory.tags.chosen(&named("orTags"), &named("andTags"), &named("notTags"))
            }
            _ => {
                let today = checks::beijing_day(call.now_ms);
                ensure(memory.last_all != Some(today), "10254", "there was a push to all today")?;
                memory.last_all = Some(today);
                vec![EVERYONE.to_owned()]
            }
        };
        let (task_id, answer) = self.taken();
        let test = checks::is_test(body);
        let reached = |target: &&String| way == Way::All || self.failing(target, test).is_none();
        for target in targets.iter().filter(reached) {
            self.deliver(body, target, request_id, &task_id);
            memory.count(&task_id, 1, 0);
        }
        memory.taken.insert(request_id.to_owned(), (path, answer.clone(), call.now_ms + MEMORY_MS));
        Ok(answer)
    }
}

/// Whether a failure is one that `invalidUsers` can tell.
pub(super) fn is_listed(code: &str) -> bool {
    codes::number(code) == Some(10302)
}
