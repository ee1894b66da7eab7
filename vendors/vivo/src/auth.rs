//! Signing in: an MD5 over the credentials and the time buys an access token for a day.
//!
//! vivo's page 362, section on authentication, read in 2026-11.

use std::time::Duration;

use omnipush_core::{Bytes, Class, Grant, Refusal, Reply, Secret, sign};
use serde::Deserialize;
use serde_json::json;

use crate::config::Config;
use crate::response;

/// vivo's tokens live a day from the answer; the answer does not say so.
const LIFETIME: Duration = Duration::from_secs(24 * 3600);

/// The body of a sign-in.
pub(crate) fn sign_in(config: &Config, now_ms: u64) -> Bytes {
    let body = json!({
        "appId": config.app_id,
        "appKey": config.app_key.expose(),
        "timestamp": now_ms,
        "sign": signature(config, now_ms),
    });
    body.to_string().into()
}

/// MD5 of appId, appKey, time and appSecret in a row.
pub(crate) fn signature(config: &Config, now_ms: u64) -> String {
    let (app_id, time) = (config.app_id.to_string(), now_ms.to_string());
    sign::md5_hex([&app_id, config.app_key.expose(), &time, config.app_secret.expose()])
}

/// Reads the answer to a sign-in.
pub(crate) fn grant(reply: &Reply) -> Result<Grant, Refusal> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Answer {
        auth_token: Option<Secret>,
    }
    response::check(reply)?;
    match reply.json::<Answer>().and_then(|answer| answer.auth_token).filter(|token| !token.is_empty()) {
        Some(value) => Ok(Grant { value, lifetime: LIFETIME }),
        None => Err(Refusal::new(Class::Unavailable).status(reply.status).text("the answer has no authToken")),
    }
}
