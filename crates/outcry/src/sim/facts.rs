//! What is so, whatever anybody believes: written down where it happens, by the store's commits and at the buyers' doors.
//!
//! This is the checker's own book-keeping. It shares no code with the stores: each invariant is counted again from the
//! commits, and each acceptance is counted inside of the buyers.

use outcry_core::id::{AttemptId, BootId, LeadId, QuoteId, SourceName};
use outcry_core::moment::Moment;
use outcry_core::money::Money;
use outcry_core::verdict::Verdict;
use outcry_engine::answer::{Answer, Status};
use outcry_engine::ports::store::{Accept, AttemptOutcome, Claim, Frees, Hold, Intend, PersonKey, Refusal, Sale, Settle};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::time::Instant;

/// A broken promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    /// `I1` to `I15`, or the number in the catalogue of failures.
    pub(crate) invariant: &'static str,
    pub(crate) what: String,
}

/// Where an attempt stands, by the commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stand {
    Intent,
    Unknown,
    Accepted,
    Rejected,
    NotSent,
    /// Given up: it holds what it held.
    WrittenOff,
}

impl Stand {
    pub(crate) const fn after(outcome: &AttemptOutcome) -> Self {
        match &outcome.verdict {
            _ if outcome.written_off => Self::WrittenOff,
            Verdict::Accepted(_) => Self::Accepted,
            Verdict::Rejected { .. } => Self::Rejected,
            Verdict::NotSent { .. } => Self::NotSent,
            Verdict::Unknown { .. } => Self::Unknown,
        }
    }

    pub(crate) const fn is_open(self) -> bool {
        matches!(self, Self::Intent | Self::Unknown | Self::WrittenOff)
    }

    pub(crate) const fn holds(self) -> bool {
        matches!(self, Self::Intent | Self::Unknown | Self::Accepted | Self::WrittenOff)
    }

    /// Is it certain that the buyer does not have it?
    const fn is_over(self) -> bool {
        matches!(self, Self::Rejected | Self::NotSent)
    }

    /// Does it keep a unit that is given back by this?
    fn keeps(self, frees: Frees) -> bool {
        match self {
            Self::Intent | Self::Unknown | Self::Accepted | Self::WrittenOff => true,
            Self::Rejected => frees == Frees::NotSent,
            Self::NotSent => false,
        }
    }
}

/// One attempt, by the commits.
pub(crate) struct AttemptFact {
    pub(crate) lead: LeadId,
    pub(crate) buyer: String,
    pub(crate) price: Money,
    pub(crate) legs_max: u32,
    pub(crate) boot: BootId,
    pub(crate) stand: Stand,
    pub(crate) sale: Option<Sale>,
    pub(crate) holds: Vec<Hold>,
    pub(crate) claims: Vec<Claim>,
    /// The person, under every name by which it may be kept from being sold.
    people: Vec<PersonKey>,
    /// What of the person's consent stops it.
    stopped_in: Vec<Arc<str>>,
    /// Requests with its id at the buyer's door.
    pub(crate) arrived: u32,
    /// The life that got a definite answer, and what it said.
    pub(crate) heard: Option<(u32, bool)>,
}

/// One lead, by the commits and by what its source was told.
pub(crate) struct LeadFact {
    /// The life that sells it.
    pub(crate) life: u32,
    pub(crate) told: Vec<Answer>,
    /// One of its posts was given up: should its buyer speak all the same, it is heard.
    pub(crate) given_up: bool,
    /// Since when its source has a final word.
    final_word: Option<Instant>,
    /// Final words that arrived by postback.
    pub(crate) mailed: Vec<(String, String)>,
}

mod budgets;
mod people;

pub(crate) use budgets::is_budget;
use people::people_of;

/// Everything that is so.
#[derive(Default)]
pub(crate) struct Facts {
    pub(crate) leads: BTreeMap<LeadId, LeadFact>,
    pub(crate) attempts: BTreeMap<AttemptId, AttemptFact>,
    pub(crate) used: BTreeMap<(Arc<str>, Moment), i64>,
    claims: BTreeMap<(Arc<str>, PersonKey), BTreeMap<AttemptId, (LeadId, Moment)>>,
    suppressed: BTreeMap<PersonKey, Instant>,
    withdrawn: BTreeMap<(Arc<str>, PersonKey), Instant>,
    /// What buyers called to say, and were told that it is written down.
    called: BTreeMap<AttemptId, bool>,
    redeemed: BTreeMap<QuoteId, LeadId>,
    requests: BTreeMap<(SourceName, Arc<str>), LeadId>,
    pub(crate) posts: u64,
    pub(crate) resolved: u64,
    /// Of a broken variant.
    pub(crate) booked_again: u64,
    violations: Vec<Violation>,
}

impl Facts {
    /// Something is not as it was promised.
    pub(crate) fn violate(&mut self, invariant: &'static str, what: String) {
        // The first few tell the story; the rest follow from them.
        if self.violations.len() < 8 {
            self.violations.push(Violation { invariant, what });
        }
    }

    pub(crate) fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// T1 was committed for a new lead.
    pub(crate) fn accepted(&mut self, accept: &Accept, life: u32) {
        if let Some(quote) = accept.quote
            && let Some(before) = self.redeemed.insert(quote, accept.lead)
            && before != accept.lead
        {
            self.violate("I10", format!("{quote} was redeemed by {before} and by {}", accept.lead));
        }
        let fact = LeadFact {
            life,
            told: Vec::new(),
            given_up: false,
            final_word: None,
            mailed: Vec::new(),
        };
        self.leads.entry(accept.lead).or_insert(fact);
    }

    /// T2 was committed.
    pub(crate) fn intended(&mut self, intend: &Intend) {
        if self.attempts.contains_key(&intend.attempt) {
            return;
        }
        if !self.leads.contains_key(&intend.lead) {
            self.violate(
                "I1",
                format!("{} was intended for {}, which was never accepted", intend.attempt, intend.lead),
            );
        }
        if self.is_suppressed(intend) {
            self.violate("I11", format!("{} was intended for a person on the list", intend.attempt));
        }
        if self.is_withdrawn(intend) {
            self.violate("I12", format!("{} was intended though the consent was taken back", intend.attempt));
        }
        self.within_budgets(intend);
        self.take_holds(intend);
        self.take_claims(intend);
        let fact = AttemptFact {
            lead: intend.lead,
            buyer: intend.buyer.to_string(),
            price: intend.price,
            legs_max: intend.legs_max,
            boot: intend.boot,
            stand: Stand::Intent,
            sale: None,
            holds: intend.holds.clone(),
            claims: intend.claims.clone(),
            people: people_of(intend).copied().collect(),
            stopped_in: intend.withdrawn_in.clone(),
            arrived: 0,
            heard: None,
        };
        self.attempts.insert(intend.attempt, fact);
    }

    /// By what it is held against, or by the numbers of the person.
    fn is_suppressed(&self, intend: &Intend) -> bool {
        people_of(intend).any(|person| self.suppressed.contains_key(person))
    }

    fn is_withdrawn(&self, intend: &Intend) -> bool {
        let mut contacts = intend.contacts.iter();
        contacts.any(|person| {
            let mut scopes = intend.withdrawn_in.iter();
            scopes.any(|scope| self.withdrawn.contains_key(&(scope.clone(), *person)))
        })
    }

    fn take_holds(&mut self, intend: &Intend) {
        for hold in &intend.holds {
            let used = self.used.entry((hold.cap.clone(), hold.span.start)).or_default();
            *used += hold.amount;
            let used = *used;
            if used > hold.limit {
                self.violate("I5", format!("{} of {} are in use in {}", used, hold.limit, hold.cap));
            }
        }
    }

    fn take_claims(&mut self, intend: &Intend) {
        for claim in &intend.claims {
            let held = self.claims.entry((claim.scope.clone(), claim.person)).or_default();
            let other = held
                .values()
                .find(|(lead, until)| *lead != intend.lead && *until > intend.at)
                .map(|(lead, _)| *lead);
            held.insert(intend.attempt, (intend.lead, claim.until));
            if let Some(other) = other {
                self.violate("I7", format!("{} and {} claim one person in {}", intend.lead, other, claim.scope));
            }
        }
    }

    /// T2 was refused: was there a cause?
    pub(crate) fn refused(&mut self, intend: &Intend, refusal: &Refusal) {
        let cause = match refusal {
            Refusal::CapFull { cap, .. } => intend.holds.iter().filter(|hold| hold.cap == *cap).any(|hold| {
                let used = self.used.get(&(hold.cap.clone(), hold.span.start)).copied().unwrap_or(0);
                used + hold.amount > hold.limit
            }),
            Refusal::Duplicate { scope } => intend.claims.iter().filter(|claim| claim.scope == *scope).any(|claim| {
                let held = self.claims.get(&(scope.clone(), claim.person));
                held.is_some_and(|held| held.values().any(|(lead, until)| *lead != intend.lead && *until > intend.at))
            }),
            Refusal::Suppressed { .. } => self.is_suppressed(intend),
            Refusal::Withdrawn { .. } => self.is_withdrawn(intend),
            // By the clocks, which jump: the proof was made a moment before.
            Refusal::Unproven | Refusal::LegTaken => true,
            // There are no throttles, no lists of the only ones allowed and no certificates.
            Refusal::TooFast { .. } | Refusal::NotOnList { .. } | Refusal::CertificateTaken { .. } => false,
        };
        if !cause {
            self.violate("C3", format!("{} was refused without a cause: {refusal:?}", intend.attempt));
        }
    }

    /// T3 was committed and was news.
    pub(crate) fn settled(&mut self, settle: &Settle) {
        let Some(outcome) = &settle.attempt else { return };
        let stand = Stand::after(outcome);
        let Some(fact) = self.attempts.get_mut(&outcome.attempt) else {
            return self.violate("I4", format!("{} has an outcome and no intent", outcome.attempt));
        };
        if fact.stand.is_open() && fact.stand != Stand::Intent && !stand.is_open() {
            self.resolved += 1;
        }
        let before = fact.stand;
        fact.stand = stand;
        if stand == Stand::WrittenOff
            && let Some(lead) = self.leads.get_mut(&settle.lead)
        {
            lead.given_up = true;
        }
        if let Some(sale) = &outcome.sale {
            let again = fact.sale.replace(sale.clone()).is_some();
            let above = sale.split.price > fact.price.to_cents_half_even();
            let text = format!("{} was booked at {} and held at {}", outcome.attempt, sale.split.price, fact.price);
            if again || above {
                self.violate("I8", text);
            }
        }
        if !before.is_open() && before != stand {
            self.violate("I3", format!("{} was {before:?} for certain and became {stand:?}", outcome.attempt));
        }
        if before.holds() && !stand.holds() {
            self.free(outcome.attempt, stand);
        }
    }

    fn free(&mut self, attempt: AttemptId, stand: Stand) {
        let Some(fact) = self.attempts.get(&attempt) else { return };
        for hold in fact.holds.iter().filter(|hold| !stand.keeps(hold.frees)) {
            *self.used.entry((hold.cap.clone(), hold.span.start)).or_default() -= hold.amount;
        }
        for claim in fact.claims.iter().filter(|claim| stand == Stand::NotSent || !claim.kept) {
            if let Some(held) = self.claims.get_mut(&(claim.scope.clone(), claim.person)) {
                held.remove(&attempt);
            }
        }
    }

    /// A start was committed: intents of the dead are unknown now.
    pub(crate) fn recovered(&mut self, own: BootId, alive: &BTreeSet<BootId>) {
        for fact in self.attempts.values_mut() {
            if fact.stand == Stand::Intent && fact.boot != own && !alive.contains(&fact.boot) {
                fact.stand = Stand::Unknown;
            }
        }
    }

    /// Intents whose owners are dead.
    pub(crate) fn orphans(&self, own: BootId, alive: &BTreeSet<BootId>) -> Vec<AttemptId> {
        let orphans = self
            .attempts
            .iter()
            .filter(|(_, fact)| fact.stand == Stand::Intent && fact.boot != own);
        orphans.filter(|(_, fact)| !alive.contains(&fact.boot)).map(|(id, _)| *id).collect()
    }

    /// The leads that these lives sell.
    pub(crate) fn leads_of(&self, lives: &BTreeSet<u32>) -> BTreeSet<LeadId> {
        let theirs = self.leads.iter().filter(|(_, fact)| lives.contains(&fact.life));
        theirs.map(|(id, _)| *id).collect()
    }

    /// Of a broken variant: the sale of an outcome that was run again is booked again.
    pub(crate) fn book_again(&mut self, outcome: &AttemptOutcome) {
        if outcome.sale.is_some() {
            self.booked_again += 1;
        }
    }

    /// A lead that waited is being sold again, by this life.
    pub(crate) fn taken_up(&mut self, lead: LeadId, life: u32) {
        if let Some(fact) = self.leads.get_mut(&lead) {
            fact.life = life;
        }
    }

    /// A post is at the buyer's door. `again` says that the buyer takes each attempt once, however often it comes.
    pub(crate) fn arrived(&mut self, attempt: Option<AttemptId>, buyer: &str, (names_seller, again): (bool, bool)) {
        self.posts += 1;
        let Some(fact) = attempt.and_then(|attempt| self.attempts.get_mut(&attempt)) else {
            return self.violate("I4", format!("a post to {buyer} has no intent: {attempt:?}"));
        };
        fact.arrived += 1;
        let (times, meant, stand) = (fact.arrived, fact.buyer.clone(), fact.stand);
        if times == 1 && stand.is_over() {
            self.violate("F9", format!("{attempt:?} reached {buyer} and was {stand:?} before it did"));
        }
        if times > 1 && !again {
            self.violate("F8", format!("{attempt:?} reached {buyer} {times} times"));
        }
        if meant != buyer {
            self.violate("I4", format!("{attempt:?} was meant for {meant} and reached {buyer}"));
        }
        if !names_seller {
            self.violate("I12", format!("{attempt:?} reached {buyer}, whom the person did not name"));
        }
    }

    /// A node has a buyer's definite word.
    pub(crate) fn heard(&mut self, attempt: AttemptId, life: u32, accepted: bool) {
        if let Some(fact) = self.attempts.get_mut(&attempt) {
            fact.heard = Some((life, accepted));
        }
    }

    /// A source got an answer for a request.
    ///
    /// "Pending" to whoever asked before the final word was told takes nothing back: two copies of one request are answered one after
    /// the other.
    pub(crate) fn told(&mut self, source: &SourceName, key: &Arc<str>, answer: &Answer, asked: Instant) -> bool {
        let before = *self.requests.entry((source.clone(), key.clone())).or_insert(answer.lead);
        if before != answer.lead {
            self.violate("F16", format!("one request became {before} and {}", answer.lead));
        }
        let Some(fact) = self.leads.get_mut(&answer.lead) else {
            self.violate("I1", format!("{source} was told of {}, which was never committed", answer.lead));
            return false;
        };
        let replayed = !fact.told.is_empty();
        let final_before = fact.told.iter().find(|told| told.status != Status::Pending).map(|told| told.status);
        fact.told.push(answer.clone());
        let knew = fact.final_word.is_some_and(|since| since < asked);
        if answer.status != Status::Pending {
            fact.final_word.get_or_insert_with(Instant::now);
        }
        let (word, now) = (answer.status.word(), answer.status);
        if final_before.is_some_and(|before| before != now && (now != Status::Pending || knew)) {
            self.violate("I13", format!("{} was {final_before:?} and is {word} to its source", answer.lead));
        }
        replayed
    }

    /// A postback arrived.
    pub(crate) fn mailed(&mut self, lead: Option<LeadId>, status: &str, payout: &str) {
        match lead.and_then(|lead| self.leads.get_mut(&lead)) {
            Some(fact) => fact.mailed.push((status.to_owned(), payout.to_owned())),
            None => self.violate("I14", format!("a postback about a lead that is not there: {lead:?}")),
        }
    }
}
