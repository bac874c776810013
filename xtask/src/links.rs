//! Links in Markdown pages: every relative link leads to a file, every anchor to a heading.
//!
//! Links to other sites are not followed: whether they answer today says nothing about the change at hand.

use crate::files::File;
use std::collections::{BTreeMap, BTreeSet};

/// A link of a page to something in the repository.
pub(crate) struct Link {
    pub(crate) line: usize,
    /// Path from the root; the page itself for a bare anchor. `None` if it leads out of the repository.
    pub(crate) path: Option<String>,
    pub(crate) anchor: Option<String>,
    written: String,
}

/// Tells every link that leads nowhere.
pub(crate) fn complaints(files: &[File]) -> Vec<String> {
    let paths: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let pages = || files.iter().filter(|file| file.is("md"));
    let anchors: BTreeMap<&str, BTreeSet<String>> = pages().map(|page| (page.path.as_str(), anchors(&page.text))).collect();
    let mut complaints = Vec::new();
    for page in pages() {
        for link in of(page) {
            if let Some(wrong) = wrong(&link, &paths, &anchors) {
                complaints.push(format!("{}:{}: `{}` {wrong}", page.path, link.line, link.written));
            }
        }
    }
    complaints
}

fn wrong(link: &Link, paths: &BTreeSet<&str>, anchors: &BTreeMap<&str, BTreeSet<String>>) -> Option<&'static str> {
    let Some(path) = link.path.as_deref() else {
        return Some("leads out of the repository");
    };
    let folder = format!("{path}/");
    if !path.is_empty() && !paths.contains(path) && !paths.iter().any(|other| other.starts_with(&folder)) {
        return Some("leads to no file");
    }
    match (&link.anchor, anchors.get(path)) {
        (Some(anchor), Some(known)) if !known.contains(anchor) => Some("leads to no heading of that page"),
        _ => None,
    }
}

/// Every link of a page that stays in the repository.
pub(crate) fn of(page: &File) -> Vec<Link> {
    let lines = prose(&page.text);
    let targets = lines
        .iter()
        .flat_map(|(line, text)| targets(text).into_iter().map(|target| (*line, target)));
    targets.filter_map(|(line, target)| link(&page.path, line, target)).collect()
}

fn link(page: &str, line: usize, target: &str) -> Option<Link> {
    let elsewhere = target.starts_with("//") || target.split(['/', '#', '?']).next().is_some_and(|first| first.contains(':'));
    if elsewhere || target.is_empty() {
        return None;
    }
    let (path, anchor) = target
        .split_once('#')
        .map_or((target, None), |(path, anchor)| (path, Some(anchor.to_owned())));
    let path = if path.is_empty() {
        Some(page.to_owned())
    } else {
        resolved(page, path)
    };
    Some(Link {
        line,
        path,
        anchor,
        written: target.to_owned(),
    })
}

/// The path from the root, or `None` if it climbs out.
fn resolved(page: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = if target.starts_with('/') {
        Vec::new()
    } else {
        page.split('/').collect()
    };
    // The page's own name; a link from the root has none to take away.
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The lines of a page with their numbers, without code: that is shown, not followed.
fn prose(text: &str) -> Vec<(usize, String)> {
    let mut fence: Option<&str> = None;
    let mut lines = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let mark = ["```", "~~~"].into_iter().find(|mark| line.trim_start().starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            (Some(_), _) => {}
            (None, None) => lines.push((at + 1, without_code(line))),
        }
    }
    lines
}

fn without_code(line: &str) -> String {
    let parts: Vec<&str> = line.split('`').collect();
    // An odd backtick opens nothing: the rest of such a line is text.
    let last = parts.len() - 1;
    let kept = parts.iter().enumerate().filter(|(at, _)| at % 2 == 0 || *at == last);
    kept.map(|(_, part)| *part).collect::<Vec<_>>().join("`")
}

/// What `](…)`, `[x]: …`, `href="…"` and `src="…"` point to.
fn targets(line: &str) -> Vec<&str> {
    let after = |mark: &'static str, close: &'static [char]| {
        line.match_indices(mark)
            .filter_map(move |(at, _)| line[at + mark.len()..].split(close).next())
    };
    let mut found: Vec<&str> = after("](", &[')', ' ']).map(|target| target.trim_matches(['<', '>'])).collect();
    found.extend(after("href=\"", &['"']));
    found.extend(after("src=\"", &['"']));
    let definition = line.trim_start().strip_prefix('[').and_then(|rest| rest.split_once("]: "));
    found.extend(definition.and_then(|(_, target)| target.split_whitespace().next()));
    found
}

/// The anchors of a page: its headings as the usual hosting sites name them, and explicit ids.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (_, line) in headings(text) {
        let slug = slug(&line);
        let times = seen.entry(slug.clone()).or_default();
        found.insert(if *times == 0 { slug } else { format!("{slug}-{times}") });
        *times += 1;
    }
    for mark in ["id=\"", "name=\""] {
        found.extend(
            text.match_indices(mark)
                .filter_map(|(at, _)| text[at + mark.len()..].split('"').next())
                .map(str::to_owned),
        );
    }
    found
}

fn headings(text: &str) -> Vec<(usize, String)> {
    // Code in a heading is part of its name, so only fenced blocks are left out here.
    let outside: BTreeSet<usize> = prose(text).into_iter().map(|(line, _)| line).collect();
    let lines = text
        .lines()
        .enumerate()
        .filter(|(at, line)| outside.contains(&(at + 1)) && line.starts_with('#'));
    lines
        .map(|(at, line)| (at + 1, line.trim_start_matches('#').trim().to_owned()))
        .collect()
}

fn slug(heading: &str) -> String {
    let mut text = String::new();
    let mut rest = heading;
    // `[text](target)` is named by its text.
    while let Some((before, after)) = rest.split_once("](") {
        text.push_str(before);
        rest = after.split_once(')').map_or("", |(_, rest)| rest);
    }
    text.push_str(rest);
    let kept = text.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pages: &[(&str, &str)], expected: &[&str]) {
        let files: Vec<File> = pages
            .iter()
            .map(|(path, text)| File {
                path: (*path).into(),
                text: (*text).into(),
            })
            .collect();
        assert_eq!(complaints(&files), expected);
    }

    #[test]
    fn a_link_leads_to_a_file_a_folder_or_elsewhere() {
        let text = "[a](docs/b.md) [c](docs) [d](https://x.org/nothing) ![e](mailto:x@y.z) <img src=\"docs/b.md\">";
        check(&[("a.md", text), ("docs/b.md", "[up](../a.md) [root](/a.md)")], &[]);
        check(&[("a.md", "\n[x](gone.md)")], &["a.md:2: `gone.md` leads to no file"]);
        check(&[("a.md", "[x]: gone.md")], &["a.md:1: `gone.md` leads to no file"]);
        check(&[("a.md", "[x](../b.md)")], &["a.md:1: `../b.md` leads out of the repository"]);
    }

    #[test]
    fn an_anchor_leads_to_a_heading() {
        let page = "# The `sell.rs` path, step 1\n## Same\n## Same\n<a id=\"here\"></a>";
        check(
            &[
                ("a.md", page),
                ("b.md", "[x](a.md#the-sellrs-path-step-1) [y](a.md#same-1) [z](a.md#here)"),
            ],
            &[],
        );
        check(&[("a.md", "# A\n[x](#b)")], &["a.md:2: `#b` leads to no heading of that page"]);
    }

    #[test]
    fn code_is_shown_and_not_followed() {
        check(&[("a.md", "```\n[x](gone.md)\n# no heading\n```\nand `[y](gone.md)`")], &[]);
    }
}
