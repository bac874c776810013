//! Drift: does a post still describe the lead that was pinged? A quote holds only for what was bid on.

use crate::field::{PingRule, Transform};
use crate::lead::Lead;
use crate::lead_type::FieldSet;
use crate::moment::Moment;
use crate::ping_view::{PingValue, PingView, ViewSpec};

/// The ping names whose value at the ping, seen at the moment `at` of that ping, is another one in the post.
///
/// What the ping did not say may be added, rows of a list included, and a certificate that was absent may be
/// there now. Everything that the ping did say must be the same.
pub fn between(pinged: &Lead, posted: &Lead, at: Moment) -> Vec<String> {
    let (before, after) = (PingView::build(pinged, &ViewSpec::default(), at), PingView::build(posted, &ViewSpec::default(), at));
    let (Ok(before), Ok(after)) = (before, after) else {
        // A leak stops the ping itself; a post that leaks where the ping did not is another lead.
        return vec!["contact data".to_owned()];
    };
    let mut names = Vec::new();
    compare(&pinged.lead_type.fields, &before, &after, "", &mut names);
    let kept_home = |at: usize| matches!(pinged.lead_type.fields.fields[at].ping, PingRule::Deny { .. });
    for (at, field) in pinged.lead_type.fields.fields.iter().enumerate() {
        let said = pinged.row.slot(at);
        if kept_home(at) && field.rows().is_none() && said.is_some() && said != posted.row.slot(at) {
            names.push(field.name.to_string());
        }
    }
    names
}

fn compare(set: &FieldSet, before: &PingView, after: &PingView, place: &str, names: &mut Vec<String>) {
    for (name, value) in before.entries() {
        let field = set.ping_position(name).map(|at| &set.fields[at]);
        if field.is_some_and(|field| matches!(&field.ping, PingRule::Transform { transform: Transform::Present, .. })) {
            continue;
        }
        let now = after.entries().iter().find(|(other, _)| other == name).map(|(_, value)| value);
        match (value, now, field.and_then(|field| field.rows())) {
            (PingValue::List(rows), Some(PingValue::List(later)), Some(set)) if rows.len() == later.len() => {
                for (index, (row, later)) in rows.iter().zip(later).enumerate() {
                    compare(set, row, later, &format!("{place}{name}[{index}]."), names);
                }
            }
            (before, Some(after), _) if before == after => {}
            _ => names.push(format!("{place}{name}")),
        }
    }
}

#[cfg(test)]
mod tests;
