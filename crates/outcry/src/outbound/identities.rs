//! The connections of each client certificate, and of none: what was opened as one buyer's partner is never lent to
//! a call for another.

use super::dial::Dialer;
use super::origins::Origins;
use super::pool::Origin;
use super::tls::Authorities;
use outcry_engine::ports::outbound::NotSent;
use outcry_integration::request::{ClientCertificate, Request};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Origins by who we are to them.
pub(super) struct Identities {
    /// Calls that show no certificate: nearly all.
    pub(super) nobody: Arc<Origins>,
    known: RwLock<HashMap<[u8; 32], Arc<Origins>>>,
    connections_max: usize,
    dialer: Dialer,
    authorities: Authorities,
}

impl Identities {
    /// `dialer` shows no certificate.
    pub(super) fn new(connections_max: usize, dialer: Dialer, authorities: Authorities) -> Self {
        Self {
            nobody: Arc::new(Origins::new(connections_max, Arc::new(dialer.clone()))),
            known: RwLock::default(),
            connections_max,
            dialer,
            authorities,
        }
    }

    /// The origin that a request goes to, and where in its address the path starts.
    ///
    /// # Errors
    /// [`NotSent::Forbidden`]: the address is none that may be called, or the certificate cannot be shown there.
    pub(super) fn find(&self, request: &Request) -> Result<(Arc<Origin>, usize), NotSent> {
        let forbidden = |why: String| NotSent::Forbidden(why.into());
        let Some(certificate) = request.credentials.certificate.as_deref() else {
            return self.nobody.find(&request.url).map_err(forbidden);
        };
        let (origin, path_at) = self.of(certificate).map_err(forbidden)?.find(&request.url).map_err(forbidden)?;
        if origin.place.tls.is_none() {
            return Err(forbidden(format!("{}: a client certificate needs https", origin.place.canonical())));
        }
        Ok((origin, path_at))
    }

    fn of(&self, certificate: &ClientCertificate) -> Result<Arc<Origins>, String> {
        if let Some(origins) = self.known.read().unwrap_or_else(PoisonError::into_inner).get(&certificate.id) {
            return Ok(Arc::clone(origins));
        }
        let unusable = |why| format!("the client certificate cannot be used: {why}");
        let dialer = Dialer {
            tls: self.authorities.connector(Some(certificate), super::tls::HTTP).map_err(unusable)?,
            ..self.dialer.clone()
        };
        let origins = Arc::new(Origins::new(self.connections_max, Arc::new(dialer)));
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(known.entry(certificate.id).or_insert(origins)))
    }
}
