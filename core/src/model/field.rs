//! The fields of a notification as names, so that tables can say which of them they carry.

use std::fmt;

/// A field of [`Notification`](super::Notification).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[allow(missing_docs, reason = "each is documented where it is declared, in Notification")]
pub enum Field {
    Title,
    Body,
    Subtitle,
    Image,
    Sound,
    Badge,
    Channel,
    Category,
    Click,
    Data,
    Ttl,
    CollapseKey,
    Priority,
    Thread,
    Kind,
    SendAt,
    DryRun,
    Id,
    Receipt,
}

impl Field {
    /// All fields in the order of the model.
    pub const ALL: [Self; 19] = [
        Self::Title,
        Self::Body,
        Self::Subtitle,
        Self::Image,
        Self::Sound,
        Self::Badge,
        Self::Channel,
        Self::Category,
        Self::Click,
        Self::Data,
        Self::Ttl,
        Self::CollapseKey,
        Self::Priority,
        Self::Thread,
        Self::Kind,
        Self::SendAt,
        Self::DryRun,
        Self::Id,
        Self::Receipt,
    ];

    /// The name in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Body => "body",
            Self::Subtitle => "subtitle",
            Self::Image => "image",
            Self::Sound => "sound",
            Self::Badge => "badge",
            Self::Channel => "channel",
            Self::Category => "category",
            Self::Click => "click",
            Self::Data => "data",
            Self::Ttl => "ttl_seconds",
            Self::CollapseKey => "collapse_key",
            Self::Priority => "priority",
            Self::Thread => "thread",
            Self::Kind => "kind",
            Self::SendAt => "send_at",
            Self::DryRun => "dry_run",
            Self::Id => "id",
            Self::Receipt => "receipt",
        }
    }

    /// Whether a vendor that cannot carry it must refuse the notification rather than lose the
    /// field: a dry run that is delivered, or a reminder that comes at once, is worse than none.
    pub const fn must_be_carried(self) -> bool {
        matches!(self, Self::Kind | Self::SendAt | Self::DryRun)
    }

    /// The set of this field alone.
    pub const fn only(self) -> Fields {
        Fields(1 << self as u8)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fields(u32);

impl Fields {
    /// No field: the row carries an option or a constant.
    pub const NONE: Self = Self(0);

    /// This and those.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// This without those.
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether it holds a field.
    pub const fn has(self, field: Field) -> bool {
        self.0 & field.only().0 != 0
    }

    /// A bit for each, the first field's the lowest.
    pub(crate) const fn bits(self) -> u32 {
        self.0
    }

    /// Whether it is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many there are.
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// The fields, in the order of the model.
    pub fn iter(self) -> impl Iterator<Item = Field> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let field = Field::ALL.get(left.trailing_zeros() as usize).copied();
            left &= left.wrapping_sub(1);
            field
        })
    }
}
