//! Reads vendors from a TOML file: one `[[vendor]]` table each.
//!
//! ```toml
//! [[vendor]]
//! vendor = "vivo"
//! app_id = 100004
//! app_key = { env = "VIVO_APP_KEY" }         # from an environment variable
//! app_secret = { file = "vivo-secret.txt" }  # from a file beside this one
//!
//! [[vendor]]
//! vendor = "xiaomi"
//! app_secret = "inline, if you must"
//! package_name = "com.example.app"
//! ```
//!
//! Any value can come from a file or an environment variable. The keys are those of the vendor's
//! `Config`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use omnipush_core::config::without_value;
use omnipush_core::{ConfigError, PushVendor};
use serde::Deserialize;
use serde_json::Value;
use toml::Spanned;

use crate::registry;

/// A configuration file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigFileError {
    /// The file cannot be read.
    #[error("{path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not TOML of the right form. The text shows line and column.
    #[error("{path}: {problem}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where and what.
        problem: String,
    },
    /// An entry cannot be used.
    #[error("{path}:{line}: {error}")]
    Entry {
        /// The file.
        path: PathBuf,
        /// The line on which the entry begins.
        line: usize,
        /// What is wrong.
        error: ConfigError,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    vendor: Vec<Spanned<toml::Table>>,
}

/// Reads all vendors of a file.
///
/// # Errors
/// Names the file, the line of the entry, the key, and what is expected. Values are not shown.
pub fn read(path: &Path) -> Result<Vec<Arc<dyn PushVendor>>, ConfigFileError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| ConfigFileError::Unreadable { path: path.to_owned(), source })?;
    parse(&text, path)
}

/// As [`read`], from a text. `path` is for errors, and its folder for files that values name.
///
/// # Errors
/// As [`read`].
pub fn parse(text: &str, path: &Path) -> Result<Vec<Arc<dyn PushVendor>>, ConfigFileError> {
    let file: File = toml::from_str(text).map_err(|error| {
        // The library's own text quotes the line, which may hold a secret.
        let at = error.span().map_or(String::new(), |span| format!("line {}: ", line(text, span.start)));
        ConfigFileError::Malformed { path: path.to_owned(), problem: format!("{at}{}", error.message()) }
    })?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let build = |entry: Spanned<toml::Table>| {
        let line = line(text, entry.span().start);
        let vendor = resolve(entry.into_inner(), folder).and_then(|settings| registry::build(&settings));
        vendor.map_err(|error| ConfigFileError::Entry { path: path.to_owned(), line, error })
    };
    file.vendor.into_iter().map(build).collect()
}

fn line(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

/// The settings of an entry, with every `{ file = … }` and `{ env = … }` in them replaced by what
/// that holds, for [`build`](crate::build). Files are looked for in `folder`.
///
/// # Errors
/// Names the key whose file or variable cannot be read.
pub fn resolve(entry: toml::Table, folder: &Path) -> Result<Value, ConfigError> {
    let mut settings = serde_json::Map::new();
    for (key, value) in entry {
        let value = resolve_value(&key, value, folder)?;
        settings.insert(key, value);
    }
    Ok(Value::Object(settings))
}

fn resolve_value(key: &str, value: toml::Value, folder: &Path) -> Result<Value, ConfigError> {
    let problem = |problem: String| ConfigError::new("omnipush", key, problem);
    Ok(match value {
        toml::Value::Table(table) => match (table.len(), table.get("file"), table.get("env")) {
            (1, Some(toml::Value::String(file)), _) => {
                let path = folder.join(file);
                let text = std::fs::read_to_string(&path)
                    .map_err(|error| problem(format!("names the file {}: {error}", path.display())))?;
                Value::String(text)
            }
            (1, _, Some(toml::Value::String(name))) => {
                let text = std::env::var(name)
                    .map_err(|error| problem(format!("names the environment variable {name}: {error}")))?;
                Value::String(text)
            }
            _ => resolve(table, folder)?,
        },
        toml::Value::Array(values) => {
            Value::Array(values.into_iter().map(|value| resolve_value(key, value, folder)).collect::<Result<_, _>>()?)
        }
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(flag) => flag.into(),
        toml::Value::Datetime(time) => Value::String(time.to_string()),
    })
}

#[cfg(test)]
#[cfg(feature = "vivo")]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        match parse(text, Path::new("push.toml")) {
            Ok(_) => panic!("{text} was taken"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn entries_become_vendors() {
        // Cargo sets this variable for every test.
        let text = "[[vendor]]\nvendor = 'vivo'\napp_id = 1\napp_key = { env = 'CARGO_PKG_NAME' }\napp_secret = { file = 'Cargo.toml' }\n";
        let vendors = parse(text, &Path::new(env!("CARGO_MANIFEST_DIR")).join("push.toml")).unwrap();
        assert_eq!(vendors.iter().map(|v| v.profile().id).collect::<Vec<_>>(), ["vivo"]);
        assert!(parse("", Path::new("empty.toml")).unwrap().is_empty());
    }

    #[test]
    fn errors_name_the_line_and_never_show_a_value() {
        let two = "[[vendor]]\nvendor = 'vivo'\napp_id = 1\napp_key = 'k'\napp_secret = 's3cr3t'\n\n[[vendor]]\nvendor = 'vivo'\napp_key = 's3cr3t'\n";
        assert_eq!(error(two), "push.toml:7: vivo: `app_id` does not fit: missing field `app_id`");
        let broken = error("[[vendor]]\napp_secret = s3cr3t\n");
        assert!(broken.starts_with("push.toml: line 2: ") && !broken.contains("s3cr3t"), "{broken}");
        let env = error("[[vendor]]\nvendor = 'vivo'\napp_key = { env = 'NO_SUCH_VARIABLE' }\n");
        assert!(env.contains("`app_key` names the environment variable NO_SUCH_VARIABLE"), "{env}");
        let file = error("[[vendor]]\nvendor = 'vivo'\napp_key = { file = 'no/such/file' }\n");
        assert!(file.contains("`app_key` names the file no/such/file"), "{file}");
        assert!(error("[[vendors]]\n").contains("unknown field `vendors`"));
    }
}
