//! What the rules leave open: each choice a setting, with the default that is proposed for it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What to do with members of `OfflinePushInfo` that have no known name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownFields {
    /// The request is refused, naming the member.
    Refuse,
    /// They are kept with the message and have no effect.
    #[default]
    Keep,
}

/// What an empty token in a push config means (R16).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmptyToken {
    /// An error.
    #[default]
    Refuse,
    /// The same as no config: push is off.
    Clear,
}

/// Whose midnight a daily mute counts from (R31).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DailyZone {
    /// The user's, as registered with the mute.
    #[default]
    User,
    /// UTC's.
    Utc,
}

/// Whether a text that was taken from the message's elements begins with its sender (R49).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SenderPrefix {
    /// Where no title was set, on every vendor.
    All,
    /// Where no title was set, on Apple devices only; elsewhere the sender is the title.
    #[default]
    Apns,
    /// Never.
    Never,
}

/// What to do with an `Ext` that OPPO cannot carry as members of an object (R74).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotAnObject {
    /// It goes as one member, `ext`.
    #[default]
    Wrap,
    /// The push is not sent.
    Refuse,
}

/// Where `Ext` rides on Huawei when a page opens and the message does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HuaweiExt {
    /// In the intent, as the string extra `ext`.
    #[default]
    Intent,
    /// Beside it, in the message's data.
    Data,
}

/// Whether successive messages of a conversation replace each other on the phone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Collapse {
    /// Each message is a notification of its own.
    #[default]
    Never,
    /// The newest of a conversation replaces the one before.
    Conversation,
}

/// What becomes of pushes that were on their way to a vendor when the process was killed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResendUnsure {
    /// They go again where the vendor de-duplicates, and are recorded as unsure elsewhere.
    #[default]
    WhereSafe,
    /// They go again, and may come twice; recorded as resent.
    Always,
    /// They do not go again; recorded as unsure.
    Never,
}

/// How FCM shows a notification (R69).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FcmMode {
    /// The system shows it.
    #[default]
    Notification,
    /// The app gets data and shows it itself.
    Data,
}

/// How long title and text may be at one vendor, in UTF-16 units; longer ones are cut (R51).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextLimits {
    /// The title.
    pub title: usize,
    /// The text.
    pub body: usize,
    /// The text with `PushStyle` 1; absent: the same.
    #[serde(default)]
    pub long_body: Option<usize>,
}

/// A template of the app's own texts (R53). `{name}` is a place that `PushTemplateParam` fills, or
/// one of `timTitle`, `timDesc`, `timSenderNick`, `timGroupName`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// The title.
    pub title: String,
    /// The text.
    pub desc: String,
}

/// The texts of elements that have none of their own, in one language (R47).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Texts {
    /// `TIMLocationElem`.
    pub location: String,
    /// `TIMFaceElem`.
    pub face: String,
    /// `TIMSoundElem`.
    pub sound: String,
    /// `TIMImageElem`.
    pub image: String,
    /// `TIMFileElem`.
    pub file: String,
    /// `TIMVideoFileElem`.
    pub video: String,
    /// `TIMRelayElem` without a title.
    pub relay: String,
}

impl Default for Texts {
    fn default() -> Self {
        let texts =
            ["[Location]", "[Face]", "[Voice]", "[Image]", "[File]", "[Video]", "[Chat History]"].map(str::to_owned);
        let [location, face, sound, image, file, video, relay] = texts;
        Self { location, face, sound, image, file, video, relay }
    }
}

/// The choices. A table `[settings]` of the configuration; everything has a default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// After how many seconds of silence a connection counts as lost (R3). Default 400.
    pub lost_after_seconds: u32,
    /// After how many days without a login pushes end (R6). Default 7; the paid push product
    /// advertises 30.
    pub login_lapse_days: u32,
    /// Whether a Mac that disconnects is PushOnline like a phone (R5). Default false.
    pub mac_is_mobile: bool,
    /// Whether a user signature that expires while online ends the device's pushes (R10). Default
    /// false: the binding stays until the login lapses.
    pub signature_expiry_ends_pushes: bool,
    /// What an empty token means (R16). Default: an error.
    pub empty_token: EmptyToken,
    /// Whether a token that the vendor calls dead is dropped from the registry (R20). Default true.
    pub drop_dead_tokens: bool,
    /// Whether a token that another device registers is taken from the one before: a phone that
    /// changed hands must not ring for its former owner. Default true.
    pub token_is_exclusive: bool,
    /// Whether any device in the foreground, a computer's too, keeps pushes from all others (R23).
    /// Default false.
    pub only_when_all_away: bool,

    /// Whether an ordinary message of REST without push information is pushed (R24). Default true.
    pub implicit_push: bool,
    /// The same of messages that clients send. Default true.
    pub implicit_push_of_clients: bool,
    /// Whether a mention of everybody counts as one of the receiver (R30). Default true.
    pub mention_of_all_counts: bool,
    /// Whose midnight a daily mute counts from (R31). Default: the user's.
    pub daily_mute_zone: DailyZone,
    /// Whether a mention pierces a mute of everything (R32). Default false.
    pub mention_pierces_global_mute: bool,
    /// Whether REST must ask (`WithMuteNotifications`) for one-to-one mutes to hold (R33). Default
    /// true, as in the original.
    pub rest_ignores_mutes: bool,
    /// Whether `NoUnread` still pushes, with the badge left alone (R34). Default true.
    pub push_no_unread: bool,
    /// Whether messages of an AVChatRoom are pushed (R37). Default false.
    pub push_av_chat_room: bool,
    /// For how many seconds a repeat of a one-to-one message is dropped (R39). Default 120.
    pub dedup_one_to_one_seconds: u32,
    /// For how many seconds a repeat in a group is dropped (R39). Default 300.
    pub dedup_group_seconds: u32,
    /// Whether a repeat in a group must have the same content too (R39). Default true.
    pub dedup_group_by_content: bool,
    /// For how many seconds a repeat of a pure push is dropped (R39). Default 1.
    pub dedup_push_seconds: u32,
    /// Whether a message's life bounds the time that the vendor keeps its push (R40). Default true.
    pub ttl_from_life: bool,

    /// The texts of elements, by language (R47). `en` is the fallback and always there.
    pub texts: BTreeMap<String, Texts>,
    /// Whether a fallback text begins with its sender (R49). Default: on Apple devices.
    pub sender_prefix: SenderPrefix,
    /// The title where a vendor demands one and nothing else gives it; empty: the sender's account.
    pub app_name: String,
    /// How long texts may be, by vendor id; others have no limit (R51).
    pub limits: BTreeMap<String, TextLimits>,
    /// The templates, by id (R53).
    pub templates: BTreeMap<String, Template>,

    /// What to do with an `Ext` that is no JSON object, on OPPO (R74). Default: wrap it.
    pub oppo_ext: NotAnObject,
    /// Where `Ext` rides on Huawei when a page opens and the message does not say. Default: in the
    /// intent, where clients look for it.
    pub huawei_ext: HuaweiExt,
    /// Whether a push to Apple devices without a sound plays the system's. Default true: without one a
    /// chat message would come in silence.
    pub apns_default_sound: bool,
    /// How many bytes text and `Ext` may have together on Apple devices before the text is cut (R76).
    /// Default 3,072.
    pub apns_text_and_ext: usize,
    /// Whether an update of a Live Activity that the device does not have becomes an ordinary
    /// notification (R68). Default false: it is not pushed.
    pub live_activity_falls_back: bool,
    /// Whether successive messages of a conversation replace each other. Default: never.
    pub collapse: Collapse,
    /// Whether a recalled message withdraws its notification where the vendor can: Xiaomi, and HarmonyOS
    /// with the app's `client_id`. Only where messages do not replace each other (`collapse`), as the
    /// notification that is shown may be another message's. Default true.
    pub withdraw_recalled: bool,

    /// What to do with unknown members of `OfflinePushInfo`. Default: keep them.
    pub unknown_fields: UnknownFields,
    /// What becomes of pushes that were on their way when the process was killed. Default: they go
    /// again where the vendor de-duplicates.
    pub resend_unsure: ResendUnsure,
    /// For how many seconds a push that the vendor could not take is tried again, besides what the
    /// engine tries by itself. Default 600; 0: never.
    pub retry_seconds: u32,
    /// How many targets of a vendor without lists are sent, and at risk of being unsure after a
    /// crash, at a time. Default 100.
    pub parcel: usize,
    /// The certificate of TPNS tokens on Android (R15). Default: the only TPNS certificate.
    pub tpns_android: Option<u32>,
    /// The certificate of TPNS tokens on iOS (R15). Default: the only TPNS certificate.
    pub tpns_ios: Option<u32>,
}

impl Default for Settings {
    fn default() -> Self {
        let limit = |title, body, long_body| TextLimits { title, body, long_body };
        let limits = [
            ("huawei", limit(60, 600, None)),
            ("honor", limit(50, 400, None)),
            ("xiaomi", limit(50, 128, None)),
            ("oppo", limit(50, 50, Some(128))),
            ("vivo", limit(40, 100, None)),
            ("meizu", limit(32, 100, None)),
        ];
        Self {
            lost_after_seconds: 400,
            login_lapse_days: 7,
            mac_is_mobile: false,
            signature_expiry_ends_pushes: false,
            empty_token: EmptyToken::Refuse,
            drop_dead_tokens: true,
            token_is_exclusive: true,
            only_when_all_away: false,
            implicit_push: true,
            implicit_push_of_clients: true,
            mention_of_all_counts: true,
            daily_mute_zone: DailyZone::User,
            mention_pierces_global_mute: false,
            rest_ignores_mutes: true,
            push_no_unread: true,
            push_av_chat_room: false,
            dedup_one_to_one_seconds: 120,
            dedup_group_seconds: 300,
            dedup_group_by_content: true,
            dedup_push_seconds: 1,
            ttl_from_life: true,
            texts: BTreeMap::from([("en".to_owned(), Texts::default())]),
            sender_prefix: SenderPrefix::Apns,
            app_name: String::new(),
            limits: limits.into_iter().map(|(vendor, limit)| (vendor.to_owned(), limit)).collect(),
            templates: BTreeMap::new(),
            oppo_ext: NotAnObject::Wrap,
            huawei_ext: HuaweiExt::Intent,
            apns_default_sound: true,
            apns_text_and_ext: 3072,
            live_activity_falls_back: false,
            collapse: Collapse::Never,
            withdraw_recalled: true,
            unknown_fields: UnknownFields::Keep,
            resend_unsure: ResendUnsure::WhereSafe,
            retry_seconds: 600,
            parcel: 100,
            tpns_android: None,
            tpns_ios: None,
        }
    }
}
