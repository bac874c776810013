//! The part of a lead that a two-call source sends in its ping.

use outcry_core::field::{Field, PingRule, Privacy};
use outcry_core::lead_type::{FieldSet, LeadType};
use outcry_core::raw::Raw;

/// What a source would send before it has sold the lead: whatever the lead type asks for in a ping or lets out of
/// one, and nothing that names or reaches the person. Rows of lists are cut by the same rule.
pub fn ping_part(lead: &Raw, lead_type: &LeadType) -> Raw {
    part(lead, &lead_type.fields)
}

fn part(row: &Raw, set: &FieldSet) -> Raw {
    let Raw::Object(members) = row else { return row.clone() };
    let kept = members.iter().filter_map(|(name, value)| {
        let field = set.get(name).filter(|field| goes(field))?;
        let value = match (field.rows(), value) {
            (Some(rows), Raw::List(items)) => Raw::List(items.iter().map(|item| part(item, rows)).collect()),
            _ => value.clone(),
        };
        Some((name.clone(), value))
    });
    Raw::Object(kept.collect())
}

fn goes(field: &Field) -> bool {
    let personal = field.privacy == Privacy::DirectIdentifier;
    let allowed = !matches!(field.ping, PingRule::Deny { .. });
    !personal && (field.required.ping || allowed)
}
