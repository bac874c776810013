//! The lead types that campaigns can sell: the built-in ones, with the operator's files in front of them.

use crate::builtin;
use crate::codes;
use crate::desk::{Desk, Problem, Spot};
use crate::document::Documents;
use crate::integrations::warn_replaced;
use crate::lead_type;
use crate::specs::tell_duplicate;
use outcry_core::id::LeadTypeName;
use outcry_core::lead_type::LeadType;
use std::collections::HashMap;
use std::sync::Arc;

/// Reads the operator's files, and takes each built-in lead type that they do not replace.
pub(crate) fn gather(desk: &Desk<'_>, documents: &Documents<'_>) -> HashMap<LeadTypeName, Arc<LeadType>> {
    let built_in = builtin::lead_types();
    let mut lead_types = HashMap::new();
    let mut files: HashMap<LeadTypeName, usize> = HashMap::new();
    for file in documents.lead_types.iter().copied() {
        let Some(lead_type) = read(desk, file) else { continue };
        let spot = Spot { file, at: 0 };
        if let Some(first) = files.insert(lead_type.name.clone(), file) {
            tell_duplicate(desk, "lead type", lead_type.name.as_str(), spot, Spot { file: first, at: 0 });
        } else if built_in.iter().any(|built_in| built_in.name == lead_type.name) {
            warn_replaced(desk, "lead type", lead_type.name.as_str(), spot);
        }
        lead_types.insert(lead_type.name.clone(), Arc::new(lead_type));
    }
    for lead_type in built_in {
        lead_types.entry(lead_type.name.clone()).or_insert_with(|| lead_type.clone());
    }
    lead_types
}

fn read(desk: &Desk<'_>, file: usize) -> Option<LeadType> {
    let problems = match lead_type::read(&desk.files()[file].text) {
        Ok(lead_type) => return Some(lead_type),
        Err(problems) => problems,
    };
    // A campaign may name the lead type that this file would have been.
    desk.set_incomplete();
    for problem in problems {
        let spot = desk.line(file, usize::try_from(problem.line).unwrap_or(1));
        let message = if problem.field.is_empty() {
            problem.message
        } else {
            format!("`{}`: {}", problem.field, problem.message)
        };
        desk.tell(Problem::error(codes::LEAD_TYPE_PROBLEM, spot, message).hint_if((!problem.hint.is_empty()).then_some(problem.hint)));
    }
    None
}
