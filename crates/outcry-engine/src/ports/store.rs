//! The store port: the four transactions of a lead, and what is read back.
//!
//! T1 accept, T2 intent, T3 outcome and T4 delivery are each one transaction, durable when the future resolves,
//! and idempotent by their own ids: run again after a commit of unknown result, each gives the same answer.
//! Whoever implements it keeps every promise by unique keys and conditional updates, never by check-then-act.

mod case;
mod consent;
mod hold;
mod intent;
mod known;
mod waiting;

pub use case::{CaseAttempt, LeadCase, Memo, OpenAttempt};
pub use consent::{CertificateClaim, InReview, Objections, Withdrawal, scope};
pub use hold::{Draw, Drawn, Drew, Frees, Hold, Token};
pub use intent::{Claim, Intend, Intended, ListChange, ListCheck, Mark, Refusal};
pub use known::{Books, Counter, EXPIRED_NAMED_MAX, Expired, LeadStanding, Recovery, RouteDay, Tell, tell_nobody};
pub use waiting::Waiting;

use super::Later;
use crate::answer::Answer;
use outcry_core::catalog::Catalog;
use outcry_core::id::{AttemptId, BootId, BuyerName, CampaignName, LeadId, MessageId, QuoteId, SourceName, SupplierName};
use outcry_core::lead::Lead;
use outcry_core::moment::Moment;
use outcry_core::money::{Currency, Money};
use outcry_core::price::Split;
use outcry_core::record::{Door, Record, Run, Subject};
use outcry_core::verdict::Verdict;
use outcry_core::wheel::{Charge, Wheels};
use std::sync::Arc;

/// Keeps leads, attempts, holds, money, answers, records and messages.
pub trait Store: Send + Sync {
    /// T1: the lead exists from here on. Durable before any 2xx names it.
    fn accept(&self, accept: Accept) -> Later<'_, Result<Accepted, StoreFault>>;

    /// T2: one buyer may now be sent the full lead. Every claim and hold is taken in the same transaction or none
    /// is. Durable before the first byte of the post.
    fn intend(&self, intend: Intend) -> Later<'_, Result<Intended, StoreFault>>;

    /// Pings of one lead are about to leave. For each of them every unit of its caps and every token of its throttles is taken,
    /// or none of them; one that is refused does not hold up the others. Asked for only where something counts pings. Run
    /// again it counts again.
    fn draw(&self, draw: Draw) -> Later<'_, Result<Drew, StoreFault>>;

    /// Leads that wait and whose time has come, the oldest first.
    fn waiting(&self, now: Moment, at_most: usize) -> Later<'_, Result<Vec<Waiting>, StoreFault>>;

    /// Whose turn it is: lets `decide` look at the wheels and say what changes on them, and writes that down, all in one
    /// transaction. Gives the wheels as it saw them, so that the caller can decide the same. Run again it is another turn.
    fn turn(&self, turn: Turn) -> Later<'_, Result<Wheels, StoreFault>>;

    /// T3: what became of an attempt, of the lead, or of both. Durable before any answer, message or next attempt.
    fn settle(&self, settle: Settle) -> Later<'_, Result<Settled, StoreFault>>;

    /// T4: one try at telling somebody, and its result.
    fn deliver(&self, delivery: Delivery) -> Later<'_, Result<(), StoreFault>>;

    /// Messages whose next try is due, oldest first.
    fn due(&self, now: Moment, at_most: usize) -> Later<'_, Result<Vec<Message>, StoreFault>>;

    /// Keeps a quote and the record of its auction. Not durable: after a crash the source is told that the quote
    /// is lost. The quote is readable as soon as the future resolves.
    fn keep_quote(&self, quote: Quote, record: Arc<Record>) -> Later<'_, Result<(), StoreFault>>;

    /// A quote that was kept and has not been forgotten.
    fn quote(&self, id: QuoteId) -> Later<'_, Result<Option<Quote>, StoreFault>>;

    /// The answer saved under an idempotency key, without taking anything.
    fn replay(&self, key: &IdempotencyKey) -> Later<'_, Result<Replay, StoreFault>>;

    /// The record of an auction.
    fn record(&self, subject: Subject) -> Later<'_, Result<Option<Record>, StoreFault>>;

    /// Records of the latest auctions, newest first.
    fn latest(&self, at_most: usize) -> Later<'_, Result<Vec<Record>, StoreFault>>;

    /// What is known of a lead.
    fn lead(&self, id: LeadId) -> Later<'_, Result<Option<LeadStanding>, StoreFault>>;

    /// A lead with all of its attempts, as the last transaction left them.
    fn case(&self, id: LeadId) -> Later<'_, Result<Option<LeadCase>, StoreFault>>;

    /// Attempts that are unknown or written off, the oldest first, behind those that were given before.
    fn unknowns(&self, after: Option<(Moment, AttemptId)>, at_most: usize) -> Later<'_, Result<Vec<OpenAttempt>, StoreFault>>;

    /// Opens a sealed lead again: for a post that goes on after a restart, or for a person who may see it.
    fn reopen(&self, id: LeadId, catalog: &Catalog) -> Later<'_, Result<Option<Lead>, StoreFault>>;

    /// Puts entries on a list by hand, or takes them off. Durable, and from here on every T2 goes by it.
    fn change_list(&self, change: ListChange) -> Later<'_, Result<(), StoreFault>>;

    /// Every entry that was put on a list or taken off it by hand, as digests, for the soft checks in memory.
    fn list_changes(&self) -> Later<'_, Result<Vec<ListChange>, StoreFault>>;

    /// Who holds these people: the scopes of duplicate rules in which another lead than this one has a claim on one of
    /// them. A look: what it finds may change at once.
    fn held(&self, people: Vec<PersonKey>, lead: Option<LeadId>, at: Moment) -> Later<'_, Result<Vec<(PersonKey, Arc<str>)>, StoreFault>>;

    /// What is said by now against a person being sold, for a post that is sent again. A look: it takes nothing.
    fn objection(&self, asked: Objections) -> Later<'_, Result<Option<Refusal>, StoreFault>>;

    /// Takes back a consent: no intent that comes after it goes through. How many of the digests were new in this scope.
    fn withdraw(&self, withdrawal: Withdrawal) -> Later<'_, Result<u64, StoreFault>>;

    /// Leads that wait for review, oldest first.
    fn in_review(&self, at_most: usize) -> Later<'_, Result<Vec<InReview>, StoreFault>>;

    /// Takes a lead out of review: it is on its way again. Of all who call, exactly one hears `true`.
    fn take_from_review(&self, lead: LeadId) -> Later<'_, Result<bool, StoreFault>>;

    /// Called once at start, before anything else: intents of earlier boots become unknown, open leads without an
    /// attempt become unsold, counters and the ledger are checked against their entries. What `tell` has to say of a lead that
    /// is closed here is written with its end, in the same transaction.
    fn recover(&self, boot: BootId, now: Moment, tell: Tell) -> Later<'_, Result<Recovery, StoreFault>>;

    /// Every counter in use, for the soft checks in memory.
    fn counters(&self) -> Later<'_, Result<Vec<Counter>, StoreFault>>;

    /// How live posts that ended since then came out, by route and day.
    fn outcomes(&self, since: Moment) -> Later<'_, Result<Vec<RouteDay>, StoreFault>>;

    /// The books: what all live sales add up to.
    fn books(&self) -> Later<'_, Result<Books, StoreFault>>;
}

/// The store could not do it. Nothing was half done.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreFault {
    /// No room left on the disk.
    #[error("the disk is full")]
    Full,
    /// Too much is waiting already.
    #[error("the store is overloaded")]
    Busy,
    /// Anything else; the process should stop taking leads.
    #[error("the store failed: {0}")]
    Broken(Arc<str>),
}

/// A keyed digest of what identifies a person: one of the lead type's dedupe keys. The key is not in the store.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonKey(pub [u8; 16]);

impl std::fmt::Debug for PersonKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("person")
    }
}

/// What makes two requests the same request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// Whose key it is; two sources may use the same text.
    pub source: SourceName,
    /// The text of the header, or one made of the body where the source sent none.
    pub key: Arc<str>,
    /// SHA-256 over door and body.
    pub fingerprint: [u8; 32],
    /// Requests that came before this are forgotten: nothing repeats them.
    pub since: Moment,
}

/// T1.
#[derive(Clone, Debug)]
pub struct Accept {
    /// The new lead.
    pub lead: LeadId,
    /// Which door.
    pub door: Door,
    /// Live or test.
    pub run: Run,
    /// Who sent it.
    pub source: SourceName,
    /// Whose source it is.
    pub supplier: SupplierName,
    /// Where it is sold.
    pub campaign: CampaignName,
    /// When it came in.
    pub received: Moment,
    /// Everything that was sent, consent record included. The store seals it.
    pub contents: Arc<Lead>,
    /// The person, for search and erasure.
    pub people: Vec<PersonKey>,
    /// What duplicate rules count it for from now on, sold or not. All are looked at first, and who is held by another
    /// lead makes this one a duplicate, which is taken in as such.
    pub marks: Vec<Mark>,
    /// What makes a repeat of it a repeat.
    pub idempotency: IdempotencyKey,
    /// The quote it redeems; each can be redeemed once.
    pub quote: Option<QuoteId>,
    /// Which catalog.
    pub catalog_version: Arc<str>,
}

/// What T1 found.
#[derive(Clone, Debug, PartialEq)]
pub enum Accepted {
    /// The lead exists now. Also the answer to the same `Accept` (same lead id) run again.
    New,
    /// The lead exists now, and somebody else holds the person: it is not to be sold.
    Duplicate {
        /// In which scope.
        scope: Arc<str>,
    },
    /// The same request was answered before.
    Answered(Answer),
    /// The same request is being worked on.
    InFlight(LeadId),
    /// The key was used for another body.
    OtherBody,
    /// The quote was redeemed before.
    QuoteUsed,
}

/// What is saved under an idempotency key.
#[derive(Clone, Debug, PartialEq)]
pub enum Replay {
    /// Nothing.
    None,
    /// An answer.
    Answered(Answer),
    /// The request is being worked on.
    InFlight(LeadId),
    /// The key was used for another body.
    OtherBody,
}

/// A turn on the wheels of a distribution.
#[derive(Clone)]
pub struct Turn {
    /// Which wheels.
    pub wheels: Vec<Arc<str>>,
    /// What changes, given where they stand. Pure: it may be asked more than once.
    pub decide: Decide,
}

/// What changes on wheels, given where they stand.
pub type Decide = Arc<dyn Fn(&Wheels) -> Vec<Charge> + Send + Sync>;

/// T3.
#[derive(Clone, Debug)]
pub struct Settle {
    /// The lead.
    pub lead: LeadId,
    /// When.
    pub at: Moment,
    /// What became of an attempt, if one ended.
    pub attempt: Option<AttemptOutcome>,
    /// Where the lead stands now.
    pub state: LeadState,
    /// What the source is told, if now is the time.
    pub answer: Option<Answer>,
    /// The record as it stands, if the auction is over for the source or changed afterwards.
    pub record: Option<Arc<Record>>,
    /// Whom to tell what.
    pub messages: Vec<Message>,
    /// What is needed to try again, exactly if the lead waits now.
    pub waiting: Option<Waiting>,
}

/// The end of an attempt.
#[derive(Clone, Debug, PartialEq)]
pub struct AttemptOutcome {
    /// Which.
    pub attempt: AttemptId,
    /// How it ended. Accepted and unknown keep their holds, rejected and not sent free them.
    pub verdict: Verdict,
    /// The sale to book, exactly when a live lead was accepted.
    pub sale: Option<Sale>,
    /// Nobody will find out any more. The verdict says why, and is unknown.
    pub written_off: bool,
    /// What it takes to come back to an attempt that is unknown, now that its answer has kept more. The store seals it.
    pub memo: Option<Box<Memo>>,
}

/// A sale as it is booked: `buyer` owes the price, `supplier` is owed the payout, the rest is margin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sale {
    /// Who pays.
    pub buyer: BuyerName,
    /// Who is paid.
    pub supplier: SupplierName,
    /// In which currency.
    pub currency: Currency,
    /// How much.
    pub split: Split,
}

/// What T3 found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Recorded. Also the answer to the same `Settle` run again.
    Done,
    /// The attempt had a definite outcome already, or the lead had come to another end; nothing was changed.
    AlreadyFinal,
}

/// Where a lead stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeadState {
    /// Accepted, and on its way through the auction.
    Selling,
    /// Sold.
    Sold,
    /// Not sold, and will not be.
    Unsold,
    /// A post is unresolved.
    Uncertain,
    /// Nobody took it, and it waits until somebody may.
    Waiting,
    /// Somebody has to look at it before it is sold.
    Review,
}

impl LeadState {
    /// The word in the store and in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Selling => "selling",
            Self::Sold => "sold",
            Self::Unsold => "unsold",
            Self::Uncertain => "uncertain",
            Self::Waiting => "waiting",
            Self::Review => "review",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        [
            Self::Selling,
            Self::Sold,
            Self::Unsold,
            Self::Uncertain,
            Self::Waiting,
            Self::Review,
        ]
        .into_iter()
        .find(|state| state.word() == word)
    }
}

/// One message to be delivered until it arrives or is given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The same over all tries.
    pub id: MessageId,
    /// About which lead.
    pub lead: LeadId,
    /// Where to.
    pub url: Arc<str>,
    /// How often it was tried.
    pub tries: u32,
    /// What it says, where it is more than its address: sent with a signature.
    pub signed: Option<Signed>,
}

/// A message with a body. Whose secret signs it is known by the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// To whom.
    pub source: SourceName,
    /// The body.
    pub body: Arc<str>,
}

/// T4.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Which message.
    pub message: MessageId,
    /// When it was tried.
    pub at: Moment,
    /// What came of it.
    pub result: DeliveryResult,
}

/// What came of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryResult {
    /// Arrived.
    Arrived,
    /// Failed; the next try is due then.
    Again {
        /// When.
        due: Moment,
        /// What went wrong.
        why: Arc<str>,
    },
    /// Given up.
    Dead {
        /// What went wrong.
        why: Arc<str>,
    },
}

/// What a source was promised for a ping, with everything the post needs.
#[derive(Clone, Debug)]
pub struct Quote {
    /// Its id, inside the token.
    pub id: QuoteId,
    /// To whom.
    pub source: SourceName,
    /// In which campaign.
    pub campaign: CampaignName,
    /// Live or test.
    pub run: Run,
    /// What the source gets.
    pub payout: Money,
    /// Until when.
    pub expires: Moment,
    /// The lead as it was pinged; what the post repeats of it must be the same.
    pub pinged: Arc<Lead>,
    /// The plan: whom to post to, in order.
    pub plan: Arc<outcry_core::rank::Plan>,
    /// The record of its auction.
    pub record: Arc<Record>,
}
