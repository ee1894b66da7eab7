//! An intent URI as a phone reads it: Android's rules for `Intent.parseUri`, walked through item by
//! item, with none of the gateway's own reading.

use std::collections::BTreeMap;

/// What Android starts, and with what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Opened {
    pub(crate) data: String,
    /// Everything but the data and the extras, by name, in the order of the URI.
    pub(crate) items: Vec<(String, String)>,
    /// Extras by type and name.
    pub(crate) extras: BTreeMap<(char, String), String>,
}

impl Opened {
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.extras.get(&('S', name.to_owned())).map(String::as_str)
    }
}

const ITEMS: [&str; 9] = [
    "action=",
    "category=",
    "type=",
    "identifier=",
    "launchFlags=",
    "package=",
    "component=",
    "scheme=",
    "sourceBounds=",
];

/// Opens a URI; panics where Android throws.
pub(crate) fn open(uri: &str) -> Opened {
    let hash = uri.rfind('#').expect("a part for the intent");
    assert!(uri[hash..].starts_with("#Intent;"), "{uri}");
    let (mut at, mut opened, mut in_selector) = (hash + "#Intent;".len(), Opened::default(), false);
    while !uri[at..].starts_with("end") {
        let end = at + uri[at..].find(';').expect("every item has an end");
        let item = &uri[at..end];
        at = end + 1;
        if item == "SEL" {
            in_selector = true;
            continue;
        }
        let equals = item.find('=').expect("every item has a value");
        let value = decoded(&item[equals + 1..]);
        if in_selector {
            continue;
        }
        if let Some(name) = ITEMS.into_iter().find(|name| item.starts_with(name)) {
            opened.items.push((name.trim_end_matches('=').to_owned(), value));
        } else {
            let mut letters = item.chars();
            let kind = letters.next().filter(|kind| "SBbcdfils".contains(*kind)).expect("a known type of extra");
            assert_eq!(letters.next(), Some('.'), "{item}");
            opened.extras.insert((kind, decoded(&item[2..equals])), value);
        }
    }
    let rest = uri[..hash].strip_prefix("intent:").expect("the scheme of intents");
    let scheme = opened.items.iter().rev().find(|(name, _)| name == "scheme");
    opened.data = scheme.map_or_else(|| rest.to_owned(), |(_, scheme)| format!("{scheme}:{rest}"));
    opened
}

/// `Uri.decode`: escapes are bytes of UTF-8, everything else stays, `+` as well.
fn decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.bytes());
    while let Some(byte) = rest.next() {
        let mut digit = || char::from(rest.next().expect("two digits")).to_digit(16).expect("a hex digit");
        bytes.push(if byte == b'%' { u8::try_from(digit() * 16 + digit()).unwrap() } else { byte });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn a_uri_is_read_as_the_platform_writes_it() {
    let opened = open(
        "intent://h/p?q#f#Intent;scheme=app;action=a.OPEN;launchFlags=0x4000000;component=a.b/.C%24D;\
         S.ext=%7B%22a%22%3A1+1%7D;i.n=7;SEL;package=other;end",
    );
    assert_eq!(opened.data, "app://h/p?q#f");
    assert_eq!(opened.items[3], ("component".into(), "a.b/.C$D".into()));
    assert_eq!((opened.text("ext"), opened.extras.len()), (Some(r#"{"a":1+1}"#), 2));
    assert_eq!(opened.items.len(), 4);
}
