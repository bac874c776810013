//! What a store tells of attempts that somebody has to come back to.

use super::sample::{accept, accepted, after_ms, answer, attempt, boot, ended, hold, intend, lead, memo, rejected, settle, sold, unknown};
use outcry_core::attempt::AttemptState;
use outcry_core::money::Money;
use outcry_core::record::{Door, Run};
use outcry_core::verdict::Verdict;
use outcry_engine::answer::Status;
use outcry_engine::ports::store::{AttemptOutcome, Intend, Intended, LeadState, Refusal, Settle, Settled, Store, tell_nobody};
use std::sync::Arc;

async fn posted(store: &Arc<dyn Store>, number: u64) {
    store.accept(accept(number)).await.unwrap();
    let intend = Intend {
        holds: vec![hold("acme/day", 1, 9)],
        memo: Some(Box::new(memo())),
        at: after_ms(100 * i64::try_from(number).expect("a few leads")),
        ..intend(number, number * 10, "acme_auto")
    };
    assert_eq!(store.intend(intend).await.unwrap(), Intended::Go);
}

async fn open(store: &Arc<dyn Store>) -> Vec<(u64, AttemptState)> {
    let open = store.unknowns(None, 9).await.unwrap();
    let number = |open: &outcry_engine::ports::store::OpenAttempt| u64::try_from(open.attempt.bits() & 0xffff).expect("a number");
    open.iter().map(|open| (number(open), open.state)).collect()
}

fn written_off(of: u64) -> Settle {
    let settle = ended(of, of * 10, unknown(), LeadState::Unsold);
    let outcome = settle.attempt.clone().expect("an attempt that ended");
    Settle {
        attempt: Some(AttemptOutcome {
            written_off: true,
            ..outcome
        }),
        answer: Some(answer(of, Status::Unsold, Money::ZERO)),
        ..settle
    }
}

pub(super) async fn a_case_tells_all_that_is_known_of_a_lead(store: Arc<dyn Store>) {
    assert!(store.case(lead(1)).await.unwrap().is_none());
    store.accept(accept(1)).await.unwrap();
    store
        .intend(Intend {
            holds: vec![hold("acme/day", 1, 9)],
            ..intend(1, 10, "acme_auto")
        })
        .await
        .unwrap();
    store.settle(ended(1, 10, rejected(), LeadState::Selling)).await.unwrap();
    store.intend(intend(1, 11, "bolt_auto")).await.unwrap();
    store.settle(sold(1, 11, 1_200)).await.unwrap();
    let case = store.case(lead(1)).await.unwrap().unwrap();
    assert_eq!((case.source.as_str(), case.campaign.as_str()), ("clickmill", "auto"));
    assert_eq!((case.door, case.run, case.quote), (Door::Lead, Run::Live, None));
    assert_eq!((case.state, case.received), (LeadState::Sold, accept(1).received));
    assert_eq!(case.answer.as_ref().map(|answer| answer.status), Some(Status::Sold));
    let attempts: Vec<_> = case
        .attempts
        .iter()
        .map(|attempt| (attempt.contract.as_str(), attempt.state))
        .collect();
    assert_eq!(
        attempts,
        [("acme_auto", AttemptState::Rejected), ("bolt_auto", AttemptState::Accepted)]
    );
    let bolt = case.attempt(attempt(11)).unwrap();
    assert_eq!(
        (bolt.price, bolt.sale.map(|sale| sale.payout)),
        (Money::from_cents(1_200), Some(Money::from_cents(960)))
    );
    assert_eq!((&*case.attempts[0].holds[0].cap, case.attempts[0].holds[0].amount), ("acme/day", 1));
}

pub(super) async fn what_it_takes_to_come_back_is_kept_until_the_outcome_is_known(store: Arc<dyn Store>) {
    let kept = || async { store.case(lead(1)).await.unwrap().unwrap().attempts[0].memo.clone() };
    posted(&store, 1).await;
    assert_eq!(kept().await, Some(memo()));
    store.recover(boot(2), after_ms(60_000), tell_nobody()).await.unwrap();
    assert_eq!(kept().await, Some(memo()), "a restart needs it");
    posted(&store, 2).await;
    let more = outcry_engine::ports::store::Memo {
        kept: vec![("post.queue".into(), "q 8".into())],
        ..memo()
    };
    let unknown = ended(2, 20, unknown(), LeadState::Uncertain);
    let outcome = AttemptOutcome {
        memo: Some(Box::new(more.clone())),
        ..unknown.attempt.clone().expect("an attempt that ended")
    };
    store
        .settle(Settle {
            attempt: Some(outcome),
            ..unknown
        })
        .await
        .unwrap();
    assert_eq!(
        store.case(lead(2)).await.unwrap().unwrap().attempts[0].memo,
        Some(more),
        "the answer kept more"
    );
    store.settle(ended(1, 10, rejected(), LeadState::Unsold)).await.unwrap();
    assert_eq!(kept().await, None, "nobody needs it any more");
}

pub(super) async fn unknown_posts_are_listed_the_oldest_first(store: Arc<dyn Store>) {
    for number in [1, 2, 3, 4] {
        posted(&store, number).await;
    }
    assert!(open(&store).await.is_empty(), "they are under way");
    for number in [3, 1, 2] {
        store
            .settle(ended(number, number * 10, unknown(), LeadState::Uncertain))
            .await
            .unwrap();
    }
    store.settle(sold(4, 40, 1_200)).await.unwrap();
    let of = |number: u64| (number, AttemptState::Unknown);
    assert_eq!(open(&store).await, [of(10), of(20), of(30)]);
    let first = store.unknowns(None, 1).await.unwrap().remove(0);
    assert_eq!(
        (first.contract.as_str(), first.buyer.as_str(), first.source.as_str()),
        ("acme_auto", "acme", "clickmill")
    );
    assert_eq!((first.price, first.verdict.clone()), (Money::from_cents(1_200), Some(unknown())));
    let rest = store.unknowns(Some((first.began, first.attempt)), 9).await.unwrap();
    assert_eq!(rest.len(), 2);
    store.settle(sold(1, 10, 1_200)).await.unwrap();
    assert_eq!(open(&store).await, [of(20), of(30)]);
}

pub(super) async fn what_is_written_off_keeps_its_leg_and_its_holds(store: Arc<dyn Store>) {
    posted(&store, 1).await;
    assert_eq!(
        store.settle(written_off(1)).await.unwrap(),
        Settled::AlreadyFinal,
        "it is under way: who sends it may know more"
    );
    store.settle(ended(1, 10, unknown(), LeadState::Uncertain)).await.unwrap();
    for _ in 0..2 {
        assert_eq!(store.settle(written_off(1)).await.unwrap(), Settled::Done);
    }
    let case = store.case(lead(1)).await.unwrap().unwrap();
    assert_eq!((case.state, case.attempts[0].state), (LeadState::Unsold, AttemptState::WrittenOff));
    assert_eq!(store.counters().await.unwrap()[0].used, 1, "its unit stays taken");
    assert_eq!(
        store.intend(intend(1, 11, "bolt_auto")).await.unwrap(),
        Intended::Refused(Refusal::LegTaken),
        "it stays sold for everybody else"
    );
    let books = store.books().await.unwrap();
    assert_eq!((books.unsold, books.price), (1, Money::ZERO), "and unsold for money");
    assert_eq!(open(&store).await.len(), 1, "it is still listed");
    let recovered = store.recover(boot(2), after_ms(60_000), tell_nobody()).await.unwrap();
    assert_eq!((recovered.counters_mended, store.counters().await.unwrap()[0].used), (0, 1));
}

pub(super) async fn a_buyer_that_speaks_after_the_write_off_is_heard(store: Arc<dyn Store>) {
    for number in [1, 2] {
        posted(&store, number).await;
        store
            .settle(ended(number, number * 10, unknown(), LeadState::Uncertain))
            .await
            .unwrap();
        store.settle(written_off(number)).await.unwrap();
    }
    assert_eq!(
        store.settle(ended(1, 10, unknown(), LeadState::Uncertain)).await.unwrap(),
        Settled::Done,
        "no news"
    );
    assert_eq!(
        store.case(lead(1)).await.unwrap().unwrap().attempts[0].state,
        AttemptState::WrittenOff
    );
    assert!(matches!(accepted(), Verdict::Accepted(_)));
    assert_eq!(store.settle(sold(1, 10, 1_200)).await.unwrap(), Settled::Done);
    assert_eq!(
        store.settle(ended(2, 20, rejected(), LeadState::Unsold)).await.unwrap(),
        Settled::Done
    );
    let books = store.books().await.unwrap();
    assert_eq!((books.sold, books.unsold, books.price), (1, 1, Money::from_cents(1_200)));
    assert_eq!(store.counters().await.unwrap()[0].used, 1, "the refused one gave its unit back");
    assert!(open(&store).await.is_empty());
    assert_eq!(store.settle(settle(2, LeadState::Unsold)).await.unwrap(), Settled::Done);
}
