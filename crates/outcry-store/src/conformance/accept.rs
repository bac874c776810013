//! What T1 promises.

use super::sample::{self, accept, after_ms, answer, key, lead, mark, person, settle};
use outcry_core::money::Money;
use outcry_core::record::Run;
use outcry_engine::answer::Status;
use outcry_engine::ports::store::{Accept, Accepted, IdempotencyKey, LeadState, Replay, Settle, Store};
use std::sync::Arc;

pub(super) async fn a_lead_is_accepted_once_and_stays_accepted(store: Arc<dyn Store>) {
    assert_eq!(store.accept(accept(1)).await.unwrap(), Accepted::New);
    assert_eq!(store.accept(accept(1)).await.unwrap(), Accepted::New, "the same accept again");
    let standing = store.lead(lead(1)).await.unwrap().expect("an accepted lead is known");
    assert_eq!(
        (standing.state, standing.received, standing.source.as_str()),
        (LeadState::Selling, sample::opening(), "clickmill")
    );
    assert_eq!((standing.attempts.len(), standing.answer), (0, None));
    let books = store.books().await.unwrap();
    assert_eq!((books.leads, books.pending), (1, 1));
    assert_eq!(store.lead(lead(2)).await.unwrap(), None);
}

pub(super) async fn a_repeat_hears_that_its_lead_is_on_its_way_and_then_the_answer(store: Arc<dyn Store>) {
    assert_eq!(store.replay(&key(1)).await.unwrap(), Replay::None);
    store.accept(accept(1)).await.unwrap();
    let repeat = Accept {
        lead: lead(2),
        ..accept(1)
    };
    assert_eq!(store.accept(repeat.clone()).await.unwrap(), Accepted::InFlight(lead(1)));
    assert_eq!(store.replay(&key(1)).await.unwrap(), Replay::InFlight(lead(1)));
    let told = answer(1, Status::Unsold, Money::ZERO);
    store
        .settle(Settle {
            answer: Some(told.clone()),
            ..settle(1, LeadState::Unsold)
        })
        .await
        .unwrap();
    assert_eq!(store.accept(repeat).await.unwrap(), Accepted::Answered(told.clone()));
    assert_eq!(store.replay(&key(1)).await.unwrap(), Replay::Answered(told));
    assert_eq!(store.lead(lead(2)).await.unwrap(), None, "a repeat makes no lead");
    assert_eq!(store.books().await.unwrap().leads, 1);
}

pub(super) async fn a_key_used_for_another_body_is_refused(store: Arc<dyn Store>) {
    store.accept(accept(1)).await.unwrap();
    let other = IdempotencyKey {
        fingerprint: [9; 32],
        ..key(1)
    };
    assert_eq!(
        store
            .accept(Accept {
                lead: lead(2),
                idempotency: other.clone(),
                ..accept(2)
            })
            .await
            .unwrap(),
        Accepted::OtherBody
    );
    assert_eq!(store.replay(&other).await.unwrap(), Replay::OtherBody);
    assert_eq!(store.books().await.unwrap().leads, 1);
}

pub(super) async fn two_sources_may_use_the_same_key(store: Arc<dyn Store>) {
    store.accept(accept(1)).await.unwrap();
    let idempotency = IdempotencyKey {
        source: outcry_core::id::SourceName::new("quoteworks"),
        ..key(1)
    };
    assert_eq!(store.accept(Accept { idempotency, ..accept(2) }).await.unwrap(), Accepted::New);
}

pub(super) async fn a_request_is_remembered_for_its_time_and_its_key_is_free_after_it(store: Arc<dyn Store>) {
    let since = |ms, fingerprint| IdempotencyKey {
        since: after_ms(ms),
        fingerprint,
        ..key(1)
    };
    let (same, other) = (key(1).fingerprint, [9; 32]);
    assert_eq!(store.accept(accept(1)).await.unwrap(), Accepted::New);
    assert_eq!(store.replay(&since(0, same)).await.unwrap(), Replay::InFlight(lead(1)));
    assert_eq!(store.replay(&since(0, other)).await.unwrap(), Replay::OtherBody);
    assert_eq!(store.replay(&since(1, same)).await.unwrap(), Replay::None);
    let later = Accept {
        received: after_ms(5),
        idempotency: since(1, other),
        ..accept(2)
    };
    assert_eq!(store.accept(later.clone()).await.unwrap(), Accepted::New);
    assert_eq!(store.accept(later).await.unwrap(), Accepted::New, "the same accept again");
    assert_eq!(store.replay(&since(1, other)).await.unwrap(), Replay::InFlight(lead(2)));
    let repeat = Accept {
        received: after_ms(9),
        idempotency: since(4, same),
        ..accept(3)
    };
    assert_eq!(
        store.accept(repeat).await.unwrap(),
        Accepted::OtherBody,
        "the key is the second lead's now"
    );
    assert_eq!(store.books().await.unwrap().leads, 2);
}

pub(super) async fn a_quote_is_redeemed_once(store: Arc<dyn Store>) {
    let quote = Some(sample::quote_id(5));
    assert_eq!(store.accept(Accept { quote, ..accept(1) }).await.unwrap(), Accepted::New);
    assert_eq!(store.accept(Accept { quote, ..accept(2) }).await.unwrap(), Accepted::QuoteUsed);
    assert_eq!(
        store.accept(Accept { quote, ..accept(1) }).await.unwrap(),
        Accepted::New,
        "the same accept again"
    );
    assert_eq!(
        store.replay(&key(2)).await.unwrap(),
        Replay::None,
        "a refused post leaves its key free"
    );
    assert_eq!(store.lead(lead(2)).await.unwrap(), None);
    assert_eq!(store.accept(accept(2)).await.unwrap(), Accepted::New);
}

pub(super) async fn a_test_lead_is_not_in_the_books(store: Arc<dyn Store>) {
    store
        .accept(Accept {
            run: Run::Test,
            ..accept(1)
        })
        .await
        .unwrap();
    store.settle(settle(1, LeadState::Unsold)).await.unwrap();
    assert_eq!(store.books().await.unwrap(), outcry_engine::ports::store::Books::default());
    assert_eq!(store.lead(lead(1)).await.unwrap().unwrap().state, LeadState::Unsold);
}

pub(super) async fn a_lead_opens_again_as_it_was_sent(store: Arc<dyn Store>) {
    let contents = sample::contents(7);
    store
        .accept(Accept {
            contents: contents.clone(),
            ..accept(7)
        })
        .await
        .unwrap();
    let opened = store
        .reopen(lead(7), &sample::catalog())
        .await
        .unwrap()
        .expect("an accepted lead opens");
    assert_eq!(opened.row, contents.row);
    assert!(store.reopen(lead(8), &sample::catalog()).await.unwrap().is_none());
}

pub(super) async fn a_lead_that_came_before_is_taken_in_as_a_duplicate(store: Arc<dyn Store>) {
    let marked = |number: u64, at: i64| Accept {
        received: after_ms(at),
        marks: vec![
            mark("campaign/auto:accepted", 1, at + 1_000),
            mark("campaign/auto:accepted", number + 1, at + 1_000),
        ],
        ..accept(number)
    };
    let duplicate = Accepted::Duplicate {
        scope: "campaign/auto:accepted".into(),
    };
    assert_eq!(store.accept(marked(1, 0)).await.unwrap(), Accepted::New);
    assert_eq!(store.accept(marked(2, 999)).await.unwrap(), duplicate);
    assert_eq!(store.accept(marked(2, 999)).await.unwrap(), duplicate, "and again the same");
    assert!(store.lead(lead(2)).await.unwrap().is_some(), "it is a lead all the same");
    let people = vec![person(1), person(3)];
    let held = store.held(people.clone(), Some(lead(2)), after_ms(999)).await.unwrap();
    assert_eq!(held, [(person(1), "campaign/auto:accepted".into())], "and holds nobody");
    assert_eq!(store.held(people, Some(lead(1)), after_ms(999)).await.unwrap(), []);
    assert_eq!(
        store.accept(marked(3, 1_000)).await.unwrap(),
        Accepted::New,
        "the time is over, counted from the first"
    );
}

pub(super) async fn every_lead_that_counts_lets_the_time_begin_anew(store: Arc<dyn Store>) {
    let marked = |number: u64, at: i64| Accept {
        received: after_ms(at),
        marks: vec![mark("source/site:any", 1, at + 1_000)],
        ..accept(number)
    };
    let duplicate = Accepted::Duplicate {
        scope: "source/site:any".into(),
    };
    assert_eq!(store.accept(marked(1, 0)).await.unwrap(), Accepted::New);
    assert_eq!(store.accept(marked(2, 900)).await.unwrap(), duplicate);
    assert_eq!(
        store.accept(marked(3, 1_800)).await.unwrap(),
        duplicate,
        "the second one counts too"
    );
    assert_eq!(store.accept(marked(4, 2_800)).await.unwrap(), Accepted::New);
}
