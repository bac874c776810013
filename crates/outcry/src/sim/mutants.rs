//! The protocol, deliberately broken: each variant forgets one rule, in the ports around the engine and never in its code.
//! A simulator that does not catch them all does not look.

use outcry_core::id::{AttemptId, LeadId};
use outcry_core::verdict::Verdict;
use outcry_engine::ports::store::{Claim, Frees, Hold, Intend, PersonKey, Refusal, Settle};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

macro_rules! mutants {
    ($($variant:ident, $name:literal, $about:literal;)*) => {
        /// One rule forgotten.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Mutant { $(#[doc = $about] $variant,)* }

        impl Mutant {
            /// Every variant.
            pub(crate) const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its name on the command line.
            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it does wrong.
            pub(crate) const fn about(self) -> &'static str {
                match self { $(Self::$variant => $about,)* }
            }
        }
    };
}

mutants! {
    AcceptBeforeDurable, "accept_before_durable", "T1 is confirmed before it is committed";
    IntentNotAwaited, "intent_not_awaited", "T2 is confirmed before it is committed: the post may leave before its intent is there";
    OutcomeBeforeDurable, "outcome_before_durable", "T3 is confirmed before it is committed";
    AnswerNotSaved, "answer_not_saved", "T3 does not keep what the source is told";
    MessagesOutsideOutcome, "messages_outside_outcome", "messages are written after T3, in a transaction of their own";
    MessageForgottenOnFailure, "message_forgotten_on_failure", "a message whose try failed counts as delivered";
    CapsCheckedOutside, "caps_checked_outside", "caps are looked at before T2 and taken in it";
    CapsFreedByUnknown, "caps_freed_by_unknown", "an unknown attempt gives back its units of caps";
    CapsFreedByClock, "caps_freed_by_clock", "a unit of a cap is given back after three seconds, whatever became of it";
    CapsFreedByRecovery, "caps_freed_by_recovery", "a start frees what unknown attempts hold";
    CapsLostOnRejected, "caps_lost_on_rejected", "a rejected attempt keeps its units of caps for ever";
    ClaimsCheckedOutside, "claims_checked_outside", "duplicates are looked for before T2 and claimed in it";
    ClaimsFreedByUnknown, "claims_freed_by_unknown", "an unknown attempt gives back its claim on the person";
    ListCheckedOutside, "list_checked_outside", "suppression is looked up before T2 and not in it";
    ListIgnored, "list_ignored", "suppression is not looked up at all";
    TokenReusable, "token_reusable", "T1 does not use up the quote";
    KeyIgnored, "key_ignored", "a repeated request is a new one";
    RecoveryForgets, "recovery_forgets", "a start leaves intents and open leads of the dead as they are";
    RecoveryAsRejected, "recovery_as_rejected", "a start takes intents of the dead for rejected";
    OutcomeBookedAgain, "outcome_booked_again", "T3 run again books the sale again";
    PriceOfTheBid, "price_of_the_bid", "a sale is booked at the bid, whatever the buyer said at the post";
    UnknownAsRejected, "unknown_as_rejected", "a post without an answer counts as not sent";
    ResetAsRejected, "reset_as_rejected", "a connection that breaks after the first byte counts as not sent";
    ServerErrorAsRejected, "server_error_as_rejected", "a server error counts as a rejection";
    UnknownAsAccepted, "unknown_as_accepted", "a post without an answer counts as accepted";
    RetryAfterTimeout, "retry_after_timeout", "a post without an answer is sent once more";
    LateAnswerDropped, "late_answer_dropped", "an answer that comes late is thrown away";
    PendingAsUnsold, "pending_as_unsold", "a source hears unsold where nobody knows";
    BudgetsHoldACent, "budgets_hold_a_cent", "a post holds a cent of each budget, whatever it costs";
    WithdrawalIgnored, "withdrawal_ignored", "consent that was taken back is not looked up";
    NotFoundBelievedAtOnce, "not_found_believed_at_once", "a buyer that has no such post is believed while the post may be on its way";
    ResumeForgotten, "resume_forgotten", "a start does not come back to what is unknown";
    CallConfirmedUnread, "call_confirmed_unread", "a buyer's call is confirmed and not written down";
    NeverWrittenOff, "never_written_off", "nobody gives up what is unknown";
    PingNamesPerson, "ping_names_person", "a ping carries a phone number";
}

/// How long a unit of a cap lasts in [`Mutant::CapsFreedByClock`].
const FORGETS_AFTER: Duration = Duration::from_secs(3);

/// Caps, claims and lists kept carelessly, in place of those of the store.
#[derive(Default)]
pub(crate) struct Careless {
    holds: Vec<(AttemptId, Hold, Instant)>,
    claims: BTreeMap<(Arc<str>, PersonKey), (AttemptId, LeadId, Claim)>,
    unknown: BTreeSet<AttemptId>,
    people: BTreeSet<PersonKey>,
}

impl Mutant {
    /// Are caps its business?
    pub(crate) const fn keeps_caps(self) -> bool {
        matches!(
            self,
            Self::CapsCheckedOutside
                | Self::CapsFreedByUnknown
                | Self::CapsFreedByClock
                | Self::CapsFreedByRecovery
                | Self::CapsLostOnRejected
        )
    }

    /// Are claims?
    pub(crate) const fn keeps_claims(self) -> bool {
        matches!(self, Self::ClaimsCheckedOutside | Self::ClaimsFreedByUnknown)
    }

    /// Is suppression?
    pub(crate) const fn keeps_lists(self) -> bool {
        matches!(self, Self::ListCheckedOutside | Self::ListIgnored)
    }

    /// Does it look before the transaction, and not in it?
    pub(crate) const fn looks_outside(self) -> bool {
        matches!(
            self,
            Self::CapsCheckedOutside | Self::ClaimsCheckedOutside | Self::ListCheckedOutside
        )
    }

    /// What is left of an intent for the store: the rest is kept here.
    pub(crate) fn strip(self, mut intend: Intend) -> Intend {
        if self.keeps_caps() {
            intend.holds.clear();
        }
        if self.keeps_claims() {
            intend.claims.clear();
        }
        if self.keeps_lists() {
            intend.lists.clear();
        }
        if self == Self::WithdrawalIgnored {
            intend.withdrawn_in.clear();
        }
        intend
    }
}

impl Careless {
    /// What stands against an intent, as the mutant sees it.
    pub(crate) fn look(&self, mutant: Mutant, intend: &Intend) -> Option<Refusal> {
        if mutant.keeps_caps() {
            return intend.holds.iter().find_map(|hold| self.full(mutant, intend.attempt, hold));
        }
        if mutant.keeps_claims() {
            let claimed = intend.claims.iter().find(|claim| {
                let held = self.claims.get(&(claim.scope.clone(), claim.person));
                held.is_some_and(|(_, lead, held)| *lead != intend.lead && held.until > intend.at)
            });
            return claimed.map(|claim| Refusal::Duplicate {
                scope: claim.scope.clone(),
            });
        }
        let mut entries = intend.lists.iter().flat_map(|check| &check.entries);
        let listed = mutant == Mutant::ListCheckedOutside && entries.any(|(entry, _)| self.people.contains(entry));
        listed.then(|| Refusal::Suppressed {
            list: super::shape::LIST.into(),
        })
    }

    /// Is there no room beside what others hold? The same intent may be run again.
    fn full(&self, mutant: Mutant, own: AttemptId, hold: &Hold) -> Option<Refusal> {
        let same = |(attempt, other, since): &&(AttemptId, Hold, Instant)| {
            let forgotten = mutant == Mutant::CapsFreedByClock && since.elapsed() > FORGETS_AFTER;
            *attempt != own && other.cap == hold.cap && other.span.start == hold.span.start && !forgotten
        };
        let used: i64 = self.holds.iter().filter(same).map(|(_, other, _)| other.amount).sum();
        (used + hold.amount > hold.limit).then(|| Refusal::CapFull {
            cap: hold.cap.clone(),
            limit: hold.limit,
            opens: None,
        })
    }

    /// Takes what an intent asks for.
    pub(crate) fn take(&mut self, intend: &Intend) {
        let now = Instant::now();
        let holds = intend.holds.iter().map(|hold| (intend.attempt, hold.clone(), now));
        self.holds.extend(holds);
        for claim in &intend.claims {
            self.claims
                .insert((claim.scope.clone(), claim.person), (intend.attempt, intend.lead, claim.clone()));
        }
    }

    /// An attempt has an outcome.
    pub(crate) fn settle(&mut self, mutant: Mutant, settle: &Settle) {
        let Some(outcome) = &settle.attempt else { return };
        let frees = match &outcome.verdict {
            Verdict::Accepted(_) => false,
            Verdict::Rejected { .. } | Verdict::NotSent { .. } => mutant != Mutant::CapsLostOnRejected,
            Verdict::Unknown { .. } => matches!(mutant, Mutant::CapsFreedByUnknown | Mutant::ClaimsFreedByUnknown),
        };
        if matches!(outcome.verdict, Verdict::Unknown { .. }) {
            self.unknown.insert(outcome.attempt);
        }
        if frees {
            // A unit that counts posts is not given back by a rejection.
            let stays = |frees| frees == Frees::NotSent && matches!(outcome.verdict, Verdict::Rejected { .. });
            self.holds
                .retain(|(attempt, hold, _)| *attempt != outcome.attempt || stays(hold.frees));
            self.claims.retain(|_, (attempt, ..)| *attempt != outcome.attempt);
        }
    }

    fn free(&mut self, which: impl Fn(&AttemptId) -> bool) {
        self.holds.retain(|(attempt, ..)| !which(attempt));
        self.claims.retain(|_, (attempt, ..)| !which(attempt));
    }

    /// A start.
    pub(crate) fn recover(&mut self, mutant: Mutant, orphans: &[AttemptId]) {
        if mutant == Mutant::CapsFreedByRecovery {
            let unknown = std::mem::take(&mut self.unknown);
            self.free(|attempt| unknown.contains(attempt) || orphans.contains(attempt));
        }
    }

    /// People on the list.
    pub(crate) fn suppress(&mut self, people: &[PersonKey]) {
        self.people.extend(people);
    }
}

/// Of a broken variant: money that is held is not what it costs.
pub(crate) fn hold_a_cent(intend: &mut Intend) {
    let budgets = intend.holds.iter_mut().filter(|hold| super::facts::is_budget(hold));
    budgets.for_each(|budget| budget.amount = 10_000);
}

/// The variants that a run of seeds is tried on, by name; all for none named.
pub(crate) fn named(names: &[String]) -> anyhow::Result<Vec<Mutant>> {
    let find = |name: &String| {
        let found = Mutant::ALL.iter().find(|mutant| mutant.name() == name);
        found
            .copied()
            .ok_or_else(|| anyhow::anyhow!("there is no broken variant called {name}"))
    };
    if names.is_empty() {
        Ok(Mutant::ALL.to_vec())
    } else {
        names.iter().map(find).collect()
    }
}
