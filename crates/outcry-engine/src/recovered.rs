//! Tells sources of the leads that this start closes. The store closes them, and does not know where a
//! source listens; the catalog does.

use crate::answer::{Answer, Status};
use crate::ports::chance::Chance;
use crate::ports::store::{LeadState, Tell};
use crate::terms::postback;
use outcry_core::id::{MessageId, time_ordered};
use outcry_core::moment::Moment;
use outcry_core::record::Run;
use outcry_integration::book::Book;
use std::sync::Arc;

/// The postback for each of them. Whoever has no address for one, or has left the catalog, can ask.
///
/// It is written in the transaction that closes the lead: a crash between the two would leave its source untold for ever, for the
/// next start does not find a closed lead again.
pub(crate) fn tell(book: Arc<Book>, chance: Arc<dyn Chance>, now: Moment) -> Tell {
    Arc::new(move |closed| {
        let source = book.catalog.sources.iter().find(|source| source.name == closed.source)?;
        let status = if closed.state == LeadState::Sold {
            Status::Sold
        } else {
            Status::Unsold
        };
        let answer = Answer {
            lead: closed.lead,
            status,
            payout: closed.payout,
            currency: book.catalog.campaigns[source.campaign].currency,
            redirect_url: None,
            test: closed.run == Run::Test,
        };
        let id = MessageId::from_bits(time_ordered(now.unix_ms(), chance.bits()));
        postback(id, now, source, &answer)
    })
}
