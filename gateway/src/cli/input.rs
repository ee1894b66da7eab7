//! Reads what the user gives: notifications, vendors, targets, times. Every error is one line
//! that names where it is and what is expected.

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use omnipush::{Notification, PushVendor, Target};

use super::{Bad, samples};

/// Reads a notification; `-` is standard input.
pub(super) fn notification(path: &str) -> Result<Notification, Bad> {
    let (name, text) = if path == "-" {
        let mut text = String::new();
        let read = std::io::stdin().read_to_string(&mut text);
        ("stdin", read.map(|_| text))
    } else {
        (path, std::fs::read_to_string(path))
    };
    let text = text.map_err(|error| Bad::new(format!("{name}: {error}")))?;
    parse(name, &text)
}

fn parse(name: &str, text: &str) -> Result<Notification, Bad> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // A list would be read as the fields in their order.
    if text.trim_start().starts_with('[') {
        return Err(Bad::new(format!("{name}:1:1: a notification is a JSON object, not a list")));
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let n: Notification = serde_path_to_error::deserialize(&mut json)
        .map_err(|error| place(name, &error.path().to_string(), error.inner()))?;
    json.end().map_err(|error| place(name, ".", &error))?;
    match n.vendors.keys().find(|id| samples::ids().all(|known| known != *id)) {
        Some(id) => Err(Bad::new(format!("{name}: vendors: {}", unknown_vendor(id)))),
        None => Ok(n),
    }
}

fn place(name: &str, path: &str, error: &serde_json::Error) -> Bad {
    let (line, column) = (error.line(), error.column());
    let words = error.to_string();
    let words = words.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&words);
    // An unknown name is in the words already.
    let field = match (words.starts_with("unknown "), path.rsplit_once('.')) {
        (true, Some((above, _))) => above,
        (true, None) => "",
        (false, _) => path,
    };
    let field = if field.is_empty() || field == "." { String::new() } else { format!("{field}: ") };
    Bad::new(format!("{name}:{line}:{column}: {field}{}", nearest(words)))
}

/// Of `unknown field …, expected one of …`, what is near, if anything is.
fn nearest(words: &str) -> String {
    let mut names = words.split('`').skip(1).step_by(2);
    let near = match (words.starts_with("unknown "), names.next()) {
        (true, Some(unknown)) => near(unknown, names).map(|name| (unknown, name)),
        _ => None,
    };
    match near {
        Some((unknown, name)) => {
            let what = words.split('`').next().unwrap_or_default();
            format!("{what}`{unknown}`; did you mean `{name}`?")
        }
        None => words.to_owned(),
    }
}

fn near<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let scored = names.map(|name| (strsim::jaro_winkler(word, name), name));
    scored.filter(|(score, _)| *score > 0.8).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, name)| name)
}

/// A vendor's id.
pub(super) fn vendor_id(id: &str) -> Result<&'static str, Bad> {
    samples::ids().find(|known| *known == id).ok_or_else(|| Bad::new(unknown_vendor(id)))
}

fn unknown_vendor(id: &str) -> String {
    let known = samples::ids().collect::<Vec<_>>().join(", ");
    format!("unknown vendor `{}`: must be one of {known}", shown(id))
}

/// A target of the form `VENDOR:TOKEN`. The token may hold further colons.
pub(super) fn target(text: &str) -> Result<(&'static str, Target), Bad> {
    match text.split_once(':') {
        Some((id, token)) if !token.is_empty() => Ok((vendor_id(id)?, Target::new(token))),
        _ => Err(Bad::new(format!("`{}` is not VENDOR:TOKEN, such as vivo:1555423915770000", shown(text)))),
    }
}

/// The beginning of a text that may hold a token.
fn shown(text: &str) -> String {
    super::output::short(text, 24)
}

/// The vendors of a configuration file, at most one entry for each.
pub(super) fn config(path: &Path) -> Result<Vec<Arc<dyn PushVendor>>, Bad> {
    let vendors = omnipush::config::read(path).map_err(Bad::new)?;
    if vendors.is_empty() {
        return Err(Bad::new(format!("{}: has no [[vendor]] entry", path.display())));
    }
    for (at, vendor) in vendors.iter().enumerate() {
        let id = vendor.profile().id;
        if vendors.iter().take(at).any(|other| other.profile().id == id) {
            return Err(Bad::new(format!("{}: has two entries for `{id}`; only one can be used", path.display())));
        }
    }
    Ok(vendors)
}

/// A vendor from a configuration file, or with test credentials where there is none.
pub(super) fn vendor(id: &'static str, path: Option<&Path>) -> Result<Arc<dyn PushVendor>, Bad> {
    let Some(path) = path else { return samples::vendor(id) };
    let found = config(path)?.into_iter().find(|vendor| vendor.profile().id == id);
    found.ok_or_else(|| Bad::new(format!("{}: has no entry for `{id}`", path.display())))
}

/// A point in time, as milliseconds since the Unix epoch.
pub(super) fn time(text: &str) -> Result<u64, String> {
    let time = chrono::DateTime::parse_from_rfc3339(text)
        .map_err(|error| format!("{error}; expected RFC 3339, such as 2026-11-22T10:00:00+08:00"))?;
    u64::try_from(time.timestamp_millis()).map_err(|_| "is before 1970".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(json: &str) -> String {
        parse("n.json", json).unwrap_err().to_string()
    }

    #[test]
    fn errors_name_the_place_the_field_and_what_is_expected() {
        assert_eq!(error(r#"{"titel":"x"}"#), "n.json:1:8: unknown field `titel`; did you mean `title`?");
        assert!(error(r#"{"zzz":"x"}"#).starts_with("n.json:1:6: unknown field `zzz`, expected one of `title`"));
        assert!(error("{\n \"title\": 3\n}").starts_with("n.json:2:11: title: invalid type"));
        assert!(
            error(r#"{"ttl_seconds":99999999}"#).contains("ttl_seconds: TTL: is 99999999 seconds; at most 31536000")
        );
        assert!(error(r#"{"click":{"urll":"x"}}"#).contains("unknown variant `urll`; did you mean `url`?"));
        assert!(error("{} x").starts_with("n.json:1:4: trailing characters"));
        assert!(error("").starts_with("n.json:1:0: EOF"));
        assert!(error(r#"{"vendors":{"nokia":{}}}"#).contains("vendors: unknown vendor `nokia`: must be one of"));
    }

    #[test]
    fn targets_are_a_vendor_and_a_token() {
        let (id, token) = target("vivo:a:b").unwrap();
        assert_eq!((id, token.as_str()), ("vivo", "a:b"));
        for bad in ["", "vivo", "vivo:", ":x", "nokia:x"] {
            assert!(target(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn times() {
        assert_eq!(time("1970-01-01T08:00:01+08:00"), Ok(1000));
        assert!(time("yesterday").unwrap_err().contains("RFC 3339"));
        assert!(time("1969-01-01T00:00:00Z").is_err());
    }
}
