//! Pings that something counts: their units and tokens are taken in one call of the store before they leave.

use super::intent::{caps, hold, tokens_of};
use crate::auction::Auction;
use crate::engine::Engine;
use crate::ports::store::{Draw, Drawn, Drew, Refusal};
use outcry_core::cap::Counts;
use outcry_core::moment::Moment;
use outcry_core::pacing::Pacing;
use outcry_core::record::Run;
use outcry_core::throttle::Paces;

/// Lets through the contracts whose pings may leave; the others have their reason. `first` are the first pings of the lead:
/// they take what counts whole leads too. Nothing is asked of the store where nothing counts pings.
pub(super) async fn pings(engine: &Engine, auction: &mut Auction, pinged: Vec<usize>, first: bool) -> Vec<usize> {
    if auction.terms.run == Run::Test || pinged.is_empty() {
        return pinged;
    }
    let now = engine.now();
    let (asked, counted) = draw(auction, &pinged, first, now);
    if counted.is_empty() && asked.lead == Drawn::default() {
        return pinged;
    }
    let found = match engine.store.draw(asked.clone()).await {
        Ok(found) => found,
        Err(fault) => {
            tracing::error!(error = %fault, "nobody knows whether there is room for pings");
            unknown(&asked)
        }
    };
    settle(engine, &asked, &found, now);
    let mut left = pinged;
    if let Some(refusal) = found.lead {
        for at in left.drain(..) {
            auction.note_refusal(at, refusal.clone());
        }
    }
    for (at, refusal) in counted.into_iter().zip(found.pings) {
        if let Some(refusal) = refusal {
            auction.note_refusal(at, refusal);
            left.retain(|other| *other != at);
        }
    }
    if let Some(by) = auction.stopped_by {
        left.drain(..).filter(|at| *at != by).for_each(|at| auction.note_stopped(at, by));
    }
    left
}

/// What the pings take, and which contracts it is that take anything.
fn draw(auction: &Auction, pinged: &[usize], first: bool, now: Moment) -> (Draw, Vec<usize>) {
    let (campaign, source) = (&auction.terms.campaign, auction.terms.source());
    let whole = [&source.pacing, &campaign.pacing];
    let lead = if first {
        drawn(auction, whole.into_iter(), now)
    } else {
        Drawn::default()
    };
    let (mut pings, mut counted) = (Vec::new(), Vec::new());
    for at in pinged {
        let contract = &campaign.contracts[*at];
        let route = contract.route(&source.name).map(|route| &route.pacing);
        let takes = drawn(auction, std::iter::once(&contract.pacing).chain(route), now);
        if takes != Drawn::default() {
            pings.push(takes);
            counted.push(*at);
        }
    }
    (Draw { at: now, lead, pings }, counted)
}

fn drawn<'a>(auction: &Auction, levels: impl Iterator<Item = &'a Pacing> + Clone, now: Moment) -> Drawn {
    let caps = caps(levels.clone(), &auction.lead, now).filter(|cap| cap.counts == Counts::Pings);
    Drawn {
        holds: caps.map(|cap| hold(cap, 1, cap.limit, now)).collect(),
        tokens: levels
            .flat_map(|level| tokens_of(level, Paces::Pings, &auction.lead, now))
            .collect(),
    }
}

/// What was taken counts in memory too, and what was refused is not asked for again at once.
fn settle(engine: &Engine, asked: &Draw, found: &Drew, now: Moment) {
    let asked = std::iter::once((&asked.lead, &found.lead)).chain(asked.pings.iter().zip(&found.pings));
    for (drawn, refusal) in asked {
        match refusal {
            None => {
                drawn.holds.iter().for_each(|hold| engine.live.take(hold, now));
                drawn.tokens.iter().for_each(|token| engine.live.take_token(token, now));
            }
            Some(Refusal::CapFull { cap, .. }) => {
                let full = drawn.holds.iter().filter(|hold| hold.cap == *cap);
                full.for_each(|hold| engine.live.full(hold, now));
            }
            Some(Refusal::TooFast { throttle, wait_ms }) => {
                let empty = drawn.tokens.iter().filter(|token| token.throttle == *throttle);
                empty.for_each(|token| engine.live.empty(token, *wait_ms, now));
            }
            Some(_) => {}
        }
    }
}

/// Without the store nobody is pinged whose pings are counted: a limit that holds only in good times is none.
fn unknown(draw: &Draw) -> Drew {
    let refusal = |drawn: &Drawn| {
        let full = drawn.holds.first().map(|hold| Refusal::CapFull {
            cap: hold.cap.clone(),
            limit: hold.limit,
            opens: None,
        });
        let empty = drawn.tokens.first().map(|token| Refusal::TooFast {
            throttle: token.throttle.clone(),
            wait_ms: 0,
        });
        full.or(empty)
    };
    Drew {
        lead: refusal(&draw.lead),
        pings: draw.pings.iter().map(refusal).collect(),
    }
}
