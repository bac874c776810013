//! What can go wrong inside the database, sorted by whom it concerns.

use crate::stored::Unreadable;
use outcry_engine::ports::store::StoreFault;
use rusqlite::ErrorCode;
use std::io;
use std::sync::Arc;

/// One command could not be done.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error("{0}")]
    Database(#[from] rusqlite::Error),
    #[error("a stored {what} cannot be read: {why}")]
    Unreadable { what: &'static str, why: Unreadable },
    #[error("the journal cannot be used: {0}")]
    Journal(#[from] io::Error),
    /// What was done before, and answered, cannot be done again.
    #[error("what the journal holds cannot be done again: {0}")]
    Again(Box<Trouble>),
    /// Our own mistake: a command that no correct engine sends.
    #[error("{0}")]
    Bug(String),
}

/// Whom it concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Concern {
    /// This command alone.
    Command,
    /// Everybody, until there is room on the disk again.
    Room,
    /// Everybody, for good: after a failed write or sync nobody knows what is on the disk, and trying the
    /// same handle again may report success for data that was dropped.
    Store,
}

impl Trouble {
    /// The same, of something that has been done and answered before.
    pub(super) fn again(self) -> Self {
        Self::Again(Box::new(self))
    }

    pub(super) fn concern(&self) -> Concern {
        match self {
            Self::Unreadable { .. } | Self::Bug(_) => Concern::Command,
            Self::Journal(error) if error.kind() == io::ErrorKind::StorageFull => Concern::Room,
            // The disk may have room again; nothing else gets better by waiting.
            Self::Again(trouble) if trouble.concern() == Concern::Room => Concern::Room,
            Self::Journal(_) | Self::Again(_) => Concern::Store,
            Self::Database(error) => match error.sqlite_error_code() {
                Some(ErrorCode::DiskFull) => Concern::Room,
                // None comes not from SQLite but from the binding: a column of another type, a row too few.
                None
                | Some(ErrorCode::ConstraintViolation | ErrorCode::TooBig | ErrorCode::TypeMismatch | ErrorCode::ParameterOutOfRange) => {
                    Concern::Command
                }
                Some(_) => Concern::Store,
            },
        }
    }

    pub(super) fn fault(&self) -> StoreFault {
        match self.concern() {
            Concern::Room => StoreFault::Full,
            Concern::Command | Concern::Store => StoreFault::Broken(Arc::from(self.to_string())),
        }
    }
}

/// The same for what only reads.
pub(super) fn unreadable(what: &'static str) -> impl Fn(Unreadable) -> Trouble {
    move |why| Trouble::Unreadable { what, why }
}
