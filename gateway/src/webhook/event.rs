//! An event as it is kept, and as it is posted.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::certificates::platform_code;
use crate::store::{EventRecord, MessageRecord};

/// How far a push has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Sent to the vendor, or not: the code says.
    Sent,
    /// Reached the device, or not: the code says.
    Reached,
    /// Clicked.
    Clicked,
}

impl Stage {
    const fn number(self) -> u8 {
        match self {
            Self::Sent => 1,
            Self::Reached => 2,
            Self::Clicked => 3,
        }
    }
}

/// Something that happened to one device's push. What the message adds is looked up when it is posted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The message's id.
    pub message: String,
    /// The account.
    pub account: String,
    /// The device.
    pub device: String,
    /// The vendor's id; empty: none was found.
    pub vendor: String,
    /// How far it has come.
    pub stage: Stage,
    /// 0, or why not.
    pub code: i64,
    /// The words for that.
    pub words: String,
    /// When, in milliseconds since the Unix epoch.
    pub at_ms: u64,
}

/// The command of chat messages' events.
pub(super) const OFFLINE: &str = "Push.OfflinePush";

/// The command of pure pushes' events.
pub(super) const ALL_MEMBERS: &str = "Push.AllMemberPush";

impl Told {
    /// As it is kept, to be posted from now on: the order of events is that in which they became known,
    /// since vendors' clocks are not ours. One device's push has one event of a stage. The command is that
    /// of chat messages; the message's kind has the last word.
    pub fn record(&self, now_ms: u64) -> EventRecord {
        let stage = self.stage.number();
        EventRecord {
            id: format!("{}\n{}\n{}\n{stage}", self.message, self.account, self.device),
            command: OFFLINE.to_owned(),
            // A struct of texts and numbers always becomes JSON.
            body: serde_json::to_string(self).unwrap_or_default(),
            due_ms: now_ms,
            tries: 0,
        }
    }

    /// As it is posted, under its command.
    pub(super) fn posted(&self, message: &MessageRecord) -> (&'static str, Value) {
        // `key@…`, see `dispatch::message_id`.
        let key = message.id.rsplit_once('@').map_or(message.id.as_str(), |(key, _)| key);
        let platform = platform_code(&self.vendor);
        let (stage, at_s) = (self.stage.number(), self.at_ms / 1000);
        let mut event = if message.kind == "push" {
            json!({
                "CallbackCommand": ALL_MEMBERS,
                // Offline: who is online gets no vendor's push.
                "EventType": 1,
                "EventTime": at_s,
                "TaskId": key,
                "TaskTime": message.at_ms / 1000,
            })
        } else if let Some(group) = &message.group {
            json!({
                "CallbackCommand": OFFLINE,
                "EventType": 2,
                "EventTime": at_s,
                "From_Account": message.sender,
                "GroupID": group,
                "MsgSeq": message.seq,
                "MsgTime": message.at_ms / 1000,
            })
        } else {
            json!({
                "CallbackCommand": OFFLINE,
                "EventType": 1,
                "EventTime": at_s,
                "From_Account": message.sender,
                "MsgKey": key,
                "MsgSeq": message.seq,
                "MsgRandom": message.random,
                "MsgTime": message.at_ms / 1000,
            })
        };
        if let Value::Object(event) = &mut event {
            event.insert("To_Account".into(), self.account.clone().into());
            event.insert("PushPlatform".into(), platform.into());
            event.insert("PushStage".into(), stage.into());
            event.insert("PushID".into(), message.id.clone().into());
            event.insert("ErrCode".into(), self.code.into());
            event.insert("ErrInfo".into(), self.words.clone().into());
            if let Some(data_id) = &message.data_id {
                event.insert("DataId".into(), data_id.clone().into());
            }
        }
        (if message.kind == "push" { ALL_MEMBERS } else { OFFLINE }, event)
    }
}
