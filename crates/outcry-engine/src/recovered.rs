//! Tells sources of the leads that this start closed. The store closes them, and does not know where a
//! source listens; the catalog does.

use crate::answer::{Answer, Status};
use crate::engine::Engine;
use crate::ports::store::{Expired, LeadState, Message, Settle, StoreFault};
use crate::terms::postback;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use outcry_core::record::Run;

/// Settled at once; the store commits many in one group.
const AT_ONCE: usize = 64;

/// Queues the postbacks, and tells how many. Whoever has no address for them, or has left the catalog, can ask.
///
/// A crash before this has ended leaves the rest untold: the leads are closed by then, and the next start does not
/// find them again. Their fate is there for whoever asks.
///
/// # Errors
/// The store's fault.
pub(crate) async fn tell(engine: &Engine, expired: &[Expired]) -> Result<u64, StoreFault> {
    let with_message = |expired: &Expired| Some((expired.state, message(engine, expired)?));
    let messages: Vec<(LeadState, Message)> = expired.iter().filter_map(with_message).collect();
    let queued = messages.len() as u64;
    let settle = |(state, message)| async move { engine.store.settle(closed(engine, state, message)).await.map(|_| ()) };
    stream::iter(messages).map(Ok).try_for_each_concurrent(AT_ONCE, settle).await?;
    Ok(queued)
}

fn message(engine: &Engine, expired: &Expired) -> Option<Message> {
    let catalog = &engine.book.catalog;
    let source = catalog.sources.iter().find(|source| source.name == expired.source)?;
    let status = if expired.state == LeadState::Sold {
        Status::Sold
    } else {
        Status::Unsold
    };
    let answer = Answer {
        lead: expired.lead,
        status,
        payout: expired.payout,
        currency: catalog.campaigns[source.campaign].currency,
        redirect_url: None,
        test: expired.run == Run::Test,
    };
    postback(engine, source, &answer)
}

/// Recovery has written state and answer already; the message is what is new.
fn closed(engine: &Engine, state: LeadState, message: Message) -> Settle {
    Settle {
        lead: message.lead,
        at: engine.now(),
        attempt: None,
        state,
        answer: None,
        record: None,
        messages: vec![message],
        waiting: None,
    }
}
