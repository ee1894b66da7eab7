//! To whom: one device, many, or a group that the vendor keeps.

use std::fmt;
use std::sync::Arc;

/// One device as its vendor names it: a registration token, regId, pushId or device token.
///
/// Opaque to core; the adapter says which form is right. Cheap to clone. Its `Debug` shows the
/// first and last four characters only, since a token is enough to reach a person.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Target {
    text: Arc<str>,
    plain: bool,
    plain_in_json: bool,
}

impl Target {
    /// From the vendor's token. Any text is taken; a malformed one gets its own verdict when
    /// it is sent to.
    pub fn new(token: impl Into<Arc<str>>) -> Self {
        let text = token.into();
        // Most tokens need no escaping; found out once, they are copied ever after.
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
        let plain_in_json = plain || text.bytes().all(|b| matches!(b, b' '..=b'~') && b != b'"' && b != b'\\');
        Self { text, plain, plain_in_json }
    }

    /// The token.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it consists of letters, digits, `-`, `_` and `.` only, so that it stands as it is
    /// in JSON, forms and URLs.
    pub fn is_plain(&self) -> bool {
        self.plain
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
    /// A boolean expression over topics, in the vendor's own grammar.
    Condition(String),
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
