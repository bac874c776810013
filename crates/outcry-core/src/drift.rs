//! Drift: does a post still describe the lead that was pinged? A quote holds only for what was bid on.

use crate::field::{Group, PingRule, Transform};
use crate::lead::{Lead, Row, Slot};
use crate::lead_type::FieldSet;
use crate::moment::Moment;
use crate::ping_view::{PingValue, PingView, ViewSpec};
use crate::value::Value;

/// The names whose value at the ping, seen at the moment `at` of that ping, is another one in the post.
///
/// What the ping did not say may be added, in the rows of a list too, and a certificate that was absent may be
/// there now. Everything that the ping did say must be the same. That goes for fields that are kept home as well,
/// personal ones and those of rows included: no buyer bid on a first name, but another one is another person.
pub fn between(pinged: &Lead, posted: &Lead, at: Moment) -> Vec<String> {
    let (before, after) = (
        PingView::build(pinged, &ViewSpec::default(), at),
        PingView::build(posted, &ViewSpec::default(), at),
    );
    let (Ok(before), Ok(after)) = (before, after) else {
        // A leak stops the ping itself; a post that leaks where the ping did not is another lead.
        return vec!["contact data".to_owned()];
    };
    let mut names = Vec::new();
    compare(&pinged.lead_type.fields, &before, &after, "", &mut names);
    compare_kept_home(&pinged.lead_type.fields, (&pinged.row, &posted.row), None, "", &mut names);
    names
}

fn says_whether_present(rule: &PingRule) -> bool {
    matches!(rule, PingRule::Transform { transform, .. } if *transform == Transform::Present)
}

fn compare(set: &FieldSet, before: &PingView, after: &PingView, place: &str, names: &mut Vec<String>) {
    for (name, value) in before.entries() {
        let field = set.ping_position(name).map(|at| &set.fields[at]);
        if field.is_some_and(|field| says_whether_present(&field.ping)) {
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

/// `within` is the rule of the list that these rows stand in: what is in a list that is kept home is kept home too.
fn compare_kept_home(set: &FieldSet, (before, after): (&Row, &Row), within: Option<&PingRule>, place: &str, names: &mut Vec<String>) {
    let denied = |rule: &PingRule| matches!(rule, PingRule::Deny { .. });
    for (at, field) in set.fields.iter().enumerate() {
        // What was computed of the ping was not said in it: of the post it is made anew, of what the post says.
        let Some(said) = before.slot(at).filter(|_| field.group != Group::Derived) else {
            continue;
        };
        let rule = within.filter(|list| denied(list)).unwrap_or(&field.ping);
        match (said, after.slot(at), field.rows()) {
            (Slot::Open(Value::List(rows)), Some(Slot::Open(Value::List(later))), Some(set)) if rows.len() == later.len() => {
                for (index, pair) in rows.iter().zip(later).enumerate() {
                    compare_kept_home(set, pair, Some(rule), &format!("{place}{}[{index}].", field.name), names);
                }
            }
            (_, now, _) if denied(rule) && now != Some(said) => names.push(format!("{place}{}", field.name)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
