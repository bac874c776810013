//! Runs every test of the workspace and counts them: `cargo xtask test`.
//!
//! The count comes from what the runners say, so it cannot claim a test that did not run. The last
//! line is always `N passed, N failed` and nothing else, for people and for machines.

use crate::run::{self, Heard, Took};
use crate::tools;
use anyhow::Result;
use std::fmt;
use std::io::IsTerminal;
use std::path::Path;

/// How many tests ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

impl std::ops::Add for Totals {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
        }
    }
}

/// Runs unit and integration tests, then the examples in doc comments. Words pick tests by name.
pub(crate) fn all(root: &Path, words: &[String]) -> Result<bool> {
    tools::c_compiler()?;
    tools::servers();
    let nextest = tools::has_nextest();
    if !nextest {
        println!("cargo-nextest is not on this machine; `cargo test` does as well, only slower.");
    }
    let mut totals = Totals::default();
    let runs = [
        ("unit and integration tests", unit_tests(root, words, nextest)),
        ("examples in doc comments", doc_tests(root, words)),
    ];
    for (what, command) in runs {
        let heard = run::listening(command)?;
        let counted = count(&heard);
        println!("{what}: {counted}, {} skipped, in {}\n", counted.skipped, Took(heard.took));
        totals = totals + counted;
    }
    println!("{totals}");
    Ok(totals.failed == 0)
}

/// The totals that a run of `cargo xtask test` ended with, read from its last line.
pub(crate) fn totals_in(lines: &[String]) -> Option<Totals> {
    let words: Vec<&str> = lines
        .iter()
        .rev()
        .find(|line| !line.trim().is_empty())?
        .split_whitespace()
        .collect();
    let [passed, "passed,", failed, "failed"] = words[..] else {
        return None;
    };
    Some(Totals {
        passed: passed.parse().ok()?,
        failed: failed.parse().ok()?,
        skipped: 0,
    })
}

fn unit_tests(root: &Path, words: &[String], nextest: bool) -> std::process::Command {
    let runner: &[&str] = if nextest {
        &["nextest", "run", "--no-tests=pass"]
    } else {
        &["test", "--lib", "--bins", "--tests"]
    };
    let mut command = run::cargo(root, runner);
    command
        .args(["--workspace", "--locked", "--no-fail-fast", "--color", colour()])
        .args(words);
    command
}

fn doc_tests(root: &Path, words: &[String]) -> std::process::Command {
    let mut command = run::cargo(
        root,
        &["test", "--doc", "--workspace", "--locked", "--no-fail-fast", "--color", colour()],
    );
    command.args(words);
    command
}

fn colour() -> &'static str {
    if std::io::stdout().is_terminal() { "always" } else { "never" }
}

/// Counts what a runner said. A runner that fails without naming a failed test did not get as far
/// as running it (mostly it did not compile), and counts as one failure: never as none.
fn count(heard: &Heard) -> Totals {
    let totals = heard
        .lines
        .iter()
        .filter_map(|line| totals_of(&plain(line)))
        .fold(Totals::default(), |sum, one| sum + one);
    if heard.success || totals.failed > 0 {
        return totals;
    }
    println!("The runner itself failed (see above); this counts as one failed test.");
    Totals { failed: 1, ..totals }
}

/// The totals in a closing line of either runner:
/// `Summary [ 0.2s] 12 tests run: 11 passed (1 slow), 1 failed, 3 skipped` or
/// `test result: ok. 11 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.01s`.
fn totals_of(line: &str) -> Option<Totals> {
    let line = line.trim();
    let counts = match line.strip_prefix("test result: ") {
        Some(rest) => rest.split_once(". ")?.1,
        None => line.strip_prefix("Summary [")?.split_once(" run: ")?.1,
    };
    let mut totals = Totals::default();
    for part in without_brackets(counts).split([',', ';']) {
        let Some((number, word)) = part.trim().split_once(' ') else {
            continue;
        };
        let Ok(number) = number.parse::<usize>() else { continue };
        match word.trim() {
            "passed" => totals.passed += number,
            "failed" | "timed out" | "exec failed" => totals.failed += number,
            "skipped" | "ignored" => totals.skipped += number,
            _ => {}
        }
    }
    Some(totals)
}

fn without_brackets(text: &str) -> String {
    let mut depth = 0_usize;
    let keep = |c: &char| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => return depth == 0,
        }
        false
    };
    text.chars().filter(keep).collect()
}

/// The line without terminal colours.
fn plain(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or("", |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn heard(success: bool, lines: &[&str]) -> Heard {
        Heard {
            success,
            lines: lines.iter().map(ToString::to_string).collect(),
            took: Duration::ZERO,
        }
    }

    fn check(success: bool, lines: &[&str], passed: usize, failed: usize, skipped: usize) {
        assert_eq!(count(&heard(success, lines)), Totals { passed, failed, skipped });
    }

    #[test]
    fn nextest_is_counted_from_its_summary() {
        check(true, &["     Summary [   0.233s] 12 tests run: 12 passed, 0 skipped"], 12, 0, 0);
        check(
            true,
            &["     Summary [   9.2s] 12 tests run: 12 passed (1 slow, 2 leaky), 3 skipped"],
            12,
            0,
            3,
        );
        check(
            false,
            &["     Summary [   0.2s] 9/12 tests run: 6 passed (1 flaky), 2 failed, 1 timed out, 0 skipped"],
            6,
            3,
            0,
        );
        check(
            true,
            &["\u{1b}[32m     Summary\u{1b}[0m [ 1s] \u{1b}[1m2\u{1b}[0m tests run: \u{1b}[1m2\u{1b}[0m passed, 0 skipped"],
            2,
            0,
            0,
        );
    }

    #[test]
    fn cargo_test_is_counted_over_all_its_results() {
        let one = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 7 filtered out; finished in 0.00s";
        let two = "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        check(true, &["running 4 tests", one], 3, 0, 1);
        check(false, &[one, two], 4, 2, 1);
    }

    #[test]
    fn a_build_that_fails_is_never_a_pass() {
        check(false, &["error[E0425]: cannot find value"], 0, 1, 0);
    }

    #[test]
    fn the_closing_line_can_be_read_back() {
        let totals = Totals {
            passed: 41,
            failed: 1,
            skipped: 0,
        };
        assert_eq!(totals_in(&["noise".into(), totals.to_string(), String::new()]), Some(totals));
        assert_eq!(totals_in(&["41 passed".into()]), None);
    }
}
