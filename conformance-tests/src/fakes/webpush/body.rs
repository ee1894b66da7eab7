//! The encrypted body: one record of `aes128gcm` (RFC 8188) under a key that the sender's public
//! key and the subscription agree on (RFC 8291). Key agreement is p256's, the rest ring's.

use std::collections::HashMap;
use std::sync::Mutex;

use p256::PublicKey;
use p256::ecdh::diffie_hellman;
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use sha2::{Digest, Sha256};

use super::locked;
use super::subscription::Subscription;

const POINT_OCTETS: usize = 65;
const TAG_OCTETS: usize = 16;
/// The smallest record size that leaves room for one octet, its delimiter and the tag.
const LEAST_RECORD: usize = 18;
/// Follows the plaintext of the last record, and of any other.
const LAST: u8 = 2;
const NOT_LAST: u8 = 1;

/// A body taken apart.
pub(super) struct Message<'a> {
    pub(super) salt: &'a [u8; 16],
    /// The sender's public key (`keyid`), fresh for each message.
    pub(super) key: &'a [u8],
    sender: PublicKey,
    record: &'a [u8],
}

impl<'a> Message<'a> {
    pub(super) fn parse(body: &'a [u8]) -> Result<Self, &'static str> {
        const SHORT: &str = "the body is shorter than an encrypted message can be";
        let (salt, rest) = body.split_first_chunk::<16>().ok_or(SHORT)?;
        let (size, rest) = rest.split_first_chunk::<4>().ok_or(SHORT)?;
        let (id_octets, rest) = rest.split_first().ok_or(SHORT)?;
        if usize::from(*id_octets) != POINT_OCTETS {
            return Err("keyid is not 65 octets long");
        }
        let (key, record) = rest.split_at_checked(POINT_OCTETS).ok_or(SHORT)?;
        if record.len() <= TAG_OCTETS {
            return Err(SHORT);
        }
        let size = usize::try_from(u32::from_be_bytes(*size)).unwrap_or(usize::MAX);
        if size < LEAST_RECORD {
            return Err("a record size below 18");
        }
        // RFC 8291, section 4: greater than all that is in the record.
        if size <= record.len() {
            return Err("more than one record, or a record size that is not greater than the record");
        }
        // p256 reads compressed points, too, which start with another octet.
        let point = PublicKey::from_sec1_bytes(key).ok().filter(|_| key.first() == Some(&4));
        let sender = point.ok_or("keyid is no uncompressed point on P-256")?;
        Ok(Self { salt, key, sender, record })
    }

    /// The plaintext, without delimiter and padding.
    pub(super) fn decrypt(&self, to: &Subscription) -> Result<Vec<u8>, &'static str> {
        const FAILED: &str = "the browser cannot decrypt it with its key";
        let agreed = diffie_hellman(to.secret.to_nonzero_scalar(), self.sender.as_affine());
        let keys = derive(agreed.raw_secret_bytes(), to, self.key, self.salt).ok_or(FAILED)?;
        let cipher = keys.cipher().ok_or(FAILED)?;
        let mut record = self.record.to_vec();
        let nonce = Nonce::assume_unique_for_key(keys.nonce);
        let opened = cipher.open_in_place(nonce, Aad::empty(), &mut record).map_err(|_| FAILED)?;
        let end = opened.iter().rposition(|octet| *octet != 0).ok_or("a record of zeros without a delimiter")?;
        match opened.split_at_checked(end) {
            Some((plaintext, [LAST, ..])) => Ok(plaintext.to_vec()),
            Some((_, [NOT_LAST, ..])) => Err("the delimiter says that another record follows"),
            _ => Err("no delimiter after the plaintext"),
        }
    }
}

/// What both sides derive.
pub(super) struct Keys {
    pub(super) content: [u8; 16],
    pub(super) nonce: [u8; 12],
}

impl Keys {
    pub(super) fn cipher(&self) -> Option<LessSafeKey> {
        Some(LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &self.content).ok()?))
    }
}

/// RFC 8291, section 3.4: from the agreed secret to the keys of the record.
pub(super) fn derive(agreed: &[u8], to: &Subscription, sender: &[u8], salt: &[u8]) -> Option<Keys> {
    let start = Salt::new(HKDF_SHA256, &to.auth).extract(agreed);
    let input = expand::<32>(&start, &[b"WebPush: info\0", &to.public, sender])?;
    let main = Salt::new(HKDF_SHA256, salt).extract(&input);
    Some(Keys {
        content: expand(&main, &[b"Content-Encoding: aes128gcm\0"])?,
        nonce: expand(&main, &[b"Content-Encoding: nonce\0"])?,
    })
}

fn expand<const N: usize>(from: &Prk, info: &[&[u8]]) -> Option<[u8; N]> {
    struct Octets(usize);
    impl KeyType for Octets {
        fn len(&self) -> usize {
            self.0
        }
    }
    let mut out = [0; N];
    from.expand(info, Octets(N)).ok()?.fill(&mut out).ok()?;
    Some(out)
}

/// Salts and senders' keys that messages had. One that comes again with another message was not
/// made fresh; with the same message to the same subscription it is a retry, which is well.
#[derive(Default)]
pub(super) struct Seen(Mutex<HashMap<[u8; 16], [u8; 8]>>);

impl Seen {
    pub(super) fn note(&self, message: &Message, number: usize, body: &[u8]) -> Result<(), &'static str> {
        // The start of the point's x coordinate is as good a name as the point.
        let key = message.key.split_first().and_then(|(_, x)| x.first_chunk::<16>()).ok_or("no key")?;
        let digest: [u8; 32] = Sha256::new().chain_update(number.to_be_bytes()).chain_update(body).finalize().into();
        let print = *digest.first_chunk::<8>().ok_or("no digest")?;
        let mut seen = locked(&self.0);
        let mut used = |name: &[u8; 16]| *seen.entry(*name).or_insert(print) != print;
        match (used(message.salt), used(key)) {
            (true, _) => Err("the salt was used for another message"),
            (_, true) => Err("the sender's key was used for another message"),
            _ => Ok(()),
        }
    }
}
