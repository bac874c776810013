//! One open connection, and one exchange on it. Knows nothing of pools, deadlines and second tries.

use super::codec::{Keep, Oddity, Reader};
use super::progress::{Progress, Step};
use super::stats::Counters;
use super::stream::Stream;
use super::tls;
use outcry_integration::answer::RawAnswer;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWrite};
use tokio::time::Instant;

/// Room made for each read, at least: most answers to a ping are smaller, head included.
const READ_MIN: usize = 512;
/// Room made for each read, at most.
const READ_MAX: usize = 16 * 1024;

/// An open connection.
pub(super) struct Connection {
    stream: Stream,
    /// The request on its way out, then the answer on its way in: they hardly ever meet.
    buffer: Vec<u8>,
    alive_at: Instant,
    idle_max: Duration,
    served: bool,
    counters: Arc<Counters>,
}

/// What became of an exchange.
pub(super) enum Outcome {
    /// It was answered in full.
    Answered {
        /// What was said.
        answer: RawAnswer,
        /// Whether the connection is good for another.
        reusable: bool,
    },
    /// Not one byte of the request was taken.
    Unsent(Oddity),
    /// The peer will not speak with whoever we are, and has looked at nothing.
    Refused(Oddity),
    /// The request, or part of it, was sent; the connection ended before a byte came back.
    Silent(Oddity),
    /// Anything else.
    Broken(Oddity),
}

/// A request on its way out.
struct Sending {
    bytes: Vec<u8>,
    at: usize,
    done: bool,
    fault: Option<io::Error>,
}

impl Connection {
    /// Takes a stream just opened. It may lie idle for `idle_max`.
    pub(super) fn new(stream: Stream, idle_max: Duration, counters: Arc<Counters>) -> Self {
        counters.opened.count();
        Self {
            stream,
            buffer: Vec::new(),
            alive_at: Instant::now(),
            idle_max,
            served: false,
            counters,
        }
    }

    /// When it was opened, or answered on.
    pub(super) fn alive_at(&self) -> Instant {
        self.alive_at
    }

    /// Whether it has been answered on.
    pub(super) fn has_served(&self) -> bool {
        self.served
    }

    /// Whether it may serve once more: not idle for too long, not closed, nothing said unasked.
    pub(super) fn is_fit(&mut self, now: Instant) -> bool {
        now < self.alive_at + self.idle_max && self.stream.is_quiet()
    }

    /// Sends what `write` writes and reads one answer. To drop this future is to give up the connection.
    pub(super) async fn exchange(&mut self, write: impl FnOnce(&mut Vec<u8>), mut reader: Reader, progress: &Progress) -> Outcome {
        let mut sending = Sending {
            bytes: std::mem::take(&mut self.buffer),
            at: 0,
            done: false,
            fault: None,
        };
        write(&mut sending.bytes);
        let before = self.stream.written();
        let mut silent = true;
        loop {
            let read = poll_fn(|cx| self.step(cx, &mut sending, before, progress)).await;
            let why = match read {
                Ok(0) if !silent && reader.close() => return self.answered(reader, &sending),
                Ok(0) => "the connection was closed".into(),
                Ok(_) => match reader.feed(&mut self.buffer) {
                    Ok(true) => return self.answered(reader, &sending),
                    Ok(false) => {
                        silent = false;
                        continue;
                    }
                    Err(oddity) => return Outcome::Broken(oddity),
                },
                Err(fault) if silent && !self.served && tls::is_refusal(&fault) => return Outcome::Refused(format!("TLS: {fault}").into()),
                Err(fault) => Oddity::from(fault.to_string()),
            };
            return match (silent, self.stream.written() > before) {
                (true, false) => Outcome::Unsent(sending.why(why)),
                (true, true) => Outcome::Silent(format!("{} before it was answered", sending.why(why)).into()),
                (false, _) => Outcome::Broken(format!("{why} in the middle of the answer").into()),
            };
        }
    }

    /// Sends on, and reads some; zero is the end. An answer may come before the request is out, so neither waits for
    /// the other.
    fn step(&mut self, cx: &mut Context<'_>, sending: &mut Sending, before: u64, progress: &Progress) -> Poll<io::Result<usize>> {
        if !sending.done {
            let sent = sending.poll(&mut self.stream, cx);
            if self.stream.written() > before {
                progress.reach(Step::Sent);
            }
            match sent {
                Poll::Pending => {}
                Poll::Ready(Ok(())) => self.recycle(&mut sending.bytes),
                Poll::Ready(Err(fault)) if self.stream.written() == before => return Poll::Ready(Err(fault)),
                // An early answer may explain it: go on and read.
                Poll::Ready(Err(fault)) => sending.fault = Some(fault),
            }
        }
        let room = if self.buffer.capacity() == self.buffer.len() {
            self.buffer.capacity().clamp(READ_MIN, READ_MAX)
        } else {
            READ_MIN
        };
        self.buffer.reserve(room);
        pin!(self.stream.read_buf(&mut self.buffer)).poll(cx)
    }

    fn recycle(&mut self, bytes: &mut Vec<u8>) {
        if self.buffer.capacity() == 0 && bytes.capacity() <= READ_MAX {
            self.buffer = std::mem::take(bytes);
            self.buffer.clear();
        }
    }

    fn answered(&mut self, reader: Reader, sending: &Sending) -> Outcome {
        let whole = match reader.finish() {
            Ok(whole) => whole,
            Err(oddity) => return Outcome::Broken(oddity),
        };
        let clean = sending.done && sending.fault.is_none() && self.buffer.is_empty();
        let reusable = match whole.keep {
            Keep::Close => false,
            Keep::Open(None) => clean,
            Keep::Open(Some(idle_max)) => {
                // A second less than the peer says: its clock runs while our next request is under way.
                self.idle_max = self.idle_max.min(idle_max.saturating_sub(Duration::from_secs(1)));
                clean
            }
        };
        self.served = true;
        self.alive_at = Instant::now();
        if self.buffer.capacity() > READ_MAX {
            self.buffer = Vec::new();
        }
        Outcome::Answered {
            answer: whole.answer,
            reusable,
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.counters.closed.count();
    }
}

impl Sending {
    fn poll(&mut self, stream: &mut Stream, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let sent = self.poll_all(stream, cx);
        self.done = sent.is_ready();
        sent
    }

    fn poll_all(&mut self, stream: &mut Stream, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.at < self.bytes.len() {
            match ready!(Pin::new(&mut *stream).poll_write(cx, &self.bytes[self.at..]))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => self.at += count,
            }
        }
        Pin::new(stream).poll_flush(cx)
    }

    /// The first fault is the telling one.
    fn why(&self, read: Oddity) -> Oddity {
        self.fault.as_ref().map_or(read, |fault| fault.to_string().into())
    }
}
