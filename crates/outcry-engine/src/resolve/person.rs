//! What an operator does about unknown posts: looks at them, decides one, or reads what a buyer's file says of many.

use super::{Fact, Resolved, Way, fact};
use crate::engine::Engine;
use crate::ports::store::{OpenAttempt, StoreFault};
use outcry_core::attempt::AttemptState;
use outcry_core::id::{AttemptId, LeadId};
use outcry_core::leak;
use outcry_core::money::Money;
use outcry_core::verdict::{Acceptance, Verdict};
use std::collections::HashMap;
use std::sync::Arc;

/// Read at once.
const PAGE: usize = 512;

/// Which attempt is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The open one of this lead, if there is one only.
    OfLead(LeadId),
    /// This one.
    Attempt(AttemptId),
}

/// What became of it, as somebody says who knows.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// Accepted, rejected, not sent or written off.
    pub state: AttemptState,
    /// What the buyer pays, where it is less than what was held.
    pub price: Option<Money>,
    /// What is said of it, for the record.
    pub said: Arc<str>,
}

/// What came of a decision.
#[derive(Clone, Debug, PartialEq)]
pub enum Decided {
    /// The fact is recorded, or was found to be known or contradicted.
    Attempt(AttemptId, LeadId, Resolved),
    /// Nothing of this lead, or this attempt, is open.
    NothingOpen,
    /// Several are: one has to be named.
    Several(Vec<AttemptId>),
}

/// Records what somebody has decided, or found out.
///
/// # Errors
/// The store's fault.
pub async fn decide(engine: &Arc<Engine>, which: Which, decision: Decision, way: Way) -> Result<Decided, StoreFault> {
    let (lead, attempt) = match which {
        Which::OfLead(lead) => {
            let case = engine.store.case(lead).await?;
            let attempts = case.iter().flat_map(|case| &case.attempts);
            let open: Vec<AttemptId> = attempts
                .filter(|attempt| attempt.state.is_open())
                .map(|attempt| attempt.id)
                .collect();
            match open[..] {
                [] => return Ok(Decided::NothingOpen),
                [attempt] => (lead, attempt),
                _ => return Ok(Decided::Several(open)),
            }
        }
        Which::Attempt(attempt) => match open_ones(engine).await?.get(&attempt) {
            Some(open) => (open.lead, attempt),
            None => return Ok(Decided::NothingOpen),
        },
    };
    let resolved = fact(engine, lead, attempt, decision.fact(), way).await?;
    Ok(Decided::Attempt(attempt, lead, resolved))
}

/// Records what a file says of many attempts, in its order.
///
/// # Errors
/// The store's fault; what came before it is recorded.
pub async fn reconcile(engine: &Arc<Engine>, rows: Vec<(AttemptId, Decision)>) -> Result<Vec<Decided>, StoreFault> {
    let open = open_ones(engine).await?;
    let mut decided = Vec::with_capacity(rows.len());
    for (attempt, decision) in rows {
        decided.push(match open.get(&attempt) {
            None => Decided::NothingOpen,
            Some(open) => {
                let resolved = fact(engine, open.lead, attempt, decision.fact(), Way::File).await?;
                Decided::Attempt(attempt, open.lead, resolved)
            }
        });
    }
    Ok(decided)
}

/// All that is open, by attempt. There is no other way to an attempt than through its lead, and what is open is not much.
async fn open_ones(engine: &Engine) -> Result<HashMap<AttemptId, OpenAttempt>, StoreFault> {
    let (mut all, mut after) = (HashMap::new(), None);
    loop {
        let page = engine.store.unknowns(after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(all) };
        after = Some((last.began, last.attempt));
        all.extend(page.into_iter().map(|open| (open.attempt, open)));
    }
}

impl Decision {
    /// A word of the four; `None` for another.
    pub fn of(word: &str, price: Option<Money>, said: Arc<str>) -> Option<Self> {
        // What a person writes may name the person it is about.
        let said = match leak::scan(&said) {
            None => said,
            Some(looks) => format!("(not kept: it looks like {looks})").into(),
        };
        let state = AttemptState::parse(word).filter(|state| !matches!(state, AttemptState::Intent | AttemptState::Unknown))?;
        Some(Self { state, price, said })
    }

    fn fact(self) -> Fact {
        let Self { state, price, said } = self;
        match state {
            AttemptState::Accepted => Fact::Verdict(Verdict::Accepted(Acceptance {
                price,
                ..Acceptance::default()
            })),
            AttemptState::NotSent => Fact::Verdict(Verdict::NotSent { why: said }),
            AttemptState::WrittenOff => Fact::WrittenOff { why: said },
            AttemptState::Rejected | AttemptState::Intent | AttemptState::Unknown => {
                Fact::Verdict(Verdict::Rejected { said, duplicate: false })
            }
        }
    }
}
