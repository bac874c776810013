//! Who buys in the exchange of every rule. Names and labels are the same in `examples/full/buyers.toml`, what each buys in
//! `examples/full/campaigns`; a test holds the two against each other.
//!
//! Buyers whose contract has a price list take what the post asks, since only the exchange knows which line of the list held.

use crate::buyers::{Appetite, BidCurve, Dialect, Pricing, Profile, Temperament};
use crate::chance::Share;
use Dialect::{BoberdooForm as Boberdoo, LeadProsperJson as Prosper, OutcryJson as Outcry, SimpleForm as Form};
use Pricing::{Alone, Asked, Bids, Standing};
use Temperament::{Broken, Choosy, LowersAtPost, QuickAndLow, RaisesAtPost, SlowAndHigh, Steady};

/// What leads of a type are worth, in cents, and the most buyers that its campaign sells one to.
const fn going_rate(lead_type: Type) -> (&'static str, BidCurve, u32) {
    match lead_type {
        Type::Auto => ("auto_insurance", curve(700, 2_400), 3),
        Type::Medicare => ("medicare", curve(1_500, 5_000), 1),
        Type::Mortgage => ("mortgage", curve(2_000, 7_500), 4),
        Type::Loan => ("personal_loan", curve(400, 1_600), 1),
        Type::Accident => ("legal_mva", curve(9_000, 30_000), 1),
        Type::Tort => ("legal_mass_tort", curve(12_000, 36_000), 1),
    }
}

const fn curve(min_cents: i64, max_cents: i64) -> BidCurve {
    BidCurve { min_cents, max_cents }
}

#[derive(Clone, Copy)]
enum Type {
    Auto,
    Medicare,
    Mortgage,
    Loan,
    Accident,
    Tort,
}
use Type::{Accident, Auto, Loan, Medicare, Mortgage, Tort};

/// A buyer, and what it buys at which price; nothing means bids at the going rate.
struct Entry(&'static str, &'static str, Dialect, Temperament, &'static [(Type, Option<Pricing>)]);

impl From<&Entry> for Profile {
    fn from(Entry(name, label, dialect, temperament, buys): &Entry) -> Self {
        let appetite = |(lead_type, price): &(Type, Option<Pricing>)| {
            let (lead_type, rate, buyers_max) = going_rate(*lead_type);
            Appetite {
                lead_type: lead_type.to_owned(),
                price: price.unwrap_or(Bids(rate)),
                buyers_max,
            }
        };
        Self {
            name: (*name).to_owned(),
            label: (*label).to_owned(),
            dialect: *dialect,
            temperament: *temperament,
            buys: buys.iter().map(appetite).collect(),
        }
    }
}

/// All of them.
pub(super) fn roster() -> Vec<Profile> {
    ENTRIES.iter().map(Profile::from).collect()
}

const THIRD: Temperament = Temperament::RejectsAtPost(Share::percent(33));
const HALF: Temperament = Temperament::RejectsAtPost(Share::percent(50));
const SELDOM: Temperament = Temperament::RejectsAtPost(Share::percent(10));

#[rustfmt::skip]
const ENTRIES: &[Entry] = &[
    Entry("meridian_mutual", "Meridian Mutual Insurance Company", Outcry, Steady, &[(Auto, Some(Alone(curve(1_200, 3_400))))]),
    Entry("crestline_agency", "Crestline Insurance Agency LLC", Form, Steady, &[(Auto, Some(Asked(curve(2_000, 4_000))))]),
    Entry("fairhaven_direct", "Fairhaven Direct Inc.", Boberdoo, SlowAndHigh, &[(Auto, None)]),
    Entry("quoteworks", "Quoteworks Network LLC", Prosper, THIRD, &[(Auto, None), (Mortgage, None), (Loan, None)]),
    Entry("redwood_agents", "Redwood Agents Group LLC", Outcry, Steady, &[(Auto, Some(Asked(curve(1_400, 3_000))))]),
    Entry("bluewater_brokers", "Bluewater Brokers Inc.", Form, QuickAndLow, &[(Auto, Some(Standing(350)))]),
    Entry("tallgrass_agency", "Tallgrass Agency LLC", Form, Steady, &[(Auto, Some(Standing(1_400)))]),
    Entry("statewide_shield", "Statewide Shield Insurance Services LLC", Outcry, Steady, &[(Auto, None)]),
    Entry("silverline_senior", "Silverline Senior Advisors Inc.", Outcry, Steady, &[(Medicare, None)]),
    Entry("evergreen_plans", "Evergreen Health Plans Inc.", Prosper, SlowAndHigh, &[(Medicare, None)]),
    Entry("harbor_health", "Harbor Health Benefits LLC", Outcry, Steady, &[(Medicare, None)]),
    Entry("plainview_benefits", "Plainview Benefits Group LLC", Boberdoo, Steady, &[(Medicare, None)]),
    Entry("lakeside_seniors", "Lakeside Senior Services LLC", Form, QuickAndLow, &[(Medicare, None)]),
    Entry("granite_home_loans", "Granite Home Loans Inc.", Outcry, Steady, &[(Mortgage, None)]),
    Entry("pioneer_mortgage", "Pioneer Mortgage Corp.", Boberdoo, Steady, &[(Mortgage, None)]),
    Entry("cascade_lending", "Cascade Lending LLC", Form, Steady, &[(Mortgage, Some(Asked(curve(4_000, 6_000))))]),
    Entry("homestead_union", "Homestead Federal Credit Union", Form, Steady, &[(Mortgage, Some(Standing(3_000)))]),
    Entry("patriot_loans", "Patriot Home Loans LLC", Prosper, Steady, &[(Mortgage, None)]),
    Entry("lumen_bank", "Lumen Bank, National Association", Form, Steady, &[(Mortgage, Some(Standing(7_000)))]),
    Entry("copperleaf_loans", "Copperleaf Loans LLC", Form, Steady, &[(Loan, Some(Asked(curve(900, 2_600))))]),
    Entry("oakridge_credit", "Oakridge Credit LLC", Outcry, Steady, &[(Loan, None)]),
    Entry("swiftway_lending", "Swiftway Lending Inc.", Form, QuickAndLow, &[(Loan, Some(Standing(600)))]),
    Entry("pennylane_finance", "Pennylane Finance LLC", Outcry, QuickAndLow, &[(Loan, None)]),
    Entry("summit_credit", "Summit Credit Partners LLC", Prosper, Steady, &[(Loan, None)]),
    Entry("rustbelt_finance", "Rustbelt Finance Company", Form, Broken, &[(Loan, None)]),
    Entry("hartwell_law", "Hartwell Injury Law PLLC", Outcry, Steady, &[(Accident, None), (Tort, None)]),
    Entry("delgado_law", "Delgado and Associates PC", Form, QuickAndLow, &[(Accident, None)]),
    Entry("bayside_trial", "Bayside Trial Lawyers LLP", Prosper, LowersAtPost, &[(Accident, None), (Tort, None)]),
    Entry("caldwell_partners", "Caldwell Case Partners LLC", Form, Choosy, &[(Accident, None), (Tort, None)]),
    Entry("counsel_connect", "Counsel Connect LLC", Outcry, SELDOM, &[(Accident, None), (Tort, None)]),
    Entry("keystone_torts", "Keystone Torts LLP", Boberdoo, RaisesAtPost, &[(Tort, None)]),
    Entry("ridgeway_claims", "Ridgeway Claims LLC", Prosper, HALF, &[(Tort, None)]),
];
