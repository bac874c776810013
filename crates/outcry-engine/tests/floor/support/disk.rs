//! The store in memory behind a disk: each transaction takes a while before and after it is done, and may fail.

use outcry_core::catalog::Catalog;
use outcry_core::id::{AttemptId, BootId, LeadId, QuoteId};
use outcry_core::lead::Lead;
use outcry_core::moment::Moment;
use outcry_core::record::{Record, Subject};
use outcry_core::wheel::Wheels;
use outcry_engine::ports::Later;
use outcry_engine::ports::store::{
    Accept, Accepted, Books, Counter, Delivery, Draw, Drew, IdempotencyKey, InReview, Intend, Intended, LeadCase, LeadStanding, ListChange,
    Message, Objections, OpenAttempt, PersonKey, Quote, Recovery, Refusal, Replay, RouteDay, Settle, Settled, Store, StoreFault, Tell,
    Turn, Waiting, Withdrawal,
};
use outcry_store::Memory;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::sleep;

/// Which transactions fail, as long as the switch is on.
#[derive(Default)]
pub(crate) struct Faults {
    /// T1.
    pub(crate) accept: AtomicBool,
    /// T2.
    pub(crate) intend: AtomicBool,
    /// T3.
    pub(crate) settle: AtomicBool,
    /// T2 takes so many milliseconds more.
    pub(crate) intend_ms: AtomicU64,
}

/// A store that takes its time.
pub(crate) struct Disk {
    store: Arc<Memory>,
    half: Duration,
    /// What fails.
    pub(crate) faults: Faults,
}

impl Disk {
    /// Each transaction takes so long; half of it passes before it is done.
    pub(crate) fn of(store: Arc<Memory>, write: Duration) -> Self {
        Self {
            store,
            half: write / 2,
            faults: Faults::default(),
        }
    }

    async fn write<T>(&self, fails: &AtomicBool, done: impl Future<Output = Result<T, StoreFault>> + Send) -> Result<T, StoreFault> {
        self.seek().await;
        if fails.load(Ordering::Relaxed) {
            return Err(StoreFault::Broken("the disk is on fire".into()));
        }
        let done = done.await;
        self.seek().await;
        done
    }

    async fn seek(&self) {
        if !self.half.is_zero() {
            sleep(self.half).await;
        }
    }
}

impl Store for Disk {
    fn accept(&self, accept: Accept) -> Later<'_, Result<Accepted, StoreFault>> {
        Box::pin(self.write(&self.faults.accept, self.store.accept(accept)))
    }

    fn intend(&self, intend: Intend) -> Later<'_, Result<Intended, StoreFault>> {
        Box::pin(async move {
            let intended = self.write(&self.faults.intend, self.store.intend(intend)).await;
            match self.faults.intend_ms.load(Ordering::Relaxed) {
                0 => {}
                ms => sleep(Duration::from_millis(ms)).await,
            }
            intended
        })
    }

    fn draw(&self, draw: Draw) -> Later<'_, Result<Drew, StoreFault>> {
        Box::pin(self.write(&self.faults.intend, self.store.draw(draw)))
    }

    fn waiting(&self, now: Moment, at_most: usize) -> Later<'_, Result<Vec<Waiting>, StoreFault>> {
        self.store.waiting(now, at_most)
    }

    fn turn(&self, turn: Turn) -> Later<'_, Result<Wheels, StoreFault>> {
        Box::pin(self.write(&self.faults.intend, self.store.turn(turn)))
    }

    fn settle(&self, settle: Settle) -> Later<'_, Result<Settled, StoreFault>> {
        Box::pin(self.write(&self.faults.settle, self.store.settle(settle)))
    }

    fn deliver(&self, delivery: Delivery) -> Later<'_, Result<(), StoreFault>> {
        self.store.deliver(delivery)
    }

    fn due(&self, now: Moment, at_most: usize) -> Later<'_, Result<Vec<Message>, StoreFault>> {
        self.store.due(now, at_most)
    }

    fn keep_quote(&self, quote: Quote, record: Arc<Record>) -> Later<'_, Result<(), StoreFault>> {
        self.store.keep_quote(quote, record)
    }

    fn quote(&self, id: QuoteId) -> Later<'_, Result<Option<Quote>, StoreFault>> {
        self.store.quote(id)
    }

    fn replay(&self, key: &IdempotencyKey) -> Later<'_, Result<Replay, StoreFault>> {
        self.store.replay(key)
    }

    fn record(&self, subject: Subject) -> Later<'_, Result<Option<Record>, StoreFault>> {
        self.store.record(subject)
    }

    fn latest(&self, at_most: usize) -> Later<'_, Result<Vec<Record>, StoreFault>> {
        self.store.latest(at_most)
    }

    fn lead(&self, id: LeadId) -> Later<'_, Result<Option<LeadStanding>, StoreFault>> {
        self.store.lead(id)
    }

    fn case(&self, id: LeadId) -> Later<'_, Result<Option<LeadCase>, StoreFault>> {
        self.store.case(id)
    }

    fn unknowns(&self, after: Option<(Moment, AttemptId)>, at_most: usize) -> Later<'_, Result<Vec<OpenAttempt>, StoreFault>> {
        self.store.unknowns(after, at_most)
    }

    fn reopen(&self, id: LeadId, catalog: &Catalog) -> Later<'_, Result<Option<Lead>, StoreFault>> {
        self.store.reopen(id, catalog)
    }

    fn withdraw(&self, withdrawal: Withdrawal) -> Later<'_, Result<u64, StoreFault>> {
        self.store.withdraw(withdrawal)
    }

    fn in_review(&self, at_most: usize) -> Later<'_, Result<Vec<InReview>, StoreFault>> {
        self.store.in_review(at_most)
    }

    fn take_from_review(&self, lead: LeadId) -> Later<'_, Result<bool, StoreFault>> {
        self.store.take_from_review(lead)
    }

    fn change_list(&self, change: ListChange) -> Later<'_, Result<(), StoreFault>> {
        self.store.change_list(change)
    }

    fn list_changes(&self) -> Later<'_, Result<Vec<ListChange>, StoreFault>> {
        self.store.list_changes()
    }

    fn held(&self, people: Vec<PersonKey>, lead: Option<LeadId>, at: Moment) -> Later<'_, Result<Vec<(PersonKey, Arc<str>)>, StoreFault>> {
        self.store.held(people, lead, at)
    }

    fn objection(&self, asked: Objections) -> Later<'_, Result<Option<Refusal>, StoreFault>> {
        self.store.objection(asked)
    }

    fn recover(&self, boot: BootId, now: Moment, tell: Tell) -> Later<'_, Result<Recovery, StoreFault>> {
        self.store.recover(boot, now, tell)
    }

    fn counters(&self) -> Later<'_, Result<Vec<Counter>, StoreFault>> {
        self.store.counters()
    }

    fn outcomes(&self, since: Moment) -> Later<'_, Result<Vec<RouteDay>, StoreFault>> {
        self.store.outcomes(since)
    }

    fn books(&self) -> Later<'_, Result<Books, StoreFault>> {
        self.store.books()
    }
}
