//! Simulated services that look at leads: what their public references say they answer, as pure functions of a request, a
//! moment and a book of what they know.
//!
//! They are strict where the services are: keys, headers, shapes of ids, life spans, limits. A test that starts one over a
//! socket speaks with it as with the real one.

mod desk;
mod leadid;
mod phone_check;
#[cfg(test)]
mod tests;
mod trustedform;

pub use desk::Desk;
pub use leadid::{LeadId, Token};
pub use phone_check::PhoneCheck;
pub use trustedform::{Certificate, TrustedForm};

use crate::buyers::{IncomingRequest, Reply, ReplyKind};
use serde_json::Value;

/// A JSON answer at once.
fn json(status: u16, body: &Value) -> Reply {
    Reply {
        delay_ms: 0,
        kind: ReplyKind::Answer {
            status,
            content_type: "application/json",
            body: body.to_string(),
        },
    }
}

/// Standard Base64 with padding, for the header of Basic authentication.
fn base64(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |chunk: &[u8]| {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        let letter = |at: usize| match at {
            at if chunk.len() < at => '=',
            at => char::from(LETTERS[(bits >> (18 - 6 * at) & 63) as usize]),
        };
        [letter(0), letter(1), letter(2), letter(3)]
    };
    text.as_bytes().chunks(3).flat_map(group).collect()
}

/// The fields of a form.
fn form(request: &IncomingRequest) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(&request.body).into_owned();
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (plain(name), plain(value))).collect()
}

/// Without percent signs and pluses.
fn plain(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = (*first == b'%').then(|| after.get(..2)).flatten();
        let byte = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        if let Some(byte) = byte {
            bytes.push(byte);
            rest = &after[2..];
        } else {
            bytes.push(if *first == b'+' { b' ' } else { *first });
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
