//! `outcry integration render`: the request that a file makes of a lead.

use super::super::output;
use super::call::{CallArgs, Ids, Written};
use super::file;
use anyhow::Result;
use clap::Args;
use outcry_integration::{Outgoing, Request};
use serde_json::{Map, Value, json};
use std::path::PathBuf;
use std::process::ExitCode;

/// Flags of `outcry integration render`.
#[derive(Debug, Args)]
pub(super) struct RenderArgs {
    /// The integration file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    call: CallArgs,
    /// Show secrets as they are; otherwise `[secret]` stands in their place
    #[arg(long)]
    show_secrets: bool,
    /// One JSON object instead of text
    #[arg(long)]
    pub(super) json: bool,
}

/// Writes the request and prints it; notes go to standard error.
pub(super) fn run(args: &RenderArgs) -> Result<ExitCode> {
    let integration = file::open(&args.file)?;
    let written = args.call.write(&args.file, &integration, Ids::of_examples())?;
    let shown = match &written.request {
        Outgoing::Http(request) => Delivered::Http(Shown::new(request, args.show_secrets)),
        other @ (Outgoing::Mail(_) | Outgoing::Inbox(_) | Outgoing::Row(_)) => {
            Delivered::Parts(other.via(), masked(other, &written, args.show_secrets))
        }
    };
    if args.json {
        let mut object = shown.as_json();
        object.insert("step".to_owned(), json!(args.call.step));
        object.insert("notes".to_owned(), json!(written.notes));
        output::print(&format!("{}\n", Value::Object(object)))?;
    } else {
        say(&written.notes);
        output::print(&shown.as_text())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Notes for people, apart from what may be piped on.
pub(super) fn say(notes: &[String]) {
    for note in notes {
        eprintln!("note: {note}");
    }
}

/// What is shown of a step: an HTTP request, or the parts of what travels otherwise.
enum Delivered {
    Http(Shown),
    Parts(&'static str, Vec<(&'static str, String)>),
}

fn masked(outgoing: &Outgoing, written: &Written, secrets: bool) -> Vec<(&'static str, String)> {
    let text = |part: String| {
        if secrets {
            part
        } else {
            written.params.mask().hide(&part).into_owned()
        }
    };
    outgoing.parts().into_iter().map(|(name, part)| (name, text(part))).collect()
}

impl Delivered {
    fn as_text(&self) -> String {
        match self {
            Self::Http(shown) => shown.as_text(),
            Self::Parts(via, parts) => {
                let lines = parts.iter().map(|(name, part)| match part.trim_end() {
                    part if part.contains('\n') => format!("{name}:\n\n{part}\n"),
                    part => format!("{name}: {part}\n"),
                });
                std::iter::once(format!("via: {via}\n")).chain(lines).collect()
            }
        }
    }

    fn as_json(&self) -> Map<String, Value> {
        match self {
            Self::Http(shown) => shown.as_json(),
            Self::Parts(via, parts) => {
                let parts = parts.iter().map(|(name, part)| ((*name).to_owned(), json!(part)));
                std::iter::once(("via".to_owned(), json!(via))).chain(parts).collect()
            }
        }
    }
}

/// A request as text, masked or not.
pub(super) struct Shown {
    method: &'static str,
    url: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Shown {
    pub(super) fn new(request: &Request, secrets: bool) -> Self {
        let text = |text: &str| if secrets { text.to_owned() } else { request.masked(text) };
        Self {
            method: request.method.as_str(),
            url: text(&request.url),
            headers: request
                .headers
                .iter()
                .map(|(name, value)| (name.to_string(), text(value)))
                .collect(),
            body: text(&String::from_utf8_lossy(&request.body)),
        }
    }

    /// As HTTP writes it, but for the address, which is whole.
    pub(super) fn as_text(&self) -> String {
        let mut lines = vec![format!("{} {}", self.method, self.url)];
        lines.extend(self.headers.iter().map(|(name, value)| format!("{name}: {value}")));
        if !self.body.is_empty() {
            lines.extend([String::new(), self.body.clone()]);
        }
        lines.join("\n") + "\n"
    }

    pub(super) fn as_json(&self) -> Map<String, Value> {
        let headers: Map<String, Value> = self.headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        let mut object = Map::new();
        object.insert("method".to_owned(), json!(self.method));
        object.insert("url".to_owned(), json!(self.url));
        object.insert("headers".to_owned(), Value::Object(headers));
        object.insert("body".to_owned(), json!(self.body));
        object
    }
}
