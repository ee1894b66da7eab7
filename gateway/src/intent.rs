//! Android's intent URIs, by the grammar that `Intent.parseUri` reads and `toUri` writes.
//!
//! A certificate's click action is checked with it, and a message's `Ext` is put in with it.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What Android's `Uri.encode` keeps, besides letters and digits.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'_')
    .remove(b'-')
    .remove(b'!')
    .remove(b'.')
    .remove(b'~')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*');

/// The bits that grant URI permissions, which a URI from outside must not carry.
const PERMISSION_FLAGS: u32 = 0xC3;

/// An intent, as Android reads it from a URI.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Intent {
    /// The data URI, with the scheme put in; without a scheme where none is given; empty: none.
    pub data: String,
    /// The action; `android.intent.action.VIEW` where none is given.
    pub action: String,
    /// The categories, in order.
    pub categories: Vec<String>,
    /// The media type.
    pub mime: Option<String>,
    /// The flags, without those that grant permissions.
    pub flags: u32,
    /// The package.
    pub package: Option<String>,
    /// Package and full class name; `None` also where the URI's has no `/`, as Android drops it.
    pub component: Option<(String, String)>,
    /// The string extras.
    pub extras: BTreeMap<String, String>,
    /// The extras of other types, by `TYPE.name`, with their texts.
    pub other_extras: BTreeMap<String, String>,
}

/// Why a text is no intent URI. Never holds the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("intent URI: {0}")]
pub struct InvalidIntent(String);

fn invalid(problem: impl Into<String>) -> InvalidIntent {
    InvalidIntent(problem.into())
}

/// Encodes a value as Android's `Uri.encode` does.
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, KEPT).to_string()
}

fn decode(text: &str) -> Result<String, InvalidIntent> {
    percent_decode_str(text).decode_utf8().map(Into::into).map_err(|_| invalid("has a value that is not UTF-8"))
}

impl Intent {
    /// Reads a URI by the rules of `Intent.parseUri` with `URI_INTENT_SCHEME`.
    ///
    /// # Errors
    /// Where Android throws: no `#Intent;` after the last `#`, an item without `;` or `=`, an
    /// unknown name, a number that is none.
    pub fn parse(uri: &str) -> Result<Self, InvalidIntent> {
        let Some(rest) = uri.strip_prefix("intent:") else { return Err(invalid("does not begin with `intent:`")) };
        let Some((data, fragment)) = rest.rsplit_once('#') else { return Err(invalid("has no `#Intent;` part")) };
        let Some(mut items) = fragment.strip_prefix("Intent;") else {
            return Err(invalid("has a last `#` that does not begin `#Intent;`"));
        };
        let mut intent = Self { action: "android.intent.action.VIEW".into(), ..Self::default() };
        let (mut scheme, mut selector) = (None, false);
        while !items.starts_with("end") {
            let Some((item, after)) = items.split_once(';') else {
                return Err(invalid("has an item without `;`, or does not end with `end`"));
            };
            items = after;
            if item == "SEL" {
                selector = true;
                continue;
            }
            let Some((name, value)) = item.split_once('=') else { return Err(invalid("has an item without `=`")) };
            let value = decode(value)?;
            // What follows `SEL` picks the app, and is not the intent itself.
            if !selector {
                intent.take(name, value, &mut scheme)?;
            }
        }
        intent.data = match &scheme {
            Some(scheme) => format!("{scheme}:{data}"),
            None => data.to_owned(),
        };
        Ok(intent)
    }

    fn take(&mut self, name: &str, value: String, scheme: &mut Option<String>) -> Result<(), InvalidIntent> {
        match name {
            "scheme" => *scheme = Some(value),
            "action" => self.action = value,
            "category" => self.categories.push(value),
            "type" => self.mime = Some(value),
            "identifier" | "sourceBounds" => {}
            "launchFlags" => self.flags = number(&value)? & !PERMISSION_FLAGS,
            "package" => self.package = Some(value),
            "component" => {
                self.component = value.split_once('/').map(|(package, class)| {
                    let short = class.starts_with('.');
                    (package.to_owned(), if short { format!("{package}{class}") } else { class.to_owned() })
                });
            }
            _ => match name.split_once('.') {
                Some(("S", key)) => {
                    self.extras.insert(decode(key)?, value);
                }
                Some((kind @ ("B" | "b" | "c" | "d" | "f" | "i" | "l" | "s"), key)) => {
                    self.other_extras.insert(format!("{kind}.{}", decode(key)?), value);
                }
                _ => return Err(invalid("has an item of an unknown name")),
            },
        }
        Ok(())
    }
}

/// As Java's `Integer.decode`, and beyond its sign: flags are written unsigned.
fn number(text: &str) -> Result<u32, InvalidIntent> {
    let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).or_else(|| text.strip_prefix('#'));
    let parsed = match (hex, text.strip_prefix('0')) {
        (Some(digits), _) => u32::from_str_radix(digits, 16),
        (None, Some(digits)) if !digits.is_empty() => u32::from_str_radix(digits, 8),
        _ => text.parse(),
    };
    parsed.map_err(|_| invalid("has launchFlags that are no number"))
}

/// Puts a string extra into an intent URI that parses, behind the intent's last item: before the
/// `end` at which Android stops, and before a `SEL`, which what follows would belong to.
pub fn with_extra(uri: &str, name: &str, value: &str) -> String {
    let begin = uri.rfind("#Intent;").map_or(uri.len(), |at| at + "#Intent;".len());
    let (_, mut items) = uri.split_at(begin);
    while let Some((item, after)) = items.split_once(';') {
        if items.starts_with("end") || item == "SEL" {
            break;
        }
        items = after;
    }
    let (kept, rest) = uri.split_at(uri.len() - items.len());
    format!("{kept}S.{}={};{rest}", encode(name), encode(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn error(uri: &str) -> String {
        Intent::parse(uri).unwrap_err().to_string()
    }

    #[test]
    fn the_last_hash_begins_the_intent() {
        let intent = Intent::parse("intent://host/path?q#part#Intent;scheme=app;package=com.example;end").unwrap();
        assert_eq!(intent.data, "app://host/path?q#part");
        assert_eq!(intent.package.as_deref(), Some("com.example"));
        assert_eq!(
            error("intent://host#Intent;package=a;end#x"),
            "intent URI: has a last `#` that does not begin `#Intent;`"
        );
        assert_eq!(error("intent://host"), "intent URI: has no `#Intent;` part");
    }

    #[test]
    fn items_are_read_as_android_reads_them() {
        let uri = "intent:#Intent;action=com.example.OPEN;category=a;category=b;type=text/plain;package=one;package=two;\
                   component=com.example/.Chat%24Inner;S.a%20b=1+1%3B;i.n=7;SEL;package=other;end";
        let intent = Intent::parse(uri).unwrap();
        assert_eq!((intent.action.as_str(), intent.data.as_str()), ("com.example.OPEN", ""));
        assert_eq!((intent.categories, intent.mime.as_deref()), (vec!["a".into(), "b".into()], Some("text/plain")));
        // The last of a name wins, and what picks the app is not the intent.
        assert_eq!(intent.package.as_deref(), Some("two"));
        assert_eq!(intent.component, Some(("com.example".into(), "com.example.Chat$Inner".into())));
        assert_eq!(intent.extras.get("a b").map(String::as_str), Some("1+1;"));
        assert_eq!(intent.other_extras.get("i.n").map(String::as_str), Some("7"));
        assert_eq!(Intent::parse("intent:#Intent;component=com.example.Chat;end").unwrap().component, None);
    }

    #[test]
    fn flags_are_numbers_in_any_spelling_without_permissions() {
        let flags =
            |text: &str| Intent::parse(&format!("intent:#Intent;launchFlags={text};end")).map(|intent| intent.flags);
        for text in ["0x4000000", "%234000000", "67108864", "0400000000", "0x40000c3"] {
            assert_eq!(flags(text), Ok(0x400_0000), "{text}");
        }
        assert_eq!(flags("many"), Err(invalid("has launchFlags that are no number")));
    }

    #[test]
    fn what_android_refuses_is_refused() {
        for uri in
            ["intent:#Intent;package=a", "intent:#Intent;package;end", "intent:#Intent;flavour=x;end", "x:#Intent;end"]
        {
            assert!(Intent::parse(uri).is_err(), "{uri}");
        }
        // An item whose name begins with `end` stops the reader.
        assert_eq!(Intent::parse("intent:#Intent;endless=1;package=a;end").unwrap().package, None);
    }

    #[test]
    fn an_extra_goes_where_the_intent_is_read() {
        let with = |uri: &str| with_extra(uri, "ext", "a;b");
        assert_eq!(with("intent:#Intent;end"), "intent:#Intent;S.ext=a%3Bb;end");
        // Behind `SEL` it would be the selector's, which no app is given.
        let uri = "intent://h#x#Intent;scheme=app;SEL;package=other;end";
        assert_eq!(with(uri), "intent://h#x#Intent;scheme=app;S.ext=a%3Bb;SEL;package=other;end");
        // Behind what stops Android's reader nothing is read.
        assert_eq!(with("intent:#Intent;endless=1;end"), "intent:#Intent;S.ext=a%3Bb;endless=1;end");
        for uri in [uri, "intent:#Intent;endless=1;end"] {
            assert_eq!(Intent::parse(&with(uri)).unwrap().extras["ext"], "a;b", "{uri}");
        }
    }

    #[test]
    fn without_a_scheme_the_data_has_none() {
        assert_eq!(Intent::parse("intent://host/path#Intent;package=a;end").unwrap().data, "//host/path");
        assert_eq!(Intent::parse("intent:#Intent;package=a;end").unwrap().data, "");
    }

    proptest! {
        #[test]
        fn whatever_goes_in_as_an_extra_comes_out(text in ".*", hostile in "[;=#%{}\"'+& \u{0}-\u{1f}😀end#Intent]*") {
            for value in [&text, &hostile] {
                let uri = with_extra("intent://host/x#Intent;scheme=app;end", "ext", value);
                let intent = Intent::parse(&uri).unwrap();
                prop_assert_eq!(intent.extras.get("ext"), Some(value));
                prop_assert_eq!(intent.data.as_str(), "app://host/x");
                prop_assert_eq!(intent.extras.len(), 1);
            }
        }
    }
}
