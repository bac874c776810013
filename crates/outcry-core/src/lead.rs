//! A checked lead: every value typed, in its normal form, and personal values locked away.

use crate::field::{Field, Group, Privacy};
use crate::id::{SourceName, SupplierName};
use crate::lead_type::{FieldSet, LeadType};
use crate::leak;
use crate::pii::Pii;
use crate::raw::Raw;
use crate::value::Value;
use std::sync::Arc;

/// A lead that passed validation for its stage.
#[derive(Clone, Debug)]
pub struct Lead {
    /// Its type.
    pub lead_type: Arc<LeadType>,
    /// Its values.
    pub row: Row,
    /// Who sent it.
    pub origin: Origin,
}

/// Most sub-ids that a lead carries.
pub const SUB_IDS: usize = 5;

/// `sub1` to `sub5`, as far as the source sent them.
pub type SubIds = [Option<Arc<str>>; SUB_IDS];

/// Who sent a lead, and by what marks of its own the source tells its traffic apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The source; empty where it is not known.
    pub source: SourceName,
    /// Whose source it is.
    pub supplier: SupplierName,
    /// `sub1` to `sub5`.
    pub sub_ids: SubIds,
}

impl Default for Origin {
    /// Of a lead that nobody has sent yet.
    fn default() -> Self {
        Self {
            source: SourceName::new(""),
            supplier: SupplierName::new(""),
            sub_ids: Default::default(),
        }
    }
}

impl Origin {
    /// A sub-id, counted from 0.
    pub fn sub_id(&self, at: usize) -> Option<&str> {
        self.sub_ids.get(at)?.as_deref()
    }
}

/// Values in the order of a [`FieldSet`]; `None` where the lead has none.
///
/// Beside them stand the ping outputs that a source sent in place of the raw field (`age_bracket` for `dob`):
/// such a lead can be pinged, and the raw field follows in the post.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    slots: Box<[Option<Slot>]>,
    given: Vec<(usize, Value)>,
}

/// One value: open, or personal.
#[derive(Clone, Debug, PartialEq)]
pub enum Slot {
    /// May be shown and, if the lead type allows, pinged.
    Open(Value),
    /// Identifies the person directly.
    Personal(Pii<Value>),
}

impl Slot {
    /// Locks the value away if its field is a direct identifier.
    pub fn for_privacy(privacy: Privacy, value: Value) -> Self {
        match privacy {
            Privacy::DirectIdentifier => Self::Personal(Pii::new(value)),
            Privacy::QuasiIdentifier | Privacy::Sensitive | Privacy::None => Self::Open(value),
        }
    }
}

impl Row {
    /// A row without values.
    pub fn empty(set: &FieldSet) -> Self {
        Self {
            slots: vec![None; set.fields.len()].into(),
            given: Vec::new(),
        }
    }

    /// Puts a value in place.
    pub fn set(&mut self, at: usize, slot: Option<Slot>) {
        self.slots[at] = slot;
    }

    /// Notes the ping output that stands in for the field at a position.
    pub fn give(&mut self, at: usize, output: Value) {
        self.given.retain(|(taken, _)| *taken != at);
        self.given.push((at, output));
    }

    /// The ping output the source sent in place of the field at a position.
    pub fn given(&self, at: usize) -> Option<&Value> {
        self.given.iter().find(|(taken, _)| *taken == at).map(|(_, output)| output)
    }

    /// The value at a position, personal or not.
    pub fn slot(&self, at: usize) -> Option<&Slot> {
        self.slots.get(at).and_then(Option::as_ref)
    }

    /// The value at a position if it is not a personal one.
    pub fn open(&self, at: usize) -> Option<&Value> {
        match self.slot(at) {
            Some(Slot::Open(value)) => Some(value),
            Some(Slot::Personal(_)) | None => None,
        }
    }

    fn to_raw(&self, set: &FieldSet) -> Raw {
        // What was made here is made again.
        let inbound = set.fields.iter().enumerate().filter(|(_, field)| field.group != Group::Derived);
        let members = inbound.filter_map(|(at, field)| {
            let own = |value| Some(((*field.name).into(), raw_of(value, field)));
            match self.slot(at) {
                Some(Slot::Open(value)) => own(value),
                Some(Slot::Personal(value)) => own(value.reveal()),
                None => self.given(at).map(|output| ((**field.ping_name()).into(), raw_of(output, field))),
            }
        });
        Raw::Object(members.collect())
    }
}

fn raw_of(value: &Value, field: &Field) -> Raw {
    match value {
        Value::Bool(yes) => Raw::Bool(*yes),
        Value::Int(number) => Raw::Number(number.to_string().into()),
        Value::Decimal(number) => Raw::Number(number.to_string().into()),
        Value::Text(text) => Raw::Text(text.clone()),
        Value::Date(date) => Raw::Text(date.to_string().into()),
        Value::Stamp(stamp) => Raw::Text(stamp.to_string().into()),
        Value::List(rows) => Raw::List(
            rows.iter()
                .map(|row| field.rows().map_or(Raw::Null, |set| row.to_raw(set)))
                .collect(),
        ),
    }
}

impl Lead {
    /// The same lead, of a sender. Where the lead type has a field `sub_id`, that is the first of its sub-ids, unless it
    /// looks like contact data: a mark is kept in the clear.
    #[must_use]
    pub fn sent_by(self, origin: Origin) -> Self {
        let mut origin = origin;
        if let Some(own) = self.open_text("sub_id").filter(|own| leak::scan(own).is_none()) {
            origin.sub_ids[0] = Some(own.into());
        }
        Self { origin, ..self }
    }

    /// A value by field name, unless it is a personal one.
    pub fn open(&self, name: &str) -> Option<&Value> {
        self.row.open(self.lead_type.fields.position(name)?)
    }

    /// A text by field name, unless it is a personal one.
    pub fn open_text(&self, name: &str) -> Option<&str> {
        match self.open(name)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A personal value by field name. Callers answer for where it goes next.
    pub fn personal(&self, name: &str) -> Option<&Pii<Value>> {
        match self.row.slot(self.lead_type.fields.position(name)?)? {
            Slot::Personal(value) => Some(value),
            Slot::Open(_) => None,
        }
    }

    /// Every value in its normal form, **personal ones in the clear**. Only the store may call this, to seal
    /// what it returns; reading that back through [`crate::validate::validate`] at the same stage gives an equal row.
    pub fn to_raw(&self) -> Raw {
        self.row.to_raw(&self.lead_type.fields)
    }

    /// The two-letter state of the person, if known.
    pub fn state(&self) -> Option<&str> {
        self.open_text("state")
    }
}
