//! What a post needs before it may leave: its claims on the person, its holds on caps, its leg, and nothing
//! against it on any list.

use super::duplicates;
use crate::auction::Auction;
use crate::engine::Engine;
use crate::listed;
use crate::ports::store::{Frees, Hold, Intend, Token, scope};
use outcry_core::cap::{Cap, Counts};
use outcry_core::consent::Covered;
use outcry_core::id::AttemptId;
use outcry_core::lead::Lead;
use outcry_core::moment::Moment;
use outcry_core::pacing::Pacing;
use outcry_core::rank::Place;
use outcry_core::reason::Reason;
use outcry_core::record::Run;
use outcry_core::screen;
use outcry_core::throttle::Paces;

/// T2 for one place.
///
/// # Errors
/// Why a list keeps it from going there.
pub(super) fn intent(
    engine: &Engine,
    auction: &mut Auction,
    place: &Place,
    attempt: AttemptId,
    covered: Covered,
    first: bool,
) -> Result<Intend, Reason> {
    let live = auction.terms.run == Run::Live;
    let lists = if live {
        listed::checks(engine, (&mut auction.listed, &auction.terms, &auction.lead), place.contract)?
    } else {
        Vec::new()
    };
    let contract = auction.terms.contract(place.contract);
    let now = engine.now();
    Ok(Intend {
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
        covered,
        contacts: auction.contacts.clone(),
        withdrawn_in: scope::stopping(&contract.buyer, contract.consent.channels),
        certificates: if live { auction.certificates.clone() } else { Vec::new() },
        claims: if live {
            duplicates::claims(engine, auction, place.contract, now)
        } else {
            Vec::new()
        },
        holds: if live { holds(auction, place, now, first) } else { Vec::new() },
        tokens: if live {
            tokens(auction, place.contract, Paces::Posts, now)
        } else {
            Vec::new()
        },
        lists,
        memo: None,
    })
}

/// A hold on each cap and budget of all levels that counts posts, sales or money of leads like this one. The first sale of a
/// lead is paid out at what a quote promised, or more.
fn holds(auction: &Auction, place: &Place, now: Moment, first: bool) -> Vec<Hold> {
    let terms = &auction.terms;
    let split = terms.split(place.contract, place.price);
    let split = match terms.promised.filter(|_| first) {
        Some(promised) => split.at_least(promised),
        None => split,
    };
    // Who takes what nobody else has may take what the buyer has agreed to beyond the cap.
    let beyond = |cap: &Cap| if place.sweeps() { cap.over } else { 0 };
    let caps = caps(screen::levels(&terms.campaign, terms.source(), place.contract), &auction.lead, now);
    let counted = caps.filter(|cap| cap.counts != Counts::Pings);
    counted
        .map(|cap| hold(cap, cap.amount(&split), cap.limit + beyond(cap), now))
        .collect()
}

/// The caps of some levels that count leads like this one.
pub(super) fn caps<'a>(levels: impl Iterator<Item = &'a Pacing>, lead: &Lead, now: Moment) -> impl Iterator<Item = &'a Cap> {
    levels.flat_map(|pacing| &pacing.caps).filter(move |cap| cap.counts_lead(lead, now))
}

/// Units of a cap in the window that holds this moment.
pub(super) fn hold(cap: &Cap, amount: i64, limit: i64, now: Moment) -> Hold {
    Hold {
        cap: cap.key.clone(),
        span: cap.clock.span(now),
        limit,
        amount,
        frees: if cap.counts == Counts::Posts {
            Frees::NotSent
        } else {
            Frees::NotSold
        },
    }
}

/// A token of each throttle of all levels.
fn tokens(auction: &Auction, at: usize, paces: Paces, now: Moment) -> Vec<Token> {
    let levels = screen::levels(&auction.terms.campaign, auction.terms.source(), at);
    levels
        .flat_map(|pacing| self::tokens_of(pacing, paces, &auction.lead, now))
        .collect()
}

/// The tokens that one level asks of leads like this one.
pub(super) fn tokens_of(pacing: &Pacing, paces: Paces, lead: &Lead, now: Moment) -> Vec<Token> {
    let counted = pacing
        .throttles
        .iter()
        .filter(|throttle| throttle.paces == paces && throttle.counts_lead(lead, now));
    counted
        .map(|throttle| Token {
            throttle: throttle.key.clone(),
            rate: throttle.rate,
        })
        .collect()
}
