//! The audit log: what people did to the exchange, each entry chained to the one before it.
//!
//! A chain without a key could be made anew by whoever can write to the database; this one is made with a key that is not
//! in it. Who has both could still make it anew, or cut off its end: that shows against a head that was noted elsewhere.

use super::Sqlite;
use super::desk::Desk;
use super::reader::Reader;
use super::trouble::Trouble;
use hmac::{Hmac, KeyInit, Mac};
use outcry_core::moment::Moment;
use outcry_engine::ports::store::StoreFault;
use rusqlite::{Connection, OptionalExtension, Row, params};
use sha2::Sha256;
use std::sync::Arc;

/// The key of the chain.
#[derive(Clone)]
pub struct AuditKey([u8; 32]);

/// What somebody did. Nothing personal may stand in it: it is kept for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// When.
    pub at: Moment,
    /// Who.
    pub actor: Arc<str>,
    /// What: two words, such as `keys.rotate`.
    pub act: Arc<str>,
    /// To what: a name or an id.
    pub subject: Arc<str>,
    /// What else is to be known of it, as a JSON object.
    pub detail: Arc<str>,
}

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its place, from 1 on without a gap.
    pub seq: u64,
    /// What was done.
    pub act: Act,
    /// The keyed hash over it and the hash before it.
    pub hash: [u8; 32],
}

/// The end of a chain, as it can be noted elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditHead {
    /// Place of the last entry; 0 for none.
    pub seq: u64,
    /// Its hash.
    pub hash: [u8; 32],
}

/// What is wrong with a chain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuditFault {
    /// Entries are missing.
    #[error("entry {0} is missing")]
    Missing(u64),
    /// An entry, or the one before it, is not what was written.
    #[error("entry {0} is not what was written, or was written under another key")]
    Changed(u64),
    /// The log is shorter than it was, or another.
    #[error("the log does not hold entry {0} as it was noted: entries were taken off its end, or it was made anew")]
    OtherHead(u64),
    /// It cannot be read.
    #[error("{0}")]
    Unreadable(String),
}

impl AuditKey {
    /// From 256 secret bits.
    pub const fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    fn link(&self, before: &[u8; 32], seq: u64, act: &Act) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(before);
        mac.update(&seq.to_be_bytes());
        mac.update(&act.at.unix_ms().to_be_bytes());
        for text in [&act.actor, &act.act, &act.subject, &act.detail] {
            // With its length, so that no letter can move from one to the next.
            mac.update(&(text.len() as u64).to_be_bytes());
            mac.update(text.as_bytes());
        }
        mac.finalize().into_bytes().into()
    }
}

/// Checks a chain from its first entry on, and that it holds what was noted of it. Gives its end.
///
/// # Errors
/// The first thing that is wrong with it.
fn verify(key: &AuditKey, entries: impl IntoIterator<Item = AuditEntry>, noted: Option<AuditHead>) -> Result<AuditHead, AuditFault> {
    let mut head = AuditHead { seq: 0, hash: [0; 32] };
    let mut met = noted.is_none_or(|noted| noted == head);
    for entry in entries {
        let seq = head.seq + 1;
        if entry.seq != seq {
            return Err(AuditFault::Missing(seq));
        }
        if key.link(&head.hash, seq, &entry.act) != entry.hash {
            return Err(AuditFault::Changed(seq));
        }
        head = AuditHead { seq, hash: entry.hash };
        met |= noted == Some(head);
    }
    match noted {
        Some(noted) if !met => Err(AuditFault::OtherHead(noted.seq)),
        _ => Ok(head),
    }
}

impl Sqlite {
    /// Writes down what somebody did. Durable when the future resolves.
    pub async fn note(&self, key: &AuditKey, act: Act) -> Result<AuditHead, StoreFault> {
        let key = key.clone();
        self.errand(move |desk| desk.note(&key, &act)).await
    }
}

impl Sqlite {
    /// The same, unless the last act of this name was done to the same subject. Then `None`.
    pub async fn note_change(&self, key: &AuditKey, act: Act) -> Result<Option<AuditHead>, StoreFault> {
        let key = key.clone();
        let note = move |desk: &mut Desk<'_>| {
            let last = "SELECT subject FROM audit WHERE act = ?1 ORDER BY seq DESC LIMIT 1";
            let mut find = desk.connection.prepare_cached(last)?;
            let last: Option<String> = find.query_row([&act.act], |row| row.get(0)).optional()?;
            if last.as_deref() == Some(&*act.subject) {
                return Ok(None);
            }
            desk.note(&key, &act).map(Some)
        };
        self.errand(note).await
    }
}

impl Desk<'_> {
    /// Adds to the log, as a part of the transaction of whatever is being written down.
    pub(super) fn note(&mut self, key: &AuditKey, act: &Act) -> Result<AuditHead, Trouble> {
        let before = head(self.connection)?;
        let seq = before.seq + 1;
        let hash = key.link(&before.hash, seq, act);
        let mut add = self
            .connection
            .prepare_cached("INSERT INTO audit (seq, at, actor, act, subject, detail, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
        add.execute(params![
            seq.cast_signed(),
            act.at.unix_ms(),
            act.actor,
            act.act,
            act.subject,
            act.detail,
            hash
        ])?;
        Ok(AuditHead { seq, hash })
    }
}

impl Reader {
    /// Entries of the audit log behind a place, oldest first.
    ///
    /// # Errors
    /// A [`StoreFault`] if the database cannot be read.
    pub fn audit(&self, after: u64, at_most: usize) -> Result<Vec<AuditEntry>, StoreFault> {
        entries(self.connection(), after, at_most).map_err(|trouble| trouble.fault())
    }

    /// Checks the whole log, and that it still holds what was noted of it.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn verify_audit(&self, key: &AuditKey, noted: Option<AuditHead>) -> Result<AuditHead, AuditFault> {
        let unreadable = |trouble: Trouble| AuditFault::Unreadable(trouble.to_string());
        let entries = entries(self.connection(), 0, usize::MAX).map_err(unreadable)?;
        verify(key, entries, noted)
    }
}

fn head(connection: &Connection) -> Result<AuditHead, Trouble> {
    let mut find = connection.prepare_cached("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")?;
    let found = find.query_row((), |row| {
        Ok(AuditHead {
            seq: row.get::<_, i64>(0)?.cast_unsigned(),
            hash: row.get(1)?,
        })
    });
    Ok(found.optional()?.unwrap_or(AuditHead { seq: 0, hash: [0; 32] }))
}

fn entries(connection: &Connection, after: u64, at_most: usize) -> Result<Vec<AuditEntry>, Trouble> {
    let mut find =
        connection.prepare_cached("SELECT seq, at, actor, act, subject, detail, hash FROM audit WHERE seq > ?1 ORDER BY seq LIMIT ?2")?;
    let rows = find.query_map(params![after.cast_signed(), super::read::limit(at_most)], entry)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn entry(row: &Row<'_>) -> rusqlite::Result<AuditEntry> {
    let text = |at| row.get::<_, String>(at).map(Arc::from);
    Ok(AuditEntry {
        seq: row.get::<_, i64>(0)?.cast_unsigned(),
        act: Act {
            at: Moment::from_unix_ms(row.get(1)?),
            actor: text(2)?,
            act: text(3)?,
            subject: text(4)?,
            detail: text(5)?,
        },
        hash: row.get(6)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Vault;

    const KEY: [u8; 32] = [9; 32];

    fn act(subject: &str) -> Act {
        Act {
            at: Moment::from_unix_ms(1_795_446_000_000),
            actor: "ann".into(),
            act: "keys.rotate".into(),
            subject: subject.into(),
            detail: "{}".into(),
        }
    }

    /// A folder with three entries, its store closed.
    async fn written() -> (tempfile::TempDir, AuditHead) {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(folder.path(), Vault::from_key([3; 32])).unwrap();
        let key = AuditKey::new(KEY);
        for subject in ["one", "two"] {
            store.note(&key, act(subject)).await.unwrap();
        }
        let head = store.note(&key, act("three")).await.unwrap();
        (folder, head)
    }

    fn verified(folder: &tempfile::TempDir, key: [u8; 32], noted: Option<AuditHead>) -> Result<AuditHead, AuditFault> {
        Reader::open(folder.path()).unwrap().verify_audit(&AuditKey::new(key), noted)
    }

    /// What somebody with the database in hand does to it.
    fn tamper(folder: &tempfile::TempDir, sql: &str) {
        let database = Connection::open(folder.path().join("outcry.db")).unwrap();
        let triggers = "DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_deleted;";
        database.execute_batch(&format!("{triggers}{sql}")).unwrap();
    }

    #[tokio::test]
    async fn a_log_that_nobody_touched_is_whole() {
        let (folder, head) = written().await;
        assert_eq!(verified(&folder, KEY, None), Ok(head));
        assert_eq!(verified(&folder, KEY, Some(head)), Ok(head));
        let subjects = Reader::open(folder.path()).unwrap().audit(1, 9).unwrap();
        let subjects: Vec<&str> = subjects.iter().map(|entry| &*entry.act.subject).collect();
        assert_eq!(subjects, ["two", "three"]);
    }

    #[tokio::test]
    async fn whatever_is_changed_taken_out_or_cut_off_shows() {
        for (sql, fault) in [
            ("UPDATE audit SET subject = 'other' WHERE seq = 2", AuditFault::Changed(2)),
            ("UPDATE audit SET at = at + 1 WHERE seq = 1", AuditFault::Changed(1)),
            (
                "UPDATE audit SET actor = 'annk', act = 'eys.rotate' WHERE seq = 3",
                AuditFault::Changed(3),
            ),
            ("UPDATE audit SET hash = zeroblob(32) WHERE seq = 1", AuditFault::Changed(1)),
            ("DELETE FROM audit WHERE seq = 2", AuditFault::Missing(2)),
            ("DELETE FROM audit WHERE seq = 1", AuditFault::Missing(1)),
            ("DELETE FROM audit WHERE seq = 3", AuditFault::OtherHead(3)),
            ("DELETE FROM audit", AuditFault::OtherHead(3)),
        ] {
            let (folder, head) = written().await;
            tamper(&folder, sql);
            assert_eq!(verified(&folder, KEY, Some(head)), Err(fault), "{sql}");
        }
        let (folder, _) = written().await;
        assert_eq!(verified(&folder, [8; 32], None), Err(AuditFault::Changed(1)), "another key");
    }

    #[tokio::test]
    async fn the_database_itself_refuses_to_change_the_log() {
        let (folder, _) = written().await;
        let database = Connection::open(folder.path().join("outcry.db")).unwrap();
        for sql in ["UPDATE audit SET detail = 'x'", "DELETE FROM audit"] {
            let refused = database.execute_batch(sql).unwrap_err().to_string();
            assert!(refused.contains("only added to"), "{refused}");
        }
    }
}
