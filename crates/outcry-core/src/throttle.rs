//! Throttles: a rate. A bucket holds so many tokens, each ping or post takes one, and they come back evenly.
//!
//! The bucket is kept as one number, the moment at which it will be full again: a token sets it back by one interval, and
//! there is a token as long as it is not further away than the others would take. The same arithmetic in whole microseconds
//! everywhere, so the store and the soft check agree.

use crate::filter::Filter;
use crate::lead::Lead;
use crate::moment::Moment;
use std::sync::Arc;

/// A rate that a source, campaign, buyer, contract or route keeps to.
#[derive(Clone, Debug)]
pub struct Throttle {
    /// Unique in the catalog and stable over versions: `contract/acme_auto/posts/minute`. The store keeps its bucket by it.
    pub key: Arc<str>,
    /// Its position among all throttles of the catalog.
    pub index: usize,
    /// What takes a token.
    pub paces: Paces,
    /// How fast.
    pub rate: Rate,
    /// Of which leads it counts: all of these filters hold.
    pub when: Vec<Filter>,
}

/// What takes a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paces {
    /// A ping; of a supplier, source or campaign a lead that somebody is pinged for.
    Pings,
    /// A post.
    Posts,
}

/// So many in so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Between two tokens, in microseconds, rounded up.
    pub every_us: i64,
    /// Most at once.
    pub burst: u32,
}

impl Rate {
    /// So many in so many seconds, at most so many at once.
    pub fn new(count: u32, seconds: u32, burst: u32) -> Self {
        let (count, us) = (i64::from(count.max(1)), i64::from(seconds) * 1_000_000);
        Self {
            every_us: (us + count - 1) / count,
            burst: burst.max(1),
        }
    }

    /// Takes a token from a bucket that is full again at `full_at`, in microseconds since the epoch; zero is a full bucket.
    ///
    /// # Errors
    /// In how many milliseconds there is a token again. A clock that was put back does not make anybody wait for longer than
    /// an empty bucket takes to fill.
    pub fn take(self, full_at_us: i64, now: Moment) -> Result<i64, i64> {
        let now_us = now.unix_ms().saturating_mul(1_000);
        let all_us = self.every_us.saturating_mul(i64::from(self.burst));
        let full_at = full_at_us.clamp(now_us, now_us.saturating_add(all_us)) + self.every_us;
        let early = full_at - now_us - all_us;
        if early <= 0 { Ok(full_at) } else { Err((early + 999) / 1_000) }
    }
}

impl Rate {
    /// When the bucket is full again of which the next token is there at a moment.
    pub fn full_at(self, next: Moment) -> i64 {
        let all_us = self.every_us.saturating_mul(i64::from(self.burst));
        next.unix_ms().saturating_mul(1_000).saturating_add(all_us - self.every_us)
    }
}

impl Throttle {
    /// Does it count leads like this one?
    pub fn counts_lead(&self, lead: &Lead, now: Moment) -> bool {
        self.when.iter().all(|filter| filter.admits(lead, now).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When each of many who ask at these milliseconds is let through.
    fn let_through(rate: Rate, asked_ms: impl IntoIterator<Item = i64>) -> Vec<i64> {
        let mut full_at = 0;
        let mut through = Vec::new();
        for ms in asked_ms {
            if let Ok(next) = rate.take(full_at, Moment::from_unix_ms(1_800_000_000_000 + ms)) {
                full_at = next;
                through.push(ms);
            }
        }
        through
    }

    #[test]
    fn a_bucket_is_emptied_at_once_and_fills_evenly() {
        let ten_a_minute = Rate::new(10, 60, 3);
        assert_eq!(
            let_through(ten_a_minute, (0..20_000).step_by(100)),
            [0, 100, 200, 6_000, 12_000, 18_000]
        );
        let one_by_one = Rate::new(2, 60, 1);
        assert_eq!(let_through(one_by_one, [0, 1, 29_999, 30_000, 59_999, 60_000]), [0, 30_000, 60_000]);
    }

    #[test]
    fn whoever_is_refused_hears_when_there_is_a_token_and_then_there_is_one() {
        for (count, seconds, burst) in [(1, 1, 1), (3, 10, 2), (7, 60, 7), (1_000, 60, 50)] {
            let rate = Rate::new(count, seconds, burst);
            let at = |ms| Moment::from_unix_ms(1_800_000_000_000 + ms);
            let mut full_at = 0;
            for _ in 0..burst {
                full_at = rate.take(full_at, at(0)).unwrap();
            }
            let wait = rate.take(full_at, at(0)).unwrap_err();
            assert!(rate.take(full_at, at(wait - 1)).is_err(), "{rate:?} a moment too early");
            assert!(rate.take(full_at, at(wait)).is_ok(), "{rate:?} after {wait} ms");
        }
    }

    #[test]
    fn never_more_than_the_rate_and_one_bucket_in_any_stretch() {
        let rate = Rate::new(30, 60, 5);
        let through = let_through(rate, (0..600_000).step_by(7));
        for (at, from) in through.iter().enumerate() {
            let in_a_minute = through[at..].iter().take_while(|ms| **ms < from + 60_000).count();
            assert!(in_a_minute <= 30 + 5, "{in_a_minute} from {from}");
        }
        assert!(through.len() >= 300, "and the rate is used: {}", through.len());
    }

    #[test]
    fn a_clock_put_back_by_a_day_makes_nobody_wait_for_a_day() {
        let rate = Rate::new(10, 60, 10);
        let late = rate.take(0, Moment::from_unix_ms(1_800_086_400_000)).unwrap();
        assert!(rate.take(late, Moment::from_unix_ms(1_800_000_000_000)).unwrap_err() <= 6_000);
    }
}
