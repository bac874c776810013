//! `outcry bench`: the engine with everything durable and every rule on, beside a bare floor in the same run.

mod bids;
mod buyers;
mod edge;
mod floor;
mod freeze;
mod load;
mod micro;
mod process;
mod report;
mod screening;
mod spec;

use crate::cli::serve::runtime;
use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use load::{Keys, Loop, Target};
use process::{Process, free_ports};
use report::{Row, Run};
use spec::Shape;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Connections of the closed loop.
const CONNECTIONS: usize = 32;

/// Flags of `outcry bench`.
#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// Numbers of buyers to measure with
    #[arg(long, value_delimiter = ',', default_values_t = [1, 10, 50])]
    buyers: Vec<u16>,
    /// Delays of the buyers' answers in milliseconds
    #[arg(long, value_delimiter = ',', default_values_t = [0, 50])]
    delays: Vec<u64>,
    /// Seconds counted for each setting
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Seconds before counting starts
    #[arg(long, default_value_t = 2)]
    warm: u64,
    /// Leads a second of the open loop
    #[arg(long, default_value_t = 100.0)]
    rate: f64,
    /// People on the suppression list
    #[arg(long, default_value_t = 1_000_000)]
    suppressed: u32,
    /// Leave out the freeze test: one second stopped at 1,000 leads a second
    #[arg(long)]
    no_freeze: bool,
    /// Measure another engine too, started by this shell command; it finds its port in `PORT`, the buyers in `BUYERS` and
    /// `BUYER_BASE`, and takes the same leads at POST /lead, each with a `lead_id` and a `product` besides
    #[arg(long, value_name = "COMMAND")]
    peer: Option<String>,
    /// Measure what a crowd costs: twice the capacity, a flood from one source, or a thousand sockets that stall
    #[arg(long, value_name = "WHICH")]
    edge: Option<edge::Edge>,
    /// Measure only what the CPU does for one lead: a request written and an answer read in five formats, and ten thousand
    /// contracts screened
    #[arg(long)]
    micro: bool,
    /// One JSON object as the last line
    #[arg(long)]
    json: bool,
    #[arg(long, hide = true)]
    role: Option<Role>,
    #[arg(long, hide = true, default_value_t = 0)]
    port: u16,
    #[arg(long, hide = true, default_value_t = 0)]
    buyer_port: u16,
    #[arg(long, hide = true, default_value = "floor.log")]
    log: PathBuf,
}

/// What a child process of the bench is.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Role {
    /// Stub buyers.
    Buyers,
    /// The bare floor.
    Floor,
}

/// Measures, prints a table, and as the last line an object if asked.
pub(crate) fn run(args: &BenchArgs) -> Result<ExitCode> {
    let buyers = args.buyers.first().copied().unwrap_or(1);
    match args.role {
        Some(Role::Buyers) => {
            let delay = Duration::from_millis(args.delays.first().copied().unwrap_or(0));
            runtime(1)?.block_on(buyers::serve(args.buyer_port, buyers, delay))?;
        }
        Some(Role::Floor) => runtime(1)?.block_on(floor::serve(args.port, args.buyer_port, buyers, &args.log))?,
        None if args.micro => micro::run(args.json)?,
        None if args.edge.is_some() => {
            let reached = args.edge.map_or(Ok(true), |which| edge::run(which, args))?;
            return Ok(if reached { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        None => {
            let run = measure(args)?;
            print!("{}", report::table(&run));
            if args.json {
                println!("{}", report::json(&run));
            }
            return Ok(if run.wrong_winners() == 0 {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            });
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn measure(args: &BenchArgs) -> Result<Run> {
    let folder = tempfile::tempdir().context("no temporary folder can be made")?;
    let mut run = Run::default();
    for buyers in &args.buyers {
        let stage = Stage::set(args, folder.path(), *buyers)?;
        for delay in &args.delays {
            run.rows.push(stage.row(args, *delay)?);
        }
        if *buyers == 10 && !args.no_freeze {
            eprintln!("  freezing the engine for a second at 1,000 leads a second, buyers at 50 ms ...");
            run.freeze = Some(stage.freeze()?);
        }
    }
    Ok(run)
}

/// The engines for one number of buyers. The buyers themselves come and go with their delay.
struct Stage {
    buyers: u16,
    buyer_port: u16,
    engine: Engine,
    floor: Engine,
    peer: Option<Engine>,
}

/// One engine under test.
struct Engine {
    process: Process,
    target: Target,
}

impl Stage {
    fn set(args: &BenchArgs, folder: &Path, buyers: u16) -> Result<Self> {
        eprintln!("{buyers} buyers:");
        let (buyer_port, port) = (free_ports(buyers)?, free_ports(3 + buyers)? + buyers);
        let home = folder.join(format!("{buyers}"));
        std::fs::create_dir_all(&home).context("no folder for the bench can be made")?;
        let target = |port: u16, path: &str, headers: String, rules, shape| Target {
            port,
            path: path.to_owned(),
            headers: vec![headers],
            buyers: buyers.into(),
            rules,
            shape,
        };
        let bearer = format!("authorization: Bearer {}\r\n", spec::SOURCE_KEY);
        let engine = Engine {
            process: serve(args, &home, port, buyer_port, buyers, 1)?,
            target: target(port, "/v1/leads", bearer, true, Shape::Auto),
        };
        let floor = Engine {
            process: role("floor", port + 1, buyer_port, buyers, 0, &home)?,
            target: target(port + 1, "/lead", String::new(), false, Shape::Auto),
        };
        let peer = args.peer.as_ref().map(|command| -> Result<Engine> {
            Ok(Engine {
                process: peer(command, port + 2, buyer_port, buyers, &home)?,
                target: target(port + 2, "/lead", String::new(), false, Shape::Named),
            })
        });
        Ok(Self {
            buyers,
            buyer_port,
            engine,
            floor,
            peer: peer.transpose()?,
        })
    }

    /// Closed loop, then open loop, for each engine in turn.
    fn row(&self, args: &BenchArgs, delay_ms: u64) -> Result<Row> {
        let home = std::env::temp_dir();
        let _buyers = role("buyers", 0, self.buyer_port, self.buyers, delay_ms, &home)?;
        let mut row = Row {
            buyers: self.buyers,
            buyer_delay_ms: delay_ms,
            ..Row::default()
        };
        for (name, engine) in [
            ("engine", Some(&self.engine)),
            ("floor", Some(&self.floor)),
            ("peer", self.peer.as_ref()),
        ] {
            let Some(engine) = engine else { continue };
            eprintln!("  {name}, buyers at {delay_ms} ms ...");
            let closed = engine.measure(args, Loop::Closed(CONNECTIONS))?;
            let open = engine.measure(args, Loop::Open(args.rate))?;
            row.put(name, &closed, &open);
        }
        Ok(row)
    }

    fn freeze(&self) -> Result<freeze::Frozen> {
        let _buyers = role("buyers", 0, self.buyer_port, self.buyers, 50, &std::env::temp_dir())?;
        runtime(1)?.block_on(freeze::run(&self.engine.process, &self.engine.target))
    }
}

/// One loop of one engine, with what its process used.
struct Measurement {
    load: load::Measured,
    cpu_ms: f64,
    rss_mb: f64,
    commits: Option<f64>,
}

impl Engine {
    fn measure(&self, args: &BenchArgs, how: Loop) -> Result<Measurement> {
        let mut cpu = Vec::new();
        let mut commits = Vec::new();
        let (warm, counted) = (Duration::from_secs(args.warm), Duration::from_secs(args.seconds));
        let keys = Keys::new(fresh_run());
        let load = runtime(1)?.block_on(load::run(&self.target, how, warm, counted, &keys, || {
            cpu.push(self.process.cpu_ms());
            commits.push(if self.target.rules {
                report::commits(self.target.port)
            } else {
                None
            });
        }));
        let spent = |of: &[f64]| of.last().copied().unwrap_or(0.0) - of.first().copied().unwrap_or(0.0);
        let commits: Option<Vec<f64>> = commits.into_iter().collect();
        Ok(Measurement {
            load,
            cpu_ms: spent(&cpu),
            rss_mb: self.process.rss_mb(),
            commits: commits.map(|commits| spent(&commits)),
        })
    }
}

/// A number no earlier load of this process used, so that no lead is a duplicate.
fn fresh_run() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static RUN: AtomicU64 = AtomicU64::new(1);
    RUN.fetch_add(1, Ordering::Relaxed)
}

/// This program as the engine under test, with people on its list.
fn serve(args: &BenchArgs, home: &Path, port: u16, buyer_port: u16, buyers: u16, sources: u16) -> Result<Process> {
    spec::write(&home.join("spec"), buyer_port, buyers, sources).context("the spec of the bench cannot be written")?;
    report::fill_list(&home.join("data"), args.suppressed)?;
    let path = |name: &str| home.join(name).display().to_string();
    let args = [
        "serve",
        "--listen",
        &format!("127.0.0.1:{port}"),
        "--spec",
        &path("spec"),
        "--data",
        &path("data"),
        "--secrets",
        &path("secrets.toml"),
        "--set",
        "outbound.allow=127.0.0.0/8",
        "--set",
        "log.level=warn",
        "--set",
        "limits.auctions_max=8192",
    ];
    Process::start(&args.map(str::to_owned))
}

fn role(role: &str, port: u16, buyer_port: u16, buyers: u16, delay_ms: u64, home: &Path) -> Result<Process> {
    let args = [
        "bench",
        "--role",
        role,
        "--port",
        &port.to_string(),
        "--buyer-port",
        &buyer_port.to_string(),
        "--buyers",
        &buyers.to_string(),
        "--delays",
        &delay_ms.to_string(),
        "--log",
        &home.join("floor.log").display().to_string(),
    ];
    Process::start(&args.map(str::to_owned))
}

fn peer(command: &str, port: u16, buyer_port: u16, buyers: u16, home: &Path) -> Result<Process> {
    let variables = [
        ("PORT", port.to_string()),
        ("BUYERS", buyers.to_string()),
        ("BUYER_PORTS", buyers.to_string()),
        ("BUYER_BASE", format!("http://127.0.0.1:{buyer_port}")),
        ("DB", home.join("peer.db").display().to_string()),
    ];
    Process::shell(&format!("exec env {command}"), &variables, port)
}
