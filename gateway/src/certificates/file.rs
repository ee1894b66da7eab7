//! Reads certificates from a TOML file. Every error names the line.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use omnipush::PushVendor;
use serde::Deserialize;
use serde_json::Value;
use toml::Spanned;

use super::{Certificate, click};
use crate::config::line;
use crate::model::FcmMode;

/// A certificate that cannot be used, or a file that cannot be read.
pub use crate::config::FileError as CertificateError;

/// Where an entry stands.
#[derive(Clone, Debug)]
pub(super) struct Place {
    path: PathBuf,
    line: usize,
}

impl Place {
    /// An error at this place.
    pub(super) fn error(&self, problem: impl ToString) -> CertificateError {
        CertificateError { path: self.path.display().to_string(), line: Some(self.line), problem: problem.to_string() }
    }
}

/// An entry that is right in itself.
pub struct Entry {
    /// The certificate.
    pub certificate: Certificate,
    /// The vendor with the app's settings.
    pub vendor: Arc<dyn PushVendor>,
    /// A number that is the same exactly as long as the entry is, with all that it refers to.
    pub(super) fingerprint: u64,
    pub(super) place: Place,
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

/// Other tables of the same file are other readers'.
#[derive(Deserialize)]
struct File {
    #[serde(default)]
    certificate: Vec<Spanned<toml::Table>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: u32,
    vendor: String,
    #[serde(default = "yes")]
    enabled: bool,
    click: Option<toml::Value>,
    channel: Option<String>,
    category: Option<String>,
    #[serde(default)]
    fcm_mode: FcmMode,
    #[serde(default)]
    mutable_content: bool,
    #[serde(default)]
    app: toml::Table,
}

const fn yes() -> bool {
    true
}

/// Reads the certificates of a file.
///
/// # Errors
/// Names the file, the line of the entry and what is wrong with it. Values are not shown.
pub fn read(path: &Path) -> Result<Vec<Entry>, CertificateError> {
    let whole = |problem: String| CertificateError { path: path.display().to_string(), line: None, problem };
    let text = std::fs::read_to_string(path).map_err(|error| whole(error.to_string()))?;
    let file: File = toml::from_str(&text).map_err(|error| CertificateError {
        line: error.span().map(|span| line(&text, span.start)),
        // The library's own text quotes the line, which may hold a secret.
        ..whole(error.message().to_owned())
    })?;
    let mut seen = BTreeSet::new();
    let mut entries = Vec::new();
    for entry in file.certificate {
        let place = Place { path: path.to_owned(), line: line(&text, entry.span().start) };
        let entry = read_entry(entry.into_inner(), &place)?;
        if !seen.insert(entry.certificate.id) {
            return Err(place.error(format!("`id` {} is taken by another certificate", entry.certificate.id)));
        }
        entries.push(entry);
    }
    Ok(entries)
}

fn read_entry(table: toml::Table, place: &Place) -> Result<Entry, CertificateError> {
    let folder = place.path.parent().unwrap_or(Path::new("."));
    let written: Written = table.try_into().map_err(|error: toml::de::Error| place.error(error.message()))?;
    if written.id == 0 {
        return Err(place.error("`id` must be 1 or more: 0 stands for none"));
    }
    let click = click::read(&written.vendor, written.click.as_ref()).map_err(|error| place.error(error))?;
    let mut app = omnipush::config::resolve(written.app, folder).map_err(|error| place.error(error))?;
    let package = app.get("package_name").and_then(Value::as_str).map(str::to_owned);
    let certificate = Certificate {
        id: written.id,
        vendor: written.vendor,
        enabled: written.enabled,
        click,
        channel: written.channel,
        category: written.category,
        fcm_mode: written.fcm_mode,
        mutable_content: written.mutable_content,
        package,
    };
    let mut hasher = DefaultHasher::new();
    (format!("{certificate:?}"), app.to_string()).hash(&mut hasher);
    if let Value::Object(app) = &mut app {
        app.insert("vendor".into(), certificate.vendor.clone().into());
    }
    let vendor = omnipush::build(&app).map_err(|error| place.error(error))?;
    Ok(Entry { certificate, vendor, fingerprint: hasher.finish(), place: place.clone() })
}
