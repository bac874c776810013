//! Runs the fuzz targets for longer than the tests do: `cargo xtask fuzz --seconds 60`.
//!
//! The targets are ordinary tests (answers, bodies and integration files in `crates/outcry-integration/tests/fuzz`, spec files, filters and
//! lead types in `crates/outcry-spec/tests/fuzz.rs`, what is stored in `outcry-store/src/stored/fuzz.rs`, what strangers send in
//! `outcry/src/http/fuzz.rs`) that change samples of a corpus from a seed, so
//! they need no nightly compiler and find the same things everywhere. Here they get more time, and a seed if you give one.

use crate::run;
use anyhow::{Context, Result, bail};
use std::path::Path;

/// Seconds for each target when nothing is said, and as a step of the whole check.
const SECONDS: u64 = 60;
const SECONDS_AS_STEP: u64 = 8;

/// `--seconds N` for each target, `--seed N` for other changes than the usual.
pub(crate) fn all(root: &Path, words: &[String]) -> Result<bool> {
    let (mut seconds, mut seed) = (SECONDS, None);
    for pair in words.chunks(2) {
        let [name, value] = pair else {
            bail!("`{}` needs a number behind it", pair[0]);
        };
        let number: u64 = value.parse().with_context(|| format!("`{value}` is not a number"))?;
        match name.as_str() {
            "--seconds" => seconds = number,
            "--seed" => seed = Some(number),
            other => bail!("there is no `{other}`: write --seconds N or --seed N"),
        }
    }
    Ok(targets(root, seconds, seed)?.is_empty())
}

/// The step of the whole check: a short time.
pub(crate) fn complaints(root: &Path) -> Result<Vec<String>> {
    targets(root, SECONDS_AS_STEP, None)
}

/// Where targets are: a package, and which of its tests. All are ordinary tests whose names are given here or whose file is `fuzz`.
const TARGETS: &[&[&str]] = &[
    &["--package", "outcry-integration", "--test", "fuzz", "--"],
    &["--package", "outcry-spec", "--test", "fuzz", "--"],
    &["--package", "outcry-store", "--lib", "--", "stored::fuzz"],
    &["--package", "outcry", "--bin", "outcry", "--", "http::fuzz"],
];

fn targets(root: &Path, seconds: u64, seed: Option<u64>) -> Result<Vec<String>> {
    let mut complaints = Vec::new();
    for target in TARGETS {
        let words = [&["test", "--locked"], *target, &["--nocapture"]].concat();
        let mut command = run::cargo(root, &words);
        command.env("OUTCRY_FUZZ_SECONDS", seconds.to_string());
        if let Some(seed) = seed {
            command.env("OUTCRY_FUZZ_SEED", seed.to_string());
        }
        complaints.extend(run::visibly(command)?);
    }
    Ok(complaints)
}
