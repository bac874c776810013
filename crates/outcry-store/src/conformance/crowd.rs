//! Crowds: many writers at many caps, one person's leads in one window after the other, one quote posted by everybody.
//!
//! A round counts what went wrong instead of stopping at it, so that the same round can say by how much a careless store is off.

use super::race::at_once;
use super::sample::{accept, after_ms, claim, covered_at, ended, hold, intend, quote_id, rejected, sold, unknown};
use outcry_core::cap::Span;
use outcry_core::moment::Moment;
use outcry_engine::ports::store::{Accept, Accepted, Hold, Intend, Intended, LeadState, Refusal, Store};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Writers that go at one moment.
pub(super) const WRITERS: u64 = 64;
/// Contracts, each with a cap by the hour; two of them share one by the day, six a total: 60 + 30 + 10 caps.
const CONTRACTS: u64 = 60;
pub(super) const CAPS: u64 = CONTRACTS + CONTRACTS / 2 + CONTRACTS / 6;
const HOUR_MS: i64 = 3_600_000;
/// Hours that leads come in: the last of one day and the first two of the next.
const HOURS: [i64; 3] = [23, 24, 25];
/// Numbers of leads that a round may use.
const ROUND: u64 = 100_000;

/// What caps count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counts {
    /// One for each post.
    Posts,
    /// The price of each post, to the millionth.
    Money,
}

/// What a round came to. All but the first two have to be nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) posts: u64,
    pub(super) went: u64,
    /// Units beyond all limits, at the worst look.
    pub(super) over: i64,
    /// Posts that were refused though every cap had room for them when all was over.
    pub(super) unused: u64,
    /// Units by which a counter and the posts that hold it differ.
    pub(super) astray: i64,
}

impl Found {
    pub(super) fn exact(&self) -> bool {
        self.over == 0 && self.unused == 0 && self.astray == 0
    }
}

impl std::ops::AddAssign for Found {
    fn add_assign(&mut self, more: Self) {
        self.posts += more.posts;
        self.went += more.went;
        self.over += more.over;
        self.unused += more.unused;
        self.astray += more.astray;
    }
}

/// A number that follows from these as if by chance.
fn mixed(round: u64, what: u64, number: u64) -> u64 {
    let mut bits = round.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ what.wrapping_mul(0xc2b2_ae3d_27d4_eb4f) ^ number;
    for _ in 0..2 {
        bits = (bits ^ (bits >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    }
    bits ^ (bits >> 32)
}

/// One of the caps, with the window of it that a lead of this hour falls into.
fn held(round: u64, kind: &'static str, number: u64, hour: i64, counts: Counts, price: i64) -> Hold {
    let (start, length, at_most) = match kind {
        "hour" => (hour * HOUR_MS, HOUR_MS, 1 + mixed(round, 1, number) % 10),
        "day" => (hour / 24 * 24 * HOUR_MS, 24 * HOUR_MS, 4 + mixed(round, 2, number) % 24),
        _ => (0, 0, 20 + mixed(round, 3, number) % 200),
    };
    let end = (length != 0).then(|| after_ms(start + length));
    let span = Span {
        start: after_ms(start),
        since: after_ms(start),
        end,
    };
    let at_most = i64::try_from(at_most).expect("a small limit");
    let (amount, limit) = match counts {
        Counts::Posts => (1, at_most),
        // A line that no sum of prices meets by itself.
        Counts::Money => (price, at_most * 1_250_000 + 1),
    };
    Hold {
        span,
        ..hold(&format!("{round}/{kind}/{number}"), amount, limit)
    }
}

/// One post of one lead, and what it takes.
#[derive(Clone)]
struct Post {
    lead: u64,
    at: Moment,
    holds: Vec<Hold>,
}

impl Post {
    fn of(round: u64, number: u64, counts: Counts) -> Self {
        let (contract, hour) = (
            mixed(round, 4, number) % CONTRACTS,
            HOURS[usize::try_from(mixed(round, 5, number) % 3).unwrap_or(0)],
        );
        // Rarely a round sum: the millionths are what is looked at.
        let price = 1_000_001 + i64::try_from(mixed(round, 6, number) % 500_000).expect("a price");
        let caps = [("hour", contract), ("day", contract / 2), ("total", contract / 6)];
        Self {
            lead: round * ROUND + number,
            at: after_ms(hour * HOUR_MS + i64::try_from(number % 3_000_000).expect("within the hour")),
            holds: caps.map(|(kind, cap)| held(round, kind, cap, hour, counts, price)).into(),
        }
    }

    /// Its attempt in one pass over all posts.
    const fn attempt(&self, pass: u64) -> u64 {
        self.lead * 10 + pass
    }

    async fn go(&self, store: &dyn Store, pass: u64) -> bool {
        // One contract gets a lead once.
        let contract = format!("acme_auto_{pass}");
        let intent = Intend {
            at: self.at,
            covered: covered_at(&contract, self.at),
            holds: self.holds.clone(),
            ..intend(self.lead, self.attempt(pass), &contract)
        };
        match store.intend(intent).await.expect("the store is well") {
            Intended::Go => true,
            Intended::Refused(Refusal::CapFull { .. }) => false,
            Intended::Refused(other) => panic!("refused for {other:?} and not for a cap"),
        }
    }

    /// A third of the posts is rejected and gives back what it took, a third is sold, and of a third nobody knows. Does it keep it?
    async fn end(&self, store: &dyn Store, pass: u64) -> bool {
        let attempt = self.attempt(pass);
        let settle = match self.lead % 3 {
            0 => ended(self.lead, attempt, rejected(), LeadState::Selling),
            1 => sold(self.lead, attempt, 1_200),
            _ => ended(self.lead, attempt, unknown(), LeadState::Uncertain),
        };
        store.settle(settle).await.expect("the store is well");
        !self.lead.is_multiple_of(3)
    }
}

/// A post, and the pass in which it went, if it did and still holds what it took.
type Went = (Post, Option<u64>);

/// All writers post at once, each so many leads; then they end what went and try again what was refused, at once again; and once more
/// when nothing is given back any more.
pub(super) async fn caps(store: Arc<dyn Store>, round: u64, posts_each: u64, counts: Counts) -> Found {
    let mut found = Found {
        posts: WRITERS * posts_each,
        ..Found::default()
    };
    let mut shares: Vec<Vec<Went>> = Vec::new();
    for writer in 0..WRITERS {
        let posts = (0..posts_each).map(|number| (Post::of(round, writer * posts_each + number, counts), None));
        shares.push(posts.collect());
    }
    at_once(WRITERS, |writer| {
        let (store, leads) = (
            store.clone(),
            shares[index(writer)].iter().map(|(post, _)| post.lead).collect::<Vec<_>>(),
        );
        async move {
            for lead in leads {
                store.accept(accept(lead)).await.expect("the store is well");
            }
        }
    })
    .await;
    for pass in 0..3 {
        let looked = at_once(WRITERS + 1, |writer| {
            let (store, share) = (store.clone(), shares.get(index(writer)).cloned());
            async move {
                match share {
                    Some(share) => (one_pass(&*store, share, pass).await, 0),
                    None => (Vec::new(), over_at_any_look(&*store, round, counts).await),
                }
            }
        })
        .await;
        found.over = looked.iter().map(|(_, over)| *over).fold(found.over, i64::max);
        shares = looked.into_iter().map(|(share, _)| share).take(index(WRITERS + 1)).collect();
        // In the second pass room comes free at any moment, so a post may have been refused just before.
        if pass != 1 {
            found.unused += unused(&*store, &shares).await;
        }
        let (over, astray) = compare(&*store, round, &shares).await;
        found.over = found.over.max(over);
        found.astray = found.astray.max(astray);
    }
    found.went = shares.iter().flatten().filter(|(_, went)| went.is_some()).count() as u64;
    found
}

/// Writers are numbered from one.
fn index(writer: u64) -> usize {
    usize::try_from(writer - 1).expect("a few writers")
}

/// What one writer does with its posts in one pass.
async fn one_pass(store: &dyn Store, share: Vec<Went>, pass: u64) -> Vec<Went> {
    let mut after = Vec::new();
    for (post, went) in share {
        let went = match went {
            Some(0) if pass == 1 => post.end(store, 0).await.then_some(0),
            None => post.go(store, pass).await.then_some(pass),
            other => other,
        };
        after.push((post, went));
    }
    after
}

/// Key and window of a counter.
type Key = (Arc<str>, Moment);

async fn used(store: &dyn Store, round: u64) -> BTreeMap<Key, i64> {
    let own = format!("{round}/");
    let counters = store.counters().await.expect("the store is well");
    let own = counters.into_iter().filter(|counter| counter.cap.starts_with(&own));
    own.map(|counter| ((counter.cap, counter.window), counter.used)).collect()
}

/// Looks again and again while the others write.
async fn over_at_any_look(store: &dyn Store, round: u64, counts: Counts) -> i64 {
    let mut limits = BTreeMap::new();
    for contract in 0..CONTRACTS {
        for hour in HOURS {
            for (kind, cap) in [("hour", contract), ("day", contract / 2), ("total", contract / 6)] {
                let hold = held(round, kind, cap, hour, counts, 1);
                limits.insert((hold.cap, hold.span.start), hold.limit);
            }
        }
    }
    let mut over = 0;
    for _ in 0..10 {
        let used = used(store, round).await;
        let beyond = |(key, used): (&Key, &i64)| (used - limits.get(key).copied().unwrap_or(0)).max(0);
        over += used.iter().map(beyond).sum::<i64>();
        tokio::task::yield_now().await;
    }
    over
}

/// What the counters are over their limits, and by how much they differ from what was let go.
async fn compare(store: &dyn Store, round: u64, shares: &[Vec<Went>]) -> (i64, i64) {
    let (mut expected, mut limits) = (BTreeMap::<Key, i64>::new(), BTreeMap::new());
    let gone = shares.iter().flatten().filter(|(_, went)| went.is_some());
    for hold in gone.flat_map(|(post, _)| &post.holds) {
        let key = (hold.cap.clone(), hold.span.start);
        limits.insert(key.clone(), hold.limit);
        *expected.entry(key).or_default() += hold.amount;
    }
    let found = used(store, round).await;
    let over = found.iter().filter_map(|(key, used)| Some((used - limits.get(key)?).max(0))).sum();
    let keys = expected.keys().chain(found.keys().filter(|key| !expected.contains_key(*key)));
    let of = |counters: &BTreeMap<Key, i64>, key: &Key| counters.get(key).copied().unwrap_or(0);
    let astray = keys.map(|key| (of(&expected, key) - of(&found, key)).abs()).sum();
    (over, astray)
}

/// Posts that were refused and would fit.
async fn unused(store: &dyn Store, shares: &[Vec<Went>]) -> u64 {
    let Some((first, _)) = shares.iter().flatten().next() else {
        return 0;
    };
    let used = used(store, first.lead / ROUND).await;
    let fits = |hold: &Hold| used.get(&(hold.cap.clone(), hold.span.start)).copied().unwrap_or(0) + hold.amount <= hold.limit;
    let refused = shares.iter().flatten().filter(|(_, went)| went.is_none());
    refused.filter(|(post, _)| post.holds.iter().all(fits)).count() as u64
}

/// Everybody posts one person at once, in one window after the other, from the first moment of each to its last; tells in how many windows
/// not exactly one was sold.
///
/// Every third first buyer rejects: then, and only then, one of those who come afterwards may have the person.
pub(super) async fn windows(store: Arc<dyn Store>, from: u64, count: u64) -> u64 {
    const WINDOW_MS: i64 = 30 * 24 * HOUR_MS;
    let mut wrong = 0;
    for window in from..from + count {
        let start = i64::try_from(window).expect("a small number") * WINDOW_MS;
        let own = move |writer: u64| window * 1_000 + writer;
        let post = move |writer: u64, pass: u64, ms: i64| Intend {
            at: after_ms(start + ms),
            covered: covered_at("acme_auto", after_ms(start + ms)),
            claims: vec![
                claim("campaign/auto", 1, start + WINDOW_MS),
                claim("contract/acme_auto", 1, start + WINDOW_MS),
            ],
            ..intend(own(writer), own(writer) * 10 + pass, "acme_auto")
        };
        let went = at_once(WRITERS, |writer| {
            let store = store.clone();
            async move {
                store.accept(accept(own(writer))).await.expect("the store is well");
                store.intend(post(writer, 0, 0)).await.expect("the store is well") == Intended::Go
            }
        })
        .await;
        let winners: Vec<u64> = (1..).zip(&went).filter(|(_, went)| **went).map(|(writer, _)| writer).collect();
        let rejects = window.is_multiple_of(3);
        for writer in &winners {
            let settle = if rejects {
                ended(own(*writer), own(*writer) * 10, rejected(), LeadState::Selling)
            } else {
                sold(own(*writer), own(*writer) * 10, 1_200)
            };
            store.settle(settle).await.expect("the store is well");
        }
        let again = at_once(WRITERS, |writer| {
            let store = store.clone();
            async move { store.intend(post(writer, 1, WINDOW_MS - 1)).await.expect("the store is well") == Intended::Go }
        })
        .await;
        let again = again.iter().filter(|went| **went).count();
        wrong += u64::from((winners.len(), again) != (1, usize::from(rejects)));
    }
    wrong
}

/// Everybody posts one quote at once, one quote after the other; tells how many were not redeemed exactly once.
pub(super) async fn quotes(store: Arc<dyn Store>, from: u64, count: u64) -> u64 {
    let mut wrong = 0;
    for quote in from..from + count {
        let found = at_once(WRITERS, |writer| {
            let store = store.clone();
            let accept = Accept {
                quote: Some(quote_id(quote)),
                ..accept(quote * 1_000 + writer)
            };
            async move { store.accept(accept).await.expect("the store is well") }
        })
        .await;
        let count = |what: Accepted| found.iter().filter(|found| **found == what).count();
        wrong += u64::from((count(Accepted::New), count(Accepted::QuoteUsed)) != (1, index(WRITERS)));
    }
    wrong
}

pub(super) async fn of_64_writers_at_100_caps_none_goes_over_and_none_leaves_room(store: Arc<dyn Store>) {
    let found = caps(store, 1, 8, Counts::Posts).await;
    assert!(
        found.exact() && 0 < found.went && found.went < found.posts,
        "{CAPS} caps: {found:?}"
    );
}

pub(super) async fn of_64_writers_with_any_prices_none_overdraws_by_a_millionth(store: Arc<dyn Store>) {
    let found = caps(store, 1, 8, Counts::Money).await;
    assert!(
        found.exact() && 0 < found.went && found.went < found.posts,
        "{CAPS} caps: {found:?}"
    );
}

pub(super) async fn of_64_posts_of_one_person_one_is_sold_in_each_window(store: Arc<dyn Store>) {
    assert_eq!(windows(store, 1, 3).await, 0);
}

pub(super) async fn of_64_posts_of_one_quote_one_is_taken_each_time(store: Arc<dyn Store>) {
    assert_eq!(quotes(store, 1, 3).await, 0);
}
