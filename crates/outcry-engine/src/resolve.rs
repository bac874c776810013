//! Resolves an attempt whose outcome was open. A fact about the world is recorded whenever it arrives and whoever has it:
//! a late answer, a poll, a call of the buyer, a file, a person.
//!
//! Everything goes through one door and one T3, made of what the store knows and not of what a process remembers, so it
//! is the same before and after a restart.

pub mod call;
mod ending;
pub mod follow;
pub mod person;
pub(crate) mod token;

use crate::answer::{Answer, Status};
use crate::dialogue::handover::Attempt;
use crate::dialogue::notices::Notices;
use crate::engine::Engine;
use crate::insist;
use crate::ports::store::{AttemptOutcome, CaseAttempt, LeadCase, LeadState, Settle, Settled, StoreFault};
use crate::sell::{freed, settle_and_wake, state_of};
use crate::terms::Terms;
use ending::ending;
use outcry_core::attempt::{AttemptState, Step};
use outcry_core::id::{AttemptId, LeadId};
use outcry_core::price::Split;
use outcry_core::reason::Reason;
use outcry_core::record::{Ending, Event, Happened, Record, Run};
use outcry_core::verdict::Verdict;
use std::sync::Arc;
use std::time::Duration;

/// What is found out of a lead that is still being sold is said again after this.
const UNDER_WAY: Duration = Duration::from_secs(2);

/// How an outcome was found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The buyer answered the post after its time was up.
    LateAnswer,
    /// We asked about a queued post.
    Poll,
    /// We asked about a post whose answer was lost.
    StatusQuery,
    /// The same post was sent again, to a buyer that takes it once.
    SentAgain,
    /// The buyer called.
    Callback,
    /// A file of the buyer says so.
    File,
    /// Somebody decided.
    Person,
    /// It lies where the buyer takes it from; or it does not, and never left this machine.
    Tray,
    /// The campaign's time for it is over.
    TimeUp,
}

impl Way {
    /// The words in records and logs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::LateAnswer => "a late answer",
            Self::Poll => "a poll",
            Self::StatusQuery => "a status query",
            Self::SentAgain => "the same post sent again",
            Self::Callback => "a callback",
            Self::File => "a reconciliation file",
            Self::Person => "a person",
            Self::Tray => "the tray",
            Self::TimeUp => "the end of the time for it",
        }
    }
}

/// What is now known.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// What became of the attempt.
    Verdict(Verdict),
    /// Nobody will find out any more.
    WrittenOff {
        /// Why.
        why: Arc<str>,
    },
}

impl Fact {
    fn state(&self) -> AttemptState {
        match self {
            Self::Verdict(verdict) => AttemptState::after(verdict),
            Self::WrittenOff { .. } => AttemptState::WrittenOff,
        }
    }

    fn verdict(&self) -> Verdict {
        match self {
            Self::Verdict(verdict) => verdict.clone(),
            Self::WrittenOff { why } => Verdict::Unknown { why: why.clone() },
        }
    }
}

/// What came of a fact.
#[derive(Clone, Debug, PartialEq)]
pub enum Resolved {
    /// It is recorded.
    Done {
        /// What the source hears now.
        answer: Answer,
    },
    /// It was known before.
    Known(AttemptState),
    /// It contradicts what is known for certain; nothing was changed.
    Contradicts(AttemptState),
    /// There is no such attempt.
    NoSuchAttempt,
    /// The attempt is under way, or its lead is still being sold: it can be said again when that has ended.
    UnderWay,
    /// It cannot be booked.
    Unbookable {
        /// Why, and what to do.
        why: Arc<str>,
    },
}

/// Records a fact about an attempt. One after the other for each lead: each changes what the one before it has written.
///
/// # Errors
/// The store's fault; then nothing was recorded.
pub async fn fact(engine: &Arc<Engine>, lead: LeadId, attempt: AttemptId, fact: Fact, way: Way) -> Result<Resolved, StoreFault> {
    told(engine, lead, attempt, fact, way, None).await
}

async fn told(
    engine: &Arc<Engine>,
    lead: LeadId,
    attempt: AttemptId,
    fact: Fact,
    way: Way,
    notices: Option<Notices>,
) -> Result<Resolved, StoreFault> {
    let _turn = engine.resolving(lead).lock().await;
    let Some(case) = engine.store.case(lead).await? else {
        return Ok(Resolved::NoSuchAttempt);
    };
    let Some(known) = case.attempt(attempt) else {
        return Ok(Resolved::NoSuchAttempt);
    };
    // Whoever sells it has the last word on the lead, and would not know of this one.
    if case.state == LeadState::Selling {
        return Ok(Resolved::UnderWay);
    }
    match known.state.step(fact.state()) {
        Step::Known => return Ok(Resolved::Known(known.state)),
        Step::Contradicts if known.state == AttemptState::Intent => return Ok(Resolved::UnderWay),
        Step::Contradicts => return Ok(Resolved::Contradicts(known.state)),
        Step::Moves => {}
    }
    let terms = Terms::of_case(engine, &case).await?;
    let settling = Settling {
        engine,
        at: terms.as_ref().and_then(|terms| terms.campaign.contract(known.contract.as_str())),
        terms,
        case: &case,
        known,
        fact,
        way,
    };
    let resolved = settling.settle(notices).await?;
    if let Resolved::Done { .. } = resolved {
        let state = settling.fact.state().word();
        tracing::info!(lead.id = %lead, attempt.id = %attempt, verdict = state, from = way.word(), "an open post was resolved");
    }
    Ok(resolved)
}

/// Records the verdict that came for an attempt of this process. Unknown says nothing new.
pub(crate) async fn attempt(attempt: &Attempt, verdict: Verdict, way: Way) {
    if matches!(verdict, Verdict::Unknown { .. }) {
        return;
    }
    let (engine, lead) = (&attempt.dialogue.engine, attempt.dialogue.terms.lead_id());
    let fact = Fact::Verdict(verdict);
    let tell = || told(engine, lead, attempt.id, fact.clone(), way, attempt.notices.clone());
    let said = loop {
        match insist::until_done(engine, tell).await {
            // Another process is selling it.
            Ok(Resolved::UnderWay) if !engine.is_draining() => tokio::time::sleep(UNDER_WAY).await,
            said => break said,
        }
    };
    let why = match said {
        Ok(Resolved::Unbookable { why }) => why,
        Err(fault) => fault.to_string().into(),
        Ok(_) => return,
    };
    tracing::error!(lead.id = %lead, attempt.id = %attempt.id, error = %why, from = way.word(), "the outcome of a post could not be recorded");
}

/// Writes down what happened behind an auction that is over.
///
/// # Errors
/// The store's fault.
pub(crate) async fn note(engine: &Arc<Engine>, lead: LeadId, events: Vec<Event>) -> Result<(), StoreFault> {
    let _turn = engine.resolving(lead).lock().await;
    let Some(case) = engine.store.case(lead).await? else {
        return Ok(());
    };
    let Some(mut record) = case.record else { return Ok(()) };
    record.events.extend(events);
    let settle = Settle {
        lead,
        at: engine.now(),
        attempt: None,
        state: case.state,
        answer: None,
        record: Some(record.into()),
        messages: Vec::new(),
        waiting: None,
    };
    insist::until_done(engine, || engine.store.settle(settle.clone())).await.map(|_| ())
}

/// One fact on its way into the store.
struct Settling<'a> {
    engine: &'a Arc<Engine>,
    case: &'a LeadCase,
    known: &'a CaseAttempt,
    fact: Fact,
    way: Way,
    /// Nothing if the source or the campaign has left the catalog.
    terms: Option<Terms>,
    /// Position of the contract in its campaign, if it is still there.
    at: Option<usize>,
}

impl Settling<'_> {
    /// T3 for the attempt and its lead.
    async fn settle(&self, notices: Option<Notices>) -> Result<Resolved, StoreFault> {
        let Self { engine, case, known, .. } = *self;
        let before = case.record.as_ref().map(|record| record.ending.clone());
        let split = match self.split(before.as_ref()) {
            Ok(split) => split,
            Err(why) => return Ok(Resolved::Unbookable { why }),
        };
        let verdict = self.fact.verdict();
        let ending = ending(case, known, &self.fact, split);
        let answer = self.answer(&ending);
        // A lead that is sold already, and stays so at the same payout, is no news to its source.
        let news = case
            .answer
            .as_ref()
            .is_none_or(|told| told.status != answer.status || told.payout != answer.payout);
        let messages = match &self.terms {
            Some(terms) if news => terms.messages(engine, &answer),
            _ => Vec::new(),
        };
        let settle = Settle {
            lead: case.lead,
            at: engine.now(),
            record: case
                .record
                .as_deref()
                .map(|record| Arc::new(self.amended(record.clone(), &verdict, &ending))),
            attempt: Some(AttemptOutcome {
                attempt: known.id,
                verdict: verdict.clone(),
                sale: split.and_then(|split| self.terms.as_ref()?.sale(self.at?, split)),
                written_off: matches!(self.fact, Fact::WrittenOff { .. }),
                memo: None,
            }),
            state: state_of(&ending),
            messages,
            answer: Some(answer.clone()),
            waiting: None,
        };
        match settle_and_wake(engine, settle).await? {
            Settled::Done => {
                self.follow_up(&verdict, before.as_ref(), &ending, notices);
                Ok(Resolved::Done { answer })
            }
            Settled::AlreadyFinal => Ok(Resolved::Contradicts(known.state)),
        }
    }

    /// What an accepted post is booked at.
    fn split(&self, before: Option<&Ending>) -> Result<Option<Split>, Arc<str>> {
        let Fact::Verdict(Verdict::Accepted(acceptance)) = &self.fact else {
            return Ok(None);
        };
        let (Some(terms), Some(at)) = (&self.terms, self.at) else {
            let contract = &self.known.contract;
            return Err(format!(
                "the contract {contract}, or the source {}, is not in the spec files any more, and without them nobody knows what is \
                 paid out; put them back, paused, and say it again",
                self.case.source
            )
            .into());
        };
        let first = before.is_none_or(|before| before.sales().is_empty()) && self.case.attempts.iter().all(|other| other.sale.is_none());
        Ok(Some(terms.booked(at, acceptance, self.known.price, first)))
    }

    fn answer(&self, ending: &Ending) -> Answer {
        if let Some(terms) = &self.terms {
            return terms.answer(ending);
        }
        let told = self.case.answer.as_ref();
        let currency = self
            .case
            .record
            .as_ref()
            .map(|record| record.currency)
            .or(told.map(|told| told.currency));
        Answer {
            lead: self.case.lead,
            status: match ending {
                Ending::Sold { .. } => Status::Sold,
                Ending::Pending { .. } | Ending::Waiting { .. } | Ending::Review { .. } => Status::Pending,
                Ending::Unsold | Ending::Quoted { .. } => Status::Unsold,
            },
            payout: ending.payout(),
            currency: currency.unwrap_or(outcry_core::money::Currency::USD),
            redirect_url: None,
            test: self.case.run == Run::Test,
        }
    }

    /// What follows from a late outcome outside of the store.
    fn follow_up(&self, verdict: &Verdict, before: Option<&Ending>, ending: &Ending, notices: Option<Notices>) {
        let engine = self.engine;
        freed(&self.known.holds, verdict).for_each(|hold| engine.live.free(hold));
        let (Some(terms), Some(at)) = (&self.terms, self.at) else { return };
        if terms.run == Run::Live {
            engine.learned.ended(terms, at, verdict, engine.now());
        }
        if let Some(notices) = notices {
            // The others have heard already if the lead was sold before.
            let told = before.is_some_and(|before| !before.sales().is_empty());
            notices.send(engine, ending, |contract| !told || contract == at);
        }
    }

    fn amended(&self, mut record: Record, verdict: &Verdict, ending: &Ending) -> Record {
        let state = self.fact.state().word();
        if let Some(line) = record.lines.iter_mut().find(|line| line.contract == self.known.contract) {
            for post in line.posts.iter_mut().filter(|post| post.attempt == self.known.id) {
                post.verdict = state.into();
            }
            line.reason = match verdict {
                Verdict::Accepted(_) => None,
                Verdict::Rejected { said, .. } => Some(Reason::PostRejected { said: said.clone() }),
                Verdict::NotSent { why } => Some(Reason::PostNotSent { why: why.clone() }),
                Verdict::Unknown { why } => Some(Reason::PostUnknown { why: why.clone() }),
            };
            // A contract that has one of its legs has the lead.
            if ending.sales().iter().any(|sale| sale.contract == self.known.contract) {
                line.reason = None;
            }
        }
        record.ending = ending.clone();
        record.events.push(Event {
            at: self.engine.now(),
            contract: self.known.contract.clone(),
            what: Happened::Resolved {
                attempt: self.known.id,
                state: state.into(),
                way: self.way.word().into(),
            },
        });
        record
    }
}
