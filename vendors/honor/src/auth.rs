//! Signing in: client credentials buy an access token (OAuth 2.0, RFC 6749, section 4.4).
//!
//! Honor's article on downlink messages of 2023-11-01 and eight clients, read in 2026-11.

use std::time::Duration;

use omnipush_core::codes;
use omnipush_core::http::{HeaderName, HeaderValue};
use omnipush_core::{Bytes, Class::*, Grant, Refusal, Remedy, Reply, Secret};
use serde::Deserialize;

use crate::config::Config;
use crate::response::{CODES, Word};

/// What clients assume where the answer does not say how long a token lives.
const LIFETIME: Duration = Duration::from_secs(3600);

/// The form that asks for an access token.
pub(crate) fn form(config: &Config) -> Bytes {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "client_credentials");
    form.append_pair("client_id", config.client_id.trim());
    form.append_pair("client_secret", config.client_secret.expose());
    form.finish().into()
}

/// The header that every send carries beside the access token: the time in milliseconds.
pub(crate) fn timestamp(now_ms: u64) -> (HeaderName, HeaderValue) {
    (HeaderName::from_static("timestamp"), HeaderValue::from(now_ms))
}

/// Reads the answer to a token request.
pub(crate) fn grant(reply: &Reply) -> Result<Grant, Refusal> {
    #[derive(Deserialize)]
    struct Answer {
        access_token: Option<Secret>,
        expires_in: Option<u64>,
        error: Option<Word>,
        error_description: Option<String>,
    }
    let answer = reply.json::<Answer>();
    if let Some(Answer { error: Some(error), error_description, .. }) = &answer {
        let refusal = codes::refusal(CODES, &error.0, reply, error_description.as_deref().unwrap_or_default());
        // Whatever else is wrong with the form, only other settings mend it.
        let passing = matches!(refusal.class, Unavailable | RateLimited);
        return Err(if passing { refusal } else { refusal.class(Unauthenticated).lane() });
    }
    if !reply.is_success() {
        return Err(reply.refusal());
    }
    let lifetime = answer.as_ref().and_then(|answer| answer.expires_in).map_or(LIFETIME, Duration::from_secs);
    match answer.and_then(|answer| answer.access_token).filter(|token| !token.is_empty()) {
        Some(value) => Ok(Grant { value, lifetime }),
        // The text of the answer stays out of the refusal: it may hold a token.
        None => Err(Refusal::new(Unavailable)
            .status(reply.status)
            .remedy(Remedy::Again)
            .text("the answer has no access_token")),
    }
}
