//! Runs other programs and says so: what runs, how long it took, how it ended.

use anyhow::{Context, Result, bail};
use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// A length of time as a person reads it: `0.4 s`, `48 s`, `3 min 07 s`.
pub(crate) struct Took(pub(crate) Duration);

impl fmt::Display for Took {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_secs() {
            0..10 => write!(f, "{:.1} s", self.0.as_secs_f32()),
            seconds @ 10..60 => write!(f, "{seconds} s"),
            seconds => write!(f, "{} min {:02} s", seconds / 60, seconds % 60),
        }
    }
}

/// The folder of the workspace, wherever in it the chore was called from.
pub(crate) fn root() -> Result<PathBuf> {
    let start = match std::env::var_os("CARGO_MANIFEST_DIR") {
        Some(folder) => PathBuf::from(folder),
        None => std::env::current_dir()?,
    };
    let is_root = |folder: &&Path| folder.join("Cargo.lock").exists() && folder.join("xtask").is_dir();
    let found = start.ancestors().find(is_root).context("call this from inside the repository")?;
    Ok(found.to_path_buf())
}

/// `cargo` with these words, in the workspace's folder: the very cargo that started us.
pub(crate) fn cargo(root: &Path, words: &[&str]) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(words).current_dir(root).stdin(Stdio::null());
    command
}

/// What was said on standard output by a program that is not worth showing.
pub(crate) fn quietly(mut command: Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().with_context(|| shown(&command))?;
    if !output.status.success() {
        bail!(
            "`{}` failed:\n{}",
            shown(&command),
            String::from_utf8_lossy(&output.stderr).trim_end()
        );
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Shows the command and all it says, and returns what to complain about: nothing if it ended well.
pub(crate) fn visibly(mut command: Command) -> Result<Vec<String>> {
    println!("$ {}", shown(&command));
    let status = command.status().with_context(|| shown(&command))?;
    Ok(if status.success() {
        Vec::new()
    } else {
        vec![format!("`{}` ended with {status}", shown(&command))]
    })
}

/// How a program ended and what it said while it was being shown.
pub(crate) struct Heard {
    /// Whether it ended well.
    pub(crate) success: bool,
    /// Both outputs, line by line, in the order of arrival.
    pub(crate) lines: Vec<String>,
    /// How long it ran.
    pub(crate) took: Duration,
}

/// Shows the command and all it says, and keeps the words as well.
pub(crate) fn listening(mut command: Command) -> Result<Heard> {
    println!("$ {}", shown(&command));
    let begun = Instant::now();
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| shown(&command))?;
    let lines = Arc::new(Mutex::new(Vec::new()));
    let echoes = [
        child.stdout.take().map(|it| echo(it, &lines)),
        child.stderr.take().map(|it| echo(it, &lines)),
    ];
    let status = child.wait()?;
    for echo in echoes.into_iter().flatten() {
        echo.join().ok().context("an output reader panicked")?;
    }
    let lines = std::mem::take(&mut *lines.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(Heard {
        success: status.success(),
        lines,
        took: begun.elapsed(),
    })
}

fn echo(pipe: impl Read + Send + 'static, lines: &Arc<Mutex<Vec<String>>>) -> thread::JoinHandle<()> {
    let lines = Arc::clone(lines);
    thread::spawn(move || {
        for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            println!("{line}");
            lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        }
    })
}

/// The command as one would type it; the full path of cargo says nothing and is left out.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy();
    let words = command.get_args().map(|word| word.to_string_lossy());
    std::iter::once(program).chain(words).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_reads_well() {
        let told = [400, 9_960, 48_000, 187_000].map(|ms| Took(Duration::from_millis(ms)).to_string());
        assert_eq!(told, ["0.4 s", "10.0 s", "48 s", "3 min 07 s"]);
    }

    #[test]
    fn what_a_program_says_is_kept_in_whole_lines() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo one; echo two >&2; exit 3"]);
        let mut heard = listening(command).unwrap();
        heard.lines.sort();
        assert!(!heard.success);
        assert_eq!(heard.lines, ["one", "two"]);
    }
}
