//! What T3 promises.

use super::sample::{self, accept, accepted, answer, attempt, ended, intend, lead, not_sent, rejected, settle, sold, unknown};
use outcry_core::money::Money;
use outcry_core::price::Split;
use outcry_core::record::{Ending, Record, Subject};
use outcry_engine::answer::Status;
use outcry_engine::ports::store::{AttemptOutcome, Books, LeadState, Sale, Settle, Settled, Store, tell_nobody};
use std::sync::Arc;

async fn posted(store: &Arc<dyn Store>, number: u64) {
    store.accept(accept(number)).await.unwrap();
    store.intend(intend(number, number * 10, "acme_auto")).await.unwrap();
}

async fn state(store: &Arc<dyn Store>, number: u64) -> (LeadState, Option<Status>, String) {
    let standing = store.lead(lead(number)).await.unwrap().unwrap();
    let attempts: Vec<&str> = standing.attempts.iter().map(|(_, _, state)| &**state).collect();
    (standing.state, standing.answer.map(|answer| answer.status), attempts.join(" "))
}

pub(super) async fn a_sale_is_booked_once(store: Arc<dyn Store>) {
    posted(&store, 1).await;
    let settle = Settle {
        record: Some(Arc::new(sample::record(1, 10))),
        messages: vec![sample::message(1, 1)],
        ..sold(1, 10, 1_200)
    };
    for _ in 0..2 {
        assert_eq!(store.settle(settle.clone()).await.unwrap(), Settled::Done);
        assert_eq!(state(&store, 1).await, (LeadState::Sold, Some(Status::Sold), "accepted".into()));
        let money = |cents| Money::from_cents(cents);
        let books = Books {
            leads: 1,
            sold: 1,
            unsold: 0,
            pending: 0,
            price: money(1_200),
            payout: money(960),
            margin: money(240),
        };
        assert_eq!(store.books().await.unwrap(), books);
        assert_eq!(store.due(sample::after_ms(10_000), 10).await.unwrap().len(), 1);
    }
}

pub(super) async fn a_definite_outcome_stands(store: Arc<dyn Store>) {
    for (number, first) in [(1, accepted()), (2, rejected()), (3, not_sent())] {
        posted(&store, number).await;
        assert_eq!(
            store
                .settle(ended(number, number * 10, first.clone(), LeadState::Selling))
                .await
                .unwrap(),
            Settled::Done
        );
        for other in [accepted(), rejected(), not_sent(), unknown()]
            .into_iter()
            .filter(|other| other.word() != first.word())
        {
            let told = Some(answer(number, Status::Pending, Money::ZERO));
            let late = Settle {
                answer: told,
                ..ended(number, number * 10, other, LeadState::Uncertain)
            };
            assert_eq!(store.settle(late).await.unwrap(), Settled::AlreadyFinal);
            assert_eq!(
                state(&store, number).await,
                (LeadState::Selling, None, first.word().into()),
                "nothing was changed"
            );
        }
    }
}

pub(super) async fn an_unknown_post_may_be_known_later(store: Arc<dyn Store>) {
    for number in [1, 2] {
        posted(&store, number).await;
        let pending = Some(answer(number, Status::Pending, Money::ZERO));
        let settle = Settle {
            answer: pending,
            ..ended(number, number * 10, unknown(), LeadState::Uncertain)
        };
        assert_eq!(store.settle(settle).await.unwrap(), Settled::Done);
        assert_eq!(
            state(&store, number).await,
            (LeadState::Uncertain, Some(Status::Pending), "unknown".into())
        );
    }
    assert_eq!(store.books().await.unwrap().pending, 2);
    assert_eq!(store.settle(sold(1, 10, 1_200)).await.unwrap(), Settled::Done);
    let unsold = Settle {
        answer: Some(answer(2, Status::Unsold, Money::ZERO)),
        ..ended(2, 20, rejected(), LeadState::Unsold)
    };
    assert_eq!(store.settle(unsold).await.unwrap(), Settled::Done);
    assert_eq!(state(&store, 1).await, (LeadState::Sold, Some(Status::Sold), "accepted".into()));
    assert_eq!(state(&store, 2).await, (LeadState::Unsold, Some(Status::Unsold), "rejected".into()));
    let books = store.books().await.unwrap();
    assert_eq!(
        (books.sold, books.unsold, books.pending, books.price),
        (1, 1, 0, Money::from_cents(1_200))
    );
}

pub(super) async fn a_late_pending_does_not_reopen_a_sold_lead(store: Arc<dyn Store>) {
    posted(&store, 1).await;
    store.settle(sold(1, 10, 1_200)).await.unwrap();
    let pending = Settle {
        answer: Some(answer(1, Status::Pending, Money::ZERO)),
        ..settle(1, LeadState::Uncertain)
    };
    assert_eq!(store.settle(pending).await.unwrap(), Settled::AlreadyFinal);
    assert_eq!(state(&store, 1).await, (LeadState::Sold, Some(Status::Sold), "accepted".into()));
}

/// Who brings the news had stood still while another closed the lead.
pub(super) async fn news_of_an_attempt_do_not_take_a_lead_back_from_its_end(store: Arc<dyn Store>) {
    for number in [1, 2] {
        posted(&store, number).await;
        let unsold = Settle {
            answer: Some(answer(number, Status::Unsold, Money::ZERO)),
            ..settle(number, LeadState::Unsold)
        };
        assert_eq!(store.settle(unsold).await.unwrap(), Settled::Done);
    }
    let news = ended(1, 10, unknown(), LeadState::Selling);
    assert_eq!(store.settle(news).await.unwrap(), Settled::Done);
    assert_eq!(state(&store, 1).await, (LeadState::Unsold, Some(Status::Unsold), "unknown".into()));
    let sale = Settle {
        state: LeadState::Selling,
        answer: None,
        ..sold(2, 20, 1_200)
    };
    assert_eq!(store.settle(sale).await.unwrap(), Settled::Done);
    assert_eq!(state(&store, 2).await.0, LeadState::Unsold);
    let books = store.books().await.unwrap();
    assert_eq!(
        (books.unsold, books.price),
        (2, Money::from_cents(1_200)),
        "the buyer owes what it took"
    );
}

pub(super) async fn a_lead_comes_to_one_end(store: Arc<dyn Store>) {
    store.accept(accept(1)).await.unwrap();
    let ends = |status, number| Settle {
        answer: Some(answer(1, status, Money::ZERO)),
        messages: vec![sample::message(1, number)],
        ..settle(1, LeadState::Unsold)
    };
    assert_eq!(store.settle(ends(Status::Unsold, 1)).await.unwrap(), Settled::Done);
    assert_eq!(
        store.settle(ends(Status::Unsold, 1)).await.unwrap(),
        Settled::Done,
        "the same run again"
    );
    assert_eq!(store.settle(ends(Status::Duplicate, 2)).await.unwrap(), Settled::AlreadyFinal);
    assert_eq!(state(&store, 1).await, (LeadState::Unsold, Some(Status::Unsold), String::new()));
    assert_eq!(
        store.due(sample::after_ms(10_000), 10).await.unwrap().len(),
        1,
        "its source hears one end"
    );
}

pub(super) async fn what_the_source_was_told_stays_until_it_is_told_more(store: Arc<dyn Store>) {
    posted(&store, 1).await;
    store
        .settle(Settle {
            answer: Some(answer(1, Status::Pending, Money::ZERO)),
            ..settle(1, LeadState::Selling)
        })
        .await
        .unwrap();
    store.settle(ended(1, 10, unknown(), LeadState::Uncertain)).await.unwrap();
    assert_eq!(
        state(&store, 1).await,
        (LeadState::Uncertain, Some(Status::Pending), "unknown".into())
    );
}

pub(super) async fn the_record_is_the_latest_one_and_the_latest_come_first(store: Arc<dyn Store>) {
    assert!(store.record(Subject::Lead(lead(1))).await.unwrap().is_none());
    for number in [1, 2, 3] {
        store.accept(accept(number)).await.unwrap();
        let record = Some(Arc::new(sample::record(number, 10)));
        store
            .settle(Settle {
                record,
                ..settle(number, LeadState::Selling)
            })
            .await
            .unwrap();
    }
    let unsold = Record {
        ending: Ending::Unsold,
        ..sample::record(2, 10)
    };
    store
        .settle(Settle {
            record: Some(Arc::new(unsold)),
            ..settle(2, LeadState::Unsold)
        })
        .await
        .unwrap();
    let kept = store.record(Subject::Lead(lead(2))).await.unwrap().unwrap();
    let expected = Record {
        ending: Ending::Unsold,
        ..sample::record(2, 10)
    };
    assert_eq!(format!("{kept:?}"), format!("{expected:?}"), "every field comes back");
    let latest = store.latest(2).await.unwrap();
    let subjects: Vec<Subject> = latest.iter().map(|record| record.subject).collect();
    assert_eq!(subjects, [Subject::Lead(lead(3)), Subject::Lead(lead(2))]);
}

pub(super) async fn a_sale_that_does_not_add_up_is_refused(store: Arc<dyn Store>) {
    posted(&store, 1).await;
    let split = Split {
        margin: Money::from_cents(241),
        ..sample::sale(1_200).split
    };
    let sale = Some(Sale {
        split,
        ..sample::sale(1_200)
    });
    let outcome = AttemptOutcome {
        attempt: attempt(10),
        verdict: accepted(),
        sale,
        written_off: false,
        memo: None,
    };
    assert!(
        store
            .settle(Settle {
                attempt: Some(outcome),
                ..settle(1, LeadState::Sold)
            })
            .await
            .is_err()
    );
    assert_eq!(state(&store, 1).await, (LeadState::Selling, None, "intent".into()));
    assert_eq!(
        store.settle(sold(1, 10, 1_200)).await.unwrap(),
        Settled::Done,
        "and the store goes on"
    );
}

pub(super) async fn the_books_are_the_sum_of_all_sales(store: Arc<dyn Store>) {
    let mut expected = Books::default();
    for number in 1..=60_u64 {
        posted(&store, number).await;
        expected.leads += 1;
        let cents = i64::try_from(number * 37 % 2_500).unwrap();
        let settle = match number % 4 {
            0 => ended(number, number * 10, rejected(), LeadState::Unsold),
            1 => ended(number, number * 10, unknown(), LeadState::Uncertain),
            _ => sold(number, number * 10, cents),
        };
        let split = settle
            .attempt
            .as_ref()
            .and_then(|outcome| outcome.sale.as_ref())
            .map(|sale| sale.split);
        expected.sold += u64::from(number % 4 > 1);
        expected.unsold += u64::from(number % 4 == 0);
        expected.pending += u64::from(number % 4 == 1);
        if let Some(split) = split {
            expected.price = expected.price + split.price;
            expected.payout = expected.payout + split.payout;
            expected.margin = expected.margin + split.margin;
        }
        store.settle(settle).await.unwrap();
    }
    let books = store.books().await.unwrap();
    assert_eq!(books, expected);
    assert_eq!(books.payout + books.margin, books.price);
    let recovery = store
        .recover(sample::boot(1), sample::after_ms(1_000), tell_nobody())
        .await
        .unwrap();
    assert_eq!(recovery.counters_mended, 0, "the running totals are what a recount finds");
    assert_eq!(store.books().await.unwrap(), expected);
}
