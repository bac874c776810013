//! What only a store on a disk can promise.

mod ledger;

use super::{Folder, OpenFault, Reader, Sqlite};
use crate::conformance::sample::{self, accept, after_ms, boot, claim, hold, intend, key, lead, sold};
use crate::vault::Vault;
use outcry_core::money::Money;
use outcry_core::record::Subject;
use outcry_engine::answer::Status;
use outcry_engine::ports::store::{
    Accept, Accepted, Claim, Expired, IdempotencyKey, Intend, Intended, LeadState, Recovery, Refusal, Replay, Settle, Settled, Store,
    StoreFault, tell_nobody,
};
use rusqlite::Connection;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use tempfile::{TempDir, tempdir};

fn vault() -> Vault {
    Vault::from_key([3; 32])
}

fn open(folder: &Path) -> Sqlite {
    Sqlite::open(folder, vault()).unwrap()
}

fn refused(folder: &Path) -> String {
    Sqlite::open(folder, vault()).err().expect("the folder is refused").to_string()
}

/// What a power cut would leave: the files as they are, while the store is still open.
fn power_cut(folder: &Path) -> TempDir {
    let copy = tempdir().unwrap();
    for file in ["outcry.db", "outcry.db-wal", "outcry.journal"] {
        fs::copy(folder.join(file), copy.path().join(file)).unwrap();
    }
    copy
}

async fn sell(store: &Sqlite, number: u64) {
    store.accept(accept(number)).await.unwrap();
    let holds = vec![hold("acme/day", 1, 1_000)];
    let claims = vec![claim("campaign/auto", number, 90_000)];
    store
        .intend(Intend {
            holds,
            claims,
            ..intend(number, number, "acme_auto")
        })
        .await
        .unwrap();
    let record = Some(Arc::new(sample::record(number, 10)));
    store
        .settle(Settle {
            record,
            messages: vec![sample::message(number, number)],
            ..sold(number, number, 1_200)
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn what_was_answered_survives_a_power_cut() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    sell(&store, 1).await;
    store
        .accept(Accept {
            contents: sample::contents(2),
            ..accept(2)
        })
        .await
        .unwrap();
    store
        .intend(Intend {
            holds: vec![hold("acme/day", 1, 1_000)],
            ..intend(2, 2, "acme_auto")
        })
        .await
        .unwrap();
    store.accept(accept(3)).await.unwrap();
    let copy = power_cut(folder.path());

    let store = open(copy.path());
    let found = store.recover(boot(2), after_ms(60_000), tell_nobody()).await.unwrap();
    assert_eq!(
        found,
        Recovery {
            unknown: 1,
            expired: 1,
            expired_leads: vec![Expired {
                lead: lead(3),
                source: accept(3).source,
                run: accept(3).run,
                state: LeadState::Unsold,
                payout: Money::ZERO,
            }],
            counters_mended: 0,
            messages_waiting: 1
        }
    );
    let state = async |number| store.lead(lead(number)).await.unwrap().unwrap().state;
    assert_eq!(
        (state(1).await, state(2).await, state(3).await),
        (LeadState::Sold, LeadState::Uncertain, LeadState::Unsold)
    );
    assert_eq!(store.counters().await.unwrap()[0].used, 2);
    assert_eq!(store.books().await.unwrap().price, Money::from_cents(1_200));
    assert!(matches!(store.replay(&key(1)).await.unwrap(), Replay::Answered(answer) if answer.status == Status::Sold));
    assert_eq!(store.record(Subject::Lead(lead(1))).await.unwrap().unwrap().lines.len(), 10);
    assert_eq!(
        store.reopen(lead(2), &sample::catalog()).await.unwrap().unwrap().row,
        sample::contents(2).row
    );
    assert_eq!(
        store.settle(sold(2, 2, 900)).await.unwrap(),
        Settled::Done,
        "a late yes still counts"
    );
}

#[tokio::test]
async fn at_every_step_of_twenty_sales_a_power_cut_loses_nothing_that_was_answered() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    for number in 1..=20 {
        sell(&store, number).await;
        if number % 7 == 0 {
            // Everything goes home, so that some of the cuts are in the middle of a journal and some at its front.
            assert_eq!(store.books().await.unwrap().sold, number);
        }
        let copy = power_cut(folder.path());
        let store = open(copy.path());
        assert_eq!(mended(&store).await, 0, "after {number}");
        let books = store.books().await.unwrap();
        assert_eq!((books.leads, books.sold), (number, number));
        assert_eq!(store.counters().await.unwrap()[0].used.cast_unsigned(), number);
        assert_eq!(store.due(after_ms(60_000), 50).await.unwrap().len() as u64, number);
        let again = claim("campaign/auto", number, 90_000);
        let refused = intend_again(&store, number + 100, vec![again]).await;
        assert!(matches!(refused, Intended::Refused(Refusal::Duplicate { .. })), "{refused:?}");
    }
}

/// How many counters the next start finds wrong.
async fn mended(store: &Sqlite) -> u64 {
    store
        .recover(boot(1), after_ms(60_000), tell_nobody())
        .await
        .unwrap()
        .counters_mended
}

/// A new lead that claims somebody.
async fn intend_again(store: &Sqlite, number: u64, claims: Vec<Claim>) -> Intended {
    store.accept(accept(number)).await.unwrap();
    let intent = Intend {
        claims,
        ..intend(number, number, "acme_auto")
    };
    store.intend(intent).await.unwrap()
}

#[tokio::test]
async fn a_bad_command_undoes_nothing_that_is_only_in_the_journal() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    for number in 1..=9 {
        sell(&store, number).await;
        let bad = store.intend(intend(900, 900, "acme_auto")).await;
        assert!(
            matches!(bad, Err(StoreFault::Broken(_))),
            "an intent for a lead that was never accepted"
        );
    }
    let cut = open(power_cut(folder.path()).path());
    for store in [store, cut] {
        let books = store.books().await.unwrap();
        assert_eq!((books.sold, books.price), (9, Money::from_cents(9 * 1_200)));
        assert_eq!(mended(&store).await, 0);
    }
}

#[tokio::test]
async fn a_look_from_outside_sees_what_was_answered_beside_a_process_and_after_its_end() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    sell(&store, 1).await;
    let copy = power_cut(folder.path());
    for folder in [folder.path(), copy.path()] {
        let reader = Reader::open(folder).unwrap();
        assert_eq!(reader.books().unwrap().sold, 1);
        assert_eq!(reader.record(Subject::Lead(lead(1))).unwrap().unwrap().lines.len(), 10);
    }
}

#[tokio::test]
async fn what_was_taken_in_is_on_the_disk_when_the_store_is_dropped() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    store.accept(accept(1)).await.unwrap();
    // The task gives up at once; what it asked for is done all the same, or not at all.
    let mut given_up = store.accept(accept(2));
    let polled = std::future::poll_fn(|context| std::task::Poll::Ready(given_up.as_mut().poll(context).is_pending())).await;
    drop(given_up);
    drop(store);
    assert!(!folder.path().join("outcry.db-wal").exists(), "and all of it in one file");
    let store = open(folder.path());
    assert_eq!(store.lead(lead(1)).await.unwrap().unwrap().state, LeadState::Selling);
    assert!(!polled || store.lead(lead(2)).await.unwrap().is_some());
}

#[tokio::test]
async fn nothing_personal_can_be_read_off_the_disk() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    for number in 1..=40 {
        store
            .accept(Accept {
                contents: sample::contents(number),
                ..accept(number)
            })
            .await
            .unwrap();
    }
    let kept = sample::quote(41);
    store.keep_quote(kept.clone(), kept.record.clone()).await.unwrap();
    sell(&store, 42).await;
    let wal = power_cut(folder.path());
    drop(store);
    let mut seen = 0;
    for path in [
        wal.path().join("outcry.db-wal"),
        wal.path().join("outcry.db"),
        wal.path().join("outcry.journal"),
        folder.path().join("outcry.db"),
    ] {
        let bytes = fs::read(&path).unwrap();
        seen += bytes.len();
        for canary in ["5125550", "Avery", "avery", "Quillfeather", "Larkspur", "1984-02-29", "78701"] {
            assert!(
                !bytes.windows(canary.len()).any(|window| window == canary.as_bytes()),
                "{canary} in {}",
                path.display()
            );
        }
    }
    assert!(seen > 100_000, "the files are not empty");
}

#[tokio::test]
async fn another_key_does_not_open_a_lead() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    store.accept(accept(1)).await.unwrap();
    drop(store);
    let store = Sqlite::open(folder.path(), Vault::from_key([4; 32])).unwrap();
    let fault = store.reopen(lead(1), &sample::catalog()).await.unwrap_err().to_string();
    assert!(fault.contains("sealed with another key"), "{fault}");
    assert_eq!(store.accept(accept(2)).await.unwrap(), Accepted::New, "everything else goes on");
}

#[test]
fn a_folder_belongs_to_one_process_at_a_time() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let named = format!("the data folder {} is in use by another outcry process", folder.path().display());
    assert!(refused(folder.path()).starts_with(&named));
    drop(store);
    open(folder.path());
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    // Not by permissions: whoever runs the tests as root may write anywhere.
    let folder = tempdir().unwrap();
    let file = folder.path().join("a_file");
    fs::write(&file, "").unwrap();
    let named = format!("the data folder {} cannot be written to", file.join("data").display());
    assert!(refused(&file.join("data")).starts_with(&named));
    assert!(refused(Path::new("/proc/outcry")).contains("/proc/outcry cannot be written to"));
}

#[test]
fn a_folder_of_a_newer_outcry_is_refused() {
    let folder = tempdir().unwrap();
    drop(open(folder.path()));
    let change = |sql| Connection::open(folder.path().join("outcry.db")).unwrap().execute(sql, ()).unwrap();
    change("INSERT INTO migration (name, sha256) VALUES ('0099_later', x'00')");
    assert!(refused(folder.path()).contains("was written by a newer outcry (it has 0099_later"));
    change("DELETE FROM migration WHERE name = '0099_later'");
    change("UPDATE migration SET sha256 = zeroblob(32)");
    assert!(matches!(Sqlite::open(folder.path(), vault()), Err(OpenFault::OtherSchema { .. })));
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("outcry.db"), "x".repeat(8192)).unwrap();
    assert!(refused(folder.path()).contains("could not be opened; if it is damaged, restore the last backup"));
}

#[tokio::test]
async fn a_damaged_database_is_found_by_the_start_after_a_crash() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    for number in 1..=40 {
        sell(&store, number).await;
    }
    drop(store);
    let path = folder.path().join("outcry.db");
    let mut bytes = fs::read(&path).unwrap();
    let last_page = bytes.len() - 4096;
    bytes[last_page..last_page + 200].fill(0xee);
    fs::write(&path, bytes).unwrap();
    // What a crash leaves behind, and nothing that counts.
    fs::write(folder.path().join("outcry.journal"), "torn").unwrap();
    let fault = refused(folder.path());
    assert!(
        fault.contains("is damaged (") && fault.ends_with("); restore the last backup"),
        "{fault}"
    );
}

#[tokio::test]
async fn a_full_disk_refuses_and_goes_on_when_there_is_room_again() {
    let folder = tempdir().unwrap();
    drop(open(folder.path()));
    let locked = Folder::lock(folder.path()).unwrap();
    let writer = locked.writer().unwrap();
    writer.0.execute_batch("PRAGMA max_page_count = 60").unwrap();
    let store = Sqlite::start(locked, writer, vault()).unwrap();
    let mut taken = 0;
    let fault = loop {
        match store.accept(accept(taken + 1)).await {
            Ok(_) => taken += 1,
            Err(fault) => break fault,
        }
    };
    assert!(matches!(fault, StoreFault::Full), "{fault}");
    assert!(matches!(store.accept(accept(taken + 1)).await, Err(StoreFault::Full)), "still full");
    assert_eq!(store.books().await.unwrap().leads, taken, "nothing was half done");
    assert_eq!(
        store.accept(accept(1)).await.unwrap(),
        Accepted::New,
        "what needs no room still works"
    );
    drop(store);
    let store = open(folder.path());
    assert_eq!(
        store
            .recover(boot(2), after_ms(60_000), tell_nobody())
            .await
            .unwrap()
            .counters_mended,
        0
    );
    assert_eq!(store.accept(accept(taken + 1)).await.unwrap(), Accepted::New);
}

#[tokio::test]
async fn requests_whose_time_is_over_are_swept_out_a_few_at_a_time() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let accept_at = async |number: u64, ms: i64| {
        let idempotency = IdempotencyKey {
            since: after_ms(ms - 1_000),
            ..key(number)
        };
        let accept = Accept {
            received: after_ms(ms),
            idempotency,
            ..accept(number)
        };
        assert_eq!(store.accept(accept).await.unwrap(), Accepted::New);
    };
    for number in 1..=200 {
        accept_at(number, 0).await;
    }
    let database = Connection::open(folder.path().join("outcry.db")).unwrap();
    let mut left = Vec::new();
    for number in 201..=206 {
        accept_at(number, 5_000).await;
        store.books().await.unwrap();
        left.push(
            database
                .query_row("SELECT count(*) FROM request", (), |row| row.get::<_, i64>(0))
                .unwrap(),
        );
    }
    assert!(
        left.windows(2).all(|pair| pair[0] - pair[1] < 70),
        "no homecoming sweeps out many: {left:?}"
    );
    assert_eq!(left[5], 6, "and none is forgotten by the hand: {left:?}");
    assert_eq!(store.books().await.unwrap().leads, 206, "leads stay");
}

#[tokio::test]
async fn counters_and_totals_that_are_wrong_are_set_right() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    sell(&store, 1).await;
    drop(store);
    let connection = Connection::open(folder.path().join("outcry.db")).unwrap();
    connection
        .execute_batch("UPDATE counter SET used = 7; UPDATE tally SET total = 5 WHERE what IN ('sold', 'price')")
        .unwrap();
    drop(connection);
    let store = open(folder.path());
    assert_eq!(
        store
            .recover(boot(2), after_ms(60_000), tell_nobody())
            .await
            .unwrap()
            .counters_mended,
        3
    );
    assert_eq!(store.counters().await.unwrap()[0].used, 1);
    let books = store.books().await.unwrap();
    assert_eq!((books.sold, books.price), (1, Money::from_cents(1_200)));
}

#[tokio::test]
async fn the_entries_of_a_sale_add_up_to_nothing() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    for number in 1..=20 {
        sell(&store, number).await;
    }
    drop(store);
    let connection = Connection::open(folder.path().join("outcry.db")).unwrap();
    let sums = "SELECT count(*), sum(micros) FROM entry";
    let (entries, sum): (i64, i64) = connection.query_row(sums, (), |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!((entries, sum), (60, 0));
    let check: String = connection.query_row("PRAGMA integrity_check", (), |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
}

#[tokio::test]
async fn one_bad_command_does_not_take_its_group_down() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let commands: Vec<_> = (1..=20_u64)
        .map(|number| {
            (
                number,
                store.accept(accept(number)),
                store.intend(intend(number + 500, number, "acme_auto")),
            )
        })
        .collect();
    for (number, good, bad) in commands {
        let (good, bad) = tokio::join!(good, bad);
        assert_eq!(good.unwrap(), Accepted::New, "lead {number}");
        assert!(
            matches!(bad, Err(StoreFault::Broken(_))),
            "an intent for a lead that was never accepted"
        );
    }
    assert_eq!(store.intend(intend(1, 1, "acme_auto")).await.unwrap(), Intended::Go);
    assert_eq!(store.books().await.unwrap().leads, 20);
}
