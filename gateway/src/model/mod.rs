//! What the gateway knows, as plain data: devices and their state, messages, what a sender asks
//! for, and what a user has muted. Nothing here does anything but follow its own rules.

mod device;
mod element;
mod message;
mod options;
mod presence;
mod push_info;
mod settings;

pub use device::{Device, LiveActivityBinding, Platform, PushConfig, VoipBinding};
pub use element::{Element, InvalidElement};
pub use message::{Control, Conversation, GroupKind, Mentions, Message, Origin, Sender};
pub use options::{GlobalMute, InvalidOption, ReceiveOption, Recipient};
pub use presence::{Absence, Presence, PresenceEvent, State};
pub use push_info::{
    AndroidInfo, ApnsInfo, HarmonyInfo, InvalidPushInfo, LanguageContent, LiveActivityEvent, LiveActivityInfo,
    OfflinePushInfo,
};
pub use settings::{
    Collapse, DailyZone, EmptyToken, FcmMode, HuaweiExt, NotAnObject, ResendUnsure, SenderPrefix, Settings, Template,
    TextLimits, Texts, UnknownFields,
};
