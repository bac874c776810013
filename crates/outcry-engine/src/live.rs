//! What is known about contracts while the exchange runs: counters in use, buckets of throttles, and the health of buyers'
//! servers.
//!
//! This is a hint that saves useless pings. What counts is the claim that the store makes before a ping or a post.

mod health;
mod tally;

use self::health::Health;
use self::tally::Tally;
use crate::ports::outbound::CallEnd;
use crate::ports::store::{Counter, Hold, Token};
use outcry_core::cap::{Cap, Pace, Span};
use outcry_core::catalog::{Catalog, Contract};
use outcry_core::moment::Moment;
use outcry_core::screen::Standing;
use outcry_core::throttle::Throttle;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

/// Counters and health, shared by all auctions of this process.
#[derive(Debug, Default)]
pub(crate) struct Live {
    /// Positions of caps and throttles by their keys.
    caps: HashMap<Arc<str>, usize>,
    throttles: HashMap<Arc<str>, usize>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    tallies: Vec<Tally>,
    /// When the buckets of throttles are full again, in microseconds.
    buckets: Vec<i64>,
    health: Vec<Health>,
}

impl Live {
    /// Starts from what the store has counted, for the caps, throttles and contracts of a catalog.
    pub(crate) fn new(counters: Vec<Counter>, catalog: &Catalog) -> Self {
        let (mut caps, mut throttles) = (HashMap::new(), HashMap::new());
        for pacing in catalog.pacings() {
            caps.extend(pacing.caps.iter().map(|cap| (cap.key.clone(), cap.index)));
            throttles.extend(pacing.throttles.iter().map(|throttle| (throttle.key.clone(), throttle.index)));
        }
        let room = |positions: &HashMap<Arc<str>, usize>| positions.values().max().map_or(0, |last| last + 1);
        let mut state = State {
            tallies: vec![Tally::default(); room(&caps)],
            buckets: vec![0; room(&throttles)],
            health: vec![Health::default(); catalog.contract_count()],
        };
        for cap in catalog.pacings().flat_map(|pacing| &pacing.caps) {
            state.tallies[cap.index].set_rolling(cap.clock.rolling);
        }
        for counter in counters {
            if let Some(at) = caps.get(&counter.cap) {
                state.tallies[*at].add(counter.window, counter.used, counter.first);
            }
        }
        Self {
            caps,
            throttles,
            state: Mutex::new(state),
        }
    }

    /// A hold was taken.
    pub(crate) fn take(&self, hold: &Hold, now: Moment) {
        self.add(hold, hold.amount, Some(now));
    }

    /// A hold was freed.
    pub(crate) fn free(&self, hold: &Hold) {
        self.add(hold, -hold.amount, None);
    }

    fn add(&self, hold: &Hold, amount: i64, at_moment: Option<Moment>) {
        if let Some(at) = self.caps.get(&hold.cap) {
            self.state().tallies[*at].add(hold.span.start, amount, at_moment);
        }
    }

    /// The store says that there is no room for a hold, whatever was counted here.
    pub(crate) fn full(&self, hold: &Hold, now: Moment) {
        if let Some(at) = self.caps.get(&hold.cap) {
            self.state().tallies[*at].full(&hold.span, now);
        }
    }

    /// How fast a cap is being used in a window, and when it opens if it is full.
    pub(crate) fn pace(&self, cap: &Cap, span: &Span) -> (Pace, Option<Moment>) {
        let state = self.state();
        let tally = &state.tallies[cap.index];
        (tally.pace(span), tally.opens(cap, span))
    }

    /// A token was taken.
    pub(crate) fn take_token(&self, token: &Token, now: Moment) {
        if let Some(at) = self.throttles.get(&token.throttle) {
            let full_at = &mut self.state().buckets[*at];
            *full_at = token.rate.take(*full_at, now).unwrap_or(*full_at);
        }
    }

    /// The store says that a throttle has no token for so long, whatever was counted here.
    pub(crate) fn empty(&self, token: &Token, wait_ms: u32, now: Moment) {
        if let Some(at) = self.throttles.get(&token.throttle) {
            self.state().buckets[*at] = token.rate.full_at(now.plus_ms(wait_ms.into()));
        }
    }

    /// What the end of a call says of the buyer's server.
    pub(crate) fn ended(&self, contract: usize, end: &CallEnd, now: Moment) {
        if let Some(health) = self.state().health.get_mut(contract) {
            health.ended(end, now);
        }
    }

    /// What is known at this moment. Whoever holds it holds up everybody else: for one look and no longer.
    pub(crate) fn at(&self, now: Moment) -> LiveAt<'_> {
        LiveAt {
            state: RefCell::new(self.state()),
            now,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds the live counters")
    }
}

/// What is known at one moment.
pub(crate) struct LiveAt<'a> {
    state: RefCell<MutexGuard<'a, State>>,
    now: Moment,
}

impl Standing for LiveAt<'_> {
    fn used(&self, cap: &Cap, span: &Span) -> i64 {
        let state = self.state.borrow();
        state.tallies.get(cap.index).map_or(0, |tally| tally.used(cap, span, self.now))
    }

    fn opens(&self, cap: &Cap, span: &Span) -> Option<Moment> {
        let state = self.state.borrow();
        state.tallies.get(cap.index).and_then(|tally| tally.opens(cap, span))
    }

    fn wait_ms(&self, throttle: &Throttle, now: Moment) -> Option<i64> {
        let full_at = *self.state.borrow().buckets.get(throttle.index)?;
        throttle.rate.take(full_at, now).err()
    }

    fn resting(&self, contract: &Contract, now: Moment) -> Option<u32> {
        self.state.borrow_mut().health.get_mut(contract.index)?.resting(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::store::Frees;
    use jiff::tz::TimeZone;
    use outcry_core::cap::{Clock, Counts, WhenFull, Window};
    use outcry_core::catalog::Campaign;
    use outcry_core::pacing::Pacing;
    use outcry_core::throttle::{Paces, Rate};

    fn at(ms: i64) -> Moment {
        Moment::from_unix_ms(ms)
    }

    fn cap(rolling: bool) -> Cap {
        let clock = Clock::calendar(Window::Hour, TimeZone::UTC);
        Cap {
            key: "hour".into(),
            index: 0,
            counts: Counts::Sales,
            clock: Clock { rolling, ..clock },
            limit: 5,
            over: 0,
            when: Vec::new(),
            full: WhenFull::Next,
        }
    }

    /// For a source that keeps to this cap and to one token a minute.
    fn live(cap: &Cap, counters: Vec<Counter>) -> (Live, Throttle) {
        let throttle = Throttle {
            key: "slow".into(),
            index: 0,
            paces: Paces::Posts,
            rate: Rate::new(1, 60, 1),
            when: Vec::new(),
        };
        let pacing = Pacing {
            caps: vec![cap.clone()],
            throttles: vec![throttle.clone()],
            ..Pacing::default()
        };
        let catalog = Catalog {
            sources: vec![source(pacing)],
            campaigns: Vec::<Arc<Campaign>>::new(),
            ..Catalog::default()
        };
        (Live::new(counters, &catalog), throttle)
    }

    fn source(pacing: Pacing) -> outcry_core::catalog::Source {
        outcry_core::catalog::Source {
            name: outcry_core::id::SourceName::new("site"),
            supplier: outcry_core::id::SupplierName::new("northwind"),
            campaign: 0,
            key_digests: Vec::new(),
            issued_keys: Vec::new(),
            rates: outcry_core::price::Rates::default(),
            payout_min: outcry_core::money::Money::ZERO,
            sales_max: None,
            pacing,
            deadline_ms: None,
            excluded_buyers: Vec::new(),
            postback_url: None,
            postback_key: None,
            duplicates: Vec::new(),
            hide_duplicates: false,
            test_only: false,
            paused: false,
        }
    }

    fn hold(cap: &Cap, ms: i64) -> Hold {
        Hold {
            cap: cap.key.clone(),
            span: cap.clock.span(at(ms)),
            limit: cap.limit,
            amount: 1,
            frees: Frees::NotSold,
        }
    }

    #[test]
    fn what_the_store_called_full_is_asked_again_soon() {
        let cap = cap(false);
        let (live, _) = live(&cap, Vec::new());
        live.take(&hold(&cap, 0), at(0));
        live.full(&hold(&cap, 0), at(0));
        let used = |ms| live.at(at(ms)).used(&cap, &cap.clock.span(at(ms)));
        assert_eq!([0, 999, 1_000].map(used), [5, 5, 1]);
        assert_eq!(used(3_600_000), 0, "another window is another matter");
    }

    #[test]
    fn a_new_window_starts_from_nothing_and_the_old_one_does_not_come_back() {
        let cap = cap(false);
        let counter = |window, used| Counter {
            cap: cap.key.clone(),
            window: at(window),
            used,
            first: None,
        };
        let (live, _) = live(&cap, vec![counter(0, 9), counter(3_600_000, 2)]);
        let used = |ms| live.at(at(ms)).used(&cap, &cap.clock.span(at(ms)));
        assert_eq!(used(3_600_001), 2);
        live.take(&hold(&cap, 7_200_000), at(7_200_000));
        live.free(&hold(&cap, 3_600_000));
        assert_eq!([used(3_600_001), used(7_200_000)], [0, 1]);
    }

    #[test]
    fn a_rolling_window_forgets_what_has_left_it_and_says_when_it_opens() {
        let cap = cap(true);
        let (live, _) = live(&cap, Vec::new());
        for _ in 0..5 {
            live.take(&hold(&cap, 30_000), at(30_000));
        }
        let look = |ms| {
            let (at, span) = (live.at(at(ms)), cap.clock.span(at(ms)));
            (at.used(&cap, &span), at.opens(&cap, &span))
        };
        assert_eq!(look(3_600_000 + 59_999), (5, Some(at(3_660_000))));
        assert_eq!(look(3_660_000), (0, None));
    }

    #[test]
    fn a_throttle_is_empty_for_as_long_as_the_store_has_said() {
        let cap = cap(false);
        let (live, throttle) = live(&cap, Vec::new());
        let token = Token {
            throttle: throttle.key.clone(),
            rate: throttle.rate,
        };
        let wait = |ms| live.at(at(ms)).wait_ms(&throttle, at(ms));
        assert_eq!(wait(0), None);
        live.take_token(&token, at(0));
        assert_eq!((wait(1_000), wait(60_000)), (Some(59_000), None));
        live.empty(&token, 5_000, at(60_000));
        assert_eq!((wait(60_000), wait(65_000)), (Some(5_000), None));
    }
}
