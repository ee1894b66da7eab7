//! Values that parse: once made, they hold what their name says.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A value that is not what its type demands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {problem}")]
pub struct InvalidValue {
    /// The kind of value, such as `URL`.
    pub what: &'static str,
    /// What is wrong with it. Never the value itself, which may be private.
    pub problem: String,
}

impl InvalidValue {
    fn new(what: &'static str, problem: impl Into<String>) -> Self {
        Self { what, problem: problem.into() }
    }
}

fn plain_text(what: &'static str, text: &str, max_chars: usize) -> Result<(), InvalidValue> {
    if text.is_empty() {
        return Err(InvalidValue::new(what, "is empty"));
    }
    if text.chars().any(char::is_control) {
        return Err(InvalidValue::new(what, "has a control character"));
    }
    let chars = text.chars().count();
    if chars > max_chars {
        return Err(InvalidValue::new(what, format!("has {chars} characters; at most {max_chars} are allowed")));
    }
    Ok(())
}

/// Declares a text type whose values passed a check.
macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks a text.
            ///
            /// # Errors
            /// Says what is wrong with the text, without repeating it.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidValue> {
                let text = text.into();
                let check: fn(&str) -> Result<(), InvalidValue> = $check;
                check(&text)?;
                Ok(Self(text))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidValue;
            fn try_from(text: String) -> Result<Self, InvalidValue> {
                Self::new(text)
            }
        }

        impl TryFrom<&str> for $name {
            type Error = InvalidValue;
            fn try_from(text: &str) -> Result<Self, InvalidValue> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

checked_text! {
    /// An absolute URL: `http`, `https`, or a scheme of the app's own (a deep link). At most
    /// 2,048 characters, no control characters, no blanks.
    HttpUrl, |text| {
        plain_text("URL", text, 2048)?;
        if text.contains(char::is_whitespace) {
            return Err(InvalidValue::new("URL", "has white space"));
        }
        let url = url::Url::parse(text).map_err(|e| InvalidValue::new("URL", e.to_string()))?;
        match url.scheme() {
            "javascript" | "data" | "file" => Err(InvalidValue::new("URL", "has a scheme that no app opens")),
            "intent" => Err(InvalidValue::new("URL", "is an intent URI: use the intent click action")),
            _ => Ok(()),
        }
    }
}

impl HttpUrl {
    /// Whether the scheme is `http` or `https`, so that a browser opens it.
    pub fn is_web(&self) -> bool {
        self.0.starts_with("https://") || self.0.starts_with("http://")
    }
}

checked_text! {
    /// An Android intent URI: `intent:[//host/path]#Intent;key=value;…;end`.
    /// At most 4,096 characters.
    ///
    /// The grammar is the one of Android's `Intent.parseUri`.
    IntentUri, |text| {
        plain_text("intent URI", text, 4096)?;
        let Some((_, intent)) = text.split_once("#Intent;") else {
            return Err(InvalidValue::new("intent URI", "has no `#Intent;` part"));
        };
        if !text.starts_with("intent:") {
            return Err(InvalidValue::new("intent URI", "does not start with `intent:`"));
        }
        let Some(fields) = intent.strip_suffix("end").filter(|f| f.is_empty() || f.ends_with(';')) else {
            return Err(InvalidValue::new("intent URI", "does not end with `;end`"));
        };
        if fields.split_terminator(';').any(|field| !field.contains('=') && field != "SEL") {
            return Err(InvalidValue::new("intent URI", "has a field without `=`"));
        }
        Ok(())
    }
}

checked_text! {
    /// An Android activity: a full class name, or `package/class`. At most 512 characters.
    ActivityName, |text| {
        plain_text("activity", text, 512)?;
        let ok = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '$' | '/');
        if text.chars().all(ok) && text.contains('.') && text.matches('/').count() < 2 {
            return Ok(());
        }
        Err(InvalidValue::new("activity", "is not a class name such as com.example.app.MainActivity"))
    }
}

impl ActivityName {
    /// The class, in full: `.Main` of `com.example/.Main` is `com.example.Main`. A name without
    /// a package part is returned as it is.
    pub fn class(&self) -> String {
        match self.0.split_once('/') {
            Some((package, class)) if class.starts_with('.') => format!("{package}{class}"),
            Some((_, class)) => class.to_owned(),
            None => self.0.clone(),
        }
    }

    /// `package/class`, with the package given where the name itself has none.
    pub fn component(&self, package: &str) -> String {
        if self.0.contains('/') { self.0.clone() } else { format!("{package}/{}", self.0) }
    }
}

checked_text! {
    /// The action of an Android intent, such as `com.example.OPEN_ORDER`. At most 256 characters.
    ActionName, |text| {
        plain_text("action", text, 256)?;
        if text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')) {
            return Ok(());
        }
        Err(InvalidValue::new("action", "has a character that is not a letter, digit, `.`, `_` or `-`"))
    }
}

checked_text! {
    /// Notifications with the same key replace each other. 1 to 128 characters, no control
    /// characters. Vendors that take a number or a shorter text get a stable hash of it.
    CollapseKey, |text| plain_text("collapse key", text, 128)
}

impl CollapseKey {
    /// A stable number from 1 to 2,147,483,647 for vendors whose key is a number.
    pub fn number(&self) -> i64 {
        // FNV-1a, 32 bits, folded to 31: small, stable over releases, and never 0.
        let hash = self.0.bytes().fold(0x811c_9dc5_u32, |h, b| (h ^ u32::from(b)).wrapping_mul(0x0100_0193));
        i64::from((hash >> 31) ^ (hash & 0x7fff_ffff)).max(1)
    }
}

checked_text! {
    /// The caller's own id of a notification: it ties receipts to sends, and lets a vendor
    /// that de-duplicates do so. 1 to 128 characters, no control characters.
    MessageId, |text| plain_text("id", text, 128)
}

/// How long a vendor keeps a notification for a device that is offline, in whole seconds.
///
/// 0 means: now or never. At most one year; a vendor's own maximum is lower, and its adapter
/// says what it does with more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Ttl(u32);

impl Ttl {
    /// Deliver at once or not at all.
    pub const NOW_OR_NEVER: Self = Self(0);

    /// From seconds.
    ///
    /// # Errors
    /// When it is more than a year (31,536,000).
    pub fn from_secs(seconds: u32) -> Result<Self, InvalidValue> {
        if seconds > 31_536_000 {
            return Err(InvalidValue::new(
                "TTL",
                format!("is {seconds} seconds; at most 31536000 (a year) are allowed"),
            ));
        }
        Ok(Self(seconds))
    }

    /// In seconds.
    pub fn as_secs(self) -> u32 {
        self.0
    }

    /// As a duration.
    pub fn as_duration(self) -> Duration {
        Duration::from_secs(self.0.into())
    }
}

impl TryFrom<u32> for Ttl {
    type Error = InvalidValue;
    fn try_from(seconds: u32) -> Result<Self, InvalidValue> {
        Self::from_secs(seconds)
    }
}

impl From<Ttl> for u32 {
    fn from(ttl: Ttl) -> Self {
        ttl.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn injection_is_refused_by_every_text_type() {
        for bad in ["", "a\r\nX: y", "a\0b", "a\u{85}b"] {
            assert!(HttpUrl::new(bad).is_err());
            assert!(IntentUri::new(format!("intent:{bad}#Intent;end")).is_err() || bad.is_empty());
            assert!(ActivityName::new(bad).is_err());
            assert!(ActionName::new(bad).is_err());
            assert!(CollapseKey::new(bad).is_err());
            assert!(MessageId::new(bad).is_err());
        }
    }

    #[test]
    fn intent_uris() {
        for good in [
            "intent:#Intent;component=com.example.app/.OrderActivity;S.orderId=42;end",
            "intent://host/path?k=v#Intent;scheme=myapp;launchFlags=0x10000000;component=pkg/.Activity;end",
            "intent:#Intent;end",
        ] {
            assert!(IntentUri::new(good).is_ok(), "{good}");
        }
        for bad in
            ["intent:#Intent;component=a/b", "#Intent;end", "intent:x", "intent:#Intent;x;end", "intent:#Intent;a=bend"]
        {
            assert!(IntentUri::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn urls() {
        for good in ["https://example.com/a?b=c#d", "myapp://order/42", "http://127.0.0.1:80/"] {
            assert!(HttpUrl::new(good).is_ok(), "{good}");
        }
        for bad in ["example.com", "javascript:alert(1)", "https://a b", "intent://x#Intent;end", "https://"] {
            assert!(HttpUrl::new(bad).is_err(), "{bad}");
        }
        let error = HttpUrl::new(format!("https://example.com/{}", "a".repeat(3000))).unwrap_err();
        assert_eq!(error.to_string(), "URL: has 3020 characters; at most 2048 are allowed");
    }

    #[test]
    fn activities() {
        let short = ActivityName::new("com.example/.Main").unwrap();
        assert_eq!(short.class(), "com.example.Main");
        assert_eq!(short.component("ignored"), "com.example/.Main");
        let full = ActivityName::new("com.example.Main").unwrap();
        assert_eq!(full.class(), "com.example.Main");
        assert_eq!(full.component("com.example"), "com.example/com.example.Main");
    }

    #[test]
    fn collapse_numbers_are_stable_positive_and_never_zero() {
        assert_eq!(CollapseKey::new("order-42").unwrap().number(), CollapseKey::new("order-42").unwrap().number());
        for i in 0..10_000 {
            let n = CollapseKey::new(format!("k{i}")).unwrap().number();
            assert!((1..=2_147_483_647).contains(&n));
        }
    }
}
