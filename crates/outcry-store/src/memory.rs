//! The store in memory: the same promises under one lock, for tests and for the simulator.
//!
//! Deterministic: nothing here draws, sleeps or iterates in an order of chance. It forgets everything when it is
//! dropped, so it keeps a lead as it is and seals nothing.

mod case;
mod consent;
mod counters;
mod intent;
mod outcome;
mod recover;

use self::counters::Count;
use crate::quotes::Quotes;
use crate::standing::AttemptState;
use outcry_core::catalog::Catalog;
use outcry_core::id::{AttemptId, BootId, BuyerName, CampaignName, ContractName, LeadId, MessageId, QuoteId, SourceName};
use outcry_core::lead::Lead;
use outcry_core::moment::Moment;
use outcry_core::money::Money;
use outcry_core::price::Split;
use outcry_core::record::{Door, Record, Run, Subject};
use outcry_core::verdict::Verdict;
use outcry_core::wheel::Wheels;
use outcry_engine::answer::Answer;
use outcry_engine::ports::Later;
use outcry_engine::ports::store::{
    Accept, Accepted, Books, Claim, Counter, Delivery, DeliveryResult, Draw, Drew, Hold, IdempotencyKey, InReview, Intend, Intended,
    LeadCase, LeadStanding, LeadState, ListChange, Memo, Message, Objections, OpenAttempt, PersonKey, Quote, Recovery, Refusal, Replay,
    RouteDay, Sale, Settle, Settled, Store, StoreFault, Tell, Turn, Waiting, Withdrawal,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The store in memory.
#[derive(Default)]
pub struct Memory {
    inside: Mutex<Inside>,
    quotes: Quotes,
}

#[derive(Default)]
struct Inside {
    seq: u64,
    leads: BTreeMap<LeadId, LeadEntry>,
    requests: BTreeMap<(SourceName, Arc<str>), ([u8; 32], LeadId)>,
    redeemed: BTreeSet<QuoteId>,
    records: BTreeMap<u64, Arc<Record>>,
    quote_records: BTreeMap<QuoteId, u64>,
    claims: BTreeMap<(PersonKey, Arc<str>), (LeadId, Moment)>,
    counters: BTreeMap<(Arc<str>, Moment), Count>,
    /// What counts pings, which no attempt holds.
    pinged: BTreeMap<(Arc<str>, Moment), Count>,
    buckets: BTreeMap<Arc<str>, i64>,
    waiting: BTreeMap<LeadId, Waiting>,
    wheels: Wheels,
    /// What was put on lists by hand, or taken off them.
    listed: BTreeMap<(Arc<str>, PersonKey), bool>,
    withdrawn: BTreeSet<(Arc<str>, PersonKey)>,
    certificates: BTreeMap<PersonKey, Vec<PersonKey>>,
    sales: Vec<(LeadId, Sale)>,
    messages: BTreeMap<MessageId, MessageEntry>,
}

struct LeadEntry {
    seq: u64,
    source: SourceName,
    campaign: CampaignName,
    door: Door,
    quote: Option<QuoteId>,
    run: Run,
    received: Moment,
    contents: Arc<Lead>,
    state: LeadState,
    answer: Option<Answer>,
    attempts: Vec<Attempt>,
}

struct Attempt {
    id: AttemptId,
    contract: ContractName,
    buyer: BuyerName,
    leg: u32,
    boot: BootId,
    state: AttemptState,
    legs_max: u32,
    price: Money,
    began: Moment,
    verdict: Option<Verdict>,
    sale: Option<Split>,
    memo: Option<Memo>,
    ended: Option<Moment>,
    claims: Vec<Claim>,
    holds: Vec<Hold>,
}

struct MessageEntry {
    message: Message,
    /// When the next try is due; `None` once it arrived or was given up.
    due: Option<Moment>,
    tried: Option<Moment>,
}

impl Memory {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// [`Store::recover`] for a node that shares the store with others.
    pub fn recover_beside(&self, boot: BootId, now: Moment, tell: &Tell, beside: &Beside) -> Recovery {
        self.lock().recover(boot, now, tell, beside)
    }

    /// A panic under the lock is a bug in a test's own thread; the others go on with what there is.
    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who else is at work on the store while one node starts: nothing of theirs is recovered.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// The boots that are alive.
    pub boots: BTreeSet<BootId>,
    /// The leads that they are selling.
    pub leads: BTreeSet<LeadId>,
}

/// What is done is done at once: the future has nothing to wait for.
fn now<'a, T: Send + 'a>(result: T) -> Later<'a, Result<T, StoreFault>> {
    Box::pin(async move { Ok(result) })
}

impl Inside {
    fn accept(&mut self, accept: &Accept) -> Accepted {
        let key = (accept.idempotency.source.clone(), accept.idempotency.key.clone());
        if let Some((_, lead)) = self.requests.get(&key)
            && *lead == accept.lead
        {
            return self.duplicate(accept);
        }
        match self.replay(&accept.idempotency) {
            Replay::None => {}
            Replay::Answered(answer) => return Accepted::Answered(answer),
            Replay::InFlight(lead) => return Accepted::InFlight(lead),
            Replay::OtherBody => return Accepted::OtherBody,
        }
        if accept.quote.is_some_and(|quote| !self.redeemed.insert(quote)) {
            return Accepted::QuoteUsed;
        }
        self.requests.insert(key, (accept.idempotency.fingerprint, accept.lead));
        self.seq += 1;
        let entry = LeadEntry {
            seq: self.seq,
            source: accept.source.clone(),
            campaign: accept.campaign.clone(),
            door: accept.door,
            quote: accept.quote,
            run: accept.run,
            received: accept.received,
            contents: accept.contents.clone(),
            state: LeadState::Selling,
            answer: None,
            attempts: Vec::new(),
        };
        self.leads.insert(accept.lead, entry);
        let accepted = self.duplicate(accept);
        let taken = accept.marks.iter().filter(|mark| accepted == Accepted::New || mark.renews);
        let taken = taken.map(|mark| ((mark.person, mark.scope.clone()), (accept.lead, mark.until)));
        self.claims.extend(taken);
        accepted
    }

    /// Does another lead hold the person that this one is counted for?
    fn duplicate(&self, accept: &Accept) -> Accepted {
        let held = accept.marks.iter().find(|mark| {
            let holder = self.claims.get(&(mark.person, mark.scope.clone()));
            holder.is_some_and(|(holder, until)| *holder != accept.lead && accept.received < *until)
        });
        held.map_or(Accepted::New, |mark| Accepted::Duplicate { scope: mark.scope.clone() })
    }

    fn replay(&self, key: &IdempotencyKey) -> Replay {
        let Some((fingerprint, lead)) = self.requests.get(&(key.source.clone(), key.key.clone())) else {
            return Replay::None;
        };
        let Some(entry) = self.leads.get(lead).filter(|lead| key.since <= lead.received) else {
            return Replay::None;
        };
        match entry.answer.clone() {
            _ if *fingerprint != key.fingerprint => Replay::OtherBody,
            Some(answer) => Replay::Answered(answer),
            None => Replay::InFlight(*lead),
        }
    }

    fn deliver(&mut self, delivery: &Delivery) {
        let Some(entry) = self.messages.get_mut(&delivery.message) else {
            return;
        };
        if entry.due.is_none() || entry.tried == Some(delivery.at) {
            return;
        }
        entry.tried = Some(delivery.at);
        entry.message.tries += 1;
        entry.due = match delivery.result {
            DeliveryResult::Arrived | DeliveryResult::Dead { .. } => None,
            DeliveryResult::Again { due, .. } => Some(due),
        };
    }

    fn due(&self, now: Moment, at_most: usize) -> Vec<Message> {
        let mut due: Vec<(Moment, &Message)> = self
            .messages
            .values()
            .filter_map(|entry| Some((entry.due?, &entry.message)))
            .collect();
        due.retain(|(due, _)| *due <= now);
        due.sort_by_key(|(due, message)| (*due, message.id));
        due.into_iter().take(at_most).map(|(_, message)| message.clone()).collect()
    }

    fn keep_quote_record(&mut self, quote: QuoteId, record: Arc<Record>) {
        if self.quote_records.contains_key(&quote) {
            return;
        }
        self.seq += 1;
        self.quote_records.insert(quote, self.seq);
        self.records.insert(self.seq, record);
    }

    fn record(&self, subject: Subject) -> Option<Record> {
        let seq = match subject {
            Subject::Lead(id) => self.leads.get(&id)?.seq,
            Subject::Quote(id) => *self.quote_records.get(&id)?,
        };
        self.records.get(&seq).map(|record| Record::clone(record))
    }

    fn standing(&self, id: LeadId) -> Option<LeadStanding> {
        let lead = self.leads.get(&id)?;
        let attempts = lead
            .attempts
            .iter()
            .map(|attempt| (attempt.id, attempt.contract.clone(), attempt.state.word().into()));
        Some(LeadStanding {
            lead: id,
            source: lead.source.clone(),
            state: lead.state,
            received: lead.received,
            attempts: attempts.collect(),
            answer: lead.answer.clone(),
        })
    }

    fn outcomes(&self, since: Moment) -> Vec<RouteDay> {
        let mut days: BTreeMap<(SourceName, ContractName, i64), (u64, u64)> = BTreeMap::new();
        let live = self.leads.values().filter(|lead| lead.run == Run::Live);
        for (lead, attempt) in live.flat_map(|lead| lead.attempts.iter().map(move |attempt| (lead, attempt))) {
            let Some(ended) = attempt.ended.filter(|ended| since <= *ended) else {
                continue;
            };
            let Some((accepted, rejected)) = attempt.state.says() else {
                continue;
            };
            let day = (lead.source.clone(), attempt.contract.clone(), day(ended));
            let sum = days.entry(day).or_default();
            *sum = (sum.0 + accepted, sum.1 + rejected);
        }
        let route_day = |((source, contract, day), (accepted, rejected))| RouteDay {
            source,
            contract,
            day,
            accepted,
            rejected,
        };
        days.into_iter().map(route_day).collect()
    }

    fn books(&self) -> Books {
        let live = || self.leads.values().filter(|lead| lead.run == Run::Live);
        let count = |state| live().filter(|lead| lead.state == state).count() as u64;
        let sum = |amount: fn(&Sale) -> Money| self.sales.iter().map(|(_, sale)| amount(sale)).sum();
        Books {
            leads: live().count() as u64,
            sold: count(LeadState::Sold),
            unsold: count(LeadState::Unsold),
            pending: count(LeadState::Selling) + count(LeadState::Uncertain) + count(LeadState::Waiting) + count(LeadState::Review),
            price: sum(|sale| sale.split.price),
            payout: sum(|sale| sale.split.payout),
            margin: sum(|sale| sale.split.margin),
        }
    }
}

impl Store for Memory {
    fn accept(&self, accept: Accept) -> Later<'_, Result<Accepted, StoreFault>> {
        Box::pin(async move { Ok(self.lock().accept(&accept)) })
    }

    fn intend(&self, intend: Intend) -> Later<'_, Result<Intended, StoreFault>> {
        Box::pin(async move { self.lock().intend(intend) })
    }

    fn draw(&self, draw: Draw) -> Later<'_, Result<Drew, StoreFault>> {
        Box::pin(async move { Ok(self.lock().draw(&draw)) })
    }

    fn waiting(&self, now: Moment, at_most: usize) -> Later<'_, Result<Vec<Waiting>, StoreFault>> {
        Box::pin(async move {
            let inside = self.lock();
            let due = inside.waiting.values().filter(|waiting| waiting.due <= now);
            Ok(due.take(at_most).cloned().collect())
        })
    }

    fn turn(&self, turn: Turn) -> Later<'_, Result<Wheels, StoreFault>> {
        Box::pin(async move {
            let mut inside = self.lock();
            let seen = inside.wheels.only(&turn.wheels);
            for charge in (turn.decide)(&seen) {
                inside.wheels.set(charge);
            }
            Ok(seen)
        })
    }

    fn settle(&self, settle: Settle) -> Later<'_, Result<Settled, StoreFault>> {
        Box::pin(async move { self.lock().settle(settle) })
    }

    fn deliver(&self, delivery: Delivery) -> Later<'_, Result<(), StoreFault>> {
        Box::pin(async move {
            self.lock().deliver(&delivery);
            Ok(())
        })
    }

    fn due(&self, now: Moment, at_most: usize) -> Later<'_, Result<Vec<Message>, StoreFault>> {
        Box::pin(async move { Ok(self.lock().due(now, at_most)) })
    }

    fn keep_quote(&self, quote: Quote, record: Arc<Record>) -> Later<'_, Result<(), StoreFault>> {
        Box::pin(async move {
            self.lock().keep_quote_record(quote.id, record.clone());
            self.quotes.keep(quote, record.received);
            Ok(())
        })
    }

    fn quote(&self, id: QuoteId) -> Later<'_, Result<Option<Quote>, StoreFault>> {
        now(self.quotes.get(id))
    }

    fn replay(&self, key: &IdempotencyKey) -> Later<'_, Result<Replay, StoreFault>> {
        now(self.lock().replay(key))
    }

    fn record(&self, subject: Subject) -> Later<'_, Result<Option<Record>, StoreFault>> {
        now(self.lock().record(subject))
    }

    fn latest(&self, at_most: usize) -> Later<'_, Result<Vec<Record>, StoreFault>> {
        now(self
            .lock()
            .records
            .values()
            .rev()
            .take(at_most)
            .map(|record| Record::clone(record))
            .collect())
    }

    fn lead(&self, id: LeadId) -> Later<'_, Result<Option<LeadStanding>, StoreFault>> {
        now(self.lock().standing(id))
    }

    fn case(&self, id: LeadId) -> Later<'_, Result<Option<LeadCase>, StoreFault>> {
        now(self.lock().case(id))
    }

    fn unknowns(&self, after: Option<(Moment, AttemptId)>, at_most: usize) -> Later<'_, Result<Vec<OpenAttempt>, StoreFault>> {
        now(self.lock().unknowns(after, at_most))
    }

    fn reopen(&self, id: LeadId, _: &Catalog) -> Later<'_, Result<Option<Lead>, StoreFault>> {
        now(self.lock().leads.get(&id).map(|lead| Lead::clone(&lead.contents)))
    }

    fn change_list(&self, change: ListChange) -> Later<'_, Result<(), StoreFault>> {
        let entries = change.entries.iter();
        self.lock()
            .listed
            .extend(entries.map(|entry| ((change.list.clone(), *entry), change.on)));
        now(())
    }

    fn objection(&self, asked: Objections) -> Later<'_, Result<Option<Refusal>, StoreFault>> {
        now(self.lock().objection(&asked))
    }

    fn withdraw(&self, withdrawal: Withdrawal) -> Later<'_, Result<u64, StoreFault>> {
        now(self.lock().withdraw(&withdrawal))
    }

    fn in_review(&self, at_most: usize) -> Later<'_, Result<Vec<InReview>, StoreFault>> {
        now(self.lock().in_review(at_most))
    }

    fn take_from_review(&self, lead: LeadId) -> Later<'_, Result<bool, StoreFault>> {
        now(self.lock().take_from_review(lead))
    }

    fn list_changes(&self) -> Later<'_, Result<Vec<ListChange>, StoreFault>> {
        let change = |((list, entry), on): (&(Arc<str>, PersonKey), &bool)| ListChange {
            list: list.clone(),
            entries: vec![*entry],
            on: *on,
        };
        now(self.lock().listed.iter().map(change).collect())
    }

    fn held(&self, people: Vec<PersonKey>, lead: Option<LeadId>, at: Moment) -> Later<'_, Result<Vec<(PersonKey, Arc<str>)>, StoreFault>> {
        let inside = self.lock();
        let held = inside
            .claims
            .iter()
            .filter(|((person, _), (holder, until))| people.contains(person) && Some(*holder) != lead && at < *until);
        now(held.map(|((person, scope), _)| (*person, scope.clone())).collect())
    }

    fn recover(&self, boot: BootId, at: Moment, tell: Tell) -> Later<'_, Result<Recovery, StoreFault>> {
        now(self.recover_beside(boot, at, &tell, &Beside::default()))
    }

    fn counters(&self) -> Later<'_, Result<Vec<Counter>, StoreFault>> {
        now(self.lock().counters())
    }

    fn outcomes(&self, since: Moment) -> Later<'_, Result<Vec<RouteDay>, StoreFault>> {
        now(self.lock().outcomes(since))
    }

    fn books(&self) -> Later<'_, Result<Books, StoreFault>> {
        now(self.lock().books())
    }
}

/// Days since 1970 in UTC.
const fn day(at: Moment) -> i64 {
    at.unix_ms().div_euclid(24 * 60 * 60 * 1_000)
}

/// A bug of the caller, told in the same words by every store.
fn bug<T>(what: String) -> Result<T, StoreFault> {
    Err(StoreFault::Broken(what.into()))
}
