//! VAPID: a token signed here for each push service (RFC 8292).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use omnipush_core::sign::JwtKey;
use omnipush_core::{Class, ConfigError, Grant, Refusal, Secret};
use p256::SecretKey;
use p256::elliptic_curve::sec1::ToEncodedPoint as _;

use crate::config::Config;

/// Half of the day that the RFC allows.
const LIFETIME: Duration = Duration::from_secs(12 * 3600);

/// The application's key pair.
pub(crate) struct Vapid {
    key: JwtKey,
    /// The public key, as it stands in headers and in the page.
    pub(crate) public: String,
}

impl std::fmt::Debug for Vapid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vapid").field("public", &self.public).finish_non_exhaustive()
    }
}

impl Vapid {
    pub(crate) fn new(config: &Config, vendor: &'static str) -> Result<Self, ConfigError> {
        let wrong = || ConfigError::new(vendor, "private_key", "is no P-256 private key in base64url (43 characters)");
        let key = JwtKey::es256_scalar(&config.private_key).map_err(|_| wrong())?;
        let number = URL_SAFE_NO_PAD.decode(config.private_key.expose().trim_end_matches('=')).map_err(|_| wrong())?;
        let public = SecretKey::from_slice(&number).map_err(|_| wrong())?.public_key();
        Ok(Self { key, public: URL_SAFE_NO_PAD.encode(public.to_encoded_point(false)) })
    }

    /// The token for a push service, with the public key that proves it.
    pub(crate) fn grant(&self, subject: &str, origin: &str, now_secs: u64) -> Result<Grant, Refusal> {
        let exp = now_secs + LIFETIME.as_secs();
        let text = |text: &str| serde_json::Value::from(text).to_string();
        let claims = format!(r#"{{"aud":{},"exp":{exp},"sub":{}}}"#, text(origin), text(subject));
        let token = self.sign(&claims)?;
        Ok(Grant { value: Secret::new(format!("t={token}, k={}", self.public)), lifetime: LIFETIME })
    }

    pub(crate) fn sign(&self, claims: &str) -> Result<String, Refusal> {
        let signed = self.key.sign(r#"{"typ":"JWT","alg":"ES256"}"#, claims);
        signed.map_err(|error| Refusal::new(Class::Unauthenticated).lane().text(&error.to_string()))
    }
}
