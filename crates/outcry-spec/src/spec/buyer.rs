//! `[buyer.…]`: who buys leads.

use crate::spec::terms;
use crate::table::Table;
use outcry_core::catalog::Buyer;
use outcry_core::id::BuyerName;

/// Reads a buyer. The label is asked for, because consent is given to a legal name and not to ours.
pub(crate) fn read(name: &str, table: &Table<'_>) -> Buyer {
    let label = table
        .need_text("label", "\"Acme Insurance LLC\"")
        .map_or_else(|| name.into(), |label| label.value.into());
    // Counted where they count: with each of its contracts.
    terms::rates(table);
    table.finish();
    Buyer {
        name: BuyerName::new(name),
        label,
    }
}
