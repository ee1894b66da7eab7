//! A sender made for the tests: it signs and encrypts in every right and wrong way.

use std::sync::atomic::{AtomicU64, Ordering};

use p256::SecretKey;
use p256::ecdh::diffie_hellman;
use p256::elliptic_curve::sec1::ToEncodedPoint as _;
use ring::aead::{Aad, Nonce};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};

use super::super::body::derive;
use super::*;

pub(super) fn base64url(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// A token by the fake's own sender.
pub(super) fn jwt(claims: &Value) -> String {
    signed(&json!({"typ": "JWT", "alg": "ES256"}), claims, PRIVATE_KEY, PUBLIC_KEY)
}

pub(super) fn signed(header: &Value, claims: &Value, private: &str, public: &str) -> String {
    let random = SystemRandom::new();
    let (private, public) = (base64url(private), base64url(public));
    let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let pair = EcdsaKeyPair::from_private_key_and_public_key(algorithm, &private, &public, &random).unwrap();
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let text = format!("{}.{}", part(header), part(claims));
    let signature = pair.sign(&random, text.as_bytes()).unwrap();
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// How a message is encrypted.
#[derive(Clone)]
pub(super) struct Sealing {
    pub(super) private: [u8; 32],
    pub(super) salt: [u8; 16],
    pub(super) record_size: u32,
    /// What follows the plaintext.
    pub(super) ending: Vec<u8>,
}

impl Sealing {
    /// With a key and a salt that no other has.
    pub(super) fn fresh() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let serial = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let mut private = [7; 32];
        private[..8].copy_from_slice(&serial);
        let mut salt = [9; 16];
        salt[..8].copy_from_slice(&serial);
        Self { private, salt, record_size: 4096, ending: vec![2] }
    }

    pub(super) fn seal(&self, to: &Subscription, plaintext: &[u8]) -> Vec<u8> {
        let secret = SecretKey::from_slice(&self.private).unwrap();
        let public = secret.public_key().to_encoded_point(false).as_bytes().to_vec();
        let agreed = diffie_hellman(secret.to_nonzero_scalar(), to.secret.public_key().as_affine());
        let keys = derive(agreed.raw_secret_bytes(), to, &public, &self.salt).unwrap();
        let mut record = [plaintext, &self.ending].concat();
        let nonce = Nonce::assume_unique_for_key(keys.nonce);
        keys.cipher().unwrap().seal_in_place_append_tag(nonce, Aad::empty(), &mut record).unwrap();
        [&self.salt[..], &self.record_size.to_be_bytes(), &[65], &public, &record].concat()
    }
}
