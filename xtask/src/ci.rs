//! The whole check: each step timed, none skipped because an earlier one failed, all failures told at the end.
//!
//! The quick steps come first. clippy and doc share what `cargo check` makes of the libraries, the tests need
//! them compiled in full; all use one target folder and change no compiler flag, so nothing is built three times.

use crate::run::{self, Took};
use crate::test::{self, Totals};
use crate::{advisories, doc, fuzz, licences, promises, sbom, tidy, tools};
use anyhow::Result;
use std::path::Path;
use std::time::{Duration, Instant};

/// One check: a row of the table below.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    /// What to do when it complains.
    pub(crate) remedy: &'static str,
    pub(crate) run: fn(&Path) -> Result<Report>,
}

/// What a step found.
#[derive(Default)]
pub(crate) struct Report {
    /// Nothing here means all is well.
    pub(crate) complaints: Vec<String>,
    totals: Option<Totals>,
}

impl From<Vec<String>> for Report {
    fn from(complaints: Vec<String>) -> Self {
        Self { complaints, totals: None }
    }
}

/// Every step, in the order of running. A new check is a new row.
pub(crate) const STEPS: &[Step] = &[
    Step {
        name: "fmt",
        about: "the Rust sources are formatted",
        remedy: "Run: cargo fmt --all",
        run: |root| {
            tools::component("rustfmt", "fmt")?;
            Ok(run::visibly(run::cargo(root, &["fmt", "--all", "--check"]))?.into())
        },
    },
    Step {
        name: "tidy",
        about: "file sizes, leftovers, paths of one machine, pages that nothing links to",
        remedy: "Each line names the file and the rule; the rules are in xtask/src/tidy.rs and pages.rs",
        run: |root| Ok(tidy::complaints(root)?.into()),
    },
    Step {
        name: "crates",
        about: "what each crate promises never to know (also: promises)",
        remedy: "Move the code to a crate that may know, or change the promise in xtask/src/promises.rs and ARCHITECTURE.md",
        run: |root| Ok(promises::complaints(root)?.into()),
    },
    Step {
        name: "licences",
        about: "licences, banned and doubled crates and oldest versions, as deny.toml has them",
        remedy: "Choose another crate or version, or change deny.toml with a reason",
        run: |root| Ok(licences::complaints(root)?.into()),
    },
    Step {
        name: "advisories",
        about: "published advisories against what is built, where a copy of the database is at hand",
        remedy: "Move to a version that is safe, and put its floor into deny.toml",
        run: |root| Ok(advisories::complaints(root)?.into()),
    },
    Step {
        name: "sbom",
        about: "what the program is made of: each part with licence and checksum; alone it prints the list (CycloneDX)",
        remedy: "Run: cargo xtask sbom, and see what the named part is missing",
        run: |root| Ok(sbom::complaints(root)?.into()),
    },
    Step {
        name: "clippy",
        about: "the linter on all targets, warnings refused",
        remedy: "Run: cargo xtask clippy",
        run: |root| {
            tools::c_compiler()?;
            tools::component("clippy", "clippy")?;
            let words = [
                "clippy",
                "--workspace",
                "--all-targets",
                "--all-features",
                "--locked",
                "--",
                "-D",
                "warnings",
            ];
            Ok(run::visibly(run::cargo(root, &words))?.into())
        },
    },
    Step {
        name: "doc",
        about: "links in the Markdown pages, then the doc comments, warnings refused",
        remedy: "Run: cargo xtask doc",
        run: |root| Ok(doc::complaints(root)?.into()),
    },
    Step {
        name: "demo",
        about: "the main job on 300 leads: books equal to the buyers', nothing sold twice, no answer late",
        remedy: "Run: cargo run -- demo --leads 300 --json, and read `disagreements`",
        run: |root| {
            let words = ["run", "--locked", "--package", "outcry", "--", "demo", "--leads", "300", "--json"];
            Ok(run::visibly(run::cargo(root, &words))?.into())
        },
    },
    Step {
        name: "fuzz",
        about: "answers, values and files changed at random, a few seconds each; longer with --seconds N, otherwise with --seed N",
        remedy: "The input is printed: add it to crates/outcry-integration/tests/fuzz/corpus and mend what it found",
        run: |root| Ok(fuzz::complaints(root)?.into()),
    },
    Step {
        name: "test",
        about: "all tests of the workspace",
        remedy: "Run: cargo xtask test",
        run: tests,
    },
];

/// The step of this name.
pub(crate) fn step(name: &str) -> Option<&'static Step> {
    let name = if name == "promises" { "crates" } else { name };
    STEPS.iter().find(|step| step.name == name)
}

/// Runs every step and ends with the tests' own `N passed, N failed`.
pub(crate) fn all(root: &Path) -> bool {
    let begun = Instant::now();
    let mut ended = Vec::new();
    for (at, step) in STEPS.iter().enumerate() {
        println!("\n==> {} of {}: {} ({})", at + 1, STEPS.len(), step.name, step.about);
        let step_begun = Instant::now();
        // A step that cannot even run is a failed step like any other.
        let report = (step.run)(root).unwrap_or_else(|fault| vec![format!("{fault:#}")].into());
        let took = step_begun.elapsed();
        report.complaints.iter().for_each(|complaint| println!("  {complaint}"));
        println!("<== {}: {} in {}", step.name, outcome(&report), Took(took));
        ended.push((step, report, took));
    }
    summary(&ended, begun.elapsed());
    ended.iter().all(|(_, report, _)| report.complaints.is_empty())
}

/// The test step is the command the README tells everybody to use, run as a person would run it.
fn tests(root: &Path) -> Result<Report> {
    let heard = run::listening(run::cargo(root, &["xtask", "test"]))?;
    let complaints = if heard.success {
        Vec::new()
    } else {
        vec!["`cargo xtask test` failed".to_owned()]
    };
    Ok(Report {
        complaints,
        totals: test::totals_in(&heard.lines),
    })
}

fn outcome(report: &Report) -> &'static str {
    if report.complaints.is_empty() { "ok" } else { "FAILED" }
}

fn summary(ended: &[(&Step, Report, Duration)], total: Duration) {
    println!();
    for (step, report, took) in ended {
        println!("  {:<10} {:<7} {}", step.name, outcome(report), Took(*took));
    }
    println!("  {:<10} {:<7} {}\n", "total", "", Took(total));
    for (step, report, _) in ended.iter().filter(|(_, report, _)| !report.complaints.is_empty()) {
        println!(
            "{} failed with {} complaint(s), listed above. {}",
            step.name,
            report.complaints.len(),
            step.remedy
        );
    }
    match ended.iter().find_map(|(_, report, _)| report.totals) {
        Some(totals) => println!("{totals}"),
        // The tests did not get as far as counting; saying so must not look like a pass.
        None => println!("0 passed, 1 failed"),
    }
}
