//! Secrets: they wipe themselves, and no `Debug` shows them.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use subtle::ConstantTimeEq as _;

/// A password, private key, app secret or access token.
///
/// `Debug` prints a fixed word; there is no `Display` and no `Serialize`. Memory is wiped when
/// the last copy is dropped. Surrounding white space is trimmed when it is loaded, as keys are
/// often copied with a line end.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes a text.
    pub fn new(text: impl AsRef<str>) -> Self {
        Self(SecretString::from(text.as_ref().trim()))
    }

    /// The text itself. Only for signing and for headers marked sensitive.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether a text is the same, in a time that tells nothing about it.
    pub fn is(&self, text: &str) -> bool {
        self.expose().as_bytes().ct_eq(text.as_bytes()).into()
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[secret]")
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_a_fixed_word_whatever_the_secret() {
        assert_eq!(format!("{:?}", Secret::new("中hunter2")), "[secret]");
        assert_eq!(format!("{:?}", Secret::new("")), "[secret]");
    }

    #[test]
    fn a_secret_is_compared_as_a_whole() {
        let secret = Secret::new("s3cret");
        assert!(secret.is("s3cret"));
        for other in ["", "s3cre", "s3cret ", "S3cret"] {
            assert!(!secret.is(other), "{other}");
        }
    }

    #[test]
    fn white_space_around_a_secret_is_not_part_of_it() {
        assert_eq!(Secret::new(" s3cret\r\n").expose(), "s3cret");
    }
}
