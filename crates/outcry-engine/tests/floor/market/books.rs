//! The audit: each lead of ours against the books that the buyers keep for themselves.

use super::exchange::Market;
use crate::support::story::story;
use outcry_core::money::Money;
use outcry_core::raw::Raw;
use outcry_core::record::{Ending, Line, Record, Sold, Subject};
use outcry_engine::ports::store::LeadState;
use std::collections::HashMap;
use std::fmt;

/// What a market day came to.
#[derive(Debug, Default)]
pub(super) struct Sum {
    pub(super) sold: u64,
    pub(super) unsold: u64,
    pub(super) pending: u64,
    /// Of the pending ones, those that a buyer did take.
    taken_in_doubt: u64,
    booked: Money,
    /// What buyers owe for the leads they took.
    owed: Money,
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            sold,
            unsold,
            pending,
            taken_in_doubt,
            booked,
            ..
        } = self;
        write!(
            f,
            "{sold} sold for {booked}, {unsold} unsold, {pending} pending of which buyers took {taken_in_doubt}"
        )
    }
}

impl Market {
    /// Goes through every lead and through both sides' books.
    pub(super) async fn balance(&self) -> Sum {
        let mut sum = Sum::default();
        for record in self.records().await {
            let told = story(&record);
            assert!(!told.contains("NO REASON"), "{told}");
            if let Subject::Lead(id) = record.subject {
                let standing = self
                    .engine
                    .store()
                    .lead(id)
                    .await
                    .expect("a store that reads")
                    .expect("a lead that was accepted");
                assert_ne!(standing.state, LeadState::Selling, "a lead without an end: {told}");
                assert!(standing.answer.is_some(), "a lead without an answer: {told}");
                let lead = self
                    .engine
                    .store()
                    .reopen(id, &self.engine.book().catalog)
                    .await
                    .expect("a store that reads");
                sum.add(&record, &self.takers(&lead.expect("the lead's contents").to_raw()));
            }
        }
        self.compare(&sum).await;
        sum
    }

    async fn compare(&self, sum: &Sum) {
        let (books, tally) = (self.engine.store().books().await.expect("a store that reads"), self.world.tally());
        assert_eq!(
            (books.sold, books.unsold, books.pending, books.price),
            (sum.sold, sum.unsold, sum.pending, sum.booked)
        );
        assert_eq!(books.payout + books.margin, books.price);
        assert_eq!(tally.accepted, sum.sold + sum.taken_in_doubt, "what buyers took and what we sold");
        assert_eq!(tally.owed_total, sum.owed, "what buyers owe and what we know of");
        assert_eq!((tally.sold_twice, tally.leaks, tally.anomalies), (0, 0, 0));
    }

    /// Who took the person of a lead, how often, and what it owes for that.
    fn takers(&self, lead: &Raw) -> HashMap<String, (u32, Money)> {
        let Some(Raw::Text(phone)) = lead.get("phone") else {
            panic!("a lead has a phone")
        };
        let person: u64 = phone[phone.len() - 10..].parse().expect("ten digits");
        let bought = self.world.buyers.iter().filter_map(|buyer| {
            let bought = buyer.with_books(|books| books.people.get(&person).copied())?;
            Some((buyer.profile().name.clone(), (bought.times, bought.owed)))
        });
        bought.collect()
    }
}

impl Sum {
    fn add(&mut self, record: &Record, takers: &HashMap<String, (u32, Money)>) {
        let told = story(record);
        match &record.ending {
            Ending::Sold { sales, .. } => {
                let [Sold { contract, split, .. }] = &sales[..] else {
                    panic!("{told}")
                };
                let line = line(record, |line| line.contract == *contract);
                let taken = (
                    1,
                    takers
                        .get(line.buyer.as_str())
                        .map(|(times, owed)| (*times, owed.to_cents_half_even())),
                );
                assert_eq!(taken, (takers.len(), Some((1, split.price))), "{told}");
                self.sold += 1;
                self.booked = self.booked + split.price;
                self.owed = self.owed + takers.values().map(|(_, owed)| *owed).sum();
            }
            Ending::Pending { attempt } => {
                let line = line(record, |line| line.posts.iter().any(|post| post.attempt == *attempt));
                assert!(
                    takers.iter().all(|(buyer, (times, _))| buyer == line.buyer.as_str() && *times == 1),
                    "{told}: {takers:?}"
                );
                self.pending += 1;
                self.taken_in_doubt += takers.len() as u64;
                self.owed = self.owed + takers.values().map(|(_, owed)| *owed).sum();
            }
            Ending::Unsold | Ending::Review { .. } => {
                assert!(takers.is_empty(), "{told}: {takers:?}");
                self.unsold += 1;
            }
            Ending::Quoted { .. } => panic!("a lead is never quoted"),
            Ending::Waiting { .. } => panic!("nothing in the market is held"),
        }
    }
}

fn line(record: &Record, is: impl Fn(&Line) -> bool) -> &Line {
    record.lines.iter().find(|line| is(line)).expect("a line of the record")
}
