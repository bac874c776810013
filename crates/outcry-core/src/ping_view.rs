//! The ping view: what a buyer may see before it has bought. Built from an allow-list and nothing else.
//!
//! A direct identifier cannot get in here by any configuration: a view is made from [`crate::lead::Row::open`],
//! which does not give out personal values, and its values have no variant that could hold one.

mod resolve;

use crate::field::{Field, Kind, PingRule, Transform};
use crate::lead::{Lead, Row};
use crate::lead_type::FieldSet;
use crate::leak::{Leak, scan};
use crate::moment::{Moment, Stamp};
use crate::value::{Decimal, Value};
use crate::view::{Datum, Rows, View};
use jiff::civil::Date;
pub use resolve::{NotOpened, ViewError};
use std::sync::Arc;

/// A value that may leave in a ping.
#[derive(Clone, Debug, PartialEq)]
pub enum PingValue {
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// An exact decimal.
    Decimal(Decimal),
    /// Text.
    Text(Arc<str>),
    /// A calendar date, where a contract has opened one.
    Date(Date),
    /// A moment, where a contract has opened one.
    Stamp(Stamp),
    /// Rows, each built by the rules of its own fields.
    List(Vec<PingView>),
}

/// Named values that may leave in a ping, in the order of the lead type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PingView {
    entries: Vec<(Arc<str>, PingValue)>,
}

/// Which fields a contract's ping carries, as positions in the lead type. Checked when the spec is loaded.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct ViewSpec {
    /// Positions of fields that go out though the lead type's default keeps them home. Never a hard-denied one.
    pub opened: Vec<usize>,
    /// If present, only these fields go out at all.
    pub only: Option<Vec<usize>>,
    /// The same for the rows of a list, by position of the list: for `drivers[].dob`.
    pub rows: Vec<(usize, ViewSpec)>,
}

impl PingView {
    /// A view of these values, in this order.
    pub fn from_entries(entries: Vec<(Arc<str>, PingValue)>) -> Self {
        Self { entries }
    }

    /// The values, in order.
    pub fn entries(&self) -> &[(Arc<str>, PingValue)] {
        &self.entries
    }
}

impl View for PingView {
    fn get(&self, name: &str) -> Option<Datum<'_>> {
        self.entries.iter().find(|(key, _)| &**key == name).map(|(_, value)| value.datum())
    }

    fn each(&self, visit: &mut dyn FnMut(&str, Datum<'_>)) {
        for (name, value) in &self.entries {
            visit(name, value.datum());
        }
    }
}

impl PingValue {
    fn datum(&self) -> Datum<'_> {
        match self {
            Self::Bool(yes) => Datum::Bool(*yes),
            Self::Int(number) => Datum::Int(*number),
            Self::Decimal(number) => Datum::Decimal(*number),
            Self::Text(text) => Datum::Text(text),
            Self::Date(date) => Datum::Date(*date),
            Self::Stamp(stamp) => Datum::Stamp(*stamp),
            Self::List(rows) => Datum::List(rows),
        }
    }
}

impl Rows for Vec<PingView> {
    fn len(&self) -> usize {
        self.len()
    }

    fn row(&self, index: usize) -> Option<&dyn View> {
        self.get(index).map(|row| row as &dyn View)
    }
}

impl PingView {
    /// What of a lead may leave to one contract at the moment `now`.
    ///
    /// Goes by the rule of each field: allowed as it is, made into something else, or kept home; rows of a list by the
    /// rules of their own fields. Where a rule names states and the person's state is not known, the field stays home. A
    /// field that the contract has opened goes out as it is, beside what its transform makes of it (in its place, where
    /// both have one name). What no configuration may open does not go out even if `spec` names it.
    ///
    /// # Errors
    /// [`Leak`] for the first text that looks like contact data; nothing may be sent then.
    pub fn build(lead: &Lead, spec: &ViewSpec, now: Moment) -> Result<Self, Leak> {
        Maker { state: lead.state(), now }.view(&lead.lead_type.fields, &lead.row, spec)
    }
}

/// What the rules of one ping depend on besides the lead.
struct Maker<'a> {
    state: Option<&'a str>,
    now: Moment,
}

/// No spec for the rows of a list: the rules of their fields and nothing else.
static BY_THE_RULES: ViewSpec = ViewSpec {
    opened: Vec::new(),
    only: None,
    rows: Vec::new(),
};

impl Maker<'_> {
    fn view(&self, set: &FieldSet, row: &Row, spec: &ViewSpec) -> Result<PingView, Leak> {
        let mut entries = Vec::with_capacity(set.fields.len());
        for (at, field) in set.fields.iter().enumerate() {
            if spec.only.as_ref().is_some_and(|only| !only.contains(&at)) {
                continue;
            }
            let opened = spec.opened.contains(&at);
            let raw_goes = match &field.ping {
                PingRule::Allow { except_states } => opened || self.may_leave(except_states),
                PingRule::Transform { .. } => opened,
                PingRule::Deny { hard } => opened && !hard,
            };
            if let PingRule::Transform {
                transform,
                name,
                except_states,
            } = &field.ping
                && self.may_leave(except_states)
                && !(raw_goes && *name == field.name && row.open(at).is_some())
                && let Some(output) = self.output(transform, row, at)
            {
                check(name, &output, transform.echoes_text())?;
                entries.push((name.clone(), output));
            }
            if raw_goes && let Some(value) = row.open(at) {
                entries.push((field.name.clone(), self.raw(field, value, spec.row_spec(at))?));
            }
        }
        Ok(PingView { entries })
    }

    /// With an unknown state, a field that some state keeps home stays home.
    fn may_leave(&self, except_states: &[Arc<str>]) -> bool {
        except_states.is_empty() || self.state.is_some_and(|state| !except_states.iter().any(|one| &**one == state))
    }

    /// From the value itself, or else what the source sent in its place.
    fn output(&self, transform: &Transform, row: &Row, at: usize) -> Option<PingValue> {
        match (row.open(at), row.given(at)) {
            (None, Some(given)) => transform.regive(given),
            (value, _) => transform.apply(value, self.now),
        }
    }

    fn raw(&self, field: &Field, value: &Value, spec: &ViewSpec) -> Result<PingValue, Leak> {
        let value = match (value, &field.kind) {
            (Value::List(items), Kind::List(set)) => {
                let rows = items.iter().enumerate().map(|(index, item)| {
                    self.view(set, item, spec).map_err(|leak| Leak {
                        field: format!("{}[{index}].{}", field.name, leak.field),
                        ..leak
                    })
                });
                return rows.collect::<Result<_, _>>().map(PingValue::List);
            }
            (Value::List(_), _) => PingValue::List(Vec::new()),
            (Value::Bool(yes), _) => PingValue::Bool(*yes),
            (Value::Int(number), _) => PingValue::Int(*number),
            (Value::Decimal(number), _) => PingValue::Decimal(*number),
            (Value::Text(text), _) => PingValue::Text(Arc::from(&**text)),
            (Value::Date(date), _) => PingValue::Date(*date),
            (Value::Stamp(stamp), _) => PingValue::Stamp(*stamp),
        };
        check(&field.name, &value, true)?;
        Ok(value)
    }
}

/// No lead is worth two thousand million, but a phone number in a number field looks like that.
const SUSPICIOUS_NUMBER: i64 = 2_000_000_000;

fn check(name: &str, value: &PingValue, echoes_text: bool) -> Result<(), Leak> {
    let looks = match value {
        PingValue::Text(text) if echoes_text => scan(text),
        PingValue::Int(number) if *number >= SUSPICIOUS_NUMBER => scan(&number.to_string()),
        PingValue::Decimal(number) if number.digits >= SUSPICIOUS_NUMBER => scan(&number.to_string()),
        _ => None,
    };
    looks.map_or(Ok(()), |looks| {
        Err(Leak {
            field: name.to_owned(),
            looks,
        })
    })
}

impl ViewSpec {
    fn row_spec(&self, list: usize) -> &Self {
        self.rows.iter().find(|(at, _)| *at == list).map_or(&BY_THE_RULES, |(_, spec)| spec)
    }
}
