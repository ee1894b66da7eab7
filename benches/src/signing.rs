//! Signatures, digests and encryption: what is paid for each token, request or target.

use std::hint::black_box;

use hmac::{Hmac, Mac as _};
use md5::{Digest as _, Md5};
use omnipush::sign::{JwtKey, hmac_sha256, md5_hex, sha256_hex};
use omnipush::{Item, Secret};
use omnipush_conformance::fakes::{by_id, fcm};
use p256::ecdsa::signature::Signer as _;
use p256::pkcs8::DecodePrivateKey as _;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject as _;
use sha2::Sha256;

use crate::measure::{Effort, Way, compare};
use crate::messages::Message;
use crate::subject::{NOWHERE, Subject};
use crate::table::{Row, Table};

const HEADER: &str = r#"{"alg":"none","kid":"ABC123DEFG"}"#;
const CLAIMS: &str = r#"{"iss":"DEF123GHIJ","iat":1700000000}"#;

/// Measures all of them.
pub fn run(effort: Effort) -> Table {
    let apns = by_id("apns").unwrap().config(NOWHERE);
    let es256_pem = apns["key"].as_str().unwrap().to_owned();
    let rsa = Secret::new(fcm::PRIVATE_KEY);
    let (rs256, ps256) = (JwtKey::rs256(&rsa).unwrap(), JwtKey::ps256(&rsa).unwrap());
    let es256 = JwtKey::es256(&Secret::new(es256_pem.as_str())).unwrap();
    let plain = p256::ecdsa::SigningKey::from_pkcs8_pem(&es256_pem).unwrap();
    let random = SystemRandom::new();
    let der = PrivatePkcs8KeyDer::from_pem_slice(es256_pem.as_bytes()).unwrap();
    let by_ring = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der.secret_pkcs8_der(), &random).unwrap();
    let hmac_key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, b"a key");
    let secret = Secret::new("a key");
    let kilobyte = "x".repeat(1024);
    let text = kilobyte.as_str();

    let webpush = Subject::new("webpush", NOWHERE);
    let encoded = webpush.encode(&Message::chat(), webpush.shape());
    let subscriptions = webpush.targets(2);
    let item = [Item { encoded: &encoded, target: &subscriptions[0] }];

    let mut ways = [
        Way::new("a token, RS256 | ring (ours)", || rs256.sign(HEADER, CLAIMS)),
        Way::new("a token, PS256 | ring (ours)", || ps256.sign(HEADER, CLAIMS)),
        Way::new("a token, ES256 | p256 (ours)", || es256.sign(HEADER, CLAIMS)),
        Way::new("ES256 alone | p256", || {
            let signature: p256::ecdsa::Signature = plain.sign(black_box(b"text"));
            signature
        }),
        Way::new("ES256 alone | ring", || by_ring.sign(&random, black_box(b"text"))),
        Way::new("SHA-256 of 1 KiB | sha2 (ours)", || sha256_hex([black_box(text)])),
        Way::new("SHA-256 of 1 KiB | ring", || ring::digest::digest(&ring::digest::SHA256, black_box(text.as_bytes()))),
        Way::new("HMAC-SHA-256 of 1 KiB | hmac (ours)", || hmac_sha256(&secret, black_box(text.as_bytes()))),
        Way::new("HMAC-SHA-256 of 1 KiB | ring, key at hand", || {
            ring::hmac::sign(&hmac_key, black_box(text.as_bytes()))
        }),
        Way::new("HMAC-SHA-256 of 1 KiB | hmac, key at hand", || {
            let mut mac = Hmac::<Sha256>::new_from_slice(b"a key").unwrap();
            mac.update(black_box(text.as_bytes()));
            mac.finalize().into_bytes()
        }),
        Way::new("MD5 of 1 KiB | md-5 (ours)", || md5_hex([black_box(text)])),
        Way::new("MD5 of 1 KiB | md-5, no text", || Md5::digest(black_box(text))),
        Way::new("Web Push, a target's encryption | p256, ring (ours)", || webpush.request(&encoded, &item)),
    ];
    let costs = compare(effort, &mut ways);
    let row = |(way, cost): (&Way<'_>, _)| {
        let (what, way) = way.name.split_once(" | ").unwrap_or_default();
        Row { what: what.into(), way: way.into(), cost, ratio: None, more: Vec::new() }
    };
    Table {
        title: "Signing",
        about: "A token is signed once for minutes or hours, a digest once for each request, and Web Push encrypts for \
                each target.",
        limit: "",
        columns: &[],
        rows: ways.iter().zip(costs).map(row).collect(),
    }
}
