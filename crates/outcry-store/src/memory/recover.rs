//! Recovery in memory: for tests that hand a store from one engine to the next.

use super::counters::Count;
use super::{Beside, Inside};
use crate::standing::AttemptState;
use outcry_core::id::{BootId, LeadId};
use outcry_core::moment::Moment;
use outcry_core::money::{Currency, Money};
use outcry_core::record::Run;
use outcry_engine::answer::{Answer, Status};
use outcry_engine::ports::store::{EXPIRED_NAMED_MAX, Expired, LeadState, Recovery, Tell};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Inside {
    pub(super) fn recover(&mut self, boot: BootId, now: Moment, tell: &Tell, beside: &Beside) -> Recovery {
        let unknown = self.orphan_intents(boot, beside);
        let expired_leads = self.close_leads(beside);
        let expired = expired_leads.iter().filter(|closed| closed.state == LeadState::Unsold).count() as u64;
        for message in expired_leads.iter().filter_map(|closed| tell(closed)) {
            self.add_message(message, now);
        }
        let counters_mended = self.mend_counters();
        let messages_waiting = self.messages.values().filter(|entry| entry.due.is_some()).count() as u64;
        Recovery {
            unknown,
            expired,
            expired_leads: expired_leads.into_iter().take(EXPIRED_NAMED_MAX).collect(),
            counters_mended,
            messages_waiting,
        }
    }

    fn orphan_intents(&mut self, boot: BootId, beside: &Beside) -> u64 {
        let is_alive = |owner: &BootId| *owner == boot || beside.boots.contains(owner);
        let attempts = self.leads.values_mut().flat_map(|lead| &mut lead.attempts);
        let orphans = attempts.filter(|attempt| attempt.state == AttemptState::Intent && !is_alive(&attempt.boot));
        orphans.map(|attempt| attempt.state = AttemptState::Unknown).count() as u64
    }

    /// Gives back those that nobody was posted, the earliest first.
    fn close_leads(&mut self, beside: &Beside) -> Vec<Expired> {
        let selling = self
            .leads
            .iter()
            .filter(|(id, lead)| lead.state == LeadState::Selling && !beside.leads.contains(id));
        let mut found: Vec<Expired> = selling
            .map(|(id, lead)| Expired {
                lead: *id,
                source: lead.source.clone(),
                run: lead.run,
                state: LeadState::Unsold,
                payout: Money::ZERO,
            })
            .collect();
        found.sort_unstable_by_key(|found| found.lead);
        found.retain_mut(|found| {
            let closed = self.close_lead(found.lead);
            found.state = closed.unwrap_or(LeadState::Selling);
            found.payout = self
                .leads
                .get(&found.lead)
                .and_then(|lead| lead.answer.as_ref())
                .map_or(Money::ZERO, |answer| answer.payout);
            matches!(closed, Some(LeadState::Sold | LeadState::Unsold))
        });
        found
    }

    /// Says where a lead has come to. The last word replaces what its source was told before; "pending" replaces nothing.
    fn close_lead(&mut self, id: LeadId) -> Option<LeadState> {
        let lead = self.leads.get_mut(&id)?;
        let has = |state| lead.attempts.iter().any(|attempt| attempt.state == state);
        let sales: Vec<_> = self.sales.iter().filter(|(of, _)| *of == id).map(|(_, sale)| sale).collect();
        let (state, status) = match () {
            () if has(AttemptState::Intent) => return None,
            () if has(AttemptState::Accepted) => (LeadState::Sold, Status::Sold),
            () if has(AttemptState::Unknown) => (LeadState::Uncertain, Status::Pending),
            () => (LeadState::Unsold, Status::Unsold),
        };
        let payout = if status == Status::Sold {
            sales.iter().map(|sale| sale.split.payout).sum()
        } else {
            Money::ZERO
        };
        let currency = sales.first().map_or(Currency::USD, |sale| sale.currency);
        lead.state = state;
        if status != Status::Pending || lead.answer.is_none() {
            let test = lead.run == Run::Test;
            lead.answer = Some(Answer {
                lead: id,
                status,
                payout,
                currency,
                redirect_url: None,
                test,
            });
        }
        Some(state)
    }

    fn mend_counters(&mut self) -> u64 {
        let mut held: BTreeMap<(Arc<str>, Moment), i64> = BTreeMap::new();
        let attempts = self.leads.values().flat_map(|lead| &lead.attempts);
        for hold in attempts.flat_map(|attempt| attempt.held(attempt.state)) {
            *held.entry((hold.cap.clone(), hold.span.start)).or_default() += hold.amount;
        }
        self.counters.retain(|_, count| count.used != 0);
        let used = |key| self.counters.get(key).map(|count| count.used);
        let wrong = held.iter().filter(|(key, amount)| used(key) != Some(**amount)).count();
        let extra = self.counters.keys().filter(|key| !held.contains_key(*key)).count();
        let first = |key: &(Arc<str>, Moment)| self.counters.get(key).and_then(|count| count.first);
        let mended = held.into_iter().map(|(key, used)| {
            let first = first(&key);
            (key, Count { used, first })
        });
        self.counters = mended.collect();
        (wrong + extra) as u64
    }
}
