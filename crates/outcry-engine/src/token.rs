//! The ping token: a quote's id, signed, so that a forged one is refused before anything is looked up.
//!
//! `base64url(version · quote id · source mark · expiry · mac)`. The mac is HMAC-SHA-256 over all before it,
//! cut to 128 bits. That it is used once is kept by the store, in T1.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use outcry_core::id::{QuoteId, SourceName};
use outcry_core::moment::Moment;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

const VERSION: u8 = 1;
const SIGNED_LEN: usize = 1 + 16 + 8 + 8;
pub(crate) const MAC_LEN: usize = 16;

/// The key tokens are signed with. One per exchange.
#[derive(Clone)]
pub struct TokenKey([u8; 32]);

/// What a genuine token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// The quote.
    pub quote: QuoteId,
    /// Until when.
    pub expires: Moment,
    source_mark: [u8; 8],
}

impl TokenKey {
    /// From 256 secret bits.
    pub const fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// Makes the token of a quote.
    pub fn sign(&self, quote: QuoteId, source: &SourceName, expires: Moment) -> String {
        let mut bytes = Vec::with_capacity(SIGNED_LEN + MAC_LEN);
        bytes.push(VERSION);
        bytes.extend_from_slice(&quote.bits().to_be_bytes());
        bytes.extend_from_slice(&mark(source));
        bytes.extend_from_slice(&expires.unix_ms().to_be_bytes());
        let mac = self.mac(&bytes);
        bytes.extend_from_slice(&mac);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a token, if it was made with this key and not altered.
    pub fn verify(&self, text: &str) -> Option<Token> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        if bytes.len() != SIGNED_LEN + MAC_LEN || bytes[0] != VERSION {
            return None;
        }
        let (signed, mac) = bytes.split_at(SIGNED_LEN);
        if !bool::from(self.mac(signed).ct_eq(mac)) {
            return None;
        }
        Some(Token {
            quote: QuoteId::from_bits(u128::from_be_bytes(signed[1..17].try_into().ok()?)),
            source_mark: signed[17..25].try_into().ok()?,
            expires: Moment::from_unix_ms(i64::from_be_bytes(signed[25..33].try_into().ok()?)),
        })
    }

    pub(crate) fn mac(&self, signed: &[u8]) -> [u8; MAC_LEN] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(signed);
        let full = mac.finalize().into_bytes();
        std::array::from_fn(|at| full[at])
    }
}

impl Token {
    /// Was it given to this source?
    pub fn belongs_to(&self, source: &SourceName) -> bool {
        self.source_mark == mark(source)
    }
}

fn mark(source: &SourceName) -> [u8; 8] {
    let digest = Sha256::digest(source.as_str().as_bytes());
    std::array::from_fn(|at| digest[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixture() -> (TokenKey, SourceName, QuoteId, Moment) {
        (
            TokenKey::new([7; 32]),
            SourceName::new("northwind_auto"),
            QuoteId::from_bits(42),
            Moment::from_unix_ms(1_795_000_000_000),
        )
    }

    #[test]
    fn a_token_reads_back_and_knows_its_source() {
        let (key, source, quote, expires) = fixture();
        let token = key.verify(&key.sign(quote, &source, expires)).unwrap();
        assert_eq!((token.quote, token.expires), (quote, expires));
        assert!(token.belongs_to(&source));
        assert!(!token.belongs_to(&SourceName::new("northwind_home")));
    }

    #[test]
    fn no_altered_token_passes() {
        let (key, source, quote, expires) = fixture();
        let token = key.sign(quote, &source, expires);
        for at in 0..token.len() {
            for other in ["A", "B", "_"] {
                let mut altered = token.clone();
                altered.replace_range(at..=at, other);
                // The last character carries padding bits, so two spellings of it can be the same bytes.
                assert!(
                    altered == token
                        || key
                            .verify(&altered)
                            .is_none_or(|read| Some(read) == key.verify(&token) && at == token.len() - 1)
                );
            }
        }
        assert_eq!(TokenKey::new([8; 32]).verify(&token), None);
        assert_eq!(key.verify(""), None);
        assert_eq!(key.verify(&token[1..]), None);
    }
}
