//! `outcry integration new`: a first draft of a file from pasted samples.

use super::super::output;
use super::file::{self, Refused};
use super::render::say;
use anyhow::{Context, Result};
use clap::Args;
use outcry_integration::draft::{self, Samples};
use outcry_spec::builtin;
use serde_json::json;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Flags of `outcry integration new`.
#[derive(Debug, Args)]
pub(super) struct NewArgs {
    /// Samples, each a file: a raw HTTP request, a curl command, a bare body, or an answer. Which is which is guessed;
    /// answers belong to the request before them
    #[arg(long, value_name = "SAMPLE", num_args = 1..)]
    from: Vec<PathBuf>,
    /// The sample of a ping
    #[arg(long, value_name = "FILE")]
    ping: Option<PathBuf>,
    /// Answers to it
    #[arg(long, value_name = "FILE", num_args = 1..)]
    ping_answer: Vec<PathBuf>,
    /// The sample of a post
    #[arg(long, value_name = "FILE")]
    post: Option<PathBuf>,
    /// Answers to it
    #[arg(long, value_name = "FILE", num_args = 1..)]
    post_answer: Vec<PathBuf>,
    /// The buyer's name
    #[arg(long, value_name = "NAME", default_value = "New buyer")]
    name: String,
    /// Where to write the file; otherwise it is printed
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// One JSON object instead of the file
    #[arg(long)]
    pub(super) json: bool,
}

/// Drafts and prints or writes. An existing file is never overwritten.
pub(super) fn run(args: &NewArgs) -> Result<ExitCode> {
    let samples = samples(args)?;
    let drafted = draft::draft(&args.name, &samples, builtin::lead_types())?;
    let guesses = drafted.text.matches("# guess:").count();
    if let Some(path) = &args.out {
        write(path, &drafted.text)?;
    }
    if args.json {
        let object = json!({ "ok": true, "text": drafted.text, "guesses": guesses, "notes": drafted.notes, "out": args.out });
        output::print(&format!("{object}\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    say(&drafted.notes);
    match &args.out {
        None => output::print(&drafted.text)?,
        Some(path) => {
            let guesses = if guesses == 1 {
                "1 guess".to_owned()
            } else {
                format!("{guesses} guesses")
            };
            let path = path.display();
            output::print(&format!(
                "{path} is drafted; {guesses} to look at: grep '# guess:' {path}\nThen: outcry integration test {path}\n"
            ))?
        }
    };
    Ok(ExitCode::SUCCESS)
}

fn samples(args: &NewArgs) -> Result<Samples> {
    let mut recognised = Vec::new();
    for path in &args.from {
        let name = name(path);
        let sample = draft::recognise(&name, &file::text(path)?);
        recognised.push((name, sample));
    }
    let mut samples = Samples::sort(recognised);
    let request = |path: &PathBuf| Ok::<_, anyhow::Error>(draft::request(&file::text(path)?));
    if let Some(path) = &args.ping {
        samples.ping = Some(request(path)?);
    }
    if let Some(path) = &args.post {
        samples.post = Some(request(path)?);
    }
    for (paths, list) in [
        (&args.ping_answer, &mut samples.ping_answers),
        (&args.post_answer, &mut samples.post_answers),
    ] {
        for path in paths {
            list.push(draft::answer(&name(path), &file::text(path)?));
        }
    }
    if args.from.is_empty() && args.ping.is_none() && args.post.is_none() {
        let what = "name the samples: --from FILE…, or --ping FILE and --post FILE with --ping-answer and --post-answer".to_owned();
        return Err(Refused::Usage(what).into());
    }
    Ok(samples)
}

/// What a sample is called; it may say what it is.
fn name(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

fn write(path: &Path, text: &str) -> Result<()> {
    let mut file = std::fs::File::create_new(path).with_context(|| {
        format!(
            "{} cannot be made; if it is there already, name another or remove it",
            path.display()
        )
    })?;
    file.write_all(text.as_bytes())
        .with_context(|| format!("{} cannot be written", path.display()))
}
