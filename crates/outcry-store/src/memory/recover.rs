//! Recovery in memory: for tests that hand a store from one engine to the next.

use super::Inside;
use crate::standing::AttemptState;
use outcry_core::id::{BootId, LeadId};
use outcry_core::moment::Moment;
use outcry_core::money::{Currency, Money};
use outcry_core::record::Run;
use outcry_engine::answer::{Answer, Status};
use outcry_engine::ports::store::{LeadState, Recovery};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Inside {
    pub(super) fn recover(&mut self, boot: BootId) -> Recovery {
        let unknown = self.orphan_intents(boot);
        let expired = self.close_leads();
        let counters_mended = self.mend_counters();
        let messages_waiting = self.messages.values().filter(|entry| entry.due.is_some()).count() as u64;
        Recovery { unknown, expired, counters_mended, messages_waiting }
    }

    fn orphan_intents(&mut self, boot: BootId) -> u64 {
        let attempts = self.leads.values_mut().flat_map(|lead| &mut lead.attempts);
        let orphans = attempts.filter(|attempt| attempt.state == AttemptState::Intent && attempt.boot != boot);
        orphans.map(|attempt| attempt.state = AttemptState::Unknown).count() as u64
    }

    fn close_leads(&mut self) -> u64 {
        let selling = self.leads.iter().filter(|(_, lead)| lead.state == LeadState::Selling);
        let ends: Vec<(LeadId, LeadState)> = selling
            .filter_map(|(id, lead)| {
                let has = |state| lead.attempts.iter().any(|attempt| attempt.state == state);
                match () {
                    () if has(AttemptState::Intent) => None,
                    () if has(AttemptState::Unknown) => Some((*id, LeadState::Uncertain)),
                    () if has(AttemptState::Accepted) => Some((*id, LeadState::Sold)),
                    () => Some((*id, LeadState::Unsold)),
                }
            })
            .collect();
        for (id, state) in &ends {
            self.close_lead(*id, *state);
        }
        ends.iter().filter(|(_, state)| *state == LeadState::Unsold).count() as u64
    }

    fn close_lead(&mut self, id: LeadId, state: LeadState) {
        let sales = || self.sales.iter().filter(|(lead, _)| *lead == id).map(|(_, sale)| sale);
        let (status, payout) = match state {
            LeadState::Sold => (Status::Sold, sales().map(|sale| sale.split.payout).sum()),
            LeadState::Unsold => (Status::Unsold, Money::ZERO),
            LeadState::Selling | LeadState::Uncertain => (Status::Pending, Money::ZERO),
        };
        let currency = sales().next().map_or(Currency::USD, |sale| sale.currency);
        let Some(lead) = self.leads.get_mut(&id) else { return };
        lead.state = state;
        let test = lead.run == Run::Test;
        lead.answer.get_or_insert(Answer { lead: id, status, payout, currency, redirect_url: None, test });
    }

    fn mend_counters(&mut self) -> u64 {
        let mut held: BTreeMap<(Arc<str>, Moment), i64> = BTreeMap::new();
        let attempts = self.leads.values().flat_map(|lead| &lead.attempts).filter(|attempt| attempt.state.holds());
        for hold in attempts.flat_map(|attempt| &attempt.holds) {
            *held.entry((hold.cap.clone(), hold.window)).or_default() += hold.amount;
        }
        self.counters.retain(|_, used| *used != 0);
        let wrong = held.iter().filter(|(key, used)| self.counters.get(*key) != Some(used)).count();
        let extra = self.counters.keys().filter(|key| !held.contains_key(*key)).count();
        self.counters = held;
        (wrong + extra) as u64
    }
}
