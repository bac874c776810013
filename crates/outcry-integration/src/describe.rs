//! The documentation page of an integration, made from its file: what it asks of a contract, what it sends, how it
//! understands what comes back. Its examples are shown as they come out, so a page cannot say what is not so.

use crate::Integration;
use crate::file::{self, Entry, Kind, Node};
use crate::mask::Mask;
use crate::outgoing::Outgoing;
use crate::param::Params;
use crate::problem::{Problem, Problems};
use crate::step::StepName;

/// The page of a file, as Markdown. `name` is what a contract calls it.
///
/// # Errors
/// Everything that is wrong with the file.
pub fn page(name: &str, text: &str) -> Result<String, Vec<Problem>> {
    let integration = Integration::read(text)?;
    let mut problems = Problems::default();
    let parsed = file::parse(text, &mut problems);
    let root = problems.into_result(parsed)?;
    let mut parts = vec![head(name, &integration, &root)];
    for step in StepName::ALL {
        parts.extend(at(&root, step.word()).map(|table| self::step(step, table)));
    }
    parts.extend(tables(&root));
    parts.push(examples(&integration, &root));
    let pages = parts.into_iter().filter(|part| !part.is_empty());
    Ok(pages.collect::<Vec<_>>().join("\n\n") + "\n")
}

/// The page that leads to the pages of these files, each by its name and its text.
///
/// # Errors
/// Everything that is wrong with the first file that has something wrong.
pub fn index(files: &[(String, String)]) -> Result<String, Vec<Problem>> {
    let mut lines = vec![
        "# Integrations".to_owned(),
        String::new(),
        "A contract names one, gives it its parameters, and is ready. These pages are made from the files: whoever changes a file"
            .to_owned(),
        "renews them with `outcry integration page FILE… --out DIR`.".to_owned(),
        String::new(),
    ];
    for (name, text) in files {
        let mut problems = Problems::default();
        let parsed = file::parse(text, &mut problems);
        let root = problems.into_result(parsed)?;
        let about = match self::text(&root, "about") {
            "" => String::new(),
            about => format!(": {about}"),
        };
        lines.push(format!("- [{}]({name}.md){about}", self::text(&root, "label")));
    }
    Ok(lines.join("\n") + "\n")
}

/// The value of a key of a table.
fn at<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    entries(node).iter().find(|entry| entry.key == key).map(|entry| &entry.value)
}

fn entries(node: &Node) -> &[Entry] {
    match &node.kind {
        Kind::Table(entries) => entries,
        _ => &[],
    }
}

fn text<'n>(node: &'n Node, key: &str) -> &'n str {
    at(node, key).and_then(Node::text).unwrap_or_default()
}

fn head(name: &str, integration: &Integration, root: &Node) -> String {
    let mut lines = vec![format!("# {}", integration.label()), String::new()];
    let about = text(root, "about");
    if !about.is_empty() {
        lines.extend([about.to_owned(), String::new()]);
    }
    let params = at(root, "params").map(entries).unwrap_or_default();
    let given = params
        .iter()
        .filter(|param| matches!(at(&param.value, "required"), Some(node) if matches!(node.kind, Kind::Bool(true))));
    let given: Vec<String> = given
        .map(|param| match text(&param.value, "kind") {
            "secret" => format!("{} = \"secret:{name}_{}\"", param.key, param.key),
            "url" => format!("{} = \"https://…\"", param.key),
            _ => format!("{} = \"…\"", param.key),
        })
        .collect();
    lines.extend([
        "In a contract:".to_owned(),
        String::new(),
        "```toml".to_owned(),
        format!("integration = \"{name}\""),
    ]);
    if !given.is_empty() {
        lines.push(format!("params = {{ {} }}", given.join(", ")));
    }
    lines.push("```".to_owned());
    if !params.is_empty() {
        lines.extend([String::new(), "| Parameter | Kind | | |".to_owned(), "|---|---|---|---|".to_owned()]);
        lines.extend(params.iter().map(param));
    }
    lines.join("\n")
}

fn param(entry: &Entry) -> String {
    let kind = match text(&entry.value, "kind") {
        "" => "text",
        kind => kind,
    };
    let need = match (at(&entry.value, "required"), at(&entry.value, "default").and_then(Node::scalar)) {
        (_, Some(default)) => format!("{} if left out", code(&default)),
        (Some(_), None) => "required".to_owned(),
        (None, None) => String::new(),
    };
    format!("| {} | {kind} | {need} | {} |", code(&entry.key), cell(text(&entry.value, "about")))
}

/// One step: what is sent, and what its answers mean.
fn step(name: StepName, table: &Node) -> String {
    let mut lines = vec![format!("## {}", title(name.word())), String::new()];
    if let Some(request) = at(table, "request") {
        lines.push(sent(request));
        let members = request_members(request);
        if !members.is_empty() {
            lines.extend([String::new(), "| Sent as | Value |".to_owned(), "|---|---|".to_owned()]);
            lines.extend(members.iter().map(|(name, value)| format!("| {} | {} |", code(name), code(value))));
        }
    }
    if let Some(answer) = at(table, "answer") {
        let said = match (name, text(table, "carried")) {
            (StepName::Callback, "query") => "The buyer calls with the final word, behind the question mark as",
            (StepName::Callback, _) => "The buyer calls with the final word, in the body as",
            _ => "The answer is",
        };
        lines.extend([String::new(), format!("{said} {}.", format_word(text(answer, "format")))]);
        lines.extend(meanings(answer));
        lines.extend(readers(answer));
    }
    lines.join("\n")
}

fn sent(request: &Node) -> String {
    let via = text(request, "via");
    if !matches!(via, "" | "http") {
        return format!("Goes by {via}.");
    }
    let method = match text(request, "method") {
        "" => "POST",
        method => method,
    };
    let body = match text(request, "format") {
        "" => String::new(),
        "query" => ", everything behind the question mark".to_owned(),
        format => format!(", as {}", format_word(format)),
    };
    format!("{}{body}.", code(&format!("{method} {}", text(request, "url"))))
}

fn format_word(word: &str) -> &str {
    match word {
        "json" => "JSON",
        "xml" => "XML",
        "soap11" => "SOAP 1.1",
        "soap12" => "SOAP 1.2",
        "form" => "form fields",
        "none" => "its status alone",
        other => other,
    }
}

/// Headers and leaves of the body by their full names; what has a meaning of its own stays one line.
fn request_members(request: &Node) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let apart = ["via", "method", "url", "format", "headers", "body"];
    let others = entries(request).iter().filter(|entry| !apart.contains(&entry.key.as_str()));
    found.extend(others.map(|entry| (entry.key.clone(), inline(&entry.value))));
    for header in at(request, "headers").map(entries).unwrap_or_default() {
        found.push((format!("header {}", header.key), inline(&header.value)));
    }
    if let Some(body) = at(request, "body") {
        leaves("", body, &mut found);
    }
    found
}

fn leaves(name: &str, node: &Node, found: &mut Vec<(String, String)>) {
    let is_special = ["each", "when", "document"].iter().any(|key| at(node, key).is_some());
    match &node.kind {
        Kind::Table(entries) if !is_special => {
            for entry in entries {
                let inner = if name.is_empty() {
                    entry.key.clone()
                } else {
                    format!("{name}.{}", entry.key)
                };
                leaves(&inner, &entry.value, found);
            }
        }
        Kind::Text(text) => found.push((name.to_owned(), text.clone())),
        _ => found.push((name.to_owned(), inline(node))),
    }
}

/// The rules, in order.
fn meanings(answer: &Node) -> Vec<String> {
    let Some(Kind::Array(rules)) = at(answer, "rules").map(|node| &node.kind) else {
        return Vec::new();
    };
    let mut lines = vec![
        String::new(),
        "| The first of these that holds | Means |".to_owned(),
        "|---|---|".to_owned(),
    ];
    lines.extend(rules.iter().map(|rule| {
        let when = at(rule, "when").map_or_else(|| "always".to_owned(), |when| code(&members(when)));
        format!("| {when} | {} |", code(text(rule, "outcome")))
    }));
    lines
}

/// Where everything else is found.
fn readers(answer: &Node) -> Vec<String> {
    let other = entries(answer)
        .iter()
        .filter(|entry| !matches!(entry.key.as_str(), "rules" | "format"));
    let rows: Vec<String> = other
        .map(|entry| format!("| {} | {} |", code(&entry.key), code(&inline(&entry.value))))
        .collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let head = [String::new(), "| Read | From |".to_owned(), "|---|---|".to_owned()];
    head.into_iter().chain(rows).collect()
}

fn tables(root: &Node) -> Vec<String> {
    let tables = at(root, "tables").map(entries).unwrap_or_default();
    let table = |entry: &Entry| {
        let rows = entries(&entry.value)
            .iter()
            .map(|cell| format!("| {} | {} |", code(&cell.key), code(&inline(&cell.value))));
        let head = [
            format!("## Table {}", entry.key),
            String::new(),
            "| Word | Stands for |".to_owned(),
            "|---|---|".to_owned(),
        ];
        head.into_iter().chain(rows).collect::<Vec<_>>().join("\n")
    };
    tables.iter().map(table).collect()
}

/// The examples as they come out.
fn examples(integration: &Integration, root: &Node) -> String {
    let requests = integration.examples().iter().filter_map(|example| {
        let (step, given) = example.given()?;
        let params = Params::bind(integration, given.params()).ok()?;
        let sent = integration.rehearse(step.word(), &params, &given.rehearsal()).ok()?;
        Some(format!(
            "### {}: {}\n\n```http\n{}\n```",
            title(step.word()),
            example.name(),
            shown(&sent, params.mask())
        ))
    });
    let mut parts: Vec<String> = requests.collect();
    for step in StepName::ALL {
        let list = at(root, "examples").and_then(|examples| at(examples, &format!("{}_answer", step.word())));
        if let Some(Kind::Array(answers)) = list.map(|list| &list.kind) {
            parts.extend(answers.iter().map(|answer| self::answer(step, answer)));
        }
    }
    if parts.is_empty() {
        return String::new();
    }
    format!("## Examples\n\n{}", parts.join("\n\n"))
}

/// A request on the wire; secrets of examples are masked like any others.
fn shown(sent: &Outgoing, mask: &Mask) -> String {
    let lines: Vec<String> = match sent.http() {
        Some(request) => {
            let mut lines = vec![format!("{} {}", request.method.as_str(), request.url)];
            lines.extend(request.headers.iter().map(|(name, value)| format!("{name}: {value}")));
            if !request.body.is_empty() {
                let body = String::from_utf8_lossy(&request.body).into_owned();
                lines.extend([String::new(), laid_out(&body)]);
            }
            lines
        }
        None => sent.parts().into_iter().map(|(name, part)| format!("{name}: {part}")).collect(),
    };
    mask.hide(&lines.join("\n")).trim_end().to_owned()
}

/// JSON is laid out for reading; everything else stays as it is.
fn laid_out(body: &str) -> String {
    let json = serde_json::from_str::<serde_json::Value>(body).ok();
    let json = json.and_then(|json| serde_json::to_string_pretty(&json).ok());
    json.unwrap_or_else(|| body.to_owned())
}

fn answer(step: StepName, example: &Node) -> String {
    let status = at(example, "status").and_then(Node::scalar).unwrap_or_else(|| "200".to_owned());
    let expect = at(example, "expect").map(members).unwrap_or_default();
    let body = text(example, "body").trim();
    let body = if body.is_empty() { String::new() } else { format!("\n\n{body}") };
    format!(
        "### {} answer: {}\n\n```http\nHTTP {status}{body}\n```\n\nIs read as {}.",
        title(step.word()),
        text(example, "name"),
        code(&expect)
    )
}

/// `pre_ping` as `Pre-ping`.
fn title(word: &str) -> String {
    let word = word.replace('_', "-");
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_ascii_uppercase())
        .into_iter()
        .chain(letters)
        .collect()
}

/// A value as TOML writes it on one line.
fn inline(node: &Node) -> String {
    match &node.kind {
        Kind::Text(text) => toml::Value::String(text.replace('\n', "\\n")).to_string(),
        Kind::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Kind::Table(_) => format!("{{ {} }}", members(node)),
        _ => node.scalar().unwrap_or_default(),
    }
}

/// The members of a table on one line, without its braces.
fn members(node: &Node) -> String {
    let pairs = entries(node).iter().map(|entry| {
        let bare = entry.key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        let key = if bare { entry.key.clone() } else { format!("\"{}\"", entry.key) };
        format!("{key} = {}", inline(&entry.value))
    });
    pairs.collect::<Vec<_>>().join(", ")
}

/// Code inside of a table of Markdown: a bar would end the cell.
fn code(text: &str) -> String {
    let text = text.replace('|', "\\|").replace('\n', " ");
    if text.is_empty() {
        String::new()
    } else if text.contains('`') {
        format!("`` {text} ``")
    } else {
        format!("`{text}`")
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
