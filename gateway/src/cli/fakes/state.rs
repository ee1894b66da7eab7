//! What outlasts a restart of the fakes: the test CA, and the credentials that were given out.

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use omnipush_conformance::Fake;
use omnipush_conformance::emulator::{Authority, Stand};
use serde_json::{Map, Value, json};
use tempfile::{NamedTempFile, TempPath};

use crate::cli::Bad;

/// The state file, if there is to be one.
pub(super) struct State {
    path: Option<PathBuf>,
    ca: Option<Value>,
    /// By vendor: the address and the credentials that went with it.
    vendors: Map<String, Value>,
}

/// The file with the CA's certificate.
pub(super) struct Ca {
    path: String,
    /// Goes away with the process where no state is kept.
    _temporary: Option<TempPath>,
}

impl Ca {
    pub(super) fn path(&self) -> &str {
        &self.path
    }
}

impl State {
    /// Reads the file; one that is not there yet is an empty one.
    pub(super) fn read(path: Option<&Path>) -> Result<Self, Bad> {
        let mut state = Self { path: path.map(Path::to_owned), ca: None, vendors: Map::new() };
        let Some(path) = path else { return Ok(state) };
        let text = match std::fs::read_to_string(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(state),
            text => text.map_err(|error| state.bad(error))?,
        };
        let whole: Value = serde_json::from_str(&text).map_err(|error| state.bad(error))?;
        match whole.get("vendors") {
            Some(Value::Object(vendors)) => state.vendors = vendors.clone(),
            _ => return Err(state.bad("is no state of `omnipush fakes`: it has no `vendors`")),
        }
        state.ca = whole.get("ca").filter(|ca| !ca.is_null()).cloned();
        Ok(state)
    }

    fn bad(&self, words: impl std::fmt::Display) -> Bad {
        match &self.path {
            Some(path) => Bad::new(format!("{}: {words}", path.display())),
            None => Bad::new(words),
        }
    }

    /// Makes sure that what was given out to a vendor's senders still lets them in.
    pub(super) fn check(&self, fake: &dyn Fake) -> Result<(), Bad> {
        let id = fake.vendor();
        let Some(kept) = self.vendors.get(id) else { return Ok(()) };
        let url = kept.get("url").and_then(Value::as_str).unwrap_or_default();
        if kept.get("credentials") == Some(&fake.credentials(url)) {
            return Ok(());
        }
        Err(self.bad(format!("the credentials of {id} in it are not those of this version: remove the file")))
    }

    /// The CA of the file, or a new one.
    pub(super) fn authority(&mut self) -> Result<Authority, Bad> {
        if let Some(ca) = &self.ca {
            let part = |name: &str| ca.get(name).and_then(Value::as_str).unwrap_or_default();
            return Authority::from_pem(part("certificate"), part("key")).map_err(|error| self.bad(error));
        }
        let authority = Authority::new().map_err(Bad::new)?;
        self.ca = Some(json!({"certificate": authority.certificate(), "key": authority.key()}));
        Ok(authority)
    }

    /// Writes the CA's certificate to a file of its own: beside the state, or for this run only.
    pub(super) fn ca(&self, authority: &Authority) -> Result<Ca, Bad> {
        let certificate = authority.certificate();
        if let Some(path) = &self.path {
            let path = path.with_extension("ca.pem");
            std::fs::write(&path, certificate).map_err(|error| Bad::new(format!("{}: {error}", path.display())))?;
            let path = std::path::absolute(&path).unwrap_or(path).display().to_string();
            return Ok(Ca { path, _temporary: None });
        }
        let file = tempfile::Builder::new().prefix("omnipush-fakes-").suffix(".ca.pem").tempfile();
        let file = file.and_then(|mut file| file.write_all(certificate.as_bytes()).map(|()| file));
        let file = file.map_err(|error| Bad::new(format!("the file for the test CA: {error}")))?.into_temp_path();
        Ok(Ca { path: file.display().to_string(), _temporary: Some(file) })
    }

    /// Takes up a fake that is running.
    pub(super) fn keep(&mut self, stand: &Stand) {
        let (id, url) = (stand.fake().vendor(), stand.url());
        let kept = json!({"url": url, "credentials": stand.fake().credentials(url)});
        self.vendors.insert(id.to_owned(), kept);
    }

    /// Writes the file as a whole, readable by its owner only.
    pub(super) fn write(&self) -> Result<(), Bad> {
        let Some(path) = &self.path else { return Ok(()) };
        let text = serde_json::to_string_pretty(&json!({"ca": self.ca, "vendors": self.vendors})).map_err(Bad::new)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let written = NamedTempFile::new_in(folder).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.persist(path)?;
            Ok(())
        });
        written.map_err(|error| self.bad(error))
    }
}
