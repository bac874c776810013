//! What a store says when all is over, laid beside what its sources were told and what its buyers heard.

use super::Told;
use outcry_core::id::{AttemptId, LeadId};
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// States of leads and attempts, as they stand in the database.
const SELLING: i64 = 0;
const SOLD: i64 = 1;
const UNSOLD: i64 = 2;
const UNKNOWN: i64 = 1;
const ACCEPTED: i64 = 2;

/// The leads and attempts of a data folder, and what is wrong with it by itself.
pub(crate) struct Evidence {
    leads: BTreeMap<u128, i64>,
    attempts: BTreeMap<u128, (u128, i64)>,
    complaints: Vec<String>,
}

impl Evidence {
    /// Reads the folder of an exchange that has been started and has ended since whatever happened to it.
    pub(crate) fn read(folder: &Path) -> Self {
        let database = Connection::open(folder.join("outcry.db")).unwrap();
        let id = |row: &rusqlite::Row<'_>, at| u128::from_be_bytes(row.get(at).unwrap());
        let mut leads = database.prepare("SELECT id, state FROM lead").unwrap();
        let leads = leads.query_map([], |row| Ok((id(row, 0), row.get(1)?))).unwrap();
        let mut attempts = database.prepare("SELECT id, lead, state FROM attempt").unwrap();
        let attempts = attempts.query_map([], |row| Ok((id(row, 0), (id(row, 1), row.get(2)?)))).unwrap();
        Self {
            leads: leads.map(Result::unwrap).collect(),
            attempts: attempts.map(Result::unwrap).collect(),
            complaints: in_itself(&database),
        }
    }

    /// Everything that does not fit: a lead that was acknowledged and is not there, or stands elsewhere than was said; a post
    /// without an intent; a yes that we hold for a no; and a lead that two buyers have.
    pub(crate) fn against(&self, told: &[Told], posts: &[(AttemptId, bool)]) -> Vec<String> {
        let mut complaints = self.complaints.clone();
        complaints.extend(told.iter().filter_map(|told| self.against_source(told)));
        let (mut buyers, mut seen): (BTreeMap<u128, u32>, BTreeSet<AttemptId>) = Default::default();
        for (attempt, yes) in posts {
            if !seen.insert(*attempt) {
                complaints.push(format!("{attempt} came twice"));
            }
            match self.attempts.get(&attempt.bits()) {
                None => complaints.push(format!("{attempt} is at a buyer and has no intent")),
                Some((lead, state)) if *yes => {
                    *buyers.entry(*lead).or_default() += 1;
                    if ![UNKNOWN, ACCEPTED].contains(state) {
                        complaints.push(format!("{attempt} was accepted and is in state {state}"));
                    }
                }
                Some(_) => {}
            }
        }
        let twice = buyers.into_iter().filter(|(_, copies)| 1 < *copies);
        complaints.extend(twice.map(|(lead, copies)| format!("{} is at {copies} buyers", LeadId::from_bits(lead))));
        complaints
    }

    fn against_source(&self, Told { lead, status }: &Told) -> Option<String> {
        let Some(state) = self.leads.get(&lead.bits()) else {
            return Some(format!("{lead} was acknowledged as {status} and is lost"));
        };
        let kept = match status.as_str() {
            "sold" => *state == SOLD,
            "unsold" => *state == UNSOLD,
            "pending" => *state != SELLING,
            _ => false,
        };
        (!kept).then(|| format!("{lead} was acknowledged as {status} and is in state {state}"))
    }
}

fn in_itself(database: &Connection) -> Vec<String> {
    let mut complaints = Vec::new();
    for (question, what) in [
        ("SELECT count(*) FROM lead WHERE state = 0", "leads are on their way for ever"),
        ("SELECT count(*) FROM attempt WHERE state = 0", "posts are open for ever"),
        ("SELECT ifnull(sum(micros), 0) FROM entry", "millionths are left over in the books"),
    ] {
        let found: i64 = database.query_row(question, [], |row| row.get(0)).unwrap();
        if found != 0 {
            complaints.push(format!("{found} {what}"));
        }
    }
    let whole: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    if whole != "ok" {
        complaints.push(whole);
    }
    complaints
}
