//! What many campaigns share: the rules of consent packs, the approved texts, the outside checks.

use crate::builtin;
use crate::desk::Desk;
use crate::document::stem;
use crate::integrations::warn_replaced;
use crate::spec::approved_text;
use crate::spec::check::{self, CheckDraft};
use crate::spec::consent_rule::{self, RuleDraft};
use crate::specs::Specs;
use crate::world::World;
use outcry_core::consent::{ApprovedText, Rules};
use outcry_core::lead_type::LeadType;
use outcry_integration::book::Binding;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Read once, named by many.
#[derive(Default)]
pub(crate) struct Shared<'a> {
    rules: Vec<RuleDraft>,
    pub(crate) texts: BTreeMap<String, Arc<ApprovedText>>,
    pub(crate) checks: BTreeMap<String, CheckDraft<'a>>,
}

impl<'a> Shared<'a> {
    /// Reads them all; the bindings of checks stand in the order in which checks name them.
    pub(crate) fn read(world: &World<'_>, specs: &'a Specs<'a>) -> (Self, Vec<Binding>) {
        let mut shared = Self {
            rules: rules(world.desk, specs),
            ..Self::default()
        };
        for (name, table) in &specs.texts {
            shared
                .texts
                .extend(approved_text::read(name, table).map(|text| (name.clone(), text)));
        }
        let mut bindings = Vec::new();
        for (name, table) in &specs.checks {
            if let Some((draft, binding)) = check::read(world, table, bindings.len()) {
                bindings.push(binding);
                shared.checks.insert(name.clone(), draft);
            }
        }
        (shared, bindings)
    }

    /// The rules that can concern a campaign.
    pub(crate) fn rules_for(&self, campaign: &str, lead_type: &LeadType) -> Rules {
        let concerned = self.rules.iter().filter(|draft| draft.concerns(campaign, lead_type));
        Rules::new(concerned.map(|draft| draft.rule.clone()).collect())
    }
}

/// The operator's rules, and those packs that come with Outcry and that no file of the same name replaces.
fn rules(desk: &Desk<'_>, specs: &Specs<'_>) -> Vec<RuleDraft> {
    let mut rules: Vec<RuleDraft> = Vec::new();
    let mut replaced: Vec<&str> = Vec::new();
    for (name, table) in &specs.consent_rules {
        let pack = stem(&desk.files()[table.spot.file].path);
        if builtin::consent_rules().iter().any(|(known, _)| *known == pack) && !replaced.contains(&pack) {
            warn_replaced(desk, "consent pack", pack, table.spot);
            replaced.push(pack);
        }
        rules.extend(consent_rule::read(pack, name, table));
    }
    let built_in = builtin::consent_rules().iter().filter(|(pack, _)| !replaced.contains(pack));
    rules.extend(built_in.flat_map(|(_, rules)| rules.iter().cloned()));
    rules
}
