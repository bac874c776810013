//! Tries samples as they are, and then changed ones, until the time is up: the one loop of
//! all targets. Those of other crates include this file and `mutate.rs`.

use super::mutate::{self, Chance};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

/// One input may take so long in an unoptimised build on a busy machine.
const TIME_MAX: Duration = Duration::from_secs(4);

/// Runs a target on these samples. `OUTCRY_FUZZ_SECONDS` and `OUTCRY_FUZZ_SEED` give it more time or other changes.
pub(crate) fn run_on(target: &str, samples: &[Vec<u8>], check: impl Fn(&[u8], &mut Chance)) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seconds = number("OUTCRY_FUZZ_SECONDS").unwrap_or(2);
    let seed = number("OUTCRY_FUZZ_SEED").unwrap_or(1);
    assert!(!samples.is_empty(), "a target without samples tries nothing");
    let mut chance = Chance::named(target, seed);
    let (begun, mut tried) = (Instant::now(), 0);
    while tried < samples.len() || begun.elapsed() < Duration::from_secs(seconds) {
        let input = match samples.get(tried) {
            Some(sample) => sample.clone(),
            None => mutate::mutated(samples, &mut chance),
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
    println!("figure: {target}: {tried} inputs from seed {seed}, none that panics or dawdles");
}
