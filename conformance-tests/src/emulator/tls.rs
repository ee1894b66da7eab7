//! A certificate authority for tests, and the certificate that it gives the emulator.

use std::sync::Arc;

use chrono::{DateTime, Datelike as _, Days, NaiveDate};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

use crate::serve::wall_clock_ms;

/// How long an authority is good.
const AUTHORITY_DAYS: u64 = 3650;
/// How long a server's certificate is good. Some clients take no longer ones.
const SERVER_DAYS: u64 = 365;

/// An authority or a certificate that cannot be made or read.
#[derive(Debug, thiserror::Error)]
#[error("the test certificate: {0}")]
pub struct TlsError(String);

impl TlsError {
    fn new(words: impl ToString) -> Self {
        Self(words.to_string())
    }
}

/// An authority that signs the emulator's certificate. Made for tests: clients that trust it
/// trust whoever has its key.
pub struct Authority {
    certificate: String,
    key: KeyPair,
}

impl Authority {
    /// A new one, good for ten years.
    ///
    /// # Errors
    /// When the machine gives no random numbers.
    pub fn new() -> Result<Self, TlsError> {
        let key = KeyPair::generate().map_err(TlsError::new)?;
        let certificate = authority().self_signed(&key).map_err(TlsError::new)?.pem();
        Ok(Self { certificate, key })
    }

    /// One that was made before, from [`Self::certificate`] and [`Self::key`].
    ///
    /// # Errors
    /// When these are no certificate and no private key in PEM.
    pub fn from_pem(certificate: &str, key: &str) -> Result<Self, TlsError> {
        CertificateDer::from_pem_slice(certificate.as_bytes()).map_err(TlsError::new)?;
        Ok(Self { certificate: certificate.to_owned(), key: KeyPair::from_pem(key).map_err(TlsError::new)? })
    }

    /// The certificate that clients are to trust, in PEM.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// The private key, in PEM: a secret as far as anybody trusts the certificate.
    pub fn key(&self) -> String {
        self.key.serialize_pem()
    }

    /// A server with a certificate for these host names and addresses.
    pub(super) fn server(&self, names: Vec<String>) -> Result<ServerConfig, TlsError> {
        let key = KeyPair::generate().map_err(TlsError::new)?;
        let mut params = CertificateParams::new(names).map_err(TlsError::new)?;
        params.distinguished_name = name("omnipush fakes");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.use_authority_key_identifier_extension = true;
        last(&mut params, SERVER_DAYS);
        let issuer = Issuer::new(authority(), &self.key);
        let certificate = params.signed_by(&key, &issuer).map_err(TlsError::new)?;

        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let versions = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = versions.map_err(TlsError::new)?.with_no_client_auth();
        let mut server = builder.with_single_cert(vec![certificate.der().clone()], key).map_err(TlsError::new)?;
        server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(server)
    }
}

/// What every authority is alike in, so that one that was read again signs as before.
fn authority() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = name("omnipush test CA, do not trust outside of tests");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    last(&mut params, AUTHORITY_DAYS);
    params
}

fn name(common: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common);
    name
}

/// Makes a certificate good from yesterday on, as clocks differ.
fn last(params: &mut CertificateParams, days: u64) {
    let now = DateTime::from_timestamp_millis(wall_clock_ms() as i64).unwrap_or_default().date_naive();
    let day = |date: NaiveDate| date_time_ymd(date.year(), date.month() as u8, date.day() as u8);
    params.not_before = day(now - Days::new(1));
    params.not_after = day(now + Days::new(days));
}
