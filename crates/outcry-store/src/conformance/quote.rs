//! What keeping a quote promises: little, and at once.

use super::sample::{accept, after_ms, quote, quote_id};
use outcry_core::record::{Record, Subject};
use outcry_engine::ports::store::{Quote, Store};
use std::sync::Arc;

pub(super) async fn a_quote_is_there_as_soon_as_it_is_kept(store: Arc<dyn Store>) {
    assert!(store.quote(quote_id(1)).await.unwrap().is_none());
    let kept = quote(1);
    store.keep_quote(kept.clone(), kept.record.clone()).await.unwrap();
    let found = store.quote(quote_id(1)).await.unwrap().expect("a kept quote is there");
    assert_eq!(
        (found.payout, found.expires, found.pinged.row == kept.pinged.row),
        (kept.payout, kept.expires, true)
    );
    let record = store
        .record(Subject::Quote(quote_id(1)))
        .await
        .unwrap()
        .expect("and so is its record");
    assert_eq!(record.subject, Subject::Quote(quote_id(1)));
}

pub(super) async fn a_quote_long_expired_is_forgotten_and_its_record_is_not(store: Arc<dyn Store>) {
    let first = quote(1);
    store.keep_quote(first.clone(), first.record.clone()).await.unwrap();
    let hours_later = Record {
        received: after_ms(7_200_000),
        ..Record::clone(&quote(2).record)
    };
    let second = Quote {
        expires: after_ms(7_260_000),
        ..quote(2)
    };
    store.keep_quote(second, Arc::new(hours_later)).await.unwrap();
    assert!(store.quote(quote_id(1)).await.unwrap().is_none());
    assert!(store.quote(quote_id(2)).await.unwrap().is_some());
    // Whatever is durable comes after what was asked for before it.
    store.accept(accept(1)).await.unwrap();
    assert!(store.record(Subject::Quote(quote_id(1))).await.unwrap().is_some());
}
