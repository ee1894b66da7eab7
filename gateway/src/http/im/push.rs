//! Pushes without a message: to named users, to everybody, by tag and by attribute; and their end.

use serde_json::{Map, Value, json};

use super::Request;
use super::body::{list, member, missing, text, texts};
use super::frame::{Answer, Refused, internal, not_accepted, object};
use super::send::{errors, key_of};
use crate::dispatch::{Summary, To, message_id};
use crate::model::{Conversation, Message};
use crate::store::Condition;

/// How large the body of a push to everybody may be, in bytes.
const EVERYBODY: usize = 10 * 1024;
/// How long a task can be revoked, in milliseconds.
const REVOCABLE: u64 = 86_400_000;
/// How long a tag, an attribute's name or value may be, in bytes.
pub(super) const WORD: usize = 50;
/// How many tags a condition may have of a kind.
const TAGS: usize = 10;

/// `batch`: to named users.
pub(super) async fn batch(request: Request) -> Answer {
    let accounts = request.accounts("To_Account", 90001, (500, 90018))?;
    let message = pure_push(&request, "batch", false).await?;
    let (known, unknown) = request.sort(accounts).await?;
    let errors = json!({ "ErrorList": errors(&unknown) });
    if known.is_empty() {
        return Err(Refused { rest: object(errors), ..Refused::new(70107, "no To_Account is known") });
    }
    let mut answer = task(&accept(&request, &message, To::Users(&known)).await?);
    answer.extend(object(errors));
    Ok(answer)
}

/// `push`: to everybody, or to those for whom a condition holds.
pub(super) async fn push(request: Request) -> Answer {
    let message = pure_push(&request, "push", true).await?;
    everybody(&request, &message).await
}

/// `im_push`, which says by `MsgLifeTime` whether anybody but those online gets it: by default nobody.
pub(super) async fn old_push(request: Request) -> Answer {
    let mut message = pure_push(&request, "push", true).await?;
    message.online_only = match request.number("MsgLifeTime", 90044)? {
        Some(life) if life < 0 => {
            return Err(Refused::new(90026, format!("MsgLifeTime is {life}; it cannot be negative")));
        }
        life => life.unwrap_or(0) == 0,
    };
    everybody(&request, &message).await
}

/// `revoke`: who was not served yet is not served any more. Shown notifications are taken back where the
/// vendor can, and stay elsewhere: none of them carries a key under which another could take its place.
pub(super) async fn revoke(request: Request) -> Answer {
    let (gateway, codes) = (&request.im.gateway, request.row.codes);
    let task = request.need_text("TaskId", codes.malformed)?;
    // The replacement is required where nothing was stored, and nothing is stored here.
    request.push_info(true)?.ok_or_else(|| missing("OfflinePushInfo", 90053))?;
    let id = id_of(task);
    let found = gateway.store().message(&id).await.map_err(|error| internal(&error, codes))?;
    let found =
        found.filter(|found| found.kind == "push").ok_or_else(|| Refused::new(90049, "there is no such task"))?;
    if found.revoked_ms.is_some() {
        return Err(Refused::new(90050, "the task was revoked before"));
    }
    if gateway.now_ms() > found.at_ms.saturating_add(REVOCABLE) {
        return Err(Refused::new(90052, "the task is older than 24 hours"));
    }
    gateway.revoke(&id).await.map_err(|error| internal(&error, codes))?;
    Ok(Map::new())
}

async fn everybody(request: &Request, message: &Message) -> Answer {
    if request.size > EVERYBODY {
        let info = format!("the body has {} bytes; at most {EVERYBODY} are allowed", request.size);
        return Err(Refused::new(90056, info));
    }
    let accounts = match condition(request).await? {
        None => None,
        Some(condition) => {
            let accounts = request.im.gateway.store().accounts_where(&condition).await;
            Some(accounts.map_err(|error| internal(&error, request.row.codes))?)
        }
    };
    let to = accounts.as_deref().map_or(To::All, To::Users);
    Ok(task(&accept(request, message, to).await?))
}

/// The message of a request. In the form of the chat product, it has elements.
async fn pure_push(request: &Request, kind: &str, elements: bool) -> Result<Message, Refused> {
    let (gateway, codes) = (&request.im.gateway, request.row.codes);
    let random = request.need_small("MsgRandom", codes.random)?;
    request.number("OnlineOnlyFlag", codes.malformed)?;
    let data_id = request.text("DataId", codes.malformed)?.map(str::to_owned);
    if let Some(long) = data_id.as_ref().filter(|id| id.len() > 64) {
        return Err(Refused::new(90057, format!("DataId has {} bytes; at most 64 are allowed", long.len())));
    }
    let body = if elements && request.member("MsgBody").is_some() { request.elements()? } else { Vec::new() };
    let push = request.push_info(body.is_empty())?;
    if push.is_none() && body.is_empty() {
        return Err(missing("OfflinePushInfo", codes.malformed));
    }
    let from = request.sender().await?;
    let at_ms = gateway.now_ms();
    let id = id_of(&format!("{kind}_{}_{random}_{:08x}", at_ms / 1000, fastrand::u32(..)));
    let message = Message::new(id, "", Conversation::Push { data_id }, body);
    Ok(Message { from, push, random, at_ms, ..message })
}

async fn accept(request: &Request, message: &Message, to: To<'_>) -> Result<Summary, Refused> {
    request.im.gateway.accept(message, to).await.map_err(|error| not_accepted(error, request.row.codes))
}

/// A message's id by its task's.
pub(super) fn id_of(task: &str) -> String {
    message_id(task, "", "")
}

fn task(summary: &Summary) -> Map<String, Value> {
    object(json!({ "TaskId": key_of(&summary.id) }))
}

/// Whom the push is for; `None`: everybody. A condition that says nothing is refused, as it would ring
/// everybody by mistake.
async fn condition(request: &Request) -> Result<Option<Condition>, Refused> {
    let code = request.row.codes.malformed;
    let Some(value) = request.member("Condition") else { return Ok(None) };
    let map = value.as_object().ok_or_else(|| Refused::new(code, "Condition is not an object"))?;
    let tags = |name: &str| {
        let given = member(map, name).map_or(Ok(&[][..]), |value| list(value, name, code))?;
        if given.len() > TAGS {
            return Err(Refused::new(90032, format!("{name} has {} tags; at most {TAGS} are allowed", given.len())));
        }
        let tags = texts(given, name, code)?;
        tags.iter().try_for_each(|tag| check_tag(tag))?;
        Ok(tags)
    };
    let attributes = |name: &str| {
        let Some(value) = member(map, name) else { return Ok(Vec::new()) };
        let given = value.as_object().ok_or_else(|| Refused::new(90033, format!("{name} is not an object")))?;
        given.iter().map(|(name, value)| Ok((name.clone(), text(value, name, 90033)?.to_owned()))).collect()
    };
    let condition = Condition {
        tags_or: tags("TagsOr")?,
        tags_and: tags("TagsAnd")?,
        tags_not: tags("TagsNot")?,
        attributes_or: attributes("AttrsOr")?,
        attributes_and: attributes("AttrsAnd")?,
    };
    let has_tags = !(condition.tags_or.is_empty() && condition.tags_and.is_empty() && condition.tags_not.is_empty());
    let names: Vec<&str> =
        condition.attributes_or.iter().chain(&condition.attributes_and).map(|(name, _)| name.as_str()).collect();
    if has_tags && !names.is_empty() {
        return Err(Refused::new(90039, "Condition has both tags and attributes"));
    }
    if !has_tags && names.is_empty() {
        return Err(Refused::new(code, "Condition is empty; to push to everybody leave it out"));
    }
    if let Some(tag) = condition.tags_or.iter().find(|tag| condition.tags_and.contains(tag)) {
        return Err(Refused::new(90022, format!("{tag:?} is in both TagsOr and TagsAnd")));
    }
    request.check_attributes(&names).await?;
    Ok(Some(condition))
}

/// Whether a text can be a tag.
pub(super) fn check_tag(tag: &str) -> Result<(), Refused> {
    match tag.len() {
        0 => Err(Refused::new(90040, "a tag is empty")),
        size if size > WORD => Err(Refused::new(90020, format!("a tag has {size} bytes; at most {WORD} are allowed"))),
        _ => Ok(()),
    }
}

impl Request {
    /// Whether there are attributes of these names.
    pub(super) async fn check_attributes(&self, names: &[&str]) -> Result<(), Refused> {
        let known = self.im.gateway.store().attribute_names().await;
        let known = known.map_err(|error| internal(&error, self.row.codes))?;
        for name in names {
            if !known.iter().any(|known| known.name == *name) {
                return Err(Refused::new(90033, format!("there is no attribute {name:?}")));
            }
        }
        Ok(())
    }
}
