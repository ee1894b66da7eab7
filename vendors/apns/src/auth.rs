//! Who the sender is: a provider token signed here, or a client certificate.
//!
//! Apple's page "Establishing a token-based connection to APNs", read in 2026-11.

use std::time::Duration;

use omnipush_core::sign::JwtKey;
use omnipush_core::{Class, ConfigError, Grant, Identity, Refusal, Secret};

use crate::config::{Config, wrong};

/// APNs takes a token for an hour after its `iat`.
const LIFETIME: Duration = Duration::from_secs(60 * 60);

/// Who the sender is.
#[derive(Debug)]
pub(crate) enum Auth {
    /// A key of the team signs a token, which every request carries.
    Key(ProviderKey),
    /// TLS shows a certificate; APNs would ignore a token beside it.
    Certificate(Identity),
}

/// A key that signs provider tokens.
#[derive(Debug)]
pub(crate) struct ProviderKey {
    key: JwtKey,
    header: String,
    team_id: String,
}

impl Auth {
    /// Reads the credentials of the settings.
    pub(crate) fn new(config: &Config) -> Result<Self, ConfigError> {
        if let Some(pem) = &config.certificate {
            let text = pem.expose();
            if !text.contains("-----BEGIN CERTIFICATE-----") || !text.contains("PRIVATE KEY-----") {
                return Err(wrong("certificate", "must hold a certificate and its private key, both as PEM"));
            }
            let keys = [("team_id", config.team_id.is_some()), ("key_id", config.key_id.is_some())];
            return match keys.into_iter().chain([("key", config.key.is_some())]).find(|(_, set)| *set) {
                Some((key, _)) => Err(wrong(key, "is useless beside `certificate`: APNs ignores tokens then")),
                None => Ok(Self::Certificate(Identity { pem: pem.clone() })),
            };
        }
        let team_id = id("team_id", config.team_id.as_deref())?;
        let key_id = id("key_id", config.key_id.as_deref())?;
        let pem = config.key.as_ref().ok_or_else(|| wrong("key", "is missing: the text of the `.p8` file"))?;
        let key = JwtKey::es256(pem).map_err(|e| wrong("key", e.to_string()))?;
        let header = format!(r#"{{"alg":"ES256","kid":"{key_id}"}}"#);
        Ok(Self::Key(ProviderKey { key, header, team_id: team_id.to_owned() }))
    }
}

/// An id of Apple's. Letters and digits also need no escaping in the token's JSON.
fn id<'a>(key: &str, id: Option<&'a str>) -> Result<&'a str, ConfigError> {
    id.filter(|id| id.len() == 10 && id.bytes().all(|b| b.is_ascii_alphanumeric()))
        .ok_or_else(|| wrong(key, "must have 10 letters and digits, as the developer account shows it"))
}

impl ProviderKey {
    /// Signs a token. Its time is not moved: APNs counts an hour from `iat`, and how much of a
    /// fast clock it forgives is unknown.
    pub(crate) fn mint(&self, now_secs: u64) -> Result<Grant, Refusal> {
        let claims = format!(r#"{{"iss":"{}","iat":{now_secs}}}"#, self.team_id);
        match self.key.sign(&self.header, &claims) {
            Ok(token) => Ok(Grant { value: Secret::new(token), lifetime: LIFETIME }),
            Err(e) => Err(Refusal::new(Class::Unauthenticated).text(&e.to_string())),
        }
    }
}
