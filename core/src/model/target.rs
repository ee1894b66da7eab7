//! To whom: one device, many, or a group that the vendor keeps.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::escape::is_plain_in_form;

/// One device as its vendor names it: a registration token, regId, pushId or device token.
///
/// Opaque to core; the adapter says which form is right. Cheap to clone. Its `Debug` shows the
/// first and last four characters only, since a token is enough to reach a person.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Target {
    text: Arc<str>,
    /// How many of its bytes a form escapes.
    odd_in_form: u32,
    /// Which of its first 64 bytes those are, from the lowest bit on.
    odd_first: u64,
    plain_in_json: bool,
}

impl Target {
    /// From the vendor's token. Any text is taken; a malformed one gets its own verdict when
    /// it is sent to.
    pub fn new(token: impl Into<Arc<str>>) -> Self {
        let text = token.into();
        // Most tokens need no escaping; found out once, they are copied ever after.
        let odd = |byte: u8| !is_plain_in_form(byte);
        let odd_in_form = text.bytes().map(|byte| u32::from(odd(byte))).sum();
        let first = text.bytes().take(64).enumerate();
        let odd_first = first.fold(0, |all, (at, byte)| all | u64::from(odd(byte)) << at);
        let plain_in_json =
            text.bytes().fold(true, |all, b| all & matches!(b, b' '..=b'~') & (b != b'"') & (b != b'\\'));
        Self { text, odd_in_form, odd_first, plain_in_json }
    }

    /// The token.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it consists of letters, digits, `*`, `-`, `_` and `.` only, so that it stands as it
    /// is in JSON, forms and URLs.
    pub fn is_plain(&self) -> bool {
        self.odd_in_form == 0
    }

    /// How many of its bytes a form escapes, each by three.
    pub(crate) fn odd_in_form(&self) -> usize {
        self.odd_in_form as usize
    }

    /// Which bytes a form escapes, from the lowest bit on; `None` where there are more than bits.
    pub(crate) fn odd_places(&self) -> Option<u64> {
        (self.text.len() <= 64).then_some(self.odd_first)
    }

    /// Whether it stands as it is inside a JSON string.
    pub fn is_plain_in_json(&self) -> bool {
        self.plain_in_json
    }
}

impl From<&str> for Target {
    fn from(token: &str) -> Self {
        Self::new(token)
    }
}

impl From<String> for Target {
    fn from(token: String) -> Self {
        Self::new(token)
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let chars = self.text.chars().count();
        if chars < 16 {
            return write!(f, "Target({chars} characters)");
        }
        let head: String = self.text.chars().take(4).collect();
        let tail: String = self.text.chars().skip(chars - 4).collect();
        write!(f, "Target({head}…{tail}, {chars} characters)")
    }
}

/// Who gets a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Audience {
    /// Devices by token.
    Targets(Vec<Target>),
    /// All subscribers of a topic that the vendor keeps.
    Topic(String),
    /// A boolean expression over topics: `'a' in topics && ('b' in topics || !('c' in topics))`.
    /// How much of it a vendor understands stands in its documentation.
    Condition(String),
    /// Devices by the aliases under which the app registered them.
    Aliases(Vec<Target>),
    /// Devices by the accounts that are signed in on them.
    Accounts(Vec<Target>),
    /// Devices by the tags they wear.
    Tags(Tags),
    /// A set of devices that the vendor keeps under this name, such as an uploaded list.
    Segment(String),
    /// Every device of the app.
    All,
}

/// Devices by tags: those that wear at least one of `any` (if there are any), every one of `all`,
/// and none of `none`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tags {
    /// At least one of these; empty: no matter.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub any: Vec<String>,
    /// Every one of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub all: Vec<String>,
    /// None of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub none: Vec<String>,
}

impl Tags {
    /// Devices that wear at least one of these.
    pub fn any<S: Into<String>>(tags: impl IntoIterator<Item = S>) -> Self {
        Self { any: tags.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Devices that wear every one of these.
    pub fn all<S: Into<String>>(tags: impl IntoIterator<Item = S>) -> Self {
        Self { all: tags.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// As the target of a request of [`Shape::Tags`](crate::Shape::Tags): JSON.
    pub fn to_target(&self) -> Target {
        // Lists of texts always serialise.
        Target::new(serde_json::to_string(self).unwrap_or_default())
    }

    /// From the target of a request of [`Shape::Tags`](crate::Shape::Tags); `None` when it is
    /// another kind of target, or selects nothing: vendors would take that for everybody.
    pub fn from_target(target: &Target) -> Option<Self> {
        let tags: Self = serde_json::from_str(target.as_str()).ok()?;
        (!tags.any.is_empty() || !tags.all.is_empty()).then_some(tags)
    }
}

impl From<Vec<Target>> for Audience {
    fn from(targets: Vec<Target>) -> Self {
        Self::Targets(targets)
    }
}

impl From<Target> for Audience {
    fn from(target: Target) -> Self {
        Self::Targets(vec![target])
    }
}

impl<const N: usize> From<[Target; N]> for Audience {
    fn from(targets: [Target; N]) -> Self {
        Self::Targets(targets.into())
    }
}

impl FromIterator<Target> for Audience {
    fn from_iter<I: IntoIterator<Item = Target>>(targets: I) -> Self {
        Self::Targets(targets.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_a_whole_token() {
        assert_eq!(format!("{:?}", Target::new("short")), "Target(5 characters)");
        let token = "ABCD0123456789secret0123456789WXYZ";
        assert_eq!(format!("{:?}", Target::new(token)), "Target(ABCD…WXYZ, 34 characters)");
        assert_eq!(
            format!("{:?}", Target::new("中文令牌中文令牌中文令牌中文令牌")),
            "Target(中文令牌…中文令牌, 16 characters)"
        );
    }

    #[test]
    fn tags_travel_as_a_target_and_never_select_everybody_by_mistake() {
        let tags = Tags { none: vec!["c".into()], ..Tags::any(["a", "b"]) };
        assert_eq!(tags.to_target().as_str(), r#"{"any":["a","b"],"none":["c"]}"#);
        assert_eq!(Tags::from_target(&tags.to_target()), Some(tags));
        for nothing in [Tags::default(), Tags { none: vec!["a".into()], ..Tags::default() }] {
            assert_eq!(Tags::from_target(&nothing.to_target()), None);
        }
    }

    #[test]
    fn plain_means_that_no_format_escapes_it() {
        assert!(Target::new("Az09-_.").is_plain());
        for odd in ["a+b", "a/b", "a=b", "a,b", "a\"b", "a b", "é", "a:b", "a%b"] {
            assert!(!Target::new(odd).is_plain(), "{odd}");
        }
        assert!(Target::new("fGci:APA91b-_x/+=").is_plain_in_json());
        for odd in ["a\"b", "a\\b", "a\nb", "é"] {
            assert!(!Target::new(odd).is_plain_in_json(), "{odd}");
        }
    }
}
