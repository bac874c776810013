//! Opens the data folder: one process, a writable disk, a schema this program knows.

use super::journal::{JOURNAL, Journal};
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use sha2::{Digest, Sha256};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// The database inside the data folder.
const DATABASE: &str = "outcry.db";

/// The log of SQLite beside it.
const LOG: &str = "outcry.db-wal";

/// A larger database is not checked after a crash: 39 MB took half a second on a busy machine.
const CHECKED_MOST: u64 = 64 << 20;

/// Held for as long as the process has the folder. Never deleted: the lock is on the file, not its name.
const LOCK: &str = "outcry.lock";

/// Numbered for ever: a change of the schema is a new file at the end.
const MIGRATIONS: [(&str, &str); 12] = [
    ("0001_start", include_str!("0001_start.sql")),
    ("0002_journal", include_str!("0002_journal.sql")),
    ("0003_claims", include_str!("0003_claims.sql")),
    ("0004_requests", include_str!("0004_requests.sql")),
    ("0005_sharing", include_str!("0005_sharing.sql")),
    ("0006_tray", include_str!("0006_tray.sql")),
    ("0007_audit", include_str!("0007_audit.sql")),
    ("0008_legs", include_str!("0008_legs.sql")),
    ("0009_persons", include_str!("0009_persons.sql")),
    ("0010_pacing", include_str!("0010_pacing.sql")),
    ("0011_consent", include_str!("0011_consent.sql")),
    ("0012_lists", include_str!("0012_lists.sql")),
];

/// Why a data folder was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenFault {
    /// The folder could not be made, or nothing can be written there.
    #[error("the data folder {} cannot be written to; give this user the right to, or name another folder with --data", .folder.display())]
    Folder {
        /// Which folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Somebody else has it.
    #[error("the data folder {} is in use by another outcry process; stop it, or name another folder with --data", .0.display())]
    InUse(PathBuf),
    /// A newer program was here.
    #[error("the data folder {} was written by a newer outcry (it has {migration}, which this one does not know)", .folder.display())]
    Newer {
        /// Which folder.
        folder: PathBuf,
        /// What is not known.
        migration: String,
    },
    /// The schema is not the one its name says.
    #[error("the data folder {} has another {migration} than this outcry: it was made by an unreleased version", .folder.display())]
    OtherSchema {
        /// Which folder.
        folder: PathBuf,
        /// Which step differs.
        migration: String,
    },
    /// There is nothing to read.
    #[error("there is no outcry database in the folder {}; name the data folder of the exchange with --data", .0.display())]
    Nothing(PathBuf),
    /// What a killed process left in the journal cannot be done again.
    #[error("the journal in the data folder {} cannot be brought home: {why}", .folder.display())]
    Journal {
        /// Which folder.
        folder: PathBuf,
        /// What went wrong.
        why: String,
    },
    /// A start after a crash has found pages that do not fit together.
    #[error("the database in {} is damaged ({why}); restore the last backup", .folder.display())]
    Damaged {
        /// Which folder.
        folder: PathBuf,
        /// What SQLite found first.
        why: String,
    },
    /// The database is damaged or cannot be read.
    #[error("the database in {} could not be opened; if it is damaged, restore the last backup", .folder.display())]
    Database {
        /// Which folder.
        folder: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
}

/// A folder that is ours until this is dropped.
pub(super) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    pub(super) fn lock(path: &Path) -> Result<Self, OpenFault> {
        let fault = |source| OpenFault::Folder {
            folder: path.to_owned(),
            source,
        };
        fs::create_dir_all(path).map_err(fault)?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.join(LOCK))
            .map_err(fault)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path: path.to_owned(),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(OpenFault::InUse(path.to_owned())),
            Err(TryLockError::Error(source)) => Err(fault(source)),
        }
    }

    /// The connection that writes, its schema brought up to date, and the file of the journal.
    pub(super) fn writer(&self) -> Result<(Connection, File), OpenFault> {
        let fault = |source| OpenFault::Database {
            folder: self.path.clone(),
            source,
        };
        let crashed = self.was_left_open();
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(self.path.join(DATABASE), flags).map_err(fault)?;
        tune(&connection).map_err(fault)?;
        if crashed {
            self.check(&connection)?;
        }
        self.migrate(&mut connection)?;
        let journal = || {
            let journal = Journal::open(&self.path)?;
            // SQLite syncs the file, not the folder that names it.
            File::open(&self.path)?.sync_all()?;
            Ok(journal)
        };
        let journal = journal().map_err(|source| OpenFault::Folder {
            folder: self.path.clone(),
            source,
        })?;
        Ok((connection, journal))
    }

    /// Has the last process ended without closing the database? One that closes it leaves nothing in either file.
    fn was_left_open(&self) -> bool {
        let length = |file| fs::metadata(self.path.join(file)).map_or(0, |found| found.len());
        0 < length(LOG) + length(JOURNAL)
    }

    /// Looks whether the pages fit together, if that is a matter of a moment. After a crash and not at each start: what a
    /// broken disk or a copy made half-way does to a database shows then, and better before the first lead than after it.
    fn check(&self, connection: &Connection) -> Result<(), OpenFault> {
        if fs::metadata(self.path.join(DATABASE)).map_or(0, |found| found.len()) > CHECKED_MOST {
            return Ok(());
        }
        let found: rusqlite::Result<String> = connection.query_row("PRAGMA quick_check(1)", (), |row| row.get(0));
        match found.map_err(|fault| fault.to_string()) {
            Ok(fine) if fine == "ok" => Ok(()),
            Ok(why) | Err(why) => Err(OpenFault::Damaged {
                folder: self.path.clone(),
                why: why.lines().collect::<Vec<_>>().join(": "),
            }),
        }
    }

    /// A connection that only reads.
    pub(super) fn reader(&self) -> Result<Connection, OpenFault> {
        read_only(&self.path)
    }

    pub(super) fn unusable(&self, why: String) -> OpenFault {
        OpenFault::Journal {
            folder: self.path.clone(),
            why,
        }
    }

    fn migrate(&self, connection: &mut Connection) -> Result<(), OpenFault> {
        let fault = |source| OpenFault::Database {
            folder: self.path.clone(),
            source,
        };
        let make = "CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY, sha256 BLOB NOT NULL) STRICT, WITHOUT ROWID";
        connection.execute_batch(make).map_err(fault)?;
        self.refuse_newer(connection)?;
        for (name, sql) in MIGRATIONS {
            let digest: [u8; 32] = Sha256::digest(sql).into();
            let done = connection.query_row("SELECT sha256 FROM migration WHERE name = ?1", [name], |row| {
                row.get::<_, [u8; 32]>(0)
            });
            match done.optional().map_err(fault)? {
                Some(done) if done == digest => {}
                Some(_) => {
                    return Err(OpenFault::OtherSchema {
                        folder: self.path.clone(),
                        migration: name.into(),
                    });
                }
                None => apply(connection, name, sql, digest).map_err(fault)?,
            }
        }
        Ok(())
    }

    fn refuse_newer(&self, connection: &Connection) -> Result<(), OpenFault> {
        let fault = |source| OpenFault::Database {
            folder: self.path.clone(),
            source,
        };
        let mut names = connection.prepare("SELECT name FROM migration").map_err(fault)?;
        for name in names.query_map((), |row| row.get::<_, String>(0)).map_err(fault)? {
            let name = name.map_err(fault)?;
            if MIGRATIONS.iter().all(|(known, _)| *known != name) {
                return Err(OpenFault::Newer {
                    folder: self.path.clone(),
                    migration: name,
                });
            }
        }
        Ok(())
    }
}

/// A connection that only reads, whoever has the folder.
pub(super) fn read_only(folder: &Path) -> Result<Connection, OpenFault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || {
        let connection = Connection::open_with_flags(folder.join(DATABASE), flags)?;
        connection.execute_batch("PRAGMA temp_store = MEMORY; PRAGMA cache_size = -4096; PRAGMA mmap_size = 0;")?;
        Ok(connection)
    };
    if !folder.join(DATABASE).exists() {
        return Err(OpenFault::Nothing(folder.to_owned()));
    }
    open().map_err(|source| OpenFault::Database {
        folder: folder.to_owned(),
        source,
    })
}

/// WAL and FULL: a commit is on the disk when it returns, in one sync. No memory map: a bad disk must be an error
/// and not a signal. A cache of 16 MB holds the pages that wait to go home. A checkpoint after 16 MB: pages written again and again go home once, and the file stays small
/// enough to be read back in a moment.
fn tune(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA mmap_size = 0;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -16384;
         PRAGMA wal_autocheckpoint = 4096;
         PRAGMA journal_size_limit = 67108864;
         PRAGMA foreign_keys = OFF;
         PRAGMA trusted_schema = OFF;",
    )
}

fn apply(connection: &mut Connection, name: &str, sql: &str, digest: [u8; 32]) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(sql)?;
    transaction.execute("INSERT INTO migration (name, sha256) VALUES (?1, ?2)", params![name, digest])?;
    transaction.commit()
}
