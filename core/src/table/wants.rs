//! What may give a row a value, so that most rows are passed over at a glance.

use crate::model::Fields;

/// Fields of a notification, the vendor's own options, or neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wants(u32);

impl Wants {
    /// It may have a value in any notification.
    pub(super) const ALWAYS: Self = Self(1 << 31);
    /// Only the vendor's own options give it one.
    pub(super) const OPTIONS: Self = Self(1 << 30);

    /// One of some fields gives it a value; where there are none, anything may.
    pub(super) const fn fields(fields: Fields) -> Self {
        if fields.is_empty() { Self::ALWAYS } else { Self(fields.bits()) }
    }

    /// Either gives it a value.
    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What a notification has: its fields, or with options of the vendor's own, which may stand
    /// in place of any field, everything.
    pub(super) const fn met(set: Fields, has_options: bool) -> Self {
        if has_options { Self(u32::MAX) } else { Self(set.bits() | Self::ALWAYS.0) }
    }

    /// Whether a notification that has `met` may give the row a value.
    #[inline]
    pub(super) const fn are_in(self, met: Self) -> bool {
        self.0 & met.0 != 0
    }
}
