//! Withdrawals, certificates and the review queue in memory.

use super::Inside;
use outcry_core::id::LeadId;
use outcry_core::record::Ending;
use outcry_engine::ports::store::{InReview, Intend, LeadState, Objections, PersonKey, Refusal, Withdrawal};
use std::sync::Arc;

impl Inside {
    /// What consent has against the intent.
    pub(super) fn unconsented(&self, intend: &Intend) -> Option<Refusal> {
        if !intend.covered.proves(&intend.contract, intend.at) {
            return Some(Refusal::Unproven);
        }
        if let Some(refusal) = self.taken_back(&intend.contacts, &intend.withdrawn_in) {
            return Some(refusal);
        }
        let taken = intend.certificates.iter().find(|claim| {
            let owner = self.certificates.get(&claim.certificate);
            owner.is_some_and(|owner| claim.people.iter().all(|person| !owner.contains(person)))
        });
        taken.map(|claim| Refusal::CertificateTaken {
            vendor: claim.vendor.clone(),
        })
    }

    /// What is said by now against a person being sold.
    pub(super) fn objection(&self, asked: &Objections) -> Option<Refusal> {
        let taken_back = self.taken_back(&asked.contacts, &asked.withdrawn_in);
        taken_back.or_else(|| asked.lists.iter().find_map(|check| self.list(check)))
    }

    fn taken_back(&self, contacts: &[PersonKey], scopes: &[Arc<str>]) -> Option<Refusal> {
        let withdrawn = scopes.iter().find(|scope| {
            let mut contacts = contacts.iter();
            contacts.any(|contact| self.withdrawn.contains(&((*scope).clone(), *contact)))
        });
        withdrawn.map(|scope| Refusal::Withdrawn { scope: scope.clone() })
    }

    pub(super) fn withdraw(&mut self, withdrawal: &Withdrawal) -> u64 {
        let people = withdrawal.people.iter();
        people
            .filter(|person| self.withdrawn.insert((withdrawal.scope.clone(), **person)))
            .count() as u64
    }

    pub(super) fn in_review(&self, at_most: usize) -> Vec<InReview> {
        let mut waiting: Vec<_> = self.leads.iter().filter(|(_, lead)| lead.state == LeadState::Review).collect();
        waiting.sort_by_key(|(_, lead)| lead.seq);
        let seen = waiting.into_iter().filter_map(|(id, lead)| {
            let record = self.records.get(&lead.seq)?;
            let Ending::Review { why, .. } = &record.ending else { return None };
            Some(InReview {
                lead: *id,
                source: lead.source.clone(),
                campaign: record.campaign.clone(),
                received: lead.received,
                why: why.clone(),
            })
        });
        seen.take(at_most).collect()
    }

    pub(super) fn take_from_review(&mut self, id: LeadId) -> bool {
        match self.leads.get_mut(&id) {
            Some(lead) if lead.state == LeadState::Review => {
                lead.state = LeadState::Selling;
                true
            }
            _ => false,
        }
    }
}
