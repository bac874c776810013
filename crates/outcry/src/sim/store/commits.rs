//! What each transaction does at its commit, and what the checker writes down of it at that very moment.

use super::{
    Accept, Accepted, AttemptId, AttemptOutcome, BTreeSet, Beside, BootId, Delivery, Desk, Duration, Intend, Intended, Later, LeadState,
    ListChange, Moment, Mutant, Recovery, Settle, Settled, Store, StoreFault, Tell, Verdict, Withdrawal, at_once, sleep,
};
use crate::sim::facts::Stand;
use crate::sim::mutants::hold_a_cent;
use outcry_core::record::Happened;
use outcry_engine::ports::store::{DeliveryResult, Refusal};
use outcry_engine::resolve::Way;

/// How an unknown outcome was found out, by the record.
fn found_out_by(settle: &Settle) -> Option<&'static str> {
    let last = &settle.record.as_ref()?.events.last()?.what;
    let Happened::Resolved { way, .. } = last else { return None };
    let ways = [
        (Way::LateAnswer, "resolved_by_late_answer"),
        (Way::StatusQuery, "resolved_by_asking"),
        (Way::SentAgain, "resolved_by_sending_again"),
        (Way::Callback, "resolved_by_callback"),
    ];
    ways.into_iter().find(|(known, _)| known.word() == &**way).map(|(_, name)| name)
}

impl Desk {
    /// A transaction whose caller is told before it is done: of the broken variants only.
    pub(super) fn confirmed_early<T, F>(&self, answer: T, work: impl FnOnce(Self) -> F) -> Later<'_, Result<T, StoreFault>>
    where
        T: Send + 'static,
        F: Future<Output = Result<(), StoreFault>> + Send + 'static,
    {
        tokio::spawn(work(self.clone()));
        Box::pin(async move {
            self.life.gate().await;
            Ok(answer)
        })
    }

    pub(super) async fn accepting(&self, mut accept: Accept) -> Result<Accepted, StoreFault> {
        if self.world.is(Mutant::KeyIgnored) {
            accept.idempotency.key = format!("{}/{}", accept.idempotency.key, accept.lead).into();
        }
        self.transact("disk_full_refused_a_lead", || {
            let quote = accept.quote;
            let mut kept = accept.clone();
            if self.world.is(Mutant::TokenReusable) {
                kept.quote = None;
            }
            let accepted = at_once(self.world.memory.accept(kept))?;
            self.note("T1", accept.lead.bits(), || format!("{} {accepted:?}", accept.lead));
            match &accepted {
                Accepted::New | Accepted::Duplicate { .. } => {
                    self.world.facts().accepted(&accept, self.life.number);
                    if quote.is_some() {
                        self.world.sometimes.add("quote_redeemed");
                    }
                }
                Accepted::QuoteUsed => self.world.sometimes.add("token_used_twice_refused"),
                _ => {}
            }
            Ok(accepted)
        })
        .await
    }

    pub(super) async fn intending(&self, mut intend: Intend) -> Result<Intended, StoreFault> {
        let mutant = self.world.mutant;
        if mutant == Some(Mutant::BudgetsHoldACent) {
            hold_a_cent(&mut intend);
        }
        if let Some(mutant) = mutant.filter(|mutant| mutant.looks_outside())
            && let Some(refusal) = self.world.careless().look(mutant, &intend)
        {
            return Ok(Intended::Refused(refusal));
        }
        self.transact("disk_full_refused_an_intent", || self.commit_intent(&intend)).await
    }

    fn commit_intent(&self, intend: &Intend) -> Result<Intended, StoreFault> {
        let world = &self.world;
        let mutant = world.mutant;
        let seen = mutant.filter(|mutant| !mutant.looks_outside());
        if let Some(refusal) = seen.and_then(|mutant| world.careless().look(mutant, intend)) {
            world.facts().refused(intend, &refusal);
            return Ok(Intended::Refused(refusal));
        }
        let asked = mutant.map_or_else(|| intend.clone(), |mutant| mutant.strip(intend.clone()));
        let intended = at_once(world.memory.intend(asked))?;
        self.note("T2", intend.attempt.bits(), || {
            format!(
                "{} {} to {} at {}: {intended:?}",
                intend.lead, intend.attempt, intend.contract, intend.price
            )
        });
        match &intended {
            Intended::Go => {
                world.careless().take(intend);
                world.facts().intended(intend);
            }
            Intended::Refused(refusal) => {
                let name = match refusal {
                    Refusal::CapFull { cap, .. } if cap.contains("/price/") => Some("budget_refused"),
                    Refusal::CapFull { .. } => Some("cap_refused"),
                    Refusal::Withdrawn { .. } => Some("withdrawn_refused"),
                    Refusal::Duplicate { .. } => Some("duplicate_refused"),
                    Refusal::Suppressed { .. } => Some("suppressed_refused"),
                    Refusal::LegTaken => Some("leg_refused"),
                    // Nothing in this world has a cause for it, and the checker says so.
                    Refusal::TooFast { .. } | Refusal::NotOnList { .. } | Refusal::CertificateTaken { .. } | Refusal::Unproven => None,
                };
                if let Some(name) = name {
                    world.sometimes.add(name);
                }
                world.facts().refused(intend, refusal);
            }
        }
        Ok(intended)
    }

    pub(super) async fn settling(&self, mut settle: Settle) -> Result<Settled, StoreFault> {
        let world = self.world.clone();
        if world.is(Mutant::PriceOfTheBid) {
            self.book_the_bid(&mut settle);
        }
        if world.is(Mutant::AnswerNotSaved) {
            settle.answer = None;
        }
        if world.is(Mutant::MessagesOutsideOutcome) && !settle.messages.is_empty() {
            let later = Settle {
                attempt: None,
                answer: None,
                record: None,
                ..settle.clone()
            };
            settle.messages.clear();
            let settled = self.transact("", || self.commit_outcome(&settle)).await?;
            self.transact("", || self.commit_outcome(&later)).await?;
            return Ok(settled);
        }
        self.transact("disk_full_refused_an_outcome", || self.commit_outcome(&settle)).await
    }

    fn book_the_bid(&self, settle: &mut Settle) {
        let Some(outcome) = &mut settle.attempt else { return };
        let held = self
            .world
            .facts()
            .attempts
            .get(&outcome.attempt)
            .map(|fact| fact.price.to_cents_half_even());
        if let (Some(sale), Some(held)) = (&mut outcome.sale, held) {
            sale.split.margin = sale.split.margin + (held - sale.split.price);
            sale.split.price = held;
        }
    }

    fn commit_outcome(&self, settle: &Settle) -> Result<Settled, StoreFault> {
        let world = &self.world;
        let settled = at_once(world.memory.settle(settle.clone()))?;
        self.note("T3", settle.lead.bits(), || {
            let attempt = settle.attempt.as_ref().map(|outcome| (outcome.attempt, outcome.verdict.word()));
            format!("{} {attempt:?} {:?}: {settled:?}", settle.lead, settle.state)
        });
        if let Some(mutant) = world.mutant {
            world.careless().settle(mutant, settle);
        }
        if settled == Settled::Done {
            self.write_down(settle);
        }
        Ok(settled)
    }

    /// What the checker keeps of an outcome.
    fn write_down(&self, settle: &Settle) {
        let world = &self.world;
        let mut facts = world.facts();
        if settle.attempt.is_none() && settle.state == LeadState::Selling {
            facts.taken_up(settle.lead, self.life.number);
            world.sometimes.add("waiting_lead_taken_up");
        }
        world.sometimes.add_if(settle.state == LeadState::Waiting, "lead_waits");
        let before = settle
            .attempt
            .as_ref()
            .and_then(|outcome| facts.attempts.get(&outcome.attempt))
            .map(|fact| fact.stand);
        if let (Some(outcome), Some(before)) = (&settle.attempt, before) {
            let after = &outcome.verdict;
            let known = Stand::after(outcome) == before;
            if before == Stand::Unknown && !known {
                world.sometimes.add_if(outcome.written_off, "written_off");
                if let Some(name) = found_out_by(settle) {
                    world.sometimes.add(name);
                }
            }
            if known {
                world.sometimes.add("outcome_run_again");
                if world.is(Mutant::OutcomeBookedAgain) {
                    facts.book_again(outcome);
                }
                return;
            }
            match after {
                Verdict::Unknown { .. } => world.sometimes.add("unknown_recorded"),
                Verdict::Accepted(acceptance) => {
                    if before == Stand::Unknown {
                        world.sometimes.add("unknown_resolved_accepted");
                    }
                    if acceptance
                        .price
                        .is_some_and(|said| facts.attempts.get(&outcome.attempt).is_some_and(|fact| said < fact.price))
                    {
                        world.sometimes.add("price_lowered_at_post");
                    }
                }
                Verdict::Rejected { .. } if before == Stand::Unknown => {
                    world.sometimes.add("unknown_resolved_rejected");
                }
                Verdict::Rejected { .. } | Verdict::NotSent { .. } => {}
            }
        }
        facts.settled(settle);
    }

    pub(super) async fn delivering(&self, mut delivery: Delivery) -> Result<(), StoreFault> {
        if let DeliveryResult::Again { .. } = delivery.result {
            self.world.sometimes.add("message_tried_again");
            if self.world.is(Mutant::MessageForgottenOnFailure) {
                delivery.result = DeliveryResult::Arrived;
            }
        }
        self.transact("", || {
            self.note("T4", delivery.message.bits(), || {
                format!("{} {:?}", delivery.message, delivery.result)
            });
            at_once(self.world.memory.deliver(delivery))
        })
        .await
    }

    pub(super) async fn changing_list(&self, change: ListChange) -> Result<(), StoreFault> {
        self.transact("", || {
            self.note("suppressed", 0, || format!("{} digests", change.entries.len()));
            at_once(self.world.memory.change_list(change.clone()))?;
            self.world.careless().suppress(&change.entries);
            self.world.facts().suppressed(&change.entries);
            self.world.sometimes.add("person_suppressed");
            Ok(())
        })
        .await
    }

    pub(super) async fn withdrawing(&self, withdrawal: Withdrawal) -> Result<u64, StoreFault> {
        self.transact("", || {
            self.note("withdrawn", 0, || withdrawal.scope.to_string());
            let taken_back = at_once(self.world.memory.withdraw(withdrawal.clone()))?;
            self.world.facts().withdrawn(&withdrawal);
            self.world.sometimes.add("consent_withdrawn");
            Ok(taken_back)
        })
        .await
    }

    pub(super) async fn recovering(&self, boot: BootId, now: Moment, tell: Tell) -> Result<Recovery, StoreFault> {
        self.life.set_boot(boot);
        self.world.step(&self.life, "before_recovery").await;
        sleep(Duration::from_millis(3)).await;
        self.life.gate().await;
        if !self.world.reaches_store(self.life.node) {
            return Err(StoreFault::Broken("the store is not reached".into()));
        }
        let recovery = self.commit_recovery(boot, now, &tell);
        self.world.step(&self.life, "after_recovery").await;
        recovery
    }

    fn commit_recovery(&self, boot: BootId, now: Moment, tell: &Tell) -> Result<Recovery, StoreFault> {
        let world = &self.world;
        let others = world.others(&self.life);
        let alive: BTreeSet<BootId> = others.iter().filter_map(|life| life.boot()).collect();
        let lives: BTreeSet<u32> = others.iter().map(|life| life.number).collect();
        let orphans = world.facts().orphans(boot, &alive);
        if world.is(Mutant::RecoveryForgets) {
            return Ok(Recovery::default());
        }
        if world.is(Mutant::RecoveryAsRejected) {
            self.reject(&orphans)?;
        }
        if let Some(mutant) = world.mutant {
            world.careless().recover(mutant, &orphans);
        }
        let leads = world.facts().leads_of(&lives);
        let recovery = world.memory.recover_beside(
            boot,
            now,
            tell,
            &Beside {
                boots: alive.clone(),
                leads,
            },
        );
        world.facts().recovered(boot, &alive);
        self.note("recovers", boot.bits(), || format!("{recovery:?}"));
        if recovery.unknown > 0 {
            world.sometimes.add("intent_made_unknown_by_recovery");
        }
        if !recovery.expired_leads.is_empty() {
            world.sometimes.add("lead_closed_by_recovery");
        }
        if recovery.counters_mended > 0 {
            world
                .facts()
                .violate("I5", format!("{} counters did not add up at a start", recovery.counters_mended));
        }
        Ok(recovery)
    }

    /// Of a broken variant: what nobody knows is called rejected.
    fn reject(&self, orphans: &[AttemptId]) -> Result<(), StoreFault> {
        for attempt in orphans {
            let Some(lead) = self.world.facts().attempts.get(attempt).map(|fact| fact.lead) else {
                continue;
            };
            self.commit_outcome(&Settle {
                lead,
                at: self.world.wall(self.life.node),
                attempt: Some(AttemptOutcome {
                    attempt: *attempt,
                    verdict: Verdict::Rejected {
                        said: "forgotten".into(),
                        duplicate: false,
                    },
                    sale: None,
                    written_off: false,
                    memo: None,
                }),
                state: LeadState::Selling,
                answer: None,
                record: None,
                messages: Vec::new(),
                waiting: None,
            })?;
        }
        Ok(())
    }
}
