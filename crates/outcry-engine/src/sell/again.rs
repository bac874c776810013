//! A lead that nobody took may wait, and is sold again from the start when its time has come: screened, pinged, ranked and
//! posted under the rules of that moment, with consent and suppression looked at anew.

use super::intake::Judged;
use super::sell;
use crate::answer::{Answer, Status};
use crate::auction::Auction;
use crate::deadline::Deadline;
use crate::engine::{Engine, UnderWay};
use crate::insist;
use crate::listed::Listed;
use crate::ports::store::{LeadState, Settle, StoreFault, Waiting};
use crate::terms::{Terms, postback};
use outcry_core::id::{ContractName, MessageId};
use outcry_core::lead::{Lead, Origin};
use outcry_core::moment::Moment;
use outcry_core::money::{Currency, Money};
use outcry_core::rank::Wishes;
use outcry_core::record::{Ending, Line, Record, Run, Subject};
use std::sync::Arc;
use tokio::sync::watch;

/// What is needed to try an unsold lead again, if there is something to wait for. A ping waits for nothing.
pub(super) fn waits(auction: &Auction, ending: &Ending, now: Moment) -> Option<Waiting> {
    let (terms, Subject::Lead(lead), Ending::Unsold) = (&auction.terms, auction.terms.subject, ending) else {
        return None;
    };
    Some(Waiting {
        lead,
        due: auction.waits_until(now)?,
        source: terms.source().name.clone(),
        door: terms.door,
        run: terms.run,
        received: terms.received,
        quote: terms.quote,
        promised: terms.promised,
        payout_min: terms.wishes.payout_min,
        sales_max: terms.wishes.sales_max,
        excluded: terms.excluded.to_vec(),
        sub_ids: auction.lead.origin.sub_ids.to_vec(),
        refused_by: auction
            .lines
            .iter()
            .filter(|line| had_its_say(line))
            .map(|line| line.contract.clone())
            .collect(),
    })
}

/// A contract that was posted to, and that did not fail for want of room, is not asked again.
fn had_its_say(line: &Line) -> bool {
    line.posts.iter().any(|post| !matches!(&*post.verdict, "refused" | "not_sent"))
}

/// Takes a waiting lead up and sells it, or closes it if that cannot be. Nothing is done while the process goes down: the lead
/// waits for the next start.
///
/// # Errors
/// The store's fault; the lead waits on, or is closed by the next start.
pub(crate) async fn again(engine: &Arc<Engine>, waiting: Waiting) -> Result<(), StoreFault> {
    // Counted first: whoever drains has either seen this one or has been seen by it.
    let entered = engine.enter();
    let (Some(entered), false) = (entered, engine.is_draining()) else {
        return Ok(());
    };
    let sources = &engine.book.catalog.sources;
    let source = sources.iter().position(|source| source.name == waiting.source);
    let lead = engine.store.reopen(waiting.lead, &engine.book.catalog).await?;
    let before = engine.store.record(Subject::Lead(waiting.lead)).await?;
    let taken = stands(engine, &waiting, LeadState::Selling);
    insist::until_done(engine, || engine.store.settle(taken.clone())).await?;
    match (source, lead) {
        (Some(source), Some(lead)) => {
            let auction = taken_up(engine, entered, source, lead, &waiting, before.as_ref());
            sell(engine.clone(), Box::new(auction), None).await;
            Ok(())
        }
        _ => give_up(engine, &waiting, source).await,
    }
}

fn stands(engine: &Engine, waiting: &Waiting, state: LeadState) -> Settle {
    Settle {
        lead: waiting.lead,
        at: engine.now(),
        attempt: None,
        state,
        answer: None,
        record: None,
        messages: Vec::new(),
        waiting: None,
    }
}

/// Its source has left the catalog, or the lead was erased: nobody gets it.
async fn give_up(engine: &Engine, waiting: &Waiting, source: Option<usize>) -> Result<(), StoreFault> {
    let source = source.map(|at| engine.source(at));
    let currency = source.map_or(Currency::USD, |source| engine.book.catalog.campaigns[source.campaign].currency);
    let answer = Answer {
        lead: waiting.lead,
        status: Status::Unsold,
        payout: Money::ZERO,
        currency,
        redirect_url: None,
        test: waiting.run == Run::Test,
    };
    let now = engine.now();
    let message = source.and_then(|source| postback(MessageId::from_bits(engine.fresh(now)), now, source, &answer));
    let settle = Settle {
        answer: Some(answer),
        messages: message.into_iter().collect(),
        ..stands(engine, waiting, LeadState::Unsold)
    };
    super::settle_and_wake(engine, settle).await.map(|_| ())
}

/// The auction of a lead that has waited. Contracts that have had their say keep the line they had.
fn taken_up(engine: &Arc<Engine>, entered: UnderWay, source: usize, lead: Lead, waiting: &Waiting, before: Option<&Record>) -> Auction {
    let terms = engine.source(source);
    let lead = lead.sent_by(Origin {
        source: terms.name.clone(),
        supplier: terms.supplier.clone(),
        sub_ids: std::array::from_fn(|at| waiting.sub_ids.get(at).cloned().flatten()),
    });
    let campaign = engine.book.catalog.campaigns[terms.campaign].clone();
    let position = |name: &ContractName| campaign.contract(name.as_str());
    let refused_by: Vec<usize> = waiting.refused_by.iter().filter_map(position).collect();
    let mut lines = Auction::blank_lines(&campaign);
    for line in before.iter().flat_map(|record| &record.lines) {
        if let Some(at) = position(&line.contract).filter(|at| refused_by.contains(at)) {
            lines[at] = Line {
                // The views of that auction are not those of this one.
                ping: None,
                place: None,
                ..line.clone()
            };
        }
    }
    Auction {
        people: engine.keys.people.of(&lead),
        contacts: engine.keys.people.contacts(&lead),
        certificates: engine.keys.people.certificates(&lead),
        // What asked for somebody's look was looked at before it waited.
        judged: Judged::released(),
        held: Vec::new(),
        listed: Listed::default(),
        lines,
        terms: Terms {
            book: engine.book.clone(),
            campaign,
            source,
            subject: Subject::Lead(waiting.lead),
            quote: waiting.quote,
            door: waiting.door,
            run: waiting.run,
            received: waiting.received,
            promised: waiting.promised,
            wishes: Wishes {
                payout_min: waiting.payout_min,
                sales_max: waiting.sales_max,
            },
            excluded: waiting.excluded.clone().into(),
            duplicate: None,
            chain: Arc::default(),
            looped: None,
        },
        lead: Arc::new(lead),
        deadline: Deadline::after(engine.limits.answer),
        views: Vec::new(),
        shadow: None,
        over: Vec::new(),
        waits: Vec::new(),
        stopped_by: None,
        refused_by,
        settled: watch::Sender::new(false),
        events: Vec::new(),
        _entered: entered,
    }
}
