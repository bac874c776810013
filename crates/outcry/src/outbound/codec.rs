//! Reads HTTP/1.1 answers (RFC 9112) from bytes as they come. Knows no sockets, no clock and no requests.
//!
//! Strict where a peer could make two readers disagree about where an answer ends, because the next answer on the
//! connection belongs to another lead.

mod chunked;
mod content;
pub(super) mod request;
#[cfg(test)]
mod tests;

use chunked::Chunked;
use httparse::{Response, Status};
use outcry_integration::answer::RawAnswer;
use std::borrow::Cow;
use std::mem::MaybeUninit;
use std::time::Duration;

/// Most bytes of a head; chunk extensions and trailers together get as many.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// Most headers in a head.
const HEADERS_MAX: usize = 64;
/// Most interim answers (100, 103) before the real one.
const INTERIM_MAX: u32 = 8;

/// What is wrong with an answer, for the operator.
pub(super) type Oddity = Cow<'static, str>;

/// A whole answer.
#[derive(Debug)]
pub(super) struct Whole {
    /// What was said.
    pub(super) answer: RawAnswer,
    /// Whether the peer will take another request on the connection.
    pub(super) keep: Keep,
}

/// What an answer says about its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// It ends with the answer.
    Close,
    /// It stays open, and if the peer said so, for how long.
    Open(Option<Duration>),
}

/// Reads one answer.
pub(super) struct Reader {
    body_max: usize,
    stage: Stage,
    interim: u32,
    /// Bytes of an unfinished head that hold no blank line.
    searched: usize,
    head: Head,
    body: Vec<u8>,
}

enum Stage {
    Head,
    Sized(usize),
    Chunked(Chunked),
    ToEnd,
    Whole,
}

#[derive(Default)]
struct Head {
    status: u16,
    minor: u8,
    headers: Vec<(String, String)>,
}

impl Reader {
    /// A reader of one answer with a body of at most `body_max` bytes, before and after decoding.
    pub(super) fn new(body_max: usize) -> Self {
        Self {
            body_max,
            stage: Stage::Head,
            interim: 0,
            searched: 0,
            head: Head::default(),
            body: Vec::new(),
        }
    }

    /// Takes from `inbox` what belongs to the answer; true once that is whole.
    ///
    /// # Errors
    /// If the bytes are not an answer we can trust; the connection is then of no further use.
    pub(super) fn feed(&mut self, inbox: &mut Vec<u8>) -> Result<bool, Oddity> {
        let mut at = 0;
        while matches!(self.stage, Stage::Head) {
            let Some(len) = self.head(&inbox[at..])? else { break };
            at += len;
        }
        at += self.take_body(&inbox[at..])?;
        inbox.drain(..at);
        Ok(matches!(self.stage, Stage::Whole))
    }

    /// Takes note that the peer has closed; true if that ends the answer properly.
    pub(super) fn close(&mut self) -> bool {
        if matches!(self.stage, Stage::ToEnd) {
            self.stage = Stage::Whole;
        }
        matches!(self.stage, Stage::Whole)
    }

    /// The answer, decoded.
    ///
    /// # Errors
    /// If its content coding is unknown, broken or hides too much.
    pub(super) fn finish(self) -> Result<Whole, Oddity> {
        let keep = self.head.keep();
        let coding = self.head.all("content-encoding").collect::<Vec<_>>().join(",");
        let body = if coding.is_empty() {
            self.body
        } else {
            content::decoded(&coding, self.body, self.body_max)?
        };
        Ok(Whole {
            answer: RawAnswer {
                status: self.head.status,
                headers: self.head.headers,
                body,
            },
            keep,
        })
    }

    /// Reads a head if there is a whole one, and decides how its body ends. Interim heads leave the stage as it is.
    fn head(&mut self, inbox: &[u8]) -> Result<Option<usize>, Oddity> {
        if !inbox.starts_with(&b"HTTP/1."[..inbox.len().min(7)]) {
            return Err("not an HTTP/1 answer".into());
        }
        let Some(len) = blank_line(inbox, self.searched) else {
            self.searched = inbox.len();
            return if inbox.len() > HEAD_BYTES_MAX {
                Err("the head is larger than 16 KiB".into())
            } else {
                Ok(None)
            };
        };
        if len > HEAD_BYTES_MAX {
            return Err("the head is larger than 16 KiB".into());
        }
        self.searched = 0;
        self.head = Head::parse(&inbox[..len])?;
        if (100..200).contains(&self.head.status) {
            self.interim += 1;
            if self.head.status == 101 || self.interim > INTERIM_MAX {
                return Err("an interim answer that nobody asked for".into());
            }
        } else {
            self.stage = self.head.framing(self.body_max)?;
        }
        Ok(Some(len))
    }

    fn take_body(&mut self, inbox: &[u8]) -> Result<usize, Oddity> {
        let taken = match &mut self.stage {
            Stage::Head | Stage::Whole => 0,
            Stage::Sized(left) => {
                let take = inbox.len().min(*left);
                self.body.extend_from_slice(&inbox[..take]);
                *left -= take;
                take
            }
            Stage::Chunked(decoder) => decoder.decode(inbox, &mut self.body, self.body_max)?,
            Stage::ToEnd => {
                if self.body.len() + inbox.len() > self.body_max {
                    return Err(oversized(self.body_max));
                }
                self.body.extend_from_slice(inbox);
                inbox.len()
            }
        };
        let whole = match &self.stage {
            Stage::Sized(left) => *left == 0,
            Stage::Chunked(decoder) => decoder.is_done(),
            Stage::Head | Stage::ToEnd | Stage::Whole => false,
        };
        if whole {
            self.stage = Stage::Whole;
        }
        Ok(taken)
    }
}

impl Head {
    fn parse(bytes: &[u8]) -> Result<Self, Oddity> {
        let mut headers = [const { MaybeUninit::uninit() }; HEADERS_MAX];
        let mut parsed = Response::new(&mut []);
        match httparse::ParserConfig::default().parse_response_with_uninit_headers(&mut parsed, bytes, &mut headers) {
            Ok(Status::Complete(len)) if len == bytes.len() => {}
            Ok(_) => return Err("not HTTP: the head ends early".into()),
            Err(fault) => return Err(format!("not HTTP: {fault}").into()),
        }
        let headers = parsed.headers.iter();
        Ok(Self {
            status: parsed.code.unwrap_or_default(),
            minor: parsed.version.unwrap_or_default(),
            headers: headers
                .map(|header| {
                    (
                        header.name.to_ascii_lowercase(),
                        String::from_utf8_lossy(header.value).trim_ascii().to_owned(),
                    )
                })
                .collect(),
        })
    }

    /// Every value of a header, in order.
    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// How the body ends (RFC 9112, section 6.3).
    fn framing(&self, body_max: usize) -> Result<Stage, Oddity> {
        if matches!(self.status, 204 | 304) {
            return Ok(Stage::Whole);
        }
        let mut codings = self.all("transfer-encoding");
        if let Some(coding) = codings.next() {
            let chunked = coding.eq_ignore_ascii_case("chunked") && codings.next().is_none() && self.minor > 0;
            return if chunked {
                Ok(Stage::Chunked(Chunked::default()))
            } else {
                Err("an unknown transfer-encoding".into())
            };
        }
        match self.content_length()? {
            None => Ok(Stage::ToEnd),
            Some(len) => match usize::try_from(len) {
                Ok(0) => Ok(Stage::Whole),
                Ok(len) if len <= body_max => Ok(Stage::Sized(len)),
                _ => Err(oversized(body_max)),
            },
        }
    }

    /// The length, if one is given; said twice it must be the same.
    fn content_length(&self) -> Result<Option<u64>, Oddity> {
        let mut agreed = None;
        for text in self.all("content-length").flat_map(|value| value.split(',')).map(str::trim_ascii) {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            let len = text
                .parse::<u64>()
                .ok()
                .filter(|_| digits)
                .ok_or("the content-length is not a number")?;
            if agreed.is_some_and(|other| other != len) {
                return Err("conflicting content-lengths".into());
            }
            agreed = Some(len);
        }
        Ok(agreed)
    }

    fn keep(&self) -> Keep {
        let closing = self
            .all("connection")
            .flat_map(|value| value.split(','))
            .any(|token| token.trim_ascii().eq_ignore_ascii_case("close"));
        let to_end = self.all("transfer-encoding").next().is_none()
            && self.all("content-length").next().is_none()
            && !matches!(self.status, 204 | 304);
        // Both framings at once is how answers are smuggled: the one we took may not be the one meant.
        let doubtful = self.all("transfer-encoding").next().is_some() && self.all("content-length").next().is_some();
        if self.minor == 0 || closing || to_end || doubtful {
            return Keep::Close;
        }
        let timeout = self
            .all("keep-alive")
            .flat_map(|value| value.split(','))
            .find_map(|part| part.trim_ascii().strip_prefix("timeout="));
        Keep::Open(timeout.and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs))
    }
}

/// Where the blank line that ends a head ends. Bytes before `searched` are known to hold none.
fn blank_line(inbox: &[u8], searched: usize) -> Option<usize> {
    let mut from = searched.saturating_sub(2);
    while let Some(feed) = inbox[from..].iter().position(|&byte| byte == b'\n') {
        from += feed + 1;
        match &inbox[from..] {
            [b'\n', ..] => return Some(from + 1),
            [b'\r', b'\n', ..] => return Some(from + 2),
            _ => {}
        }
    }
    None
}

fn oversized(body_max: usize) -> Oddity {
    format!("answer larger than {body_max} bytes").into()
}
