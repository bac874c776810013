//! Claims: who may sell a person, and until when.
//!
//! All claims on one person are one row: whoever wants one asks for most of them, in the campaign and with the contract, and
//! a row of its own for each cost twice the work. Only this thread writes, inside its transaction, so nobody comes between a
//! look and what is written after it; and what was read or written of a person lately is remembered.

use super::desk::Desk;
use super::trouble::Trouble;
use outcry_core::id::LeadId;
use outcry_core::moment::Moment;
use outcry_engine::ports::store::PersonKey;
use rusqlite::{OptionalExtension, params};
use std::collections::HashMap;
use std::sync::Arc;

/// A person, as a key.
pub(super) type Person = [u8; 16];

/// One claim on a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Held {
    /// Number of the scope's name.
    pub(super) scope: i64,
    pub(super) lead: LeadId,
    pub(super) until: Moment,
}

const LENGTH: usize = 32;

/// Most people remembered, with their claims or without any. A lead asks about its person before the pings and again before
/// its post; then the person is not heard of for a while.
const MOST: usize = 16_384;

/// The people asked about lately.
pub(super) type Claimed = HashMap<Person, Claims>;

impl Held {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.scope.to_be_bytes());
        out.extend_from_slice(&self.lead.bits().to_be_bytes());
        out.extend_from_slice(&self.until.unix_ms().to_be_bytes());
    }

    fn take(bytes: &[u8; LENGTH]) -> Self {
        let scope = i64::from_be_bytes(std::array::from_fn(|at| bytes[at]));
        let lead = LeadId::from_bits(u128::from_be_bytes(std::array::from_fn(|at| bytes[8 + at])));
        let until = Moment::from_unix_ms(i64::from_be_bytes(std::array::from_fn(|at| bytes[24 + at])));
        Self { scope, lead, until }
    }
}

/// All claims on one person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Claims(pub(super) Vec<Held>);

impl Claims {
    /// Does a lead other than this one hold the person in the scope at this moment?
    pub(super) fn taken(&self, scope: i64, lead: LeadId, at: Moment) -> bool {
        self.0
            .iter()
            .any(|held| held.scope == scope && held.lead != lead && at < held.until)
    }

    /// Adds a claim where none is in its way, or in the place of one that is renewed. Of two claims of one lead the longer one counts; those that are over go.
    pub(super) fn add(&mut self, claim: Held, at: Moment) {
        let same = |held: &Held| held.scope == claim.scope;
        let before = self
            .0
            .iter()
            .find(|held| same(held) && held.lead == claim.lead)
            .map(|held| held.until);
        self.0.retain(|held| at < held.until && !same(held));
        let until = before.map_or(claim.until, |before| before.max(claim.until));
        self.0.push(Held { until, ..claim });
    }

    /// Frees what a lead holds in a scope, or leaves it until then.
    pub(super) fn free(&mut self, scope: i64, lead: LeadId, until: Option<Moment>) {
        let its = |held: &Held| held.scope == scope && held.lead == lead;
        match until {
            Some(until) => self.0.iter_mut().filter(|held| its(held)).for_each(|held| held.until = until),
            None => self.0.retain(|held| !its(held)),
        }
    }
}

/// The claims in a row; nothing if it is cut off.
fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<Claims>> {
    let (held, odd) = row.get_ref(0)?.as_blob()?.as_chunks::<LENGTH>();
    Ok(odd.is_empty().then(|| Claims(held.iter().map(Held::take).collect())))
}

fn cut_off() -> Trouble {
    Trouble::Bug("the claims on a person are cut off in the middle of one".into())
}

impl Desk<'_> {
    /// Who holds these people, in which scopes, other than this lead.
    pub(super) fn who_holds(
        &mut self,
        people: &[PersonKey],
        lead: Option<LeadId>,
        at: Moment,
    ) -> Result<Vec<(PersonKey, Arc<str>)>, Trouble> {
        let mut found = Vec::new();
        for person in people {
            let claims = self.claims(person.0)?;
            for claim in claims.0.iter().filter(|claim| Some(claim.lead) != lead && at < claim.until) {
                found.push((*person, self.name_of(claim.scope)?));
            }
        }
        Ok(found)
    }

    /// The claims on a person.
    pub(super) fn claims(&mut self, person: Person) -> Result<Claims, Trouble> {
        if let Some(claims) = self.claimed.get(&person) {
            return Ok(claims.clone());
        }
        let claims = match self.sql.find_claims.query_row([person], read).optional()? {
            Some(Some(claims)) => claims,
            Some(None) => return Err(cut_off()),
            None => Claims::default(),
        };
        self.remember_claims(person, claims.clone());
        Ok(claims)
    }

    fn remember_claims(&mut self, person: Person, claims: Claims) {
        if self.claimed.len() >= MOST {
            self.claimed.clear();
        }
        self.claimed.insert(person, claims);
    }

    /// Writes down the claims on a person.
    pub(super) fn put_claims(&mut self, person: Person, claims: Claims) -> Result<(), Trouble> {
        // Should the database refuse, what is remembered goes with the rollback.
        if claims.0.is_empty() {
            self.sql.free_claims.execute([person])?;
        } else {
            let mut held = Vec::with_capacity(claims.0.len() * LENGTH);
            claims.0.iter().for_each(|claim| claim.put(&mut held));
            self.sql.put_claims.execute(params![person, held])?;
        }
        self.remember_claims(person, claims);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Moment {
        Moment::from_unix_ms(ms)
    }

    fn held(scope: i64, lead: u128, until: i64) -> Held {
        Held {
            scope,
            lead: LeadId::from_bits(lead),
            until: at(until),
        }
    }

    #[test]
    fn a_claim_reads_back() {
        let claim = held(-7, u128::MAX - 5, 1_795_446_000_000);
        let mut bytes = Vec::new();
        claim.put(&mut bytes);
        assert_eq!(Held::take(bytes.first_chunk().unwrap()), claim);
    }

    #[test]
    fn claims_stand_until_they_end_and_never_against_their_own_lead() {
        let claims = Claims(vec![held(1, 10, 500)]);
        let lead = LeadId::from_bits;
        assert!(claims.taken(1, lead(11), at(499)));
        assert!(!claims.taken(1, lead(11), at(500)), "it is over");
        assert!(!claims.taken(1, lead(10), at(0)), "it is its own");
        assert!(!claims.taken(2, lead(11), at(0)), "another scope");
    }

    #[test]
    fn of_two_claims_of_one_lead_the_longer_counts_and_what_is_over_goes() {
        let mut claims = Claims(vec![held(1, 10, 500), held(2, 20, 300), held(3, 30, 900)]);
        claims.add(held(1, 10, 400), at(300));
        assert_eq!(claims.0, [held(3, 30, 900), held(1, 10, 500)]);
        claims.add(held(3, 10, 950), at(900));
        assert_eq!(claims.0, [held(3, 10, 950)], "the claim of another, once it is over, makes room");
    }

    #[test]
    fn a_lead_frees_its_own_claims_only() {
        let mut claims = Claims(vec![held(1, 10, 500), held(2, 20, 500)]);
        claims.free(2, LeadId::from_bits(10), None);
        claims.free(1, LeadId::from_bits(10), Some(at(200)));
        assert_eq!(claims.0, [held(1, 10, 200), held(2, 20, 500)]);
        claims.free(1, LeadId::from_bits(10), None);
        assert_eq!(claims.0, [held(2, 20, 500)]);
    }

    #[test]
    fn claims_from_before_they_were_packed_read_back() {
        let database = rusqlite::Connection::open_in_memory().unwrap();
        database.execute_batch(include_str!("0001_start.sql")).unwrap();
        let (one, two) = ([0xab_u8; 16], [1_u8; 16]);
        for (person, claim) in [(one, held(3, 10, 500)), (one, held(4, 11, 600)), (two, held(3, 12, 700))] {
            let row = params![person, claim.scope, claim.lead.bits().to_be_bytes(), claim.until.unix_ms()];
            database.execute("INSERT INTO claim VALUES (?1, ?2, ?3, ?4)", row).unwrap();
        }
        database.execute_batch(include_str!("0003_claims.sql")).unwrap();
        let read = |person: Person| {
            let bytes: Vec<u8> = database
                .query_row("SELECT held FROM claims WHERE person = ?1", [person], |row| row.get(0))
                .unwrap();
            bytes.as_chunks::<LENGTH>().0.iter().map(Held::take).collect::<Vec<_>>()
        };
        assert_eq!(read(one), [held(3, 10, 500), held(4, 11, 600)]);
        assert_eq!(read(two), [held(3, 12, 700)]);
    }
}
