//! What the names in the spec files can refer to.

use crate::codes;
use crate::desk::{Desk, Problem};
use crate::integrations::Integrations;
use crate::name;
use crate::shared::Shared;
use crate::spec::pacing::Numbers;
use crate::specs::{Named, Specs};
use crate::text::Text;
use outcry_core::id::LeadTypeName;
use outcry_core::lead_type::LeadType;
use std::collections::HashMap;
use std::sync::Arc;

/// Everything with a name.
pub(crate) struct World<'a> {
    pub(crate) desk: &'a Desk<'a>,
    pub(crate) specs: &'a Specs<'a>,
    pub(crate) lead_types: &'a HashMap<LeadTypeName, Arc<LeadType>>,
    pub(crate) integrations: &'a Integrations,
    pub(crate) numbers: Numbers,
    pub(crate) shared: &'a Shared<'a>,
}

impl World<'_> {
    /// Is there a table of this name? If not it is reported.
    pub(crate) fn refers(&self, kind: &str, named: &Named<'_>, name: &Text) -> bool {
        let there = named.contains_key(&name.value);
        if !there {
            self.tell_missing(kind, name, named.keys().map(String::as_str), &format!("`[{kind}.{}]`", name.value));
        }
        there
    }

    /// The lead type of this name; if there is none it is reported.
    pub(crate) fn lead_type(&self, name: &Text) -> Option<Arc<LeadType>> {
        let found = self.lead_types.get(&LeadTypeName::new(name.value.as_str()));
        if found.is_none() {
            self.tell_missing(
                "lead type",
                name,
                self.lead_types.keys().map(LeadTypeName::as_str),
                "a file in lead-types/",
            );
        }
        found.cloned()
    }

    /// Reports a name that stands for nothing, unless what it stands for may be in a file that could not be read.
    pub(crate) fn tell_missing<'c>(&self, kind: &str, name: &Text, known: impl Iterator<Item = &'c str>, or_add: &str) {
        if self.desk.incomplete() {
            return;
        }
        let problem = Problem::error(codes::MISSING_REFERENCE, name.spot, format!("there is no {kind} `{}`", name.value));
        self.desk
            .tell(problem.hint(name::suggestion(&name.value, known).unwrap_or_else(|| format!("add {or_add}"))));
    }
}
