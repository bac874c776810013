//! Consent: withdrawals, certificates, proofs, and leads that wait for somebody to look at them.

use super::intent::{LEG_TAKEN, leads};
use super::sample::{after_ms, boot, covered, ended, in_review, intend, lead, person, rejected};
use outcry_engine::ports::store::{
    CertificateClaim, Intend, Intended, LeadState, ListChange, ListCheck, Objections, Refusal, Store, Withdrawal, tell_nobody,
};
use std::sync::Arc;

fn withdrawal(of: u64, scope: &str) -> Withdrawal {
    Withdrawal {
        people: vec![person(of)],
        scope: scope.into(),
        at: after_ms(50),
        from: "operator".into(),
    }
}

fn withdrawn(scope: &str) -> Intended {
    Intended::Refused(Refusal::Withdrawn { scope: scope.into() })
}

pub(super) async fn a_withdrawal_stops_every_later_post_and_none_before_it(store: Arc<dyn Store>) {
    leads(&store, 1..=3).await;
    assert_eq!(store.intend(intend(1, 10, "acme_auto")).await.unwrap(), Intended::Go);
    assert_eq!(store.withdraw(withdrawal(1, "all")).await.unwrap(), 1);
    assert_eq!(store.withdraw(withdrawal(1, "all")).await.unwrap(), 0, "known already");
    assert_eq!(
        store.intend(intend(1, 10, "acme_auto")).await.unwrap(),
        Intended::Go,
        "it may have left"
    );
    store.settle(ended(1, 10, rejected(), LeadState::Selling)).await.unwrap();
    assert_eq!(
        store.intend(intend(1, 11, "bolt_auto")).await.unwrap(),
        withdrawn("all"),
        "the lead under way"
    );
    let of_the_same = Intend {
        contacts: vec![person(77), person(1)],
        ..intend(2, 20, "acme_auto")
    };
    assert_eq!(
        store.intend(of_the_same).await.unwrap(),
        withdrawn("all"),
        "a later lead of the person"
    );
    assert_eq!(
        store.intend(intend(3, 30, "acme_auto")).await.unwrap(),
        Intended::Go,
        "somebody else"
    );
}

pub(super) async fn a_post_that_is_sent_again_hears_what_was_said_since(store: Arc<dyn Store>) {
    let asked = |of: u64| Objections {
        contacts: vec![person(of)],
        withdrawn_in: vec!["all".into(), "buyer/acme".into()],
        lists: vec![ListCheck {
            list: "stop".into(),
            entries: vec![(person(of), false)],
            wanted: false,
        }],
    };
    assert_eq!(store.objection(asked(1)).await.unwrap(), None);
    store.withdraw(withdrawal(1, "buyer/bolt")).await.unwrap();
    assert_eq!(store.objection(asked(1)).await.unwrap(), None, "another buyer");
    store.withdraw(withdrawal(1, "buyer/acme")).await.unwrap();
    let scope = "buyer/acme".into();
    assert_eq!(store.objection(asked(1)).await.unwrap(), Some(Refusal::Withdrawn { scope }));
    let change = ListChange {
        list: "stop".into(),
        entries: vec![person(2)],
        on: true,
    };
    store.change_list(change).await.unwrap();
    let list = "stop".into();
    assert_eq!(store.objection(asked(2)).await.unwrap(), Some(Refusal::Suppressed { list }));
    assert_eq!(store.objection(asked(3)).await.unwrap(), None, "another person");
}

pub(super) async fn a_withdrawal_reaches_as_far_as_it_says(store: Arc<dyn Store>) {
    leads(&store, 1..=1).await;
    store.withdraw(withdrawal(1, "channel/sms")).await.unwrap();
    store.withdraw(withdrawal(1, "buyer/bolt")).await.unwrap();
    let to = |number, scopes: &[&str]| Intend {
        withdrawn_in: scopes.iter().map(|scope| (*scope).into()).collect(),
        legs_max: 9,
        ..intend(1, number, &format!("contract_{number}"))
    };
    let said = store.intend(to(10, &["all", "buyer/acme", "channel/sms"])).await.unwrap();
    assert_eq!(said, withdrawn("channel/sms"));
    let said = store.intend(to(11, &["all", "buyer/bolt", "channel/call"])).await.unwrap();
    assert_eq!(said, withdrawn("buyer/bolt"));
    let said = store.intend(to(12, &["all", "buyer/acme", "channel/call"])).await.unwrap();
    assert_eq!(said, Intended::Go);
}

pub(super) async fn a_certificate_is_one_persons(store: Arc<dyn Store>) {
    leads(&store, 1..=4).await;
    let with = |of, number, people: &[u64]| Intend {
        certificates: vec![CertificateClaim {
            vendor: "trustedform".into(),
            certificate: person(900),
            people: people.iter().map(|number| person(*number)).collect(),
        }],
        ..intend(of, number, "acme_auto")
    };
    assert_eq!(store.intend(with(1, 10, &[1, 11])).await.unwrap(), Intended::Go);
    store.settle(ended(1, 10, rejected(), LeadState::Unsold)).await.unwrap();
    let taken = Refusal::CertificateTaken {
        vendor: "trustedform".into(),
    };
    let refused = Intended::Refused(taken);
    assert_eq!(
        store.intend(with(2, 20, &[2])).await.unwrap(),
        refused,
        "whatever came of the first post"
    );
    assert_eq!(
        store.intend(with(3, 30, &[3, 11])).await.unwrap(),
        Intended::Go,
        "the same address with another number"
    );
    assert_eq!(store.intend(with(4, 40, &[3])).await.unwrap(), refused, "which leads on to nobody");
}

pub(super) async fn a_proof_of_another_contract_or_another_day_is_none(store: Arc<dyn Store>) {
    leads(&store, 1..=1).await;
    let unproven = Intended::Refused(Refusal::Unproven);
    let of_another = Intend {
        covered: covered("bolt_auto"),
        ..intend(1, 10, "acme_auto")
    };
    assert_eq!(store.intend(of_another).await.unwrap(), unproven);
    let of_yesterday = Intend {
        at: after_ms(24 * 3_600_000),
        ..intend(1, 10, "acme_auto")
    };
    assert_eq!(store.intend(of_yesterday).await.unwrap(), unproven);
    assert_eq!(store.intend(intend(1, 10, "acme_auto")).await.unwrap(), Intended::Go);
}

pub(super) async fn a_lead_in_review_is_not_for_sale_until_it_is_taken_out_once(store: Arc<dyn Store>) {
    leads(&store, 1..=2).await;
    assert!(!store.take_from_review(lead(1)).await.unwrap(), "it does not wait");
    store.settle(in_review(1, "the text is unknown")).await.unwrap();
    store.settle(in_review(2, "no answer")).await.unwrap();
    assert_eq!(store.intend(intend(1, 10, "acme_auto")).await.unwrap(), LEG_TAKEN);
    let waiting = store.in_review(10).await.unwrap();
    let waiting: Vec<_> = waiting.iter().map(|one| (one.lead, &*one.why)).collect();
    assert_eq!(waiting, [(lead(1), "the text is unknown"), (lead(2), "no answer")]);
    store.recover(boot(9), after_ms(1_000), tell_nobody()).await.unwrap();
    assert_eq!(store.in_review(10).await.unwrap().len(), 2, "a restart ends no wait");
    assert!(store.take_from_review(lead(1)).await.unwrap());
    assert!(!store.take_from_review(lead(1)).await.unwrap(), "once");
    assert_eq!(store.in_review(10).await.unwrap().len(), 1);
    assert_eq!(store.intend(intend(1, 10, "acme_auto")).await.unwrap(), Intended::Go);
}
