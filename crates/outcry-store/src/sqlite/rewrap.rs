//! Sealing data keys under the newest master key, and copying the database: what the operator's keeper of keys and backups asks.

use super::Sqlite;
use super::desk::Desk;
use super::trouble::Trouble;
use crate::vault::Vault;
use outcry_core::id::LeadId;
use outcry_engine::ports::store::StoreFault;
use rusqlite::{Connection, OpenFlags, params};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows of one errand: the writer is everybody's, and a thousand seals take some ten milliseconds.
const AT_ONCE: i64 = 500;

/// Where sealed bytes lie, the id they were sealed under, and how they are found again.
const PLACES: [(&str, &str); 2] = [
    (
        "SELECT contents.seq, lead.id, sealed FROM contents JOIN lead USING (seq)
         WHERE contents.seq > ?1 AND length(sealed) > 0 ORDER BY contents.seq LIMIT ?2",
        "UPDATE contents SET sealed = ?2 WHERE seq = ?1",
    ),
    (
        "SELECT seq, attempt, sealed FROM tray WHERE seq > ?1 AND sealed IS NOT NULL ORDER BY seq LIMIT ?2",
        "UPDATE tray SET sealed = ?2 WHERE seq = ?1",
    ),
];

impl Sqlite {
    /// The vault, for whoever changes its keys.
    pub fn vault(&self) -> &Arc<Vault> {
        &self.vault
    }

    /// Seals the data key of everything that was sealed under an older master key anew, a part at a time. The contents stay
    /// as they are. How many that were. Done again after a crash it goes on where it was.
    ///
    /// # Errors
    /// A [`StoreFault`]; what was done so far stays done.
    pub async fn rewrap(&self) -> Result<u64, StoreFault> {
        let mut changed = 0;
        for (find, put) in PLACES {
            let mut after = 0;
            loop {
                let vault = self.vault.clone();
                let (last, count) = self.errand(move |desk| desk.rewrap(&vault, find, put, after)).await?;
                changed += count;
                let Some(last) = last else { break };
                after = last;
            }
        }
        Ok(changed)
    }

    /// How many things are sealed under each master key, by its id.
    ///
    /// # Errors
    /// A [`StoreFault`] if the store cannot be read.
    pub async fn sealed_under(&self) -> Result<BTreeMap<String, u64>, StoreFault> {
        self.read(|connection| {
            let mut find = connection.prepare_cached(
                "SELECT hex(substr(sealed, 2, 8)), count(*) FROM
                 (SELECT sealed FROM contents WHERE length(sealed) > 0 UNION ALL SELECT sealed FROM tray WHERE sealed IS NOT NULL) GROUP BY 1",
            )?;
            let rows = find.query_map((), |row| Ok((row.get::<_, String>(0)?.to_lowercase(), row.get::<_, i64>(1)?.cast_unsigned())))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Copies the database into a new file, as it was at one moment, while trade goes on; everything that was answered before
    /// is in it. The copy is checked page by page before this resolves.
    ///
    /// # Errors
    /// A [`StoreFault`]; the file is then of no use.
    pub async fn copy_to(&self, file: PathBuf) -> Result<(), StoreFault> {
        let copy = move |connection: &Connection| {
            connection.execute("VACUUM INTO ?1", [file.display().to_string()])?;
            sound(&file)
        };
        self.read(copy).await
    }
}

/// Checks every page and index of a database file.
///
/// # Errors
/// What SQLite found first.
pub fn check_file(file: &Path) -> Result<(), StoreFault> {
    sound(file).map_err(|trouble| trouble.fault())
}

fn sound(file: &Path) -> Result<(), Trouble> {
    let copy = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    let found: String = copy.query_row("PRAGMA integrity_check(1)", (), |row| row.get(0))?;
    match &*found {
        "ok" => Ok(()),
        _ => Err(Trouble::Bug(format!("the copy is damaged: {found}"))),
    }
}

impl Desk<'_> {
    /// One part: the place of its last row, if there may be more, and how many were sealed anew.
    fn rewrap(&mut self, vault: &Vault, find: &str, put: &str, after: i64) -> Result<(Option<i64>, u64), Trouble> {
        let mut rows = self.connection.prepare_cached(find)?;
        let rows = rows.query_map(params![after, AT_ONCE], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, [u8; 16]>(1)?, row.get::<_, Vec<u8>>(2)?))
        })?;
        let rows: Vec<(i64, [u8; 16], Vec<u8>)> = rows.collect::<Result<_, _>>()?;
        let mut changed = 0;
        for (seq, id, sealed) in &rows {
            let id = LeadId::from_bits(u128::from_be_bytes(*id));
            let anew = vault.rewrap(id, sealed).map_err(|fault| Trouble::Bug(format!("{id}: {fault}")))?;
            if let Some(anew) = anew {
                self.connection.prepare_cached(put)?.execute(params![seq, anew])?;
                changed += 1;
            }
        }
        Ok((rows.last().map(|(seq, ..)| *seq), changed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use outcry_core::id::AttemptId;
    use outcry_core::moment::Moment;
    use outcry_engine::ports::tray::{Tray, TrayItem};

    const OLD: [u8; 32] = [1; 32];
    const NEW: [u8; 32] = [2; 32];

    fn open(folder: &tempfile::TempDir, keys: &[[u8; 32]]) -> Sqlite {
        Sqlite::open(folder.path(), Vault::from_keys(keys)).unwrap()
    }

    async fn place(store: &Sqlite, numbers: std::ops::RangeInclusive<u128>) {
        for number in numbers {
            let item = TrayItem {
                attempt: AttemptId::from_bits(number),
                slot: "acme".into(),
                at: Moment::from_unix_ms(1),
                head: "".into(),
                body: format!("row {number}").into_bytes(),
            };
            store.place(item).await.unwrap();
        }
    }

    async fn read(store: &Sqlite) -> Result<Vec<String>, StoreFault> {
        let waiting = store.waiting(vec!["acme".into()], 0, 99).await?;
        Ok(waiting.into_iter().map(|item| String::from_utf8(item.body).unwrap()).collect())
    }

    #[tokio::test]
    async fn a_change_of_keys_that_a_crash_cut_off_is_finished_and_everything_stays_readable() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(&folder, &[OLD]);
        place(&store, 1..=2).await;
        let all = ["row 1", "row 2", "row 3"];
        // The new key is on the disk and seals; then the process dies before anything was sealed anew.
        store.vault().replace(&[NEW, OLD]);
        place(&store, 3..=3).await;
        assert_eq!(read(&store).await.unwrap(), all, "while keys change");
        drop(store);

        let store = open(&folder, &[NEW, OLD]);
        assert_eq!(read(&store).await.unwrap(), all, "after the crash");
        assert_eq!(store.rewrap().await.unwrap(), 2);
        assert_eq!(store.rewrap().await.unwrap(), 0, "and once is enough");
        let newest = store.vault().key_ids().swap_remove(0);
        assert_eq!(store.sealed_under().await.unwrap(), BTreeMap::from([(newest, 3)]));
        drop(store);

        // Nothing needs the old key any more, and the old key opens nothing.
        assert_eq!(read(&open(&folder, &[NEW])).await.unwrap(), all);
        assert!(read(&open(&folder, &[OLD])).await.is_err());
    }

    #[tokio::test]
    async fn a_copy_is_whole_and_holds_what_was_answered_before() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(&folder, &[OLD]);
        place(&store, 1..=9).await;
        let file = folder.path().join("copy.db");
        store.copy_to(file.clone()).await.unwrap();
        place(&store, 10..=10).await;
        let other = tempfile::tempdir().unwrap();
        std::fs::rename(&file, other.path().join("outcry.db")).unwrap();
        assert_eq!(read(&open(&other, &[OLD])).await.unwrap().len(), 9);

        // A damaged copy is noticed.
        let bad = folder.path().join("bad.db");
        store.copy_to(bad.clone()).await.unwrap();
        let mut bytes = std::fs::read(&bad).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle..middle + 4096].fill(0x55);
        std::fs::write(&bad, bytes).unwrap();
        assert!(check_file(&bad).is_err());
    }
}
