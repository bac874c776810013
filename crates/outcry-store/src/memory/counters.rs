//! Counters of caps and buckets of throttles in memory.

use super::{Attempt, Inside};
use crate::standing::AttemptState;
use outcry_core::cap::{Ring, Span};
use outcry_core::moment::Moment;
use outcry_engine::ports::store::{Counter, Draw, Drawn, Drew, Frees, Hold, Refusal, Token};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Units of one window.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) used: i64,
    pub(super) first: Option<Moment>,
}

type Counts = BTreeMap<(Arc<str>, Moment), Count>;

impl Count {
    fn add(&mut self, amount: i64, at: Moment) {
        self.used += amount;
        self.first = if self.used == 0 { None } else { self.first.or(Some(at)) };
    }
}

impl Attempt {
    /// What it holds on to in a state.
    pub(super) fn held(&self, state: AttemptState) -> impl Iterator<Item = &Hold> {
        let sent = state.holds() || state == AttemptState::Rejected;
        self.holds.iter().filter(move |hold| match hold.frees {
            Frees::NotSold => state.holds(),
            Frees::NotSent => sent,
        })
    }
}

/// Holds of one attempt may be on the same counter, so each sees what those before it would take.
pub(super) fn full_cap(counts: &Counts, holds: &[Hold]) -> Option<Refusal> {
    for (at, hold) in holds.iter().enumerate() {
        let same = holds[..at].iter().filter(|other| other.cap == hold.cap);
        let needed = same.map(|other| other.amount).sum::<i64>() + hold.amount;
        let ring = ring(counts, &hold.cap, &hold.span);
        if ring.since(hold.span.since) + needed > hold.limit {
            let rolling = hold.span.is_rolling();
            return Some(Refusal::CapFull {
                cap: hold.cap.clone(),
                limit: hold.limit,
                opens: if rolling {
                    ring.opens(&hold.span, needed, hold.limit)
                } else {
                    hold.span.end
                },
            });
        }
    }
    None
}

/// What counts in a window.
fn ring(counts: &Counts, cap: &Arc<str>, span: &Span) -> Ring {
    let mut ring = Ring::default();
    if span.is_rolling() {
        let parts = counts.range((cap.clone(), span.since)..).take_while(|((other, _), _)| other == cap);
        parts.for_each(|((_, part), count)| ring.add(*part, count.used));
    } else if let Some(count) = counts.get(&(cap.clone(), span.start)) {
        ring.add(span.start, count.used);
    }
    ring
}

pub(super) fn add(counts: &mut Counts, hold: &Hold, amount: i64, at: Moment) {
    counts.entry((hold.cap.clone(), hold.span.start)).or_default().add(amount, at);
}

impl Inside {
    /// Each ping takes everything or nothing, in their order.
    pub(super) fn draw(&mut self, draw: &Draw) -> Drew {
        let lead = self.draw_one(draw, &draw.lead);
        let asked = draw.pings.iter().filter(|_| lead.is_none());
        let pings = asked.map(|ping| self.draw_one(draw, ping)).collect();
        Drew { lead, pings }
    }

    fn draw_one(&mut self, draw: &Draw, ping: &Drawn) -> Option<Refusal> {
        if let Some(full) = full_cap(&self.pinged, &ping.holds) {
            return Some(full);
        }
        let tokens = match self.tokens(&ping.tokens, draw.at) {
            Ok(tokens) => tokens,
            Err(empty) => return Some(empty),
        };
        self.buckets.extend(tokens);
        ping.holds.iter().for_each(|hold| add(&mut self.pinged, hold, hold.amount, draw.at));
        None
    }

    /// What the buckets come to if all of these are taken.
    pub(super) fn tokens(&self, tokens: &[Token], at: Moment) -> Result<BTreeMap<Arc<str>, i64>, Refusal> {
        let mut taken = BTreeMap::new();
        for token in tokens {
            let before = taken.get(&token.throttle).or_else(|| self.buckets.get(&token.throttle)).copied();
            let full_at = token.rate.take(before.unwrap_or(0), at).map_err(|wait_ms| Refusal::TooFast {
                throttle: token.throttle.clone(),
                wait_ms: u32::try_from(wait_ms).unwrap_or(u32::MAX),
            })?;
            taken.insert(token.throttle.clone(), full_at);
        }
        Ok(taken)
    }

    pub(super) fn counters(&self) -> Vec<Counter> {
        let counter = |((cap, window), count): (&(Arc<str>, Moment), &Count)| Counter {
            cap: cap.clone(),
            window: *window,
            used: count.used,
            first: count.first,
        };
        let mut counters: Vec<Counter> = self.counters.iter().chain(&self.pinged).map(counter).collect();
        counters.retain(|counter| counter.used != 0);
        counters.sort_by(|one, other| (&one.cap, one.window).cmp(&(&other.cap, other.window)));
        counters
    }
}
