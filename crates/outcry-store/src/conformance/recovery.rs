//! What a new start promises to the leads of the start before it.

use super::sample::{accept, after_ms, answer, boot, claim, ended, hold, intend, key, lead, message, rejected, settle, sold};
use outcry_core::money::Money;
use outcry_engine::answer::{Answer, Status};
use outcry_engine::ports::store::{
    Counter, Expired, Intend, Intended, LeadState, Recovery, Refusal, Replay, Settle, Settled, Store, Tell, tell_nobody,
};
use std::sync::Arc;

async fn recover(store: &Arc<dyn Store>) -> Recovery {
    store.recover(boot(2), after_ms(60_000), tell_nobody()).await.unwrap()
}

/// How recovery names a lead that nobody was posted.
fn expired(number: u64) -> Expired {
    let accept = accept(number);
    Expired {
        lead: accept.lead,
        source: accept.source,
        run: accept.run,
        state: LeadState::Unsold,
        payout: Money::ZERO,
    }
}

pub(super) async fn a_post_of_an_earlier_start_is_unknown_and_keeps_its_holds(store: Arc<dyn Store>) {
    store.accept(accept(1)).await.unwrap();
    let post = |of| Intend {
        holds: vec![hold("acme/day", 1, 1)],
        claims: vec![claim("campaign/auto", 1, 90_000)],
        ..intend(of, of * 10, "acme_auto")
    };
    store.intend(post(1)).await.unwrap();
    assert_eq!(
        recover(&store).await,
        Recovery {
            unknown: 1,
            ..Recovery::default()
        }
    );
    let standing = store.lead(lead(1)).await.unwrap().unwrap();
    assert_eq!((standing.state, &*standing.attempts[0].2), (LeadState::Uncertain, "unknown"));
    assert_eq!(
        store.replay(&key(1)).await.unwrap(),
        Replay::Answered(answer(1, Status::Pending, Money::ZERO))
    );
    assert_eq!(
        store.counters().await.unwrap(),
        [Counter {
            cap: "acme/day".into(),
            window: after_ms(0),
            used: 1,
            first: Some(after_ms(100)),
        }]
    );
    assert_eq!(
        store
            .intend(Intend {
                claims: Vec::new(),
                ..post(1)
            })
            .await
            .unwrap(),
        Intended::Go,
        "the same attempt is still the same"
    );
    assert_eq!(
        store.intend(intend(1, 11, "bolt_auto")).await.unwrap(),
        Intended::Refused(Refusal::LegTaken)
    );
    assert_eq!(
        store.settle(sold(1, 10, 1_200)).await.unwrap(),
        Settled::Done,
        "the buyer's late yes still counts"
    );
    assert_eq!(store.books().await.unwrap().price, Money::from_cents(1_200));
}

pub(super) async fn a_lead_left_behind_is_unsold_and_its_source_hears_so(store: Arc<dyn Store>) {
    store.accept(accept(1)).await.unwrap();
    store.accept(accept(2)).await.unwrap();
    store.intend(intend(2, 20, "acme_auto")).await.unwrap();
    store.settle(ended(2, 20, rejected(), LeadState::Selling)).await.unwrap();
    assert_eq!(
        recover(&store).await,
        Recovery {
            expired: 2,
            expired_leads: vec![expired(1), expired(2)],
            ..Recovery::default()
        }
    );
    for number in [1, 2] {
        assert_eq!(store.lead(lead(number)).await.unwrap().unwrap().state, LeadState::Unsold);
        assert_eq!(
            store.replay(&key(number)).await.unwrap(),
            Replay::Answered(answer(number, Status::Unsold, Money::ZERO))
        );
    }
    let books = store.books().await.unwrap();
    assert_eq!((books.leads, books.unsold, books.pending), (2, 2, 0));
}

pub(super) async fn a_message_about_a_lead_left_behind_can_follow(store: Arc<dyn Store>) {
    store.accept(accept(1)).await.unwrap();
    recover(&store).await;
    let told = Settle {
        answer: None,
        messages: vec![message(1, 1)],
        ..settle(1, LeadState::Unsold)
    };
    assert_eq!(store.settle(told).await.unwrap(), Settled::Done);
    assert_eq!(store.due(after_ms(90_000), 9).await.unwrap(), [message(1, 1)]);
    assert_eq!(
        store.replay(&key(1)).await.unwrap(),
        Replay::Answered(answer(1, Status::Unsold, Money::ZERO)),
        "what recovery has answered stays"
    );
    assert_eq!(store.books().await.unwrap().unsold, 1, "it is counted once");
}

pub(super) async fn the_last_word_on_a_lead_left_behind_is_written_with_its_end(store: Arc<dyn Store>) {
    for number in [1, 2, 3] {
        store.accept(accept(number)).await.unwrap();
    }
    store.intend(intend(3, 30, "acme_auto")).await.unwrap();
    // The second has a source that wants to hear nothing; the third is not at its end.
    let tell: Tell = Arc::new(|closed| (closed.lead != lead(2)).then(|| message(1, 1)));
    let found = store.recover(boot(2), after_ms(60_000), tell.clone()).await.unwrap();
    assert_eq!((found.expired, found.unknown, found.messages_waiting), (2, 1, 1));
    assert_eq!(store.due(after_ms(60_000), 9).await.unwrap(), [message(1, 1)]);
    let again = store.recover(boot(3), after_ms(70_000), tell).await.unwrap();
    assert_eq!((again.expired, again.messages_waiting), (0, 1), "it is said once");
}

pub(super) async fn what_was_told_and_what_is_waiting_survives(store: Arc<dyn Store>) {
    for number in [1, 2, 3, 4] {
        store.accept(accept(number)).await.unwrap();
    }
    for number in [1, 4] {
        store.intend(intend(number, number * 10, "acme_auto")).await.unwrap();
    }
    store
        .settle(Settle {
            messages: vec![message(1, 1)],
            ..sold(1, 10, 1_200)
        })
        .await
        .unwrap();
    let pending = |of| Answer {
        redirect_url: Some("https://clickmill.example/thanks".into()),
        ..answer(of, Status::Pending, Money::ZERO)
    };
    for number in [2, 4] {
        store
            .settle(Settle {
                answer: Some(pending(number)),
                ..settle(number, LeadState::Selling)
            })
            .await
            .unwrap();
    }
    store.settle(settle(3, LeadState::Unsold)).await.unwrap();
    let found = recover(&store).await;
    assert_eq!(
        (found.unknown, found.expired, found.counters_mended, found.messages_waiting),
        (1, 1, 0, 1)
    );
    assert_eq!(store.lead(lead(1)).await.unwrap().unwrap().state, LeadState::Sold);
    assert_eq!(store.books().await.unwrap().sold, 1);
    let unsold = answer(2, Status::Unsold, Money::ZERO);
    assert_eq!(
        store.replay(&key(2)).await.unwrap(),
        Replay::Answered(unsold),
        "the last word replaces a pending"
    );
    assert_eq!(
        store.replay(&key(4)).await.unwrap(),
        Replay::Answered(pending(4)),
        "a pending stays as it was told"
    );
}

pub(super) async fn recovery_twice_finds_nothing_more(store: Arc<dyn Store>) {
    for number in [1, 2] {
        store.accept(accept(number)).await.unwrap();
    }
    store
        .intend(Intend {
            holds: vec![hold("acme/day", 1, 5)],
            ..intend(1, 10, "acme_auto")
        })
        .await
        .unwrap();
    assert_eq!(
        recover(&store).await,
        Recovery {
            unknown: 1,
            expired: 1,
            expired_leads: vec![expired(2)],
            ..Recovery::default()
        }
    );
    assert_eq!(recover(&store).await, Recovery::default());
    store.accept(accept(3)).await.unwrap();
    store
        .intend(Intend {
            boot: boot(2),
            ..intend(3, 30, "acme_auto")
        })
        .await
        .unwrap();
    assert_eq!(recover(&store).await, Recovery::default(), "this start's own posts are under way");
    assert_eq!(store.lead(lead(3)).await.unwrap().unwrap().state, LeadState::Selling);
}

pub(super) async fn a_shared_lead_that_one_has_and_another_may_have_is_sold(store: Arc<dyn Store>) {
    store.accept(accept(1)).await.unwrap();
    let leg = |number: u64| Intend {
        legs_max: 3,
        ..intend(1, number, &format!("contract_{number}"))
    };
    for number in [1, 2, 3] {
        assert_eq!(store.intend(leg(number)).await.unwrap(), Intended::Go);
    }
    for number in [1, 2] {
        let leg = Settle {
            answer: None,
            state: LeadState::Selling,
            ..sold(1, number, 1_200)
        };
        store.settle(leg).await.unwrap();
    }
    let payout = Money::from_cents(2 * 960);
    let closed = Expired {
        state: LeadState::Sold,
        payout,
        ..expired(1)
    };
    let found = recover(&store).await;
    assert_eq!((found.unknown, found.expired, found.expired_leads), (1, 0, vec![closed]));
    assert_eq!(
        store.replay(&key(1)).await.unwrap(),
        Replay::Answered(answer(1, Status::Sold, payout))
    );
    let standing = store.lead(lead(1)).await.unwrap().unwrap();
    assert_eq!((standing.state, &*standing.attempts[2].2), (LeadState::Sold, "unknown"));
    assert_eq!(
        store.settle(sold(1, 3, 1_000)).await.unwrap(),
        Settled::Done,
        "a late yes is one more sale"
    );
    assert_eq!(store.books().await.unwrap().price, Money::from_cents(3_400));
}
