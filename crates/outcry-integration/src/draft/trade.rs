//! The fields that the trade knows: the lead types that came along, asked by name.

use super::names::{self, Meaning, plain};
use outcry_core::field::{Field, Privacy};
use outcry_core::lead_type::LeadType;
use std::sync::Arc;

/// Lead types, in the order they are asked.
pub(super) struct Trade<'a>(pub(super) &'a [Arc<LeadType>]);

/// Fields of every lead type that in a request mean something of the call.
const OF_THE_CALL: [&str; 2] = ["is_test", "source_id"];

impl<'a> Trade<'a> {
    /// A field by its own name.
    pub(super) fn field(&self, name: &str) -> Option<&'a Field> {
        self.0.iter().find_map(|lead_type| lead_type.fields.get(name))
    }

    /// A field whose name differs at most in case and underscores.
    pub(super) fn field_like(&self, name: &str) -> Option<&'a Field> {
        let name = plain(name.rsplit(['.', '[', ']']).find(|part| !part.is_empty()).unwrap_or(name));
        let mut fields = self.0.iter().flat_map(|lead_type| &lead_type.fields.fields);
        fields.find(|field| plain(&field.name) == name && !OF_THE_CALL.contains(&&*field.name))
    }

    /// A field of the rows of a list.
    pub(super) fn row_field(&self, list: &str, name: &str) -> Option<&'a Field> {
        let lists = self.0.iter().filter_map(|lead_type| lead_type.fields.get(list)?.rows());
        let mut fields = lists.flat_map(|rows| &rows.fields);
        fields.find(|field| plain(&field.name) == plain(name))
    }

    /// Does a field identify the person directly?
    pub(super) fn identifies(&self, name: &str) -> bool {
        self.field(name).is_some_and(|field| field.privacy == Privacy::DirectIdentifier)
    }

    /// What a name means in a request; a lead type's own name goes first.
    pub(super) fn meaning(&self, name: &str) -> Meaning {
        match names::meaning(name) {
            meaning @ (Meaning::Account | Meaning::Control | Meaning::Secret) if self.field_like(name).is_some() => {
                if matches!(meaning, Meaning::Secret) {
                    meaning
                } else {
                    Meaning::Unknown
                }
            }
            meaning => meaning,
        }
    }
}
