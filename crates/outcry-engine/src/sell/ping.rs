//! Ping: each contract's view from its allow-list, all at once, answers until the window closes.
//!
//! Late, broken, hostile and silent buyers cost their own bid and nothing else.

use super::{draw, rank};
use crate::auction::Auction;
use crate::deadline::micros;
use crate::dialogue::Dialogue;
use crate::dialogue::ask::{Asked, Asking};
use crate::engine::Engine;
use crate::ports::outbound::{CallEnd, NotSent};
use crate::simulated;
use crate::unsaid;
use futures_util::stream::{FuturesUnordered, StreamExt};
use outcry_core::bid::Bid;
use outcry_core::id::PingId;
use outcry_core::leak::Leak;
use outcry_core::moment::Moment;
use outcry_core::ping_view::PingView;
use outcry_core::rank::Entry;
use outcry_core::reason::Reason;
use outcry_core::record::{Pinged, Run};
use outcry_integration::answer::{PingOutcome, PingReading};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Pings the open contracts and gathers their bids. Tiers with times of their own are asked one after the other, until
/// one has a bid that may win.
pub(super) async fn gather(engine: &Arc<Engine>, auction: &mut Auction, open: Vec<usize>) -> Vec<Entry> {
    gather_by(engine, auction, open, true, ask).await
}

/// The same, where `ask` says how a buyer is asked, and `counts` whether its pings count for caps and throttles.
pub(super) async fn gather_by<A: Future<Output = (usize, Asked, Instant)>>(
    engine: &Arc<Engine>,
    auction: &mut Auction,
    open: Vec<usize>,
    counts: bool,
    ask: impl Fn(Asking) -> A,
) -> Vec<Entry> {
    let campaign = auction.terms.campaign.clone();
    let started = Instant::now();
    let window = auction.deadline.pings_until(Duration::from_millis(campaign.ping_window_ms.into()));
    let all = window.saturating_duration_since(started);
    let mut views = Views::new(campaign.views.len());
    let mut entries: Vec<Entry> = Vec::with_capacity(open.len());
    let mut first = true;
    for (round, over_bp) in campaign.rounds(open) {
        if !entries.is_empty() && rank::anybody(&auction.terms, &entries) {
            for at in round {
                let tier = campaign.contracts[at]
                    .tier
                    .map_or_else(|| "".into(), |tier| campaign.tier_name(tier));
                auction.note(at, Reason::TierNotAsked { tier });
            }
            continue;
        }
        let until = started + all * over_bp / 10_000;
        let round = if counts {
            counted(engine, auction, round, &mut first).await
        } else {
            round
        };
        entries.extend(ask_all(engine, auction, round, &mut views, until, &ask).await);
    }
    entries
}

/// The contracts of a round but for those that are pinged and may not be, because something counts their pings.
async fn counted(engine: &Engine, auction: &mut Auction, round: Vec<usize>, first: &mut bool) -> Vec<usize> {
    let is_pinged = |at: &usize| matches!(intent(auction, *at), Intent::Ping);
    let (pinged, mut others): (Vec<usize>, Vec<usize>) = round.into_iter().partition(is_pinged);
    if pinged.is_empty() {
        return others;
    }
    let left = draw::pings(engine, auction, pinged, std::mem::take(first)).await;
    if let Some(by) = auction.stopped_by {
        others.drain(..).for_each(|at| auction.note_stopped(at, by));
    }
    others.extend(left);
    others.sort_unstable();
    others
}

/// Pings contracts, all at once, and gathers their bids until then.
async fn ask_all<A: Future<Output = (usize, Asked, Instant)>>(
    engine: &Arc<Engine>,
    auction: &mut Auction,
    open: Vec<usize>,
    views: &mut Views,
    window: Instant,
    ask: &impl Fn(Asking) -> A,
) -> Vec<Entry> {
    let (now, started) = (engine.now(), Instant::now());
    let mut entries = Vec::with_capacity(open.len());
    let mut calls = Vec::with_capacity(open.len());
    for at in open {
        match intent(auction, at) {
            Intent::Standing => entries.extend(standing(auction, at, now)),
            Intent::Simulated => {
                let deal = auction.terms.campaign.deal(auction.terms.source(), at);
                let bids = simulated::bids(&auction.priced(at, now), &deal, engine.chance.as_ref());
                entries.extend(offered(auction, at, bids, 0));
            }
            Intent::Ping => match ready(engine, auction, at, views, now, window) {
                Ok(asking) => calls.push(ask(asking)),
                Err(reason) => auction.note(at, reason),
            },
        }
    }
    for (at, asked, ended) in all(calls).await {
        entries.extend(heard(auction, at, asked, (now, ended - started)));
    }
    entries
}

/// All at once, and what became of them in the order of asking. Whoever hears something is woken alone: looking at all of
/// them for each answer would cost the square of their number.
async fn all<O>(calls: Vec<impl Future<Output = O>>) -> Vec<O> {
    let numbered = calls.into_iter().enumerate();
    let calls: FuturesUnordered<_> = numbered.map(|(n, call)| async move { (n, call.await) }).collect();
    let mut ends: Vec<(usize, O)> = calls.collect().await;
    ends.sort_unstable_by_key(|(n, _)| *n);
    ends.into_iter().map(|(_, end)| end).collect()
}

/// How a contract comes to its bid.
enum Intent {
    /// It is pinged.
    Ping,
    /// Its price is agreed and its integration has no ping.
    Standing,
    /// A test lead, and the contract has no test address.
    Simulated,
}

fn intent(auction: &Auction, at: usize) -> Intent {
    let binding = auction.terms.binding(at);
    if auction.terms.run == Run::Test && binding.test_params.is_none() {
        return Intent::Simulated;
    }
    if binding.integration.has_ping() {
        Intent::Ping
    } else {
        Intent::Standing
    }
}

/// The agreed prices of a contract as its bids. Without one there is nothing to bid with.
fn standing(auction: &mut Auction, at: usize, now: Moment) -> Vec<Entry> {
    let bids = auction.priced(at, now).agreed();
    if bids.is_empty() {
        auction.note(
            at,
            Reason::BadAnswer {
                why: "the integration has no ping and the contract no price of its own".into(),
            },
        );
    }
    offered(auction, at, bids, 0)
}

/// The offers of one contract, the dearest noted in its line.
fn offered(auction: &mut Auction, at: usize, bids: Vec<Bid>, answered_us: u64) -> Vec<Entry> {
    auction.lines[at].bid = bids.iter().filter_map(|bid| bid.price).max();
    let entry = |bid| Entry {
        contract: at,
        bid,
        answered_us,
    };
    bids.into_iter().map(entry).collect()
}

/// The ping views of one auction: contracts that share a view share what was built.
struct Views(Vec<Option<Result<usize, Leak>>>);

impl Views {
    fn new(distinct: usize) -> Self {
        Self(vec![None; distinct])
    }

    fn get(&mut self, auction: &mut Auction, view: usize, now: Moment) -> Result<(usize, Arc<PingView>), Reason> {
        let built = self.0[view].get_or_insert_with(|| {
            PingView::build(&auction.lead, &auction.terms.campaign.views[view], now).map(|built| {
                auction.views.push(Arc::new(built));
                auction.views.len() - 1
            })
        });
        match built {
            Ok(at) => Ok((*at, auction.views[*at].clone())),
            Err(leak) => Err(Reason::Leak {
                field: leak.field.as_str().into(),
                looks_like: leak.looks.to_string().into(),
            }),
        }
    }
}

/// Gets the ping of one contract ready: its view, and how long it may take.
fn ready(
    engine: &Arc<Engine>,
    auction: &mut Auction,
    at: usize,
    views: &mut Views,
    now: Moment,
    window: Instant,
) -> Result<Asking, Reason> {
    let (view_at, view) = views.get(auction, auction.terms.contract(at).view, now)?;
    let id = PingId::from_bits(engine.chance.bits());
    let wait = Duration::from_millis(auction.terms.contract(at).ping_timeout_ms.into());
    auction.lines[at].ping = Some(Pinged {
        id,
        view: view_at,
        answered_us: None,
        status: None,
        bid_id: None,
        notes: Vec::new(),
    });
    Ok(Asking {
        dialogue: Dialogue {
            engine: engine.clone(),
            terms: auction.terms.clone(),
            at,
        },
        view,
        lead: auction.lead.clone(),
        id,
        now,
        until: (Instant::now() + wait).min(window),
    })
}

/// One buyer being asked.
async fn ask(asking: Asking) -> (usize, Asked, Instant) {
    let at = asking.dialogue.at;
    (at, asking.ask().await, Instant::now())
}

/// What the end of the dialogue means: bids, or a reason. Pings left at `now`.
fn heard(auction: &mut Auction, at: usize, asked: Asked, (now, waited): (Moment, Duration)) -> Vec<Entry> {
    let reason = match asked {
        Asked::Answered { mut reading, status, took } => {
            unsaid::of(&auction.lead, &mut reading.reason, &mut reading.notes);
            for bid in &mut reading.bids {
                bid.expires_at = bid.ends(now.plus_ms(millis(waited)));
            }
            if let Some(ping) = &mut auction.lines[at].ping {
                ping.answered_us = Some(micros(took));
                ping.status = Some(status);
                ping.bid_id.clone_from(&reading.bid_id);
                ping.notes = reading.notes.iter().map(|note| note.as_str().into()).collect();
            }
            return bids(auction, at, reading, micros(took));
        }
        Asked::Ended(end) => unanswered(auction, at, end, waited),
        Asked::Stopped(reason) => reason,
        Asked::NotBegun(reason) => {
            auction.lines[at].ping = None;
            reason
        }
    };
    auction.note(at, reason);
    Vec::new()
}

/// Why a call brought no answer.
fn unanswered(auction: &Auction, at: usize, end: CallEnd, waited: Duration) -> Reason {
    match end {
        CallEnd::NotSent(NotSent::Throttled) => Reason::Throttled {
            limit: auction.terms.contract(at).calls_max,
        },
        CallEnd::NotSent(why) => Reason::NotReached {
            why: why.to_string().into(),
        },
        CallEnd::Broken { why, .. } => Reason::BadAnswer { why },
        // An answer was read where it came and does not get here.
        CallEnd::Late | CallEnd::Answered { .. } => Reason::Late {
            after_ms: u32::try_from(waited.as_millis()).unwrap_or(u32::MAX),
        },
    }
}

/// The bids of one answer, at the contract's own prices where it has such.
fn bids(auction: &mut Auction, at: usize, reading: PingReading, answered_us: u64) -> Vec<Entry> {
    let said = reading.reason.clone().unwrap_or_else(|| "".into());
    let reason = match reading.outcome {
        PingOutcome::Bid => {
            let priced = auction.priced(at, auction.terms.received);
            let bids = reading.bids.into_iter().flat_map(|bid| priced.offers(bid)).collect();
            return offered(auction, at, bids, answered_us);
        }
        PingOutcome::NoBid => Reason::NoBid { said },
        PingOutcome::Duplicate => Reason::BuyerDuplicate { said },
        PingOutcome::Error => Reason::BadAnswer {
            why: if said.is_empty() { first_note(&reading.notes) } else { said },
        },
    };
    auction.note(at, reason);
    Vec::new()
}

/// Whole milliseconds.
fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn first_note(notes: &[String]) -> Arc<str> {
    notes
        .first()
        .map_or_else(|| "the buyer reported an error".into(), |note| note.as_str().into())
}
