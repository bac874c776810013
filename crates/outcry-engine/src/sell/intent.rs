//! What a post needs before it may leave: its claims on the person, its holds on caps, and its leg.

use crate::auction::Auction;
use crate::engine::Engine;
use crate::ports::store::{Claim, Hold, Intend, PersonKey};
use outcry_core::id::AttemptId;
use outcry_core::moment::Moment;
use outcry_core::rank::Place;
use outcry_core::record::Run;
use std::sync::Arc;

/// T2 for one place.
pub(super) fn intent(engine: &Engine, auction: &Auction, place: &Place, attempt: AttemptId) -> Intend {
    let contract = auction.terms.contract(place.contract);
    let now = engine.now();
    let live = auction.terms.run == Run::Live;
    Intend {
        attempt,
        lead: auction.terms.lead_id(),
        legs_max: place.shares_max,
        contract: contract.name.clone(),
        leg: 0,
        beside_unknown: auction.terms.campaign.unknown.resell.breaks_the_promise(),
        buyer: contract.buyer.clone(),
        price: place.price,
        run: auction.terms.run,
        boot: engine.boot,
        at: now,
        claims: if live { claims(auction, place.contract, now) } else { Vec::new() },
        holds: if live { holds(auction, place, now) } else { Vec::new() },
        suppression_lists: if live {
            auction.terms.campaign.suppression_lists.clone()
        } else {
            Vec::new()
        },
        people: auction.people.clone(),
        memo: None,
    }
}

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// A claim on each of the person's keys, in the campaign and with the contract, where they have duplicate rules.
fn claims(auction: &Auction, at: usize, now: Moment) -> Vec<Claim> {
    let contract = auction.terms.contract(at);
    let scopes = [
        auction
            .terms
            .campaign
            .duplicate_days
            .map(|days| (format!("campaign/{}", auction.terms.campaign.name), days)),
        contract.duplicate_days.map(|days| (format!("contract/{}", contract.name), days)),
    ];
    let scope = |(scope, days): (String, u32)| (Arc::<str>::from(scope), now.plus_ms(i64::from(days) * DAY_MS));
    let scopes: Vec<(Arc<str>, Moment)> = scopes.into_iter().flatten().map(scope).collect();
    // Person by person: the store finds all claims on one person in one look.
    let claim = |person: PersonKey, (scope, until): &(Arc<str>, Moment)| Claim {
        scope: scope.clone(),
        person,
        until: *until,
    };
    let people = auction.people.iter();
    people.flat_map(|person| scopes.iter().map(|scope| claim(*person, scope))).collect()
}

/// A hold on each cap and budget of the contract.
fn holds(auction: &Auction, place: &Place, now: Moment) -> Vec<Hold> {
    let caps = auction.terms.contract(place.contract).caps.iter();
    caps.map(|cap| Hold {
        cap: cap.key.clone(),
        window: cap.window.start(now, &cap.zone),
        limit: cap.limit,
        amount: cap.amount(place.price),
    })
    .collect()
}
