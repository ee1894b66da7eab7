//! Decryption: the worked example of RFC 8291, and every way to encrypt wrongly.

use p256::ecdh::diffie_hellman;
use p256::{PublicKey, SecretKey};

use super::super::body::{Message, derive};
use super::sender::base64url;
use super::*;

const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";
const BROWSER_PRIVATE: &str = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94";
const BROWSER_PUBLIC: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const SENDER_PRIVATE: &str = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";
const SENDER_PUBLIC: &str = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8";
const SALT: &str = "DGv6ra1nlYgDCS1FRnbzlw";
const TEXT: &str = "When I grow up, I want to be a watermelon";
const HEADER: &str = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8";
const RECORD: &str = "8pfeW0KbunFT06SuDKoJH9Ql87S1QUrdirN6GcG7sFz1y1sqLgVi1VhjVkHsUoEsbI_0LpXMuGvnzQ";
const BODY: &str = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
const PADDED: &str = "8pfeW0KbunFT06SuDKoJH9Ql87S1QUrdirN6GcG7sFz1y1sqLgVi1Vhjkq5_r-A7eYRkLPncUsNI2l7zb2Web9A";
const NOT_LAST: &str = "8pfeW0KbunFT06SuDKoJH9Ql87S1QUrdirN6GcG7sFz1y1sqLgVi1Vhg9uxmZ24fMhwfd5V_L8k_fw";

fn browser() -> Subscription {
    Subscription::new(SecretKey::from_slice(&base64url(BROWSER_PRIVATE)).unwrap(), base64url(AUTH))
}

fn open(body: &[u8]) -> Result<Vec<u8>, &'static str> {
    Message::parse(body)?.decrypt(&browser())
}

#[test]
fn the_worked_example_is_decrypted() {
    let body = base64url(BODY);
    assert_eq!(body.len(), 144);
    assert_eq!(body, [base64url(HEADER), base64url(RECORD)].concat());
    assert_eq!(browser().public, base64url(BROWSER_PUBLIC));
    assert_eq!(open(&body).unwrap(), TEXT.as_bytes());
    let padded = [base64url(HEADER), base64url(PADDED)].concat();
    assert_eq!(open(&padded).unwrap(), TEXT.as_bytes());
    let not_last = [base64url(HEADER), base64url(NOT_LAST)].concat();
    assert_eq!(open(&not_last).unwrap_err(), "the delimiter says that another record follows");
}

#[test]
fn the_worked_example_step_by_step_and_back() {
    let sender = PublicKey::from_sec1_bytes(&base64url(SENDER_PUBLIC)).unwrap();
    let agreed = diffie_hellman(browser().secret.to_nonzero_scalar(), sender.as_affine());
    assert_eq!(agreed.raw_secret_bytes()[..], base64url("kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs"));
    let keys = derive(agreed.raw_secret_bytes(), &browser(), &base64url(SENDER_PUBLIC), &base64url(SALT)).unwrap();
    assert_eq!(keys.content[..], base64url("oIhVW04MRdy2XN9CiKLxTg"));
    assert_eq!(keys.nonce[..], base64url("4h_95klXJ5E_qnoN"));
    let sealing = Sealing {
        private: base64url(SENDER_PRIVATE).try_into().unwrap(),
        salt: base64url(SALT).try_into().unwrap(),
        record_size: 4096,
        ending: vec![2],
    };
    assert_eq!(sealing.seal(&browser(), TEXT.as_bytes()), base64url(BODY));
}

/// A message with a body of another making.
fn sealed(sealing: &Sealing, plaintext: &[u8]) -> Call {
    Call { body: sealing.seal(&Subscription::numbered(0), plaintext).into(), ..call() }
}

#[test]
fn sizes() {
    let longest = vec![b' '; 3993];
    let body = sealed(&Sealing::fresh(), &longest);
    assert_eq!(body.body.len(), LONGEST_BODY);
    accepts(&fake(), &body);
    refuses(&fake(), &sealed(&Sealing::fresh(), &[b' '; 3994]), 413, 104);
    // Nothing in a record is still a record: 103 octets.
    let empty = sealed(&Sealing::fresh(), b"");
    assert_eq!(empty.body.len(), 103);
    accepts(&fake(), &empty);
    for cut in [1, 15, 16, 20, 21, 85, 86, 87, 102] {
        refuses(&fake(), &Call { body: empty.body.slice(..cut), ..empty.clone() }, 400, 110);
    }
    for (size, plaintext, good) in
        [(18, "", true), (17, "", false), (0, "", false), (20, "ab", true), (19, "ab", false), (u32::MAX, "ab", true)]
    {
        let call = sealed(&Sealing { record_size: size, ..Sealing::fresh() }, plaintext.as_bytes());
        if good {
            accepts(&fake(), &call);
        } else {
            refuses(&fake(), &call, 400, 110);
        }
    }
}

#[test]
fn delimiters_and_padding() {
    let ending = |octets: &[u8]| sealed(&Sealing { ending: octets.to_vec(), ..Sealing::fresh() }, b"{}");
    for good in [&[2][..], &[2, 0], &[2, 0, 0, 0, 0]] {
        let fake = fake();
        accepts(&fake, &ending(good));
        assert_eq!(fake.world().delivered()[0].raw, json!({}));
    }
    for bad in [&[][..], &[1], &[1, 0], &[0], &[3], &[2, 0, 1]] {
        refuses(&fake(), &ending(bad), 400, 110);
    }
    refuses(&fake(), &sealed(&Sealing { ending: vec![0; 9], ..Sealing::fresh() }, b""), 400, 110);
}

#[test]
fn what_the_browser_cannot_decrypt() {
    let change = |at: usize, octet: u8| {
        let mut body = call().body.to_vec();
        body[at] ^= octet;
        Call { body: body.into(), ..call() }
    };
    // Salt, record size, length and kind of the key, a point off the curve, text, tag.
    let last = call().body.len() - 1;
    for (at, octet) in [(0, 1), (16, 0xff), (20, 1), (21, 4 ^ 2), (21, 4 ^ 6), (85, 1), (86, 1), (last, 1)] {
        let call = change(at, octet);
        // A record size that is huge is a size all the same.
        if at == 16 {
            accepts(&fake(), &call);
        } else {
            refuses(&fake(), &call, 400, 110);
        }
    }
    // For another subscription; with the right key and another `auth`; in plain text.
    let other = Sealing::fresh().seal(&Subscription::numbered(1), b"{}");
    refuses(&fake(), &Call { body: other.into(), ..call() }, 400, 110);
    let mut subscription = Subscription::numbered(0);
    subscription.auth[0] ^= 1;
    refuses(&fake(), &Call { body: Sealing::fresh().seal(&subscription, b"{}").into(), ..call() }, 400, 110);
    refuses(&fake(), &Call { body: [b'{'; 200].to_vec().into(), ..call() }, 400, 110);
}

#[test]
fn keys_and_salts_are_fresh() {
    let fake = fake();
    let (first, other) = (Sealing::fresh(), Sealing::fresh());
    let message = sealed(&first, b"one");
    accepts(&fake, &message);
    // A retry.
    accepts(&fake, &message);
    let retried = fake.world().delivered();
    assert_ne!(retried[0].message_id, retried[1].message_id);
    refuses(&fake, &sealed(&first, b"two"), 400, 110);
    refuses(&fake, &sealed(&Sealing { private: other.private, ..first.clone() }, b"three"), 400, 110);
    refuses(&fake, &sealed(&Sealing { salt: [1; 16], ..first.clone() }, b"four"), 400, 110);
    let body = first.seal(&Subscription::numbered(1), b"one");
    refuses(&fake, &Call { body: body.into(), ..carrying(Service::Mozilla, 1, "") }, 400, 110);
    accepts(&fake, &call());
}

#[test]
fn the_vapid_key_signs_and_nothing_else() {
    let private = base64url(PRIVATE_KEY).try_into().unwrap();
    refuses(&fake(), &sealed(&Sealing { private, ..Sealing::fresh() }, b"{}"), 400, 110);
}
