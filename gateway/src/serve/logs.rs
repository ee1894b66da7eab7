//! The service's log: one JSON object a line on stderr, without anything secret.
//!
//! Nothing hands a secret to the log on purpose. What stands here is for texts of other libraries,
//! which may quote an address.

use std::fmt;
use std::io::Write as _;

use chrono::{DateTime, SecondsFormat};
use omnipush::{Clock as _, SystemClock};
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Registry};

/// Stands where a secret stood.
const HIDDEN: &str = "[secret]";

/// Starts the log. `RUST_LOG` goes before the filter that is given. Does nothing where there is one.
pub(super) fn start(filter: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(filter));
    let _ = Registry::default().with(filter).with(Lines).try_init();
}

struct Lines;

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = Map::new();
        line.insert("time".into(), rfc3339(SystemClock.now_ms()).into());
        line.insert("level".into(), event.metadata().level().as_str().into());
        line.insert("target".into(), event.metadata().target().into());
        event.record(&mut Members(&mut line));
        // Where stderr is closed nobody reads it.
        let _ = writeln!(std::io::stderr().lock(), "{}", Value::Object(line));
    }
}

/// A time as people and programs read it.
pub(crate) fn rfc3339(at_ms: u64) -> String {
    let time = i64::try_from(at_ms).ok().and_then(DateTime::from_timestamp_millis).unwrap_or_default();
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

struct Members<'a>(&'a mut Map<String, Value>);

impl Members<'_> {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        let value = if is_secret(field.name()) { HIDDEN.into() } else { value.into() };
        self.0.insert(field.name().to_owned(), value);
    }
}

impl Visit for Members<'_> {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, redacted(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, redacted(&format!("{value:?}")));
    }
}

fn is_secret(name: &str) -> bool {
    ["secret", "token", "password", "authorization", "sig", "api_key"].iter().any(|word| name.contains(word))
}

/// What stands before a secret in a text; the secret goes on to the next character that ends one.
const MARKS: &[&str] = &["usersig=", "UserSig=", "Sign=", "sign=", "token=", "secret=", "key=", "Bearer ", "bearer "];

/// A text without the secrets of addresses and headers.
pub(crate) fn redacted(text: &str) -> String {
    let mut text = text.to_owned();
    for mark in MARKS {
        text = hide(&text, mark, |_| Some(""));
    }
    // `/receipts/{certificate}/{secret}`
    hide(&text, "/receipts/", |rest| {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        rest.get(..digits + 1).filter(|kept| kept.ends_with('/'))
    })
}

/// Hides what follows each mark, but for what is kept of it; `None`: nothing is secret there.
fn hide<'a>(text: &'a str, mark: &str, kept: impl Fn(&'a str) -> Option<&'a str>) -> String {
    let ends = |c: char| c.is_whitespace() || matches!(c, '&' | '"' | '\'' | ')' | ',' | ';');
    let mut parts = text.split(mark);
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        whole.push_str(mark);
        let Some(kept) = kept(part) else {
            whole.push_str(part);
            continue;
        };
        whole.push_str(kept);
        whole.push_str(HIDDEN);
        whole.push_str(part.find(ends).and_then(|at| part.get(at..)).unwrap_or_default());
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_addresses_are_hidden_and_the_rest_stays() {
        let url = "POST https://h/v4/x?usersig=eJw*A_&identifier=admin failed";
        assert_eq!(redacted(url), "POST https://h/v4/x?usersig=[secret]&identifier=admin failed");
        assert_eq!(redacted("/receipts/20001/hunter2 is 403"), "/receipts/20001/[secret] is 403");
        assert_eq!(redacted("/receipts/{certificate}/{secret}"), "/receipts/{certificate}/{secret}");
        assert_eq!(redacted("Authorization: Bearer abc.def"), "Authorization: Bearer [secret]");
        assert_eq!(redacted("王小明 said 12 words"), "王小明 said 12 words");
        assert!(is_secret("device_token") && is_secret("usersig") && !is_secret("certificate"));
    }

    #[test]
    fn a_time_is_readable() {
        assert_eq!(rfc3339(1_800_000_000_123), "2027-01-15T08:00:00.123Z");
    }
}
