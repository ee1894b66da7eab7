//! The provider token: a JSON Web Token that the sender mints ("Establishing a token-based
//! connection to APNs"). It is good for an hour, and is to be renewed not before 20 minutes.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use ring::signature::{ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED};
use serde_json::Value;

use super::codes::Fault;
use super::{KEY_ID, TEAM_ID};
use crate::fake::{Call, TokenState, World};
use crate::jwt::{Jwt, pem};

const PUBLIC_KEY: &str = include_str!("../../../keys/apns-test-public.pem");
/// What a P-256 public key in DER has before its uncompressed point.
const DER_PREFIX: usize = 26;
const LIFETIME_SECONDS: u64 = 3600;
const RENEW_AFTER_SECONDS: u64 = 20 * 60;
/// How far the sender's clock may be ahead. Apple does not say; a minute is nobody's harm.
const SKEW_SECONDS: u64 = 60;
const HEADER_KEYS: &[&str] = &["alg", "kid", "typ"];
const CLAIMS: &[&str] = &["iss", "iat"];

/// The provider tokens seen so far.
#[derive(Default)]
pub(super) struct Tokens {
    pub(super) judge_updates: bool,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// Tokens whose signature and claims are good: a sender shows the same one thousands of
    /// times, and checking an elliptic curve signature is the dearest thing this fake does.
    good: HashMap<String, Good>,
    /// The token in use, when updates are judged.
    current: Option<(String, u64)>,
}

#[derive(Clone)]
struct Good {
    issued_at: u64,
    /// The world's name for it, by which a test may let it expire.
    name: String,
}

impl Tokens {
    /// Checks the `authorization` header.
    pub(super) fn check(&self, call: &Call, world: &World, lenient: bool) -> Result<(), Fault> {
        if !call.headers.contains_key("authorization") {
            return Err(Fault::new("MissingProviderToken", "no authorization header"));
        }
        let token = call
            .header("authorization")
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token)
            .ok_or_else(|| invalid("authorization is not `bearer` and a token"))?;
        let good = self.good(token, world, lenient)?;
        match world.token(&good.name, call.now_ms) {
            TokenState::Valid => {}
            TokenState::Expired => return Err(Fault::new("ExpiredProviderToken", "issued more than an hour ago")),
            TokenState::Unknown => return Err(invalid("unknown token")),
        }
        if good.issued_at > call.now_ms / 1000 + SKEW_SECONDS {
            return Err(invalid("`iat` is in the future"));
        }
        if self.judge_updates {
            self.update(token, good.issued_at)?;
        }
        Ok(())
    }

    fn good(&self, token: &str, world: &World, lenient: bool) -> Result<Good, Fault> {
        let known = self.seen().good.get(token).cloned();
        if let Some(good) = known {
            return Ok(good);
        }
        let issued_at = verify(token, lenient)?;
        let until_ms = issued_at.saturating_add(LIFETIME_SECONDS).saturating_mul(1000);
        // Under one lock from the second look to the entry, or two first calls at once would
        // give one token two names.
        let mut seen = self.seen();
        let entry = seen.good.entry(token.to_owned());
        Ok(entry.or_insert_with(|| Good { issued_at, name: world.issue_token("jwt-", until_ms) }).clone())
    }

    fn update(&self, token: &str, issued_at: u64) -> Result<(), Fault> {
        let mut seen = self.seen();
        if let Some((current, before)) = &seen.current
            && current != token
            && issued_at < before.saturating_add(RENEW_AFTER_SECONDS)
        {
            return Err(Fault::new("TooManyProviderTokenUpdates", "issued less than 20 minutes after the one before"));
        }
        seen.current = Some((token.to_owned(), issued_at));
        Ok(())
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All but the time: form, algorithm, key, team and signature. Gives the time of issue.
fn verify(token: &str, lenient: bool) -> Result<u64, Fault> {
    // The client a2 writes its tokens in plain base64, and is let in.
    let jwt = if lenient { Jwt::parse_plain(token) } else { Jwt::parse(token) };
    let jwt = jwt.ok_or_else(|| invalid("not a JSON Web Token"))?;
    let claim = |object: &Value, key: &str, want: &str| match object.get(key).and_then(Value::as_str) {
        Some(text) if text == want => Ok(()),
        _ => Err(invalid(format!("`{key}` is not {want}"))),
    };
    claim(&jwt.header, "alg", "ES256")?;
    claim(&jwt.header, "kid", KEY_ID)?;
    if jwt.header.get("typ").is_some() {
        claim(&jwt.header, "typ", "JWT")?;
    }
    claim(&jwt.claims, "iss", TEAM_ID)?;
    if !lenient {
        only(&jwt.header, HEADER_KEYS)?;
        only(&jwt.claims, CLAIMS)?;
    }
    let issued_at = match jwt.claims.get("iat") {
        Some(Value::String(digits)) if lenient => digits.parse().ok(),
        other => other.and_then(Value::as_u64),
    }
    .ok_or_else(|| invalid("`iat` is not a whole number of seconds"))?;
    let der = pem(PUBLIC_KEY);
    let point = der.get(DER_PREFIX..).unwrap_or_default();
    // JOSE asks for the raw form; Apple's own shell recipe makes the other.
    let signed = jwt.signed_by(&ECDSA_P256_SHA256_FIXED, point) || jwt.signed_by(&ECDSA_P256_SHA256_ASN1, point);
    if signed { Ok(issued_at) } else { Err(invalid("the signature is not by the team's key")) }
}

fn only(object: &Value, keys: &[&str]) -> Result<(), Fault> {
    let mut names = object.as_object().into_iter().flat_map(|map| map.keys());
    match names.find(|name| !keys.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => Err(invalid(format!("`{name}` has no place in a provider token"))),
    }
}

fn invalid(why: impl Into<String>) -> Fault {
    Fault::new("InvalidProviderToken", why)
}
