//! What the writer knows of leads: read from their rows, and remembered while they are being sold.
//!
//! A lead is written three times within seconds, so what T1 wrote need not be read again by T2 and T3. A remembered lead is taken
//! out while something is done to it and put back afterwards, changed as its rows were; if that fails it stays out, and is read
//! again when it is next needed.

use super::desk::{Desk, bytes};
use super::trouble::{Trouble, unreadable};
use crate::standing::{self, AttemptState};
use crate::stored::{self, Taken};
use outcry_core::id::{AttemptId, LeadId};
use outcry_core::record::Run;
use outcry_engine::ports::store::LeadState;
use rusqlite::{OptionalExtension, Row};
use std::collections::HashMap;

/// Most leads remembered: far more than are on their way at once.
const MOST: usize = 16_384;

/// The leads on their way.
pub(super) type Leads = HashMap<LeadId, LeadRow>;

/// What the writer needs of a lead.
pub(super) struct LeadRow {
    pub(super) seq: i64,
    pub(super) state: LeadState,
    pub(super) run: Run,
    pub(super) attempts: Vec<AttemptRow>,
}

/// What the writer needs of an attempt.
pub(super) struct AttemptRow {
    pub(super) id: AttemptId,
    pub(super) contract: i64,
    pub(super) leg: u32,
    pub(super) state: AttemptState,
    pub(super) legs_max: u32,
    pub(super) taken: Taken,
}

impl Desk<'_> {
    /// Does something with a lead; `None` if there is no such lead.
    pub(super) fn with_lead<T>(
        &mut self,
        id: LeadId,
        act: impl FnOnce(&mut Self, &mut LeadRow) -> Result<T, Trouble>,
    ) -> Result<Option<T>, Trouble> {
        let remembered = self.leads.remove(&id);
        let Some(mut lead) = (if remembered.is_some() { remembered } else { self.read_lead(id)? }) else {
            return Ok(None);
        };
        let done = act(self, &mut lead)?;
        self.remember(id, lead);
        Ok(Some(done))
    }

    /// Remembers a lead for as long as it is on its way.
    pub(super) fn remember(&mut self, id: LeadId, lead: LeadRow) {
        if self.leads.len() >= MOST {
            self.leads.clear();
        }
        if matches!(lead.state, LeadState::Selling | LeadState::Uncertain) {
            self.leads.insert(id, lead);
        }
    }

    fn read_lead(&mut self, id: LeadId) -> Result<Option<LeadRow>, Trouble> {
        let columns = |row: &Row<'_>| Ok((row.get(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?));
        let found = self.sql.find_lead.query_row([bytes(id.bits())], columns).optional()?;
        let Some((seq, state, run)) = found else { return Ok(None) };
        let run = if run == 0 { Run::Live } else { Run::Test };
        let (state, attempts) = (lead_state(state)?, self.read_attempts(id)?);
        Ok(Some(LeadRow { seq, state, run, attempts }))
    }

    fn read_attempts(&mut self, lead: LeadId) -> Result<Vec<AttemptRow>, Trouble> {
        let mut rows = self.sql.find_attempts.query([bytes(lead.bits())])?;
        let mut attempts = Vec::new();
        while let Some(row) = rows.next()? {
            let id = AttemptId::from_bits(u128::from_be_bytes(row.get(0)?));
            let state = standing::from_number(row.get(2)?);
            let state = state.ok_or_else(|| Trouble::Bug(format!("the stored {id} is in no known state")))?;
            let taken = stored::read(&row.get::<_, Vec<u8>>(3)?).map_err(unreadable("attempt"))?;
            let contract = row.get(1)?;
            attempts.push(AttemptRow {
                id,
                contract,
                state,
                legs_max: row.get(4)?,
                leg: row.get(5)?,
                taken,
            });
        }
        Ok(attempts)
    }

    /// What the source of a lead was told, as it is stored.
    pub(super) fn answer(&mut self, id: LeadId) -> Result<Option<Vec<u8>>, Trouble> {
        let found = self.sql.find_answer.query_row([bytes(id.bits())], |row| row.get(0));
        Ok(found.optional()?.flatten())
    }
}

/// The number of a lead's state in the store; never used again for anything else.
pub(super) const fn lead_state_number(state: LeadState) -> i64 {
    match state {
        LeadState::Selling => 0,
        LeadState::Sold => 1,
        LeadState::Unsold => 2,
        LeadState::Uncertain => 3,
        LeadState::Waiting => 4,
        LeadState::Review => 5,
    }
}

/// A lead's state by its number.
pub(super) fn lead_state(number: i64) -> Result<LeadState, Trouble> {
    let states = [
        LeadState::Selling,
        LeadState::Sold,
        LeadState::Unsold,
        LeadState::Uncertain,
        LeadState::Waiting,
        LeadState::Review,
    ];
    let found = states.into_iter().find(|state| lead_state_number(*state) == number);
    found.ok_or_else(|| Trouble::Bug(format!("a lead cannot be in state {number}")))
}
