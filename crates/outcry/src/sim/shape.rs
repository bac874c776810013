//! The exchanges of the simulator: spec files made from a number, in three versions each, compiled once and used by many seeds.

use anyhow::{Context, Result, bail};
use outcry_core::lead_type::LeadType;
use outcry_engine::people::PeopleKey;
use outcry_market::buyers::{Appetite, BidCurve, Dialect, Pricing, Profile, Temperament};
use outcry_market::chance::{Chance, Share};
use outcry_market::leads::LeadMaker;
use outcry_spec::{Book, SpecFile, compile};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};
pub(crate) use tongue::Tongue;

/// So many different exchanges.
pub(crate) const SHAPES: u64 = 24;
/// Spec files that an operator goes through.
pub(crate) const VERSIONS: usize = 3;
/// Where postbacks arrive.
pub(crate) const MAILBOX: &str = "northwind.example";
/// The list of those whom nobody may sell.
pub(crate) const LIST: &str = "stop";
/// What digests of persons are made with.
pub(crate) static PEOPLE: PeopleKey = PeopleKey::new([9; 32]);

mod tongue;

const LEAD_TYPE: &str = include_str!("lead_type.json");
/// Sources of leads that one buyer may have, and of those that several may share.
pub(crate) const SOURCES: [&str; 3] = ["solo", "solo_two", "shared"];

/// One exchange and who is around it.
pub(crate) struct Shape {
    pub(crate) profiles: Vec<Profile>,
    tongues: BTreeMap<String, Tongue>,
    pub(crate) books: Vec<Arc<Book>>,
    pub(crate) lead_type: Arc<LeadType>,
}

impl Shape {
    /// The exchange of a number, compiled at the first call.
    ///
    /// # Errors
    /// If its spec files are not in order, which is a bug of the simulator.
    pub(crate) fn of(number: u64) -> Result<Arc<Self>> {
        static MADE: Mutex<BTreeMap<u64, Arc<Shape>>> = Mutex::new(BTreeMap::new());
        let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shape) = made.get(&number) {
            return Ok(shape.clone());
        }
        let shape = Arc::new(Self::make(number)?);
        made.insert(number, shape.clone());
        Ok(shape)
    }

    fn make(number: u64) -> Result<Self> {
        let profiles = profiles(number);
        let books: Result<Vec<Arc<Book>>> = (0..VERSIONS).map(|version| compiled(number, &profiles, version)).collect();
        let books = books?;
        let mut lead_types = books[0].catalog.lead_types.values();
        let lead_type = lead_types
            .find(|known| known.name.as_str() == "sim_quote")
            .context("the simulator's lead type is not there")?
            .clone();
        let tongue = |(at, profile): (usize, &Profile)| (profile.name.clone(), Tongue::of(number, at));
        Ok(Self {
            tongues: profiles.iter().enumerate().map(tongue).collect(),
            profiles,
            books,
            lead_type,
        })
    }

    /// How a buyer is heard from.
    pub(crate) fn tongue(&self, buyer: &str) -> Tongue {
        self.tongues.get(buyer).copied().unwrap_or(Tongue::Plain)
    }

    /// Will the end of every post to this buyer be found out, if only somebody asks?
    pub(crate) fn is_certain(&self, buyer: &str) -> bool {
        let profile = self.profiles.iter().find(|profile| profile.name == buyer);
        profile.is_some_and(|profile| self.tongue(buyer).is_certain(profile.temperament))
    }

    /// Makes leads whose consent names all buyers, or every other one.
    pub(crate) fn maker(&self, seed: u64, all: bool) -> LeadMaker {
        let labels = self.profiles.iter().map(|profile| profile.label.clone());
        let sellers = labels.step_by(if all { 1 } else { 2 }).collect();
        LeadMaker::new(self.lead_type.clone(), seed).with_sellers(sellers)
    }
}

fn profiles(number: u64) -> Vec<Profile> {
    let mut chance = Chance::of(&[number, 0x5A]);
    // Few buyers in most exchanges: a crowd costs time, and a fight needs but two.
    let count = [2, 2, 3, 3, 4, 5, 6, 8, 12, 20][chance.index(10)];
    let tempers = [
        Temperament::QuickAndLow,
        Temperament::Steady,
        Temperament::Steady,
        Temperament::SlowAndHigh,
        Temperament::RejectsAtPost(Share::percent(50)),
        Temperament::RejectsAtPost(Share::percent(20)),
        Temperament::LowersAtPost,
        Temperament::RaisesAtPost,
        Temperament::Broken,
        Temperament::Late,
        Temperament::Dead,
    ];
    (0..count)
        .map(|at| Profile {
            name: format!("b{at}"),
            label: format!("Buyer {at} LLC"),
            dialect: Dialect::OutcryJson,
            temperament: if at == 0 {
                Temperament::Steady
            } else {
                tempers[chance.index(tempers.len())]
            },
            buys: vec![Appetite {
                lead_type: "sim_quote".to_owned(),
                price: Pricing::Bids(BidCurve {
                    min_cents: 500,
                    max_cents: 2_500,
                }),
                buyers_max: 1,
            }],
        })
        .collect()
}

fn compiled(number: u64, profiles: &[Profile], version: usize) -> Result<Arc<Book>> {
    let file = |path: &str, text: String| SpecFile {
        path: path.to_owned(),
        text,
    };
    let own = [
        file("exchange.toml", text(number, profiles, version)),
        file("sim_quote.json", LEAD_TYPE.to_owned()),
    ];
    let files: Vec<SpecFile> = own.into_iter().chain(Tongue::files()).collect();
    let secrets: BTreeMap<String, String> = SOURCES
        .iter()
        .map(|name| (format!("{name}_key"), format!("value of {name}")))
        .collect();
    let outcome = compile(&files, &secrets);
    match outcome.book {
        Some(book) => Ok(Arc::new(book)),
        None => bail!("the simulator's spec files are wrong: {:#?}", outcome.diagnostics),
    }
}

fn text(number: u64, profiles: &[Profile], version: usize) -> String {
    let mut chance = Chance::of(&[number, 0x7E]);
    let mut text = format!("[supplier.northwind]\nlabel = 'Northwind'\n[list.{LIST}]\nentries = 'phone'\nlive = true\neverywhere = true\n");
    let duplicates = if chance.happens(Share::percent(60)) {
        "duplicate_days = 30\n"
    } else {
        ""
    };
    for (campaign, sales_max) in [("solo", 1), ("shared", 2 + chance.below(2))] {
        let _ = write!(
            text,
            "[campaign.{campaign}]\nlead_type = 'sim_quote'\npayout = '80%'\nsales_max = {sales_max}\n{duplicates}"
        );
    }
    for source in SOURCES {
        let campaign = if source == "shared" { "shared" } else { "solo" };
        let _ = write!(
            text,
            "[source.{source}]\nsupplier = 'northwind'\ncampaign = '{campaign}'\nkeys = ['secret:{source}_key']\n\
             postback = 'https://{MAILBOX}/{{lead_id}}/{{status}}/{{payout}}'\n"
        );
    }
    for (at, profile) in profiles.iter().enumerate() {
        let tongue = Tongue::of(number, at);
        let (name, label) = (&profile.name, &profile.label);
        let _ = write!(text, "[buyer.{name}]\nlabel = '{label}'\n");
        for campaign in ["solo", "shared"] {
            contract(&mut text, &mut chance, (name, tongue, campaign), version);
        }
    }
    text
}

/// One contract. What differs between versions is drawn from a stream of its own, so that the rest stays as it was.
fn contract(text: &mut String, chance: &mut Chance, (buyer, tongue, campaign): (&str, Tongue, &str), version: usize) {
    let mut drift = Chance::of(&[chance.bits(), version as u64]);
    let mut caps = Vec::new();
    for (count, per, most) in [("sales", "day", 9), ("posts", "hour", 12), ("price", "total", 90)] {
        if chance.happens(Share::percent(35)) {
            let limit = drift.between(1, most);
            let limit = if count == "price" {
                format!("'{limit}.50'")
            } else {
                limit.to_string()
            };
            caps.push(format!("{{ count = '{count}', per = '{per}', limit = {limit} }}"));
        }
    }
    if chance.happens(Share::percent(20)) {
        let limit = drift.between(1, 3);
        caps.push(format!(
            "{{ count = 'sales', per = 'minute', limit = {limit}, full = 'hold', hold_minutes = 3 }}"
        ));
    }
    let paused = version > 0 && drift.happens(Share::percent(10));
    let duplicates = if chance.happens(Share::percent(30)) {
        "duplicate_days = 7\n"
    } else {
        ""
    };
    let integration = tongue.integration();
    let _ = write!(
        text,
        "[contract.{buyer}_{campaign}]\nbuyer = '{buyer}'\ncampaign = '{campaign}'\nintegration = '{integration}'\n\
         params = {{ base_url = 'https://{buyer}.example/b/{buyer}' }}\ncaps = [{}]\npaused = {paused}\n{duplicates}",
        caps.join(", ")
    );
}
