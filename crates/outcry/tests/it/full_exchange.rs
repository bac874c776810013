//! The exchange of every rule, `examples/full`: it checks, and the demo plays it.

use crate::harness::{Ran, outcry, repository};
use serde_json::Value;
use std::net::TcpListener;

/// Runs the demo; its last line.
fn demo(flags: &[&str]) -> Value {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let port = port.min(65_000).to_string();
    let ran = Ran::of(outcry().args(["demo", "--json", "--port", &port]).args(flags));
    let said: Value = serde_json::from_str(ran.out.lines().last().unwrap_or_default()).unwrap_or_else(|_| panic!("{}", ran.out));
    assert!(ran.ok, "{said}");
    said
}

#[test]
fn its_files_check_and_the_one_warning_is_about_open_consent() {
    let folder = repository("examples/full");
    let secrets = repository("examples/full.secrets.toml");
    let ran = Ran::of(outcry().arg("check").arg(folder).arg("--secrets").arg(secrets));
    assert!(ran.ok && ran.out.contains("0 errors and 1 warning"), "{}", ran.out);
    assert!(ran.out.contains("warning[OC0962]: campaign `auto`"), "{}", ran.out);
}

#[test]
fn the_demo_plays_it_and_its_buyers_agree_with_its_books() {
    let said = demo(&["--exchange", "full", "--leads", "65", "--rate", "10"]);
    for (name, wanted) in [("failed", 0), ("sold_twice", 0), ("leaks", 0), ("lead_types", 6)] {
        assert_eq!(said[name], wanted, "{name}: {said}");
    }
    assert_eq!(said["books_equal_buyers"], true, "{said}");
    let count = |name: &str| said[name].as_u64().unwrap();
    // Two feeds never close, so at any hour somebody buys.
    assert!(0 < count("sold") && count("sold") <= count("sales"), "{said}");
    assert!(12 <= count("sources") && 20 <= count("buyers"), "{said}");
}

#[test]
fn an_exchange_that_is_not_there_is_named_with_those_that_are() {
    let ran = Ran::of(outcry().args(["demo", "--exchange", "half"]));
    assert!(!ran.ok && ran.err.contains("market and full"), "{}", ran.err);
}

/// Commands of the guide and what it says they print: each `sh` block with the `text` block behind it.
fn shown(page: &str) -> Vec<(String, String)> {
    let block = |text: &str| text.split_once("\n```").map(|(inside, _)| inside.to_owned());
    let parts = page.split("```sh\n").skip(1);
    let pair = |part: &str| {
        let command = block(part)?;
        let after = &part[command.len() + 4..];
        let answer = after.trim_start().strip_prefix("```text\n")?;
        Some((command, block(answer)?))
    };
    parts.filter_map(pair).collect()
}

#[test]
fn the_guide_shows_what_the_commands_print() {
    let page = std::fs::read_to_string(repository("docs/guides/rules-by-example.md")).unwrap();
    let pairs = shown(&page);
    assert_eq!(pairs.len(), 4, "commands with what they print");
    for (command, expected) in pairs {
        let words = command.split_whitespace().skip(1);
        let ran = Ran::of(outcry().args(words).current_dir(repository("")));
        assert!(ran.ok, "{command}\n{}", ran.out);
        let mut rest = ran.out.lines();
        for line in expected.lines().filter(|line| *line != "…") {
            assert!(
                rest.any(|printed| printed == line),
                "{command}\ndoes not print, or not in this order\n{line}\nbut\n{}",
                ran.out
            );
        }
    }
}

#[test]
fn a_house_rule_holds_from_its_day_on() {
    let lead = std::fs::read_to_string(repository("examples/leads/denver_two_cars.json")).unwrap();
    let lead = lead
        .replace("Denver", "Dallas")
        .replace("\"CO\"", "\"TX\"")
        .replace("80202", "75204");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lead.json");
    std::fs::write(&path, lead.replace("2026-12-07", "2026-11-30")).unwrap();
    let on = |moment: &str| {
        let mut command = outcry();
        command
            .arg("try")
            .arg(&path)
            .args(["--source", "lantern_auto", "--at", moment, "--bid", "statewide_auto=10.50"]);
        command.arg("--spec").arg(repository("examples/full"));
        let ran = Ran::of(command.arg("--secrets").arg(repository("examples/full.secrets.toml")));
        assert!(ran.ok, "{}", ran.out);
        ran.out
    };
    assert!(on("2026-11-30T18:00:00Z").contains("WOULD BE SOLD to"));
    let later = on("2026-12-01T00:00:00Z");
    assert!(
        later.contains("WOULD NOT BE SOLD") && later.contains("house_rules/texts_in_texas"),
        "{later}"
    );
}
