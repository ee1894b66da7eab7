//! The form that carries every request, and the signature over it.

use http::header::CONTENT_TYPE;
use md5::{Digest, Md5};
use serde_json::Value;

use super::checks::{Checked, blank, wrong};
use crate::fake::Call;

/// Form parameters in the order of their names, each there once.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads the form of a call. The document does not say how another content type is answered;
    /// its own example leaves the charset out, so that is allowed.
    pub(super) fn read(call: &Call) -> Checked<Self> {
        let content_type = call.header(CONTENT_TYPE.as_str()).unwrap_or_default().to_ascii_lowercase();
        let (mime, charset) = content_type.split_once(';').unwrap_or((&content_type, "charset=utf-8"));
        if mime.trim() != "application/x-www-form-urlencoded" || charset.trim() != "charset=utf-8" {
            return Err(wrong("content-type", format!("{content_type:?}")));
        }
        if !call.query.is_empty() {
            return Err(wrong("query", "a POST carries everything in its form"));
        }
        Self::of(call.form())
    }

    /// Reads the query of a GET.
    pub(super) fn read_query(call: &Call) -> Checked<Self> {
        if !call.body.is_empty() {
            return Err(wrong("body", "a GET carries everything in its query"));
        }
        Self::of(call.query_pairs())
    }

    fn of(mut pairs: Vec<(String, String)>) -> Checked<Self> {
        pairs.sort();
        let names = pairs.iter().map(|(name, _)| name);
        if let Some((twice, _)) = names.clone().zip(names.skip(1)).find(|(a, b)| a == b) {
            return Err(wrong(twice, "given twice"));
        }
        Ok(Self(pairs))
    }

    /// A parameter; `None` when it is absent.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// A parameter that may be neither absent nor empty.
    pub(super) fn required(&self, name: &str) -> Checked<&str> {
        self.get(name).filter(|value| !value.is_empty()).ok_or_else(|| blank(name))
    }

    /// Refuses parameters that the call does not have.
    pub(super) fn only(&self, known: &[&str]) -> Checked<()> {
        match self.0.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            Some((name, _)) => Err(wrong(name, "no parameter of this call")),
            None => Ok(()),
        }
    }

    /// The signature that these parameters need.
    pub(super) fn signature(&self, secret: &str) -> String {
        signature(self.0.iter().filter(|(name, _)| name != "sign").map(|(n, v)| (n.as_str(), v.as_str())), secret)
    }

    /// The form as an object of texts.
    pub(super) fn object(&self) -> Value {
        self.0.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect()
    }
}

/// MD5 over `name=value` of every parameter, sorted by name, nothing between them, and the secret.
pub(super) fn signature<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>, secret: &str) -> String {
    let mut sorted: Vec<_> = pairs.collect();
    sorted.sort_unstable();
    let mut digest = Md5::new();
    for (name, value) in sorted {
        digest.update(name);
        digest.update("=");
        digest.update(value);
    }
    digest.update(secret);
    hex::encode(digest.finalize())
}
