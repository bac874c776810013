//! The token in the address that a buyer calls: which post it speaks of, signed, so that a forged one is refused before
//! anything is looked up, and so that it says as much after a restart as before.
//!
//! `base64url(version · lead · attempt · contract mark · price · mac)`. The mac is HMAC-SHA-256 over all before it, cut to
//! 128 bits. It has no end by the clock: what it can do ends with the outcome of the attempt.

use crate::token::{MAC_LEN, TokenKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use outcry_core::id::{AttemptId, ContractName, LeadId};
use outcry_core::money::Money;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Not that of a ping token, so neither passes for the other.
const VERSION: u8 = 2;
const SIGNED_LEN: usize = 1 + 16 + 16 + 8 + 8;

/// What a buyer that calls speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CallToken {
    /// The lead.
    pub(crate) lead: LeadId,
    /// The post.
    pub(crate) attempt: AttemptId,
    /// The price that was held.
    pub(crate) price: Money,
}

/// A token that is genuine, and the mark of the contract it was made for.
pub(super) struct Genuine {
    pub(super) call: CallToken,
    contract_mark: [u8; 8],
}

impl Genuine {
    /// Was it made for this contract?
    pub(super) fn belongs_to(&self, contract: &ContractName) -> bool {
        self.contract_mark == mark(contract)
    }
}

impl TokenKey {
    /// Makes the token of a post.
    pub(crate) fn sign_call(&self, call: &CallToken, contract: &ContractName) -> String {
        let mut bytes = Vec::with_capacity(SIGNED_LEN + MAC_LEN);
        bytes.push(VERSION);
        bytes.extend_from_slice(&call.lead.bits().to_be_bytes());
        bytes.extend_from_slice(&call.attempt.bits().to_be_bytes());
        bytes.extend_from_slice(&mark(contract));
        bytes.extend_from_slice(&call.price.micros().to_be_bytes());
        let mac = self.mac(&bytes);
        bytes.extend_from_slice(&mac);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a token, if it was made with this key and not altered.
    pub(super) fn verify_call(&self, text: &str) -> Option<Genuine> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        if bytes.len() != SIGNED_LEN + MAC_LEN || bytes[0] != VERSION {
            return None;
        }
        let (signed, mac) = bytes.split_at(SIGNED_LEN);
        if !bool::from(self.mac(signed).ct_eq(mac)) {
            return None;
        }
        let number = |at: usize| signed[at..at + 16].try_into().ok().map(u128::from_be_bytes);
        Some(Genuine {
            call: CallToken {
                lead: LeadId::from_bits(number(1)?),
                attempt: AttemptId::from_bits(number(17)?),
                price: Money::from_micros(i64::from_be_bytes(signed[41..49].try_into().ok()?)),
            },
            contract_mark: signed[33..41].try_into().ok()?,
        })
    }
}

fn mark(contract: &ContractName) -> [u8; 8] {
    let digest = Sha256::digest(contract.as_str().as_bytes());
    std::array::from_fn(|at| digest[at])
}

#[cfg(test)]
mod tests {
    use super::*;
    use outcry_core::id::{QuoteId, SourceName};
    use outcry_core::moment::Moment;

    fn fixture() -> (TokenKey, CallToken, ContractName) {
        let call = CallToken {
            lead: LeadId::from_bits(42),
            attempt: AttemptId::from_bits(43),
            price: Money::from_cents(1_250),
        };
        (TokenKey::new([7; 32]), call, ContractName::new("acme_auto"))
    }

    #[test]
    fn a_token_reads_back_and_knows_its_contract() {
        let (key, call, contract) = fixture();
        let read = key.verify_call(&key.sign_call(&call, &contract)).unwrap();
        assert_eq!(read.call, call);
        assert!(read.belongs_to(&contract) && !read.belongs_to(&ContractName::new("bolt_auto")));
    }

    #[test]
    fn no_altered_token_passes() {
        let (key, call, contract) = fixture();
        let token = key.sign_call(&call, &contract);
        for at in 0..token.len() {
            for other in ["A", "B", "_"] {
                let mut altered = token.clone();
                altered.replace_range(at..=at, other);
                // The last character carries padding bits, so two spellings of it can be the same bytes.
                let same = altered == token || at == token.len() - 1 && key.verify_call(&altered).is_some_and(|read| read.call == call);
                assert!(same || key.verify_call(&altered).is_none(), "altered at {at}");
            }
        }
        assert!(TokenKey::new([8; 32]).verify_call(&token).is_none(), "another exchange's");
        assert!(key.verify_call("").is_none() && key.verify_call(&token[1..]).is_none());
    }

    #[test]
    fn a_ping_token_is_no_call_and_a_call_no_ping_token() {
        let (key, call, contract) = fixture();
        let ping = key.sign(QuoteId::from_bits(1), &SourceName::new("northwind"), Moment::from_unix_ms(1));
        assert!(key.verify_call(&ping).is_none());
        assert!(key.verify(&key.sign_call(&call, &contract)).is_none());
    }
}
