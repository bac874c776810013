//! Leads that wait: taken up when their time has come. A table that is scanned, so that a start forgets none of them.

use crate::engine::Engine;
use crate::insist;
use crate::ports::store::{LeadState, Settle, Waiting};
use crate::sell;
use futures_util::stream::{self, StreamExt};
use std::sync::Arc;
use std::time::Duration;

/// Looked up at once, the oldest leads first.
const AT_ONCE: usize = 64;
/// Sold at once: those who come in through the door have the deadline, those who waited have not.
const SOLD_AT_ONCE: usize = 8;
/// A lead that the store could not hand out is tried again after this.
const LATER_MS: i64 = 60_000;

/// Sells leads as their time comes, until the task is dropped.
pub async fn run(engine: Arc<Engine>) {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        while !engine.is_draining() && take_up(&engine).await == AT_ONCE {}
    }
}

/// One round; tells how many leads it found.
async fn take_up(engine: &Arc<Engine>) -> usize {
    let due = match engine.store.waiting(engine.now(), AT_ONCE).await {
        Ok(due) => due,
        Err(fault) => {
            tracing::error!(error = %fault, "the waiting leads could not be read");
            return 0;
        }
    };
    let found = due.len();
    stream::iter(due)
        .for_each_concurrent(SOLD_AT_ONCE, |waiting| sold(engine, waiting))
        .await;
    found
}

async fn sold(engine: &Arc<Engine>, waiting: Waiting) {
    let Err(fault) = sell::again(engine, waiting.clone()).await else {
        return;
    };
    tracing::error!(lead.id = %waiting.lead, error = %fault, "a waiting lead could not be taken up; it waits on");
    let later = Settle {
        lead: waiting.lead,
        at: engine.now(),
        attempt: None,
        state: LeadState::Waiting,
        answer: None,
        record: None,
        messages: Vec::new(),
        waiting: Some(Waiting {
            due: engine.now().plus_ms(LATER_MS),
            ..waiting
        }),
    };
    if let Err(fault) = insist::until_done(engine, || engine.store.settle(later.clone())).await {
        tracing::error!(error = %fault, "a waiting lead could not be put off");
    }
}
