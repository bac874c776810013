//! Follows what is unknown until somebody knows: goes on after a restart with what was begun before it, and writes off
//! what nobody has found out in the time that its campaign gives it.

use super::{Fact, Resolved, Way, fact};
use crate::dialogue::handover::{Attempt, SEND_WINDOW};
use crate::dialogue::{Dialogue, poll, repeat};
use crate::engine::Engine;
use crate::ports::store::{CaseAttempt, LeadCase, OpenAttempt, StoreFault};
use crate::terms::Terms;
use outcry_core::attempt::AttemptState;
use outcry_core::bid::Bid;
use outcry_core::moment::Moment;
use outcry_core::rank::Place;
use outcry_core::unknown::UnknownPolicy;
use outcry_core::verdict::{Acceptance, Verdict};
use outcry_integration::Kept;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// Read at once.
const PAGE: usize = 512;
const HOUR_MS: i64 = 60 * 60 * 1_000;
/// How often it is looked for what has been unknown for too long.
const EVERY: Duration = Duration::from_mins(1);

/// What a start has found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Followed {
    /// Posts that are unknown.
    pub unknown: u64,
    /// Of these such as were resolved at once: what lies where its buyer takes it from was delivered.
    pub resolved: u64,
    /// Such as are asked about, or sent again.
    pub asked_about: u64,
}

/// Goes on with what earlier starts have left open. Called once, before anything is traded.
///
/// # Errors
/// The store's fault.
pub async fn resume(engine: &Arc<Engine>) -> Result<Followed, StoreFault> {
    let mut followed = Followed::default();
    let mut after = None;
    loop {
        let page = engine.store.unknowns(after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(followed) };
        after = Some((last.began, last.attempt));
        for open in page.iter().filter(|open| open.state == AttemptState::Unknown) {
            followed.unknown += 1;
            match begin(engine, open).await? {
                Begun::Resolved => followed.resolved += 1,
                Begun::AskedAbout => followed.asked_about += 1,
                Begun::Nothing => {}
            }
        }
    }
}

enum Begun {
    Resolved,
    AskedAbout,
    Nothing,
}

async fn begin(engine: &Arc<Engine>, open: &OpenAttempt) -> Result<Begun, StoreFault> {
    if let Some(arrived) = engine.outbound.arrived(open.contract.as_str(), open.attempt).await {
        let verdict = if arrived {
            Verdict::Accepted(Acceptance::default())
        } else {
            Verdict::NotSent {
                why: "it was not in the tray when the process died, and so never left this machine".into(),
            }
        };
        let resolved = fact(engine, open.lead, open.attempt, Fact::Verdict(verdict), Way::Tray).await?;
        return Ok(match resolved {
            Resolved::Done { .. } => Begun::Resolved,
            _ => Begun::Nothing,
        });
    }
    if !comes_back(engine, open) {
        return Ok(Begun::Nothing);
    }
    let Some(case) = engine.store.case(open.lead).await? else {
        return Ok(Begun::Nothing);
    };
    let Some((attempt, kept, ago)) = as_it_was(engine, &case, open).await? else {
        return Ok(Begun::Nothing);
    };
    let integration = attempt.dialogue.integration();
    let asked = integration.poll_times().is_some_and(|times| !kept.is_empty() || times.any_unknown) || integration.is_idempotent();
    poll::resume(attempt.clone(), kept.clone(), ago);
    if kept.is_empty() {
        repeat::resume(attempt, ago);
    }
    Ok(if asked { Begun::AskedAbout } else { Begun::Nothing })
}

/// Does the integration of its contract say that anybody asks, or sends it again? Of the others nothing has to be read.
fn comes_back(engine: &Engine, open: &OpenAttempt) -> bool {
    let book = &engine.book;
    let mut contracts = book.catalog.campaigns.iter().flat_map(|campaign| &campaign.contracts);
    let contract = contracts.find(|contract| contract.name == open.contract);
    contract.is_some_and(|contract| book.binding(contract).integration.comes_back())
}

/// An attempt of an earlier start as its own process knew it, what its answer kept, and how long ago that was; nothing
/// where nobody has to come back to it.
async fn as_it_was(engine: &Arc<Engine>, case: &LeadCase, open: &OpenAttempt) -> Result<Option<(Attempt, Kept, Duration)>, StoreFault> {
    let Some(known) = case.attempt(open.attempt) else { return Ok(None) };
    let (Some(memo), Some(terms)) = (&known.memo, Terms::of_case(engine, case).await?) else {
        return Ok(None);
    };
    let Some(at) = terms.campaign.contract(known.contract.as_str()) else {
        return Ok(None);
    };
    let attempt = Attempt {
        dialogue: Dialogue {
            engine: engine.clone(),
            terms,
            at,
        },
        id: known.id,
        place: place(known, at, &memo.bid),
        ping_id: memo.ping,
        holds: known.holds.clone(),
        send_by: Instant::now() + SEND_WINDOW,
        settled: watch::Sender::new(true).subscribe(),
        notices: None,
    };
    let ago = engine.now().since_ms(known.ended.unwrap_or(known.began));
    let ago = Duration::from_millis(u64::try_from(ago).unwrap_or(0));
    Ok(Some((attempt, Kept::from(memo.kept.clone()), ago)))
}

fn place(known: &CaseAttempt, contract: usize, bid: &Bid) -> Place {
    Place {
        contract,
        bid: bid.clone(),
        price: known.price,
        shares_max: 1,
        handicap_bp: 0,
        keys: Vec::new(),
    }
}

/// Writes off what has been unknown for too long, until the task is dropped.
pub async fn run(engine: Arc<Engine>) {
    loop {
        tokio::time::sleep(EVERY).await;
        if let Err(fault) = write_off(&engine).await {
            tracing::error!(error = %fault, "it could not be seen what has been unknown for too long");
        }
    }
}

/// One round: everything whose campaign's time is over; tells how many.
///
/// # Errors
/// The store's fault.
pub async fn write_off(engine: &Arc<Engine>) -> Result<u64, StoreFault> {
    let (now, mut after, mut count) = (engine.now(), None, 0);
    loop {
        let page = engine.store.unknowns(after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(count) };
        after = Some((last.began, last.attempt));
        for open in page.iter().filter(|open| open.state == AttemptState::Unknown) {
            let hours = policy(engine, open).write_off_hours;
            if now < end(open, hours) {
                continue;
            }
            let why = format!("nobody found out within {hours} hours");
            let written_off = fact(engine, open.lead, open.attempt, Fact::WrittenOff { why: why.into() }, Way::TimeUp).await?;
            count += u64::from(matches!(written_off, Resolved::Done { .. }));
        }
    }
}

/// The policy of the campaign that sold it; the safe one if that has left the catalog.
fn policy(engine: &Engine, open: &OpenAttempt) -> UnknownPolicy {
    let mut campaigns = engine.book.catalog.campaigns.iter();
    let campaign = campaigns.find(|campaign| campaign.name == open.campaign);
    campaign.map_or_else(UnknownPolicy::default, |campaign| campaign.unknown)
}

fn end(open: &OpenAttempt, hours: u32) -> Moment {
    open.began.plus_ms(i64::from(hours) * HOUR_MS)
}
