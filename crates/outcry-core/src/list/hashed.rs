//! Entries that come as digests: which hash, of which form of the value, written how.

use crate::digest::{Algorithm, PhoneForm, keyed};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use std::fmt;
use std::sync::Arc;

/// How entries were made that come as digests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hash {
    /// Which hash.
    pub scheme: Scheme,
    /// Of which form of the value.
    pub form: Form,
    /// How the digest is written.
    pub encoding: Encoding,
}

/// Which hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// One that anybody can compute.
    Plain(Algorithm),
    /// HMAC-SHA-256 under a key that was agreed on.
    Keyed(HmacKey),
}

/// A key that was agreed on with whoever makes the list. Not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct HmacKey(pub Arc<[u8]>);

impl fmt::Debug for HmacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HmacKey(…)")
    }
}

/// The form of a value whose bytes are hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// As Outcry keeps it: an e-mail address in lower case, five digits of a ZIP code.
    Normal,
    /// A form of a phone number.
    Phone(PhoneForm),
    /// `202-555-0143`, as in the published example of the national do-not-call list.
    Dashed,
}

impl Form {
    /// Every form of a phone number, the usual one first.
    pub const PHONES: [Self; 5] = [
        Self::Phone(PhoneForm::Us10),
        Self::Phone(PhoneForm::Us11),
        Self::Phone(PhoneForm::E164),
        Self::Phone(PhoneForm::Last10),
        Self::Dashed,
    ];

    /// The word for it in spec files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Phone(PhoneForm::Us10) => "us10",
            Self::Phone(PhoneForm::Us11) => "us11",
            Self::Phone(PhoneForm::E164) => "e164",
            Self::Phone(PhoneForm::Last10) => "last10",
            Self::Dashed => "dashed",
        }
    }

    /// A value in this form; `None` if it has none, as a British number has none of ten digits.
    pub fn of(self, normal: &str) -> Option<String> {
        match self {
            Self::Normal => Some(normal.to_owned()),
            Self::Phone(form) => form.of(normal),
            Self::Dashed => {
                let ten = PhoneForm::Us10.of(normal)?;
                Some(format!("{}-{}-{}", &ten[..3], &ten[3..6], &ten[6..]))
            }
        }
    }
}

/// How a digest is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Hexadecimal, in any case of the letters.
    Hex,
    /// Base64, with or without padding.
    Base64,
}

impl Scheme {
    /// The hashes that anybody can compute, by their words in spec files.
    pub const PLAIN: [(&'static str, Algorithm); 4] = [
        ("md5", Algorithm::Md5),
        ("sha1", Algorithm::Sha1),
        ("sha256", Algorithm::Sha256),
        ("sha512", Algorithm::Sha512),
    ];

    /// The word for it in spec files.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Plain(algorithm) => Self::PLAIN
                .iter()
                .find(|(_, other)| other == algorithm)
                .map_or("", |(word, _)| word),
            Self::Keyed(_) => "hmac_sha256",
        }
    }

    /// Bytes of a digest.
    pub const fn length(&self) -> usize {
        match self {
            Self::Plain(Algorithm::Md5) => 16,
            Self::Plain(Algorithm::Sha1) => 20,
            Self::Plain(Algorithm::Sha256) | Self::Keyed(_) => 32,
            Self::Plain(Algorithm::Sha512) => 64,
        }
    }

    /// The digest of a text, in lower-case hexadecimal.
    pub fn hex(&self, text: &str) -> String {
        match self {
            Self::Plain(algorithm) => algorithm.hex(text),
            Self::Keyed(HmacKey(key)) => keyed(key, text),
        }
    }
}

impl Hash {
    /// The digest of a value in its normal form, in lower-case hexadecimal; `None` if it has no such form.
    pub fn hex(&self, normal: &str) -> Option<String> {
        Some(self.scheme.hex(&self.form.of(normal)?))
    }

    /// A written digest in lower-case hexadecimal; `None` if it is no digest of this hash.
    pub fn read(&self, text: &str) -> Option<String> {
        let bytes = match self.encoding {
            Encoding::Hex => hex::decode(text).ok()?,
            Encoding::Base64 => STANDARD.decode(text).or_else(|_| STANDARD_NO_PAD.decode(text)).ok()?,
        };
        (bytes.len() == self.scheme.length()).then(|| hex::encode(bytes))
    }

    /// What the entries are, for keys and for files: two declarations of one word find the same entries.
    pub fn word(&self, kind: &str) -> String {
        let scheme = match &self.scheme {
            Scheme::Plain(_) => self.scheme.word().to_owned(),
            // Under another key it is another list.
            Scheme::Keyed(HmacKey(key)) => format!("hmac_sha256/{}", &keyed(key, "list key")[..8]),
        };
        format!("{scheme}:{kind}:{}", self.form.word())
    }
}
