//! What T4 promises.

use super::sample::{accept, after_ms, lead, message, settle};
use outcry_core::id::{MessageId, SourceName};
use outcry_engine::ports::store::{Delivery, DeliveryResult, LeadState, Message, Settle, Signed, Store};
use std::sync::Arc;

/// Lead 1 is unsold, and messages of these numbers say so, due one millisecond after each other.
async fn told(store: &Arc<dyn Store>, numbers: &[u64]) {
    store.accept(accept(1)).await.unwrap();
    for (late, number) in (0..).zip(numbers) {
        let settle = Settle {
            at: after_ms(late),
            messages: vec![message(1, *number)],
            ..settle(1, LeadState::Unsold)
        };
        store.settle(settle).await.unwrap();
    }
}

async fn tried(store: &Arc<dyn Store>, number: u64, at: i64, result: DeliveryResult) {
    store
        .deliver(Delivery {
            message: MessageId::from_bits(number.into()),
            at: after_ms(at),
            result,
        })
        .await
        .unwrap();
}

async fn due(store: &Arc<dyn Store>, at: i64) -> Vec<Message> {
    store.due(after_ms(at), 10).await.unwrap()
}

fn again(due: i64) -> DeliveryResult {
    DeliveryResult::Again {
        due: after_ms(due),
        why: "status 503".into(),
    }
}

pub(super) async fn a_message_with_a_body_keeps_it(store: Arc<dyn Store>) {
    store.accept(accept(1)).await.unwrap();
    let message = Message {
        signed: Some(Signed {
            source: SourceName::new("clickmill"),
            body: r#"{"status":"unsold"}"#.into(),
        }),
        ..message(1, 7)
    };
    let settle = Settle {
        messages: vec![message.clone()],
        ..settle(1, LeadState::Unsold)
    };
    store.settle(settle).await.unwrap();
    assert_eq!(due(&store, 90_000).await, [message]);
}

pub(super) async fn a_message_is_due_until_it_arrives(store: Arc<dyn Store>) {
    told(&store, &[7]).await;
    assert_eq!(due(&store, -1).await, []);
    assert_eq!(due(&store, 0).await, [message(1, 7)]);
    tried(&store, 7, 10, again(5_000)).await;
    assert_eq!(due(&store, 4_999).await, []);
    assert_eq!(due(&store, 5_000).await, [Message { tries: 1, ..message(1, 7) }]);
    tried(&store, 7, 5_010, DeliveryResult::Arrived).await;
    assert_eq!(due(&store, 1_000_000).await, []);
    tried(&store, 7, 5_020, again(6_000)).await;
    assert_eq!(due(&store, 1_000_000).await, [], "what arrived is not sent again");
}

pub(super) async fn a_message_that_is_given_up_is_not_due_again(store: Arc<dyn Store>) {
    told(&store, &[7]).await;
    tried(&store, 7, 10, DeliveryResult::Dead { why: "gone".into() }).await;
    assert_eq!(due(&store, 1_000_000).await, []);
    told(&store, &[7]).await;
    assert_eq!(due(&store, 1_000_000).await, [], "the same outcome again does not wake it up");
}

pub(super) async fn the_same_try_counts_once(store: Arc<dyn Store>) {
    told(&store, &[7]).await;
    tried(&store, 7, 10, again(20)).await;
    tried(&store, 7, 10, again(20)).await;
    assert_eq!(due(&store, 20).await, [Message { tries: 1, ..message(1, 7) }]);
}

pub(super) async fn messages_come_oldest_first(store: Arc<dyn Store>) {
    told(&store, &[9, 8, 7]).await;
    let first: Vec<MessageId> = store
        .due(after_ms(1_000), 2)
        .await
        .unwrap()
        .iter()
        .map(|message| message.id)
        .collect();
    assert_eq!(first, [MessageId::from_bits(9), MessageId::from_bits(8)]);
    assert!(due(&store, 1_000).await.iter().all(|message| message.lead == lead(1)));
}
