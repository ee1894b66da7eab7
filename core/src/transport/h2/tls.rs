//! Whom to trust and what to show: the TLS configuration that lines are made with.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls_platform_verifier::Verifier;

use crate::error::ConfigError;
use crate::transport::TransportOptions;
use crate::vendor::{Identity, Profile};

/// What a TLS configuration is made of. Read and checked at once, put together when the first
/// line needs it.
pub(super) struct Trust {
    own: Option<Arc<ClientConfig>>,
    roots: Vec<CertificateDer<'static>>,
    identity: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
}

impl Trust {
    pub(super) fn new(
        profile: &Profile,
        identity: Option<&Identity>,
        options: &TransportOptions,
    ) -> Result<Self, ConfigError> {
        let wrong = |key: &str, problem: &str| ConfigError::new(profile.id, key, problem);
        let mut roots = Vec::new();
        for pem in &options.roots {
            let before = roots.len();
            for root in CertificateDer::pem_slice_iter(pem) {
                roots.push(root.map_err(|_| wrong("roots", "holds something that is no PEM certificate"))?);
            }
            if roots.len() == before {
                return Err(wrong("roots", "holds something that is no PEM certificate"));
            }
        }
        let trust = Self {
            own: options.tls.clone(),
            roots,
            identity: identity
                .map(|identity| read(identity.pem.expose().as_bytes()))
                .map(|read| read.ok_or_else(|| wrong("certificate", UNUSABLE)))
                .transpose()?,
        };
        // A key that does not fit its certificate is known before the first send.
        match &trust.identity {
            Some((chain, key))
                if rustls::sign::CertifiedKey::from_der(chain.clone(), key.clone_key(), &provider()).is_err() =>
            {
                Err(wrong("certificate", UNUSABLE))
            }
            _ => Ok(trust),
        }
    }

    /// The configuration for the vendor's servers.
    ///
    /// # Errors
    /// In words, when the platform's roots cannot be read.
    pub(super) fn config(&self) -> Result<ClientConfig, String> {
        self.build(self.identity.as_ref())
    }

    /// The configuration for a proxy, which is shown no certificate.
    ///
    /// # Errors
    /// As above.
    pub(super) fn without_identity(&self) -> Result<ClientConfig, String> {
        self.build(None)
    }

    fn build(
        &self,
        identity: Option<&(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
    ) -> Result<ClientConfig, String> {
        if let Some(own) = &self.own {
            return Ok(ClientConfig::clone(own));
        }
        let tls = |error: rustls::Error| format!("TLS cannot be set up: {error}");
        let provider = provider();
        let verifier =
            Verifier::new_with_extra_roots(self.roots.iter().cloned(), Arc::clone(&provider)).map_err(tls)?;
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(tls)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        match identity {
            Some((chain, key)) => builder.with_client_auth_cert(chain.clone(), key.clone_key()).map_err(tls),
            None => Ok(builder.with_no_client_auth()),
        }
    }
}

const UNUSABLE: &str = "is no PEM with a certificate and its private key";

/// The process's own choice, if it has made one, else ring: it starts in a millisecond.
fn provider() -> Arc<CryptoProvider> {
    CryptoProvider::get_default().cloned().unwrap_or_else(|| Arc::new(rustls::crypto::ring::default_provider()))
}

fn read(pem: &[u8]) -> Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().ok()?;
    let key = PrivateKeyDer::from_pem_slice(pem).ok()?;
    (!chain.is_empty()).then_some((chain, key))
}
