//! Signing: an HMAC over time, application and body, whose hex text is then Base64.
//!
//! Tencent's page 1024/34213 and its worked example; its Go SDK. Read in 2026-11.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use omnipush_core::http::{HeaderName, HeaderValue};
use omnipush_core::{Class, Refusal, Signature, sign};

use crate::config::Config;

const ACCESS_ID: HeaderName = HeaderName::from_static("accessid");
const TIME_STAMP: HeaderName = HeaderName::from_static("timestamp");
const SIGN: HeaderName = HeaderName::from_static("sign");

/// The three headers of a signed request.
pub(crate) fn signature(config: &Config, body: &[u8], now_secs: u64) -> Result<Signature, Refusal> {
    let value = |text: &str| {
        let wrong = |_| Refusal::new(Class::Unauthenticated).text("the signature cannot stand in a header");
        HeaderValue::try_from(text).map_err(wrong)
    };
    let mut signature = Signature::default();
    signature.headers.push((ACCESS_ID, value(&config.access_id)?));
    signature.headers.push((TIME_STAMP, now_secs.into()));
    signature.headers.push((SIGN, value(&sign_text(config, body, now_secs))?));
    Ok(signature)
}

/// Base64 of the hex text of the HMAC, not of its bytes.
pub(crate) fn sign_text(config: &Config, body: &[u8], now_secs: u64) -> String {
    let head = format!("{now_secs}{}", config.access_id);
    let mac = sign::hmac_sha256(&config.secret_key, &[head.as_bytes(), body].concat());
    STANDARD.encode(hex::encode(mac))
}
