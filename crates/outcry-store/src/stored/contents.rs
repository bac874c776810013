//! The stored shape of what a lead says: this is what gets sealed, and it never leaves this crate unsealed.

use super::codec::{Input, Stored, Unreadable, choice, structure};
use outcry_core::id::LeadTypeName;
use outcry_core::lead::Lead;
use outcry_core::lead_type::LeadType;
use outcry_core::moment::Moment;
use outcry_core::raw::Raw;
use outcry_core::record::Door;
use outcry_core::validate::{FieldError, Stage, validate};
use std::collections::HashMap;
use std::sync::Arc;

/// All values of a lead in their normal form, and what it takes to check them again.
pub(crate) struct Contents {
    lead_type: Arc<str>,
    door: Door,
    received: Moment,
    values: Raw,
}

/// Why contents did not become a lead again. Names fields and never values.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Reread {
    #[error("its lead type {0} is not in the catalog any more")]
    LeadType(Arc<str>),
    #[error("its lead type has changed since: {0}")]
    Fields(String),
}

impl Contents {
    pub(crate) fn of(lead: &Lead, door: Door, received: Moment) -> Self {
        Self {
            lead_type: lead.lead_type.name.as_str().into(),
            door,
            received,
            values: lead.to_raw(),
        }
    }

    /// The lead again, checked at the stage and for the moment it was checked at first.
    pub(crate) fn reread(&self, lead_types: &HashMap<LeadTypeName, Arc<LeadType>>) -> Result<Lead, Reread> {
        let name = LeadTypeName::new(self.lead_type.clone());
        let lead_type = lead_types.get(&name).ok_or_else(|| Reread::LeadType(self.lead_type.clone()))?;
        let stage = match self.door {
            Door::Ping => Stage::Ping,
            Door::Lead | Door::Post => Stage::Post,
        };
        validate(lead_type, &self.values, stage, self.received)
            .map_err(|errors| Reread::Fields(errors.iter().map(FieldError::to_string).collect::<Vec<_>>().join("; ")))
    }
}

structure! {
    Contents [2048] { lead_type, door, received, values }
}

choice! {
    Raw { 0 => Null, 1 => Bool(it), 2 => Number(it), 3 => Text(it), 4 => List(it), 5 => Object(it) }
}
