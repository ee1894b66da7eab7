//! Access tokens: a JWT signed with the service account's key buys one for an hour (RFC 7523).
//!
//! Google's pages on service accounts and its authentication library 2.62, read in 2026-11.

use std::sync::Arc;

use omnipush_core::sign::{JwtKey, KeyError};
use omnipush_core::{Bytes, Class, ConfigError, Refusal};
use serde_json::json;

use crate::config::{KeyFile, ServiceAccount};

const ID: &str = "fcm";
const TOKEN_URI: &str = "https://oauth2.googleapis.com/token";
/// Messages and topics, and nothing else of the project.
pub(crate) const MESSAGING: &str = "https://www.googleapis.com/auth/firebase.messaging";
/// What statistics ask for.
pub(crate) const CLOUD: &str = "https://www.googleapis.com/auth/cloud-platform";

/// A service account, ready to sign.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) project_id: Option<String>,
    pub(crate) token_uri: Arc<str>,
    email: String,
    key_id: Option<String>,
    key: JwtKey,
}

impl Account {
    /// Reads a key file.
    pub(crate) fn new(file: &ServiceAccount) -> Result<Self, ConfigError> {
        match file {
            ServiceAccount::Members(members) => Self::from_members(members),
            ServiceAccount::Text(text) => {
                // The parser's own words may repeat parts of the file; where it failed says enough.
                let members = serde_json::from_str(text.expose()).map_err(|e| {
                    let problem = format!("is no key file in JSON (line {}, column {})", e.line(), e.column());
                    ConfigError::new(ID, "service_account", problem)
                })?;
                Self::from_members(&members)
            }
        }
    }

    fn from_members(file: &KeyFile) -> Result<Self, ConfigError> {
        let error = |key: &str, problem: &str| ConfigError::new(ID, format!("service_account.{key}"), problem);
        if file.kind.as_deref().is_some_and(|kind| kind != "service_account") {
            return Err(error("type", "must be `service_account`: another kind of key file cannot sign"));
        }
        let email = file.client_email.clone().filter(|email| !email.is_empty());
        let pem = file.private_key.as_ref().filter(|pem| !pem.is_empty());
        let pem = pem.ok_or_else(|| error("private_key", "is missing: a PKCS#8 PEM is expected"))?;
        Ok(Self {
            project_id: file.project_id.clone(),
            token_uri: file.token_uri.as_deref().unwrap_or(TOKEN_URI).into(),
            email: email.ok_or_else(|| error("client_email", "is missing: the account's address is expected"))?,
            key_id: file.private_key_id.clone().filter(|id| !id.is_empty()),
            key: JwtKey::rs256(pem).map_err(|e| error("private_key", &e.to_string()))?,
        })
    }

    /// The form that asks for an access token.
    pub(crate) fn form(&self, scope: &str, now_secs: u64) -> Result<Bytes, Refusal> {
        let jwt = self.assertion(scope, now_secs);
        let jwt = jwt.map_err(|e| Refusal::new(Class::PermissionDenied).text(&e.to_string()))?;
        // A JWT has no character that a form escapes.
        Ok(format!("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion={jwt}").into())
    }

    pub(crate) fn assertion(&self, scope: &str, now_secs: u64) -> Result<String, KeyError> {
        let header = match &self.key_id {
            Some(id) => json!({"alg": "RS256", "typ": "JWT", "kid": id}),
            None => json!({"alg": "RS256", "typ": "JWT"}),
        };
        let claims = json!({
            "iss": self.email,
            "scope": scope,
            "aud": &*self.token_uri,
            "iat": now_secs,
            "exp": now_secs + 3600,
        });
        self.key.sign(&header.to_string(), &claims.to_string())
    }
}
