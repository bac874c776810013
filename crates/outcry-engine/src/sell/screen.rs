//! The screen step: the core decides, the auction's lines keep the reasons.

use crate::auction::Auction;
use crate::engine::Engine;
use outcry_core::screen;

/// Which contracts may be pinged; the others have their reason.
pub(super) fn contracts(engine: &Engine, auction: &mut Auction) -> Vec<usize> {
    let now = engine.now();
    if let Err(reason) = auction.judged.may_post() {
        (0..auction.lines.len()).for_each(|at| auction.note(at, reason.clone()));
        return Vec::new();
    }
    let screening = screen::screen(
        &auction.terms.campaign,
        auction.terms.source(),
        &auction.terms.excluded,
        &auction.lead,
        auction.terms.stage(),
        &engine.live.at(now),
        now,
    );
    let (campaign, lead) = (auction.terms.campaign.clone(), auction.lead.clone());
    for (at, reason) in screening.closed(&campaign, &lead, now) {
        // Whoever has had its say before the lead waited is not asked again, and its reason stays.
        if !auction.refused_by.contains(&at) {
            auction.note(at, reason);
        }
    }
    auction.over = screening.over;
    auction.waits = screening.waits;
    let mut open = screening.open;
    open.retain(|at| !auction.refused_by.contains(at));
    open
}
