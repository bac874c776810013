//! Signatures of Standard Webhooks, version 1, with symmetric keys: of what we tell sources.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::sync::Arc;

/// Shorter keys can be guessed, and longer ones are no better.
const KEY_LEN: std::ops::RangeInclusive<usize> = 24..=64;

/// The bytes of a key that is written as these webhooks hand keys out: `whsec_` and then base64.
///
/// # Errors
/// What is wrong with it. Never repeats it.
pub fn key(text: &str) -> Result<Arc<[u8]>, &'static str> {
    let text = text.trim().strip_prefix("whsec_").ok_or("it does not begin with whsec_")?;
    let bytes = STANDARD.decode(text).map_err(|_| "what stands behind whsec_ is not base64")?;
    if KEY_LEN.contains(&bytes.len()) {
        Ok(bytes.into())
    } else {
        Err("it holds fewer than 24 or more than 64 bytes")
    }
}

/// The value of the header `webhook-signature`: over the id of the message, the second it is sent in, and its body.
///
/// # Panics
/// Never: HMAC takes a key of any length.
pub fn signature(key: &[u8], id: &str, unix_seconds: i64, body: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    let mac = mac.chain_update(format!("{id}.{unix_seconds}.{body}"));
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification itself.
    #[test]
    fn the_example_of_the_specification_comes_out() {
        let key = key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signed = signature(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_key_is_written_as_webhooks_write_it() {
        for (text, why) in [
            ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "begin"),
            ("whsec_!!", "base64"),
            ("whsec_c2hvcnQ=", "24"),
        ] {
            assert!(key(text).unwrap_err().contains(why), "{text}");
        }
    }
}
