//! Mutated answers and mutated values, from a corpus and a seed: no reader panics, dawdles, contradicts itself or takes
//! for a sale what says no such thing, and what is written can be read back.
//!
//! Each target runs for two seconds; `cargo xtask fuzz` runs them for longer. An input that fails is printed and
//! becomes a sample of the corpus.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod answers;
mod mutate;
mod requests;

use mutate::Chance;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

/// One input may take so long in an unoptimised build on a busy machine.
const TIME_MAX: Duration = Duration::from_secs(4);

/// The samples of a folder, in the order of their names.
fn corpus(folder: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(folder);
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "a target without samples tries nothing");
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

/// Tries every sample as it is, and then changed ones until the time is up.
fn run(target: &str, folder: &str, check: impl Fn(&[u8], &mut Chance)) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seconds = number("OUTCRY_FUZZ_SECONDS").unwrap_or(2);
    let seed = number("OUTCRY_FUZZ_SEED").unwrap_or(1);
    let (samples, mut chance) = (corpus(folder), Chance::named(target, seed));
    let (begun, mut tried) = (Instant::now(), 0);
    while tried < samples.len() || begun.elapsed() < Duration::from_secs(seconds) {
        let input = match samples.get(tried) {
            Some(sample) => sample.clone(),
            None => mutate::mutated(&samples, &mut chance),
        };
        let started = Instant::now();
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| check(&input, &mut chance))) {
            eprintln!("{target}, seed {seed}, input {tried}: {:?}", String::from_utf8_lossy(&input));
            resume_unwind(panic);
        }
        let took = started.elapsed();
        assert!(took < TIME_MAX, "{target}, seed {seed}, input {tried} took {took:?}");
        tried += 1;
    }
    println!("{target}: {tried} inputs from seed {seed}");
}
