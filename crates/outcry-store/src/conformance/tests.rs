//! The stores of this crate against the suite, and the suite against a store that looks before it leaps.

use super::{all, race};
use crate::{Memory, Sqlite, Vault};
use outcry_core::catalog::Catalog;
use outcry_core::id::{AttemptId, BootId, LeadId, QuoteId};
use outcry_core::lead::Lead;
use outcry_core::moment::Moment;
use outcry_core::record::{Record, Subject};
use outcry_core::wheel::Wheels;
use outcry_engine::ports::Later;
use outcry_engine::ports::store::{
    Accept, Accepted, Books, Counter, Decide, Delivery, Hold, IdempotencyKey, Intend, Intended, LeadCase, LeadStanding, Message,
    OpenAttempt, PersonKey, Quote, Recovery, Refusal, Replay, RouteDay, Settle, Settled, Store, StoreFault, Turn,
};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_store_in_memory_keeps_every_promise() {
    all(|| Arc::new(Memory::new())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_store_in_sqlite_keeps_every_promise() {
    let folder = tempfile::tempdir().unwrap();
    let count = std::cell::Cell::new(0);
    all(|| {
        count.set(count.get() + 1);
        Arc::new(Sqlite::open(&folder.path().join(count.get().to_string()), Vault::from_key([3; 32])).unwrap())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_store_that_looks_before_it_leaps_fails_the_race() {
    let race = tokio::spawn(race::of_64_posts_for_the_last_places_of_a_cap_exactly_those_go(Arc::new(
        Naive::new(),
    )));
    assert!(race.await.is_err(), "a suite that lets check-then-act through proves nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_store_that_looks_at_a_wheel_before_it_turns_it_fails_the_race() {
    let race = tokio::spawn(race::of_64_turns_everybody_has_as_many(Arc::new(Naive::new())));
    assert!(race.await.is_err(), "two auctions that see the same wheel give the same turn away");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_store_that_looks_for_a_leg_before_it_takes_it_fails_the_race() {
    let race = tokio::spawn(race::of_64_posts_of_one_leg_one_is_made(Arc::new(Naive::new())));
    assert!(race.await.is_err(), "two posts that see the same leg free are both made");
}

/// Reads the counters or the legs, finds room, and takes it a moment later: what many exchanges do.
struct Naive(Memory, Mutex<BTreeSet<u32>>);

impl Naive {
    fn new() -> Self {
        Self(Memory::new(), Mutex::default())
    }

    /// A leg is a number of its own for the store inside, so that nothing but the look keeps two posts apart.
    async fn look_then_take_the_leg(&self, mut intend: Intend) -> Result<Intended, StoreFault> {
        let leg = intend.leg;
        if self.1.lock().unwrap().contains(&leg) {
            return Ok(Intended::Refused(Refusal::LegTaken));
        }
        tokio::task::yield_now().await;
        self.1.lock().unwrap().insert(leg);
        intend.leg = 1_000 + u32::try_from(intend.attempt.bits() & 0xffff).unwrap();
        self.0.intend(intend).await
    }

    async fn look_then_leap(&self, mut intend: Intend) -> Result<Intended, StoreFault> {
        if intend.leg > 0 {
            return self.look_then_take_the_leg(intend).await;
        }
        let counters = self.0.counters().await?;
        for Hold { cap, limit, amount, .. } in &mut intend.holds {
            let used = counters
                .iter()
                .find(|counter| counter.cap == *cap)
                .map_or(0, |counter| counter.used);
            if used + *amount > *limit {
                return Ok(Intended::Refused(Refusal::CapFull {
                    cap: cap.clone(),
                    limit: *limit,
                }));
            }
            *limit = i64::MAX;
        }
        tokio::task::yield_now().await;
        self.0.intend(intend).await
    }
}

impl Naive {
    async fn look_then_turn(&self, turn: Turn) -> Result<Wheels, StoreFault> {
        let look: Decide = Arc::new(|_| Vec::new());
        let seen = self
            .0
            .turn(Turn {
                decide: look,
                ..turn.clone()
            })
            .await?;
        tokio::task::yield_now().await;
        let charges = (turn.decide)(&seen);
        self.0
            .turn(Turn {
                decide: Arc::new(move |_| charges.clone()),
                ..turn
            })
            .await?;
        Ok(seen)
    }
}

impl Store for Naive {
    fn turn(&self, turn: Turn) -> Later<'_, Result<Wheels, StoreFault>> {
        Box::pin(self.look_then_turn(turn))
    }
    fn outcomes(&self, since: Moment) -> Later<'_, Result<Vec<RouteDay>, StoreFault>> {
        self.0.outcomes(since)
    }
    fn intend(&self, intend: Intend) -> Later<'_, Result<Intended, StoreFault>> {
        Box::pin(self.look_then_leap(intend))
    }
    fn accept(&self, accept: Accept) -> Later<'_, Result<Accepted, StoreFault>> {
        self.0.accept(accept)
    }
    fn settle(&self, settle: Settle) -> Later<'_, Result<Settled, StoreFault>> {
        self.0.settle(settle)
    }
    fn deliver(&self, delivery: Delivery) -> Later<'_, Result<(), StoreFault>> {
        self.0.deliver(delivery)
    }
    fn due(&self, now: Moment, at_most: usize) -> Later<'_, Result<Vec<Message>, StoreFault>> {
        self.0.due(now, at_most)
    }
    fn keep_quote(&self, quote: Quote, record: Arc<Record>) -> Later<'_, Result<(), StoreFault>> {
        self.0.keep_quote(quote, record)
    }
    fn quote(&self, id: QuoteId) -> Later<'_, Result<Option<Quote>, StoreFault>> {
        self.0.quote(id)
    }
    fn replay(&self, key: &IdempotencyKey) -> Later<'_, Result<Replay, StoreFault>> {
        self.0.replay(key)
    }
    fn record(&self, subject: Subject) -> Later<'_, Result<Option<Record>, StoreFault>> {
        self.0.record(subject)
    }
    fn latest(&self, at_most: usize) -> Later<'_, Result<Vec<Record>, StoreFault>> {
        self.0.latest(at_most)
    }
    fn lead(&self, id: LeadId) -> Later<'_, Result<Option<LeadStanding>, StoreFault>> {
        self.0.lead(id)
    }
    fn case(&self, id: LeadId) -> Later<'_, Result<Option<LeadCase>, StoreFault>> {
        self.0.case(id)
    }
    fn unknowns(&self, after: Option<(Moment, AttemptId)>, at_most: usize) -> Later<'_, Result<Vec<OpenAttempt>, StoreFault>> {
        self.0.unknowns(after, at_most)
    }
    fn reopen(&self, id: LeadId, catalog: &Catalog) -> Later<'_, Result<Option<Lead>, StoreFault>> {
        self.0.reopen(id, catalog)
    }
    fn suppress(&self, list: Arc<str>, people: Vec<PersonKey>) -> Later<'_, Result<(), StoreFault>> {
        self.0.suppress(list, people)
    }
    fn recover(&self, boot: BootId, now: Moment) -> Later<'_, Result<Recovery, StoreFault>> {
        self.0.recover(boot, now)
    }
    fn counters(&self) -> Later<'_, Result<Vec<Counter>, StoreFault>> {
        self.0.counters()
    }
    fn books(&self) -> Later<'_, Result<Books, StoreFault>> {
        self.0.books()
    }
}
