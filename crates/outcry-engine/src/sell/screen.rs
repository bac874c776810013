//! The screen and rank steps: the core decides, the auction's lines keep the reasons.

use crate::auction::Auction;
use crate::engine::Engine;
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
    let plan = rank::rank(&auction.terms.campaign, entries, auction.terms.price_min());
    for (place, placed) in plan.places.iter().enumerate() {
        auction.lines[placed.contract].place = Some(place);
    }
    for (at, reason) in &plan.out {
        auction.note(*at, reason.clone());
    }
    plan
}
