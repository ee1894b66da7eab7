//! The configuration of `omnipush serve`: one TOML file. Every error names the line.
//!
//! ```toml
//! [serve]
//! listen = "0.0.0.0:8080"
//! database = "omnipush.db"
//!
//! [[http.apps]]                    # who may call, see `http::HttpSettings`
//! sdkappid = 1400000000
//! key = { env = "IM_KEY" }
//! admins = ["administrator"]
//!
//! [settings]                       # what the rules leave open, see `model::Settings`
//! app_name = "Chat"
//!
//! [[certificate]]                  # the ways to vendors, see `certificates`
//! id = 20001
//! vendor = "xiaomi"
//! app = { package_name = "com.example", app_secret = { env = "XIAOMI_SECRET" } }
//!
//! [webhook]
//! url = "https://im.example.com/push-events"
//! sdk_app_id = 1400000000
//! ```
//!
//! Any value may come from a file beside this one or from an environment variable: `{ file = "…" }`,
//! `{ env = "…" }`.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use omnipush::Secret;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;
use toml::de::{DeTable, DeValue};

use crate::http::HttpSettings;
use crate::model::Settings;
use crate::webhook::ADDRESS;

/// A configuration file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}{}: {problem}", line.map(|line| format!(":{line}")).unwrap_or_default())]
pub struct FileError {
    /// The file.
    pub path: String,
    /// The line; `None`: the file as a whole.
    pub line: Option<usize>,
    /// What is wrong. Never a value.
    pub problem: String,
}

/// The whole configuration, but for the certificates, which [`Certificates`](crate::certificates::Certificates)
/// reads from the same file.
#[derive(Clone, Debug)]
pub struct Config {
    /// `[settings]`
    pub settings: Settings,
    /// `[serve]`
    pub serve: Serve,
    /// `[http]`
    pub http: HttpSettings,
    /// `[receipts]`
    pub receipts: Receipts,
    /// `[webhook]`; `None`: nobody is told.
    pub webhook: Option<Webhook>,
    /// A number for each table whose changes take a restart, which is the same as long as the table is.
    pub(crate) fixed: Vec<(&'static str, u64)>,
}

/// The tables whose changes take a restart.
const FIXED: &[&str] = &["serve", "http", "receipts", "webhook"];

/// How the service runs. Changes take a restart, but for the TLS files' contents.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Serve {
    /// Where it listens. Default `127.0.0.1:8080`.
    pub listen: SocketAddr,
    /// Where `/healthz`, `/readyz` and `/metrics` are, in clear text and for everybody who reaches it.
    /// Default: where the service listens.
    pub operations: Option<SocketAddr>,
    /// The SQLite file, made where there is none; beside the configuration unless absolute. Default
    /// `omnipush.db`.
    pub database: PathBuf,
    /// For how many days messages and decisions about them are kept. Default 7.
    pub keep_days: u32,
    /// For how many seconds at most calls and pushes that are under way are waited for at the end.
    /// Default 20. What is not settled then is decided about after the next start.
    pub drain_seconds: u32,
    /// How many connections are open at once; more wait until others end. Default 4,096.
    pub connections: u32,
    /// For how many seconds a connection may be idle, or take to bring the head of a call. Default 30.
    pub header_seconds: u32,
    /// For how many seconds a call may take, its body included. Default 60.
    pub call_seconds: u32,
    /// What the log holds, in the form of `RUST_LOG`, which goes before it. Default `info`.
    pub log: String,
    /// TLS; `None`: clear text, for a proxy that ends TLS.
    pub tls: Option<Tls>,
}

impl Default for Serve {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            operations: None,
            database: "omnipush.db".into(),
            keep_days: 7,
            drain_seconds: 20,
            connections: 4096,
            header_seconds: 30,
            call_seconds: 60,
            log: "info".into(),
            tls: None,
        }
    }
}

/// The files for TLS, in PEM; beside the configuration unless absolute. They are read again when they
/// change.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The certificate, followed by those that lead to the root.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// How vendors tell what became of pushes. Changes take a restart.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Receipts {
    /// The secret in the address of receipts, `/receipts/{certificate}/{secret}`: 16 to 128 letters,
    /// digits, `-` and `_`. Absent: only vendors that sign are believed.
    pub secret: Option<Secret>,
    /// Where vendors reach this gateway, such as `https://push.example.com`. With it every push asks for
    /// receipts at that address; without it, only where the vendor's console says so.
    pub url: Option<String>,
}

/// Where events go. Changes take a restart.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// The address, `http://…` or `https://…`.
    pub url: String,
    /// `SdkAppid` of every call, which receivers compare with their own (R79).
    pub sdk_app_id: u64,
    /// What calls are signed with; absent: they are not.
    #[serde(default)]
    pub token: Option<Secret>,
    /// How often events are posted again that the receiver refused. Default 3.
    #[serde(default = "three")]
    pub retries: u32,
    /// For how many seconds events are kept that the receiver cannot take, as it is away or answers
    /// with 408, 429 or 5xx. Default 3,600.
    #[serde(default = "hour")]
    pub keep_seconds: u32,
    /// How long an answer may take, in milliseconds. Default 2,000.
    #[serde(default = "two_seconds")]
    pub timeout_ms: u64,
    /// How many events go out in a second; more wait (R78). Default 1,000.
    #[serde(default = "thousand")]
    pub events_per_second: u32,
    /// A PEM file with further roots to trust; beside the configuration unless absolute.
    #[serde(default)]
    pub roots: Option<PathBuf>,
    /// A PEM file with the client certificate to show, and its private key.
    #[serde(default)]
    pub identity: Option<PathBuf>,
}

const fn three() -> u32 {
    3
}

const fn hour() -> u32 {
    3600
}

const fn two_seconds() -> u64 {
    2000
}

const fn thousand() -> u32 {
    1000
}

impl Config {
    /// Reads and checks a file. The certificates are not looked at.
    ///
    /// # Errors
    /// Names the file, the line, the key and what is wrong with it. Values are not shown.
    pub fn read(path: &Path) -> Result<Self, FileError> {
        let text = read_text(path)?;
        let document = Document::parse(&text, path)?;
        document.only(&["serve", "http", "settings", "certificate", "receipts", "webhook"])?;
        let mut serve: Serve = document.table("serve")?.unwrap_or_default();
        for file in [Some(&mut serve.database)]
            .into_iter()
            .chain(serve.tls.as_mut().map(|tls| [Some(&mut tls.certificate), Some(&mut tls.key)]).into_iter().flatten())
            .flatten()
        {
            *file = document.folder.join(&*file);
        }
        let least = [
            ("keep_days", serve.keep_days),
            ("connections", serve.connections),
            ("header_seconds", serve.header_seconds),
            ("call_seconds", serve.call_seconds),
        ];
        if let Some((name, _)) = least.iter().find(|(_, number)| *number == 0) {
            return Err(document.error(&["serve", name], "must be 1 or more"));
        }
        if let Err(error) = tracing_subscriber::EnvFilter::try_new(&serve.log) {
            return Err(document.error(&["serve", "log"], error));
        }
        let receipts: Receipts = document.table("receipts")?.unwrap_or_default();
        if let Some(secret) = &receipts.secret {
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            let length = secret.expose().chars().count();
            if !(16..=128).contains(&length) || !secret.expose().chars().all(plain) {
                let problem = format!("must be 16 to 128 letters, digits, `-` and `_`; it has {length}");
                return Err(document.error(&["receipts", "secret"], problem));
            }
        }
        if receipts.url.as_deref().is_some_and(|url| !is_http(url) || url.ends_with('/')) {
            let problem = "must begin with http:// or https:// and not end with a slash";
            return Err(document.error(&["receipts", "url"], problem));
        }
        let secret = receipts.secret.as_ref().map_or(1, |secret| secret.expose().len());
        let address = receipts.url.as_ref().map_or(0, |url| url.len() + "/receipts/4294967295/".len() + secret);
        if address > ADDRESS {
            let problem = format!(
                "makes addresses of up to {address} bytes with certificate and secret; vendors take at most {ADDRESS}"
            );
            return Err(document.error(&["receipts", "url"], problem));
        }
        let mut webhook: Option<Webhook> = document.table("webhook")?;
        if let Some(webhook) = &mut webhook {
            if !is_http(&webhook.url) {
                return Err(document.error(&["webhook", "url"], "must begin with http:// or https://"));
            }
            if webhook.events_per_second == 0 {
                return Err(document.error(&["webhook", "events_per_second"], "must be 1 or more"));
            }
            if webhook.timeout_ms == 0 {
                return Err(document.error(&["webhook", "timeout_ms"], "must be 1 or more"));
            }
            for file in [&mut webhook.roots, &mut webhook.identity].into_iter().flatten() {
                *file = document.folder.join(&*file);
            }
        }
        let settings = document.table("settings")?.unwrap_or_default();
        let fixed = FIXED.iter().map(|name| (*name, document.fingerprint(name))).collect();
        let http = document.table("http")?.unwrap_or_default();
        Ok(Self { settings, serve, http, receipts, webhook, fixed })
    }
}

fn is_http(url: &str) -> bool {
    url.starts_with("http://") || url.starts_with("https://")
}

fn read_text(path: &Path) -> Result<String, FileError> {
    std::fs::read_to_string(path).map_err(|error| FileError {
        path: path.display().to_string(),
        line: None,
        problem: error.to_string(),
    })
}

/// The number of the line on which a place in a text is, from 1.
pub(crate) fn line(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

/// A TOML file, with the place of every value.
pub(crate) struct Document<'a> {
    text: &'a str,
    path: &'a Path,
    folder: &'a Path,
    places: DeTable<'a>,
    values: toml::Table,
}

impl<'a> Document<'a> {
    pub(crate) fn parse(text: &'a str, path: &'a Path) -> Result<Self, FileError> {
        // The library's own text quotes the line, which may hold a secret.
        let broken = |error: toml::de::Error| FileError {
            path: path.display().to_string(),
            line: error.span().map(|span| line(text, span.start)),
            problem: error.message().to_owned(),
        };
        let places = DeTable::parse(text).map_err(broken)?.into_inner();
        let values = toml::from_str(text).map_err(broken)?;
        Ok(Self { text, path, folder: path.parent().unwrap_or(Path::new(".")), places, values })
    }

    /// Refuses tables of other names.
    pub(crate) fn only(&self, names: &[&str]) -> Result<(), FileError> {
        match self.values.keys().find(|name| !names.contains(&name.as_str())) {
            Some(name) => Err(self.error(&[name], format!("is unknown; there are {}", names.join(", ")))),
            None => Ok(()),
        }
    }

    /// A table of the file; `None`: it is not there.
    pub(crate) fn table<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, FileError> {
        let Some(value) = self.values.get(name) else { return Ok(None) };
        let toml::Value::Table(table) = value.clone() else { return Err(self.error(&[name], "is no table")) };
        let resolved = omnipush::config::resolve(table, self.folder);
        let json = resolved.map_err(|error| self.error(&[name], error))?;
        serde_path_to_error::deserialize(json).map(Some).map_err(|error| {
            let problem = omnipush::config::without_value(&error.inner().to_string());
            let mut path = vec![name.to_owned()];
            for segment in error.path() {
                match segment {
                    Segment::Map { key } => path.push(key.clone()),
                    Segment::Seq { index } => path.push(index.to_string()),
                    _ => {}
                }
            }
            // serde names an unknown key in its words, and the path may end above it.
            let key = problem.split('`').nth(1).filter(|_| problem.starts_with("unknown field"));
            if let Some(key) = key.filter(|key| path.last().is_none_or(|last| last != key)) {
                path.push(key.to_owned());
            }
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            self.error(&path, problem)
        })
    }

    fn fingerprint(&self, name: &str) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.values.get(name).map(|table| format!("{table:?}")).hash(&mut hasher);
        hasher.finish()
    }

    /// An error at a key; where the key is not there, at the table above it.
    pub(crate) fn error(&self, path: &[&str], problem: impl ToString) -> FileError {
        let (mut table, mut at) = (&self.places, None);
        for name in path {
            let found = table.iter().find(|(key, _)| key.get_ref().as_ref() == *name);
            let Some((key, value)) = found else { break };
            at = Some(key.span().start);
            let DeValue::Table(inner) = value.get_ref() else { break };
            table = inner;
        }
        FileError {
            path: self.path.display().to_string(),
            line: at.map(|at| line(self.text, at)),
            problem: format!("`{}` {}", path.join("."), problem.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gateway.toml");
        std::fs::write(&path, text).unwrap();
        let shown = folder.path().display().to_string();
        Config::read(&path).map_err(|error| error.to_string().replace(&format!("{shown}/"), ""))
    }

    #[test]
    fn an_empty_file_has_defaults() {
        let config = read("").unwrap();
        assert_eq!(config.settings, Settings::default());
        assert_eq!(config.serve.listen.port(), 8080);
        assert!(config.serve.database.ends_with("omnipush.db") && config.serve.database.is_absolute());
        assert!(config.webhook.is_none() && config.receipts.url.is_none());
    }

    #[test]
    fn errors_name_the_line_and_the_key() {
        let line_of = |text: &str, parts: &[&str]| {
            let error = read(text).unwrap_err();
            assert!(parts.iter().all(|part| error.contains(part)), "{error}");
        };
        line_of("[serve]\n\nlisten = 'nowhere'", &["gateway.toml:3: `serve.listen` "]);
        line_of("[serve]\nlisten = '127.0.0.1:1'\nlog_level = 'info'", &["gateway.toml:3: `serve.log_level` unknown"]);
        line_of("\n[serves]\n", &["gateway.toml:2: `serves` is unknown; there are serve, "]);
        line_of("[settings]\nparcel = 1\ndedup_push_seconds = 'long'", &["toml:3: `settings.dedup_push_seconds` "]);
        line_of("[settings.texts.en]\nvoice = 'x'", &["gateway.toml:2: `settings.texts.en.voice` unknown"]);
        line_of("[webhook]\nurl = 'im.example.com'\nsdk_app_id = 1", &["gateway.toml:2: `webhook.url` must begin"]);
        line_of(
            "[webhook]\nurl = 'http://im.example.com'",
            &["gateway.toml:1: `webhook", "missing field `sdk_app_id`"],
        );
        let none = "[webhook]\nurl = 'http://im.example.com'\nsdk_app_id = 1\n";
        for key in ["events_per_second", "timeout_ms"] {
            line_of(&format!("{none}{key} = 0"), &[&format!("toml:4: `webhook.{key}` must be 1 or more")]);
        }
        let long = format!("[receipts]\nurl = 'https://{}.example.com'\nsecret = '{}'", "x".repeat(40), "s".repeat(50));
        line_of(&long, &["toml:2: `receipts.url` makes addresses of up to 131 bytes", "at most 128"]);
        line_of("[serve]\nkeep_days = 0", &["gateway.toml:2: `serve.keep_days` must be 1 or more"]);
        line_of("[serve]\n\nconnections = 0", &["gateway.toml:3: `serve.connections` must be 1 or more"]);
        line_of("[serve]\nx = ", &["gateway.toml:2: "]);
        line_of("[webhook]\nurl = { env = 'NO_SUCH_THING' }", &["toml:1: `webhook` ", "NO_SUCH_THING"]);
    }

    #[test]
    fn errors_show_no_secret() {
        for text in ["[receipts]\nsecret = 'hunter2'", "[webhook]\nurl = 'http://x'\nsdk_app_id = 'hunter2'"] {
            let error = read(text).unwrap_err();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
