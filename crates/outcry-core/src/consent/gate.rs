//! The gate between a lead and the contracts of a campaign: the record read and the rules found once, and asked for each.

use super::{Channels, ConsentRecord, Covered, Demand, Found, Holding, Question, Rules, Texts, Uncovered, covers};
use crate::catalog::{Campaign, Contract};
use crate::lead::Lead;
use crate::moment::Moment;

/// What a campaign asks of consent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CampaignConsent {
    /// The rules of packs that can concern it.
    pub rules: Rules,
    /// What it asks on top.
    pub demand: Demand,
    /// Its approved texts.
    pub texts: Texts,
}

/// What a contract asks of consent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContractConsent {
    /// What it asks on top.
    pub demand: Demand,
    /// The ways by which its buyer is going to reach the person.
    pub channels: Channels,
}

/// One lead at one moment.
pub struct Gate<'a> {
    campaign: &'a Campaign,
    lead: &'a Lead,
    record: ConsentRecord<'a>,
    rules: Holding<'a>,
    text: Found<'a>,
    now: Moment,
}

impl<'a> Gate<'a> {
    /// Reads the record of a lead, and finds the rules that hold for it.
    pub fn of(campaign: &'a Campaign, lead: &'a Lead, now: Moment) -> Self {
        let record = ConsentRecord::of(lead);
        Self {
            text: campaign.consent.texts.found(&record),
            record,
            rules: campaign.consent.rules.holding(lead.state(), now),
            campaign,
            lead,
            now,
        }
    }

    /// Does the record cover a post under this contract?
    ///
    /// # Errors
    /// Why not.
    pub fn covers(&self, contract: &'a Contract) -> Result<Covered, Uncovered> {
        let question = Question {
            contract: &contract.name,
            buyer: contract.buyer_refs(),
            channels: contract.consent.channels,
            lead_type: &self.lead.lead_type,
            state: self.lead.state(),
            rules: &self.rules,
            own: [&self.campaign.consent.demand, &contract.consent.demand],
            text: self.text,
            now: self.now,
        };
        covers(&self.record, &question)
    }

    /// What the lead says of consent.
    pub const fn record(&self) -> &ConsentRecord<'a> {
        &self.record
    }
}
