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
}

impl Stand {
    pub(crate) const fn after(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Accepted(_) => Self::Accepted,
            Verdict::Rejected { .. } => Self::Rejected,
            Verdict::NotSent { .. } => Self::NotSent,
            Verdict::Unknown { .. } => Self::Unknown,
        }
    }

    pub(crate) const fn is_open(self) -> bool {
        matches!(self, Self::Intent | Self::Unknown)
    }

    pub(crate) const fn holds(self) -> bool {
        matches!(self, Self::Intent | Self::Unknown | Self::Accepted)
    }

    /// Does it keep a unit that is given back by this?
    fn keeps(self, frees: Frees) -> bool {
        match self {
            Self::Intent | Self::Unknown | Self::Accepted => true,
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
    /// Final words that arrived by postback.
    pub(crate) mailed: Vec<(String, String)>,
}

/// Everything that is so.
#[derive(Default)]
pub(crate) struct Facts {
    pub(crate) leads: BTreeMap<LeadId, LeadFact>,
    pub(crate) attempts: BTreeMap<AttemptId, AttemptFact>,
    pub(crate) used: BTreeMap<(Arc<str>, Moment), i64>,
    claims: BTreeMap<(Arc<str>, PersonKey), BTreeMap<AttemptId, (LeadId, Moment)>>,
    suppressed: BTreeSet<PersonKey>,
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
            arrived: 0,
            heard: None,
        };
        self.attempts.insert(intend.attempt, fact);
    }

    /// By what it is held against, or by the numbers of the person.
    fn is_suppressed(&self, intend: &Intend) -> bool {
        let entries = intend.lists.iter().flat_map(|check| &check.entries).map(|(entry, _)| entry);
        entries.chain(&intend.contacts).any(|person| self.suppressed.contains(person))
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
            // By the clocks, which jump: the proof was made a moment before.
            Refusal::Unproven | Refusal::LegTaken => true,
            // There are no throttles, no lists of the only ones allowed and no certificates, and nobody takes consent back.
            Refusal::TooFast { .. } | Refusal::NotOnList { .. } | Refusal::Withdrawn { .. } | Refusal::CertificateTaken { .. } => false,
        };
        if !cause {
            self.violate("C3", format!("{} was refused without a cause: {refusal:?}", intend.attempt));
        }
    }

    /// T3 was committed and was news.
    pub(crate) fn settled(&mut self, settle: &Settle) {
        let Some(outcome) = &settle.attempt else { return };
        let stand = Stand::after(&outcome.verdict);
        let Some(fact) = self.attempts.get_mut(&outcome.attempt) else {
            return self.violate("I4", format!("{} has an outcome and no intent", outcome.attempt));
        };
        if fact.stand == Stand::Unknown && !stand.is_open() {
            self.resolved += 1;
        }
        let before = fact.stand;
        fact.stand = stand;
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

    /// A person is on the list from here on.
    pub(crate) fn suppressed(&mut self, people: &[PersonKey]) {
        self.suppressed.extend(people);
    }

    /// A post is at the buyer's door.
    pub(crate) fn arrived(&mut self, attempt: Option<AttemptId>, buyer: &str, names_seller: bool) {
        self.posts += 1;
        let Some(fact) = attempt.and_then(|attempt| self.attempts.get_mut(&attempt)) else {
            return self.violate("I4", format!("a post to {buyer} has no intent: {attempt:?}"));
        };
        fact.arrived += 1;
        let (times, meant) = (fact.arrived, fact.buyer.clone());
        if times > 1 {
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
    pub(crate) fn told(&mut self, source: &SourceName, key: &Arc<str>, answer: &Answer) -> bool {
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
        if final_before.is_some_and(|before| before != answer.status) {
            self.violate(
                "I13",
                format!("{} was {final_before:?} and is {:?} to its source", answer.lead, answer.status),
            );
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
