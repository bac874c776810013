//! The books against the entries they are the sum of: debits equal credits, and a replay of the entries gives the balances.
//!
//! A small trade here, a large one in `cargo xtask bars B22`, which sets `OUTCRY_SALES`.

use super::open;
use crate::conformance::sample::{accept, after_ms, boot, ended, intend, rejected, sold_as, unknown};
use outcry_core::id::{BuyerName, SupplierName};
use outcry_core::money::{Currency, Money};
use outcry_core::price::{Deal, PayoutRule, Split};
use outcry_engine::ports::store::{LeadState, Sale, Settle, Store, tell_nobody};
use rusqlite::Connection;
use std::sync::Arc;

const WRITERS: u64 = 64;

/// A sale at a price that is no round sum, by a rule of its own.
fn sale(number: u64) -> Sale {
    let payout = match number % 3 {
        0 => PayoutRule::Share(u32::try_from(number * 7 % 10_001).unwrap()),
        1 => PayoutRule::Fixed(Money::from_micros(i64::try_from(number * 7_919 % 30_000_000).unwrap())),
        _ => PayoutRule::Share(10_000),
    };
    let deal = Deal {
        payout,
        floor: Money::ZERO,
        ceiling: None,
        loss_max: Money::ZERO,
    };
    let price = Money::from_micros(i64::try_from(number * 1_000_003 % 90_000_000 + 1).unwrap());
    Sale {
        buyer: BuyerName::new(format!("buyer_{}", number % 7).as_str()),
        supplier: SupplierName::new(format!("supplier_{}", number % 5).as_str()),
        currency: [Currency::USD, Currency::parse("EUR").unwrap()][usize::from(number.is_multiple_of(11))],
        split: Split::settle(price, &deal),
    }
}

fn booked(number: u64) -> Settle {
    sold_as(number, number, sale(number))
}

/// Of ten leads six are sold at once, one late, one twice told, one is rejected, and of one nobody knows. Tells what was sold.
async fn trade(store: &dyn Store, number: u64) -> Option<Split> {
    store.accept(accept(number)).await.unwrap();
    store.intend(intend(number, number, "acme_auto")).await.unwrap();
    match number % 10 {
        0 => {
            store.settle(ended(number, number, rejected(), LeadState::Unsold)).await.unwrap();
            return None;
        }
        1 => {
            store.settle(ended(number, number, unknown(), LeadState::Uncertain)).await.unwrap();
            return None;
        }
        2 => _ = store.settle(ended(number, number, unknown(), LeadState::Uncertain)).await.unwrap(),
        3 => _ = store.settle(booked(number)).await.unwrap(),
        _ => {}
    }
    store.settle(booked(number)).await.unwrap();
    Some(sale(number).split)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn debits_equal_credits_and_the_balances_are_a_replay_of_the_entries() {
    let each = std::env::var("OUTCRY_SALES")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(640_u64)
        / WRITERS;
    let folder = tempfile::tempdir().unwrap();
    let store: Arc<dyn Store> = Arc::new(open(folder.path()));
    let writers = (0..WRITERS).map(|writer| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut sold = Vec::new();
            for number in writer * each..(writer + 1) * each {
                sold.extend(trade(&*store, number + 1).await);
            }
            sold
        })
    });
    let mut sold = Vec::new();
    for writer in writers.collect::<Vec<_>>() {
        sold.extend(writer.await.unwrap());
    }
    let before = store.books().await.unwrap();
    let sum = |of: fn(&Split) -> Money| sold.iter().map(of).sum::<Money>();
    assert_eq!(
        (before.price, before.payout, before.margin),
        (sum(|s| s.price), sum(|s| s.payout), sum(|s| s.margin))
    );
    drop(store);

    let store = open(folder.path());
    store.recover(boot(2), after_ms(9_000), tell_nobody()).await.unwrap();
    let after = store.books().await.unwrap();
    drop(store);
    let database = Connection::open(folder.path().join("outcry.db")).unwrap();
    let ask = |sql: &str| database.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    let unbalanced = ask("SELECT count(*) FROM (SELECT 1 FROM entry GROUP BY attempt, currency HAVING sum(micros) <> 0)");
    let left_over = ask("SELECT count(*) FROM (SELECT 1 FROM entry GROUP BY currency HAVING sum(micros) <> 0)");
    let entries = ask("SELECT count(*) FROM entry");
    let replayed = ["buyer/%", "supplier/%", "margin"].map(|account| {
        ask(&format!(
            "SELECT ifnull(sum(micros), 0) FROM entry JOIN name ON name.id = account WHERE text LIKE '{account}'"
        ))
    });
    println!(
        "figure: {} sales, {entries} entries in two currencies: {unbalanced} sales and {left_over} currencies that do not add up to nothing; \
         balances are their replay",
        sold.len()
    );
    assert_eq!((unbalanced, left_over), (0, 0));
    assert_eq!(replayed, [before.price.micros(), -before.payout.micros(), -before.margin.micros()]);
    assert_eq!(
        (after.price, after.payout, after.margin),
        (before.price, before.payout, before.margin)
    );
    assert_eq!((before.sold, after.sold), (sold.len() as u64, sold.len() as u64));
}
