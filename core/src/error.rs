//! What is wrong with a notification or a configuration, found before anything is sent.

use std::fmt;

use crate::model::Field;
use crate::verdict::{Class, Refusal};

/// The unit in which a vendor counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Unicode code points; an emoji may count several.
    Chars,
    /// UTF-16 units, as Java and JavaScript count: characters beyond the basic plane count two.
    Utf16,
    /// Bytes of UTF-8.
    Bytes,
    /// Entries of a list or pairs of a map.
    Entries,
}

impl Unit {
    /// The size of a text in this unit.
    pub fn measure(self, text: &str) -> usize {
        match self {
            Self::Chars => text.chars().count(),
            Self::Utf16 => text.encode_utf16().count(),
            Self::Bytes | Self::Entries => text.len(),
        }
    }

    /// The longest beginning of a text that is at most `max` long, never inside a character.
    pub fn cut(self, text: &str, max: usize) -> &str {
        let mut used = 0;
        for (at, c) in text.char_indices() {
            used += match self {
                Self::Chars => 1,
                Self::Utf16 => c.len_utf16(),
                Self::Bytes | Self::Entries => c.len_utf8(),
            };
            if used > max {
                return text.get(..at).unwrap_or_default();
            }
        }
        text
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Chars => "characters",
            Self::Utf16 => "UTF-16 units",
            Self::Bytes => "bytes",
            Self::Entries => "entries",
        })
    }
}

/// One thing that is wrong with a notification for one vendor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The vendor's field, such as `noticeBarInfo.title`.
    pub wire: String,
    /// The field of the notification that feeds it; `None` for an option of the vendor.
    pub field: Option<Field>,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The vendor demands it.
    Missing,
    /// It is longer than the vendor allows.
    TooLong {
        /// Its size.
        size: usize,
        /// The limit.
        limit: usize,
        /// The unit of both.
        unit: Unit,
    },
    /// A number is outside what the vendor allows.
    OutOfRange {
        /// The number.
        value: i64,
        /// The smallest allowed.
        min: i64,
        /// The largest allowed.
        max: i64,
    },
    /// The vendor has no way to do this, and doing without would be worse than not sending.
    Unsupported(&'static str),
    /// It is not what the vendor takes; says what would be.
    Invalid(String),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field {
            Some(field) if field.as_str() == self.wire => write!(f, "{field}: ")?,
            Some(field) => write!(f, "{field} (`{}`): ", self.wire)?,
            None => write!(f, "`{}`: ", self.wire)?,
        }
        match &self.fault {
            Fault::Missing => f.write_str("is missing, and the vendor demands it"),
            Fault::TooLong { size, limit, unit } => write!(f, "has {size} {unit}; at most {limit} are allowed"),
            Fault::OutOfRange { value, min, max } => write!(f, "is {value}; {min} to {max} are allowed"),
            Fault::Unsupported(why) => write!(f, "is not supported: {why}"),
            Fault::Invalid(why) => f.write_str(why),
        }
    }
}

/// A notification that cannot go to a vendor as it is. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodeError {
    /// The vendor's id.
    pub vendor: &'static str,
    /// All problems that were found, not only the first.
    pub problems: Vec<Problem>,
}

impl EncodeError {
    /// An error with one problem.
    pub fn one(vendor: &'static str, wire: impl Into<String>, field: Option<Field>, fault: Fault) -> Self {
        Self { vendor, problems: vec![Problem { wire: wire.into(), field, fault }] }
    }

    /// What it means: too large when only sizes are wrong, else an invalid request.
    pub fn class(&self) -> Class {
        if self.problems.iter().all(|p| matches!(p.fault, Fault::TooLong { .. })) {
            Class::PayloadTooLarge
        } else {
            Class::InvalidRequest
        }
    }

    /// As the verdict of a target, for streams in which every pair has its own notification.
    pub fn refusal(&self) -> Refusal {
        Refusal::new(self.class()).code("not_sent").text(&self.to_string())
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.vendor)?;
        for (i, problem) in self.problems.iter().enumerate() {
            if i > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for EncodeError {}

/// Settings of a vendor that cannot work.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{vendor}: `{key}` {problem}")]
pub struct ConfigError {
    /// The vendor's id.
    pub vendor: &'static str,
    /// The key in the configuration entry.
    pub key: String,
    /// What is wrong, and what is expected. Never the value.
    pub problem: String,
}

impl ConfigError {
    /// A setting that cannot work.
    pub fn new(vendor: &'static str, key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { vendor, key: key.into(), problem: problem.into() }
    }

    /// The first of these settings that is wrong: whether it is, its key, and what is wrong with it.
    ///
    /// # Errors
    /// That setting.
    pub fn first<const N: usize>(vendor: &'static str, settings: [(bool, &str, &str); N]) -> Result<(), Self> {
        match settings.into_iter().find(|(wrong, ..)| *wrong) {
            Some((_, key, problem)) => Err(Self::new(vendor, key, problem)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_measure_and_cut_between_characters() {
        let text = "a中😀b";
        assert_eq!(Unit::Chars.measure(text), 4);
        assert_eq!(Unit::Utf16.measure(text), 5);
        assert_eq!(Unit::Bytes.measure(text), 9);
        assert_eq!(Unit::Chars.cut(text, 3), "a中😀");
        assert_eq!(Unit::Utf16.cut(text, 3), "a中");
        assert_eq!(Unit::Bytes.cut(text, 7), "a中");
        assert_eq!(Unit::Bytes.cut(text, 0), "");
        assert_eq!(Unit::Chars.cut(text, 99), text);
    }

    #[test]
    fn an_error_names_field_limit_and_size() {
        let fault = Fault::TooLong { size: 57, limit: 40, unit: Unit::Chars };
        let error = EncodeError::one("vivo", "title", Some(Field::Title), fault.clone());
        assert_eq!(error.to_string(), "vivo: title: has 57 characters; at most 40 are allowed");
        assert_eq!(error.class(), Class::PayloadTooLarge);
        let error = EncodeError::one("meizu", "noticeBarInfo.title", Some(Field::Title), fault);
        assert_eq!(
            error.to_string(),
            "meizu: title (`noticeBarInfo.title`): has 57 characters; at most 40 are allowed"
        );
    }
}
