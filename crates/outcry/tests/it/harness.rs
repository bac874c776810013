//! What all tests share: a folder with a spec, the program in it, sources and buyers around it.

mod buyer;
mod client;
mod evidence;
mod exchange;
mod home;
mod server;
mod tiny;
mod traffic;

pub(crate) use buyer::{Buyer, Heard, Reply};
pub(crate) use client::{Answer, Request};
pub(crate) use evidence::Evidence;
pub(crate) use exchange::Exchange;
pub(crate) use home::{Home, Ran, outcry, times};
pub(crate) use server::{FileServer, MailServer, free_port, installed};
pub(crate) use tiny::{ACME, BLUERIDGE, KEY, OTHER_KEY, QUICK_KEY, happy, lead, market, ping_part, tiny};
pub(crate) use traffic::{Told, Traffic, accepted_at_buyers, numbered};

use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Longer than anything takes on a slow and busy machine. Nobody waits for it unless something is broken.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Asks again and again until there is an answer.
pub(crate) fn until<T>(what: &str, mut probe: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = probe() {
            return found;
        }
        assert!(Instant::now() < end, "waited in vain until {what}");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

/// All of these words stand in the text.
pub(crate) fn says(text: &str, words: &[impl AsRef<str>]) {
    for word in words.iter().map(AsRef::as_ref) {
        assert!(text.contains(word), "{word} is not in:\n{text}");
    }
}

/// None of these words stands in the text.
pub(crate) fn keeps_back(text: &str, words: &[impl AsRef<str>]) {
    for word in words.iter().map(AsRef::as_ref) {
        let lines = text.lines().filter(|line| line.contains(word));
        assert!(
            !text.contains(word),
            "{word} is in:\n{}",
            lines.take(3).collect::<Vec<_>>().join("\n")
        );
    }
}

/// A file or folder of the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}
