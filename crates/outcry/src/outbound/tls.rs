//! TLS of outbound connections: the server's certificate is checked, and nothing can switch that off; ours is shown
//! where a buyer asks for one.

use anyhow::Context;
use outcry_integration::request::ClientCertificate;
use rustls::client::Resumption;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{AlertDescription, ClientConfig, Error, InconsistentKeys, RootCertStore};
use std::io;
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::TlsConnector;

/// Sessions kept for resumption: a resumed handshake costs a seventh of a full one. Each origin uses a few.
const SESSIONS_KEPT: usize = 1024;

/// What is spoken with buyers over HTTP.
pub(super) const HTTP: &[&[u8]] = &[b"http/1.1"];

/// Whom we believe.
#[derive(Clone)]
pub(super) struct Authorities(Arc<RootCertStore>);

impl Authorities {
    /// The web's authorities (Mozilla's list, compiled in) and those in the file `extra_ca`.
    ///
    /// # Errors
    /// If the file cannot be read, or holds no certificate.
    pub(super) fn new(extra_ca: Option<&Path>) -> anyhow::Result<Self> {
        let mut roots = RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        };
        if let Some(path) = extra_ca {
            add_authorities(&mut roots, path).with_context(|| format!("could not take the extra authorities from {}", path.display()))?;
        }
        Ok(Self(Arc::new(roots)))
    }

    /// A connector that offers to speak these protocols and shows this certificate, or none. Each has sessions of its own: one resumed under another
    /// certificate would be somebody else's.
    ///
    /// # Errors
    /// If the certificate cannot be shown: why, in words, without a part of it.
    pub(super) fn connector(&self, certificate: Option<&ClientCertificate>, protocols: &[&[u8]]) -> Result<TlsConnector, String> {
        let builder = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|fault| fault.to_string())?
            .with_root_certificates(Arc::clone(&self.0));
        let mut config = match certificate {
            None => builder.with_no_client_auth(),
            Some(certificate) => {
                let (chain, key) = parts(certificate)?;
                builder.with_client_auth_cert(chain, key).map_err(|fault| in_words(&fault))?
            }
        };
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        config.resumption = Resumption::in_memory_sessions(SESSIONS_KEPT);
        Ok(TlsConnector::from(Arc::new(config)))
    }
}

/// Why a certificate cannot be shown to anybody, if so.
pub(crate) fn wrong_with(certificate: &ClientCertificate) -> Option<String> {
    Authorities(Arc::new(RootCertStore::empty()))
        .connector(Some(certificate), HTTP)
        .err()
}

/// Whether the peer says by this fault that it will not speak with us as whoever we are. In TLS 1.3 its word comes
/// after our first request has left, but a server that says so has not looked at a byte of it (RFC 8446, section 4.4.2.4).
pub(super) fn is_refusal(fault: &io::Error) -> bool {
    let inner = fault.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    matches!(
        inner,
        Some(Error::AlertReceived(
            AlertDescription::BadCertificate
                | AlertDescription::UnsupportedCertificate
                | AlertDescription::CertificateRevoked
                | AlertDescription::CertificateExpired
                | AlertDescription::CertificateUnknown
                | AlertDescription::CertificateRequired
                | AlertDescription::UnknownCA
                | AlertDescription::AccessDenied
        ))
    )
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

fn parts(certificate: &ClientCertificate) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), String> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate.certificate.as_bytes()).collect();
    let chain = chain.map_err(|_| "the certificate is not sound PEM".to_owned())?;
    let key = PrivateKeyDer::from_pem_slice(certificate.key.as_bytes())
        .map_err(|_| "the key is not PEM of a kind we know: PRIVATE KEY, RSA PRIVATE KEY or EC PRIVATE KEY".to_owned())?;
    Ok((chain, key))
}

fn in_words(fault: &Error) -> String {
    match fault {
        Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => "the key is not the one of the certificate".to_owned(),
        Error::InvalidCertificate(_) => "the certificate cannot be read".to_owned(),
        Error::NoCertificatesPresented => "there is no certificate in it".to_owned(),
        _ => "the key cannot be read, or is of a kind that TLS does not use".to_owned(),
    }
}

fn add_authorities(roots: &mut RootCertStore, path: &Path) -> anyhow::Result<()> {
    let before = roots.len();
    for certificate in CertificateDer::pem_file_iter(path)? {
        roots.add(certificate?)?;
    }
    anyhow::ensure!(roots.len() > before, "there is no certificate in it");
    Ok(())
}
