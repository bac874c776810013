//! The store as one node sees it: the project's store in memory behind commits that take time, get lost, or are not heard of.
//!
//! A transaction is done at one moment, its commit. What has not come so far when the node dies (or the shared store
//! falls over) is lost, like a write that was never synced. What has come so far stays, whether or not anybody hears of it.

use super::life::Life;
use super::mutants::Mutant;
use super::world::World;
use futures_util::FutureExt;
use outcry_core::catalog::Catalog;
use outcry_core::id::{AttemptId, BootId, LeadId, QuoteId};
use outcry_core::lead::Lead;
use outcry_core::moment::Moment;
use outcry_core::record::{Record, Subject};
use outcry_core::verdict::Verdict;
use outcry_core::wheel::Wheels;
use outcry_engine::ports::Later;
use outcry_engine::ports::store::{
    Accept, Accepted, AttemptOutcome, Books, Counter, Delivery, Draw, Drew, IdempotencyKey, InReview, Intend, Intended, LeadCase,
    LeadStanding, LeadState, ListChange, Message, Objections, OpenAttempt, PersonKey, Quote, Recovery, Refusal, Replay, RouteDay, Settle,
    Settled, Store, StoreFault, Tell, Turn, Waiting, Withdrawal,
};
use outcry_market::chance::Share;
use outcry_store::Beside;
use std::collections::{BTreeMap, BTreeSet};
use std::future::pending;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::sleep;

mod commits;

/// The store of one life.
#[derive(Clone)]
pub(crate) struct Desk {
    world: Arc<World>,
    life: Arc<Life>,
    /// Quotes are kept by the node that made them, and die with it.
    quotes: Arc<Mutex<BTreeMap<QuoteId, Quote>>>,
}

/// What becomes of a transaction.
struct Fate {
    before: Duration,
    after: Duration,
    kind: Kind,
    /// Does it still reach a shared store when its sender is dead?
    outlives: bool,
    /// How often the shared store had fallen over when it began.
    falls: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Well,
    Busy,
    Lost,
    CommitUnknown,
}

impl Desk {
    pub(crate) fn of(world: Arc<World>, life: Arc<Life>) -> Self {
        Self {
            world,
            life,
            quotes: Arc::default(),
        }
    }

    fn fate(&self) -> Fate {
        let world = &self.world;
        let plan = world.plan.disk;
        let kind = match () {
            () if world.happens(plan.busy) => Kind::Busy,
            () if world.happens(plan.lost) => Kind::Lost,
            () if world.happens(plan.commit_unknown) => Kind::CommitUnknown,
            () => Kind::Well,
        };
        let slow = world.happens(plan.slow);
        let falls = world.falls();
        world.draw(|chance| Fate {
            before: Duration::from_micros(chance.below(if slow { 900_000 } else { 6_000 })),
            after: Duration::from_micros(chance.below(if slow { 400_000 } else { 3_000 })),
            kind,
            outlives: chance.happens(Share::percent(50)),
            falls,
        })
    }

    /// One transaction: `commit` is the moment it is done.
    async fn transact<T>(&self, full: &'static str, commit: impl FnOnce() -> Result<T, StoreFault> + Send) -> Result<T, StoreFault> {
        let world = &self.world;
        world.step(&self.life, "before_commit").await;
        let fate = self.fate();
        sleep(fate.before).await;
        if let Err(fault) = self.comes_through(&fate, full).await {
            sleep(fate.after).await;
            self.life.gate().await;
            return Err(fault);
        }
        let done = commit();
        world.step(&self.life, "after_commit").await;
        sleep(fate.after).await;
        world.step(&self.life, "after_reply").await;
        if fate.kind == Kind::CommitUnknown || !world.reaches_store(self.life.node) {
            world.sometimes.add("commit_unknown");
            return Err(StoreFault::Broken("the connection was lost while it committed".into()));
        }
        done
    }

    /// Does a transaction come so far as to be committed? Never, if it is lost with its node.
    async fn comes_through(&self, fate: &Fate, full: &'static str) -> Result<(), StoreFault> {
        let world = &self.world;
        if self.life.is_dead() {
            if !world.shares_store() || !fate.outlives {
                world.sometimes.add("unsynced_write_lost");
                pending::<()>().await;
            }
            world.sometimes.add("late_commit_of_the_dead");
        }
        if !world.reaches_store(self.life.node) || fate.kind == Kind::Lost || fate.falls != world.falls() {
            world.sometimes.add("connection_lost_before_commit");
            return Err(StoreFault::Broken("the store is not reached".into()));
        }
        if world.is_full() {
            if !full.is_empty() {
                world.sometimes.add(full);
            }
            return Err(StoreFault::Full);
        }
        if fate.kind == Kind::Busy {
            world.sometimes.add("store_was_busy");
            return Err(StoreFault::Busy);
        }
        Ok(())
    }

    /// A look at what is committed.
    async fn read<T>(&self, read: impl FnOnce() -> Result<T, StoreFault> + Send) -> Result<T, StoreFault> {
        self.life.gate().await;
        if !self.world.reaches_store(self.life.node) {
            sleep(Duration::from_millis(20)).await;
            self.life.gate().await;
            return Err(StoreFault::Broken("the store is not reached".into()));
        }
        read()
    }

    fn note(&self, what: &str, about: u128, more: impl FnOnce() -> String) {
        self.world.note(self.life.node, what, about, more);
    }
}

/// What the store in memory does is done at once.
fn at_once<T>(later: Later<'_, Result<T, StoreFault>>) -> Result<T, StoreFault> {
    later
        .now_or_never()
        .unwrap_or_else(|| Err(StoreFault::Broken("the store in memory waits for something".into())))
}

impl Store for Desk {
    fn accept(&self, accept: Accept) -> Later<'_, Result<Accepted, StoreFault>> {
        if self.world.is(Mutant::AcceptBeforeDurable) {
            return self.confirmed_early(Accepted::New, move |desk| async move { desk.accepting(accept).await.map(|_| ()) });
        }
        Box::pin(self.accepting(accept))
    }

    fn intend(&self, intend: Intend) -> Later<'_, Result<Intended, StoreFault>> {
        if self.world.is(Mutant::IntentNotAwaited) {
            return self.confirmed_early(Intended::Go, move |desk| async move { desk.intending(intend).await.map(|_| ()) });
        }
        Box::pin(self.intending(intend))
    }

    fn turn(&self, turn: Turn) -> Later<'_, Result<Wheels, StoreFault>> {
        Box::pin(self.transact("", move || at_once(self.world.memory.turn(turn))))
    }

    fn settle(&self, settle: Settle) -> Later<'_, Result<Settled, StoreFault>> {
        if self.world.is(Mutant::OutcomeBeforeDurable) {
            return self.confirmed_early(Settled::Done, move |desk| async move { desk.settling(settle).await.map(|_| ()) });
        }
        Box::pin(self.settling(settle))
    }

    fn deliver(&self, delivery: Delivery) -> Later<'_, Result<(), StoreFault>> {
        Box::pin(self.delivering(delivery))
    }

    fn due(&self, now: Moment, at_most: usize) -> Later<'_, Result<Vec<Message>, StoreFault>> {
        Box::pin(self.read(move || at_once(self.world.memory.due(now, at_most))))
    }

    fn keep_quote(&self, quote: Quote, _: Arc<Record>) -> Later<'_, Result<(), StoreFault>> {
        Box::pin(async move {
            self.life.gate().await;
            self.quotes.lock().unwrap_or_else(PoisonError::into_inner).insert(quote.id, quote);
            Ok(())
        })
    }

    fn quote(&self, id: QuoteId) -> Later<'_, Result<Option<Quote>, StoreFault>> {
        Box::pin(async move {
            self.life.gate().await;
            Ok(self.quotes.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned())
        })
    }

    fn replay(&self, key: &IdempotencyKey) -> Later<'_, Result<Replay, StoreFault>> {
        let key = key.clone();
        Box::pin(self.read(move || {
            if self.world.is(Mutant::KeyIgnored) {
                return Ok(Replay::None);
            }
            at_once(self.world.memory.replay(&key))
        }))
    }

    fn record(&self, subject: Subject) -> Later<'_, Result<Option<Record>, StoreFault>> {
        Box::pin(self.read(move || at_once(self.world.memory.record(subject))))
    }

    fn latest(&self, at_most: usize) -> Later<'_, Result<Vec<Record>, StoreFault>> {
        Box::pin(self.read(move || at_once(self.world.memory.latest(at_most))))
    }

    fn lead(&self, id: LeadId) -> Later<'_, Result<Option<LeadStanding>, StoreFault>> {
        Box::pin(self.read(move || at_once(self.world.memory.lead(id))))
    }

    fn reopen(&self, id: LeadId, catalog: &Catalog) -> Later<'_, Result<Option<Lead>, StoreFault>> {
        let opened = at_once(self.world.memory.reopen(id, catalog));
        Box::pin(self.read(move || opened))
    }

    fn case(&self, id: LeadId) -> Later<'_, Result<Option<LeadCase>, StoreFault>> {
        Box::pin(self.read(move || at_once(self.world.memory.case(id))))
    }

    fn unknowns(&self, after: Option<(Moment, AttemptId)>, at_most: usize) -> Later<'_, Result<Vec<OpenAttempt>, StoreFault>> {
        Box::pin(self.read(move || at_once(self.world.memory.unknowns(after, at_most))))
    }

    fn draw(&self, draw: Draw) -> Later<'_, Result<Drew, StoreFault>> {
        Box::pin(self.transact("", move || at_once(self.world.memory.draw(draw))))
    }

    fn waiting(&self, now: Moment, at_most: usize) -> Later<'_, Result<Vec<Waiting>, StoreFault>> {
        // Of several nodes one looks after the leads that wait: nothing in a shared store says yet whose they are.
        if self.life.node != 0 {
            return Box::pin(async { Ok(Vec::new()) });
        }
        Box::pin(self.read(move || at_once(self.world.memory.waiting(now, at_most))))
    }

    fn withdraw(&self, withdrawal: Withdrawal) -> Later<'_, Result<u64, StoreFault>> {
        Box::pin(self.withdrawing(withdrawal))
    }

    fn in_review(&self, at_most: usize) -> Later<'_, Result<Vec<InReview>, StoreFault>> {
        Box::pin(self.read(move || at_once(self.world.memory.in_review(at_most))))
    }

    fn take_from_review(&self, lead: LeadId) -> Later<'_, Result<bool, StoreFault>> {
        Box::pin(self.transact("", move || at_once(self.world.memory.take_from_review(lead))))
    }

    fn change_list(&self, change: ListChange) -> Later<'_, Result<(), StoreFault>> {
        Box::pin(self.changing_list(change))
    }

    fn list_changes(&self) -> Later<'_, Result<Vec<ListChange>, StoreFault>> {
        Box::pin(self.read(move || at_once(self.world.memory.list_changes())))
    }

    fn held(&self, people: Vec<PersonKey>, lead: Option<LeadId>, at: Moment) -> Later<'_, Result<Vec<(PersonKey, Arc<str>)>, StoreFault>> {
        Box::pin(self.read(move || at_once(self.world.memory.held(people, lead, at))))
    }

    fn objection(&self, asked: Objections) -> Later<'_, Result<Option<Refusal>, StoreFault>> {
        Box::pin(self.read(move || at_once(self.world.memory.objection(asked))))
    }

    fn recover(&self, boot: BootId, now: Moment, tell: Tell) -> Later<'_, Result<Recovery, StoreFault>> {
        Box::pin(self.recovering(boot, now, tell))
    }

    fn counters(&self) -> Later<'_, Result<Vec<Counter>, StoreFault>> {
        Box::pin(self.read(move || at_once(self.world.memory.counters())))
    }

    fn outcomes(&self, since: Moment) -> Later<'_, Result<Vec<RouteDay>, StoreFault>> {
        Box::pin(self.read(move || at_once(self.world.memory.outcomes(since))))
    }

    fn books(&self) -> Later<'_, Result<Books, StoreFault>> {
        Box::pin(self.read(move || at_once(self.world.memory.books())))
    }
}
