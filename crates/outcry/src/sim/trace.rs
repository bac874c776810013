//! What happened, in order, as a hash and, for who wants to read it, as lines.

use outcry_market::chance::mix;
use std::fmt::Write;

/// The trace of one seed.
#[derive(Default)]
pub(crate) struct Trace {
    hash: u64,
    lines: Option<String>,
}

impl Trace {
    /// A trace that keeps its lines too.
    pub(crate) fn readable() -> Self {
        Self {
            hash: 0,
            lines: Some(String::new()),
        }
    }

    /// Something happened after so many microseconds, at a node; `about` is the number of what it concerns.
    pub(crate) fn note(&mut self, us: u64, node: usize, what: &str, about: u128, more: impl FnOnce() -> String) {
        let mut hash = mix(self.hash ^ us);
        for byte in what.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
        let folded = u64::try_from((about >> 64) ^ (about & u128::from(u64::MAX))).unwrap_or(0);
        self.hash = mix(hash ^ folded ^ ((node as u64) << 56));
        if let Some(lines) = &mut self.lines {
            let _ = writeln!(lines, "{:>7}.{:03} ms  n{node}  {what:<26} {}", us / 1_000, us % 1_000, more());
        }
    }

    /// The hash of everything so far.
    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }

    /// The lines, where they were kept.
    pub(crate) fn lines(&self) -> &str {
        self.lines.as_deref().unwrap_or("")
    }
}
