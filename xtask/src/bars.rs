//! Measures what Outcry promises about trouble: `cargo xtask bars` runs every bar, `cargo xtask bars B4 B17` some of them.
//!
//! A bar is a figure that must be reached, and commands that measure it. A command says what it found in lines that
//! begin with `figure:`, and its exit code says whether the bar is reached. A command that says no figure has measured
//! nothing, whatever its exit code: a test that was renamed must not look like a bar that was reached. The rows are in `table.rs`.

mod table;

use crate::kill;
use crate::run::{self, Took};
use anyhow::Result;
use std::path::Path;
use std::time::{Duration, Instant};
use table::{BARS, Bar, How};

/// What a line with a figure begins with.
const FIGURE: &str = "figure:";

/// How a bar ended.
enum End {
    Reached(Vec<String>),
    Missed(Vec<String>),
    NotYet(&'static str),
}

/// Runs the bars with these names, or all; true if every one of them is reached.
///
/// # Errors
/// If a command cannot be started.
pub(crate) fn all(root: &Path, words: &[String]) -> Result<bool> {
    if let Some(stranger) = words.iter().find(|word| bar(word).is_none()) {
        let names: Vec<&str> = BARS.iter().map(|bar| bar.name).collect();
        eprintln!("There is no bar called `{stranger}`. There are: {}", names.join(", "));
        return Ok(false);
    }
    let mut ended = Vec::new();
    for bar in chosen(words) {
        println!("\n==> {}: {}", bar.name, bar.promise);
        let begun = Instant::now();
        let end = measure(root, bar)?;
        println!("<== {}: {} in {}", bar.name, word(&end), Took(begun.elapsed()));
        ended.push((bar, end, begun.elapsed()));
    }
    summary(&ended);
    Ok(ended.iter().all(|(_, end, _)| matches!(end, End::Reached(_))))
}

fn chosen(words: &[String]) -> impl Iterator<Item = &'static Bar> {
    BARS.iter()
        .filter(move |bar| words.is_empty() || words.iter().any(|word| word.eq_ignore_ascii_case(bar.name)))
}

fn bar(name: &str) -> Option<&'static Bar> {
    BARS.iter().find(|bar| bar.name.eq_ignore_ascii_case(name))
}

fn measure(root: &Path, bar: &Bar) -> Result<End> {
    let runs = match bar.how {
        How::Runs(runs) => runs,
        How::NotYet(missing) => return Ok(End::NotYet(missing)),
    };
    let (mut figures, mut reached) = (Vec::new(), true);
    for one in runs {
        let mut command = run::cargo(root, one.words);
        command.envs(one.environment.iter().copied());
        if one.released {
            let Some(program) = kill::released(root)? else {
                return Ok(End::Missed(figures));
            };
            command.env("OUTCRY_PROGRAM", program);
        }
        let heard = run::listening(command)?;
        let found = figures_in(&heard.lines);
        reached &= heard.success && !found.is_empty();
        figures.extend(found);
    }
    Ok(if reached { End::Reached(figures) } else { End::Missed(figures) })
}

/// The figures among the lines. Test runners put the name of the test in front of the first line it prints.
fn figures_in(lines: &[String]) -> Vec<String> {
    let figure = |line: &String| Some(line.split_once(FIGURE)?.1.trim().to_owned());
    lines.iter().filter_map(figure).collect()
}

const fn word(end: &End) -> &'static str {
    match end {
        End::Reached(_) => "reached",
        End::Missed(_) => "MISSED",
        End::NotYet(_) => "not yet",
    }
}

fn summary(ended: &[(&Bar, End, Duration)]) {
    println!();
    for (bar, end, took) in ended {
        println!("  {:<4} {:<8} {:<11} {}", bar.name, word(end), Took(*took).to_string(), bar.promise);
        match end {
            End::Reached(figures) => figures.iter().for_each(|figure| println!("       {figure}")),
            End::Missed(figures) if figures.is_empty() => println!("       no figure: the command above did not get that far"),
            End::Missed(figures) => figures.iter().for_each(|figure| println!("       {figure}")),
            End::NotYet(missing) => println!("       {missing}"),
        }
    }
    let reached = ended.iter().filter(|(_, end, _)| matches!(end, End::Reached(_))).count();
    println!("\n{reached} of {} bars reached", ended.len());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_found_wherever_a_runner_puts_them() {
        let lines = [
            "running 1 test",
            "test kill::a ... figure: 20 kills, 0 lost",
            "figure: 3 ms",
            "ok",
            "figures: none",
        ];
        let found = figures_in(&lines.map(str::to_owned));
        assert_eq!(found, ["20 kills, 0 lost", "3 ms"]);
    }

    #[test]
    fn every_bar_has_a_name_of_its_own_and_says_what_it_runs() {
        for (at, bar) in BARS.iter().enumerate() {
            assert!(BARS[..at].iter().all(|before| before.name != bar.name), "{} twice", bar.name);
            match bar.how {
                How::Runs(runs) => assert!(runs.iter().all(|run| !run.words.is_empty()) && !runs.is_empty(), "{}", bar.name),
                How::NotYet(missing) => assert!(!missing.is_empty(), "{}", bar.name),
            }
        }
    }

    #[test]
    fn every_test_that_a_bar_names_exists() {
        let files = crate::files::all(&run::root().unwrap()).unwrap();
        for bar in BARS {
            let How::Runs(runs) = bar.how else { continue };
            let named = runs.iter().flat_map(|run| run.words.iter()).filter(|word| word.contains('_'));
            for test in named {
                let function = test.rsplit("::").next().unwrap_or(test);
                let known = files
                    .iter()
                    .any(|file| file.is("rs") && file.text.contains(&format!("fn {function}")));
                assert!(known, "{}: there is no test {test}", bar.name);
            }
        }
    }
}
