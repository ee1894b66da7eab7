//! The decision: for one message and one device, whether a push goes out, which, and by which rule.
//!
//! Pure: no I/O, no clock, no lock. [`judge`] says whether and through which certificate,
//! [`compose`] what; a group of ten thousand is judged one by one and composed once for each
//! [`Variant`]. [`decide`] does both for one device.

mod badge;
mod compose;
mod ext;
mod text;
mod vendors;

use std::collections::BTreeMap;
use std::sync::Arc;

use omnipush::Notification;
use serde::{Deserialize, Serialize};

use crate::certificates::{Certificate, Channel};
use crate::model::{
    Absence, Conversation, Device, Element, Message, Origin, Platform, ReceiveOption, Recipient, Settings, State,
};
use crate::rules::Rule;

pub use compose::{Composed, Variant, compose, variant};
pub use text::template_problem;

/// The certificates by number, as the decision looks them up.
pub trait Book {
    /// The certificate of a number.
    fn certificate(&self, id: u32) -> Option<&Certificate>;

    /// The only certificate of a vendor; `None` where there are several or none.
    fn only_of(&self, vendor: &str) -> Option<&Certificate>;
}

fn only<'a>(mut all: impl Iterator<Item = &'a Certificate>, vendor: &str) -> Option<&'a Certificate> {
    let first = all.find(|certificate| certificate.vendor == vendor)?;
    all.all(|certificate| certificate.vendor != vendor).then_some(first)
}

impl Book for BTreeMap<u32, Certificate> {
    fn certificate(&self, id: u32) -> Option<&Certificate> {
        self.get(&id)
    }

    fn only_of(&self, vendor: &str) -> Option<&Certificate> {
        only(self.values(), vendor)
    }
}

impl Book for BTreeMap<u32, Arc<Channel>> {
    fn certificate(&self, id: u32) -> Option<&Certificate> {
        self.get(&id).map(|channel| &channel.certificate)
    }

    fn only_of(&self, vendor: &str) -> Option<&Certificate> {
        only(self.values().map(|channel| &channel.certificate), vendor)
    }
}

/// What holds for every decision: the choices, and the certificates of the moment.
#[derive(Clone, Copy)]
pub struct Terms<'a> {
    /// The choices.
    pub settings: &'a Settings,
    /// The certificates.
    pub certificates: &'a dyn Book,
}

/// Why nothing goes out to a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// The rule that decided.
    pub rule: Rule,
    /// The code under which it is counted as a loss: -1 no certificate, -2 no token (R19). `None`:
    /// nothing was lost, as nothing was due.
    pub loss: Option<i32>,
    /// More about it, for people; empty: the rule says it all. Never a text of the message.
    pub detail: String,
}

impl Silence {
    fn by(rule: Rule) -> Self {
        Self { rule, loss: None, detail: String::new() }
    }

    fn because(rule: Rule, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..Self::by(rule) }
    }

    fn lost(loss: i32, detail: impl Into<String>) -> Self {
        Self { loss: Some(loss), ..Self::because(Rule::R19, detail) }
    }
}

/// Which of a device's bindings a push takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// The ordinary one.
    Ordinary,
    /// The one for calls (R67).
    Voip,
    /// The one of a Live Activity (R68).
    LiveActivity,
}

/// A push that is due: where it goes, and why.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Route<'a> {
    /// The certificate.
    pub certificate: &'a Certificate,
    /// The device's token.
    pub token: &'a str,
    /// Which binding it is.
    pub way: Way,
    /// The rule by which it is due.
    pub rule: Rule,
}

/// What was decided about one message and one device.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// A push goes out.
    Push(Box<Pushed>),
    /// Nothing does.
    Silent(Silence),
}

/// A push that goes out.
#[derive(Clone, Debug, PartialEq)]
pub struct Pushed {
    /// The number of the certificate.
    pub certificate: u32,
    /// The vendor's id.
    pub vendor: String,
    /// The device's token at the vendor.
    pub token: String,
    /// Which binding it takes.
    pub way: Way,
    /// The rule by which it is due.
    pub rule: Rule,
    /// What is sent, with the rules that shaped it and what becomes of the badge.
    pub composed: Composed,
}

impl Decision {
    /// The rule that decided.
    pub fn rule(&self) -> Rule {
        match self {
            Self::Push(pushed) => pushed.rule,
            Self::Silent(silence) => silence.rule,
        }
    }

    /// The notification, if one goes out.
    pub fn notification(&self) -> Option<&Notification> {
        match self {
            Self::Push(pushed) => Some(&pushed.composed.notification),
            Self::Silent(_) => None,
        }
    }
}

/// Decides about one message and one device.
pub fn decide(message: &Message, recipient: &Recipient, device: &Device, terms: Terms<'_>, now_ms: u64) -> Decision {
    let due = judge_message(message, terms.settings)
        .and_then(|()| judge_recipient(message, recipient, terms.settings, now_ms))
        .and_then(|()| judge(message, recipient, device, terms, now_ms));
    let route = match due {
        Ok(route) => route,
        Err(silence) => return Decision::Silent(silence),
    };
    let variant = variant(message, recipient, device, &route, terms.settings);
    match compose(message, route.certificate, &variant, terms.settings) {
        Ok(composed) => Decision::Push(Box::new(Pushed {
            certificate: route.certificate.id,
            vendor: route.certificate.vendor.clone(),
            token: route.token.to_owned(),
            way: route.way,
            rule: route.rule,
            composed,
        })),
        Err(silence) => Decision::Silent(silence),
    }
}

/// Whether a message is pushed to anybody.
///
/// # Errors
/// Why not.
pub fn judge_message(message: &Message, settings: &Settings) -> Result<(), Silence> {
    let info = message.push.as_ref();
    if info.is_some_and(|info| info.push_flag == 1) {
        return Err(Silence::by(Rule::R25));
    }
    if message.online_only || message.life_seconds == Some(0) {
        return Err(Silence::by(Rule::R26));
    }
    if let Conversation::Group { kind, notice, .. } = &message.conversation {
        if *notice {
            return Err(Silence::by(Rule::R38));
        }
        if *kind == crate::model::GroupKind::AVChatRoom && !settings.push_av_chat_room {
            return Err(Silence::by(Rule::R37));
        }
    }
    if message.control.no_unread && !settings.push_no_unread {
        return Err(Silence::by(Rule::R34));
    }
    let described = info.is_some_and(|info| {
        !info.desc.is_empty()
            || !info.push_template_id.is_empty()
            || info.multi_language_content.iter().any(|content| !content.desc.is_empty())
    });
    if let ([Element::Custom { desc, .. }], false) = (&message.body[..], described)
        && desc.is_empty()
    {
        return Err(Silence::by(Rule::R27));
    }
    let implicit = match message.origin {
        Origin::Rest => settings.implicit_push,
        Origin::Client => settings.implicit_push_of_clients,
    };
    if !implicit && !info.is_some_and(crate::model::OfflinePushInfo::has_words) {
        return Err(Silence::by(Rule::R24));
    }
    Ok(())
}

/// Whether a user wants to be notified of a message, on whatever device.
///
/// # Errors
/// Why not.
pub fn judge_recipient(
    message: &Message,
    recipient: &Recipient,
    settings: &Settings,
    now_ms: u64,
) -> Result<(), Silence> {
    if !message.is_pure_push() && recipient.account == message.from.account {
        return Err(Silence::by(Rule::R35));
    }
    let mentioned = is_mentioned(message, &recipient.account, settings);
    let ignores_mute = matches!(message.conversation, Conversation::OneToOne)
        && message.origin == Origin::Rest
        && settings.rest_ignores_mutes
        && !message.control.with_mute_notifications;
    let option = if ignores_mute { ReceiveOption::Receive } else { recipient.option };
    if !message.is_pure_push() && !option.pushes(mentioned) {
        return Err(Silence::by(if mentions_decide(option) && message.mentions.all { Rule::R30 } else { Rule::R29 }));
    }
    let muted = recipient.mute.is_some_and(|mute| mute.is_open(recipient.utc_offset_minutes, settings, now_ms));
    if muted && mentioned && !settings.mention_pierces_global_mute {
        return Err(Silence::by(Rule::R32));
    }
    if muted && !mentioned {
        return Err(Silence::by(Rule::R31));
    }
    Ok(())
}

fn mentions_decide(option: ReceiveOption) -> bool {
    matches!(option, ReceiveOption::NotNotifyExceptAt | ReceiveOption::NotReceiveExceptAt)
}

fn is_mentioned(message: &Message, account: &str, settings: &Settings) -> bool {
    (message.mentions.all && settings.mention_of_all_counts) || message.mentions.users.iter().any(|u| u == account)
}

/// Whether a device is pushed to, and through which certificate. The message and the recipient
/// have been judged already.
///
/// # Errors
/// Why not.
pub fn judge<'a>(
    message: &Message,
    recipient: &Recipient,
    device: &'a Device,
    terms: Terms<'a>,
    now_ms: u64,
) -> Result<Route<'a>, Silence> {
    let settings = terms.settings;
    let mobile = match device.platform {
        Platform::Android | Platform::IPhone | Platform::IPad | Platform::Harmony => true,
        Platform::Mac => settings.mac_is_mobile,
        Platform::Windows | Platform::Linux | Platform::Web | Platform::MiniProgram => false,
    };
    if !mobile {
        return Err(Silence::by(Rule::R5));
    }
    let rule = match device.presence.state(settings, now_ms) {
        State::Foreground => return Err(Silence::by(Rule::R1)),
        State::Offline(absence) => {
            return Err(Silence::by(match absence {
                Absence::LoggedOut => Rule::R7,
                Absence::Kicked => Rule::R8,
                Absence::SignatureExpired => Rule::R10,
                Absence::Lapsed => Rule::R6,
            }));
        }
        State::Background => Rule::R12,
        // The connection is remembered, and time has ended it.
        State::PushOnline if device.presence.connection.is_some() => Rule::R3,
        State::PushOnline => Rule::R2,
    };
    if settings.only_when_all_away && recipient.present_elsewhere {
        return Err(Silence::by(Rule::R23));
    }
    let (id, token, way) = binding(message, device, settings)?;
    let certificate = match id {
        Some(id) => terms.certificates.certificate(id),
        None => terms.certificates.only_of("tpns"),
    };
    let Some(certificate) = certificate.filter(|certificate| certificate.enabled) else {
        let which = id.map_or("of TPNS, or several and no setting".to_owned(), |id| format!("with number {id}"));
        return Err(Silence::lost(-1, format!("there is no enabled certificate {which}")));
    };
    Ok(Route { certificate, token, way, rule })
}

/// The binding that the message asks for: the certificate's number (`None`: the only one of TPNS),
/// the token, and which it is.
fn binding<'a>(
    message: &Message,
    device: &'a Device,
    settings: &Settings,
) -> Result<(Option<u32>, &'a str, Way), Silence> {
    let apns = message.push.as_ref().map(|info| &info.apns_info).filter(|_| device.platform.is_ios());
    if let Some(activity) = apns.and_then(|apns| apns.live_activity.as_ref()) {
        match device.live_activities.iter().find(|binding| binding.activity == activity.la_id) {
            Some(binding) => return Ok((Some(binding.certificate), &binding.token, Way::LiveActivity)),
            None if settings.live_activity_falls_back => {}
            None => return Err(Silence::because(Rule::R68, "the device has no such activity")),
        }
    }
    if apns.is_some_and(|apns| apns.is_voip_push == 1)
        && let Some(voip) = &device.voip
    {
        return Ok((Some(voip.certificate), &voip.token, Way::Voip));
    }
    let Some(config) = &device.config else {
        return Err(Silence::lost(-2, "the device has no push config"));
    };
    if config.token.is_empty() {
        return Err(Silence::lost(-2, "the device reported no token"));
    }
    if config.is_tpns {
        let id = if device.platform.is_ios() { settings.tpns_ios } else { settings.tpns_android };
        return Ok((id, &config.token, Way::Ordinary));
    }
    if config.business_id == 0 {
        return Err(Silence::lost(-1, "the device named no certificate"));
    }
    Ok((Some(config.business_id), &config.token, Way::Ordinary))
}
