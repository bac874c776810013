//! `outcry integration render`: the request that a file makes of a lead.

use super::super::output;
use super::call::{CallArgs, Ids};
use super::file;
use anyhow::Result;
use clap::Args;
use outcry_integration::Request;
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
    /// Show secrets as they are; otherwise [secret] stands in their place
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
    let shown = Shown::new(&written.request, args.show_secrets);
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
