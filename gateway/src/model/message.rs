//! A message, as far as pushing is concerned.

use serde::{Deserialize, Serialize};

use super::element::Element;
use super::push_info::OfflinePushInfo;

/// Who handed a message in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// An administrator, by REST: one-to-one mutes are ignored unless asked for (R33).
    Rest,
    /// A client: its receivers' mutes always hold.
    Client,
}

/// What kind of group it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum GroupKind {
    /// Work (once `Private`).
    #[default]
    #[serde(alias = "Private")]
    Work,
    /// Public.
    Public,
    /// Meeting (once `ChatRoom`).
    #[serde(alias = "ChatRoom")]
    Meeting,
    /// A live broadcast: no unread count, no history, no pushes unless set so (R37).
    AVChatRoom,
    /// Community.
    Community,
}

impl GroupKind {
    /// The name as REST has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Work => "Work",
            Self::Public => "Public",
            Self::Meeting => "Meeting",
            Self::AVChatRoom => "AVChatRoom",
            Self::Community => "Community",
        }
    }

    /// From the name, old ones too; `None` for another text.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "Work" | "Private" => Self::Work,
            "Public" => Self::Public,
            "Meeting" | "ChatRoom" => Self::Meeting,
            "AVChatRoom" => Self::AVChatRoom,
            "Community" => Self::Community,
            _ => return None,
        })
    }
}

/// Where a message belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conversation {
    /// Between two users.
    OneToOne,
    /// In a group.
    Group {
        /// The group's id.
        id: String,
        /// Its name, for texts; empty: none.
        name: String,
        /// What kind it is.
        kind: GroupKind,
        /// Whether it is a system notice, which is never pushed (R38).
        notice: bool,
    },
    /// A push to named users, to tags or to all, without a message (`timpush`): not counted as
    /// unread, no mutes of conversations.
    Push {
        /// The caller's own text, which comes back in webhooks; at most 64 bytes.
        data_id: Option<String>,
    },
}

/// Who sent it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sender {
    /// The account.
    pub account: String,
    /// The nickname; empty: none.
    pub nickname: String,
}

/// `SendMsgControl`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Control {
    /// `NoUnread`: it does not count as unread (R34).
    pub no_unread: bool,
    /// `NoLastMsg`: it does not become the conversation's last message. Nothing to a push.
    pub no_last_msg: bool,
    /// `WithMuteNotifications`: the receiver's mute holds for REST too (R33).
    pub with_mute_notifications: bool,
    /// `NoMsgCheck`: no moderation. Nothing to a push.
    pub no_msg_check: bool,
}

impl Control {
    /// From the words of a request; the first unknown one is the error.
    ///
    /// # Errors
    /// The word that is none of the four.
    pub fn from_words<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, &'a str> {
        let mut control = Self::default();
        for word in words {
            match word {
                "NoUnread" => control.no_unread = true,
                "NoLastMsg" => control.no_last_msg = true,
                "WithMuteNotifications" => control.with_mute_notifications = true,
                "NoMsgCheck" => control.no_msg_check = true,
                unknown => return Err(unknown),
            }
        }
        Ok(control)
    }
}

/// Who is mentioned (`GroupAtInfo`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    /// Whether everybody is.
    pub all: bool,
    /// The users that are.
    pub users: Vec<String>,
}

impl Mentions {
    /// Nobody, with or without a mention of everybody.
    pub fn all(all: bool) -> Self {
        Self { all, users: Vec::new() }
    }
}

/// A message to be judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Its id: `MsgKey` one-to-one, `group#seq` in groups, the task's id of pure pushes. The key of
    /// everything that is recorded about it.
    pub id: String,
    /// Who handed it in.
    pub origin: Origin,
    /// Where it belongs.
    pub conversation: Conversation,
    /// Who sent it.
    pub from: Sender,
    /// Its body.
    pub body: Vec<Element>,
    /// What the sender asks for; `None`: nothing was given.
    pub push: Option<OfflinePushInfo>,
    /// Whether only those who are online get it, and nothing is stored (R26).
    pub online_only: bool,
    /// How long it is kept, in seconds; `None`: 7 days.
    pub life_seconds: Option<u32>,
    /// `SendMsgControl`.
    pub control: Control,
    /// Who is mentioned.
    pub mentions: Mentions,
    /// `MsgSeq`.
    pub seq: u64,
    /// `MsgRandom`, or `Random`.
    pub random: u32,
    /// When it was accepted, in milliseconds since the Unix epoch.
    pub at_ms: u64,
}

impl Message {
    /// A message by REST of these elements, with nothing else asked for.
    pub fn new(id: impl Into<String>, from: impl Into<String>, conversation: Conversation, body: Vec<Element>) -> Self {
        Self {
            id: id.into(),
            origin: Origin::Rest,
            conversation,
            from: Sender { account: from.into(), nickname: String::new() },
            body,
            push: None,
            online_only: false,
            life_seconds: None,
            control: Control::default(),
            mentions: Mentions::default(),
            seq: 0,
            random: 0,
            at_ms: 0,
        }
    }

    /// Whether it is a push without a message.
    pub fn is_pure_push(&self) -> bool {
        matches!(self.conversation, Conversation::Push { .. })
    }
}
