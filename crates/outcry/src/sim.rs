//! `outcry sim`: the engine in a make-believe world where everything goes wrong, repeated from a seed.
//!
//! The engine is the real one. Time is virtual, chance comes from the seed, the store is the project's own store in memory
//! behind commits that get lost, and the buyers keep books of their own. See docs/internals/simulator.md.

mod aftermath;
mod checker;
mod facts;
mod life;
mod mutants;
mod nodes;
mod plan;
mod play;
mod ports;
mod report;
mod shape;
mod sometimes;
mod sources;
mod spent;
mod store;
#[cfg(test)]
mod tests;
mod trace;
mod wire;
mod world;

use anyhow::Result;
use clap::{Args, ValueEnum};
use mutants::Mutant;
use plan::{Crash, Mode, Plan};
use play::{play, play_plan};
use report::{Caught, Failure, Report};
use spent::Begun;
use std::process::ExitCode;

/// Flags of `outcry sim`.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct SimArgs {
    /// How many seeds to play
    #[arg(long, default_value_t = 400)]
    seeds: u64,
    /// The first seed
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Play just this seed
    #[arg(long, value_name = "SEED")]
    seed: Option<u64>,
    /// In which mode: faults stop and everything must settle, faults never stop, or each seed once in each
    #[arg(long, value_enum, default_value_t = Modes::Both)]
    mode: Modes,
    /// Print what happened, in order, and the hash of it
    #[arg(long, requires = "seed")]
    trace: bool,
    /// Play each seed twice and compare the traces
    #[arg(long, conflicts_with_all = ["mutants", "trace"])]
    twice: bool,
    /// Play twelve small scenarios, each as often as it has steps, with a crash at every one of them
    #[arg(long, conflicts_with_all = ["mutants", "trace", "twice"])]
    every_step: bool,
    /// Fail if it took more than so many seconds of one core
    #[arg(long, value_name = "SECONDS")]
    within: Option<f64>,
    /// Play deliberately broken variants of the protocol until each is caught, and tell how many seeds that took
    #[arg(long)]
    mutants: bool,
    /// Play with this broken variant only; may be given several times
    #[arg(long = "mutant", value_name = "NAME")]
    named: Vec<String>,
    /// One JSON object as the last line
    #[arg(long)]
    json: bool,
}

/// Which modes are played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Modes {
    /// Faults stop at the end, and everything must settle.
    Liveness,
    /// Faults never stop.
    Safety,
    /// Each seed once in each.
    Both,
}

impl Modes {
    const fn all(self) -> &'static [Mode] {
        match self {
            Self::Liveness => &[Mode::Liveness],
            Self::Safety => &[Mode::Safety],
            Self::Both => &[Mode::Liveness, Mode::Safety],
        }
    }
}

/// Plays, and fails if a promise was broken, or a broken variant was not caught.
pub(crate) fn run(args: &SimArgs) -> Result<ExitCode> {
    if args.trace {
        return trace(args);
    }
    if args.mutants {
        return hunt(args);
    }
    if args.every_step {
        return every_step(args);
    }
    let (from, seeds) = args.seed.map_or((args.from, args.seeds), |seed| (seed, 1));
    if args.twice {
        return twice(from, seeds, args.mode);
    }
    let report = campaign(from, seeds, args.mode, None)?;
    Ok(told(&report, args))
}

/// Prints what came of a run. A long one must have seen everything that it claims to look at.
fn told(report: &Report, args: &SimArgs) -> ExitCode {
    print!("{}", report.text());
    if args.json {
        println!("{}", report.json());
    }
    let looked = report.is_short() || report.never().is_empty();
    let in_time = args.within.is_none_or(|within| report.spent.core_seconds <= within);
    if report.failures.is_empty() && looked && in_time {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The same seed is the same story, to the microsecond.
fn twice(from: u64, seeds: u64, modes: Modes) -> Result<ExitCode> {
    let mut different = 0_u64;
    for seed in from..from + seeds {
        for mode in modes.all() {
            let (first, second) = (play(seed, *mode, None, false)?.hash, play(seed, *mode, None, false)?.hash);
            if first != second {
                println!("seed {seed}, {mode:?}: {first:016x} and {second:016x}");
                different += 1;
            }
        }
    }
    println!("figure: {seeds} seeds twice, {different} different traces");
    Ok(if different == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Every step of twelve scenarios is the last one once.
fn every_step(args: &SimArgs) -> Result<ExitCode> {
    let begun = Begun::now();
    let mut report = Report::of(SCENARIOS);
    for number in 1..=SCENARIOS {
        let steps = play_plan(Plan::scenario(number, Crash::Never), None, false)?.steps;
        for step in 1..=steps {
            let played = play_plan(Plan::scenario(number, Crash::At(step)), None, false)?;
            report.add(number, Mode::Liveness, played);
        }
    }
    report.spent = begun.spent();
    println!("{SCENARIOS} scenarios with a crash at each of their steps:");
    Ok(told(&report, args))
}

/// Scenarios of which every step is tried.
const SCENARIOS: u64 = 12;

/// Plays so many seeds.
fn campaign(from: u64, seeds: u64, modes: Modes, mutant: Option<Mutant>) -> Result<Report> {
    let begun = Begun::now();
    let mut report = Report::of(seeds);
    for seed in from..from + seeds {
        for mode in modes.all() {
            let played = play(seed, *mode, mutant, false)?;
            report.add(seed, *mode, played);
        }
    }
    report.spent = begun.spent();
    Ok(report)
}

/// Prints one seed as a story.
fn trace(args: &SimArgs) -> Result<ExitCode> {
    let mutant = mutants::named(&args.named)?.first().copied().filter(|_| !args.named.is_empty());
    let mut sound = true;
    for mode in args.mode.all() {
        let played = play(args.seed.unwrap_or(args.from), *mode, mutant, true)?;
        print!("{}", played.lines);
        for broken in &played.violations {
            println!("BROKEN {}: {}", broken.invariant, broken.what);
        }
        println!("{mode:?} hash {:016x}", played.hash);
        sound &= played.violations.is_empty();
    }
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Plays each broken variant until it is caught.
fn hunt(args: &SimArgs) -> Result<ExitCode> {
    let begun = Begun::now();
    let mut caught = Vec::new();
    for mutant in mutants::named(&args.named)? {
        let found = catch(mutant, args.from, args.seeds, args.mode)?;
        println!("{}", found.text());
        caught.push(found);
    }
    let found = caught.iter().filter(|found| found.failure.is_some()).count();
    let most = caught.iter().map(|found| found.after).max().unwrap_or(0);
    println!(
        "figure: {found} of {} broken variants caught, the last after {most} seeds",
        caught.len()
    );
    if args.json {
        println!("{}", report::mutants_json(&caught, args.seeds, begun.spent()));
    }
    let all = caught.iter().all(|found| found.failure.is_some());
    Ok(if all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn catch(mutant: Mutant, from: u64, seeds: u64, modes: Modes) -> Result<Caught> {
    for seed in from..from + seeds {
        for mode in modes.all() {
            let played = play(seed, *mode, Some(mutant), false)?;
            if let Some(broken) = played.violations.into_iter().next() {
                let failure = Failure { seed, mode: *mode, broken };
                return Ok(Caught {
                    mutant,
                    after: seed - from + 1,
                    failure: Some(failure),
                });
            }
        }
    }
    Ok(Caught {
        mutant,
        after: seeds,
        failure: None,
    })
}
