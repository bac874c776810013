//! The services of a make-believe market behind one door: `/v/trustedform/…`, `/v/phone_check/…`.

use super::{Certificate, PhoneCheck, TrustedForm};
use crate::buyers::{IncomingRequest, Reply};
use outcry_core::consent::certificate::trustedform_id;
use outcry_core::moment::{Moment, Stamp};
use outcry_core::raw::Raw;
use std::sync::{Mutex, PoisonError};

/// How long a certificate can be claimed.
const CLAIMABLE_MS: i64 = 90 * 86_400_000;

/// All services, with accounts of these keys.
#[derive(Debug)]
pub struct Desk {
    trustedform: Mutex<TrustedForm>,
    phones: PhoneCheck,
}

impl Desk {
    /// Opens accounts.
    pub fn with_keys(trustedform: &str, phone_check: &str) -> Self {
        Self {
            trustedform: Mutex::new(TrustedForm::with_key(trustedform)),
            phones: PhoneCheck::with_key(phone_check),
        }
    }

    /// Was there when this lead's form was filled in: its certificate, if it has one, is real and of this person.
    pub fn witness(&self, lead: &Raw) {
        let text = |name: &str| match lead.get(name) {
            Some(Raw::Text(text)) => Some(&**text),
            _ => None,
        };
        let id = text("trustedform_cert_url").and_then(trustedform_id);
        let created = text("consent_at").and_then(Stamp::parse);
        let (Some(id), Some(created)) = (id, created) else { return };
        let owned = |name| text(name).unwrap_or_default().to_owned();
        let certificate = Certificate {
            created: created.at,
            expires: created.at.plus_ms(CLAIMABLE_MS),
            page_url: owned("consent_page_url"),
            page_text: owned("consent_text"),
            phone: owned("phone"),
            email: owned("email"),
            approved: true,
            sandbox: false,
        };
        let mut books = self.trustedform.lock().unwrap_or_else(PoisonError::into_inner);
        books.certify(id, certificate);
    }

    /// Answers a request to `/v/<service>/…`; `None` where no such service is.
    pub fn answer(&self, request: &IncomingRequest, now: Moment) -> Option<Reply> {
        let (service, path) = request.path.strip_prefix("/v/")?.split_once('/')?;
        let request = IncomingRequest {
            path: format!("/{path}"),
            ..request.clone()
        };
        match service {
            "trustedform" => {
                let mut books = self.trustedform.lock().unwrap_or_else(PoisonError::into_inner);
                Some(books.answer(&request, now))
            }
            "phone_check" => Some(self.phones.answer(&request)),
            _ => None,
        }
    }
}
