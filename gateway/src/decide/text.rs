//! Title and text: from what the sender set, a template, the device's language, or the message's
//! elements (R45–R53), cut to the vendor's limits.

use omnipush::Unit;
use serde_json::Value;

use super::Silence;
use crate::model::{Conversation, Element, Message, OfflinePushInfo, SenderPrefix, Settings, Template, Texts};
use crate::rules::Rule;

/// What will be shown.
pub(super) struct Words {
    pub(super) title: String,
    pub(super) body: String,
}

/// Title and text for a vendor, not cut yet.
pub(super) fn words(
    message: &Message,
    vendor: &str,
    language: Option<&str>,
    settings: &Settings,
    rules: &mut Vec<Rule>,
) -> Result<Words, Silence> {
    let none = OfflinePushInfo::default();
    let info = message.push.as_ref().unwrap_or(&none);
    let mut title = info.title.clone();
    let mut desc = info.desc.clone();
    if let Some(content) = info.content_for(language) {
        rules.push(Rule::R52);
        for (ours, theirs) in [(&mut title, &content.title), (&mut desc, &content.desc)] {
            if !theirs.is_empty() {
                ours.clone_from(theirs);
            }
        }
    }
    let fallback = desc.is_empty();
    let mut body = if fallback { element_texts(message, language, settings, rules) } else { desc };
    if !fallback {
        rules.push(Rule::R46);
    }
    if !info.push_template_id.is_empty() {
        let template = template(info, message.is_pure_push(), settings).map_err(|p| Silence::because(Rule::R53, p))?;
        rules.push(Rule::R53);
        let fill = |text: &str| fill(text, info, message, &title, &body);
        (title, body) = (fill(&template.title), fill(&template.desc));
    }
    let own = match vendor {
        "apns" => &info.apns_info.title,
        "harmony" => &info.harmony_info.title,
        _ => "",
    };
    if !own.is_empty() {
        rules.push(Rule::R45);
        own.clone_into(&mut title);
    }
    if title.is_empty() {
        let prefixed = match settings.sender_prefix {
            SenderPrefix::All => true,
            SenderPrefix::Apns => vendor == "apns",
            SenderPrefix::Never => false,
        };
        if fallback && prefixed {
            rules.push(Rule::R49);
            body = format!("{}{body}", prefix(message));
        }
        // Apple shows a text without a title; the others demand one.
        if vendor != "apns" {
            title = default_title(message, settings);
        }
    }
    Ok(Words { title, body })
}

/// The texts of the elements, joined with nothing between (R47, R48).
fn element_texts(message: &Message, language: Option<&str>, settings: &Settings, rules: &mut Vec<Rule>) -> String {
    let english = Texts::default();
    let texts = language
        .and_then(|language| {
            let short = language.split(['-', '_']).next().unwrap_or(language);
            settings.texts.get(language).or_else(|| settings.texts.get(short))
        })
        .or_else(|| settings.texts.get("en"))
        .unwrap_or(&english);
    rules.push(if message.body.len() > 1 { Rule::R48 } else { Rule::R47 });
    let text = |element: &Element| match element {
        Element::Text(text) => text.clone(),
        Element::Location => texts.location.clone(),
        Element::Face => texts.face.clone(),
        Element::Custom { desc, .. } => desc.clone(),
        Element::Sound => texts.sound.clone(),
        Element::Image => texts.image.clone(),
        Element::File => texts.file.clone(),
        Element::Video => texts.video.clone(),
        Element::Relay { title } if title.is_empty() => texts.relay.clone(),
        Element::Relay { title } => title.clone(),
    };
    message.body.iter().map(text).collect()
}

/// `Nickname:`, `Nickname(GroupName):` or `(GroupName):` (R49).
fn prefix(message: &Message) -> String {
    let nickname = &message.from.nickname;
    match &message.conversation {
        Conversation::Group { id, name, .. } => format!("{nickname}({}):", if name.is_empty() { id } else { name }),
        _ if nickname.is_empty() => String::new(),
        _ => format!("{nickname}:"),
    }
}

fn default_title(message: &Message, settings: &Settings) -> String {
    let group = match &message.conversation {
        Conversation::Group { name, .. } => name.as_str(),
        _ => "",
    };
    [group, &message.from.nickname, &settings.app_name, &message.from.account]
        .into_iter()
        .find(|text| !text.is_empty())
        .unwrap_or_default()
        .to_owned()
}

const PRESET: [&str; 4] = ["timTitle", "timDesc", "timSenderNick", "timGroupName"];

fn template<'a>(info: &OfflinePushInfo, pure: bool, settings: &'a Settings) -> Result<&'a Template, String> {
    let Some(template) = settings.templates.get(&info.push_template_id) else {
        return Err("PushTemplateId names no template of the settings".into());
    };
    let uses =
        |name: &&&str| [&template.title, &template.desc].iter().any(|text| text.contains(&format!("{{{name}}}")));
    match PRESET.iter().find(uses).filter(|_| pure) {
        Some(name) => Err(format!("the template uses {name}, which a push without a message does not have")),
        None => Ok(template),
    }
}

/// What is wrong with the template that a push names, for an error before it is accepted (R53).
pub fn template_problem(info: &OfflinePushInfo, pure_push: bool, settings: &Settings) -> Option<String> {
    if info.push_template_id.is_empty() { None } else { template(info, pure_push, settings).err() }
}

/// Puts values into `{name}` places; a place without a value stays as it is. One pass: a value
/// with braces in it is not filled again.
fn fill(text: &str, info: &OfflinePushInfo, message: &Message, title: &str, desc: &str) -> String {
    let value = |name: &str| match name {
        "timTitle" => Some(title.to_owned()),
        "timDesc" => Some(desc.to_owned()),
        "timSenderNick" => Some(message.from.nickname.clone()),
        "timGroupName" => Some(match &message.conversation {
            Conversation::Group { name, .. } => name.clone(),
            _ => String::new(),
        }),
        _ => info.push_template_param.get(name).map(|value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }),
    };
    let (mut filled, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        match after.split_once('}').and_then(|(name, after)| Some((value(name)?, after))) {
            Some((value, after)) => {
                filled.push_str(&value);
                rest = after;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled + rest
}

/// Cuts a text to so many units, the last three of them dots (R51). `None`: it fits.
pub(super) fn cut(text: &str, limit: usize, unit: Unit) -> Option<String> {
    (unit.measure(text) > limit).then(|| format!("{}...", unit.cut(text, limit.saturating_sub(3))))
}
