//! The screen and rank steps: the core decides, the auction's lines keep the reasons.

use crate::auction::Auction;
use crate::engine::Engine;
use outcry_core::money::Money;
use outcry_core::price::PayoutRule;
use outcry_core::rank::{self, Entry, Plan};
use outcry_core::screen;

/// Which contracts may be pinged; the others have their reason.
pub(super) fn contracts(engine: &Engine, auction: &mut Auction) -> Vec<usize> {
    let now = engine.now();
    let screening = screen::screen(
        &auction.terms.campaign,
        auction.terms.source(),
        &auction.lead,
        auction.terms.stage(),
        &engine.live.at(now),
        now,
    );
    for (at, reason) in screening.closed {
        auction.note(at, reason);
    }
    screening.open
}

/// Puts the bids in order; those that may not win have their reason.
pub(super) fn rank(auction: &mut Auction, entries: Vec<Entry>) -> Plan {
    let plan = rank::rank(&auction.terms.campaign, entries, price_min(auction));
    for (place, placed) in plan.places.iter().enumerate() {
        auction.lines[placed.contract].place = Some(place);
    }
    for (at, reason) in &plan.out {
        auction.note(*at, reason.clone());
    }
    plan
}

/// What a sale must bring so that the source gets the payout it asked for. There is such a price: a source whose terms
/// can never bring it does not compile.
fn price_min(auction: &Auction) -> Money {
    let wanted = auction.terms.source().payout_min;
    match auction.terms.payout_rule() {
        // A price below a fixed payout cuts it to the price, and that may still be enough.
        PayoutRule::Fixed(_) => wanted,
        PayoutRule::Share(basis_points) => {
            let exact = (u128::from(wanted.micros().unsigned_abs()) * 10_000).div_ceil(u128::from(basis_points.max(1)));
            Money::from_micros(i64::try_from(exact).unwrap_or(i64::MAX))
        }
    }
}
