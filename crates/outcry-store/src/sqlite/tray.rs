//! The tray in SQLite. Items are sealed before they reach the writer and opened after they have left it.

use super::desk::{Desk, bytes};
use super::trouble::Trouble;
use super::writer::Command;
use super::{Sqlite, read};
use outcry_core::id::{AttemptId, LeadId};
use outcry_core::moment::Moment;
use outcry_engine::ports::Later;
use outcry_engine::ports::store::StoreFault;
use outcry_engine::ports::tray::{Batch, Gather, Tray, TrayItem, Waiting};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::sync::Arc;

/// What the writer is asked to do with the tray.
pub(super) enum TrayOrder {
    Place {
        item: TrayItem,
        sealed: Vec<u8>,
    },
    Acknowledge {
        slots: Vec<Arc<str>>,
        items: Vec<AttemptId>,
        at: Moment,
    },
    Gather(Gather),
    Taken {
        batch: u128,
        at: Moment,
    },
    Forget {
        before: Moment,
    },
}

/// What came of it.
pub(super) enum TrayDone {
    Changed(u64),
    Gathered(Option<SealedBatch>),
}

/// A batch as it lies in the store: rows by their attempts.
pub(super) struct SealedBatch {
    id: u128,
    at: Moment,
    head: Arc<str>,
    rows: Vec<(AttemptId, Vec<u8>)>,
}

impl Desk<'_> {
    pub(super) fn tray(&mut self, order: &TrayOrder) -> Result<TrayDone, Trouble> {
        match order {
            TrayOrder::Place { item, sealed } => self.place(item, sealed),
            TrayOrder::Acknowledge { slots, items, at } => self.acknowledge(slots, items, *at),
            TrayOrder::Gather(ask) => self.gather(ask).map(TrayDone::Gathered),
            TrayOrder::Taken { batch, at } => self.changed(
                "UPDATE tray SET taken = ?2 WHERE batch = ?1 AND taken IS NULL",
                params![bytes(*batch), at.unix_ms()],
            ),
            TrayOrder::Forget { before } => self.changed(
                "UPDATE tray SET sealed = NULL WHERE taken < ?1 AND sealed IS NOT NULL",
                params![before.unix_ms()],
            ),
        }
    }

    fn changed(&self, sql: &str, params: impl rusqlite::Params) -> Result<TrayDone, Trouble> {
        let count = self.connection.prepare_cached(sql)?.execute(params)?;
        Ok(TrayDone::Changed(count as u64))
    }

    fn place(&mut self, item: &TrayItem, sealed: &[u8]) -> Result<TrayDone, Trouble> {
        let slot = self.name(&item.slot)?;
        self.changed(
            "INSERT INTO tray (attempt, slot, placed, head, sealed) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
            params![bytes(item.attempt.bits()), slot, item.at.unix_ms(), item.head, sealed],
        )
    }

    /// Only what nobody has gathered for a file, and only from slots of whoever asks.
    fn acknowledge(&mut self, slots: &[Arc<str>], items: &[AttemptId], at: Moment) -> Result<TrayDone, Trouble> {
        let mut count = 0;
        for slot in slots {
            let slot = self.name(slot)?;
            for item in items {
                let mut take = self
                    .connection
                    .prepare_cached("UPDATE tray SET taken = ?3 WHERE attempt = ?1 AND slot = ?2 AND taken IS NULL AND batch IS NULL")?;
                count += take.execute(params![bytes(item.bits()), slot, at.unix_ms()])?;
            }
        }
        Ok(TrayDone::Changed(count as u64))
    }

    fn gather(&mut self, ask: &Gather) -> Result<Option<SealedBatch>, Trouble> {
        let slot = self.name(&ask.slot)?;
        if let Some(begun) = self.begun(slot)? {
            return Ok(Some(begun));
        }
        // The oldest row decides under which line the file stands.
        let mut oldest = self
            .connection
            .prepare_cached("SELECT placed, head FROM tray WHERE slot = ?1 AND taken IS NULL AND batch IS NULL ORDER BY seq LIMIT 1")?;
        let oldest: Option<(i64, String)> = oldest.query_row([slot], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let Some((placed, head)) = oldest else { return Ok(None) };
        let mut count = self
            .connection
            .prepare_cached("SELECT count(*) FROM tray WHERE slot = ?1 AND taken IS NULL AND batch IS NULL")?;
        let count: i64 = count.query_row([slot], |row| row.get(0))?;
        if placed >= ask.due_before.unix_ms() && count < i64::from(ask.rows_max) {
            return Ok(None);
        }
        let mut begin = self.connection.prepare_cached(
            "UPDATE tray SET batch = ?2, gathered = ?3 WHERE seq IN (SELECT seq FROM tray
                 WHERE slot = ?1 AND taken IS NULL AND batch IS NULL AND head = ?4 ORDER BY seq LIMIT ?5)",
        )?;
        begin.execute(params![slot, bytes(ask.fresh), ask.at.unix_ms(), head, ask.rows_max])?;
        drop(begin);
        self.begun(slot)
    }

    /// The file of a slot that was begun and is not known to be where it belongs.
    fn begun(&self, slot: i64) -> Result<Option<SealedBatch>, Trouble> {
        let mut find = self.connection.prepare_cached(
            "SELECT batch, gathered, head FROM tray WHERE slot = ?1 AND taken IS NULL AND batch IS NOT NULL ORDER BY seq LIMIT 1",
        )?;
        let found = find.query_row([slot], |row| Ok((number(row, 0)?, row.get::<_, i64>(1)?, row.get::<_, String>(2)?)));
        let Some((id, at, head)) = found.optional()? else { return Ok(None) };
        let mut rows = self
            .connection
            .prepare_cached("SELECT attempt, sealed FROM tray WHERE batch = ?1 AND taken IS NULL ORDER BY seq")?;
        let rows = rows.query_map([bytes(id)], |row| Ok((AttemptId::from_bits(number(row, 0)?), row.get(1)?)))?;
        Ok(Some(SealedBatch {
            id,
            at: Moment::from_unix_ms(at),
            head: head.into(),
            rows: rows.collect::<Result<_, _>>()?,
        }))
    }
}

fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u128> {
    row.get(column).map(u128::from_be_bytes)
}

/// An item before it is opened: number, attempt, slot, moment, sealed body.
type Sealed = (u64, AttemptId, Arc<str>, Moment, Vec<u8>);

fn waiting(connection: &Connection, slots: &[Arc<str>], after: u64, at_most: usize) -> Result<Vec<Sealed>, Trouble> {
    let mut found = Vec::new();
    let mut find = connection.prepare_cached(
        "SELECT seq, attempt, placed, sealed FROM tray WHERE slot = (SELECT id FROM name WHERE text = ?1)
             AND seq > ?2 AND taken IS NULL AND batch IS NULL ORDER BY seq LIMIT ?3",
    )?;
    for slot in slots {
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        let rows = find.query_map(params![slot, after, read::limit(at_most)], |row| {
            let placed = Moment::from_unix_ms(row.get(2)?);
            let number_of = u64::try_from(row.get::<_, i64>(0)?).unwrap_or_default();
            Ok((number_of, AttemptId::from_bits(number(row, 1)?), slot.clone(), placed, row.get(3)?))
        })?;
        for row in rows {
            found.push(row?);
        }
    }
    found.sort_by_key(|(number, ..)| *number);
    found.truncate(at_most);
    Ok(found)
}

/// Items are sealed under the id of their attempt, so that none can be put in the place of another.
fn seal_of(attempt: AttemptId) -> LeadId {
    LeadId::from_bits(attempt.bits())
}

impl Sqlite {
    async fn order(&self, order: TrayOrder) -> Result<TrayDone, StoreFault> {
        self.write(order, Command::Tray).await
    }

    async fn count(&self, order: TrayOrder) -> Result<u64, StoreFault> {
        match self.order(order).await? {
            TrayDone::Changed(count) => Ok(count),
            TrayDone::Gathered(_) => Ok(0),
        }
    }

    fn opened(&self, attempt: AttemptId, sealed: &[u8]) -> Result<Vec<u8>, StoreFault> {
        let opened = self.vault.open(seal_of(attempt), sealed);
        let closed = |why: crate::VaultFault| StoreFault::Broken(format!("the item of {attempt} stays sealed: {why}").into());
        opened.map(|body| body.to_vec()).map_err(closed)
    }
}

impl Tray for Sqlite {
    fn place(&self, mut item: TrayItem) -> Later<'_, Result<(), StoreFault>> {
        Box::pin(async move {
            let sealed = self.vault.seal(seal_of(item.attempt), std::mem::take(&mut item.body));
            self.count(TrayOrder::Place { item, sealed }).await.map(|_| ())
        })
    }

    fn waiting(&self, slots: Vec<Arc<str>>, after: u64, at_most: usize) -> Later<'_, Result<Vec<Waiting>, StoreFault>> {
        Box::pin(async move {
            let found = self.read(move |connection| waiting(connection, &slots, after, at_most)).await?;
            let opened = found.into_iter().map(|(number, attempt, slot, at, sealed)| {
                Ok(Waiting {
                    number,
                    attempt,
                    slot,
                    at,
                    body: self.opened(attempt, &sealed)?,
                })
            });
            opened.collect()
        })
    }

    fn acknowledge(&self, slots: Vec<Arc<str>>, items: Vec<AttemptId>, at: Moment) -> Later<'_, Result<u64, StoreFault>> {
        Box::pin(self.count(TrayOrder::Acknowledge { slots, items, at }))
    }

    fn has(&self, attempt: AttemptId) -> Later<'_, Result<bool, StoreFault>> {
        Box::pin(self.read(move |connection| {
            let mut find = connection.prepare_cached("SELECT count(*) FROM tray WHERE attempt = ?1")?;
            let count: i64 = find.query_row([bytes(attempt.bits())], |row| row.get(0))?;
            Ok(count > 0)
        }))
    }

    fn gather(&self, ask: Gather) -> Later<'_, Result<Option<Batch>, StoreFault>> {
        Box::pin(async move {
            let TrayDone::Gathered(Some(batch)) = self.order(TrayOrder::Gather(ask)).await? else {
                return Ok(None);
            };
            let rows = batch.rows.iter().map(|(attempt, sealed)| self.opened(*attempt, sealed));
            Ok(Some(Batch {
                id: batch.id,
                at: batch.at,
                head: batch.head.clone(),
                rows: rows.collect::<Result<_, _>>()?,
            }))
        })
    }

    fn taken(&self, batch: u128, at: Moment) -> Later<'_, Result<(), StoreFault>> {
        Box::pin(async move { self.count(TrayOrder::Taken { batch, at }).await.map(|_| ()) })
    }

    fn forget(&self, before: Moment) -> Later<'_, Result<u64, StoreFault>> {
        Box::pin(self.count(TrayOrder::Forget { before }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Vault;

    fn store(folder: &std::path::Path) -> Sqlite {
        Sqlite::open(folder, Vault::from_key([3; 32])).unwrap()
    }

    fn at(ms: i64) -> Moment {
        Moment::from_unix_ms(1_795_446_000_000 + ms)
    }

    fn attempt(number: u64) -> AttemptId {
        AttemptId::from_bits(number.into())
    }

    async fn put(store: &Sqlite, slot: &str, head: &str, numbers: impl IntoIterator<Item = u64>) {
        for number in numbers {
            let item = TrayItem {
                attempt: attempt(number),
                slot: slot.into(),
                at: at(i64::try_from(number).unwrap()),
                head: head.into(),
                body: format!("row {number}").into_bytes(),
            };
            store.place(item).await.unwrap();
        }
    }

    fn ask(slot: &str, fresh: u128, due_before: i64, rows_max: u32) -> Gather {
        Gather {
            slot: slot.into(),
            fresh,
            at: at(1_000),
            due_before: at(due_before),
            rows_max,
        }
    }

    /// A file in one line: `7 a,b: row 1 row 2`.
    async fn file(store: &Sqlite, ask: Gather) -> String {
        let Some(batch) = store.gather(ask).await.unwrap() else {
            return "none".to_owned();
        };
        let rows: Vec<String> = batch.rows.into_iter().map(|row| String::from_utf8(row).unwrap()).collect();
        format!("{} {}: {}", batch.id, batch.head, rows.join(" "))
    }

    async fn inbox(store: &Sqlite, slots: &[&str], after: u64) -> String {
        let slots = slots.iter().map(|slot| Arc::from(*slot)).collect();
        let waiting = store.waiting(slots, after, 3).await.unwrap();
        let told = waiting
            .iter()
            .map(|item| format!("{} {} {}", item.number, item.slot, String::from_utf8_lossy(&item.body)));
        told.collect::<Vec<_>>().join("; ")
    }

    #[tokio::test]
    async fn a_file_is_gathered_once_and_stays_the_same_until_it_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let kept = store(folder.path());
        put(&kept, "acme", "a,b", 1..=2).await;
        put(&kept, "acme", "a,b", 1..=1).await;
        assert_eq!(file(&kept, ask("acme", 7, 1, 10)).await, "none", "not due");
        assert_eq!(file(&kept, ask("other", 7, 5, 10)).await, "none");
        assert_eq!(file(&kept, ask("acme", 7, 2, 10)).await, "7 a,b: row 1 row 2");
        put(&kept, "acme", "a,b", 3..=3).await;
        drop(kept);
        // After a crash, and whatever came meanwhile.
        let kept = store(folder.path());
        assert_eq!(file(&kept, ask("acme", 8, 9, 1)).await, "7 a,b: row 1 row 2");
        kept.taken(7, at(2_000)).await.unwrap();
        kept.taken(7, at(2_000)).await.unwrap();
        assert_eq!(
            file(&kept, ask("acme", 9, 0, 1)).await,
            "9 a,b: row 3",
            "as many as there may be are due at once"
        );
        kept.taken(9, at(2_000)).await.unwrap();
        assert_eq!(file(&kept, ask("acme", 10, 99, 1)).await, "none");
    }

    #[tokio::test]
    async fn rows_under_another_line_are_in_another_file() {
        let folder = tempfile::tempdir().unwrap();
        let kept = store(folder.path());
        put(&kept, "acme", "a,b", [1]).await;
        put(&kept, "acme", "a,b,c", [2]).await;
        put(&kept, "acme", "a,b", [3]).await;
        assert_eq!(file(&kept, ask("acme", 7, 99, 10)).await, "7 a,b: row 1 row 3");
        kept.taken(7, at(0)).await.unwrap();
        assert_eq!(file(&kept, ask("acme", 8, 99, 10)).await, "8 a,b,c: row 2");
    }

    #[tokio::test]
    async fn a_buyer_sees_its_own_items_until_it_has_them() {
        let folder = tempfile::tempdir().unwrap();
        let kept = store(folder.path());
        put(&kept, "acme", "", 1..=4).await;
        put(&kept, "other", "", [5]).await;
        assert_eq!(inbox(&kept, &["acme"], 0).await, "1 acme row 1; 2 acme row 2; 3 acme row 3");
        assert_eq!(inbox(&kept, &["acme", "other"], 3).await, "4 acme row 4; 5 other row 5");
        assert_eq!(inbox(&kept, &["nobody"], 0).await, "");
        let acknowledge = |items: Vec<AttemptId>| kept.acknowledge(vec!["acme".into()], items, at(10));
        assert_eq!(acknowledge(vec![attempt(1), attempt(3), attempt(5), attempt(9)]).await.unwrap(), 2);
        assert_eq!(acknowledge(vec![attempt(1)]).await.unwrap(), 0, "once");
        assert_eq!(
            inbox(&kept, &["acme", "other"], 0).await,
            "2 acme row 2; 4 acme row 4; 5 other row 5"
        );
    }

    #[tokio::test]
    async fn what_was_taken_is_sealed_and_then_erased() {
        let folder = tempfile::tempdir().unwrap();
        let kept = store(folder.path());
        put(&kept, "acme", "", 1..=2).await;
        kept.acknowledge(vec!["acme".into()], vec![attempt(1)], at(10)).await.unwrap();
        assert_eq!(kept.forget(at(10)).await.unwrap(), 0);
        assert_eq!(kept.forget(at(11)).await.unwrap(), 1, "what waits is kept");
        drop(kept);
        for name in ["outcry.db", "outcry.db-wal"] {
            let bytes = std::fs::read(folder.path().join(name)).unwrap_or_default();
            assert!(!bytes.windows(4).any(|four| four == b"row "), "{name}");
        }
    }
}
