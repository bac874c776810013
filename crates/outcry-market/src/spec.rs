//! The exchanges that come with Outcry as examples, with the addresses of a make-believe market put in: `examples/market`,
//! which the demo plays, and `examples/full`, which uses every rule of the trade.

mod full;
mod market;
#[cfg(test)]
mod tests;

pub use full::FULL;
pub use market::MARKET;

use crate::world::World;
use std::collections::BTreeMap;

/// An exchange of the examples, and everything that it takes to play it.
#[derive(Debug)]
pub struct Exchange {
    /// Its name: the folder in `examples`.
    pub name: &'static str,
    /// Path and text of each file but the one of addresses, as they lie in the folder.
    files: &'static [(&'static str, &'static str)],
    /// The file of variables: one address for each buyer and each service.
    addresses: &'static str,
    /// The feeds whose sources are played.
    pub sources: &'static [DemoSource],
    /// Services beside the buyers that it asks.
    pub services: &'static [&'static str],
    /// The lists that have a file, and the columns of it that make an entry if there are several.
    pub lists: &'static [DemoList],
    /// Secrets beside the keys of sources and buyers: a name and a value.
    secrets: &'static [(&'static str, &'static str)],
    world: fn(u64) -> World,
}

/// A feed of an exchange, for whoever plays its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemoSource {
    /// Its name in `sources.toml`, and that of the secret its key is kept under.
    pub name: &'static str,
    /// The lead type of its campaign.
    pub lead_type: &'static str,
    /// The key it presents.
    pub key: &'static str,
}

/// The file of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemoList {
    /// The list.
    pub name: &'static str,
    /// Its entries, one a line; parts of an entry that a comma divides belong together.
    pub entries: &'static str,
}

const fn source(name: &'static str, lead_type: &'static str, key: &'static str) -> DemoSource {
    DemoSource { name, lead_type, key }
}

impl Exchange {
    /// All of them.
    pub const ALL: [&'static Self; 2] = [&MARKET, &FULL];

    /// The buyers of this exchange, from a seed.
    pub fn world(&self, seed: u64) -> World {
        (self.world)(seed)
    }

    /// Path and text of every spec file.
    ///
    /// `address` says where a buyer or a service listens, by its name and without a slash at the end; what follows there is
    /// `/<lead type>/ping` or the like. A buyer that is [`crate::buyers::Temperament::Dead`] wants an address at which nobody
    /// listens. [`World::answer`] expects paths that begin with `/b/<name>`, [`crate::vendors::Desk::answer`] with `/v/<name>`.
    pub fn spec(&self, world: &World, address: &dyn Fn(&str) -> String) -> Vec<(String, String)> {
        let buyers = world.buyers.iter().map(|buyer| buyer.profile().name.as_str());
        let lines = buyers
            .chain(self.services.iter().copied())
            .map(|name| format!("{name} = {}\n", serde_json::Value::from(address(name))));
        let head = "# Where the simulated buyers of this run listen.\n\n[variables]\n".to_owned();
        let addresses = lines.fold(head, |text, line| text + &line);
        let files = self.files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
        files.chain([(self.addresses.to_owned(), addresses)]).collect()
    }

    /// The secrets that its files name: keys of sources, our keys at the buyers, and what else there is.
    pub fn secrets(&self, world: &World) -> BTreeMap<String, String> {
        let sources = self.sources.iter().map(|source| (source.name.to_owned(), source.key.to_owned()));
        let names = world.buyers.iter().map(|buyer| &buyer.profile().name);
        let others = self.secrets.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        sources
            .chain(names.map(|name| (format!("{name}_key"), format!("demo-key-{}", name.replace('_', "-")))))
            .chain(others)
            .collect()
    }
}
