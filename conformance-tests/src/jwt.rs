//! Reads and verifies JSON Web Tokens (RFC 7515), for the fakes whose vendors are shown one.
//! Verification is ring's, while the adapters' ES256 signatures come from another library.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::signature::{UnparsedPublicKey, VerificationAlgorithm};
use serde_json::Value;

/// A token taken apart; nothing is verified yet.
pub struct Jwt<'a> {
    /// The header.
    pub header: Value,
    /// The claims.
    pub claims: Value,
    signed: &'a str,
    signature: Vec<u8>,
}

impl<'a> Jwt<'a> {
    /// Takes a compact token apart; `None` when it is not one.
    pub fn parse(token: &'a str) -> Option<Self> {
        Self::take_apart(token, |part| URL_SAFE_NO_PAD.decode(part).ok())
    }

    /// As [`Self::parse`], for tokens in plain base64, with its alphabet and its padding, too.
    pub fn parse_plain(token: &'a str) -> Option<Self> {
        Self::take_apart(token, |part| STANDARD.decode(part).ok()).or_else(|| Self::parse(token))
    }

    fn take_apart(token: &'a str, decode: impl Fn(&str) -> Option<Vec<u8>>) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let json = |part: &str| serde_json::from_slice(&decode(part)?).ok();
        Some(Self { header: json(header)?, claims: json(claims)?, signed, signature: decode(signature)? })
    }

    /// Whether the signature is by this key. `key` is what ring takes: for RSA the PKCS#1
    /// public key in DER, for P-256 the uncompressed point.
    pub fn signed_by(&self, algorithm: &'static dyn VerificationAlgorithm, key: &[u8]) -> bool {
        UnparsedPublicKey::new(algorithm, key).verify(self.signed.as_bytes(), &self.signature).is_ok()
    }
}

/// The bytes inside a PEM block.
///
/// # Panics
/// When the text is no PEM block: it is a constant of a test.
#[allow(clippy::expect_used, reason = "the keys of the fakes are constants")]
pub fn pem(text: &str) -> Vec<u8> {
    let base64: String = text.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
    STANDARD.decode(base64).expect("a PEM block")
}
