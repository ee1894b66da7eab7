//! The service account, and the JSON Web Tokens that it signs for itself: PS256, shown as they are
//! and not exchanged. See "push-jwt-token" in Huawei's guides for HarmonyOS; HMS takes them too.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use ring::signature::{KeyPair, RSA_PSS_2048_8192_SHA256, RsaKeyPair};
use serde_json::{Value, json};

use super::fields::{Checked, ensure, refuse};
use crate::fake::{TokenState, World};
use crate::jwt::{self, Jwt};

/// The project of the account.
pub const PROJECT_ID: &str = "388421841221885551";
/// The id of the account's key.
pub const KEY_ID: &str = "key-0001";
/// The account itself.
pub const SUB_ACCOUNT: &str = "100000001";
/// Its private key, made for tests and published.
pub const PRIVATE_KEY: &str = include_str!("../../../keys/huawei-test-key.pem");
/// The audience of every token, whatever the key file says.
pub const AUDIENCE: &str = "https://oauth-login.cloud.huawei.com/oauth2/v3/token";
/// The longest life of a token, in seconds.
pub const MAX_LIFE: u64 = 86_400;

/// How far ahead of the server's clock a token may have been made. Huawei only asks for a clock
/// that is right.
const SKEW: u64 = 60;

/// What the server knows of the account.
pub(crate) struct Account {
    public_key: Vec<u8>,
    /// The tokens whose signature was good, by their text.
    seen: Mutex<HashMap<String, Good>>,
}

#[derive(Clone)]
struct Good {
    /// Under which the world knows it.
    name: String,
    made: u64,
    until: u64,
}

impl Default for Account {
    fn default() -> Self {
        // An unreadable key leaves no public half, and then no signature is good.
        let key = RsaKeyPair::from_pkcs8(&jwt::pem(PRIVATE_KEY));
        Self::with_key(key.map(|key| key.public_key().as_ref().to_vec()).unwrap_or_default())
    }
}

impl Account {
    /// An account with another key: the public half, in PKCS#1.
    pub(crate) fn with_key(public_key: Vec<u8>) -> Self {
        Self { public_key, seen: Mutex::default() }
    }

    /// Refuses a token that is not good now.
    pub(crate) fn check(&self, token: &str, world: &World, now_ms: u64) -> Checked {
        let good = self.good(token, world)?;
        let life = good.until.saturating_sub(good.made);
        ensure(life <= MAX_LIFE, "80300036", format!("a life of {life} seconds"))?;
        match world.token(&good.name, now_ms) {
            TokenState::Valid => {}
            TokenState::Expired => return refuse("80200005", "the JWT has expired"),
            TokenState::Unknown => return refuse("80200001", "the JWT is unknown"),
        }
        ensure(good.made <= now_ms / 1000 + SKEW, "80200001", "the JWT is from the future")
    }

    fn good(&self, token: &str, world: &World) -> Checked<Good> {
        let seen = || self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(good) = seen().get(token).cloned() {
            return Ok(good);
        }
        let (made, until) = self.verify(token)?;
        // One lock from the second look to the entry, or one token could get two names.
        let mut seen = seen();
        let entry = seen.entry(token.to_owned());
        let name = || world.issue_token("jwt-", until.saturating_mul(1000));
        Ok(entry.or_insert_with(|| Good { name: name(), made, until }).clone())
    }

    /// All but the time. Gives when it was made, and until when it is good.
    fn verify(&self, token: &str) -> Checked<(u64, u64)> {
        let bad = |why: String| refuse("80200001", why);
        let Some(jwt) = Jwt::parse(token) else { return bad("not a JSON Web Token".into()) };
        let header = [("alg", "PS256"), ("kid", KEY_ID), ("typ", "JWT")];
        let claims = [("iss", SUB_ACCOUNT), ("aud", AUDIENCE)];
        for (part, wanted) in [(&jwt.header, header.as_slice()), (&jwt.claims, claims.as_slice())] {
            for (name, value) in wanted {
                let had = part.get(name).and_then(Value::as_str);
                ensure(had == Some(value), "80200001", format!("{name} is {had:?}, not {value}"))?;
            }
        }
        for (part, names) in [(&jwt.header, &["alg", "kid", "typ"][..]), (&jwt.claims, &["iss", "aud", "iat", "exp"])] {
            let mut other = part.as_object().into_iter().flat_map(|part| part.keys());
            if let Some(name) = other.find(|name| !names.contains(&name.as_str())) {
                return bad(format!("{name} has no place in this JWT"));
            }
        }
        let time = |name: &str| jwt.claims.get(name).and_then(Value::as_u64);
        let (Some(made), Some(until)) = (time("iat"), time("exp")) else {
            return bad("iat or exp is not a whole number of seconds".into());
        };
        ensure(made < until, "80200001", "the JWT ends before it begins")?;
        let signed = jwt.signed_by(&RSA_PSS_2048_8192_SHA256, &self.public_key);
        ensure(signed, "80200001", "the signature is not by the account's key, or not PS256")?;
        Ok((made, until))
    }
}

/// The account's key file, as the console hands it out.
pub(crate) fn key_file() -> Value {
    json!({
        "project_id": PROJECT_ID,
        "key_id": KEY_ID,
        "private_key": PRIVATE_KEY,
        "sub_account": SUB_ACCOUNT,
        "auth_uri": "https://oauth-login.cloud.huawei.com/oauth2/v3/authorize",
        "token_uri": AUDIENCE,
        "auth_provider_cert_uri": "https://oauth-login.cloud.huawei.com/oauth2/v3/certs",
        "client_cert_uri": "https://oauth-login.cloud.huawei.com/oauth2/v3/x509",
    })
}
