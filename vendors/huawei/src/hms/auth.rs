//! Access tokens: bought with the client secret, for an hour.
//!
//! Huawei's page on OAuth 2.0 "client credentials", read in 2026-11.

use std::time::Duration;

use omnipush_core::codes;
use omnipush_core::vendor::form_body;
use omnipush_core::{Bytes, Class, Grant, Refusal, Remedy, Reply, Secret};
use serde::Deserialize;

use super::config::Config;
use super::response::CODES;

/// The form that asks for a token.
pub(crate) fn form(config: &Config) -> Bytes {
    let secret = config.client_secret.as_ref().map_or("", Secret::expose);
    form_body([("grant_type", "client_credentials"), ("client_id", &config.client_id), ("client_secret", secret)])
}

#[derive(Deserialize)]
struct Token {
    access_token: Secret,
    expires_in: Option<u64>,
}

#[derive(Deserialize)]
struct Failure {
    error: i64,
    sub_error: Option<i64>,
    error_description: Option<String>,
}

pub(crate) fn grant(reply: &Reply) -> Result<Grant, Refusal> {
    if let Some(failure) = reply.json::<Failure>() {
        let code = format!("{}/{}", failure.error, failure.sub_error.unwrap_or_default());
        let text = failure.error_description.unwrap_or_default();
        return Err(match codes::find(CODES, &code) {
            Some(row) => row.refusal(reply, &text),
            None => Refusal::new(Class::Unauthenticated).lane().status(reply.status).code(code).text(&text),
        });
    }
    let token: Option<Token> = reply.is_success().then(|| reply.json()).flatten();
    match token.filter(|token| !token.access_token.is_empty()) {
        Some(token) => {
            let lifetime = Duration::from_secs(token.expires_in.unwrap_or(3600));
            Ok(Grant { value: token.access_token, lifetime })
        }
        None if reply.is_success() => Err(reply.refusal().class(Class::Unavailable).remedy(Remedy::Again)),
        None => match codes::find(CODES, &format!("HTTP {}", reply.status)) {
            Some(row) => Err(row.refusal(reply, &reply.text()).code("")),
            None => Err(reply.refusal()),
        },
    }
}
