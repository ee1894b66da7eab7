//! Runs the built command, and hosts fakes for it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use omnipush_conformance::Host;
use serde_json::Value;
use tempfile::TempDir;

/// The vendors, in the order of tables.
pub(crate) fn vendors() -> Vec<&'static str> {
    omnipush::VENDORS.iter().map(|(id, _)| *id).collect()
}

/// What a run of the command left.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// The lines of stdout as JSON.
    pub(crate) fn json_lines(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    }

    /// Asserts that the input was refused in one line on stderr that has all these parts.
    pub(crate) fn refused(&self, parts: &[&str]) {
        assert_eq!(self.status, 2, "{self:?}");
        assert_eq!(self.stdout, "", "{self:?}");
        assert_eq!(self.stderr.lines().count(), 1, "{self:?}");
        for part in parts {
            assert!(self.stderr.contains(part), "no {part:?} in {}", self.stderr);
        }
    }
}

/// The command, with an environment that changes nothing.
pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_omnipush"));
    command.args(args).env_remove("RUST_LOG").env("NO_PROXY", "*").stdin(Stdio::null());
    command
}

/// Runs the command.
pub(crate) fn run(args: &[&str]) -> Ran {
    ran(command(args).output().unwrap())
}

/// Runs the command with a text on its standard input.
pub(crate) fn run_with(args: &[&str], stdin: &str) -> Ran {
    let mut child = command(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A command that refuses its input may not read it.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    ran(child.wait_with_output().unwrap())
}

pub(crate) fn ran(output: Output) -> Ran {
    Ran {
        status: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A folder of files that goes away with the test.
pub(crate) struct Files(TempDir);

impl Files {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    /// Writes a file and returns its path.
    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn read(&self, name: impl AsRef<Path>) -> String {
        std::fs::read_to_string(self.0.path().join(name)).unwrap()
    }

    /// A configuration file for running fakes.
    pub(crate) fn config(&self, hosts: &[&Host]) -> String {
        let entries = hosts.iter().map(|host| {
            let config = host.config();
            let keys = config.as_object().unwrap().iter().map(|(key, value)| format!("{key} = {}\n", toml(value)));
            format!("[[vendor]]\n{}", keys.collect::<String>())
        });
        self.write("push.toml", &entries.collect::<String>())
    }
}

pub(crate) fn toml(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members = members.iter().map(|(key, value)| format!("{key} = {}", toml(value)));
            format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
        }
        // What JSON escapes, TOML escapes alike.
        other => other.to_string(),
    }
}

/// A fake behind a server.
pub(crate) async fn host(vendor: &str) -> Host {
    Host::start_shared(omnipush_conformance::fakes::by_id(vendor).unwrap()).await
}

/// A notification that fits every vendor.
pub(crate) const NOTE: &str = r#"{
  "title": "王小明",
  "body": "今晚七点老地方见 🍜",
  "click": { "intent": "intent:#Intent;component=com.example.app/.Chat;S.id=42;end" },
  "data": { "ext": "{\"chat\":\"42\"}" },
  "channel": "130001",
  "category": "IM",
  "ttl_seconds": 86400
}"#;
