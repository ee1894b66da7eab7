//! How a message's `Ext` reaches the app on each vendor (section "what the client receives" of the
//! original): beside the alert, in the intent, or as extras of their own.

use std::collections::BTreeMap;

use omnipush::{Click, Data, IntentUri};
use serde::de::{DeserializeOwned, IgnoredAny};
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
    match members(ext) {
        Some(members) => Ok(members),
        _ if settings.oppo_ext == NotAnObject::Refuse => {
            Err(Silence::because(Rule::R74, "Ext is not a JSON object, which OPPO needs"))
        }
        _ => {
            rules.push(Rule::R74);
            Ok(vec![(EXT.to_owned(), ext.to_owned())])
        }
    }
}

/// The members of a JSON object; `None`: the text is none. What is no text stays as it was written, so
/// that long numbers keep their digits.
fn members(text: &str) -> Option<Vec<(String, String)>> {
    let Ok(Value::Object(parsed)) = serde_json::from_str(text) else { return None };
    let mut written = BTreeMap::new();
    let mut rest = text.trim_start().strip_prefix('{')?.trim_start();
    while !rest.starts_with('}') {
        let (name, after) = first::<String>(rest.strip_prefix(',').unwrap_or(rest))?;
        let value = after.trim_start().strip_prefix(':')?.trim_start();
        let (_, after) = first::<IgnoredAny>(value)?;
        // Of a name that is there twice the last counts, as for every reader of JSON.
        written.insert(name, value.strip_suffix(after)?);
        rest = after.trim_start();
    }
    let text = |(name, value): (String, Value)| {
        let text = match value {
            Value::String(text) => text,
            _ => (*written.get(&name)?).to_owned(),
        };
        Some((name, text))
    };
    parsed.into_iter().map(text).collect()
}

/// The JSON value that a text begins with, and the rest of it.
fn first<T: DeserializeOwned>(text: &str) -> Option<(T, &str)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter();
    let value = values.next()?.ok()?;
    Some((value, text.get(values.byte_offset()..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_keep_their_json() {
        let of = |text: &str| members(text).map(|all| all.into_iter().map(|(k, v)| format!("{k}={v}")).collect());
        let all = |texts: &[&str]| Some(texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        assert_eq!(of(" { } \n"), all(&[]));
        assert_eq!(
            of(r#"{"n":12345678901234567890123, "p" : 1.10,"o":{ "a" : [1, 2 ] } ,"t":"\u4f60\n}","z":null}"#),
            all(&["n=12345678901234567890123", "p=1.10", r#"o={ "a" : [1, 2 ] }"#, "t=你\n}", "z=null"])
        );
        assert_eq!(of(r#"{"a":1,"b":2,"a":3e0}"#), all(&["a=3e0", "b=2"]));
        for none in ["", "[]", "7", "{", "{\"a\":1}x", r#"{"a":"\ud800"}"#, "{\"a\":1,}"] {
            assert_eq!(of(none), None, "{none}");
        }
    }
}
