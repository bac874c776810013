//! What the chores need on a machine besides Rust: looks, installs what it can, says what it does.

use crate::run;
use anyhow::{Result, bail};
use std::path::Path;
use std::process::{Command, Stdio};

/// Makes sure there is a C compiler: SQLite and the TLS library are compiled from their bundled C sources.
///
/// As root on Debian a missing one is installed; anybody else is told what to install.
pub(crate) fn c_compiler() -> Result<()> {
    let name = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    if answers(&name, &["--version"]) {
        return Ok(());
    }
    let why = format!("`{name}`, the C compiler that builds the bundled SQLite and TLS library, is not on this machine");
    if !may_install() {
        bail!("{why}.\nInstall one and run this again; on Debian and Ubuntu: apt-get install build-essential");
    }
    println!("{why}: installing build-essential.");
    for words in [&["update"][..], &["install", "-y", "--no-install-recommends", "build-essential"]] {
        let mut command = Command::new("apt-get");
        command.args(words).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
        if let Some(complaint) = run::visibly(command)?.into_iter().next() {
            bail!(complaint);
        }
    }
    Ok(())
}

/// Makes sure that a part of the Rust toolchain, such as `clippy` or `rustfmt`, is there.
pub(crate) fn component(name: &str, command: &str) -> Result<()> {
    if answers("cargo", &[command, "--version"]) {
        return Ok(());
    }
    println!("`cargo {command}` is not on this machine: adding it to the toolchain.");
    let mut rustup = Command::new("rustup");
    rustup.args(["component", "add", name]).stdin(Stdio::null());
    match run::visibly(rustup) {
        Ok(complaints) if complaints.is_empty() => Ok(()),
        _ => bail!("`cargo {command}` is missing and could not be added; install the `{name}` part of your Rust toolchain"),
    }
}

/// Whether cargo-nextest is there. It is faster and isolates tests, but nothing depends on it.
pub(crate) fn has_nextest() -> bool {
    answers("cargo", &["nextest", "--version"])
}

fn answers(program: &str, words: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn may_install() -> bool {
    let mut id = Command::new("id");
    id.arg("-u");
    let root = run::quietly(id).is_ok_and(|id| id.trim() == "0");
    root && Path::new("/etc/debian_version").exists() && answers("apt-get", &["--version"])
}
