//! A message for one target, alone or in a batch.

use serde_json::{Value, json};

use super::checks::Way;
use super::codes::{self, BAD_TARGET, INVALID, MISSING, REPEATED};
use super::fields::{self, Checked, Object, Refusal, check, ensure, number, refuse, text};
use super::form::Form;
use super::{APP_ID, Habit, MAX_TARGETS, Oppo, decode};
use crate::fake::Answer;

impl Oppo {
    pub(super) fn unicast(&self, form: &Form, now_ms: u64, first: Option<&'static str>) -> Checked<Answer> {
        form.only(&["message"])?;
        let message = from_json(form, "message")?;
        // A malformed registration id has 10000 in the documentation, and got 41 from the real
        // server.
        let id = self.push(&message, INVALID, now_ms, first)?;
        Ok(codes::success(&json!({"messageId": id})))
    }

    /// Every message of a batch has a fate of its own. They are answered in reverse: OPPO does
    /// not promise the order of the request.
    pub(super) fn batch(&self, form: &Form, now_ms: u64, first: Option<&'static str>) -> Checked<Answer> {
        form.only(&["messages"])?;
        let messages: Vec<Object> = from_json(form, "messages")?;
        let count = messages.len();
        ensure((1..=MAX_TARGETS).contains(&count), INVALID, format!("{count} messages"))?;
        let targets: Vec<&str> = messages.iter().map(|message| text(message, "target_value")).collect();
        ensure(targets.iter().all(|target| !target.is_empty()), MISSING, "a message without target_value")?;
        let mut answers = Vec::with_capacity(count);
        for (at, (message, target)) in messages.iter().zip(&targets).enumerate() {
            let twin = targets.iter().take(at).any(|other| other == target);
            let failing = first.filter(|_| at == 0).or(self.twin(number(message, "target_type"), twin));
            answers.push(match self.push(message, BAD_TARGET, now_ms, failing) {
                Ok(id) => json!({"messageId": id, "registrationId": target}),
                Err(Refusal { code, .. }) => json!({
                    "registrationId": target, "errorCode": codes::number(code), "errorMessage": codes::text(code),
                }),
            });
        }
        answers.reverse();
        Ok(codes::success(&Value::Array(answers)))
    }

    /// Pushes one message, and gives the id that it got.
    fn push(
        &self,
        message: &Object,
        malformed: &'static str,
        now_ms: u64,
        fails: Option<&'static str>,
    ) -> Checked<String> {
        check(message, fields::MESSAGE)?;
        let empty = Object::new();
        let notification = message.get("notification").and_then(Value::as_object).unwrap_or(&empty);
        self.check_notification(notification, Way::Single, now_ms)?;
        let target = text(message, "target_value");
        if let Some(code) = fails {
            return refuse(code, format!("{target}: asked for by the test"));
        }
        let reached = self.reach(number(message, "target_type"), target, malformed)?;
        let id = format!("{APP_ID}-1-1-{}", self.object_id("message"));
        if let Some(before) = self.sent_before(notification, target, &id) {
            ensure(!self.has(Habit::RefusesRepeats), REPEATED, "app_message_id was used for this target")?;
            return Ok(before);
        }
        if let Some(target) = reached {
            self.world.deliver(decode::delivered(notification, &target, &id, message));
        }
        Ok(id)
    }
}

/// The JSON in a field of a form.
fn from_json<T: serde::de::DeserializeOwned>(form: &Form, name: &str) -> Checked<T> {
    let json = form.required(name)?;
    serde_json::from_str(json).or_else(|error| refuse(INVALID, format!("{name}: {error}")))
}
