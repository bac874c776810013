//! The project's chores, each one word: `cargo xtask help` lists them.
//!
//! Only dispatch lives here. What a chore does is in the file of its name; which chores make up
//! the whole check, and in which order, is the table in `ci.rs`.

mod advisories;
mod bars;
mod ci;
mod code;
mod doc;
mod files;
mod floats;
mod fuzz;
mod graph;
mod kill;
mod licences;
mod links;
mod pages;
mod policy;
mod promises;
mod run;
mod sbom;
mod spdx;
mod test;
mod tidy;
mod tools;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match chore(&words) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(fault) => {
            eprintln!("xtask could not finish: {fault:#}");
            ExitCode::FAILURE
        }
    }
}

fn chore(words: &[String]) -> anyhow::Result<bool> {
    let root = run::root()?;
    let (name, rest) = words.split_first().map_or(("help", &[][..]), |(name, rest)| (name.as_str(), rest));
    match (name, ci::step(name)) {
        ("ci", _) => Ok(ci::all(&root)),
        ("test", _) => test::all(&root, rest),
        ("fuzz", _) => fuzz::all(&root, rest),
        ("sbom", _) => sbom::print(&root),
        ("bars", _) => bars::all(&root, rest),
        ("kill", _) => kill::all(&root, rest),
        ("help" | "--help" | "-h", _) => {
            help();
            Ok(true)
        }
        (_, Some(step)) => one(step, &root),
        (_, None) => {
            eprintln!("There is no chore called `{name}`.\n");
            help();
            Ok(false)
        }
    }
}

/// Runs one step of the table alone and tells how it ended.
fn one(step: &ci::Step, root: &Path) -> anyhow::Result<bool> {
    let report = (step.run)(root)?;
    report.complaints.iter().for_each(|complaint| println!("  {complaint}"));
    match report.complaints.len() {
        0 => println!("{}: fine", step.name),
        n => println!("{}: {n} to put right. {}", step.name, step.remedy),
    }
    Ok(report.complaints.is_empty())
}

fn help() {
    println!("cargo xtask CHORE\n");
    println!(
        "  {:<10} every check below in order, then the tests; this is what .ci/run runs",
        "ci"
    );
    println!("  {:<10} all tests of the workspace; a word after it picks tests by name", "test");
    for step in ci::STEPS.iter().filter(|step| step.name != "test") {
        println!("  {:<10} {}", step.name, step.about);
    }
    println!(
        "  {:<10} what is promised about trouble, measured; names after it pick bars: bars B4 B17",
        "bars"
    );
    println!(
        "  {:<10} kills the release build under load and looks what is lost: kill --times 1000",
        "kill"
    );
    println!("  {:<10} this list", "help");
}
