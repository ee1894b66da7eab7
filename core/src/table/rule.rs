//! What a vendor requires of senders beyond the form of fields: classes, channels, templates,
//! hours, amounts. Vendors drop what breaks such a rule, often in silence.

use std::fmt;

use super::encode::In;
use super::row::Adapter;
use crate::model::Field;

/// What a rule says, in words for the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advice {
    /// What is wrong, or demanded, and what the vendor makes of it.
    pub what: &'static str,
    /// Since when it holds, such as `2026-07-01` or `2024`; empty where no source says it.
    pub since: &'static str,
    /// Where it stands: the vendor's page, or who else says so; empty for the adapter's own advice.
    pub source: &'static str,
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)?;
        match (self.since, self.source) {
            ("", "") => Ok(()),
            ("", source) => write!(f, " ({source})"),
            (since, source) => write!(f, " (since {since}; {source})"),
        }
    }
}

/// A test of a notification; true where it breaks the rule.
pub type Breaks<V> = for<'a> fn(&'a In<'a, V>) -> bool;

/// A rule of a vendor, and how a notification breaks it.
pub struct Rule<V: Adapter> {
    /// What it says.
    pub says: Advice,
    /// Whether a notification that breaks it is refused, and not just advised against: only where
    /// the vendor is sure to drop it.
    pub refuses: bool,
    /// The vendor's field at fault.
    pub wire: &'static str,
    /// The field of the notification at fault.
    pub field: Option<Field>,
    /// The test; `None` where a notification does not show whether the rule is kept.
    pub breaks: Option<Breaks<V>>,
}

impl<V: Adapter> Rule<V> {
    /// A rule that no notification shows to be kept or broken. It is for the documentation.
    pub const fn tells(what: &'static str, since: &'static str, source: &'static str) -> Self {
        Self { says: Advice { what, since, source }, refuses: false, wire: "", field: None, breaks: None }
    }

    /// A rule whose breach is advised against.
    pub const fn warns(what: &'static str, since: &'static str, source: &'static str, breaks: Breaks<V>) -> Self {
        Self { breaks: Some(breaks), ..Self::tells(what, since, source) }
    }

    /// The same, refused: the vendor's field and the notification's are at fault.
    pub const fn refuses(mut self, wire: &'static str, field: Option<Field>) -> Self {
        (self.refuses, self.wire, self.field) = (true, wire, field);
        self
    }

    /// For documentation and tests.
    pub(super) fn doc(&self) -> RuleDoc {
        RuleDoc { says: self.says, refuses: self.refuses, tested: self.breaks.is_some() }
    }
}

/// A rule, for documentation and trials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleDoc {
    /// What it says.
    pub says: Advice,
    /// Whether a notification that breaks it is refused.
    pub refuses: bool,
    /// Whether a notification shows that it breaks it.
    pub tested: bool,
}
