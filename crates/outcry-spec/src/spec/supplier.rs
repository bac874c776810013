//! `[supplier.…]`: who sends leads and is paid.

use crate::spec::pacing::{self, Level};
use crate::spec::{cap, terms};
use crate::table::Table;
use crate::world::World;
use outcry_core::catalog::Supplier;
use outcry_core::id::SupplierName;
use outcry_core::lead_type::LeadType;
use outcry_core::pacing::Pacing;
use std::sync::Arc;

/// Reads a supplier.
pub(crate) fn read(world: &World<'_>, name: &str, table: &Table<'_>) -> Supplier {
    let label = table.text("label").map_or_else(|| name.into(), |label| label.value.into());
    // Counted where they count: with each of its sources.
    terms::rates(table);
    pacing(world, name, table, None);
    table.finish();
    Supplier {
        name: SupplierName::new(name),
        label,
    }
}

/// What a supplier keeps to, for a source that sends this lead type.
pub(crate) fn pacing(world: &World<'_>, name: &str, table: &Table<'_>, lead_type: Option<&Arc<LeadType>>) -> Pacing {
    let level = Level {
        whose: format!("supplier/{name}"),
        lead_type,
        zone: &cap::zone(table),
        numbers: &world.numbers,
    };
    pacing::read(&level, table)
}
