//! Who the sender is (RFC 8292): a token that the sender signs with its own key, for one push
//! service and at most a day ahead.

use std::collections::HashMap;
use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::PublicKey;
use ring::signature::ECDSA_P256_SHA256_FIXED;
use serde_json::Value;

use super::codes::{Fault, Problem};
use super::locked;
use crate::fake::{Call, TokenState, World};
use crate::jwt::Jwt;

const DAY_SECONDS: u64 = 86_400;
/// An uncompressed point.
const POINT_OCTETS: usize = 65;

/// The tokens whose signature and claims are good, by the whole of the header: senders are asked
/// to show the same one often, and checking a signature is dear.
#[derive(Default)]
pub(super) struct Tokens(Mutex<HashMap<String, Good>>);

#[derive(Clone)]
struct Good {
    audience: String,
    key: Vec<u8>,
    /// The world's name for it, by which a test may let it expire.
    name: String,
}

impl Tokens {
    /// Checks the `authorization` header, and gives the sender's public key.
    pub(super) fn check(&self, call: &Call, world: &World, origin: &str) -> Result<Vec<u8>, Fault> {
        let mut all = call.headers.get_all("authorization").iter();
        let (first, second) = (all.next(), all.next());
        let Some(header) = first else { return Err(Fault::new(Problem::NoToken, "Missing VAPID public key")) };
        let header = header.to_str().ok().filter(|_| second.is_none());
        let header = header.ok_or_else(|| bad("Authorization is not one header in ASCII"))?;
        let good = self.good(header, world, call.now_ms / 1000)?;
        if good.audience != origin {
            return Err(bad("Invalid VAPID audience"));
        }
        match world.token(&good.name, call.now_ms) {
            TokenState::Valid => Ok(good.key),
            TokenState::Expired | TokenState::Unknown => Err(bad("Invalid VAPID expiry")),
        }
    }

    fn good(&self, header: &str, world: &World, now: u64) -> Result<Good, Fault> {
        if let Some(good) = locked(&self.0).get(header) {
            return Ok(good.clone());
        }
        let (token, key) = parts(header)?;
        let key = point(key)?;
        let claims = signed(token, &key)?;
        let until_ms = expiry(&claims, now)?.saturating_mul(1000);
        let audience = claims.get("aud").and_then(Value::as_str).ok_or_else(|| bad("Invalid VAPID audience"))?;
        subject(&claims)?;
        // Under one lock up to the entry, or two first calls at once would give one token two names.
        let mut known = locked(&self.0);
        let new = || Good { audience: audience.to_owned(), key, name: world.issue_token("vapid-", until_ms) };
        Ok(known.entry(header.to_owned()).or_insert_with(new).clone())
    }
}

/// `t` and `k`, once each and in any order. Other parameters are for later standards: ignored.
fn parts(header: &str) -> Result<(&str, &str), Fault> {
    let (scheme, parameters) = header.split_once(' ').unwrap_or((header, ""));
    // `WebPush` and `Bearer` are those of drafts.
    if !scheme.eq_ignore_ascii_case("vapid") {
        return Err(bad("Unknown auth scheme"));
    }
    let (mut token, mut key) = (None, None);
    for parameter in parameters.split(',') {
        let (name, value) = parameter.trim().split_once('=').ok_or_else(|| bad("a parameter without a value"))?;
        let twice = match name.to_ascii_lowercase().as_str() {
            "t" => token.replace(value).is_some(),
            "k" => key.replace(value).is_some(),
            _ => false,
        };
        if twice {
            return Err(bad(format!("{name} is given twice")));
        }
    }
    let token = token.ok_or_else(|| bad("Missing VAPID token"))?;
    Ok((token, key.ok_or_else(|| Fault::new(Problem::BadKey, "Missing VAPID public key"))?))
}

fn point(key: &str) -> Result<Vec<u8>, Fault> {
    let octets = URL_SAFE_NO_PAD.decode(key).ok();
    let point = octets.filter(|octets| octets.len() == POINT_OCTETS && PublicKey::from_sec1_bytes(octets).is_ok());
    point.ok_or_else(|| Fault::new(Problem::BadKey, "Invalid VAPID public key: no uncompressed point in base64url"))
}

/// The claims of a token that this key has signed.
fn signed(token: &str, key: &[u8]) -> Result<Value, Fault> {
    let jwt = Jwt::parse(token).ok_or_else(|| bad("Invalid VAPID token: no JSON Web Token"))?;
    let says = |name: &str, want: &str| jwt.header.get(name).and_then(Value::as_str) == Some(want);
    if !says("alg", "ES256") || (jwt.header.get("typ").is_some() && !says("typ", "JWT")) {
        return Err(bad("Invalid VAPID token: not of type JWT, or not by ES256"));
    }
    if !jwt.signed_by(&ECDSA_P256_SHA256_FIXED, key) {
        return Err(bad("Invalid VAPID token: InvalidSignature"));
    }
    Ok(jwt.claims)
}

fn expiry(claims: &Value, now: u64) -> Result<u64, Fault> {
    let expiry = claims.get("exp").and_then(Value::as_u64);
    let expiry = expiry.ok_or_else(|| bad("Invalid VAPID expiry: exp is no whole number of seconds"))?;
    if expiry <= now {
        return Err(bad("Invalid VAPID expiry: it is over"));
    }
    if expiry > now + DAY_SECONDS {
        return Err(bad("The VAPID token expiration is too long"));
    }
    Ok(expiry)
}

/// A way to reach the sender. The standard does not ask for it; Mozilla's documentation does, and
/// Apple refuses tokens without one that could be real.
fn subject(claims: &Value) -> Result<(), Fault> {
    let subject = match claims.get("sub") {
        None => return Err(bad("Missing sub")),
        Some(subject) => subject.as_str().ok_or_else(|| bad("Unparsable sub string"))?,
    };
    let address = subject.strip_prefix("mailto:").map(|mail| mail.rsplit_once('@').map_or("", |(_, host)| host));
    let host = address.or_else(|| subject.strip_prefix("https://").map(host)).unwrap_or_default();
    let odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>');
    let local = host.eq_ignore_ascii_case("localhost") || host.to_ascii_lowercase().ends_with(".localhost");
    if host.is_empty() || local || subject.contains(odd) {
        return Err(bad("Improperly formatted sub string"));
    }
    Ok(())
}

/// The host of a URL after its scheme.
fn host(rest: &str) -> &str {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.split(':').next().unwrap_or_default()
}

fn bad(why: impl Into<String>) -> Fault {
    Fault::new(Problem::BadToken, why)
}
