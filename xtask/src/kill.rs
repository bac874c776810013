//! Kills the release build again and again under load: `cargo xtask kill --times 1000`.
//!
//! The loop and its checks are an ordinary test, `crates/outcry/tests/it/kills.rs`; here it gets more rounds and the program as it is released.

use crate::run;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

const TIMES: u32 = 100;
const TEST: &str = "kills_under_load_lose_nothing_that_was_acknowledged_and_sell_nothing_twice";

/// `--times N` kills.
///
/// # Errors
/// If the words are others, or cargo cannot be started.
pub(crate) fn all(root: &Path, words: &[String]) -> Result<bool> {
    let times = match words {
        [] => TIMES,
        [name, number] if name == "--times" => number.parse().with_context(|| format!("`{number}` is not a number"))?,
        _ => bail!("write: cargo xtask kill --times N"),
    };
    with_release(root, TEST, "OUTCRY_KILLS", times)
}

/// A test of the program, run on its release build so many times.
fn with_release(root: &Path, test: &str, variable: &str, times: u32) -> Result<bool> {
    let Some(program) = released(root)? else {
        return Ok(false);
    };
    let words = ["test", "--locked", "--package", "outcry", "--test", "it", "--", "--nocapture", test];
    let mut command = run::cargo(root, &words);
    command.env("OUTCRY_PROGRAM", program);
    command.env(variable, times.to_string());
    Ok(run::visibly(command)?.is_empty())
}

/// The program as it is released, built if need be; nothing if it does not build.
pub(crate) fn released(root: &Path) -> Result<Option<PathBuf>> {
    let build = run::cargo(root, &["build", "--release", "--locked", "--package", "outcry"]);
    if !run::visibly(build)?.is_empty() {
        return Ok(None);
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Ok(Some(target.join("release/outcry")))
}
