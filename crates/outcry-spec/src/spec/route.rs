//! `[contract.….route.SOURCE]`: what a contract has with one source.

use crate::spec::pacing::{self, Level};
use crate::spec::{duplicates, terms};
use crate::table::Table;
use crate::text::Text;
use crate::world::World;
use outcry_core::id::SourceName;
use outcry_core::lead_type::LeadType;
use outcry_core::price::Route;

/// Reads the routes of a contract, by the names of their sources. Their clock is the contract's.
pub(crate) fn read(
    world: &World<'_>,
    table: &Table<'_>,
    contract: &str,
    level: &Level<'_>,
    lead_types: &[&LeadType],
) -> Vec<(SourceName, Route)> {
    let Some(routes) = table.table("route") else { return Vec::new() };
    routes
        .tables_by_name("route", &table.what)
        .into_iter()
        .map(|(name, route)| {
            world.refers("source", &world.specs.sources, &Text::name(&name, route.spot));
            let level = Level {
                whose: format!("route/{name}/{contract}"),
                ..*level
            };
            let read = Route {
                rates: terms::rates(&route),
                handicap_bp: terms::handicap_bp(&route),
                pacing: pacing::read(&level, &route),
                paused: route.flag("paused"),
                duplicates: duplicates::read(&route, lead_types),
            };
            route.finish();
            (SourceName::new(name), read)
        })
        .collect()
}
