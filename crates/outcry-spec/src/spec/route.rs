//! `[contract.….route.SOURCE]`: what a contract has with one source.

use crate::spec::terms;
use crate::table::Table;
use crate::text::Text;
use crate::world::World;
use outcry_core::id::SourceName;
use outcry_core::price::Route;

/// Reads the routes of a contract, by the names of their sources.
pub(crate) fn read(world: &World<'_>, table: &Table<'_>) -> Vec<(SourceName, Route)> {
    let Some(routes) = table.table("route") else { return Vec::new() };
    routes
        .tables_by_name("route", &table.what)
        .into_iter()
        .map(|(name, route)| {
            world.refers("source", &world.specs.sources, &Text::name(&name, route.spot));
            let read = Route {
                rates: terms::rates(&route),
                handicap_bp: terms::handicap_bp(&route),
                paused: route.flag("paused"),
            };
            route.finish();
            (SourceName::new(name), read)
        })
        .collect()
}
