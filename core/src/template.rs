//! Encoded bytes with holes: encode a notification once, put targets in by copying.

use bytes::Bytes;
use smallvec::SmallVec;

use crate::escape::{form_bytes, form_known, form_text, json_text};
use crate::model::Target;
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

/// The size of what goes into a hole: exact but for texts that JSON escapes.
fn room(hole: Hole, set: &Set<'_>) -> usize {
    let in_form = !matches!(hole.escape, Escape::Json | Escape::JsonList);
    let target = |item: &Item<'_>| item.target.as_str().len() + if in_form { 2 * item.target.odd_in_form() } else { 0 };
    let targets = || set.items.iter().map(target).sum::<usize>();
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
    let mut escaped = Vec::new();
    let (before, between, after): (&[u8], &[u8], &[u8]) = match hole.escape {
        Escape::JsonList => (b"\"", b"\",\"", b"\""),
        Escape::JsonListInForm => (b"%22", b"%22%2C%22", b"%22"),
        Escape::FormList(',') => (b"", b"%2C", b""),
        Escape::FormList(separator) => {
            form_text(&mut escaped, separator.encode_utf8(&mut [0; 4]));
            (b"", &escaped, b"")
        }
        Escape::Json | Escape::Form | Escape::JsonInForm => (b"", b"", b""),
    };
    match hole.slot {
        Slot::Ticket => put_text(out, hole.escape, set.ticket, false),
        // A UUID of core's own making.
        Slot::RequestId => put_text(out, hole.escape, set.request_id, true),
        Slot::Target => {
            out.extend_from_slice(before);
            for (i, Item { target, .. }) in set.items.iter().enumerate() {
                if i > 0 {
                    out.extend_from_slice(between);
                }
                put_target(out, hole.escape, target);
            }
            out.extend_from_slice(after);
        }
    }
}

fn put_target(out: &mut Vec<u8>, escape: Escape, target: &Target) {
    let plain = match escape {
        Escape::Json | Escape::JsonList => target.is_plain_in_json(),
        _ => target.is_plain(),
    };
    match (escape, target.odd_places()) {
        (Escape::Form | Escape::FormList(_), Some(odd)) => form_known(out, target.as_str().as_bytes(), odd),
        _ => put_text(out, escape, target.as_str(), plain),
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
