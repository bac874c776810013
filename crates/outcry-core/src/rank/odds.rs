//! What a bid is expected to bring, learned from what became of earlier ones.
//!
//! ```text
//! expected = worth x accepted x (1 - returned)
//! accepted = (A + 9) / (A + R + 10)
//! returned = (B + 20 r) / (A + 20)
//! ```
//!
//! *A* and *R* are posts that the buyer accepted and rejected, *B* is what it returned, *r* is the share that the
//! contract is expected to return. Each counts less by half for every seven days that it is old. Posts without a known
//! outcome, and such as never left, say nothing of what a buyer wants. The constants are a prior: a route nobody has
//! tried is taken for one that accepts nine in ten, and twenty sales weigh as much as what was agreed about returns.
//!
//! Whoever bids and then rejects has a **bait score** of `1 - accepted`.

use crate::money::Money;

/// What is certain, in millionths.
const ONE: i128 = 1_000_000;
/// Half in seven days: the seventh root of one half.
const DAY_LEFT: i128 = 905_724;
/// Older than so many days is worth less than a thousandth, and forgotten.
const DAYS_MAX: usize = 70;

/// Outcomes of one route, in millionths of a post, as they count today.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    accepted: i128,
    rejected: i128,
    returned: i128,
}

/// What is expected of one contract for leads of one source, in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Odds {
    /// The chance that a post is accepted.
    pub accepted_ppm: u32,
    /// The share of accepted leads that will come back.
    pub returned_ppm: u32,
}

impl Counts {
    /// Adds outcomes that are so many days old.
    pub fn add(&mut self, days: usize, accepted: u64, rejected: u64, returned: u64) {
        if days > DAYS_MAX {
            return;
        }
        let weight = (0..days).fold(ONE, |left, _| left * DAY_LEFT / ONE);
        self.accepted += i128::from(accepted) * weight;
        self.rejected += i128::from(rejected) * weight;
        self.returned += i128::from(returned) * weight;
    }

    /// What is to be expected, where `returns_bp` is what was agreed about returns.
    pub fn odds(&self, returns_bp: u32) -> Odds {
        let accepted = (self.accepted + 9 * ONE) * ONE / (self.accepted + self.rejected + 10 * ONE);
        let returned = (self.returned + 20 * i128::from(returns_bp) * 100) * ONE / (self.accepted + 20 * ONE);
        let ppm = |part: i128| u32::try_from(part.clamp(0, ONE)).unwrap_or(0);
        Odds {
            accepted_ppm: ppm(accepted),
            returned_ppm: ppm(returned),
        }
    }
}

impl Odds {
    /// Of a contract of which nothing was learned.
    pub fn unknown(returns_bp: u32) -> Self {
        Counts::default().odds(returns_bp)
    }

    /// What a price is expected to bring.
    pub fn expected(self, worth: Money) -> Money {
        let kept = ONE - i128::from(self.returned_ppm);
        let value = i128::from(worth.micros()) * i128::from(self.accepted_ppm) / ONE * kept / ONE;
        Money::from_micros(i64::try_from(value).unwrap_or(i64::MAX))
    }

    /// How often the contract bids and then rejects, in millionths.
    pub const fn bait_ppm(self) -> u32 {
        1_000_000 - self.accepted_ppm
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(history: &[(usize, u64, u64)], accepted: &str, expected: &str) {
        let mut counts = Counts::default();
        for (days, accepted, rejected) in history {
            counts.add(*days, *accepted, *rejected, 0);
        }
        let odds = counts.odds(500);
        let percent = Money::from_micros(i64::from(odds.accepted_ppm)).share(10_000);
        assert_eq!(
            (
                percent.to_string().as_str(),
                odds.expected(Money::from_cents(1_000)).to_cents_half_even().to_string().as_str()
            ),
            (accepted, expected)
        );
        assert_eq!(odds.accepted_ppm + odds.bait_ppm(), 1_000_000);
    }

    #[test]
    fn what_a_buyer_did_lately_weighs_more_than_what_it_did_long_ago() {
        check(&[], "0.90", "8.55");
        check(&[(0, 90, 10)], "0.90", "8.92");
        check(&[(0, 0, 10)], "0.45", "4.28");
        check(&[(7, 0, 20)], "0.45", "4.28");
        check(&[(0, 0, 990)], "0.009", "0.09");
        check(&[(71, 0, 1_000_000)], "0.90", "8.55");
    }

    #[test]
    fn returns_are_what_was_agreed_until_sales_say_otherwise() {
        let mut counts = Counts::default();
        assert_eq!(counts.odds(1_000).returned_ppm, 100_000);
        counts.add(0, 180, 0, 90);
        assert_eq!(counts.odds(1_000).returned_ppm, 460_000);
    }
}
