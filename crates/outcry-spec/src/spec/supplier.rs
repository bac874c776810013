//! `[supplier.…]`: who sends leads and is paid.

use crate::spec::terms;
use crate::table::Table;
use outcry_core::catalog::Supplier;
use outcry_core::id::SupplierName;

/// Reads a supplier.
pub(crate) fn read(name: &str, table: &Table<'_>) -> Supplier {
    let label = table.text("label").map_or_else(|| name.into(), |label| label.value.into());
    // Counted where they count: with each of its sources.
    terms::rates(table);
    table.finish();
    Supplier {
        name: SupplierName::new(name),
        label,
    }
}
