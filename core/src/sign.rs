//! Hashes and signatures that several vendors share.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use md5::Md5;
use p256::ecdsa::signature::Signer as _;
use p256::pkcs8::DecodePrivateKey as _;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject as _;
use sha2::{Digest, Sha256};

use crate::secret::Secret;

/// MD5 of some parts in a row, as 32 lower-case hex digits.
pub fn md5_hex<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hash = Md5::new();
    for part in parts {
        hash.update(part.as_bytes());
    }
    hex_text::<32>(&hash.finalize())
}

/// SHA-256 of some parts in a row, as 64 lower-case hex digits.
pub fn sha256_hex<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
    }
    hex_text::<64>(&hash.finalize())
}

/// Half as many bytes as hex digits.
fn hex_text<const DIGITS: usize>(bytes: &[u8]) -> String {
    let mut text = [0; DIGITS];
    // There is room for all.
    let _ = hex::encode_to_slice(bytes, &mut text);
    String::from_utf8(text.to_vec()).unwrap_or_default()
}

/// HMAC with SHA-256.
pub fn hmac_sha256(key: &Secret, message: &[u8]) -> [u8; 32] {
    let mut mac = keyed(key.expose().as_bytes());
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// Whether an HMAC with SHA-256 is right, compared in constant time.
pub fn hmac_sha256_matches(key: &Secret, message: &[u8], mac: &[u8]) -> bool {
    hmac_sha256_matches_bytes(key.expose().as_bytes(), message, mac)
}

/// The same with a key that is no text.
pub fn hmac_sha256_matches_bytes(key: &[u8], message: &[u8], mac: &[u8]) -> bool {
    let mut expected = keyed(key);
    expected.update(message);
    expected.verify_slice(mac).is_ok()
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    #[allow(clippy::expect_used, reason = "HMAC takes a key of any length (RFC 2104, section 2)")]
    Hmac::new_from_slice(key).expect("a key of any length")
}

/// A key that signs JSON Web Tokens (RFC 7515).
pub struct JwtKey(Key);

enum Key {
    Rs256(Box<RsaKeyPair>),
    Ps256(Box<RsaKeyPair>),
    Es256(Box<p256::ecdsa::SigningKey>),
}

/// A private key that cannot be used, and why. Never shows the key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct KeyError(String);

impl JwtKey {
    /// RSA with PKCS#1 v1.5 padding and SHA-256, from a PKCS#8 PEM. Deterministic.
    ///
    /// # Errors
    /// When the text is no such key, or it has less than 2,048 bits.
    pub fn rs256(pem: &Secret) -> Result<Self, KeyError> {
        rsa(pem).map(|key| Self(Key::Rs256(key)))
    }

    /// RSA with PSS padding and SHA-256, from a PKCS#8 PEM. Draws a random salt.
    ///
    /// # Errors
    /// As [`Self::rs256`].
    pub fn ps256(pem: &Secret) -> Result<Self, KeyError> {
        rsa(pem).map(|key| Self(Key::Ps256(key)))
    }

    /// ECDSA on P-256 with SHA-256, from a PKCS#8 PEM. Deterministic (RFC 6979).
    ///
    /// # Errors
    /// When the text is no such key.
    pub fn es256(pem: &Secret) -> Result<Self, KeyError> {
        let key = p256::ecdsa::SigningKey::from_pkcs8_pem(pem.expose())
            .map_err(|_| KeyError("is no PKCS#8 PEM of a P-256 private key (`-----BEGIN PRIVATE KEY-----`)".into()))?;
        Ok(Self(Key::Es256(Box::new(key))))
    }

    /// The same from the key's number alone, 32 bytes as unpadded base64url, as Web Push has it.
    ///
    /// # Errors
    /// When the text is no such key.
    pub fn es256_scalar(text: &Secret) -> Result<Self, KeyError> {
        let wrong = || KeyError("is no P-256 private key in base64url (43 characters)".into());
        let bytes = URL_SAFE_NO_PAD.decode(text.expose().trim_end_matches('=')).map_err(|_| wrong())?;
        let key = p256::ecdsa::SigningKey::from_slice(&bytes).map_err(|_| wrong())?;
        Ok(Self(Key::Es256(Box::new(key))))
    }

    /// Signs a header and claims, both compact JSON, into a compact token. The bytes are signed
    /// as given: vendors publish worked examples that depend on the order of members.
    ///
    /// # Errors
    /// When RSA signing fails, which a checked key does not.
    pub fn sign(&self, header: &str, claims: &str) -> Result<String, KeyError> {
        let mut token = URL_SAFE_NO_PAD.encode(header);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(claims, &mut token);
        let signature = self.signature(token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }

    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let rsa = |key: &RsaKeyPair, padding| {
            let mut signature = vec![0; key.public().modulus_len()];
            key.sign(padding, &SystemRandom::new(), message, &mut signature)
                .map_err(|_| KeyError("RSA signing failed".into()))?;
            Ok(signature)
        };
        match &self.0 {
            Key::Rs256(key) => rsa(key, &RSA_PKCS1_SHA256),
            Key::Ps256(key) => rsa(key, &RSA_PSS_SHA256),
            Key::Es256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                Ok(signature.to_bytes().to_vec())
            }
        }
    }
}

impl std::fmt::Debug for JwtKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JwtKey([secret])")
    }
}

fn rsa(pem: &Secret) -> Result<Box<RsaKeyPair>, KeyError> {
    let der = PrivatePkcs8KeyDer::from_pem_slice(pem.expose().as_bytes())
        .map_err(|_| KeyError("is no PKCS#8 PEM (`-----BEGIN PRIVATE KEY-----`)".into()))?;
    let key = RsaKeyPair::from_pkcs8(der.secret_pkcs8_der())
        .map_err(|e| KeyError(format!("is no usable RSA private key: {e}")))?;
    Ok(Box::new(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_match_their_standards() {
        assert_eq!(md5_hex(["a", "bc"]), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(sha256_hex(["abc"]), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        // RFC 4231, test case 2.
        let mac = hmac_sha256(&Secret::new("Jefe"), b"what do ya want for nothing?");
        assert_eq!(hex::encode(mac), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        assert!(hmac_sha256_matches(&Secret::new("Jefe"), b"what do ya want for nothing?", &mac));
        assert!(!hmac_sha256_matches(&Secret::new("Jefe"), b"what do ya want for nothing!", &mac));
    }

    #[test]
    fn es256_follows_rfc_6979() {
        // The key of RFC 6979, appendix A.2.5, and its signature of "sample".
        let key = p256::ecdsa::SigningKey::from_slice(
            &hex::decode("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721").unwrap(),
        )
        .unwrap();
        let signature = JwtKey(Key::Es256(Box::new(key))).signature(b"sample").unwrap();
        assert_eq!(
            hex::encode_upper(signature),
            "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716\
             F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
        );
    }

    #[test]
    fn wrong_keys_are_refused_without_being_shown() {
        for wrong in ["", "hunter2", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"] {
            let secret = Secret::new(wrong);
            for error in [JwtKey::es256(&secret).unwrap_err(), JwtKey::rs256(&secret).unwrap_err()] {
                assert!(!error.to_string().contains("hunter2"), "{error}");
            }
        }
    }
}
