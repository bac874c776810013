//! `outcry integration page`: the documentation page of a file, made from the file.

use super::super::output;
use super::file::{self, Refused};
use anyhow::{Context, Result};
use clap::Args;
use outcry_integration::describe;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Flags of `outcry integration page`.
#[derive(Debug, Args)]
pub(super) struct PageArgs {
    /// Integration files
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Folder to write a page for each file to, `NAME.md`, and a `README.md` that leads to them; otherwise they are printed
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// One JSON object instead of Markdown
    #[arg(long)]
    pub(super) json: bool,
}

/// Makes the pages. One that is there is written anew: it is made, not edited.
pub(super) fn run(args: &PageArgs) -> Result<ExitCode> {
    let mut files = Vec::new();
    let mut pages = Vec::new();
    for file in &args.files {
        let name = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let text = file::text(file)?;
        let page = describe::page(&name, &text).map_err(|problems| Refused::Problems {
            file: file.clone(),
            problems,
        })?;
        pages.push((name.clone(), page));
        files.push((name, text));
    }
    if let Some(folder) = &args.out {
        for (name, page) in &pages {
            write(folder, name, page)?;
        }
        let index = describe::index(&files).map_err(|_| anyhow::anyhow!("a file has changed while it was read; try again"))?;
        write(folder, "README", &index)?;
    }
    if args.json {
        let list: Vec<_> = pages.iter().map(|(name, page)| json!({ "name": name, "markdown": page })).collect();
        output::print(&format!("{}\n", json!({ "ok": true, "pages": list })))?;
    } else if args.out.is_none() {
        let texts: Vec<String> = pages.into_iter().map(|(_, page)| page).collect();
        output::print(&texts.join("\n"))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn write(folder: &Path, name: &str, page: &str) -> Result<()> {
    let path = folder.join(format!("{name}.md"));
    std::fs::write(&path, page).with_context(|| format!("{} cannot be written", path.display()))
}
