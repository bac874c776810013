//! Adds up reasons over many records: how often a contract was asked, what it won, and what it lost by.
//!
//! ```text
//! 812 pings lost: 61 % ZIP, 22 % outbid by a median of 1.10
//! ```

use crate::id::{ContractName, QuoteId};
use crate::moment::Moment;
use crate::money::Money;
use crate::rank::{Counts, Odds};
use crate::reason::Reason;
use crate::record::{Finding, Record, Run, Subject};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// What became of the leads that a contract could have had.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Auctions it stood in.
    pub auctions: u64,
    /// Pings that left.
    pub pinged: u64,
    /// Auctions it bid in, by a ping or by an agreed price.
    pub bid: u64,
    /// Leads it has.
    pub won: u64,
    /// Places behind quotes: nothing was won or lost there yet.
    pub quoted: u64,
    /// What it paid for them.
    pub paid: Money,
    /// Posts that it accepted.
    pub accepted: u64,
    /// Posts that it rejected, having bid.
    pub rejected: u64,
    /// What it lost by.
    pub lost: BTreeMap<Cause, Lost>,
    /// Reasons that do not go with the rest of their record.
    pub contradictions: u64,
    counts: Counts,
}

/// What a lead was lost by: the code of the reason, and for a filter the value it asked about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cause {
    /// The code.
    pub code: &'static str,
    /// `zip`, `age(dob)`; empty where the code says all.
    pub about: Arc<str>,
}

/// How often, and by how much where that can be said.
#[derive(Clone, Debug, Default)]
pub struct Lost {
    /// How often.
    pub times: u64,
    gaps: Vec<Money>,
}

/// Contracts by name.
#[derive(Clone, Debug, Default)]
pub struct Tallies {
    /// Each with what became of it.
    pub contracts: BTreeMap<ContractName, Tally>,
    /// Auctions that were added.
    pub records: u64,
    redeemed: HashSet<QuoteId>,
}

impl Tallies {
    /// Adds a record. Tests are not counted, and neither is a quote whose post was added before: both tell of one
    /// auction, so the newer record has to come first.
    pub fn add(&mut self, record: &Record, now: Moment) {
        if record.run == Run::Test {
            return;
        }
        if matches!(record.subject, Subject::Lead(_)) {
            self.redeemed.extend(record.quote);
        }
        if matches!(record.subject, Subject::Quote(id) if self.redeemed.contains(&id)) {
            return;
        }
        self.records += 1;
        let days = usize::try_from(now.since_ms(record.received) / 86_400_000).unwrap_or(0);
        for (line, finding) in record.lines.iter().zip(record.check()) {
            let tally = self.contracts.entry(line.contract.clone()).or_default();
            tally.auctions += 1;
            tally.pinged += u64::from(line.ping.is_some());
            tally.bid += u64::from(line.bid.is_some());
            tally.contradictions += u64::from(matches!(finding, Finding::Contradicts(_)));
            let posts = |verdict: &str| line.posts.iter().filter(|post| &*post.verdict == verdict).count() as u64;
            let (accepted, rejected) = (posts("accepted"), posts("rejected"));
            tally.accepted += accepted;
            tally.rejected += rejected;
            tally.counts.add(days, accepted, rejected, 0);
            let sale = record.ending.sales().iter().find(|sale| sale.contract == line.contract);
            match (&line.reason, sale) {
                (_, Some(sale)) => {
                    tally.won += 1;
                    tally.paid = tally.paid + sale.split.price;
                }
                (Some(reason), None) => {
                    let lost = tally.lost.entry(Cause::of(reason)).or_default();
                    lost.times += 1;
                    lost.gaps.extend(gap(reason));
                }
                (None, None) => tally.quoted += 1,
            }
        }
    }
}

impl Tally {
    /// Auctions in which it did not get the lead.
    pub fn losses(&self) -> u64 {
        self.lost.values().map(|lost| lost.times).sum()
    }

    /// The causes, the commonest first.
    pub fn causes(&self) -> Vec<(&Cause, &Lost)> {
        let mut causes: Vec<_> = self.lost.iter().collect();
        causes.sort_by_key(|(_, lost)| std::cmp::Reverse(lost.times));
        causes
    }

    /// How often it bids and then rejects, in millionths; a contract that was never posted to has that of one that
    /// accepts nine in ten.
    pub fn bait_ppm(&self) -> u32 {
        Odds::bait_ppm(self.counts.odds(0))
    }
}

impl Lost {
    /// By how much, where that can be said: half of them by less.
    pub fn median(&self) -> Option<Money> {
        let mut gaps = self.gaps.clone();
        gaps.sort_unstable();
        gaps.get(gaps.len().checked_sub(1)? / 2).copied()
    }
}

impl Cause {
    /// Of a reason.
    pub fn of(reason: &Reason) -> Self {
        let about = match reason {
            Reason::Filter { part, .. } => subject(part).into(),
            Reason::CapFull { cap, .. } => cap.clone(),
            Reason::Suppressed { list } | Reason::NotOnList { list } | Reason::ListUnknown { list, .. } => list.clone(),
            Reason::Duplicate { scope } => scope.clone(),
            _ => "".into(),
        };
        Self {
            code: reason.code(),
            about,
        }
    }
}

/// What a part of a filter asks about: `zip` of `not zip in [..]`, `any(drivers)` of a condition on rows.
fn subject(part: &str) -> String {
    let part = part.trim_start_matches("not ").trim_start_matches('(');
    let word = part.split(' ').next().unwrap_or(part);
    word.split_once(',').map_or_else(|| word.to_owned(), |(list, _)| format!("{list})"))
}

/// By how much a bid lost, where that can be said.
fn gap(reason: &Reason) -> Option<Money> {
    match reason {
        Reason::Outbid { bid, best } => Some(*best - *bid),
        Reason::BelowFloor { bid, floor } => Some(*floor - *bid),
        Reason::AboveCeiling { bid, ceiling } => Some(*bid - *ceiling),
        Reason::PayoutTooLow { payout, wanted, .. } => Some(*wanted - *payout),
        Reason::LowerExpected { expected, best } => Some(*best - *expected),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filters_part_is_counted_under_what_it_asks_about() {
        for (part, about) in [
            (r#"zip in ["00000", … 9 more]"#, "zip"),
            ("not currently_insured", "currently_insured"),
            ("any(drivers, age(dob) < 25)", "any(drivers)"),
            (r#"hour("America/New_York") >= 9"#, r#"hour("America/New_York")"#),
            ("(a or b) and c", "a"),
        ] {
            assert_eq!(subject(part), about);
        }
    }

    #[test]
    fn the_median_is_what_half_of_the_bids_missed_by() {
        let gaps = |cents: &[i64]| Lost {
            times: 0,
            gaps: cents.iter().map(|cents| Money::from_cents(*cents)).collect(),
        };
        assert_eq!(gaps(&[]).median(), None);
        assert_eq!(gaps(&[300, 110, 20]).median(), Some(Money::from_cents(110)));
        assert_eq!(gaps(&[300, 110, 20, 90]).median(), Some(Money::from_cents(90)));
    }
}
