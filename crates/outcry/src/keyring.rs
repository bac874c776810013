//! Who presents which key: sources at their doors, buyers at their inbox.
//!
//! A key is found by a public part of it and then compared in constant time, as HMAC-SHA-256 under the *pepper* of the data folder. The
//! same work is done for a key that is not known, so time tells neither how much of a secret is right nor which ids there are.

use hmac::{Hmac, KeyInit, Mac};
use outcry_core::catalog::Catalog;
use outcry_core::door_key::{self, IssuedKey};
use outcry_core::moment::Moment;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use subtle::ConstantTimeEq;

/// The keys of one catalog.
pub(crate) struct Keyring {
    pepper: [u8; 32],
    sources: HashMap<String, Entry>,
    buyers: HashMap<String, Entry>,
}

struct Entry {
    mac: [u8; 32],
    /// The position of its holder in the catalog.
    at: usize,
    expires: Option<Moment>,
}

/// Why a key opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It cannot be any key of ours as it stands.
    Mistyped,
    /// Nobody has it.
    Unknown,
    /// Its time is over.
    Expired,
}

impl Refused {
    /// For whoever has presented it.
    pub(crate) fn sentence(self, whose: &str) -> String {
        match self {
            Self::Mistyped => "this key was mistyped or cut short: its check digits are wrong; copy it again".to_owned(),
            Self::Unknown => format!("no {whose} has this key; copy it again, or ask the operator for a new one"),
            Self::Expired => "this key has expired; ask the operator for a new one".to_owned(),
        }
    }
}

impl Keyring {
    /// The keys that a catalog gives out.
    pub(crate) fn of(catalog: &Catalog, pepper: [u8; 32]) -> Self {
        let mut keyring = Self {
            pepper,
            sources: HashMap::new(),
            buyers: HashMap::new(),
        };
        for (at, source) in catalog.sources.iter().enumerate() {
            let entries = keyring.entries(at, &source.key_digests, &source.issued_keys);
            keyring.sources.extend(entries);
        }
        for (at, buyer) in catalog.buyers.iter().enumerate() {
            let entries = keyring.entries(at, &buyer.key_digests, &buyer.issued_keys);
            keyring.buyers.extend(entries);
        }
        keyring
    }

    /// A key that the process was given in full is found by its digest, an issued one by its id.
    fn entries(&self, at: usize, digests: &[[u8; 32]], issued: &[IssuedKey]) -> Vec<(String, Entry)> {
        let given = digests.iter().map(|digest| {
            let mac = mac(&self.pepper, digest);
            (hex::encode(digest), Entry { mac, at, expires: None })
        });
        let issued = issued.iter().map(|key| {
            let (mac, expires) = (key.mac, key.expires);
            (key.id.clone(), Entry { mac, at, expires })
        });
        given.chain(issued).collect()
    }

    /// The source that presents this key.
    pub(crate) fn source(&self, key: &str, now: Moment) -> Result<usize, Refused> {
        self.find(&self.sources, key, now)
    }

    /// The buyer that presents this key.
    pub(crate) fn buyer(&self, key: &str, now: Moment) -> Result<usize, Refused> {
        self.find(&self.buyers, key, now)
    }

    fn find(&self, entries: &HashMap<String, Entry>, key: &str, now: Moment) -> Result<usize, Refused> {
        let (id, presented) = if door_key::is_issued(key) {
            let presented = door_key::presented(key).ok_or(Refused::Mistyped)?;
            (presented.id.to_owned(), mac(&self.pepper, presented.key.as_bytes()))
        } else {
            let digest: [u8; 32] = Sha256::digest(key.as_bytes()).into();
            (hex::encode(digest), mac(&self.pepper, &digest))
        };
        let found = entries.get(&id);
        let expected = found.map_or([0; 32], |entry| entry.mac);
        let same = bool::from(presented.ct_eq(&expected));
        match found {
            Some(entry) if same && entry.expires.is_some_and(|expires| expires <= now) => Err(Refused::Expired),
            Some(entry) if same => Ok(entry.at),
            _ => Err(Refused::Unknown),
        }
    }
}

/// What is kept of a key.
pub(crate) fn mac(pepper: &[u8; 32], key: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(pepper).expect("HMAC takes a key of any length");
    mac.update(key);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use outcry_core::door_key::Holder;

    const PEPPER: [u8; 32] = [4; 32];

    fn at(ms: i64) -> Moment {
        Moment::from_unix_ms(ms)
    }

    /// A keyring with one key of each kind, and the issued key.
    fn keyring() -> (Keyring, String) {
        let key = door_key::fresh(false, Holder::Source, &[9; 80]).unwrap();
        let id = door_key::presented(&key).unwrap().id.to_owned();
        let issued = IssuedKey {
            id,
            mac: mac(&PEPPER, key.as_bytes()),
            expires: Some(at(1_000)),
        };
        let mut keyring = Keyring {
            pepper: PEPPER,
            sources: HashMap::new(),
            buyers: HashMap::new(),
        };
        let given: [u8; 32] = Sha256::digest("key-of-northwind").into();
        keyring.sources.extend(keyring.entries(3, &[given], &[]));
        keyring.sources.extend(keyring.entries(5, &[], &[issued]));
        (keyring, key)
    }

    #[test]
    fn a_key_opens_for_its_holder_until_it_expires() {
        let (keyring, key) = keyring();
        assert_eq!(keyring.source("key-of-northwind", at(0)), Ok(3));
        assert_eq!(keyring.source(&key, at(999)), Ok(5));
        assert_eq!(keyring.source(&key, at(1_000)), Err(Refused::Expired));
        assert_eq!(keyring.buyer(&key, at(0)), Err(Refused::Unknown), "a source is no buyer");
        assert_eq!(keyring.source("key-of-northwind2", at(0)), Err(Refused::Unknown));
        assert_eq!(keyring.source(&key[..key.len() - 1], at(0)), Err(Refused::Mistyped));
    }

    #[test]
    fn a_key_with_a_known_id_and_another_secret_opens_nothing() {
        let (keyring, key) = keyring();
        // The same id, and check digits that are right for the other secret.
        let mut random = [9; 80];
        random[17..].fill(10);
        let other = door_key::fresh(false, Holder::Source, &random).unwrap();
        assert_eq!(door_key::presented(&other).unwrap().id, door_key::presented(&key).unwrap().id);
        assert_eq!(keyring.source(&other, at(0)), Err(Refused::Unknown));
        let elsewhere = Keyring {
            pepper: [5; 32],
            ..keyring
        };
        assert_eq!(elsewhere.source(&key, at(0)), Err(Refused::Unknown), "under another pepper");
    }
}
