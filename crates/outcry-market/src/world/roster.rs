//! Who buys in the demo exchange. Names, labels and what each buys are the same in `examples/market/buyers.toml` and
//! `examples/market/campaigns`; a test holds the two against each other.

use crate::buyers::{Appetite, BidCurve, Dialect, Pricing, Profile, Temperament};
use crate::chance::Share;
use Dialect::{BoberdooForm as Boberdoo, LeadProsperJson as Prosper, OutcryJson as Outcry, SimpleForm as Form};
use Temperament::{Broken, Choosy, Dead, Late, LowersAtPost, QuickAndLow, RaisesAtPost, Silent, SlowAndHigh, Steady};

/// What leads of a type are worth on this market, in cents.
fn going_rate(lead_type: &str) -> BidCurve {
    let (min_cents, max_cents) = match lead_type {
        "auto_insurance" => (600, 2_400),
        "home_insurance" => (500, 1_800),
        "health_insurance" => (800, 3_000),
        "life_insurance" => (1_200, 4_000),
        "medicare" => (1_500, 5_000),
        "mortgage" => (2_000, 8_000),
        "personal_loan" => (300, 1_500),
        "debt_relief" => (2_000, 7_500),
        "legal_mva" => (8_000, 30_000),
        "legal_mass_tort" => (10_000, 35_000),
        "solar" => (2_500, 9_000),
        _ => (1_500, 6_500),
    };
    BidCurve { min_cents, max_cents }
}

/// One buyer that bids: name, label, dialect, temperament and what it buys.
struct Bidder(&'static str, &'static str, Dialect, Temperament, &'static [&'static str]);

/// One buyer at agreed prices: what it buys and for how many cents, a little below the going rate.
struct Stander(&'static str, &'static str, Dialect, &'static [(&'static str, i64)]);

impl From<&Bidder> for Profile {
    fn from(Bidder(name, label, dialect, temperament, lead_types): &Bidder) -> Self {
        let appetite = |lead_type: &&str| Appetite {
            lead_type: (*lead_type).to_owned(),
            price: Pricing::Bids(going_rate(lead_type)),
            buyers_max: 1,
        };
        let buys = lead_types.iter().map(appetite).collect();
        Self {
            name: (*name).to_owned(),
            label: (*label).to_owned(),
            dialect: *dialect,
            temperament: *temperament,
            buys,
        }
    }
}

impl From<&Stander> for Profile {
    fn from(Stander(name, label, dialect, prices): &Stander) -> Self {
        let appetite = |(lead_type, cents): &(&str, i64)| Appetite {
            lead_type: (*lead_type).to_owned(),
            price: Pricing::Standing(*cents),
            buyers_max: 1,
        };
        let buys = prices.iter().map(appetite).collect();
        Self {
            name: (*name).to_owned(),
            label: (*label).to_owned(),
            dialect: *dialect,
            temperament: Temperament::QuickAndLow,
            buys,
        }
    }
}

/// Every temperament and every dialect, and for each lead type at least three that really buy.
pub(super) fn demo() -> Vec<Profile> {
    BIDDERS
        .iter()
        .map(Profile::from)
        .chain(STANDERS.iter().map(Profile::from))
        .collect()
}

const OFTEN: Temperament = Temperament::RejectsAtPost(Share::percent(35));
const SELDOM: Temperament = Temperament::RejectsAtPost(Share::percent(10));

#[rustfmt::skip]
const BIDDERS: &[Bidder] = &[
    Bidder("acme_insurance", "Acme Insurance LLC", Outcry, Steady, &["auto_insurance", "home_insurance"]),
    Bidder("bluejay", "Bluejay Mutual", Form, QuickAndLow, &["auto_insurance", "home_insurance", "life_insurance"]),
    Bidder("cardinal_direct", "Cardinal Direct Inc.", Boberdoo, SlowAndHigh, &["auto_insurance", "home_insurance"]),
    Bidder("dunlin_leads", "Dunlin Lead Partners LLC", Prosper, OFTEN, &["auto_insurance", "health_insurance"]),
    Bidder("egret_health", "Egret Health Advisors LLC", Outcry, Steady, &["health_insurance", "medicare"]),
    Bidder("falcon_senior", "Falcon Senior Plans Inc.", Prosper, SlowAndHigh, &["medicare", "life_insurance"]),
    Bidder("goldfinch_life", "Goldfinch Life Agency LLC", Boberdoo, Steady, &["life_insurance", "health_insurance"]),
    Bidder("heron_home", "Heron Home Improvement LLC", Form, Choosy, &["home_services", "solar"]),
    Bidder("ibis_lending", "Ibis Lending Inc.", Outcry, QuickAndLow, &["mortgage", "personal_loan"]),
    Bidder("jacana_mortgage", "Jacana Mortgage Corp.", Boberdoo, Steady, &["mortgage"]),
    Bidder("kestrel_credit", "Kestrel Credit LLC", Prosper, Steady, &["personal_loan", "debt_relief", "mortgage"]),
    Bidder("lark_debt", "Lark Debt Solutions LLC", Form, SlowAndHigh, &["debt_relief", "personal_loan"]),
    Bidder("merlin_law", "Merlin Law Group PLLC", Outcry, Steady, &["legal_mva", "legal_mass_tort"]),
    Bidder("nuthatch_legal", "Nuthatch Legal LLC", Form, Choosy, &["legal_mva", "legal_mass_tort"]),
    Bidder("oriole_injury", "Oriole Injury Lawyers PC", Prosper, LowersAtPost, &["legal_mva"]),
    Bidder("plover_torts", "Plover Claims LLP", Boberdoo, RaisesAtPost, &["legal_mass_tort"]),
    Bidder("quail_solar", "Quail Solar Inc.", Outcry, Steady, &["solar", "home_services"]),
    Bidder("raven_roofing", "Raven Roofing and Sun LLC", Prosper, QuickAndLow, &["home_services", "solar"]),
    Bidder("sandpiper_power", "Sandpiper Power LLC", Boberdoo, Late, &["solar", "debt_relief"]),
    Bidder("tern_network", "Tern Network LLC", Form, Broken, &["auto_insurance", "mortgage", "debt_relief"]),
    Bidder("umbrellabird", "Umbrellabird Media Inc.", Outcry, Silent, &["auto_insurance", "medicare"]),
    Bidder("vireo_group", "Vireo Group LLC", Boberdoo, Dead, &["home_insurance", "personal_loan"]),
    Bidder("wren_exchange", "Wren Exchange LLC", Outcry, SELDOM, &[
        "auto_insurance", "debt_relief", "health_insurance", "home_insurance", "home_services", "legal_mass_tort",
        "legal_mva", "life_insurance", "medicare", "mortgage", "personal_loan", "solar",
    ]),
];

#[rustfmt::skip]
const STANDERS: &[Stander] = &[
    Stander("yellowhammer", "Yellowhammer Leads LLC", Form, &[("auto_insurance", 450), ("home_services", 1_200), ("personal_loan", 250)]),
];
