//! Encryption for one browser: RFC 8291 over RFC 8188, one record.

use omnipush_core::{Cx, Refusal};
use p256::ecdh::diffie_hellman;
use p256::elliptic_curve::sec1::ToEncodedPoint as _;
use p256::{PublicKey, SecretKey};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hmac;

use crate::endpoint::Subscription;

/// The size of a record, which all of the body must fit in.
pub(crate) const RECORD: usize = 4096;
/// Salt, record size, length of the key and the key.
const HEADER: usize = 16 + 4 + 1 + 65;
/// The most plaintext: a record without header, delimiter and tag.
pub(crate) const MAX_PLAINTEXT: usize = RECORD - HEADER - 1 - 16;

/// Encrypts for a subscription, with a key pair and a salt that are used once.
pub(crate) fn encrypt(subscription: &Subscription, plaintext: &[u8], cx: &mut Cx<'_>) -> Result<Vec<u8>, Refusal> {
    let mut salt = [0; 16];
    (cx.rng)(&mut salt);
    // One in 2^32 numbers is no key.
    let key = (0..8).find_map(|_| {
        let mut number = [0; 32];
        (cx.rng)(&mut number);
        SecretKey::from_slice(&number).ok()
    });
    let key = key.ok_or_else(|| Refusal::not_sent("no key could be drawn"))?;
    let wrong = || Refusal::not_sent("the subscription's keys are wrong");
    let public = subscription.public_key().ok_or_else(wrong)?;
    let auth = subscription.auth().ok_or_else(wrong)?;
    seal(&key, &public, &auth, &salt, plaintext)
}

pub(crate) fn seal(
    own: &SecretKey,
    theirs: &PublicKey,
    auth: &[u8; 16],
    salt: &[u8; 16],
    plaintext: &[u8],
) -> Result<Vec<u8>, Refusal> {
    let own_public = own.public_key().to_encoded_point(false);
    let their_public = theirs.to_encoded_point(false);
    let secret = diffie_hellman(own.to_nonzero_scalar(), theirs.as_affine());
    let shared = mac(auth, &[secret.raw_secret_bytes().as_slice()]);
    let input = mac(shared.as_ref(), &[b"WebPush: info\0", their_public.as_bytes(), own_public.as_bytes(), &[1]]);
    let root = mac(salt, &[input.as_ref()]);
    let cek = mac(root.as_ref(), &[b"Content-Encoding: aes128gcm\0", &[1]]);
    let nonce = mac(root.as_ref(), &[b"Content-Encoding: nonce\0", &[1]]);

    let mut body = Vec::with_capacity(HEADER + plaintext.len() + 17);
    body.extend_from_slice(salt);
    body.extend_from_slice(&u32::try_from(RECORD).unwrap_or_default().to_be_bytes());
    body.push(65);
    body.extend_from_slice(own_public.as_bytes());
    let mut record = Vec::with_capacity(plaintext.len() + 17);
    record.extend_from_slice(plaintext);
    // The last record, without padding.
    record.push(2);
    let key = cek.as_ref().get(..16).and_then(|cek| UnboundKey::new(&AES_128_GCM, cek).ok());
    let nonce = nonce.as_ref().get(..12).and_then(|nonce| Nonce::try_assume_unique_for_key(nonce).ok());
    let (Some(key), Some(nonce)) = (key, nonce) else { return Err(Refusal::not_sent("the content key is wrong")) };
    LessSafeKey::new(key)
        .seal_in_place_append_tag(nonce, Aad::empty(), &mut record)
        .map_err(|_| Refusal::not_sent("the content is too long"))?;
    body.append(&mut record);
    Ok(body)
}

/// HMAC with SHA-256, the only step that HKDF takes here.
pub(crate) fn mac(key: &[u8], parts: &[&[u8]]) -> hmac::Tag {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    parts.iter().for_each(|part| context.update(part));
    context.sign()
}
