//! Signing in: an HMAC over app id and time buys an access token.
//!
//! Acme's page "Access tokens".

use std::time::Duration;

use omnipush_core::{Bytes, Class, Grant, Refusal, Reply, Secret, sign};
use serde::Deserialize;
use serde_json::json;

use crate::config::Config;
use crate::response;

/// The body that asks for an access token.
pub(crate) fn sign_in(config: &Config, now_ms: u64) -> Bytes {
    let body = json!({"app_id": config.app_id, "timestamp": now_ms, "sign": signature(config, now_ms)});
    body.to_string().into()
}

/// HMAC-SHA-256 of app id and time in a row, keyed with the secret, in lower-case hex.
pub(crate) fn signature(config: &Config, now_ms: u64) -> String {
    hex::encode(sign::hmac_sha256(&config.app_secret, format!("{}{now_ms}", config.app_id).as_bytes()))
}

/// Reads the answer to a token request.
pub(crate) fn grant(reply: &Reply) -> Result<Grant, Refusal> {
    #[derive(Deserialize)]
    struct Granted {
        token: Secret,
        expires_in: u64,
    }
    response::check(reply)?;
    match reply.json::<Granted>().filter(|granted| !granted.token.is_empty()) {
        Some(Granted { token, expires_in }) => Ok(Grant { value: token, lifetime: Duration::from_secs(expires_in) }),
        // The text of the answer stays out of the refusal: it may hold a token.
        None => Err(Refusal::new(Class::Unavailable).status(reply.status).text("the answer has no token")),
    }
}
