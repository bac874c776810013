//! The processes of a bench run: each is this same program in another role, ended with the run.

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// A child that is ended when it is dropped.
pub(super) struct Process {
    child: Child,
    // Kept open, so that the child can go on printing.
    _stdout: Option<BufReader<ChildStdout>>,
}

impl Process {
    /// Starts this program with arguments and waits until it prints a line that begins with `ready`.
    pub(super) fn start(args: &[String]) -> Result<Self> {
        let program = std::env::current_exe().context("the path of this program is not known")?;
        let mut child = Command::new(program)
            .args(args)
            .stdout(Stdio::piped())
            .spawn()
            .context("a bench process could not be started")?;
        let mut stdout = BufReader::new(child.stdout.take().context("the bench process has no output")?);
        let mut line = String::new();
        while !line.starts_with("ready") {
            line.clear();
            if stdout.read_line(&mut line).context("the bench process cannot be read")? == 0 {
                let _ = child.wait();
                bail!("a bench process ended before it was ready: {}", args.join(" "));
            }
        }
        Ok(Self {
            child,
            _stdout: Some(stdout),
        })
    }

    /// Starts a shell command and waits until the port answers.
    pub(super) fn shell(command: &str, variables: &[(&str, String)], port: u16) -> Result<Self> {
        let mut shell = Command::new("sh");
        shell.args(["-c", command]).stdout(Stdio::null());
        for (name, value) in variables {
            shell.env(name, value);
        }
        let child = shell.spawn().context("the peer could not be started")?;
        let process = Self { child, _stdout: None };
        let started = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            if Duration::from_secs(20) < started.elapsed() {
                bail!("the peer did not listen on port {port} within 20 seconds: {command}");
            }
            std::thread::yield_now();
        }
        Ok(process)
    }

    /// CPU time of the process so far, user and system, in milliseconds.
    pub(super) fn cpu_ms(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or("").split_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|ticks| ticks.parse::<f64>().ok()).unwrap_or(0.0);
        // Fields 14 and 15 of the whole line, in ticks of 10 ms on every common Linux.
        (ticks(11) + ticks(12)) * 10.0
    }

    /// Resident memory in megabytes.
    pub(super) fn rss_mb(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok())
            .unwrap_or(0.0)
            / 1_024.0
    }

    /// Stops the process without ending it, or lets it go on.
    pub(super) fn signal(&self, name: &str) -> Result<()> {
        let sent = Command::new("kill")
            .args([format!("-{name}"), self.child.id().to_string()])
            .status()
            .context("kill could not be run")?;
        if sent.success() { Ok(()) } else { bail!("kill -{name} failed") }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The first of so many consecutive ports that are free now.
pub(super) fn free_ports(count: u16) -> Result<u16> {
    for first in (21_000..32_000).step_by(usize::from(count.max(64))) {
        let held: Vec<_> = (first..first + count)
            .map_while(|port| TcpListener::bind(("127.0.0.1", port)).ok())
            .collect();
        if held.len() == usize::from(count) {
            return Ok(first);
        }
    }
    bail!("no {count} consecutive ports between 21000 and 32000 are free")
}
