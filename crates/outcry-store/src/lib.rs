//! The store port of the engine, kept two ways: in one SQLite file, and in memory.
//!
//! Both pass one behaviour suite (`conformance`), so whoever runs against one of them has run against both.
//! This crate knows no HTTP, no integrations and no rules of the auction: it keeps what it is told, all or nothing,
//! and refuses what would break a promise.

#[cfg(any(test, feature = "conformance"))]
#[allow(clippy::unwrap_used, reason = "it is a test: what fails here must say where")]
pub mod conformance;
pub mod list;
mod memory;
mod quotes;
mod sqlite;
mod standing;
mod stored;
mod vault;

pub use memory::{Beside, Memory};
pub use sqlite::{
    Act, AuditEntry, AuditFault, AuditHead, AuditKey, Erase, Erased, FoundAttempt, FoundLead, Notice, OpenFault, Reader, Sqlite, check_file,
};
pub use vault::{Vault, VaultFault};
