//! The click action of a certificate, in the form that its vendor takes.

use omnipush::{ActionName, ActivityName, Click, HttpUrl, IntentUri};

use crate::intent::Intent;

/// A click action that the vendor cannot take, or that is malformed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("click: {0}")]
pub struct InvalidClick(pub(super) String);

/// The forms that open a page in the app, by vendor; the others open the app only.
const FORMS: &[(&str, &[&str])] = &[
    ("xiaomi", &["url", "intent"]),
    ("huawei", &["url", "intent"]),
    ("honor", &["url", "intent"]),
    ("vivo", &["url", "intent"]),
    ("oppo", &["url", "activity", "action"]),
    ("meizu", &["url", "activity"]),
    ("tpns", &["url", "activity"]),
    ("harmony", &["action"]),
];

/// Reads a click action: `"app"`, or a table with one of `url`, `intent`, `activity`, `action`.
pub(super) fn read(vendor: &str, value: Option<&toml::Value>) -> Result<Click, InvalidClick> {
    let problem = |words: String| InvalidClick(words);
    let (form, text) = match value {
        None => return Ok(Click::App),
        Some(toml::Value::String(word)) if word == "app" => return Ok(Click::App),
        Some(toml::Value::Table(table)) if table.len() == 1 => match table.iter().next() {
            Some((form, toml::Value::String(text))) => (form.as_str(), text.as_str()),
            _ => return Err(problem("is not a text".into())),
        },
        _ => return Err(problem("is neither \"app\" nor a table with url, intent, activity or action".into())),
    };
    let forms = FORMS.iter().find(|(id, _)| *id == vendor).map_or(&[][..], |(_, forms)| forms);
    if !forms.contains(&form) {
        let known = ["app"].iter().chain(forms).copied().collect::<Vec<_>>().join(", ");
        return Err(problem(format!("{form} is not taken by {vendor}; it takes {known}")));
    }
    let invalid = |error: omnipush::InvalidValue| problem(error.to_string());
    Ok(match form {
        "url" => {
            if !text.starts_with("http://") && !text.starts_with("https://") {
                return Err(problem("the URL must begin with http:// or https://".into()));
            }
            Click::Url(HttpUrl::new(text).map_err(invalid)?)
        }
        "intent" => {
            let intent = Intent::parse(text).map_err(|error| problem(error.to_string()))?;
            if text.contains("component=") && intent.component.is_none() {
                return Err(problem(
                    "the intent's component has no `/`: write package/class, else Android drops it".into(),
                ));
            }
            if intent.extras.contains_key("ext") {
                return Err(problem("the intent has an extra `ext`, which is where a message's Ext goes".into()));
            }
            Click::Intent(IntentUri::new(text).map_err(invalid)?)
        }
        "activity" => Click::Activity(ActivityName::new(text).map_err(invalid)?),
        _ => Click::Action(ActionName::new(text).map_err(invalid)?),
    })
}
