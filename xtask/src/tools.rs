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

/// The servers that tests deliver to: a mail server and an SSH server, run as plain processes on the loopback.
///
/// In a container of root's they are installed; on a machine that somebody lives on that would start services, so there
/// it is only said what is missing, and the tests that need it say that they are skipped.
pub(crate) fn servers() {
    let wanted = [("exim4", "exim4-daemon-light"), ("sshd", "openssh-server")];
    let missing: Vec<&str> = wanted
        .iter()
        .filter(|(program, _)| !Path::new("/usr/sbin").join(program).exists())
        .map(|(_, package)| *package)
        .collect();
    if missing.is_empty() {
        return;
    }
    let missing = missing.join(" ");
    let lived_on = Path::new("/run/systemd/system").exists();
    if lived_on || !may_install() {
        println!("SKIPPED: tests of deliveries that need {missing}; to run them: apt-get install --no-install-recommends {missing}");
        return;
    }
    println!("Installing {missing}, for the tests of deliveries.");
    for words in [
        vec!["update"],
        [
            &["install", "-y", "--no-install-recommends"][..],
            &missing.split(' ').collect::<Vec<_>>(),
        ]
        .concat(),
    ] {
        let mut command = Command::new("apt-get");
        command.args(words).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
        if !run::visibly(command).is_ok_and(|complaints| complaints.is_empty()) {
            println!("SKIPPED: tests of deliveries that need {missing}, which could not be installed");
            return;
        }
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
