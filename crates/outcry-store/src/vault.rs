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
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const VERSION: u8 = 1;
const NONCE: usize = 12;
const TAG: usize = 16;
const DATA_KEY: usize = 32;
const HEADER: usize = 1 + 8 + NONCE + DATA_KEY + TAG + NONCE;

/// Keeps the keys that open sealed leads. The first seals, all open.
pub struct Vault {
    keys: Vec<MasterKey>,
}

struct MasterKey {
    /// The first bytes of a digest of the key: names it without telling anything of it.
    id: [u8; 8],
    cipher: Aes256Gcm,
}

/// Why there is no vault, or why something sealed stays closed.
#[derive(Debug, thiserror::Error)]
pub enum VaultFault {
    /// The key file could not be read or made.
    #[error("the key file {} could not be used", .path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The key file holds something else.
    #[error("the key file {} must hold keys of 64 hex digits, one a line, the newest first", .0.display())]
    NotAKey(PathBuf),
    /// Sealed by a key that is not in this vault.
    #[error("this lead was sealed with another key (its id is {0})")]
    OtherKey(String),
    /// Neither a key nor the right lead could have made these bytes.
    #[error("the sealed contents are damaged, or belong to another lead")]
    Damaged,
}

impl Vault {
    /// A vault with one key.
    pub fn from_key(key: [u8; 32]) -> Self {
        Self {
            keys: vec![MasterKey::new(&Zeroizing::new(key))],
        }
    }

    /// A vault with the keys of a file: 64 hex digits a line, the newest first. A file that does not exist is made,
    /// with a fresh key, readable by its owner only.
    ///
    /// # Errors
    /// [`VaultFault::File`] or [`VaultFault::NotAKey`].
    pub fn from_file(path: &Path) -> Result<Self, VaultFault> {
        let fault = |source| VaultFault::File {
            path: path.to_owned(),
            source,
        };
        let text = match fs::read_to_string(path) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => make_key_file(path).map_err(fault)?,
            Err(error) => return Err(fault(error)),
        };
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let keys: Option<Vec<MasterKey>> = lines.map(read_key).collect();
        match keys {
            Some(keys) if !keys.is_empty() => Ok(Self { keys }),
            _ => Err(VaultFault::NotAKey(path.to_owned())),
        }
    }

    /// Seals the contents of a lead. The plain bytes are overwritten on the way.
    pub(crate) fn seal(&self, lead: LeadId, mut contents: Vec<u8>) -> Vec<u8> {
        let master = &self.keys[0];
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
        let master = self
            .keys
            .iter()
            .find(|key| key.id == id)
            .ok_or_else(|| VaultFault::OtherKey(hex::encode(id)))?;
        let (key_nonce, wrapped, key_tag, nonce) = (next(NONCE)?, next(DATA_KEY)?, next(TAG)?, next(NONCE)?);
        let mut data_key = Zeroizing::new([0_u8; DATA_KEY]);
        data_key.copy_from_slice(wrapped);
        open_in_place(&master.cipher, key_nonce, lead, &mut data_key[..], key_tag)?;
        let (contents, tag) = rest.split_at_checked(rest.len().saturating_sub(TAG)).ok_or(VaultFault::Damaged)?;
        let mut contents = Zeroizing::new(contents.to_vec());
        open_in_place(&cipher(&data_key), nonce, lead, &mut contents, tag)?;
        Ok(contents)
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|key| hex::encode(key.id))).finish()
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

fn read_key(line: &str) -> Option<MasterKey> {
    let mut key = Zeroizing::new([0_u8; 32]);
    hex::decode_to_slice(line, &mut key[..]).ok()?;
    Some(MasterKey::new(&key))
}

fn make_key_file(path: &Path) -> io::Result<Zeroizing<String>> {
    let mut key = Zeroizing::new([0_u8; 32]);
    rand::fill(&mut key[..]);
    let text = Zeroizing::new(format!("{}\n", hex::encode(&key[..])));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    // Leads sealed with a key that a power cut took away would stay closed for ever.
    file.sync_all()?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(text)
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
    fn a_key_file_is_made_once_and_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vault.key");
        let sealed = Vault::from_file(&path).unwrap().seal(LEAD, b"kept".to_vec());
        assert_eq!(&Vault::from_file(&path).unwrap().open(LEAD, &sealed).unwrap()[..], b"kept");
        #[cfg(unix)]
        assert_eq!(
            std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions()) & 0o777,
            0o600
        );
    }

    #[test]
    fn a_new_first_line_seals_and_the_old_one_still_opens() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vault.key");
        let old = Vault::from_file(&path).unwrap();
        let sealed = old.seal(LEAD, b"kept".to_vec());
        let lines = format!("{}\n{}", "ab".repeat(32), fs::read_to_string(&path).unwrap());
        fs::write(&path, lines).unwrap();
        let rotated = Vault::from_file(&path).unwrap();
        assert_eq!(&rotated.open(LEAD, &sealed).unwrap()[..], b"kept");
        assert!(matches!(
            old.open(LEAD, &rotated.seal(LEAD, b"new".to_vec())),
            Err(VaultFault::OtherKey(_))
        ));
        fs::write(&path, "not a key").unwrap();
        assert!(Vault::from_file(&path).unwrap_err().to_string().contains("64 hex digits"));
    }
}
