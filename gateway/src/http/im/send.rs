//! Messages to one user and to many, and their recall.

use serde_json::{Map, json};

use super::Request;
use super::frame::{Answer, Refused, internal, not_accepted, object};
use crate::dispatch::{To, message_id};
use crate::model::{Conversation, Message};
use crate::store::Recalled;

/// How long a message is kept at most, in seconds.
const LIFE: u32 = 604_800;

/// `sendmsg`.
pub(super) async fn sendmsg(request: Request) -> Answer {
    let to = request.need_text("To_Account", 90003)?.to_owned();
    request.number("MsgTimeStamp", 90006)?;
    let message = one_to_one(&request, &to).await?;
    let known = request.im.gateway.store().known(std::slice::from_ref(&to)).await;
    if known.map_err(|error| internal(&error, request.row.codes))?.is_empty() {
        return Err(Refused::new(90012, "To_Account is not known"));
    }
    let id = accept(&request, &message, &[to]).await?;
    let key = key_of(&id);
    Ok(object(json!({ "MsgTime": time_of(key), "MsgKey": key, "MsgId": id })))
}

/// `batchsendmsg`.
pub(super) async fn batchsendmsg(request: Request) -> Answer {
    let accounts = request.accounts("To_Account", 90003, (500, 90011))?;
    let more = u32::try_from(accounts.len()).unwrap_or(u32::MAX) - 1;
    request.im.spend(request.row, request.caller.sdkappid, more)?;
    let message = one_to_one(&request, "").await?;
    let (known, unknown) = request.sort(accounts).await?;
    let errors = json!({ "ErrorList": errors(&unknown) });
    if known.is_empty() {
        return Err(Refused { rest: object(errors), ..Refused::new(90012, "no To_Account is known") });
    }
    let id = accept(&request, &message, &known).await?;
    let mut answer = object(json!({ "MsgKey": key_of(&id), "MsgId": id }));
    answer.extend(object(errors));
    Ok(answer)
}

/// `admin_msgwithdraw`: what was not sent yet is not sent any more, and what was is taken back where the
/// vendor can. Of a message to many, only this receiver's copy is.
pub(super) async fn withdraw(request: Request) -> Answer {
    let (gateway, codes) = (&request.im.gateway, request.row.codes);
    let from = request.need_text("From_Account", 90008)?;
    let to = request.need_text("To_Account", 90003)?;
    let key = request.need_text("MsgKey", 90054)?;
    if key.split('_').filter(|part| part.parse::<u64>().is_ok()).count() != 3 || key.split('_').count() != 3 {
        return Err(Refused::new(90054, "MsgKey is not of the form MsgSeq_MsgRandom_MsgTime"));
    }
    let failed = |error| internal(&error, codes);
    let before = || Refused::new(20023, "the message was recalled before");
    let id = message_id(key, from, to);
    if gateway.revoke(&id).await.map_err(failed)?.is_some() {
        return Ok(Map::new());
    }
    if gateway.store().message(&id).await.map_err(failed)?.is_some() {
        return Err(before());
    }
    let of_many = message_id(key, from, "");
    match gateway.recall(&of_many, to).await.map_err(failed)? {
        Recalled::Now(_) => Ok(Map::new()),
        Recalled::Before => Err(before()),
        Recalled::Never => match gateway.store().message(&of_many).await.map_err(failed)? {
            // It was kept from everybody, and nobody's copy is on record.
            Some(message) if message.rule.is_some() => Ok(Map::new()),
            _ => Err(Refused::new(20022, "there is no such message")),
        },
    }
}

/// The message of a request. `to` is empty where it goes to many.
async fn one_to_one(request: &Request, to: &str) -> Result<Message, Refused> {
    let gateway = &request.im.gateway;
    let random = request.need_small("MsgRandom", request.row.codes.random)?;
    let seq = request.small("MsgSeq", request.row.codes.malformed)?.unwrap_or_else(|| fastrand::u32(..));
    request.number("SyncOtherMachine", 90031)?;
    let life = match request.number("MsgLifeTime", 90044)? {
        Some(life) if life < 0 => {
            return Err(Refused::new(90026, format!("MsgLifeTime is {life}; it cannot be negative")));
        }
        life => life.map(|life| u32::try_from(life).unwrap_or(LIFE).min(LIFE)),
    };
    // A message that only those online get has a life of none; the newer member wins over the older.
    let online_only = request.flag("OnlineOnlyFlag")?.unwrap_or(life == Some(0));
    let body = request.elements()?;
    let (control, push) = (request.control()?, request.push_info(false)?);
    let from = request.sender().await?;
    let at_ms = gateway.now_ms();
    let mut second = at_ms / 1000;
    let id = loop {
        let id = message_id(&format!("{seq}_{random}_{second}"), &from.account, to);
        let taken = gateway.store().message(&id).await.map_err(|error| internal(&error, request.row.codes))?;
        // Callers whose random numbers never change may use up a key within its second.
        if taken.is_none() {
            break id;
        }
        second += 1;
    };
    Ok(Message {
        from,
        push,
        online_only,
        life_seconds: life.filter(|life| *life > 0),
        control,
        seq: seq.into(),
        random,
        at_ms,
        ..Message::new(id, "", Conversation::OneToOne, body)
    })
}

/// Takes the message in. Gives its id, that of the first one for a repeat.
async fn accept(request: &Request, message: &Message, to: &[String]) -> Result<String, Refused> {
    let accepted = request.im.gateway.accept(message, To::Users(to)).await;
    Ok(accepted.map_err(|error| not_accepted(error, request.row.codes))?.id)
}

/// The key in a message's id.
pub(super) fn key_of(id: &str) -> &str {
    id.rsplit_once('@').map_or(id, |(key, _)| key)
}

fn time_of(key: &str) -> u64 {
    key.rsplit_once('_').and_then(|(_, time)| time.parse().ok()).unwrap_or_default()
}

/// `ErrorList`.
pub(super) fn errors(unknown: &[String]) -> serde_json::Value {
    unknown.iter().map(|account| json!({ "To_Account": account, "ErrorCode": 70107 })).collect()
}

impl Request {
    /// Sorts accounts into known and unknown ones.
    pub(super) async fn sort(&self, accounts: Vec<String>) -> Result<(Vec<String>, Vec<String>), Refused> {
        let known = self.im.gateway.store().known(&accounts).await;
        let known = known.map_err(|error| internal(&error, self.row.codes))?;
        let known: std::collections::HashSet<String> = known.into_iter().collect();
        Ok(accounts.into_iter().partition(|account| known.contains(account)))
    }
}
