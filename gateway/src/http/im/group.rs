//! Messages in groups, their recall, and what a member wants of a group.

use serde_json::{Value, json};

use super::Request;
use super::body::{missing, text};
use super::frame::{Answer, Refused, internal, not_accepted, object};
use super::send::key_of;
use crate::dispatch::{To, message_id};
use crate::model::{Conversation, GroupKind, Mentions, Message, ReceiveOption};
use crate::store::{Conversed, Group};

/// `send_group_msg`.
pub(super) async fn send_group_msg(request: Request) -> Answer {
    let (im, codes) = (&request.im, request.row.codes);
    let store = im.gateway.store();
    let group = group(&request).await?;
    let random = request.need_small("Random", codes.random)?;
    let body = request.elements()?;
    let (control, push, mentions) = (request.control()?, request.push_info(false)?, mentions(&request)?);
    let online_only = match request.flag("OnlineOnlyFlag")? {
        Some(flag) => flag,
        None => request.flag("MsgOnlineOnlyFlag")?.unwrap_or(false),
    };
    if online_only && (control.no_unread || control.no_last_msg || group.kind == GroupKind::AVChatRoom) {
        return Err(Refused::new(10004, "OnlineOnlyFlag goes neither with SendMsgControl nor with an AVChatRoom"));
    }
    let targets = targets(&request, &group).await?;
    let from = request.sender().await?;
    let at_ms = im.gateway.now_ms();
    let seq = store.next_seq(&group.id).await.map_err(|error| internal(&error, codes))?;
    let id = message_id(&format!("{}#{seq}", group.id), "", &group.id);
    let conversation = Conversation::Group { id: group.id.clone(), name: group.name, kind: group.kind, notice: false };
    let message = Message {
        from,
        push,
        online_only,
        control,
        mentions,
        seq,
        random,
        at_ms,
        ..Message::new(id, "", conversation, body)
    };
    let to = targets.as_deref().map_or(To::Members(&group.id), To::Users);
    let accepted = im.gateway.accept(&message, to).await;
    let summary = accepted.map_err(|error| not_accepted(error, codes))?;
    let seq = key_of(&summary.id).rsplit_once('#').and_then(|(_, seq)| seq.parse().ok()).unwrap_or(seq);
    Ok(object(json!({ "MsgTime": at_ms / 1000, "MsgSeq": seq })))
}

/// `group_msg_recall`: what was not sent yet is not sent any more, and what was is taken back where the
/// vendor can.
pub(super) async fn recall(request: Request) -> Answer {
    let (im, codes) = (&request.im, request.row.codes);
    let group = group(&request).await?;
    let list = request.need_list("MsgSeqList", 10004)?;
    if list.is_empty() || list.len() > 10 {
        return Err(Refused::new(10004, format!("MsgSeqList has {} messages; 1 to 10 are allowed", list.len())));
    }
    let mut results = Vec::with_capacity(list.len());
    for item in list {
        let seq = item.get("MsgSeq").and_then(Value::as_u64).ok_or_else(|| missing("MsgSeqList.MsgSeq", 10004))?;
        let id = message_id(&format!("{}#{seq}", group.id), "", &group.id);
        let revoked = im.gateway.revoke(&id).await;
        let done = revoked.map_err(|error| internal(&error, codes))?.is_some();
        results.push(json!({ "MsgSeq": seq, "RetCode": if done { 0 } else { 10030 } }));
    }
    Ok(object(json!({ "RecallRetList": results })))
}

/// `modify_group_member_info`: of its members only the option matters here.
pub(super) async fn modify_member(request: Request) -> Answer {
    let (im, codes) = (&request.im, request.row.codes);
    let group = group(&request).await?;
    let member = request.need_text("Member_Account", 10004)?;
    if group.kind == GroupKind::AVChatRoom {
        return Err(Refused::new(10004, "an AVChatRoom has no members to be modified"));
    }
    let found = im.gateway.store().is_member(&group.id, member).await.map_err(|error| internal(&error, codes))?;
    if !found {
        return Err(Refused::new(10004, "Member_Account is not a member of the group"));
    }
    if let Some(word) = request.text("MsgFlag", 10004)? {
        let option = ReceiveOption::from_msg_flag(word)
            .ok_or_else(|| Refused::new(10004, format!("MsgFlag is {word:?}, which is not known")))?;
        let set = im.gateway.store().set_option(member, Conversed::Group(&group.id), option).await;
        set.map_err(|error| internal(&error, codes))?;
    }
    Ok(object(json!({})))
}

/// `send_group_system_notification`: only members who are online get it, and nobody is pushed (R38).
pub(super) async fn system_notice(request: Request) -> Answer {
    group(&request).await?;
    request.need_text("Content", 10004)?;
    Ok(object(json!({})))
}

async fn group(request: &Request) -> Result<Group, Refused> {
    let id = request.need_text("GroupId", 10015)?;
    let found = request.im.gateway.store().group(id).await.map_err(|error| internal(&error, request.row.codes))?;
    found.ok_or_else(|| Refused::new(10010, "the group is not known"))
}

/// The members that a targeted message is for; `None`: all.
async fn targets(request: &Request, group: &Group) -> Result<Option<Vec<String>>, Refused> {
    if request.member("To_Account").is_none() {
        return Ok(None);
    }
    let targets = request.accounts("To_Account", 10004, (50, 10005))?;
    if matches!(group.kind, GroupKind::Community | GroupKind::AVChatRoom) {
        return Err(Refused::new(10004, "To_Account is not allowed in this kind of group"));
    }
    for target in &targets {
        let found = request.im.gateway.store().is_member(&group.id, target).await;
        if !found.map_err(|error| internal(&error, request.row.codes))? {
            return Err(Refused::new(10004, format!("To_Account has {target:?}, who is not a member")));
        }
    }
    Ok(Some(targets))
}

/// `GroupAtInfo`: a list, or the bare object that one client writes for everybody.
fn mentions(request: &Request) -> Result<Mentions, Refused> {
    let mut mentions = Mentions::default();
    let one;
    let items = match request.member("GroupAtInfo") {
        None => return Ok(mentions),
        Some(bare @ Value::Object(_)) => {
            one = [bare.clone()];
            &one[..]
        }
        Some(list) => super::body::list(list, "GroupAtInfo", 10004)?,
    };
    for item in items {
        match item.get("GroupAtAllFlag").and_then(Value::as_i64).unwrap_or(0) {
            1 => mentions.all = true,
            0 => {
                let user = item.get("GroupAt_Account").ok_or_else(|| missing("GroupAtInfo.GroupAt_Account", 10004))?;
                mentions.users.push(text(user, "GroupAtInfo.GroupAt_Account", 10004)?.to_owned());
            }
            other => return Err(Refused::new(10004, format!("GroupAtAllFlag is {other}; 0 and 1 are allowed"))),
        }
    }
    Ok(mentions)
}
