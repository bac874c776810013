//! A folder of its own for each test, and the program run in it.

use super::exchange::Exchange;
use outcry_core::id::LeadId;
use outcry_core::record::{Record, Subject};
use outcry_engine::ports::store::Books;
use outcry_store::Reader;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The program, with nothing of this process's environment. `OUTCRY_PROGRAM` names another build of it: what is measured is
/// measured on the one that is released.
pub(crate) fn outcry() -> Command {
    let program = std::env::var_os("OUTCRY_PROGRAM").unwrap_or_else(|| env!("CARGO_BIN_EXE_outcry").into());
    let mut command = Command::new(program);
    command.env_clear();
    command
}

/// How often something is done: a number from the environment, which the chores set for a long run, or a few.
pub(crate) fn times(variable: &str, few: usize) -> usize {
    std::env::var(variable).ok().and_then(|times| times.parse().ok()).unwrap_or(few)
}

/// A run that has ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) ok: bool,
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Runs it to its end.
    pub(crate) fn of(command: &mut Command) -> Self {
        let ended = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self {
            ok: ended.status.success(),
            code: ended.status.code(),
            out: text(ended.stdout),
            err: text(ended.stderr),
        }
    }
}

/// `spec/`, `secrets.toml` and `data/`, gone with the test.
pub(crate) struct Home(TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The path as an argument.
    pub(crate) fn arg(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Puts something else into a file; it must stand there.
    pub(crate) fn edit(&self, name: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.path(name)).unwrap();
        assert!(text.contains(from), "{name} has no {from}");
        self.write(name, &text.replace(from, to));
    }

    /// Copies a folder, all its files and folders.
    pub(crate) fn copy(&self, from: &Path, to: &str) {
        for entry in std::fs::read_dir(from).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{to}/{}", path.file_name().unwrap().to_str().unwrap());
            if path.is_dir() {
                self.copy(&path, &name);
            } else {
                self.write(&name, &std::fs::read_to_string(&path).unwrap());
            }
        }
    }

    /// The flags that name this folder's spec, secrets and data, and a free port.
    fn flags(&self) -> Vec<String> {
        let named = [("--spec", "spec"), ("--secrets", "secrets.toml"), ("--data", "data")];
        let mut flags: Vec<String> = named.iter().flat_map(|(flag, name)| [(*flag).to_owned(), self.arg(name)]).collect();
        flags.extend(["--listen".to_owned(), "127.0.0.1:0".to_owned()]);
        // Loopback is where the stub buyers live, and a busy machine may take its time.
        for set in ["outbound.allow=127.0.0.0/8", "limits.answer_ms=30000", "limits.drain_ms=30000"] {
            flags.extend(["--set".to_owned(), set.to_owned()]);
        }
        flags
    }

    /// `outcry serve` in this folder. What `more` says stands in place of what is said by default.
    pub(crate) fn serve_command(&self, more: &[&str]) -> Command {
        let named = |flag: &str| flag != "--set" && more.contains(&flag);
        let flags = self.flags();
        let kept = flags.chunks(2).filter(|pair| !named(&pair[0])).flatten();
        let mut command = outcry();
        command.arg("serve").args(kept).args(more);
        command
    }

    /// Starts the exchange and waits until it is ready.
    pub(crate) fn serve(&self, more: &[&str]) -> Exchange {
        Exchange::start(&mut self.serve_command(more))
    }

    /// Runs `outcry check` on the spec, with its secrets.
    pub(crate) fn check(&self, more: &[&str]) -> Ran {
        let secrets = self.arg("secrets.toml");
        Ran::of(
            outcry()
                .arg("check")
                .arg(self.path("spec"))
                .args(["--secrets", &secrets])
                .args(more),
        )
    }

    /// Runs `outcry explain` beside whatever else runs.
    pub(crate) fn explain(&self, subject: &str) -> Ran {
        Ran::of(outcry().args(["explain", subject, "--data", &self.arg("data")]))
    }

    /// The record of a lead.
    pub(crate) fn record(&self, lead: &str) -> Record {
        let id = LeadId::parse(lead).unwrap();
        self.reader().record(Subject::Lead(id)).unwrap().unwrap()
    }

    pub(crate) fn books(&self) -> Books {
        self.reader().books().unwrap()
    }

    fn reader(&self) -> Reader {
        Reader::open(&self.path("data")).unwrap()
    }

    /// Rows of a table of the store, whatever they are.
    pub(crate) fn rows(&self, table: &str) -> i64 {
        // Waits until everything that was answered is in the database.
        let _seen = self.reader();
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let store = rusqlite::Connection::open_with_flags(self.path("data/outcry.db"), flags).unwrap();
        store
            .query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))
            .unwrap()
    }
}
