//! User signatures, version 2.0: who calls, for which app, until when.
//!
//! A signature is a JSON object with an HMAC-SHA256 over its members, compressed with zlib and written in
//! a base64 of its own: `*`, `-` and `_` stand for `+`, `/` and `=`. Libraries order, space and compress
//! differently, so that two good signatures of one user at one time are different texts.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use omnipush::Secret;
use omnipush::sign::{hmac_sha256, hmac_sha256_matches};
use serde::{Deserialize, Serialize};

/// How large a signature may be when it is unpacked, in bytes.
const UNPACKED: usize = 8 * 1024;
/// How far ahead of ours the clock of its maker may be, in seconds.
const SKEW: u64 = 300;

/// Why a signature does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUserSig {
    /// It cannot be read, or was made in the future.
    #[error("usersig cannot be decoded")]
    Undecodable,
    /// It is for another app.
    #[error("usersig is for another sdkappid")]
    OtherApp,
    /// It is another user's.
    #[error("usersig is for another identifier")]
    OtherUser,
    /// It was not made with the app's key, or was changed since.
    #[error("usersig fails verification")]
    Forged,
    /// Its time is over.
    #[error("usersig expired")]
    Expired,
}

impl InvalidUserSig {
    /// The original's code.
    pub const fn code(self) -> u32 {
        match self {
            Self::Undecodable => 70003,
            Self::OtherApp => 70014,
            Self::OtherUser => 70013,
            Self::Forged => 70009,
            Self::Expired => 70001,
        }
    }
}

/// A signature as it stands in its text. Nothing in it may be believed before [`verify`](Self::verify).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserSig {
    #[serde(rename = "TLS.ver")]
    version: String,
    #[serde(rename = "TLS.identifier")]
    identifier: String,
    #[serde(rename = "TLS.sdkappid")]
    sdkappid: u64,
    #[serde(rename = "TLS.expire")]
    expire: u64,
    #[serde(rename = "TLS.time")]
    time: u64,
    #[serde(rename = "TLS.userbuf", default, skip_serializing_if = "Option::is_none")]
    userbuf: Option<String>,
    #[serde(rename = "TLS.sig")]
    sig: String,
}

impl UserSig {
    /// Makes one: for tests, and for backends in Rust. `time` is in seconds since the Unix epoch, `life`
    /// in seconds from then on.
    pub fn sign(sdkappid: u64, identifier: &str, key: &Secret, time: u64, life: u64) -> Self {
        let mut made = Self {
            version: "2.0".into(),
            identifier: identifier.into(),
            sdkappid,
            expire: life,
            time,
            userbuf: None,
            sig: String::new(),
        };
        made.sig = STANDARD.encode(hmac_sha256(key, made.text().as_bytes()));
        made
    }

    /// Its text, as it goes into a query.
    pub fn encode(&self) -> String {
        // Texts and numbers: they can always be written.
        let json = serde_json::to_vec(self).unwrap_or_default();
        let packed = STANDARD.encode(miniz_oxide::deflate::compress_to_vec_zlib(&json, 6));
        packed.replace('+', "*").replace('/', "-").replace('=', "_")
    }

    /// Reads a text.
    ///
    /// # Errors
    /// [`InvalidUserSig::Undecodable`] unless it is base64 in its own alphabet, zlib and the JSON of
    /// version 2.0. Padding may be missing.
    pub fn decode(text: &str) -> Result<Self, InvalidUserSig> {
        let undecodable = InvalidUserSig::Undecodable;
        let padding = text.bytes().rev().take_while(|byte| *byte == b'_').count();
        if padding > 2 || text.contains(['+', '/', '=']) {
            return Err(undecodable);
        }
        let standard = text.trim_end_matches('_').replace('*', "+").replace('-', "/");
        let packed = STANDARD_NO_PAD.decode(standard).map_err(|_| undecodable)?;
        let json =
            miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(&packed, UNPACKED).map_err(|_| undecodable)?;
        let read: Self = serde_json::from_slice(&json).map_err(|_| undecodable)?;
        // A line's end inside a member could make one signed text of two different signatures.
        let one_line = !read.identifier.contains('\n');
        let encoded = read.userbuf.as_ref().is_none_or(|userbuf| STANDARD.decode(userbuf).is_ok());
        if read.version == "2.0" && one_line && encoded { Ok(read) } else { Err(undecodable) }
    }

    /// Whether it is this user's, for this app, made with one of these keys, and valid at this second.
    ///
    /// # Errors
    /// The first that does not hold, in the order of [`InvalidUserSig`] but for the time, which comes last.
    pub fn verify<'a>(
        &self,
        sdkappid: u64,
        identifier: &str,
        keys: impl IntoIterator<Item = &'a Secret>,
        now_s: u64,
    ) -> Result<(), InvalidUserSig> {
        if self.sdkappid != sdkappid {
            return Err(InvalidUserSig::OtherApp);
        }
        if self.identifier != identifier {
            return Err(InvalidUserSig::OtherUser);
        }
        let sig = STANDARD.decode(&self.sig).map_err(|_| InvalidUserSig::Forged)?;
        let text = self.text();
        if !keys.into_iter().any(|key| hmac_sha256_matches(key, text.as_bytes(), &sig)) {
            return Err(InvalidUserSig::Forged);
        }
        if self.time > now_s.saturating_add(SKEW) {
            return Err(InvalidUserSig::Undecodable);
        }
        if now_s >= self.time.saturating_add(self.expire) { Err(InvalidUserSig::Expired) } else { Ok(()) }
    }

    /// When it was made, in seconds since the Unix epoch.
    pub fn time(&self) -> u64 {
        self.time
    }

    /// The text that is signed.
    fn text(&self) -> String {
        let Self { identifier, sdkappid, time, expire, .. } = self;
        let userbuf = self.userbuf.as_ref().map(|userbuf| format!("TLS.userbuf:{userbuf}\n")).unwrap_or_default();
        format!("TLS.identifier:{identifier}\nTLS.sdkappid:{sdkappid}\nTLS.time:{time}\nTLS.expire:{expire}\n{userbuf}")
    }
}
