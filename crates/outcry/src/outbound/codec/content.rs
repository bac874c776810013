//! Undoes a content coding, under a limit: a kilobyte of gzip can hold a megabyte of zeros.

use super::{Oddity, oversized};
use flate2::read::{DeflateDecoder, GzDecoder, ZlibDecoder};
use std::io::Read;

/// The content behind the coding. We ask for none (`accept-encoding: identity`), but not every server listens.
///
/// # Errors
/// If the coding is unknown or broken, or there are more than `body_max` bytes behind it.
pub(super) fn decoded(coding: &str, body: Vec<u8>, body_max: usize) -> Result<Vec<u8>, Oddity> {
    match coding.trim().to_ascii_lowercase().as_str() {
        "" | "identity" => Ok(body),
        _ if body.is_empty() => Ok(body),
        "gzip" | "x-gzip" => unpacked(GzDecoder::new(&*body), body_max),
        // The RFC says zlib; a good part of the servers send the bare stream.
        "deflate" if starts_as_zlib(&body) => unpacked(ZlibDecoder::new(&*body), body_max),
        "deflate" => unpacked(DeflateDecoder::new(&*body), body_max),
        other => Err(format!("unknown content-encoding {:?}", other.chars().take(40).collect::<String>()).into()),
    }
}

fn unpacked(coded: impl Read, body_max: usize) -> Result<Vec<u8>, Oddity> {
    let mut body = Vec::new();
    let limit = body_max as u64 + 1;
    coded
        .take(limit)
        .read_to_end(&mut body)
        .map_err(|fault| format!("the content-encoding is broken: {fault}"))?;
    if body.len() > body_max {
        Err(oversized(body_max))
    } else {
        Ok(body)
    }
}

/// RFC 1950, section 2.2: method 8, and the first two bytes divisible by 31.
fn starts_as_zlib(body: &[u8]) -> bool {
    matches!(body, [first, second, ..] if first & 0x0f == 8 && u16::from_be_bytes([*first, *second]) % 31 == 0)
}
