//! Composes the notification: once for all devices of a certificate that get the same.

use omnipush::{Badge, CollapseKey, MessageId, Notification, Ttl, Unit};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::badge::{badge, counts, is_absolute};
use super::text::{cut, words};
use super::vendors::{self, In};
use super::{Route, Silence, Way, ext};
use crate::certificates::Certificate;
use crate::model::{Collapse, Conversation, Device, Element, Message, OfflinePushInfo, Recipient, Settings};
use crate::rules::Rule;

/// What makes notifications of one message through one certificate differ from each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Variant {
    /// Which binding it takes.
    pub way: Way,
    /// The device's language, where the text depends on it.
    pub language: Option<String>,
    /// The device's badge, where the vendor takes an absolute number; else 0.
    pub badge: u32,
    /// Whether the message counts as unread for the recipient.
    pub counts: bool,
}

/// The variant that a device gets.
pub fn variant(
    message: &Message,
    recipient: &Recipient,
    device: &Device,
    route: &Route<'_>,
    settings: &Settings,
) -> Variant {
    let multilingual = message.push.as_ref().is_some_and(|info| !info.multi_language_content.is_empty());
    let described = message.push.as_ref().is_some_and(|info| !info.desc.is_empty());
    // Texts of our own differ by language only where there are some in another.
    let own_texts = !described && settings.texts.len() > 1;
    Variant {
        way: route.way,
        language: device.language.clone().filter(|_| multilingual || own_texts),
        badge: if is_absolute(&route.certificate.vendor) { device.badge } else { 0 },
        counts: counts(message, recipient),
    }
}

/// A notification, and how it came to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Composed {
    /// What is sent.
    pub notification: Notification,
    /// The rules that shaped it, in the order in which they did.
    pub rules: Vec<Rule>,
    /// The badge that the device has from then on, where it is a number of ours.
    pub badge: Option<u32>,
}

/// Composes a variant.
///
/// # Errors
/// When the message cannot be put into a notification for this vendor: a template that is not
/// there, an `Ext` that the vendor cannot carry.
pub fn compose(
    message: &Message,
    certificate: &Certificate,
    variant: &Variant,
    settings: &Settings,
) -> Result<Composed, Silence> {
    let none = OfflinePushInfo::default();
    let info = message.push.as_ref().unwrap_or(&none);
    let vendor = certificate.vendor.as_str();
    let mut rules = Vec::new();
    let mut words = words(message, vendor, variant.language.as_deref(), settings, &mut rules)?;
    let ext = ext_of(message, info, &mut rules);
    shorten(&mut words.title, &mut words.body, ext, vendor, info, settings, &mut rules);

    let (click, data) = ext::carry(ext, certificate, &info.android_info, settings, &mut rules)?;
    let given = |text: String| Some(text).filter(|text| !text.is_empty());
    let mut n = Notification {
        title: given(words.title),
        body: given(words.body),
        click: Some(click),
        data,
        badge: badge(message, vendor, variant.badge, variant.counts, &mut rules),
        id: MessageId::new(short_id(&message.id)).ok(),
        ..Notification::default()
    };
    if settings.ttl_from_life && !message.is_pure_push() {
        rules.push(Rule::R40);
        n.ttl = Ttl::from_secs(message.life_seconds.unwrap_or(WEEK).min(WEEK)).ok();
    }
    if settings.collapse == Collapse::Conversation {
        n.collapse_key = conversation(message).and_then(|key| CollapseKey::new(key).ok());
    }
    let input = In { message, info, certificate, settings, way: variant.way, ext };
    vendors::dress(&mut n, &input, &mut rules);
    let badge = match n.badge {
        Some(Badge::Set(number)) if is_absolute(vendor) => Some(number),
        _ => None,
    };
    Ok(Composed { notification: n, rules, badge })
}

const WEEK: u32 = 604_800;

/// The message's `Ext`; that of a custom element only without push information (R50).
fn ext_of<'a>(message: &'a Message, info: &'a OfflinePushInfo, rules: &mut Vec<Rule>) -> &'a str {
    let custom = message.body.iter().find_map(|element| match element {
        Element::Custom { ext, .. } => Some(ext.as_str()),
        _ => None,
    });
    match (&message.push, custom) {
        (None, Some(ext)) => ext,
        (Some(_), Some(_)) => {
            rules.push(Rule::R50);
            &info.ext
        }
        _ => &info.ext,
    }
}

/// Cuts title and text to what the vendor shows (R51), and Apple's text to what fits beside `Ext`
/// (R76).
fn shorten(
    title: &mut String,
    body: &mut String,
    ext: &str,
    vendor: &str,
    info: &OfflinePushInfo,
    settings: &Settings,
    rules: &mut Vec<Rule>,
) {
    if let Some(limits) = settings.limits.get(vendor) {
        let long = limits.long_body.filter(|_| info.android_info.push_style == 1);
        for (text, limit) in [(title, limits.title), (&mut *body, long.unwrap_or(limits.body))] {
            if let Some(short) = cut(text, limit, Unit::Utf16) {
                rules.push(Rule::R51);
                *text = short;
            }
        }
    }
    if vendor == "apns"
        && let Some(short) = cut(body, settings.apns_text_and_ext.saturating_sub(ext.len()), Unit::Bytes)
    {
        rules.push(Rule::R76);
        *body = short;
    }
}

/// An id within the vendors' limits; the same for the same message.
fn short_id(id: &str) -> String {
    if id.len() <= 64 { id.to_owned() } else { hex(&Sha256::digest(id.as_bytes())) }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A key that is the same for all messages of a conversation, and tells nothing about it.
fn conversation(message: &Message) -> Option<String> {
    let name = match &message.conversation {
        Conversation::OneToOne => format!("c2c:{}", message.from.account),
        Conversation::Group { id, .. } => format!("group:{id}"),
        Conversation::Push { .. } => return None,
    };
    Some(hex(&Sha256::digest(name.as_bytes())).chars().take(32).collect())
}
