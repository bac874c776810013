//! `outcry integration`: write, try and prove the file of a buyer without an exchange around it.
//!
//! One file for each command. What they print as JSON is for programs and stays as it is; the text is for people.

mod call;
mod file;
mod lead;
mod new;
mod page;
mod params;
mod read;
mod render;
mod schema;
mod test;
mod try_out;

use super::output;
use anyhow::Result;
use clap::{Args, Subcommand};
use file::Refused;
use serde_json::json;
use std::process::ExitCode;

/// Flags of `outcry integration`.
#[derive(Debug, Args)]
pub(crate) struct IntegrationArgs {
    #[command(subcommand)]
    command: Command,
}

/// What can be done with an integration file.
#[derive(Debug, Subcommand)]
enum Command {
    /// Run the examples of files, or of all integration files below folders
    Test(test::TestArgs),
    /// Print the request that a file makes of a lead, byte for byte
    Render(render::RenderArgs),
    /// Print what a file understands of a buyer's answer
    Read(read::ReadArgs),
    /// Draft a file from pasted samples of requests and answers; every guess is marked
    New(new::NewArgs),
    /// Print the documentation page of a file, made from the file
    Page(page::PageArgs),
    /// Print the JSON Schema of integration files, for editors
    Schema(schema::SchemaArgs),
    /// Send the request of a lead for real, to an address of your choice, and show both sides
    Try(try_out::TryArgs),
}

/// Runs one of them. Exit code 1: an example failed or something cannot be read; 2: it was called wrongly.
pub(crate) fn run(args: &IntegrationArgs) -> Result<ExitCode> {
    let (done, json) = match &args.command {
        Command::Test(args) => (test::run(args), args.json),
        Command::Render(args) => (render::run(args), args.json),
        Command::Read(args) => (read::run(args), args.json),
        Command::New(args) => (new::run(args), args.json),
        Command::Page(args) => (page::run(args), args.json),
        Command::Schema(args) => (schema::run(), args.json),
        Command::Try(args) => (try_out::run(args), args.json),
    };
    done.or_else(|fault| refused(&fault, json))
}

/// Says why nothing came of it: to people on standard error, to programs on standard output too.
fn refused(fault: &anyhow::Error, json: bool) -> Result<ExitCode> {
    let refused = fault.downcast_ref::<Refused>();
    if json {
        let problems = refused.map(Refused::problems).unwrap_or_default();
        let object = json!({ "ok": false, "error": format!("{fault:#}"), "problems": problems });
        output::print(&format!("{object}\n"))?;
    }
    eprintln!("outcry: {fault:#}");
    Ok(match refused {
        Some(Refused::Usage(_)) => ExitCode::from(2),
        Some(Refused::Problems { .. }) | None => ExitCode::FAILURE,
    })
}
