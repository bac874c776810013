//! What holds when everybody comes at once: all start from one barrier, on as many threads as the runtime has.

use super::pacing::{ping, pings, rolling, token};
use super::sample::{accept, after_ms, boot, claim, ended, hold, in_review, intend, lead, mark, person, quote_id, rejected, turn};
use outcry_engine::ports::store::{Accept, Accepted, Intend, Intended, LeadState, Refusal, Store, Withdrawal};
use std::future::Future;
use std::sync::Arc;
use tokio::sync::Barrier;

const MANY: u64 = 64;

/// Lets so many tasks go at the same moment and collects what they found.
pub(super) async fn at_once<T: Send + 'static, F: Future<Output = T> + Send + 'static>(count: u64, task: impl Fn(u64) -> F) -> Vec<T> {
    let barrier = Arc::new(Barrier::new(usize::try_from(count).expect("a few tasks")));
    let tasks: Vec<_> = (1..=count)
        .map(|number| {
            let (barrier, task) = (barrier.clone(), task(number));
            tokio::spawn(async move {
                barrier.wait().await;
                task.await
            })
        })
        .collect();
    let mut found = Vec::new();
    for task in tasks {
        found.push(task.await.expect("no task of a race panics"));
    }
    found
}

async fn intend_at_once(store: &Arc<dyn Store>, intent: impl Fn(u64) -> Intend) -> Vec<Intended> {
    for number in 1..=MANY {
        store.accept(accept(number)).await.unwrap();
    }
    at_once(MANY, |number| {
        let (store, intent) = (store.clone(), intent(number));
        async move { store.intend(intent).await.unwrap() }
    })
    .await
}

fn gone(found: &[Intended]) -> usize {
    found.iter().filter(|intended| **intended == Intended::Go).count()
}

pub(super) async fn of_64_posts_for_the_last_places_of_a_cap_exactly_those_go(store: Arc<dyn Store>) {
    let intent = |number| Intend {
        holds: vec![hold("acme/total", 1, 500), hold("acme/day", 1, 20)],
        ..intend(number, number * 10, "acme_auto")
    };
    let found = intend_at_once(&store, intent).await;
    assert_eq!(gone(&found), 20);
    let used = |counters: Vec<outcry_engine::ports::store::Counter>| counters.iter().map(|counter| counter.used).collect::<Vec<_>>();
    assert_eq!(used(store.counters().await.unwrap()), [20, 20]);
    for (number, _) in (1..).zip(&found).filter(|(_, intended)| **intended == Intended::Go) {
        store
            .settle(ended(number, number * 10, rejected(), LeadState::Unsold))
            .await
            .unwrap();
    }
    assert!(used(store.counters().await.unwrap()).is_empty(), "every place comes back");
}

pub(super) async fn a_budget_is_never_overdrawn_and_never_left_unused(store: Arc<dyn Store>) {
    let price = |number: u64| i64::try_from(1_000_001 + number * 7_919 % 500_000).expect("a price");
    let limit = 31_415_926;
    let found = intend_at_once(&store, |number| Intend {
        holds: vec![hold("acme/budget", price(number), limit)],
        ..intend(number, number * 10, "acme_auto")
    })
    .await;
    let spent: i64 = (1..)
        .zip(&found)
        .filter(|(_, intended)| **intended == Intended::Go)
        .map(|(number, _)| price(number))
        .sum();
    assert_eq!(store.counters().await.unwrap()[0].used, spent);
    assert!(spent <= limit, "{spent} is over the budget");
    let cheapest = (1..)
        .zip(&found)
        .filter(|(_, intended)| **intended != Intended::Go)
        .map(|(number, _)| price(number))
        .min();
    assert!(
        cheapest.is_none_or(|price| spent + price > limit),
        "{spent} leaves room for one more"
    );
}

pub(super) async fn of_64_posts_in_a_rolling_window_exactly_the_limit_go(store: Arc<dyn Store>) {
    // Spread over the whole window, so that they count in different parts of it, and come in any order.
    let intent = |number: u64| {
        let at_ms = i64::try_from(number * 37 % MANY * 150).expect("a moment");
        Intend {
            holds: vec![rolling("acme/rolling", at_ms, 20)],
            ..intend(number, number * 10, "acme_auto")
        }
    };
    let found = intend_at_once(&store, intent).await;
    assert_eq!(gone(&found), 20);
    assert_eq!(store.counters().await.unwrap().iter().map(|counter| counter.used).sum::<i64>(), 20);
}

pub(super) async fn of_64_posts_at_one_moment_as_many_go_as_the_bucket_has_tokens(store: Arc<dyn Store>) {
    let found = intend_at_once(&store, |number| Intend {
        tokens: vec![token("acme/posts", 10, 12)],
        ..intend(number, number * 10, "acme_auto")
    })
    .await;
    assert_eq!(gone(&found), 12);
}

pub(super) async fn of_64_leads_pinging_at_once_exactly_the_limit_of_pings_leave(store: Arc<dyn Store>) {
    let found = at_once(MANY, |_| {
        let store = store.clone();
        let two = vec![
            ping(vec![hold("ann/pings", 1, 25), hold("all/pings", 1, 40)], Vec::new()),
            ping(
                vec![hold("bob/pings", 1, 50), hold("all/pings", 1, 40)],
                vec![token("slow", 10, 30)],
            ),
        ];
        async move { store.draw(pings(0, two)).await.unwrap().pings }
    })
    .await;
    let left = |at: usize| found.iter().filter(|answered| answered[at].is_none()).count();
    assert!(left(0) <= 25 && left(1) <= 30, "{} and {}", left(0), left(1));
    assert_eq!(left(0) + left(1), 40, "all of them leave that there is room for, and no more");
}

pub(super) async fn of_64_leads_of_one_person_one_is_posted(store: Arc<dyn Store>) {
    let claims = || vec![claim("campaign/auto", 1, 9_000), claim("contract/acme_auto", 1, 9_000)];
    let found = intend_at_once(&store, |number| Intend {
        claims: claims(),
        ..intend(number, number * 10, "acme_auto")
    })
    .await;
    assert_eq!(gone(&found), 1);
}

pub(super) async fn of_64_leads_of_one_person_at_once_one_is_no_duplicate(store: Arc<dyn Store>) {
    let found = at_once(MANY, |number| {
        let store = store.clone();
        let marks = vec![mark("campaign/auto:accepted", 1, 9_000), mark("source/site:any", 2, 9_000)];
        async move { store.accept(Accept { marks, ..accept(number) }).await.unwrap() }
    })
    .await;
    assert_eq!(found.iter().filter(|accepted| **accepted == Accepted::New).count(), 1);
    let others = found.iter().filter(|accepted| matches!(accepted, Accepted::Duplicate { .. }));
    assert_eq!(others.count(), 63);
    assert_eq!(store.books().await.unwrap().leads, 64, "a duplicate is a lead all the same");
}

pub(super) async fn of_64_posts_of_one_quote_one_is_taken(store: Arc<dyn Store>) {
    let found = at_once(MANY, |number| {
        let store = store.clone();
        async move {
            store
                .accept(Accept {
                    quote: Some(quote_id(1)),
                    ..accept(number)
                })
                .await
                .unwrap()
        }
    })
    .await;
    assert_eq!(found.iter().filter(|accepted| **accepted == Accepted::New).count(), 1);
    assert_eq!(found.iter().filter(|accepted| **accepted == Accepted::QuoteUsed).count(), 63);
}

pub(super) async fn of_100_copies_of_a_request_one_becomes_a_lead(store: Arc<dyn Store>) {
    let found = at_once(100, |number| {
        let store = store.clone();
        async move {
            (
                number,
                store
                    .accept(Accept {
                        lead: lead(number),
                        ..accept(1)
                    })
                    .await
                    .unwrap(),
            )
        }
    })
    .await;
    let new: Vec<u64> = found
        .iter()
        .filter(|(_, accepted)| *accepted == Accepted::New)
        .map(|(number, _)| *number)
        .collect();
    assert_eq!(new.len(), 1);
    let others = found.iter().filter(|(number, _)| *number != new[0]);
    assert!(
        others
            .into_iter()
            .all(|(_, accepted)| *accepted == Accepted::InFlight(lead(new[0])))
    );
    assert_eq!(store.books().await.unwrap().leads, 1);
}

pub(super) async fn of_64_legs_of_an_exclusive_lead_one_is_taken(store: Arc<dyn Store>) {
    store.accept(accept(1)).await.unwrap();
    let found = at_once(MANY, |number| {
        let store = store.clone();
        let intent = Intend {
            boot: boot(number),
            ..intend(1, number, &format!("contract_{number}"))
        };
        async move { store.intend(intent).await.unwrap() }
    })
    .await;
    assert_eq!(gone(&found), 1);
}

pub(super) async fn of_64_posts_of_one_leg_one_is_made(store: Arc<dyn Store>) {
    store.accept(accept(1)).await.unwrap();
    let found = at_once(MANY, |number| {
        let store = store.clone();
        let intent = Intend {
            leg: u32::try_from(number % 2 + 1).expect("one or two"),
            ..intend(1, number, "acme_auto")
        };
        async move { store.intend(intent).await.unwrap() }
    })
    .await;
    assert_eq!(gone(&found), 2, "one for each of the two legs");
}

pub(super) async fn of_64_turns_everybody_has_as_many(store: Arc<dyn Store>) {
    let contracts = ["ann", "bob", "cid", "dan"];
    let mut turns = at_once(MANY, |_| {
        let (store, turn) = (store.clone(), turn("auto/round_robin", &contracts));
        async move {
            let seen = store.turn(turn.clone()).await.unwrap();
            (turn.decide)(&seen).remove(0)
        }
    })
    .await;
    turns.sort_by_key(|charge| charge.stands);
    let order: Vec<&str> = turns.iter().map(|charge| charge.contract.as_str()).collect();
    let exact: Vec<&str> = contracts.into_iter().cycle().take(order.len()).collect();
    assert_eq!(order, exact, "each turn follows from the one before it");
}

/// Each lead is posted once in the crowd, and once more when the withdrawal has been answered.
pub(super) async fn of_64_posts_around_a_withdrawal_none_goes_after_it(store: Arc<dyn Store>) {
    for number in 1..=MANY {
        store.accept(accept(number)).await.unwrap();
    }
    let (answered, wait) = tokio::sync::watch::channel(false);
    let answered = Arc::new(answered);
    let post = |number: u64, of: u64, contract: &str| Intend {
        contacts: vec![person(1)],
        ..intend(number, of, contract)
    };
    let found = at_once(MANY + 1, |number| {
        let (store, answered, mut wait) = (store.clone(), answered.clone(), wait.clone());
        let (first, second) = (post(number, number * 10, "acme_auto"), post(number, number * 10 + 1, "bolt_auto"));
        async move {
            if number > MANY {
                let withdrawal = Withdrawal {
                    people: vec![person(1)],
                    scope: "all".into(),
                    at: after_ms(50),
                    from: "source".into(),
                };
                store.withdraw(withdrawal).await.unwrap();
                answered.send_replace(true);
                return Intended::Refused(Refusal::LegTaken);
            }
            if store.intend(first).await.unwrap() == Intended::Go {
                store
                    .settle(ended(number, number * 10, rejected(), LeadState::Selling))
                    .await
                    .unwrap();
            }
            wait.wait_for(|answered| *answered).await.unwrap();
            store.intend(second).await.unwrap()
        }
    })
    .await;
    assert_eq!(gone(&found), 0, "a post after the answer to a withdrawal");
}

pub(super) async fn of_64_reviewers_one_takes_the_lead(store: Arc<dyn Store>) {
    store.accept(accept(1)).await.unwrap();
    store.settle(in_review(1, "the text is unknown")).await.unwrap();
    let taken = at_once(MANY, |_| {
        let store = store.clone();
        async move { store.take_from_review(lead(1)).await.unwrap() }
    })
    .await;
    assert_eq!(taken.iter().filter(|taken| **taken).count(), 1);
}
