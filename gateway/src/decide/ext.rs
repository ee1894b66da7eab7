//! How a message's `Ext` reaches the app on each vendor (section "what the client receives" of the
//! original): beside the alert, in the intent, or as extras of their own.

use omnipush::{Click, Data, IntentUri};
use serde_json::Value;

use super::Silence;
use crate::certificates::Certificate;
use crate::intent;
use crate::model::{AndroidInfo, HuaweiExt, NotAnObject, Settings};
use crate::rules::Rule;

/// The name under which the app finds it, everywhere but on OPPO.
const EXT: &str = "ext";

/// How long an intent may be at vivo, in characters.
const VIVO_INTENT: usize = 1024;

/// The click action and the pairs that carry an `Ext`; empty: the certificate's click alone.
pub(super) fn carry(
    ext: &str,
    certificate: &Certificate,
    android: &AndroidInfo,
    settings: &Settings,
    rules: &mut Vec<Rule>,
) -> Result<(Click, Data), Silence> {
    let (click, mut data) = (certificate.click.clone(), Data::default());
    if ext.is_empty() {
        return Ok((click, data));
    }
    if certificate.vendor == "oppo" {
        for (key, value) in oppo_members(ext, settings, rules)? {
            // Keys of an object are there once; an empty one carries nothing.
            let _ = data.push(key, value);
        }
        return Ok((click, data));
    }
    let in_intent = match certificate.vendor.as_str() {
        "huawei" => match android.ext_as_huawei_intent_param {
            Some(wanted) => wanted == 1,
            None => settings.huawei_ext == HuaweiExt::Intent,
        },
        "honor" | "vivo" => true,
        _ => false,
    };
    let is_vivo = certificate.vendor == "vivo";
    let (click, in_intent) = match click {
        Click::Intent(uri) if in_intent => match intent::with_extra(uri.as_str(), EXT, ext) {
            // Escapes make it up to nine times as long as what it says.
            long if is_vivo && long.len() > VIVO_INTENT => (Click::Intent(uri), false),
            with_ext => {
                let uri = IntentUri::new(with_ext).map_err(|error| {
                    Silence::because(Rule::R76, format!("Ext does not fit into the certificate's intent: {error}"))
                })?;
                (Click::Intent(uri), true)
            }
        },
        click => (click, false),
    };
    // vivo hands the pairs to its callback and, as extras, to the page; older clients read the intent.
    if !in_intent || is_vivo {
        let _ = data.push(EXT, ext);
    }
    Ok((click, data))
}

/// The members of `Ext` as extras, since OPPO makes one of each (R74). Values that are no texts go
/// as JSON.
fn oppo_members(ext: &str, settings: &Settings, rules: &mut Vec<Rule>) -> Result<Vec<(String, String)>, Silence> {
    let text = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    match serde_json::from_str(ext) {
        Ok(Value::Object(members)) => Ok(members.into_iter().map(|(key, value)| (key, text(value))).collect()),
        _ if settings.oppo_ext == NotAnObject::Refuse => {
            Err(Silence::because(Rule::R74, "Ext is not a JSON object, which OPPO needs"))
        }
        _ => {
            rules.push(Rule::R74);
            Ok(vec![(EXT.to_owned(), ext.to_owned())])
        }
    }
}
