//! Service accounts: tokens that are signed here with PS256, for both products.
//!
//! Huawei's page "push-jwt-token" of 2026-01-14, read in 2026-11.

use std::time::Duration;

use omnipush_core::sign::JwtKey;
use omnipush_core::{Class, ConfigError, Grant, Refusal, Secret};
use serde::Deserialize;

/// What Huawei's API console gives as the key file of a service account. Its other members are not
/// needed and may stand there.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct ServiceAccount {
    /// The project. It must be the app's.
    pub project_id: String,
    /// The key's id.
    pub key_id: String,
    /// The key: RSA, as a PKCS#8 PEM.
    pub private_key: Secret,
    /// The account.
    pub sub_account: String,
}

/// As long as Huawei advises; more than a day it refuses.
const LIFETIME: Duration = Duration::from_secs(3600);
/// A fixed text: the token is not exchanged there.
const AUDIENCE: &str = "https://oauth-login.cloud.huawei.com/oauth2/v3/token";

/// A service account whose key was read.
pub(crate) struct Account {
    header: String,
    issuer: String,
    key: JwtKey,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

impl Account {
    pub(crate) fn new(account: &ServiceAccount, vendor: &'static str) -> Result<Self, ConfigError> {
        for (value, key) in [
            (&account.project_id, "service_account.project_id"),
            (&account.key_id, "service_account.key_id"),
            (&account.sub_account, "service_account.sub_account"),
        ] {
            if value.is_empty() || !value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) {
                return Err(ConfigError::new(vendor, key, "must be as it stands in the key file"));
            }
        }
        let key = JwtKey::ps256(&account.private_key)
            .map_err(|error| ConfigError::new(vendor, "service_account.private_key", error.to_string()))?;
        let header = format!(r#"{{"alg":"PS256","kid":"{}","typ":"JWT"}}"#, account.key_id);
        Ok(Self { header, issuer: account.sub_account.clone(), key })
    }

    pub(crate) fn claims(&self, now_secs: u64) -> String {
        let exp = now_secs + LIFETIME.as_secs();
        format!(r#"{{"iss":"{}","aud":"{AUDIENCE}","iat":{now_secs},"exp":{exp}}}"#, self.issuer)
    }

    pub(crate) fn grant(&self, now_secs: u64) -> Result<Grant, Refusal> {
        let signed = self.key.sign(&self.header, &self.claims(now_secs));
        let token = signed.map_err(|error| Refusal::new(Class::Unauthenticated).lane().text(&error.to_string()))?;
        Ok(Grant { value: Secret::new(token), lifetime: LIFETIME })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// An RSA key of 2,048 bits, made for tests and used nowhere else.
    pub(crate) const TEST_KEY: &str = include_str!("test_key.pem");

    pub(crate) fn account() -> ServiceAccount {
        ServiceAccount {
            project_id: "388421841221885551".into(),
            key_id: "key-0001".into(),
            private_key: Secret::new(TEST_KEY),
            sub_account: "100000001".into(),
        }
    }

    /// Huawei's recipe: the signing input to the letter; the signature, which is random, by
    /// verifying it.
    #[test]
    fn a_token_verifies_over_the_documented_signing_input() {
        use base64::Engine as _;
        use base64::engine::general_purpose::URL_SAFE_NO_PAD;
        use ring::signature::{KeyPair as _, RSA_PSS_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};

        let account = Account::new(&account(), "harmony").unwrap();
        let grant = account.grant(1_767_225_600).unwrap();
        let (input, signature) = grant.value.expose().rsplit_once('.').unwrap();
        assert_eq!(
            input,
            "eyJhbGciOiJQUzI1NiIsImtpZCI6ImtleS0wMDAxIiwidHlwIjoiSldUIn0.eyJpc3MiOiIxMDAwMDAwMDEiLCJhdWQiOiJodHRwczovL29h\
             dXRoLWxvZ2luLmNsb3VkLmh1YXdlaS5jb20vb2F1dGgyL3YzL3Rva2VuIiwiaWF0IjoxNzY3MjI1NjAwLCJleHAiOjE3NjcyMjkyMDB9"
        );
        let pem: String = TEST_KEY.lines().filter(|line| !line.starts_with("-----")).collect();
        let der = base64::engine::general_purpose::STANDARD.decode(pem).unwrap();
        let key = RsaKeyPair::from_pkcs8(&der).unwrap();
        let public = UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, key.public_key());
        public.verify(input.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
        assert_eq!(grant.lifetime.as_secs(), 3600);
    }

    /// A signature that OpenSSL and a plain implementation of RFC 8017 take, over the same input.
    #[test]
    fn a_signature_made_elsewhere_verifies_as_well() {
        use base64::Engine as _;
        use base64::engine::general_purpose::URL_SAFE_NO_PAD;
        use ring::signature::{RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents};

        const N: &str = "_CpdQsJa-e8LJ5JblxHgytvSIeskh4VVQtXm8-MYgbwLTV_Rzepu4uxP3V1RcAq97QomeMZ56nlMDNrkaDOJkeOCEPRyFM8f8B\
            3BcQdq9LbubbtV2E6BJx1ILAAyLTSmVu04lkgCPLk4BP1pxoicwdK2MMklty3LiMX0lbRXk5bge7XXEYtUBIaH6tkA78_6JGYxMp3poJIvPE0zw1\
            jxARwN6iuEMOVV8l7w3aK8g_wohe0H3IE1SrzfLCH3gXJzuoMsZVNoC_-H03Td324NDjDb16bjdW8LTqssjiZXVYIFDJpKAd9Qhgh7wRvX26RTd3\
            PCtB_evHxd6qNXVVJAYQ";
        const SIGNATURE: &str = "nXfOGun4KsD6zm4gCUGfKnhwHpO1IU8jxlTpL778_1ai5-1zMQR3zL_QH8d5rLJyJ3XXWuQBiti_tOJHq990RgF1JSz\
            bT3suRwnMuWEIqArFbe-nU6D-r0zB_P8PCqt3ib1iGoR4HhHTUbIniSvQeFjP5mVTnGjCDSfL2QR0kmFt7IxEYgTBjIu313y4ZyEPMZUVuTIz1hV\
            kBFr9ZpicIu2t1WwAJnTjRHjhH_3H4TB32cx-2Kw8a6eS8AJedRsGomGzaMwyYr5uUdXVz4MvG_Md21snucbLbfHG5Ci0YO_IXIjBNgldFxkIphw\
            i8cOsNY85mRiqAtoXnMDPH2YofQ";
        let account = Account::new(&account(), "harmony").unwrap();
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let input = format!("{}.{}", encode(&account.header), encode(&account.claims(1_767_225_600)));
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text.replace(' ', "")).unwrap();
        let key = RsaPublicKeyComponents { n: decode(N), e: vec![1, 0, 1] };
        key.verify(&RSA_PSS_2048_8192_SHA256, input.as_bytes(), &decode(SIGNATURE)).unwrap();
    }
}
