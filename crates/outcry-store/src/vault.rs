//! Seals what leads say, so that a copied disk is a copied pile of noise.
//!
//! Envelope encryption: each lead is sealed under a random data key of its own, and the data key under the vault's
//! key. Forgetting one row forgets one person, changing the vault's key means sealing data keys again and
//! not leads. The lead's id is part of every seal, so contents cannot be moved to another lead.
//!
//! ```text
//! version 1 | key id 8 | nonce 12 | data key 32 + tag 16 | nonce 12 | contents n + tag 16
//! ```

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Key, Nonce, Tag};
use outcry_core::id::LeadId;
use sha2::{Digest, Sha256};
use std::sync::{Arc, PoisonError, RwLock};
use zeroize::Zeroizing;

const VERSION: u8 = 1;
const NONCE: usize = 12;
const TAG: usize = 16;
const DATA_KEY: usize = 32;
const HEADER: usize = 1 + 8 + NONCE + DATA_KEY + TAG + NONCE;

/// Keeps the master keys that open sealed leads. The first seals, all open. They can be changed while it is in use.
pub struct Vault {
    keys: RwLock<Arc<[MasterKey]>>,
}

struct MasterKey {
    /// The first bytes of a digest of the key: names it without telling anything of it.
    id: [u8; 8],
    cipher: Aes256Gcm,
}

/// Why something sealed stays closed.
#[derive(Debug, thiserror::Error)]
pub enum VaultFault {
    /// Sealed by a key that is not in this vault.
    #[error("this lead was sealed with another key (its id is {0})")]
    OtherKey(String),
    /// Neither a key nor the right lead could have made these bytes.
    #[error("the sealed contents are damaged, or belong to another lead")]
    Damaged,
    /// A person was erased, or the time to keep it is over.
    #[error("what this lead said was erased")]
    Erased,
}

impl Vault {
    /// A vault with one key.
    pub fn from_key(key: [u8; 32]) -> Self {
        Self::from_keys(&[key])
    }

    /// A vault with several keys, the newest first.
    pub fn from_keys(keys: &[[u8; 32]]) -> Self {
        Self {
            keys: RwLock::new(read_keys(keys)),
        }
    }

    /// From now on these are the keys, the newest first. What is sealed under another stays closed.
    pub fn replace(&self, keys: &[[u8; 32]]) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = read_keys(keys);
    }

    /// The names of its keys, the newest first. They tell nothing of the keys.
    pub fn key_ids(&self) -> Vec<String> {
        self.keys().iter().map(|key| hex::encode(key.id)).collect()
    }

    fn keys(&self) -> Arc<[MasterKey]> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The same contents with their data key sealed under the newest master key; `None` if it is. The contents are not touched.
    ///
    /// # Errors
    /// [`VaultFault::OtherKey`] or [`VaultFault::Damaged`].
    pub(crate) fn rewrap(&self, lead: LeadId, sealed: &[u8]) -> Result<Option<Vec<u8>>, VaultFault> {
        let keys = self.keys();
        if sealed.get(1..9) == Some(&keys[0].id[..]) {
            return Ok(None);
        }
        let (mut data_key, contents) = unwrap(&keys, lead, sealed)?;
        let mut key_nonce = [0_u8; NONCE];
        rand::fill(&mut key_nonce[..]);
        let key_tag = seal_in_place(&keys[0].cipher, &key_nonce, lead, &mut data_key[..]);
        let mut anew = Vec::with_capacity(sealed.len());
        anew.push(VERSION);
        for part in [&keys[0].id[..], &key_nonce, &data_key[..], &key_tag, contents] {
            anew.extend_from_slice(part);
        }
        Ok(Some(anew))
    }

    /// Seals the contents of a lead. The plain bytes are overwritten on the way.
    pub(crate) fn seal(&self, lead: LeadId, mut contents: Vec<u8>) -> Vec<u8> {
        let keys = self.keys();
        let master = &keys[0];
        let mut data_key = Zeroizing::new([0_u8; DATA_KEY]);
        let mut nonces = [0_u8; 2 * NONCE];
        rand::fill(&mut data_key[..]);
        rand::fill(&mut nonces[..]);
        let (key_nonce, nonce) = nonces.split_at(NONCE);
        let mut wrapped = *data_key;
        let key_tag = seal_in_place(&master.cipher, key_nonce, lead, &mut wrapped);
        let tag = seal_in_place(&cipher(&data_key), nonce, lead, &mut contents);
        let mut sealed = Vec::with_capacity(HEADER + contents.len() + TAG);
        sealed.push(VERSION);
        for part in [&master.id[..], key_nonce, &wrapped, &key_tag, nonce, &contents, &tag] {
            sealed.extend_from_slice(part);
        }
        sealed
    }

    /// Opens the contents of a lead again.
    ///
    /// # Errors
    /// [`VaultFault::OtherKey`] or [`VaultFault::Damaged`].
    pub(crate) fn open(&self, lead: LeadId, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultFault> {
        let (data_key, rest) = unwrap(&self.keys(), lead, sealed)?;
        let (nonce, rest) = rest.split_at_checked(NONCE).ok_or(VaultFault::Damaged)?;
        let (contents, tag) = rest.split_at_checked(rest.len().saturating_sub(TAG)).ok_or(VaultFault::Damaged)?;
        let mut contents = Zeroizing::new(contents.to_vec());
        open_in_place(&cipher(&data_key), nonce, lead, &mut contents, tag)?;
        Ok(contents)
    }
}

/// The data key, and what it seals: nonce, contents and tag.
fn unwrap<'s>(keys: &[MasterKey], lead: LeadId, sealed: &'s [u8]) -> Result<(Zeroizing<[u8; DATA_KEY]>, &'s [u8]), VaultFault> {
    if sealed.is_empty() {
        return Err(VaultFault::Erased);
    }
    let mut rest = sealed;
    let mut next = |length: usize| {
        let (part, after) = rest.split_at_checked(length).ok_or(VaultFault::Damaged)?;
        rest = after;
        Ok::<_, VaultFault>(part)
    };
    if next(1)? != [VERSION] {
        return Err(VaultFault::Damaged);
    }
    let id = next(8)?;
    let master = keys
        .iter()
        .find(|key| key.id == id)
        .ok_or_else(|| VaultFault::OtherKey(hex::encode(id)))?;
    let (key_nonce, wrapped, key_tag) = (next(NONCE)?, next(DATA_KEY)?, next(TAG)?);
    let mut data_key = Zeroizing::new([0_u8; DATA_KEY]);
    data_key.copy_from_slice(wrapped);
    open_in_place(&master.cipher, key_nonce, lead, &mut data_key[..], key_tag)?;
    Ok((data_key, rest))
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.key_ids()).finish()
    }
}

impl MasterKey {
    fn new(key: &Zeroizing<[u8; 32]>) -> Self {
        let digest = Sha256::new_with_prefix(b"outcry vault key id").chain_update(&key[..]).finalize();
        let id = *digest.first_chunk().expect("a SHA-256 has more than 8 bytes");
        Self { id, cipher: cipher(key) }
    }
}

fn cipher(key: &[u8; 32]) -> Aes256Gcm {
    Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key))
}

fn seal_in_place(cipher: &Aes256Gcm, nonce: &[u8], lead: LeadId, bytes: &mut [u8]) -> Tag {
    let nonce = Nonce::try_from(nonce).expect("a nonce is cut to its length");
    let sealed = cipher.encrypt_inout_detached(&nonce, &lead.bits().to_be_bytes(), bytes.into());
    sealed.expect("a lead is far smaller than the 64 GiB that one nonce may seal")
}

fn open_in_place(cipher: &Aes256Gcm, nonce: &[u8], lead: LeadId, bytes: &mut [u8], tag: &[u8]) -> Result<(), VaultFault> {
    let nonce = Nonce::try_from(nonce).map_err(|_| VaultFault::Damaged)?;
    let tag = Tag::try_from(tag).map_err(|_| VaultFault::Damaged)?;
    let opened = cipher.decrypt_inout_detached(&nonce, &lead.bits().to_be_bytes(), bytes.into(), &tag);
    opened.map_err(|_| VaultFault::Damaged)
}

fn read_keys(keys: &[[u8; 32]]) -> Arc<[MasterKey]> {
    assert!(!keys.is_empty(), "a vault without a key seals nothing");
    keys.iter().map(|key| MasterKey::new(&Zeroizing::new(*key))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAD: LeadId = LeadId::from_bits(7);

    #[test]
    fn what_was_sealed_opens_for_its_lead_and_its_key_only() {
        let vault = Vault::from_key([1; 32]);
        let sealed = vault.seal(LEAD, b"avery@example.com".to_vec());
        assert_eq!(&vault.open(LEAD, &sealed).unwrap()[..], b"avery@example.com");
        assert!(matches!(vault.open(LeadId::from_bits(8), &sealed), Err(VaultFault::Damaged)));
        assert!(matches!(Vault::from_key([2; 32]).open(LEAD, &sealed), Err(VaultFault::OtherKey(_))));
        assert!(!sealed.windows(5).any(|window| window == b"avery"));
    }

    #[test]
    fn one_changed_bit_anywhere_is_noticed() {
        let vault = Vault::from_key([1; 32]);
        let sealed = vault.seal(LEAD, b"+15125550100".to_vec());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(vault.open(LEAD, &changed).is_err(), "byte {at}");
            assert!(vault.open(LEAD, &sealed[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn the_same_lead_is_never_sealed_the_same_way_twice() {
        let vault = Vault::from_key([1; 32]);
        assert_ne!(vault.seal(LEAD, b"same".to_vec()), vault.seal(LEAD, b"same".to_vec()));
    }

    #[test]
    fn a_new_key_seals_the_old_one_still_opens_and_data_keys_move_over() {
        let vault = Vault::from_key([1; 32]);
        let old = vault.seal(LEAD, b"kept".to_vec());
        vault.replace(&[[2; 32], [1; 32]]);
        assert_eq!(&vault.open(LEAD, &old).unwrap()[..], b"kept");
        let new = vault.seal(LEAD, b"new".to_vec());
        assert_eq!(vault.rewrap(LEAD, &new).unwrap(), None, "it is sealed under the newest key");
        let moved = vault.rewrap(LEAD, &old).unwrap().unwrap();
        assert_eq!(moved[HEADER - NONCE..], old[HEADER - NONCE..], "the contents stay as they are");
        // With the old key gone what was moved opens, and what was not does not.
        vault.replace(&[[2; 32]]);
        assert_eq!(&vault.open(LEAD, &moved).unwrap()[..], b"kept");
        assert!(matches!(vault.open(LEAD, &old), Err(VaultFault::OtherKey(_))));
        assert!(matches!(vault.open(LeadId::from_bits(8), &moved), Err(VaultFault::Damaged)));
        assert!(matches!(vault.open(LEAD, &[]), Err(VaultFault::Erased)));
    }
}
