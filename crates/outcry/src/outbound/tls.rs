//! The one TLS configuration of all outbound connections: certificates are checked, and nothing can switch that off.

use anyhow::Context;
use rustls::client::Resumption;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::TlsConnector;

/// Sessions kept for resumption: a resumed handshake costs a seventh of a full one. Each origin uses a few.
const SESSIONS_KEPT: usize = 1024;

/// A connector that trusts the web's authorities (Mozilla's list, compiled in) and those in the file `extra_ca`.
///
/// # Errors
/// If the file cannot be read, or holds no certificate.
pub(super) fn connector(extra_ca: Option<&Path>) -> anyhow::Result<TlsConnector> {
    let mut roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    if let Some(path) = extra_ca {
        add_authorities(&mut roots, path).with_context(|| format!("could not take the extra authorities from {}", path.display()))?;
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.resumption = Resumption::in_memory_sessions(SESSIONS_KEPT);
    Ok(TlsConnector::from(Arc::new(config)))
}

fn add_authorities(roots: &mut RootCertStore, path: &Path) -> anyhow::Result<()> {
    let before = roots.len();
    for certificate in CertificateDer::pem_file_iter(path)? {
        roots.add(certificate?)?;
    }
    anyhow::ensure!(roots.len() > before, "there is no certificate in it");
    Ok(())
}
