//! `[buyer.…]`: who buys leads.

use crate::spec::pacing::{self, Level};
use crate::spec::{cap, source, terms};
use crate::table::Table;
use crate::world::World;
use outcry_core::catalog::Buyer;
use outcry_core::door_key::Holder;
use outcry_core::id::BuyerName;

/// Reads a buyer. The label is asked for, because consent is given to a legal name and not to ours. Keys are only for
/// buyers that fetch from an inbox.
pub(crate) fn read(world: &World<'_>, name: &str, table: &Table<'_>) -> Buyer {
    let label = table
        .need_text("label", "\"Acme Insurance LLC\"")
        .map_or_else(|| name.into(), |label| label.value.into());
    // Counted where they count: with each of its contracts.
    terms::rates(table);
    let level = Level {
        whose: format!("buyer/{name}"),
        lead_type: None,
        zone: &cap::zone(table),
        numbers: &world.numbers,
    };
    pacing::read(&level, table);
    let keys = source::keys_of(table, Holder::Buyer);
    let erasure_url = source::filled_address(table, "erasure", &["lead_id", "attempt_id"]);
    table.finish();
    Buyer {
        name: BuyerName::new(name),
        label,
        erasure_url: erasure_url.map(|url| url.value.into()),
        key_digests: keys.digests,
        issued_keys: keys.issued,
    }
}
