//! The screen step: the core decides, the auction's lines keep the reasons.

use super::duplicates;
use crate::auction::Auction;
use crate::engine::Engine;
use crate::listed;
use outcry_core::reason::Reason;
use outcry_core::record::Run;
use outcry_core::screen;

/// Which contracts may be pinged; the others have their reason.
pub(super) fn contracts(engine: &Engine, auction: &mut Auction) -> Vec<usize> {
    let open = by_rules(engine, auction);
    let known = duplicates::screen(engine, auction, &open);
    let open = without(auction, open, known);
    if auction.terms.run == Run::Test {
        return open;
    }
    let on_lists = listed::screen(engine, (&mut auction.listed, &auction.terms, &auction.lead), &open);
    without(auction, open, on_lists)
}

/// The same by the rules of the catalog alone, as if nobody had been sold before or stood on any list.
pub(super) fn by_rules(engine: &Engine, auction: &mut Auction) -> Vec<usize> {
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

/// What is still open when these have closed. Both stand in the order of the contracts.
fn without(auction: &mut Auction, mut open: Vec<usize>, closed: Vec<(usize, Reason)>) -> Vec<usize> {
    if !closed.is_empty() {
        open.retain(|at| closed.binary_search_by_key(at, |(at, _)| *at).is_err());
    }
    for (at, reason) in closed {
        auction.note(at, reason);
    }
    open
}
