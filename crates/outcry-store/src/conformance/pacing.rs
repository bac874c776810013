//! What counts posts and pings, what rolls, what comes back by itself, and leads that wait.

use super::sample::{
    accept, after_ms, attempt, boot, contents, ended, hold, intend, lead, not_sent, opening, quote_id, rejected, settle, sold, unknown,
};
use outcry_core::cap::Span;
use outcry_core::id::{ContractName, SourceName};
use outcry_core::money::Money;
use outcry_core::record::{Door, Run};
use outcry_core::throttle::Rate;
use outcry_core::verdict::Verdict;
use outcry_engine::ports::store::{
    Draw, Drawn, Frees, Hold, Intend, Intended, LeadState, Recovery, Refusal, Settle, Settled, Store, Token, Waiting, tell_nobody,
};
use std::sync::Arc;

/// A hold in a window of ten seconds that rolls by the second, at so many milliseconds after the opening.
pub(super) fn rolling(cap: &str, at_ms: i64, limit: i64) -> Hold {
    let start = at_ms - at_ms.rem_euclid(1_000);
    let span = Span {
        start: after_ms(start),
        since: after_ms(start - 10_000),
        end: Some(after_ms(start + 1_000)),
    };
    Hold {
        span,
        ..hold(cap, 1, limit)
    }
}

/// A token of a throttle that lets so many through a second, at most so many at once.
pub(super) fn token(throttle: &str, count: u32, burst: u32) -> Token {
    Token {
        throttle: throttle.into(),
        rate: Rate::new(count, 1, burst),
    }
}

/// A lead that nobody took, and that is tried again so long after the opening.
pub(super) fn waits(of: u64, due_ms: i64) -> Settle {
    Settle {
        waiting: Some(Waiting {
            lead: lead(of),
            due: after_ms(due_ms),
            source: SourceName::new("clickmill"),
            door: Door::Post,
            run: Run::Live,
            received: opening(),
            quote: Some(quote_id(of)),
            promised: Some(Money::from_cents(960)),
            payout_min: Money::from_cents(100),
            sales_max: 2,
            excluded: vec!["acme".into()],
            sub_ids: vec![Some("banner 7".into()), None],
            refused_by: vec![ContractName::new("bravo_auto")],
        }),
        ..settle(of, LeadState::Waiting)
    }
}

/// What is used of each cap, by their names.
async fn used(store: &Arc<dyn Store>) -> Vec<(String, i64)> {
    let counters = store.counters().await.unwrap();
    counters
        .into_iter()
        .map(|counter| (counter.cap.to_string(), counter.used))
        .collect()
}

async fn leads(store: &Arc<dyn Store>, numbers: std::ops::RangeInclusive<u64>) {
    for number in numbers {
        store.accept(accept(number)).await.unwrap();
    }
}

fn posting(number: u64, at_ms: i64, holds: Vec<Hold>, tokens: Vec<Token>) -> Intend {
    Intend {
        at: after_ms(at_ms),
        holds,
        tokens,
        ..intend(number, number * 10, "acme_auto")
    }
}

pub(super) fn pings(at_ms: i64, pings: Vec<Drawn>) -> Draw {
    Draw {
        at: after_ms(at_ms),
        lead: Drawn::default(),
        pings,
    }
}

pub(super) fn ping(holds: Vec<Hold>, tokens: Vec<Token>) -> Drawn {
    Drawn { holds, tokens }
}

fn full(cap: &str, limit: i64, opens_ms: i64) -> Refusal {
    Refusal::CapFull {
        cap: cap.into(),
        limit,
        opens: Some(after_ms(opens_ms)),
    }
}

fn too_fast(throttle: &str, wait_ms: u32) -> Refusal {
    Refusal::TooFast {
        throttle: throttle.into(),
        wait_ms,
    }
}

pub(super) async fn what_counts_posts_is_freed_only_by_a_post_that_was_not_sent(store: Arc<dyn Store>) {
    leads(&store, 1..=4).await;
    let both = || {
        let posts = Hold {
            frees: Frees::NotSent,
            ..hold("acme/posts", 1, 10)
        };
        vec![posts, hold("acme/sales", 1, 10)]
    };
    let verdicts: [(u64, Verdict, LeadState, [i64; 2]); 3] = [
        (1, rejected(), LeadState::Selling, [4, 3]),
        (2, not_sent(), LeadState::Selling, [3, 2]),
        (3, unknown(), LeadState::Uncertain, [3, 2]),
    ];
    for number in 1..=4 {
        assert_eq!(store.intend(posting(number, 100, both(), Vec::new())).await.unwrap(), Intended::Go);
    }
    let posts_and_sales = |used: Vec<(String, i64)>| used.into_iter().map(|(_, used)| used).collect::<Vec<_>>();
    for (number, verdict, state, left) in verdicts {
        store.settle(ended(number, number * 10, verdict, state)).await.unwrap();
        assert_eq!(posts_and_sales(used(&store).await), left, "after lead {number}");
    }
    store.settle(sold(4, 40, 1_200)).await.unwrap();
    // What was unknown turns out rejected: the sale is freed, the post was made.
    store.settle(ended(3, 30, rejected(), LeadState::Unsold)).await.unwrap();
    assert_eq!(posts_and_sales(used(&store).await), [3, 1]);
    let found = store.recover(boot(2), after_ms(1_000), tell_nobody()).await.unwrap();
    assert_eq!(found.counters_mended, 0, "a start adds up the same");
}

pub(super) async fn a_rolling_window_counts_what_came_within_its_length(store: Arc<dyn Store>) {
    leads(&store, 1..=6).await;
    let post = |number: u64, at_ms| posting(number, at_ms, vec![rolling("acme/rolling", at_ms, 2)], Vec::new());
    let refused = |opens_ms| Intended::Refused(full("acme/rolling", 2, opens_ms));
    assert_eq!(store.intend(post(1, 300)).await.unwrap(), Intended::Go);
    assert_eq!(store.intend(post(2, 4_700)).await.unwrap(), Intended::Go);
    // The first one's second has left the window eleven seconds after it began.
    assert_eq!(store.intend(post(3, 9_999)).await.unwrap(), refused(11_000));
    assert_eq!(store.intend(post(3, 10_999)).await.unwrap(), refused(11_000));
    assert_eq!(store.intend(post(3, 11_000)).await.unwrap(), Intended::Go);
    assert_eq!(store.intend(post(4, 11_001)).await.unwrap(), refused(15_000));
    store.settle(ended(2, 20, rejected(), LeadState::Selling)).await.unwrap();
    assert_eq!(
        store.intend(post(4, 11_001)).await.unwrap(),
        Intended::Go,
        "a rejected post makes room at once"
    );
    assert_eq!(store.intend(post(5, 11_500)).await.unwrap(), refused(22_000));
    // A clock that is put back finds no more room than before.
    assert_eq!(store.intend(post(6, 3_000)).await.unwrap(), refused(22_000));
}

pub(super) async fn a_token_comes_back_by_itself_and_not_by_an_outcome(store: Arc<dyn Store>) {
    leads(&store, 1..=5).await;
    let post = |number: u64, at_ms| posting(number, at_ms, Vec::new(), vec![token("acme/posts", 2, 2)]);
    assert_eq!(store.intend(post(1, 0)).await.unwrap(), Intended::Go);
    assert_eq!(store.intend(post(2, 0)).await.unwrap(), Intended::Go);
    assert_eq!(
        store.intend(post(2, 0)).await.unwrap(),
        Intended::Go,
        "the same again takes nothing"
    );
    assert_eq!(
        store.intend(post(3, 100)).await.unwrap(),
        Intended::Refused(too_fast("acme/posts", 400))
    );
    store.settle(ended(1, 10, rejected(), LeadState::Selling)).await.unwrap();
    assert_eq!(
        store.intend(post(3, 499)).await.unwrap(),
        Intended::Refused(too_fast("acme/posts", 1))
    );
    assert_eq!(store.intend(post(3, 500)).await.unwrap(), Intended::Go);
    let both = |number: u64| posting(number, 1_000, vec![hold("acme/none", 1, 0)], vec![token("acme/posts", 2, 2)]);
    assert!(matches!(
        store.intend(both(4)).await.unwrap(),
        Intended::Refused(Refusal::CapFull { .. })
    ));
    assert_eq!(
        store.intend(post(5, 1_000)).await.unwrap(),
        Intended::Go,
        "whoever was refused has taken no token"
    );
    store.recover(boot(2), after_ms(1_000), tell_nobody()).await.unwrap();
    leads(&store, 6..=6).await;
    assert_eq!(
        store.intend(post(6, 1_000)).await.unwrap(),
        Intended::Refused(too_fast("acme/posts", 500)),
        "a start remembers"
    );
}

pub(super) async fn each_ping_takes_all_of_its_units_or_none(store: Arc<dyn Store>) {
    let ann = || vec![hold("ann/pings", 1, 2)];
    let both = || vec![hold("ann/pings", 1, 2), hold("bob/pings", 1, 1)];
    let answered = store
        .draw(pings(
            0,
            vec![
                ping(both(), Vec::new()),
                ping(both(), Vec::new()),
                ping(ann(), vec![token("slow", 1, 1)]),
                ping(ann(), Vec::new()),
                ping(Vec::new(), vec![token("slow", 1, 1)]),
            ],
        ))
        .await
        .unwrap();
    let day = 86_400_000;
    assert_eq!(
        answered.pings,
        [
            None,
            Some(full("bob/pings", 1, day)),
            None,
            Some(full("ann/pings", 2, day)),
            Some(too_fast("slow", 1_000))
        ]
    );
    let expected = [("ann/pings".to_owned(), 2), ("bob/pings".to_owned(), 1)];
    assert_eq!(used(&store).await, expected);
    let found = store.recover(boot(2), after_ms(1_000), tell_nobody()).await.unwrap();
    assert_eq!(
        (found.counters_mended, used(&store).await),
        (0, expected.into()),
        "no attempt holds them, and a start keeps them"
    );
    let again = store.draw(pings(2_000, vec![ping(both(), Vec::new())])).await.unwrap();
    assert_eq!(again.pings, [Some(full("ann/pings", 2, day))]);
}

pub(super) async fn where_the_lead_has_no_room_no_ping_takes_any(store: Arc<dyn Store>) {
    let asked = || Draw {
        lead: ping(vec![hold("site/pings", 1, 2)], Vec::new()),
        ..pings(0, vec![ping(vec![hold("ann/pings", 1, 9)], Vec::new()); 3])
    };
    for _ in 0..2 {
        let found = store.draw(asked()).await.unwrap();
        assert_eq!((found.lead, found.pings), (None, vec![None; 3]));
    }
    let found = store.draw(asked()).await.unwrap();
    assert_eq!((found.lead, found.pings), (Some(full("site/pings", 2, 86_400_000)), Vec::new()));
    assert_eq!(used(&store).await, [("ann/pings".to_owned(), 6), ("site/pings".to_owned(), 2)]);
}

pub(super) async fn a_counter_remembers_when_its_first_unit_was_taken(store: Arc<dyn Store>) {
    leads(&store, 1..=3).await;
    let first = |counters: Vec<outcry_engine::ports::store::Counter>| counters.first().and_then(|counter| counter.first);
    for (number, at_ms) in [(1, 500), (2, 900)] {
        store
            .intend(posting(number, at_ms, vec![hold("acme/day", 1, 9)], Vec::new()))
            .await
            .unwrap();
        assert_eq!(first(store.counters().await.unwrap()), Some(after_ms(500)));
    }
    for number in 1..=2 {
        store
            .settle(ended(number, number * 10, rejected(), LeadState::Selling))
            .await
            .unwrap();
    }
    store
        .intend(posting(3, 7_000, vec![hold("acme/day", 1, 9)], Vec::new()))
        .await
        .unwrap();
    assert_eq!(
        first(store.counters().await.unwrap()),
        Some(after_ms(7_000)),
        "a counter that was empty begins anew"
    );
}

pub(super) async fn a_lead_that_waits_is_found_when_its_time_has_come(store: Arc<dyn Store>) {
    leads(&store, 1..=3).await;
    let due = |at_ms: i64| {
        let store = store.clone();
        async move {
            let found: Vec<Waiting> = store.waiting(after_ms(at_ms), 10).await.unwrap();
            found.into_iter().map(|waiting| waiting.lead).collect::<Vec<_>>()
        }
    };
    for (number, due_ms) in [(2, 5_000), (1, 5_000), (3, 9_000)] {
        assert_eq!(store.settle(waits(number, due_ms)).await.unwrap(), Settled::Done);
    }
    assert_eq!(due(4_999).await, []);
    assert_eq!(due(5_000).await, [lead(1), lead(2)], "the oldest lead first");
    assert_eq!(store.waiting(after_ms(9_000), 1).await.unwrap(), [waits(1, 5_000).waiting.unwrap()]);
    let standing = store.lead(lead(1)).await.unwrap().unwrap();
    assert_eq!(standing.state, LeadState::Waiting);
    assert_eq!(store.books().await.unwrap().pending, 3);
    // Taken up again it waits no longer; put back it waits anew.
    store.settle(settle(1, LeadState::Selling)).await.unwrap();
    assert_eq!(due(9_000).await, [lead(2), lead(3)]);
    store.settle(waits(1, 12_000)).await.unwrap();
    assert_eq!(
        (due(9_000).await, due(12_000).await),
        (vec![lead(2), lead(3)], vec![lead(1), lead(2), lead(3)])
    );
    store.settle(settle(2, LeadState::Unsold)).await.unwrap();
    assert_eq!(due(9_000).await, [lead(3)]);
}

pub(super) async fn a_lead_that_waits_outlives_a_start(store: Arc<dyn Store>) {
    leads(&store, 1..=2).await;
    store.settle(waits(1, 5_000)).await.unwrap();
    // A post that was rejected does not keep a lead from waiting.
    store.intend(intend(2, 20, "acme_auto")).await.unwrap();
    store.settle(ended(2, 20, rejected(), LeadState::Selling)).await.unwrap();
    store.settle(waits(2, 6_000)).await.unwrap();
    let found = store.recover(boot(2), after_ms(1_000), tell_nobody()).await.unwrap();
    assert_eq!(found, Recovery::default(), "nothing was left behind");
    let waiting = store.waiting(after_ms(6_000), 10).await.unwrap();
    assert_eq!(waiting, [waits(1, 5_000).waiting.unwrap(), waits(2, 6_000).waiting.unwrap()]);
    assert_eq!(waiting[0].quote, Some(quote_id(1)));
    let opened = store.reopen(lead(1), &super::sample::catalog()).await.unwrap().unwrap();
    assert_eq!(opened.row, contents(1).row);
    // Whoever takes it up and dies leaves it to the next start.
    store.settle(settle(1, LeadState::Selling)).await.unwrap();
    assert_eq!(store.recover(boot(3), after_ms(7_000), tell_nobody()).await.unwrap().expired, 1);
    assert_eq!(store.lead(lead(2)).await.unwrap().unwrap().attempts[0].0, attempt(20));
}
