//! Encoded bytes with holes: encode a notification once, put targets in by copying.

use bytes::Bytes;
use smallvec::SmallVec;

use crate::vendor::{Item, Set};

/// What goes into a hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// The target, or all targets of a list.
    Target,
    /// The ticket of a staged message.
    Ticket,
    /// The request id that the vendor de-duplicates by.
    RequestId,
}

/// How a value is written into its hole. Escaping composes: a JSON text inside a form value is
/// escaped for JSON, then for the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escape {
    /// Inside the quotes of a JSON string.
    Json,
    /// The elements of a JSON array of strings, without its brackets.
    JsonList,
    /// A form value.
    Form,
    /// A form value that joins all targets by a separator.
    FormList(char),
    /// Inside a JSON string inside a form value.
    JsonInForm,
    /// The elements of a JSON array inside a form value.
    JsonListInForm,
}

impl Escape {
    /// The same one level deeper, inside a form value.
    pub fn in_form(self) -> Self {
        match self {
            Self::Json => Self::JsonInForm,
            Self::JsonList => Self::JsonListInForm,
            other => other,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hole {
    pub(crate) at: usize,
    pub(crate) slot: Slot,
    pub(crate) escape: Escape,
}

/// Bytes with holes, recorded by offset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    pub(crate) literal: Bytes,
    pub(crate) holes: SmallVec<[Hole; 2]>,
}

impl Template {
    /// Bytes without a hole.
    pub fn of(bytes: impl Into<Bytes>) -> Self {
        Self { literal: bytes.into(), holes: SmallVec::new() }
    }

    /// The bytes around the holes.
    pub fn literal(&self) -> &Bytes {
        &self.literal
    }

    /// The size without what goes into the holes.
    pub fn len(&self) -> usize {
        self.literal.len()
    }

    /// Whether there are no bytes at all.
    pub fn is_empty(&self) -> bool {
        self.literal.is_empty() && self.holes.is_empty()
    }

    /// The bytes with every hole filled from a set of targets. Without holes, all targets share
    /// one buffer and nothing is copied.
    pub fn fill(&self, set: &Set<'_>) -> Bytes {
        if self.holes.is_empty() {
            return self.literal.clone();
        }
        self.fill_then(set, &[])
    }

    /// The same with texts at the end, such as a signature over what was put in. They are
    /// written as they are.
    pub fn fill_then(&self, set: &Set<'_>, tail: &[&str]) -> Bytes {
        let holes: usize = self.holes.iter().map(|hole| room(*hole, set)).sum();
        let end: usize = tail.iter().map(|text| text.len()).sum();
        let mut out = Vec::with_capacity(self.literal.len() + holes + end);
        self.fill_into(set, &mut out);
        tail.iter().for_each(|text| out.extend_from_slice(text.as_bytes()));
        Bytes::from(out)
    }

    /// Appends the same to a buffer, for requests that put several templates in a row.
    pub fn fill_into(&self, set: &Set<'_>, out: &mut Vec<u8>) {
        let mut done = 0;
        for hole in &self.holes {
            out.extend_from_slice(self.literal.get(done..hole.at).unwrap_or_default());
            put(out, *hole, set);
            done = hole.at;
        }
        out.extend_from_slice(self.literal.get(done..).unwrap_or_default());
    }

    /// The same inside a form value: the bytes are escaped now, what goes into the holes when
    /// they are filled.
    pub fn in_form(&self) -> Self {
        let (mut out, mut holes) = (Vec::with_capacity(2 * self.literal.len()), SmallVec::new());
        self.append_in_form(&mut out, &mut holes);
        Self { literal: Bytes::from(out), holes }
    }

    /// Appends the same inside a form value.
    pub(crate) fn append_in_form(&self, out: &mut Vec<u8>, holes: &mut SmallVec<[Hole; 2]>) {
        let mut done = 0;
        for hole in &self.holes {
            form_bytes(out, self.literal.get(done..hole.at).unwrap_or_default());
            holes.push(Hole { at: out.len(), slot: hole.slot, escape: hole.escape.in_form() });
            done = hole.at;
        }
        form_bytes(out, self.literal.get(done..).unwrap_or_default());
    }
}

/// A form whose first field is a JSON array of what the items of a set get, each with its own
/// target; their bodies are in the form of a form already. `tail` follows as it is.
pub fn array_in_form(name: &str, set: &Set<'_>, tail: &str) -> Bytes {
    let room = |item: &Item<'_>| item.encoded.body.len() + item.target.as_str().len() + 16;
    let most = set.items.iter().map(room).sum::<usize>() + name.len() + tail.len() + 16;
    let mut out = Vec::with_capacity(most);
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"=%5B");
    for (i, item) in set.items.iter().enumerate() {
        if i > 0 {
            out.extend_from_slice(b"%2C");
        }
        item.encoded.body.fill_into(&Set { items: std::slice::from_ref(item), ..*set }, &mut out);
    }
    out.extend_from_slice(b"%5D");
    out.extend_from_slice(tail.as_bytes());
    Bytes::from(out)
}

/// The bytes of a JSON object with one more member at its end, for what no hole can take.
pub fn with_member(object: &[u8], name: &str, value: &impl serde::Serialize) -> Bytes {
    let mut out = Vec::with_capacity(object.len() + 64);
    let inside = object.strip_suffix(b"}").unwrap_or(object);
    out.extend_from_slice(inside);
    if !inside.ends_with(b"{") {
        out.push(b',');
    }
    out.push(b'"');
    json_text(&mut out, name);
    out.extend_from_slice(b"\":");
    // Values without maps of odd keys always serialise.
    let _ = serde_json::to_writer(&mut out, value);
    out.push(b'}');
    out.into()
}

/// The exact size of what goes into a hole where no escaping is needed.
fn room(hole: Hole, set: &Set<'_>) -> usize {
    let targets = || set.items.iter().map(|item| item.target.as_str().len()).sum::<usize>();
    let gaps = set.items.len().saturating_sub(1);
    match (hole.slot, hole.escape) {
        (Slot::Ticket, _) => set.ticket.len(),
        (Slot::RequestId, _) => set.request_id.len(),
        (Slot::Target, Escape::JsonList) => targets() + 2 * set.items.len() + gaps,
        (Slot::Target, Escape::FormList(_)) => targets() + 3 * gaps,
        (Slot::Target, Escape::JsonListInForm) => targets() + 6 * set.items.len() + 3 * gaps,
        (Slot::Target, _) => targets(),
    }
}

fn put(out: &mut Vec<u8>, hole: Hole, set: &Set<'_>) {
    match hole.slot {
        Slot::Ticket => put_text(out, hole.escape, set.ticket, false),
        // A UUID of core's own making.
        Slot::RequestId => put_text(out, hole.escape, set.request_id, true),
        Slot::Target => {
            let (before, between, after): (&[u8], &[u8], &[u8]) = match hole.escape {
                Escape::JsonList => (b"\"", b",", b"\""),
                Escape::JsonListInForm => (b"%22", b"%2C", b"%22"),
                _ => (b"", b"", b""),
            };
            for (i, item) in set.items.iter().enumerate() {
                if i > 0 {
                    match hole.escape {
                        Escape::FormList(separator) => form_text(out, separator.encode_utf8(&mut [0; 4])),
                        _ => out.extend_from_slice(between),
                    }
                }
                out.extend_from_slice(before);
                let plain = match hole.escape {
                    Escape::Json | Escape::JsonList => item.target.is_plain_in_json(),
                    _ => item.target.is_plain(),
                };
                put_text(out, hole.escape, item.target.as_str(), plain);
                out.extend_from_slice(after);
            }
        }
    }
}

fn put_text(out: &mut Vec<u8>, escape: Escape, text: &str, plain: bool) {
    if plain {
        return out.extend_from_slice(text.as_bytes());
    }
    match escape {
        Escape::Json | Escape::JsonList => json_text(out, text),
        Escape::Form | Escape::FormList(_) => form_text(out, text),
        Escape::JsonInForm | Escape::JsonListInForm => {
            let mut json = Vec::with_capacity(text.len() + 16);
            json_text(&mut json, text);
            form_bytes(out, &json);
        }
    }
}

/// Appends a text as the inside of a JSON string.
pub(crate) fn json_text(out: &mut Vec<u8>, text: &str) {
    const fn odd(b: u8) -> bool {
        b < 0x20 || b == b'"' || b == b'\\'
    }
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        // Whole blocks are tested without branches, which the compiler turns into vector code;
        // most text has nothing to escape.
        let (blocks, tail) = rest.as_chunks::<32>();
        let clean = blocks.iter().take_while(|block| !block.iter().fold(false, |any, b| any | odd(*b))).count() * 32;
        let end = if clean == blocks.len() * 32 {
            clean + tail.iter().position(|b| odd(*b)).unwrap_or(tail.len())
        } else {
            let block = rest.get(clean..).unwrap_or_default();
            clean + block.iter().position(|b| odd(*b)).unwrap_or(block.len())
        };
        let (plain, more) = rest.split_at(end);
        out.extend_from_slice(plain);
        let Some((first, more)) = more.split_first() else { return };
        match first {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            other => out.extend_from_slice(format!("\\u{other:04x}").as_bytes()),
        }
        rest = more;
    }
}

/// Appends a text as a form value.
pub(crate) fn form_text(out: &mut Vec<u8>, text: &str) {
    form_bytes(out, text.as_bytes());
}

/// The bytes that stand for themselves in a form (the URL standard, section 5.2).
#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const FORM_PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        plain[at] = byte.is_ascii_alphanumeric() || matches!(byte, b'*' | b'-' | b'.' | b'_');
        at += 1;
    }
    plain
};

/// Appends bytes as a form value, three times as fast as the library does.
pub(crate) fn form_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    let plain = |byte: u8| FORM_PLAIN.get(usize::from(byte)).copied().unwrap_or(false);
    let hex = |half: u8| if half < 10 { b'0' + half } else { b'A' + half - 10 };
    out.reserve(bytes.len());
    let mut rest = bytes;
    while let Some(&first) = rest.first() {
        let run = rest.iter().position(|byte| plain(*byte) != plain(first)).unwrap_or(rest.len());
        let (run, more) = rest.split_at(run);
        if plain(first) {
            out.extend_from_slice(run);
        } else {
            out.reserve(3 * run.len());
            for byte in run {
                match byte {
                    b' ' => out.push(b'+'),
                    _ => out.extend_from_slice(&[b'%', hex(byte >> 4), hex(byte & 15)]),
                }
            }
        }
        rest = more;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Target;
    use crate::vendor::{Encoded, Shape};
    use proptest::prelude::*;

    #[test]
    fn a_member_is_added_at_the_end() {
        assert_eq!(&with_member(b"{}", "a\"", &[1, 2])[..], br#"{"a\"":[1,2]}"#);
        assert_eq!(&with_member(br#"{"x":1}"#, "a", &"b")[..], br#"{"x":1,"a":"b"}"#);
    }

    fn filled(escape: Escape, before: &str, after: &str, targets: &[Target]) -> Bytes {
        let template = Template {
            literal: Bytes::from(format!("{before}{after}")),
            holes: [Hole { at: before.len(), slot: Slot::Target, escape }].into_iter().collect(),
        };
        let encoded = Encoded::new(Shape::List, Template::default());
        let items: Vec<Item<'_>> = targets.iter().map(|target| Item { encoded: &encoded, target }).collect();
        template.fill(&Set { shape: Shape::List, items: &items, ticket: "", request_id: "" })
    }

    proptest! {
        #[test]
        fn any_target_survives_every_escape(texts in proptest::collection::vec(".{0,80}", 1..5)) {
            let targets: Vec<Target> = texts.iter().map(|t| Target::from(t.as_str())).collect();
            let json: Vec<String> = serde_json::from_slice(&filled(Escape::JsonList, "[", "]", &targets)).unwrap();
            prop_assert_eq!(&json, &texts);
            let one: String = serde_json::from_slice(&filled(Escape::Json, "\"", "\"", &targets[..1])).unwrap();
            prop_assert_eq!(&one, &texts[0]);
            let form = filled(Escape::FormList('\u{1}'), "a=", "&b=1", &targets);
            let pairs: Vec<(String, String)> = url::form_urlencoded::parse(&form).into_owned().collect();
            prop_assert_eq!(&pairs[0].1, &texts.join("\u{1}"));
            prop_assert_eq!(pairs.len(), 2);
            let both = filled(Escape::JsonListInForm, "a=%5B", "%5D", &targets);
            let (_, inner) = url::form_urlencoded::parse(&both).into_owned().next().unwrap();
            prop_assert_eq!(&serde_json::from_str::<Vec<String>>(&inner).unwrap(), &texts);
        }
    }

    #[test]
    fn forms_are_escaped_as_the_library_does() {
        let all: Vec<u8> = (0..=255).collect();
        for bytes in [all.as_slice(), "a b&c=d 王小明 🍜+~*-._/".as_bytes(), b"", b"plain", b"%%", b"  "] {
            let mut out = Vec::new();
            form_bytes(&mut out, bytes);
            let library: String = url::form_urlencoded::byte_serialize(bytes).collect();
            assert_eq!(String::from_utf8(out).unwrap(), library);
        }
    }

    #[test]
    fn long_text_with_one_odd_byte_anywhere_is_escaped() {
        for at in 0..100 {
            let mut text = "x".repeat(100);
            text.insert(at, '"');
            let mut out = vec![b'"'];
            json_text(&mut out, &text);
            out.push(b'"');
            assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
        }
    }

    #[test]
    fn a_tail_follows_the_filled_holes_in_one_exact_buffer() {
        let template = Template {
            literal: Bytes::from_static(b"ids=&b=1"),
            holes: [Hole { at: 4, slot: Slot::Target, escape: Escape::FormList(',') }].into_iter().collect(),
        };
        let (encoded, target) = (Encoded::new(Shape::List, Template::default()), Target::new("a"));
        let items = [Item { encoded: &encoded, target: &target }; 2];
        let set = Set { shape: Shape::List, items: &items, ticket: "", request_id: "" };
        assert_eq!(template.fill_then(&set, &["&sign=", "x"]), "ids=a%2Ca&b=1&sign=x");
        assert_eq!(Template::of("body").fill_then(&set, &["!"]), "body!");
    }

    #[test]
    fn templates_in_a_row_each_with_its_own_target_inside_a_form() {
        let template = Template {
            literal: Bytes::from_static(br#"{"to":"","n":1}"#),
            holes: [Hole { at: 7, slot: Slot::Target, escape: Escape::Json }].into_iter().collect(),
        };
        let encoded = Encoded::new(Shape::Each, template.in_form());
        let (a, c) = (Target::new("a+\"b"), Target::new("c"));
        let items = [Item { encoded: &encoded, target: &a }, Item { encoded: &encoded, target: &c }];
        let set = Set { shape: Shape::Each, items: &items, ticket: "", request_id: "" };
        let form = array_in_form("m", &set, "&t=0");
        let pairs: Vec<_> = url::form_urlencoded::parse(&form).into_owned().collect();
        assert_eq!(pairs[0].1, r#"[{"to":"a+\"b","n":1},{"to":"c","n":1}]"#);
        assert_eq!(pairs[1], ("t".to_owned(), "0".to_owned()));
    }

    #[test]
    fn without_holes_nothing_is_copied() {
        let template = Template::of("body");
        let set = Set { shape: Shape::One, items: &[], ticket: "", request_id: "" };
        assert_eq!(template.fill(&set).as_ptr(), template.literal.as_ptr());
    }
}
