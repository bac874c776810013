//! Every integration that comes with Outcry reads without a problem, and its examples come true.

use outcry_integration::Integration;
use std::path::{Path, PathBuf};

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../integrations")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else if path.extension().is_some_and(|end| end == "toml") {
            files.push(path);
        }
    }
    files.sort();
    files
}

#[test]
fn every_example_of_every_file_comes_true() {
    let files = files(&folder());
    assert!(files.len() >= 7, "the shipped integrations are missing");
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let integration = Integration::read(&text).unwrap_or_else(|problems| {
            let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
            panic!("{}:\n{}", path.display(), lines.join("\n"))
        });
        assert!(!integration.examples().is_empty(), "{} has no examples", path.display());
        for outcome in integration.run_examples() {
            let place = format!("{}:{}: {}", path.display(), outcome.line, outcome.name);
            assert!(
                outcome.passed,
                "{place}\n--- expected\n{}\n--- got\n{}",
                outcome.expected, outcome.got
            );
        }
    }
}

#[test]
fn every_preset_has_its_page_and_the_page_is_of_today() {
    let pages = folder().join("../docs/integrations");
    let renew = "renew the pages: cargo run -- integration page integrations/*.toml --out docs/integrations";
    let mut presets = Vec::new();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "toml") {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            presets.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
    presets.sort();
    let kept = |name: &str| std::fs::read_to_string(pages.join(format!("{name}.md"))).unwrap_or_default();
    for (name, text) in &presets {
        let made = outcry_integration::describe::page(name, text).unwrap();
        assert!(
            made == kept(name),
            "docs/integrations/{name}.md is not what {name}.toml says; {renew}"
        );
    }
    let index = outcry_integration::describe::index(&presets).unwrap();
    assert!(
        index == kept("README"),
        "docs/integrations/README.md does not lead to every page; {renew}"
    );
}
