//! Who a lead is about, as keyed digests: what duplicates, lists and search compare.

use crate::ports::store::{CertificateClaim, PersonKey};
use hmac::{Hmac, KeyInit, Mac};
use outcry_core::consent::certificate::Certificate;
use outcry_core::field::Kind;
use outcry_core::lead::{Lead, Slot};
use outcry_core::value::Value;
use sha2::Sha256;
use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

/// The key of the digests. It is not in the database, so a stolen database cannot be searched by phone number.
#[derive(Clone)]
pub struct PeopleKey {
    key: [u8; 32],
    /// With the key read in already: half the work of a short digest.
    begun: OnceLock<Hmac<Sha256>>,
}

impl PeopleKey {
    /// From 256 secret bits.
    pub const fn new(key: [u8; 32]) -> Self {
        Self {
            key,
            begun: OnceLock::new(),
        }
    }

    /// One digest for each dedupe key of the lead type that the lead has in full.
    pub fn of(&self, lead: &Lead) -> Vec<PersonKey> {
        self.by_keys(lead, &lead.lead_type.dedupe_keys)
    }

    /// One digest for each of these keys that the lead has in full. A key with a missing part gives none: missing values
    /// never match.
    pub fn by_keys(&self, lead: &Lead, keys: &[Vec<Arc<str>>]) -> Vec<PersonKey> {
        let mut people = Vec::with_capacity(keys.len());
        for parts in keys {
            let mut mac = self.mac();
            let complete = parts.iter().all(|part| {
                let value = lead.lead_type.fields.position(part).and_then(|at| text(lead.row.slot(at)?));
                value.is_some_and(|value| {
                    mac.update(part.as_bytes());
                    mac.update(b":");
                    mac.update(value.trim().to_lowercase().as_bytes());
                    mac.update(b"\n");
                    true
                })
            });
            if complete {
                people.push(cut(mac));
            }
        }
        people
    }

    /// The digests by which an operator finds a lead: those of [`PeopleKey::of`], and one for each phone number and mail
    /// address the lead has.
    pub fn to_find(&self, lead: &Lead) -> Vec<PersonKey> {
        let mut people = self.of(lead);
        for (at, field) in lead.lead_type.fields.fields.iter().enumerate() {
            if let (Kind::Phone | Kind::Email, Some(value)) = (&field.kind, lead.row.slot(at).and_then(text)) {
                let digest = self.of_value(&field.name, &value);
                if !people.contains(&digest) {
                    people.push(digest);
                }
            }
        }
        people
    }

    /// The digest of one value of a field: `phone`, `+12025550143`.
    pub fn of_value(&self, field: &str, value: &str) -> PersonKey {
        self.of_entry(field, &value.trim().to_lowercase())
    }

    /// The digest of an entry of a list, in the normal form of its declaration: `phone`, `+12025550143`.
    pub fn of_entry(&self, word: &str, entry: &str) -> PersonKey {
        self.of_bytes(word, entry.as_bytes())
    }

    pub(crate) fn of_bytes(&self, word: &str, entry: &[u8]) -> PersonKey {
        let mut mac = self.mac();
        for part in [word.as_bytes(), b":", entry, b"\n"] {
            mac.update(part);
        }
        cut(mac)
    }

    /// One digest for each phone number and e-mail address of the lead, whatever its field is called: withdrawals name the
    /// number and not the field.
    pub fn contacts(&self, lead: &Lead) -> Vec<PersonKey> {
        let fields = lead.lead_type.fields.fields.iter().enumerate();
        let kinds = fields.filter_map(|(at, field)| Some((at, contact(&field.kind)?)));
        let digest = |(at, kind): (usize, &str)| Some(self.of_value(kind, &text(lead.row.slot(at)?)?));
        kinds.filter_map(digest).collect()
    }

    /// Whose the certificates of the lead are from its first post on. Of a lead without number and address nobody knows.
    pub fn certificates(&self, lead: &Lead) -> Vec<CertificateClaim> {
        let people = self.contacts(lead);
        if people.is_empty() {
            return Vec::new();
        }
        let claim = |certificate: Certificate<'_>| CertificateClaim {
            vendor: certificate.vendor().into(),
            certificate: self.of_value(certificate.vendor(), certificate.id()),
            people: people.clone(),
        };
        Certificate::of(lead).into_iter().map(claim).collect()
    }

    fn mac(&self) -> Hmac<Sha256> {
        let begin = || Hmac::new_from_slice(&self.key).expect("HMAC takes a key of any length");
        self.begun.get_or_init(begin).clone()
    }
}

/// What a withdrawal calls such a field.
const fn contact(kind: &Kind) -> Option<&'static str> {
    match kind {
        Kind::Phone => Some("phone"),
        Kind::Email => Some("email"),
        _ => None,
    }
}

fn cut(mac: Hmac<Sha256>) -> PersonKey {
    let full = mac.finalize().into_bytes();
    PersonKey(std::array::from_fn(|at| full[at]))
}

/// The text of a value, personal or not: it goes into a digest and nowhere else.
fn text(slot: &Slot) -> Option<Cow<'_, str>> {
    let value = match slot {
        Slot::Open(value) => value,
        Slot::Personal(value) => value.reveal(),
    };
    match value {
        Value::Text(text) => Some(Cow::Borrowed(text)),
        Value::Date(date) => Some(date.to_string().into()),
        Value::Int(number) => Some(number.to_string().into()),
        Value::Decimal(number) => Some(number.to_string().into()),
        Value::Bool(yes) => Some(yes.to_string().into()),
        Value::Stamp(_) | Value::List(_) => None,
    }
}
