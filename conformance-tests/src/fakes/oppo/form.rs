//! The form that carries every call.

use super::codes::{INVALID, MISSING};
use super::fields::{Checked, ensure, refuse};
use crate::fake::Call;

/// What the official Java SDK adds to its forms; OPPO does not mind.
const TOLERATED: [&str; 1] = ["sdk_version"];
/// Where the access token is.
pub(super) const TOKEN: &str = "auth_token";

/// Form fields in the order of the wire, each there once.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads the form of a call.
    pub(super) fn read(call: &Call) -> Checked<Self> {
        let kind = call.header("content-type").unwrap_or_default().to_ascii_lowercase();
        let mut parts = kind.split(';').map(str::trim);
        let is_form = parts.next() == Some("application/x-www-form-urlencoded");
        ensure(
            is_form && !call.headers.contains_key("content-encoding"),
            "HTTP 415",
            format!("no plain form: {kind}"),
        )?;
        ensure(parts.all(|part| part == "charset=utf-8"), "25", format!("another charset: {kind}"))?;
        ensure(is_utf8(&call.body), "25", "the form is not UTF-8")?;
        ensure(call.query.is_empty(), INVALID, "a POST carries everything in its form")?;
        let fields = call.form();
        for (at, (name, _)) in fields.iter().enumerate() {
            let before = fields.iter().take(at).any(|(other, _)| other == name);
            ensure(!before, INVALID, format!("{name} is there twice"))?;
        }
        Ok(Self(fields))
    }

    /// A field that is there and not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// A field that must be there.
    pub(super) fn required(&self, name: &str) -> Checked<&str> {
        self.get(name).map_or_else(|| refuse(MISSING, format!("{name} is missing or empty")), Ok)
    }

    /// Refuses fields that a call does not have. OPPO does not say that it does; but a field that
    /// it ignores is a field that the caller misspelt.
    pub(super) fn only(&self, known: &[&str]) -> Checked {
        let stranger = self.arguments().find(|(name, _)| !known.contains(name));
        stranger.map_or(Ok(()), |(name, _)| refuse(INVALID, format!("there is no field {name}")))
    }

    /// The fields that are neither the access token nor the SDK's own.
    pub(super) fn arguments(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        all.filter(|(name, _)| *name != TOKEN && !TOLERATED.contains(name))
    }
}

/// Whether a form is UTF-8 once its percent signs are resolved.
fn is_utf8(body: &[u8]) -> bool {
    let mut bytes = body.iter().copied();
    let mut decoded = Vec::with_capacity(body.len());
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let mut digit = || (bytes.next().unwrap_or_default() as char).to_digit(16);
        let (Some(high), Some(low)) = (digit(), digit()) else { return false };
        decoded.push((high * 16 + low) as u8);
    }
    std::str::from_utf8(&decoded).is_ok()
}
