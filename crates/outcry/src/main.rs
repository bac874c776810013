//! Outcry: the open, self-hosted ping-post exchange for leads.

mod audit;
mod backup;
mod bench;
mod cli;
mod clock;
mod deliveries;
mod demo;
mod descriptors;
mod folder;
mod http;
mod keyring;
mod keys;
mod lists;
mod loopback;
mod outbound;
mod retention;
mod secrets;
mod settings;
mod sim;
mod story;
mod telemetry;
mod unknowns;
mod wire;

use clap::Parser;
use cli::{Cli, Command};
use std::process::ExitCode;

/// The system's allocator took about a tenth of the samples of an auction; see docs/internals/performance.md.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Demo(args) => demo::run(&args),
        Command::Serve(args) => cli::serve::run(&args),
        Command::Check(args) => cli::check::run(&args),
        Command::Try(args) => cli::try_lead::run(&args),
        Command::Caps(args) => cli::caps::run(&args),
        Command::Explain(args) => cli::explain::run(&args),
        Command::Reasons(args) => cli::reasons::run(&args),
        Command::Unknowns(args) => cli::unknowns::run(&args),
        Command::Resolve(args) => cli::resolve::run(&args),
        Command::Reconcile(args) => cli::reconcile::run(&args),
        Command::Integration(args) => cli::integration::run(&args),
        Command::Status(args) => cli::status::run(&args),
        Command::Audit(args) => cli::audit::run(&args),
        Command::Key(args) => cli::key::run(&args),
        Command::Keys(args) => cli::keys::run(&args),
        Command::Person(args) => cli::person::run(&args),
        Command::Backup(args) => cli::backup::run(&args),
        Command::Restore(args) => cli::restore::run(&args),
        Command::Review(args) => cli::review::run(&args),
        Command::Withdraw(args) => cli::withdraw::run(&args),
        Command::List(args) => cli::list::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Sim(args) => sim::run(&args),
        Command::Settings => cli::output::print(settings::DEFAULTS).map(|_| ExitCode::SUCCESS),
    };
    done.unwrap_or_else(|fault| {
        eprintln!("outcry: {fault:#}");
        ExitCode::FAILURE
    })
}
