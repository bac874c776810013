//! Keys that sources and buyers present: their form, and what is kept of them.
//!
//! ```text
//! oc_live_src_ID_SECRETcheck    an issued key: 17, 43 and 6 letters and digits; shown once
//! oc_live_src_ID:MAC            its line: what is kept; MAC is 64 hex digits; `;expires=2027-01-31` may follow
//! ```
//!
//! The check at the end is a CRC-32 of everything before it: a key that was mistyped or cut short is told from a wrong one
//! without looking anything up, and scanners of leaked texts can be sure of what they found.

use crate::moment::Moment;
use jiff::civil::Date;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ID: usize = 17;
const SECRET: usize = 43;
const CHECK: usize = 6;

/// Whom a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A source.
    Source,
    /// A buyer, for its inbox.
    Buyer,
}

impl Holder {
    /// Its word in a key.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Source => "src",
            Self::Buyer => "buy",
        }
    }
}

/// An issued key as it was presented, with its check digits right.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Presented<'k> {
    /// What it is found by: everything before the secret.
    pub id: &'k str,
    /// All of it.
    pub key: &'k str,
}

/// What is kept of an issued key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedKey {
    /// What it is found by.
    pub id: String,
    /// A keyed hash of the whole key.
    pub mac: [u8; 32],
    /// From then on it opens nothing.
    pub expires: Option<Moment>,
}

/// Does a text look like an issued key or its line? Nothing else may begin so.
pub fn is_issued(text: &str) -> bool {
    text.starts_with("oc_live_") || text.starts_with("oc_test_")
}

/// A fresh key from random bytes. Bytes that would favour some letters are passed over; `None` if there are too few for that:
/// ninety are enough but once in many ages.
pub fn fresh(test: bool, holder: Holder, random: &[u8]) -> Option<String> {
    // 248 is the largest multiple of 62 in a byte.
    let mut letters = random
        .iter()
        .filter(|byte| **byte < 248)
        .map(|byte| char::from(ALPHABET[usize::from(byte % 62)]));
    let id: String = letters.by_ref().take(ID).collect();
    let secret: String = letters.take(SECRET).collect();
    let run = if test { "test" } else { "live" };
    let key = format!("oc_{run}_{}_{id}_{secret}", holder.word());
    (secret.len() == SECRET).then(|| format!("{key}{}", check(&key)))
}

/// Reads a presented key; `None` if a letter is wrong or missing.
pub fn presented(key: &str) -> Option<Presented<'_>> {
    let (body, digits) = key.split_at_checked(key.len().checked_sub(CHECK)?)?;
    let (id, secret) = body.rsplit_once('_')?;
    let whole = is_id(id) && secret.len() == SECRET && check(body) == digits;
    whole.then_some(Presented { id, key })
}

impl IssuedKey {
    /// Reads the line of a key for this holder.
    ///
    /// # Errors
    /// What is wrong with it, in half a sentence that tells nothing of it.
    pub fn parse(line: &str, holder: Holder) -> Result<Self, &'static str> {
        let mut parts = line.split(';');
        let (id, mac) = parts.next().and_then(|head| head.split_once(':')).ok_or("is the line of no key")?;
        let mut bytes = [0; 32];
        if !is_id(id) || hex::decode_to_slice(mac, &mut bytes).is_err() {
            return Err("is the line of a key, and damaged");
        }
        if id.split('_').nth(2) != Some(holder.word()) {
            return Err("is the line of somebody else's key: `src` is for sources, `buy` for buyers");
        }
        let mut expires = None;
        for part in parts {
            let date: Option<Date> = part.trim().strip_prefix("expires=").and_then(|date| date.parse().ok());
            let end = date.and_then(|date| date.to_zoned(jiff::tz::TimeZone::UTC).ok());
            let end = end.ok_or("is the line of a key with something behind it that is not like `;expires=2027-01-31`")?;
            expires = Some(Moment::from_unix_ms(end.timestamp().as_millisecond()));
        }
        Ok(Self {
            id: id.to_owned(),
            mac: bytes,
            expires,
        })
    }

    /// Its line.
    pub fn line(id: &str, mac: &[u8; 32]) -> String {
        format!("{id}:{}", hex::encode(mac))
    }
}

/// `oc_live_src_` and 17 letters or digits.
fn is_id(id: &str) -> bool {
    let parts: Vec<&str> = id.split('_').collect();
    match parts[..] {
        ["oc", "live" | "test", "src" | "buy", own] => own.len() == ID && own.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        _ => false,
    }
}

/// CRC-32 (ISO-HDLC) in six letters of base 62.
fn check(text: &str) -> String {
    let mut crc = u32::MAX;
    for byte in text.bytes() {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
        }
    }
    let mut rest = !crc;
    let mut digits = [b'0'; CHECK];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[(rest % 62) as usize];
        rest /= 62;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> String {
        let random: Vec<u8> = (0..=255).collect();
        fresh(false, Holder::Source, &random).unwrap()
    }

    #[test]
    fn a_key_reads_back_and_one_wrong_letter_anywhere_is_noticed() {
        let key = key();
        assert_eq!(
            key,
            "oc_live_src_0123456789ABCDEFG_HIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwx".to_owned() + &key[key.len() - 6..]
        );
        assert_eq!(presented(&key).unwrap().id, "oc_live_src_0123456789ABCDEFG");
        for at in 0..key.len() {
            let other = if key.as_bytes()[at] == b'x' { "y" } else { "x" };
            let wrong = format!("{}{other}{}", &key[..at], &key[at + 1..]);
            assert!(presented(&wrong).is_none(), "{wrong}");
            assert!(presented(&key[..at]).is_none());
        }
        assert!(presented("key-of-northwind-home").is_none() && presented("").is_none() && presented("öööööööööööööö").is_none());
    }

    #[test]
    fn the_check_is_the_crc_that_everybody_uses() {
        // 0xcbf43926 is the published check value for "123456789".
        let (mut number, mut rest) = (0_u64, check("123456789"));
        for letter in rest.drain(..) {
            number = number * 62 + ALPHABET.iter().position(|known| char::from(*known) == letter).unwrap() as u64;
        }
        assert_eq!(number, 0xcbf4_3926);
    }

    #[test]
    fn too_little_chance_makes_no_key() {
        assert_eq!(fresh(true, Holder::Buyer, &[7; 59]), None);
        assert_eq!(fresh(true, Holder::Buyer, &[255; 500]), None);
        assert!(fresh(true, Holder::Buyer, &[7; 60]).unwrap().starts_with("oc_test_buy_7777"));
    }

    #[test]
    fn a_line_is_for_its_holder_and_may_have_an_end() {
        let id = "oc_live_src_0123456789ABCDEFG";
        let line = IssuedKey::line(id, &[0xab; 32]);
        let read = |line: &str| IssuedKey::parse(line, Holder::Source);
        assert_eq!(read(&line).unwrap().expires, None);
        let ends = read(&format!("{line};expires=2027-01-31")).unwrap().expires.unwrap();
        assert_eq!(ends.to_string(), "2027-01-31T00:00:00.000Z");
        for (line, said) in [
            (format!("{line};until=x"), "something behind it"),
            (format!("{line};expires=soon"), "something behind it"),
            (line.replace("ab", "zz"), "damaged"),
            (line.replace("G:", ":"), "damaged"),
            (line.replace("src", "buy"), "somebody else's"),
            (id.to_owned(), "no key"),
        ] {
            assert!(read(&line).unwrap_err().contains(said), "{line}");
        }
    }
}
