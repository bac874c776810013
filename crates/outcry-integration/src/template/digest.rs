//! Digests that buyers ask for. None of them protects anything of ours.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

/// A hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

/// The hashes by the words of the language.
pub(crate) const HASHES: [(&str, Hash); 4] = [
    ("md5", Hash::Md5),
    ("sha1", Hash::Sha1),
    ("sha256", Hash::Sha256),
    ("sha512", Hash::Sha512),
];

impl Hash {
    /// Lower-case hex of the hash of a text.
    pub(crate) fn of(self, text: &str) -> String {
        match self {
            Self::Md5 => hex(&Md5::digest(text)),
            Self::Sha1 => hex(&Sha1::digest(text)),
            Self::Sha256 => hex(&Sha256::digest(text)),
            Self::Sha512 => hex(&Sha512::digest(text)),
        }
    }

    /// Lower-case hex of the HMAC of a text.
    pub(crate) fn keyed(self, key: &str, text: &str) -> String {
        match self {
            Self::Md5 => mac::<Hmac<Md5>>(key, text),
            Self::Sha1 => mac::<Hmac<Sha1>>(key, text),
            Self::Sha256 => mac::<Hmac<Sha256>>(key, text),
            Self::Sha512 => mac::<Hmac<Sha512>>(key, text),
        }
    }
}

fn mac<M: Mac + KeyInit>(key: &str, text: &str) -> String {
    // HMAC takes keys of any length.
    M::new_from_slice(key.as_bytes()).map_or_else(|_| String::new(), |mac| hex(&mac.chain_update(text).finalize().into_bytes()))
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    hex::encode(bytes)
}

/// Base64 with padding, or as it stands in an address.
pub(crate) fn base64(text: &str, for_address: bool) -> String {
    if for_address {
        URL_SAFE_NO_PAD.encode(text)
    } else {
        STANDARD.encode(text)
    }
}

/// A UUID that the same text always has: version 5 (RFC 9562) in the namespace of addresses.
pub(crate) fn uuid(text: &str) -> String {
    const ADDRESSES: [u8; 16] = [
        0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8,
    ];
    let digest = Sha1::new().chain_update(ADDRESSES).chain_update(text).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x50;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let all = hex(&bytes);
    [&all[..8], &all[8..12], &all[12..16], &all[16..20], &all[20..]].join("-")
}
