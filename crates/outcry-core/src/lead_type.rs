//! A lead type: the fields of a kind of lead, and what the law and the trade ask of it.

use crate::field::{Field, Kind, PingRule};
use crate::id::LeadTypeName;
use jiff::civil::Date;
use std::collections::HashMap;
use std::sync::Arc;

/// The fields of a kind of lead. Made once from a file, shared by everything.
#[derive(Debug)]
pub struct LeadType {
    /// Its name, unique in the catalog.
    pub name: LeadTypeName,
    /// For people.
    pub label: Arc<str>,
    /// Raised when a field is removed, renamed or changes its type.
    pub version: u32,
    /// When its facts were last checked.
    pub as_of: Date,
    /// What the law asks.
    pub compliance: Compliance,
    /// Each entry names the fields that together identify the same person: `["phone"]`, `["address_line1", "zip"]`.
    pub dedupe_keys: Vec<Vec<Arc<str>>>,
    /// Ping values that buyers filter and price on.
    pub routing_keys: Vec<Arc<str>>,
    /// The fields, in form order.
    pub fields: Arc<FieldSet>,
}

/// What a lead type demands of whoever trades it.
#[derive(Clone, Debug, PartialEq)]
pub struct Compliance {
    /// Which kind of consent: `tcpa_pewc`, `tcpa_pewc_and_cms_tpmo`.
    pub consent: Arc<str>,
    /// Must the consent name the buyer?
    pub seller_specific: SellerSpecific,
    /// If not empty, other ways of opting in are refused.
    pub opt_in_types_allowed: Vec<Arc<str>>,
    /// What licence a buyer must hold.
    pub buyer_licence_filter: Arc<str>,
    /// Does it carry consumer health data?
    pub health_data: bool,
    /// Is the operator probably a finder under the FTC Safeguards Rule?
    pub glba_finder: bool,
    /// How long to keep the consent evidence.
    pub retention_years: u32,
    /// What must not be collected or used for steering.
    pub prohibited_use_fields: Vec<Arc<str>>,
}

/// Must the consent name the very buyer that gets the lead?
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SellerSpecific {
    /// No: the disclosure text covers buyers it describes.
    No,
    /// Yes, everywhere.
    Always,
    /// In these states, when any health field is sent.
    InStates(Vec<Arc<str>>),
}

/// An ordered list of fields with a look-up by name, and the names that its ping can carry.
#[derive(Debug)]
pub struct FieldSet {
    /// The fields, in order.
    pub fields: Vec<Field>,
    by_name: HashMap<Arc<str>, usize>,
    by_ping_name: HashMap<Arc<str>, usize>,
}

impl FieldSet {
    /// Indexes the fields. Of two fields with one name the later is unreachable; spec files are checked for that.
    pub fn new(fields: Vec<Field>) -> Self {
        let by_name = fields.iter().enumerate().map(|(at, field)| (field.name.clone(), at)).collect();
        let by_ping_name = fields
            .iter()
            .enumerate()
            .map(|(at, field)| (field.ping_name().clone(), at))
            .collect();
        Self {
            fields,
            by_name,
            by_ping_name,
        }
    }

    /// Position of a field.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// Position of the field whose ping goes by this name: `age_bracket` finds `dob`.
    pub fn ping_position(&self, name: &str) -> Option<usize> {
        self.by_ping_name.get(name).copied()
    }

    /// A field by name.
    pub fn get(&self, name: &str) -> Option<&Field> {
        self.position(name).map(|at| &self.fields[at])
    }
}

impl Field {
    /// The name this field goes by in a ping: its own, or that of its transform.
    pub fn ping_name(&self) -> &Arc<str> {
        match &self.ping {
            PingRule::Transform { name, .. } => name,
            PingRule::Allow { .. } | PingRule::Deny { .. } => &self.name,
        }
    }

    /// The fields of each row, for a list.
    pub fn rows(&self) -> Option<&Arc<FieldSet>> {
        match &self.kind {
            Kind::List(set) => Some(set),
            _ => None,
        }
    }
}
