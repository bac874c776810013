//! Mutated answers and mutated values, from a corpus and a seed: no reader panics, dawdles, contradicts itself or takes
//! for a sale what says no such thing, and what is written can be read back.
//!
//! Each target runs for two seconds; `cargo xtask fuzz` runs them for longer. An input that fails is printed and
//! becomes a sample of the corpus.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod answers;
mod mutate;
mod requests;
mod tries;

use mutate::Chance;
use std::path::Path;

/// The samples of a folder, in the order of their names.
fn corpus(folder: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(folder);
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

/// Tries the samples of a folder, as they are and changed.
fn run(target: &str, folder: &str, check: impl Fn(&[u8], &mut Chance)) {
    tries::run_on(target, &corpus(folder), check);
}
