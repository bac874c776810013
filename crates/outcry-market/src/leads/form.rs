//! A form: what the fields of a lead type, or of the rows of one of its lists, become for whoever fills it in.

use super::recipe::Recipe;
use crate::chance::Share;
use outcry_core::field::{AppliesIf, Field};
use outcry_core::lead_type::FieldSet;
use outcry_core::raw::Raw;
use outcry_core::value::Value;

/// One field of a form that somebody fills in.
pub(crate) struct Line {
    pub(crate) name: Box<str>,
    pub(crate) recipe: Recipe,
    /// How often it is filled in, where it applies.
    pub(crate) present: Share,
    /// The line it depends on, and the answers that call for it.
    pub(crate) applies_if: Option<(usize, Vec<Raw>)>,
}

/// A form: its lines as the lead type orders them, and the order in which they can be filled in.
pub(crate) struct Form {
    pub(crate) lines: Vec<Line>,
    pub(crate) order: Vec<usize>,
}

impl Form {
    /// The form of a lead type, or of the rows of one of its lists.
    pub(crate) fn of(set: &FieldSet, lead_type: &str) -> Self {
        let lines = set.fields.iter().map(|field| line(field, set, lead_type)).collect::<Vec<_>>();
        let mut order: Vec<usize> = Vec::with_capacity(lines.len());
        // what others depend on comes first; conditions that run in a circle are never met and never filled in
        while let Some(next) = (0..lines.len()).find(|at| {
            let ready = lines[*at].applies_if.as_ref().is_none_or(|(other, _)| order.contains(other));
            ready && !order.contains(at)
        }) {
            order.push(next);
        }
        Self { lines, order }
    }
}

fn line(field: &Field, set: &FieldSet, lead_type: &str) -> Line {
    let asked_by_others = set
        .fields
        .iter()
        .any(|other| other.applies_if.as_ref().is_some_and(|condition| condition.field == field.name));
    let recipe = Recipe::of(field, set, lead_type);
    let present = match (&recipe, field.required.post || asked_by_others) {
        (None, _) => Share::NEVER,
        (Some(_), true) => Share::ALWAYS,
        (Some(Recipe::SecondPhone | Recipe::Unit), false) => Share::percent(15),
        (Some(Recipe::List { .. }), false) => Share::percent(35),
        (Some(_), false) => Share::percent(80),
    };
    let applies_if = field
        .applies_if
        .as_ref()
        .map(|condition| (set.position(&condition.field).unwrap_or(usize::MAX), answers(condition)));
    Line {
        name: (*field.name).into(),
        recipe: recipe.unwrap_or(Recipe::Yes(Share::NEVER)),
        present,
        applies_if,
    }
}

/// The answers that call for a field, in the shape the maker gives them.
fn answers(condition: &AppliesIf) -> Vec<Raw> {
    let answer = |value: &Value| match value {
        Value::Bool(yes) => Some(Raw::Bool(*yes)),
        Value::Int(number) => Some(Raw::Number(number.to_string().into())),
        Value::Decimal(number) => Some(Raw::Number(number.to_string().into())),
        Value::Text(text) => Some(Raw::Text(text.clone())),
        Value::Date(date) => Some(Raw::Text(date.to_string().into())),
        Value::Stamp(_) | Value::List(_) => None,
    };
    condition.any_of.iter().filter_map(answer).collect()
}
