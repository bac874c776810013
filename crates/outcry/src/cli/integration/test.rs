//! `outcry integration test`: do the examples of the files come true?

use super::super::output::{self, plural};
use super::file;
use anyhow::{Context, Result};
use clap::Args;
use outcry_integration::{ExampleOutcome, Integration, Problem};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Flags of `outcry integration test`.
#[derive(Debug, Args)]
pub(super) struct TestArgs {
    /// Integration files, and folders of them
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// One JSON object instead of text
    #[arg(long)]
    pub(super) json: bool,
}

/// What came of one file.
struct Tested {
    path: PathBuf,
    label: String,
    problems: Vec<Problem>,
    examples: Vec<ExampleOutcome>,
}

/// Runs the examples of every file. Fails if one does not come true or a file cannot be read.
pub(super) fn run(args: &TestArgs) -> Result<ExitCode> {
    let mut tested = Vec::new();
    for path in &args.paths {
        for file in files(path)? {
            tested.push(test(file)?);
        }
    }
    anyhow::ensure!(
        !tested.is_empty(),
        "there is no integration file below {}; they end in .toml and begin with schema = \"{}\"",
        args.paths[0].display(),
        outcry_integration::SCHEMA
    );
    let said = if args.json {
        as_json(&tested).to_string()
    } else {
        as_text(&tested)
    };
    output::print(&format!("{said}\n"))?;
    Ok(if tested.iter().all(Tested::is_fine) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// A file as it was named; of a folder those below it that are integration files.
fn files(path: &Path) -> Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let unreadable = || format!("{} cannot be read", path.display());
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path).with_context(unreadable)? {
        let path = entry.with_context(unreadable)?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if hidden {
            continue;
        }
        let is_toml = path.extension().is_some_and(|end| end == "toml");
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if is_toml && file::is_integration(&file::text(&path)?) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn test(path: PathBuf) -> Result<Tested> {
    Ok(match Integration::read(&file::text(&path)?) {
        Ok(integration) => Tested {
            path,
            label: integration.label().to_owned(),
            problems: Vec::new(),
            examples: integration.run_examples(),
        },
        Err(problems) => Tested {
            path,
            label: String::new(),
            problems,
            examples: Vec::new(),
        },
    })
}

impl Tested {
    fn failed(&self) -> usize {
        self.examples.iter().filter(|example| !example.passed).count()
    }

    fn is_fine(&self) -> bool {
        self.problems.is_empty() && self.failed() == 0
    }
}

fn as_json(tested: &[Tested]) -> Value {
    let files = tested.iter().map(|one| {
        let examples = one.examples.iter().map(|example| {
            json!({
                "name": example.name, "line": example.line, "passed": example.passed,
                "expected": example.expected, "got": example.got,
            })
        });
        json!({
            "file": one.path.display().to_string(), "label": one.label, "ok": one.is_fine(),
            "problems": one.problems.iter().map(|problem| file::as_json(&one.path, problem)).collect::<Vec<_>>(),
            "examples": examples.collect::<Vec<_>>(),
        })
    });
    let failed: usize = tested.iter().map(Tested::failed).sum();
    let all: usize = tested.iter().map(|one| one.examples.len()).sum();
    json!({
        "ok": tested.iter().all(Tested::is_fine), "passed": all - failed, "failed": failed, "files": files.collect::<Vec<_>>(),
    })
}

fn as_text(tested: &[Tested]) -> String {
    let width = tested.iter().map(|one| shown(&one.path).chars().count()).max().unwrap_or_default();
    let mut lines = Vec::new();
    for one in tested {
        let count = format!("{} of {}", one.examples.len() - one.failed(), plural(one.examples.len(), "example"));
        let end = match (one.problems.len(), one.examples.len()) {
            (0, 0) => "no examples".to_owned(),
            (0, _) => count,
            (many, _) => plural(many, "problem"),
        };
        let mark = if one.is_fine() { "ok  " } else { "FAIL" };
        lines.push(format!("{mark}  {:<width$}  {end}", shown(&one.path)));
        if !one.problems.is_empty() {
            lines.push(indented(&file::lines(&one.path, &one.problems), 6));
        }
        lines.extend(
            one.examples
                .iter()
                .filter(|example| !example.passed)
                .map(|example| failure(&one.path, example)),
        );
    }
    let failed: usize = tested.iter().map(Tested::failed).sum();
    let all: usize = tested.iter().map(|one| one.examples.len()).sum();
    let broken = tested.iter().filter(|one| !one.problems.is_empty()).count();
    let unread = if broken == 0 {
        String::new()
    } else {
        format!(", {broken} cannot be read")
    };
    lines.push(format!(
        "\n{}{unread}; {} of {} come true",
        plural(tested.len(), "file"),
        all - failed,
        plural(all, "example")
    ));
    lines.join("\n")
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// What was expected and what came, line by line where they have the same lines.
fn failure(path: &Path, example: &ExampleOutcome) -> String {
    let mut lines = vec![format!("      {}:{}: {}", shown(path), example.line, example.name)];
    let (expected, got): (Vec<&str>, Vec<&str>) = (example.expected.lines().collect(), example.got.lines().collect());
    if expected.len() == got.len() {
        for (expected, got) in expected.iter().zip(&got).filter(|(expected, got)| expected != got) {
            lines.push(format!("        expected  {expected}"));
            lines.push(format!("        got       {got}"));
        }
    } else {
        lines.extend(["        expected".to_owned(), indented(&example.expected, 10)]);
        lines.extend(["        got".to_owned(), indented(&example.got, 10)]);
    }
    lines.join("\n")
}

fn indented(text: &str, by: usize) -> String {
    let lines = text.lines().map(|line| format!("{:by$}{line}", ""));
    lines.collect::<Vec<_>>().join("\n")
}
