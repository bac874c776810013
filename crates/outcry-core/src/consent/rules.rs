//! Rules of the packs: what the law or the operator asks of consent, from which day on, for which leads.
//!
//! A pack is data with sources. When it is loaded, a campaign takes the rules that can ever concern it; a lead then asks
//! only those whether they hold in its state at its moment.

use super::demand::{Channels, Demand};
use crate::moment::Moment;
use std::sync::Arc;

/// One dated rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Pack and name: `us/medicare_tpmo`.
    pub id: Arc<str>,
    /// Where it comes from: an order, a statute, a contract.
    pub source: Arc<str>,
    /// From when on it holds.
    pub from: Moment,
    /// Until when; for ever if nothing is said.
    pub until: Option<Moment>,
    /// States of the person; empty: everywhere.
    pub states: Vec<Arc<str>>,
    /// Ways to reach the person that it is about; none: all.
    pub channels: Channels,
    /// What it asks.
    pub demand: Demand,
}

impl Rule {
    /// Is it about buyers that reach people so? Who has not said how may do it in any way.
    pub(super) fn concerns(&self, wanted: Channels) -> bool {
        self.channels.is_empty() || wanted.is_empty() || self.channels.iter().any(|channel| wanted.has(channel))
    }

    /// A rule for some states holds for a person who may live there: one whose state nobody knows is one.
    fn holds(&self, state: Option<&str>, now: Moment) -> bool {
        let there = self.states.is_empty() || state.is_none_or(|state| self.states.iter().any(|one| &**one == state));
        there && self.from <= now && self.until.is_none_or(|until| now < until)
    }
}

/// The rules that can concern a campaign.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules(Arc<[Arc<Rule>]>);

impl Rules {
    /// In the order in which reasons prefer them.
    pub fn new(rules: Vec<Arc<Rule>>) -> Self {
        Self(rules.into())
    }

    /// Those that hold in a state at a moment.
    pub fn holding(&self, state: Option<&str>, now: Moment) -> Holding<'_> {
        Holding(self.0.iter().map(|rule| &**rule).filter(|rule| rule.holds(state, now)).collect())
    }

    /// All of them, whether they hold or not.
    pub fn all(&self) -> &[Arc<Rule>] {
        &self.0
    }
}

/// The rules that hold for one lead.
#[derive(Debug, Default)]
pub struct Holding<'a>(Vec<&'a Rule>);

impl<'a> Holding<'a> {
    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &'a Rule> + use<'a, '_> {
        self.0.iter().copied()
    }
}
