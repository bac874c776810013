//! Computed fields: values made of others by a rule in the spec, for filters, prices, pings and integrations.

use super::same;
use crate::field::Transform;
use crate::filter::Filter;
use crate::lead::Lead;
use crate::moment::Moment;
use crate::ping_view::PingValue;
use crate::value::Value;

/// One computed field.
#[derive(Debug)]
pub struct Computed {
    /// Position of the field that holds it, behind those of the lead type.
    pub field: usize,
    /// How it is made.
    pub recipe: Recipe,
}

/// How a value is made.
#[derive(Debug)]
pub enum Recipe {
    /// Of another value, as for a ping.
    Transformed {
        /// Position of the other field.
        from: usize,
        /// What is made of it.
        transform: Transform,
    },
    /// Of another value, by a list of pairs.
    Mapped {
        /// Position of the other field.
        from: usize,
        /// The other value and this one. Texts compare without regard to case.
        pairs: Vec<(Value, Value)>,
        /// For every other value, and for none.
        otherwise: Option<Value>,
    },
    /// By the first condition that holds.
    Cases {
        /// In their order.
        cases: Vec<Case>,
        /// If none holds.
        otherwise: Option<Value>,
    },
}

/// One condition, and the value if it holds.
#[derive(Debug)]
pub struct Case {
    /// The condition.
    pub when: Filter,
    /// The value.
    pub value: Value,
}

impl Computed {
    /// The value for a lead. A lead that lacks what it is made of has none, unless the recipe says otherwise.
    pub(super) fn of(&self, lead: &Lead, now: Moment) -> Option<Value> {
        match &self.recipe {
            Recipe::Transformed { from, transform } => transform.apply(lead.row.open(*from), now).and_then(value_of),
            Recipe::Mapped { from, pairs, otherwise } => {
                let value = lead.row.open(*from);
                let pair = value.and_then(|value| pairs.iter().find(|(key, _)| same(key, value)));
                pair.map(|(_, made)| made.clone()).or_else(|| otherwise.clone())
            }
            Recipe::Cases { cases, otherwise } => {
                let case = cases.iter().find(|case| case.when.admits(lead, now).is_ok());
                case.map(|case| case.value.clone()).or_else(|| otherwise.clone())
            }
        }
    }
}

fn value_of(made: PingValue) -> Option<Value> {
    Some(match made {
        PingValue::Bool(yes) => Value::Bool(yes),
        PingValue::Int(number) => Value::Int(number),
        PingValue::Decimal(number) => Value::Decimal(number),
        PingValue::Text(text) => Value::Text((*text).into()),
        PingValue::Date(date) => Value::Date(date),
        PingValue::Stamp(stamp) => Value::Stamp(stamp),
        PingValue::List(_) => return None,
    })
}
