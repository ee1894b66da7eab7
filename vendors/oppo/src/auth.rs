//! Signing in: a SHA-256 over key, time and secret buys a token for a day.
//!
//! OPPO's page 11234, read in 2026-11.

use std::time::Duration;

use omnipush_core::vendor::form_body;
use omnipush_core::{Bytes, Class, Grant, Refusal, Reply, Secret, sign};
use serde::Deserialize;

use crate::config::Config;
use crate::response;

const LIFETIME: Duration = Duration::from_secs(24 * 3600);

/// The form of a sign-in.
pub(crate) fn sign_in(config: &Config, now_ms: u64) -> Bytes {
    form_body([
        ("app_key", config.app_key.expose()),
        ("timestamp", &now_ms.to_string()),
        ("sign", &signature(config, now_ms)),
    ])
}

/// SHA-256 of key, time and secret in a row.
pub(crate) fn signature(config: &Config, now_ms: u64) -> String {
    sign::sha256_hex([config.app_key.expose(), &now_ms.to_string(), config.master_secret.expose()])
}

/// Reads the answer to a sign-in.
pub(crate) fn grant(reply: &Reply) -> Result<Grant, Refusal> {
    #[derive(Deserialize)]
    struct Token {
        auth_token: Secret,
    }
    let token: Option<Token> = response::data(reply)?;
    match token.map(|token| token.auth_token).filter(|token| !token.is_empty()) {
        Some(value) => Ok(Grant { value, lifetime: LIFETIME }),
        None => Err(Refusal::new(Class::Unavailable).status(reply.status).text("the answer has no auth_token")),
    }
}
