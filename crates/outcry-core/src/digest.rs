//! Digests of phones and e-mails: the forms in which the trade compares people without showing them.
//!
//! A list and a lead match only if both were normalised and hashed the same way, so the normal form is part of
//! the scheme's name. None of these hides a phone number from somebody who tries all of them, save the keyed one.

use crate::validate::{email as normal_email, phone as normal_phone};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

/// How the normal form is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// MD5: broken, and what many suppression lists still come as.
    Md5,
    /// SHA-1: broken, and what certificate fingerprints are made of.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

impl Algorithm {
    /// The digest of a text's bytes.
    pub fn digest(self, text: &str) -> Vec<u8> {
        match self {
            Self::Md5 => Md5::digest(text).to_vec(),
            Self::Sha1 => Sha1::digest(text).to_vec(),
            Self::Sha256 => Sha256::digest(text).to_vec(),
            Self::Sha512 => Sha512::digest(text).to_vec(),
        }
    }

    /// In lower-case hexadecimal, as most lists are.
    pub fn hex(self, text: &str) -> String {
        hex::encode(self.digest(text))
    }

    /// In standard Base64 with padding, as California's deletion platform asks.
    pub fn base64(self, text: &str) -> String {
        STANDARD.encode(self.digest(text))
    }
}

/// The form of a phone number that is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PhoneForm {
    /// `2025550143`: a number of the North American plan without its 1.
    Us10,
    /// `12025550143`.
    Us11,
    /// `+12025550143`, and any other country.
    E164,
    /// The last ten digits of whatever was written, for any country: what the deletion platform and certificate
    /// fingerprints take.
    Last10,
}

impl PhoneForm {
    /// The normal form; `None` if the text is no phone number, or not one that this form can hold.
    pub fn of(self, phone: &str) -> Option<String> {
        if self == Self::Last10 {
            let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
            let from = digits.len().checked_sub(10)?;
            return digits.get(from..).map(str::to_owned);
        }
        let e164 = normal_phone(phone)?;
        match self {
            Self::E164 => Some(e164),
            Self::Us11 => e164.strip_prefix('+').filter(|digits| digits.starts_with('1')).map(str::to_owned),
            Self::Us10 | Self::Last10 => e164.strip_prefix("+1").map(str::to_owned),
        }
    }
}

/// The form of an e-mail address that is hashed: trimmed, in lower case, a `+tag` kept.
pub fn email(address: &str) -> Option<String> {
    normal_email(address).map(Into::into)
}

/// HMAC-SHA-256 in lower-case hexadecimal of a kind and a normal form (`phone:+12025550143`): what Outcry keeps
/// and searches by. Without the key it cannot be tried out.
pub fn keyed(key: &[u8], text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}
