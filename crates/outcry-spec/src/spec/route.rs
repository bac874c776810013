//! `[contract.….route.SOURCE]`: what a contract has with one source.

use crate::spec::pacing::{self, Level};
use crate::spec::terms;
use crate::table::Table;
use crate::text::Text;
use crate::world::World;
use outcry_core::id::SourceName;
use outcry_core::price::Route;

/// Reads the routes of a contract, by the names of their sources. Their clock is the contract's.
pub(crate) fn read(world: &World<'_>, table: &Table<'_>, contract: &str, level: &Level<'_>) -> Vec<(SourceName, Route)> {
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
            };
            route.finish();
            (SourceName::new(name), read)
        })
        .collect()
}
