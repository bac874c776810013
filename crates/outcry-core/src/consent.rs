//! Consent: no full lead leaves without a record that covers the buyer.
//!
//! Pure: the record is what the lead says, the question is who asks for what at which moment, and everything that may
//! change with the law or with a contract comes in as data: the lead type, the [`Rules`] of dated packs, and what the
//! campaign and the contract ask on top. Nothing here can be switched off: there is no argument that makes an incomplete
//! record cover anybody.

pub mod certificate;
mod demand;
mod gate;
mod record;
mod rules;
mod texts;
mod uncovered;

pub use demand::{Channel, Channels, Demand, SellerPolicy};
pub use gate::{CampaignConsent, ContractConsent, Gate};
pub use record::{ConsentRecord, Seller};
pub use rules::{Holding, Rule, Rules};
pub use texts::{ApprovedText, Found, Texts, Unknown, normal_text};
pub use uncovered::Uncovered;

use crate::id::ContractName;
use crate::lead_type::{LeadType, SellerSpecific};
use crate::moment::Moment;
use std::sync::Arc;

/// Proof that [`covers`] said yes, for one contract and at one moment. A post view cannot be built without one, and
/// neither can an intent: there is no other way to make it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    contract: ContractName,
    given: Moment,
    at: Moment,
}

/// How long a proof may be carried about before the post it is for is intended: longer than any login and any request
/// takes to write, and much shorter than a rule takes to change.
const PROOF_MS: i64 = 10 * 60_000;

impl Covered {
    /// Does it prove a post under this contract at this moment?
    pub fn proves(&self, contract: &ContractName, now: Moment) -> bool {
        self.contract == *contract && self.at <= now && now.since_ms(self.at) <= PROOF_MS
    }

    /// When the person agreed.
    pub const fn given(&self) -> Moment {
        self.given
    }

    /// The parts, for the journal of a store.
    pub fn parts(&self) -> (&ContractName, Moment, Moment) {
        (&self.contract, self.given, self.at)
    }

    /// A proof that a store has taken into its journal before, and now does again. **Only a store's journal may call
    /// this**; `cargo xtask crates` refuses it anywhere else.
    pub fn from_journal(contract: ContractName, given: Moment, at: Moment) -> Self {
        Self { contract, given, at }
    }
}

/// Who asks, for what, and when.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// The contract that would get the lead.
    pub contract: &'a ContractName,
    /// The names a source may know its buyer by: its own name and its legal name, compared without regard to case.
    pub buyer: [&'a str; 2],
    /// The ways by which the buyer is going to reach the person. None: nobody has said, and so it may be any.
    pub channels: Channels,
    /// What the lead is.
    pub lead_type: &'a LeadType,
    /// The person's state.
    pub state: Option<&'a str>,
    /// The rules of the packs that hold for the lead at this moment.
    pub rules: &'a Holding<'a>,
    /// What the campaign and the contract ask on top.
    pub own: [&'a Demand; 2],
    /// What the campaign's registry knows of the text that was shown.
    pub text: Found<'a>,
    /// The moment of the decision.
    pub now: Moment,
}

/// How far a source's clock may run ahead of ours.
const CLOCK_SKEW_MS: i64 = 5 * 60_000;

/// Does the consent record cover a post under this contract now?
///
/// # Errors
/// The first [`Uncovered`] that applies, in the order in which this function asks.
pub fn covers(record: &ConsentRecord<'_>, question: &Question<'_>) -> Result<Covered, Uncovered> {
    let given = complete(record)?;
    let now = question.now;
    if now.plus_ms(CLOCK_SKEW_MS) < given {
        return Err(Uncovered::InFuture);
    }
    let demands = || question.demands();
    if let Some((_, by)) = demands().find(|(demand, _)| demand.forbidden) {
        return Err(Uncovered::Forbidden { rule: by.name() });
    }
    opted_in(record, question)?;
    for (demand, by) in demands() {
        demand.in_time(given, now, by)?;
    }
    channels(record, question.channels)?;
    for (demand, _) in demands() {
        demand.on_page(record)?;
        demand.with_certificate(record)?;
    }
    question.text.admit(record)?;
    seller(record, question)?;
    Ok(Covered {
        contract: question.contract.clone(),
        given,
        at: now,
    })
}

/// The moment of a record that has all its parts.
fn complete(record: &ConsentRecord<'_>) -> Result<Moment, Uncovered> {
    if record.given != Some(true) {
        return Err(Uncovered::NotGiven);
    }
    if record.text.is_none() {
        return Err(Uncovered::Incomplete("its text"));
    }
    let Some(given) = record.given_at else {
        return Err(Uncovered::Incomplete("its moment"));
    };
    if record.page.is_none() {
        return Err(Uncovered::Incomplete("its page"));
    }
    Ok(given.at)
}

/// The way of opting in is one that everybody who has a say allows.
fn opted_in(record: &ConsentRecord<'_>, question: &Question<'_>) -> Result<(), Uncovered> {
    let of_type = (&question.lead_type.compliance.opt_in_types_allowed, By::LeadType);
    let demanded = question.demands().map(|(demand, by)| (&demand.opt_in, by));
    for (allowed, by) in std::iter::once(of_type).chain(demanded) {
        let is = |way: &str| allowed.iter().any(|one| &**one == way);
        if !allowed.is_empty() && !record.opt_in.is_some_and(is) {
            return Err(Uncovered::OptIn {
                way: record.opt_in.unwrap_or("nothing").into(),
                rule: by.name(),
            });
        }
    }
    Ok(())
}

/// Every way by which the buyer is going to reach the person was agreed to.
fn channels(record: &ConsentRecord<'_>, wanted: Channels) -> Result<(), Uncovered> {
    match wanted.iter().find(|channel| record.channel(*channel) != Some(true)) {
        Some(channel) => Err(Uncovered::Channel { channel }),
        // Nobody has said how the person will be reached: somebody who refused every way is not reached at all.
        None if wanted.is_empty() && Channel::ALL.iter().all(|channel| record.channel(*channel) == Some(false)) => {
            Err(Uncovered::Channel { channel: Channel::Call })
        }
        None => Ok(()),
    }
}

/// The buyer is somebody whom the person agreed to hear from, by the strictest policy that has a say.
fn seller(record: &ConsentRecord<'_>, question: &Question<'_>) -> Result<(), Uncovered> {
    if record.declined(question.buyer) {
        return Err(Uncovered::Declined);
    }
    let of_type = match &question.lead_type.compliance.seller_specific {
        SellerSpecific::Always => SellerPolicy::Selected,
        // Whoever does not say where the person lives gets no easier rule for it.
        SellerSpecific::InStates(states) if question.state.is_none_or(|state| states.iter().any(|one| &**one == state)) => {
            SellerPolicy::Selected
        }
        SellerSpecific::InStates(_) | SellerSpecific::No => SellerPolicy::Open,
    };
    let of_type = (of_type, By::LeadType);
    let demanded = question.demands().filter_map(|(demand, by)| Some((demand.sellers?, by)));
    let (policy, by) = demanded.fold(of_type, |strictest, one| if strictest.0 < one.0 { one } else { strictest });
    let met = match policy {
        SellerPolicy::Open => true,
        SellerPolicy::Named => record.names(question.buyer) || question.text.names(question.buyer),
        SellerPolicy::Selected => record.selected(question.buyer),
    };
    if met {
        return Ok(());
    }
    Err(Uncovered::Seller { policy, rule: by.name() })
}

impl<'a> Question<'a> {
    /// Everything that has a say beside the lead type.
    fn demands(&self) -> impl Iterator<Item = (&'a Demand, By<'a>)> + use<'a> {
        let (wanted, rules) = (self.channels, self.rules);
        let packs = rules.iter().filter(move |rule| rule.concerns(wanted));
        let packs = packs.map(|rule| (&rule.demand, By::Rule(&rule.id)));
        let [campaign, contract] = self.own;
        packs.chain([(campaign, By::Campaign), (contract, By::Contract)])
    }
}

/// Who asks. Most answers are yes, and a name is made for a refusal only.
#[derive(Clone, Copy)]
enum By<'a> {
    LeadType,
    Rule(&'a Arc<str>),
    Campaign,
    Contract,
}

impl By<'_> {
    fn name(self) -> Arc<str> {
        match self {
            Self::Rule(id) => id.clone(),
            Self::LeadType => "the lead type".into(),
            Self::Campaign => "the campaign".into(),
            Self::Contract => "the contract".into(),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
