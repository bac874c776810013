//! An exchange around a table of buyers: one supplier, one campaign, one contract for each buyer.

use super::disk::Disk;
use super::floor::Floor;
use super::outbound::{MarketOutbound, Street};
use super::script::Script;
use super::time::{PausedClock, SeededChance};
use outcry_engine::engine::{Engine, Keys, Limits, Ports};
use outcry_engine::people::PeopleKey;
use outcry_engine::resolve::follow;
use outcry_engine::token::TokenKey;
use outcry_market::buyers::{IncomingRequest, Reply};
use outcry_market::leads::LeadMaker;
use outcry_spec::{Book, Secrets, SpecFile, compile_with};
use outcry_store::Memory;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

/// The key that digests of persons are made with.
pub(crate) static PEOPLE: PeopleKey = PeopleKey::new([9; 32]);

const INTEGRATIONS: [(&str, &str); 8] = [
    ("integrations/floor_check.toml", include_str!("floor_check.toml")),
    ("integrations/floor_json.toml", include_str!("floor_json.toml")),
    ("integrations/floor_direct.toml", include_str!("floor_direct.toml")),
    ("integrations/floor_steps.toml", include_str!("floor_steps.toml")),
    ("integrations/floor_completes.toml", include_str!("floor_completes.toml")),
    ("integrations/floor_calls.toml", include_str!("floor_calls.toml")),
    ("integrations/floor_once.toml", include_str!("floor_once.toml")),
    ("integrations/floor_legs.toml", include_str!("floor_legs.toml")),
];

/// An exchange that is not open yet.
#[derive(Clone)]
pub(crate) struct Exchange {
    script: Arc<Script>,
    lead_type: &'static str,
    campaign: String,
    tables: String,
    services: BTreeMap<&'static str, Service>,
    sources: BTreeMap<&'static str, String>,
    contracts: BTreeMap<&'static str, String>,
    limits: Limits,
    write: Duration,
    store: Arc<Memory>,
    clock: Arc<PausedClock>,
    boot: u64,
}

impl Exchange {
    /// Sells home services leads of the source `site` to the buyers of a table.
    pub(crate) fn of(table: &str) -> Self {
        Self {
            script: Arc::new(Script::of(table)),
            lead_type: "home_services",
            campaign: String::new(),
            tables: String::new(),
            services: BTreeMap::new(),
            sources: BTreeMap::from([("site", String::new())]),
            contracts: BTreeMap::new(),
            limits: Limits::default(),
            write: Duration::ZERO,
            store: Arc::default(),
            clock: Arc::new(PausedClock::start()),
            boot: 0,
        }
    }

    /// Sells leads of another type.
    pub(crate) fn sells(self, lead_type: &'static str) -> Self {
        Self { lead_type, ..self }
    }

    /// Further terms of the campaign, as spec files write them.
    pub(crate) fn campaign(mut self, terms: &str) -> Self {
        self.campaign.push_str(terms);
        self.campaign.push('\n');
        self
    }

    /// Tables of their own, as spec files write them.
    pub(crate) fn tables(mut self, tables: &str) -> Self {
        self.tables.push_str(tables);
        self.tables.push('\n');
        self
    }

    /// Somebody beside the buyers, at `https://HOST`.
    pub(crate) fn service(mut self, host: &'static str, answer: impl Fn(&IncomingRequest) -> Reply + Send + Sync + 'static) -> Self {
        self.services.insert(host, Arc::new(answer));
        self
    }

    /// Further terms of a buyer's contract.
    pub(crate) fn contract(mut self, buyer: &'static str, terms: &str) -> Self {
        let own = self.contracts.entry(buyer).or_default();
        own.push_str(terms);
        own.push('\n');
        self
    }

    /// Further terms of the source `site`.
    pub(crate) fn source(self, terms: &str) -> Self {
        self.source_of("site", terms)
    }

    /// Further terms of a source, or a new source.
    pub(crate) fn source_of(mut self, source: &'static str, terms: &str) -> Self {
        let own = self.sources.entry(source).or_default();
        own.push_str(terms);
        own.push('\n');
        self
    }

    /// The engine's limits, changed.
    pub(crate) fn limits(mut self, change: impl FnOnce(&mut Limits)) -> Self {
        change(&mut self.limits);
        self
    }

    /// Each transaction takes so many milliseconds.
    pub(crate) fn disk_ms(self, ms: u64) -> Self {
        Self {
            write: Duration::from_millis(ms),
            ..self
        }
    }

    /// The same exchange at its next start, with what the store has kept.
    pub(crate) fn restarted(&self) -> Self {
        Self {
            boot: self.boot + 1,
            ..self.clone()
        }
    }

    /// The same at its next start, with an empty store.
    pub(crate) fn restarted_from_nothing(&self) -> Self {
        Self {
            store: Arc::default(),
            ..self.restarted()
        }
    }

    /// Opens the doors.
    pub(crate) async fn open(self) -> Floor {
        let outbound = Arc::new(MarketOutbound::to(Arc::new(Houses {
            services: self.services.clone(),
            buyers: self.script.clone(),
        })));
        let text = self.text();
        let book = compiled(&[&[("exchange.toml", text.as_str())], &INTEGRATIONS[..]].concat());
        let maker = maker(&book, self.lead_type, &self.script.names());
        let disk = Arc::new(Disk::of(self.store.clone(), self.write));
        let ports = Ports {
            store: disk.clone(),
            outbound: outbound.clone(),
            clock: self.clock.clone(),
            chance: Arc::new(SeededChance::of(self.boot)),
        };
        let keys = Keys {
            token: TokenKey::new([7; 32]),
            people: PEOPLE.clone(),
        };
        let (engine, recovery) = Engine::start(Arc::new(book), ports, keys, self.limits)
            .await
            .expect("an exchange that starts");
        engine.is_reached_at("https://exchange.example/");
        let followed = follow::resume(&engine).await.expect("a store that reads");
        Floor {
            followed,
            engine,
            outbound,
            script: self.script.clone(),
            disk,
            maker,
            recovery,
            exchange: self,
        }
    }

    fn text(&self) -> String {
        let mut text = format!(
            "[supplier.northwind]\nlabel = 'Northwind Media'\n\n[campaign.home]\nlead_type = '{}'\n{}{}\n",
            self.lead_type,
            if self.campaign.contains("payout") { "" } else { "payout = '80%'\n" },
            self.campaign
        );
        text.push_str(&self.tables);
        for (name, terms) in &self.sources {
            write!(
                text,
                "[source.{name}]\nsupplier = 'northwind'\ncampaign = 'home'\nkeys = ['secret:{name}_key']\n{terms}\n"
            )
            .expect("a String takes any text");
        }
        for name in self.script.names() {
            let terms = self.contracts.get(name.as_str()).map_or("", String::as_str);
            let integration = if terms.contains("integration") {
                ""
            } else {
                "integration = 'floor_json'\n"
            };
            write!(
                text,
                "[buyer.{name}]\nlabel = '{}'\n\n[contract.{name}]\nbuyer = '{name}'\ncampaign = 'home'\n\
                 params = {{ base_url = 'https://{name}.example' }}\n{integration}{terms}\n",
                label(&name)
            )
            .expect("a String takes any text");
        }
        text
    }
}

type Service = Arc<dyn Fn(&IncomingRequest) -> Reply + Send + Sync>;

/// Services at their hosts, and the buyers everywhere else.
struct Houses {
    services: BTreeMap<&'static str, Service>,
    buyers: Arc<Script>,
}

impl Street for Houses {
    fn answer(&self, host: &str, request: &IncomingRequest) -> Option<Reply> {
        match self.services.get(host) {
            Some(service) => Some(service(request)),
            None => self.buyers.answer(host, request),
        }
    }
}

/// The legal name of a buyer of the tables.
pub(crate) fn label(name: &str) -> String {
    format!("{}{} LLC", name[..1].to_uppercase(), &name[1..])
}

/// Whatever is asked for is there.
struct EverySecret;

impl Secrets for EverySecret {
    fn secret(&self, name: &str) -> Option<String> {
        // Of the form that signs webhooks: 24 bytes.
        let webhook = name.starts_with("webhook").then(|| format!("whsec_{}", "c2VjcmV0".repeat(4)));
        webhook.or_else(|| Some(format!("the value of {name}")))
    }
}

/// Compiles files, which must be without fault.
pub(crate) fn compiled(files: &[(&str, &str)]) -> Book {
    let file = |(path, text): &(&str, &str)| SpecFile {
        path: (*path).to_owned(),
        text: (*text).to_owned(),
    };
    let files: Vec<SpecFile> = files.iter().map(file).collect();
    let outcome = compile_with(&files, &EverySecret, &BTreeMap::new());
    outcome.book.unwrap_or_else(|| panic!("{:#?}", outcome.diagnostics))
}

/// Makes leads whose consent names these buyers.
fn maker(book: &Book, lead_type: &str, buyers: &[String]) -> LeadMaker {
    let lead_type = book.catalog.lead_types.values().find(|known| known.name.as_str() == lead_type);
    let sellers = buyers.iter().map(|name| label(name)).collect();
    LeadMaker::new(lead_type.expect("a lead type that exists").clone(), 1).with_sellers(sellers)
}
