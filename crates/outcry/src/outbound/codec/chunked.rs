//! The chunked transfer coding (RFC 9112, section 7.1), taken apart strictly and at any split of the bytes.
//!
//! Line ends are CR LF and nothing else, sizes are counted before they are believed, extensions and trailers are
//! skipped and may not be larger than a head.

use super::{HEAD_BYTES_MAX, Oddity, oversized};

/// Where in the coding the decoder stands.
#[derive(Default)]
pub(super) struct Chunked {
    stage: Stage,
    /// Digits of the size read so far; 16 of them fill a `u64`.
    digits: u32,
    /// Bytes of the chunk still to come.
    left: u64,
    /// Bytes of extensions and trailers seen.
    overhead: usize,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Size,
    SizeBlank,
    Extension,
    SizeLf,
    Data,
    DataCr,
    DataLf,
    TrailerStart,
    Trailer,
    TrailerLf,
    EndLf,
    Done,
}

impl Chunked {
    /// Whether the last chunk and the trailers have been read.
    pub(super) fn is_done(&self) -> bool {
        self.stage == Stage::Done
    }

    /// Appends the content in `input` to `body` and says how many bytes of `input` belonged to it.
    ///
    /// # Errors
    /// If the coding is broken, or the body would grow over `body_max` bytes.
    pub(super) fn decode(&mut self, input: &[u8], body: &mut Vec<u8>, body_max: usize) -> Result<usize, Oddity> {
        let mut at = 0;
        while at < input.len() && !self.is_done() {
            if self.stage == Stage::Data {
                let take = usize::try_from(self.left).unwrap_or(usize::MAX).min(input.len() - at);
                body.extend_from_slice(&input[at..at + take]);
                at += take;
                self.left -= take as u64;
                if self.left == 0 {
                    self.stage = Stage::DataCr;
                }
            } else {
                self.stage = self.step(input[at])?;
                at += 1;
                if self.stage == Stage::Data && self.left > (body_max - body.len().min(body_max)) as u64 {
                    return Err(oversized(body_max));
                }
            }
        }
        Ok(at)
    }

    fn step(&mut self, byte: u8) -> Result<Stage, Oddity> {
        match (self.stage, byte) {
            (Stage::Size, _) if byte.is_ascii_hexdigit() && self.digits < 16 => {
                self.digits += 1;
                self.left = self.left << 4 | u64::from((byte as char).to_digit(16).unwrap_or_default());
                Ok(Stage::Size)
            }
            (Stage::Size | Stage::SizeBlank, b'\r') if self.digits > 0 => Ok(Stage::SizeLf),
            (Stage::Size | Stage::SizeBlank, b';') if self.digits > 0 => Ok(Stage::Extension),
            (Stage::Size | Stage::SizeBlank, b' ' | b'\t') if self.digits > 0 => self.skip(Stage::SizeBlank),
            (Stage::Extension, b'\r') => Ok(Stage::SizeLf),
            (Stage::Trailer, b'\r') => Ok(Stage::TrailerLf),
            (Stage::TrailerStart, b'\r') => Ok(Stage::EndLf),
            (Stage::SizeLf, b'\n') => {
                self.digits = 0;
                Ok(if self.left == 0 { Stage::TrailerStart } else { Stage::Data })
            }
            (Stage::DataCr, b'\r') => Ok(Stage::DataLf),
            (Stage::DataLf, b'\n') => Ok(Stage::Size),
            (Stage::TrailerLf, b'\n') => Ok(Stage::TrailerStart),
            (Stage::EndLf, b'\n') => Ok(Stage::Done),
            (Stage::Extension, _) if byte != b'\n' => self.skip(Stage::Extension),
            (Stage::TrailerStart | Stage::Trailer, _) if byte != b'\n' => self.skip(Stage::Trailer),
            _ => Err("the chunked coding is broken".into()),
        }
    }

    fn skip(&mut self, stage: Stage) -> Result<Stage, Oddity> {
        self.overhead += 1;
        if self.overhead > HEAD_BYTES_MAX {
            Err("the chunk extensions and trailers are too large".into())
        } else {
            Ok(stage)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::fmt::Write;

    fn decode(pieces: &[&[u8]], body_max: usize) -> Result<(Vec<u8>, bool), Oddity> {
        let (mut decoder, mut body) = (Chunked::default(), Vec::new());
        for piece in pieces {
            decoder.decode(piece, &mut body, body_max)?;
        }
        Ok((body, decoder.is_done()))
    }

    /// The coding read in one go, as the RFC writes it, without a thought for speed.
    fn naive(mut input: &str) -> Option<String> {
        let mut body = String::new();
        loop {
            let (line, rest) = input.split_once("\r\n")?;
            let size = usize::from_str_radix(line.split([';', ' ', '\t']).next()?, 16).ok()?;
            if size == 0 {
                let mut trailers = rest;
                loop {
                    match trailers.split_once("\r\n")? {
                        ("", _) => return Some(body),
                        (_, rest) => trailers = rest,
                    }
                }
            }
            body += rest.get(..size)?;
            input = rest.get(size..)?.strip_prefix("\r\n")?;
        }
    }

    #[test]
    fn what_is_whole_is_read_and_what_is_broken_is_refused() {
        let many_digits = format!("{}5\r\nhello\r\n0\r\n\r\n", "0".repeat(16));
        let long_extension = format!("5;{}\r\nhello\r\n0\r\n\r\n", "x".repeat(HEAD_BYTES_MAX + 1));
        let long_trailer = format!("0\r\n{}", "a: b\r\n".repeat(HEAD_BYTES_MAX / 3));
        for (coded, expected) in [
            ("5\r\nhello\r\n0\r\n\r\n", "hello"),
            ("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "hello world"),
            ("00A\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
            ("5;name=\"v;\"\r\nhello\r\n0;last\r\n\r\n", "hello"),
            ("5  \r\nhello\r\n0 \t\r\n\r\n", "hello"),
            ("0\r\nserver-timing: 1\r\nx: y\r\n\r\n", ""),
            ("5\r\nhello\r\n0\r\n", "(not yet)"),
            ("5\r\nhel", "(not yet)"),
            ("", "(not yet)"),
            ("5\nhello\n0\n\n", "the chunked coding is broken"),
            ("5\r\nhello0\r\n\r\n", "the chunked coding is broken"),
            ("5\r\nhello\n0\r\n\r\n", "the chunked coding is broken"),
            ("-5\r\nhello\r\n0\r\n\r\n", "the chunked coding is broken"),
            ("+5\r\nhello\r\n0\r\n\r\n", "the chunked coding is broken"),
            ("0x5\r\nhello\r\n0\r\n\r\n", "the chunked coding is broken"),
            (" 5\r\nhello\r\n0\r\n\r\n", "the chunked coding is broken"),
            ("5 5\r\nhello\r\n0\r\n\r\n", "the chunked coding is broken"),
            (";x\r\nhello\r\n0\r\n\r\n", "the chunked coding is broken"),
            ("\r\nhello\r\n0\r\n\r\n", "the chunked coding is broken"),
            ("5;a\nb\r\nhello\r\n0\r\n\r\n", "the chunked coding is broken"),
            ("0\r\nx: y\n\r\n", "the chunked coding is broken"),
            ("0\r\n\rx", "the chunked coding is broken"),
            (many_digits.as_str(), "the chunked coding is broken"),
            ("ffffffffffffffff\r\nhello", "answer larger than 64 bytes"),
            ("8000000000000000\r\nhello", "answer larger than 64 bytes"),
            ("41\r\n", "answer larger than 64 bytes"),
            (long_extension.as_str(), "the chunk extensions and trailers are too large"),
            (long_trailer.as_str(), "the chunk extensions and trailers are too large"),
        ] {
            let found = match decode(&[coded.as_bytes()], 64) {
                Ok((body, true)) => String::from_utf8(body).unwrap(),
                Ok((_, false)) => "(not yet)".to_owned(),
                Err(oddity) => oddity.into_owned(),
            };
            assert_eq!(found, expected, "{:?}", &coded[..coded.len().min(60)]);
        }
    }

    #[test]
    fn bytes_behind_the_end_are_left_alone() {
        let (mut decoder, mut body) = (Chunked::default(), Vec::new());
        assert_eq!(decoder.decode(b"1\r\na\r\n0\r\n\r\nHTTP/1.1", &mut body, 9).unwrap(), 11);
    }

    proptest! {
        #[test]
        fn any_split_of_the_bytes_reads_as_the_naive_decoder_reads_the_whole(
            chunks in prop::collection::vec("[ -~]{1,40}", 0..6),
            extension in "(;[a-z]{1,3}(=[a-z]{1,3})?)?",
            trailers in prop::collection::vec("[a-z]{1,5}: [a-z]{0,5}", 0..3),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
            damage in prop::option::of((any::<prop::sample::Index>(), "[ -~\r\n]")),
        ) {
            let mut coded = String::new();
            for chunk in &chunks {
                write!(coded, "{:x}{extension}\r\n{chunk}\r\n", chunk.len()).unwrap();
            }
            write!(coded, "0{extension}\r\n{}\r\n", trailers.iter().map(|line| line.clone() + "\r\n").collect::<String>()).unwrap();
            let damaged = damage.is_some();
            if let Some((at, byte)) = damage {
                let at = at.index(coded.len());
                coded.replace_range(at..=at, &byte);
            }
            let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(coded.len())).chain([0, coded.len()]).collect();
            at.sort_unstable();
            let pieces: Vec<&[u8]> = at.windows(2).map(|pair| &coded.as_bytes()[pair[0]..pair[1]]).collect();

            let split = decode(&pieces, 4096);
            prop_assert_eq!(&split, &decode(&[coded.as_bytes()], 4096), "the split changed the reading");
            if !damaged {
                prop_assert_eq!(&split, &Ok((chunks.concat().into_bytes(), true)));
            }
            if let Ok((body, true)) = split {
                // What ours accepts, the naive one reads alike; ours refuses more (signs, bare line feeds).
                prop_assert_eq!(Some(String::from_utf8(body).unwrap()), naive(&coded));
            }
        }
    }
}
