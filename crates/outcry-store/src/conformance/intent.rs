//! What T2 promises.

use super::sample::{accept, after_ms, attempt, claim, ended, hold, intend, lead, not_sent, rejected, settle, sold, unknown};
use outcry_core::cap::Span;
use outcry_core::moment::Moment;
use outcry_engine::ports::store::{Claim, Hold, Intend, Intended, LeadState, Refusal, Store};
use std::sync::Arc;

pub(super) const LEG_TAKEN: Intended = Intended::Refused(Refusal::LegTaken);

pub(super) async fn leads(store: &Arc<dyn Store>, numbers: std::ops::RangeInclusive<u64>) {
    for number in numbers {
        store.accept(accept(number)).await.unwrap();
    }
}

/// What is used of a cap in all windows.
async fn used(store: &Arc<dyn Store>, cap: &str) -> i64 {
    store
        .counters()
        .await
        .unwrap()
        .iter()
        .filter(|counter| &*counter.cap == cap)
        .map(|counter| counter.used)
        .sum()
}

fn holding(intend: Intend, holds: Vec<Hold>) -> Intend {
    Intend { holds, ..intend }
}

fn claiming(intend: Intend, claims: Vec<Claim>) -> Intend {
    Intend { claims, ..intend }
}

fn duplicate(scope: &str) -> Intended {
    Intended::Refused(Refusal::Duplicate { scope: scope.into() })
}

fn full(cap: &str, limit: i64) -> Intended {
    Intended::Refused(Refusal::CapFull {
        cap: cap.into(),
        limit,
        opens: Some(after_ms(86_400_000)),
    })
}

pub(super) async fn the_same_intent_twice_takes_once(store: Arc<dyn Store>) {
    leads(&store, 1..=1).await;
    let intent = claiming(
        holding(intend(1, 10, "acme_auto"), vec![hold("acme/day", 1, 5)]),
        vec![claim("campaign/auto", 1, 1_000)],
    );
    assert_eq!(store.intend(intent.clone()).await.unwrap(), Intended::Go);
    assert_eq!(store.intend(intent).await.unwrap(), Intended::Go);
    assert_eq!(used(&store, "acme/day").await, 1);
    let standing = store.lead(lead(1)).await.unwrap().unwrap();
    let attempts: Vec<_> = standing
        .attempts
        .iter()
        .map(|(id, contract, state)| (*id, contract.as_str(), &**state))
        .collect();
    assert_eq!(attempts, [(attempt(10), "acme_auto", "intent")]);
}

pub(super) async fn an_exclusive_lead_has_one_leg(store: Arc<dyn Store>) {
    leads(&store, 1..=1).await;
    assert_eq!(store.intend(intend(1, 10, "acme_auto")).await.unwrap(), Intended::Go);
    assert_eq!(store.intend(intend(1, 11, "bolt_auto")).await.unwrap(), LEG_TAKEN);
    store.settle(ended(1, 10, rejected(), LeadState::Selling)).await.unwrap();
    assert_eq!(store.intend(intend(1, 11, "bolt_auto")).await.unwrap(), Intended::Go);
    store.settle(ended(1, 11, unknown(), LeadState::Uncertain)).await.unwrap();
    assert_eq!(
        store.intend(intend(1, 12, "core_auto")).await.unwrap(),
        LEG_TAKEN,
        "an unknown post may have sold it"
    );
}

pub(super) async fn a_shared_lead_has_as_many_legs_as_it_was_promised(store: Arc<dyn Store>) {
    leads(&store, 1..=1).await;
    let shared = |number, contract| Intend {
        legs_max: 2,
        ..intend(1, number, contract)
    };
    assert_eq!(store.intend(shared(10, "acme_auto")).await.unwrap(), Intended::Go);
    assert_eq!(store.intend(shared(11, "bolt_auto")).await.unwrap(), Intended::Go);
    assert_eq!(store.intend(shared(12, "core_auto")).await.unwrap(), LEG_TAKEN);
    store.settle(sold(1, 10, 1_200)).await.unwrap();
    assert_eq!(
        store.intend(shared(12, "core_auto")).await.unwrap(),
        LEG_TAKEN,
        "a sold leg stays taken"
    );
    store.settle(ended(1, 11, not_sent(), LeadState::Sold)).await.unwrap();
    assert_eq!(store.intend(shared(12, "core_auto")).await.unwrap(), Intended::Go);
}

pub(super) async fn nobody_comes_in_beside_an_exclusive_leg(store: Arc<dyn Store>) {
    for (lead, first, second, beside) in [(1, 1, 3, false), (2, 3, 1, false), (3, 2, 3, true)] {
        store.accept(accept(lead)).await.unwrap();
        let leg = |number: u64, legs_max| Intend {
            legs_max,
            ..intend(lead, lead * 10 + number, &format!("contract_{number}"))
        };
        assert_eq!(store.intend(leg(1, first)).await.unwrap(), Intended::Go);
        let found = store.intend(leg(2, second)).await.unwrap();
        assert_eq!(found == Intended::Go, beside, "{second} beside {first}");
    }
    let third = Intend {
        legs_max: 3,
        ..intend(3, 33, "contract_3")
    };
    assert_eq!(
        store.intend(third).await.unwrap(),
        Intended::Refused(Refusal::LegTaken),
        "the first shares with one"
    );
}

pub(super) async fn a_lead_goes_to_one_contract_once(store: Arc<dyn Store>) {
    leads(&store, 1..=1).await;
    let shared = |number| Intend {
        legs_max: 5,
        ..intend(1, number, "acme_auto")
    };
    assert_eq!(store.intend(shared(10)).await.unwrap(), Intended::Go);
    assert_eq!(store.intend(shared(11)).await.unwrap(), LEG_TAKEN);
    store.settle(ended(1, 10, not_sent(), LeadState::Selling)).await.unwrap();
    assert_eq!(
        store.intend(shared(11)).await.unwrap(),
        Intended::Go,
        "what never left may be tried again"
    );
}

pub(super) async fn each_leg_of_a_contract_is_posted_once_and_all_are_one_copy(store: Arc<dyn Store>) {
    leads(&store, 1..=2).await;
    let leg = |number, leg| Intend {
        leg,
        ..intend(1, number, "acme_auto")
    };
    assert_eq!(store.intend(leg(10, 1)).await.unwrap(), Intended::Go);
    assert_eq!(
        store.intend(leg(11, 2)).await.unwrap(),
        Intended::Go,
        "the lead is exclusive to the contract"
    );
    assert_eq!(store.intend(leg(12, 2)).await.unwrap(), LEG_TAKEN);
    assert_eq!(
        store.intend(leg(13, 0)).await.unwrap(),
        LEG_TAKEN,
        "the whole is not sold beside its legs"
    );
    assert_eq!(store.intend(intend(1, 14, "bolt_auto")).await.unwrap(), LEG_TAKEN);
    store.settle(ended(1, 11, not_sent(), LeadState::Selling)).await.unwrap();
    assert_eq!(
        store.intend(leg(15, 2)).await.unwrap(),
        Intended::Go,
        "what never left may be tried again"
    );
    store.settle(ended(1, 15, unknown(), LeadState::Selling)).await.unwrap();
    assert_eq!(store.intend(leg(16, 2)).await.unwrap(), LEG_TAKEN);
    let shared = |number: u64, leg: u32, contract: &str| Intend {
        leg,
        legs_max: 2,
        ..intend(2, number, contract)
    };
    for (number, leg, contract) in [(20, 1, "acme_auto"), (21, 2, "acme_auto"), (22, 0, "bolt_auto")] {
        assert_eq!(
            store.intend(shared(number, leg, contract)).await.unwrap(),
            Intended::Go,
            "{contract} {leg}"
        );
    }
    assert_eq!(
        store.intend(shared(23, 0, "core_auto")).await.unwrap(),
        LEG_TAKEN,
        "two contracts have it"
    );
}

pub(super) async fn an_unknown_post_leaves_room_only_for_those_who_break_the_promise(store: Arc<dyn Store>) {
    leads(&store, 1..=2).await;
    for number in [1, 2] {
        store.intend(intend(number, number * 10, "acme_auto")).await.unwrap();
    }
    let beside = |of: u64, number, contract| Intend {
        beside_unknown: true,
        ..intend(of, number, contract)
    };
    assert_eq!(
        store.intend(beside(1, 11, "bolt_auto")).await.unwrap(),
        LEG_TAKEN,
        "the post is under way"
    );
    store.settle(ended(1, 10, unknown(), LeadState::Selling)).await.unwrap();
    assert_eq!(store.intend(intend(1, 12, "bolt_auto")).await.unwrap(), LEG_TAKEN);
    assert_eq!(
        store.intend(beside(1, 13, "acme_auto")).await.unwrap(),
        LEG_TAKEN,
        "never twice to one contract"
    );
    assert_eq!(store.intend(beside(1, 14, "bolt_auto")).await.unwrap(), Intended::Go);
    assert_eq!(
        store.intend(beside(1, 15, "core_auto")).await.unwrap(),
        LEG_TAKEN,
        "one is open again"
    );
    store.settle(sold(2, 20, 1_200)).await.unwrap();
    assert_eq!(
        store.intend(beside(2, 21, "bolt_auto")).await.unwrap(),
        LEG_TAKEN,
        "a sale is known"
    );
}

pub(super) async fn a_full_cap_refuses_and_takes_nothing(store: Arc<dyn Store>) {
    leads(&store, 1..=3).await;
    let both = vec![hold("acme/hour", 1, 10), hold("acme/day", 1, 1)];
    let claims = |whom| vec![claim("campaign/auto", whom, 1_000)];
    assert_eq!(
        store
            .intend(claiming(holding(intend(1, 10, "acme_auto"), both.clone()), claims(1)))
            .await
            .unwrap(),
        Intended::Go
    );
    let refused = claiming(holding(intend(2, 20, "acme_auto"), both), claims(2));
    assert_eq!(store.intend(refused).await.unwrap(), full("acme/day", 1));
    assert_eq!((used(&store, "acme/hour").await, used(&store, "acme/day").await), (1, 1));
    assert!(store.lead(lead(2)).await.unwrap().unwrap().attempts.is_empty());
    let other = claiming(intend(3, 30, "bolt_auto"), claims(2));
    assert_eq!(
        store.intend(other).await.unwrap(),
        Intended::Go,
        "the refused intent left no claim behind"
    );
    let raised = holding(intend(2, 21, "acme_auto"), vec![hold("acme/day", 1, 2)]);
    assert_eq!(store.intend(raised).await.unwrap(), Intended::Go, "a raised limit counts at once");
}

pub(super) async fn a_budget_counts_money(store: Arc<dyn Store>) {
    leads(&store, 1..=3).await;
    let spend = |number, micros| {
        holding(
            intend(number, number * 10, "acme_auto"),
            vec![hold("acme/budget", micros, 30_000_000)],
        )
    };
    assert_eq!(store.intend(spend(1, 21_105_000)).await.unwrap(), Intended::Go);
    assert_eq!(store.intend(spend(2, 8_895_001)).await.unwrap(), full("acme/budget", 30_000_000));
    assert_eq!(
        store.intend(spend(3, 8_895_000)).await.unwrap(),
        Intended::Go,
        "to the last millionth"
    );
    assert_eq!(used(&store, "acme/budget").await, 30_000_000);
}

pub(super) async fn each_window_of_a_cap_counts_for_itself(store: Arc<dyn Store>) {
    leads(&store, 1..=3).await;
    let in_window = |number, window: Moment| {
        holding(
            intend(number, number * 10, "acme_auto"),
            vec![Hold {
                span: Span {
                    start: window,
                    since: window,
                    ..hold("acme/hour", 1, 1).span
                },
                ..hold("acme/hour", 1, 1)
            }],
        )
    };
    assert_eq!(store.intend(in_window(1, after_ms(0))).await.unwrap(), Intended::Go);
    assert_eq!(store.intend(in_window(2, after_ms(0))).await.unwrap(), full("acme/hour", 1));
    assert_eq!(store.intend(in_window(3, after_ms(3_600_000))).await.unwrap(), Intended::Go);
    store.settle(ended(1, 10, rejected(), LeadState::Selling)).await.unwrap();
    let left: Vec<_> = store
        .counters()
        .await
        .unwrap()
        .into_iter()
        .map(|counter| (counter.window, counter.used))
        .collect();
    assert_eq!(left, [(after_ms(3_600_000), 1)], "an outcome frees the window of its intent");
}

pub(super) async fn a_person_is_claimed_until_the_claim_ends(store: Arc<dyn Store>) {
    leads(&store, 1..=4).await;
    let post = |number, at| Intend {
        at: after_ms(at),
        ..claiming(
            intend(number, number * 10, "acme_auto"),
            vec![claim("campaign/auto", 1, at + 1_000)],
        )
    };
    assert_eq!(store.intend(post(1, 0)).await.unwrap(), Intended::Go);
    assert_eq!(store.intend(post(2, 999)).await.unwrap(), duplicate("campaign/auto"));
    let elsewhere = claiming(intend(4, 40, "bolt_home"), vec![claim("campaign/home", 1, 5_000)]);
    assert_eq!(
        store.intend(elsewhere).await.unwrap(),
        Intended::Go,
        "another scope is another matter"
    );
    assert_eq!(store.intend(post(3, 1_000)).await.unwrap(), Intended::Go);
    assert_eq!(
        store.intend(post(2, 1_500)).await.unwrap(),
        duplicate("campaign/auto"),
        "the new claim counts from now on"
    );
}

pub(super) async fn a_rejected_post_frees_what_it_took(store: Arc<dyn Store>) {
    leads(&store, 1..=3).await;
    let post = |number| {
        let both = vec![claim("campaign/auto", 1, 9_000), claim("contract/acme_auto", 1, 9_000)];
        claiming(
            holding(intend(number, number * 10, "acme_auto"), vec![hold("acme/day", 1, 1)]),
            both,
        )
    };
    for (number, verdict) in [(1, rejected()), (2, not_sent())] {
        assert_eq!(store.intend(post(number)).await.unwrap(), Intended::Go);
        store.settle(ended(number, number * 10, verdict, LeadState::Unsold)).await.unwrap();
        assert_eq!(used(&store, "acme/day").await, 0);
    }
    assert_eq!(store.intend(post(3)).await.unwrap(), Intended::Go);
}

pub(super) async fn an_accepted_and_an_unknown_post_keep_what_they_took(store: Arc<dyn Store>) {
    leads(&store, 1..=4).await;
    let post = |number, whom| {
        claiming(
            holding(intend(number, number * 10, "acme_auto"), vec![hold("acme/day", 1, 2)]),
            vec![claim("campaign/auto", whom, 9_000)],
        )
    };
    store.intend(post(1, 1)).await.unwrap();
    store.settle(sold(1, 10, 1_200)).await.unwrap();
    store.intend(post(2, 2)).await.unwrap();
    store.settle(ended(2, 20, unknown(), LeadState::Uncertain)).await.unwrap();
    assert_eq!(used(&store, "acme/day").await, 2);
    assert_eq!(store.intend(post(3, 3)).await.unwrap(), full("acme/day", 2));
    for whom in [1, 2] {
        let other = claiming(intend(4, 40, "bolt_auto"), vec![claim("campaign/auto", whom, 9_000)]);
        assert_eq!(store.intend(other).await.unwrap(), duplicate("campaign/auto"));
    }
    store.settle(ended(2, 20, rejected(), LeadState::Unsold)).await.unwrap();
    assert_eq!(used(&store, "acme/day").await, 1, "what turned out as rejected is freed after all");
}

pub(super) async fn a_lead_is_no_duplicate_of_itself(store: Arc<dyn Store>) {
    leads(&store, 1..=1).await;
    let post = |number, contract| Intend {
        legs_max: 2,
        ..claiming(intend(1, number, contract), vec![claim("campaign/auto", 1, 9_000)])
    };
    assert_eq!(store.intend(post(10, "acme_auto")).await.unwrap(), Intended::Go);
    assert_eq!(
        store.intend(post(11, "bolt_auto")).await.unwrap(),
        Intended::Go,
        "the second leg of the same lead"
    );
}

pub(super) async fn a_claim_of_two_legs_stays_until_both_have_let_go(store: Arc<dyn Store>) {
    leads(&store, 1..=2).await;
    let post = |number, contract, until| Intend {
        legs_max: 2,
        ..claiming(intend(1, number, contract), vec![claim("campaign/auto", 1, until)])
    };
    store.intend(post(10, "acme_auto", 9_000)).await.unwrap();
    store.intend(post(11, "bolt_auto", 5_000)).await.unwrap();
    let other = |at| Intend {
        at: after_ms(at),
        ..claiming(intend(2, 20, "core_auto"), vec![claim("campaign/auto", 1, 20_000)])
    };
    store.settle(ended(1, 10, rejected(), LeadState::Selling)).await.unwrap();
    assert_eq!(
        store.intend(other(4_999)).await.unwrap(),
        duplicate("campaign/auto"),
        "the other leg still needs it"
    );
    assert_eq!(store.intend(other(5_000)).await.unwrap(), Intended::Go, "and only so long");
}

pub(super) async fn a_kept_claim_stays_when_the_buyer_rejects_and_goes_if_nothing_left(store: Arc<dyn Store>) {
    leads(&store, 1..=3).await;
    let kept = |number: u64| Intend {
        claims: vec![Claim {
            kept: true,
            ..claim("contract/acme_auto:any", 1, 9_000)
        }],
        ..intend(number, number * 10, "acme_auto")
    };
    assert_eq!(store.intend(kept(1)).await.unwrap(), Intended::Go);
    store.settle(ended(1, 10, not_sent(), LeadState::Selling)).await.unwrap();
    assert_eq!(store.intend(kept(2)).await.unwrap(), Intended::Go, "nothing had left for it");
    store.settle(ended(2, 20, rejected(), LeadState::Unsold)).await.unwrap();
    assert_eq!(
        store.intend(kept(3)).await.unwrap(),
        duplicate("contract/acme_auto:any"),
        "it has seen the person"
    );
}

pub(super) async fn an_unsold_lead_is_not_for_sale(store: Arc<dyn Store>) {
    leads(&store, 1..=1).await;
    store.settle(settle(1, LeadState::Unsold)).await.unwrap();
    assert_eq!(store.intend(intend(1, 10, "acme_auto")).await.unwrap(), LEG_TAKEN);
    assert!(
        store.intend(intend(2, 20, "acme_auto")).await.is_err(),
        "a lead that was never accepted is a bug of the caller"
    );
}
